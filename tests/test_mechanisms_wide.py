"""Research, fungibility and accumulation: limits, brute force, symmetry, R13, and pairs."""

from dataclasses import replace
from itertools import combinations, pairwise

import numpy as np
import pytest
from pydantic import ValidationError
from rich.console import Console
from scipy.optimize import minimize_scalar

import leaderbored as lb
from leaderbored.games.catalogue import find
from leaderbored.games.curved import Curved, curve
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.race.mechanisms import Accumulate
from leaderbored.solvers.fingerprint import digest
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.newton import Newton, linearise, pieces_at, residual
from leaderbored.solvers.markov.stages import stage_of
from leaderbored.solvers.markov.system import System
from leaderbored.views.data import report
from leaderbored.views.race import page

LABS = (lb.Lab("A", 1.0, brand=1.2), lb.Lab("B", 1.4, build=(0.05, 0.95)), lb.Lab("C", 0.8))
RACE = lb.Race(LABS, lb.ScarceMarket(0.9), lb.Technology(1.5, handicap=0.1), 0.2, rungs=3)
PAIR = replace(RACE, labs=(lb.Lab("A", 1.0, brand=1.2), lb.Lab("B", 1.4)), rungs=4)
SPLIT = {"rate": 0.05, "reach": 4, "points": 7}
NEUTRAL = {
    "inputs": {"weight": 1.0, "substitution": 0.3, "research": 2.0},
    "fungibility": {"loss": 0.0, "home": 0.3},
    "accumulate": {"rate": 0.0, "points": 7},
    "hype": {"effectiveness": 0.0},
}
MILD = {
    "inputs": {"weight": 0.7, "substitution": 0.4},
    "fungibility": {"loss": 0.2, "home": 0.4},
    "accumulate": SPLIT,
    "hype": {"effectiveness": 2.0},
    "open_weights": {"imitation": 0.2},
    "inertia": {"lag": 0.3},
    "lease": {"friction": 0.1},
    "spillover": {"share": 0.6},
    "jackpot": {"chance": 0.03, "prize": 10.0},
}
REFUSED = {
    *(("lease", name) for name in ("inputs", "fungibility", "accumulate", "hype")),
    *(("spillover", name) for name in ("accumulate", "hype")),
    ("hype", "accumulate"),
    ("jackpot", "accumulate"),
    ("lease", "spillover"),
}


def with_(race: lb.Race, **mechanisms: object) -> lb.Race:
    return replace(race, mechanisms=mechanisms)


# Limits


@pytest.mark.parametrize("name", NEUTRAL)
def test_a_neutral_mechanism_leaves_no_trace(name: str) -> None:
    race = with_(PAIR, **{name: NEUTRAL[name]})
    assert digest(race) == digest(PAIR)
    assert digest(race.markov()) == digest(PAIR.markov())


@pytest.mark.parametrize(
    ("name", "small"),
    [
        ("inputs", {"weight": 1 - 1e-13}),
        ("fungibility", {"loss": 1e-13, "home": 0.4}),
        ("accumulate", {"rate": 1e-13, "points": 5}),
        ("hype", {"effectiveness": 1e-13}),
    ],
)
def test_a_mechanism_tends_to_the_plain_race(name: str, small: dict[str, float]) -> None:
    plain = lb.solve(PAIR).equilibria[0]
    near = lb.solve(with_(PAIR, **{name: small})).equilibria[0]
    labs, size = plain.value.shape
    np.testing.assert_allclose(near.value[:labs, :size], plain.value, rtol=1e-10)


def test_a_curved_game_without_curves_is_the_plain_game() -> None:
    """The engine with replies by bisection against the one with replies in closed form."""
    plain = lb.solve(RACE).equilibria[0]
    found = lb.solve(curve(RACE.markov())).equilibria[0]
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-12)
    np.testing.assert_allclose(found.build, plain.build, atol=1e-12)


