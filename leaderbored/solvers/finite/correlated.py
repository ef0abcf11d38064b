r"""Correlated and coarse correlated equilibria: the verb ``correlated(game)``.

A law p over profiles is a *correlated equilibrium* if nobody who is told its own part of the
profile gains by another strategy (Aumann, Journal of Mathematical Economics 1, 1974):

.. math:: \sum_{s} p(a, s)\,\bigl(u_i(b, s) - u_i(a, s)\bigr) \le 0
   \qquad \text{for all players } i \text{ and strategies } a, b.

It is a *coarse* one if nobody gains who must choose between obeying whatever it will be told and
one strategy (Moulin and Vial 1978): the sum over a of these, for each b. Both are polytopes, so
that the best for any linear aim, and the extremes of each payoff, are linear programs. Every Nash
equilibrium is one of them, as a product of laws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.games.record import RefusedError
from leaderbored.shown import Shown
from leaderbored.solvers.finite.programs import Program, exactly
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.reductions import tabulated

MOST = 3_000_000  # entries of the inequalities
FAST = 300_000  # of these, up to which the extremes of each payoff are found too
WELFARE = "welfare"

Aim = str | Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Correlated(Shown):
    """A correlated or coarse correlated equilibrium that is best for an aim.

    Attributes
    ----------
    game : NormalForm
        Of N players.
    coarse : bool
    aim : dict of str to float
        Weights of the players' payoffs in what is as great as it can be.
    law : (m_1, ..., m_N) array
        Probability of each profile.
    payoffs : (N,) array
        What each player gets.
    value : float
        Of the aim.
    bound : float
        What the aim is at most in any such equilibrium, from the multipliers of the program.
    regret : float
        The most that a player gains by another choice on being told its part, summed over what
        it may be told, relative to the range of its payoffs; recomputed from the table.
    ranges : dict of str to pair of float, or None
        Least and greatest payoff of each player in any such equilibrium; None of large games.
    exact : dict of tuple of int to Fraction, or None
        The profiles that are played and their probabilities, proved to be best in rational
        numbers, where asked for.
    """

    game: NormalForm
    coarse: bool
    aim: dict[str, float]
    law: Array
    payoffs: Array
    value: float
    bound: float
    regret: float
    ranges: dict[str, tuple[float, float]] | None
    exact: dict[tuple[int, ...], Fraction] | None = None


@unthreaded
def correlated(
    game: Any, aim: Aim = WELFARE, *, coarse: bool = False, exact: bool = False
) -> Correlated:
    """Find the correlated equilibrium that is best for an aim.

    Parameters
    ----------
    game : NormalForm or nashpy.Game
    aim : str or mapping of str to float
        What is to be as great as can be: ``"welfare"``, the sum of all payoffs; the payoff of a
        player, by name; or a sum with weights by players' names, which may be negative.
    coarse : bool
        Of the larger set in which players decide whether to obey before they are told.
    exact : bool
        Also in rational numbers, proved to be the optimum.

    Returns
    -------
    Correlated

    Raises
    ------
    TypeError
        If it is no game with finitely many strategies.
    ValueError
        If the aim names no players of the game.
    RefusedError
        If the game is too large.

    Examples
    --------
    >>> chicken = NormalForm([[[0, 7], [2, 6]], [[0, 2], [7, 6]]])
    >>> found = correlated(chicken, exact=True)
    >>> {profile: str(weight) for profile, weight in found.exact.items()}
    {(0, 1): '1/4', (1, 0): '1/4', (1, 1): '1/2'}
    >>> found.payoffs.tolist(), found.regret < 1e-12, found.ranges["1"]
    ([5.25, 5.25], True, (2.0, 7.0))
    """
    form = tabulated(game, "correlated")
    weights = _weights(form, aim)
    inequalities = Inequalities(form, coarse)
    size = inequalities.count * form.profiles
    if size > MOST:
        raise RefusedError(
            f"correlated: {inequalities.count:,} inequalities for {form.profiles:,} profiles, "
            f"expected at most {MOST:,} numbers in all"
        )
    program = Program(inequalities.rows)
    total = _aimed(form.tables, weights)
    found = program.best(total)
    if found is None:
        raise RefusedError("correlated: the linear program was not solved")
    law = found.law.reshape(form.shape)
    ranges = _ranges(form, program) if size <= FAST else None
    return Correlated(
        game=form,
        coarse=coarse,
        aim=weights,
        law=law,
        payoffs=np.array([float((table * law).sum()) for table in form.tables]),
        value=found.value,
        bound=found.bound,
        regret=obedience(form, law, coarse),
        ranges=ranges,
        exact=_rational(form, inequalities, weights, found) if exact else None,
    )


def obedience(game: NormalForm, law: Array, coarse: bool) -> float:
    """The most that a player gains by disobeying, relative to the range of its payoffs.

    Computed from the table by itself: without the inequalities of the program.

    Examples
    --------
    >>> chicken = NormalForm([[[0, 7], [2, 6]], [[0, 2], [7, 6]]])
    >>> round(obedience(chicken, np.array([[0, 0], [0, 1.0]]), False), 6)
    0.142857
    """
    worst = 0.0
    for i, table in enumerate(game.payoffs):
        values = table.astype(float)
        span = float(values.max() - values.min()) or 1.0
        told = np.moveaxis(law, i, 0).reshape(game.shape[i], -1)
        paid = np.moveaxis(values, i, 0).reshape(game.shape[i], -1) / span
        earned = told @ paid.T  # of each strategy that is told, by what is done instead
        obeyed = np.diag(earned)
        gain = earned.sum(axis=0).max() - obeyed.sum() if coarse else 0.0
        if not coarse:
            gain = (earned.max(axis=1) - obeyed).sum()
        worst = max(worst, float(gain))
    return worst


@dataclass(frozen=True, eq=False)
class Inequalities:
    """Of each player, and of what it is told and does instead: what it would gain by each profile.

    Attributes
    ----------
    game : NormalForm
    coarse : bool
    """

    game: NormalForm
    coarse: bool

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(m if self.coarse else m * (m - 1) for m in self.game.shape)

    @cached_property
    def rows(self) -> csr_array:
        """In floating-point numbers, in units of each player's range."""
        none = csr_array((0, self.game.profiles))  # where nobody has a choice
        parts = [csr_array(part) for part in self._parts(self.game.utility)]
        return vstack([none, *parts], format="csr")

    @cached_property
    def whole(self) -> Table:
        """In whole numbers."""
        tables = [table for table, _ in self.game.integers]
        none = np.zeros((0, self.game.profiles), dtype=object)
        parts: Table = np.vstack([none, *self._parts(tables)])
        return parts

    def _parts(self, tables: Any) -> Any:
        for i, table in enumerate(tables):
            size = self.game.shape[i]
            everywhere = np.indices(self.game.shape)[i]
            for b in range(size):
                gain = np.take(table, [b], axis=i) - table
                if self.coarse:
                    yield gain.reshape(1, -1)
                else:
                    for a in range(size):
                        if a != b:
                            yield np.where(everywhere == a, gain, 0).reshape(1, -1)


