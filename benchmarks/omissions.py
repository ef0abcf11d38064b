"""Planted omissions: of proved lists of random races one equilibrium after the other is left out.

Run with: python -m benchmarks.omissions [--races N] [--first K] [--seed S] [--starts M]
       [--clearing] [--longer L]

No proof may come about without it, and Newton's method must lead from the box that is left to what
is missing. With ``--clearing`` the races are on markets that clear, with ``--longer`` they have so
many more rungs. With ``--starts`` each race is solved again by a search of so many policies, whose
equilibria must all be on the list. It is no benchmark: it takes about a second a race. The exit
code is 1 if a list with an omission was proved, or a proved list was short.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import replace
from time import process_time
from typing import Any

import numpy as np

import leaderbored as lb
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.markov.missed import reply
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import Equilibrium, Solution

STEPS = 2_000_000  # of Krawczyk's, for a list and for each that is short: a few seconds
LADDERS = 0.1  # part of the races that are on revenue ladders


def draw(random: np.random.Generator, clearing: bool = False) -> lb.Race:
    """A race of two labs that move step by step, with theta below one."""
    second = 1.0 if random.random() < 0.5 else float(np.exp(random.uniform(-0.5, 0.5)))
    theta = 0.5 if random.random() < 0.4 else float(random.uniform(0.25, 0.8))
    technology = lb.Technology(
        float(np.exp(random.uniform(0, 2))),
        theta,
        handicap=float(random.choice([0, random.uniform(0, 0.4)])),
        drafting=float(random.choice([0, 0, random.uniform(0, 0.3)])),
    )
    market: Any = lb.ScarceMarket(float(random.uniform(0.3, 1.2)))
    if random.random() < LADDERS:
        gamma = {"gamma": float(random.uniform(1.05, 2))}
        market = lb.RevenueLadder("1+(gamma-1)*(1-exp(-g))", 1.0, parameters=gamma)
    labs = lb.Lab("A", 1.0), lb.Lab("B", second)
    discount, rungs = float(np.exp(random.uniform(-3, 0))), int(random.integers(1, 9))
    if clearing:
        market = lb.ClearingMarket(
            float(np.exp(random.uniform(-1.2, 1.2))),
            switching=float(random.uniform(0.2, 1.5)),
            worth=float(random.uniform(0.5, 3)),
            openness=float(random.choice([0, random.uniform(0, 1)])),
        )
    return lb.Race(labs, market, technology, discount=discount, rungs=rungs)


def left_out(solution: Solution[Any], missing: Equilibrium) -> str:
    """What comes of the proof without one: found again, broken off, another, or FALSE."""
    others = [one for one in solution.equilibria if one is not missing]
    outcome = Transfer(STEPS).run(solution.markov, others)
    if outcome.proved:
        return "FALSE"
    assert outcome.rest is not None
    system, middle = System(solution.markov), (outcome.rest[0] + outcome.rest[1]) / 2
    point = Newton().polish(system, middle, reply(system, middle))
    if point is not None and np.allclose(point[0], missing.value, rtol=1e-7):
        return "found again"
    return "broken off" if "more than" in outcome.message else "another"


def short(solution: Solution[Any], starts: int) -> bool:
    """Whether a search of so many policies finds what is not on the list."""
    method = lb.Method(search=Search(starts=starts))
    found = lb.solve(solution.game, method, all=True).equilibria
    known = [one.value for one in solution.equilibria]
    return not all(any(np.allclose(one.value, v, rtol=1e-6) for v in known) for one in found)


def main() -> int:
    """Draw, prove, leave out, and count."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.omissions")
    for name, number in (("races", 50), ("first", 0), ("seed", 1), ("starts", 0)):
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--clearing", action="store_true")
    parser.add_argument("--longer", type=int, default=0)
    given = parser.parse_args()
    method, counts = lb.Method(search=Search(transfer=Transfer(STEPS))), Counter[str]()
    for number in range(given.first, given.first + given.races):
        race, start = (
            draw(np.random.default_rng([given.seed, number]), given.clearing),
            process_time(),
        )
        race = replace(race, rungs=race.rungs + given.longer)
        solution = lb.solve(race, method, all=True)
        counts["races"] += 1
        if solution.complete != "proved":
            counts["races without a proof"] += 1
            print(number, race.rungs, "not proved", f"{process_time() - start:.1f} s", flush=True)
            continue
        counts["races with several equilibria"] += len(solution.equilibria) > 1
        results = [left_out(solution, missing) for missing in solution.equilibria]
        counts.update(f"left out: {result}" for result in results)
        if given.starts:
            counts["lists searched again"] += 1
            counts["lists SHORT"] += short(solution, given.starts)
        print(number, race.rungs, results, f"{process_time() - start:.1f} s", flush=True)
    for name, count in counts.items():
        print(f"{count:6} {name}")
    return int(bool(counts["left out: FALSE"] or counts["lists SHORT"]))


if __name__ == "__main__":
    sys.exit(main())
