"""Races over the whole documented box, mechanisms included: solution, statistics and page."""

import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from rich.console import Console
from strategies import anything, relaxed, whole_box

import leaderbored as lb
from benchmarks.soak import games
from benchmarks.soak.judge import JUDGES
from leaderbored.games.formats.gamefile import loads
from leaderbored.views.data import markov_report, static_report

LIMIT = 20.0


def page_of(result) -> str:
    page = io.StringIO()
    Console(file=page, width=100, highlight=False).print(result)
    return " ".join(page.getvalue().split())


def check(race: lb.Race) -> None:
    solution = lb.solve(race, limit=LIMIT)
    if not solution.equilibria:
        assert solution.status.advice
        return
    assert solution.equilibria[0].regret <= 1e-9
    verdict = lb.verdict(solution, check_cap=False)
    facts = verdict.statistics
    assert sum(facts.lead_distribution) == pytest.approx(1)
    assert sum(end.chance for end in verdict.ends) == pytest.approx(1)
    alone = 1 - facts.lead_distribution[0]
    assert sum(facts.time_in_lead.values()) == pytest.approx(alone, abs=1e-9)
    if verdict.kind == "standstill":
        assert not any(end.moves for end in verdict.ends)
    if facts.mean_lead is not None:
        leads = np.arange(race.rungs + 1)
        assert facts.mean_lead == pytest.approx(leads @ facts.lead_distribution)
        assert 0 <= facts.lead_changes_per_year <= facts.advances_per_year * (1 + 1e-9)
    told = page_of(verdict)
    assert " ".join(verdict.headline.split()) in told
    assert not re.search(r"\bnan\b|(?<![\d.])-0(\.0*)?(?![\d.])", told)


@pytest.mark.slow
@settings(relaxed, max_examples=25)
@given(whole_box())
def test_a_race_anywhere_is_solved_described_and_shown(race: lb.Race) -> None:
    check(race)


@pytest.mark.slow
@settings(relaxed, max_examples=70)
@given(whole_box(most=800))
def test_large_races_anywhere_are_solved_described_and_shown(race: lb.Race) -> None:
    check(race)


@settings(relaxed, max_examples=15)
@given(whole_box())
def test_motion_anywhere_says_what_it_does(race: lb.Race) -> None:
    motion = lb.dynamics(race, laps=12, limit=LIMIT)
    small = motion.regret <= 1e-3
    assert motion.outcome != "converges" or small or motion.since is None
    assert " ".join(motion.headline.split()) in page_of(motion)


@pytest.mark.parametrize("kind", ["normal-form", "contest", "continuous", "markov"])
def test_other_games_anywhere_withstand_deviations_on_a_grid(kind: str) -> None:
    @settings(relaxed, max_examples={"markov": 2, "continuous": 6}.get(kind, 25))
    @given(anything(kind))
    def holds(contents) -> None:
        game = loads(games.text(contents))
        solution = lb.solve(game, all=False, limit=LIMIT)
        report = markov_report if kind == "markov" else static_report
        answer = report(solution)
        if kind == "normal-form":  # one was asked for
            answer["status"]["code"] = "stopped"
        assert not list(JUDGES[kind](contents, answer))
        assert " ".join(answer["headline"].split()) in page_of(solution)

    holds()
