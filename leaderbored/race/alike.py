r"""Races in which labs are alike, on leaderboards that do not tell alike labs apart.

Labs of the same compute, talent, brand and bounds are exchangeable: to change the places of two
changes nothing. Where alike labs do alike, a lab cares how many labs of each sort are on each rung,
and on which it is itself, not which of them is where. So leaderboards shrink to *multisets*, and a
pair of a multiset and a place in it, a sort and a rung, is a *role*:

.. math:: V(x) \text{ for roles } x = (c, k, g), \quad c_{kg} > 0, \quad \sum_g c_{kg} = n_k .

With n alike labs and G rungs there are :math:`\binom{n + G}{G} - \binom{n + G - 1}{G}` multisets of
:math:`(G + 1)^n - G^n` leaderboards. In a role x, with b(x') the share in each role,

.. math:: \rho V(x) = \max_b R(x, b) + h(x, b)\, (P V - V)(x)
              + \sum_{x'} n(x, x')\, h(x', b(x'))\, (P_{x'} V - V)(x),

where n counts the other labs in the role x' of the same multiset, and :math:`P_{x'}` says in which
role the lab is after one of them succeeds.

Let all labs but one play so. What the last one faces, rates and payoffs, is the same at all
leaderboards at which it is in the same role. So the value of its best reply, whatever it may depend
on, is a function of the role: that function solves the Hamilton-Jacobi-Bellman equation on all
leaderboards, which has one solution (strong lumpability: Kemeny and Snell, Finite Markov Chains,
1960). Hence a play is an equilibrium of the race iff it is one in roles, with the same regret.
Equilibria in which alike labs do otherwise are no equilibria in roles: there may be more.

A multiset is written as the one of its leaderboards on which alike labs stand in the order of the
game file, the first of a sort the furthest ahead. What a lab does and is worth there is a fact
about that lab on that leaderboard; all others follow by exchanging alike labs. Multisets move as
these leaderboards do if after each success alike labs exchange their names so that they stand in
order again (:class:`Ordered`): that is the law of the leaderboard, but it does not say who is who.
What becomes of one lab is the motion of its role.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import chain, combinations_with_replacement, pairwise
from math import factorial, prod
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.cleared import Cleared
from leaderbored.games.gathered import Gathered
from leaderbored.games.markov import Array, Markov, States
from leaderbored.race.market import ClearingMarket
from leaderbored.race.sorts import Sorts, sorts

if TYPE_CHECKING:
    from leaderbored.race.race import Race


@dataclass(frozen=True, eq=False)
class Moves:
    """What happens in each role when another lab succeeds: one entry for each way it may go.

    Attributes
    ----------
    role, other, after : (E,) int arrays
        The role, that of the lab that succeeds, and the role after it.
    number : (E,) array
        Of labs in the role ``other`` beside the one that is looked at.
    chance : (E,) array
        That a success goes so.
    front : (E,) bool array
        Whether it advances the frontier.
    growth : float
        Factor by which money grows then.
    beside : sparse (X, X) array
        Number of labs in each role beside one in each role of the same multiset.
    """

    role: States
    other: States
    after: States
    number: Array
    chance: Array
    front: NDArray[np.bool_]
    growth: float
    beside: sp.csr_array

    @cached_property
    def weight(self) -> Array:
        """(E,) number of labs, times the chance, times the growth of money."""
        return self.number * self.chance * np.where(self.front, self.growth, 1.0)


@dataclass(frozen=True, eq=False)
class Alike:
    """A race in roles; see the head of this module.

    Parameters
    ----------
    race : Race
        Without mechanisms.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(name, 1) for name in "ABCD"]
    >>> alike = Alike(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 2))
    >>> len(alike.race.states()), len(alike.boards), len(alike.roles)  # boards, multisets, roles
    (65, 10, 22)
    >>> alike.boards[:4].tolist()
    [[0, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 2], [0, 0, 1, 1]]
    """

    race: Race

    @cached_property
    def sorts(self) -> Sorts:
        """Places of the labs of each sort."""
        return sorts(self.race.labs)

    @cached_property
    def sort_of(self) -> States:
        """(N,) of each lab."""
        found = {i: k for k, labs in enumerate(self.sorts) for i in labs}
        return np.array([found[i] for i in range(len(self.race.labs))])

    # --- multisets

    @cached_property
    def boards(self) -> States:
        """(M, N) the leaderboard of each multiset on which alike labs stand in order.

        In lexicographic order: the tie comes first.
        """
        found = np.vstack([self._led_by(sort) for sort in range(len(self.sorts))])
        found = found[:, np.argsort(np.concatenate(self.sorts))]
        return np.ascontiguousarray(found[np.argsort(found @ self._digits)])

    def _led_by(self, first: int) -> States:
        """(B, N) leaderboards on whose frontier a sort is the first to have a lab; labs by sort."""
        found, top = np.zeros((1, 0), dtype=np.int64), self.race.rungs + 1
        for k, labs in enumerate(self.sorts):
            free = len(labs) - (k == first)
            ways = list(combinations_with_replacement(range(k < first, top), free))
            each = np.fromiter(chain.from_iterable(ways), dtype=np.int64).reshape(len(ways), free)
            each = np.pad(each, ((0, 0), (len(labs) - free, 0)))
            before = np.repeat(found, len(each), axis=0)
            found = np.column_stack([before, np.tile(each, (len(found), 1))])
        return found

    @cached_property
    def _digits(self) -> States:
        """(N,) by which leaderboards are numbered in lexicographic order."""
        labs = np.arange(len(self.race.labs), dtype=np.int64)
        return np.asarray((self.race.rungs + 1) ** labs[::-1])

    @cached_property
    def _numbers(self) -> States:
        """(M,) number of each multiset; rising."""
        return np.asarray(self.boards @ self._digits)

    def in_order(self, boards: States) -> States:
        """Leaderboards (M, N) after alike labs have exchanged their names to stand in order."""
        found = boards.copy()
        for labs in self.sorts:
            found[:, labs] = np.sort(boards[:, labs], axis=1)
        return found

    def multiset(self, boards: States) -> States:
        """(M,) the multiset of leaderboards (M, N)."""
        return np.asarray(np.searchsorted(self._numbers, self.in_order(boards) @ self._digits))

    @cached_property
    def copies(self) -> Array:
        """(M,) how many leaderboards each multiset stands for."""
        found = np.full(len(self.boards), float(prod(factorial(len(labs)) for labs in self.sorts)))
        for labs in self.sorts:
            run = np.ones(len(found))
            for a, b in pairwise(labs):
                run = np.where(self.boards[:, a] == self.boards[:, b], run + 1, 1.0)
                found /= run
        return np.round(found)

    # --- roles

    @cached_property
    def seats(self) -> States:
        """(M, N) the role of each lab at each multiset's leaderboard."""
        first = np.ones(self.boards.shape, dtype=bool)
        for labs in self.sorts:
            for a, b in pairwise(labs):
                first[:, b] = self.boards[:, a] != self.boards[:, b]
        found = np.cumsum(first.ravel()).reshape(first.shape) - 1
        for labs in self.sorts:
            for a, b in pairwise(labs):
                found[:, b] = np.where(first[:, b], found[:, b], found[:, a])
        return np.asarray(found)

    @cached_property
    def roles(self) -> States:
        """(X, 2) multiset of each role, and the first lab that is in it there; multisets rise."""
        found, where = np.unique(self.seats, return_index=True)
        del found
        return np.column_stack(np.unravel_index(where, self.seats.shape))

    @cached_property
    def number(self) -> States:
        """(X,) labs in each role."""
        return np.bincount(self.seats.ravel(), minlength=len(self.roles))

    @cached_property
    def _places(self) -> tuple[States, States]:
        """(X,) sort and rung of each role."""
        return self.sort_of[self.roles[:, 1]], self.boards[self.roles[:, 0], self.roles[:, 1]]

    @cached_property
    def _keys(self) -> tuple[States, States]:
        """(X,) keys of roles, see :meth:`_key`, rising, and the roles that they are of."""
        keys = self._key(self.roles[:, 0], *self._places)
        order = np.argsort(keys, kind="stable")
        return keys[order], order

    def _key(self, multiset: States, sort: States, rung: States) -> States:
        """One number for a multiset, a sort and a rung: there are too many for a table."""
        return np.asarray((multiset * len(self.sorts) + sort) * (self.race.rungs + 1) + rung)

    def _role(self, multiset: States, sort: States, rung: States) -> States:
        """The role of the labs of a sort that are on a rung of a multiset, where there are some."""
        keys, roles = self._keys
        return np.asarray(roles[np.searchsorted(keys, self._key(multiset, sort, rung))])

    def role_of(self, boards: States, lab: int) -> States:
        """(M,) the role of a lab on leaderboards (M, N)."""
        return self._role(self.multiset(boards), self.sort_of[lab], boards[:, lab])

    def lifted(self, table: Array) -> Array:
        """(N, S) what a table (X,) of roles says of every lab at every leaderboard."""
        boards = self.race.states()
        roles = self._role(self.multiset(boards)[:, None], self.sort_of, boards)
        return np.asarray(table[roles].T)

    # --- what a lab faces

    @cached_property
    def game(self) -> Markov:
        """What a lab faces in each role but for the others' successes: one player, X states.

        Coordinates are the sort, the rung, and the multiset's leaderboard.
        """
        at, seat = self.roles.T
        tables = self.race.tables(self.boards)
        rows = {name: tables[name][seat, at][None] for name in Markov.TABLES}
        plain: dict[str, Any] = dict(
            players=("a lab",),
            states=np.column_stack([*self._places, self.boards[at]]),
            discount=self.race.discount,
            returns=self.race.technology.returns,
            jump=(self._own(),),
            **rows,
        )
        market = self.race.market
        if not isinstance(market, ClearingMarket):
            return Markov(**plain)
        worths = market.worths(self.boards, np.array([lab.brand for lab in self.race.labs]))
        return Gathered(
            **plain,
            worth=worths[seat, at][None],
            taking=market.conduct == "price-taking",
            market=at,
            sellers=self.number.astype(float),
        )

    @cached_property
    def landings(self) -> tuple[States, States]:
        """(X,) the multiset after a success of a lab in each role: of the frontier, or a rung."""
        at, seat = self.roles.T
        here, each = self.boards[at], np.arange(len(at))
        ahead = np.minimum(here + 1, self.race.rungs)
        ahead[each, seat] = 0
        closer = here.copy()
        closer[each, seat] = np.maximum(here[each, seat] - 1, 0)
        return self.multiset(ahead), self.multiset(closer)

    def after_success(self, at: int, lab: int, to: int) -> States:
        """(N,) the leaderboard on which a success of a lab at a multiset led to another one.

        That is before alike labs exchange their names.
        """
        here = self.boards[at]
        ahead = np.where(np.arange(len(here)) == lab, 0, np.minimum(here + 1, self.race.rungs))
        if self.multiset(ahead[None])[0] == to:
            return np.asarray(ahead)
        closer = here.copy()
        closer[lab] -= 1
        return np.asarray(closer)

    @cached_property
    def _chances(self) -> Array:
        """(2, X) that a success in each role advances the frontier, and that it is a rung."""
        leap = np.where(self._places[1] == 0, 1.0, self.race.technology.leapfrog)
        return np.array([leap, 1 - leap])

    def _own(self) -> sp.csr_array:
        """(X, X) law of the role after a success of one's own; growth of money is apart."""
        size = len(self.roles)
        rows = np.tile(np.arange(size), 2)
        return _law(rows, np.concatenate(self.after), self._chances.ravel(), size)

    @cached_property
    def after(self) -> tuple[States, States]:
        """(X,) the role after a success of one's own: of the frontier, or a rung."""
        (sort, rung), (ahead, closer) = self._places, self.landings
        top, up = np.zeros_like(rung), np.maximum(rung - 1, 0)
        return self._role(ahead, sort, top), self._role(closer, sort, up)

    @cached_property
    def moves(self) -> Moves:
        """What others' successes do in each role."""
        at, (sort, rung) = self.roles[:, 0], self._places
        many = np.bincount(at)
        first = np.cumsum(many) - many
        here = np.repeat(np.arange(len(at)), many[at])
        within = np.arange(len(here)) - np.repeat(np.cumsum(many[at]) - many[at], many[at])
        there = first[at[here]] + within
        number = self.number[there] - (here == there)
        here, there, number = (part[number > 0] for part in (here, there, number))
        parts = []
        moved = np.minimum(rung + 1, self.race.rungs), rung
        ways = zip(self.landings, moved, self._chances, (True, False), strict=True)
        for to, mine, chance, front in ways:
            some = chance[there] > 0
            x, y = here[some], there[some]
            after = self._role(to[y], sort[x], mine[x])
            parts.append((x, y, after, number[some], chance[y], np.full(len(x), front)))
        role, other, after, count, chances, fronts = map(np.concatenate, zip(*parts, strict=True))
        shape = (len(at), len(at))
        beside = sp.csr_array((number.astype(float), (here, there)), shape=shape)
        many_labs = count.astype(float)
        return Moves(role, other, after, many_labs, chances, fronts, self.race.growth, beside)

    @cached_property
    def ordered(self) -> Markov:
        """The race on the leaderboards of multisets: N players, M states; see :class:`Ordered`."""
        game = self.race.plain(self.boards, self.jumps(1.0))
        kind = OrderedCleared if isinstance(game, Cleared) else Ordered
        parts = {field.name: getattr(game, field.name) for field in fields(game)}
        return kind(**parts, alike=self)

    def jumps(self, growth: float) -> tuple[sp.csr_array, ...]:
        """N sparse (M, M) laws after a success of each lab, advances times a factor."""
        size, found = len(self.boards), []
        rows = np.tile(np.arange(size), 2)
        for role in self.seats.T:
            to = np.concatenate([part[role] for part in self.landings])
            ahead, closer = self._chances[:, role]
            found.append(_law(rows, to, np.concatenate([growth * ahead, closer]), size))
        return tuple(found)


def _law(rows: States, columns: States, chances: Array, size: int) -> sp.csr_array:
    found = sp.csr_array((chances, (rows, columns)), shape=(size, size))
    found.eliminate_zeros()
    return found


LUMPED = "alike labs are not told apart in these arrays; expected the race that they are of"


@dataclass(frozen=True, eq=False, kw_only=True)
class Ordered(Markov):
    """A race on leaderboards on which alike labs stand in order, as they do again after a success.

    Attributes
    ----------
    alike : Alike
        The race in roles.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> game = Alike(race).ordered
    >>> game.states.tolist(), isinstance(game, Ordered)
    ([[0, 0, 0], [0, 0, 1], [0, 1, 1]], True)
    """

    alike: Alike

    @cached_property
    @override
    def worth_after(self) -> tuple[sp.csr_array, ...]:
        """N sparse (M, M) maps, as of :class:`.Markov`: who leads does not tell who advanced."""
        return self.alike.jumps(self.alike.race.growth) if self.grows else self.jump


@dataclass(frozen=True, eq=False, kw_only=True)
class OrderedCleared(Ordered, Cleared):
    """Where the market clears; see :class:`Ordered`."""
