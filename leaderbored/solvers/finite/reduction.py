"""A finite game without what is never played, and its equilibria in the game as given.

A strategy that another one strictly dominates is played in no equilibrium; without it others may
be dominated in turn. A player who has one strategy left decides nothing. So a game of three players
may have the equilibria of a game of two, of which every one can be found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.reductions import Reduction
from leaderbored.solvers.solution import Component, Found, StaticEquilibrium

MOST = 100_000  # payoffs of one player up to which dominance is looked for


@dataclass(frozen=True, eq=False)
class Undominated:
    """A game, and the smaller one that has its equilibria.

    Attributes
    ----------
    game : NormalForm
        As given, of N players.
    kept : tuple of N int arrays
        The strategies of each player that are left.
    """

    game: NormalForm
    kept: tuple[States, ...]

    @classmethod
    def of(cls, game: NormalForm) -> Undominated:
        """Leave out strictly dominated strategies until there are none.

        Examples
        --------
        >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
        >>> [own.tolist() for own in Undominated.of(game).kept]
        [[1], [1]]
        """
        kept = [np.arange(size) for size in game.shape]
        found = game.profiles <= MOST
        while found:
            found = False
            for i, table in enumerate(game.payoffs):
                rows = np.moveaxis(table[np.ix_(*kept)], i, 0).reshape(len(kept[i]), -1)
                worse = _dominated(rows)
                found |= bool(worse.any())
                kept[i] = kept[i][~worse]
        return cls(game, tuple(kept))

    @property
    def deciding(self) -> list[int]:
        """The players who have a choice left."""
        return [i for i, own in enumerate(self.kept) if len(own) > 1]

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
        less = sum(self.game.shape) - sum(map(len, self.kept))
        parts = [f"{less} strictly dominated"] if less else []
        idle = len(self.kept) - len(self.deciding)
        parts += [f"{idle} of players who have no other"] if idle else []
        return f"strategies set aside: {' and '.join(parts)}; " if parts else ""

    def whole(self, found: Found[StaticEquilibrium]) -> Found[StaticEquilibrium]:
        """What was found of the smaller game, for the game as given."""
        return replace(
            found,
            equilibria=[self.lifted(equilibrium) for equilibrium in found.equilibria],
            census=replace(found.census, message=self.reason + found.census.message),
            components=tuple(map(self.component, found.components)),
        )

    def lifted(self, found: StaticEquilibrium) -> StaticEquilibrium:
        """An equilibrium of the smaller game, as one of the game as given."""
        laws = [*found.strategies.values()]
        exact = [*found.exact.values()] if found.exact else None
        full, rational = self._laws(laws), self._rational(exact) if exact else None
        players = self.game.players
        return replace(
            found,
            strategies=dict(zip(players, full, strict=True)),
            payoffs=self.game.expected(full),
            regret=float(regret(self.game, full).max()),
            exact=dict(zip(players, rational, strict=True)) if rational else None,
        )

    def component(self, part: Component) -> Component:
        """A component of the smaller game, its strategies among all that a player has."""
        rows, columns = part.row_vertices, part.column_vertices
        if not self.deciding:
            return part
        i, *others = self.deciding
        rows = tuple(self._law(i, law) for law in rows)
        for j in others:
            columns = tuple(self._law(j, law) for law in columns)
        return replace(part, row_vertices=rows, column_vertices=columns)

    def _law(self, i: int, law: Array) -> Array:
        full = np.zeros(self.game.shape[i])
        full[self.kept[i]] = law
        return full

    def _laws(self, laws: Sequence[Array]) -> list[Array]:
        own = dict(zip(self.deciding, laws, strict=False))
        return [self._law(i, own.get(i, np.ones(1))) for i in range(len(self.kept))]

    def _rational(self, laws: Sequence[tuple[Fraction, ...]]) -> list[tuple[Fraction, ...]]:
        own = dict(zip(self.deciding, laws, strict=False))
        full = []
        for i, kept in enumerate(self.kept):
            law = [Fraction(0)] * self.game.shape[i]
            for a, weight in zip(kept.tolist(), own.get(i, (Fraction(1),)), strict=True):
                law[a] = weight
            full.append(tuple(law))
        return full


def _dominated(rows: NDArray[np.generic]) -> NDArray[np.bool_]:
    """(m,) which rows another row exceeds everywhere."""
    worse = np.zeros(len(rows), dtype=bool)
    for a, row in enumerate(rows):
        worse[a] = bool((rows > row).astype(bool).all(axis=1).any())
    return worse


class Dominance(Reduction):
    """A game of three or more players without what is never played.

    Examples
    --------
    >>> third = NormalForm([[[[3], [0]], [[5], [1]]], [[[3], [5]], [[0], [1]]], [[[0], [0]]] * 2])
    >>> DOMINANCE.accept(third), DOMINANCE.apply(third).shape
    (True, (1,))
    """

    name: ClassVar[str] = "without strategies that are strictly dominated"
    keeps: ClassVar[bool] = True

    def accept(self, game: NormalForm) -> bool:
        """Whether there are any; of two players all strategies stay."""
        return len(game.shape) > 2 and bool(Undominated.of(game).reason)

    def apply(self, game: NormalForm) -> NormalForm:
        """The game of the players who have a choice left."""
        return Undominated.of(game).smaller

    def invert(self, found: Found[Any], game: NormalForm) -> Found[Any]:
        """Equilibria with the strategies of all players."""
        return Undominated.of(game).whole(found)


DOMINANCE = Dominance()
