r"""Private shocks to the payoffs of actions, as they look from the probabilities of choice.

Who learns a shock :math:`\varepsilon_a` to the payoff :math:`u_a` of every action before it picks
takes action a with a probability :math:`p_a(u)`, and expects :math:`E \max_a (u_a +
\varepsilon_a)`. Any probabilities inside the simplex come from payoffs :math:`u(p)`, which are
unique up to a constant (Hotz and Miller, Review of Economic Studies 60, 1993), so that shocks are
worth

.. math:: W(p) = E \max_a (u_a(p) + \varepsilon_a) - \sum_a p_a u_a(p),
          \qquad \frac{\partial W}{\partial p_a} = -u_a(p) .

Of type I extreme value W is the entropy. Normal shocks are independent and of one size; their
probabilities are integrals over the shock of the action that is taken. Where one action alone has a
shock, it is taken if that is among its best :math:`p`, which are worth :math:`W(p)`: of uniform
shocks between -1 and 1 that is :math:`p (1 - p)`, of exponential ones less their mean
:math:`-p \log p`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array
from leaderbored.games.stochastic.lists import LEAST
from leaderbored.games.stochastic.players import ONE_ACTION
from leaderbored.late import late
from leaderbored.solvers.numerics.linear import solve_each

special = late("scipy.special")

Bools = NDArray[np.bool_]

FAR, POINTS = 9.0, 73  # ends and points of the integral over a normal shock, exact to rounding
HELD = 64  # worths that are kept, as several are asked of the same probabilities
FARTHEST = 40.0  # behind the best: never taken
STEPS = 60  # of Newton's method for the payoffs that probabilities come from
SETTLED = 1e-13  # last step, relative to payoffs
LONGEST = 2.0  # step
RAREST = 1e-14  # probability that is told from zero


class Worth(NamedTuple):
    """What shocks are worth at probabilities (k, B): all with two derivatives.

    Attributes
    ----------
    value : (B,) array
    slope : (k, B) array
        Up to a constant that is the same for all actions.
    bend : (k, k, B) array
    """

    value: Array
    slope: Array
    bend: Array


def worth(law: str, p: Array, sizes: Array, may: Bools) -> Worth:
    """What private shocks are worth.

    Parameters
    ----------
    law : "extreme value", "normal", "uniform" or "exponential"
    p : (k, B) array
        Probabilities of k actions.
    sizes : (k, B) array
        Of the shocks: of the first two laws all alike, of the others one at most is not zero.
    may : (k, B) array of bool
        Which actions are allowed; of others shocks are never met.

    Examples
    --------
    >>> even, both = np.full((2, 1), 0.5), np.full((2, 1), True)
    >>> float(worth("extreme value", even, np.ones((2, 1)), both).value[0] / np.log(2))
    1.0
    >>> found = worth("normal", even, np.ones((2, 1)), both)  # the larger of two numbers
    >>> float(found.value[0] * np.sqrt(np.pi))
    1.0
    >>> found = worth("uniform", even, np.array([[2.0], [0.0]]), both)  # 1, half of the time
    >>> float(found.value[0])
    0.5
    """
    sizes = np.where(may, sizes, 0.0)
    if law in ONE_ACTION:
        return _of_one(law, p, sizes)
    size = sizes.max(axis=0, initial=0.0)
    found = _entropy(p) if law == "extreme value" else _held(p.shape, p.tobytes(), may.tobytes())
    return Worth(*(size * part for part in found))


@lru_cache(maxsize=HELD)
def _held(shape: tuple[int, ...], numbers: bytes, may: bytes) -> Worth:
    p, allowed = np.frombuffer(numbers), np.frombuffer(may, dtype=bool)
    return _normal(p.reshape(shape), allowed.reshape(shape))


def choice(law: str, payoffs: Array, sizes: Array, points: int = POINTS) -> Array:
    """Probabilities of choice (k, B) at payoffs (k, B), with shocks of sizes (k, B).

    Of normal shocks they are integrals, taken at so many points. Actions that are not allowed pay
    minus infinity.

    Examples
    --------
    >>> both = np.ones((2, 1))
    >>> choice("extreme value", np.log(np.array([[1.0], [3.0]])), both).ravel().round(9).tolist()
    [0.25, 0.75]
    >>> choice("normal", np.array([[0.0], [np.sqrt(2)]]), both).ravel().round(9).tolist()
    [0.158655254, 0.841344746]
    >>> choice("uniform", np.array([[-1.0], [0.0]]), np.array([[2.0], [0.0]])).ravel().tolist()
    [0.25, 0.75]
    """
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        sizes = np.where(np.isneginf(payoffs), 0.0, sizes)
        if law in ONE_ACTION:
            return _choice_of_one(law, payoffs, sizes)
        apart = (payoffs - np.max(payoffs, axis=0)) / sizes.max(axis=0)
        if law == "extreme value":
            found = np.exp(apart)
            return np.asarray(found / found.sum(axis=0))
    return _probabilities(np.maximum(apart, -FARTHEST), points)[0]


def _entropy(p: Array) -> Worth:
    part = p + LEAST
    value = -(p * np.log(part)).sum(axis=0)
    slope = -(np.log(part) + p / part)
    bend = np.zeros((len(p), *p.shape))
    places = np.arange(len(p))
    bend[places, places] = -(2 - p / part) / part
    return Worth(value, slope, bend)


def _of_one(law: str, p: Array, sizes: Array) -> Worth:
    """Where one action has a shock, of a size that others' are zero beside."""
    bend = np.zeros((len(p), *p.shape))
    places = np.arange(len(p))
    if law == "uniform":
        bend[places, places] = -2 * sizes
        return Worth((sizes * p * (1 - p)).sum(axis=0), sizes * (1 - 2 * p), bend)
    every = _entropy(p)
    bend[places, places] = sizes * every.bend[places, places]
    value = -(sizes * p * np.log(p + LEAST)).sum(axis=0)
    return Worth(value, sizes * every.slope, bend)


