"""Players and events of a Markov game of one's own."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema
from pydantic.dataclasses import dataclass

from leaderbored.games import traced
from leaderbored.games.choices import Choices
from leaderbored.games.parameters import (
    MAX_ENTRIES,
    UNSAID,
    Bound,
    Definitions,
    Parameters,
    Randoms,
    as_formula,
)
from leaderbored.games.record import CONFIG, PRINTED, WORKED_OUT
from leaderbored.games.stochastic.lists import Actions, labels
from leaderbored.games.syntax import MAX_LENGTH
from leaderbored.games.validation import RANGE

MAX_PLAYERS = 12
MAX_REALS = 6  # real actions of a player
ONE_ACTION = ("uniform", "exponential")  # laws of private shocks to one action alone in each state


def _table(raw: Any) -> Any:
    try:
        table = np.array(raw, dtype=float)
    except (TypeError, ValueError):
        raise ValueError("expected nested lists of numbers, all of one length") from None
    if table.ndim == 0 or not 0 < table.size <= MAX_ENTRIES or not np.isfinite(table).all():
        raise ValueError(f"expected 1 to {MAX_ENTRIES:,} finite numbers")
    table.setflags(write=False)
    return table


Table = Annotated[
    Any,
    BeforeValidator(_table),
    PlainSerializer(lambda table: table.tolist()),
    WithJsonSchema({"type": "array", "items": {}}),
]


def _formula(raw: Any) -> Any:
    return raw if callable(raw) else as_formula(raw)


def spelled(raw: Any) -> str:
    """A formula as text, or the name of a function."""
    return raw if isinstance(raw, str) else getattr(raw, "__qualname__", repr(raw))


Formula = Annotated[
    traced.Formula,
    BeforeValidator(_formula),
    PlainSerializer(spelled),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_LENGTH}),
]
Range = Annotated[tuple[int, int], Field(description=RANGE)]


@dataclass(frozen=True, config=CONFIG)
class Event:
    """Something that happens at random and changes the state.

    Parameters
    ----------
    next : dict of str to str
        The states that change, and formulas for what they change to. A range of each player is
        changed for the player whose event it is, or for all in an event of the game.
    hazard : str, optional
        In continuous time: how often it happens, 1/year.
    chance : str, optional
        In discrete time: the probability that it happens in a period.
    group : str, optional
        Of events that share one, one at most happens in a period, players declared once with a
        count included. ``{name}`` in it is the player's name, so that each has its own.
    name : str, optional

    Examples
    --------
    >>> Event({"gap": "gap + 1"}, hazard="3 * sqrt(b)").next
    {'gap': 'gap + 1'}
    """

    next: Annotated[
        dict[str, Formula], Field(min_length=1, description="states that change, and to what")
    ]
    hazard: Annotated[Formula | None, Field(description="continuous time: 1/year")] = None
    chance: Annotated[Formula | None, Field(description="discrete time: a probability")] = None
    group: Annotated[str, Field(description="events of which one at most happens"), PRINTED] = ""
    name: Annotated[str, Field(max_length=80, description="what happens"), PRINTED] = ""

    @property
    def functions(self) -> list[traced.Formula]:
        """Those of its formulas that are functions in Python."""
        formulas = (*self.next.values(), self.hazard, self.chance)
        return [formula for formula in formulas if callable(formula)]


@dataclass(frozen=True, config=CONFIG)
class MarkovPlayer:
    """One player of a Markov game, or several identical ones.

    Parameters
    ----------
    name : str
        How tables and figures call it, and formulas if it is one word.
    payoff : str
        What it earns: a flow in continuous time, per period in discrete time.
    action : dict of str to (low, high), optional
        Its real actions and their bounds: numbers, formulas of parameters and states, or infinite.
    actions : sequence of str or float, or dict of str to sequence of float, optional
        A list of actions to pick one from. In formulas a name counts 1 if that action is taken,
        else 0; numbers are called by the name that stands before them, or else ``x``.
    states : dict of str to (lowest, highest), optional
        Ranges of its own.
    events : sequence of Event, optional
        Of its own.
    discount : float, optional
        Its own rate or factor, instead of the game's.
    end : str, default "0"
        What it gets, once and for all, in states at which the game ends.
    count : int, default 1
        How many such players there are.
    parameters : dict of str to float, str or lists of float, optional
    let : dict of str to str, optional
        Names for formulas that its formulas use.
    random : dict of str to Random, optional
        Random numbers over which its formulas take expectations.
    allowed : str, default "1"
        Of a list: not zero for actions that may be taken, as ``"p <= stock"``.
    turn : str, default "1"
        Not zero in states where it is the player's turn. Elsewhere it decides nothing, and what
        it decides counts zero in formulas.
    shocks : str or float, default 0
        In discrete time: size of private shocks to the payoff of each action of a list, drawn anew
        every period, with mean zero. Policies are then probabilities of choice. A formula may name
        the action that it is the size for, as ``"2 * enter"``, and states.
    shock_law : "extreme value", "normal", "uniform" or "exponential"
        Of these: to every action one of type I extreme value, as for logit, or one that is normal
        with so large a standard deviation, as for probit, independent of each other; or to one
        action alone in each state, uniform between minus its size and its size, or exponential
        with such a mean, which is taken off.

    Examples
    --------
    >>> MarkovPlayer("A", "1 - b", {"b": (0, 1)}).action
    {'b': (0.0, 1.0)}
    >>> MarkovPlayer("A", "p * (3 - p)", actions={"p": [0, 1, 2]}).options
    ('p = 0', 'p = 1', 'p = 2')
    """

    name: Annotated[
        str, Field(min_length=1, max_length=40, description="name of the player"), PRINTED
    ]
    payoff: Annotated[Formula, Field(description="flow, or per period")]
    action: Annotated[
        dict[str, tuple[Bound, Bound]],
        Field(max_length=MAX_REALS, description="real actions and their bounds"),
    ] = Field(default_factory=dict)
    actions: Annotated[Actions, Field(description="names of actions, or numbers by name")] = ()
    states: Annotated[dict[str, Range], Field(description="ranges of its own")] = Field(
        default_factory=dict
    )
    events: Annotated[tuple[Event, ...], Field(description="events of its own")] = ()
    discount: (
        Annotated[float, WORKED_OUT, Field(gt=0, description="instead of the game's")] | None
    ) = None
    end: Annotated[Formula, Field(description="payoff where the game ends")] = "0"
    count: Annotated[int, Field(ge=1, le=MAX_PLAYERS, description="number of such players")] = 1
    parameters: Annotated[Parameters, Field(description="values of names in its formulas")] = Field(
        default_factory=dict
    )
    let: Definitions = Field(default_factory=dict)
    random: Randoms = Field(default_factory=dict)
    allowed: Annotated[Formula, Field(description="not zero for actions that may be taken")] = "1"
    turn: Annotated[Formula, Field(description="not zero where it decides")] = "1"
    shocks: Annotated[Formula, Field(description="size of private shocks")] = "0"
    shock_law: Annotated[
        Literal["extreme value", "normal", "uniform", "exponential"],
        Field(description="law of private shocks"),
    ] = "extreme value"
    PLAIN: ClassVar[dict[str, Any]] = {
        **UNSAID,
        "allowed": "1",
        "turn": "1",
        "shocks": "0",
        "shock_law": "extreme value",
    }

    @cached_property
    def listed(self) -> Choices | None:
        """Its list of actions, with the numbers that formulas know; None if there is none."""
        return Choices.of(self.actions) if self.actions else None

    @cached_property
    def options(self) -> tuple[str, ...]:
        """What the actions of its list are called."""
        return labels(self.listed, self.actions) if self.listed else ()

    @property
    def choices(self) -> tuple[str, ...]:
        """Names of what it decides: its real actions, then the probabilities of its options."""
        return (*self.action, *self.options)

    @property
    def words(self) -> tuple[str, ...]:
        """Names by which formulas know what it decides."""
        return (*self.action, *(self.listed.numbers if self.listed else ()))
