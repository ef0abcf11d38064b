"""Races with alike labs, solved on leaderboards that do not tell them apart."""

from __future__ import annotations

import tracemalloc
from dataclasses import replace
from math import comb

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.race import landings
from leaderbored.race.alike import Alike
from leaderbored.race.sorts import count_multisets, count_roles, sorts
from leaderbored.race.written_out.roles import Tagged
from leaderbored.solvers.markov.alike import Roles
from leaderbored.solvers.markov.apart import told_apart
from leaderbored.solvers.markov.certificate import certificate, regret, regret_in_roles
from leaderbored.solvers.markov.newton import pieces_at
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.planner.certificate import Policy, bound
from leaderbored.verdicts.profile import by_lab, by_lead
from leaderbored.views.data import race_report
from leaderbored.views.planner import planner_page, planner_report

ASKED = lb.Method(alike=True)
STRONG = lb.Lab("S", 2, talent=1.5, brand=3, build=(0.1, 0.9))


def race(
    sizes: tuple[int, ...] = (3,), rungs: int = 2, growth: float = 1.0, **tech: float
) -> lb.Race:
    """Labs of one sort, or of two, in an order that mixes them."""
    plain = [lb.Lab(f"P{i}", 1) for i in range(sizes[0])]
    strong = [replace(STRONG, name=f"S{i}") for i in range(sum(sizes[1:]))]
    labs = [*strong[:1], *plain, *strong[1:]]
    technology = lb.Technology(**{"productivity": 1.0, "leapfrog": 0.3, **tech})
    return lb.Race(labs, lb.ScarceMarket(0.7, premium=0.1), technology, 0.4, rungs, growth=growth)


RACES = [
    race(),
    race((4,), 1, returns=0.8),
    race((2, 2), 2, handicap=0.2, drafting=0.1),
    race((3, 1), 2, flywheel=0.3, returns=0.3),
    race((2,), 5, growth=1.02, productivity=0.5),
    replace(race((3,), 2), market=lb.RevenueLadder([1.0, 1.6, 1.8])),
    replace(race((3,), 2), market=lb.ClearingMarket(1.2, openness=0.4)),
    replace(race((2, 2), 2), market=lb.ClearingMarket(0.8, conduct="price-taking")),
]


@pytest.mark.parametrize("game", RACES, ids=range(len(RACES)))
def test_what_is_found_in_roles_is_an_equilibrium_of_all_labs(game: lb.Race) -> None:
    solution = lb.solve(game, ASKED)
    found = told_apart(solution.equilibria[0])
    whole = certificate(game, found.build)
    assert solution.status.ok and found.regret < 1e-9 and found.mismatch == 0
    assert whole.regret.max() < 1e-9
    assert found.value == pytest.approx(whole.value, rel=1e-9)


@pytest.mark.parametrize("game", RACES, ids=range(len(RACES)))
def test_the_regret_of_any_play_in_roles_is_that_in_the_whole_race(game: lb.Race) -> None:
    """Deviations may depend on which rival is where, and gain nothing by it."""
    alike, random = Alike(game), np.random.default_rng(1)
    for _ in range(3):
        share = random.uniform(alike.game.lower[0], alike.game.upper[0])
        gained, _ = regret_in_roles(alike, share, share)
        assert gained == pytest.approx(certificate(game, alike.lifted(share)).regret, rel=1e-8)


@pytest.mark.parametrize("game", RACES, ids=range(len(RACES)))
def test_values_in_roles_are_those_of_all_leaderboards(game: lb.Race) -> None:
    alike, whole = Alike(game), System(game.markov())
    share = np.random.default_rng(2).uniform(alike.game.lower, alike.game.upper)
    value = Roles(alike).evaluate(share)[0]
    assert alike.lifted(value) == pytest.approx(whole.evaluate(alike.lifted(share[0])), rel=1e-9)


