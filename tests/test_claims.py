"""Sentences claim no more than the numbers they are made of."""

import numpy as np

import leaderbored as lb
from leaderbored.evidence.forecast import Forecast
from leaderbored.verdicts.money import ByMoney

LABS = [lb.Lab("A", 1), lb.Lab("B", 1)]


def single(**more) -> lb.Race:
    """A race of one rung, of which there is no verdict."""
    return lb.Race(LABS, lb.ScarceMarket(0.8), lb.Technology(1), 0.2, 1, **more)


def test_a_forecast_that_is_not_certain_does_not_say_so():
    chances = np.array([[0.996, 0.004]])
    found = Forecast("x", ("A", "B"), (0, 2), "A", np.array([3.0]), chances, None)
    assert "A leads with probability over 99%" in found.headline
    found = Forecast("x", ("A", "B"), (0, 2), "A", np.array([3.0]), np.array([[1.0, 0.0]]), None)
    assert "A leads with probability 100%" in found.headline


def test_no_verdict_is_not_something_that_a_race_is():
    race = single(mechanisms={"inputs": {"migration": 0.5}})
    assert "inputs leaves it without a verdict" in lb.effects(lb.solve(race))[0].sentence
    path = lb.scarcity_path(single(), [0, 1], [0.9, 0.2])
    assert path.sentence == "There is no verdict throughout."


def test_money_that_does_not_grow_grows_by_no_negative_zero():
    still = ByMoney(-1e-17, 1.0, {}).sentence
    assert still == ("Money does not grow in the long run; weighed by it the mean lead is 1 rung.")
    assert "grows under 0.1% a year" in ByMoney(1e-6, 0.5, {}).sentence
