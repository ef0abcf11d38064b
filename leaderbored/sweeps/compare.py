"""The verb ``compare``: scenarios side by side, what differs in them and in their answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from leaderbored.games.leaves import leaves
from leaderbored.games.places import unit_of
from leaderbored.kinds import kind_of
from leaderbored.shown import Shown
from leaderbored.solvers import Solution, Status, solve
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.sweeps.point import NUMBERS, Point, summary

FEWEST, MOST = 2, 5  # scenarios
SAME = 1e-6  # relative difference of answers that are told as alike


@dataclass(frozen=True)
class Row:
    """One thing of every scenario.

    Attributes
    ----------
    what, unit : str
    values : tuple
        A number, a word, or None where there is none; one for each scenario.
    """

    what: str
    unit: str
    values: tuple[Any, ...]

    @property
    def differs(self) -> bool:
        """Whether it is not the same in all scenarios."""
        return any(not _same(self.values[0], value) for value in self.values[1:])


@dataclass(frozen=True, eq=False)
class Comparison(Shown):
    """Scenarios side by side.

    Attributes
    ----------
    names : tuple of str
        Of the scenarios.
    solutions : tuple of Solution
    inputs : tuple of Row
        What differs in the games, by the places that ``--set`` names.
    answers : tuple of Row
        Everything that is told of the first equilibrium of each.
    """

    names: tuple[str, ...]
    solutions: tuple[Solution[Any], ...]
    inputs: tuple[Row, ...]
    answers: tuple[Row, ...]

    @property
    def status(self) -> Status:
        """How solving ended: of the first scenario that was not solved, if there is one."""
        each = [solution.status for solution in self.solutions]
        return next((status for status in each if not status.ok), each[0])

    @property
    def solved(self) -> bool:
        """Whether there is an answer to any of them."""
        return any(solution.equilibria for solution in self.solutions)

    @property
    def headline(self) -> str:
        """It in a sentence: the verdicts, and how much differs."""
        lacking = [
            name
            for name, solution in zip(self.names, self.solutions, strict=True)
            if not solution.equilibria
        ]
        if lacking:
            count = len(self.inputs)
            inputs = f"{_count(count, 'input')} {'differs' if count == 1 else 'differ'}"
            return f"No equilibrium was found of {', '.join(lacking)}; {inputs}."
        differ = [row for row in self.answers if row.differs and row.what != "regret"]
        said = f"{_count(len(self.inputs), 'input')} and {_count(len(differ), 'answer')} differ."
        verdicts = next((row for row in self.answers if row.what == "verdict"), None)
        if verdicts is None:
            return said[:1].upper() + said[1:]
        if not verdicts.differs:
            return f"The verdict is the same, {verdicts.values[0] or 'none'}; {said}"
        each = ", ".join(
            f"{name}: {value or 'none'}"
            for name, value in zip(self.names, verdicts.values, strict=True)
        )
        return f"The verdicts differ ({each}); {said}"

    @property
    def differing(self) -> tuple[Row, ...]:
        """Answers that are not the same in all scenarios."""
        return tuple(row for row in self.answers if row.differs)

    @property
    def alike(self) -> tuple[Row, ...]:
        """Answers that are."""
        return tuple(row for row in self.answers if not row.differs)


def _count(count: int, word: str) -> str:
    return f"{count or 'no'} {word}{'s' * (count != 1)}"


@unthreaded
def compare(
    games: Mapping[str, Any],
    *,
    all: bool | None = None,
    limit: float | Callable[[], bool] | None = None,
    progress: Any = None,
) -> Comparison:
    """Solve two to five games of one kind, and compare games and answers.

    Parameters
    ----------
    games : dict of str to game
        Scenarios, each with a name.
    all : bool, optional
        Whether to look for every equilibrium, as of :func:`leaderbored.solve`; what is compared is
        the first of each.
    limit, progress : optional
        As of :func:`leaderbored.solve`, the limit for each game.

    Returns
    -------
    Comparison

    Raises
    ------
    ValueError
        If there are fewer than two games or more than five, or they are of different kinds.

    Examples
    --------
    >>> import leaderbored as lb
    >>> def race(scarcity):
    ...     return lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(scarcity),
    ...                    lb.Technology(3), discount=0.1, rungs=6)
    >>> found = lb.compare({"loose": race(0.5), "tight": race(0.9)})
    >>> [(row.what, row.values) for row in found.inputs]
    [('market.scarcity', (0.5, 0.9))]
    """
    if not isinstance(games, Mapping) or not FEWEST <= len(games) <= MOST:
        given = f"{len(games)} games" if isinstance(games, Mapping) else repr(games)
        raise ValueError(f"compare: {given}: expected a dictionary of two to five games by name")
    kinds = [kind_of(game).name for game in games.values()]
    if len(set(kinds)) > 1:
        told = ", ".join(f"{name} is {kind}" for name, kind in zip(games, kinds, strict=True))
        raise ValueError(f"compare: {told}: expected games of one kind")
    solutions = tuple(
        solve(game, all=all, limit=limit, progress=progress) for game in games.values()
    )
    return of_solutions(dict(zip(games, solutions, strict=True)))


def of_solutions(solutions: Mapping[str, Solution[Any]]) -> Comparison:
    """The comparison of games of one kind that are solved already.

    Examples
    --------
    >>> import leaderbored as lb
    >>> one = lb.solve(lb.NormalForm([[1, 2]]))
    >>> of_solutions({"a": one, "b": one}).headline
    'No inputs and no answers differ.'
    """
    games = [solution.game for solution in solutions.values()]
    points = [summary(solution) for solution in solutions.values()]
    answers = [
        Row("equilibria", "", tuple(point.equilibria for point in points)),
        Row("regret", "", tuple(_known(point.regret) for point in points)),
        *_told(points),
    ]
    if not all_alike(point.status for point in points):
        answers.insert(0, Row("status", "", tuple(point.status for point in points)))
    if kind_of(games[0]).board:
        answers.insert(0, Row("verdict", "", tuple(point.verdict for point in points)))
    return Comparison(
        tuple(solutions), tuple(solutions.values()), tuple(_inputs(games)), tuple(answers)
    )


def all_alike(values: Any) -> bool:
    """Whether values are all the same.

    Examples
    --------
    >>> all_alike("aab"), all_alike([])
    (False, True)
    """
    return len(set(values)) <= 1


def _inputs(games: Sequence[Any]) -> list[Row]:
    each = [leaves(game) for game in games]
    found = []
    places = dict.fromkeys(place for tree in each for place in tree)
    for place in sorted(places, key=lambda place: place.startswith("labs")):  # of all labs first
        values = tuple(tree.get(place) for tree in each)
        row = Row(place, "", values)
        if row.differs and place not in ("name", "kind"):
            found.append(Row(place, _unit(games, place), values))
    return found


def _unit(games: Sequence[Any], place: str) -> str:
    return next(filter(None, (unit_of(game, place) for game in games)), "")


def _told(points: Sequence[Point]) -> list[Row]:
    """Numbers of a verdict, and values of the players."""
    rows = [
        Row(
            name.replace("_", " "),
            unit,
            tuple(_known(point.numbers.get(name)) for point in points),
        )
        for name, (unit, _) in NUMBERS.items()
    ]
    values = [dict(zip(point.names, point.value, strict=False)) for point in points]
    rows += [
        Row(f"value of {player}", "", tuple(_known(each.get(player)) for each in values))
        for player in dict.fromkeys(name for each in values for name in each)
    ]
    return [row for row in rows if any(value is not None for value in row.values)]


def _known(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)


def _same(one: Any, other: Any) -> bool:
    if type(one) is float and type(other) is float:
        return abs(one - other) <= SAME * max(abs(one), abs(other), 1e-9)
    return bool(one == other)
