"""Continuous games: what players mix, and what each of their strategies would pay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from leaderbored.figures.named import name_lines
from leaderbored.figures.style import COLOURS, Picture, style
from leaderbored.games.continuous import Continuous
from leaderbored.games.markov import Array
from leaderbored.solvers import Solution, StaticEquilibrium
from leaderbored.solvers.continuous.laws import Law, expected
from leaderbored.solvers.continuous.program import Program

MOST_PLAYERS = 4
FINE = 601  # strategies of which the payoff is drawn
STEADY = 40  # times the median step from one to the next: more is a jump, and not joined
LITTLE = 1e-3  # of the height, that the median step counts as besides
MARGIN = 0.04
SAME = 0.02  # of the height: lines that are nearer have one name

Named = tuple[str, Array, Array, str]


def deviations_figure(solution: Solution[StaticEquilibrium]) -> Figure:
    """Draw the first equilibrium: its distributions, if players mix, and payoffs of deviations.

    Parameters
    ----------
    solution : Solution
        Of a continuous game of up to four players of one bounded strategy each.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Continuous([lb.Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       lb.Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> [axes.get_title("left") for axes in deviations_figure(lb.solve(game)).axes]
    ['What each plays', 'What each strategy would pay']
    """
    game: Continuous = solution.game
    found = solution.equilibria[0]
    program, laws = Program(game), laws_of(found)
    with style():
        figure = Picture(figsize=(9.0, 4.2) if found.weights else (5.4, 4.2))
        panels: list[Axes] = [*figure.subplots(1, 1 + bool(found.weights), squeeze=False)[0]]
        if found.weights:
            _distributions(panels[0], program, laws)
        _payoffs(panels[-1], program, laws)
    return figure


def laws_of(found: StaticEquilibrium) -> list[Law]:
    """The law of each player; of a pure strategy, that point alone."""
    if found.weights is None:
        return [Law(x[None], np.ones(1)) for x in found.strategies.values()]
    return [Law(x, found.weights[name]) for name, x in found.strategies.items()]


def _ends(program: Program, g: int, laws: Sequence[Law]) -> tuple[float, float]:
    """The range that is drawn: the bounds, or where there is none, twice as far as is played."""
    (k,) = program.own[g].tolist()
    low, high = float(program.lower[k]), float(program.upper[k])
    far = 2.0 * max(float(np.abs(law.points).max()) for law in laws) or 1.0
    low = low if np.isfinite(low) else min(-far, high - far)
    return low, high if np.isfinite(high) else max(far, low + far)


def _label(program: Program) -> str:
    """What is on the axis of strategies."""
    names = dict.fromkeys(name for group in program.groups for name in group.player.strategies)
    return ", ".join(names)


def _distributions(axes: Axes, program: Program, laws: Sequence[Law]) -> None:
    lines = list[Named]()
    played = np.concatenate([law.points[:, 0] for law in laws])
    spare = 0.15 * (float(np.ptp(played)) or 1.0)
    for g, law in enumerate(laws):
        low, high = _ends(program, g, laws)
        order = np.argsort(law.points[:, 0], kind="stable")
        at, reached = law.points[order, 0], np.cumsum(law.weights[order])
        left, right = max(low, played.min() - spare), min(high, played.max() + spare)
        x = np.r_[min(left, at[0]), np.repeat(at, 2), max(right, at[-1])]
        y = np.r_[0.0, 0.0, np.repeat(reached, 2)[:-1], 1.0]
        axes.plot(x, y, color=COLOURS[g], linestyle="--" if g % 2 else "-", clip_on=False)
        lines.append((program.groups[g].name, x, y, COLOURS[g]))
    axes.set(xlabel=_label(program), ylabel="probability of that or less", ylim=(0, 1.0))
    axes.set_title("What each plays")
    name_lines(axes, _once(lines))


def _once(lines: Sequence[Named]) -> list[Named]:
    """Lines that all but coincide as one, with all their names."""
    kept = list[Named]()
    for name, x, y, colour in lines:
        grid, size = np.linspace(x[0], x[-1], 101), SAME * float(np.ptp(y[np.isfinite(y)])) or 1.0
        for k, (names, u, v, first) in enumerate(kept):
            if (u[0], u[-1]) == (x[0], x[-1]) and np.nanmedian(
                np.abs(np.interp(grid, u, v) - np.interp(grid, x, y))
            ) < size:
                kept[k] = (f"{names}, {name}", u, v, first)
                break
        else:
            kept.append((name, x, y, colour))
    return kept


def _payoffs(axes: Axes, program: Program, laws: Sequence[Law]) -> None:
    lines = list[Named]()
    for g, law in enumerate(laws):
        own = np.linspace(*_ends(program, g, laws), FINE)
        paid = expected(program, g, own[:, None], laws)
        paid = np.where(np.isfinite(paid), paid, np.nan)
        x, y = _broken(own, paid)
        axes.plot(x, y, color=COLOURS[g], linestyle="--" if g % 2 else "-")
        if np.isfinite(paid).any():
            lines.append((program.groups[g].name, own, paid, COLOURS[g]))
        if len(law.weights) == 1:
            axes.plot(law.points[0], expected(program, g, law.points, laws), "o", color=COLOURS[g])
    axes.set(xlabel=_label(program), ylabel="payoff against what the others play")
    axes.margins(y=MARGIN)
    axes.set_title("What each strategy would pay")
    name_lines(axes, _once(lines))


def _broken(x: Array, y: Array) -> tuple[Array, Array]:
    """A line that is not drawn where it jumps."""
    step = np.abs(np.diff(y))
    known = step[np.isfinite(step)]
    if not len(known):
        return x, y
    high = float(np.ptp(y[np.isfinite(y)]))
    jumps = np.flatnonzero(step > STEADY * (float(np.median(known)) + LITTLE * high))
    return np.insert(x, jumps + 1, np.nan), np.insert(y, jumps + 1, np.nan)
