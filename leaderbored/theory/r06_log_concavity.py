r"""R6. Leads limit themselves if revenue is log-concave in the lead.

*Statement.* Take the ladder of R5 at any D, with h concave and rising, h(0) = 0, and r positive and
not falling, so that values are finite. If :math:`r_{g+1}^2 \ge r_g r_{g+2}` for all g (r is
log-concave), then :math:`b_0 \ge b_1 \ge b_2 \ge \dots`: the longer the lead the less the leader
builds. If r is log-convex all signs turn. If it is log-linear all shares are equal, for every h and
N. So among ladders that are curved one way throughout the criterion is exact. Elsewhere it is
sufficient only: r = (1, 1.5, 1.9, 2.42) is log-convex at lead one, and still shares fall (N = 2,
theta = 1/2, rho = 0.1, lambda = 1), since what counts is all revenue above a rung, not the next
two. A cap on the lead repeats the last revenue for ever, and that bends every rising ladder down:
capped, a log-concave ladder stays log-concave and the theorem is exact, but a log-linear one
becomes a run, and a log-convex one is log-convex below the cap only. Values are finite under a cap,
and without one if :math:`D > h(1) (\lim r_{g+1} / r_g - 1)`.

*Idea of the proof.* The ladder from rung 1 on, with its revenue rescaled to start at r_0, is worse
than the ladder itself, so that at its bottom success is worth less; and rescaling changes no share.

*Corollary: money.* If building costs money x instead of sales, rescaling is replaced by a shift of
all revenue, and effort falls with the lead where revenue is *concave*. Concave implies log-concave,
not conversely, so the criterion covers more ladders when compute is the cost than when money is.
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
    """Homogeneity, comparison of values, and the ladder from rung 1 held against the ladder."""
    proof = Proof()
    _stage(proof)
    _falling(proof)
    neutral = _neutrality(proof)
    r, gain, effort = sp.symbols("r Delta x", positive=True)
    proof.step(
        "Money. If building costs money, the largest value of this over efforts x takes the "
        "place of Psi; more revenue at all rungs shifts it and moves no best effort:",
        r + sp.Function("h")(effort) * gain - effort,
    )
    proof.because(
        "So with money the proof holds with the ladder r'_k = r_{k+1} - (r_1 - r_0), whose values "
        "are u_{k+1} - (r_1 - r_0) / D: it starts at r_0 and is below r where revenue is concave. "
        "Effort then falls with the lead.",
        "steps 4 to 12 with a shift for a factor: r'_k - r_k = (r_{k+1} - r_k) - (r_1 - r_0) <= 0",
    )
    after = sp.Symbol("r_after", positive=True)
    level = sp.solve(after - r_next - (r_next - r_here), after)[0]
    proof.step(
        "Neutral with money is the ladder that is concave and convex, linear, with the next "
        "revenue:",
        level,
    )
    return proof.close(compute=neutral, money=level)


def _stage(proof: Proof) -> None:
    """What a rung's payoff is like: homogeneous, and with a share that knows a ratio only."""
    r, gain, c, share = sp.symbols("r Delta c b", positive=True)
    payoff = (1 - share) * r + sp.Function("h")(share) * gain
    proof.step(
        "Write Psi(r, Delta) for the largest value over shares b of the expression below, "
        "so that the ladder reads D u_g = Psi(r_g, u_{g+1} - u_g), and b_g for the best "
        "share (the least one, if h is not strictly concave).",
        payoff,
    )
    scaled = payoff.subs({r: c * r, gain: c * gain}, simultaneous=True)
    proof.lemma("It is homogeneous of degree one:", scaled, c * payoff)
    proof.because(
        "So Psi(c r, c Delta) = c Psi(r, Delta): the ladder with revenue c r_g has the values "
        "c u_g and the same shares.",
        "the maximiser of a multiple is that of the original; the ladder has one solution, the "
        "value of the leader's problem",
    )
    proof.because(
        "The best share depends on Delta / r alone, and does not fall as that rises.",
        "divide by r: (1 - b) + h(b) Delta / r has increasing differences in b and Delta / r, as h "
        "rises (Topkis)",
    )


def _falling(proof: Proof) -> None:
    """Shares fall where revenue is log-concave, rise where it is log-convex."""
    proof.because(
        "Values rise with revenue: if r'_k <= r_k for all k, then u'_k <= u_k for all k.",
        "copying: the leader on the better ladder can play the shares that are best on the other; "
        "success then takes it up the same rungs with the same law, to no less revenue",
    )
    proof.because(
        "So u_{g+1} >= u_g: gains are not negative.",
        "step 5, as revenue does not fall: r_{k+1} >= r_k",
    )
    proof.because(
        "Let r be log-concave, and compare it with the ladder from rung 1, rescaled to start at "
        "r_0: r'_k = (r_0 / r_1) r_{k+1}. Then r'_0 = r_0 and r'_k <= r_k.",
        "r'_k / r_k = (r_{k+1} / r_k) / (r_1 / r_0), and the ratios r_{k+1} / r_k fall in k",
    )
    proof.because(
        "The values of r' are u'_k = (r_0 / r_1) u_{k+1}, and the best share at its bottom is b_1.",
        "homogeneity, step 3, with c = r_0 / r_1",
    )
    proof.because("Hence u'_0 <= u_0.", "comparison of values, steps 5 and 7")
    proof.because(
        "Both ladders have the revenue r_0 at the bottom, so Psi(r_0, u'_1 - u'_0) = D u'_0 <= "
        "D u_0 = Psi(r_0, u_1 - u_0).",
        "the equation of the ladder at its bottom rung, and step 9",
    )
    proof.because(
        "So either u'_1 - u'_0 <= u_1 - u_0, or Psi(r_0, .) is flat between the two gains and the "
        "best shares at both are zero.",
        "Psi(r_0, .) is convex and does not fall; by the envelope theorem its slope on the left "
        "is h of the least best share, which is zero only for the share zero",
    )
    proof.because(
        "In the first case b_1 <= b_0, in the second b_1 = b_0 = 0.",
        "steps 4 and 8: at the same revenue r_0 the share does not fall in the gain",
    )
    proof.because(
        "So b_{g+1} <= b_g for every g.",
        "induction: the ladder from rung g on is log-concave too, at the same D",
    )
    proof.because(
        "If r is log-convex, then r'_k >= r_k, u'_0 >= u_0, and b_1 >= b_0, and so on up the "
        "ladder. If it is log-linear, both hold: all shares are equal.",
        "steps 7 to 13 with all inequalities turned; no cap, for a cap is no log-convex end",
    )


def _neutrality(proof: Proof) -> sp.Expr:
    after = sp.Symbol("r_after", positive=True)
    bend = sp.log(after) - sp.log(r_next) - (sp.log(r_next) - sp.log(r_here))
    return proof.step(
        "Log-linear is where the second difference of ln r vanishes, that is where "
        "the next revenue is:",
        sp.solve(bend, after)[0],
    )


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
        "equal labs that leapfrog (R5), hazard h concave and rising, h(0) = 0, revenue positive "
        "and not falling in the lead",
        "values are finite: always under a cap, else if D > h(1) (lim r_{g+1}/r_g - 1)",
        "log-convex and log-linear: no cap; a cap keeps the log-concave case exact, not these two",
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
