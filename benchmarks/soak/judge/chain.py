"""What the answer says of the leaderboard, held against the chain of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .racing import Board

Array = NDArray[np.float64]
Index = NDArray[np.int64]
SPREAD = 1e10  # of rates beyond which long runs are beyond doubles, and of no interest
NEAR = 1e-5
LARGE = 900  # pairs of a state and the lab that advanced last, up to which they are followed
SEEN = 1e-9  # share of time from which on a state counts


def long_run(rates: Array, start: int) -> Array:
    """(S,) share of time in each state in the long run, from a start.

    Examples
    --------
    >>> long_run(np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), 0).tolist()
    [0.0, 0.5, 0.5]
    """
    size = len(rates)
    rates = rates - np.diag(np.diag(rates))
    reach = (rates > 0) | np.eye(size, dtype=bool)
    while True:
        further = (reach.astype(float) @ reach.astype(float)) > 0
        if (further == reach).all():
            break
        reach = further
    recurrent = np.array([reach[reach[s], s].all() for s in range(size)])
    law, seen = np.zeros(size), set()
    passing = np.flatnonzero(reach[start] & ~recurrent).astype(np.int64)
    for s in np.flatnonzero(reach[start] & recurrent):
        members = tuple(np.flatnonzero(reach[s]))
        if members in seen:
            continue
        seen.add(members)
        inside = np.array(members, dtype=np.int64)
        law[inside] = _ends(rates, start, passing, inside) * _within(rates, inside)
    return law


def _ends(rates: Array, start: int, passing: Index, members: Index) -> float:
    """Chance of ending in a closed class."""
    if start in members:
        return 1.0
    if start not in passing:
        return 0.0
    exits = np.diag(rates[passing].sum(axis=1))
    into = rates[np.ix_(passing, members)].sum(axis=1)
    chance = np.linalg.solve(exits - rates[np.ix_(passing, passing)], into)
    return float(chance[list(passing).index(start)])


def _within(rates: Array, members: Index) -> Array:
    """Law of an irreducible chain: strike out one state after the other, without subtraction.

    Leads that are all but for ever make balance equations too ill-conditioned to be solved.
    """
    left = rates[np.ix_(members, members)].copy()
    exits = np.zeros(len(left))
    for k in range(len(left) - 1, 0, -1):
        exits[k] = left[k, :k].sum()
        left[:k, :k] += left[:k, [k]] * (left[[k], :k] / exits[k])
    weight = np.ones(len(left))
    for k in range(1, len(left)):
        weight[k] = weight[:k] @ left[:k, k] / exits[k]
        weight /= weight[: k + 1].max()
    return np.asarray(weight / weight.sum())


def judge_chain(board: Board, play: Array, hazard: Array, found: dict[str, Any]) -> Iterator[str]:
    """What is wrong with statistics and verdict of an equilibrium."""
    kind, told = found["verdict"], found["statistics"]
    if told is None:  # no time was left
        return
    rates = board.generator(hazard)
    np.fill_diagonal(rates, 0.0)
    positive = rates[rates > 0]
    if hazard[:, 0].sum() == 0:
        if kind != "standstill":
            yield f"nobody moves at a tie, but the verdict is {kind!r}"
        return
    if positive.max() > SPREAD * positive.min():
        return
    law = long_run(rates, 0)
    moving = hazard.sum(axis=0)
    if (moving[law > SEEN] == 0).all():
        if kind != "standstill":
            yield f"play ends where nobody moves, but the verdict is {kind!r}"
        return
    yield from _signs(board, hazard, law, kind)
    lead = np.sort(board.behind, axis=0)[1]
    mean = float(law @ lead)
    yield from _apart("mean lead", told.get("mean_lead"), mean, board.rungs)
    for i, lab in enumerate(board.labs):
        alone = (board.behind[i] == 0) & (lead > 0)
        said = told["time_in_lead"].get(lab["name"])
        yield from _apart(f"{lab['name']!r} leads", said, float(law @ alone), 1.0)
    if len(board.states) * (board.count + 1) > LARGE:
        return
    changes = lead_changes(board, hazard)
    fastest = float((law * moving).sum())
    yield from _apart("lead changes a year", told.get("lead_changes_per_year"), changes, fastest)


def _apart(what: str, said: float | None, is_: float, scale: float) -> Iterator[str]:
    if said is not None and abs(said - is_) > NEAR * scale:
        yield f"{what}: {said:.6g} said, {is_:.6g} is right"


def _signs(board: Board, hazard: Array, law: Array, kind: str | None) -> Iterator[str]:
    """Whether the leader's pace at each lead that is seen fits the verdict."""
    lead, signs = np.sort(board.behind, axis=0)[1], []
    total, compute = hazard.sum(axis=0), board.compute
    for g in range(1, board.rungs):
        at = lead == g
        if law[at].max(initial=0.0) <= SEEN:
            continue
        here = np.flatnonzero(at & (law > SEEN * law[at].max()))
        paces = []
        for s in here:
            i = int(board.behind[:, s].argmin())
            chase = (total[s] - hazard[i, s]) / (compute.sum() - compute[i])
            if chase > 0 or hazard[i, s] > 0:
                paces.append(hazard[i, s] / compute[i] - chase)
        if paces and min(paces) > 1e-6 * max(map(abs, paces)):
            signs.append(1)
        elif paces and max(paces) < -1e-6 * max(map(abs, paces)):
            signs.append(-1)
    if kind == "run" and 1 in signs:
        yield "a run, but a lead grows somewhere"
    if kind == "race" and -1 in signs:
        yield "a race, but a lead closes somewhere"
    if kind == "neutral" and signs:
        yield "neutral, but leads grow or close"


def lead_changes(board: Board, hazard: Array) -> float:
    """Frontier advances a year by another lab than the last, from states paired with that lab."""
    size, count = len(board.states), board.count
    rates = np.zeros((size * (count + 1),) * 2)
    change = np.zeros(size * (count + 1))
    for s, state in enumerate(board.states):
        for last in range(count + 1):
            here = last * size + s
            for i in range(count):
                above = tuple(0 if j == i else min(d + 1, board.rungs) for j, d in enumerate(state))
                top = board.index[above]
                advance = 1.0 if state[i] == 0 else board.game["technology"]["leapfrog"]
                rates[here, i * size + top] += hazard[i, s] * advance
                if last not in (i, count):
                    change[here] += hazard[i, s] * advance
                if advance < 1:
                    up = tuple(d - 1 if j == i else d for j, d in enumerate(state))
                    rates[here, last * size + board.index[up]] += hazard[i, s] * (1 - advance)
            rates[here, last * size] += board.imitation
    return float(long_run(rates, count * size) @ change)
