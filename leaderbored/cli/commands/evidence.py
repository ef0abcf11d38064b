"""``leaderbored evidence``: who led on public leaderboards."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from leaderbored.cli.boards import Names, Rung, needed, on_board, race_of, renamed
from leaderbored.cli.console import NOT_CONVERGED, OK, Work
from leaderbored.cli.options import insist, together, wrong
from leaderbored.cli.output import PRINTED, Output, Pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leaderbored.evidence.boards import Board
    from leaderbored.evidence.family import Family
    from leaderbored.evidence.scores import Scores


def evidence(
    boards: Annotated[
        tuple[str, ...],
        Parameter(
            help="Boards that are shipped, arena or eci, or tables of scores: .csv with the "
            "columns date, lab and score. Both shipped ones by default.",
            metavar="BOARD",
        ),
    ] = (),
    /,
    *,
    draws: Annotated[
        int,
        Parameter(
            help="For a table of scores: number of random reorderings of the labs' records.",
            metavar="N",
        ),
    ] = 1000,
    seed: Annotated[int, Parameter(help="Seed of these reorderings.", metavar="N")] = 0,
    margin: Annotated[
        float,
        Parameter(
            help="For a table of scores: a challenger takes the lead if it is ahead by more "
            "than this.",
            metavar="SCORE",
        ),
    ] = 0.0,
    race: Annotated[
        str | None,
        Parameter(
            help="Compare the board with histories of this race instead: a game file, or a "
            "name from `leaderbored catalogue`. The board is eci unless another is "
            "named.",
            metavar="FILE",
        ),
    ] = None,
    rung: Rung = None,
    name: Names = None,
    fit: Annotated[
        bool,
        Parameter(help="Say which races of two labs could have produced this record.", negative=""),
    ] = False,
    market: Annotated[
        str,
        Parameter(
            help="With --fit: the market of these races, scarce or clearing.", metavar="KIND"
        ),
    ] = "scarce",
    owners: Annotated[
        str | None,
        Parameter(
            help="With --fit: a scenario in which the two labs' compute is in proportion to "
            "the accelerators of two owners, e.g. Google,Microsoft. Equal compute by "
            "default.",
            metavar="A,B",
        ),
    ] = None,
    every_equilibrium: Annotated[
        bool,
        Parameter(
            help="With --fit: take every equilibrium of a race as a hypothesis of its own; "
            "takes half an hour.",
            negative="",
        ),
    ] = False,
    all: Annotated[
        bool,
        Parameter(
            help="Write every table and figure of the shipped boards to files in --out.",
            negative="",
        ),
    ] = False,
    out: Annotated[
        Path, Parameter(help="With --all: the folder to write to.", metavar="DIR")
    ] = Path("evidence"),
    to: Output = PRINTED,
) -> int:
    """Say who led public leaderboards, and whether labs that ignore each other would look alike."""
    from leaderbored.evidence.account import account, board_of
    from leaderbored.evidence.boards import SHIPPED
    from leaderbored.evidence.scores import read_scores
    from leaderbored.figures.timeline import timeline as drawn
    from leaderbored.views.evidence import account_report

    fitting = "expected with --fit"
    made = together(
        partial(_check, draws, seed, margin),
        partial(
            insist,
            "evidence",
            (not fit and owners, "--owners", "", fitting),
            (not fit and market != "scarce", "--market", "", fitting),
            (not fit and every_equilibrium, "--every-equilibrium", "", fitting),
            (to.figure and fit, "--figure", to.figure, "expected without --fit"),
            (to.figure and all and not fit, "--figure", to.figure, "expected without --all"),
        ),
        to.check,
        partial(renamed, name, rung),
        lambda: None if race is None else race_of(race),
    )
    if race is not None:
        here = on_board(made, _one(race, boards), rung, name)
        return _held_against(made, *here, draws=draws, seed=seed, to=to)
    if all:
        return _everything(out, draws, seed)
    asked = boards or SHIPPED
    given = [name if name in SHIPPED else read_scores(Path(name)) for name in asked]
    if fit:
        family = _family(market, owners, every_equilibrium)
        return _fitted([board_of(each, margin) for each in given], seed, family, to)
    with Work(None) as work:
        found = work.within(lambda: [account(each, draws, seed, margin) for each in given])
        if found is None:
            return _stopped(work)
        said = to.say(lambda: {"boards": [account_report(each) for each in found]}, *found)
        work.draw(to, partial(drawn, found))
    return work.finish(said) or OK


def _family(market: str, pair: str | None, every: bool) -> Family:
    """What the races of a fit share; all that is wrong at once."""
    from dataclasses import replace

    from leaderbored.evidence.family import EQUAL, owners
    from leaderbored.games.problems import GameFileError, Mistake

    found, family = [], EQUAL
    if pair is not None:
        names = pair.split(",")
        try:
            if len(names) != 2:
                raise ValueError("expected two owners, as Google,Microsoft")
            family = owners(*(name.strip() for name in names))
        except ValueError as error:
            found.append(Mistake("--owners", pair, str(error)))
    try:
        family = replace(family, market=market, all=every)
    except ValueError as error:
        found.append(Mistake("--market", market, str(error).rpartition(": ")[2]))
    if found:
        raise GameFileError("evidence", found)
    return family


def _fitted(boards: Sequence[Board], seed: int, family: Family, to: Pages) -> int:
    """Which races would have shown the records of boards."""
    from leaderbored.evidence.fit import fit as fitted

    with Work(None) as work:
        try:
            found = work.within(lambda: [fitted(each, seed=seed, family=family) for each in boards])
        except ValueError as error:  # a short record
            raise wrong("evidence", "--fit", "", str(error)) from None
        if found is None:
            return _stopped(work)
        said = to.say(lambda: {"fits": [each.data() for each in found]}, *found)
    return work.finish(said) or OK


def _everything(out: Path, draws: int, seed: int) -> int:
    """Every table and figure of the record, each saved as soon as it is made."""
    from time import perf_counter

    from leaderbored.evidence.everything import everything

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise wrong("evidence", "--out", out, error.strerror or "cannot be made") from None
    with Work(None) as work:
        start, results = perf_counter(), everything(draws, seed)
        while (result := work.within(lambda: next(results, None))) is not None:
            name, made = result
            for suffix in (".txt", ".json", *((".png",) if made.pictured else ())):
                work.attempt(name, partial(made.save, out / f"{name}{suffix}"))
            print(f"{name:<16} {out / name}.*  ({perf_counter() - start:.0f} s)", flush=True)
            start = perf_counter()
    return work.finish(True) or OK


def _stopped(work: Work) -> int:
    """Say that there is nothing; the exit code."""
    work.notes.append("stopped before anything was found")
    return work.finish(True) or NOT_CONVERGED


def _one(race: str, boards: tuple[str, ...]) -> str:
    if len(boards) > 1:
        raise wrong("evidence", "--race", race, "expected one board beside it")
    return boards[0] if boards else "eci"


def _held_against(
    race: Any,
    scores: Scores,
    unit: float,
    *,
    draws: int,
    seed: int,
    to: Output,
) -> int:
    """A board beside the histories of a race and those of independent labs."""
    from leaderbored.evidence.predictions import predictions
    from leaderbored.solvers import solve

    with Work(None) as work:
        solution = work.within(lambda: solve(race, limit=work.stop, progress=work.progress))
        if solution is None or not solution.equilibria:
            work.notes.append("no equilibrium was found, and so nothing is held against the board")
            return work.finish(True) or NOT_CONVERGED
        found = work.within(lambda: predictions(solution, scores, unit, max(draws, 2), seed))
        if found is None:
            return _stopped(work)
        said = to.say(found.data, found)
        work.draw(to, found.plot)
    return work.finish(said) or OK


def _check(draws: int, seed: int, margin: float) -> None:
    """Insist on numbers that make sense, and on the libraries that the statistics need."""
    from leaderbored.games.problems import GameFileError, Mistake

    found = [
        Mistake(name, f"{value:g}", expected)
        for name, value, good, expected in (
            ("--draws", draws, draws >= 1, "expected 1 or more"),
            ("--seed", seed, seed >= 0, "expected 0 or more"),
            ("--margin", margin, margin >= 0, "expected 0 or more"),
        )
        if not good
    ]
    if found := [*found, *needed()]:
        raise GameFileError("evidence", found)
