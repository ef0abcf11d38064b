"""All equilibria along a number of the game as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leaderbored.solvers import (
    Equilibrium,
)
from leaderbored.verdicts import Correspondence, Waypoint
from leaderbored.views.correspondence import headline
from leaderbored.views.data.parts import finite


def trace_report(found: Correspondence) -> dict[str, Any]:
    """One JSON-ready object: the branches with values and builds at the tie, folds, verdicts.

    Parameters
    ----------
    found : Correspondence

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> few = lb.Method(search=lb.Search(starts=1))
    >>> out = trace_report(lb.trace(race, "discount", 0.3, 0.5, few))
    >>> out["counts"], out["folds"]
    ([{'from': 0.3, 'to': 0.5, 'equilibria': 1}], [])
    """
    return {
        "game": asdict(found.game),
        "headline": headline(found),
        "digest": found.digest,
        "seconds": round(found.seconds, 6),
        "settings": found.settings,
        "status": asdict(found.status),
        "along": found.along,
        "from": found.start,
        "to": found.stop,
        "complete": found.census.complete,
        "search": asdict(found.census),
        "counts": [{"from": a, "to": b, "equilibria": n} for a, b, n in found.counts()],
        "counted": [asdict(one) for one in found.counted],
        "folds": [
            _waypoint(point) | {"turn": asdict(point.turn) if point.turn else None}
            for point in found.folds
        ],
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
    if isinstance(here, Equilibrium):
        players = here.game.players[: len(point.choice)]
        done = {"build": dict(zip(players, point.choice.tolist(), strict=True))}
    else:
        players = tuple(here.policy)
        done = {"policy": {name: law[0].tolist() for name, law in here.policy.items()}}
    return {
        "parameter": point.parameter,
        "verdict": point.verdict,
        "value": dict(zip(players, point.value.tolist(), strict=True)),
        **done,
        "stable": here.stable,
        "spectral_radius": None if here.radius is None else finite(here.radius),
        "regret": finite(here.regret),
    }
