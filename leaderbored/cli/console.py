"""What the commands share: saying, drawing and writing, limits and interruptions, exit codes.

An answer is never lost: it is said before anything is written, whatever fails on the way is noted
and said after it, and outputs that end early or know few characters are met as they are.
"""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeVar

from leaderbored.cli.alarm import AGAIN, GRACE, LONGEST, early, importing, left
from leaderbored.text import plain, spell

if TYPE_CHECKING:
    from types import FrameType

    from matplotlib.figure import Figure

    from leaderbored.cli.output import Output
    from leaderbored.solvers.budget import Progress
    from leaderbored.solvers.solution import Status

OK, FAILED, BAD_INPUT, NOT_CONVERGED, INTERRUPTED = 0, 1, 2, 3, 130
COUNTED = ("sweep", "basins of attraction", "results", "figures", "games")  # of known size
COMPILING = "compiling"  # in phases that wait for kernels to be compiled
FIRST = "compiling kernels first: up to half a minute, once on a machine, and beyond any limit"
NEAR = 1e-3  # distance to the best replies at which the progress bar is full
REPORT = "Please report this, with the game file and the command."

T = TypeVar("T")


# --- saying


def say(text: str | Iterable[str]) -> bool:
    """Print a text, or its pieces, as the answer; whether it could be said.

    A reader who has seen enough, as ``head`` has, is no mistake; a full disk is.
    """
    out = sys.stdout
    if out is None:
        return True
    try:
        for piece in [text] if isinstance(text, str) else text:
            out.write(spell(piece, getattr(out, "encoding", None) or "utf-8"))
        out.write("\n")
        out.flush()
    except BrokenPipeError:
        _mute(out)
    except OSError as error:
        _mute(out)
        complain(f"the answer could not be printed: {error.strerror}")
        return False
    return True


def done(text: str) -> int:
    """Say what is all that there is to say; the exit code."""
    return OK if say(text) else FAILED


def complain(text: str) -> None:
    """Print a text to the standard error."""
    out = sys.stderr
    if out is None:
        return
    try:
        out.write(spell(text, getattr(out, "encoding", None) or "utf-8") + "\n")
        out.flush()
    except OSError:
        _mute(out)


def _mute(out: Any) -> None:
    """Let what is still to be said to a closed output vanish."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
    except (OSError, ValueError):
        return


def say_page(page: Any) -> bool:
    """Print a page; tables are as wide as they are where nobody watches."""
    from rich.console import Console

    shown = _Shown()
    Console(file=shown, highlight=False, markup=False, emoji=False).print(page)
    return say(shown.getvalue().removesuffix("\n"))


class _Shown(StringIO):
    """What a page looks like on the standard output, which is not written to meanwhile."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return getattr(sys.stdout, "encoding", None) or "utf-8"

    def isatty(self) -> bool:
        return sys.stdout is not None and sys.stdout.isatty()


def say_json(data: dict[str, Any]) -> bool:
    """Print one JSON object; numbers that are not finite are null."""
    utf = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "") == "utf8"
    from leaderbored.views.data import written

    return say(written(data, plain_letters=not utf))


def fault(what: str, error: BaseException) -> str:
    """One sentence on what should not have happened, and where to report it."""
    if isinstance(error, MemoryError):
        return f"{what}: more memory is needed than there is; a smaller game may fit"
    reason = plain(str(error).partition("\n")[0])[:200]
    return f"{what} broke off: {type(error).__name__}{': ' * bool(reason)}{reason}. {REPORT}"


# --- work that can be stopped


