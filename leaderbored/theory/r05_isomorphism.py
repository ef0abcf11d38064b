r"""R5. A race of N equal labs that leapfrog is one ladder.

A laggard's success always lands one rung above the frontier. Suppose that a laggard's share does
not depend on how far others are behind. Then its value :math:`W` depends on no lag, and, by strict
concavity of h, all laggards build one share :math:`b_0`. A leader g rungs ahead solves

.. math:: \rho V_g = \max_b (1 - b) r_g + h(b)(V_{g+1} - V_g) - h_F (V_g - W),

with :math:`h_F` the hazard of its N - 1 rivals. Put :math:`D = \rho + h_F`, :math:`V_g = u_g + h_F
W / D` and :math:`u_0 = \rho W / D`. Both equations become

.. math:: D u_g = \max_b (1 - b) r_g + h(b) (u_{g+1} - u_g), \qquad g = 0, 1, \dots

and a symmetric equilibrium is a root of :math:`h_F = (N - 1) h(b_0(\rho + h_F))`, of which there is
one. For two labs the supposition is no restriction. (Asymmetric equilibria: R21.)

*Three labs or more.* There it is a restriction: other symmetric equilibria may exist, in which a
laggard acts on the lag of another. For N = 3, r_0 = 1, r_g = 1.3, :math:`h(b) = (b + .002)^{.95} -
.002^{.95}` and :math:`\rho = .02` a family with one parameter passes through the ladder
equilibrium, in which all laggards build .1309. The last of three builds any share near below that
for ever; the second answers the lag of the last. Where the last builds .0952, the second builds
.1832, .1621, .1664, .1655, .1657, ... as the last is 2, 3, 4, ... behind. (Computed: the Bellman
equations hold to 1e-11 at all lags up to 40.) The shares approach their limit by a factor
:math:`\mu` a lag. On a ladder that is flat from lead one on, with :math:`h = \lambda b^\theta`,
the deviations of the second's and the leader's values from the ladder equilibrium solve, to first
order and with A = (rho + 2 h) / h,

.. math:: \mu^2 = \frac{\theta}{1 - \theta} (A - 1) \mu + A^2 ,

and a family needs a root inside the unit circle. The negative one is, iff :math:`\theta / (1 -
\theta) > 3 + \rho / h`: iff one rival's share moves a best reply by more than one for one,
:math:`\theta > 3/4` and :math:`\rho` below the discount rate of R21. A cap on lags cuts the
sequences off, and each that has nearly converged there becomes nearly an equilibrium of the capped
game: a warning to numerical work.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.ladder import settle
from leaderbored.theory.races import by_lead, ladder_race
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import D, K, N, b, h_F, lam, rho, theta

u_g, u_next, u_0, r_g = sp.symbols("u_g u_next u_0 r_g", positive=True)

DOMAIN = {N: (2, 3), lam: (0.5, 2.0), rho: (0.05, 0.5), theta: (0.3, 0.65), K: (0.5, 2.0)}


def prove() -> Derivation:
    """Shift the value, and laggard and leader stand on one ladder; then uniqueness."""
    proof = Proof()
    value, worth, above = sp.symbols("V_g W V_next", positive=True)
    h = sp.Function("h")(b)
    proof.because(
        "If no laggard's share depends on the lags of others, a laggard's value W depends on no "
        "lag, a leader's V_g on its lead g alone, and all laggards build one share b_0.",
        "a laggard's success puts it one rung ahead of the frontier from wherever it was, and a "
        "rival's leaves it a laggard; its payoff is strictly concave in its share",
    )
    leader = (1 - b) * r_g + h * (above - value) - h_F * (value - worth) - rho * value
    laggard = (1 - b) * r_g + h * (above - worth) - rho * worth
    proof.step(
        "A leader's Bellman equation says that the largest value of this over b is zero:", leader
    )
    proof.step("A laggard's, with r_0 for r_g and V_1 for V_next:", laggard)
    shift = h_F * worth / (rho + h_F)
    ladder = (1 - b) * r_g + h * (u_next - u_g) - (rho + h_F) * u_g
    moved = {value: u_g + shift, above: u_next + shift}
    proof.lemma(
        "With V_g = u_g + h_F W / D, D = rho + h_F, the leader's is that of the ladder:",
        leader.subs(moved, simultaneous=True),
        ladder,
    )
    bottom = proof.step(
        "Let the bottom rung be u_0 = rho W / D, so that W is, u_g standing for u_0:",
        sp.solve((rho + h_F) * u_g - rho * worth, worth)[0],
    )
    proof.lemma(
        "Then the laggard's is that of the same ladder at g = 0:",
        laggard.subs(above, u_next + shift).subs(worth, bottom),
        ladder,
    )
    power = K * (1 - b) * r_g + lam * (b * K) ** theta * (u_next - u_g)
    gain = sp.Symbol("Delta", positive=True)
    slope = sp.diff(power.subs(u_next, u_g + gain), b)
    proof.step(
        "With compute K and h = lambda (b K)^theta, the slope in b at the gain Delta:", slope
    )
    share = sp.solve(sp.powsimp(sp.expand_power_base(slope), force=True), b)
    share = sp.powsimp(share[0].subs(gain, u_next - u_g), force=True)
    proof.step(
        "It falls in b from infinity: its root is the best share, or 1 if it is above:", share
    )
    _unique(proof)
    _two(proof)
    return proof.close(
        build=share,
        laggard=bottom.subs(u_g, u_0),
        leader=u_g + shift.subs(worth, bottom.subs(u_g, u_0)),
    )


def _unique(proof: Proof) -> None:
    """One root in the rivals' hazard."""
    weight, above, sold = sp.symbols("w m_next s", positive=True)
    payoff = (sold + weight * above) / (1 + weight)
    proof.step(
        "Write m_g = D u_g and w = h(b) / D. Then m_g is the largest value over b of the "
        "mean of s = (1 - b) r_g and m_{g+1} with the weights 1 and w; its slope in w:",
        payoff,
        sp.factor(sp.diff(payoff, weight)),
    )
    proof.because(
        "So all m_g fall in D, weakly.",
        "m_{g+1} >= r_{g+1} >= r_g >= s, as selling for ever is possible: the mean rises in w, "
        "which falls in D; induction from the cap down, where m_G = r_G; without a cap as the "
        "limit of caps",
    )
    proof.because(
        "And the laggard's share b_0 falls in D, weakly.",
        "D u_0 = Psi(r_0, u_1 - u_0) with Psi(r, Delta) the largest (1 - b) r + h(b) Delta: it "
        "rises in Delta, strictly where b_0 > 0, so that u_1 - u_0 falls with D u_0, and b_0 with "
        "u_1 - u_0",
    )
    proof.because(
        "So h_F = (N - 1) h(b_0), b_0 taken at D = rho + h_F, has one root: one symmetric "
        "equilibrium of this kind.",
        "the right side is continuous, not negative, and does not rise in h_F, the left side rises "
        "from zero",
    )


