"""Reports: a page that asks nothing of any network, holds the answer, and runs no text as code."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from rich.console import Group
from rich.padding import Padding
from rich.text import Text

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import dumps, starter
from leaderbored.kinds import kinds_in_files
from leaderbored.views.formats.html import fragment
from leaderbored.views.formats.style import STYLE
from leaderbored.views.report import Part, Report, document
from leaderbored.views.report.parts import of_assumptions, of_equilibria
from leaderbored.views.sheet import columns, pairs

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></style><b>",
    "a & b < c > d \" e ' f",
    "{{x}} ${y} `z`",
]
VOID = {"meta", "br", "img", "source"}
TEXT = "html head title style body a header p h1 h2 nav ul li main figure picture section div"
TABLES = "figcaption table thead tbody tr th td pre footer"
ALLOWED = {*VOID, *TEXT.split(), *TABLES.split()}


class Page(HTMLParser):
    """The elements of a page, which must be closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.attributes, self.words = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def checked(text):
    """A page that is whole, asks for nothing, and can be used without eyes and without a mouse."""
    page = Page(text)
    assert set(page.tags) <= ALLOWED
    for _, name, value in page.attributes:
        assert not name.startswith("on")
        if name in ("src", "href", "action", "srcset"):
            assert value.startswith(("#", "data:image/svg+xml;base64,"))
    assert "url(" not in STYLE and "@import" not in STYLE
    assert ("meta", "http-equiv", "Content-Security-Policy") in page.attributes
    alts = [value for tag, name, value in page.attributes if (tag, name) == ("img", "alt")]
    assert len(alts) == page.tags.count("img") and all(len(alt) > 20 for alt in alts)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids)) and page.tags.count("h1") == 1
    links = [value[1:] for tag, name, value in page.attributes if (tag, name) == ("a", "href")]
    assert set(links) <= set(ids)
    assert ("html", "lang", "en") in page.attributes
    return page


def written(tmp_path, *arguments):
    path = tmp_path / "report.html"
    assert main(["report", *arguments, "-o", str(path)]) in (0, 3)
    return checked(path.read_text(encoding="utf-8"))


QUICK = ("contest", "normal-form", "linear-quadratic", "bayesian")


@pytest.mark.parametrize(
    "kind",
    [
        kind if kind in QUICK else pytest.param(kind, marks=pytest.mark.slow)
        for kind in kinds_in_files()
    ],
)
def test_any_kind_of_game(kind, tmp_path, capsys):
    page = written(tmp_path, str(starter(kind)))
    capsys.readouterr()
    main(["race" if kind == "race" else "solve", str(starter(kind)), "--json"])
    told = json.loads(capsys.readouterr().out)
    assert " ".join(told["headline"].split()) in page.text
    assert f"Equilibrium {len(told['equilibria'])} of {len(told['equilibria'])}" in page.text
    assert f"leaderbored report {starter(kind)}" in page.text
    assert told["digest"] in page.text and lb.__version__ in page.text and "@software" in page.text
    assert "What it takes for granted" in page.text


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_data(name, tmp_path):
    """Whatever labs, games and strategies are called, it is shown and never run."""
    path = tmp_path / "game.toml"
    game = lb.NormalForm(
        [[[3, 0], [5, 1]], [[3, 5], [0, 1]]],
        players=[name, "B"],
        strategies=[[name + "1", "y"], ["x", "y"]],
        name=name,
    )
    path.write_text(dumps(game, ".toml"), encoding="utf-8")
    page = written(tmp_path, str(path))
    assert " ".join(name.split()) in page.text
    assert "<script" not in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_texts_of_pages_are_data():
    table = columns("head <b>", "n")
    table.add_row("<i>\u202e\x1b", "&amp;")
    made = fragment(
        Padding(Group(Text("one\ntwo <u>", "dim"), table, pairs([("<a>", "b")])), (1, 2))
    )
    page = Page(made)
    assert page.tags.count("table") == 2 and "<i>" not in made and "&amp;amp;" in made
    assert page.text == "one two <u> head <b> n <i> &amp; <a> b"


