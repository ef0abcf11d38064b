"""Numbers as pages print them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.verdicts.words import SELDOM
from leaderbored.views.sheet import ALL


def each(numbers: Array, show: Callable[[float], str]) -> str:
    """All labs' numbers, or one where they agree."""
    return "/".join(dict.fromkeys(show(float(number)) for number in numbers))


STABLE = {True: "yes", False: "no", None: "?"}  # of an equilibrium
PAGE, SHORT = 100, 20  # rows that a page may have, and leads that are short; rungs
ROUNDING = 1e-15  # of a share, that is none
NEARLY = 1e-12  # what a share lacks of all by rounding


def number(value: float | None) -> str:
    """To three digits; a dash where there is none."""
    if value is None or not np.isfinite(value):
        return "-"
    value += 0.0  # no negative zero
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def apart(value: float, other: float) -> str:
    """To three digits, or as many as tell it from another number.

    Examples
    --------
    >>> apart(0.25, 0.5), apart(0.092856, 0.092893), apart(2.0, 2.0)
    ('0.25', '0.09286', '2')
    """
    for digits in range(3, 18):
        if f"{value:.{digits}g}" != f"{other:.{digits}g}":
            return number(value) if digits == 3 else f"{value:,.{digits}g}"
    return number(value)


def years(value: float | None) -> str:
    """Years, bounded: nobody plans for more than a thousand."""
    return "over 1,000" if value is not None and value > 1 / SELDOM else number(value)


def rate(value: float | None) -> str:
    """Times a year, bounded."""
    return f"under {SELDOM}" if value is not None and 0 < value < SELDOM else number(value)


def some(longest: int, most: int | None) -> list[int]:
    """Leads that a table has rows for: all, or where those are more than ``most`` some long ones.

    Examples
    --------
    >>> some(3, PAGE), some(1000, PAGE)[20:]
    ([0, 1, 2, 3], [20, 50, 100, 200, 500, 999, 1000])
    """
    if most is None or longest <= most:
        return list(range(longest + 1))
    round_ones = (digit * 10**k for k in range(1, len(str(longest))) for digit in (1, 2, 5))
    long = [lead for lead in round_ones if SHORT < lead < longest - 1]
    return [*range(SHORT + 1), *long, longest - 1, longest]


def left_out(longest: int) -> list[str]:
    """That a table does not have rows for all leads, where that is so.

    Examples
    --------
    >>> left_out(20), left_out(1000)
    ([], ['Of leads beyond 20 the table shows some; --json and --format csv have all.'])
    """
    said = f"Of leads beyond {SHORT} the table shows some; {ALL}."
    return [said] if longest > PAGE else []


def percent(value: float | None) -> str:
    """A share of one: what is not all never reads as all, nor some as none.

    Examples
    --------
    >>> percent(0.25), percent(0.0123), percent(1.0), percent(0.0)
    ('25.0%', '1.23%', '100.0%', '0.0%')
    >>> percent(0.9996), percent(1e-6), percent(1 - 1e-13)
    ('>99.9%', '<0.01%', '100.0%')
    """
    if value is None or not np.isfinite(value):
        return "-"
    value = value if abs(value) > ROUNDING else 0.0
    if value and abs(value) < 5e-5:
        return "<0.01%" if value > 0 else "> -0.01%"
    if 0.9995 <= value < 1 - NEARLY:
        return ">99.9%"
    return f"{value:.1%}" if value >= 0.0995 or value == 0 else f"{value:.2%}"
