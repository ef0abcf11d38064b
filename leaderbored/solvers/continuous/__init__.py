"""Continuous games: every equilibrium that first-order conditions lead to, checked globally."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from operator import itemgetter

import numpy as np

from leaderbored.games.continuous import Continuous
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.continuous.aggregative import problem_of
from leaderbored.solvers.continuous.answers import answer
from leaderbored.solvers.continuous.approximate import Unattained, nearest, none_found
from leaderbored.solvers.continuous.certificate import regret, supported, tempted
from leaderbored.solvers.continuous.closing import closing_grids
from leaderbored.solvers.continuous.flat import told_apart
from leaderbored.solvers.continuous.images import images
from leaderbored.solvers.continuous.jumps import apart, leaping, nearly, settled, together
from leaderbored.solvers.continuous.lists import STARTS, solved_each
from leaderbored.solvers.continuous.method import ContinuousMethod
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.replies import settle
from leaderbored.solvers.continuous.stability import index
from leaderbored.solvers.continuous.starts import (
    begun,
    corners,
    given,
    middle,
    nothing_defined,
    on_pieces,
    spread,
)
from leaderbored.solvers.hunt import (
    JUMPS,
    Pool,
    converged,
    first_order,
    missing,
    sampled,
    stopped,
    touching,
)
from leaderbored.solvers.numerics.complementarity import solved
from leaderbored.solvers.numerics.merit import descend
from leaderbored.solvers.order import ordered
from leaderbored.solvers.solution import Census, Found, StaticEquilibrium, Status

MERIT, UPHILL = "descent on a merit function", "Newton's method uphill"
LISTED = "mixed strategies aside, each combination of listed strategies was looked at"
Engine = Callable[[], Iterator[list[Array]]]
LINES = 5  # starts through which payoffs are looked at for jumps
ENTRIES = 300_000  # of derivatives at all of more starts, beyond one doubling
ROOM = 1e-9  # left of a shared constraint that does not bind


def equilibria(
    game: Continuous,
    method: ContinuousMethod | None = None,
    *,
    all: bool | None = None,
    start: Sequence[Array] | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Found[StaticEquilibrium]:
    """Equilibria in pure strategies of a continuous game.

    Parameters
    ----------
    game : Continuous
    method : ContinuousMethod, optional
    all : bool, optional
        Whether to return every equilibrium that is found (the default) or one.
    start : sequence of arrays, optional
        Strategies of each player, near an equilibrium; then one is looked for there first.
    budget, progress : optional
        As of :func:`leaderbored.solve`.

    Returns
    -------
    Found
        Equilibria in the order of the first player's strategies. Each was checked against every
        deviation of one player, however far.

    Examples
    --------
    >>> from leaderbored.games.continuous import Player
    >>> game = Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> equilibria(game).equilibria[0].payoffs.round(9).tolist()
    [9.0, 9.0]
    """
    try:
        program = Program(game)
    except StoppedError:
        stopped = Status("stopped", "stopped while the game was compiled", "give more time")
        return Found([], stopped, Census("partial", "the search was stopped", {}, None))
    search = _Search(program, method or ContinuousMethod(), budget or Budget(None), progress)
    points = [] if start is None else [*search.solved(given(program, start))]
    if all is False or start is not None:
        first = next(iter(search.verified(points)), None) or next(search.one(), None)
        found = [first] if first is not None else search.nearest()
        search.only = True
        partial = Census("partial", "one was asked for", {}, None)
        return Found(found, search.status(found), partial)
    found = search.every() or search.nearest()
    return Found(found, search.status(found), search.census(found))


class _Search:
    def __init__(
        self, program: Program, method: ContinuousMethod, budget: Budget, progress: Progress | None
    ) -> None:
        self.program, self.method = program, method
        self.budget, self.progress = budget, progress
        strategies = itemgetter(slice(program.n))  # of a point, without multipliers
        # those of points meet first-order conditions, bare ones may not
        self.points: Pool[Array] = Pool(method.same, 1e-3, strategies)
        self.bare: Pool[Array] = Pool(method.same, 1e-3, strategies)
        self.started = 0  # points from which was started, besides the first
        self.joined = 0  # equilibria that are one with others
        self.unstopped = True
        self.only = False  # one equilibrium is asked for
        self.unattained = list[Unattained]()  # close to an equilibrium, it may be
        self.instead: Status | None = None  # what is said of what is shown instead of one

    def spread(self, more: int = 0) -> Array:
        """(B, n) strategies all over the place, corners among them; or more, and others."""
        method, numeric = self.method, self.program.code.numeric
        most = method.unknown_starts if numeric else method.starts
        return spread(self.program, more or most, method.seed + bool(more))

    def solved(self, x: Array, avoid: Array | None = None) -> Array:
        """Solutions to which Newton's method leads from strategies (B, n)."""
        return self._iterated(begun(self.program, x), avoid)

    def _iterated(self, z: Array, avoid: Array | None = None, uphill: bool = False) -> Array:
        newton, told = replace(self.method.newton, whole=uphill), slice(self.program.n)
        problem = problem_of(self.program, uphill)
        return newton.run(problem, z, avoid, told=told, spent=self.budget.spent)

    def _descended(self, x: Array) -> Array:
        """Solutions to which a merit function leads down, by Newton's method at the end."""
        low = descend(self.program, begun(self.program, x), self.budget.spent)
        low = solved(self.program, low)
        return np.vstack([self._iterated(low), low])

    def _gather(self, engine: str, points: Array) -> list[Array]:
        """Points that are new, by their strategies."""
        return [z for z in points if self._room(z) and self.points.add(engine, z, self._sign)]

    def _room(self, z: Array) -> bool:
        """Whether a point is to be kept; of a continuum, some samples are enough."""
        degenerate = [c.index for c in self.points.candidates].count(0)
        if len(self.points) >= self.method.most:
            return False
        return (
            degenerate < self.method.degenerate
            or self.points.known(z) is not None
            or self._sign(z) != 0
            or self.program.discrete
        )

    def _sign(self, z: Array) -> int:
        return 0 if self.program.discrete else index(self.program, z)

    def _look(self) -> Iterator[list[Array]]:
        """New points of each engine in turn."""
        if self.program.discrete:
            yield from self._listed()
            return
        self._tell("Newton's method", 1.0)
        yield self._gather("Newton's method", self.solved(middle(self.program)))
        starts = self.spread()
        if self.program.bound or len(self.program.totals):  # Newton may go in circles
            yield self._gather(MERIT, self._descended(starts))
        reached = self.solved(starts[1:])
        yield self._gather("Newton's method", reached)
        if len(reached) < len(starts) / 2:  # payoffs may bend up where most starts are
            yield self._gather(UPHILL, self._iterated(begun(self.program, starts), uphill=True))
        if self.program.code.kinks:
            pieces = on_pieces(self.program, starts)
            self.started += len(pieces)
            yield self._gather("Newton's method", self._iterated(pieces))
        for k in range(5):
            if self._late():
                return
            self._tell("deflated Newton", 0.5**k)
            fresh = self._gather("deflated Newton", self.solved(starts, np.array([*self.points])))
            yield fresh
            if not fresh:
                break
        yield from self._again()

    def _listed(self) -> Iterator[list[Array]]:
        """Points with each combination of listed strategies."""
        self._tell("listed strategies", 1.0)

        def solve() -> Array:
            return self.solved(self.spread(STARTS))

        for found in solved_each(self.program, solve, self._late):
            yield self._gather("each combination of listed strategies", found)

    def _again(self) -> Iterator[list[Array]]:
        """More and more starts while the indices prove that something is missing."""
        first, size = self.method.starts, self.program.m**2
        most = first  # ends by count, not by time: on every machine at the same
        while self.points and self.points.regular and self.points.total != 1:
            enough = most > first and 2 * most * size > ENTRIES
            if self._late() or enough or most >= self.method.most_starts:
                return
            most *= 2
            self._tell("more starts", self.method.starts / most)
            starts = self.spread(most)
            self.started += len(starts)
            yield self._gather("Newton's method", self.solved(starts))
            yield self._gather("deflated Newton", self.solved(starts, np.array([*self.points])))

    def _late(self) -> bool:
        """Whether there is no time left; remembers that there was not."""
        if self.budget.spent():
            self.unstopped = False
        return not self.unstopped

    def _elsewhere(self) -> Iterator[list[Array]]:
        """Where those find nothing: what needs no Newton's method, or where there is a kink."""
        if self.program.discrete:
            return
        starts = self.spread()
        if not (self.program.bound or len(self.program.totals)):
            yield self._gather(MERIT, self._descended(starts))
        for x in starts[: self.method.repliers]:
            watch = partial(self._tell, "best replies in turn")
            end = settle(self.program, x, self.method, self._late, watch)
            if end is not None:
                watch(0.0)
                polished = np.vstack([self.solved(end[None]), self._descended(end[None])])
                yield self._gather("best replies in turn", polished)
                yield self._bare("best replies in turn", end[None])
        yield self._bare("corners", corners(self.program))
        yield self._bare("closing grids", closing_grids(self.program, self.budget))

    def _bare(self, engine: str, x: Array) -> list[Array]:
        """Strategies without multipliers; a shared constraint that binds would need a price."""
        rest = np.zeros(self.program.m - self.program.n)
        free = [point for point in images(self.program, x) if self.program.free(point, ROOM)]
        every = [np.concatenate([point, rest]) for point in free]
        new = [z for z in every if self.points.known(z) is None]
        return [z for z in new if self.bare.add(engine, z)]

    def one(self) -> Iterator[StaticEquilibrium]:
        """Verified equilibria as they come, while there is time."""
        for engine in (self._look, self._elsewhere):
            yield from self._verified_of(engine)
            if self._late():
                return

    def _verified_of(self, engine: Engine) -> Iterator[StaticEquilibrium]:
        """Those among what an engine finds, while there is time."""
        try:
            yield from chain.from_iterable(map(self.verified, engine()))
        except StoppedError:
            self.unstopped = False

    def every(self) -> list[StaticEquilibrium]:
        """All that is found; other engines are tried where the first find nothing."""
        found, sole = list[StaticEquilibrium](), self.program.monotone()
        for one in self._verified_of(self._look):
            found.append(one)
            if sole:
                return found  # there is no other
        if not self._late() and (not found or self.program.code.jumps or self.leaping):
            found += self._verified_of(self._elsewhere)
        apart = told_apart(self.program, found, self.method.tolerance)
        self.joined = len(found) - len(apart)
        return ordered(apart, lambda e: np.concatenate([*e.strategies.values()]))

    # --- certificates

    def verified(self, points: Sequence[Array]) -> Iterator[StaticEquilibrium]:
        """Points that no player wants to leave, however far."""
        for z in points:
            if self._late():
                return
            bare = any(z is known for known in self.bare)
            standing = settled(self.program, z[: self.program.n])
            if standing.whose:
                if nearly(self.program, standing, np.inf):
                    self.unattained.append(Unattained(standing.x, standing.whose))
                continue
            x = standing.x
            if not supported(self.program, z) or tempted(
                self.program, x, 1e3 * self.method.tolerance
            ):
                continue
            gained = float(regret(self.program, x).max())
            if not gained <= self.method.tolerance:
                if bare and gained <= self.method.approximate:
                    self.unattained.append(Unattained(x, ""))
                continue
            met = apart(self.program, x)
            if met.whose and not regret(self.program, met.x).max() <= self.method.tolerance:
                if nearly(self.program, met._replace(x=x), np.inf):
                    self.unattained.append(Unattained(x, met.whose))
                continue
            x = met.x
            neutral, sign = self.method.neutral, self._sign(z)
            yield answer(self.program, z, x, neutral=neutral, index=sign, regret=gained, bare=bare)

    def _tell(self, phase: str, left: float, round: int = 0) -> None:
        if self.progress is not None:
            self.progress(phase, round, left)

    def nearest(self) -> list[StaticEquilibrium]:
        """Where none was found: mixed strategies, or what is close to an equilibrium."""
        if self._late() or nothing_defined(self.program, self.spread()):
            return []
        self._tell("mixed strategies", 1.0)
        for one in [one for one in self.unattained if one.whose][:1]:  # of a continuum maybe
            best = together(self.program, one.x, self.method.tolerance)
            self.unattained.append(one._replace(x=best))
        found = nearest(self.program, self.method, self.unattained, self.budget)
        self._late()
        if found is None:
            return []
        self.instead = found.status
        return [found.equilibrium]

    def status(self, found: Sequence[StaticEquilibrium]) -> Status:
        """How it ended."""
        if not self.unstopped and not (found and self.only):
            return stopped(len(found), shown=self.instead.message if self.instead else "")
        if found:
            return self.instead or converged(len(found))
        if reason := nothing_defined(self.program, self.spread()):
            return Status("not converged", reason, "change the formula, the bounds or parameters")
        return none_found(self.program, self.method, len(self.points))

    def census(self, found: Sequence[StaticEquilibrium]) -> Census:
        """What the search is worth."""
        engines, total = self.points.engines, self.points.total
        for name, count in self.bare.engines.items():
            engines[name] = engines.get(name, 0) + count
        if found and self.unstopped and not self.program.discrete and self.program.monotone():
            which = "at common prices of what is shared " if self.program.code.shared else ""
            message = f"payoffs are quadratic and diagonally strictly concave: {which}there is one"
            return Census("proved", message, engines, None)
        false = len(self.points) - len(found) - self.joined
        if reason := self._missing(found, total):
            return Census("partial", reason + first_order(false) * self.unstopped, engines, total)
        count = len(self.spread())
        often = [
            f"{name}: {sampled(self._met(name), many)}"
            for name, many in (("Newton's method", count + self.started), (UPHILL, count))
        ]
        message = "; ".join(often[: 1 + any(self._met(UPHILL))])
        message += f"; indices of all solutions add up to 1{first_order(false)}"
        return Census("searched", message, engines, total)

    def _met(self, engine: str) -> list[int]:
        """From how many starts an engine met each point."""
        return [one.engines.get(engine, 0) for one in self.points.candidates]

    def _missing(self, found: Sequence[StaticEquilibrium], total: int) -> str:
        """Why equilibria may be missing; empty if nothing suggests it."""
        full = f"only {self.method.most:,} solutions are kept, and so many were found"
        alike = "only equilibria in which players of one kind play alike"
        reasons = (
            "the search was stopped" * (not self.unstopped),
            "what is shown was looked for where no equilibrium in pure strategies was found"
            * bool(self.instead),
            "no equilibrium was found" * (not found),
            LISTED * self.program.discrete,
            JUMPS * self.program.code.jumps,
            full * (len(self.points) >= self.method.most),
            touching([one.index for one in found]) * (not self.points.regular),
            missing(total),
            alike * bool((self.program.count > 1).any()),
        )
        return next(filter(None, reasons), self.leaping)

    @cached_property
    def leaping(self) -> str:
        """That a payoff jumps, as far as is seen; empty if none does."""
        return leaping(self.program, self.spread()[:LINES])


__all__ = ["ContinuousMethod", "equilibria"]
