"""Kinds of games: the one table that says where a game is read, solved, moved, shown and drawn.

An entry is strings alone. A place is written ``"module:name"``; it is imported when it is asked
for, so that this room imports nothing of the package, and everything may read it. What a kind
leaves empty it does not offer, unless it becomes a game of a kind that does: then the game is
reduced first, see :mod:`leaderbored.solvers.reductions`.

Kinds from outside the package are registered by :func:`register_kind`, or found by the entry
points of the group ``leaderbored.kinds``, each of which names a :class:`Kind`.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from warnings import warn

from leaderbored.kinds.records import KNOWN, VERBS, Kind, Limit, Verb, imported
from leaderbored.kinds.table import TABLE

__all__ = [
    "VERBS",
    "Kind",
    "Limit",
    "Verb",
    "all_kinds",
    "fitting",
    "imported",
    "kind_named",
    "kind_of",
    "kinds_in_files",
    "offering",
    "register_kind",
    "resource",
]

GROUP = "leaderbored.kinds"
PLACE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*")
KNOWN.update({kind.name: kind for kind in TABLE})


def all_kinds() -> tuple[Kind, ...]:
    """All kinds, those of other packages last.

    Examples
    --------
    >>> [kind.name for kind in all_kinds()][:3]
    ['race', 'markov arrays', 'markov']
    """
    _found_elsewhere()
    return tuple(KNOWN.values())


def kinds_in_files() -> dict[str, Kind]:
    """The kinds that game files hold, by the word there.

    Examples
    --------
    >>> ", ".join(kinds_in_files())
    'race, markov, linear-quadratic, normal-form, finite, bayesian, continuous, contest'
    """
    return {kind.file: kind for kind in all_kinds() if kind.file}


def kind_named(name: str) -> Kind:
    """A kind by its name.

    Raises
    ------
    KeyError
        If there is none.

    Examples
    --------
    >>> kind_named("race").file
    'race'
    """
    if name not in KNOWN:
        _found_elsewhere()
    return KNOWN[name]


def kind_of(game: Any) -> Kind:
    """The kind of a game.

    Raises
    ------
    TypeError
        If there is none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> kind_of(lb.NormalForm([[1, 2]])).name
    'normal-form'
    """
    found = _record(type(game))
    if found is None:
        _found_elsewhere()
        found = _record(type(game))
    if found is None:
        raise TypeError(f"no game to solve: {type(game).__name__}{_advice(game)}")
    return found


def _advice(given: Any) -> str:
    """What makes a game of what was given instead of one."""
    if isinstance(given, str | Path):
        return "; lb.load reads a game from a file, or takes a name of the catalogue"
    if isinstance(given, list | tuple) or hasattr(given, "__array__"):
        return "; lb.NormalForm takes a payoff table of each player"
    return ""


def offering(game: Any, verb: str) -> Kind:
    """The kind of a game, of which a verb must be answered.

    Raises
    ------
    TypeError
        If it is not, or if it is no game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> offering(lb.NormalForm([[1, 2]]), "trace")
    Traceback (most recent call last):
    TypeError: trace: NormalForm given, expected a Race or a MarkovGame
    """
    kind = kind_of(game)
    if refusal := kind.refusal(verb):
        raise TypeError(f"{verb}: {type(game).__name__} given, {refusal}")
    return kind


def fitting(game: Any, method: Any) -> Any:
    """The method by which to solve a game: as given, or with all its defaults.

    Raises
    ------
    TypeError
        If it is of another kind; the message names what fits.

    Examples
    --------
    >>> import leaderbored as lb
    >>> fitting(lb.NormalForm([[1, 2]]), lb.Method())
    Traceback (most recent call last):
    TypeError: method: Method given, expected FiniteMethod for a game of NormalForm
    """
    fits = kind_of(game).get("method")
    if method is None:
        return fits()
    if not isinstance(method, fits):
        given, name = type(method).__name__, type(game).__name__
        raise TypeError(f"method: {given} given, expected {fits.__name__} for a game of {name}")
    return method


def register_kind(kind: Kind) -> Kind:
    """Add a kind of game to those that the package knows.

    Parameters
    ----------
    kind : Kind

    Returns
    -------
    Kind
        The same.

    Raises
    ------
    ValueError
        Naming everything that is wrong with it: a name, a record or a word of files that is
        taken, a place that is none, a kind to become that is not known.

    Examples
    --------
    >>> register_kind(Kind("race", "my_races:Race", room="here"))
    Traceback (most recent call last):
    ValueError: kind 'race': name: taken; room: 'here', expected "module:name"; method: ...
    """
    if wrong := _mistakes(kind):
        raise ValueError(f"kind {kind.name!r}: {'; '.join(wrong)}")
    KNOWN[kind.name] = kind
    return kind


def resource(place: str) -> Path:
    """Path of a file of a package, ``"package:path"``.

    Examples
    --------
    >>> resource(kind_named("race").starter).name
    'race.toml'
    """
    package, _, path = place.partition(":")
    return Path(str(import_module(package).__file__)).parent / path


def _record(cls: type) -> Kind | None:
    """The kind whose record this class is, or is derived from."""
    records = {kind.record: kind for kind in KNOWN.values()}
    lineage = (f"{each.__module__}:{each.__qualname__}" for each in cls.__mro__)
    return next((records[name] for name in lineage if name in records), None)


@cache
def _found_elsewhere() -> None:
    """Register what other packages offer; one that fails is said, and stops nothing."""
    from importlib.metadata import entry_points  # slow to import, and seldom asked for

    for point in entry_points(group=GROUP):
        try:
            register_kind(point.load())
        except Exception as error:
            warn(f"{GROUP}: {point.name} = {point.value}: {error}", stacklevel=2)


def _mistakes(kind: Kind) -> list[str]:
    others = KNOWN.values()
    wrong = [] if kind.name.strip() and kind.name.isprintable() else ["name: expected a word"]
    for part in ("name", "record", "file"):
        mine = getattr(kind, part)
        if mine and mine in [getattr(other, part) for other in others]:
            wrong.append(f"{part}: taken")
    wrong += [
        f'{part}: {place!r}, expected "module:name"'
        for part, place in kind.places.items()
        if not PLACE.fullmatch(place)
    ]
    if not (kind.room or kind.becomes):
        wrong.append("room: expected what solves it, or a kind that it becomes")
    if kind.room and not kind.method:
        wrong.append("method: expected the class of the methods of its room")
    if bool(kind.becomes) != bool(kind.reduction):
        wrong.append("becomes, reduction: expected both or neither")
    if kind.becomes and kind.becomes not in KNOWN:
        wrong.append(f"becomes: {kind.becomes!r}, known: {', '.join(KNOWN)}")
    return wrong
