"""Proof of the equilibrium of a contest whose decisiveness is at most one, in balls.

The shares of all labs fall in the logarithm x of the aggregate (see the head of this package), so
that their sum is one at one x only. Where it is above one at one end of a short interval and below
at the other, in balls of python-flint, the equilibrium lies between, and with it what labs build.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from flint import arb, ctx

from leaderbored.games.markov import Array
from leaderbored.race.contest import ContestArrays
from leaderbored.solvers.contest.shares import interior, log_a
from leaderbored.solvers.proof import UNTRIED, Proof, unproved

BITS = 106
MOST = 1_000  # labs, which take a fraction of a second
STEPS = [10.0**-k for k in range(15, 5, -1)]  # half widths of the interval that are tried
NEAR = (1e-14, 1e-12, 1e-10)  # relative, about a share that was computed
JUMPS = "with a decisiveness above one best replies jump, and are not enclosed"
ALONE = "one lab builds alone, and may build less"
WIDE = "what labs build is not enclosed more narrowly than by its bounds"


def proved(contest: ContestArrays, build: Array) -> Proof:
    """Prove that the equilibrium lies next to what was computed, or say why not.

    Parameters
    ----------
    contest : ContestArrays
    build : (N,) array
        B, in units of compute.

    Examples
    --------
    >>> from leaderbored.race import Contest
    >>> contest = Contest.of([1.0, 1.0], prize=1.0)
    >>> proof = proved(contest, np.array([0.25, 0.25]))
    >>> proof.holds, proof.radius < 1e-14
    (True, True)
    >>> proved(contest, np.array([0.25, 0.3])).reason
    'shares do not add up to one next to what was computed'
    """
    if contest.decisiveness > 1:
        return unproved(JUMPS)
    if len(contest) > MOST:
        return unproved(f"{UNTRIED} there are more than {MOST:,} labs")
    if np.count_nonzero(build) < 2:
        return unproved(ALONE)
    middle = float(np.log(contest.impact(build).sum()))
    with ctx.workprec(BITS):
        for step in STEPS:
            low, high = arb(middle) - step, arb(middle) + step
            most, least = _shares(contest, low), _shares(contest, high)
            if most is None or least is None:
                continue
            if sum(most, arb(0)) > 1 and sum(least, arb(0)) < 1:
                return _within(contest, build, low.union(high), list(map(_union, least, most)))
    return unproved("shares do not add up to one next to what was computed")


def _union(a: Any, b: Any) -> Any:
    return a.union(b)


def _within(contest: ContestArrays, build: Array, x: Any, shares: list[Any]) -> Proof:
    """How far what labs build may be from what was computed."""
    far, power = arb(0), 1 / arb(contest.decisiveness)
    for i, share in enumerate(shares):
        base = share * x.exp() / arb(contest.head_start[i])
        true = base**power if base > 0 else arb(0).union(base.upper().max(arb(0)) ** power)
        true = true.max(arb(contest.lo[i])).min(arb(contest.hi[i]))
        far = far.max(abs(true - arb(build[i])) / arb(max(1.0, build[i])))
    whole = float(((contest.hi - contest.lo) / np.maximum(1.0, build)).max())
    radius = float(np.nextafter(float(far.upper()), np.inf))
    return Proof(True, radius, whole, 0, "") if radius < whole else unproved(WIDE)


def _shares(contest: ContestArrays, x: Any) -> list[Any] | None:
    """Balls that hold the shares of all labs where the aggregate is e^x; None if some do not."""
    r = arb(contest.decisiveness)
    dear, cheap = (_interior(contest, cost, x) for cost in (contest.dear, contest.cheap))
    if dear is None or cheap is None:
        return None
    made = []
    for i, share in enumerate(dear):

        def corner(build: float, i: int = i) -> Any:
            return arb(contest.head_start[i]) * (arb(build) ** r if build > 0 else 0) / x.exp()

        kink = float(contest.kink[i])
        if kink > contest.lo[i]:
            share = cheap[i].min(corner(max(kink, 0.0)).max(share))  # noqa: PLW2901
        made.append(share.max(corner(float(contest.lo[i]))).min(corner(float(contest.hi[i]))))
    return made


def _interior(contest: ContestArrays, cost: Array, x: Any) -> list[Any] | None:
    """Balls that hold the roots s of a s^q = 1 - s; None if some cannot be enclosed."""
    r, prize = arb(contest.decisiveness), arb(contest.prize)
    guess, _ = interior(log_a(contest, cost, float(x.mid())), contest.decisiveness)
    made = []
    for i, s in enumerate(guess):
        if cost[i] == 0:
            made.append(arb(1))
            continue
        a = arb(cost[i]) / (prize * r) * ((x - arb(contest.head_start[i]).log()) / r).exp()
        if contest.decisiveness == 1:
            made.append((1 - a).max(arb(0)))
            continue
        q = 1 / r - 1
        for near in NEAR:
            low, high = arb(float(s)) * (1 - near), (arb(float(s)) * (1 + near)).min(arb(1))
            below = low > 0 and a * low**q + low < 1
            if below and (high >= 1 or a * high**q + high > 1):
                made.append(low.union(high))
                break
        else:
            return None
    return made
