"""The proof that a list of equilibria is complete: its arithmetic, its claims, its finds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import numba
import numpy as np
import pytest
from flint import arb, ctx

import leaderbored as lb
from benchmarks import omissions
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.solvers.complete import Outcome, Transfer, bounds, cells, intervals, lab, step
from leaderbored.solvers.complete.boxes import Box, Swept
from leaderbored.solvers.complete.line import leads
from leaderbored.solvers.complete.rows import rising, rows
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.missed import added, reply
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.pool import Kept
from leaderbored.solvers.markov.proof import only_one_within
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.proof import unproved

LABS = [lb.Lab("A", 1), lb.Lab("B", 1)]
ENOUGH = Transfer(steps=20_000_000)


def small(**changes: Any) -> lb.Race:
    made: dict[str, Any] = {
        "labs": LABS,
        "rungs": 3,
        "discount": 0.1,
        "technology": lb.Technology(3, handicap=0.1),
    } | changes
    return lb.Race(market=lb.ScarceMarket(0.6), **made)


@pytest.mark.slow
@pytest.mark.parametrize(("handicap", "count"), [(None, 3), (0.09945, 5)])
def test_the_equilibria_of_the_starter_race_are_proved_to_be_all(
    handicap: float | None, count: int
) -> None:
    race = load(starter("race"))
    if handicap is not None:
        race = replace(race, technology=replace(race.technology, handicap=handicap))
    solution = lb.solve(race, lb.Method(search=Search(transfer=ENOUGH)), all=True)
    assert (race.rungs, len(solution.equilibria), solution.complete) == (20, count, "proved")


def test_a_box_is_halved_and_what_was_swept_beyond_what_moved_is_kept() -> None:
    """Bounds move back where they are as good as still, from either end inwards, nowhere else."""
    shape, random = (2, 7), np.random.default_rng(7)
    low, high, squares = np.zeros(shape), random.uniform(1, 2, shape), np.full(shape, 8)
    whole = Swept(Box(low, high, squares), {}, {}, np.empty((0, 12)))
    shrunk = np.array([[0.99, 0.5, 0.99, 1, 0.95, 0.99, 1]] * 2)
    box = Box(low, high * shrunk, squares, whole)
    moved = box.unmoved()
    assert moved.alike(whole.box).tolist() == [True, False, False, True, True, True, True]
    assert (moved.high >= box.high).all() and (moved.high[:, 1:4] == box.high[:, 1:4]).all()
    first, second = box.halves()
    assert (np.minimum(first.low, second.low) == box.low).all()
    assert (np.maximum(first.high, second.high) == box.high).all()
    assert ((first.high != box.high).sum(), (second.low != box.low).sum()) == (1, 1)
    assert first.high[first.high != box.high] == second.low[second.low != box.low]
    assert first.flipped.flipped.low.tolist() == box.low.tolist()


def test_bounds_of_labs_that_may_change_places_are_evened_out() -> None:
    """Only values that are there with the labs exchanged, too, are left; or none."""
    random, squares = np.random.default_rng(8), np.full((2, 5), 8)
    low, high = random.uniform(0, 1, (2, 5)), random.uniform(1, 2, (2, 5))
    box = Box(low.copy(), high.copy(), squares)
    assert box.even_out()
    assert box.flipped.alike(box).all()
    for value in random.uniform(0, 2, (500, 2, 5)):
        both = [((low <= v) & (v <= high)).all(axis=None) for v in (value, value[::-1, ::-1])]
        assert ((box.low <= value) & (value <= box.high)).all() == all(both)
    low[0, 1], high[1, 3] = 1.5, 1.2
    high[0, 1] = 1.6
    assert not Box(low, high, squares).even_out()


@pytest.mark.slow
def test_powers_are_enclosed() -> None:
    """Against balls of 200 bits, over many orders of size."""
    power = intervals.power
    kernel = numba.njit(lambda x, low, high: power((x, x), (low, high)), error_model="numpy")
    random = np.random.default_rng(3)
    ctx.prec, before = 200, ctx.prec
    try:
        for _ in range(2_000):
            x = float(10 ** random.uniform(-12, 12))
            exponent = float(random.choice([random.uniform(0, 1), random.uniform(0, 8), 1.0, 2.0]))
            low, high = kernel(x, exponent, exponent)
            true = arb(x) ** arb(exponent)
            assert arb(low) <= true <= arb(high)
            assert high - low <= 1e-11 * high + 1e-280
    finally:
        ctx.prec = before


@pytest.mark.slow
def test_means_of_powers_are_enclosed() -> None:
    """Against the integral in balls: of convex and of concave powers, between ends of any sign."""
    mean = intervals.mean_power
    kernel = numba.njit(lambda a, b, k: mean((a, a), (b, b), (k, k)), error_model="numpy")
    wide: Any = numba.njit(lambda a, b, k: mean(a, b, (k, k)), error_model="numpy")
    random = np.random.default_rng(5)
    ctx.prec, before = 200, ctx.prec
    try:
        for _ in range(2_000):
            k = float(random.choice([random.uniform(0, 1), random.uniform(1, 4), 0, 1, 2]))
            a, b = (float(x) for x in random.uniform(-0.5, 1, 2))
            ends = [arb(max(x, 0)) ** arb(k + 1) for x in (a, b)]
            true = (ends[1] - ends[0]) / ((arb(k) + 1) * (arb(b) - arb(a)))
            low, high = kernel(a, b, k)
            assert arb(low) - true < 1e-12
            assert true - arb(high) < 1e-12
            far = [float(x) for x in random.uniform(0, 0.5, 4)]
            least, most = wide((a - far[0], a + far[1]), (b - far[2], b + far[3]), k)
            assert arb(least) - true < 1e-12
            assert true - arb(most) < 1e-12
    finally:
        ctx.prec = before


@pytest.mark.slow
def test_every_operation_is_rounded_outwards() -> None:
    """Against rationals: the ends of sums, products and quotients lie strictly outside."""
    plus, times, over = intervals.plus, intervals.times, intervals.over
    kernel = numba.njit(
        lambda a, b, c, d: (plus((a, b), (c, d)), times((a, b), (c, d)), over((a, b), (1.1, 1.7)))
    )
    random = np.random.default_rng(4)
    for _ in range(2_000):
        a, b = sorted(random.normal(size=2) * 10 ** random.uniform(-9, 9))
        c, d = sorted(random.normal(size=2) * 10 ** random.uniform(-9, 9))
        added, multiplied, divided = kernel(a, b, c, d)
        ends = [Fraction(p) * Fraction(q) for p in (a, b) for q in (c, d)]
        parts = [Fraction(p) / Fraction(q) for p in (a, b) for q in (1.1, 1.7)]
        assert Fraction(added[0]) < Fraction(a) + Fraction(c)
        assert Fraction(added[1]) > Fraction(b) + Fraction(d)
        assert Fraction(multiplied[0]) < min(ends) <= max(ends) < Fraction(multiplied[1])
        assert Fraction(divided[0]) < min(parts) <= max(parts) < Fraction(divided[1])


def test_which_games_are_treated() -> None:
    assert leads(small().markov()) is not None
    assert leads(small(technology=lb.Technology(3, leapfrog=0.5)).markov()) is None
    assert leads(small(technology=lb.Technology(3, 1.0)).markov()) is None
    assert leads(small(growth=1.01).markov()) is None
    three = lb.Race([*LABS, lb.Lab("C", 1)], lb.ScarceMarket(0.6), lb.Technology(3), discount=0.1)
    assert leads(replace(three, rungs=2).markov()) is None
    bent = replace(small(), mechanisms={"fungibility": {"loss": 0.1}})  # type: ignore[arg-type]
    assert leads(bent.markov()) is None
    chance = replace(small(), mechanisms={"jackpot": {"chance": 0.1, "prize": 1}})  # type: ignore[arg-type]
    assert leads(chance.markov()) is None


def test_the_numbers_of_a_lab_are_enclosed() -> None:
    """The idle share's effort, against fractions and a root that is squared again."""
    game = small().markov()
    place = leads(game)
    assert place is not None
    table = rows(game, place)
    assert table is not None
    for i in range(2):
        for k, s in enumerate(place):
            low, high = table[i, k, 6], table[i, k, 7]  # of the effort of the idle share
            demand, capacity = Fraction(game.demand[i, s]), Fraction(game.capacity[i, s])
            idle = max(Fraction(0), 1 - demand / capacity)
            assert Fraction(max(low, 0.0)) ** 2 <= idle <= Fraction(high) ** 2
            assert high - low < 1e-15


