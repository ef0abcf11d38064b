r"""Games that end: the coupled Riccati equations, backward from the final costs.

In feedback :math:`-\dot P_i = Q_i + F'W_iF - S_iF - F'S_i' + \mathcal{L}(P_i)`; in open loop the
costates :math:`K_i x` obey :math:`-\dot K_i = Q_i - S_i F + A'K_i + K_i G` (Başar and Olsder 1999,
chapter 6). Both have one solution as far back as it stays finite.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.open_loop import change

integrate = late("scipy.integrate")

RTOL = 1e-11
STIFF = 5_000  # evaluations after which a method for stiff equations takes over
Fall = Callable[[Core, Array, Array], Array]  # of values and gains, one period earlier
HUGE = 1e10  # values, relative to what they start from and to the costs


@dataclass(frozen=True, eq=False)
class Path:
    """What a backward computation gives.

    Attributes
    ----------
    reached : float
        The time, from the end, to which values stay finite; the horizon if all is well.
    gains : callable
        From the time to the (M, d) gains; of a whole number in discrete time.
    costs : (N, d, d) array
        What each player pays from time 0 on.
    residual : float
        Largest error of the values along the way in their equation, relative; zero in discrete
        time, where each period is solved for.
    """

    reached: float
    gains: Callable[[float], Array]
    costs: Array
    residual: float


def backward(core: Core, horizon: float, information: str) -> Path:
    """Gains of the equilibrium of a game that ends.

    Parameters
    ----------
    core : Core
    horizon : float
    information : "feedback" or "open-loop"

    Examples
    --------
    >>> from leaderbored import Controller, LinearQuadratic
    >>> game = LinearQuadratic(0.0, [Controller("1", 1.0, 1.0, 1.0)], horizon=1.0)
    >>> path = backward(Core.of(game, affine=False), 1.0, "feedback")
    >>> path.reached, round(float(path.gains(0.0)[0, 0]), 6)  # tanh(1)
    (1.0, 0.761594)
    """
    fall = _feedback if information == "feedback" else change
    if core.continuous:
        return _continuous(core, horizon, fall)
    return _discrete(core, int(horizon), fall)


def _feedback(core: Core, values: Array, gains: Array) -> Array:
    """Values one period earlier; in continuous time their fall per unit of time."""
    ahead = core.running(gains) + core.flow(values, core.loop(gains))
    return ahead if core.continuous else ahead + values


def _both(core: Core, pair: Array, fall: Fall) -> Array:
    """The same of what the equations are in, and of what players pay."""
    values, costs = pair
    gains = core.gains(values)
    return np.stack([fall(core, values, gains), _feedback(core, costs, gains)])


def _continuous(core: Core, horizon: float, fall: Fall) -> Path:
    start = np.stack([core.final, core.final])
    size = max(np.abs(core.final).max(), np.abs(core.state).max(), 1e-300)

    def slope(_: float, flat: Array) -> Array:
        checkpoint()
        return _both(core, flat.reshape(start.shape), fall).ravel()

    def burst(_: float, flat: Array) -> float:
        return float(HUGE * max(1.0, size) - np.abs(flat).max())

    burst.terminal = True  # type: ignore[attr-defined]
    with np.errstate(all="ignore"):
        solved = solve_either(
            slope,
            (0.0, horizon),
            start.ravel(),
            rtol=RTOL,
            atol=1e-13 * size,
            events=burst,
            dense_output=True,
        )

    def gains(time: float) -> Array:
        return core.gains(solved.sol(horizon - time).reshape(start.shape)[0])

    costs = solved.y[:, -1].reshape(start.shape)[1]
    return Path(float(solved.t[-1]), gains, costs, _defect(slope, solved))


class _StiffError(Exception):
    pass


def solve_either(
    slope: Callable[[float, Array], Array],
    span: tuple[float, float],
    start: Array,
    most: int = STIFF,
    **options: Any,
) -> Any:
    """What scipy's ``solve_ivp`` finds by a precise method, or by LSODA where that takes too long.

    LSODA (Petzold 1983) changes to a method for stiff equations by itself.

    Examples
    --------
    >>> stiff = solve_either(lambda t, y: -1e6 * (y - 1), (0.0, 1.0), np.zeros(1), rtol=1e-9)
    >>> bool(abs(stiff.y[0, -1] - 1) < 1e-6), stiff.nfev < 5_000
    (True, True)
    """
    left = most

    def counted(time: float, y: Array) -> Array:
        nonlocal left
        left -= 1
        if left < 0:
            raise _StiffError
        return slope(time, y)

    try:
        return integrate.solve_ivp(counted, span, start, method="DOP853", **options)
    except _StiffError:
        return integrate.solve_ivp(slope, span, start, method="LSODA", **options)


def _defect(slope: Callable[[float, Array], Array], solved: Any) -> float:
    """How far each step is from the integral of the equation over it, relative to the values."""
    nodes, weights = np.polynomial.legendre.leggauss(6)
    worst = 0.0
    for k, (left, right) in enumerate(pairwise(solved.t.tolist())):
        middle, half = (left + right) / 2, (right - left) / 2
        slopes = [slope(t, solved.sol(t)) for t in (middle + half * nodes).tolist()]
        integral = half * (weights @ np.array(slopes))
        worst = max(worst, float(np.abs(solved.y[:, k + 1] - solved.y[:, k] - integral).max()))
    size = float(np.abs(solved.y).max())
    return worst / size if size else 0.0


def _discrete(core: Core, horizon: int, fall: Fall) -> Path:
    pair, found = np.stack([core.final, core.final]), list[Array]()
    for _ in range(horizon):
        checkpoint()
        try:
            gains = core.gains(pair[0])
        except np.linalg.LinAlgError:
            break
        if not core.convex(pair[0]) or not np.isfinite(gains).all():
            break
        found.append(gains)
        pair = _both(core, pair, fall)
    reached = len(found)
    return Path(float(reached), lambda time: found[reached - 1 - int(time)], pair[1], 0.0)
