"""The grid: every kind of game, asked every verb, shown by every face; see grid.py."""

import dataclasses
import io
import json

import pytest
from grid import APART, KIND_OF, KINDS, MECHANISMS, NOT_VERBS, REFUSALS, VERBS, asked, cell
from rich.console import Console

import leaderbored as lb
from benchmarks.soak.games import text
from leaderbored import kinds
from leaderbored.shown import FACES, Shown
from leaderbored.views import data as report
from leaderbored.views.motion import motion_report

COSTLY = {"trace", "sweep", "uncertainty", "phase", "all", "select risk"}
CHEAP = {
    ("race scarce", "trace"),
    ("race ladder", "sweep"),
    ("race scarce", "uncertainty"),
    ("race scarce", "phase"),
    ("race scarce", "all"),
    ("race scarce", "select risk"),
    ("markov discrete", "sweep"),
}


def cells():
    for kind in KINDS:
        for verb in VERBS:
            static = not kind.startswith(("race", "markov"))
            answers = (kind, verb) not in REFUSALS
            costly = answers and verb in COSTLY and (kind, verb) not in CHEAP and not static
            marks = [pytest.mark.slow] if costly else []
            yield pytest.param(kind, verb, marks=marks, id=f"{kind}, {verb}")


def test_no_kind_is_missing():
    assert {kind.name for kind in KIND_OF.values()} == {kind.name for kind in kinds.all_kinds()}
    fields = {field.name for field in dataclasses.fields(lb.Mechanisms)}
    assert fields == set(MECHANISMS)
    for name in fields:
        mechanisms = KINDS[f"race {name}"]().mechanisms
        assert mechanisms.on == (() if name in APART else (name,)) and name in mechanisms.given


def test_no_verb_is_missing():
    asked_for = {verb.name for verb in VERBS.values()}
    assert asked_for | {"figure", "file"} == set(kinds.VERBS)
    public = {name for name in kinds.VERBS if hasattr(lb, name)}
    public |= {name for verb in VERBS.values() for name in verb.rules}
    assert public | NOT_VERBS == set(lb.__all__)
    assert not public & NOT_VERBS


@pytest.mark.parametrize(("kind", "verb"), [*cells()])
def test_a_cell_answers_or_refuses_as_documented(kind, verb):
    words = REFUSALS.get((kind, verb))
    if words is not None:
        with pytest.raises((TypeError, ValueError)) as refused:
            asked(kind, verb)
        assert words in str(refused.value)
        return
    shown(asked(kind, verb))
    if isinstance(asked(kind, verb), lb.Solution):
        proofs_are_told(report.solution_report(asked(kind, verb)))


def proofs_are_told(data):
    """Each equilibrium in plain data says how far a true one is, or why that is not known."""
    for equilibrium in data["equilibria"]:
        proof = equilibrium["proof"]
        assert (proof["radius"] is not None) == proof["holds"] == (not proof["reason"])


@pytest.mark.parametrize("name", [name for name in kinds.VERBS if hasattr(lb, name)])
def test_what_is_no_game_and_no_solution_is_refused(name):
    more = {
        "trace": ("discount", 0.1, 0.2),
        "sweep": ({},),
        "uncertainty": ({},),
        "phase": ({},),
    }.get(name, ())
    for wrong in (3, "race", None):
        with pytest.raises((TypeError, ValueError), match=r"expected|no game"):
            getattr(lb, name)(wrong, *more)


def shown(result):
    """Every face of a result."""
    if not isinstance(result, Shown):
        return
    page = io.StringIO()
    Console(file=page, width=100, highlight=False).print(result.table())
    text = page.getvalue()
    assert text.strip()
    assert " nan" not in text and "None" not in text
    assert result._repr_html_().startswith("<pre")


def drawn():
    """Cells whose results have figures, one of each class and kind of game."""
    for kind in KINDS:
        if (
            kind != "race in roles"
        ):  # what is solved inside; the answer is drawn as that of its race
            yield kind, "solve"
    for verb in ("dynamics", "verdict", "lead path", "impulse", "leaderboards", "effects"):
        yield "race jackpot", verb
    yield from (("race lease", "lease market"), ("race scarcity_path", "scarcity path"))
    yield "race training_delay", "whiplash"
    yield "race clearing", "planner"
    yield from (("race scarce", "trace"), ("normal form", "dynamics"), ("continuous", "dynamics"))
    yield from (
        ("contest", "dynamics"),
        ("markov discrete", "dynamics"),
        ("contest arrays", "dynamics"),
    )


def slowly(pairs):
    """The same, those marked slow whose like is there already."""
    for kind, verb in pairs:
        many = kind.startswith("race ") and verb == "solve" and kind not in QUICK
        yield pytest.param(kind, verb, marks=[pytest.mark.slow] if many else [])


