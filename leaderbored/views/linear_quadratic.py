"""A solved linear-quadratic game as a page in the terminal."""

from __future__ import annotations

from functools import partial

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.markov import Array
from leaderbored.solvers import Solution
from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium
from leaderbored.text import at_most
from leaderbored.views.sheet import Cells, and_more, blank, first_rows
from leaderbored.views.static import MOST_ROWS, at_least, worth

Solved = Solution[LinearQuadraticEquilibrium]
MOST_SHOWN = 6  # numbers in a cell


def linear_quadratic_headline(solution: Solved) -> str:
    """One sentence: how many equilibria, of what kind, and under which the state settles.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.LinearQuadratic(3.0, [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> print(linear_quadratic_headline(lb.solve(game)))
    Three equilibria in feedback; the state settles under each.
    """
    found = solution.equilibria
    if not found:
        return "No equilibrium found."
    plural = "equilibrium" if len(found) == 1 else "equilibria"
    number = f"{at_least(len(found), solution)} {plural}"
    leader = solution.game.players[0].name
    kind = {
        "feedback": "feedback",
        "open-loop": "open loop",
        "stackelberg": f"feedback, {leader} leading at every stage (Stackelberg)",
    }[found[0].information]
    if found[0].settles is None:
        return f"{number} in {kind}, up to the horizon."
    settling = sum(bool(equilibrium.settles) for equilibrium in found)
    if len(found) == 1:
        return f"{number} in {kind}; the state {'settles' if settling else 'never settles'}."
    under = {0: "none", len(found): "each"}.get(settling, str(settling))
    return f"{number} in {kind}; the state settles under {under}."


def linear_quadratic_page(solution: Solved) -> RenderableType:
    """The headline, one row for each equilibrium, and what the search is worth.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> game = lb.LinearQuadratic(3.0, [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> with console.capture() as shown:
    ...     console.print(linear_quadratic_page(lb.solve(game)))
    >>> "5.82843" in shown.get()
    True
    """
    game = solution.game
    lines: list[RenderableType] = [Text(game.name or game.kind, style="dim")]
    lines += [Text(linear_quadratic_headline(solution), style="bold"), Text()]
    lines.append(first_rows(MOST_ROWS, partial(_equilibria, solution)))
    lines += and_more(len(solution.equilibria), MOST_ROWS)
    explained = "Gains F and f of the controls u = -F x - f"
    explained += ", at the start" if game.horizon is not None else ""
    lines += [Text(), Text(f"{explained}; costs are paid, so less is better.", style="dim")]
    led = solution.equilibria[0].answers
    if led is not None:
        lines += [Text(line, style="dim") for line in _led(game.players[0].name, led)]
    elif game.horizon is None:
        allowed = (
            "No player pays less by any other controls, including those that let the state grow."
        )
        lines.append(Text(allowed, style="dim"))
    if game.noise.any():
        noise = "Noise adds the same amount to the cost from every state, and changes no gain."
        lines.append(Text(noise, style="dim"))
    lines += [Text(worth(solution), style="dim")]
    return Padding(Group(*lines), (1, 2))


def _led(leader: str, answers: dict[str, Array]) -> list[str]:
    """What the others do if the leader does something else, and what regret is."""
    lines = []
    for name, answer in answers.items():
        rows = answer.reshape(-1, *answer.shape[-2:])[0]
        shown = "; ".join(_shown(-row + 0.0) for row in rows)
        lines.append(
            f"For each unit more of {leader}'s controls, {name} changes its own by {shown}."
        )
    lines.append(
        f"At no stage does {leader} pay less by other controls, which the others answer, nor they "
        "by other answers, later stages being as they are."
    )
    return lines


def _equilibria(solution: Solved, most: int | None) -> Cells:
    game = solution.game
    table = blank()
    table.add_column("", justify="right", style="dim")
    for player in game.players:
        table.add_column(player.name)
    for name in ("costs", "eigenvalues", "settles", "regret"):
        table.add_column(name, justify="right")
    for number, equilibrium in enumerate(solution.equilibria[:most]):
        costs = equilibrium.costs
        table.add_row(
            str(number + 1),
            *(_controls(equilibrium, player.name) for player in game.players),
            "-" if costs is None else _shown(costs),
            ", ".join(_complex(z) for z in equilibrium.eigenvalues[:MOST_SHOWN].tolist()),
            {True: "yes", False: "no", None: "-"}[equilibrium.settles],
            at_most(equilibrium.regret),
        )
    return table


def _controls(equilibrium: LinearQuadraticEquilibrium, player: str) -> str:
    """A player's gains, and offsets if there are any, one control per line."""
    gains, offsets = equilibrium.gains[player], equilibrium.offsets[player]
    if equilibrium.times is not None:
        gains, offsets = gains[0], offsets[0]
    lines = [
        _shown(row) + (f" | {_number(offset)}" if equilibrium.game.affine else "")
        for row, offset in zip(gains, offsets, strict=True)
    ]
    return "\n".join(lines)


def _shown(numbers: Array) -> str:
    shown = [_number(number) for number in numbers[:MOST_SHOWN]]
    return ", ".join(shown + (["..."] if len(numbers) > MOST_SHOWN else []))


def _number(number: float) -> str:
    return f"{round(float(number), 12) + 0.0:.6g}"


def _complex(z: complex) -> str:
    if abs(z.imag) <= 1e-12 * abs(z):
        return f"{z.real:.5g}"
    return f"{z.real:.5g}{z.imag:+.5g}i"
