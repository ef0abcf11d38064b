"""Races that come to rest: where, how likely, and what is not said of them."""

import json
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from rich.console import Console

import leaderbored as lb
from leaderbored.figures.effects import effects_figure
from leaderbored.figures.race import race_figure
from leaderbored.games.formats.gamefile import load
from leaderbored.solvers.order import ordered
from leaderbored.verdicts import End, headline, shape
from leaderbored.verdicts.effects import Effects
from leaderbored.verdicts.later import after, halving
from leaderbored.verdicts.law import stationary
from leaderbored.views.data import report
from leaderbored.views.race import page

CASES = Path(__file__).parent / "cases" / "verdict"


def told(solution: lb.Solution, verdict: lb.Verdict) -> str:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(page(solution, solution.equilibria[0], verdict))
    return shown.get()


@pytest.mark.parametrize(
    ("case", "sentence", "lead"),
    [
        (
            "lead-of-two-stays",
            "from a tie the lead goes to 2 rungs, in 27 years on average, and stays there for ever",
            2,
        ),
        (
            "lead-of-one-stays",
            "from a tie the lead goes to 1 rung, in 184 years on average, and stays there for ever",
            1,
        ),
        (
            "nobody-builds",
            "at the tie nobody builds, and no lead ever opens. From a lead of 1 rung the same "
            "shares make a run: the lead changes hands 2.1 times a year",
            0,
        ),
    ],
)
def test_a_standstill_says_where(case: str, sentence: str, lead: int) -> None:
    solution = lb.solve(load(CASES / f"{case}.toml"))
    verdict = lb.verdict(solution)
    assert verdict.kind == "standstill"
    assert verdict.headline == f"It is a standstill: {sentence}."
    assert verdict.asymptote == (lead or None)
    assert verdict.statistics.lead_distribution[lead] == 1
    assert verdict.statistics.mean_lead is verdict.statistics.half_life is None
    out = report(solution, [verdict])
    assert out["equilibria"][0]["ends"][0]["chance"] == 1
    assert out["equilibria"][0]["unvisited"] == [
        g for g in range(1, solution.game.rungs) if g != lead
    ]
    json.dumps(out, allow_nan=False)
    text = told(solution, verdict)
    assert sentence in text
    assert "in brackets are off the path of play" in text
    assert "limits itself" not in text
    assert "nan" not in text


def test_rates_next_to_nothing_are_absorbed_and_break_nothing() -> None:
    solution = lb.solve(load(CASES / "next-to-nothing.toml"))
    verdict = lb.verdict(solution)
    assert sum(end.chance for end in verdict.ends) == pytest.approx(1)
    # At the tie L0 and L1 succeed at 4.366e-5 and 3.995e-5 a year, L2 at 4.9e-7; a lab that is a
    # rung behind does at 1e-15, so the first to lead is the one that leads for ever.
    chances = {end.leader: end.chance for end in verdict.ends}
    assert chances["L0"] == pytest.approx(4.366 / (4.366 + 3.995 + 0.049), abs=1e-3)
    assert verdict.ends[0].years == pytest.approx(1e5 / (4.366 + 3.995 + 0.049), rel=1e-3)
    assert "nan" not in told(solution, verdict)


def test_the_check_of_the_cap_ends_with_its_time() -> None:
    solution = lb.solve(load(CASES / "large-when-doubled.toml"))
    verdict = lb.verdict(solution, limit=lambda: True)
    assert verdict.cap_sensitive is None
    assert verdict.cap_note == "it takes too long"
    assert set(verdict.not_checked) == {"half_life", "autocorrelation", "cap"}
    assert "not checked with twice the rungs: it takes too long" in told(solution, verdict)
    title = " ".join(race_figure(solution, verdict).get_suptitle().split())
    assert "it takes too long: half-life, autocorrelation, twice the rungs." in title


