"""Where theorems end: each statement on its whole domain, and what is true just outside it."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares, minimize

import leaderbored as lb
from leaderbored import theory
from leaderbored.games.markov import Array
from leaderbored.solvers.markov.certificate import regret
from leaderbored.theory.races import by_lead, ladder_race
from leaderbored.theory.shortage import sold_out_from
from leaderbored.verdicts.reign import Statistics


def form(id: str, name: str, **numbers: float) -> float:
    """A closed form by the names of its symbols."""
    expression = theory.derive(id).closed[name]
    return float(expression.subs({s: numbers[s.name] for s in expression.free_symbols}))


@pytest.mark.parametrize(("openness", "closes"), [(0.48, False), (0.52, True)])
def test_in_extreme_famine_patient_labs_race_below_an_openness_of_one_half_and_run_above(
    openness: float, closes: bool
) -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    market = lb.ClearingMarket(1e250, switching=0.5, worth=100, openness=openness)
    race = lb.Race(labs, market, lb.Technology(1, 0.5), discount=0.2, rungs=4)
    hazard = race.markov().hazard(lb.solve(race).equilibria[0].build)
    chain = by_lead(race.markov())[1:-1]
    assert ((hazard[0, chain] < hazard[1, chain]) == closes).all()


def test_price_takers_are_sold_out_from_the_scarcities_of_the_window_with_their_own_sales() -> None:
    """Their sales are the largest of a concave function, found without any condition."""
    rng = np.random.default_rng(4)
    for _ in range(8):
        worth, sizes = rng.uniform(-1, 3, 3), rng.uniform(0.3, 2, 3)
        for lab, edge in enumerate(sold_out_from(np.exp(worth), sizes)):
            for side in (1 - 1e-3, 1 + 1e-3):
                customers = float(edge * side * sizes.sum())

                def loss(sold: Array, worth: Array = worth, customers: float = customers) -> float:
                    rest = customers - sold.sum()
                    if rest <= 0:
                        return 1e6 * (1 - rest)
                    return float((sold * (np.log(sold) - worth)).sum() + rest * np.log(rest))

                start = np.minimum(sizes, customers / 6)
                ends = [(1e-9, size) for size in sizes]
                found = minimize(loss, start, bounds=ends, method="L-BFGS-B", tol=1e-15).x
                assert (found[lab] > sizes[lab] * (1 - 2e-5)) == (side > 1)


@pytest.mark.parametrize("leapfrog", [0.0, 0.5])
def test_price_takers_in_famine_keep_the_pace_of_prices(leapfrog: float) -> None:
    labs = [lb.Lab(n, 1) for n in "AB"]
    market = lb.ClearingMarket(3, switching=0.5, openness=0.4, conduct="price-taking")
    technology = lb.Technology(1, 0.6, handicap=0.1, leapfrog=leapfrog)
    race = lb.Race(labs, market, technology, discount=1e5, rungs=4)
    hazard = race.markov().hazard(lb.solve(race).equilibria[0].build)
    names = {"theta": 0.6, "beta": 0.5, "omega": 0.4, "chi": leapfrog, "eta": 0.1, "phi": 0}
    for lead, state in enumerate(by_lead(race.markov())[1:-1], 1):
        wanted = form("R24", "log_pace", **names, g=lead, A=2 - np.log(1 / 4))
        assert np.log(hazard[0, state] / hazard[1, state]) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(("openness", "leapfrog", "still"), [(1, 1, True), (0.9, 0, False)])
def test_a_tie_may_stand_still_where_all_of_a_lead_is_followed_and_laggards_leap(
    openness: float, leapfrog: float, still: bool
) -> None:
    """R23b, and outside of it; Y = 1 at a worth of two, and one third of 1.6 labs go without."""
    market = lb.ClearingMarket(0.8 if still else 1.5, switching=0.5, openness=openness)
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    race = lb.Race(labs, market, lb.Technology(1, 0.5, leapfrog=leapfrog), discount=0.2, rungs=3)
    found = lb.solve(race, all=True).equilibria
    resting = [one.value[0, 0] for one in found if one.build[:, 0].max() == 0]
    assert resting == (pytest.approx([2 * 1.6 / 3 / 0.2]) if still else [])


# R21: equilibria of a flat-topped ladder, counted without any reply of the package. At a total
# rate z = rho + all hazards, a lab builds 1 or a root b of the first-order condition
# theta b^(theta - 1) (ratio - 1 + b) = z / size, whose left side falls up to `turn` and then rises.


def left(b: float, theta: float, ratio: float) -> float:
    return theta * b ** (theta - 1) * (ratio - 1 + b)


def candidates(z: float, theta: float, ratio: float) -> list[float]:
    """Shares at z = z / size: below the turning point, above it, at the bound; or nan."""
    turn = min((ratio - 1) * (1 - theta) / theta, 1.0)
    least, bound = left(turn, theta, ratio), left(1.0, theta, ratio)

    def root(low: float, high: float) -> float:
        ends = {"xtol": 1e-300, "rtol": 1e-14, "maxiter": 2000}
        return brentq(lambda b: left(b, theta, ratio) - z, low, high, **ends)

    below = turn if z == least else root(1e-250, turn) if z > least else np.nan
    above = turn if z == least else root(turn, 1.0) if least < z < bound else np.nan
    above = 1.0 if z == bound and turn < 1 else above
    return [below, above, 1.0 if z <= bound else np.nan]


def equilibria(sizes: list[float], theta: float, ratio: float, rho: float, points: int) -> int:
    """How many equilibria there are: sign changes of z - rho - hazards on every branch."""
    turn = min((ratio - 1) * (1 - theta) / theta, 1.0)
    ends = {size: [size * left(b, theta, ratio) for b in (turn, 1.0)] for size in sizes}
    most = rho + sum(sizes)
    grid = np.unique(
        [*np.geomspace(rho, 1.001 * most, points), *(z for pair in ends.values() for z in pair)]
    )

    def scaled(z: float, size: float) -> float:
        """Where the grid holds an end of a branch the end itself, not its rounding."""
        exact = dict(zip(ends[size], (left(b, theta, ratio) for b in (turn, 1.0)), strict=True))
        return exact.get(z, z / size)

    shares = np.array([[candidates(scaled(z, s), theta, ratio) for s in sizes] for z in grid])
    hazards = np.array(sizes)[:, None] * shares**theta
    count = 0
    for branch in product(range(3), repeat=len(sizes)):
        total = sum(hazards[:, i, k] for i, k in enumerate(branch))
        excess = grid - rho - total
        inside = np.isfinite(excess[1:]) & np.isfinite(excess[:-1])
        count += int((inside & ((excess[1:] > 0) != (excess[:-1] > 0))).sum())
    return count


def test_three_equal_labs_have_seven_equilibria_before_the_symmetric_one_turns() -> None:
    theta, ratio, rho = 0.72604, 2.16159, 0.0076187
    assert theta < 3 / 4  # of three labs the symmetric equilibrium keeps its index
    assert form("R21", "patience", N=3, theta=theta, R=ratio, **{"lambda": 1}) < 0
    assert equilibria([1.0] * 3, theta, ratio, rho, 4000) == 7


@pytest.mark.parametrize("rungs", [6, 12])
def test_a_leader_whose_rival_does_not_build_stops_where_its_compute_earns_more(rungs: int) -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 0.6, brand=1.3)]
    market = lb.ClearingMarket(2, switching=0.5)
    race = lb.Race(labs, market, lb.Technology(1, 1.0, leapfrog=1), discount=0.2, rungs=rungs)
    numbers = {"lambda": 1, "rho": 0.2, "K_1": 1, "K": 1.6, "psi": 2, "a_1": 2, "beta": 0.5}
    edge = form("R26", "lead", **numbers, omega=0)
    assert edge == pytest.approx(3.31, abs=0.01)
    found, chain = lb.solve(race).equilibria[0], by_lead(race.markov())
    assert (found.build[1, chain] == 0).all()  # what R26 assumes
    assert ((found.build[0, chain] > 0) == (np.arange(rungs + 1) < edge)).all()


@pytest.mark.parametrize("theta", [0.15, 0.5, 0.66, 2 / 3])
def test_up_to_two_thirds_any_labs_have_one_equilibrium(theta: float) -> None:
    rng = np.random.default_rng(int(1000 * theta))
    for _ in range(6):
        sizes = rng.uniform(0.05, 2.0, int(rng.integers(2, 4))).tolist()
        ratio = 1 + float(rng.uniform(0.05, 1.2)) * theta / (1 - theta)
        rho = float(10 ** rng.uniform(-3, 0)) * sum(sizes)
        assert equilibria(sizes, theta, ratio, rho, 700) == 1


@pytest.mark.parametrize("theta", [0.7, 0.85, 0.97])
def test_a_lead_that_is_worth_enough_leaves_one_equilibrium(theta: float) -> None:
    rng = np.random.default_rng(int(1000 * theta))
    for factor in (1.0, 1.02, 2.0):  # the edge included
        sizes = rng.uniform(0.2, 2.0, int(rng.integers(2, 4))).tolist()
        rho = float(10 ** rng.uniform(-3, 0)) * sum(sizes)
        assert equilibria(sizes, theta, factor / (1 - theta), rho, 700) == 1


@pytest.mark.parametrize("theta", [0.68, 0.75, 0.85, 0.95])
def test_beyond_two_thirds_impatient_labs_of_any_size_have_one_equilibrium(theta: float) -> None:
    rng = np.random.default_rng(int(1000 * theta))
    for factor in (1.0, 1.01, 1.5):  # the edge included
        sizes = (rng.dirichlet(np.ones(int(rng.integers(2, 4)))) + 1e-3).tolist()
        ratio = 1 + float(rng.uniform(0.05, 0.999)) * theta / (1 - theta)
        rho = factor * form("R25", "patience", theta=theta, Lambda=sum(sizes))
        assert equilibria(sizes, theta, ratio, rho, 700) == 1


@pytest.mark.parametrize("theta", [0.68, 0.8, 0.95])
def test_a_little_more_patience_or_less_revenue_is_too_much_with_small_labs_too(
    theta: float,
) -> None:
    sizes = [1.0, 1.0, 1e-3]
    for share in (0.3, 0.9):  # b*; at one R would be 1 / (1 - theta)
        ratio = 1 + share * theta / (1 - theta)
        rho = share**theta * form("R25", "patience", theta=theta, Lambda=2)
        assert equilibria(sizes, theta, ratio, 0.995 * rho, 2000) == 3


@pytest.mark.slow
@pytest.mark.parametrize("theta", [0.68, 0.75, 0.85, 0.95])
def test_two_equal_labs_part_at_the_pitchfork_and_nowhere_before(theta: float) -> None:
    for share in (0.1, 0.5, 0.9):
        ratio = 1 + share * theta / (1 - theta)
        rho = form("R21", "patience", N=2, theta=theta, R=ratio, **{"lambda": 1})
        flat_out = theta * ratio - 2  # more patient labs than that all build flat out
        for side, count in ((1.02, 1), (1.5, 1), (0.98, 3), (0.85, 3), (0.6, 3)):
            if side > 1 or rho * side > flat_out:
                assert equilibria([1.0, 1.0], theta, ratio, rho * side, 3000) == count


def test_some_labs_flat_out_and_the_others_alike_between_two_discount_rates() -> None:
    rng = np.random.default_rng(3)
    for _ in range(40):
        labs = int(rng.integers(2, 5))
        builders = int(rng.integers(1, labs))
        theta = float(rng.uniform(0.7, 0.97))
        x = float(rng.uniform(0.001, 0.5))
        ratio = (1 - x) / (1 - x ** (1 - theta))
        assert ratio - 1 + x == pytest.approx(ratio * x ** (1 - theta), rel=1e-9)
        top = form("R21", "split", N=labs, theta=theta, x=x, m=builders, **{"lambda": 1})
        low = theta * ratio - labs

        def alike(
            rho: float,
            builders: int = builders,
            labs: int = labs,
            theta: float = theta,
            ratio: float = ratio,
        ) -> bool:
            """Whether such an equilibrium is there, by the reply to a guess of the share."""

            def miss(b: float) -> float:
                rate = rho + builders + (labs - builders - 1) * b**theta
                return theta * (ratio - 1) - (1 - theta) * b - rate * b ** (1 - theta)

            grid = np.geomspace(1e-9, 1 - 1e-9, 400)
            signs = np.sign([miss(b) for b in grid])
            places = np.flatnonzero(signs[1:] != signs[:-1])
            roots = np.array([brentq(miss, grid[k], grid[k + 1], xtol=1e-14) for k in places])
            rates = rho + (builders - 1) + (labs - builders) * roots**theta
            return bool((theta * (ratio - 1) - (1 - theta) >= rates).any())

        for rho, there in ((top * 1.02, False), (top * 0.98, True), (low * 0.98, False)):
            if rho > 0 and (not there or rho > low):
                assert alike(rho) == there, (labs, builders, theta, x, rho)


# R5: with three labs or more, laggards may act on how far others are behind.


def test_three_labs_have_a_family_of_equilibria_in_which_the_lag_of_another_matters() -> None:
    """The last of three builds one share for ever; the second answers the third's lag k.

    After any success the leader is one ahead of the second, and k >= 2 ahead of the third. If the
    second succeeds, k rises by one; if the third does, it leads and k is 2. The shares converge in
    k, so that lags up to 40 are as good as all. Leaders sell: a lead of two is worth no more.
    """
    offset, theta, ahead, rho, lags = 0.002, 0.95, 1.3, 0.02, 40

    def hazard(b: np.ndarray) -> np.ndarray:
        return (b + offset) ** theta - offset**theta

    def reply(gain: np.ndarray) -> np.ndarray:
        return np.clip((theta * np.maximum(gain, 0.0)) ** (1 / (1 - theta)) - offset, 0, 1)

    def stage(gain: np.ndarray) -> np.ndarray:
        share = reply(gain)
        return 1 - share + hazard(share) * gain

    def solve(last: float) -> tuple[np.ndarray, float]:
        """The second's shares by lag, and how far the Bellman equations are from holding."""
        gain = (last + offset) ** (1 - theta) / theta  # at which `last` is the best reply
        third = float(stage(np.array(gain))) / rho
        pace = float(hazard(np.array(last)))

        def parts(values: np.ndarray) -> tuple[np.ndarray, ...]:
            second, leader = values[:lags], np.r_[third + gain, values[lags:]]
            following = np.r_[leader[1:], leader[-1]] - second
            return second, leader, following, np.r_[second[1:], second[-1]]

        def bellman(values: np.ndarray) -> np.ndarray:
            second, leader, following, chased = parts(values)
            speed = hazard(reply(following))
            of_second = stage(following) + pace * (third - second) - rho * second
            of_leader = ahead + speed * (chased - leader) + pace * (second[0] - leader)
            return np.r_[of_second, of_leader - rho * leader]

        start = np.r_[np.full(lags, third), np.full(lags - 1, third + gain)]
        found = least_squares(bellman, start, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        return reply(parts(found.x)[2]), float(np.abs(bellman(found.x)).max())

    ladder = 0.1308880376  # all laggards alike: the ladder equilibrium of R5
    alike, residual = solve(ladder)
    assert residual < 1e-11
    assert alike == pytest.approx(ladder, abs=1e-6)
    for last, expected in ((0.12, [0.1459, 0.1404]), (0.0952, [0.1832, 0.1621, 0.1664, 0.1655])):
        shares, residual = solve(last)
        assert residual < 1e-11
        assert shares[: len(expected)] == pytest.approx(expected, abs=6e-5)
        assert (shares > last + 0.02).all()  # the second builds more than the third
    near, _ = solve(ladder - 1e-5)
    steps = np.diff(near)[:3]
    b, h = ladder + offset, float(hazard(np.array(ladder)))
    steep, rate = theta / (1 - theta) * b**theta / h, (rho + 2 * h) / h
    roots = np.roots([1.0, -steep * (rate - 1), -(rate**2)])
    assert steps[1:] / steps[:-1] == pytest.approx(min(roots, key=abs), rel=1e-3)


# R9: with unequal compute and a linear hazard, who races is a matter of coordination.


def test_who_races_with_a_linear_hazard_is_a_coordination_game() -> None:
    compute, lead = [1.0, 0.5, 0.5], 3.3
    rates = {"rho": 0.1, "lambda": 1.0, "f": 1.0, "r_1": lead}
    market = lb.RevenueLadder([1.0, lead])
    labs = [lb.Lab(name, k) for name, k in zip("ABC", compute, strict=True)]
    race = lb.Race(labs, market, lb.Technology(1.0, 1.0, leapfrog=1), discount=0.1, rungs=2)
    game = race.markov()
    several = []
    ahead = game.states == 0
    leads = ahead & (ahead.sum(axis=1) == 1)[:, None]
    for racers in product((0, 1), repeat=3):
        racing = np.array(racers)[:, None] * ~leads.T
        plays = regret(game, racing.astype(float)).max() < 1e-9
        total = sum(k for k, r in zip(compute, racers, strict=True) if r)
        inside = [
            k / total >= form("R9", "share", K=total, **rates)
            for k, r in zip(compute, racers, strict=True)
            if r
        ]
        outside = [
            k / (total + k) <= form("R9", "share", K=total + k, **rates)
            for k, r in zip(compute, racers, strict=True)
            if not r
        ]
        assert plays == (all(inside) and all(outside)), racers
        assert not plays or sum(racers) <= lead
        several.append(racers) if plays else None
    assert several == [(1, 0, 1), (1, 1, 0)]


def test_a_leader_that_goes_on_makes_laggards_chase_below_the_threshold() -> None:
    market, technology = lb.RevenueLadder([1.0, 2.0, 8.0]), lb.Technology(1.0, 1.0, leapfrog=1)
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], market, technology, discount=0.1, rungs=3)
    game = race.markov()
    lead = game.states.max(axis=1)
    own = game.states.T == 0
    chase = np.where(own & (lead > 1), 0.0, 1.0)  # all build but for a leader by two or more
    assert regret(game, chase).max() < 1e-9
    assert form("R9", "threshold", N=2, rho=0.1, **{"lambda": 1.0}) > 2.0


