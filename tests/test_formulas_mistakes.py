"""Mistakes in the file's own words: place as --set takes it, line, event, table, and what may be
meant; and numbers from outside as people write them."""

import random
import tomllib

import pytest

from leaderbored.games.formats.gamefile import five_labs, load, loads
from leaderbored.games.formats.lines import lines_of
from leaderbored.games.formats.overrides import value_of_text
from leaderbored.games.places import COUNTED
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.kinds import all_kinds, resource

LADDER = """kind = "markov"
discount = 0.3
states = { gap = [0, 3] }
parameters = { gamma = 1.3, prize = [1, 2, 3] }

[[players]]
name = "A"
action = { b = [0, 1] }
payoff = "(1 - b) * gamma**gap"
events = [
  { hazard = "b", next = { gap = "gap + 1" } },
  { hazard = "0.1", next = { gap = "gap - 1" } },
]
"""


def mistakes(text: str, *changes: str) -> list[Mistake]:
    with pytest.raises(GameFileError) as caught:
        loads(text, changes)
    return list(caught.value.mistakes)


@pytest.mark.parametrize(
    ("old", "new", "line", "place", "says"),
    [
        ('"b", next', '"b - 2", next', 11, "players[0].events[0].hazard", "not negative"),
        ('"0.1", next', '"0.1 / (gap - 2)", next', 12, "players[0].events[1].hazard", "gap = "),
        ('"gap - 1"', '"gap / 2"', 12, "players[0].events[1].next.gap", "whole numbers, found 0.5"),
        ('"gap - 1"', '"gp - 1"', 12, "players[0].events[1].next.gap", "did you mean 'gap'"),
        ('gap = "gap + 1"', 'gp = "gap + 1"', 11, "players[0].events[0].next.gp", "did you"),
        ("gamma**gap", "prize[gap]", 9, "players[0].payoff", "prize[3] is looked up: it has 3"),
        ("gamma**gap", "prize[3]", 9, "players[0].payoff", "prize has no such place: it has 3"),
        ("gamma**gap", "prize[b]", 9, "players[0].payoff", "do not depend on what is decided"),
        ("gamma**gap", "gama**gap", 9, "players[0].payoff", "did you mean 'gamma'"),
        ("gamma**gap", "prise[gap]", 9, "players[0].payoff", "did you mean 'prize'"),
        ("gamma**gap", "maxx(gap, 1)", 9, "players[0].payoff", "did you mean 'max'"),
        ("discount = 0.3", "discount = -1", 2, "discount", "greater than 0"),
        ("discount = 0.3", "dicount = 0.3", 2, "dicount", "did you mean 'discount'"),
        ("gamma = 1.3", 'gamma = "2 * delta"', 4, "parameters.gamma", "unknown name 'delta'"),
        ("gamma = 1.3", 'gamma = "gama"', 4, "parameters.gamma", "unknown name 'gama'"),
        ("action = { b", "action = { else", 8, "players[0].action.else", "a name such as"),
        ('name = "A"', 'nam = "A"', 7, "players[0].nam", "did you mean 'name'"),
    ],
)
def test_a_mistake_stands_where_the_file_has_it(
    old: str, new: str, line: int, place: str, says: str
) -> None:
    assert old in LADDER
    found = {mistake.place: mistake for mistake in mistakes(LADDER.replace(old, new))}
    assert place in found, found
    assert says in found[place].expected, found[place]
    assert found[place].line == line


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("players[0].events[0].hazard", ".5"),
        ("players.A.events[1].next.gap", "2"),
        ("players[0].payoff", "1.5"),
        ("players.A.action.b[1]", ".5"),
        ("parameters.prize[1]", "-.5"),
        ("states.gap[1]", "5"),
    ],
)
def test_set_takes_the_places_of_messages(place: str, value: str) -> None:
    before, after = loads(LADDER), loads(LADDER, [f"{place}={value}"])
    assert before != after