def test_research_in_plenty_only_scales_what_compute_does() -> None:
    """As Q grows without limit the aggregate tends to w^(1/r) times compute."""
    w, sigma = 0.7, 0.5
    scaled = replace(RACE.technology, productivity=1.5 * w ** (RACE.technology.returns / -1))
    plain = lb.solve(replace(RACE, technology=scaled)).equilibria[0]
    inputs = {"weight": w, "substitution": sigma, "research": 1e13}
    found = lb.solve(with_(RACE, inputs=inputs)).equilibria[0]
    np.testing.assert_allclose(found.value, plain.value, rtol=1e-10)


# Against brute force


def by_value_iteration(game: Curved, others: np.ndarray, lab: int, points: int) -> np.ndarray:
    """Value of one lab's best plan on a grid of shares, by value iteration on its own HJB."""
    labs = game.states.shape[1]
    span = np.linspace(0, 1, points)
    shares = game.lower[lab] + span[:, None] * (game.upper[lab] - game.lower[lab])
    play = np.repeat(others[None], points, axis=0)
    play[:, lab] = shares
    flows = np.array([game.payoff(x)[lab] for x in play])
    hazards = np.array([game.hazard(x) for x in play])
    pace = hazards.sum(axis=1).max() + game.discount
    value = np.zeros(len(game.states))
    assert len(game.jump) >= labs
    for _ in range(20_000):
        moved = np.array([jump @ value - value for jump in game.jump])
        rate = flows + np.einsum("pjs,js->ps", hazards, moved) - game.discount * value
        step = rate.max(axis=0) / pace
        value = value + step
        if np.abs(step).max() < 1e-12:
            break
    return value


