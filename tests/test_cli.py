"""The command line as a user meets it: output, exit codes, nothing half-written."""

import json
import math
import re
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from test_games_gamefile import GOOD, LADDER

from leaderbored.cli import main
from leaderbored.games.formats.gamefile import starter


@pytest.fixture
def game(tmp_path: Path) -> Path:
    path = tmp_path / "game.toml"
    path.write_text(GOOD.replace("rungs = 20", "rungs = 4"))
    return path


def walk(part: object) -> list[object]:
    if isinstance(part, dict):
        return [leaf for value in part.values() for leaf in walk(value)]
    if isinstance(part, list):
        return [leaf for value in part for leaf in walk(value)]
    return [part]


def test_the_table_says_what_a_person_wants_to_know(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["race", str(game)]) == 0
    out = capsys.readouterr().out
    for words in (
        "It is a",
        "two labs",
        "mean lead",
        "half-life",
        "repeat win",
        "boredom",
        "regret",
    ):
        assert words in out


def test_json_is_one_object_with_every_promised_key(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["race", str(game), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert {"game", "digest", "seconds", "method", "equilibria"} <= set(out)
    (first,) = out["equilibria"]
    assert {
        "verdict",
        "asymptote",
        "escape",
        "crossings",
        "cap_sensitive",
        "stable",
        "regret",
        "residual",
        "pace_ratio",
        "states",
        "build",
        "value",
        "statistics",
    } <= set(first)
    assert {
        "mean_lead",
        "lead_distribution",
        "lead_changes_per_year",
        "mean_reign",
        "half_life",
        "time_in_lead",
        "repeat_win",
        "repeat_win_neutral",
        "value_of_lead",
        "boredom",
    } <= set(first["statistics"])
    assert len(first["pace_ratio"]) == 3
    assert len(first["states"]) == len(first["build"]["A"]) == len(first["value"]["B"]) == 9
    assert all(math.isfinite(leaf) for leaf in walk(out) if isinstance(leaf, float))


LABS = "lab,compute,leads,builds ahead,tied,behind,mean value"
LEADS = "lead,time,leader builds,others build,pace ratio"
PLACES = ("ahead", "tied", "behind")


def test_shares_by_lab_and_by_lead_are_in_the_data_as_in_the_tables(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["race", str(game), "--json"])
    (first,) = json.loads(capsys.readouterr().out)["equilibria"]
    main(["race", str(game), "--format", "csv"])
    lines = [line.split(",") for line in capsys.readouterr().out.splitlines()]
    labs, leads = (
        lines[start + 1 : start + 1 + size]
        for start, size in ((lines.index(LABS.split(",")), 2), (lines.index(LEADS.split(",")), 5))
    )
    profile = first["profile"]
    told = [[row[place] for place in PLACES] for row in profile["labs"].values()]
    assert [row[0] for row in labs] == [*profile["labs"]]
    assert [row[0] for row in leads] == ["0", "1", "2", "3", "4"]
    shown = [row[3:6] for row in labs] + [row[2:4] for row in leads]
    told += [list(pair) for pair in zip(profile["leader"], profile["others"], strict=True)]
    for cells, shares in zip(shown, told, strict=True):
        for cell, share in zip(cells, shares, strict=True):
            assert (cell == "") == (share is None)
            if cell:
                assert float(cell.rstrip("%")) == pytest.approx(100 * share, abs=0.051)


def test_the_same_command_prints_the_same_but_for_the_time(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = []
    for _ in range(2):
        main(["race", str(game), "--json"])
        out = json.loads(capsys.readouterr().out)
        del out["seconds"]
        outputs.append(json.dumps(out))
    assert outputs[0] == outputs[1]


def test_changes_and_rungs_are_applied(game: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["race", str(game), "--set", "technology.handicap=0.3", "--set", "labs.B.compute=2"]
    assert main([*arguments, "--rungs", "3", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)["game"]
    assert out["technology"]["handicap"] == 0.3
    assert (out["labs"][1]["compute"], out["rungs"]) == (2.0, 3)


@pytest.mark.parametrize(
    "arguments",
    [
        ["race", "no-such-file.toml"],
        ["race", "--set", "nonsense"],
        ["race", "--set", "technology.handicap=-1"],
        ["race", "--rungs", "many"],
        ["race", "--rungs", "0"],
        ["race", "--rungs", "100"],
        ["race", "--figure", "out.gif"],
        ["race", "--figure", "no-such-folder/out.png"],
        ["race", "a.toml", "b.toml"],
        ["race", "--frobnicate"],
        ["frobnicate"],
        ["schema", "chess"],
        ["new", "chess"],
        ["derive", "R99"],
        ["estimate"],
        ["solve", "."],
        ["solve", "x" * 300],
        ["solve", "a\0b"],
        ["race", "--figure", f"{'x' * 300}.png"],
        ["race", "--limit", "nan"],
        ["race", "--limit", "-1"],
        ["race", "--set", "labs[0].compute=nan"],
        ["race", "--set", "rungs=3", "--set", "rungs=0"],
        ["trace", "--along", "discount", "--from", "0.1", "--to", "nan"],
        ["trace", "--along", "nonsense", "--from", "0.1", "--to", "0.2"],
        ["convert", "prisoners-dilemma", "no-such-folder/out.json"],
        ["figures", "pace", "--jobs", "-3"],
        ["figures", "pace", "--game", "no-such-file.toml"],
    ],
)
def test_bad_input_exits_with_2_and_a_message_and_no_traceback(
    arguments: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.err
    assert captured.out == ""
    assert "Traceback" not in captured.err
    assert "broke off" not in captured.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("change", ["labs.B.compute", "labs.1.compute", "labs[1].compute"])
def test_places_are_named_as_messages_name_them(
    game: Path, change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["race", str(game), "--set", f"{change}=2", "--one", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["game"]["labs"][1]["compute"] == 2
    assert main(["race", str(game), "--set", f"{change}=-2"]) == 2
    assert "labs[1].compute = -2: expected" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "change"),
    [
        (["race", "--one"], "discount=1e308"),
        (["race"], "discount=1e-320"),
        (["race"], "technology.handicap=1e308"),
        (["race"], "technology.productivity=1e300"),
        (["race"], "labs.A.compute=1e-300"),
        (["race"], "market.scarcity=1e308"),
        (["trace", "--along", "discount", "--from", "1e308", "--to", "0.2"], "rungs=2"),
        (["trace", "--along", "discount", "--from", "1e-320", "--to", "0.2"], "rungs=2"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_numbers_of_extreme_sizes_are_solved_or_refused(
    game: Path, command: list[str], change: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, *options = command
    code = main([name, str(game), *options, "--set", change, "--limit", "3"])
    said = capsys.readouterr()
    assert code == 0 or (code == 3 and "more orders than floating point holds" in said.err)
    assert "broke off" not in said.err


def test_not_converging_exits_with_3_and_the_json_says_so(
    game: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leaderbored.solvers.Method.points", lambda *_: iter(()))
    assert main(["race", str(game), "--one", "--json"]) == 3
    captured = capsys.readouterr()
    out = json.loads(captured.out)
    assert out["equilibria"] == []
    assert out["status"]["code"] == "not converged"
    assert "advice" in captured.err


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.slow) for kind in ("png", "pdf")] + ["svg"]
)
def test_figures_are_written_with_the_same_bytes_each_time(game: Path, kind: str) -> None:
    first, second = game.with_name(f"a.{kind}"), game.with_name(f"b.{kind}")
    for out in (first, second):
        assert main(["race", str(game), "--figure", str(out)]) == 0
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size > 5000
    endings = (kind, "caption.txt", "data.csv")
    files = {f"{name}.{ending}" for name in "ab" for ending in endings}
    assert {path.name for path in game.parent.iterdir()} == {"game.toml", *files}


@pytest.mark.parametrize(
    "text",
    [
        LADDER,
        GOOD.replace("rungs = 20", "rungs = 1"),
        LADDER.replace('"gamma**g"', "[1.0]"),
        GOOD.replace("scarcity = 0.6", "scarcity = 0.0"),
        pytest.param(
            GOOD.replace("returns = 0.5", "returns = 1.0").replace("rungs = 20", "rungs = 5"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_every_solvable_race_can_be_shown_and_drawn(tmp_path: Path, text: str) -> None:
    path = tmp_path / "game.toml"
    path.write_text(text)
    assert main(["race", str(path), "--figure", str(tmp_path / "out.svg")]) == 0
    assert main(["race", str(path), "--json"]) == 0


def test_new_writes_a_file_that_can_be_solved_and_never_overwrites(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.toml"
    assert main(["new", str(path)]) == 0
    assert main(["race", str(path), "--rungs", "4"]) == 0
    before = path.read_bytes()
    assert main(["new", str(path)]) == 2
    assert path.read_bytes() == before
    assert "exists" in capsys.readouterr().err.lower()


def test_help_names_the_commands_without_loading_the_solvers() -> None:
    code = (
        "import sys; from leaderbored.cli import main; main(['--help']);"
        "assert not {'numpy', 'scipy', 'sympy', 'pydantic', 'matplotlib'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "race" in done.stdout
    assert "schema" in done.stdout


def test_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["discount"]["exclusiveMinimum"] == 0


CHASE = """
discount = 0.1
rungs = 2
technology = { productivity = 1.0, returns = 0.8, leapfrog = 1.0 }
market = { kind = "ladder", revenue = [1, 1.8] }
labs = [{ name = "A", compute = 1.0 }, { name = "B", compute = 1.0 }]
"""


@pytest.fixture
def chase(tmp_path: Path) -> Path:
    path = tmp_path / "chase.toml"
    path.write_text(CHASE)
    return path


@pytest.mark.slow
def test_all_lists_every_equilibrium_with_its_proof_and_basin(
    chase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["race", str(chase), "--all", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["complete"] in ("searched", "proved")
    assert out["search"]["index_sum"] == 1
    assert "expectations decide" in out["headline"]
    assert len(out["equilibria"]) == 3
    for equilibrium in out["equilibria"]:
        assert equilibrium["proof"]["holds"]
        assert equilibrium["proof"]["radius"] < 1e-9
        assert 0 <= equilibrium["basin"]["share"] <= 1
        assert equilibrium["index"] in (1, -1)
    assert main(["race", str(chase), "--all"]) == 0
    page = capsys.readouterr().out
    for word in ("expectations decide", "basin", "stable", "proved", out["complete"]):
        assert word in page
    assert page.count(" run ") >= 3


def test_one_equilibrium_is_proved_and_not_called_all(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["race", str(game), "--one", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["complete"] == "partial"
    assert out["equilibria"][0]["proof"]["holds"]
    assert out["equilibria"][0]["basin"] is None


@pytest.mark.slow
def test_all_is_the_default_of_small_races_and_one_says_what_it_leaves_out(
    chase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["race", str(chase)]) == 0
    assert "expectations decide" in capsys.readouterr().out
    assert main(["race", str(chase), "--one"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "One equilibrium was asked for, and there may be others" in page
    assert "--all" in page
    assert main(["race", str(chase), "--one", "--all"]) == 2


@pytest.mark.parametrize("rule", ["from history", "risk"])
def test_select_takes_one(rule: str, game: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["race", str(game), "--select", rule, "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["equilibria"]) == 1
    assert main(["race", str(game), "--select", rule, "--all"]) == 2
    assert main(["race", str(game), "--select", "lots"]) == 2


def test_a_cycle_of_replies_is_an_exit_code_with_advice(
    chase: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = ["--set", "technology.returns=0.99"]
    assert main(["race", str(chase), "--select", "from history", *changes]) == 3
    err = capsys.readouterr().err
    assert "cycle" in err
    assert "advice" in err


@pytest.mark.slow
def test_trace_prints_draws_and_dumps(
    chase: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    span = ["--along", "technology.returns", "--from", "0.5", "--to", "0.9"]
    figures = [tmp_path / name for name in ("a.svg", "b.svg")]
    assert main(["trace", str(chase), *span, "--json", "--figure", str(figures[0])]) == 0
    out = json.loads(capsys.readouterr().out)
    assert (out["along"], out["from"], out["to"]) == ("technology.returns", 0.5, 0.9)
    assert [stretch["equilibria"] for stretch in out["counts"]] == [1, 3]
    assert len(out["branches"]) == 4
    assert len(out["branch_points"]) == 1
    point = out["branches"][0]["points"][0]
    assert {"parameter", "value", "build", "stable", "regret", "verdict"} <= set(point)
    assert all(x is None or not isinstance(x, float) or math.isfinite(x) for x in walk(out))
    assert main(["trace", str(chase), *span, "--figure", str(figures[1])]) == 0
    page = capsys.readouterr().out
    assert "several equilibria between" in page
    assert "branch points at" in page
    assert figures[0].read_bytes() == figures[1].read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--along", "technology.retruns", "--from", "0.5", "--to", "0.9"],
        ["--along", "technology.returns", "--from", "0.5", "--to", "1.5"],
        ["--along", "technology.returns", "--from", "0.5"],
        ["--along", "rungs", "--from", "1", "--to", "3"],
        ["--along", "technology.returns", "--from", "x", "--to", "0.9"],
    ],
)
def test_a_bad_trace_writes_nothing(
    arguments: list[str], chase: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figure = tmp_path / "never.png"
    assert main(["trace", str(chase), *arguments, "--figure", str(figure)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err
    assert "Traceback" not in captured.err
    assert not figure.exists()


@pytest.mark.parametrize("ready", [True, False])
def test_waiting_for_the_compiler_is_said_once_and_apart_from_the_answer(
    ready: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for kernel in ("starts", "path"):
        place = f"leaderbored.solvers.kernels.{kernel}.is_ready"
        monkeypatch.setattr(place, lambda _: ready)
    assert main(["race", str(starter("race")), "--json"]) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)["equilibria"]) == 3
    assert err.count("compiling") == (not ready)


def test_what_needs_more_memory_than_there_is_is_refused_with_what_fits(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    estimates = import_module("leaderbored.solvers.estimate")
    monkeypatch.setattr(estimates, "free_memory", lambda: 200.0)
    assert main(["race", "five-labs", "--rungs", "10"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and "61,051 states" in said.err
    assert "200 MB are free; lower rungs: 8 with 5 labs, or 4 labs with 10" in said.err


@pytest.mark.slow
def test_a_trace_proves_the_number_of_equilibria_where_asked_for(
    game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    span = ["--along", "technology.handicap", "--from", "0.1", "--to", "0.2", "--prove"]
    assert main(["trace", str(game), *span, "--set", "rungs=1"]) == 0
    assert "events proved: 1 at 0.15" in capsys.readouterr().out
    span = ["--along", "discount", "--from", "0.1", "--to", "0.2", "--prove"]
    assert main(["trace", "aguirregabiria-mira-2007", *span]) == 2
    assert "--prove" in capsys.readouterr().err


def test_solve_by_name_and_by_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "von-stengel-2007-degenerate"]) == 0
    shown = capsys.readouterr().out
    assert "a continuum" in shown and "Component 2" in shown and "proved" in shown
    mine = tmp_path / "mine.toml"
    assert main(["new", "normal-form", str(mine)]) == 0
    capsys.readouterr()
    assert main(["solve", str(mine), "--json", "--set", "payoffs.0.0.0=1/3"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert {"game", "digest", "method", "seconds", "complete", "equilibria"} <= set(out)
    assert out["game"]["payoffs"][0][0][0] == "1/3"
    for equilibrium in out["equilibria"]:
        assert {"strategies", "payoffs", "regret", "stable", "component", "exact"} <= set(
            equilibrium
        )
        assert equilibrium["exact"]["leader"] == ["0", "1"]


def test_solve_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "no-such-game"]) == 2
    assert "leaderbored catalogue" in capsys.readouterr().err
    bad = tmp_path / "bad.toml"
    bad.write_text('kind = "normal-form"\npayoffs = [[[nan, 1]], [["x", 2]]]\nplayers = ["A"]\n')
    assert main(["solve", str(bad)]) == 2
    err = capsys.readouterr().err
    assert "payoffs[0][0][0] = nan" in err and "payoffs[1][0][0] = 'x'" in err


def test_a_limit_shows_what_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [[(7 * i * j + 3 * i + j * j) % 101 for j in range(15)] for i in range(15)]
    file = tmp_path / "large.toml"
    file.write_text(f'kind = "normal-form"\npayoffs = [{rows}, {rows[::-1]}]\n')
    assert main(["solve", str(file), "--limit", "0", "--json"]) == 3
    caught = capsys.readouterr()
    assert json.loads(caught.out)["complete"] == "partial" and "stopped" in caught.err
    assert main(["solve", str(file), "--one", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["equilibria"]) == 1


def test_the_catalogue_lists_and_cites(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["catalogue"]) == 0
    assert "shapley-1964" in capsys.readouterr().out
    assert main(["catalogue", "--bibtex"]) == 0
    assert "Shapley, Lloyd S." in capsys.readouterr().out
    assert main(["catalogue", "--json"]) == 0
    games = json.loads(capsys.readouterr().out)["games"]
    assert len(games) >= 14
    assert main(["catalogue"]) == 0  # a line each, and none broken or left out
    lines = [line.split()[0] for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert {game["name"] for game in games} <= set(lines)
    assert len(lines) == len(games) + len({game["kind"] for game in games}) + 2
    assert main(["catalogue", "--kind", "contest", "--json"]) == 0
    assert {g["kind"] for g in json.loads(capsys.readouterr().out)["games"]} == {"contest"}
    assert main(["catalogue", "--kind", "contst"]) == 2
    assert "did you mean 'contest'?" in capsys.readouterr().err


def test_what_is_cited(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cite", "five-labs", "tullock-1980", "R6"]) == 0
    said = capsys.readouterr().out
    keys = [line for line in said.splitlines() if line.startswith("@")]
    assert len(keys) == len(set(keys))
    for key in ("race-or-run", "berry-1994", "howard-1960", "budd-harris-vickers-1993"):
        assert sum(f"{{{key}," in line for line in keys) == 1
    assert said.count("{") == said.count("}")
    assert main(["cite", "R99"]) == 2
    assert "did you mean 'R9'?" in capsys.readouterr().err


def test_every_kind_of_game_and_every_result_can_be_cited(
    capsys: pytest.CaptureFixture[str],
) -> None:
    from leaderbored.games.catalogue import entries
    from leaderbored.theory import ids

    kinds = {entry.kind: entry.name for entry in entries()}
    assert main(["cite", *kinds.values(), *ids()]) == 0
    assert capsys.readouterr().out.count("year") > 40


@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_shells_complete_commands(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    said = capsys.readouterr().out
    assert "leaderbored" in said and "catalogue" in said


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["figures", "pac"], "pace"),
        (["dynamics", "five-labs", "--rule", "best-respnse"], "best-response"),
        (["new", "rce"], "race"),
        (["derive", "R66"], "R6"),
        (["race", "--set", "technology.handicp=0.3"], "handicap"),
        (["race", "five-lab"], "five-labs"),
    ],
)
def test_a_slip_of_the_pen_is_met_with_what_was_meant(
    words: list[str], meant: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert f"did you mean {meant}" in capsys.readouterr().err.replace("'", "")


def test_solve_takes_a_race_too(game: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(game), "--one", "--set", "rungs=2"]) == 0
    assert "regret" in capsys.readouterr().out


def test_a_contest_from_its_starter(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "lap.toml"
    assert main(["new", "contest", str(file)]) == 0
    assert main(["solve", str(file)]) == 0
    assert "One equilibrium" in capsys.readouterr().out
    assert (
        main(["solve", str(file), "--set", "decisiveness=3", "--set", "labs.laggard.demand=1"]) == 3
    )
    assert "discretise" in capsys.readouterr().err


def test_convert_there_and_back_changes_no_payoff(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", "shapley-1964", "--json"]) == 0
    wanted = json.loads(capsys.readouterr().out)["equilibria"]
    before = "shapley-1964"
    for suffix in ("nfg", "csv", "json", "toml"):
        after = tmp_path / f"game.{suffix}"
        assert main(["convert", before, str(after)]) == 0
        capsys.readouterr()
        assert main(["solve", str(after), "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["equilibria"] == wanted
        before = str(after)


def test_convert_refuses_what_it_cannot_write_and_leaves_no_file(
    tmp_path: Path, game: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "there.nfg"
    there.write_text("mine")
    for source, out, word in (
        ("shapley-1964", tmp_path / "a.xls", ".nfg"),
        (str(game), tmp_path / "a.nfg", "payoff table"),
        ("shapley-1964", there, "exists"),
        (str(there), tmp_path / "a.csv", "line 1"),
    ):
        assert main(["convert", source, str(out)]) == 2
        assert word in capsys.readouterr().err
    assert there.read_text() == "mine"
    assert not list(tmp_path.glob("a.*"))
    assert main(["solve", "shapley-1964", "--set", "name=x", "--json"]) == 0
    capsys.readouterr()
    assert main(["convert", "shapley-1964", str(tmp_path / "b.nfg")]) == 0
    assert main(["solve", str(tmp_path / "b.nfg"), "--set", "name=x"]) == 2
    assert "TOML" in capsys.readouterr().err


def test_python_runs_only_where_it_is_allowed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(
        "import leaderbored as lb\n"
        "game = lb.Continuous([lb.Player(n, {'q': [0, 9]}, '(9 - sum(q)) * q') for n in 'AB'])\n"
    )
    assert main(["solve", str(mine)]) == 2
    assert "--allow-python" in capsys.readouterr().err
    assert main(["solve", str(mine), "--allow-python", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["equilibria"]
    assert found["strategies"] == {"A": [pytest.approx(3)], "B": [pytest.approx(3)]}
    for text, word in (
        ("game = 1 / 0", "ZeroDivisionError"),
        ("x = 1", "game"),
        ("game = 3", "int"),
    ):
        mine.write_text(text)
        assert main(["solve", str(mine), "--allow-python"]) == 2
        assert word in capsys.readouterr().err


def test_a_continuous_game_from_its_starter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = tmp_path / "mine.toml"
    assert main(["new", "continuous", str(mine)]) == 0
    capsys.readouterr()
    assert main(["solve", str(mine), "--set", "parameters.a=12"]) == 0
    assert "One equilibrium, stable" in capsys.readouterr().out
    assert (
        main(
            [
                "solve",
                str(mine),
                "--set",
                "players.leader.payoff=-(q-laggard.q)**2",
                "--set",
                "players.laggard.payoff=(q-leader.q)**2",
            ]
        )
        == 3
    )
    shown = capsys.readouterr()
    assert "not converged" in shown.err and "advice" in shown.err


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("solve FILE --limit -1 --width wide --json --format csv --aim x", 6),
        ("solve FILE --set parameters.a=zz --one --concept coarse --figure x.gif", 6),
        ("race FILE --all --one --prove --proof /no-such-folder/x --limit -1", 6),
        ("dynamics FILE --rule zz --rounds 0 --level 3", 5),
        ("sweep FILE --over a --csv --jobs 0", 5),
        ("report FILE --out x.pdf --depends -1", 4),
        ("trace FILE --along x --from 0 --to 1 --grey --limit -1", 4),
        ("explain FILE --limit -1 --font 'no such'", 4),
        ("forecast FILE --months -1 --as x", 4),
        ("figures xx --game FILE --jobs 0 --limit -1", 5),
        ("trace FILE --along x --from 0 --to 1 --grey --width wide", 4),
        ("solve luce-raiffa-1957-battle --limit -1 --information open-loop --font 'no such'", 3),
        ("solve cournot-1838 --limit -1 --information open-loop --pure", 3),
    ],
)
def test_mistakes_in_options_and_in_the_file_are_told_together(command, told, tmp_path, capsys):
    file = tmp_path / "game.toml"
    file.write_text(
        'kind = "continuous"\n'
        "parameters = { a = 10 }\n"
        'players = [{ name = "A", strategies = { q = [0, "cap"] }, payoff = "q * r" }]\n'
    )
    assert main([word.replace("FILE", str(file)) for word in shlex.split(command)]) == 2
    said = capsys.readouterr().err
    assert f": {told} mistakes\n" in said
    assert len(re.findall(r"^  \S", said, re.MULTILINE)) == told
    assert ("line 3, players[0].payoff" in said) == ("FILE" in command)
    assert not (tmp_path / "x").exists()
