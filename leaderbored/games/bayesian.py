r"""Games of private information: types with a joint prior, finitely many actions.

Player i learns its type :math:`t_i`, not those of others, and picks an action. Types are drawn
together with probabilities :math:`p(t_1, \dots, t_N)`, and payoffs depend on all types and actions
by formulas. Each type of each player is an agent of its own in the *agent form* (Harsanyi 1967-68):
a game in normal form in which an agent gets what its player expects who knows that type,

.. math:: \sum_{t_{-i}} p(t_{-i} \mid t_i)\; u_i\bigl(t, a_1(t_1), \dots, a_N(t_N)\bigr).

Its Nash equilibria are the Bayesian equilibria. A type that never occurs is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from types import SimpleNamespace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.checks import Mistake, ill_formed, mistaken_names, once
from leaderbored.games.choices import Choices, Numbers, fitting
from leaderbored.games.finite import PAYOFFS, STRATEGIES, formulas, payoff_of, plain, spelled
from leaderbored.games.grids import Chooser, ExpressionError, Tabulated, doubles
from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm, Players
from leaderbored.games.parameters import UNSAID, Definitions, Parameters, as_formula, named
from leaderbored.games.rationals import Table, number_of
from leaderbored.games.record import CONFIG, Title, mistakes
from leaderbored.games.source import Source

MOST = 2_000_000  # payoffs by types and actions of all players together
LARGE = 100_000  # payoffs of all agents from which these are not worked out
_PRIOR = {
    "anyOf": [{"type": "string"}, {"type": "array"}],
    "description": "joint probabilities of types: a table nested by the types of player 1, 2, ..., "
    "or a formula of types, in any unit; all alike if not given",
}


def _prior(raw: Any) -> Any:
    if isinstance(raw, Mapping):
        formula = "a formula of types such as prod(0.3 * low + 0.7 * high)"
        raise ValueError(f"expected a table nested by the players' types, or {formula}")
    return plain(raw) if isinstance(raw, list | tuple | np.ndarray) else as_formula(raw)


@plain_dataclass(frozen=True)
class _Seat:
    """A player's types and actions, and all pairs of them."""

    types: Choices
    actions: Choices

    @property
    def pairs(self) -> Numbers:
        """Types and actions by name, actions running first."""
        count, kinds = len(self.actions.names), len(self.types.names)
        own = {name: tuple(v for v in by for _ in range(count)) for name, by in self._types}
        return own | {name: by * kinds for name, by in self.actions.numbers.items()}

    @property
    def _types(self) -> Sequence[tuple[str, tuple[Fraction, ...]]]:
        return [*self.types.numbers.items()]


