"""A solved race as plain data: what ``--json`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from leaderbored.race import Race
from leaderbored.solvers import Basin, Equilibrium, Solution
from leaderbored.verdicts import Correspondence, Verdict, Waypoint, headline


def report(
    solution: Solution, verdicts: Sequence[Verdict], basins: Sequence[Basin] = ()
) -> dict[str, Any]:
    """One JSON-ready object: game, certificate, verdict, policies and values.

    Parameters
    ----------
    solution : Solution
        Of a race.
    verdicts : sequence of Verdict
        One for each equilibrium of the solution.
    basins : sequence of Basin, optional
        As returned by :func:`leaderbored.basin`.

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
    reached: list[Basin | None] = [*basins[:-1]] or [None] * len(verdicts)
    rows = zip(solution.equilibria, verdicts, reached, strict=True)
    return {
        "game": asdict(game),
        "headline": headline(verdicts),
        "digest": solution.digest,
        "seconds": round(solution.seconds, 6),
        "method": solution.equilibria[0].method if solution.equilibria else None,
        "status": asdict(solution.status),
        "complete": solution.complete,
        "search": asdict(solution.census),
        "equilibria": [_equilibrium(solution, *row) for row in rows],
    }


def trace_report(found: Correspondence) -> dict[str, Any]:
    """One JSON-ready object: the branches with values and builds at the tie, folds, verdicts.

    Parameters
    ----------
    found : Correspondence

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> out = trace_report(lb.trace(race, "discount", 0.2, 0.5))
    >>> out["counts"], out["folds"]
    ([{'from': 0.2, 'to': 0.5, 'equilibria': 1}], [])
    """
    return {
        "game": asdict(found.game),
        "digest": found.digest,
        "seconds": round(found.seconds, 6),
        "status": asdict(found.status),
        "along": found.along,
        "from": found.start,
        "to": found.stop,
        "complete": found.census.complete,
        "search": asdict(found.census),
        "counts": [{"from": a, "to": b, "equilibria": n} for a, b, n in found.counts()],
        "folds": [_waypoint(point) for point in found.folds],
        "branch_points": [_waypoint(point) for point in found.branch_points],
        "branches": [
            {
                "from": branch.span[0],
                "to": branch.span[1],
                "index": branch.index,
                "points": [_waypoint(point) for point in branch.points],
            }
            for branch in found.branches
        ],
    }


def _waypoint(point: Waypoint) -> dict[str, Any]:
    here = point.equilibrium
    players = here.game.players
    return {
        "parameter": point.parameter,
        "verdict": point.verdict,
        "value": dict(zip(players, here.value[:, 0].tolist(), strict=True)),
        "build": dict(zip(players, here.build[:, 0].tolist(), strict=True)),
        "stable": here.stable,
        "spectral_radius": _finite(here.radius),
        "regret": _finite(here.regret),
    }


def _equilibrium(
    solution: Solution, equilibrium: Equilibrium, verdict: Verdict, basin: Basin | None
) -> dict[str, Any]:
    players = solution.markov.players
    return {
        "verdict": verdict.kind,
        "headline": replace(verdict, rivals=()).headline,
        "asymptote": verdict.asymptote,
        "escape": verdict.escape,
        "crossings": list(verdict.crossings),
        "cap_sensitive": verdict.cap_sensitive,
        "stable": equilibrium.stable,
        "spectral_radius": _finite(equilibrium.radius),
        "regret": _finite(equilibrium.regret),
        "residual": equilibrium.residual,
        "indifferent": equilibrium.indifferent,
        "index": equilibrium.index,
        "proof": asdict(equilibrium.proof) if equilibrium.proof else None,
        "basin": asdict(basin) if basin else None,
        "pace_ratio": list(verdict.pace_ratio),
        "states": solution.markov.states.tolist(),
        "build": dict(zip(players, equilibrium.build.tolist(), strict=True)),
        "value": dict(zip(players, equilibrium.value.tolist(), strict=True)),
        "statistics": asdict(verdict.statistics),
    }


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None
