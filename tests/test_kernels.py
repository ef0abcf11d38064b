"""Kernels: each does what its twin in the single solver does, and none is silently wrong."""

import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import numba
import numpy as np
import pytest
import scipy.sparse as sp

import leaderbored as lb
from leaderbored.games.cleared import Cleared
from leaderbored.solvers.budget import is_stopped
from leaderbored.solvers.kernels import (
    ahead,
    iteration,
    jit,
    judge,
    linear,
    newton,
    precise,
    stage,
    tables,
)
from leaderbored.solvers.kernels.batch import SOLVED, solve_rows
from leaderbored.solvers.kernels.law import chances, keep, within
from leaderbored.solvers.kernels.lines import leapfrog_of, tables_of
from leaderbored.solvers.kernels.reading import KINDS, NUMBERS
from leaderbored.solvers.kernels.rows import by_state, row_of, unfit
from leaderbored.solvers.markov import batch
from leaderbored.solvers.markov import precise as twin_precise
from leaderbored.solvers.markov.certificate import certificate
from leaderbored.solvers.markov.newton import newton_step, pieces_at, push_of
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.stability import Stability, returns
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.corrector import Corrector
from leaderbored.sweeps.point import solve_point
from leaderbored.verdicts.correspondence.race_line import RaceLine
from leaderbored.verdicts.law import stationary

REGRET = lb.Method(certify="regret")


def entry(inner):
    """A way into a function that kernels call."""

    @numba.njit(error_model="numpy")
    def call(*given):
        return inner(*given)

    return call


TABLES, EFFECTS, VALUED = entry(tables.tables), entry(tables.effects), entry(iteration.valued)
REPLIES, PIECES, STEP = entry(stage.replies), entry(stage.pieces), entry(newton.newton_step)
BORDERED, JUDGE = entry(linear.solve_bordered), entry(judge.regret)
stability = import_module("leaderbored.solvers.markov.stability")
LONG_RUN = (keep, chances, within)
WORTH, GAIN = entry(precise.worth), entry(precise.gain)


def draw(random: np.random.Generator, most: int = 24, clears: bool = False) -> lb.Race:
    """A race of two labs anywhere in the box that kernels take; with prices that clear, or set."""

    def off_or(high: float) -> float:
        return random.choice([0.0, random.uniform(0, high)])

    labs = []
    for name in "AB":
        bounds = random.choice([[0.0, 1.0], sorted(random.uniform(size=2))])
        size, talent, brand = 10 ** random.uniform(-0.7, 0.7, 3)
        labs.append(lb.Lab(name, size, talent, brand, tuple(bounds)))
    if random.random() < 0.3:
        labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    technology = lb.Technology(
        10 ** random.uniform(-1, 1),
        random.choice([0.5, 1.0, random.uniform(0.15, 0.95)], p=[0.3, 0.1, 0.6]),
        off_or(0.5),
        off_or(0.6),
        off_or(0.5),
        random.choice([0.0, 1.0, random.uniform()]),
    )
    market = lb.ScarceMarket(random.uniform(0.1, 1.6), random.uniform(0, 2), off_or(0.5))
    if random.random() < 0.4:
        market = lb.RevenueLadder(tuple(np.cumsum(random.exponential(size=4)).tolist()))
    if clears:
        market = lb.ClearingMarket(
            10 ** random.uniform(-0.7, 0.8),
            random.choice([1.0, random.uniform(0, 2)]),
            random.uniform(-1, 4),
            10 ** random.uniform(-1, 1),
            random.choice([0.0, 1.0, random.uniform()]),
            str(random.choice(["quantity", "price-taking"], p=[0.7, 0.3])),
        )
    rungs = int(random.integers(1, most))
    return lb.Race(labs, market, technology, 10 ** random.uniform(-2, 0.3), rungs)


def drawn(seed: int, count: int, most: int = 24, clears: bool = False) -> list[lb.Race]:
    random = np.random.default_rng(seed)
    return [draw(random, most, clears) for _ in range(count)]


