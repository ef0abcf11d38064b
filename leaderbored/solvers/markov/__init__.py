"""Markov-perfect equilibria: one, every one, or the one that a rule selects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.race.written_out import unwritten
from leaderbored.solvers.budget import Budget, Progress, StoppedError, checkpoint, unhurried
from leaderbored.solvers.markov.answer import by_first_value, census, counted, status_of
from leaderbored.solvers.markov.assess import assess, unfinished
from leaderbored.solvers.markov.averaging import Averaging
from leaderbored.solvers.markov.basin import jumps_away
from leaderbored.solvers.markov.certificate import confirmed, regret
from leaderbored.solvers.markov.clearing import Clearing, clear
from leaderbored.solvers.markov.compiled import meets
from leaderbored.solvers.markov.homotopy import Homotopy
from leaderbored.solvers.markov.missed import settled
from leaderbored.solvers.markov.nested import shorter
from leaderbored.solvers.markov.pivoting import pivoted
from leaderbored.solvers.markov.policy_iteration import Point, PolicyIteration
from leaderbored.solvers.markov.pool import Found as Candidate
from leaderbored.solvers.markov.pool import Kept, Searched
from leaderbored.solvers.markov.runaway import finite, runaway
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.markov.selection import RULES, History, Risk, Rule, Unselected
from leaderbored.solvers.markov.stability import Stability
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE
from leaderbored.solvers.order import ordered
from leaderbored.solvers.solution import Census, Equilibrium, Found, Status

if TYPE_CHECKING:
    from leaderbored.race import Race

BEYOND = (np.linalg.LinAlgError, ArithmeticError, RuntimeError)
"""What numbers of extreme sizes raise: no pivot, no double, a RuntimeError by sparse factors."""

SPAN = Status(
    "not converged",
    "the numbers of the game span more orders than floating point holds",
    "choose units in which hazards, payoffs and discount lie nearer to each other",
)
LARGEST = 1e30  # hazards over the discount rate, beyond which the values hold no digit
FARTHEST = 1e100  # a number or its inverse beyond which products of a few are no doubles
FLATTEST = 1e-3  # returns below which shares that matter are smaller than any double
SCATTERED = 100  # policies from which equilibria are looked for where values may be infinite
SHORT_LEADS = (3, 2)  # one over these is the part of the longest lead that counts as short
STEEP = 0.9  # returns from which on replies all but jump
ASKED = (
    "one equilibrium was asked for, and there may be others: all=True looks for every one, "
    "as --all does at the command line"
)
ALONE = "the search from many policies found none; there may be others than what one engine finds"


@dataclass(frozen=True)
class Method:
    """How to solve: damped iteration, averaged replies, continuation, other starts, arclength.

    Parameters
    ----------
    iteration : PolicyIteration
    averaging : Averaging or None
        What to fall back on where replies cycle; None for nothing.
    homotopy : Homotopy or None
        What to fall back on then; None for nothing.
    search : Search
        How to look for every equilibrium.
    clearing : Clearing
        How a race is solved in which the players of a state meet, as under a lease or spillover.
    stability : Stability
        How it is found out whether best replies return to an equilibrium.
    alike : bool, optional
        Whether not to tell alike labs of a race apart, so that its leaderboards are multisets;
        only equilibria in which they do alike are found then. By default where the race has over
        30,000 values and neither ``start`` nor ``select`` is given.
    tolerance : float
        Largest regret that counts as an equilibrium.
    certify : bool or "regret"
        Whether to compute regret and stability (without them they are nan) and, for games of up
        to 700 values, to prove the equilibrium, see :func:`leaderbored.certify`; or the regret
        alone.

    Examples
    --------
    >>> Method(homotopy=None).tolerance
    1e-09
    """

    iteration: PolicyIteration = field(default_factory=PolicyIteration)
    averaging: Averaging | None = field(default_factory=Averaging)
    homotopy: Homotopy | None = field(default_factory=Homotopy)
    search: Search = field(default_factory=Search)
    clearing: Clearing = field(default_factory=Clearing)
    stability: Stability = field(default_factory=Stability)
    alike: bool | None = None
    tolerance: float = 1e-9
    certify: bool | Literal["regret"] = True

    def points(
        self, system: System, start: Array | None, progress: Progress | None
    ) -> Iterator[tuple[str, Point]]:
        """Yield what each engine finds, the cheapest first."""
        game, iteration = system.game, self.iteration
        first = self._first(game, progress) if start is None else start
        if game.returns > STEEP:  # replies jump, and iteration seldom settles: do not insist
            iteration = replace(iteration, rounds=min(iteration.rounds, 60))
        yield from _named("policy iteration", iteration.run(system, first, progress))
        if game.returns <= STEEP and system.unknowns <= DENSE:
            for other in near_the_tie(game):
                yield from _named("policy iteration", iteration.run(system, other, progress))
        yield from _named("pivoting", pivoted(system, first, iteration, progress))
        if self.averaging is not None:
            yield from _named("averaged replies", self.averaging.run(system, first, progress))
        if self.homotopy is not None:
            yield from _named("continuation", self.homotopy.run(game, progress))
        elsewhere = self.search.shares(system)
        for other in islice(elsewhere, 3):
            yield from _named("policy iteration", iteration.run(system, other, progress))
        if self.homotopy is not None:
            yield from _named("arclength continuation", self.search.reach(system))
        if game.decay <= 0:  # there may be nothing to find
            yield from self._scattered(system)
            return
        for other in elsewhere:
            yield from _named("policy iteration", iteration.run(system, other, progress))

    def _scattered(self, system: System) -> Iterator[tuple[str, Point]]:
        """What Newton's method leads to from many policies; of small games."""
        if system.unknowns > DENSE:
            return
        shares = np.array(list(islice(self.search.shares(system), SCATTERED)))
        for value, build, _ in self.search.batch.run(system, shares):
            if system.lasts(build) and value.min() >= 0:
                yield "Newton from many policies", Point(value, build, 0)

    def _first(self, game: Markov, progress: Progress | None) -> Array:
        """Where to start: idle compute, or in a long game what an equilibrium of a shorter does."""
        half = shorter(game)
        if half is None:
            return game.idle
        found = next(self.points(System(half.game), None, progress), None)
        return game.idle if found is None else half.lengthened(found[1].build, game)


