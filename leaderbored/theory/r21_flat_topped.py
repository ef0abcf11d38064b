r"""R21. The flat-topped ladder: where equilibrium is unique, and where equal labs part.

Labs leapfrog, :math:`h_i = \lambda_i b_i^{\theta}` with :math:`\lambda_i = \lambda a_i
K_i^{\theta}` and :math:`0 < \theta < 1`, on a ladder that is flat from lead one on (r_0 = f, then
r_1 = R f for ever, R > 1), so that leaders sell. Strategies are shares that do not depend on how
far others are behind; for two labs that is no restriction (R5). Let :math:`H_i` be the hazard of
lab i's rivals and :math:`z = \rho + \sum_j h_j`. By R5 the best reply of lab i is :math:`b_i = 1`
if :math:`z \le \lambda_i \theta R`, and otherwise the one root of

.. math:: \theta (R - 1) - (1 - \theta) b_i = \frac{\rho + H_i}{\lambda_i} b_i^{1 - \theta},
          \qquad \text{that is} \qquad
          \theta b_i^{\theta - 1} (R - 1 + b_i) = \frac{z}{\lambda_i} .

It falls in :math:`H_i`. At a given z the second form has up to two roots: its left side falls up
to :math:`b^* = (R - 1)(1 - \theta) / \theta` and rises beyond. The share of lab i in all hazards
is :math:`s_i = h_i / z = b_i / [\theta (R - 1 + b_i)]` at an interior root, and :math:`\sum_i s_i
= 1 - \rho / z < 1`. Write :math:`e_i = \theta s_i - (1 - \theta)`, the elasticity of the left
side, which is negative iff :math:`b_i < b^*`.

*Uniqueness, any number of labs, any compute.* There is exactly one equilibrium if :math:`R \ge 1 /
(1 - \theta)` or if :math:`\theta \le 2/3`.

*Proof.* If :math:`R \ge 1/(1 - \theta)` then :math:`b^* \ge 1`: every :math:`b_i` is a falling
function of z, so :math:`z - \rho - \sum_j h_j(z)` rises and has one root. Let :math:`\theta \le
2/3`. The derivative of the logarithm of the second form in all :math:`\ln b_j` is the matrix
:math:`e_i \delta_{ij} - \theta s_j`; own derivatives are :math:`-(1 - \theta) < 0`, so the index
of an equilibrium is the sign of

.. math:: \det(-J) = \prod_i (-e_i) \Big( 1 - \theta \sum_i \frac{s_i}{e_i} \Big)

over the labs with an interior share (the reply of a lab at the bound is flat, and its row drops
out). If all :math:`e_i < 0` it is +1. A lab with :math:`e_i > 0` has :math:`s_i > (1 -
\theta)/\theta \ge 1/2`, so there is at most one; call it lab 1. Then the index is +1 iff :math:`(1
- \theta)/e_1 > \sum_{i > 1} \theta s_i / (1 - \theta - \theta s_i)`. The right side is convex and
rising in the :math:`s_i`, whose sum is below :math:`1 - s_1`, so it is below its value where one
lab has all of that; there the difference of the sides has the sign of

.. math:: (1 - \theta)^2 - \theta^2 s_1 (1 - s_1) \ge
          \big( 1 - \tfrac32 \theta \big) \big( 1 - \tfrac12 \theta \big) \ge 0 .

So every equilibrium has index +1, and as indices add up to one there is one (an equilibrium with
:math:`e_1 = 0` has a positive determinant too). ∎

*Two equal labs part.* At the symmetric equilibrium of N equal labs the determinant is
:math:`(-e)^{N - 1} [(1 - \theta) + (N - 1) \theta s]`. It vanishes where the share is :math:`b^*`,
at

.. math:: \rho^* = \lambda \frac{\theta - N (1 - \theta)}{1 - \theta} (b^*)^{\theta} ,

which is positive iff :math:`\theta > N / (N + 1)`. For two labs this is a pitchfork: more patient
labs than that split into one that builds much and one that builds little. For more labs it is not
the first point at which there are several equilibria: N = 3, theta = .72604 < 3/4, R = 2.16159,
lambda = 1, rho = .0076187 has seven.

*Some flat out, the others alike.* For :math:`b^* < 1`, m of N equal labs that build flat out and N
- m that build an interior share x are an equilibrium iff

.. math:: \lambda (\theta R - N) < \rho \le
          \lambda [\theta R - m - (N - m) x_0^{\theta}], \qquad
          R - 1 + x_0 = R x_0^{1 - \theta}, \quad x_0 < 1 .

*Proof.* The interior condition gives :math:`z = \lambda \theta x^{\theta - 1} (R - 1 + x)`, and
the others build flat out iff :math:`z \le \lambda \theta R`, that is :math:`x_0 \le x < 1`. So
:math:`\rho = z - \lambda [m + (N - m) x^{\theta}]`, whose derivative in x is :math:`\lambda \theta
x^{\theta - 2} [\theta x - (1 - \theta)(R - 1) - (N - m) x] < 0`: from :math:`x_0` to 1 it falls
from the upper bound to the lower. ∎ More patient labs than the lower bound all build flat out.
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

R, x = sp.symbols("R x", positive=True)
m = sp.Symbol("m", integer=True, positive=True)
DOMAIN = {N: (2, 4), lam: (0.5, 2.0), R: (1.3, 2.0)}
NEAR = 1e-4  # either side of a boundary
ROUNDS = 400  # of damped best replies


def prove() -> Derivation:
    """Best reply, its elasticity, the index, and the two boundaries."""
    proof = Proof()
    H, D, u, z, s = sp.symbols("H D u_0 z s", positive=True)
    gain = b ** (1 - theta) / (lam * theta)
    bottom = sp.solve(D * u - (1 - b) - lam * b**theta * gain, u)[0]
    proof.step("With f = 1: D u_0 at the first-order condition u_1 - u_0 = b^(1-theta) / "
               "(lambda theta).", sp.simplify(bottom))  # fmt: skip
    reply = theta * (R - 1) - (1 - theta) * b - (rho + H) / lam * b ** (1 - theta)
    proof.lemma("With u_1 = R / D and D = rho + H: the best reply is where this vanishes.",
                sp.powsimp(sp.expand(theta * D * (R / D - bottom - gain)).subs(D, rho + H)),
                sp.expand(reply))  # fmt: skip
    proof.lemma("With z = rho + H + lambda b^theta: it is b^(1-theta) / lambda times the "
                "difference of theta b^(theta-1) (R - 1 + b) lambda and z.",
                sp.expand(reply.subs(H, z - rho - lam * b**theta)),
                sp.expand(theta * (R - 1 + b) - z / lam * b ** (1 - theta)))  # fmt: skip
    left = theta * b ** (theta - 1) * (R - 1 + b)
    part = b / (theta * (R - 1 + b))
    proof.lemma("A lab's share s of all hazards, lambda b^theta / z, at its first-order condition.",
                b**theta / left, part)  # fmt: skip
    elasticity = theta * s - (1 - theta)
    proof.lemma("The elasticity of that left side in b is e = theta s - (1 - theta).",
                sp.simplify(b * sp.diff(sp.log(left), b)), elasticity.subs(s, part))  # fmt: skip
    share = proof.step("It vanishes at the share.",
                       sp.solve(sp.numer(sp.together(elasticity.subs(s, part))), b)[0])  # fmt: skip
    _index(proof)
    worst = (1 - theta) ** 2 - theta**2 * s * (1 - s)
    proof.lemma("One lab with e > 0 and one with the rest of the hazard: the index is +1 iff this "
                "is positive.",
                (1 - theta) * (1 - 2 * theta + theta * s) - theta * (1 - s) * elasticity,
                worst)  # fmt: skip
    proof.lemma("It is least at s = 1/2, and not negative there iff theta <= 2/3.",
                worst.subs(s, sp.Rational(1, 2)),
                (1 - 3 * theta / 2) * (1 - theta / 2))  # fmt: skip
    turning = proof.step("At that share R is.", sp.solve(b - share, R)[0])
    alike = lam * (theta - N * (1 - theta)) / (1 - theta) * b**theta
    proof.lemma("So for N equal labs rho = z - N lambda b^theta is.",
                lam * left.subs(R, turning) - N * lam * b**theta, alike)  # fmt: skip
    patience = alike.subs(b, share)
    revenue = proof.step("Labs flat out are at their bound where z = lambda theta R; with z of the "
                         "others at x that is R - 1 + x = R x^(1-theta), so.",
                         sp.solve(R - 1 + x - R * x ** (1 - theta), R)[0])  # fmt: skip
    split = proof.step("And rho = z - lambda (m + (N - m) x^theta) there.",
                       lam * (theta * R - m - (N - m) * x**theta))  # fmt: skip
    slope = theta * x ** (theta - 2) * (theta * x - (1 - theta) * (R - 1) - (N - m) * x)
    inside = lam * left.subs(b, x) - lam * (m + (N - m) * x**theta)
    proof.lemma("rho falls in x, for theta x < (N - m) x.", sp.diff(inside, x),
                lam * slope, {x: (0.1, 0.9), theta: (0.5, 0.9), m: (1, 1)})  # fmt: skip
    split = split.subs(R, revenue)
    return proof.close(share=share, patience=patience, revenue=revenue, split=split)


def _index(proof: Proof) -> None:
    """The determinant behind the index, written out for three labs."""
    e = sp.symbols("e_1:4", positive=True)
    s = sp.symbols("s_1:4", positive=True)
    matrix = sp.Matrix(3, 3, lambda i, j: theta * s[j] - (e[i] if i == j else 0))
    product = -e[0] * e[1] * e[2]
    proof.lemma("The determinant of -J, J = diag(e) - 1 (theta s)', for three labs.",
                matrix.det(),
                product * (1 - theta * sum(t / d for t, d in zip(s, e, strict=True))))  # fmt: skip


def replies(p: Sample, own: float, others: Array) -> Array:
    """Best shares of a lab with hazard ``own`` against rivals' total hazards, by value."""
    revenue = np.ones((len(others), 1)) * np.array([1.0, p[R], p[R]])
    return climb(revenue, p[rho] + others, own, p[theta])[0][:, 0]


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Boundaries found with numerical replies; equilibria counted; one from every start."""
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
    return max(worst, _split(closed, p, rng), _alone(p, rng))


def _split(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    """Some labs flat out: the others' reply is x, and theirs leaves the bound at the boundary."""
    at = {**p, theta: float(rng.uniform(0.82, 0.95)), x: float(rng.uniform(0.005, 0.02))}
    at[m] = int(rng.integers(1, p[N])) if at[theta] > 0.93 else 1  # so that rho is positive
    at[m] = min(at[m], 2)
    at[R] = closed("revenue", at)
    at[rho] = closed("split", at)
    small = at[lam] * at[x] ** at[theta]
    rest = at[lam] * at[m] + (at[N] - at[m] - 1) * small
    worst = gap(replies(at, at[lam], np.array([rest]))[0], at[x])
    builders = np.array([at[lam] * (at[m] - 1) + (at[N] - at[m]) * small])
    for side, flat in ((1 - NEAR, True), (1 + NEAR, False)):
        reply = replies({**at, rho: at[rho] * side}, at[lam], builders)[0]
        worst = max(worst, float((reply == 1.0) != flat))
    return worst


