"""How far from a computed equilibrium of a race there is proved to be no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from leaderbored.solvers.solution import Equilibrium

MARGIN = 1e-12  # relative; more than the few roundings of a distance


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
    if not proof.holds or not np.isfinite(equilibrium.radius):
        return None
    assert proof.unique is not None
    scale = float(np.abs(equilibrium.value).max())
    return (proof.unique - 2 * (proof.radius or 0.0)) * scale * (1 - MARGIN)
