"""Payoffs as formulas of finitely many strategies: tables, exact where formulas are rational."""

import random
from fractions import Fraction
from itertools import product
from types import SimpleNamespace

import pytest
from formulas_drawn import Kit, NearError, Seat, formula

from leaderbored.games.grids import Chooser, Tabulated


def game(**parts) -> SimpleNamespace:
    return SimpleNamespace(**{"parameters": {}, "let": {}, "random": {}} | parts)


def test_blotto_is_counted_field_by_field() -> None:
    sends = [s for s in product(range(6), repeat=3) if sum(s) == 5]
    fields = {name: [s[k] for s in sends] for k, name in enumerate("xyz")}
    wins = " + ".join(f"({f} > B.{f}) - ({f} < B.{f})" for f in "xyz")
    choosers = [Chooser("A", fields, wins), Chooser("B", fields, wins.replace("B.", "A."))]
    first, second = Tabulated(choosers, game()).tables()
    assert first.shape == (21, 21)
    for a, b in product(range(21), repeat=2):
        right = sum((p > q) - (p < q) for p, q in zip(sends[a], sends[b], strict=True))
        assert first[a, b] == right == -second[a, b]


def test_rational_payoffs_are_exact_so_that_ties_are_ties() -> None:
    firms = [
        Chooser(name, {"q": [Fraction(k, 10) for k in range(8)]}, "(a - sum(q)) * q - q / 3")
        for name in "AB"
    ]
    found = Tabulated(firms, game(parameters={"a": 0.7})).tables()[0]
    for j, k in product(range(8), repeat=2):
        q, other = Fraction(j, 10), Fraction(k, 10)
        assert found[j, k] == (Fraction(7, 10) - q - other) * q - q / 3


def test_congestion_counts_who_is_where() -> None:
    """Three drivers, two roads: the delay is the square of the number of those on one's road."""
    let = {"here": "sum(left)", "delay": "here^2 if left == 1 else (N - here)^2"}
    drivers = [Chooser(name, {"left": [1, 0], "right": [0, 1]}, "-delay") for name in "ABC"]
    found = Tabulated(drivers, game(let=let)).tables()
    for profile in product((1, 0), repeat=3):
        at = tuple(1 - side for side in profile)
        for i, side in enumerate(profile):
            assert found[(i, *at)] == -(profile.count(side) ** 2)


def test_random_formulas_are_tabulated_as_plain_arithmetic_does() -> None:
    drawn, compared = random.Random(3), 0
    for _ in range(60):
        kit = Kit(True, lists={"w": [1.5, 0.25, 3.0]})
        text, value = formula(drawn, ["a", "q", "c"], 3, kit)
        if len(text) > 900:
            continue
        choosers = [
            Chooser(name, {"q": [0.5, 1, 2], "c": [1, 0, -1]}, text if name == "A" else "0")
            for name in "AB"
        ]
        found = Tabulated(choosers, game(parameters={"a": 0.7, "w": [1.5, 0.25, 3.0]}))
        if found.mistakes():
            continue
        table = found.tables()[0]
        for j, k in product(range(3), repeat=2):
            seats = [Seat({"a": 0.7, "q": [0.5, 1, 2][s], "c": [1, 0, -1][s]}) for s in (j, k)]
            seats[0].others = [seats[1]]
            try:
                right = value(seats[0])
            except (ArithmeticError, ValueError, NearError):
                continue
            assert float(table[j, k]) == pytest.approx(right, rel=1e-6, abs=1e-9), text
            compared += 1
    assert compared > 150


def test_mistakes_have_the_place_they_are_given() -> None:
    wrong = Chooser("A", {"q": [0, 1]}, "p * q", "payoffs.A.", {"c": "d"}, {"p": "1 - r"})
    found = {place: why for place, _, why in Tabulated([wrong], game()).mistakes()}
    assert set(found) == {"payoffs.A.let.p", "payoffs.A.parameters.c"}
    assert "unknown name 'r'" in found["payoffs.A.let.p"]
