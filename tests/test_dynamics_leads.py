"""Leads, impulses and simulated leaderboards: closed forms, each other, and refusals."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
import scipy.linalg as sl
from rich.console import Console

import leaderbored as lb
from leaderbored.figures.files import save
from leaderbored.games.formats.gamefile import load
from leaderbored.motion.motion import Board
from leaderbored.verdicts.birth_death import passage_time, stationary_lead
from leaderbored.views.motion import board_sentence

CASES = Path(__file__).parent / "cases" / "motion"


def step_by_step(**changes):
    technology = {"productivity": 2.0, "returns": 0.6, "handicap": 0.2, **changes}
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.4)]
    return lb.Race(labs, lb.ScarceMarket(0.8), lb.Technology(**technology), 0.2, 8, name="Two")


@pytest.fixture(scope="module")
def solution():
    return lb.solve(step_by_step())


@pytest.fixture(scope="module")
def three():
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.4), lb.Lab("C", 0.6)]
    technology = lb.Technology(2, 0.6, leapfrog=0.5, drafting=0.2)
    return lb.solve(lb.Race(labs, lb.ScarceMarket(0.8), technology, 0.2, 4))


def chain(solution):
    """Hazards along the signed lead of the first lab, and its values there."""
    states = solution.markov.states
    order = np.argsort(states[:, 1] - states[:, 0])
    hazard = solution.markov.hazard(solution.equilibria[0].build)[:, order]
    return hazard[0], hazard[1], order


def test_first_passages_of_two_labs_have_closed_forms(solution):
    up, down, _ = chain(solution)
    path = lb.lead_path(solution, "A ahead by 3")
    assert path.overtaken.mean == pytest.approx(passage_time(up, down, 3, -1), rel=1e-9)
    assert path.caught.mean == pytest.approx(passage_time(up, down, 3, 0), rel=1e-9)
    assert path.extended.mean == pytest.approx(passage_time(up, down, 3, 4), rel=1e-9)
    assert path.overtaken.chance == path.caught.chance == path.extended.chance == 1


def test_the_expected_lead_solves_its_equation(solution):
    up, down, _ = chain(solution)
    up, down = up.copy(), down.copy()
    up[-1] = down[0] = 0
    generator = np.diag(up[:-1], 1) + np.diag(down[1:], -1)
    generator -= np.diag(generator.sum(axis=1))
    signed, start = np.arange(-8.0, 9.0), np.eye(17)[11]
    path = lb.lead_path(solution, "A ahead by 3", years=4, points=9)
    for time, mean, spread in zip(path.times, path.mean, path.spread, strict=True):
        law = start @ sl.expm(generator * time)
        assert mean == pytest.approx(law @ signed, abs=1e-10)
        assert spread**2 == pytest.approx(law @ signed**2 - (law @ signed) ** 2, abs=1e-9)
    assert path.limit == pytest.approx(stationary_lead(up, down) @ signed, rel=1e-9)
    halved = start @ sl.expm(generator * path.half_life) @ signed
    assert halved == pytest.approx(1.5, abs=1e-9)


def test_being_overtaken_in_time_adds_up_to_its_mean(solution):
    path = lb.lead_path(solution, "A ahead by 2", years=400, points=40_001)
    late = 1 - path.overtaken.by
    area = np.trapezoid(late, path.times)
    assert area == pytest.approx(path.overtaken.mean, rel=1e-3)
    assert np.all(np.diff(path.overtaken.by) >= -1e-12)
    assert np.all(path.caught.by >= path.overtaken.by - 1e-12)


def test_a_lead_that_nobody_can_close_is_never_overtaken():
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1, build=(0.0, 0.0))],
        lb.ScarceMarket(0.6),
        lb.Technology(1),
        discount=0.1,
        rungs=3,
    )
    path = lb.lead_path(lb.solve(race), "A ahead by 1")
    assert path.overtaken.chance == 0
    assert path.overtaken.mean == np.inf
    assert path.half_life is None


def test_many_states_are_followed_like_few(three, monkeypatch):
    few = lb.lead_path(three, "B ahead by 2", years=2, points=21)
    monkeypatch.setattr("leaderbored.motion.lead.DENSE", 0)
    many = lb.lead_path(three, "B ahead by 2", years=2, points=21)
    assert many.mean == pytest.approx(few.mean, abs=1e-10)
    assert many.overtaken.by == pytest.approx(few.overtaken.by, abs=1e-10)


def test_a_lead_is_the_average_of_simulated_ones(three):
    path = lb.lead_path(three, "B ahead by 2", years=2, points=9)
    boards = lb.leaderboards(three, years=2, paths=6000, start="B ahead by 2", every=0.25, seed=4)
    rungs = boards.dataset["rung"].to_numpy()
    ahead = rungs[:, :, 1] - np.maximum(rungs[:, :, 0], rungs[:, :, 2])
    error = ahead.std(axis=0) / np.sqrt(len(ahead))
    assert np.all(np.abs(ahead.mean(axis=0) - path.mean)[1:] < 4 * error[1:])
    assert path.mean[0] == ahead[0, 0] == 2


@pytest.mark.parametrize("name", ["solution", "three"])
def test_simulated_statistics_agree_with_exact_ones(name, request):
    solved = request.getfixturevalue(name)
    boards = lb.leaderboards(solved, years=30, paths=2000, seed=2)
    facts = lb.verdict(solved, check_cap=False).statistics
    exact = {
        "mean lead": facts.mean_lead,
        "advances a year": facts.advances_per_year,
        "lead changes a year": facts.lead_changes_per_year,
        "repeat win": facts.repeat_win,
        **{f"{lab} leads": share for lab, share in facts.time_in_lead.items()},
    }
    assert set(boards.estimates) == set(exact)
    for key, found in boards.estimates.items():
        assert found.exact == pytest.approx(exact[key], rel=1e-12)
        assert abs(found.mean - found.exact) < 4 * found.error, key


def test_computers_endure():
    """Leapfrog with linear returns and flat-out building: time in the lead is compute share."""
    labs = [lb.Lab(n, k, build=(1.0, 1.0)) for n, k in (("A", 1), ("B", 2), ("C", 3))]
    race = lb.Race(labs, lb.ScarceMarket(1), lb.Technology(1, 1.0, leapfrog=1), 0.1, 6)
    solved = lb.solve(race)
    boards = lb.leaderboards(solved, years=40, paths=1500, seed=3)
    for lab, share in (("A", 1 / 6), ("B", 2 / 6), ("C", 3 / 6)):
        found = boards.estimates[f"{lab} leads"]
        assert found.exact == pytest.approx(share, rel=1e-9)
        assert abs(found.mean - share) < 4 * found.error
    path = lb.lead_path(solved, "A ahead by 1", years=2)
    assert path.overtaken.mean == pytest.approx(1 / 5)  # the others' hazards add up to 5
    assert path.overtaken.by == pytest.approx(1 - np.exp(-5 * path.times), abs=1e-9)


def test_the_dataset_is_complete_and_consistent(three):
    boards = lb.leaderboards(three, years=3, paths=40, seed=5)
    data = boards.dataset
    assert dict(data.sizes) == {"path": 40, "time": 37, "lab": 3}
    assert set(data.data_vars) == {"rung", "rank", "build", "revenue", "compute"}
    assert np.all(data["rank"].sum("lab") == 6)
    assert np.all(np.diff(data["rung"].max("lab"), axis=1) >= 0)
    assert np.all((data["build"] >= 0) & (data["build"] <= 1))
    assert data["compute"].isel(path=7, time=9).values.tolist() == [1, 1.4, 0.6]
    assert data["revenue"].attrs["units"] == "money/year"


def test_the_same_seed_gives_the_same_leaderboards(three):
    one, two, other = (lb.leaderboards(three, 2, 20, seed=s) for s in (1, 1, 2))
    assert np.array_equal(one.state, two.state)
    assert not np.array_equal(one.state, other.state)


def test_relabelling_labs_relabels_their_leads_and_impulses():
    race = step_by_step()
    turned = lb.Race(race.labs[::-1], race.market, race.technology, 0.2, 8)
    pair = lb.solve(race), lb.solve(turned)
    paths = [lb.lead_path(s, "B ahead by 2") for s in pair]
    assert paths[0].mean == pytest.approx(paths[1].mean, abs=1e-8)
    found = [lb.impulse(s, "B") for s in pair]
    for name in found[0].response:
        assert found[0].response[name] == pytest.approx(found[1].response[name], abs=1e-7)


def test_an_impulse_is_the_difference_of_two_paths(solution):
    found = lb.impulse(solution, "A", "A ahead by 2", years=2, points=9)
    three = lb.lead_path(solution, "A ahead by 3", years=2, points=9).mean
    two = lb.lead_path(solution, "A ahead by 2", years=2, points=9).mean
    assert found.response["capability"] == pytest.approx(three - two, abs=1e-10)
    assert found.response["sell"] == pytest.approx(-found.response["build"], abs=1e-12)


def test_lags_are_the_present_value_averages_of_the_responses(solution):
    found = lb.impulse(solution, "A", years=200, points=80_001)
    weight = np.exp(-0.2 * found.times)
    for name, course in found.response.items():
        area = np.trapezoid(weight * course, found.times)
        moment = np.trapezoid(weight * course * found.times, found.times)
        assert found.lag[name] == pytest.approx(moment / area, rel=1e-3), name
    assert found.revenue_lag == found.lag["revenue"] - found.lag["capability"]


def test_value_responds_as_discounted_revenue_does(solution):
    found = lb.impulse(solution, "A", years=200, points=80_001)
    earned = np.trapezoid(np.exp(-0.2 * found.times) * found.response["revenue"], found.times)
    assert found.response["value"][0] == pytest.approx(earned, rel=1e-4)


def test_results_have_pages_and_figures(solution, tmp_path):
    results = [
        lb.lead_path(solution),
        lb.impulse(solution),
        lb.leaderboards(solution, 2, 10),
        lb.dynamics(solution.game, laps=5),
    ]
    for k, result in enumerate(results):
        save(result.plot(), tmp_path / f"{k}.svg")
        assert result.headline.split(";")[0][:20] in (tmp_path / f"{k}.svg").read_text()
        assert result.__rich__() is not None


@pytest.mark.parametrize(
    ("verb", "options", "words"),
    [
        (lb.lead_path, {"start": "C ahead by 1"}, "known: A, B"),
        (lb.lead_path, {"years": -1}, "positive"),
        (lb.lead_path, {"points": 1}, "2 or more"),
        (lb.lead_path, {"equilibrium": 9}, "counted from 0"),
        (lb.impulse, {"lab": "C"}, "known: A, B"),
        (lb.leaderboards, {"paths": 0}, "1 or more paths"),
        (lb.leaderboards, {"every": 0}, "positive time"),
    ],
)
def test_bad_arguments_say_what_was_expected(solution, verb, options, words):
    with pytest.raises(ValueError, match=words):
        verb(solution, **options)


def test_other_games_are_refused():
    with pytest.raises(TypeError, match="NormalForm given"):
        lb.lead_path(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2)))


LABS = [lb.Lab("A", 1), lb.Lab("B", 1.3)]
ON = {
    "inputs": {"migration": 0.2},
    "open_weights": {"imitation": 0.3},
    "inertia": {"lag": 0.4},
    "lease": {"friction": 0.1},
    "spillover": {"share": 0.5},
    "jackpot": {"chance": 0.05, "prize": 5.0},
}


def with_mechanism(*names: str) -> lb.Race:
    on = {name: ON[name] for name in names}
    return lb.Race(LABS, lb.ScarceMarket(0.6), lb.Technology(2), 0.1, 3, mechanisms=on)


@pytest.mark.parametrize("name", ON)
def test_boards_move_with_mechanisms_too(name: str) -> None:
    solution = lb.solve(with_mechanism(name))
    boards = lb.leaderboards(solution, years=20, paths=400)
    for mean, error, exact in boards.estimates.values():
        assert abs(mean - exact) < 4.5 * error
    facts = lb.verdict(solution, check_cap=False).statistics
    assert boards.estimates["lead changes a year"].exact == pytest.approx(
        facts.lead_changes_per_year
    )
    path = lb.lead_path(solution, "B ahead by 2", years=200)
    assert path.mean[0] == 2 and path.mean[-1] == pytest.approx(path.limit, abs=1e-3)
    found = lb.impulse(solution, "B", "tied")
    assert found.response["capability"][0] == pytest.approx(1) and found.revenue_lag is not None


def test_customers_know_where_a_path_starts_under_inertia() -> None:
    solution = lb.solve(with_mechanism("inertia"))
    boards = lb.leaderboards(solution, years=1, paths=3, start="A ahead by 2")
    size = len(solution.game.states())
    assert (boards.state[:, 0] % (size + 1) == 0).all()


BENT = {
    "hype": {"effectiveness": 2.0},
    "fungibility": {"loss": 0.3},
    "inputs": {"weight": 0.6},
    "accumulate": {"rate": 0.1, "points": 5},
}


@pytest.mark.parametrize("rule", ["best-response", "adjust"])
@pytest.mark.parametrize(
    "on",
    [
        pytest.param({n: d}, id=n, marks=[pytest.mark.slow] * (n == "hype"))
        for n, d in (ON | BENT).items()
    ],
)
def test_motion_ends_where_the_game_that_is_solved_rests(rule: str, on: dict) -> None:
    race = lb.Race(LABS, lb.ScarceMarket(0.6), lb.Technology(2), 0.3, 2, mechanisms=on)
    solution, motion = lb.solve(race), lb.dynamics(race, rule, laps=80)
    assert motion.outcome == "converges"
    assert solution.status.ok and motion.regret < 1e-9
    assert motion.payoffs[-1] == pytest.approx(solution.equilibria[0].value[:, 0], rel=1e-6)
    boards = len(solution.markov.players) == 2 and solution.markov.states.min() >= 0
    assert (motion.board is not None) == boards


def test_hype_moves_to_its_own_equilibrium() -> None:
    game = load(CASES / "hype-dynamics.toml")
    for rule in ("best-response", "random"):
        motion = lb.dynamics(game, rule, laps=40)
        assert "A builds 13.8%" in motion.headline
        assert motion.play["A"][-1, 0] == pytest.approx(0.138364, abs=1e-6)


def test_rests_of_short_sight_are_told_apart_from_equilibria() -> None:
    motion = lb.dynamics(load(CASES / "hype-dynamics.toml"), "myopic", laps=40)
    assert motion.outcome == "rests" and motion.regret > 1e-2
    assert "at no equilibrium" in motion.headline


def test_a_lead_that_nobody_moves_stays() -> None:
    solution = lb.solve(load(CASES / "nobody-moves.toml"))
    assert not solution.equilibria[0].build.any()
    path = lb.lead_path(solution)
    assert path.headline.startswith("L0's lead of 2 stays as it is;")
    assert path.half_life is None
    assert path.limit == 2  # of this lead, wherever play from a tie ends
    assert lb.impulse(solution).response["capability"][-1] == 1
    assert lb.leaderboards(solution, paths=3).estimates["advances a year"].mean == 0


@pytest.mark.parametrize("pace", [1e-90, 1e-38, 1e6, 1e12])
@pytest.mark.parametrize("rungs", [1, 2])
def test_races_slow_and_fast_are_followed(pace: float, rungs: int) -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.1)]
    ladder, technology = lb.RevenueLadder([1, 1.5]), lb.Technology(pace, 0.5)
    solution = lb.solve(lb.Race(labs, ladder, technology, 0.1, rungs))
    path = lb.lead_path(solution)
    assert np.isfinite(path.mean).all() and np.isfinite(path.overtaken.by).all()
    assert np.all(np.abs(path.mean) <= rungs + 1e-9)
    if pace > 1:  # long since in its long run
        assert path.mean[-1] == pytest.approx(path.limit, abs=1e-6)
    found = lb.impulse(solution)
    assert all(np.isfinite(course).all() for course in found.response.values())


def test_time_that_runs_out_leaves_the_laps_that_were_done() -> None:
    calls = iter(range(10_000))
    race = with_mechanism("spillover")
    motion = lb.dynamics(race, "fictitious", laps=500, limit=lambda: next(calls) > 40)
    assert motion.stopped and 0 < motion.laps < 500
    assert len(motion.payoffs) == motion.laps + 1
    assert "Stopped after" in motion.headline
    none = lb.dynamics(race, limit=0.0)
    assert none.stopped and none.laps == 0
    assert "Stopped before the first round was over" in none._repr_html_()
    assert len(none.plot().axes) > 0


def test_dynamics_with_talent_that_moves() -> None:
    race = with_mechanism("inputs")
    found = lb.dynamics(race, laps=60)
    equilibrium = lb.solve(race).equilibria[0]
    assert found.outcome == "converges"
    np.testing.assert_allclose(found.payoffs[-1], equilibrium.value[:, 0], rtol=1e-6)


def test_motion_is_of_those_who_decide() -> None:
    """What draws level with the leader by itself has no share, no value and no column."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    copied = {"open_weights": {"imitation": 0.3}}
    race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2, mechanisms=copied)
    motion = lb.dynamics(race, laps=5)
    data = motion.data()
    assert "imitation" not in motion.headline + str(data["players"])
    assert {len(row) for row in data["payoffs"]} == {2}


