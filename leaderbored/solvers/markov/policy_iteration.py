r"""Policy iteration for Markov-perfect equilibrium, with damping that adapts.

Each round values the present shares exactly (one linear solve for all players), lets every player
reply best to what the others do, and moves a fraction omega of the way. Undamped this is
best-response dynamics, and like it may cycle; omega halves when the distance to the replies stops
falling and recovers when it falls. Close to a fixed point, and now and then on the way,
Newton's method tries to finish (:mod:`leaderbored.solvers.markov.newton`).
Policy iteration for one player is Howard's (Dynamic Programming and Markov Processes, 1960);
for games see Pakes and McGuire (RAND J. Economics 25, 1994).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.system import System

ROUGHLY = (
    1e-7  # of the largest value: how well values of shares on the way are known in large games
)


@dataclass(frozen=True)
class Point:
    """Where a method stopped: values and shares (N, S), and the rounds it took."""

    value: Array
    build: Array
    rounds: int


class Polish(Protocol):
    """What finishes near an equilibrium; see :meth:`.newton.Newton.polish`."""

    def polish(self, system: Any, value: Array, build: Array) -> tuple[Array, Array] | None:
        """Values and shares of an equilibrium near; None where there is none to be found."""


@dataclass(frozen=True)
class PolicyIteration:
    """Settings of damped policy iteration with a Newton polish.

    Parameters
    ----------
    rounds : int
        Largest number of rounds.
    near : float
        Distance to the best replies below which Newton takes over.
    damping : float
        Smallest fraction of the way to the best reply.
    warm : bool
        Whether the start is thought to be near, so that Newton tries at once.
    newton : Polish
        The polish.

    Examples
    --------
    >>> PolicyIteration(rounds=50).newton
    Newton(tolerance=1e-12, steps=40, levels=60, weights=(100.0, 1.0), steep=False)
    """

    rounds: int = 300
    near: float = 0.005
    damping: float = 0.05
    warm: bool = False
    newton: Polish = field(default_factory=Newton)

    def run(self, system: System, start: Array, progress: Progress | None = None) -> Point | None:
        """Iterate from the shares ``start`` (N, S); None where nothing converges.

        Examples
        --------
        >>> import leaderbored as lb
        >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
        ...                lb.Technology(1), discount=0.5, rungs=2).markov()
        >>> PolicyIteration().run(System(game), game.upper).build[:, 0].round(6).tolist()
        [0.4, 0.4]
        """
        build, omega, last, near, value = start, 1.0, np.inf, self.near, None
        for k in range(1, self.rounds + 1):
            value = system.evaluate(build, guess=value, relative=ROUGHLY)
            scale = float(np.abs(value).max())
            reply = system.reply(value, scale, build)
            distance = float(np.abs(reply - build).max())
            if progress:
                progress("policy iteration", k, distance)
            if distance < near or k % 20 == 0 or (k == 1 and self.warm):
                steep = system.game.returns == 1  # replies jump: the shares know more than they
                first = build if steep or k % 40 == 0 or k == 1 else reply
                polished = self.newton.polish(system, value, first)
                if polished is not None:
                    return Point(system.evaluate(polished[1], guess=polished[0]), polished[1], k)
                near = min(near, distance / 4)  # try again once markedly nearer
            stalls = distance > 0.95 * last
            omega = max(omega / 2, self.damping) if stalls else min(1.0, 1.2 * omega)
            last = distance
            build = build + omega * (reply - build)
        return None