# R2: who is active, and a contest with idle compute, caps and less than full decisiveness.


def contest(labs: list[dict[str, float]], prize: float, decisiveness: float) -> np.ndarray:
    contenders = tuple(
        lb.Contender(
            str(k),
            lab["compute"],
            price=lab["price"],
            head_start=lab["start"],
            demand=lab["compute"] - lab["idle"],
        )
        for k, lab in enumerate(labs)
    )
    solution = lb.solve(lb.Contest(contenders, prize=prize, decisiveness=decisiveness))
    (found,) = solution.equilibria
    return np.array([found.strategies[str(k)].sum() for k in range(len(labs))])


def test_the_active_labs_are_all_up_to_the_last_whose_cost_is_low_enough() -> None:
    rng = np.random.default_rng(5)
    for _ in range(25):
        costs = np.sort(rng.uniform(0.3, 3.0, int(rng.integers(2, 8))))
        sold_out = [{"compute": 50.0, "idle": 0.0, "price": c, "start": 1.0} for c in costs]
        active = contest(sold_out, 1.0, 1.0) > 1e-12
        low = [c * m < costs[: m + 1].sum() for m, c in enumerate(costs)]
        assert active.tolist() == low  # low is true up to a lab, and for none after
        assert low == sorted(low, reverse=True)