@pytest.mark.parametrize("name", ["inputs", "fungibility", "accumulate", "hype", "all"])
def test_no_plan_on_a_grid_beats_an_equilibrium(name: str) -> None:
    three = {name: MILD[name] for name in ("inputs", "fungibility", "accumulate")}
    three |= {} if name == "all" else {"hype": MILD["hype"]}
    three["accumulate"] = {"rate": 0.2, "elasticity": 3, "reach": 3, "points": 3}
    race = replace(PAIR, rungs=1, discount=1.0)
    found = lb.solve(with_(race, **(three if name == "all" else {name: three[name]}))).equilibria[0]
    assert found.regret < 1e-9
    for lab in range(2):
        best = by_value_iteration(found.game, found.build, lab, 2001)
        assert (best <= found.value[lab] + 1e-9).all()
        np.testing.assert_allclose(best, found.value[lab], atol=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_replies_are_the_largest_of_their_stage(seed: int) -> None:
    """Against scipy, between the kinks and on them."""
    rng = np.random.default_rng(seed)
    game = with_(PAIR, inputs=MILD["inputs"], fungibility=MILD["fungibility"]).markov()
    stakes = rng.uniform(-0.5, 3, game.scale.shape)
    stakes *= rng.random(stakes.shape) < 0.9
    got = stage_of(game).reply(stakes)

    def stage(share: float, i: int, s: int) -> float:
        build = np.full(game.scale.shape, share)
        return float(game.payoff(build)[i, s] + stakes[i, s] * game.hazard(build)[i, s])

    for i, s in zip(rng.integers(2, size=12), rng.integers(len(game.states), size=12), strict=True):
        ends = sorted({knot[i, s] for knot in game.knots})
        best = max(stage(end, i, s) for end in ends)
        for low, high in pairwise(ends):
            found = minimize_scalar(lambda b: -stage(b, i, s), bounds=(low, high), method="bounded")  # noqa: B023
            best = max(best, -found.fun)
        assert stage(got[i, s], i, s) >= best - 1e-12


def test_slopes_of_replies_are_their_differences() -> None:
    game = with_(PAIR, inputs=MILD["inputs"], accumulate={**SPLIT, "elasticity": 2.0}).markov()
    stage, labs = stage_of(game), game.scale[:2] > 0
    stakes = np.random.default_rng(1).uniform(0.2, 2, game.scale.shape)
    here, step = stage.pieces(stakes, game.idle, 1.0), 1e-6
    up, down = (game.hazard(stage.reply(stakes + way * step)) for way in (1, -1))
    inside = (here.slope[:2] > 0) & labs
    assert inside.mean() > 0.5
    moved = (up - down)[:2] / (2 * step)
    np.testing.assert_allclose(here.slope[:2][inside], moved[inside], rtol=1e-4)


@pytest.mark.parametrize("name", ["inputs", "fungibility"])
def test_newton_in_efforts_and_in_values_agree(name: str) -> None:
    """All shares that move for unknowns: the stake is pinned to what more effort costs."""
    race = with_(PAIR, **{name: MILD[name]})
    found = lb.solve(race).equilibria[0]
    system, rng = System(race.markov()), np.random.default_rng(0)
    beside = found.build + 0.02 * rng.normal(size=found.build.shape)
    share = np.clip(beside, system.game.lower, system.game.upper)
    steep = Newton(steep=True, weights=(1.0,), steps=100)
    point = steep.polish(system, system.evaluate(share), share)
    assert point is not None
    np.testing.assert_allclose(point[0], found.value, rtol=1e-10)


def test_a_game_next_to_a_game_has_pieces_next_to_its_own() -> None:
    """Small shares where replies are all but straight stay positive along a curve."""
    race = with_(replace(PAIR, technology=lb.Technology(0.03, 0.81)), inputs={"weight": 0.24})
    game = race.markov()
    here, there = stage_of(game), stage_of(replace(game, scale=game.scale * (1 - 1e-6)))
    stakes = 10.0 ** np.random.default_rng(1).uniform(-3, 3, game.scale.shape)
    pieces = here.pieces(stakes, game.idle, 1.0)
    moved = there.prolonged(pieces, here, stakes)
    assert (moved.build >= 0).all() and np.isfinite(game.hazard(moved.build)).all()
    near = there.pieces(stakes, game.idle, 1.0).build
    both = (pieces.slope > 0) & (near > 0)
    np.testing.assert_allclose(moved.build[both], near[both], rtol=1e-4)


def test_small_shares_have_all_their_digits() -> None:
    """Where research is plenty the reply is a power of the stake, down to shares of 1e-30."""
    race = replace(PAIR, market=lb.RevenueLadder([1.0, 2.0]))
    game = with_(race, inputs={"weight": 0.5, "substitution": 0.5, "research": 1e9}).markov()
    theta = game.returns
    stakes = 10.0 ** -np.random.default_rng(1).uniform(2, 12, game.scale.shape)
    start = game.scale * 2.0**theta  # (u / w) near nothing
    exact = (theta * start * stakes / (game.price * game.capacity)) ** (1 / (1 - theta))
    exact = np.where(game.scale > 0, exact, 0)
    np.testing.assert_allclose(stage_of(game).reply(stakes), exact, rtol=1e-6)


@pytest.mark.parametrize("revenue", [1.0, -0.3])
def test_stakes_are_gains_in_units_of_what_revenue_is_worth(revenue: float) -> None:
    """The reply is the best by brute force, also where revenue does harm."""
    rng = np.random.default_rng(2)
    game = with_(PAIR, accumulate=SPLIT, fungibility=MILD["fungibility"]).markov()
    system = System(game)
    gain = rng.uniform(-1, 2, game.scale.shape)
    bought = np.full((2, len(game.states)), revenue - 1) / game.speed
    build = system.stage.reply(system.priced(gain, bought, 1.0))
    shares = np.linspace(0, 1, 4001)[:, None, None] * np.ones_like(gain)
    total = revenue * game.payoff(shares) + gain * game.scale * game.effort(shares)
    held = revenue * game.payoff(build) + gain * game.scale * game.effort(build)
    assert (held[:2] >= total.max(axis=0)[:2] - 1e-12).all()


@pytest.mark.parametrize("name", ["plain", "open_weights", *NEUTRAL])
def test_the_jacobian_is_the_differences_of_the_conditions(name: str) -> None:
    """Along random directions, best replies and what they buy following the values."""
    more = {} if name == "plain" else {name: MILD[name]}
    race = with_(PAIR, **more) if name != "hype" else with_(PAIR, inputs=MILD["inputs"])
    if name == "accumulate":
        race = with_(PAIR, accumulate={**SPLIT, "rate": 0.5, "elasticity": 2.0})
    system, rng = System(race.markov()), np.random.default_rng(3)
    value = system.evaluate(rng.uniform(0, 1, system.game.scale.shape))
    value = system.evaluate(system.reply(value, float(value.max())))

    def conditions(values: np.ndarray) -> np.ndarray:
        return residual(system, values, pieces_at(system, values, system.game.idle))

    matrix, error = linearise(system, value, pieces_at(system, value, system.game.idle))
    assert np.abs(error - conditions(value)).max() < 1e-12 * value.max()
    for _ in range(5):
        way = np.zeros_like(value)
        way[system.earners] = rng.normal(size=(len(system.earners), system.size))
        step = 1e-7 * value.max()
        moved = (conditions(value + step * way) - conditions(value - step * way)) / (2 * step)
        slope = matrix @ way[system.earners].ravel()
        np.testing.assert_allclose(moved, slope, atol=1e-5 * np.abs(slope).max())


def test_the_certificate_sees_a_lab_that_errs() -> None:
    found = lb.solve(with_(PAIR, accumulate={**SPLIT, "elasticity": 2.0})).equilibria[0]
    wrong = found.build.copy()
    wrong[0, 3] = 0.9 if found.build[0, 3] < 0.5 else 0.1
    gained = regret(found.game, wrong)
    assert gained[0] > 1e-4


# What they do


def test_research_is_a_bottleneck() -> None:
    inputs = {"weight": 0.5, "substitution": 0.5, "research": 0.01}
    game = with_(PAIR, inputs=inputs).markov()
    most = game.scale[0, 0] * (2 * 0.01) ** 0.5  # (1 - w)^(1/r) Q
    assert 0.9 * most < game.hazard(game.upper)[0, 0] < most


def test_labs_rest_on_the_kink_of_their_native_use() -> None:
    ladder = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.RevenueLadder("1.5**g"),
        lb.Technology(1, leapfrog=1),
        0.2,
        3,
    )
    free = lb.solve(ladder).equilibria[0].build[0]
    home = free.mean().item()
    bound = lb.solve(with_(ladder, fungibility={"loss": 0.3, "home": home})).equilibria[0]
    can = bound.game.movable[0]  # at the cap a success changes nothing
    np.testing.assert_allclose(bound.build[0, can], home, atol=1e-12)


