"""Predictions that could fail: a board beside histories of a race and of independent labs.

The same statistics are taken of the board, of many histories that the race's equilibrium draws over
as many years from where the board began, and of the board's own records shuffled, in which no lab
answers another. A statistic for which the board lies outside what nearly all histories of the race
show speaks against the race; one for which it lies outside what shuffled records show speaks
against independent labs; where it does neither, it cannot tell them apart. P-values are corrected
for their number by Holm's method (Scandinavian Journal of Statistics 6, 1979), by statsmodels.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from leaderbored.evidence.boards import YEAR
from leaderbored.evidence.forecast import leading, only, standing
from leaderbored.evidence.history import History, spread, two_sided
from leaderbored.evidence.null import shuffle
from leaderbored.evidence.scores import Scores
from leaderbored.evidence.spending import Spending, spending
from leaderbored.games.markov import Array
from leaderbored.motion.leaderboards import leaderboards
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Solution

LEVEL = 0.05
TAILS = (0.05, 0.5, 0.95)
EVERY = 1 / 52  # years between the dates at which simulated leaderboards are read


@dataclass(frozen=True, eq=False)
class Prediction:
    """One statistic of a board, of a race's histories and of shuffled records.

    Attributes
    ----------
    name, about : str
        What it is called, and what it is.
    observed : float
        On the board.
    race, shuffled : (3,) arrays
        Quantiles at 5, 50 and 95% of the race's histories, and of shuffled records.
    p_race, p_shuffled : float
        Two-sided, corrected for the number of statistics; not a number where it cannot be told.
    """

    name: str
    about: str
    observed: float
    race: Array
    shuffled: Array
    p_race: float
    p_shuffled: float

    @property
    def sentence(self) -> str:
        """What it says, in a sentence."""
        if not np.isfinite(self.observed):
            return f"{self.about}: cannot be told."
        against = [
            name
            for name, p in (("the race", self.p_race), ("independent labs", self.p_shuffled))
            if p < LEVEL
        ]
        if len(against) == 2:
            end = "neither the race nor independent labs show that"
        elif against:
            end = f"that speaks against {against[0]}"
        else:
            end = "that cannot tell the race from independent labs"
        return f"{self.about}: {self.observed:.2g}; {end}."


@dataclass(frozen=True, eq=False)
class Predictions(Shown):
    """A board held against a race.

    Attributes
    ----------
    board, race : str
        Their names.
    draws : int
        Histories of the race, and shuffled records.
    every : tuple of Prediction
        Those that speak against the race come first.
    spending : Spending
        Shares of building by rank, too few to be a test and not counted as one.
    """

    board: str
    race: str
    draws: int
    every: tuple[Prediction, ...]
    spending: Spending = field(default_factory=Spending)

    @property
    def headline(self) -> str:
        """One sentence: how many statistics speak against whom."""
        race = _speak(sum(bool(each.p_race < LEVEL) for each in self.every))
        labs = sum(bool(each.p_shuffled < LEVEL) for each in self.every)
        return (
            f"Of {len(self.every)} statistics {race} against the race, and {labs or 'none'} "
            "against labs that do not answer one another."
        )


def _speak(count: int) -> str:
    return "none speaks" if count == 0 else "1 speaks" if count == 1 else f"{count} speak"


def predictions(
    solution: Solution, scores: Scores, rung: float, draws: int = 1000, seed: int = 0
) -> Predictions:
    """A board beside the histories of a race and those of independent labs.

    Parameters
    ----------
    solution : Solution
        Of a race; its first equilibrium draws the histories.
    scores : Scores
        Labs that are not in the race are left out.
    rung : float
        Points of a rung.
    draws : int, default 1000
        Histories of the race, and shuffled records; two or more.
    seed : int, default 0

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If fewer than two labs of the race are on the board, or there are fewer than two draws.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.evidence.boards import board
    >>> from leaderbored.evidence.forecast import seen
    >>> race = lb.Race([lb.Lab("OpenAI", 1), lb.Lab("Anthropic", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=5)
    >>> found = predictions(lb.solve(race), seen(board("eci")), rung=4.0, draws=20)
    >>> [each.name for each in found.every if each.name == "lead changes"]
    ['lead changes']
    """
    if draws < 2:
        raise ValueError(f"draws: {draws}: expected 2 or more")
    race: Race = solution.game
    known = only(scores, [lab.name for lab in race.labs])
    compute = {lab.name: lab.compute for lab in race.labs}
    random = np.random.default_rng(seed)
    here = _statistics(known, compute)
    raced = [_statistics(each, compute) for each in _histories(solution, known, rung, draws, seed)]
    mixed = [_statistics(shuffle(known, random), compute) for _ in range(draws)]
    rows = np.array([[*each.values()] for each in (here, *raced, *mixed)])
    ours, theirs, independent = rows[0], rows[1 : draws + 1], rows[draws + 1 :]
    against = [_holm(two_sided(ours, each)) for each in (theirs, independent)]
    between = [spread(each, TAILS) for each in (theirs, independent)]
    every = [
        Prediction(name, ABOUT[name], *(float(ours[k]), between[0][:, k], between[1][:, k]), *p)
        for k, (name, *p) in enumerate(zip(here, *against, strict=True))
    ]
    order = sorted(range(len(every)), key=lambda k: (not every[k].p_race < LEVEL, k))
    return Predictions(
        known.name, race.name, draws, tuple(every[k] for k in order), spending(solution, known)
    )


def _histories(
    solution: Solution, scores: Scores, rung: float, draws: int, seed: int
) -> list[Scores]:
    """Histories of the race as scores, over as many years, from where the board began."""
    labs = [lab.name for lab in solution.game.labs]
    start = _first_day(scores)
    years = float((scores.last - start) / np.timedelta64(1, "D")) / YEAR
    behind = standing(scores, start, rung)
    ahead = min((r for r in behind.values() if r > 0), default=0)
    first = scores.labs[int(leading(scores, start).argmax())]
    most = solution.game.rungs
    place = f"{first} ahead by {min(ahead, most)}" if ahead else "tied"
    drawn = leaderboards(solution, years, draws, seed=seed, start=place, every=EVERY)
    dates = start + np.round(drawn.times * YEAR).astype(int).astype("timedelta64[D]")
    found = []
    for path in range(draws):
        rungs = drawn.rung(path).astype(float)
        when, lab = np.repeat(dates, len(labs)), np.tile(np.arange(len(labs)), len(dates))
        found.append(Scores("race", tuple(labs), when, lab, rungs.ravel()).records())
    return found


def _first_day(scores: Scores) -> np.datetime64:
    """When the second lab came onto the board."""
    day: np.datetime64 = scores.dates[scores.lab != scores.lab[0]].min()
    return day


def _holm(p_values: Array) -> Array:
    from statsmodels.stats.multitest import multipletests

    corrected, known = p_values.copy(), np.isfinite(p_values)
    if known.any():
        corrected[known] = multipletests(p_values[known], method="holm")[1]
    return corrected


# --- the statistics


def _statistics(records: Scores, compute: Mapping[str, float]) -> dict[str, float]:
    """All of them; not a number where one cannot be told."""
    history = History(records)
    return {
        "lead changes": history.changes / history.years,
        "repeat wins": _repeats(history),
        "lead when lost": history.lead_when_lost,
        "a year later": _a_year_later(history),
        "time with compute": _with_compute(history, compute),
        "answers": _answers(history),
    }


def _repeats(history: History) -> float:
    """Of advances of the frontier: how many are of who led."""
    top = history.best.max(axis=1)
    rose = np.flatnonzero(top[1:] > top[:-1])
    own = history.who[rose] == history.best[rose + 1].argmax(axis=1)
    return float(own.mean()) if len(rose) else np.nan


def _a_year_later(history: History) -> float:
    """How often who leads still, or again, leads after 52 weeks."""
    later = history.leader[52:]
    return float((history.leader[: len(later)] == later).mean()) if len(later) else np.nan


def _with_compute(history: History, compute: Mapping[str, float]) -> float:
    """Correlation, over labs, of time in the lead with compute."""
    labs = history.records.labs
    time = np.array([(history.leader == i).mean() for i in range(len(labs))])
    own = np.array([compute[name] for name in labs])
    if np.ptp(time) == 0 or np.ptp(own) == 0:
        return np.nan
    return float(np.corrcoef(time, own)[0, 1])


def _answers(history: History) -> float:
    """Mean wait of who lost the lead until its next record, over its mean wait; over losses."""
    records, ratios = history.records, []
    for t in np.flatnonzero(history.who[1:] != history.who[:-1]):
        own = records.dates[records.lab == history.who[t]]
        later = own[own > history.days[t + 1]]
        if len(later) and len(own) > 1:
            wait = (later[0] - history.days[t + 1]) / np.timedelta64(1, "D")
            mean = float(np.diff(own).mean() / np.timedelta64(1, "D"))
            ratios.append(float(wait) / mean)
    return float(np.mean(ratios)) if ratios else np.nan


ABOUT = {
    "lead changes": "Lead changes a year",
    "repeat wins": "Share of the frontier's advances that are the leader's own",
    "lead when lost": "Mean lead in weeks in which it is lost, over the others",
    "a year later": "Share of weeks whose leader leads a year later",
    "time with compute": "Correlation of time in the lead with compute",
    "answers": "Wait of who lost the lead for its next record, over its usual wait",
}