def test_values_rise_where_revenue_does() -> None:
    """Replies to losses are left out only there; where revenue falls some gains are losses."""
    rising_one = small(labs=(lb.Lab("A", 1), lb.Lab("B", 1.4)))
    falling = replace(small(rungs=2), market=lb.RevenueLadder("2 - g * g / 4", 1.0, parameters={}))
    for race, rises in ((rising_one, True), (falling, False)):
        game = race.markov()
        place = leads(game)
        assert place is not None
        table = rows(game, place)
        assert table is not None
        flags = rising(table, game, place)[:, :, lab.RISING]
        assert (flags[0, :-1] == rises).all()
        assert (flags[1, 1:] == rises).all()
        value = lb.solve(race).equilibria[0].value[:, place]
        gains = np.concatenate([np.diff(value[0]), -np.diff(value[1])])
        assert (gains > 0).all() == rises


def test_a_box_that_holds_two_equilibria_is_never_said_to_hold_one() -> None:
    search = Search(starts=60, around=20, within=10)
    solution = lb.solve(small(rungs=12), lb.Method(search=search), all=True)
    one, two = solution.equilibria[:2]
    low, high = np.minimum(one.value, two.value), np.maximum(one.value, two.value)
    assert not only_one_within(one, low, high)
    assert only_one_within(one, one.value - 1e-5, one.value + 1e-5)


