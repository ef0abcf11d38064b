"""What a proof of an equilibrium says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leaderbored.solvers.solution import Equilibrium

MARGIN = 1e-12  # relative; more than the few roundings of a distance


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


def alone_within(equilibrium: Equilibrium) -> float | None:
    """Distance from the computed values, in their units, within which no other equilibrium lies.

    None if the equilibrium is not proved, or on a level, where it is alone only with its efforts.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1, rungs=2)
    >>> alone_within(lb.solve(race).equilibria[0]) > 1e-6
    True
    >>> alone_within(lb.solve(race, lb.Method(certify="regret")).equilibria[0]) is None
    True
    """
    proof = equilibrium.proof
    if proof is None or not proof.holds or not np.isfinite(equilibrium.radius):
        return None
    assert proof.unique is not None
    scale = float(np.abs(equilibrium.value).max())
    return (proof.unique - 2 * (proof.radius or 0.0)) * scale * (1 - MARGIN)
