"""The command line: ``leaderbored race``, ``solve``, ``trace``, ``catalogue``, ``new`` and others.

Heavy modules are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, CycloptsError, Parameter

from leaderbored.cli.console import (
    BAD_INPUT,
    FAILED,
    INTERRUPTED,
    NOT_CONVERGED,
    OK,
    Work,
    complain,
    fault,
    say,
    say_json,
    say_page,
    terminable,
)
from leaderbored.text import plain

if TYPE_CHECKING:
    from leaderbored.solvers.solution import Solution
    from leaderbored.verdicts import Verdict

QUICK = 20  # rungs of two labs up to which all equilibria are looked for by default
LONG = 3.0  # seconds of work from which on it is announced
KINDS = "race, contest, continuous, linear-quadratic, markov or normal-form"

app = App(
    name="leaderbored",
    help="Is the AI race a race or a run? Computes the equilibrium of labs that split scarce "
    "compute between building the next model and selling the present one.",
    suppress_keyboard_interrupt=False,
    help_epilogue="Exit codes: 0 solved, 1 a result failed its check or something could not be "
    "written, 2 bad input, 3 not converged or stopped, 130 interrupted, "
    "143 terminated.",
)


Changes = Annotated[
    list[str] | None,
    Parameter(
        help="Change a number, e.g. --set technology.handicap=0.3; repeatable.",
        negative="",
        metavar="PATH=VALUE",
    ),
]
Rungs = Annotated[int | None, Parameter(help="Longest lead told apart, in rungs.", metavar="N")]
AsJson = Annotated[bool, Parameter(help="Print one JSON object.", negative="")]
Limit = Annotated[
    float | None,
    Parameter(help="Stop after so many seconds and show what was found.", metavar="SECONDS"),
]
Drawing = Annotated[
    Path | None, Parameter(help="Draw a figure: .png, .pdf or .svg.", metavar="OUT")
]


@app.command
def race(
    file: Annotated[
        Path | None, Parameter(help="Game file; by default five labs at the end of 2025.")
    ] = None,
    /,
    *,
    all: Annotated[
        bool,
        Parameter(
            help="Look for every equilibrium; so by default where that takes a second: "
            "of two labs with up to 20 rungs and no mechanisms.",
            negative="",
        ),
    ] = False,
    one: Annotated[bool, Parameter(help="Find one equilibrium.", negative="")] = False,
    select: Annotated[
        Literal["from history", "risk"] | None,
        Parameter(
            help="Take the equilibrium that best-response dynamics leads to from idle "
            "compute, or the one that is left as noise in the replies dies out."
        ),
    ] = None,
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Solve the build-or-sell race and say whether it is a race or a run."""
    from leaderbored.games.problems import GameFileError, Problem

    _in_time(limit)
    game = _race(file, set, rungs, figure)
    if all and select:
        raise GameFileError("race", [Problem("--select", select, "expected without --all")])
    if all and one:
        raise GameFileError("race", [Problem("--one", "", "expected without --all")])
    every = all or (not (one or select) and _soon(game))
    return _answer_race(game, all=every, select=select, limit=limit, json=json, figure=figure)


