"""The registry of mechanisms: one entry a mechanism, those of other packages included.

What a race may have, how it is read from a file, in which order mechanisms apply, and the table in
the docs all come from here. Another package makes a mechanism known by an entry point of the group
``leaderbored.mechanisms``, whose name is that in game files and whose value is the class; a script
by :func:`register_mechanism`.
"""

from __future__ import annotations

import warnings
from dataclasses import is_dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from keyword import iskeyword
from typing import Any

from leaderbored.race.mechanisms.accumulate import Accumulate
from leaderbored.race.mechanisms.fungibility import Fungibility
from leaderbored.race.mechanisms.hype import Hype
from leaderbored.race.mechanisms.inertia import Inertia
from leaderbored.race.mechanisms.inputs import Inputs
from leaderbored.race.mechanisms.jackpot import Jackpot
from leaderbored.race.mechanisms.lease import Lease
from leaderbored.race.mechanisms.mechanism import Mechanism
from leaderbored.race.mechanisms.open_weights import OpenWeights
from leaderbored.race.mechanisms.schedule import Schedule
from leaderbored.race.mechanisms.spillover import Spillover
from leaderbored.race.mechanisms.training_delay import TrainingDelay

GROUP = "leaderbored.mechanisms"
BUILT_IN: dict[str, type[Mechanism]] = {  # in the order in which they apply
    "inputs": Inputs,
    "fungibility": Fungibility,
    "open_weights": OpenWeights,
    "inertia": Inertia,
    "lease": Lease,
    "hype": Hype,
    "spillover": Spillover,
    "jackpot": Jackpot,
    "accumulate": Accumulate,
    "scarcity_path": Schedule,
    "training_delay": TrainingDelay,
}
# Attributes of Mechanisms, which no mechanism can be named like.
RESERVED = ("coupled", "coupling", "given", "hanging", "off", "on", "reworked", "steps", "without")
_unread = [GROUP]  # of entry points
_outside: dict[str, type[Mechanism]] = {}


def registered() -> dict[str, type[Mechanism]]:
    """Every mechanism by its name, in the order in which they apply.

    Examples
    --------
    >>> list(registered())[:2]
    ['inputs', 'fungibility']
    """
    _installed()
    return _ordered(tuple(_outside.items()))


def register_mechanism(name: str, mechanism: type[Mechanism]) -> None:
    """Make a mechanism known, so that races and game files may have it.

    Parameters
    ----------
    name : str
        By which ``Mechanisms`` and game files call it.
    mechanism : type
        A :class:`Mechanism` that is a frozen record. It takes the place of one that was
        registered before by this name.

    Raises
    ------
    TypeError
        If the class is no record of that kind.
    ValueError
        If the name is that of a built-in mechanism or not of small letters and underscores, or if
        the mechanism that it comes after is not known.

    Examples
    --------
    >>> register_mechanism("Tax", Inputs)
    Traceback (most recent call last):
    ValueError: register_mechanism: 'Tax', expected small letters and underscores
    """
    if not (name.isidentifier() and name.islower()) or iskeyword(name):
        reason = "expected a name of small letters and underscores"
        raise ValueError(f"register_mechanism: {name!r}, {reason}")
    if name in BUILT_IN or name in RESERVED:
        raise ValueError(f"register_mechanism: {name!r} is taken; expected another name")
    if not (isinstance(mechanism, type) and issubclass(mechanism, Mechanism)):
        raise TypeError(f"register_mechanism: {name!r}, expected a class based on Mechanism")
    config: Any = getattr(mechanism, "__pydantic_config__", {})
    if not (is_dataclass(mechanism) and config.get("extra") == "forbid"):
        raise TypeError(
            f"register_mechanism: {name!r}, expected a record: decorate the class with "
            "pydantic.dataclasses.dataclass(frozen=True, config=leaderbored.games.record.CONFIG)"
        )
    outside = {**_outside, name: mechanism}
    if name not in _ordered(tuple(outside.items())):
        known = ", ".join([*BUILT_IN, *(other for other in _outside if other != name)])
        reason = f"after {mechanism.after!r}, expected one of {known}"
        raise ValueError(f"register_mechanism: {name!r} {reason}")
    _outside[name] = mechanism


def table() -> str:
    """The mechanisms as a table in Markdown.

    Examples
    --------
    >>> print(table().splitlines()[3])
    | `fungibility` | `loss = 0` | compute beyond its native use is worth `1 - loss` |
    """
    rows = [f"| `{name}` | {part.plain_at} | {part.adds} |" for name, part in registered().items()]
    return "\n".join(["| mechanism | plain race at | what it adds |", "|---|---|---|", *rows])


def _installed() -> None:
    """Register the mechanisms of installed packages, once; those that follow others at last."""
    if not _unread:
        return
    found = entry_points(group=_unread.pop())
    points = sorted(found, key=lambda point: (point.name, point.value))
    waiting = [part for point in points if (part := _loaded(point))]
    while waiting:
        known = {None, *BUILT_IN, *_outside}
        ready = [part for part in waiting if getattr(part[1], "after", None) in known]
        for name, mechanism in ready or waiting:
            try:
                register_mechanism(name, mechanism)
            except (TypeError, ValueError) as error:
                warnings.warn(f"mechanism {name} is left out: {error}", stacklevel=2)
        waiting = [part for part in waiting if part not in ready] if ready else []


def _loaded(point: EntryPoint) -> tuple[str, Any] | None:
    try:
        return point.name, point.load()
    except Exception as error:  # whatever the other package does wrong
        warnings.warn(f"mechanism {point.name} is left out: {error!r}", stacklevel=2)
        return None


@cache
def _ordered(outside: tuple[tuple[str, type[Mechanism]], ...]) -> dict[str, type[Mechanism]]:
    """The built-in ones, each followed by what comes after it, by name."""
    order: list[str] = []

    def follow(before: str | None) -> None:
        for name, mechanism in sorted(outside, key=lambda pair: pair[0]):
            if mechanism.after == before:
                order.append(name)
                follow(name)

    follow(None)
    for name in BUILT_IN:
        order.append(name)
        follow(name)
    every = {**BUILT_IN, **dict(outside)}
    return {name: every[name] for name in order}
