"""A start for games with long leads: an equilibrium of the same game in which leads end sooner.

What labs do depends little on how far leads are told apart. So shares where no lab is more than G'
rungs behind, carried over to the states beyond, start Newton's method next to an equilibrium. From
idle compute alone best replies take as many rounds as there are rungs to hear of the cap, and
often cycle on the way. Grids that double are those of multigrid methods (Brandt, Mathematics of
Computation 31, 1977).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov, States

SHORT_LADDER = 20  # largest coordinate of a state up to which a game is solved from idle compute


class Shorter(NamedTuple):
    """A game in which leads end sooner, and which of its states is nearest to each of the game."""

    game: Markov
    nearest: States
    kept: NDArray[np.bool_]

    def shortened(self, build: Array) -> Array:
        """Shares (N, S') of the states that are kept, of shares (N, S) of the game itself."""
        return build[:, self.kept]

    def lengthened(self, build: Array, game: Markov) -> Array:
        """Shares (N, S') of the shorter game as a start (N, S) for the game itself."""
        return np.clip(build[:, self.nearest], game.lower, game.upper)


def shorter(game: Markov, alternating: bool = False) -> Shorter | None:
    """The game in which what is more than half as far behind as can be is as far as half.

    Parameters
    ----------
    game : Markov
        S states.
    alternating : bool, default False
        Whether shares may alternate from rung to rung: then the shorter game is shorter by an
        even number, and so is what is nearest to a state whose only long lead lies beyond it.

    Returns
    -------
    Shorter or None
        None if no coordinate is above 20, or states do not tell by their coordinates what they are.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=30)
    >>> half = shorter(race.markov())
    >>> len(half.game.states), half.nearest[[0, 20, 21, 30]].tolist()  # d = 0, 20, 21, 30
    (41, [0, 20, 20, 20])
    """
    most = int(game.states.max(initial=0))
    if most <= SHORT_LADDER:
        return None
    cap = max(most // 2, SHORT_LADDER)
    if alternating:
        cap += (most - cap) % 2
        if cap == most:
            return None
    near = np.minimum(game.states, cap)
    kept = (near == game.states).all(axis=1)
    unlike, first, count = np.unique(
        game.states[kept], axis=0, return_index=True, return_counts=True
    )
    place = {
        tuple(state): int(k)
        for state, k, n in zip(unlike.tolist(), first, count, strict=True)
        if n == 1
    }
    beyond = [place.get(tuple(state), -1) for state in near[~kept].tolist()]
    if -1 in beyond:
        return None
    nearest = np.empty(len(near), dtype=np.int64)
    nearest[kept], nearest[~kept] = np.arange(kept.sum()), beyond
    ones, rows = np.ones(len(near)), np.arange(len(near))
    fold = sp.csr_array((ones, (rows, nearest)), shape=(len(near), int(kept.sum())))
    tables: dict[str, Any] = {name: getattr(game, name)[:, kept] for name in game.TABLES}
    if (speed := getattr(game, "speed", None)) is not None:
        tables["speed"] = speed[:, kept]
    jumps = tuple(sp.csr_array(jump[kept] @ fold) for jump in game.jump)
    if alternating:
        paired = np.where(game.states > cap, cap - (game.states - cap) % 2, game.states)
        places = [place.get(tuple(state), -1) for state in paired.tolist()]
        nearest = np.where(np.array(places) >= 0, places, nearest)
    return Shorter(replace(game, states=game.states[kept], jump=jumps, **tables), nearest, kept)