def test_a_definition_is_blamed_once_and_in_its_own_place() -> None:
    text = """kind = "continuous"
let = { P = "10 - Q", Q = "sum(q) + r", loop = "pool", pool = "loop" }
players = [
  { name = "A", strategies = { q = [0, 5] }, payoff = "P * q" },
  { name = "B", strategies = { q = [0, 5] }, payoff = "P * q + loop" },
]
"""
    found = {mistake.place: mistake for mistake in mistakes(text)}
    assert set(found) >= {"let.Q", "let.loop"}
    assert len([place for place in found if place == "let.Q"]) == 1
    assert "unknown name 'r'" in found["let.Q"].expected
    circle = [m for m in found.values() if "need each other" in m.expected]
    assert circle
    assert all("loop" in m.expected and "pool" in m.expected for m in circle)
    assert {mistake.line for mistake in found.values()} == {2}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (".1", 0.1),
        ("-.5", -0.5),
        ("+.5e-1", 0.05),
        ("5.", 5.0),
        ("1E-1", 0.1),
        ("0.1", 0.1),
        ("00.1", 0.1),
        ("\u22120.5", -0.5),
        ("1_000", 1000),
        ("1/20", 0.05),
        ("07", 7),
        ("[.1]", "[.1]"),
        ("{}", {}),
        ("0x10", 16),
        ("true", True),
        ("quantity", "quantity"),
        ("1/0", "1/0"),
        ("9" * 500, float("inf")),
    ],
)
def test_numbers_from_outside_are_as_people_write_them(text: str, value: object) -> None:
    found = value_of_text(text, number=True)
    if text == "9" * 500:
        assert found == int(text)  # TOML's whole numbers have no end
        return
    assert found == value
    assert type(found) is type(value)


def test_set_takes_numbers_without_a_leading_zero_and_names_slips() -> None:
    assert load(five_labs(), ["discount=.1"]).discount == 0.1
    assert load(five_labs(), ["discount=1/20"]).discount == 0.05
    with pytest.raises(GameFileError, match="decimals have a point"):
        load(five_labs(), ["discount=0,1"])
    with pytest.raises(GameFileError, match="did you mean 'handicap'"):
        load(five_labs(), ["technology.handcap=.1"])
    with pytest.raises(GameFileError, match="did you mean 'technology'"):
        load(five_labs(), ["tecnology.handicap=.1"])
    with pytest.raises(GameFileError, match="did you mean 'gamma'"):
        loads(LADDER, ["parameters.gama=2"])
    assert loads(LADDER.replace("gamma = 1.3, ", ""), ["parameters.gamma=2"]).size == 4
    assert loads(LADDER, ["parameters.prize[1]=.5"]).parameters["prize"] == (1.0, 0.5, 3.0)
    found = mistakes(LADDER, "discount=-1")
    assert [(mistake.place, mistake.line) for mistake in found] == [("discount", 0)]


TRICKY = """# discount = 1
a.b = 1
"c d" = 'it''s'
text = \"\"\"
a.c = 2
[x]
\"\"\"
list = [ # a [ comment
  { x = 1, "y,z" = "]" },
  [1, 2,
   3],
]
[t]
[t.sub]
v = '''
[[w]]
'''
[[w]]
k = 1
[[w]]
k = 2
[w.n]
q = 1979-05-27T07:32:00Z
[[w.m]]
r = { s = { t = "\\\\" } }
"""


def test_lines_are_found_whatever_a_file_is_made_of() -> None:
    text = TRICKY.replace("'it''s'", "'its'")
    tomllib.loads(text)
    found = lines_of(text)
    expected = {
        "a.b": 2,
        "c d": 3,
        "text": 4,
        "list": 8,
        "list[0].x": 9,
        "list[0].y,z": 9,
        "list[1][1]": 10,
        "list[1][2]": 11,
        "t.sub.v": 15,
        "w[0].k": 19,
        "w[1].k": 21,
        "w[1].n.q": 23,
        "w[1].m[0].r.s.t": 25,
    }
    assert {place: found.get(place) for place in expected} == expected
    assert not {place for place in found if place.startswith(("discount", "a.c", "x"))}


