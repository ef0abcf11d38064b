"""Functions of formulas: what they are to sympy, and their values at numbers.

Of the jumps of ``floor`` its derivative knows nothing: it is zero. The derivatives of all others
are exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

DENSITY = 1 / math.sqrt(2 * math.pi)  # of the normal law, at zero


class NormalLaw(sympy.Function):  # type: ignore[misc]
    """The probability that a standard normal number is at most x.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> round(float(sympy.diff(NormalLaw(x), x).subs(x, 0)), 6)
    0.398942
    """

    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        """The density."""
        return normal_density(self.args[0])


class Floor(sympy.Function):  # type: ignore[misc]
    """The largest whole number that is not above x; between its jumps it does not move."""

    is_real = True

    def fdiff(self, argindex: int = 1) -> Any:
        """Zero, as between jumps."""
        return sympy.Integer(0)


class Quotient(sympy.Function):  # type: ignore[misc]
    """The largest whole number that is not above a / b."""

    is_real = True


class LogOnePlus(sympy.Function):  # type: ignore[misc]
    """log(1 + x), exact for small x."""

    def fdiff(self, argindex: int = 1) -> Any:
        """The derivative."""
        return 1 / (1 + self.args[0])


def normal_density(x: Any) -> Any:
    """The density of a standard normal number.

    Examples
    --------
    >>> round(float(normal_density(sympy.Integer(0))), 6)
    0.398942
    """
    return sympy.Rational(repr(DENSITY)) * sympy.exp(-(x**2) / 2)


MEANING: Mapping[str, Callable[..., Any]] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "ln": sympy.log,
    "log1p": LogOnePlus,
    "sqrt": sympy.sqrt,
    "min": sympy.Min,
    "max": sympy.Max,
    "abs": sympy.Abs,
    "tanh": sympy.tanh,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "erf": sympy.erf,
    "Phi": NormalLaw,
    "phi": normal_density,
    "floor": Floor,
    "ceil": lambda x: -Floor(-x),
    "sign": lambda x: sympy.Piecewise((1, x > 0), (-1, x < 0), (0, True)),
    "mod": lambda a, b: a - b * Floor(a / b),
    "gamma": sympy.gamma,
}
"""What each function is in an expression."""

AT_NUMBERS: Mapping[str, Callable[[Any], float]] = {
    "exp": math.exp,
    "log": math.log,
    "ln": math.log,
    "log1p": math.log1p,
    "sqrt": math.sqrt,
    "tanh": math.tanh,
    "sin": math.sin,
    "cos": math.cos,
    "erf": math.erf,
    "Phi": lambda x: math.erfc(-float(x) / math.sqrt(2)) / 2,
    "phi": lambda x: DENSITY * math.exp(-(float(x) ** 2) / 2),
    "gamma": math.gamma,
}
"""Functions whose values at numbers are worked out at once, in floating point."""


def whole(number: Any) -> Any:
    """The whole part of an exact number.

    Examples
    --------
    >>> whole(sympy.Rational(-1, 3))
    -1
    """
    return sympy.Integer(math.floor(Fraction(int(number.p), int(number.q))))


def without_fractions(expression: Any) -> Any:
    """The same with whole numbers alone where the last digit decides: in floors and comparisons.

    Both sides of a comparison are multiplied by what makes their coefficients whole, and what a
    floor is taken of is divided last: ``floor(s / 49)`` is 1 at 49, though ``49 * (1 / 49)`` in
    floating point is less than 1.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> without_fractions(Floor(x / 49)), without_fractions(sympy.Ge(x / 49, sympy.Rational(1, 7)))
    (Quotient(x, 49), x >= 7)
    """
    fractional = (Floor, sympy.core.relational.Relational)
    if not expression.has(*fractional):
        return expression
    known: dict[Any, Any] = {}
    for part in sorted(expression.atoms(*fractional), key=sympy.count_ops):
        inner = part.func(*(side.xreplace(known) for side in part.args))
        contents = [side.as_content_primitive() for side in inner.args]
        bottom = sympy.ilcm(1, *(content.q for content, _ in contents if content.is_Rational))
        if bottom == 1 or not bottom < 2**53:
            known[part] = inner
            continue
        whole = [content * bottom * rest for content, rest in contents]
        if isinstance(part, Floor):
            known[part] = Quotient(whole[0], bottom)
        else:
            known[part] = part.func(*whole)
    return expression.xreplace(known)


def in_numpy() -> dict[str, Callable[..., Any]]:
    """What the names of functions in compiled code are, where numpy has none of that name.

    Examples
    --------
    >>> float(in_numpy()["NormalLaw"](0.0))
    0.5
    """
    from scipy import special

    def polygamma(order: int, x: Any) -> Any:
        return special.psi(x) if order == 0 else special.polygamma(order, x)

    return {
        "NormalLaw": special.ndtr,
        "Floor": np.floor,
        "Quotient": lambda a, b: np.floor(a / b),
        "LogOnePlus": np.log1p,
        "erf": special.erf,
        "gamma": special.gamma,
        "polygamma": polygamma,
    }


def in_mpmath() -> dict[str, Callable[..., Any]]:
    """The same with as many digits as mpmath has, for a second opinion.

    Examples
    --------
    >>> sorted(in_mpmath())
    ['Floor', 'LogOnePlus', 'NormalLaw']
    """
    import mpmath

    return {"NormalLaw": mpmath.ncdf, "Floor": mpmath.floor, "LogOnePlus": mpmath.log1p}