# Hype


def hyped(effectiveness: float = 3.0) -> tuple[lb.Race, lb.Solution]:
    race = with_(replace(RACE, market=lb.ScarceMarket(0.7)), hype={"effectiveness": effectiveness})
    return race, lb.solve(race)


@pytest.mark.slow
def test_persuasion_is_what_earns_most_on_the_day() -> None:
    """Each lab's units against scipy, the logit written out, rivals' units and all builds given."""
    race, solution = hyped()
    build, compute = solution.equilibria[0].build, race.compute
    units = lb.persuasion(solution) * compute[:, None]
    assert (units > 0.02).any(axis=1).all()
    each, brand = 3.0 / compute.mean(), np.array([lab.brand for lab in race.labs])
    states = race.states()
    for s in range(0, len(states), 5):
        for i in range(3):

            def sold(y: float, i: int = i, s: int = s) -> float:
                spent = units[:, s].copy()
                spent[i] = y
                pull = brand * np.exp(-states[s]) * (1 + each * spent)
                demand = 0.7 * compute.sum() * pull[i] / pull.sum()
                return float(min((1 - build[i, s]) * compute[i] - y, demand))

            bounds, near = (0, compute[i]), {"xatol": 1e-10}
            best = minimize_scalar(
                lambda y, f=sold: -f(y), bounds=bounds, method="bounded", options=near
            )
            assert sold(units[i, s]) >= -best.fun - 1e-8
            assert race.markov(build).payoff(build)[i, s] == pytest.approx(sold(units[i, s]))


