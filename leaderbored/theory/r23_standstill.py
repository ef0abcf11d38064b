r"""R23. Rationing at a set price: a sold-out tie may stand still, and no lab can do better.

On a market that rations at the set price p, lab i can earn no more than :math:`p K_i`. At a tie it
faces the share :math:`w_i / \sum_j w_j` of the demand :math:`\psi K`, K the compute of all labs, w
their brands. If

.. math:: \psi \ge \frac{K_i \sum_j w_j}{w_i K} \qquad \text{for every lab } i,

at least one for equal labs, and no lab has to build, then in some Markov-perfect equilibrium nobody
builds at the tie, lab i is worth :math:`p K_i / \rho` there, and no strategies of any kind, at any
leaderboard, give any lab more. This holds for any number of labs, any hazards, switching, premium,
leapfrogging, flywheel, handicap and drafting.

Without a premium and without drafting the same goes for every leaderboard at which all labs are
sold out: in famine (R3) all leads up to a length may stand still.

So with set prices shortage alone makes no race and no run: nothing is to be gained that a sold-out
lab has not. (Where prices clear the market that is over: R23b.)
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.solvers.markov.certificate import regret
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import values
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import rho

p = sp.Symbol("p", positive=True)
K_1, K_2, K_3 = SIZES = sp.symbols("K_1:4", positive=True)
w_1, w_2, w_3 = BRANDS = sp.symbols("w_1:4", positive=True)
DOMAIN = {
    **dict.fromkeys(SIZES, (0.3, 2.0)),
    **dict.fromkeys(BRANDS, (0.3, 2.0)),
    p: (0.5, 2.0),
    rho: (0.05, 0.5),
}
NEAR = 1e-6  # either side of the boundary


def prove() -> Derivation:
    """The ceiling of revenue, where the tie attains it, and an equilibrium of the rest."""
    proof = Proof()
    psi = sp.Symbol("psi", positive=True)
    demand = proof.step(
        "At a tie of three labs the first faces the demand:",
        psi * sum(SIZES) * w_1 / sum(BRANDS),
    )
    scarcity = proof.step(
        "It covers the lab's compute from this scarcity on:",
        sp.solve(demand - K_1, psi)[0],
    )
    proof.because(
        "Let it cover every lab's. Lab i earns p K_i if nobody builds, and never more, anywhere.",
        "revenue is its price, at most p, times what it sells, at most K_i",
    )
    time = sp.Symbol("t", positive=True)
    value = proof.step(
        "For ever that is worth:", sp.integrate(p * K_1 * sp.exp(-rho * time), (time, 0, sp.oo))
    )
    proof.because(
        "So at the tie building nothing is a best reply to rivals that build nothing there, "
        "whatever all do elsewhere.",
        "without a success the tie lasts, as drafting moves nobody who is not behind, and its "
        "value is the ceiling: no deviation can be worth more",
    )
    proof.because(
        "Take the game in which play ends at the tie with these values. It has a Markov-perfect "
        "equilibrium.",
        "finitely many states, shares from an interval, and convex best replies: with a gain from "
        "success that is not negative the payoff is concave in the lab's own share, as h is, and "
        "with a loss the least share is the one best reply, as sales and -h both fall in it; "
        "Kakutani's theorem on shares and values",
    )
    proof.because(
        "With no building at the tie it is an equilibrium of the race.",
        "elsewhere replies are best by construction, as the tie is worth what it was taken to be; "
        "at the tie by step 5",
    )
    proof.because(
        "Without premium and drafting the same holds for all leaderboards together at which every "
        "lab is sold out.",
        "with one price for all each of them pays the ceiling while it lasts, and without "
        "drafting it lasts while nobody builds",
    )
    return proof.close(scarcity=scarcity, value=value)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Regret, by the solvers' certificate, of equilibria in which the tie stands still."""
    at, market, race = _draw(rng)
    labs = len(race.labs)
    scarcity = max(closed("scarcity", _first(at, i)) for i in range(labs))
    worst = 0.0
    for side, idle in ((1 - NEAR, True), (1 + NEAR, False)):
        near = replace(race, market=replace(market, scarcity=scarcity * side))
        worst = max(worst, float((near.markov().idle[:, 0] > 0).any() != idle))
    scarcity *= float(rng.choice([1 + NEAR, rng.uniform(1.0, 3.0)]))
    race = replace(race, market=replace(market, scarcity=scarcity))
    game = race.markov()
    still = np.arange(len(game.states)) == 0
    free = race.technology.drafting == 0 and market.premium == 0
    if free:  # all leaderboards at which everyone is sold out
        still |= (game.demand >= game.capacity).all(axis=0)
    found = lb.solve(replace(game, scale=np.where(still, 0.0, game.scale))).equilibria[0]
    build = np.where(still, 0.0, found.build)
    worst = max(worst, float(regret(game, build).max()))
    most = np.array([closed("value", _first(at, i)) for i in range(labs)])
    value = values(game, build)
    worst = max(worst, gap(value[:, still], np.repeat(most[:, None], still.sum(), axis=1)))
    return max(worst, float((value / most[:, None] - 1).max()))


def _draw(rng: np.random.Generator) -> tuple[Sample, lb.ScarceMarket, lb.Race]:
    """A race of two or three labs with everything that the statement allows."""
    labs = int(rng.integers(2, 4))
    at: Sample = {s: float(rng.uniform(0.3, 2.0)) if k < labs else 0.0 for k, s in enumerate(SIZES)}
    at |= {s: float(rng.uniform(0.3, 2.0)) if k < labs else 0.0 for k, s in enumerate(BRANDS)}
    at |= {p: float(rng.uniform(0.5, 2.0)), rho: float(rng.uniform(0.05, 0.5))}
    plain = rng.uniform() < 0.5
    technology = lb.Technology(
        float(rng.uniform(0.3, 2.0)),
        float(rng.choice([0.5, 0.8, 1.0])),
        flywheel=float(rng.uniform(0.0, 0.1)),
        handicap=float(rng.uniform(0.0, 0.2)),
        drafting=0.0 if plain else 0.2,
        leapfrog=float(rng.choice([0.0, 0.5, 1.0])),
    )
    market = lb.ScarceMarket(
        1.0,
        switching=float(rng.uniform(0.1, 1.5)),
        premium=0.0 if plain else float(rng.uniform(0.0, 0.4)),
        price=at[p],
    )
    named = tuple(lb.Lab(str(k), at[SIZES[k]], brand=at[BRANDS[k]]) for k in range(labs))
    rungs = 6 if labs == 2 else 2
    return at, market, lb.Race(named, market, technology, discount=at[rho], rungs=rungs)


def _first(at: Sample, i: int) -> Sample:
    """The same race with lab i named first."""
    order = [i, *(k for k in range(3) if k != i)]
    moved = {family[k]: at[family[j]] for family in (SIZES, BRANDS) for k, j in enumerate(order)}
    return {**at, **moved}


RESULT = Result(
    id="R23",
    title="Standstill at a set price",
    statement="If psi w_i K/sum_j w_j >= K_i for every lab, in some equilibrium nobody builds at "
    "the tie, where lab i is worth p K_i/rho, and no strategies give any lab more anywhere",
    assumptions=(
        "a market that rations at a set price; no lab has to build; any labs, any technology",
        "money that does not grow with the frontier (where it does: R27)",
        "for all leaderboards at which every lab is sold out: no premium and no drafting",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-8,
    samples=6,
)