def test_shares_fall_in_the_aggregate_with_idle_compute_caps_and_any_decisiveness() -> None:
    rng = np.random.default_rng(6)

    def share(lab: dict[str, float], total: float, r: float) -> float:
        """The share of the aggregate at which no little more or less is better, by bisection."""
        most = lab["start"] * lab["compute"] ** r / total
        free = lab["start"] * lab["idle"] ** r / total

        def gain(s: float) -> float:
            built = (s * total / lab["start"]) ** (1 / r)
            return (1 - s) - (lab["price"] * built / (r * s) if s > free else 0.0)

        low, high = 1e-300, min(most, 1.0)
        if gain(high) >= 0:
            return high
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if gain(middle) > 0 else (low, middle)
        return low

    for _ in range(15):
        r = float(rng.uniform(0.3, 0.95))
        labs = [
            {
                "compute": float(rng.uniform(0.05, 1.0)),
                "price": float(rng.uniform(0.3, 2.0)),
                "start": float(rng.uniform(0.5, 2.0)),
                "idle": 0.0,
            }
            for _ in range(int(rng.integers(2, 5)))
        ]
        for lab in labs[: int(rng.integers(0, 3))]:
            lab["idle"] = lab["compute"] * float(rng.uniform(0.1, 0.6))
        starts, sizes = (np.array([lab[name] for lab in labs]) for name in ("start", "compute"))
        top = float((starts * sizes**r).sum())
        grid = np.geomspace(1e-3 * top, 2 * top, 30)
        shares = np.array([[share(lab, total, r) for lab in labs] for total in grid])
        falls = np.diff(shares, axis=0)
        assert (falls <= 1e-12).all()
        assert (falls[(shares[:-1] < 1 - 1e-9)] < 0).all()  # and strictly, below one

        def excess(total: float, labs: list[dict[str, float]] = labs, r: float = r) -> float:
            return sum(share(lab, total, r) for lab in labs) - 1

        total = brentq(excess, 1e-6 * top, 2 * top, xtol=1e-15, rtol=1e-14)
        built = [(share(lab, total, r) * total / lab["start"]) ** (1 / r) for lab in labs]
        assert contest(labs, 1.0, r) == pytest.approx(built, rel=1e-5, abs=1e-7)


