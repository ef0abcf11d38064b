"""A solved race as plain data: what ``--json`` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leaderbored.race import Race
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.verdicts import Verdict


def report(solution: Solution, verdicts: list[Verdict]) -> dict[str, Any]:
    """One JSON-ready object: game, certificate, verdict, policies and values.

    Parameters
    ----------
    solution : Solution
        Of a race.
    verdicts : list of Verdict
        One for each equilibrium of the solution.

    Returns
    -------
    dict
        Undefined numbers are None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solution = lb.solve(race)
    >>> out = report(solution, [lb.verdict(solution)])
    >>> out["equilibria"][0]["verdict"], out["status"]["code"]
    ('run', 'converged')
    """
    game = solution.game
    assert isinstance(game, Race)
    pairs = zip(solution.equilibria, verdicts, strict=True)
    return {
        "game": asdict(game),
        "digest": solution.digest,
        "seconds": round(solution.seconds, 6),
        "method": solution.equilibria[0].method if solution.equilibria else None,
        "status": asdict(solution.status),
        "equilibria": [_equilibrium(solution, *pair) for pair in pairs],
    }


def _equilibrium(solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> dict[str, Any]:
    players = solution.markov.players
    return {
        "verdict": verdict.kind,
        "headline": verdict.headline,
        "asymptote": verdict.asymptote,
        "escape": verdict.escape,
        "crossings": list(verdict.crossings),
        "cap_sensitive": verdict.cap_sensitive,
        "stable": equilibrium.stable,
        "spectral_radius": _finite(equilibrium.radius),
        "regret": _finite(equilibrium.regret),
        "residual": equilibrium.residual,
        "indifferent": equilibrium.indifferent,
        "pace_ratio": list(verdict.pace_ratio),
        "states": solution.markov.states.tolist(),
        "build": dict(zip(players, equilibrium.build.tolist(), strict=True)),
        "value": dict(zip(players, equilibrium.value.tolist(), strict=True)),
        "statistics": asdict(verdict.statistics),
    }


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
