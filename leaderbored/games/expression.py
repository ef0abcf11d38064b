"""Formulas as text, read without ever executing them.

A formula is parsed to Python's syntax tree, every node is checked against a short list, and
what passes is rebuilt as a sympy expression. Nothing is evaluated by Python on the way, so a
game file cannot run code. Decimals are exact rationals as long as these are short; functions of
numbers are worked out in floating point at once, so that no number in an expression waits to be
compared with another. Comparisons count as 1 or 0, and ``a if condition else b`` is a piecewise
function. Whatever is compiled knows symbols and tables by names of its own, never by the user's.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any
from unicodedata import normalize

if TYPE_CHECKING:
    import sympy

MAX_LENGTH = 1000  # characters; longer formulas belong in Python
MAX_NODES = 400
MAX_DEPTH = 40  # of terms in terms; sums and products count once
MAX_BITS = 1100  # of an exact number; longer ones are rounded
MAX_POWER = 1000  # of a term that is not a number
LARGEST = 1e308

FUNCTIONS = ("exp", "log", "sqrt", "min", "max", "abs", "tanh")
TOTALS = ("sum", "others")
TABLE = "table_"  # before the names of tables in expressions
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_CHAINED = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "Lt",
    ast.LtE: "Le",
    ast.Gt: "Gt",
    ast.GtE: "Ge",
    ast.Eq: "Eq",
    ast.NotEq: "Ne",
}


class ExpressionError(ValueError):
    """A formula that cannot be read; the message points at the place with a caret."""

    def __init__(self, text: str, column: int, reason: str) -> None:
        shown = " ".join(text[:160].splitlines())
        super().__init__(f"{reason}\n  {shown}\n  {' ' * min(column, len(shown))}^")


@dataclass(frozen=True)
class Share:
    """What names mean to so many players alike, in a total over all players."""

    names: Mapping[str, Any]
    count: int = 1
    own: bool = False


@dataclass(frozen=True)
class Grid:
    """What a name means that stands for a table of so many dimensions, as in ``profit[w, v]``."""

    name: str
    dimensions: int

    def at(self, *places: Any) -> sympy.Expr:
        """The entry at some places, as an expression.

        Examples
        --------
        >>> Grid("maximum", 1).at(2)
        table_maximum(2)
        """
        import sympy

        return sympy.Function(TABLE + self.name, real=True)(*places)


def read(
    text: str, names: Iterable[str] | Mapping[str, Any], totals: Sequence[Share] = ()
) -> sympy.Expr:
    """Read a formula into a sympy expression.

    Parameters
    ----------
    text : str
        The formula, in Python's notation, of at most 1000 characters.
    names : iterable or mapping of str
        The names it may use, dotted ones such as ``rival.q`` among them, and what they stand for:
        real symbols, if nothing else is given.
    totals : sequence of Share, optional
        What ``sum(...)`` adds up; ``others(...)`` leaves out those that are ``own``.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    ExpressionError
        If the text is not a formula, uses an unknown name or function, or holds a number too
        large to be worked out.

    Examples
    --------
    >>> read("gamma**g / 2", ["gamma", "g"])
    gamma**g/2
    >>> read("max(0.1, x) if x < 3 else 0", ["x"])
    Piecewise((Max(1/10, x), x < 3), (0, True))
    >>> read("sum(q**2)", [], [Share({"q": 3}, own=True), Share({"q": 1}, count=2)])
    11
    >>> read("__import__('os')", ["x"])
    Traceback (most recent call last):
    leaderbored.games.expression.ExpressionError: unknown function '__import__'; known: exp, ...
    """
    return _Reader(text.strip(), names, totals).read(_parse(text))


def read_relation(
    text: str, names: Iterable[str] | Mapping[str, Any], totals: Sequence[Share] = ()
) -> sympy.Expr:
    """Read ``left <= right`` or ``left >= right`` into what is then not negative.

    Parameters
    ----------
    text : str
    names, totals : optional
        As in :func:`read`.

    Returns
    -------
    sympy.Expr

    Raises
    ------
    ExpressionError
        As in :func:`read`, or if the text compares no two terms so.

    Examples
    --------
    >>> read_relation("x + y <= 15", ["x", "y"])
    -x - y + 15
    """
    tree, reader = _parse(text), _Reader(text.strip(), names, totals)
    if not isinstance(tree, ast.Compare) or [*map(type, tree.ops)] not in ([ast.LtE], [ast.GtE]):
        raise reader.fail(tree, "expected a comparison such as x + y <= 1")
    gap = reader.read(tree.comparators[0]) - reader.read(tree.left)
    return gap if isinstance(tree.ops[0], ast.LtE) else -gap


def _parse(text: str) -> ast.expr:
    """The checked size and syntax of a formula."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(text, 0, f"a formula has at most {MAX_LENGTH} characters")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        column = max((error.offset or 1) - 1, 0)
        raise ExpressionError(text.strip(), column, "not a formula") from None
    except (RecursionError, MemoryError, ValueError):
        raise ExpressionError(text.strip(), 0, "not a formula: nested too deeply") from None
    if sum(1 for _ in ast.walk(tree)) > MAX_NODES:
        raise ExpressionError(text.strip(), 0, f"a formula has at most {MAX_NODES} terms")
    waiting: list[tuple[ast.AST, int]] = [(tree.body, 1)]
    deep = 0
    while waiting:
        node, depth = waiting.pop()
        deep = max(deep, depth)
        for part in ast.iter_child_nodes(node):
            chain = all(
                isinstance(n, ast.BinOp) and isinstance(n.op, _CHAINED) for n in (node, part)
            )
            waiting.append((part, depth if chain else depth + 1))
    if deep > MAX_DEPTH:
        raise ExpressionError(text.strip(), 0, "not a formula: nested too deeply")
    return tree.body


