"""Linear-quadratic games against closed forms, simulation, brute force and other methods."""

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy.integrate import solve_ivp
from scipy.linalg import expm, solve_continuous_are, solve_discrete_are
from scipy.optimize import brentq, minimize

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import loads, schema, starter
from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.linear_quadratic import LinearQuadraticMethod
from leaderbored.solvers.linear_quadratic.certificate import regret
from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium

Found = tuple[LinearQuadraticEquilibrium, ...]


def scalar(
    a: float, b: list[float], q: list[float], r: list[float], **other: object
) -> lb.LinearQuadratic:
    rows = enumerate(zip(b, q, r, strict=True))
    players = [lb.Controller(str(i), *(control, cost, state)) for i, (control, state, cost) in rows]
    return lb.LinearQuadratic(a, players, **other)  # type: ignore[arg-type]


def gains(point: LinearQuadraticEquilibrium) -> Array:
    return np.concatenate([f.ravel() for f in point.gains.values()])


def every(game: lb.LinearQuadratic, **options: object) -> Found:
    solution = lb.solve(game, **options)  # type: ignore[call-overload]
    assert solution.status.ok, solution.status
    assert all(e.regret < 1e-8 and e.residual < 1e-8 for e in solution.equilibria)
    found: Found = solution.equilibria
    return found


def random_game(seed: int, time: str, n: int = 2, **other: object) -> lb.LinearQuadratic:
    """Two players with every kind of cost."""
    rng = np.random.default_rng(seed)
    players = []
    for name, rival, m in (("A", "B", 1), ("B", "A", 2)):
        root = rng.standard_normal((n, n))
        players.append(
            lb.Controller(
                name,
                control=rng.standard_normal((n, m)),
                control_cost=np.eye(m) * rng.uniform(1, 2),
                state_cost=root @ root.T + np.eye(n),
                state_linear=rng.standard_normal(n),
                control_linear=rng.standard_normal(m),
                mixed_cost=0.2 * rng.standard_normal((n, m)),
                fixed_cost=rng.standard_normal(),
                rival_costs={rival: 0.1 * np.eye(3 - m)},
            )
        )
    drift = rng.standard_normal((n, n)) * (0.5 if time == "discrete" else 1.0)
    options = {"constant": rng.standard_normal(n), "initial": rng.standard_normal(n), **other}
    return lb.LinearQuadratic(drift, players, time=time, **options)  # type: ignore[arg-type]


def flow_cost(player: lb.Controller, game: lb.LinearQuadratic, x: Array, u: list[Array]) -> float:
    """What a player pays, term by term."""
    own = u[game.players.index(player)]
    cost = x @ player.state_cost @ x + 2 * player.state_linear @ x + player.fixed_cost
    cost += own @ player.control_cost @ own + 2 * x @ player.mixed_cost @ own
    cost += 2 * player.control_linear @ own
    for other, v in zip(game.players, u, strict=True):
        if other.name in player.rival_costs:
            cost += v @ player.rival_costs[other.name] @ v
    return float(cost)


def simulated(game: lb.LinearQuadratic, control: object, horizon: float) -> Array:
    """Costs of controls u(t, x), one list entry for each player, by following the state."""
    d = game.discount
    if not game.continuous:
        x, costs = np.array(game.initial), np.zeros(len(game.players))
        for t in range(int(horizon)):
            u = control(t, x)  # type: ignore[operator]
            flow = np.array([flow_cost(p, game, x, u) for p in game.players])
            costs += (1.0 if d is None else d) ** t * flow
            x = game.drift @ x + game.constant
            x = x + sum(p.control @ v for p, v in zip(game.players, u, strict=True))
        return costs + (1.0 if d is None else d) ** horizon * final(game, x)
    n = game.states

    def slope(t: float, y: Array) -> Array:
        u = control(t, y[:n])  # type: ignore[operator]
        dx = game.drift @ y[:n] + game.constant
        dx = dx + sum(p.control @ v for p, v in zip(game.players, u, strict=True))
        flow = np.array([flow_cost(p, game, y[:n], u) for p in game.players])
        return np.concatenate([dx, np.exp(-(d or 0.0) * t) * flow])

    start = np.append(game.initial, np.zeros(len(game.players)))
    y = solve_ivp(slope, (0, horizon), start, rtol=1e-10, atol=1e-12).y[:, -1]
    ended: Array = y[n:] + np.exp(-(d or 0.0) * horizon) * final(game, y[:n])
    return ended


