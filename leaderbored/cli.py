"""The command line: ``leaderbored race``, ``solve``, ``trace``, ``catalogue``, ``new`` and others.

Heavy modules are imported inside the commands, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import App, CycloptsError, Parameter

if TYPE_CHECKING:
    from leaderbored.solvers.budget import Progress
    from leaderbored.solvers.solution import Status

NEAR = 1e-3  # distance to the best replies at which the progress bar is full
LONG = 3.0  # seconds of work from which on it is announced
KINDS = "race, contest, continuous, linear-quadratic, markov or normal-form"
REPORTS = {"linear-quadratic": "linear_quadratic_report", "markov": "markov_report"}
OK, FAILED, BAD_INPUT, NOT_CONVERGED, INTERRUPTED = 0, 1, 2, 3, 130

app = App(
    name="leaderbored",
    help="Is the AI race a race or a run? Computes the equilibrium of labs that split scarce "
    "compute between building the next model and selling the present one.",
    suppress_keyboard_interrupt=False,
    help_epilogue="Exit codes: 0 solved, 1 a result failed its check, 2 bad input, 3 not "
    "converged or stopped.",
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
    all: Annotated[bool, Parameter(help="Look for every equilibrium.", negative="")] = False,
    select: Annotated[
        Literal["from history", "risk"] | None,
        Parameter(help="Take the equilibrium that best-response dynamics leads to from idle "
                  "compute, or the one that is left as noise in the replies dies out."),
    ] = None,
    set: Changes = None,
    rungs: Rungs = None,
    json: AsJson = False,
    figure: Drawing = None,
) -> int:  # fmt: skip
    """Solve the build-or-sell race and say whether it is a race or a run."""
    import leaderbored as lb
    from leaderbored.games.gamefile import GameFileError, Problem

    game = _race(file, set, rungs, figure)
    if all and select:
        raise GameFileError("race", [Problem("--select", select, "expected without --all")])
    with _Bar() as progress:
        solution = lb.solve(game, all=all, select=select, progress=progress)
        verdicts = [
            lb.verdict(solution, k, progress=progress) for k in range(len(solution.equilibria))
        ]
        several = len(verdicts) > 1
        basins = lb.basin(solution, progress=progress) if several else ()
        effects = lb.effects(solution, verdicts[0], progress) if verdicts else ()
        path = lb.scarcity_path(game) if verdicts and game.mechanisms.scarcity_path else None
    if figure and verdicts:
        from leaderbored.figures.race import race_figure
        from leaderbored.figures.style import save

        save(race_figure(solution, verdicts[0]), figure)
    if json:
        from leaderbored.report import report

        _print_json(report(solution, verdicts, basins, effects, path))
    elif several:
        from leaderbored.table import page_of_all

        _print(page_of_all(solution, verdicts, basins, effects))
    elif verdicts:
        from leaderbored.table import page

        _print(page(solution, solution.equilibria[0], verdicts[0], effects))
    if path and not json:
        _print(path)
    return _code(solution.status)


@app.command
def solve(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    one: Annotated[bool, Parameter(help="Find one equilibrium, quickly.", negative="")] = False,
    limit: Annotated[
        float | None, Parameter(help="Stop after so many seconds and show what was found.",
                                metavar="SECONDS")
    ] = None,
    information: Annotated[
        Literal["feedback", "open-loop"] | None,
        Parameter(help="Of a linear-quadratic game: whether players see the state, as by default, "
                  "or commit to plans."),
    ] = None,
    pure: Annotated[
        bool, Parameter(help="Of a finite game: only equilibria without mixing.", negative="")
    ] = False,
    symmetric: Annotated[
        bool, Parameter(help="Of a finite game: only equilibria in which all do the same.",
                        negative="")
    ] = False,
    set: Changes = None,
    json: AsJson = False,
    figure: Drawing = None,
    allow_python: Annotated[bool, Parameter(
        help="Run GAME, a file in Python that you trust, and solve what it calls game.",
        negative="")] = False,
) -> int:  # fmt: skip
    """Solve any game: every equilibrium that is found, each with its certificate."""
    import leaderbored as lb
    from leaderbored.games.catalogue import find
    from leaderbored.games.gamefile import GameFileError, Problem, load

    path = find(game)
    made = _run(path) if allow_python and path.suffix == ".py" else load(path, set or ())
    if information and not isinstance(made, lb.LinearQuadratic):
        expected = "expected with a linear-quadratic game only"
        raise GameFileError("solve", [Problem("--information", information, expected)])
    method = _finite(made, pure, symmetric)
    if isinstance(made, lb.Race):
        return race(path, all=not one, set=set, json=json, figure=figure)
    if figure:
        from leaderbored.figures import drawable

        _drawn_to(figure, drawable(made))
    _announce(made, not one)
    with _Bar() as progress, _Patience(limit) as stop:
        options: dict[str, Any] = {
            "exact": isinstance(made, lb.NormalForm),
            "information": information,
        }
        solution: Any = lb.solve(
            made, method, all=not one, limit=stop, progress=progress, **options
        )
    if figure and solution.equilibria:
        from leaderbored.figures import draw
        from leaderbored.figures.style import save

        save(draw(solution), figure)
    _show(solution, made.kind, json)
    return INTERRUPTED if stop.interrupted else _code(solution.status)


@app.command
def convert(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    out: Annotated[Path, Parameter(help="Where to write: .toml, .nfg, .csv or .json; "
                                        "must not exist.")],
    /,
) -> int:  # fmt: skip
    """Write a payoff table in another format, payoffs exactly."""
    from leaderbored.games.catalogue import find
    from leaderbored.games.gamefile import dumps, load

    _write(out, dumps(load(find(game)), out.suffix.lower()), "convert")
    print(f"wrote {out}")
    return OK


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
        print("\n\n".join(dict.fromkeys(e.source.bibtex for e in found if e.source)))
    elif json:
        from dataclasses import asdict

        _print_json({"games": [asdict(entry) for entry in found]})
    else:
        from leaderbored.static_table import catalogue_page

        _print(catalogue_page(found))
    return OK


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
    json: AsJson = False,
    figure: Drawing = None,
) -> int:
    """Follow every equilibrium while one number of a race, or of a Markov game, moves."""
    import leaderbored as lb

    game = _race(file, set, rungs, figure, (lb.Race, lb.MarkovGame))
    with _Bar() as progress:
        found = lb.trace(game, along, start, stop, progress=progress)
    if figure and found.branches:
        from leaderbored.figures.correspondence import correspondence_figure
        from leaderbored.figures.style import save

        save(correspondence_figure(found), figure)
    if json:
        from leaderbored.report import trace_report

        _print_json(trace_report(found))
    elif found.branches:
        from leaderbored.table import trace_page

        _print(trace_page(found))
    return _code(found.status)


@app.command
def dynamics(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    rule: Annotated[
        str,
        Parameter(help="How players move: best-response (all at once), sequential, random (one "
                  "by one, in a random order), adjust, myopic, level-k, fictitious, replicator or "
                  "logit."),
    ] = "best-response",
    start: Annotated[
        str | None,
        Parameter(name="--from", help='Where it starts: idle, busy or random; of a race also '
                  '"A ahead by 3", of a table "H, T", of a game of real strategies "1, 2.5".'),
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
    json: AsJson = False,
    figure: Drawing = None,
) -> int:  # fmt: skip
    """Let players move lap by lap: does it converge, cycle or wander, and does a lead close?"""
    from leaderbored.games.catalogue import find
    from leaderbored.games.gamefile import load
    from leaderbored.motion import commands

    if figure:
        _drawn_to(figure)
    made = load(find(game), set or ())
    numbers = {"adjustment": adjustment, "level": level, "noise": noise}
    with _Bar() as progress:
        motion = commands.move(
            made, rule, start, laps=laps, seed=seed, numbers=numbers, progress=progress
        )
    if figure:
        motion.save(figure)
    if json:
        _print_json(commands.motion_report(motion))
    else:
        _print(motion)
    return OK


@app.command
def new(
    kind: Annotated[str, Parameter(help=f"Kind of game: {KINDS}.")] = "race",
    file: Annotated[
        Path | None, Parameter(help="Where to write, KIND.toml by default; must not exist.")
    ] = None,
    /,
) -> int:
    """Write a commented game file to start from."""
    from leaderbored.games.gamefile import starter

    if file is None and kind.endswith(".toml"):
        kind, file = "race", Path(kind)
    _known(kind, "new")
    file = file or Path(f"{kind}.toml")
    _write(file, starter(kind).read_text(encoding="utf-8"), "new")
    verb = "race" if kind == "race" else "solve"
    print(f"wrote {file}; solve it with: leaderbored {verb} {file}")
    return OK


@app.command
def schema(
    kind: Annotated[str, Parameter(help=f"Kind of game: {KINDS}.")] = "race",
    /,
) -> int:
    """Print the JSON schema of game files, for editors."""
    from leaderbored.games import gamefile

    _known(kind, "schema")
    print(gamefile.schema(kind), end="")
    return OK


@app.command
def figures(
    names: Annotated[list[str] | None, Parameter(help="Which; by default all.")] = None,
    /,
    *,
    list: Annotated[bool, Parameter(help="Name the figures and stop.", negative="")] = False,
    out: Annotated[Path, Parameter(help="Folder for the files.", metavar="DIR")] = Path("figures"),
    format: Annotated[Literal["pdf", "svg", "png"], Parameter(help="Of the files.")] = "pdf",
    game: Annotated[
        Path | None, Parameter(help="Game file of a race to draw them of, instead of the paper's.",
                               metavar="FILE")
    ] = None,
    jobs: Annotated[
        int, Parameter(help="How many to draw side by side; -1 for as many as there are cores.")
    ] = -1,
) -> int:  # fmt: skip
    """Draw the gallery: the figures of the paper, or the same of a race of your own."""
    from leaderbored.figures.gallery import commands

    if list:
        _print(commands.listing())
        return OK
    entries, race = commands.wanted(names or (), format, out, game)
    for name, path, seconds in commands.draw(entries, out, format, race, jobs):
        print(f"{name:<14} {path}  ({seconds:.0f} s)")
    return OK


@app.command
def reproduce(
    *,
    only: Annotated[
        list[str] | None,
        Parameter(help="Check these results alone, e.g. --only R6 R7.", negative="",
                  consume_multiple=True, metavar="R6"),
    ] = None,
    seed: Annotated[int, Parameter(help="Of the sample of parameters.")] = 0,
    json: AsJson = False,
    paper: Annotated[
        bool, Parameter(help="Build the paper instead: all its numbers and figures, and its pages.",
                        negative="")
    ] = False,
    folder: Annotated[
        Path, Parameter(help="With --paper: where its text is.", metavar="DIR")
    ] = Path("paper"),
) -> int:  # fmt: skip
    """Check every result of the theory against the numerical solvers."""
    if paper:
        return _build(folder)
    from leaderbored.theory import commands

    names = commands.known(only or (), "reproduce")
    found = list(commands.checks(names, seed))
    if json:
        _print_json(commands.check_report(found))
    else:
        _print(commands.check_page(found))
    return OK if all(check.passed for check in found) else FAILED


@app.command
def derive(
    result: Annotated[str, Parameter(help="Result of the theory, e.g. R7.")],
    /,
    *,
    latex: Annotated[bool, Parameter(help="Print formulas in LaTeX.", negative="")] = False,
) -> int:
    """Derive a result of the theory from the primitives, step by step."""
    from leaderbored.theory import commands

    (name,) = commands.known([result], "derive")
    print(commands.derivation_text(name, latex))
    return OK


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; the exit code.

    Examples
    --------
    >>> main(["race", "no-such-file.toml"])
    2
    """
    from leaderbored import __version__

    app.version = __version__
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except CycloptsError:
        return BAD_INPUT
    except BrokenPipeError:  # the reader, head say, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        print(f"{error.filename or 'output'}: {error.strerror}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        print("interrupted; nothing was written", file=sys.stderr)
        return INTERRUPTED
    except ValueError as error:
        from leaderbored.games.gamefile import GameFileError

        if not isinstance(error, GameFileError):
            raise
        print(error, file=sys.stderr)
        return BAD_INPUT
    return code if isinstance(code, int) else OK