def _weights(game: NormalForm, aim: Aim) -> dict[str, float]:
    """The weight of each player's payoff."""
    if isinstance(aim, str):
        if aim in game.players:
            return {who: float(who == aim) for who in game.players}
        if aim == WELFARE:
            return dict.fromkeys(game.players, 1.0)
        known = ", ".join(game.players)
        raise ValueError(f"aim: {aim!r}, expected {WELFARE} or a player: {known}")
    if unknown := [who for who in aim if who not in game.players]:
        known = ", ".join(game.players)
        raise ValueError(f"aim: {', '.join(map(repr, unknown))}, expected players: {known}")
    weights = {who: float(aim.get(who, 0.0)) for who in game.players}
    if not all(np.isfinite(weight) for weight in weights.values()):
        raise ValueError("aim: expected finite weights")
    return weights


def _aimed(tables: Array, weights: dict[str, float]) -> Array:
    total: Array = np.tensordot([*weights.values()], tables, axes=1)
    return total.ravel()


def _ranges(game: NormalForm, program: Program) -> dict[str, tuple[float, float]]:
    """Extremes of each player's payoff."""
    found = {}
    for who, table in zip(game.players, game.tables, strict=True):
        low, high = program.best(-table.ravel()), program.best(table.ravel())
        if low and high:
            found[who] = (-low.value + 0.0, high.value + 0.0)
    return found


def _rational(
    game: NormalForm, inequalities: Inequalities, weights: dict[str, float], found: Any
) -> dict[tuple[int, ...], Fraction] | None:
    total: Any = 0
    for weight, (table, scale) in zip(weights.values(), game.integers, strict=True):
        total = total + table * (Fraction(repr(weight)) / scale)
    aim = np.array([*total.ravel()], dtype=object)
    common = int(np.lcm.reduce([Fraction(value).denominator for value in aim], dtype=object))
    whole = np.array([int(value * common) for value in aim], dtype=object)
    solved = exactly(inequalities.whole, whole, found)
    if solved is None:
        return None
    places = np.ndindex(*game.shape)
    return {place: weight for place, weight in zip(places, solved[0], strict=True) if weight}
