"""Solve a game of any kind, and say the answer: its page or its data, and what is read off it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderbored.cli.console import FIRST, Work, complain
from leaderbored.cli.options import wrong
from leaderbored.cli.output import PRINTED, Output

if TYPE_CHECKING:
    from leaderbored.solvers.estimate import Estimate
    from leaderbored.solvers.solution import Solution
    from leaderbored.verdicts import Verdict

LONG = 3.0  # seconds of work from which on it is announced
ROOM = 1.5  # times the memory that is free: more by an estimate is more, for they are that rough
LEASED = 20  # starts for basins where every reply waits for a rent that clears


@dataclass(frozen=True)
class Asked:
    """What is asked of a game, and where its answer goes.

    Attributes
    ----------
    game, method : object
    all : bool or None
        As of :func:`leaderbored.solve`.
    options : dict
        Of its kind, such as ``select``.
    limit : float or None
        Seconds.
    to : Output
    proof : Path or None
        Where what is proved of a race goes.
    """

    game: Any
    method: Any = None
    all: bool | None = False
    options: dict[str, Any] = field(default_factory=dict)
    limit: float | None = None
    to: Output = PRINTED
    proof: Path | None = None


def answer(asked: Asked) -> int:
    """Solve, say the answer, draw it, and say what went wrong; the exit code."""
    from leaderbored.figures import drawable
    from leaderbored.kinds import kind_of

    asked.to.check(drawable(asked.game) if asked.to.figure else "")
    _announce(asked)
    board = kind_of(asked.game).board
    with Work(asked.limit) as work:
        solution = solved_by(work, asked)
        found = Verdicts.of(work, solution) if board else None
    if found:
        said, make = _say_race(solution, found, asked.to), found.figure(solution)
    else:
        said, make = _say(solution, asked.to), solution.plot if solution.equilibria else None
    work.draw(asked.to, make)
    if asked.proof and solution.equilibria:
        work.attempt("the file of the proof", partial(_proof_to, asked.proof, solution))
    return work.finish(said, solution.status)


def _proof_to(path: Path, solution: Solution[Any]) -> bool:
    from json import dumps

    from leaderbored.cli.console import complain
    from leaderbored.files import write
    from leaderbored.solvers.checked import proof_of

    if solution.complete == "proved":
        complain(
            "looking for a cover of all values, which goes into the file: up to a minute; "
            "Ctrl-C and --limit end that, and the file is written without"
        )
    write(path, (dumps(proof_of(solution), ensure_ascii=True) + "\n").encode(), new=True)
    return True


def _announce(asked: Asked) -> None:
    """Say on stderr what the work will take, if that is more than a moment.

    Raises
    ------
    GameFileError
        If it needs more memory than there is.
    """
    from leaderbored.solvers.estimate import estimate, free_memory

    expected = estimate(asked.game, all=bool(asked.all))
    if expected is not None and expected.seconds > LONG:
        free = free_memory()
        if free is not None and expected.megabytes > ROOM * free:
            needed = f"about {expected.megabytes:,.0f} MB are needed, and {free:,.0f} MB are free"
            fits = _smaller(asked.game, expected, free)
            raise wrong("memory", "game", expected.what, needed + fits)
        complain(str(expected))
    if expected is not None and expected.compiles:
        complain(FIRST)


def _smaller(game: Any, expected: Estimate, free: float) -> str:
    """What would fit instead, of a race."""
    from leaderbored.race import Race, count_states
    from leaderbored.race.board import what_fits
    from leaderbored.race.sorts import count_roles
    from leaderbored.solvers.markov.in_roles import IN_ROLES

    if not isinstance(game, Race):
        return ""
    labs, rungs, part = game.labs, game.rungs, free / expected.megabytes
    if not IN_ROLES.accept(game):
        return f"; {what_fits(len(labs), rungs, int(part * count_states(len(labs), rungs)))}"
    most = int(part * count_roles(labs, rungs))
    return f"; {what_fits(len(labs), rungs, most, lambda n, g: count_roles(labs[:n], g))}"


def solved_by(work: Work, asked: Asked) -> Solution[Any]:
    """The solution of a game, or one that says that the time was up."""
    import leaderbored as lb
    from leaderbored.solvers import digest
    from leaderbored.solvers.solution import Census, Solution, Status

    found: Solution[Any] | None = work.within(
        lambda: lb.solve(
            asked.game,
            asked.method,
            all=asked.all,
            limit=work.stop,
            progress=work.progress,
            **asked.options,
        )
    )
    if found is None:
        status = Status("stopped", "the time was up and nothing was found", "give it more time")
        census = Census("partial", "the search was stopped", {}, None)
        found = Solution(asked.game, (), status, census, digest(asked.game), work.limit or 0.0)
    return found


def compile_for(race: Any) -> None:
    """Compile what solves many races like this one, unless that is done; it takes half a minute."""
    import numpy as np

    from leaderbored.solvers.kernels.batch import is_ready, solve_rows
    from leaderbored.solvers.kernels.rows import row_of, unfit

    if not unfit(race) and not is_ready():
        complain(FIRST)
        solve_rows(np.array([row_of(race)]), race.rungs, profiles=False)


def depends_on(work: Work, race: Any, seconds: float) -> Any:
    """What the verdict on a race depends on, as far as there is time; None if there is too little.

    Kernels should be compiled before.
    """
    import leaderbored as lb
    from leaderbored.solvers.budget import Budget

    def looked() -> Any:
        budget = Budget(seconds)
        late = lambda: budget.spent() or work.stop()  # noqa: E731
        return lb.sensitivity(race, limit=late, progress=work.progress)

    return work.attempt("what the verdict depends on", looked)


def pages_of(solution: Solution[Any], found: Verdicts | None) -> list[Any]:
    """What is printed of a solution, page by page; of a race with its verdicts."""
    from leaderbored.views import pages
    from leaderbored.views import race as table
    from leaderbored.views.mechanisms import delay_page

    if not solution.equilibria or found is None:
        return [pages.solution_page(solution)] if solution.equilibria else []
    each, effects, worths = found.each, found.effects, found.worths
    if len(each) > 1:
        made = [table.page_of_all(solution, each, found.basins, effects, worths=worths)]
    elif each:
        first, worth = solution.equilibria[0], next(iter(worths), None)
        made = [table.page(solution, first, each[0], effects, worth=worth)]
    else:
        made = [pages.arrays_page(solution)]
    made += [] if found.path is None else [found.path.table()]
    return made + ([delay_page(found.late)] if found.late else [])


def _say(solution: Solution[Any], to: Output) -> bool:
    from leaderbored.views.data import solution_report

    pages = [solution] if solution.equilibria else []
    return to.say(lambda: solution_report(solution), *pages)


@dataclass(frozen=True)
class Verdicts:
    """What is said of a solved race, as far as there was time for it.

    Attributes
    ----------
    each : sequence of Verdict
        On each equilibrium, or none if there is one on which there is none.
    basins, effects, path, late, worths : object
        What :func:`leaderbored.basin`, :func:`leaderbored.effects` and
        :func:`leaderbored.scarcity_path` return, and :func:`leaderbored.whiplash` and
        :func:`leaderbored.welfare` of each equilibrium; empty or None where it was not asked for.
    """

    each: Sequence[Verdict]
    basins: Any = ()
    effects: Any = ()
    path: Any = None
    late: Any = ()
    worths: Any = ()

    @classmethod
    def of(cls, work: Work, solution: Solution[Any]) -> Verdicts:
        """Say whether it is a race, and what else can be said while there is time."""
        import leaderbored as lb

        each = cls._each(work, solution)
        mechanisms = solution.game.mechanisms if each else None
        basins = effects = path = late = worths = None
        known = range(len(each))
        if each:
            worths = work.attempt("welfare", lambda: [lb.welfare(solution, k) for k in known])
        if len(each) > 1:
            samples = LEASED if each and solution.game.mechanisms.lease else 100
            basins = work.attempt(
                "basins", lambda: lb.basin(solution, samples, progress=work.progress)
            )
        if mechanisms and mechanisms.on:
            effects = work.attempt(
                "what mechanisms do",
                lambda: lb.effects(solution, each[0], limit=work.stop, progress=work.progress),
            )
        if mechanisms and mechanisms.scarcity_path:
            path = work.attempt("the path of scarcity", lambda: lb.scarcity_path(solution.game))
        if mechanisms and mechanisms.training_delay:
            late = work.attempt(
                "the training delay",
                lambda: [lb.whiplash(solution, equilibrium=k) for k in known],
            )
        return cls(each, basins or (), effects or (), path, late or (), worths or ())

    @staticmethod
    def _each(work: Work, solution: Solution[Any]) -> Sequence[Verdict]:
        import leaderbored as lb

        found = []
        for k in range(len(solution.equilibria)):
            ask = partial(lb.verdict, solution, k, limit=work.stop, progress=work.progress)
            one = work.attempt("the verdict", ask)
            if one is None:
                return ()
            found.append(one)
        return found

    def figure(self, solution: Solution[Any]) -> Callable[[], Any] | None:
        """What draws the first equilibrium."""

        def drawn() -> Any:
            from leaderbored.figures.race import race_figure  # brings matplotlib

            return race_figure(solution, self.each[0])

        return drawn if self.each else None


def _say_race(solution: Solution[Any], found: Verdicts, to: Output) -> bool:
    from leaderbored.views.data import report

    def data() -> dict[str, Any]:
        told = {"delayed": found.late, "worths": found.worths}
        return report(solution, found.each, found.basins, found.effects, found.path, **told)

    return to.say(data, *([] if to.form == "json" else pages_of(solution, found)))
