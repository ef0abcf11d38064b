"""Mistakes that others hide: formulas are read only once a file has the right keys and values."""

from __future__ import annotations

import copy
import difflib
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter, ValidationError

from leaderbored.games.places import find, steps
from leaderbored.games.problems import Mistake
from leaderbored.games.validation import locate, meant, mistakes_of, resolve

ROUNDS = 5  # of mending
MOST = 100  # mistakes: a file with more is no slip of the pen
UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
UNION = ("union_tag_invalid", "union_tag_not_found")
STAND_IN = "stands in for {}"  # a name in place of what is none
LIMITS = {"greater_than": ("gt", 1), "less_than": ("lt", -1)}  # what to add to such a limit
LIMITS |= {"greater_than_equal": ("ge", 0), "less_than_equal": ("le", 0)}
NUMBERS = {"parameters", "let"}  # what formulas know by name and a number can stand in for
NAMES = {*NUMBERS, "random", "tables", "states", "strategies", "types", "actions", "action"}


def hidden(
    tree: dict[str, Any], error: ValidationError, adapter: TypeAdapter[Any]
) -> list[Mistake]:
    """What else is wrong with a file: what shows once keys and values of its own are mended.

    An unknown key is taken for the known one that it resembles, or left out; a value that does not
    fit is replaced by one that does, or left out. What is then found at such places is not told,
    and where formulas use what was replaced nothing but that they cannot be read.

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
    found, told = list[Mistake](), mistakes_of(error, adapter)
    mending = _Mending(adapter.json_schema())
    for _ in range(ROUNDS):
        if error.error_count() > MOST:
            break
        tree = copy.deepcopy(tree)
        if not mending.mend(tree, error, told):
            break
        try:
            adapter.validate_python(tree)
        except ValidationError as next_:
            error = next_
        else:
            break
        places = [mistake.place for mistake in (*told, *found)]
        told = mistakes_of(error, adapter)
        found += [m for m in told if not _touches(m.place, places) and mending.sure(m)]
    return found


def _touches(place: str, told: Sequence[str]) -> bool:
    """Whether a place is one of some, or within it."""
    return any(place == other or place.startswith((f"{other}.", f"{other}[")) for other in told)


@dataclass
class _Mending:
    """How a file is mended, and what is not known of it since.

    Attributes
    ----------
    schema : dict
        Of the game.
    made : list of tuple
        Where values were made up that formulas may use.
    """

    schema: dict[str, Any]
    made: list[tuple[int | str, ...]] = field(default_factory=list)

    def mend(self, tree: dict[str, Any], error: ValidationError, told: Sequence[Mistake]) -> bool:
        """Mend a file in place; whether its formulas may be read now, or more of them."""
        every = error.errors(include_url=False)
        spots = {finding["loc"][:k] for finding in every for k in range(len(finding["loc"]))}
        deepest = [finding for finding in every if finding["loc"] not in spots]
        if all(finding["type"] == "mistakes" for finding in deepest):
            return any([self._redefine(tree, mistake.place) for mistake in told])
        first = sorted(deepest, key=lambda finding: finding["type"] not in UNKNOWN)
        return all(self._replace(tree, finding) for finding in first)

    def sure(self, mistake: Mistake) -> bool:
        """Whether a mistake is one whatever belongs where something was made up."""
        if STAND_IN[:-2] in mistake.value + mistake.expected:
            return False
        if not self.made:
            return True
        text, *spot = mistake.expected.split("\n")  # of a formula, with a caret below it
        if not spot:
            return False
        if named := re.match(r"unknown (?:name|table) '([\w.]*)'", text):
            ends = {where[-1] for where in self.made}
            lost = ends & NAMES or any(where[-2:-1] == ("random",) for where in self.made)
            return not lost and not ("name" in ends and "." in named[1]) and named[1] not in ends
        return not any(_points_at(spot, where[-1]) for where in self.made)

    def _redefine(self, tree: dict[str, Any], place: str) -> bool:
        """Whether a place is that of a parameter or definition, for which a number stands now."""
        keys = steps(tree, place)
        if keys[-2:-1] == [] or keys[-2] not in NUMBERS:
            return False
        spot, _ = find(tree, keys, place, make=False)
        if spot is None or spot[0][spot[1]] == "1.0":
            return False
        spot[0][spot[1]] = "1.0"
        self.made.append(tuple(keys))
        return True

    def _replace(self, tree: dict[str, Any], finding: Any) -> bool:
        """Whether a mistake in keys or values could be mended, in place."""
        location, kind = finding["loc"], finding["type"]
        node, key = _spot(tree, location)
        if kind in UNKNOWN and isinstance(node, dict):
            value, (_, known, _) = node.pop(key, None), locate(self.schema, location)
            if right := meant(str(key), known):
                node.setdefault(right, value)
            return True
        if kind == "default_factory_not_called" or (kind == "missing" and key in node):
            return True
        schema = resolve(self.schema, locate(self.schema, location)[2])
        if kind == "missing":
            return self._supply(node, location, schema)
        there = (isinstance(node, dict) and key in node) or (
            isinstance(node, list) and isinstance(key, int)
        )
        if kind in ("mistakes", "field_error", *UNION) or not there:
            return False
        if kind == "literal_error" or _known_to_formulas(location):
            self.made.append(location)
        if kind in LIMITS:
            limit, step = LIMITS[kind]
            node[key] = finding["ctx"][limit] + step
        elif kind == "literal_error":
            known = schema.get("enum", [schema.get("const")])
            node[key] = max(known, key=lambda word: _likeness(node[key], word))
        elif schema.get("type") == "string":
            node[key] = STAND_IN.format(key)
        elif schema.get("type") == "array" and not isinstance(node[key], list):
            node[key] = _number([])
        elif schema.get("type") == "object" and isinstance(node, dict):
            del node[key]
        else:
            _put_numbers(node, key)
        return True

    def _supply(self, node: Any, location: Sequence[int | str], schema: dict[str, Any]) -> bool:
        """Whether something could be put where a key is missing."""
        if isinstance(node, list):  # too short
            node[:] = _number(node)
            return True
        key, name = location[-1], STAND_IN.format(location[-1])
        types = {part.get("type") for part in (schema, *schema.get("anyOf", ()))}
        if _known_to_formulas(location):
            self.made.append(tuple(location))
        if key in NAMES and "object" in types:
            node[key] = {name: [0, 1]}
        elif types & {"string", "number", "integer"}:
            node[key] = name if "string" in types else 1
        else:
            return False
        return True


def _spot(tree: Any, location: Sequence[int | str]) -> tuple[Any, Any]:
    """What holds a place, and its key there; tags of kinds are no keys."""
    node, *steps = tree, *location
    for step in steps[:-1]:
        if step in node if isinstance(node, dict) else isinstance(step, int):
            node = node[step]
    return node, steps[-1] if steps else None


def _known_to_formulas(location: Sequence[int | str]) -> bool:
    """Whether formulas may use what stands in a place, or the player who is called so."""
    return bool({*location} & NAMES) or [*location[1:]][-1:] == ["name"]


def _points_at(spot: Sequence[str], name: int | str) -> bool:
    """Whether a caret, below a formula, stands at a name."""
    *_, formula, caret = ["", *spot]
    return formula[caret.find("^") :].startswith(str(name)) if "^" in caret else False


def _likeness(written: Any, word: str) -> float:
    return difflib.SequenceMatcher(None, str(written), word).ratio()


def _put_numbers(node: Any, key: Any) -> None:
    """Put numbers in place of what are none; leave out what breaks a rule though it has them."""
    made = _number(node[key])
    if isinstance(node, dict) and repr(made) == repr(node[key]):  # as bounds the wrong way round
        del node[key]
    else:
        node[key] = made


def _number(value: Any) -> Any:
    """A number in place of what is none, in a list as long; two of them if it is too short."""
    if isinstance(value, list):
        made = [_number(part) for part in value]
        if len(made) > 1:
            return made
        last = made[0] if made else 0.0
        return [last, copy.deepcopy(last) if isinstance(last, list) else last + 1]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    return 1.0
