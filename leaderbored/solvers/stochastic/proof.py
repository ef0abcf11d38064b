r"""Proof that an equilibrium of a Markov game of one's own exists where one was computed.

The conditions are the complementarity problem of :mod:`.problem`: values, what is decided, and
multipliers. :mod:`leaderbored.solvers.numerics.bounded` puts it to the test, with the stage in
balls. What is proved concerns the game as it is compiled: of players that pick from lists, tables
of payoffs and chances with their numbers exactly as the computer holds them; of others, formulas.

Where all pick from lists, a solution is an equilibrium: what a player gets in a state is linear in
its odds, so that none is better by one change of action now, and by discounting none by any policy
(the principle of one-shot deviations). Who learns private shocks before it picks has as equations
that its probabilities are those with which each action is best (:mod:`.responses`), and that a
state is worth the best one's expected payoff: these are smooth, and there are no bounds. Players
that are alike do alike, and share their unknowns. Where real actions steer the state each number is
a kink, with a multiplier. A real action may be no best reply though its first-order conditions
hold. It is one if the player's payoff bends down over the whole range of the action, which is
proved where it can be; otherwise what exists and is alone is a first-order point.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import LATE, checkpoint, spared
from leaderbored.solvers.numerics.balls import UNDEFINED, positive
from leaderbored.solvers.numerics.bounded import Bounded
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import Entries
from leaderbored.solvers.proof import Proof, Proved, unproved
from leaderbored.solvers.stochastic.enclosed import enclosed
from leaderbored.solvers.stochastic.problem import Problem
from leaderbored.solvers.stochastic.responses import Responses, responses, shaken
from leaderbored.solvers.stochastic.starts import settled
from leaderbored.solvers.stochastic.tabled import Tabled

BITS = 128  # of the centre of a ball
MOST_UNKNOWNS = 4_000
MOST_NUMBERS = 8  # that real actions lead to: a kink for each is derived and compiled
MOST_PRODUCTS = 200_000  # of tables over all states: beyond, a proof takes many seconds


def prove(problem: Problem, z: Array) -> Proof:
    """Prove that there is a solution next to a computed one, with no other near, or say why not.

    Parameters
    ----------
    problem : Problem
    z : (size,) array

    Returns
    -------
    Proof
        Of an equilibrium, or of a first-order point. Distances are of values, relative to the
        largest of all, and of what is decided, relative to its size or as it is below one.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> a = MarkovPlayer("A", "2 * a * B.a + b * B.b", actions=("a", "b"))
    >>> b = MarkovPlayer("B", "2 * a * A.a + b * A.b", actions=("a", "b"))
    >>> problem = Problem(MarkovGame([a, b], 0.5))
    >>> proof = prove(problem, problem.point(np.array([[1 / 3], [2 / 3]] * 2)))
    >>> proof.holds, proof.radius < 1e-15, proof.unique, proof.of
    (True, True, 0.01, 'equilibrium')
    """
    if reason := _refusal(problem):
        return unproved(reason)
    with ctx.workprec(BITS):
        try:
            return spared(lambda: _Conditions(*settled(problem, z)).prove(), unproved(LATE))
        except UnprovedError as reason:
            return unproved(str(reason))


def _refusal(problem: Problem) -> str:
    """Why nothing is proved of a game; empty if something may be."""
    agents, stage = problem.game.agents, problem.stage
    ranges = [problem.game.axes[motion.axis] for motion in problem.game.motions]
    numbers = sum(high - low + 1 for low, high in ranges)
    reasons = {
        "private shocks are not enclosed in balls beside real actions or large tables": (
            any(a.player.shocks != "0" for a in agents) and not isinstance(stage, Tabled)
        ),
        f"{numbers} numbers that real actions lead to are too many": numbers > MOST_NUMBERS,
        "a payoff or a chance may jump, of which no derivative knows": stage.places.jumps,
    }
    for reason, holds in reasons.items():
        if holds:
            return reason
    if problem.size > MOST_UNKNOWNS:
        return f"{problem.size:,} unknowns are too many: at most {MOST_UNKNOWNS} are enclosed"
    if problem.game.profiles.few:
        products = problem.states * int(np.prod(problem.game.profiles.shape)) * len(agents) ** 2
        if products * (len(agents) + stage.outcomes) > MOST_PRODUCTS:
            return "its tables are too large to enclose"
    return ""


class _Conditions:
    """F and its derivatives over boxes around a computed solution, for one test."""

    def __init__(self, problem: Problem, z: Array) -> None:
        self.game, self.stage = problem.game, enclosed(problem.stage)
        self.problem, self.count = problem, len(problem.game.agents)
        self.choices = [k for k, (i, _) in enumerate(problem.stage.choices) if i in problem.leads]
        self.kinks = [k for k, i in enumerate(problem.stage.owner.tolist()) if i in problem.leads]
        self.levels = [k for k, i in enumerate(problem.level_of) if i in problem.leads]
        rows = {
            "value": problem.leads,
            "choice": self.choices,
            "kink": self.kinks,
            "level": self.levels,
        }
        self.state = {
            k: s
            for kind, own in rows.items()
            for row in problem.slot[kind][own].tolist()
            for s, k in enumerate(row)
        }
        self.noisy = shaken(problem.stage)
        stays = (problem.stage.destination == np.arange(problem.states)) & problem.continuous
        self.idle = [{*(1 + np.flatnonzero(row)).tolist()} for row in stays.T]
        with ctx.workprec(BITS):
            lower, upper, z = self._bounds(self._levelled(z))
        slot, weights = problem.slot, np.maximum(1.0, np.abs(z))
        scale = float(np.abs(z[slot["value"]]).max()) or 1.0
        weights[slot["value"]] = weights[slot["level"]] = scale
        self.bounded = Bounded(lower, upper, z, weights, forces=self._forces, slopes=self._slopes)

    def _bounds(self, z: Array) -> tuple[Array, Array, Array]:
        """Bounds of unknowns and the point, both the same where nothing is decided."""
        problem, z = self.problem, z.copy()
        slot, ended = problem.slot, problem.game.ended
        z[slot["value"][:, ended]] = problem.end[:, ended]
        still = [slot["value"][:, ended].ravel(), slot["kink"][:, ended].ravel()]
        for k, (i, _) in enumerate(problem.stage.choices):
            still.append(slot["choice"][k][problem.idle[i]])
        lower, upper = problem.lower.copy(), problem.upper.copy()
        for level, i in enumerate(problem.level_of):
            still.append(slot["level"][level][problem.idle[i] | self._shaken(i)])
        for i, noise in self.noisy.items():
            odds = slot["choice"][problem.stage.listed(i)][noise.may]
            lower[odds], upper[odds] = -np.inf, np.inf
        held = np.concatenate(still)
        lower[held] = upper[held] = z[held]
        return lower, upper, z

    def _levelled(self, z: Array) -> Array:
        """The point with multipliers of odds that are what a player's best action pays."""
        z, problem = z.copy(), self.problem
        z[problem.slot["level"]] = 0.0
        for level in self.levels:
            i = problem.level_of[level]
            mine = problem.stage.listed(i)
            for s in np.flatnonzero(~problem.idle[i] & ~self._shaken(i)).tolist():
                places = problem.slot["choice"][mine, s]
                best = int(places[z[places].argmax()])
                (force,) = self._forces([arb(float(x)) for x in z], [best])
                z[problem.slot["level"][level, s]] = float(force.mid())
        return z

    def prove(self) -> Proof:
        """Look for a box."""
        found, radius = self.bounded.alone()
        z = self.bounded.at(found.box, 0.0)
        sure = all(self._best(z, place) for place in self._reals())
        of: Proved = "equilibrium" if sure else "first-order point"
        return Proof(True, radius, found.unique, 0, "", of)

    # --- the conditions, state by state

    def _of(self, z: list[Any], kind: str, s: int) -> list[Any]:
        return [z[k] for k in self.problem.slot[kind][:, s].tolist()]

    def _worth(self, z: list[Any], s: int) -> list[list[Any]]:
        """Of each agent, one for its payoff, and what every outcome is worth to it."""
        found, value = [], self.problem.slot["value"]
        for i in range(self.count):
            reached = [z[value[i, t]] for t in self.problem.stage.destination[:, s].tolist()]
            if self.problem.continuous:
                changes = [
                    arb(0) if c in self.idle[s] else there - z[value[i, s]]
                    for c, there in enumerate(reached, 1)
                ]
                found.append([arb(1), *changes])
            else:
                rate = arb(float(self.problem.discount[i]))
                found.append([arb(1), *(rate * there for there in reached)])
        return found

    def _forces(self, z: list[Any], rows: list[int]) -> list[Any]:
        """F of some unknowns."""
        states = sorted({self.state[k] for k in rows})
        known = {k: force for s in states for k, force in self._force(z, s).items()}
        if not all(known[k].is_finite() for k in rows):
            raise UnprovedError(UNDEFINED)
        return [known[k] for k in rows]

    def _force(self, z: list[Any], s: int) -> dict[int, Any]:
        """F of all unknowns of a state, by where they are."""
        checkpoint()
        slot, worth = self.problem.slot, self._worth(z, s)
        x, weight = self._of(z, "choice", s), self._of(z, "kink", s)
        pieces, first = self.stage.pieces(s, x, weight), self.stage.first(s, x, weight)
        found: dict[int, Any] = {}
        for i in self.problem.leads:
            place = int(slot["value"][i, s])
            pairs = zip(pieces[i], worth[i], strict=True)
            paid = sum((a * b for a, b in pairs if not b.is_zero()), arb(0))
            unit = arb(float(self.problem.discount[i])) if self.problem.continuous else arb(1)
            found[place] = unit * z[place] - paid
        own = [i for i, _ in self.problem.stage.choices]
        for place in slot["choice"][self.choices, s].tolist():
            found[place] = arb(0)
        for (i, c, k), slope in zip(self.stage.places.first.tolist(), first, strict=True):
            if k in self.choices and own[k] == i and not worth[i][c].is_zero():
                found[int(slot["choice"][k, s])] -= slope * worth[i][c]
        for level in self.levels:
            i, nu = self.problem.level_of[level], int(slot["level"][level, s])
            mine = slot["choice"][self.problem.stage.listed(i), s].tolist()
            for place in mine:
                found[place] -= z[nu]
            found[nu] = sum((z[place] for place in mine), arb(-1))
        gaps, _ = self.stage.gaps(s, x, weight)
        for k in self.kinks:
            found[int(slot["kink"][k, s])] = gaps[k]
        for i in self._choosing(s):
            found |= self._noisy_force(z, i, s, worth[i], first)
        return found

    def _slopes(self, z: list[Any]) -> Entries:
        """Derivatives of F."""
        matrix: Entries = {}
        for s in np.flatnonzero(~self.game.ended).tolist():
            checkpoint()
            entries = chain(self._entries(z, s), self._odds(s), self._noisy_entries(z, s))
            for row, column, slope in entries:
                if row in self.bounded.place and column in self.bounded.place:
                    if not slope.is_finite():
                        raise UnprovedError(UNDEFINED)
                    matrix[row, column] = matrix.get((row, column), arb(0)) + slope
        return matrix

    def _entries(self, z: list[Any], s: int) -> Iterator[tuple[int, int, Any]]:
        slot, worth, problem = self.problem.slot, self._worth(z, s), self.problem
        x, weight = self._of(z, "choice", s), self._of(z, "kink", s)
        variables = [*slot["choice"][:, s].tolist(), *slot["kink"][:, s].tolist()]
        destination = problem.stage.destination[:, s].tolist()
        own = [i for i, _ in problem.stage.choices]
        pieces = self.stage.pieces(s, x, weight)
        rates = [arb(float(rate)) for rate in problem.discount]
        unit = [arb(1)] * self.count if problem.continuous else rates
        plain = [i for i in problem.leads if i not in self._choosing(s)]
        for i in plain:
            row = int(slot["value"][i, s])
            yield row, row, rates[i] if problem.continuous else arb(1)
            for c, (chance, t) in enumerate(zip(pieces[i][1:], destination, strict=True), 1):
                if c in self.idle[s]:
                    continue
                yield row, int(slot["value"][i, t]), -unit[i] * chance
                if problem.continuous:
                    yield row, row, chance
        first = self.stage.first(s, x, weight)
        for (i, c, k), slope in zip(self.stage.places.first.tolist(), first, strict=True):
            if c in self.idle[s] or i not in plain:
                continue
            yield int(slot["value"][i, s]), variables[k], -slope * worth[i][c]
            if c and k < len(own) and own[k] == i:
                there = int(slot["value"][i, destination[c - 1]])
                yield variables[k], there, -unit[i] * slope
                if problem.continuous:
                    yield variables[k], int(slot["value"][i, s]), slope
        second = self.stage.second(s, x, weight)
        for (i, c, k, other), bend in zip(self.stage.places.second.tolist(), second, strict=True):
            if c in self.idle[s] or i not in plain:
                continue
            yield variables[k], variables[other], -bend * worth[i][c]
        _, slopes = self.stage.gaps(s, x, weight)
        for (k, other), slope in zip(self.stage.places.gaps.tolist(), slopes, strict=True):
            if k in self.kinks:
                yield int(slot["kink"][k, s]), variables[other], slope

    def _odds(self, s: int) -> Iterator[tuple[int, int, Any]]:
        """Of the multipliers of odds."""
        slot = self.problem.slot
        for level in self.levels:
            i, nu = self.problem.level_of[level], int(slot["level"][level, s])
            for place in slot["choice"][self.problem.stage.listed(i), s].tolist():
                if not self._shaken(i)[s]:
                    yield place, nu, arb(-1)
                    yield nu, place, arb(1)

    # --- of who learns private shocks before it picks

    def _choosing(self, s: int) -> list[int]:
        """Who does in a state."""
        return [i for i in self.noisy if i in self.problem.leads and self._shaken(i)[s]]

    def _shaken(self, i: int) -> Any:
        """(S,) where an agent learns shocks before it picks."""
        none = np.zeros(self.problem.states, dtype=bool)
        return self.noisy[i].may.any(axis=0) if i in self.noisy else none

    def _responses(
        self, i: int, s: int, worth: list[Any], first: list[Any]
    ) -> tuple[list[int], Responses]:
        """The choices that an agent may take, and what it does."""
        noise, listed = self.noisy[i], self.problem.stage.listed(i)
        mine = [k for k, may in zip(listed, noise.may[:, s].tolist(), strict=True) if may]
        paid = dict.fromkeys(mine, arb(0))
        for (j, c, k), slope in zip(self.stage.places.first.tolist(), first, strict=True):
            if j == i and k in paid:
                paid[k] += slope * worth[c]
        law = self.game.agents[i].player.shock_law
        sizes = [arb(float(noise.sizes[k - listed[0], s])) for k in mine]
        return mine, responses(law, [*paid.values()], sizes)

    def _noisy_force(
        self, z: list[Any], i: int, s: int, worth: list[Any], first: list[Any]
    ) -> dict[int, Any]:
        slot, (mine, does) = self.problem.slot, self._responses(i, s, worth, first)
        place = int(slot["value"][i, s])
        found = {place: z[place] - does.worth}
        for k, probability in zip(mine, does.odds, strict=True):
            found[int(slot["choice"][k, s])] = z[int(slot["choice"][k, s])] - probability
        return found

    def _noisy_entries(self, z: list[Any], s: int) -> Iterator[tuple[int, int, Any]]:
        """As probabilities and the best action's payoff depend on what every action pays."""
        if not (choosing := self._choosing(s)):
            return
        slot, worth = self.problem.slot, self._worth(z, s)
        x, weight = self._of(z, "choice", s), self._of(z, "kink", s)
        first, second = self.stage.first(s, x, weight), self.stage.second(s, x, weight)
        for i in choosing:
            mine, does = self._responses(i, s, worth[i], first)
            here = int(slot["value"][i, s])
            rows = [int(slot["choice"][k, s]) for k in mine]
            for row in (here, *rows):
                yield row, row, arb(1)
            for k, column, pays in self._paying(i, s, worth[i], (first, second)):
                b = mine.index(k)
                yield here, column, -does.odds[b] * pays
                for row, slopes in zip(rows, does.slopes, strict=True):
                    yield row, column, -slopes[b] * pays

    def _paying(
        self, i: int, s: int, worth: list[Any], slopes: tuple[list[Any], list[Any]]
    ) -> Iterator[tuple[int, int, Any]]:
        """Of a choice, an unknown, and what its payoff gains of that."""
        slot, problem = self.problem.slot, self.problem
        listed = problem.stage.listed(i)
        mine = [k for k in listed if self.noisy[i].may[k - listed[0], s]]
        rate = arb(float(problem.discount[i]))
        for (j, c, k), slope in zip(self.stage.places.first.tolist(), slopes[0], strict=True):
            if j == i and c and k in mine:
                there = int(problem.stage.destination[c - 1, s])
                yield k, int(slot["value"][i, there]), rate * slope
        for (j, c, k, other), bend in zip(
            self.stage.places.second.tolist(), slopes[1], strict=True
        ):
            if j == i and k in mine:
                yield k, int(slot["choice"][other, s]), bend * worth[c]

    # --- whether what is done is the best reply

    def _reals(self) -> list[tuple[int, int]]:
        """The agents and the states in which they decide real actions."""
        return [
            (i, s)
            for i in self.problem.leads
            if self.problem.stage.reals(i)
            for s in np.flatnonzero(~self.problem.idle[i]).tolist()
        ]

    def _best(self, z: list[Any], place: tuple[int, int]) -> bool:
        """Whether a player's payoff bends down over all that it may do in a state."""
        i, s = place
        mine = self.problem.stage.reals(i)
        if self.problem.stage.listed(i) or i in self.problem.stage.owner.tolist():
            return False
        x, weight = self._of(z, "choice", s), self._of(z, "kink", s)
        for k in mine:
            at = int(self.problem.slot["choice"][k, s])
            low, high = float(self.problem.lower[at]), float(self.problem.upper[at])
            if not np.isfinite([low, high]).all():
                return False
            x[k] = arb(low).union(arb(high))
        second = self.stage.second(s, x, weight)
        worth = self._worth(z, s)[i]
        bends = [[arb(0)] * len(mine) for _ in mine]
        for (j, c, k, other), bend in zip(self.stage.places.second.tolist(), second, strict=True):
            if j == i and k in mine and other in mine and c not in self.idle[s]:
                bends[mine.index(k)][mine.index(other)] -= bend * worth[c]
        return positive(arb_mat(bends))
