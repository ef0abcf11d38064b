"""A solved one-shot game as a page in the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.markov import Array
from leaderbored.solvers import Component, Solution, StaticEquilibrium
from leaderbored.solvers.proof import Proof
from leaderbored.text import at_most
from leaderbored.views.sheet import Cells, and_more, blank, first_rows

MOST_ROWS = 60
WHOLE = 24  # cells of a player's name that are kept on one line
MOST_DENOMINATOR = 9999
ATOM = 0.02  # probability of a point of a mixed strategy that is named
QUARTERS = (0.25, 0.5, 0.75)
WORDS = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def static_headline(solution: Solution[StaticEquilibrium]) -> str:
    """One sentence: how many equilibria, of what kind, which are stable.

    Examples
    --------
    >>> import leaderbored as lb
    >>> print(static_headline(lb.solve(lb.NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]))))
    Three equilibria: 2 pure, 1 mixed; 2 stable, 1 unstable.
    """
    found, parts = solution.equilibria, solution.components
    number = at_least(len(found), solution)
    continua = sum(not part.isolated for part in parts)
    if any(part.sampled for part in parts):
        return _sampled(solution)
    if continua:
        where = f"{len(parts)} components" if len(parts) > 1 else "one component"
        return (
            f"{number} extreme equilibria in {where}, {_counted(continua, len(parts))} a continuum."
        )
    if not found:
        return "No equilibrium found."
    if found[0].epsilon is not None:
        return _nearly(found[0])
    if len(found) == 1:
        kind = " and ".join(word for word, _ in (*_kinds(solution), *_stability(found)))
        return (
            f"{number} equilibrium{', ' if kind else ''}{kind}."
            if found
            else "No equilibrium found."
        )
    counts = [
        ", ".join(f"{count} {word}" for word, count in groups)
        for groups in (_kinds(solution), _stability(found))
    ]
    shown = "; ".join(filter(None, counts))
    return f"{number} equilibria{': ' if shown else ''}{shown}."


def _nearly(found: StaticEquilibrium) -> str:
    """One sentence on an epsilon-equilibrium."""
    epsilon = at_most(float(np.max(found.epsilon)), 2)  # type: ignore[arg-type]
    kind = " in mixed strategies" if found.weights else ""
    return f"An epsilon-equilibrium{kind}: no player gains more than {epsilon}."


def _sampled(solution: Solution[StaticEquilibrium]) -> str:
    """One sentence on isolated equilibria and continua of which points were sampled."""
    parts = solution.components
    isolated = sum(part.isolated for part in parts)
    some = len(parts) - isolated
    points = sum(not parts[e.component or 0].isolated for e in solution.equilibria)
    sure = all(e.proof.holds for e in solution.equilibria if parts[e.component or 0].isolated)
    stand = "is" if isolated == 1 else "are"
    if not sure:
        stand = "seems to be" if isolated == 1 else "seem to be"
    shown = "one point" if points == 1 else f"{points} points"
    several = "one continuum" if some == 1 else f"{some} continua at most"
    alone = f", and {word(isolated).lower()} that {stand} isolated" if isolated else ""
    said = f"{shown} of {several} of equilibria found{alone}."
    return said[0].upper() + said[1:]


def _counted(some: int, every: int) -> str:
    return "which is" if every == 1 else f"{some} of them" if some < every else "each of them"


def _kinds(solution: Solution[StaticEquilibrium]) -> list[tuple[str, int]]:
    if not hasattr(solution.game, "strategies"):
        return [("mixed", 1)] if any(e.weights for e in solution.equilibria) else []
    pure = sum(_pure(equilibrium) for equilibrium in solution.equilibria)
    counts = (("pure", pure), ("mixed", len(solution.equilibria) - pure))
    return [(word, count) for word, count in counts if count]


def _stability(found: Sequence[StaticEquilibrium]) -> list[tuple[str, int]]:
    words = (("stable", True), ("unstable", False))
    counts = [(word, sum(e.stable is value for e in found)) for word, value in words]
    return [(word, count) for word, count in counts if count]


def static_page(solution: Solution[StaticEquilibrium]) -> RenderableType:
    """The headline, one row for each equilibrium, and what the search is worth.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> solution = lb.solve(lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]))
    >>> with console.capture() as shown:
    ...     console.print(static_page(solution))
    >>> "One equilibrium" in shown.get()
    True
    """
    game = solution.game
    lines: list[RenderableType] = [Text(game.name or game.kind, style="dim")]
    lines += [Text(static_headline(solution), style="bold"), Text()]
    if any(e.weights or e.epsilon is not None for e in solution.equilibria):
        message = solution.status.message
        lines += [Text(f"{message[0].upper()}{message[1:]}."), Text()]
    lines.append(first_rows(MOST_ROWS, partial(_equilibria, solution)))
    if solution.value is not None:
        lines += [Text(), Text(f"Payoffs add up to a constant: {_value(solution)}")]
    lines += and_more(len(solution.equilibria), MOST_ROWS)
    if prices := _prices(solution.equilibria[:MOST_ROWS]):
        lines += [Text(), *prices]
    for number, part in enumerate(solution.components):
        if not part.isolated:
            lines += [Text(), Text(_continuum(number, solution))]
    lines += [Text(), Text(worth(solution), style="dim")]
    return Padding(Group(*lines), (1, 2))


def _equilibria(solution: Solution[StaticEquilibrium], most: int | None) -> Cells:
    game, found = solution.game, solution.equilibria
    grouped = any(not part.isolated for part in solution.components)
    table = blank()
    table.add_column("", justify="right", style="dim")
    for player in found[0].strategies:
        table.add_column(player, min_width=min(cell_len(player), WHOLE))
    kinds = ["perfect", "proper"] if solution.settings.get("refine") == "True" else []
    last = [*kinds, "index", *(["component"] if grouped else []), "regret"]
    for name in ("payoffs", "stable", *last):
        table.add_column(name, justify="right")
    for number, equilibrium in enumerate(found[:most]):
        shown = [
            mixture(law, equilibrium.weights[player])
            if equilibrium.weights
            else strategy(game, who, law, (equilibrium.exact or {}).get(player))
            for who, (player, law) in enumerate(equilibrium.strategies.items())
        ]
        stable = _yes(equilibrium.stable)
        regret = at_most(equilibrium.regret)
        refined = [_yes(getattr(equilibrium, kind)) for kind in kinds]
        index = "-" if equilibrium.index is None else str(equilibrium.index)
        part = [str((equilibrium.component or 0) + 1)] if grouped else []
        payoffs = ", ".join(f"{payoff:.5g}" for payoff in _rounded(equilibrium.payoffs))
        table.add_row(str(number + 1), *shown, payoffs, stable, *refined, index, *part, regret)
    return table


def _value(solution: Solution[StaticEquilibrium]) -> str:
    """The value in words."""
    (payoff,) = _rounded(np.array([solution.value]))
    game, gets = solution.game, "gets"
    name = game.players[0] if len(game.players) == 2 else "the first player"  # of an agent form
    if game.kind == "bayesian" or len(game.players) > 2:
        gets = "expects, before types are drawn,"
    return f"{name} {gets} {payoff:.9g} in every equilibrium."


def _yes(said: bool | None) -> str:
    return {True: "yes", False: "no", None: "-"}[said]


def _rounded(payoffs: Array) -> list[float]:
    """Payoffs without the twelfth decimal, where there are any."""
    return [round(float(payoff), 12) + 0.0 for payoff in payoffs]


def strategy(game: Any, player: int, law: Array, exact: tuple[Fraction, ...] | None = None) -> str:
    """A strategy in words: its name if pure, the weights of its names if mixed.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], strategies=[["C", "D"]] * 2)
    >>> strategy(game, 0, np.array([0.5, 0.5])), strategy(game, 0, np.array([0.0, 1.0]))
    ('C: 0.5, D: 0.5', 'D')
    """
    if not hasattr(game, "strategies"):
        return ", ".join(f"{value:.6g}" for value in law)
    names = game.strategies[player]
    support = np.flatnonzero(law > 0).tolist()
    if len(support) == 1:
        return str(names[support[0]])
    weights = exact if exact and max(w.denominator for w in exact) <= MOST_DENOMINATOR else None
    shown = [f"{names[a]}: {weights[a] if weights else f'{law[a]:.4g}'}" for a in support[:6]]
    return ", ".join(shown + (["..."] if len(support) > 6 else []))


def mixture(points: Array, weights: Array) -> str:
    """A mixed strategy in words: its points if they are few, else where it lies.

    Parameters
    ----------
    points : (k, s) array
    weights : (k,) array

    Examples
    --------
    >>> mixture(np.array([[0.0], [1.0]]), np.array([0.25, 0.75]))
    '0: 0.25, 1: 0.75'
    >>> mixture(np.linspace(0, 1, 101)[:, None], np.full(101, 1 / 101))
    'from 0 to 1, quarters at 0.25, 0.5, 0.75'
    """
    names = [", ".join(f"{value:.4g}" for value in point) for point in points]
    names = [f"({name})" if points.shape[1] > 1 else name for name in names]
    heavy = weights > ATOM
    if heavy.all():
        return ", ".join(f"{name}: {w:.4g}" for name, w in zip(names, weights, strict=True))
    alone = [f"{names[k]}: {weights[k]:.4g}" for k in np.flatnonzero(heavy)]
    if points.shape[1] > 1:
        return f"{len(points)} points, in the data"
    line, order = points[:, 0], np.argsort(points[:, 0], kind="stable")
    reached = np.cumsum(weights[order])
    at = [line[order][min(int((reached < part - 1e-9).sum()), len(line) - 1)] for part in QUARTERS]
    quarters = ", ".join(f"{value:.4g}" for value in at)
    return ", ".join([*alone, f"from {line.min():.4g} to {line.max():.4g}, quarters at {quarters}"])


def _prices(found: Sequence[StaticEquilibrium]) -> list[Text]:
    """What a unit of each shared constraint costs every player, by equilibrium."""
    lines = []
    for text in dict.fromkeys(text for one in found for text in one.prices or ()):
        prices = ", ".join(f"{one.prices[text]:.6g}" for one in found if one.prices)
        lines.append(Text(f"Common price of {text}: {prices}"))
    return lines


def _continuum(number: int, solution: Solution[StaticEquilibrium]) -> str:
    """A component in words: its dimension, and which extreme equilibria may be mixed with which."""
    part = solution.components[number]
    rows = [equilibrium for equilibrium in solution.equilibria if equilibrium.component == number]
    size = "of unknown dimension" if part.dimension is None else f"of dimension {part.dimension}"
    kind = "sampled" if part.sampled else "extreme"
    size = f"{size} at least" if part.sampled else size
    count = f"{len(rows)} {kind} equilibri{'um' if len(rows) == 1 else 'a'}"
    index = "" if part.index is None else f", index {part.index}"
    said = f"Component {number + 1}, {size}: {count}{index}"
    if part.subsets:
        said += f"; {_subsets(part, len(solution.game.shape) == 2)}"
    if part.even and len(solution.game.shape) == 2:
        pair = (strategy(solution.game, who, law) for who, law in enumerate(part.even))
        said += f"; its most even member is {' against '.join(pair)}"
    if part.dummies:
        said += f"; {' and '.join(part.dummies)} may do anything, which moves no payoff"
    return f"{said}."


def _subsets(part: Component, two: bool) -> str:
    """Its maximal Nash subsets in words."""
    one, many = "maximal Nash subset is", f"{len(part.subsets)} maximal Nash subsets are"
    which = one if len(part.subsets) == 1 else many
    sizes = ", ".join(
        f"{len(x)} x {len(y)}" if two or len(part.column_vertices) > 1 else f"{len(x)}"
        for x, y in part.subsets[:6]
    )
    whose = " of the two players" if two else ""
    return f"its {which} spanned by {sizes} extreme strategies{whose}"


def worth(solution: Solution[Any]) -> str:
    """How complete the list is and how good, how it was found, and when: one line.

    Examples
    --------
    >>> import leaderbored as lb
    >>> worth(lb.solve(lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])))[:6]
    'proved'
    """
    worst = max((e.regret for e in solution.equilibria), default=float("nan"))
    methods = ", ".join(dict.fromkeys(e.method for e in solution.equilibria))
    proved = "".join(f"{part}; " for part in [proofs(solution)] if part)
    return (
        f"{solution.complete}: {solution.census.message}; {methods}; {proved}regret at most "
        f"{at_most(worst)}; {solution.seconds:.2g} s{solution.fingerprint}"
    )


def proofs(solution: Solution[Any]) -> str:
    """How many equilibria are proved to exist and to be alone; empty if none was tried.

    Examples
    --------
    >>> import leaderbored as lb
    >>> proofs(lb.solve(lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])))
    'proved locally unique'
    >>> proofs(lb.solve(lb.NormalForm([[[1, 0], [1, 1]], [[1, 0], [0, 1]]])))
    '1 of 3 proved locally unique'
    """
    each = (getattr(one, "proof", None) for one in solution.equilibria)
    tried = [proof for proof in each if proof and proof.tried]
    holding = [proof for proof in tried if proof.holds]
    if not holding:
        nothing_to_say = not tried or _whole(solution) or _connected(solution)
        return "" if nothing_to_say else _unproved(tried)
    if len(holding) < len(tried) and _whole(solution):  # then each is alone, proved so or not
        return f"{len(holding)} of {len(tried)} enclosed in intervals, too"
    words = []
    for what in dict.fromkeys(proof.of for proof in holding):
        known = sum(proof.of == what for proof in holding)
        as_what = "" if what == "equilibrium" else f" as {what}{'s' if known > 1 else ''}"
        all_of = "" if known == len(tried) == 1 else f"{known} of {len(tried)} "
        words.append(f"{all_of}proved locally unique{as_what}")
    return ", ".join(words)


def _unproved(tried: Sequence[Proof]) -> str:
    """That nothing was proved, and why where all have one reason."""
    reasons = {proof.reason for proof in tried}
    return f"not proved locally unique{f': {reasons.pop()}' if len(reasons) == 1 else ''}"


def _connected(solution: Solution[Any]) -> bool:
    """Whether every equilibrium on the list is one of a continuum, so that none is alone."""
    return bool(solution.components) and not any(part.isolated for part in solution.components)


def _whole(solution: Solution[Any]) -> bool:
    """Whether the list is proved to be whole, and each equilibrium on it to be alone."""
    connected = any(not part.isolated for part in solution.components)
    return solution.complete == "proved" and not connected and not solution.census.continua


def _pure(equilibrium: StaticEquilibrium) -> bool:
    return all(law.max() == 1 for law in equilibrium.strategies.values())


def at_least(number: int, solution: Solution[Any]) -> str:
    """How many equilibria there are, as far as is known, as it begins a sentence.

    Examples
    --------
    >>> import leaderbored as lb
    >>> solution = lb.solve(lb.NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]))
    >>> at_least(2, solution)
    'Two'
    """
    least = word(number)
    some = solution.complete == "partial"
    return f"At least {least[0].lower()}{least[1:]}" if some else least


def word(number: int) -> str:
    """A number as it begins a sentence.

    Examples
    --------
    >>> word(3), word(2048)
    ('Three', '2,048')
    """
    return WORDS[number] if number < len(WORDS) else f"{number:,}"