def final(game: lb.LinearQuadratic, x: Array) -> Array:
    return np.array([x @ p.final_cost @ x + 2 * p.final_linear @ x for p in game.players])


# Closed forms


def test_the_example_with_three_equilibria() -> None:
    solution = lb.solve(scalar(3, [1, 1], [1, 1], [1, 1]))
    assert solution.complete == "proved"
    far, near = 3 + 8**0.5, 3 - 8**0.5
    even = (6 + (36 + 12) ** 0.5) / 6
    expected = [[even, even], [near, far], [far, near]]
    np.testing.assert_allclose([gains(e) for e in solution.equilibria], expected, rtol=1e-12)
    assert all(e.settles for e in solution.equilibria)


@pytest.mark.parametrize("players", [1, 2, 3, 12])
def test_equal_players_and_discounting(players: int) -> None:
    b, k, r, rho, a, q = 1.3, 0.0, 0.7, 0.05, 0.1, 2.0
    ones = np.ones(players)
    found = every(scalar(a, list(b * ones), list(q * ones), list(r * ones), discount=rho))
    roots = np.roots([(2 * players - 1) * b**2 / r, rho - 2 * a, -q])
    k = roots.max()
    assert any(np.allclose(e.quadratic.ravel(), k, rtol=1e-12) for e in found)


def test_the_duel_of_two_labs() -> None:
    (found,) = every(loads(starter("linear-quadratic").read_text("utf-8")))
    np.testing.assert_allclose(-2 * found.quadratic.ravel(), 0.0722753811, atol=1e-10)
    np.testing.assert_allclose(found.eigenvalues.real, -0.6261134177, atol=1e-10)


def test_patience_that_lets_the_state_grow() -> None:
    (found,) = every(scalar(0.1, [1], [0.01], [100], discount=0.5))
    assert found.settles is False
    assert 0 < found.eigenvalues[0].real < 0.25


@pytest.mark.parametrize("time", ["continuous", "discrete"])
def test_one_player_is_optimal_control(time: str) -> None:
    rng = np.random.default_rng(4)
    a, b, root = rng.standard_normal((3, 3)), rng.standard_normal((3, 2)), rng.standard_normal(3)
    q, r, s = np.outer(root, root) + np.eye(3), np.diag([1.0, 2.0]), 0.1 * np.ones((3, 2))
    player = lb.Controller("only", b, r, q, mixed_cost=s)
    solution = lb.solve(lb.LinearQuadratic(a, [player], time=time))
    solve = solve_continuous_are if time == "continuous" else solve_discrete_are
    np.testing.assert_allclose(solution.equilibria[0].quadratic[0], solve(a, b, q, r, s=s))
    assert solution.complete == "proved"


def test_open_loop_of_one_player_is_feedback_along_the_path() -> None:
    game = lb.LinearQuadratic([[0.5, 1], [0, -1]], [lb.Controller("1", [0, 1], 1.0, np.eye(2))])
    (seen,), (planned,) = every(game), every(game, information="open-loop")
    np.testing.assert_allclose(gains(planned), gains(seen), rtol=1e-9)


def test_open_loop_of_equal_players_in_closed_form() -> None:
    # lambda' = (rho - a) lambda - q x, x' = a x - 2 lambda; the stable root of the two
    a, q, rho = -0.3, 1.5, 0.1
    (found,) = every(scalar(a, [1, 1], [q, q], [1, 1], discount=rho), information="open-loop")
    root = (rho - np.sqrt(rho**2 - 4 * (a * (rho - a) - 2 * q))) / 2
    np.testing.assert_allclose(found.eigenvalues, root, rtol=1e-12)


# Every equilibrium of one state


