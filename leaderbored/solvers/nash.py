"""Equilibria of games that are played once, and the connected sets that they form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from leaderbored.games.markov import Array
from leaderbored.solvers.proof import NOT_ASKED, Proof


@dataclass(frozen=True, eq=False)
class StaticEquilibrium:
    """A Nash equilibrium of a game played once.

    Attributes
    ----------
    strategies : dict of str to array
        Of each player by name: the probabilities of its strategies in a finite game, the
        compute that builds in a contest, its strategies in a continuous game.
    payoffs : (N,) array
        What each player gets.
    regret : float
        Largest gain of one player from its best deviation, relative to the range of its payoffs
        (finite games, mixed strategies) or to its payoff; computed apart from the solver.
    stable : bool or None
        Whether best-response dynamics returns here from nearby; None if not known.
    method : str
        What found it.
    radius : float or None
        Spectral radius of the best-response map, of contests.
    component : int or None
        Number of the connected component of equilibria that it lies in, from 0 on.
    index : int or None
        Of an isolated equilibrium, or else of its component; None if not computed.
    exact : dict of str to tuple of Fraction, or None
        The strategies in rational numbers, where asked for and rational.
    perfect, proper : bool or None
        Of finite games, where asked for: whether it is a perfect equilibrium, and a proper one;
        None where that is not decided.
    prices : dict of str to float, or None
        Of each constraint that a continuous game's players share, what all of them bear for a
        unit of it: the equilibrium is variational (Rosen 1965). Units of payoff.
    weights : dict of str to array, or None
        Of a continuous game in which players mix: the probabilities (k,) of each player's points,
        which are the k rows of its ``strategies``.
    proof : Proof
        That an equilibrium, or a first-order point, lies here and is alone, or why none is proved.
    epsilon : (N,) array, or None
        Of an epsilon-equilibrium, which is no equilibrium: the most that each player gains by any
        deviation that was searched. Units of payoff.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]])
    >>> mixed = lb.solve(game).equilibria[-1]
    >>> mixed.strategies["1"].round(4).tolist(), mixed.index, mixed.regret < 1e-12
    ([0.6667, 0.3333], -1, True)
    """

    strategies: dict[str, Array]
    payoffs: Array
    regret: float
    stable: bool | None
    method: str
    radius: float | None = None
    component: int | None = None
    index: int | None = None
    exact: dict[str, tuple[Fraction, ...]] | None = None
    prices: dict[str, float] | None = None
    perfect: bool | None = None
    proper: bool | None = None
    weights: dict[str, Array] | None = None
    epsilon: Array | None = None
    proof: Proof = NOT_ASKED


@dataclass(frozen=True)
class Component:
    """A connected set of equilibria of a game with finite strategies.

    Attributes
    ----------
    subsets : tuple of (tuple of int, tuple of int)
        Its maximal Nash subsets, if one or two players have a choice. Each is a pair of numbers
        into ``row_vertices`` and ``column_vertices``: every mixture of the one with every mixture
        of the other is an equilibrium. Empty if there are more than 20,000, or more players.
    row_vertices, column_vertices : tuple of arrays
        The extreme strategies in this component of the first and the second player who has a
        choice; a single one if there is no second, none if more players have a choice.
    index : int or None
        Sum of the indices of the equilibria that are left near it after a small change of the
        payoffs.
    dimension : int or None
        The largest dimension of its parts, 0 for a single point; None if not known.
    sampled : bool
        Whether the equilibria listed of it are no more than samples; its dimension is then at
        least what is said.
    even : pair of arrays, or None
        Of one or two players who have a choice, where asked for: the member of greatest entropy.
    dummies : tuple of str
        Players whose choice moves no payoff: each equilibrium goes with all that they may do.
    """

    subsets: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    row_vertices: tuple[Array, ...]
    column_vertices: tuple[Array, ...]
    index: int | None
    dimension: int | None = 0
    dummies: tuple[str, ...] = ()
    sampled: bool = False
    even: tuple[Array, Array] | None = None

    @property
    def isolated(self) -> bool:
        """Whether it is a single point."""
        return self.dimension == 0
