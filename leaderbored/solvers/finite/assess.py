"""From a mixed profile to an equilibrium with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.solution import StaticEquilibrium

SUPPORT = 1e-9
TOLERANCE = 1e-9
MOST_EXACT = 200_000  # payoffs of one player up to which they are looked at in whole numbers


def stable(game: NormalForm, mixed: Sequence[Array]) -> bool | None:
    r"""Whether perturbed best replies lead back here from nearby, as the noise dies out.

    A strict equilibrium is stable. A mixed one is unstable where the matrix of the payoffs, each
    player's weighted with the covariance :math:`\operatorname{diag}(x) - x x^\top` of its law, has
    an eigenvalue with a positive real part (Fudenberg and Levine 1998, chapter 4). Otherwise these
    are purely imaginary and decide nothing, but for two strategies each and for zero-sum games,
    where best replies converge (Miyasawa 1961; Robinson 1951).

    Parameters
    ----------
    game : NormalForm
    mixed : sequence of N arrays
        An isolated equilibrium.

    Returns
    -------
    bool or None
        None where that is not decided, as where a player has another best reply that it does not
        play.

    Examples
    --------
    >>> battle = NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> stable(battle, [np.array([1, 0]), np.array([1, 0])])
    True
    >>> stable(battle, [np.array([2 / 3, 1 / 3]), np.array([1 / 3, 2 / 3])])
    False
    """
    supports = [np.flatnonzero(np.asarray(law) > SUPPORT) for law in mixed]
    for player, support in enumerate(supports):
        utilities = game.utilities(player, mixed)
        near = utilities.max() - utilities <= TOLERANCE
        if near.sum() > len(support):
            return None
    if all(len(support) == 1 for support in supports):
        return True
    growth = float(np.linalg.eigvals(_jacobian(game, mixed, supports)).real.max())
    if growth > TOLERANCE:
        return False
    settled = game.shape == (2, 2) or _zero_sum(game)
    return True if settled else None


def _zero_sum(game: NormalForm) -> bool:
    """Whether payoffs of two players add up to the same everywhere, in some units."""
    if len(game.shape) != 2 or np.ptp(game.utility.sum(axis=0)) > TOLERANCE:
        return False
    if game.payoffs.dtype != object and np.array_equal(game.payoffs[0], -game.payoffs[1]):
        return True
    if game.profiles > MOST_EXACT:
        return False
    one, other = (least(table) for table, _ in game.integers)
    both = one + other
    return bool((both == both.flat[0]).all())


def _jacobian(game: NormalForm, mixed: Sequence[Array], supports: Sequence[States]) -> Array:
    """Covariance of the laws times the derivatives of the rewards, on the supports."""
    count = len(supports)
    blocks = [[np.zeros((len(s), len(t))) for t in supports] for s in supports]
    for i in range(count):
        law = np.asarray(mixed[i])[supports[i]]
        covariance = np.diag(law) - np.outer(law, law)
        for j in range(count):
            if i != j:
                gain = slope(game.utility, mixed, (i, j))
                blocks[i][j] = covariance @ gain[np.ix_(supports[i], supports[j])]
    jacobian: Array = np.block(blocks)
    return jacobian


def least(table: Table) -> Table:
    """Whole payoffs from zero on, without a common divisor: the same in every unit.

    Examples
    --------
    >>> least(np.array([[30, 10], [10, 20]], dtype=object)).tolist()
    [[2, 0], [0, 1]]
    """
    above: Table = table - table.min()
    found: Table = above // (gcd(*above.ravel().tolist()) or 1)
    return found


def slope(utility: Array, mixed: Sequence[Array], pair: tuple[int, int]) -> Array:
    """Utility of player i for each strategy of i and of j, (m_i, m_j), against the others' laws.

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> slope(game.utility, [np.ones(2) / 2] * 2, (1, 0)).tolist()
    [[0.6, 0.0], [1.0, 0.2]]
    """
    table: Array = utility[pair[0]]
    for other in reversed(range(len(mixed))):
        if other not in pair:
            table = np.tensordot(table, np.asarray(mixed[other]), axes=(other, 0))
    return table if pair[0] < pair[1] else table.T


def assess(
    game: NormalForm,
    mixed: Sequence[Array],
    method: str,
    *,
    component: int | None = None,
    index: int | None = None,
    isolated: bool = True,
    exact: Sequence[tuple[Fraction, ...]] | None = None,
) -> StaticEquilibrium:
    """The equilibrium at a profile, with its regret and stability.

    Examples
    --------
    >>> game = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> assess(game, [np.array([0, 1]), np.array([0, 1])], "pure").payoffs.tolist()
    [1.0, 1.0]
    """
    laws = [np.asarray(law, dtype=float) for law in mixed]
    return StaticEquilibrium(
        strategies=dict(zip(game.players, laws, strict=True)),
        payoffs=game.expected(laws),
        regret=float(regret(game, laws).max()),
        stable=stable(game, laws) if isolated else None,
        method=method,
        component=component,
        index=index,
        exact=dict(zip(game.players, exact, strict=True)) if exact is not None else None,
    )
