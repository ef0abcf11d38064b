"""Proofs: they hold at equilibria, say how near, and fail anywhere else, with the reason."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import races, relaxed

import leaderbored as lb
from leaderbored.games.continuous import Player
from leaderbored.games.formats.gamefile import load
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.solvers import Equilibrium
from leaderbored.views.static import proofs

TWO = (lb.Lab("A", 1), lb.Lab("B", 1))


def starter(**changes: object) -> lb.Race:
    return replace(load(starter_file("race")), **changes)


@pytest.mark.parametrize("rungs", [20, 40])
def test_two_labs_and_many_rungs_are_proved(rungs: int) -> None:
    proof = lb.solve(starter(rungs=rungs)).equilibria[0].proof
    assert proof is not None
    assert proof.holds
    assert 0 < proof.radius < 1e-12 < proof.unique
    assert not proof.reason


def test_a_proof_knows_the_closed_form() -> None:
    """Nothing to gain: selling for ever is worth 1 / rho, here 1 / .3, within the radius."""
    race = lb.Race(TWO, lb.RevenueLadder([1.0]), lb.Technology(2), 0.3, 4)
    equilibrium = lb.solve(race).equilibria[0]
    assert equilibrium.proof is not None
    assert equilibrium.proof.holds
    error = np.abs(equilibrium.value / (1 / 0.3) - 1).max()
    assert error <= equilibrium.proof.radius + 4e-16


@settings(relaxed, max_examples=60)
@given(races(linear=False))
def test_a_proof_or_a_reason(race: lb.Race) -> None:
    equilibrium = lb.solve(race).equilibria[0]
    proof = lb.certify(equilibrium)
    assert proof.holds != bool(proof.reason)
    if proof.holds:
        assert proof.radius < 1e-6
        assert equilibrium.regret < 1e-6


def test_most_random_races_are_proved() -> None:
    random, proved = np.random.default_rng(3), 0
    for _ in range(20):
        race = lb.Race(
            (lb.Lab("A", 1), lb.Lab("B", random.uniform(0.5, 2))),
            lb.ScarceMarket(random.uniform(0.3, 1), random.uniform(0, 2)),
            lb.Technology(random.uniform(0.3, 4), random.uniform(0.3, 0.8)),
            random.uniform(0.05, 0.5),
            8,
        )
        proof = lb.solve(race).equilibria[0].proof
        proved += proof is not None and proof.holds
    assert proved >= 18


def test_the_radius_reports_how_far_the_numbers_are_off() -> None:
    equilibrium = lb.solve(starter()).equilibria[0]
    off = replace(equilibrium, value=equilibrium.value * (1 + 1e-8))
    proof = lb.certify(off)
    assert proof.holds
    assert 0.9e-8 < proof.radius < 2e-8


@pytest.mark.parametrize("size", [1e-4, 1e-2, 0.3])
def test_perturbed_values_or_shares_are_refused(size: float) -> None:
    equilibrium = lb.solve(starter()).equilibria[0]
    random = np.random.default_rng(1)
    shake = size * random.uniform(0.5, 1, equilibrium.value.shape)
    value = equilibrium.value * (1 + shake)
    build = np.where(equilibrium.build > 0.5, equilibrium.build - shake, equilibrium.build + shake)
    for wrong in (replace(equilibrium, value=value), replace(equilibrium, build=build)):
        proof = lb.certify(wrong)
        assert not proof.holds
        assert proof.radius is None
        assert "no equilibrium" in proof.reason


def test_the_values_of_a_policy_that_is_no_equilibrium_are_refused() -> None:
    """Values and shares that fit each other, but nobody replies best."""
    from leaderbored.solvers.markov.system import System

    equilibrium = lb.solve(starter()).equilibria[0]
    build = np.full_like(equilibrium.build, 0.5)
    value = System(equilibrium.game).evaluate(build)
    assert not lb.certify(replace(equilibrium, value=value, build=build)).holds


@pytest.mark.slow
def test_at_a_fold_the_proof_is_refused_with_the_reason() -> None:
    found = lb.trace(starter(rungs=12), "technology.productivity", 2.9, 3.6)
    smooth = max(found.folds, key=lambda fold: fold.parameter)
    proof = lb.certify(smooth.equilibrium)
    assert not proof.holds
    assert "fold" in proof.reason


def test_a_kink_is_proved_from_both_sides_and_counted() -> None:
    """At the productivity where labs would just begin to build all they can at the tie."""
    from scipy.optimize import brentq

    labs = [lb.Lab("A", 1, build=(0, 0.05)), lb.Lab("B", 1, build=(0, 0.05))]

    def solved(productivity: float) -> Equilibrium:
        race = lb.Race(labs, lb.RevenueLadder([1, 1.5]), lb.Technology(productivity), 0.3, 2)
        return lb.solve(race).equilibria[0]

    def excess(productivity: float) -> float:
        value = solved(productivity).value
        return (0.5 * productivity * (value[0, 3] - value[0, 0])) ** 2 - 0.05  # 3: B is behind

    corner = brentq(excess, 0.1, 10, xtol=1e-14)
    equilibrium = solved(corner)
    proof = lb.certify(equilibrium)
    assert proof.holds
    assert proof.kinks == 2  # one for each lab
    sides = [solved(corner * (1 + e)).radius for e in (-1e-6, 1e-6)]
    assert abs(sides[0] - sides[1]) > 0.01
    assert equilibrium.radius == pytest.approx(max(sides), rel=1e-3)


def still(returns: float) -> lb.Race:
    """Both labs earn most at a tie and ahead, where they are sold out: nobody builds at the tie."""
    return lb.Race(TWO, lb.ScarceMarket(1.2), lb.Technology(3, returns), 0.5, 1)


@pytest.mark.parametrize("returns", [0.4, 0.5, 0.7])
def test_a_race_that_stands_still_is_proved_and_the_one_next_to_it_is_another(
    returns: float,
) -> None:
    """Below a half a second one is near, in which hardly anything is built at the tie."""
    found = lb.solve(still(returns), all=True).equilibria
    assert len(found) == (2 if returns < 0.5 else 1)
    one = max(found, key=lambda each: each.value.max())
    assert one.proof is not None
    assert one.proof.holds
    assert one.proof.unique is not None
    assert one.value.max() == pytest.approx(1 / 0.5)  # the revenue, for ever
    for other in found:
        apart = np.abs(other.value - one.value).max() / one.value.max()
        assert other is one or apart > one.proof.unique
    moved = replace(one, value=one.value * (1 + 1e-5))
    assert not lb.certify(moved).holds


def test_indifference_is_proved_with_its_mixing() -> None:
    race = lb.Race(TWO, lb.RevenueLadder([1, 1.8]), lb.Technology(1, 1.0, leapfrog=1), 0.1, 1)
    for equilibrium in lb.solve(race, all=True).equilibria:
        assert equilibrium.proof is not None
        known = ("singular", "indifferent")  # shares at the tie are a continuum, ends included
        assert equilibrium.proof.holds or any(word in equilibrium.proof.reason for word in known)


@pytest.mark.slow
def test_large_games_are_proved_with_sparse_matrices() -> None:
    ladder = lb.RevenueLadder("1 + g / 20")
    race = lb.Race(TWO, ladder, lb.Technology(1, handicap=0.01), 0.5, 190)
    one = lb.solve(race).equilibria[0]
    assert one.value.size > 700
    proof = lb.certify(one)
    assert proof.holds, proof.reason
    assert (proof.radius or 1.0) < 1e-12
    assert not lb.certify(replace(one, value=one.value * (1 + 1e-4))).holds


def test_a_game_that_is_too_large_is_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    game = lb.Race([lb.Lab(n, 1) for n in "AB"], lb.ScarceMarket(0.8), lb.Technology(1), 0.5, 4)
    monkeypatch.setattr("leaderbored.solvers.markov.proof.MAX_UNKNOWNS", 17)
    proof = lb.certify(lb.solve(game).equilibria[0])
    assert not proof.holds
    assert "too many" in proof.reason


def test_no_page_says_of_a_list_that_is_whole_that_nothing_is_proved() -> None:
    """Shares of 22 firms, alike but for two, are counted; the list is proved all the same."""
    firms = [
        Player("A", {"q": [0, 3]}, "(6 - sum(q)) * q - q**2 / 4", count=20),
        Player("B", {"q": [0, 3]}, "(6 - sum(q)) * q"),
    ]
    solution = lb.solve(lb.Continuous(firms))
    assert solution.complete == "proved"
    assert not solution.equilibria[0].proof.holds
    assert proofs(solution) == ""
    idle = lb.solve(
        lb.NormalForm([[[1, 1], [1, 1]], [[1, 0], [1, 0]]])
    )  # the first may do anything
    assert not any(part.isolated for part in idle.components)
    assert proofs(idle) == ""


def test_what_is_degenerate_is_named() -> None:
    """A firm without customers may ask any price: first-order conditions hold, and no more."""
    price = "(p - 0.1) * max(0, 2 - p + others(p) / 2)"
    firms = [Player(name, {"p": [0, 4]}, price) for name in "AB"]
    solution = lb.solve(lb.Continuous(firms))
    assert [one.index for one in solution.equilibria] == [1]
    assert solution.equilibria[0].proof.holds
    assert "a point that meets only the first-order conditions is degenerate" in (
        solution.census.message
    )


@pytest.mark.parametrize("returns", [0.3, 0.5, 0.8])
def test_who_has_nothing_to_win_builds_the_least(returns: float) -> None:
    """A earns 1 a year everywhere, and replies to a gain of zero may be infinitely steep."""
    labs = [lb.Lab("A", 1.0), lb.Lab("B", 2.0), lb.Lab("C", 1.0)]
    technology = lb.Technology(2.0, returns, drafting=0.1)
    race = lb.Race(labs, lb.RevenueLadder([1.0]), technology, discount=0.1, rungs=1)
    (found,) = lb.solve(race).equilibria
    assert found.proof.holds and found.proof.radius < 1e-14
    assert found.value[0].tolist() == pytest.approx([10.0] * found.value.shape[1])
    moved = replace(found, build=np.where(found.game.movable, 1e-3, found.build))
    assert not lb.certify(moved).holds
    spilling = replace(
        race,
        labs=tuple(labs[:2]),
        market=lb.ScarceMarket(4.0),
        mechanisms={"spillover": {"share": 0.5}},
    )
    assert lb.solve(spilling).equilibria[0].proof.holds
