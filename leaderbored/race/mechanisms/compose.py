r"""How the mechanisms of a race combine.

A mechanism is a record that turns a Markov game into another one. A race compiles to its plain
game, and the mechanisms that are switched on then rework it, always in the order of the registry,
:mod:`leaderbored.race.mechanisms.registry`. So an open lab has its room before others' customers
arrive, customers whom a lab turns away go down the leaderboard that they perceive, and only a
success of a lab, not imitation, can end the race. A mechanism at its neutral value leaves the game
as it is.

Where a mechanism makes demand depend on the rivals' play, the game is compiled at a given play. No
share of a lab moves its own tables, so an equilibrium of the game compiled at the equilibrium
itself is an equilibrium of the race, and its certificate, a deviation of one lab, is exact; see
:mod:`leaderbored.solvers.markov.clearing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import FrozenInstanceError, field, fields, make_dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

import numpy as np
import scipy.sparse as sp
from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import CONFIG
from leaderbored.race.mechanisms.mechanism import Mechanism
from leaderbored.race.mechanisms.registry import BUILT_IN, register_mechanism, registered

if TYPE_CHECKING:
    from leaderbored.race.race import Race


class _Fields:
    """The fields of the record as dataclasses know them: one a mechanism that is registered."""

    def __get__(self, instance: object, owner: type) -> dict[str, Any]:
        return _fields(tuple(registered()))


class Mechanisms:
    """The mechanisms of a race, each off by default; a frozen record.

    Parameters
    ----------
    **given : Mechanism, mapping or None
        By name, each as its record or as the values of one, as in a game file.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and what is no mechanism.

    Examples
    --------
    >>> Mechanisms(jackpot={"chance": 0.01, "prize": 50}).on
    ('jackpot',)
    >>> Mechanisms(jackpot={"chance": 0}).off
    True
    """

    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Any]]
    else:
        __dataclass_fields__ = _Fields()

    def __init__(self, **given: Any) -> None:
        parts = vars(_model(tuple(registered().items())).model_validate(given))
        vars(self).update({name: part for name, part in parts.items() if part is not None})

    def __getattr__(self, name: str) -> Any:
        if name in registered():
            return None
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *registered()]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __setstate__(self, given: dict[str, Mechanism]) -> None:
        """Come from another process: bring the mechanisms along that are not known in this one."""
        for name in given.keys() - registered().keys():
            register_mechanism(name, type(given[name]))
        vars(self).update(given)

    def __eq__(self, other: object) -> bool:
        return vars(self) == vars(other) if isinstance(other, Mechanisms) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(vars(self).items()))

    def __repr__(self) -> str:
        return f"Mechanisms({', '.join(f'{name}={part}' for name, part in self.given.items())})"

    @property
    def given(self) -> dict[str, Mechanism]:
        """Those that the race names, in the order in which they apply."""
        return {name: vars(self)[name] for name in registered() if name in vars(self)}

    @property
    def on(self) -> tuple[str, ...]:
        """Names of the mechanisms that change the race, in the order in which they apply."""
        return tuple(name for name, part in self.given.items() if not (part.apart or part.neutral))

    @property
    def off(self) -> bool:
        """Whether the race is the plain one."""
        return not self.on

    @property
    def coupling(self) -> tuple[str, ...]:
        """Names of the mechanisms by which what a lab can sell depends on what its rivals do."""
        return tuple(name for name in self.on if self.given[name].coupled)

    @property
    def reworked(self) -> tuple[str, ...]:
        """Names of those with which labs sell or succeed otherwise than in a plain race."""
        return tuple(name for name in self.on if not self.given[name].plain)

    @property
    def hanging(self) -> tuple[str, ...]:
        """Former name of :attr:`coupling`."""
        return self.coupling

    @property
    def coupled(self) -> bool:
        """Whether there are any such."""
        return bool(self.coupling)

    def without(self, name: str) -> Mechanisms:
        """The others.

        Examples
        --------
        >>> Mechanisms(inputs={"migration": 0.1}, jackpot={"chance": 0.01}).without("inputs").on
        ('jackpot',)
        """
        return replace(self, **{name: None})

    def steps(
        self, game: Markov, race: Race, play: Array | None = None
    ) -> Iterator[tuple[str, Markov]]:
        """Rework the plain game of a race, one mechanism after the other.

        Parameters
        ----------
        game : Markov
            N labs, S states.
        race : Race
        play : array, optional
            Shares of the reworked game at which demand is worked out; by default all labs sell
            all they can.

        Yields
        ------
        name : str
            Of the mechanism.
        game : Markov
            With a player more under imitation, one more and S squared states under inertia, N
            states more under a jackpot, and N players more under accumulation.

        Examples
        --------
        >>> import leaderbored as lb
        >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(3), discount=0.1, rungs=2)
        >>> [(name, ends)] = Mechanisms(jackpot={"chance": 0.1}).steps(race.markov(), race)
        >>> name, ends.states.tolist()[-3:]
        ('jackpot', [[2, 0], [-1, -1], [-1, -1]])
        """
        for name in self.on:
            game = self.given[name].apply(game, race, play)
            yield name, game

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """How a race reads them: by the registry as it is then."""
        written = core_schema.plain_serializer_function_ser_schema(_written, info_arg=True)
        return core_schema.no_info_plain_validator_function(_read, serialization=written)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The schema of the record of the registry as it is now."""
        return handler(_model(tuple(registered().items())).__pydantic_core_schema__)


