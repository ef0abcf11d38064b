"""Reductions: how a game becomes another one, and how the answer comes back.

A game of a kind that has a reduction is solved as what it becomes, step after step, and the
solution is carried back the same way (after the ``Reduction`` of cvxpy: Agrawal, Verschueren,
Diamond and Boyd, Journal of Control and Decision 5, 2018).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from leaderbored.games.interim import before_types, opposed
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.record import RefusedError
from leaderbored.kinds import kind_of, offering
from leaderbored.race.alike import LUMPED, Ordered
from leaderbored.solvers.markov.certificate import confirmed
from leaderbored.solvers.solution import Found


class Reduction:
    """How games of one kind become games of another.

    Attributes
    ----------
    name : str
        What it does, in words.
    otherwise : str
        What is done with a game that it does not accept, in words.
    keeps : bool
        Whether the solution is of the game as given; otherwise it is of what it became.
    judges : bool
        Whether answers are judged by the game as given, so that the room need not judge them by
        what it became.
    """

    name: ClassVar[str] = "reduced"
    otherwise: ClassVar[str] = "solved as it is"
    keeps: ClassVar[bool] = False
    judges: ClassVar[bool] = False

    def accept(self, game: Any) -> bool:
        """Whether it becomes one; otherwise the room of its own kind solves it."""
        del game
        return True

    def apply(self, game: Any) -> Any:
        """The game that it becomes."""
        raise NotImplementedError

    def invert(self, found: Found[Any], game: Any) -> Found[Any]:
        """What was found of the game that it became, for the game as given; by default the same."""
        del game
        return found

    def steps(self, game: Any) -> Iterator[tuple[str, Any]]:
        """The way to what it becomes: what was done and the game after it, one after the other."""
        yield self.name, self.apply(game)


@dataclass(frozen=True)
class Table(Reduction):
    """A game of nashpy becomes a table of payoffs; its solution is of that.

    Examples
    --------
    >>> import nashpy
    >>> TABLE.apply(nashpy.Game([[1, -1], [-1, 1]])).shape
    (2, 2)
    """

    name: ClassVar[str] = "read as a table of payoffs"

    def apply(self, game: Any) -> NormalForm:
        """The table of payoffs."""
        return NormalForm.of(game)


@dataclass(frozen=True)
class Worked(Reduction):
    """A game whose payoffs are formulas becomes a table of payoffs; its solution is of that.

    Examples
    --------
    >>> import leaderbored as lb
    >>> WORKED_OUT.apply(lb.FiniteGame(["A", "B"], [0, 1], "x * sum(x)")).shape
    (2, 2)
    """

    name: ClassVar[str] = "payoffs worked out from formulas"

    def apply(self, game: Any) -> NormalForm:
        """The table of payoffs."""
        made: NormalForm = game.table
        return made


@dataclass(frozen=True)
class Agents(Reduction):
    """A game of private information becomes its agent form; its solution is of that.

    Examples
    --------
    >>> import leaderbored as lb
    >>> AGENTS.apply(lb.Bayesian(["A"], {"v": [0, 2]}, {"b": [0, 1]}, "v * b")).players
    ('A (v = 0)', 'A (v = 2)')
    """

    name: ClassVar[str] = "in agent form, a player for each type"
    otherwise: ClassVar[str] = "type by type, as the agent form has too many profiles"

    def accept(self, game: Any) -> bool:
        """Whether its agent form is small enough, or there are more than two players."""
        return bool(game.form == "agents")

    def apply(self, game: Any) -> NormalForm:
        """The agent form."""
        made: NormalForm = game.agents
        return made

    def invert(self, found: Found[Any], game: Any) -> Found[Any]:
        """What is worth knowing of the game before types are drawn: its value, if it has one."""
        if len(game.players) != 2 or not found.equilibria or not opposed(game):
            return found
        first, _ = before_types(game, [*found.equilibria[0].strategies.values()])
        return replace(found, value=first)

    def steps(self, game: Any) -> Iterator[tuple[str, Any]]:
        """The agent form, or the game as it is: one that is too large is not made to be shown."""
        small = self.accept(game)
        yield (self.name, self.apply(game)) if small else (self.otherwise, game)


@dataclass(frozen=True)
class Arrays(Reduction):
    """A contest becomes arrays, one entry for each lab, which has a number in place of its name."""

    name: ClassVar[str] = "written as arrays, with what leasing leaves to sell"
    keeps: ClassVar[bool] = True

    def apply(self, game: Any) -> Any:
        """The arrays."""
        return game.arrays

    def invert(self, found: Found[Any], game: Any) -> Found[Any]:
        """Strategies by the names of the labs."""
        named = [
            replace(each, strategies=dict(zip(game.names, each.strategies.values(), strict=True)))
            for each in found.equilibria
        ]
        return replace(found, equilibria=named)


@dataclass(frozen=True)
class Compiled(Reduction):
    """A race becomes a Markov game of arrays, unless its demand depends on what labs do."""

    name: ClassVar[str] = "compiled to arrays"
    otherwise: ClassVar[str] = "anew at each play, as demand depends on it"
    keeps: ClassVar[bool] = True
    judges: ClassVar[bool] = True

    def accept(self, game: Any) -> bool:
        """Whether its arrays are known before its equilibrium is."""
        return not game.mechanisms.coupled

    def apply(self, game: Any) -> Any:
        """The game with all its mechanisms, as :meth:`leaderbored.Race.markov` compiles it."""
        return game.markov()

    def invert(self, found: Found[Any], game: Any) -> Found[Any]:
        """The same equilibria, each judged by the record of the race."""
        return confirmed(game, found)

    def steps(self, game: Any) -> Iterator[tuple[str, Any]]:
        """The plain race, and then with one mechanism after the other."""
        for name, made in game.steps():
            yield self.name if name == "race" else f"with {name}", made


TABLE, WORKED_OUT, AGENTS = Table(), Worked(), Agents()
ARRAYS, COMPILED = Arrays(), Compiled()


@dataclass(frozen=True, eq=False)
class Chain:
    """A game, and what it becomes.

    Attributes
    ----------
    steps : tuple of pairs of Reduction and game
        The reductions in order, each with the game that it was applied to.
    game : object
        What there is at the end.
    """

    steps: tuple[tuple[Reduction, Any], ...]
    game: Any

    @property
    def answered(self) -> Any:
        """The game that the solution is of: as given, or what it became if that has no other."""
        kept = self.game
        for reduction, game in reversed(self.steps):
            kept = game if reduction.keeps else kept
        return kept

    @property
    def record(self) -> dict[str, Any]:
        """The game by which the room is to judge, under the name of the option; or nothing."""
        judges = self.steps and self.steps[-1][0].judges
        return {"record": self.steps[-1][1]} if judges else {}

    def invert(self, found: Found[Any]) -> Found[Any]:
        """What was found, for the game as given."""
        for reduction, game in reversed(self.steps):
            found = reduction.invert(found, game)
        return found


def tabulated(game: Any, verb: str) -> NormalForm:
    """The game as a table of payoffs, of which a verb is asked.

    Raises
    ------
    TypeError
        If its kind has no such table.
    RefusedError
        If this very game has none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Bayesian(["A"], {"v": [0, 2]}, {"b": [0, 1]}, "v * b")
    >>> tabulated(game, "correlated").players
    ('A (v = 0)', 'A (v = 2)')
    """
    offering(game, verb)
    form: Any = chain(game, "table").game
    if not isinstance(form, NormalForm) and (reason := kind_of(form).limit(verb, form)):
        raise RefusedError(f"{verb}: {reason}")
    table: NormalForm = form
    return table


def chain(game: Any, part: str = "", asked: bool | None = None) -> Chain:
    """Reduce a game as far as it goes, or until its kind fills a field in.

    Parameters
    ----------
    game : Game
    part : str, optional
        Field of :class:`leaderbored.kinds.Kind`, such as ``"arena"``.
    asked : bool, optional
        Whether the shortcut of a kind is asked for; by default where the game is large.

    Returns
    -------
    Chain

    Raises
    ------
    TypeError
        If it is no game.
    RefusedError
        If alike labs are not told apart in its arrays, so that it is no game of theirs.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], prize=1.0)
    >>> type(chain(game).game).__name__, type(chain(game, "figure").game).__name__
    ('ContestArrays', 'Contest')
    """
    steps = list[tuple[Reduction, Any]]()
    if isinstance(game, Ordered):
        raise RefusedError(LUMPED)
    kind = kind_of(game)
    while kind.reduction and not (part and getattr(kind, part)):
        reduction: Reduction = kind.get("reduction")
        shortcut: Any = replace(kind.get("shortcut"), asked=asked) if kind.shortcut else None
        if shortcut is not None and shortcut.accept(game):
            reduction = shortcut
        elif not reduction.accept(game):
            break
        steps.append((reduction, game))
        game = reduction.apply(game)
        kind = kind_of(game)
    return Chain(tuple(steps), game)
