"""Thousands of leaderboards over decades, event by event and exactly.

The direct method (Gillespie, J. Physical Chemistry 81, 1977), all paths side by side: each waits an
exponential time for its next success, and the lab is drawn in proportion to its hazard. Nothing is
rounded to a time step; the grid of times only says when to look.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov, States
from leaderbored.motion.impulse import ranks
from leaderbored.motion.lead import opened
from leaderbored.race import Race, landings, leads
from leaderbored.shown import Shown
from leaderbored.solvers import Solution
from leaderbored.solvers.markov.compiled import income
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.verdicts.advances import succession
from leaderbored.verdicts.law import Law

if TYPE_CHECKING:
    import xarray

WARM = 30.0  # frontier advances before the first that is counted, so that somebody leads
EVENTS = 10_000.0  # that happen meanwhile, at most, wherever play may end
MOST = 200_000_000  # of paths times dates


class Estimate(NamedTuple):
    """A mean over paths, its standard error, and the exact number where it is known."""

    mean: float
    error: float
    exact: float | None = None


@dataclass(frozen=True, eq=False)
class Leaderboards(Shown):
    """Simulated histories of a race: P paths, T dates, N labs.

    Attributes
    ----------
    name : str
        Title of the race.
    labs : tuple of str
    times : (T,) array
        Years.
    state : (P, T) int array
        Index of the state.
    frontier : (P, T) int array
        Advances of the frontier since the start.
    estimates : dict of str to Estimate
        Means over time and paths, of whole histories and not of the dates alone: "mean lead"
        (rungs), "advances a year", "lead changes a year", "repeat win", and "X leads" (share of
        time) for each lab. Exact numbers where paths start from the long-run law.
    seed : int
    """

    name: str
    labs: tuple[str, ...]
    times: Array
    state: NDArray[np.int32]
    frontier: NDArray[np.int32]
    estimates: dict[str, Estimate]
    seed: int
    tables: dict[str, Array]

    @property
    def paths(self) -> int:
        """Number of paths P."""
        return len(self.state)

    @property
    def headline(self) -> str:
        """One sentence: how long leads last, and who leads."""
        changes = self.estimates["lead changes a year"]
        return (
            f"{self.paths:,} paths of {self.times[-1]:.3g} years: the lead changes hands "
            f"{changes.mean:.3g} ± {changes.error:.1g} times a year."
        )

    def rung(self, path: int) -> Array:
        """(T, N) rungs of a path, those of the frontier at the start being 0."""
        return np.asarray(self.frontier[path][:, None] - self.tables["behind"][self.state[path]])

    @cached_property
    def dataset(self) -> xarray.Dataset:
        """An :class:`xarray.Dataset` over (path, time, lab): rung, rank, build, revenue, compute.

        Ranks of labs that are tied are the mean of theirs. Rungs of labs that are farther behind
        than the race tells apart are those at the cap.
        """
        import xarray

        shape = (*self.state.shape, len(self.labs))
        dims = ("path", "time", "lab")
        rung = self.frontier[:, :, None] - self.tables["behind"].astype(np.int32)[self.state]
        values = {
            "rung": (rung, "rungs"),
            "rank": (self.tables["rank"].astype(np.float32)[self.state], "places"),
            "build": (self.tables["build"].astype(np.float32)[self.state], "share of compute"),
            "revenue": (self.tables["revenue"].astype(np.float32)[self.state], "money/year"),
            "compute": (np.broadcast_to(self.tables["compute"], shape), "compute"),
        }
        return xarray.Dataset(
            {name: (dims, data, {"units": unit}) for name, (data, unit) in values.items()},
            coords={
                "path": np.arange(self.paths),
                "time": ("time", self.times, {"units": "years"}),
                "lab": list(self.labs),
            },
            attrs={"title": self.name, "seed": self.seed},
        )


@unthreaded
def leaderboards(
    solution: Solution,
    years: float = 20.0,
    paths: int = 1_000,
    *,
    seed: int = 1,
    start: str | None = None,
    every: float = 1 / 12,
    equilibrium: int = 0,
) -> Leaderboards:
    """Simulate many leaderboards.

    Parameters
    ----------
    solution : Solution
        Of a race of N labs and S states.
    years : float, default 20
        Length of each history; positive.
    paths : int, default 1000
        P.
    seed : int, default 1
        Of numpy's PCG64 generator; the same seed gives the same histories.
    start : str, optional
        Where the leaderboards stand at first, as "A ahead by 3" or "tied"; by default each is drawn
        from the long-run law.
    every : float, default 1/12
        Years between the dates that are kept.
    equilibrium : int, default 0
        Which of the solution's.

    Returns
    -------
    Leaderboards

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If there is no such start or equilibrium, or a number is out of its range.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> boards = lb.leaderboards(lb.solve(race), years=10, paths=500)
    >>> found = boards.estimates["A leads"]
    >>> abs(found.mean - found.exact) < 4 * found.error
    True
    """
    race, chosen, law, state = opened(solution, start, years, equilibrium)
    if paths < 1 or not every > 0 or paths * (years / every + 1) > MOST:
        raise ValueError(
            f"paths: {paths}, every: {every:g}; expected 1 or more paths, a positive time "
            f"between dates, and at most {MOST:,} dates in all"
        )
    game: Markov = chosen.game
    build, labs = chosen.build, len(race.labs)
    times: Array = every * np.arange(np.floor(years / every + 1e-9) + 1)
    boards = _Boards(race, game, game.hazard(build), np.random.default_rng(seed))
    exact: dict[str, float | None] = {}
    if start is None:
        exact = _exact(race, game, game.hazard(build), law)
        boards.put(boards.random.choice(len(law.weight), size=paths, p=law.weight))
        rate = exact["advances a year"] or 0.0
        if rate > 0:
            boards.run(np.array([_warm(law, game.hazard(build), rate)]))
            boards.forget()
    else:
        boards.put(np.full(paths, state))
    kept = boards.run(np.append(times, years))
    return Leaderboards(
        name=race.name,
        labs=game.players[:labs],
        times=times,
        state=kept[0][:, :-1],
        frontier=kept[1][:, :-1],
        estimates=boards.estimates(years, exact),
        seed=seed,
        tables={
            "behind": game.states.astype(float),
            "rank": ranks(game.states),
            "build": build[:labs].T,
            "revenue": income(race, chosen)[:labs].T,
            "compute": race.compute,
        },
    )


def _warm(law: Law, hazard: Array, rate: float) -> float:
    """Years before the first that is counted, at a rate of advances in the long run; 1/year.

    Where play ends in a busy place by a rare chance, all others advance next to never.

    Examples
    --------
    >>> import scipy.sparse as sp
    >>> from leaderbored.verdicts import stationary
    >>> law = stationary(sp.csr_array([[0.0, 1e-4, 1.0], [0.0] * 3, [0.0] * 3]))
    >>> hazard = np.array([[1.0, 5.0, 0.0]])  # five advances a year, one time in ten thousand
    >>> _warm(law, hazard, 5e-4), _warm(law, hazard, 5.0)
    (2000.0, 6.0)
    """
    busiest = max(
        float(within @ hazard.sum(axis=0)[members])
        for members, within in zip(law.classes, law.within, strict=True)
    )
    return min(WARM / rate, EVENTS / busiest) if busiest > 0 else WARM / rate


def _exact(race: Race, game: Markov, hazard: Array, law: Law) -> dict[str, float | None]:
    """The same numbers from the long-run law."""
    lead, leader = leads(game.states)
    made = succession(race, game, hazard, law.never).under(law.weight)
    share = {
        f"{n} leads": law.mean(1.0 * (leader == i))
        for i, n in enumerate(game.players[: len(race.labs)])
    }
    return {
        "mean lead": law.mean(lead.astype(float)),
        "advances a year": made.rate,
        "lead changes a year": made.changes,
        "repeat win": made.repeats / made.rate if made.rate > 0 else None,
        **share,
    }


class _Boards:
    """P leaderboards in motion, and what is counted on the way."""

    def __init__(
        self, race: Race, game: Markov, hazard: Array, random: np.random.Generator
    ) -> None:
        self.labs, self.random = game.players[: len(race.labs)], random
        self.total = hazard.sum(axis=0)
        safe = np.where(self.total > 0, self.total, 1.0)
        self.ladder = np.cumsum(hazard / safe, axis=0).T  # (S, N)
        self.lead, self.leader = leads(game.states)
        self.first, self.second = (np.zeros(hazard.shape, dtype=np.int64) for _ in range(2))
        self.chance = np.zeros(hazard.shape)
        for player in range(len(race.labs), len(hazard)):  # nature, which puts nobody ahead
            self.second[player] = game.jump[player].indices
        for lab in range(len(race.labs)):
            above, one_up = landings(game.states, race.rungs, lab)
            self.first[lab], self.second[lab] = above, one_up
            self.chance[lab] = np.where(game.states[:, lab] == 0, 1.0, race.technology.leapfrog)

    def put(self, states: States) -> None:
        """Set up the leaderboards; who leads alone is who advanced last."""
        self.state = states.astype(np.int64)
        self.holder = self.leader[self.state].copy()
        self.forget()

    def forget(self) -> None:
        """Start time, frontier and counters anew, the leaderboards as they are."""
        size = len(self.state)
        self.since = np.zeros(size)
        self.frontier = np.zeros(size, dtype=np.int64)
        self.advances, self.changes = np.zeros(size), np.zeros(size)
        self.in_lead = np.zeros((size, len(self.labs)))
        self.led = np.zeros(size)
        self.next = self._wait(np.arange(size))

    def _wait(self, who: States) -> Array:
        total = self.total[self.state[who]]
        draws = self.random.exponential(size=len(who))
        return np.where(total > 0, draws / np.where(total > 0, total, 1.0), np.inf)

    def run(self, times: Array) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """States and frontiers (P, T) at some times."""
        kept = np.zeros((2, len(self.state), len(times)), dtype=np.int32)
        for k, time in enumerate(times):
            while len(late := np.flatnonzero(self.next <= time)):
                self._spend(late, self.next[late])
                self._succeed(late)
                self.next[late] += self._wait(late)
            kept[0, :, k], kept[1, :, k] = self.state, self.frontier
        self._spend(np.arange(len(self.state)), np.full(len(self.state), times[-1]))
        return kept[0], kept[1]

    def _spend(self, who: States, until: Array) -> None:
        stay, here = until - self.since[who], self.state[who]
        self.led[who] += stay * self.lead[here]
        led = self.leader[here] >= 0
        self.in_lead[who[led], self.leader[here][led]] += stay[led]
        self.since[who] = until

    def _succeed(self, who: States) -> None:
        here = self.state[who]
        draw = self.random.random(len(who))[:, None]
        lab = np.minimum((draw >= self.ladder[here]).sum(axis=1), len(self.chance) - 1)
        advance = self.random.random(len(who)) < self.chance[lab, here]
        self.state[who] = np.where(advance, self.first[lab, here], self.second[lab, here])
        ahead, winner = who[advance], lab[advance]
        self.frontier[ahead] += 1
        self.advances[ahead] += 1
        self.changes[ahead] += (self.holder[ahead] >= 0) & (self.holder[ahead] != winner)
        self.holder[ahead] = winner

    def estimates(self, years: float, exact: dict[str, float | None]) -> dict[str, Estimate]:
        """Means over paths with their standard errors."""
        rows = {
            "mean lead": self.led / years,
            "advances a year": self.advances / years,
            "lead changes a year": self.changes / years,
        }
        for i, name in enumerate(self.labs):
            rows[f"{name} leads"] = self.in_lead[:, i] / years
        paths = len(self.state)
        root = float(np.sqrt(paths))
        found = {
            name: Estimate(float(row.mean()), _spread(row) / root, exact.get(name))
            for name, row in rows.items()
        }
        advances = float(self.advances.mean())
        if advances > 0:
            share = 1 - float(self.changes.mean()) / advances
            off = (self.advances - self.changes) - share * self.advances  # of the ratio
            error = _spread(off) / advances / root
            found["repeat win"] = Estimate(share, error, exact.get("repeat win"))
        return found


def _spread(row: Array) -> float:
    return float(row.std(ddof=1)) if len(row) > 1 else float("nan")
