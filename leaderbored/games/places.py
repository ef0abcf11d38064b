"""Numbers of a game by their place: what is there, in which unit, and the game with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.formats.gamefile import _find, _problems, _resolve, steps
from leaderbored.games.problems import GameFileError, Problem


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
        Listing every problem.

    Examples
    --------
    >>> from leaderbored.games.formats.gamefile import five_labs, load
    >>> altered = alter(load(five_labs()), {"rungs": 3, "discount": 0.2})
    >>> altered.rungs, altered.discount
    (3, 0.2)
    """
    adapter = TypeAdapter(type(game))
    tree = adapter.dump_python(game, mode="json", exclude_none=True)
    problems = []
    for path, value in values.items():
        spot, problem = _find(tree, steps(tree, path), path, make=True)
        if problem is not None:
            problems.append(problem)
        elif isinstance(spot[0].get(spot[1]) if isinstance(spot[0], dict) else 0, str | dict):
            problems.append(Problem(path, "", "there is no number in this place"))
        else:
            spot[0][spot[1]] = value
    try:
        changed = adapter.validate_python(tree)
    except ValidationError as error:
        problems += _problems(error, adapter)
    if problems:
        raise GameFileError("game", problems)
    return changed


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
        node = _resolve(tree, node)
        if isinstance(data, dict) and "discriminator" in node:
            kind = data.get(node["discriminator"]["propertyName"])
            node = _resolve(tree, {"$ref": node["discriminator"]["mapping"].get(kind, "")})
        inner = node.get("properties", {}).get(key)
        node = inner if inner is not None else node.get("items", {})
        data = data.get(key) if isinstance(data, dict) else None
    return str(_resolve(tree, node).get("unit", node.get("unit", "")))