def test_what_is_not_known_is_told_from_what_was_not_checked() -> None:
    """Out of time, never asked for, or of no meaning: pages and JSON say which."""
    race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6), lb.Technology(1), 0.5, 2)

    def of(solution: lb.Solution, **options: Any) -> tuple[str, dict[str, Any]]:
        verdict = lb.verdict(solution, **options)
        return told(solution, verdict), report(solution, [verdict])["equilibria"][0]

    page, data = of(lb.solve(race))
    assert (data["not_checked"], data["stability_note"]) == ([], "")
    assert data["proof"]["holds"]
    assert "not checked" not in page

    page, data = of(_late(race), limit=lambda: True)
    assert set(data["not_checked"]) == {
        "stability",
        "proof",
        "half_life",
        "autocorrelation",
        "cap",
    }
    assert data["proof"]["reason"] == "it takes too long"
    for words in (
        "stability under best response not checked: it takes too long",
        "proof not checked: it takes too long",
        "verdict not checked with twice the rungs: it takes too long",
    ):
        assert words in page

    page, data = of(lb.solve(race, lb.Method(certify=False)), check_cap=False)
    assert (data["not_checked"], data["stable"]) == ([], None)
    assert data["proof"]["reason"] == "it was not tried: it was not asked for"
    assert "stability under best response not known: it was not asked for" in page
    assert "verdict not compared with twice the rungs: it was not asked for" in page

    bent = {"hype": {"effectiveness": 0.6}, "fungibility": {"loss": 0.2}}
    hanging = replace(race, mechanisms=bent)
    page, data = of(lb.solve(hanging), check_cap=False)
    assert (data["not_checked"], data["stable"]) == ([], True)
    assert data["proof"]["radius"] is None
    assert data["proof"]["reason"].startswith("it was not tried: replies that bend")


def _late(race: lb.Race) -> lb.Solution:
    """A solution whose optional checks found no time."""
    with pytest.MonkeyPatch.context() as patch:
        home = sys.modules["leaderbored.solvers.markov.assess"]
        patch.setattr(home, "spared", lambda _, otherwise: otherwise)
        return lb.solve(race)


def test_effects_and_sweeps_know_a_standstill() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    race = lb.Race(
        labs,
        lb.RevenueLadder([1.0]),
        lb.Technology(1, leapfrog=1),
        0.1,
        2,
        mechanisms={"open_weights": {"imitation": 0.3}},
    )
    effect = lb.effects(lb.solve(race))[0]
    assert (effect.before, effect.changes_before) == ("standstill", None)
    assert "leaves it a standstill" in effect.sentence
    late = lb.effects(lb.solve(race), limit=lambda: True)[0]
    assert not late.checked
    assert "not checked" in late.sentence
    for found in ((effect,), (late,)):
        assert len(effects_figure(Effects(found)).axes) == 1
    plain = lb.Race(labs, lb.RevenueLadder([1.0]), lb.Technology(1), 0.1, 2)
    grid = lb.sweep(plain, {"discount": [0.1, 0.2]})
    assert grid.verdict.values.tolist() == ["standstill"] * 2
    assert np.isnan(grid.mean_lead.values).all()


@pytest.mark.parametrize(
    ("pace", "votes", "kind", "crossings"),
    [
        ([np.inf, np.nan, 0.0], None, "peloton", (2.0,)),
        ([0.0, np.nan, np.nan], None, "run", ()),
        ([2.0, 3.0, 0.5, 0.4], (1, 2), "race", ()),  # where it closes play does not get
        ([0.5, 2.0, 0.5], (), None, ()),
        ([2.0, np.nan, 0.5], (1, 2), "peloton", (1.0,)),  # closed by something else than labs
        ([], None, None, ()),
    ],
)
def test_shapes_are_read_off_the_leads_that_vote(
    pace: list[float],
    votes: tuple[int, ...] | None,
    kind: str | None,
    crossings: tuple[float, ...],
) -> None:
    found = shape(np.array(pace), votes)
    assert (found.kind, found.crossings) == (kind, crossings)


def test_several_equilibria_of_which_one_stands_still() -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.RevenueLadder([1, 1.8]),
        lb.Technology(1, 0.8, leapfrog=1),
        0.1,
        2,
    )
    moving = lb.verdict(lb.solve(race), check_cap=False)
    still = lb.verdict(lb.solve(load(CASES / "nobody-builds.toml")), check_cap=False)
    assert headline([moving, still]) == (
        "A run or a standstill, and only expectations decide: in one equilibrium the lead changes "
        "hands 0.5 times a year, in another play comes to a stop (at the tie nobody "
        "builds, and no lead ever opens)."
    )


