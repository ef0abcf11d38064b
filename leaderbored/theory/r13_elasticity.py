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
DOMAIN = {
    K_1: (0.5, 3.0),
    K_2: (0.5, 3.0),
    iota: (0.1, 1.0),
    A: (0.5, 2.0),
    eps: (1.2, 3.0),
    K: (0.5, 2.0),
    N: (2, 4),
    lam: (0.5, 2.0),
    rho: (0.05, 0.5),
}


def prove() -> Derivation:
    """Motion of the log ratio under the law of R12; the leader's first-order condition at b = 0."""
    proof = Proof()
    power = 1 - 1 / eps
    growth = [iota * (own / (K_1 + K_2)) * A * own**power - delta * own for own in (K_1, K_2)]
    proof.because(
        "Lab i leads, and sells all it has, for the share K_i / K of the time; if leads rotate "
        "fast, compute moves at the mean rate.",
        "R12 with a linear hazard and chasers flat out; averaging, an approximation that is exact "
        "in the limit of fast rotation",
    )
    proof.step("So the two labs' compute grows at:", *growth)
    ratio = sp.factor(sp.simplify(growth[0] / K_1 - growth[1] / K_2))
    proof.lemma(
        "The growth of ln(K_1 / K_2), from which depreciation drops out:",
        ratio,
        iota * A * (K_1**power - K_2**power) / (K_1 + K_2),
    )
    proof.because(
        "Its sign is that of (1 - 1/epsilon) (K_1 - K_2): shares converge for epsilon < 1, stay "
        "at 1 and diverge above.",
        "a power of K rises in K iff its exponent 1 - 1/epsilon is positive",
    )
    gain = sp.Symbol("Delta", positive=True)
    flow = r_1 * ((1 - b) * K) ** power + lam * b * K * gain
    slope = proof.step(
        "A leader at lead one that may choose maximises this; its slope at b = 0:",
        flow,
        sp.simplify(sp.diff(flow, b).subs(b, 0)),
    )
    proof.because(
        "For epsilon > 1 it sells everything iff that slope is not positive.",
        "revenue is concave in what is sold, so that the payoff is concave in b",
    )
    exits = rho + (N - 1) * lam * K
    worth = proof.step(
        "If it sells everything at both leads, the second is worth more by:",
        (r_2 - r_1) * K**power / exits,
    )
    limit = sp.solve(slope.subs(gain, worth), r_2)[0] / r_1
    edge = 1 + power * (N - 1 + rho / (lam * K))
    proof.lemma(
        "So the slope is not positive iff r_2 / r_1 is at most:",
        sp.simplify(sp.powsimp(sp.expand(limit))),
        edge,
    )
    return proof.close(drift=ratio, ratio=edge)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Time in the lead from a solved race; a leader's problem as a Markov game of one player."""
    p = draw(rng, DOMAIN)
    race = ladder_race(
        [1.0, 2.0], 2, rho=0.1, lam=1.0, theta=1.0, compute=[p[K_1], p[K_2]], build=(1.0, 1.0)
    )
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
    return lb.MarkovGame(
        (player,), p[rho], states={"g": (0, 2)}, events=(rivals,), parameters=numbers
    )


RESULT = Result(
    id="R13",
    title="One elasticity, two races",
    statement="If leaders sell all, compute shares converge iff demand is inelastic; for eps > 1 a "
    "leader that may choose sells all iff r_2/r_1 <= 1 + (1-1/eps)(N-1+rho/(lambda K))",
    assumptions=(
        "linear hazard, leapfrog, chasers flat out, fast rotation of leads (averaging)",
        "isoelastic demand; drift: leaders sell all (price-taking), at any elasticity",
        "ratio: elasticity above one; the leader sells all at lead two, too",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-7,
    samples=2,
)
