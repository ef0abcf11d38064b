"""Random games that are played once, with payoffs as tables, formulas and contests."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from .draws import Game, Random, log_uniform, names_of


def table(random: Random) -> Game:
    """A payoff table of two or three players: whole numbers with ties, fractions, huge offsets."""
    count = int(random.choice([2, 2, 2, 3]))
    shape = tuple(random.integers(1, 5 if count == 2 else 4, size=count).tolist())
    names = names_of(random, count)
    tables = []
    for _ in range(count):
        style = random.random()
        if style < 0.5:
            drawn: Any = random.integers(-4, 5, size=shape)
        elif style < 0.8:
            drawn = random.normal(size=shape).round(6) * log_uniform(random, 1e-6, 1e6)
        else:
            drawn = random.integers(-3, 4, size=shape) + int(random.choice([0, 10**9, 10**16]))
        tables.append(drawn.tolist())
    return {"kind": "normal-form", "players": names, "payoffs": tables}


FINITE: dict[
    str, Callable[[Fraction, list[Fraction], Fraction], Fraction]
] = {  # of x, rivals' x, a
    "a * x - x * sum(x)": lambda x, r, a: a * x - x * (x + sum(r)),
    "a * (x >= max(others(x))) - x": lambda x, r, a: a * (x >= max(r)) - x,
    "a * x / (1 + sum(x)) - x / 3": lambda x, r, a: a * x / (1 + x + sum(r)) - x / 3,
    "a * min(x) - x^2 / 4": lambda x, r, a: a * min(x, *r) - x**2 / 4,
    "(x - mean(others(x)))^2 - a * (x == 2)": lambda x, r, a: (
        (x - sum(r) / len(r)) ** 2 - a * (x == 2)
    ),
    "prod(others(1 + x)) * (a - x) / (1 + x)": lambda x, r, a: (
        math.prod(1 + y for y in r) * (a - x) / (1 + x)
    ),
}


def finite(random: Random) -> Game:
    """Two to four players who pick numbers, with payoffs from a list of forms."""
    names = list("ABCD"[: int(random.choice([2, 2, 3, 4]))])
    most = {2: 5, 3: 4, 4: 3}[len(names)]
    picks = [
        sorted(random.choice(8, size=int(random.integers(1, most)), replace=False).tolist())
        for _ in names
    ]
    return {
        "kind": "finite",
        "players": names,
        "strategies": [{"x": list(map(int, pick))} for pick in picks],
        "parameters": {"a": int(random.integers(-3, 9)) / 4},
        "payoffs": [str(word) for word in random.choice(list(FINITE), size=len(names))],
    }


BAYESIAN: dict[str, Callable[[float, list[float], float, list[float]], float]] = {
    "(v - b) * (b >= max(others(b)))": lambda v, w, b, r: (v - b) * (b >= max(r)),
    "v * b - b * sum(b) / 4": lambda v, w, b, r: v * b - b * (b + sum(r)) / 4,
    "b * (v - mean(others(v))) - b^2 / 4": lambda v, w, b, r: b * (v - sum(w) / len(w)) - b * b / 4,
    "b * prod(others(v + b)) - v * b^2": lambda v, w, b, r: (
        b * math.prod(x + y for x, y in zip(w, r, strict=True)) - v * b * b
    ),
}  # of a player's type, the others' types, its action and the others'
PRIORS: dict[str, Callable[[list[float]], float]] = {
    "1": lambda v: 1.0,
    "1 + prod(v)": lambda v: 1 + math.prod(v),
    "0.1 + (max(v) - min(v))^2": lambda v: 0.1 + (max(v) - min(v)) ** 2,
}


def bayesian(random: Random) -> Game:
    """Two or three players who know their own types, of numbers, and pick numbers."""
    names = list("ABC"[: int(random.choice([2, 2, 3]))])
    types, actions = (4, 4) if len(names) == 2 else (3, 3)
    return {
        "kind": "bayesian",
        "players": names,
        "types": [_numbers(random, "v", types) for _ in names],
        "actions": [_numbers(random, "b", actions) for _ in names],
        "prior": str(random.choice(list(PRIORS))),
        "payoffs": [str(word) for word in random.choice(list(BAYESIAN), size=len(names))],
    }


def _numbers(random: Random, name: str, most: int) -> Game:
    picked = random.choice(6, size=int(random.integers(1, most)), replace=False)
    return {name: sorted((picked / 2).tolist())}


def contest(random: Random) -> Game:
    """A one-shot contest of two to five labs."""
    count = int(random.integers(2, 6))
    labs = []
    for name in names_of(random, count):
        lab: Game = {
            "name": name,
            "compute": log_uniform(random, 0.1, 10),
            "price": log_uniform(random, 0.2, 5),
        }
        lab["head_start"] = log_uniform(random, 0.3, 3)
        if random.random() < 0.5:
            lab["demand"] = lab["compute"] * float(random.uniform(0.1, 1.2))
        labs.append(lab)
    decisiveness = float(random.choice([1.0, random.uniform(0.1, 1)]))
    return {
        "kind": "contest",
        "prize": log_uniform(random, 0.1, 10),
        "decisiveness": decisiveness,
        "labs": labs,
    }


def _normal(x: Any) -> Any:
    return np.vectorize(math.erf, otypes=[float])(np.asarray(x) / math.sqrt(2)) / 2 + 0.5


FORMULAS: dict[str, Callable[[Any, Any, float, float], Any]] = {  # of q, the others', a and c
    "(a - sum(q)) * q - c * q": lambda q, r, a, c: (a - q - sum(r)) * q - c * q,
    "P * q - c * q^2": lambda q, r, a, c: np.maximum(a - q - sum(r), 0) * q - c * q**2,
    "a * q / (sum(q) + 1) - c * q": lambda q, r, a, c: a * q / (q + sum(r) + 1) - c * q,
    "a * sqrt(q + 0.01) - c * q * sum(q)": lambda q, r, a, c: (
        a * np.sqrt(q + 0.01) - c * q * (q + sum(r))
    ),
    "a * tanh(q) - c * max(sum(q), 1)": lambda q, r, a, c: (
        a * np.tanh(q) - c * np.maximum(q + sum(r), 1)
    ),
    "a * ln(1 + q) - c * q * mean(q)": lambda q, r, a, c: (
        a * np.log(1 + q) - c * q * (q + sum(r)) / (1 + len(r))
    ),
    "a * Phi(q - mean(others(q))) - c·q²": lambda q, r, a, c: (
        a * _normal(q - sum(r) / len(r)) - c * q**2
    ),
    "E[z]((z * a - sum(q)) * q) - c * q": lambda q, r, a, c: (
        sum(p * (z * a - q - sum(r)) * q for z, p in ((0.5, 0.25), (1.5, 0.75))) - c * q
    ),
    "a * sin(q) - w[0] * c * q - b * max(others(q)) * q": lambda q, r, a, c: (
        a * np.sin(q) - 0.5 * c * q - 0.125 * max(r) * q
    ),
    "a * log1p(q) - sum(c * q / (1 + q)) - prod(others(1 + q)) * q / 50": lambda q, r, a, c: (
        a * np.log1p(q) - c * q / (1 + q) - math.prod(1 + x for x in r) * q / 50
    ),
}


def continuous(random: Random) -> Game:
    """Two or three players of one real strategy, with payoffs from a list of forms."""
    players = [
        {
            "name": name,
            "strategies": {"q": [0, log_uniform(random, 0.5, 10)]},
            "payoff": str(random.choice(list(FORMULAS))),
            "parameters": {"a": log_uniform(random, 0.5, 10), "c": float(random.uniform(0, 2))},
        }
        for name in ("first", "second", "third")[: int(random.integers(2, 4))]
    ]
    return {
        "kind": "continuous",
        "parameters": {"w": [0.5, 0.25], "b": "w[1] / 2"},
        "let": {"P": "max(a - Q, 0)", "Q": "sum(q)"},
        "random": {"z": {"values": [0.5, 1.5], "probabilities": [0.25, "3 * w[1]"]}},
        "players": players,
    }
