r"""Does a longer lead protect? The hazard of losing the lead, by its length and its age.

Each week in which somebody leads is one observation: the lead over the board's mean lead z, the age
of the spell, and whether the lead is lost within the week. The hazard is :math:`\exp(a_\text{board}
+ b z + c \ln(\text{age}))` a week (a generalised linear model with the complementary log-log link,
by statsmodels), with errors clustered by spell (Liang and Zeger, Biometrika 73, 1986). :math:`e^b`
is what a mean lead more does to the hazard.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from leaderbored.evidence.boards import WEEK, Board, table
from leaderbored.evidence.statistics import COVERAGE, Interval
from leaderbored.games.markov import Array

FEWEST = 3  # leads lost, from which a hazard is told,
LOOSE = 20.0  # unless its logarithm has a larger error
UNTOLD = "hazards: too few leads were lost to tell"
MIDDLES = {"<0.25x mean": 0.125, "0.25-0.5x": 0.375, "0.5-1x": 0.75, "1-1.5x": 1.25, ">1.5x": 2.0}


@dataclass(frozen=True, eq=False)
class Hazards:
    """Hazard of losing the lead.

    Attributes
    ----------
    boards : tuple of str
        On which.
    weeks, events : int
        Weeks looked at, and of them those in which the lead was lost.
    by_lead : Interval
        What one mean lead more multiplies the hazard by.
    by_age : Interval
        What a doubling of the spell's age multiplies it by; not a number where it was not asked
        for.
    p_value : float
        Of the hypothesis that the lead does not matter; two-sided.
    errors : str
        How they were found.
    """

    boards: tuple[str, ...]
    weeks: int
    events: int
    by_lead: Interval
    by_age: Interval
    p_value: float
    errors: str


def hazards(boards: Sequence[Board]) -> Hazards:
    """Hazard of losing the lead, by its length and its age.

    Parameters
    ----------
    boards : sequence of Board
        Each has a hazard of its own at a lead of zero.

    Raises
    ------
    ValueError
        If there is no board, or too few leads were lost on them to tell.

    Source: see the head of this module.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> found = hazards([board("arena"), board("eci")])
    >>> found.events, found.by_lead.at < 1
    (22, True)
    """
    from statsmodels.api import GLM
    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.families.links import CLogLog
    from statsmodels.tools.sm_exceptions import PerfectSeparationError

    panels = [_panel(board, k) for k, board in enumerate(boards)]
    if not panels or sum(panel[:, 2].sum() for panel in panels) < FEWEST:
        raise ValueError(f"hazards: expected boards on which the lead was lost {FEWEST} times")
    z, age, lost, spell, home = np.concatenate(panels).T
    own = (home[:, None] == np.arange(len(boards))).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what does not converge has no finite error, and says so
        model = GLM(lost, np.column_stack([z, np.log(age), own]), Binomial(CLogLog()))
        try:
            fit = model.fit(cov_type="cluster", cov_kwds={"groups": spell.astype(int)})
        except (np.linalg.LinAlgError, PerfectSeparationError, ZeroDivisionError):
            raise ValueError(UNTOLD) from None
    if not (fit.bse[:2] < LOOSE).all():
        raise ValueError(UNTOLD)
    return Hazards(
        tuple(board.name for board in boards),
        len(lost),
        int(lost.sum()),
        _ratio(fit, 0, 1.0),
        _ratio(fit, 1, math.log(2)),
        float(fit.pvalues[0]),
        "clustered by spell",
    )


def pooled() -> Hazards:
    """The same of eight boards pooled, from the shipped counts by classes of the lead.

    A Poisson regression of the counts on the middles of their classes; without the spells, which
    are not shipped, weeks of one spell count as independent, so that the error is too small.

    Examples
    --------
    >>> found = pooled()
    >>> found.weeks, found.events, round(found.by_lead.at, 2)
    (1037, 74, 0.39)
    """
    from statsmodels.api import GLM, add_constant
    from statsmodels.genmod.families import Poisson

    rows = table("hazard_by_lead.csv")
    z = np.array([MIDDLES[row["z"]] for row in rows])
    weeks, events = (np.array([float(row[key]) for row in rows]) for key in ("weeks", "events"))
    fit = GLM(events, add_constant(z)[:, ::-1], Poisson(), exposure=weeks).fit()
    return Hazards(
        ("eight boards",),
        int(weeks.sum()),
        int(events.sum()),
        _ratio(fit, 0, 1.0),
        Interval(math.nan, math.nan, math.nan),
        float(fit.pvalues[0]),
        "independent weeks",
    )


def _ratio(fit: object, place: int, scale: float) -> Interval:
    """What a coefficient, so many times, multiplies the hazard by."""
    at, error = (scale * float(getattr(fit, name)[place]) for name in ("params", "bse"))
    wide = float(norm.ppf((1 + COVERAGE) / 2)) * error
    with np.errstate(over="ignore"):
        return Interval(*np.exp([at, at - wide, at + wide]).tolist())


def _panel(board: Board, number: int) -> Array:
    """Weeks at the top: lead over its mean, age in weeks, whether it was lost, spell, board."""
    mean = float(np.nanmean(board.lead_at(board.weeks()))) or 1.0  # of labs that are always level
    rows = []
    for k, spell in enumerate(board.spells):
        for day in np.arange(spell.start, max(spell.end, spell.start + 1), WEEK):
            lost = spell.ended and day + WEEK >= spell.end
            if not lost and day + WEEK > spell.end:
                continue  # a week that is not over
            lead = float(board.lead_at(np.array([day]))[0])
            if math.isfinite(lead):
                age = (day - spell.start) / np.timedelta64(WEEK, "D") + 0.5
                rows.append((lead / mean, age, float(lost), 1000 * number + k, number))
    return np.array(rows, dtype=float).reshape(-1, 5)
