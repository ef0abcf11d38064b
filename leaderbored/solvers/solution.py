"""What solving returns: equilibria that carry their own certificate, and a status with advice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import floor, isfinite, log10
from typing import Any, Generic, Literal

from typing_extensions import TypeVar  # with a default, which typing has from Python 3.13 on

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import RefusedError
from leaderbored.kinds import offering
from leaderbored.shown import Shown
from leaderbored.solvers.budget import LATE
from leaderbored.solvers.nash import Component, StaticEquilibrium
from leaderbored.solvers.proof import NOT_ASKED, Proof

__all__ = [
    "Census",
    "Component",
    "Equilibrium",
    "Found",
    "MarkovEquilibrium",
    "Solution",
    "StaticEquilibrium",
    "Status",
    "game_of",
]

Code = Literal["converged", "approximate", "not converged", "imprecise", "stopped"]
Complete = Literal["proved", "searched", "partial"]
BESIDE = 1e-9  # of idle compute, from which on all of it builds


@dataclass(frozen=True)
class Status:
    """How a computation ended, and what to change if it did not end well.

    The code ``approximate`` is of epsilon-equilibria, where no equilibrium was found.

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
        """Whether the answer is an equilibrium, or at least one up to an epsilon that is said."""
        return self.code in ("converged", "approximate")

    @property
    def sentence(self) -> str:
        """The message as a sentence of its own.

        Examples
        --------
        >>> Status("converged", "an equilibrium was found").sentence
        'An equilibrium was found.'
        """
        return f"{self.message[:1].upper()}{self.message[1:]}."


@dataclass(frozen=True)
class Census:
    """How the set of equilibria was searched, and what that is worth.

    Attributes
    ----------
    complete : str
        ``proved``: there are no others. ``searched``: every engine ran and the indices add up to
        one; pairs that cancel may be missing. ``partial``: some may well be missing; the
        message says why.
    message : str
        What was done and what it guarantees.
    engines : dict of str to int
        Number of equilibria that each engine found by itself.
    index_sum : int or None
        Sum of the indices, one for a complete set; None if not computed.
    count : int or None
        How many there are by backward recursion, where more were counted than are listed.
    ranges : dict of str to list of [float, float], or None
        By backward recursion: of each player by name, what each state is worth at least and at most
        over all equilibria, listed or not.
    continua : int or None
        By backward recursion: in how many states some player is indifferent, so that there may be
        a continuum of equilibria, of which one of each value that was found is counted.
    isolated : int or None
        By backward recursion: how many of those counted have no such state.
    total, best : list of [float, float], and list of float, or None
        By backward recursion, where all discount alike: of each state, the least and the most that
        it is worth to all players together over all equilibria, and the most that it could be.

    Examples
    --------
    >>> Census("partial", "one equilibrium was asked for", {}, None).complete
    'partial'
    """

    complete: Complete
    message: str
    engines: dict[str, int]
    index_sum: int | None
    count: int | None = None
    ranges: dict[str, list[list[float]]] | None = None
    continua: int | None = None
    isolated: int | None = None
    total: list[list[float]] | None = None
    best: list[float] | None = None


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
        largest value; computed apart from the solver, and of a race from its record.
    residual : float
        Largest error in the Hamilton-Jacobi-Bellman equations, relative to the annual value.
    radius : float
        Spectral radius of the best-response map here, on the worse side of a kink; infinite on
        a level, nan if it is not known: see ``stability_note``.
    indifferent : int
        Number of lab-state pairs with more than one best reply where another lab cares which;
        ``left_open`` says how many of these nothing holds where they are.
    method : str
        What found it.
    rounds : int
        Rounds it took.
    index : int or None
        1 or -1 where the equilibrium is regular, 0 where it is not, None if not computed. An
        equilibrium of index -1 is unstable under best-response dynamics.
    proof : Proof
        That a true equilibrium lies here, from :func:`leaderbored.certify`, or why none is proved.
    stability_note : str
        Why stability is not known; empty if it is.
    coupled : tuple of str
        Mechanisms of the race by which payoffs depend on the rivals' play, a lease or spillover:
        ``game`` then has the tables at this play, and is not the game that is played.
    mismatch : float or None
        Of a race: how far values and regret are from those that a second reading of its record
        gives at the same play, relative to the largest value and beyond rounding, or if that is
        more how far the market for compute is from clearing, relative to all compute. Above
        1e-9 the race was compiled wrongly. None where there is no record, or nothing was asked.
    rent : (S,) array or None
        Of a race with a market for compute: what a landlord gets for a unit; money/year.
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
    proof: Proof = NOT_ASKED
    stability_note: str = ""
    coupled: tuple[str, ...] = ()
    mismatch: float | None = None
    rent: Array | None = None

    @property
    def stable(self) -> bool | None:
        """Whether best-response dynamics returns here from nearby; None if not known."""
        return None if self.radius != self.radius else self.radius < 1

    @property
    def left_open(self) -> int:
        """Of the ``indifferent`` pairs, how many nothing holds: other equilibria may lie beside.

        Where the index is 1 or -1 a share between the least and all idle compute is held: rivals
        would answer another, to which it were no best reply. All idle compute is not.
        """
        if not self.index:
            return self.indifferent
        if self.game.returns == 1:
            return 0
        between = (self.build > self.game.lower) & (self.build < (1 - BESIDE) * self.game.idle)
        return max(self.indifferent - int(between.sum()), 0)

    @property
    def not_checked(self) -> tuple[str, ...]:
        """What was left out because it would have taken too long: stability, proof."""
        reasons = {
            "stability": self.stability_note,
            "proof": self.proof.reason,
        }
        return tuple(name for name, reason in reasons.items() if reason == LATE)


