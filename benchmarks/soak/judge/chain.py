"""What the answer says of the leaderboard, held against the chain of its own."""

from __future__ import annotations

import re
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
NEVER = 1e-9  # of the discount rate: slower moves are none
RARE = 1e4  # times that rate: moves slower than this add up from some that count and some not
BLUR = 1e-3  # relative distance from a threshold at which nothing is judged
FITS = {
    "run": "-*",
    "race": r"\+*",
    "neutral": "",
    "peloton": r"\+*-*",
    "breakaway": r"-*\+*",
}  # what leads that vote may do


def closed(rates: Array, start: int) -> list[Index]:
    """Closed classes that can be reached, by which states reach which.

    Examples
    --------
    >>> rates = np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    >>> [members.tolist() for members in closed(rates, 0)]
    [[1], [2]]
    """
    reach = (rates > 0) | np.eye(len(rates), dtype=bool)
    while True:
        further = (reach.astype(float) @ reach.astype(float)) > 0
        if (further == reach).all():
            break
        reach = further
    found = dict[tuple[int, ...], None]()
    for s in np.flatnonzero(reach[start]):
        if reach[reach[s], s].all():
            found[tuple(np.flatnonzero(reach[s]).tolist())] = None
    return [np.array(members, dtype=np.int64) for members in found]


def long_run(rates: Array, start: int) -> Array:
    """(S,) share of time in each state in the long run, from a start.

    Examples
    --------
    >>> long_run(np.array([[0.0, 1.0, 1.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]), 0).tolist()
    [0.0, 0.5, 0.5]
    """
    rates = rates - np.diag(np.diag(rates))
    classes, law = closed(rates, start), np.zeros(len(rates))
    passing = _passing(rates, start, classes)
    for members, chance in zip(classes, _ends(rates, start, passing, classes), strict=True):
        law[members] = chance * _within(rates, members)
    return law


def _passing(rates: Array, start: int, classes: list[Index]) -> Index:
    """States that can be reached but are left for ever."""
    seen = {start}
    queue = [start]
    while queue:
        for after in np.flatnonzero(rates[queue.pop()] > 0).tolist():
            if after not in seen:
                seen.add(after)
                queue.append(after)
    inside = {s for members in classes for s in members.tolist()}
    return np.array(sorted(seen - inside), dtype=np.int64)


def _leaves(rates: Array, passing: Index, start: int, classes: list[Index]) -> tuple[Array, float]:
    """Chance of ending in each closed class, and mean time until then, from a state that is left.

    One state after the other is struck out, without subtraction: play may go back and forth for so
    long before it leaves that balance equations are singular in doubles.
    """
    order = np.array([start, *(s for s in passing.tolist() if s != start)])
    among = rates[np.ix_(order, order)]
    into = np.column_stack([rates[np.ix_(order, members)].sum(axis=1) for members in classes])
    wait = np.ones(len(order))
    for k in range(len(order) - 1, 0, -1):
        through = among[:k, k] / (among[k, :k].sum() + into[k].sum())
        among[:k, :k] += np.outer(through, among[k, :k])
        into[:k] += np.outer(through, into[k])
        wait[:k] += through * wait[k]
    return into[0] / into[0].sum(), float(wait[0] / into[0].sum())


def _years(rates: Array, start: int, passing: Index, classes: list[Index]) -> float:
    """Mean time until play is in a closed class."""
    return _leaves(rates, passing, start, classes)[1] if start in passing else 0.0


def _ends(rates: Array, start: int, passing: Index, classes: list[Index]) -> Array:
    """Chance of ending in each closed class."""
    if start in passing:
        return _leaves(rates, passing, start, classes)[0]
    return np.array([float(start in members) for members in classes])


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
    rates, never = board.generator(hazard), NEVER * board.game["discount"]
    np.fill_diagonal(rates, 0.0)
    edge = (np.abs(rates / never - 1) < BLUR).any() or (np.abs(hazard / never - 1) < BLUR).any()
    rates, hazard = np.where(rates > never, rates, 0.0), np.where(hazard > never, hazard, 0.0)
    positive = rates[rates > 0]
    if edge or (len(positive) and positive.max() > SPREAD * positive.min()):
        return
    classes = closed(rates, 0)
    passing = _passing(rates, 0, classes)
    years = _years(rates, 0, passing, classes)
    if years > 0.01 / never:  # whether play gets there at all is open to argument
        return
    yield from _endings(board, rates, classes, passing, found)
    said = sum(end["chance"] * end["years"] for end in found["ends"])
    yield from _apart("years until play ends", said, years, years)
    yield from _word(board, classes, kind)
    if kind == "standstill":
        yield from _from_a_lead(board, rates, found)
    law, moving = long_run(rates, 0), hazard.sum(axis=0)
    if len(classes) == 1 and len(classes[0]) > 1 and kind != "escape":  # nobody votes on that
        yield from _signs(board, hazard, law, classes[0], found)
        yield from _stalling(board, hazard, law, found)
    lead = np.sort(board.behind, axis=0)[1]
    mean = float(law @ lead)
    yield from _apart("mean lead", told.get("mean_lead"), mean, board.rungs)
    for i, lab in enumerate(board.labs):
        alone = (board.behind[i] == 0) & (lead > 0)
        said = told["time_in_lead"].get(lab["name"])
        yield from _apart(f"{lab['name']!r} leads", said, float(law @ alone), 1.0)
    if len(board.states) * (board.count + 1) > LARGE or not (moving[law > SEEN] > 0).any():
        return
    changes = lead_changes(board, hazard)
    fastest = float((law * moving).sum())
    if fastest < RARE * never:  # which moves count is then a matter of taste
        return
    yield from _apart("lead changes a year", told.get("lead_changes_per_year"), changes, fastest)


