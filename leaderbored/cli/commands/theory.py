"""``leaderbored reproduce`` and ``derive``: the results of the theory."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, OK, Work, done
from leaderbored.cli.options import Limit, in_time, wrong
from leaderbored.cli.output import PAGES, Pages


def reproduce(
    *,
    only: Annotated[
        list[str] | None,
        Parameter(
            help="Check only these results, e.g. --only R6 R7.",
            negative="",
            consume_multiple=True,
            metavar="R6",
        ),
    ] = None,
    seed: Annotated[int, Parameter(help="Seed of the random sample of parameters.")] = 0,
    limit: Limit = None,
    to: Pages = PAGES,
    paper: Annotated[
        bool,
        Parameter(
            help="Build the paper instead: compute all its numbers and figures, and typeset it.",
            negative="",
        ),
    ] = False,
    folder: Annotated[
        Path, Parameter(help="With --paper: the folder of its text.", metavar="DIR")
    ] = Path("paper"),
    latex: Annotated[
        bool,
        Parameter(
            help="With --paper: only write it as LaTeX, with the numbers that are there; needs "
            "pandoc.",
            negative="",
        ),
    ] = False,
) -> int:
    """Check every result of the theory against the numerical solvers."""
    in_time(limit)
    if latex and not paper:
        raise wrong("reproduce", "--latex", "", "expected with --paper")
    to.check()
    if paper:
        return _build(folder, latex)
    from leaderbored.cli import theory as commands
    from leaderbored.theory import check
    from leaderbored.theory.records import Check
    from leaderbored.views.theory import check_page, check_report

    if seed < 0:
        raise wrong("reproduce", "--seed", seed, "expected 0 or more")
    names, found = commands.known(only or (), "reproduce"), list[Check]()
    with Work(limit) as work:
        for name in names:
            work.progress("results", len(found), 1 - len(found) / len(names))
            checked = None if work.stop() else work.attempt(name, partial(check, name, seed))
            found += [checked] if checked else []
    stopped = len(found) < len(names) and not work.failed
    said = to.say(lambda: check_report(found), check_page(found))
    if stopped:
        work.notes[:] = [f"stopped: {len(found)} of {len(names)} results were checked"]
    code = work.finish(said and all(check.passed for check in found))
    return code or (NOT_CONVERGED if stopped else OK)


def derive(
    result: Annotated[str, Parameter(help="Result of the theory, e.g. R7.")],
    /,
    *,
    latex: Annotated[
        bool, Parameter(help="Print a fragment of LaTeX, which needs amsmath.", negative="")
    ] = False,
) -> int:
    """Prove a result of the theory from the primitives, step by step."""
    from leaderbored.cli import theory as commands
    from leaderbored.theory import typeset

    (name,) = commands.known([result], "derive")
    return done(typeset.as_latex(name) if latex else typeset.as_text(name))


def _build(folder: Path, as_latex: bool) -> int:
    """Build the paper, saying what is done as it is done."""
    from leaderbored.writeup import latex, paper, ready

    ready(folder)
    if as_latex:
        return done(str(latex(folder)))
    for made in paper(folder):
        print(f"{made.what:<20} {made.path}  ({made.seconds:.0f} s)", flush=True)
    return OK
