r"""A finite game without what is never played, and its equilibria in the game as given.

A strategy that is strictly dominated is played in no equilibrium; without it others may be
dominated in turn, see :mod:`leaderbored.solvers.finite.dominance`. A player who has one strategy
left decides nothing. A dummy player, whose choice moves nobody's payoff, its own included, may do
anything: the equilibria are those of the others, each with every law of the dummy. So a game of
three players may have the equilibria of a game of two, of which every one can be found. Weakly
dominated strategies stay, for they may be played.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from typing import Any, ClassVar

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.dominance import Dominated, survivors
from leaderbored.solvers.reductions import Reduction
from leaderbored.solvers.solution import Component, Found, StaticEquilibrium

SHOWN = 64  # pure choices of dummy players with which each equilibrium is listed


@dataclass(frozen=True, eq=False)
class Undominated:
    """A game, and the smaller one that has its equilibria.

    Attributes
    ----------
    game : NormalForm
        As given, of N players.
    kept : tuple of N int arrays
        The strategies of each player that are left.
    out : tuple of Dominated
        What was left out, and why.
    dummies : tuple of int
        Of three or more players with a choice, those whose choice moves nobody's payoff.
    """

    game: NormalForm
    kept: tuple[States, ...]
    out: tuple[Dominated, ...] = ()
    dummies: tuple[int, ...] = ()

    @classmethod
    def of(cls, game: NormalForm) -> Undominated:
        """Leave out strictly dominated strategies until there are none, and then dummies.

        Examples
        --------
        >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
        >>> [own.tolist() for own in Undominated.of(game).kept]
        [[1], [1]]
        """
        left = survivors(game)
        choosing = [i for i, own in enumerate(left.kept) if len(own) > 1]
        tables = game.payoffs[(slice(None), *np.ix_(*left.kept))] if len(choosing) > 2 else None
        dummies = tuple(i for i in choosing if tables is not None and _same(tables, i + 1))
        dummies = dummies[len(dummies) == len(choosing) :]  # somebody is to be left
        return cls(game, left.kept, left.out, dummies)

    @cached_property
    def deciding(self) -> list[int]:
        """The players who have a choice left that matters."""
        each = enumerate(self.kept)
        return [i for i, own in each if len(own) > 1 and i not in self.dummies]

    @property
    def smaller(self) -> NormalForm:
        """The game of the players who have a choice, or of the first player if nobody has."""
        who, game = self.deciding or [0], self.game
        left = [own if i in who else own[0] for i, own in enumerate(self.kept)]
        shape = [len(self.kept[i]) for i in who]
        tables = [game.payoffs[i][np.ix_(*map(np.atleast_1d, left))].reshape(shape) for i in who]
        names = tuple(tuple(game.strategies[i][a] for a in self.kept[i]) for i in who)
        return NormalForm(np.stack(tables), tuple(game.players[i] for i in who), names)

    @property
    def reason(self) -> str:
        """What was left out, in words; empty if nothing was."""
        mixed = sum(len(one.better) > 1 for one in self.out)
        by = f", {mixed} of them by mixtures" if mixed else ""
        parts = [f"{len(self.out)} strictly dominated{by}"] if self.out else []
        idle = len(self.kept) - len(self.deciding) - len(self.dummies)
        one = "of a player who has" if idle == 1 else "of players who have"
        parts += [f"{idle} {one} no other"] if idle and len(self.kept) > 2 else []
        said = [f"strategies set aside: {' and '.join(parts)}"] if parts else []
        names = " and ".join(self.game.players[i] for i in self.dummies)
        said += [f"whatever {names} may do moves no payoff"] if names else []
        return "; ".join([*said, ""])

    def whole(self, found: Found[StaticEquilibrium]) -> Found[StaticEquilibrium]:
        """What was found of the smaller game, for the game as given."""
        parts = found.components
        if self.dummies and not parts:  # isolated equilibria, each with all that dummies may do
            numbered = enumerate(found.equilibria)
            found = replace(found, equilibria=[replace(e, component=k) for k, e in numbered])
            parts = tuple(Component((), (), (), e.index, 0) for e in found.equilibria)
        return replace(
            found,
            equilibria=[one for each in found.equilibria for one in self.lifted(each)],
            census=replace(found.census, message=self.reason + found.census.message),
            components=tuple(map(self.component, parts)),
        )

    def lifted(self, found: StaticEquilibrium) -> list[StaticEquilibrium]:
        """An equilibrium of the smaller game, as some of the game as given."""
        choices = [self.kept[i] for i in self.dummies]
        few = prod(map(len, choices)) <= SHOWN
        each = product(*choices) if few else [tuple(own[0] for own in choices)]
        return [self._with(found, dict(zip(self.dummies, pure, strict=True))) for pure in each]

    def _with(self, found: StaticEquilibrium, pure: dict[int, int]) -> StaticEquilibrium:
        """An equilibrium with what each dummy does."""
        exact = [*found.exact.values()] if found.exact else None
        full = self._laws([*found.strategies.values()], pure)
        rational = self._rational(exact, pure) if exact else None
        players = self.game.players
        return replace(
            found,
            strategies=dict(zip(players, full, strict=True)),
            payoffs=self.game.expected(full),
            regret=float(regret(self.game, full).max()),
            stable=None if pure else found.stable,
            exact=dict(zip(players, rational, strict=True)) if rational else None,
        )

    def component(self, part: Component) -> Component:
        """A component of the smaller game, its strategies among all that a player has."""
        rows, columns = part.row_vertices, part.column_vertices
        who = self.deciding or [0]
        if rows:
            rows = tuple(self._law(who[0], law) for law in rows)
        if columns and len(who) == 2:
            columns = tuple(self._law(who[1], law) for law in columns)
        if rows and len(who) == 1 and len(self.kept) == 2:  # by the players' places
            other = 1 - who[0]
            only = (self._law(other, np.ones(1)),)
            if who[0] == 0:
                columns = only
            else:
                swapped = tuple((y, x) for x, y in part.subsets)
                part = replace(part, subsets=swapped)
                rows, columns = only, rows
        more = sum(len(self.kept[i]) - 1 for i in self.dummies)
        return replace(
            part,
            row_vertices=rows,
            column_vertices=columns,
            dimension=None if part.dimension is None else part.dimension + more,
            dummies=tuple(self.game.players[i] for i in self.dummies),
        )

    def _law(self, i: int, law: Array) -> Array:
        full = np.zeros(self.game.shape[i])
        full[self.kept[i]] = law
        return full

    def _laws(self, laws: Sequence[Array], pure: dict[int, int]) -> list[Array]:
        own = dict(zip(self.deciding or [0], laws, strict=False))
        sure = {i: np.eye(self.game.shape[i])[choice] for i, choice in pure.items()}
        return [
            sure[i] if i in sure else self._law(i, own.get(i, np.ones(1)))
            for i in range(len(self.kept))
        ]

    def _rational(
        self, laws: Sequence[tuple[Fraction, ...]], pure: dict[int, int]
    ) -> list[tuple[Fraction, ...]]:
        own = dict(zip(self.deciding or [0], laws, strict=False))
        full = []
        for i, kept in enumerate(self.kept):
            law = [Fraction(0)] * self.game.shape[i]
            only = [pure[i]] if i in pure else kept.tolist()
            for a, weight in zip(only, own.get(i, (Fraction(1),)), strict=True):
                law[a] = weight
            full.append(tuple(law))
        return full


def _same(tables: Any, axis: int) -> bool:
    """Whether all entries stay the same along an axis."""
    return bool((tables == tables.take([0], axis=axis)).all())


class Dominance(Reduction):
    """A game without what is never played, and without players whose choice moves nothing.

    Examples
    --------
    >>> third = NormalForm([[[[3], [0]], [[5], [1]]], [[[3], [5]], [[0], [1]]], [[[0], [0]]] * 2])
    >>> DOMINANCE.accept(third), DOMINANCE.apply(third).shape
    (True, (1,))
    """

    name: ClassVar[str] = "without strictly dominated strategies and dummies"
    keeps: ClassVar[bool] = True

    def accept(self, game: NormalForm) -> bool:
        """Whether there are any."""
        return bool(Undominated.of(game).reason)

    def apply(self, game: NormalForm) -> NormalForm:
        """The game of the players who have a choice left."""
        return Undominated.of(game).smaller

    def invert(self, found: Found[Any], game: NormalForm) -> Found[Any]:
        """Equilibria with the strategies of all players."""
        return Undominated.of(game).whole(found)


DOMINANCE = Dominance()
