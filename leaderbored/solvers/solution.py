"""What solving returns: equilibria that carry their own certificate, and a status with advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leaderbored.games.markov import Array, Markov

if TYPE_CHECKING:
    from leaderbored.race import Race

Code = Literal["converged", "not converged", "imprecise"]


@dataclass(frozen=True)
class Status:
    """How a computation ended, and what to change if it did not end well.

    Examples
    --------
    >>> Status("converged", "an equilibrium was found").ok
    True
    """

    code: Code
    message: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether the answer is an equilibrium."""
        return self.code == "converged"


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A Markov-perfect equilibrium.

    Attributes
    ----------
    build : (N, S) array
        Share of compute that each lab builds with in each state.
    value : (N, S) array
        Expected discounted revenue of each lab from each state on; money.
    regret : float
        Largest gain over labs and states from an optimal deviation of one lab, relative to its
        largest value; computed apart from the solver.
    residual : float
        Largest error in the Hamilton-Jacobi-Bellman equations, relative to the annual value.
    radius : float
        Spectral radius of the best-response map here; infinite on a level, nan if not found.
    indifferent : int
        Number of lab-state pairs with more than one best reply where another lab cares which:
        above zero, other equilibria may lie next to this one.
    method : str
        What found it.
    rounds : int
        Rounds it took.
    """

    build: Array
    value: Array
    regret: float
    residual: float
    radius: float
    indifferent: int
    method: str
    rounds: int

    @property
    def stable(self) -> bool | None:
        """Whether best-response dynamics returns here from nearby; None if not known."""
        return None if self.radius != self.radius else self.radius < 1


@dataclass(frozen=True, eq=False)
class Solution:
    """The answer to :func:`leaderbored.solve`.

    Attributes
    ----------
    game : Race or Markov
        As given.
    markov : Markov
        As compiled.
    equilibria : tuple of Equilibrium
        Empty if none was found.
    status : Status
        Read this first.
    digest : str
        Fingerprint of the game.
    seconds : float
        Time it took.

    Examples
    --------
    >>> import leaderbored as lb
    >>> solution = lb.solve(lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                     lb.Technology(1), discount=0.5, rungs=2))
    >>> solution.status.ok, len(solution.equilibria), len(solution.digest)
    (True, 1, 16)
    """

    game: Race | Markov
    markov: Markov
    equilibria: tuple[Equilibrium, ...]
    status: Status
    digest: str
    seconds: float
