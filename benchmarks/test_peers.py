"""The works of ``python -m benchmarks`` as tests of pytest-benchmark: one round each."""

from typing import Any

import pytest

from benchmarks.__main__ import works
from benchmarks.contestants import there

CASES = [(work, each) for work in works(quick=True) for each in work.contestants]


@pytest.mark.parametrize(
    ("work", "each"), CASES, ids=[f"{work.title}, {each.name}" for work, each in CASES]
)
def test_contestant(benchmark: Any, work: Any, each: Any) -> None:
    if each.peer and not there(each.peer):
        pytest.skip(f"{each.peer} is not installed")
    benchmark.group = work.title
    benchmark.extra_info["pieces"] = each.pieces
    each.run()  # compiled once
    benchmark.pedantic(each.run, rounds=2)
