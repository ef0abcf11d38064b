r"""One equilibrium of a game of any number of players, along the logit correspondence.

With noise, a player whose strategies earn :math:`u_{ia}` plays them with probabilities
:math:`x_{ia} \propto e^{\lambda u_{ia}}`. From even odds at :math:`\lambda = 0` one path of such
quantal response equilibria leads to a Nash equilibrium as :math:`\lambda` grows (McKelvey and
Palfrey, Games and Economic Behavior 10, 1995). It is followed by arclength, so that it may turn
back, and in the logarithms of the probabilities, so that small ones keep their precision
(Turocy, Games and Economic Behavior 51, 2005).

Near its end the support is read off, and the equations

.. math:: u_{ia}(x) = v_i \;\text{on the support}, \qquad \sum_a x_{ia} = 1

are solved by Newton's method without any noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.finite.assess import regret, slope

STEPS = 4000
CORRECTIONS = 8
CLOSE = 1e-9
CUTS = (1e-2, 1e-1, 1e-3, 1e-5)  # probabilities below are off the support
BONUS = 0.3  # of the payoffs' range, for other paths


class _Logit:
    """The equations of quantal response equilibria in x = (log probabilities, lambda)."""

    def __init__(self, game: NormalForm, bonus: Sequence[Array]) -> None:
        self.game, self.bonus = game, bonus
        self.ends = np.cumsum([0, *game.shape])

    def laws(self, x: Array) -> list[Array]:
        return [np.exp(x[a:b]) for a, b in pairwise(self.ends)]

    def residual(self, x: Array) -> Array:
        laws, parts = self.laws(x), []
        for i, law in enumerate(laws):
            utility = self.game.utilities(i, laws) + self.bonus[i]
            logs = x[self.ends[i] : self.ends[i + 1]]
            score = logs - x[-1] * utility
            parts += [[law.sum() - 1], score[1:] - score[0]]
        return np.concatenate(parts)

    def jacobian(self, x: Array) -> Array:
        laws = self.laws(x)
        count, ends = len(laws), self.ends
        matrix = np.zeros((ends[-1], ends[-1] + 1))
        for i, law in enumerate(laws):
            rows = slice(ends[i] + 1, ends[i + 1])
            matrix[ends[i], ends[i] : ends[i + 1]] = law
            matrix[rows, ends[i]] = -1
            matrix[rows, ends[i] + 1 : ends[i + 1]] = np.eye(len(law) - 1)
            utility = self.game.utilities(i, laws) + self.bonus[i]
            matrix[rows, -1] = utility[0] - utility[1:]
            for j in range(count):
                if j != i:
                    gain = slope(self.game, laws, (i, j))
                    block = -x[-1] * (gain[1:] - gain[0]) * laws[j]
                    matrix[rows, ends[j] : ends[j + 1]] = block
        return matrix


def logit_path(
    game: NormalForm,
    *,
    start: Sequence[Array] | None = None,
    budget: Budget,
    paths: int = 6,
) -> list[Array] | None:
    """Follow the path from even odds to an equilibrium.

    Parameters
    ----------
    game : NormalForm
        Of N players.
    start : sequence of N arrays, optional
        Laws to favour: the path then starts near the best replies to them.
    budget : Budget
        When to give up.
    paths : int
        How many other paths to try, each with a random bonus on the payoffs that fades, where
        one ends nowhere.

    Returns
    -------
    list of N arrays, or None
        An equilibrium with a regret of at most 1e-12; None if none was reached.

    Examples
    --------
    >>> game = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    >>> [law.round(9).tolist() for law in logit_path(game, budget=Budget(None))]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    random = np.random.default_rng(0)
    for attempt in range(paths + 1):
        bonus = [np.zeros(size) for size in game.shape]
        if start is not None and attempt == 0:
            bonus = [BONUS * np.asarray(law) for law in start]
        elif attempt:
            bonus = [BONUS * random.random(size) for size in game.shape]
        for laws in _along(_Logit(game, bonus), budget):
            if (found := _polished(game, laws)) is not None:
                return found
        if budget.spent():
            return None
    return None


