"""What charges and subsidies do (R30), on random ladders and beside the general solver."""

from functools import partial

import numpy as np
import pytest

from leaderbored.games.markov import Array
from leaderbored.theory.ladder import climb, settle
from leaderbored.theory.r21_flat_topped import R, count
from leaderbored.theory.r30_policy import charged
from leaderbored.theory.races import by_lead, ladder_race, laggards_and_leader, values
from leaderbored.theory.symbols import N, lam, rho, theta

LADDERS, RUNGS = 300, 60


def shares(revenue: Array, rate: Array, charge: float, returns: float) -> Array:
    build, _ = climb(revenue, rate, 1.0, returns, partial(charged, charge=charge))
    return build


@pytest.mark.parametrize("charge", [-0.6, -0.2, 0.1, 1.0])
def test_a_charge_makes_neutral_leads_a_race_and_a_subsidy_a_run(charge: float) -> None:
    rng = np.random.default_rng(3)
    growth = rng.uniform(1.05, 1.3, (LADDERS, 1))
    ladder = growth ** np.arange(RUNGS + 1)
    rate = rng.uniform(0.9, 2.0, LADDERS)
    for returns in (0.35, 0.5, 0.65):
        first = shares(ladder, rate, charge, returns)[:, :4]  # where the cap is not felt
        turned = np.sign(charge) * np.diff(first)
        assert turned.min() > 1e-8 and turned.max() > 1e-4


def test_leads_limit_themselves_if_revenue_and_charge_are_log_concave() -> None:
    rng = np.random.default_rng(4)
    steps = np.sort(rng.exponential(0.3, (LADDERS, 7)), axis=1)[:, ::-1]
    total = np.exp(np.cumsum(np.pad(steps, ((0, 0), (1, 0))), axis=1))
    rate = rng.uniform(0.3, 2.0, LADDERS)
    for charge in (-0.5, 0.5):
        found = shares(total - charge, rate, charge, 0.5)
        assert (np.diff(found) < 1e-10).all()
        assert (found[:, 0] <= shares(total - charge, rate, min(charge, 0.0), 0.5)[:, 0]).all()


@pytest.mark.parametrize("leader", [1.5, 1.9])
def test_chasers_are_worth_what_the_second_best_model_earns_whatever_leaders_earn(
    leader: float,
) -> None:
    off = []
    for returns in (0.9, 0.98):  # labs that play alike: near one there are equilibria in which
        share, _, _ = settle(
            np.array([1.0, leader, leader]), 2, 0.2, 1.0, returns
        )  # one only builds
        game = ladder_race([1.0, leader], 2, rho=0.2, lam=1.0, theta=returns).markov()
        value = values(game, laggards_and_leader(game, share[0], share[1:2].tolist()))
        behind, ahead = value[0, by_lead(game, 1)[1]], value[0, by_lead(game)[1]]
        off.append(max(abs(behind - 5), abs(ahead - 6)))
    assert off[1] < 0.3 * off[0] < 0.3  # f / rho and f / lambda more, in the limit


def test_equilibria_with_next_to_nothing_built_are_counted() -> None:
    at = {theta: 0.8947779731365362, lam: 0.92379, rho: 6.008097, R: 3.84164, N: 2}
    assert count(at, 1.0, 1.0) == 1
