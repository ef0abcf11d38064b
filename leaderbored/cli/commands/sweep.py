"""``leaderbored sweep``: a game over a grid of its numbers, or over what is thought of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.console import NOT_CONVERGED, OK, Work, complain
from leaderbored.cli.options import Changes, Limit, in_time, together
from leaderbored.cli.output import PRINTED, Output

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from leaderbored.games.problems import Mistake

FEW, LONG, MINUTE = 50, 10.0, 60.0  # games, and seconds of work, from which on it is announced


def sweep(
    game: Annotated[str, Parameter(help="Game file, or a name from `leaderbored catalogue`.")],
    /,
    *,
    over: Annotated[
        list[str] | None,
        Parameter(
            help="A number and its values, such as market.scarcity=0.3:1.5:41 (from, to, how"
            " many) or rungs=6,12,24. May be repeated; every combination is solved. "
            "With --draws a range, such as 0.3:1.5, or a list of equally likely values.",
            negative="",
            metavar="PATH=VALUES",
        ),
    ] = None,
    log: Annotated[
        list[str] | None,
        Parameter(
            help="A number of --over whose values are spaced by equal ratios (a logarithmic "
            "scale).",
            negative="",
            metavar="PATH",
        ),
    ] = None,
    draws: Annotated[
        int | None,
        Parameter(help="Solve at this many points that are drawn at random.", metavar="N"),
    ] = None,
    design: Annotated[
        str,
        Parameter(
            help="How points are drawn: saltelli (for Sobol indices), sobol (a sequence that"
            " fills the box evenly) or random (independently).",
            metavar="NAME",
        ),
    ] = "saltelli",
    seed: Annotated[int, Parameter(help="Seed of the random draws.", metavar="N")] = 1,
    out: Annotated[
        Path | None,
        Parameter(
            help="Folder for the answers, as sweep.nc in netCDF. They are stored block by "
            "block, so that nothing that was solved is lost.",
            metavar="DIR",
        ),
    ] = None,
    resume: Annotated[
        bool, Parameter(help="Continue the sweep that was begun in --out.", negative="")
    ] = False,
    csv: Annotated[
        bool,
        Parameter(help="Write sweep.csv to --out as well, one line for each point.", negative=""),
    ] = False,
    all: Annotated[
        bool, Parameter(help="Look for every equilibrium at every point.", negative="")
    ] = False,
    several: Annotated[
        bool,
        Parameter(
            help="For a map of a race: follow equilibria from point to point and from "
            "several starting points, and say where several coexist. With --all each "
            "region is checked by a search for every equilibrium.",
            negative="",
        ),
    ] = False,
    jobs: Annotated[
        int, Parameter(help="Number of processes; -1 for one on each core.", metavar="N")
    ] = 1,
    cluster: Annotated[
        str | None,
        Parameter(
            help="Where the blocks of --out are solved: tcp://HOST:PORT of a Dask scheduler,"
            " or local:N for N processes on this machine.",
            metavar="WHERE",
        ),
    ] = None,
    set: Changes = None,
    limit: Limit = None,
    to: Output = PRINTED,
    contours: Annotated[
        str | None,
        Parameter(
            help="For the figure of a map: an answer to draw contour lines of, such as reign"
            " or asymptote.",
            metavar="NAME",
        ),
    ] = None,
) -> int:
    """Solve a game over a grid of its numbers or at random draws: a map, or what it depends on."""
    from leaderbored.games.formats.gamefile import load_all
    from leaderbored.sweeps.sweep import gridded, solved

    asked = _Asked(
        over or [],
        log or [],
        draws,
        design,
        seed,
        out,
        resume,
        csv,
        jobs,
        cluster,
        contours,
        several,
    )
    made, thought = together(
        partial(in_time, limit),
        to.check,
        partial(asked.points, to.figure),
        lambda: load_all(game, set or ()),
    )
    points = asked.points(to.figure)
    if several:
        return _several(asked, made, points, all=all, limit=limit, to=to)
    points = asked.with_thought(points, made, thought)
    grid = gridded(made, points, **asked.drawn)
    with Work(limit) as work:
        if cluster is None:
            work.attempt("an estimate of the time", lambda: _announce(grid, jobs, all=all))
        if out is None:
            found = _while_there_is_time(
                work, lambda: solved(grid, all=all or None, n_jobs=jobs, progress=work.progress)
            )
        else:
            found = _stored(work, made, points, asked, all=all)
        if found is None:
            kept = f"; what was solved is in {out}, and --resume goes on" if out else ""
            work.notes.append(f"stopped: the time was up before the last point{kept}")
            return work.finish(True) or NOT_CONVERGED
        said = _say(found, to)
        if csv and out is not None:
            work.attempt("sweep.csv", lambda: _write_csv(out / "sweep.csv", found))
        work.draw(to, lambda: _drawn(found, made, contours))
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
    several: bool

    @property
    def drawn(self) -> dict[str, Any]:
        return {"draws": self.draws, "design": self.design, "seed": self.seed}

    def points(self, figure: Path | None) -> dict[str, Any]:
        """Values or distributions of each number; all that is wrong with the options at once."""
        from leaderbored.games.problems import GameFileError, Mistake

        found, mistakes = self._numbers()
        drawn = self.contours is not None and self.draws is not None
        wrong = (
            ("--resume", self.resume and self.out is None, "expected --out, too"),
            ("--csv", self.csv and self.out is None, "expected --out, too"),
            ("--cluster", self.cluster is not None and self.out is None, "expected --out, too"),
            ("--contours", self.contours is not None and figure is None, "expected --figure, too"),
            ("--contours", drawn, "expected a map, without --draws"),
            *(
                (name, self.several and value is not None, "expected without --several")
                for name, value in (
                    ("--draws", self.draws),
                    ("--out", self.out),
                    ("--contours", self.contours),
                )
            ),
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

    def with_thought(self, points: dict[str, Any], game: Any, thought: Any) -> dict[str, Any]:
        """With what the game file says of unknown numbers, where points are drawn.

        Raises
        ------
        GameFileError
            If there is nothing to go over.
        """
        from leaderbored.cli.options import wrong
        from leaderbored.games.formats.unknowns import unset
        from leaderbored.games.places import tree_of

        if self.draws is not None:
            points = {**unset(tree_of(game), thought, list(points)), **points}
            said = "expected PATH=FROM:TO, or a game file with [uncertainty]"
        else:
            said = "expected PATH=VALUES" + ", or --draws" * bool(thought)
        if not points:
            raise wrong("sweep", "--over", "", said)
        return points

    def _numbers(self) -> tuple[dict[str, Any], list[Any]]:
        from leaderbored.cli.ranges import spread_of, values_of
        from leaderbored.games.problems import Mistake

        found: dict[str, Any] = {}
        mistakes = []
        for text in self.over:
            path, equal, given = text.partition("=")
            try:
                read = values_of if self.draws is None else spread_of
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
            if path not in {text.partition("=")[0] for text in self.over}
        ]
        return found, mistakes


def _several(
    asked: _Asked,
    game: Any,
    points: dict[str, Any],
    *,
    all: bool,
    limit: float | None,
    to: Output,
) -> int:
    """Say where several equilibria of a race coexist."""
    import leaderbored as lb
    from leaderbored.cli.options import wrong
    from leaderbored.kinds import kind_of

    if refusal := kind_of(game).refusal("phase"):
        raise wrong("sweep", "--several", "", refusal)
    with Work(limit) as work:
        found = work.within(
            lambda: lb.phase(
                game,
                points,
                seed=asked.seed,
                all=all,
                n_jobs=asked.jobs if asked.jobs > 1 else None,
                progress=work.progress,
            )
        )
        if found is None:
            work.notes.append("stopped: the time was up before the last point")
            return work.finish(True) or NOT_CONVERGED
        said = to.say(found.data, found)
        work.draw(to, lambda: found.plot(game))
    return work.finish(said) or OK


def _announce(grid: Any, jobs: int, *, all: bool) -> None:
    """Say on stderr what games that are solved one by one will take, from the time of one."""
    from time import process_time

    from joblib import cpu_count

    from leaderbored.sweeps.many import by_kernels
    from leaderbored.sweeps.sweep import one_of

    if grid.size < FEW or by_kernels(grid):
        return
    began = process_time()
    one_of(grid, all=all or None)
    each = process_time() - began
    total = each * grid.size / (jobs if jobs > 0 else cpu_count())
    if total > LONG:
        complain(f"{grid.size:,} games of about {each:.2g} s each: about {_duration(total)}")


def _duration(seconds: float) -> str:
    """A time in words.

    Examples
    --------
    >>> _duration(25), _duration(400), _duration(20_000)
    ('25 s', '7 minutes', '5.6 hours')
    """
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    if seconds < MINUTE**2:
        return f"{seconds / MINUTE:.0f} minutes"
    return f"{seconds / MINUTE**2:.1f} hours"


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
        return opened(out, lazy=True)

    return _while_there_is_time(work, run)


def _while_there_is_time(work: Work, make: Callable[[], Any]) -> Any:
    """What is made in time, or None: no point is begun after that."""
    from leaderbored.solvers.budget import Budget

    def run() -> Any:
        with Budget(work.stop).running():
            return make()

    return work.within(run)


def _say(found: Any, to: Output) -> bool:
    from leaderbored.sweeps.uncertainty import uncertainty_of
    from leaderbored.views.sweep import sweep_page, sweep_report

    if "design" not in found.attrs:
        return to.say(lambda: sweep_report(found), sweep_page(found))
    made = uncertainty_of(found)
    return to.say(lambda: {**found.attrs, **made.data()}, made)


def _drawn(found: Any, game: Any, contours: str | None) -> Any:
    from leaderbored.figures.sweep import sweep_figure
    from leaderbored.sweeps.uncertainty import uncertainty_of

    if "design" in found.attrs:
        return uncertainty_of(found).plot()
    return sweep_figure(found, game, contours=contours)


def _write_csv(path: Path, found: Any) -> None:
    from leaderbored.files import write
    from leaderbored.views.sweep import csv_of

    write(path, csv_of(found))
