"""Markov games of one's own: the built-in race, published values, brute force, hostile files."""

import time as clock
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from strategies import relaxed

import leaderbored as lb
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.formats.gamefile import starter as starter_file
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.stochastic import MarkovMethod, search
from leaderbored.solvers.stochastic.certificate import regret
from leaderbored.solvers.stochastic.directional import backwards, select_all
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.verdicts import Waypoint

Event, Game, Player = lb.Event, lb.MarkovGame, lb.MarkovPlayer


def ladder(gamma=1.3, productivity=1.0, theta=0.5, discount=0.3, rungs=5) -> lb.MarkovGame:
    """Two labs that leapfrog, written as anybody would."""
    numbers = {"gamma": gamma, "productivity": productivity, "theta": theta, "G": rungs}
    hazard = "productivity * b**theta"
    first = Player(
        "A",
        "(1 - b) * gamma**max(gap, 0)",
        {"b": (0, 1)},
        events=[Event({"gap": "max(gap, 0) + 1"}, hazard=hazard)],
    )
    second = Player(
        "B",
        "(1 - b) * gamma**max(-gap, 0)",
        {"b": (0, 1)},
        events=[Event({"gap": "min(gap, 0) - 1"}, hazard=hazard)],
    )
    return Game([first, second], discount, {"gap": (-rungs, rungs)}, parameters=numbers)


@settings(relaxed, max_examples=15)
@given(
    st.floats(1, 1.8), st.floats(0.3, 4), st.floats(0.2, 0.8), st.floats(0.05, 1), st.integers(2, 8)
)
def test_a_ladder_of_ones_own_is_the_built_in_race(gamma, productivity, theta, rho, rungs) -> None:
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.RevenueLadder("gamma**g", parameters={"gamma": gamma}),
        lb.Technology(productivity, theta, leapfrog=1),
        rho,
        rungs,
    )
    theirs = lb.solve(race).equilibria[0]
    (ours,) = lb.solve(ladder(gamma, productivity, theta, rho, rungs)).equilibria
    states = race.states()
    place = states[:, 1] - states[:, 0] + rungs
    np.testing.assert_allclose(ours.value[:, place], theirs.value, rtol=1e-10)
    build = np.array([ours.policy["A"], ours.policy["B"]])[:, place]
    np.testing.assert_allclose(build, theirs.build, atol=1e-9)
    assert ours.regret < 1e-12


def steps(goal: int, rate: float, prize: float = 1.0) -> lb.MarkovGame:
    """A race of so many steps each; effort x costs x^2/2 and succeeds at the hazard x."""

    def runner(name: str, left: str) -> lb.MarkovPlayer:
        return Player(
            name,
            "-x**2 / 2",
            {"x": (0, "inf")},
            end=f"{prize} if {left} == 0 else 0",
            events=[Event({left: f"{left} - 1"}, hazard="x")],
        )

    return Game(
        [runner("A", "a"), runner("B", "b")],
        rate,
        {"a": (0, goal), "b": (0, goal)},
        ends="a == 0 or b == 0",
    )


@pytest.mark.parametrize("rate", [0.1, 0.5, 2.0])
def test_a_race_of_steps_ends_as_its_quadratic_says(rate: float) -> None:
    """At one step each, V solves 3 V^2 / 2 - (2 + r) V + 1/2 = 0; nobody leads by giving up."""
    game = steps(3, rate)
    (found,) = lb.solve(game, all=True).equilibria
    place = {tuple(s): k for k, s in enumerate(game.grid.tolist())}
    root = min(np.roots([1.5, -(2 + rate), 0.5]).real)
    np.testing.assert_allclose(found.value[:, place[1, 1]], root, rtol=1e-10)
    effort = found.policy["A"]
    assert effort[place[1, 2]] > effort[place[2, 2]]
    np.testing.assert_allclose(found.policy["B"][place[1, 3]], effort[place[3, 1]], rtol=1e-9)


@pytest.mark.slow
def test_learning_by_doing_as_published() -> None:
    """Besanko, Doraszelski, Kryukov and Satterthwaite 2010: no forgetting, both beginners."""
    solution = lb.solve(named("besanko-doraszelski-kryukov-satterthwaite-2010"))
    assert solution.status.ok
    first = solution.equilibria[0]
    assert first.policy["firm 1"][0] == pytest.approx(7.78989230, abs=5e-9)
    assert first.regret < 1e-12


