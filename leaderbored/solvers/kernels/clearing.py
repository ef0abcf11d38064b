r"""A market that clears between two labs: what they sell, at which prices.

What it is stands in :mod:`leaderbored.games.cleared`, which is the twin: units are sold to M
customers up to what does not build or, if less, up to Y times those unserved, at which one more
brings nothing, and one number of unserved makes these add up.
"""

from __future__ import annotations

import numpy as np

from leaderbored.solvers.kernels.jit import compiled

STEPS = 60  # of Newton's method
ROUNDING = 1e-14  # of worths and of all customers


@compiled
def wanted(worth: float, tilt: float) -> float:
    """Logarithm of Y, the sales over the unserved at which one more is worth nothing.

    ``tilt`` is 1 where labs set quantities, 0 where they take prices as given.
    """
    if tilt == 0:
        return worth
    goal = worth - 1
    log = np.log(goal) if goal > 1 else goal
    for _ in range(STEPS):  # from above on a convex function
        ratio = np.exp(log)
        step = (log + ratio - goal) / (1 + ratio)
        log -= step
        if abs(step) <= 1e-15 * max(abs(log), 1.0):
            break
    return log


@compiled
def unserved(customers: float, first: float, most: float, second: float, other: float) -> float:
    """Customers unserved where two labs have room for sales, and sell up to multiples of these."""
    left = customers / (1 + most + other)
    out, also = first < most * left, second < other * left
    if out and not also:
        left = (customers - first) / (1 + other)
        also = second < other * left
    elif also and not out:
        left = (customers - second) / (1 + most)
        out = first < most * left
    return customers - (first + second) if out and also else left


@compiled
def margin(worth: float, tilt: float, ratio: float) -> float:
    """Worth of one more unit where so many are sold to each unserved, in units of taste."""
    return float(worth - np.log(ratio) - tilt * (1 + ratio))


@compiled
def clear(worth: float, tilt: float, rest: float, bare: float) -> float:
    """The same of a lab that sells out, not below zero; prices within rounding of zero are zero.

    ``rest`` is what customers and compute are to the unserved and to sales.
    """
    if tilt > 0:
        return max(bare, 0.0)
    return bare if bare > ROUNDING * (1 + abs(worth) + rest) else 0.0
