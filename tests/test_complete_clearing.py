"""Whole lists where prices clear: sales, slopes, steps that lose nothing, claims."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numba
import numpy as np
import pytest
from test_complete import cell_around, leads_to

import leaderbored as lb
from benchmarks import omissions
from leaderbored.games.cleared import Cleared
from leaderbored.solvers.complete import (
    Transfer,
    bounds,
    cells,
    cleared,
    lab,
    pooled,
    seller,
    step,
)
from leaderbored.solvers.complete.boxes import Box
from leaderbored.solvers.complete.line import leads
from leaderbored.solvers.complete.prover import BOUNDED, _Proof, prove
from leaderbored.solvers.complete.rows import rows
from leaderbored.solvers.markov.selling import Selling

PIECES = (seller.OUT, seller.LEVEL, seller.SLACK, seller.INNER)


def race(
    scarcity: float, theta: float, rungs: int = 2, drafting: float = 0.0, **market: Any
) -> lb.Race:
    technology = lb.Technology(1.5, theta, handicap=0.1, drafting=drafting)
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.3)]
    market = lb.ClearingMarket(scarcity, **{"switching": 0.5} | market)  # type: ignore[assignment]
    return lb.Race(labs, market, technology, discount=0.2, rungs=rungs)  # type: ignore[arg-type]


def test_which_clearing_races_are_treated() -> None:
    """Not where prices are taken as given, nor where shares have bounds."""
    assert leads(race(1.5, 0.5).markov()) is not None
    assert leads(race(1.5, 0.5, conduct="price-taking").markov()) is None
    bounded = replace(race(1.5, 0.5), labs=[lb.Lab("A", 1, build=(0.1, 1)), lb.Lab("B", 1)])
    assert prove(bounded.markov(), [], 100, 16).message == BOUNDED


def kernel(of: Any) -> Any:
    """What a kernel calls, to be called from here."""
    return numba.njit(of.py_func, error_model="numpy")


def python(of: Any) -> Any:
    """The same without compiling it."""
    return of.py_func


def effort(p: np.ndarray[Any, Any], share: float) -> float:
    """v of :mod:`.seller`."""
    return float(share ** (1 / p[seller.POWER]))


@pytest.mark.slow
def test_replies_hold_those_of_the_stage_and_what_it_earns() -> None:
    """Random gains of both signs, and zero, within random bounds, by another method's stage."""
    replies, earned = kernel(cleared.replies), kernel(seller.earned)
    has, gains_on = python(seller.has), python(seller.gains)
    random, pieces = np.random.default_rng(1), set()
    for theta, scarcity in product((0.3, 0.5, 0.7), (0.3, 0.8, 2.0)):
        game = race(scarcity, theta, drafting=0.2).markov()
        place = leads(game)
        assert place is not None
        assert isinstance(game, Cleared)
        table = rows(game, place)
        assert table is not None
        pa, pb = table[0, 2], table[1, 2]
        s = place[2]
        for _ in range(20):
            stakes = np.zeros((2, len(place)))
            stakes[:, s] = random.normal(0.3, 1, 2) * 10 ** random.uniform(-2, 1.5, 2)
            stakes[:, s] *= random.random(2) > 0.1
            share = Selling(game).reply(stakes)
            sales = game.sales(share)
            sold, d = sales.sold[:, s], stakes[:, s]
            worth = game.payoff(share)[:, s] + game.hazard(share)[:, s] * d
            room = 10 ** random.uniform(-6, 0) * random.uniform(0, 1, (2, 2))
            gains = [(float(d[i] - room[0, i]), float(d[i] + room[1, i])) for i in range(2)]
            held = False
            for qa, qb in product(PIECES, PIECES):
                if not (has(pa, qa) and has(pb, qb)):
                    continue
                on = [
                    tuple(np.clip(np.array(g), *gains_on(table[i, 2], q)))
                    for i, (g, q) in enumerate(zip(gains, (qa, qb), strict=True))
                ]
                roots = bool(random.random() < 0.5)
                found = replies(pa, pb, qa, qb, *on, (0.0, 1.0), (0.0, 1.0), roots)
                inside = True
                for i, q in enumerate((qa, qb)):
                    v = effort(table[i, 2], share[i, s])
                    left = float(game.demand[0, s] - sold[1 - i])
                    truth = (float(d[i]), v, left)
                    inside &= all(
                        of[0] - 1e-9 <= x <= of[1] + 1e-9
                        for of, x in zip(found[i::2], truth, strict=True)
                    )
                    if inside and d[i] * (q == seller.INNER) >= 0:
                        low, high = earned(table[i, 2], q, found[i], found[2 + i], found[4 + i])
                        inside &= low[0] - 1e-9 <= worth[i] <= high[1] + 1e-9
                if inside:
                    held = True
                    pieces.add((qa, qb))
            assert held
    assert len(pieces) > 8


