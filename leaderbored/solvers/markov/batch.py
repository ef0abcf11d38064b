r"""Newton's method from many policies at once.

The steps are those of :mod:`leaderbored.solvers.markov.newton`, taken for B policies side by side:
one stacked solve serves all, which for small games costs a tenth of B solves one by one. Policies
first answer each other for a few rounds, some few and some many: what best replies lead to is found
after many rounds, what they lead away from is found after few or none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels.lines import tables_of
from leaderbored.solvers.kernels.rows import by_state
from leaderbored.solvers.markov.machine import MACHINE, by_machine
from leaderbored.solvers.markov.newton import (
    LARGEST_EFFORT_STEP,
    ROUNDING_STEP,
    STALLED_STEPS,
    Newton,
    push_of,
)
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import shortest

SAME_POINT = 1e-7  # distance, relative to the largest value, below which two points are one
MOST_POINTS = 50  # points looked at of those that one batch ends in: a continuum has no end of them
RUNAWAY_STEP = 1e6  # size of a step, relative to the values, of a policy that is given up
DIAGONAL_REPAIR = 1e-12  # in place of nothing on the diagonal, as of levels that move no value
SETTLED_EFFORTS = 1e-10  # last step in efforts, where these are unknowns
MATRIX_ENTRIES = 4_000_000  # of the matrices that are held at once


class Arrival(NamedTuple):
    """Value and build (N, S) of a point, and the numbers of the policies that led there."""

    value: Array
    build: Array
    starts: NDArray[np.int_]


@dataclass(frozen=True)
class Batch:
    """Settings of Newton's method from many policies.

    Parameters
    ----------
    replies : tuple of int
        Newton sets out after so many rounds of best replies, each in turn.
    steps : int
        Largest number of Newton steps.
    tolerance : float
        Size of a step, relative to the largest value, at which a policy has arrived.
    weights : tuple of float
        Of the gain in the choice of pieces, see :func:`.reply.active_pieces`; policies take turns.
    newton : Newton
        Polishes what was arrived at.
    machine : int
        Values from which on a race of two labs is worth loading machine code for, which does the
        same (:mod:`leaderbored.solvers.kernels.starts`).

    Examples
    --------
    >>> Batch().replies
    (0, 1, 4, 12)
    """

    replies: tuple[int, ...] = (0, 1, 4, 12)
    steps: int = 20
    tolerance: float = 1e-10
    weights: tuple[float, ...] = (100.0, 1.0)
    newton: Newton = field(default_factory=Newton)
    machine: int = MACHINE

    def run(self, system: System, shares: Array) -> Iterator[Arrival]:
        """The distinct points that shares (B, N, S) lead to.

        A point may be yielded once for each number of replies; none is certified yet.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2).markov()
        >>> points = Batch().run(System(game), np.array([game.idle, game.upper]))
        >>> {(round(float(one.build[0, 0]), 6), *one.starts.tolist()) for one in points}
        {(0.4, 0, 1)}
        """
        if (chance := by_machine(system, self.machine)) is not None:
            yield from self._by_kernel(system, chance, shares)
            return
        held = max(1, MATRIX_ENTRIES // (shares[0].size ** 2))
        for first in range(0, len(shares), held):
            for one in self._chunk(_Stack(system), shares[first : first + held]):
                yield one._replace(starts=one.starts + first)

    def phase(self, system: System) -> str:
        """What is said of it while it runs, and that it waits for its compiling, if so."""
        if by_machine(system, self.machine) is not None:
            from leaderbored.solvers.kernels.starts import is_ready  # brings numba

            if not is_ready(isinstance(system.game, Cleared)):
                return "compiling Newton from many policies, once on this machine"
        return "Newton from many policies"

    def _by_kernel(self, system: System, leapfrog: float, shares: Array) -> Iterator[Arrival]:
        """The same of a race of two labs, in machine code."""
        from leaderbored.solvers.kernels.starts import arrivals  # brings numba

        order = by_state(int(system.game.states.max()))
        line = np.empty_like(shares)
        line[..., order] = shares
        game = tables_of(system.game, leapfrog)
        found = arrivals(game, line, self.replies, self.weights, self.steps, self.tolerance)
        for here, value, build in zip(*(part.swapaxes(0, 1) for part in found), strict=True):
            there = Arrival(value[here][..., order], build[here][..., order], np.flatnonzero(here))
            yield from self._polished(system, there)

    def steeply(self, system: System, shares: Array, newton: Newton) -> Iterator[Arrival]:
        """The same with efforts for unknowns, by the rules of ``newton``, which is ``steep``.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2).markov()
        >>> steep, starts = Newton(steep=True, weights=(1.0,), steps=100), [game.idle, game.upper]
        >>> points = Batch().steeply(System(game), np.array(starts), steep)
        >>> [(round(float(one.build[0, 0]), 6), *one.starts.tolist()) for one in points]
        [(0.4, 0, 1)]
        """
        stack, held = _Stack(system), max(1, MATRIX_ENTRIES // (2 * shares[0].size) ** 2)
        for first in range(0, len(shares), held):
            arrived = _descended(stack, shares[first : first + held], newton)
            for one in self._polished(system, arrived, newton):
                yield one._replace(starts=one.starts + first)

    def _polished(
        self, system: System, every: Arrival, newton: Newton | None = None
    ) -> Iterator[Arrival]:
        for one in _distinct(every):
            checkpoint()
            point = (newton or self.newton).polish(system, one.value, one.build)
            if point is not None:
                yield Arrival(*point, one.starts)

    def _chunk(self, stack: _Stack, build: Array) -> Iterator[Arrival]:
        done = 0
        for rounds in self.replies:
            for _ in range(done, rounds):
                checkpoint()
                build = stack.reply(build)
            done = rounds
            yield from self._polished(stack.system, self._arrived(stack, build))

    def _arrived(self, stack: _Stack, build: Array) -> Arrival:
        """Values and shares (A, N, S) of those that arrive, and which (A,) they are."""
        value, weight = stack.evaluate(build), np.resize(self.weights, (len(build), 1, 1))
        start = np.arange(len(build))
        arrived = [Arrival(value[:0], build[:0], start[:0])]
        for _ in range(self.steps):
            checkpoint()
            value, build, move, shift = stack.step(value, build, weight)
            size = np.maximum(move, shift)
            here = size <= self.tolerance
            arrived.append(Arrival(value[here], build[here], start[here]))
            going = (size > self.tolerance) & (size < RUNAWAY_STEP)
            value, build = value[going], build[going]
            weight, start = weight[going], start[going]
            if len(value) == 0:
                break
        return Arrival(*(np.concatenate(parts) for parts in zip(*arrived, strict=True)))


def _descended(stack: _Stack, build: Array, newton: Newton) -> Arrival:
    """Where Newton's method with efforts for unknowns leads to, as far as rounding lets it come."""
    value, start, weight = stack.evaluate(build), np.arange(len(build)), newton.weights[0]
    best, stalls = np.full(len(build), np.inf), np.zeros(len(build), dtype=int)
    arrived = [Arrival(value[:0], build[:0], start[:0])]
    for k in range(newton.steps):
        checkpoint()
        value, build, move, shift = stack.step(
            value, build, np.full((len(start), 1, 1), weight), True
        )
        stalls += move > 0.5 * best
        if k > 0:  # values at the start may be zero, and the first move relative to nothing
            best = np.minimum(best, move)
        here = (move <= newton.tolerance) & (shift <= SETTLED_EFFORTS)
        here |= (stalls >= STALLED_STEPS) & (best <= ROUNDING_STEP)
        arrived.append(Arrival(value[here], build[here], start[here]))
        lost = (stalls > STALLED_STEPS) & (k >= 4) & (best > ROUNDING_STEP)
        going = np.isfinite(move) & ~here & ~lost
        value, build, start = value[going], build[going], start[going]
        best, stalls = best[going], stalls[going]
        if len(start) == 0:
            break
    return Arrival(*(np.concatenate(parts) for parts in zip(*arrived, strict=True)))


