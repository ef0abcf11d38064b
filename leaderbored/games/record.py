"""What every part of a game shares: a frozen, validated record that knows its units."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from leaderbored.text import printed

CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False)


class RefusedError(ValueError):
    """What is asked for does not exist of such a game: an answer, and no fault of the program.

    Examples
    --------
    >>> issubclass(RefusedError, ValueError)
    True
    """


def _not_text(value: Any) -> Any:
    if isinstance(value, str | bytes | bool):
        raise ValueError("expected a number")
    return value


NUMBER = BeforeValidator(_not_text)
"""Annotates a number that is not to be read from text or from true and false."""


def _worked_out(value: Any) -> Any:
    if not isinstance(value, str):
        return _not_text(value)
    from leaderbored.games.expression import ExpressionError, read
    from leaderbored.games.words import CONSTANTS

    try:
        return float(read(value, CONSTANTS))
    except (ExpressionError, TypeError):
        expected = "expected a number, or a formula of numbers alone such as exp(-0.05)"
        raise ValueError(expected) from None


WORKED_OUT = BeforeValidator(_worked_out)
"""Annotates a number that may be written as a formula of numbers: ``"1 / 1.05"``."""


def quantity(unit: str, about: str, **bounds: Any) -> Any:
    """Annotate a numeric field with its unit, meaning and bounds (``gt``, ``ge``, ``le``)."""
    return Field(description=about, json_schema_extra={"unit": unit}, **bounds)


PRINTED = AfterValidator(printed)
"""Annotates a name: text that pages and figures print, and that nothing in them obeys."""

Title = Annotated[str, Field(max_length=120, description="title for tables and figures"), PRINTED]


def field_error(field: str, value: Any, reason: str) -> PydanticCustomError:
    """The error to raise when fields do not fit together and one of them is to blame."""
    context = {"field": field, "value": value, "reason": reason}
    return PydanticCustomError("field_error", "{reason}", context)


def mistakes(found: list[tuple[str, Any, str]]) -> PydanticCustomError:
    """The error to raise when a field holds several mistakes: place, value, what was expected."""
    text = "; ".join(f"{place}: {expected}" for place, _, expected in found)
    return PydanticCustomError("mistakes", "{text}", {"text": text, "found": found})
