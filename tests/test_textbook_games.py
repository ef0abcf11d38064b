"""Games of the textbooks as files, each against its closed form or its published numbers."""

import pytest

import leaderbored as lb
from leaderbored.games.formats.gamefile import loads

GAMES = {
    "river basin (Haurie and Krawczyk 1997)": (
        """let = { P = "3 - 0.01 * sum(x)" }
constraints = [
  "3.25 * one.x + 1.25 * two.x + 4.125 * three.x <= 100",
  "2.2915 * one.x + 1.5625 * two.x + 2.8125 * three.x <= 100",
]
players = [
  { name = "one", strategies = { x = [0, "inf"] }, payoff = "P*x - (0.1 + 0.01*x)*x" },
  { name = "two", strategies = { x = [0, "inf"] }, payoff = "P*x - (0.12 + 0.05*x)*x" },
  { name = "three", strategies = { x = [0, "inf"] }, payoff = "P*x - (0.15 + 0.01*x)*x" },
]""",
        [21.1448, 16.0279, 2.7260],
        1e-4,
    ),
    "research that spills over (d'Aspremont and Jacquemin 1988)": (
        """parameters = { a = 10, c = 2, beta = 0.5, gamma = 2 }
[[players]]
name = "f"
count = 2
strategies = { x = [0, 2] }
payoff = "(a - c + (2 - beta)*x + (2*beta - 1)*others(x))^2 / 9 - gamma*x^2/2\"""",
        [16 / 9] * 2,
        1e-9,
    ),
    "a star of four (Ballester, Calvo-Armengol and Zenou 2006)": (
        """players = [
  { name = "c", strategies = { x = [0, "inf"] }, payoff = "x - x^2/2 + 0.2*x*others(x)" },
  { name = "l1", strategies = { x = [0, "inf"] }, payoff = "x - x^2/2 + 0.2*x*c.x" },
  { name = "l2", strategies = { x = [0, "inf"] }, payoff = "x - x^2/2 + 0.2*x*c.x" },
  { name = "l3", strategies = { x = [0, "inf"] }, payoff = "x - x^2/2 + 0.2*x*c.x" },
]""",
        [1.6 / 0.88, *[1 + 0.2 * 1.6 / 0.88] * 3],
        1e-9,
    ),
    "rents sought by the risk-averse: tanh(a / 2) / (2 a)": (
        """parameters = { a = 1 }
[[players]]
name = "A"
count = 2
strategies = { x = [0, 1] }
payoff = "-x / sum(x) * exp(-a*(1 - x)) - others(x) / sum(x) * exp(a*x)\"""",
        [0.46211715726 / 2] * 2,
        1e-9,
    ),
    "two firms with two types, which are alike more often than not": (
        """[random.t]
values = [[0, 0], [0, 1], [1, 0], [1, 1]]
probabilities = [0.4, 0.1, 0.1, 0.4]
[[players]]
name = "A"
strategies = { "q[0]" = [0, 1], "q[1]" = [0, 1] }
payoff = "E[t]((1 - q[t[0]] - B.q[t[1]] - 0.2*t[0]) * q[t[0]])"
[[players]]
name = "B"
strategies = { "q[0]" = [0, 1], "q[1]" = [0, 1] }
payoff = "E[t]((1 - q[t[1]] - A.q[t[0]] - 0.2*t[1]) * q[t[1]])\"""",
        [2.2 / 6.5, 1.7 / 6.5] * 2,
        1e-9,
    ),
    "who gives to a common good: w - g alike for those who do": (
        """let = { G = "sum(g)" }
players = [
  { name = "1", strategies = { g = [0, 9.9] }, payoff = "log(G + 1e-9) + log(10 - g)" },
  { name = "2", strategies = { g = [0, 7.9] }, payoff = "log(G + 1e-9) + log(8 - g)" },
  { name = "3", strategies = { g = [0, 2.9] }, payoff = "log(G + 1e-9) + log(3 - g)" },
]""",
        [4.0, 2.0, 0.0],
        1e-8,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GAMES)
def test_a_game_has_the_one_equilibrium_that_is_known(name: str) -> None:
    text, known, within = GAMES[name]
    (found,) = lb.solve(loads(f'kind = "continuous"\n{text}')).equilibria
    played = [float(x) for own in found.strategies.values() for x in own]
    assert played == pytest.approx(known, abs=within)
    assert found.regret < 1e-9


def test_a_poker_of_high_and_low_cards_is_bluffed_a_third_of_the_time() -> None:
    poker = """kind = "bayesian"
players = ["P1", "P2"]
types = [{ h = [1, 0] }, ["none"]]
actions = [["bet", "fold"], ["call", "pass"]]
payoffs = [
  "bet * (P2.call * 2 * (2*h - 1) + P2.pass) - fold",
  "-(P1.bet * (call * 2 * (2*P1.h - 1) + pass) - P1.fold)",
]"""
    (found,) = lb.solve(loads(poker)).equilibria
    assert found.strategies["P1 (h = 0)"] == pytest.approx([1 / 3, 2 / 3], abs=1e-12)
    assert found.strategies["P2 (none)"] == pytest.approx([2 / 3, 1 / 3], abs=1e-12)
    assert (found.payoffs[0] + found.payoffs[1]) / 2 == pytest.approx(1 / 3, abs=1e-12)
