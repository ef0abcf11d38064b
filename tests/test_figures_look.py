"""How figures look where somebody asks: width, grey, no headline, and what stands beside them."""

import csv
import itertools
import json

import numpy as np
import pytest
from boxes import faults
from matplotlib.figure import Figure
from matplotlib.image import imread

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.figures.files import save
from leaderbored.figures.gallery import find
from leaderbored.figures.look import Look, looking
from leaderbored.figures.verdicts import LIGHTNESS, TINTS, VERDICTS, lightness
from leaderbored.games.formats.gamefile import starter

TABLE = lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]], ["A&B_1", "[C] $x$"])


def test_verdicts_differ_in_grey() -> None:
    shades = sorted(lightness(colour) for colour in TINTS.values())
    assert min(np.diff(shades)) > 3
    assert lightness(TINTS["run"]) - lightness(TINTS["race"]) > 20
    assert all(abs(lightness(TINTS[kind]) - LIGHTNESS[kind]) < 1 for kind in VERDICTS if kind)


def test_a_figure_in_grey_has_no_colour_and_keeps_its_own(tmp_path) -> None:
    with looking(Look(width=3.4, grey=True)):
        figure = lb.solve(TABLE).plot()
        before = [line.get_color() for line in figure.axes[0].lines]
        save(figure, tmp_path / "x.png")
    red, green, blue = np.moveaxis(imread(tmp_path / "x.png")[..., :3], -1, 0)
    assert np.abs(red - green).max() < 0.01 and np.abs(red - blue).max() < 0.01
    assert [line.get_color() for line in figure.axes[0].lines] == before
    assert imread(tmp_path / "x.png").shape[1] == 680


def test_without_its_headline_a_figure_keeps_it_for_the_caption(tmp_path, capsys) -> None:
    given = ["solve", "rousseau-1755", "--no-title", "--theme", "slide"]
    assert main([*given, "--figure", str(tmp_path / "x.svg")]) == 0
    assert "Stag hunt" not in (tmp_path / "x.svg").read_text(encoding="utf-8")
    caption = (tmp_path / "x.caption.txt").read_text(encoding="utf-8")
    assert caption.startswith("Stag hunt. ") and "probability of" in caption
    rows = list(csv.DictReader((tmp_path / "x.data.csv").read_text(encoding="utf-8").splitlines()))
    assert {"0", "1"} <= {row["x"] for row in rows}


def test_what_is_wrong_with_looks_is_said_at_once(tmp_path, capsys) -> None:
    figure = ["--figure", str(tmp_path / "x.png")]
    wrong = ["--width", "1 mile", "--font", "No Such Font"]
    assert main(["solve", "rousseau-1755", *figure, *wrong]) == 2
    said = capsys.readouterr().err
    assert "--width = '1 mile'" in said and "--font = 'No Such Font': not installed" in said
    assert main(["solve", "rousseau-1755", "--grey", "--no-title"]) == 2
    assert capsys.readouterr().err.count("expected --figure, too") == 2
    assert not list(tmp_path.iterdir())


def test_names_that_mean_something_to_latex_are_escaped(tmp_path) -> None:
    pytest.importorskip("matplotlib.backends.backend_pgf")
    from leaderbored.figures.files import texless

    if texless():
        pytest.skip(texless())
    with looking(Look(width=3.4)):
        save(lb.solve(TABLE).plot(), tmp_path / "x.pgf")
    text = (tmp_path / "x.pgf").read_text(encoding="utf-8")
    assert r"A\&B\_1" in text and r"{[}C{]} \$x\$" in text


FORMATS = ("json", "csv", "md", "tex", "html")


@pytest.mark.parametrize("format", FORMATS)
def test_a_page_has_every_format(format: str, tmp_path, capsys) -> None:
    path = tmp_path / "game.toml"
    text = starter("normal-form").read_text(encoding="utf-8")
    path.write_text(text.replace('"leader"', '"<b>R&D_1|[x] $5"'), encoding="utf-8")
    assert main(["solve", str(path), "--format", format]) == 0
    told = capsys.readouterr().out
    if format == "json":
        assert json.loads(told)["equilibria"]
    elif format == "csv":
        tables = itertools.groupby(csv.reader(told.splitlines(), strict=True), key=bool)
        assert all(len({len(row) for row in rows}) == 1 for full, rows in tables if full)
    else:
        names = {
            "md": r"\<b\>R&amp;D\_1\|\[x\] \$5",
            "tex": r"\(<\)b\(>\)R\&D\_1\(|\){[}x{]} \$5",
            "html": "&lt;b&gt;R&amp;D_1|[x] $5",
        }
        assert names[format] in told and "<b>R" not in told


@pytest.mark.slow
@pytest.mark.parametrize("name", ["trajectories", "headwind", "pace", "ladders", "whiplash"])
def test_figures_of_the_gallery_fit_a_column(name: str) -> None:
    with looking(Look(width=3.4)):
        figure: Figure = find(name).draw()
    assert faults(figure) == []
