r"""Bounds on values that hold in every equilibrium, by the equations at one lead after another.

A lab's value t at a lead solves an equation whose left side,

.. math:: \rho t - P - h d - h' (V' - t),

rises with t, and falls with the lab's own values at the leads beside. So where it is above zero at
t for all that the others may do within bounds, the value is below t. No fixed point is needed for
this to hold: every step alone is valid.
"""

from __future__ import annotations

from typing import Any

from leaderbored.solvers.complete import lab
from leaderbored.solvers.complete.intervals import Interval, hull, meet, minus, plus, scaled, times
from leaderbored.solvers.kernels.jit import compiled

Array = Any


@compiled
def replies(p: Array, d: Interval) -> tuple[Interval, Interval]:
    """Payoffs with what success adds, and hazards, of all pieces that gains may lie on."""
    worth, hazard, none = (0.0, 0.0), (0.0, 0.0), True
    base = (p[lab.BASE], p[lab.BASE])
    for q in range(lab.PIECES):
        if not lab.has(p, q):
            continue
        on = meet(d, lab.gains(p, q))
        if on[0] > on[1]:
            continue
        w = plus(lab.worth(p, q, on), scaled(p[lab.BASE], on))
        h = plus(scaled(p[lab.SCALE], lab.effort(p, q, on)), base)
        worth, hazard = (w, h) if none else (hull(worth, w), hull(hazard, h))
        none = False
    return worth, hazard


@compiled
def left_side(
    rho: float, p: Array, t: float, ahead: float, behind: float, hazard: Interval, side: int
) -> float:
    """The left side at t at its lowest (side 1) or highest (side -1), given the values beside."""
    worth, _ = replies(p, minus((ahead, ahead), (t, t)))
    lost = times(hazard, minus((behind, behind), (t, t)))
    result = minus(minus(scaled(rho, (t, t)), worth), lost)
    return result[0] if side > 0 else result[1]


def tighten(rho: float, table: Array, low: Array, high: Array, rounds: int, least: float) -> bool:
    """Move bounds (2, S) on values towards each other, in place; whether anything is left."""
    size = low.shape[1]
    for _ in range(rounds):
        moved = 0.0
        for turn in range(2 * size):
            k = turn if turn < size else 2 * size - 1 - turn
            for i in range(2):
                forth = min(k + 1, size - 1) if i == 0 else max(k - 1, 0)
                back = max(k - 1, 0) if i == 0 else min(k + 1, size - 1)
                o, p = 1 - i, table[i, k]
                stake = minus((low[o, back], high[o, back]), (low[o, k], high[o, k]))
                _, hazard = replies(table[o, k], stake)
                fastest = rho + p[lab.BASE] + p[lab.SCALE] * p[lab.HIGH + 1] + hazard[1]
                t = high[i, k]
                r = left_side(rho, p, t, high[i, forth], high[i, back], hazard, 1)
                if r > 0:
                    t -= r / fastest * (1 - 1e-9)
                    if left_side(rho, p, t, high[i, forth], high[i, back], hazard, 1) > 0:
                        moved = max(moved, high[i, k] - t)
                        high[i, k] = t
                t = low[i, k]
                r = left_side(rho, p, t, low[i, forth], low[i, back], hazard, -1)
                if r < 0:
                    t -= r / fastest * (1 - 1e-9)
                    if left_side(rho, p, t, low[i, forth], low[i, back], hazard, -1) < 0:
                        moved = max(moved, t - low[i, k])
                        low[i, k] = t
                if low[i, k] > high[i, k]:
                    return False
        if not moved > least:
            break
    return True
