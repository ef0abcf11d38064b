r"""Which of several equilibria? Two answers: where a history leads, and what doubt leaves standing.

*From history*: players reply to what they see, at once or by and by; the start decides (Krugman,
"History versus Expectations", Quarterly Journal of Economics 106, 1991; for the dynamics
Fudenberg and Levine, The Theory of Learning in Games, 1998).

*By risk*: noise makes replies flat, so that with enough of it one equilibrium is left; followed
while the noise falls, round whatever folds there are, it ends at one equilibrium of the game. For
one-shot games this is the limiting logit equilibrium of McKelvey and Palfrey (Games and Economic
Behavior 10, 1995), computed as in Turocy (Games and Economic Behavior 51, 2005); in symmetric
two-by-two games it is the risk-dominant one. For stochastic games see Eibelshaeuser and Poensgen
(Markov quantal response equilibrium, 2019). Values here count money, not the pleasure of noise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.continuation import Continuation, Equilibria
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.rounds import Rounds
from leaderbored.solvers.markov.system import System

Rule = Literal["from history", "risk"]


class Unselected(Exception):  # noqa: N818  # not an error of the caller
    """Why a rule selects no equilibrium, and what to do."""

    def __init__(self, message: str, advice: str) -> None:
        self.message, self.advice = message, advice
        super().__init__(message)


@dataclass(frozen=True)
class History:
    """Best-response dynamics from a start, all players at once.

    Parameters
    ----------
    adjustment : float
        Fraction of the way to the best reply in each round: 1 replies in full.
    rounds : int
        Largest number of rounds.
    settled : float
        Distance of the shares from their replies at which the dynamics have settled.
    longest : int
        Period up to which a cycle is told apart.
    drift : float
        What the last steps of Newton's method may move, of the largest value.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> game = race.markov()
    >>> racing = np.where(game.states.max(axis=1) <= 10, game.upper, game.idle)
    >>> found = [lb.solve(race, select="from history", start=s) for s in (game.idle, racing)]
    >>> [solution.equilibria[0].build[0, 0].round(6).item() for solution in found]
    [0.4, 1.0]
    """

    adjustment: float = 1.0
    rounds: int = 5_000
    settled: float = 1e-9
    longest: int = 200
    drift: float = 1e-3
    name: ClassVar[str] = "best-response dynamics"

    def run(self, system: System, start: Array | None, progress: Progress | None = None) -> Point:
        """Iterate from ``start``, by default the idle compute; see :mod:`.rounds` for rents.

        Raises
        ------
        Unselected
            If the dynamics cycle or do not settle.
        """
        rounds, seen = Rounds(system), dict[bytes, int]()
        play = rounds.first(system.game.idle if start is None else start)
        for k in range(1, self.rounds + 1):
            value = rounds.value(play)
            reply = rounds.reply(play, value)
            distance = rounds.apart(reply, play)
            if progress and k % 20 == 0:
                progress("best-response dynamics", k, distance)
            if distance <= self.settled:
                return _polished(system, value, rounds.shares(play), k, self.drift)
            mark = np.round(play, 9).tobytes()
            period = k - seen.get(mark, k)
            if 1 < period <= self.longest:
                raise Unselected(
                    f"best-response dynamics cycle with period {period}",
                    "adjust by and by: select=History(adjustment=0.2)",
                )
            seen[mark] = k
            play = play + self.adjustment * (reply - play)
        raise Unselected(
            f"best-response dynamics have not settled after {self.rounds:,} rounds",
            "raise rounds, or adjust by and by: select=History(adjustment=0.2)",
        )


@dataclass(frozen=True)
class Risk:
    """Logit continuation from maximal noise to none.

    Parameters
    ----------
    most, least : float
        Noise at both ends, relative to the most that compute can earn (``most`` times what a
        hazard can be worth, so that the first replies are flat).
    continuation : Continuation
    drift : float
        What the last steps of Newton's method may move, of the largest value.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> lb.solve(race, select="risk").equilibria[0].build[0, 0].item()
    1.0
    """

    most: float = 1e2
    least: float = 1e-5
    continuation: Continuation = field(default_factory=Continuation)
    drift: float = 1e-3
    name: ClassVar[str] = "logit continuation"

    def run(
        self,
        system: System,
        start: Array | None = None,  # unused: the noisiest game has but one equilibrium
        progress: Progress | None = None,
    ) -> Point:
        """Follow the branch.

        Raises
        ------
        Unselected
            If it cannot be followed to the end.
        """
        game = system.game
        money = float(game.payoff(game.lower).max()) or 1.0
        worth = 1 + float((game.scale * game.effort(game.upper)).max()) / game.discount
        most, least = np.log(self.most * money * worth), np.log(self.least * money)

        def at(u: float) -> System:
            return system.along(game, float(np.exp(most + u * (least - most))), system.stage)

        family = Equilibria(at)
        middle, rounds = (game.lower + game.upper) / 2, Rounds(system)
        try:
            value = rounds.value(rounds.first(middle))
            first = Newton().polish(family.at(0.0), value, middle)
        except NotImplementedError as error:
            raise Unselected(f"{error} are not known", "select from a history") from None
        if progress:
            progress("logit continuation", 0, 1.0)
        if first is not None:
            points = self.continuation.follow(family, family.point(0.0, *first), 1).points
            if points and points[-1].u == 1:
                profile = family.profile(points[-1])
                return _polished(system, *profile, len(points), self.drift)
        raise Unselected(
            "the logit path could not be followed to the end of the noise",
            "lower rungs or returns, or select from a history",
        )


RULES: dict[str, History | Risk] = {"from history": History(), "risk": Risk()}


def _polished(system: System, value: Array, build: Array, rounds: int, drift: float) -> Point:
    found = Newton().polish(system, value, build)
    scale = float(np.abs(value).max())
    if found is None or float(np.abs(found[0] - value).max()) > drift * scale:
        raise Unselected(
            "the path ends where several equilibria meet, or nearly", "change a parameter a little"
        )
    return Point(*found, rounds)
