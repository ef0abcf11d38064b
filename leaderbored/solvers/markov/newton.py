r"""Newton's method on the equilibrium conditions, kinks and levels included.

Unknowns are the values V and, on the levels of :mod:`leaderbored.solvers.markov.reply`, the efforts
e. With x the stakes of :mod:`leaderbored.solvers.markov.stage`, for a plain race the gains, and
with the active pieces fixed the conditions are smooth:

.. math::
    F_i &= \Big(\rho + \sum_j h_j\Big) V_i - \sum_j h_j P_j V_i - R_i = 0, \\
    G_{(j,s)} &= x_j(s) - target_{(j,s)} = 0 \quad\text{on levels}.

A player's own share drops out of its own equation by the envelope theorem; the others' shares
move with their stakes at the slope of the active piece. Each step re-selects the pieces
(semismooth Newton: Qi and Sun, Mathematical Programming 58, 1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from leaderbored.games.markov import Array, States
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.iterative import solve_near
from leaderbored.solvers.numerics.linear import (
    DENSE,
    FACTORISE,
    Matrix,
    factorise,
    shortest,
    solve_linear,
)

ROUNDING_STEP = 1e-7  # relative size of a step below which rounding may be what is left
STALLED_STEPS = 10  # steps that bring nothing before the nearest point is taken
LARGEST_EFFORT_STEP = 0.05  # the most that efforts move in one step where replies are steep
LAST_STEP = 1e-14  # expected size, relative to values, of a step that need not be taken
FILLED = 5_000  # unknowns of many labs beyond which factorisation takes many seconds
ELIMINATED = 300  # levels up to which they are eliminated one by one then
KRYLOV_PRECISION = 1e-6  # of the Krylov solves for a step; the next step mends what is left


@dataclass(frozen=True)
class Newton:
    """Settings of the Newton polish.

    Parameters
    ----------
    tolerance : float
        Accepted size of the last step relative to the largest value.
    steps : int
        Largest number of steps.
    levels : int
        In large games, the most levels at which a step is tried: each costs a linear solve.
    weights : tuple of float
        Weights of the gain in the choice of pieces, tried in turn; see :func:`active_pieces`.
    steep : bool
        Whether to take all shares that can move for unknowns; see :func:`steep_pieces`.
    """

    tolerance: float = 1e-12
    steps: int = 40
    levels: int = 60
    weights: tuple[float, ...] = (100.0, 1.0)
    steep: bool = False

    def polish(self, system: System, value: Array, build: Array) -> tuple[Array, Array] | None:
        """Solve the equilibrium conditions from a nearby point.

        Parameters
        ----------
        system : System
        value, build : (N, S) arrays
            The point to start from.

        Returns
        -------
        (value, build) or None
            None where the steps do not die out. Where gains are lost in rounding but hazards
            still depend on them (small theta, far states) the nearest point is returned, for the
            certificate to judge.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2).markov()
        >>> system = System(game)
        >>> value, build = Newton().polish(system, system.evaluate(game.idle), game.idle)
        >>> build[:, 0].round(6).tolist()
        [0.4, 0.4]
        """
        tries = (self._descend(system, value, build, weight) for weight in self.weights)
        return next((point for point in tries if point is not None), None)

    def _eliminated(self, system: System, levels: int) -> int | None:
        """Levels up to which they are eliminated; None if there are too many for any step.

        A factorisation of many labs' values takes longer than to eliminate hundreds of levels one
        by one, fills gigabytes, and cannot be interrupted.
        """
        most, unknowns = self.levels, system.unknowns + levels
        if system.iterative and FILLED < unknowns <= FACTORISE:
            most = max(most, ELIMINATED)
        large = unknowns > (FILLED if system.iterative else FACTORISE)
        return None if large and levels > most else most

    def _descend(
        self,
        system: System,
        value: Array,
        build: Array,
        weight: float,
    ) -> tuple[Array, Array] | None:
        game = system.game
        best, stalls, nearest, size = np.inf, 0, None, np.inf
        for k in range(self.steps):
            scale = float(np.abs(value).max())
            pieces = pieces_at(system, value, build, weight, self.steep)
            schur = self._eliminated(system, int(pieces.level.sum()))
            if schur is None:
                return None
            try:
                step, shift = newton_step(system, value, pieces, schur=schur)
            except np.linalg.LinAlgError:  # exactly singular, as at a branch point
                return None
            if not np.all(np.isfinite(step)):
                return None
            pieces, stretch = replace(pieces, together=None), 1.0  # large, and used up
            if self.steep:
                stretch = min(
                    1.0, LARGEST_EFFORT_STEP / max(float(np.abs(shift).max()), LARGEST_EFFORT_STEP)
                )
            value = value + stretch * step
            build = pieces.build
            if pieces.level.any():
                effort = game.effort(build) + stretch * shift
                build = np.where(pieces.level, game.share(effort), build)
            before, size = size, float(np.abs(step).max() / max(scale, 1e-300))
            done = size <= self.tolerance and float(np.abs(shift).max()) <= 1e-10
            if system.iterative and size * max(KRYLOV_PRECISION, (size / before) ** 2) <= LAST_STEP:
                following = pieces_at(system, value, build, weight, self.steep)
                if _same(following, pieces):  # the next step would be smaller than rounding
                    build, done = following.build, True
            if done:
                return value, build
            stalls += size > 0.5 * best
            if size < best:
                best, nearest = size, (value, build)
            patience = STALLED_STEPS if self.steep else 0
            if stalls > patience and k >= 4 and best > ROUNDING_STEP:
                return None
            if stalls >= STALLED_STEPS and best <= ROUNDING_STEP:
                break
        return nearest if best <= ROUNDING_STEP else None


def _same(pieces: Pieces, others: Pieces) -> bool:
    """Whether these are the same pieces, without levels, between which Newton's method squares."""
    if pieces.level.any() or others.level.any():
        return False
    return bool(((pieces.slope > 0) == (others.slope > 0)).all())