QUICK = ("race scarce", "race hype", "race accumulate")
FEW = "drawn are two players of one strategy each"
UNDRAWN = {
    "normal form three": FEW,
    "finite": FEW,
    "bayesian": FEW,
    "bayesian of many types": FEW,
    "continuous constrained": FEW,
    "linear-quadratic horizon": "drawn are games without end",
    "markov arrays": "a Markov game given by its arrays has no picture",
}


@pytest.mark.parametrize(("kind", "verb"), [*slowly(drawn())])
def test_a_result_is_drawn_and_saved(kind, verb, tmp_path):
    result = asked(kind, verb)
    if kind in UNDRAWN and verb == "solve":
        with pytest.raises(ValueError, match=UNDRAWN[kind]):
            result.plot()
        with pytest.raises(ValueError, match=UNDRAWN[kind]):
            result.save(tmp_path / "x.svg")
        assert not list(tmp_path.iterdir())
        return
    result.save(tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text(encoding="utf-8").startswith("<?xml")
    for suffix in (".html", ".txt", ".md", ".json"):
        result.save(tmp_path / f"x{suffix}")
    assert "<p" in (tmp_path / "x.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    with pytest.raises(ValueError, match="expected"):
        result.save(tmp_path / "x.doc")
    assert {path.suffix for path in tmp_path.iterdir()} == {".svg", ".html", ".txt", ".md", ".json"}


def test_every_class_that_is_shown_is_in_the_grid():
    found = {type(asked(kind, verb)).__name__ for kind, verb in drawn()}
    apart = {"Check", "Result", "Explanation"}  # of the theory and of no game; not drawn
    apart |= {"Correlated", "Commitment", "Rationalizable"}  # not drawn
    apart |= {"Comparison", "VerdictSensitivity", "Phase", "Uncertainty"}  # of several games
    apart |= {
        "Account",
        "Backtest",
        "Fit",
        "Forecast",
        "Predictions",
        "Sensitivity",
    }  # of the record
    assert found | apart >= set(FACES)


def json_of(result):
    """What --json prints of a result."""
    if isinstance(result, lb.Motion):
        return motion_report(result)
    if isinstance(result, lb.Correspondence):
        return report.trace_report(result)
    return report.solution_report(result)


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in ("markov arrays", "contest arrays")]
)
def test_solutions_and_motions_are_plain_data(kind):
    for verb in ("solve", "dynamics"):
        if (kind, verb) not in REFUSALS:
            data = json_of(asked(kind, verb))
            again = json.loads(json.dumps(data, allow_nan=False))
            assert again["headline"]


def file_of(kind, path):
    """The game as a file, None if files hold no such games."""
    game = cell(kind).game
    if not KIND_OF[kind].file:
        return None
    from pydantic import TypeAdapter

    data = TypeAdapter(type(game)).dump_python(game, mode="json", exclude_none=True)
    path.write_text(text(data), encoding="utf-8")
    return path


def commands(kind):
    yield "solve", ["--one", "--json"]
    yield "solve", ["--one"]
    yield "solve", ["--one", "--limit", "0"]
    yield "dynamics", ["--laps", "2"]
    yield "dynamics", ["--laps", "2", "--json"]
    if kind.startswith("race"):
        yield "race", ["--json"]


REFUSED_COMMANDS = {
    ("bayesian of many types", "dynamics"): "expected fewer types or actions",
    ("linear-quadratic", "dynamics"): "there are no dynamics of such games",
    ("linear-quadratic horizon", "dynamics"): "there are no dynamics of such games",
}


def filed():
    for kind in KINDS:
        if kind not in ("race in roles", "markov arrays", "contest arrays", "nashpy"):
            many = kind.startswith("race ") and kind not in QUICK
            yield pytest.param(kind, marks=[pytest.mark.slow] if many else [])


@pytest.mark.parametrize("kind", [*filed()])
def test_a_file_goes_through_the_command_line(kind, tmp_path, capsys):
    from leaderbored.cli import main

    path = file_of(kind, tmp_path / "game.toml")
    for command, options in commands(kind):
        code = main([command, str(path), *options])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        if words := REFUSED_COMMANDS.get((kind, command)):
            assert code == 2 and words in told.err and not told.out
        elif "--limit" in options:
            assert code in (0, 3)
        else:
            assert code == 0, told.err
            if "--json" in options:
                data = json.loads(told.out)
                assert data["headline"]
                if command != "dynamics":
                    proofs_are_told(data)
    assert [found.name for found in tmp_path.iterdir()] == ["game.toml"]
