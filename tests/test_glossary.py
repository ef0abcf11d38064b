"""Words that answers are made of stand in the glossary."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from leaderbored.solvers.solution import Complete
from leaderbored.verdicts import NOUNS

GLOSSARY = (Path(__file__).parents[1] / "docs" / "glossary.md").read_text("utf-8")
CODES = ("converged", "approximate", "imprecise", "not converged", "stopped")


@pytest.mark.parametrize("word", [*filter(None, NOUNS), *get_args(Complete), *CODES])
def test_every_word_of_an_answer_is_explained(word: str) -> None:
    rows = [line for line in GLOSSARY.splitlines() if line.startswith("| ")]
    assert any(word in row for row in rows)
