r"""Games in normal form: finitely many strategies, payoffs from a table.

Player :math:`i` of :math:`N` picks one of :math:`m_i` strategies, all at once, and gets
:math:`u_i(a_1, \dots, a_N)`. A mixed strategy is a probability law over a player's strategies.

Payoffs are read as what they print: 0.1 is one tenth, not the nearest binary number. Solvers
compute with floating-point numbers where that decides, and with these rationals where it does
not, as for ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from itertools import islice
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.dataclasses import dataclass

from leaderbored.games.cells import (
    MAX_DEPTH,
    MOST_MISTAKES,
    Mistake,
    apart,
    leaves,
    ragged,
    shape_of,
)
from leaderbored.games.markov import Array
from leaderbored.games.rationals import Table, integers, number_of, scaled
from leaderbored.games.record import CONFIG, PRINTED, Title, mistakes
from leaderbored.games.source import Source

if TYPE_CHECKING:
    import nashpy

__all__ = ["NormalForm", "Players", "Table", "contracted"]

MAX_ENTRIES = 20_000_000  # of the payoff table: 160 MB
MOST_EXACT = 200_000  # entries, above which utilities are worked out in floating-point numbers
MANY = 20_000  # entries, above which they are so if no payoff is larger than the range of all


def _table(raw: Any) -> Table:
    """Check the payoff tables; floating-point numbers where they hold them, else fractions."""
    if isinstance(raw, list | tuple) and all(isinstance(part, np.ndarray) for part in raw):
        raw = np.stack(raw) if len({(part.shape, part.dtype) for part in raw}) == 1 else raw
    if isinstance(raw, np.ndarray) and raw.dtype.kind in "iuf" and raw.size:
        held = raw.dtype.kind == "f" or not (np.abs(raw.astype(float)) >= 2**53).any()
        if held and raw.dtype.itemsize <= 8 and np.isfinite(raw).all():
            return _shaped(raw.astype(float))
    if not isinstance(raw, list | tuple | np.ndarray):
        raise ValueError("expected one table for each player")
    raw = apart([part.tolist() if isinstance(part, np.ndarray) else part for part in raw])
    return _shaped(_numbers(raw, shape_of(raw)))


def _numbers(raw: list[Any], shape: tuple[int, ...]) -> Table:
    if uneven := list(islice(ragged(raw, shape, "payoffs"), MOST_MISTAKES)):
        raise mistakes(uneven)
    entries: list[Any] = []
    wrong: list[Mistake] = []
    for place, leaf in leaves(raw, "payoffs", MAX_DEPTH):
        if type(leaf) in (int, float) and abs(leaf) < 2**53:  # the common case, at full speed
            entries.append(leaf)
            continue
        try:
            exact = number_of(leaf)
            double = _double(exact)
            entries.append(double if Fraction(repr(double)) == exact else exact)
        except ValueError as error:
            wrong.append((place, leaf, str(error)))
    if wrong:
        raise mistakes(wrong)
    if any(isinstance(entry, Fraction) for entry in entries):
        table: Table = np.empty(len(entries), dtype=object)
        table[:] = [number_of(entry) for entry in entries]
        return table.reshape(shape)
    return np.array(entries, dtype=float).reshape(shape)


def _shaped(table: Table) -> Table:
    if table.ndim != len(table) + 1 or 0 in table.shape:
        found, alone = f"found the shape {table.shape}", table.ndim == 2 and len(table) > 1
        if alone or (table.ndim == 3 and len(table) == 1):
            found += ': a table of one player? Give the other\'s too, or cells such as "1, -1"'
        raise ValueError(
            "expected one table for each of N players, each nested N deep by the players' "
            f"strategies, none of them empty; {found}"
        )
    if table.size > MAX_ENTRIES:
        raise ValueError(f"expected at most {MAX_ENTRIES:,} payoffs, found {table.size:,}")
    return table


def _double(exact: Fraction) -> float:
    try:
        return float(exact)
    except OverflowError:
        raise ValueError("expected a number within the range of floating point") from None


def _plain(table: Table) -> Any:
    if table.dtype != object:
        return table.tolist()
    return np.vectorize(str, otypes=[object])(table).tolist()


_SCHEMA = {
    "type": "array",
    "items": {"type": "array"},
    "minItems": 1,
    "description": "one table for each player, nested by the strategies of player 1, 2, ...; "
    'numbers, or text such as "1/3"',
}
Name = Annotated[str, Field(min_length=1, max_length=80), PRINTED]


def _counted(raw: Any) -> Any:
    """Names of players of whom only the number is given."""
    if isinstance(raw, list | tuple) and any(isinstance(part, dict) for part in raw):
        raise ValueError("expected names of players; strategies and payoffs stand in lists beside")
    if isinstance(raw, bool) or not isinstance(raw, int):
        return raw
    if not 1 <= raw <= MAX_DEPTH:
        raise ValueError(f"expected names, or a number from 1 to {MAX_DEPTH}")
    return tuple(str(i + 1) for i in range(raw))


Players = Annotated[
    tuple[Name, ...],
    BeforeValidator(_counted),
    Field(description="names of the players, or how many there are"),
    WithJsonSchema(
        {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "integer"}]}
    ),
]


@dataclass(frozen=True, config={**CONFIG, "arbitrary_types_allowed": True}, eq=False)
class NormalForm:
    """A finite game of any number of players.

    Parameters
    ----------
    payoffs : (N, m_1, ..., m_N) array-like
        One table for each player, nested by the strategies of player 1, player 2, and so on;
        numbers, fractions, or text such as ``"1/3"``. For two players: two matrices in which
        player 1 picks the row. Or one table of cells, ``"3, 0"``, with a payoff of each player.
    players : sequence of str or int, optional
        N names, or N; "1", "2", ... by default.
    strategies : sequence of sequences of str, or sequence of str, optional
        The names of each player's strategies, or of all players' alike; "1", "2", ... by default.
    name : str, optional
        Title for tables and figures.
    source : Source, optional
        Where the game was published.

    Raises
    ------
    pydantic.ValidationError
        Naming every payoff that is no finite number, and whatever does not fit together.

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], strategies=[["C", "D"]] * 2)
    >>> game.shape, game.players
    ((2, 2), ('1', '2'))
    >>> NormalForm([["3, 3", "0, 5"], ["5, 0", "1, 1"]], strategies=["C", "D"]).payoffs[1].tolist()
    [[3.0, 5.0], [0.0, 1.0]]
    """

    payoffs: Annotated[
        Any, BeforeValidator(_table), PlainSerializer(_plain), WithJsonSchema(_SCHEMA)
    ]
    players: Players = Field(default=(), validate_default=True)
    strategies: Annotated[
        tuple[tuple[Name, ...], ...],
        Field(description="names of each player's strategies; 1, 2, ... by default"),
    ] = Field(default=(), validate_default=True)
    name: Title = ""
    kind: Literal["normal-form"] = "normal-form"
    source: Source | None = None

    @field_validator("payoffs")
    @classmethod
    def _frozen(cls, table: Table) -> Table:
        table.setflags(write=False)
        return table

    @field_validator("players")
    @classmethod
    def _as_many(cls, players: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if "payoffs" not in info.data:
            return players
        count = len(info.data["payoffs"])
        players = players or tuple(str(i + 1) for i in range(count))
        if len(players) != count or len(set(players)) != count:
            raise ValueError(f"expected {count} different names")
        return players

    @field_validator("strategies", mode="before")
    @classmethod
    def _alike(cls, names: Any, info: ValidationInfo) -> Any:
        """Names of each player's strategies, where one list is of all."""
        alike = isinstance(names, list | tuple) and all(isinstance(own, str) for own in names)
        return (names,) * len(info.data.get("payoffs", ())) if names and alike else names

    @field_validator("strategies")
    @classmethod
    def _named(
        cls, names: tuple[tuple[str, ...], ...], info: ValidationInfo
    ) -> tuple[tuple[str, ...], ...]:
        if "payoffs" not in info.data:
            return names
        shape = info.data["payoffs"].shape[1:]
        names = names or tuple(tuple(str(a + 1) for a in range(size)) for size in shape)
        if tuple(map(len, names)) != shape or any(len(set(own)) != len(own) for own in names):
            wanted = " and ".join(map(str, shape))
            raise ValueError(f"expected {wanted} names, different for each player")
        return names

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of strategies of each player."""
        shape: tuple[int, ...] = self.payoffs.shape[1:]
        return shape

    @property
    def count(self) -> int:
        """Number of players."""
        return len(self.shape)

    @property
    def profiles(self) -> int:
        """Number of combinations of strategies."""
        return prod(self.shape)

    @cached_property
    def tables(self) -> Array:
        """(N, m_1, ..., m_N) payoffs in floating-point numbers."""
        tables: Array = self.payoffs.astype(float)
        return tables

    @cached_property
    def integers(self) -> tuple[tuple[Table, int], ...]:
        """For each player its payoffs times a whole number, as Python integers, and that number."""
        return tuple(integers(table) for table in self.payoffs)

    @cached_property
    def utility(self) -> Array:
        """(N, m_1, ..., m_N) payoffs less each player's least, in units of its range: 0 to 1.

        Exact, and rounded once: no common sum and no unit of a player's payoffs leaves a trace. Of
        large tables of numbers each is within :attr:`blur` of that.

        Examples
        --------
        >>> NormalForm([[10**30 + 1, 10**30 + 3, 10**30 + 2]]).utility.tolist()
        [[0.0, 1.0, 0.5]]
        """
        if self._rough:
            return np.stack([scaled(table) for table in self.payoffs])
        return np.stack([scaled(table) for table, _ in self.integers])

    @cached_property
    def _rough(self) -> bool:
        """Whether utilities are worked out in floating-point numbers throughout."""
        if self.payoffs.dtype == object:
            return False
        spread = all(np.abs(table).max() <= np.ptp(table) for table in self.payoffs)
        return bool(self.payoffs.size > (MANY if spread else MOST_EXACT))

    @property
    def blur(self) -> Array:
        """(N,) how far from exact utilities may be, at most, but for one rounding.

        Nothing where they are worked out in whole numbers. Elsewhere a payoff that is read in
        decimals is off by a rounding of its own size, which is large beside the range of payoffs
        where these have a large common sum; taking the least away, and division, cost six more.

        Examples
        --------
        >>> NormalForm([[1000.1, 1000.2]]).blur.tolist()
        [0.0]
        """
        if not self._rough:
            return np.zeros(self.count)
        sizes = [float(np.abs(table).max() / (np.ptp(table) or 1.0)) for table in self.payoffs]
        return (np.array(sizes) + 6) * 2.0**-53

    def expected(self, mixed: Sequence[Array]) -> Array:
        """(N,) expected payoffs of a mixed profile, given one law for each player.

        Examples
        --------
        >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
        >>> game.expected([np.array([0.5, 0.5]), np.array([0.5, 0.5])]).tolist()
        [2.25, 2.25]
        """
        return np.array(
            [float(self.rewards(i, mixed) @ np.asarray(mixed[i])) for i in range(len(self.players))]
        )

    def rewards(self, player: int, mixed: Sequence[Array]) -> Array:
        """(m_i,) expected payoff of each strategy of a player against the others' laws."""
        return contracted(self.tables[player], player, mixed)

    def utilities(self, player: int, mixed: Sequence[Array]) -> Array:
        """(m_i,) the same in units of the range of the player's payoffs, above the least.

        Examples
        --------
        >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
        >>> game.utilities(0, [np.array([0.5, 0.5])] * 2).round(9).tolist()
        [0.3, 0.6]
        """
        return contracted(self.utility[player], player, mixed)

    @classmethod
    def of(cls, game: nashpy.Game) -> NormalForm:
        """The game of a :class:`nashpy.Game`.

        Examples
        --------
        >>> import nashpy
        >>> NormalForm.of(nashpy.Game([[1, -1], [-1, 1]])).shape
        (2, 2)
        """
        return cls([np.asarray(matrix) for matrix in game.payoff_matrices])

    def nashpy(self) -> nashpy.Game:
        """The same game of two players as a :class:`nashpy.Game`.

        Raises
        ------
        ValueError
            If the game has another number of players.

        Examples
        --------
        >>> print(NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]).nashpy())
        Zero sum game with payoff matrices:
        ...
        """
        import nashpy

        if len(self.players) != 2:
            raise ValueError(f"nashpy has games of two players, not of {len(self.players)}")
        return nashpy.Game(*self.tables)


def contracted(table: Array, player: int, mixed: Sequence[Array]) -> Array:
    """(m_i,) a player's table, averaged over the others' laws.

    >>> contracted(np.array([[3.0, 0.0], [5.0, 1.0]]), 0, [np.ones(2), np.ones(2) / 2]).tolist()
    [1.5, 3.0]
    """
    for other in reversed(range(len(mixed))):
        if other != player:
            table = np.tensordot(table, np.asarray(mixed[other]), axes=(other, 0))
    return table
