"""Solutions as pages, each by the page of its kind; see also `race` and `static`."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from leaderbored.kinds import kind_of
from leaderbored.solvers import Solution
from leaderbored.text import at_most
from leaderbored.verdicts import verdict
from leaderbored.verdicts.welfare import welfare
from leaderbored.views.data.parts import plain_fields, plainly
from leaderbored.views.numbers import number, percent
from leaderbored.views.race import page, page_of_all
from leaderbored.views.sheet import columns, pairs, sheet


def solution_page(solution: Solution) -> RenderableType:
    """A solved game of any kind; of a race without the comparison with twice the rungs.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2)))
    >>> "equilibria" in shown.get()
    True
    """
    if not solution.equilibria:
        status = solution.status
        return sheet(status.code, status.message, Text(status.advice, style="dim"))
    kind = kind_of(solution.game)
    shown: RenderableType = (kind.get("page") if kind.has("page") else plain_page)(solution)
    return shown


def plain_page(solution: Solution) -> RenderableType:
    """Equilibria of a kind that has no page of its own: what stands in their records."""
    rows = [
        (f"{count}" if not k else "", f"{name}: {shown}")
        for count, found in enumerate(solution.equilibria, 1)
        for k, (name, shown) in enumerate(plainly(plain_fields(found)).items())
    ]
    title = getattr(solution.game, "name", "") or kind_of(solution.game).name
    about = Text(f"{solution.complete}: {solution.census.message}", style="dim")
    return sheet(title, solution.status.sentence, pairs(rows), about)


def race_page(solution: Solution) -> RenderableType:
    """A solved race, without the comparison with twice the rungs."""
    verdicts = [verdict(solution, k, check_cap=False) for k in range(len(solution.equilibria))]
    worths = [welfare(solution, k) for k in range(len(solution.equilibria))]
    if len(verdicts) > 1:
        return page_of_all(solution, verdicts, (), worths=worths)
    return page(solution, solution.equilibria[0], verdicts[0], worth=worths[0])


def arrays_page(solution: Solution) -> RenderableType:
    """An equilibrium without a verdict: values and shares in the first state."""
    game = solution.markov
    table = columns("player", "value\nat first", "builds\nat first", "builds\non average")
    first = solution.equilibria[0]
    for name, value, build in zip(game.players, first.value, first.build, strict=True):
        table.add_row(
            name, number(value[0]), percent(float(build[0])), percent(float(build.mean()))
        )
    about = f"regret {at_most(first.regret)}, {len(game.states):,} states{solution.fingerprint}"
    title = getattr(solution.game, "name", "") or "Markov game"
    return sheet(title, solution.status.sentence, table, Text(about, style="dim"))