def by_bisection(a: float, s: list[float], q: list[float], discrete: bool) -> list[Array]:
    """Roots of each sum of branches on a fine grid, in the closed loop."""
    found = []
    kappa = np.multiply(s, q)
    for signs in product((-1, 1), repeat=len(s)):

        def gap(x: float, signs: tuple[int, ...] = signs) -> float:
            if discrete:
                inside = np.maximum((1 - x * x) ** 2 - 4 * x * x * kappa, 0)
                y = (1 - x * x + np.multiply(signs, np.sqrt(inside))) / (2 * x * x)
                return float(x * (1 + y.sum()) - a)
            y = x + np.multiply(signs, np.sqrt(np.maximum(x * x - kappa, 0)))
            return float(y.sum() - a - x)

        if discrete:
            edge = np.sqrt(1 + kappa.max()) - np.sqrt(kappa.max())
            grid = np.concatenate([-np.geomspace(edge, 1e-9, 4000), np.geomspace(1e-9, edge, 4000)])
        else:
            grid = np.sqrt(kappa.max()) + np.geomspace(1e-12, 1e3, 8000)
        heights = np.array([gap(x) for x in grid])
        jumps = np.flatnonzero(np.sign(heights[1:]) * np.sign(heights[:-1]) < 0)
        for k in jumps:
            if grid[k] < 0 < grid[k + 1]:
                continue
            x = brentq(gap, grid[k], grid[k + 1], xtol=1e-15)
            if discrete:
                inside = np.maximum((1 - x * x) ** 2 - 4 * x * x * kappa, 0)
                y = (1 - x * x + np.multiply(signs, np.sqrt(inside))) / (2 * x * x)
            else:
                y = x + np.multiply(signs, np.sqrt(np.maximum(x * x - kappa, 0)))
            found.append(y / s)
    return found


@pytest.mark.parametrize("discrete", [False, True])
@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_one_state_by_brute_force(seed: int, n: int, discrete: bool) -> None:
    rng = np.random.default_rng(seed)
    a, s, q = rng.uniform(0.5, 6), rng.uniform(0.3, 2, n), rng.uniform(0.1, 2, n)
    time = "discrete" if discrete else "continuous"
    game = scalar(a, list(np.sqrt(s)), list(q), [1.0] * n, time=time)
    found = sorted(tuple(e.quadratic.ravel()) for e in every(game))
    expected = sorted(map(tuple, by_bisection(a, list(s), list(q), discrete)))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_as_many_equilibria_as_there_can_be() -> None:
    for players, count in ((2, 3), (3, 7), (4, 15)):
        ones = [1.0] * players
        solution = lb.solve(scalar(30, ones, ones, ones))
        assert (len(solution.equilibria), solution.complete) == (count, "proved")


def test_a_double_root_is_one_equilibrium() -> None:
    # the branches of the asymmetric equilibria meet those of the even one where a = sqrt(kappa)
    for a, count in ((0.999, 1), (1.0, 1), (1.001, 3)):
        assert len(every(scalar(a, [1, 1], [1, 1], [1, 1]))) == count


def test_players_who_cannot_steer_still_pay() -> None:
    (found,) = every(scalar(-1, [1, 0], [1, 3], [1, 1]))
    p = 2**0.5 - 1
    np.testing.assert_allclose(found.quadratic.ravel(), [p, 3 / (2 * 2**0.5)], rtol=1e-12)
    assert found.gains["1"] == 0


def test_costs_that_cannot_be_finite() -> None:
    solution = lb.solve(scalar(1, [0, 0], [1, 1], [1, 1]))
    assert (solution.status.code, solution.complete) == ("not converged", "proved")
    assert "horizon" in solution.status.advice


# Several states


def test_two_separate_states_have_the_products_of_their_equilibria() -> None:
    square = np.eye(2)
    players = [lb.Controller(name, square, square, square) for name in "AB"]
    solution = lb.solve(lb.LinearQuadratic(np.diag([3.0, 2.0]), players))
    parts = [[np.array(gains(e)) for e in every(scalar(a, [1, 1], [1, 1], [1, 1]))] for a in (3, 2)]
    for first, second in product(*parts):
        expected = np.concatenate([np.diag([first[i], second[i]]).ravel() for i in (0, 1)])
        assert any(np.allclose(gains(e), expected, atol=1e-8) for e in solution.equilibria)
    assert solution.complete == "searched"


