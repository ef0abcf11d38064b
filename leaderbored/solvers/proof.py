"""What a proof of an equilibrium says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Proved = Literal["equilibrium", "first-order point"]
UNTRIED = "it was not tried:"  # how the reason begins where no proof was begun


@dataclass(frozen=True)
class Proof:
    """What was proved about an equilibrium.

    Distances of races and other Markov games are of values, relative to the largest; those of games
    that are played once are of strategies, relative to their size, or as they are where that is
    below one; those of linear-quadratic games are of values and of gains, each relative to the
    largest.

    Attributes
    ----------
    holds : bool
        Whether there is one within ``radius``, the only one within ``unique``.
    radius : float or None
        Largest distance of what was computed from the true equilibrium; of Markov games also in
        shares and in probabilities.
    unique : float or None
        Distance from what was computed within which there is no other. Where players are
        indifferent it is one in their efforts too, and with kinks and constraints one in their
        multipliers. Where players of a Markov game are declared by a count: no other in which
        they do alike.
    kinks : int
        Of a race, number of lab-state pairs whose reply has a kink within that distance; on all
        others the active piece is proved too.
    reason : str
        Why there is no proof; empty if there is.
    of : "equilibrium" or "first-order point"
        What is proved to exist and to be alone: an equilibrium, or a point at which the first-order
        conditions of all players hold. Of the latter, that nobody gains by moving far is then no
        part of the proof; see the regret.
    """

    holds: bool
    radius: float | None
    unique: float | None
    kinks: int
    reason: str
    of: Proved = "equilibrium"

    @property
    def tried(self) -> bool:
        """Whether a proof was begun."""
        return not self.reason.startswith(UNTRIED)


def unproved(reason: str) -> Proof:
    """That there is no proof, and why.

    Examples
    --------
    >>> unproved("it takes too long").holds
    False
    """
    return Proof(False, None, None, 0, reason)


NOT_ASKED = unproved(f"{UNTRIED} it was not asked for")
"""Of an equilibrium of which nothing was to be proved."""
