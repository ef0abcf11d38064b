"""``leaderbored sweep``: a game over a grid of its numbers, or over what is thought of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, OK, Work, say_json, say_page
from leaderbored.cli.options import AsJson, Changes, Drawing, Limit, drawn_to, in_time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leaderbored.games.problems import Mistake

MANY = 1_000_000  # values of a number


def sweep(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    over: Annotated[
        list[str] | None,
        Parameter(
            help="A number and its values, as market.scarcity=0.3:1.5:41 (from, to, how many) or "
            "rungs=6,12,24; repeatable, every combination is solved. With --draws its range, as "
            "0.3:1.5, or values of which each is as likely.",
            negative="",
            metavar="PATH=VALUES",
        ),
    ] = None,
    log: Annotated[
        list[str] | None,
        Parameter(help="A number of --over whose ratios count.", negative="", metavar="PATH"),
    ] = None,
    draws: Annotated[
        int | None, Parameter(help="Solve at so many points drawn at random.", metavar="N")
    ] = None,
    design: Annotated[
        str, Parameter(help="How they are drawn: saltelli, sobol or random.", metavar="NAME")
    ] = "saltelli",
    seed: Annotated[int, Parameter(help="Of the draws.", metavar="N")] = 1,
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
    cluster: Annotated[
        str | None,
        Parameter(
            help="Where blocks of --out are solved: tcp://HOST:PORT of a Dask scheduler, or "
            "local:N for N processes here.",
            metavar="WHERE",
        ),
    ] = None,
    set: Changes = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
    contours: Annotated[
        str | None,
        Parameter(
            help="Of the figure of a map: an answer that lines show, as reign or asymptote.",
            metavar="NAME",
        ),
    ] = None,
) -> int:
    """Solve a game over a grid of its numbers, or at draws of them: a map, or what it hangs on."""
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load
    from leaderbored.sweeps.sweep import gridded, solved

    in_time(limit)
    asked = _Asked(
        over or [], log or [], draws, design, seed, out, resume, csv, jobs, cluster, contours
    )
    points = asked.points(figure)
    made = load(find(game), set or ())
    grid = gridded(made, points, **asked.drawn)
    if figure:
        drawn_to(figure)
    with Work(limit) as work:
        if out is None:
            found = work.within(
                lambda: solved(grid, all=all or None, n_jobs=jobs, progress=work.progress)
            )
        else:
            found = _stored(work, made, points, asked, all=all)
        if found is None:
            kept = f"; what was solved is in {out}, and --resume goes on" if out else ""
            work.notes.append(f"stopped: the time was up before the last point{kept}")
            return work.finish(True) or NOT_CONVERGED
        said = _say(found, json)
        if csv and out is not None:
            work.attempt("sweep.csv", lambda: _write_csv(out / "sweep.csv", found))
        work.draw(figure, lambda: _drawn(found, made, contours))
    return work.finish(said) or OK


@dataclass(frozen=True)
class _Asked:
    """What the options ask for."""

    over: Sequence[str]
    log: Sequence[str]
    draws: int | None
    design: str
    seed: int
    out: Path | None
    resume: bool
    csv: bool
    jobs: int
    cluster: str | None
    contours: str | None

    @property
    def drawn(self) -> dict[str, Any]:
        return {"draws": self.draws, "design": self.design, "seed": self.seed}

    def points(self, figure: Path | None) -> dict[str, Any]:
        """Values or distributions of each number; all that is wrong with the options at once."""
        from leaderbored.games.problems import GameFileError, Mistake

        found, mistakes = self._numbers()
        if not self.over:
            mistakes.append(Mistake("--over", "", "expected PATH=VALUES"))
        wrong = (
            ("--resume", self.resume and self.out is None, "expected --out, too"),
            ("--csv", self.csv and self.out is None, "expected --out, too"),
            ("--cluster", self.cluster is not None and self.out is None, "expected --out, too"),
            ("--contours", self.contours is not None and figure is None, "expected --figure, too"),
        )
        mistakes += [Mistake(name, "", said) for name, given, said in wrong if given]
        mistakes += self._workless()
        if mistakes:
            raise GameFileError("sweep", mistakes)
        return found

    def _workless(self) -> list[Mistake]:
        """What is wrong with who is to work."""
        from leaderbored.games.problems import Mistake
        from leaderbored.sweeps.cluster import mistaken

        mistakes, jobs = [], str(self.jobs)
        if self.jobs == 0 or self.jobs < -1:
            mistakes.append(Mistake("--jobs", jobs, "expected 1 or more, or -1 for all cores"))
        if self.cluster is not None:
            wrong = mistaken(self.cluster)
            mistakes += [] if wrong is None else [wrong]
            if self.jobs != 1:
                said = "expected no --cluster: there each worker solves a block on one core"
                mistakes.append(Mistake("--jobs", jobs, said))
        return mistakes

    def _numbers(self) -> tuple[dict[str, Any], list[Any]]:
        from leaderbored.games.problems import Mistake

        found: dict[str, Any] = {}
        mistakes = []
        for text in self.over:
            path, equal, given = text.partition("=")
            try:
                read = _values if self.draws is None else _spread
                values = read(given, path in self.log)
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
            for path in self.log
            if path not in found and not mistakes
        ]
        return found, mistakes


def _stored(work: Work, game: Any, points: Any, asked: _Asked, *, all: bool) -> Any:
    """The answers once all are on disk; None if the time was up before."""
    from leaderbored.sweeps.stored import opened, sweep_to

    assert asked.out is not None
    out, own = asked.out, {"n_jobs": asked.jobs, "resume": asked.resume, **asked.drawn}
    own["cluster"] = asked.cluster

    def run() -> Any:
        for _ in sweep_to(out, game, points, all=all or None, progress=work.progress, **own):
            if work.stop():
                return None
        return opened(out)

    return work.within(run)


def _say(found: Any, json: bool) -> bool:
    from leaderbored.views.sweep import sweep_page, sweep_report

    return say_json(sweep_report(found)) if json else say_page(sweep_page(found))


def _drawn(found: Any, game: Any, contours: str | None) -> Any:
    from leaderbored.figures.sweep import sweep_figure

    return sweep_figure(found, game, contours=contours)


def _write_csv(path: Path, found: Any) -> None:
    from leaderbored.files import write
    from leaderbored.views.sweep import rows_of

    write(path, rows_of(found).to_csv(index=False, lineterminator="\n").encode())


def _values(given: str, log: bool) -> list[float]:
    """Values as 0.3:1.5:41 or 6,12,24.

    Examples
    --------
    >>> _values("1:4:3", log=True), _values("6, 12", log=False)
    ([1.0, 2.0, 4.0], [6, 12])
    """
    import numpy as np

    expected = "expected from:to:many, as 0.3:1.5:41, or a list, as 6,12,24"
    if given.count(":") == 1:
        raise ValueError(f"{expected}; a range, as 0.3:1.5, is of --draws")
    if ":" not in given:
        if log:
            raise ValueError("--log is of numbers given as from:to:many")
        return [_number(part, expected) for part in given.split(",")]
    try:
        low, high, many = given.split(":")
        first, last, count = float(low), float(high), int(many)
    except ValueError:
        raise ValueError(expected) from None
    if count < 2 or not np.isfinite([first, last]).all() or first == last:
        raise ValueError("expected two different ends and two values or more")
    if count > MANY:
        raise ValueError(f"expected at most {MANY:,} values")
    if log and not min(first, last) > 0:
        raise ValueError("expected positive ends with --log")
    spaced = np.geomspace if log else np.linspace
    return [float(f"{value:.12g}") for value in spaced(first, last, count)]


def _spread(given: str, log: bool) -> dict[str, Any]:
    """What is thought of a number, as 0.3:1.5 or 6,12,24.

    Examples
    --------
    >>> _spread("1:4", log=True), _spread("6, 12", log=False)
    ({'log_uniform': [1.0, 4.0]}, {'draws': [6, 12]})
    """
    expected = "expected from:to, as 0.3:1.5, or a list, as 6,12,24"
    if ":" not in given:
        if log:
            raise ValueError("--log is of numbers given as from:to")
        return {"draws": [_number(part, expected) for part in given.split(",")]}
    if given.count(":") > 1:
        raise ValueError(f"{expected}, with --draws")
    ends = [float(_number(part, expected)) for part in given.split(":")]
    return {"log_uniform" if log else "uniform": ends}


def _number(text: str, expected: str) -> float:
    """A whole number stays one, as rungs must be."""
    try:
        try:
            return int(text)
        except ValueError:
            return float(text)
    except ValueError:
        raise ValueError(expected) from None