@pytest.mark.parametrize(("delta", "help_"), [(0.5, 0.0), (0.2, 0.3), (0.9, 1.0)])
def test_level_firms_and_laggards_as_published(delta: float, help_: float) -> None:
    """Aghion et al. 2005: closed forms as discounting vanishes; level firms are not helped."""
    game = named("aghion-bloom-blundell-griffith-howitt-2005")
    numbers = {"Delta": delta, "h": help_, "profit": 1.3}
    found = lb.solve(replace(game, parameters=numbers)).equilibria[0]
    level = -help_ + (help_**2 + 2 * delta * 1.3) ** 0.5
    laggard = -(help_ + level) + (help_**2 + level**2 + 2 * 1.3) ** 0.5
    np.testing.assert_allclose(found.policy["A"], [laggard, level, 0], atol=1e-6)


def test_industries_are_level_as_often_as_published() -> None:
    """Aghion, Harris, Howitt and Vickers 2001; profits from their equations, here by iteration."""
    game = named("aghion-harris-howitt-vickers-2001")
    found = lb.solve(game).equilibria[0]
    assert found.stationary[40] == pytest.approx(0.930914114077, abs=1e-11)
    for gap in (-40, -3, 0, 1, 17, 40):
        share = 0.5
        for _ in range(2000):
            costs = (1.135**-gap, 1.0)
            prices = [
                (1 - 0.5 * s) * c / (0.5 * (1 - s))
                for s, c in zip((share, 1 - share), costs, strict=True)
            ]
            share = 0.5 * share + 0.5 * prices[1] / (prices[0] + prices[1])
        profit = 0.5 * share / (1 - 0.5 * share)
        assert game.tables["profit"][40 + gap] == pytest.approx(profit, rel=1e-9)


@pytest.mark.slow
def test_quality_ladder_of_the_catalogue_against_plain_iteration() -> None:
    """Pakes and McGuire 1994 without entry: profits from prices, values by sweeps over arrays."""
    level = np.arange(1, 19)
    rest = np.log(2 - np.exp(16 - 3 * np.maximum(level, 6.0)))
    utility = np.where(level <= 5, 3.0 * level - 4, 12 + rest)

    def reply(rival: np.ndarray) -> np.ndarray:  # (p - c) (1 - share) = 1, by bisection
        low, high = np.full((18, 18), 5.0), np.full((18, 18), 60.0)
        for _ in range(60):
            price = (low + high) / 2
            alone = 1 + np.exp(utility[None] - rival)
            margin = (price - 5) * alone / (alone + np.exp(utility[:, None] - price))
            low, high = np.where(margin < 1, price, low), np.where(margin < 1, high, price)
        return low

    price = np.full((18, 18), 6.0)
    for _ in range(100):
        price = reply(reply(price.T).T)
    weight = np.exp(np.stack([utility[:, None] - price, utility[None] - price.T]))
    profit = 5 * (price - 5) * weight[0] / (1 + weight.sum(axis=0))
    value, invest = profit / (1 - 0.925), np.zeros((18, 18))

    def after(up: int, rival: int, down: int) -> np.ndarray:
        own, other = (np.clip(np.arange(18) + step - down, 0, 17) for step in (up, rival))
        return value[np.ix_(own, other)]

    for _ in range(350):
        rival = (3 * invest / (1 + 3 * invest)).T
        stay, up = (
            sum(
                a * b * after(mine, theirs, down)
                for theirs, a in ((1, rival), (0, 1 - rival))
                for down, b in ((1, 0.7), (0, 0.3))
            )
            for mine in (0, 1)
        )
        invest = 0.5 * invest + 0.5 * (np.sqrt(np.maximum(0.925 * 3 * (up - stay), 1)) - 1) / 3
        win = 3 * invest / (1 + 3 * invest)
        value = profit - invest + 0.925 * (win * up + (1 - win) * stay)
    found = lb.solve(named("pakes-mcguire-1994")).equilibria[0]
    assert found.value[0].reshape(18, 18)[4, 4] == pytest.approx(53.6419763972, abs=1e-9)
    assert found.policy["firm 1"].reshape(18, 18)[4, 4] == pytest.approx(2.4499334788, abs=1e-9)
    np.testing.assert_allclose(found.value[0].reshape(18, 18), value, rtol=1e-8)
    np.testing.assert_allclose(found.policy["firm 1"].reshape(18, 18), invest, atol=1e-6)


