"""Numerical methods against closed forms: paths, complementarity, brackets, pools."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp

from leaderbored.solvers.hunt import Pool, missing
from leaderbored.solvers.markov import newton as race
from leaderbored.solvers.numerics.bracket import bisect, golden
from leaderbored.solvers.numerics.complementarity import Batch, Newton
from leaderbored.solvers.numerics.curve import CurvePoint, Family, Local
from leaderbored.solvers.numerics.halton import halton
from leaderbored.solvers.numerics.linear import factorise, regular_sign, sign
from leaderbored.solvers.numerics.path import Path
from leaderbored.solvers.numerics.sparse import Moving, Single
from leaderbored.solvers.numerics.stride import advance

PATHS = {"largest move": Path(), "mean move": Path(order=2, sharp=0.9, astray=np.inf, uneven=0.2)}


class Scalar(Family):
    """One equation f(u, z) = 0 with its two derivatives; ``piece`` names the smooth piece."""

    def __init__(self, f, by_z, by_u, piece=lambda z: 0):
        self.f, self.by_z, self.by_u, self.piece = f, by_z, by_u, piece

    def near(self, u, z, slope=None):
        (x,) = z.tolist()
        parts = [np.array([part(u, x)], dtype=float) for part in (self.f, self.by_z, self.by_u)]
        name = bytes([self.piece(x)])
        return Local(parts[1][None], parts[0], parts[2], np.array([0]), z, np.ones(2), name)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_points_fill_a_box_more_evenly_than_chance_does(seed: int) -> None:
    """Each cell of 2^a 3^b 5^c has its share of as many points, and means are those of the box."""
    x = halton(16 * 9 * 5, 3, seed)
    cells = np.floor(x * [16, 9, 5]).astype(int)
    assert len(np.unique(cells, axis=0)) == len(x)
    far = halton(500, 60, seed)
    assert ((far >= 0) & (far < 1)).all()
    # in base 281, the 60th prime, less than two rounds of digits: within a few standard errors
    assert np.abs(far.mean(axis=0) - 0.5).max() < 4 * np.sqrt(1 / 12 / 500)
    apart = np.corrcoef(far.T) - np.eye(60)
    assert np.abs(apart).max() < 5 / np.sqrt(500)
    assert np.array_equal(halton(9, 2, seed), halton(20, 2, seed)[:9])


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_folds_of_cubics_and_all_their_roots(path: Path) -> None:
    """u = (z^3 - p z) / q + 1/2 folds at z = +-sqrt(p / 3), and passes every root in between."""
    random = np.random.default_rng(3)
    for _ in range(60):
        p, q = random.uniform(0.3, 2.0), random.uniform(3.0, 9.0)
        family = Scalar(
            lambda u, z, p=p, q=q: z**3 - p * z - q * (u - 0.5),
            lambda u, z, p=p: 3 * z**2 - p,
            lambda u, z, q=q: -q,
        )
        start = float(np.min(np.roots([1, 0, -p, q / 2]).real))
        curve = path.follow(family, np.array([start]), 0.0, 1)
        height = 2 * (p / 3) ** 1.5 / q
        assert curve.end == "border"
        assert [point.event for point in curve.points if point.event] == ["fold", "fold"]
        folds = [point.u for point in curve.points if point.event]
        assert folds == pytest.approx([0.5 + height, 0.5 - height], abs=1e-11)
        u = 0.5 + random.uniform(-0.8, 0.8) * height
        roots = np.sort(np.roots([1, 0, -p, -q * (u - 0.5)]).real)
        near = sorted(float(z[0]) for z in curve.passes(u))
        assert near == pytest.approx(roots, abs=0.05)
        signs = [point.index for point in curve.points if abs(3 * point.z[0] ** 2 - p) > 1e-6]
        assert set(signs) == {1, -1}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_circle_is_a_loop_with_two_folds(path: Path) -> None:
    family = Scalar(
        lambda u, z: z**2 + (u - 0.5) ** 2 - 0.04, lambda u, z: 2 * z, lambda u, z: 2 * u - 1
    )
    curve = path.follow(family, np.array([0.2]), 0.5, 1)
    assert curve.end == "loop"
    assert [point.u for point in curve.points if point.event] == pytest.approx([0.7, 0.3])


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
@pytest.mark.parametrize("place", [0.3, 0.5, 0.77])
def test_a_pitchfork_has_two_ways_out(path: Path, place: float) -> None:
    """z^3 = (u - place) z: zero, and from there on two square roots; indices add up to one."""
    family = Scalar(
        lambda u, z: z**3 - (u - place) * z,
        lambda u, z: 3 * z**2 - (u - place),
        lambda u, z: -z,
    )
    curve = path.follow(family, np.array([0.0]), 0.0, 1)
    (crossing,) = [point for point in curve.points if point.event]
    assert (crossing.event, curve.end) == ("branch point", "border")
    assert crossing.u == pytest.approx(place, abs=1e-9)
    arms = list(path.leave(family, crossing))
    ends = sorted(float(arm.points[-1].z[0]) for arm in arms)
    assert ends == pytest.approx([-((1 - place) ** 0.5), (1 - place) ** 0.5])
    assert curve.points[-1].index + sum(arm.points[-1].index for arm in arms) == 1
    assert not list(path.leave(family, crossing, known=lambda first: True))


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)
def test_a_path_turns_at_a_kink(path: Path) -> None:
    family = Scalar(
        lambda u, z: abs(z) - (1 - 2 * u),
        lambda u, z: np.sign(z) or 1.0,
        lambda u, z: 2.0,
        piece=lambda z: int(z > 0),
    )
    curve = path.follow(family, np.array([-1.0]), 0.0, 1)
    (fold,) = [point for point in curve.points if point.event]
    assert fold.event == "fold"
    assert fold.u == pytest.approx(0.5, abs=1e-9)
    assert (curve.end, curve.points[-1].u, curve.points[-1].z[0]) == (
        "border",
        0.0,
        pytest.approx(1),
    )


class Box:
    """F(z) = M z + q on a box, for batches and one by one."""

    def __init__(self, matrix, q, upper):
        self.matrix, self.q = matrix, q
        self.lower, self.upper = np.zeros(len(q)), upper

    def residual(self, z):
        return z @ self.matrix.T + self.q

    def derivative(self, z):
        return np.tile(self.matrix, (len(z), 1, 1))

    def jacobian(self, z):
        return sp.csr_array(self.matrix)

    def weights(self, z):
        return np.ones(len(z))


def enumerated(box: Box) -> list[np.ndarray]:
    """Solutions by trying who is at which bound."""
    found = []
    for choice in product((-1, 0, 1), repeat=len(box.q)):
        sides = np.array(choice)
        z = np.where(sides > 0, box.upper, 0.0)
        free = sides == 0
        if free.any():
            rest = box.q[free] + box.matrix[free][:, ~free] @ z[~free]
            z[free] = np.linalg.solve(box.matrix[free][:, free], -rest)
        f = box.residual(z)
        inside = (z >= -1e-12).all() and (z <= box.upper + 1e-12).all()
        if inside and (f[sides < 0] >= -1e-12).all() and (f[sides > 0] <= 1e-12).all():
            found.append(z)
    return found


def drawn(random: np.random.Generator, size: int = 3) -> Box:
    """A problem with one solution: the matrix is diagonally dominant."""
    matrix = random.normal(size=(size, size))
    np.fill_diagonal(matrix, np.abs(matrix).sum(axis=1) + 0.1)
    return Box(matrix, 3 * random.normal(size=size), random.uniform(0.2, 2.0, size))


def test_newton_solves_what_enumeration_solves() -> None:
    random = np.random.default_rng(5)
    for _ in range(200):
        box = drawn(random)
        solution = enumerated(box)[0]
        starts = random.uniform(size=(4, 3)) * box.upper
        many = Newton().run(Batch(box), starts)
        assert len(many) == 4
        np.testing.assert_allclose(many, np.tile(solution, (4, 1)), atol=1e-10)
        one = Newton(patience=12, enough=1e-11).run(Single(box), starts[:1])
        np.testing.assert_allclose(one[0], solution, atol=1e-10)


def test_a_problem_is_followed_along_its_bounds() -> None:
    random = np.random.default_rng(6)
    for _ in range(20):
        box, way = drawn(random), 3 * random.normal(size=3)
        family = Moving(lambda u, box=box, way=way: Box(box.matrix, box.q + u * way, box.upper))
        curve = Path().follow(family, enumerated(box)[0], 0.0, 1)
        assert curve.end == "border"
        assert not any(point.event for point in curve.points)
        end = enumerated(Box(box.matrix, box.q + way, box.upper))[0]
        np.testing.assert_allclose(curve.points[-1].z, end, atol=1e-9)


class Roots:
    """(z - 1) (z - 2) (z - 3), whose middle root Newton's method finds last."""

    lower, upper = np.full(1, -9.0), np.full(1, 9.0)

    def residual(self, z):
        return (z - 1) * (z - 2) * (z - 3)

    def derivative(self, z):
        return (3 * z**2 - 12 * z + 11)[:, :, None]


