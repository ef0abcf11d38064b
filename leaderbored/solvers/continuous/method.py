"""The method for continuous games: how they are solved."""

from __future__ import annotations

from dataclasses import dataclass, field

from leaderbored.solvers.numerics.complementarity import Newton


@dataclass(frozen=True)
class ContinuousMethod:
    """How to solve a continuous game.

    Parameters
    ----------
    starts : int
        Points spread over the strategy sets from which Newton's method starts.
    most_starts : int
        Up to how many these are doubled, while the indices of what was found do not add up to
        one and there is time.
    seed : int
        Of their spread.
    newton : Newton
    tolerance : float
        Largest regret of an equilibrium, relative to payoffs.
    same : float
        Relative distance of strategies below which two solutions are one.
    most : int
        Largest number of solutions of the first-order conditions that are told apart.
    rounds : int
        Of best replies in turn, where Newton's method finds nothing.
    repliers : int
        Points from which these start.
    unknown_starts : int
        Points from which Newton's method starts where payoffs are functions of which no formula
        is known.
    degenerate : int
        Most degenerate solutions that are told apart: they may be a continuum.
    approximate : float
        Largest regret, relative to payoffs, of an epsilon-equilibrium that is returned where there
        is nothing better.
    neutral : float
        Distance of a spectral radius from one at which stability is left open.

    Examples
    --------
    >>> ContinuousMethod().tolerance
    1e-09
    """

    starts: int = 128
    most_starts: int = 8192
    seed: int = 1
    newton: Newton = field(default_factory=Newton)
    tolerance: float = 1e-9
    same: float = 1e-6
    most: int = 400
    rounds: int = 200
    repliers: int = 4
    unknown_starts: int = 16
    degenerate: int = 12
    approximate: float = 0.1
    neutral: float = 1e-6
