"""Folds on a market that clears: against the equations of a short race written out, in digits."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from flint import arb, ctx

import leaderbored as lb
from leaderbored.games.places import vary
from leaderbored.solvers import Equilibrium
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.kernels.rows import OPENNESS, row_of
from leaderbored.solvers.markov.freed_sellers import FreedSellers
from leaderbored.solvers.markov.turning import TurnProof, certify_turn
from leaderbored.verdicts.correspondence.records import Waypoint

TWO = (lb.Lab("A", 1), lb.Lab("B", 1))
QUANTITY = lb.Race(
    TWO,
    lb.ClearingMarket(2.4, openness=0.25),
    lb.Technology(3, 0.93, flywheel=0.2, handicap=0.1, leapfrog=0.3),
    0.08,
    2,
)
TAKING = lb.Race(
    TWO,
    lb.ClearingMarket(2, openness=0.5, conduct="price-taking"),
    lb.Technology(3, 0.85, handicap=0.1),
    0.08,
    2,
)
LEADS = range(-2, 3)
Leads = dict[int, mpmath.mpf]


def missed(race: lb.Race, name: str, number: mpmath.mpf, value: Leads, build: Leads) -> list:
    """By how much values and shares of two equal labs that do alike miss the conditions."""
    tech, market = race.technology, race.market
    given = {"openness": market.openness, "scarcity": market.scarcity, name: number}
    openness, scarcity = mpmath.mpf(given["openness"]), mpmath.mpf(given["scarcity"])
    theta, leap = mpmath.mpf(tech.returns), mpmath.mpf(tech.leapfrog)
    tilt = 1 if market.conduct == "quantity" else 0

    def gain(k: int, lead: int) -> mpmath.mpf:
        """What a lab at a lead of k gains if the one whose lead is ``lead`` succeeds."""
        way = 1 if lead == k else -1
        on = value[k + way] - value[k]
        return (1 - leap) * on + leap * (value[way] - value[k]) if lead < 0 else on

    def wins(k: int) -> mpmath.mpf:
        rate = tech.flywheel if k > 0 else tech.handicap
        return tech.productivity * mpmath.exp(mpmath.mpf(rate) * k)

    found = []
    for k in LEADS:
        unserved = 2 * scarcity - (1 - build[k]) - (1 - build[-k])
        y = (1 - build[k]) / unserved
        worth = market.worth + market.switching * ((1 - openness) * abs(k) + min(k, 0))
        price = worth - mpmath.log(y)
        flow = price * (1 - build[k])
        if k < 2:
            flow += wins(k) * build[k] ** theta * gain(k, k)
            unit = theta * wins(k) * gain(k, k) * build[k] ** (theta - 1)
            found.append(price - tilt * (1 + y) - unit)
        if k > -2:
            rival = value[k - 1] - value[k]
            if k > 0:
                rival = (1 - leap) * rival + leap * (value[-1] - value[k])
            flow += wins(-k) * build[-k] ** theta * rival
        found.append(mpmath.mpf(race.discount) * value[k] - flow)
    return found


def turned(race: lb.Race, name: str, fold: Waypoint) -> mpmath.mpf:
    """The number at the turn: the vertex of a parabola through three points of the curve."""
    one = fold.equilibrium
    assert isinstance(one, Equilibrium)
    order = [4, 3, 0, 1, 2]  # states of leads -2, ..., 2
    value, build = one.value[0, order], one.build[0, order]
    start = [*value[:2], *value[3:], *build[:4], fold.parameter]
    step, numbers = mpmath.mpf("1e-8"), []
    for k in (-1, 0, 1):
        tie = mpmath.mpf(float(value[2])) + k * step

        def misses(*x: mpmath.mpf, tie: mpmath.mpf = tie) -> list:
            values = dict(zip(LEADS, (*x[:2], tie, *x[2:4]), strict=True))
            builds = dict(zip(LEADS, (*x[4:8], mpmath.mpf(0)), strict=True))
            return missed(race, name, x[8], values, builds)

        numbers.append(mpmath.findroot(misses, [float(each) for each in start])[8])
    low, middle, high = numbers
    slope, bend = (high - low) / 2, high - 2 * middle + low
    return middle - slope**2 / (2 * bend)


@pytest.mark.parametrize(
    ("race", "along", "span", "number"),
    [
        (QUANTITY, "market.openness", (0.4, 0.41), 0.4056073062682),
        (TAKING, "market.openness", (0.6, 0.61), 0.6009928982316),
        pytest.param(TAKING, "market.scarcity", (2.49, 2.5), 2.49849, marks=pytest.mark.slow),
    ],
)
def test_turns_are_where_the_equations_written_out_say(
    race: lb.Race, along: str, span: tuple[float, float], number: float
) -> None:
    if along == "market.scarcity":
        race = replace(race, market=replace(race.market, openness=0.7))
    (fold,) = lb.trace(race, along, *span).folds
    assert fold.parameter == pytest.approx(number, abs=1e-5)
    assert fold.turn is not None
    assert fold.turn.holds and fold.turn.radius is not None and fold.turn.radius < 1e-13
    with mpmath.workdps(40):
        apart = abs(turned(race, along.split(".")[1], fold) - fold.parameter)
    assert apart <= fold.turn.radius


@pytest.mark.slow
def test_nothing_turns_beside_a_fold_or_where_the_curve_goes_on() -> None:
    """A number a little off is farther from the turn, as is said; elsewhere nothing is proved."""
    at = vary(TAKING, "market.openness")
    ends = row_of(at(0.0)), row_of(at(1.0))

    def proved(number: float, one: Equilibrium) -> TurnProof:
        return certify_turn(at(number).markov(), ends, number, one.value, one.build)

    found = lb.trace(TAKING, "market.openness", 0.6, 0.605)
    (fold,) = found.folds
    assert isinstance(fold.equilibrium, Equilibrium)
    aside = proved(fold.parameter + 1e-9, fold.equilibrium)
    assert not aside.holds or 9e-10 < (aside.radius or 0) < 1.1e-9
    for branch in found.branches:
        middle = branch.points[len(branch.points) // 2]
        assert isinstance(middle.equilibrium, Equilibrium)
        assert not proved(middle.parameter, middle.equilibrium).holds


@pytest.mark.parametrize("conduct", ["quantity", "price-taking"])
def test_derivatives_by_places_are_those_of_all_conditions(conduct: str) -> None:
    """With unlike labs, bounds, drafting and leapfrog; idle compute at the least share."""
    labs = (lb.Lab("A", 1.1, 0.9, brand=1.2, build=(0.05, 0.5)), lb.Lab("B", 1))
    technology = lb.Technology(3, 0.8, handicap=0.1, drafting=0.1, leapfrog=0.3)
    race = lb.Race(labs, lb.ClearingMarket(0.8, conduct=conduct), technology, 0.2, 3)
    one = lb.solve(race).equilibria[0]
    with ctx.workprec(128):
        freed = FreedSellers(race.markov(), row_of(race), OPENNESS, one.value, one.build)
        x = [arb(number) for number in freed.start]
        assert max(float(abs(each).upper()) for each in freed.conditions(x)) < 1e-9
        matrix = freed.jacobian(x, 0)
        for c in range(freed.count):
            unit = [arb(int(k == c)) for k in range(freed.count)]
            for row, change in enumerate(freed.along(x, unit, 1)):
                entry = matrix.get((row, c), arb(0))
                assert abs(float((entry - change).mid())) < 1e-25 * (1 + abs(float(change.mid())))


@pytest.mark.slow
def test_the_number_between_folds_is_proved_where_asked_for() -> None:
    """On a market that clears, too."""
    race = replace(QUANTITY, rungs=1, technology=lb.Technology(1), discount=0.5)
    asked = lb.Method(search=lb.Search(transfer=Transfer(10_000)))
    (one,) = lb.trace(race, "market.openness", 0.2, 0.3, asked).counted
    assert (one.equilibria, one.complete) == (1, "proved")
    assert np.isclose(one.parameter, 0.25)
