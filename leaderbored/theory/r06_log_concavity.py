r"""R6. Leads limit themselves if revenue is log-concave in the lead.

*Statement.* Take the ladder of R5 at any D, with h concave, h(0) = 0 and r positive and not
falling. If :math:`r_{g+1}^2 \ge r_g r_{g+2}` for all g (r is log-concave), then :math:`b_0 \ge b_1
\ge b_2 \ge \dots`: the longer the lead the less the leader builds. If r is log-convex, and values
are finite, :math:`D > h(1) (\lim r_{g+1} / r_g - 1)`, all signs turn. If it is log-linear (with
the same bound on its ratio) all shares are equal, for every h and N. So among ladders that are
curved one way throughout the criterion is exact. Elsewhere it is sufficient only: r = (1, 1.5,
1.9, 2.42) is log-convex at lead one, and still shares fall (N = 2, theta = 1/2, rho = 0.1, lambda
= 1), since what counts is all revenue above a rung, not the next two. A cap on the lead repeats
the last revenue for ever, and that bends every rising ladder down: capped, a log-concave ladder
stays log-concave and the theorem is exact, but a log-linear one becomes a run, and a log-convex
one is log-convex below the cap only.

*Proof.* Write :math:`\Psi(r, \Delta) = \max_b (1 - b) r + h(b) \Delta`, so that :math:`D u_g =
\Psi(r_g, u_{g+1} - u_g)`.

1. :math:`\Psi` is homogeneous of degree one and rises in both arguments. So a ladder
   :math:`c\,r` has the values :math:`c\,u` and the same shares; the best share depends on
   :math:`\Delta / r` alone and rises with it.
2. Values rise with revenue: if :math:`r'_k \le r_k` for all k then :math:`u'_k \le u_k`. The
   leader of the better ladder can copy the shares of the other: success leads it up the same
   rungs, at the same times, to revenue that is never less.
3. Shift and rescale: :math:`r'_k = (r_0 / r_1)\, r_{k+1}`. It starts at :math:`r'_0 = r_0`. If r
   is log-concave, :math:`r_{k+1} / r_k` falls, so :math:`r_{k+1} / r_1 = \prod_{j=1}^k r_{j+1}/r_j
   \le \prod_{j=1}^{k} r_j / r_{j-1} = r_k / r_0`, that is :math:`r'_k \le r_k`.
4. By 1 the values of r' are :math:`u'_k = (r_0 / r_1)\, u_{k+1}`; by 2, :math:`u'_0 \le u_0`.
5. Both satisfy the ladder at its bottom with the same revenue: :math:`D u_0 = \Psi(r_0, u_1 - u_0)`
   and :math:`D u'_0 = \Psi(r_0, u'_1 - u'_0)`, so
   :math:`\Psi(r_0, u'_1 - u'_0) \le \Psi(r_0, u_1 - u_0)`. :math:`\Psi` rises in its second
   argument, strictly wherever something is built. So either :math:`u'_1 - u'_0 \le u_1 - u_0`, or
   both gains lie where :math:`\Psi` is flat and both best shares are zero.
6. The best share at the bottom of r' is that of rung 1, by 1. In the first case
   :math:`(u_2 - u_1) / r_1 \le (u_1 - u_0) / r_0` and, by 1, :math:`b_1 \le b_0`; in the second
   :math:`b_1 = b_0 = 0`. The ladder from rung 1 on is log-concave too: repeat.
   Log-convexity turns every inequality. Both together leave equalities. ∎

*Corollary: money.* If building costs money x instead of sales, :math:`D u_g = r_g + \max_x h(x)
(u_{g+1} - u_g) - x`. Replace the rescaling by the shift :math:`r'_k = r_{k+1} - (r_1 - r_0)`,
which moves values by a constant: the same proof says that effort falls with the lead where revenue
is *concave*. Concave implies log-concave, not conversely, so leads limit themselves on more
ladders when compute is the cost than when money is.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.ladder import climb, compute_stage, money_stage, settle
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import N, lam, rho, theta

r_here, r_next = sp.symbols("r_g r_next", positive=True)

LADDERS = 250  # of each shape in a sample
RUNGS = 7
LONG = 70  # rungs after which a cap is not felt
ROUNDING = 1e-10
DOMAIN = {N: (2, 5), lam: (0.5, 2.0), rho: (0.05, 0.5), theta: (0.3, 0.6)}


def prove() -> Derivation:
    """The two scalings behind the proof, and the ladders on which they are exact."""
    proof = Proof()
    r, gain, c, share, slope, move = sp.symbols("r Delta c b s a", positive=True)
    h = sp.Function("h")
    payoff = (1 - share) * r + h(share) * gain
    proof.step("The stage: what the best share maximises.", payoff)
    scaled = payoff.subs({r: c * r, gain: c * gain}, simultaneous=True)
    proof.lemma("It is homogeneous of degree one.", scaled, c * payoff)
    condition = sp.solve(sp.diff(payoff, share), sp.diff(h(share), share))[0]
    proof.step("So its first-order condition h'(b) = r / Delta knows the ratio alone.", condition)
    proof.step("h' falls, so b rises in Delta / r. With r'_k = r_0 r_{k+1} / r_1 <= r_k the ladder "
               "from rung 1, rescaled, is worth no more than that from rung 0: its gain, in units "
               "of revenue, is no larger, nor is its share (or both are zero).")  # fmt: skip
    neutral = sp.solve(sp.log(r_next) - sp.log(r_here) - (sp.log(slope) - sp.log(r_next)), slope)[0]
    proof.step("Neither more nor less: the next revenue that is exactly log-linear.", neutral)
    at_c = (r_next / r_here) ** 2 * r_here
    proof.lemma("There the shifted ladder is the ladder: r_0 r_2 / r_1 = r_1.",
                r_here * neutral / r_next, r_next)  # fmt: skip
    proof.lemma("It is r_g c^2, geometric.", neutral, at_c)
    money = r + h(share) * gain - share
    proof.lemma("Money: a shift of all revenue by a leaves gain and effort as they are.",
                money.subs(r, r + move), money + move)  # fmt: skip
    level = sp.solve(slope - r_next - (r_next - r_here), slope)[0]
    proof.step("So there the neutral next revenue is linear.", level)
    return proof.close(compute=neutral, money=level)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The inequality chain on random ladders, boundary cases among them; and neutrality."""
    p = draw(rng, DOMAIN)
    return max(_chain(p, rng), _neutral(closed, p, rng))


