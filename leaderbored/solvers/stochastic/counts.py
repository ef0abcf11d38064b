"""How many equilibria a directional game has, and what is known of all of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.solution import Census


@dataclass(frozen=True)
class Selections:
    """Equilibria of a directional game.

    Attributes
    ----------
    count : int
        How many there are.
    found : list of (X, S) arrays
        Their choices, or those of the first thousand.
    complete : bool
        Whether the indices in every state added up to one.
    continua : int
        In how many states some player is indifferent in some stage game, so that there may be a
        continuum of equilibria: of each, those that are pure or in closed form count, one of each
        value.
    lowest, highest : (N, S) arrays
        Over all of them, what each state is worth to each agent at least and at most.
    isolated : int or None
        How many have no such stage game in any state; None if that was not counted.
    total : (2, S) array or None
        The least and the most that all agents get together; None if they discount differently, or
        it was not worked out.
    best : (S,) array or None
        The most that they could get together from each state on, by any policies.
    """

    count: int
    found: list[Array]
    complete: bool
    continua: int
    lowest: Array
    highest: Array
    isolated: int | None = None
    total: Array | None = None
    best: Array | None = None

    def census(self, names: list[str], shown: int, refused: int = 0) -> Census:
        """What backward recursion is worth, and what is known of those that are not shown.

        ``names`` are the agents', ``shown`` is how many are, and ``refused`` how many of those
        that were tried could not be certified.

        Examples
        --------
        >>> one, value = np.ones((1, 1)), np.array([[2.0]])
        >>> found = Selections(1, [one], True, 0, value, value)
        >>> found.census(["A"], 1).message
        'one equilibrium: the indices of the solutions add up to 1 in every state'
        """
        count = max(self.count, shown)
        message = "one equilibrium" if count == 1 else f"{count:,} equilibria"
        if shown < count:
            message += f", of which {shown} {'is' if shown == 1 else 'are'} shown"
        if refused:
            message += f" and {refused} could not be certified"
        if self.complete:
            message += ": the indices of the solutions add up to 1 in every state"
        elif self.continua:
            many = self.continua
            where = "one state" if many == 1 else f"{many:,} states"
            message += (
                f": in {where} some player is indifferent, so that there may be a continuum, "
            )
            message += "of which one of each value that was found is counted"
            if self.isolated:
                message += f"; {self.isolated:,} have none in any state"
        else:
            message += ": in some state indices do not add up to 1, or the search was stopped"
        ends = np.stack([self.lowest, self.highest], axis=-1)
        known = shown and np.isfinite(ends).all()  # not where the search was stopped
        total, best = self.total, self.best
        return Census(
            "searched" if self.complete and not refused else "partial",
            message,
            {"backward recursion": count},
            None,
            count if count > shown else None,
            dict(zip(names, ends.tolist(), strict=True)) if known else None,
            self.continua,
            self.isolated,
            None if total is None or not known else total.T.tolist(),
            None if best is None else best.tolist(),
        )
