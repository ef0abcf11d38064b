"""A payoff table from what a file says, or every mistake at once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from leaderbored.games.cells import MAX_DEPTH
from leaderbored.games.formats.labels import (
    Number,
)
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.validation import MAX_BYTES, MAX_MISTAKES, mistakes_of

MAX_PLAYERS = MAX_DEPTH - 1


def report(source: str, mistakes: Sequence[Mistake]) -> GameFileError:
    """The error that lists a file's mistakes, the first of them when there are many."""
    if len(mistakes) < MAX_MISTAKES:
        return GameFileError(source, mistakes)
    last = Mistake("file", "", f"perhaps more; reading stops after {MAX_MISTAKES} mistakes")
    return GameFileError(source, [*mistakes[:MAX_MISTAKES], last])


def check_size(text: str, source: str) -> None:
    """Refuse a text that is too long."""
    if len(text) > MAX_BYTES:
        raise GameFileError(source, [Mistake("file", "", f"larger than {MAX_BYTES:,} bytes")])


def assemble(source: str, flat: Sequence[Number], shape: Sequence[int], **names: Any) -> NormalForm:
    """The game of payoffs listed profile by profile, player 1's strategy varying fastest."""
    exact = any(isinstance(value, Fraction) for value in flat)
    table = np.array(flat, dtype=object if exact else float)
    payoffs = table.reshape(*reversed(shape), len(shape)).transpose()
    return validate(source, {"payoffs": payoffs, **names})


def validate(source: str, fields: dict[str, Any]) -> NormalForm:
    """The game of these fields, its constructor's complaints translated."""
    adapter = TypeAdapter(NormalForm)
    try:
        game: NormalForm = adapter.validate_python(fields)
    except ValidationError as error:
        if error.error_count() < MAX_MISTAKES:
            raise report(source, mistakes_of(error, adapter)) from None
        findings = error.errors(include_url=False, include_input=False)[:MAX_MISTAKES]
        mistakes = [Mistake(".".join(map(str, f["loc"])), "", f["msg"]) for f in findings]
        raise report(source, mistakes) from None
    return game
