r"""What compute does where revenue buys it: does it converge, stay, or concentrate?

At every split of compute the leaderboard has a law of its own, that of the equilibrium with compute
held there. Its mean of

.. math:: \iota \Big( \frac{R_i}{K_i} - \frac{R_j}{K_j} \Big)

is where the log ratio of two labs' compute drifts if the lead rotates fast (averaging; the setting
of results R12 and R13 of :mod:`leaderbored.theory`). Compute of two labs converges if the ratio
drifts back from either side of some split, and concentrates if away or one way throughout. Of more
labs the ratio of any two is looked at where it is as far as the grid reaches, on the average over
what the others have: compute converges if it drifts back at both ends for all pairs, and
concentrates if it drifts on at one end at least for all pairs. The long-run law of the
split itself is that of the whole game, however fast the lead rotates.
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
from leaderbored.text import percent
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
    share : (M,) or (N, M) array
        Share of all compute that the first of two labs has at each split of the grid, rising; of
        more labs that of each, in the order of the states.
    drift : (M,) or (N, M) array
        Averaged drift of ln(K_1 / K_2) there, or of each ln K_i over the labs' average; 1/year.
    weight : (M,) array
        Long-run share of time at each split.
    crossings : tuple of float
        Shares of the first of two labs at which the drift changes sign, interpolated; of more
        labs none are told.
    larger : float
        Expected share of the largest lab in the long run.
    herfindahl : float
        Expected sum of squares of all shares; 1/N if equal, 1 if one has it all.
    at_ends : float
        Share of time at the ends of the grid; where it is large, ``reach`` decides ``larger``.
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
    """Say whether compute converges or concentrates at an equilibrium.

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
    race: Race = game_of(solution, "computers")
    if not 0 <= equilibrium < len(solution.equilibria):
        raise ValueError(f"computers: {solution.status.message}")
    found = solution.equilibria[equilibrium]
    moves, labs = race.mechanisms.accumulate, len(race.labs)
    grid, owned = moves.grid(labs), moves.splits(race.compute)
    share, drift = owned / owned.sum(axis=0), _drift(race, found.game, found.build)
    weight = law_of(found).weight.reshape(len(grid), -1).sum(axis=1)
    crossings, kind = tuple[float, ...](), _pairs(grid.T, drift)
    larger, herfindahl = float(weight @ share.max(axis=0)), float(weight @ (share**2).sum(axis=0))
    at_ends = float(weight @ (grid.max(axis=1) == moves.points // 2))
    if labs == 2:
        order = np.argsort(grid[:, 0] - grid[:, 1])
        share, drift, weight = share[0, order], (drift[0] - drift[1])[order], weight[order]
        crossings, kind = _read(share, drift)
    models = NOUNS[kind_at(race, found.game, found.build)].capitalize()
    which = "larger" if labs == 2 else "largest"
    return Computers(
        kind=kind,
        share=share,
        drift=drift,
        weight=weight,
        crossings=crossings,
        larger=larger,
        herfindahl=herfindahl,
        at_ends=at_ends,
        sentence=f"{models} in models, {CLAIMS[kind]}; the {which} lab has {percent(larger, 2)} "
        "of it on average.",
    )


def _drift(race: Race, game: Markov, build: Array) -> Array:
    """(N, M) drift of ln K over the labs' average, under each split's law of the leaderboard."""
    assert game.speed is not None
    size = len(race.states()) * race.copies
    hazard = game.hazard(build)
    bought = hazard[-len(game.speed) :]
    frozen = hazard.copy()
    frozen[-len(game.speed) :] = 0
    rates = System(game).transitions(frozen)
    found = []
    for first in range(0, len(game.states), size):
        here = slice(first, first + size)
        weight = stationary(rates[here][:, here].tocsr(), game.discount).weight
        found.append(bought[:, here] @ weight)
    steps = np.array(found).T
    return np.asarray(race.mechanisms.accumulate.step * (steps - steps.mean(axis=0)))


def _pairs(ahead: Array, drift: Array) -> Drift:
    """What leads in compute do at the ends of the grid, of (N, M) steps ahead and drifts.

    Examples
    --------
    >>> _pairs(np.array([[0, 1, 0], [0, 0, 1]]), np.array([[0.0, -1.0, 1.0], [0.0, 1.0, -1.0]]))
    'converge'
    """
    labs, furthest = range(len(ahead)), ahead.max()
    on = np.zeros((len(ahead), len(ahead)))  # drift of i over j where i is furthest ahead of j
    for i, j in ((i, j) for i in labs for j in labs if i != j):
        on[i, j] = (drift[i] - drift[j])[ahead[i] - ahead[j] == furthest].mean()
    on = np.where(np.abs(on) > STILL, on, 0.0)
    if not on.any():
        return "neutral"
    away = (on > 0) | (on > 0).T
    if not away.any():
        return "converge"
    return "concentrate" if away.sum() == len(ahead) * (len(ahead) - 1) else "mixed"


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