def _alone(p: Sample, rng: np.random.Generator) -> float:
    """Where equilibrium is unique, damped best replies of any labs end in it from every start."""
    worst = 0.0
    for steep in (False, True):
        at = {**p, theta: float(rng.uniform(0.2, 2 / 3)), rho: float(rng.uniform(0.001, 0.5))}
        if steep:  # beyond two thirds, but R >= 1 / (1 - theta)
            at[theta] = float(rng.uniform(0.68, 0.9))
            at[R] = float(rng.uniform(1.0, 2.0)) / (1 - at[theta])
        own = at[lam] * rng.uniform(0.3, 2.0, at[N])
        shares = rng.uniform(0.0, 1.0, (at[N], 6))
        shares[:, 0], shares[:, 1] = 0.0, 1.0
        for k in range(ROUNDS):
            hazards = own[:, None] * shares ** at[theta]
            i = k % at[N]
            rivals = hazards.sum(axis=0) - hazards[i]
            shares[i] += 0.5 * (replies(at, own[i], rivals) - shares[i])
        worst = max(worst, float(np.ptp(shares, axis=1).max()))
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
    title="Flat-topped ladder",
    statement="One equilibrium, for any labs, if theta <= 2/3 or R >= 1/(1-theta); two equal labs "
    "part at rho = lambda (3 theta - 2)/(1-theta) ((R-1)(1-theta)/theta)^theta",
    assumptions=(
        "leapfrog, theta < 1; revenue f behind and r_1 at every lead, R = r_1/f > 1",
        "shares that do not depend on how far others are behind (for two labs no restriction)",
        "patience: the symmetric equilibrium of N equal labs changes its index, share < 1 and "
        "theta > N/(N+1); for N >= 3 there may be several equilibria before",
        "split: the largest rho at which m of N equal labs build flat out and the others x < 1",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, theta: (0.81, 0.9), x: (0.005, 0.02), m: (1, 1)},
    tolerance=1e-6,
    samples=4,
)
