"""The verdict on a solved race: its shape, its statistics, and whether the cap decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderbored.games.record import RefusedError
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Solution
from leaderbored.solvers.budget import LATE, Budget, Limit, Progress
from leaderbored.solvers.solution import game_of
from leaderbored.verdicts.cap import cap_matters
from leaderbored.verdicts.correspondence import (
    Branch,
    Correspondence,
    Waypoint,
    trace,
)
from leaderbored.verdicts.ends import End, said
from leaderbored.verdicts.law import Law, stationary
from leaderbored.verdicts.pace import Kind, Move, Shape, pace_ratio, shape, visited
from leaderbored.verdicts.profile import law_of, on_board
from leaderbored.verdicts.reading import kind_at, read
from leaderbored.verdicts.reign import Statistics, statistics
from leaderbored.verdicts.words import NOUNS, choice, claim, in_each, rhythm

__all__ = [
    "NOUNS",
    "Branch",
    "Correspondence",
    "End",
    "Law",
    "Shape",
    "Statistics",
    "Verdict",
    "Waypoint",
    "headline",
    "pace_ratio",
    "shape",
    "stationary",
    "trace",
    "verdict",
]

UNHURRIED = 10.0  # seconds that the statistics may take at least; milliseconds in small races
PATIENCE, LEAST = 3.0, 4.0  # times the seconds of the solution, and seconds, that a check may take


@dataclass(frozen=True)
class Verdict(Shown):
    """Race or run, and how it plays.

    Attributes
    ----------
    kind : str or None
        run, race, neutral, peloton, breakaway, mixed or standstill; see :class:`Shape`.
    asymptote, escape : float or None
        Where a peloton or a standstill stalls; past where a breakaway escapes. Rungs.
    crossings : tuple of float
        All leads at which the pace ratio crosses one; of a standstill, where play rests. Rungs.
    cap_sensitive : bool or None
        Whether with twice the rungs the kind changes or a crossing moves by more than half a
        rung; None if that was not checked.
    pace_ratio : tuple of (float or None)
        q(1), ..., q(G - 1); None where nobody succeeds or only the leader does, see ``moves``.
    statistics : Statistics
    rivals : tuple of (str or None)
        Kinds of verdict in the other equilibria of the solution.
    ends : tuple of End
        Where play from a tie ends, and how likely.
    moves : tuple of str
        What a lead of 1, 2, ... rungs does: closes, even, grows or stands.
    unvisited : tuple of int
        Leads from 1 to G - 1 at which play from a tie spends no time in the long run: what is
        said of them is read off states that it does not visit. Rungs.
    cap_note : str
        Why the race with twice the rungs was not compared; empty if it was.
    """

    kind: Kind | None
    asymptote: float | None
    escape: float | None
    crossings: tuple[float, ...]
    cap_sensitive: bool | None
    pace_ratio: tuple[float | None, ...]
    statistics: Statistics
    rivals: tuple[Kind | None, ...] = ()
    ends: tuple[End, ...] = ()
    moves: tuple[Move, ...] = ()
    unvisited: tuple[int, ...] = ()
    cap_note: str = ""

    @property
    def headline(self) -> str:
        """One sentence for a person; where there are other equilibria, it says so first."""
        parts = (
            claim(self.kind, self.crossings, self.moves, self.ends),
            rhythm(self.statistics.lead_changes_per_year),
        )
        own = f"{'; '.join(filter(None, parts))}."
        if len(self.ends) > 1 and self.kind != "standstill":
            own += f" F{said(self.ends)[1:]}."
        if not self.rivals:
            return own
        return f"{choice([self.kind, *self.rivals])}. In this equilibrium: {own}"

    @property
    def not_checked(self) -> tuple[str, ...]:
        """What was left out because it would have taken too long."""
        return (*self.statistics.not_checked, *(["cap"] if self.cap_note == LATE else []))


def headline(verdicts: Sequence[Verdict]) -> str:
    """One sentence on all equilibria of a race.

    Parameters
    ----------
    verdicts : sequence of Verdict
        One for each equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.8]),
    ...                lb.Technology(1, 0.8, leapfrog=1), discount=0.1, rungs=2)
    >>> solution = lb.solve(race, all=True)
    >>> print(headline([lb.verdict(solution, k, check_cap=False) for k in range(3)]))
    A run whatever is expected, but expectations decide how it plays: in 3 equilibria the lead
    changes hands 0.2 or 0.5 times a year.
    """
    if len(verdicts) < 2:
        return verdicts[0].headline if verdicts else "No equilibrium was found."
    claim = choice([verdict.kind for verdict in verdicts])
    known = [verdict.statistics.lead_changes_per_year for verdict in verdicts]
    rates = [rate for rate in known if rate is not None]
    told = []
    if rates:
        told.append(f"in {_of(rates)} the lead changes hands {in_each(rates)}")
    rest = [rate for rate in known if rate is None]
    if rest:
        places = dict.fromkeys(
            said(v.ends) for v in verdicts if v.statistics.lead_changes_per_year is None
        )
        told.append(f"in {_of(rest)} play comes to a stop ({'; or '.join(places)})")
    return f"{claim}: {', '.join(told)}."


def _of(rates: Sequence[float | None]) -> str:
    return f"{len(rates)} equilibria" if len(rates) > 1 else "one equilibrium"


def verdict(
    solution: Solution,
    equilibrium: int = 0,
    *,
    check_cap: bool = True,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Verdict:
    """Say whether leads explode or limit themselves.

    Parameters
    ----------
    solution : Solution
        Of a :class:`leaderbored.Race`.
    equilibrium : int, default 0
        Which of its equilibria.
    check_cap : bool, default True
        Solve the race with twice the rungs too, from this equilibrium, and compare, unless that
        takes more than a few times as long as the solution did, and two seconds.
    limit : float or callable, optional
        Seconds after which to leave out what takes long, or a function that says True when to;
        ``not_checked`` of the answer lists what was left out.
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If the solution holds no such equilibrium; the message is its status.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race(labs=[lb.Lab("A", 1), lb.Lab("B", 1)], market=lb.ScarceMarket(0.6),
    ...                technology=lb.Technology(1), discount=0.5)
    >>> verdict(lb.solve(race)).kind
    'run'
    """
    race: Race = game_of(solution, "verdict")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise RefusedError(f"verdict: {solution.status.message}; {solution.status.advice}")
    chosen = solution.equilibria[equilibrium]
    board, budget = on_board(chosen), Budget(limit)
    patience = max(LEAST, PATIENCE * solution.seconds)
    found = read(race, board.game, board.build, law_of(chosen))
    seen = visited(race, found.law)[:-1]
    facts = statistics(race, board, found, budget.share(max(patience, UNHURRIED)))
    matters, note = None, "it was not asked for"
    if check_cap:
        matters, note = cap_matters(
            race, board.build, found.shape, budget.share(patience), progress
        )
    return Verdict(
        kind=found.shape.kind,
        asymptote=found.shape.asymptote,
        escape=found.shape.escape,
        crossings=found.shape.crossings,
        cap_sensitive=matters,
        pace_ratio=tuple(float(q) if np.isfinite(q) else None for q in found.pace),
        statistics=facts,
        rivals=tuple(
            kind_at(race, other.game, other.build)
            for other in solution.equilibria
            if other is not chosen
        ),
        ends=found.ends,
        moves=found.shape.moves,
        unvisited=tuple((np.flatnonzero(~seen) + 1).tolist()),
        cap_note=note,
    )
