r"""R2. Many labs in one lap: who builds at all, and how much.

With r = 1 lab i maximises :math:`V x_i / X - c_i x_i`, X the total. Its share is
:math:`s_i = 1 - c_i X / V`, if that is positive. Shares add up to one, so with m active labs

.. math:: X = \frac{(m - 1) V}{\sum_{j \le m} c_j}, \qquad x_i = X \Big(1 - \frac{c_i X}{V}\Big).

Labs enter in the order of their costs: lab m is active iff :math:`c_m < \sum_{j \le m} c_j /
(m - 1)`. If one lab can build no more than a cap, the others' condition is quadratic. In general
(:math:`r \le 1`, idle compute, caps) shares fall in X, so the aggregate has one root. Exceptions:
at r = 1, where one lab can build alone for nothing (idle compute) any amount up to its idle compute
may be played; and if only one lab can build and nothing is free, any amount wins, however small,
and there is no equilibrium.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.records import Formulas, Result, draw, gap

m, n = sp.symbols("m n", integer=True, positive=True)
C, V, c, cap = sp.symbols("C V c x_cap", positive=True)
DOMAIN = {m: (2, 6), V: (0.5, 3.0)}


def prove() -> Derivation:
    """First-order condition, shares, their sum, the last lab that enters; one lab capped."""
    proof = Proof()
    x, X, rest = sp.symbols("x X y", positive=True)
    slope = proof.step("A lab's marginal payoff against y of the others.",
                       sp.diff(V * x / (x + rest) - c * x, x))  # fmt: skip
    best = sp.solve(sp.simplify(slope.subs(rest, X - x)), x)[0]
    build = proof.step("With X in all: what it builds with, if positive.", sp.expand(best))
    proof.lemma("As a share of X.", build / X, 1 - c * X / V)
    total = proof.step("The m active labs' shares add up to 1; C is the sum of their costs.",
                       sp.solve(m - C * X / V - 1, X)[0])  # fmt: skip
    own = proof.step("So a lab of cost c builds with.", sp.factor(build.subs(X, total)))
    entry = proof.step("It is positive below this cost.", sp.solve(sp.numer(own) / V, c)[0])
    capped = sp.expand(sp.simplify(slope.subs(rest, cap + (n - 1) * x))
                        * (cap + n * x) ** 2)  # fmt: skip
    quadratic = proof.step("One lab at a cap, n equal ones free: their condition.",
                           sp.collect(sp.simplify(capped), x))  # fmt: skip
    roots = sp.solve(quadratic, x)
    at = {n: 2, c: 1, V: 1, cap: sp.Rational(1, 20)}
    free = next(root for root in roots if root.subs(at) > 0)
    proof.step("Of its two roots one is positive (if the cap is below V / c).", free)
    return proof.close(total=total, build=own, entry=entry, free=free)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Contests by share functions: all labs, who enters, and one at its cap."""
    p = draw(rng, DOMAIN)
    costs = np.sort(rng.uniform(0.5, 2.0, p[m]))
    built = _built(costs, p[V])
    active = built > 1e-12
    count = int(active.sum())
    at = {**p, m: count, C: costs[:count].sum()}
    own = [closed("build", {**at, c: cost}) for cost in costs[:count]]
    worst = max(gap(built.sum(), closed("total", at)), gap(built[:count], own))
    worst = max(worst, float(not active[:count].all()))
    first = costs[:2]  # a third lab is at the margin of entry at this cost: C / (m - 1) of two
    edge = closed("entry", {m: 2, C: first.sum()})
    for side, enters in ((1 - 1e-4, True), (1 + 1e-4, False)):
        worst = max(worst, float((_built([*first, edge * side], p[V])[2] > 1e-12) != enters))
    limit = 0.1 * float(rng.uniform(0.1, 0.5)) * p[V]
    labs = [lb.Contender("cap", limit), *(lb.Contender(str(k), 50.0) for k in range(p[m]))]
    found = lb.solve(lb.Contest(tuple(labs), prize=p[V])).equilibria[0].strategies
    here = {**p, n: p[m], c: 1.0, cap: limit}
    if found["cap"].sum() < limit:  # not binding
        return worst
    return max(worst, gap(found["0"].sum(), closed("free", here)))


def _built(costs: list[float] | np.ndarray, prize: float) -> np.ndarray:
    labs = [lb.Contender(str(k), 50.0, price=float(cost)) for k, cost in enumerate(costs)]
    found = lb.solve(lb.Contest(tuple(labs), prize=prize)).equilibria[0].strategies
    return np.array([found[str(k)].sum() for k in range(len(labs))])


RESULT = Result(
    id="R2",
    title="Many labs, corners, caps",
    statement="m active labs build X = (m-1)V/sum c in all, x_i = X(1 - c_i X/V); lab m enters iff "
    "c_m < sum c/(m-1)",
    assumptions=(
        "r = 1, all sold out",
        "at least two labs can build; where idle compute is free and one lab builds alone the "
        "total is not unique",
    ),
    sources=(
        "Cornes and Hartley (2005), Asymmetric contests with general technologies, Economic "
        "Theory 26: share functions",
        "Stein (2002), Asymmetric rent-seeking with more than two contestants, Public Choice 113",
    ),
    prove=prove,
    compare=compare,
    domain={m: (2, 6), V: (0.5, 3.0), C: (2.0, 8.0), c: (0.5, 1.0), n: (2, 6), cap: (0.01, 0.2)},
    tolerance=1e-8,
    samples=6,
)
