"""Reductions: how a game becomes another one, and how the answer comes back.

A game of a kind that has a reduction is solved as what it becomes, step after step, and the
solution is carried back the same way (after the ``Reduction`` of cvxpy: Agrawal, Verschueren,
Diamond and Boyd, Journal of Control and Decision 5, 2018).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from leaderbored.games.normal_form import NormalForm
from leaderbored.kinds import kind_of
from leaderbored.solvers.solution import Solution


class Reduction:
    """How games of one kind become games of another."""

    def accept(self, game: Any) -> bool:
        """Whether it becomes one; otherwise the room of its own kind solves it."""
        del game
        return True

    def apply(self, game: Any) -> Any:
        """The game that it becomes."""
        raise NotImplementedError

    def invert(self, solution: Solution[Any], game: Any) -> Solution[Any]:
        """The solution of a game, from that of what it became: by default, that one as it is."""
        del game
        return solution


@dataclass(frozen=True)
class Table(Reduction):
    """A game of nashpy becomes a table of payoffs; its solution is of that.

    Examples
    --------
    >>> import nashpy
    >>> TABLE.apply(nashpy.Game([[1, -1], [-1, 1]])).shape
    (2, 2)
    """

    def apply(self, game: Any) -> NormalForm:
        """The table of payoffs."""
        return NormalForm.of(game)


@dataclass(frozen=True)
class Arrays(Reduction):
    """A contest becomes a lap: one entry for each lab, which has a number in place of its name."""

    def apply(self, game: Any) -> Any:
        """The lap."""
        return game.lap

    def invert(self, solution: Solution[Any], game: Any) -> Solution[Any]:
        """Strategies by the names of the labs."""
        names = [lab.name for lab in game.labs]
        found = [
            replace(each, strategies=dict(zip(names, each.strategies.values(), strict=True)))
            for each in solution.equilibria
        ]
        return replace(solution, game=game, equilibria=tuple(found))


@dataclass(frozen=True)
class Compiled(Reduction):
    """A race becomes a Markov game of arrays, unless its demand hangs on what labs do."""

    def accept(self, game: Any) -> bool:
        """Whether its arrays are known before its equilibrium is."""
        return not game.mechanisms.coupled

    def apply(self, game: Any) -> Any:
        """The game with all its mechanisms, as :meth:`leaderbored.Race.markov` compiles it."""
        return game.markov()

    def invert(self, solution: Solution[Any], game: Any) -> Solution[Any]:
        """The same equilibria, of the race."""
        return replace(solution, game=game)


TABLE, LAP, COMPILED = Table(), Arrays(), Compiled()


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

    def invert(self, solution: Solution[Any]) -> Solution[Any]:
        """The solution of the game as given."""
        for reduction, game in reversed(self.steps):
            solution = reduction.invert(solution, game)
        return solution


def chain(game: Any, part: str = "") -> Chain:
    """Reduce a game as far as it goes, or until its kind fills a field in.

    Parameters
    ----------
    game : Game
    part : str, optional
        Field of :class:`leaderbored.kinds.Kind`, such as ``"arena"``.

    Returns
    -------
    Chain

    Raises
    ------
    TypeError
        If it is no game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lap = lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], prize=1.0)
    >>> type(chain(lap).game).__name__, type(chain(lap, "figure").game).__name__
    ('Lap', 'Contest')
    """
    steps = list[tuple[Reduction, Any]]()
    kind = kind_of(game)
    while kind.reduction and not (part and getattr(kind, part)):
        reduction: Reduction = kind.get("reduction")
        if not reduction.accept(game):
            break
        steps.append((reduction, game))
        game = reduction.apply(game)
        kind = kind_of(game)
    return Chain(tuple(steps), game)
