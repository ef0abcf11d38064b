"""``leaderbored dynamics``: what it prints, writes and refuses."""

import json
import re

import pytest

import leaderbored as lb
from leaderbored.cli import main

RACE = """
kind = "race"
discount = 0.1
labs = [{name = "A", compute = 1}, {name = "B", compute = 1}]
market = {kind = "scarce", scarcity = 0.6}
technology = {productivity = 3, handicap = 0.1}
"""


@pytest.fixture
def race(tmp_path):
    file = tmp_path / "race.toml"
    file.write_text(RACE)
    return str(file)


def test_a_race_moves_from_a_lead(race, tmp_path, capsys):
    drawn = tmp_path / "motion.png"
    given = ["--rule", "best-response", "--from", "A ahead by 3", "--laps", "40", "--seed", "1"]
    assert main(["dynamics", race, *given, "--figure", str(drawn)]) == 0
    shown = capsys.readouterr().out
    assert "It converges" in shown
    assert "A's lead of 3 halves in 2 rounds" in shown
    rest = re.search(r"It converges[^:]*: A builds ([\d.]+%), B", shown)
    row = next(line.split() for line in shown.splitlines() if line.split()[:1] == ["40"])
    assert rest and row[1] == rest[1]  # of compute, in the table as in the sentence
    assert drawn.stat().st_size > 10_000


def test_json_is_one_object(race, capsys):
    assert main(["dynamics", race, "--rule", "adjust", "--adjustment", "0.5", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert (out["rule"], out["laps"], out["outcome"]) == ("adjust", 40, "converges")
    assert len(out["lead"]["mean"]) == len(out["players"]["A"]["play"]) == 41


def test_a_catalogue_game_cycles(capsys):
    assert main(["dynamics", "von-neumann-1928"]) == 0
    assert "It cycles with a period of 4 rounds." in capsys.readouterr().out


def test_every_mistake_is_listed_at_once(race, capsys):
    given = ["--rule", "logit", "--laps", "0", "--seed", "-1", "--level", "3"]
    assert main(["dynamics", race, *given]) == 2
    told = capsys.readouterr().err
    assert told.startswith("dynamics: 4 mistakes")
    for word in ("normal form", "--rounds = 0", "--seed = -1", "--rule level-k"):
        assert word in told


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--from", "C ahead by 3"], "known: A, B"),
        (["--from", "A ahead by 30"], "--from = 'A ahead by 30': a lead of 30; expected 0 to 20"),
        (
            ["--set", "mechanisms.lease.friction=0.1", "--rule", "sequential"],
            "--rule = sequential: where compute is rented",
        ),
        (["--rule", "walk"], "known: best-response"),
        (["--rule", "adjust", "--adjustment", "2"], "at most 1"),
        (["--figure", "no-such-folder/x.png"], "no folder"),
    ],
)
def test_bad_input_is_one_clean_message(race, given, words, capsys):
    assert main(["dynamics", race, *given]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert not told.out


def test_names_may_hold_commas(tmp_path, capsys):
    comma = tmp_path / "comma.toml"
    comma.write_text(RACE.replace('"A"', '"A, Inc."').replace('"B"', '"A"'))
    for who in ("A, Inc.", "A"):
        assert main(["dynamics", str(comma), "--from", f"busy, {who} ahead by 2", "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["lead"]["lab"] == who
    assert main(["dynamics", str(comma), "--from", "A, Ltd. ahead by 2"]) == 2
    assert 'or "A, Inc. ahead by 2"' in capsys.readouterr().err


def test_games_that_do_not_move_are_refused(tmp_path, capsys):
    assert main(["new", "linear-quadratic", str(tmp_path / "lq.toml")]) == 0
    assert main(["dynamics", str(tmp_path / "lq.toml")]) == 2
    assert "kind = 'linear-quadratic': there are no dynamics" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["levitan-shubik-1972", "hillman-riley-1989"])
def test_undercutting_is_not_said_to_rest(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The best reply is just below a price, or just above a bid: they hardly move."""
    assert main(["dynamics", name]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "ever so small moves make payoffs jump" in out and "stays where it starts" not in out


def test_what_is_broken_off_says_how_far_it_got() -> None:
    rounds = iter(range(1000))
    game = lb.NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    motion = lb.dynamics(game, limit=lambda: next(rounds) > 1)
    assert motion.stopped and "in the last no strategy changed by more than 1." in motion.headline
    again = lb.dynamics(game, limit=lambda: next(rounds) > 40)
    assert again.stopped and again.outcome == "cycles"  # it came round before time was up


def test_a_game_that_is_over_is_not_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dynamics", "harris-vickers-1987", "--laps", "3"]) == 0
    assert "Shown is what is done where a = 1 and b = 1;" in capsys.readouterr().out


def test_a_state_of_a_markov_game_is_said_as_the_page_says_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["dynamics", "ericson-pakes-1995", "--laps", "1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert 'where firm 1.w = 0 and firm 2.w = 0; --from "firm 2.w = 1" shows' in out
    for said in ("firm 1.w = 2 and firm 2.w = 1", "firm 1.w=2 firm 2.w=1"):
        assert main(["dynamics", "ericson-pakes-1995", "--laps", "1", "--from", said]) == 0
        assert "where firm 1.w = 2 and firm 2.w = 1; " in " ".join(capsys.readouterr().out.split())
    assert main(["dynamics", "ericson-pakes-1995", "--from", "w = 1"]) == 2
    assert 'a state such as "firm 1.w=0 firm 2.w=0"' in capsys.readouterr().err
    assert main(["dynamics", "harris-vickers-1987", "--laps", "1", "--from", "b = 2"]) == 0
    assert "where a = 1 and b = 2; " in capsys.readouterr().out  # with a = 0 it is over


def test_of_a_list_the_lowest_and_the_highest_start_are_its_first_and_last_action() -> None:
    """With no more than 0.6 of discounting each earns 1 / 0.4 if both defect, and 3 / 0.4 else."""
    game = lb.load("friedman-1971")
    low, high = (lb.dynamics(game, start=word, laps=1) for word in ("low", "high"))
    assert low.payoffs[0] == pytest.approx([7.5, 7.5])
    assert high.payoffs[0] == pytest.approx([2.5, 2.5])
    with pytest.raises(ValueError, match="of Row expected probabilities"):
        lb.dynamics(game, start=[[1, 1, 1, 1]] * 2, laps=1)
