"""Messages show values as game files write them, and use the words of files."""

from __future__ import annotations

import pytest

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError
from leaderbored.games.validation import short
from leaderbored.views.data import report

RACE = """
discount = 0.1
labs = [{ name = "A", compute = 1 }, { name = "B", compute = 1 }]
technology = { productivity = 1 }
market = { kind = "ladder", revenue = [1, 2] }
"""


def said(text: str) -> str:
    with pytest.raises(GameFileError) as caught:
        loads(text)
    return str(caught.value)


def test_a_mechanism_that_does_not_fit_is_shown_as_the_file_writes_it() -> None:
    message = said(f"{RACE}\n[mechanisms]\nlease = {{ friction = 0.5 }}\n")
    assert "mechanisms.lease = { friction = 0.5 }: demand has no limit" in message
    assert "Lease(" not in message


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{ productivity = 1 }", "3", "technology = 3: expected a table"),
        ("[1, 2]", "true", "market.revenue = true"),
        ('labs = [{ name = "A", compute = 1 }', "labs = [1", "labs[0] = 1: expected a table"),
    ],
)
def test_words_are_those_of_files(old: str, new: str, place: str) -> None:
    message = said(RACE.replace(old, new))
    assert place in message
    assert "dictionary" not in message and "instance" not in message and "tuple" not in message


def test_records_are_shown_without_what_they_leave_at_its_default() -> None:
    assert short(lb.Lab("A", 2)) == "{ name = 'A', compute = 2.0 }"
    assert short(lb.RevenueLadder([1, 2])) == "{ revenue = [1.0, 2.0] }"
    assert short(lb.Mechanisms(inertia={"lag": 1})) == "{ inertia = { lag = 1.0 } }"


def test_an_equilibrium_without_a_verdict_is_not_denied() -> None:
    solution = lb.solve(loads(RACE))
    told = report(solution, [])
    assert told["headline"] == "A Markov-perfect equilibrium was found and certified."
    assert len(told["equilibria"]) == 1