@pytest.mark.slow
def test_what_both_earn_together_is_the_maximum_over_shares() -> None:
    """Not below what any of many shares earn, nor far above the best, of gains of both signs."""
    bound, random = kernel(pooled.most_of_both), np.random.default_rng(3)

    def together(shares: Any, pair: Any, gains: Any, weight: float) -> Any:
        sold = [p[seller.CAPACITY] * (1 - b) for p, b in zip(pair, shares, strict=True)]
        without, total = pair[0][seller.CUSTOMERS] - sold[0] - sold[1], 0.0
        for p, b, of, d, w in zip(pair, shares, sold, gains, (1.0, weight), strict=True):
            price = p[seller.PRICE] * (p[seller.WORTH] - np.log(of / np.maximum(without, 1e-300)))
            # at a loss what is not sold need not build
            adds = p[lab.SCALE] * b ** p[seller.THETA] * max(d, 0) + p[lab.BASE] * d
            total = total + w * (price * of + adds)
        return np.where(without > 0, total, -np.inf)

    for theta, scarcity in product((0.3, 0.5, 0.7), (0.4, 0.9, 2.5)):
        game = race(scarcity, theta, drafting=0.2).markov()
        place = leads(game)
        assert place is not None
        table = rows(game, place)
        assert table is not None
        for k, weight in product((0, 1, 2), bounds.WEIGHTS):
            pair, gains = table[:, k], random.normal(0.3, 1, 2) * 10 ** random.uniform(-2, 1, 2)
            shares = random.uniform(0, 1, (2, 3000)) ** random.choice([1, 1, 3, 10])
            for near in 0.1 * 0.5 ** np.arange(12):
                best = together(shares, pair, gains, weight).argmax()
                around = shares[:, [best]] * np.exp(near * random.normal(size=shares.shape))
                around += near / 100 * random.normal(size=shares.shape)
                around[:, 0] = shares[:, best]
                shares = np.clip(around, 0, 1 - 1e-12)
            found = together(shares, pair, gains, weight).max()
            most = bound(*pair, weight, *gains)
            assert found <= most + 1e-12 * abs(most)
            assert most <= found + 0.01 * abs(found)


def system(equations: Any, numbers: Any, box: Any, at: Any, cell: Any) -> Any:
    """Whether there are equations, F at a point, and slopes from there over a box."""
    (z, back), (x, y) = box, at
    start, matrix = cell[cells.IMAGE : cells.MATRIX], cell[cells.MATRIX : cells.DEVIATION]
    ends = np.array(list(product(*z[:2])))
    moved = start + (ends - cell[cells.CENTRE : cells.IMAGE]) @ matrix.reshape(2, 2).T - ends
    gaps = np.empty((4, 2))
    gaps[:2] = np.stack([moved.min(axis=0), moved.max(axis=0)], axis=1)
    gaps[2:] = np.stack([back[:, 0] - z[:2, 1], back[:, 1] - z[:2, 0]], axis=1)
    f, j, jp = np.empty((4, 2)), np.empty((4, 4, 2)), np.empty((4, 2, 2))
    there = equations(*numbers, z, x, cell, np.stack([y, y], axis=1), gaps, f, j, jp)
    return there, f, j, jp


@pytest.mark.slow
def test_slopes_hold_between_the_centre_and_any_point() -> None:
    """F at a point lies within F at the centre and slopes times the way, on all pieces."""
    equations, has = kernel(cleared.equations), python(seller.has)
    random, tried = np.random.default_rng(2), 0
    for theta, scarcity in product((0.3, 0.5, 0.7), (0.4, 2.0)):
        game = race(scarcity, theta, drafting=0.2).markov()
        place = leads(game)
        assert place is not None
        table = rows(game, place)
        assert table is not None
        for qa, qb, size in product(PIECES, PIECES, (1e-3, 0.1, 0.3)):
            pair = (qa, qb)
            if not all(has(table[i, 2], q) for i, q in enumerate(pair)):
                continue
            cell = np.zeros(cells.NUMBERS)
            cell[cells.CENTRE : cells.DEVIATION] = random.uniform(-1, 1, 8)
            cell[cells.X : cells.CENTRE] = np.tile([-99.0, 99.0], 4)
            middle = np.append(random.uniform(-1, 1, 2), random.uniform(0.3, 0.6, 2))
            middle[2:] *= [q in (seller.INNER, seller.LEVEL) for q in pair]
            half = size * random.uniform(0, 1, 4) * (middle != 0)
            z = np.stack([middle - half, middle + half], axis=1)
            z[2:, 0] = np.maximum(z[2:, 0], 0)
            back = random.uniform(-1, 1, 2)[:, None] + size * np.array([[-1, 1]])
            numbers, z0, y0 = (
                (0.2, table[0, 2], table[1, 2], qa, qb),
                z.mean(axis=1),
                back.mean(axis=1),
            )
            there, f0, j, jp = system(equations, numbers, (z, back), (z0, y0), cell)
            tried += there
            for _ in range(5 * there):
                z1 = random.uniform(z[:, 0], z[:, 1])
                y1 = random.uniform(back[:, 0], back[:, 1])
                thin = np.stack([z1, z1], axis=1), np.stack([y1, y1], axis=1)
                f1 = system(equations, numbers, thin, (z1, y1), cell)[1]
                low, high = f0.T.copy()
                for slopes, way in ((j, z1 - z0), (jp, y1 - y0)):
                    ends = slopes * way[None, :, None]
                    low = low + ends.min(axis=2).sum(axis=1)
                    high = high + ends.max(axis=2).sum(axis=1)
                assert (low - 1e-9 <= f1[:, 1]).all()
                assert (f1[:, 0] <= high + 1e-9).all()
    assert tried > 60


