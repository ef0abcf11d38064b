"""The table of kinds: every entry is whole, and others can add to it."""

import importlib.metadata
import sys
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Literal

import numpy as np
import pytest
from pydantic.dataclasses import dataclass as pydantic_dataclass

import leaderbored as lb
from leaderbored import kinds
from leaderbored.cli import main
from leaderbored.kinds.matrix import matrix
from leaderbored.kinds.records import KNOWN
from leaderbored.solvers.reductions import Reduction
from leaderbored.solvers.solution import Census, Found, Status

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("kind", kinds.all_kinds(), ids=lambda kind: kind.name)
def test_an_entry_is_whole(kind):
    for place in kind.places.values():
        assert kinds.imported(place) is not None
    if kind.starter:
        assert kinds.resource(kind.starter).is_file()
    assert kind.get("method")() == kind.get("method")()
    for verb in kinds.VERBS:
        assert kind.answers(verb) != bool(kind.refusal(verb))
    asked = {verb for one in kind.limits for verb in one.verbs}
    assert all(kind.answers(verb) for verb in asked)
    assert set(kind.refusals) <= {verb for verb in kinds.VERBS if not kind.answers(verb)}


def test_records_are_named_where_they_are_defined():
    for kind in kinds.all_kinds():
        record = kind.get("record")
        assert kind.record == f"{record.__module__}:{record.__qualname__}"


@dataclass(frozen=True)
class Commons:
    """Herders who each add a cow or do not: a game that the package does not know."""

    herders: int
    grass: float

    def payoff(self, cows: int) -> float:
        return max(self.grass - cows, 0.0)


class AsTable(Reduction):
    def apply(self, game):
        shape = (2,) * game.herders
        total = np.indices(shape).sum(axis=0)
        pays = np.vectorize(game.payoff)(total)
        return lb.NormalForm([np.indices(shape)[i] * pays for i in range(game.herders)])


TABLE = AsTable()
COMMONS = lb.Kind(
    "commons", f"{__name__}:Commons", becomes="normal-form", reduction=f"{__name__}:TABLE"
)


@pytest.fixture
def commons():
    yield lb.register_kind(COMMONS)
    del KNOWN["commons"]


@pydantic_dataclass(frozen=True)
class Twins:
    """A race of two labs that are alike, as a file says it."""

    scarcity: float
    kind: Literal["twins"] = "twins"


class AsRace(Reduction):
    def apply(self, game):
        labs, tech = [lb.Lab("A", 1), lb.Lab("B", 1)], lb.Technology(1)
        return lb.Race(labs, lb.ScarceMarket(game.scarcity), tech, 0.5, 2)


RACE = AsRace()
TWINS = lb.Kind(
    "twins", f"{__name__}:Twins", becomes="race", reduction=f"{__name__}:RACE", file="twins"
)


def test_a_kind_from_outside_that_becomes_a_race_has_verdicts_and_files(tmp_path, capsys):
    lb.register_kind(TWINS)
    try:
        game = Twins(0.6)
        solution = lb.solve(game)
        assert lb.verdict(solution, check_cap=False).kind == "run"
        assert len(lb.trace(game, "market.scarcity", 0.6, 0.61).branches) == 1
        assert [step.kind for step in lb.explain(game).steps] == ["twins", "race", "markov arrays"]
        (tmp_path / "game.toml").write_text('kind = "twins"\nscarcity = 0.6\n', encoding="utf-8")
        for command in ("solve", "race", "dynamics", "explain"):
            assert main([command, str(tmp_path / "game.toml")]) == 0, command
        assert main(["schema", "twins"]) == 0 and '"scarcity"' in capsys.readouterr().out
        assert main(["new", "twins"]) == 2 and "known: race" in capsys.readouterr().err
        assert main(["convert", str(tmp_path / "game.toml"), str(tmp_path / "x.csv")]) == 2
        assert "expected a payoff table: 'normal-form'" in capsys.readouterr().err
    finally:
        del KNOWN["twins"]


@dataclass(frozen=True)
class Auction:
    """The highest bid wins and pays the second: a kind with a solver of its own, and no more."""

    worth: tuple[float, ...]


@dataclass(frozen=True)
class Truth:
    """Everybody bids what it is worth to it."""

    bids: np.ndarray
    regret: float
    method: str = "truth"


@dataclass(frozen=True)
class Honest:
    shade: float = 0.0


def bids(game, method, *, all, budget, progress):
    found = Truth(np.array(game.worth) - (method or Honest()).shade, 0.0)
    census = Census("partial", "one is known", {}, None)
    return Found([found], Status("converged", "bidding the truth is dominant"), census)


def test_a_kind_from_outside_with_a_room_of_its_own_is_solved_shown_and_saved(tmp_path):
    entry = lb.Kind(
        "auction",
        f"{__name__}:Auction",
        room=f"{__name__}:bids",
        method=f"{__name__}:Honest",
    )
    lb.register_kind(entry)
    try:
        solution = lb.solve(Auction((3.0, 2.0)), Honest(0.5))
        assert solution.game == Auction((3.0, 2.0)) and solution.digest
        assert solution.equilibria[0].bids.tolist() == [2.5, 1.5]
        solution.save(tmp_path / "auction.txt")
        text = (tmp_path / "auction.txt").read_text(encoding="utf-8")
        assert "Bidding the truth is dominant." in text and "bids: [2.5, 1.5]" in text
        assert solution.data()["equilibria"][0]["bids"] == [2.5, 1.5]
        assert lb.explain(Auction((3.0, 2.0))).room == __name__
        for ask, words in (
            (solution.plot, "such a game has no picture"),
            (lambda: lb.dynamics(Auction((3.0,))), "there are no dynamics of such games"),
            (lambda: lb.solve(Auction((3.0,)), exact=True), "exact: no option of Auction"),
        ):
            with pytest.raises((TypeError, ValueError), match=words):
                ask()
    finally:
        del KNOWN["auction"]


