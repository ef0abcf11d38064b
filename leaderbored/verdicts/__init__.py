"""The verdict on a solved race: its shape, its statistics, and whether the cap decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leaderbored.games.record import RefusedError
from leaderbored.late import names
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.solvers.budget import LATE, Budget, Limit, Progress
from leaderbored.solvers.markov.work import LEAST, PATIENCE
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.solution import game_of
from leaderbored.verdicts.cap import cap_matters
from leaderbored.verdicts.ends import End, paths
from leaderbored.verdicts.law import Law, stationary
from leaderbored.verdicts.pace import SEEN, Kind, Move, Shape, pace_ratio, shape
from leaderbored.verdicts.profile import law_of, on_board
from leaderbored.verdicts.reading import Reading, from_a_lead, kind_at, read
from leaderbored.verdicts.reign import Statistics, statistics
from leaderbored.verdicts.words import NOUNS, choice, claim, in_each, often, rhythm, said

if TYPE_CHECKING:
    from leaderbored.verdicts.correspondence import (
        Branch,
        Correspondence,
        Waypoint,
        trace,
    )

__getattr__ = names(__name__, {"correspondence": ("Branch", "Correspondence", "Waypoint", "trace")})

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
WAYS = 2  # in which play ends, that a sentence on several equilibria can hold
STALLS = 1e-3  # advances in 1 / discount years below which play all but stalls


@dataclass(frozen=True)
class Verdict(Shown):
    """The verdict on an equilibrium of a race, with statistics of its leads.

    Attributes
    ----------
    kind : str or None
        run, race, neutral, peloton, breakaway, mixed, standstill, escape or depends on the start;
        see :class:`Shape`.
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
        Leads from 1 to G - 1 off the path of play: from a tie it spends no more than 1e-12 of the
        time there, be it in the long run or in a billion horizons. What is said of them is read
        off states that it does not visit, and they do not vote. Rungs.
    votes : tuple of int
        The leads that the kind is read off: on the path of play, G - 2 and G - 1 aside if there
        are others. Rungs.
    stalling : bool
        Whether play goes on, but the frontier advances less than once in 1,000 / discount years.
    from_lead : tuple of End
        Where the same shares take play that starts with a lead of one rung, each lab being as
        likely to have it, if from a tie no lead opens, and from a lead play moves on and need not
        come back to the tie; else nothing.
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
    votes: tuple[int, ...] = ()
    stalling: bool = False
    from_lead: tuple[End, ...] = ()

    @property
    def headline(self) -> str:
        """One sentence for a person; where there are other equilibria, it says so first."""
        own = f"{claim(self._shape, self.ends)}{self._rhythm}."
        if self.from_lead:
            own += f" {self._ahead}".rstrip()
        if not self.rivals:
            return own
        return f"{choice([self.kind, *self.rivals])}. In this equilibrium: {own}"

    @property
    def _shape(self) -> Shape:
        return Shape(self.kind, self.crossings, self.moves, self.votes)

    @property
    def _rhythm(self) -> str:
        facts = self.statistics
        told = [] if self.kind == "escape" else [rhythm(facts.lead_changes_per_year)]
        if self.stalling and facts.advances_per_year is not None:
            told.append(
                f"it all but stalls, as the frontier advances {often(facts.advances_per_year)}"
            )
        return "".join(f"; {part}" for part in told if part)

    @property
    def _ahead(self) -> str:
        """What would be from a lead of one rung."""
        first = self.from_lead[0]
        if len(self.from_lead) > 1 or first.static:
            told = said(self.from_lead, "a lead of 1 rung")
            return f"{told[0].upper()}{told[1:]}."
        made = f"the same shares make {NOUNS[first.kind]}" if first.kind else ""
        told = ": ".join(filter(None, (made, rhythm(first.lead_changes_per_year))))
        return f"From a lead of 1 rung {told}." if told else ""

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
        resting = [v for v in verdicts if v.statistics.lead_changes_per_year is None]
        ways = list(dict.fromkeys(said(v.ends) for v in resting))
        places = ways if len(ways) <= WAYS else [*ways[:1], f"in {len(ways) - 1} other ways"]
        stops = "a stop" if all(v.kind == "standstill" for v in resting) else "an end"
        which = f"in {_of(rest)}" if not rates or len(rest) > 1 else "in another"
        told.append(f"{which} play comes to {stops} ({'; or '.join(places)})")
    return f"{claim}: {', '.join(told)}."


def _of(rates: Sequence[float | None]) -> str:
    return f"{len(rates)} equilibria" if len(rates) > 1 else "one equilibrium"


@unthreaded
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
    found = read(race, board.game, board.build, law_of(chosen), changes=True)
    seen = np.max(paths(race, board.game.states, found.law), axis=0)[1:-1] > SEEN
    spare = budget.share(max(patience, UNHURRIED))
    facts = statistics(race, board, found, spare, progress)
    matters, note = None, "it was not asked for"
    if check_cap:
        matters, note = cap_matters(race, board, found, budget.share(patience), progress)
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
        unvisited=tuple(g for g, on in enumerate(seen, 1) if not on and g not in found.shape.votes),
        cap_note=note,
        votes=found.shape.votes,
        stalling=found.bounded and (facts.advances_per_year or 0.0) < STALLS * race.discount,
        from_lead=_from_lead(race, board, found),
    )


def _from_lead(race: Race, board: Equilibrium, found: Reading) -> tuple[End, ...]:
    """Where play ends from a lead of one rung, if it moves on, and from a tie no lead opens."""
    if not (found.ends[0].start and found.shape.kind == "standstill"):
        return ()
    instead = from_a_lead(race, board.game, board.build).ends
    gone = (end.start or (end.years == 0 and not end.moves) for end in instead)
    return () if all(gone) else instead
