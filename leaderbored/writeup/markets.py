"""Numbers of the paper where prices clear, and what each mechanism does to one run."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, log
from typing import Any

import leaderbored as lb
from leaderbored.figures.gallery.examples import duel
from leaderbored.race.mechanisms import (
    Fungibility,
    Hype,
    Inertia,
    Inputs,
    Jackpot,
    Lease,
    OpenWeights,
    Spillover,
)
from leaderbored.theory.patience import A, y
from leaderbored.theory.r22_clearing_window import a, beta, free_sales, g, omega, psi, y_1, y_2
from leaderbored.theory.r26_clearing_asymptote import K_1, a_1
from leaderbored.theory.r29_first_best import B
from leaderbored.theory.records import Formulas
from leaderbored.theory.symbols import K, N, lam, rho

Group = dict[str, Any]

SHORT = (2.0, 4.0, 10.0)  # scarcities in shortage
FAMINE = (3.0, 30.0)
BASE = duel(0.6, 0.05, rungs=12)
"""The run of the gallery, with fewer rungs."""
ADDED: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("", {}),
    "inertia": ("customers notice half a year late", {"inertia": Inertia(0.5)}),
    "hype": ("persuading with all makes pull fourfold", {"hype": Hype(3.0)}),
    "imitation": (
        "all level once in four years",
        {"open_weights": OpenWeights(imitation=0.25)},
    ),
    "open lab": (
        "one lab's weights are open, for half the price",
        {"open_weights": OpenWeights(labs=("A",), fraction=0.5)},
    ),
    "spillover": ("half of those turned away ask the rival", {"spillover": Spillover(0.5)}),
    "talent to leaders": ("a tenth less per rung behind", {"inputs": Inputs(migration=0.1)}),
    "talent to laggards": ("a tenth more per rung behind", {"inputs": Inputs(migration=-0.1)}),
    "research": ("compute has a weight of .7 beside it", {"inputs": Inputs(weight=0.7)}),
    "fungibility": ("three tenths lost in the other use", {"fungibility": Fungibility(0.3)}),
    "jackpot": ("a success in 50 ends it, prize 20", {"jackpot": Jackpot(0.02, 20.0)}),
    "leases": ("a tenth of the price lost", {"lease": Lease(0.1)}),
}


def clearing() -> Group:
    """Window, headwind, borders and asymptote of two labs; worth 2, switching 1."""
    form = {
        id: Formulas(lb.theory.result(id).derive().closed) for id in ("R22", "R24", "R26", "R29")
    }
    at: dict[Any, Any] = {N: 2, a: 2.0, beta: 1.0, g: 1, omega: 0.0}
    at |= {y_1: free_sales(3.0), y_2: free_sales(2.0)}
    labs, best = [], []
    for scarcity in FAMINE:
        at |= _at(scarcity)
        labs.append(f"{form['R24']('openness', at):.2f}")
        best.append(f"{form['R29']('openness', at):.2f}")
    leader = {lam: 1.0, rho: 0.2, K_1: 1.0, K: 2.0, a_1: 2.0, beta: 1.0, omega: 0.0}
    asymptote = [form["R26"]("lead", {**leader, psi: scarcity}) for scarcity in SHORT]
    return {
        "window": [f"{form['R22'](name, at):.2f}" for name in ("plenty", "famine")],
        "headwind": [f"{form['R22']('headwind', {**at, psi: scarcity}):.2f}" for scarcity in SHORT],
        "labs": labs,
        "planner": best[1],
        "asymptote": [str(ceil(lead)) for lead in asymptote],
        "stops": f"{form['R24']('asymptote', {**at, **_at(3.0), omega: 0.3}):.1f}",
    }


def _at(scarcity: float) -> dict[Any, float]:
    """What compute of two labs earns in shortage, one more unit and on average, over mu."""
    sold = 1 / (2 * (scarcity - 1))
    level = 2.0 - log(sold)
    return {psi: scarcity, y: sold, B: level, A: level - 1 - sold}


def mechanisms() -> Group:
    """The same run with one mechanism at a time."""
    rows = []
    for name, (what, on) in ADDED.items():
        solution = lb.solve(replace(BASE, mechanisms=lb.Mechanisms(**on)))
        made = lb.verdict(solution, check_cap=False)
        facts = made.statistics
        rows.append(
            {
                "name": name,
                "what": what,
                "kind": str(made.kind),
                "pace": f"{made.pace_ratio[0]:.2f}",
                "lead": f"{facts.mean_lead:.1f}",
                "changes": f"{facts.lead_changes_per_year:.2f}",
            }
        )
    return {"rows": rows, "rungs": str(BASE.rungs)}