# R8: a run wins again less often, and leads by less, whatever the cap.


def spells(revenue: list[float], labs: int) -> tuple[np.ndarray, Statistics]:
    solution = lb.solve(ladder_race(revenue, labs, rho=0.1, lam=1.0), lb.Method(certify=False))
    build = solution.equilibria[0].build[0, by_lead(solution.markov)]
    return np.sqrt(build), lb.verdict(solution, check_cap=False).statistics


def test_a_run_is_below_the_neutral_values_under_every_cap() -> None:
    rng = np.random.default_rng(8)
    for cap in (1, 2, 3, 5, 8):
        for labs in (2, 3) if cap < 6 else (2,):
            growth = np.sort(rng.exponential(0.3, cap))[::-1]
            pace, facts = spells(np.exp(np.cumsum([0.0, *growth])).tolist(), labs)
            assert (pace[1:] <= pace[0] + 1e-12).all()  # log-concave: a run
            assert facts.repeat_win < 1 / labs
            assert facts.mean_lead < labs / (labs - 1)
            law = np.cumprod(pace[1:-1] / (pace[1:-1] + (labs - 1) * pace[0]))
            assert (law <= float(labs) ** -np.arange(1, cap) + 1e-12).all()
            assert facts.mean_lead == pytest.approx(1 + law.sum())


