r"""Pure equilibria of contests, by share functions.

A lab is asked not for its best reply to the others, but for the share :math:`s` of the aggregate
:math:`X = \sum_j t_j B_j^r` that it supplies when its choice is a best reply. At the marginal
cost :math:`c` of building,

.. math:: V r\, s (1 - s) = c\, B, \qquad t B^r = s X
          \quad\Longrightarrow\quad a\, s^q = 1 - s, \quad
          a = \frac{c}{V r} \Bigl(\frac{X}{t}\Bigr)^{1/r}, \quad q = \frac1r - 1,

and an equilibrium is an aggregate at which the shares add up to one (Szidarovszky and Okuguchi
1997; Cornes and Hartley 2005). For :math:`r \le 1` every share falls in the aggregate: one root.
For :math:`r > 1` a lab may also stay out, and which labs do is searched.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.contest.branches import branches
from leaderbored.solvers.contest.certificate import MANY, regret
from leaderbored.solvers.contest.proof import proved
from leaderbored.solvers.contest.shares import aggregate_equilibrium
from leaderbored.solvers.contest.stability import best_reply_radius
from leaderbored.solvers.hunt import converged
from leaderbored.solvers.solution import Census, Found, StaticEquilibrium, Status

NEUTRAL = 1e-6  # distance of a spectral radius from one that rounding may have made


@dataclass(frozen=True)
class ContestMethod:
    """How to solve a contest.

    Parameters
    ----------
    tolerance : float
        Largest regret of an equilibrium, relative to a lab's payoff.
    same : float
        Distance, relative to the largest, below which the compute that labs build with is the
        same, and two equilibria are one. It counts where the decisiveness is above one, as do:
    few : int
        Number of labs up to which every combination of what they choose is searched; of more
        labs those in which the ones that build most cheaply do.
    combinations : int
        Most combinations that are searched.

    Examples
    --------
    >>> ContestMethod().tolerance
    1e-10
    """

    tolerance: float = 1e-10
    same: float = 1e-7
    few: int = 12
    combinations: int = 20_000


def equilibria(
    contest: ContestArrays,
    method: ContestMethod | None = None,
    *,
    all: bool | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Found[StaticEquilibrium]:
    """Pure equilibria of a contest.

    Parameters
    ----------
    contest : ContestArrays
    method : ContestMethod, optional
    all : bool, optional
        Whether to return every equilibrium that is found (the default) or one.
    budget, progress : optional
        As of :func:`leaderbored.solve`.

    Returns
    -------
    Found
        Equilibria by falling aggregate. Each was checked against every deviation of one lab.

    Examples
    --------
    >>> from leaderbored.race.contest import Contest
    >>> found = equilibria(Contest.of([1.0] * 3, price=[1.0, 1.5, 2.0], prize=1.0))
    >>> [round(81 * float(b[0])) for b in found.equilibria[0].strategies.values()]
    [20, 12, 4]
    """
    method, budget = method or ContestMethod(), budget or Budget(None)
    try:
        with np.errstate(all="ignore"):  # what overflows has a regret that says so
            builds, census = _search(contest, method, budget, progress)
    except StoppedError:
        stopped = Status("stopped", "the budget ran out", "give more time")
        return Found([], stopped, Census("partial", "stopped", {}, None))
    points = []
    for build in builds:
        with np.errstate(all="ignore"):
            points.append(_certified(contest, build))
        if budget.spent() and len(points) < len(builds):
            census = Census("partial", "stopped", census.engines, None)
            break
    good = [
        point
        for point in points
        if point.regret <= method.tolerance and np.isfinite(point.payoffs).all()
    ]
    if all is False and len(good) > 1:
        good, census = good[:1], Census("partial", "one was asked for", census.engines, None)
    return Found(good, _status(contest, len(good), len(points)), census)


def _status(contest: ContestArrays, good: int, tried: int) -> Status:
    if good:
        return converged(good)
    if contest.decisiveness > 1:
        return Status(
            "not converged",
            f"no pure equilibrium was found among {tried} candidates",
            "discretise the contest and solve for mixed equilibria; or lower the decisiveness",
        )
    if tried == 0 and np.count_nonzero(contest.hi) == 1:
        message = "no pure equilibrium: only one lab can build, and the smallest amount would win"
        return Status("not converged", message, "let a second lab build")
    return Status(
        "not converged",
        "the equilibrium is less precise than the tolerance",
        "bring prizes, prices and compute to similar sizes, or raise the tolerance",
    )


def _search(
    contest: ContestArrays, method: ContestMethod, budget: Budget, progress: Progress | None
) -> tuple[list[Array], Census]:
    if not contest.hi.any():
        nobody = Census("proved", "no lab can build", {"share functions": 1}, None)
        return [np.zeros(len(contest))], nobody
    if contest.decisiveness <= 1:
        build, _ = aggregate_equilibrium(contest, budget=budget, progress=progress)
        found = [build] if np.isfinite(build).all() else []
        return found, _unique(contest, build)
    if len(contest) > MANY:
        return [], Census("partial", f"more than {MANY} labs at r > 1: not tried", {}, None)
    builds, missed = branches(contest, method, budget, progress)
    engines = {"share functions": len(builds)}
    if missed:
        return builds, Census("partial", f"{missed}: some may be missing", engines, None)
    message = "every combination of corners, kinks and interior replies was searched on a grid"
    return builds, Census("searched", message, engines, None)


def _unique(contest: ContestArrays, build: Array) -> Census:
    engines = {"share functions": int(np.isfinite(build).all())}
    alone = np.flatnonzero(build)
    if len(alone) == 1 and build[alone[0]] > contest.lo[alone[0]]:
        return Census("partial", "one lab builds, for free: it may build less", engines, None)
    message = "with r <= 1 payoffs are concave and shares fall in the aggregate: one root"
    return Census("proved", message, engines, None)


def _certified(contest: ContestArrays, build: Array) -> StaticEquilibrium:
    payoffs = contest.payoffs(build)
    radius = best_reply_radius(contest, build)
    return StaticEquilibrium(
        strategies=dict(zip(contest.names, build[:, None], strict=True)),
        payoffs=payoffs,
        regret=float(regret(contest, build).max()),
        stable=None if radius is None or abs(radius - 1) < NEUTRAL else radius < 1,
        method="share functions",
        radius=radius,
        proof=proved(contest, build),
    )