def test_advertising_is_worth_a_linear_function_of_the_share() -> None:
    """Sorger 1989: r V' = R - 3 V'^2 / 2c, whatever the share."""
    game = named("sorger-1989")
    found = lb.solve(game).equilibria[0]
    slopes = np.diff(found.value[0]) * 100
    np.testing.assert_allclose(slopes, slopes[0], rtol=1e-8)
    assert 0.1 * slopes[0] == pytest.approx(1 - 3 * slopes[0] ** 2 / 4, rel=1e-9)
    left = np.sqrt(1 - game.grid[:, 0] / 100)
    np.testing.assert_allclose(found.policy["first"], slopes[0] * left / 2, atol=1e-8)


def named(name: str) -> lb.MarkovGame:
    from leaderbored.games.catalogue import find

    return load(find(name))


# --- every equilibrium of directional games


def coordination(length: int) -> lb.MarkovGame:
    players = [
        Player(n, "2 * a.left * b.left + a.right * b.right", actions=("left", "right"))
        for n in "ab"
    ]
    return Game(players, 0.9, {"s": (0, length)}, [Event({"s": "s + 1"}, chance="1")], "discrete")


@pytest.mark.parametrize("length", [0, 3, 20])
def test_a_chain_of_coordination_games_has_three_to_the_power_of_its_length(length: int) -> None:
    problem = Problem(coordination(length))
    order = backwards(problem)
    assert order is not None
    selections = select_all(problem, order, 1e-7, 10)
    assert selections.count == 3 ** (length + 1)
    assert selections.complete


def test_equilibria_of_a_short_chain_are_all_different_and_certified() -> None:
    solution = lb.solve(coordination(2), all=True)
    assert len(solution.equilibria) == 27
    assert solution.complete == "searched"
    assert max(e.regret for e in solution.equilibria) < 1e-12
    values = {tuple(e.value.round(9).ravel()) for e in solution.equilibria}
    assert len(values) == 27


@pytest.mark.parametrize(("name", "count"), [("iskhakov-rust-schjerning-2016", 3)])
def test_leapfrogging_counts(name: str, count: int) -> None:
    solution = lb.solve(named(name), all=True)
    assert len(solution.equilibria) == count
    assert solution.complete == "searched"


def test_a_game_that_comes_back_is_not_called_directional() -> None:
    assert backwards(Problem(ladder())) is None


# --- along a parameter


@pytest.mark.slow
def test_a_trace_forks_where_the_slope_of_replies_passes_one() -> None:
    """x = k tanh(y), y = k tanh(x): one equilibrium up to k = 1, three beyond."""
    a = Player("A", "k * x * tanh(B.x) - x**2 / 2", {"x": (-3, 3)})
    b = Player("B", "k * x * tanh(A.x) - x**2 / 2", {"x": (-3, 3)})
    game = Game([a, b], 0.3, parameters={"k": 1.0})
    found = lb.trace(game, "parameters.k", 0.6, 2.0, MarkovMethod(starts=4))
    assert found.census.complete == "searched"
    assert [count for *_, count in found.counts()] == [1, 3]
    (branch_point,) = found.branch_points
    assert branch_point.parameter == pytest.approx(1, abs=1e-6)
    ends = {round(float(b.points[k].choice[0]), 6) for b in found.branches for k in (0, -1)}
    root = brentq(lambda x: x - 2 * np.tanh(x), 1, 3)
    assert {0.0, round(root, 6), round(-root, 6)} <= ends


