r"""Bent replies in ball arithmetic, as :mod:`leaderbored.solvers.markov.enclosure` has plain ones.

Revenue R is piecewise linear and concave in the share b, and the hazard h concave. So the marginal
payoff :math:`F(b) = R'(b) + x h'(b)` falls between two kinks, it jumps down at every kink, and the
reply to a stake x > 0 is where F changes its sign. It has no closed
form, but a share below it is known by F > 0 there and one above it by F < 0. Such shares are taken
a little to both sides of a root in doubles, for the least and the largest stake of a ball, and the
signs are found in balls. What lies between the two holds all replies to the ball.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flint import arb

from leaderbored.games.curved import Curved
from leaderbored.solvers.markov.enclosure import NOTHING, Replies, Reply, between
from leaderbored.solvers.markov.stage import Pieces
from leaderbored.solvers.numerics.krawczyk import UnprovedError

ASIDE = tuple(10.0**-k for k in (15, 12, 9, 6, 3))  # of a root in doubles: where signs are read
STEPS = 80  # halvings of the logarithm of a share


class Piece(NamedTuple):
    """Shares between two kinks: in balls, and whether they train and sell at home or lose."""

    low: Any
    high: Any
    trains: Any  # du / db
    costs: Any  # -dR / db


class BentReplies(Replies):
    """See :class:`.enclosure.Replies`: of games without elastic demand and without persuasion.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2,
    ...                mechanisms={"fungibility": {"home": 0.5, "loss": 0.2}})
    >>> lb.certify(lb.solve(race).equilibria[0]).holds
    True
    """

    game: Curved

    def __init__(self, game: Curved, pieces: Pieces) -> None:
        super().__init__(game, pieces)
        self.home, self.keeps = arb(game.home), 1 - arb(game.loss)

    def _kink(self, i: int, s: int) -> Any:
        """Share up to which building uses compute that nobody asks for."""
        game = self.game
        home, keeps = arb(game.home), 1 - arb(game.loss)
        low, high = arb(float(game.lower[i, s])), arb(float(game.upper[i, s]))
        if game.demand[i, s] >= game.capacity[i, s]:
            return low
        left = arb(float(game.demand[i, s])) / arb(float(game.capacity[i, s]))
        if left <= 1 - home:
            idle = 1 - left
        elif left > 1 - home:
            idle = home - (left - (1 - home)) / keeps
        else:
            raise UnprovedError(f"two kinks of {self._where(i, s)} coincide")
        return low if idle < low else high if idle > high else idle

    def _pieces(self, i: int, s: int) -> list[Piece]:
        """The pieces in order; none where two kinks are the same."""
        game, idle = self.game, self.idle[i][s]
        low, high = arb(float(game.lower[i, s])), arb(float(game.upper[i, s]))
        dear = arb(float(game.price[i, s])) * arb(float(game.capacity[i, s]))
        passed, pieces, start = set[str](), list[Piece](), low

        def until(end: Any) -> Piece:
            trains = self.keeps if "home" in passed else arb(1)
            sells = arb(1) if "home" in passed else self.keeps
            return Piece(start, end, trains, dear * sells if "idle" in passed else arb(0))

        kinks = [(idle, "idle"), (self.home, "home")]
        for kink, name in sorted(kinks, key=lambda pair: float(pair[0].mid())):
            if kink >= high:
                break
            if kink > start:
                pieces.append(until(kink))
                start = kink
            elif not kink <= start:
                raise UnprovedError(f"two kinks of {self._where(i, s)} coincide")
            passed.add(name)
        if not start < high:
            raise UnprovedError(f"two kinks of {self._where(i, s)} coincide")
        return [*pieces, until(high)]

    # --- what training and selling are worth

    def earned(self, i: int, s: int, reply: Reply) -> Any:
        """Flow payoff of a reply."""
        game, share = self.game, reply.share
        lost = (1 - self.keeps) * (self.home - share).max(arb(0))
        sold = (1 - share - lost) * arb(float(game.capacity[i, s]))
        if game.demand[i, s] < float("inf"):
            sold = sold.min(arb(float(game.demand[i, s])))
        return arb(float(game.price[i, s])) * sold

    def _mix(self, u: Any, i: int, s: int) -> Any:
        """The weight w plus (1 - w) (q / u)^r."""
        weight, r = arb(self.game.weight), 1 - 1 / arb(self.game.substitution)
        ratio = u / arb(float(self.game.research[i, s]))
        return weight + (1 - weight) * _raised(ratio, -r)

    def _effort(self, share: Any, i: int, s: int) -> Any:
        u = share - (1 - self.keeps) * (share - self.home).max(arb(0))
        if self.game.weight < 1:
            u = u * self._mix(u, i, s) ** (1 / (1 - 1 / arb(self.game.substitution)))
        return _raised(u, self.theta)

    def _hazard_slopes(self, share: Any, piece: Piece, i: int, s: int) -> tuple[Any, Any]:
        """First and second derivative of the hazard in a ball of positive shares on a piece."""
        u = share - (1 - self.keeps) * (share - self.home).max(arb(0))
        first, second, total = arb(1), arb(0), u
        if self.game.weight < 1:
            weight, r = arb(self.game.weight), 1 - 1 / arb(self.game.substitution)
            mix = self._mix(u, i, s)
            first = weight * mix ** ((1 - r) / r)
            second = -first * (1 - r) * (mix - weight) / mix / u
            total = u * mix ** (1 / r)
        steep = arb(float(self.game.scale[i, s])) * self.theta * total ** (self.theta - 1)
        bend = steep * ((self.theta - 1) * first**2 / total + second)
        return steep * first * piece.trains, bend * piece.trains**2

    # --- replies

    def over(self, i: int, s: int, gain: Any, effort: Any) -> Reply:
        """Reply of player i in state s to a ball of stakes.

        Raises
        ------
        UnprovedError
            If the reply may jump within the ball, or its slope has no bound there.
        """
        game, where = self.game, self._where(i, s)
        low, idle = arb(float(game.lower[i, s])), self.idle[i][s]
        base, scale = arb(float(game.base[i, s])), arb(float(game.scale[i, s]))

        def at(share: Any, slope: Any = None, kink: bool = False) -> Reply:
            hazard = scale * self._effort(share, i, s) + base
            return Reply(share, hazard, arb(0) if slope is None else slope, kink)

        if not game.movable[i, s]:  # where a success changes nothing idle compute builds
            return at(idle if game.scale[i, s] > 0 else low)
        if gain < 0:
            return at(low)
        if effort is not None:
            raise UnprovedError(f"{where} is indifferent, which is not enclosed where replies bend")
        if not gain > 0 and idle > low:
            raise UnprovedError(NOTHING.format(where))
        pieces = self._pieces(i, s)
        least, first = self._below(pieces, gain.lower(), i, s) if gain > 0 else (low, 0)
        most, last = self._above(pieces, gain.upper(), i, s)
        share = between(least, most)
        if first == last and least > pieces[first].low and most < pieces[first].high:
            return at(share, self._slope(pieces[first], share, i, s))
        outside = least >= pieces[first].high or most <= pieces[first].low
        if first > last or (first == last and outside):  # on one kink, whatever the stake
            return at(share)
        slopes = [self._slope(piece, share, i, s) for piece in pieces[first : last + 1]]
        return at(share, between(arb(0), max(slope.upper() for slope in slopes)), True)

    def _marginal(self, share: Any, piece: Piece, stake: Any, i: int, s: int) -> Any:
        """F, which has no bound at a share of zero; there it counts as one."""
        if not share > 0:
            return arb(1)
        return stake * self._hazard_slopes(share, piece, i, s)[0] - piece.costs

    def _below(self, pieces: list[Piece], stake: Any, i: int, s: int) -> tuple[Any, int]:
        """A share that no reply to so large a stake is below, and its piece."""
        for k, piece in enumerate(pieces):
            if not self._marginal(piece.low, piece, stake, i, s) > 0:
                return piece.low, k
            if not self._marginal(piece.high, piece, stake, i, s) > 0:
                root = self._root(piece, stake, i, s)
                for aside in ASIDE:
                    share = (arb(root) * (1 - aside)).max(piece.low)
                    if share > 0 and self._marginal(share, piece, stake, i, s) > 0:
                        return share, k
                return piece.low, k
        return pieces[-1].high, len(pieces) - 1

    def _above(self, pieces: list[Piece], stake: Any, i: int, s: int) -> tuple[Any, int]:
        """A share that no reply to so small a stake is above, and its piece."""
        for k, piece in reversed(list(enumerate(pieces))):
            if not self._marginal(piece.high, piece, stake, i, s) < 0:
                return piece.high, k
            if not self._marginal(piece.low, piece, stake, i, s) < 0:
                root = self._root(piece, stake, i, s)
                for aside in ASIDE:
                    share = (arb(root) * (1 + aside)).min(piece.high)
                    if self._marginal(share, piece, stake, i, s) < 0:
                        return share, k
                return piece.high, k
        return pieces[0].low, 0

    def _root(self, piece: Piece, stake: Any, i: int, s: int) -> float:
        """Where F changes its sign on a piece, in doubles: nothing rests on it."""
        a, b = max(float(piece.low.mid()), 1e-300), float(piece.high.mid())
        for _ in range(STEPS):
            middle = (a * b) ** 0.5 if b > 4 * a else (a + b) / 2
            up = bool(self._marginal(arb(middle), piece, stake, i, s) > 0)
            a, b = (middle, b) if up else (a, middle)
        return a

    def _slope(self, piece: Piece, share: Any, i: int, s: int) -> Any:
        """Slope of the hazard in the stake where F is zero on a piece; 0 where it never is."""
        if not piece.costs > 0:
            return arb(0)
        here = share.max(piece.low).min(piece.high)
        if not here > 0:
            raise UnprovedError(_steep(self._where(i, s)))
        rise, bend = self._hazard_slopes(here, piece, i, s)
        return rise**3 / (-piece.costs * bend)  # the stake is -R' / h' there


def _steep(where: str) -> str:
    return f"the reply of {where} may be infinitely steep within the box"


def _raised(base: Any, exponent: Any) -> Any:
    """Power with a positive exponent of a base that is not negative."""
    if base > 0:
        return base**exponent
    top = base.upper()
    return between(arb(0), top**exponent) if top > 0 else arb(0)
