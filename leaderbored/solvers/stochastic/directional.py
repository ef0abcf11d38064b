r"""Every equilibrium of a game whose state never comes back.

If no chain of events leads from a state through others back to it, the states can be put in order
and solved from the last one backwards: at each the values of all later states are known, and what
is left is a game in one state. It may have several equilibria, and each choice among them changes
the games before it; all combinations together are all equilibria (recursive lexicographical
search: Iskhakov, Rust and Schjerning, Review of Economic Studies 83, 2016).

That is theorem, if each state's game is solved in full: in closed form where one player decides or
two do between two actions each (:mod:`.selections`), else by Newton's method from many starts
(:mod:`.spot`). ``complete`` says so only where the indices of what was found add up to one in every
state, which is necessary, and of the latter not sufficient: two that cancel may be missing. Tuning
are the starts in a state, the distance at which two solutions are one, the digits at which two sets
of values are, and how many selections are kept.

Where what is done at a state does not change where it leads, its equilibria do not depend on later
values. States whose values matter to nobody's choice multiply the count and are not told apart, so
that a count may be astronomical.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from math import prod

import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.kernels.selections import DONE, FULL, HOLE
from leaderbored.solvers.solution import Census
from leaderbored.solvers.stochastic.certificate import one_shot
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.selections import Small
from leaderbored.solvers.stochastic.slopes import ROUNDING
from leaderbored.solvers.stochastic.spot import Spot

STORED = 1_000  # selections kept one by one


@dataclass(frozen=True)
class Selections:
    """Equilibria of a directional game.

    Attributes
    ----------
    count : int
        How many there are.
    found : list of (X, S) arrays
        Their choices, or those of the first thousand.
    complete : bool
        Whether the indices in every state added up to one.
    continua : int
        In how many states some player is indifferent in some stage game, so that there may be a
        continuum of equilibria: of each, those that are pure or in closed form count, one of each
        value.
    lowest, highest : (N, S) arrays
        Over all of them, what each state is worth to each agent at least and at most.
    isolated : int or None
        How many have no such stage game in any state; None if that was not counted.
    total : (2, S) array or None
        The least and the most that all agents get together; None if they discount differently, or
        it was not worked out.
    best : (S,) array or None
        The most that they could get together from each state on, by any policies.
    """

    count: int
    found: list[Array]
    complete: bool
    continua: int
    lowest: Array
    highest: Array
    isolated: int | None = None
    total: Array | None = None
    best: Array | None = None

    def census(self, names: list[str], shown: int, refused: int = 0) -> Census:
        """What backward recursion is worth, and what is known of those that are not shown.

        ``names`` are the agents', ``shown`` is how many are, and ``refused`` how many of those
        that were tried could not be certified.

        Examples
        --------
        >>> one, value = np.ones((1, 1)), np.array([[2.0]])
        >>> found = Selections(1, [one], True, 0, value, value)
        >>> found.census(["A"], 1).message
        'one equilibrium: the indices of the solutions add up to 1 in every state'
        """
        count = self.count
        message = "one equilibrium" if count == 1 else f"{count:,} equilibria"
        if shown < count:
            message += f", of which {shown} are shown"
        if refused:
            message += f" and {refused} could not be certified"
        if self.complete:
            message += ": the indices of the solutions add up to 1 in every state"
        elif self.continua:
            many = self.continua
            where = "one state" if many == 1 else f"{many:,} states"
            message += (
                f": in {where} some player is indifferent, so that there may be a continuum, "
            )
            message += "of which one of each value that was found is counted"
            if self.isolated is not None:
                message += f"; {self.isolated:,} have none in any state"
        else:
            message += ": in some state indices do not add up to 1, or the search was stopped"
        ends = np.stack([self.lowest, self.highest], axis=-1).tolist()
        total, best = self.total, self.best
        return Census(
            "searched" if self.complete and not refused else "partial",
            message,
            {"backward recursion": count},
            None,
            count if count > shown else None,
            dict(zip(names, ends, strict=True)) if shown else None,
            self.continua,
            self.isolated,
            None if total is None or not shown else total.T.tolist(),
            None if best is None else best.tolist(),
        )


def backwards(problem: Problem) -> list[int] | None:
    """States from the last to the first; None if some chain of events leads back.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovGame, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)},
    ...                    events=[Event({"d": "d + 1"}, hazard="sqrt(b)")])
    >>> backwards(Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 2)})))
    [2, 1, 0]
    """
    size = problem.states
    graph = sp.csr_array((size, size))
    for choices in problem.game.trials():
        moves, _ = problem.chain(np.array(choices))
        graph = graph + (moves > ROUNDING)
    graph = (graph > 0).tolil()
    graph.setdiag(False)
    graph = graph.tocsr()
    graph.eliminate_zeros()
    count, _ = connected_components(graph, connection="strong")
    if count < size:
        return None
    waiting = np.diff(graph.indptr)
    into = graph.T.tocsr()
    ready = sorted(np.flatnonzero(waiting == 0).tolist(), reverse=True)
    order: list[int] = []
    while ready:
        s = ready.pop(0)
        order.append(s)
        for before in into.indices[into.indptr[s] : into.indptr[s + 1]]:
            waiting[before] -= 1
            if waiting[before] == 0:
                ready.append(int(before))
    return order


def select_all(
    problem: Problem,
    order: list[int],
    same: float,
    digits: int,
    spent: Callable[[], bool] | None = None,
) -> Selections:
    """Every equilibrium of a directional game.

    Parameters
    ----------
    problem : Problem
    order : list of int
        From :func:`backwards`.
    same, digits : float, int
        As of the method: what counts as one equilibrium of a state, and as one selection.
    spent : callable, optional
        Says when to stop; what is counted by then is too little, and not called complete.

    Returns
    -------
    Selections
    """
    spent = spent or (lambda: False)
    small = Small.of(problem, order)
    counted = None if small is None else _counted(small, spent)
    return counted or _Recursion(problem, order, same, digits, spent).run()


def _counted(small: Small, spent: Callable[[], bool]) -> Selections | None:
    """Selections of a game whose stage games have closed forms; None if they are too many."""
    first = [*islice(chain.from_iterable(choices for choices, _ in small.listed()), STORED)]
    memory, plan = small.count(spent)
    if memory.at[FULL]:
        return None
    done = bool(memory.at[DONE])
    alike = prod(memory.found[plan.constant & ~plan.branch].tolist())  # times all that was counted
    players = len(memory.low) - 1
    return Selections(
        int(memory.total[0]) * alike,
        first,
        done and not memory.at[HOLE] and not memory.continuum.any(),
        int(memory.continuum.sum()),
        memory.lowest[:players],
        memory.highest[:players],
        int(memory.total[1]) * alike,
        np.stack([memory.lowest[-1], memory.highest[-1]]) if small.even else None,
        small.best if small.even else None,
    )


def each(
    problem: Problem, order: list[int], same: float, digits: int
) -> Iterator[tuple[Array, Array, float]]:
    """Every equilibrium of a directional game, one after the other: none is kept.

    Parameters
    ----------
    problem, order, same, digits
        As of :func:`select_all`.

    Yields
    ------
    (X, S) array
        Choices.
    (N, S) array
        Values.
    float
        Bound on what any agent gains by any other policy, relative to its largest value.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "2 * a * B.a + b * B.b", actions=("a", "b"))
    >>> b = MarkovPlayer("B", "2 * a * A.a + b * A.b", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([a, b], discount=0.5))
    >>> [value.round(6).ravel().tolist() for _, value, _ in each(problem, [0], 1e-7, 10)]
    [[4.0, 4.0], [2.0, 2.0], [1.333333, 1.333333]]
    """
    small = Small.of(problem, order)
    recursion = _Recursion(problem, order, same, digits, lambda: False)
    for choices, values in recursion.listed() if small is None else small.listed():
        regrets = one_shot(problem, values, choices)
        yield from zip(choices, values, regrets.tolist(), strict=True)


@dataclass
class _Branch:
    """Values of the states solved so far, choices there, and how many selections share them."""

    value: Array
    choice: Array
    count: int


class _Recursion:
    def __init__(
        self,
        problem: Problem,
        order: list[int],
        same: float,
        digits: int,
        spent: Callable[[], bool],
    ) -> None:
        self.problem, self.order, self.spent = problem, order, spent
        self.same, self.digits = same, digits
        self.steered = self._steered()
        self.known: dict[tuple[int, bytes], list[tuple[Array, Array]]] = {}
        self.complete, self.loose = True, set[int]()
        reached = self.problem.stage.destination
        self.ahead = [np.setdiff1d(reached[:, s], [s]) for s in range(problem.states)]
        shape = (len(problem.game.agents), problem.states)
        self.lowest, self.highest = np.full(shape, np.inf), np.full(shape, -np.inf)

    def run(self) -> Selections:
        problem = self.problem
        players, states = len(problem.game.agents), problem.states
        fresh = _Branch(
            np.zeros((players, states)), np.zeros((len(problem.stage.choices), states)), 1
        )
        branches = [fresh]
        needed, matters = self._needs()
        for k, s in enumerate(self.order):  # the recursion of the theorem, one stage game a state
            if self.spent():
                self.complete = False
                break
            grown: list[_Branch] = []
            for branch in branches:
                if self.spent():
                    self.complete = False
                    return self._so_far(branches)
                for value, choice in self.at(s, branch.value):
                    after = _Branch(branch.value.copy(), branch.choice.copy(), branch.count)
                    after.value[:, s], after.choice[:, s] = value, choice
                    self.lowest[:, s] = np.minimum(self.lowest[:, s], value)
                    self.highest[:, s] = np.maximum(self.highest[:, s], value)
                    grown.append(after)
            if not grown:
                self.complete = False
                break
            # Counted are all; told apart only those that states still to be solved can tell apart.
            branches = grown if len(grown) <= STORED else self._merged(grown, needed[k], matters)
        return self._so_far(branches)

    def listed(self) -> Iterator[tuple[Array, Array]]:
        """Every selection by itself: choices (1, X, S) and values (1, N, S)."""
        value = np.zeros((len(self.problem.game.agents), self.problem.states))
        choice = np.zeros((len(self.problem.stage.choices), self.problem.states))

        def deeper(k: int) -> Iterator[tuple[Array, Array]]:
            if k == len(self.order):
                yield choice[None].copy(), value[None].copy()
                return
            s = self.order[k]
            for reached, taken in self.at(s, value):
                checkpoint()
                value[:, s], choice[:, s] = reached, taken
                yield from deeper(k + 1)
            value[:, s] = 0.0

        yield from deeper(0)

    def _so_far(self, branches: list[_Branch]) -> Selections:
        total = sum(branch.count for branch in branches)
        found = [branch.choice for branch in branches[:STORED]]
        ends = self.lowest, self.highest
        return Selections(total, found, self.complete, len(self.loose), *ends)

    def _needs(self) -> tuple[list[np.ndarray], np.ndarray]:
        """States that those still to be solved look at, by step; and whose values matter."""
        problem = self.problem
        reach = problem.stage.destination  # (C, S)
        matters = np.zeros(problem.states, dtype=bool)
        # Values of t matter if some state that is steered, or matters itself, may lead to t.
        for s in reversed(self.order):  # from the first: what later states mean to those before
            if self.steered[s] or matters[s]:
                matters[reach[:, s]] = True
        needed = []
        for k in range(len(self.order)):
            ahead = self.order[k + 1 :]
            seen = np.zeros(problem.states, dtype=bool)
            seen[np.unique(reach[:, ahead])] = True
            needed.append(seen)
        return needed, matters

    def _steered(self) -> np.ndarray:
        """(S,) whether what is done in a state changes where it leads."""
        places = self.problem.stage.places.first
        stage, tried = self.problem.stage, map(np.array, self.problem.game.trials())
        slopes = np.array(
            [stage.first(x, stage.halfway(x)) for x in tried]
        )  # in the middle a slope may vanish that does not elsewhere
        of_chance = places[:, 1] > 0  # column 0 is the payoff
        return np.asarray((slopes[:, of_chance] != 0).any(axis=(0, 1)))

    def at(self, s: int, value: Array) -> list[tuple[Array, Array]]:
        """Values and choices of every equilibrium in a state, later values given."""
        seen = value[:, self.ahead[s]].round(self.digits) + 0.0
        # Not steered: what later states are worth shifts all payoffs alike, and moves no choice.
        key = s, seen.tobytes() if self.steered[s] else b""
        if key not in self.known:
            spot = Spot(self.problem, s, value)
            found, total, isolated = spot.solve(self.same)
            self.complete &= total == 1 and isolated
            self.loose |= set() if isolated else {s}
            self.known[key] = found
        if self.steered[s]:
            return self.known[key]
        spot = Spot(self.problem, s, value)
        return [(spot.follow(choice[:, None])[:, 0], choice) for _, choice in self.known[key]]

    def _merged(
        self, branches: list[_Branch], needed: np.ndarray, matters: np.ndarray
    ) -> list[_Branch]:
        """One branch for all that look alike to the states still to be solved."""
        seen = needed & matters
        kept: dict[bytes, _Branch] = {}
        for branch in branches:
            key = (branch.value[:, seen].round(self.digits) + 0.0).tobytes()
            if key in kept:
                kept[key].count += branch.count
            else:
                kept[key] = branch
        return list(kept.values())