def _choice_of_one(law: str, payoffs: Array, sizes: Array) -> Array:
    """With a shock to one action: it is taken if that is large enough, else the best other one."""
    row, columns = sizes.argmax(axis=0), np.arange(payoffs.shape[1])
    others = payoffs.copy()
    others[row, columns] = -np.inf
    best, size = others.argmax(axis=0), sizes[row, columns]
    gap = payoffs[row, columns] - others[best, columns]
    gap = np.where(
        size > 0, gap / np.where(size > 0, size, 1.0), np.where(gap >= 0, np.inf, -np.inf)
    )
    taken = np.clip((1 + gap) / 2, 0, 1) if law == "uniform" else np.exp(np.minimum(gap - 1, 0))
    found = np.zeros(payoffs.shape)
    found[best, columns] = 1 - taken
    found[row, columns] += taken
    return found


def _density(t: Array) -> Array:
    return np.asarray(np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi))


def _probabilities(u: Array, points: int = POINTS) -> tuple[Array, Array, Array]:
    """(k, B) probabilities, their (k, k, B) derivatives, and (B,) the expected maximum."""
    t = np.linspace(-FAR, FAR, points)
    weight = _density(t) * (t[1] - t[0])
    k = len(u)
    gap = u[:, None] - u[None]  # of the first over the second
    below = special.ndtr(t[:, None, None, None] + gap)  # (T, k, k, B)
    below[:, np.arange(k), np.arange(k)] = 1.0
    chance = np.einsum("t,tab->ab", weight, below.prod(axis=2))
    slopes = np.zeros((k, k, u.shape[1]))
    for a in range(k):
        for b in range(k):
            if a != b:
                rest = np.delete(below[:, a], b, axis=1).prod(axis=1)
                met = _density(t[:, None] + gap[a, b])
                slopes[a, b] = -np.einsum("t,tb->b", weight, rest * met)
        slopes[a, a] = -slopes[a].sum(axis=0)
    surplus = np.einsum("t,tab->b", weight, (t[:, None, None] + u) * below.prod(axis=2))
    return chance / chance.sum(axis=0), slopes, surplus


def _normal(p: Array, may: Bools) -> Worth:
    value, slope = np.zeros(p.shape[1]), np.zeros(p.shape)
    bend = np.zeros((len(p), *p.shape))
    used = np.maximum(p, RAREST)
    for allowed in {tuple(row) for row in may.T.tolist()}:
        columns = np.flatnonzero((np.array(allowed) == may.T).all(axis=1))
        rows = np.flatnonzero(allowed)
        if len(rows) == 0:
            continue
        found = _inverse(used[np.ix_(rows, columns)])
        value[columns] = found.value
        slope[np.ix_(rows, columns)] = found.slope
        bend[np.ix_(rows, rows, columns)] = found.bend
    return Worth(value, slope, bend)


def _inverse(p: Array) -> Worth:
    """Of probabilities that all are positive, by Newton's method for what they come from."""
    p = p / p.sum(axis=0)
    u = special.ndtri(np.clip(p, 1e-300, 1 - 1e-16)) * np.sqrt(2)
    u -= u.mean(axis=0)
    if len(p) == 1:
        return Worth(np.zeros(p.shape[1]), np.zeros(p.shape), np.zeros((1, *p.shape)))
    if len(p) == 2:
        return _of_two(p)
    for _ in range(STEPS):
        chance, slopes, _ = _probabilities(u)
        matrix = np.moveaxis(slopes, 2, 0) / np.maximum(chance.T, 1e-300)[:, :, None]
        gap = (np.log(p) - np.log(np.maximum(chance, 1e-300))).T
        step = np.zeros_like(u)  # the first is as it was: only differences count
        step[1:] = solve_each(np.nan_to_num(matrix[:, 1:, 1:]), np.nan_to_num(gap[:, 1:])).T
        step = np.clip(step, -LONGEST, LONGEST)
        u = u + step
        if np.abs(step).max() <= SETTLED * (1 + np.abs(u).max()):
            break
    u -= u.mean(axis=0)
    _, slopes, surplus = _probabilities(u)
    inverse = np.linalg.pinv(np.nan_to_num(np.moveaxis(slopes, 2, 0)), hermitian=True)
    bend = -np.moveaxis(inverse, 0, 2).astype(float)
    return Worth(surplus - (p * u).sum(axis=0), -u, bend)


def _of_two(p: Array) -> Worth:
    """Of two actions, whose shocks differ by a normal number of variance two."""
    gap = special.ndtri(p[0])
    met = _density(gap)
    u = np.stack([gap, -gap]) / np.sqrt(2)
    bend: Array = np.array([[-1.0, 1.0], [1.0, -1.0]])[:, :, None] / (2 * np.sqrt(2) * met)
    return Worth(np.sqrt(2) * met, -u, bend)
