"""Payoffs that jump: whether a best reply is attained, or only come near to.

Where a payoff rises up to a point and drops just there, no reply is best: whatever a player does, a
little more is better. Such a point is near an equilibrium, but none.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.solvers.continuous.certificate import regret
from leaderbored.solvers.continuous.program import Program

NEAR = 1e-6  # of a strategy's size: how far from where it stands a jump is looked for
LOOKS = np.geomspace(1e-9, 1.0, 28)  # of that
DROP = 1e-8  # of what a player's strategies move: less is no jump
RISE = 1e-13  # of a payoff: less is level
HALVINGS = 80
LINE = 9  # points of a line between which a payoff is looked at for jumps
LEAP = 1e-6  # of the range of a payoff there: less is no jump
MEETING = 1e-9  # relative distance at which strategies meet but for rounding
BESIDE_REGRET = 1e-4  # there, of what is near an equilibrium
BESIDE = 1e-7  # of a strategy's size: how far from a jump nothing hangs on rounding


class Standing(NamedTuple):
    """Strategies next to a jump.

    Attributes
    ----------
    x : (n,) array
    whose : str
        Name of a player who has no best reply there; empty if there is none.
    beside : (n,) array
        The same a little way off the jump.
    """

    x: Array
    whose: str
    beside: Array


def settled(program: Program, x: Array) -> Standing:
    """Strategies moved onto the top of jumps next to them, and who has no best reply there.

    Parameters
    ----------
    program : Program
    x : (n,) array

    Returns
    -------
    Standing
        ``whose`` is the first player whose payoff rises up to a jump without reaching its top.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> def alone(payoff):
    ...     return Program(lb.Continuous([Player("A", {"x": [0, 1.5]}, payoff)]))
    >>> settled(alone("x if x <= 0.3 else 0"), np.array([0.2999999999999]))[:2]
    (array([0.3]), '')
    >>> settled(alone("x if x < 0.3 else 0"), np.array([0.2999999999999])).whose
    'A'
    >>> settled(alone("mod(x, 1)"), np.array([1 - 1e-12])).whose
    'A'
    """
    x = x.copy()
    for g, mine in enumerate(program.own):
        real = [k for k in mine.tolist() if program.listed[k] is None]
        for k in real if program.code.breaks[g] else ():
            for side in (-1.0, 1.0):
                found = _jump(program, g, k, x, side)
                if found is None:
                    continue
                top, towards, rises = found
                if rises and not _closed(program, k, x, (top, towards)):
                    x[k] = top
                    beside = _moved(program, x, k, -towards)
                    return Standing(x, program.groups[g].name, beside)
                if _paid(program, g, k, x, np.array([top]))[0] >= _paid(
                    program, g, k, x, x[k : k + 1]
                ):
                    x[k] = top
    return Standing(x, "", x)


def apart(program: Program, x: Array) -> Standing:
    """Strategies that meet but for rounding made to meet, and a player of whom that is one.

    Parameters
    ----------
    program : Program
    x : (n,) array

    Returns
    -------
    Standing
        Where conditions of payoffs that were missed by rounding hold with equality.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "x if x < B.x else 0"),
    ...                       Player("B", {"x": [0, 1]}, "x if x < A.x else 0")])
    >>> apart(Program(game), np.array([0.2, 0.2 + 1e-15]))[:2]
    (array([0.2, 0.2]), 'A')
    """
    x, whose, beside = x.copy(), "", x.copy()
    for g, mine in enumerate(program.own):
        real = [k for k in range(len(mine)) if program.listed[mine[k]] is None]
        for k in real if program.code.breaks[g] else ():
            here = program.breaks(g, k, float(x[mine[k]]), x)
            step = 1e-3 * (1 + abs(float(x[mine[k]])))
            slope = (program.breaks(g, k, float(x[mine[k]]) + step, x) - here) / step
            size = MEETING * (1 + np.abs(x).max())
            for c in np.flatnonzero(
                (slope != 0) & (here != 0) & (np.abs(here) < size * np.abs(slope))
            ):
                gap = program.breaks(g, k, float(x[mine[k]]), x)[c]
                moved = x[mine[k]] - gap / slope[c]
                x[mine[k]] = np.clip(moved, program.lower[mine[k]], program.upper[mine[k]])
                beside = _moved(program, beside, int(mine[k]), float(np.sign(gap / slope[c])))
                whose = whose or program.groups[g].name
    return Standing(x, whose, beside)


def leaping(program: Program, starts: Array) -> str:
    """Why equilibria may be missing, if a payoff jumps along lines through some points.

    Of first-order conditions that jump the sum of indices says nothing.

    Parameters
    ----------
    program : Program
    starts : (B, n) array

    Returns
    -------
    str
        Of the first player of whom that is so; empty if there is none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> def alone(payoff):
    ...     return Program(lb.Continuous([Player("A", {"x": [0, 1]}, payoff)]))
    >>> entry, kink = alone("x - x**2 - (x > 0) / 8"), alone("x if x < 0.5 else 1 - x")
    >>> leaping(entry, np.array([[0.7]])), leaping(kink, np.array([[0.7]]))
    ('the payoff of A jumps, and indices say nothing of jumps', '')
    """
    movable = [k for k in range(program.n) if program.listed[k] is None]
    for g, mine in enumerate(program.own):
        for x in starts if program.code.breaks[g] else ():
            if any(_leaps(program, g, mine, x, k) for k in movable):
                whose = program.groups[g].name
                return f"the payoff of {whose} jumps, and indices say nothing of jumps"
    return ""


def _leaps(program: Program, g: int, mine: States, x: Array, k: int) -> bool:
    """Whether a payoff jumps along a line on which strategy k alone moves."""
    low, high = program.lower[k], program.upper[k]
    if not np.isfinite([low, high]).all() or not low < high:
        return False

    def seen(at: float) -> tuple[Array, float]:
        point = x.copy()
        point[k] = at
        own = point[mine]
        signs = np.sign(program.breaks(g, 0, float(own[0]), point))
        return signs, float(program.payoff(g, own[None], point)[0])

    points = np.linspace(low, high, LINE).tolist()
    looks = [seen(at) for at in points]
    size = np.ptp([payoff for _, payoff in looks])
    for (left, (signs, _)), (right, (others, _)) in pairwise(zip(points, looks, strict=True)):
        for c in np.flatnonzero(signs != others).tolist():
            a, b = left, right
            while (middle := (a + b) / 2) not in (a, b):
                a, b = (middle, b) if seen(middle)[0][c] == signs[c] else (a, middle)
            if not abs(seen(a)[1] - seen(b)[1]) <= LEAP * size:
                return True
    return False


def nearly(program: Program, standing: Standing, tolerance: float) -> bool:
    """Whether only one has no best reply, and none gains else, nor a little way off the jump.

    Parameters
    ----------
    program : Program
    standing : Standing
    tolerance : float
        Regret, relative to payoffs, that counts as none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> program = Program(lb.Continuous([lb.Player("A", {"x": [0, 1.5]}, "mod(x, 1)")]))
    >>> [nearly(program, settled(program, np.array([x])), 1e-9) for x in (0.999999999, 0.5)]
    [True, False]
    """
    if not standing.whose or not regret(program, standing.x).max() <= tolerance:
        return False
    return bool(regret(program, standing.beside).max() <= BESIDE_REGRET)


def together(program: Program, x: Array, tolerance: float) -> Array:
    """Of profiles in which strategies that meet move together, the one that pays most in all.

    Firms that undercut each other may do so from any price between their costs: each is near an
    equilibrium. The search goes up and down to where that ends.

    Parameters
    ----------
    program : Program
    x : (n,) array
        A profile that is near an equilibrium.
    tolerance : float
        As of :func:`nearly`.

    Returns
    -------
    (n,) array
        x itself, if no two strategies meet.

    Examples
    --------
    >>> import leaderbored as lb
    >>> sells = "(p - {0}) * (1 if p < {1}.p else 0.5 if p == {1}.p else 0)"
    >>> game = lb.Continuous([lb.Player("A", {"p": [0, 9]}, sells.format(1, "B")),
    ...                       lb.Player("B", {"p": [0, 9]}, sells.format(2, "A"))])
    >>> program = Program(game)
    >>> together(program, settled(program, np.array([1.5, 1.5])).x, 1e-9).round(6).tolist()
    [2.0, 2.0]
    """
    size, best = MEETING * (1 + np.abs(x).max()), x
    for k in range(program.n):
        meeting = np.abs(x - x[k]) < size
        if meeting.sum() < 2 or meeting[:k].any():
            continue
        low, high = program.lower[: program.n][meeting], program.upper[: program.n][meeting]
        for most in (float((high - x[k]).min()), float((low - x[k]).max())):
            shift, step = 0.0, most if np.isfinite(most) else np.copysign(1 + abs(x[k]), most)
            for _ in range(HALVINGS // 2):
                standing = settled(program, x + (shift + step) * meeting)
                shift += step if nearly(program, standing, tolerance) else 0.0
                step /= 2
            end = settled(program, x + shift * meeting).x
            if program.payoffs(end).sum() > program.payoffs(best).sum():
                best = end
    return best


def _moved(program: Program, x: Array, k: int, side: float) -> Array:
    """Strategies of which one is a little way off, within its bounds."""
    low, high = float(program.lower[k]), float(program.upper[k])
    size = high - low if np.isfinite(high - low) else 1 + abs(float(x[k]))
    moved = x.copy()
    moved[k] = np.clip(x[k] + side * BESIDE * size, low, high)
    return moved


def _paid(program: Program, g: int, k: int, x: Array, at: Array) -> Array:
    """(B,) payoffs of a player whose strategy k is moved."""
    mine = program.own[g]
    own = np.tile(x[mine], (len(at), 1))
    own[:, mine.tolist().index(k)] = at
    return program.payoff(g, own, x)


def _jump(
    program: Program, g: int, k: int, x: Array, side: float
) -> tuple[float, float, bool] | None:
    """The top of a jump next to a strategy, its side of the drop, and if payoffs rise up to it."""
    low, high = float(program.lower[k]), float(program.upper[k])
    size = high - low if np.isfinite(high - low) else 1 + abs(float(x[k]))
    at = np.clip(x[k] + side * np.r_[0.0, NEAR * size * LOOKS], low, high)
    payoff = _paid(program, g, k, x, at)
    wide = np.linspace(max(low, x[k] - size), min(high, x[k] + size), 33)
    moved = _paid(program, g, k, x, wide)
    unit = float(np.ptp(moved[np.isfinite(moved)])) if np.isfinite(moved).any() else 0.0
    steps = np.abs(np.diff(payoff))
    if not unit or not (steps > DROP * unit).any():
        return None
    first = int(steps.argmax())
    a, b = float(at[first]), float(at[first + 1])
    one, other = float(payoff[first]), float(payoff[first + 1])
    for _ in range(HALVINGS):
        middle = (a + b) / 2
        if middle in (a, b):
            break
        there = float(_paid(program, g, k, x, np.array([middle]))[0])
        if abs(there - one) < abs(there - other):
            a, one = middle, there
        else:
            b, other = middle, there
    around = np.array([np.nextafter(a, -side * np.inf), a, b, np.nextafter(b, side * np.inf)])
    around = np.clip(around, low, high)  # a tie may be a step by itself
    levels = _paid(program, g, k, x, around)
    if not np.abs(np.diff(levels)).max() > DROP * unit:
        return None
    first = int(levels.argmax()) if levels[0] < levels[-1] else 3 - int(levels[::-1].argmax())
    towards = side if levels[0] > levels[-1] else -side
    top, level = float(around[first]), float(levels[first])
    before = float(np.clip(top - towards * NEAR * size, low, high))
    below = float(_paid(program, g, k, x, np.array([before]))[0])
    return top, towards, level > below + RISE * abs(level)


def _closed(program: Program, k: int, x: Array, jump: tuple[float, float]) -> bool:
    """Whether the top of a jump is on it: no condition of the formula is an equality further on."""
    (top, side), g = jump, int(program.owner[k])
    here, on = (
        np.abs(program.breaks(g, program.own[g].tolist().index(k), at, x)).min()
        for at in (top, float(np.nextafter(top, side * np.inf)))
    )
    return bool(here < on)
