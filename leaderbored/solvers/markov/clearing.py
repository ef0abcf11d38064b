r"""Races in which the players of a state meet: customers who look further, compute for rent.

What clears is solved within each state (:mod:`leaderbored.solvers.markov.meeting`), so that play
follows values, and Newton's method in the values is that of all games. Its index is that of the
values' conditions times those of the states' games; over all equilibria they add up to one, as
replies are continuous. Stability is that of best replies when those of a state's players to each
other have settled.

Where replies and Newton's method do not get there, a race whose demand depends on the play is
solved by :mod:`leaderbored.solvers.markov.fixed_demand`. The answer is not trusted to have settled:
its regret is that of the race, by its record.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import LATE, Progress, StoppedError, checkpoint, spared
from leaderbored.solvers.hunt import Pool, sampled_others
from leaderbored.solvers.markov.answer import (
    BALANCED,
    UNBOUNDED,
    by_first_value,
    counted,
    left_open,
    status_of,
    unbalanced,
)
from leaderbored.solvers.markov.assess import UNASKED, indifferent
from leaderbored.solvers.markov.certificate import certificate
from leaderbored.solvers.markov.compiled import system_of
from leaderbored.solvers.markov.fixed_demand import by_fixed_demand
from leaderbored.solvers.markov.meeting import Customers
from leaderbored.solvers.markov.newton import linearise, pieces_at, residual
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import settle
from leaderbored.solvers.markov.selection import History, Risk, Unselected
from leaderbored.solvers.markov.starts import around
from leaderbored.solvers.markov.symmetry import relabellings
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE, as_dense, sign
from leaderbored.solvers.order import ordered
from leaderbored.solvers.proof import NOT_ASKED, unproved
from leaderbored.solvers.solution import Census, Equilibrium, Found, Status

if TYPE_CHECKING:
    from leaderbored.race import Race

ENGINE = "policy iteration + Newton, markets cleared"
FIXED = "rounds of fixed demand"
LARGE = "the game is too large for it"
JUMPS = "a reply jumps here, and the way that it would go is not known"
ALONE = "one equilibrium was asked for, and there may be others: all=True looks for every one"


@dataclass(frozen=True)
class Clearing:
    """How a race is solved in which the players of a state meet.

    Parameters
    ----------
    rounds : int
        Most rounds of damped replies from one start.
    slowest : float
        Part of the way to the replies that is gone at least.
    close : float
        Distance of shares from replies at which Newton's method tries.
    starts, fewest : int
        Policies from which all equilibria are looked for: at most, and at least, as games grow.
    replies : tuple of int
        Rounds of best replies after which Newton's method sets out from each of these.
    beside : float
        Distance of shares from those of a known equilibrium at which they lead there.
    repeats : int
        Most times that the search around what was found is repeated, until indices add up.

    Examples
    --------
    >>> Clearing(starts=48).replies
    (0, 4)
    """

    rounds: int = 400
    slowest: float = 0.02
    close: float = 0.005
    starts: int = 24
    fewest: int = 6
    replies: tuple[int, ...] = (0, 4)
    beside: float = 0.01
    repeats: int = 4


def clear(
    race: Race,
    method: Any,
    start: Array | None,
    progress: Progress,
    *,
    all: bool = False,
    rule: History | Risk | None = None,
) -> Found:
    """Solve a race in which the players of a state meet.

    Parameters
    ----------
    race : Race
        With a coupled mechanism.
    method : Method
    start : array, optional
        Shares of all players.
    progress : callable
        Called with (phase, round, distance).
    all : bool, default False
        Whether to look for every equilibrium.
    rule : History or Risk, optional
        That selects one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"spillover": {"share": 0.5}})
    >>> found = lb.solve(race).equilibria[0]
    >>> found.regret < 1e-9, found.index, found.stable
    (True, 1, True)
    """
    system = system_of(race)
    if all:
        return _every(race, system, method, progress)
    found: list[Equilibrium] = []
    points = _points(race, system, method, start, progress)
    if rule is not None:
        try:
            points = iter([(rule.run(system, start, progress), rule.name)])
        except Unselected as reason:
            status = Status("not converged", reason.message, reason.advice)
            return Found([], status, Census("partial", ALONE, {}, None))
    for point, engine in points:
        found.append(assessed(race, system, point, engine, method.certify))
        if not found[-1].regret > method.tolerance:
            break
    best = sorted(found, key=lambda equilibrium: equilibrium.regret)[:1]
    census = Census("partial", ALONE, {}, None)
    if not best:
        return Found([], _unsettled(race), census)
    return Found(best, status_of(best, method.tolerance), census)


def _unsettled(race: Race) -> Status:
    advice = "lower mechanisms.spillover.share or mechanisms.hype.effectiveness"
    if race.mechanisms.lease:
        advice = "raise mechanisms.lease.friction or discount, or lower technology.returns"
    message = "play that depends on the rivals' play does not settle"
    return Status("not converged", message, f"{advice}, or pass start= from a nearby race's answer")


def _points(
    race: Race, system: System, method: Any, start: Array | None, progress: Progress
) -> Iterator[tuple[Point, str]]:
    """What each engine finds, the cheapest first."""
    game = system.game
    middle, left = (game.lower + game.upper) / 2, list[Point]()
    begin = game.idle if start is None else start[: system.players]
    for first in (begin, game.upper, middle, game.lower):
        point = _iterated(system, method, first, progress, left)
        if point is not None:
            yield point, ENGINE
    if isinstance(system.stage, Customers):
        point = by_fixed_demand(race, method, start, progress)
        if point is not None:
            yield point, FIXED
    yield from ((point, ENGINE) for point in left)


def _iterated(
    system: System, method: Any, start: Array, progress: Progress, left: list[Point]
) -> Point | None:
    """Damped replies of all players of a state at once, with Newton's method when they are near.

    Equilibria of index -1 that this happens on are ``left``.
    """
    stage: Any = system.stage
    build, price = start, np.zeros(system.size)
    settings = method.clearing
    part, last, near = 1.0, np.inf, settings.close
    for k in range(1, settings.rounds + 1):
        value = system.evaluate(build, stage.earned(build, price))
        scale = float(np.abs(value).max())
        stakes = system.stakes(value)
        cleared = stage.price(stakes, scale)
        reply = stage.settled(stakes, build, cleared, scale)[0]
        distance = max(float(np.abs(reply - build).max()), float(np.abs(cleared - price).max()))
        progress("policy iteration, markets cleared", k, distance)
        if distance < near or k % 100 == 0:
            point = method.iteration.newton.polish(system, value, reply)
            if point is not None:
                if _index(system, *point) != -1:
                    return Point(point[0], point[1], k)
                # No replies settle there, however damped: go on.
                left.append(Point(point[0], point[1], k))
            near = min(near, distance / 4)
        part = max(part / 2, settings.slowest) if distance > last else min(1.0, 1.1 * part)
        last, build = distance, build + part * (reply - build)
        price = price + part * (cleared - price)
    return None


def _index(system: System, value: Array, build: Array) -> int:
    """Index of an equilibrium, 1 or -1; 0 where it is singular."""
    pieces = pieces_at(system, value, build)
    matrix, _ = linearise(system, value, pieces)
    together = pieces.together
    return sign(matrix) * (together.sign if together else 1)


def assessed(
    race: Race,
    system: System,
    point: Point,
    engine: str,
    certified: Any,
    *,
    proved: bool = True,
) -> Equilibrium:
    """Describe a solved point: regret, residual, index and stability, and its proof if asked."""
    stage: Any = system.stage
    value, build, game = point.value, point.build, system.game
    if isinstance(stage, Customers):
        point = settle(System(stage.at(build).game), Point(value, build, point.rounds))
        value, build, game = point.value, point.build, stage.at(point.build).game
    scale = float(np.abs(value).max())
    rent = stage.price(system.stakes(value), scale)
    pieces = pieces_at(system, value, build)
    error = float(np.abs(residual(system, value, pieces)).max())
    radius, index, note = float("nan"), None, UNASKED
    if certified is True:
        radius, index, note = _stability(system, value, build)
    held = rent if race.mechanisms.lease else None
    judged = certificate(race, build, held) if certified else None
    gained = float(judged.regret.max()) if judged else float("nan")
    found = Equilibrium(
        game=game,
        build=build,
        value=value,
        regret=gained,
        residual=error / (game.discount * scale or 1.0),
        radius=radius,
        indifferent=indifferent(game, system.effect(value), scale),
        method=engine,
        rounds=point.rounds,
        index=index,
        stability_note=note,
        coupled=race.mechanisms.coupling,
        proof=NOT_ASKED,
        mismatch=judged.mismatch(value, gained) if judged else None,
        rent=held,
    )
    if certified is not True or not proved:
        return found
    from leaderbored.solvers.markov.met_race import prove_met  # ball arithmetic is for proofs alone

    return replace(found, proof=spared(lambda: prove_met(race, found, stage), unproved(LATE)))


def _stability(system: System, value: Array, build: Array) -> tuple[float, int | None, str]:
    """Spectral radius of best replies, the index, and why they are not known."""
    if system.unknowns > DENSE:
        return float("nan"), None, LARGE
    pieces = pieces_at(system, value, build)
    matrix, error = linearise(system, value, pieces)
    apart = float(np.abs(pieces.build - build).max())
    if pieces.together is None or apart > 1e-6 or not np.isfinite(as_dense(matrix)).all():
        return float("nan"), None, JUMPS
    count = len(system.earners)
    inverse = np.linalg.inv(system.dense_matrix(system.game.hazard(pieces.build)))
    blocks = as_dense(matrix).reshape(count, system.size, -1)
    moved = np.eye(system.unknowns) - (inverse @ blocks).reshape(len(error), -1)
    radius = float(np.abs(np.linalg.eigvals(moved)).max())
    return radius, sign(matrix) * pieces.together.sign, ""


# --- every equilibrium


def _every(race: Race, system: System, method: Any, progress: Progress) -> Found:
    """Newton's method from many policies, and the sum of the indices."""
    pool = Pool[Point | Equilibrium](method.search.same, key=lambda one: one.value)
    known: list[Equilibrium] = []
    tried, stopped, swaps = 0, False, relabellings(system.game)
    affordable = int(method.clearing.starts * method.search.cheap / system.unknowns)
    count = max(
        method.clearing.fewest, min(method.clearing.starts, method.search.starts, affordable)
    )

    def add(point: Point, engine: str) -> set[int]:
        """Count a point, with its images if it is new; the policies that led to it."""
        if pool.known(point) is None:
            found = assessed(race, system, point, engine, True)
            if not found.regret <= method.tolerance:
                return set()
            known.append(found)
            pool.add(engine, found, lambda _: found.index or 0)
            one = pool.candidates[-1]
            for players, states in swaps:
                image = found.value[players][:, states], found.build[players][:, states]
                add(Point(*image, found.rounds), engine)
                if (twin := pool.known(Point(*image, found.rounds))) is not None:
                    twin.starts = one.starts
            return one.starts
        pool.add(engine, point)
        same = pool.known(point)
        return same.starts if same else set()

    try:
        for point, engine in _points(race, system, method, None, progress):
            add(point, engine)
        for start in islice(method.search.shares(system), count):
            tried += 1
            progress("search, markets cleared", tried, 1 - tried / count)
            for point in _led(system, method, start, known):
                add(point, ENGINE).add(tried - 1)
        random, times = np.random.default_rng(method.search.seed), 0
        while known and times < method.clearing.repeats and pool.total != 1:
            times += 1
            for start in around(
                system.game, [one.build for one in known], random, count, swaps=swaps
            ):
                tried += 1
                progress("search, markets cleared, around what was found", tried, 0.5)
                for point in islice(_led(system, method, start, known), 1):
                    add(point, ENGINE)
    except StoppedError:
        stopped = True
    found = ordered(known, lambda one: by_first_value(one.value))
    if not found:
        failed = _unsettled(race)
        if stopped:
            failed = Status("stopped", "the search was stopped", "raise the limit, or lower rungs")
        return Found([], failed, Census("partial", "no equilibrium was found", {}, None))
    status = status_of(found, method.tolerance, counting=len(found) > 1)
    if stopped:
        message = f"the search was stopped; {counted(found)} before"
        status = Status("stopped", message, "raise the limit, or lower rungs")
    often = sampled_others([one.starts for one in pool.candidates], min(tried, count), "policy")
    done = f"{_done(tried, method.clearing)}; {often}"
    census = _census(found, pool.engines, done, stopped)
    several = left_open(found)
    for reason in (UNBOUNDED if system.game.decay <= 0 else "", several):
        if reason and not stopped:
            census = replace(census, complete="partial", message=f"{reason}; {census.message}")
    return Found(found, status, census)