def _two(proof: Proof) -> None:
    """With two labs lags cannot matter."""
    proof.because(
        "With two labs there is no other symmetric equilibrium. Let W_d be the value of a laggard "
        "d behind and l_d the leader's hazard: rho W_d = Psi(r_0, V_1 - W_d) + "
        "l_d (W_{d+1} - W_d).",
        "the leader's success takes the laggard from d to d + 1; V_1 is the value of being one "
        "ahead, the same from every lag",
    )
    proof.because(
        "The supremum S of all W_d has rho S <= Psi(r_0, V_1 - S), the infimum the reverse; so "
        "both are the root of rho W = Psi(r_0, V_1 - W), and W_d is one number.",
        "along lags at which W_d tends to S the last term has no positive limit, as W_{d+1} <= S "
        "and l_d <= h(1); rho W - Psi(r_0, V_1 - W) rises strictly in W",
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """A random ladder, climbed rung by rung, against the general solver of the whole race."""
    p = draw(rng, DOMAIN)
    rungs = int(rng.integers(2, 12 if p[N] == 2 else 6))
    revenue = np.cumsum(rng.uniform(0.02, 0.5, rungs + 1))
    race = ladder_race(revenue, p[N], rho=p[rho], lam=p[lam], theta=p[theta], compute=[p[K]] * p[N])
    found = lb.solve(race, lb.Method(certify=False)).equilibria[0]
    chain = by_lead(found.game)
    hazard = p[lam] * p[K] ** p[theta]
    build, value, rivals = settle(revenue * p[K], p[N], p[rho], hazard, p[theta])
    at = {**p, h_F: float(rivals), u_0: value[0], D: p[rho] + float(rivals)}
    leads = [{**at, u_g: value[g], r_g: revenue[g]} for g in range(rungs + 1)]
    worth = [closed("laggard", at), *(closed("leader", here) for here in leads[1:])]
    worst = max(gap(build, found.build[0, chain]), gap(worth, found.value[0, chain]))
    for here, above, share in zip(leads, value[1:], build, strict=False):
        predicted = min(closed("build", {**here, u_next: above}), 1.0)
        worst = max(worst, gap(predicted, share) if share < 1 else 1.0 - predicted)
    return worst


RESULT = Result(
    id="R5",
    title="Ladder isomorphism",
    statement="With leapfrogging and equal labs the race is one ladder D u_g = max (1-b) r_g + "
    "h(b)(u_{g+1} - u_g) at D = rho + h_F",
    assumptions=(
        "equal labs that leapfrog, revenue r_g ahead and r_0 behind, r not falling",
        "strictly concave hazard; laggards' shares that do not depend on the lags of others",
        "the one symmetric equilibrium of that kind; for two labs the one symmetric equilibrium",
    ),
    sources=(
        "Reinganum (1983), Uncertain innovation and the persistence of monopoly, American "
        "Economic Review 73: one rung of the ladder",
        "Vickers (1986), The evolution of market structure when there is a sequence of "
        "innovations, Journal of Industrial Economics 35",
    ),
    prove=prove,
    compare=compare,
    domain={
        rho: (0.05, 0.5),
        h_F: (0.1, 2.0),
        u_0: (0.5, 2.0),
        u_g: (2.0, 4.0),
        u_next: (4.0, 6.0),
        r_g: (3.0, 5.0),
        theta: (0.3, 0.65),
        lam: (0.5, 1.0),
        K: (0.5, 2.0),
    },
    tolerance=1e-8,
    samples=8,
)