class _Reader:
    """Walks a checked syntax tree and rebuilds it in sympy."""

    def __init__(
        self, text: str, names: Iterable[str] | Mapping[str, Any], totals: Sequence[Share] = ()
    ) -> None:
        import sympy

        self.text, self.sympy, self.totals = text, sympy, totals
        meant = dict(names) if isinstance(names, Mapping) else {}
        self.tables = {_spelled(n): value for n, value in meant.items() if isinstance(value, Grid)}
        self.symbols = {
            _spelled(name): sympy.sympify(meant.get(name, sympy.Symbol(name, real=True)))
            for name in names
            if _spelled(name) not in self.tables
        }
        self.calls = {
            "exp": sympy.exp,
            "log": sympy.log,
            "sqrt": sympy.sqrt,
            "min": sympy.Min,
            "max": sympy.Max,
            "abs": sympy.Abs,
            "tanh": sympy.tanh,
        }
        self.worked_out = {
            "exp": math.exp,
            "log": math.log,
            "sqrt": math.sqrt,
            "tanh": math.tanh,
        }

    def fail(self, node: ast.AST, reason: str) -> ExpressionError:
        return ExpressionError(self.text, getattr(node, "col_offset", 0), reason)

    def read(self, node: ast.AST) -> Any:
        method = getattr(self, "read_" + type(node).__name__, None)
        if method is None:
            raise self.fail(node, f"{type(node).__name__} is not allowed in a formula")
        try:
            result = method(node)
        except ExpressionError:
            raise
        except (TypeError, ValueError, ZeroDivisionError, NotImplementedError, AttributeError):
            raise self.fail(node, "this has no value") from None
        except OverflowError:
            raise self.fail(node, "this number is too large to be worked out") from None
        except RecursionError:
            raise self.fail(node, "not a formula: nested too deeply") from None
        if result.is_Rational:
            return result
        result = _plain(result)
        if result.has(self.sympy.nan, self.sympy.zoo, self.sympy.oo, -self.sympy.oo, self.sympy.I):
            raise self.fail(node, "this has no real value")
        if any(self.bits(number) > MAX_BITS for number in result.atoms(self.sympy.Rational)):
            raise self.fail(node, "a number in this is too large to be worked out")
        return result

    def number(self, node: ast.AST, value: float) -> Any:
        """A number that was worked out in floating point."""
        if not abs(value) < LARGEST:
            raise self.fail(node, "this number is too large to be worked out")
        return self.sympy.Rational(repr(value))

    def read_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(node, f"expected a number, not {value!r}")
        if not abs(value) < 1e100:
            raise self.fail(node, "numbers stay below 1e100")
        return self.sympy.Rational(repr(value))

    def read_Name(self, node: ast.Name) -> Any:
        if node.id not in self.symbols:
            known = ", ".join(self.symbols) or "none"
            raise self.fail(node, f"unknown name {node.id!r}; known: {known}")
        return self.symbols[node.id]

    def read_Attribute(self, node: ast.Attribute) -> Any:
        name = ast.unparse(node)
        if name not in self.symbols:
            known = ", ".join(self.symbols) or "none"
            raise self.fail(node, f"unknown name {name!r}; known: {known}")
        return self.symbols[name]

    def read_Subscript(self, node: ast.Subscript) -> Any:
        table = self.tables.get(ast.unparse(node.value))
        if table is None:
            known = ", ".join(self.tables) or "none"
            raise self.fail(node, f"unknown table {ast.unparse(node.value)!r}; known: {known}")
        places = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if len(places) != table.dimensions:
            raise self.fail(node, f"{table.name} takes {table.dimensions} places")
        return table.at(*map(self.read, places))

    def read_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.USub):
            return -self.read(node.operand)
        if isinstance(node.op, ast.UAdd):
            return self.read(node.operand)
        raise self.fail(node, "of the one-sided operators only + and - are allowed")

    def read_BinOp(self, node: ast.BinOp) -> Any:
        if type(node.op) not in _BINARY:
            raise self.fail(node, "only + - * / ** are allowed between two terms")
        left, right = self.read(node.left), self.read(node.right)
        if isinstance(node.op, ast.Pow):
            return self.power(node, left, right)
        result = _BINARY[type(node.op)](left, right)
        if result.is_Rational and self.bits(result) > MAX_BITS:
            return self.number(node, int(result.p) / int(result.q))
        return result

    def power(self, node: ast.BinOp, base: Any, exponent: Any) -> Any:
        """A power; of numbers exactly if that is short, and in floating point otherwise."""
        if not exponent.is_Rational:
            return base**exponent
        if not base.is_Rational:
            if abs(exponent) > MAX_POWER:
                raise self.fail(node, f"exponents stay below {MAX_POWER}")
            return base**exponent
        if exponent.is_Integer and abs(exponent) * self.bits(base) <= MAX_BITS:
            return base**exponent
        try:
            value = math.pow(base, exponent)
        except ValueError:
            raise self.fail(node, "this has no real value") from None
        except OverflowError:
            value = math.inf
        if base != 0 and not 0 < abs(value) < LARGEST:
            raise self.fail(node, "this power is too large or too small to be worked out")
        return self.number(node, value)

    def read_Call(self, node: ast.Call) -> Any:
        name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
        if name in TOTALS and self.totals:
            return self.total(node, [part for part in self.totals if name == "sum" or not part.own])
        if name not in self.calls:
            known = (*FUNCTIONS, *(TOTALS if self.totals else ()))
            raise self.fail(node, f"unknown function {name!r}; known: {', '.join(known)}")
        lowest, highest = (2, 20) if name in ("min", "max") else (1, 1)
        if node.keywords or not lowest <= len(node.args) <= highest:
            raise self.fail(node, f"{name} takes {lowest}{' or more' if lowest == 2 else ''} terms")
        terms = [self.read(term) for term in node.args]
        if name in self.worked_out and terms[0].is_Rational:
            try:
                return self.number(node, self.worked_out[name](terms[0]))
            except ValueError:
                raise self.fail(node, "this has no real value") from None
        return self.calls[name](*terms)

    def total(self, node: ast.Call, parts: Sequence[Share]) -> Any:
        """A term added up over players, its names meaning what they mean to each."""
        if len(node.args) != 1 or node.keywords:
            raise self.fail(node, "a total has one term")
        used = {part.id for part in ast.walk(node.args[0]) if isinstance(part, ast.Name)}
        needed = used & {name for part in self.totals for name in part.names}
        result = self.sympy.Integer(0)
        for part in parts:
            if needed <= part.names.keys():  # players without such a name do not count
                result += part.count * _Reader(self.text, part.names).read(node.args[0])
        if not any(needed <= part.names.keys() for part in self.totals) or needed != used:
            _Reader(self.text, self.symbols).read(node.args[0])  # says which name is unknown
        return result

    def read_Compare(self, node: ast.Compare) -> Any:
        return self.sympy.Piecewise((1, self.condition(node)), (0, True))

    def read_BoolOp(self, node: ast.BoolOp) -> Any:
        return self.sympy.Piecewise((1, self.condition(node)), (0, True))

    def read_IfExp(self, node: ast.IfExp) -> Any:
        return self.sympy.Piecewise(
            (self.read(node.body), self.condition(node.test)), (self.read(node.orelse), True)
        )

    def condition(self, node: ast.expr) -> Any:
        if isinstance(node, ast.BoolOp):
            join = self.sympy.And if isinstance(node.op, ast.And) else self.sympy.Or
            return join(*map(self.condition, node.values))
        if not isinstance(node, ast.Compare):
            raise self.fail(node, "a condition is a comparison")
        terms = [self.read(term) for term in (node.left, *node.comparators)]
        if any(type(op) not in _COMPARE for op in node.ops):
            raise self.fail(node, "only < <= > >= == != compare two terms")
        pairs = zip(node.ops, terms[:-1], terms[1:], strict=True)
        parts = [getattr(self.sympy, _COMPARE[type(op)])(a, b) for op, a, b in pairs]
        return reduce(self.sympy.And, parts)

    @staticmethod
    def bits(number: Any) -> int:
        return max(int(number.p).bit_length(), int(number.q).bit_length())


def _spelled(name: str) -> str:
    """A name as Python reads it: of letters that look alike, one."""
    return normalize("NFKC", name)


def _plain(expression: Any) -> Any:
    """The same with conditions of comparisons, and, or, not alone."""
    from sympy.logic.boolalg import And, BooleanFunction, Not, Or

    def mixed(part: Any) -> bool:
        return isinstance(part, BooleanFunction) and not isinstance(part, And | Or | Not)

    if not expression.has(BooleanFunction) or not any(
        map(mixed, expression.atoms(BooleanFunction))
    ):
        return expression
    return expression.replace(mixed, lambda part: part.to_nnf(simplify=False))
