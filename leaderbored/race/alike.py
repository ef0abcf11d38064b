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
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import comb, log2, prod
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from leaderbored.games.gathered import Gathered
from leaderbored.games.markov import Array, Markov, States
from leaderbored.race.market import ClearingMarket
from leaderbored.race.race import Race

Counts = tuple[tuple[int, ...], ...]  # for each sort, labs on each rung


def sorts(race: Race) -> tuple[tuple[int, ...], ...]:
    """Labs by sort: places of those that are alike but for their names.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1), lb.Lab("B", 2), lb.Lab("C", 1)]
    >>> sorts(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), discount=0.1))
    ((0, 2), (1,))
    """
    found: dict[Any, list[int]] = {}
    for i, lab in enumerate(race.labs):
        found.setdefault((lab.compute, lab.talent, lab.brand, lab.build), []).append(i)
    return tuple(map(tuple, found.values()))


class Moves(NamedTuple):
    """What happens in each role when another lab succeeds: one entry for each way it may go.

    Attributes
    ----------
    role, other, after : (E,) int arrays
        The role, that of the lab that succeeds, and the role after it.
    weight : (E,) array
        Number of labs in the role ``other``, times the chance, times the growth of money.
    beside : sparse (X, X) array
        Number of labs in each role beside one in each role of the same multiset.
    """

    role: States
    other: States
    after: States
    weight: Array
    beside: sp.csr_array


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
    >>> len(alike.race.states()), len(alike.counts), len(alike.roles)  # boards, multisets, roles
    (65, 10, 22)
    """

    race: Race

    @cached_property
    def sorts(self) -> tuple[tuple[int, ...], ...]:
        """Places of the labs of each sort."""
        return sorts(self.race)

    @cached_property
    def sort_of(self) -> tuple[int, ...]:
        """Of each lab."""
        found = {i: k for k, labs in enumerate(self.sorts) for i in labs}
        return tuple(found[i] for i in range(len(self.race.labs)))

    @cached_property
    def counts(self) -> list[Counts]:
        """Multisets: how many labs of each sort are on each rung behind the frontier."""
        each = [list(_spread(len(labs), self.race.rungs + 1)) for labs in self.sorts]
        return [c for c in product(*each) if any(rungs[0] for rungs in c)]

    @cached_property
    def roles(self) -> list[tuple[int, int, int]]:
        """Multiset, sort and rung of each role."""
        return [
            (m, k, g)
            for m, counts in enumerate(self.counts)
            for k, rungs in enumerate(counts)
            for g, count in enumerate(rungs)
            if count
        ]

    @cached_property
    def place(self) -> dict[tuple[Counts, int, int], int]:
        """Where each role is."""
        return {(self.counts[m], k, g): x for x, (m, k, g) in enumerate(self.roles)}

    @cached_property
    def game(self) -> Markov:
        """What a lab faces in each role but for the others' successes: one player, X states.

        Coordinates are the sort, the rung, and the numbers of labs.
        """
        behind, first = self._boards()
        tables = self.race.tables(behind)
        rows = {name: tables[name][first, np.arange(len(first))][None] for name in Markov.TABLES}
        coordinates = [[k, g, *sum(self.counts[m], ())] for m, k, g in self.roles]
        plain: dict[str, Any] = dict(
            players=("a lab",),
            states=np.array(coordinates, dtype=np.int64),
            discount=self.race.discount,
            returns=self.race.technology.returns,
            jump=(self._own(),),
            **rows,
        )
        market = self.race.market
        if not isinstance(market, ClearingMarket):
            return Markov(**plain)
        worths = market.worths(behind, np.array([lab.brand for lab in self.race.labs]))
        return Gathered(
            **plain,
            worth=worths[first, np.arange(len(first))][None],
            taking=market.conduct == "price-taking",
            market=np.array([m for m, _, _ in self.roles]),
            sellers=np.array([float(self.counts[m][k][g]) for m, k, g in self.roles]),
        )

    def _boards(self) -> tuple[States, States]:
        """A leaderboard (X, N) for each role, and the lab (X,) in that role there."""
        boards = np.zeros((len(self.roles), len(self.race.labs)), dtype=np.int64)
        first = np.zeros(len(self.roles), dtype=np.int64)
        for x, (m, k, g) in enumerate(self.roles):
            for labs, rungs in zip(self.sorts, self.counts[m], strict=True):
                boards[x, labs] = np.repeat(np.arange(len(rungs)), rungs)
            first[x] = next(i for i in self.sorts[k] if boards[x, i] == g)
        return boards, first

    def _own(self) -> sp.csr_array:
        """(X, X) law of the role after a success of one's own; growth of money is apart."""
        rows, columns, chances = [], [], []
        for x, (m, k, g) in enumerate(self.roles):
            for chance, _, counts, (rung, _) in self._after(self.counts[m], k, g, g):
                rows.append(x)
                columns.append(self.place[counts, k, rung])
                chances.append(chance)
        shape = (len(self.roles), len(self.roles))
        return sp.csr_array((chances, (rows, columns)), shape=shape)

    @cached_property
    def moves(self) -> Moves:
        """What others' successes do in each role."""
        entries, pairs = [], []
        by_board: dict[int, list[int]] = {}
        for x, (m, _, _) in enumerate(self.roles):
            by_board.setdefault(m, []).append(x)
        for x, (m, k, g) in enumerate(self.roles):
            for y in by_board[m]:
                _, sort, rung = self.roles[y]
                others = self.counts[m][sort][rung] - (x == y)
                if not others:
                    continue
                pairs.append((x, y, float(others)))
                for chance, factor, counts, (_, mine) in self._after(self.counts[m], sort, rung, g):
                    after = self.place[counts, k, mine]
                    entries.append((x, y, after, others * chance * factor))
        role, other, to, weight = (np.array(part) for part in zip(*entries, strict=True))
        here, there, number = (np.array(part) for part in zip(*pairs, strict=True))
        shape = (len(self.roles), len(self.roles))
        beside = sp.csr_array((number, (here, there)), shape=shape)
        return Moves(role, other, to, weight, beside)

    def _after(
        self, counts: Counts, sort: int, rung: int, mine: int
    ) -> Iterator[tuple[float, float, Counts, tuple[int, int]]]:
        """Where a success leads: chance, growth of money, multiset, and two rungs.

        That of who succeeds, and that of another lab on the rung ``mine``.
        """
        most = self.race.rungs
        chance = 1.0 if rung == 0 else self.race.technology.leapfrog
        left = [list(rungs) for rungs in counts]
        left[sort][rung] -= 1
        if chance > 0:
            above = [[0, *rungs[:-2], rungs[-2] + rungs[-1]] for rungs in left]
            above[sort][0] += 1
            yield chance, self.race.growth, tuple(map(tuple, above)), (0, min(mine + 1, most))
        if chance < 1:
            left[sort][rung - 1] += 1
            yield 1 - chance, 1.0, tuple(map(tuple, left)), (rung - 1, mine)

    @cached_property
    def _digits(self) -> States:
        """(K, G + 1) what a lab of each sort on each rung adds to the number of a multiset."""
        sizes = np.repeat([len(labs) + 1 for labs in self.sorts], self.race.rungs + 1)
        digits = np.cumprod([1, *sizes[:-1].tolist()], dtype=np.int64)
        return digits.reshape(len(self.sorts), -1)

    @cached_property
    def _numbers(self) -> tuple[States, States]:
        """(M,) numbers of multisets in order, and (M,) which of the list each is."""
        number = (np.array(self.counts) * self._digits).sum(axis=(1, 2))
        order = np.argsort(number)
        return number[order], order

    @cached_property
    def _role(self) -> States:
        """(M, K, G + 1) the role of each multiset, sort and rung; -1 where nobody is."""
        found = np.full((len(self.counts), len(self.sorts), self.race.rungs + 1), -1)
        found[tuple(np.transpose(self.roles))] = np.arange(len(self.roles))
        return found

    def _multiset(self, boards: States) -> States:
        """(M,) the multiset of leaderboards (M, N)."""
        number = self._digits[np.array(self.sort_of), boards].sum(axis=1)
        known, order = self._numbers
        return np.asarray(order[np.searchsorted(known, number)])

    def role_of(self, boards: States, lab: int) -> States:
        """(M,) the role of a lab on leaderboards (M, N)."""
        return np.asarray(self._role[self._multiset(boards), self.sort_of[lab], boards[:, lab]])

    def lifted(self, table: Array) -> Array:
        """(N, S) what a table (X,) of roles says of every lab at every leaderboard."""
        boards = self.race.states()
        roles = self._role[self._multiset(boards)[:, None], np.array(self.sort_of), boards]
        return np.asarray(table[roles].T)


def numbered(race: Race) -> bool:
    """Whether multisets have numbers of 62 bits: not so with very many rungs, which gain nothing.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    >>> [numbered(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, rungs))
    ...  for rungs in (30, 40)]
    [True, False]
    """
    return (race.rungs + 1) * sum(log2(len(labs) + 1) for labs in sorts(race)) < 62


def count_multisets(race: Race) -> int:
    """How many multisets there are; see the head of this module.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(str(i), 1) for i in range(8)]
    >>> count_multisets(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 3))
    120
    """
    sizes, rungs = [len(labs) for labs in sorts(race)], race.rungs
    every = prod(comb(n + rungs, rungs) for n in sizes)
    return every - prod(comb(n + rungs - 1, rungs - 1) for n in sizes)


def _spread(labs: int, rungs: int) -> Iterator[tuple[int, ...]]:
    """Ways to put labs on rungs, those with more labs in front first."""
    if rungs == 1:
        yield (labs,)
        return
    for here in range(labs, -1, -1):
        for rest in _spread(labs - here, rungs - 1):
            yield (here, *rest)
