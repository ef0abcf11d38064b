"""``leaderbored figures``: the gallery on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any

from leaderbored.cli.console import fault
from leaderbored.figures.files import texless
from leaderbored.figures.gallery import GALLERY, Entry
from leaderbored.figures.look import PLAIN, Look, looking
from leaderbored.games.formats.gamefile import load
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.record import RefusedError
from leaderbored.games.validation import unknown
from leaderbored.kinds import kind_of
from leaderbored.race import Race
from leaderbored.solvers.budget import Budget, StoppedError, now

FORMATS = ("pdf", "svg", "png", "pgf")
LATE = "not drawn: the time was up"


def wanted(
    names: Sequence[str],
    format: str,
    out: Path,
    game: Path | None,
    jobs: int = 1,
    *,
    also: Sequence[Mistake] = (),
) -> tuple[tuple[Entry, ...], Race | None]:
    """The figures asked for, in order, and the race to draw them of, or every mistake at once.

    Raises
    ------
    GameFileError
        Naming what is unknown and what is known; a folder that is a file; figures that cannot be
        drawn of a race.

    Examples
    --------
    >>> entries, race = wanted(["pace"], "svg", Path("figures"), None)
    >>> [entry.name for entry in entries], race
    (['pace'], None)
    """
    known = {entry.name: entry for entry in GALLERY}
    mistakes = [
        Mistake("NAME", repr(name), unknown("figure", name, list(known)))
        for name in names
        if name not in known
    ]
    mistakes += also
    chosen = tuple(known[name] for name in known if name in names or not names)
    if format not in FORMATS:
        mistakes.append(Mistake("--format", repr(format), f"known: {', '.join(FORMATS)}"))
    if format == "pgf" and (reason := texless()):
        mistakes.append(Mistake("--format", repr(format), reason))
    if out.exists() and not out.is_dir():
        mistakes.append(Mistake("--out", str(out), "expected a folder"))
    if jobs == 0 or jobs < -1:
        mistakes.append(Mistake("--jobs", str(jobs), "expected 1 or more, or -1 for all cores"))
    race = None
    if game is not None:
        try:
            race = load(game)
        except GameFileError as error:
            mistakes += error.mistakes
        if race is not None and not kind_of(race).answers("verdict"):
            mistakes.append(Mistake("--game", str(game), 'expected kind = "race"'))
        mistakes += [
            Mistake("NAME", repr(entry.name), "drawn from parameters; expected without --game")
            for entry in chosen
            if names and not entry.takes
        ]
        chosen = tuple(entry for entry in chosen if entry.takes)
    if mistakes:
        raise GameFileError("figures", mistakes)
    return chosen, race


@dataclass(frozen=True)
class Drawn:
    """What became of a figure.

    Attributes
    ----------
    name : str
    path : Path
        Of the file, written if nothing failed.
    seconds : float
    failure : str
        Why there is none; empty if there is one.
    broken : bool
        Whether that is a mistake of the program or of the disk, and not of the race.
    """

    name: str
    path: Path
    seconds: float
    failure: str = ""
    broken: bool = False


def draw(
    entries: Sequence[Entry],
    out: Path,
    format: str,
    race: Race | None = None,
    jobs: int = 1,
    *,
    limit: float | None = None,
    look: Look = PLAIN,
) -> Iterator[Drawn]:
    """Draw figures into a folder, each whole or not at all; what became of each.

    They come in the order in which they are done, and none waits for another. Files have the same
    bytes whatever the number of jobs.

    Parameters
    ----------
    entries : sequence of Entry
    out : Path
        Folder; made if there is none.
    format : str
        pdf, svg, png or pgf.
    race : Race, optional
        To draw them of.
    jobs : int, default 1
        How many to draw side by side.
    limit : float, optional
        Seconds from now after which no figure is finished. Those in which machine code is compiled
        do not count; of several jobs, only while a figure is drawn.
    look : Look, optional
        Their width, font and colours.

    Examples
    --------
    >>> import tempfile
    >>> from leaderbored.figures.gallery import find
    >>> folder = Path(tempfile.mkdtemp())
    >>> [(made.name, made.path.name) for made in draw([find("pace")], folder, "svg")]
    [('pace', 'pace.svg')]
    """
    from joblib import Parallel, delayed

    out.mkdir(parents=True, exist_ok=True)
    jobs = min(jobs, len(entries)) if len(entries) > 1 else 1
    clock = now if jobs == 1 else monotonic  # each process has its own
    left = None if limit is None else partial(_left, clock, clock() + limit)
    here = Path.cwd()  # processes that are at hand may have begun elsewhere
    tasks = (
        delayed(_one)(entry, here, out / f"{entry.name}.{format}", race, left=left, look=look)
        for entry in entries
    )
    yield from Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks)


def _left(clock: Callable[[], float], end: float) -> float:
    return end - clock()


def _one(
    entry: Entry,
    here: Path,
    path: Path,
    race: Race | None,
    *,
    left: Callable[[], float] | None,
    look: Look,
) -> Drawn:
    from leaderbored.figures.files import save_all

    began = perf_counter()
    budget = Budget(None if left is None else left())
    failure, broken = "", False
    try:
        with looking(look):
            with budget.running():
                figure = entry.draw(race)
            budget.check()  # what was stopped inside may lack something
            save_all(figure, here / path)
    except StoppedError:
        failure = LATE
    except OSError as error:
        failure, broken = f"{path}: not written: {error.strerror or error}", True
    except RefusedError as error:
        failure = f"not drawn of this race: {error}"
    except Exception as error:  # of what was stopped, for want of what it would have found
        late = budget.spent()
        failure, broken = LATE if late else fault("the figure", error), not late
    return Drawn(entry.name, path, perf_counter() - began, failure, broken)


def listing() -> Any:
    """A table of the gallery.

    Examples
    --------
    >>> listing().row_count >= 10
    True
    """
    from leaderbored.views.sheet import blank

    table = blank()
    for title in ("name", "what it shows", "--game"):
        table.add_column(title, no_wrap=title != "what it shows")
    for entry in GALLERY:
        table.add_row(entry.name, entry.title, "yes" if entry.takes else "")
    return table
