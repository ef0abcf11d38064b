"""Formulas compiled to functions of numpy arrays, under names of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import cache, lru_cache, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sympy
from leaderbored.games.meanings import Grid


def compile_function(expression: sympy.Expr, names: Iterable[Any]) -> Callable[..., Any]:
    """Compile an expression to a numpy function of the given names, in that order.

    Parameters
    ----------
    expression : sympy.Expr
        As returned by :func:`read`.
    names : iterable of str, symbol or Grid
        Its arguments; what stands for a table is given an array.

    Returns
    -------
    callable
        A function of scalars or arrays; overflow gives inf, undefined gives nan.

    Raises
    ------
    NameError
        On a call, if the expression holds a symbol that is not among the names.

    Examples
    --------
    >>> from leaderbored.games.expression import read
    >>> float(compile_function(read("gamma**g", ["gamma", "g"]), ["gamma", "g"])(1.5, 2))
    2.25
    """
    import sympy

    return _function(
        expression,
        tuple(sympy.Symbol(n, real=True) if isinstance(n, str) else n for n in names),
    )


@lru_cache(maxsize=512)
def _function(expression: sympy.Expr, symbols: tuple[Any, ...]) -> Callable[..., Any]:
    import sympy

    private = [
        symbol if isinstance(symbol, Grid) else sympy.Symbol(f"given_{k}", real=True)
        for k, symbol in enumerate(symbols)
    ]
    tables = {grid.symbol for grid in symbols if isinstance(grid, Grid)}
    if missing := expression.free_symbols - tables - set(symbols):
        raise NameError(f"no values for {', '.join(sorted(map(str, missing)))}")
    pairs = zip(symbols, private, strict=True)
    known = {symbol: other for symbol, other in pairs if not isinstance(symbol, Grid)}
    compiled = compile_rows([expression.xreplace(known)], private)

    def function(*values: Any) -> Any:
        with np.errstate(all="ignore"):
            return compiled(*(np.asarray(value, dtype=float) for value in values))[0]

    return function


def compile_rows(
    rows: Sequence[sympy.Basic], names: Sequence[sympy.Symbol | Grid]
) -> Callable[..., list[Any]]:
    """Compile expressions together to a numpy function that returns a value for each.

    Parameters
    ----------
    rows : sequence of expressions
    names : sequence of symbols and Grids
        Its arguments, whose names are not the user's: they might be those of numpy's functions.
        What stands for a table is given an array; outside of it an entry is nan.

    Examples
    --------
    >>> import sympy
    >>> x, table = sympy.Symbol("x"), Grid("maximum", (1,))
    >>> compile_rows([sympy.Max(x, 10**30), table.at(x)], [x, table])(0.0, np.array([7.0]))
    [np.float64(1e+30), array(7.)]
    """
    import sympy

    from leaderbored.games.functions import in_numpy, without_fractions  # brings sympy

    rows = [without_fractions(row) for row in rows]
    known = in_numpy() if any(row.has(sympy.Function) for row in rows) else {}
    function = _compiled(rows, names, known)
    return function


def _compiled(
    rows: Sequence[sympy.Basic],
    names: Sequence[sympy.Symbol | Grid],
    known: dict[str, Callable[..., Any]],
    exact: bool = False,
) -> Callable[..., Any]:
    """Rows, or one row if exact, as a function of numbers and arrays, by sympy's printer."""
    import sympy

    tables = [k for k, name in enumerate(names) if isinstance(name, Grid)]
    given = [name.symbol if isinstance(name, Grid) else name for name in names]
    if tables or any(isinstance(name, sympy.Dummy) for name in given):
        # lambdify would give all arguments other names, one after the other
        private = {name: sympy.Symbol(f"given_{k}", real=True) for k, name in enumerate(given)}
        private |= {given[k]: given[k] for k in tables}
        rows, given = [row.xreplace(private) for row in rows], list(private.values())
    mine = [*known, *(str(given[k]) for k in tables)]
    printer = _printer(exact)(
        {
            "fully_qualified_modules": False,
            "inline": True,
            "allow_unknown_functions": True,
            "user_functions": {name: name for name in mine},
        }
    )
    function: Callable[..., Any] = sympy.lambdify(
        given,
        rows[0] if exact else list(rows),
        modules=[known, "numpy"],
        cse=True,
        printer=printer,
    )
    if not tables:
        return function

    def with_tables(*values: Any) -> Any:
        given = list(values)
        for k in tables:
            given[k] = _looking_up(values[k])
        return function(*given)

    return with_tables