def _build(folder: Path) -> int:
    """Build the paper, saying what is done as it is done."""
    from leaderbored.writeup import paper, ready

    ready(folder)
    for made in paper(folder):
        print(f"{made.what:<20} {made.path}  ({made.seconds:.0f} s)", flush=True)
    return OK


def _show(solution: Any, kind: str, json: bool) -> None:
    """Print an answer: as one JSON object, or as a page if there is one."""
    from leaderbored import report

    if json:
        _print_json(getattr(report, REPORTS.get(kind, "static_report"))(solution))
    elif solution.equilibria:
        _print(solution)


def _announce(game: Any, all: bool) -> None:
    """Say on stderr what the work will take, if that is more than a moment."""
    from leaderbored.solvers.estimate import estimate

    expected = estimate(game, all=all)
    if expected is not None and expected.seconds > LONG:
        print(expected, file=sys.stderr)


def _finite(game: Any, pure: bool, symmetric: bool) -> Any:
    """The method for a finite game of which only some equilibria are wanted, or None."""
    import leaderbored as lb
    from leaderbored.games.gamefile import GameFileError, Problem
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

    from leaderbored.games.gamefile import GameFileError, Problem
    from leaderbored.solvers import room

    try:
        made, _ = room(runpy.run_path(str(path)).get("game"))
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise GameFileError(str(path), [Problem("game", "", reason)]) from None
    return made


