"""What names of formulas stand for, besides expressions, and the scope in which they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leaderbored.games.words import spelled

if TYPE_CHECKING:
    import sympy

    from leaderbored.games.sums import Sums

TABLE = "table_"  # before the names of tables in expressions


@dataclass(frozen=True)
class Definition:
    """What a name means that is a formula itself, read wherever it is used.

    Attributes
    ----------
    text : str
    place : str
        Where it stands, for messages.
    """

    text: str
    place: str


@dataclass(frozen=True)
class Law:
    """What a name means that is random: so many values, each with its probability.

    Attributes
    ----------
    values : tuple of float, str, or tuples of these
        Numbers, formulas, or lists of them.
    chances : tuple of float or str
    place : str
        Where it stands, for messages.
    """

    values: tuple[Any, ...]
    chances: tuple[float | str, ...]
    place: str


@dataclass(frozen=True)
class Drawn:
    """One value of what is random, inside an expectation; its law is that of another one inside."""

    value: Any
    law: Law


@dataclass(frozen=True)
class Theirs:
    """What a name means that is defined for another player, as ``B.profit``."""

    whose: str
    name: str


@dataclass(frozen=True)
class Share:
    """What names mean to so many players alike, in a total over all players.

    ``whose``, ``sums``: their name, and where totals are kept in a game of many players.
    """

    names: Mapping[str, Any]
    count: int = 1
    own: bool = False
    whose: str = ""
    sums: Sums | None = None


@dataclass(frozen=True)
class Grid:
    """What a name means that stands for a table, as in ``profit[w, v]``.

    Attributes
    ----------
    name : str
        Of the table in expressions and compiled code; the user's is never used there.
    shape : tuple of int
        Number of places along each of its dimensions.
    """

    name: str
    shape: tuple[int, ...]

    @property
    def code(self) -> str:
        """Its name in expressions."""
        return TABLE + self.name

    @property
    def size(self) -> str:
        """Its size in words.

        Examples
        --------
        >>> Grid("c", (3, 2)).size
        '3 x 2 places, counted from 0'
        """
        return f"{' x '.join(map(str, self.shape))} places, counted from 0"

    def holds(self, *places: Any) -> bool:
        """Whether there is such a place.

        Examples
        --------
        >>> Grid("c", (3,)).holds(2), Grid("c", (3,)).holds(3), Grid("c", (3,)).holds(0.5)
        (True, False, False)
        """
        pairs = zip(places, self.shape, strict=True)
        return all(place == int(place) and 0 <= place < size for place, size in pairs)

    @property
    def symbol(self) -> sympy.Symbol:
        """What stands for the table itself: sympy takes what has no symbol in it for a number."""
        import sympy

        return sympy.Symbol(self.code, real=True)

    def at(self, *places: Any) -> sympy.Expr:
        """The entry at some places, as an expression.

        Examples
        --------
        >>> Grid("maximum", (7,)).at(2)
        table_maximum(table_maximum, 2)
        """
        import sympy

        return sympy.Function(self.code, real=True)(self.symbol, *places)


@dataclass(frozen=True)
class Scope:
    """What all names mean to one player, or in a formula of the game.

    Attributes
    ----------
    names : dict of str to object
        By the name as Python spells it.
    totals : tuple of Share
    known : dict
        What definitions have come to so far, and how long that is.
    """

    names: Mapping[str, Any]
    totals: tuple[Share, ...] = ()
    known: dict[str, tuple[Any, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, names: Iterable[str] | Mapping[str, Any], totals: Sequence[Share] = ()) -> Scope:
        """The scope of names that stand for real symbols unless something else is given."""
        import sympy

        if not isinstance(names, Mapping):
            names = {name: sympy.Symbol(name, real=True) for name in names}
        return cls({spelled(name): meant for name, meant in names.items()}, tuple(totals))

    @property
    def listed(self) -> list[str]:
        """All names, those that are numbers everywhere last."""
        return sorted(self.names, key=lambda name: isinstance(self.names[name], int | float))

    def get(self, name: str) -> Any:
        """What a name means; None if it means nothing."""
        import sympy

        meant = self.names.get(name)
        if isinstance(meant, int | float):
            return sympy.Rational(repr(meant))
        return meant.value if isinstance(meant, Drawn) else meant

    @property
    def whose(self) -> str:
        """The player in whose formula names mean this; empty in one of the game."""
        return next((part.whose for part in self.totals if part.own), "")

    def theirs(self, whose: str) -> Scope:
        """What names mean to another player."""
        return self.inside(next(part for part in self.totals if part.whose == whose))

    @property
    def laws(self) -> dict[str, Law]:
        """What is random here, by name."""
        every = {n: m.law if isinstance(m, Drawn) else m for n, m in self.names.items()}
        return {name: meant for name, meant in every.items() if isinstance(meant, Law)}

    def with_names(self, more: Mapping[str, Any]) -> Scope:
        """The same with some names meaning something else, to everybody."""
        totals = (
            Share({**part.names, **more}, part.count, part.own, part.whose) for part in self.totals
        )
        return Scope({**self.names, **more}, tuple(totals))

    def inside(self, part: Share) -> Scope:
        """The scope of one of the players of a total, all others being its rivals.

        Examples
        --------
        >>> scope = Scope({}, (Share({"q": 1}, own=True), Share({"q": 2}, count=3)))
        >>> [(share.count, share.own) for share in scope.inside(scope.totals[1]).totals]
        [(1, False), (2, False), (1, True)]
        """
        totals = []
        for other in self.totals:
            count = other.count - (other is part)
            if count:
                totals.append(Share(other.names, count, whose=other.whose))
            if other is part:
                totals.append(Share(other.names, 1, own=True, whose=other.whose))
        return Scope({spelled(name): meant for name, meant in part.names.items()}, tuple(totals))
