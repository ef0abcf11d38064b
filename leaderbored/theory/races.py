"""Small races for checks: what the solvers are asked, in one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

import leaderbored as lb
from leaderbored.games.markov import Array, Markov
from leaderbored.race import leads
from leaderbored.solvers.markov.system import System


def ladder_race(
    revenue: Sequence[float] | Array,
    labs: int,
    *,
    rho: float,
    lam: float,
    theta: float = 0.5,
    rungs: int | None = None,
    compute: Sequence[float] | None = None,
    phi: float = 0.0,
    leapfrog: float = 1.0,
    build: tuple[float, float] = (0.0, 1.0),
) -> lb.Race:
    """A race on a revenue ladder, by default with leapfrogging and equal labs.

    Examples
    --------
    >>> ladder_race([1, 2], 2, rho=0.1, lam=1.0).rungs
    1
    """
    sizes = compute or [1.0] * labs
    return lb.Race(
        tuple(lb.Lab(f"lab {i + 1}", size, build=build) for i, size in enumerate(sizes)),
        lb.RevenueLadder(tuple(float(r) for r in revenue)),
        lb.Technology(lam, theta, flywheel=phi, leapfrog=leapfrog),
        discount=rho,
        rungs=rungs or len(revenue) - 1,
    )


def by_lead(game: Markov, lab: int = 0) -> Array:
    """Numbers of the states in which a lab leads by 0, 1, ..., G over an unbroken chain.

    The first is the tie, the others are those in which all others are g behind.

    Examples
    --------
    >>> by_lead(ladder_race([1, 2, 3], 2, rho=0.1, lam=1.0).markov()).tolist()
    [0, 1, 2]
    """
    states = game.states[:, : game.states.shape[1]]
    others = np.delete(states, lab, axis=1)
    alike = (states[:, lab] == 0) & (others == others[:, :1]).all(axis=1)
    chain = np.flatnonzero(alike)
    return np.asarray(chain[np.argsort(others[chain, 0])])


def laggards_and_leader(game: Markov, laggard: float, leader: Sequence[float]) -> Array:
    """(N, S) shares: ``laggard`` for whoever does not lead alone, ``leader[g - 1]`` for who does.

    Examples
    --------
    >>> game = ladder_race([1, 2], 2, rho=0.1, lam=1.0).markov()
    >>> laggards_and_leader(game, 1.0, [0.0]).tolist()
    [[1.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    lead, first = leads(game.states)
    players = np.arange(len(game.players))[:, None]
    ahead = np.array([laggard, *leader])[np.minimum(lead, len(leader))]
    return np.where(players == first, ahead, laggard)


def values(game: Markov, build: Array) -> Array:
    """(N, S) values of shares, by one linear solve."""
    return System(game).evaluate(build)


def scale_leader(game: Markov, factor: float) -> Markov:
    """The game in which a sole leader's hazard is multiplied by ``factor``."""
    _, first = leads(game.states)
    leading = np.arange(len(game.players))[:, None] == first
    return replace(game, scale=np.where(leading, factor, 1.0) * game.scale)


def with_imitation(game: Markov, rate: float) -> Markov:
    """The game in which everyone draws level at so many times a year: a player without compute."""
    players, size = game.scale.shape
    row = np.zeros((1, size))
    to_tie = sparse.csr_array((np.ones(size), (np.arange(size), np.zeros(size, int))))
    if to_tie.shape != (size, size):
        to_tie.resize((size, size))
    added: dict[str, Any] = {
        name: np.vstack([getattr(game, name), row])
        for name in ("lower", "upper", "scale", "price", "capacity", "demand")
    }
    added["growth"] = np.vstack([game.growth, row + 1])
    added["capacity"][players] = added["demand"][players] = 1.0
    return replace(
        game,
        players=(*game.players, "imitation"),
        base=np.vstack([game.base, row + rate]),
        jump=(*game.jump, to_tie),
        **added,
    )
