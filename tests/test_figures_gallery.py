"""The gallery: every figure names its axes, has the same bytes twice, takes races."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.cli.gallery import draw
from leaderbored.figures.gallery import GALLERY, find
from leaderbored.figures.gallery.examples import SECRETS, SHAPES, duel
from leaderbored.figures.gallery.headwind import headwind
from leaderbored.figures.gallery.leasing import leasing
from leaderbored.figures.gallery.openness import CROWDED, QUARTERS, openness, survey
from leaderbored.figures.gallery.whiplash import whiplash
from leaderbored.figures.named import name_lines
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.games.places import alter
from leaderbored.solvers import budget


def misplaced(axes: Axes, owner: dict[str, Line2D]) -> list[str]:
    """Names whose text is not nearest to the line that they name, as drawn."""
    axes.figure.draw_without_rendering()
    courses = {}
    for line in owner.values():
        x, y = (np.asarray(part, float) for part in line.get_data())
        t = np.arange(len(x))
        fine = np.linspace(0, len(x) - 1, 4000)
        ends = axes.transData.transform(np.column_stack([x, y]))
        courses[line] = np.column_stack([np.interp(fine, t, end) for end in ends.T])
    wrong = []
    for text in axes.texts:
        if text.get_text() not in owner:
            continue
        box = Text.get_window_extent(text)
        middle = (box.y0 + box.y1) / 2
        apart = {
            line: np.hypot(x - np.clip(x, box.x0, box.x1), y - middle).min()
            for line, (x, y) in ((line, course.T) for line, course in courses.items())
        }
        if min(apart, key=apart.__getitem__) is not owner[text.get_text()]:
            wrong.append(text.get_text())
    return wrong


def test_names_stand_where_lines_that_meet_at_their_ends_are_apart() -> None:
    axes = Figure(figsize=(7.2, 3.4), dpi=100).subplots()
    x = np.linspace(0, 1, 26)
    courses = {
        "first": 0.15 + 0 * x,
        "second": np.maximum(0.6 - 0.7 * x, 0.11),
        "third": np.maximum(1 - 0.93 * x, 0.115),
    }
    owner = {name: axes.plot(x, y, color="k")[0] for name, y in courses.items()}
    axes.set_xlim(0, 1)
    name_lines(axes, [(name, x, y, "k") for name, y in courses.items()])
    assert {text.get_text() for text in axes.texts} == courses.keys()
    assert misplaced(axes, owner) == []


def test_leads_are_named_at_their_own_curves() -> None:
    """With much friction the pace at a lead of four and of seven is nearly the same."""
    axes = leasing(frictions=(0.4, 0.6, 0.76, 0.88, 0.96, 1.0)).axes[0]
    names = [text.get_text() for text in axes.texts if text.get_text().startswith("lead")]
    owner = {f"lead {g}": line for g, line in zip((1, 4, 7), axes.lines, strict=False)}
    assert sorted(names) == sorted(owner)
    assert misplaced(axes, owner) == []


@pytest.mark.parametrize("name", ["ladders", "pace"])
def test_lines_of_other_figures_are_named_likewise(name: str) -> None:
    for axes in find(name).draw().axes:
        owner = {
            text.get_text(): line
            for text in axes.texts
            for line in axes.lines
            if not text.get_text().startswith("leads")
            and len(line.get_xdata()) > 2
            and line.get_color() == text.get_color()
        }
        assert owner
        assert misplaced(axes, owner) == []


ENDINGS = (".svg", ".caption.txt", ".data.csv")
QUICK = ("trajectories", "headwind", "pace", "ladders", "league-table", "scarcity")


@pytest.mark.parametrize("name", QUICK)
def test_axes_have_names_and_panels_have_titles(name: str) -> None:
    figure = find(name).draw()
    for axes in figure.axes:
        shared = bool(axes.get_shared_x_axes().get_siblings(axes)[1:])
        beside = bool(axes.get_shared_y_axes().get_siblings(axes)[1:])
        assert axes.get_title(loc="left")
        assert axes.get_xlabel() or shared
        assert axes.get_ylabel() or beside


@pytest.mark.slow
def test_files_have_the_same_bytes_whatever_the_jobs(tmp_path: Path) -> None:
    for folder, jobs in (("one", "1"), ("two", "2")):
        given = ["pace", "headwind", "--out", str(tmp_path / folder), "--format", "pdf"]
        assert main(["figures", *given, "--jobs", jobs]) == 0
    for name in ("pace.pdf", "headwind.pdf"):
        first, second = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert first == second


def test_the_list_names_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["figures", "--list"]) == 0
    shown = capsys.readouterr().out
    assert len(GALLERY) >= 10
    assert all(entry.name in shown for entry in GALLERY)


def test_all_mistakes_at_once_and_nothing_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    assert main(["figures", "pacce", "leese", "--out", str(taken)]) == 2
    said = capsys.readouterr().err
    assert "3 mistakes" in said
    assert all(text in said for text in ("'pacce'", "'leese'", "trajectories", "a folder"))
    assert list(tmp_path.iterdir()) == [taken]


def test_figures_of_a_race_of_ones_own(tmp_path: Path) -> None:
    out = tmp_path / "out"
    given = ["--game", str(starter("race")), "--out", str(out), "--format", "svg"]
    assert main(["figures", "pace", "trajectories", *given]) == 0
    files = {f"{name}{ending}" for name in ("pace", "trajectories") for ending in ENDINGS}
    assert {path.name for path in out.iterdir()} == files
    rows = list(csv.DictReader((out / "pace.data.csv").read_text("utf-8").splitlines()))
    (curve,) = lb.verdict(lb.solve(load(starter("race"))), check_cap=False).pace_ratio[:1]
    assert float(rows[0]["x"]) == 1 and float(rows[0]["y"]) == pytest.approx(curve, rel=1e-6)
    assert "pace ratio q" in (out / "pace.caption.txt").read_text(encoding="utf-8")


def test_what_is_no_race_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--game", str(starter("race")), "--out", str(tmp_path / "out")]
    assert main(["figures", "whiplash", *given]) == 2
    assert not (tmp_path / "out").exists()
    assert "drawn from parameters" in capsys.readouterr().err
    with pytest.raises(ValueError, match="two labs on a scarce market"):
        headwind(
            race=lb.Race(
                [lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 2]), lb.Technology(1), 0.1
            )
        )


def standing() -> lb.Race:
    """A race in which nobody has a reason to build, at a tie or behind."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    return lb.Race(labs, lb.RevenueLadder([3, 1]), lb.Technology(3, 0.1), 0.2, 3)


