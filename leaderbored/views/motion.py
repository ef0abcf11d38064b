"""Motion as a page in the terminal and as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.markov import Array
from leaderbored.kinds import kind_of
from leaderbored.motion.motion import Motion, count_rounds
from leaderbored.race import Race
from leaderbored.text import percent
from leaderbored.views.numbers import percent as share
from leaderbored.views.sheet import ALL, Cells, blank, first_rows

SHOWN = 12  # rounds in the table
ROUNDING = 1e-12  # a number that is none
WIDE = 6  # entries of a player shown
MOST = 8  # columns of play and payoffs: first to go are the payoffs

_Column = tuple[str, Array, Callable[[float], str]]
"""Its head, its number in each round, and how that is shown."""


def deciding(motion: Motion) -> tuple[str, ...]:
    """The players who decide: of a race its labs, and not what moves by itself.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2,
    ...                mechanisms={"open_weights": {"imitation": 0.5}})
    >>> motion = lb.dynamics(race, laps=2)
    >>> motion.players, deciding(motion), motion.rest
    (('A', 'B', '(imitation)'), ('A', 'B'), 'A builds 40%, B builds 40%')
    """
    labs = len(motion.game.labs) if isinstance(motion.game, Race) else None
    return motion.players[:labs]


def visible(motion: Motion) -> dict[str, tuple[tuple[str, ...], Array]]:
    """Of each player, names and (L + 1, k) courses of what it does where the motion is viewed.

    Examples
    --------
    >>> import leaderbored as lb
    >>> motion = lb.dynamics(lb.NormalForm([[[1, 0], [0, 1]]] * 2), laps=3)
    >>> visible(motion)["1"][0]
    ('1', '2')
    """
    found = {}
    for name in deciding(motion):
        play, labels = motion.play[name], motion.labels[name]
        if _dynamic(motion):
            choices = _choices(motion, name)
            found[name] = (choices, play[:, motion.view :: len(labels) // len(choices)])
        else:
            short = tuple(
                label.removeprefix(f"{name}: ").removeprefix(f"{name} ") for label in labels
            )
            found[name] = (short, play)
    return found


def _dynamic(motion: Motion) -> bool:
    return kind_of(motion.game).dynamic


def _choices(motion: Motion, name: str) -> tuple[str, ...]:
    """What a player of a dynamic game decides in every state."""
    players = getattr(motion.game, "agents", None)
    if players is None:
        return ("builds",)
    return next(agent.player.choices for agent in players if agent.name == name)


def motion_page(motion: Motion) -> RenderableType:
    """The headline, the cycle, what was played round by round, and the lead meanwhile.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(lb.dynamics(lb.NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])))
    >>> "It cycles with a period of 4 rounds." in shown.get()
    True
    """
    lines: list[RenderableType] = [Text(f"{_title(motion)}, {motion.rule}", style="dim")]
    lines.append(Text(motion.headline, style="bold"))
    if len({*motion.cycle}) > 1 and len(motion.cycle) <= 2 * WIDE:  # else it is of other states
        lines.append(Text(" → ".join([*motion.cycle, motion.cycle[0]])))
    if motion.board is not None:
        lines.append(Text(board_sentence(motion)))
    if place := _state(motion):
        lines.append(Text(f"Shown is what is done where {place}{_other(motion)}."))
    lines += [Text(), first_rows(SHOWN, partial(_table, motion)), Text()]
    if more := len(_columns(motion, None)) - len(_columns(motion, SHOWN)):
        lines.append(Text(f"and {more:,} more columns; {ALL}", "dim"))
    lines.append(Text(_gain(motion), style="dim"))
    return Padding(Group(*lines), (1, 2))


def _state(motion: Motion) -> str:
    """The state of a Markov game of one's own in which play is shown; empty if it has but one."""
    labels, grid = getattr(motion.game, "labels", ()), getattr(motion.game, "grid", ())
    if not _dynamic(motion) or len(grid) < 2:
        return ""
    return _pairs(labels, grid[motion.view])


def _pairs(labels: Iterable[str], values: Iterable[int]) -> str:
    """A state in words, as ``--from`` takes them."""
    return " and ".join(f"{label} = {value}" for label, value in zip(labels, values, strict=True))


def _other(motion: Motion) -> str:
    """How to see what is done in another state; empty if the game goes on in none."""
    grid = motion.game.grid
    others = [k for k in np.flatnonzero(~motion.game.ended) if k != motion.view]
    if not others:
        return ""
    moved = np.flatnonzero(grid[others[0]] != grid[motion.view])
    there = _pairs([motion.game.labels[j] for j in moved], grid[others[0], moved])
    return f'; --from "{there}" shows what is done there'


def _title(motion: Motion) -> str:
    return getattr(motion.game, "name", "") or str(getattr(motion.game, "kind", "game"))


