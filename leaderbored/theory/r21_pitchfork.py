r"""R21. When equal labs stop being equal: an exact condition, and uniqueness below theta = 2/3.

Leapfrogging labs, :math:`h = \lambda (b K)^{\theta}`, and a ladder that is flat from lead one on
(r_0 = f, then r_1 for ever), so that leaders sell. Write :math:`R = r_1 / f`. By R5 lab i's best
reply to its rivals' total hazard :math:`H_i` solves

.. math:: \theta (R - 1) - (1 - \theta) b_i = \frac{\rho + H_i}{\lambda_i} b_i^{1 - \theta},
          \qquad \lambda_i = \lambda K_i^{\theta},

and falls in :math:`H_i`: building is a strategic substitute.

*Uniqueness.* For two labs the product of the slopes of the two replies at an equilibrium is at most

.. math:: \frac{\theta^2}{(1-\theta)^2} \cdot \frac{1}{(1 + q)(1 + 1/q)} \le
          \frac{\theta^2}{4 (1 - \theta)^2}, \qquad
          q = \frac{\lambda_2 b_2^{\theta}}{\lambda_1 b_1^{\theta}},

strictly for :math:`\rho > 0`. For :math:`\theta \le 2/3` it is below one at every equilibrium, so
every equilibrium has index +1 (a corner, where a reply is flat, too); indices add up to one; there
is exactly one. That holds for any two labs, equal or not.

*Pitchfork.* For N equal labs one lab's deviation, answered by another's, is self-sustaining where
the slope of a reply in one rival's share is -1. Together with the symmetric condition that happens
at the share :math:`b = (R - 1)(1 - \theta) / \theta`, whatever N, and at the discount rate

.. math:: \rho = \lambda \frac{\theta - N (1 - \theta)}{1 - \theta}
          \Big( (R - 1) \frac{1 - \theta}{\theta} \Big)^{\theta} .

It needs :math:`\theta > N / (N + 1)`. More patient labs than that split into builders and sellers.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.ladder import climb
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import N, b, lam, rho, theta

R, b_1, b_2 = sp.symbols("R b_1 b_2", positive=True)
DOMAIN = {N: (2, 3), lam: (0.5, 2.0), R: (1.3, 2.0)}


def prove() -> Derivation:
    """Best reply, its slope, the product of slopes, and where the slope is -1."""
    proof = Proof()
    H, D, u, l_1, l_2 = sp.symbols("H D u_0 lambda_1 lambda_2", positive=True)
    gain = b ** (1 - theta) / (lam * theta)
    bottom = sp.solve(D * u - (1 - b) - lam * b**theta * gain, u)[0]
    proof.step("With f = 1: D u_0 at the first-order condition u_1 - u_0 = b^(1-theta) / "
               "(lambda theta).", sp.simplify(bottom))  # fmt: skip
    reply = theta * (R - 1) - (1 - theta) * b - (rho + H) / lam * b ** (1 - theta)
    proof.lemma("With u_1 = R / D and D = rho + H: the best reply.",
                sp.powsimp(sp.expand(theta * D * (R / D - bottom - gain)).subs(D, rho + H)),
                sp.expand(reply))  # fmt: skip
    first = reply.subs({lam: l_1, b: b_1, H: l_2 * b_2**theta}, simultaneous=True)
    slope = sp.simplify(-sp.diff(first, b_2) / sp.diff(first, b_1))
    proof.step("Slope of lab 1's reply to lab 2's share.", slope)
    second = slope.subs({l_1: l_2, l_2: l_1, b_1: b_2, b_2: b_1}, simultaneous=True)
    q = l_2 * b_2**theta / (l_1 * b_1**theta)
    size_1, size_2 = l_1 * b_1**theta, l_2 * b_2**theta
    bound = (theta / (1 - theta)) ** 2 / ((1 + rho / size_1 + q) * (1 + rho / size_2 + 1 / q))
    proof.lemma("The product of both slopes.", slope * second, bound, {theta: (0.2, 0.9)})
    w = sp.Symbol("w", positive=True)
    proof.lemma("(1 + q)(1 + 1/q) is 4 + (1 - q)^2 / q, so at least 4.",
                (1 + w) * (1 + 1 / w), 4 + (1 - w) ** 2 / w)  # fmt: skip
    proof.step("So below theta = 2/3 the product is below 1: one equilibrium.",
               sp.solve(theta**2 - 4 * (1 - theta) ** 2, theta)[0])  # fmt: skip
    x, y = sp.symbols("x y", positive=True)
    one = reply.subs(H, (N - 2) * lam * y**theta + lam * x**theta)
    steep = sp.simplify((-sp.diff(one, x) / sp.diff(one, b)).subs({x: b, y: b}))
    proof.step("N equal labs: slope in one rival's share at the symmetric point.", steep)
    impatience = sp.solve(sp.simplify(steep + 1), rho)[0]
    proof.step("It is -1 at.", sp.simplify(impatience))
    alike = reply.subs(H, (N - 1) * lam * b**theta).subs(rho, impatience)
    share = sp.solve(sp.simplify(sp.expand(sp.powsimp(sp.expand(alike)))), b)[0]
    share = proof.step("With the symmetric condition: the share.", sp.factor(share))
    patience = proof.step("And the discount rate.", sp.simplify(impatience.subs(b, share)))
    return proof.close(share=share, patience=patience)


def replies(p: Sample, own: float, others: Array) -> Array:
    """Best shares of a lab with hazard ``own`` against rivals' total hazards, by value."""
    revenue = np.ones((len(others), 1)) * np.array([1.0, p[R], p[R]])
    return climb(revenue, p[rho] + others, own, p[theta])[0][:, 0]


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The discount rate at which the numerical reply has slope -1; equilibria counted."""
    p = draw(rng, DOMAIN)
    lowest = p[N] / (p[N] + 1)
    p[theta] = float(rng.uniform(lowest + 0.01, lowest + 0.4 * (1 - lowest)))
    patience = abs(closed("patience", p))
    found = float(brentq(lambda rate: _excess(p, rate), patience / 3, patience * 3, xtol=1e-13))
    share = _symmetric({**p, rho: found})
    worst = max(gap(found, closed("patience", p)), gap(share, closed("share", p)))
    if p[N] == 2:
        below = _count({**p, rho: 0.9 * found}, 1.0, 1.0)
        worst = max(worst, float((below, _count({**p, rho: 1.1 * found}, 1.0, 1.0)) != (3, 1)))
    for exponent in rng.uniform(0.2, 2 / 3, 3):  # any two labs: one equilibrium
        sizes = rng.uniform(0.5, 2.0, 2)
        at = {**p, theta: float(exponent), rho: float(rng.uniform(0.001, 0.5))}
        worst = max(worst, float(_count(at, *sizes) != 1))
    return worst


def _symmetric(p: Sample) -> float:
    """The share that is the best reply to itself."""

    def excess(share: float) -> float:
        rivals = np.array([(p[N] - 1) * p[lam] * share ** p[theta]])
        return float(replies(p, p[lam], rivals)[0] - share)

    return float(brentq(excess, 1e-9, 1.0, xtol=1e-15))


def _excess(p: Sample, rate: float) -> float:
    """Slope of the reply in one rival's share, plus one."""
    at = {**p, rho: rate}
    share = _symmetric(at)
    step = 1e-4 * share
    moved = share + step * np.array([-2.0, -1.0, 1.0, 2.0])
    rivals = p[lam] * ((p[N] - 2) * share ** p[theta] + moved ** p[theta])
    far_low, low, high, far_high = replies(at, p[lam], rivals)
    return float((8 * (high - low) - (far_high - far_low)) / (12 * step) + 1)


def _count(p: Sample, first: float, second: float) -> int:
    """Equilibria of two labs, as fixed points of reply to reply on a fine grid."""
    own = [p[lam] * size ** p[theta] for size in (first, second)]
    shares = np.linspace(1e-4, 1.0, 4001)[1:-1] + 1e-7
    back = replies(p, own[1], own[0] * shares ** p[theta])
    again = replies(p, own[0], own[1] * back ** p[theta])
    sides = np.sign(again - shares)
    return int((np.diff(sides) != 0).sum()) + int(sides[-1] > 0)


RESULT = Result(
    id="R21",
    title="Pitchfork of equal labs",
    statement="Two labs on a flat-topped ladder: one equilibrium if theta <= 2/3; N equal labs "
    "split at rho = lambda (theta-N(1-theta))/(1-theta) ((R-1)(1-theta)/theta)^theta",
    assumptions=(
        "leapfrog; revenue f behind and r_1 at every lead, R = r_1/f",
        "interior shares at the pitchfork; theta > N/(N+1)",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, theta: (0.77, 0.9)},
    tolerance=1e-6,
    samples=4,
)