@pytest.mark.slow
def test_folds_of_learning_by_doing_are_where_solving_jumps() -> None:
    """Up to six units of know-how: two folds, against bisection from the equilibrium beyond."""
    published = named("besanko-doraszelski-kryukov-satterthwaite-2010")
    game = replace(published, players=[replace(published.players[0], states={"e": (1, 6)})])
    found = lb.trace(game, "parameters.delta", 0.07, 0.12, MarkovMethod(starts=2))
    assert [count for *_, count in found.counts()] == [1, 3, 1]
    low, high = sorted(fold.parameter for fold in found.folds)
    first, last = sorted((b for b in found.branches if b.index == 1), key=lambda b: b.span)
    assert first.span == pytest.approx((0.07, high)) and last.span == pytest.approx((low, 0.12))
    for branch, fold, way in ((first, high, 1), (last, low, -1)):
        x = policy(min(branch.points[1:-1], key=lambda p: abs(p.parameter - fold)))
        for beyond, stays in ((-1e-5, True), (1e-5, False)):
            delta = fold + way * beyond
            changed = replace(game, parameters={**game.parameters, "delta": delta})
            after = np.array(list(lb.solve(changed, start=x).equilibria[0].policy.values()))
            assert (abs(after - x).max() < 1) == stays


def policy(point: Waypoint) -> np.ndarray:
    return np.array(list(point.equilibrium.policy.values()))


def test_a_number_that_moves_events_cannot_be_followed() -> None:
    game = Game(
        [Player("A", "s - x", {"x": (0, 1)}, events=[Event({"s": "s + k"}, hazard="x")])],
        0.3,
        {"s": (0, 3)},
        parameters={"k": 1.0},
    )
    with pytest.raises(GameFileError, match="where events lead"):
        lb.trace(game, "parameters.k", 1.0, 2.0)


# --- brute force


def random_game(seed: int, states: int = 3, discrete: bool = True) -> lb.MarkovGame:
    """Two players with two actions each, payoffs and chances from tables."""
    random = np.random.default_rng(seed)
    names = ["uu", "ud", "du", "dd"]
    acts = {"uu": "a.u*b.u", "ud": "a.u*b.d", "du": "a.d*b.u", "dd": "a.d*b.d"}
    tables = {f"{who}_{n}": random.normal(size=states) for who in "ab" for n in names}
    tables |= {f"q_{n}": random.uniform(0.05, 0.9, size=states) for n in names}
    players = [
        Player(who, " + ".join(f"{acts[n]}*{who}_{n}[s]" for n in names), actions=("u", "d"))
        for who in "ab"
    ]
    rate = " + ".join(f"{acts[n]}*q_{n}[s]" for n in names)
    event = {"chance": rate} if discrete else {"hazard": rate}
    wrap = Event({"s": f"s + 1 if s < {states - 1} else 0"}, **event)
    return Game(
        players,
        0.8 if discrete else 0.4,
        {"s": (0, states - 1)},
        [wrap],
        "discrete" if discrete else "continuous",
        tables=tables,
    )


@pytest.mark.slow
@pytest.mark.parametrize("discrete", [True, False])
@pytest.mark.parametrize("seed", [2, 3])
def test_no_pure_plan_beats_the_equilibrium_of_a_random_game(seed: int, discrete: bool) -> None:
    """Every pure stationary plan of each player, valued by a plain matrix inverse."""
    game = random_game(seed, discrete=discrete)
    solution = lb.solve(game, MarkovMethod(starts=9), all=True)
    assert solution.status.ok and solution.complete == "searched"
    assert len(solution.equilibria) == {2: 1, 3: 3}[seed]
    tables = {name: np.array(table) for name, table in game.tables.items()}
    size = game.size
    pairs = [("u", "u"), ("u", "d"), ("d", "u"), ("d", "d")]

    def worth(laws: dict[str, np.ndarray], who: str) -> np.ndarray:
        pay, go = np.zeros(size), np.zeros(size)
        for x, y in pairs:
            weight = laws["a"][:, "ud".index(x)] * laws["b"][:, "ud".index(y)]
            pay += weight * tables[f"{who}_{x}{y}"]
            go += weight * tables[f"q_{x}{y}"]
        moves = np.zeros((size, size))
        for s in range(size):
            moves[s, (s + 1) % size] += go[s]
        if discrete:
            matrix = np.eye(size) - 0.8 * (moves + np.diag(1 - go))
        else:
            matrix = np.diag(0.4 + go) - moves
        return np.linalg.solve(matrix, pay)

    for found in solution.equilibria:
        for i, who in enumerate("ab"):
            held = worth(found.policy, who)
            np.testing.assert_allclose(found.value[i], held, atol=1e-9)
            for plan in np.ndindex(*(2,) * size):
                laws = {**found.policy, who: np.eye(2)[list(plan)]}
                assert (worth(laws, who) <= held + 1e-8).all()


