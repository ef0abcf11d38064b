"""Certificates: what they may know of, and that a wrong answer or a wrong compile does not pass."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.markov import Array, Markov
from leaderbored.race.mechanisms import (
    Accumulate,
    Fungibility,
    Hype,
    Inertia,
    Inputs,
    Jackpot,
    OpenWeights,
    Spillover,
)
from leaderbored.race.mechanisms.registry import BUILT_IN
from leaderbored.race.written_out import WRITTEN, WrittenOut
from leaderbored.solvers.contest import certificate as contest
from leaderbored.solvers.continuous import certificate as continuous
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.finite import certificate as finite
from leaderbored.solvers.linear_quadratic import certificate as linear_quadratic
from leaderbored.solvers.markov import certificate as markov
from leaderbored.solvers.planner import certificate as planner
from leaderbored.solvers.stochastic import certificate as stochastic
from leaderbored.solvers.stochastic.problem import Problem

ROOMS = (contest, continuous, finite, linear_quadratic, markov, planner, stochastic)
SOLVERS = Path(lb.__file__).parent / "solvers"
NOTICED = 1e-7  # a regret that no tolerance lets pass

# What certificates may know of: games, budgets, plain linear algebra, what is returned, and of
# their own rooms what states a game, never what answers it.
STATEMENTS = {
    "continuous": {"derived", "program", "together"},
    "linear_quadratic": {"alone", "observed", "to_the_end"},
    "markov": {"control"},
    "stochastic": {
        "alone",
        "derived",
        "entries",
        "problem",
        "shocks",
        "slopes",
        "stage",
        "staircase",
        "steered",
        "tabled",
        "together",
    },
}
OUTSIDE = {
    "budget",
    "kinks",
    "numerics.halton",
    "numerics.linear",
    "numerics.peak",
    "numerics.threads",
    "solution",
}
# which labs are alike is said of a race, not solved
GAMES = (
    "leaderbored.race.alike",
    "leaderbored.games.",
    "leaderbored.shown",
    "leaderbored.text",
    "leaderbored.late",
)
RECORDS = {
    "contest": "leaderbored.race.contest",
    "markov": "leaderbored.race.written_out",
    "planner": "leaderbored.race.written_out",
}


def imports(path: Path) -> set[str]:
    """Modules of the package that a file imports, not those for the reader of types."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.split(".")[0] == "leaderbored"}


def test_every_room_has_one_certificate_with_a_regret() -> None:
    none = {"numerics", "kernels", "complete", "checked"}  # no game is solved by these alone
    rooms = {path.parent.name for path in SOLVERS.glob("*/__init__.py")} - none
    assert rooms == {room.__name__.split(".")[-2] for room in ROOMS}
    for room in ROOMS:
        assert callable(room.regret)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__.split(".")[-2])
def test_certificates_know_nothing_of_what_solves(room: Any) -> None:
    name = room.__name__.split(".")[-2]
    waiting, seen = [f"{name}.certificate"], set()
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        own = {f"leaderbored.solvers.{name}.{part}" for part in STATEMENTS.get(name, set())}
        own |= {f"leaderbored.solvers.{part}" for part in OUTSIDE}
        for known in imports(SOLVERS / f"{module.replace('.', '/')}.py"):
            record = RECORDS.get(name)
            allowed = known in own or known.startswith(GAMES) or known == record
            allowed |= record is not None and known.startswith(f"{record}.")
            assert allowed, f"{module} imports {known}"
            part = known.removeprefix("leaderbored.solvers.")
            if known in own and part.startswith(f"{name}."):
                waiting.append(part)


