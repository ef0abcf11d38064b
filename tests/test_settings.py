"""The numbers that decide an answer are printed with it, and change it."""

from __future__ import annotations

from typing import Any

import pytest

import leaderbored as lb
from leaderbored.solvers import Stability
from leaderbored.views.data import race_report, report
from leaderbored.views.data.correspondence import trace_report

LABS = [lb.Lab("A", 1), lb.Lab("B", 1)]
RACE = lb.Race(LABS, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=2)
CHASE = lb.Race(
    LABS, lb.RevenueLadder([1, 1.8]), lb.Technology(1, 0.8, leapfrog=1), discount=0.1, rungs=2
)


def test_what_decides_stability_is_in_the_method_and_in_the_solution() -> None:
    method = lb.Method(stability=Stability(starts=7))
    assert lb.solve(RACE, method).settings["stability.starts"] == "7"
    assert lb.explain(RACE).defaults["stability.rounds"] == "200"


@pytest.mark.parametrize(
    ("select", "name", "number"),
    [
        ("from history", "select.adjustment", "1.0"),
        ("risk", "select.drift", "0.001"),
        (lb.History(0.5, longest=9), "select.longest", "9"),
    ],
)
def test_the_numbers_of_a_rule_that_selects_are_in_the_solution(
    select: Any, name: str, number: str
) -> None:
    solution = lb.solve(RACE, select=select)
    assert solution.settings[name] == number
    assert race_report(solution)["settings"][name] == number


def test_a_cycle_longer_than_is_told_apart_is_not_called_one() -> None:
    def said(longest: int) -> str:
        return lb.solve(CHASE, select=lb.History(rounds=400, longest=longest)).status.message

    assert "cycle with period" in said(200)
    assert "have not settled" in said(1)


def test_a_basin_says_by_which_numbers_it_was_found() -> None:
    solution = lb.solve(RACE)
    found = lb.basin(solution, samples=3, seed=2, rounds=50)
    assert found[0].settings == {
        "samples": "3",
        "seed": "2",
        "adjustment": "1.0",
        "rounds": "50",
        "arrived": "0.0001",
    }
    assert lb.basin(solution, samples=3, rounds=1, arrived=0.0)[-1].share == 1


def test_a_correspondence_says_by_which_method_it_was_found() -> None:
    method = lb.Method(search=lb.Search(starts=1))
    found = lb.trace(RACE, "discount", 0.3, 0.5, method)
    assert found.settings["search.starts"] == "1"
    assert trace_report(found)["settings"] == found.settings


def test_every_basin_of_a_report_has_its_numbers() -> None:
    solution = lb.solve(RACE)
    data = report(solution, [lb.verdict(solution)], lb.basin(solution, 3))
    assert data["equilibria"][0]["basin"]["settings"]["samples"] == "3"
