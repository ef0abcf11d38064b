"""Every number that the paper quotes, by the command that makes it.

Numbers are text, with as many digits as are quoted, so that a number that moves is a difference one
sees. Each group is one function, and is computed afresh when the paper is built.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import leaderbored as lb
from leaderbored.figures.gallery.examples import (
    FOUR,
    LADDERS,
    LEASING,
    REINVESTING,
    RELIEF,
    SHAPES,
    duel,
    ladder,
)
from leaderbored.games.formats.gamefile import starter
from leaderbored.games.markov import Array
from leaderbored.race.mechanisms import Lease
from leaderbored.solvers.published import compared
from leaderbored.writeup.markets import clearing, mechanisms
from leaderbored.writeup.record import fits, record
from leaderbored.writeup.worth import PROVING, below, coexist, planner, policy, ranked

RATIONED, CLEARED = "five-labs-rationed", "five-labs"
PRINTED = (
    ("iskhakov-rust-schjerning-2016", "equilibria", 0),
    ("mckelvey-mclennan-1996", "equilibria", 0),
    ("engwerda-2005", "1 plays", 6),
    ("judd-1998", "1 plays", 6),
    ("lee-wilde-1980", "firm 1 plays", 9),
)
"""Games, what is asked of them, and with how many digits."""

Group = dict[str, Any]


def five() -> Group:
    """The five labs at the end of 2025, at set prices and where prices clear."""
    rows = [_five("set prices", RATIONED), _five("prices that clear", CLEARED)]
    return {"labs": 5, "states": rows[0]["states"], "rows": rows}


def _five(market: str, name: str) -> Group:
    race = lb.load(name)
    solution = lb.solve(race)
    made = lb.verdict(solution)
    facts = made.statistics
    shares = facts.time_in_lead.values()
    paces = [q for q in made.pace_ratio if q is not None]
    return {
        "market": market,
        "states": f"{len(race.states()):,}",
        "kind": made.kind,
        "pace": f"{min(paces):.2f} to {max(paces):.2f}",
        "changes": f"{facts.lead_changes_per_year:.2f}",
        "mean_lead": f"{facts.mean_lead:.2f}",
        "repeat": f"{facts.repeat_win:.3f}",
        "neutral": f"{facts.repeat_win_neutral:.3f}",
        "time": f"{100 * min(shares):.0f} to {100 * max(shares):.0f}",
        "cap": "no" if made.cap_sensitive is False else "yes",
    }


def three() -> Group:
    """Two labs with three equilibria, and no others."""
    solution = lb.solve(lb.load(starter("race")), PROVING, all=True)
    rows = [
        {
            "value": f"{e.value[0, 0]:.4f}",
            "build": f"{100 * e.build[0, 0]:.0f}",
            "kind": lb.verdict(solution, k, check_cap=False).kind,
            "stable": "stable" if e.stable else "unstable",
            "index": f"{e.index:+d}",
        }
        for k, e in enumerate(solution.equilibria)
    ]
    radius = max(e.proof.radius or np.inf for e in solution.equilibria)
    return {
        "rows": rows,
        "radius": below(radius),
        "complete": solution.complete,
        "regret": below(max(e.regret for e in solution.equilibria)),
    }


def folds() -> Group:
    """Folds of the correspondence along the handicap."""
    few = lb.Method(search=replace(PROVING.search, starts=4))
    found = lb.trace(duel(0.6, 0.1, rungs=20), "technology.handicap", 0.085, 0.105, few)
    places = sorted(point.parameter for point in found.folds)
    counts = [str(made.equilibria) for made in found.counted]
    assert counts == [str(row[2]) for row in found.counts()]
    return {
        "places": [f"{place:.6f}" for place in places],
        "turns": "proved"
        if all(fold.turn and fold.turn.holds for fold in found.folds)
        else "computed",
        "counts": f"{', '.join(counts[:-1])} and {counts[-1]}",
        "counted": " and ".join(sorted({made.complete for made in found.counted})),
    }


def ladders() -> Group:
    """Shares by lead on ladders bent three ways, and where log-concavity is not necessary."""
    shares = {name: _shares(race) for name, race in LADDERS.items()}
    odd = _shares(ladder((1.0, 1.5, 1.9, 2.42)))
    check = lb.theory.result("R6").check(0)
    return {
        "concave": _line(shares["log-concave"]),
        "linear": f"{shares['log-linear'][0]:.4f}",
        "convex": _line(shares["log-convex"]),
        "odd": _line(odd),
        "tried": f"{check.samples:,}",
        "passed": "no exception" if check.passed else "exceptions",
    }


def window() -> Group:
    """Edges of the headwind's window for beta = 1."""
    edge = {
        name: [f"{(1 + np.exp(sign * g)) / 2:.3f}" for g in (1, 2, 3)]
        for name, sign in (("low", -1), ("high", 1))
    }
    return {**edge}


def leasing() -> Group:
    """The frictions, on a grid of .02, up to which it is a race and from which it is a run."""

    def kind(step: int) -> str | None:
        on = replace(LEASING.mechanisms, lease=Lease(step / 50))
        return lb.verdict(lb.solve(replace(LEASING, mechanisms=on)), check_cap=False).kind

    not_race = bisect_left(range(51), True, key=lambda step: kind(step) != "race")
    run = bisect_left(range(51), True, lo=not_race, key=lambda step: kind(step) == "run")
    return {"race_until": f"{(not_race - 1) / 50:.2f}", "run_from": f"{run / 50:.2f}"}


