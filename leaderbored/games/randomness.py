"""Random numbers of a game: a finite law, or points that stand for a law of real numbers.

Gauss's rules put so many points where they make the expectation of every polynomial of less than
twice that degree exact; of what has kinks it is an approximation.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic.dataclasses import dataclass

from leaderbored.games.meanings import Law
from leaderbored.games.record import CONFIG
from leaderbored.games.syntax import MAX_LENGTH

MAX_VALUES = 200
MAX_POINTS = 64
ENDS = {"normal": ("mean", "sd"), "uniform": ("low", "high"), "exponential": ("mean",)}


def _number(raw: Any) -> Any:
    if isinstance(raw, str) and 1 <= len(raw.strip()) <= MAX_LENGTH // 4:
        return raw.strip()
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) < 1e100:
        raise ValueError("expected a number or a formula of parameters")
    return float(raw)


def _value(raw: Any) -> Any:
    return tuple(map(_value, raw)) if isinstance(raw, list | tuple) and raw else _number(raw)


_EITHER = WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
Number = Annotated[Any, BeforeValidator(_number), _EITHER]
Value = Annotated[
    Any,
    BeforeValidator(_value),
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "array"}]}),
]


@dataclass(frozen=True, config=CONFIG)
class Random:
    """A random number, or a list of them that are drawn together.

    Parameters
    ----------
    values : sequence of float, str or lists of these, optional
        What it may be: numbers or formulas of parameters. ``theta[0]`` is the first of a list.
    probabilities : sequence of float or str, optional
        Of each; alike by default.
    kind : "finite", "normal", "uniform" or "exponential"
        Which law.
    mean, sd : float or str
        Of a normal law; the mean of an exponential one.
    low, high : float or str
        Ends of a uniform law.
    points : int, default 9
        So many stand for a law of real numbers.

    Examples
    --------
    >>> Random(values=[1, 3]).law("random.theta").chances
    (0.5, 0.5)
    >>> Random(kind="uniform", low=0, high="k", points=1).law("random.theta").values
    ('(0.0) + ((k) - (0.0)) * 0.5',)
    """

    values: Annotated[
        tuple[Value, ...], Field(max_length=MAX_VALUES, description="what it may be")
    ] = ()
    probabilities: Annotated[
        tuple[Number, ...], Field(description="of each value; alike by default")
    ] = ()
    kind: Annotated[
        Literal["finite", "normal", "uniform", "exponential"], Field(description="which law")
    ] = "finite"
    mean: Annotated[Number, Field(description="of a normal or exponential law")] = 0.0
    sd: Annotated[Number, Field(description="of a normal law")] = 1.0
    low: Annotated[Number, Field(description="of a uniform law")] = 0.0
    high: Annotated[Number, Field(description="of a uniform law")] = 1.0
    points: Annotated[
        int, Field(ge=1, le=MAX_POINTS, description="that stand for a law of real numbers")
    ] = 9

    def mistakes(self, here: str) -> Iterator[tuple[str, Any, str]]:
        """What does not fit together."""
        if self.kind == "finite":
            if not self.values:
                yield f"{here}.values", "", 'expected values, or a kind such as "normal"'
            if self.probabilities and len(self.probabilities) != len(self.values):
                expected = f"expected {len(self.values)}, one for each value"
                yield f"{here}.probabilities", len(self.probabilities), expected
            if (
                len({np.shape(value) if isinstance(value, tuple) else () for value in self.values})
                > 1
            ):
                yield f"{here}.values", len(self.values), "expected lists of one length"
        elif self.values or self.probabilities:
            part = "values" if self.values else "probabilities"
            yield f"{here}.{part}", "", f"a {self.kind} law has none"

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Its formulas, and where they stand."""
        if self.kind != "finite":
            return [(end, t) for end in ENDS[self.kind] if isinstance(t := getattr(self, end), str)]
        flat = [
            (f"values[{k}]{at}", leaf) for k, v in enumerate(self.values) for at, leaf in _leaves(v)
        ]
        flat += [(f"probabilities[{k}]", p) for k, p in enumerate(self.probabilities)]
        return [(at, leaf) for at, leaf in flat if isinstance(leaf, str)]

    @property
    def ordered(self) -> list[tuple[str, str]]:
        """Which of its numbers must be below which: zero is called so."""
        pairs = {
            "normal": [("0", "sd")],
            "uniform": [("low", "high")],
            "exponential": [("0", "mean")],
        }
        return pairs.get(self.kind, [])

    def law(self, place: str) -> Law:
        """Values and their probabilities.

        Parameters
        ----------
        place : str
            Where it stands, for messages.
        """
        if self.kind == "finite":
            count = max(len(self.values), 1)
            chances = self.probabilities or (1 / count,) * len(self.values)
            return Law(self.values, chances, place)
        if self.kind == "normal":
            at, weight = np.polynomial.hermite_e.hermegauss(self.points)
            form = "({mean}) + ({sd}) * {at}"
        elif self.kind == "uniform":
            at, weight = np.polynomial.legendre.leggauss(self.points)
            at, form = (at + 1) / 2, "({low}) + (({high}) - ({low})) * {at}"
        else:
            at, weight = np.polynomial.laguerre.laggauss(self.points)
            form = "({mean}) * {at}"
        ends = {end: getattr(self, end) for end in ("mean", "sd", "low", "high")}
        values = tuple(form.format(at=repr(float(x)), **ends) for x in at)
        return Law(values, tuple((weight / weight.sum()).tolist()), place)


def _leaves(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    if not isinstance(value, tuple):
        yield at, value
        return
    for k, part in enumerate(value):
        yield from _leaves(part, f"{at}[{k}]")
