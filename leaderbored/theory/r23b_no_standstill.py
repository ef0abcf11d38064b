r"""R23b. Where prices clear the market no sold-out tie stands still.

Two labs of any size and brand, step by step, diminishing returns, labs that set quantities. At the
tie, if nobody builds there, one of them, lab j, is sold out (R22 says from which scarcity on; it is
enough that one is). If a rung is worth anything to customers (:math:`\beta > 0`) and the outside
option does not follow all of it (:math:`\omega < 1`), there is no Markov-perfect equilibrium in
which nobody builds at the tie. For the other lab, i, a first success adds at least

.. math:: V_i(1) - V_i(0) \ge \frac{\mu \beta (1 - \omega) S_i}{\rho + h} ,

:math:`S_i` what it sells at the tie and h the highest hazard of its rival one rung behind.

Against R23: a price that is set has a ceiling that a sold-out tie attains; a price that clears the
market rises with a lead, and does so for a lab that sells just what it sold before.

Labs that take prices as given: the same if both are sold out at the tie. Where money grows by
:math:`\Gamma` with the frontier the same holds, the more so: a success adds :math:`(\Gamma - 1)
V_i(0)` besides, as the lab has at least :math:`V_i(0)` at any lead.

The limits of the statement are real. Where the outside option follows all of a lead, laggards
leapfrog and nobody is sold out, two equal labs may stand still at the tie (computed): each of them
is then worth :math:`\mu (1 + Y) Y M / ((1 + 2 Y) \rho)`, Y as in R22.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.r22_clearing_window import beta, free_sales, omega
from leaderbored.theory.races import by_lead
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import rho

mu, S_i, h = sp.symbols("mu S_i h", positive=True)
DOMAIN = {
    mu: (0.5, 2.0),
    beta: (0.1, 2.0),
    omega: (0.0, 0.9),
    S_i: (0.3, 2.0),
    rho: (0.05, 1.0),
    h: (0.05, 2.0),
}


def prove() -> Derivation:
    """What a lead earns a lab that sells as before, and for how long."""
    proof = Proof()
    a_i, S_0, time = sp.symbols("a_i S_0 t", positive=True)
    lead = sp.Symbol("g", positive=True)
    proof.because(
        "Suppose nobody builds at the tie. Then it lasts, lab i sells S_i > 0 there and lab j all "
        "its compute, and V_i(0) is lab i's revenue there over rho.",
        "without a success, and with nobody behind to draft, nothing moves the tie; S_i is a best "
        "reply and positive, as m is unbounded at no sales",
    )
    proof.because(
        "Let lab i, once ahead, sell S_i and build nothing until the tie is back. Then never fewer "
        "go without than the S_0 of the tie.",
        "customers less S_i less what lab j sells, which is at most its compute, what it sold at "
        "the tie",
    )
    flow = proof.step(
        "So at a lead of g it earns at least this:",
        mu * S_i * (a_i + (1 - omega) * beta * lead - sp.log(S_i / S_0)),
    )
    more = proof.step(
        "With one rung that is more than at the tie by:",
        sp.factor(sp.expand(flow.subs(lead, 1) - flow.subs(lead, 0))),
    )
    stay = proof.step(
        "Discounted until a success of its rival at a hazard of at most h, step by step back to "
        "the tie, that is worth at least:",
        sp.simplify(sp.integrate(more * sp.exp(-(rho + h) * time), (time, 0, sp.oo))),
    )
    proof.because(
        "So V_i(1) - V_i(0) is at least that.",
        "lab i can do so, and then go on from the tie as before; it does better than the tie's "
        "revenue at all times before, and in equilibrium V_i(1) is the most it can have",
    )
    proof.because(
        "It is positive, so that lab i builds at the tie: there is no such equilibrium.",
        "with diminishing returns the first compute that builds succeeds at an unbounded hazard "
        "per unit, and what it would have sold earns m_i, which is finite",
    )
    proof.because(
        "If both are sold out at the tie the same holds for labs that take prices as given.",
        "at a lead both sell at most what they sold at the tie, so that prices of lab i there are "
        "not below those of the sales S_i",
    )
    return proof.close(floor=stay)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The floor where it is exact; that solved equilibria build at the tie, and gain that much."""
    at, sizes, worths = _draw(rng)
    i = int(rng.integers(2))
    free = np.array([free_sales(worth - at[omega] * at[beta]) for worth in worths])
    customers = float(1.02 * (sizes / free).max() + sizes.sum())  # all sold out a rung away too
    technology = lb.Technology(1.0, drafting=at[h])
    gain, _ = _first(_race(at, customers, _labs(sizes, worths, 0.0), technology), i)
    worst = gap(gain, closed("floor", {**at, S_i: sizes[i]}))
    free = np.array([free_sales(worth) for worth in worths])
    j = int(np.argmin(sizes / free))  # who sells out first
    i, ratio = 1 - j, float(sizes[j] / free[j])
    customers = ratio + sizes[j] + min(sizes[i], free[i] * ratio)
    customers *= float(rng.choice([1.0, rng.uniform(1.0, 3.0)]))
    sold = min(float(sizes[i]), float(free[i] * (customers - sizes[j]) / (1 + free[i])))
    returns, handicap = float(rng.choice([0.3, 0.5, 0.8])), float(rng.uniform(0.0, 0.3))
    technology = lb.Technology(at[h], returns, handicap=handicap, drafting=at[h] / 3)
    gain, build = _first(_race(at, customers, _labs(sizes, worths, 1.0), technology), i)
    most = at[h] * (float(sizes[j]) ** returns * np.exp(-handicap) + 1 / 3)
    least = closed("floor", {**at, S_i: sold, h: most})
    return max(worst, float(build <= 0), float(1 - gain / least))


