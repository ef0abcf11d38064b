r"""R25. One equilibrium on the flat-topped ladder: what R21 leaves open.

The race of R21: labs of any hazards :math:`\lambda_i` leapfrog on a ladder that is flat from lead
one on, :math:`R = r_1 / f > 1`, :math:`0 < \theta < 1`, and their shares do not depend on how far
others are behind. With :math:`\Lambda = \sum_i \lambda_i` there is exactly one equilibrium if

.. math:: R \ge \frac{1}{1 - \theta} \qquad \text{or} \qquad
          \rho \ge \Lambda\, \frac{3 \theta - 2}{2 (1 - \theta)} .

The second holds for every patience if :math:`\theta \le 2/3`: that is R21. R21 says nothing beyond
two thirds where a lead is worth less; there one equilibrium needs impatience, and this is how much
is enough. Neither condition can be weakened. For every :math:`\theta > 2/3` and every :math:`1 < R
< 1 / (1 - \theta)`, and for every number of labs, some labs and some patience have several. And no
smaller multiple of :math:`\Lambda` will do: two equal labs have three equilibria just below
:math:`\Lambda (3 \theta - 2) / (2 (1 - \theta))\, (b^*)^{\theta}`, where :math:`b^*` tends to one
as R tends to :math:`1 / (1 - \theta)`.

*Idea of the proof.* Derivatives of the labs' first-order conditions, with the sign changed, are a
P-matrix, all of whose principal minors are positive, as long as labs that build an interior share
have no more of the total rate :math:`z` than :math:`2 (1 - \theta) / \theta`; they have less than
:math:`\Lambda / (\rho + \Lambda)`.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.r21_flat_topped import RESULT as FLAT_TOPPED
from leaderbored.theory.r21_flat_topped import R, count, excess, replies, spread, symmetric
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import N, b, lam, rho, theta

Lam = sp.Symbol("Lambda", positive=True)
DOMAIN = {theta: (0.69, 0.9), Lam: (0.5, 3.0)}


def prove() -> Derivation:
    """The minors, the part of interior labs, the bound on patience, and where it is sharp."""
    proof = Proof()
    s, S = sp.symbols("s S", positive=True)
    part = b / (theta * (R - 1 + b))
    elasticity = sp.simplify(b * sp.diff(sp.log(theta * b ** (theta - 1) * (R - 1 + b)), b))
    proof.lemma(
        "By R21 a lab that builds an interior share b has theta b^(theta-1) (R - 1 + b) = z / "
        "lambda_i, and the part s_i = b / (theta (R - 1 + b)) of z, rho and all hazards. The "
        "elasticity e_i of the left side in b is theta s_i - (1 - theta):",
        elasticity,
        theta * part - (1 - theta),
    )
    _minors(proof)
    worst = (1 - theta) ** 2 - theta**2 * s * (S - s)
    proof.because(
        "Let the interior labs have the part S of z in all, S <= 2 (1 - theta) / theta. Of two of "
        "them at most one has e_i > 0, say lab 1. Then the minor is positive iff (1 - theta) / e_1 "
        "exceeds the sum over the others of theta s_i / (1 - theta - theta s_i), and that sum is "
        "at most what one lab with all that is left, S - s_1, would give.",
        "e_i > 0 needs s_i > (1 - theta) / theta, half of the largest S; so S - s_1 is below "
        "(1 - theta) / theta, and up to there the summand is convex, rising and zero at zero",
    )
    proof.lemma(
        "With s = s_1 and that one lab the difference of the two, times positive denominators, is:",
        (1 - theta) * (1 - theta - theta * (S - s)) - theta * (S - s) * (theta * s - (1 - theta)),
        worst,
    )
    proof.lemma(
        "As a sum of a square and of a product whose factors are not negative:",
        worst,
        theta**2 * (s - S / 2) ** 2
        + theta * ((1 - theta) / theta - S / 2) * (1 - theta + theta * S / 2),
    )
    proof.because(
        "So the minor is positive: where no e_i is positive, where e_1 is, and where e_1 = 0.",
        "with all e_i negative 1 - theta sum s_i / e_i exceeds one; with e_1 > 0 the square is "
        "positive, as s_1 > (1 - theta) / theta >= S / 2; with e_1 = 0 only theta s_1 times the "
        "product of the other -e_i is left, and these are positive where S < 2 (1 - theta) / theta",
    )
    return _close(proof, S)


def _minors(proof: Proof) -> None:
    """The determinant of any set of interior labs."""
    e, parts = sp.symbols("e_1:4", positive=True), sp.symbols("s_1:4", positive=True)
    matrix = sp.Matrix(3, 3, lambda i, j: theta * parts[j] - (e[i] if i == j else 0))
    ratios = sum(one / d for one, d in zip(parts, e, strict=True))
    proof.because(
        "Let J have the derivatives, in all ln b_j, of the logarithms of lambda_i theta "
        "b_i^(theta-1) (R - 1 + b_i) / z over labs with b_i < 1. Its diagonal is e_i - theta s_i, "
        "elsewhere column j is - theta s_j.",
        "the elasticity of z in b_j is theta s_j",
    )
    proof.lemma(
        "A principal minor of -J, that is for any of these labs, is the product of their -e_i "
        "times 1 - theta sum (s_i / e_i), a diagonal matrix and one of rank one; for three:",
        matrix.det(),
        -e[0] * e[1] * e[2] * (1 - theta * ratios),
    )


def _close(proof: Proof, S: sp.Symbol) -> Derivation:
    """From positive minors to one equilibrium; what is too patient; and that nothing is lost."""
    proof.because(
        "If that holds at every equilibrium there is exactly one.",
        "-J is a P-matrix, and the own slope e_i - theta s_i = -(1 - theta) is negative, so that "
        "best replies are unique; D + (1 - D)(-J) has a positive determinant for every diagonal D "
        "from 0 to 1, so that the index is +1 also where labs are just at the bound b_i = 1 "
        "(Kojima and Saigal); indices of the fixed points of a continuous map of a box into itself "
        "add up to one, and no lab builds nothing, as the left side is unbounded at b_i = 0",
    )
    proof.because(
        "If R >= 1 / (1 - theta) all e_i are negative at any S.",
        "theta s_i = b_i / (R - 1 + b_i) < 1 / R <= 1 - theta for b_i < 1",
    )
    proof.because(
        "If some lab is interior then S < Lambda / (rho + Lambda).",
        "S <= 1 - rho / z, and z < rho + Lambda; if none is, all labs build flat out, and no "
        "minor is left",
    )
    most = 2 * (1 - theta) / theta
    bound = proof.step(
        "That is at most 2 (1 - theta) / theta from the rho below on, which is positive only for "
        "theta > 2/3:",
        sp.factor(sp.solve(Lam / (rho + Lam) - most, rho)[0]),
    )
    table = FLAT_TOPPED.derive().closed
    pitchfork = table["patience"].subs({N: 2, lam: Lam / 2})
    proof.lemma(
        "By R21 two equal labs, of Lambda / 2 each, have three equilibria just below a rho that is "
        "the bound times (b*)^theta:",
        pitchfork,
        bound * table["share"] ** theta,
        {theta: (0.7, 0.9), R: (1.1, 3.0)},
    )
    proof.because(
        "So no smaller multiple of Lambda is enough for all labs, and for no theta > 2/3 and "
        "R < 1 / (1 - theta) is every patience.",
        "b* = (R - 1)(1 - theta) / theta rises to one as R rises to 1 / (1 - theta), and is "
        "positive for every R > 1",
    )
    proof.because(
        "Nor for more labs: add any number of labs of hazards small enough.",
        "the three have indices -1 (the symmetric one, as e > 0) and, being mirror images, +1 "
        "each; an index is not changed by a small change of the map",
    )
    return proof.close(patience=bound, part=most)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The bound where two labs leave theirs; the part at a pitchfork; one from every start."""
    p = draw(rng, DOMAIN)
    pair = {**p, lam: p[Lam] / 2, N: 2}
    bound = closed("patience", p)
    edge = {**pair, R: 1 / (1 - p[theta])}

    def leaves(rate: float) -> float:
        return 0.5 - float(replies({**edge, rho: rate}, edge[lam], np.array([edge[lam]]))[0] < 1)

    worst = gap(brentq(leaves, 1e-9, 50 * p[Lam], xtol=1e-13), bound)
    share = float(rng.uniform(0.3, 0.9))  # b*
    below = {**pair, R: 1 + share * p[theta] / (1 - p[theta])}
    low, high = (factor * abs(bound) * share ** p[theta] for factor in (0.98, 1.05))
    parting = float(brentq(lambda rate: excess(below, rate), low, high, xtol=1e-13))
    hazards = p[Lam] * symmetric({**below, rho: parting}) ** p[theta]
    worst = max(worst, gap(hazards / (hazards + parting), closed("part", p)))
    for rate, number in ((low, 3), (abs(bound), 1)):
        worst = max(worst, float(count({**below, rho: rate}, 1.0, 1.0) != number))
    return max(worst, _alone(p, abs(bound), rng))