def test_deflation_finds_what_is_left() -> None:
    found: Pool[np.ndarray] = Pool(1e-7)
    for _ in range(6):
        known = np.array([*found]) if len(found) else None
        for z in Newton().run(Batch(Roots()), np.array([[0.3]]), known):
            found.add("deflated", z)
    assert sorted(float(z[0]) for z in found) == pytest.approx([1, 2, 3])


def test_what_leads_nowhere_has_no_row() -> None:
    class Never(Roots):
        def residual(self, z):
            return z**2 + 1

        def derivative(self, z):
            return 2 * z[:, :, None]

    never = Never()
    never.lower, never.upper = np.full(1, -np.inf), np.full(1, np.inf)
    assert Newton().run(Batch(never), np.array([[0.3], [4.0]])).shape == (0, 1)


def test_signs_of_determinants() -> None:
    random = np.random.default_rng(7)
    for size in (1, 2, 5, 30):
        for _ in range(20):
            matrix = random.normal(size=(size, size))
            known = int(np.linalg.slogdet(matrix)[0])
            assert sign(matrix) == sign(sp.csr_array(matrix)) == known
            assert regular_sign(matrix, 1e-12) == factorise(sp.csr_array(matrix)).sign() == known
            matrix[-1] = matrix[0]
            assert regular_sign(matrix, 1e-9) == (known if size == 1 else 0)


