"""Nash equilibria of finite games: one, or every one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget, Progress
from leaderbored.solvers.solution import Census, Found, StaticEquilibrium, Status


@dataclass(frozen=True)
class FiniteMethod:
    """How to solve a finite game.

    Parameters
    ----------
    tolerance : float
        Largest regret, relative to the range of a player's payoffs, of an equilibrium.
    """

    tolerance: float = 1e-10


def equilibria(
    game: NormalForm,
    method: FiniteMethod | None,
    *,
    all: bool | None,
    start: Sequence[Array] | None,
    budget: Budget,
    progress: Progress | None,
    exact: bool = False,
) -> Found[StaticEquilibrium]:
    """What :func:`leaderbored.solve` returns of a finite game; see there for the arguments."""
    census = Census("partial", "", {}, None)
    return Found([], Status("not converged", "", ""), census)
