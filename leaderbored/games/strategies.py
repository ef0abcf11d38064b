"""Strategies of a continuous game as they are declared: bounds, lists of values, whole numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from leaderbored.games.expression import ExpressionError, Share, read
from leaderbored.games.parameters import value_of

if TYPE_CHECKING:
    from leaderbored.games.continuous import Player

Mistake = tuple[str, Any, str]  # place, value, what was expected
Scope = tuple[dict[str, Any], list[Share]]
MOST_VALUES = 1000  # that a strategy is listed with
ROOM = 1e-12  # relative: bounds that are decimals may not add up to the last digit


def bounds(player: Player, given: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Lowest and highest value of each strategy; infinite where what is played sets it."""
    found = list[tuple[float, float]]()
    for ends in player.strategies.values():
        if len(ends) > 2:
            values = [value_of(end, given) for end in ends]
            found.append((min(values), max(values)))
        else:
            low, high = (tried(end, given) for end in ends)
            low = -math.inf if isinstance(low, str) else low
            found.append((low, math.inf if isinstance(high, str) else high))
    return found


def values(player: Player, given: Mapping[str, Any]) -> list[tuple[float, ...] | None]:
    """All values of each strategy that is listed or a whole number; None of the others."""
    found = list[tuple[float, ...] | None]()
    for name, ends in player.strategies.items():
        if len(ends) > 2:
            found.append(tuple(sorted({value_of(end, given) for end in ends})))
        elif name in player.integer:
            low, high = (value_of(end, given) for end in ends)
            found.append(tuple(map(float, range(math.ceil(low), math.floor(high) + 1))))
        else:
            found.append(None)
    return found


def own_constraints(player: Player, given: Mapping[str, Any]) -> list[str]:
    """What binds a player alone: bounds that what is played sets, and its constraints."""
    found = list[str]()
    for name, ends in player.strategies.items():
        for end, sign in zip(ends, (">=", "<="), strict=True) if len(ends) == 2 else ():
            if isinstance(tried(end, given), str):
                found.append(f"{name} {sign} ({end})")
    return [*found, *player.constraints]


def tried(bound: float | str, given: Mapping[str, Any]) -> float | str:
    """The value of a bound, or what was expected instead.

    Examples
    --------
    >>> tried("k / 2", {"k": 3.0})
    1.5
    """
    try:
        return value_of(bound, given)
    except ValueError as error:
        return str(error)


def mistaken(
    player: Player, here: str, given: Mapping[str, Any], scope: Scope, decided: set[Any]
) -> Iterator[Mistake]:
    """Bounds that hold nothing, lists of what is no number, totals that nothing adds up to."""
    yield from _lists(player, here, given)
    least = most = 0.0
    for name, ends in player.strategies.items():
        if len(ends) > 2:
            continue
        low, high = (tried(end, given) for end in ends)
        low = -math.inf if isinstance(low, str) and _moves(ends[0], scope, decided) else low
        high = math.inf if isinstance(high, str) and _moves(ends[1], scope, decided) else high
        for end, value in zip(ends, (low, high), strict=True):
            if isinstance(value, str):
                yield f"{here}.strategies.{name}", end, value
        if isinstance(low, str) or isinstance(high, str):
            least, most = -math.inf, math.inf
        elif not low <= high or low == math.inf or high == -math.inf:
            yield f"{here}.strategies.{name}", ends, "expected low <= high"
        else:
            least, most = least + low, most + high
    if player.total is not None:
        yield from _total(player, here, tried(player.total, given), (least, most))


def _total(
    player: Player, here: str, total: float | str, ends: tuple[float, float]
) -> Iterator[Mistake]:
    """What is wrong with a total of strategies that add up to no less and no more than this."""
    least, most = ends
    if isinstance(total, str):
        yield f"{here}.total", player.total, total
    elif any(len(own) > 2 for own in player.strategies.values()) or player.integer:
        yield f"{here}.total", player.total, "expected strategies that are real numbers"
    elif not least - ROOM * abs(total) <= total <= most + ROOM * abs(total):
        expected = f"expected {least:.10g} to {most:.10g}, what the strategies can add up to"
        yield f"{here}.total", player.total, expected
    elif math.isinf(total):
        yield f"{here}.total", player.total, "expected a finite number"


def _lists(player: Player, here: str, given: Mapping[str, Any]) -> Iterator[Mistake]:
    """Values that are no numbers, and whole numbers of which there are none or too many."""
    for name, ends in player.strategies.items():
        known = [tried(end, given) for end in ends]
        if len(ends) > 2:
            for j, value in enumerate(known):
                if isinstance(value, str) or math.isinf(value):
                    expected = value if isinstance(value, str) else "expected a finite number"
                    yield f"{here}.strategies.{name}[{j}]", ends[j], expected
        elif name in player.integer:
            low, high = (v if isinstance(v, float) and math.isfinite(v) else None for v in known)
            missing = low is None or high is None
            count = 0 if missing else math.floor(high) - math.ceil(low) + 1  # type: ignore[arg-type]
            if not 0 < count <= MOST_VALUES:
                expected = f"expected bounds of 1 to {MOST_VALUES:,} whole numbers"
                yield f"{here}.strategies.{name}", ends, expected
    for j, name in enumerate(player.integer):
        if name not in player.strategies:
            expected = f"expected one of the strategies {', '.join(player.strategies)}"
            yield f"{here}.integer[{j}]", name, expected


def _moves(end: Any, scope: Scope, decided: set[Any]) -> bool:
    """Whether a bound is a formula of what is played."""
    try:
        return bool(read(end, *scope).free_symbols & decided)
    except ExpressionError:
        return False
