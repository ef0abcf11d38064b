"""The command line: ``leaderbored race``, ``solve``, ``trace``, ``catalogue``, ``new`` and others.

Heavy modules are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Annotated, Literal

from cyclopts import App, CycloptsError, Parameter

from leaderbored.cli.alarm import over
from leaderbored.cli.commands.check import check
from leaderbored.cli.commands.cite import cite
from leaderbored.cli.commands.compare import compare
from leaderbored.cli.commands.dynamics import dynamics
from leaderbored.cli.commands.evidence import evidence
from leaderbored.cli.commands.explain import explain
from leaderbored.cli.commands.explore import explore
from leaderbored.cli.commands.figures import figures
from leaderbored.cli.commands.files import catalogue, convert, copy, new, schema
from leaderbored.cli.commands.forecast import forecast
from leaderbored.cli.commands.planner import planner
from leaderbored.cli.commands.report import report
from leaderbored.cli.commands.solve import race, solve
from leaderbored.cli.commands.sweep import sweep
from leaderbored.cli.commands.theory import derive, reproduce
from leaderbored.cli.commands.trace import trace
from leaderbored.cli.console import (
    BAD_INPUT,
    FAILED,
    INTERRUPTED,
    NOT_CONVERGED,
    OK,
    complain,
    done,
    fault,
    terminable,
)
from leaderbored.late import postpone
from leaderbored.text import plain

UNUSED = ("numpy.f2py", "numpy.polynomial", "numpy.testing", "html", "yaml", "zoneinfo")
"""What scipy, numba and pydantic import, in a fifth of a second, and hardly any command uses."""

app = App(
    name="leaderbored",
    help="Is the AI race a race or a run? Computes the equilibrium of labs that split scarce "
    "compute between building the next model and selling the present one.",
    suppress_keyboard_interrupt=False,
    help_epilogue="Exit codes: 0 solved, 1 a result failed its check or something could not be "
    "written, 2 bad input, 3 not converged or stopped, 130 interrupted, "
    "143 terminated.",
)
for each in (
    race,
    solve,
    check,
    explain,
    compare,
    report,
    explore,
    convert,
    catalogue,
    copy,
    trace,
    sweep,
    planner,
    dynamics,
    new,
    schema,
    figures,
    evidence,
    forecast,
    reproduce,
    derive,
    cite,
):
    app.command(each)


@app.command
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish"], Parameter(help="Which shell.")], /
) -> int:
    """Print the script by which a shell completes commands and options."""
    return done(app.generate_completion(prog_name="leaderbored", shell=shell).rstrip("\n"))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code.

    Examples
    --------
    >>> main(["race", "no-such-file.toml"])
    2
    """
    from leaderbored import __version__

    app.version = __version__
    _unthreaded()
    postpone(*UNUSED)
    with terminable(), over():
        return _guarded(arguments)


def _unthreaded() -> None:
    """One thread for linear algebra, unless the user says otherwise or it is loaded already."""
    if "numpy" not in sys.modules:
        for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
            os.environ.setdefault(name, "1")


def _guarded(arguments: list[str] | None) -> int:
    """Run a command; whatever stops it is said in a sentence."""
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        complain(plain(" ".join(str(error).split())))
        complain("leaderbored --help lists commands, and leaderbored COMMAND --help its options")
        return BAD_INPUT
    except OSError as error:
        complain(plain(f"{error.filename or 'output'}: {error.strerror or error}"))
        return FAILED
    except KeyboardInterrupt:
        complain(plain(f"interrupted; {_written()}"))
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException as error:  # a StoppedError is no Exception
        return _failed(error)
    return code if isinstance(code, int) else OK


def _failed(error: BaseException) -> int:
    """Say why there is no answer; the exit code."""
    from leaderbored.games.problems import GameFileError
    from leaderbored.games.record import RefusedError
    from leaderbored.solvers.budget import StoppedError

    if isinstance(error, StoppedError):
        complain("stopped: the time was up before the game was read and checked")
        complain("advice: raise the limit")
        return NOT_CONVERGED
    if isinstance(error, GameFileError | RefusedError):  # an answer, and no fault
        complain(str(error) if isinstance(error, GameFileError) else plain(str(error)))
        return BAD_INPUT
    if sys.flags.dev_mode:
        raise error
    complain(fault("leaderbored", error))
    return FAILED


def _written() -> str:
    from leaderbored.files import WRITTEN

    return f"written: {', '.join(map(str, WRITTEN))}" if WRITTEN else "nothing was written"


def command() -> None:
    """Run as the console script; a factorisation that was given up may still be running."""
    code = main()
    if any(thread.name.startswith("leaderbored") for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # an interpreter that tidies up under it fails, whatever the answer was
    sys.exit(code)
