r"""Look for every equilibrium, with engines that fail in different ways.

* In games of up to 700 values that are settled by bounds on values alone one equilibrium is found
  by policy iteration, and proved to be the only one: nothing else need be done.
* Newton's method from many policies at once, after none, one, a few and many rounds of best replies
  (:mod:`leaderbored.solvers.markov.batch`): the heart of the search in games of up to 700 values.
  A second batch sets out from between and around what the first one found, where equilibria that
  were born together still stand side by side.
* Newton's method with efforts for unknowns, where theta is below a half or indices do not add up:
  there replies to gains near zero are all but vertical, and Newton's method in the values steps
  over what lies on them (:func:`leaderbored.solvers.markov.reply.steep_pieces`). Where prices clear
  the market shares follow from all stakes of a state, and are no unknowns.
* The game of one state, values elsewhere held (:mod:`leaderbored.solvers.markov.one_state`): all
  its equilibria are looked for in every state of every equilibrium found, and Newton's method sets
  out from where another one is put in, of one state, of one and its image under an exchange of
  players, and, while indices do not add up, of several states.
* Pseudo-arclength continuation from games whose equilibrium is unique (success next to
  impossible, or patience next to none) to the game asked for, and from every equilibrium found
  both ways, round the folds that join it to others.
* In larger games policy iteration alone, from a few policies.

Equilibria of exchangeable players come in orbits, which are completed. Every candidate is polished
and keeps its place only with a regret below tolerance. The count is checked by the indices, which
sum to one over all equilibria (:mod:`leaderbored.solvers.markov.index`): another sum proves
that some are missing; one proves nothing, for pairs of indices 1 and -1 cancel, and the report
promises no more than what was done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

import numpy as np

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Progress, StoppedError, checkpoint, spared
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.markov.assess import assess
from leaderbored.solvers.markov.batch import Batch
from leaderbored.solvers.markov.continuation import Continuation, Equilibria, families
from leaderbored.solvers.markov.elimination import Elimination
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.one_state import Turned
from leaderbored.solvers.markov.policy_iteration import Point, PolicyIteration
from leaderbored.solvers.markov.pool import SAME, Engine, Kept, Searched
from leaderbored.solvers.markov.reply import Plain
from leaderbored.solvers.markov.starts import around, policies
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.curve import Curve, CurvePoint
from leaderbored.solvers.numerics.linear import DENSE

FOLD = 1e-6  # length within which folds are located: they only keep what lies before them apart
SAME_CROSSING = 1e-5  # of the range of u, within which two curves report the same crossing
IDLE, EACH = 2, 4  # rounds that find nothing new, after which it ends; one for so many found
CHEAP_VALUES = 60  # values up to which every start is afforded


@dataclass(frozen=True)
class Search:
    """Settings of the search for all equilibria.

    Parameters
    ----------
    starts : int
        Policies to start from, spread ones first, then random ones; fewer in games of more than
        ``cheap`` values, and in games too large for Newton from afar only the ``fewest``. A quarter
        of them on markets that clear, while nothing finds another equilibrium than one of index 1.
    around : int
        Further policies between and around the equilibria found; fewer likewise.
    within : int
        Policies from which Newton's method with efforts for unknowns sets out; fewer likewise.
    seed : int
        Of the random policies.
    rounds : int
        Most rounds of policy iteration from each start, in large games.
    widen : float
        Continuation runs on to so many times the productivity and patience: a fold may lead back.
    batch : Batch
    continuation : Continuation
    newton : Newton
    steep : Newton
        With efforts for unknowns.
    elimination : Elimination
        Tries to prove that what was found is all there is.
    transfer : Transfer
        The same of two labs that move step by step, if asked to; adds what is missing.
    same : float
        Distance in values, relative to the largest, below which two equilibria are one.
    cheap : int
        Number of values up to which every start is afforded.
    fewest : int
        Starts that are always afforded.
    repeats : int
        Most times that the search around what was found is repeated, as it finds more.
    again : int
        Most times that this is taken up again after continuation, as that has found more or indices
        do not add up to one.
    branch_points : int
        In one family, most at which the curve that crosses is followed.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> solution = lb.solve(race, all=True)
    >>> [round(e.value[0, 0].item(), 4) for e in solution.equilibria]
    [5.0878, 4.6471, 2.5285]
    """

    starts: int = 600
    around: int = 200
    within: int = 100
    seed: int = 1
    rounds: int = 60
    widen: float = 3.0
    batch: Batch = field(default_factory=Batch)
    continuation: Continuation = field(default_factory=lambda: Continuation(fold=FOLD))
    newton: Newton = field(default_factory=Newton)
    steep: Newton = field(default_factory=lambda: Newton(steep=True, weights=(1.0,), steps=100))
    elimination: Elimination = field(default_factory=Elimination)
    transfer: Transfer = field(default_factory=Transfer)
    same: float = SAME
    cheap: int = CHEAP_VALUES
    fewest: int = 8
    repeats: int = 8
    again: int = 2
    branch_points: int = 8

    def run(
        self,
        system: System,
        verify: Callable[[Array], float],
        tolerance: float,
        progress: Progress | None = None,
    ) -> Searched:
        """Every equilibrium that is found, until done or until a running budget is spent.

        Parameters
        ----------
        system : System
        verify : callable
            Regret of shares (N, S).
        tolerance : float
            Largest regret that counts as an equilibrium.
        progress : callable, optional
        """
        pool = Kept(system, verify, tolerance, self.same)
        small = system.unknowns <= DENSE
        if small and spared(partial(self._alone, pool), False):
            return pool.searched(stopped=False)
        pool = Kept(system, verify, tolerance, self.same)
        try:
            if small:
                self._thoroughly(pool, progress)
            else:
                self._iterate(pool, progress)
        except StoppedError:
            return pool.searched(stopped=True)
        return pool.searched(stopped=False)

    def _thoroughly(self, pool: Kept, progress: Progress | None) -> None:
        """Every engine, and those around what is found again, while more is found or missing."""
        random = np.random.default_rng(self.seed)
        others = Turned(pool.system, pool.swaps, random)
        most = self._affordable(self.starts, pool.system)
        if isinstance(pool.system.game, Cleared):  # a step takes five times as long there
            self._many(pool, max(self.fewest, most // 4), progress)
        if not pool.alone:
            self._many(pool, most, progress)
        self._around(pool, random, progress)
        self._within(pool, random, progress)
        self._turn(pool, others, progress)
        if not pool.alone:
            self._many(pool, most, progress)
        known = len(pool.found)
        self._continue(pool, progress)
        for _ in range(self.again):
            if len(pool.found) == known and (pool.total == 1 or not pool.kept.regular):
                return
            known = len(pool.found)
            self._many(pool, most, progress)
            self._around(pool, random, progress)
            self._within(pool, random, progress)
            self._turn(pool, others, progress)

    def _alone(self, pool: Kept) -> bool:
        """Whether what best replies to idle compute lead to is proved to be the only one."""
        system = pool.system
        point = PolicyIteration(rounds=self.rounds, newton=self.newton).run(
            system, system.game.idle
        )
        if point is None or not isinstance(system.stage, Plain):
            return False
        pool.add("policy iteration", point.value, point.build)
        pool.done.append("policy iteration from idle compute")
        if len(pool.found) != 1 or pool.total != 1:
            return False
        one = assess(system, point, "policy iteration")
        return replace(self.elimination, boxes=1).proves(system.game, [one])

    def reach(self, system: System) -> Point | None:
        """An equilibrium on the curve from the game in which success is next to impossible."""
        if system.unknowns > DENSE:
            return None
        _, family, u = next(families(system, self.widen, self.batch.machine))
        curve = self._first(family)
        if curve is None:
            return None
        first = next(family.passes(curve, u, self.newton), None)
        return None if first is None else Point(*first, len(curve.points))

    def _first(self, family: Equilibria) -> Curve | None:
        """The curve from the unique equilibrium at 0."""
        system = family.at(0.0)
        origin = PolicyIteration(newton=self.newton).run(system, system.game.idle)
        if origin is None:
            return None
        start = family.point(0.0, origin.value, origin.build)
        return self.continuation.follow(family, start, 1)

    def shares(self, system: System) -> Iterator[Array]:
        """Where to start from (N, S): spread shares, then random ones; few in large games."""
        count = self.starts if system.unknowns <= DENSE else self.fewest
        return policies(system.game, count, self.seed, spread=system.unknowns <= DENSE)

    def _many(self, pool: Kept, most: int, progress: Progress | None) -> None:
        """From the policies that are next, until so many were tried."""
        _tell(progress, f"search, {self.batch.phase(pool.system)}", 0, 1.0)
        first = pool.policies
        starts = np.array(list(islice(self.shares(pool.system), first, most)))
        if len(starts) == 0:
            return
        pool.policies += len(starts)
        for one in self.batch.run(pool.system, starts):
            places = {*(first + one.starts).tolist()}
            pool.add("Newton from many policies", one.value, one.build, places)
        if first:
            pool.done.append(f"from {len(starts)} more")
            return
        replies = self.batch.replies
        after = f"{', '.join(map(str, replies[:-1]))} and {replies[-1]}"
        pool.done.append(
            f"Newton's method from {len(starts)} policies, each after {after} rounds of replies"
        )

    def _affordable(self, count: int, system: System) -> int:
        """So many policies, or as many as take no longer than in a game that is cheap."""
        values = system.unknowns
        return max(self.fewest, min(count, int(count * (self.cheap / max(values, 1)) ** 3)))

    def _around(self, pool: Kept, random: np.random.Generator, progress: Progress | None) -> None:
        """From between two of those found, and from around them, until nothing new is found."""
        count = self._affordable(self.around, pool.system)
        times = known = 0
        while known < len(pool.found) and times < self.repeats:
            times, known = times + 1, len(pool.found)
            _tell(progress, "search, Newton around what was found", known, 0.7)
            shares = around(pool.system.game, pool.builds, random, count, swaps=pool.swaps)
            for one in self.batch.run(pool.system, shares):
                pool.add("Newton around others", one.value, one.build)
        pool.done.append(f"from {times * count} more between and around those found")

    def _within(self, pool: Kept, random: np.random.Generator, progress: Progress | None) -> None:
        """With efforts for unknowns, from few policies and from between those found, as above."""
        system, game = pool.system, pool.system.game
        if not (pool.steep and pool.found):
            return
        count = self._affordable(self.within, system)
        shares = np.array(list(islice(self.shares(system), count)))
        times = known = 0
        while known < len(pool.found) and times < self.repeats:
            times, known = times + 1, len(pool.found)
            _tell(progress, "search, Newton in efforts", known, 0.6)
            near = around(game, pool.builds, random, count, swaps=pool.swaps, efforts=True)
            starts = np.concatenate([shares, near]) if times == 1 else near
            for one in self.batch.steeply(system, starts, self.steep):
                pool.add("Newton in efforts", system.evaluate(one.build), one.build)
        tried = len(shares) + times * count
        pool.done.append(f"with efforts for unknowns from {tried}")

    def _turn(self, pool: Kept, others: Turned, progress: Progress | None) -> None:
        """From other play in a state of each of those found; in several while that finds more."""
        engine, system, before = "Newton from other play in a state", pool.system, others.count
        count, times, idle, known = self._affordable(self.around, system), 0, 0, 0
        while True:
            _tell(progress, f"search, {engine}", len(pool.found), 0.6)
            if len(others.every) < len(pool.found):
                point = pool.found[len(others.every)].point
                shares = others.single(point.value, point.build, count)
            else:
                led = pool.total != 1 or any(one.engine == engine for one in pool.found)
                idle = idle + 1 if known == len(pool.found) else 0
                pool.closed = idle >= max(IDLE, known // EACH) or not led
                if pool.closed or times == 2 * self.repeats:
                    break
                times, known = times + 1, len(pool.found)
                shares = others.several(count)
            if len(shares):
                for one in self.batch.run(system, shares):
                    pool.add(engine, one.value, one.build)
                if pool.steep:
                    for one in self.batch.steeply(system, shares, self.steep):
                        pool.add(engine, system.evaluate(one.build), one.build)
        if tried := others.count - before:
            pool.done.append(f"from {tried} more with other play in one state or several")

    def _iterate(self, pool: Kept, progress: Progress | None) -> None:
        iteration = PolicyIteration(rounds=self.rounds, newton=self.newton)
        shares = list(self.shares(pool.system))
        for k, start in enumerate(shares):
            checkpoint()
            _tell(progress, "search, policy iteration", k, 1 - k / len(shares))
            point = iteration.run(pool.system, start)
            if point is not None:
                pool.add("policy iteration", point.value, point.build)
        pool.done.append(f"policy iteration from {len(shares)} policies")

    def _continue(self, pool: Kept, progress: Progress | None) -> None:
        for name, family, u in families(pool.system, self.widen, self.batch.machine):
            count = self._curves(pool, name, family, u, progress)
            curves = "one curve" if count == 1 else f"{count} curves"
            pool.done.append(f"continuation in {name} along {curves}")

    def _curves(
        self, pool: Kept, name: Engine, family: Equilibria, u: float, progress: Progress | None
    ) -> int:
        """How many curves: from the unique equilibrium at 0, from all known, and across them.

        What crosses at branch points is followed while indices do not add up to one; one way
        where players are exchangeable, for the other way is its image.
        """
        engine = f"continuation in {name}"
        crossings: list[CurvePoint] = []
        curves = 0

        def gather(curve: Curve) -> None:
            nonlocal curves
            curves += 1
            _tell(progress, f"search, {engine}", len(pool.found), 0.5)
            for point in family.passes(curve, u, self.newton):
                pool.add(engine, *point)
            for passed in curve.points:
                known = any(abs(passed.u - other.u) < SAME_CROSSING for other in crossings)
                if passed.event == "branch point" and not known:
                    crossings.append(passed)

        follow = self.continuation.follow
        _tell(progress, family.phase(f"search, {engine}"), len(pool.found), 0.5)
        first = self._first(family)
        if first is not None:
            gather(first)
        k = left = 0
        most = self.branch_points
        while k < len(pool.found) or (pool.total != 1 and left < len(crossings[:most])):
            checkpoint()
            if k < len(pool.found):
                known = pool.found[k]
                if engine not in known.engines:
                    start = family.point(u, known.point.value, known.point.build)
                    gather(follow(family, start, 1))
                    gather(follow(family, start, -1))
                k += 1
            else:
                ways = self.continuation.leave(family, crossings[left])
                for curve in islice(ways, 1 if pool.swaps else 2):
                    gather(curve)
                left += 1
        return curves


def _tell(progress: Progress | None, phase: str, round: int, left: float) -> None:
    if progress:
        progress(phase, round, left)
