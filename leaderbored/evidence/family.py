"""What the races of an atlas share: the market, the compute of the two labs, and which equilibria.

Compute of labs is nowhere published. The table of accelerators says who owns how many, which is not
who trains with them: the ratio of two owners is a scenario of the two labs' compute, and a fit
under it says what would follow if it held.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from leaderbored.evidence.boards import table
from leaderbored.games.markov import Array
from leaderbored.race import ClearingMarket, Lab, Race, ScarceMarket, Technology

RUNGS, DISCOUNT, RETURNS, SWITCHING, LEAPFROG = 16, 0.2, 0.5, 0.5, 0.5
MARKETS = {"scarce": ScarceMarket, "clearing": ClearingMarket}


@dataclass(frozen=True)
class Family:
    """What the races of an atlas share.

    Attributes
    ----------
    market : {"scarce", "clearing"}, default "scarce"
    compute : tuple of two float, default (1, 1)
        Of the labs.
    all : bool, default False
        Whether every equilibrium of a race that a search finds is a hypothesis of its own.
    scenario : str, default ""
        Where the compute comes from.

    Raises
    ------
    ValueError
        If the market is none of these, or compute is not positive.
    """

    market: str = "scarce"
    compute: tuple[float, float] = (1.0, 1.0)
    all: bool = False
    scenario: str = ""

    def __post_init__(self) -> None:
        if self.market not in MARKETS:
            raise ValueError(f"market: {self.market!r}: expected one of {', '.join(MARKETS)}")
        if not all(0 < each < np.inf for each in self.compute):
            raise ValueError(f"compute: {self.compute}: expected positive numbers")

    @property
    def about(self) -> str:
        """It in a sentence or two.

        Examples
        --------
        >>> EQUAL.about
        'Two labs with equal compute and a scarce market; of each race one equilibrium, the one
        found first, from idle compute on, and others were not looked for.'
        """
        first, second = self.compute
        labs = (
            "equal compute"
            if first == second
            else f"compute as {first:.3g} to {second:.3g} ({self.scenario or 'assumed'})"
        )
        which = (
            "of each race every equilibrium that a search from many starts finds"
            if self.all
            else "of each race one equilibrium, the one found first, from idle compute on, and "
            "others were not looked for"
        )
        return f"Two labs with {labs} and a {self.market} market; {which}."

    def race(self, **numbers: float) -> Race:
        """A race with some numbers of the grid: productivity, handicap, scarcity.

        Switching, leapfrog, flywheel and drafting may be given too.

        Examples
        --------
        >>> EQUAL.race(productivity=2.0, handicap=0.1, scarcity=0.6).rungs
        16
        """
        market = MARKETS[self.market]
        return Race(
            tuple(Lab(name, own) for name, own in zip("AB", self.compute, strict=True)),
            market(numbers["scarcity"], switching=numbers.get("switching", SWITCHING)),
            Technology(
                numbers["productivity"],
                returns=RETURNS,
                handicap=numbers["handicap"],
                leapfrog=numbers.get("leapfrog", LEAPFROG),
                flywheel=numbers.get("flywheel", 0.0),
                drafting=numbers.get("drafting", 0.0),
            ),
            discount=DISCOUNT,
            rungs=RUNGS,
        )

    def solve(self, races: Sequence[Race]) -> list[list[Array]]:
        """Shares (2, S) that build, by signed lead, of each equilibrium of each race.

        A race of which none is found has an empty list.

        Examples
        --------
        >>> race = EQUAL.race(productivity=2.0, handicap=0.1, scarcity=0.6)
        >>> [builds] = EQUAL.solve([race])
        >>> len(builds), builds[0].shape
        (1, (2, 33))
        """
        if not self.all:
            return _by_kernels(races)
        return [_one_by_one(race, all=True) for race in races]


EQUAL = Family()


def _by_kernels(races: Sequence[Race]) -> list[list[Array]]:
    from leaderbored.solvers.kernels.batch import SOLVED, solve_rows
    from leaderbored.solvers.kernels.rows import row_of

    found = solve_rows(np.array([row_of(race) for race in races]), RUNGS)
    return [
        [build] if status == SOLVED else _one_by_one(race, all=False)
        for race, status, build in zip(races, found.status, found.build, strict=True)
    ]


def _one_by_one(race: Race, *, all: bool) -> list[Array]:
    from leaderbored.solvers import solve
    from leaderbored.solvers.markov import UNPROVED

    return [_by_lead(race, each.build) for each in solve(race, UNPROVED, all=all).equilibria]


def _by_lead(race: Race, build: Array) -> Array:
    """Shares by signed lead, given by state."""
    states, _ = race.board()
    made = np.empty((2, len(states)))
    made[:, race.rungs + states[:, 1] - states[:, 0]] = build[:2]
    return made


def owners(first: str, second: str) -> Family:
    """The scenario that two labs' compute is as the accelerators of two owners.

    Parameters
    ----------
    first, second : str
        Owners in the table of accelerators; their last quarter in common counts.

    Raises
    ------
    ValueError
        If one is not in the table, or they are the same.

    Source: Epoch AI, AI chip sales (CC BY 4.0).

    Examples
    --------
    >>> made = owners("Google", "Microsoft")
    >>> made.compute, made.scenario
    ((1.0, 0.607...), 'accelerators that Google and Microsoft owned at the end of 2026-03')
    """
    rows = table("accelerators.csv")
    known = tuple(dict.fromkeys(row["owner"] for row in rows))
    for name in (first, second):
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            guess = f"; did you mean {close[0]}?" if close else ""
            raise ValueError(f"owner {name}: expected one of {', '.join(known)}{guess}")
    if first == second:
        raise ValueError(f"owner {first}: expected two different ones")
    stock = [
        {row["end"]: float(row["h100e"]) for row in rows if row["owner"] == name}
        for name in (first, second)
    ]
    end = max(stock[0].keys() & stock[1].keys())
    what = f"accelerators that {first} and {second} owned at the end of {end[:7]}"
    return Family(compute=(1.0, stock[1][end] / stock[0][end]), scenario=what)
