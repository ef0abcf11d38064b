"""Functions on arrays as formulas: called once with names that remember what is done to them.

A function that uses operators, ``numpy.exp``, ``numpy.maximum``, ``numpy.where`` and the like works
on numbers, on arrays, and on :class:`Traced` names alike. From these comes the formula, so that its
derivatives are exact, as in automatic differentiation by tracing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from leaderbored.games.expression import Definition, ExpressionError, Grid, Law, Share, read
from leaderbored.games.meanings import Scope
from leaderbored.late import late

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

NUMPY = ("exp", "log", "log1p", "sqrt", "tanh", "sin", "cos", "floor", "ceil", "sign")
SCIPY = {"erf": "erf", "gamma": "gamma", "ndtr": "Phi"}  # of scipy.special


@cache
def _meanings() -> dict[Any, Callable[..., Any]]:
    """What numpy's functions of numbers are in formulas."""
    from leaderbored.games.functions import MEANING  # brings sympy

    return {
        np.add: lambda a, b: a + b,
        np.subtract: lambda a, b: a - b,
        np.multiply: lambda a, b: a * b,
        np.true_divide: lambda a, b: a / b,
        np.power: lambda a, b: a**b,
        np.remainder: MEANING["mod"],
        np.square: lambda a: a**2,
        np.negative: lambda a: -a,
        np.positive: lambda a: a,
        np.absolute: sympy.Abs,
        **{getattr(np, name): MEANING[name] for name in NUMPY},
        np.maximum: sympy.Max,
        np.minimum: sympy.Min,
        np.less: sympy.Lt,
        np.less_equal: sympy.Le,
        np.greater: sympy.Gt,
        np.greater_equal: sympy.Ge,
        np.equal: sympy.Eq,
        np.not_equal: sympy.Ne,
    }


@cache
def _logic() -> dict[Any, Callable[..., Any]]:
    """What numpy's functions of conditions are."""
    return {
        np.logical_and: sympy.And,
        np.logical_or: sympy.Or,
        np.logical_not: sympy.Not,
        np.bitwise_and: sympy.And,
        np.bitwise_or: sympy.Or,
        np.invert: sympy.Not,
    }


def _is_condition(formula: Any) -> bool:
    logic = sympy.logic.boolalg
    kinds = (sympy.core.relational.Relational, logic.BooleanFunction, logic.BooleanAtom)
    return isinstance(formula, kinds)


class Traced(NDArrayOperatorsMixin):
    """A number, or a condition, that remembers its formula.

    Examples
    --------
    >>> x = Traced(sympy.Symbol("x"))
    >>> (np.exp(2 * x) + 0.1).formula
    exp(2*x) + 1/10
    >>> np.where(x > 1, x, 1).formula
    Piecewise((x, x > 1), (1, True))
    """

    def __init__(self, formula: Any) -> None:
        self.formula = formula

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """What numpy's functions and Python's operators do."""
        if method == "__call__" and not options and ufunc.__name__ in SCIPY:
            from leaderbored.games.functions import MEANING

            return Traced(MEANING[SCIPY[ufunc.__name__]](*map(_number, inputs)))
        if method != "__call__" or options or ufunc not in {**_meanings(), **_logic()}:
            raise TypeError(f"numpy.{ufunc.__name__} has no formula")
        if ufunc in _logic():
            return Traced(_logic()[ufunc](*map(_condition, inputs)))
        return Traced(_meanings()[ufunc](*map(_number, inputs)))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """What ``numpy.where`` and ``numpy.clip`` do."""
        if function is np.where and len(args) == 3:
            here, there = map(_number, args[1:])
            return Traced(sympy.Piecewise((here, _condition(args[0])), (there, True)))
        if function is np.clip and len(args) == 3:
            value, low, high = map(_number, args)
            return Traced(sympy.Min(sympy.Max(value, low), high))
        raise TypeError(f"numpy.{function.__name__} has no formula")

    def __bool__(self) -> bool:
        """Neither: a formula holds for all values."""
        raise TypeError("a condition is not known when a formula is made; use numpy.where")

    __hash__ = None  # type: ignore[assignment]  # equality makes a formula


def _number(value: Any) -> Any:
    if isinstance(value, Traced):
        if _is_condition(value.formula):
            return sympy.Piecewise((1, value.formula), (0, True))
        return value.formula
    if isinstance(value, np.ndarray | np.generic):
        value = value.item()
    return sympy.Rational(repr(float(value))) if isinstance(value, float) else sympy.Integer(value)


def _condition(value: Any) -> Any:
    if isinstance(value, Traced) and _is_condition(value.formula):
        return value.formula
    return sympy.Ne(_number(value), 0)


class Names(Mapping[str, Any]):
    """What a traced function is given: names as formulas know them, and totals over players.

    Examples
    --------
    >>> x, y = sympy.symbols("x y")
    >>> at = Names({"x": x}, [Share({"x": x}, own=True), Share({"x": y})])
    >>> (at["x"] / at.sum("x")).formula, at.others("x").formula
    (x/(x + y), y)
    """

    def __init__(self, names: Mapping[str, Any], totals: Sequence[Share]) -> None:
        self._names, self._totals = names, totals

    def __getitem__(self, name: str) -> Any:
        meant = self._names[name]
        if isinstance(meant, Law):
            raise TypeError(f"{name} is random: a formula in text takes expectations")
        if isinstance(meant, Definition):
            return Traced(read(name, self._names, self._totals))
        return _Table(meant) if isinstance(meant, Grid) else Traced(sympy.sympify(meant))

    def __iter__(self) -> Any:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def sum(self, name: str) -> Traced:
        """A total over all players who have something of that name."""
        parts = (t.count * t.names[name] for t in self._totals if name in t.names)
        return Traced(sympy.Add(*parts))

    def others(self, name: str) -> Traced:
        """The same, over all others."""
        parts = (t.count * t.names[name] for t in self._totals if name in t.names and not t.own)
        return Traced(sympy.Add(*parts))


class _Table:
    def __init__(self, grid: Grid) -> None:
        self.grid = grid

    def __getitem__(self, places: Any) -> Traced:
        at = places if isinstance(places, tuple) else (places,)
        if len(at) != len(self.grid.shape):
            raise TypeError(f"this table takes {len(self.grid.shape)} places")
        return Traced(self.grid.at(*map(_number, at)))


Formula: TypeAlias = str | Callable[[Any], Any]


def meaning(
    what: Formula,
    names: Mapping[str, Any],
    totals: Sequence[Share] = (),
) -> sympy.Expr:
    """The sympy expression of a formula, or of a function on arrays.

    Parameters
    ----------
    what : str or callable
        A function gets :class:`Names`.
    names : dict of str to expression
    totals : sequence of Share

    Raises
    ------
    ExpressionError
        If the formula cannot be read, or the function cannot be traced.

    Examples
    --------
    >>> g = sympy.Symbol("g")
    >>> meaning(lambda at: np.maximum(at["g"], 0) ** 2, {"g": g})
    Max(0, g)**2
    """
    if isinstance(what, str):
        return read(what, names, totals)
    try:
        return sympy.sympify(_number(what(Names(names, totals))))
    except Exception as error:
        text = getattr(what, "__qualname__", repr(what))
        known = f"; known: {', '.join(Scope(names).listed)}" if isinstance(error, KeyError) else ""
        raise ExpressionError(text, 0, f"{type(error).__name__}: {error}{known}") from None
