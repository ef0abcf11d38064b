"""The theory in the terminal: checks and derivations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.theory import result
from leaderbored.theory.records import Check, Result
from leaderbored.theory.typeset import as_text
from leaderbored.views.sheet import blank

SHORT = 60  # characters of a closed form in the table


def check_report(found: Sequence[Check]) -> dict[str, Any]:
    """One JSON-ready object: what ``reproduce --json`` prints.

    Examples
    --------
    >>> check_report([Check("R7", True, 1e-10, 1e-6, 4, 1.0)])["results"][0]["samples"]
    4
    """
    keys = ("id", "passed", "discrepancy", "samples", "seconds")
    rows = []
    for check in found:
        row = {key: asdict(check)[key] for key in keys}
        row["statement"] = result(check.id).statement
        row["discrepancy"] = row["discrepancy"] if row["discrepancy"] < float("inf") else None
        row["seconds"] = round(row["seconds"], 3)
        rows.append(
            {
                key: row[key]
                for key in ("id", "statement", "passed", "discrepancy", "samples", "seconds")
            }
        )
    return {"results": rows}


def check_page(found: Sequence[Check]) -> RenderableType:
    """A table, one row for each result.

    Examples
    --------
    >>> from rich.console import Console
    >>> console = Console(width=120)
    >>> with console.capture() as shown:
    ...     console.print(check_page([Check("R7", True, 1e-10, 1e-6, 4, 1.0)]))
    >>> "1 of 1 results pass" in shown.get()
    True
    """
    table = blank(1, expand=True)
    table.add_column("id", no_wrap=True)
    table.add_column("statement and closed form", ratio=1)
    for name in ("samples", "discrepancy", "", "s"):
        table.add_column(name, justify="right", no_wrap=True)
    for check in found:
        one = result(check.id)
        verdict = Text("pass", style="green") if check.passed else Text("FAIL", style="bold red")
        said = Text.assemble(one.statement, "\n", (_short(one), "dim"))
        table.add_row(
            check.id,
            said,
            f"{check.samples:,}",
            f"{check.discrepancy:.0e}",
            verdict,
            f"{check.seconds:.1f}",
        )
    passed = sum(check.passed for check in found)
    seconds = sum(check.seconds for check in found)
    end = Text(
        f"{passed} of {len(found)} results pass, {seconds:.0f} s; discrepancy: the largest "
        "difference from the numerical solvers, relative",
        style="dim",
    )
    return Padding(Group(table, Text(), end), (1, 2))


def one_check_report(check: Check) -> dict[str, Any]:
    """One JSON-ready object, of one result."""
    return check_report([check])


def one_check_page(check: Check) -> RenderableType:
    """A single check as a table."""
    return check_page([check])


def result_page(one: Result) -> RenderableType:
    """The derivation of a result."""
    return Padding(Text(as_text(one.id)), (1, 2))


def _short(one: Result) -> str:
    forms = [f"{name} = {form}" for name, form in one.derive().closed.items()]
    form = min(forms, key=len)
    return form if len(form) <= SHORT else form[: SHORT - 1] + "…"