class Line:
    """A race, its tables by both readings, and shares and values somewhere."""

    def __init__(self, race: lb.Race, seed: int) -> None:
        random = np.random.default_rng(seed)
        self.race, self.row, self.game = race, row_of(race), race.markov()
        self.tables = TABLES(self.row, race.rungs)
        self.order = by_state(race.rungs)
        self.system = System(self.game)
        shape = self.game.scale.shape
        self.build = self.game.lower + random.uniform(size=shape) * (
            self.game.upper - self.game.lower
        )
        self.value = self.system.evaluate(self.build)

    def line(self, array: np.ndarray) -> np.ndarray:
        """An array by state, on the line of leads."""
        made = np.empty_like(array)
        made[..., self.order] = array
        return made

    def pieces(self, weight: float):
        """Pieces by the kernel: effects, shares, efforts, push, levels, targets, their number."""
        shape = self.value.shape
        build = self.line(self.build)
        effort = build**self.game.returns
        felt, push = np.empty((2, *shape)), np.empty((2, *shape))
        level, target = np.empty(shape, dtype=bool), np.empty(shape)
        EFFECTS(self.tables, self.line(self.value), felt)
        gains, scale = np.array([felt[0, 0], felt[1, 1]]), np.abs(self.value).max()
        given = (self.tables, felt, gains, scale, weight)
        count = PIECES(*given, build, effort, push, level, target)
        return build, effort, push, level, target, count


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    races = [*drawn(1, 40), *drawn(1, 20, clears=True)]
    return [Line(race, k) for k, race in enumerate(races)]


def close(a: np.ndarray, b: np.ndarray, within: float = 1e-11) -> bool:
    return bool(np.abs(a - b).max() <= within * max(np.abs(b).max(), 1e-300))


@pytest.mark.slow
def test_tables(lines: list[Line]) -> None:
    for line in lines:
        for name in ("scale", "base", "price", "demand", "idle"):
            ours, theirs = line.tables.at[name], line.line(getattr(line.game, name))
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, err_msg=name)
        assert (line.tables.at["movable"] == line.line(line.game.movable)).all()
        for name in ("worth", "most") if isinstance(line.game, Cleared) else ():
            ours, theirs = line.tables.at[name], line.line(getattr(line.game, name))
            np.testing.assert_allclose(ours, theirs, rtol=1e-13, err_msg=name)


@pytest.mark.slow  # compiling its part takes seconds; the whole is tested below
def test_values_and_what_successes_add(lines: list[Line]) -> None:
    for line in lines:
        build = line.line(line.build)
        value = VALUED(line.tables, build, build**line.game.returns)
        assert close(value[:, line.order], line.system.evaluate(line.build), 1e-9)
        felt = np.empty((2, *value.shape))
        EFFECTS(line.tables, line.line(line.value), felt)
        assert close(felt[..., line.order], line.system.effect(line.value), 1e-9)


@pytest.mark.slow  # compiling its part takes seconds; the whole is tested below
def test_replies_and_pieces(lines: list[Line]) -> None:
    for line in lines:
        game, stage, scale = line.game, line.system.stage, np.abs(line.value).max()
        gain, effect = line.system.gain(line.value), line.system.effect(line.value)
        shares, efforts = np.empty_like(gain), np.empty_like(gain)
        REPLIES(line.tables, line.line(gain), scale, shares, efforts)
        assert close(shares[:, line.order], stage.reply(gain, scale), 1e-8)
        assert close(efforts, shares**game.returns)
        for weight in (100.0, 1.0):
            build, _, push, level, target, count = line.pieces(weight)
            twin = stage.pieces(gain, line.build, scale, weight)
            assert (level[:, line.order] == twin.level).all() and count == twin.level.sum()
            assert close(build[:, line.order], twin.build, 1e-8)
            assert close(push[..., line.order], push_of(effect, twin), 1e-7)
            assert close(target[:, line.order], twin.target)


