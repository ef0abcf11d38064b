"""Does the lab ahead build with the smaller share of its compute? The spending split says little.

A race in which the leader has more to sell has it build less than who is behind. What labs spent on
research and on inference is known of few labs in few years, from reports, estimates and projections
of the press; each year in which two labs of a race have both figures is one pair, held against the
shares of the race's equilibrium. With so few pairs no outcome could reject anything, and the
smallest p-value that there could be is told beside that of the outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import binomtest

from leaderbored.evidence.boards import WEEK, table
from leaderbored.evidence.scores import Scores
from leaderbored.solvers import Solution
from leaderbored.verdicts.profile import by_lab

BUILDS = ("R&D compute", "training, forecast")  # items of the table, in order of preference
SELLS = ("inference compute", "inference, forecast")
TOTAL = "total compute"
LEVEL = 0.05


@dataclass(frozen=True)
class Split:
    """What share of a lab's compute built in a year.

    Attributes
    ----------
    share : float
    status : str
        How each of the two figures is known.
    """

    share: float
    status: str


@dataclass(frozen=True)
class Pair:
    """Two labs in a year.

    Attributes
    ----------
    year : int
    ahead, behind : str
        The lab that stood higher in more weeks of the year, and the other.
    observed : tuple of two Split
        Of the lab ahead, and of the other.
    race : tuple of two float
        Mean share of the one when it leads and of the other when it is behind, in the race; not a
        number where it never is.
    """

    year: int
    ahead: str
    behind: str
    observed: tuple[Split, Split]
    race: tuple[float, float]

    @property
    def less(self) -> bool:
        """Whether the lab ahead built with the smaller share."""
        return self.observed[0].share < self.observed[1].share

    @property
    def agrees(self) -> bool:
        """Whether the race says the same."""
        return self.less == (self.race[0] < self.race[1])


@dataclass(frozen=True)
class Spending:
    """Shares of building by rank, pair by pair."""

    pairs: tuple[Pair, ...] = ()

    @property
    def p_value(self) -> float:
        """Two-sided, of as many pairs that agree with the race, were each a coin; 1 without any."""
        return self._p(sum(pair.agrees for pair in self.pairs))

    @property
    def least(self) -> float:
        """The smallest p-value that any outcome could have."""
        return self._p(len(self.pairs))

    def _p(self, count: int) -> float:
        return float(binomtest(count, len(self.pairs)).pvalue) if self.pairs else 1.0

    @property
    def sentence(self) -> str:
        """What it says, in a sentence."""
        count = len(self.pairs)
        if not count:
            return (
                "Share of compute that builds, by rank: cannot be told, as no two labs of the race "
                "have known spending in the same year."
            )
        less, agree = (sum(flags) for flags in zip(*self._flags, strict=True))
        what = "pair" if count == 1 else "pairs"
        end = (
            f"; {count} {what} can have no p-value under {self.least:.2g}, so that this is no test"
        )
        end = end if self.least > LEVEL else ""
        return (
            f"Share of compute that builds: the lab ahead had the smaller in {less} of {count} "
            f"{what} of labs in a year, and {agree} of {count} went as the race has it "
            f"(p = {self.p_value:.2g}){end}."
        )

    @property
    def _flags(self) -> list[tuple[bool, bool]]:
        return [(pair.less, pair.agrees) for pair in self.pairs]


def splits(rows: Sequence[Mapping[str, str]] | None = None) -> dict[tuple[str, int], Split]:
    """Share of compute that built, by lab and year, where both figures are known.

    Parameters
    ----------
    rows : sequence of mapping, optional
        With company, year, item, usd_bn and status; the shipped table by default.

    Source: Epoch AI (CC BY 4.0) and press, as each row of the table says.

    Examples
    --------
    >>> {key: round(split.share, 2) for key, split in splits().items()}
    {('OpenAI', 2024): 0.74, ('OpenAI', 2025): 0.51, ('OpenAI', 2026): 0.69, ('Anthropic', 2024):
    0.6, ('Anthropic', 2025): 0.6}
    """
    rows = table("compute_split.csv") if rows is None else rows
    found: dict[tuple[str, int], Split] = {}
    for key in dict.fromkeys((row["company"], int(row["year"])) for row in rows):
        here = {
            row["item"]: (float(row["usd_bn"]), row["status"])
            for row in rows
            if (row["company"], int(row["year"])) == key
        }
        build = next((here[item] for item in BUILDS if item in here), None)
        sell = next((here[item] for item in SELLS if item in here), None)
        if build and not sell and TOTAL in here:
            sell = here[TOTAL][0] - build[0], here[TOTAL][1]
        if build and sell and build[0] + sell[0] > 0:
            found[key] = Split(build[0] / (build[0] + sell[0]), f"{build[1]}; {sell[1]}")
    return found


def spending(solution: Solution, scores: Scores) -> Spending:
    """Shares of building by rank, held against a race.

    Parameters
    ----------
    solution : Solution
        Of a race; its first equilibrium counts.
    scores : Scores
        Which lab is ahead in a year, with names of labs as in the race.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.evidence.boards import board
    >>> from leaderbored.evidence.forecast import seen
    >>> race = lb.Race([lb.Lab("OpenAI", 1), lb.Lab("Anthropic", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=5)
    >>> found = spending(lb.solve(race), seen(board("eci")))
    >>> [(pair.year, pair.ahead, pair.less) for pair in found.pairs]
    [(2024, 'OpenAI', False), (2025, 'OpenAI', True)]
    """
    names = [lab.name for lab in solution.game.labs]
    profile = dict(zip(names, by_lab(solution, solution.equilibria[0]), strict=True))
    known, pairs = splits(), []
    for one, other in combinations(names, 2):
        for year in sorted(year for lab, year in known if lab == one and (other, year) in known):
            first = _first(scores, one, other, year)
            if first is None:
                continue
            second = other if first == one else one
            pairs.append(
                Pair(
                    year,
                    first,
                    second,
                    (known[first, year], known[second, year]),
                    (profile[first].ahead, profile[second].behind),
                )
            )
    return Spending(tuple(sorted(pairs, key=lambda pair: (pair.year, pair.ahead, pair.behind))))


def _first(scores: Scores, one: str, other: str, year: int) -> str | None:
    """Which of two labs stood higher in more weeks of a year; None if none, or as many."""
    if not {one, other} <= set(scores.labs):
        return None
    days, best = scores.standing()
    weeks = np.arange(np.datetime64(f"{year}-01-01"), np.datetime64(f"{year + 1}-01-01"), WEEK)
    row = np.searchsorted(days, weeks, side="right") - 1
    here = best[row[(row >= 0) & (weeks <= days[-1])]]
    a, b = (here[:, scores.labs.index(name)] for name in (one, other))
    more = int((a > b).sum()) - int((b > a).sum())
    return None if more == 0 else one if more > 0 else other