def test_newtons_method_knows_how_labs_that_meet_in_roles_move() -> None:
    """Its derivative is that of values and replies, by differences."""
    alike = Alike(replace(race((2, 2), 2), market=lb.ClearingMarket(1.2, openness=0.4)))
    system = Roles(alike)
    value = system.evaluate((alike.game.lower + alike.game.upper) / 2)

    def conditions(value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        matrix, error = system.linearised(value, pieces_at(system, value, alike.game.idle))
        return matrix.toarray(), error

    matrix, _ = conditions(value)
    way = np.random.default_rng(3).uniform(-1, 1, value.shape)
    beside = [conditions(value + step * way)[1] for step in (1e-6, -1e-6)]
    assert matrix @ way[0] == pytest.approx((beside[0] - beside[1]) / 2e-6, rel=1e-6, abs=1e-6)


def test_a_mistake_in_roles_does_not_pass_the_certificate() -> None:
    """It is made from the record of the race, which knows nothing of the tables in roles."""
    game = race((3,), 2, growth=1.02)
    alike = Alike(game)
    value = Roles(alike).evaluate(alike.game.idle)[0]
    assert regret_in_roles(alike, alike.game.idle[0], value)[1] == 0
    assert regret_in_roles(alike, alike.game.idle[0], 1.001 * value)[1] > 1e-4


def test_a_success_leads_to_the_role_in_which_the_lab_then_is() -> None:
    game = race((2, 2), 2)
    alike, boards = Alike(game), game.states()
    own = alike.game.jump[0].toarray()
    for lab in range(4):
        here = alike.role_of(boards, lab)
        front, next_rung = (alike.role_of(boards[to], lab) for to in landings(boards, 2, lab))
        chance = np.where(boards[:, lab] == 0, 1.0, 0.3)
        rows = np.arange(len(boards))
        law = np.zeros((len(boards), len(own)))
        np.add.at(law, (rows, front), chance)
        np.add.at(law, (rows, next_rung), 1 - chance)
        assert law == pytest.approx(own[here])


@pytest.mark.parametrize("sizes", [(3,), (1, 1), (2, 1), (2, 2)], ids=str)
def test_roles_are_found_by_where_labs_stand(sizes: tuple[int, ...]) -> None:
    """Counted one by one from all leaderboards."""
    game = race(sizes, 3)
    alike, place = Alike(game), dict[tuple[object, ...], int]()
    for board in map(tuple, alike.boards):
        for lab, rung in enumerate(board):
            role = (board, alike.sort_of[lab], rung)
            place.setdefault(role, len(place))
    assert sorted(place.values()) == list(range(len(alike.roles)))
    boards, found = game.states(), set()
    ordered = alike.in_order(boards)
    for lab in range(len(game.labs)):
        mine = alike.role_of(boards, lab).tolist()
        rows = zip(map(tuple, ordered), boards[:, lab], mine, strict=True)
        assert all(place[board, alike.sort_of[lab], rung] == role for board, rung, role in rows)
        found |= set(mine)
    assert len(found) == len(place)


def test_two_labs_on_many_rungs_make_few_roles_and_take_little_memory() -> None:
    """A table of multisets and rungs would have 16 million entries."""
    game = race((2,), 4_000)
    tracemalloc.start()
    alike, written = Alike(game), Tagged(game, 1)
    assert len(alike.boards) == 4_001 and len(alike.roles) == written.size == 8_001
    assert alike.moves.role.max() == 8_000 and len(alike.moves.role) < 32_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16e6


@pytest.mark.parametrize(("labs", "rungs"), [(3, 2), (8, 3), (5, 4)])
def test_multisets_are_counted(labs: int, rungs: int) -> None:
    game = race((labs,), rungs)
    count = comb(labs + rungs, rungs) - comb(labs + rungs - 1, rungs - 1)
    assert count_multisets(game.labs, rungs) == len(Alike(game).boards) == count
    assert count_roles(game.labs, rungs) == len(Alike(game).roles)
    assert Alike(game).copies.sum() == len(game.states())
    boards = np.sort(game.states(), axis=1)
    assert len(np.unique(boards, axis=0)) == count


def test_sorts_do_not_mind_names_and_order() -> None:
    assert sorts(race((2, 2)).labs) == ((0, 3), (1, 2))


def test_eight_alike_labs_are_solved_in_roles_by_themselves_and_the_answer_says_so() -> None:
    game = race((8,), 3)
    solution = lb.solve(game)
    found = solution.equilibria[0]
    assert found.regret < 1e-9 and solution.game is game
    assert "alike labs do alike" in solution.census.message and solution.complete == "partial"
    assert found.build.shape == (8, 120) and found.game.states[1].tolist() == [0] * 7 + [1]
    assert told_apart(found).build.shape == (8, 4**8 - 3**8)
    assert [step.size["unknowns"] for step in lb.explain(game).steps] == [471_800, 372]
    assert "not distinguished" in lb.explain(game).steps[-1].what


def test_all_that_is_looked_for_is_symmetric_and_the_census_says_so() -> None:
    solution = lb.solve(race((2,), 2), ASKED, all=True)
    assert solution.complete == "partial" and "40 policies" in solution.census.message
    for found in map(told_apart, solution.equilibria):
        states = found.game.states
        swapped = [states.tolist().index(state[::-1]) for state in states.tolist()]
        assert found.build[0] == pytest.approx(found.build[1][swapped])


@pytest.mark.slow
def test_replies_that_cycle_from_the_first_starts_are_left_for_the_next_one() -> None:
    """From idle compute, and from all, twelve labs overshoot for hundreds of rounds."""
    technology = lb.Technology(1.0, leapfrog=0.5, handicap=0.1)
    labs = [lb.Lab(str(i), 1) for i in range(12)]
    game = lb.Race(labs, lb.ClearingMarket(1.2, openness=0.4), technology, 0.1, 4)
    rounds: list[int] = []
    found = lb.solve(
        game,
        progress=lambda phase, k, distance: rounds.append(k),
        limit=lambda: len(rounds) > 300,
    )
    assert found.status.ok and found.equilibria[0].regret < 1e-9


def test_small_races_are_solved_as_before_unless_it_is_asked_for() -> None:
    steps = lb.explain(race()).steps
    assert steps[-1].kind == "markov arrays"
    assert len(lb.solve(race()).equilibria[0].game.states) == len(race().states())


@pytest.mark.parametrize(
    ("game", "options", "said"),
    [
        (race((1, 1)), {}, "no two labs are alike"),
        (replace(race(), mechanisms={"inertia": {"lag": 1}}), {}, "mechanisms: inertia"),
        (race(), {"select": "risk"}, "not with select"),
        (race().markov(), {}, "no option of Markov"),
    ],
)
def test_what_cannot_be_solved_so_says_why(game: object, options: dict, said: str) -> None:
    with pytest.raises(ValueError, match=f"method.alike: .*{said}"):
        lb.solve(game, ASKED, **options)


STANDING = [
    race((3,), 2, productivity=0.05),  # nobody builds behind a leader
    race((2, 1), 4, handicap=1.0, productivity=0.3, leapfrog=0.0),
    race((3,), 1, leapfrog=1.0, productivity=4.0),  # labs change places, multisets do not change
    race((4,), 3, leapfrog=0.0, growth=1.03, productivity=4.0),
]


@pytest.mark.parametrize("game", RACES + STANDING, ids=range(len(RACES + STANDING)))
def test_the_verdict_on_multisets_is_that_on_all_leaderboards(game: lb.Race) -> None:
    solution = lb.solve(game, ASKED)
    whole = replace(solution, equilibria=tuple(map(told_apart, solution.equilibria)))
    mine, theirs = (lb.verdict(each, check_cap=False) for each in (solution, whole))
    assert mine.headline == theirs.headline and mine.moves == theirs.moves
    assert mine.unvisited == theirs.unvisited and mine.votes == theirs.votes
    assert _numbers(mine) == pytest.approx(_numbers(theirs), rel=1e-8, abs=1e-9, nan_ok=True)
    assert _by_leader(mine) == pytest.approx(_by_leader(theirs), rel=1e-8)
    assert _profile(solution) == pytest.approx(_profile(whole), rel=1e-9, nan_ok=True)


def _profile(solution: lb.Solution) -> list[float]:
    """Who builds when, by lab and by lead."""
    one = solution.equilibria[0]
    labs = [number for lab in by_lab(solution, one) for number in vars(lab).values()]
    return [*labs, *np.concatenate(by_lead(solution, one)).tolist()]


def _numbers(verdict: lb.Verdict) -> list[float]:
    """All that is defined, and nan for what is not."""
    facts = vars(verdict.statistics).values()
    flat: list[object] = [*verdict.pace_ratio, *verdict.crossings]
    for fact in facts:
        flat += list(fact.values() if isinstance(fact, dict) else np.atleast_1d(fact))  # type: ignore[arg-type]
    return [np.nan if x is None else float(x) for x in flat]  # type: ignore[arg-type]


def _by_leader(verdict: lb.Verdict) -> dict[tuple[object, ...], float]:
    """Chances of the ends of play, which multisets do not tell apart by the places of others."""
    found: dict[tuple[object, ...], float] = {}
    for end in verdict.ends:
        board = None if end.board is None else tuple(sorted(end.board))
        key = (end.kind, end.leader, end.least, end.most, end.moves, board)
        found[key] = found.get(key, 0.0) + end.chance
    return found


@pytest.mark.parametrize(
    "game",
    [
        RACES[0],
        RACES[6],
        pytest.param(RACES[3], marks=pytest.mark.slow),
        pytest.param(STANDING[3], marks=pytest.mark.slow),
    ],
    ids=range(4),
)
def test_the_cap_is_checked_on_multisets_with_the_same_answer(game: lb.Race) -> None:
    solution = lb.solve(game, ASKED)
    whole = replace(solution, equilibria=tuple(map(told_apart, solution.equilibria)))
    mine, theirs = (lb.verdict(each) for each in (solution, whole))
    assert mine.cap_sensitive is not None and mine.cap_sensitive == theirs.cap_sensitive


def test_twelve_labs_on_four_rungs_have_a_verdict_and_are_told_apart_by_nobody() -> None:
    """That would make 227 million leaderboards, which is refused with what fits."""
    game = race((12,), 4)
    solution = lb.solve(game)
    verdict = lb.verdict(solution, check_cap=False)
    assert verdict.kind is not None and not verdict.not_checked
    time = [*verdict.statistics.time_in_lead.values()]
    assert time == pytest.approx([time[0]] * 12)
    told = race_report(solution)["alike"]
    assert told["leaderboards"] == 5**12 - 4**12 and told["states"] == len(Alike(game).boards)
    with pytest.raises(ValueError, match=r"told apart 12 labs and 4 rungs .* lower rungs"):
        lb.lead_path(solution)
    with pytest.raises(ValueError, match=r"rungs.*with inertia 12 labs and 4 rungs"):
        replace(game, mechanisms={"inertia": {"lag": 1}})
    with pytest.raises(ValueError, match=r"roles of alike labs, more than 1,000,000; lower rungs"):
        race((12,), 40)
    assert not lb.certify(solution.equilibria[0]).holds


def test_the_rest_of_the_package_takes_the_answer_as_any_other() -> None:
    game = race((3,), 2)
    one, other = lb.solve(game, ASKED), lb.solve(game)
    assert lb.verdict(one, check_cap=False).kind == lb.verdict(other, check_cap=False).kind
    assert lb.lead_path(one, "P0 ahead by 1").half_life == pytest.approx(
        lb.lead_path(other, "P0 ahead by 1").half_life
    )
    assert race_report(one)["equilibria"][0]["stability_note"].startswith("it is not looked at")
    assert lb.certify(one.equilibria[0]).holds


def test_arrays_that_do_not_tell_alike_labs_apart_are_no_game_of_theirs() -> None:
    """But the regret of a play in them is known: that of the race."""
    game = race((2, 1), 2)
    found = lb.solve(game, ASKED).equilibria[0]
    assert regret(found.game, found.build) == pytest.approx(np.zeros(3), abs=1e-9)
    build = (found.game.lower + found.game.upper) / 2
    whole = told_apart(replace(found, build=build))
    assert regret(found.game, build) == pytest.approx(regret(game, whole.build))
    with pytest.raises(ValueError, match="not told apart in these arrays"):
        lb.solve(found.game)
    with pytest.raises(ValueError, match="not told apart in these arrays"):
        lb.dynamics(found.game)


@pytest.mark.parametrize("game", RACES, ids=range(len(RACES)))
def test_one_who_decides_for_all_does_the_same_where_alike_labs_are_not_told_apart(
    game: lb.Race,
) -> None:
    one = lb.solve(game, ASKED)
    whole = replace(one, equilibria=tuple(map(told_apart, one.equilibria)))
    mine, theirs = lb.planner(one), lb.planner(whole)
    alike = Alike(game)
    assert len(mine.value) == len(alike.boards) < len(theirs.value)
    assert mine.value[alike.multiset(game.states())] == pytest.approx(theirs.value)
    assert mine.status.ok and mine.regret < 1e-9 and mine.headline == theirs.headline
    assert mine.gaps[0].loss == pytest.approx(theirs.gaps[0].loss)
    assert mine.lead_distribution == pytest.approx(theirs.lead_distribution)
    for own, other in zip(mine.by_lead, theirs.by_lead, strict=True):
        assert own == pytest.approx(other, nan_ok=True)
    told = planner_report(mine)
    assert told["alike"]["states"] == len(told["states"]) == len(alike.boards)


def test_what_is_not_best_for_all_does_not_pass_where_alike_labs_are_not_told_apart() -> None:
    """The bound is that on all leaderboards."""
    game = race((2, 1), 2)
    found = lb.planner(lb.solve(game, ASKED), "profits")
    alike, nobody = Alike(game), np.zeros(len(found.value))
    build, sold = found.build + 0.05, 0.9 * found.sold
    judged = bound(game, Policy(build, sold, nobody, "profits"), alike=True)
    at, seat = alike.roles.T
    every = [alike.lifted(table[seat, at]) for table in (build, sold)]
    whole = Policy(*every, np.zeros(len(game.states())), "profits")
    assert judged.regret == pytest.approx(bound(game, whole).regret) and judged.regret > 1e-3


def test_eight_alike_labs_have_a_planner_and_its_page_says_what_states_are() -> None:
    found = lb.planner(race((8,), 4))
    assert found.status.ok and len(found.value) == comb(11, 4)
    console = Console(width=80)
    with console.capture() as page:
        console.print(planner_page(found))
    assert "the 330 states are multisets" in " ".join(page.get().split())
