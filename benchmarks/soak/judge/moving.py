"""Games over time of one's own: a ladder of two labs, and one number that players steer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
SMALL = 1e-6
POINTS = 1_500


class Ladder:
    """Two labs on a ladder: S gaps, income for what does not build, wins that move the gap."""

    def __init__(self, game: dict[str, Any]) -> None:
        self.discrete, self.rate = game["time"] == "discrete", game["discount"]
        self.given, reach = game["parameters"], game["states"]["gap"][1]
        self.gap = np.arange(-reach, reach + 1)
        self.size = len(self.gap)
        self.here = np.arange(self.size)
        self.next = np.minimum(self.here + 1, self.size - 1), np.maximum(self.here - 1, 0)

    def income(self, i: int) -> Array:
        """(S,) what all its compute would earn."""
        return np.asarray(self.given["gamma"] ** np.maximum(self.gap if i == 0 else -self.gap, 0))

    def wins(self, b: Array) -> Array:
        """Chance of a success in a period, or its hazard."""
        effort = self.given["lam"] * b ** self.given["theta"]
        return np.asarray(effort / (1 + effort) if self.discrete else effort)

    def odds(self, i: int, own: Array, other: Array) -> tuple[Array, Array]:
        """Chances that the gap moves i's way, and the other's; who win at once move nothing."""
        if not self.discrete:
            return own, other
        return own * (1 - other), other * (1 - own)

    def value(self, i: int, b: Array, chance: Array) -> Array:
        """(S,) value of lab i that builds b, both winning at ``chance`` (2, S)."""
        law, (mine, theirs) = np.zeros((self.size,) * 2), self.odds(i, chance[i], chance[1 - i])
        law[self.here, self.next[i]] += mine
        law[self.here, self.next[1 - i]] += theirs
        pay = (1 - b) * self.income(i)
        if self.discrete:
            law[self.here, self.here] += 1 - mine - theirs
            return np.asarray(np.linalg.solve(np.eye(self.size) - self.rate * law, pay))
        return np.asarray(np.linalg.solve(np.diag(self.rate + law.sum(axis=1)) - law, pay))

    def best(self, i: int, chance: Array, start: Array) -> Array:
        """(S,) value of the best that a grid of shares finds against the other's chances."""
        grid, best = np.r_[np.linspace(0, 1, POINTS), np.geomspace(1e-9, 1, 200)], start
        mine, theirs = self.odds(i, self.wins(grid)[:, None], chance[1 - i])
        pay = (1 - grid[:, None]) * self.income(i)
        for _ in range(60):
            worth = mine * (best[self.next[i]] - best) + theirs * (best[self.next[1 - i]] - best)
            pick = grid[(pay + (self.rate if self.discrete else 1.0) * worth).argmax(axis=0)]
            trial = chance.copy()
            trial[i] = self.wins(pick)
            better = self.value(i, pick, trial)
            if (better - best).max() <= 1e-12 * np.abs(best).max():
                break
            best = np.maximum(best, better)
        return best


def judge_markov(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Regrets on the ladder, each player's control problem solved on a grid."""
    ladder = Ladder(game)
    for found in answer["equilibria"]:
        play = np.array([found["policy"][name] for name in "AB"]).reshape(2, -1)
        chance = ladder.wins(play)
        for i, name in enumerate("AB"):
            held = ladder.value(i, play[i], chance)
            best = ladder.best(i, chance, held)
            scale = float(np.abs(best).max())
            off = float(np.abs(held - np.array(found["value"][name])).max()) / scale
            if off > 10 * SMALL:
                yield f"value of {name} off by {off:.1e}"
            gain = float((best - held).max()) / scale
            if gain > SMALL:
                yield f"{name} gains {gain:.1e} by deviating"


def judge_linear_quadratic(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Each player's cost against plans nearby: controls u = -k x - m with other k and m."""
    players = game["players"]
    for found in answer["equilibria"]:
        gains = np.array([found["gains"][p["name"]][0][0] for p in players])
        offsets = np.array([found["offsets"][p["name"]][0] for p in players])
        for i, player in enumerate(players):
            held = _cost(game, i, gains, offsets)
            if held is None:
                continue
            best = held
            for size in (0.3, 0.03, 1e-3):
                for dk, dm in (
                    (size, 0),
                    (-size, 0),
                    (0, size),
                    (0, -size),
                    (size, size),
                    (-size, -size),
                    (size, -size),
                    (-size, size),
                ):
                    k, m = gains.copy(), offsets.copy()
                    k[i] += dk * max(1.0, abs(k[i]))
                    m[i] += dm * max(1.0, abs(m[i]))
                    cost = _cost(game, i, k, m)
                    best = best if cost is None else min(best, cost)
            scale = max(abs(held), abs(best)) or 1.0
            if held - best > SMALL * scale:
                gained = (held - best) / scale
                yield f"{player['name']!r} saves {gained:.1e} of its cost by deviating"


def _cost(game: dict[str, Any], i: int, gains: Array, offsets: Array) -> float | None:
    """Player i's discounted cost of affine controls from the start, None if infinite."""
    player, x = game["players"][i], game["initial"]
    control = np.array([p["control"] for p in game["players"]])
    slope = game["drift"] - float(control @ gains)
    push, rate = -float(control @ offsets), game["discount"]
    if 2 * slope >= rate:
        return None
    k, m, cost = gains[i], -offsets[i], player["control_cost"]
    # Flow a x^2 + 2 b x + c; value p x^2 + 2 q x + r solves rate V = flow + (slope x + push) V'.
    a = player["state_cost"] + cost * k**2
    b = player["state_linear"] - cost * k * m - player["control_linear"] * k
    c = cost * m**2 + 2 * player["control_linear"] * m
    p = a / (rate - 2 * slope)
    q = (b + push * p) / (rate - slope)
    r = (c + 2 * push * q) / rate
    return float(p * x**2 + 2 * q * x + r)