def newton_step(
    system: System, value: Array, pieces: Pieces, schur: int = 60
) -> tuple[Array, Array]:
    """Newton's step in the values and, on levels, in the efforts; both (N, S).

    In large games up to ``schur`` levels are eliminated by their Schur complement.
    """
    levels, unknowns = int(pieces.level.sum()), system.unknowns
    if not system.iterative or levels > schur:
        matrix, error = linearise(system, value, pieces)
        both = shortest(matrix, -error) if levels else solve_linear(matrix, -error, direct=True)
        step, shifts = both[:unknowns], both[unknowns:]
    else:
        step, shifts = _apart(system, value, pieces)
    shift, full = np.zeros(value.shape), np.zeros(value.shape)
    shift[pieces.level] = shifts
    full[system.earners] = step.reshape(-1, system.size)
    return full, shift


def _apart(system: System, value: Array, pieces: Pieces) -> tuple[Array, Array]:
    """The same step: Krylov iteration on the smooth part, the few levels by Schur complement."""
    smooth, wings, pins, error = system.smooth(value, pieces) or _smooth(system, value, pieces)
    unknowns = system.unknowns
    rhs = np.column_stack([-error[:unknowns], wings.toarray()])
    like = system.matrix(system.game.hazard(pieces.build))
    parts, left = solve_near(smooth, rhs, like, KRYLOV_PRECISION)
    if not left <= 100 * KRYLOV_PRECISION and unknowns <= FILLED:
        matrix, _ = linearise(system, value, pieces)
        parts = factorise(matrix[:unknowns, :unknowns]).solve(rhs)
    gap = error[unknowns:]
    bend = np.diag(_bend(pieces))
    shifts = np.linalg.lstsq(pins @ parts[:, 1:] + bend, pins @ parts[:, 0] + gap)[0]
    return parts[:, 0] - parts[:, 1:] @ shifts, shifts


Smooth = tuple[spla.LinearOperator, sp.csr_array, sp.csr_array, Array]


