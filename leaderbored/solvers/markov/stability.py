r"""Stability of an equilibrium under best-response dynamics.

When the others' shares drift by a little, values move, gains move, and the best replies move.
The largest modulus among the eigenvalues of that map at the equilibrium, its spectral radius, is
the factor by which a small doubt grows or dies from one round of replies to the next.

At a kink the map has one derivative on each side, and at a gain of zero it may have none: hazards
go with a power below one of the gain. A radius above one then need not mean a thing. So before an
equilibrium is called unstable best replies are played from efforts a little beside it, and where
they return the radius is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels.lines import tables_of
from leaderbored.solvers.kernels.rows import by_state
from leaderbored.solvers.markov.machine import by_machine
from leaderbored.solvers.markov.newton import push_of
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE, factorise, solve_linear

FACTORISE = 1_000  # states up to which one factorisation pays for the many solves here
ROUGH, FINE = 1e-2, 1e-3  # how well the radius is known then: far from one, and near it
NEAR = 2.0  # factor from one within which it is near
STEPS = 100  # of Arnoldi's method
SHARE = 0.3  # of the accuracy asked for, the error that is allowed to the solves of a step
LOOSEST = 0.1  # relative residual of any such solve


@dataclass(frozen=True)
class Stability:
    """How it is found out whether best replies return to an equilibrium from beside it.

    Parameters
    ----------
    starts : int
        Efforts beside those of the equilibrium from which all must return.
    seed : int
        Of these.
    beside : float
        How far off they are at most, of the range of efforts.
    rounds : int
        Most rounds of best replies from each.
    returned, exact : float
        They have returned when the distance in values is this part of the first one, or of the
        largest value.
    away : float
        They have left when it is so many times the first one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lb.Method(stability=Stability(starts=8)).stability.rounds
    200
    """

    starts: int = 4
    seed: int = 1
    beside: float = 1e-4
    rounds: int = 200
    returned: float = 1e-2
    exact: float = 1e-11
    away: float = 1e3


def stability(
    system: System, point: Point, sides: Iterable[Pieces], method: Stability | None = None
) -> float:
    """Spectral radius on the worse side of every kink; nan if it is above one without effect.

    Parameters
    ----------
    system : System
    point : Point
        The equilibrium.
    sides : iterable of Pieces
        The active pieces, with the slopes on the sides of the kinks.
    method : Stability, optional

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> [found.stable for found in lb.solve(race, all=True).equilibria]
    [True, False, True]
    """
    worst = max(spectral_radius(system, point.value, side) for side in sides)
    back = worst >= 1 and returns(system, point, method or Stability())
    return float("nan") if back else worst


def returns(system: System, point: Point, method: Stability) -> bool:
    """Whether best replies lead back from some efforts a little beside those of an equilibrium."""
    game, random = system.game, np.random.default_rng(method.seed)
    scale = float(np.abs(point.value).max()) or 1.0
    low, high = game.effort(game.lower), game.effort(game.upper)

    def distance(build: Array) -> tuple[Array, float]:
        value = system.evaluate(build)
        return value, float(np.abs(value - point.value).max()) / scale

    def beside() -> Array:
        moved = method.beside * (high - low) * random.uniform(-1, 1, low.shape)
        return game.share(np.clip(game.effort(point.build) + moved, low, high))

    starts = [beside() for _ in range(method.starts)]
    if (chance := by_machine(system)) is not None:
        return _by_kernel(system, chance, point.value, np.array(starts), method)
    for start in starts:
        build, (value, first) = start, distance(start)
        near = max(method.returned * first, method.exact)
        for _ in range(method.rounds):
            build = system.reply(value, scale, build)
            value, apart = distance(build)
            if apart <= near or apart > method.away * first:
                break
        if not apart <= near:
            return False
    return True


def _by_kernel(
    system: System, leapfrog: float, value: Array, starts: Array, method: Stability
) -> bool:
    """The same of a race of two labs, in machine code."""
    from leaderbored.solvers.kernels.returning import returns as kernel  # brings numba

    line = by_state(int(system.game.states.max())).argsort()
    ends = method.returned, method.exact, method.away
    game = tables_of(system.game, leapfrog)
    return kernel(game, value[:, line], starts[..., line], method.rounds, ends)


def spectral_radius(system: System, value: Array, pieces: Pieces) -> float:
    """Spectral radius of the best-response map, in the stakes, at an equilibrium.

    Parameters
    ----------
    system : System
    value : (N, S) array
        Equilibrium values.
    pieces : Pieces
        The active pieces there; on a level the reply jumps and the radius is infinite.

    Returns
    -------
    float
        Below one: best-response dynamics returns to the equilibrium from nearby.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> lb.solve(race).equilibria[0].radius < 1
    True
    """
    if pieces.level.any():
        return float("inf")
    stakes = system.stakes(value)
    effect = system.felt(system.effect(value), stakes, pieces)
    push, hazard = push_of(effect, pieces), system.game.hazard(pieces.build)
    player, state = np.nonzero(push.any(axis=0))
    if len(player) == 0:
        return 0.0
    if system.unknowns <= DENSE:
        inverse = np.asarray(np.linalg.inv(system.dense_matrix(hazard)), float)
        return _radius(system.dense_steps(value, stakes, pieces), inverse, push)
    steps, matrix = system.steps(value, stakes, pieces), system.matrix(hazard)
    count = len(player)
    if system.size <= DENSE and count <= 2 * DENSE:
        return _radius(steps, np.asarray(np.linalg.inv(matrix.toarray()), float), push)

    del effect  # in large games these are the largest arrays

    def respond(shift: Array, relative: float) -> Array:
        """Change of the stakes to which some reply moves, after replies to a shift of theirs."""
        checkpoint()
        stake = np.zeros(value.shape)
        stake[player, state] = shift
        moved = invert(np.einsum("ils,ls->is", push, stake).T, relative).T
        answer = np.array([step @ v for step, v in zip(steps, moved, strict=True)])
        return np.asarray(answer[player, state])

    if system.size <= FACTORISE or system.by_factors:
        solve = factorise(matrix).solve

        def invert(rhs: Array, relative: float) -> Array:
            return solve(rhs)
    else:

        def invert(rhs: Array, relative: float) -> Array:
            return solve_linear(matrix, rhs, direct=False, relative=relative)

    radius = _largest(respond, count, ROUGH)
    return _largest(respond, count, FINE) if 1 / NEAR < radius < NEAR else radius


def _largest(respond: Callable[[Array, float], Array], count: int, wanted: float) -> float:
    """Largest modulus of an eigenvalue of a map of (count,) arrays; nan if it is not found.

    By Arnoldi's method (Quarterly of Applied Mathematics 9, 1951) without restarts: most radii are
    known after two or three dozen steps, each of which is a linear solve. The nearer the radius is
    to be known, the less exact need the solves be (Simoncini and Szyld, SIAM Journal on Scientific
    Computing 25, 2003). The basis is kept in single precision, which is far beyond that.

    Parameters
    ----------
    respond : callable
        The map of an array, up to a relative error.
    count : int
    wanted : float
        Relative accuracy of the radius.
    """
    basis, projected = np.empty((STEPS + 1, count), np.float32), np.zeros((STEPS + 1, STEPS))
    basis[0] = 1 / np.sqrt(count)
    open_ = 1.0  # the relative error of the radius
    for k in range(STEPS):
        image = respond(basis[k].astype(float), min(SHARE * wanted / open_, LOOSEST))
        size = float(np.linalg.norm(image))
        if not np.isfinite(size):
            break
        unit = (image / (size or 1.0)).astype(np.float32)
        for _ in range(2):  # once more, for what rounding left
            along = basis[: k + 1] @ unit
            projected[: k + 1, k] += size * along
            unit -= along @ basis[: k + 1]
        rest = float(np.linalg.norm(unit))
        projected[k + 1, k] = left = size * rest
        values, vectors = np.linalg.eig(projected[: k + 1, : k + 1])
        first = int(np.abs(values).argmax())
        radius = float(np.abs(values[first]))
        missed = left * abs(vectors[-1, first])
        if missed <= wanted * radius or k + 1 == count:
            return radius
        basis[k + 1] = unit / rest
        open_ = min(missed / radius if radius > 0 else 1.0, 1.0)
    return float("nan")


def _radius(steps: Sequence[sp.csr_array] | Array, inverse: Array, push: Array) -> float:
    """The radius of the map of best replies on the stakes to which some reply moves."""
    player, state = np.nonzero(push.any(axis=0))
    result = np.empty((len(player), len(player)))
    for j, step in enumerate(steps):
        rows = player == j
        result[rows] = (step @ inverse)[state[rows]][:, state] * push[j, player, state]
    return float(np.abs(np.linalg.eigvals(result)).max())
