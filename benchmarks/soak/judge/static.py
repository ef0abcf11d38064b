"""Games played once: tables in exact fractions, contests and real strategies on a grid."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..once import BAYESIAN, FINITE, FORMULAS, PRIORS

Array = NDArray[np.float64]
SMALL = 1e-6
POINTS = 2_000


def judge_table(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Regrets of a payoff table in fractions; strict pure equilibria must all be listed."""
    tables = [_exact(table) for table in game["payoffs"]]
    shape = tables[0].shape
    names = game["players"]
    for found in answer["equilibria"]:
        laws = [[Fraction(p) for p in found["strategies"][name]] for name in names]
        for i, name in enumerate(names):
            pays = _rewards(tables[i], laws, i)
            least = min(tables[i].flat)
            reach = (max(tables[i].flat) - least) or Fraction(1)
            mean = sum((p * x for p, x in zip(laws[i], pays, strict=True)), Fraction(0))
            mean /= sum(laws[i])
            gain = float((max(pays) - mean) / reach)
            if gain > SMALL:
                yield f"{name!r} gains {gain:.1e} of the range of its payoffs by deviating"
    if answer["status"]["code"] != "converged":
        return
    known = [[np.array(e["strategies"][n]) for n in names] for e in answer["equilibria"]]
    for profile in product(*map(range, shape)):
        if _strict(tables, profile) and not any(
            all(abs(law[a] - 1) < 1e-9 for law, a in zip(laws, profile, strict=True))
            for laws in known
        ):
            yield f"the strict equilibrium {profile} is missing"


def _exact(table: Any) -> NDArray[Any]:
    plain = np.array(table, dtype=object)
    exact = np.empty(plain.shape, dtype=object)
    for place in np.ndindex(plain.shape):
        exact[place] = Fraction(str(plain[place]))
    return exact


def _rewards(table: NDArray[Any], laws: list[list[Fraction]], i: int) -> list[Fraction]:
    others = [range(len(law)) for j, law in enumerate(laws) if j != i]
    pays = []
    for own in range(len(laws[i])):
        total = Fraction(0)
        for rest in product(*others):
            place = [*rest[:i], own, *rest[i:]]
            odds = prod((laws[j][a] for j, a in enumerate(place) if j != i), start=Fraction(1))
            total += odds * table[tuple(place)]
        pays.append(total)
    return pays


def _strict(tables: list[NDArray[Any]], profile: tuple[int, ...]) -> bool:
    for i, table in enumerate(tables):
        line = table[tuple(slice(None) if j == i else a for j, a in enumerate(profile))]
        others = [x for k, x in enumerate(line) if k != profile[i]]
        if others and max(others) >= line[profile[i]]:
            return False
    return True


def judge_finite(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Payoffs of formulas, worked out anew in fractions, as a table."""
    picks = [[Fraction(x) for x in own["x"]] for own in game["strategies"]]
    a = Fraction(game["parameters"]["a"])
    tables = [np.empty([len(own) for own in picks], dtype=object) for _ in picks]
    for place in np.ndindex(tables[0].shape):
        play = [own[k] for own, k in zip(picks, place, strict=True)]
        for i, word in enumerate(game["payoffs"]):
            tables[i][place] = FINITE[word](play[i], play[:i] + play[i + 1 :], a)
    yield from judge_table(game | {"payoffs": [table.tolist() for table in tables]}, answer)


def judge_bayesian(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """What each type gains by another action, given what the others' types do."""
    names = game["players"]
    types = [own["v"] for own in game["types"]]
    actions = [own["b"] for own in game["actions"]]
    prior = PRIORS[game["prior"]]
    for found in answer["equilibria"]:
        play = [
            [found["strategies"][f"{name} (v = {v:g})"] for v in own]
            for name, own in zip(names, types, strict=True)
        ]
        for i, name in enumerate(names):
            form = BAYESIAN[game["payoffs"][i]]
            for t, v in enumerate(types[i]):
                pays, reach = np.zeros(len(actions[i])), 0.0
                for place in product(*(range(len(own)) for j, own in enumerate(types) if j != i)):
                    met = [*place[:i], t, *place[i:]]
                    theirs = [types[j][k] for j, k in enumerate(met) if j != i]
                    odds = prior([own[k] for own, k in zip(types, met, strict=True)])
                    laws = [play[j][k] for j, k in enumerate(met) if j != i]
                    rest = [own for j, own in enumerate(actions) if j != i]
                    for picked in product(*(range(len(own)) for own in rest)):
                        chance = odds * prod(law[k] for law, k in zip(laws, picked, strict=True))
                        done = [own[k] for own, k in zip(rest, picked, strict=True)]
                        gets = np.array([form(v, theirs, b, done) for b in actions[i]])
                        pays += chance * gets
                        reach += odds * float(np.abs(gets).max())
                gain = (pays.max() - pays @ play[i][t]) / (reach or 1.0)
                if gain > SMALL:
                    yield f"{name!r} of type {v:g} gains {gain:.1e} by deviating"


def judge_contest(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Regrets of a contest: u = p min(K - B, D) + V t B^r / sum t B^r."""
    labs, r, prize = game["labs"], game["decisiveness"], game["prize"]
    for found in answer["equilibria"]:
        play = np.array([found["strategies"][lab["name"]][0] for lab in labs])
        impact = np.array([lab["head_start"] for lab in labs]) * play**r
        for i, lab in enumerate(labs):
            others = float(impact.sum() - impact[i])

            def pays(b: Array, lab: dict[str, Any] = lab, others: float = others) -> Array:
                own = lab["head_start"] * b**r
                odds = np.where(
                    own + others > 0, own / np.maximum(own + others, 1e-300), 1 / len(labs)
                )
                sold = np.minimum(lab["compute"] - b, lab.get("demand", np.inf))
                return np.asarray(lab["price"] * sold + prize * odds)

            full = lab["compute"]
            grid = np.r_[np.linspace(0, full, POINTS), full * np.geomspace(1e-9, 1, POINTS)]
            held = float(pays(play[[i]])[0])
            gain = (float(pays(grid).max()) - held) / (abs(held) or 1.0)
            if gain > SMALL:
                yield f"{lab['name']!r} gains {gain:.1e} by deviating"


def judge_continuous(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """Regrets of games of one real strategy a player, on a grid."""
    players = game["players"]
    for found in answer["equilibria"]:
        play = np.array([found["strategies"][player["name"]][0] for player in players])
        for i, player in enumerate(players):
            form, given = FORMULAS[player["payoff"]], player["parameters"]
            low, high = player["strategies"]["q"]
            rest = np.delete(play, i).tolist()
            grid = np.linspace(low, high, POINTS)
            held = float(form(play[i], rest, given["a"], given["c"]))
            pays = np.asarray(form(grid, rest, given["a"], given["c"]))
            gain = float(pays.max() - held) / max(abs(held), float(np.ptp(pays)), 1e-9)
            if gain > SMALL:
                yield f"{player['name']!r} gains {gain:.1e} by deviating"
            if not low - 1e-9 <= play[i] <= high + 1e-9:
                yield f"{player['name']!r} plays {play[i]:.6g}, outside its bounds"
