"""Index and stability of solved continuous games, by the derivative of their conditions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.linear import sign_whichever

AT_BOUND = 1e-7  # of a scaled F that is zero at a bound


def index(program: Program, z: Array) -> int:
    """1 or -1 where a solution is regular, 0 where it is not: the sign of a determinant.

    Unknowns at a bound do not count. Over all points that meet the first-order conditions of a game
    on a bounded set, false ones included, the indices add up to one.
    """
    jacobian, bound, loose = _sides(program, z)
    return sign_whichever(jacobian, bound, loose, AT_BOUND)


def _sides(program: Program, z: Array) -> tuple[Array, NDArray[np.bool_], NDArray[np.bool_]]:
    """The derivative of F, which unknowns are at a bound, and which of them might as well leave it.

    The derivative may be undefined, or infinite.
    """
    f = program.residual(z[None])[0]
    own, rest = (part[0] for part in program.jacobian(z[None]))
    at_bound = (z <= program.lower) | (z >= program.upper)
    with np.errstate(invalid="ignore"):
        jacobian = own + rest
    size = np.nanmax(np.abs(np.where(np.isfinite(jacobian), jacobian, 0.0)), axis=1)
    slack = np.abs(f) < AT_BOUND * np.where(size > 0, size, 1.0)
    return jacobian, at_bound, at_bound & (program.lower < program.upper) & slack


def radius(program: Program, z: Array) -> float | None:
    """Spectral radius of the best-reply map; None where replies have a corner or no derivative.

    Copies of a player are moved together and against each other.
    """
    jacobian, bound, loose = _sides(program, z)
    free = ~bound
    if loose.any() or not np.isfinite(jacobian[np.ix_(free, free)]).all():
        return None
    own, rest = (part[0] for part in program.jacobian(z[None]))
    shared = slice(program.m - program.code.shared, program.m)
    n, size = program.n, 0.0
    replies = np.zeros((n, n))
    for g, mine in enumerate(program.own):
        block, copies = _block(program, free, g), int(program.count[g])
        moved = np.isin(block, mine)
        if not moved.any():
            continue
        by_self, by_others = own.copy(), rest[:, :n].copy()
        by_self[:, n:] += rest[:, n:]
        met = (own + rest)[shared, :n]  # a shared constraint is every player's own
        by_self[shared, mine], by_others[shared] = met[:, mine] / copies, met
        by_others[shared, mine] *= 1 - 1 / copies
        try:
            answer = -np.linalg.solve(by_self[np.ix_(block, block)], by_others[block])[moved]
        except np.linalg.LinAlgError:
            return None
        replies[block[moved]] = answer
        if copies > 1:
            among = np.linalg.eigvals(answer[:, block[moved]]) / (copies - 1)
            size = max(size, float(np.abs(among).max()))
    return max(size, float(np.abs(np.linalg.eigvals(replies)).max()))


def _block(program: Program, free: NDArray[np.bool_], g: int) -> Array:
    """Unknowns that move when a player of group g replies."""
    n, member = program.n, program.code
    kinks = [n + k for k, owner in enumerate(member.kink_owner) if owner == g]
    having = [h for h, group in enumerate(program.groups) if group.player.total is not None]
    level = [n + member.kinks + having.index(g)] if g in having else []
    price = [*range(program.m - member.shared, program.m)]
    first = n + member.kinks + len(having) + sum(map(len, member.equal_own[:g]))
    alone = [*range(first, first + len(member.equal_own[g]))]
    every = np.array([*program.own[g], *kinks, *level, *alone, *price], dtype=int)
    return np.asarray(every[free[every]])
