"""What stands in a game: every number and word of its record, by the place that a change names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter


def leaves(game: Any) -> dict[str, Any]:
    """Numbers and words of a game, by their places as overrides write them.

    Parameters
    ----------
    game : Race
        Or another game from this package's records.

    Returns
    -------
    dict of str to float, int, bool, str or None
        What is left out, as a mechanism that is off, is None or has no place.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5)
    >>> found = leaves(race)
    >>> found["labs.B.compute"], found["market.scarcity"], found["labs.A.build[1]"]
    (2.0, 0.6, 1.0)
    """
    tree = TypeAdapter(type(game)).dump_python(game, mode="json", exclude_none=True)
    return dict(_below(tree, ""))


def _below(tree: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(tree, dict):
        for name, part in tree.items():
            yield from _below(part, f"{place}.{name}" if place else name)
    elif isinstance(tree, list):
        names = [part.get("name") if isinstance(part, dict) else None for part in tree]
        called = all(isinstance(name, str) and name and not {*name} & {*".="} for name in names)
        for k, part in enumerate(tree):
            if called:  # the name stands in the place
                rest = {name: value for name, value in part.items() if name != "name"}
                yield from _below(rest, f"{place}.{names[k]}")
            else:
                yield from _below(part, f"{place}[{k}]")
    else:
        yield place, tree