class Work:
    """A computation at the terminal, its limit, its progress bar, and what went wrong by the way.

    The time is up ``limit`` seconds after the command began, when the user presses Ctrl-C or when
    the program is told to terminate. The work is asked to stop, by itself at first, where it looks
    at its budget; a second later by a :class:`leaderbored.solvers.budget.StoppedError` wherever it
    is; at a second Ctrl-C at once.
    """

    def __init__(self, limit: float | None = None) -> None:
        self.limit = None if limit is None or limit > LONGEST else limit
        self.signal, self.failed = 0, False
        self.caught = False  # whether an alarm would be
        self.notes: list[str] = []
        self.bar = Bar()

    def __enter__(self) -> Work:
        from leaderbored.solvers.budget import now

        self.clock = now
        rest = math.inf if self.limit is None else left(self.limit)
        self.end = now() + rest
        self.before: list[tuple[int, Any]] = []
        self.hook, sys.unraisablehook = sys.unraisablehook, self._unraisable
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self.before.append((number, signal.signal(number, self._interrupt)))
            if hasattr(signal, "setitimer"):
                self.before.append((signal.SIGALRM, signal.signal(signal.SIGALRM, self._alarm)))
                if self.limit is not None:
                    signal.setitimer(signal.ITIMER_REAL, rest + GRACE, AGAIN)
        return self

    def __exit__(self, *_: object) -> None:
        if hasattr(signal, "setitimer") and self.before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self.before:
            signal.signal(number, handler)
        self.before = []
        sys.unraisablehook = self.hook
        self.bar.stop()

    def _interrupt(self, number: int, _: object) -> None:
        if self.signal:  # the second time is meant
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
        self.signal = number
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, GRACE, AGAIN)

    def _alarm(self, _: int, frame: FrameType | None) -> None:
        """Stop what runs; not within an import, half of which would stay. It rings again."""
        from leaderbored.solvers.budget import StoppedError

        waits = not self.signal and early(self.end)
        if self.caught and not waits and not importing(frame):
            raise StoppedError

    def _unraisable(self, raised: Any) -> None:
        """Pass over an alarm where nothing can be raised, as in a finalizer: it rings again."""
        from leaderbored.solvers.budget import StoppedError

        if not isinstance(raised.exc_value, StoppedError):
            self.hook(raised)

    def stop(self) -> bool:
        """Whether the time is up."""
        return self.signal != 0 or self.clock() >= self.end

    @property
    def progress(self) -> Progress:
        """What to call with (phase, round, distance)."""
        return self.bar.show

    def within(self, make: Callable[[], T]) -> T | None:
        """What is made while there is time, or None."""
        from leaderbored.solvers.budget import StoppedError

        try:
            self.caught = True
            return make()
        except StoppedError:
            return None
        finally:
            self.caught = False

    def attempt(self, what: str, make: Callable[[], T]) -> T | None:
        """Something that the answer can do without; what kept it away is noted."""
        from leaderbored.games.record import RefusedError
        from leaderbored.solvers.budget import Budget, StoppedError

        late = f"{what}: not computed, the time was up"
        try:
            self.caught = True
            with Budget(self.stop).running():
                return make()
        except StoppedError:
            self.notes.append(late)
        except RefusedError as error:
            self.notes.append(f"{what}: not computed, {error}")
        except Exception as error:
            if self.stop():  # parts of it came back without an answer
                self.notes.append(late)
                return None
            if sys.flags.dev_mode:
                raise
            self.notes.append(fault(what, error))
            self.failed = True
        finally:
            self.caught = False
        return None

    def draw(self, to: Output, make: Callable[[], Figure] | None) -> None:
        """Draw a figure to a file, once the answer has been said; what it shows beside it."""
        figure = to.figure
        if figure is None:
            return
        if make is None:
            self.notes.append(f"{figure}: no figure was drawn, as there is no answer to draw")
            return
        from leaderbored.figures.files import save_all
        from leaderbored.figures.look import looking

        try:
            with looking(to.look):
                save_all(make(), figure)
        except OSError as error:
            self.notes.append(f"{figure}: not written: {error.strerror or error}")
            self.failed = True
        except Exception as error:
            if sys.flags.dev_mode:
                raise
            self.notes.append(fault(f"the figure {figure}", error))
            self.failed = True

    def finish(self, said: bool, status: Status | None = None) -> int:
        """Say what went wrong; the exit code."""
        code = OK if status is None else code_of(status)
        for note in self.notes:
            complain(plain(note))
        if self.signal:
            return 128 + self.signal
        return code or (FAILED if self.failed or not said else OK)


def code_of(status: Status) -> int:
    """Exit code; what went wrong goes to stderr."""
    if status.ok:
        return OK
    complain(f"{status.code}: {status.message}")
    complain(f"advice: {status.advice}")
    return NOT_CONVERGED


@contextmanager
def terminable() -> Iterator[None]:
    """While it lasts, a signal to terminate ends the work and its workers, and leaves no draft."""

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_IGN)
        raise SystemExit(128 + number)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before: list[tuple[int, Any]] = []
    if threading.current_thread() is threading.main_thread():
        before = [
            (n, signal.signal(n, end)) for n in numbers if signal.getsignal(n) is signal.SIG_DFL
        ]
    try:
        yield
    finally:
        for number, _ in before:
            signal.signal(number, signal.SIG_DFL)


class Bar:
    """A progress bar on stderr, for work of more than a second at a terminal.

    Where the size of the work is known the bar shows how much of it is done, and about how long
    the rest takes. Rounds of replies have no known number: there it shows how close the shares are
    to their best replies, on a logarithmic scale.
    """

    def __init__(self) -> None:
        from time import monotonic

        self.began, self.clock = monotonic(), monotonic
        self.phase, self.since = "", self.began
        self.bar: Any = None
        self.told = False  # that kernels are compiled

    def show(self, phase: str, round: int, distance: float) -> None:
        """Show where the work is; of phases in ``COUNTED`` the distance is the share to be done."""
        now = self.clock()
        if phase != self.phase:
            self.phase, self.since = phase, now
            self._compiling(phase)
        if now - self.began < 1 or sys.stderr is None or not sys.stderr.isatty():
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        if self.bar is None:
            words = TextColumn("{task.description}", markup=False)
            console = Console(stderr=True)
            self.bar = Progress(
                words, BarColumn(), TimeElapsedColumn(), console=console, transient=True
            )
            self.task = self.bar.add_task(phase, total=1)
            self.bar.start()
        if phase in COUNTED:
            left = time_left(now - self.since, distance)
            said, closeness = f"{phase}, {round} done{left}", 1 - distance
        else:
            near = min(max(distance, NEAR), 1.0) if math.isfinite(distance) else 1.0
            said, closeness = f"{phase}, round {round}", math.log(near) / math.log(NEAR)
        self.bar.update(self.task, description=said, completed=closeness)

    def _compiling(self, phase: str) -> None:
        """Say once, whoever watches, that kernels are compiled: it takes seconds, and only once."""
        if COMPILING in phase and not self.told:
            self.told = True
            complain(FIRST)

    def stop(self) -> None:
        """Take the bar away."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def time_left(seconds: float, share: float) -> str:
    """How long the rest takes in words, if it takes as long as what was done for its size.

    Examples
    --------
    >>> time_left(10, 0.8), time_left(600, 0.5), time_left(3, 1.0)
    (', about 40 s left', ', about 10 min left', '')
    """
    if not 0 < share < 1:
        return ""
    rest = seconds * share / (1 - share)
    return f", about {rest:.0f} s left" if rest < 100 else f", about {rest / 60:.0f} min left"