@pytest.mark.slow  # compiling its part takes seconds; the whole is tested below
def test_shares_at_gains_of_all_sizes_where_prices_clear() -> None:
    """One stage game after the other, from where the last was solved; the twin knows no last."""
    random = np.random.default_rng(6)
    for race in drawn(6, 60, clears=True):
        line = Line(race, 0)
        shape = line.value.shape
        for _ in range(3):
            sizes = 10 ** random.uniform(-14, 3, shape)
            gain = random.choice([-1, 0, 1, 1, 1], size=shape) * sizes
            shares, efforts = np.empty(shape), np.empty(shape)
            REPLIES(line.tables, line.line(gain), 1e-3, shares, efforts)
            twin = line.system.stage.reply(gain, 1e-3)
            np.testing.assert_allclose(shares[:, line.order], twin, rtol=1e-8, atol=1e-12)


@pytest.mark.slow  # compiling its part takes seconds; the whole is tested below
def test_newtons_step(lines: list[Line]) -> None:
    compared = levels = 0
    for line in lines:
        _, first, _, level, _, count = line.pieces(1.0)
        twin = pieces_at(line.system, line.value, line.build)
        move, shift = newton_step(line.system, line.value, twin)
        value, build = line.line(line.value), line.line(line.build)
        effort = build**line.game.returns
        scale, moved, shifted, pivots, leveled = STEP(line.tables, value, build, effort, 1.0)
        assert scale == np.abs(line.value).max() and leveled == count
        if not np.isfinite(moved) or pivots < 1e-8:
            continue
        compared, levels = compared + 1, levels + bool(count)
        assert close((value - line.line(line.value))[:, line.order], move, 1e-5)
        assert moved == pytest.approx(np.abs(move).max(), rel=1e-5)
        assert shifted == pytest.approx(np.abs(shift).max(), rel=1e-5, abs=1e-12)
        assert level.any() or close(effort, first)
    assert compared > 20 and levels > 2


@pytest.mark.slow
def test_a_band_with_full_columns() -> None:
    random = np.random.default_rng(3)
    for width, count in ((1, 1), (3, 20), (7, 30)):
        far = np.abs(np.subtract.outer(range(count), range(count))) > width
        matrix = np.where(far, 0.0, random.normal(size=(count, count)))
        border, places = random.normal(size=(count, 2)), np.array([0, count - 1])
        whole = matrix.copy()
        whole[:, 0] += border[:, 0]
        whole[:, count - 1] += border[:, 1]
        right = random.normal(size=count)
        band = np.zeros((count, 2 * width + 1))
        for row, column in np.argwhere(~far):
            band[row, column - row + width] = matrix[row, column]
        rhs = np.column_stack([right, border])
        assert BORDERED(band, width, rhs, places) > 0
        np.testing.assert_allclose(rhs[:, 0], np.linalg.solve(whole, right), rtol=1e-6)


@pytest.mark.slow  # compiling its part takes seconds; the whole is tested below
def test_gains_to_thirty_digits(lines: list[Line]) -> None:
    for line in lines:
        build = line.line(line.build)
        high, low = WORTH(line.tables, build, build**line.game.returns)
        twin = twin_precise.evaluate(line.system, line.build)
        gains = twin_precise.gains(line.system, twin)
        rate = line.game.hazard(line.build).sum(axis=0).max() / line.race.discount
        for i in range(2):
            for s, k in enumerate(line.order.tolist()):
                assert GAIN(line.tables, high[i], low[i], i, k) == pytest.approx(
                    gains[i, s], rel=1e-12, abs=1e-13 * rate * np.abs(high).max()
                )


@pytest.mark.slow
def test_the_judge(lines: list[Line]) -> None:
    """At shares far from any equilibrium it finds the same best deviations by another way."""
    for line in lines:
        twin = certificate(line.race, line.build)
        found, apart = JUDGE(
            line.row, line.race.rungs, line.line(line.build), line.line(line.value)
        )
        assert found == pytest.approx(twin.regret.max(), rel=1e-6, abs=1e-10)
        assert apart < 1e-12
        wrong = line.line(line.value) * (1 + 1e-6)
        assert JUDGE(line.row, line.race.rungs, line.line(line.build), wrong)[1] > 1e-7


