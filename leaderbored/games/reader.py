"""The syntax tree of a formula, node by node, as a sympy expression."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from leaderbored.games import totals as over
from leaderbored.games.meanings import Definition, Grid, Law, Scope, Theirs
from leaderbored.games.syntax import ExpressionError, Syntax, name_of, parse
from leaderbored.games.words import FUNCTIONS, LIKE_NAMES, PAIRED, SEVERAL, TOTALS, unknown

MAX_BITS = 1100  # of an exact number; longer ones are rounded
MAX_POWER = 1000  # of a term that is not a number
MAX_WRITTEN = 50_000  # terms of a formula once totals and definitions are written out
LARGEST = 1e308

_NO_VALUE = (  # what sympy raises where there is none
    TypeError,
    ValueError,
    ZeroDivisionError,
    NotImplementedError,
    AttributeError,
    KeyError,
)
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "Lt",
    ast.LtE: "Le",
    ast.Gt: "Gt",
    ast.GtE: "Ge",
    ast.Eq: "Eq",
    ast.NotEq: "Ne",
}
_SAID: dict[type[ast.AST], str] = {
    ast.Tuple: "a comma (decimals have a point)",
    ast.List: "a list",
    ast.JoinedStr: "text",
    ast.Starred: "a star",
    ast.Slice: "a colon",
    ast.NamedExpr: ":=",
    ast.Set: "a brace (brackets are round)",
}


class Reader:
    """Walks a checked syntax tree and rebuilds it in sympy.

    A term that cannot be read is noted, and the walk goes on with a symbol in its stead, so that
    all mistakes are told at once. What is wrong with a term around it may come of that, and is
    not told.

    Parameters
    ----------
    syntax : Syntax
    scope : Scope
        What names mean here.
    above : Reader, optional
        Whose formula asks for this one.
    within : str, optional
        The definition that this is the formula of.
    """

    def __init__(
        self, syntax: Syntax, scope: Scope, above: Reader | None = None, within: str = ""
    ) -> None:
        import sympy

        from leaderbored.games import functions  # brings sympy

        self.sympy, self.functions = sympy, functions
        self.syntax, self.scope = syntax, scope
        self.within: str = within or (above.within if above else "")
        self.written: list[int] = above.written if above else [0]
        self.open: tuple[tuple[str, str], ...] = above.open if above else ()
        self.wrong: list[ExpressionError] = []

    def fail(self, node: ast.AST, reason: str) -> ExpressionError:
        """The mistake at a node."""
        return ExpressionError(self.syntax.text, self.syntax.column(node), reason, self.within)

    def whole(self, term: ast.AST | None = None) -> Any:
        """The expression of the whole formula, or of a term that is read by itself.

        Raises
        ------
        ExpressionError
            Telling all that is wrong with it.
        """
        found = self.read(self.syntax.tree if term is None else term)
        if self.wrong:
            raise ExpressionError.of(self.wrong)
        return found

    def read(self, node: ast.AST) -> Any:
        """The expression of a term, or a symbol in its stead."""
        self.written[0] += 1
        if self.written[0] > MAX_WRITTEN:
            raise self.fail(node, f"written out this is longer than {MAX_WRITTEN:,} terms")
        told = len(self.wrong)
        try:
            return self._read(node)
        except ExpressionError as error:
            if len(self.wrong) == told:
                self.wrong.append(error)
            return self.sympy.Dummy(real=True)

    def _read(self, node: ast.AST) -> Any:
        method = getattr(self, "read_" + type(node).__name__, None)
        if method is None:
            what = _SAID.get(type(node), type(node).__name__)
            raise self.fail(node, f"{what} is not allowed in a formula")
        try:
            result = method(node)
        except ExpressionError:
            raise
        except _NO_VALUE:
            raise self.fail(node, "this has no value") from None
        except OverflowError:
            raise self.fail(node, "this number is too large to be worked out") from None
        except RecursionError:
            raise self.fail(node, "not a formula: nested too deeply") from None
        return result if result.is_Rational else self.checked(node, result)

    def checked(self, node: ast.AST, result: Any) -> Any:
        """An expression whose numbers are real and not too large."""
        result = _plain(result)
        if result.has(self.sympy.nan, self.sympy.zoo, self.sympy.oo, -self.sympy.oo, self.sympy.I):
            raise self.fail(node, "this has no real value")
        if any(_bits(number) > MAX_BITS for number in result.atoms(self.sympy.Rational)):
            raise self.fail(node, "a number in this is too large to be worked out")
        return result

    def number(self, node: ast.AST, value: float) -> Any:
        """A number that was worked out in floating point."""
        if not abs(value) < LARGEST:
            raise self.fail(node, "this number is too large to be worked out")
        return self.sympy.Rational(repr(value))

    def inside(self, scope: Scope) -> Reader:
        """What reads terms of this formula in another scope."""
        return Reader(self.syntax, scope, self)

    def part(self, text: str, place: str, name: str = "") -> Any:
        """The expression of another formula, in this scope."""
        try:
            inner = Reader(parse(text), self.scope, self, place)
        except ExpressionError as error:
            raise error.inside(place) from None
        if name:
            inner.open = (*self.open, (self.scope.whose, name))
        return inner.whole()

    # --- names

    def read_Constant(self, node: ast.Constant) -> Any:
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(node, f"expected a number, not {value!r:.60}")
        if not abs(value) < 1e100:
            raise self.fail(node, "numbers stay below 1e100")
        return self.sympy.Rational(repr(value))

    def read_Name(self, node: ast.expr) -> Any:
        return self.meant(node, name_of(node) or ast.unparse(node))

    def read_Attribute(self, node: ast.Attribute) -> Any:
        return self.read_Name(node)

    def meant(self, node: ast.AST, name: str) -> Any:
        """What a name stands for: an expression."""
        found = self.scope.get(name)
        match found:
            case None:
                raise self.fail(node, unknown("name", name, self.scope.listed))
            case Definition():
                return self.defined(node, name, found)
            case Theirs(whose=whose, name=theirs):
                return self.inside(self.scope.theirs(whose)).meant(node, theirs)
            case Law():
                raise self.fail(node, f"{name} is random: write E[{name}](...)")
            case Grid(shape=shape):
                places = ", ".join("0" for _ in shape)
                raise self.fail(node, f"{name} is a table: write {name}[{places}]")
            case tuple():
                raise self.fail(node, f"{name} is a list: write {name}[0]")
        return found

    def defined(self, node: ast.AST, name: str, definition: Definition) -> Any:
        """What a definition comes to here."""
        key = self.scope.whose, name
        if key in self.open:
            circle = (*self.open[self.open.index(key) :], key)
            told = len({whose for whose, _ in circle}) > 1  # between players
            said = ", ".join(f"{whose}.{name}" if told else name for whose, name in circle)
            raise self.fail(node, f"these need each other: {said}")
        if name not in self.scope.known:
            before = self.written[0]
            found = self.part(definition.text, definition.place, name)
            self.scope.known[name] = found, self.written[0] - before
        else:
            self.written[0] += self.scope.known[name][1]
        return self.scope.known[name][0]

    def read_Subscript(self, node: ast.Subscript) -> Any:
        if (found := self.scope.get(name_of(node))) is not None:
            return found
        base = name_of(node.value)
        table = self.scope.get(base)
        at = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if isinstance(table, Grid):
            if len(at) != len(table.shape):
                raise self.fail(node, f"{base} takes {len(table.shape)} places")
            places = [self.read(place) for place in at]
            if all(place.is_Rational for place in places) and not table.holds(*places):
                raise self.fail(node, f"{base} has no such place: it has {table.size}")
            return table.at(*places)
        if len(at) == 1:
            return self.listed(node, base, table, self.read(at[0]))
        tables = [name for name, meant in self.scope.names.items() if isinstance(meant, Grid)]
        raise self.fail(node, unknown("table", base or ast.unparse(node.value), tables))

    def listed(self, node: ast.Subscript, base: str, entries: Any, place: Any) -> Any:
        """An entry of a list whose entries are expressions, by a whole number."""
        if isinstance(entries, Law):
            raise self.fail(node, f"{base} is random: write E[{base}](...)")
        if not isinstance(entries, tuple):
            known = [name for name in self.scope.names if name.startswith(f"{base}[")]
            if not base or not known:
                tables = [n for n, meant in self.scope.names.items() if isinstance(meant, Grid)]
                raise self.fail(node, unknown("table", base or ast.unparse(node.value), tables))
            entries = {int(name[len(base) + 1 : -1]): self.scope.get(name) for name in known}
        else:
            entries = dict(enumerate(entries))
        if not place.is_Integer:
            raise self.fail(node, f"expected a whole number that is known, to choose from {base}")
        if int(place) not in entries:
            known = [f"{base}[{k}]" for k in entries]
            raise self.fail(node, f"{base} has no place {place}; known: {', '.join(known)}")
        return entries[int(place)]

    # --- arithmetic

    def read_UnaryOp(self, node: ast.UnaryOp) -> Any:
        if isinstance(node.op, ast.Not):
            return self.read_Compare(node)
        if isinstance(node.op, ast.USub):
            return -self.read(node.operand)
        if isinstance(node.op, ast.UAdd):
            return self.read(node.operand)
        raise self.fail(node, "of the one-sided operators only + and - are allowed")

    def read_BinOp(self, node: ast.BinOp) -> Any:
        if type(node.op) not in _BINARY:
            instead = {ast.Mod: "; write mod(a, b)", ast.FloorDiv: "; write floor(a / b)"}
            other = instead.get(type(node.op), "")
            raise self.fail(node, f"only + - * / ** are allowed between two terms{other}")
        left, right = self.read(node.left), self.read(node.right)
        if isinstance(node.op, ast.Pow):
            return self.power(node, left, right)
        result = _BINARY[type(node.op)](left, right)
        if result.is_Rational and _bits(result) > MAX_BITS:
            return self.number(node, int(result.p) / int(result.q))
        return result

    def power(self, node: ast.AST, base: Any, exponent: Any) -> Any:
        """A power; of numbers exactly if that is short, and in floating point otherwise."""
        if not exponent.is_Rational:
            return base**exponent
        if not base.is_Rational:
            if abs(exponent) > MAX_POWER:
                raise self.fail(node, f"exponents stay below {MAX_POWER}")
            return base**exponent
        if exponent.is_Integer and abs(exponent) * _bits(base) <= MAX_BITS:
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
        if isinstance(node.func, ast.Subscript) and name_of(node.func.value) == "E":
            return over.expectation(self, node)
        name = name_of(node.func) or ast.unparse(node.func)
        if name in LIKE_NAMES and self.scope.get(name) is not None:
            raise self.fail(node, f"{name} is a name here: write {name} * (...), or rename it")
        if name in TOTALS and self.scope.totals and not (name in SEVERAL and node.args[1:]):
            return over.total(self, node, name)
        if isinstance(self.scope.get(name), Grid | tuple):
            raise self.fail(node, f"{name} is a list: write {name}[...]")
        if name not in FUNCTIONS:
            known = (*FUNCTIONS, *(TOTALS if self.scope.totals else ()))
            raise self.fail(node, unknown("function", name, dict.fromkeys(known)))
        lowest, highest = (2, 20) if name in SEVERAL else (2, 2) if name in PAIRED else (1, 1)
        if node.keywords or not lowest <= len(node.args) <= highest:
            many = "1 term" if lowest == 1 else f"2{' or more' * (highest > 2)} terms"
            raise self.fail(node, f"{name} takes {many}")
        return self.called(node, name, [self.read(term) for term in node.args])

    def called(self, node: ast.AST, name: str, terms: Sequence[Any]) -> Any:
        """A function of terms; of a number its value."""
        if name in ("floor", "ceil") and terms[0].is_Rational:
            sign = 1 if name == "floor" else -1
            return sign * self.functions.whole(sign * terms[0])
        if name == "mod" and all(term.is_Rational for term in terms):
            above, below = terms
            if below == 0:
                raise self.fail(node, "this has no real value")
            return above - below * self.functions.whole(above / below)
        if name in self.functions.AT_NUMBERS and terms[0].is_Rational:
            try:
                return self.number(node, self.functions.AT_NUMBERS[name](terms[0]))
            except ValueError:
                raise self.fail(node, "this has no real value") from None
        return self.functions.MEANING[name](*terms)

    # --- conditions

    def read_Compare(self, node: ast.expr) -> Any:
        return self.sympy.Piecewise((1, self.condition(node)), (0, True))

    def read_BoolOp(self, node: ast.BoolOp) -> Any:
        """As Python: the first term that decides, which is 1 or 0 where all are conditions."""
        if all(map(_is_condition, node.values)):
            return self.read_Compare(node)
        *before, found = map(self.read, node.values)
        for term, part in zip(before[::-1], node.values[-2::-1], strict=True):
            holds = self.condition(part)
            pair = (found, term) if isinstance(node.op, ast.And) else (term, found)
            found = self.sympy.Piecewise((pair[0], holds), (pair[1], True))
        return found

    def read_IfExp(self, node: ast.IfExp) -> Any:
        return self.sympy.Piecewise(
            (self.read(node.body), self.condition(node.test)),
            (self.read(node.orelse), True),
        )

    def condition(self, node: ast.expr) -> Any:
        """What must hold, as sympy's truth; a term that compares nothing holds unless it is 0."""
        if isinstance(node, ast.BoolOp):
            join = self.sympy.And if isinstance(node.op, ast.And) else self.sympy.Or
            return join(*map(self.condition, node.values))
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.sympy.Not(self.condition(node.operand))
        if not isinstance(node, ast.Compare):
            return self.sympy.Ne(self.read(node), 0)
        terms = [self.read(term) for term in (node.left, *node.comparators)]
        if any(type(op) not in _COMPARE for op in node.ops):
            raise self.fail(node, "only < <= > >= == != compare two terms")
        pairs = zip(node.ops, terms[:-1], terms[1:], strict=True)
        parts = [getattr(self.sympy, _COMPARE[type(op)])(a, b) for op, a, b in pairs]
        return reduce(self.sympy.And, parts)


def _is_condition(node: ast.expr) -> bool:
    if isinstance(node, ast.BoolOp):
        return all(map(_is_condition, node.values))
    return isinstance(node, ast.Compare) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def _bits(number: Any) -> int:
    return max(int(number.p).bit_length(), int(number.q).bit_length())


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
