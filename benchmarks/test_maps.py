"""Points a second of sweeps; the ratio, with answers compared, is printed by benchmarks.maps."""

from typing import Any

import pytest

import leaderbored as lb
from benchmarks.maps import DUEL, over
from leaderbored.solvers.markov import UNPROVED


@pytest.mark.parametrize(("side", "stride"), [(60, 1), (60, 12)])
def test_sweep(benchmark: Any, side: int, stride: int) -> None:
    axes = over(side, stride)
    points = (side // stride) ** 2
    benchmark.group = "a map of two labs"
    benchmark.extra_info["points"] = points
    method = UNPROVED if stride > 1 else None
    lb.sweep(DUEL, axes, method)  # compiled once
    benchmark.pedantic(lambda: lb.sweep(DUEL, axes, method), rounds=2)
