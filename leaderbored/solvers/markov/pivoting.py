r"""Newton's method where replies come and go at a kink: what is undecided is decided together.

Far behind the front a lab may build a little or nothing, and whether it does hangs on what it does
one rung further on: shares then alternate from rung to rung. Newton's method as in
:mod:`leaderbored.solvers.markov.newton` decides on each piece by itself, and may for ever change
its mind about a few. Here efforts are the unknowns
(:func:`leaderbored.solvers.markov.reply.steep_pieces`), and each step solves the linearised
conditions with the inequalities of all efforts whose pieces have changed lately, by Lemke's method
(Josephy, Newton's Method for Generalized Equations, 1979).

What alternates is carried over from a game with shorter leads rung by rung: a state beyond starts
with what is done as far from the cap, counted in pairs of rungs.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress, checkpoint
from leaderbored.solvers.markov.nested import shorter
from leaderbored.solvers.markov.newton import linearise, pieces_at
from leaderbored.solvers.markov.policy_iteration import Point, PolicyIteration
from leaderbored.solvers.markov.reply import NO_EFFORT, Plain
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.lemke import within_box
from leaderbored.solvers.numerics.linear import DENSE, FACTORISE, factorise

STEPS = 40
ROUNDS = 12  # of best replies before the first step
SETTLING = 3  # steps in which pieces change by themselves
LATELY = 6  # steps for which a piece that has changed is undecided
UNDECIDED = 250  # efforts that are decided together: more take minutes
SEEN = (1e-6, 1e-7)  # efforts, and gains over values, below which a change of pieces is no matter
LONGEST = 0.05  # the most by which efforts that are undecided may rise in a step
STEEPEST = 0.9  # returns above which replies all but jump
DONE = 1e-12  # size of the last step, relative to values
BRIEF = 60  # rounds of best replies in the game with shorter leads, and from what it leads to


def pivoted(
    system: System, start: Array, iteration: PolicyIteration, progress: Progress | None = None
) -> Point | None:
    """An equilibrium by complementary pivoting, of a long game by way of a shorter one.

    Parameters
    ----------
    system : System
        Of others than plain games, of small ones and of those in which replies all but jump it
        finds none: other engines serve them.
    start : (N, S) array
    iteration : PolicyIteration
        What goes on from a shorter game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 0.9), lb.Lab("C", 0.8)],
    ...                lb.ScarceMarket(0.9), lb.Technology(2, 0.48), discount=0.2, rungs=10)
    >>> system = System(race.markov())
    >>> found = pivoted(system, system.game.idle, PolicyIteration())
    >>> bool(abs(found.build - lb.solve(race).equilibria[0].build).max() < 1e-8)
    True
    """
    game = system.game
    plain = isinstance(system.stage, Plain) and game.speed is None
    if not plain or game.returns > STEEPEST or system.unknowns <= DENSE:
        return None
    half = shorter(game, alternating=True)
    if half is not None:
        inner, brief = System(half.game), replace(iteration, rounds=BRIEF)
        first = half.shortened(start)
        found = brief.run(inner, first, progress) or pivoted(inner, first, iteration, progress)
        if found is not None:
            start = half.lengthened(found.build, game)
            reached = replace(brief, warm=True).run(system, start, progress)
            if reached is not None:
                return reached
    return _pivoting(system, start, progress)


def _pivoting(system: System, build: Array, progress: Progress | None) -> Point | None:
    """Newton's steps with pivoting from shares (N, S)."""
    if system.iterative or system.unknowns > FACTORISE:
        return None
    game = system.game
    for k in range(ROUNDS):
        value = system.evaluate(build)
        reply = system.reply(value, float(np.abs(value).max()))
        build = reply if k < ROUNDS // 2 else (build + reply) / 2
    value, middle = system.evaluate(build), game.effort(game.idle)
    changed, level = np.full(build.shape, -STEPS), None
    for k in range(STEPS):
        checkpoint()
        scale = float(np.abs(value).max())
        pieces, effort = pieces_at(system, value, build, steep=True), game.effort(build)
        matters = np.abs(effort - middle) > SEEN[0]
        matters |= np.abs(system.gain(value)) > SEEN[1] * scale
        if level is not None and k >= SETTLING:
            changed[(pieces.level != level) & matters] = k
        level = pieces.level
        low = (effort < (middle + game.effort(game.upper)) / 2) & game.movable & (game.price > 0)
        open_ = low & (k - changed <= LATELY)
        if open_.sum() > UNDECIDED:
            return None
        pieces = _opened(system, pieces, open_, np.maximum(effort, middle))
        try:
            step, shift = _step(system, value, pieces, open_, middle)
        except (np.linalg.LinAlgError, RuntimeError):  # singular
            return None
        if not np.isfinite(step).all() or not np.isfinite(shift).all():
            return None
        size, furthest = float(np.abs(step).max()) / scale, float(np.abs(shift).max())
        stretch = min(1.0, LONGEST / max(furthest, LONGEST))
        value, moved = value + stretch * step, game.effort(pieces.build) + stretch * shift
        share = np.clip(game.share(np.maximum(moved, 0.0)), game.lower, game.upper)
        build = np.where(pieces.level, share, pieces.build)
        if progress:
            progress("complementary pivoting", k + 1, size)
        if size <= DONE:
            build = system.reply(value, scale)
            return Point(system.evaluate(build), build, k + 1)
    return None


def _opened(system: System, pieces: Pieces, open_: NDArray[np.bool_], effort: Array) -> Pieces:
    """The pieces with what is undecided counted as free."""
    game = system.game
    effort, bent = np.maximum(effort, NO_EFFORT), 1 / game.returns - 1
    unit = game.returns * np.where(game.scale > 0, game.scale, 1.0)
    target = game.price * game.capacity * effort**bent / unit
    bend = np.broadcast_to(pieces.bend, open_.shape)
    return replace(
        pieces,
        level=pieces.level | open_,
        build=np.where(open_, game.share(effort), pieces.build),
        target=np.where(open_, target, pieces.target),
        bend=np.where(open_, bent * target / effort, bend),
    )


def _step(
    system: System, value: Array, pieces: Pieces, open_: NDArray[np.bool_], middle: Array
) -> tuple[Array, Array]:
    """Steps (N, S) of values and of efforts that are free; the undecided stay above ``middle``."""
    matrix, error = linearise(system, value, pieces)
    undecided = system.unknowns + np.flatnonzero(open_[pieces.level])
    rhs = np.zeros((len(error), 1 + len(undecided)))
    rhs[:, 0], rhs[undecided, 1 + np.arange(len(undecided))] = -error, -1.0
    solved = factorise(matrix).solve(rhs)
    both = solved[:, 0]
    if len(undecided):  # short of its cost a gain may be where an effort is at its least
        short = np.asarray(np.linalg.inv(solved[undecided, 1:]), dtype=float)
        lowest = (middle - system.game.effort(pieces.build))[open_]
        q = short @ (lowest - both[undecided])
        rise = within_box(short, q, np.full(len(q), 2 * LONGEST))
        if rise is not None:
            both = both + solved[:, 1:] @ (q + short @ rise)
    step, shift = np.zeros(value.shape), np.zeros(value.shape)
    step[system.earners] = both[: system.unknowns].reshape(-1, system.size)
    shift[pieces.level] = both[system.unknowns :]
    return step, shift
