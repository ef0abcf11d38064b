"""Who is told apart in a continuous game, and what names stand for in each one's formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from leaderbored.games.meanings import Definition, Share, Theirs
from leaderbored.games.parameters import named, real, symbolic
from leaderbored.games.sums import Sums
from leaderbored.games.words import constants

if TYPE_CHECKING:
    from leaderbored.games.continuous import Continuous, Player

MANY = 12  # groups up to which totals are written out


@dataclass(frozen=True)
class Group:
    """Players that are told apart from others, not from each other."""

    name: str
    player: Player = field(hash=False)
    count: int


@dataclass(frozen=True)
class Symbols:
    """Expressions for (group, strategy) as its player decides and as it is played; other names.

    Attributes
    ----------
    own, played : dict of (group, strategy) to symbol
    parameters : dict of dict of str to object
        What each group calls by name besides strategies, and for None the game.
    numbers : dict of symbol or Grid to (group or None, str)
        Whose parameter each number or table is, in order.
    sums : Sums or None
        Where totals are kept, if not written out.
    """

    own: Mapping[tuple[str, str], Any]
    played: Mapping[tuple[str, str], Any]
    parameters: Mapping[str | None, Mapping[str, Any]]
    numbers: Mapping[Any, tuple[str | None, str]]
    sums: Sums | None = None

    @property
    def decided(self) -> set[Any]:
        """What is decided, and totals of it that were met by now."""
        return self.sums.decided if self.sums else {*self.own.values(), *self.played.values()}

    @classmethod
    def of(cls, game: Continuous, groups: Sequence[Group], many: float = inf) -> Symbols:
        """New symbols for everything; of more groups than so many, for totals too."""
        numbers: dict[Any, tuple[str | None, str]] = {}
        values: dict[Any, Any] = {}

        def made(owner: str | None, known: Mapping[str, Any]) -> dict[str, Any]:
            names = symbolic(known, values, real)
            numbers.update({m: (owner, name) for name, m in names.items() if m in values})
            return names

        common = {**game.constants, **made(None, named(game))}
        parameters: dict[str | None, dict[str, Any]] = {None: common}
        own, played = {}, {}
        for group in groups:
            special = made(group.name, named(group.player, game.written_at(group.player)))
            parameters[group.name] = {**common, **special}
            for name in group.player.strategies:
                own[group.name, name] = real(f"own_{name}")
                played[group.name, name] = real(name)
        shares = {
            group.name: Share(
                {
                    **parameters[group.name],
                    **{name: played[group.name, name] for name in group.player.strategies},
                },
                group.count,
            )
            for group in groups
        }
        decided = {*own.values(), *played.values()}
        sums = Sums(shares, decided) if len(groups) > many else None
        return cls(own, played, parameters, numbers, sums)

    def values(self, game: Continuous, groups: Sequence[Group]) -> list[Any]:
        """What the parameters are, in the order of ``numbers``: numbers and arrays."""
        owners: dict[str | None, Any] = {group.name: group.player for group in groups}
        owners[None] = game
        found = (owners[owner].parameters[name] for owner, name in self.numbers.values())
        return [np.array(value, dtype=float)[()] for value in found]


class Told(Protocol):
    """Who is told apart: a name, so many players, and the record that has their strategies."""

    @property
    def name(self) -> str:
        """How formulas call them."""

    @property
    def player(self) -> Any:
        """Whose strategies they have."""

    @property
    def count(self) -> int:
        """How many."""


class Meanings(Protocol):
    """What :class:`Symbols` has of names."""

    @property
    def own(self) -> Mapping[tuple[str, str], Any]:
        """As its player decides."""

    @property
    def played(self) -> Mapping[tuple[str, str], Any]:
        """As it is played."""

    @property
    def parameters(self) -> Mapping[str | None, Mapping[str, Any]]:
        """Other names."""

    @property
    def sums(self) -> Sums | None:
        """Where totals are kept."""


def constants_of(game: Continuous) -> dict[str, float]:
    """Constants, the number of players among them, that nothing in the game is called like."""
    taken = {*named(game)}
    for player in game.players:
        taken |= {*named(player), *player.strategies}
    return constants(taken, sum(player.count for player in game.players))


def theirs(whose: str, given: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """What others call a player's own parameters and tables, and all definitions: ``B.cost``.

    Examples
    --------
    >>> theirs("B", {"a": 1, "c": 2, "z": Definition("a + c", "")}, {"a": 1})
    {'B.c': 2, 'B.z': Theirs(whose='B', name='z')}
    """
    return {
        f"{whose}.{name}": Theirs(whose, name) if isinstance(meant, Definition) else meant
        for name, meant in given.items()
        if isinstance(meant, Definition) or meant is not common.get(name)
    }


def of_kind(
    player: Any, given: Mapping[str, Any], common: Mapping[str, Any], own: Mapping[str, Any]
) -> dict[str, Any]:
    """What totals call what is each one's own of players declared together: ``sum(firm.q)``.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> of_kind(SimpleNamespace(name="firm", count=3), {"a": 1, "c": 2}, {"a": 1}, {"q": 3})
    {'firm.c': 2, 'firm.q': 3}
    >>> of_kind(SimpleNamespace(name="firm", count=1), {"a": 1, "c": 2}, {"a": 1}, {"q": 3})
    {}
    """
    if player.count == 1:
        return {}
    special = {
        name: meant
        for name, meant in given.items()
        if isinstance(meant, Definition) or meant is not common.get(name)
    }
    return {f"{player.name}.{name}": meant for name, meant in {**special, **own}.items()}


def scope(
    own: Told | None, groups: Sequence[Told], symbols: Meanings
) -> tuple[dict[str, Any], list[Share]]:
    """What names stand for in a player's formulas, or in a constraint, and in totals.

    Parameters
    ----------
    own : Group or its like, or None
        The player; None in a constraint.
    groups : sequence of the same
        All players.
    symbols : Symbols or its like

    Returns
    -------
    names : dict of str to expression, Grid, Definition or Law
    totals : list of Share
    """
    holders: dict[str, list[Told]] = {}
    for group in groups:
        for name in group.player.strategies:
            holders.setdefault(name, []).append(group)
    given = symbols.parameters
    names: dict[str, Any] = dict(given[own.name] if own else given[None])
    for name, having in holders.items():
        for group in having:
            mine = own is not None and group.name == own.name
            meant = (symbols.own if mine else symbols.played)[group.name, name]
            if group.count == 1:
                names[f"{group.name}.{name}"] = meant
            if mine or (len(having) == group.count == 1):
                names[name] = meant
    for group in groups:
        if group.count == 1:
            names |= theirs(group.name, given[group.name], given[None])
    totals, shared = [], {name: meant for name, meant in names.items() if name not in holders}
    for group in groups:
        mine = own is not None and group.name == own.name
        parts = [(symbols.played, group.count - mine, False), (symbols.own, int(mine), True)]
        for table, many, is_own in parts:
            if many:
                bare = {name: table[group.name, name] for name in group.player.strategies}
                kind = of_kind(group.player, given[group.name], given[None], bare)
                meant = {**shared, **given[group.name], **bare, **kind}
                totals.append(Share(meant, many, is_own, group.name, symbols.sums))
    return names, totals
