"""The stage of a market that clears on which alike labs are not distinguished."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.gathered import Gathered
from leaderbored.games.markov import Array
from leaderbored.solvers.markov.selling import Root, Selling
from leaderbored.solvers.markov.stage import Together


@dataclass(frozen=True, eq=False)
class Gathering(Selling):
    """See :class:`.selling.Selling`; slopes are sparse (X, X) arrays, from role to role.

    A role's stake is that of all labs in it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ClearingMarket(1.5),
    ...                lb.Technology(1), discount=0.2, rungs=1)
    >>> stage = Gathering(Alike(race).game)
    >>> stage.reply(np.full((1, 3), 0.5))[0].round(4).tolist()  # tied, ahead, behind
    [0.1319, 0.0, 0.1648]
    """

    game: Gathered

    @override
    def _alive(self, stakes: Array) -> NDArray[np.bool_]:
        sort = self.game.states[:, 0]
        return np.isin(sort, sort[(stakes != 0)[0]])[None]

    @override
    def _slopes(self, stakes: Array, share: Array, root: Root) -> Together:
        game, push = self.game, self._pushes(stakes, share, root)
        crowd = push.pull / (1 + game.total(push.ratio * root.follows)) * game.sellers
        unserved = -game.together @ _diagonal(crowd)  # of all who meet
        sold = _diagonal(push.pull) + _diagonal(push.ratio * root.follows) @ unserved
        cross: Any = (_diagonal(push.moved) @ sold).tocsr()
        spill: Any = _diagonal(push.price - game.price) @ sold
        spill = (spill + _diagonal(game.price * push.ratio) @ unserved).tocsr()
        return Together(push.price * root.sales.sold, cross, spill, 1)

    @override
    def _own(self, together: Together) -> Array:
        return np.asarray(together.cross.diagonal()[None])


def _diagonal(row: Array) -> sp.dia_array:
    return sp.diags_array(row[0])
