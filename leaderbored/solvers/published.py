"""What was published of a game, beside what is computed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.source import Published
from leaderbored.solvers.solution import Solution


@dataclass(frozen=True)
class Compared:
    """One number: what it is of, as published, as computed, and whether they agree."""

    what: str
    published: float
    computed: float
    agrees: bool


def compared(solution: Solution[Any], published: Published) -> list[Compared]:
    """Set published numbers beside those of the equilibrium that is nearest to them.

    Parameters
    ----------
    solution : Solution
    published : Published

    Raises
    ------
    ValueError
        If a player or a number of it is not there.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], players=["A", "B"])
    >>> for one in compared(lb.solve(game), Published(1, {"A": [0, 1]}, {"B": 1.0})):
    ...     print(one.what, one.published, one.computed, one.agrees)
    equilibria 1.0 1.0 True
    A plays [0] 0.0 0.0 True
    A plays [1] 1.0 1.0 True
    B gets 1.0 1.0 True
    """
    found = []
    if published.equilibria is not None:
        many = float(published.equilibria), float(solution.count)
        found.append(Compared("equilibria", *many, many[0] == many[1]))
    best: list[Compared] = []
    for equilibrium in solution.equilibria:
        rows = [*_rows(solution, equilibrium, published)]
        if not best or _apart(rows) < _apart(best):
            best = rows
    return found + best


def _apart(rows: list[Compared]) -> float:
    return max((abs(row.published - row.computed) for row in rows), default=0.0)


def _rows(solution: Solution[Any], equilibrium: Any, published: Published) -> Iterator[Compared]:
    plays, worths = _plays(equilibrium), _worths(solution, equilibrium)
    for who, numbers in published.play.items():
        computed = plays.get(who, np.zeros(0)).ravel()
        if len(computed) != len(numbers):
            raise ValueError(f"{who} plays {len(computed)} numbers, published are {len(numbers)}")
        for k, (there, here) in enumerate(zip(numbers, computed.tolist(), strict=True)):
            name = f"{who} plays [{k}]" if len(numbers) > 1 else f"{who} plays"
            yield Compared(name, there, here, _agree(there, here, published.within))
    for who, there in published.worth.items():
        if who not in worths:
            raise ValueError(f"{who} gets nothing that is known")
        here = worths[who]
        yield Compared(f"{who} gets", there, here, _agree(there, here, published.within))


def _agree(there: float, here: float, within: float) -> bool:
    return bool(abs(there - here) <= within * (1 + abs(there)))


def _plays(equilibrium: Any) -> dict[str, Array]:
    """What each player does, in the first state of a dynamic game."""
    if hasattr(equilibrium, "policy"):
        return {who: np.atleast_1d(law[0]) for who, law in equilibrium.policy.items()}
    if hasattr(equilibrium, "gains"):
        return {who: np.asarray(gains) for who, gains in equilibrium.gains.items()}
    if hasattr(equilibrium, "strategies"):
        return {who: np.asarray(law) for who, law in equilibrium.strategies.items()}
    return {}


def _worths(solution: Solution[Any], equilibrium: Any) -> dict[str, float]:
    """What each player gets, from the first state on."""
    names = [*_plays(equilibrium)]
    numbers: Any = getattr(equilibrium, "payoffs", None)
    if hasattr(equilibrium, "policy"):
        numbers = equilibrium.value[:, 0]
    if hasattr(equilibrium, "gains"):
        numbers = equilibrium.costs
    if numbers is None:
        return {}
    return dict(zip(names, map(float, numbers), strict=True))
