"""Where play ends: the closed classes of states it can reach, and what becomes of leads in each.

Most races have one, in which leads come and go. In others play is absorbed: a lead that nobody can
close any more, or a leaderboard on which no lab succeeds ever again.

A lead that comes to the cap and stays there is no standstill but an escape: at the cap a success
leaves the leader where it is, so that one who has customers for all it has stops building there
for no other reason, unless money grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race import Race, leads
from leaderbored.race.alike import Alike, Ordered
from leaderbored.solvers.order import ordered
from leaderbored.verdicts.advances import Succession
from leaderbored.verdicts.law import Law
from leaderbored.verdicts.pace import CAPPED, SEEN, Kind, Shape, pace_ratio, shape, voters

NOTHING = 1e-9  # a share that builds nothing


@dataclass(frozen=True)
class End:
    """Leaderboards from which play does not get away any more.

    Attributes
    ----------
    chance : float
        That play ends there.
    moves : bool
        Whether any lab succeeds there ever again.
    least, most : int
        The shortest and the longest lead there, 0 if tied; rungs.
    leader : str or None
        The lab that leads alone there for ever; None if the leader changes or there are ties.
    start : bool
        Whether that is the tie from which play starts, alone.
    idle : bool
        Whether nobody builds there; labs that build in vain do.
    kind : str or None
        What it is there: see :class:`leaderbored.verdicts.Shape`; "depends on the start" is of
        several ends.
    crossings : tuple of float
        As of a :class:`leaderbored.verdicts.Shape`; rungs.
    votes : tuple of int
        The leads that the kind is read off; none where the leaderboard stays as it is. Rungs.
    board : tuple of int or None
        Rungs that each lab is behind the frontier, where that stays as it is.
    years : float
        Mean time until play gets there if it does; years.
    mean_lead : float or None
        Ties count zero; None where the leader escapes. Rungs.
    advances_per_year : float
        Frontier advances there; 1/year.
    lead_changes_per_year : float or None
        Those by another lab than the last; 1/year. None if it was not asked for.
    """

    chance: float
    moves: bool
    least: int
    most: int
    leader: str | None
    start: bool = False
    idle: bool = False
    kind: Kind | None = None
    crossings: tuple[float, ...] = ()
    votes: tuple[int, ...] = ()
    board: tuple[int, ...] | None = None
    years: float = 0.0
    mean_lead: float | None = 0.0
    advances_per_year: float = 0.0
    lead_changes_per_year: float | None = None

    @property
    def held(self) -> bool:
        """Whether the lead there never closes."""
        return self.leader is not None

    @property
    def static(self) -> bool:
        """Whether the leaderboard stays as it is, though a leader may get ever further ahead."""
        return self.board is not None


def ends(
    race: Race,
    game: Markov,
    hazard: Array,
    build: Array,
    law: Law,
    *,
    succession: Succession | None = None,
) -> tuple[End, ...]:
    """Where play ends, the most likely first; what looks the same is added up.

    Parameters
    ----------
    race : Race
        N labs.
    game : Markov
        That the race was compiled to, without states in which it is over.
    hazard : (N, S) array
        Success hazards, 1/year; rows of players that are no labs are left out.
    build : (N, S) array
        The shares behind them.
    law : Law
        Of the states under these hazards.
    succession : Succession, optional
        Of the labs under these hazards, to tell lead changes.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 3), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(0), discount=0.1, rungs=2)
    >>> (end,) = lb.verdict(lb.solve(race)).ends
    >>> end.chance, end.moves, end.most, end.kind
    (1.0, False, 0, 'standstill')
    """
    labs, states = len(race.labs), game.states
    hazard, build = np.where(hazard[:labs] > law.never, hazard[:labs], 0.0), build[:labs]
    lead, _ = leads(states)
    advances = _advances(race, states, hazard)
    found: dict[End, list[tuple[Shape, list[float]]]] = {}
    times = paths(race, states, law)
    for k, (members, within, chance) in enumerate(
        zip(law.classes, law.within, law.chances, strict=True)
    ):
        weight = np.zeros(len(states))
        weight[members] = within
        there = replace(law, weight=weight)
        end = _place(race, states, hazard, build, members)
        if isinstance(game, Ordered):
            end = _settled(game, hazard, law, members, end)
        made = _shape(race, hazard, there, times[k], end, game=game)
        changes = np.nan if succession is None else succession.under(weight).changes
        numbers = [law.times[k], weight @ lead, weight @ advances, changes]
        end = replace(end, kind=made.kind, votes=made.votes)
        same = _led_by_each(game.alike, end) if isinstance(game, Ordered) else [end]
        for one in same:
            found.setdefault(one, []).append((made, [chance / len(same), *numbers]))
    every = [_together(end, parts) for end, parts in found.items()]
    every.sort(key=lambda end: (end.least, end.most, end.leader or "", end.board or ()))
    return tuple(ordered(every, lambda end: [-end.chance]))


def _place(
    race: Race, states: States, hazard: Array, build: Array, members: NDArray[np.int64]
) -> End:
    """The leaderboards of a closed class, before its chance and its verdict are known."""
    lead, leader = leads(states[members])
    board = states[members[0]]
    static = bool((states[members] == board).all())
    alone = bool((leader == leader[0]).all() and leader[0] >= 0)
    return End(
        chance=0.0,
        moves=_moves(race, board, hazard[:, members]) if static else True,
        least=int(lead.min()),
        most=int(lead.max()),
        leader=race.labs[int(leader[0])].name if alone else None,
        start=members.tolist() == [0],
        idle=bool((build[:, members] <= NOTHING).all()),
        board=tuple(board.tolist()) if static else None,
    )


def _settled(game: Ordered, hazard: Array, law: Law, members: NDArray[np.int64], end: End) -> End:
    """The same where alike labs are not distinguished: they may take turns on a leaderboard.

    A lab stays ahead, and the leaderboard as it is, if no other succeeds there.
    """
    states = game.alike.boards[members]
    _, leader = leads(states)
    leaps = np.where(states.T == 0, 1.0, game.alike.race.technology.leapfrog)
    others = leader != np.arange(len(hazard))[:, None]
    rate = np.where(others, hazard[:, members], 0.0)
    advanced, climbed = (rate * leaps > law.never).any(), (rate * (1 - leaps) > law.never).any()
    if advanced:
        end = replace(end, leader=None)
    if advanced or climbed:
        end = replace(end, board=None, moves=True)
    return end


def _led_by_each(alike: Alike, end: End) -> list[End]:
    """An end for each of alike labs that may be the one that leads for ever.

    The others stand in order, whichever is where.
    """
    names = [lab.name for lab in alike.race.labs]
    if end.leader is None:
        return [end]
    (labs,) = (each for each in alike.sorts if names.index(end.leader) in each)
    found = []
    for lab in labs:
        board = end.board
        if board is not None:
            places = dict(enumerate(board))
            rest = [other for other in labs if other != lab]
            places |= {lab: 0} | {i: board[j] for i, j in zip(rest, labs[1:], strict=True)}
            board = tuple(places[i] for i in range(len(board)))
        found.append(replace(end, leader=names[lab], board=board))
    return found


def _moves(race: Race, board: NDArray[np.int64], hazard: Array) -> bool:
    """Whether a leader succeeds where the leaderboard stays as it is: all others are at the cap."""
    behind = np.sort(board)[1:]
    first = hazard[int(board.argmin())]
    return bool(behind.min() == race.rungs and (first > 0).any())


def _advances(race: Race, states: States, hazard: Array) -> Array:
    """(S,) frontier advances in each state, 1/year."""
    total = np.zeros(len(states))
    for lab, rate in enumerate(hazard):
        total += rate * np.where(states[:, lab] == 0, 1.0, race.technology.leapfrog)
    return total


def _shape(race: Race, hazard: Array, law: Law, time: Array, end: End, *, game: Markov) -> Shape:
    """Of a class, its law, and the share of time at each lead."""
    capped = end.least >= max(CAPPED, race.rungs - CAPPED) or end.static
    if end.held and end.most == race.rungs and capped:
        return Shape("escape", ())
    if end.static:
        return Shape("standstill", (float(end.most),) if end.most else ())
    return shape(pace_ratio(race, hazard, law, game), voters(time))


def paths(race: Race, states: States, law: Law) -> list[Array]:
    """(G + 1,) share of time at leads 0, ..., G in each class, or if more, on the way through it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.verdicts.profile import law_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = lb.solve(race).equilibria[0]
    >>> (paths(race, found.game.states, law_of(found))[0] > 0.1).tolist()
    [True, True, True]
    """
    lead, found = leads(states)[0], list[Array]()
    for members, within in zip(law.classes, law.within, strict=True):
        time = np.bincount(lead[members], within, race.rungs + 1)
        if (time[1:-1] <= SEEN).any() and len(members) > 1:
            time = np.bincount(lead[members], law.on_path(members, within), race.rungs + 1)
        found.append(np.asarray(time, dtype=float))
    return found


def _together(end: End, parts: Sequence[tuple[Shape, list[float]]]) -> End:
    """An end that stands for several, each with its chance, time and numbers."""
    numbers = np.array([row for _, row in parts], dtype=float)
    total = float(numbers[:, 0].sum())
    share = numbers[:, 0] / total if total > 0 else np.full(len(parts), 1 / len(parts))
    years, lead, advances, changes = (share @ numbers[:, 1:]).tolist()
    return replace(
        end,
        chance=min(total, 1.0),
        crossings=parts[0][0].crossings,
        years=years,
        mean_lead=None if end.kind == "escape" else lead,
        advances_per_year=advances,
        lead_changes_per_year=None if np.isnan(changes) else changes,
    )


def verdict_of(found: Sequence[End], pace: Array) -> Shape:
    """What the ends of play say together.

    Parameters
    ----------
    found : sequence of End
    pace : (G - 1,) array
        As of :func:`leaderbored.verdicts.pace_ratio`.

    Examples
    --------
    >>> still = End(0.5, False, 2, 2, "A", kind="standstill", board=(0, 2), crossings=(2.0,))
    >>> again = End(0.5, True, 0, 2, None, kind="run", votes=(1,))
    >>> pace = np.array([0.5])
    >>> verdict_of([still], pace).kind, verdict_of([again], pace).kind
    ('standstill', 'run')
    >>> verdict_of([still, again], pace).kind
    'depends on the start'
    """
    moves = shape(pace).moves
    kinds = {end.kind for end in found}
    if len(kinds) == 1 and (len(found) == 1 or kinds <= {"standstill", "escape"}):
        crossings = tuple(sorted({place for end in found for place in end.crossings}))
        return Shape(found[0].kind, crossings, moves, found[0].votes)
    return Shape("depends on the start", (), moves, ())