def test_equilibria_in_a_continuum_are_not_called_complete() -> None:
    square = np.eye(2)
    players = [lb.Controller(name, square, square, square) for name in "AB"]
    solution = lb.solve(lb.LinearQuadratic(3 * square, players))
    assert len(solution.equilibria) > 3
    assert solution.complete == "partial" and "continuum" in solution.census.message


def test_the_search_finds_what_algebra_proves() -> None:
    game = scalar(3, [1, 1], [1, 1], [1, 1])
    # a cost of the other's controls so small that it decides nothing, but not exact any more
    changed = TypeAdapter(lb.LinearQuadratic).dump_python(game, mode="json")
    changed["players"][0]["rival_costs"] = {"1": 1e-13}
    solution = lb.solve(TypeAdapter(lb.LinearQuadratic).validate_python(changed))
    expected = [gains(e) for e in every(game)]
    np.testing.assert_allclose([gains(e) for e in solution.equilibria], expected, rtol=1e-9)
    assert solution.complete == "searched"


@pytest.mark.slow
@pytest.mark.parametrize("time", ["continuous", "discrete"])
@pytest.mark.parametrize("information", ["feedback", "open-loop"])
@pytest.mark.parametrize("horizon", [None, 3])
def test_costs_are_what_following_the_state_costs(
    time: str, information: str, horizon: int | None
) -> None:
    discount = 0.9 if time == "discrete" else 0.2
    game = random_game(1, time, horizon=horizon, discount=discount)
    point = every(game, information=information)[0]

    def control(t: float, x: Array) -> list[Array]:
        rows = list(zip(point.gains.values(), point.offsets.values(), strict=True))
        if point.times is None:
            return [-f @ x - g for f, g in rows]
        if time == "discrete":
            return [-f[int(t)] @ x - g[int(t)] for f, g in rows]
        k = min(int(t / 3 * 100), 99)
        w = t / 3 * 100 - k
        return [
            -((1 - w) * f[k] + w * f[k + 1]) @ x - ((1 - w) * g[k] + w * g[k + 1]) for f, g in rows
        ]

    costs = simulated(game, control, horizon or 300)
    assert point.costs is not None
    rough = horizon is not None and time == "continuous"  # gains between moments are interpolated
    np.testing.assert_allclose(costs, point.costs, rtol=1e-3 if rough else 1e-6)


def test_no_plan_of_one_player_does_better_against_plans() -> None:
    game = random_game(2, "discrete", horizon=4)
    (point,) = every(game, information="open-loop")
    x, path = np.array(game.initial), []
    for t in range(4):
        path.append(
            [
                -f[t] @ x - g[t]
                for f, g in zip(point.gains.values(), point.offsets.values(), strict=True)
            ]
        )
        x = game.drift @ x + game.constant
        x = x + sum(p.control @ v for p, v in zip(game.players, path[-1], strict=True))
    for i, player in enumerate(game.players):
        m = player.control.shape[1]

        def cost(flat: Array, i: int = i, m: int = m) -> float:
            own = flat.reshape(4, m)

            def control(t: int, _: Array) -> list[Array]:
                return [own[t] if j == i else path[t][j] for j in range(2)]

            return float(simulated(game, control, 4)[i])

        start = np.concatenate([step[i] for step in path])
        assert point.costs is not None
        assert cost(start) == pytest.approx(point.costs[i], rel=1e-9)
        best = minimize(cost, 0 * start, method="BFGS")
        assert best.fun == pytest.approx(point.costs[i], rel=1e-6)
        np.testing.assert_allclose(best.x, start, atol=1e-3)


