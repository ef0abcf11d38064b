"""The leaderboards on which a race goes on, and the motion of one lab among them.

Where alike labs are not distinguished (:mod:`leaderbored.race.alike`) a state is a leaderboard on
which they stand in order, and stands for several. It does not say who is who: what becomes of one
lab, and of its lead, is the motion of its role. Where all labs are distinguished, it is the motion
of the leaderboard itself, seen by each lab in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race import Race, leads, signed_leads
from leaderbored.race.alike import Ordered
from leaderbored.solvers.markov.system import System
from leaderbored.verdicts.law import NEVER, Law, parts, stationary


class Board(NamedTuple):
    """The states in which a race goes on.

    Attributes
    ----------
    states : (S, N) int array
        Rungs behind the frontier.
    owned : (N, S) array
        Compute.
    copies : (S,) array
        Number of leaderboards that each stands for.
    sorts : tuple of tuple of int
        Labs that are not distinguished; each for itself where all are.
    """

    states: States
    owned: Array
    copies: Array
    sorts: Sequence[Sequence[int]]

    def pooled(self, table: Array) -> Array:
        """(N,) numbers of each lab, as means over those that are not distinguished.

        Examples
        --------
        >>> nothing = np.zeros(0)
        >>> Board(nothing, nothing, nothing, [(0, 2), (1,)]).pooled(np.array([0.2, 0.3, 0.4]))
        array([0.3, 0.3, 0.3])
        """
        found = table.copy()
        for labs in self.sorts:
            found[list(labs)] = table[list(labs)].mean()
        return found


def board_of(race: Race, game: Markov | None = None) -> Board:
    """Of a race, or of the game that it was compiled to.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> board_of(race).copies.tolist(), board_of(race, Alike(race).ordered).copies.tolist()
    ([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 3.0, 3.0])
    """
    if isinstance(game, Ordered):
        return Board(game.states, game.capacity, game.alike.copies, game.alike.sorts)
    states, owned = race.board()
    return Board(states, owned, np.ones(len(states)), [[i] for i in range(len(race.labs))])


def long_run(
    game: Markov, hazard: Array, start: Array | None = None, system: System | None = None
) -> Law:
    """The law of the states of a race under hazards, from a tie if nothing else is said.

    The system of the game, if it is known, need not be assembled again.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1).markov()
    >>> long_run(game, game.hazard(np.full((2, 3), 0.5))).weight.round(9).tolist()
    [0.333333333, 0.333333333, 0.333333333]
    """
    system = system or System(game)
    if isinstance(game, Ordered):  # moves of single labs count, not those of alike labs together
        rates = _sum([_counted(move, game.discount) for move in _each(game, hazard)])
        return stationary(rates, game.discount, start, planar=system.game.planar)
    rates = system.transitions(hazard)
    return stationary(rates, game.discount, start, planar=system.game.planar)


def _each(game: Markov, hazard: Array) -> list[sp.csr_array]:
    return [(sp.diags_array(h) @ jump).tocsr() for h, jump in zip(hazard, game.jump, strict=True)]


def _counted(move: sp.csr_array, discount: float) -> sp.csr_array:
    move.data[move.data <= NEVER * discount] = 0.0
    return move


def _sum(moves: list[sp.csr_array]) -> sp.csr_array:
    total = moves[0]
    for move in moves[1:]:
        total = total + move
    total.eliminate_zeros()
    return total


class Followed(NamedTuple):
    """The motion of the labs.

    Attributes
    ----------
    law : Law
        Of Y places in which labs may be: roles, or leaderboards.
    weight : (Y, C) array
        Long-run share of time in each, summed over labs; one column for each lab that is
        followed by itself.
    ahead : (Y, C) array
        Lead over the best rival, negative if behind; rungs.
    leading : (Y, C) bool array
        Whether alone at the top.
    share, rest : (Y or 1, C) arrays
        Share of time that the lab leads alone, and that it does not.
    """

    law: Law
    weight: Array
    ahead: Array
    leading: NDArray[np.bool_]
    share: Array
    rest: Array


def followed(game: Markov, hazard: Array, law: Law) -> Followed:
    """The labs, where the states move by a law under hazards (N, S).

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab(name, 1) for name in "AB"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> for game in (race.markov(), Alike(race).ordered):
    ...     hazard = game.hazard(np.full(game.scale.shape, 0.5))
    ...     labs = followed(game, hazard, long_run(game, hazard))
    ...     print(labs.weight.shape, round(labs.weight[labs.leading].sum().item(), 9))
    (3, 2) 0.666666667
    (3, 1) 0.666666667
    """
    labs = game.states.shape[1]
    leader = leads(game.states)[1]
    ahead, leading = signed_leads(game.states), leader[:, None] == np.arange(labs)
    if not isinstance(game, Ordered):
        weight = np.repeat(law.weight[:, None], labs, axis=1)
        share, rest = ((law.weight @ each)[None] for each in (leading, ~leading))
        return Followed(law, weight, ahead, leading, share, rest)
    alike = game.alike
    at, seat = alike.roles.T
    weight, leads_now, sort = law.weight[at] * alike.number, leading[at, seat], alike.sort_of[seat]
    sizes = np.array([len(each) for each in alike.sorts])
    share, rest = (
        (np.bincount(sort, np.where(each, weight, 0.0)) / sizes)[sort]
        for each in (leads_now, ~leads_now)
    )
    motion = _of_roles(game, hazard, law, weight / labs)
    tables = (weight, ahead[at, seat], leads_now, share, rest)
    return Followed(motion, *(table[:, None] for table in tables))


def _of_roles(game: Ordered, hazard: Array, law: Law, weight: Array) -> Law:
    """The motion of roles, whose long-run law is known.

    It is that of one lab, drawn at random: by symmetry the law of its role is in proportion to the
    number of labs in it, also within the classes that it does not leave.
    """
    alike, moves = game.alike, game.alike.moves
    at, seat = alike.roles.T
    rate, size = hazard[seat, at], len(at)
    each = rate[moves.other] * moves.chance
    rivals = np.where(each > law.never, moves.number * each, 0.0)
    own = _counted((sp.diags_array(rate) @ alike.game.jump[0]).tocsr(), law.never / NEVER).tocoo()
    rows, columns = np.concatenate([moves.role, own.row]), np.concatenate([moves.after, own.col])
    data = np.concatenate([rivals, own.data])
    some = (data > 0) & (rows != columns)
    rows, columns, data = rows[some], columns[some], data[some]
    moved = at[rows] != at[columns]
    kept = np.ones(len(rows), dtype=bool)
    kept[moved] = np.asarray(law.rates[at[rows[moved]], at[columns[moved]]]).ravel() > 0
    shape = (size, size)
    rates = sp.csr_array((data[kept], (rows[kept], columns[kept])), shape=shape)
    start = np.bincount(alike.seats[0], minlength=size) / alike.seats.shape[1]
    reached, closed, _ = parts(rates, start)
    classes = [members for members in closed if reached[members[0]]]
    chances = np.array([weight[members].sum() for members in classes])
    within = [weight[each] / chance for each, chance in zip(classes, chances, strict=True)]
    return replace(
        law,
        rates=rates,
        weight=weight,
        classes=tuple(classes),
        within=tuple(within),
        chances=chances,
        times=np.full(len(classes), np.nan),
        start=start,
    )