def _chain(p: Sample, rng: np.random.Generator) -> float:
    """Largest violation of steps 3 to 6 of the proof."""
    growth = np.sort(rng.exponential(0.25, (LADDERS, RUNGS)), axis=1)[:, ::-1]
    growth[: LADDERS // 5, 0] = 0.0  # r_0 = r_1: then nothing is ever built
    growth[: LADDERS // 5] = np.sort(growth[: LADDERS // 5], axis=1)[:, ::-1]
    growth[: LADDERS // 10] = 0.0  # flat
    growth[LADDERS // 5 : LADDERS // 3, 1:] = 0.0  # a single step
    growth[-LADDERS // 5 :] = growth[-LADDERS // 5 :, :1]  # log-linear up to the cap
    revenue = np.exp(np.cumsum(np.pad(growth, ((0, 0), (1, 0))), axis=1))
    build, value, _ = settle(revenue, p[N], p[rho], p[lam], p[theta])
    shifted = revenue[:, :1] * revenue[:, 1:] / revenue[:, 1:2]
    lower = value[:, 1:] * revenue[:, :1] / revenue[:, 1:2]
    gains = np.diff(value, axis=1) / revenue[:, :-1]
    slack = (revenue[:, :-1] - shifted, value[:, :-1] - lower, -np.diff(gains), -np.diff(build))
    broken = max(float(-part.min() / np.abs(value).max()) for part in slack)
    rate = np.full(20, rng.uniform(0.8, 2.0) * p[lam])
    convex, _ = climb(_convex(rng), rate, p[lam], p[theta])
    broken = max(broken, float(-np.diff(convex[:, :3]).min()))
    return 0.0 if broken < ROUNDING else broken


def _convex(rng: np.random.Generator) -> Array:
    """(20, 71) log-convex ladders, geometric in the end, so that the cap is not felt."""
    growth = np.full((20, LONG), 0.25)
    growth[:, :4] = np.sort(rng.uniform(0.0, 0.25, (20, 4)), axis=1)
    return np.asarray(np.exp(np.cumsum(np.pad(growth, ((0, 0), (1, 0))), axis=1)))


def _neutral(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    """Shares that differ on the ladders that are said to be neutral."""
    start = float(rng.uniform(1.05, 1.25))
    rate = np.array(rng.uniform(0.8, 2.0) * p[lam])  # any D will do
    worst = 0.0
    for name, stage in (("compute", compute_stage), ("money", money_stage)):
        revenue = [1.0, start]
        while len(revenue) <= LONG:
            revenue.append(closed(name, {r_here: revenue[-2], r_next: revenue[-1]}))
        if min(np.diff(revenue)) < 0:
            return np.inf
        build, _ = climb(np.array(revenue), rate, p[lam], p[theta], stage)
        worst = max(worst, gap(build[1:4], build[:3]))
    return worst


RESULT = Result(
    id="R6",
    title="Log-concavity",
    statement="Leaders build less the longer their lead if revenue is log-concave in it, more if "
    "log-convex without a cap; log-linear is neutral",
    assumptions=(
        "equal labs that leapfrog (R5), concave hazard, revenue not falling in the lead",
        "log-convex and log-linear: no cap, and D > h(1) (lim r_{g+1}/r_g - 1), so that values are "
        "finite; a cap keeps the log-concave case exact, not the other two",
    ),
    sources=(
        "Denicolo and Zanchettin (2012), Leadership cycles in a quality-ladder model of "
        "endogenous growth, Economic Journal 122",
        "Budd, Harris and Vickers (1993), A model of the evolution of duopoly, Review of "
        "Economic Studies 60",
    ),
    prove=prove,
    compare=compare,
    domain={r_here: (1.0, 2.0), r_next: (2.0, 3.0)},
    tolerance=1e-6,
    samples=8,
    batch=LADDERS,
)
