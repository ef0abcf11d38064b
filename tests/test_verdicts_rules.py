"""What decides a verdict, on leaderboards whose hazards are set by hand."""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.race import leads
from leaderbored.verdicts.ends import End
from leaderbored.verdicts.pace import voters
from leaderbored.verdicts.reading import Reading, from_a_lead, read
from leaderbored.verdicts.words import claim, said
from leaderbored.views.race import page

Hazard = Callable[[int, tuple[int, ...]], float]


def race(rungs: int, labs: int = 2, **technology: float) -> lb.Race:
    """Labs whose hazard is what they build, a share of a thousand years' worth."""
    names = [lb.Lab(name, 1.0) for name in "ABC"[:labs]]
    made = lb.Technology(1000.0, 1.0, **technology)
    return lb.Race(names, lb.RevenueLadder([1.0, 2.0]), made, discount=0.1, rungs=rungs)


def reading(one: lb.Race, hazard: Hazard, *, ahead: bool = False) -> Reading:
    """What is read off hazards by lab and board, from a tie or from a lead of one."""
    game = one.markov()
    states = [tuple(state) for state in game.states.tolist()]
    build = np.array([[hazard(i, s) for s in states] for i in range(len(one.labs))]) / 1000
    return from_a_lead(one, game, build) if ahead else read(one, game, build, changes=True)


def lead(i: int, board: tuple[int, ...]) -> int:
    """Of lab i, negative if it is behind."""
    rest = min(d for j, d in enumerate(board) if j != i)
    return rest - board[i]


def test_a_standstill_has_its_place_chance_and_time() -> None:
    """A succeeds twice as often as B; whoever is ahead goes on to three rungs, then all stop."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        return (2.0, 1.0)[i] if 0 <= lead(i, board) < 3 else 0.0

    found = reading(race(6), hazard)
    assert found.shape.kind == "standstill" and found.shape.asymptote == 3
    first, second = found.ends
    assert (first.leader, first.board, second.board) == ("A", (0, 3), (3, 0))
    assert [end.chance for end in found.ends] == pytest.approx([2 / 3, 1 / 3])
    # the tie lasts a third of a year; then two successes, at two a year or at one
    assert [end.years for end in found.ends] == pytest.approx([1 / 3 + 1, 1 / 3 + 2])
    assert "goes to 3 rungs, in 1.7 years on average, and stays" in claim(found.shape, found.ends)


@pytest.mark.parametrize("goes_on", [True, False])
@pytest.mark.parametrize("rungs", [1, 2, 3, 6])
def test_a_lead_that_comes_to_the_cap_for_ever_is_an_escape(rungs: int, goes_on: bool) -> None:
    """Also if the leader stops there, where a success leaves it where it is."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        return float(lead(i, board) >= 0 and (goes_on or lead(i, board) < rungs))

    found = reading(race(rungs), hazard)
    assert found.shape.kind == "escape"
    assert [(end.most, end.moves, end.mean_lead) for end in found.ends] == [
        (rungs, goes_on, None)
    ] * 2
    assert "one lab gets away for ever, by" in claim(found.shape, found.ends)


def test_a_lead_that_stops_below_the_cap_is_a_standstill_at_every_cap() -> None:
    labs = [lb.Lab("A", 1.0), lb.Lab("B", 0.6, brand=1.3)]
    technology = lb.Technology(1.0, 1.0, leapfrog=1.0)
    one = lb.Race(labs, lb.ClearingMarket(2.0, switching=0.5), technology, 0.2, 6)
    for rungs in (6, 9, 12):
        verdict = lb.verdict(lb.solve(replace(one, rungs=rungs)), check_cap=False)
        assert (verdict.kind, verdict.asymptote) == ("standstill", 4)
        assert verdict.ends[0].board == (0, 4)


