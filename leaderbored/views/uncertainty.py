"""What an answer depends on, as a page and as plain data."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from leaderbored.sweeps.uncertainty import VERDICT, Influence, Uncertainty
from leaderbored.text import percent
from leaderbored.views.data import plainly
from leaderbored.views.numbers import number
from leaderbored.views.sheet import columns, sheet

ANSWERS = 3  # that have a table of their own


def uncertainty_page(found: Uncertainty) -> RenderableType:
    """Shares of verdicts, what is thought of each number, and what each does.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 0], [0, 1]]] * 2)
    >>> uncertainty_page(lb.uncertainty(game, {"payoffs.0.0.0": (1, 2)}, draws=30)) is not None
    True
    """
    shares = columns("outcome", "share of draws", "standard error")
    for one in found.shares:
        error = "-" if np.isnan(one.error) else f"{100 * one.error:.1f} points"
        shares.add_row(one.outcome, percent(one.share, 2), error)
    laws = columns("number", "distribution")
    for path, law in found.laws.items():
        laws.add_row(path, law)
    names = list(dict.fromkeys(one.answer for one in found.influences))
    tables = [
        _influences(found, name, [one for one in found.influences if one.answer == name])
        for name in names[:ANSWERS]
    ]
    how = f"{found.draws:,} draws, {found.design} design, seed {found.seed}"
    indexed = any(not np.isnan(one.total) for one in found.influences)
    about = (
        "First: the share of the variance that would go if the number alone were known. Total: the "
        "share that would be left if all others were. Each with its standard error."
    )
    notes = [Text(about, "dim")] if indexed else []
    return sheet(found.title, found.headline, shares, laws, *tables, *notes, Text(how, "dim"))


def _influences(found: Uncertainty, answer: str, rows: list[Influence]) -> RenderableType:
    """What each number does to an answer."""
    most = found.shares[0].outcome
    what = f"share of {most}" if answer == VERDICT else answer
    table = columns(
        f"the {answer} depends on", "first", "total", f"{what}:\nlowest fifth", "highest"
    )
    show = partial(percent, digits=2) if answer == VERDICT else number
    for one in rows:
        table.add_row(
            ", ".join(one.numbers),
            _with_error(one.first, one.first_error),
            _with_error(one.total, one.total_error),
            *("-" if np.isnan(end) else show(end) for end in (one.low, one.high)),
        )
    return table


def _with_error(index: float, error: float) -> str:
    return "-" if np.isnan(index) else f"{index:.2f} ± {error:.2f}"


def uncertainty_report(found: Uncertainty) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 0], [0, 1]]] * 2)
    >>> report = uncertainty_report(lb.uncertainty(game, {"payoffs.0.0.0": (1, 2)}, draws=30))
    >>> report["draws"], report["shares"][0]["share"]
    (30, 1.0)
    """
    shares = [vars(one) for one in found.shares]
    influences = [vars(one) for one in found.influences]
    words = ("mean", "error", "low", "high")
    means = {name: dict(zip(words, row, strict=True)) for name, row in found.means.items()}
    data = {**vars(found), "shares": shares, "influences": influences, "means": means}
    report: dict[str, Any] = plainly({"headline": found.headline, **data})
    return report
