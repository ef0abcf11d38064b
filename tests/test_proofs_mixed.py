"""Proofs of equilibria of continuous games in which players mix among points."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.games.continuous import Player
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.mixed_proof import prove_mixed, sharpened
from leaderbored.solvers.continuous.program import Program


def game(**payoffs: str) -> lb.Continuous:
    """Players that decide one number each, from zero to one, named as the number."""
    return lb.Continuous(tuple(Player(n.upper(), {n: (0, 1)}, u) for n, u in payoffs.items()))


def pursued(flee: float = 0.0) -> lb.Continuous:
    """X flees from Y, which is drawn upwards a little; with Z, which pursues X, where X minds."""
    if not flee:
        return game(x="(x - y)**2 + x*y/3 - x/9", y="y/7 - (x - y)**2")
    return game(x=f"(x - y)**2 - {flee}*x*z", y="-(x - y)**2", z="-(z - x)**2")


def test_the_closed_form_lies_within_the_radius() -> None:
    """X mixes between the ends, indifferent if 5 y / 3 = 8 / 9; Y is at the mean of x plus 1/14."""
    found = lb.solve(pursued()).equilibria[0]
    proof = found.proof
    assert found.weights is not None and proof.of == "equilibrium"
    assert proof.radius is not None and proof.unique is not None
    assert proof.holds and proof.radius < 1e-15 and proof.unique > 1e-3
    y = Fraction(8, 15)
    for true, computed in (
        (y, found.strategies["Y"][0, 0]),
        (y - Fraction(1, 14), found.weights["X"][1]),
        (Fraction(0), found.strategies["X"][0, 0]),
    ):
        assert abs(true - Fraction(float(computed))) <= Fraction(proof.radius)


def test_rough_laws_of_three_players_are_sharpened_and_proved() -> None:
    """Y and Z stand at the mean m of x; X is indifferent between the ends if 1 - 2m = m / 5."""
    program = Program(pursued(0.2))
    spread = Law(np.linspace(0.43, 0.48, 60)[:, None], np.full(60, 1 / 60))
    rough = [Law(np.array([[0.0], [1.0]]), np.array([0.56, 0.44])), spread, spread]
    laws = next(sharpened(program, rough))
    assert laws[0].weights[1] == pytest.approx(5 / 11, abs=1e-14)
    assert [law.points.ravel().tolist() for law in laws[1:]] == [[pytest.approx(5 / 11)]] * 2
    assert prove_mixed(program, laws).holds


def test_what_pays_more_far_away_is_no_equilibrium() -> None:
    """A peak of sin x + x / 10 that is not the highest; the one between 0 and 10 that is."""
    follower = Player("Y", {"y": (0, 10)}, "-(x - y)**2")
    waves = Player("X", {"x": (0, 10)}, "sin(x) + x/10"), follower
    program, peak = Program(lb.Continuous(waves)), float(np.arccos(-0.1))
    for x, higher in ((peak, True), (peak + 2 * np.pi, False)):
        law = Law(np.array([[x]]), np.ones(1))
        proof = prove_mixed(program, [law, law])
        assert proof.holds != higher
        assert ("no other strategy of X pays more" in proof.reason) == higher


def test_moved_laws_are_not_proved() -> None:
    program = Program(pursued())
    ends, middle = np.array([[0.0], [1.0]]), np.array([[8 / 15]])
    high = 8 / 15 - 1 / 14
    for shift, aside in ((1e-5, 0.0), (0.0, 1e-5)):
        law = Law(ends, np.array([1 - high - shift, high + shift]))
        proof = prove_mixed(program, [law, Law(middle + aside, np.ones(1))])
        assert not proof.holds and "this is no solution" in proof.reason


def test_a_continuum_is_not_proved_to_be_alone() -> None:
    proof = lb.solve(game(x="abs(x - y)", y="-abs(x - y)")).equilibria[0].proof
    assert not proof.holds and "singular" in proof.reason


def test_players_that_decide_several_numbers_are_left_as_they_are() -> None:
    """Points of two numbers, which no total joins, and which a total does."""
    room, corners = {"x": (-1, 1), "y": (-1, 1)}, np.array([[-1.0, 1.0], [1.0, -1.0]])
    laws = [Law(corners, np.full(2, 0.5))] * 2
    for total in (None, 0):
        players = [
            Player(name, room, f"{sign}(x - {other}.x)**2", total=total)
            for name, other, sign in (("A", "B", ""), ("B", "A", "-"))
        ]
        program = Program(lb.Continuous(players))
        assert not [*sharpened(program, laws)]
        assert "one number each" in prove_mixed(program, laws).reason