if Mechanisms.__doc__:  # Python may be told to leave it out
    GIVEN = "as in a game file.\n"
    LISTED = [
        f"    {name} : {part.__name__}\n        {part.adds}" for name, part in BUILT_IN.items()
    ]
    Mechanisms.__doc__ = Mechanisms.__doc__.replace(GIVEN, "\n".join([GIVEN.rstrip(), *LISTED, ""]))


@cache
def _fields(names: tuple[str, ...]) -> dict[str, Any]:
    made = make_dataclass("Mechanisms", [(name, Any, field(default=None)) for name in names])
    return {part.name: part for part in fields(made)}


@cache
def _model(mechanisms: tuple[tuple[str, type[Mechanism]], ...]) -> type[BaseModel]:
    """What validates: a model with a field for each mechanism."""
    fields: dict[str, Any] = {name: (part | None, None) for name, part in mechanisms}
    about = "The mechanisms of a race, each off by default."
    return create_model("Mechanisms", __config__=CONFIG, __doc__=about, **fields)


def _read(value: Any) -> Mechanisms:
    if isinstance(value, Mechanisms):
        return value
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return Mechanisms(**value)
    raise PydanticKnownError("dataclass_type", {"class_name": "Mechanisms"})


def _written(value: Mechanisms, info: core_schema.SerializationInfo) -> dict[str, Any]:
    model = _model(tuple(registered().items())).model_construct(**vars(value))
    mode: Any = info.mode
    return model.model_dump(mode=mode, exclude_none=info.exclude_none)


def leaderboard(game: Markov) -> Markov:
    """The game without the states in which the race is over: as if it went on.

    Every success is a rung, those included that would end the race. A game without such states is
    returned as it is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> ends = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=2,
    ...                mechanisms={"jackpot": {"chance": 0.1}}).markov()
    >>> len(ends.states), len(leaderboard(ends).states)
    (7, 5)
    """
    ongoing = int((game.states >= 0).all(axis=1).sum())
    if ongoing == len(game.states):
        return game
    jump = []
    for law in game.jump:
        going = sp.csr_array(law[:ongoing][:, :ongoing])
        jump.append(sp.csr_array(sp.diags_array(1 / going.sum(axis=1)) @ going))
    cut: dict[str, Any] = {
        name: np.ascontiguousarray(getattr(game, name)[:, :ongoing]) for name in game.TABLES
    }
    return replace(game, states=game.states[:ongoing], jump=tuple(jump), **cut)