def _smooth(system: System, value: Array, pieces: Pieces) -> Smooth:
    """Derivative of F in V as a map, those of F in efforts and of G in V, and (F, G)."""
    hazard, effect = system.game.hazard(pieces.build), system.effect(value)
    stakes = system.staked(effect, float(np.abs(value).max()))
    error = _conditions(system, value, pieces, hazard, effect)
    felt = system.felt(effect, stakes, pieces)
    steps, matrix, earners = (
        system.steps(value, stakes, pieces),
        system.matrix(hazard),
        system.earners,
    )
    push = push_of(felt, pieces)
    if len(earners) < system.players:
        push = push[earners][:, earners]

    def product(x: Array) -> Array:
        each = x.reshape(len(earners), -1)
        moved = np.array([steps[j] @ one for j, one in zip(earners, each, strict=True)])
        return np.asarray((matrix @ each.T).T - np.einsum("ijs,js->is", push, moved)).ravel()

    size = system.unknowns
    smooth = spla.LinearOperator((size, size), product, dtype=float)
    return smooth, *_levels(system, felt, steps, pieces), error


def linearise(system: System, value: Array, pieces: Pieces) -> tuple[Matrix, Array]:
    """Derivative of (F, G) in the values and the L efforts on levels, and (F, G) itself.

    Values are those of the M players who ever earn anything; the others' are zero.

    Returns
    -------
    matrix : (M S + L, M S + L) array, sparse where large
    error : (M S + L,) array

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> system = System(race.markov())
    >>> value = lb.solve(race).equilibria[0].value
    >>> pieces = pieces_at(system, value, system.game.idle)
    >>> matrix, error = linearise(system, value, pieces)
    >>> matrix.shape, bool(abs(error).max() < 1e-9)
    ((10, 10), True)
    """
    if (apart := system.linearised(value, pieces)) is not None:
        return apart
    hazard = system.game.hazard(pieces.build)
    effect = system.effect(value)
    stakes = system.staked(effect, float(np.abs(value).max()))
    error = _conditions(system, value, pieces, hazard, effect)
    felt = system.felt(effect, stakes, pieces)
    if system.unknowns <= DENSE:
        steps = system.dense_steps(value, stakes, pieces)
        matrix = _dense(system, push_of(felt, pieces), steps, hazard)
        if pieces.level.any():
            matrix = _bordered(system, felt, steps, pieces, matrix)
        return matrix, error
    sparse = system.steps(value, stakes, pieces)
    smooth = _sparse(system, push_of(felt, pieces), sparse, hazard)
    if pieces.level.any():
        wings, pins = _levels(system, felt, sparse, pieces)
        bend = sp.diags_array(-_bend(pieces))
        smooth = sp.block_array([[smooth, wings], [pins, bend]], format="csr")
    return smooth, error


def residual(system: System, value: Array, pieces: Pieces) -> Array:
    """(M S + L,) the conditions (F, G) on the given pieces."""
    hazard, effect = system.game.hazard(pieces.build), system.effect(value)
    return _conditions(system, value, pieces, hazard, effect)


def _conditions(
    system: System, value: Array, pieces: Pieces, hazard: Array, effect: Array
) -> Array:
    game = system.game
    flow = np.einsum("js,ijs->is", hazard, effect)
    earned = pieces.together.earned if pieces.together else game.payoff(pieces.build)
    error = game.discount * value - earned - flow
    stakes = system.staked(effect, float(np.abs(value).max()))
    pinned = (stakes - pieces.target)[pieces.level]
    return np.concatenate([error[system.earners].ravel(), pinned])


def pieces_at(
    system: System, value: Array, build: Array, weight: float = 1.0, steep: bool = False
) -> Pieces:
    """The active pieces at a point; on levels the shares ``build`` are kept."""
    stakes = system.stakes(value)
    if system.noise > 0:
        return system.stage.noisy(stakes, system.noise)
    return system.stage.pieces(stakes, build, float(np.abs(value).max()), weight, steep)


