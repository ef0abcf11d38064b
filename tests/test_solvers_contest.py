"""Contests against formulas, brute force and published results."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy.optimize import linprog

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.race.contest import Contender, Contest, ContestArrays
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.contest import ContestMethod, certificate, equilibria
from leaderbored.solvers.contest.certificate import gains
from leaderbored.solvers.contest.shares import aggregate_equilibrium


def builds(game: Contest | ContestArrays) -> list[Array]:
    return [np.concatenate([*e.strategies.values()]) for e in lb.solve(game).equilibria]


def only(game: Contest | ContestArrays) -> Array:
    found = builds(game)
    assert len(found) == 1
    return found[0]


def gain_by_grid(contest: ContestArrays, build: Array, points: int = 4001) -> float:
    """Largest gain of one lab, from the payoffs as they are written down."""
    y = contest.head_start * build**contest.decisiveness
    gains = []
    for i in range(len(build)):

        def payoff(b: Array, i: int = i) -> Array:
            sold, rest = np.minimum(contest.compute[i] - b, contest.demand[i]), y.sum() - y[i]
            idle = contest.compute[i] - b - sold
            own = contest.head_start[i] * b**contest.decisiveness
            prize = contest.prize * own / np.maximum(own + rest, 1e-300)
            return contest.dear[i] * sold + contest.cheap[i] * idle + prize

        grid = np.concatenate(
            [
                np.linspace(contest.lo[i], contest.hi[i], points),
                np.clip(
                    np.geomspace(1e-6, 1, points) * contest.hi[i], contest.lo[i], contest.hi[i]
                ),
            ]
        )
        gains.append(payoff(grid).max() - payoff(build[i : i + 1])[0])
    return float(max(gains))


@pytest.mark.parametrize(
    ("r", "t", "p"), [(1.0, 1.0, 2.0), (0.5, 3.0, 0.7), (1.3, 1.5, 1.2), (1.5, 2.0, 1.5)]
)
def test_two_sold_out_labs_split_the_odds_by_head_start_and_price(
    r: float, t: float, p: float
) -> None:
    contest = Contest.of([9, 9], price=[p, 1], head_start=[t, 1], prize=2.0, decisiveness=r)
    odds = t / p**r
    chance = odds / (1 + odds)
    expected = r * 2.0 * chance * (1 - chance) / np.array([p, 1.0])
    assert r <= 1 + min(odds, 1 / odds)
    np.testing.assert_allclose(only(contest), expected, rtol=1e-9)


@pytest.mark.parametrize(("t", "p"), [(1.0, 1.0), (3.0, 1.0), (1.0, 1.4), (0.6, 1.2)])
def test_two_labs_have_a_pure_equilibrium_up_to_the_bound_on_decisiveness(
    t: float, p: float
) -> None:
    def gap(r: float) -> float:
        odds = t / p**r
        return 1 + min(odds, 1 / odds) - r

    low, high = 1.0, 3.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle) > 0 else (low, middle)
    for r, count in ((low - 1e-3, 1), (low + 1e-3, 0)):
        contest = Contest.of([9, 9], price=[p, 1], head_start=[t, 1], prize=1.0, decisiveness=r)
        found = equilibria(contest)
        assert len(found.equilibria) == count
        assert found.status.ok == (count == 1)


@pytest.mark.parametrize(
    ("compute", "price", "expected"),
    [
        ([1, 1, 1], [1, 1.5, 2], [20 / 81, 12 / 81, 4 / 81]),
        ([1, 1, 1, 1], [1, 1.2, 1.4, 3], []),
        ([1, 1, 0.05], [1, 1, 1], [0.2479019945774904, 0.2479019945774904, 0.05]),
    ],
)
def test_closed_forms_with_corners_and_caps(
    compute: list[float], price: list[float], expected: list[float]
) -> None:
    if len(price) == 4:  # (m - 1) V / sum of the active prices, and from it each build
        aggregate = 2 / (1 + 1.2 + 1.4)
        expected = [max(0.0, aggregate * (1 - c * aggregate)) for c in price]
        assert expected[3] == 0 < expected[2]
    contest = Contest.of(compute, price=price, prize=1.0)
    np.testing.assert_allclose(only(contest), expected, atol=1e-14)
    assert equilibria(contest).census.complete == "proved"


def test_the_headwind_is_capped_by_leasing_and_gone_without_friction() -> None:
    def chance(friction: float | None, r: float = 0.8, t: float = 1.3) -> float:
        labs = [Contender("A", 9.0, price=2.0, head_start=t), Contender("B", 9.0, price=0.5)]
        contest = Contest(labs, prize=1.0, decisiveness=r, friction=friction)
        y = contest.arrays.impact(only(contest))
        return float(y[0] / y.sum())

    for friction, m in ((None, 4.0), (1.8, 4.0), (1.0, 2.0), (0.5, 2 / 1.5), (0.0, 1.0)):
        assert chance(friction) == pytest.approx(1.3 / (1.3 + m**0.8), abs=1e-12)
    assert chance(None) < 0.5 < chance(0.0)


def test_leasing_makes_idle_compute_cost_what_it_could_earn() -> None:
    labs = [Contender("A", 9.0, price=2.0), Contender("B", 9.0, demand=1.0)]
    idle, leased = (
        only(Contest(labs, prize=1.0, friction=f, decisiveness=1.0)) for f in (None, 0.5)
    )
    assert idle[1] == 8.0  # all that nobody asks for
    np.testing.assert_allclose(leased, [1.5 / 3.5**2, 2 / 3.5**2])


def test_leasing_presumes_unlimited_demand_of_the_dearest_lab() -> None:
    labs = [Contender("A", 1.0, price=2.0, demand=1.0), Contender("B", 1.0)]
    with pytest.raises(ValidationError, match="'demand'"):
        Contest(labs, prize=1.0, friction=0.1)
    with pytest.raises(ValueError, match="demand of the dearest lab"):
        Contest.of([1, 1], price=[2, 1], demand=[1, np.inf], prize=1.0, friction=0.1)


@pytest.mark.parametrize(
    "compute", [[1.0, 2.0, 3.0, 4.0], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0]]
)
def test_increasing_returns_leave_labs_idle_at_corners(compute: list[float]) -> None:
    contest = Contest.of(compute, prize=1.0, decisiveness=1.2)
    found = builds(contest)
    assert len(found) > 1
    assert any((build == 0).any() for build in found)
    assert max(gain_by_grid(contest, build) for build in found) < 1e-12


def test_equal_labs_with_increasing_returns_have_every_coalition_of_builders() -> None:
    # m of 5 build r (m - 1) / m^2 each; fewer are entered upon, more lose money
    found = builds(Contest.of(np.ones(5), prize=1.0, decisiveness=1.3))
    sizes = [int((build > 0).sum()) for build in found]
    assert [sizes.count(m) for m in range(6)] == [0, 0, 0, 10, 5, 0]
    for build, m in zip(found, sizes, strict=True):
        np.testing.assert_allclose(build[build > 0], 1.3 * (m - 1) / m**2, rtol=1e-9)


def test_a_branch_with_idle_compute_is_not_missed_by_best_replies() -> None:
    rng = np.random.default_rng(0)
    for _ in range(6):
        contest = Contest.of(
            rng.uniform(0.1, 1, 3),
            price=rng.uniform(0.5, 2, 3),
            demand=rng.uniform(0.1, 1, 3),
            prize=1.0,
            decisiveness=1.6,
        )
        found = builds(contest)
        grids = np.linspace(contest.lo, contest.hi, 801)
        for start in rng.uniform(0, 1, (8, 3)) * contest.compute:
            build = start.copy()
            for k in range(60):
                trial = np.tile(build, (801, 1))
                trial[:, k % 3] = grids[:, k % 3]
                build = trial[contest.payoffs(trial)[:, k % 3].argmax()]
            if gains(contest, build).max() < 1e-5:
                assert min(np.abs(build - b).max() for b in found) < 0.01


numbers = st.floats(0.2, 3.0)


@st.composite
def contests(draw: st.DrawFn, r: tuple[float, float]) -> ContestArrays:
    n = draw(st.integers(2, 5))
    column = st.lists(numbers, min_size=n, max_size=n)
    least = draw(st.floats(0, 0.2))
    return Contest.of(
        draw(column),
        price=draw(column),
        demand=draw(column),
        head_start=draw(column),
        build=(least, draw(st.floats(0.5, 1))),
        prize=draw(numbers),
        decisiveness=draw(st.floats(*r)),
    )


def again(
    contest: ContestArrays, order: Array | None = None, money: float = 1.0, unit: float = 1.0
) -> ContestArrays:
    o = np.arange(len(contest)) if order is None else order
    return Contest.of(
        contest.compute[o] * unit,
        price=contest.dear[o] * money / unit,
        demand=contest.demand[o] * unit,
        head_start=contest.head_start[o],
        build=((contest.lo / contest.compute)[o], (contest.hi / contest.compute)[o]),
        prize=contest.prize * money,
        decisiveness=contest.decisiveness,
    )


@settings(max_examples=60, deadline=None)
@given(contests((0.3, 1.0)))
def test_up_to_one_the_equilibrium_survives_brute_force(contest: ContestArrays) -> None:
    found = equilibria(contest)
    assert found.status.ok
    assert found.equilibria[0].regret < 1e-12
    assert gain_by_grid(contest, only(contest)) < 1e-10


@pytest.mark.parametrize("below", [0.0, 1e-16, 1e-14, 1e-12, 1e-10])
def test_next_to_constant_returns_marginal_labs_build_next_to_nothing(below: float) -> None:
    contest = Contest.of(np.ones(3), head_start=[1.0, 2.0, 2.0], prize=1.0, decisiveness=1 - below)
    found = equilibria(contest).equilibria[0]  # the first lab is at the margin: 1 = p h / sum
    np.testing.assert_allclose(only(contest), [0.0, 0.25, 0.25], atol=1e-8)
    assert found.regret < 1e-12
    assert found.radius is not None and found.radius < 1


@settings(max_examples=12, deadline=None)
@given(contests((1.05, 1.9)))
def test_above_one_every_equilibrium_survives_brute_force(contest: ContestArrays) -> None:
    assert all(gain_by_grid(contest, build) < 1e-9 for build in builds(contest))


def test_a_share_next_to_one_leaves_the_rest_to_the_others() -> None:
    # The second lab's compute beyond one unit sells for nothing, so it builds with one unit at
    # least. The first lab's share x^r / (x^r + 1) has the slope r x^(r - 1) next to zero, which
    # half the prize makes worth the price of one where x = (r / 2)^(1 / (1 - r)).
    r = 1 - 2**-6
    contest = Contest.of([1.0, 2.0], demand=1.0, head_start=2.0, prize=0.5, decisiveness=r)
    found = equilibria(contest).equilibria[0]
    np.testing.assert_allclose(only(contest), [(r / 2) ** 64, 1.0], rtol=1e-10)
    assert found.proof.holds


@settings(max_examples=25, deadline=None)
@given(contests((0.3, 1.0)), st.floats(0.01, 100))
def test_relabelling_and_units_change_nothing(contest: ContestArrays, scale: float) -> None:
    build = only(contest)
    order = np.random.default_rng(len(contest)).permutation(len(contest))
    close = {"rtol": 1e-8, "atol": 1e-10}
    np.testing.assert_allclose(only(again(contest, order)), build[order], **close)
    np.testing.assert_allclose(only(again(contest, money=scale)), build, **close)
    np.testing.assert_allclose(only(again(contest, unit=scale)) / scale, build, **close)


def test_units_change_nothing_above_one() -> None:
    contest = Contest.of([0.2, 0.5, 0.8, 0.9], price=[1, 1.1, 1.2, 1], prize=1.0, decisiveness=1.25)
    for other, unit in ((again(contest, money=1e6), 1.0), (again(contest, unit=1e-6), 1e-6)):
        np.testing.assert_allclose(np.array(builds(other)) / unit, builds(contest), atol=1e-9)


@pytest.mark.parametrize("r", [1.0, 0.7])
def test_a_million_labs_meet_their_first_order_conditions(r: float) -> None:
    rng = np.random.default_rng(1)
    price = rng.uniform(0.5, 2, 10**6)
    contest = Contest.of(rng.uniform(0.1, 4, 10**6), price=price, prize=1e6, decisiveness=r)
    build, aggregate = aggregate_equilibrium(contest)
    share = build**r / aggregate
    assert share.sum() == pytest.approx(1, abs=1e-11)
    capped, inner = build == contest.hi, (build > 1e-6) & (build < contest.hi)
    assert capped.any() and inner.any()
    worth = contest.prize * r * share * (1 - share) / np.maximum(build, 1e-300)
    np.testing.assert_allclose(worth[inner], price[inner], rtol=1e-8)
    assert (worth[capped] >= price[capped]).all()
    if r == 1:
        assert (price[build == 0] >= contest.prize / aggregate * (1 - 1e-12)).all()


def test_beyond_two_the_prize_is_competed_away_in_mixed_strategies() -> None:
    contest = Contest([Contender("A", 1.0), Contender("B", 1.0)], prize=1.0, decisiveness=3.0)
    found = lb.solve(contest)
    assert not found.equilibria
    assert found.status.code == "not converged"
    assert "mixed" in found.status.advice
    rents, means = [], []
    for steps in (21, 41, 81):
        grid = np.linspace(0, 1, steps)
        table = contest.discretise(steps).tables[0]
        # what the rival spends does not move a lab: add it, and the game is zero-sum
        matrix = table - 1.5 + grid[None]
        np.testing.assert_allclose(matrix, -matrix.T, atol=1e-12)
        law = _maximin(matrix)
        rents.append(float(law @ table @ law) - 1.0)
        means.append(float(law @ grid))
    assert abs(rents[-1]) <= abs(rents[0]) and abs(rents[-1]) < 0.02
    assert means[-1] == pytest.approx(0.5, abs=0.02)


def _maximin(matrix: Array) -> Array:
    n = len(matrix)
    solved = linprog(
        np.append(np.zeros(n), -1.0),
        A_ub=np.hstack([-matrix.T, np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=np.append(np.ones(n), 0.0)[None],
        b_eq=[1.0],
        bounds=[(0, None)] * n + [(None, None)],
    )
    law: Array = solved.x[:n]
    return law


def test_stability_of_three_equal_labs() -> None:
    contest = Contest.of(np.ones(3), prize=1.0)
    point = equilibria(contest).equilibria[0]
    step = 1e-6

    def reply(build: Array) -> Array:
        others = build.sum() - build
        return np.sqrt(others) - others

    build = only(contest)
    slopes = [(reply(build + step * e) - reply(build - step * e)) / (2 * step) for e in np.eye(3)]
    assert point.radius == pytest.approx(np.abs(np.linalg.eigvals(slopes)).max(), abs=1e-6)
    assert point.stable


def test_corners_of_the_model() -> None:
    nobody = Contest.of([1.0, 1.0], prize=1.0, build=(0.0, 0.0))
    assert only(nobody).tolist() == [0.0, 0.0]
    alone = Contest.of([1.0, 1.0], prize=1.0, build=(0.0, [1.0, 0.0]))
    assert equilibria(alone).status.code == "not converged"
    forced = Contest.of([1.0, 1.0], prize=1.0, build=([0.25, 0.0], [1.0, 0.0]))
    assert only(forced).tolist() == [0.25, 0.0]
    stopped = equilibria(forced, budget=Budget(0.0))
    assert stopped.status.code == "stopped"


def test_fields_out_of_range_are_named() -> None:
    with pytest.raises(ValidationError, match="compute"):
        Contender("A", compute=-1.0)
    with pytest.raises(ValidationError, match="different names"):
        Contest([Contender("A", 1.0), Contender("A", 1.0)], prize=1.0)
    with pytest.raises(ValueError, match="price"):
        Contest.of([1.0, 1.0], price=[1.0, np.nan], prize=1.0)
    with pytest.raises(ValueError, match="at most 3 labs"):
        Contest([Contender(n, 1.0) for n in "ABCD"], prize=1.0).discretise(3)
    assert ContestMethod(1e-8).tolerance == 1e-8


def test_a_lap_shows_itself_like_a_contest() -> None:
    """Page, notebook, JSON and figure, of two labs and of very many."""
    import json

    from leaderbored.views.data import static_report

    for compute in ([1.0, 2.0], np.ones(300)):
        solution = lb.solve(Contest.of(compute, prize=1.0, demand=np.inf))
        report = json.loads(json.dumps(static_report(solution), allow_nan=False))
        assert report["game"]["kind"] == "contest"
        assert report["game"]["demand"] == [None] * len(compute)
        assert "equilibrium" in solution._repr_html_()
    assert lb.solve(Contest.of([1.0, 2.0], prize=1.0)).plot().axes


@pytest.mark.parametrize("decisiveness", [0.5, 1.0, 1.5])
def test_labs_that_sell_nothing_build_with_all(decisiveness: float) -> None:
    """Idle compute costs nothing, whatever the prize."""
    contest = Contest.of([1.0, 2.0], prize=1e-3, demand=0.0, decisiveness=decisiveness)
    (found,) = lb.solve(contest).equilibria
    assert [law.tolist() for law in found.strategies.values()] == [[1.0], [2.0]]


@pytest.mark.parametrize("prize", [1e-308, 1e300])
def test_sizes_at_the_ends_of_floating_point_are_answered_or_refused(prize: float) -> None:
    solution = lb.solve(Contest.of([1.0, 1.0], prize=prize))
    assert solution.equilibria or "one lab" not in solution.status.message


@pytest.mark.parametrize("decisiveness", [5.0, 50.0, 100.0, 2000.0])
@pytest.mark.parametrize("size", [1.0, 1e3])
def test_idle_compute_builds_however_decisive_the_contest(decisiveness: float, size: float) -> None:
    """Nothing beyond it pays: for A the odds are sure, for B lost, and all the rest is sold."""
    compute, demand = np.array([3.0, 2.0]) * size, np.array([1.0, 1.0]) * size
    contest = Contest.of(compute, demand=demand, prize=1.0, decisiveness=decisiveness)
    solution = lb.solve(contest)
    (found,) = solution.equilibria
    assert [float(b[0]) for b in found.strategies.values()] == pytest.approx([2 * size, size])
    odds = 1 / (1 + 0.5**decisiveness)
    np.testing.assert_allclose(found.payoffs, [size + odds, size + 1 - odds], rtol=1e-12)
    assert solution.complete == ("searched" if decisiveness < 200 else "partial")


def test_a_corner_next_to_sure_odds_is_not_stepped_over() -> None:
    """Compute costs so little that both corners pay only where the odds are next to sure."""
    contest = Contest.of(
        [30.0, 1.0],
        demand=[10.0, np.inf],
        price=[0.01, 0.01],
        prize=1.0,
        build=(0.0, [1.0, 0.5]),
        decisiveness=10.0,
    )
    (found,) = lb.solve(contest).equilibria
    assert [float(b[0]) for b in found.strategies.values()] == pytest.approx([20.0, 0.0])


def test_who_must_build_keeps_out_who_would_have_to_outbuild_it() -> None:
    contest = Contest.of(
        [2.0, 2.0], price=1.0, prize=1.0, decisiveness=1e3, build=([0.5, 0.0], 1.0)
    )
    (found,) = lb.solve(contest).equilibria  # A builds as little as it may, B would pay as much
    assert [float(b[0]) for b in found.strategies.values()] == pytest.approx([1.0, 0.0])


@pytest.mark.parametrize("r", [0.5, 1.0])
def test_bounds_on_gains_of_many_labs_hold_what_looking_finds(r: float) -> None:
    """Away from an equilibrium too: no lab gains more than is said, and next to no less."""
    rng = np.random.default_rng(3)
    many = lb.Contest.of(
        rng.uniform(1, 2, 300), price=rng.uniform(0.5, 1.5, 300), prize=40.0, decisiveness=r
    )
    (found,) = lb.solve(many).equilibria
    build = np.array([float(b[0]) for b in found.strategies.values()])
    assert found.regret < 1e-10
    moved = build * np.where(np.arange(300) % 3, 1.0, 1.2)
    said = gains(many, moved)
    y = moved**r
    for k in range(0, 300, 17):
        tried = np.linspace(0, many.compute[k], 20001)
        others = y.sum() - y[k]
        worth = many.dear[k] * (many.compute[k] - tried) + 40 * tried**r / (tried**r + others)
        here = many.dear[k] * (many.compute[k] - moved[k]) + 40 * y[k] / y.sum()
        assert said[k] >= worth.max() - here - 1e-12
        assert said[k] == pytest.approx(worth.max() - here, abs=1e-6)


@pytest.mark.parametrize("r", [1.0, 0.7])
def test_many_labs_with_a_small_prize_are_certified_by_bounds_alone(
    r: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What they build is next to nothing, so that payoffs next to it are flat to the last digit."""
    rng = np.random.default_rng(0)
    price = rng.uniform(0.5, 2, 3000)
    contest = Contest.of(rng.uniform(0.1, 4, 3000), price=price, prize=1e-3, decisiveness=r)
    monkeypatch.setattr(certificate, "_looked", None)
    build, _ = aggregate_equilibrium(contest)
    assert (certificate.regret(contest, build) <= 1e-11).all()
    moved = np.where(np.arange(3000) == price.argmin(), 2 * build, build)
    monkeypatch.undo()
    assert certificate.regret(contest, moved).max() > 1e-7


def test_labs_without_a_choice_are_not_said_to_jump() -> None:
    """What is left unproved of them is not for a decisiveness above one: it is one."""
    labs = tuple(Contender(name, 1.0, build=(0.5, 0.5)) for name in "AB")
    proof = lb.solve(Contest(labs, prize=1.0)).equilibria[0].proof
    assert (proof.holds, "jump" in proof.reason) == (False, False)
