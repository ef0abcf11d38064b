"""Races in roles are solved here: the equilibria in which alike labs do alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import ClassVar

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.race.alike import Alike
from leaderbored.race.board import count_states
from leaderbored.race.race import Race
from leaderbored.race.sorts import count_multisets, count_roles, sorts
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.hunt import Pool
from leaderbored.solvers.markov import BEYOND, Method, beyond, out_of_range
from leaderbored.solvers.markov.alike import Roles
from leaderbored.solvers.markov.answer import by_first_value, status_of
from leaderbored.solvers.markov.apart import ordered_play
from leaderbored.solvers.markov.certificate import mismatched, regret_in_roles
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.stage import ZERO
from leaderbored.solvers.order import ordered
from leaderbored.solvers.proof import UNTRIED, unproved
from leaderbored.solvers.reductions import Reduction
from leaderbored.solvers.solution import Census, Equilibrium, Found, Status

LARGE = 30_000  # values beyond which alike labs are not distinguished unless that is asked for
UNKNOWN = "it is not looked at where alike labs are not distinguished"
SYMMETRIC = (
    "alike labs do alike at leaderboards that look alike to them; equilibria in which they do not "
    "were not looked for"
)
ITERATED = "policy iteration + Newton"
QUICK = 25  # rounds from one start, before the next one is tried
SOME = 40  # policies from which equilibria are looked for when all are asked for


def equilibria(
    alike: Alike,
    method: Method | None,
    *,
    all: bool | None,
    budget: Budget,
    progress: Progress | None,
) -> Found[Equilibrium]:
    """Equilibria in which alike labs do alike, on the leaderboards on which they stand in order.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABCDEFGH"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> found = equilibria(Alike(race), None, all=False, budget=Budget(None), progress=None)
    >>> found.equilibria[0].build.shape, found.equilibria[0].regret < 1e-9
    ((8, 120), True)
    """
    method = method or Method()
    with np.errstate(all="ignore"):
        if failed := out_of_range(alike.game):
            return Found([], failed, Census("partial", SYMMETRIC, {}, None))
        try:
            found = _Room(alike, method, budget, progress).found(bool(all))
        except BEYOND as error:
            return Found([], beyond(error), Census("partial", SYMMETRIC, {}, None))
    return replace(found, equilibria=[ordered_play(alike, one) for one in found.equilibria])


class _Room:
    def __init__(
        self, alike: Alike, method: Method, budget: Budget, progress: Progress | None
    ) -> None:
        self.alike, self.method, self.budget, self.progress = alike, method, budget, progress
        self.system = Roles(alike)
        self.pool: Pool[Equilibrium] = Pool(method.search.same, key=lambda one: one.value)
        self.tried = 0

    def found(self, every: bool) -> Found[Equilibrium]:
        """What is found until done, or until there is no time left."""
        good: list[Equilibrium] = []
        stopped = False
        try:
            for engine, point in self._points(SOME if every else 3):
                one = self._assessed(point, engine)
                if np.isinf(one.regret):  # as values may be where money grows
                    continue
                self.pool.add(engine, one)
                good = [one for one in self.pool if not one.regret > self.method.tolerance]
                if good and not every:
                    break
        except StoppedError:
            stopped = True
        return self._answer(good, every, stopped)

    def _answer(self, good: list[Equilibrium], every: bool, stopped: bool) -> Found[Equilibrium]:
        found = ordered(good, lambda one: by_first_value(one.value))
        found = found or sorted(self.pool, key=lambda one: one.regret)[:1]
        done = f"searched: {self.tried} policies" if every else "one was asked for"
        census = Census("partial", f"{SYMMETRIC} ({done})", self.pool.engines, None)
        if stopped:
            message = "the search was stopped before an equilibrium was certified"
            if good:
                message = f"the search was stopped; equilibria found by then: {len(good)}"
            return Found(found, Status("stopped", message, "raise the limit"), census)
        if not found:
            message = "no equilibrium was found in which alike labs do alike"
            advice = (
                "lower rungs or returns, raise discount, or tell them apart: Method(alike=False)"
            )
            return Found([], Status("not converged", message, advice), census)
        status = status_of(found, self.method.tolerance, counting=len(found) > 1)
        apart = max((one.mismatch or 0.0 for one in found), default=0.0)
        return Found(found, mismatched(apart) or status, census)

    def _points(self, most: int) -> Iterator[tuple[str, Point]]:
        """What each engine finds, the cheapest first."""
        method, system = self.method, self.system
        starts = method.search.shares(system)
        stalled = []
        for start in islice(starts, 3):
            self.tried += 1
            if (point := self._iterated(start, min(QUICK, method.iteration.rounds))) is None:
                stalled.append(start)
            else:
                yield ITERATED, point
        for start in stalled:  # from one start replies may cycle that settle at once from another
            if (point := self._iterated(start, method.iteration.rounds)) is not None:
                yield ITERATED, point
        if method.averaging is not None:
            point = method.averaging.run(system, system.game.idle, self._watch, self._regret)
            if point is not None:
                yield "averaged replies + Newton", point
        if method.homotopy is not None:
            point = method.homotopy.run(system.game, self._watch, system.along)
            if point is not None:
                yield "continuation + Newton", point
        for start in islice(starts, max(most - 3, 0)):
            self.tried += 1
            if (point := self._iterated(start, method.iteration.rounds)) is not None:
                yield ITERATED, point

    def _iterated(self, start: Array, rounds: int) -> Point | None:
        return replace(self.method.iteration, rounds=rounds).run(self.system, start, self._watch)

    def _regret(self, build: Array) -> float:
        return float(regret_in_roles(self.alike, build[0], None)[0].max())

    def _watch(self, phase: str, round: int, distance: float) -> None:
        self.budget.check()
        if self.progress is not None:
            self.progress(f"{phase}, alike labs", round, distance)

    def _assessed(self, point: Point, engine: str) -> Equilibrium:
        """Describe a solved point: its residual, and its regret by the record of the race."""
        system, game = self.system, self.system.game
        build, value = point.build, point.value
        scale = float(np.abs(value).max())
        stakes = system.stakes(value)
        alone = system.at(build)  # what a lab faces when the others build so
        reply = alone.stage.reply(stakes, scale, build)
        slack = alone.game.payoff(reply) - alone.game.payoff(build)
        slack += np.nan_to_num(game.scale * (game.effort(reply) - game.effort(build)) * stakes)
        error = system.matrix(game.hazard(build)) @ value[0] - game.payoff(build)[0]
        gained, mismatch = float("nan"), None
        if self.method.certify:
            regrets, mismatch = regret_in_roles(self.alike, build[0], value[0])
            gained = float(regrets.max())
        return Equilibrium(
            game=game,
            build=build,
            value=value,
            regret=gained,
            residual=float((np.abs(error) + np.abs(slack[0])).max())
            / (game.discount * scale or 1.0),
            radius=float("nan"),
            indifferent=self._indifferent(value, stakes, scale),
            method=engine,
            rounds=point.rounds,
            stability_note=UNKNOWN,
            proof=unproved(f"{UNTRIED} labs are alike, and one stands for all"),
            mismatch=mismatch,
        )

    def _indifferent(self, value: Array, stakes: Array, scale: float) -> int:
        """Roles with several best replies between which another lab cares."""
        game, gain = self.system.game, stakes[0]
        several = (np.abs(gain) <= ZERO * scale) & (game.idle > game.lower)[0]
        if game.returns == 1:
            cost = (game.price * game.capacity)[0]
            level = np.abs(game.scale[0] * gain - cost) <= 1e-8 * cost
            several |= level & (game.upper > game.idle)[0]
        felt = np.abs(self.system.rivals(value)).max(axis=0).toarray().ravel()
        matters = game.scale[0] * felt > 1e-9 * game.discount * scale
        return int((several & matters & game.movable[0]).sum())


@dataclass(frozen=True)
class InRoles(Reduction):
    """A race becomes one in roles, where alike labs are not distinguished.

    Attributes
    ----------
    asked : bool or None
        Whether that is asked for; None: where the race has over 30,000 values.
    """

    asked: bool | None = None
    name: ClassVar[str] = "alike labs not distinguished"
    keeps: ClassVar[bool] = True

    def accept(self, game: Race) -> bool:
        """Whether there are alike labs and no mechanisms, and the race is large or it is asked."""
        if self.asked is False or obstacle(game):
            return False
        values = len(game.labs) * count_states(len(game.labs), game.rungs)
        return bool(self.asked) or values > LARGE

    def obstacle(self, game: Race) -> str:
        """See :func:`obstacle`."""
        return obstacle(game)

    def apply(self, game: Race) -> Alike:
        """The race in roles."""
        return Alike(game)


IN_ROLES = InRoles()


def obstacle(race: Race) -> str:
    """Why a race cannot be solved in roles; empty if it can.

    Examples
    --------
    >>> import leaderbored as lb
    >>> obstacle(lb.Race([lb.Lab("A", 1), lb.Lab("B", 2)], lb.ScarceMarket(0.6),
    ...                  lb.Technology(1), discount=0.5))
    'no two labs are alike but for their names'
    """
    if len(sorts(race.labs)) == len(race.labs):
        return "no two labs are alike but for their names"
    if race.mechanisms.on:
        return f"mechanisms: {', '.join(race.mechanisms.on)}; expected none"
    return ""


def size(alike: Alike) -> dict[str, int]:
    """Labs, multisets, and roles.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(str(i), 1) for i in range(8)]
    >>> size(Alike(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 3)))
    {'players': 8, 'states': 120, 'unknowns': 372}
    """
    race = alike.race
    return {
        "players": len(race.labs),
        "states": count_multisets(race.labs, race.rungs),
        "unknowns": count_roles(race.labs, race.rungs),
    }