def compare(races: list[lb.Race]) -> int:
    """How many the kernel solves, which must be as the single solver does."""
    solved = 0
    for race in races:
        found = solve_rows(np.array([row_of(race)]), race.rungs)
        if found.status[0] != SOLVED:
            continue
        solved += 1
        solution, order = lb.solve(race, REGRET), by_state(race.rungs)
        equilibrium = solution.equilibria[0]
        assert solution.status.ok
        assert found.regret[0] <= 1e-9
        assert close(found.value[0][:, order], equilibrium.value, 1e-10), race
        assert np.abs(found.build[0][:, order] - equilibrium.build).max() <= 1e-8, race
    return solved


def test_answers_are_those_of_the_single_solver() -> None:
    assert compare(drawn(2, 120)) >= 110
    assert compare(drawn(2, 40, 14, clears=True)) >= 35


@pytest.mark.slow
def test_answers_are_those_of_the_single_solver_over_the_whole_box() -> None:
    assert compare(drawn(7, 600)) >= 570
    assert compare(drawn(7, 60, 14, clears=True)) >= 53


@pytest.mark.slow
def test_verdicts_and_numbers_are_those_of_the_single_solver() -> None:
    solved, kinds = 0, set()
    for race in [*drawn(5, 120), *drawn(5, 30, 14, clears=True)]:
        found = solve_rows(np.array([row_of(race)]), race.rungs)
        if found.status[0] != SOLVED:
            continue
        point, solved = solve_point(race, REGRET), solved + 1
        assert KINDS[found.kind[0]] == point.verdict, race
        kinds.add(point.verdict)
        for name, number in zip(NUMBERS, found.numbers[0].tolist(), strict=True):
            assert number == pytest.approx(point.numbers[name], 1e-7, 1e-11, nan_ok=True), name
        np.testing.assert_allclose(found.tie[0], point.value, rtol=1e-10)
    assert solved >= 135
    assert len(kinds) >= 6


