r"""R7. A log-linear ladder keeps every leader at one share, and that share is a closed form.

Equal labs leapfrog; a leader g rungs ahead earns :math:`r_g = f \gamma^g` per unit of compute that
sells. On the ladder :math:`D u_g = \max_b (1 - b) r_g + h(b)(u_{g+1} - u_g)` the guess :math:`u_g
= v f \gamma^g` leaves one equation for all rungs, so that all build the same share b. The
first-order condition gives v, the definition of D the rest:

.. math:: \rho + (N - 1) h(b) = (\gamma - 1) [ (1 - b) h'(b) + h(b) ].

With :math:`h = \lambda \sqrt b` that is a quadratic in :math:`\sqrt b`. For any exponent the
discount rate at which a given share is the equilibrium is explicit, which traces the whole curve.

With theta = 1/2 there is a share below one, so that something is sold, iff :math:`\gamma < N + \rho
/ \lambda`. Beyond that bound a leader would always gain by selling later: there is no best reply,
and no equilibrium, without a cap. The ladder has no top; a top at G bends the shares by a factor of
order :math:`(\gamma h / (D + h))^G`.
"""

from __future__ import annotations

from math import ceil, log

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import ladder_race
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import N, b, f, gamma, lam, rho, theta

DOMAIN = {
    N: (2, 3),
    gamma: (1.1, 1.35),
    lam: (0.5, 2.0),
    rho: (0.05, 0.3),
    theta: (0.3, 0.7),
    b: (0.02, 0.5),
}


def prove() -> Derivation:
    """Guess a geometric value, take the first-order condition, eliminate, solve."""
    proof = Proof()
    v, s, g = sp.symbols("v s g", positive=True)
    h = sp.Function("h")
    reward = f * gamma**g
    proof.because(
        "By R5 an equilibrium is a ladder D u_g = max_b (1 - b) r_g + h(b) (u_{g+1} - u_g) with "
        "D = rho + (N - 1) h(b_0). On r_g = f gamma^g its values are u_g = v f gamma^g.",
        "R6, step 3: the ladder from rung 1 on is gamma times the ladder, so are its values",
    )
    bellman = (1 - b) * reward + h(b) * v * f * (gamma ** (g + 1) - gamma**g)
    proof.step("The right side of the ladder, before the maximum, is then:", bellman)
    rate = rho + (N - 1) * h(b)
    per_rung = 1 - b + h(b) * v * (gamma - 1)
    proof.lemma(
        "Divided by r_g it is the same at every rung, so that all build one share:",
        bellman / reward,
        per_rung,
    )
    slope = proof.step("Its slope in b:", sp.diff(per_rung, b))
    worth = proof.step("At an interior share it vanishes, which gives v:", sp.solve(slope, v)[0])
    balance = sp.simplify(
        ((rate * v - per_rung) * sp.diff(h(b), b) * (gamma - 1)).subs(v, worth).doit()
    )
    condition = rate - (gamma - 1) * ((1 - b) * sp.diff(h(b), b) + h(b))
    proof.step(
        "Bellman's equation D v = maximum, times (gamma - 1) h'(b), leaves a condition on b "
        "alone, that this be zero:",
        balance,
    )
    proof.lemma("Rearranged:", balance, condition)
    power = balance.subs(h(b), lam * b**theta).doit()
    patience = proof.step(
        "For h = lambda b^theta it gives the discount rate at which a share b is the equilibrium:",
        sp.factor(sp.solve(power, rho)[0]),
    )
    root = sp.simplify(power.subs(theta, sp.Rational(1, 2)).subs(b, s**2) * 2 * s)
    quadratic = (2 * N - gamma - 1) * lam * s**2 + 2 * rho * s - (gamma - 1) * lam
    proof.lemma("For theta = 1/2 and s = sqrt(b), times 2 s, a quadratic:", root, quadratic)
    roots = sp.solve(quadratic, s)
    at = {N: 2, gamma: sp.Rational(8, 5), lam: 1, rho: sp.Rational(1, 10)}
    positive = next(r for r in roots if r.subs(at) > 0)
    proof.step(
        "Divided by s it tends to minus infinity at s = 0; its slope there, and its value "
        "at s = 1:",
        sp.expand(sp.diff(quadratic / s, s)),
        sp.factor(quadratic.subs(s, 1)),
    )
    proof.because(
        "So there is one share below one, and it is positive, if gamma < N + rho / lambda, and "
        "none else.",
        "for s <= 1 the slope is at least lambda (2 N - 2) > 0: (gamma - 1) / s^2 >= gamma - 1",
    )
    proof.because(
        "Then values are finite, and the guess is the value of the leader's problem.",
        "D = (gamma - 1) ((1 - b) h'(b) + h(b)) > (gamma - 1) h(1), as h lies below its tangent: "
        "no plan's revenue grows as fast as it is discounted; the stage is concave in b",
    )
    proof.because(
        "Beyond that bound there is no equilibrium without a cap.",
        "no interior share satisfies the condition; at b = 1 nothing would ever be sold, against "
        "a positive value of selling; and at b = 0 the slope of h is infinite",
    )
    build = proof.step("The share that builds, at every rung, the square of the root:", positive**2)
    return proof.close(build=build, patience=patience)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Shares at the lowest rungs of a ladder so long that its top does not matter."""
    p = draw(rng, DOMAIN)
    share = closed("build", p)
    # The top bends the bottom by (gamma h / (D + h))^G < (gamma / N)^G; values span gamma^G.
    rungs = ceil(log(1e-8) / log(p[gamma] / p[N]))
    worst = 0.0
    for exponent in (0.5, p[theta]):
        race = ladder_race(
            p[gamma] ** np.arange(rungs + 1), p[N], rho=p[rho], lam=p[lam], theta=exponent
        )
        build = lb.solve(race, lb.Method(certify=False)).equilibria[0].build[0, 0]
        if exponent == 0.5:
            worst = max(worst, gap(build, share))
        elif 1e-3 < build < 1:
            worst = max(worst, gap(closed("patience", {**p, b: build, theta: exponent}), p[rho]))
    return worst


RESULT = Result(
    id="R7",
    title="Log-linear ladder",
    statement="On r_g = f gamma^g every lab builds one share at every lead, in closed form",
    assumptions=(
        "equal labs that leapfrog, hazard lambda b^theta",
        "no cap on the lead",
        "theta = 1/2: gamma < N + rho/lambda; beyond it there is no equilibrium without a cap",
    ),
    sources=(
        "Aghion, Harris, Howitt and Vickers (2001), Competition, imitation and growth with "
        "step-by-step innovation, Review of Economic Studies 68: the ladder with money costs",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-6,
    samples=4,
)