@dataclass(frozen=True, config=CONFIG)
class Bayesian:
    """A game of private information.

    Parameters
    ----------
    players : sequence of str, or int
        N names, or N.
    types : dict, list or sequence of N of these
        Of all players alike, or of each, as strategies of :class:`FiniteGame` are written:
        numbers by name, such as ``{"v": [0, 1]}``, or names.
    actions : dict, list or sequence of N of these
        The same of actions; they do not depend on the type.
    payoffs : str, sequence of N str, or dict of str to str
        Formulas of all types and actions: for all players, for each, or by name.
    prior : str or (T_1, ..., T_N) array-like, optional
        Joint probabilities of types, in any unit: a formula of types, or a table. All types are
        independent and alike if it is not given.
    parameters : dict of str to float, str or lists of float, optional
    let : dict of str to str, optional
    name : str, optional
        Title for tables and figures.
    source : Source, optional
        Where the game was published.

    Raises
    ------
    pydantic.ValidationError
        Naming every formula that cannot be read, and whatever does not fit.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [0, 2]}, {"b": [0, 1]},
    ...                 ["(v - b) * ((b > B.b) + (b == B.b) / 2)",
    ...                  "(v - b) * ((b > A.b) + (b == A.b) / 2)"])
    >>> game.agents.players
    ('A (v = 0)', 'A (v = 2)', 'B (v = 0)', 'B (v = 2)')
    """

    players: Annotated[Players, Field(min_length=1)]
    types: Annotated[
        Any, BeforeValidator(plain), PlainSerializer(plain), WithJsonSchema(STRATEGIES)
    ]
    actions: Annotated[
        Any, BeforeValidator(plain), PlainSerializer(plain), WithJsonSchema(STRATEGIES)
    ]
    payoffs: Annotated[
        Any, BeforeValidator(formulas), PlainSerializer(plain), WithJsonSchema(PAYOFFS)
    ]
    prior: Annotated[
        Any, BeforeValidator(_prior), PlainSerializer(plain), WithJsonSchema(_PRIOR)
    ] = "1"
    parameters: Annotated[Parameters, Field(description="values of names in the formulas")] = Field(
        default_factory=dict
    )
    let: Definitions = Field(default_factory=dict)
    name: Title = ""
    kind: Literal["bayesian"] = "bayesian"
    source: Source | None = None
    PLAIN: ClassVar[dict[str, Any]] = UNSAID

    @model_validator(mode="after")
    def _fits(self) -> Bayesian:
        wrong = once([*self._mistaken(), *self._unread()])
        if wrong := wrong or once(self._uncertain()) or once(self._infinite()):
            raise mistakes(wrong)
        return self

    # --- what is wrong

    def _mistaken(self) -> Iterator[Mistake]:
        count = len(self.players)
        if len(set(self.players)) != count:
            yield "players", [*self.players], "expected different names"
        yield from mistaken_names(self._common)
        wrong = [*self._mistaken_lists("types"), *self._mistaken_lists("actions")]
        yield from wrong
        yield from self._mistaken_payoffs()
        if wrong:
            return
        taken = named(self._common)
        for seat in self._seats:
            both = {*seat.types.numbers} & {*seat.actions.numbers}
            for name in (*both, *(n for n in seat.pairs if n in taken)):
                why = "is a type too" if name in both else "is a parameter too"
                yield "actions" if name in seat.actions.numbers else "types", name, why
        if (pairs := count * self._pairs) > MOST:
            yield "actions", f"{pairs:,} payoffs by types and actions", f"expected at most {MOST:,}"

    def _mistaken_lists(self, part: str) -> Iterator[Mistake]:
        raw = getattr(self, part)
        each = _each(raw, len(self.players))
        if len(each) != len(self.players):
            expected = f"expected a list for each of {len(self.players)} players"
            yield part, raw, f"{expected}, found {len(each)}"
            return
        for k, one in enumerate(each):
            try:
                Choices.of(one)
            except ValueError as error:
                yield part if one is raw else f"{part}[{k}]", one, str(error)

    def _mistaken_payoffs(self) -> Iterator[Mistake]:
        count = len(self.players)
        if isinstance(self.payoffs, tuple) and len(self.payoffs) != count:
            yield "payoffs", len(self.payoffs), f"expected a formula for each of {count} players"
        if isinstance(self.payoffs, dict) and {*self.payoffs} != {*self.players}:
            expected = f"expected a formula for each of {', '.join(self.players)}"
            yield "payoffs", [*self.payoffs], expected

    def _unread(self) -> Iterator[Mistake]:
        """What is wrong with formulas; of names in them only where it is known what they mean."""
        lists = [*self._mistaken_lists("types"), *self._mistaken_lists("actions")]
        if lists or [*self._mistaken_payoffs()]:
            prior = [("prior", self.prior)] * isinstance(self.prior, str)
            for place, text in [*prior, *spelled(self.payoffs)]:
                yield from ill_formed(place, text)
            return
        for place, value, why in Tabulated(self._choosers, self._common).mistakes():
            yield place.removesuffix(".payoff"), value, why
        if isinstance(self.prior, str):
            for place, value, why in Tabulated(self._drawers, self._common).mistakes():
                if place == "prior.payoff":  # definitions may be of actions
                    yield "prior", value, why

    def _uncertain(self) -> Iterator[Mistake]:
        """A prior that is none."""
        shape = tuple(len(seat.types.names) for seat in self._seats)
        try:
            weights = self.weights
        except ExpressionError as error:
            yield "prior", self.prior, str(error)
            return
        except (ValueError, TypeError):
            yield "prior", self.prior, "expected numbers, nested by the players' types"
            return
        if weights.shape != shape:
            found = " x ".join(map(str, weights.shape))
            wanted = " x ".join(map(str, shape))
            yield "prior", found, f"expected {wanted} numbers, nested by the players' types"
        elif not np.isfinite(doubles(weights)).all() or (weights < 0).any():
            yield "prior", self.prior, "expected finite numbers of 0 or more"
        elif not weights.sum() > 0:
            yield "prior", self.prior, "expected some types that occur"

    def _infinite(self) -> Iterator[Mistake]:
        for k, payoffs in enumerate(self.tables):
            bad = ~np.isfinite(doubles(payoffs))
            if bad.any():
                place, text = self._formula(k)
                shape = [len(pairs.types.names) * len(pairs.actions.names) for pairs in self._seats]
                at = np.argwhere(bad.reshape(shape))[0].tolist()
                wrong = Tabulated(self._choosers, self._common).beyond(text, k, at)
                yield place, text, wrong or "expected a finite number for all types and actions"

    # --- the parts

    @property
    def _common(self) -> Any:
        """What formulas know by name besides types and actions."""
        return SimpleNamespace(parameters=self.parameters, let=self.let, random={})

    @property
    def count(self) -> int:
        """Number of players of the agent form: types that occur."""
        return len(self.who)

    @property
    def form(self) -> str:
        """What it is solved in: ``"agents"``, or ``"types"`` where these have too many payoffs.

        Examples
        --------
        >>> types = {"v": [*range(6)]}
        >>> Bayesian(["A", "B"], types, {"b": [*range(9)]}, "v * b").form
        'types'
        """
        return "types" if self._agent_payoffs > LARGE else "agents"

    @property
    def _agent_payoffs(self) -> int:
        """Payoffs of all agents, if every type occurs."""
        sizes = (len(seat.actions.names) ** len(seat.types.names) for seat in self._seats)
        return int(prod(sizes)) * sum(len(seat.types.names) for seat in self._seats)

    @property
    def _pairs(self) -> int:
        """Profiles of types and actions."""
        sizes = (len(seat.types.names) * len(seat.actions.names) for seat in self._seats)
        return int(prod(sizes))

    @cached_property
    def _seats(self) -> list[_Seat]:
        count = len(self.players)
        types, actions = (map(Choices.of, _each(raw, count)) for raw in (self.types, self.actions))
        return [_Seat(*pair) for pair in zip(types, actions, strict=True)]

    def _formula(self, k: int) -> tuple[str, str]:
        return payoff_of(self.payoffs, self.players, k)

    @property
    def _choosers(self) -> list[Chooser]:
        """Players who pick a type and an action, for the tables."""
        found = []
        for k, (who, seat) in enumerate(zip(self.players, self._seats, strict=True)):
            place, text = self._formula(k)
            found.append(Chooser(who, seat.pairs, text, place=f"{place}."))
        return found

    @property
    def _drawers(self) -> list[Chooser]:
        """Players who pick a type, for the prior."""
        pairs = zip(self.players, self._seats, strict=True)
        text = str(self.prior)
        return [Chooser(who, seat.types.numbers, text, place="prior.") for who, seat in pairs]

    @cached_property
    def tables(self) -> Table:
        """(N, T_1, m_1, ..., T_N, m_N) payoffs; fractions at most where agents are players."""
        exact = self.form == "agents"
        tables: Table = Tabulated(self._choosers, self._common).tables(exact)
        sizes = [(len(seat.types.names), len(seat.actions.names)) for seat in self._seats]
        return tables.reshape(len(sizes), *(size for pair in sizes for size in pair))

    @cached_property
    def weights(self) -> Table:
        """(T_1, ..., T_N) probabilities, in some unit."""
        if isinstance(self.prior, str):
            weights: Table = Tabulated(self._drawers, self._common).tables()[0]
            return weights
        flat = np.array(self.prior, dtype=object)
        made: Table = np.empty(flat.size, dtype=object)
        made[:] = [number_of(value) for value in flat.ravel().tolist()]
        return made.reshape(flat.shape)

    @cached_property
    def numbers(self) -> tuple[Array, Array]:
        """``weights`` and ``tables`` in floating-point numbers."""
        return doubles(self.weights), doubles(self.tables)

    @cached_property
    def who(self) -> list[tuple[int, int]]:
        """Agents: player and type, if the type occurs."""
        return [
            (i, t)
            for i, seat in enumerate(self._seats)
            for t in range(len(seat.types.names))
            if self.weights.take([t], axis=i).sum() > 0
        ]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the agents: player and type."""
        seats = self._seats
        return fitting(f"{self.players[i]} ({_said(seats[i].types, t)})" for i, t in self.who)

    @cached_property
    def strategies(self) -> tuple[tuple[str, ...], ...]:
        """Names of the actions of each agent."""
        return tuple(tuple(self._seats[i].actions.names) for i, _ in self.who)

    @cached_property
    def agents(self) -> NormalForm:
        """The agent form: a player for each type that occurs, by player and type."""
        weights, who = self.weights, self.who
        exact = weights.dtype == object and self.tables.dtype == object
        weights, tables = (x if exact else doubles(x) for x in (weights, self.tables))
        shape = [len(own) for own in self.strategies]
        payoffs = [self._interim(tables[i], weights, who, (i, t), shape) for i, t in who]
        return NormalForm(
            np.stack(payoffs), self.names, self.strategies, self.name, source=self.source
        )

    def _interim(
        self,
        table: Table,
        weights: Table,
        who: Sequence[tuple[int, int]],
        agent: tuple[int, int],
        shape: Sequence[int],
    ) -> Table:
        """What an agent expects, by what all agents do."""
        i, own = agent
        others = [range(size) if j != i else (own,) for j, size in enumerate(weights.shape)]
        total: Any = 0
        whole = weights.take([own], axis=i).sum()
        for types in product(*others):
            if weights[types] == 0:
                continue
            part = table[tuple(x for t in types for x in (t, slice(None)))]
            places = [who.index((j, t)) for j, t in enumerate(types)]
            order = np.argsort(places)
            size = [1] * len(who)
            for place in places:
                size[place] = shape[place]
            total = total + weights[types] / whole * part.transpose(order).reshape(size)
        return np.array(np.broadcast_to(total, shape))


def _each(raw: Any, count: int) -> list[Any]:
    """Lists of each player, from one of all or from one for each."""
    nested = isinstance(raw, list) and any(isinstance(part, list | dict) for part in raw)
    return raw if nested else [raw] * count


def _said(types: Choices, t: int) -> str:
    """A type in words."""
    names = [*types.numbers]
    if len(names) == 1 and types.names[t] != names[0] and not _word(types):
        return f"{names[0]} = {types.names[t]}"
    return types.names[t]


def _word(types: Choices) -> bool:
    return any(name in types.numbers for name in types.names)


__all__ = ["Bayesian"]
