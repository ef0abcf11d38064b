r"""What compute does where revenue buys it: does it converge, stay, or concentrate?

At every split of compute the leaderboard has a law of its own, that of the equilibrium with compute
held there. Its mean of

.. math:: \iota \Big( \frac{R_1}{K_1} - \frac{R_2}{K_2} \Big)

is where the log ratio of compute drifts if the lead rotates fast (averaging; the setting of results
R12 and R13 of :mod:`leaderbored.theory`). If it drifts back from either side of some split compute
converges, if away or one way throughout it concentrates. The long-run law of the split itself is
that of the whole game, however fast the lead rotates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race
from leaderbored.solvers import Solution
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import game_of
from leaderbored.verdicts.law import stationary
from leaderbored.verdicts.profile import law_of
from leaderbored.verdicts.reading import kind_at
from leaderbored.verdicts.words import NOUNS

Drift = Literal["converge", "neutral", "concentrate", "mixed"]
STILL = 1e-9  # 1/year: drift of the log ratio that is none
CLAIMS: dict[Drift, str] = {
    "converge": "a run in computers: compute converges",
    "neutral": "a neutral race in computers: compute stays where it is",
    "concentrate": "a race in computers: compute concentrates",
    "mixed": "a mixed race in computers",
}


@dataclass(frozen=True, eq=False)
class Computers:
    """Compute at an equilibrium of a race in which it accumulates.

    Attributes
    ----------
    kind : "converge", "neutral", "concentrate" or "mixed"
        What compute does, as the averaged drift says.
    share : (M,) array
        Share of all compute that the first lab has at each split of the grid, rising.
    drift : (M,) array
        Averaged drift of ln(K_1 / K_2) there; 1/year.
    weight : (M,) array
        Long-run share of time at each split.
    crossings : tuple of float
        Shares of the first lab at which the drift changes sign, interpolated.
    larger : float
        Expected share of the larger lab in the long run.
    herfindahl : float
        Expected sum of squares of both shares; 1/2 if equal, 1 if one has it all.
    at_ends : float
        Share of time at the two ends of the grid; where it is large, ``reach`` decides ``larger``.
    sentence : str
        The verdict on models and on computers.
    """

    kind: Drift
    share: Array
    drift: Array
    weight: Array
    crossings: tuple[float, ...]
    larger: float
    herfindahl: float
    at_ends: float
    sentence: str


def computers(solution: Solution, equilibrium: int = 0) -> Computers:
    """What compute does at an equilibrium.

    Parameters
    ----------
    solution : Solution
        Of a race in which compute accumulates.
    equilibrium : int, default 0

    Returns
    -------
    Computers

    Raises
    ------
    ValueError
        If compute does not accumulate in the race, or there is no such equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1, build=(0, 0.9)), lb.Lab("B", 1, build=(0, 0.9))]
    >>> race = lb.Race(labs, lb.RevenueLadder([0.0, 1.0]), lb.Technology(9, leapfrog=1), 0.2, 2,
    ...                mechanisms={"accumulate": {"rate": 0.1, "elasticity": 3, "points": 11}})
    >>> found = computers(lb.solve(race))
    >>> print(found.sentence)
    A run in models, a race in computers: compute concentrates; the larger lab has 77% of it on
    average.
    """
    race = game_of(solution, "computers")
    if not isinstance(race, Race) or "accumulate" not in race.mechanisms.on:
        raise ValueError("computers: expected the solution of a race in which compute accumulates")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise ValueError(f"computers: {solution.status.message}")
    found = solution.equilibria[equilibrium]
    assert race.mechanisms.accumulate is not None
    order = np.argsort(race.mechanisms.accumulate.offsets)
    owned = race.mechanisms.accumulate.splits(race.compute)
    share = (owned[0] / owned.sum(axis=0))[order]
    weight = law_of(solution, found).weight.reshape(len(order), -1).sum(axis=1)[order]
    drift = _drift(race, found.game, found.build)[order]
    crossings, kind = _read(share, drift)
    larger = float(weight @ np.maximum(share, 1 - share))
    models = NOUNS[kind_at(race, found.game, found.build)].capitalize()
    return Computers(
        kind=kind,
        share=share,
        drift=drift,
        weight=weight,
        crossings=crossings,
        larger=larger,
        herfindahl=float(weight @ (share**2 + (1 - share) ** 2)),
        at_ends=float(weight[0] + weight[-1]),
        sentence=f"{models} in models, {CLAIMS[kind]}; the larger lab has {larger:.0%} of it on "
        "average.",
    )


def _drift(race: Race, game: Markov, build: Array) -> Array:
    """(M,) drift of the log ratio at each split, under the leaderboard's own law there."""
    assert game.speed is not None
    assert race.mechanisms.accumulate is not None
    size = len(race.states()) * race.copies
    hazard = game.hazard(build)
    up, down = hazard[-len(game.speed) :]
    frozen = hazard.copy()
    frozen[-len(game.speed) :] = 0
    rates = System(game).transitions(frozen)
    found = []
    for first in range(0, len(game.states), size):
        here = slice(first, first + size)
        weight = stationary(rates[here][:, here].tocsr(), game.discount).weight
        found.append(float(weight @ (up - down)[here]))
    return np.asarray(race.mechanisms.accumulate.step * np.array(found))


def _read(share: Array, drift: Array) -> tuple[tuple[float, ...], Drift]:
    """Where the drift changes sign, and what that means.

    Examples
    --------
    >>> _read(np.array([0.3, 0.5, 0.7]), np.array([1.0, 0.0, -1.0]))
    ((0.5,), 'converge')
    >>> _read(np.array([0.3, 0.5, 0.7]), np.array([-1.0, -2.0, -3.0]))
    ((), 'concentrate')
    """
    votes = np.flatnonzero(np.abs(drift) > STILL)
    if len(votes) == 0:
        return (), "neutral"
    turns = [(a, b) for a, b in pairwise(votes) if drift[a] * drift[b] < 0]
    crossings = tuple(
        float((share[a] * drift[b] - share[b] * drift[a]) / (drift[b] - drift[a])) for a, b in turns
    )
    if len(turns) > 1:
        return crossings, "mixed"
    back = len(turns) == 1 and drift[votes[0]] > 0
    return crossings, "converge" if back else "concentrate"
