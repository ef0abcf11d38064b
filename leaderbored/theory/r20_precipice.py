r"""R20. Racing to the precipice: the contest's safety cousin.

This is a result about a game of its own, that of Armstrong, Bostrom and Shulman, and says nothing
about the race.

n teams have capabilities c, independent and uniform on :math:`[0, \mu]`; each gives up the safety
:math:`1 - s`. The largest :math:`c - s` wins and is safe with probability s. A team gets 1 if it
wins safely, :math:`1 - e` (e its enmity) if another does, nothing after a disaster. The risk is
:math:`1 - s` of the winner.

- *No information.* All choose one s. At the symmetric point the chance to win falls in s at the
  rate :math:`1 / \mu`, so :math:`1/n = e s / \mu`: :math:`s = \min(1, \mu / (n e))`.
- *Private.* Each knows its c. If the others play :math:`s = k c`, a team that plays as if its
  capability were y gains nothing by :math:`y \ne c` iff :math:`k = 1 / (1 + e (n - 1))`. (Where
  that exceeds one, s is 1.)
- *Public.* The runner-up, :math:`\Delta` behind, can win with :math:`s_1 - \Delta` left, and would
  iff :math:`s_1 - \Delta > (1 - e) s_1`. In the safest equilibrium the leader takes the most that
  keeps it from it: :math:`s = \min(1, \Delta / e)`.

For n = 2, e = 1, :math:`\mu = 1` the expected risks are 1/2, 2/3 and 2/3.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap

n = sp.Symbol("n", integer=True, positive=True)
e, mu, c, Delta, s, x = sp.symbols("e mu c Delta s x", positive=True)
DOMAIN = {n: (2, 5), e: (0.6, 1.0), mu: (0.5, 1.0)}
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def prove() -> Derivation:
    """The three regimes: a deviation in s, a mimicked capability, a runner-up that is kept out."""
    proof = Proof()
    blind, known = _blind(proof), _private(proof)
    _public(proof)
    top = _total(n * x**n / mu**n, 0)
    lead = sp.simplify(top - _total(n * (n - 1) * (mu * x ** (n - 1) - x**n) / mu**n, 0))
    proof.step(
        "For risks: the means of the best of n capabilities and of its lead over the second:",
        top,
        lead,
    )
    return proof.close(
        blind=sp.Min(1, blind),
        private=sp.Min(1, known * c),
        public=sp.Min(1, Delta / e),
        private_risk=1 - known * top,
        public_risk=1 - lead / e,
    )


def _total(integrand: sp.Expr, low: sp.Expr | int) -> sp.Expr:
    """The integral over x up to mu."""
    others = sp.Symbol("m", integer=True, nonnegative=True)  # n - 2, so that powers integrate
    moved = sp.expand(sp.powsimp(integrand.subs(n, others + 2)))
    return sp.simplify(sp.integrate(moved, (x, low, mu)).subs(others, n - 2))


def _blind(proof: Proof) -> sp.Expr:
    """The safety of teams that know nothing."""
    density = proof.step(
        "No information, all at the same safety: a unit more of it lowers the chance to win "
        "by the density of the others' best at one's own capability, on average:",
        _total(sp.diff((x / mu) ** (n - 1) / mu, x), 0),
    )
    slope = 1 / n - density * (s - (1 - e) * s)
    blind = sp.solve(slope, s)[0]
    proof.step(
        "To win safely instead of losing to a winner as safe is worth s - (1 - e) s. So the "
        "marginal payoff of safety, and its root, are:",
        sp.expand(slope),
        blind,
    )
    less = sp.Symbol("d", real=True)
    proof.because(
        "That condition is sufficient too. A team that gives up d of it has the payoff (1 - e) s "
        "and what follows, P its chance to win; it is largest at d = 0.",
        "at e s = mu / n: for d > 0, P is concave and rising, so that the product is log-concave, "
        "and its slope at 0 is zero; for d < 0, P = (1 + d / mu)^n / n, and the product rises in "
        "d. If mu / (n e) > 1 the slope at s = 1 says that no safety is given up",
        sp.Function("P")(less) * (e * s - less),
    )
    return blind


def _private(proof: Proof) -> sp.Expr:
    """The slope of safety in capability, of teams that know their own."""
    y, k = sp.symbols("y k", positive=True)
    lose = _total((n - 1) * k * x ** (n - 1), y)
    payoff = ((c - (1 - k) * y) * y ** (n - 1) + (1 - e) * lose) / mu ** (n - 1)
    proof.step(
        "Private: others play s = k c, so the largest capability wins. A team with "
        "capability c that plays as if it were y, with what is left c - s the same as y's, "
        "gets:",
        sp.simplify(payoff),
    )
    rise = sp.diff(payoff, y)
    honest = sp.simplify(rise.subs(y, c) * mu ** (n - 1) / c ** (n - 1))
    known = sp.solve(honest, k)[0]
    proof.step(
        "Its slope at y = c, over (c / mu)^(n-1), and the k at which it is zero:", honest, known
    )
    proof.lemma(
        "At that k its slope in y, times mu^(n-1) / y^(n-2), is:",
        sp.simplify(rise.subs(k, known) * mu ** (n - 1) / y ** (n - 2)),
        (n - 1) * (c - y),
    )
    proof.because("So truth is best for every c.", "the payoff rises up to y = c and falls beyond")
    beyond = (c + 1 - y) * y ** (n - 1) + (1 - e) * _total((n - 1) * x ** (n - 2), y)
    proof.lemma(
        "Where k y exceeds one and all play s = 1, what is left is y - 1. The slope of the "
        "payoff in y, over y^(n-2), is there:",
        sp.simplify(sp.diff(beyond, y) / y ** (n - 2)),
        (n - 1) * (c + e) - n * y,
    )
    proof.because(
        "So with s = min(1, k c) truth is still best.",
        "for y no less than c and 1/k = 1 + e (n - 1) that slope is at most (n - 1) e - 1/k = -1",
    )
    return known


def _public(proof: Proof) -> None:
    """The safety of a leader that is seen."""
    tempted = s - Delta - (1 - e) * s
    proof.step(
        "Public: a runner-up Delta behind would win with the safety s - Delta left, and "
        "gains by that what follows; it is zero at the leader's safety:",
        sp.expand(tempted),
        sp.solve(tempted, s)[0],
    )
    proof.because(
        "So with the runner-up just behind, at s - Delta, each safety s up to that is an "
        "equilibrium, and that is the safest.",
        "the runner-up does not gain by winning; the leader wins with s, and with more safety it "
        "would lose and get (1 - e) (s - Delta) < s; those further behind would win with less left",
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Best deviations by quadrature in each regime; risks by quadrature over capabilities."""
    p = draw(rng, DOMAIN)
    blind = _fixed_point(p)
    worst = gap(min(1.0, blind), closed("blind", p))
    p[c] = p[mu] * float(rng.uniform(0.3, 1.0))
    slope = closed("private", p) / p[c]
    found = float(brentq(lambda y: _mimic_slope(p, slope, y), 0.2 * p[c], 5 * p[c], xtol=1e-14))
    worst = max(worst, gap(found, p[c]))
    p[Delta] = float(rng.uniform(0.1, 0.5))
    keeps_out = float(brentq(lambda s: s - p[Delta] - (1 - p[e]) * s, 0.0, 10.0, xtol=1e-14))
    worst = max(worst, gap(min(1.0, keeps_out), closed("public", p)))
    x = p[mu] * (NODES + 1) / 2
    weight = p[mu] * WEIGHTS / 2
    best = weight @ (x * p[n] * x ** (p[n] - 1)) / p[mu] ** p[n]
    risks = [1 - best / (1 + p[e] * (p[n] - 1)), 1 - _spacing(p) / p[e]]
    return max(worst, gap(risks, [closed("private_risk", p), closed("public_risk", p)]))


