"""Answers held against code of its own: numpy, the game file, and the JSON that was printed.

Nothing here imports the package. Payoffs are derived anew from the documented equations, values by
one dense solve, and the best deviation by policy iteration over a grid of shares, which can only
fall short of the true one: what it gains is a fault beyond doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from .moving import judge_linear_quadratic, judge_markov
from .racing import judge_race
from .static import (
    judge_bayesian,
    judge_contest,
    judge_continuous,
    judge_finite,
    judge_table,
)

Judge = Callable[[dict[str, Any], dict[str, Any]], Iterator[str]]

JUDGES: dict[str, Judge] = {
    "race": judge_race,
    "normal-form": judge_table,
    "finite": judge_finite,
    "bayesian": judge_bayesian,
    "contest": judge_contest,
    "continuous": judge_continuous,
    "markov": judge_markov,
    "linear-quadratic": judge_linear_quadratic,
}


def faults(game: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    """What is wrong with an answer, one sentence each."""
    if answer["status"]["code"] not in ("converged", "stopped"):
        return []
    try:
        return list(JUDGES[game["kind"]](game, answer))
    except Exception as error:  # numbers or keys that are not as documented
        return [f"the answer cannot be judged: {type(error).__name__}: {error}"]
