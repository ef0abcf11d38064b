"""The correspondence: folds against bisection, branches against solving afresh."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count as counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.games.formats.gamefile import load
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.games.problems import GameFileError
from leaderbored.solvers import Equilibrium
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.kernels.rows import row_of
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.turning import TurnProof, certify_turn
from leaderbored.solvers.numerics.curve import Curve, CurvePoint
from leaderbored.verdicts import Branch, headline
from leaderbored.verdicts.correspondence.follow import _Tracer
from leaderbored.verdicts.correspondence.race_line import RaceLine, kind_at
from leaderbored.views.correspondence import trace_page
from leaderbored.views.data import trace_report

TWO = (lb.Lab("A", 1), lb.Lab("B", 1))
CHASE = lb.Race(TWO, lb.RevenueLadder([1, 1.8]), lb.Technology(1, 0.8, leapfrog=1), 0.1, 2)

CLEARS = lb.Race(TWO, lb.ClearingMarket(1.5), lb.Technology(3), 0.1, 8)


@pytest.fixture(scope="module")
def race() -> lb.Race:
    return replace(load(starter_file("race")), rungs=14)


@pytest.fixture(scope="module")
def found(race: lb.Race) -> lb.Correspondence:
    return lb.trace(race, "technology.handicap", 0.0, 0.3)


def at(race: lb.Race, handicap: float) -> lb.Race:
    return replace(race, technology=replace(race.technology, handicap=handicap))


@pytest.fixture(scope="module")
def short(race: lb.Race) -> lb.Correspondence:
    return lb.trace(replace(race, rungs=7), "technology.handicap", 0.09, 0.13)


def test_turns_are_proved_and_nothing_else_is(race: lb.Race, short: lb.Correspondence) -> None:
    """At the number itself, at one beside it, and at an equilibrium where the curve goes on."""
    race = replace(race, rungs=7)
    ends = row_of(at(race, 0.0)), row_of(at(race, 1.0))

    def proved(number: float, one: Equilibrium) -> TurnProof:
        return certify_turn(at(race, number).markov(), ends, number, one.value, one.build)

    on_a_kink = False
    for fold in short.folds:
        one = fold.equilibrium
        assert isinstance(one, Equilibrium)
        assert fold.turn is not None
        assert fold.turn.radius is not None
        if one.build[0, 0] == pytest.approx(0.4, abs=1e-6):  # all idle compute, and no more
            on_a_kink = fold.turn.holds and fold.turn.radius < 1e-11
            continue
        assert fold.turn.radius < 1e-13
        aside = proved(fold.parameter + 1e-9, one)
        assert not aside.holds or 9e-10 < (aside.radius or 0) < 1.1e-9
    assert on_a_kink and all(fold.turn and fold.turn.holds for fold in short.folds)
    for branch in short.branches:
        middle = branch.points[len(branch.points) // 2]
        assert isinstance(middle.equilibrium, Equilibrium)
        assert not proved(middle.parameter, middle.equilibrium).holds


@pytest.mark.slow
def test_the_number_between_events_is_proved_where_asked_for() -> None:
    """A short race whose bounds on values settle it, and nothing counted if nothing is asked."""
    race = lb.Race(TWO, lb.ScarceMarket(0.6), lb.Technology(1), 0.5, 2)
    asked = lb.Method(search=lb.Search(transfer=Transfer(1_000)))
    (one,) = lb.trace(race, "discount", 0.4, 0.6, asked).counted
    assert (one.parameter, one.equilibria, one.complete) == (0.5, 1, "proved")
    assert lb.trace(race, "discount", 0.4, 0.6).counted == ()


def test_a_count_for_which_there_was_no_time_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """All branches were followed, which is said; time ends when the first count begins."""
    over = []

    def counting(*given: Any, **more: Any) -> lb.Solution:
        over.append(True)
        return lb.solve(*given, **more)

    monkeypatch.setattr("leaderbored.verdicts.correspondence.race_line.solve", counting)
    race = lb.Race(TWO, lb.ScarceMarket(0.6), lb.Technology(1), 0.5, 2)
    asked = lb.Method(search=lb.Search(transfer=Transfer(1_000)))
    found = lb.trace(race, "discount", 0.4, 0.6, asked, limit=lambda: bool(over))
    assert (found.counted, found.status.code, found.census.complete) == ((), "stopped", "searched")
    assert "not counted in every stretch" in found.status.message


def test_what_moves_several_numbers_is_not_proved() -> None:
    """A ladder whose rungs all move with one number."""
    market = {"kind": "ladder", "revenue": "gamma**g", "parameters": {"gamma": 1.6}}
    race = lb.Race(TWO, market, lb.Technology(1, handicap=0.1), 0.1, 3)
    one = lb.solve(race).equilibria[0]
    market["parameters"] = {"gamma": 1.7}
    ends = row_of(race), row_of(replace(race, market=market))
    proof = certify_turn(race.markov(), ends, 1.6, one.value, one.build)
    assert (proof.holds, proof.radius) == (False, None)
    assert "several" in proof.reason


def last(race: lb.Race, here: float, there: float, *, start: np.ndarray, value: float) -> float:
    """Bisection for the handicap, from here to there, up to which a branch can be continued."""
    while abs(there - here) > 1e-7:
        middle = (here + there) / 2
        equilibrium = lb.solve(at(race, middle), start=start).equilibria[0]
        if abs(equilibrium.value[0, 0] - value) < 0.25:
            here, start, value = middle, equilibrium.build, equilibrium.value[0, 0]
        else:
            there = middle
    return here


@pytest.mark.slow
def test_outer_folds_agree_with_bisection(race: lb.Race, found: lb.Correspondence) -> None:
    folds = sorted(fold.parameter for fold in found.folds)
    assert len(folds) >= 2
    for fold, inside in ((folds[-1], -1e-4), (folds[0], 1e-4)):
        here = at(race, fold + inside)
        ends = lb.solve(here, all=True).equilibria
        stable = ends[0] if inside < 0 else ends[-1]
        start, value = stable.build, float(stable.value[0, 0])
        edge = last(race, fold + inside, fold - 20 * inside, start=start, value=value)
        assert edge == pytest.approx(fold, abs=4e-7)


def test_counts_agree_with_solving_afresh(race: lb.Race, found: lb.Correspondence) -> None:
    assert found.census.complete == "searched"
    for low, high, count in found.counts():
        if high - low > 1e-3:
            middle = lb.solve(at(race, (low + high) / 2), all=True)
            assert len(middle.equilibria) == count


def test_every_point_is_an_equilibrium_with_its_verdict(
    race: lb.Race, found: lb.Correspondence
) -> None:
    for branch in found.branches:
        for point in branch.points[:: max(1, len(branch.points) // 4)]:
            here = at(race, point.parameter)
            assert regret(here, point.equilibrium.build).max() < 1e-9
            assert point.equilibrium.regret < 1e-9
            assert kind_at(here, here.markov(), point.equilibrium.build) == point.verdict


@pytest.mark.parametrize("conduct", ["quantity", "price-taking"])
def test_points_on_a_market_that_clears_are_equilibria_with_their_verdicts(conduct: str) -> None:
    race = replace(CLEARS, market=replace(CLEARS.market, conduct=conduct))
    found = lb.trace(race, "technology.handicap", 0.0, 0.2)
    points = [point for branch in found.branches for point in branch.points]
    for point in points[:: len(points) // 8]:
        here = at(race, point.parameter)
        one = point.equilibrium
        assert isinstance(one, Equilibrium)
        assert max(one.regret, one.mismatch or 0.0, regret(here, one.build).max()) < 1e-9
        assert kind_at(here, here.markov(), one.build) == point.verdict


@pytest.mark.slow
def test_events_at_kinks_are_equilibria() -> None:
    """Three labs, whose folds lie where a share leaves its bound: rounding picks either piece."""
    labs = [lb.Lab(name, 1) for name in "ABC"]
    technology = lb.Technology(3.584, 0.5, handicap=0.275, leapfrog=0.5)
    race = lb.Race(labs, lb.ScarceMarket(0.736), technology, 0.07, 2)
    few = lb.Method(search=lb.Search(starts=16, around=4, within=5))
    line = RaceLine(race, "discount", (0.25, 0.4), few, None)
    events = []
    for seed in line.seeds(0.0):
        events += [point for point in line.follow(seed, 1).points if point.event]
    assert events
    assert max(line.waypoint(point).equilibrium.regret for point in events) < 1e-9


def test_branches_run_one_way_and_lose_stability_at_folds(found: lb.Correspondence) -> None:
    for branch in found.branches:
        steps = np.diff([point.parameter for point in branch.points])
        assert (steps >= -1e-12).all() or (steps <= 1e-12).all()
        inner = branch.points[1:-1]
        if branch.index == -1:
            assert not any(point.equilibrium.stable for point in inner)
    signs = [branch.index for branch in found.branches]
    assert all(a == -b for a, b in pairwise(signs))  # one curve, turning at every fold
    assert sum(signs) == 1


def test_a_run_and_a_peloton_coexist() -> None:
    """The figure in the README, at one handicap between the folds."""
    starter = load(starter_file("race"))
    solution = lb.solve(at(starter, 0.094), all=True)
    verdicts = [lb.verdict(solution, k, check_cap=False) for k in range(3)]
    assert [verdict.kind for verdict in verdicts] == ["run", "mixed", "peloton"]
    assert "A run, a mixed race or a peloton, and only expectations decide" in headline(verdicts)
    assert verdicts[2].headline.startswith("A peloton, a run or a mixed race, and only")


@pytest.mark.slow
def test_a_pitchfork_where_equal_labs_part() -> None:
    found = lb.trace(CHASE, "technology.returns", 0.6, 0.8)
    assert [count for _, _, count in found.counts()] == [1, 3]
    place = found.branch_points[0].parameter

    def equal(returns: float) -> bool:
        here = replace(CHASE, technology=replace(CHASE.technology, returns=returns))
        return len(lb.solve(here, all=True).equilibria) == 1

    assert equal(place - 2e-3)
    assert not equal(place + 2e-3)
    middles = [branch.points[len(branch.points) // 2].equilibrium for branch in found.branches]
    tilts = [middle.value[0, 0] - middle.value[1, 0] for middle in middles]
    assert sorted(np.sign(np.round(tilts, 6))) == [-1, 0, 0, 1]


@pytest.mark.slow
def test_direction_does_not_matter() -> None:
    forth = lb.trace(CHASE, "technology.returns", 0.67, 0.71)
    back = lb.trace(CHASE, "technology.returns", 0.71, 0.67)
    assert forth.branch_points[0].parameter == pytest.approx(
        back.branch_points[0].parameter, abs=1e-6
    )
    assert len(forth.branches) == len(back.branches)


@pytest.mark.parametrize(
    ("along", "start", "stop", "part"),
    [
        ("technology.handicp", 0, 1, "handicap"),
        ("rungs", 2, 5, "can change by a little"),
        ("market.kind", 0, 1, "can change by a little"),
        ("technology.handicap", -1, 1, "greater than or equal to 0"),
        ("technology.handicap", 0.2, 0.2, "two different numbers"),
        ("technology.handicap", 0, float("inf"), "two different numbers"),
        ("labs.C.compute", 1, 2, "known: A, B"),
    ],
)
def test_bad_ranges_are_refused(along: str, start: float, stop: float, part: str) -> None:
    with pytest.raises(GameFileError, match=part):
        lb.trace(CHASE, along, start, stop)


@dataclass
class Drawn:
    """A line whose equilibria are drawn: value, index, span, and whether a search finds it."""

    rows: tuple[tuple[float, int, tuple[float, float]], ...]
    shy: tuple[float, ...] = ()  # values found only from within their own span, not at the slices
    alike: bool = False
    unbounded: bool = False

    def station(self, value: float, u: float, index: int) -> CurvePoint:
        return CurvePoint(u, np.array([value]), index)

    def parameter(self, u: float) -> float:
        return 10 * u

    def seeds(self, u: float):
        for value, index, (low, high) in self.rows:
            if low <= u <= high and value not in self.shy:
                yield self.station(value, u, index)

    def follow(self, seed: CurvePoint, towards: int) -> Curve:
        for value, index, span in self.rows:
            if value == seed.z[0]:
                end = span[(towards + 1) // 2]
                return Curve((seed, self.station(value, end, index)), "border")
        raise AssertionError

    def leave(self, crossing: CurvePoint, known: Callable[[CurvePoint], bool]):
        return iter(())

    def coordinates(self, stop: CurvePoint) -> np.ndarray:
        return stop.z

    def apart(self, a: np.ndarray, b: np.ndarray) -> float:
        return float(np.abs(a - b).max())

    def passes(self, curve: Curve, u: float):
        if min(s.u for s in curve.points) <= u <= max(s.u for s in curve.points):
            yield curve.points[0].z


WHOLE, EXTRA, SADDLE = (1.0, 1, (0.0, 1.0)), (2.0, 1, (0.45, 0.6)), (3.0, -1, (0.45, 0.6))


def test_a_stretch_whose_indices_do_not_add_up_is_searched() -> None:
    late = (3.0, -1, (0.51, 0.6))  # not there at the middle, where all is looked for
    early = (4.0, -1, (0.45, 0.51))
    tracer = _Tracer(Drawn((WHOLE, EXTRA, early, late)), None)
    tracer.run()
    assert [total for *_, total in tracer.stretches()] == [1, 1, 1, 1]
    assert tracer.looked[3:] == pytest.approx([0.555])
    census = tracer.census()
    assert census.complete == "searched"
    assert "at 5.55" in census.message


def test_where_indices_do_not_add_up_is_said() -> None:
    tracer = _Tracer(Drawn((WHOLE, EXTRA, SADDLE), shy=(3.0,)), None)
    tracer.run()
    census = tracer.census()
    assert census.complete == "partial"
    assert "to 2 between 4.5 and 6" in census.message
    assert "to 1 in the other 2 stretches" in census.message


@pytest.mark.slow
def test_a_pair_is_followed_from_a_kink_to_a_pitchfork() -> None:
    """Where the symmetric curve turns at a kink the pair branches off too: two events in one.

    On the way each of the pair folds twice, so that nine equilibria live between the folds.
    """
    race = load(Path(__file__).parent / "cases" / "every" / "five.toml")
    found = lb.trace(race, "technology.handicap", 0.085, 0.14)
    kink, fork = 0.0928564143, 0.0938777364
    tilted = [b for b in found.branches if np.ptp(b.points[len(b.points) // 2].value) > 1e-4]
    assert min(branch.span[0] for branch in tilted) == pytest.approx(kink, abs=1e-7)
    assert max(branch.span[1] for branch in tilted) == pytest.approx(fork, abs=1e-7)
    assert [many for *_, many in found.counts()] == [1, 5, 9, 5, 3, 1]
    assert found.census.complete == "searched"
    assert "in each of 6 stretches" in found.census.message
    for low, high, _ in found.counts():
        middle = (low + high) / 2
        covering = [b.index for b in found.branches if b.span[0] <= middle <= b.span[1]]
        assert sum(covering) == 1


def test_tracing_that_is_stopped_shows_what_it_followed() -> None:
    asked = counter()
    limit = lambda: next(asked) > 150  # noqa: E731 - asked again and again
    found = lb.trace(CHASE, "technology.returns", 0.6, 0.8, limit=limit)
    assert found.status.code == "stopped"
    assert found.census.complete == "partial"
    assert "stopped" in found.census.message
    for branch in found.branches:
        assert all(point.equilibrium.regret < 1e-9 for point in branch.points)


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ([1], "one equilibrium throughout"),
        ([1, 3, 1], "several equilibria between 1 and 2, up to 3"),
        ([1, 3, 5, 1], "several equilibria between 1 and 3, up to 5"),
        (
            [1, 3, 1, 5],
            "several equilibria between 1 and 2, and between 3 and 4, up to 5",
        ),
        ([3, 1] * 4, "several equilibria between 0 and 7 in 4 places, up to 3"),
        (
            [1, 0, 3],
            "several equilibria between 2 and 3, up to 3, and none was found between 1 and 2",
        ),
        ([1, 0], "none was found between 1 and 2"),
    ],
)
def test_where_several_equilibria_are_is_said_without_where_they_are_not(
    short: lb.Correspondence, counts: list[int], words: str
) -> None:
    def branch(low: float, high: float) -> Branch:
        points = (replace(short.branches[0].points[0], parameter=x) for x in (low, high))
        return Branch(tuple(points), 1)

    branches = [branch(k, k + 1) for k, many in enumerate(counts) for _ in range(many)]
    folds = tuple(
        replace(short.branches[0].points[0], parameter=float(k)) for k in range(1, len(counts))
    )
    made = replace(
        short,
        start=0.0,
        stop=float(len(counts)),
        branches=tuple(branches),
        folds=folds,
        branch_points=(),
    )
    assert f"Along {short.along}: {words}." in " ".join(_text(trace_page(made)).split())


def test_of_what_was_broken_off_there_may_be_more(short: lb.Correspondence) -> None:
    made = replace(short, census=replace(short.census, complete="partial"))
    assert trace_report(made)["headline"] in " ".join(_text(trace_page(made)).split())
    first = short.branches[0].points[0]
    one = Branch((replace(first, parameter=0.0), replace(first, parameter=1.0)), 1)
    alone = replace(made, start=0.0, stop=1.0, branches=(one,), folds=(), branch_points=())
    assert "at least one equilibrium throughout" in trace_report(alone)["headline"]
    begun = replace(alone, stop=1e9)
    assert "no equilibrium was followed throughout" in trace_report(begun)["headline"]


def _text(page: Any) -> str:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(page)
    return shown.get()


def test_a_branch_is_of_labs_alone() -> None:
    """What draws level with the leader by itself has no value and no share."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    copied = {"open_weights": {"imitation": 0.3}}
    race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2, mechanisms=copied)
    found = lb.trace(race, "discount", 0.1, 0.11, lb.Method(search=lb.Search(starts=1)))
    first = found.branches[0].points[0]
    assert len(first.value) == len(first.choice) == 2
    assert list(found.data()["branches"][0]["points"][0]["build"]) == ["A", "B"]


def test_a_lease_by_which_nobody_gains_is_traced_as_the_race_without_it() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.2)]
    plain = lb.Race(labs, lb.ScarceMarket(0.8), lb.Technology(1), 0.2, 1)
    dear = replace(plain, mechanisms={"lease": {"friction": 1.0}})
    few = lb.Method(search=lb.Search(starts=1))
    ends = []
    for race in (plain, dear):
        found = lb.trace(race, "discount", 0.2, 0.21, few)
        assert found.status.ok
        ends.append(found.branches[0].points[-1].value)
    assert np.allclose(*ends, rtol=1e-9)
