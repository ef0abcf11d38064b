r"""What a leader gets who commits to a mixed strategy: the verb ``commitment(game)``.

The leader's law x is seen by the follower, who then takes a best reply, and where several are best
the one that the leader likes best. For each reply j

.. math:: \max_{x \in \Delta} \sum_i x_i\, u_L(i, j) \quad \text{with} \quad
   \sum_i x_i \bigl(u_F(i, k) - u_F(i, j)\bigr) \le 0 \;\; \text{for all } k

is a linear program, and the best of these is the answer (Conitzer and Sandholm, ACM Conference on
Electronic Commerce 2006; von Stengel and Zamir, Games and Economic Behavior 69, 2010). The leader
gets at least what it gets in any Nash equilibrium.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.games.record import RefusedError
from leaderbored.shown import Shown
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.finite.programs import Optimum, Program, exactly
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.reductions import tabulated

TIE = 1e-9  # of the range of payoffs


@dataclass(frozen=True, eq=False)
class Commitment(Shown):
    """The best commitment of one of two players.

    Attributes
    ----------
    game : NormalForm
    leader, follower : str
    law : (m,) array
        The strategy to which the leader commits.
    reply : int
        Number of the follower's strategy.
    payoffs : (2,) array
        Of the players, in the order of the game.
    bound : float
        What the leader gets at most by any commitment, from the multipliers of all programs.
    regret : float
        What the follower gains by another reply, relative to the range of its payoffs;
        recomputed from the table.
    pure : float
        What the leader gets by the best commitment without mixing.
    margin : float
        The most by which some commitment makes the reply strictly better than all others, relative
        to the range of the follower's payoffs: above zero the leader comes as near to what it
        gets as it likes, however the follower breaks ties.
    exact : tuple of Fraction, or None
        The law in rational numbers, proved to be best, where asked for.
    """

    game: NormalForm
    leader: str
    follower: str
    law: Array
    reply: int
    payoffs: Array
    bound: float
    regret: float
    pure: float
    margin: float
    exact: tuple[Fraction, ...] | None = None

    @property
    def secure(self) -> bool:
        """Whether the leader needs no favour of the follower, up to as little as it likes."""
        return self.margin > TIE


@unthreaded
def commitment(game: Any, leader: str | None = None, *, exact: bool = False) -> Commitment:
    """Find the best mixed strategy to commit to.

    Parameters
    ----------
    game : NormalForm or nashpy.Game
        Of two players.
    leader : str, optional
        Name of the one who commits; the first player if not given.
    exact : bool
        Also in rational numbers, proved to be the optimum.

    Returns
    -------
    Commitment

    Raises
    ------
    TypeError
        If it is no game with finitely many strategies.
    ValueError
        If the leader is no player.
    RefusedError
        If the game has another number of players.

    Examples
    --------
    >>> game = NormalForm([[[2, 4], [1, 3]], [[1, 0], [0, 1]]])  # the first row dominates
    >>> found = commitment(game, exact=True)
    >>> [str(weight) for weight in found.exact], found.payoffs.tolist(), found.pure
    (['1/2', '1/2'], [3.5, 0.5], 3.0)
    """
    form = tabulated(game, "commitment")
    if form.count != 2:
        raise RefusedError(f"commitment: expected two players, not {form.count}")
    first = form.players[0] if leader is None else leader
    if first not in form.players:
        raise ValueError(f"leader: {first!r}, expected a player: {', '.join(form.players)}")
    who = form.players.index(first)
    mine, theirs = _turned(form.utility, who)
    each = [*_programs(mine, theirs)]
    reply = max(range(len(each)), key=lambda j: _worth(each[j]))
    found = each[reply]
    if found is None:
        raise RefusedError("commitment: no linear program was solved")
    least, span = _unit(form, who)
    laws = [found.law, np.eye(theirs.shape[1])[reply]]
    bounds = [one.bound for one in each if one is not None]
    return Commitment(
        game=form,
        leader=first,
        follower=form.players[1 - who],
        law=found.law,
        reply=reply,
        payoffs=form.expected(laws if who == 0 else laws[::-1]),
        bound=least + span * max(bounds),
        regret=_regret(form, who, found.law, reply),
        pure=least + span * _pure(mine, theirs),
        margin=_margin(theirs, reply),
        exact=_rational(form, who, reply, found) if exact else None,
    )


def _turned(tables: Any, who: int) -> tuple[Any, Any]:
    """Leader's and follower's tables, the leader's strategies in the rows."""
    return (tables[0], tables[1]) if who == 0 else (tables[1].T, tables[0].T)


def _programs(mine: Array, theirs: Array) -> Iterator[Optimum | None]:
    """The best commitment to which each reply is best, or None."""
    for j in range(theirs.shape[1]):
        checkpoint()
        worse = np.delete(theirs - theirs[:, [j]], j, axis=1).T
        yield Program(csr_array(worse)).best(mine[:, j])


def _worth(found: Optimum | None) -> float:
    """What a program gives, rounded so that equal ones stay in their order."""
    return -np.inf if found is None else round(found.value, 9)


def _unit(game: NormalForm, who: int) -> tuple[float, float]:
    table = game.tables[who]
    return float(table.min()), float(table.max() - table.min())


def _regret(game: NormalForm, who: int, law: Array, reply: int) -> float:
    """What the follower gains by another reply, from its own table."""
    table = np.asarray(game.payoffs[1 - who], dtype=float)
    earned = law @ (table if who == 0 else table.T)
    return float(earned.max() - earned[reply]) / (float(table.max() - table.min()) or 1.0)


def _pure(mine: Array, theirs: Array) -> float:
    """The best of the leader's pure commitments, ties in its favour."""
    best = theirs >= theirs.max(axis=1, keepdims=True)
    return float(np.where(best, mine, -np.inf).max())


def _margin(theirs: Array, reply: int) -> float:
    """The most by which a law makes a reply better than every other."""
    others = np.delete(theirs, reply, axis=1)
    if not others.shape[1]:
        return 1.0
    gains = theirs[:, [reply]] - others  # max over laws of the least entry of law @ gains
    low = float(gains.min())
    top = float(gains.max()) - low or 1.0
    above = (low - gains.T) / top  # a law and a share t of it: t / (1 - t) at most what it gains
    rows = csr_array(np.hstack([above, np.ones((len(above), 1))]))
    found = Program(rows).best(np.append(np.zeros(len(gains)), 1.0))
    share = min(found.law[-1], 0.5) if found else 0.0
    return low + top * float(share / (1 - share))


def _rational(
    game: NormalForm, who: int, reply: int, found: Optimum
) -> tuple[Fraction, ...] | None:
    """The law in rational numbers, if it is proved to be best, against every reply."""
    mine, theirs = _turned([table for table, _ in game.integers], who)
    solved = exactly(*_whole(mine, theirs, reply), found)
    if solved is None:
        return None
    law, value = solved
    floats_mine, floats_theirs = _turned(game.utility, who)
    for j, other in enumerate(_programs(floats_mine, floats_theirs)):
        if j != reply and other is not None and other.value > found.value - TIE:
            rival = exactly(*_whole(mine, theirs, j), other)
            if rival is None or rival[1] > value:
                return None
    return law


def _whole(mine: Table, theirs: Table, j: int) -> tuple[Table, Table]:
    worse: Table = np.delete(theirs - theirs[:, [j]], j, axis=1).T
    return worse, mine[:, j]