def test_ends_of_different_kinds_depend_on_the_start() -> None:
    """Once A leads by one nothing happens; where B leads first the labs leapfrog for ever."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        if board in {(0, 1), (0, 2)}:
            return 0.0
        return {(0, 0): (3.0, 1.0), (1, 0): (0.0, 2.0), (2, 0): (1.0, 0.0)}.get(board, (0.0, 0.0))[
            i
        ]

    found = reading(race(4), hazard)
    assert found.shape.kind == "depends on the start" and found.shape.crossings == ()
    stays, goes = found.ends
    assert (stays.kind, stays.chance, stays.board) == ("standstill", pytest.approx(0.75), (0, 1))
    assert (goes.kind, goes.chance, goes.leader) == ("race", pytest.approx(0.25), "B")
    assert goes.mean_lead == pytest.approx(1 * 1 / 3 + 2 * 2 / 3)  # two years in three at two rungs
    assert goes.advances_per_year == pytest.approx(2 / 3)
    assert goes.lead_changes_per_year == 0
    assert claim(found.shape, found.ends) == (
        "It depends on the start: from a tie play ends with A ahead by 1 rung for ever (75%), or "
        "in a race that B leads for ever by 1 to 2 rungs (25%)"
    )


def test_a_tie_that_stays_says_what_a_lead_would_do() -> None:
    def hazard(i: int, board: tuple[int, ...]) -> float:
        return 0.0 if board == (0, 0) else 1.0 + (lead(i, board) < 0)

    one = race(6, leapfrog=1.0)
    found, instead = reading(one, hazard), reading(one, hazard, ahead=True)
    assert (found.shape.kind, instead.shape.kind) == ("standstill", "run")
    assert instead.ends[0].lead_changes_per_year == pytest.approx(2.0)
    back = reading(race(6), hazard, ahead=True)  # step by step every lead is lost to the tie
    assert [end.start for end in back.ends] == [True]


def test_the_page_of_a_tie_that_stays_speaks_of_a_lead() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    one = lb.Race(labs, lb.ScarceMarket(1.5), lb.Technology(3, leapfrog=1), 0.1)
    verdict = lb.verdict(lb.solve(one), check_cap=False)
    assert verdict.kind == "standstill"
    assert [end.kind for end in verdict.from_lead] == ["run"]
    assert "From a lead of 1 rung the same shares make a run: the lead changes" in verdict.headline
    climbing = replace(one, technology=lb.Technology(3))
    assert lb.verdict(lb.solve(climbing), check_cap=False).from_lead == ()


def test_of_a_lead_from_which_nothing_moves_nothing_is_said() -> None:
    labs = [lb.Lab(name, 0.2) for name in "ABC"]
    market = lb.ClearingMarket(3, switching=0, worth=4)  # all models sell alike: nobody ever builds
    still = lb.Race(labs, market, lb.Technology(5, 1, leapfrog=1), 0.9, rungs=1)
    solution = lb.solve(still)
    assert not solution.equilibria[0].build.any()
    verdict = lb.verdict(solution, check_cap=False)
    assert verdict.headline.endswith("at the tie nobody builds, and no lead ever opens.")
    away = End(1.0, True, 2, 2, "A", kind="escape", board=(0, 2), years=2.5)
    assert replace(verdict, from_lead=(away,)).headline.endswith(
        "no lead ever opens. From a lead of 1 rung A gets away for ever, by 2 rungs or more in 2.5 "
        "years on average."
    )
    single = End(1.0, True, 0, 1, None, lead_changes_per_year=0.025)
    assert replace(verdict, from_lead=(single,)).headline.endswith(
        "no lead ever opens. From a lead of 1 rung the lead changes hands once in 40 years."
    )


def test_more_rungs_are_not_asked_for_where_the_verdict_holds_with_them() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    solution = lb.solve(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), 0.5, rungs=2))
    found = lb.verdict(solution)
    assert found.votes == (1,) and found.cap_sensitive is False
    for holds, told in ((False, False), (True, True), (None, True)):
        shown = page(solution, solution.equilibria[0], replace(found, cap_sensitive=holds))
        printed = StringIO()
        Console(file=printed, width=200).print(shown)
        assert ("The verdict rests on leads next to the cap alone" in printed.getvalue()) is told


@pytest.mark.parametrize(
    ("rungs", "expected"), [(1, ()), (2, (1,)), (3, (1, 2)), (4, (1,)), (6, (1, 2, 3))]
)
def test_leads_next_to_the_cap_vote_only_if_there_are_no_others(
    rungs: int, expected: tuple[int, ...]
) -> None:
    found = reading(race(rungs), lambda i, board: 1.0 if lead(i, board) else 2.0)
    assert found.shape.votes == expected
    assert found.shape.kind == ("neutral" if expected else None)


def test_a_crossing_next_to_the_cap_is_not_seen() -> None:
    def hazard(i: int, board: tuple[int, ...]) -> float:
        ahead = lead(i, board)
        return 2.0 if 0 <= ahead < 4 or ahead <= -4 else 1.0

    assert reading(race(6), hazard).shape.kind == "race"
    assert reading(race(12), hazard).shape.kind == "peloton"


def test_leads_that_play_does_not_get_to_have_no_vote() -> None:
    """A lead of two is closed at once, and beyond it leaders would race ahead."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        ahead = lead(i, board)
        if ahead == 2:
            return 0.0
        return 5.0 if ahead > 2 else 1.0

    found = reading(race(8), hazard)
    assert found.pace[3] == pytest.approx(5.0)
    assert (found.shape.kind, found.shape.votes) == ("run", (1, 2))