def _led(system: System, method: Any, start: Array, known: list[Equilibrium]) -> Iterator[Point]:
    """Where Newton's method leads from a policy, after some rounds of replies.

    If these lead next to an equilibrium that is known, that is where.
    """
    stage: Any = system.stage
    build, price, settings = start, np.zeros(system.size), method.clearing
    for k in range(max(settings.replies) + 1):
        checkpoint()
        value = system.evaluate(build, stage.earned(build, price))
        for found in known if k else ():
            if float(np.abs(build - found.build).max()) < settings.beside:
                yield Point(found.value, found.build, k)
                return
        if k in settings.replies:
            point = method.iteration.newton.polish(system, value, build)
            if point is not None:
                yield Point(point[0], point[1], k)
        scale = float(np.abs(value).max())
        stakes = system.stakes(value)
        price = stage.price(stakes, scale)
        build = stage.settled(stakes, build, price, scale)[0]


def _done(tried: int, settings: Clearing) -> str:
    rounds = " and ".join(map(str, settings.replies))
    return f"Newton's method from {tried} policies, each after {rounds} rounds of replies"


def _census(found: list[Equilibrium], engines: dict[str, int], done: str, stopped: bool) -> Census:
    """What the search is worth; never more than it is."""
    if stopped:
        return Census("partial", f"the search was stopped; by then: {done}", engines, None)
    indices = [one.index for one in found if one.index is not None]
    if len(indices) < len(found):
        return Census("partial", f"an index is not known (searched: {done})", engines, None)
    if reason := unbalanced(indices):
        return Census("partial", f"{reason} (searched: {done})", engines, sum(indices))
    return Census("searched", f"{done}; {BALANCED}", engines, sum(indices))