def test_open_loop_to_the_end_by_the_boundary_value_problem() -> None:
    a, horizon, end = 0.4, 2.0, 0.5
    players = [lb.Controller(n, 1.0, 1.0, q, final_cost=end) for n, q in (("A", 1.0), ("B", 2.0))]
    game = lb.LinearQuadratic(a, players, horizon=horizon, initial=1.0)
    (point,) = every(game, information="open-loop")
    flow = expm(-horizon * np.array([[a, -1, -1], [-1.0, -a, 0], [-2.0, 0, -a]]))
    last = flow @ np.array([1, end, end])
    np.testing.assert_allclose(
        [f[0, 0, 0] for f in point.gains.values()], last[1:] / last[0], rtol=1e-8
    )


def test_a_game_to_the_end_is_the_limit_of_short_periods() -> None:
    game = random_game(3, "continuous", horizon=1.5)
    (point,) = every(game)
    gaps = []
    for steps in (200, 400):
        dt = 1.5 / steps
        players = [
            lb.Controller(
                p.name,
                p.control * dt,
                p.control_cost * dt,
                p.state_cost * dt,
                p.state_linear * dt,
                p.control_linear * dt,
                p.mixed_cost * dt,
                p.fixed_cost * dt,
                {name: cost * dt for name, cost in p.rival_costs.items()},
            )
            for p in game.players
        ]
        (stepped,) = every(
            lb.LinearQuadratic(
                np.eye(2) + game.drift * dt,
                players,
                time="discrete",
                constant=game.constant * dt,
                horizon=steps,
                initial=game.initial,
            )
        )
        gaps.append(stepped.costs - point.costs)
    np.testing.assert_allclose(gaps[1], gaps[0] / 2, rtol=0.05)  # an error of the first order
    assert np.abs(gaps[1]).max() < 0.02 * np.abs(point.costs).max()


@pytest.mark.slow
def test_far_from_the_end_a_game_is_as_without_one() -> None:
    for time, discount in (("continuous", 0.2), ("discrete", 0.9)):
        for information in ("feedback", "open-loop"):
            endless = every(random_game(5, time, discount=discount), information=information)
            (ending,) = every(
                random_game(5, time, discount=discount, horizon=30), information=information
            )
            start = np.concatenate([f[0].ravel() for f in ending.gains.values()])
            assert any(np.allclose(start, gains(e), rtol=1e-4, atol=1e-5) for e in endless)


def test_a_horizon_beyond_the_explosion_is_refused() -> None:
    # p' = 1 + p^2 backward, of a player who likes the state: tan explodes at pi / 2
    player = lb.Controller("1", 1.0, 1.0, -1.0)
    (point,) = every(lb.LinearQuadratic(0.0, [player], horizon=1.0))
    assert point.quadratic[0, 0, 0] == pytest.approx(-np.tan(1.0), rel=1e-9)
    solution = lb.solve(lb.LinearQuadratic(0.0, [player], horizon=2.0))
    assert not solution.equilibria and solution.status.code == "not converged"
    assert "1.57" in solution.status.advice


# What the certificate is worth


def test_what_is_no_equilibrium_has_regret() -> None:
    game = scalar(3, [1, 1], [1, 1], [1, 1])
    for k in (2.0, 2.2, 4.0):
        gained = regret(game, [np.array([[k, 0.0]])] * 2, "feedback")
        a = 3 - k  # what a player faces; its best value solves p^2 - 2 a p - 1 = 0
        paid, best = (1 + k**2) / (2 * (2 * k - 3)), a + (a * a + 1) ** 0.5
        assert gained == pytest.approx((paid - best) / paid, rel=1e-9)
    assert regret(game, [np.array([[1.0, 0.0]])] * 2, "feedback") == np.inf


def test_nothing_imprecise_is_returned() -> None:
    game = random_game(6, "continuous", discount=0.1)
    solution = lb.solve(game, LinearQuadraticMethod(tolerance=0.0))
    assert not solution.equilibria
    assert solution.status.code == "imprecise" and "units" in solution.status.advice


# Properties

numbers = st.floats(0.2, 3.0)


@st.composite
def games(draw: st.DrawFn) -> lb.LinearQuadratic:
    n = draw(st.integers(1, 3))
    column = st.lists(numbers, min_size=n, max_size=n)
    time = draw(st.sampled_from(["continuous", "discrete"]))
    discount = draw(st.floats(0.01, 0.5) if time == "continuous" else st.floats(0.5, 1.0))
    drift = draw(st.floats(-1, 3))
    return scalar(
        drift, draw(column), draw(column), draw(column), time=time, discount=discount, initial=1.0
    )


