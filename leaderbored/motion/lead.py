r"""What becomes of a lead: its expected course, its half-life, and who overtakes when.

Under the shares of an equilibrium the leaderboard is a Markov chain in continuous time with
generator Q. From a law p at the start, the law after t years is :math:`p\,e^{Qt}`: in full for few
states, for many by its action on p (Al-Mohy and Higham, SIAM J. Scientific Computing 33, 2011).
First passages make what is to be reached absorbing (Karlin and Taylor, A First Course in Stochastic
Processes, 2nd ed. 1975).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import RefusedError
from leaderbored.play.places import place
from leaderbored.race import Race, leads, signed_leads
from leaderbored.shown import Shown
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.solvers.budget import Budget, StoppedError, checkpoint
from leaderbored.solvers.markov.apart import told_apart
from leaderbored.solvers.markov.system import DIRECT_STATES
from leaderbored.solvers.numerics.linear import solve_linear
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.solution import game_of
from leaderbored.text import percent
from leaderbored.verdicts.later import halving
from leaderbored.verdicts.law import Law, leading_to
from leaderbored.verdicts.profile import law_of, on_board

DENSE = 300  # states up to which the exponential is worked out in full,
SQUARE = 2_600  # and up to which it is where its action would take more than
PRODUCTS = 5_000  # products with the generator; beyond, its action is taken up to
TOO_MANY = 1e6  # of them
GENTLE = 1e3  # successes in a step up to which the exponential is taken at once
SURE = 1e-9
PATIENCE = 10.0  # seconds that the half-life may take
LOW, HIGH = 0.1, 0.9

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Passage:
    """The first time that something happens.

    Attributes
    ----------
    event : str
        What.
    chance : float
        Probability that it ever happens.
    mean : float
        Expected time until then; years. Infinite unless it is certain.
    median : float or None
        Time by which it has happened with probability one half; None if beyond the years shown.
    by : (T,) array
        Probability that it has happened by each time.
    """

    event: str
    chance: float
    mean: float
    median: float | None
    by: Array


@dataclass(frozen=True, eq=False)
class LeadPath(Shown):
    """What becomes of a lead.

    Attributes
    ----------
    name : str
        Title of the race.
    lab : str
        Whose lead.
    lead : float
        At the start; rungs.
    times : (T,) array
        Years from the start.
    mean, spread, low, high : (T,) arrays
        Expected lead over the best rival, negative if behind, its standard deviation, and its
        quantiles 0.1 and 0.9; rungs.
    half_life : float or None
        Time until the expected lead has halved; years. None if never, from a tie, or if it is not
        found within seconds.
    limit : float
        Expected lead in the long run from there; rungs.
    overtaken, caught, extended : Passage
        Another lab leads alone; the lead is lost at least to a tie; it grows by a rung. The last
        is None where the lead is the longest distinguished.
    """

    name: str
    lab: str
    lead: float
    times: Array
    mean: Array
    spread: Array
    low: Array
    high: Array
    half_life: float | None
    limit: float
    overtaken: Passage
    caught: Passage
    extended: Passage | None

    @property
    def headline(self) -> str:
        """One sentence: whether the lead limits itself, and when another lab leads."""
        years = f"{self.times[-1]:.3g} years"
        fate = f"is {self.mean[-1]:.2g} after {years}"
        if self.half_life is not None:
            fate = f"halves in {duration(self.half_life)}"
        elif self.spread[-1] == 0 and self.mean[-1] == self.lead:
            fate = "stays as it is"
        return (
            f"{self.lab}'s lead of {self.lead:g} {fate}; within {years} another lab leads "
            f"with probability {percent(float(self.overtaken.by[-1]))}."
        )


def duration(years: float) -> str:
    """Years or months in words.

    Examples
    --------
    >>> duration(2.5), duration(0.25), duration(float("inf"))
    ('2.5 years', '3 months', 'for ever')
    """
    if not np.isfinite(years):
        return "for ever"
    return f"{years:.3g} years" if years >= 1 else f"{12 * years:.2g} months"


@unthreaded
def lead_path(
    solution: Solution,
    start: str | None = None,
    years: float = 5.0,
    *,
    points: int = 121,
    equilibrium: int = 0,
) -> LeadPath:
    """Compute the distribution of a lead over time under an equilibrium, exactly.

    Parameters
    ----------
    solution : Solution
        Of a race of N labs, G rungs and S states.
    start : str, optional
        Such as "A ahead by 3", the others tied behind; by default the first lab is ahead by 3,
        or by G if that is less.
    years : float, default 5
        How far; positive.
    points : int, default 121
        T, times at which it is told; at least 2.
    equilibrium : int, default 0
        Which of the solution's.

    Returns
    -------
    LeadPath

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If there is no such equilibrium or start, or a number is out of its range, or if more than
        a million successes of a race of thousands of states would have to be followed.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> print(lb.lead_path(lb.solve(race), "A ahead by 3").headline)
    A's lead of 3 halves in 5.54 years; within 5 years another lab leads with probability 60.6%.
    """
    race, board, law, state = opened(solution, start, years, equilibrium)
    if points < 2:
        raise ValueError(f"points: {points}, expected 2 or more")
    game: Markov = board.game
    every = signed_leads(game.states)
    lab = int(every[state].argmax())
    ahead, times = every[:, lab], np.linspace(0, years, points)
    begun = np.eye(1, len(ahead), state).ravel()
    laws = laws_over(law.generator, begun, times)
    mean = laws @ ahead
    _, leader = leads(game.states)
    now = float(ahead[state])
    weights, moves = begun[:, None], bool(law.rates.sum(axis=1)[state] > 0)
    low, high = quantiles(laws, ahead, (LOW, HIGH))

    def passage(event: str, reached: Mask) -> Passage:
        return first_passage(law.rates, state, reached, times, event)

    return LeadPath(
        name=race.name,
        lab=game.players[lab],
        lead=now,
        times=times,
        mean=mean,
        spread=np.sqrt(np.maximum(laws @ ahead**2 - mean**2, 0.0)),
        low=low,
        high=high,
        half_life=_halved(law, ahead[:, None], weights, int(now)) if now > 0 and moves else None,
        limit=float(law.settled(weights)[:, 0] @ ahead),
        overtaken=passage("another lab leads", (leader >= 0) & (leader != lab)),
        caught=passage("the lead is lost", ahead <= 0),
        extended=passage("it grows by a rung", ahead > now) if now < race.rungs else None,
    )


def _halved(law: Law, ahead: Array, start: Array, now: int) -> float | None:
    """The half-life, if it is found in a while."""
    try:
        with Budget(PATIENCE).running():
            return halving(law, ahead, start, now)
    except StoppedError:
        checkpoint()  # or was it the whole answer that had to stop?
        return None


def opened(
    solution: Solution, start: str | None, years: float, equilibrium: int
) -> tuple[Race, Equilibrium, Law, int]:
    """The race, its equilibrium, the law of its leaderboard, and the state it starts in.

    Where a success may end the race, the leaderboard is that of the race as if it went on.
    """
    race: Race = game_of(solution, "lead_path")
    if not solution.equilibria:
        raise RefusedError(f"{solution.status.message}; {solution.status.advice}")
    if not 0 <= equilibrium < len(solution.equilibria):
        known = f"the solution has {len(solution.equilibria)}"
        raise ValueError(f"equilibrium: {equilibrium}; {known}, counted from 0")
    if not (years > 0 and np.isfinite(years)):
        raise ValueError(f"years: {years:g}, expected a positive number")
    chosen = told_apart(solution.equilibria[equilibrium])
    board = on_board(chosen)
    start = start or f"{race.labs[0].name} ahead by {min(3, race.rungs)}"
    try:
        state = place(race, start, board.game.states)
    except ValueError as error:
        raise ValueError(f"start: {error}") from None
    return race, board, law_of(chosen), state


def laws_over(generator: sp.csr_array, start: Array, times: Array) -> Array:
    """(T, S) laws at evenly spaced times from 0 on, from the law ``start`` (S,).

    Examples
    --------
    >>> generator = sp.csr_array([[-1.0, 1.0], [3.0, -3.0]])
    >>> laws_over(generator, np.array([1.0, 0.0]), np.array([0.0, 100.0])).round(9).tolist()
    [[1.0, 0.0], [0.75, 0.25]]
    """
    fastest, years = float(-generator.diagonal().min()), float(times[-1])
    if len(start) <= DENSE or (fastest * years > PRODUCTS and len(start) <= SQUARE):
        step = _transition(generator.toarray(), float(times[1] - times[0]))
        laws = [start]
        for _ in times[1:]:
            laws.append(laws[-1] @ step)
        return np.asarray(np.maximum(np.array(laws), 0.0))
    if fastest * years > TOO_MANY:
        raise RefusedError(
            f"years: {years:g} make some {fastest * years:.1g} successes in {len(start):,} states, "
            f"too many to follow; expected {TOO_MANY / fastest:.2g} or less"
        )
    checkpoint()
    turned = generator.T.tocsr()
    trace = float(turned.diagonal().sum())
    found = spla.expm_multiply(
        turned, start, start=0.0, stop=float(times[-1]), num=len(times), traceA=trace
    )
    return np.asarray(np.maximum(np.asarray(found), 0.0))


def _transition(generator: Array, years: float) -> Array:
    """(S, S) law of the next state by state, after some years, however fast the chain."""
    fastest = float(-generator.diagonal().min()) * years
    doublings = max(0, int(np.ceil(np.log2(fastest)))) if fastest > GENTLE else 0
    step = sl.expm(generator * (years / 2.0**doublings))
    for _ in range(doublings):
        checkpoint()
        twice = np.maximum(step @ step, 0.0)
        twice /= twice.sum(axis=1, keepdims=True)  # or rounding would double each time
        if np.array_equal(twice, step):
            break
        step = twice
    return np.asarray(step)


def quantiles(laws: Array, values: Array, levels: Sequence[float]) -> Array:
    """(Q, T) quantiles of ``values`` (S,) under laws (T, S).

    Examples
    --------
    >>> quantiles(np.array([[0.25, 0.5, 0.25]]), np.array([-1.0, 0.0, 1.0]), [0.1, 0.6]).tolist()
    [[-1.0], [0.0]]
    """
    order = np.argsort(values, kind="stable")
    heap = np.cumsum(laws[:, order], axis=1)
    heap /= heap[:, -1:]
    places = [np.argmax(heap >= level - 1e-12, axis=1) for level in levels]
    return np.stack([values[order][spots] for spots in places])


def first_passage(
    rates: sp.csr_array, state: int, reached: Mask, times: Array, event: str = ""
) -> Passage:
    """When a chain first gets into a set of states.

    Parameters
    ----------
    rates : sparse (S, S) array
        Of moving, zero diagonal; 1/year.
    state : int
        At the start.
    reached : (S,) bool array
        The set.
    times : (T,) array
        Evenly spaced from 0 on; years.
    event : str, optional
        Its name.

    Returns
    -------
    Passage

    Examples
    --------
    >>> rates = sp.csr_array([[0.0, 2.0], [3.0, 0.0]])
    >>> found = first_passage(rates, 0, np.array([False, True]), np.array([0.0, 1.0]))
    >>> found.chance, found.mean, found.by.round(6).tolist()
    (1.0, 0.5, [0.0, 0.864665])
    """
    if reached[state]:
        return Passage(event, 1.0, 0.0, 0.0, np.ones(len(times)))
    stopped = sp.diags_array(np.where(reached, 0.0, 1.0)) @ rates
    generator = (stopped - sp.diags_array(stopped.sum(axis=1))).tocsr()
    begun = np.eye(1, rates.shape[0], state).ravel()
    by = laws_over(generator, begun, times) @ reached.astype(float)
    chance, mean = _ever(rates, state, reached)
    median = None
    if by[-1] >= 0.5:
        k = int(np.argmax(by >= 0.5))
        before = by[k - 1]
        median = float(times[k - 1] + (0.5 - before) / (by[k] - before) * (times[1] - times[0]))
    return Passage(event, chance, mean, median, by)


def _ever(rates: sp.csr_array, state: int, reached: Mask) -> tuple[float, float]:
    """Chance that the set is ever reached, and the expected time."""
    free = sp.csr_array(sp.diags_array(np.where(reached, 0.0, 1.0)) @ rates)
    on_the_way = np.zeros(len(reached), dtype=bool)
    on_the_way[sp.csgraph.breadth_first_order(free, state, return_predecessors=False)] = True
    if not (on_the_way & reached).any():
        return 0.0, float("inf")
    can = leading_to(free, on_the_way & reached)
    inner = np.flatnonzero(on_the_way & ~reached & can)
    out = rates.sum(axis=1)[inner]
    matrix = (sp.diags_array(out) - rates[inner][:, inner]).tocsr()
    into = rates[inner][:, np.flatnonzero(reached)].sum(axis=1)
    rhs = np.column_stack([into, np.ones(len(inner))])
    both = solve_linear(matrix, rhs, direct=len(inner) <= DIRECT_STATES)
    spot = int(np.searchsorted(inner, state))
    chance = min(1.0, float(both[spot, 0]))
    certain = not (on_the_way & ~can).any() or chance >= 1 - SURE
    return (1.0 if certain else chance), float(both[spot, 1]) if certain else float("inf")