def test_a_headline_holds_few_of_many_ways_in_which_play_ends() -> None:
    still = lb.verdict(lb.solve(load(CASES / "nobody-builds.toml")), check_cap=False)
    end = End(1.0, False, 1, 1, "A", kind="standstill", board=(0, 1))
    many = [replace(still, ends=(replace(end, years=float(k)),)) for k in range(2, 9)]
    first = "from a tie the lead goes to 1 rung, in 2.0 years on average, and stays there for ever"
    assert f"in 7 equilibria play comes to a stop ({first}; or in 6 other ways)" in headline(many)
    assert "3.0 years" in headline(many[:2])


def exact(rates: list[list[int]], scale: int) -> list[Fraction]:
    """Absorption or stationary law from state 0 of a chain with rates / scale, in fractions."""
    size = len(rates)
    total = [Fraction(sum(row), scale) for row in rates]
    matrix = [
        [Fraction(rates[j][i], scale) - (total[i] if i == j else 0) for j in range(size)]
        for i in range(size)
    ]
    matrix[0] = [Fraction(1)] * size
    right = [Fraction(1)] + [Fraction(0)] * (size - 1)
    for k in range(size):
        pivot = next(i for i in range(k, size) if matrix[i][k] != 0)
        matrix[k], matrix[pivot] = matrix[pivot], matrix[k]
        right[k], right[pivot] = right[pivot], right[k]
        for i in range(size):
            if i != k and matrix[i][k] != 0:
                share = matrix[i][k] / matrix[k][k]
                matrix[i] = [a - share * b for a, b in zip(matrix[i], matrix[k], strict=True)]
                right[i] -= share * right[k]
    return [r / matrix[k][k] for k, r in enumerate(right)]


@pytest.mark.parametrize("seed", range(10))
def test_laws_of_slow_chains_are_those_in_fractions(seed: int) -> None:
    """Rates over twelve powers of ten, each state with all its digits."""
    rng = np.random.default_rng(seed)
    size = 8
    rates = rng.integers(1, 10, (size, size)) * 10 ** rng.integers(0, 12, (size, size))
    rates[rng.random((size, size)) < 0.5] = 0
    for k in range(size):
        rates[k, (k + 1) % size] += 1
        rates[k, k] = 0
    law = stationary(sp.csr_array(rates / 1e11))
    expected = [float(x) for x in exact(rates.tolist(), 10**11)]
    np.testing.assert_allclose(law.weight, expected, rtol=1e-12)


def test_a_thread_between_classes_counts_as_none() -> None:
    """Two absorbing states but for 1e-38 a year: weighted by the chance of reaching them."""
    e = 1e-38
    law = stationary(sp.csr_array([[0.0, 3.0, 1.0], [e, 0.0, 0.0], [0.0, 7 * e, 0.0]]), 0.1)
    np.testing.assert_allclose(law.weight, [0, 0.75, 0.25], rtol=1e-12)
    np.testing.assert_allclose(law.chances, [0.75, 0.25], rtol=1e-12)
    slow = sp.csr_array([[0.0, e], [e, 0.0]])
    np.testing.assert_allclose(stationary(slow, 0.1).weight, [1, 0])
    np.testing.assert_allclose(stationary(slow, e).weight, [0.5, 0.5])  # it depends on no unit


def test_laws_after_some_time_of_a_stiff_chain() -> None:
    """Two states: the law after t years is known, at 1e9 events a year as at one."""
    for up, down, years in ((2.0, 1.0, 0.3), (2e9, 1e9, 1e-9), (3e9, 1e-3, 100.0)):
        law = stationary(sp.csr_array([[0.0, up], [down, 0.0]]))
        limit = up / (up + down)
        expected = limit * -np.expm1(-(up + down) * years)
        found = after(law, np.array([[1.0], [0.0]]), years)
        assert found[1, 0] == pytest.approx(expected, rel=1e-9)


def test_a_half_life_from_outside_the_long_run() -> None:
    """A lead of one is lost to a tie at 2 a year, and nothing ever happens again."""
    law = stationary(sp.csr_array([[0.0, 0.0], [2.0, 0.0]]))
    ahead, start = np.array([[0.0], [1.0]]), np.array([[0.0], [1.0]])
    assert halving(law, ahead, start, 1) == pytest.approx(np.log(2) / 2, rel=1e-9)