def _distinct(every: Arrival) -> Iterator[Arrival]:
    values, builds, starts = every
    for _ in range(MOST_POINTS):
        if len(values) == 0:
            return
        apart = np.abs(values - values[0]).max(axis=(1, 2)) > SAME_POINT * _scale(values)[:, 0, 0]
        yield Arrival(values[0], builds[0], starts[~apart])
        values, builds, starts = values[apart], builds[apart], starts[apart]


def _scale(value: Array) -> Array:
    """(B, 1, 1) largest value of each."""
    largest: Array = np.abs(value).max(axis=(1, 2), keepdims=True)
    return np.where(largest > 0, largest, 1.0)


class _Stack:
    """The equations of :class:`.system.System` and their derivatives for (B, N, S) at once."""

    def __init__(self, system: System) -> None:
        self.system, self.game = system, system.game
        self.players, self.size = system.players, system.size
        places = [np.nonzero(move) for move in system.dense_moves]
        self.places = places
        self.moves = [move[place] for move, place in zip(system.dense_moves, places, strict=True)]

    def evaluate(self, build: Array) -> Array:
        """(B, N, S) values when the players build so for ever."""
        game, hazard = self.game, self.game.hazard(build)
        matrix = np.zeros((len(build), self.size, self.size))
        matrix[:, np.arange(self.size), np.arange(self.size)] = game.discount
        for j, (row, column) in enumerate(self.places):
            matrix[:, row, column] -= hazard[:, j, row] * self.moves[j]
        payoff = game.payoff(build).transpose(0, 2, 1)
        try:
            value = np.linalg.solve(matrix, payoff)
        except np.linalg.LinAlgError:
            if not game.grows:
                raise
            return np.array([self.system.evaluate(share) for share in build])
        return np.ascontiguousarray(value.transpose(0, 2, 1))

    def effect(self, value: Array) -> Array:
        """(B, N, N, S) array E with E[b, i, j, s] = P_j V_i - V_i."""
        rows = value.reshape(-1, self.size)
        moved = [(rows @ move.T).reshape(value.shape) for move in self.system.dense_moves]
        return np.stack(moved, axis=2)

    def reply(self, build: Array) -> Array:
        """(B, N, S) best replies to shares."""
        value = self.evaluate(build)
        scale = _scale(value)
        return self.system.stage.reply(self.system.staked(self.effect(value), scale), scale)

    def step(
        self, value: Array, build: Array, weight: Array, steep: bool = False
    ) -> tuple[Array, Array, Array, Array]:
        """Values, shares, and the sizes (B,) of a Newton step in both; not finite if there is none.

        Those in values are relative to the largest value, those in shares are of the efforts.
        """
        game, system, count = self.game, self.system, len(value)
        scale, effect = _scale(value), self.effect(value)
        stakes = system.staked(effect, scale)
        pieces = system.stage.pieces(stakes, build, scale, weight, steep)
        hazard, felt = game.hazard(pieces.build), system.felt(effect, stakes, pieces)
        flow = np.einsum("bjs,bijs->bis", hazard, effect)
        earned = pieces.together.earned if pieces.together else game.payoff(pieces.build)
        error = game.discount * value - earned - flow
        error = error[:, system.earners].reshape(count, -1)
        places = np.nonzero(pieces.level)
        column = _counted(pieces.level)
        levels = int(column.max(initial=-1)) + 1
        weights = self._weights(effect, stakes, pieces)
        matrix = self._matrix(push_of(felt, pieces), weights, hazard, levels)
        rhs = np.concatenate([-error, np.zeros((count, levels))], axis=1)
        if levels:
            self._border(matrix, felt, pieces, weights, column)
            at = error.shape[1] + column
            bend = np.broadcast_to(pieces.bend, pieces.level.shape)[places]
            matrix[places[0], at, at] = -bend if steep else -DIAGONAL_REPAIR
            rhs[places[0], at] = (pieces.target - stakes)[places]
        solved = _solved(matrix, rhs)
        if steep:  # directions may be left open, as by indifference
            for b in np.flatnonzero(~(np.abs(solved).max(axis=1) < RUNAWAY_STEP * scale[:, 0, 0])):
                solved[b] = shortest(matrix[b], rhs[b])
        part, shift = np.split(solved, [error.shape[1]], axis=1)
        move = np.zeros_like(value)
        move[:, system.earners] = part.reshape(count, -1, self.size)
        moved = np.abs(move).max(axis=(1, 2)) / scale[:, 0, 0]
        shifted = np.abs(shift).max(axis=1, initial=0.0)
        if steep:
            stretch = LARGEST_EFFORT_STEP / np.maximum(shifted, LARGEST_EFFORT_STEP)
            move, shift = stretch[:, None, None] * move, stretch[:, None] * shift
        effort = game.effort(pieces.build)
        effort[places] += shift[places[0], column]
        build = np.where(pieces.level, game.share(effort), pieces.build)
        return value + move, build, moved, shifted

    def _weights(self, effect: Array, stakes: Array, pieces: Pieces) -> Array:
        """(B, N, S) by how much a stake moves with what a jump of its owner adds to the value."""
        weights, speed = np.ones_like(stakes), self.game.speed
        if speed is not None:
            lab = np.arange(len(speed))
            worth = self.system.worth(stakes, effect[:, lab, lab - len(lab)])[:, lab]
            weights[:, lab - len(lab)] = self.system.beside(stakes, pieces) / worth
            weights[:, lab] /= worth
        return weights

    def _matrix(self, push: Array, weights: Array, hazard: Array, levels: int) -> Array:
        """Derivative of F in V, and room for so many levels, empty ones on the diagonal."""
        size, earners = self.size, self.system.earners
        values = len(earners) * size
        matrix = np.zeros((len(push), values + levels, values + levels))
        matrix[:, np.arange(values), np.arange(values)] = self.game.discount
        matrix[:, np.arange(values, values + levels), np.arange(values, values + levels)] = 1.0
        for k, (row, column) in enumerate(self.places):
            entries = hazard[:, k, row] * self.moves[k]
            for first in range(0, values, size):
                matrix[:, first + row, first + column] -= entries
        for n, j in enumerate(earners.tolist()):
            for k in self.game.owned(j):
                row, column = self.places[k]
                step = weights[:, k, row] * self.moves[k]
                for m, i in enumerate(earners.tolist()):
                    if push[:, i, j].any():  # a best reply alone moves none of its own value
                        entries = push[:, i, j, row] * step
                        matrix[:, m * size + row, n * size + column] -= entries
        return matrix

    def _border(
        self,
        matrix: Array,
        felt: Array,
        pieces: Pieces,
        weights: Array,
        column: NDArray[np.int_],
    ) -> None:
        """How the efforts on levels move F, and how V moves the stakes that are pinned there."""
        game, system, places = self.game, self.system, np.nonzero(pieces.level)
        b, player, state = places
        at = system.unknowns + column
        cost = (pieces.target * game.scale)[places]
        for m, i in enumerate(system.earners.tolist()):
            push = game.scale[player, state] * felt[b, i, player, state]
            matrix[b, m * self.size + state, at] = np.where(player == i, cost, 0.0) - push
            for k in game.owned(i):
                mine = np.flatnonzero(player == i)
                rows = m * self.size + np.arange(self.size)
                step = weights[b, k, state][mine, None] * system.dense_moves[k, state[mine]]
                matrix[b[mine, None], at[mine, None], rows] += step


def _counted(level: NDArray[np.bool_]) -> NDArray[np.int_]:
    """Of each level, its place among the levels of its policy."""
    count = level.sum(axis=(1, 2))
    first: NDArray[np.int_] = np.repeat(np.cumsum(count) - count, count)
    return np.arange(len(first)) - first


def _solved(matrix: Array, rhs: Array) -> Array:
    """Solutions (B, n) of a stack of systems; not a number where a matrix is singular."""
    try:
        return np.asarray(np.linalg.solve(matrix, rhs[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        if len(rhs) == 1:
            return np.full_like(rhs, np.nan)
        half = len(rhs) // 2
        parts = _solved(matrix[:half], rhs[:half]), _solved(matrix[half:], rhs[half:])
        return np.concatenate(parts)