def test_quality_ladder_against_plain_iteration() -> None:
    """Two firms that invest; values by Gauss-Jacobi sweeps written from the equations."""
    top, beta, alpha, delta = 4, 0.9, 3.0, 0.6
    profit = np.array([[(1 + 2 * w) / (1 + w + v) for v in range(top + 1)] for w in range(top + 1)])
    firm = Player(
        "firm",
        "profit[w, others(w)] - x",
        {"x": (0, "inf")},
        states={"w": (0, top)},
        events=[Event({"w": "w + 1"}, chance="3*x / (1 + 3*x)")],
        count=2,
    )
    game = Game(
        [firm],
        beta,
        events=[Event({"w": "w - 1"}, chance="0.6")],
        time="discrete",
        tables={"profit": profit},
    )
    (found,) = lb.solve(game).equilibria

    def after(w: int, up: int, down: int) -> int:
        return int(np.clip(w + up - down, 0, top))

    value, invest = np.zeros((top + 1, top + 1)), np.zeros((top + 1, top + 1))
    for _ in range(350):
        new, plan = np.zeros_like(value), np.zeros_like(value)
        for w in range(top + 1):
            for v in range(top + 1):
                rival = alpha * invest[v, w] / (1 + alpha * invest[v, w])
                ahead = [
                    sum(
                        pr * pd * value[after(w, up, d), after(v, r, d)]
                        for r, pr in ((1, rival), (0, 1 - rival))
                        for d, pd in ((1, delta), (0, 1 - delta))
                    )
                    for up in (0, 1)
                ]
                gain = max(beta * alpha * (ahead[1] - ahead[0]), 1.0)
                x = (np.sqrt(gain) - 1) / alpha
                win = alpha * x / (1 + alpha * x)
                plan[w, v] = x
                new[w, v] = profit[w, v] - x + beta * (win * ahead[1] + (1 - win) * ahead[0])
        value, invest = new, 0.5 * invest + 0.5 * plan
    np.testing.assert_allclose(found.value[0].reshape(value.shape), value, rtol=1e-9)
    np.testing.assert_allclose(found.policy["firm 1"].reshape(value.shape), invest, atol=1e-8)
    np.testing.assert_allclose(found.policy["firm 2"].reshape(value.shape), invest.T, atol=1e-8)


def test_players_declared_once_are_those_declared_twice() -> None:
    once = Player(
        "f",
        "w - x**2",
        {"x": (0, 1)},
        states={"w": (0, 2)},
        events=[
            Event({"w": "w + 1"}, hazard="x"),
            Event({"w": "w - 1"}, hazard="0.3 + others(w)/5"),
        ],
        count=2,
    )
    twice = [replace(once, name=name, count=1) for name in ("f 1", "f 2")]
    tied = lb.solve(Game([once], 0.5)).equilibria[0]
    free = lb.solve(Game(twice, 0.5)).equilibria[0]
    np.testing.assert_allclose(tied.value, free.value, rtol=1e-9)
    assert tied.radius == pytest.approx(free.radius, abs=1e-7)


# --- properties


@pytest.mark.slow
@settings(relaxed, max_examples=12)
@given(st.floats(1e-4, 1e4), st.floats(1e-2, 1e2))
def test_units_of_money_and_time_change_no_choice(money: float, pace: float) -> None:
    base = lb.solve(ladder()).equilibria[0]
    game = ladder()
    players = [
        replace(
            player,
            payoff=f"money * pace * ({player.payoff})",
            events=[replace(e, hazard=f"pace * ({e.hazard})") for e in player.events],
        )
        for player in game.players
    ]
    numbers = {**game.parameters, "money": money, "pace": pace}
    other = lb.solve(
        replace(game, players=players, parameters=numbers, discount=0.3 * pace)
    ).equilibria[0]
    np.testing.assert_allclose(other.value, money * base.value, rtol=1e-8)
    for name, share in base.policy.items():
        np.testing.assert_allclose(other.policy[name], share, atol=1e-8)


