"""Figures fit for a paper or a talk, in one style."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leaderbored.kinds import kind_of
from leaderbored.solvers.reductions import chain

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
    game = chain(game, "figure").game
    kind = kind_of(game)
    return kind.refusal("figure") or (str(kind.get("drawable")(game)) if kind.drawable else "")


def draw(solution: Any) -> Figure:
    """Draw a solution of any kind of game, of a race in its first equilibrium.

    Raises
    ------
    ValueError
        If there is no equilibrium, or no picture of such a game; the message says why.

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(draw(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2))).axes)
    1
    """
    if not solution.equilibria:
        raise ValueError(f"plot: {solution.status.message}; {solution.status.advice}")
    if reason := drawable(solution.game):
        raise ValueError(f"plot: {reason}")
    figure: Figure = kind_of(solution.game).get("figure")(solution)
    return figure
