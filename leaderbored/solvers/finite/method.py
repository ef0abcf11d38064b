"""How to solve a finite game, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leaderbored.solvers.hunt import stopped as late
from leaderbored.solvers.solution import StaticEquilibrium, Status
from leaderbored.text import at_most


@dataclass(frozen=True)
class FiniteMethod:
    """How to solve a finite game.

    Parameters
    ----------
    tolerance : float
        Largest regret, relative to the range of a player's payoffs, of an equilibrium.
    labels : int
        How many paths of complementary pivoting to try for one equilibrium of two players.
    profiles : int
        Most pure profiles of a game of three or more players of which every equilibrium is
        looked for; above it the pure ones and one other are.
    pure : bool
        Only equilibria in which nobody mixes.
    symmetric : bool
        Only equilibria in which all players do the same, of a game that is the same for all.
    refine : bool
        Say of each equilibrium whether it is perfect and proper, and of each continuum of two
        players which member is the most even.
    same : float
        Distance of probabilities below which two profiles are one, where they are not computed
        in rational numbers.

    Examples
    --------
    >>> FiniteMethod().tolerance
    1e-10
    """

    tolerance: float = 1e-10
    labels: int = 20
    profiles: int = 100
    pure: bool = False
    symmetric: bool = False
    refine: bool = False
    same: float = 1e-7


def status(
    found: Sequence[StaticEquilibrium], method: FiniteMethod, *, stopped: bool = False
) -> Status:
    """How it ended.

    Examples
    --------
    >>> status([], FiniteMethod()).code
    'not converged'
    """
    if stopped:
        return late(len(found), "raise the limit, or ask for one equilibrium")
    if not found:
        advice = "ask for every equilibrium, or start= from another profile"
        return Status("not converged", "no path led to an equilibrium", advice)
    worst = max(equilibrium.regret for equilibrium in found)
    if worst > method.tolerance:
        message = f"the largest regret is {at_most(worst)}, above {method.tolerance:.0e}"
        return Status("imprecise", message, "bring payoffs to similar sizes, or take exact=True")
    many = f"{len(found)} profiles were found and certified to be equilibria"  # some of a continuum
    one = "one equilibrium was found and certified"
    return Status("converged", one if len(found) == 1 else many)
