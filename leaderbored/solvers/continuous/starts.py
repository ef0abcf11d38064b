"""Where searches of continuous games start."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.halton import halton

CORNERS = 8  # strategies up to which every corner is a start
DECADES = 3.0  # either side of one, where strategies without bound start


def spread(program: Program, most: int, seed: int) -> Array:
    """(B, n) strategies all over the place, the middle first, and corners among them.

    Parameters
    ----------
    program : Program
        With n strategies.
    most : int
        Points besides corners.
    seed : int

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> spread(Program(game), 4, 1)[0].tolist(), len(spread(Program(game), 4, 1))
    ([4.5, 4.5], 13)
    """
    n = program.n
    low, high = program.lower[:n], program.upper[:n]
    x = _between(low, high, halton(most, n, seed))
    ends = corners(program)
    if len(ends) and not program.code.numeric:
        x = np.vstack([x, ends, _choices(low, (low + high) / 2)])
    return np.vstack([middle(program), x])


def given(program: Program, start: Sequence[Array]) -> Array:
    """(1, n) the strategies of all players, given each player's.

    Raises
    ------
    ValueError
        If there are too many or too few, or some outside their bounds.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Continuous([lb.Player("A", {"x": [0, 4]}, "max(3 - x, 0) * x")])
    >>> given(Program(game), [np.array([1.0])]).tolist()
    [[1.0]]
    """
    x = np.concatenate([np.atleast_1d(np.asarray(part, dtype=float)) for part in start])
    if len(start) != len(program.own) or x.shape != (program.n,):
        raise ValueError(f"start: expected strategies of {len(program.own)} players")
    inside = (x >= program.lower[: program.n]) & (x <= program.upper[: program.n])
    if not inside.all():
        raise ValueError("start: strategies outside their bounds")
    return np.asarray(x[None])


def begun(program: Program, x: Array) -> Array:
    """(B, m) unknowns at strategies (B, n): multipliers of kinks are in the middle.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Continuous([lb.Player("A", {"x": [0, 4]}, "max(3 - x, 0) * x")])
    >>> begun(Program(game), np.array([[1.0]])).tolist()
    [[1.0, 0.5]]
    """
    z = np.zeros((len(x), program.m))
    z[:, : program.n] = x
    z[:, program.n : program.n + program.code.kinks] = 0.5
    return z


def on_pieces(program: Program, x: Array) -> Array:
    """(2 B, m) unknowns at strategies (B, n), and at smaller ones, with all choices made.

    Of a kink the multiplier is that of the piece that holds. Where all strategies are large, as in
    markets that are flooded, payoffs may be flat in what is done.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Continuous([lb.Player("A", {"x": [0, 4]}, "max(3 - x, 0) * x")])
    >>> on_pieces(Program(game), np.array([[4.0]])).tolist()
    [[4.0, 1.0], [2.0, 0.0]]
    """
    low = program.lower[: program.n]
    small = np.where(np.isfinite(low), low + (x - low) / max(2, program.n), x)
    z = begun(program, np.vstack([x, small]))
    chosen = slice(program.n, program.n + program.code.kinks)
    z[:, chosen] = program.residual(z)[:, chosen] < 0
    return z


def middle(program: Program) -> Array:
    """(1, n) strategies in the middle of their bounds, or next to the only one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> players = [Player("A", {"x": [0, 4]}, "x"), Player("B", {"y": [3, "inf"]}, "y")]
    >>> middle(Program(lb.Continuous(players))).tolist()
    [[2.0, 4.0]]
    """
    n = program.n
    return _between(program.lower[:n], program.upper[:n], np.full((1, n), 0.5))


def _between(low: Array, high: Array, unit: Array) -> Array:
    """(B, n) strategies at such places (B, n) between 0 and 1 of their ranges."""
    bounded = np.isfinite(low) & np.isfinite(high)
    far = 10.0 ** (DECADES * (2 * unit - 1))
    both = np.where(unit < 0.5, -1.0, 1.0) * 10.0 ** (DECADES * (2 * np.abs(2 * unit - 1) - 1))
    with np.errstate(invalid="ignore"):
        x = np.where(bounded, low + unit * (high - low), both)
    x = np.where(np.isfinite(low) & ~np.isfinite(high), low + far, x)
    return np.where(~np.isfinite(low) & np.isfinite(high), high - far, x)


def corners(program: Program) -> Array:
    """(2^n, n) the corners of what few strategies may be; none if they are many or without bound.

    Examples
    --------
    >>> import leaderbored as lb
    >>> players = [lb.Player(name, {"x": [0, 1]}, "sum(x)") for name in "AB"]
    >>> corners(Program(lb.Continuous(players))).tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    low, high = program.lower[: program.n], program.upper[: program.n]
    if program.n > CORNERS or not np.isfinite([low, high]).all():
        return np.zeros((0, program.n))
    return _choices(low, high)


def _choices(low: Array, high: Array) -> Array:
    """(2^n, n) every choice of one of two values for each strategy."""
    sides = np.array(np.meshgrid(*zip(low, high, strict=True), indexing="ij"))
    return sides.reshape(len(low), -1).T


def nothing_defined(program: Program, starts: Array) -> str:
    """A formula that has no finite value, or a constraint that is not met, at any of some points.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> program = Program(lb.Continuous([Player("A", {"x": [0, 1]}, "log(x - 2)")]))
    >>> nothing_defined(program, np.array([[0.5], [1.0]]))
    'the payoff of A, log(x - 2), has no finite value at any of 2 points tried'
    """
    for g, group in enumerate(program.groups):
        if not any(np.isfinite(program.payoff(g, x[None, program.own[g]], x)) for x in starts):
            text = group.player.payoff
            what = f"the payoff of {group.name}" + (f", {text}," if isinstance(text, str) else "")
            return f"{what} has no finite value at any of {len(starts)} points tried"
    for k, text in enumerate(program.game.constraints):
        if not program.code.equal[k] and not any(program.slacks(x)[k] >= 0 for x in starts):
            return f"none of {len(starts)} points tried meets the constraint {text}"
    return ""