@pytest.mark.slow
def test_short_periods_are_continuous_time() -> None:
    """Chances h dt, payoffs R dt and the factor 1 / (1 + rho dt) as dt falls."""
    flow = lb.solve(ladder()).equilibria[0]
    errors = []
    for dt in (1e-2, 1e-3):
        game = ladder()
        players = [
            replace(
                player,
                payoff=f"dt * ({player.payoff})",
                events=[
                    replace(e, hazard=None, chance=f"dt * ({e.hazard})") for e in player.events
                ],
            )
            for player in game.players
        ]
        numbers = {**game.parameters, "dt": dt}
        discrete = replace(
            game, players=players, parameters=numbers, time="discrete", discount=1 / (1 + 0.3 * dt)
        )
        value = lb.solve(discrete).equilibria[0].value
        errors.append(np.abs(value / flow.value - 1).max())
    assert errors[1] < 0.2 * errors[0]
    assert errors[1] < 1e-2


def test_long_run_shares_are_where_the_chain_ends_up() -> None:
    game = random_game(3)
    found = lb.solve(game).equilibria[0]
    weight = found.policy["a"][:, :, None] * found.policy["b"][:, None, :]
    go = sum(
        weight[:, i, j] * np.array(game.tables[f"q_{'ud'[i]}{'ud'[j]}"])
        for i in range(2)
        for j in range(2)
    )
    moves = np.diag(1 - go)
    for s in range(game.size):
        moves[s, (s + 1) % game.size] += go[s]
    np.testing.assert_allclose(np.linalg.matrix_power(moves, 4000)[0], found.stationary, atol=1e-10)


def test_regret_sees_what_a_player_loses() -> None:
    problem = Problem(ladder())
    (found,) = lb.solve(ladder()).equilibria
    x = np.array([found.policy["A"], found.policy["B"]])
    assert regret(problem, x).max() < 1e-12
    assert regret(problem, np.clip(x + 0.2, 0, 1)).max() > 1e-3


def test_a_game_of_many_states_is_solved() -> None:
    """Ten thousand states, two players."""
    firm = Player(
        "f",
        "1 + 3*tanh((w - others(w))/20) - x**2",
        {"x": (0, "inf")},
        states={"w": (0, 99)},
        events=[Event({"w": "w + 1"}, hazard="x")],
        count=2,
    )
    solution = lb.solve(Game([firm], 0.2, events=[Event({"w": "w - 1"}, hazard="0.5")]))
    assert solution.status.ok
    assert solution.equilibria[0].regret < 1e-9


FLAT = pytest.mark.parametrize(("meeting", "alone"), [(0.5, True), (-1.5, True), (1.7, False)])


def no_longer_needed(meeting: float, *back: Event) -> lb.Solution:
    """Where both have arrived x costs 0.8 x^2 and brings d x y: one equilibrium if |d| < 1.6."""
    there = Event({"k": "1"}, hazard="0.5 * x * (k < 1)")
    players = [
        Player(
            name,
            f"1.5 * k - 0.8 * x^2 + {meeting} * x * {rival}.x",
            {"x": (0, 1)},
            states={"k": (0, 1)},
            events=[there, *back],
        )
        for name, rival in ("AB", "BA")
    ]
    return lb.solve(lb.MarkovGame(players, discount=0.4), all=True)


def arrived(solution: lb.Solution) -> list[float]:
    return sorted(float(e.policy["A"][-1]) for e in solution.equilibria)


@pytest.mark.slow
@FLAT
def test_effort_that_nobody_needs_any_more_leaves_an_index_while_replies_are_flat(
    meeting: float, alone: bool
) -> None:
    solution = no_longer_needed(meeting, Event({"k": "0"}, hazard="0.2 * (k > 0)"))
    indices = [e.index for e in solution.equilibria]
    assert (solution.complete, indices) == (("searched", [1]) if alone else ("partial", [1, None]))
    assert arrived(solution) == pytest.approx([0.0] if alone else [0.0, 1.0], abs=1e-9)


@FLAT
def test_effort_in_the_last_state_leaves_an_index_while_replies_are_flat(
    meeting: float, alone: bool
) -> None:
    """The same where nobody ever goes back, so that states are solved one after another."""
    solution = no_longer_needed(meeting)
    assert {e.method for e in solution.equilibria} == {"backward recursion"}
    assert solution.complete == ("searched" if alone else "partial")
    assert arrived(solution) == pytest.approx([0.0] if alone else [0.0, 1.0], abs=1e-9)