def test_what_takes_longer_than_a_billion_horizons_does_not_happen() -> None:
    """Each step of a run up to the cap is live, but the whole of it is not."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        ahead = lead(i, board)
        return 0.0 if ahead <= -12 else 1.0 if ahead < 0 else 0.01

    found = reading(race(12), hazard)  # a hundredth to the power of eleven
    assert (found.shape.kind, len(found.ends)) == ("run", 1)
    nearer = reading(race(3), lambda i, board: 0.0 if lead(i, board) <= -3 else hazard(i, board))
    assert nearer.shape.kind == "escape"
    assert nearer.ends[0].years == pytest.approx(1e6 / 2, rel=0.1)


def test_a_move_is_live_from_a_billionth_of_the_discount_rate_on() -> None:
    for rate, kind in ((0.9e-10, "standstill"), (1.1e-10, None)):
        assert reading(race(1), lambda i, board, rate=rate: rate).shape.kind == kind


def test_leads_passed_on_the_way_have_a_vote() -> None:
    """Leads of one and two close, longer ones grow, and are lost once in ages."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        ahead = lead(i, board)
        if ahead < -2:
            return 0.01
        return 1.5 if -2 <= ahead < 0 else 1.0

    found = reading(race(16), hazard)
    time = np.bincount(leads(race(16).states())[0], found.law.weight)
    assert time[1] < 1e-12
    assert (found.shape.kind, found.shape.escape) == ("breakaway", pytest.approx(2.1, abs=0.1))


def test_a_lead_over_the_second_grows_whatever_the_third_does() -> None:
    """Nobody catches A up, though B and C, who fall back, are nine times as fast to return."""

    def hazard(i: int, board: tuple[int, ...]) -> float:
        if min(board[1:]) == 0 or i == 0:
            return 1.0 if i == 0 else 0.0
        return 9.0 if board[i] > 1 else 0.0

    found = reading(race(6, labs=3), hazard)
    (end,) = found.ends
    assert end.leader == "A" and end.least == 1
    assert found.shape.moves[0] == "grows" and found.pace[1] < 1
    assert found.shape.kind == "peloton"


def test_draughts_close_every_lead() -> None:
    """Labs that build nothing but are drawn along: only the tie stays."""
    found = reading(race(5, drafting=0.5), lambda i, board: 0.0)
    assert found.ends[0].start and found.shape.kind == "standstill"
    instead = reading(race(5, drafting=0.5), lambda i, board: 0.0, ahead=True)
    assert instead.ends[0].start
    assert instead.ends[0].years == pytest.approx(2.0)


def test_stalling_is_said_of_play_that_all_but_rests() -> None:
    labs = [lb.Lab(name, 1.0, build=(0.5, 0.5)) for name in "AB"]
    for productivity, stalls in ((5e-5, True), (5e-4, False)):
        technology = lb.Technology(productivity, 1.0)
        one = lb.Race(labs, lb.RevenueLadder([1.0]), technology, 0.1, 5)
        verdict = lb.verdict(lb.solve(one), check_cap=False)
        assert verdict.stalling == stalls == ("all but stalls" in verdict.headline)


def test_places_that_read_alike_are_added_up() -> None:
    ends = [
        End(0.5, False, 1, 1, "A", kind="standstill", board=(0, 1, 2)),
        End(0.3, False, 1, 1, "A", kind="standstill", board=(0, 2, 1)),
        End(0.2, True, 0, 4, None, kind="run"),
    ]
    assert said(ends) == (
        "from a tie play ends with A ahead by 1 rung for ever (80%), or in a run (20%)"
    )