def test_without_being_asked_nothing_is_proved() -> None:
    solution = lb.solve(small(), all=True)
    outcome = Transfer().run(solution.markov, solution.equilibria)
    assert not outcome.proved
    assert outcome.rest is None


def test_what_lies_in_a_box_that_is_left_is_added_to_the_list() -> None:
    game = small(rungs=12).markov()
    system, search = System(game), Search(starts=60, around=20, within=10)

    def verify(build: Any) -> float:
        return float(regret(game, build).max())

    whole = search.run(system, verify, 1e-9)
    assert len(whole.found) > 1
    missing = whole.found[0].point.value
    searched = replace(whole, found=whole.found[1:])
    box = missing - 1e-6, missing + 1e-6
    pool = Kept(system, verify, 1e-9, search.same)
    more = added(search, system, pool, searched, Outcome(False, "a box is left", box))
    assert more is not None
    assert any(np.allclose(found.point.value, missing) for found in more.found)
    assert len(more.found) == len(whole.found)
    assert added(search, system, pool, whole, Outcome(False, "no box is left")) is None


@pytest.mark.slow
def test_no_equilibrium_exceeds_what_both_labs_can_earn_together() -> None:
    """The bounds hold, and where one lab has no weight to speak of they are near its best."""
    race = small(technology=lb.Technology(3, handicap=0.2, drafting=0.1))
    solution = lb.solve(replace(race, labs=(lb.Lab("A", 1), lb.Lab("B", 1.3))), all=True)
    game = solution.markov
    place = leads(game)
    assert place is not None
    table = rows(game, place)
    assert table is not None
    kernel = numba.njit(bounds.together, error_model="numpy")
    for weight in bounds.WEIGHTS:
        most = np.full(len(place), 1e3)
        kernel(game.discount, table, weight, most, 3_000, 1e-9)
        for one in solution.equilibria:
            both = one.value[0, place] + weight * one.value[1, place]
            assert (both <= most).all()
            assert (most <= 1.6 * both).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    "race",
    [
        small(),
        small(technology=lb.Technology(3, 0.4, drafting=0.1)),
        replace(small(rungs=2), labs=(lb.Lab("A", 1), lb.Lab("B", 1.2))),
    ],
    ids=["alike", "drafting", "unequal"],
)
def test_a_list_is_proved_and_one_without_an_equilibrium_is_not(race: lb.Race) -> None:
    method = lb.Method(search=Search(transfer=ENOUGH))
    solution = lb.solve(race, method, all=True)
    assert solution.complete == "proved"
    for k, missing in enumerate(solution.equilibria):
        others = [one for i, one in enumerate(solution.equilibria) if i != k]
        outcome = ENOUGH.run(solution.markov, others)
        assert not outcome.proved
        assert outcome.rest is not None
        low, high = outcome.rest
        assert (low <= missing.value).all()
        assert (missing.value <= high).all()
        system, middle = System(solution.markov), (low + high) / 2
        point = Newton().polish(system, middle, reply(system, middle))
        assert point is not None
        assert np.allclose(point[0], missing.value, rtol=1e-9)
    first = solution.equilibria[0]
    planted = replace(first, value=first.value * 1.01, proof=unproved("made up"))
    assert not ENOUGH.run(solution.markov, [*solution.equilibria, planted]).proved


