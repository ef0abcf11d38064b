"""Speed, as ratios measured side by side in one run; none of this is a test of correctness.

Run with: pytest benchmarks --benchmark-group-by=group
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.sparse.linalg as spla

import leaderbored as lb
from leaderbored.solvers.markov.system import System

LABS = [lb.Lab("A", 2.5), lb.Lab("B", 1.9), lb.Lab("C", 1.1), lb.Lab("D", 1.0), lb.Lab("E", 0.55)]


def race(labs: int, rungs: int) -> lb.Race:
    technology = lb.Technology(2, handicap=0.1, drafting=0.1, leapfrog=0.3)
    return lb.Race(LABS[:labs], lb.ScarceMarket(0.8, 1.5, 0.1), technology, 0.15, rungs)


def direct(system: System, build: np.ndarray) -> np.ndarray:
    matrix = system.matrix(system.game.hazard(build)).tocsc()
    return spla.splu(matrix).solve(system.game.payoff(build).T).T


def sweeps(system: System, build: np.ndarray) -> np.ndarray:
    """Value iteration, the textbook baseline, to the same ten digits."""
    hazard, payoff = system.game.hazard(build), system.game.payoff(build)
    exits, moves = system.game.discount + hazard.sum(axis=0), system.transitions(hazard)
    value = payoff / system.game.discount
    while True:
        better = (payoff.T + moves @ value.T).T / exits
        if np.abs(better - value).max() < 1e-12 * np.abs(value).max():
            return better
        value = better


@pytest.mark.parametrize(("labs", "rungs"), [(3, 20), (5, 4)])
@pytest.mark.parametrize("engine", ["ours", "factorise", "value iteration"])
def test_policy_evaluation(benchmark: Any, labs: int, rungs: int, engine: str) -> None:
    benchmark.group = f"evaluate {labs} labs, {rungs} rungs"
    system = System(race(labs, rungs).markov())
    build = system.game.idle
    engines: dict[str, Callable[[], np.ndarray]] = {
        "ours": lambda: system.evaluate(build),
        "factorise": lambda: direct(system, build),
        "value iteration": lambda: sweeps(system, build),
    }
    benchmark(engines[engine])


@pytest.mark.parametrize(("labs", "rungs"), [(2, 20), (3, 8), (5, 4)])
def test_solve(benchmark: Any, labs: int, rungs: int) -> None:
    benchmark.group = "solve, certificate included"
    benchmark(lambda: lb.solve(race(labs, rungs)))
