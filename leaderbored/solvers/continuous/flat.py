"""Equilibria that cannot be told apart: where payoffs are flat to the last digit around one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from leaderbored.solvers.continuous.certificate import regret
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.solution import StaticEquilibrium

NEAR = 1e-4  # of the range of each strategy
BETWEEN = (0.25, 0.5, 0.75)


def told_apart(
    program: Program, found: Sequence[StaticEquilibrium], tolerance: float
) -> list[StaticEquilibrium]:
    """Equilibria without degenerate ones next to another, if what lies between is as good.

    Parameters
    ----------
    program : Program
    found : sequence of StaticEquilibrium
        In pure strategies; those that have an index are kept.
    tolerance : float
        Largest regret of what lies between.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "-x**4")])
    >>> points = ({"A": np.array([x])} for x in (0.0, 1e-5))
    >>> how = "direct search"
    >>> made = [StaticEquilibrium(point, np.zeros(1), 0.0, None, how) for point in points]
    >>> len(told_apart(Program(game), made, 1e-9))
    1
    """
    if program.discrete or len(found) < 2:
        return [*found]
    low, high = program.lower[: program.n], program.upper[: program.n]
    ends = np.isfinite(low) & np.isfinite(high)

    def joined(one: StaticEquilibrium, other: StaticEquilibrium) -> bool:
        x, y = (np.concatenate([*each.strategies.values()]) for each in (one, other))
        with np.errstate(invalid="ignore"):
            near = NEAR * np.where(ends, high - low, 1 + np.abs(x))
        if (np.abs(x - y) > near).any():
            return False
        return all(regret(program, x + t * (y - x)).max() <= tolerance for t in BETWEEN)

    kept = [each for each in found if each.index is not None]
    for each in found:
        if each.index is None and not any(joined(each, other) for other in kept):
            kept.append(each)
    return kept
