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
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from leaderbored.games.meanings import Definition, Grid, Law, Scope, Share
from leaderbored.games.reader import Reader
from leaderbored.games.syntax import ExpressionError, parse

if TYPE_CHECKING:
    import sympy

__all__ = ["Definition", "ExpressionError", "Grid", "Law", "Share", "read", "read_relation"]


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
        real symbols, if nothing else is given; an expression, a number, a :class:`Grid`, a
        :class:`Definition` or a :class:`Law`.
    totals : sequence of Share, optional
        What ``sum(...)`` and its like go over; ``others(...)`` leaves out those that are ``own``.

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
    >>> read("sum(q^2)", [], [Share({"q": 3}, own=True), Share({"q": 1}, count=2)])
    11
    >>> read("P * q", {"q": 3, "P": Definition("10 - q", "let.P")})
    21
    >>> read("__import__('os')", ["x"])
    Traceback (most recent call last):
    leaderbored.games.expression.ExpressionError: unknown function '__import__'; known: exp, ...
    """
    return Reader(parse(text), Scope.of(names, totals)).whole()


def read_relation(
    text: str, names: Iterable[str] | Mapping[str, Any], totals: Sequence[Share] = ()
) -> sympy.Expr:
    """Read ``left <= right`` or ``left >= right`` into what is then not negative.

    Of ``left == right`` it is what is then zero: see :func:`equates`.

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
    reader = Reader(parse(text), Scope.of(names, totals))
    tree = reader.syntax.tree
    if not isinstance(tree, ast.Compare) or [*map(type, tree.ops)] not in RELATIONS:
        raise reader.fail(tree, "expected a comparison such as x + y <= 1, or x + y == 1")
    low, high = tree.left, tree.comparators[0]
    if isinstance(tree.ops[0], ast.GtE):
        low, high = high, low
    return reader.whole(ast.copy_location(ast.BinOp(high, ast.Sub(), low), tree))


RELATIONS = ([ast.LtE], [ast.GtE], [ast.Eq])


def equates(text: str) -> bool:
    """Whether a relation is an equation.

    Examples
    --------
    >>> equates("x + y == 1"), equates("x + y <= 1")
    (True, False)
    """
    tree = parse(text).tree
    return isinstance(tree, ast.Compare) and isinstance(tree.ops[0], ast.Eq)
