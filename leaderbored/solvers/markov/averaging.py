r"""Averaged replies: where best replies jump and cycle, their average settles.

With theta near one a reply jumps from idle to all compute at one gain, and an equilibrium holds
players near that gain, at shares that no reply by itself gives. The average of the replies comes
near it, if slowly, as in fictitious play (Brown, in Activity Analysis of Production and
Allocation, ed. Koopmans, 1951); it is taken in efforts :math:`e = b^\theta`, in which hazards are
linear. From there Newton's method with efforts for unknowns
(:func:`leaderbored.solvers.markov.reply.steep_pieces`), in short strides, goes the rest of the way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.system import System

FIRST_ATTEMPT = 400  # rounds after which Newton tries, and after twice as many, and so on
WEIGHT_DECAY = 0.8  # the k-th reply counts k^-WEIGHT_DECAY: later ones more than in a plain average
LEAST_WEIGHT = 5e-4


@dataclass(frozen=True)
class Averaging:
    """Settings of averaged replies with a Newton polish.

    Parameters
    ----------
    rounds : int
        Largest number of rounds.
    tolerance : float
        Largest regret of what is accepted.
    newton : Newton

    Examples
    --------
    >>> Averaging().newton.steep
    True
    """

    rounds: int = 3_200
    tolerance: float = 1e-9
    newton: Newton = field(
        default_factory=lambda: Newton(steep=True, weights=(1.0, 0.01), steps=100)
    )

    def run(
        self,
        system: System,
        start: Array,
        progress: Progress | None = None,
        verify: Callable[[Array], float] | None = None,
    ) -> Point | None:
        """Average from the shares ``start`` (N, S); None where nothing converges.

        ``verify`` says the regret of shares, by default that in the game of the system.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 3)], lb.ScarceMarket(2.0),
        ...                lb.Technology(1, 0.97, leapfrog=1), discount=0.02, rungs=2).markov()
        >>> Averaging().run(System(game), game.idle).rounds
        400
        """
        game = system.game
        verify = verify or (lambda build: float(regret(game, build).max()))
        effort, attempt = game.effort(start), FIRST_ATTEMPT
        for k in range(1, self.rounds + 1):
            build = game.share(effort)
            value = system.evaluate(build)
            if k == attempt:
                found = self.newton.polish(system, value, build)
                if found is not None and verify(found[1]) <= self.tolerance:
                    return Point(system.evaluate(found[1]), found[1], k)
                attempt *= 2
            reply = game.effort(system.reply(value, float(np.abs(value).max())))
            if progress:
                progress("averaged replies", k, float(np.abs(reply - effort).max()))
            effort = effort + max((k + 1) ** -WEIGHT_DECAY, LEAST_WEIGHT) * (reply - effort)
        return None
