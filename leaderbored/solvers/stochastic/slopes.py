"""How payoffs move with what is decided: derivatives of pieces times what these are worth.

There are many more derivatives of pieces than sums of them; so these are worked out for blocks of
states, and summed at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint

if TYPE_CHECKING:
    from leaderbored.solvers.stochastic.problem import Problem

ROUNDING = 1e-12  # of what is at stake anywhere
WIDE = 200  # states from which rows are added one by one, not gathered first
HELD = 4_000_000  # numbers that are held at once
Index = NDArray[np.int64]
Block = tuple[slice, Index | None]


def blocks(size: int, width: int) -> Iterator[Block]:
    """Blocks of states in which so many numbers each are held: as a slice, and by their numbers.

    The numbers are None where one block has all states.

    Examples
    --------
    >>> [part for part, _ in blocks(5, 1)]
    [slice(0, 5, None)]
    >>> [part for part, _ in blocks(5, 2_000_000)]
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    many = max(1, HELD // max(width, 1))
    for start in range(0, size, many):
        checkpoint()
        part = slice(start, min(start + many, size))
        yield part, None if many >= size else np.arange(part.start, part.stop)


def with_payoff(worth: Array) -> Array:
    """(N, 1 + C, S) what each piece is worth, the payoff first, by what outcomes are (N, C, S)."""
    ones = np.ones((len(worth), 1, worth.shape[2]))
    return np.concatenate([ones, worth], axis=1)


class _Stakes(NamedTuple):
    """What pieces are worth, each once: (U, B) worths, and which of them is that of each place."""

    worth: Array
    which: Index

    @classmethod
    def of(cls, problem: Problem, places: Index, worth: Array, value: Array) -> _Stakes:
        first, which = _alike(np.column_stack([places[:, :2], problem.listed[places[:, 2]]]))
        return cls(stakes(problem, places[first], worth, value), which)


def _alike(rows: Index) -> tuple[Index, Index]:
    """The first row of each kind (rows, width), and which kind each row is of."""
    return _alike_in(rows.astype(np.int64).tobytes(), rows.shape[1])


@lru_cache(maxsize=64)  # asked for again at every point
def _alike_in(rows: bytes, width: int) -> tuple[Index, Index]:
    table = np.frombuffer(rows, dtype=np.int64).reshape(-1, width)
    _, first, which = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return first, which.ravel()


def _add_up(sums: Array, rows: tuple[Index, ...], slope: Array, stake: _Stakes) -> None:
    """Add derivatives (entries, B) times stakes to some rows of sums."""
    if slope.shape[1] < WIDE or not np.isfinite(slope).all():
        with np.errstate(invalid="ignore"):  # slopes may be infinite, and both ways
            np.add.at(sums, rows, staked(slope, stake.worth[stake.which]))
        return
    for part, k, *row in zip(slope, stake.which.tolist(), *(r.tolist() for r in rows), strict=True):
        sums[tuple(row)] += part * stake.worth[k]


def slopes(problem: Problem, x: Array, weight: Array, value: Array) -> Array:
    """(N, X + K, S) derivatives of each agent's payoff in all choices and multipliers.

    Parameters
    ----------
    problem : Problem
        Of N agents, X choices, K multipliers, and S states.
    x, weight, value : (X, S), (K, S), and (N, S) arrays
    """
    places, stage = problem.stage.places.first, problem.stage
    found = np.zeros((len(value), len(x) + len(weight), problem.states))
    worth = with_payoff(problem.worth(value))
    for part, at in blocks(problem.states, len(places)):
        first = stage.first(x[:, part], weight[:, part], at)
        sums = found[:, :, part]
        _add_up(
            sums,
            (places[:, 0], places[:, 2]),
            first,
            _Stakes.of(problem, places, worth[:, :, part], value[:, part]),
        )
    return found


def own_slopes(
    problem: Problem, x: Array, weight: Array
) -> Iterator[tuple[int, int, int, slice, Array]]:
    """How chances move with each agent's own choices: (agent, piece, choice, states, slopes)."""
    stage = problem.stage
    rows = [
        row
        for row, (i, c, k) in enumerate(stage.places.first.tolist())
        if c and k < len(x) and stage.choices[k][0] == i and i in problem.leads
    ]
    for part, at in blocks(problem.states, len(stage.places.first)):
        first = stage.first(x[:, part], weight[:, part], at)
        for row in rows:
            i, c, k = stage.places.first[row].tolist()
            yield i, c, k, part, first[row]


def bends(
    problem: Problem, x: Array, weight: Array, value: Array
) -> Iterator[tuple[tuple[int, int, int], Array]]:
    """Second derivatives (S,) of payoffs, by (agent, own choice, choice or multiplier)."""
    places, stage = problem.stage.places.second, problem.stage
    if not len(places):
        return
    triples = places[:, [0, 2, 3]]
    kinds, which = _alike(triples)
    found = np.zeros((len(kinds), problem.states))
    worth = with_payoff(problem.worth(value))
    for part, at in blocks(problem.states, len(places)):
        bend = stage.second(x[:, part], weight[:, part], at)
        sums = found[:, part]
        _add_up(
            sums,
            (which,),
            bend,
            _Stakes.of(problem, places, worth[:, :, part], value[:, part]),
        )
    for (i, k, other), bend in zip(triples[kinds].tolist(), found, strict=True):
        if i in problem.leads:
            yield (i, k, other), bend


def stakes(problem: Problem, places: Index, worth: Array, value: Array) -> Array:
    """(entries, S) what pieces at places are worth; of real actions, more than if the state stays.

    As chances add up to one this changes no sum of slopes; but where these are infinite, events
    that make no difference count nothing, and not infinitely much either way.
    """
    i, c, k = places[:, :3].T
    more = (c > 0) & ~problem.listed[k] & (not problem.continuous)
    stays = problem.discount[:, None] * value
    return np.asarray(worth[i, c] - np.where(more[:, None], stays[i], 0.0))


def staked(slope: Array, stake: Array) -> Array:
    """Slopes times what is at stake: nothing, however steep, where that is nothing but rounding."""
    nothing = np.abs(stake) <= ROUNDING * np.abs(stake).max(initial=0.0)
    with np.errstate(invalid="ignore"):
        return np.where((stake == 0) | (nothing & np.isinf(slope)), 0.0, slope * stake)
