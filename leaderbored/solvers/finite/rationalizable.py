"""What players may do who know each other to be rational: the verb ``rationalizable(game)``.

See :mod:`leaderbored.solvers.finite.dominance`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.games.record import RefusedError
from leaderbored.shown import Shown
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.finite.dominance import (
    FINE,
    ROUND,
    Dominated,
    mixture_against,
    rows,
    survivors,
)
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.reductions import tabulated

MOST = 200_000  # payoffs of one player


@dataclass(frozen=True, eq=False)
class Rationalizable(Shown):
    """The strategies that survive iterated strict dominance, by mixtures too.

    Attributes
    ----------
    game : NormalForm
    strategies : dict of str to tuple of str
        By player, the names of those that are left.
    out : tuple of Dominated
        The others: when each went, and what mixture is better, checked in whole numbers.
    unsure : dict of str to tuple of str
        Those left of which no belief to which they are a best reply was found in whole numbers.
        They are dominated only if they are by less than the billionth part of the range of
        payoffs; of all others the belief proves that they are not.
    """

    game: NormalForm
    strategies: dict[str, tuple[str, ...]]
    out: tuple[Dominated, ...]
    unsure: dict[str, tuple[str, ...]]

    @property
    def rounds(self) -> int:
        """After how many rounds nothing more goes."""
        return max((one.round for one in self.out), default=0)


@unthreaded
def rationalizable(game: Any) -> Rationalizable:
    """Find the rationalizable strategies: what iterated strict dominance leaves.

    Of three and more players rivals' choices may be believed to be correlated.

    Parameters
    ----------
    game : NormalForm or nashpy.Game

    Returns
    -------
    Rationalizable

    Raises
    ------
    TypeError
        If it is no game with finitely many strategies.
    RefusedError
        If the game is too large.

    Examples
    --------
    >>> game = NormalForm([[[4, 0], [1, 1], [0, 4]], [[1, 0], [0, 0], [0, 1]]],
    ...                   strategies=[["T", "M", "B"], ["L", "R"]])
    >>> found = rationalizable(game)
    >>> found.strategies["1"], found.rounds, found.unsure
    (('T', 'B'), 1, {})
    """
    form = tabulated(game, "rationalizable")
    if form.profiles > MOST:
        raise RefusedError(f"rationalizable: {form.profiles:,} profiles, expected at most {MOST:,}")
    left = survivors(form, most=MOST, most_mixed=MOST)
    unsure = {}
    for i, own in enumerate(left.kept):
        whole = rows(form.integers[i][0], [*left.kept], i)
        utilities = rows(form.utility[i], [*left.kept], i)
        open_ones = tuple(
            form.strategies[i][own[a]]
            for a in range(len(own))
            if not _believed(whole, a, utilities)
        )
        if open_ones:
            unsure[form.players[i]] = open_ones
    return Rationalizable(
        game=form,
        strategies={
            who: tuple(form.strategies[i][a] for a in left.kept[i])
            for i, who in enumerate(form.players)
        },
        out=left.out,
        unsure=unsure,
    )


def _believed(whole: Table, a: int, utilities: Any) -> bool:
    """Whether some belief, in whole numbers, makes a strategy a best reply."""
    if (whole <= whole[a]).astype(bool).all(axis=0).any():  # to a choice of the others
        return True
    checkpoint()
    _, _, belief = mixture_against(utilities, a)
    even = np.full(len(belief), 1 / len(belief))
    for law in (belief, even, 0.999 * belief + 0.001 * even):
        for fine in (ROUND, 840, FINE):
            weights = np.array([int(weight) for weight in np.rint(law * fine)], dtype=object)
            earned = whole @ weights
            if weights.any() and earned[a] == max(earned):
                return True
    return False
