r"""R15. Whiplash: if leads are answered with a delay, those that would die out start to swing.

This is an assumed rule of thumb, linear with a delay, and not derived from a game. What is built
answers a lead only when it is trained, :math:`\tau` later: :math:`g'(t) = A g(t) - k
g(t - \tau)`, k > A (else the lead grows even without delay) and k > -A (else it decays whatever the
delay). Solutions :math:`e^{s t}` have :math:`s = A - k e^{-s \tau}`. Without delay s = A - k < 0.
As :math:`\tau` grows, roots cross to the right through :math:`s = i \omega` alone, where

.. math:: A = k \cos \omega \tau, \qquad \omega = k \sin \omega \tau,

so :math:`\omega^2 = k^2 - A^2` and the first crossing is at :math:`\tau^* = \arccos(A / k) /
\sqrt{k^2 - A^2}`. There the lead swings with the period :math:`2 \pi / \sqrt{k^2 - A^2}`; for A = 0
that is four times the delay. On the axis the real part of
:math:`1 / (ds / d\tau)` is :math:`1 / (A^2 + \omega^2)`, so roots cross to the right only.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from numpy.polynomial.chebyshev import chebpts2
from scipy.optimize import brentq

from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import tau

A = sp.Symbol("A", real=True)
k, omega = sp.symbols("k omega", positive=True)
DOMAIN = {k: (1.0, 3.0), A: (-0.6, 0.8)}
POINTS = 24  # of collocation: more than enough for machine precision


def prove() -> Derivation:
    """Characteristic equation on the imaginary axis; direction of crossing."""
    proof = Proof()
    s = sp.Symbol("s")
    root = proof.step(
        "An exponential e^{s t} solves the rule g'(t) = A g(t) - k g(t - tau) iff this is zero:",
        s - A + k * sp.exp(-s * tau),
    )
    proof.because(
        "Leads die out iff all roots s have negative real parts. Without delay the one root is "
        "A - k < 0, and as tau grows from 0 roots can come to the right through the imaginary axis "
        "only.",
        "roots move continuously in tau, and to the right of any line their number is finite: the "
        "theory of linear equations with a delay; |s| <= |A| + k in the right half-plane",
    )
    on_axis = root.subs(s, sp.I * omega).rewrite(sp.cos)
    real, imaginary = (sp.simplify(part) for part in sp.expand_complex(on_axis).as_real_imag())
    proof.step(
        "At s = i omega the real and the imaginary part are (s = 0 is no root, as A < k):",
        real,
        imaginary,
    )
    proof.lemma(
        "Where both vanish, k cos and k sin of omega tau are A and omega; squares add up:",
        sp.expand((real + A) ** 2 + (imaginary - omega) ** 2),
        k**2,
    )
    frequency = proof.step(
        "So A^2 + omega^2 = k^2, and omega is:", sp.solve(A**2 + omega**2 - k**2, omega)[-1]
    )
    delay = proof.step(
        "cos(omega tau) = A / k with a positive sine, for the first time at tau:",
        sp.acos(A / k) / frequency,
    )
    at = {k: (2, 3), A: (-1, 1)}
    proof.lemma(
        "There the real part vanishes, and the imaginary part, omega less this, too:",
        (omega - imaginary).subs(omega, frequency).subs(tau, delay),
        frequency,
        within=at,
    )
    speed = -sp.diff(root, tau) / sp.diff(root, s)
    speed = speed.subs(sp.exp(-s * tau), (A - s) / k)
    proof.step("The speed ds / dtau of a root, with k e^{-s tau} = A - s:", speed)
    on_axis = sp.expand_complex((1 / speed).subs(s, sp.I * omega))
    proof.step(
        "On the axis 1 / speed has a real part that is positive:", sp.simplify(sp.re(on_axis))
    )
    proof.because(
        "So leads die out iff tau is below the first crossing; at it they swing for ever with the "
        "period 2 pi / omega, beyond it swings grow.",
        "the real parts of a number and its inverse have one sign: every crossing is to the right, "
        "and no root comes back",
    )
    return proof.close(delay=delay, period=2 * sp.pi / frequency)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The delay at which the rightmost eigenvalue of the discretised equation crosses."""
    p = draw(rng, DOMAIN)

    def growth(delay: float) -> float:
        return float(rightmost(p[A], p[k], delay).real)

    delay = float(brentq(growth, 0.05, 20.0 / p[k], xtol=1e-13))
    period = 2 * np.pi / abs(rightmost(p[A], p[k], delay).imag)
    return max(gap(delay, closed("delay", p)), gap(period, closed("period", p)))


def rightmost(a: float, k: float, delay: float) -> complex:
    """Rightmost characteristic root of g' = a g - k g(t - delay), by collocation.

    The history on [-delay, 0] is a polynomial; its generator differentiates, and at 0 obeys the
    equation (Breda, Maset and Vermiglio, SIAM J. Sci. Comput. 27, 2005).

    Examples
    --------
    >>> round(abs(rightmost(0.0, 1.0, np.pi / 2)), 9)
    1.0
    """
    x = chebpts2(POINTS)[::-1]  # from 1, now, to -1, a delay ago
    c = np.r_[2, np.ones(POINTS - 2), 2] * (-1.0) ** np.arange(POINTS)
    gaps = x[:, None] - x + np.eye(POINTS)
    matrix = np.outer(c, 1 / c) / gaps
    matrix -= np.diag(matrix.sum(axis=1))
    matrix *= 2 / delay
    matrix[0] = 0.0
    matrix[0, 0], matrix[0, -1] = a, -k
    roots = np.linalg.eigvals(matrix)
    return complex(roots[np.argmax(roots.real)])


RESULT = Result(
    id="R15",
    title="Whiplash, an assumed rule with a delay",
    statement="By the assumed linear rule g'(t) = A g(t) - k g(t-tau) leads die out iff "
    "tau < arccos(A/k)/sqrt(k^2-A^2), where they swing with period 2 pi/sqrt(k^2-A^2)",
    assumptions=(
        "the rule is assumed, a rule of thumb: it is not derived from a game",
        "k > |A|",
    ),
    sources=("Hale and Verduyn Lunel (1993), Introduction to Functional Differential Equations",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-8,
    samples=10,
)
