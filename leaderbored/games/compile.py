"""Formulas compiled to functions of numpy arrays, under names of their own."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import sympy
from leaderbored.games.expression import TABLE


def compile_function(
    expression: sympy.Expr, names: Iterable[Any], tables: Mapping[str, Any] | None = None
) -> Callable[..., Any]:
    """Compile an expression to a numpy function of the given names, in that order.

    Parameters
    ----------
    expression : sympy.Expr
        As returned by :func:`read`.
    names : iterable of str or symbol
        Its arguments.
    tables : dict of str to array, optional
        What names with places in brackets stand for.

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

    symbols = [sympy.Symbol(n, real=True) if isinstance(n, str) else n for n in names]
    private = [sympy.Symbol(f"given_{k}", real=True) for k in range(len(symbols))]
    if missing := expression.free_symbols - set(symbols):
        raise NameError(f"no values for {', '.join(sorted(map(str, missing)))}")
    known = dict(zip(symbols, private, strict=True))
    compiled = compile_rows([expression.xreplace(known)], private, tables)

    def function(*values: Any) -> Any:
        with np.errstate(all="ignore"):
            return compiled(*(np.asarray(value, dtype=float) for value in values))[0]

    return function


def compile_rows(
    rows: Sequence[sympy.Basic],
    names: Sequence[sympy.Symbol],
    tables: Mapping[str, Any] | None = None,
) -> Callable[..., list[Any]]:
    """Compile expressions together to a numpy function that returns a value for each.

    Parameters
    ----------
    rows : sequence of expressions
    names : sequence of symbols
        Its arguments, whose names are not the user's: they might be those of numpy's functions.
    tables : dict of str to array, optional
        What names with places in brackets stand for; nan outside.

    Examples
    --------
    >>> import sympy
    >>> from leaderbored.games.expression import Grid
    >>> x = sympy.Symbol("x")
    >>> rows = [sympy.Max(x, 10**30), Grid("maximum", 1).at(x)]
    >>> compile_rows(rows, [x], {"maximum": np.array([7.0])})(0.0)
    [np.float64(1e+30), array(7.)]
    """
    import sympy
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

    known = {TABLE + name: _looking_up(table) for name, table in (tables or {}).items()}
    printer = Printer(
        {
            "fully_qualified_modules": False,
            "inline": True,
            "allow_unknown_functions": True,
            "user_functions": {name: name for name in known},
        }
    )
    function: Callable[..., list[Any]] = sympy.lambdify(
        list(names), list(rows), modules=[known, "numpy"], cse=True, printer=printer
    )
    return function


def _looking_up(table: Any) -> Callable[..., Any]:
    def look_up(*places: Any) -> Any:
        at = np.broadcast_arrays(*(np.asarray(place, dtype=float) for place in places))
        inside = np.ones(at[0].shape, dtype=bool)
        for place, size in zip(at, table.shape, strict=True):
            inside &= (place >= 0) & (place < size) & (place == np.rint(place))
        spots = tuple(np.where(inside, place, 0).astype(int) for place in at)
        return np.where(inside, table[spots], np.nan)

    return look_up