def test_the_second_reading_knows_nothing_of_the_compiler() -> None:
    folder = Path(lb.__file__).parent / "race" / "written_out"
    inside = {f"leaderbored.race.written_out.{path.stem}" for path in folder.glob("*.py")}
    inside |= {"leaderbored.race.written_out"}
    records = {
        "leaderbored.games.expression",
        "leaderbored.games.functions",
        "leaderbored.race.market",
    }
    compiles = {"markov", "apply", "terms", "ladder", "board", "states", "steps"}
    for path in folder.glob("*.py"):
        assert imports(path) <= inside | records, path.name
        called = {
            node.func.attr
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not called & compiles, path.name


# --- races

PAIR = (lb.Lab("A", 1.0, brand=1.2), lb.Lab("B", 1.4, talent=0.8))
RACE = lb.Race(PAIR, lb.ScarceMarket(0.9, premium=0.2), lb.Technology(1.5, handicap=0.1), 0.2, 3)
ON: dict[str, dict[str, Any]] = {
    "inputs": {"migration": 0.3, "weight": 0.7, "substitution": 0.4},
    "fungibility": {"loss": 0.2, "home": 0.4},
    "open_weights": {"imitation": 0.2, "labs": ["B"], "fraction": 0.4},
    "inertia": {"lag": 0.3},
    "lease": {"friction": 0.1},
    "hype": {"effectiveness": 2.0},
    "spillover": {"share": 0.6},
    "jackpot": {"chance": 0.03, "prize": 10.0},
    "accumulate": {"rate": 0.05, "elasticity": 3.0, "reach": 4, "points": 5},
    "scarcity_path": {"years": [0, 4], "scarcity": [0.9, 0.2]},
}
MIXED: tuple[dict[str, Any], ...] = (
    {"lease": {"friction": 2.0}},  # nobody rents
    {"inputs": ON["inputs"], "jackpot": ON["jackpot"], "fungibility": ON["fungibility"]},
    {"inertia": ON["inertia"], "spillover": ON["spillover"], "open_weights": ON["open_weights"]},
    {"inertia": ON["inertia"], "lease": ON["lease"], "jackpot": ON["jackpot"]},
    {"inertia": ON["inertia"], "accumulate": ON["accumulate"], "inputs": ON["inputs"]},
    {"hype": ON["hype"], "fungibility": ON["fungibility"], "jackpot": ON["jackpot"]},
)


def with_(mechanisms: dict[str, Any]) -> lb.Race:
    return replace(RACE, mechanisms=mechanisms, rungs=2 if "inertia" in mechanisms else 3)


def test_every_mechanism_is_written_out() -> None:
    leave_the_race = {name for name, kind in BUILT_IN.items() if kind.apart}
    assert set(ON) == WRITTEN
    assert set(BUILT_IN) - leave_the_race <= WRITTEN


@pytest.mark.parametrize("mechanisms", [{}, *({n: p} for n, p in ON.items()), *MIXED], ids=" ".join)
def test_both_readings_of_a_race_agree(mechanisms: dict[str, Any]) -> None:
    race = with_(mechanisms)
    solution = lb.solve(race, lb.Method(certify="regret"))
    found = solution.equilibria[0]
    assert solution.status.ok
    assert found.mismatch is not None
    assert found.mismatch < 1e-11
    assert found.regret < 1e-9


@pytest.mark.parametrize(
    "mechanisms", [{}, *({n: p} for n, p in ON.items() if n != "lease")], ids=" ".join
)
def test_both_readings_agree_off_the_equilibrium_too(mechanisms: dict[str, Any]) -> None:
    race, random = with_(mechanisms), np.random.default_rng(3)
    plain = race.markov()
    play = plain.lower + random.uniform(size=plain.scale.shape) * (plain.upper - plain.lower)
    game = race.markov(play)
    mine, theirs = markov.certificate(race, play), markov.certificate(game, play)
    count, size = mine.value.shape
    np.testing.assert_allclose(mine.value, theirs.value[:count, :size], rtol=1e-10)
    np.testing.assert_allclose(mine.regret, theirs.regret[:count], rtol=1e-8)
    assert mine.regret.max() > 1e-3


@pytest.mark.parametrize("labs", [2, 3])
def test_a_share_that_is_moved_is_noticed(labs: int) -> None:
    race = replace(RACE, labs=(*PAIR, lb.Lab("C", 0.7))[:labs])
    build = lb.solve(race).equilibria[0].build.copy()
    assert markov.regret(race, build).max() < 1e-12
    inside = np.argwhere((build > 0.05) & (build < 0.95))
    build[tuple(inside[0])] += 1e-3
    assert markov.regret(race, build).max() > NOTICED


def _off(table: str, factor: float) -> Any:
    """An apply that is right but for one table."""

    def wrong(original: Any) -> Any:
        def apply(self: Any, game: Markov, *rest: Any, **given: Any) -> Markov:
            made = original(self, game, *rest, **given)
            values = getattr(made, table)
            return replace(made, **{table: np.where(np.isfinite(values), factor * values, values)})

        return apply

    return wrong


WRONG = [
    ("inputs", Inputs, "scale"),
    ("fungibility", Fungibility, "capacity"),
    ("open_weights", OpenWeights, "price"),
    ("inertia", Inertia, "price"),
    ("hype", Hype, "demand"),
    ("spillover", Spillover, "demand"),
    ("jackpot", Jackpot, "price"),
]


@pytest.mark.parametrize(("name", "kind", "table"), WRONG, ids=str)
def test_a_mechanism_that_is_compiled_wrongly_by_one_percent_is_said(
    name: str, kind: Any, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "apply", _off(table, 1.01)(kind.apply))
    solution = lb.solve(with_({name: ON[name]}), lb.Method(certify="regret"))
    assert solution.status.code == "imprecise"
    assert "second reading" in solution.status.message
    assert solution.equilibria[0].mismatch > 1e-5


def test_compute_that_is_bought_at_a_wrong_rate_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Accumulate.apply

    def apply(self: Accumulate, *given: Any) -> Any:
        made = original(self, *given)
        assert made.speed is not None
        return replace(made, speed=1.01 * made.speed)

    monkeypatch.setattr(Accumulate, "apply", apply)
    solution = lb.solve(with_({"accumulate": ON["accumulate"]}), lb.Method(certify="regret"))
    assert solution.status.code == "imprecise"


@pytest.mark.parametrize("table", ["scale", "price", "demand", "base"])
def test_a_plain_race_that_is_compiled_wrongly_is_said(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    race = replace(RACE, technology=replace(RACE.technology, drafting=0.2))
    right = race.markov
    wrong = replace(right(), **{table: 1.01 * getattr(right(), table)})
    monkeypatch.setattr(lb.Race, "markov", lambda self, play=None: wrong)
    assert lb.solve(race).status.code == "imprecise"


def test_a_success_that_lands_elsewhere_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    made = RACE.markov()
    wrong = replace(made, jump=made.jump[::-1])
    monkeypatch.setattr(lb.Race, "markov", lambda self, play=None: wrong)
    assert lb.solve(RACE).status.code == "imprecise"


def test_a_market_for_compute_that_does_not_clear_is_seen() -> None:
    race = with_({"lease": ON["lease"]})
    found = lb.solve(race).equilibria[0]
    assert found.rent is not None
    assert found.rent.max() > 0.1
    written = WrittenOut(race)
    assert written.uncleared(found.build, found.rent) < 1e-12
    assert written.uncleared(found.build, found.rent - 0.05) > 1e-3
    off = markov.regret(race, found.build, found.rent + 1e-2)
    assert off.max() > NOTICED


def test_a_rent_next_to_nothing_clears_too() -> None:
    # Far from the tie a success is worth some 1e-18 to the leader, whose idle compute B would rent.
    labs = (lb.Lab("A", 2.029), lb.Lab("B", 0.105, talent=0.763, brand=2.034))
    technology = lb.Technology(0.0354, 0.19, 0.015, 0.596, 0.559, 0.925)
    race = lb.Race(labs, lb.ScarceMarket(0.326, switching=0.0), technology, 0.00489, 8)
    race = replace(race, mechanisms={"lease": {"friction": 0.249}})
    solution = lb.solve(race, lb.Method(certify="regret"))
    assert solution.status.ok
    assert solution.equilibria[0].mismatch < 1e-9


def test_what_was_not_asked_for_is_not_judged() -> None:
    found = lb.solve(RACE, lb.Method(certify=False)).equilibria[0]
    assert found.mismatch is None
    assert np.isnan(found.regret)
    assert lb.solve(RACE.markov()).equilibria[0].mismatch is None


# --- the other rooms


def test_a_law_that_is_moved_is_noticed() -> None:
    game = lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    laws = [np.array([0.0, 1.0]), np.array([0.0, 1.0])]
    assert finite.regret(game, laws).max() == 0
    assert finite.regret(game, [np.array([1e-3, 1 - 1e-3]), laws[1]]).max() > NOTICED


def test_payoffs_that_are_rescaled_wrongly_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    pennies = [[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]]
    game = lb.NormalForm(pennies)
    wrong = game.utility * np.array([[1.0, 1.0], [1.0, 1.01]])
    monkeypatch.setitem(game.__dict__, "utility", wrong)
    off = [np.array([1.01, 1.0]) / 2.01, np.array([0.5, 0.5])]
    assert finite.regret(game, off).max() > NOTICED


def test_exact_payoffs_lose_no_digit_to_a_common_sum() -> None:
    far = 10**30
    game = lb.NormalForm([[far + 1, far + 3, far + 2]])
    assert finite.regret(game, [np.array([0.0, 0.5, 0.5])]).tolist() == [0.25]


def test_compute_of_a_contender_that_is_moved_is_noticed() -> None:
    arrays = lb.Contest(
        [lb.Contender("A", 1.0), lb.Contender("B", 1.0, price=1.3)], prize=2.0
    ).arrays
    build = np.concatenate(list(lb.solve(arrays).equilibria[0].strategies.values()))
    assert contest.regret(arrays, build).max() < 1e-12
    assert contest.regret(arrays, build + np.array([1e-3, 0])).max() > NOTICED


@pytest.mark.parametrize("count", [200, 201])
def test_deviations_of_few_and_of_many_contenders_are_found_alike(count: int) -> None:
    arrays = lb.Contest.of(np.full(count, 2.0), price=np.linspace(1, 1.002, count), prize=40.0)
    build = np.concatenate(list(lb.solve(arrays).equilibria[0].strategies.values()))
    assert contest.regret(arrays, build).max() < 1e-10
    off = build.copy()
    off[0] *= 1.2
    # Half the second derivative of V y / (y + others), times the square of the move.
    others = build.sum() - build[0]
    bend = 40.0 * others / build.sum() ** 3 * (0.2 * build[0]) ** 2
    assert contest.gains(arrays, off)[0] == pytest.approx(bend, rel=0.02)


def cournot(*, several: bool = False) -> Program:
    strategies = {"q": [0, 9], "r": [0, 9]} if several else {"q": [0, 9]}
    payoff = "(9 - sum(q)) * q" + (" - (r - 1)**2" if several else "")
    return Program(lb.Continuous([lb.Player(n, strategies, payoff) for n in "AB"]))


@pytest.mark.parametrize("several", [False, True])
def test_a_quantity_that_is_moved_is_noticed(several: bool) -> None:
    x: Array = np.array([3.0, 1.0, 3.0, 1.0] if several else [3.0, 3.0])
    assert continuous.regret(cournot(several=several), x).max() < 1e-12
    x[-1] += 1e-3
    assert continuous.regret(cournot(several=several), x).max() > NOTICED


def test_the_best_of_two_peaks_is_found_where_strategies_are_several() -> None:
    payoff = "-(x - 1)**2 - (y - 1)**2 + 3 * exp(-50 * (x + 2)**2 - 50 * (y + 2)**2)"
    game = lb.Continuous([lb.Player("A", {"x": [-3, 3], "y": [-3, 3]}, payoff)])
    assert continuous.regret(Program(game), np.array([1.0, 1.0])).max() == 0  # 3 is less than 18
    higher = payoff.replace("3 *", "30 *")
    game = lb.Continuous([lb.Player("A", {"x": [-3, 3], "y": [-3, 3]}, higher)])
    assert continuous.regret(Program(game), np.array([1.0, 1.0])).max() > 1


def climb(time: str) -> lb.MarkovGame:
    event = {"chance": "0.5 * b"} if time == "discrete" else {"hazard": "2 * sqrt(b)"}
    lab = lb.MarkovPlayer(
        "lab", "(1 - b) * (1 + d)", {"b": (0, 1)}, events=[lb.Event({"d": "d + 1"}, **event)]
    )
    return lb.MarkovGame([lab], 0.9 if time == "discrete" else 0.2, states={"d": (0, 3)}, time=time)


@pytest.mark.parametrize("time", ["continuous", "discrete"])
def test_an_action_that_is_moved_is_noticed(time: str) -> None:
    game = climb(time)
    x = np.array(list(lb.solve(game).equilibria[0].policy.values()))
    assert stochastic.regret(Problem(game), x).max() < 1e-12
    x[0, 0] = x[0, 0] - 1e-2 if x[0, 0] > 0.5 else x[0, 0] + 1e-2
    assert stochastic.regret(Problem(game), x).max() > NOTICED


def test_a_value_that_is_worked_out_wrongly_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    game = climb("continuous")
    right = Problem.evaluate
    monkeypatch.setattr(Problem, "evaluate", lambda self, x: 1.01 * right(self, x))
    x = np.array(list(lb.solve(game).equilibria[0].policy.values()))
    monkeypatch.setattr(Problem, "worth", lambda self, value: 0 * value[:, self.stage.destination])
    assert stochastic.regret(Problem(game), x).max() < 1e-12  # it asks for neither


def test_a_control_that_is_moved_is_noticed() -> None:
    game = lb.LinearQuadratic(3.0, [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    k = 2 + 12**0.5 / 3 - 1
    for gain, noticed in ((k, False), (k + 1e-3, True)):
        gains = [np.array([[gain, 0.0]])] * 2
        assert (linear_quadratic.regret(game, gains, "feedback") > NOTICED) == noticed
