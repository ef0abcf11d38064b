"""Where labs rent compute to each other, rents are a part of play, and move with it."""

from __future__ import annotations

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers.markov.compiled import income, system_of
from leaderbored.solvers.markov.rounds import Rounds

RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)],
    lb.ScarceMarket(0.9, premium=0.5),
    lb.Technology(1),
    discount=0.2,
    rungs=2,
    mechanisms={"lease": {"friction": 0.1}},
)
SOLUTION = lb.solve(RACE)
FOUND = SOLUTION.equilibria[0]
REST = np.vstack([FOUND.build, FOUND.rent])


def test_an_equilibrium_with_its_rents_is_where_dynamics_rest() -> None:
    motion = lb.dynamics(RACE, "best-response", REST)
    assert (motion.outcome, motion.since) == ("converges", 0)
    assert motion.rent == pytest.approx(np.tile(FOUND.rent, (len(motion.rent), 1)), abs=1e-9)
    assert lb.solve(RACE, select="from history", start=REST).equilibria[0].rounds == 1


@pytest.mark.parametrize("rule", ["best-response", "adjust", "level-k"])
def test_rules_that_move_all_at_once_find_it(rule: str) -> None:
    motion = lb.dynamics(RACE, rule, "A ahead by 1, busy", laps=150)
    assert motion.outcome == "converges" and motion.regret < 1e-6
    last = np.array([motion.play[name][-1] for name in "AB"])
    assert last == pytest.approx(FOUND.build, abs=1e-5)


@pytest.mark.parametrize("rule", ["sequential", "random"])
def test_labs_that_reply_one_by_one_leave_rents_open(rule: str) -> None:
    with pytest.raises(ValueError, match=f"rule: {rule}.*clears the replies of all labs at once"):
        lb.dynamics(RACE, rule)


def test_in_every_round_rents_clear_the_replies() -> None:
    rounds = Rounds(system_of(RACE))
    random = np.random.default_rng(1)
    play = rounds.first(random.uniform(size=FOUND.build.shape))
    for _ in range(3):
        play = rounds.reply(play, rounds.value(play))
        offered, wanted = rounds.stage.sides(rounds.shares(play), play[-1] + 1e-9)
        less, more = rounds.stage.sides(rounds.shares(play), play[-1] - 1e-9)
        assert (less.sum(axis=0) <= more.sum(axis=0) + 1e-6)[play[-1] > 1e-6].all()
        assert (offered.sum(axis=0) >= wanted.sum(axis=0) - 1e-6).all()


def test_history_and_basins_lead_to_the_equilibrium() -> None:
    chosen = lb.solve(RACE, select="from history")
    assert chosen.equilibria[0].build == pytest.approx(FOUND.build, abs=1e-9)
    assert chosen.equilibria[0].regret < 1e-9
    assert lb.basin(SOLUTION, samples=3)[0].share == 1


def test_noise_is_said_to_be_unknown() -> None:
    status = lb.solve(RACE, select="risk").status
    assert not status.ok and "market for compute" in status.message


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (np.zeros((4, 5)), "or with rents"),
        (np.vstack([FOUND.build, FOUND.rent - 9]), "rents below nothing"),
    ],
)
def test_a_start_that_is_none_is_refused(start: np.ndarray, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        lb.solve(RACE, start=start)


def test_what_labs_earn_counts_rents_and_only_friction_is_lost() -> None:
    """All rents paid are received, so what is lost against selling alone is the friction."""
    market, earned = lb.lease_market(SOLUTION), income(RACE, FOUND)
    rented = market.rented.sum(axis=(0, 1))
    game, sold = FOUND.game, (1 - FOUND.build) * FOUND.game.capacity
    out, into = market.rented.sum(axis=1), market.rented.sum(axis=0)
    served = np.minimum(sold - out + into, game.demand)
    revenue = (game.price * served).sum(axis=0) - 0.1 * rented
    assert earned.sum(axis=0) == pytest.approx(revenue, abs=1e-7)
    assert rented.max() > 0.01


def test_leads_are_followed_and_simulated_and_revenue_is_that_with_rents() -> None:
    boards = lb.leaderboards(SOLUTION, years=3, paths=20)
    assert boards.tables["revenue"] == pytest.approx(income(RACE, FOUND).T)
    assert lb.lead_path(SOLUTION, "A ahead by 1").half_life is not None
    assert lb.impulse(SOLUTION, "A", "tied").before["revenue"] == pytest.approx(
        income(RACE, FOUND)[0, 0]
    )


def test_so_dear_a_lease_that_nobody_rents_moves_as_the_plain_race() -> None:
    plain = lb.Race(RACE.labs, RACE.market, RACE.technology, RACE.discount, RACE.rungs)
    dear = lb.Race(
        RACE.labs, RACE.market, RACE.technology, 0.2, 2, mechanisms={"lease": {"friction": 9}}
    )
    one, other = (lb.dynamics(race, "sequential", laps=5) for race in (plain, dear))
    assert all(np.array_equal(one.play[name], other.play[name]) for name in "AB")
    assert [b.share for b in lb.basin(lb.solve(dear), 3)] == [
        b.share for b in lb.basin(lb.solve(plain), 3)
    ]