def test_a_race_under_a_low_cap_wins_again_less_often_than_its_share() -> None:
    pace, facts = spells([1.0, 1.02, 2.5], 2)
    assert pace[1] > pace[0]  # leads grow up to the cap
    assert facts.mean_lead > 2 * (1 - 2.0**-2)  # more than neutral with the same cap
    assert facts.repeat_win < 1 / 2  # at the cap the leader sells


# R11: with a flywheel bounded revenue does not make the leader stop.


def test_a_flywheel_may_leave_no_best_place_to_stop_though_revenue_is_bounded() -> None:
    def target(rung: int, growth: float, turn: float) -> float:
        at = {"N": 2, "Phi": turn, "first": 0, "lambda": 1, "rho": 0.1, "G": rung}
        expression = theory.derive("R11").closed["value"]
        names = {
            s: at.get(s.name, np.exp(growth * (1 - 1 / rung))) for s in expression.free_symbols
        }
        return float(expression.subs(names).doit())

    rungs = (1, 2, 4, 8, 16, 32)
    worth = [target(rung, 5.0, 3.0) for rung in rungs]
    assert (np.diff(worth) > 0).all()  # ln r below 5, and every later stop is better
    assert max([target(rung, 5.0, 1.0) for rung in rungs[:5]]) > target(32, 5.0, 1.0)