def push_of(effect: Array, pieces: Pieces) -> Array:
    """(N, N, S) how each lab's value is pushed by each lab's stake, by way of its hazard.

    By the envelope theorem a lab's best reply moves none of its own value; a noisy one does, and
    one at a kink that moves with the others' shares.
    """
    if pieces.together:
        felt_by_all = np.einsum("...iks,...kls->...ils", effect, pieces.together.cross)
        felt_by_all += pieces.together.spill
        return np.asarray(felt_by_all)
    own = np.arange(effect.shape[-2])
    push = effect.copy()
    push[..., own, own, :] = pieces.marginal
    return np.asarray(push * pieces.slope[..., None, :, :])


def _dense(system: System, push: Array, steps: Array, hazard: Array) -> Array:
    """Derivative of F in V, the shares moving along their pieces: (M S, M S)."""
    earners, size = system.earners, system.size
    count = len(earners)
    if count < system.players:
        push, steps = push[earners][:, earners], steps[earners]
    blocks = -push[:, :, :, None] * steps
    own = np.arange(count)
    blocks[own, own] += system.dense_matrix(hazard)
    return blocks.transpose(0, 2, 1, 3).reshape(count * size, count * size)


def _sparse(
    system: System, push: Array, steps: Sequence[sp.csr_array], hazard: Array
) -> sp.csr_array:
    """The same as a sparse matrix."""
    evaluation, earners = system.matrix(hazard), system.earners.tolist()
    blocks = [
        [evaluation * (i == j) - sp.diags_array(push[i, j]) @ steps[j] for j in earners]
        for i in earners
    ]
    matrix = sp.block_array(blocks, format="csr")
    matrix.eliminate_zeros()
    return matrix


def _levels(
    system: System, felt: Array, steps: Sequence[sp.csr_array], pieces: Pieces
) -> tuple[sp.csr_array, sp.csr_array]:
    """Derivative of F in the L efforts on levels, and of G in V: sparse (M S, L) and (L, M S)."""
    player, state, columns = _wings(system, felt, pieces)
    count, size = len(system.earners), system.size
    rows = [k * size + state for k in range(count)]
    level = np.tile(np.arange(len(player)), count)
    shape = (count * size, len(player))
    wings = sp.csr_array(
        (columns[system.earners].ravel(), (np.concatenate(rows), level)), shape=shape
    )
    if not len(player):
        return wings, sp.csr_array((0, count * size))
    full = sp.block_diag(steps, format="csr")[player * size + state]
    pins = full[:, (system.earners[:, None] * size + np.arange(size)).ravel()]
    return wings, pins


def _bordered(system: System, felt: Array, steps: Array, pieces: Pieces, smooth: Array) -> Array:
    """The same as one dense array with the derivative of F in V: (M S + L, M S + L)."""
    player, state, columns = _wings(system, felt, pieces)
    size, levels, unknowns = system.size, len(player), len(smooth)
    full = np.zeros((unknowns + levels, unknowns + levels))
    full[:unknowns, :unknowns] = smooth
    border = np.arange(levels)
    place = {int(i): k for k, i in enumerate(system.earners)}
    for i, n in place.items():
        full[n * size + state, unknowns + border] = columns[i]
    for k in range(levels):
        if player[k] in place:
            first = place[player[k]] * size
            full[unknowns + k, first : first + size] = steps[player[k], state[k]]
    full[unknowns + border, unknowns + border] = -_bend(pieces)
    return full


def _bend(pieces: Pieces) -> Array:
    """(L,) how the target of each level moves with its effort."""
    return np.broadcast_to(pieces.bend, pieces.level.shape)[pieces.level]


def _wings(system: System, felt: Array, pieces: Pieces) -> tuple[States, States, Array]:
    """Player and state of each of L levels, and (N, L) how its effort moves each lab's F there."""
    game = system.game
    player, state = np.nonzero(pieces.level)
    cost = (pieces.target * game.scale)[player, state]  # of the next unit of effort
    own = player == np.arange(system.players)[:, None]
    columns = np.where(own, cost, 0.0) - game.scale[player, state] * felt[:, player, state]
    return player, state, columns
