"""Everything that is said of the record, in one run."""

from __future__ import annotations

from collections.abc import Iterator

from leaderbored.evidence.account import account
from leaderbored.evidence.backtest import backtest
from leaderbored.evidence.boards import SHIPPED, board
from leaderbored.evidence.family import Family, owners
from leaderbored.evidence.fit import fit
from leaderbored.evidence.forecast import forecast, leader_on, only, seen, standing
from leaderbored.evidence.predictions import predictions
from leaderbored.evidence.sensitivity import sensitivity
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import solve

OWNERS = ("Google", "Microsoft")  # the two that own most accelerators
NAMES = {"xAI": "SpaceX-xAI"}  # of labs in the race of five, by their names on boards


def everything(draws: int = 1000, seed: int = 0) -> Iterator[tuple[str, Shown]]:
    """Every result on the shipped boards, with a name for its files.

    Predictions and forecasts are of the five labs that are shipped, on the Epoch index.

    Examples
    --------
    >>> next(everything())[0]
    'record-arena'
    """
    for name in SHIPPED:
        yield f"record-{name}", account(name)
    yield "choices", sensitivity(min(draws, 400), seed)
    for name in SHIPPED:
        yield f"fit-{name}", fit(board(name), seed=seed)
        yield f"fit-clearing-{name}", fit(board(name), seed=seed, family=Family("clearing"))
        yield f"fit-owners-{name}", fit(board(name), seed=seed, family=owners(*OWNERS))
    race: Race = load(find("five-labs"))
    solution = solve(race)
    index = board("eci")
    rung = float(index.lead_at(index.weeks()).mean())
    scores = only(seen(index).renamed(NAMES), [lab.name for lab in race.labs])
    yield "predictions", predictions(solution, scores, rung, draws, seed)
    last = scores.last
    now, first = standing(scores, last, rung), leader_on(scores, last)
    yield "forecast", forecast(solution, now, leader=first if now[first] == 0 else None)
    yield "past-forecasts", backtest(solution, scores, rung, seed=seed)
