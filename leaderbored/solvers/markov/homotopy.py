r"""From an easy game to the game asked for: continuation where iteration fails.

Two legs. On the first the hazard has strongly diminishing returns (theta at most a half) and the
discount rate falls from a level at which players only look at today, where the equilibrium is
unique and close at hand. On the second theta rises to its own value, so that replies steepen
slowly; with a linear hazard, whose replies jump, this also selects among the equilibria that
indifference leaves open. Each equilibrium starts the next; a step that fails is cut in half.
Where the path folds back the method stops and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from leaderbored.games.markov import Markov
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.policy_iteration import Point, PolicyIteration
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.stride import advance


@dataclass(frozen=True)
class Homotopy:
    """Settings of the continuation.

    Parameters
    ----------
    impatience : float
        Factor on the discount rate at the start of the path.
    returns : float
        Exponent theta on the first leg, unless the game's is lower.
    step, smallest : float
        First step and shortest step, as shares of a leg.
    corrector : PolicyIteration
        Solves each game on the path.
    """

    impatience: float = 1e3
    returns: float = 0.5
    step: float = 0.25
    smallest: float = 1e-3
    corrector: PolicyIteration = field(
        default_factory=lambda: PolicyIteration(rounds=60, warm=True)
    )

    def run(
        self,
        game: Markov,
        progress: Progress | None = None,
        system: Callable[[Markov], System] = System,
    ) -> Point | None:
        """Follow the path to ``game``; None where it folds. ``system`` makes that of a game.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2).markov()
        >>> Homotopy().run(game).build[:, 0].round(6).tolist()
        [0.4, 0.4]
        """
        rounds = 0

        def solve(there: float, near: Point) -> Point | None:
            nonlocal rounds
            rounds += 1
            point = self.corrector.run(system(self._at(game, there)), near.build)
            if progress:
                progress("continuation", rounds, 2 - there)
            return point

        start = Point(game.idle, game.idle, 0)  # of which the shares alone are used
        found = advance(solve, start, (0.0, 2.0), self.step, self.smallest)
        return None if found is None else replace(found, rounds=rounds)

    def _at(self, game: Markov, t: float) -> Markov:
        """The game at 0 <= t <= 2 along the two legs; at 2 the game itself."""
        if t == 2:
            return game
        first = min(game.returns, self.returns)
        bend = max(1 - game.returns, 1e-4) / (1 - first)
        theta = 1 - (1 - first) * bend ** max(t - 1, 0)
        rate = game.discount * self.impatience ** max(1 - t, 0)
        return replace(game, discount=rate, returns=theta)
