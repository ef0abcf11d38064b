r"""R18. Welfare: labs build too much iff compute is spread too evenly.

Users' utility is the logarithm of frontier tokens: quality :math:`a^n` after n frontier advances,
times the compute that the leader sells. All laggards build flat out, the leader sells everything.
By R12 lab i leads for the share :math:`k_i` of the time, which makes the mean of :math:`\ln K_i`
equal to :math:`\ln K - \mathcal E`, :math:`\mathcal E = -\sum k_i \ln k_i` the entropy of compute,
and the frontier advances at :math:`\lambda K (1 - H)`. Discounted from the stationary law, times
:math:`\rho`:

.. math:: W = \ln K - \mathcal E(k) + \frac{\lambda K (1 - H) \ln a}{\rho} .

A planner with one pool of compute that builds the share b gets :math:`\ln (1 - b) K + \lambda b K
\ln a / \rho` and picks :math:`1 - b^* = \rho / (\lambda K \ln a)`. Labs build the share
:math:`1 - H`: too much iff :math:`H < \rho / (\lambda K \ln a)`.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg as spla
import sympy as sp
from scipy import sparse
from scipy.optimize import brentq

from leaderbored.race import leads
from leaderbored.solvers.markov.system import System
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.r12_league_table import RESULT as LEAGUE_TABLE
from leaderbored.theory.r12_league_table import m_1, m_2, m_3
from leaderbored.theory.races import ladder_race
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import K, b, lam, rho
from leaderbored.verdicts.law import stationary

a = sp.Symbol("a", positive=True)
K_1, K_2, K_3 = sp.symbols("K_1 K_2 K_3", positive=True)
COMPUTE = (K_1, K_2, K_3)
DOMAIN = {
    K_1: (0.5, 2.0),
    K_2: (0.5, 2.0),
    K_3: (0.5, 2.0),
    lam: (0.5, 2.0),
    rho: (0.05, 0.5),
    a: (1.2, 3.0),
}


def prove() -> Derivation:
    """Means under the league-table law, the discounted sum, and the planner's condition."""
    proof = Proof()
    total = sum(COMPUTE)
    hazards = dict(zip((m_1, m_2, m_3), (lam * size for size in COMPUTE), strict=True))
    table = LEAGUE_TABLE.derive().closed
    lead = sp.simplify(table["lead"].subs(hazards))
    proof.step(
        "Laggards flat out build at the hazards lambda K_i: lab 1 leads for this share of the "
        "time, by R12:",
        lead,
    )
    level = sum(size / total * sp.log(size) for size in COMPUTE)
    shares = [size / total for size in COMPUTE]
    proof.lemma(
        "So the mean log of the leader's compute, which is what is sold, is ln K less the "
        "entropy of compute:",
        sp.expand_log(level),
        sp.expand_log(
            sp.log(total)
            + sum(
                k * (sp.log(size) - sp.log(total)) for k, size in zip(shares, COMPUTE, strict=True)
            )
        ),
    )
    speed = sp.factor(table["rotation"].subs(hazards))
    herfindahl = sum(k**2 for k in shares)
    proof.lemma(
        "The leader sells, so the frontier advances at each change of the lead, at lambda "
        "K (1 - H):",
        speed,
        lam * total * (1 - herfindahl),
    )
    proof.because(
        "Play that starts in the stationary law stays in it, so rho times discounted utility is "
        "the mean log of what is sold, plus what the growth of quality is worth.",
        "a law that is stationary is the law at every date; advances are worth ln a each",
    )
    time, drift = sp.symbols("t v", positive=True)
    ramp = sp.integrate(rho * sp.exp(-rho * time) * drift * time, (time, 0, sp.oo))
    proof.step("Utility that grows by v a year is worth, discounted and times rho:", ramp)
    welfare = proof.step(
        "Each advance adds ln a for ever, so welfare from the stationary law is:",
        level + ramp.subs(drift, sp.log(a) * speed),
    )
    planner = sp.log((1 - b) * K) + lam * b * K * sp.log(a) / rho
    best = sp.solve(sp.diff(planner, b), b)[0]
    proof.step(
        "A planner of all compute that builds the share b gets this, which is concave in b, and "
        "builds the share:",
        planner,
        best,
    )
    edge = proof.step(
        "Labs build the share 1 - H of compute on average: too much iff H is below:",
        sp.simplify(1 - best),
    )
    return proof.close(welfare=welfare, even=edge)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Discounted utility of the chain of states by linear solve; the planner's root."""
    p = draw(rng, DOMAIN)
    sizes = [p[size] for size in COMPUTE]
    game = ladder_race(
        [1.0, 2.0], 3, rho=p[rho], lam=p[lam], theta=1.0, compute=sizes, build=(1.0, 1.0)
    ).markov()
    rates = System(game).transitions(game.hazard(game.upper))
    law = stationary(rates)
    _, leader = leads(game.states)
    utility = np.log(np.array(sizes))[np.maximum(leader, 0)]
    exits = np.asarray(law.rates.sum(axis=1)).ravel()
    flow = utility + exits * np.log(p[a]) / p[rho]  # an advance is worth ln a for ever
    matrix = sparse.diags_array(p[rho] + exits) - law.rates
    value = p[rho] * spla.spsolve(sparse.csc_array(matrix), flow)
    worst = gap(law.weight @ value, closed("welfare", p))
    p[K] = 2 * p[rho] / (p[lam] * np.log(p[a])) * float(rng.uniform(0.6, 4.0))

    def slope(share: float) -> float:
        step = 1e-5
        worth = [
            np.log((1 - s) * p[K]) + p[lam] * s * p[K] * np.log(p[a]) / p[rho]
            for s in (share - step, share + step)
        ]
        return float(worth[1] - worth[0])

    return max(worst, gap(1 - float(brentq(slope, 1e-4, 1 - 1e-4)), closed("even", p)))


RESULT = Result(
    id="R18",
    title="Welfare",
    statement="W = ln K - entropy(k) + lambda K (1-H) ln(a)/rho; labs over-build iff "
    "H < rho/(lambda K ln a)",
    assumptions=(
        "full chase (R9), log utility over frontier tokens, demand takes what the leader sells",
        "rho < lambda K ln a, or the planner builds nothing",
    ),
    sources=(
        "Aghion and Howitt (1992), A model of growth through creative destruction, "
        "Econometrica 60: too much or too little research",
    ),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, K: (1.0, 4.0)},
    tolerance=1e-7,
    samples=6,
)
