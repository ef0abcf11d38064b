"""What solving returns: equilibria that carry their own certificate, and a status with advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leaderbored.games.markov import Array, Markov

if TYPE_CHECKING:
    from leaderbored.race import Race
    from leaderbored.solvers.proof import Proof

Code = Literal["converged", "not converged", "imprecise"]
Complete = Literal["proved", "searched", "partial"]


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


@dataclass(frozen=True)
class Census:
    """How the set of equilibria was searched, and what that is worth.

    Attributes
    ----------
    complete : str
        ``proved``: there are no others. ``searched``: every engine ran and nothing suggests that
        any is missing. ``partial``: some may well be missing; the message says why.
    message : str
        What was done and what it guarantees.
    engines : dict of str to int
        Number of equilibria that each engine found by itself.
    index_sum : int or None
        Sum of the indices, one for a complete set; None if not computed.

    Examples
    --------
    >>> Census("partial", "one equilibrium was asked for", {}, None).complete
    'partial'
    """

    complete: Complete
    message: str
    engines: dict[str, int]
    index_sum: int | None


@dataclass(frozen=True, eq=False)
class Equilibrium:
    """A Markov-perfect equilibrium.

    Attributes
    ----------
    game : Markov
        N players, S states.
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
        Spectral radius of the best-response map here, on the worse side of a kink; infinite on
        a level, nan if not found.
    indifferent : int
        Number of lab-state pairs with more than one best reply where another lab cares which:
        above zero, other equilibria may lie next to this one, unless its index is 1 or -1.
    method : str
        What found it.
    rounds : int
        Rounds it took.
    index : int or None
        1 or -1 where the equilibrium is regular, 0 where it is not, None if not computed. An
        equilibrium of index -1 is unstable under best-response dynamics.
    proof : Proof or None
        That a true equilibrium lies here, from :func:`leaderbored.certify`; None if not tried.
    """

    game: Markov
    build: Array
    value: Array
    regret: float
    residual: float
    radius: float
    indifferent: int
    method: str
    rounds: int
    index: int | None = None
    proof: Proof | None = None

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
        Empty if none was found; by falling value in the first state.
    status : Status
        Read this first.
    census : Census
        Whether these are all equilibria.
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
    census: Census
    digest: str
    seconds: float

    @property
    def complete(self) -> Complete:
        """Whether these are all equilibria: proved, searched or partial."""
        return self.census.complete
