r"""R2. Many labs in a one-shot contest: who builds at all, and how much.

With r = 1 lab i maximises :math:`V x_i / X - c_i x_i`, X the total. Its share is
:math:`s_i = 1 - c_i X / V`, if that is positive. Shares add up to one, so with m active labs

.. math:: X = \frac{(m - 1) V}{\sum_{j \le m} c_j}, \qquad x_i = X \Big(1 - \frac{c_i X}{V}\Big).

Labs enter in the order of their costs: lab m is active iff :math:`c_m < \sum_{j \le m} c_j /
(m - 1)`, and the active ones are those up to the last m for which that holds. If one lab can build
no more than a cap, the others' condition is quadratic. In general (:math:`r \le 1`, idle compute
that builds for nothing, caps) shares fall in the aggregate :math:`Y = \sum t_j x_j^r`, which has
one root. Exceptions: at r = 1, where one lab can build alone for nothing (idle compute) any amount
up to its idle compute may be played; and if only one lab can build and nothing is free, any amount
wins, however small, and there is no equilibrium.
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
    slope = proof.step(
        "A lab's marginal payoff against y of the others:", sp.diff(V * x / (x + rest) - c * x, x)
    )
    best = sp.solve(sp.simplify(slope.subs(rest, X - x)), x)[0]
    build = proof.step("With X in all it vanishes where the lab builds with:", sp.expand(best))
    proof.because(
        "So its share of X is s(X) = max(0, 1 - c X / V), and X > 0 is the total of an equilibrium "
        "iff these shares add up to one. Nothing at all is no equilibrium.",
        "the payoff is strictly concave, so that the first-order condition is necessary and "
        "sufficient; against nothing there is no best reply",
    )
    proof.because(
        "With two labs or more there is one equilibrium.",
        "the sum of shares is continuous, near N for X near 0, falls strictly while it is "
        "positive, and is zero from V / c_1 on: it is one once",
    )
    total = proof.step(
        "If m labs are active and C is the sum of their costs, m - C X / V = 1:",
        sp.solve(m - C * X / V - 1, X)[0],
    )
    own = proof.step("So an active lab of cost c builds with:", sp.factor(build.subs(X, total)))
    entry = proof.step("That is positive below the cost:", sp.solve(sp.numer(own) / V, c)[0])
    c_m, before = sp.symbols("c_m C_before", positive=True)
    proof.lemma(
        "Number labs by cost. At X = V / c_m, where lab m's share and those of dearer labs "
        "are zero, the shares of those before it, C_before the sum of their costs, exceed "
        "one by:",
        (m - 1) - (before / V) * (V / c_m) - 1,
        ((m - 1) * c_m - (before + c_m)) / c_m,
    )
    proof.because(
        "Lab m is active iff that is negative: iff c_m < C / (m - 1), C with c_m included. That "
        "holds for every active lab and for no other, so the active labs are those up to the "
        "largest m for which it holds: one set.",
        "lab m is active iff the equilibrium total is below V / c_m, that is iff the falling sum "
        "of shares is below one at V / c_m; the active labs are the cheapest ones, so that the "
        "condition holds up to the last of them and for none after",
    )
    capped = sp.expand(sp.simplify(slope.subs(rest, cap + (n - 1) * x)) * (cap + n * x) ** 2)
    quadratic = proof.step(
        "One lab at a cap, n equal ones free: their condition, times X^2:",
        sp.collect(sp.simplify(capped), x),
    )
    roots = sp.solve(quadratic, x)
    at = {n: 2, c: 1, V: 1, cap: sp.Rational(1, 20)}
    free = next(root for root in roots if root.subs(at) > 0)
    proof.step(
        "It is positive at x = 0 if the cap is below V / c, and falls to minus infinity, so "
        "one root is positive:",
        free,
    )
    _general(proof)
    return proof.close(total=total, build=own, entry=entry, free=free)


def _general(proof: Proof) -> None:
    """Decisiveness below one, idle compute and caps: shares fall in the aggregate."""
    proof.because(
        "In general, with r <= 1, chances t_i x_i^r / Y, free idle compute and caps, write lab i's "
        "output as y_i = t_i x_i^r. Its cost k_i(y_i) is convex and does not fall, so its payoff "
        "is concave, and its share s of Y solves V (1 - s) = Y k_i'(s Y) (at a kink of k_i "
        "between the slopes on its two sides; at the cap s = cap / Y if the left side is larger).",
        "x = (y / t)^(1/r) is convex and rising for r <= 1, and a convex rising cost of it is one",
    )
    proof.because(
        "There is at most one such share, and it falls in Y: strictly, unless it is 0 or 1.",
        "the left side falls strictly in s, the right side rises in s and in Y; where s is held by "
        "a kink or a cap, s Y is constant; where k_i' = 0, on idle compute, s = 1",
    )
    proof.because(
        "If two labs or more can build and r < 1 there is one equilibrium.",
        "then k_i' is zero at zero, so that every share is positive; the sum of shares tends to "
        "the number of labs as Y falls to zero, to zero as Y grows, and where it is one no share "
        "is 0 or 1, so that it falls strictly there",
    )
    proof.because(
        "At r = 1 the same holds unless one lab's share is 1 and the others' are 0 where the sum "
        "is one; then every Y up to its idle output at which the others stay out is one. And if "
        "only one lab can build and nothing is free there is no equilibrium.",
        "shares of 0 occur at r = 1 for k_i'(0) > 0; a single share is below one for every Y > 0",
    )


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
    statement="The m active labs build X = (m-1)V/sum c in all, x_i = X(1 - c_i X/V); m is the "
    "last for which c_m < sum c/(m-1)",
    assumptions=(
        "closed forms: r = 1, all sold out; labs in the order of their costs",
        "one equilibrium: at least two labs can build; also for r < 1, idle compute and caps",
        "where idle compute is free, r = 1 and one lab builds alone the total is not unique",
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