@pytest.mark.parametrize("effectiveness", [0.3, 30.0, 200.0])
def test_labs_persuade_by_the_least_solution(effectiveness: float) -> None:
    """What rivals' replies to each other come to from none, each by bisection of k - y = D(y)."""
    race = with_(replace(RACE, market=lb.ScarceMarket(0.7)), hype={"effectiveness": effectiveness})
    states, compute = race.states().T, race.compute[:, None]
    build = np.random.default_rng(3).uniform(0, 0.9, states.shape)
    left, each = (1 - build) * compute, effectiveness / compute.mean()
    pull = np.array([lab.brand for lab in race.labs])[:, None] * np.exp(-states)
    units, moved = np.zeros_like(left), np.inf
    while moved > 1e-13:
        rivals = (pull * (1 + each * units)).sum(axis=0) - pull * (1 + each * units)
        low, high = np.zeros_like(left), left.copy()
        for _ in range(60):
            middle = (low + high) / 2
            own = pull * (1 + each * middle)
            idle = left - middle > 0.7 * compute.sum() * own / (own + rivals)
            low, high = np.where(idle, middle, low), np.where(idle, high, middle)
        units, moved = low, np.abs(low - units).max()
    assert (units > 0).any() and (units == 0).any()
    game = race.markov(build)
    assert isinstance(game, Curved)
    np.testing.assert_allclose(game.persuades(build), units, atol=1e-9)


@pytest.mark.slow
def test_hype_gives_idle_compute_a_use() -> None:
    race, solution = hyped()
    plain = lb.solve(with_(race))
    mine, theirs = (s.equilibria[0].build.mean() for s in (solution, plain))
    assert mine < theirs


# Accumulation

FAST = lb.Race(
    [lb.Lab("A", 1, build=(0, 0.8)), lb.Lab("B", 1, build=(0, 0.8))],
    lb.RevenueLadder([0.0, 1.0]),
    lb.Technology(20.0, 1.0, leapfrog=1),
    0.2,
    2,
)


def growing(elasticity: float, theta: float = 1.0, **more: object) -> lb.Race:
    technology = replace(FAST.technology, returns=theta)
    mechanism = {"rate": 0.05, "elasticity": elasticity, "points": 11, **more}
    return replace(FAST, technology=technology, mechanisms={"accumulate": mechanism})


@pytest.mark.parametrize(
    ("elasticity", "kind"), [(0.5, "converge"), (1.0, "neutral"), (1.5, "concentrate")]
)
def test_one_elasticity_two_races(elasticity: float, kind: str) -> None:
    """R13 on solved games: leads rotate fast, chasers build flat out and earn nothing."""
    solution = lb.solve(growing(elasticity))
    assert solution.equilibria[0].regret < 1e-9
    found = lb.computers(solution)
    assert found.kind == kind
    log_ratio = np.log(found.share / (1 - found.share))
    way = np.sign(1 - 1 / elasticity)
    np.testing.assert_array_equal(np.sign(found.drift.round(9)), way * np.sign(log_ratio.round(9)))
    weight = found.weight / found.weight.sum()  # the joint law: piles up where the drift leads
    middle, ends = weight[5], (weight[0] + weight[-1]) / 2
    assert (middle > 2 * ends) if way < 0 else (way == 0 or ends > 2 * middle)


def test_the_averaged_drift_is_that_of_r13() -> None:
    """The closed form; at elasticities below one the leader builds up to its bound."""
    found, power = lb.computers(lb.solve(growing(0.5))), -1.0
    first = 2 * found.share
    closed = 0.05 * 0.2**power * (first**power - (2 - first) ** power) / 2
    np.testing.assert_allclose(found.drift, closed, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("elasticity", "kind"), [(1.5, "converge"), (3.0, "concentrate")])