def _fixed_point(p: Sample) -> float:
    """Safety from which nobody gains by a small change, the chance to win by quadrature."""

    def win(change: float) -> float:
        low, high = max(0.0, change), min(p[mu], p[mu] + change)
        x = low + (high - low) * (NODES + 1) / 2
        sure = max(0.0, -change) / p[mu]  # a lead that no rival can make up
        inside = (high - low) / 2 * WEIGHTS @ ((x - change) / p[mu]) ** (p[n] - 1) / p[mu]
        return float(inside + sure)

    def slope(safety: float) -> float:
        h = 1e-5  # to one side: the chance to win bends where rivals tie
        here, near, far = (
            (safety + d) * win(d) + (1 - p[e]) * safety * (1 - win(d)) for d in (0.0, h, 2 * h)
        )
        return float((-3 * here + 4 * near - far) / (2 * h))

    return float(brentq(slope, 1e-6, 50.0, xtol=1e-13))


def _mimic_slope(p: Sample, k: float, y: float) -> float:
    """Slope of the payoff in the mimicked capability, losses by quadrature."""

    def payoff(y: float) -> float:
        t = y + (p[mu] - y) * (NODES + 1) / 2
        lose = (p[mu] - y) / 2 * WEIGHTS @ (k * t * (p[n] - 1) * t ** (p[n] - 2))
        return float((p[c] - (1 - k) * y) * y ** (p[n] - 1) + (1 - p[e]) * lose)

    step = 1e-5 * p[c]
    return float((payoff(y + step) - payoff(y - step)) / (2 * step))


def _spacing(p: Sample) -> float:
    """Mean lead of the best of n over the second, by quadrature of P(best > x >= second)."""
    x = (NODES + 1) / 2
    return float(p[mu] / 2 * WEIGHTS @ (p[n] * x ** (p[n] - 1) * (1 - x)))


RESULT = Result(
    id="R20",
    title="Racing to the precipice",
    statement="In the game of Armstrong, Bostrom and Shulman, not in the race: safety min(1, "
    "mu/(ne)) blind, min(1, c/(1+e(n-1))) private, min(1, Delta/e) public",
    assumptions=(
        "a game of its own: teams with capabilities trade safety for the chance to win",
        "capabilities uniform on [0, mu], winner takes all",
        "risks in closed form: safety below one throughout (mu <= 1 + e(n-1), mu <= e)",
    ),
    sources=(
        "Armstrong, Bostrom and Shulman (2016), Racing to the precipice: a model of artificial "
        "intelligence development, AI and Society 31",
    ),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, c: (0.1, 0.5), Delta: (0.05, 0.4)},
    tolerance=1e-7,
    samples=8,
)
