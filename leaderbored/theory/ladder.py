r"""The ladder game, solved rung by rung without any closed form.

With leapfrogging and equal labs, a leader g rungs ahead solves

.. math:: D u_g = \max_b\, (1 - b) r_g + \lambda b^{\theta} (u_{g+1} - u_g),
          \qquad D = \rho + (N - 1) \lambda b_0^{\theta},

from the top down; the top rung sells. Every equation is concave and increasing in :math:`u_g`, so
that Newton's method climbs to its root from the left; the fixed point in D is bisected. Arrays of
ladders are solved at once.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array

NEWTON = 60
BISECT = 60

Stage = Callable[[Array, Array, float, float], tuple[Array, Array]]


def compute_stage(revenue: Array, gain: Array, lam: float, theta: float) -> tuple[Array, Array]:
    """Building forgoes sales: the best share and what it is worth.

    Examples
    --------
    >>> [part.tolist() for part in compute_stage(np.ones(1), np.ones(1), 1.0, 0.5)]
    [[0.25], [1.25]]
    """
    with np.errstate(divide="ignore"):
        share = np.minimum((theta * lam * gain / revenue) ** (1 / (1 - theta)), 1.0)
    return share, (1 - share) * revenue + lam * share**theta * gain


def money_stage(revenue: Array, gain: Array, lam: float, theta: float) -> tuple[Array, Array]:
    """Building costs money, one per unit, without a bound.

    Examples
    --------
    >>> [part.tolist() for part in money_stage(np.ones(1), np.ones(1), 1.0, 0.5)]
    [[0.25], [1.25]]
    """
    spent = (theta * lam * gain) ** (1 / (1 - theta))
    return spent, revenue - spent + lam * spent**theta * gain


def climb(
    revenue: Array, rate: Array, lam: float, theta: float, stage: Stage = compute_stage
) -> tuple[Array, Array]:
    """Shares and values at the discount rate D.

    Parameters
    ----------
    revenue : (..., G + 1) array
        r_0, ..., r_G; not falling in g.
    rate : (...) array
        D; 1/year.
    lam, theta : float
        The hazard.
    stage : callable
        What building costs.

    Returns
    -------
    build, value : (..., G + 1) arrays

    Examples
    --------
    >>> build, value = climb(np.array([1.0, 2.0]), np.array(0.5), 1.0, 0.5)
    >>> value.round(4).tolist()
    [2.7639, 4.0]
    """
    build, value = np.zeros_like(revenue), np.zeros_like(revenue)
    value[..., -1] = revenue[..., -1] / rate
    for g in range(revenue.shape[-1] - 2, -1, -1):
        here, above = revenue[..., g], value[..., g + 1]
        u = here / rate
        for _ in range(NEWTON):
            share, worth = stage(here, np.maximum(above - u, 0.0), lam, theta)
            move = (worth - rate * u) / (rate + lam * share**theta)
            u = u + move
            if np.abs(move).max() <= 1e-15 * np.abs(u).max():
                break
        value[..., g] = u
        build[..., g] = stage(here, np.maximum(above - u, 0.0), lam, theta)[0]
    return build, value


def settle(
    revenue: Array, labs: int, rho: float, lam: float, theta: float
) -> tuple[Array, Array, Array]:
    """The symmetric Markov-perfect equilibrium of a ladder: the root in the rivals' hazard.

    Parameters
    ----------
    revenue : (..., G + 1) array
        r_0, ..., r_G; not falling in g.
    labs : int
        N.
    rho, lam, theta : float

    Returns
    -------
    build, value : (..., G + 1) arrays
        b_g and u_g.
    rivals : (...) array
        h_F, the rivals' hazard.

    Examples
    --------
    >>> build, _, rivals = settle(np.array([1.0, 1.8, 1.8]), 2, 0.1, 1.0, 0.5)
    >>> build.round(6).tolist(), rivals.round(6).item()
    ([0.234391, 0.0, 0.0], 0.484139)
    """
    low = np.zeros(revenue.shape[:-1])
    top = climb(revenue, rho + low, lam, theta)[0][..., 0]
    high = (labs - 1) * lam * top**theta  # replies fall in D, so the root is below
    for _ in range(BISECT):
        middle = (low + high) / 2
        build = climb(revenue, rho + middle, lam, theta)[0]
        below = (labs - 1) * lam * build[..., 0] ** theta > middle
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    rivals = (low + high) / 2
    build, value = climb(revenue, rho + rivals, lam, theta)
    return build, value, rivals