def _known(kind: str, command: str) -> None:
    from leaderbored.games import gamefile

    if kind not in gamefile.KINDS:
        problem = gamefile.Problem("KIND", repr(kind), f"known: {', '.join(gamefile.KINDS)}")
        raise gamefile.GameFileError(command, [problem])


def _write(file: Path, text: str, command: str) -> None:
    """Write a new file; an existing one is never touched."""
    from leaderbored.games.gamefile import GameFileError, Problem

    try:
        with file.open("x", encoding="utf-8", newline="") as out:
            out.write(text)
    except OSError as error:
        reason = error.strerror or "cannot be written"
        raise GameFileError(command, [Problem(str(file), "", reason)]) from None


def _drawn_to(figure: Path, reason: str = "") -> None:
    """Find out before the work whether a figure can be written there."""
    from leaderbored.games.gamefile import GameFileError, Problem

    if figure.suffix.lower() not in (".png", ".pdf", ".svg"):
        reason = "expected a name that ends in .png, .pdf or .svg"
    elif not figure.parent.is_dir():
        reason = f"there is no folder {figure.parent}"
    if reason:
        raise GameFileError("--figure", [Problem(str(figure), "", reason)])


def _race(
    file: Path | None, changes: list[str] | None, rungs: int | None, figure: Path | None,
    kinds: tuple[type, ...] = (),
) -> Any:  # fmt: skip
    """The race, or the game of other kinds, to work on; mistakes are found before the work."""
    import leaderbored as lb
    from leaderbored.games.gamefile import GameFileError, Problem, five_labs, load

    if figure:
        _drawn_to(figure)
    changes = [*(changes or []), *([f"rungs={rungs}"] if rungs is not None else [])]
    game = load(file or five_labs(), changes)
    if not isinstance(game, kinds or lb.Race):
        wanted = ' or "markov"' if kinds else ""
        raise GameFileError(str(file), [Problem("kind", "", f'expected kind = "race"{wanted}')])
    return game


