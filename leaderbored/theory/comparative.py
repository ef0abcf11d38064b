r"""Comparative statics: the sign of every closed form's derivative in every parameter.

A sign is *proved* where the derivative has a numerator and a denominator whose terms all have one
sign, with every symbol written as something positive, or as its lower bound in the domain of the
result plus something positive: the sign then holds above those bounds, and is printed with them.
Else it is read off a sample of the domain, and no more is said; where the sample disagrees the
factor that changes sign is given: its zero is the boundary of the two regions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy as sp

from leaderbored.theory import result
from leaderbored.theory.derivation import Domain
from leaderbored.theory.records import Formulas, draw

SAMPLES = 400
ZERO = 1e-12
EVERYWHERE = "all positive values"
SAMPLED = "on the domain's sample"
LONG = 60  # operations beyond which a derivative is only sampled


@dataclass(frozen=True)
class Static:
    """How a closed form moves with a parameter.

    Attributes
    ----------
    form : str
        Name of the closed form.
    parameter : sympy.Symbol
    sign : int or None
        1, -1 or 0 throughout the domain; None if it changes.
    how : str
        "proved" or "on the domain's sample".
    where : str
        The domain of which that is said.
    derivative : sympy.Expr
    boundary : sympy.Expr or None
        The factor whose zero is where the sign changes, if it does and one is found.
    """

    form: str
    parameter: sp.Symbol
    sign: int | None
    how: str
    where: str
    derivative: sp.Expr
    boundary: sp.Expr | None = None


@cache
def statics(id: str) -> tuple[Static, ...]:
    """Comparative statics of every closed form of a result.

    Parameters
    ----------
    id : str
        Such as R9.

    Examples
    --------
    >>> [(s.form, str(s.parameter), s.sign, s.how) for s in statics("R9")][:2]
    [('threshold', 'N', 1, 'proved'), ('threshold', 'lambda', -1, 'proved')]
    """
    one = result(id)
    return tuple(
        _static(name, form, symbol, one.domain)
        for name, form in one.derive().closed.items()
        for symbol in sorted(form.free_symbols, key=str)
        if not (symbol.is_integer and form.has(sp.Sum, sp.Product))
    )


def _static(name: str, form: sp.Expr, symbol: sp.Symbol, domain: Domain) -> Static:
    real = sp.Dummy(symbol.name, positive=True)  # derivatives in an integer are in its real twin
    derivative = sp.diff(form.subs(symbol, real), real).subs(real, symbol)
    if derivative == 0:
        return Static(name, symbol, 0, "proved", EVERYWHERE, derivative)
    simple = derivative.count_ops() <= LONG and not derivative.has(sp.Sum, sp.Product)
    if simple:
        derivative = sp.factor(sp.simplify(derivative))
        for bounds in ({}, {s: domain[s][0] for s in derivative.free_symbols}):
            if (sign := proved_sign(derivative, bounds)) is not None:
                return Static(name, symbol, sign, "proved", _above(bounds), derivative)
    signs, where = _signs(derivative, domain), _inside(domain, derivative)
    if len(signs) == 1:
        return Static(name, symbol, signs.pop(), SAMPLED, where, derivative)
    factors = sp.Mul.make_args(sp.numer(derivative)) if simple else ()
    turning = [part for part in factors if len(_signs(part, domain)) > 1]
    plain = turning and not any(part.has(sp.Heaviside) for part in turning)
    boundary = sp.Mul(*turning) if plain else None
    return Static(name, symbol, None, SAMPLED, where, derivative, boundary)


def _above(bounds: Mapping[sp.Symbol, float]) -> str:
    if not bounds:
        return EVERYWHERE
    return ", ".join(f"{symbol} >= {bounds[symbol]:g}" for symbol in sorted(bounds, key=str))


def _inside(domain: Domain, expression: sp.Expr) -> str:
    ranges = ((s, *domain[s]) for s in sorted(expression.free_symbols, key=str))
    return ", ".join(f"{symbol} in [{low:g}, {high:g}]" for symbol, low, high in ranges)


def proved_sign(expression: sp.Expr, bounds: Mapping[sp.Symbol, float]) -> int | None:
    """The sign of an expression where its symbols are above bounds; None if that is not plain.

    Parameters
    ----------
    expression : sympy.Expr
    bounds : dict of symbol to float
        Of symbols without a bound only the sign is known, if they are declared positive.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> proved_sign((x - 1) / x, {x: 1}), proved_sign(x - 1, {}), proved_sign(x / (1 + x), {})
    (1, None, 1)
    """
    above = {
        symbol: sp.nsimplify(low) + sp.Dummy(symbol.name, positive=True)
        for symbol, low in bounds.items()
    }
    sign = 1
    for part, power in ((sp.numer(expression), 1), (sp.denom(expression), -1)):
        terms = sp.Add.make_args(sp.expand(part.subs(above)))
        signs = {1 if t.is_positive else -1 if t.is_negative else 0 for t in terms}
        if signs not in ({1}, {-1}):
            return None
        sign *= signs.pop() ** power
    return int(sign)


def _signs(expression: sp.Expr, domain: Domain) -> set[int]:
    """Signs met on a sample of the domain."""
    formula = Formulas({"it": expression})
    rng = np.random.default_rng(0)
    found = set()
    count = SAMPLES if not expression.has(sp.Product) else 8
    for _ in range(count):
        value = formula("it", draw(rng, domain))
        if np.isreal(value) and np.isfinite(value) and abs(value) > ZERO:
            found.add(int(np.sign(value)))
    return found or {0}