def rebuilt(game: lb.LinearQuadratic, **changes: object) -> lb.LinearQuadratic:
    kept = {"time": game.time, "discount": game.discount, "initial": game.initial}
    drift, players = changes.pop("drift", game.drift), changes.pop("players", game.players)
    return lb.LinearQuadratic(drift, players, **{**kept, **changes})  # type: ignore[arg-type]


def table(found: Found, step: int = 1) -> Array:
    """Gains of every equilibrium, in an order that does not depend on costs."""
    rows = [gains(e)[::step].ravel() for e in found]
    return np.array(sorted(rows, key=lambda row: tuple(row.round(8))))


@settings(max_examples=25)
@given(games(), st.floats(0.1, 10), st.floats(0.1, 10))
def test_names_and_units_change_nothing(game: lb.LinearQuadratic, money: float, x: float) -> None:
    before = every(game)
    turned = every(rebuilt(game, players=game.players[::-1]))
    np.testing.assert_allclose(table(before), table(turned, -1), rtol=1e-9)
    players = [
        lb.Controller(p.name, p.control * x, p.control_cost * money, p.state_cost * money / x**2)
        for p in game.players
    ]
    changed = every(rebuilt(game, players=players))
    np.testing.assert_allclose(table(changed) * x, table(before), rtol=1e-9)


@settings(max_examples=15)
@given(games(), st.floats(0.1, 10))
def test_the_unit_of_time_changes_nothing(game: lb.LinearQuadratic, unit: float) -> None:
    if not game.continuous:
        return
    players = [
        lb.Controller(p.name, p.control * unit, p.control_cost, p.state_cost) for p in game.players
    ]
    assert game.discount is not None
    slower = rebuilt(game, drift=game.drift * unit, players=players, discount=game.discount * unit)
    np.testing.assert_allclose(table(every(slower)), table(every(game)), rtol=1e-9)


@pytest.mark.parametrize("time", ["continuous", "discrete"])
@pytest.mark.parametrize("information", ["feedback", "open-loop"])
def test_coordinates_of_the_state_change_nothing(time: str, information: str) -> None:
    discount = 0.9 if time == "discrete" else 0.2
    game = random_game(7, time, discount=discount)
    t = np.array([[2.0, 0.5], [-0.3, 1.0]])  # x = t y
    back = np.linalg.inv(t)
    players = [
        lb.Controller(
            p.name,
            back @ p.control,
            p.control_cost,
            t.T @ p.state_cost @ t,
            t.T @ p.state_linear,
            p.control_linear,
            t.T @ p.mixed_cost,
            p.fixed_cost,
            p.rival_costs,
        )
        for p in game.players
    ]
    other = rebuilt(
        game,
        drift=back @ game.drift @ t,
        players=players,
        constant=back @ game.constant,
        initial=back @ game.initial,
    )
    # in discrete time a search in feedback is partial, and where it starts is not invariant
    whole = (time, information) != ("discrete", "feedback")
    options = {"information": information, "all": whole}
    first, second = every(game, **options), every(other, **options)
    assert len(first) == len(second)
    for one, two in zip(first, second, strict=True):
        np.testing.assert_allclose(one.costs, two.costs, rtol=1e-7)
        np.testing.assert_allclose(one.gains["B"] @ t, two.gains["B"], rtol=1e-6, atol=1e-8)


def test_a_search_in_discrete_time_is_called_partial() -> None:
    solution = lb.solve(random_game(7, "discrete", discount=0.9))
    assert solution.complete == "partial" and "may well be missing" in solution.census.message


def test_the_same_game_gives_the_same_bits() -> None:
    game = random_game(8, "discrete", discount=0.9)
    first, second = every(game), every(game)
    assert [gains(e).tobytes() for e in first] == [gains(e).tobytes() for e in second]
    assert lb.solve(game).digest != lb.solve(random_game(9, "discrete", discount=0.9)).digest


