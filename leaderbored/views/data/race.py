"""A solved race as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov
from leaderbored.kinds import kind_of
from leaderbored.race import Race
from leaderbored.race.alike import Ordered
from leaderbored.solvers import (
    Basin,
    Equilibrium,
    Solution,
)
from leaderbored.theory.conditions import self_limits
from leaderbored.verdicts import Verdict, headline
from leaderbored.verdicts.computers import computers
from leaderbored.verdicts.effects import Effect
from leaderbored.verdicts.money import by_money
from leaderbored.verdicts.profile import by_lab, by_lead, persuading
from leaderbored.verdicts.scarcity_path import ScarcityPath
from leaderbored.verdicts.welfare import Welfare
from leaderbored.views.data.parts import finite

if TYPE_CHECKING:
    from leaderbored.motion.whiplash import Whiplash


def report(
    solution: Solution,
    verdicts: Sequence[Verdict],
    basins: Sequence[Basin] = (),
    effects: Sequence[Effect] = (),
    path: ScarcityPath | None = None,
    *,
    delayed: Sequence[Whiplash] = (),
    worths: Sequence[Welfare] = (),
) -> dict[str, Any]:
    """One JSON-ready object: game, certificate, verdict, policies and values.

    Parameters
    ----------
    solution : Solution
        Of a race.
    verdicts : sequence of Verdict
        One for each equilibrium of the solution, or none where there was no time for them.
    basins : sequence of Basin, optional
        As returned by :func:`leaderbored.basin`.
    effects : sequence of Effect, optional
        As returned by :func:`leaderbored.effects`.
    path : ScarcityPath, optional
        As returned by :func:`leaderbored.scarcity_path`.
    delayed : sequence of Whiplash, optional
        As returned by :func:`leaderbored.whiplash`, one for each equilibrium.
    worths : sequence of Welfare, optional
        As returned by :func:`leaderbored.welfare`, one for each equilibrium.

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
    game: Race = solution.game
    unread = bool(solution.equilibria) and not verdicts
    reached: list[Basin | None] = [*basins[:-1]] or [None] * len(verdicts)
    said: Sequence[Verdict | None] = verdicts or [None] * len(solution.equilibria)
    rows = zip(solution.equilibria, said, reached or [None] * len(said), strict=True)
    worth: Sequence[Any] = [welfare_data(one) for one in worths] or [None] * len(said)
    return {
        "game": asdict(game),
        "headline": solution.status.sentence if unread else headline(verdicts),
        "theory": asdict(self_limits(game)),
        "mechanisms": [asdict(effect) for effect in effects],
        "computers": _computers(solution),
        "scarcity_path": _path(path),
        "training_delay": [_delayed(one) for one in delayed],
        "persuading": _persuading(solution),
        "digest": solution.digest,
        "seconds": round(solution.seconds, 6),
        "method": solution.equilibria[0].method if solution.equilibria else None,
        "settings": solution.settings,
        "status": asdict(solution.status),
        "complete": solution.complete,
        "alike": alike_data(solution.equilibria[0].game if solution.equilibria else None),
        "search": asdict(solution.census),
        "equilibria": [
            {**equilibrium_data(solution, *row), "welfare": one}
            for row, one in zip(rows, worth, strict=True)
        ],
    }


