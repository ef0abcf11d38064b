"""Who is timed: ways to do one piece of work, each with an answer that is checked.

A contestant is timed in CPU seconds of this process, all threads added, after a run that compiles
and warms up; the least of a few runs counts. What is compared is therefore work, whatever else the
machine does and however many cores it has.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from time import process_time
from typing import Any

ENOUGH = 2.0  # CPU seconds after which a run is not repeated


@dataclass(frozen=True)
class Contestant:
    """One way to do the work.

    Attributes
    ----------
    name : str
    run : callable
        Does the work and returns the answer.
    peer : str
        The package that it needs, beside leaderbored.
    pieces : int
        How many times the work is done in one run.
    """

    name: str
    run: Callable[[], Any]
    peer: str = ""
    pieces: int = 1


@dataclass(frozen=True)
class Work:
    """A piece of work, those who do it, the first being the measure, and how answers are checked.

    Attributes
    ----------
    title : str
    contestants : sequence of Contestant
    check : callable
        From an answer and the first contestant's to a few words, as "same 12 of 12".
    """

    title: str
    contestants: Sequence[Contestant]
    check: Callable[[Any, Any], str]


@dataclass(frozen=True)
class Result:
    """What was measured: CPU seconds of one piece, and what the check said."""

    name: str
    seconds: float
    said: str


@dataclass
class Measured:
    """The results of a piece of work, and the names of those who were left out."""

    title: str
    results: list[Result] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)


def there(package: str) -> bool:
    """Whether a peer can be imported."""
    try:
        importlib.import_module(package)
    except ImportError:
        return False
    return True


def timed(run: Callable[[], Any], repeats: int) -> tuple[Any, float]:
    """An answer, and the least CPU seconds that it took after a first run."""
    answer, best, spent = run(), float("inf"), 0.0
    for _ in range(repeats):
        begun = process_time()
        answer = run()
        seconds = process_time() - begun
        best, spent = min(best, seconds), spent + seconds
        if spent > ENOUGH:
            break
    return answer, best


def measure(work: Work, repeats: int) -> Measured:
    """Time all who are there."""
    found, reference = Measured(work.title), None
    for each in work.contestants:
        if each.peer and not there(each.peer):
            found.absent.append(f"{each.name} ({each.peer} is not installed)")
            continue
        answer, seconds = timed(each.run, repeats)
        reference = answer if reference is None else reference
        found.results.append(
            Result(each.name, seconds / each.pieces, work.check(answer, reference))
        )
    return found
