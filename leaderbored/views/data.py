"""A solved race as plain data: what ``--json`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse
from pydantic import TypeAdapter

from leaderbored.games.markov_game import MarkovGame
from leaderbored.race import Race
from leaderbored.solvers import (
    Basin,
    Equilibrium,
    MarkovEquilibrium,
    Solution,
    StaticEquilibrium,
)
from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium
from leaderbored.theory.conditions import self_limits
from leaderbored.verdicts import Correspondence, Verdict, Waypoint, headline, verdict
from leaderbored.verdicts.computers import computers
from leaderbored.verdicts.effects import Effect
from leaderbored.verdicts.profile import persuading
from leaderbored.verdicts.scarcity_path import ScarcityPath
from leaderbored.views.linear_quadratic import linear_quadratic_headline
from leaderbored.views.markov import markov_headline
from leaderbored.views.static import static_headline

POINTS = 30  # of an expected path, after the first


def report(
    solution: Solution,
    verdicts: Sequence[Verdict],
    basins: Sequence[Basin] = (),
    effects: Sequence[Effect] = (),
    path: ScarcityPath | None = None,
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
    effects : sequence of Effect, optional
        As returned by :func:`leaderbored.effects`.
    path : ScarcityPath, optional
        As returned by :func:`leaderbored.scarcity_path`.

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
    said: Sequence[Verdict | None] = verdicts or [None] * len(solution.equilibria)
    rows = zip(solution.equilibria, said, reached or [None] * len(said), strict=True)
    return {
        "game": asdict(game),
        "headline": headline(verdicts),
        "theory": asdict(self_limits(game)),
        "mechanisms": [asdict(effect) for effect in effects],
        "computers": _computers(solution),
        "scarcity_path": _path(path),
        "persuading": _persuading(solution),
        "digest": solution.digest,
        "seconds": round(solution.seconds, 6),
        "method": solution.equilibria[0].method if solution.equilibria else None,
        "status": asdict(solution.status),
        "complete": solution.complete,
        "search": asdict(solution.census),
        "equilibria": [_equilibrium(solution, *row) for row in rows],
    }


def _path(path: ScarcityPath | None) -> dict[str, Any] | None:
    """When the verdict changes along the path of scarcity."""
    if path is None:
        return None
    return {
        "sentence": path.sentence,
        "now": path.kinds[0],
        "changes": [{"year": date, "verdict": kind} for date, kind in path.changes],
        "becomes_race": path.becomes_race,
        "regret": path.regret,
    }


def _computers(solution: Solution) -> dict[str, Any] | None:
    """What compute does at the first equilibrium; None where it does not accumulate."""
    if not solution.equilibria or "accumulate" not in solution.game.mechanisms.on:
        return None
    found = asdict(computers(solution))
    return {
        name: part.tolist() if isinstance(part, np.ndarray) else part
        for name, part in found.items()
    }


def _persuading(solution: Solution) -> float | None:
    """Mean share of compute that persuades at the first equilibrium; None without hype."""
    if not solution.equilibria or "hype" not in solution.game.mechanisms.on:
        return None
    return persuading(solution, solution.equilibria[0])


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
        **_heading(solution, markov_headline(solution)),
        "states": {"names": game.labels, "values": game.grid.tolist()},
        "equilibria": [
            {
                "policy": {who: law.tolist() for who, law in e.policy.items()},
                "value": {
                    agent.name: value.tolist()
                    for agent, value in zip(game.agents, e.value, strict=True)
                },
                "regret": _finite(e.regret),
                "residual": _finite(e.residual),
                "stable": e.stable,
                "spectral_radius": None if e.radius is None else _finite(e.radius),
                "index": e.index,
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


def _heading(solution: Solution[Any], headline: str) -> dict[str, Any]:
    """What every report starts with: the game, the answer in a sentence, and how it came about."""
    methods = dict.fromkeys(equilibrium.method for equilibrium in solution.equilibria)
    return {
        "game": _game(solution.game),
        "headline": headline,
        "digest": solution.digest,
        "method": ", ".join(methods) or None,
        "seconds": round(solution.seconds, 6),
        "status": asdict(solution.status),
        "complete": solution.complete,
        "search": asdict(solution.census),
    }


def _game(game: Any) -> Any:
    """A game as its file says it; one that has no file by its arrays."""
    if hasattr(type(game), "__pydantic_validator__"):
        return TypeAdapter(type(game)).dump_python(game, mode="json")

    def listed(part: Any) -> Any:
        if isinstance(part, tuple):
            return [listed(member) for member in part]
        if hasattr(part, "toarray"):
            part = part.toarray()
        part = part.tolist() if isinstance(part, np.ndarray) else part
        return _no_infinities(part)

    kind = {"kind": game.kind} if hasattr(game, "kind") else {}
    return kind | {field.name: listed(getattr(game, field.name)) for field in fields(game)}


def _no_infinities(part: Any) -> Any:
    if isinstance(part, list):
        return [_no_infinities(member) for member in part]
    return _finite(part) if isinstance(part, float) else part


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
        **_heading(solution, f"{solution.status.message}."),
        "equilibria": [_equilibrium(solution, e, None, None) for e in solution.equilibria],
    }


def static_report(solution: Solution[StaticEquilibrium]) -> dict[str, Any]:
    """One JSON-ready object: a game played once, its equilibria, their certificates.

    Parameters
    ----------
    solution : Solution
        Of a game played once.

    Returns
    -------
    dict
        Exact strategies are text such as "1/3"; undefined numbers are None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> out = static_report(lb.solve(game, exact=True))
    >>> out["equilibria"][0]["strategies"], out["equilibria"][0]["exact"]
    ({'1': [0.0, 1.0], '2': [0.0, 1.0]}, {'1': ['0', '1'], '2': ['0', '1']})
    """
    return {
        **_heading(solution, static_headline(solution)),
        "equilibria": [_static(equilibrium) for equilibrium in solution.equilibria],
        "components": [
            {
                "index": part.index,
                "isolated": part.isolated,
                "row_vertices": [law.tolist() for law in part.row_vertices],
                "column_vertices": [law.tolist() for law in part.column_vertices],
                "subsets": [[list(x), list(y)] for x, y in part.subsets],
            }
            for part in solution.components
        ],
    }


def linear_quadratic_report(solution: Solution[LinearQuadraticEquilibrium]) -> dict[str, Any]:
    """One JSON-ready object: a linear-quadratic game, its equilibria, their certificates.

    Parameters
    ----------
    solution : Solution
        Of a linear-quadratic game.

    Returns
    -------
    dict
        Eigenvalues are pairs of a real and an imaginary part; undefined numbers are None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.LinearQuadratic(-1.0, [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> (first,) = linear_quadratic_report(lb.solve(game))["equilibria"]
    >>> round(first["gains"]["A"][0][0], 6), first["settles"]
    (0.333333, True)
    """
    methods = dict.fromkeys(equilibrium.method for equilibrium in solution.equilibria)
    return {
        "game": TypeAdapter(type(solution.game)).dump_python(solution.game, mode="json"),
        "headline": linear_quadratic_headline(solution),
        "digest": solution.digest,
        "method": ", ".join(methods) or None,
        "seconds": round(solution.seconds, 6),
        "status": asdict(solution.status),
        "complete": solution.complete,
        "search": asdict(solution.census),
        "equilibria": [_linear_quadratic(equilibrium) for equilibrium in solution.equilibria],
    }


def _linear_quadratic(equilibrium: LinearQuadraticEquilibrium) -> dict[str, Any]:
    names = list(equilibrium.gains)
    values = zip(equilibrium.quadratic, equilibrium.linear, equilibrium.constant, strict=True)
    costs, times = equilibrium.costs, equilibrium.times
    return {
        "information": equilibrium.information,
        "gains": {who: gains.tolist() for who, gains in equilibrium.gains.items()},
        "offsets": {who: offsets.tolist() for who, offsets in equilibrium.offsets.items()},
        "times": None if times is None else times.tolist(),
        "costs": None if costs is None else dict(zip(names, costs.tolist(), strict=True)),
        "value": {
            who: {"quadratic": p.tolist(), "linear": q.tolist(), "constant": float(k)}
            for who, (p, q, k) in zip(names, values, strict=True)
        },
        "closed_loop": equilibrium.closed_loop.tolist(),
        "shift": equilibrium.shift.tolist(),
        "eigenvalues": [[z.real, z.imag] for z in equilibrium.eigenvalues.tolist()],
        "settles": equilibrium.settles,
        "regret": _finite(equilibrium.regret),
        "residual": equilibrium.residual,
        "method": equilibrium.method,
    }


def _static(equilibrium: StaticEquilibrium) -> dict[str, Any]:
    exact = equilibrium.exact
    return {
        "strategies": {who: law.tolist() for who, law in equilibrium.strategies.items()},
        "payoffs": dict(zip(equilibrium.strategies, equilibrium.payoffs.tolist(), strict=True)),
        "regret": _finite(equilibrium.regret),
        "stable": equilibrium.stable,
        "spectral_radius": None if equilibrium.radius is None else _finite(equilibrium.radius),
        "index": equilibrium.index,
        "component": equilibrium.component,
        "method": equilibrium.method,
        "prices": equilibrium.prices,
        "exact": {who: [str(w) for w in law] for who, law in exact.items()} if exact else None,
    }


def _waypoint(point: Waypoint) -> dict[str, Any]:
    here = point.equilibrium
    if isinstance(here, Equilibrium):
        players = here.game.players
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
        "spectral_radius": None if here.radius is None else _finite(here.radius),
        "regret": _finite(here.regret),
    }


def _equilibrium(
    solution: Solution, equilibrium: Equilibrium, verdict: Verdict | None, basin: Basin | None
) -> dict[str, Any]:
    players = solution.markov.players
    missing = ("verdict",) if isinstance(solution.game, Race) else ()
    left = verdict.not_checked if verdict else missing
    return {
        **_verdict(verdict),
        "not_checked": [*equilibrium.not_checked, *left],
        "stable": equilibrium.stable,
        "stability_note": equilibrium.stability_note,
        "spectral_radius": _finite(equilibrium.radius),
        "regret": _finite(equilibrium.regret),
        "residual": equilibrium.residual,
        "indifferent": equilibrium.indifferent,
        "index": equilibrium.index,
        "proof": asdict(equilibrium.proof) if equilibrium.proof else None,
        "basin": asdict(basin) if basin else None,
        "states": solution.markov.states.tolist(),
        "build": dict(zip(players, equilibrium.build.tolist(), strict=True)),
        "value": dict(zip(players, equilibrium.value.tolist(), strict=True)),
    }


def _verdict(verdict: Verdict | None) -> dict[str, Any]:
    """What is said on an equilibrium; only that nothing is, where there was no time."""
    if verdict is None:
        return {"verdict": None, "statistics": None}
    return {
        "verdict": verdict.kind,
        "headline": replace(verdict, rivals=()).headline,
        "asymptote": verdict.asymptote,
        "escape": verdict.escape,
        "crossings": list(verdict.crossings),
        "cap_sensitive": verdict.cap_sensitive,
        "cap_note": verdict.cap_note,
        "ends": [asdict(end) for end in verdict.ends],
        "pace_ratio": list(verdict.pace_ratio),
        "moves": list(verdict.moves),
        "unvisited": list(verdict.unvisited),
        "statistics": asdict(verdict.statistics),
    }


def _finite(number: float) -> float | None:
    return number if abs(number) < float("inf") else None


def plain_data(shown: Any) -> dict[str, Any]:
    """Any result as plain data: what ``--json`` prints of it, or its fields.

    Parameters
    ----------
    shown : Solution, Verdict, Motion, Correspondence or another result
        Of a race without the comparison with twice the rungs, and without what mechanisms do.

    Returns
    -------
    dict
        Undefined numbers are None, arrays are lists.

    Examples
    --------
    >>> import leaderbored as lb
    >>> plain_data(lb.whiplash(answer=1.0, delay=1.5))["delay"]
    1.5
    """
    made: dict[str, Any] = plainly(_data(shown))
    return made


def _data(shown: Any) -> Any:
    if isinstance(shown, Solution):
        return _solution(shown)
    if isinstance(shown, Correspondence):
        return trace_report(shown)
    if type(shown).__name__ == "Motion":
        from leaderbored.views.motion import motion_report

        return motion_report(shown)
    if type(shown).__name__ == "Check":
        from leaderbored.views.theory import check_report

        return check_report([shown])
    return _fields(shown)


def _solution(solution: Solution[Any]) -> dict[str, Any]:
    game = solution.game
    if isinstance(game, Race):
        count = range(len(solution.equilibria))
        return report(solution, [verdict(solution, k, check_cap=False) for k in count])
    known: dict[str, Any] = {
        "": arrays_report,
        "markov": markov_report,
        "linear-quadratic": linear_quadratic_report,
    }
    made: dict[str, Any] = known.get(getattr(game, "kind", ""), static_report)(solution)
    return made


def _fields(record: Any) -> Any:
    """A record as a dictionary of what can be written down; code and games' arrays are left out."""
    if is_dataclass(record) and not isinstance(record, type):
        pairs = ((field.name, getattr(record, field.name)) for field in fields(record))
        return {name: _fields(value) for name, value in pairs if not callable(value)}
    if isinstance(record, dict):
        return {key: _fields(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [_fields(one) for one in record]
    return record


def plainly(data: Any) -> Any:
    """Data as JSON has it: arrays as lists, numbers that are not finite as None, else as text.

    Examples
    --------
    >>> plainly({"a": np.array([1.0, np.nan]), 2: (1j,)})
    {'a': [1.0, None], '2': ['1j']}
    """
    if isinstance(data, dict):
        return {str(key): plainly(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plainly(value) for value in data]
    if isinstance(data, np.ndarray | np.generic) or scipy.sparse.issparse(data):
        return plainly(data.toarray() if scipy.sparse.issparse(data) else data.tolist())
    if isinstance(data, float):
        return _finite(data)
    return data if isinstance(data, bool | str | int | None) else str(data)
