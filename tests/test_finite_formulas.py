"""Games in normal form whose payoffs are formulas: against tables written out by hand."""

import json
from fractions import Fraction
from itertools import product

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.choices import Choices
from leaderbored.games.formats.gamefile import load, loads, starter
from leaderbored.games.problems import GameFileError
from leaderbored.games.rationals import number_of


def test_congestion_on_two_roads() -> None:
    game = load(starter("finite"))
    for profile in product(range(2), repeat=3):
        north = profile.count(0)
        for i, road in enumerate(profile):
            delay = north + Fraction(1, 2) if road == 0 else Fraction(6, 5) * (3 - north)
            assert number_of(game.table.payoffs[(i, *profile)]) == -delay
    assert lb.solve(game).complete == "proved"


def test_colonel_blotto_is_opposed_and_fair() -> None:
    wins = "(x > {0}.x) + (y > {0}.y) + (z > {0}.z) - (x < {0}.x) - (y < {0}.y) - (z < {0}.z)"
    payoffs = {"A": wins.format("B"), "B": wins.format("A")}
    game = lb.FiniteGame(["A", "B"], {"x + y + z": 5}, payoffs)
    assert game.table.shape == (21, 21)
    solution = lb.solve(game, all=False)
    assert solution.value == pytest.approx(0, abs=1e-12)
    assert solution.equilibria[0].regret < 1e-10
    ours = [tuple(map(int, name.split(", "))) for name in game.table.strategies[0]]
    assert sorted(ours) == sorted(s for s in product(range(6), repeat=3) if sum(s) == 5)
    k = ours.index((3, 2, 0))
    assert game.table.payoffs[0][k][ours.index((0, 1, 4))] == 1


def test_two_candidates_meet_in_the_middle() -> None:
    """Downs: voters at 0, 1, ..., 6 vote for the nearer one, and split where both are as near."""
    places = "[0, 1, 2, 3, 4, 5, 6]"
    near = " + ".join(f"(abs(x - {v}) < abs(B.x - {v})) + 0.5 * (x == B.x)" for v in range(7))
    game = loads(
        f"""kind = "normal-form"
players = ["A", "B"]
strategies = {places}
[payoffs]
A = "{near}"
B = "{near.replace("B.x", "A.x")}"
"""
    )
    solution = lb.solve(game)
    found = {tuple(int(law.argmax()) for law in e.strategies.values()) for e in solution.equilibria}
    assert (3, 3) in found


def test_quantities_and_parameters() -> None:
    game = lb.FiniteGame(
        ["A", "B"],
        {"q": {"from": 0, "to": 4, "step": 0.5}},
        "(a - sum(q)) * q - c * q**2",
        {"a": 6, "c": 0.1},
    )
    q = [Fraction(k, 2) for k in range(9)]
    assert game.table.strategies[0][:4] == ("0", "0.5", "1", "1.5")
    for j, k in product(range(9), repeat=2):
        right = (6 - q[j] - q[k]) * q[j] - q[j] ** 2 / 10
        first, second = game.table.payoffs
        assert number_of(first[j, k]) == right == number_of(second[k, j])


def test_different_players_pick_from_different_lists() -> None:
    game = lb.FiniteGame(
        ["firm", "rival"],
        [{"p": [1, 2], "ad": [0, 1]}, ["in", "out"]],
        ["p * (2 - rival.out) - ad", "(1 - firm.ad) * out"],
    )
    assert game.table.strategies == (("1, 0", "2, 1"), ("in", "out"))
    assert game.table.payoffs[0].astype(int).tolist() == [[2, 1], [3, 1]]
    assert game.table.payoffs[1].astype(int).tolist() == [[0, 1], [0, 0]]


def test_what_does_not_fit_is_said_all_at_once() -> None:
    text = """kind = "finite"
players = ["A", "B"]
strategies = [{ q = [0, 1], r = [1] }, ["go", 3]]
payoffs = ["q"]
"""
    with pytest.raises(GameFileError) as refused:
        loads(text)
    said = str(refused.value)
    assert "3 mistakes" in said
    assert "strategies" in said and "as many numbers of each name" in said
    assert "all numbers, or all names" in said
    assert "expected a formula for each of 2 players" in said


@pytest.mark.parametrize(
    ("strategies", "payoffs", "words"),
    [
        ("[0, 1]", '"1 / x"', "no finite number where A picks 0"),
        ("[0, 1]", '"y"', "unknown name 'y'"),
        ("[0, 1]", '{ A = "x" }', "expected a formula for each of A, B"),
        ("{ a = [0, 1] }", '"a"', "is a parameter too"),
        ("[0, 0]", '"x"', "expected different strategies"),
        ("[]", '"x"', "expected a list of numbers or names"),
        ('{ "x + y" = 2.5 }', '"x"', "expected a whole number of units"),
        ('{ "x + y + z + u + v + w" = 60 }', '"x"', "expected at most 10,000 strategies"),
        ("{ q = { from = 0, to = 1e9 } }", '"q"', "expected at most 10,000 strategies"),
        ("{ q = { from = 1, to = 0 } }", '"q"', "expected from <= to"),
        ("{ if = [0, 1] }", '"1"', "expected a name such as q"),
        ("[[0, 1]]", '"x"', "expected a list for each of 2 players"),
        ("{ q = { from = 0, to = 9999 } }", '"q"', "expected at most 2,000,000"),
    ],
)
def test_mistakes_are_sentences(strategies: str, payoffs: str, words: str) -> None:
    text = f"""kind = "finite"
players = ["A", "B"]
strategies = {strategies}
payoffs = {payoffs}
parameters = {{ a = 1 }}
"""
    with pytest.raises(GameFileError) as refused:
        loads(text)
    assert words in str(refused.value), refused.value
    assert str(refused.value).count(words) == 1