@pytest.mark.usefixtures("commons")
def test_a_kind_from_outside_has_what_it_becomes():
    game = Commons(2, 2.5)
    solution = lb.solve(game, exact=True)
    assert [round(e.payoffs.sum(), 9) for e in solution.equilibria] == [1.0]  # both add a cow
    assert len(solution.plot().axes) == 1
    assert lb.dynamics(game, laps=3).outcome == "converges"
    assert lb.sweep(game, {"payoffs.0.0.0": [0.0, 0.1]})["equilibria"].values.tolist() == [1, 1]
    assert lb.estimate(game).seconds > 0
    with pytest.raises(TypeError, match="trace: Commons given, expected a Race or a MarkovGame"):
        lb.trace(game, "grass", 1, 2)
    with pytest.raises(TypeError, match="select: no option of Commons; it takes start, exact"):
        lb.solve(game, select="risk")
    with pytest.raises(TypeError, match="expected FiniteMethod for a game of Commons"):
        lb.solve(game, lb.Method())


def test_a_kind_is_found_by_its_entry_point(monkeypatch):
    module = ModuleType("elsewhere")
    module.COMMONS, module.BAD = COMMONS, replace(COMMONS, name="race")
    monkeypatch.setitem(sys.modules, "elsewhere", module)
    points = [
        EntryPoint(name, f"elsewhere:{at}", kinds.GROUP)
        for name, at in (("bad", "BAD"), ("gone", "GONE"), ("good", "COMMONS"))
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)
    kinds._found_elsewhere.cache_clear()
    try:
        with pytest.warns(UserWarning, match=r"(name: taken|GONE)"):
            assert lb.solve(Commons(2, 2.5)).equilibria
    finally:
        KNOWN.pop("commons", None)
        kinds._found_elsewhere.cache_clear()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "race"}, "name: taken"),
        ({"name": " "}, "name: expected a word"),
        ({"record": "leaderbored.race.race:Race"}, "record: taken"),
        ({"file": "contest"}, "file: taken"),
        ({"arena": "no place"}, "arena: 'no place', expected"),
        ({"becomes": ""}, "becomes, reduction: expected both"),
        ({"becomes": "", "reduction": ""}, "room: expected what solves it"),
        ({"room": f"{__name__}:bids"}, "method: expected the class"),
        ({"becomes": "tic-tac-toe"}, "becomes: 'tic-tac-toe', known: race"),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_registered(changes, words):
    before = dict(KNOWN)
    with pytest.raises(ValueError, match="kind") as refused:
        lb.register_kind(replace(COMMONS, **changes))
    assert words in str(refused.value)
    assert before == KNOWN


def test_the_docs_have_the_table():
    page = (ROOT / "docs" / "games.md").read_text(encoding="utf-8")
    assert matrix() in page, "docs/games.md ends in what leaderbored.kinds.matrix.matrix() says"


def test_a_coupled_race_is_explained_with_what_it_depends_on():
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    mechanisms = {"lease": {"friction": 0.1}, "inertia": {"lag": 1}}
    race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2, mechanisms=mechanisms)
    found = lb.explain(race)
    assert [step.what for step in found.steps[1:4]] == [
        "compiled to arrays",
        "with inertia",
        "with lease",
    ]
    assert "demand depends" in found.steps[-1].what
    assert "lease" in found.refusals["certify"] and "lease_market" in found.answers
    compiled = race.markov()
    assert found.steps[-1].size["unknowns"] == compiled.scale.size


def test_what_is_solved_of_a_table_has_the_size_that_is_explained():
    """The third player has one strategy that is not dominated, and the game of two is left."""
    pays = np.array([[[[3, 1], [0, 1]], [[0, 1], [2, 1]]]] * 3, dtype=float)
    pays[2] = np.array([0.0, 1.0])
    *_, last = lb.explain(lb.NormalForm(pays)).steps
    assert last.size == {"players": 2, "profiles": 4, "unknowns": 4}


def test_methods_and_options_are_checked_before_any_work():
    huge = lb.NormalForm(np.zeros((2, 1000, 1000)))
    contest = lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], prize=1.0)
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1), 0.5)
    for game, more, words in (
        (
            huge,
            {"information": "open-loop"},
            "information: no option of NormalForm; it takes start, exact",
        ),
        (contest, {"select": "risk", "exact": True}, "exact, select|select, exact: no option"),
        (race, {"exact": True}, "exact: no option of Race; it takes start, select"),
        (race, {"method": lb.FiniteMethod()}, "FiniteMethod given, expected Method for a game of"),
    ):
        with pytest.raises(TypeError, match=words):
            lb.solve(game, **more)
    with pytest.raises(TypeError, match="method: FiniteMethod given, expected Method"):
        lb.trace(race, "discount", 0.1, 0.2, lb.FiniteMethod())