def _code(status: Status) -> int:
    """Exit code; what went wrong goes to stderr."""
    if status.ok:
        return OK
    print(f"{status.code}: {status.message}", file=sys.stderr)
    print(f"advice: {status.advice}", file=sys.stderr)
    return NOT_CONVERGED


def _print_json(data: dict[str, Any]) -> None:
    print(json.dumps(data, ensure_ascii=False, allow_nan=False))


def _print(page: Any) -> None:
    from rich.console import Console

    Console(highlight=False).print(page)


class _Bar:
    """A progress bar on stderr, for work of more than a second at a terminal.

    Rounds have no known number, so the bar shows how close the shares are to their best replies,
    on a logarithmic scale.
    """

    def __enter__(self) -> Progress:
        from time import monotonic

        from rich.console import Console

        self.console = Console(stderr=True)
        self.began, self.clock = monotonic(), monotonic
        self.bar: Any = None
        return self.show

    def show(self, phase: str, round: int, distance: float) -> None:
        if not self.console.is_terminal or self.clock() - self.began < 1:
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        if self.bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
            self.bar = Progress(*columns, console=self.console, transient=True)
            self.task = self.bar.add_task(phase, total=1)
            self.bar.start()
        closeness = math.log(min(max(distance, NEAR), 1)) / math.log(NEAR)
        self.bar.update(self.task, description=f"{phase}, round {round}", completed=closeness)

    def __exit__(self, *_: object) -> None:
        if self.bar is not None:
            self.bar.stop()


class _Patience:
    """When to stop: after some seconds, or when the user presses Ctrl-C."""

    def __init__(self, limit: float | None) -> None:
        self.limit, self.interrupted = limit, False

    def __enter__(self) -> _Patience:
        import signal
        from time import monotonic

        self.end = math.inf if self.limit is None else monotonic() + self.limit
        self.clock = monotonic
        self.before = signal.signal(signal.SIGINT, self.interrupt)
        return self

    def interrupt(self, *_: object) -> None:
        if self.interrupted:  # the second time is meant
            raise KeyboardInterrupt
        self.interrupted = True

    def __call__(self) -> bool:
        return self.interrupted or self.clock() >= self.end

    def __exit__(self, *_: object) -> None:
        import signal

        signal.signal(signal.SIGINT, self.before)


if __name__ == "__main__":
    sys.exit(main())