# --- asking


def test_a_limit_is_kept_and_said() -> None:
    solution = lb.solve(ladder(rungs=20), all=True, limit=0.0)
    assert solution.status.code == "stopped"
    assert solution.complete == "partial"


def test_the_first_equilibrium_is_shown_however_little_time_is_left(monkeypatch) -> None:
    found: list[str] = []
    monkeypatch.setattr(search, "GRACE_SECONDS", 0.0)
    keep = search.Search.keep

    def kept(self: search.Search, name: str, *rest: object) -> None:
        keep(self, name, *rest)
        found.append(name)

    monkeypatch.setattr(search.Search, "keep", kept)
    solution = lb.solve(ladder(rungs=2), all=True, limit=lambda: bool(found))
    assert (solution.status.code, solution.complete) == ("stopped", "partial")
    assert [e.regret < 1e-9 for e in solution.equilibria] == [True]
    assert not solution.equilibria[0].proof.holds
    assert solution.equilibria[0].proof.reason


def test_a_start_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="shape"):
        lb.solve(ladder(), start=np.zeros((2, 3)))
    with pytest.raises(ValueError, match="bounds"):
        lb.solve(ladder(), start=np.full((2, 11), 2.0))


def test_a_choice_that_moves_nothing_has_no_index() -> None:
    """Of a row of zeros in the Jacobian nothing can be said, and nothing breaks."""
    idle = lb.MarkovPlayer(
        "lab",
        "1 + c * b * (1 - b)",
        {"b": (0, 1)},
        states={"w": (0, 1)},
        events=[lb.Event({"w": "1"}, hazard="b + 1")],
    )
    game = lb.MarkovGame([idle], discount=0.5, parameters={"c": 0.0})
    found = lb.solve(game, start=np.full((1, 2), 0.5)).equilibria[0]
    assert found.regret < 1e-12 and found.index is None


def test_the_starter_is_solved() -> None:
    solution = lb.solve(load(starter_file("markov")), all=True)
    assert solution.status.ok and len(solution.equilibria) == 1
    assert solution.complete == "searched"


GOOD = """
kind = "markov"
discount = 0.3
states = { s = [0, 3] }
[[players]]
name = "A"
action = { x = [0, 1] }
payoff = "s - x"
events = [{ hazard = "x", next = { s = "s + 1" } }]
"""


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("[0, 3]", "[0, 1000000000]", "states"),
        ("[0, 3]", "[3, 0]", "states.s"),
        ('hazard = "x"', 'hazard = "x - 1"', "players[0].events[0]"),
        ('hazard = "x"', 'chance = "x"', "players[0].events[0].chance"),
        ('payoff = "s - x"', 'payoff = "1 / s"', "players[0].payoff"),
        ('payoff = "s - x"', 'payoff = "__import__(1)"', "players[0].payoff"),
        ('payoff = "s - x"', 'payoff = "log(s - 2)"', "players[0].payoff"),
        ('s = "s + 1"', 's = "s + 0.5"', "players[0].events[0]"),
        ('s = "s + 1"', 't = "1"', "players[0].events[0].next.t"),
        ("x = [0, 1]", "x = [1, 0]", "players[0].action.x"),
        ("action = { x = [0, 1] }", "", "players[0]"),
        ("discount = 0.3", "discount = -1", "discount"),
        ('payoff = "s - x"', 'payoff = "profit[s]"', "players[0].payoff"),
        ("discount = 0.3", "discount = 0.3\ntables = { t = [1, 'a'] }", "tables.t"),
        ("discount = 0.3", "discount = 0.3\nends = 'x > 0'", "ends"),
    ],
)
def test_what_cannot_be_is_refused_with_its_place(old: str, new: str, place: str) -> None:
    assert loads(GOOD).size == 4
    began = clock.monotonic()
    with pytest.raises(GameFileError) as error:
        loads(GOOD.replace(old, new))
    assert any(mistake.place.startswith(place) for mistake in error.value.mistakes)
    assert clock.monotonic() - began < 5


