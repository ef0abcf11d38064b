"""The verdict on a solved race: its shape, its statistics, and whether the cap decides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race import Race, count_states
from leaderbored.shown import Shown
from leaderbored.solvers import Method, Newton, PolicyIteration, Solution, solve
from leaderbored.solvers.budget import Progress
from leaderbored.verdicts.correspondence import (
    Branch,
    Correspondence,
    Waypoint,
    trace,
)
from leaderbored.verdicts.law import Law, stationary
from leaderbored.verdicts.pace import Kind, Shape, pace_ratio, shape
from leaderbored.verdicts.profile import law_of, on_board
from leaderbored.verdicts.race_line import kind_at
from leaderbored.verdicts.reign import Statistics, statistics

__all__ = [
    "Branch",
    "Correspondence",
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

MOVES = 0.5  # rungs by which a crossing moves before the cap is said to matter
MAX_DOUBLED = 200_000  # states of the race with twice the rungs

NOUNS: dict[Kind | None, str] = {
    "run": "a run",
    "race": "a race",
    "neutral": "a neutral race",
    "peloton": "a peloton",
    "breakaway": "a breakaway",
    "mixed": "a mixed race",
    None: "no verdict",
}
_CLAIMS: dict[Kind | None, str] = {
    "run": "It is a run: every lead limits itself",
    "race": "It is a race: every lead grows",
    "neutral": "It is neutral: leader and chasers keep the same pace",
    "peloton": "It is a peloton: leads persist but stall near {} rungs",
    "breakaway": "It is a breakaway: leads close unless one gets past {} rungs",
    "mixed": "It is mixed: leads turn from closing to growing or back at {} rungs",
    None: "There is no race at all: nobody builds",
}


@dataclass(frozen=True)
class Verdict(Shown):
    """Race or run, and how it plays.

    Attributes
    ----------
    kind : str or None
        run, race, neutral, peloton, breakaway or mixed; see :class:`Shape`.
    asymptote, escape : float or None
        Where a peloton stalls; past where a breakaway escapes. Rungs.
    crossings : tuple of float
        All leads at which the pace ratio crosses one. Rungs.
    cap_sensitive : bool or None
        Whether with twice the rungs the kind changes or a crossing moves by more than half a
        rung; None if that race was too large or did not converge.
    pace_ratio : tuple of (float or None)
        q(1), ..., q(G - 1); None where nobody builds or only the leader does.
    statistics : Statistics
    rivals : tuple of (str or None)
        Kinds of verdict in the other equilibria of the solution.
    """

    kind: Kind | None
    asymptote: float | None
    escape: float | None
    crossings: tuple[float, ...]
    cap_sensitive: bool | None
    pace_ratio: tuple[float | None, ...]
    statistics: Statistics
    rivals: tuple[Kind | None, ...] = ()

    @property
    def headline(self) -> str:
        """One sentence for a person; where there are other equilibria, it says so first."""
        own = f"{self._claim()}; {self._rhythm()}."
        if not self.rivals:
            return own
        return f"{_choice([self.kind, *self.rivals])}. In this equilibrium: {own}"

    def _claim(self) -> str:
        if self.kind is None and not self.pace_ratio:
            return "There is no verdict: with a single rung no lead can grow"
        places = [f"{crossing:.1f}" for crossing in self.crossings]
        return _CLAIMS[self.kind].format(", ".join(places))

    def _rhythm(self) -> str:
        rate = self.statistics.lead_changes_per_year
        if rate == 0:
            return "the lead never changes hands"
        if rate < 1e-3:
            return "the lead hardly ever changes hands"
        if rate < 0.5:
            return f"the lead changes hands once in {1 / rate:.{0 if rate < 0.1 else 1}f} years"
        return f"the lead changes hands {rate:.1f} times a year"


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
    rates = [verdict.statistics.lead_changes_per_year for verdict in verdicts]
    seldom = max(rates) < 0.5
    paces = ["never" if rate == 0 else f"{_round(1 / rate if seldom else rate)}" for rate in rates]
    pace = _either(list(dict.fromkeys(paces)))
    rhythm = f"once in {pace} years" if seldom else f"{pace} times a year"
    claim = _choice([verdict.kind for verdict in verdicts])
    return f"{claim}: in {len(verdicts)} equilibria the lead changes hands {rhythm}."


def _round(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}"


def _either(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _choice(kinds: Sequence[Kind | None]) -> str:
    """Say: a run or a race, and only expectations decide."""
    nouns = [NOUNS[kind] for kind in dict.fromkeys(kinds)]
    if len(nouns) == 1:
        return f"{nouns[0].capitalize()} whatever is expected, but expectations decide how it plays"
    return f"{_either(nouns).capitalize()}, and only expectations decide"


def verdict(
    solution: Solution,
    equilibrium: int = 0,
    *,
    check_cap: bool = True,
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
        Solve the race with twice the rungs too, from this equilibrium, and compare.
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
    race = solution.game
    if not isinstance(race, Race):
        raise TypeError("verdict: the game is not a race; its leads are not defined")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise ValueError(f"verdict: {solution.status.message}; {solution.status.advice}")
    chosen = solution.equilibria[equilibrium]
    law = law_of(solution, chosen)
    board = on_board(chosen)
    pace = pace_ratio(race, board.game.hazard(board.build), law)
    found = shape(pace)
    return Verdict(
        kind=found.kind,
        asymptote=found.asymptote,
        escape=found.escape,
        crossings=found.crossings,
        cap_sensitive=_cap_matters(race, board.build, found, progress) if check_cap else None,
        pace_ratio=tuple(float(q) if np.isfinite(q) else None for q in pace),
        statistics=statistics(race, board.game, board.build, board.value, law),
        rivals=tuple(
            kind_at(race, other.game, other.build)
            for other in solution.equilibria
            if other is not chosen
        ),
    )


def _cap_matters(race: Race, build: Array, found: Shape, progress: Progress | None) -> bool | None:
    """Whether the verdict of the race with twice the rungs differs; None if not known."""
    if count_states(len(race.labs), 2 * race.rungs) > MAX_DOUBLED:
        return None
    try:
        longer = replace(race, rungs=2 * race.rungs)
    except ValueError:  # revenue overflows at longer leads, or there are too many of them
        return None
    states = race.states()
    index = {tuple(state): k for k, state in enumerate(states.tolist())}
    nearest = np.minimum(longer.states(), race.rungs).tolist()
    near = np.array([index[tuple(state)] for state in nearest])
    boards = race.board()[0]
    if "inertia" in race.mechanisms.on:  # pairs of a true and a perceived leaderboard
        near = (len(states) * near[:, None] + near).ravel()
    blocks = np.arange(0, len(boards), race.copies * len(states))[:, None]
    start = build[:, (blocks + near).ravel()]
    longer_game = longer.markov()
    ended = len(longer_game.states) - start.shape[1]
    start = np.clip(np.pad(start, ((0, 0), (0, ended))), longer_game.lower, longer_game.upper)
    iteration = PolicyIteration(newton=Newton(tolerance=1e-6))
    method = Method(iteration, homotopy=None, certify=False)
    solution = solve(longer, method, start=start, progress=_relabelled(progress))
    if not solution.equilibria:
        return None
    chosen = solution.equilibria[0]
    board = on_board(chosen)
    pace = pace_ratio(longer, board.game.hazard(board.build), law_of(solution, chosen))
    other = shape(pace)
    if other.kind != found.kind or len(other.crossings) != len(found.crossings):
        return True
    moved = [abs(a - b) for a, b in zip(found.crossings, other.crossings, strict=True)]
    return max(moved, default=0.0) > MOVES


def _relabelled(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda phase, round, distance: progress(f"twice the rungs: {phase}", round, distance)
