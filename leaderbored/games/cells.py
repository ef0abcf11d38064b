"""Payoff tables as nested lists: their shape, their leaves, and cells that hold all payoffs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

from leaderbored.games.record import mistakes

MAX_DEPTH = 24
MOST_MISTAKES = 20

INNER = re.compile(r"\([^()]*\)|\[[^][]*\]")  # brackets without brackets in them

Mistake = tuple[str, Any, str]  # place, value, what was expected


def leaves(tree: Any, place: str, depth: int) -> Iterator[tuple[str, Any]]:
    """What stands in nested lists, with its place.

    Raises
    ------
    ValueError
        If they are nested deeper.

    Examples
    --------
    >>> list(leaves([[1, 2]], "payoffs", 2))
    [('payoffs[0][0]', 1), ('payoffs[0][1]', 2)]
    """
    if isinstance(tree, list | tuple):
        if depth == 0:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        for k, branch in enumerate(tree):
            yield from leaves(branch, f"{place}[{k}]", depth - 1)
    else:
        yield place, tree


def shape_of(tree: Any, depth: int = MAX_DEPTH) -> tuple[int, ...]:
    """Shape of nested lists, by the first of their entries that is a list if half of them are.

    Examples
    --------
    >>> shape_of([[1, 2, 3]]), shape_of([5, [1, 2]])
    ((1, 3), (2, 2))
    """
    if not isinstance(tree, list | tuple) or depth == 0:
        return ()
    return (len(tree), *shape_of(_typical(tree), depth - 1))


def _typical(tree: Any) -> Any:
    """The first entry, or the first that is a list if half of them are; None if there is none."""
    lists = [branch for branch in tree if isinstance(branch, list | tuple)]
    return next(iter(lists if 2 * len(lists) >= len(tree) else tree), None)


def ragged(tree: Any, shape: tuple[int, ...], place: str) -> Iterator[Mistake]:
    """Where nested lists depart from a shape.

    Examples
    --------
    >>> list(ragged([[1, 2], [3]], (2, 2), "payoffs"))
    [('payoffs[1]', [3], 'expected 2 entries, as in the first list')]
    """
    if not shape:
        if isinstance(tree, list | tuple):
            yield place, tree, "expected a number"
    elif not isinstance(tree, list | tuple):
        yield place, tree, f"expected a list of {shape[0]}"
    elif len(tree) != shape[0]:
        yield place, tree, f"expected {shape[0]} entries, as in the first list"
    else:
        for k, branch in enumerate(tree):
            yield from ragged(branch, shape[1:], f"{place}[{k}]")


def apart(raw: Any) -> Any:
    """Tables of each player, where cells hold the payoffs of all as text, such as ``"3, 0"``.

    Examples
    --------
    >>> apart([["3, 0", "1, 2"]])
    [[['3', '1']], [['0', '2']]]
    >>> apart([["max(a, b), -a"]]), apart([["(3, max(1, 2))"]])
    ([[['max(a, b)']], [['-a']]], [[['3']], [['max(1, 2)']]])
    """
    shape = shape_of(raw)
    cell = raw
    for _ in shape:
        cell = _typical(cell)
    if not isinstance(cell, str) or len(_split(cell)) != len(shape):
        return raw
    if uneven := list(islice(ragged(raw, shape, "payoffs"), MOST_MISTAKES)):
        raise mistakes(uneven)
    count = len(shape)
    each = [(place, leaf, _split(str(leaf))) for place, leaf in leaves(raw, "payoffs", count)]
    if wrong := [(place, leaf) for place, leaf, parts in each if len(parts) != count]:
        example = ", ".join("3" * count)
        raise mistakes([(*one, f'expected {count} payoffs, as "{example}"') for one in wrong])

    def of(tree: Any, i: int) -> Any:
        return [of(part, i) for part in tree] if isinstance(tree, list | tuple) else parts(tree, i)

    def parts(cell: str, i: int) -> Any:
        return _split(cell)[i]

    return [of(raw, i) for i in range(count)]


def _split(cell: str) -> list[str]:
    """What stands between commas, but for those in brackets, unless they are around all."""
    if "(" not in cell and "[" not in cell:
        return [part.strip() for part in cell.split(",")]
    outer, before = cell.strip(), ""
    while outer != before:
        if re.fullmatch(INNER, outer) and "," in outer:
            return _split(cell.strip()[1:-1])
        outer, before = INNER.sub(lambda found: "_" * len(found[0]), outer), outer
    cell = cell.strip()
    ends = [-1, *(k for k, letter in enumerate(outer) if letter == ","), len(cell)]
    return [cell[a + 1 : b].strip() for a, b in pairwise(ends)]
