"""The answers of a sweep as a page, as rows and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from rich.console import RenderableType
from rich.text import Text

from leaderbored.sweeps.answers import paths_of
from leaderbored.views.data import Rows
from leaderbored.views.numbers import ROUNDING, number, percent
from leaderbored.views.sheet import columns, sheet

if TYPE_CHECKING:
    import xarray

TOGETHER = 20_000  # words that are in memory at a time


def sweep_page(found: xarray.Dataset) -> RenderableType:
    """How many points were solved, their verdicts, and ranges of what was found.

    Parameters
    ----------
    found : xarray.Dataset
        As :func:`leaderbored.sweep` returns it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> sweep_page(lb.sweep(race, {"market.scarcity": [0.6, 0.9]})) is not None
    True
    """
    status = _counts(found["status"])
    solved, points = status.pop("converged", 0), found["status"].size
    drawn = "design" in found.attrs
    grid = columns("number", "from", "to", "distribution" if drawn else "values")
    for path in paths_of(found):
        values = found[path].values
        how = found[path].attrs["law"] if drawn else str(len(values))
        grid.add_row(path, number(values.min()), number(values.max()), how)
    parts: list[RenderableType] = [grid]
    if "verdict" in found:
        table = columns("verdict", "points", "share")
        for kind, count in _counts(found["verdict"]).items():
            table.add_row(kind or "none", f"{count:,}", percent(count / points))
        parts.append(table)
    ranges = columns("answer", "least", "median", "most")
    for name in found.data_vars:
        column = found[name].values
        if column.dtype.kind == "f" and np.isfinite(column).any():
            known = column[np.isfinite(column)]
            row = (float(x) for x in (known.min(), np.median(known), known.max()))
            least = ROUNDING if name == "dissipation" else 0.0  # a difference of equal numbers
            ranges.add_row(str(name), *(number(x if abs(x) > least else 0.0) for x in row))
    parts.append(ranges)
    words = ", ".join(f"{count:,} {name}" for name, count in sorted(status.items()))
    headline = f"{solved:,} of {points:,} points were solved{': ' * bool(words)}{words}."
    how = (
        f"{found.attrs['by_kernels']:,} by kernels, {found.attrs['one_by_one']:,} one by one; "
        f"game {found.attrs['digest'] or 'without a fingerprint'}"
    )
    if drawn:
        how += f"; {found.attrs['design']} design, seed {found.attrs['seed_of_draws']}"
    return sheet(found.attrs["title"] or found.attrs["kind"], headline, *parts, Text(how, "dim"))


def _counts(words: xarray.DataArray) -> dict[str, int]:
    """How often each word comes, the most frequent first; a part of them in memory at a time."""
    found = Counter[str]()
    for part in _parts(words, words):
        for word, count in zip(*np.unique(part.values, return_counts=True), strict=True):
            found[str(word)] += int(count)
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def rows_of(found: xarray.Dataset) -> Any:
    """A row for each point: the numbers, then the answers; a column for each value.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> rows_of(lb.sweep(race, {"market.scarcity": [0.6, 0.9]})).columns[:4].tolist()
    ['market.scarcity', 'status', 'message', 'regret']
    """
    dims = list(map(str, found["status"].dims))
    axis = str(found["value"].dims[-1])
    flat = found.drop_vars(["value", axis]).to_dataframe(dim_order=dims).reset_index()
    first = [*dims, *(path for path in paths_of(found) if path not in dims)]
    flat = flat[[*first, *(name for name in flat.columns if name not in first)]]
    for name in found[axis].values.tolist():
        flat[f"value of {name}"] = found["value"].sel({axis: name}).values.ravel()
    return flat


def csv_of(found: xarray.Dataset) -> Iterator[bytes]:
    """These rows as lines with a head, in pieces of which one is in memory at a time.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> made = b"".join(csv_of(lb.sweep(race, {"market.scarcity": [0.6, 0.9]})))
    >>> [line[:14] for line in made.decode().splitlines()]
    ['market.scarcit', '0.6,converged,', '0.9,converged,']
    """
    for k, part in enumerate(_parts(found, found["status"])):
        yield rows_of(part).to_csv(index=False, header=not k, lineterminator="\n").encode()


T = TypeVar("T", "xarray.Dataset", "xarray.DataArray")


def _parts(whole: T, like: xarray.DataArray) -> Iterator[T]:
    """The same cut along the first dimension of answers, a part in memory at a time."""
    first, length = like.dims[0], max(1, TOGETHER * len(like) // max(like.size, 1))
    for k in range(0, len(like), length):
        yield whole.isel({first: slice(k, k + length)})


def sweep_report(found: xarray.Dataset) -> dict[str, Any]:
    """It as plain data: the grid, and each answer as a nested list, made a part at a time.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> list(sweep_report(lb.sweep(race, {"market.scarcity": [0.6, 0.9]}))["answers"]["verdict"])
    ['run', 'run']
    """
    return {
        **found.attrs,
        "over": {path: found[path].values.tolist() for path in paths_of(found)},
        "names": found[found["value"].dims[-1]].values.tolist(),
        "answers": {str(name): Rows(partial(_listed, found[name])) for name in found.data_vars},
    }


def _listed(answer: xarray.DataArray) -> Iterator[Any]:
    for part in _parts(answer, answer):
        yield from part.values.tolist()
