"""The market for compute in the long run: how much is rented, at what rent, by whom to whom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race import leads
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.order import ordered
from leaderbored.text import percent
from leaderbored.verdicts.law import stationary
from leaderbored.verdicts.lease_market import LeaseMarket


def sentence(market: LeaseMarket) -> str:
    """How much compute changes hands, and at what rent.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=2,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> market = lb.lease_market(lb.solve(race))
    >>> "of all compute is rented out" in sentence(market)
    True
    """
    weight, _ = long_run(market)
    size = len(weight)
    rented = float(weight @ market.rented.sum(axis=(0, 1))[:size])
    if rented == 0:
        return "Nobody rents."
    owned = float(market.equilibrium.game.capacity[: len(market.labs), 0].sum())
    traded = market.rented.sum(axis=(0, 1))[:size] * weight
    rent = float(traded @ market.rent[:size]) / rented
    return (
        f"On average {percent(rented / owned)} of all compute is rented out, at a rent of "
        f"{rent:.2g} and a friction of {market.friction:.2g}."
    )


def long_run(market: LeaseMarket) -> tuple[Array, Array]:
    """(S,) long-run share of time in each state of the leaderboard, and (S,) leads; rungs.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=2,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> market = lb.lease_market(lb.solve(race))
    >>> round(float(long_run(market)[0].sum()), 9)
    1.0
    """
    board = leaderboard(market.equilibrium.game)
    hazard = board.hazard(market.equilibrium.build[:, : len(board.states)])
    weight = stationary(System(board).transitions(hazard), board.discount).weight
    return weight, np.asarray(leads(board.states)[0], dtype=float)


def flows(market: LeaseMarket, weight: Array) -> Sequence[tuple[str, str, float]]:
    """Landlord, tenant and mean compute rented, the largest first; what is equal goes by name.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=2,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> market = lb.lease_market(lb.solve(race))
    >>> [(landlord, tenant) for landlord, tenant, _ in flows(market, long_run(market)[0])]
    [('A', 'B'), ('B', 'A')]
    """
    mean = market.rented[:, :, : len(weight)] @ weight
    pairs = [
        (market.labs[i], market.labs[j], float(mean[i, j]))
        for i, j in zip(*np.nonzero(mean > 0), strict=True)
    ]
    return ordered(sorted(pairs), lambda pair: [-pair[2]])
