"""Totals over players, and expectations over what is random, inside formulas."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

from leaderbored.games.meanings import Definition, Drawn, Law, Scope, Share
from leaderbored.games.syntax import ExpressionError, name_of, parse
from leaderbored.games.words import TOTALS, unknown

if TYPE_CHECKING:
    from leaderbored.games.reader import Reader

ADDED = ("sum", "others", "mean")
FEW = 8  # outcomes that are written out, whatever the term


def total(reader: Reader, node: ast.Call, name: str) -> Any:
    """What a term comes to over players, its names meaning what they mean to each.

    ``others(...)`` as the whole term of another total says over whom that goes, not a sum.
    """
    term, over_others = _term(reader, node), name == "others"
    if name != "others" and isinstance(term, ast.Call) and name_of(term.func) == "others":
        term, over_others = _term(reader, term), True
    names, having = _having(reader, term)
    parts = [part for part in having if not (over_others and part.own)]
    if name in ("max", "min", "mean") and not parts:
        raise reader.fail(node, "there is nobody to take this over")
    counts = [reader.sympy.Integer(part.count) for part in parts]
    if name in ADDED and parts and (sums := parts[0].sums):
        kept = sums.total(reader, term, names, having)
        if kept is not None:
            return kept[over_others] / (sum(counts) if name == "mean" else 1)
    values = [reader.inside(reader.scope.inside(part)).whole(term) for part in parts]
    if name in ("max", "min"):
        return (reader.sympy.Max if name == "max" else reader.sympy.Min)(*values)
    pairs = list(zip(counts, values, strict=True))
    if name == "prod":
        return reader.sympy.Mul(*(reader.power(node, value, count) for count, value in pairs))
    added = reader.sympy.Add(*(count * value for count, value in pairs))
    return added / sum(counts) if name == "mean" else added


def _term(reader: Reader, node: ast.Call) -> ast.expr:
    if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
        raise reader.fail(node, f"{name_of(node.func)} takes one term over players")
    return node.args[0]


def _having(reader: Reader, term: ast.expr) -> tuple[set[str], list[Share]]:
    """What a term names, and the players who have all of it; who has not does not count."""
    shares = reader.scope.totals
    needed, wrong = set[str](), list[ExpressionError]()
    for node, name in _names(reader.scope, term, ()):
        if any(name in part.names for part in shares):
            needed.add(name)
        elif node is not None:
            known = dict.fromkeys(known for part in shares for known in part.names)
            wrong.append(reader.fail(node, unknown("name", name, known)))
    if wrong:
        raise ExpressionError.of(wrong)
    having = [part for part in shares if needed <= {*part.names}]
    if not having:
        raise reader.fail(term, f"no player has all of {', '.join(sorted(needed))}")
    return needed, having


def _names(
    scope: Scope, term: ast.AST, open_: Sequence[str], bound: frozenset[str] = frozenset()
) -> Iterator[tuple[ast.AST | None, str]]:
    """The names in a term, with the node they stand at; and in the definitions that it uses."""
    waiting: list[tuple[ast.AST, frozenset[str]]] = [(term, bound)]
    while waiting:
        node, bound = waiting.pop()
        if isinstance(node, ast.Call):
            if name_of(node.func) in TOTALS and len(node.args) == 1:
                continue  # over players by itself
            waiting += [(part, bound | {*_randoms(node)}) for part in node.args]
            continue
        fixed = isinstance(node, ast.Subscript) and name_of(node) in _everything(scope)
        if isinstance(node, ast.Name | ast.Attribute) or fixed:
            name = name_of(node)
            if name and name not in bound:
                yield node, name
                yield from _defined(scope, name, open_)
            continue
        if isinstance(node, ast.Subscript) and _spread(scope, name_of(node.value)):
            yield node, next(iter(_spread(scope, name_of(node.value))))
            waiting.append((node.slice, bound))
            continue
        waiting += [(part, bound) for part in ast.iter_child_nodes(node)]


def _everything(scope: Scope) -> set[str]:
    return {name for part in scope.totals for name in part.names}


def _spread(scope: Scope, base: str) -> list[str]:
    """Names with places in brackets, as strategies have, of something that has none itself."""
    if not base or base in _everything(scope):
        return []
    return sorted(name for name in _everything(scope) if name.startswith(f"{base}["))


def _defined(scope: Scope, name: str, open_: Sequence[str]) -> Iterator[tuple[None, str]]:
    meant = next((p.names[name] for p in scope.totals if name in p.names), None)
    if not isinstance(meant, Definition) or name in open_:
        return
    try:
        tree = parse(meant.text).tree
    except ExpressionError:
        return  # said where it is read
    for _, used in _names(scope, tree, (*open_, name)):
        yield None, used


def _randoms(node: ast.Call) -> list[str]:
    """The names over which a call takes an expectation, if it does."""
    if not isinstance(node.func, ast.Subscript) or name_of(node.func.value) != "E":
        return []
    places = node.func.slice
    return [name_of(part) for part in (places.elts if isinstance(places, ast.Tuple) else [places])]


def expectation(reader: Reader, node: ast.Call) -> Any:
    """``E[theta](term)``: a term averaged over what is random, each independent of the others."""
    if len(node.args) != 1 or node.keywords:
        raise reader.fail(node, "an expectation has one term: E[theta](...)")
    laws: dict[str, tuple[Law, list[tuple[Any, Any]]]] = {}
    for name in _randoms(node):
        law = reader.scope.laws.get(name)
        if law is None:
            raise reader.fail(node, unknown("random number", name, reader.scope.laws))
        laws[name] = law, _outcomes(reader, law)
    if (found := _by_moments(reader, node, laws)) is not None:
        return found
    values = []
    for outcome in product(*(pairs for _, pairs in laws.values())):
        drawn = {
            name: Drawn(value, law)
            for (name, (law, _)), (value, _) in zip(laws.items(), outcome, strict=True)
        }
        chance = reader.sympy.Mul(*(chance for _, chance in outcome))
        values.append(chance * _averaged(reader, node, drawn))
    return reader.sympy.Add(*values)


def _averaged(reader: Reader, node: ast.Call, drawn: Mapping[str, Drawn]) -> Any:
    """The term of an expectation where what is random is this."""
    return reader.inside(reader.scope.with_names(drawn)).whole(node.args[0])


def _by_moments(
    reader: Reader, node: ast.Call, laws: Mapping[str, tuple[Law, list[tuple[Any, Any]]]]
) -> Any:
    """The expectation of a polynomial in what is random, of fewer terms than there are outcomes.

    The same number, as the moments are those of the outcomes; None where the term is no polynomial.
    """
    outcomes = math.prod(len(pairs) for _, pairs in laws.values())
    lists = any(isinstance(value, tuple) for _, pairs in laws.values() for value, _ in pairs)
    if outcomes <= FEW or lists:
        return None
    before = reader.written[0]
    unknowns = {name: reader.sympy.Dummy(real=True) for name in laws}
    drawn = {name: Drawn(unknowns[name], law) for name, (law, _) in laws.items()}
    try:
        term = _averaged(reader, node, drawn).as_poly(*unknowns.values())
        if term is None or len(term.terms()) >= outcomes:
            raise reader.fail(node, "not shorter by moments")
        added = reader.sympy.Add(
            *(
                reader.sympy.Mul(
                    factor,
                    *(
                        reader.sympy.Add(*(chance * value**power for value, chance in pairs))
                        for power, (_, pairs) in zip(powers, laws.values(), strict=True)
                    ),
                )
                for powers, factor in term.terms()
            )
        )
        return reader.checked(node, added)
    except ExpressionError:
        reader.written[0] = before
        return None


def _outcomes(reader: Reader, law: Law) -> list[tuple[Any, Any]]:
    def value(what: Any, place: str) -> Any:
        if isinstance(what, tuple):
            return tuple(value(part, place) for part in what)
        if isinstance(what, str):
            return reader.part(what, place)
        return reader.sympy.Rational(repr(what))

    return [
        (value(v, f"{law.place}.values[{k}]"), value(p, f"{law.place}.probabilities[{k}]"))
        for k, (v, p) in enumerate(zip(law.values, law.chances, strict=True))
    ]
