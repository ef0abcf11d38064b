r"""R10. The invisible asymptote: how long a lead grows before it pays to sell it.

Rivals build flat out (total hazard :math:`(N - 1) \lambda`), a leader g rungs ahead earns
:math:`r_g = e^{a g} - 1`: the premium that a better model commands over the next best. With a
linear hazard the leader either builds flat out or sells. Building towards rung G costs a factor
:math:`T = N + \rho / \lambda` per rung (success before the rivals, discounted), so it picks the G
with the largest :math:`r_G / T^{G - 1}`. Since r is log-concave it stops at the first g at which
:math:`r_{g+1} / r_g \le T`:

.. math:: g^* = \Big\lceil \frac1a \ln \frac{T - 1}{T - e^a} \Big\rceil, \qquad e^a < T .

More rivals raise T and shorten the lead. For :math:`e^a \ge T` every later stop is better than an
earlier one: without a cap on leads there is no best reply, and no equilibrium. With a cap the
leader builds up to it: a space race as long as the cap. (A leader that builds flat out keeps the
pace of its chasers, so that q = 1 up to :math:`g^*`.)
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from leaderbored.solvers.markov.certificate import regret
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead, ladder_race, laggards_and_leader, values
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import N, lam, rho

a = sp.Symbol("a", positive=True)
DOMAIN = {N: (2, 4), lam: (0.5, 3.0), rho: (0.05, 0.5)}
POOR = 1e-3  # f, at which laggards build flat out


def prove() -> Derivation:
    """Value a plan to stop at a rung; compare neighbours; solve for the rung."""
    proof = Proof()
    g = sp.Symbol("g", positive=True)
    U, above, T = sp.symbols("U_g U_next T", positive=True)
    proof.because(
        "The leader builds flat out up to some lead and sells there, or never sells.",
        "its payoff is linear in its share, so that at each lead one of the two is best",
    )
    climb = proof.step(
        "At a lead at which it builds flat out, this is zero, U_g being its value V_g less "
        "(N - 1) lambda W / (rho + (N - 1) lambda), what it is worth to be overtaken (R5):",
        (rho + (N - 1) * lam) * U - lam * (above - U),
    )
    factor = proof.step(
        "So a rung multiplies value by 1 / T, with T the inverse of:", sp.solve(climb, U)[0] / above
    )
    rungs = proof.step("T is:", sp.simplify(1 / factor))
    proof.because(
        "So it picks the lead G with the largest r_G / T^(G-1), if there is one.",
        "sold from lead G on, U_G = r_G / (rho + (N - 1) lambda), and G - 1 rungs come before",
    )
    revenue = sp.exp(a * g) - 1
    stop = proof.step(
        "With r_g = e^{a g} - 1, stopping one rung later is better iff this, "
        "r_{g+1} - T r_g, is positive:",
        sp.expand(revenue.subs(g, g + 1) - T * revenue),
    )
    proof.step("Its slope in g:", sp.factor(sp.diff(stop, g)))
    x = sp.Symbol("x", positive=True)
    power = sp.solve(
        sp.expand(stop).subs(sp.exp(a * g), x).subs(sp.exp(a * g + a), x * sp.exp(a)), x
    )[0]
    proof.step(
        "If e^a < T it falls, from e^a - 1 > 0 at g = 0, and is zero where e^{a g} is:", power
    )
    lead = proof.step(
        "So later stops are better up to the next whole g from this on, and worse beyond:",
        sp.log((T - 1) / (T - sp.exp(a))).subs(T, rungs) / a,
    )
    proof.because(
        "If e^a >= T every later stop is better than every earlier one: without a cap there is no "
        "best reply, and no equilibrium in which rivals build flat out.",
        "then r_{g+1} - T r_g is positive for every g, and never selling earns nothing",
    )
    return proof.close(lead=lead, escape=sp.log(rungs))


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Find the growth at which a leader of g rungs is indifferent; the form must give g."""
    p = draw(rng, DOMAIN)
    g = int(rng.integers(1, 5 if p[N] == 2 else 3))
    top = g + 1

    def temptation(growth: float) -> float:
        revenue = [POOR, *np.expm1(growth * np.arange(1, top + 1))]
        game = ladder_race(revenue, p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
        profile = laggards_and_leader(game, 1.0, [1.0] * (g - 1) + [0.0, 0.0])
        value = values(game, profile)[0, by_lead(game)]
        return float(p[lam] * (value[g + 1] - value[g]) - revenue[g])

    escape = float(np.log(p[N] + p[rho] / p[lam]))
    growth = float(brentq(temptation, 1e-3, escape, xtol=1e-14))
    worst = gap(closed("lead", {**p, a: growth}), g)
    for side in (1 - 1e-4, 1 + 1e-4):  # just below, the leader stops at g; above, it goes on
        revenue = [POOR, *np.expm1(growth * side * np.arange(1, top + 2))]
        game = ladder_race(revenue, p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
        climbing = int(np.ceil(closed("lead", {**p, a: growth * side}))) - 1
        profile = laggards_and_leader(game, 1.0, [1.0] * climbing + [0.0] * (top + 1 - climbing))
        worst = max(worst, float(regret(game, profile).max()))
    game = ladder_race([POOR, 0.1, 1.0], p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
    value = values(game, laggards_and_leader(game, 1.0, [1.0, 0.0]))[0, by_lead(game)]
    net = value[1:] - value[0] * (1 - p[rho] / (p[rho] + (p[N] - 1) * p[lam]))
    return max(worst, gap(np.log(net[1] / net[0]), closed("escape", p)))


RESULT = Result(
    id="R10",
    title="Asymptote of the lead",
    statement="With r_g = e^{ag} - 1 a lead stops at ceil(ln((T-1)/(T-e^a))/a), T = N + "
    "rho/lambda; for e^a >= T there is no best reply without a cap",
    assumptions=(
        "linear hazard, leapfrog, rivals build flat out (R9)",
        "e^a < T for a finite lead",
    ),
    sources=("Denicolo and Zanchettin (2012), Economic Journal 122: leaders that stop innovating",),
    prove=prove,
    compare=compare,
    domain={N: (2, 5), lam: (0.5, 3.0), rho: (0.05, 0.5), a: (0.1, 0.6)},
    tolerance=1e-7,
    samples=5,
)
