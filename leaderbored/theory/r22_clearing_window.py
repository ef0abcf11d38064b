r"""R22. Window and headwind where prices clear the market.

Of :math:`M = \psi K` customers, K the compute of all labs, each wants one unit. Lab i is worth
:math:`x_i` to them over going without, in units of :math:`\mu`. With :math:`S_0` unserved and
:math:`y_i = S_i / S_0` the price at which lab i sells :math:`S_i` is :math:`\mu (x_i - \ln y_i)`,
and one more unit earns a lab that sets quantities

.. math:: m_i = \mu (x_i - 1 - \ln y_i - y_i) .

*Any labs.* Nobody builds. Let :math:`Y(x)` be the root of :math:`\ln Y + Y = x - 1` and
:math:`Y_i = Y(x_i)`. Lab i sells out at scarcities from

.. math:: \psi_i = \frac1K \Big[ \frac{K_i}{Y_i} +
          \sum_j \min\Big(K_j,\; Y_j \frac{K_i}{Y_i}\Big) \Big]

on, and has compute to spare below. So labs sell out in the order of :math:`K_i / Y_i`, the least
first: lab i is sold out and lab j idle for :math:`\psi_i < \psi < \psi_j`, which is a window iff
:math:`K_i / Y_i < K_j / Y_j`.

*N equal labs, one of them g rungs ahead.* :math:`x_1 = a + (1 - \omega) \beta g` and :math:`x_2 = a
- \omega \beta g`. The leader is sold out and the laggards idle iff

.. math:: \frac{1 + y_1 + (N - 1) y_2}{N y_1} < \psi < 1 + \frac{1}{N y_2}, \qquad y_i = Y(x_i),

which is never empty. There the headwind :math:`m_1 / m_2` is infinite, as laggards' compute is
worth nothing to sell. Above, all are sold out, :math:`y = 1 / (N (\psi - 1))`, and

.. math:: \frac{m_1}{m_2} = 1 + \frac{\beta g}{a - \omega \beta g - 1 - \ln y - y} ,

infinite at the window's upper end, falling in scarcity, and one in the limit. Shortage does not
deepen the headwind: it is strongest in moderate shortage and dies in famine. It rises in openness.
As labs multiply the window tends to :math:`y_2 / y_1 < \psi < 1`, and the headwind above it to one.

Labs that take prices as given sell while :math:`p_i > 0`: all the above holds with :math:`Y =
e^{x}`, and :math:`p_i` for :math:`m_i`.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.quantities import marginal, settle
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import N

a = sp.Symbol("a", real=True)
beta, psi, omega = sp.symbols("beta psi omega", positive=True)
g = sp.Symbol("g", integer=True, positive=True)
y_1, y_2 = FREE = sp.symbols("y_1:3", positive=True)
K_1, K_2 = SIZES = sp.symbols("K_1:3", positive=True)
DOMAIN = {
    **dict.fromkeys(SIZES, (0.3, 2.0)),
    y_1: (1.0, 3.0),
    y_2: (0.05, 1.0),
    N: (2, 5),
    a: (2.0, 4.0),
    beta: (0.2, 0.6),
    g: (1, 3),
    omega: (0.0, 0.5),
    psi: (2.0, 6.0),
}
NEAR = 1e-4  # either side of a boundary
IDLE = 1e-5  # of compute


def prove() -> Derivation:
    """Marginal revenue, free sales, who is sold out, the window, and the headwind."""
    proof = Proof()
    x, S, others, M, mu = sp.symbols("x S S_others M mu", positive=True)
    y, S_0 = sp.symbols("y S_0", positive=True)
    earned = mu * S * (x - sp.log(S / (M - others - S)))
    proof.step("A lab that sells S, S_others being the others' sales, earns:", earned)
    here = {others: M - S - S_0}
    more = proof.step(
        "With S_0 unserved and y = S / S_0, one more unit earns it m:",
        sp.expand(sp.simplify(sp.diff(earned, S).subs(here).subs(S, y * S_0))),
    )
    proof.lemma(
        "In its own sales m falls, at the rate:",
        sp.diff(earned, S, 2).subs(here).subs(S, y * S_0),
        -mu * (1 + y) ** 2 / (y * S_0),
    )
    proof.because(
        "So lab i sells all its compute K_i or, if that is less, the multiple Y_i of the unserved, "
        "the root of ln Y + Y = x_i - 1, whatever the others do: S_i = min(K_i, Y_i S_0).",
        "revenue is strictly concave in own sales; m, with y = Y, is zero there, and the left side "
        "of the equation rises from minus to plus infinity",
    )
    proof.because(
        "There is one equilibrium, in which S_0 is the root of F(S_0) = S_0 + sum_j min(K_j, Y_j "
        "S_0) = psi K. Lab i is sold out iff psi K >= F(K_i / Y_i).",
        "F rises strictly from zero; lab i is sold out iff S_0 >= K_i / Y_i",
    )
    at = K_1 / y_1
    edge = at + K_1 + sp.Min(K_2, y_2 * at)
    sold_out = proof.step("Of two labs the first is sold out from this psi on:", edge / sum(SIZES))
    proof.because(
        "So labs sell out in the order of K_i / Y_i.", "F rises strictly, so F(K_i / Y_i) does"
    )
    plenty, famine = _window(proof)
    headwind = _headwind(proof, more, y, x, mu)
    _many(proof, plenty, famine)
    _takers(proof, plenty, x, mu, y)
    return proof.close(sold_out=sold_out, plenty=plenty, famine=famine, headwind=headwind)


def _window(proof: Proof) -> tuple[sp.Expr, sp.Expr]:
    """The window of N equal labs."""
    size = sp.Symbol("K_1", positive=True)
    plenty = proof.step(
        "Let N labs have K_1 each, one of them ahead, so that y_1 > y_2. The leader sells out "
        "first, at the scarcity F(K_1 / y_1) / (N K_1), the others having y_2 K_1 / y_1 to sell:",
        sp.together((size / y_1 + size + (N - 1) * y_2 * size / y_1) / (N * size)),
    )
    famine = proof.step(
        "And the laggards at F(K_1 / y_2) / (N K_1):",
        sp.expand((size / y_2 + N * size) / (N * size)),
    )
    proof.lemma(
        "The window between the two is this wide, and not empty:",
        famine - plenty,
        ((N - 1) * (1 - y_2 / y_1) + 1 / y_2 - 1 / y_1) / N,
    )
    return plenty, famine


def _many(proof: Proof, plenty: sp.Expr, famine: sp.Expr) -> None:
    count = sp.Symbol("N", positive=True)
    ends = (sp.limit(edge.subs(N, count), count, sp.oo) for edge in (plenty, famine))
    proof.step("As labs multiply the window tends to the one from the first to the second:", *ends)
    proof.because(
        "And the headwind at any scarcity above one tends to one.",
        "y = 1 / (N (psi - 1)) falls to zero, as in the limit of famine",
    )


def _headwind(proof: Proof, more: sp.Expr, y: sp.Symbol, x: sp.Symbol, mu: sp.Symbol) -> sp.Expr:
    """What a leader's compute earns over a laggard's, all sold out."""
    ahead, behind = a + (1 - omega) * beta * g, a - omega * beta * g
    proof.because(
        "In the window laggards' compute is worth nothing to sell and the leader's is.",
        "m is zero at y = Y, and positive below",
    )
    ratio = sp.simplify(more.subs(x, ahead) / more.subs(x, behind))
    form = 1 + beta * g / (behind - 1 - sp.log(y) - y)
    proof.lemma(
        "Above it all are sold out at one y, with x_1 = a + (1 - omega) beta g and x_2 = a - "
        "omega beta g, and m_1 / m_2 is:",
        ratio,
        form,
        {a: (3.0, 4.0), g: (1, 2), omega: (0.1, 0.4), beta: (0.1, 0.5)},
    )
    unserved = 1 / (N * (psi - 1))
    proof.step("There y, as N (psi - 1) K_1 go without, is:", unserved)
    proof.step(
        "In y it changes at the rate below: it rises in y, so that it falls in scarcity.",
        sp.factor(sp.diff(form, y)),
    )
    proof.because(
        "At the window's upper end it is infinite, and one in the limit of famine. It rises in "
        "openness.",
        "y = y_2 there, where m_2 is zero; y falls to zero and - ln y grows without bound; m_2 "
        "falls in openness and m_1 - m_2 = mu beta g does not move",
    )
    return form.subs(y, unserved)


def _takers(proof: Proof, plenty: sp.Expr, x: sp.Symbol, mu: sp.Symbol, y: sp.Symbol) -> None:
    """Labs that take prices as given."""
    free = proof.step(
        "Labs that take prices as given sell until the price mu (x - ln y) is zero, where y is:",
        sp.solve(x - sp.log(y), y)[0],
    )
    proof.because(
        "So the above holds for them with this Y, and with prices for m.",
        "S_i = min(K_i, Y_i S_0) again, and x_1 - x_2 = beta g in the ratio of prices",
    )
    up = {y_1: free.subs(x, a + (1 - omega) * beta * g), y_2: free.subs(x, a - omega * beta * g)}
    proof.lemma(
        "Their window opens, for two labs, at R3's lower end and a term that is gone where "
        "customers want AI at any price (a large):",
        sp.expand(sp.simplify(plenty.subs(N, 2).subs(up))),
        (1 + sp.exp(-beta * g)) / 2 + sp.exp(-a - (1 - omega) * beta * g) / 2,
    )
    proof.because(
        "R3's upper end is gone: prices send the unserved to the laggards.",
        "the upper end 1 + 1 / (N y_2) tends to one as a grows",
    )


def free_sales(worth: float) -> float:
    """Y(x), the root of ln Y + Y = x - 1.

    Examples
    --------
    >>> free_sales(2.0)
    1.0
    """
    return float(np.exp(brentq(lambda v: v + np.exp(v) - worth + 1, -800.0, 10.0, xtol=1e-14)))


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Labs that reply to each other in turn, either side of each boundary; marginal revenue."""
    worth, sizes = rng.uniform(-1.0, 4.0, 2), rng.uniform(0.3, 2.0, 2)
    p: Sample = dict(zip(SIZES, sizes.tolist(), strict=True))
    p |= dict(zip(FREE, map(free_sales, worth), strict=True))
    worst = _flips(worth, sizes, closed("sold_out", p), 0)
    p = {N: int(rng.integers(2, 6)), a: float(rng.uniform(-1.0, 4.0))}
    p |= {g: int(rng.integers(1, 4)), beta: float(rng.uniform(0.1, 1.5))}
    p[omega] = float(rng.choice([0.0, 1.0, rng.uniform()]))
    worth = np.full(p[N], p[a] - p[omega] * p[beta] * p[g])
    worth[0] += p[beta] * p[g]
    p |= {y_1: free_sales(worth[0]), y_2: free_sales(worth[1])}
    for name, lab in (("plenty", 0), ("famine", 1)):
        worst = max(worst, _flips(worth, np.ones(p[N]), closed(name, p), lab))
    p[psi] = (1 + 1 / (p[N] * p[y_2])) * float(rng.uniform(1.05, 4.0))
    sold = settle(worth, np.ones(p[N]), p[N] * p[psi])
    more = marginal(worth, sold, p[N] * p[psi])
    worst = max(worst, float((sold < 1).any()))
    return max(worst, gap(more[0] / more[1], closed("headwind", p)))


