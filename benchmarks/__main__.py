"""Side by side in one run, the same work, the answers checked: ratios, as a page and a figure.

Run with: python -m benchmarks [--quick] [--out FOLDER]

It takes two minutes of one core, and writes results.md and results.png. Peers are those of
benchmarks/requirements.txt that are installed. Beside it there are ``python -m benchmarks.maps``
(maps by kernels and point by point), ``python -m benchmarks.soak`` and ``benchmarks.omissions``
(random games with a judge, proved lists with an equilibrium left out; no benchmarks) and, as tests
of pytest-benchmark, ``pytest benchmarks --benchmark-group-by=group``.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from time import perf_counter, process_time

from threadpoolctl import threadpool_limits

from benchmarks import races, statics
from benchmarks.contestants import Work, measure, timed

PACKAGES = ("numpy", "scipy", "numba", "quantecon", "nashpy", "pygambit", "nashopt", "sgamesolver")
HERE = Path(__file__).parent


@dataclass
class Curve:
    """Seconds of one piece of work against what it grows with, by name."""

    title: str
    axis: str
    lines: dict[str, list[tuple[int, float]]] = field(default_factory=lambda: defaultdict(list))


def works(quick: bool) -> list[Work]:
    """What is done side by side."""
    return [
        races.one_equilibrium(),
        races.prices_clear(),
        races.small_race((5,) if quick else (5, 9)),
        *(statics.all_equilibria(size) for size in ((4,) if quick else (4, 6))),
        *(statics.one_equilibrium(size) for size in ((10,) if quick else (10, 16))),
        *(statics.contests(labs) for labs in ((5,) if quick else (5, 10))),
    ]


def curves(quick: bool, told: Callable[[str], None]) -> Iterator[Curve]:
    """What the work costs as games and sweeps grow."""
    repeats = 1 if quick else 3
    states = Curve("Two labs: states", "states")
    for name, x, run, pieces in races.by_states((5, 10, 20, 40) if quick else (5, 10, 20, 40, 80)):
        states.lines[name].append((x, timed(run, repeats)[1] / pieces))
    told(states.title)
    yield states
    labs = Curve("Unequal labs, 4 rungs: labs", "labs")
    for name, x, run in races.by_labs((2, 3, 4) if quick else (2, 3, 4, 5)):
        labs.lines[name].append((x, timed(run, repeats)[1]))
    told(labs.title)
    yield labs
    batch = Curve("A sweep of two labs, 41 states: points", "points")
    for name, x, run in races.by_batch((1, 5, 30, 60) if quick else (1, 3, 10, 30, 100)):
        batch.lines[name].append((x, timed(run, 1)[1] / x))
    told(batch.title)
    yield batch


def main(words: list[str] | None = None) -> int:
    """Run all, and write the page and the figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller games, one run of each")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of results.md and .png")
    given = parser.parse_args(words)
    given.out.mkdir(parents=True, exist_ok=True)
    begun = perf_counter()

    def told(title: str) -> None:
        print(f"{perf_counter() - begun:6.1f} s  {title}", flush=True)

    measured = []
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # peers warn of what they do
        for work in works(given.quick):
            measured.append(measure(work, 1 if given.quick else 3))
            told(work.title)
        drawn = list(curves(given.quick, told))
    from benchmarks.report import figure, page

    text = page(measured, drawn, conditions(given.quick))
    (given.out / "results.md").write_text(text, encoding="utf-8")
    figure(measured, drawn).savefig(given.out / "results.png", dpi=160)
    print(text)
    print(f"written: {given.out / 'results.md'}, {given.out / 'results.png'}")
    return 0


def conditions(quick: bool) -> str:
    """Kind of machine, versions, date and command."""
    import leaderbored as lb

    versions = [f"Python {platform.python_version()}", f"leaderbored {lb.__version__}"]
    for name in PACKAGES:
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return (
        f"{date.today().isoformat()}, `python -m benchmarks{' --quick' * quick}`; {sys.platform} "
        f"on {platform.machine()}, {os.cpu_count()} processors at a load "
        f"of {os.getloadavg()[0]:.0f}; {process_time():.0f} s of CPU time in all; "
        f"{', '.join(versions)}."
    )


if __name__ == "__main__":
    sys.exit(main())
