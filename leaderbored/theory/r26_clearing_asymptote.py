r"""R26. The invisible asymptote where prices clear: how long a lead grows before it is sold.

Linear hazards :math:`\lambda_1 b_1 K_1`, no flywheel, no drafting, any labs, K their compute.
Lab 1 is g rungs ahead of all the others, who sell all they have, and would sell it all at every
lead up to the cap (R22). With :math:`a_1 = a + \ln w_1` and :math:`y_1 = K_1 / ((\psi - 1) K)` lab
1 builds at a lead of g below

.. math:: X = \frac{\lambda_1 K_1}{\rho} - \frac{a_1 - 1 - \ln y_1 - y_1}{\beta (1 - \omega)}

and sells all from there on: a lead that is shorter grows to :math:`g^* = \lceil X \rceil`, and one
that is longer, or :math:`X \le 0`, does not grow. So one more rung is worth its wait iff
:math:`\lambda_1 K_1\, \mu \beta (1 - \omega) / \rho`, the premium of a rung for ever, exceeds what
compute earns. Shortage shortens that lead, as compute earns more in it; openness shortens it.

That others sell all is assumed: it is so where they cannot build, and in equilibria in which they
do not. (Where they do chase, impatient ones, see R24.)
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.quantities import marginal
from leaderbored.theory.r22_clearing_window import beta, free_sales, omega, psi
from leaderbored.theory.races import by_lead
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import K, lam, rho

K_1, a_1 = sp.symbols("K_1 a_1", positive=True)
DOMAIN = {
    lam: (0.5, 3.0),
    rho: (0.05, 0.5),
    K_1: (0.3, 1.0),
    K: (2.0, 3.0),
    psi: (2.0, 6.0),
    a_1: (1.0, 4.0),
    beta: (0.2, 1.5),
    omega: (0.0, 0.8),
}
NEAR = 1e-4  # either side of the edge


def prove() -> Derivation:
    """The premium of a rung against what compute earns; that nothing else matters."""
    proof = Proof()
    mu, y, S, M, others = sp.symbols("mu y_1 S_1 M S_others", positive=True)
    lead = sp.Symbol("g", positive=True)
    worth = a_1 + (1 - omega) * beta * lead
    earned = mu * S * (worth - sp.log(S / (M - others - S)))
    share = sp.symbols("S_0", positive=True)
    full = {others: M - S - share}
    revenue = proof.step(
        "At a lead of g a leader that sells all its compute earns, y_1 K_1 being sold to each of "
        "the unserved:",
        mu * K_1 * (worth - sp.log(y)),
    )
    more = sp.simplify(sp.diff(earned, S).subs(full).subs(S, y * share))
    proof.step("And one more unit sold would earn it m_1, by R22:", sp.expand(more))
    premium = proof.step(
        "A rung more, sold for ever, is worth:",
        sp.factor(sp.simplify(revenue.subs(lead, lead + 1) - revenue) / rho),
    )
    edge = proof.step(
        "It is worth building for, lambda_1 times that being more than m_1, at leads below:",
        sp.expand(sp.solve(lam * premium - more, lead)[0]),
    )
    proof.because(
        "At a lead from that on the leader sells all, and at every later one.",
        "V = revenue / rho solves the Hamilton-Jacobi-Bellman equation there: its right side is "
        "concave in own sales, with the slope m_1 - lambda_1 (V_{g+1} - V_g) >= 0 at S_1 = K_1, as "
        "m_1 rises in g and the premium does not; and a bounded solution is the value",
    )
    proof.because(
        "At a shorter lead below the cap it builds something.",
        "if it sold all there, and so for ever, V_g would be revenue / rho, and V_{g+1} is at "
        "least what selling all at g + 1 for ever earns: the gain is at least the premium, and the "
        "slope above negative",
    )
    proof.because(
        "So a shorter lead grows to the first whole number from that on.",
        "nobody else succeeds, and a hazard that is positive and lasts comes to a success",
    )
    taken = K_1 / ((psi - 1) * K)
    proof.step("The unserved being (psi - 1) K, y_1 is:", taken)
    return proof.close(lead=sp.expand_log(edge.subs(y, taken), force=True))


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The productivity at which a rung more is worth its wait; where leaders stop either side."""
    at, sizes, worths = _draw(rng)
    stop = int(rng.integers(1, 5))
    at[psi] = _famine(at, sizes, worths, stop + 3) * float(rng.uniform(1.01, 3.0))

    value, _, margin = _leader({**at, lam: 1e-6}, sizes, worths, stop)  # at which nobody builds
    found = margin / float(value[stop + 1] - value[stop])
    worst = gap(closed("lead", {**at, lam: found}), stop)
    for side, end in ((1 - NEAR, stop), (1 + NEAR, stop + 1)):
        _, build, _ = _leader({**at, lam: found * side}, sizes, worths, stop)
        builds = build[1 : stop + 3] > 0
        worst = max(worst, float((builds != (np.arange(1, stop + 3) < end)).any()))
    return worst


def _draw(rng: np.random.Generator) -> tuple[Sample, Array, Array]:
    labs = int(rng.integers(2, 4))
    sizes, worths = rng.uniform(0.3, 2.0, labs), rng.uniform(0.5, 4.0, labs)
    ranges = {rho: (0.05, 0.5), beta: (0.2, 1.0), omega: (0.0, 0.9)}
    at: Sample = {symbol: float(rng.uniform(*ends)) for symbol, ends in ranges.items()}
    return {**at, K_1: sizes[0], K: sizes.sum(), a_1: worths[0]}, sizes, worths


def _famine(at: Sample, sizes: Array, worths: Array, lead: int) -> float:
    """A scarcity at which all labs sell all they have, up to a lead of the first."""
    behind = at[omega] * at[beta] * lead
    ratios = [size / free_sales(worth - behind) for size, worth in zip(sizes, worths, strict=True)]
    return float(1 + max(ratios) / at[K])


def _leader(at: Sample, sizes: Array, worths: Array, stop: int) -> tuple[Array, Array, float]:
    """Values and shares by lead of the one lab that can build, and m_1 where it would stop."""
    labs = tuple(
        lb.Lab(str(k), size, brand=float(np.exp(worth)), build=(0.0, float(k == 0)))
        for k, (size, worth) in enumerate(zip(sizes, worths, strict=True))
    )
    market = lb.ClearingMarket(at[psi], switching=at[beta], worth=0.0, openness=at[omega])
    race = lb.Race(labs, market, lb.Technology(at[lam], 1.0), discount=at[rho], rungs=stop + 3)
    game = race.markov()
    found, chain = lb.solve(race).equilibria[0], by_lead(game)
    here = worths + at[beta] * stop * np.where(np.arange(len(sizes)) == 0, 1, 0)
    here = here - at[omega] * at[beta] * stop
    margin = marginal(here, sizes, at[psi] * at[K])[0]
    return found.value[0, chain], found.build[0, chain], float(margin)


RESULT = Result(
    id="R26",
    title="Asymptote of the lead where prices clear",
    statement="A leader whose rivals sell all builds at leads below lambda_1 K_1/rho - (a_1-1-"
    "ln y_1-y_1)/(beta (1-omega)), y_1 = K_1/((psi-1) K), and sells all from there on",
    assumptions=(
        "prices that clear, labs that set quantities; linear hazard, no flywheel, no "
        "drafting; openness < 1, beta > 0",
        "the others sell all they have, and at every lead up to the cap all labs would (R22)",
        "below the cap, at which nothing is left to gain; money does not grow with the frontier",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-7,
    samples=4,
)
