"""Names are data: every face prints them as they are, and none obeys them.

The games are those of the shipped starters, with names that mean something to a page, a figure, a
notebook, a spreadsheet or a terminal.
"""

import html
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import leaderbored as lb
from benchmarks.soak.games import text
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import adapter_of, load, starter
from leaderbored.games.leaves import leaves
from leaderbored.games.places import alter
from leaderbored.games.problems import GameFileError
from leaderbored.kinds import kinds_in_files
from leaderbored.shown import Shown

NASTY = (
    "[link=javascript:alert(1)]x[/link]",  # markup of pages, a live link in a notebook
    "[/]",
    "x[i]",
    r"$\foo{$",  # mathematics of figures
    r"\$5_{a}^",
    "_A",  # matplotlib leaves such names out of legends
    ":smile:",
    "<script>alert(1)</script>&amp;\"'",
    "%s {0} %",
    "猫 Ünïcödé 😀",
    " = 1; DROP",
    "W" * 40,
)


def renamed(kind: str, first: str, second: str) -> Any:
    """The starter of a kind with other names of the game, of two players and their strategies."""
    tree = tomllib.loads(starter(kind).read_text(encoding="utf-8"))
    tree["name"] = first
    if kind == "race":
        tree["rungs"] = 3
    if kind == "normal-form":
        tree["players"] = [first, second]
        tree["strategies"] = [[first, second], [second, first]]
        tree.pop("source", None)
    if kind in ("finite", "bayesian"):
        tree["players"] = [first, second]
    if kind == "bayesian":  # small enough to be drawn
        tree |= {"types": {"v": [1]}, "actions": {"b": [0, 1]}, "payoffs": "v * b - others(b)"}
        del tree["prior"]
    for key in ("labs", "players"):
        if kind not in ("normal-form", "finite", "bayesian") and key in tree:
            for own, name in zip(tree[key], (first, second), strict=False):
                if not re.search(
                    rf"\b{own['name']}\b",
                    json.dumps({**tree, "name": ""}).replace(json.dumps(own["name"]), ""),
                ):
                    own["name"] = name
    return adapter_of(kind).validate_python(tree)


def results(kind: str, first: str, second: str) -> Iterator[Shown]:
    game = renamed(kind, first, second)
    solution = lb.solve(game)
    yield solution
    if kind != "linear-quadratic":
        yield lb.dynamics(game, laps=3)
    if kind == "race":
        yield lb.verdict(solution, check_cap=False)
        yield lb.lead_path(solution, points=3)
        yield lb.leaderboards(solution, years=1, paths=3)
        race = lb.Race(
            game.labs,
            lb.ScarceMarket(0.9, premium=0.3),
            game.technology,
            0.2,
            2,
            name=first,
            mechanisms={"lease": {"friction": 0.0}},
        )
        yield lb.lease_market(lb.solve(race))


def page_of(shown: Shown) -> str:
    console = Console(width=400, highlight=False)
    with console.capture() as out:
        console.print(shown)
    return out.get()


CASES = [
    pytest.param(kind, first, second, marks=[pytest.mark.slow] if k > 0 else [])
    for k, (first, second) in enumerate(zip(NASTY[::2], NASTY[1::2], strict=True))
    for kind in kinds_in_files()
]


@pytest.mark.parametrize(("kind", "first", "second"), CASES)
def test_every_face_prints_names_as_they_are(kind: str, first: str, second: str) -> None:
    if kind == "contest":
        first, second = second, first  # so that all are titles, too
    for number, shown in enumerate(results(kind, first, second)):
        page, notebook = page_of(shown), shown._repr_html_()
        assert "<script" not in notebook and "<a " not in notebook
        if number < 2:  # the others may have no title
            assert first in page and html.escape(first) in notebook
        if number == 0 and kind in ("race", "contest", "normal-form"):
            assert second in page
        shown.plot()._repr_png_()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["\x1b[31m", "a\nb", "\x00", "\u202eb", "\ud800", "\ufeffa", "\x7f", "\uffff"]
)
@pytest.mark.parametrize("kind", kinds_in_files())
def test_what_acts_is_refused_and_the_place_is_named(kind: str, name: str, tmp_path: Path) -> None:
    game = load(starter(kind))
    with pytest.raises(ValueError, match=r"(?s)name.*(control characters|unicode)"):
        type(game)(**{**vars(game), "name": name})
    if name in ("\ud800", "\x00"):  # no TOML can hold them
        return
    path = tmp_path / "game.toml"
    text = re.sub("(?m)^name *=.*", "", starter(kind).read_text(encoding="utf-8"), count=1)
    path.write_text(f"name = {json.dumps(name)}\n{text}")
    with pytest.raises(GameFileError) as caught:
        load(path)
    assert [mistake.place for mistake in caught.value.mistakes] == ["name"]
    assert not set(str(caught.value)) & set("\x1b\x00\x7f\u202e\ufeff\uffff")


def test_messages_quote_nothing_that_acts(capsys: pytest.CaptureFixture[str]) -> None:
    for change in ("\x1b[31mx=1", "labs.\x1b]0;t\x07.compute=1", "name=\x1b[31m", "x\ny=\u202e"):
        assert main(["race", "--set", change]) == 2
        said = capsys.readouterr()
        assert said.out == "" and said.err.strip()
        assert not set(said.err) & set("\x1b\x07\u202e")


@pytest.mark.parametrize("name", [*NASTY, "x[1]", "x[0][1]", "a=b", "A.B", "1"])
def test_a_place_that_is_told_is_one_that_set_takes(name: str, tmp_path: Path) -> None:
    labs = [{"name": name, "compute": 1.0}, {"name": "B", "compute": 2.0}]
    market, technology = {"kind": "scarce", "scarcity": 0.6}, {"productivity": 1.0}
    tree = {"kind": "race", "labs": labs, "market": market, "technology": technology}
    file = tmp_path / "race.toml"
    file.write_text(text(tree | {"discount": 0.1, "rungs": 1}), encoding="utf-8")
    race = load(file)
    places = [place for place in leaves(race) if place.endswith("compute")]
    for k, place in enumerate(places):
        for changed in (load(file, [f"{place}=7.5"]), alter(race, {place: 7.5})):
            assert [lab.compute for lab in changed.labs] == [
                7.5 if j == k else j + 1.0 for j in (0, 1)
            ]
