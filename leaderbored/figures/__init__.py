"""Figures fit for a paper or a talk, in one style."""

from __future__ import annotations

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
    from leaderbored.figures import markov, static

    return markov.drawable(game) if game.kind == "markov" else static.drawable(game)


def draw(solution: Any) -> Figure:
    """Draw a solution of any kind of game that has a picture.

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(draw(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2))).axes)
    1
    """
    from leaderbored.figures import markov, static

    if solution.game.kind == "markov":
        return markov.markov_figure(solution)
    return static.static_figure(solution)
