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

*Idea of the proof.* If R is that large every reply falls in z, and hazards add up to z - rho once.
If theta is that small at most one lab can have a positive elasticity, and every equilibrium has
index +1; as indices add up to one there is one. (R25: patience instead of either, and sharpness.)

*Two equal labs part.* At the symmetric equilibrium of N equal labs the determinant is
:math:`(-e)^{N - 1} [(1 - \theta) + (N - 1) \theta s]`. It vanishes where the share is :math:`b^*`,
at

.. math:: \rho^* = \lambda \frac{\theta - N (1 - \theta)}{1 - \theta} (b^*)^{\theta} ,

which is positive iff :math:`\theta > N / (N + 1)`. For two labs this is a pitchfork: there is one
equilibrium for :math:`\rho \ge \rho^*`, and for more patient labs, down to :math:`\lambda (\theta R
- 2)`, there are three, two of them with one lab that builds much and one that builds little. For
more labs it is not
the first point at which there are several equilibria: N = 3, theta = .72604 < 3/4, R = 2.16159,
lambda = 1, rho = .0076187 has seven.

*Some flat out, the others alike.* For :math:`b^* < 1`, m of N equal labs that build flat out and N
- m that build an interior share x are an equilibrium iff

.. math:: \lambda (\theta R - N) < \rho \le
          \lambda [\theta R - m - (N - m) x_0^{\theta}], \qquad
          R - 1 + x_0 = R x_0^{1 - \theta}, \quad x_0 < 1 .

More patient labs than the lower bound all build flat out.
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
    proof.step(
        "By R5, with f = 1 and D = rho + H, lab i's problem is D u_0 = max (1 - b) + "
        "lambda_i b^theta (R / D - u_0); below lambda stands for lambda_i. Where b is best, "
        "R / D - u_0 = b^(1-theta) / (lambda theta), and u_0 is:",
        sp.simplify(bottom),
    )
    reply = theta * (R - 1) - (1 - theta) * b - (rho + H) / lam * b ** (1 - theta)
    proof.lemma(
        "So the best share is where this vanishes, or 1 if it is positive there:",
        sp.powsimp(sp.expand(theta * D * (R / D - bottom - gain)).subs(D, rho + H)),
        sp.expand(reply),
    )
    total = proof.step(
        "With z = rho + H + lambda b^theta, rho and all hazards, z is then:",
        sp.solve(reply.subs(H, z - rho - lam * b**theta), z)[0],
    )
    left = total / lam
    part = proof.step(
        "And the lab's part s = lambda b^theta / z of it is:", sp.simplify(lam * b**theta / total)
    )
    elasticity = theta * s - (1 - theta)
    proof.lemma(
        "The elasticity e of that z in b is theta s - (1 - theta):",
        sp.simplify(b * sp.diff(sp.log(left), b)),
        elasticity.subs(s, part),
    )
    share = proof.step(
        "It rises in b and vanishes at the share b*:",
        sp.solve(sp.numer(sp.together(elasticity.subs(s, part))), b)[0],
    )
    proof.because(
        "If R >= 1 / (1 - theta) there is one equilibrium, for any labs.",
        "then b* >= 1, so that each lab's share is one falling function of z, and z less rho and "
        "all hazards rises through zero once",
    )
    _one_index(proof, s)
    patience = _parting(proof, left, share)
    revenue, split = _flat_out(proof, left)
    return proof.close(share=share, patience=patience, revenue=revenue, split=split)


