"""Index and stability of solved continuous games, by the derivative of their conditions."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.linear import regular_sign

AT_BOUND = 1e-7  # of a scaled F that is zero at a bound


def index(program: Program, z: Array) -> int:
    """1 or -1 where a solution is regular, 0 where it is not: the sign of a determinant.

    Unknowns at a bound do not count. Over all points that meet the first-order conditions of a game
    on a bounded set, false ones included, the indices add up to one.
    """
    sides = _sides(program, z)
    if sides is None:
        return 0
    return regular_sign(sides[0], AT_BOUND)


def _sides(program: Program, z: Array) -> tuple[Array, Array] | None:
    """The derivative of F in the free unknowns, and which they are.

    None if one is at a bound and free at once, or a derivative is not defined.
    """
    f = program.residual(z[None])[0]
    own, rest = (part[0] for part in program.jacobian(z[None]))
    at_bound = (z <= program.lower) | (z >= program.upper)
    with np.errstate(invalid="ignore"):
        jacobian = own + rest
    part = jacobian[np.ix_(~at_bound, ~at_bound)]
    if not np.isfinite(part).all():
        return None
    size = np.nanmax(np.abs(np.where(np.isfinite(jacobian), jacobian, 0.0)), axis=1)
    slack = np.abs(f) < AT_BOUND * np.where(size > 0, size, 1.0)
    if (at_bound & (program.lower < program.upper) & slack).any():
        return None
    return part, ~at_bound


def radius(program: Program, z: Array) -> float | None:
    """Spectral radius of the best-reply map; None where replies have a corner or no derivative.

    Copies of a player are moved together and against each other.
    """
    sides = _sides(program, z)
    if sides is None:
        return None
    _, free = sides
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


def _block(program: Program, free: Array, g: int) -> Array:
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
