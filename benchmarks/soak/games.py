"""Random game files of every kind, over the whole documented box."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

Game = dict[str, Any]
Random = np.random.Generator

NASTY = (
    "[link=javascript:alert(1)]x[/link]",
    "[/]",
    "[bold]",
    "x[i]",
    "$\\foo{$",
    "a_b^c",
    "$",
    "%s {0}",
    "<b>&amp;",
    "日本",
    "ø",
    "'quoted'",
    '"',
    "C:\\temp",
    "-1",
    "1e3",
    "None",
    "A, B",
    "O'Neil",
)
RUNGS = {2: 20, 3: 6, 4: 3, 5: 2}  # most rungs that are drawn, by labs


def text(game: Game) -> str:
    """The game as a TOML file.

    Examples
    --------
    >>> print(text({"kind": "race", "technology": {"productivity": 3.0}}), end="")
    "kind" = "race"
    "technology" = {"productivity" = 3.0}
    """
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in game.items())


def _value(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{_quoted(k)} = {_value(v)}" for k, v in value.items())
        return "{" + pairs + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value) if isinstance(value, int) else repr(float(value))


def _quoted(word: str) -> str:
    return json.dumps(word, ensure_ascii=False)


# --- numbers


def _log(random: Random, low: float, high: float) -> float:
    return float(np.exp(random.uniform(np.log(low), np.log(high))))


def _off_or(random: Random, high: float) -> float:
    return 0.0 if random.random() < 0.5 else float(random.uniform(0, high))


def _names(random: Random, count: int) -> list[str]:
    if random.random() < 0.85:
        return list("ABCDE"[:count])
    return [str(name) for name in random.choice(NASTY, size=count, replace=False)]


# --- races


def race(random: Random) -> Game:
    """A race: two to five labs, all markets, bounds, and in two of five a mechanism or two."""
    count = int(random.choice([2, 2, 2, 3, 3, 4, 5]))
    rungs = int(random.integers(1, RUNGS[count] + 1))
    linear = random.random() < 0.15
    labs = [_lab(random, name) for name in _names(random, count)]
    game: Game = {
        "kind": "race",
        "discount": _log(random, 1e-3, 1),
        "rungs": rungs,
        "labs": labs,
        "market": _market(random, rungs),
        "technology": {
            "productivity": _log(random, 1e-2, 30),
            "returns": 1.0 if linear else float(random.uniform(0.15, 1)),
            "flywheel": _off_or(random, 0.5),
            "handicap": _off_or(random, 1),
            "drafting": _off_or(random, 1),
            "leapfrog": float(random.choice([0.0, 1.0, random.uniform()])),
        },
    }
    if random.random() < 0.4:
        names = random.choice(list(MECHANISMS), size=int(random.choice([1, 1, 2])), replace=False)
        game["mechanisms"] = {str(name): MECHANISMS[str(name)](random, game) for name in names}
        if "inertia" in game["mechanisms"] or "accumulate" in game["mechanisms"]:
            game["rungs"] = min(rungs, {2: 4, 3: 2}.get(count, 1))
        if "accumulate" in game["mechanisms"] and count > 3:
            game["mechanisms"]["accumulate"]["points"] = 3
    if random.random() < 0.25:
        game["growth"] = _growth(random, game)
    return game


def _growth(random: Random, game: Game) -> float:
    """Of money with the frontier: from hardly any to more than is discounted."""
    technology = game["technology"]
    pace = sum(
        lab.get("talent", 1.0) * lab["compute"] ** technology["returns"] for lab in game["labs"]
    )
    reach = game["discount"] / (technology["productivity"] * pace)
    return 1 + min(reach * _log(random, 0.01, 2), 2.0)


def _lab(random: Random, name: str) -> Game:
    lab: Game = {"name": name, "compute": _log(random, 0.1, 10)}
    if random.random() < 0.3:
        lab |= {"talent": _log(random, 0.3, 3), "brand": _log(random, 0.3, 3)}
    if random.random() < 0.25:
        low = _off_or(random, 0.5)
        lab["build"] = [low, float(random.choice([1.0, random.uniform(low, 1)]))]
    return lab


def _market(random: Random, rungs: int) -> Game:
    if random.random() < 0.25:
        return {
            "kind": "clearing",
            "scarcity": _log(random, 0.05, 50),
            "switching": _off_or(random, 3),
            "worth": float(random.uniform(-3, 8)),
            "price": float(random.choice([1.0, _log(random, 0.1, 10)])),
            "openness": float(random.choice([0.0, 1.0, random.uniform()])),
            "conduct": str(random.choice(["quantity", "quantity", "price-taking"])),
        }
    if random.random() < 0.6:
        return {
            "kind": "scarce",
            "scarcity": float(random.choice([random.uniform(0.02, 1), random.uniform(0.02, 3)])),
            "switching": _off_or(random, 4),
            "premium": _off_or(random, 1),
            "price": float(random.choice([1.0, _log(random, 0.1, 10)])),
        }
    if random.random() < 0.5:
        steps = random.uniform(0, 0.8, size=rungs) * random.choice([1, 0.3])
        return {"kind": "ladder", "revenue": np.exp(np.cumsum([0.0, *steps])).tolist()}
    formula = str(
        random.choice(
            [
                "gamma^g",
                "1 + (gamma - 1) * (1 - exp(-g))",
                "exp((gamma-1)*g)",
                "1 + (gamma - 1) * rise",
            ]
        )
    )
    gamma = float(random.uniform(1, 2.5))
    market = {"kind": "ladder", "revenue": formula, "laggard": 1.0, "parameters": {"gamma": gamma}}
    return market | {"let": {"rise": "E[z](1 - exp(-z * g))"}, "random": {"z": {"values": [1, 3]}}}


MECHANISMS: dict[str, Callable[[Random, Game], Game]] = {
    "inputs": lambda r, g: {
        "migration": float(r.choice([0.0, r.uniform(-1, 1)])),
        "weight": float(r.choice([1.0, r.uniform(0.1, 1)])),
        "substitution": float(r.uniform(0.05, 0.95)),
    },
    "fungibility": lambda r, g: {
        "loss": float(r.uniform(0, 0.9)),
        "home": float(r.choice([0.0, 1.0, r.uniform()])),
    },
    "open_weights": lambda r, g: (
        {"imitation": _log(r, 1e-2, 3)}
        if r.random() < 0.5
        else {"labs": [g["labs"][0]["name"]], "fraction": float(r.uniform())}
    ),
    "inertia": lambda r, g: {"lag": _log(r, 1e-2, 10)},
    "lease": lambda r, g: {"friction": _off_or(r, 1)},
    "hype": lambda r, g: {"effectiveness": _log(r, 0.1, 30)},
    "spillover": lambda r, g: {"share": float(r.choice([1.0, r.uniform()]))},
    "jackpot": lambda r, g: {"chance": float(r.uniform(0, 0.3)), "prize": _log(r, 0.1, 100)},
    "accumulate": lambda r, g: {
        "rate": _off_or(r, 0.5),
        "points": 5,
        "elasticity": float(r.uniform(1.2, 6)),
    },
}


# --- games played once


def table(random: Random) -> Game:
    """A payoff table of two or three players: whole numbers with ties, fractions, huge offsets."""
    count = int(random.choice([2, 2, 2, 3]))
    shape = tuple(random.integers(1, 5 if count == 2 else 4, size=count).tolist())
    names = _names(random, count)
    tables = []
    for _ in range(count):
        style = random.random()
        if style < 0.5:
            drawn: Any = random.integers(-4, 5, size=shape)
        elif style < 0.8:
            drawn = random.normal(size=shape).round(6) * _log(random, 1e-6, 1e6)
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
    for name in _names(random, count):
        lab: Game = {"name": name, "compute": _log(random, 0.1, 10), "price": _log(random, 0.2, 5)}
        lab["head_start"] = _log(random, 0.3, 3)
        if random.random() < 0.5:
            lab["demand"] = lab["compute"] * float(random.uniform(0.1, 1.2))
        labs.append(lab)
    decisiveness = float(random.choice([1.0, random.uniform(0.1, 1)]))
    return {
        "kind": "contest",
        "prize": _log(random, 0.1, 10),
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
            "strategies": {"q": [0, _log(random, 0.5, 10)]},
            "payoff": str(random.choice(list(FORMULAS))),
            "parameters": {"a": _log(random, 0.5, 10), "c": float(random.uniform(0, 2))},
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


# --- games over time


def markov(random: Random) -> Game:
    """Two labs on a ladder of one's own, in continuous or discrete time."""
    reach = int(random.integers(1, 5))
    discrete = random.random() < 0.4
    theta = float(random.uniform(0.2, 0.95))
    players = []
    effort = "lam * b**theta"
    event = {"chance": f"{effort} / (1 + {effort})"} if discrete else {"hazard": effort}
    for name, sign, step in (("A", "", "+"), ("B", "-", "-")):
        players.append(
            {
                "name": name,
                "action": {"b": [0, 1]},
                "payoff": "(1 - b) * pay",
                "let": {"pay": f"gamma^max({sign}gap, 0)"},
                "events": [event | {"next": {"gap": f"gap {step} 1"}}],
            }
        )
    return {
        "kind": "markov",
        "time": "discrete" if discrete else "continuous",
        "discount": float(random.uniform(0.3, 0.97)) if discrete else _log(random, 1e-2, 1),
        "parameters": {
            "lam": _log(random, 0.05, 5),
            "gamma": float(random.uniform(1, 2)),
            "theta": theta,
        },
        "states": {"gap": [-reach, reach]},
        "players": players,
    }


