"""The table ``[uncertainty]`` of a game file: what is thought of numbers that are not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from leaderbored.games.places import COUNTED, alter, find, steps, tree_of
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.spreads import Spread, spreads_of
from leaderbored.games.validation import short

TABLE = "uncertainty"
SCHEMA = {
    "type": "object",
    "title": "Uncertainty",
    "description": "What is thought of numbers that are not known: distributions by their path",
}


def read(given: Any) -> tuple[dict[str, Spread], list[Mistake]]:
    """Distributions by path, and what is wrong with the table in itself.

    Parameters
    ----------
    given : object
        As TOML reads it: tables in tables, as of dotted keys, down to distributions.

    Examples
    --------
    >>> found, mistakes = read({"market": {"scarcity": {"uniform": [0.3, 0.9]}}, "discount": 3})
    >>> list(found), mistakes[0].place
    (['market.scarcity'], 'uncertainty.discount')
    """
    if not isinstance(given, Mapping):
        return {}, [Mistake(TABLE, short(given), "expected a table of distributions")]
    found, mistakes = spreads_of(dict(_flat(given)))
    return found, [Mistake(_placed(m.place), m.value, m.expected) for m in mistakes]


def mismatches(game: Any, spreads: Mapping[str, Spread]) -> list[Mistake]:
    """What is wrong with distributions of a game's numbers: no such number, or no game there.

    All numbers are looked at in the middle of what is thought of them, and then each at its ends.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1),
    ...                discount=0.5)
    >>> for mistake in mismatches(race, {"discount": Spread.of((-1, 3))}):
    ...     print(mistake.place, mistake.value, mistake.expected)
    uncertainty.discount -1.0 expected greater than 0
    """
    import numpy as np

    middle = {path: spread.at(np.array([0.5]))[0].item() for path, spread in spreads.items()}
    found = list(_apart(game, spreads))
    together = _wrong(game, middle)
    if together:
        for path, value in middle.items():
            alone = [m for m in _wrong(game, {path: value}) if m.expected != "missing"]
            found += [_blamed(mistake, path, value) for mistake in alone]
        found = found or [Mistake(_placed(m.place), m.value, m.expected) for m in together]
    blamed = {mistake.place for mistake in found}
    good = {path: value for path, value in middle.items() if _placed(path) not in blamed}
    for path in good:
        for end in spreads[path].ends:
            at = int(end) if type(middle[path]) is int else end
            found += [_blamed(mistake, path, at) for mistake in _wrong(game, {**good, path: at})]
    return list(dict.fromkeys(found))


def fitting(game: Any, spreads: Mapping[str, Spread]) -> dict[str, Spread]:
    """The distributions that are of numbers of the game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1),
    ...                discount=0.5)
    >>> list(fitting(race, {"market.worth": Spread.of((1, 3)), "discount": Spread.of((0.2, 1))}))
    ['discount']
    """
    wrong = {mistake.place for mistake in mismatches(game, spreads)}
    kept = {path: spread for path, spread in spreads.items() if _placed(path) not in wrong}
    return {} if mismatches(game, kept) else kept


def unset(
    tree: dict[str, Any], spreads: Mapping[str, Spread], overrides: Sequence[str]
) -> dict[str, Spread]:
    """Without the numbers that were set from outside: those are known.

    Examples
    --------
    >>> tree = {"labs": [{"name": "A", "compute": 1}]}
    >>> unset(tree, {"labs.A.compute": Spread.of((0, 1))}, ["labs[0].compute=2"])
    {}
    """
    changed = [_spot(tree, change.partition("=")[0].strip()) for change in overrides]
    return {path: spread for path, spread in spreads.items() if _spot(tree, path) not in changed}


def _spot(tree: dict[str, Any], path: str) -> Any:
    """Where a path leads to, whichever way it is written."""
    spot, mistake = find(tree, steps(tree, path), path, make=False)
    return path if mistake is not None else (id(spot[0]), spot[1])


def _flat(given: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Distributions by path: what has no tables in it is one, or should be."""
    for key, entry in given.items():
        path = f"{above}.{key}" if above else str(key)
        if isinstance(entry, Mapping) and any(isinstance(p, Mapping) for p in entry.values()):
            yield from _flat(entry, path)
        else:
            yield path, entry


def _apart(game: Any, spreads: Mapping[str, Spread]) -> Iterator[Mistake]:
    """Numbers of the game that lie outside what is thought of them."""
    tree = tree_of(game)
    for path, spread in spreads.items():
        spot, mistake = find(tree, steps(tree, path), path, make=False)
        low, high = spread.bounds
        number = None if mistake is not None else spot[0][spot[1]]
        if not isinstance(number, int | float) or spread.law == "draws":
            continue
        if not low <= number <= high:
            said = f"the number itself, {number:g}, is not among these: from {low:g} to {high:g}"
            yield Mistake(_placed(path), "", said)


def _wrong(game: Any, values: Mapping[str, float]) -> Sequence[Mistake]:
    """Why there is no game with these numbers."""
    try:
        alter(game, values)
    except GameFileError as error:
        return error.mistakes
    return ()


def _blamed(mistake: Mistake, path: str, value: float) -> Mistake:
    """A mistake of the game at the place of the distribution that makes it."""
    same = COUNTED.sub(r".\1", mistake.place) == path
    expected = mistake.expected if same else f"{mistake.place}: {mistake.expected}"
    return Mistake(_placed(path), mistake.value or f"{value:g}", expected)


def _placed(path: str) -> str:
    return f"{TABLE}.{path}"
