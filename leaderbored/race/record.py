"""What every part of a game shares: a frozen, validated record that knows its units."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass as pydantic_dataclass

_CONFIG = ConfigDict(extra="forbid", allow_inf_nan=False, use_attribute_docstrings=False)

record = pydantic_dataclass(frozen=True, config=_CONFIG)
"""Class decorator: a frozen dataclass whose fields are checked when it is made."""


def quantity(default: Any = ..., *, unit: str, about: str, **bounds: Any) -> Any:
    """Declare a numeric field: its default, unit, meaning and bounds (``gt``, ``ge``, ``le``)."""
    extra = {"unit": unit}
    return Field(default, description=about, json_schema_extra=extra, **bounds)
