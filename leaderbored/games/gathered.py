"""Markets that clear on which alike sellers are not distinguished: so many of each role meet.

The one player of the game is a seller in X roles; in some of them it meets others, who are in the
same role or in other roles of the same market.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.cleared import Cleared, Markets
from leaderbored.games.markov import Array


@dataclass(frozen=True, eq=False, kw_only=True)
class Gathered(Cleared):
    """See :class:`.cleared.Cleared`; tables are (1, X).

    Attributes
    ----------
    market : (X,) int array
        Which market a seller in each role is on; rising.
    sellers : (X,) array
        How many are in each role on it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ClearingMarket(1.2),
    ...                lb.Technology(1), discount=0.2, rungs=1)
    >>> game = Alike(race).game
    >>> game.market.tolist(), game.sellers.tolist()  # three tied, two tied, and one ahead
    ([0, 1, 1, 2, 2], [3.0, 2.0, 1.0, 1.0, 2.0])
    >>> sales = game.sales(np.full((1, 5), 0.2))
    >>> round(3 * sales.sold[0, 0].item() + sales.unserved[0, 0].item(), 12)
    3.6
    """

    market: NDArray[np.int64]
    sellers: Array

    @property
    @override
    def most_sellers(self) -> int:
        return int(np.diff([*self._starts, len(self.market)]).max())

    @cached_property
    def _starts(self) -> NDArray[np.int64]:
        """The first role of each market."""
        return np.flatnonzero(np.diff(self.market, prepend=-1))

    @cached_property
    def together(self) -> sp.csr_array:
        """Sparse (X, X): one where roles are on the same market."""
        one = np.ones(len(self.market))
        on = sp.csr_array((one, (self.market - self.market[0], np.arange(len(one)))))
        return (on.T @ on).tocsr()

    @override
    def total(self, each: Array) -> Array:
        if self.apart:
            return each
        sums = np.add.reduceat(each * self.sellers, self._starts, axis=-1)
        return np.asarray(sums[..., self.market - self.market[0]])

    @property
    @override
    def markets(self) -> Markets:
        if self.apart:
            return Markets.single(self.scale)
        count = np.diff([*self._starts, len(self.market)])
        return Markets(self._starts, count, 1, self.sellers[None])