# Options


def test_a_start_gives_the_equilibrium_nearby() -> None:
    game = scalar(3, [1, 1], [1, 1], [1, 1])
    solution = lb.solve(game, start=[np.array([[6.0]]), np.array([[0.2]])])
    np.testing.assert_allclose(gains(solution.equilibria[0]), [5.828427, 0.171573], atol=1e-6)
    assert solution.complete == "partial"
    for wrong in ([np.array([[6.0]])], [np.array([[0.1]])] * 2, [np.array([6.0])] * 2):
        with pytest.raises(ValueError, match="start"):
            lb.solve(game, start=wrong)


def test_options_that_do_not_belong() -> None:
    game = scalar(3, [1, 1], [1, 1], [1, 1])
    with pytest.raises(TypeError, match="exact"):
        lb.solve(game, exact=True)  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="information"):
        lb.solve(lb.NormalForm([[[1]], [[1]]]), information="feedback")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match="expected feedback, open-loop or stackelberg"):
        lb.solve(game, information="closed-loop")  # type: ignore[call-overload]


def test_a_spent_budget_says_so() -> None:
    for game in (scalar(3, [1, 1], [1, 1], [1, 1]), random_game(1, "continuous", discount=0.1)):
        solution = lb.solve(game, limit=0.0)
        assert solution.status.code == "stopped" and solution.complete == "partial"


def test_one_of_several_is_not_called_all() -> None:
    for a, complete in ((3, "partial"), (-1, "proved")):
        solution = lb.solve(scalar(a, [1, 1], [1, 1], [1, 1]), all=False)
        assert (len(solution.equilibria), solution.complete) == (1, complete)


# Hostile input


def test_every_mistake_is_told_at_once() -> None:
    text = """
kind = "linear-quadratic"
drift = [[3.0, 1], [0, nan]]
time = "sometimes"
horizn = 2
[[players]]
name = "A"
control = [1, 2]
control_cost = -1
state_cost = [[1, 2], [3, 4]]
final_linear = [1]
[[players]]
name = "B"
control = [[1, 2], [1]]
control_cost = [[1, 0], [0, 1]]
fixed_cost = true
"""
    with pytest.raises(GameFileError) as caught:
        loads(text)
    places = {mistake.place: mistake.expected for mistake in caught.value.mistakes}
    assert set(places) == {
        "drift",
        "time",
        "horizn",
        "players[0].control_cost",
        "players[0].state_cost",
        "players[0].final_linear",
        "players[1].control",
        "players[1].fixed_cost",
    }
    assert "[1][1]" in places["drift"] and "positive definite" in places["players[0].control_cost"]
    assert "symmetric" in places["players[0].state_cost"]


def test_what_does_not_fit_together() -> None:
    text = """
kind = "linear-quadratic"
drift = [[3.0, 1], [0, 1]]
initial = [1, 2, 3]
discount = -1
time = "discrete"
horizon = 2.5
[[players]]
name = "A"
control = [1, 2, 3]
control_cost = 1
rival_costs = { C = 1, B = [[1, 0], [0, 1]] }
[[players]]
name = "B"
control = [1, 2]
control_cost = 1
"""
    with pytest.raises(GameFileError) as caught:
        loads(text)
    assert {mistake.place for mistake in caught.value.mistakes} == {
        "players[0].control",
        "players[0].rival_costs.C",
        "players[0].rival_costs.B",
        "initial",
        "horizon",
        "discount",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("control", []),
        ("control", [[]]),
        ("control", "1"),
        ("control", True),
        ("control", float("inf")),
        ("control", 1e300),
        ("control", np.ones((2, 2, 2))),
        ("control", np.ones((1, 10**6))),
        ("control", [[[1.0]]]),
        ("control_cost", 0.0),
        ("control_cost", [[1, 0], [0, 1]]),
        ("state_linear", [[1.0]]),
        ("rival_costs", {"B": [[1, 2], [3, 4]]}),
    ],
)
def test_hostile_fields_are_named(field: str, value: object) -> None:
    fields: dict[str, object] = {"name": "A", "control": 1.0, "control_cost": 1.0, field: value}
    with pytest.raises(ValidationError, match=field):
        lb.Controller(**fields)  # type: ignore[arg-type]


