"""What a check of a proof found, as a page and as data."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType

from leaderbored.solvers.checked import Checked
from leaderbored.views.sheet import columns, sheet

WORDS = {True: "holds", False: "fails", None: "not checked"}


def headline(found: Checked) -> str:
    """What came of it in a sentence.

    Examples
    --------
    >>> headline(Checked((("one", True, ""), ("another", None, "it takes long"))))
    'No claim fails, but not all were checked.'
    """
    if found.fails:
        return "A claim of this file fails."
    return (
        "All that this file claims holds."
        if found.whole
        else "No claim fails, but not all were checked."
    )


def checked_page(name: str, found: Checked) -> RenderableType:
    """The page of a check.

    Examples
    --------
    >>> from rich.console import Console
    >>> console = Console(width=60)
    >>> with console.capture() as shown:
    ...     console.print(checked_page("a.json", Checked((("one", True, "so"),))))
    >>> "All that this file claims holds." in shown.get()
    True
    """
    table = columns("claim", "")
    table.add_column("what was found")
    for claim, holds, why in found.claims:
        table.add_row(claim, WORDS[holds], why)
    return sheet(name, headline(found), table)


def checked_data(found: Checked) -> dict[str, Any]:
    """The same as plain data.

    Examples
    --------
    >>> checked_data(Checked((("one", True, "so"),)))
    {'claims': [{'claim': 'one', 'holds': True, 'reason': 'so'}]}
    """
    return {
        "claims": [
            {"claim": claim, "holds": holds, "reason": why} for claim, holds, why in found.claims
        ]
    }
