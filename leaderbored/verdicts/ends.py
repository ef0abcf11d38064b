"""Where play from a tie ends: the closed classes of states it can reach, and whether any lab moves.

Most races have one, in which leads come and go. In others play is absorbed: a lead that nobody can
close any more, or a leaderboard on which no lab succeeds ever again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race import Race, leads
from leaderbored.solvers.order import ordered
from leaderbored.verdicts.law import Law

MANY = 4  # places that a sentence can hold
NOTHING = 1e-9  # a share that builds nothing


@dataclass(frozen=True)
class End:
    """Leaderboards from which play does not get away any more.

    Attributes
    ----------
    chance : float
        That play from a tie ends there.
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
    """

    chance: float
    moves: bool
    least: int
    most: int
    leader: str | None
    start: bool = False
    idle: bool = False

    @property
    def held(self) -> bool:
        """Whether the lead there never closes."""
        return self.leader is not None


def ends(race: Race, hazard: Array, build: Array, law: Law) -> tuple[End, ...]:
    """Where play from a tie ends, the most likely first; what looks the same is added up.

    Parameters
    ----------
    race : Race
        N labs.
    hazard : (N, S) array
        Success hazards, 1/year; rows of players that are no labs are left out.
    build : (N, S) array
        The shares behind them.
    law : Law
        Of the states under these hazards.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 3), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(0), discount=0.1, rungs=2)
    >>> (end,) = lb.verdict(lb.solve(race)).ends
    >>> end.chance, end.moves, end.most
    (1.0, False, 0)
    """
    lead, leader = leads(race.board()[0])
    labs = len(race.labs)
    moving = np.any(hazard[:labs] > law.never, axis=0)
    found: dict[End, float] = {}
    for members, chance in zip(law.classes, law.chances, strict=True):
        leaders = np.unique(leader[members])
        alone = len(leaders) == 1 and leaders[0] >= 0
        end = End(
            chance=0.0,
            moves=bool(moving[members].any()),
            least=int(lead[members].min()),
            most=int(lead[members].max()),
            leader=race.labs[int(leaders[0])].name if alone else None,
            start=members.tolist() == [0],
            idle=bool((build[:labs, members] <= NOTHING).all()),
        )
        found[end] = found.get(end, 0.0) + float(chance)
    made = [replace(end, chance=min(chance, 1.0)) for end, chance in found.items()]
    made.sort(key=lambda end: (end.least, end.most, end.leader or ""))
    return tuple(ordered(made, lambda end: [-end.chance]))


def said(found: Sequence[End]) -> str:
    """Where play comes to rest, or is caught, and how likely: the rest of a sentence.

    Parameters
    ----------
    found : sequence of End

    Examples
    --------
    >>> said([End(1.0, False, 2, 2, "A")])
    'from a tie the lead goes to 2 rungs and stays there for ever'
    >>> said([End(1.0, False, 0, 0, None, start=True, idle=True)])
    'at the tie nobody builds, and no lead ever opens'
    >>> said([End(0.75, True, 4, 4, "A"), End(0.25, False, 0, 0, None)])
    'from a tie play ends with A ahead by 4 rungs for ever (75 %), or in a tie that stays (25 %)'
    """
    first = found[0]
    if first.start and not first.moves:
        why = "nobody builds" if first.idle else "no lab ever succeeds"
        return f"at the tie {why}, and no lead ever opens"
    places = {(end.least, end.most) for end in found}
    if len(places) == 1 and first.most > 0 and not any(end.moves for end in found):
        whose = [f"{end.leader}'s with a chance of {percent(end.chance)}" for end in found[:MANY]]
        more = f" ({', '.join(whose)})" if 1 < len(found) <= MANY else ""
        return f"from a tie the lead goes to {_rungs(first)} and stays there for ever{more}"
    listed = [f"{_place(end)} ({percent(end.chance)})" for end in found[:MANY]]
    if len(found) > MANY:
        left = sum(end.chance for end in found[MANY:])
        listed.append(f"in one of {len(found) - MANY} other places ({percent(left)})")
    return f"from a tie play ends {', or '.join(listed)}"


def _place(end: End) -> str:
    if end.leader is not None:
        return f"with {end.leader} ahead by {_rungs(end)} for ever"
    if not end.moves:
        return "in a tie that stays"
    return "where leads come and go" if end.most else "where nobody leads alone"


def _rungs(end: End) -> str:
    span = f"{end.least}" if end.least == end.most else f"{end.least} to {end.most}"
    return f"{span} rung{'s' * (end.most > 1)}"


def percent(chance: float) -> str:
    """A chance in a sentence, bounded.

    Examples
    --------
    >>> percent(0.25), percent(0.9999), percent(1e-30), percent(1.0)
    ('25 %', 'over 99.9 %', 'under 0.1 %', '100 %')
    """
    if 0 < chance < 1e-3:
        return "under 0.1 %"
    if 1 - 1e-3 < chance < 1:
        return "over 99.9 %"
    return f"{100 * chance:.3g} %"
