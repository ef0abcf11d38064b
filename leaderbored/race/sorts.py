"""Labs that are alike but for their names, and how many leaderboards do not tell them apart."""

from __future__ import annotations

from collections.abc import Sequence
from math import comb, prod
from typing import Any

from leaderbored.race.lab import Lab

Sorts = tuple[tuple[int, ...], ...]


def sorts(labs: Sequence[Lab]) -> Sorts:
    """Labs by sort: places of those that are alike but for their names.

    Examples
    --------
    >>> sorts([Lab("A", 1), Lab("B", 2), Lab("C", 1)])
    ((0, 2), (1,))
    """
    found: dict[Any, list[int]] = {}
    for i, lab in enumerate(labs):
        found.setdefault((lab.compute, lab.talent, lab.brand, lab.build), []).append(i)
    return tuple(map(tuple, found.values()))


def count_multisets(labs: Sequence[Lab], rungs: int) -> int:
    """How many multisets there are; see the head of this module.

    Examples
    --------
    >>> count_multisets([Lab(str(i), 1) for i in range(8)], 3)
    120
    """
    sizes = [len(each) for each in sorts(labs)]
    return _placed(sizes, rungs) - _placed(sizes, rungs - 1)


def count_roles(labs: Sequence[Lab], rungs: int) -> int:
    """How many roles there are: places of a lab of each sort, and multisets of the others.

    Examples
    --------
    >>> count_roles([Lab(str(i), 1) for i in range(8)], 3)
    372
    """
    total = 0
    for own in sorts(labs):
        sizes = [len(each) - (each == own) for each in sorts(labs)]
        total += (rungs + 1) * _placed(sizes, rungs) - rungs * _placed(sizes, rungs - 1)
    return total


def _placed(sizes: Sequence[int], rungs: int) -> int:
    """Ways to put so many labs of each sort on rungs from 0 on."""
    return prod(comb(size + rungs, rungs) for size in sizes)
