"""What a report is of: a game, several games, a sweep on disk, or the record of a board."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderbored.views.report import Drawn, Part, Report
from leaderbored.views.report.parts import facts_of, of_assumptions, of_equilibria, of_game

if TYPE_CHECKING:
    from leaderbored.cli.console import Work

TELEPHONE = 3.6  # inches of a figure on one
SHORT = "Drawn are the numbers of the tables below"


def of_solved(work: Work, file: str, solution: Any, depends: float, command: str) -> Report:
    """The report on a solved game of any kind, and on what its verdict depends."""
    from leaderbored.cli.answers import Verdicts, compile_for, depends_on, pages_of
    from leaderbored.figures import drawable
    from leaderbored.kinds import kind_of
    from leaderbored.views.data import solution_report

    game = solution.game
    board = kind_of(game).board
    verdicts = Verdicts.of(work, solution) if board and solution.equilibria else None
    pages = pages_of(solution, verdicts)
    made = None
    if solution.equilibria and not drawable(game):
        made = verdicts.figure(solution) if verdicts else solution.plot
    figures = _figures(work, [(made, "The first equilibrium.")])
    parts = [Part("The answer in numbers", pages=tuple(pages))]
    if board and depends > 0:
        compile_for(game)
        found = depends_on(work, game, depends)
        if found is not None:
            parts.append(Part("What the verdict depends on", pages=(found.table(),)))
            if found.swings:
                figures += _figures(work, [(found.plot, "What a tenth of each number does.")])
    parts += [of_equilibria(solution), of_game(game), of_assumptions(game)]
    headline = solution_report(solution)["headline"]
    if verdicts and verdicts.each:
        from leaderbored.verdicts import headline as of_all

        headline = of_all(verdicts.each) if len(verdicts.each) > 1 else verdicts.each[0].headline
    title = getattr(game, "name", "") or file
    return Report(title, headline, tuple(figures), tuple(parts), command, facts_of(solution))


def of_comparison(work: Work, found: Any, command: str) -> Report:
    """The report on scenarios side by side."""
    figures = _figures(work, [(found.plot if found.solved else None, f"{SHORT}.")])
    parts = [Part("Side by side", pages=(found.table(),))]
    for name, solution in zip(found.names, found.solutions, strict=True):
        each = of_equilibria(solution)
        parts.append(Part(f"{name}: {each.title[0].lower()}{each.title[1:]}", tables=each.tables))
        parts.append(of_game(solution.game, f"{name}: the input"))
    parts.append(of_assumptions(found.solutions[0].game))
    facts = {
        f"{name}: {what}": told
        for name, solution in zip(found.names, found.solutions, strict=True)
        for what, told in facts_of(solution).items()
    }
    title = " beside ".join(found.names)
    return Report(title, found.headline, tuple(figures), tuple(parts), command, facts)


def of_sweep(work: Work, folder: Path, command: str) -> Report:
    """The report on a sweep that has ended on disk."""
    from leaderbored.figures.sweep import sweep_figure
    from leaderbored.sweeps.stored import opened
    from leaderbored.views.sweep import sweep_page

    found = opened(folder)
    page = sweep_page(found)
    figures = _figures(work, [(lambda: sweep_figure(found), f"{SHORT}.")])
    status = found["status"].values.ravel()
    solved = int((status == "converged").sum())
    headline = f"{solved:,} of {len(status):,} points of the sweep were solved."
    facts = {str(name): str(value) for name, value in found.attrs.items()}
    title = str(found.attrs.get("title") or folder)
    return Report(title, headline, tuple(figures), (Part("The sweep", (page,)),), command, facts)


def of_boards(work: Work, names: Sequence[str], command: str) -> Report:
    """The report on the record of boards that are shipped."""
    from leaderbored.evidence.account import account
    from leaderbored.evidence.boards import sources
    from leaderbored.figures.timeline import timeline

    found = [account(name) for name in names]
    figures = _figures(work, [(lambda: timeline(found), "Who led when.")])
    parts = [Part(each.board.title, pages=(each.table(),)) for each in found]
    rows = [
        (name, about["about"], f"{about['source']}, {about['licence']}")
        for name, about in sources().items()
    ]
    heads = ("table", "what it is", "source and licence")
    parts.append(Part("Sources", tables=((heads, rows),)))
    title = " and ".join(each.board.title for each in found)
    headline = " ".join(each.headline for each in found)
    return Report(f"The record: {title}", headline, tuple(figures), tuple(parts), command)


def _figures(work: Work, wanted: Sequence[tuple[Any, str]]) -> list[Drawn]:
    """Figures that can be drawn, each with its caption; what could not be is noted."""
    from leaderbored.figures.look import Look, looking

    def both(make: Any, caption: str) -> Drawn:
        with looking(Look(width=TELEPHONE, title=False)):
            narrow = make()
        return Drawn(make(), caption, narrow)

    asked = [partial(both, *each) for each in wanted if each[0] is not None]
    drawn = [work.attempt("a figure of the report", each) for each in asked]
    return [each for each in drawn if each is not None]
