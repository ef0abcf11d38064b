"""The stranger's page: its files are written to a fresh folder, and its commands run there."""

import doctest
import json
import os
import pickle
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pytest
from pydantic import ValidationError
from pydantic.dataclasses import dataclass

import leaderbored as lb
from leaderbored.games.formats.gamefile import schema
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.mechanisms import Inertia, Jackpot, Spillover, registered, table
from leaderbored.race.mechanisms.registry import RESERVED, _outside
from leaderbored.solvers import digest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
FILE = re.compile(r"`([\w.]+)`:\n\n```\w+\n(.*?)```", re.DOTALL)
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
SAME = doctest.OutputChecker()
LOOSE = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


DRIVER = """
import io, json, runpy, sys
from contextlib import redirect_stderr, redirect_stdout
from leaderbored.cli import main

for command in json.load(sys.stdin):
    program, *words = command.split()
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        main(words) if program == "leaderbored" else runpy.run_path(words[0])
    print(json.dumps(said.getvalue()))
"""
TABLE = "from leaderbored.race.mechanisms import table; print(table())"


def installed(home: Path, name: str, groups: dict[str, dict[str, str]]) -> None:
    """Write what installing a package writes of its entry points."""
    told = home / f"{name}-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n", encoding="utf-8")
    lines = [
        f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in points.items())
        for group, points in groups.items()
    ]
    (told / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")


def run(folder: Path, program: str, given: str = "") -> str:
    """What a program says in a process of its own, in which the packages are installed."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        input=given,
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
            "COLUMNS": "120",
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def commands() -> Iterator[tuple[str, str]]:
    for block in CONSOLE.findall(PAGE):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, said = part.partition("\n")
            yield command, said


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What every command of the page says, with its files and what installing them would write."""
    home = tmp_path_factory.mktemp("stranger")
    for name, text in (*FILE.findall(PAGE), ("table.py", TABLE)):
        (home / name).write_text(text, encoding="utf-8")
    for name in ("pyproject", "entry_points"):
        project = tomllib.loads((home / f"{name}.toml").read_text(encoding="utf-8"))["project"]
        installed(home, name, project["entry-points"])
    asked = [*(command for command, _ in commands()), "leaderbored schema", "python table.py"]
    lines = run(home, DRIVER, json.dumps(asked)).splitlines()
    return dict(zip(asked, map(json.loads, lines), strict=True))


@pytest.mark.parametrize(("command", "said"), [*commands()])
def test_a_command_of_the_page_says_what_the_page_says(
    heard: dict[str, str], command: str, said: str
) -> None:
    assert SAME.check_output(said, heard[command], LOOSE), heard[command]


def test_a_mechanism_from_outside_is_in_the_schema_and_the_table(heard: dict[str, str]) -> None:
    rows = heard["python table.py"].splitlines()
    assert rows[2].startswith("| `levy` | `rate = 0` |")  # it comes first
    assert '"levy"' in heard["leaderbored schema"] and '"levy"' not in schema()


def test_a_package_that_fails_is_told_and_does_no_harm(tmp_path: Path) -> None:
    points = {"broken": "nowhere:Nothing", "late": "math:pi"}
    installed(tmp_path, "broken", {"leaderbored.mechanisms": points})
    asked = (
        "import warnings, leaderbored as lb\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    print(lb.Mechanisms(jackpot={'chance': 0.1}).on)\n"
        "print(*(w.message for w in caught), sep='\\n')"
    )
    said = run(tmp_path, asked)
    assert "('jackpot',)" in said
    assert "mechanism broken is left out: ModuleNotFoundError" in said
    assert "mechanism late is left out: register_mechanism: 'late', expected a class" in said


def test_the_docs_have_the_table_of_the_registry() -> None:
    assert table() in (ROOT / "docs" / "game-files.md").read_text(encoding="utf-8")


@dataclass(frozen=True, config=CONFIG)
class Subsidy(lb.Mechanism):
    """Money for every unit that is sold."""

    money: Annotated[float, quantity("money", "for a unit", ge=0), NUMBER]
    after: ClassVar[str | None] = None

    def apply(self, game: lb.Markov, race: lb.Race, play: np.ndarray | None = None) -> lb.Markov:
        return replace(game, price=game.price + self.money)


@dataclass(frozen=True, config=CONFIG)
class Later(Subsidy):
    """The same, where customers notice late."""

    after: ClassVar[str | None] = "inertia"


@pytest.fixture
def known() -> Iterator[None]:
    """Both are registered for the while of a test."""
    lb.register_mechanism("subsidy", Subsidy)
    lb.register_mechanism("later", Later)
    yield
    _outside.clear()


RACE = lb.Race([lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.7), lb.Technology(1), 0.2, 2)


@pytest.mark.usefixtures("known")
def test_a_mechanism_of_a_script_applies_where_it_says() -> None:
    assert list(registered())[:5] == ["subsidy", "inputs", "fungibility", "open_weights", "inertia"]
    given = {"inertia": {"lag": 0.5}, "later": {"money": 1.0}, "subsidy": Subsidy(money=2.0)}
    race = replace(RACE, mechanisms=given)
    steps = dict(race.steps())
    assert list(steps) == ["race", "subsidy", "inertia", "later"] == ["race", *race.mechanisms.on]
    np.testing.assert_allclose(steps["subsidy"].price, 3.0)
    np.testing.assert_allclose(steps["later"].price[:2], 4.0)  # the third player notices
    dear = replace(
        RACE, market=lb.ScarceMarket(0.7, price=4.0), mechanisms={"inertia": {"lag": 0.5}}
    )
    ours, theirs = (lb.solve(game).equilibria[0] for game in (race, dear))
    np.testing.assert_allclose(ours.value[:2], theirs.value[:2], rtol=1e-9)


@pytest.mark.usefixtures("known")
def test_races_made_before_a_mechanism_was_known_stay_as_they_are() -> None:
    plain = lb.Race(RACE.labs, RACE.market, RACE.technology, 0.2, 2)
    assert plain.mechanisms == RACE.mechanisms and digest(plain) == digest(RACE)
    assert RACE.mechanisms.subsidy is None
    assert replace(RACE, mechanisms=replace(RACE.mechanisms, subsidy=Subsidy(1.0))).mechanisms.on


def test_a_race_brings_its_mechanisms_to_another_process() -> None:
    lb.register_mechanism("subsidy", Subsidy)
    sent = pickle.dumps(replace(RACE, mechanisms={"subsidy": {"money": 1.0}}))
    _outside.clear()
    try:
        assert pickle.loads(sent).mechanisms.on == ("subsidy",)
    finally:
        _outside.clear()


@pytest.mark.usefixtures("known")
def test_mistakes_are_told_by_their_places() -> None:
    with pytest.raises(ValidationError) as caught:
        lb.Mechanisms(subsidy={"money": -1}, jackpot={"chance": 2}, subsidi={})
    places = [".".join(map(str, error["loc"])) for error in caught.value.errors()]
    assert sorted(places) == ["jackpot.chance", "subsidi", "subsidy.money"]


@dataclass(frozen=True, config=CONFIG)
class Overflow(Spillover):
    """The same, from outside."""

    after: ClassVar[str | None] = "hype"


@dataclass(frozen=True, config=CONFIG)
class Slow(Inertia):
    """The same, from outside."""

    after: ClassVar[str | None] = "open_weights"


@dataclass(frozen=True, config=CONFIG)
class Last(Jackpot):
    """The same, from outside."""

    after: ClassVar[str | None] = "spillover"


@pytest.mark.parametrize(
    ("outside", "name", "values"),
    [
        (Overflow, "spillover", {"share": 0.5}),
        (Slow, "inertia", {"lag": 0.4}),
        (Last, "jackpot", {"chance": 0.05, "prize": 5.0}),
    ],
)
def test_what_comes_from_outside_is_as_good_as_built_in(
    outside: type[lb.Mechanism], name: str, values: dict[str, float]
) -> None:
    """Demand by rivals, more states and players, ends: with the verdict and its cap."""
    lb.register_mechanism("outside", outside)
    try:
        both = [lb.solve(replace(RACE, mechanisms={key: values})) for key in ("outside", name)]
        ours, theirs = (solution.equilibria[0] for solution in both)
        np.testing.assert_allclose(ours.value, theirs.value, rtol=1e-9)
        assert ours.regret < 1e-9 and len(ours.coupled) == len(theirs.coupled)
        first, second = (lb.verdict(solution) for solution in both)
        assert (first.kind, first.cap_sensitive) == (second.kind, second.cap_sensitive)
        slow, fast = (lb.whiplash(solution, 0.5) for solution in both)
        assert slow.boundary == pytest.approx(fast.boundary)
    finally:
        _outside.clear()


class NoRecord(lb.Mechanism):
    """Without the decorator."""


@dataclass(frozen=True, config=CONFIG)
class Nowhere(lb.Mechanism):
    """After what there is not."""

    after: ClassVar[str | None] = "nothing"


@pytest.mark.parametrize(
    ("name", "mechanism", "reason"),
    [
        ("jackpot", Subsidy, "is taken"),
        ("on", Subsidy, "is taken"),
        ("Tax", Subsidy, "small letters"),
        ("class", Subsidy, "small letters"),
        ("tax", NoRecord, "expected a record"),
        ("tax", lb.Lab, "expected a class based on Mechanism"),
        ("tax", Nowhere, "after 'nothing', expected one of inputs"),
    ],
)
def test_what_is_no_mechanism_is_refused(name: str, mechanism: type, reason: str) -> None:
    with pytest.raises((TypeError, ValueError), match=reason):
        lb.register_mechanism(name, mechanism)
    assert name in ("jackpot", "on") or name not in registered()


def test_reserved_names_are_those_that_mechanisms_answer_to() -> None:
    assert {name for name in dir(lb.Mechanisms) if not name.startswith("_")} == set(RESERVED)
