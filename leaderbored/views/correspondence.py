"""All equilibria along a number of the game, as a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.markov import Array
from leaderbored.kinds import kind_of
from leaderbored.text import at_most, percent
from leaderbored.verdicts import Correspondence
from leaderbored.views.numbers import STABLE, apart, each, number
from leaderbored.views.sheet import Cells, blank

MANY = 3  # stretches that a sentence can hold
NIL = 1e-13  # of the largest value, below which a value is rounding


def trace_page(found: Correspondence) -> RenderableType:
    """Where how many equilibria are, the folds, and each branch with its verdicts.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> few = lb.Method(search=lb.Search(starts=1))
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(trace_page(lb.trace(race, "discount", 0.3, 0.5, few)))
    >>> "one equilibrium throughout" in shown.get()
    True
    """
    lines: list[RenderableType] = [
        Text(found.game.name or found.game.kind, style="dim"),
        Text(headline(found), style="bold"),
        Text(),
        _branches(found),
        Text(),
    ]
    for name, points in (("folds", found.folds), ("branch points", found.branch_points)):
        if points:
            lines.append(Text(f"{name} at {_listed([point.parameter for point in points])}"))
    lines += [Text(line, style="dim") for line in (*_turns(found), *_proved(found))]
    worst = max(p.equilibrium.regret for branch in found.branches for p in branch.points)
    lines.append(
        Text(
            f"{found.census.complete}: {found.census.message}; regret at most {at_most(worst)}, "
            f"{found.seconds:.1f} s" + (f", game {found.digest}" if found.digest else ""),
            style="dim",
        )
    )
    return Padding(Group(*lines), (1, 2))


def _turns(found: Correspondence) -> Iterator[str]:
    """Which folds are proved, how precisely, and why others are not."""
    turns = [(fold.parameter, fold.turn) for fold in found.folds if fold.turn]
    radii = [turn.radius for _, turn in turns if turn.radius is not None]
    if radii:
        every = "all of them" if len(radii) == len(turns) else f"{len(radii)} of {len(turns)}"
        near = f"within {at_most(max(radii))} of the number computed"
        yield f"proved that the curve turns at {every}, {near}"
    reasons: dict[str, list[float]] = {}
    for place, turn in turns:
        if not turn.holds:
            reasons.setdefault(turn.reason, []).append(place)
    for reason, places in reasons.items():
        yield f"not proved at {_listed(places)}: {reason}"


def _listed(places: Sequence[float]) -> str:
    """Values of the parameter in order; those of mirror images once.

    Examples
    --------
    >>> _listed([0.3, 0.1, 0.1])
    '0.1 (twice), 0.3'
    """
    counts = Counter(f"{place:.8g}" for place in sorted(places))
    times = {1: "", 2: " (twice)"}
    return ", ".join(f"{place}{times.get(n, f' ({n} times)')}" for place, n in counts.items())


def _proved(found: Correspondence) -> Iterator[str]:
    """Where the number of equilibria is proved, of the places where that was asked for."""
    every: dict[str, list[str]] = {}
    for one in found.counted:
        said = f"{one.equilibria} at {one.parameter:.6g}"
        every.setdefault(one.complete, []).append(said)
    for complete, places in every.items():
        yield f"number of equilibria between events {complete}: {', '.join(places)}"


def headline(found: Correspondence) -> str:
    """How many equilibria are where, in a sentence; at least so many, where some may be missing.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> few = lb.Method(search=lb.Search(starts=1))
    >>> headline(lb.trace(race, "discount", 0.3, 0.5, few))
    'Along discount: one equilibrium throughout.'
    """
    return f"Along {found.along}: {_counted(found)}."


def _counted(found: Correspondence) -> str:
    stretches, some = found.counts(), found.census.complete == "partial"
    if len(stretches) == 1:
        count = stretches[0][2]
        if not count:
            return "no equilibrium was followed throughout"
        many = "one equilibrium" if count == 1 else f"{count} equilibria"
        return f"{'at least ' * some}{many} throughout"
    most = max(count for _, _, count in stretches)
    several = _joined([(a, b) for a, b, count in stretches if count > 1])
    none = _joined([(a, b) for a, b, count in stretches if count == 0])
    up_to = f"up to {most}{' that were found' * some}"
    told = [f"several equilibria between {_places(several)}, {up_to}"] if several else []
    if none:
        told.append(f"none was found between {_places(none)}")
    return ", and ".join(told)


def _joined(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches of which those that meet are one."""
    found: list[tuple[float, float]] = []
    for low, high in stretches:
        meets = bool(found) and found[-1][1] == low
        found[-1:] = [(found[-1][0], high)] if meets else [*found[-1:], (low, high)]
    return found


def _places(stretches: Sequence[tuple[float, float]]) -> str:
    """The ends of stretches, in so many digits that they differ."""
    if len(stretches) > MANY:
        whole = _places([(stretches[0][0], stretches[-1][1])])
        return f"{whole} in {len(stretches)} places"
    return ", and between ".join(f"{apart(a, b)} and {apart(b, a)}" for a, b in stretches)


def _branches(found: Correspondence) -> Cells:
    table = blank(1)
    race = bool(kind_of(found.game).board)
    value, choice = (
        ("value at a tie", "builds at a tie") if race else ("value at first", "done at first")
    )
    for name in ("from", "to", value, choice, "stable"):
        table.add_column(name, justify="right", no_wrap=True)
    if race:
        table.add_column("verdicts", no_wrap=True)
    every = [p for branch in found.branches for p in branch.points]
    least = NIL * max((float(np.abs(p.equilibrium.value).max()) for p in every), default=0.0)

    def worth(values: Array) -> str:
        """Values, of which so small ones beside others are nil but for rounding."""
        return each(np.where(np.abs(values) > least, values, 0.0), number)

    for branch in found.branches:
        first, last = branch.points[0], branch.points[-1]
        known = {p.equilibrium.stable for p in branch.points[1:-1] or branch.points}
        stable = "in part" if {True, False} <= known else STABLE[True in known]
        if None in known:
            stable = f"{stable}, or ?" if len(known) > 1 else "?"
        verdicts = list(dict.fromkeys(p.verdict or "-" for p in branch.points))
        table.add_row(
            f"{first.parameter:.4g}",
            f"{last.parameter:.4g}",
            " to ".join(worth(p.value) for p in (first, last)),
            " to ".join(
                dict.fromkeys(
                    each(p.choice, partial(percent, digits=2) if race else number)
                    for p in (first, last)
                )
            ),
            stable,
            *([", ".join(verdicts)] if race else []),
        )
    return table
