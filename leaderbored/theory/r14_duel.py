r"""R14. A linear-quadratic duel: a lead that decays at a constant rate, or never settles.

Two labs move the signed lead, :math:`\dot g = a (B_1 - B_2) + (\varphi - \kappa) g`; lab 1 earns
:math:`(m_0 + m_1 g)(K - B_1) + w g - \gamma B_1^2 / 2`, lab 2 the same at -g. With the quadratic
value :math:`V = v_2 g^2 / 2 + v_1 g + v_0` the first-order condition is
:math:`\gamma B = a V' - m_0 - m_1 g`, and matching the terms in :math:`g^2` gives

.. math:: 3 a^2 v_2^2 - (4 a m_1 + 2 \gamma (\kappa - \varphi) + \gamma \rho) v_2 + m_1^2 = 0 .

The smaller root is the one that goes to zero with :math:`m_1`; at the larger the closed loop grows
too fast for the value to be finite. The lead moves as :math:`\dot g = s g`,
:math:`s = 2 a (a v_2 - m_1) / \gamma + \varphi - \kappa`, and decays iff s < 0. With a negative
discriminant no linear equilibrium exists.
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
DOMAIN = {a: (0.3, 1.0), phi: (0.0, 0.2), kappa: (0.2, 0.6), rho: (0.1, 0.5), gamma: (1.0, 2.0),
          m_0: (0.1, 0.5), m_1: (0.1, 0.5), w: (0.1, 0.5), K: (0.5, 2.0)}  # fmt: skip


def prove() -> Derivation:
    """First-order condition, symmetry, matching of coefficients, choice of the root."""
    proof = Proof()
    g, effort, v_0, v_1, v_2 = sp.symbols("g B v_0 v_1 v_2", real=True)
    value = v_2 * g**2 / 2 + v_1 * g + v_0
    slope = sp.diff(value, g)
    flow = (m_0 + m_1 * g) * (K - effort) + w * g - gamma * effort**2 / 2 + slope * a * effort
    best = proof.step("First-order condition in B: what lab 1 builds.",
                      sp.solve(sp.diff(flow, effort), effort)[0])  # fmt: skip
    rival = proof.step("Lab 2 sees -g.", best.subs(g, -g))
    bellman = sp.expand(
        flow.subs(effort, best) + slope * (-a * rival + (phi - kappa) * g) - rho * value
    )
    squares = proof.step("Bellman's equation, terms in g^2.",
                         sp.factor(bellman.coeff(g, 2)))  # fmt: skip
    riccati = 3 * a**2 * v_2**2 - (4 * a * m_1 + 2 * gamma * (kappa - phi) + gamma * rho) * v_2
    proof.lemma("Times 2 gamma: the quadratic.", 2 * gamma * squares, riccati + m_1**2,
                DOMAIN)  # fmt: skip
    roots = sp.solve(riccati + m_1**2, v_2)
    at = {a: 1, gamma: 1, rho: 1, kappa: 1, phi: 0, m_1: sp.Rational(1, 100)}
    small = min(roots, key=lambda root: root.subs(at))
    proof.step("Its roots; the smaller goes to zero with m_1.", *roots)
    terms = sp.solve(sp.factor(bellman.coeff(g, 1)), v_1)[0]
    proof.step("Terms in g give v_1.", terms)
    motion = proof.step("The lead moves at this rate per rung.",
                        sp.simplify(a * (best - rival) / g + phi - kappa))  # fmt: skip
    proof.lemma("In the form of the statement.", motion,
                2 * a * (a * v_2 - m_1) / gamma + phi - kappa, DOMAIN)  # fmt: skip
    discriminant = sp.discriminant(riccati + m_1**2, v_2)
    proof.step("No linear equilibrium where this is negative.", sp.factor(discriminant))
    return proof.close(
        curvature=small, slope=motion.subs(v_2, small), level=terms.subs(v_2, small)
    )  # fmt: skip


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
    assumptions=("linear strategies, signed lead, no bounds on build or lead",),
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
