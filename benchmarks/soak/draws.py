"""Random numbers and names, of which games are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np

Game = dict[str, Any]
Random = np.random.Generator

NASTY = (
    "[link=javascript:alert(1)]x[/link]",
    "[/]",
    "[bold]",
    "x[i]",
    "$\\foo{$",
    "a_b^c",
    "$",
    "%s {0}",
    "<b>&amp;",
    "日本",
    "ø",
    "'quoted'",
    '"',
    "C:\\temp",
    "-1",
    "1e3",
    "None",
    "A, B",
    "O'Neil",
)


def log_uniform(random: Random, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def off_or(random: Random, high: float) -> float:
    return 0.0 if random.random() < 0.5 else float(random.uniform(0, high))


def names_of(random: Random, count: int) -> list[str]:
    if random.random() < 0.85:
        return list("ABCDE"[:count])
    return [str(name) for name in random.choice(NASTY, size=count, replace=False)]
