"""Forecasts of who leads as a page and as plain data."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType
from rich.text import Text

from leaderbored.evidence.backtest import EVEN, Backtest
from leaderbored.evidence.forecast import Forecast
from leaderbored.text import percent
from leaderbored.views.numbers import number
from leaderbored.views.sheet import Cells, columns, sheet


def forecast_page(found: Forecast) -> RenderableType:
    """The headline, and chances of leading by lab and horizon.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> from leaderbored.evidence.forecast import forecast
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=3)
    >>> page = forecast_page(forecast(lb.solve(race), {"A": 0, "B": 2}))
    >>> with (console := Console(width=80)).capture() as shown:
    ...     console.print(page)
    >>> "leads, now" in shown.get()
    True
    """
    return sheet(found.name or "forecast", found.headline, _chances(found))


def _chances(found: Forecast) -> Cells:
    heads = [f"in {m:g}\nmonths" for m in found.months]
    table = columns("leads, now and later", "rungs\nbehind", *heads)
    for i, lab in enumerate(found.labs):
        table.add_row(
            lab, str(found.behind[i]), *(percent(float(p), 2) for p in found.chances[:, i])
        )
    return table


def backtest_page(found: Backtest) -> RenderableType:
    """Scores of past forecasts, of the race and of three that know nothing of it.

    Examples
    --------
    >>> import numpy as np
    >>> made = Backtest("x", np.array([3.0]), np.array([0]), ("the race",), *4 * [np.ones((1, 1))])
    >>> backtest_page(made) is not None
    True
    """
    parts: list[RenderableType] = []
    for title, scores in (("Brier", found.brier), ("minus log", found.log)):
        heads = [
            f"{m:g} months\n{n} forecasts" for m, n in zip(found.months, found.count, strict=True)
        ]
        table = columns(f"{title} score", *heads)
        for f, name in enumerate(found.forecasters):
            table.add_row(name, *(number(scores[m, f]) for m in range(len(found.months))))
        parts.append(table)
    about = (
        "Less is better. Forecasts four weeks apart overlap, so that a few spells decide; each is "
        f"mixed with {EVEN:.0%} of equal chances."
    )
    return sheet(f"past forecasts: {found.name}", _best(found), *parts, Text(about, style="dim"))


def _best(found: Backtest) -> str:
    """Who forecast best, by horizon; the sentences that are against the race first."""
    said = []
    for m, months in enumerate(found.months):
        if found.count[m]:
            best = int(found.brier[m].argmin())
            said.append((best == 0, f"{months:g} months", found.forecasters[best]))
    if not said:
        return "No past forecast has an outcome yet."
    lost = [f"over {span} {name!r} did better than the race" for won, span, name in said if not won]
    won = [span for good, span, _ in said if good]
    parts = [*lost, *([f"over {' and '.join(won)} the race did best"] if won else [])]
    return f"By Brier's score, {'; '.join(parts)}."


def forecast_report(found: Forecast, past: Backtest | None = None) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.evidence.forecast import forecast
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=3)
    >>> forecast_report(forecast(lb.solve(race), {"A": 0, "B": 2}))["behind"]
    {'A': 0, 'B': 2}
    """
    reign = found.reign
    return {
        "name": found.name,
        "headline": found.headline,
        "behind": dict(zip(found.labs, found.behind, strict=True)),
        "months": found.months.tolist(),
        "chances": {lab: found.chances[:, i].tolist() for i, lab in enumerate(found.labs)},
        "reign": reign
        and {"mean_years": reign.mean, "median_years": reign.median, "ever": reign.chance},
        "past": past
        and {
            "board": past.name,
            "forecasts": past.count.tolist(),
            "forecasters": list(past.forecasters),
            "brier": past.brier.tolist(),
            "log": past.log.tolist(),
            "said": past.said.tolist(),
            "came": past.came.tolist(),
        },
    }
