"""Formulas of a Markov game that differ in numbers alone are read once, and mean what they say."""

import re

import numpy as np
import pytest

from leaderbored.games import compile as compiling
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.stochastic.tabled import stage_of

HEAD = """
kind = "markov"
discount = 0.5
states = { s = [0, 9] }
tables = { profit = [1, 2, 0.5, 4] }
players = [{ name = "A", actions = ["go", "stay"], payoff = "s * go" }]
"""


def written(hazards: list[str], where: str = "s + 1") -> str:
    events = (f'[[events]]\nhazard = "{hazard}"\nnext = {{ s = "{where}" }}' for hazard in hazards)
    return HEAD + "\n".join(events)


def test_a_table_written_out_in_events_is_compiled_once(monkeypatch):
    compiled, before = [], compiling.compile_rows
    monkeypatch.setattr(
        compiling, "compile_rows", lambda rows, names: compiled.append(rows) or before(rows, names)
    )
    chance = np.random.default_rng(1).uniform(0.1, 3.0, (200, 10)).round(5)
    hazards = [f"{c} * go * (s == {s})" for row in chance.tolist() for s, c in enumerate(row)]
    stage = stage_of(loads(written(hazards, "5")))
    assert len(compiled) < 20
    pieces = stage.values(np.array([np.ones(10), np.zeros(10)]))[0]
    leaves = np.arange(10) != 5  # who is at 5 stays there
    assert np.allclose(pieces[1:].sum(axis=0)[leaves], chance.sum(axis=0)[leaves], rtol=1e-12)


@pytest.mark.parametrize(
    ("hazard", "exactly"),
    [
        ("s >= 0.07 * 100", lambda s: s >= 7),  # in floating point this is more than 7
        ("s == 0.1 * 30", lambda s: s == 3),
        ("s * 0.1 <= 0.3", lambda s: s <= 3),
        ("s / 10 == 0.7", lambda s: s == 7),
        ("floor(s / 0.1)", lambda s: 10 * s),
        ("3 * (0.29 if s < 2.5 else 0.5) ** 2", lambda s: 3 * (0.29 if s < 3 else 0.5) ** 2),
        ("profit[3] * s + profit[s / 3] * (mod(s, 3) == 0) if s < 1 else 2", lambda s: 2 - (s < 1)),
        ("2 * s - 2 * s + 0.25 * max(s, 4)", lambda s: max(s, 4) / 4),
    ],
)
def test_numbers_mean_the_same_however_often_a_formula_comes_again(hazard, exactly):
    again = [hazard, re.sub(r"\bs\b", "(s)", hazard), f"1 * ({hazard})"]
    stage = stage_of(loads(written(again, "9")))
    found = stage.values(np.array([np.full(10, 0.5)] * 2))[0][1:]
    expected = [3.0 * exactly(s) for s in range(9)]
    assert np.allclose(found.sum(axis=0)[:9], expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize(
    ("hazard", "reason"),
    [
        ("profit[4] if s > 10 else 2", "profit has no such place"),
        ("s ** (1001)", "exponents stay below 1000"),
        ("s / (0.5 - 0.25 - 0.25)", "this has no real value"),
        ("log(-2) if s > 10 else 2", "this has no real value"),
    ],
)
def test_what_is_wrong_with_a_number_is_said_of_its_own_formula(hazard, reason):
    good = ["profit[3] if s > 10 else 3", "s ** (2)", "s / (0.5 + 0.25)", "2 if s > 11 else 4"]
    with pytest.raises(GameFileError, match=rf"1 mistake[^$]*events\[4\]\.hazard[^$]*{reason}"):
        loads(written([*good, hazard]))


def test_what_cancels_is_not_decided():
    text = written(["1", "2"], "s + 0.5 * go - 0.25 * go - 0.25 * go + 2")
    assert not any(loads(text).steered.values())
