r"""R14. A linear-quadratic duel: a lead that decays at a constant rate, or never settles.

Two labs move the signed lead, :math:`\dot g = a (B_1 - B_2) + (\varphi - \kappa) g`; lab 1 earns
:math:`(m_0 + m_1 g)(K - B_1) + w g - \gamma B_1^2 / 2`, lab 2 the same at -g. With the quadratic
value :math:`V = v_2 g^2 / 2 + v_1 g + v_0` the first-order condition is
:math:`\gamma B = a V' - m_0 - m_1 g`, and matching the terms in :math:`g^2` gives

.. math:: 3 a^2 v_2^2 - (4 a m_1 + 2 \gamma (\kappa - \varphi) + \gamma \rho) v_2 + m_1^2 = 0 .

The lead moves as :math:`\dot g = s g`,
:math:`s = 2 a (a v_2 - m_1) / \gamma + \varphi - \kappa`, and decays iff s < 0. Suppose that a lead
left to itself does not outgrow discounting, :math:`2 (\varphi - \kappa) < \rho`. Then 2 s < rho, so
that the value is finite, at the smaller root and not at the larger: the smaller is the one linear
equilibrium. With a negative discriminant there is none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import K, gamma, rho

a, phi, kappa, m_0, m_1, w = sp.symbols("a phi kappa m_0 m_1 w", positive=True)
DOMAIN = {
    a: (0.3, 1.0),
    phi: (0.0, 0.2),
    kappa: (0.2, 0.6),
    rho: (0.1, 0.5),
    gamma: (1.0, 2.0),
    m_0: (0.1, 0.5),
    m_1: (0.1, 0.5),
    w: (0.1, 0.5),
    K: (0.5, 2.0),
}


def prove() -> Derivation:
    """First-order condition, symmetry, matching of coefficients, choice of the root."""
    proof = Proof()
    g, effort, v_0, v_1, v_2 = sp.symbols("g B v_0 v_1 v_2", real=True)
    value = v_2 * g**2 / 2 + v_1 * g + v_0
    slope = sp.diff(value, g)
    flow = (m_0 + m_1 * g) * (K - effort) + w * g - gamma * effort**2 / 2 + slope * a * effort
    best = proof.step(
        "With the value v_2 g^2 / 2 + v_1 g + v_0 the payoff is strictly concave in "
        "B; lab 1 builds with:",
        sp.solve(sp.diff(flow, effort), effort)[0],
    )
    rival = proof.step("Lab 2, which sees -g, with:", best.subs(g, -g))
    bellman = sp.expand(
        flow.subs(effort, best) + slope * (-a * rival + (phi - kappa) * g) - rho * value
    )
    squares = proof.step(
        "Bellman's equation is a polynomial in g that is zero. Terms in g^2:",
        sp.factor(bellman.coeff(g, 2)),
    )
    linear = 4 * a * m_1 + 2 * gamma * (kappa - phi) + gamma * rho
    riccati = 3 * a**2 * v_2**2 - linear * v_2 + m_1**2
    proof.lemma("Times 2 gamma, a quadratic P in v_2:", 2 * gamma * squares, riccati, DOMAIN)
    roots = sp.solve(riccati, v_2)
    at = {a: 1, gamma: 1, rho: 1, kappa: 1, phi: 0, m_1: sp.Rational(1, 100)}
    small = min(roots, key=lambda root: root.subs(at))
    proof.step("Its roots:", *roots)
    terms = sp.solve(sp.factor(bellman.coeff(g, 1)), v_1)[0]
    proof.step("Terms in g give v_1:", terms)
    motion = 2 * a * (a * v_2 - m_1) / gamma + phi - kappa
    proof.lemma(
        "The lead moves at this rate s per rung:",
        sp.simplify(a * (best - rival) / g + phi - kappa),
        motion,
        DOMAIN,
    )
    edge = linear / (4 * a**2)
    proof.lemma(
        "2 s = rho where v_2 is (4 a m_1 + 2 gamma (kappa - phi) + gamma rho) / (4 a^2):",
        2 * motion.subs(v_2, edge),
        rho,
        DOMAIN,
    )
    proof.lemma(
        "There P is:",
        riccati.subs(v_2, edge),
        -(2 * kappa - 2 * phi + rho) * gamma * (linear + 4 * a * m_1) / (16 * a**2),
        DOMAIN,
    )
    proof.because(
        "So 2 s < rho at the smaller root and 2 s > rho at the larger, which is no equilibrium.",
        "P is negative there, as 2 (phi - kappa) < rho, so that it lies between the roots, and s "
        "rises in v_2; with 2 s > rho the sum of g^2 discounted is infinite",
    )
    proof.because(
        "At the smaller root each lab's plan is a best reply to the other's.",
        "against a linear rival the problem is linear-quadratic and strictly concave in B, and "
        "2 s < rho is its transversality condition (verification theorem)",
    )
    proof.step(
        "There is no real root, and no linear equilibrium, where this is negative:",
        sp.factor(sp.discriminant(riccati, v_2)),
    )
    return proof.close(curvature=small, slope=motion.subs(v_2, small), level=terms.subs(v_2, small))


def duel(p: Sample) -> lb.LinearQuadratic:
    """The duel as a linear-quadratic game; costs are payoffs with the sign turned."""
    players = tuple(
        lb.Controller(
            name,
            control=sign * p[a],
            control_cost=p[gamma] / 2,
            mixed_cost=sign * p[m_1] / 2,
            control_linear=p[m_0] / 2,
            state_linear=-sign * (p[m_1] * p[K] + p[w]) / 2,
        )
        for name, sign in (("1", 1.0), ("2", -1.0))
    )
    return lb.LinearQuadratic(p[phi] - p[kappa], players, discount=p[rho])


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The linear-quadratic solver: value and closed loop."""
    p = draw(rng, DOMAIN)
    duels: Any = lb.solve(duel(p)).equilibria
    found = min(duels, key=lambda e: abs(e.quadratic[0][0, 0] + closed("curvature", p) / 2))
    predicted = [closed("curvature", p), closed("slope", p), closed("level", p)]
    numbers = [-2 * found.quadratic[0][0, 0], found.closed_loop[0, 0], -2 * found.linear[0][0]]
    return max(gap(n, c) for n, c in zip(numbers, predicted, strict=True))


RESULT = Result(
    id="R14",
    title="Linear-quadratic duel",
    statement="v_2 is the smaller root of 3a^2 v^2 - (4am_1 + 2gamma(kappa-phi) + gamma rho)v + "
    "m_1^2 = 0; the lead decays iff 2a(a v_2 - m_1)/gamma + phi - kappa < 0",
    assumptions=(
        "linear strategies, signed lead, no bounds on build or lead",
        "2 (phi - kappa) < rho: a lead left to itself does not outgrow discounting",
    ),
    sources=(
        "Reynolds (1987), Capacity investment, preemption and commitment in an infinite horizon "
        "model, International Economic Review 28: the method",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-8,
    samples=5,
)