def test_names_that_are_words_are_ones_and_zeros() -> None:
    found = Choices.of(["stay", "go", "not a word"])
    assert found.numbers == {"stay": (1, 0, 0), "go": (0, 1, 0)}


def test_numbers_of_the_file_are_set_and_swept(tmp_path, capsys) -> None:
    path = tmp_path / "game.toml"
    path.write_text(
        'kind = "normal-form"\nplayers = ["A", "B"]\nstrategies = [0, 1]\n'
        'payoffs = "b * x - sum(x) * c"\nparameters = { b = 2, c = 0.5 }\n',
        encoding="utf-8",
    )
    assert main(["solve", str(path), "--json", "--set", "parameters.b=0.1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["equilibria"][0]["strategies"] == {"A": [1.0, 0.0], "B": [1.0, 0.0]}
    sweep = lb.sweep(load(path), {"parameters.b": [0.1, 2.0]})
    assert sweep.sizes["parameters.b"] == 2
    assert main(["explain", str(path)]) == 0
    assert "worked out from formulas" in capsys.readouterr().out


def test_random_formulas_of_three_players_by_hand() -> None:
    rng = np.random.default_rng(2)
    for _ in range(5):
        a, b, c = (Fraction(int(v), 7) for v in rng.integers(-20, 20, 3))
        game = lb.FiniteGame(
            ["A", "B", "C"],
            {"q": [0, 1, 3]},
            "a * q * others(q) - b * q**2 + c * max(q, 1)",
            {"a": float(a), "b": float(b), "c": float(c)},
        )
        for profile in product((0, 1, 3), repeat=3):
            at = tuple((0, 1, 3).index(v) for v in profile)
            for i, own in enumerate(profile):
                right = a * own * (sum(profile) - own) - b * own**2 + c * max(own, 1)
                assert float(game.table.payoffs[(i, *at)]) == pytest.approx(float(right))


@pytest.mark.parametrize("kind", ["finite", "bayesian"])
def test_tables_are_written_for_other_programs(kind: str, tmp_path, capsys) -> None:
    path, out = starter(kind), tmp_path / "game.nfg"
    assert main(["convert", str(path), str(out)]) == 0
    game = load(path)
    table = game.table if kind == "finite" else game.agents
    again = load(out)
    assert again.shape == table.shape and again.players == table.players
    assert (again.tables == table.tables).all()
    assert main(["convert", "cournot-1838", str(tmp_path / "x.nfg")]) == 2
    assert "expected a payoff table" in capsys.readouterr().err


def test_tables_whose_entries_are_formulas() -> None:
    """The inspection game: shirked with h/w, inspected with g/w."""
    text = """kind = "normal-form"
players = ["worker", "owner"]
strategies = [["shirk a bit", "work"], ["inspect", "trust"]]
parameters = { w = 4, g = 1, v = 6, h = 0.5 }
payoffs = [["0, -h", "w, -w"], ["w - g, v - w - h", "max(w - g, 0), v - w"]]
"""
    game = loads(text)
    assert game.table.payoffs[1][1, 0] == number_of("1.5")
    shirks, inspects = lb.solve(game).equilibria[0].strategies.values()
    assert shirks[0] == pytest.approx(0.5 / 4) and inspects[0] == pytest.approx(1 / 4)
    twice = loads(text, ["parameters.h=1"])
    assert lb.solve(twice).equilibria[0].strategies["worker"][0] == pytest.approx(1 / 4)
    bare = 'kind = "normal-form"\nparameters = { x = 2 }\npayoffs = [["x, 0", "0, x"]]\n'
    assert loads(bare).table.shape == (1, 2)
    for old, new, words in (
        ("0, -h", "0, -hh", "line 5, payoffs[1][0][0] = '-hh': unknown name 'hh'"),
        ("0, -h", "0, 1 / (g - 1)", "no finite number where worker picks shirk a bit"),
        ("w, -w", "w, -w, 1", "payoffs[0][1] = 'w, -w, 1': expected 2 payoffs"),
        (', "work"', "", 'expected 1 x 2 cells such as "1, 1"'),
    ):
        with pytest.raises(GameFileError) as refused:
            loads(text.replace(old, new))
        assert words in str(refused.value), refused.value
        assert "1 mistake" in str(refused.value)


def test_a_table_whose_places_run_out_is_named() -> None:
    profits = {"V": [1, 0.5]}
    where = r"V\[-1\] is looked up: it has 2 places, counted from 0, where A picks out; B"
    with pytest.raises(ValueError, match=where):
        lb.FiniteGame(["A", "B"], ["in", "out"], "in * V[sum(in) - 1]", profits)
    game = lb.FiniteGame(["A", "B"], ["in", "out"], "V[sum(in) - 1] if in else 0", profits)
    assert game.table.payoffs[0].astype(float).tolist() == [[0.5, 1.0], [0.0, 0.0]]


def test_a_table_of_one_player_is_told_how_cells_of_all_are_written() -> None:
    text = """
    kind = "normal-form"
    players = ["row", "column"]
    strategies = ["safe", "fast", "watchful"]
    parameters = { b = 3 }
    payoffs = [["b", "1", "b"], ["4", "2", "4"], ["b", "1", "b"]]
    """
    with pytest.raises(GameFileError) as told:
        loads(text)
    expected = 'payoffs = 3: expected a table for each of 2 players, or cells such as "b, -b"'
    assert expected in str(told.value)
