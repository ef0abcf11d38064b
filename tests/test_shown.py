"""Every result shows itself: a page, a picture, and both in a notebook."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from boxes import faults
from matplotlib.figure import Figure
from rich.cells import cell_len
from rich.console import Console

import leaderbored as lb
from leaderbored.evidence.account import account
from leaderbored.evidence.backtest import backtest
from leaderbored.evidence.fit import fit
from leaderbored.evidence.forecast import forecast
from leaderbored.evidence.predictions import predictions
from leaderbored.evidence.scores import Scores
from leaderbored.evidence.sensitivity import sensitivity
from leaderbored.figures.look import Look, looking
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.kinds import imported
from leaderbored.shown import FACES, Shown

LABS = [lb.Lab("A", 1), lb.Lab("B", 1.5), lb.Lab("C", 0.8)]


def race(labs: int = 2, **mechanisms: dict[str, object]) -> lb.Race:
    market = lb.ScarceMarket(0.9, premium=0.3)
    return lb.Race(LABS[:labs], market, lb.Technology(1), 0.2, 2, mechanisms=mechanisms)


def solved(**mechanisms: dict[str, object]) -> lb.Solution:
    return lb.solve(race(**mechanisms))


GRID = {"productivity": (3.0, 9.0), "handicap": (0.1,), "scarcity": (0.5,)}


def scores() -> Scores:
    days = np.datetime64("2020-01-01", "D") + np.arange(0, 1800, 60)
    return Scores("mine", ("A", "B"), days, np.arange(30) % 2, np.arange(30.0))


MADE: dict[str, Callable[[], Shown]] = {
    "a race": solved,
    "every equilibrium": lambda: lb.solve(
        lb.Race(
            [*LABS[:1], lb.Lab("B", 1)],
            lb.RevenueLadder([1, 1.8]),
            lb.Technology(1, 0.8, leapfrog=1),
            discount=0.1,
            rungs=2,
        ),
        all=True,
    ),
    "a race with a jackpot": lambda: solved(jackpot={"chance": 0.1, "prize": 3.0}),
    "a race with inertia": lambda: solved(inertia={"lag": 0.5}),
    "a table": lambda: lb.solve(load(starter("normal-form"))),
    "a contest": lambda: lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2)),
    "a Markov game": lambda: lb.solve(load(starter("markov"))),
    "a linear-quadratic game": lambda: lb.solve(load(starter("linear-quadratic"))),
    "a verdict": lambda: lb.verdict(solved(), check_cap=False),
    "dynamics": lambda: lb.dynamics(race(), laps=5),
    "a forecast": lambda: forecast(solved(), {"A": 0, "B": 1}),
    "past forecasts": lambda: backtest(solved(), scores(), 1.0, months=(3,)),
    "a fit": lambda: fit(scores().board(), GRID),
    "a board held against a race": lambda: predictions(solved(), scores(), 1.0, draws=20),
    "choices": lambda: sensitivity(draws=5),
    "a map": lambda: lb.phase(
        race(), {"market.scarcity": [0.5, 0.9], "technology.handicap": [0.0, 0.2]}
    ),
    "what is not known": lambda: lb.uncertainty(
        race(), {"market.scarcity": (0.5, 0.9)}, draws=16, design="random"
    ),
    "what a verdict depends on": lambda: lb.sensitivity(race(), limit=30),
    "scenarios": lambda: lb.compare(
        {
            "loose": race(2),
            "tight": lb.Race(LABS[:2], lb.ScarceMarket(0.9), lb.Technology(3), 0.1, 3),
        }
    ),
    "tables side by side": lambda: lb.compare(
        {"[b]": lb.NormalForm([[1, 2]]), "_": lb.NormalForm([[1, 3]])}
    ),
    "correlated equilibria": lambda: lb.correlated(load(find("luce-raiffa-1957-battle"))),
    "a commitment": lambda: lb.commitment(load(find("luce-raiffa-1957-battle"))),
    "what is rationalizable": lambda: lb.rationalizable(load(find("luce-raiffa-1957-battle"))),
    "a board": lambda: account("eci"),
    "a lead": lambda: lb.lead_path(solved(), points=5),
    "an impulse": lambda: lb.impulse(solved(), points=5),
    "leaderboards": lambda: lb.leaderboards(solved(), years=2, paths=5),
    "effects": lambda: lb.effects(solved(inputs={"migration": 0.2})),
    "a market for compute": lambda: lb.lease_market(lb.solve(race(3, lease={"friction": 0.05}))),
    "a market nobody uses": lambda: lb.lease_market(solved(lease={"friction": 9.0})),
    "a path of scarcity": lambda: lb.scarcity_path(race(), [0, 1], [0.9, 0.3], steps=20),
    "whiplash": lambda: lb.whiplash(answer=1.0, delay=2.0, limit=1.0),
    "wide swings": lambda: lb.whiplash(answer=1.0, delay=2.0),
    "a lead that dies out": lambda: lb.whiplash(answer=1.0, delay=0.2),
    "a correspondence": lambda: lb.trace(
        lb.MarkovGame(
            [
                lb.MarkovPlayer(
                    "lab",
                    "1 - b + d",
                    {"b": (0, 1)},
                    events=[lb.Event({"d": "1"}, hazard="sqrt(b)")],
                )
            ],
            0.5,
            states={"d": (0, 1)},
        ),
        "discount",
        0.4,
        0.5,
    ),
    "an explanation": lambda: lb.explain(
        lb.Race(
            [lb.Lab("A", 1), lb.Lab("B", 1)],
            lb.ScarceMarket(0.6),
            lb.Technology(3),
            0.1,
            2,
            mechanisms={"lease": {"friction": 0.1}},
        )
    ),
    "a planner": lambda: lb.planner(
        lb.solve(lb.Race(LABS[:2], lb.ClearingMarket(1.2, openness=0.4), lb.Technology(1), 0.2, 2))
    ),
    "a cartel alone": lambda: lb.planner(race(3)),
    "a result": lambda: lb.theory.result("R7"),
    "a result with a long formula": lambda: lb.theory.result("R14"),
    "a check": lambda: lb.theory.check("R3", samples=1),
}


@cache
def make(name: str) -> Shown:
    return MADE[name]()


@pytest.mark.parametrize("name", MADE)
def test_it_shows_itself(name: str) -> None:
    made = make(name)
    console = Console(width=120)
    with console.capture() as page:
        console.print(made)
    assert len(page.get().strip()) > 20 and "object at" not in page.get()
    assert made._repr_html_().startswith("<pre") and "object at" not in made._repr_html_()


COLUMN, PAGE = 3.4, pytest.param(7.0, marks=pytest.mark.slow)  # inches, of a journal


@pytest.mark.parametrize("width", [COLUMN, PAGE])
@pytest.mark.parametrize("name", MADE)
def test_it_is_drawn_in_any_width(name: str, width: float) -> None:
    made = make(name)
    if not FACES[type(made).__name__].figure:
        with pytest.raises(ValueError, match=f"there is no picture of {type(made).__name__}"):
            made.plot()
        return
    with looking(Look(width)):
        figure = made.plot()
    assert isinstance(figure, Figure) and figure.get_figwidth() == width
    assert faults(figure) == []


@pytest.mark.parametrize("name", MADE)
def test_a_narrow_page_cuts_no_number_and_no_head(name: str) -> None:
    pages = []
    for width in (200, 80, 40):
        console = Console(width=width, highlight=False)
        with console.capture() as page:
            console.print(make(name))
        pages.append(page.get())
        assert max(map(cell_len, pages[-1].splitlines())) <= width
    wide, *narrow = pages
    for page in narrow:
        assert page.count("\u2026") == wide.count("\u2026")
        assert set(re.findall(r"[-+]?\d[\d.e%+-]*", wide)) <= set(
            re.findall(r"[-+]?\d[\d.e%+-]*", page)
        )


def test_every_face_has_a_result_and_exists() -> None:
    made = {type(make(name)).__name__ for name in MADE}
    assert made == set(FACES)
    for faces in FACES.values():
        assert faces.page
        for place in filter(None, faces):
            assert callable(imported(place))


def tables(text: str) -> list[list[list[str]]]:
    """The tables of a text in CSV, which empty lines part."""
    found: list[list[list[str]]] = [[]]
    for row in csv.reader(StringIO(text, newline=""), strict=True):
        if row:
            found[-1].append(row)
        else:
            found.append([])
    return found


@pytest.mark.parametrize("name", MADE)
def test_it_saves_to_every_suffix_of_text(name: str, tmp_path: Path) -> None:
    made = make(name)
    for suffix in (".html", ".txt", ".md", ".tex", ".csv", ".json"):
        made.save(tmp_path / f"it{suffix}")
    read = {path.suffix: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert read[".html"].startswith("<!DOCTYPE html>") and 'charset="utf-8"' in read[".html"]
    assert json.loads(read[".json"]) and "object at" not in read[".json"]
    for rows in tables(read[".csv"]):
        assert len(set(map(len, rows))) == 1
    words = set(re.findall(r"[a-z]{4,}", read[".txt"]))
    for suffix in (".html", ".md", ".tex"):
        assert not {word for word in words if word not in read[suffix]}
    assert len(read) == 6  # no drafts are left


def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path) -> None:
    for name in ("it.gif", "it"):
        with pytest.raises(ValueError, match=r"\.png.*\.html.*\.json"):
            lb.whiplash(answer=1.0, delay=1.5).save(tmp_path / name)
    with pytest.raises(OSError, match="No such file"):
        lb.whiplash(answer=1.0, delay=1.5).save(tmp_path / "nowhere" / "it.json")
    assert not list(tmp_path.iterdir())


def test_a_notebook_has_the_figure() -> None:
    figure = lb.whiplash(answer=1.0, delay=1.5).plot()
    assert figure._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]


def test_drawing_to_a_file(tmp_path: Path) -> None:
    lb.whiplash(answer=1.0, delay=1.5).save(tmp_path / "lead.svg")
    assert (tmp_path / "lead.svg").read_text().startswith("<?xml")


def test_what_has_no_picture_says_why() -> None:
    plain = lb.solve(race().markov())
    assert "<pre" in plain._repr_html_()
    with pytest.raises(ValueError, match="arrays has no picture"):
        plain.plot()
    with pytest.raises(ValueError, match="no mechanism is on"):
        lb.effects(solved()).plot()


def test_a_solution_without_an_equilibrium_shows_its_status() -> None:
    stopped = lb.solve(race(), limit=0.0)
    assert "stopped" in stopped._repr_html_()
    with pytest.raises(ValueError, match="plot: the search was stopped"):
        stopped.plot()


def test_records_import_neither_pages_nor_figures() -> None:
    code = (
        "import sys, leaderbored as lb; lb.Verdict, lb.Motion, lb.whiplash, lb.solve, lb.effects;"
        "print(*(m for m in ('matplotlib', 'leaderbored.views.pages') if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