def _alone(p: Sample, bound: float, rng: np.random.Generator) -> float:
    """Impatient labs of any size end in one equilibrium."""
    labs = int(rng.integers(2, 5))
    own = rng.dirichlet(np.ones(labs)) * p[Lam]
    most = p[theta] / (1 - p[theta])
    at = {**p, R: 1 + float(rng.uniform(0.05, 1.0)) * most}
    at[rho] = bound * float(rng.uniform(1.0, 2.0))
    return spread(at, own, rng)


RESULT = Result(
    id="R25",
    title="One equilibrium on the flat-topped ladder",
    statement="Exactly one, for any labs, if R >= 1/(1-theta) or rho >= Lambda (3 theta - 2)/"
    "(2 (1-theta)), Lambda the sum of the labs' hazards; neither condition can be weakened",
    assumptions=(
        "leapfrog, theta < 1; revenue f behind and r_1 at every lead, R = r_1/f > 1 (R21)",
        "shares that do not depend on how far others are behind (for two labs no restriction)",
        "part: what interior labs must not have more of, of rho and all hazards",
    ),
    sources=(
        "Kojima and Saigal (1979), On the number of solutions to a class of linear "
        "complementarity problems, Mathematical Programming 17: indices of P-matrices",
        "Derived here",
    ),
    prove=prove,
    compare=compare,
    domain={**DOMAIN},
    tolerance=1e-6,
    samples=4,
)