def test_a_headline_is_never_cut_off() -> None:
    names = ["Laboratory of rather advanced studies", "W" * 40]
    labs = [lb.Lab(name, 1, build=(1.0, 1.0)) for name in names]
    technology = lb.Technology(1, 1.0, handicap=800)
    race = lb.Race(labs, lb.RevenueLadder([1.0]), technology, 0.1, 3, name="A long name " * 6)
    solution = lb.solve(race)
    verdict = lb.verdict(solution, check_cap=False)
    assert "gets away for ever, by 3 rungs or more in 2.5 years on average (" in verdict.headline
    figure = race_figure(solution, verdict)
    figure.draw_without_rendering()
    box = figure._suptitle.get_window_extent()
    assert 0 <= box.x0 < box.x1 <= figure.bbox.x1
    assert 0 <= box.y0 < box.y1 <= figure.bbox.y1
    assert all(axes.get_window_extent().y1 < box.y0 for axes in figure.axes)
    assert "".join(figure.get_suptitle().split()) == "".join((race.name + verdict.headline).split())


def test_order_hangs_on_no_last_digit() -> None:
    """Flows that differ in the seventeenth digit go by name; mirrored values by who is first."""
    a, b = 0.1 + 0.2, 0.3
    for pair in ([("A", a), ("B", b)], [("A", b), ("B", a)]):
        assert [name for name, _ in ordered(pair, lambda item: [-item[1]])] == ["A", "B"]
    mirrored = [(1 - 1e-16, 2.0), (2.0, 1.0), (3.0, 0.0)]
    for jitter in (0.0, 1e-15, -1e-15):
        moved = [(x + jitter, y - jitter) for x, y in mirrored]
        ranked = ordered(moved, lambda pair: [-sum(pair), *(-x for x in pair)])
        assert [round(x) for x, _ in ranked] == [3, 2, 1]
    assert ordered([np.nan, 1.0, 0.0], lambda x: [x])[:2] == [0.0, 1.0]


def test_nobody_advances_next_where_only_compute_moves() -> None:
    solution = lb.solve(load(CASES / "nobody-advances-while-compute-moves.toml"))
    assert lb.verdict(solution).kind == "standstill"
    assert {effect.mechanism for effect in lb.effects(solution)} == {"accumulate", "inertia"}


def test_twice_the_rungs_are_left_out_where_there_is_no_memory_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 2)]
    race = lb.Race(labs, lb.ScarceMarket(0.8), lb.Technology(1), 0.2, rungs=2)
    solution = lb.solve(race)
    assert lb.verdict(solution).cap_note == ""
    monkeypatch.setattr("leaderbored.solvers.markov.work.free_memory", lambda: 100.0)
    verdict = lb.verdict(solution)
    assert verdict.cap_sensitive is None
    assert verdict.cap_note == "it needs about 200 MB, and 100 MB are free"
    assert "with twice the rungs: it needs about 200 MB" in told(solution, verdict)


@pytest.mark.parametrize(
    ("labs", "rungs", "alike", "measured"),
    [(5, 6, False, 622), (5, 5, False, 366), (6, 9, True, 338), (5, 16, True, 450)],
)
def test_an_estimate_counts_the_race_with_twice_the_rungs(
    monkeypatch: pytest.MonkeyPatch, labs: int, rungs: int, alike: bool, measured: float
) -> None:
    """Megabytes of a solution and its verdict, measured on one machine."""
    monkeypatch.setattr("leaderbored.solvers.markov.work.free_memory", lambda: None)
    sizes = [1.0 if alike else 1 + 0.1 * k for k in range(labs)]
    made = [lb.Lab(f"L{k}", size) for k, size in enumerate(sizes)]
    race = lb.Race(made, lb.ClearingMarket(0.8), lb.Technology(1), 0.2, rungs)
    whole, once = lb.estimate(race), lb.estimate(replace(race, rungs=rungs // 2))
    assert measured / 2.5 < whole.megabytes < 2.5 * measured
    assert once is not None and once.seconds < whole.seconds