@pytest.mark.slow
def test_a_step_never_loses_an_equilibrium() -> None:
    """Of random cells that hold its values at two leads one leads to those at the next, as well."""
    solve_step, image, start = map(kernel, (step.solve_step, step.image, step.start_z))
    has = python(seller.has)
    random = np.random.default_rng(6)
    for theta, scarcity in product((0.3, 0.5, 0.7), (0.4, 1.2, 3)):
        solution = lb.solve(race(scarcity, theta, drafting=float(random.choice([0, 0.1]))))
        place = leads(solution.markov)
        assert place is not None
        table = rows(solution.markov, place)
        assert table is not None
        value, work = solution.equilibria[0].value[:, place], step.scratch()
        for _ in range(25):
            k = int(random.integers(1, len(place) - 1))
            size = 10 ** random.uniform(-4, 0)
            x, y, behind = value[:, k], value[:, k + 1], value[:, k - 1]
            cell = cell_around(x, y, size, random)
            room = behind[:, None] + size * np.array([[-1, 1]]) * random.uniform(0.01, 1, (2, 2))
            held = False
            for qa, qb in product(PIECES, PIECES):
                if not (has(table[0, k], qa) and has(table[1, k], qb)):
                    continue
                new, back, z = np.zeros(cells.NUMBERS), room.copy(), np.empty((4, 2))
                start(z, cell, table[0, k], table[1, k], qa, qb)
                numbers = solution.markov.discount, table[0, k], table[1, k], qa, qb
                if not solve_step(*numbers, cell, back, z, np.empty(4), work):
                    continue
                if not image(z, back, work, new):
                    continue
                held = held or leads_to(new, behind, x)
            assert held


@pytest.mark.slow
def test_sums_and_values_are_within_the_bounds_of_all_equilibria() -> None:
    """Of values of equilibria, with bounds that say more than those of each lab alone."""
    for theta, scarcity in product((0.35, 0.6), (0.5, 1.2, 3)):
        solution = lb.solve(race(scarcity, theta, drafting=0.1))
        game, place = solution.markov, leads(solution.markov)
        assert place is not None
        table = rows(game, place)
        assert table is not None
        proof = _Proof(game, table, place, ([], []), (1, 1))
        value = solution.equilibria[0].value[:, place]
        sums = value[0][:, None] + value[1][:, None] * np.array(bounds.WEIGHTS)
        assert (sums <= proof.joint).all()
        assert (proof.joint[:, 2] < 0.99 * proof.high.sum(axis=0)).all()
        box = Box(np.zeros_like(value), proof.high.copy(), np.ones(value.shape))
        assert proof._tightened(box, 300)
        assert ((box.low <= value) & (value <= box.high)).all()


@pytest.mark.slow
@pytest.mark.parametrize(("scarcity", "theta"), [(1.2, 0.5), (0.5, 0.35), (3.0, 0.7)])
def test_a_list_is_proved_and_one_without_an_equilibrium_is_not(
    scarcity: float, theta: float
) -> None:
    method = lb.Method(search=lb.Search(transfer=Transfer(omissions.STEPS)))
    solution = lb.solve(race(scarcity, theta), method, all=True)
    assert solution.complete == "proved"
    for missing in solution.equilibria:
        assert omissions.left_out(solution, missing) == "found again"


@pytest.mark.slow
def test_labs_that_are_alike_are_swept_once_and_steps_are_counted_over_both_grids() -> None:
    """With few steps the coarse grid is given up, and the finer one stops at their number."""
    alike = replace(race(1.5, 0.5, rungs=3), labs=[lb.Lab("A", 1), lb.Lab("B", 1)])
    solution = lb.solve(alike, all=True)
    outcome = prove(solution.markov, solution.equilibria, omissions.STEPS, 32)
    assert (outcome.proved, len(solution.equilibria)) == (True, 1)
    assert omissions.left_out(solution, solution.equilibria[0]) == "found again"
    few = prove(solution.markov, solution.equilibria, 8_000, 32)
    assert not few.proved
    assert few.message == "it takes more than 8,000 steps"


@pytest.mark.slow
def test_seven_rungs_are_proved_in_few_steps() -> None:
    """Squares alike along both axes, joined only where it costs nothing, took over two million."""
    drawn = omissions.draw(np.random.default_rng([1, 3]), clearing=True)
    solution = lb.solve(drawn, all=True)
    assert (drawn.rungs, len(solution.equilibria)) == (7, 1)
    assert Transfer(1_000_000).run(solution.markov, solution.equilibria).proved
