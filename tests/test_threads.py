"""One thread for linear algebra, whoever calls, and as many as before afterwards."""

from collections.abc import Callable
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import leaderbored as lb

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 0.8)],
    lb.ScarceMarket(0.6),
    lb.Technology(1),
    discount=0.5,
    rungs=2,
)


def threads() -> set[int]:
    """How many threads linear algebra may have."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


@pytest.mark.parametrize(
    "verb",
    [
        lambda seen: lb.solve(RACE, progress=seen),
        lambda seen: lb.verdict(lb.solve(RACE), progress=seen),
        lambda seen: lb.basin(lb.solve(RACE, all=True), 3, progress=seen),
    ],
)
def test_verbs_take_one_thread(verb: Callable[[Any], object]) -> None:
    counts: list[set[int]] = []
    with threadpool_limits(2, user_api="blas"):
        verb(lambda *_: counts.append(threads()))
        assert threads() == {2}
    assert counts
    assert all(count == {1} for count in counts)