def league() -> Group:
    """The league-table law, against simulation."""
    boards = lb.leaderboards(lb.solve(FOUR), 20.0, 400, seed=1)
    found = [boards.estimates[f"{lab.name} leads"] for lab in FOUR.labs]
    off = max(abs(e.mean - (e.exact or 0.0)) / e.error for e in found)
    share = FOUR.compute / FOUR.compute.sum()
    hazard = FOUR.technology.productivity * FOUR.compute.sum()
    return {
        "herfindahl": f"{(share**2).sum():.2f}",
        "hazard": f"{hazard:.0f}",
        "rotation": f"{hazard * (1 - (share**2).sum()):.2f}",
        "simulated": f"{boards.estimates['lead changes a year'].mean:.2f}",
        "errors": f"{off:.1f}",
        "paths": boards.paths,
    }


def elasticity() -> Group:
    """What compute comes to below and above the elasticity at which it is neutral."""
    assert REINVESTING.mechanisms.accumulate is not None
    found = {}
    for epsilon in (0.6, 2.0):
        bought = replace(REINVESTING.mechanisms.accumulate, elasticity=epsilon)
        race = replace(REINVESTING, mechanisms=lb.Mechanisms(accumulate=bought))
        found[epsilon] = lb.computers(lb.solve(race))
    return {
        "low": f"{100 * found[0.6].larger:.0f}",
        "high": f"{100 * found[2.0].larger:.0f}",
        "most": f"{100 * found[2.0].share[-1]:.0f}",
        "sentence": found[2.0].sentence,
    }


def shapes() -> Group:
    """Where the peloton of the gallery stalls, and past which lead its breakaway escapes."""
    made = {kind: lb.verdict(lb.solve(race)) for kind, race in SHAPES.items()}
    return {
        "asymptote": f"{made['peloton'].asymptote:.1f}",
        "escape": f"{made['breakaway'].escape:.1f}",
    }


def breaking() -> Group:
    """Boundaries in closed form: flywheel, jackpot, whiplash, pitchfork; the path of scarcity."""
    symbols = lb.theory.result("R19").derive().closed["prize"]
    values = {"N": 2, "lambda": 1.0, "rho": 0.2, "epsilon": 0.05, "r_1": 1.5, "r_2": 2.1}
    prize = float(symbols.subs({s: values[s.name] for s in symbols.free_symbols}))
    escape = float(np.prod(1 / (1 + 1.5 ** -np.arange(200.0))))
    swing = lb.whiplash(1.0, 1.0, growth=0.2, limit=2.0, years=1.0)
    path = lb.scarcity_path(RELIEF, [0, 4], [0.9, 0.2])
    dates = [f"{date:.1f}" for date, _ in path.changes]
    return {
        "prize": f"{prize:.1f}",
        "escape": f"{escape:.4f}",
        "hopf": f"{swing.boundary:.2f}",
        "period": f"{swing.onset_period:.1f}",
        "dates": dates,
        "becomes_race": f"{path.becomes_race:.1f}",
    }


def published() -> Group:
    """Published games, solved afresh, beside what was published."""
    rows = []
    for name, asked, digits in PRINTED:
        game = lb.load(name)
        solution = lb.solve(game, all=asked == "equilibria" or None)
        found = compared(solution, game.source.published)
        one = next(row for row in found if row.what == asked)
        assert one.agrees
        numbers = (f"{one.published:.{digits}f}", f"{one.computed:.{digits}f}")
        rows.append([name, *numbers])
    return {"rows": rows, **_models()}


def _models() -> Group:
    """Published models of which no number is in print, or none that was seen."""
    made: dict[str, Any] = {}
    advertised = lb.solve(lb.load("aghion-harris-howitt-vickers-2001")).equilibria[0]
    made["ahhv"] = f"{advertised.stationary[40]:.6f}"
    ladder_ = lb.solve(lb.load("pakes-mcguire-1994")).equilibria[0]
    made["pm"] = f"{ladder_.value[0].reshape(18, 18)[4, 4]:.5f}"
    learning = lb.load("besanko-doraszelski-kryukov-satterthwaite-2010")
    made["bdks"] = f"{lb.solve(learning).equilibria[0].policy['firm 1'][0].item():.6f}"
    return made


def results() -> Group:
    """Every result of the theory: statement, and whether its check passes."""
    rows = []
    for name in lb.theory.ids():
        one = lb.theory.result(name)
        check = one.check(0)
        row = {"id": name, "title": one.title, "tolerance": f"{one.tolerance:.0e}"}
        rows.append({**row, "samples": f"{check.samples:,}", "passed": bool(check.passed)})
    return {"rows": rows, "passed": sum(row["passed"] for row in rows), "all": len(rows)}


GROUPS: dict[str, Callable[[], Group]] = {
    made.__name__: made
    for made in (
        five,
        three,
        folds,
        coexist,
        ranked,
        clearing,
        planner,
        policy,
        mechanisms,
        ladders,
        window,
        leasing,
        league,
        elasticity,
        shapes,
        breaking,
        published,
        record,
        fits,
        results,
    )
}


def _shares(race: lb.Race) -> Array:
    """Shares of the first lab where it leads by 0, 1, ..., its rivals being level."""
    found = lb.solve(race).equilibria[0]
    order = np.flatnonzero(found.game.states[:, 0] == 0)
    return np.asarray(found.build[0, order[np.argsort(found.game.states[order, 1])]])


def _line(shares: Array) -> str:
    return ", ".join(f"{share:.3f}" for share in shares[:4])
