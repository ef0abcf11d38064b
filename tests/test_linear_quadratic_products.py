"""Linear-quadratic games with products of controls and with noise, against sums made by hand."""

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads
from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError

TIMES = ["continuous", "discrete"]


def crossed(seed: int, time: str, **other: object) -> lb.LinearQuadratic:
    """Three players, two states; everybody pays for every product of controls."""
    rng = np.random.default_rng(seed)
    names, widths = "ABC", {"A": 1, "B": 2, "C": 1}
    players = []
    for name in names:
        others = [other for other in names if other != name]
        products = {o: 0.2 * rng.standard_normal((widths[name], widths[o])) for o in others}
        pair = "*".join(others)
        products[pair] = 0.2 * rng.standard_normal([widths[o] for o in others])
        root = rng.standard_normal((2, 2))
        players.append(
            lb.Controller(
                name,
                rng.standard_normal((2, widths[name])),
                np.eye(widths[name]),
                root @ root.T + np.eye(2),
                control_linear=0.3 * rng.standard_normal(widths[name]),
                product_costs=products,
            )
        )
    scale = 0.6 if time == "discrete" else 1.0
    discount = 0.9 if time == "discrete" else 0.2
    options = {"discount": discount, "time": time, **other}
    return lb.LinearQuadratic(scale * rng.standard_normal((2, 2)), players, **options)


def paid(game: lb.LinearQuadratic, i: int, x: Array, u: dict[str, Array]) -> float:
    """What a player pays now, term by term."""
    own = game.players[i]
    cost = x @ own.state_cost @ x + u[own.name] @ own.control_cost @ u[own.name]
    cost += 2 * own.control_linear @ u[own.name] + 2 * x @ own.mixed_cost @ u[own.name]
    for name, m in own.product_costs.items():
        first, second = name.split("*") if "*" in name else (own.name, name)
        cost += 2 * u[first] @ m @ u[second]
    return float(cost)


def followed(
    game: lb.LinearQuadratic,
    i: int,
    gains: dict[str, Array],
    offsets: dict[str, Array],
    start: list[float],
) -> float:
    """The expected cost of player i in discrete time, by the mean and the spread of the state."""
    n = game.states
    mean, spread = np.array(start), np.zeros((n, n))
    total = 0.0
    for t in range(400):
        root = np.linalg.cholesky(spread) if spread.any() else spread
        points = [mean + n**0.5 * sign * root[:, k] for k in range(n) for sign in (1, -1)]
        values = []
        for x in points:
            u = {name: -f @ x - offsets[name] for name, f in gains.items()}
            values.append(paid(game, i, x, u))
        total += float(game.discount or 1.0) ** t * float(np.mean(values))
        loop = game.drift - sum(p.control @ gains[p.name] for p in game.players)
        push = game.constant - sum(p.control @ offsets[p.name] for p in game.players)
        mean, spread = loop @ mean + push, loop @ spread @ loop.T + game.noise @ game.noise.T
    return total


@pytest.mark.parametrize("seed", [1, 2])
def test_costs_of_products_and_noise_are_what_following_the_state_costs(seed: int) -> None:
    game = crossed(seed, "discrete", noise=[[0.3, 0.0], [0.1, 0.2]])
    found = lb.solve(game, all=False).equilibria[0]
    assert found.regret < 1e-8
    x = [1.0, -0.5]
    for i, player in enumerate(game.players):
        here = followed(game, i, found.gains, found.offsets, x)
        assert found.cost(x)[i] == pytest.approx(here, rel=1e-8)
        for step in (1e-3, -1e-3):  # and no other gains of one player cost it less
            for name in ("gains", "offsets"):
                moved = {**getattr(found, name)}
                moved[player.name] = moved[player.name] + step
                others = {"gains": found.gains, "offsets": found.offsets, name: moved}
                assert followed(game, i, others["gains"], others["offsets"], x) > here


