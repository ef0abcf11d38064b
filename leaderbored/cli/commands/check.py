"""``leaderbored check``: a file of a proof, checked by code of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.console import FAILED, NOT_CONVERGED, OK, Work
from leaderbored.cli.options import Limit, in_time, insist, together, wrong
from leaderbored.cli.output import PAGES, Pages


def check(
    file: Annotated[Path, Parameter(help="File that `leaderbored race --proof` has written.")],
    /,
    *,
    steps: Annotated[
        int | None,
        Parameter(
            help="The largest number of steps in checking, or making, a cover of all values; "
            "three hundred thousand take a second.",
            metavar="N",
        ),
    ] = None,
    limit: Limit = None,
    to: Pages = PAGES,
) -> int:
    """Check the proofs in a file, in interval arithmetic and by code of its own.

    Exit code 0 if all claims hold, 1 if one cannot be confirmed, 3 if one was not checked.
    """
    from leaderbored.solvers.checked import Checked
    from leaderbored.solvers.checked import check as checked_by
    from leaderbored.solvers.checked.files import STEPS
    from leaderbored.views.checked import checked_data, checked_page

    few = steps is not None and steps < 0
    proof = together(
        partial(in_time, limit),
        to.check,
        partial(insist, "check", (few, "--steps", steps, "expected 0 or more")),
        partial(_read, file),
    )
    with Work(limit) as work:
        try:
            found: Checked | None = work.within(
                lambda: _in_time(work, lambda: checked_by(proof, STEPS if steps is None else steps))
            )
        except ValueError as error:
            raise wrong("check", str(file), "", str(error)) from None
    if found is None:
        work.notes.append("stopped: the time was up before all was checked")
        return work.finish(True) or NOT_CONVERGED
    said = to.say(lambda: checked_data(found), checked_page(str(file), found))
    code = FAILED if found.fails else OK if found.whole else NOT_CONVERGED
    return work.finish(said) or code


def _in_time(work: Work, make: Any) -> Any:
    from leaderbored.solvers.budget import Budget

    with Budget(work.stop).running():
        return make()


def _read(file: Path) -> Any:
    from json import loads

    try:
        return loads(file.read_text("utf-8"))
    except OSError as error:
        raise wrong("check", str(file), "", error.strerror or "cannot be read") from None
    except (ValueError, RecursionError):  # no JSON, no UTF-8, or numbers of thousands of digits
        raise wrong("check", str(file), "", "expected a file of JSON") from None


def writable(path: Path | None) -> None:
    """Find out before the work whether a proof can be written there, if one is asked for."""
    if path is None:
        return
    reason = ""
    try:
        if path.exists():
            reason = "is there already; expected a new file"
        elif not path.parent.is_dir():
            reason = f"there is no folder {path.parent}"
    except OSError as error:  # a name that is too long
        reason = error.strerror or "cannot be written"
    insist("race", (reason, "--proof", path, reason))


def provable(game: Any, path: Path | None) -> Any:
    """The race, if a proof of it can be written where one is asked for.

    Raises
    ------
    GameFileError
    """
    if path is not None:
        from leaderbored.solvers.checked.files import refusal

        reason = refusal(game)
        insist("race", (reason, "--proof", path, reason))
    return game
