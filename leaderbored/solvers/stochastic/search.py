"""The search for equilibria of a Markov game of one's own: engines, candidates and certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from contextvars import Context
from dataclasses import replace
from functools import partial
from itertools import islice

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, Progress, StoppedError, checkpoint
from leaderbored.solvers.hunt import JUMPS, Pool, converged, first_order, missing, sampled_others
from leaderbored.solvers.order import ordered
from leaderbored.solvers.solution import Census, Complete, Found, MarkovEquilibrium, Status
from leaderbored.solvers.stochastic.certificate import lead
from leaderbored.solvers.stochastic.checked import checked, sign
from leaderbored.solvers.stochastic.directional import select_all
from leaderbored.solvers.stochastic.images import Images
from leaderbored.solvers.stochastic.method import MarkovMethod
from leaderbored.solvers.stochastic.newton import from_impatience, newton, take_turns
from leaderbored.solvers.stochastic.outcome import undiscounted, unfound
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.proof import prove
from leaderbored.solvers.stochastic.pure import Comparison
from leaderbored.solvers.stochastic.quantal import along_noise
from leaderbored.solvers.stochastic.replies import (
    backward_induction,
    best_replies,
    replies_in_turn,
)
from leaderbored.solvers.stochastic.starts import (
    alternating,
    aside,
    dear,
    huge,
    odds,
    policies,
    replying,
    retold,
    single,
    written_out,
)
from leaderbored.text import at_most

LARGE_UNKNOWNS = 20_000  # unknowns from which fewer starts are made
ROUNDS = 120  # of best replies, before kinks are written out one by one
STOPPED = "the search was stopped"
ALONE = "one player decides, and its other best policies, if any, are worth the same to it"
NOTHING = f"{STOPPED} before an equilibrium was certified"
ADVICE = "raise the limit, or make the ranges smaller"
GRACE_SECONDS = 1.0  # seconds to certify what was found when the search was stopped
LEAST_LEAD = 1e-7  # of values: by which what is done must beat all else, to be the only best


class Search:
    """A search for equilibria of one problem, and what it has found."""

    def __init__(
        self,
        problem: Problem,
        method: MarkovMethod,
        budget: Budget | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.problem, self.method, self.budget = problem, method, budget or Budget(None)
        self.progress, self.images = progress, Images(problem)
        # multipliers tell no equilibria apart: of who cannot move what has a kink any will do
        told = np.setdiff1d(np.arange(problem.size), problem.slot["kink"])
        self.pool: Pool[Array] = Pool(method.same, 1.0, lambda z: z[told])
        self.tied = len(problem.leads) < len(problem.game.agents)
        self.nearest: tuple[float, Array] | None = None
        self.first: tuple[Array, MarkovEquilibrium] | None = None
        self.comparison: Comparison | None = None

    def watch(self, phase: str, round: int, distance: float) -> None:
        """Tell how it goes, and stop where there is no time left."""
        if self.budget.spent():
            raise StoppedError
        if self.progress is not None:
            self.progress(phase, round, distance)

    def approach(self, x: Array, distance: float) -> None:
        """Remember the choices (X, S) that are nearest to what would be replied to them."""
        if self.nearest is None or distance < self.nearest[0]:
            self.nearest = distance, x

    def checked(self, start: Array) -> Array:
        """The start as an array within bounds."""
        start = np.asarray(start, dtype=float)
        low, high = self.problem.choice_bounds
        if start.shape != low.shape:
            raise ValueError(f"start: shape {start.shape}, expected {low.shape}")
        live = ~self.problem.game.ended
        if not ((start >= low) & (start <= high))[:, live].all():
            raise ValueError("start: actions outside their bounds")
        return np.clip(start, low, high)

    def starts(self, count: int) -> Iterator[Array]:
        """Policies (X, S): in the middle, at the ends, and random ones."""
        return policies(self.problem, count, self.method.seed)

    def tried(self, x: Array) -> Iterator[tuple[str, Array]]:
        """What each engine makes of a start, the cheapest first; go on while it will not do."""
        if self.problem.level_of:
            for made in self._with_lists(x):
                yield from made
            if not replying(self.problem):
                yield from self._by_replies(x)
            return
        problem, z = self.problem, self.problem.point(x)
        engines: dict[str, Callable[..., Array | None]] = {
            "Newton's method": newton,
            "policy iteration": take_turns,
        }
        if self.problem.game.motions:
            for found in best_replies(self.problem, x, self.watch, ROUNDS, self.approach):
                yield "best replies", found
            problem = written_out(self.problem)
            z = problem.point(x)
        for name, engine in engines.items():
            answer = engine(problem, z, watch=self.watch)
            if answer is not None:
                yield name, retold(problem, answer, self.problem)
        for found in best_replies(problem, x, self.watch, near=self.approach):
            yield "best replies", retold(problem, found, self.problem)

    def _with_lists(self, x: Array) -> Iterator[Iterator[tuple[str, Array]]]:
        """What each engine for lists of actions makes of a start."""
        if alternating(self.problem):
            induced = backward_induction(self.problem, x, self.watch)
            yield (("backward induction", found) for found in induced)
            for leads in (self.problem.leads, self.problem.leads[::-1]):
                turns = replies_in_turn(self.problem, x, leads, self.watch)
                yield (("best replies in turn", found) for found in turns)
        if replying(self.problem):
            yield self._by_replies(x)
        path = along_noise(self.problem, odds(self.problem, x), watch=self.watch)
        yield iter([] if path is None else [("path of falling noise", path)])

    def _by_replies(self, x: Array) -> Iterator[tuple[str, Array]]:
        found = best_replies(self.problem, x, self.watch, near=self.approach)
        return (("best replies", z) for z in found)

    # --- answers

    def one(
        self,
        start: Array | None,
        attempts: Callable[[Array], Iterator[tuple[str, Array]]] | None = None,
    ) -> list[MarkovEquilibrium]:
        """The first solution that is an equilibrium."""
        tried = self._attempts(start) if attempts is None or start is None else attempts(start)
        for name, z in tried:
            if not self.pool.add(name, z, partial(sign, self.problem)):
                continue
            found = self.certified(z, name, self.pool.candidates[-1].index)
            if found.regret <= self.method.tolerance:
                return [found]
        return []

    def _attempts(self, start: Array | None) -> Iterator[tuple[str, Array]]:
        first, *others = self.starts(self.method.starts)
        yield from self.tried(first if start is None else start)
        if not self.problem.level_of:
            path = from_impatience(self.problem, first, self.watch)
            if path is not None:
                yield "path from impatience", path
        for x in others:
            yield from self.tried(x)

    @property
    def alone(self) -> bool:
        """Whether at most one agent decides anything, and all pick from lists."""
        return single(self.problem) and not any(a.player.action for a in self.problem.game.agents)

    def best(self) -> Found[MarkovEquilibrium]:
        """The best policy of the one agent that decides, and whether it is the only one."""
        found = self.one(None)
        complete: Complete = "partial"
        message = (
            "one player decides, and in some state is indifferent or nearly so: its other best "
            "policies, which are worth the same to it, are not listed"
        )
        if found:
            x = self.pool.candidates[-1].point[self.problem.slot["choice"]]
            if lead(self.problem, x) > LEAST_LEAD:
                complete = "proved"
                message = "one player decides, and nothing else is as good in any state"
        return self.answered(found, Census(complete, message, self.pool.engines, None))

    def every(self) -> Found[MarkovEquilibrium]:
        """Every solution that the engines find, and what that is worth."""
        if huge(self.problem):
            found, message = self.one(None), "so large a game is searched for the first one alone"
            return self.answered(found, Census("partial", message, self.pool.engines, None))
        few = 4 if self.problem.size > LARGE_UNKNOWNS else self.method.starts
        starts = list(self.starts(few))
        if self.problem.level_of:
            self.among_lists(starts)
        else:
            self.among_numbers(starts)
        found = self.assessed()
        if not found:
            for x in starts[: self.method.repliers]:
                if found := self.one(x, attempts=self.tried):
                    break
        false = len(self.pool) - len(found)
        complete, message = self._worth(few, bool(found))
        total = self.pool.total if self.pool.regular else None
        census = Census(complete, message + first_order(false), self.pool.engines, total)
        return self.answered(found, census)

    def _worth(self, starts: int, found: bool) -> tuple[Complete, str]:
        """Whether these are all solutions, and why."""
        done = self.comparison
        if reason := done and done.beyond(self.method.certified):
            return "partial", reason
        if self.problem.stage.places.jumps:
            return "partial", JUMPS
        reason = "an index is not known: the game is too large or an equilibrium degenerate"
        if reason := missing(self.pool.total) if self.pool.regular else reason:
            if found and single(self.problem):
                return "searched", f"{ALONE}; of its first-order points, {reason}"
            return "partial", reason
        if self.tied:
            return "partial", "only equilibria in which players of one kind do alike"
        count = len(self.pool.engines)
        engines = f"{count} engines" if count > 1 else "one engine"
        often = sampled_others([one.starts for one in self.pool.candidates], starts)
        return "searched", f"{engines}; {done.said if done else ''}{often}; indices add up to 1"

    def keep(self, name: str, z: Array, start: int | None = None) -> None:
        """Count a solution, from a start if given, and what exchanges of players make of it."""
        new = self.pool.add(name, z, partial(sign, self.problem))
        if new and self.first is None:  # so that something can be shown if time runs out
            self.first = z, self._checked(z, name, self.pool.candidates[-1].index)
        if (known := self.pool.known(z)) is None:
            return
        known.starts |= set() if start is None else {start}
        for image in self.images.of(z) if new else ():
            self.keep(name, image)
            if twin := self.pool.known(image):
                twin.starts |= known.starts
                known.starts = twin.starts

    def among_numbers(self, starts: list[Array]) -> None:
        """Every engine for real actions, from every start."""
        for k, x in enumerate(starts):
            for name, z in islice(self.tried(x), 1):
                self.keep(name, z, k)
        path = from_impatience(self.problem, starts[0], self.watch)
        if path is not None:
            self.keep("path from impatience", path)
        for x in starts:
            other = newton(
                self.problem, self.problem.point(x), avoid=[*self.pool], watch=self.watch
            )
            if other is not None:
                polished = newton(self.problem, other, 10)
                self.keep("deflated Newton", other if polished is None else polished)
        for kept in [*self.pool.candidates]:
            for x in aside(self.problem, kept.point):
                if self.pool.total == 1:
                    return
                beside = newton(self.problem, self.problem.point(x), watch=self.watch)
                if beside is not None:
                    self.keep("Newton's method", beside)

    def among_lists(self, starts: list[Array]) -> None:
        """Pure policies are compared; paths of falling noise, and back from where they end."""
        self.comparison = Comparison(self.problem)
        for x in self.comparison.equilibria(self.watch):
            if len(self.pool) < self.method.certified:
                self.keep("comparison", self.problem.point(x))
        for k, x in enumerate(starts):
            every = [self.tried(x)] if dear(self.problem) else self._with_lists(x)
            for made in every:
                for name, z in islice(made, 1):
                    self.keep(name, z, k)
        for x in starts[: 0 if dear(self.problem) else self.method.back]:
            k = 0
            while k < len(self.pool):  # what is found on the way back joins the list
                if self.pool.total == 1:
                    return
                known = self.pool.candidates[k].point
                found = along_noise(self.problem, odds(self.problem, x), known, self.watch)
                if found is not None:
                    self.keep("path of rising noise", found)
                k += 1

    def directional(self, order: list[int]) -> Found[MarkovEquilibrium]:
        """Every equilibrium by backward recursion."""
        selections = select_all(
            self.problem, order, self.method.same, self.method.digits, self.budget.spent
        )
        found, stopped = [], self._late()
        for x in selections.found[: self.method.certified]:
            if stopped:  # the budget that is spent does not count here
                self.pool.add("backward recursion", Context().run(self.problem.point, x))
                continue
            z = self.problem.point(x)
            polished = newton(self.problem, z, 10)
            z = z if polished is None else polished
            self.pool.add("backward recursion", z)
            made = self.certified(z, "backward recursion")
            if made.regret <= self.method.tolerance:
                found.append(made)
        found = ordered(found, lambda e: -e.value[:, 0])
        names = [agent.name for agent in self.problem.game.agents]
        found = self.rescued() if stopped else found
        refused = 0 if stopped else len(selections.found[: self.method.certified]) - len(found)
        census = selections.census(names, len(found), refused)
        if stopped or self.budget.spent():
            message = f"{STOPPED}; equilibria found by then: {len(found)}"
            return Found(found, Status("stopped", message, "raise the limit"), census)
        return self.answered(found, census)

    def _late(self) -> bool:
        """Whether there is no time left, by any budget that is running."""
        try:
            checkpoint()
        except StoppedError:
            return True
        return self.budget.spent()

    def assessed(self) -> list[MarkovEquilibrium]:
        """The solutions that are equilibria; those certified in time, if time runs out."""
        good = []
        for kept in self.pool.candidates:
            found = self.certified(kept.point, kept.engine, kept.index)
            if found.regret <= self.method.tolerance:
                good.append(found)
        return ordered(good, lambda e: -e.value[:, 0])

    def nearest_to(self, status: Status, census: Census) -> Found[MarkovEquilibrium]:
        """Where nothing was certified: what was come nearest to, which may be an equilibrium."""
        if self.nearest is None:
            return Found([], status, census)
        near = self.certified(Context().run(self.problem.point, self.nearest[1]), "best replies")
        stopped = status.code == "stopped"
        if near.regret <= self.method.tolerance:
            late = Status("stopped", f"{STOPPED}; equilibria found by then: 1", ADVICE)
            return Found([near], late if stopped else converged(1), census)
        if not near.regret <= self.method.approximate:
            return Found([], status, census)
        bound = f"no player gains more than {at_most(near.regret, 2)} of its largest value"
        said = f"what is shown is an epsilon-equilibrium, from which {bound}"
        message = f"{STOPPED if stopped else status.message}; {said}"
        return Found([near], Status("approximate", message, status.advice), census)

    def rescued(self) -> list[MarkovEquilibrium]:
        """The solutions that can be certified in a moment, when there is no time left."""
        good: list[MarkovEquilibrium] = []

        def certify() -> None:
            with Budget(GRACE_SECONDS).running():
                for kept in self.pool.candidates:
                    found = self.certified(kept.point, kept.engine)
                    if found.regret <= self.method.tolerance:
                        good.append(found)

        with suppress(StoppedError):
            Context().run(certify)  # the budget that is spent does not count here
        if not good and self.first and self.first[1].regret <= self.method.tolerance:
            good = [self.first[1]]
        return ordered(good, lambda e: -e.value[:, 0])

    def certified(self, z: Array, name: str, known: int | None = None) -> MarkovEquilibrium:
        """A solution with its certificate and, if it is an equilibrium, its proof."""
        seen = self.first is not None and self.first[0] is z
        found = self.first[1] if self.first and seen else self._checked(z, name, known)
        if found.regret <= self.method.tolerance:
            found = replace(found, proof=prove(self.problem, z))
        return found

    def _checked(self, z: Array, name: str, known: int | None = None) -> MarkovEquilibrium:
        return checked(self.problem, z, name, self.method, known)

    def answered(self, found: list[MarkovEquilibrium], census: Census) -> Found[MarkovEquilibrium]:
        """What was found, or else what comes near to an equilibrium."""
        if found:
            return Found(found, converged(len(found)), census)
        return self.nearest_to(unfound(self.problem, len(self.pool)), census)

    def stopped(self) -> Found[MarkovEquilibrium]:
        """What is known when there is no time left."""
        found, census = self.rescued(), Census("partial", STOPPED, self.pool.engines, None)
        if found:
            message = f"{STOPPED}; equilibria found by then: {len(found)}"
            return Found(found, Status("stopped", message, ADVICE), census)
        none = Status("stopped", NOTHING, undiscounted(self.problem) or ADVICE)
        with suppress(StoppedError), Budget(GRACE_SECONDS).running():
            return Context().run(self.nearest_to, none, census)
        return Found([], none, census)
