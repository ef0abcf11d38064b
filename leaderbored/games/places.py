"""Numbers of a game by their place: what is there, in which unit, and the game with others."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.validation import mistakes_of, resolve, short, unknown

COUNTED = re.compile(r"\[(\d+)\]")  # a place in a list, as messages write it
LISTED = re.compile(r"([^\[\]]+)((?:\[\d+\])+)")


class Nth(str):
    """A key that counts through a list, as in ``labs[1]``, even where an entry is called so."""

    __slots__ = ()


def vary(game: Any, path: str) -> Callable[[float], Any]:
    """A game as a function of one of its numbers.

    Parameters
    ----------
    game : Race
        Or another game from this package's records.
    path : str
        As in overrides: ``"technology.handicap"``, ``"labs.A.compute"``.

    Returns
    -------
    callable
        From a number to the game with that number in place; raises ``GameFileError`` where the
        game does not exist.

    Raises
    ------
    GameFileError
        If there is no such place or no continuous quantity in it.

    Examples
    --------
    >>> from leaderbored.games.formats.gamefile import five_labs, load
    >>> vary(load(five_labs()), "technology.handicap")(0.3).technology.handicap
    0.3
    """
    adapter = TypeAdapter(type(game))
    tree = adapter.dump_python(game, mode="json")
    keys = steps(tree, path)
    spot, mistake = find(tree, keys, path, make=False)
    if mistake is not None:
        raise GameFileError("parameter", [mistake])
    present = spot[0][spot[1]]
    if type(present) is not float:
        expected = "expected a number that can change by a little"
        raise GameFileError("parameter", [Mistake(path, short(present), expected)])

    def at(number: float) -> Any:
        spot[0][spot[1]] = float(number)
        try:
            return adapter.validate_python(tree)
        except ValidationError as error:
            raise GameFileError("parameter", mistakes_of(error, adapter)) from None

    return at


def alter(game: Any, values: Mapping[str, float]) -> Any:
    """A game with other numbers in some places.

    Parameters
    ----------
    game : Race
        Or another game from this package's records.
    values : dict of str to float
        By path, as in overrides; what the game leaves out, a mechanism say, may be named too.

    Raises
    ------
    GameFileError
        Listing every mistake.

    Examples
    --------
    >>> from leaderbored.games.formats.gamefile import five_labs, load
    >>> altered = alter(load(five_labs()), {"rungs": 3, "discount": 0.2})
    >>> altered.rungs, altered.discount
    (3, 0.2)
    """
    adapter = TypeAdapter(type(game))
    tree = tree_of(game)
    mistakes = []
    for path, value in values.items():
        spot, mistake = find(tree, steps(tree, path), path, make=True)
        if mistake is not None:
            mistakes.append(mistake)
        elif isinstance(spot[0].get(spot[1]) if isinstance(spot[0], dict) else 0, str | dict):
            mistakes.append(Mistake(path, "", "there is no number in this place"))
        else:
            spot[0][spot[1]] = value
    try:
        changed = adapter.validate_python(tree)
    except ValidationError as error:
        mistakes += mistakes_of(error, adapter)
    if mistakes:
        raise GameFileError("game", mistakes)
    return changed


def tree_of(game: Any) -> dict[str, Any]:
    """What a game's file says, as nested dictionaries and lists; what it leaves out is not there.

    Examples
    --------
    >>> import leaderbored as lb
    >>> tree_of(lb.ScarceMarket(0.6))["scarcity"]
    0.6
    """
    tree: dict[str, Any] = TypeAdapter(type(game)).dump_python(game, mode="json", exclude_none=True)
    return tree


def unit_of(game: Any, path: str) -> str:
    """Unit of a number of a game; empty where none is known.

    Examples
    --------
    >>> from leaderbored.games.formats.gamefile import five_labs, load
    >>> unit_of(load(five_labs()), "labs.OpenAI.compute")
    'compute'
    """
    tree = TypeAdapter(type(game)).json_schema()
    node, data = tree, TypeAdapter(type(game)).dump_python(game, mode="json")
    for key in path.split("."):
        node = resolve(tree, node)
        if isinstance(data, dict) and "discriminator" in node:
            kind = data.get(node["discriminator"]["propertyName"])
            node = resolve(tree, {"$ref": node["discriminator"]["mapping"].get(kind, "")})
        inner = node.get("properties", {}).get(key)
        node = inner if inner is not None else node.get("items", {})
        data = data.get(key) if isinstance(data, dict) else None
    return str(resolve(tree, node).get("unit", node.get("unit", "")))


def in_words(path: str, unit: str = "") -> str:
    """A number of a game as figures call it: its last words, of a lab with its name.

    Examples
    --------
    >>> in_words("technology.switching_cost", "money"), in_words("labs.A.compute")
    ('switching cost, money', "A's compute")
    >>> in_words("payoffs.0.1.0")
    'payoffs.0.1.0'
    """
    parts = path.split(".")
    if parts[-1].isdecimal():
        words = path
    elif parts[0] == "labs" and len(parts) == 3:
        words = f"{'lab ' if parts[1].isdecimal() else ''}{parts[1]}'s {parts[2]}"
    else:
        words = " ".join(parts[2:] if parts[0] == "mechanisms" and len(parts) > 2 else parts[-1:])
    words = words.replace("_", " ")
    return f"{words}, {unit}" if unit not in ("", "1") else words


def steps(tree: dict[str, Any], path: str) -> list[str]:
    """The keys of a path; lists may be counted through as messages do.

    Examples
    --------
    >>> steps({"labs": [{"name": "A"}]}, "labs[0].compute")
    ['labs', '0', 'compute']
    >>> steps({"labs": [{"name": "A", "q[0]": 1}]}, "labs.A.q[0]")
    ['labs', 'A', 'q[0]']

    An entry called by a number is what a point leads to, and brackets count:

    >>> tree = {"labs": [{"name": "2", "compute": 1}, {"name": "1", "compute": 2}]}
    >>> ways = [steps(tree, f"labs{way}") for way in (".1", ".2", "[1]", "[0]")]
    >>> [find(tree, way, "", make=False)[0][1] for way in ways]
    [1, 0, 1, 0]
    """
    keys, spot = list[str](), [tree]  # where the keys so far lead, if anywhere
    for part in path.split("."):
        listed = LISTED.fullmatch(part)
        if listed and not any(_below(here, part) for here in spot):
            own = [listed[1], *map(Nth, COUNTED.findall(listed[2]))]
        else:  # strategies and labs may be called q[0]
            own = [part]
        for key in own:
            spot = [below for here in spot for below in _below(here, key)]
        keys += own
    return keys


def _below(spot: Any, key: str) -> list[Any]:
    """What a key leads to, by name or by number; empty if nothing."""
    if isinstance(spot, dict):
        return [spot[key]] if key in spot else []
    if not isinstance(spot, list | tuple):
        return []
    own = () if isinstance(key, Nth) else spot
    named = [part for part in own if isinstance(part, dict) and part.get("name") == key]
    return named[:1] or ([spot[int(key)]] if key.isdigit() and int(key) < len(spot) else [])


def find(
    tree: dict[str, Any], keys: list[str], place: str, *, make: bool
) -> tuple[Any, Mistake | None]:
    """The container and the key at the end of a path; what is not there is made, or a mistake."""
    spot: Any = tree
    for depth, key in enumerate(keys):
        here = place.removesuffix("." + ".".join(keys[depth + 1 :]))
        if isinstance(spot, list):
            names = [item.get("name") if isinstance(item, dict) else None for item in spot]
            called = key in names and not isinstance(key, Nth)
            if not called and not (key.isdigit() and int(key) < len(spot)):
                known = [str(name) for name in names if name is not None]
                if spot and not known:
                    known = [f"0 to {len(spot) - 1}"]
                return None, Mistake(here, "", unknown("entry", key, known))
            step: Any = names.index(key) if called else int(key)
        elif not isinstance(spot, dict):
            return None, Mistake(here, "", "there is nothing below this place")
        elif key not in spot and not make:
            return None, Mistake(here, "", unknown("name", key, list(spot)))
        else:
            step = key
        if depth == len(keys) - 1:
            return (spot, step), None
        spot = spot.setdefault(step, {}) if isinstance(spot, dict) else spot[step]
    return None, Mistake(place, "", "expected a path such as discount")
