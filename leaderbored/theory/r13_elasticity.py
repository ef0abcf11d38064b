r"""R13. One elasticity, two races: a run in models can be a race in computers.

A leader that sells S units of compute on a demand of constant elasticity :math:`\epsilon` earns
:math:`A S^{1 - 1/\epsilon}`. Labs reinvest: :math:`\dot K_i = \iota \cdot \text{revenue}_i -
\delta K_i`. Suppose that a leader sells all its compute, at the price that clears its market: it
takes that price as given, or it is not free to withhold (free to choose at :math:`\epsilon \le 1`,
it would sell next to nothing, for revenue falls in what is sold). If leads rotate fast, returns
are constant and chasers build flat out, lab i leads for the share :math:`K_i / K` of the time
(R12), so

.. math:: \frac{d}{dt} \ln \frac{K_1}{K_2} = \frac{\iota A}{K}
          \big( K_1^{1 - 1/\epsilon} - K_2^{1 - 1/\epsilon} \big) .

Compute shares converge for :math:`\epsilon < 1`, are neutral at 1 and diverge above. With returns
:math:`\theta < 1` time in the lead goes with :math:`K_i^\theta`, and the boundary is
:math:`\epsilon = 1 / \theta`. For :math:`\epsilon > 1` the same elasticity decides whether a
leader that may choose sells everything. Selling one unit less costs marginal revenue, not the
price; with rivals flat out it sells everything at lead one iff

.. math:: \frac{r_2}{r_1} \le 1 + \Big( 1 - \frac1\epsilon \Big)
          \Big( N - 1 + \frac{\rho}{\lambda K} \Big),

K the compute of one lab. At :math:`\epsilon \le 1` marginal revenue is not positive and a leader
that may choose never sells all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy.optimize import brentq

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import ladder_race
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import K, N, b, eps, lam, r_1, r_2, rho

K_1, K_2, iota, A, delta = sp.symbols("K_1 K_2 iota A delta", positive=True)
DOMAIN = {K_1: (0.5, 3.0), K_2: (0.5, 3.0), iota: (0.1, 1.0), A: (0.5, 2.0), eps: (1.2, 3.0),
          K: (0.5, 2.0), N: (2, 4), lam: (0.5, 2.0), rho: (0.05, 0.5)}  # fmt: skip


def prove() -> Derivation:
    """Motion of the log ratio under the law of R12; the leader's first-order condition at b = 0."""
    proof = Proof()
    power = 1 - 1 / eps
    growth = [iota * (own / (K_1 + K_2)) * A * own**power - delta * own for own in (K_1, K_2)]
    proof.step("Reinvestment while lab i leads K_i / K of the time.", *growth)
    ratio = proof.step("Growth of ln(K_1 / K_2).",
                       sp.factor(sp.simplify(growth[0] / K_1 - growth[1] / K_2)))  # fmt: skip
    proof.lemma("The depreciation drops out.", ratio,
                iota * A * (K_1**power - K_2**power) / (K_1 + K_2))  # fmt: skip
    proof.lemma("At elasticity one nothing moves.", ratio.subs(eps, 1))
    proof.step("Its sign is that of (1 - 1/epsilon)(K_1 - K_2): the power rises iff epsilon > 1.")
    gain = sp.Symbol("Delta", positive=True)
    flow = r_1 * ((1 - b) * K) ** power + lam * b * K * gain
    slope = proof.step("What a leader at lead one maximises, and the slope at b = 0.", flow,
                       sp.simplify(sp.diff(flow, b).subs(b, 0)))  # fmt: skip
    exits = rho + (N - 1) * lam * K
    worth = proof.step("The gain if it sells everything at both leads.",
                       (r_2 - r_1) * K**power / exits)  # fmt: skip
    limit = sp.solve(slope.subs(gain, worth), r_2)[0] / r_1
    edge = proof.step("The slope is not positive up to this r_2 / r_1.",
                      sp.simplify(sp.powsimp(sp.expand(limit))))  # fmt: skip
    proof.lemma("In the form of the statement.", edge,
                1 + power * (N - 1 + rho / (lam * K)))  # fmt: skip
    proof.step("Revenue is concave in b, so the slope at b = 0 decides.")
    return proof.close(drift=ratio, ratio=1 + power * (N - 1 + rho / (lam * K)))


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Time in the lead from a solved race; a leader's problem as a Markov game of one player."""
    p = draw(rng, DOMAIN)
    race = ladder_race([1.0, 2.0], 2, rho=0.1, lam=1.0, theta=1.0, compute=[p[K_1], p[K_2]],
                       build=(1.0, 1.0))  # fmt: skip
    facts = lb.verdict(lb.solve(race, lb.Method(certify=False)), check_cap=False).statistics
    power = 1 - 1 / p[eps]
    sizes, any_eps = np.array([p[K_1], p[K_2]]), float(rng.uniform(0.4, 3.0))
    time = np.array(list(facts.time_in_lead.values()))
    sold = time * p[A] * sizes ** (1 - 1 / any_eps)  # leaders sell all, whatever the elasticity
    growth = p[iota] * sold / sizes
    worst = gap(growth[0] - growth[1], closed("drift", {**p, eps: any_eps}))

    def margin(ratio: float) -> float:
        """Slope of the leader's payoff at b = 0, at the values of the solved problem."""
        solution: Any = lb.solve(_leader(p, ratio))
        value = solution.equilibria[0].value[0]
        step = 1e-6  # a central difference of revenue in what is sold
        sold = p[K] * np.array([1 - step, 1 + step])
        marginal = float(np.diff(sold**power)[0] / (2 * step))
        return float(p[lam] * p[K] * (value[2] - value[1]) - marginal)

    found = float(brentq(margin, 1.0, 8.0, xtol=1e-9))
    worst = max(worst, gap(found, closed("ratio", p)))
    for side, builds in ((1 - 1e-3, False), (1 + 1e-3, True)):
        solved: Any = lb.solve(_leader(p, found * side))
        policy = solved.equilibria[0].policy["leader"]
        worst = max(worst, float((policy[1] > 1e-9) != builds))
    return worst


def _leader(p: Sample, ratio: float) -> lb.MarkovGame:
    """Leads 1 and 2 against rivals flat out; overtaken, at 0, it gets nothing more."""
    revenue = "(g > 0) * (ratio if g > 1 else 1) * ((1 - b) * K) ** power"
    rivals = lb.Event({"g": "0"}, hazard="(g > 0) * rivals")
    own = lb.Event({"g": "2"}, hazard="(g == 1) * lam * K * b")
    player = lb.MarkovPlayer("leader", revenue, {"b": (0.0, 0.999)}, events=(own,))
    rate = (p[N] - 1) * p[lam] * p[K]
    numbers = {"ratio": ratio, "K": p[K], "power": 1 - 1 / p[eps], "lam": p[lam], "rivals": rate}
    return lb.MarkovGame((player,), p[rho], states={"g": (0, 2)}, events=(rivals,),
                         parameters=numbers)  # fmt: skip


RESULT = Result(
    id="R13",
    title="One elasticity, two races",
    statement="If leaders sell all, compute shares converge iff demand is inelastic; for eps > 1 a "
    "leader that may choose sells all iff r_2/r_1 <= 1 + (1-1/eps)(N-1+rho/(lambda K))",
    assumptions=(
        "linear hazard, leapfrog, chasers flat out, fast rotation of leads (averaging)",
        "isoelastic demand; drift: leaders sell all (price-taking), at any elasticity",
        "ratio: elasticity above one",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-7,
    samples=2,
)