def _along(system: _Logit, budget: Budget) -> Iterator[list[Array]]:
    """Points of the path, further and further out."""
    logs = [np.full(size, -np.log(size)) for size in system.game.shape]
    x = np.concatenate([*logs, [0.0]])
    tangent = np.zeros(len(x))
    tangent[-1] = 1
    step, due = 0.05, 2.0
    for _ in range(STEPS):
        if budget.spent():
            return
        direction = _tangent(system.jacobian(x), tangent)
        moved = _corrected(system, x + step * direction, direction)
        if moved is None or np.abs(moved - x).max() > 4 * step:
            step /= 2
            if step < 1e-7:
                return
            continue
        x, tangent, step = moved, direction, min(step * 1.5, 0.3 * (1 + abs(x[-1])))
        if x[-1] > due:
            due *= 1.5
            yield system.laws(x)
        if x[-1] > 1e7:
            return


def _tangent(jacobian: Array, along: Array) -> Array:
    """Unit vector of the kernel that does not turn back."""
    bordered = np.vstack([jacobian, along])
    target = np.zeros(len(along))
    target[-1] = 1
    solved = np.linalg.lstsq(bordered, target, rcond=None)[0]
    direction = np.asarray(solved / np.sqrt(solved @ solved), dtype=float)
    return direction if direction @ along > 0 else -direction


def _corrected(system: _Logit, x: Array, direction: Array) -> Array | None:
    """Newton's method back to the path, at right angles to it."""
    anchor = x.copy()
    for _ in range(CORRECTIONS):
        residual = np.append(system.residual(x), direction @ (x - anchor))
        if not np.isfinite(residual).all():
            return None
        if np.abs(residual).max() < CLOSE * (1 + abs(x[-1])):
            return x
        try:
            x = x - np.linalg.solve(np.vstack([system.jacobian(x), direction]), residual)
        except np.linalg.LinAlgError:
            return None
        if x[:-1].max() > 1:
            return None
    return None


def _polished(game: NormalForm, laws: list[Array]) -> list[Array] | None:
    """The equilibrium on the supports of some laws, without noise."""
    for cut in CUTS:
        supports = [np.flatnonzero(law >= min(cut, law.max())) for law in laws]
        found = on_support(game, laws, supports)
        if found is not None and regret(game, found).max() <= 1e-12:
            return found
    return None


def on_support(
    game: NormalForm, laws: list[Array], supports: Sequence[States]
) -> list[Array] | None:
    """The profile at which each player is indifferent on its support, by Newton's method.

    Parameters
    ----------
    game : NormalForm
    laws : list of N arrays
        Where to start.
    supports : sequence of N int arrays
        Strategies that may be played.

    Returns
    -------
    list of N arrays, or None
        Whether strategies off the support are better is not looked at.

    Examples
    --------
    >>> game = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> full = [np.array([0, 1])] * 2
    >>> [law.round(4).tolist() for law in on_support(game, [np.ones(2) / 2] * 2, full)]
    [[0.6667, 0.3333], [0.3333, 0.6667]]
    """
    sizes = [len(support) for support in supports]
    ends = np.cumsum([0, *sizes])
    mixed = [np.zeros(size) for size in game.shape]
    for law, old, support in zip(mixed, laws, supports, strict=True):
        law[support] = old[support] / old[support].sum()
    for _ in range(20):
        residual, matrix = np.zeros(ends[-1]), np.zeros((ends[-1], ends[-1]))
        for i, support in enumerate(supports):
            utility = game.utilities(i, mixed)[support]
            rows = slice(ends[i] + 1, ends[i + 1])
            residual[ends[i]], residual[rows] = mixed[i].sum() - 1, utility[1:] - utility[0]
            matrix[ends[i], ends[i] : ends[i + 1]] = 1
            for j, other in enumerate(supports):
                if j != i:
                    gain = slope(game, mixed, (i, j))[np.ix_(support, other)]
                    matrix[rows, ends[j] : ends[j + 1]] = gain[1:] - gain[0]
        change = np.linalg.lstsq(matrix, residual, rcond=None)[0]
        for i, support in enumerate(supports):
            mixed[i][support] -= change[ends[i] : ends[i + 1]]
        if not np.isfinite(change).all() or np.abs(change).max() > 10:
            return None
        if np.abs(change).max() < 1e-15:
            break
    if any((law < -1e-13).any() for law in mixed):
        return None
    clean = [np.maximum(law, 0) for law in mixed]
    return [law / law.sum() for law in clean]