def test_several_games_and_boards(tmp_path):
    table = str(starter("normal-form"))
    page = written(tmp_path, table, table)
    assert "Side by side" in page.text and "normal-form (2): the input" in page.text
    page = written(tmp_path, "eci")
    assert "CC BY 4.0" in page.text and "lead changed hands 11 times" in page.text


def test_a_sweep_on_disk(tmp_path):
    folder = tmp_path / "swept"
    contest = str(starter("contest"))
    assert main(["sweep", contest, "--over", "prize=1,2,3", "--out", str(folder)]) == 0
    page = written(tmp_path, str(folder))
    assert "3 of 3 points of the sweep were solved." in page.text and "prize" in page.text


def test_what_cannot_be_written_is_said_before_the_work(tmp_path, capsys):
    contest = str(starter("contest"))
    for arguments, said in (
        (["-o", str(tmp_path / "x.pdf")], "ends in .html"),
        (["-o", str(tmp_path / "none" / "x.html")], "there is no folder"),
        (["--depends", "-1"], "expected 0 or more"),
        (["eci"], "expected boards alone"),
        (["-o", f"{'a' * 300}.html"], "--out"),
        (["--depends", "1"], "expected with a race"),
        ([contest, "--depends", "1"], "expected with one race"),
    ):
        assert main(["report", contest, *arguments]) == 2
        assert said in capsys.readouterr().err
    assert main(["report", "eci", "--set", "x=1", "--one", "-o", str(tmp_path / "x.html")]) == 2
    said = capsys.readouterr().err
    assert "2 mistakes" in said and said.count("expected with a game") == 2
    assert not list(tmp_path.iterdir())


def test_libraries_that_are_not_there_are_named(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("leaderbored.cli.boards.find_spec", lambda _: None)
    assert main(["report", "eci", "-o", str(tmp_path / "x.html")]) == 2
    assert "pip install 'leaderbored[evidence]'" in capsys.readouterr().err


def test_the_answer_is_said_though_the_page_cannot_be_written(tmp_path, capsys, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("leaderbored.files.write", full)
    assert main(["report", str(starter("contest")), "-o", str(tmp_path / "x.html")]) == 1
    said = capsys.readouterr()
    assert "One equilibrium" in said.out and "No space left" in said.err


def luminance(colour):
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_contrast_is_that_of_aa():
    """Every colour of letters against both grounds, in light, in the dark and on paper."""
    palettes = [dict(re.findall(r"--(\w+): (#\w{6})", part)) for part in STYLE.split("@media")]
    palettes = [palette for palette in palettes if "paper" in palette]
    assert len(palettes) == 3
    for palette in palettes:
        for ink in ("ink", "quiet", "link", "warning"):
            for ground in ("paper", "tint"):
                high, low = sorted((luminance(palette[ink]), luminance(palette[ground])))[::-1]
                assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_the_same_report_has_the_same_bytes():
    report = Report("x", "y", (), (Part("z", text="<"),), "leaderbored report x")
    assert document(report) == document(report)
    assert html.escape("<") in document(report)


def test_assumptions_are_said_of_every_part_of_a_race():
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ClearingMarket(1.2),
        lb.Technology(1),
        0.2,
        2,
        mechanisms={"inertia": {"lag": 1}},
    )
    (_, rows), *_ = of_assumptions(race).tables
    assert not any("\\" in row[1] for row in rows)
    assert [row[0] for row in rows] == ["Race", "ClearingMarket", "Technology", "Inertia"]
    assert "Berry" in rows[1][2] and all(len(row[1]) > 20 for row in rows)


def test_a_certificate_says_what_is_proved_only_where_it_is_and_no_rounding() -> None:
    lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)})
    solution = lb.solve(lb.MarkovGame([lab], 0.1, states={"d": (0, 1)}))
    (found,) = solution.equilibria
    for holds in (True, False):
        proof = replace(found.proof, holds=holds, reason="" if holds else "it was not tried")
        shown = replace(found, value=np.array([[2.0, -2.4e-17]]), proof=proof)
        (table,) = of_equilibria(replace(solution, equilibria=(shown,))).tables
        rows = dict(table[1])
        assert rows["value, lab"] == "[2, 0]"
        assert rows["proved"] == ("yes" if holds else "no")
        assert any(name.startswith("proved: ") for name in rows) == holds
