r"""R5. A race of N equal labs that leapfrog is one ladder.

A laggard's success always lands one rung above the frontier. Suppose that a laggard's share does
not depend on how far others are behind. Then its value :math:`W` depends on no lag, and, by strict
concavity of h, all laggards build one share :math:`b_0`. A leader g rungs ahead solves

.. math:: \rho V_g = \max_b (1 - b) r_g + h(b)(V_{g+1} - V_g) - h_F (V_g - W),

with :math:`h_F` the hazard of its N - 1 rivals. Put :math:`D = \rho + h_F`, :math:`V_g = u_g + h_F
W / D` and :math:`u_0 = \rho W / D`. Both equations become

.. math:: D u_g = \max_b (1 - b) r_g + h(b) (u_{g+1} - u_g), \qquad g = 0, 1, \dots

and a symmetric equilibrium is a root of :math:`h_F = (N - 1) h(b_0(\rho + h_F))`. Values
:math:`m_g = D u_g` rise with the weight h / D of success, so they fall in D, and with them
:math:`b_0`: the right side falls, the left rises, the root is unique.

*Two labs.* The supposition is no restriction. Let :math:`W_d` be the value of a laggard d behind
in any symmetric Markov-perfect equilibrium: :math:`\rho W_d = \Psi(r_0, V_1 - W_d) + h^L_d
(W_{d+1} - W_d)`, :math:`\Psi(r, \Delta) = \max_b (1 - b) r + h(b) \Delta` and :math:`h^L_d` the
leader's hazard. Along lags at which :math:`W_d` comes close to its supremum the last term has no
positive limit, so that supremum S satisfies :math:`\rho S \le \Psi(r_0, V_1 - S)`; the infimum
satisfies the reverse. As :math:`\rho W - \Psi(r_0, V_1 - W)` rises in W, both are its root. So
there is one symmetric equilibrium. (Asymmetric ones: R21.)

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
    """Shift the value, and laggard and leader stand on one ladder."""
    proof = Proof()
    value, worth, above = sp.symbols("V_g W V_next", positive=True)
    h = sp.Function("h")(b)
    leader = (1 - b) * r_g + h * (above - value) - h_F * (value - worth) - rho * value
    laggard = (1 - b) * r_g + h * (above - worth) - rho * worth
    proof.step("A leader's Bellman equation, at any b.", leader)
    proof.step("A laggard's: rivals' successes leave it a laggard; r_g is r_0, V_next is V_1.",
               laggard)  # fmt: skip
    shift = h_F * worth / (rho + h_F)
    ladder = (1 - b) * r_g + h * (u_next - u_g) - (rho + h_F) * u_g
    moved = {value: u_g + shift, above: u_next + shift}
    proof.lemma("With V_g = u_g + h_F W / D the leader's is the ladder.",
                leader.subs(moved, simultaneous=True), ladder)  # fmt: skip
    bottom = proof.step("The bottom rung is u_0 with D u_0 = rho W.",
                        sp.solve((rho + h_F) * u_g - rho * worth, worth)[0])  # fmt: skip
    proof.lemma("With it the laggard's is the same ladder, at g = 0.",
                laggard.subs(above, u_next + shift).subs(worth, bottom), ladder)  # fmt: skip
    power = K * (1 - b) * r_g + lam * (b * K) ** theta * (u_next - u_g)
    gain = sp.Symbol("Delta", positive=True)
    slope = sp.diff(power.subs(u_next, u_g + gain), b)
    proof.step("With compute K and h = lambda (b K)^theta: the first-order condition.", slope)
    share = sp.solve(sp.powsimp(sp.expand_power_base(slope), force=True), b)
    share = sp.powsimp(share[0].subs(gain, u_next - u_g), force=True)
    proof.step("Its root is the best share, or 1 if it is above; h is strictly concave.", share)
    return proof.close(
        build=share,
        laggard=bottom.subs(u_g, u_0),
        leader=u_g + shift.subs(worth, bottom.subs(u_g, u_0)),
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """A random ladder, climbed rung by rung, against the general solver of the whole race."""
    p = draw(rng, DOMAIN)
    rungs = int(rng.integers(2, 12 if p[N] == 2 else 6))
    revenue = np.cumsum(rng.uniform(0.02, 0.5, rungs + 1))
    race = ladder_race(revenue, p[N], rho=p[rho], lam=p[lam], theta=p[theta],
                       compute=[p[K]] * p[N])  # fmt: skip
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