@dataclass(frozen=True, eq=False)
class MarkovEquilibrium:
    """A Markov-perfect equilibrium of a :class:`leaderbored.MarkovGame`.

    Attributes
    ----------
    policy : dict of str to array
        Of each player by name, what it does in each of S states: (S,) real actions, or
        (S, m) probabilities of its m actions.
    value : (N, S) array
        Expected discounted payoffs from each state on.
    regret : float
        Largest gain over players and states from one player's best policy, found by optimal
        control apart from the solver, relative to its largest value.
    residual : float
        Largest error in the complementarity problem, scaled by its own derivative.
    radius : float or None
        Spectral radius of the best-reply map; None if undefined, or the game is too large.
    index : int or None
        1 or -1 where the equilibrium is regular; None if it is not, or the game is too large.
    stationary : (S,) array or None
        Long-run shares of time in each state; None if they depend on where the game starts.
    method : str
        What found it.
    proof : Proof
        That an equilibrium, or a first-order point, lies here and is alone, or why none is proved.
    choice_error : float or None
        Largest distance of choice probabilities under private shocks from those that follow from
        what actions are worth, integrals over normal shocks taken at twice as many points as
        the solver's; None if there are no shocks.
    """

    policy: dict[str, Array]
    value: Array
    regret: float
    residual: float
    radius: float | None
    index: int | None
    stationary: Array | None
    method: str
    proof: Proof = NOT_ASKED
    choice_error: float | None = None

    @property
    def stable(self) -> bool | None:
        """Whether best-response dynamics returns here from nearby; None if not known."""
        if self.radius is None:
            return False if self.index == -1 else None  # index -1 implies it
        return self.radius < 1


E = TypeVar("E", default=Equilibrium)


@dataclass(frozen=True, eq=False)
class Found(Generic[E]):
    """What a room of solvers hands to :func:`leaderbored.solve`."""

    equilibria: Sequence[E]
    status: Status
    census: Census
    components: tuple[Component, ...] = ()
    value: float | None = None


