"""Where theorems end: each statement on its whole domain, and what is true just outside it."""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import brentq, least_squares

import leaderbored as lb
from leaderbored import theory
from leaderbored.solvers.markov.certificate import regret


def form(id: str, name: str, **numbers: float) -> float:
    """A closed form by the names of its symbols."""
    expression = theory.derive(id).closed[name]
    return float(expression.subs({s: numbers[s.name] for s in expression.free_symbols}))


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
        return brentq(lambda b: left(b, theta, ratio) - z, low, high, xtol=1e-300, rtol=1e-14)

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
def test_two_equal_labs_part_at_the_pitchfork_and_nowhere_before(theta: float) -> None:
    for share in (0.1, 0.5, 0.9):
        ratio = 1 + share * theta / (1 - theta)
        rho = form("R21", "patience", N=2, theta=theta, R=ratio, **{"lambda": 1})
        flat_out = theta * ratio - 2  # more patient labs than that all build flat out
        for side, count in ((1.02, 1), (1.5, 1), (0.98, 3)):
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

        def alike(rho: float, builders: int = builders, labs: int = labs, theta: float = theta,
                  ratio: float = ratio) -> bool:  # fmt: skip
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
        inside = [k / total >= form("R9", "share", K=total, **rates)
                  for k, r in zip(compute, racers, strict=True) if r]  # fmt: skip
        outside = [k / (total + k) <= form("R9", "share", K=total + k, **rates)
                   for k, r in zip(compute, racers, strict=True) if not r]  # fmt: skip
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
