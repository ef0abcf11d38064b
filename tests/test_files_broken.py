"""Broken files: every mistake at once, at its place, and none that only follows from another."""

import pytest

from leaderbored.games.formats.gamefile import loads
from leaderbored.games.problems import GameFileError

DUEL = """
kind = "markov"
discount = 0.1
states = { k = [0, 1] }
players = [{ name = "A", action = { x = [0, 1] }, payoff = "k - x" }]
events = [{ %s next = { k = "k + 1" } }]
"""
BROKEN = {
    "no kind": ('players = ["A", "B"]', ["kind: missing; expected one of race, markov"]),
    "a misspelt kind": ('kund = "finite"', ["line 1, kund: unknown name, did you mean 'kind'?"]),
    "nothing at all": ("", ["kind: missing"]),
    "payoffs of one player": (
        'kind = "normal-form"\npayoffs = [[[2, 4], [3, 5]]]',
        ["found the shape (1, 2, 2)"],
    ),
    "no market's kind": (
        'labs = [{ name = "A", compute = 1, build = [0, nan] }, { name = "B", compute = 1 }]\n'
        "discount = 0.1\ntechnology = { productivity = 1 }\nmarket = { scarcity = 0.5 }",
        ["labs[0].build[1] = nan: expected a finite number", "market.kind: missing"],
    ),
    "players that are numbers": (
        'kind = "finite"\nplayers = [1, 2]\nstrategies = ["a", "b"]\npayoffs = "a"',
        ["players[0] = 1: expected a valid string", "players[1] = 2: expected a valid string"],
    ),
    "a chance in continuous time": (
        DUEL % 'chance = "1", ',
        ["events[0].chance = '1': expected a hazard instead, as time is continuous"],
    ),
    "an event that never comes": (DUEL % "", ["events[0].hazard: missing"]),
    "a payoff of nobody": (
        'kind = "bayesian"\nplayers = ["A", "B"]\n'
        "types = { v = [1, 2] }\nactions = { b = [0, 1] }\n"
        'payoffs = { A = "v - b", C = "v" }',
        ["payoffs = ['A', 'C']: expected a formula for each of A, B"],
    ),
    "no number in a matrix": (
        'kind = "linear-quadratic"\ndrift = true\n'
        'players = [{ name = "A", control = [1, false], control_cost = 1 }]',
        [
            "drift = true: expected numbers of at most 1e+12",
            "players[0].control = [1, false]: expected numbers of at most 1e+12, found false",
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_mistakes_are_told_at_once_and_alone(name: str) -> None:
    text, expected = BROKEN[name]
    with pytest.raises(GameFileError) as caught:
        loads(text)
    lines = str(caught.value).splitlines()
    assert len(lines) == 1 + len(expected), caught.value
    for line, part in zip(lines[1:], expected, strict=True):
        assert part in line, caught.value
