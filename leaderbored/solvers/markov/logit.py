r"""Noisy replies: a best reply smoothed by entropy, the logit rule.

Write a player's choice as the effort :math:`e = b^{\theta}` between its bounds :math:`e_-` and
:math:`e_+`, :math:`w = e_+ - e_-`, and :math:`y = (e - e_-)/w`. With noise :math:`\tau` it chooses

.. math:: \max_e\; R(e^{1/\theta}) + scale\, e\, \Delta
          - \tau\, [\, y \ln y + (1-y) \ln(1-y) \,],

which is strictly concave in e whatever the sign of the gain: the logit rule on a continuum,
with one answer that moves from the middle (:math:`\tau \to \infty`) to the best reply
(:math:`\tau \to 0`). Values count the money earned, not the entropy, as in the quantal response
equilibrium of McKelvey and Palfrey (Games and Economic Behavior 10, 1995); the perturbation is
that of Hofbauer and Sandholm (Econometrica 70, 2002).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.numerics.bracket import bisect

LARGEST_LOG_ODDS = 700.0  # log odds at which a share is at its bound to all digits


def noisy_reply(game: Markov, gain: Array, noise: float) -> Pieces:
    """The noisy reply to each gain, with its slope.

    Parameters
    ----------
    game : Markov
    gain : (N, S) array
    noise : float
        tau > 0, money/year.

    Returns
    -------
    Pieces

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1).markov()
    >>> gain = np.full((2, 3), 0.5)
    >>> noisy_reply(game, gain, 1e9).build[0].round(4).tolist()  # the middle effort, 1/2
    [0.25, 0.0, 0.25]
    >>> noisy_reply(game, gain, 1e-4).build[0].round(3).tolist()  # the best reply
    [0.562, 0.0, 0.677]
    """
    theta, kink = game.returns, game.effort(game.idle)
    dear = game.price * game.capacity / theta

    def forgone(effort: Array) -> Array:
        return np.where(effort > kink, dear * effort ** (1 / theta - 1), 0.0)

    def bend(effort: Array) -> Array | float:
        if theta == 1:
            return 0.0
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            steep = dear * (1 / theta - 1) * effort ** (1 / theta - 2)
        return np.where(effort > kink, steep, 0.0)

    return smooth(game, gain, noise, forgone, bend)


def smooth(
    game: Markov,
    gain: Array,
    noise: float,
    forgone: Callable[[Array], Array],
    bend: Callable[[Array], Array | float],
) -> Pieces:
    """The noisy reply, where the next unit of effort costs what a function of the effort says.

    Parameters
    ----------
    game : Markov
    gain : (N, S) array
    noise : float
        tau > 0, money/year.
    forgone, bend : callable
        From efforts (N, S) to revenue forgone by one unit more, and to the derivative of that.

    Returns
    -------
    Pieces
    """
    movable = game.movable
    low, high = game.effort(game.lower), game.effort(game.upper)
    width = np.where(movable, high - low, 1.0)

    def marginal(odds: Array) -> tuple[Array, Array]:
        """Effort at these log odds, and payoff from a little more of it."""
        effort = np.clip(low + width / (1 + np.exp(-odds)), low, high)
        return effort, game.scale * gain - forgone(effort)

    far = np.full(gain.shape, LARGEST_LOG_ODDS)
    odds = bisect(lambda x: width * marginal(x)[1] > noise * x, -far, far).x
    effort, payoff = marginal(odds)
    short = np.abs(width * payoff - noise * odds) > 1e-6 * (noise + np.abs(width * payoff))
    stuck = short & (np.abs(odds) < LARGEST_LOG_ODDS - 1)  # where the cost jumps
    share = game.share(effort)
    if stuck.any():
        corners = np.array([game.idle, *game.knots])
        nearest = np.abs(corners - share).argmin(axis=0)
        share = np.where(stuck, np.take_along_axis(corners, nearest[None], axis=0)[0], share)
        effort = np.where(stuck, game.effort(share), effort)
    spread = np.clip((effort - low) / width, 1e-300, 1) * np.clip(
        (high - effort) / width, 1e-300, 1
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        stiff = bend(effort) + noise / (width**2 * spread)
    moves = movable & ~stuck
    with np.errstate(divide="ignore"):
        slope = np.where(moves, game.scale**2 / stiff, 0.0)
        worth = np.where(moves, payoff / np.where(game.scale > 0, game.scale, 1.0), 0.0)
    return Pieces(
        build=np.where(movable, share, game.lower),
        slope=slope,
        level=np.zeros(gain.shape, dtype=bool),
        target=np.zeros_like(gain),
        marginal=worth,
    )