@pytest.mark.parametrize("kind", [kind for kind in all_kinds() if kind.starter])
def test_every_leaf_of_a_starter_has_a_line_that_holds_its_key(kind) -> None:
    text = resource(kind.starter).read_text(encoding="utf-8")
    found, rows = lines_of(text), text.splitlines()

    def leaves(tree: object, place: str):
        if isinstance(tree, dict):
            for key, part in tree.items():
                yield from leaves(part, f"{place}.{key}" if place else key)
        elif isinstance(tree, list):
            for k, part in enumerate(tree):
                yield from leaves(part, f"{place}[{k}]")
        else:
            yield place

    for place in leaves(tomllib.loads(text), ""):
        key = COUNTED.sub("", place).rpartition(".")[2]
        assert place in found
        if not place.endswith("]"):
            assert key in rows[found[place] - 1]


def test_any_text_that_toml_reads_has_lines() -> None:
    drawn = random.Random(4)
    parts = [
        "a",
        "b.c",
        '"x"',
        "=",
        "1",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        "'s'",
        '"""',
        "#",
        " ",
        "[[",
    ]
    good = 0
    for _ in range(20_000):
        text = "".join(drawn.choice(parts) for _ in range(drawn.randrange(1, 14)))
        found = lines_of(text)
        try:
            tree = tomllib.loads(text)
        except tomllib.TOMLDecodeError:
            continue
        good += 1
        assert bool(found) == bool(tree), text
    assert good > 500


EVERYTHING = """kind = "continuous"
parameters = { a = "ten" }
count = 3

[[players]]
name = "A"
strategies = { q = [0, "kk"] }
payoff = "(9 - sum(q)) * qq"
count = 0

[[players]]
name = "B"
strategie = { q = [0, 1] }
payoff = "(a - sum(q) * q"
"""


def test_a_wrong_key_hides_no_wrong_formula() -> None:
    found = {mistake.place: mistake.line for mistake in mistakes(EVERYTHING)}
    assert found == {
        "count": 3,
        "parameters.a": 2,
        "players[0].strategies.q": 7,
        "players[0].payoff": 8,
        "players[0].count": 9,
        "players[1].strategies": 11,
        "players[1].strategie": 13,
        "players[1].payoff": 14,
    }


def test_what_is_told_of_a_value_is_not_told_of_what_stands_in_for_it() -> None:
    text = LADDER.replace("discount = 0.3", 'discount = "low"').replace("gap - 1", "gp - 1")
    assert [m.place for m in mistakes(text)] == ["discount", "players[0].events[1].next.gap"]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        (
            'kind = "normal-form"\nplayers = ["A", "B"]\n'
            'strategies = [["l"], ["r"], ["x"]]\npayoffs = ["l", "r *"]\n',
            ["strategies", "payoffs[1]"],
        ),
        (
            'kind = "bayesian"\nplayers = ["A", "B"]\ntypes = { v = [1, 2] }\n'
            'actions = [{ b = [0, 1] }, 3]\nprior = "1 +"\npayoffs = ["v - b", "v"]\n',
            ["actions[1]", "prior"],
        ),
    ],
)
def test_what_is_no_formula_is_said_beside_strategies_that_are_none(
    text: str, places: list[str]
) -> None:
    assert [mistake.place for mistake in mistakes(text)] == places


def test_all_that_is_wrong_with_a_formula_and_what_it_uses_is_told() -> None:
    found = mistakes(
        'kind = "continuous"\n'
        'let = { P = "a - sum(z)" }\n'
        "parameters = { a = 10, c = [1, 2] }\n"
        'players = [{ name = "A", strategies = { q = [0, 1] }, '
        'payoff = "P * r - c[2] * q + c[s] + foo(q) + sum(u * v)" }]\n'
    )
    assert [(each.line, each.place) for each in found] == [(2, "let.P"), (4, "players[0].payoff")]
    assert "unknown name 'z'" in found[0].expected
    for said in ("name 'r'", "c has no such place", "name 's'", "'foo'", "name 'u'", "name 'v'"):
        assert said in found[1].expected
    assert found[1].expected.count("^") == 6
    assert found[1].expected.count("known: pi") == 1  # what is known is said once