def test_with_a_concave_hazard_the_boundary_is_at_one_over_theta(
    elasticity: float, kind: str
) -> None:
    """Time in the lead is in proportion to K^theta, so shares move with K^(theta - 1/eps)."""
    assert lb.computers(lb.solve(growing(elasticity, 0.5))).kind == kind


def trio(elasticity: float, theta: float = 1.0, **more: object) -> lb.Race:
    race = growing(elasticity, theta, **{"points": 5, "reach": 3, **more})
    return replace(race, labs=[*race.labs, lb.Lab("C", 1, build=(0, 0.8))], rungs=1)


@pytest.mark.parametrize(
    ("elasticity", "kind"), [(0.5, "converge"), (1.0, "neutral"), (1.5, "concentrate")]
)
def test_three_labs_divide_compute_as_two_do(elasticity: float, kind: str) -> None:
    """R13 again: a lab leads for K / 3 of the time, and sells all or, of stiff demand, a fifth."""
    solution = lb.solve(trio(elasticity))
    assert solution.equilibria[0].regret < 1e-9  # by the race written out anew
    found = lb.computers(solution)
    assert found.kind == kind and kind[:8] in found.sentence
    own, sold = 3 * found.share, 1.0 if elasticity > 1 else 0.2
    gained = 0.05 * (sold * own) ** (1 - 1 / elasticity) / 3
    np.testing.assert_allclose(found.drift, gained - gained.mean(axis=0), rtol=1e-9, atol=1e-12)
    assert found.weight.sum() == pytest.approx(1) and found.larger >= 1 / 3


def test_three_labs_are_alike_at_splits_that_are() -> None:
    race = trio(2.0, 0.5)
    found = lb.solve(race).equilibria[0]
    states, owned = race.board()
    keys = np.hstack([states, owned.T.round(9)]).tolist()
    here = {tuple(key): n for n, key in enumerate(keys)}
    turned = [1, 2, 0]
    there = [here[*(key[i] for i in turned), *(key[3 + i] for i in turned)] for key in here]
    np.testing.assert_allclose(found.value[:3][turned], found.value[:3][:, there], rtol=1e-8)


def test_compute_of_a_lab_that_is_far_ahead_stays_where_it_is() -> None:
    race = trio(2.0)
    game, size = race.markov(), len(race.states())
    _, owned = race.board()
    for lab in range(3):
        moved = np.array((game.jump[3 + lab] @ np.arange(len(game.states))), dtype=int)
        before, after = (np.log(owned[:, at] / owned[:, [0]]) for at in (slice(None), moved))
        gain = (after - before) - (after - before)[(lab + 1) % 3]
        stays = moved == np.arange(len(moved))
        step = race.mechanisms.accumulate.step
        np.testing.assert_allclose(gain[lab], np.where(stays, 0, step), atol=1e-12)
        lead = before[lab] - before.min(axis=0)
        np.testing.assert_array_equal(stays, lead > np.log(3) - step / 2)
    assert len(game.states) == 19 * size


def test_growth_is_upwind_with_the_right_mean() -> None:
    race = growing(2.0)
    game = race.markov()
    build = np.clip(np.full(game.scale.shape, 0.3), game.lower, game.upper)
    _, owned = race.board()
    step = race.mechanisms.accumulate.step
    earned = game.payoff(build)[:2] / owned
    ratio = np.log(owned[0] / owned[1])
    rates = System(game).transitions(game.hazard(build))
    drift = rates @ ratio - rates.sum(axis=1) * ratio
    inner = np.abs(ratio) < np.log(8) - step / 2
    np.testing.assert_allclose(drift[inner], 0.05 * (earned[0] - earned[1])[inner], atol=1e-10)


