"""Values and ranges of a number as they are written at the command line."""

from __future__ import annotations

from typing import Any

MANY = 1_000_000  # values of a number


def values_of(given: str, log: bool) -> list[float]:
    """Values as 0.3:1.5:41 or 6,12,24.

    Examples
    --------
    >>> values_of("1:4:3", log=True), values_of("6, 12", log=False)
    ([1.0, 2.0, 4.0], [6, 12])
    """
    import numpy as np

    expected = "expected from:to:many, as 0.3:1.5:41, or a list, as 6,12,24"
    if given.count(":") == 1:
        raise ValueError(f"{expected}; a range, as 0.3:1.5, is of --draws")
    if ":" not in given:
        if log:
            raise ValueError("--log is of numbers given as from:to:many")
        return [_number(part, expected) for part in given.split(",")]
    try:
        low, high, many = given.split(":")
        first, last, count = float(low), float(high), int(many)
    except ValueError:
        raise ValueError(expected) from None
    if count < 2 or not np.isfinite([first, last]).all() or first == last:
        raise ValueError("expected two different ends and two values or more")
    if count > MANY:
        raise ValueError(f"expected at most {MANY:,} values")
    if log and not min(first, last) > 0:
        raise ValueError("expected positive ends with --log")
    spaced = np.geomspace if log else np.linspace
    return [float(f"{value:.12g}") for value in spaced(first, last, count)]


def spread_of(given: str, log: bool) -> dict[str, Any]:
    """What is thought of a number, as 0.3:1.5 or 6,12,24.

    Examples
    --------
    >>> spread_of("1:4", log=True), spread_of("6, 12", log=False)
    ({'log_uniform': [1.0, 4.0]}, {'draws': [6, 12]})
    """
    expected = "expected from:to, as 0.3:1.5, or a list, as 6,12,24"
    if ":" not in given:
        if log:
            raise ValueError("--log is of numbers given as from:to")
        return {"draws": [_number(part, expected) for part in given.split(",")]}
    if given.count(":") > 1:
        raise ValueError(f"{expected}, with --draws")
    ends = [float(_number(part, expected)) for part in given.split(":")]
    return {"log_uniform" if log else "uniform": ends}


def _number(text: str, expected: str) -> float:
    """A whole number stays one, as rungs must be."""
    try:
        try:
            return int(text)
        except ValueError:
            return float(text)
    except ValueError:
        raise ValueError(expected) from None
