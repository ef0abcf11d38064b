"""``leaderbored sweep``: a game over a grid of its numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, OK, Work, say_json, say_page
from leaderbored.cli.options import AsJson, Changes, Drawing, Limit, drawn_to, in_time

if TYPE_CHECKING:
    from collections.abc import Sequence


def sweep(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    over: Annotated[
        list[str],
        Parameter(
            help="A number and its values, as market.scarcity=0.3:1.5:41 (from, to, how many) or "
            "rungs=6,12,24; repeatable, every combination is solved.",
            negative="",
            metavar="PATH=VALUES",
        ),
    ],
    log: Annotated[
        list[str] | None,
        Parameter(
            help="Of a number given as from:to:many: at equal ratios.", negative="", metavar="PATH"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        Parameter(
            help="Folder for the answers, sweep.nc in netCDF; block by block, so that nothing that "
            "was solved is lost.",
            metavar="DIR",
        ),
    ] = None,
    resume: Annotated[
        bool, Parameter(help="Go on with the sweep that was begun in --out.", negative="")
    ] = False,
    csv: Annotated[
        bool, Parameter(help="Write sweep.csv in --out, too: a line a point.", negative="")
    ] = False,
    all: Annotated[
        bool, Parameter(help="Look for every equilibrium at every point.", negative="")
    ] = False,
    jobs: Annotated[int, Parameter(help="Processes; -1 for one on each core.", metavar="N")] = 1,
    set: Changes = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Solve a game over a grid of its numbers: a map of verdicts, or of values."""
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load
    from leaderbored.sweeps import sweep as swept
    from leaderbored.views.sweep import sweep_page, sweep_report

    in_time(limit)
    values = _values(over, log or [], out=out, resume=resume, csv=csv, jobs=jobs)
    if figure:
        drawn_to(figure)
    made = load(find(game), set or ())
    with Work(limit) as work:
        if out is None:
            found = work.within(
                lambda: swept(made, values, all=all or None, n_jobs=jobs, progress=work.progress)
            )
        else:
            found = _stored(work, made, values, out, all=all, jobs=jobs, resume=resume)
        if found is None:
            kept = f"; what was solved is in {out}, and --resume goes on" if out else ""
            work.notes.append(f"stopped: the time was up before the last point{kept}")
            return work.finish(True) or NOT_CONVERGED
        said = say_json(sweep_report(found)) if json else say_page(sweep_page(found))
        if csv and out is not None:
            work.attempt("sweep.csv", lambda: _write_csv(out / "sweep.csv", found))
        work.draw(figure, lambda: _drawn(found))
    return work.finish(said) or OK


def _stored(
    work: Work, game: Any, over: Any, out: Path, *, all: bool, jobs: int, resume: bool
) -> Any:
    """The answers once all are on disk; None if the time was up before."""
    from leaderbored.sweeps.stored import opened, sweep_to

    def run() -> Any:
        for _ in sweep_to(
            out, game, over, all=all or None, n_jobs=jobs, resume=resume, progress=work.progress
        ):
            if work.stop():
                return None
        return opened(out)

    return work.within(run)


def _drawn(found: Any) -> Any:
    from leaderbored.figures.sweep import sweep_figure

    return sweep_figure(found)


def _write_csv(path: Path, found: Any) -> None:
    from leaderbored.files import write
    from leaderbored.views.sweep import rows_of

    write(path, rows_of(found).to_csv(index=False, lineterminator="\n").encode())


def _values(
    over: Sequence[str], log: Sequence[str], *, out: Path | None, resume: bool, csv: bool, jobs: int
) -> dict[str, list[float]]:
    """Values of each number; all that is wrong with the options at once."""
    from leaderbored.games.problems import GameFileError, Mistake

    found: dict[str, list[float]] = {}
    mistakes = []
    for text in over:
        path, equal, given = text.partition("=")
        try:
            values = _numbers(given, path in log)
        except ValueError as error:
            mistakes.append(Mistake("--over", text, str(error)))
            continue
        if not path or not equal:
            mistakes.append(Mistake("--over", text, "expected PATH=VALUES"))
        elif path in found:
            mistakes.append(Mistake("--over", text, f"{path} was given before"))
        else:
            found[path] = values
    mistakes += [
        Mistake("--log", path, "expected one of the numbers of --over")
        for path in log
        if path not in found and not mistakes
    ]
    if out is None:
        mistakes += [
            Mistake(name, "", "expected --out, too")
            for name, given in (("--resume", resume), ("--csv", csv))
            if given
        ]
    if jobs == 0 or jobs < -1:
        mistakes.append(Mistake("--jobs", str(jobs), "expected 1 or more, or -1 for all cores"))
    if mistakes:
        raise GameFileError("sweep", mistakes)
    return found


def _numbers(given: str, log: bool) -> list[float]:
    """Values as 0.3:1.5:41 or 6,12,24.

    Examples
    --------
    >>> _numbers("1:4:3", log=True), _numbers("6, 12", log=False)
    ([1.0, 2.0, 4.0], [6, 12])
    """
    import numpy as np

    expected = "expected from:to:many, as 0.3:1.5:41, or a list, as 6,12,24"
    try:
        if ":" not in given:
            if log:
                raise ValueError("--log is of numbers given as from:to:many")
            return [_number(part) for part in given.split(",")]
        low, high, many = given.split(":")
        first, last, count = float(low), float(high), int(many)
    except ValueError as error:
        raise ValueError(str(error) if "--log" in str(error) else expected) from None
    if count < 2 or not np.isfinite([first, last]).all() or first == last:
        raise ValueError("expected two different ends and two values or more")
    if count > 1_000_000:
        raise ValueError("expected at most 1,000,000 values")
    if log and not min(first, last) > 0:
        raise ValueError("expected positive ends with --log")
    spaced = np.geomspace if log else np.linspace
    return [float(f"{value:.12g}") for value in spaced(first, last, count)]


def _number(text: str) -> float:
    """A whole number stays one, as rungs must be."""
    try:
        return int(text)
    except ValueError:
        return float(text)