def test_endless_games_need_discounting_for_constants() -> None:
    player = lb.Controller("A", 1.0, 1.0, 1.0, state_linear=1.0)
    with pytest.raises(ValidationError, match="discount"):
        lb.LinearQuadratic(1.0, [player])
    with pytest.raises(ValidationError, match="discount"):
        lb.LinearQuadratic(0.5, [player], time="discrete", discount=1.0)
    with pytest.raises(ValidationError, match="final costs need a horizon"):
        lb.LinearQuadratic(1.0, [lb.Controller("A", 1.0, 1.0, final_cost=1.0)])
    with pytest.raises(ValidationError, match="different names"):
        lb.LinearQuadratic(1.0, [lb.Controller("A", 1.0, 1.0)] * 2)
    assert lb.LinearQuadratic(1.0, [player], horizon=2.0).affine


def test_a_game_survives_its_file() -> None:
    adapter = TypeAdapter(lb.LinearQuadratic)
    game = random_game(1, "continuous", discount=0.1)
    again = adapter.validate_python(json.loads(adapter.dump_json(game)))
    assert lb.solve(again, all=False).digest == lb.solve(game, all=False).digest
    assert "rival_costs" in schema("linear-quadratic")


# The command line


def test_from_the_starter_to_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "duel.toml"
    assert main(["new", "linear-quadratic", str(file)]) == 0
    assert main(["solve", str(file)]) == 0
    out = capsys.readouterr().out
    assert "One equilibrium in feedback; the state settles." in out and "0.232938" in out
    assert main(["solve", str(file), "--information", "open-loop", "--set", "horizon=4"]) == 0
    assert "in open loop, up to the horizon" in capsys.readouterr().out
    assert main(["solve", str(file), "--set", "players.laggard.control_cost=-1"]) == 2
    assert "positive definite" in capsys.readouterr().err
    assert main(["solve", "tullock-1980", "--information", "feedback"]) == 2
    assert main(["schema", "linear-quadratic"]) == 0


def test_the_object_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", "engwerda-2005", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["complete"] == "proved" and len(out["equilibria"]) == 3
    first = out["equilibria"][0]
    assert set(first) == {
        "information",
        "answers",
        "gains",
        "offsets",
        "times",
        "costs",
        "value",
        "closed_loop",
        "shift",
        "eigenvalues",
        "settles",
        "regret",
        "residual",
        "method",
        "proof",
    }
    assert first["gains"]["1"][0][0] == pytest.approx(2.1547005383792515)
    assert first["costs"]["2"] == first["value"]["2"]["quadratic"][0][0]


def test_the_file_in_the_documentation() -> None:
    text = Path("docs/game-files.md").read_text("utf-8")
    section = text.split('## `kind = "linear-quadratic"`')[1]
    assert len(lb.solve(loads(section.split("```toml")[1].split("```")[0])).equilibria) == 3


@pytest.mark.slow
def test_what_holds_among_controls_that_bring_the_state_to_rest_is_said() -> None:
    """Soft-constrained control against a disturbance (Basar and Bernhard 1995), for ever.

    The Riccati equation has its solution; but whoever controls would rather let the state grow,
    and with it what the disturbance pays for following it.
    """
    control = lb.Controller("u", 1.0, 1.0, 1.0, rival_costs={"w": -4.0})
    disturbance = lb.Controller("w", 1.0, 4.0, -1.0, rival_costs={"u": -1.0})
    found = lb.solve(lb.LinearQuadratic(1.0, [control, disturbance]))
    assert not found.equilibria
    assert "solves the Riccati equations" in found.status.message
    horizon = lb.solve(lb.LinearQuadratic(1.0, [control, disturbance], horizon=20.0))
    p = (1 + np.sqrt(1 + 0.75)) / 0.75  # 1 + 2 p - (1 - 1/4) p**2 = 0
    assert horizon.equilibria[0].gains["u"][0].item() == pytest.approx(p)