def _flips(worth: Array, sizes: Array, scarcity: float, lab: int) -> float:
    """Zero if a lab has compute to spare just below a scarcity, and none just above."""
    idle = []
    for side in (1 - NEAR, 1 + NEAR):
        sold = settle(worth, sizes, scarcity * side * float(sizes.sum()))
        idle.append(sold[lab] < sizes[lab] * (1 - IDLE))
    return float(idle != [True, False])


RESULT = Result(
    id="R22",
    title="Window and headwind under clearing prices",
    statement="Leader sold out, laggards idle iff (1+y_1+(N-1)y_2)/(N y_1) < psi < 1+1/(N y_2); "
    "above, m_1/m_2 = 1 + beta g/(x_2-1-ln y-y); of any labs one is sold out from its own psi on",
    assumptions=(
        "prices that clear, logit demand with an outside option; labs that set quantities (with "
        "y = e^x and p for m: that take prices)",
        "nobody builds; plenty, famine, headwind: N equal labs, one of them g >= 1 rungs ahead, "
        "beta > 0",
        "ln y_i + y_i = x_i - 1; in the headwind y = 1/(N (psi - 1)), psi at least the famine's",
    ),
    sources=(
        "Berry (1994), Estimating discrete-choice models of product differentiation, RAND Journal "
        "of Economics 25: prices from shares",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-7,
    samples=5,
)
