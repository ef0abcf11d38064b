r"""R1. The one-shot contest: what decides is headwind against head start.

Two labs that sell all they do not build with choose building compute :math:`B_i` to maximise

.. math:: u_i = p_i (K_i - B_i) + V P_i, \qquad P_1 = \frac{t B_1^r}{t B_1^r + B_2^r} .

The first-order conditions are :math:`p_i B_i = r V P_1 P_2`: both spend the same money. So
:math:`B_1 / B_2 = p_2 / p_1` and the odds are :math:`m = P_1 / P_2 = t (p_2 / p_1)^r`. The leader
is the less likely to win the contest iff :math:`r \ln (p_1 / p_2) > \ln t`.

The condition is an equilibrium iff nobody would rather not build: :math:`V P_i - p_i B_i = V P_i
(1 - r P_j) \ge 0` for both, that is :math:`r \le 1 + \min(m, 1/m)`. It presumes enough compute,
:math:`B_i \le K_i`, and that none is idle. For :math:`r \le 1` the payoff is concave and the
condition is slack; above one it also makes the first-order condition a maximum.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap

p_1, p_2, t, V, r = sp.symbols("p_1 p_2 t V r", positive=True)
DOMAIN = {p_1: (1.0, 3.0), p_2: (0.5, 2.0), t: (0.7, 2.0), V: (0.5, 3.0), r: (0.3, 1.0)}
STEP = 1e-4


def prove() -> Derivation:
    """First-order conditions, their ratio, the odds, and the temptation to stay out."""
    proof = Proof()
    B_1, B_2, m = sp.symbols("B_1 B_2 m", positive=True)
    chance = t * B_1**r / (t * B_1**r + B_2**r)
    proof.because(
        "In equilibrium both labs build.",
        "against a lab that builds nothing any amount wins, and a smaller one costs less: there "
        "is no best reply",
    )
    first = proof.step("Lab 1's marginal payoff:", sp.diff(V * chance - p_1 * B_1, B_1))
    second = proof.step("Lab 2's:", sp.diff(V * (1 - chance) - p_2 * B_2, B_2))
    spent = r * V * chance * (1 - chance)
    proof.lemma("Times B_1, the first says p_1 B_1 = r V P_1 P_2:", B_1 * first, spent - p_1 * B_1)
    proof.lemma(
        "Times B_2, the second says p_2 B_2 = r V P_1 P_2:", B_2 * second, spent - p_2 * B_2
    )
    odds = proof.step(
        "So p_1 B_1 = p_2 B_2, and the odds of lab 1, m = t (B_1 / B_2)^r, are:",
        (t * (B_1 / B_2) ** r).subs(B_1, p_2 * B_2 / p_1),
    )
    leads = proof.step("Its chance m / (1 + m) is:", sp.simplify(odds / (1 + odds)))
    build = proof.step(
        "It builds with r V P_1 P_2 / p_1, that is with:", r * V * leads * (1 - leads) / p_1
    )
    bend = sp.diff(V * chance, B_1, 2) * B_1**2 / spent
    proof.lemma(
        "The second derivative of lab 1's payoff, times B_1^2 and over r V P_1 P_2:",
        bend,
        r * (1 - 2 * chance) - 1,
    )
    stay = sp.factor((V * m / (1 + m) - r * V * m / (1 + m) ** 2) / (V * m / (1 + m)))
    proof.step("Lab 1's gain over not building, as a share of V P_1, at odds m:", stay)
    proof.step(
        "It is not negative up to this r; for lab 2 with 1/m, so the smaller binds:",
        sp.expand(sp.solve(stay, r)[0]),
    )
    proof.because(
        "If r <= 1 + min(m, 1/m) the first-order conditions are an equilibrium, the only pure "
        "one; beyond it there is none.",
        "the payoff is convex up to some amount (none if r <= 1) and concave beyond, as P_1 rises "
        "in B_1, so the best reply is 0 or the critical point in the concave part; where the gain "
        "over 0 is not negative, P_1 >= 1 - 1/r, the critical point is in that part",
    )
    balance = sp.solve(sp.log(odds).expand(force=True), sp.log(t))[0]
    level = proof.step(
        "The odds are even where ln t is this; the lead limits itself above:",
        sp.expand_log(balance, force=True),
    )
    return proof.close(
        chance=leads,
        build=build,
        level_head_start=sp.exp(level),
        most_decisive=1 + sp.Min(odds, 1 / odds),
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The contest by share functions; and above r = 1 whether a pure equilibrium is found."""
    p = draw(rng, DOMAIN)
    build = _solve(p)
    chance = p[t] * build[0] ** p[r] / (p[t] * build[0] ** p[r] + build[1] ** p[r])
    worst = max(gap(build[0], closed("build", p)), gap(chance, closed("chance", p)))
    level = {**p, t: closed("level_head_start", p)}
    odds = level[t] * np.divide(*_solve(level)) ** p[r]
    worst = max(worst, gap(odds, 1.0))
    even = {**p, p_1: 1.0, p_2: 1.0, t: float(rng.uniform(1.2, 3.0))}
    bound = closed("most_decisive", even)
    for side in (1 - STEP, 1 + STEP):  # a pure equilibrium is found below the bound, none above
        found = lb.solve(_contest({**even, r: bound * side})).equilibria
        worst = max(worst, float(bool(found) != (side < 1)))
    return worst


def _contest(p: Sample) -> lb.Contest:
    labs = [
        lb.Contender("1", 50.0, price=p[p_1], head_start=p[t]),
        lb.Contender("2", 50.0, price=p[p_2]),
    ]
    return lb.Contest(tuple(labs), prize=p[V], decisiveness=p[r])


def _solve(p: Sample) -> np.ndarray:
    strategies = lb.solve(_contest(p)).equilibria[0].strategies
    return np.array([strategies["1"].sum(), strategies["2"].sum()])


RESULT = Result(
    id="R1",
    title="One-shot contest",
    statement="P_1 = t p_2^r / (t p_2^r + p_1^r): the lead self-limits iff r ln(p_1/p_2) > ln t",
    assumptions=(
        "two labs, both sold out, enough compute",
        "pure equilibrium: r <= 1 + min(m, 1/m), m = t (p_2/p_1)^r",
    ),
    sources=(
        "Tullock (1980), Efficient rent seeking, in Toward a Theory of the Rent-Seeking Society",
        "Konrad (2009), Strategy and Dynamics in Contests",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-7,
    samples=4,
)
