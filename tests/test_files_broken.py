"""Broken files: every mistake at once, at its place, and none that only follows from another."""

import pytest

from leaderbored.games.formats.gamefile import loads, starter
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
    "no movement, and a leader": (
        'kind = "linear-quadratic"\ntime = "discrete"\ninformation = "stackelberg"\n'
        'drift = true\nplayers = [{ name = "A", control = 1, control_cost = 1 }, '
        '{ name = "B", control = 1, control_cost = 1 }]',
        ["drift = true: expected numbers of at most 1e+12"],
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


FIRMS = """kind = "continuous"
time = 3
%s
[[players]]
name = "A"
strategies = { q = [0, 4] }
payoff = "(a - sum(q)) * q * v[0]"
%s
[[players]]
name = "B"
strategies = { q = [0, 4] }
payoff = "(a - sum(q)) * q + zz"
"""
SOUND = "parameters = { a = 9, v = [1, 2] }"
UNREAD = ["time", "players[1].payoff"]
HIDING = {
    "a table that is none": ("source = 7\n" + SOUND, "", [*UNREAD, "source"]),
    "a number that is none": (
        "parameters = { a = inf, v = [1, 2] }",
        "",
        [*UNREAD, "parameters.a"],
    ),
    "a list with a number that is none": (
        "parameters = { a = 9, v = [1, true] }",
        "",
        [*UNREAD, "parameters.v"],
    ),
    "a parameter that cannot be read": (
        'parameters = { a = "9 +", v = [1, 2] }',
        "",
        [*UNREAD, "parameters.a"],
    ),
    "a word that is none of a few": (
        SOUND + '\nrandom = { t = { kind = "gaussian" } }',
        "",
        [*UNREAD, "random.t.kind"],
    ),
    "a missing key": (
        SOUND,
        '[[players]]\nname = "C"\nstrategies = { r = [0, 1] }',
        ["time", "players[1].payoff", "players[2].payoff"],
    ),
    "a list that is none": (SOUND, "integer = 3", [*UNREAD, "players[0].integer"]),
}


@pytest.mark.parametrize("what", HIDING)
def test_a_formula_is_read_beside(what: str) -> None:
    above, within, places = HIDING[what]
    with pytest.raises(GameFileError) as caught:
        loads(FIRMS % (above, within))
    assert {mistake.place for mistake in caught.value.mistakes} == {*places}


def test_what_names_meant_that_are_lost_is_not_told() -> None:
    with pytest.raises(GameFileError) as caught:
        loads(FIRMS.replace("+ zz", "* (a") % ("parameters = 7", ""))
    told = {mistake.place for mistake in caught.value.mistakes}
    assert told == {"time", "parameters", "players[1].payoff"}


FEW = """kind = "finite"
players = ["A", "A"]
strategies = { q = [0, 1] }
parameters = { q = 3, a = 1 }
payoffs = ["q * (a", "zz"]
"""


def test_names_and_formulas_of_finite_games_are_looked_at_together() -> None:
    with pytest.raises(GameFileError) as caught:
        loads(FEW)
    assert [mistake.line for mistake in caught.value.mistakes] == [2, 3, 5, 5]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "[-5, 5]",
            '["low", "mid", "top"]',
            "expected the lowest and highest value, as in [0, 5]",
        ),
        ("[-5, 5]", "11", "expected the lowest and highest value, as in [0, 5]"),
        ("hazard =", "rate =", "did you mean 'hazard'?"),
        ("payoff =", "utility =", "did you mean 'payoff'?"),
        ("discount =", "rho =", "did you mean 'discount'?"),
        ("0.3", '"0.3 * oops"', "a formula of numbers alone such as exp(-0.05)"),
        ("gamma**max(gap, 0)", "1 if gap else 2 if gamma", "write a if condition else b"),
        ("gamma**max(gap, 0)", "if gap then 1 else gamma", "write a if condition else b"),
        ("gamma**max(gap, 0)", "gamma^{2}", "a brace (brackets are round)"),
        ("productivity = 1.0", "w = [1, 2]\nproductivity = 'w(1)'", "w is a list: write w[...]"),
    ],
)
def test_words_of_papers_are_answered_with_those_of_files(old: str, new: str, said: str) -> None:
    text = starter("markov").read_text("utf-8").replace(old, new)
    with pytest.raises(GameFileError) as refused:
        loads(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(("text", "value"), [('"1 / 1.05"', 1 / 1.05), ('"exp(-1/20)"', 0.951229)])
def test_a_discount_may_be_written_as_papers_do(text: str, value: float) -> None:
    game = loads(
        starter("markov").read_text("utf-8").replace("discount = 0.3", f"discount = {text}")
    )
    assert game.discount == pytest.approx(value, abs=1e-6)
    lq = loads(
        starter("linear-quadratic")
        .read_text("utf-8")
        .replace("discount = 0.2", f"discount = {text}")
    )
    assert lq.discount == pytest.approx(value, abs=1e-6)


def test_bounds_the_wrong_way_round_hide_no_other_mistake() -> None:
    race = """
discount = 0.1
market = { kind = "scarce", scarcity = 0.6 }
technology = { productivity = 1.0 }
labs = [{ name = "A", compute = 1, build = [0.9, 0.1] }, { name = "A", compute = 1 }]
"""
    with pytest.raises(GameFileError) as caught:
        loads(race)
    assert "above the upper bound" in str(caught.value)
    assert "name used twice: A" in str(caught.value)
