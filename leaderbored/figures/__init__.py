"""Figures fit for a paper or a talk, in one style."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def drawable(game: Any) -> str:
    """Why a solved game of this kind has no picture; empty if it has one.

    Examples
    --------
    >>> from leaderbored.games.normal_form import NormalForm
    >>> drawable(NormalForm([[[1, 0], [0, 1]]] * 2))
    ''
    """
    return str(_home(game).drawable(game))


def draw(solution: Any) -> Figure:
    """Draw a solution of any kind of game that has a picture.

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(draw(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2))).axes)
    1
    """
    home = _home(solution.game)
    figure: Figure = getattr(home, f"{home.__name__.rpartition('.')[2]}_figure")(solution)
    return figure


def solution_figure(solution: Any) -> Figure:
    """Draw a solution of any kind of game, of a race in its first equilibrium.

    Raises
    ------
    ValueError
        If there is no equilibrium, or no picture of such a game; the message says why.

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(solution_figure(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2))).axes)
    1
    """
    if not solution.equilibria:
        raise ValueError(f"plot: {solution.status.message}; {solution.status.advice}")
    kind = getattr(solution.game, "kind", "")
    if kind == "race":
        from leaderbored.figures.race import race_figure
        from leaderbored.verdicts import verdict

        return race_figure(solution, verdict(solution, check_cap=False))
    reason = drawable(solution.game) if kind else "a Markov game given by its arrays has no picture"
    if reason:
        raise ValueError(f"plot: {reason}")
    return draw(solution)


def _home(game: Any) -> ModuleType:
    """The module that draws this kind of game."""
    kind = game.kind.replace("-", "_")
    name = kind if kind in ("markov", "linear_quadratic") else "static"
    return import_module(f"leaderbored.figures.{name}")
