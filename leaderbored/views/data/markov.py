"""Solved Markov games as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from leaderbored.games.stochastic import MarkovGame
from leaderbored.solvers import (
    MarkovEquilibrium,
    Solution,
)
from leaderbored.views.data.parts import finite, heading
from leaderbored.views.data.race import (
    equilibrium_data,
)
from leaderbored.views.markov import markov_headline

POINTS = 30  # of an expected path, after the first


def markov_report(solution: Solution[MarkovEquilibrium]) -> dict[str, Any]:
    """One JSON-ready object: a Markov game of one's own, its equilibria, their certificates.

    Parameters
    ----------
    solution : Solution
        Of a :class:`leaderbored.MarkovGame`.

    Returns
    -------
    dict
        Undefined numbers are None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "1"}, hazard="sqrt(b)")])
    >>> out = markov_report(lb.solve(lb.MarkovGame([lab], 0.1, states={"d": (0, 1)})))
    >>> out["equilibria"][0]["policy"], out["states"]
    ({'lab': [0.0, 0.0]}, {'names': ['d'], 'values': [[0], [1]]})
    """
    game: MarkovGame = solution.game
    return {
        **heading(solution, markov_headline(solution)),
        "count": solution.count,
        "states": {"names": game.labels, "values": game.grid.tolist()},
        "equilibria": [
            {
                "policy": {who: law.tolist() for who, law in e.policy.items()},
                "value": {
                    agent.name: value.tolist()
                    for agent, value in zip(game.agents, e.value, strict=True)
                },
                "regret": finite(e.regret),
                "residual": finite(e.residual),
                "choice_error": None if e.choice_error is None else finite(e.choice_error),
                "stable": e.stable,
                "spectral_radius": None if e.radius is None else finite(e.radius),
                "index": e.index,
                "proof": asdict(e.proof),
                "stationary": None if e.stationary is None else e.stationary.tolist(),
                "expected_path": _expected(game, e),
                "method": e.method,
            }
            for e in solution.equilibria
        ],
    }


def _expected(game: MarkovGame, equilibrium: MarkovEquilibrium) -> dict[str, Any]:
    from leaderbored.solvers.stochastic.motion import expected_path, horizon

    far = horizon(game, equilibrium) if game.time == "continuous" else POINTS
    times = np.linspace(0.0, far, POINTS + 1)
    states = expected_path(game, equilibrium, times)
    return {"times": times.tolist(), "states": states.tolist()}


def arrays_report(solution: Solution) -> dict[str, Any]:
    """One JSON-ready object: a Markov game of arrays and its equilibria, without verdicts.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    >>> race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(1), 0.5)
    >>> out = arrays_report(lb.solve(race.markov()))
    >>> sorted(out["equilibria"][0]["value"]), out["equilibria"][0]["verdict"]
    (['A', 'B'], None)
    """
    return {
        **heading(solution, solution.status.sentence),
        "equilibria": [equilibrium_data(solution, e, None, None) for e in solution.equilibria],
    }