# R14: which root is an equilibrium.


@pytest.mark.parametrize(("drift", "finite"), [(-0.3, 1), (0.09, 1), (0.11, 2)])
def test_the_larger_root_is_ruled_out_as_long_as_leads_do_not_outgrow_discounting(
    drift: float, finite: int
) -> None:
    a, m, gamma, rho = 0.7, 0.1, 1.5, 0.2
    linear = 4 * a * m - 2 * gamma * drift + gamma * rho
    roots = np.roots([3 * a**2, -linear, m**2])
    assert np.isreal(roots).all()
    speed = 2 * a * (a * roots - m) / gamma + drift
    assert (2 * speed < rho).sum() == finite


# R16: step by step, patient equal labs have asymmetric equilibria on one rung.


@pytest.mark.parametrize("ratio", [1.1, 1.3, 1.55])
def test_patient_equal_labs_part_on_one_rung_step_by_step(ratio: float) -> None:
    turn = float(max(np.roots([3, 16, 29, 18, -2]).real))
    edge = turn * np.sqrt((ratio - 1) / (1 + 2 * turn))
    rng = np.random.default_rng(16)

    def asymmetric(rho: float) -> list[np.ndarray]:
        """Shares at a tie and behind that the package's regret finds no fault with."""

        def behind(x: np.ndarray) -> np.ndarray:
            own = rho + x[::-1]
            return np.sqrt(own**2 + x**2) - own

        def miss(x: np.ndarray) -> np.ndarray:
            y = behind(x)
            return x**2 + 2 * rho * x + 2 * x * y[::-1] - 2 * x[::-1] * y - (ratio - 1)

        game = ladder_race([1.0, ratio], 2, rho=rho, lam=1.0, leapfrog=0.0).markov()
        tied, chasing = game.states.max(axis=1) == 0, game.states.T > 0
        found = []
        for start in rng.uniform(0.01, 1.0, (60, 2)):
            x = least_squares(miss, start, bounds=(0, 1), xtol=1e-15, ftol=1e-15, gtol=1e-15).x
            if np.abs(miss(x)).max() < 1e-10 and abs(x[0] - x[1]) > 1e-3:
                build = np.where(tied, x[:, None] ** 2, chasing * behind(x)[:, None] ** 2)
                assert regret(game, build).max() < 1e-9
                found.append(x)
        return found

    assert asymmetric(0.8 * edge)
    assert not asymmetric(1.2 * edge)
