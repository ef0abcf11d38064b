"""What the verdict depends on, as a page and as plain data."""

from __future__ import annotations

import math
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from leaderbored.sweeps.sensitivity import (
    LATE,
    UNSOLVED,
    Moved,
    Side,
    VerdictSensitivity,
    beyond,
)
from leaderbored.views.numbers import number, rate
from leaderbored.views.sheet import Cells, blank, sheet

SHORT = {LATE: "not looked at", UNSOLVED: "no answer"}
LONGEST = 12  # rows of the table of what a tenth does


def sensitivity_page(found: VerdictSensitivity) -> RenderableType:
    """The headline, where each number turns the verdict, what a tenth does, borders of the theory.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> sensitivity_page(lb.sensitivity(race)) is not None
    True
    """
    parts: list[RenderableType] = []
    if found.base.verdict:
        parts.append(_turns(found))
    if found.swings:
        parts.append(_tenths(found))
    if found.borders:
        parts.append(_borders(found))
    parts.append(Text(about(found), style="dim"))
    return sheet("what the verdict depends on", found.headline, *parts)


def about(found: VerdictSensitivity) -> str:
    """What was looked at, and what was not."""
    left = [moved.place for moved in found.inputs if moved not in looked_at(found)]
    never = f" Not looked at: {', '.join(left)}." if left else ""
    how = "by kernels" if found.kernels else "one by one"
    late = (
        f" Time was up before everything was looked at: of {2 * len(found.inputs)} ways (each "
        f"number down and up) {found.late} were left early; more time gives more.{never}"
        if found.late
        else ""
    )
    return (
        f"Each number was changed by itself; {found.solved} races were solved {how}. Changes are "
        "relative to the number, or the change itself if the number is zero. A verdict that "
        "changes and changes back between two steps is missed. Where a race has several "
        f"equilibria, the verdict is that of the one found first, starting from idle compute.{late}"
    )


def _turns(found: VerdictSensitivity) -> Cells:
    table = blank(1)
    table.add_column("number")
    table.add_column("is", justify="right")
    table.add_column("below")
    table.add_column("above")
    table.add_column("smallest\nchange", justify="right")
    for moved in looked_at(found):
        sides = [side_words(side, moved.value) for side in (moved.down, moved.up)]
        table.add_row(named(moved), number(moved.value), *sides, change(moved))
    return table


def looked_at(found: VerdictSensitivity) -> list[Moved]:
    """Numbers that were moved at all before the time was up."""
    return [
        moved
        for moved in found.inputs
        if any(side.why != LATE or side.held != moved.value for side in (moved.down, moved.up))
    ]


def named(moved: Moved) -> str:
    """A number's place, and its unit where it has one."""
    return moved.place if moved.unit in ("", "1") else f"{moved.place}, {moved.unit}"


def change(moved: Moved) -> str:
    """The smallest change that turns the verdict, as a person writes it.

    Examples
    --------
    >>> change(Moved("x", "", 2.0, Side(1.0), Side(2.0, 2.5, "run")))
    '+25%'
    """
    side = moved.nearest
    if side is None or side.turns is None:
        return "-"
    if not moved.value:
        return f"{side.turns:+.2g}"
    part = (side.turns - moved.value) / abs(moved.value)
    return f"{part:+.1%}" if abs(part) < 0.0995 else f"{part:+.0%}"


def side_words(side: Side, value: float) -> str:
    """What happens one way from a value, in a few words.

    Examples
    --------
    >>> side_words(Side(1.0, 1.25, "run"), 0.5), side_words(Side(2.0), 0.5)
    ('run at 1.25', 'same to 2')
    >>> side_words(Side(1.0, 1.0047, "run"), 1.0)
    'run at 1.005'
    """
    if side.turns is not None:
        return f"{side.verdict} at {beyond(side.turns, value)}"
    held = f"same to {number(side.held)}" if side.held != value else ""
    more = SHORT.get(side.why, "")
    return "; then ".join(filter(None, (held, more))) or "-"


def _tenths(found: VerdictSensitivity) -> Cells:
    table = blank(1)
    table.add_column("a tenth less, a tenth more")
    for name in ("mean lead,\nless", "more", "changes\na year, less", "more"):
        table.add_column(name, justify="right")
    ordered = sorted(found.inputs, key=lambda moved: (-float(f"{moved.span:.4g}"), moved.place))
    for moved in [moved for moved in ordered if moved.span][:LONGEST]:
        leads, changes = moved.swing["mean_lead"], moved.swing["lead_changes"]
        table.add_row(named(moved), *map(number, leads), *map(rate, changes))
    return table


def _borders(found: VerdictSensitivity) -> Cells:
    table = blank(1)
    table.add_column("theory")
    table.add_column("number")
    table.add_column("at", justify="right")
    table.add_column("away", justify="right")
    table.add_column("what changes there")
    for border in found.borders:
        table.add_row(
            border.result,
            border.place or "-",
            number(border.at),
            f"{border.distance:+.3g}",
            border.what,
        )
    return table


def sensitivity_report(found: VerdictSensitivity) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=4)
    >>> sensitivity_report(lb.sensitivity(race))["verdict"]
    'run'
    """

    def side(of: Side) -> dict[str, Any]:
        return {"held_to": of.held, "turns_at": of.turns, "verdict": of.verdict, "why": of.why}

    return {
        "headline": found.headline,
        "verdict": found.base.verdict,
        "mean_lead": found.base.numbers.get("mean_lead"),
        "lead_changes": found.base.numbers.get("lead_changes"),
        "inputs": [
            {
                "place": moved.place,
                "unit": moved.unit,
                "value": moved.value,
                "smallest_change": moved.change if math.isfinite(moved.change) else None,
                "down": side(moved.down),
                "up": side(moved.up),
                "a_tenth_less_and_more": {name: list(of) for name, of in moved.swing.items()},
            }
            for moved in found.inputs
        ],
        "borders": [
            {
                "result": border.result,
                "place": border.place,
                "what": border.what,
                "at": border.at,
                "distance": border.distance,
            }
            for border in found.borders
        ],
        "solved": found.solved,
        "by_kernels": found.kernels,
        "sides_left_early": found.late,
    }
