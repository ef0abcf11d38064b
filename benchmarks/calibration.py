"""What searches for every equilibrium miss, on races whose whole list is proved.

Run with: python -m benchmarks.calibration [--races 300] [--seed 1] [--steps 3000000]

Races of two labs with three to eight rungs are drawn: half over a box, of which most have one
equilibrium, and half next to races that are known to have several, at distances at which folds are
crossed. Each is searched as usual, and then its list is proved; what the search has missed is found
by the proof, and the longer list proved. That takes some seconds of one core for each race.

To see what is said where much is missed, the policies from which a search sets out are drawn anew,
few at a time, and what these few lead to is held against the whole list.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import product
from time import process_time
from typing import Any

import numpy as np
from scipy.stats import beta

import leaderbored as lb
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.hunt import most_others
from leaderbored.solvers.markov.pool import Searched
from leaderbored.solvers.markov.search import Search

FEW, AGAIN = (10, 40, 160), 20  # policies that are drawn anew, and how often
APART = 0.05  # how far the numbers of a race are from those of one known to have several equilibria


@dataclass(frozen=True)
class Numbers:
    """Of a race of two labs on a scarce market, the second with so much compute."""

    rungs: int
    scarcity: float
    handicap: float
    discount: float
    productivity: float
    returns: float
    other: float

    @property
    def race(self) -> lb.Race:
        """The race."""
        technology = lb.Technology(self.productivity, self.returns, handicap=self.handicap)
        labs = [lb.Lab("A", 1), lb.Lab("B", self.other)]
        return lb.Race(labs, lb.ScarceMarket(self.scarcity), technology, self.discount, self.rungs)

    def moved(self, random: np.random.Generator) -> Numbers:
        """A race nearby; equal labs stay equal."""

        def moved(number: float) -> float:
            return float(number * np.exp(random.normal(0, APART)))

        near = {name: moved(number) for name, number in asdict(self).items()}
        return Numbers(**{**near, "rungs": self.rungs, "other": self.other})


def drawn(random: np.random.Generator) -> Numbers:
    """A random race: half of them of equal labs."""

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(random.uniform(np.log(low), np.log(high))))

    return Numbers(
        rungs=int(random.integers(3, 9)),
        scarcity=float(random.uniform(0.5, 0.9)),
        handicap=log_uniform(0.03, 0.25),
        discount=log_uniform(0.04, 0.2),
        productivity=log_uniform(2, 8),
        returns=float(random.uniform(0.4, 0.65)),
        other=1.0 if random.random() < 0.5 else log_uniform(0.9, 1.1),
    )


SEVERAL = (  # each with three equilibria
    Numbers(6, 0.733, 0.175, 0.0869, 2.292, 0.581, 0.984),
    Numbers(4, 0.751, 0.194, 0.0755, 3.128, 0.538, 1.0),
    Numbers(6, 0.733, 0.158, 0.0897, 2.400, 0.581, 0.984),
    Numbers(7, 0.855, 0.122, 0.1809, 6.830, 0.451, 1.082),
    Numbers(6, 0.765, 0.184, 0.0879, 2.083, 0.612, 0.984),
)


@dataclass(frozen=True)
class Watched(Search):
    """A search that shows what it has found before anything is proved."""

    seen: list[Searched] = field(default_factory=list)

    def run(self, *args: Any, **more: Any) -> Searched:
        """See the class above."""
        self.seen.append(super().run(*args, **more))
        return self.seen[-1]


@dataclass(frozen=True)
class Measured:
    """A race, what a search found, and what there is.

    Attributes
    ----------
    numbers : Numbers
    proved : bool
        Whether the list is proved in the end.
    balanced : bool
        Whether the indices of what the search found add up to one.
    engines : list of int
        How many engines found each that the search found.
    starts : list of list of int
        The policies that led to each, of ``policies``.
    there : int
        How many equilibria are on the list in the end.
    seconds : float
    """

    numbers: Numbers
    proved: bool
    balanced: bool
    engines: list[int]
    starts: list[list[int]]
    policies: int
    there: int
    seconds: float


def measured(numbers: Numbers, steps: int) -> Measured:
    """Search a race, and prove its list."""
    began, search = process_time(), Watched(transfer=Transfer(steps=steps))
    solution = lb.solve(numbers.race, lb.Method(search=search), all=True)
    first = search.seen[0]
    return Measured(
        numbers,
        solution.complete == "proved",
        sum(one.index for one in first.found) == 1,
        [len(one.engines) for one in first.found],
        [sorted(one.starts) for one in first.found],
        first.policies,
        len(solution.equilibria),
        process_time() - began,
    )


def races(count: int, seed: int, steps: int) -> Iterator[Measured]:
    """So many random races, every other one next to one with several equilibria."""
    for k in range(count):
        random = np.random.default_rng([seed, k])
        near = SEVERAL[k // 2 % len(SEVERAL)].moved(random)
        yield measured(near if k % 2 else drawn(random), steps)


# --- what is said, and what is so


def missed(told: Iterable[Measured]) -> Iterator[str]:
    """By what a search says of itself, how many of the lists that are proved it had cut short."""
    rows = {
        "one found": lambda one: len(one.engines) == 1,
        "several found, each by two engines or more": lambda one: min(one.engines) > 1,
        "several found, some by one engine alone": lambda one: True,
    }
    left = [one for one in told if one.proved and one.balanced]
    yield "| the search says | proved | with more | at most, at 95% |"
    yield "| --- | --- | --- | --- |"
    for what, holds in rows.items():
        these = [one for one in left if holds(one)]
        left = [one for one in left if not holds(one)]
        short = sum(one.there > len(one.engines) for one in these)
        most = beta.ppf(0.95, short + 1, len(these) - short) if these else 1.0
        yield f"| {what} | {len(these)} | {short} | {100 * most:.1f}% |"


def reliable(told: Sequence[Measured], seed: int) -> Iterator[str]:
    """Of few policies: what share of others would lead to a new equilibrium, as told and as it is.

    Images of each other under an exchange of labs have one set of policies, and count once.
    """
    random, rows = np.random.default_rng(seed), []
    for one in told:
        sets = [set(starts) for starts in {tuple(each) for each in one.starts}]
        if not one.proved or one.there == 1:
            continue
        for few, _ in product(FEW, range(AGAIN)):
            mine = {*random.choice(one.policies, few, replace=False).tolist()}
            alone = sum(len(each & mine) == 1 for each in sets)
            new = set().union(*(each for each in sets if not each & mine)) - mine
            absent = any(not each & mine for each in sets)
            so = len(new) / (one.policies - few)
            rows.append((few, min(alone, 1), alone / few, most_others(alone, few), so, absent))
    heads = (
        "policies",
        "met once alone",
        "draws",
        "Good (1953)",
        "told",
        "so",
        "within",
        "lack one",
    )
    yield f"| {' | '.join(heads)} |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for few, alone in product(FEW, (0, 1)):
        these = np.array([row[2:] for row in rows if row[:2] == (few, alone)])
        if len(these):
            good, most, so, lack = 100 * these.mean(axis=0)
            within = 100 * (these[:, 2] <= these[:, 1]).mean()
            words = f"| {few} | {'some' if alone else 'none'} | {len(these)} | {good:.1f}% |"
            yield f"{words} {most:.1f}% | {so:.1f}% | {within:.0f}% | {lack:.0f}% |"


def main() -> None:
    """Draw, search and prove, and print both tables."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    asked.add_argument("--races", type=int, default=300)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--steps", type=int, default=3_000_000, help="of a proof, at most")
    given = asked.parse_args()
    told = [*races(given.races, given.seed, given.steps)]
    proved = [one for one in told if one.proved]
    several = sum(one.there > 1 for one in proved)
    print(f"{len(told)} races, {len(proved)} lists proved, {several} with several equilibria\n")
    print("\n".join(missed(told)), end="\n\n")
    print("\n".join(reliable(told, given.seed)))


if __name__ == "__main__":
    main()
