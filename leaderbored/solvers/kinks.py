r"""Formulas with kinks as smooth ones with multipliers.

A choice between two pieces becomes :math:`\max(a, b) = \lambda a + (1 - \lambda) b` with
:math:`0 \le \lambda \le 1` and :math:`F_\lambda = b - a`, with the other sign for min, so that a
derivative with the multiplier held is every one between those on the two sides of a kink.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")


def derivatives(
    f: Sequence[sympy.Expr], symbols: Sequence[sympy.Symbol]
) -> list[tuple[int, int, sympy.Expr]]:
    """The derivatives that are not zero throughout: (row, column, expression).

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> derivatives([x * y, y], [x, y])
    [(0, 0, y), (0, 1, x), (1, 1, 1)]
    """
    place = {symbol: column for column, symbol in enumerate(symbols)}
    found = []
    for row, expression in enumerate(f):
        terms = _terms(expression)
        for symbol in sorted(terms.keys() & place.keys(), key=place.__getitem__):
            checkpoint()
            slope = sympy.Add(*(_slope(term, symbol) for term in terms[symbol]))
            if any(not power.exp.is_number for power in slope.atoms(sympy.Pow)):
                slope = sympy.powsimp(slope, combine="exp")  # x**a / x has no value at zero
            if slope != 0:
                found.append((row, place[symbol], slope))
    return found


def _slope(term: sympy.Expr, symbol: sympy.Symbol) -> sympy.Expr:
    """The derivative of a term; of a product with the symbol for a factor, the other factors."""
    rest = [factor for factor in sympy.Mul.make_args(term) if factor != symbol]
    if any(factor.has_free(symbol) for factor in rest):
        return sympy.diff(term, symbol)
    return sympy.Mul(*rest)


def _terms(expression: sympy.Expr) -> dict[sympy.Symbol, list[sympy.Expr]]:
    """The terms of a sum in which each symbol stands."""
    found: dict[sympy.Symbol, list[sympy.Expr]] = {}
    for term in sympy.Add.make_args(expression):
        for symbol in term.free_symbols:
            found.setdefault(symbol, []).append(term)
    return found


def steps(expression: sympy.Expr, variables: set[sympy.Symbol]) -> bool:
    """Whether ``floor`` is taken of some variables: of its jumps no derivative knows.

    Examples
    --------
    >>> from leaderbored.games.functions import Floor
    >>> x, y = sympy.symbols("x y", real=True)
    >>> steps(Floor(x) + y, {x}), steps(Floor(x) + y, {y})
    (True, False)
    """
    from leaderbored.games.functions import Floor  # brings sympy

    return any(part.free_symbols & variables for part in expression.atoms(Floor))


class Kinks:
    """Replaces choices between pieces by multipliers.

    Parameters
    ----------
    variables : set of symbols, optional
        Only choices that depend on these; all by default.

    Attributes
    ----------
    symbols, gaps, owner : lists
        The multipliers, F of each, and whose they are.

    Examples
    --------
    >>> x, kinks = sympy.Symbol("x", real=True), Kinks()
    >>> kinks.smooth(sympy.Max(x, 0), 0) == (1 - kinks.symbols[0]) * x, kinks.gaps
    (True, [x])
    """

    def __init__(self, variables: set[sympy.Symbol] | None = None) -> None:
        self.variables = variables
        self.symbols: list[sympy.Symbol] = []
        self.gaps: list[sympy.Expr] = []  # F of each multiplier
        self.owner: list[int] = []

    def smooth(self, expression: sympy.Expr, g: int) -> sympy.Expr:
        """The same formula with a multiplier of player g for each choice that it makes."""
        return self.smooth_all([expression], g)[0]

    def smooth_all(self, expressions: Sequence[sympy.Expr], g: int) -> list[sympy.Expr]:
        """The same for several formulas; a choice that they share has one multiplier."""
        self.player = g
        self.known: dict[sympy.Expr, sympy.Expr] = {}
        return [self._walk(expression) for expression in expressions]

    def _walk(self, expression: sympy.Expr) -> sympy.Expr:
        checkpoint()
        if not expression.args or not self._hangs(expression):
            return expression
        if expression not in self.known:
            self.known[expression] = self._made(expression)
        return self.known[expression]

    def _hangs(self, expression: sympy.Expr) -> bool:
        free = expression.free_symbols
        return bool(free if self.variables is None else free & self.variables)

    def _made(self, expression: sympy.Expr) -> sympy.Expr:
        if isinstance(expression, sympy.Piecewise):
            return self._pieces(expression)
        arguments = [self._walk(part) for part in expression.args]
        if isinstance(expression, sympy.Abs):
            return self._between(arguments[0], -arguments[0], highest=True)
        if isinstance(expression, sympy.Max | sympy.Min):
            arguments.sort(key=sympy.default_sort_key)
            result = arguments[0]
            for other in arguments[1:]:
                result = self._between(result, other, highest=isinstance(expression, sympy.Max))
            return result
        return expression.func(*arguments)

    def _between(self, a: sympy.Expr, b: sympy.Expr, highest: bool) -> sympy.Expr:
        weight = self._multiplier(b - a if highest else a - b)
        return weight * a + (1 - weight) * b

    def _multiplier(self, gap: sympy.Expr) -> sympy.Symbol:
        self.symbols.append(sympy.Dummy(f"lambda{len(self.symbols)}", real=True))
        self.gaps.append(gap)
        self.owner.append(self.player)
        return self.symbols[-1]

    def _pieces(self, expression: sympy.Piecewise) -> sympy.Expr:
        result, left = sympy.Integer(0), sympy.Integer(1)
        for value, condition in expression.args:
            holds = self._holds(condition)
            result += left * holds * self._walk(value)
            left *= 1 - holds
        return result

    def _holds(self, condition: Any) -> sympy.Expr:
        if condition in (sympy.true, sympy.false):
            return sympy.Integer(int(bool(condition)))
        if isinstance(condition, sympy.And):
            return sympy.Mul(*map(self._holds, condition.args))
        if isinstance(condition, sympy.Or):
            return 1 - sympy.Mul(*(1 - self._holds(part) for part in condition.args))
        if isinstance(condition, sympy.Not):
            return 1 - self._holds(condition.args[0])
        if isinstance(condition, sympy.Eq | sympy.Ne):
            return sympy.Integer(int(isinstance(condition, sympy.Ne)))
        gap = self._walk(condition.lts) - self._walk(condition.gts)
        if condition not in self.known:
            self.known[condition] = self._multiplier(gap)
        return self.known[condition]
