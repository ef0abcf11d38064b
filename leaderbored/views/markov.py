"""A solved Markov game of one's own as a page in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.markov import Array
from leaderbored.games.stochastic import MarkovGame
from leaderbored.games.stochastic.symbols import Agent
from leaderbored.solvers import MarkovEquilibrium, Solution
from leaderbored.solvers.order import ordered
from leaderbored.text import at_most, percent
from leaderbored.views.sheet import ALL, Cells, and_more, blank, first_rows
from leaderbored.views.static import at_least, proofs

ROWS = 24  # states shown: those that time is spent in most
MANY = 12  # equilibria listed
COLUMNS = 4  # actions of a list that have a column each
PLAYED = 1e-9  # least probability of an action that is taken


def markov_headline(solution: Solution[MarkovEquilibrium]) -> str:
    """One sentence: how many equilibria, which are stable, how large the game is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "1"}, hazard="sqrt(b)")])
    >>> print(markov_headline(lb.solve(lb.MarkovGame([lab], 0.1, states={"d": (0, 1)}))))
    At least one Markov-perfect equilibrium, stable; 2 states.
    """
    found = solution.equilibria
    size = f"{solution.game.size:,} states"
    if not found:
        return f"No equilibrium found; {size}."
    if solution.status.code == "approximate":
        bound = f"no player gains more than {at_most(found[0].regret, 2)} of its largest value"
        return f"No equilibrium found, but an epsilon-equilibrium: {bound}; {size}."
    if len(found) == 1:
        word = {True: ", stable", False: ", unstable", None: ""}[found[0].stable]
        return f"{at_least(1, solution)} Markov-perfect equilibrium{word}; {size}."
    words = (("stable", True), ("unstable", False))
    counts = [(word, sum(e.stable is value for e in found)) for word, value in words]
    known = ", ".join(f"{count} {word}" for word, count in counts if count)
    among = f"{len(found)} are shown" if solution.census.count else ""
    count = at_least(solution.census.count or len(found), solution)
    about = ": ".join(filter(None, (among, known)))
    joint = "; " if among else ": "
    return f"{count} Markov-perfect equilibria{joint + about if about else ''}; {size}."


def markov_page(solution: Solution[MarkovEquilibrium]) -> RenderableType:
    """The headline, one row for each equilibrium, the first one's policy, and its worth.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> lab = lb.MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                       events=[lb.Event({"d": "1"}, hazard="sqrt(b)")])
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(markov_page(lb.solve(lb.MarkovGame([lab], 0.1, states={"d": (0, 1)}))))
    >>> "lab: b" in shown.get()
    True
    """
    game: MarkovGame = solution.game
    lines: list[RenderableType] = [Text(game.name or game.kind, style="dim")]
    lines += [Text(markov_headline(solution), style="bold"), Text()]
    if len(solution.equilibria) > 1:
        lines.append(first_rows(MANY, partial(_list, solution)))
        lines += [*and_more(len(solution.equilibria), MANY), Text()]
    if game.size > ROWS or len(solution.equilibria) > 1:
        some = f" ({ROWS} of {game.size:,} states; {ALL})" if game.size > ROWS else ""
        lines.append(Text(f"The first equilibrium{some}"))
    lines += [first_rows(ROWS, partial(_policy, game, solution.equilibria[0])), Text()]
    if solution.census.count and solution.census.ranges:
        lines.append(Text(_ranges(solution), style="dim"))
    lines.append(Text(_worth(solution), style="dim"))
    return Padding(Group(*lines), (1, 2))


def _list(solution: Solution[MarkovEquilibrium], most: int | None) -> Cells:
    table = blank()
    first = ", ".join(
        f"{name} = {value}"
        for name, value in zip(solution.game.labels, solution.game.grid[0], strict=True)
    )
    for name in ("", f"values at {first}", "stable", "index", "regret", "found by"):
        table.add_column(name, justify="left" if name == "found by" else "right")
    for number, e in enumerate(solution.equilibria[:most]):
        values = ", ".join(f"{round(value, 12) + 0.0:.5g}" for value in e.value[:, 0].tolist())
        stable = {True: "yes", False: "no", None: "-"}[e.stable]
        index = "-" if e.index is None else str(e.index)
        table.add_row(str(number + 1), values, stable, index, at_most(e.regret), e.method)
    return table


def _policy(game: MarkovGame, equilibrium: MarkovEquilibrium, most: int | None) -> Cells:
    """What is done and what it is worth, in the states that time is spent in most."""
    time = equilibrium.stationary
    shown = np.arange(game.size)
    if most is not None and game.size > most:
        weight = np.zeros(game.size) if time is None else time
        shown = np.sort(ordered(shown, lambda state: [-weight[state]])[:most])
    table = blank()
    table.keys = max(len(game.labels), 1)
    for name in game.labels:
        table.add_column(name, justify="right")
    cells = [[str(value) for value in state] for state in game.grid[shown].tolist()]
    for agent in game.agents:
        for name, told in _acts(agent, equilibrium.policy[agent.name][shown]):
            table.add_column(name, justify="right")
            for row, cell, ended in zip(cells, told, game.ended[shown].tolist(), strict=True):
                row.append("-" if ended else cell)
    for agent, value in zip(game.agents, equilibrium.value, strict=True):
        table.add_column(f"value {agent.name}", justify="right")
        for row, worth in zip(cells, value[shown].tolist(), strict=True):
            row.append(_told(worth))
    if time is not None:
        table.add_column("time", justify="right")
        for row, share in zip(cells, time[shown].round(12).tolist(), strict=True):
            row.append(percent(share, 2) if share > 0.5 else f"{float(f'{100 * share:.2g}'):g}%")
    for row in cells:
        table.add_row(*row)
    return table


def _acts(agent: Agent, policy: Array) -> Iterator[tuple[str, list[str]]]:
    """Columns of what an agent decides, by state; one for all the actions of a long list."""
    player = agent.player
    laws = policy.reshape(len(policy), -1)
    reals = len(player.action)
    apart = len(player.options) <= COLUMNS
    for name, law in zip(player.choices if apart else player.action, laws.T, strict=False):
        yield f"{agent.name}: {name}", [_told(x) for x in law.tolist()]
    if not apart:
        names = [name.rpartition(" = ")[2] for name in player.options]
        of = {name.rpartition(" = ")[0] for name in player.options}
        head = f"{agent.name}: {of.pop()}" if len(of) == 1 and all(of) else agent.name
        yield head, [mixed(names, law) for law in laws[:, reals:].tolist()]


def mixed(names: Sequence[str], law: Sequence[float]) -> str:
    """The action that is taken, or the probabilities of those that are; a dash where none is.

    Examples
    --------
    >>> mixed(["0", "5"], [0, 1]), mixed(["0", "5"], [0.5, 0.5]), mixed(["0", "5"], [0, 0])
    ('5', '0: 0.5, 5: 0.5', '-')
    """
    played = [(name, chance) for name, chance in zip(names, law, strict=True) if chance > PLAYED]
    if len(played) == 1:
        return played[0][0]
    return ", ".join(f"{name}: {chance:.4g}" for name, chance in played) or "-"


def _told(value: float) -> str:
    return f"{round(value, 12) + 0.0:.5g}"


def _ranges(solution: Solution[MarkovEquilibrium]) -> str:
    """What the first state is worth at least and at most, over all equilibria."""
    census = solution.census
    rows = {name: rows[0] for name, rows in (census.ranges or {}).items()}
    if census.total:
        rows["all together"] = census.total[0]
    told = ", ".join(
        f"{name} {_tidy(low, solution):.5g} to {_tidy(high, solution):.5g}"
        for name, (low, high) in rows.items()
    )
    most = f", of at most {census.best[0]:.5g} by any policies" if census.best else ""
    return f"Values in the first state over all {solution.count:,}: {told}{most}."


def _tidy(value: float, solution: Solution[MarkovEquilibrium]) -> float:
    """Nothing where a value is nothing but rounding."""
    size = max(float(np.abs(e.value).max()) for e in solution.equilibria)
    return value if abs(value) > 1e-12 * size else 0.0


def _worth(solution: Solution[MarkovEquilibrium]) -> str:
    worst = max(e.regret for e in solution.equilibria)
    residual = at_most(max(e.residual for e in solution.equilibria))
    proved = "".join(f"{part}; " for part in [proofs(solution)] if part)
    return (
        f"{solution.complete}: {solution.census.message}; {proved}regret at most {at_most(worst)}, "
        f"residual {residual}{_choices(solution)}; {solution.seconds:.2g} s{solution.fingerprint}"
    )


def _choices(solution: Solution[MarkovEquilibrium]) -> str:
    """How exact choice probabilities under private shocks are."""
    errors = [e.choice_error for e in solution.equilibria if e.choice_error is not None]
    return f", choice probabilities to {at_most(max(errors))}" if errors else ""
