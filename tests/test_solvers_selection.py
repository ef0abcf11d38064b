"""Which equilibrium a history, or doubt, selects; and how large the basins are."""

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.formats.gamefile import load
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.solvers import History

TWO = (lb.Lab("A", 1), lb.Lab("B", 1))
CHASE = lb.Race(TWO, lb.RevenueLadder([1, 1.8]), lb.Technology(1, 0.8, leapfrog=1), 0.1, 2)


def starter() -> lb.Race:
    race = load(starter_file("race"))
    assert isinstance(race, lb.Race)
    return race


def racing(race: lb.Race, lead: int) -> np.ndarray:
    """Both labs build flat out while nobody is further ahead than ``lead``."""
    return np.where(race.states().max(axis=1) <= lead, 1.0, race.markov().idle)


@pytest.mark.parametrize("adjustment", [1.0, 0.3])
@pytest.mark.parametrize(("lead", "value"), [(-1, 5.0878), (10, 2.5285)])
def test_history_decides(lead: int, value: float, adjustment: float) -> None:
    race = starter()
    solution = lb.solve(race, select=History(adjustment), start=racing(race, lead))
    assert solution.status.ok
    equilibrium = solution.equilibria[0]
    assert equilibrium.value[:, 0] == pytest.approx([value] * 2, abs=5e-5)
    assert equilibrium.stable


def test_history_never_selects_what_is_unstable() -> None:
    race = starter()
    middle = lb.solve(race, all=True).equilibria[1]
    nudged = np.clip(middle.build + 1e-3, 0, 1)
    solution = lb.solve(race, select="from history", start=nudged)
    assert abs(solution.equilibria[0].value[0, 0] - middle.value[0, 0]) > 0.1


def test_dynamics_that_cycle_say_so_and_adjusting_helps() -> None:
    solution = lb.solve(CHASE, select="from history", start=CHASE.markov().upper)
    assert solution.status.code == "not converged"
    assert "cycle" in solution.status.message
    assert "adjust" in solution.status.advice
    slower = lb.solve(CHASE, select=History(0.4), start=CHASE.markov().upper)
    assert slower.status.ok


@pytest.mark.slow
def test_risk_selects_the_limit_of_small_noise() -> None:
    """The selected equilibrium has noisy ones next to it, found apart by damped replies."""
    from leaderbored.solvers.markov.logit import noisy_reply
    from leaderbored.solvers.markov.system import System

    race = starter()
    chosen = lb.solve(race, select="risk").equilibria[0]
    assert chosen.value[:, 0] == pytest.approx([2.5285] * 2, abs=5e-5)
    system, build = System(race.markov()), race.markov().upper / 2
    for noise in np.geomspace(1e4, 1e-4, 200):  # noise falls slowly, replies follow
        for _ in range(20):
            reply = noisy_reply(system.game, system.gain(system.evaluate(build)), noise).build
            build = build + 0.3 * (reply - build)
    np.testing.assert_allclose(system.evaluate(build)[:, 0], chosen.value[:, 0], rtol=2e-3)


def test_risk_treats_equal_labs_equally() -> None:
    chosen = lb.solve(CHASE, select="risk").equilibria[0]
    assert chosen.value[0, 0] == pytest.approx(chosen.value[1, 0], rel=1e-9)


def test_a_noisy_reply_is_the_maximiser_of_payoff_plus_entropy() -> None:
    """Against a fine grid over the effort, gains of either sign."""
    from leaderbored.solvers.markov.logit import noisy_reply

    game = lb.Race(TWO, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2).markov()
    random = np.random.default_rng(4)
    gain = random.uniform(-1, 2, game.scale.shape)
    y = np.linspace(1e-9, 1 - 1e-9, 200_001)
    entropy = -(y * np.log(y) + (1 - y) * np.log(1 - y))
    for noise in (0.05, 1.0, 20.0):
        reply = noisy_reply(game, gain, noise).build
        for i, s in np.argwhere(game.movable):
            earned = game.price[i, s] * np.minimum(1 - y**2, game.demand[i, s])
            worth = earned + game.scale[i, s] * y * gain[i, s] + noise * entropy
            assert reply[i, s] == pytest.approx(y[worth.argmax()] ** 2, abs=2e-5)


def test_basins_add_up_and_leave_out_the_unstable() -> None:
    solution = lb.solve(starter(), all=True)
    found = lb.basin(solution, samples=40, seed=5)
    assert len(found) == 4
    assert sum(basin.share for basin in found) == pytest.approx(1)
    assert found[1].share == 0
    assert found[1].start is None
    assert found[0].share > found[2].share > 0
    assert all(basin.error > 0 for basin in found)
    assert found == lb.basin(solution, samples=40, seed=5)


def test_the_error_of_a_basin_is_what_other_seeds_show() -> None:
    solution = lb.solve(CHASE, all=True)
    runs = [lb.basin(solution, samples=25, seed=seed, adjustment=0.5) for seed in range(12)]
    spread = np.std([run[0].share for run in runs], ddof=1)
    claimed = np.mean([run[0].error for run in runs])
    assert 0.5 < spread / claimed < 1.7


def test_equal_labs_have_equal_basins_within_the_error() -> None:
    found = lb.basin(lb.solve(CHASE, all=True), samples=200, adjustment=0.5)
    assert abs(found[0].share - found[1].share) < 4 * (found[0].error + found[1].error)


def test_no_samples_no_basin() -> None:
    with pytest.raises(ValueError, match="samples"):
        lb.basin(lb.solve(CHASE), samples=0)