def linear_quadratic(random: Random) -> Game:
    """Two or three players who steer one number."""
    count = int(random.integers(2, 4))
    players = [
        {
            "name": f"p{k}",
            "control": float(random.choice([-1, 1])) * _log(random, 0.2, 3),
            "control_cost": _log(random, 0.2, 5),
            "state_cost": _off_or(random, 3),
            "state_linear": _off_or(random, 1),
            "control_linear": _off_or(random, 1),
        }
        for k in range(count)
    ]
    return {
        "kind": "linear-quadratic",
        "time": "continuous",
        "discount": _log(random, 1e-2, 1),
        "drift": float(random.uniform(-1, 0.3)),
        "initial": 1.0,
        "players": players,
    }


KINDS: dict[str, tuple[float, Callable[[Random], Game]]] = {
    "race": (0.5, race),
    "normal-form": (0.1, table),
    "finite": (0.05, finite),
    "bayesian": (0.05, bayesian),
    "contest": (0.1, contest),
    "continuous": (0.1, continuous),
    "markov": (0.05, markov),
    "linear-quadratic": (0.05, linear_quadratic),
}


def draw(random: Random) -> Game:
    """A game of a random kind.

    Examples
    --------
    >>> draw(np.random.default_rng(1)) == draw(np.random.default_rng(1))
    True
    """
    names, odds = list(KINDS), [odds for odds, _ in KINDS.values()]
    return KINDS[str(random.choice(names, p=odds))][1](random)
