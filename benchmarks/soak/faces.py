"""A game file through the faces of the package: command line, JSON, page, figure, notebook."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time, sleep
from types import FrameType
from typing import Any

GRACE = 2.0  # seconds past the limit in which a command may still answer
PATIENCE = 60.0  # seconds past the limit after which it is cut off
LOOK = 0.05  # seconds in which a process is seen to be at rest
KNOWN = (0, 2, 3)  # exit codes: solved, bad input, no answer with a reason
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x9b]")


class OvertimeError(Exception):
    """Raised into a command that does not end."""


@dataclass(frozen=True)
class Told:
    """What a command said.

    Attributes
    ----------
    command : list of str
    code : int or None
        Exit code; None if it was cut off or fell over.
    out, err : str
    seconds : float
        Of computing, which the rest of the machine does not lengthen; compiling left out, as
        limits do.
    fall : str
        The error it fell over, empty if none.
    """

    command: list[str]
    code: int | None
    out: str
    err: str
    seconds: float
    fall: str = ""


def run(command: list[str], limit: float) -> Told:
    """Run a command of the package here and now."""
    from leaderbored.cli import main
    from leaderbored.solvers.budget import worked

    out, err, code, fall = _Text(), _Text(), None, ""
    _rest()
    began = worked()
    try:
        with (
            _cut_off(limit + PATIENCE),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = main(command)
    except OvertimeError:
        fall = f"no end in {limit + PATIENCE:.0f} seconds"
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else 1
    except BaseException as error:  # whatever falls is a finding
        where = traceback.extract_tb(error.__traceback__)[-1]
        fall = f"{type(error).__name__}: {error} ({Path(where.filename).name}:{where.lineno})"
    return Told(command, code, out.getvalue(), err.getvalue(), worked() - began, fall)


def run_apart(command: list[str], limit: float) -> Told:
    """Run a command in a process of its own."""
    began = monotonic()
    words = [sys.executable, "-m", "leaderbored.cli", *command]
    place = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONIOENCODING": "utf-8"}
    try:
        done = subprocess.run(
            words, capture_output=True, timeout=limit + 2 * PATIENCE, check=False, env=place
        )
    except subprocess.TimeoutExpired:
        return Told(command, None, "", "", monotonic() - began, "no end")
    out, err = done.stdout.decode(), done.stderr.decode()
    fall = err.strip().splitlines()[-1] if "Traceback (most recent" in err else ""
    return Told(command, done.returncode, out, err, 0.0, fall)


def _rest() -> None:
    """Wait for threads that the command before gave up, so that their work is not counted."""
    for _ in range(int(PATIENCE / LOOK)):
        before = process_time()
        sleep(LOOK)
        if process_time() - before < LOOK / 5:
            return


class _Text(io.StringIO):
    """Text that has a file's number where one is asked for."""

    def fileno(self) -> int:
        raise OSError("no file")


@contextlib.contextmanager
def _cut_off(seconds: float) -> Iterator[None]:
    """Raise :class:`OvertimeError` after so many seconds, and every second from then on."""

    def ring(number: int, frame: FrameType | None) -> None:
        raise OvertimeError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def misdeeds(told: Told, limit: float) -> Iterator[str]:
    """What is wrong with how a command ended, whatever it answered."""
    if told.fall:
        yield told.fall
        return
    if told.code not in KNOWN:
        last = told.err.strip().splitlines()[-1] if told.err.strip() else ""
        yield f"exit code {told.code}: {last}"
    if told.seconds > limit + GRACE:
        yield f"{told.seconds:.1f} seconds of {told.command[0]} with --limit {limit:g}"
    if told.code != 0 and not told.err.strip():
        yield f"exit code {told.code} without a word"
    if told.code == 2 and told.out:
        yield "bad input, yet something on stdout"
    if "Traceback" in told.err:
        yield "a traceback on stderr"
    if found := ESCAPES.search(told.out + told.err):
        yield f"a control character {found[0]!r} is printed"


def answer(told: Told) -> dict[str, Any] | None:
    """The JSON of a command; None if there is none.

    Raises
    ------
    ValueError
        If what is printed is no JSON, or has numbers that JSON does not know.
    """
    if not told.out.strip():
        return None

    def refuse(word: str) -> float:
        raise ValueError(f"{word} in JSON")

    found: dict[str, Any] = json.loads(told.out, parse_constant=refuse)
    return found


def page_misdeeds(page: str, answer: dict[str, Any], names: list[str]) -> Iterator[str]:
    """What is wrong with a page: the headline, and names as they are."""
    flat = " ".join(page.split())
    headline = " ".join(answer["headline"].split())
    claim = headline.removeprefix("At least ").lower()  # with more time the page may know of all
    if answer["equilibria"] and claim not in flat.lower():
        yield f"the page does not say {headline!r}"
    for word in ("nan", "-0.00", "None"):
        if re.search(rf"(?<![\w.]){re.escape(word)}(?![\w.])", flat) and word not in names:
            yield f"{word!r} on the page"
    if len(answer["equilibria"]) == 1:  # of several there is a table of equilibria alone
        for name in names:
            whole = " ".join(name.split())
            if len(whole) < 8 and whole not in flat:
                yield f"the name {name!r} is not on the page"


def figure_misdeeds(path: Path, drawn: bool) -> Iterator[str]:
    """What is wrong with a figure that was, or was not, to be drawn."""
    if drawn and not (path.exists() and path.stat().st_size > 500):
        yield "no figure"
    if path.suffix == ".svg" and path.exists() and "<a " in path.read_text("utf-8"):
        yield "a live link in the figure"
    for beside in (".caption.txt", ".data.csv"):
        if drawn and not path.with_suffix(beside).exists():
            yield f"no {beside[1:]} beside the figure"
        path.with_suffix(beside).unlink(missing_ok=True)


def notebook_misdeeds(path: Path, limit: float) -> Iterator[str]:
    """What is wrong with the answer as a notebook shows it."""
    import leaderbored as lb
    from leaderbored.games.formats.gamefile import load

    try:
        with _cut_off(limit + PATIENCE):
            page = lb.solve(load(path), limit=limit)._repr_html_()
    except OvertimeError:
        yield "no end of its page in a notebook"
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        yield f"in a notebook: {type(error).__name__}: {error} ({where.name})"
    else:
        if "<a " in page or "<script" in page:
            yield "a live link in a notebook"