def alike_data(game: Markov | None) -> dict[str, Any] | None:
    """Labs that are not told apart, and how many leaderboards the states stand for; or None.

    States are then leaderboards on which these labs stand in order, the first the furthest ahead.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> alike_data(lb.solve(race, lb.Method(alike=True)).equilibria[0].game)
    {'labs': [['A', 'B', 'C']], 'states': 3, 'leaderboards': 7}
    >>> alike_data(race.markov()) is None
    True
    """
    if not isinstance(game, Ordered):
        return None
    alike = game.alike
    names = [lab.name for lab in alike.race.labs]
    return {
        "labs": [[names[i] for i in labs] for labs in alike.sorts if len(labs) > 1],
        "states": len(game.states),
        "leaderboards": int(alike.copies.sum()),
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


def _delayed(found: Whiplash) -> dict[str, Any]:
    """What a delay of training does to leads, by the assumed rule."""
    return {
        "sentence": found.sentence,
        "delay": found.delay,
        "boundary": finite(found.boundary),
        "period": found.period,
        "amplitude": finite(found.amplitude),
        "read": found.read and asdict(found.read),
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


def equilibrium_data(
    solution: Solution, equilibrium: Equilibrium, verdict: Verdict | None, basin: Basin | None
) -> dict[str, Any]:
    """One equilibrium of a race or of arrays, with its verdict and basin if there are."""
    players = solution.markov.players
    missing = ("verdict",) if kind_of(solution.game).board else ()
    left = verdict.not_checked if verdict else missing
    return {
        **verdict_data(verdict),
        "not_checked": [*equilibrium.not_checked, *left],
        "stable": equilibrium.stable,
        "stability_note": equilibrium.stability_note,
        "spectral_radius": finite(equilibrium.radius),
        "regret": finite(equilibrium.regret),
        "residual": equilibrium.residual,
        "indifferent": equilibrium.indifferent,
        "index": equilibrium.index,
        "proof": asdict(equilibrium.proof),
        "basin": asdict(basin) if basin else None,
        "states": solution.markov.states.tolist(),
        "build": dict(zip(players, equilibrium.build.tolist(), strict=True)),
        "value": dict(zip(players, equilibrium.value.tolist(), strict=True)),
        "sales": _sales(equilibrium),
        "by_money": _by_money(solution, equilibrium),
        "profile": _profile(solution, equilibrium) if verdict else None,
    }


def _profile(solution: Solution, equilibrium: Equilibrium) -> dict[str, Any] | None:
    """Mean shares that build, by lab and by lead, as the tables of the page have them."""
    if not isinstance(solution.game, Race):
        return None
    leader, others = by_lead(solution, equilibrium)
    rows = zip(solution.game.labs, by_lab(solution, equilibrium), strict=True)
    return {
        "labs": {
            lab.name: {what: finite(mean) for what, mean in asdict(row).items()}
            for lab, row in rows
        },
        "leader": [finite(share) for share in leader.tolist()],
        "others": [finite(share) for share in others.tolist()],
    }


def _by_money(solution: Solution, equilibrium: Equilibrium) -> dict[str, Any] | None:
    """The long run by money; None where none grows, or it is not that of a race."""
    if not isinstance(solution.game, Race) or (found := by_money(equilibrium)) is None:
        return None
    return asdict(found)


def _sales(equilibrium: Equilibrium) -> dict[str, Any] | None:
    """Prices, units sold and customers unserved on a market that clears; None on others."""
    game = equilibrium.game
    if not isinstance(game, Cleared):
        return None
    goes_on = (game.states >= 0).all(axis=1)  # not won
    sales, labs = game.sales(equilibrium.build), game.players[: game.states.shape[1]]
    price = np.where((sales.sold > 0) & goes_on, game.prices(sales), np.nan)
    sold = np.where(goes_on, sales.sold, np.nan)
    unserved = np.where(goes_on, sales.unserved[0], np.nan)

    def each(table: Array) -> dict[str, Any]:
        rows = table[: len(labs)].tolist()
        return {lab: [finite(x) for x in row] for lab, row in zip(labs, rows, strict=True)}

    return {
        "price": each(price),
        "sold": each(sold),
        "unserved": [finite(x) for x in unserved.tolist()],
    }


def welfare_data(found: Welfare) -> dict[str, Any]:
    """What a race is worth, as plain data; by state in ``present``, the tie first.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> data = welfare_data(lb.welfare(lb.solve(race)))
    >>> data["surplus"], len(data["present"]["profits"])
    (None, 5)
    """
    plain = {key: part for key, part in vars(found).items() if key != "present"}
    present = {**vars(found.present), "total": found.present.total}
    known = {key: None if np.isnan(part).any() else part.tolist() for key, part in present.items()}
    return {**plain, "total": found.total, "present": known}


def verdict_data(verdict: Verdict | None) -> dict[str, Any]:
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
        "votes": list(verdict.votes),
        "stalling": verdict.stalling,
        "from_lead": [asdict(end) for end in verdict.from_lead],
        "statistics": asdict(verdict.statistics),
    }