@app.command
def solve(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    one: Annotated[bool, Parameter(help="Find one equilibrium, quickly.", negative="")] = False,
    limit: Limit = None,
    information: Annotated[
        Literal["feedback", "open-loop"] | None,
        Parameter(
            help="Of a linear-quadratic game: whether players see the state, as by default, "
            "or commit to plans."
        ),
    ] = None,
    pure: Annotated[
        bool, Parameter(help="Of a finite game: only equilibria without mixing.", negative="")
    ] = False,
    symmetric: Annotated[
        bool,
        Parameter(help="Of a finite game: only equilibria in which all do the same.", negative=""),
    ] = False,
    set: Changes = None,
    json: AsJson = False,
    figure: Drawing = None,
    allow_python: Annotated[
        bool,
        Parameter(
            help="Run GAME, a file in Python that you trust, and solve what it calls game.",
            negative="",
        ),
    ] = False,
) -> int:
    """Solve any game: every equilibrium that is found, each with its certificate."""
    import leaderbored as lb
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load
    from leaderbored.games.problems import GameFileError, Problem

    _in_time(limit)
    path = find(game)
    python = allow_python and path.suffix == ".py"
    if python and set:
        raise GameFileError("solve", [Problem("--set", set[0], "expected with a game file only")])
    made = _run(path) if python else load(path, set or ())
    if information and not isinstance(made, lb.LinearQuadratic):
        expected = "expected with a linear-quadratic game only"
        raise GameFileError("solve", [Problem("--information", information, expected)])
    method = _finite(made, pure, symmetric)
    if figure:
        _drawn_to(figure)
    if isinstance(made, lb.Race):
        return _answer_race(made, all=not one, limit=limit, json=json, figure=figure)
    if figure:
        from leaderbored.figures import drawable

        _drawn_to(figure, drawable(made))
    _announce(made, not one)
    options: dict[str, Any] = {"exact": True} if isinstance(made, lb.NormalForm) else {}
    if information:
        options["information"] = information
    with Work(limit) as work:
        solution = _solved(work, made, method, all=not one, **options)
    return _answer(work, solution, json, figure)


@app.command
def convert(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    out: Annotated[
        Path, Parameter(help="Where to write: .toml, .nfg, .csv or .json; must not exist.")
    ],
    /,
) -> int:
    """Write a payoff table in another format, payoffs exactly."""
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import dumps, load

    _write(out, dumps(load(find(game)), out.suffix.lower()), "convert")
    return _done(f"wrote {out}")


@app.command
def catalogue(
    *,
    bibtex: Annotated[bool, Parameter(help="Print the citations.", negative="")] = False,
    json: AsJson = False,
) -> int:
    """List the published games that can be solved by name."""
    from leaderbored.games.catalogue import entries

    found = entries()
    if bibtex:
        return _done("\n\n".join(dict.fromkeys(e.source.bibtex for e in found if e.source)))
    if json:
        from dataclasses import asdict

        return OK if say_json({"games": [asdict(entry) for entry in found]}) else FAILED
    from leaderbored.views.static import catalogue_page

    return OK if say_page(catalogue_page(found)) else FAILED


