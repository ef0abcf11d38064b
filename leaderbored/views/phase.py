"""A map of a race, as a page and as plain data."""

from __future__ import annotations

from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from leaderbored.games.places import in_words
from leaderbored.sweeps.phase import Phase
from leaderbored.text import at_most
from leaderbored.views.data import plainly
from leaderbored.views.numbers import STABLE, number, percent
from leaderbored.views.sheet import columns, sheet


def phase_page(found: Phase) -> RenderableType:
    """Shares of verdicts, and regions in which several equilibria coexist.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> over = {"market.scarcity": [0.5, 0.9], "technology.handicap": [0.0, 0.1]}
    >>> phase_page(lb.phase(race, over)) is not None
    True
    """
    table = columns("verdict", "points", "share")
    words = {None: "no verdict", "?": "none found"}
    named = np.array([words.get(kind, kind) for kind in found.kinds.ravel()], dtype=str)
    kinds, counts = np.unique(named, return_counts=True)
    for k in np.lexsort((kinds, -counts)):
        table.add_row(str(kinds[k]), f"{counts[k]:,}", percent(counts[k] / len(named)))
    parts: list[RenderableType] = [table]
    if found.regions:
        short = [in_words(path) for path in found.paths]
        heads = ("several at", *short, "looked at", "value at the tie", "verdict", "stable")
        regions = columns(*heads, *(["by --all"] if _searched(found) else []))
        for region in found.regions:
            for k, (value, kind, stable) in enumerate(
                zip(region.values, region.verdicts, region.stable, strict=True)
            ):
                place = (
                    f"{region.points:,} points",
                    *(f"{number(low)} to {number(high)}" for low, high in (region.x, region.y)),
                    ", ".join(map(number, region.at)),
                )
                row = [*(place if k == 0 else ("",) * len(place))]
                row += [number(value), kind or "no verdict", STABLE[stable]]
                if _searched(found):
                    row.append("" if k or region.searched is None else str(region.searched))
                regions.add_row(*row)
        parts.append(regions)
    how = "no equilibrium was found"
    if np.isfinite(found.regret):
        how = f"largest regret {at_most(found.regret)}; that there are no others is not proved"
    return sheet(found.title, found.headline, *parts, Text(how, "dim"))


def _searched(found: Phase) -> bool:
    return any(region.searched is not None for region in found.regions)


def phase_report(found: Phase) -> dict[str, Any]:
    """It as plain data.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> over = {"market.scarcity": [0.5, 0.9], "technology.handicap": [0.0, 0.1]}
    >>> phase_report(lb.phase(race, over))["counts"]
    [[1, 1], [1, 1]]
    """
    regions = [vars(region) for region in found.regions]
    report: dict[str, Any] = plainly(
        {"headline": found.headline, **vars(found), "regions": regions}
    )
    return report