def test_chances_that_exceed_one_together_are_refused() -> None:
    text = GOOD.replace("kind =", 'time = "discrete"\nkind =').replace(
        'events = [{ hazard = "x", next = { s = "s + 1" } }]',
        'events = [{ chance = "0.6", group = "g", next = { s = "s + 1" } },'
        ' { chance = "0.6", group = "g", next = { s = "s - 1" } }]',
    )
    with pytest.raises(GameFileError, match="probability"):
        loads(text)
    assert loads(text.replace('group = "g", ', "", 1)).size == 4


def test_a_chance_that_is_flat_in_the_middle_is_steered_all_the_same() -> None:
    """A builds all it can to move on to what is worth 40, and none to get what is worth less."""
    worth = "d * (4*b*e + (1-b)*(1-e))"
    onwards = [Event({"d": "d + 1"}, hazard="(b - 0.5)**2")]
    game = lb.MarkovGame(
        [
            lb.MarkovPlayer("A", f"{worth} + (1-d)*(2 + 0.01*b)", {"b": (0, 1)}, events=onwards),
            lb.MarkovPlayer("B", f"{worth} - (1-d)*e", {"e": (0, 1)}),
        ],
        discount=0.1,
        states={"d": (0, 1)},
    )
    found = lb.solve(game, all=True).equilibria
    values = sorted(equilibrium.value[0].tolist() for equilibrium in found)
    best = (2.01 + 0.25 * 40) / 0.35
    idle = 2.005 / 0.1
    np.testing.assert_allclose(values, [[idle, 8], [idle, 10], [best, 40]], rtol=1e-3)


def test_rates_of_too_many_orders_are_no_fault_of_the_program() -> None:
    """Where values have no pivot left there is no regret, and so no equilibrium."""
    players = [
        lb.MarkovPlayer(
            name,
            f"(1 - b) * gamma**max({sign}gap, 0)",
            {"b": (0, 1)},
            events=[lb.Event({"gap": f"gap {step} 1"}, hazard="lam * b**theta")],
        )
        for name, sign, step in (("A", "", "+"), ("B", "-", "-"))
    ]
    numbers = {"lam": 1e300, "gamma": 1e-300, "theta": 0.42061008273409534}
    game = lb.MarkovGame(players, 0.560544902871342, states={"gap": (-1, 1)}, parameters=numbers)
    solution = lb.solve(game, all=True)
    assert solution.status.code in ("converged", "imprecise", "not converged")
    assert all(found.regret < 1e-9 for found in solution.equilibria) or not solution.status.ok


def test_points_of_a_continuum_are_not_called_stable() -> None:
    """A choice between two actions that pay the same: any mixture will do, in every state."""
    player = lb.MarkovPlayer(
        "A",
        "max(s, 1)",
        actions=["u", "v"],
        states={"s": (0, 2)},
        events=[lb.Event({"s": "s + 1"}, chance="0.5")],
    )
    game = lb.MarkovGame([player], 0.5, time="discrete")
    for every in (True, False):
        solution = lb.solve(game, all=every)
        assert solution.equilibria
        assert all(found.stable is None for found in solution.equilibria)
    sure = replace(game, players=[replace(player, payoff="max(s, 1) + u")])
    assert lb.solve(sure, all=True).equilibria[0].stable is True


def test_effort_that_cannot_succeed_hides_no_index() -> None:
    """Budd, Harris and Vickers (1993) on a coarse grid: at either end one has no more to do."""

    def firm(name: str, flow: str, step: int) -> lb.MarkovPlayer:
        moves = [lb.Event({"k": f"k + {step}"}, hazard="8 * x")]
        return lb.MarkovPlayer(name, f"{flow} - x**2 / 2", {"x": (0, 5)}, events=moves)

    noise = [lb.Event({"k": f"k + {step}"}, hazard="1.28") for step in (1, -1)]
    firms = [firm("A", "k / 8", 1), firm("B", "1 - k / 8", -1)]
    game = lb.MarkovGame(firms, discount=0.1, states={"k": (0, 8)}, events=noise)
    (found,) = lb.solve(game, all=False).equilibria
    assert float(found.policy["A"][8]) == float(found.policy["B"][0]) == 0  # nowhere to go
    assert found.index in (1, -1) and found.stable is not None