@pytest.mark.parametrize("time", TIMES)
def test_noise_moves_no_gain_and_adds_one_constant(time: str) -> None:
    still, shaken = crossed(3, time), crossed(3, time, noise=[0.5, 0.2])
    quiet, loud = (lb.solve(game, all=False).equilibria[0] for game in (still, shaken))
    for name, f in quiet.gains.items():
        np.testing.assert_allclose(loud.gains[name], f, atol=1e-9)
        np.testing.assert_allclose(loud.offsets[name], quiet.offsets[name], atol=1e-9)
    noise = np.array([0.5, 0.2])
    jump = np.einsum("a,iab,b->i", noise, quiet.quadratic, noise)
    times = 1 / 0.2 if time == "continuous" else 0.9 / 0.1
    np.testing.assert_allclose(loud.constant - quiet.constant, times * jump, rtol=1e-7)


@pytest.mark.parametrize("time", TIMES)
def test_prices_of_a_period_are_those_of_bertrand(time: str) -> None:
    """Demand 1 - p + p'/2, no cost: each asks 2/3 whatever the state."""
    terms = {"control": 1.0, "control_cost": 1.0, "control_linear": [-0.5]}
    players = [
        lb.Controller(name, **terms, product_costs={rival: -0.25})
        for name, rival in (("A", "B"), ("B", "A"))
    ]
    solution = lb.solve(lb.LinearQuadratic(0.5, players, time=time, discount=0.5))
    assert solution.status.ok
    (found,) = solution.equilibria
    for name in "AB":
        assert found.offsets[name][0] == pytest.approx(-2 / 3)
        assert found.gains[name][0, 0] == pytest.approx(0, abs=1e-12)


def test_a_game_that_ends_goes_backwards_period_by_period() -> None:
    game = crossed(5, "discrete", horizon=3, noise=[0.4, 0.1])
    found = lb.solve(game).equilibria[0]
    assert found.regret < 1e-8
    names = [p.name for p in game.players]
    widths = [p.control.shape[1] for p in game.players]
    ends = np.cumsum([0, *widths])
    inputs = np.hstack([p.control for p in game.players])
    values = np.zeros((3, 3, 3))  # forms of (x, 1)
    for t in (2, 1, 0):
        effect, right = np.zeros((4, 4)), np.zeros((4, 3))
        wide = np.vstack([inputs, np.zeros((1, 4))])
        drift = np.diag([0.0, 0.0, 1.0])
        drift[:2, :2] = game.drift
        whole = []
        for i, p in enumerate(game.players):
            weights = np.zeros((4, 4))
            for name, m in p.product_costs.items():
                pair = name.split("*") if "*" in name else [p.name, name]
                a, b = (names.index(n) for n in pair)
                weights[ends[a] : ends[a + 1], ends[b] : ends[b + 1]] += m
                weights[ends[b] : ends[b + 1], ends[a] : ends[a + 1]] += m.T
            rows = slice(ends[i], ends[i + 1])
            weights[rows, rows] += p.control_cost
            linear = np.zeros((4, 3))
            linear[rows, 2] = p.control_linear
            ahead = values[i].copy()
            ahead[2, 2] += game.noise[:, 0] @ values[i][:2, :2] @ game.noise[:, 0]
            effect[rows] = (weights + 0.9 * wide.T @ ahead @ wide)[rows]
            right[rows] = (linear + 0.9 * wide.T @ ahead @ drift)[rows]
            whole.append((p, weights, linear, ahead))
        f = np.linalg.solve(effect, right)
        loop = drift - wide @ f
        for i, (p, weights, linear, ahead) in enumerate(whole):
            cost = np.zeros((3, 3))
            cost[:2, :2] = p.state_cost
            values[i] = cost + f.T @ weights @ f - linear.T @ f - f.T @ linear
            values[i] += 0.9 * loop.T @ ahead @ loop
        stacked = np.vstack(
            [np.hstack([found.gains[n][t], found.offsets[n][t][:, None]]) for n in names]
        )
        np.testing.assert_allclose(stacked, f, atol=1e-9)
    np.testing.assert_allclose(found.constant, values[:, 2, 2], atol=1e-9)


