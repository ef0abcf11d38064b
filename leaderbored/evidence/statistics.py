r"""What a board's history says, each number with its error.

Intervals cover 90%. Lead changes are counted as a Poisson process, whose interval is exact
(Garwood, Biometrika 28, 1936). Half of the spells at the top are over by Kaplan and Meier's median
(Journal of the American Statistical Association 53, 1958), by lifelines. The error of the mean lead
allows for the weeks' dependence on one another (Newey and West, Econometrica 55, 1987), by
statsmodels. Half-lives: of a deviation of the lead from its mean, by an autoregression over steps
of one and of four weeks, and, where the lead is measured anew at each date, by the exact likelihood
of an Ornstein-Uhlenbeck process.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2, norm

from leaderbored.evidence.boards import WEEK, Board
from leaderbored.games.markov import Array

COVERAGE = 0.9
FEWEST = 4  # weeks from which there is an error
QUARTER = 13  # weeks that errors of the mean lead may depend on one another
RATES = (1e-4, 3.0)  # of mean reversion, a day


@dataclass(frozen=True)
class Interval:
    """An estimate with the interval that covers 90%.

    Attributes
    ----------
    at, low, high : float
        Not a number where there is none.
    """

    at: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Survey:
    """A board's history in numbers.

    Attributes
    ----------
    board : Board
    rate : Interval
        Lead changes a year.
    median : Interval
        Days after which half of the spells are over.
    mean_lead : Interval
        Over time, in the board's unit.
    median_lead, largest : float
    half_lives : dict of str to Interval
        Days, by method; infinite where no reversion is found.
    """

    board: Board
    rate: Interval
    median: Interval
    mean_lead: Interval
    median_lead: float
    largest: float
    half_lives: dict[str, Interval]


def survey(board: Board) -> Survey:
    """The history of a board in numbers, each with its error.

    Parameters
    ----------
    board : Board

    Source: see the head of this module.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> found = survey(board("eci"))
    >>> [round(x, 2) for x in (found.rate.low, found.rate.at, found.rate.high)]
    [1.73, 3.08, 5.1]
    """
    lead = board.lead_at(board.weeks())
    lives = {f"autoregression, {k} week{'s' * (k > 1)}": autoregression(board, k) for k in (1, 4)}
    if board.measured:
        lives["Ornstein-Uhlenbeck"] = ornstein_uhlenbeck(board)
    return Survey(
        board,
        rate_of_change(board.changes, board.years),
        median_spell(board),
        _mean(lead),
        float(np.median(lead)),
        float(board.lead.max()),
        lives,
    )


def rate_of_change(changes: int, years: float) -> Interval:
    """Changes a year, with Garwood's exact interval.

    Examples
    --------
    >>> found = rate_of_change(0, 2.0)
    >>> found.low, round(found.high, 3)  # ln(20) / 2
    (0.0, 1.498)
    """
    if not years > 0:
        return Interval(math.nan, math.nan, math.nan)
    tail = (1 - COVERAGE) / 2
    low = float(chi2.ppf(tail, 2 * changes) / 2) if changes else 0.0
    high = float(chi2.ppf(1 - tail, 2 * changes + 2) / 2)
    return Interval(changes / years, low / years, high / years)


def median_spell(board: Board) -> Interval:
    """Days after which half of the spells are over, by Kaplan and Meier.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> median_spell(board("eci")).at
    72.0
    """
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    days = [max(spell.days, 0.5) for spell in board.spells]
    fitted = KaplanMeierFitter(alpha=1 - COVERAGE).fit(days, [s.ended for s in board.spells])
    low, high = np.asarray(median_survival_times(fitted.confidence_interval_))[0]
    return Interval(float(fitted.median_survival_time_), float(low), float(high))


def autoregression(board: Board, weeks: int) -> Interval:
    r"""Half-life of a deviation of the lead by least squares over steps of some weeks; days.

    The lead after a step is :math:`c + \varphi` times the lead before; the half-life is the step
    times :math:`\ln(1/2) / \ln \varphi`. The interval is that of :math:`\varphi`.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> round(autoregression(board("arena"), 1).at)
    18
    """
    from statsmodels.api import OLS, add_constant

    lead, step = board.lead_at(board.weeks()[::weeks]), WEEK * weeks
    if len(lead) < FEWEST or np.ptp(lead[:-1]) == 0:
        return Interval(math.nan, math.nan, math.nan)
    fit = OLS(lead[1:], add_constant(lead[:-1], has_constant="add")).fit()
    phi, error = float(fit.params[-1]), float(fit.bse[-1])
    wide = float(norm.ppf((1 + COVERAGE) / 2)) * error
    return Interval(*(_life(value, step) for value in (phi, phi - wide, phi + wide)))


def ornstein_uhlenbeck(board: Board) -> Interval:
    r"""Half-life of a deviation, by the exact likelihood at the dates of measurement; days.

    Given the rate k, a step of d days is normal with mean :math:`m + (x - m) e^{-kd}` and variance
    in proportion to :math:`1 - e^{-2kd}`; m and the variance are worked out, k is searched for. The
    interval is where twice the log likelihood is within the quantile of chi squared.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> round(ornstein_uhlenbeck(board("arena")).at)
    12
    """
    days = (board.dates - board.dates[0]) / np.timedelta64(1, "D")
    step, lead = np.diff(days), board.lead
    low, high = np.log(RATES)

    def missing(log_rate: float) -> float:
        return _deviance(math.exp(log_rate), step, lead)

    best = minimize_scalar(missing, bounds=(low, high), method="bounded", options={"xatol": 1e-8})
    limit = float(best.fun + chi2.ppf(COVERAGE, 1))
    ends = []
    for end in (high, low):  # the fastest rate is the shortest half-life
        crossed = missing(end) > limit
        rate = brentq(lambda x: missing(x) - limit, best.x, end) if crossed else end
        inside = math.inf if end == low else 0.0
        ends.append(math.log(2) / math.exp(rate) if crossed else inside)
    return Interval(math.log(2) / math.exp(best.x), *ends)


def _deviance(rate: float, step: Array, lead: Array) -> float:
    """Minus twice the log likelihood at the best mean and variance."""
    kept = np.exp(-rate * step)
    spread = -np.expm1(-2 * rate * step)
    pull, moved = 1 - kept, lead[1:] - kept * lead[:-1]
    mean = float((pull * moved / spread).sum() / (pull**2 / spread).sum())
    variance = float(((moved - pull * mean) ** 2 / spread).mean())
    return float(len(step) * math.log(variance) + np.log(spread).sum())


def _life(phi: float, step: float) -> float:
    """Half-life of what is multiplied by phi in each step."""
    if phi >= 1:
        return math.inf
    return step * math.log(0.5) / math.log(phi) if phi > 0 else 0.0


def _mean(lead: Array) -> Interval:
    from statsmodels.api import OLS

    if len(lead) < FEWEST:
        return Interval(float(lead.mean()), math.nan, math.nan)
    lags = min(QUARTER, max(len(lead) // 4, 1))
    fit = OLS(lead, np.ones(len(lead))).fit(cov_type="HAC", cov_kwds={"maxlags": lags})
    wide = float(norm.ppf((1 + COVERAGE) / 2) * fit.bse[0])
    mean = float(fit.params[0])
    return Interval(mean, mean - wide, mean + wide)