@pytest.mark.parametrize(
    ("mean", "words"),
    [
        ([2.0, 1.5, 1.3], "A's lead of 2 shrinks: after 2 rounds 1.3 are expected"),
        ([2.0, 2.5, 3.0], "A's lead of 2 grows: after 2 rounds 3 are expected"),
        ([2.0, 2.001], "A's lead of 2 lasts: after 1 round 2 are expected"),
        ([2.0, 0.5, -0.2], "A's lead of 2 halves in 1 round: after 2 rounds -0.2 are expected"),
        ([2.0, 0.9, 1.9], "A's lead of 2 shrinks: after 2 rounds 1.9 are expected"),
        ([2.0, 0.9, 1.1, 0.8], "A's lead of 2 halves in 3 rounds: after 3 rounds 0.8 are expected"),
        ([0.0, 0.1], "From a tie A leads alone after 1 round with probability under 0.1%."),
    ],
)
def test_what_becomes_of_a_lead_is_said_as_it_is(mean: list[float], words: str) -> None:
    path, two = np.array(mean), lb.NormalForm([[[1, 0], [0, 1]]] * 2)
    motion = lb.dynamics(two, laps=len(mean) - 1)
    board = Board("A", path, path, path, np.full(len(path), 1e-4))
    assert board_sentence(replace(motion, board=board)).startswith(words)


def test_no_delay_is_said_to_let_leads_die_out_where_they_grow_without_any() -> None:
    labs = [lb.Lab("A", 0.2), lb.Lab("B", 0.3, talent=0.9, build=(0.3, 0.4))]
    ladder = lb.RevenueLadder([1.0, 1.0, 1.0, 3.0])
    race = lb.Race(labs, ladder, lb.Technology(0.2, 0.6), discount=0.05, rungs=3)
    found = lb.whiplash(lb.solve(race), 1.0)
    assert "A's lead grows even without delay" in found.sentence and found.growth > 0
    printed = StringIO()
    Console(file=printed, width=100).print(found.table())
    row = next(x.split() for x in printed.getvalue().splitlines() if x.split()[:1] == ["boundary"])
    assert row[1] == "-"
