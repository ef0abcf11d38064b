"""Random game files of every kind, over the whole documented box."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

from .draws import Game, Random, log_uniform, names_of, off_or
from .once import bayesian, contest, continuous, finite, table

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


# --- races


def race(random: Random) -> Game:
    """A race: two to five labs, all markets, bounds, and in two of five a mechanism or two."""
    count = int(random.choice([2, 2, 2, 3, 3, 4, 5]))
    rungs = int(random.integers(1, RUNGS[count] + 1))
    linear = random.random() < 0.15
    labs = [_lab(random, name) for name in names_of(random, count)]
    game: Game = {
        "kind": "race",
        "discount": log_uniform(random, 1e-3, 1),
        "rungs": rungs,
        "labs": labs,
        "market": _market(random, rungs),
        "technology": {
            "productivity": log_uniform(random, 1e-2, 30),
            "returns": 1.0 if linear else float(random.uniform(0.15, 1)),
            "flywheel": off_or(random, 0.5),
            "handicap": off_or(random, 1),
            "drafting": off_or(random, 1),
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
    return 1 + min(reach * log_uniform(random, 0.01, 2), 2.0)


def _lab(random: Random, name: str) -> Game:
    lab: Game = {"name": name, "compute": log_uniform(random, 0.1, 10)}
    if random.random() < 0.3:
        lab |= {"talent": log_uniform(random, 0.3, 3), "brand": log_uniform(random, 0.3, 3)}
    if random.random() < 0.25:
        low = off_or(random, 0.5)
        lab["build"] = [low, float(random.choice([1.0, random.uniform(low, 1)]))]
    return lab


def _market(random: Random, rungs: int) -> Game:
    if random.random() < 0.25:
        return {
            "kind": "clearing",
            "scarcity": log_uniform(random, 0.05, 50),
            "switching": off_or(random, 3),
            "worth": float(random.uniform(-3, 8)),
            "price": float(random.choice([1.0, log_uniform(random, 0.1, 10)])),
            "openness": float(random.choice([0.0, 1.0, random.uniform()])),
            "conduct": str(random.choice(["quantity", "quantity", "price-taking"])),
        }
    if random.random() < 0.6:
        return {
            "kind": "scarce",
            "scarcity": float(random.choice([random.uniform(0.02, 1), random.uniform(0.02, 3)])),
            "switching": off_or(random, 4),
            "premium": off_or(random, 1),
            "price": float(random.choice([1.0, log_uniform(random, 0.1, 10)])),
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
        {"imitation": log_uniform(r, 1e-2, 3)}
        if r.random() < 0.5
        else {"labs": [g["labs"][0]["name"]], "fraction": float(r.uniform())}
    ),
    "inertia": lambda r, g: {"lag": log_uniform(r, 1e-2, 10)},
    "lease": lambda r, g: {"friction": off_or(r, 1)},
    "hype": lambda r, g: {"effectiveness": log_uniform(r, 0.1, 30)},
    "spillover": lambda r, g: {"share": float(r.choice([1.0, r.uniform()]))},
    "jackpot": lambda r, g: {"chance": float(r.uniform(0, 0.3)), "prize": log_uniform(r, 0.1, 100)},
    "accumulate": lambda r, g: {
        "rate": off_or(r, 0.5),
        "points": 5,
        "elasticity": float(r.uniform(1.2, 6)),
    },
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
        "discount": float(random.uniform(0.3, 0.97)) if discrete else log_uniform(random, 1e-2, 1),
        "parameters": {
            "lam": log_uniform(random, 0.05, 5),
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
            "control": float(random.choice([-1, 1])) * log_uniform(random, 0.2, 3),
            "control_cost": log_uniform(random, 0.2, 5),
            "state_cost": off_or(random, 3),
            "state_linear": off_or(random, 1),
            "control_linear": off_or(random, 1),
        }
        for k in range(count)
    ]
    return {
        "kind": "linear-quadratic",
        "time": "continuous",
        "discount": log_uniform(random, 1e-2, 1),
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