def test_what_cannot_be_drawn_of_a_race_is_said_and_no_fault(tmp_path: Path) -> None:
    entries = [find(name) for name in ("leaderboard", "league-table", "elasticity", "headwind")]
    drawn = {made.name: made for made in draw(entries, tmp_path, "svg", standing())}
    assert not any(made.broken for made in drawn.values())
    assert [name for name, made in drawn.items() if not made.failure] == ["leaderboard"]
    assert "expected a race whose lead changes" in drawn["league-table"].failure
    assert "expected a build of all labs below 1" in drawn["elasticity"].failure
    assert {path.name for path in tmp_path.iterdir()} == {f"leaderboard{end}" for end in ENDINGS}


def test_a_fault_of_one_figure_is_told_and_the_others_are_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(race: lb.Race) -> None:
        raise ValueError("cannot convert float NaN to integer")

    monkeypatch.setattr("leaderbored.figures.gallery.leaderboard.leaderboard", broken)
    given = ["--game", str(starter("race")), "--format", "svg", "--jobs", "1"]
    assert main(["figures", "leaderboard", "pace", *given, "--out", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert "leaderboard: the figure broke off: ValueError: cannot convert" in told
    assert "not drawn of this race" not in told
    assert {path.name for path in tmp_path.iterdir()} == {f"pace{end}" for end in ENDINGS}


@pytest.mark.slow
def test_figures_that_take_longer_than_the_limit_are_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--limit", "0", "--format", "svg", "--jobs", "1", "--out", str(tmp_path)]
    assert main(["figures", "phase", "whiplash", *given]) == 3
    told = capsys.readouterr()
    assert told.err.count("not drawn: the time was up") == 2 and not told.out
    assert not list(tmp_path.iterdir())
    assert main(["figures", "phase", "--limit", "-1"]) == 2


@pytest.mark.parametrize("kind", SHAPES)
def test_examples_have_the_shape_that_they_are_shown_for(kind: str) -> None:
    assert lb.verdict(lb.solve(SHAPES[kind]), check_cap=False).kind == kind


def test_the_window_of_scarcity_is_the_one_of_the_market() -> None:
    """On its edges the race's own demand is its compute."""
    panel = headwind(race=duel(0.5, 0.0, rungs=3)).axes[1]
    low, high = (line.get_ydata() for line in panel.get_lines()[:2])
    for lead in (1, 2, 3):
        for edge, lab in ((low, 0), (high, 1)):
            game = duel(float(edge[lead]), 0.0, rungs=3).markov()
            state = int(np.flatnonzero((game.states == [0, lead]).all(axis=1))[0])
            assert game.demand[lab, state] == pytest.approx(1.0)


@pytest.mark.slow
def test_swings_begin_at_the_boundary() -> None:
    figure: Figure = whiplash(years=5)
    delay, swing = (np.asarray(x) for x in figure.axes[1].get_lines()[0].get_data())
    boundary = lb.whiplash(1.0, 1.0, growth=0.2, limit=2.0).boundary
    assert (swing[delay < 0.97 * boundary] == 0).all()
    assert (swing[delay > 1.03 * boundary] > 0).all()


PACES = {  # at a lead of one rung, by openness and scarcity; found by another program
    (0.0, 0.5): 0.943,
    (0.0, 1.0): 1.002,
    (0.0, 1.5): 1.31,
    (0.0, 3.0): 1.74,
    (0.5, 0.5): 0.908,
    (0.5, 1.0): 0.809,
    (0.5, 1.5): 0.735,
    (0.5, 3.0): 0.699,
    (1.0, 0.5): 0.879,
    (1.0, 1.0): 0.675,
    (1.0, 1.5): 0.416,
    (1.0, 3.0): 0.078,
}


def test_the_map_of_openness_has_the_paces_and_verdicts_of_the_race(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("leaderbored.figures.gallery.openness.LEAST", 0.75)
    monkeypatch.setattr("leaderbored.figures.gallery.openness.MOST", 3.0)
    found = survey(SECRETS, 3)
    assert found.scarcity == pytest.approx([0.75, 1.5, 3.0])
    assert found.regret < 1e-9
    for (share, scarcity), pace in PACES.items():
        if scarcity in (1.5, 3.0):
            row, column = QUARTERS.index(share), int(scarcity == 3.0) + 1
            assert found.pace[row, column] == pytest.approx(pace, abs=0.006)
    by_openness = dict(zip(found.openness.tolist(), found.kinds.T.tolist(), strict=True))
    assert by_openness[0.0] == ["run", "race", "race"]
    assert by_openness[0.25] == ["run", "run", "peloton"]
    assert by_openness[0.5] == by_openness[1.0] == ["run"] * 3


@pytest.mark.slow
def test_a_frontier_that_the_longest_leads_decide_has_no_speed() -> None:
    """In a race leads run off to the cap, where nobody gains by another rung."""
    found = survey(replace(SECRETS, rungs=8), 2)
    assert np.isnan(found.speed[0, 1]) and np.isfinite(found.speed[3, 1])
    axes = openness(replace(SECRETS, rungs=8), points=2).axes
    assert len(axes) == 3 and all(part.get_title(loc="left") for part in axes)


def test_the_frontier_has_a_speed_where_few_leads_are_told_apart_or_it_is_said_why_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = replace(SECRETS, rungs=4)
    assert np.isfinite(survey(few, 2).speed[3, 1])
    monkeypatch.setattr("leaderbored.figures.gallery.openness.ALONE", -1.0)
    *_, frontier = openness(few, points=2).axes
    assert [text.get_text() for text in frontier.texts] == [CROWDED]


def test_a_map_of_openness_is_of_markets_that_clear() -> None:
    with pytest.raises(ValueError, match="expected a market that clears"):
        openness(duel(0.6, 0.1, rungs=3), points=2)


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_no_other_equilibrium_is_found_on_the_map(share: float) -> None:
    for scarcity in (0.5, 1.0, 3.0):
        places = {"market.scarcity": scarcity, "market.openness": share}
        found = lb.solve(alter(SECRETS, places), all=True)
        assert len(found.equilibria) == 1
        pace = lb.verdict(found, check_cap=False).pace_ratio[0]
        assert pace == pytest.approx(PACES[share, scarcity], abs=0.006)


@pytest.mark.slow
@pytest.mark.parametrize("rungs", [1, 2])
def test_a_map_of_openness_of_short_ladders(rungs: int) -> None:
    found = survey(replace(SECRETS, rungs=rungs), 2)
    assert np.isnan(found.pace).all() == (rungs == 1)
    assert np.isnan(found.speed).all()  # all leads are next to the cap
    openness(replace(SECRETS, rungs=rungs), points=2).draw_without_rendering()


def test_what_is_compiled_for_a_figure_takes_no_time_from_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]
    monkeypatch.setattr(budget, "monotonic", lambda: clock[0])

    def compiles() -> Figure:
        with budget.stopped():
            clock[0] += 100.0
        return Figure()

    names = "pace", "whiplash"
    for name in names:
        monkeypatch.setattr(f"leaderbored.figures.gallery.{name}.{name}", compiles)
    made = draw([find(name) for name in names], tmp_path, "svg", limit=50.0)
    assert [one.failure for one in made] == ["", ""]