def chain(random: np.random.Generator, rungs: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rates of steps and leaps on a line, some of them none, and the matrix of all."""
    size = 2 * rungs + 1
    step, leap = 10 ** random.uniform(-3, 3, (2, 2, size))
    step[random.uniform(size=step.shape) < 0.3] = 0.0
    leap[random.uniform(size=step.shape) < 0.5] = 0.0
    step[0, -1] = step[1, 0] = 0.0
    leap[0, rungs:] = leap[1, : rungs + 1] = 0.0
    if random.random() < 0.5:
        leap[:] = 0.0
    matrix = np.zeros((size, size))
    for k in range(size):
        for i, (to, top) in enumerate(((k + 1, rungs + 1), (k - 1, rungs - 1))):
            if 0 <= to < size:
                matrix[k, to] += step[i, k]
            matrix[k, top] += leap[i, k]
    return step, leap, matrix


@pytest.mark.slow  # compiling its part takes seconds; the whole is tested below
def test_the_long_run() -> None:
    """Classes, chances and laws by elimination on the line, and by that of the whole matrix."""
    random, keep, chances, within = np.random.default_rng(1), *map(entry, LONG_RUN)
    several = 0
    for rungs in [1, 2, 3, 5, 8] * 40:
        step, leap, matrix = chain(random, rungs)
        order, never = by_state(rungs), 1e-9
        twin = stationary(sp.csr_array(matrix[np.ix_(order, order)]), 1.0)
        part = np.empty(2 * rungs + 1, dtype=np.int64)
        count = keep(step, leap, never, part)
        chance, law = chances(step, leap, part, count), np.empty(2 * rungs + 1)
        weight = np.zeros(2 * rungs + 1)
        for c in range(count):
            within(step, leap, part, c, 0.0, law)
            weight += chance[c] * law
        assert count == len(twin.classes)
        several += count > 1
        np.testing.assert_allclose(weight[order], twin.weight, rtol=1e-9, atol=1e-300)
        if part[rungs] >= 0:
            within(step, leap, part, part[rungs], never, law)
            spent = twin.on_path(twin.classes[0], twin.within[0])
            found = np.maximum(law, weight)[order][twin.classes[0]]
            np.testing.assert_allclose(found, spent, rtol=1e-3, atol=1e-13)
    assert several > 10


@pytest.mark.slow
def test_many_policies_lead_to_the_same_points() -> None:
    """Machine code and numpy, from the same policies; the first race has three equilibria."""
    labs, random = [lb.Lab("A", 1), lb.Lab("B", 1)], np.random.default_rng(1)
    known = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3, handicap=0.1), discount=0.1)
    for race in (known, *drawn(8, 3), *drawn(8, 1, 6, clears=True)):
        game = race.markov()
        low, high = game.lower, game.upper
        shape = (24 if race is known else 8, *low.shape)
        starts, system = low + random.uniform(size=shape) * (high - low), System(game)
        by_numpy, by_kernel = (
            [one.value for one in batch.Batch(machine=machine).run(system, starts)]
            for machine in (1000, 0)
        )
        assert race is not known or len(by_kernel) >= 3
        for ours, theirs in ((by_numpy, by_kernel), (by_kernel, by_numpy)):
            assert all(any(close(a, b, 1e-6) for b in theirs) for a in ours), race


def test_games_on_the_line_are_known() -> None:
    labs, market = [lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.6)
    race = lb.Race(labs, market, lb.Technology(1, leapfrog=0.25, drafting=0.1), discount=0.5)
    clearing = replace(race, market=lb.ClearingMarket(1.0, 2.0))
    for known in (race, clearing):
        assert leapfrog_of(known.markov()) == 0.25
        line, theirs = tables_of(known.markov(), 0.25), TABLES(row_of(known), race.rungs)
        for part, twin in ((line.at, theirs.at), (line.lab, theirs.lab)):
            for name in part.dtype.names:
                np.testing.assert_allclose(part[name], twin[name], 1e-13, 1e-15, err_msg=name)
        assert line.conduct == theirs.conduct and line.met.shape == theirs.met.shape
    three = lb.Race([*labs, lb.Lab("C", 1)], market, lb.Technology(1), discount=0.5, rungs=2)
    delayed = lb.Race(labs, market, lb.Technology(1), discount=0.5, rungs=2, growth=1.1)
    jackpot = {"mechanisms": {"jackpot": {"chance": 0.1}}}
    lucky = lb.Race(labs, market, lb.Technology(1), discount=0.5, rungs=2, **jackpot)
    for other in (three, delayed, lucky):
        assert leapfrog_of(other.markov()) is None


def test_threads_and_neighbours_make_no_difference() -> None:
    races = [race for race in drawn(4, 60) if isinstance(race.market, lb.ScarceMarket)]
    many = np.repeat([row_of(race) for race in races], 20, axis=0)[:600]
    one, two = solve_rows(many, 6, 1), solve_rows(many, 6, 2)
    single = [solve_rows(row[None], 6) for row in many[::100]]
    for name in ("status", "regret"):
        assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
        assert getattr(one, name)[::100].tobytes() == b"".join(
            getattr(each, name).tobytes() for each in single
        )


def test_what_kernels_do_not_take() -> None:
    labs, market, technology = [lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1), 1
    race = lb.Race(labs, market, lb.Technology(technology), discount=0.1, rungs=2)
    assert unfit(race) == ""
    third = lb.Race([*labs, lb.Lab("C", 1)], market, lb.Technology(1), discount=0.1, rungs=2)
    assert "3 labs" in unfit(third)
    grows = lb.Race(labs, market, lb.Technology(1), discount=0.1, rungs=2, growth=1.01)
    assert "grows" in unfit(grows)
    more = lb.Race(
        labs,
        market,
        lb.Technology(1),
        discount=0.1,
        rungs=2,
        mechanisms={"jackpot": {"chance": 0.1}},
    )
    assert "jackpot" in unfit(more)
    rich = lb.Race(labs, market, lb.Technology(1e9), discount=1e-3, rungs=2)
    assert solve_rows(np.array([row_of(rich)]), 2).status[0] != SOLVED  # too fast for ten digits


def test_a_damaged_cache_is_no_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    def double(x: float) -> float:
        return 2 * x

    uncounted, kept = [], jit.kept
    monkeypatch.setattr(jit, "kept", lambda of: uncounted.append(is_stopped()) or kept(of))
    assert jit.ready(double, 1.0)(1.5) == 3.0 and jit.is_kept(double)
    assert jit.ready(double, 1.0)(2.5) == 5.0
    assert uncounted == [True, False]  # no limit runs where it is compiled
    for file in tmp_path.rglob("*.nb*"):
        file.write_bytes(b"damaged")
    assert jit.ready(double, 1.0)(2.5) == 5.0


@pytest.mark.slow  # starts two processes
@pytest.mark.parametrize("made", ["jit.ready(double, 1.0)", "1 / 0"])
def test_a_kernel_is_compiled_by_another_process(
    made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And in this one after all, if the other one fails."""
    (tmp_path / "doubling.py").write_text(
        "from leaderbored.solvers.kernels import jit\n"
        "def double(x):\n    return 2 * x\n"
        f"def _kernel():\n    return {made}\n"
    )
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    double = import_module("doubling").double
    ahead.begin(double)
    ahead.awaited(double)
    assert jit.is_kept(double) is ("ready" in made)
    assert jit.ready(double, 1.0)(1.5) == 3.0 and jit.is_kept(double)
    sys.modules.pop("doubling")


def python(code: str, **environment: str) -> str:
    home = Path(__file__).parents[1]
    kept = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env={**kept, "PYTHONPATH": str(home), **environment},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.slow
def test_kept_machine_code_is_loaded_without_what_compiling_takes(tmp_path: Path) -> None:
    code = (
        "import sys; from leaderbored.solvers.kernels import jit, tables;"
        "kernel = jit.ready(tables.power.py_func, 3.0, 2.0);"
        "print(kernel(3.0, 0.5) ** 2, 'numba.cpython.unicode' in sys.modules)"
    )
    said = [python(code, NUMBA_CACHE_DIR=str(tmp_path)).split() for _ in range(2)]
    assert [known for _, known in said] == ["True", "False"]
    assert [round(float(three), 9) for three, _ in said] == [3, 3]


def test_numba_is_imported_when_it_is_used() -> None:
    code = "import sys, leaderbored as lb; lb.sweep, lb.solve; print('numba' in sys.modules)"
    assert python(code).strip() == "False"


@pytest.mark.slow
def test_where_machine_code_is_kept(tmp_path: Path) -> None:
    code = "from leaderbored.solvers.kernels import jit; print(jit.cache_folder())"
    given = python(code, XDG_CACHE_HOME=str(tmp_path)).strip()
    assert Path(given).is_relative_to(tmp_path)
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    assert python(code, XDG_CACHE_HOME=str(nowhere)).strip() == "None"
    assert python(code, HOME=str(nowhere)).strip() == "None"


def test_machine_code_that_cannot_be_kept_is_not_made_for_one_race(tmp_path: Path) -> None:
    nowhere = tmp_path / "file"
    nowhere.write_text("")
    code = (
        "import leaderbored as lb; labs = [lb.Lab('A', 1), lb.Lab('B', 1)];"
        "from leaderbored.solvers.kernels import starts;"
        "race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=8);"
        "print(len(lb.solve(race, all=True).equilibria), starts._kernel.cache_info().currsize)"
    )
    assert python(code, HOME=str(nowhere)).split() == ["1", "0"]


@pytest.mark.slow  # compiling paths takes seconds
@pytest.mark.parametrize("leapfrog", [0.0, 0.5])
@pytest.mark.parametrize("along", ["market.scarcity", "technology.returns", "discount"])
def test_paths_on_markets_that_clear_are_those_of_the_single_solver(
    along: str, leapfrog: float
) -> None:
    labs, technology = [lb.Lab("A", 1), lb.Lab("B", 0.7)], lb.Technology(2, 0.6, leapfrog=leapfrog)
    race = lb.Race(labs, lb.ClearingMarket(1.5, openness=0.5), technology, 0.2, rungs=8)
    middle = {"market.scarcity": 1.5, "technology.returns": 0.6, "discount": 0.2}[along]
    line = RaceLine(race, along, (0.8 * middle, 1.2 * middle), lb.Method(), None)
    family, one = line.family, lb.solve(race).equilibria[0]
    point = np.append(family.point(0.5, one.value, one.build).z, 0.5)
    kernel, tangent = family.along, None
    assert kernel is not None
    for step in (0.0, 0.01, 0.03):
        ahead = point if tangent is None else point + step * tangent
        found = []
        for family.along in (None, kernel):
            found.append(Corrector(family, 1e-12, 2).at(ahead, tangent))
        single, quick = found
        assert single is not None and quick is not None
        assert quick.z == pytest.approx(single.z, rel=1e-9, abs=1e-9)
        assert quick.u == pytest.approx(single.u, abs=1e-9)
        assert quick.tangent == pytest.approx(single.tangent, rel=1e-4, abs=1e-4)
        assert (quick.index, quick.piece) == (single.index, single.piece)
        assert (quick.rank == single.rank).all()
        point, tangent = np.append(single.z, single.u), single.tangent


def test_from_given_shares_the_equilibrium_near_them_is_found() -> None:
    """Where two coexist each is found from itself; from nonsense one of them, or nothing."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    race = lb.Race(labs, lb.ScarceMarket(0.9), lb.Technology(3, handicap=0.11), 0.1, rungs=16)
    row, size = np.array([row_of(race)]), 2 * race.rungs + 1
    low = solve_rows(row, race.rungs, starts=np.zeros((1, 2, size)))
    cold = solve_rows(row, race.rungs)
    assert low.status[0] == cold.status[0] == SOLVED
    both = np.stack([low.build[0], cold.build[0]])
    again = solve_rows(np.repeat(row, 2, axis=0), race.rungs, starts=both)
    assert close(again.tie[0], low.tie[0], 1e-10) and close(again.tie[1], cold.tie[0], 1e-10)
    wild = np.random.default_rng(1).normal(0, 9, (40, 2, size))
    found = solve_rows(np.repeat(row, 40, axis=0), race.rungs, starts=wild)
    known = found.tie[found.status == SOLVED]
    assert len(known) > 20 and (found.regret[found.status == SOLVED] <= 1e-9).all()
    started = lb.solve(race, start=both[0][:, by_state(race.rungs)]).equilibria[0]
    assert close(started.value[:, 0], low.tie[0], 1e-9)


def test_a_race_is_solved_without_what_takes_long_to_import() -> None:
    code = (
        "import sys, leaderbored as lb; labs = [lb.Lab('A', 1), lb.Lab('B', 1)];"
        "race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=3);"
        "assert lb.solve(race, lb.Method(certify='regret')).status.ok;"
        "assert not {'flint', 'scipy.special'} & set(sys.modules);"
        "assert lb.solve(race).status.ok;"
        "heavy = {'sympy', 'scipy.stats', 'scipy.optimize', 'matplotlib', 'numba', 'nashpy'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert python(code).strip() == "[]"


def test_price_takers_of_whom_one_sells_next_to_nothing_are_left_to_the_kernel() -> None:
    """A price hangs on the last digits of the few units sold, but what they bring does not."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 2)]
    market = lb.ClearingMarket(1.5, conduct="price-taking")
    race = lb.Race(labs, market, lb.Technology(1, 0.5, flywheel=0.2), 0.1, rungs=20)
    found, one = solve_rows(np.array([row_of(race)]), 20), lb.solve(race, REGRET).equilibria[0]
    assert found.status[0] == SOLVED
    np.testing.assert_allclose(found.value[0][:, by_state(20)], one.value, rtol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("clears", [False, True])
def test_best_replies_return_by_the_kernel_where_they_do_by_its_twin(
    clears: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equilibria drawn from all over the box, and shares beside them, which none need be."""
    random, told = np.random.default_rng(5), []
    for _ in range(6):
        race = replace(draw(random, clears=clears), rungs=int(random.integers(7, 10)))
        system = System(race.markov())
        for one in lb.solve(race, REGRET).equilibria:
            build = one.build if len(told) % 2 else np.clip(one.build, 0.2, 0.6)
            build = np.clip(build, system.game.lower, system.game.upper)
            point = Point(system.evaluate(build), build, 0)
            told.append(returns(system, point, Stability(beside=1e-3, rounds=60)))
            with monkeypatch.context() as patch:
                patch.setattr(stability, "by_machine", lambda system: None)
                assert returns(system, point, Stability(beside=1e-3, rounds=60)) == told[-1]
    assert set(told) == {True, False}
