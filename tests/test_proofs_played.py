"""Proofs of finite, continuous and Markov games of one's own: what is true, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from mpmath import mp

import leaderbored as lb
from leaderbored.games.continuous import Player
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.proof import prove as prove_continuous
from leaderbored.solvers.finite.proof import prove as prove_finite
from leaderbored.solvers.stochastic import MarkovMethod
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.proof import prove as prove_markov


def finite(seed: int, shape: tuple[int, ...]) -> lb.NormalForm:
    random = np.random.default_rng(seed)
    return lb.NormalForm([random.integers(-40, 40, shape).tolist() for _ in shape])


@pytest.mark.parametrize("seed", range(11))
def test_finite_proofs_hold_the_equilibrium_in_rational_numbers(seed: int) -> None:
    proved = 0
    for one in lb.solve(finite(seed, (3, 4)), exact=True).equilibria:
        assert one.proof is not None
        assert one.exact is not None
        if one.proof.holds:
            proved += 1
            exact = np.concatenate([*one.exact.values()])
            pairs = zip(np.concatenate([*one.strategies.values()]), exact, strict=True)
            away = max(abs(Fraction(float(x)) - y) for x, y in pairs)
            assert away <= Fraction(one.proof.radius or 0.0)
    assert proved


@pytest.mark.parametrize("seed", range(8))
def test_finite_proofs_are_of_what_stands_alone(seed: int) -> None:
    game = finite(seed, (2, 3, 2))
    found = lb.solve(game).equilibria
    for one in found:
        assert one.proof is not None
        assert one.proof.holds
        mine = np.concatenate([*one.strategies.values()])
        for other in found:
            apart = np.abs(mine - np.concatenate([*other.strategies.values()])).max()
            assert other is one or apart > (one.proof.unique or 0.0)


def test_what_is_no_equilibrium_is_not_proved() -> None:
    game = finite(3, (2, 3, 2))
    laws = [*lb.solve(game).equilibria[0].strategies.values()]
    moved = [0.99999 * law + 0.00001 / len(law) for law in laws]
    assert not prove_finite(game, moved).holds
    assert not prove_finite(game, [np.full(size, 1 / size) for size in game.shape]).holds


def test_a_strategy_that_is_as_good_is_no_proof() -> None:
    game = lb.NormalForm([[[1, 0], [1, 1]], [[1, 0], [1, 0]]])
    proof = prove_finite(game, [np.array([1.0, 0.0]), np.array([1.0, 0.0])])
    assert "as good" in proof.reason


def alone(payoff: str, low: float = 0.0, high: float = 1.0) -> Program:
    return Program(lb.Continuous([Player("A", {"x": [low, high]}, payoff)]))


def test_two_points_side_by_side_are_told_apart() -> None:
    slope = "-(x - 0.5)*(x - 0.501)*(x - 0.9)"  # maxima at 0.5 and 0.9, a minimum at 0.501
    payoff = "-(x^4/4 - 1.901*x^3/3 + 1.1514*x^2/2 - 0.22545*x)"
    program = alone(payoff)
    for x in (0.5, 0.501, 0.9):
        assert abs(float(program.residual(np.array([[x]]))[0, 0])) < 1e-12, slope
        proof = prove_continuous(program, np.array([x]))
        assert proof.holds
        assert (proof.unique or 1.0) < (0.001 if x < 0.6 else 0.4)
        assert proof.of == ("equilibrium" if x == 0.9 else "first-order point")


@pytest.mark.parametrize(
    ("payoff", "at", "of"),
    [
        ("-(x - 0.25)^2", 0.25, "equilibrium"),
        ("x - x^3", 1 / 3**0.5, "equilibrium"),
        ("sin(9*x)", 1.0, "first-order point"),  # the upper bound, where it rises, is no peak
        ("-exp(x)", 0.0, "equilibrium"),
        ("-x^2", 0.0, "equilibrium"),  # the slope at the bound is zero
        ("-abs(x - 0.3) - x^2 / 9", 0.3, "first-order point"),
        ("min(x, 0.5 - x / 4)", 0.4, "first-order point"),
        ("-x^2 + max(x - 0.8, 0)", 0.0, "equilibrium"),  # a kink elsewhere
    ],
)
def test_points_of_one_player(payoff: str, at: float, of: str) -> None:
    program = alone(payoff)
    z = np.full(program.m, 0.5)
    z[0] = at
    if program.code.kinks:  # the multiplier at which the slope is zero
        size = np.linspace(0, 1, 1001)
        points = np.column_stack([np.full(1001, at), size])
        z[1] = size[np.abs(program.residual(points)[:, 0]).argmin()]
    proof = prove_continuous(program, z) if program.code.kinks == 0 else None
    if payoff == "sin(9*x)":
        assert proof is not None
        assert not proof.holds  # cos(9) < 0: the upper bound is none
        return
    proof = proof or lb.solve(program.game).equilibria[0].proof
    assert proof is not None
    assert (proof.holds, proof.of) == (True, of)
    assert not prove_continuous(program, z + 1e-4 * (z < 0.9)).holds


def test_a_kink_that_rises_is_no_bend() -> None:
    """On either side of it the payoff bends down, but there is more to gain beyond."""
    program = alone("2 * abs(x - 0.5) - x^2 + x / 2 ")  # 1.0 at 0, and 0.5 at 1
    found = lb.solve(program.game).equilibria
    assert [one.strategies["A"].round(9).tolist() for one in found] == [[0.0]]
    program = alone("abs(x - 0.5) - (x - 0.1)^2 / 9")  # two peaks, of 0.49 and 0.41
    worse = np.array([1.0, *np.ones(program.code.kinks)])
    assert (
        prove_continuous(program, worse).of == "first-order point"
        or not prove_continuous(program, worse).holds
    )


def test_a_continuum_is_not_proved() -> None:
    players = [Player("A", {"x": [0, 1]}, "-(x - y)^2"), Player("B", {"y": [0, 1]}, "-(x - y)^2")]
    proof = prove_continuous(Program(lb.Continuous(players)), np.array([0.5, 0.5]))
    assert not proof.holds
    assert "Jacobian" in proof.reason


def patient(seed: int) -> lb.MarkovGame:
    random = np.random.default_rng(seed)

    def payoff(me: str, other: str) -> str:
        a, b, c, d = random.integers(-9, 10, 4)
        return f"{a}*{me}.go + {b}*{other}.go + {c}*{me}.go*{other}.go + s*{d}*{me}.go"

    event = lb.Event({"s": "1 - s"}, chance="0.2 + 0.3*A.go + 0.4*B.go")
    players = [
        lb.MarkovPlayer(me, payoff(me, other), actions=("go", "stay")) for me, other in ("AB", "BA")
    ]
    return lb.MarkovGame(
        players, discount=0.5, time="discrete", states={"s": (0, 1)}, events=[event]
    )


def proved_markov(one: lb.MarkovEquilibrium, game: lb.MarkovGame) -> None:
    """Its proof holds, and none does of a point beside it."""
    assert one.proof is not None
    assert (one.proof.holds, one.proof.of) == (True, "equilibrium"), one.proof.reason
    assert (one.proof.radius or 1.0) < 1e-12
    x, problem = np.vstack([one.policy["A"].T, one.policy["B"].T]), Problem(game)
    assert not prove_markov(problem, problem.point(x + 1e-4 * (0.5 - x))).holds


@pytest.mark.parametrize("seed", range(3))
def test_markov_equilibria_are_proved(seed: int) -> None:
    game = patient(seed)
    proved_markov(lb.solve(game).equilibria[0], game)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4, 6))
def test_markov_proofs_are_of_what_stands_alone(seed: int) -> None:
    game = patient(seed)
    found = lb.solve(game, MarkovMethod(starts=4), all=True).equilibria
    for one in found:
        proved_markov(one, game)
        mine = np.concatenate([law.ravel() for law in one.policy.values()])
        for other in found:
            theirs = np.concatenate([law.ravel() for law in other.policy.values()])
            near = max(np.abs(mine - theirs).max(), np.abs(one.value - other.value).max() / 9)
            assert other is one or near > (one.proof.unique if one.proof else 0.0)


def test_real_actions_are_proved_to_be_best_where_payoffs_bend_down() -> None:
    def solved(payoff: str, hazard: str) -> Any:
        event = lb.Event({"d": "1"}, hazard=hazard)
        lab = lb.MarkovPlayer("lab", payoff, {"b": (0, 1)}, events=[event])
        game = lb.MarkovGame([lab], discount=0.5, states={"d": (0, 1)})
        return lb.solve(game).equilibria[0].proof

    for payoff, hazard, of in (
        ("1 - b^2 + d", "b", "equilibrium"),
        ("1 - b + d", "sqrt(b)", "first-order point"),  # steep without end at zero
    ):
        proof = solved(payoff, hazard)
        assert (proof.holds, proof.of) == (True, of)


def choosing(law: str) -> lb.MarkovGame:
    """Two players who meet again and again, and what each gets more of is private."""
    size = "0.75" if law in ("extreme value", "normal") else "2.75 * go"
    players = [
        lb.MarkovPlayer(me, payoff, actions=("go", "stay"), shocks=size, shock_law=law)
        for me, payoff in (("A", "2*A.go*B.go - A.go"), ("B", "A.go*B.stay - 3*A.stay*B.go"))
    ]
    return lb.MarkovGame(players, discount=0.5, time="discrete")


@pytest.mark.parametrize("law", ["extreme value", "normal", "uniform", "exponential"])
def test_choice_under_private_shocks_is_proved(law: str) -> None:
    """Against a root in 50 digits of the two equations for what is done."""
    game = choosing(law)
    one = lb.solve(game).equilibria[0]
    assert one.proof is not None
    assert (one.proof.holds, one.proof.of) == (True, "equilibrium")

    def goes(gain: Any) -> Any:
        odds = {
            "extreme value": lambda: 1 / (1 + mp.exp(-gain / 0.75)),
            "normal": lambda: mp.erfc(-gain / 0.75 / 2) / 2,
            "uniform": lambda: (gain / 2.75 + 1) / 2,
            "exponential": lambda: mp.exp(gain / 2.75 - 1),
        }
        return odds[law]()

    with mp.workdps(50):
        rest = lambda a, b: (a - goes(2 * b - 1), b - goes(-a - 3 * (1 - a)))  # noqa: E731
        found = [float(one.policy[name][0, 0]) for name in "AB"]
        exact = mp.findroot(rest, found)
        off = max(abs(mp.mpf(x) - y) for x, y in zip(found, exact, strict=True))
        assert off <= one.proof.radius < 1e-12 < one.proof.unique
    x, problem = np.vstack([one.policy["A"].T, one.policy["B"].T]), Problem(game)
    assert not prove_markov(problem, problem.point(x + 1e-4 * (0.5 - x))).holds


def test_rare_choices_are_no_bounds() -> None:
    """What is chosen once in e^30 times still is."""
    rare = lb.MarkovPlayer("A", "30 * go", actions=("go", "stay"), shocks=1.0)
    proof = lb.solve(lb.MarkovGame([rare], discount=0.5, time="discrete")).equilibria[0].proof
    assert proof is not None
    assert proof.holds, proof.reason


def test_alike_players_are_proved_as_if_they_were_told_apart() -> None:
    events = [lb.Event({"w": "w + 1"}, hazard="x"), lb.Event({"w": "w - 1"}, hazard="0.3")]
    once = lb.MarkovPlayer(
        "f", "w - others(w)/3 - x**2", {"x": (0, 1)}, states={"w": (0, 1)}, events=events, count=2
    )
    twice = [replace(once, name=name, count=1) for name in ("f 1", "f 2")]
    tied, free = (lb.solve(lb.MarkovGame(who, 0.5)).equilibria[0] for who in ([once], twice))
    for one in (tied, free):
        assert one.proof is not None
        assert (one.proof.holds, one.proof.of) == (True, "equilibrium")
    problem = Problem(lb.MarkovGame([once], 0.5))
    z = problem.point(np.vstack([*tied.policy.values()]) + 1e-4)
    assert not prove_markov(problem, z).holds


def test_sparse_matrices_prove_what_dense_ones_do(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(game := patient(0))
    one = lb.solve(game).equilibria[0]
    z = problem.point(np.vstack([one.policy["A"].T, one.policy["B"].T]))
    dense = prove_markov(problem, z)
    monkeypatch.setattr("leaderbored.solvers.numerics.outward.SPARSE", 1)
    sparse = prove_markov(problem, z)
    assert sparse.holds
    assert sparse.radius == pytest.approx(dense.radius, rel=1e-6)
    assert not prove_markov(problem, z + 1e-4).holds
