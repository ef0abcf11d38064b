r"""Regret: what the best one-lab deviation would gain. A certificate apart from the solvers.

With the others' shares fixed, one player faces a control problem of its own. It is solved here
by Howard's policy iteration on matrices built from the game's primitives, with replies found by
golden section rather than from first-order conditions, so that an error in the solvers cannot
hide. The optimum less the value of the player's own shares, at the worst state, relative to the
largest value, is its regret; zero for every player is the definition of equilibrium.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla

from leaderbored.games.curved import Curved
from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import checkpoint

Payoff = Callable[[Array], Array]

GOLDEN = (5**0.5 - 1) / 2
FACTORISE = 1_200  # states up to which a sparse factorisation is the quicker


def regret(game: Markov, build: Array) -> Array:
    """Each player's regret at the shares ``build``.

    Parameters
    ----------
    game : Markov
        N players, S states.
    build : (N, S) array
        The shares all players are held to.

    Returns
    -------
    (N,) array
        Largest gain over the states from an optimal deviation, relative to the player's largest
        value (absolute where that is zero); infinite if the deviation could not be computed.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0, 2.0]),
    ...                lb.Technology(2), discount=0.1, rungs=3).markov()
    >>> bool(regret(game, np.zeros((2, 7))).max() > 0.1)  # selling for ever is no equilibrium
    True
    """
    if isinstance(game, Curved):
        from leaderbored.solvers.markov.curved import regrets

        return regrets(game, build)
    hazard = game.scale * build**game.returns + game.base
    flow = [sp.diags_array(h) @ jump for h, jump in zip(hazard, game.jump, strict=True)]
    total = sum(flow[1:], flow[0])
    return np.array(
        [
            _one_player(
                game, i, build[i], (total - flow[i]).tocsr(), hazard.sum(axis=0) - hazard[i]
            )
            for i in range(len(game.players))
        ]
    )


def _one_player(game: Markov, i: int, share: Array, others: sp.csr_array, exits: Array) -> float:
    """Regret of player i when the others move the state by ``others`` at rates ``exits``."""
    jump = game.jump[i]

    def earn(b: Array) -> Array:
        sold = np.minimum((1 - b) * game.capacity[i], game.demand[i])
        return np.asarray(game.price[i] * sold)

    def succeed(b: Array) -> Array:
        return np.asarray(game.scale[i] * b**game.returns + game.base[i])

    def total(worth: Array, b: Array) -> Array:
        return earn(b) + succeed(b) * worth

    def value(b: Array, guess: Array | None) -> Array:
        own = succeed(b)
        matrix = sp.diags_array(game.discount + exits + own) - others - sp.diags_array(own) @ jump
        return _solve(matrix.tocsr(), earn(b), guess)

    held = best = value(share, None)
    for _ in range(100):
        worth = jump @ best - best
        share = _maximise(game, i, share, partial(total, worth))
        better = value(share, best)
        gained = float((better - best).max())
        best = np.maximum(best, better)
        scale = float(np.abs(best).max())
        if gained <= 1e-13 * scale:
            return float((best - held).max()) / (scale or 1.0)
    return float("inf")


def _maximise(game: Markov, i: int, share: Array, payoff: Payoff) -> Array:
    """Largest of the share held, both bounds, and both smooth stretches by golden section."""
    kink = np.clip(1 - game.demand[i] / game.capacity[i], game.lower[i], game.upper[i])
    candidates = [
        share,
        game.lower[i],
        kink,
        game.upper[i],
        _golden(payoff, game.lower[i], kink),
        _golden(payoff, kink, game.upper[i]),
    ]
    values = np.array([payoff(b) for b in candidates])
    best: Array = np.choose(values.argmax(axis=0), candidates)
    return best


def _golden(payoff: Payoff, low: Array, high: Array) -> Array:
    """Golden-section search in every state at once."""
    for _ in range(60):
        checkpoint()
        width = GOLDEN * (high - low)
        left, right = high - width, low + width
        rises = payoff(left) < payoff(right)
        low, high = np.where(rises, left, low), np.where(rises, high, right)
    return (low + high) / 2


def _solve(matrix: sp.csr_array, rhs: Array, guess: Array | None) -> Array:
    """Solve one linear system, to the last digits."""
    if len(rhs) <= FACTORISE:
        return np.asarray(spla.splu(matrix.tocsc()).solve(rhs))
    scale = 1 / matrix.diagonal()

    def precondition(x: Array) -> Array:
        checkpoint()
        return np.asarray(scale * x.ravel())

    jacobi = spla.LinearOperator(matrix.shape, precondition)
    x = np.zeros_like(rhs) if guess is None else guess
    for _ in range(4):
        left = rhs - matrix @ x
        size = float(np.abs(left).max())
        if size <= 1e-15 * float(np.abs(rhs).max()):
            break
        x = x + size * spla.bicgstab(matrix, left / size, rtol=1e-9, maxiter=1_000, M=jacobi)[0]
    return x