@cache
def _printer(exact: bool) -> Any:
    """The class of what writes expressions as code."""
    from sympy.printing.numpy import NumPyPrinter

    class Printer(NumPyPrinter):  # type: ignore[misc]
        """Numbers as floating-point ones: numpy has no functions of large whole numbers."""

        def _print_Integer(self, number: Any) -> str:
            return str(number) if abs(number) < 2**31 else self._print_Rational(number)

        def _print_Rational(self, number: Any) -> str:
            try:
                value = int(number.p) / int(number.q)
            except OverflowError:
                value = math.inf if number.p > 0 else -math.inf
            return repr(value) if math.isfinite(value) else f"float('{value}')"

        def _print_NaN(self, _: Any) -> str:
            return "float('nan')"

        def _print_ComplexInfinity(self, _: Any) -> str:
            return "float('nan')"

        # numpy's own ways with several terms want them all of one shape

        def _in_turn(self, function: str, terms: Sequence[Any]) -> str:
            name = self._module_format(f"numpy.{function}")
            return str(reduce(lambda a, b: f"{name}({a}, {b})", map(self._print, terms)))

        def _print_Max(self, expression: Any) -> str:
            return self._in_turn("maximum", expression.args)

        def _print_Min(self, expression: Any) -> str:
            return self._in_turn("minimum", expression.args)

        def _print_And(self, expression: Any) -> str:
            return self._in_turn("logical_and", expression.args)

        def _print_Or(self, expression: Any) -> str:
            return self._in_turn("logical_or", expression.args)

        def _print_Piecewise(self, expression: Any) -> str:
            text = "float('nan')"
            for value, condition in reversed(expression.args):
                if condition == True:  # noqa: E712  # sympy's own true
                    text = self._print(value)
                else:
                    where = self._module_format("numpy.where")
                    text = f"{where}({self._print(condition)}, {self._print(value)}, {text})"
            return text

    class Exact(Printer):
        """Numbers as fractions, and powers that keep them so."""

        def _print_Integer(self, number: Any) -> str:
            return f"Fraction({number})"

        def _print_Rational(self, number: Any) -> str:
            return f"Fraction({number.p}, {number.q})"

        def _print_Pow(self, power: Any, rational: bool = False) -> str:
            base, exponent = f"({self._print(power.base)})", int(power.exp)
            return f"{base}**{exponent}" if exponent >= 0 else f"(Fraction(1)/{base}**{-exponent})"

    return Exact if exact else Printer


def _looking_up(table: Any) -> Callable[..., Any]:
    def look_up(_: Any, *places: Any) -> Any:
        at = np.broadcast_arrays(*(np.asarray(place, dtype=float) for place in places))
        inside = np.ones(at[0].shape, dtype=bool)
        for place, size in zip(at, table.shape, strict=True):
            inside &= (place >= 0) & (place < size) & (place == np.rint(place))
        spots = tuple(np.where(inside, place, 0).astype(int) for place in at)
        return np.where(inside, table[spots], np.nan)

    return look_up


def compile_exactly(
    expression: sympy.Expr, names: Sequence[sympy.Symbol | Grid]
) -> Callable[..., Any] | None:
    """Compile an expression to a function of arrays of fractions, if it is rational.

    Parameters
    ----------
    expression : sympy.Expr
        As returned by :func:`read`.
    names : sequence of symbols and Grids
        Its arguments.

    Returns
    -------
    callable or None
        None where other functions than ``max``, ``min``, ``abs`` and ``floor`` are in it, or powers
        that are no whole numbers. Otherwise a function that raises ZeroDivisionError where the
        expression has no value.

    Examples
    --------
    >>> import sympy
    >>> x = sympy.Symbol("x")
    >>> compile_exactly(sympy.Max(x, 1) / 3, [x])(np.array([Fraction(1, 10), Fraction(2)]))
    array([Fraction(1, 3), Fraction(2, 3)], dtype=object)
    >>> compile_exactly(sympy.exp(x), [x])
    """
    import sympy
    from sympy.core.function import AppliedUndef
    from sympy.logic.boolalg import BooleanAtom

    from leaderbored.games.functions import Floor  # brings sympy

    plain = (
        *(sympy.Add, sympy.Mul, sympy.Max, sympy.Min, sympy.Abs, sympy.Piecewise),
        *(sympy.And, sympy.Or, sympy.Not, sympy.Symbol, sympy.Rational, Floor, AppliedUndef),
        *(sympy.core.relational.Relational, sympy.functions.elementary.piecewise.ExprCondPair),
        BooleanAtom,
    )
    for part in sympy.preorder_traversal(expression):
        power = isinstance(part, sympy.Pow) and part.exp.is_Integer
        if not power and not isinstance(part, plain):
            return None
    whole = np.frompyfunc(lambda x: Fraction(math.floor(x)), 1, 1)
    return _compiled([expression], names, {"Floor": whole, "Fraction": Fraction}, exact=True)
