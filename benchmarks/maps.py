"""Maps by kernels and point by point, side by side in one run, the answers compared.

Run with: python -m benchmarks.maps
"""

from __future__ import annotations

import os
import time

import numpy as np
import xarray

import leaderbored as lb
from leaderbored.solvers.markov import UNPROVED

DUEL = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(3), discount=0.1
)
SIDES = (200, 1_000)
STRIDE = 25  # every so many points of the small map, both ways, go one by one


def over(side: int, stride: int = 1) -> dict[str, np.ndarray]:
    """A phase diagram: how scarce customers are against how far behind laggards fall."""
    return {
        "market.scarcity": np.linspace(0.2, 1.4, side)[::stride],
        "technology.handicap": np.linspace(0.0, 0.5, side)[::stride],
    }


def timed(axes: dict[str, np.ndarray], method: lb.Method | None) -> tuple[xarray.Dataset, float]:
    """A sweep, and the seconds that it takes; with a method it goes one by one."""
    start = time.perf_counter()
    found = lb.sweep(DUEL, axes, method)
    return found, time.perf_counter() - start


def main() -> None:
    """Print points, seconds and points a second of each, and how far answers are apart."""
    first = timed(over(25), None)[1]
    print(f"{os.cpu_count()} processors; the first 625 points, compiling included: {first:.1f} s")
    alone, seconds = timed(over(SIDES[0], STRIDE), UNPROVED)
    pace = alone["status"].size / seconds
    print(f"{'':14}{'points':>10}{'seconds':>10}{'a second':>10}{'ratio':>8}{'left':>6}")
    print(f"{'one by one':14}{alone['status'].size:10,}{seconds:10.2f}{pace:10,.0f}{1:8}")
    for side in SIDES:
        found, seconds = timed(over(side), None)
        count, left = side**2, found.attrs["one_by_one"]
        ratio = count / seconds / pace
        print(f"{'kernels':14}{count:10,}{seconds:10.2f}{count / seconds:10,.0f}", end="")
        print(f"{ratio:8,.0f}{left:6}")
        if side == SIDES[0]:
            same = found.isel({path: slice(None, None, STRIDE) for path in found["status"].dims})
            apart = np.abs(same["value"] / alone["value"].values - 1).max()
            equal = (same["verdict"].values == alone["verdict"].values).all()
    print(f"values differ by up to {float(apart):.0e}; verdicts are the same: {bool(equal)}")


if __name__ == "__main__":
    main()
