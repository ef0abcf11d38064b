"""What every part of a game shares: a frozen, validated record that knows its units."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError
from pydantic.dataclasses import dataclass as pydantic_dataclass

_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False)


def _not_text(value: Any) -> Any:
    if isinstance(value, str | bytes | bool):
        raise ValueError("expected a number")
    return value


Real = Annotated[float, BeforeValidator(_not_text)]
"""A number; unlike plain floats it is not read from text or from true and false."""

Whole = Annotated[int, BeforeValidator(_not_text)]

record = pydantic_dataclass(frozen=True, config=_CONFIG)
"""Class decorator: a frozen dataclass whose fields are checked when it is made."""


def quantity(default: Any = ..., *, unit: str, about: str, **bounds: Any) -> Any:
    """Declare a numeric field: its default, unit, meaning and bounds (``gt``, ``ge``, ``le``)."""
    extra = {"unit": unit}
    return Field(default, description=about, json_schema_extra=extra, **bounds)


def field_error(field: str, value: Any, reason: str) -> PydanticCustomError:
    """The error to raise when fields do not fit together and one of them is to blame."""
    context = {"field": field, "value": value, "reason": reason}
    return PydanticCustomError("field_error", "{reason}", context)
