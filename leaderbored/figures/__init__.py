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


def _home(game: Any) -> ModuleType:
    """The module that draws this kind of game."""
    kind = game.kind.replace("-", "_")
    name = kind if kind in ("markov", "linear_quadratic") else "static"
    return import_module(f"leaderbored.figures.{name}")