def test_a_symmetric_race_has_a_symmetric_answer() -> None:
    race = growing(2.0, 0.5)
    found = lb.solve(race).equilibria[0]
    states, owned = race.board()
    here = {
        (*d, round(k, 9)): n for n, (d, k) in enumerate(zip(states.tolist(), owned[0], strict=True))
    }
    swap = [here[d[1], d[0], round(k, 9)] for d, k in zip(states.tolist(), owned[1], strict=True)]
    np.testing.assert_allclose(found.value[0], found.value[1, swap], rtol=1e-9)
    assert lb.computers(lb.solve(race)).drift.sum() == pytest.approx(0, abs=1e-9)


def test_relabelling_labs_relabels_the_answer() -> None:
    mechanisms = {**{name: MILD[name] for name in ("inputs", "fungibility")}, "accumulate": SPLIT}
    race = with_(PAIR, **mechanisms)
    ours, theirs = lb.solve(race), lb.solve(replace(race, labs=race.labs[::-1]))
    np.testing.assert_allclose(
        ours.equilibria[0].value[[0, 1], 0], theirs.equilibria[0].value[[1, 0], 0], rtol=1e-9
    )
    mine, other = lb.computers(ours), lb.computers(theirs)
    np.testing.assert_allclose(mine.drift, -other.drift[::-1], atol=1e-9)
    assert mine.larger == pytest.approx(other.larger)


def test_a_finer_grid_moves_the_answer_little() -> None:
    values = [
        lb.solve(growing(3.0, 0.5, points=points)).equilibria[0].value[0, 0]
        for points in (11, 21, 41)
    ]
    coarse, fine = abs(values[1] - values[0]), abs(values[2] - values[1])
    assert fine < 0.7 * coarse < 0.01 * values[2]


def test_a_grid_of_41_by_41_is_solved() -> None:
    race = replace(PAIR, rungs=20, mechanisms={"accumulate": {"rate": 0.05, "elasticity": 2}})
    solution = lb.solve(race)
    assert solution.equilibria[0].value.shape == (4, 41 * 41)
    assert solution.equilibria[0].regret < 1e-9
    assert solution.seconds < 20


def test_the_verdict_counts_every_split() -> None:
    race = with_(PAIR, accumulate=SPLIT)
    solution = lb.solve(race)
    facts = lb.verdict(solution).statistics
    assert sum(facts.lead_distribution) == pytest.approx(1)
    assert sum(facts.time_in_lead.values()) == pytest.approx(1 - facts.lead_distribution[0])
    (effect,) = lb.effects(solution)
    assert effect.mechanism == "accumulate"


def test_splits_keep_the_sum_and_the_start() -> None:
    splits = Accumulate(0.1, reach=5, points=9).splits(np.array([1.0, 3.0]))
    np.testing.assert_allclose(splits.sum(axis=0), 4)
    assert splits[:, 0].tolist() == [1.0, 3.0]
    assert np.log(splits[0, 1:] / splits[1, 1:]).min() == pytest.approx(-np.log(15))


# Pairs, and what is refused


@pytest.mark.parametrize("pair", list(combinations(MILD, 2)), ids="+".join)
def test_any_two_combine_or_are_refused_by_name(pair: tuple[str, str]) -> None:
    chosen = {name: MILD[name] for name in pair}
    if pair in REFUSED or pair[::-1] in REFUSED:
        with pytest.raises(ValidationError, match="expected no"):
            with_(PAIR, **chosen)
        return
    solution = lb.solve(with_(PAIR, **chosen))
    assert solution.status.ok, solution.status
    assert solution.equilibria[0].regret < 1e-9
    verdict = lb.verdict(solution, check_cap=False)
    assert sum(verdict.statistics.lead_distribution) == pytest.approx(1)