@pytest.mark.slow
def test_a_long_game_with_noise_in_continuous_time_is_nearly_one_without_end() -> None:
    ever = crossed(4, "continuous", noise=[0.5, 0.2])
    ends = crossed(4, "continuous", noise=[0.5, 0.2], horizon=60.0)
    one, other = (lb.solve(game, all=False).equilibria[0] for game in (ever, ends))
    assert other.regret < 1e-8
    np.testing.assert_allclose(other.constant, one.constant, rtol=1e-4)
    np.testing.assert_allclose(other.quadratic, one.quadratic, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("time", TIMES)
def test_no_other_plan_does_better_where_controls_meet(time: str) -> None:
    """Plans of an ending game: costs rise to either side, along random changes of one plan."""
    game = crossed(6, "discrete", horizon=4)
    if time == "continuous":  # the certificate is another method than the solver's
        assert (
            lb.solve(crossed(6, time, horizon=1.0), information="open-loop").equilibria[0].regret
            < 1e-8
        )
        return
    found = lb.solve(game, information="open-loop").equilibria[0]
    assert found.regret < 1e-8
    x, plans = np.array([1.0, -0.5]), []
    for t in range(4):
        u = {n: -f[t] @ x - found.offsets[n][t] for n, f in found.gains.items()}
        plans.append(u)
        x = game.drift @ x + sum(p.control @ u[p.name] for p in game.players)
    rng = np.random.default_rng(1)

    def cost(i: int, plans: list[dict[str, Array]]) -> float:
        x, total = np.array([1.0, -0.5]), 0.0
        for t, u in enumerate(plans):
            total += 0.9**t * paid(game, i, x, u)
            x = game.drift @ x + sum(p.control @ u[p.name] for p in game.players)
        return total

    for i, p in enumerate(game.players):
        here = cost(i, plans)
        for _ in range(5):
            d = rng.standard_normal((4, p.control.shape[1])) * 1e-3
            for sign in (1, -1):
                other = [{**u, p.name: u[p.name] + sign * d[t]} for t, u in enumerate(plans)]
                assert cost(i, other) > here


def test_what_does_not_fit_is_named() -> None:
    with pytest.raises(GameFileError) as caught:
        loads(
            """
kind = "linear-quadratic"
drift = -1.0
[[players]]
name = "A"
control = 1.0
control_cost = 1.0
product_costs = { C = 1.0, B = [[1.0, 2.0]] }
[[players]]
name = "B"
control = 1.0
control_cost = 1.0
"""
        )
    said = str(caught.value)
    assert "players[0].product_costs.C" in said and "known: B" in said
    assert "expected a matrix of 1 x 1" in said


def test_parallel_replies_and_noise_for_ever_are_refused() -> None:
    def pair(weight: float) -> list[lb.Controller]:
        return [
            lb.Controller(a, 1.0, 1.0, 1.0, product_costs={b: weight})
            for a, b in (("A", "B"), ("B", "A"))
        ]

    with pytest.raises(ValidationError, match="meet in one point"):
        lb.LinearQuadratic(-1.0, pair(1.0))
    with pytest.raises(ValidationError, match="noise without end needs discounting"):
        lb.LinearQuadratic(-1.0, pair(0.5), noise=1.0)
    noisy = lb.LinearQuadratic(-1.0, pair(0.5), noise=1.0, discount=0.1)
    with pytest.raises(ValueError, match="plans do not answer noise"):
        lb.solve(noisy, information="open-loop")


def test_a_search_says_in_numbers_what_it_went_through() -> None:
    """Two states apart, each with three equilibria: all nine, and what meets across them."""
    rng = np.random.default_rng(101)
    turn = np.linalg.qr(rng.standard_normal((2, 2)))[0]
    costs = np.diag([0.7, 1.2])
    players = [lb.Controller(n, turn, np.eye(2), turn @ costs @ turn.T) for n in "AB"]
    solution = lb.solve(lb.LinearQuadratic(turn @ np.diag([2.5, 3.0]) @ turn.T, players))
    assert len(solution.equilibria) >= 9 and solution.complete == "searched"
    assert "starts, the last 100 of which led to nothing new" in solution.census.message


def test_the_documented_shops_gain_nothing_alone() -> None:
    text = (Path(__file__).parents[1] / "docs" / "game-files.md").read_text()
    (shops,) = [part for part in text.split("```toml")[1:] if "Two shops whose" in part]
    game = loads(shops.split("```")[0])
    solution = lb.solve(game)
    assert solution.status.ok and solution.equilibria[0].regret < 1e-9
    here = followed(game, 0, solution.equilibria[0].gains, solution.equilibria[0].offsets, [5.0])
    assert solution.equilibria[0].costs[0] == pytest.approx(here, rel=1e-8)