UNPROVED = Method(certify="regret")
"""What sweeps solve by: a proof is not worth its time at every point."""


def near_the_tie(game: Markov) -> Iterator[Array]:
    """More starts (N, S) for policy iteration: all build where leads are short, and half do.

    Where a lead is worth having only if it lasts, replies to idle compute may cycle for ever.
    """
    far = jumps_away(game)
    for part in SHORT_LEADS:
        yield np.where(far <= int(far.max()) // part, game.upper, game.idle)
    yield (game.lower + game.upper) / 2


def _named(engine: str, point: Point | None) -> Iterator[tuple[str, Point]]:
    if point is not None:
        yield f"{engine} + Newton", point


def equilibria(
    game: Race | Markov,
    method: Method | None,
    *,
    all: bool | None,
    budget: Budget,
    progress: Progress | None,
    select: Rule | History | Risk | None = None,
    start: Array | None = None,
    record: Race | None = None,
) -> Found:
    """What :func:`leaderbored.solve` returns of a dynamic game; see there for the arguments.

    A large game that was compiled from the record of a race is judged by that alone.
    """
    census = Census("partial", "no equilibrium was looked for", {}, None)
    rule, method = _rule(select, bool(all)), method or Method()
    with np.errstate(all="ignore"):
        markov = game if isinstance(game, Markov) else game.markov()
        if record is not None and (markov.scale.size <= DENSE or unwritten(record)):
            record = None
        if failed := out_of_range(markov) or runaway(markov):
            return Found([], failed, census)
        try:
            found = _found(
                game,
                markov,
                method,
                rule,
                all=bool(all),
                start=start,
                budget=budget,
                progress=progress,
                record=record,
            )
            found = finite(markov, found)
            return found if isinstance(game, Markov) else confirmed(game, found)
        except BEYOND as error:
            return Found([], beyond(error), census)


def beyond(error: Exception) -> Status:
    """Why a computation with numbers of extreme sizes broke off.

    Examples
    --------
    >>> beyond(OverflowError("too large")).code
    'not converged'
    """
    return replace(SPAN, message=f"{SPAN.message}: {error}")


def _found(
    game: Race | Markov,
    markov: Markov,
    method: Method,
    rule: History | Risk | None,
    *,
    all: bool,
    start: Array | None,
    budget: Budget,
    progress: Progress | None,
    record: Race | None,
) -> Found:
    census = Census("partial", ASKED, {}, None)

    reached = "no round of replies was finished"

    def watched(phase: str, round: int, distance: float) -> None:
        nonlocal reached
        reached = f"{phase} had come to round {round:,}, at a distance of {distance:.1e}"
        budget.check()
        if progress is not None:
            progress(phase, round, distance)

    coupled = not isinstance(game, Markov) and meets(game)
    rented = coupled and cast("Race", game).mechanisms.lease is not None
    system, start = System(markov), _checked(markov, start, rented)

    try:
        if coupled:
            race = cast("Race", game)
            return clear(race, method, start, watched, all=bool(all), rule=rule)
        if all:
            return _every(system, method, watched)
        if rule is not None:
            found, status = _selected(system, method, rule, start, watched)
            return Found(found, status, census)
        found = _first(system, method, start, watched, record)
    except StoppedError:
        census = Census("partial", "the search was stopped", {}, None)
        message = f"the search was stopped before an equilibrium was certified: {reached}"
        return Found([], Status("stopped", message, "raise the limit, or lower rungs"), census)
    return Found(found, _status(found, method.tolerance), census)


def out_of_range(game: Markov) -> Status | None:
    """Why no double holds the values of the game, if so.

    Examples
    --------
    >>> import leaderbored as lb
    >>> out_of_range(lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                      lb.Technology(3), discount=1e-200).markov()).code
    'not converged'
    """
    hazards = (game.scale * game.effort(game.upper) + game.base).max(axis=1)
    earned = (game.price * np.minimum(game.capacity, game.demand)).max(axis=1)
    sizes = np.array([game.discount, *hazards, *earned])
    fastest, most = float(hazards.max()), float(earned.max())
    held = ((sizes == 0) | ((sizes >= 1 / FARTHEST) & (sizes <= FARTHEST))).all()
    if held and fastest <= LARGEST * game.discount and game.returns >= FLATTEST:
        return None
    numbers = f"hazards up to {fastest:.1e} a year, payoffs up to {most:.1e} a year"
    rates = f"a discount of {game.discount:.1e}, returns of {game.returns:.1e}"
    return replace(SPAN, message=f"{SPAN.message}: {numbers}, {rates}")


def _first(
    system: System,
    method: Method,
    start: Array | None,
    progress: Progress | None,
    record: Race | None = None,
) -> list[Equilibrium]:
    found: list[Equilibrium] = []
    judge = partial(assess, certified=method.certify, returning=method.stability, record=record)
    for name, point in method.points(system, start, progress):
        found.append(judge(system, point, name))
        if not found[-1].regret > method.tolerance:
            break
    return sorted(found, key=lambda equilibrium: equilibrium.regret)[:1]


def _every(system: System, method: Method, progress: Progress | None) -> Found:
    def verify(build: Array) -> float:
        return float(regret(system.game, build).max())

    searched = method.search.run(system, verify, method.tolerance, progress)
    if not searched.found and not searched.stopped:
        found = _first(system, method, None, progress)
        return Found(found, _status(found, method.tolerance), Census("partial", ALONE, {}, None))
    search, known = method.search, -1
    try:
        checkpoint()
        while len(searched.found) > known:
            known = len(searched.found)
            equilibria = [_assessed(system, found, True, method) for found in _ranked(searched)]
            worth = census(system, searched, equilibria, search.elimination)
            if not searched.stopped:
                pool = Kept(system, verify, method.tolerance, search.same)
                listed = equilibria, worth
                searched, worth = settled(search, system, pool, searched, listed, progress=progress)
    except StoppedError:
        searched = replace(searched, stopped=True)
        with unhurried():
            equilibria = [
                unfinished(_assessed(system, found, False, method), found.point.regret, method)
                for found in _ranked(searched)
            ]
        worth = census(system, searched, equilibria, search.elimination)
    status = _status(equilibria, method.tolerance, counting=True)
    if searched.stopped:
        message = f"the search was stopped; {counted(equilibria)} before"
        status = Status("stopped", message, "raise the limit, or lower rungs")
    return Found(equilibria, status, worth)


def _ranked(searched: Searched) -> list[Candidate]:
    return ordered(searched.found, lambda found: by_first_value(found.point.value))


def _assessed(system: System, found: Candidate, certified: bool, method: Method) -> Equilibrium:
    point = Point(found.point.value, found.point.build, 0)
    return assess(system, point, ", ".join(found.engines), certified, returning=method.stability)


def _selected(
    system: System,
    method: Method,
    rule: History | Risk,
    start: Array | None,
    progress: Progress | None,
) -> tuple[list[Equilibrium], Status]:
    try:
        point = rule.run(system, start, progress)
    except Unselected as reason:
        return [], Status("not converged", reason.message, reason.advice)
    found = [assess(system, point, rule.name, method.certify, returning=method.stability)]
    return found, _status(found, method.tolerance)


def _rule(select: Rule | History | Risk | None, all: bool) -> History | Risk | None:
    if select is not None and all:
        raise ValueError("select: give either all=True or a rule that selects, not both")
    if select is None or isinstance(select, History | Risk):
        return select
    if select not in RULES:
        raise ValueError(f"select: {select!r}, expected one of {', '.join(map(repr, RULES))}")
    return RULES[select]


def _checked(game: Markov, start: Array | None, rented: bool = False) -> Array | None:
    """The start as an array: shares, and where compute is rented with rents in one row more."""
    if start is None:
        return None
    start, (players, states) = np.asarray(start, dtype=float), game.scale.shape
    shapes = [(players, states), *([(players + 1, states)] if rented else [])]
    if start.shape not in shapes:
        expected = ", or with rents ".join(map(str, shapes))
        raise ValueError(f"start: shape {start.shape}, expected {expected}")
    shares, rents = start[:players], start[players:]
    if not ((shares >= game.lower) & (shares <= game.upper)).all():
        raise ValueError("start: shares outside the bounds lower <= share <= upper")
    if not ((rents >= 0) & (rents <= game.price.max())).all():
        raise ValueError("start: rents below nothing or above the highest price")
    return start


def _status(found: list[Equilibrium], tolerance: float, counting: bool = False) -> Status:
    if found:
        return status_of(found, tolerance, counting)
    return Status(
        "not converged",
        "no equilibrium was found: replies cycle, their average does not settle, and the path "
        "from impatience folds back",
        "lower rungs or returns, raise discount, or pass start= from a nearby game's answer",
    )
