"""What a planner or a cartel would do, beside what labs do that decide apart: page and data."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from leaderbored.theory.shortage import first_best
from leaderbored.verdicts import NOUNS
from leaderbored.verdicts.board import board_of
from leaderbored.verdicts.planner import NOTHING, WORDS, Planner
from leaderbored.verdicts.profile import by_lead
from leaderbored.verdicts.welfare import Welfare, undefined, welfare
from leaderbored.views.data.race import alike_data, welfare_data
from leaderbored.views.numbers import PAGE, ROUNDING, left_out, number, percent, rate, some
from leaderbored.views.race import lumped
from leaderbored.views.sheet import Cells, columns, first_rows, sheet

CROWDED = 0.01  # share of time at the longest lead from which on it is said
ABOUT = {
    "welfare": "Aimed at: profits of all labs and customers' surplus together",
    "profits": "Aimed at: profits of all labs together",
}


def planner_page(found: Planner) -> RenderableType:
    """What is lost, what each comes to, and who builds when.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(planner_page(lb.planner(lb.solve(race))))
    >>> "of what a cartel would earn" in shown.get()
    True
    """
    about = [Text(" ".join(_notes(found)), style="dim")]
    if found.aim == "welfare" and (said := first_best(found.race)):
        about.insert(0, Text(said, style="dim"))
    name = found.race.name or "race"
    parts: list[RenderableType] = [
        _worth(found),
        first_rows(PAGE, partial(_builds, found)),
        *about,
    ]
    return sheet(f"{name}: {WORDS[found.aim]}", found.headline, *parts)


def _notes(found: Planner) -> list[str]:
    aim = f"{ABOUT[found.aim]}, discounted, from the tie on"
    why = undefined(found.race)
    notes = [f"{aim}; customers' surplus is not defined: {why}." if why else f"{aim}."]
    if found.kind:
        word = WORDS[found.aim].removeprefix("a ")
        notes.append(f"The {word}'s own play is {NOUNS[found.kind]}.")
    if found.advance:
        notes.append(f"Each advance of the frontier adds {found.advance:g} a year, for ever.")
    if found.at_cap > CROWDED:
        notes.append(
            f"It spends {percent(found.at_cap)} of the time at the longest lead, where laggards "
            "move up with the frontier: what it reaches may depend on rungs."
        )
    shares = zip(found.by_lead, found.met, strict=True)
    if any((np.isfinite(share) & ~met).any() for share, met in shares):
        notes.append("In brackets: where it spends no time; the mean over all these states.")
    notes += [*left_out(found.race.rungs), *lumped(found.game)]
    return [*notes, f"{found.status.message[:1].upper()}{found.status.message[1:]}."]


def _worth(found: Planner) -> Cells:
    """The planner and each equilibrium: worth from the tie, and its parts."""
    table = columns(
        "",
        "worth",
        "lost",
        "by\nsales",
        "by\nbuilding",
        "to labs",
        "to\ncustomers",
        "advances\na year",
        "served",
    )
    own = WORDS[found.aim].removeprefix("a ")
    table.add_row(own, number(found.value[0]), "", "", "", *_parts(found.welfare))
    solution = found.solution
    for k, gap in enumerate(found.gaps):
        assert solution is not None
        lost = (lost_share(x) for x in (gap.loss, gap.by_sales, gap.by_building))
        name = gap.kind or "equilibrium"
        table.add_row(name, number(gap.value), *lost, *_parts(welfare(solution, k)))
    return table


def lost_share(loss: float | None) -> str:
    """A part of a loss; what is rounding is none.

    Examples
    --------
    >>> lost_share(-1e-12), lost_share(0.1234), lost_share(None)
    ('0.0%', '12.3%', '-')
    """
    return percent(loss if loss is None or abs(loss) > NOTHING else 0.0)


def _parts(worth: Welfare) -> list[str]:
    parts = [float(part[0]) for part in (worth.present.profits, worth.present.surplus)]
    rounding = ROUNDING * float(np.nanmax(np.abs(parts)))
    values = (number(0.0 if abs(part) <= rounding else part) for part in parts)
    return [*values, rate(worth.advances), percent(worth.served)]


def _builds(found: Planner, most: int | None) -> Cells:
    """Shares that build at each lead, beside those of the first equilibrium."""
    beside = found.solution is not None and bool(found.solution.equilibria)
    own = WORDS[found.aim].removeprefix("a ")
    heads = ["lead", "time", f"leader builds\n{own}", f"others build\n{own}"]
    rows = [*found.by_lead]
    if beside:
        assert found.solution is not None
        heads += ["leader builds\nequilibrium", "others build\nequilibrium"]
        rows += [*by_lead(found.solution, found.solution.equilibria[0])]
    table = columns(*heads)
    for g in some(found.race.rungs, most):
        time = found.lead_distribution[g]
        own_shares = [
            (percent(row[g]), met[g]) for row, met in zip(rows[:2], found.met, strict=True)
        ]
        shown = [x if met or x == "-" else f"({x})" for x, met in own_shares]
        table.add_row(str(g), percent(time), *shown, *(percent(row[g]) for row in rows[2:]))
    return table


def planner_report(found: Planner) -> dict[str, Any]:
    """What a planner would do, as plain data; what ``planner --json`` prints."""
    names = [lab.name for lab in found.race.labs]
    return {
        "game": asdict(found.race),
        "headline": found.headline,
        "aim": found.aim,
        "advance": found.advance,
        "verdict": found.kind,
        "status": asdict(found.status),
        "regret": found.regret,
        "gaps": [asdict(gap) for gap in found.gaps],
        "welfare": welfare_data(found.welfare),
        "at_cap": found.at_cap,
        "lead_distribution": list(found.lead_distribution),
        "alike": alike_data(found.game),
        "states": board_of(found.race, found.game).states.tolist(),
        "build": dict(zip(names, found.build.tolist(), strict=True)),
        "sold": dict(zip(names, found.sold.tolist(), strict=True)),
        "value": found.value.tolist(),
    }
