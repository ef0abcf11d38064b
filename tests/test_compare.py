"""Scenarios side by side, against each of them solved alone."""

from __future__ import annotations

import json

import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.games.leaves import leaves
from leaderbored.games.places import alter
from leaderbored.kinds import kinds_in_files
from leaderbored.sweeps.compare import of_solutions

RACE, TABLE = str(starter("race")), str(starter("normal-form"))


def answers(capsys):
    return json.loads(capsys.readouterr().out)


def test_each_scenario_is_as_it_is_alone(capsys):
    """Verdict and lead changes of each are those that ``race`` says, and what differs is told."""
    change = ["--set", "market.scarcity=0.95"]
    assert main(["compare", RACE, "--json", *change]) == 0
    both = answers(capsys)
    assert [row["what"] for row in both["inputs"]] == ["market.scarcity"]
    told = {row["what"]: row["values"] for row in both["answers"]}
    for name, more in (("as given", []), (change[1], change)):
        main(["race", RACE, "--one", "--json", *more])
        alone = answers(capsys)
        (equilibrium,) = alone["equilibria"]
        assert told["verdict"][name] == equilibrium["verdict"]
        assert both["headlines"][name] == alone["headline"]


def test_what_is_the_same_is_not_told_as_different(capsys):
    assert main(["compare", RACE, RACE, "--json"]) == 0
    found = answers(capsys)
    assert found["names"] == ["race (1)", "race (2)"] and found["inputs"] == []
    assert not any(row["differs"] for row in found["answers"] if row["what"] != "regret")
    assert "verdict is the same" in found["headline"]


def test_labs_that_only_one_has_are_told():
    games = {
        str(count): lb.Race(
            [lb.Lab(name, 1) for name in "ABC"[:count]],
            lb.ScarceMarket(0.6),
            lb.Technology(1),
            0.2,
            2,
        )
        for count in (2, 3)
    }
    found = lb.compare(games)
    rows = {row.what: row.values for row in found.inputs}
    assert rows["labs.C.compute"] == (None, 1.0)
    assert next(row for row in found.answers if row.what == "value of C").values[0] is None


@pytest.mark.parametrize("kind", [*kinds_in_files()])
def test_places_are_those_that_changes_name(kind):
    """Every number that is listed can be set where it is said to stand."""
    game = load(starter(kind))
    tree = leaves(game)
    numbers = {place: x for place, x in tree.items() if type(x) in (float, int)}
    assert tree["kind"] == kind
    if kind != "normal-form":
        assert leaves(alter(game, numbers)) == tree


def test_mistakes_of_all_scenarios_at_once_and_each_once(tmp_path, capsys):
    broken = tmp_path / "broken.toml"
    broken.write_text(starter("race").read_text(encoding="utf-8").replace("discount", "discont"))
    assert main(["compare", str(broken), "--set", "rungs=3"]) == 2
    assert capsys.readouterr().err.count("did you mean 'discount'") == 1
    assert main(["compare", RACE, "nobody.toml", "--set", "discont=1"]) == 2
    said = capsys.readouterr().err
    assert "did you mean 'discount'" in said and "nobody.toml: game: no such file" in said
    assert main(["compare", RACE, TABLE]) == 2
    assert "expected games of one kind" in capsys.readouterr().err
    for files in ([RACE], [RACE] * 6, []):
        assert main(["compare", *files]) == 2
        assert "two to five" in capsys.readouterr().err
    with pytest.raises(ValueError, match="two to five"):
        lb.compare({"alone": load(RACE)})


def test_a_scenario_without_an_answer_is_told_and_the_others_stand(tmp_path, capsys):
    hard = tmp_path / "hard.toml"
    players = [
        f'[[players]]\nname = "{name}"\npayoff = "{payoff}"\nstrategies = {{x = [0, 1]}}\n'
        for name, payoff in (("A", "-(x - B.x)**2"), ("B", "(x - A.x)**2"))
    ]
    hard.write_text('kind = "continuous"\n' + "".join(players))
    assert main(["compare", str(starter("continuous")), str(hard)]) in (0, 3)
    assert "hard" in capsys.readouterr().out


def test_what_there_was_no_time_for_is_not_told_as_another_verdict(capsys):
    """Without an answer nothing is said to differ in the answers, nor to be the same."""
    change = ["--set", "market.scarcity=0.95"]
    assert main(["compare", RACE, "--json", "--limit", "0", *change]) == 3
    told = answers(capsys)
    assert "No equilibrium was found of as given" in told["headline"]
    assert "1 input differs" in told["headline"] and "verdict" not in told["headline"]
    games = {"a": load(RACE), "b": load(RACE)}
    one = lb.solve(games["a"])
    late = lb.solve(games["b"], limit=0)
    found = of_solutions({"a": one, "b": late})
    assert found.status == late.status and found.solved
    assert found.headline == "No equilibrium was found of b; no inputs differ."