def test_bisection_says_where_nothing_changes() -> None:
    edge = np.random.default_rng(8).uniform(-1, 2, 200)
    found = bisect(lambda x: x < edge, np.zeros(200), np.ones(200))
    inside = (edge > 0) & (edge < 1)
    np.testing.assert_allclose(found.x, np.clip(edge, 0, 1), atol=1e-15)
    assert (found.low == (edge <= 0)).all() and (found.high == (edge >= 1)).all()
    assert not (found.low | found.high)[inside].any()


def test_golden_sections_find_peaks_and_ends() -> None:
    peak = np.random.default_rng(10).uniform(-1, 2, 200)
    point, paid = golden(lambda x: -(np.abs(x - peak) ** 1.5), np.zeros(200), np.ones(200))
    np.testing.assert_allclose(point, np.clip(peak, 0, 1), atol=1e-8)
    np.testing.assert_allclose(paid, -(np.abs(point - peak) ** 1.5))


def test_a_pool_keeps_each_once_and_counts_who_found_it() -> None:
    random = np.random.default_rng(9)
    points = random.normal(size=(50, 4)) * 10 ** random.uniform(-3, 3, (50, 1))
    pool: Pool[np.ndarray] = Pool(1e-7)
    fresh = [pool.add("first", point, lambda z: 1 if z[0] > 0 else -1) for point in points]
    again = [pool.add("second", point * (1 + 1e-9)) for point in points[::-1]]
    assert all(fresh) and not any(again)
    assert pool.engines == {"first": 50, "second": 50}
    assert pool.total == int(np.sign(points[:, 0]).sum())
    assert pool.add("second", points[0] * (1 + 1e-5))
    assert not pool.regular  # nobody looked at the index of the last
    assert "add up to 3" in missing(3) and not missing(1)


def test_a_stride_stops_at_a_fold() -> None:
    def solve(u: float, x: float) -> float | None:
        return np.sqrt(1 - u) if u <= 1 else None

    assert advance(solve, 1.0, (0.0, 0.75), 0.1, 1e-3) == 0.5
    assert advance(solve, 1.0, (0.0, 2.0), 0.1, 1e-3) is None


def test_a_step_from_a_singular_point_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    import leaderbored as lb
    from leaderbored.solvers.markov.system import System

    def singular(*args, **kwargs):
        raise np.linalg.LinAlgError

    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    game = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), discount=0.5, rungs=1).markov()
    system = System(game)
    value = system.evaluate(game.idle)
    monkeypatch.setattr(race, "solve_linear", singular)
    assert race.Newton().polish(system, value, game.idle) is None


def test_a_point_of_a_curve_knows_its_side() -> None:
    point = CurvePoint(0.5, np.zeros(1), 1, tangent=np.array([1.0, -0.2]))
    assert point.side == -1
    assert CurvePoint(0.5, np.zeros(1), 0, tangent=np.array([1.0, 1e-12])).side == 0
