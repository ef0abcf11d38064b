"""Changes of a game file from outside: ``--set PATH=VALUE``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from leaderbored.games.places import find, steps, tree_of
from leaderbored.games.problems import Mistake
from leaderbored.games.validation import unknown

NUMBER = re.compile(r"[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?")
RATIO = re.compile(r"([+-]?\d{1,15})\s*/\s*(\d{1,15})")
COMMA = re.compile(r"[+-]?\d*,\d+")
NAMED = ("parameters", "let", "random", "tables")  # tables of names that formulas use


def override(tree: dict[str, Any], change: str) -> Mistake | None:
    """Apply one ``path=value`` to what a file says, in place.

    Parameters
    ----------
    tree : dict
        The file as read.
    change : str
        Numbers as people write them, ``.1`` and ``1/20`` among them, or any value of TOML; what is
        neither is text.

    Returns
    -------
    Mistake or None

    Examples
    --------
    >>> tree = {"discount": 0.1, "labs": [{"name": "A", "compute": 1}]}
    >>> override(tree, "discount=.2"), override(tree, "labs.A.compute=1/4"), tree["labs"]
    (None, None, [{'name': 'A', 'compute': 0.25}])
    >>> override(tree, "discount=0,2").expected
    'decimals have a point: 0.2'
    """
    path, equals, text = change.partition("=")
    keys, text = steps(tree, path.strip()), text.strip()
    place = "--set " + ".".join(keys)
    if not equals or not all(keys):
        return Mistake(f"--set {change}", "", "expected path=value, such as discount=0.2")
    if COMMA.fullmatch(text):
        return Mistake(place, text, f"decimals have a point: {text.replace(',', '.')}")
    before = set(_texts(tree))
    spot, mistake = find(tree, keys, place, make=True)
    if mistake is not None:
        return mistake
    holder, key = spot
    present = holder.get(key) if isinstance(holder, dict) else holder[key]
    if present is None and _unused(keys, key, before):
        return Mistake(place, text, unknown("name", str(key), [k for k in holder if k != key]))
    exact = tree.get("kind") == "normal-form"
    holder[key] = value_of_text(text, number=isinstance(present, int | float) and not exact)
    return None


def write_lists(
    tree: dict[str, Any], changes: Sequence[str], read: Callable[[dict[str, Any]], Any]
) -> None:
    """Write out, in place, the lists that changes count through and a file leaves as they are.

    Parameters
    ----------
    tree : dict
        The file as read.
    changes : sequence of str
        As of :func:`override`.
    read : callable
        From what a file says to the game; raises ``ValueError`` where there is none.

    Examples
    --------
    >>> from leaderbored.games.formats.gamefile import loads, starter
    >>> text = starter("race").read_text(encoding="utf-8")
    >>> loads(text, ["labs.A.build[1]=.2"]).labs[0].build
    (0.0, 0.2)
    """
    whole = None
    for change in changes:
        keys = steps(tree, change.partition("=")[0].strip())
        lists = [keys[:k] for k in range(1, len(keys)) if keys[k].isdigit()]
        for above in lists:
            if find(tree, above, "", make=False)[1] is None:
                continue
            try:
                whole = tree_of(read(tree)) if whole is None else whole
            except ValueError:
                return
            spot, mistake = find(whole, above, "", make=False)
            if mistake is None and isinstance(spot[0][spot[1]], list):
                (holder, key), _ = find(tree, above, "", make=True)
                holder[key] = spot[0][spot[1]]


def value_of_text(text: str, *, number: bool = False) -> Any:
    """What a value from outside says.

    Parameters
    ----------
    text : str
    number : bool, optional
        Whether a number stands in that place, so that a ratio is one too.

    Examples
    --------
    >>> [value_of_text(text) for text in (".5", "-5.", "1E3", "007", "[0, 1]", "true", "a b")]
    [0.5, -5.0, 1000.0, 7, [0, 1], True, 'a b']
    """
    plain = text.replace("\u2212", "-")
    try:
        return tomllib.loads(f"value = {plain}")["value"]
    except (tomllib.TOMLDecodeError, ValueError, RecursionError):
        pass
    if NUMBER.fullmatch(plain):
        digits = plain.replace("_", "")
        return int(digits) if digits.lstrip("+-").isdigit() and len(digits) < 400 else float(digits)
    if number and (ratio := RATIO.fullmatch(plain)) and int(ratio[2]):
        return float(Fraction(int(ratio[1]), int(ratio[2])))
    return text


def _unused(keys: list[str], key: Any, texts: set[str]) -> bool:
    """Whether a new name in a table of names is in no formula: a slip of another one."""
    if len(keys) < 2 or keys[-2] not in NAMED:
        return False
    word = re.compile(rf"(?<!\w){re.escape(str(key))}(?!\w)")
    return not any(word.search(text) for text in texts)


def _texts(tree: Any) -> Iterator[str]:
    """All text in a file."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, list) and part and not isinstance(part[0], int | float):
            waiting += part