@pytest.mark.parametrize(
    ("race", "mechanisms", "reason"),
    [
        (
            RACE,
            {"accumulate": {"rate": 0.1, "points": 51}},
            "51 points make more than 50,000 states",
        ),
        (PAIR, {"accumulate": {"rate": 0.1, "elasticity": 0.8}}, "build of all labs below 1"),
        (PAIR, {"accumulate": {"rate": 0.1, "points": 4}}, "odd number"),
        (PAIR, {"accumulate": {"rate": 0.1}, "open_weights": {"labs": ["B"]}}, "no open labs"),
        (replace(PAIR, technology=lb.Technology(1, 1.0)), {"fungibility": {"loss": 0.1}}, "linear"),
        (PAIR, {"inputs": {"weight": 0.0}}, "greater than 0"),
    ],
)
def test_what_does_not_fit_is_refused(race: lb.Race, mechanisms: dict, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        replace(race, mechanisms=mechanisms)


FEW = lb.Method(search=lb.Search(starts=40, around=20))
THREE = lb.Race(
    (lb.Lab("A", 1), lb.Lab("B", 1)),
    lb.ScarceMarket(0.6),
    lb.Technology(3, handicap=0.1),
    discount=0.1,
    rungs=12,
)
BESIDE = {
    "inputs": {"weight": 0.98, "substitution": 0.5},
    "fungibility": {"loss": 0.02, "home": 0.5},
    "accumulate": {"rate": 0.01, "points": 3},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BESIDE)
def test_a_run_and_a_race_of_the_same_labs(name: str) -> None:
    """Three equilibria, with what the plain race can be asked: which are stable, and where from."""
    race = with_(THREE, **{name: BESIDE[name]})
    solution = lb.solve(race, FEW, all=True)
    assert [e.index for e in solution.equilibria] == [1, -1, 1]
    assert [e.stable for e in solution.equilibria] == [True, False, True]
    assert solution.complete == "searched"
    assert max(regret(e.game, e.build).max() for e in solution.equilibria) < 1e-9
    values = np.array([e.value for e in solution.equilibria])
    for rule in ("from history", "risk"):
        chosen = lb.solve(race, select=rule).equilibria[0]
        assert np.abs(values - chosen.value).max(axis=(1, 2)).argsort()[0] in (0, 2)
        assert np.abs(values - chosen.value).max(axis=(1, 2)).min() < 1e-7
    shares = [basin.share for basin in lb.basin(solution, samples=20)]
    assert shares[1] == 0 and shares[0] + shares[2] > 0.9


@pytest.mark.slow
def test_folds_of_a_race_with_a_mechanism_join_its_equilibria() -> None:
    race = with_(THREE, inputs=BESIDE["inputs"])
    found = lb.trace(race, "technology.handicap", 0.08, 0.12, FEW)
    middle = [count for low, high, count in found.counts() if low <= 0.1 <= high]
    assert middle == [len(lb.solve(race, FEW, all=True).equilibria)]
    assert found.folds


@pytest.mark.slow
@pytest.mark.parametrize("name", ["inputs", "fungibility", "hype"])
def test_five_unequal_labs_solve_at_their_default_rungs(name: str) -> None:
    race = replace(load(find("five-labs-rationed")), mechanisms={name: MILD[name]})
    assert lb.solve(race).equilibria[0].regret < 1e-9


def test_a_game_file_switches_them_on() -> None:
    text = find("five-labs-rationed").read_text() + "\n[mechanisms.fungibility]\nloss = 0.2\n"
    assert loads(text).mechanisms.on == ("fungibility",)


def test_the_page_and_the_report_say_what_compute_does() -> None:
    for race, said, key in (
        (with_(PAIR, accumulate=SPLIT), "in computers", "computers"),
        (with_(PAIR, hype=MILD["hype"]), "Persuading customers takes", "persuading"),
    ):
        solution = lb.solve(race)
        verdict = lb.verdict(solution, check_cap=False)
        console = Console(width=200)
        with console.capture() as shown:
            console.print(page(solution, solution.equilibria[0], verdict))
        assert said in shown.get()
        assert report(solution, [verdict])[key]