def _one_index(proof: Proof, s: sp.Symbol) -> None:
    """If theta is at most two thirds every equilibrium has index +1."""
    proof.because(
        "Let theta <= 2/3. Let J be the matrix of derivatives, in all ln b_j, of the logarithm of "
        "lambda_i theta b_i^(theta-1) (R - 1 + b_i) / z, over the labs with b_i < 1: e_i on the "
        "diagonal less theta s_j in column j. The index of an equilibrium is the sign of det(-J).",
        "z depends on ln b_j with the elasticity theta s_j; own derivatives e_i - theta s_i = "
        "-(1 - theta) are negative, so that J is that of best replies less the identity, up to "
        "positive factors; the reply of a lab at the bound is flat, and its row drops out",
    )
    e, parts = sp.symbols("e_1:4", positive=True), sp.symbols("s_1:4", positive=True)
    matrix = sp.Matrix(3, 3, lambda i, j: theta * parts[j] - (e[i] if i == j else 0))
    ratios = sum(part / d for part, d in zip(parts, e, strict=True))
    proof.lemma(
        "For any number of labs det(-J) is the product of the -e_i times 1 - theta sum "
        "(s_i / e_i), a diagonal matrix and one of rank one; for three:",
        matrix.det(),
        -e[0] * e[1] * e[2] * (1 - theta * ratios),
    )
    proof.because(
        "It is positive if all e_i are negative. At most one is not, say that of lab 1; at e_1 = 0 "
        "it is positive too.",
        "signs; e_i > 0 needs s_i > (1 - theta) / theta >= 1/2, and the s_i add up to "
        "1 - rho / z < 1; at e_1 = 0 only theta s_1 times the product of the other -e_i is left",
    )
    proof.because(
        "If e_1 > 0 it is positive iff (1 - theta) / e_1 exceeds the sum over the other labs of "
        "theta s_i / (1 - theta - theta s_i), which is below its value where one lab has all that "
        "is left, 1 - s_1.",
        "the summand is convex, rising and zero at zero",
    )
    worst = (1 - theta) ** 2 - theta**2 * s * (1 - s)
    proof.lemma(
        "With s = s_1 and that one lab the difference of the two, times positive denominators, is:",
        (1 - theta) * (1 - 2 * theta + theta * s) - theta * (1 - s) * (theta * s - (1 - theta)),
        worst,
    )
    proof.lemma(
        "It is least at s = 1/2, and not negative there iff theta <= 2/3:",
        worst.subs(s, sp.Rational(1, 2)),
        (1 - 3 * theta / 2) * (1 - theta / 2),
    )
    proof.because(
        "So every equilibrium has index +1, and there is one.",
        "indices of the fixed points of a continuous map of a box into itself add up to one "
        "(where a lab is just at its bound both determinants, with and without it, are positive)",
    )


def _parting(proof: Proof, left: sp.Expr, share: sp.Expr) -> sp.Expr:
    """Where the symmetric equilibrium changes its index."""
    proof.because(
        "At the symmetric equilibrium of N labs det(-J) = (-e)^(N-1) [(1 - theta) + "
        "(N - 1) theta s] vanishes where e does, at the share b*.",
        "the determinant of step 9 with all e_i equal, and theta s - e = 1 - theta",
    )
    turning = proof.step("There R is:", sp.solve(b - share, R)[0])
    alike = lam * (theta - N * (1 - theta)) / (1 - theta) * b**theta
    proof.lemma(
        "So rho = z - N lambda b^theta is, b being b*:",
        lam * left.subs(R, turning) - N * lam * b**theta,
        alike,
    )
    _pairs(proof)
    return alike.subs(b, share)


def _pairs(proof: Proof) -> None:
    """Two equal labs at two shares: rho falls from the point at which they part."""
    proof.because(
        "Let b* < 1. Two equal labs at shares b_1 < b_2 < 1 have one z, so b_1 < b* < b_2. "
        "Outwards from b* "
        "along such pairs z rises, and the slope of rho in ln z is z times "
        "1 - theta (s_1 / e_1 + s_2 / e_2).",
        "z as a function of b falls up to b* and rises beyond; d ln b_i = d ln z / e_i",
    )
    v, y_star, y_1, y_2 = sp.symbols("v y_star y_1 y_2", positive=True)
    e_1, e_2 = y_1 - y_star, y_2 - y_star
    proof.lemma(
        "Write y_star = 1 - theta and y_i = theta s_i = e_i + y_star. Times e_1 e_2, which "
        "is negative, that is:",
        e_1 * e_2 - y_1 * e_2 - y_2 * e_1,
        y_star**2 - y_1 * y_2,
    )
    rise = y_star * (sp.exp(v) - 1) / (1 - y_star * sp.exp(v))
    proof.step(
        "As y = b / (R - 1 + b), d ln b = dy / (y (1 - y)). At y = y_star e^v the slope of "
        "ln z in v is:",
        rise,
    )
    proof.lemma(
        "That slope at v and at -v add up to:",
        rise + rise.subs(v, -v),
        y_star
        * (1 + y_star)
        * (sp.exp(v) - 1) ** 2
        / ((1 - y_star * sp.exp(v)) * (sp.exp(v) - y_star)),
        {v: (0.1, 0.3), y_star: (0.1, 0.5)},
    )
    proof.because(
        "So ln z rises faster to the right of b* than to the left, equal z needs v_2 < -v_1, that "
        "is y_1 y_2 < y_star^2, and rho falls strictly along the pairs from its value at b*. It "
        "falls on where the one that builds more is at the bound, down to lambda (theta R - 2).",
        "the sum is positive for v > 0 and y_star e^v < 1, that is y < 1; the slope of rho is "
        "negative as e_1 e_2 < 0; at the bound by the last step below, with m = 1",
    )
    proof.because(
        "So two equal labs have one equilibrium if rho is at least its value at b*, and three "
        "between lambda (theta R - 2) and that: the symmetric one and a pair of mirror images.",
        "the symmetric one is unique (R5), and each rho in between is met once along the pairs",
    )


