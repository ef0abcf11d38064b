"""The verb: ``explain(game)``, which says what would be done, before any of it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from leaderbored.kinds import VERBS, kind_of
from leaderbored.shown import Shown
from leaderbored.solvers.estimate import estimate
from leaderbored.solvers.reductions import Chain, Reduction, chain
from leaderbored.solvers.settings import settings


@dataclass(frozen=True)
class Step:
    """A game on the way to what is solved.

    Attributes
    ----------
    kind : str
    what : str
        What was done to arrive there; empty of the game as given.
    size : dict of str to int
        Players, states or strategies, and unknowns.
    """

    kind: str
    what: str
    size: dict[str, int]


@dataclass(frozen=True, eq=False)
class Explanation(Shown):
    """How a game is solved, and what may be asked of it.

    Attributes
    ----------
    game : object
        As given.
    kind : str
    steps : tuple of Step
        The game as given, and what it becomes, step by step.
    room : str
        The package that solves it.
    method : str
        The class of its method.
    defaults : dict of str to str
        Of the numbers of the method, those of its parts with dots.
    options : tuple of str
        Of :func:`leaderbored.solve`, besides ``all``, ``limit`` and ``progress``.
    expected : str
        What it will take to find one equilibrium; empty where nothing is known.
    answers : tuple of str
        The verbs that the game answers.
    refusals : dict of str to str
        What is said where it does not.
    """

    game: Any
    kind: str
    steps: tuple[Step, ...]
    room: str
    method: str
    defaults: dict[str, str]
    options: tuple[str, ...]
    expected: str
    answers: tuple[str, ...]
    refusals: dict[str, str]


def explain(game: Any) -> Explanation:
    """Say how a game would be solved: what it becomes, where, by which method; and what it answers.

    Nothing is solved. A game that is reduced is reduced, so that its size is known.

    Parameters
    ----------
    game : Game
        Any.

    Returns
    -------
    Explanation

    Raises
    ------
    TypeError
        If it is no game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), 0.1, 2, mechanisms={"inertia": {"lag": 1}})
    >>> found = lb.explain(race)
    >>> [(step.what, step.size["states"]) for step in found.steps]
    [('', 5), ('compiled to arrays', 5), ('with inertia', 25)]
    >>> found.room, found.method, found.options
    ('leaderbored.solvers.markov', 'Method', ('start', 'select'))
    """
    kind = kind_of(game)
    method, expected = kind.get("method"), estimate(game)
    known = (verb for verb, asked in VERBS.items() if asked.needs == "options")
    with np.errstate(all="ignore"):
        reduced = chain(game)
        steps = tuple(_steps(game, reduced))
    games = [*(given for _, given in reduced.steps), reduced.game]
    refusals = {verb: words for verb in VERBS if (words := _refused(games, verb))}
    return Explanation(
        game=game,
        kind=kind.name,
        steps=steps,
        room=kind_of(reduced.game).room.partition(":")[0],
        method=method.__name__,
        defaults=settings(method()),
        options=tuple(option for option in known if kind.answers(option)),
        expected="" if expected is None else str(expected),
        answers=tuple(verb for verb in VERBS if verb not in refusals),
        refusals=refusals,
    )


def _refused(games: Sequence[Any], verb: str) -> str:
    """What is said of a game and what it becomes, where a verb is not answered."""
    each = [kind_of(game) for game in games]
    reason = each[0].refusal(verb)
    if reason and VERBS[verb].needs == "options":
        return f"no option of {type(games[0]).__name__}"
    known = [*zip(each, games, strict=True)]
    reason = reason or next(filter(None, (kind.limit(verb, game) for kind, game in known)), "")
    if not reason and verb == "figure":
        kind, game = next((kind, game) for kind, game in known if kind.figure)
        reason = str(kind.get("drawable")(game)) if kind.drawable else ""
    return reason


def _steps(given: Any, reduced: Chain) -> Iterator[Step]:
    yield _step(given, "")
    for reduction, game in reduced.steps:
        yield from _way(reduction, game)
    kind = kind_of(reduced.game)
    if kind.reduction:  # and not accepted
        refused: Reduction = kind.get("reduction")
        way = [*_way(refused, reduced.game)]
        last = replace(way[-1], what=refused.otherwise)
        yield from way if last == way[-1] else [*way, last]
    inner: Reduction | None = kind.get("within") if kind.within else None
    if inner and inner.accept(reduced.game):
        yield from _way(inner, reduced.game)


def _way(reduction: Reduction, game: Any) -> Iterator[Step]:
    for what, made in reduction.steps(game):
        yield _step(made, what)


def _step(game: Any, what: str) -> Step:
    kind = kind_of(game)
    return Step(kind.name, what, kind.get("size")(game) if kind.size else {})
