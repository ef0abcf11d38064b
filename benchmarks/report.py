"""What was measured as a page and as a figure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from benchmarks.contestants import Measured
from leaderbored.figures.style import COLOURS, Picture, style

if TYPE_CHECKING:
    from benchmarks.__main__ import Curve

PLACES = ((-1, 1), (-1, -1), (0, 2))  # where lines are named: at which point, above or below
OURS, OTHERS = COLOURS[0], "0.65"
HEAD = """# Benchmarks

Side by side in one run: the same work, the answers checked, one thread each. Times are CPU seconds
of one piece of work after a first run that compiles, the least of a few runs; ratios are to the
first line of each table. What libraries return differs: leaderbored adds to every answer its
regret, and more where a line says so; the others here return the answer alone.

"""


def span(seconds: float) -> str:
    """A time with the unit that suits it."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def ratio(value: float) -> str:
    """A ratio to two digits."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def page(measured: list[Measured], curves: list[Curve], conditions: str) -> str:
    """Tables in Markdown."""
    parts = [HEAD + conditions + "\n"]
    for work in measured:
        first = work.results[0].seconds
        lines = [
            f"## {work.title}\n",
            "| who | CPU time | times as long | answer |",
            "| --- | ---: | ---: | --- |",
        ]
        lines += [
            f"| {each.name} | {span(each.seconds)} | {ratio(each.seconds / first)} | {each.said} |"
            for each in work.results
        ]
        if work.absent:
            lines.append(f"\nLeft out: {', '.join(work.absent)}.")
        parts.append("\n".join(lines) + "\n")
    parts.append("## What it costs as it grows\n\nCPU time of one game.\n")
    for curve in curves:
        xs = sorted({x for line in curve.lines.values() for x, _ in line})
        lines = [f"| {curve.title} | " + " | ".join(f"{x:,}" for x in xs) + " |"]
        lines.append("| --- |" + " ---: |" * len(xs))
        for name, line in curve.lines.items():
            known = dict(line)
            lines.append(f"| {name} | " + " | ".join(span(known[x]) for x in xs) + " |")
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def figure(measured: list[Measured], curves: list[Curve]) -> Figure:
    """Bars of times, ours dark, and lines of what games cost as they grow."""
    with style():
        drawn = Picture(figsize=(11.0, 6.6))
        grid = drawn.subplots(2, 3)
        for axes, work in zip(grid[0], chosen(measured), strict=True):
            bars(axes, work)
        for axes, curve in zip(grid[1], curves, strict=True):
            lines(axes, curve)
    return drawn


def chosen(measured: list[Measured]) -> list[Measured]:
    """The race, the largest game of which all equilibria were asked, and the largest contest."""
    last = {work.title.split()[0]: work for work in measured[1:]}
    return [measured[0], last["All"], last["Contest"]]


def bars(axes: Axes, work: Measured) -> None:
    """A bar each, on a logarithmic scale, with its time."""
    for k, each in enumerate(work.results):
        mine = each.name.startswith("leaderbored")
        axes.barh(k, each.seconds, color=OURS if mine else OTHERS, height=0.35)
        axes.text(
            0.0, k - 0.3, each.name, transform=axes.get_yaxis_transform(), va="bottom", fontsize=7.5
        )
        axes.annotate(
            span(each.seconds), (each.seconds, k), (3, 0), textcoords="offset points", va="center"
        )
    times = [each.seconds for each in work.results]
    axes.set(xscale="log", xlim=(min(times) / 3, max(times) * 8), title=work.title, yticks=[])
    axes.set(ylim=(len(times) - 0.5, -0.7), xlabel="CPU seconds")


def lines(axes: Axes, curve: Curve) -> None:
    """A line for each way, named beside it if there are several."""
    named = []
    for (name, line), colour in zip(curve.lines.items(), COLOURS, strict=False):
        x, y = (np.array(part) for part in zip(*line, strict=True))
        axes.plot(x, y, marker="o", markersize=3, color=colour)
        named.append((name, x, y, colour))
    axes.set(yscale="log", title=curve.title, xlabel=curve.axis, ylabel="CPU seconds a game")
    if curve.axis != "labs":
        axes.set_xscale("log")
    if curve.axis != "points":
        ticks = sorted({x for line in curve.lines.values() for x, _ in line})
        axes.set_xticks(ticks, [f"{x}" for x in ticks])
        axes.xaxis.set_minor_locator(NullLocator())
    if len(named) > 1:
        low, high = axes.get_ylim()
        axes.set_ylim(low, high * 2)
        for (name, x, y, colour), (where, side) in zip(named, PLACES, strict=False):
            axes.annotate(
                name,
                (x[where], y[where]),
                (0, 6 * side),
                textcoords="offset points",
                color=colour,
                ha="right" if where else "left",
                va="bottom" if side > 0 else "top",
            )
