r"""Markov games with lists of actions, along the logit correspondence.

With noise :math:`\tau`, who picks from a list picks action a with a probability that grows with
what it earns, :math:`x_a \propto p_a e^{U_a / \tau}`, where p are odds that matter to noise alone.
One path leads from these odds, at infinite noise, to a Markov-perfect equilibrium without any
(Eibelshäuser and Poensgen, SSRN 3314404, 2019; of games played once McKelvey and Palfrey, Games
and Economic Behavior 10, 1995). Other odds may lead to other equilibria. Probabilities are followed
in their logarithms, so that small ones keep their precision.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array
from leaderbored.solvers.numerics.path import Path
from leaderbored.solvers.numerics.sparse import Moving
from leaderbored.solvers.stochastic.newton import Watch, newton
from leaderbored.solvers.stochastic.problem import Problem

MOST, LEAST = 2.0, -6.0  # powers of ten of the noise, relative to what is at stake
LEAST_NOISES = (-1.0, -1.5, -2.0, -2.5, -3.0, -4.0, -5.0, LEAST)  # noise at which it is left out
RETURN_START = 0.75  # of the way from most to least noise: where a path from an equilibrium starts
USED_PROBABILITY = 1e-7  # probability of an action that is used
PATH = Path(step=0.02, largest=0.25, steps=600, precision=1e-4)


class Noisy:
    """The problem of a Markov game with noise, in values, logarithms of probabilities and the rest.

    Parameters
    ----------
    problem : Problem
    noise : float
        Relative to what is at stake for each player.
    odds : (X, S) array
        Probabilities at infinite noise.
    stakes : (X,) array
        What each row of choices is measured in.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> player = MarkovPlayer("A", "2 * a", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([player], discount=0.1))
    >>> noisy = Noisy(problem, 1.0, np.full((2, 1), 0.5), np.full(2, 2.0))
    >>> z = noisy.start()
    >>> noisy.real(z)[problem.slot["choice"]].tolist()
    [[0.5], [0.5]]
    """

    def __init__(self, problem: Problem, noise: float, odds: Array, stakes: Array) -> None:
        self.problem, self.odds = problem, odds
        leads = [i for i in problem.level_of if i in problem.leads]
        free = np.zeros(odds.shape, dtype=bool)
        for i in leads:
            free[problem.stage.listed(i)] = problem.free[problem.stage.listed(i)]
        self.logs = problem.slot["choice"][free]
        self.logodds = np.log(odds[free])
        self.noise = noise * np.repeat(stakes, free.sum(axis=1))
        self.lower, self.upper = problem.lower.copy(), problem.upper.copy()
        self.lower[self.logs] = -np.inf

    def start(self) -> Array:
        """The unknowns at the odds."""
        z = self.problem.point(self.odds)
        z[self.logs] = self.logodds
        return z

    def real(self, z: Array) -> Array:
        """Unknowns with probabilities in place of their logarithms."""
        z = z.copy()
        z[self.logs] = np.exp(np.minimum(z[self.logs], 1.0))
        return z

    def near(self, z: Array) -> Array:
        """The unknowns, next to a solution without noise."""
        f, w = self.problem.residual(z)[self.logs], z.copy()
        used = z[self.logs] > USED_PROBABILITY
        with np.errstate(divide="ignore"):
            w[self.logs] = np.where(used, np.log(z[self.logs]), self.logodds - f / self.noise)
        return w

    def residual(self, z: Array) -> Array:
        """F."""
        f = self.problem.residual(self.real(z))
        return np.asarray(f + self.pull(z))

    def pull(self, z: Array) -> Array:
        """(size,) what noise adds to F."""
        pull = np.zeros(len(z))
        pull[self.logs] = self.noise * (z[self.logs] - self.logodds)
        return pull

    def jacobian(self, z: Array) -> sp.csr_array:
        """Its derivative."""
        real = self.real(z)
        entries, chain = self.problem.entries(real), np.ones(len(z))
        chain[self.logs] = real[self.logs]
        entries.stretch(chain)
        entries.add(self.logs, self.logs, self.noise)
        return entries.matrix(len(z))

    def weights(self, z: Array) -> Array:
        """As of the problem, and of probabilities by how much these change."""
        weights = self.problem.weights(self.real(z))
        weights[self.logs] *= np.minimum(np.exp(2 * np.minimum(z[self.logs], 0.0)), 1.0)
        return weights


def along_noise(
    problem: Problem, odds: Array, back: Array | None = None, watch: Watch | None = None
) -> Array | None:
    """Follow the path from odds at infinite noise to an equilibrium.

    Parameters
    ----------
    problem : Problem
    odds : (X, S) array
        Positive probabilities of actions; real actions as to start from.
    back : (size,) array, optional
        A solution to set out from instead, with noise rising at first: if it is not the one that
        the odds lead to, the path turns and ends at another, of the opposite index.
    watch : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    (size,) array or None
        A solution of the problem without noise; None if the path was lost.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "2 * a * B.a + b * B.b", actions=("a", "b"))
    >>> b = MarkovPlayer("B", "2 * a * A.a + b * A.b", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([a, b], discount=0.1))
    >>> choices, even = problem.slot["choice"].ravel(), np.full((4, 1), 0.5)
    >>> along_noise(problem, even)[choices].round(9).tolist()
    [1.0, 0.0, 1.0, 0.0]
    >>> other = along_noise(problem, np.array([[0.01], [0.99], [0.01], [0.99]]))
    >>> other[choices].round(9).tolist()
    [0.0, 1.0, 0.0, 1.0]
    >>> along_noise(problem, even, other)[choices].round(9).tolist()
    [0.333333333, 0.666666667, 0.333333333, 0.666666667]
    """
    stakes = _stakes(problem, odds)

    def family(u: float) -> Noisy:
        return Noisy(problem, 10 ** (MOST + u * (LEAST - MOST)), odds, stakes)

    def slope(u: float, z: Array) -> Array:
        return np.asarray(family(u).pull(z) * ((LEAST - MOST) * np.log(10)))

    first = family(0.0 if back is None else RETURN_START)
    start, u, towards = (
        (first.start(), 0.0, 1) if back is None else (first.near(back), RETURN_START, -1)
    )
    tried, turned = 0, back is None
    for k, point in enumerate(PATH.points(Moving(family, slope), start, u, towards)):
        if watch:
            watch("path of falling noise", k, 1 - point.u)
        turned = turned or point.side > 0
        power = MOST + point.u * (LEAST - MOST)
        if turned and tried < len(LEAST_NOISES) and power <= LEAST_NOISES[tried]:
            tried = sum(power <= other for other in LEAST_NOISES)
            found = newton(problem, first.real(point.z), 12)
            if found is not None and (back is None or not _alike(problem, found, back)):
                return found
    return None


def _alike(problem: Problem, a: Array, b: Array) -> bool:
    rows = problem.slot["choice"]
    return float(np.abs(a[rows] - b[rows]).max()) < USED_PROBABILITY


def _stakes(problem: Problem, odds: Array) -> Array:
    """(X,) how far apart the best and the worst action of a player are, at the odds."""
    z = problem.point(odds)
    f = problem.residual(z)[problem.slot["choice"]]
    stakes = np.ones(len(f))
    for i in problem.level_of:
        mine = problem.stage.listed(i)
        stakes[mine] = float(np.ptp(f[mine], axis=0).max(initial=0.0)) or 1.0
    return stakes