def _draw(rng: np.random.Generator) -> tuple[Sample, Array, Array]:
    sizes, worths = rng.uniform(0.3, 2.0, 2), rng.uniform(-1.0, 4.0, 2)
    ranges = {mu: (0.5, 2.0), beta: (0.1, 1.5), rho: (0.1, 1.0), h: (0.05, 1.0)}
    at: Sample = {symbol: float(rng.uniform(*ends)) for symbol, ends in ranges.items()}
    return {**at, omega: float(rng.choice([0.0, rng.uniform(0.0, 0.9)]))}, sizes, worths


def _labs(sizes: Array, worths: Array, most: float) -> tuple[lb.Lab, ...]:
    """Two labs that can build the share ``most``."""
    return tuple(
        lb.Lab(str(k), size, brand=float(np.exp(worth)), build=(0.0, most))
        for k, (size, worth) in enumerate(zip(sizes, worths, strict=True))
    )


def _race(
    at: Sample, customers: float, labs: tuple[lb.Lab, ...], technology: lb.Technology
) -> lb.Race:
    market = lb.ClearingMarket(
        customers / sum(lab.compute for lab in labs),
        switching=at[beta],
        worth=0.0,
        price=at[mu],
        openness=at[omega],
    )
    return lb.Race(labs, market, technology, discount=at[rho], rungs=5)


def _first(race: lb.Race, lab: int) -> tuple[float, float]:
    """What a first success adds to a lab's value, and what it builds at the tie, as solved."""
    found, chain = lb.solve(race).equilibria[0], by_lead(race.markov(), lab)
    tie, ahead = found.value[lab, chain[:2]]
    return float(ahead - tie), float(found.build[lab, chain[0]])


RESULT = Result(
    id="R23b",
    title="No standstill where prices clear",
    statement="Two labs, step by step, theta < 1, beta > 0, omega < 1: if one is sold out at the "
    "tie no equilibrium has nobody build there; a first success adds mu beta (1-omega) S_i/"
    "(rho+h) or more",
    assumptions=(
        "prices that clear, labs that set quantities, and may build nothing at the tie; any "
        "compute, brands, flywheel, handicap, drafting",
        "S_i: sales at the tie, nobody building, of the lab that is not the one known to be sold "
        "out; h: the most a rival one rung behind can succeed at",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-8,
    samples=6,
)
