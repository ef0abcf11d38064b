"""Races on which replies cycle, jump or are infinitely steep, and the limits of time and size."""

from __future__ import annotations

import resource
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

import leaderbored as lb
from leaderbored.games.formats import gamefile
from leaderbored.race.board import boards, count_states, landings, place
from leaderbored.solvers.budget import Budget, StoppedError
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.apart import WATCHED
from leaderbored.solvers.numerics.linear import factorise

CASES = Path(__file__).parent / "cases" / "engine"


def race_of(name: str) -> lb.Race:
    race = gamefile.load(CASES / f"{name}.toml")
    assert isinstance(race, lb.Race)
    return race


@pytest.mark.parametrize(
    "name", ["replies-cycle", "replies-jump", pytest.param("four-labs", marks=pytest.mark.slow)]
)
def test_an_equilibrium_where_replies_cycle(name: str) -> None:
    solution = lb.solve(race_of(name), lb.Method(certify="regret"))
    assert solution.status.code == "converged"
    found = solution.equilibria[0]
    assert regret(found.game, found.build).max() < 1e-9


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", ["out-of-range", "next-to-nothing"])
def test_numbers_at_the_end_of_the_range_give_an_answer_or_a_reason(name: str) -> None:
    solution = lb.solve(race_of(name))
    assert all(found.regret < 1e-9 for found in solution.equilibria)
    assert solution.equilibria or "floating point" in solution.status.message


EXTREMES = {
    "technology": "productivity=5e-324 productivity=1e300 returns=5e-324 handicap=1e300",
    "market": "scarcity=1e-300 scarcity=1e300 price=1e-300 price=1e300",
    "labs": "0.talent=5e-324 1.compute=1e300 1.compute=1e-300 0.brand=1e-300",
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "change",
    ["discount=1e300", "discount=1e-300", "discount=5e-324"]
    + [f"{part}.{change}" for part, changes in EXTREMES.items() for change in changes.split()],
)
def test_a_number_of_any_size_gives_an_answer_or_a_reason(change: str) -> None:
    race = gamefile.load(gamefile.starter("race"), [change, "rungs=2"])
    solution = lb.solve(race, all=True)
    assert all(found.regret < 1e-9 for found in solution.equilibria)
    assert solution.equilibria or "floating point" in solution.status.message


@pytest.mark.slow
def test_what_lies_where_a_reply_to_nothing_is_steep_is_found() -> None:
    few = lb.Method(search=Search(starts=100, around=50))
    solution = lb.solve(race_of("pinned-at-a-gain-of-zero"), few, all=True)
    assert sorted(found.index or 0 for found in solution.equilibria) == [-1, 1, 1]
    assert solution.census.complete == "searched"
    middle = next(found for found in solution.equilibria if found.index == -1)
    assert 0 < middle.build[0, 0] < middle.game.idle[0, 0]
    assert regret(middle.game, middle.build).max() < 1e-9


def test_not_unstable_where_best_replies_return() -> None:
    found = lb.solve(race_of("zero-gain")).equilibria[0]
    system, random = System(found.game), np.random.default_rng(3)
    for _ in range(3):
        build = np.clip(
            found.build + 0.1 * random.uniform(-1, 1, found.build.shape),
            found.game.lower,
            found.game.upper,
        )
        for _ in range(300):
            value = system.evaluate(build)
            build = system.reply(value, float(np.abs(value).max()))
        assert np.allclose(system.evaluate(build), found.value, rtol=1e-6)
    assert found.stable is not False


def test_a_limit_is_kept_and_says_what_was_reached() -> None:
    labs = [lb.Lab(name, 1 + k) for k, name in enumerate("ABCD")]
    race = lb.Race(labs, lb.ScarceMarket(0.9), lb.Technology(3, 0.9), discount=0.1, rungs=12)
    began = time.monotonic()
    solution = lb.solve(race, limit=0.5)
    assert solution.equilibria or solution.status.code == "stopped"
    assert time.monotonic() - began < 30  # not a matter of speed: without the limit, minutes
    stopped = lb.solve(race, limit=0.0)
    assert stopped.status.code == "stopped" and "no round" in stopped.status.message


@pytest.mark.parametrize(
    "game, method",
    [
        (race_of("zero-gain"), lb.FiniteMethod()),
        (race_of("zero-gain"), "newton"),
        (lb.NormalForm([[1, 2]]), lb.Method()),
        (lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], prize=1), lb.Method()),
    ],
)
def test_a_method_of_another_kind_says_what_fits(game: Any, method: Any) -> None:
    with pytest.raises(TypeError, match=r"method: .* given, expected \w*Method for a game of"):
        lb.solve(game, method)


@pytest.mark.parametrize("labs, rungs", [(2, 7), (3, 4), (4, 2)])
def test_leaderboards_are_found_by_position(labs: int, rungs: int) -> None:
    listed = boards(labs, rungs)
    every = [tuple(x) for x in np.ndindex(*(rungs + 1,) * labs) if min(x) == 0]
    assert [tuple(x) for x in listed.tolist()] == every
    assert len(every) == count_states(labs, rungs)
    assert (place(listed, rungs) == np.arange(len(every))).all()
    ahead, _ = landings(listed, rungs, 0)
    moved = np.minimum(listed[:, 1:] + 1, rungs)
    expected = [every.index((0, *row)) for row in moved.tolist()]
    assert ahead.tolist() == expected


def test_a_long_ladder_takes_no_square_of_it() -> None:
    states = boards(2, 20_000)
    assert states.shape == (40_001, 2)
    assert place(states, 20_000)[-1] == 40_000


def test_a_ladder_that_no_machine_solves_is_refused_with_the_limit() -> None:
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    with pytest.raises(ValueError, match=r"more than 1,000,000; lower rungs: 499999 with 2 labs"):
        lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), discount=0.1, rungs=900_000)


def test_two_shares_that_pin_each_other_are_found() -> None:
    solution = lb.solve(race_of("pinned-by-each-other"), all=True)
    assert [found.index for found in solution.equilibria] == [1, -1, 1]
    middle = solution.equilibria[1]
    assert (middle.build[:, 0] > 0).all()
    assert (middle.build[:, 0] < middle.game.idle[:, 0]).all()
    assert regret(middle.game, middle.build).max() < 1e-9


def test_a_long_factorisation_heeds_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def endless(*_: Any, **options: Any) -> None:
        ended.wait(20)
        raise RuntimeError

    monkeypatch.setattr("scipy.sparse.linalg.splu", endless)
    with pytest.raises(StoppedError), Budget(0.2).running():
        factorise(sp.eye_array(WATCHED, format="csr"))
    ended.set()


def test_factors_give_their_memory_back() -> None:
    """Also those of large systems, which are made in a thread of their own.

    What is kept is kept in every batch; an allocator takes more now and then.
    """
    size, times = 20 * WATCHED, 10
    matrix = sp.diags_array([-1.0, 3.0, -1.0], offsets=[-1, 0, 1], shape=(size, size), format="csr")
    answer, kept = factorise(matrix).solve(np.ones(size)), []
    for _ in range(4):
        before = resident()
        for _ in range(times):
            np.testing.assert_array_equal(factorise(matrix).solve(np.ones(size)), answer)
        kept.append((resident() - before) / times)
    assert min(kept) < 12 * matrix.nnz  # bytes: less than the numbers and places of one matrix


def resident() -> int:
    """Bytes of memory of this process."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        pytest.skip("no such file on this system")
    return int(pages.read_text().split()[1]) * resource.getpagesize()
