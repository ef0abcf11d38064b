"""What a race of two labs is worth: frontier advances, customers, profits, and all together.

The twin is :mod:`leaderbored.verdicts.welfare`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from leaderbored.solvers.kernels import rows as at
from leaderbored.solvers.kernels.jit import compiled
from leaderbored.solvers.kernels.linear import evaluate
from leaderbored.solvers.kernels.tables import Tables, brings, sales, without

Array = Any
WORTHS = ("advances", "served", "profits", "dissipation", "surplus", "welfare")
ADVANCES, SERVED, PROFITS, DISSIPATION, SURPLUS, WELFARE = range(6)
FEW = 0.5  # share of customers served below which logarithms lose digits


@compiled
def money(
    game: Tables,
    numbers: Array,
    build: Array,
    hazard: Array,
    earned: Array,
    weight: Array,
    told: Array,
) -> None:
    """What it is worth to labs and customers, by weights of places (S,); see ``WORTHS``."""
    rungs = game.rungs
    advances = profits = most = sold = surplus = total = 0.0
    for k in range(weight.shape[0]):
        if not weight[k] > 0:
            continue
        total += weight[k]
        left = idle = bought = 0.0  # customers unserved, if prices clear the market
        if game.conduct != at.SET:
            left = without(game, k, build[0, k], build[1, k])
            idle = without(game, k, game.lab[0].lower, game.lab[1].lower)
        for i in range(2):
            here, own, ahead = game.at[i, k], game.lab[i], k - rungs if i == 0 else rungs - k
            advances += weight[k] * hazard[i, k] * (1.0 if ahead >= 0 else game.leapfrog)
            profits += weight[k] * earned[i, k]
            most += weight[k] * brings(game.conduct, here, own, own.lower, idle)
            if game.conduct == at.SET:
                sold += weight[k] * earned[i, k] / here.price
            else:
                units = sales(game.conduct, here, own, build[i, k], left)[0]
                sold, bought = sold + weight[k] * units, bought + units
        if game.conduct != at.SET:
            surplus += weight[k] * _gained(game, k, bought, left)
    told[ADVANCES], told[PROFITS] = advances, profits / total
    told[DISSIPATION] = 1 - profits / most if most > 0 else np.nan
    customers = numbers[at.SCARCITY] * (game.lab[0].compute + game.lab[1].compute)
    if len(numbers) == at.NUMBERS and customers > 0 and np.isfinite(sold):
        told[SERVED] = sold / total / customers
    if game.conduct != at.SET:
        told[SURPLUS] = surplus / total
        told[WELFARE] = _present(game, numbers, build, hazard, earned)


@compiled
def _gained(game: Tables, k: int, bought: float, left: float) -> float:
    """What customers gain over going without, money/year, with so many served and unserved."""
    here = game.at[0, k]
    few = bought / here.demand
    part = -np.log1p(-few) if few < FEW else np.log(here.demand / left)
    return float(here.price * here.demand * part)


@compiled
def _present(game: Tables, numbers: Array, build: Array, hazard: Array, earned: Array) -> float:
    """Worth to labs and customers from a tie on, discounted, where prices clear the market.

    All customers gain whenever the outside option rises, for ever.
    """
    rungs, flow = game.rungs, np.zeros(hazard.shape)
    for k in range(hazard.shape[1]):
        left, lead = without(game, k, build[0, k], build[1, k]), abs(k - rungs)
        bought = rises = 0.0
        for i in range(2):
            here, ahead = game.at[i, k], k - rungs if i == 0 else rungs - k
            bought += sales(game.conduct, here, game.lab[i], build[i, k], left)[0]
            longer = here.climb * (1.0 if ahead >= 0 else -1.0) + here.leap * (1 - lead)
            made = 1.0 if ahead >= 0 else game.leapfrog
            rises += hazard[i, k] * (made - (1 - numbers[at.OPENNESS]) * longer)
            flow[0, k] += earned[i, k]
        worth = game.at[0, k].price * numbers[at.SWITCHING] * game.at[0, k].demand
        flow[0, k] += _gained(game, k, bought, left) + worth / game.discount * rises
    return float(evaluate(game, hazard, flow)[0, rungs])
