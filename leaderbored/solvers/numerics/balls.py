"""Values of formulas in balls: everything that a formula may be where its symbols lie in balls.

Whole numbers, fractions and decimals in a formula count exactly, and so do the doubles that stand
for parameters. Balls are of python-flint (Arb), which encloses every function that is met here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from itertools import pairwise
from math import inf
from operator import add, mul
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import acb, arb, arb_mat, fmpq

from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.numerics.krawczyk import UnprovedError

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

UNDECIDED = "which piece of a formula holds may change within the box"
UNDEFINED = "a formula may have no value within the box"


class Balls:
    """Formulas at some balls.

    Parameters
    ----------
    known : mapping from symbols to balls, numbers and arrays
        Arrays of what stands for tables.

    Examples
    --------
    >>> x = sympy.Symbol("x", real=True)
    >>> balls = Balls({x: arb(2, 0.1)})
    >>> bool(balls(sympy.sqrt(x) / 3).contains(arb(2).sqrt() / 3)), balls.finite(x**2) > 3
    (True, True)
    """

    def __init__(self, known: Mapping[Any, Any]) -> None:
        self.known: dict[Any, Any] = {}  # of symbols
        self.parts: dict[Any, Any] = {}  # of formulas
        self.tables: dict[str, Any] = {}
        self.others: dict[int, tuple[Mapping[Any, Any], Balls]] = {}
        for symbol, value in known.items():
            if np.ndim(value):
                self.tables[getattr(symbol, "code", str(symbol))] = np.asarray(value, dtype=float)
            else:
                self.known[symbol] = value if isinstance(value, arb) else arb(float(value))

    def moved(self, symbols: Sequence[Any], there: Sequence[Any]) -> Balls:
        """The same where some symbols lie elsewhere; no formula that holds these was asked for yet.

        Examples
        --------
        >>> x, y = sympy.symbols("x y", real=True)
        >>> here = Balls({x: 1, y: 2})
        >>> [float(balls(x + y)) for balls in (here.moved([x], [arb(5)]), here)]
        [7.0, 3.0]
        """
        found = Balls({})
        found.known = {**self.known, **dict(zip(symbols, there, strict=True))}
        found.parts = {**self.parts}
        found.tables = self.tables
        return found

    def renamed(self, names: Mapping[Any, Any]) -> Balls:
        """The same for formulas that are written with other names, and with names for numbers.

        Parameters
        ----------
        names : mapping of symbols
            What each stands for: a symbol of these balls, or a number. The same object gives the
            same balls, which remember their formulas.

        Examples
        --------
        >>> x, y, c = sympy.symbols("x y c", real=True)
        >>> here = Balls({x: 1, y: 2})
        >>> float(here.renamed({x: y, y: x, c: sympy.Integer(5)})(c * x))
        10.0
        """
        if not names:
            return self
        if id(names) not in self.others:
            found = Balls({})
            meant = {
                name: self(there)
                for name, there in names.items()
                if there in self.known or getattr(there, "is_Number", False)
            }
            found.known = {**self.known, **meant}
            found.tables = self.tables
            self.others[id(names)] = names, found
        return self.others[id(names)][1]

    def finite(self, expression: Any) -> Any:
        """The ball of a formula that has a value all over the box.

        Raises
        ------
        UnprovedError
            If it may have none.
        """
        found = self(expression)
        if not found.is_finite():
            raise UnprovedError(UNDEFINED)
        return found

    def tried(self, expression: Any) -> Any:
        """The ball of a formula, or one that is not finite, whatever stands in the way."""
        try:
            return self(expression)
        except UnprovedError:
            return arb("nan")

    def __call__(self, expression: Any) -> Any:
        """The ball of a formula; not finite where it may have no value.

        Raises
        ------
        UnprovedError
            If it is not known which piece holds, or what a function is in balls.
        """
        if expression in self.known:
            return self.known[expression]
        if expression not in self.parts:
            self.parts[expression] = self._made(expression)
        return self.parts[expression]

    def _made(self, part: Any) -> Any:
        if part.is_Number:
            return arb(fmpq(int(part.p), int(part.q))) if part.is_Rational else arb(float(part))
        if isinstance(part, sympy.Pow):
            return self._power(part.base, part.exp)
        if isinstance(part, sympy.Piecewise):
            return self._piece(part)
        name = type(part).__name__
        if name in self.tables:
            return self._entry(name, [self(place) for place in part.args[1:]])
        if (function := _functions().get(name)) is None:
            raise UnprovedError(f"{name} of a formula is not enclosed in balls")
        return function(*map(self, part.args))

    def _power(self, base: Any, exponent: Any) -> Any:
        under = self(base)
        if exponent.is_Integer and abs(int(exponent)) < 10**6:
            power = whole_power(under, abs(int(exponent)))
            return 1 / power if exponent < 0 else power
        over = self(exponent)
        if under > 0:
            return under**over
        if under >= 0 and over > 0:
            return arb(0).union(under.upper() ** over)
        raise UnprovedError(UNDEFINED)

    def _piece(self, part: Any) -> Any:
        for value, condition in part.args:
            if self.holds(condition):
                return self(value)
        raise UnprovedError(UNDEFINED)

    def holds(self, condition: Any) -> bool:
        """Whether a condition holds all over the box, or else nowhere.

        Raises
        ------
        UnprovedError
            If it is neither.
        """
        if condition in (sympy.true, sympy.false):
            return bool(condition)
        if isinstance(condition, sympy.And | sympy.Or):
            each = map(self.holds, condition.args)
            return all(each) if isinstance(condition, sympy.And) else any(each)
        if isinstance(condition, sympy.Not):
            return not self.holds(condition.args[0])
        if isinstance(condition, sympy.ITE):
            when, then, otherwise = condition.args
            return self.holds(then if self.holds(when) else otherwise)
        if not isinstance(condition, sympy.core.relational.Relational):
            raise UnprovedError(UNDECIDED)
        gap = self(condition.lhs) - self(condition.rhs)
        if isinstance(condition, sympy.Eq | sympy.Ne):
            if not gap.overlaps(arb(0)) or gap.is_zero():
                return bool(gap.is_zero()) == isinstance(condition, sympy.Eq)
            raise UnprovedError(UNDECIDED)
        above = gap if isinstance(condition, sympy.Gt | sympy.Ge) else -gap
        strict = isinstance(condition, sympy.Gt | sympy.Lt)
        yes, no = above > 0 or (above >= 0 and not strict), above < 0 or (above <= 0 and strict)
        if yes or no:
            return bool(yes)
        raise UnprovedError(UNDECIDED)

    def _entry(self, name: str, places: list[Any]) -> Any:
        """The entry of a table at places that are whole numbers."""
        at = []
        for place, size in zip(places, self.tables[name].shape, strict=True):
            number = float(place) if place.is_exact() else inf
            if not (number.is_integer() and 0 <= number < size):
                raise UnprovedError("which entry of a table is taken may change within the box")
            at.append(int(number))
        return arb(float(self.tables[name][tuple(at)]))


def whole_power(base: Any, exponent: int) -> Any:
    """A ball to a power of a whole number that is not negative, whatever its sign.

    Examples
    --------
    >>> square, cube = (whole_power(arb(1, 2), power) for power in (2, 3))
    >>> [[round(float(end), 6) for end in (b.lower(), b.upper())] for b in (square, cube)]
    [[-0.0, 9.0], [-1.0, 27.0]]
    """
    if exponent == 0:
        return arb(1)
    if not base.overlaps(arb(0)) or exponent == 1:
        return base**exponent if exponent > 1 else base
    low, high = (_sized(end, exponent) for end in (base.lower(), base.upper()))
    return low.union(high) if exponent % 2 else arb(0).union(low.max(high))


def _sized(number: Any, exponent: int) -> Any:
    """An exact number to a positive power."""
    if number.is_zero():
        return arb(0)
    return number**exponent if number > 0 else (-1) ** exponent * (-number) ** exponent


def positive(matrix: Any) -> bool:
    """Whether every symmetric matrix in a matrix of balls is positive definite: by its minors.

    Examples
    --------
    >>> positive(arb_mat([[2, 1], [1, 2]])), positive(arb_mat([[1, 2], [2, 1]]))
    (True, False)
    """
    sizes = range(1, matrix.nrows() + 1)
    leading = (
        arb_mat([[matrix[i, j] for j in range(size)] for i in range(size)]) for size in sizes
    )
    return all(minor.det() > 0 for minor in leading)


def _polygamma(order: Any, x: Any) -> Any:
    return x.digamma() if order.is_zero() else acb(x).polygamma(acb(order)).real


def _floor(x: Any) -> Any:
    down = x.floor()
    if not down.is_exact():
        raise UnprovedError(UNDECIDED)
    return down


@cache
def _functions() -> dict[str, Callable[..., Any]]:
    """What functions are in balls, by their names in expressions."""

    def in_turn(method: Callable[[Any, Any], Any]) -> Callable[..., Any]:
        return lambda *terms: reduce(method, terms)

    return {
        "Add": in_turn(add),
        "Mul": in_turn(mul),
        "Pi": arb.pi,
        "Exp1": lambda: arb(1).exp(),
        "exp": arb.exp,
        "log": arb.log,
        "LogOnePlus": arb.log1p,
        "tanh": arb.tanh,
        "sin": arb.sin,
        "cos": arb.cos,
        "tan": arb.tan,
        "erf": arb.erf,
        "NormalLaw": lambda x: (-x / arb(2).sqrt()).erfc() / 2,
        "gamma": arb.gamma,
        "polygamma": _polygamma,
        "Floor": _floor,
        "Abs": abs,
        "Max": in_turn(arb.max),
        "Min": in_turn(arb.min),
    }


def everywhere(low: Any, high: Any, holds: Callable[[Any], bool], first: int, most: int) -> bool:
    """Whether a test holds all over a range, of which pieces are halved where it does not.

    Parameters
    ----------
    low, high : arb
        The ends of the range.
    holds : callable
        Says of a ball whether something is shown of all numbers in it.
    first, most : int
        How many pieces there are to begin with, and how many are looked at.

    Examples
    --------
    >>> everywhere(arb(0), arb(1), lambda x: bool(x * (1 - x) < 0.26), 2, 100)
    True
    >>> everywhere(arb(0), arb(1), lambda x: bool(x * (1 - x) < 0.24), 2, 100)
    False
    """
    edges = [low, *((low + (high - low) * m / first).mid() for m in range(1, first)), high]
    waiting = [a.union(b) for a, b in pairwise(edges)]
    for _ in range(most):
        if not waiting:
            return True
        checkpoint()
        piece = waiting.pop()
        if not holds(piece):
            middle = piece.mid()
            waiting += [piece.lower().union(middle), middle.union(piece.upper())]
    return False