def _sort(board: Board, members: Index) -> str:
    """Whether leads come and go in a class, stand still or have escaped."""
    behind = board.behind[:, members]
    leads, leaders = np.sort(behind, axis=0)[1], behind.argmin(axis=0)
    alone = len(set(leaders.tolist())) == 1 and leads.min() > 0
    near = board.rungs if len(members) == 1 else max(2, board.rungs - 2)
    if alone and leads.max() == board.rungs and leads.min() >= near:
        return "escape"
    return "standstill" if len(members) == 1 else "moving"


def _endings(
    board: Board, rates: Array, classes: list[Index], passing: Index, found: dict[str, Any]
) -> Iterator[str]:
    """Whether play ends where it is said to, with the chances that are said."""
    mine = dict.fromkeys(("standstill", "escape", "moving"), 0.0)
    for members, chance in zip(classes, _ends(rates, 0, passing, classes), strict=True):
        mine[_sort(board, members)] += float(chance)
    for word, chance in mine.items():
        ends = [end for end in found["ends"] if _sorted(end["kind"]) == word]
        yield from _apart(f"chance of {word}", sum(end["chance"] for end in ends), chance, 1.0)


def _sorted(kind: str | None) -> str:
    return kind if kind in ("standstill", "escape") else "moving"


def _word(board: Board, classes: list[Index], kind: str | None) -> Iterator[str]:
    """Whether the verdict's word fits the classes."""
    sorts = {_sort(board, members) for members in classes}
    if len(sorts) > 1:
        right = kind == "depends on the start"
    elif "moving" in sorts:
        right = kind not in ("standstill", "escape", *["depends on the start"] * (len(classes) < 2))
    else:
        right = kind in sorts
    if not right:
        yield f"the verdict is {kind!r}, but play ends in {', '.join(sorted(sorts))}"


def _from_a_lead(board: Board, rates: Array, found: dict[str, Any]) -> Iterator[str]:
    """Whether play from a lead of one comes back to a tie at which nobody moves, as is said."""
    if not found["from_lead"]:
        return
    if rates[0].any():
        yield "it is said what is from a lead of one, but from the tie play moves on"
        return
    mine = 0.0
    for i in range(board.count):
        start = board.index[tuple(int(j != i) for j in range(board.count))]
        mine += long_run(rates, start)[0] / board.count
    said = sum(end["chance"] for end in found["from_lead"] if end["start"])
    yield from _apart("chance of falling back to a tie", said, mine, 1.0)


def _stalling(board: Board, hazard: Array, law: Array, found: dict[str, Any]) -> Iterator[str]:
    leapfrog = board.game["technology"]["leapfrog"]
    advances = float((hazard * np.where(board.behind == 0, 1.0, leapfrog)).sum(axis=0) @ law)
    limit = board.game["discount"] / 1000
    if abs(advances - limit) > BLUR * limit and found["stalling"] != (advances < limit):
        yield f"stalling is {found['stalling']}, with {advances:.3g} advances a year"


def _apart(what: str, said: float | None, is_: float, scale: float) -> Iterator[str]:
    if said is not None and abs(said - is_) > NEAR * scale:
        yield f"{what}: {said:.6g} said, {is_:.6g} is right"


def _signs(
    board: Board, hazard: Array, law: Array, members: Index, found: dict[str, Any]
) -> Iterator[str]:
    """Whether the leader's pace at each lead that surely votes fits the verdict."""
    kind, lead, signs = found["verdict"], np.sort(board.behind, axis=0)[1], ""
    leaders = set(board.behind[:, members].argmin(axis=0).tolist())
    kept = int(lead[members].min()) if len(leaders) == 1 else 0  # a lead that never closes
    total, compute = hazard.sum(axis=0), board.compute
    time = [float(law[lead == g].sum()) for g in range(board.rungs)]
    away = [g for g in range(1, board.rungs - 2) if time[g] > 0]
    for g in away or range(max(1, board.rungs - 2), board.rungs):
        at = lead == g
        if time[g] <= SEEN or g == kept:
            continue
        if g not in found["votes"]:
            yield f"a lead of {g} has no vote, but the share {law[at].sum():.1e} of the time"
        here = np.flatnonzero(at & (law > SEEN * law[at].max()))
        paces = []
        for s in here:
            i = int(board.behind[:, s].argmin())
            chase = (total[s] - hazard[i, s]) / (compute.sum() - compute[i])
            if chase > 0 or hazard[i, s] > 0:
                paces.append(hazard[i, s] / compute[i] - chase)
        if paces and min(paces) > 1e-6 * max(map(abs, paces)):
            signs += "+"
        elif paces and max(paces) < -1e-6 * max(map(abs, paces)):
            signs += "-"
    if not re.fullmatch(FITS.get(str(kind), ".*"), signs):
        yield f"the verdict is {kind!r}, but leads grow (+) or close (-): {signs}"


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