def _gain(motion: Motion) -> str:
    if np.isinf(motion.regret):
        return "The last profile does not meet a constraint, or a payoff has no value there."
    if not np.isfinite(motion.regret):
        return "What a player gains by deviating from the last profile was not checked."
    if motion.regret < 1e-12:
        return "No player gains by deviating from the last profile."
    average = "the average of all rounds" if motion.rule == "fictitious" else "the last profile"
    gain = f"a player gains at most {motion.regret:.2g}, relative to its payoffs."
    return f"By deviating from {average} {gain}"


def board_sentence(motion: Motion) -> str:
    """One sentence: how the lead fares while labs learn."""
    board = motion.board
    assert board is not None
    first, last = float(board.mean[0]), float(board.mean[-1])
    laps = count_rounds(motion.laps)
    if first <= 0:
        chance = percent(float(board.ahead[-1]))
        return f"From a tie {board.lab} leads alone after {laps} with probability {chance}."
    more = np.flatnonzero(board.mean > first / 2)
    half = int(more[-1]) + 1  # from then on it is at most half
    fate = f"halves in {count_rounds(half)}" if half <= motion.laps else _fate(first, last)
    return (
        f"{board.lab}'s lead of {first:g} {fate}: after {laps} {last + 0.0:.2g} are "
        f"expected, between {board.low[-1]:g} and {board.high[-1]:g} in four cases of five."
    )


def _fate(first: float, last: float) -> str:
    """What becomes of a lead that does not halve for good; changes that show count.

    Examples
    --------
    >>> _fate(3.0, 2.998), _fate(3.0, 1.6), _fate(3.0, 4.0)
    ('lasts', 'shrinks', 'grows')
    """
    if f"{first:.2g}" == f"{last:.2g}":
        return "lasts"
    return "grows" if last > first else "shrinks"


def _columns(motion: Motion, most: int | None) -> list[_Column]:
    columns: list[_Column] = []
    of_compute = share if isinstance(motion.game, Race) else _shown
    for name, (labels, play) in visible(motion).items():
        pairs = list(zip(labels, play.T, strict=True))[: most and WIDE]
        columns += [(f"{name}\n{label}", course, of_compute) for label, course in pairs]
    word = "value" if _dynamic(motion) else "payoff"
    pays = zip(deciding(motion), motion.payoffs.T, strict=False)
    more: list[_Column] = [(f"{name}\n{word}", course, _shown) for name, course in pays]
    columns = columns[:MOST] if most and len(columns) + len(more) > MOST else columns + more
    if motion.board is not None:
        columns.append((f"{motion.board.lab}'s lead\nrungs", motion.board.mean, _shown))
    return columns


def _table(motion: Motion, most: int | None) -> Cells:
    """What was played and what it paid, round by round; on a page some rounds of many."""
    columns = _columns(motion, most)
    table = blank(1)
    table.add_column("round", justify="right")
    for head, *_ in columns:
        table.add_column(head, justify="right", no_wrap=True)
    for lap in rounds_shown(motion.laps) if most else range(motion.laps + 1):
        table.add_row(str(lap), *(show(course[lap]) for _, course, show in columns))
    return table


def rounds_shown(laps: int) -> list[int]:
    """The rounds in the table: the first ones, and ever fewer."""
    if laps < SHOWN:
        return list(range(laps + 1))
    early = [0, 1, 2, 3, 4, 5]
    late = np.rint(np.geomspace(6, laps, SHOWN - len(early))).astype(int).tolist()
    return sorted({*early, *late})


def motion_report(motion: Motion) -> dict[str, Any]:
    """One JSON-ready object.

    Examples
    --------
    >>> import leaderbored as lb
    >>> motion_report(lb.dynamics(lb.NormalForm([[[1, 0], [0, 1]]] * 2)))["outcome"]
    'converges'
    """
    board = motion.board
    return {
        "game": {"kind": getattr(motion.game, "kind", "game"), "name": _title(motion)},
        "headline": motion.headline,
        "rule": motion.rule,
        "laps": motion.laps,
        "outcome": motion.outcome,
        "since": motion.since,
        "period": motion.period,
        "cycle": list(motion.cycle),
        "stopped": motion.stopped,
        "regret": motion.regret if np.isfinite(motion.regret) else None,
        "rest": motion.rest,
        "players": {
            name: {"choices": list(labels), "play": play.tolist()}
            for name, (labels, play) in visible(motion).items()
        },
        "rent": None if motion.rent is None else motion.rent.tolist(),
        "payoffs": [
            [_known(x) for x in row] for row in motion.payoffs[:, : len(deciding(motion))].tolist()
        ],
        "lead": None
        if board is None
        else {
            "lab": board.lab,
            "mean": board.mean.tolist(),
            "low": board.low.tolist(),
            "high": board.high.tolist(),
            "ahead": board.ahead.tolist(),
        },
    }


def _shown(number: float) -> str:
    if not np.isfinite(number):  # there was no time to work it out
        return "-"
    return f"{number if abs(number) > ROUNDING else 0.0:.4g}"


def _known(number: float) -> float | None:
    return number if np.isfinite(number) else None
