r"""How forecasts of the past fared.

Past forecasts are made at dates four weeks apart, each from what was on the board then, and held
against who led later. A forecast is scored by Brier's rule (Monthly Weather Review 78, 1950), the
sum of squared errors over labs, and by the logarithm of what it gave to the lab that did lead
(Good, Journal of the Royal Statistical Society B 14, 1952); of both, less is better. Beside the
race stand three forecasts that know nothing of it: the leader stays, all labs are alike, and each
lab goes on with improvements and waits drawn from its own past. Lest a single surprise decide,
every forecast is mixed with one part in twenty of equal chances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderbored.evidence.boards import YEAR, Dates
from leaderbored.evidence.forecast import MONTHS, forecast, leading, only, standing
from leaderbored.evidence.scores import Scores
from leaderbored.games.markov import Array
from leaderbored.shown import Shown
from leaderbored.solvers import Solution

APART = 28  # days between past forecasts
EVEN = 0.05  # of every past forecast: equal chances
FUTURES = 200  # of each lab, drawn from its own past
FORECASTERS = ("the race", "the leader stays", "all labs alike", "own past goes on")
BINS = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])


@dataclass(frozen=True, eq=False)
class Backtest(Shown):
    """How forecasts of the past fared.

    Attributes
    ----------
    name : str
        Of the board.
    months : (M,) array
    count : (M,) array of int
        Forecasts whose outcome is known.
    forecasters : tuple of str
        The race first.
    brier, log : (M, F) arrays
        Mean scores; less is better.
    said, came : (B,) arrays
        Of the race, over all horizons: mean chance that was given, and how often it came true, in
        classes of a fifth; nan where a class is empty.
    """

    name: str
    months: Array
    count: Array
    forecasters: tuple[str, ...]
    brier: Array
    log: Array
    said: Array
    came: Array


def backtest(
    solution: Solution,
    scores: Scores,
    rung: float,
    months: Sequence[float] = MONTHS,
    seed: int = 0,
) -> Backtest:
    """Forecasts at past dates against who led later.

    Parameters
    ----------
    solution : Solution
        Of a race; labs of the board that are not in it are left out, and labs of the race that are
        not on the board stand last.
    scores : Scores
    rung : float
        Points of a rung.
    months : sequence of float, default 3, 12 and 36
    seed : int, default 0
        Of futures drawn from labs' own past.

    Raises
    ------
    ValueError
        If fewer than two labs of the race are on the board.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.evidence.boards import board
    >>> from leaderbored.evidence.forecast import seen
    >>> race = lb.Race([lb.Lab("OpenAI", 1), lb.Lab("Anthropic", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=5)
    >>> found = backtest(lb.solve(race), seen(board("eci")), rung=4.0, months=(3,))
    >>> found.count.tolist(), found.brier.shape
    ([40], (1, 4))
    """
    known = only(scores, [lab.name for lab in solution.game.labs])
    ahead, random = np.asarray(months, dtype=float), np.random.default_rng(seed)
    laws: dict[tuple[object, ...], Array] = {}
    rows: list[tuple[int, Array, int]] = []
    for day in _origins(known):
        now = standing(known, day, rung)
        if len(now) < 2:
            continue
        leader = leading(known, day)
        first = known.labs[int(leader.argmax())]
        key = (first, *(now.get(name, -1) for name in known.labs))
        if key not in laws:
            found = forecast(solution, now, months, first)
            laws[key] = found.chances[:, [found.labs.index(name) for name in known.labs]]
        drawn = _own_past(known, day, ahead, random)
        for m, after in enumerate(ahead):
            then = day + np.timedelta64(round(after / 12 * YEAR), "D")
            if then <= known.last:
                given = [laws[key][m], leader, np.ones(len(known.labs)), drawn[m]]
                even = [(1 - EVEN) * p / p.sum() + EVEN / len(p) for p in given]
                rows.append((m, np.array(even), int(leading(known, then).argmax())))
    return _scored(scores.name, ahead, rows)


def _scored(name: str, months: Array, rows: Sequence[tuple[int, Array, int]]) -> Backtest:
    brier, log = (np.full((len(months), len(FORECASTERS)), np.nan) for _ in range(2))
    count = np.zeros(len(months), dtype=int)
    said, came = [np.empty(0)], [np.empty(0)]
    for m in range(len(months)):
        own = [(p, who) for at, p, who in rows if at == m]
        count[m] = len(own)
        if own:
            true = np.array([np.arange(p.shape[1]) == who for p, who in own], dtype=float)
            given = np.array([p for p, _ in own])
            brier[m] = ((given - true[:, None]) ** 2).sum(axis=2).mean(axis=0)
            log[m] = -np.log((given * true[:, None]).sum(axis=2)).mean(axis=0)
            said.append(given[:, 0].ravel())
            came.append(true.ravel())
    chance, happened = np.concatenate(said), np.concatenate(came)
    place = np.clip(np.searchsorted(BINS, chance, side="right") - 1, 0, len(BINS) - 2)
    bins = [place == b for b in range(len(BINS) - 1)]
    means = [(chance[b].mean(), happened[b].mean()) if b.any() else (np.nan, np.nan) for b in bins]
    return Backtest(name, months, count, FORECASTERS, brier, log, *np.array(means).T)


def _origins(scores: Scores) -> Dates:
    """Days of past forecasts: from the first with two labs on."""
    second = min(scores.dates[scores.lab != scores.lab[0]])
    return np.arange(max(second, scores.dates[0]), scores.last, APART)


def _own_past(
    scores: Scores, day: np.datetime64, months: Array, random: np.random.Generator
) -> Array:
    """(M, N) chances of leading if each lab goes on with improvements and waits of its own past."""
    span = float(months.max()) / 12 * YEAR
    best = np.full((FUTURES, len(months), len(scores.labs)), -np.inf)
    for i in range(len(scores.labs)):
        own = np.flatnonzero((scores.lab == i) & (scores.dates <= day))
        if not len(own):
            continue
        best[:, :, i] = scores.score[own[-1]]
        waits = np.diff(scores.dates[own]) / np.timedelta64(1, "D")
        steps = np.diff(scores.score[own])
        if not len(own) > 1:
            continue
        count = int(2 * span / max(waits.mean(), 1.0)) + 10
        chosen = random.integers(len(waits), size=(FUTURES, count))
        since = (day - scores.dates[own[-1]]) / np.timedelta64(1, "D")
        when = np.cumsum(waits[chosen], axis=1) - np.minimum(since, waits[chosen[:, :1]])
        grown = np.cumsum(steps[chosen], axis=1)
        for m, after in enumerate(months):
            until = (when <= after / 12 * YEAR).sum(axis=1)
            gain = np.where(until > 0, grown[np.arange(FUTURES), np.maximum(until - 1, 0)], 0.0)
            best[:, m, i] += gain
    first = best == best.max(axis=2, keepdims=True)
    return np.asarray((first / first.sum(axis=2, keepdims=True)).mean(axis=0))
