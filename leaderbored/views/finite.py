"""What else than equilibria is found of finite games, as pages and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.finite.commitment import Commitment
from leaderbored.solvers.finite.correlated import Correlated
from leaderbored.solvers.finite.dominance import Dominated
from leaderbored.solvers.finite.rationalizable import Rationalizable
from leaderbored.text import at_most
from leaderbored.views.sheet import Cells, and_more, blank, first_rows, sheet
from leaderbored.views.static import strategy

MOST_ROWS = 60
PLAYED = 1e-9


def _name(game: NormalForm) -> str:
    return game.name or game.kind


def correlated_page(found: Correlated) -> RenderableType:
    """The headline, the profiles that are played, and the extremes of each payoff.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(correlated_page(lb.correlated(lb.NormalForm([[[1, 0], [0, 1]]] * 2))))
    >>> "welfare" in shown.get()
    True
    """
    game = found.game
    places = _played(found)
    parts: list[RenderableType] = [first_rows(MOST_ROWS, partial(_profiles, found, places))]
    parts += and_more(len(places), MOST_ROWS)
    parts.append(_payoffs(found))
    gap = max(found.bound - found.value, 0.0)
    proof = (
        "proved in rational numbers" if found.exact else f"at most {at_most(gap)} more is possible"
    )
    parts.append(
        Text(
            f"optimality: {proof}; largest gain of disobeying {at_most(found.regret)}", style="dim"
        )
    )
    return sheet(_name(game), correlated_headline(found), *parts)


def _profiles(found: Correlated, places: Sequence[tuple[int, ...]], most: int | None) -> Cells:
    """The profiles that are played, and how often."""
    game, table = found.game, blank()
    table.add_column("probability", justify="right")
    for who in game.players:
        table.add_column(who)
    for place in places[:most]:
        weight = found.exact.get(place) if found.exact else None
        names = [game.strategies[i][a] for i, a in enumerate(place)]
        table.add_row(str(weight or f"{found.law[place]:.6g}"), *names)
    return table


def correlated_headline(found: Correlated) -> str:
    """One sentence: which equilibrium, and what it gives.

    Examples
    --------
    >>> import leaderbored as lb
    >>> print(correlated_headline(lb.correlated(lb.NormalForm([[[1, 0], [0, 1]]] * 2), "2")))
    The correlated equilibrium with the greatest payoff of 2 gives 1.
    """
    kind = "coarse correlated" if found.coarse else "correlated"
    weights = {who: weight for who, weight in found.aim.items() if weight}
    if weights == dict.fromkeys(found.game.players, 1.0) and len(weights) > 1:
        aim = "welfare"
    elif [*weights.values()] == [1.0]:
        aim = f"payoff of {next(iter(weights))}"
    else:
        aim = f"sum of {', '.join(f'{w:g} x {who}' for who, w in weights.items())}"
    return f"The {kind} equilibrium with the greatest {aim} gives {_number(found.value)}."


def _number(value: float) -> str:
    return f"{round(float(value), 12) + 0.0:.9g}"


def _played(found: Correlated) -> list[tuple[int, ...]]:
    """The profiles with a probability, the likeliest first."""
    if found.exact:
        places = [*found.exact]
    else:
        places = [tuple(place) for place in np.argwhere(found.law > PLAYED).tolist()]
    return sorted(places, key=lambda place: (-round(float(found.law[place]), 9), place))


def _payoffs(found: Correlated) -> RenderableType:
    table = blank()
    table.add_column("")
    heads = ("payoff", "least", "greatest") if found.ranges else ("payoff",)
    for head in heads:
        table.add_column(head, justify="right")
    for who, payoff in zip(found.game.players, found.payoffs, strict=True):
        ends = found.ranges[who] if found.ranges else ()
        table.add_row(who, _number(payoff), *map(_number, ends))
    return table


def correlated_report(found: Correlated) -> dict[str, Any]:
    """One JSON-ready object.

    Examples
    --------
    >>> import leaderbored as lb
    >>> correlated_report(lb.correlated(lb.NormalForm([[[1, 0], [0, 1]]] * 2)))["value"]
    2.0
    """
    game = found.game
    return {
        "concept": "coarse" if found.coarse else "correlated",
        "headline": correlated_headline(found),
        "aim": found.aim,
        "value": found.value,
        "bound": found.bound,
        "payoffs": dict(zip(game.players, found.payoffs.tolist(), strict=True)),
        "ranges": {who: [*ends] for who, ends in found.ranges.items()} if found.ranges else None,
        "regret": found.regret,
        "profiles": [
            {
                "strategies": [game.strategies[i][a] for i, a in enumerate(place)],
                "probability": float(found.law[place]),
                "exact": str(found.exact[place]) if found.exact else None,
            }
            for place in _played(found)
        ],
    }


def commitment_page(found: Commitment) -> RenderableType:
    """The headline, both strategies and payoffs, and what pure commitment gives.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(commitment_page(lb.commitment(lb.NormalForm([[[1, 0], [0, 1]]] * 2))))
    >>> "commits" in shown.get()
    True
    """
    game = found.game
    leads = game.players.index(found.leader)
    table = blank()
    for head in ("", "strategy"):
        table.add_column(head)
    table.add_column("payoff", justify="right")
    laws = strategy(game, leads, found.law, found.exact)
    table.add_row(found.leader, laws, _number(found.payoffs[leads]))
    reply = game.strategies[1 - leads][found.reply]
    table.add_row(found.follower, reply, _number(found.payoffs[1 - leads]))
    gap = max(found.bound - float(found.payoffs[leads]), 0.0)
    proof = (
        "proved in rational numbers" if found.exact else f"at most {at_most(gap)} more is possible"
    )
    last = f"best: {proof}; {found.follower} gains {at_most(found.regret)} by another reply"
    favour = (
        f"{found.leader} gets as close to this as it likes, however ties are broken."
        if found.secure
        else f"This needs {found.follower} to break a tie in its favour: another reply is as good."
    )
    return sheet(
        _name(game), commitment_headline(found), table, Text(favour), Text(last, style="dim")
    )


def commitment_headline(found: Commitment) -> str:
    """One sentence: who commits, and what that gives.

    Examples
    --------
    >>> import leaderbored as lb
    >>> print(commitment_headline(lb.commitment(lb.NormalForm([[[1, 0], [0, 1]]] * 2))))
    1 commits and gets 1, by a pure strategy 1.
    """
    leads = found.game.players.index(found.leader)
    payoff, pure = _number(found.payoffs[leads]), _number(found.pure)
    return f"{found.leader} commits and gets {payoff}, by a pure strategy {pure}."


def commitment_report(found: Commitment) -> dict[str, Any]:
    """One JSON-ready object.

    Examples
    --------
    >>> import leaderbored as lb
    >>> commitment_report(lb.commitment(lb.NormalForm([[[1, 0], [0, 1]]] * 2)))["reply"]
    '1'
    """
    game = found.game
    follows = 1 - game.players.index(found.leader)
    return {
        "concept": "commitment",
        "headline": commitment_headline(found),
        "leader": found.leader,
        "strategy": found.law.tolist(),
        "exact": [str(weight) for weight in found.exact] if found.exact else None,
        "reply": game.strategies[follows][found.reply],
        "payoffs": dict(zip(game.players, found.payoffs.tolist(), strict=True)),
        "bound": found.bound,
        "regret": found.regret,
        "pure": found.pure,
        "secure": found.secure,
    }


def rationalizable_page(found: Rationalizable) -> RenderableType:
    """The headline, what is left, and what went, with what is better.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(rationalizable_page(lb.rationalizable(lb.NormalForm([[1, 2]]))))
    >>> "left" in shown.get()
    True
    """
    left = blank()
    left.add_column("player")
    left.add_column("rationalizable")
    for who, names in found.strategies.items():
        left.add_row(who, ", ".join(names))
    parts: list[RenderableType] = [left]
    if found.out:
        parts.append(first_rows(MOST_ROWS, partial(_out, found)))
        parts += and_more(len(found.out), MOST_ROWS)
    said = "each elimination was checked in whole numbers"
    said += "; each remaining strategy is a best reply to some belief, checked likewise"
    if found.unsure:
        unsure = "; ".join(f"{who}: {', '.join(own)}" for who, own in found.unsure.items())
        said += f", but not decided of {unsure}"
    parts.append(Text(said, style="dim"))
    return sheet(_name(found.game), rationalizable_headline(found), *parts)


def _out(found: Rationalizable, most: int | None) -> Cells:
    """The strategies that no player uses, and why."""
    table = blank()
    for head in ("round", "player", "strategy", "strictly worse than"):
        table.add_column(head)
    for one in found.out[:most]:
        table.add_row(str(one.round), *_words(found.game, one))
    return table


def rationalizable_headline(found: Rationalizable) -> str:
    """One sentence: how many strategies are left.

    Examples
    --------
    >>> import leaderbored as lb
    >>> print(rationalizable_headline(lb.rationalizable(lb.NormalForm([[1, 2]]))))
    1 of 2 strategies are left after 1 round.
    """
    every, left = sum(found.game.shape), sum(map(len, found.strategies.values()))
    rounds = f"{found.rounds} round{'' if found.rounds == 1 else 's'}"
    if left == every:
        return f"All {every} strategies are rationalizable."
    return f"{left} of {every} strategies are left after {rounds}."


def _words(game: NormalForm, one: Dominated) -> Sequence[str]:
    names = game.strategies[one.player]
    pure = len(one.better) == 1
    better = [names[b] if pure else f"{names[b]}: {weight}" for b, weight in one.better.items()]
    return game.players[one.player], names[one.strategy], ", ".join(better)


def rationalizable_report(found: Rationalizable) -> dict[str, Any]:
    """One JSON-ready object.

    Examples
    --------
    >>> import leaderbored as lb
    >>> rationalizable_report(lb.rationalizable(lb.NormalForm([[1, 2]])))["strategies"]
    {'1': ['2']}
    """
    game = found.game
    return {
        "concept": "rationalizable",
        "headline": rationalizable_headline(found),
        "strategies": {who: [*names] for who, names in found.strategies.items()},
        "rounds": found.rounds,
        "out": [
            {
                "round": one.round,
                "player": game.players[one.player],
                "strategy": game.strategies[one.player][one.strategy],
                "better": {
                    game.strategies[one.player][b]: str(weight) for b, weight in one.better.items()
                },
            }
            for one in found.out
        ],
        "unsure": {who: [*names] for who, names in found.unsure.items()},
    }
