"""Revenue by lead, without customers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.checks import (
    beyond,
    mistaken_definitions,
    mistaken_names,
    mistaken_values,
    once,
    unread,
)
from leaderbored.games.compile import compile_function
from leaderbored.games.expression import read
from leaderbored.games.markov import Array, States
from leaderbored.games.parameters import (
    UNSAID,
    Definitions,
    Parameters,
    Randoms,
    named,
    real,
    symbolic,
)
from leaderbored.games.record import CONFIG, NUMBER, mistakes, quantity
from leaderbored.games.words import constants

Number = Annotated[float, Field(ge=0), NUMBER]


@dataclass(frozen=True, config=CONFIG)
class RevenueLadder:
    """Revenue per unit of selling compute: r_g for a leader g rungs ahead, r_0 for the rest.

    The shape of what a lead earns, without customers; demand has no limit, and compute is never
    idle. :class:`ScarceMarket` and :class:`ClearingMarket` say where such revenue comes from.

    Parameters
    ----------
    revenue : str or sequence of float
        Money per unit of compute sold and year: an expression in ``g``, or the table
        ``r_0, r_1, ...`` whose last entry holds for all longer leads.
    laggard : float, optional
        r_0, earned by every laggard and by labs tied at the frontier. By default the
        expression at g = 0, or the table's first entry (which it must equal).
    parameters : dict of str to float, str or lists of float, optional
        Values of the other names in the expression: numbers, formulas of other parameters, tables.
    let : dict of str to str, optional
        Names for formulas that the expression uses.
    random : dict of str to Random, optional
        Random numbers over which it takes expectations.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, with a caret in the expression.

    Examples
    --------
    >>> RevenueLadder("gamma**g", parameters={"gamma": 1.5}).ladder(3).tolist()
    [1.0, 1.5, 2.25, 3.375]
    >>> RevenueLadder([1.0, 1.4]).ladder(3).tolist()
    [1.0, 1.4, 1.4, 1.4]
    """

    revenue: Annotated[
        str | tuple[Number, ...],
        Field(description="money per unit sold and year: a formula in g, or r_0, r_1, ..."),
    ]
    laggard: Annotated[
        float | None, quantity("money", "r_0, revenue of labs that do not lead", ge=0), NUMBER
    ] = None
    parameters: Parameters = Field(
        default_factory=dict, description="values of other names in the formula"
    )
    kind: Literal["ladder"] = "ladder"
    let: Definitions = Field(default_factory=dict)
    random: Randoms = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = UNSAID

    @field_validator("revenue", mode="before")
    @classmethod
    def _text_or_table(cls, value: Any) -> Any:
        if isinstance(value, np.ndarray | list):
            value = tuple(value)
        if not isinstance(value, str | tuple) or len(value) == 0:
            raise ValueError("expected an expression in g or a non-empty table r_0, r_1, ...")
        return value

    @field_validator("laggard")
    @classmethod
    def _one_bottom(cls, value: float | None, info: ValidationInfo) -> float | None:
        revenue = info.data.get("revenue")
        if isinstance(revenue, tuple) and value is not None and value != revenue[0]:
            reason = f"{value:g} disagrees with r_0 = {revenue[0]:g}, the table's first entry"
            raise ValueError(reason)
        return value

    @model_validator(mode="after")
    def _readable(self) -> RevenueLadder:
        if found := [*mistaken_names(self, taken=("g",))] or _mistaken(self._said):
            raise mistakes(found)
        return self

    @property
    def _said(self) -> _Formula:
        return _Formula(repr(self), self)

    def meaning(self) -> tuple[dict[str, Any], dict[Any, Any]]:
        """What names in the expression stand for, and the values of parameters.

        Returns
        -------
        names : dict of str to symbol, Grid, Definition or Law
        values : dict of symbol or Grid to float or array

        Examples
        --------
        >>> names, values = RevenueLadder("gamma**g", parameters={"gamma": 1.5}).meaning()
        >>> names["g"], values[names["gamma"]]
        (_g, 1.5)
        """
        values: dict[Any, Any] = {}
        names = {"g": real("g"), **symbolic(named(self), values, real)}
        return {**names, **constants(names)}, values

    def ladder(self, rungs: int) -> Array:
        """Revenue by lead.

        Parameters
        ----------
        rungs : int
            G, the longest lead.

        Returns
        -------
        (G + 1,) array
            r_0, ..., r_G.

        Raises
        ------
        ValueError
            If the expression is negative, infinite or undefined at some lead.

        Examples
        --------
        >>> RevenueLadder("exp(g) - 1", laggard=0.5).ladder(1).round(4).tolist()
        [0.5, 1.7183]
        """
        if isinstance(self.revenue, str):
            ladder = np.array(_worked_out(self._said, rungs))
        else:
            ladder = np.array(self.revenue)[np.minimum(np.arange(rungs + 1), len(self.revenue) - 1)]
        if self.laggard is not None:
            ladder[0] = self.laggard
        bad = np.flatnonzero(~((ladder >= 0) & np.isfinite(ladder)))
        if len(bad):
            g = int(bad[0])
            what = self._beyond(g) or f"revenue is {ladder[g]:g}"
            raise ValueError(f"{what} at g = {g}; expected a finite number, not negative")
        return ladder

    def _beyond(self, g: int) -> str:
        """Which table the expression looks up outside of it at a lead; empty if none."""
        if not isinstance(self.revenue, str):
            return ""
        names, values = self.meaning()

        def value(place: Any) -> float:
            return float(compile_function(place, [names["g"], *values])(g, *values.values()))

        return beyond(read(self.revenue, names), names, value)

    def terms(self, states: States, compute: Array, brand: Array) -> tuple[Array, Array]:
        """Price and (unlimited) demand of each lab in each state; see `ScarceMarket.terms`.

        Examples
        --------
        >>> RevenueLadder([1.0, 2.0]).terms(np.array([[0, 1]]), np.ones(2), np.ones(2))[0].tolist()
        [[2.0], [1.0]]
        """
        behind = states.T
        runner_up = np.sort(states, axis=1)[:, 1]
        ladder = self.ladder(int(states.max()))
        price = np.where(behind == 0, ladder[runner_up], ladder[0])
        return price, np.full(price.shape, np.inf)


@plain_dataclass(frozen=True)
class _Formula:
    """A ladder that is a formula; two that say the same are one."""

    said: str
    ladder: RevenueLadder = field(compare=False)


# A race is changed more often than its ladder, and to read a formula and to compile it takes longer
# than all else that making a race does.


@lru_cache(maxsize=128)
def _mistaken(formula: _Formula) -> list[tuple[str, Any, str]]:
    return once(_mistakes(formula.ladder))


def _mistakes(ladder: RevenueLadder) -> Iterator[tuple[str, Any, str]]:
    """What is wrong with its formulas."""
    (names, _), known = ladder.meaning(), named(ladder)
    yield from mistaken_values(ladder, {**constants({*known, "g"}), **known})
    yield from mistaken_definitions(ladder, [(names, ())])
    if isinstance(ladder.revenue, str):
        yield from unread("revenue", ladder.revenue, read, (names, ()))


@lru_cache(maxsize=128)
def _worked_out(formula: _Formula, rungs: int) -> Array:
    """(G + 1,) the formula at leads of 0, 1, ..., G."""
    names, values = formula.ladder.meaning()
    function = compile_function(read(str(formula.ladder.revenue), names), [names["g"], *values])
    leads = np.arange(rungs + 1.0)
    return np.asarray(function(leads, *values.values()) * np.ones(rungs + 1))