def _flat_out(proof: Proof, left: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Some labs flat out, the others at one share x."""
    proof.because(
        "Some flat out, m of N equal labs, and the others at a share x: an equilibrium iff x < 1, "
        "z = lambda theta x^(theta-1) (R - 1 + x) and z <= lambda theta R.",
        "the best replies above; at b = 1 the condition is that z be at most its value there",
    )
    revenue = proof.step(
        "The last holds from x_0 on, R - 1 + x_0 = R x_0^(1-theta); with x for x_0 then R is:",
        sp.solve(R - 1 + x - R * x ** (1 - theta), R)[0],
    )
    split = proof.step(
        "And rho = z - lambda (m + (N - m) x^theta) is, at x_0:",
        lam * (theta * R - m - (N - m) * x**theta),
    )
    slope = theta * x ** (theta - 2) * (theta * x - (1 - theta) * (R - 1) - (N - m) * x)
    inside = lam * left.subs(b, x) - lam * (m + (N - m) * x**theta)
    proof.lemma(
        "Elsewhere the slope of rho in x is:",
        sp.diff(inside, x),
        lam * slope,
        {x: (0.1, 0.9), theta: (0.5, 0.9), m: (1, 1)},
    )
    proof.because(
        "So such an equilibrium exists iff rho is at most its value at x_0 and above that at "
        "x = 1, lambda (theta R - N).",
        "the slope is negative, as theta x < (N - m) x: rho falls from the one to the other",
    )
    return revenue, split.subs(R, revenue)


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
    found = float(brentq(lambda rate: excess(p, rate), patience / 3, patience * 3, xtol=1e-13))
    share = symmetric({**p, rho: found})
    worst = max(gap(found, closed("patience", p)), gap(share, closed("share", p)))
    if p[N] == 2:
        below = count({**p, rho: 0.9 * found}, 1.0, 1.0)
        worst = max(worst, float((below, count({**p, rho: 1.1 * found}, 1.0, 1.0)) != (3, 1)))
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
        worst = max(worst, spread(at, at[lam] * rng.uniform(0.3, 2.0, at[N]), rng))
    return worst


def spread(at: Sample, own: Array, rng: np.random.Generator) -> float:
    """How far apart damped best replies of labs of these hazards end, from several starts."""
    shares = rng.uniform(0.0, 1.0, (len(own), 6))
    shares[:, 0], shares[:, 1] = 0.0, 1.0
    for k in range(ROUNDS):
        hazards = own[:, None] * shares ** at[theta]
        i = k % len(own)
        rivals = hazards.sum(axis=0) - hazards[i]
        shares[i] += 0.5 * (replies(at, own[i], rivals) - shares[i])
    return float(np.ptp(shares, axis=1).max())


def symmetric(p: Sample) -> float:
    """The share that is the best reply to itself."""

    def gain(share: float) -> float:
        rivals = np.array([(p[N] - 1) * p[lam] * share ** p[theta]])
        return float(replies(p, p[lam], rivals)[0] - share)

    return float(brentq(gain, 1e-9, 1.0, xtol=1e-15))


def excess(p: Sample, rate: float) -> float:
    """Slope of the reply in one rival's share, plus one."""
    at = {**p, rho: rate}
    share = symmetric(at)
    step = 1e-4 * share
    moved = share + step * np.array([-2.0, -1.0, 1.0, 2.0])
    rivals = p[lam] * ((p[N] - 2) * share ** p[theta] + moved ** p[theta])
    far_low, low, high, far_high = replies(at, p[lam], rivals)
    return float((8 * (high - low) - (far_high - far_low)) / (12 * step) + 1)


def count(p: Sample, first: float, second: float) -> int:
    """Equilibria of two labs, as fixed points of reply to reply on a grid, fine near zero too."""
    own = [p[lam] * size ** p[theta] for size in (first, second)]
    shares = np.r_[np.geomspace(1e-30, 1e-4, 400), np.linspace(1e-4, 1.0, 4001)[1:-1] + 1e-7]
    back = replies(p, own[1], own[0] * shares ** p[theta])
    again = replies(p, own[0], own[1] * back ** p[theta])
    sides = np.sign(again - shares)
    return int((np.diff(sides) != 0).sum()) + int(sides[-1] > 0)


RESULT = Result(
    id="R21",
    title="Flat-topped ladder",
    statement="One equilibrium, for any labs, if theta <= 2/3 or R >= 1/(1-theta); two equal labs "
    "part, into three, below rho = lambda (3 theta - 2)/(1-theta) ((R-1)(1-theta)/theta)^theta",
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
