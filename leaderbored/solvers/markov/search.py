r"""Look for every equilibrium, with engines that fail in different ways.

* Policy iteration from spread and random shares finds what best replies lead to, and with its
  Newton attempts on the way much of what they do not.
* Newton's method from the same shares, deflated: each equilibrium found repels it afterwards.
* Pseudo-arclength continuation from games whose equilibrium is unique (success next to
  impossible, or patience next to none) to the game asked for, and from every equilibrium found
  both ways, round the folds that join it to others.

Equilibria of exchangeable players come in orbits, which are completed. Every candidate is polished
and keeps its place only with a regret below tolerance. The count is checked by the indices, which
sum to one over all equilibria (:mod:`leaderbored.solvers.markov.continuation`): another sum proves
that some are missing; one proves nothing, and the report does not say more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import combinations, islice, product

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.markov.basin import jumps_away, random_shares
from leaderbored.solvers.markov.continuation import Continuation, Curve, Family, Station, index
from leaderbored.solvers.markov.elimination import Elimination
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.policy_iteration import Point, PolicyIteration
from leaderbored.solvers.markov.system import DENSE, System
from leaderbored.solvers.solution import Census, Equilibrium

SAME = 1e-7  # distance, relative to the largest value, below which two equilibria are one
BRANCH_POINTS = 8  # in one family, at which the crossing curve is followed
CROSSING = 1e-5  # of the range of u, within which two curves report the same crossing
MANY = 50  # equilibria in one deflation
TRUCES = 8  # places with idle compute up to which every combination is a start
PLENTY = 1_500  # values in all random starts together
LAYERS = 8  # leads at which spread starts change
FEW = 8  # starts in games too large for Newton and continuation

Engine = str


@dataclass(frozen=True, eq=False)
class Found:
    """An equilibrium, its index, its regret, and which engines found it how often."""

    value: Array
    build: Array
    regret: float
    index: int
    engines: dict[Engine, int]


@dataclass(frozen=True)
class Search:
    """Settings of the search for all equilibria.

    Parameters
    ----------
    starts : int
        Random shares to start from, besides the spread ones; up to eight times as many in
        games of few values, where they cost little.
    seed : int
        Of the random shares.
    rounds : int
        Largest number of rounds of policy iteration from each start.
    widen : float
        Continuation runs on to productivities and patience this many times larger than the
        game's, for a fold beyond it may lead back.
    continuation : Continuation
    newton : Newton
    elimination : Elimination
        Tries to prove that what was found is all there is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> solution = lb.solve(race, all=True)
    >>> [round(e.value[0, 0].item(), 4) for e in solution.equilibria]
    [5.0878, 4.6471, 2.5285]
    """

    starts: int = 16
    seed: int = 1
    rounds: int = 60
    widen: float = 3.0
    continuation: Continuation = field(default_factory=Continuation)
    newton: Newton = field(default_factory=Newton)
    elimination: Elimination = field(default_factory=Elimination)

    def run(
        self,
        system: System,
        verify: Callable[[Array], float],
        tolerance: float,
        progress: Progress | None = None,
    ) -> list[Found]:
        """Every equilibrium found.

        Parameters
        ----------
        system : System
        verify : callable
            Regret of shares (N, S).
        tolerance : float
            Largest regret that counts as an equilibrium.
        progress : callable, optional
        """
        pool = _Pool(system, verify, tolerance)
        small = system.players * system.size <= DENSE
        iteration = PolicyIteration(rounds=self.rounds, newton=self.newton)
        shares = list(self.shares(system))
        for k, start in enumerate(shares):
            _tell(progress, "search, policy iteration", k, 1 - k / len(shares))
            point = iteration.run(system, start)
            if point is not None:
                pool.add("policy iteration", point.value, point.build)
        if not small:
            return pool.found
        for k, start in enumerate(shares):
            _tell(progress, "search, deflated Newton", k, 1 - k / len(shares))
            self._deflate(pool, start)
        for name, family, u in families(system, self.widen):
            self._continue(pool, name, family, u, progress)
        return pool.found

    def reach(self, system: System) -> Point | None:
        """An equilibrium on the curve from the game in which success is next to impossible."""
        if system.players * system.size > DENSE:
            return None
        _, family, u = next(families(system, self.widen))
        origin = PolicyIteration(newton=self.newton).run(family(0.0), family(0.0).game.idle)
        if origin is None:
            return None
        curve = self.continuation.follow(family, origin.value, origin.build, 0.0, 1)
        first = next(curve.at(u, family, self.newton), None)
        return None if first is None else Point(*first, len(curve.stations))

    def shares(self, system: System) -> Iterator[Array]:
        """Where to start from (N, S): spread shares, then random ones; few in large games."""
        game, small = system.game, system.players * system.size <= DENSE
        yield game.idle
        yield game.upper
        yield (game.lower + game.upper) / 2
        far = jumps_away(game)
        reach = int(far.max())
        for m in sorted({int(m) for m in np.linspace(0, reach, LAYERS)} if small else {reach // 3}):
            yield np.where(far <= m, game.upper, game.idle)
            if small:  # a truce while the lead is small, or at one lead
                yield np.where(far <= m, game.lower, game.idle)
                yield np.where(far == m, game.lower, game.idle)
        players = np.arange(system.players)[:, None]
        for player in range(system.players if small else 1):
            yield np.where(players == player, game.upper, game.idle)
        free = np.argwhere(game.movable & (game.idle > game.lower))
        if len(free) <= TRUCES:  # idle compute left unused in every combination of places
            for unused in product((False, True), repeat=len(free)):
                share = game.idle.copy()
                for (player, state), quiet in zip(free, unused, strict=True):
                    share[player, state] = (
                        game.lower[player, state] if quiet else share[player, state]
                    )
                yield share
        random = np.random.default_rng(self.seed)
        many = min(8 * self.starts, max(self.starts, PLENTY // game.lower.size))
        for _ in range(many if small else FEW):
            yield random_shares(game, random)

    def _deflate(self, pool: _Pool, start: Array) -> None:
        """Newton away from what Newton knows, until it finds nothing new."""
        value, engine = pool.system.evaluate(start), "deflated Newton"
        for _ in range(MANY):
            known = [found for found in pool.found if engine in found.engines]
            avoid = [found.value for found in known]
            point = self.newton.polish(pool.system, value, start, avoid)
            if point is None or pool.add(engine, *point) in (None, *known):
                return

    def _continue(
        self, pool: _Pool, name: Engine, family: Family, u: float, progress: Progress | None
    ) -> None:
        """Curves from the unique equilibrium at 0, from every equilibrium known, and across them.

        What crosses at a branch point is followed one way where players are exchangeable, for the
        other way is its image.
        """
        engine = f"continuation in {name}"
        crossings: list[Station] = []

        def gather(curve: Curve) -> None:
            _tell(progress, f"search, {engine}", len(pool.found), 0.5)
            for point in curve.at(u, family, self.newton):
                pool.add(engine, *point)
            for station in curve.stations:
                known = any(abs(station.u - other.u) < CROSSING for other in crossings)
                if station.event == "branch point" and not known:
                    crossings.append(station)

        follow = self.continuation.follow
        origin = PolicyIteration(newton=self.newton).run(family(0.0), family(0.0).game.idle)
        if origin is not None:
            gather(follow(family, origin.value, origin.build, 0.0, 1))
        k = left = 0
        while k < len(pool.found) or left < min(len(crossings), BRANCH_POINTS):
            if k < len(pool.found):
                known = pool.found[k]
                if engine not in known.engines:
                    gather(follow(family, known.value, known.build, u, 1))
                    gather(follow(family, known.value, known.build, u, -1))
                k += 1
            else:
                ways = self.continuation.leave(family, crossings[left])
                for curve in islice(ways, 1 if pool.swaps else 2):
                    gather(curve)
                left += 1


def families(system: System, widen: float) -> Iterator[tuple[str, Family, float]]:
    """One-parameter families through the game, from where its equilibrium is unique.

    Yields
    ------
    name, family, u
        The game itself stands at u.
    """
    game, few = system.game, 1e-3
    u = -np.log(few) / (np.log(widen) - np.log(few))

    def at(t: float, **factors: float) -> System:
        if t == u:
            return system
        changed = {
            name: getattr(game, name) * np.exp(sign * np.log(few) * (1 - t / u))
            for name, sign in factors.items()
        }
        return system.along(replace(game, **changed))

    yield "productivity", partial(at, scale=1.0), float(u)
    if game.base.any():  # otherwise the same curve, in another unit of time
        yield "discount", partial(at, discount=-1.0), float(u)


def relabellings(game: Markov) -> list[tuple[NDArray[np.int_], NDArray[np.int_]]]:
    """Exchanges of two players that leave the game as it is.

    Returns
    -------
    list of (players, states)
        If ``build`` is an equilibrium, so is ``build[players][:, states]``.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1), lb.Lab("C", 2)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> [players.tolist() for players, _ in relabellings(race.markov())]
    [[1, 0, 2]]
    """
    count = len(game.players)
    if game.states.shape[1] != count:
        return []
    place = {state: k for k, state in enumerate(map(tuple, game.states.tolist()))}
    arrays = (game.lower, game.upper, game.scale, game.base, game.price, game.demand)
    kept = []
    for a, b in combinations(range(count), 2):
        players = np.arange(count)
        players[[a, b]] = b, a
        swapped = [place.get(state) for state in map(tuple, game.states[:, players].tolist())]
        if None in swapped:
            continue
        states = np.array(swapped)
        same = all(np.array_equal(x[players][:, states], x) for x in (*arrays, game.capacity))
        if same and all(
            abs(game.jump[players[i]][states][:, states] - game.jump[i]).sum() == 0
            for i in range(count)
        ):
            kept.append((players, states))
    return kept


def census(
    system: System,
    pool: list[Found],
    equilibria: Sequence[Equilibrium],
    elimination: Elimination,
) -> Census:
    """What the search is worth; never more than it is."""
    engines: dict[str, int] = {}
    for found in pool:
        for engine in found.engines:
            engines[engine] = engines.get(engine, 0) + 1
    if system.players * system.size > DENSE:
        few = "the game is too large for Newton from afar and for continuation"
        return Census("partial", f"policy iteration from spread starts alone: {few}", engines, None)
    total = sum(found.index for found in pool)
    reasons = []
    if not pool:
        reasons.append("no equilibrium was found, and there is always one")
    elif any(found.index == 0 for found in pool):
        reasons.append("one of them is degenerate, and its index not defined: others may touch it")
    elif total != 1:
        reasons.append(f"their indices add up to {total} instead of 1: some are missing")
    if reasons:
        return Census("partial", "; ".join(reasons), engines, total)
    if elimination.proves(system.game, equilibria):
        how = "bounds on values eliminate all other strategies, and each is proved alone near by"
        return Census("proved", how, engines, total)
    how = f"{len(engines)} engines looked from many starts and their indices add up to 1"
    return Census("searched", f"{how}, as they must; others are not ruled out", engines, total)


class _Pool:
    """The distinct equilibria, each verified once."""

    def __init__(self, system: System, verify: Callable[[Array], float], tolerance: float) -> None:
        self.system, self.verify, self.tolerance = system, verify, tolerance
        self.found: list[Found] = []
        self.swaps = relabellings(system.game)

    def add(self, engine: Engine, value: Array, build: Array) -> Found | None:
        """Count a candidate, with its images under relabelling; None if it is no equilibrium."""
        known = self._known(value)
        if known is None:
            regret = self.verify(build)
            if not regret <= self.tolerance:
                return None
            small = value.size <= DENSE
            sign = index(self.system, value, build) if small else 0
            known = self._continuum(value) if small and sign == 0 else None
            if known is None:
                known = Found(value, build, regret, sign, {})
                self.found.append(known)
        known.engines[engine] = known.engines.get(engine, 0) + 1
        if known.engines[engine] == 1:
            for players, states in self.swaps:
                image, share = value[players][:, states], build[players][:, states]
                if self._known(image) is not known:
                    self.add(engine, image, share)
        return known

    def _continuum(self, value: Array) -> Found | None:
        """A continuum counts once: its points differ in states off the path of play."""
        scale = float(np.abs(value).max()) or 1.0
        for known in self.found:
            gap = float(np.abs(known.value[:, 0] - value[:, 0]).max())
            if known.index == 0 and gap <= SAME * scale:
                return known
        return None

    def _known(self, value: Array) -> Found | None:
        scale = float(np.abs(value).max()) or 1.0
        for known in self.found:
            if float(np.abs(known.value - value).max()) <= SAME * scale:
                return known
        return None


def _tell(progress: Progress | None, phase: str, round: int, left: float) -> None:
    if progress:
        progress(phase, round, left)