@pytest.mark.slow
def test_omissions_from_random_lists_are_found_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """From two lists of one equilibrium each, which a wider search does not find short."""
    words = ["omissions", "--races", "2", "--first", "4", "--seed", "23", "--starts", "700"]
    monkeypatch.setattr("sys.argv", words)
    assert omissions.main() == 0
    assert "2 left out: found again" in capsys.readouterr().out


LADDER = lb.RevenueLadder("1+(gamma-1)*(1-exp(-g))", 1.0, parameters={"gamma": 1.6})


def cell_around(
    x: np.ndarray, y: np.ndarray, size: float, random: np.random.Generator
) -> np.ndarray:
    """A random cell, so large, that holds the values x at one lead and y at the next."""
    cell = np.zeros(cells.NUMBERS)
    for start, at in ((cells.X, x), (cells.Y, y)):
        cell[start : start + 4 : 2] = at - size * random.uniform(0.01, 1, 2)
        cell[start + 1 : start + 4 : 2] = at + size * random.uniform(0.01, 1, 2)
    matrix, off = random.uniform(-1, 1, (2, 2)), size * random.uniform(0, 0.3, 2)
    centre = x + size * random.uniform(-0.5, 0.5, 2)
    cell[cells.CENTRE : cells.IMAGE] = centre
    cell[cells.IMAGE : cells.MATRIX] = y - matrix @ (x - centre) + off
    cell[cells.MATRIX : cells.DEVIATION] = matrix.ravel()
    cell[cells.DEVIATION : cells.PLACE] = off * (1 + 1e-9) + 1e-9
    return cell


def leads_to(cell: np.ndarray, behind: np.ndarray, x: np.ndarray) -> bool:
    """Whether a cell holds values at two leads, the first of them ``behind``."""
    matrix = cell[cells.MATRIX : cells.DEVIATION].reshape(2, 2)
    there = cell[cells.IMAGE : cells.MATRIX] + matrix @ (behind - cell[cells.CENTRE : cells.IMAGE])
    near = abs(there - x) <= cell[cells.DEVIATION : cells.PLACE] + 1e-9
    low, high = cell[: cells.CENTRE : 2], cell[1 : cells.CENTRE : 2]
    both = np.concatenate([behind, x])
    within = (low - 1e-9 <= both) & (both <= high + 1e-9)
    return bool(near.all() and within.all())


