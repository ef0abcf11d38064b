"""Mistakes that others hide: formulas are read only once a file has the right keys and values."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.problems import Mistake
from leaderbored.games.validation import locate, mistakes_of

ROUNDS = 3  # of mending
MOST = 100  # mistakes: a file with more is no slip of the pen
UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
UNION = ("union_tag_invalid", "union_tag_not_found")
STAND_IN = "stands in for {}"  # a name in place of what is none
LIMITS = {"greater_than": ("gt", 1), "less_than": ("lt", -1)}  # what to add to such a limit
LIMITS |= {"greater_than_equal": ("ge", 0), "less_than_equal": ("le", 0)}


def hidden(
    tree: dict[str, Any], error: ValidationError, adapter: TypeAdapter[Any]
) -> list[Mistake]:
    """What else is wrong with a file: what shows once keys and values of its own are mended.

    An unknown key is taken for the known one that it resembles, or left out; a value that does not
    fit is replaced by one that does. What is then found at such places is not told.

    Parameters
    ----------
    tree : dict
        The file.
    error : ValidationError
        What is wrong with it at first.
    adapter : TypeAdapter
        What reads it.

    Returns
    -------
    list of Mistake
        Besides those of ``error``.

    Examples
    --------
    >>> from leaderbored.games.continuous import Continuous
    >>> reader = TypeAdapter(Continuous)
    >>> player = {"name": "A", "strategies": {"q": [0, 1]}, "payof": "q", "payoff": "q * c"}
    >>> try:
    ...     reader.validate_python({"players": [player]})
    ... except ValidationError as error:
    ...     [mistake.place for mistake in hidden({"players": [player]}, error, reader)]
    ['players[0].payoff']
    """
    found, told = list[Mistake](), [mistake.place for mistake in mistakes_of(error, adapter)]
    schema = adapter.json_schema()
    for _ in range(ROUNDS):
        if error.error_count() > MOST:
            return found
        tree = copy.deepcopy(tree)
        if not all(_mended(tree, finding, schema) for finding in _deepest(error)):
            return found
        try:
            adapter.validate_python(tree)
        except ValidationError as next_:
            error = next_
        else:
            return found
        every = [m for m in mistakes_of(error, adapter) if not _touches(m.place, told)]
        new = [m for m in every if STAND_IN[:-2] not in m.value + m.expected]
        if not new:
            return found
        found += new
        told += [mistake.place for mistake in new]
    return found


def _touches(place: str, told: Sequence[str]) -> bool:
    """Whether a place is one of some, or within it."""
    return any(place == other or place.startswith((f"{other}.", f"{other}[")) for other in told)


def _deepest(error: ValidationError) -> list[Any]:
    """What was found, unknown keys first, without what follows of something within it."""
    every = error.errors(include_url=False)
    spots = {finding["loc"][:k] for finding in every for k in range(len(finding["loc"]))}
    return sorted(
        (f for f in every if f["loc"] not in spots), key=lambda f: f["type"] not in UNKNOWN
    )


def _mended(tree: dict[str, Any], finding: Any, schema: dict[str, Any]) -> bool:
    """Whether a mistake in keys or values could be mended, in place."""
    node, key = _spot(tree, finding["loc"])
    kind = finding["type"]
    if kind in UNKNOWN and isinstance(node, dict):
        value, (_, known) = node.pop(key, None), locate(schema, finding["loc"])
        for meant in difflib.get_close_matches(str(key), known, n=1):
            node.setdefault(meant, value)
        return True
    if kind == "default_factory_not_called" or (kind == "missing" and key in node):
        return True
    there = (isinstance(node, dict) and key in node) or (
        isinstance(node, list) and isinstance(key, int)
    )
    if kind in ("missing", "mistakes", "field_error", *UNION) or not there:
        return False
    if kind in LIMITS:
        limit, step = LIMITS[kind]
        node[key] = finding["ctx"][limit] + step
    elif kind == "string_type":
        node[key] = STAND_IN.format(key)
    else:
        node[key] = _number(node[key])
    return True


def _spot(tree: Any, location: Sequence[int | str]) -> tuple[Any, Any]:
    """What holds a place, and its key there; tags of kinds are no keys."""
    node, *steps = tree, *location
    for step in steps[:-1]:
        if step in node if isinstance(node, dict) else isinstance(step, int):
            node = node[step]
    return node, steps[-1] if steps else None


def _number(value: Any) -> Any:
    """A number in place of what is none, in a list as long; two of them if it is too short."""
    if isinstance(value, list):
        made = [_number(part) for part in value]
        if len(made) > 1:
            return made
        last = made[0] if made else 0.0
        return [last, copy.deepcopy(last) if isinstance(last, list) else last + 1]
    return value if isinstance(value, int | float) and not isinstance(value, bool) else 1.0