@app.command
def trace(
    file: Annotated[
        Path | None, Parameter(help="Game file; by default five labs at the end of 2025.")
    ] = None,
    /,
    *,
    along: Annotated[
        str, Parameter(help="Number that moves, e.g. technology.handicap.", metavar="PATH")
    ],
    start: Annotated[float, Parameter(name="--from", help="Where it starts.")],
    stop: Annotated[float, Parameter(name="--to", help="Where it stops.")],
    set: Changes = None,
    rungs: Rungs = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Follow every equilibrium while one number of a race, or of a Markov game, moves."""
    import leaderbored as lb
    from leaderbored.views.data import trace_report

    _in_time(limit)
    game = _race(file, set, rungs, figure, (lb.Race, lb.MarkovGame))
    with Work(limit) as work:
        found = work.within(
            lambda: lb.trace(game, along, start, stop, limit=work.stop, progress=work.progress)
        )
    if found is None:
        work.notes.append("stopped: the time was up before anything was followed")
        return work.finish(True) or NOT_CONVERGED
    said = True
    if json:
        said = say_json(trace_report(found))
    elif found.branches:
        said = say_page(found)
    work.draw(figure, found.plot if found.branches else None)
    return work.finish(said, found.status)


@app.command
def dynamics(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    rule: Annotated[
        str,
        Parameter(
            help="How players move: best-response (all at once), sequential, random (one "
            "by one, in a random order), adjust, myopic, level-k, fictitious, replicator or "
            "logit."
        ),
    ] = "best-response",
    start: Annotated[
        str | None,
        Parameter(
            name="--from",
            help="Where it starts: idle, busy or random; of a race also "
            '"A ahead by 3", of a table "H, T", of a game of real strategies "1, 2.5".',
        ),
    ] = None,
    laps: Annotated[int, Parameter(help="How often players move.", metavar="N")] = 40,
    seed: Annotated[int, Parameter(help="Of random starts and orders.", metavar="N")] = 1,
    adjustment: Annotated[
        float | None, Parameter(help="Of adjust: share of the way to the best reply.")
    ] = None,
    level: Annotated[int | None, Parameter(help="Of level-k: steps of thinking.")] = None,
    noise: Annotated[
        float | None, Parameter(help="Of logit, in units of the range of payoffs.")
    ] = None,
    set: Changes = None,
    limit: Limit = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Let players move lap by lap: does it converge, cycle or wander, and does a lead close?"""
    from leaderbored.cli import motion as commands
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load

    _in_time(limit)
    if figure:
        _drawn_to(figure)
    made = load(find(game), set or ())
    numbers = {"adjustment": adjustment, "level": level, "noise": noise}
    with Work(limit) as work:
        motion = work.within(
            lambda: commands.move(
                made,
                rule,
                start,
                laps=laps,
                seed=seed,
                numbers=numbers,
                limit=work.stop,
                progress=work.progress,
            )
        )
    if motion is None:
        work.notes.append("stopped: the time was up before the first lap")
        return work.finish(True) or NOT_CONVERGED
    said = say_json(commands.motion_report(motion)) if json else say_page(motion)
    work.draw(figure, motion.plot)
    if motion.stopped:
        work.notes.append(f"stopped: the time was up after {motion.laps} laps")
    return work.finish(said) or (NOT_CONVERGED if motion.stopped else OK)


@app.command
def new(
    kind: Annotated[str, Parameter(help=f"Kind of game: {KINDS}.")] = "race",
    file: Annotated[
        Path | None, Parameter(help="Where to write, KIND.toml by default; must not exist.")
    ] = None,
    /,
) -> int:
    """Write a commented game file to start from."""
    from leaderbored.games.formats.gamefile import starter

    if file is None and kind.endswith(".toml"):
        kind, file = "race", Path(kind)
    _known(kind, "new")
    file = file or Path(f"{kind}.toml")
    _write(file, starter(kind).read_text(encoding="utf-8"), "new")
    verb = "race" if kind == "race" else "solve"
    return _done(f"wrote {file}; solve it with: leaderbored {verb} {file}")


@app.command
def schema(
    kind: Annotated[str, Parameter(help=f"Kind of game: {KINDS}.")] = "race",
    /,
) -> int:
    """Print the JSON schema of game files, for editors."""
    from leaderbored.games.formats import gamefile

    _known(kind, "schema")
    return _done(gamefile.schema(kind).removesuffix("\n"))


@app.command
def figures(
    names: Annotated[list[str] | None, Parameter(help="Which; by default all.")] = None,
    /,
    *,
    list: Annotated[bool, Parameter(help="Name the figures and stop.", negative="")] = False,
    out: Annotated[Path, Parameter(help="Folder for the files.", metavar="DIR")] = Path("figures"),
    format: Annotated[Literal["pdf", "svg", "png"], Parameter(help="Of the files.")] = "pdf",
    game: Annotated[
        Path | None,
        Parameter(
            help="Game file of a race to draw them of, instead of the paper's.", metavar="FILE"
        ),
    ] = None,
    jobs: Annotated[
        int, Parameter(help="How many to draw side by side; -1 for as many as there are cores.")
    ] = -1,
    limit: Annotated[
        float | None,
        Parameter(
            help="Stop after so many seconds; what is done by then is kept.", metavar="SECONDS"
        ),
    ] = None,
) -> int:
    """Draw the gallery: the figures of the paper, or the same of a race of your own."""
    from leaderbored.cli import gallery as commands

    if list:
        return OK if say_page(commands.listing()) else FAILED
    _in_time(limit)
    entries, race = commands.wanted(names or (), format, out, game, jobs)
    said, failed, late = True, False, False
    for drawn in commands.draw(entries, out, format, race, jobs, limit=limit):
        if drawn.failure:
            complain(plain(f"{drawn.name}: {drawn.failure}"))
            failed |= drawn.broken
            late |= drawn.failure == commands.LATE
        else:
            said &= say(f"{drawn.name:<14} {drawn.path}  ({drawn.seconds:.0f} s)")
    return FAILED if failed or not said else NOT_CONVERGED if late else OK


@app.command
def reproduce(
    *,
    only: Annotated[
        list[str] | None,
        Parameter(
            help="Check these results alone, e.g. --only R6 R7.",
            negative="",
            consume_multiple=True,
            metavar="R6",
        ),
    ] = None,
    seed: Annotated[int, Parameter(help="Of the sample of parameters.")] = 0,
    limit: Limit = None,
    json: AsJson = False,
    paper: Annotated[
        bool,
        Parameter(
            help="Build the paper instead: all its numbers and figures, and its pages.", negative=""
        ),
    ] = False,
    folder: Annotated[
        Path, Parameter(help="With --paper: where its text is.", metavar="DIR")
    ] = Path("paper"),
) -> int:
    """Check every result of the theory against the numerical solvers."""
    _in_time(limit)
    if paper:
        return _build(folder)
    from leaderbored.cli import theory as commands
    from leaderbored.games.problems import GameFileError, Problem
    from leaderbored.theory import check
    from leaderbored.theory.records import Check
    from leaderbored.views.theory import check_page, check_report

    if seed < 0:
        raise GameFileError("reproduce", [Problem("--seed", str(seed), "expected 0 or more")])
    names, found = commands.known(only or (), "reproduce"), list[Check]()
    with Work(limit) as work:
        for name in names:
            work.progress(f"checking {name}", len(found) + 1, 1.0)
            checked = None if work.stop() else work.attempt(name, partial(check, name, seed))
            found += [checked] if checked else []
    stopped = len(found) < len(names) and not work.failed
    said = say_json(check_report(found)) if json else say_page(check_page(found))
    if stopped:
        work.notes[:] = [f"stopped: {len(found)} of {len(names)} results were checked"]
    code = work.finish(said and all(check.passed for check in found))
    return code or (NOT_CONVERGED if stopped else OK)


@app.command
def derive(
    result: Annotated[str, Parameter(help="Result of the theory, e.g. R7.")],
    /,
    *,
    latex: Annotated[
        bool, Parameter(help="A fragment of LaTeX; needs amsmath.", negative="")
    ] = False,
) -> int:
    """Prove a result of the theory from the primitives, step by step."""
    from leaderbored.cli import theory as commands
    from leaderbored.theory import typeset

    (name,) = commands.known([result], "derive")
    return _done(typeset.as_latex(name) if latex else typeset.as_text(name))


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code.

    Examples
    --------
    >>> main(["race", "no-such-file.toml"])
    2
    """
    from leaderbored import __version__

    app.version = __version__
    with terminable():
        return _guarded(arguments)


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
    except Exception as error:
        from leaderbored.games.problems import GameFileError

        if isinstance(error, GameFileError):
            complain(str(error))
            return BAD_INPUT
        if sys.flags.dev_mode:
            raise
        complain(fault("leaderbored", error))
        return FAILED
    return code if isinstance(code, int) else OK


def _written() -> str:
    from leaderbored.files import WRITTEN

    return f"written: {', '.join(map(str, WRITTEN))}" if WRITTEN else "nothing was written"


def _build(folder: Path) -> int:
    """Build the paper, saying what is done as it is done."""
    from leaderbored.writeup import paper, ready

    ready(folder)
    for made in paper(folder):
        print(f"{made.what:<20} {made.path}  ({made.seconds:.0f} s)", flush=True)
    return OK


# --- answers


def _solved(work: Work, game: Any, method: Any = None, **options: Any) -> Solution[Any]:
    """The solution of a game, or one that says that the time was up."""
    import leaderbored as lb
    from leaderbored.solvers import digest
    from leaderbored.solvers.solution import Census, Solution, Status

    found: Solution[Any] | None = work.within(
        lambda: lb.solve(game, method, limit=work.stop, progress=work.progress, **options)
    )
    if found is None:
        status = Status("stopped", "the time was up and nothing was found", "give it more time")
        census = Census("partial", "the search was stopped", {}, None)
        found = Solution(game, (), status, census, digest(game), work.limit or 0.0)
    return found


def _answer(work: Work, solution: Solution[Any], json: bool, figure: Path | None) -> int:
    """Say the answer, draw it, and say what went wrong."""
    from leaderbored.views.data import solution_report

    said = True
    if json:
        said = say_json(solution_report(solution))
    elif solution.equilibria:
        said = say_page(solution)
    work.draw(figure, solution.plot if solution.equilibria else None)
    return work.finish(said, solution.status)


def _answer_race(
    game: Any,
    *,
    all: bool,
    select: Any = None,
    limit: float | None,
    json: bool,
    figure: Path | None,
) -> int:
    """Solve a race, say whether it is one, and what else can be said while there is time."""
    import leaderbored as lb

    with Work(limit) as work:
        solution = _solved(work, game, all=all, select=select)
        verdicts = _verdicts(work, solution)
        mechanisms = game.mechanisms if verdicts else None
        basins = effects = path = late = None
        if len(verdicts) > 1:
            basins = work.attempt("basins", lambda: lb.basin(solution, progress=work.progress))
        if mechanisms and mechanisms.on:
            effects = work.attempt(
                "what mechanisms do",
                lambda: lb.effects(solution, verdicts[0], limit=work.stop, progress=work.progress),
            )
        if mechanisms and mechanisms.scarcity_path:
            path = work.attempt("the path of scarcity", lambda: lb.scarcity_path(game))
        if mechanisms and mechanisms.training_delay:
            each = range(len(solution.equilibria))
            late = work.attempt(
                "the training delay",
                lambda: [lb.whiplash(solution, equilibrium=k) for k in each],
            )
    said = _say_race(solution, verdicts, (basins or (), effects or (), path, late or ()), json)
    work.draw(figure, _picture(solution, verdicts))
    return work.finish(said, solution.status)


def _soon(game: Any) -> bool:
    """Whether to look for every equilibrium takes about a second."""
    return len(game.labs) == 2 and game.rungs <= QUICK and not game.mechanisms.on


def _verdicts(work: Work, solution: Solution[Any]) -> Sequence[Verdict]:
    """A verdict on each equilibrium, or none if there is one on which there is none."""
    import leaderbored as lb

    found = []
    for k in range(len(solution.equilibria)):
        ask = partial(lb.verdict, solution, k, limit=work.stop, progress=work.progress)
        one = work.attempt("the verdict", ask)
        if one is None:
            return ()
        found.append(one)
    return found


def _say_race(
    solution: Solution[Any], verdicts: Any, extras: tuple[Any, Any, Any, Any], json: bool
) -> bool:
    from leaderbored.views import pages
    from leaderbored.views import race as table
    from leaderbored.views.data import report
    from leaderbored.views.mechanisms import delay_page

    basins, effects, path, late = extras
    if json:
        return say_json(report(solution, verdicts, basins, effects, path, delayed=late))
    if len(verdicts) > 1:
        said = say_page(table.page_of_all(solution, verdicts, basins, effects))
    elif verdicts:
        said = say_page(table.page(solution, solution.equilibria[0], verdicts[0], effects))
    else:
        said = not solution.equilibria or say_page(pages.arrays_page(solution))
    said = said and (path is None or say_page(path))
    return said and (not late or say_page(delay_page(late)))


def _picture(solution: Solution[Any], verdicts: Any) -> Callable[[], Any] | None:
    if not verdicts:
        return None
    from leaderbored.figures.race import race_figure

    return lambda: race_figure(solution, verdicts[0])


def _done(text: str) -> int:
    """Say what is all that there is to say."""
    return OK if say(text) else FAILED


def _in_time(limit: float | None) -> None:
    from leaderbored.games.problems import GameFileError, Problem

    if limit is not None and not limit >= 0:
        raise GameFileError("--limit", [Problem("--limit", f"{limit:g}", "expected 0 or more")])


def _announce(game: Any, all: bool) -> None:
    """Say on stderr what the work will take, if that is more than a moment."""
    from leaderbored.solvers.estimate import estimate

    expected = estimate(game, all=all)
    if expected is not None and expected.seconds > LONG:
        complain(str(expected))


def _finite(game: Any, pure: bool, symmetric: bool) -> Any:
    """The method for a finite game of which only some equilibria are wanted, or None."""
    import leaderbored as lb
    from leaderbored.games.problems import GameFileError, Problem
    from leaderbored.solvers.finite import is_symmetric

    asked = [name for name, on in (("--pure", pure), ("--symmetric", symmetric)) if on]
    if not asked:
        return None
    if not isinstance(game, lb.NormalForm):
        expected = "expected with a game in normal form only"
        raise GameFileError("solve", [Problem(name, "", expected) for name in asked])
    if symmetric and not is_symmetric(game):
        expected = "expected a game that is the same for all its players"
        raise GameFileError("solve", [Problem("--symmetric", "", expected)])
    return lb.FiniteMethod(pure=pure, symmetric=symmetric)


def _run(path: Path) -> Any:
    """The ``game`` that a file in Python makes."""
    import runpy

    from leaderbored.games.problems import GameFileError, Problem
    from leaderbored.solvers.reductions import chain

    try:
        made = chain(runpy.run_path(str(path)).get("game"), "page").game
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        raise GameFileError(str(path), [Problem("game", "", reason)]) from None
    return made


def _known(kind: str, command: str) -> None:
    from leaderbored.games.problems import GameFileError, Problem
    from leaderbored.kinds import kinds_in_files

    if kind not in (known := kinds_in_files()):
        problem = Problem("KIND", repr(kind), f"known: {', '.join(known)}")
        raise GameFileError(command, [problem])


def _write(file: Path, text: str, command: str) -> None:
    """Write a new file; an existing one is never touched."""
    from leaderbored.files import write
    from leaderbored.games.problems import GameFileError, Problem

    try:
        write(file, text.encode(), new=True)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise GameFileError(command, [Problem(str(file), "", reason)]) from None


def _drawn_to(figure: Path, reason: str = "") -> None:
    """Find out before the work whether a figure can be written there."""
    from leaderbored.games.problems import GameFileError, Problem

    try:
        if figure.suffix.lower() not in (".png", ".pdf", ".svg"):
            reason = "expected a name that ends in .png, .pdf or .svg"
        elif not figure.parent.is_dir():
            reason = f"there is no folder {figure.parent}"
        elif figure.is_dir():
            reason = "is a folder"
        elif not os.access(figure if figure.exists() else figure.parent, os.W_OK):
            reason = "may not be written"
    except OSError as error:  # a name that is too long
        reason = error.strerror or "cannot be written"
    if reason:
        raise GameFileError("--figure", [Problem(str(figure), "", reason)])


def _race(
    file: Path | None,
    changes: list[str] | None,
    rungs: int | None,
    figure: Path | None,
    kinds: tuple[type, ...] = (),
) -> Any:
    """The race, or the game of other kinds, to work on; mistakes are found before the work."""
    import leaderbored as lb
    from leaderbored.games.formats.gamefile import five_labs, load
    from leaderbored.games.problems import GameFileError, Problem

    if figure:
        _drawn_to(figure)
    changes = [*(changes or []), *([f"rungs={rungs}"] if rungs is not None else [])]
    game = load(file or five_labs(), changes)
    if not isinstance(game, kinds or lb.Race):
        wanted = ' or "markov"' if kinds else ""
        raise GameFileError(str(file), [Problem("kind", "", f'expected kind = "race"{wanted}')])
    return game


def command() -> None:
    """Run as the console script; a factorisation that was given up may still be running."""
    code = main()
    if any(thread.name.startswith("leaderbored") for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # an interpreter that tidies up under it fails, whatever the answer was
    sys.exit(code)