def test_voters_are_seen_and_away_from_the_cap() -> None:
    assert voters(np.array([0.5, 0.5, 0.0, 0.0, 0.0])) == (1,)
    assert voters(np.array([0.0, 0.0, 0.0, 0.5, 0.5])) == (3,)
    assert voters(np.array([1.0, 1e-12, 2e-12, 0.0, 0.0, 0.0, 0.0])) == (2,)
    assert voters(np.array([1.0, 1e-14, 2e-15, 0.0, 0.0, 0.0, 0.0])) == (1, 2)


@pytest.mark.parametrize(
    ("openness", "scarcity", "kind"),
    [
        (0.0, 0.5, "run"),
        (0.0, 1.25, "peloton"),
        (0.0, 2.0, "race"),
        (0.25, 1.25, "run"),
        (0.25, 3.0, "peloton"),
        (0.5, 3.0, "run"),
        (1.0, 3.0, "run"),
    ],
)
def test_secrets_make_shortage_a_race_at_every_cap(
    openness: float, scarcity: float, kind: str
) -> None:
    market = lb.ClearingMarket(scarcity, openness=openness)
    for rungs in (12, 24, 36):
        one = lb.Race([lb.Lab(n, 1.0) for n in "AB"], market, lb.Technology(1.0), 0.2, rungs)
        solution = lb.solve(one, lb.Method(certify=False))
        assert lb.verdict(solution, check_cap=False).kind == kind


def draw(seed: int) -> lb.Race:
    """Two labs on any of the markets, every other one where prices clear."""
    rng = np.random.default_rng(seed)
    labs = [
        lb.Lab(name, rng.uniform(1, 2), rng.uniform(0.7, 1.4), rng.uniform(0.5, 2)) for name in "AB"
    ]
    markets = (
        lb.ClearingMarket(
            rng.uniform(0.3, 4), rng.uniform(0.1, 1.5), rng.uniform(1, 3), openness=rng.uniform()
        ),
        lb.ScarceMarket(rng.uniform(0.2, 1.5), rng.uniform(0, 2), rng.uniform(0, 0.6)),
        lb.RevenueLadder("1+(gamma-1)*(1-exp(-g))", parameters={"gamma": rng.uniform(1.05, 1.6)}),
    )
    technology = lb.Technology(
        rng.uniform(0.4, 4),
        rng.uniform(0.3, 0.9),
        handicap=rng.uniform(0, 0.3),
        drafting=rng.choice([0.0, 0.2]),
        leapfrog=rng.choice([0.0, 0.5, 1.0]),
    )
    market = markets[0] if seed % 2 else markets[1 + seed // 2 % 2]
    return lb.Race(labs, market, technology, rng.uniform(0.05, 0.4), 12)


@pytest.mark.slow
def test_verdicts_do_not_move_with_the_cap_where_there_is_room() -> None:
    """Where play keeps to leads that a cap of 12 does not touch, caps of 24 and 36 change nothing.

    Elsewhere they may, and the verdict says so where twice the rungs show it.
    """
    roomy = 0
    for seed in range(60):
        short = draw(seed)
        caps = [replace(short, rungs=rungs) for rungs in (12, 24, 36)]
        solutions = [lb.solve(one, lb.Method(certify=False)) for one in caps]
        first = lb.verdict(solutions[0])
        second, third = (lb.verdict(one, check_cap=False) for one in solutions[1:])
        if max(third.votes, default=12) <= 9:
            roomy += 1
            assert first.kind == second.kind == third.kind, seed
            assert first.crossings == pytest.approx(third.crossings, abs=0.05), seed
            assert first.cap_sensitive is False, seed
        elif first.kind != second.kind:
            assert first.cap_sensitive, seed
    assert roomy >= 8


def test_who_waits_for_a_half_life_hears_of_it() -> None:
    labs = [lb.Lab(name, 1) for name in "ABC"]
    solution = lb.solve(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), 0.5, rungs=2))
    heard: list[tuple[str, float]] = []
    lb.verdict(solution, check_cap=False, progress=lambda what, _, left: heard.append((what, left)))
    left = [far for what, far in heard if what == "half-life of a lead"]
    assert left[-1] == 0
    assert left == sorted(left, reverse=True)
