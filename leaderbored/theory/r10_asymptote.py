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
    climb = proof.step(
        "A leader that builds flat out, values net of a laggard's share.",
        (rho + (N - 1) * lam) * U - lam * (above - U),
    )
    factor = proof.step("Each rung multiplies value by 1 / T.", sp.solve(climb, U)[0] / above)
    rungs = proof.step("T.", sp.simplify(1 / factor))
    revenue = sp.exp(a * g) - 1
    stop = proof.step("One rung more pays iff r_{g+1} / r_g > T.",
                      sp.expand(revenue.subs(g, g + 1) - T * revenue))  # fmt: skip
    x = sp.Symbol("x", positive=True)
    power = sp.solve(sp.expand(stop).subs(sp.exp(a * g), x).subs(sp.exp(a * g + a), x * sp.exp(a)),
                     x)[0]  # fmt: skip
    proof.step("The ratio falls in g, to e^a. With x = e^{a g}, equality at.", power)
    proof.lemma("It is what the statement says.", power, (T - 1) / (T - sp.exp(a)),
                {a: (0.1, 0.5), T: (2, 4)})  # fmt: skip
    lead = proof.step("So the lead stops at the next whole rung from.",
                      sp.log((T - 1) / (T - sp.exp(a))).subs(T, rungs) / a)  # fmt: skip
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
