"""Scenarios side by side, as a page and as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from leaderbored.sweeps.compare import Comparison, Row, all_alike
from leaderbored.text import at_most
from leaderbored.views.data import solution_report
from leaderbored.views.numbers import number, rate, years
from leaderbored.views.sheet import Cells, and_more, blank, first_rows, sheet

MOST = 40  # rows of a table
TINY = 1e-6


def compare_page(found: Comparison) -> RenderableType:
    """Each scenario in a sentence, what differs in the input, and what in the answer.

    Examples
    --------
    >>> import leaderbored as lb
    >>> games = {name: lb.NormalForm([[1, top]], name=name) for name, top in (("a", 2), ("b", 3))}
    >>> compare_page(lb.compare(games)) is not None
    True
    """
    lines = [
        Text(f"{name}: {headline}")
        for name, headline in zip(found.names, headlines(found), strict=True)
    ]
    parts: list[RenderableType] = [Group(*lines)]
    if found.inputs:
        parts += _table("input", found.names, found.inputs)
    parts += _table("answer", found.names, told(found))
    parts.append(Text(about(found), style="dim"))
    return sheet("comparison", found.headline, *parts)


def headlines(found: Comparison) -> list[str]:
    """The answer of each scenario in a sentence."""
    return [str(solution_report(solution)["headline"]) for solution in found.solutions]


def told(found: Comparison) -> tuple[Row, ...]:
    """Answers of the table: those that differ, and how well each is solved."""
    kept = {row.what for row in found.differing} | {"verdict", "regret"}
    return tuple(row for row in found.answers if row.what in kept)


def about(found: Comparison) -> str:
    """What is not in the tables."""
    there = {row.what for row in told(found)}
    same = [f"{row.what} ({shown(row, 0)})" for row in found.alike if row.what not in there]
    said = f"The same in all: {', '.join(same)}. " if same else ""
    several = "Compared is the first equilibrium of each."
    searches = [solution.census.message for solution in found.solutions]
    if all_alike(searches):
        return f"{said}{several} Search in each: {searches[0]}."
    searched = "; ".join(
        f"{name}: {search}" for name, search in zip(found.names, searches, strict=True)
    )
    return f"{said}{several} Search: {searched}."


def _table(what: str, names: Sequence[str], rows: Sequence[Row]) -> list[RenderableType]:
    return [first_rows(MOST, partial(_cells, what, names, rows)), *and_more(len(rows), MOST)]


def _cells(what: str, names: Sequence[str], rows: Sequence[Row], most: int | None) -> Cells:
    table = blank(1)
    table.add_column(what)
    for name in names:
        table.add_column(name, justify="right")
    for row in rows[:most]:
        table.add_row(named(row), *(shown(row, k) for k in range(len(names))))
    return table


def named(row: Row) -> str:
    """What a row is of, and its unit where it has one.

    Examples
    --------
    >>> named(Row("discount", "1/year", (0.1, 0.2)))
    'discount, 1/year'
    """
    return row.what if row.unit in ("", "1") else f"{row.what}, {row.unit}"


def shown(row: Row, k: int) -> str:
    """What a row says of a scenario, as a person writes it.

    Examples
    --------
    >>> shown(Row("lead changes", "1/year", (0.0001,)), 0)
    'under 0.001'
    >>> shown(Row("advances", "1/year", (3e-35,)), 0)
    'under 0.001'
    """
    value = row.values[k]
    if value is None or value == "":
        return "-"
    if not isinstance(value, float):
        return str(value)
    if row.what == "regret":
        return at_most(value)
    if row.what in ("lead changes", "advances"):
        return rate(value)
    if 0 < abs(value) < TINY:
        return f"{value:.0e}"
    return years(value) if row.unit == "years" else number(value)


def compare_report(found: Comparison) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> import leaderbored as lb
    >>> games = {"a": lb.NormalForm([[1, 2]]), "b": lb.NormalForm([[1, 3]])}
    >>> compare_report(lb.compare(games))["names"]
    ['a', 'b']
    """

    def rows(given: Sequence[Row]) -> list[dict[str, Any]]:
        return [
            {
                "what": row.what,
                "unit": row.unit,
                "values": dict(zip(found.names, row.values, strict=True)),
                "differs": row.differs,
            }
            for row in given
        ]

    return {
        "headline": found.headline,
        "names": list(found.names),
        "headlines": dict(zip(found.names, headlines(found), strict=True)),
        "inputs": rows(found.inputs),
        "answers": rows(found.answers),
    }