@dataclass(frozen=True, eq=False, repr=False)  # fields would fill pages
class Solution(Shown, Generic[E]):
    """The answer to :func:`leaderbored.solve`.

    Attributes
    ----------
    game : Race, Markov, NormalForm or Contest
        As given.
    equilibria : tuple of Equilibrium or StaticEquilibrium
        Empty if none was found. Of a dynamic game by falling value in the first state; of a
        game of two players with finite strategies the extreme ones.
    status : Status
        Read this first.
    census : Census
        Whether these are all equilibria.
    digest : str or None
        Fingerprint of the game; None if a function stands in it of which there is no formula.
    seconds : float
        Time it took.
    components : tuple of Component
        Of a game of two players with finite strategies of which all equilibria were asked for:
        the connected sets that the extreme equilibria span.
    value : float or None
        Of two players whose payoffs add up to a constant: what the first gets in every
        equilibrium.
    settings : dict of str to str
        The numbers of the method that were used, those of its parts with dots.

    Examples
    --------
    >>> import leaderbored as lb
    >>> solution = lb.solve(lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                     lb.Technology(1), discount=0.5, rungs=2))
    >>> solution.status.ok, len(solution.equilibria), len(solution.digest)
    (True, 1, 16)
    >>> solution
    <Solution (race): converged, 1 equilibrium, regret below 1e-12>
    """

    game: Any
    equilibria: tuple[E, ...]
    status: Status
    census: Census
    digest: str | None
    seconds: float
    components: tuple[Component, ...] = ()
    value: float | None = None
    settings: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        kind, name = (getattr(self.game, part, "") for part in ("kind", "name"))
        game, count = ", ".join(filter(None, (kind or "game", name))), len(self.equilibria)
        found = f"{count:,} equilibri{'um' if count == 1 else 'a'}"
        regrets: list[float] = [getattr(one, "regret", float("nan")) for one in self.equilibria]
        size = f", regret below {_power(max(regrets))}" if regrets else ""
        return f"<Solution ({game}): {self.status.code}, {found}{size}>"

    @property
    def count(self) -> int:
        """How many equilibria were found, also those that are counted and not listed."""
        return self.census.count or len(self.equilibria)

    @cached_property
    def markov(self) -> Markov:
        """The dynamic game, as compiled; where demand depends on the play, at the equilibrium."""
        if isinstance(self.game, Markov):
            return self.game
        first: Any = self.equilibria[0] if self.equilibria else None
        compiled: Markov = first.game if first else self.game.markov()
        return compiled

    @property
    def fingerprint(self) -> str:
        """Of the game, as pages print it at the end of a line; nothing if there is none."""
        return f", game {self.digest}" if self.digest else ""

    @property
    def complete(self) -> Complete:
        """Whether these are all equilibria: proved, searched or partial."""
        return self.census.complete


def _power(number: float) -> str:
    """The least power of ten above, 1e-12 for what is rounding.

    Examples
    --------
    >>> _power(3e-5), _power(0.0)
    ('1e-04', '1e-12')
    """
    if not isfinite(number):
        return "infinity"
    return f"{10.0 ** max(-12, floor(log10(max(number, 1e-300))) + 1):.0e}"


def game_of(solution: Any, verb: str, *, limits: bool = True) -> Any:
    """The game of a solution, of which a verb is asked, and with ``limits`` may be asked.

    Raises
    ------
    TypeError
        If it is something else, or of a kind that does not answer.
    RefusedError
        If it is of such a kind, but none of the games that do.

    Examples
    --------
    >>> game_of(3, "verdict")
    Traceback (most recent call last):
    ...
    TypeError: verdict: int given, expected the solution of a game, as solve returns it
    """
    if not isinstance(solution, Solution):
        given = type(solution).__name__
        raise TypeError(
            f"{verb}: {given} given, expected the solution of a game, as solve returns it"
        )
    kind = offering(solution.game, verb)
    if limits and (reason := kind.limit(verb, solution.game)):
        raise RefusedError(f"{verb}: {reason}")
    return solution.game
