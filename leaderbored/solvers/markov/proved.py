"""What a proof of an equilibrium says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Proof:
    """What was proved about an equilibrium.

    Attributes
    ----------
    holds : bool
        Whether a true equilibrium exists within ``radius``, the only one within ``unique``.
    radius : float or None
        Largest distance of the computed values, relative to the largest value, and of the
        computed shares from those of the true equilibrium.
    unique : float or None
        Distance in values, relative to the largest (and in efforts, of players that are
        indifferent), within which there is no other equilibrium.
    kinks : int
        Number of lab-state pairs whose reply has a kink within that distance; on all others the
        active piece is proved too.
    reason : str
        Why there is no proof; empty if there is.
    """

    holds: bool
    radius: float | None
    unique: float | None
    kinks: int
    reason: str


def unproved(reason: str) -> Proof:
    """That there is no proof, and why.

    Examples
    --------
    >>> unproved("it takes too long").holds
    False
    """
    return Proof(False, None, None, 0, reason)
