"""Derivations: numbered steps from the primitives to closed forms, each of one of three kinds.

A step is a sentence and the formulas it is about. What sympy works out from the steps before is
*computed*. An equation that a person supplies, a guess that solves another one say, is *verified*:
the difference of its sides must simplify to exactly zero, and be below 1e-45 at random points in 50
digits. What no computer algebra sees, an inequality for all ladders or an induction, is an
*argument*, and has its reason with it.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp
from sympy.core.function import AppliedUndef

DIGITS = 50
SMALL = sp.Float("1e-45")
POINTS = 5

Range = tuple[float, float]
Domain = Mapping[sp.Symbol, Range]
Kind = Literal["computed", "verified", "argument"]


class LemmaError(AssertionError):
    """A lemma that does not hold."""


@dataclass(frozen=True)
class Step:
    """One step of a derivation.

    Attributes
    ----------
    what : str
        A sentence.
    expressions : tuple of sympy expressions
        What it is about.
    kind : str
        "computed" by sympy; "verified", an equation of a person's that the machine has checked; or
        "argument", a person's, which a reader has to check.
    reason : str
        Of an argument: what makes it true, in a word or two.
    """

    what: str
    expressions: tuple[sp.Basic, ...] = ()
    kind: Kind = "computed"
    reason: str = ""


@dataclass(frozen=True)
class Derivation:
    """Steps that end in closed forms.

    Attributes
    ----------
    steps : tuple of Step
    closed : dict of str to sympy.Expr
        The closed forms by name.
    """

    steps: tuple[Step, ...]
    closed: Mapping[str, sp.Expr]


class Proof:
    """Collects the steps of a derivation.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> proof = Proof()
    >>> slope = proof.step("Differentiate.", sp.diff(x**2, x))
    >>> proof.lemma("The square of a sum:", (1 + x) ** 2, 1 + 2 * x + x**2)
    >>> proof.because("It rises in x.", "its slope 2 x is positive")
    >>> proof.close(slope=slope).closed
    {'slope': 2*x}
    """

    def __init__(self) -> None:
        self._steps: list[Step] = []

    def step(self, what: str, *expressions: sp.Basic) -> Any:
        """Add what sympy has worked out; the last expression, for the next step."""
        self._steps.append(Step(what, expressions))
        return expressions[-1] if expressions else None

    def because(self, what: str, reason: str, *expressions: sp.Basic) -> None:
        """Add an argument: a sentence that a person proves, and why it holds."""
        self._steps.append(Step(what, expressions, "argument", reason))

    def lemma(
        self, what: str, left: sp.Expr, right: sp.Expr | int = 0, within: Domain | None = None
    ) -> None:
        """Add an equation that is verified here and now.

        Parameters
        ----------
        what : str
        left, right : sympy.Expr
            The two sides.
        within : dict of symbol to (low, high), optional
            Where the random points lie; 1/4 to 2 by default, 2 to 6 for integers.

        Raises
        ------
        LemmaError
            If the difference of the sides is not zero, or they are one and the same expression,
            so that the equation says nothing.
        """
        if left == right:
            raise LemmaError(f"{left} = {right} says nothing")
        verify(left - right, within)
        self._steps.append(Step(what, (sp.Eq(left, right, evaluate=False),), "verified"))

    def close(self, **closed: sp.Expr) -> Derivation:
        """End with closed forms."""
        return Derivation(tuple(self._steps), closed)


def verify(residual: sp.Expr, within: Domain | None = None) -> None:
    """Insist that an expression is zero, exactly and at random points in 50 digits.

    Parameters
    ----------
    residual : sympy.Expr
    within : dict of symbol to (low, high), optional

    Raises
    ------
    LemmaError
        If it is not.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> verify((x + 1) ** 2 - x**2 - 2 * x - 1)
    >>> verify(x - 1)
    Traceback (most recent call last):
    leaderbored.theory.derivation.LemmaError: x - 1 is not zero
    """
    if sp.simplify(residual) != 0:
        raise LemmaError(f"{residual} is not zero")
    rng = random.Random(0)
    for kind in (sp.Derivative, AppliedUndef):  # a function of which nothing is known: any number
        unknown = sorted(residual.atoms(kind), key=str)
        residual = residual.xreplace({part: sp.Dummy(positive=True) for part in unknown})
    for _ in range(POINTS):
        point = {s: _number(rng, s, within) for s in residual.free_symbols}
        value = sp.N(residual.subs(point), DIGITS + 10)
        if not abs(value) < SMALL:
            raise LemmaError(f"{residual} is {value} at {point}")


def _number(rng: random.Random, symbol: sp.Symbol, within: Domain | None) -> sp.Number:
    low, high = (within or {}).get(symbol, (2, 6) if symbol.is_integer else (0.25, 2.0))
    if symbol.is_integer:
        return sp.Integer(rng.randint(int(low), int(high)))
    share = sp.Rational(rng.randint(1, 9999), 10000)
    return sp.Float(sp.Rational(low) * (1 - share) + sp.Rational(high) * share, DIGITS + 10)
