r"""Replies in ball arithmetic: all shares and hazards that answer the stakes within a box.

A reply is flat at its lowest share, at the share that uses idle compute, and at its highest one;
in between it is the inner piece :math:`(\theta s g / p K)^{1 / (1 - \theta)}` of a gain g. Over a
ball of gains it may lie on several of these. As the inner piece rises with the gain, its ends are
found at the ends of the ball, and clipped; the slopes of all pieces that are met are joined, which
is what the test of :mod:`leaderbored.solvers.markov.proof` needs at a kink. Where a reply jumps
within the ball nothing encloses it, and :class:`UnprovedError` says so.

Balls of python-flint's ``arb`` (Johansson, IEEE Transactions on Computers 66, 2017) round outwards,
so that what is compared here is compared of every number in a ball: neither of ``a < b`` and
``a >= b`` need hold.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any, TypeVar

from flint import arb

from leaderbored.games.markov import Markov
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.numerics.krawczyk import UnprovedError

P = TypeVar("P", bound=Hashable)
R = TypeVar("R")

NOTHING = "the gain of {} may be zero within the box, where its reply jumps"


@dataclass(frozen=True)
class Reply:
    """Enclosures of one reply over a box.

    Where players meet on a market also of what it earns, and of how its hazard and what it earns
    move with the stake of each.
    """

    share: Any
    hazard: Any
    slope: Any
    kink: bool
    earns: Any = None
    cross: tuple[Any, ...] = ()
    spill: tuple[Any, ...] = ()


class Replies:
    """The replies of a game over boxes around a point.

    Parameters
    ----------
    game : Markov
        A plain one.
    pieces : Pieces
        On which the replies of the point lie: where ``level`` holds, a player is indifferent and
        its effort is an unknown.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> found = lb.solve(race).equilibria[0]
    >>> from leaderbored.solvers.markov.newton import pieces_at
    >>> from leaderbored.solvers.markov.system import System
    >>> system = System(found.game)
    >>> replies = Replies(found.game, pieces_at(system, found.value, found.build))
    >>> stake = system.gain(found.value)[0, 0].item()
    >>> reply = replies.over(0, 0, arb(stake, 1e-3), None)
    >>> found.build[0, 0].item() in reply.share, reply.kink
    (True, False)
    """

    def __init__(self, game: Markov, pieces: Pieces) -> None:
        self.game, self.pieces, self.theta = game, pieces, arb(game.returns)
        self.fragile: Any = None  # where nothing was enclosed last
        players, size = game.scale.shape
        self.idle = [[self._kink(i, s) for s in range(size)] for i in range(players)]
        tables = (game.lower, game.upper, game.scale, game.base, game.price, game.capacity)
        self.numbers = [
            [[arb(float(table[i, s])) for table in tables] for s in range(size)]
            for i in range(players)
        ]

    def _kink(self, i: int, s: int) -> Any:
        """Share up to which building uses compute that nobody asks for."""
        game = self.game
        low, high = arb(float(game.lower[i, s])), arb(float(game.upper[i, s]))
        if game.demand[i, s] >= game.capacity[i, s]:
            return low
        idle = 1 - arb(float(game.demand[i, s])) / arb(float(game.capacity[i, s]))
        return low if idle < low else high if idle > high else idle

    def push(self, effect: Callable[[int], Any], replies: list[Reply], i: int, j: int) -> Any:
        """What a unit of j's stake adds in a state to what i earns and wins there.

        Nothing of one's own: by the envelope theorem one's own best reply, moved a little, changes
        no value of one's own.
        """
        if i == j or replies[j].slope.is_zero():
            return arb(0)
        return effect(j) * replies[j].slope

    def earned(self, i: int, s: int, reply: Reply) -> Any:
        """Flow payoff of a reply."""
        *_, price, capacity = self.numbers[i][s]
        sold = (1 - reply.share) * capacity
        if (demand := float(self.game.demand[i, s])) < float("inf"):
            sold = sold.min(arb(demand))
        return price * sold

    def _where(self, i: int, s: int) -> str:
        return f"{self.game.players[i]} in state {self.game.states[s].tolist()}"

    def everywhere(
        self, stakes: list[list[Any]], efforts: dict[tuple[int, int], Any]
    ) -> list[list[Reply]]:
        """Replies of all players in all states to balls of stakes; to efforts, where given."""

        def at(place: tuple[int, int]) -> Reply:
            i, s = place
            return self.over(i, s, stakes[i][s], efforts.get(place))

        found = self.looked_at(at, product(range(len(stakes)), range(len(stakes[0]))))
        return [[found[i, s] for s in range(len(row))] for i, row in enumerate(stakes)]

    def looked_at(self, at: Callable[[P], R], places: Iterable[P]) -> dict[P, R]:
        """What is found at places; of most boxes that fail it is one place where nothing is.

        So the one where nothing was enclosed last is tried before all others.
        """
        if self.fragile is not None:
            at(self.fragile)
        found = {}
        for place in places:
            try:
                found[place] = at(place)
            except UnprovedError:
                self.fragile = place
                raise
        return found

    def over(self, i: int, s: int, gain: Any, effort: Any) -> Reply:
        """Reply of player i in state s to a ball of gains; to its effort, where that is given.

        Raises
        ------
        UnprovedError
            If the reply may jump within the ball.
        """
        game, theta, idle = self.game, self.theta, self.idle[i][s]
        low, high, scale, base, price, capacity = self.numbers[i][s]
        cost = price * capacity

        def at(share: Any) -> Reply:
            return Reply(share, scale * power(share, theta) + base, arb(0), False)

        if not game.movable[i, s]:
            return at(low)
        if effort is not None:  # indifferent between two ends: the share is an unknown of its own
            upper = self.pieces.target[i, s] > 0
            bottom, top = (idle, high) if upper else (low, idle)
            if not power(bottom, theta) < effort < power(top, theta):
                where = self._where(i, s)
                raise UnprovedError(f"the share of {where} stands at the end of its indifference")
            return at(effort if game.returns == 1 else power(effort, 1 / theta))
        jumps = idle > low  # idle compute costs nothing: used as soon as there is a gain
        if gain < 0:
            return at(low)
        if not gain > 0 and jumps:
            raise UnprovedError(NOTHING.format(self._where(i, s)))
        if game.returns == 1:  # linear in the share: one end or the other
            worth = scale * gain
            if worth < cost or worth > cost:
                return at(idle if worth < cost else high)
            where = self._where(i, s)
            raise UnprovedError(f"{where} may be indifferent within the box, where its reply jumps")
        if not cost > 0:  # nothing is forgone: all or nothing
            if gain > 0:
                return at(high)
            raise UnprovedError(NOTHING.format(self._where(i, s)))
        return self._interior(at, gain, (idle, high), (scale, base, cost), (i, s))

    def _interior(
        self,
        at: Callable[[Any], Reply],
        gain: Any,
        bounds: Any,
        terms: Any,
        place: tuple[int, int],
    ) -> Reply:
        """A reply on or around the inner piece, a gain of zero included where nothing jumps."""
        (idle, high), (scale, base, cost), theta = bounds, terms, self.theta
        exponent, worth = 1 / (1 - theta), theta * scale / cost
        positive, most = bool(gain > 0), gain.upper()
        high_end = power(worth * most, exponent)
        if high_end < idle:
            return at(idle)
        low = power(worth * (gain.lower() if positive else arb(0)), exponent)
        if low > high:
            return at(high)
        certain = low > idle and high_end < high
        share = between(low.max(idle).min(high), high_end.max(idle).min(high))
        hazard = scale * power(share, theta)
        if positive:
            steep = theta * exponent * hazard / gain
        elif self.game.returns >= 0.5:
            grow = 2 * theta - 1  # h / gain rises with the gain: its largest value is at the top
            ratio = scale * power(worth, theta * exponent)
            steep = theta * exponent * ratio * power(between(arb(0), most), grow * exponent)
        else:
            where = self._where(*place)
            raise UnprovedError(f"the reply of {where} is infinitely steep at a gain of zero")
        slope = steep if certain else between(arb(0), steep.upper())
        return Reply(share, hazard + base, slope, not certain)


def power(base: Any, exponent: Any) -> Any:
    """Power of a base that is not negative."""
    if base > 0:
        return base**exponent
    top = base.upper()
    return between(arb(0), top**exponent) if top > 0 else arb(0)


def between(low: Any, high: Any) -> Any:
    """A ball that holds everything between two balls."""
    return low.union(high)