@pytest.mark.slow
def test_a_step_never_loses_an_equilibrium() -> None:
    """Of random cells that hold its values at two leads one leads to those at the next, as well."""
    whole: list[Any] = [step.solve_step, step.image, step.start_z]
    kernel, image, start_at = (numba.njit(one.py_func, error_model="numpy") for one in whole)
    is_there: Any = lab.has
    random = np.random.default_rng(6)
    labs = (lb.Lab("A", 1), lb.Lab("B", 1.3))
    markets: list[lb.ScarceMarket | lb.RevenueLadder] = [lb.ScarceMarket(0.6), LADDER]
    for theta, market in product((0.3, 0.5, 0.6, 0.76), markets):
        technology = lb.Technology(3, theta, drafting=float(random.choice([0, 0.1])))
        race = replace(small(labs=labs, technology=technology), market=market)
        solution = lb.solve(race)
        place = leads(solution.markov)
        assert place is not None
        table = rows(solution.markov, place)
        assert table is not None
        value, work = solution.equilibria[0].value[:, place], step.scratch()
        for _ in range(100):
            k = int(random.integers(1, len(place) - 1))
            size = 10 ** random.uniform(-4, 0)
            x, y, behind = value[:, k], value[:, k + 1], value[:, k - 1]
            cell = cell_around(x, y, size, random)
            room = behind[:, None] + size * np.array([[-1, 1]]) * random.uniform(0.01, 1, (2, 2))
            held = False
            for qa, qb in np.ndindex(lab.PIECES, lab.PIECES):
                if not all(is_there.py_func(table[i, k], q) for i, q in enumerate((qa, qb))):
                    continue
                new, back, z = np.zeros(cells.NUMBERS), room.copy(), np.empty((4, 2))
                start_at(z, cell, table[0, k], table[1, k], qa, qb)
                numbers = solution.markov.discount, table[0, k], table[1, k], qa, qb
                if not kernel(*numbers, cell, back, z, np.empty(4), work):
                    continue
                if not image(z, back, work, new):
                    continue
                held = held or leads_to(new, behind, x)
            assert held


@pytest.mark.slow
def test_lists_on_a_ladder_are_proved() -> None:
    """Of three equilibria: labs without idle compute, whose hazards fall to zero."""
    technology = lb.Technology(3.9, 0.76)
    race = replace(small(rungs=2, discount=0.06, technology=technology), market=LADDER)
    solution = lb.solve(race, lb.Method(search=Search(transfer=ENOUGH)), all=True)
    assert (len(solution.equilibria), solution.complete) == (3, "proved")


def test_what_lies_around_an_equilibrium_without_a_proof_is_no_find() -> None:
    """Its own reason is told, and nothing is to be looked for there."""
    race = small(rungs=2)
    solution = lb.solve(race)
    doubtful = replace(solution.equilibria[0], proof=unproved("nobody knows"))
    outcome = Transfer(200_000).run(solution.markov, [doubtful])
    assert (outcome.proved, outcome.rest) == (False, None)
    assert outcome.message.endswith("one is not proved locally unique: nobody knows")


def test_a_proof_says_how_far_it_is() -> None:
    """What is left falls from all values to fewer as boxes are swept."""
    told: list[tuple[str, int, float]] = []
    race = small(rungs=2)
    solution = lb.solve(race)
    outcome = Transfer(200_000).run(
        solution.markov, solution.equilibria, lambda *now: told.append(now)
    )
    assert outcome.proved
    assert (told[0][1:], {phase for phase, *_ in told}) == (
        (0, 1.0),
        {"proof that no equilibrium is missing"},
    )
    assert all(0 < left <= 1 for *_, left in told)
