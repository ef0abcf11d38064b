"""How far a proof that a list of equilibria is complete may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leaderbored.games.markov import Markov
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.complete.outcome import Outcome

if TYPE_CHECKING:
    from leaderbored.solvers.solution import Equilibrium


@dataclass(frozen=True)
class Transfer:
    """Settings of the proof by the transfer map.

    Parameters
    ----------
    steps : int
        Most of Krawczyk's steps, about a million of which take a second; with 0 no proof is
        tried. The first proof on a machine also takes half a minute to compile.
    grid : int
        Number of cells along either axis of a grid.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=1.0, rungs=1)
    >>> Transfer().run(race.markov(), lb.solve(race).equilibria).message
    'no proof was asked for'
    """

    steps: int = 0
    grid: int = 32

    def run(
        self,
        game: Markov,
        equilibria: Sequence[Equilibrium],
        progress: Progress | None = None,
    ) -> Outcome:
        """Prove that a game has no equilibria but these, or say why not.

        Parameters
        ----------
        game : Markov
        equilibria : sequence of Equilibrium
            Each with its proof.
        progress : callable, optional
            Called with (phase, boxes that were swept, share of the values that is left).

        Returns
        -------
        Outcome
        """
        if self.steps <= 0:
            return Outcome(False, "no proof was asked for")
        from leaderbored.solvers.complete.prover import prove  # numba takes a second to import

        return prove(game, equilibria, self.steps, self.grid, progress)
