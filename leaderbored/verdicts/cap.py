r"""Whether the longest lead that the model distinguishes decides the verdict.

The race with twice the rungs is solved from what labs do in the race at hand, and only its verdict
is wanted: which leads grow and which close. Best replies to each other come near to an equilibrium
soon, and the signs of most ln q(g), the pace ratio at a lead, are plain long before its digits. So
replies are left off where each is ten times as far from zero as it moved in the last round, in
which replies moved half as much as in the one before at most; where that is not so, or play may end
in several ways, the race is solved to the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from pydantic import ValidationError

from leaderbored.games.markov import Array, Markov
from leaderbored.race import Race
from leaderbored.race.alike import Alike, Ordered
from leaderbored.race.mechanisms import leaderboard
from leaderbored.solvers import Equilibrium, Method, Newton, PolicyIteration, solve
from leaderbored.solvers.budget import LATE, Budget, Progress, StoppedError
from leaderbored.solvers.markov.alike import Roles
from leaderbored.solvers.markov.compiled import meets
from leaderbored.solvers.markov.precise import SMALL_GAIN
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.markov.work import unchecked
from leaderbored.verdicts.pace import pace_ratio
from leaderbored.verdicts.reading import Reading, read

MOVES = 0.5  # rungs by which a crossing moves before the cap is said to matter
ROUNDS = 8  # of best replies, at most
NEAR = 0.01  # distance of shares from where replies lead, at which the verdict is looked at
CLOSELY = 1e-11  # of the largest value: how well values are known then, in large games
SURE = 10.0  # times as far from zero as it moved last, ln q has the sign that it has


def cap_matters(
    race: Race, board: Equilibrium, found: Reading, budget: Budget, progress: Progress | None
) -> tuple[bool | None, str]:
    """Whether the verdict of the race with twice the rungs differs; or why that is not known."""
    if reason := unchecked(race, roles=isinstance(board.game, Ordered)):
        return None, reason
    other = None
    try:
        with budget.running():
            other = _longer(race, board, found, budget, progress)
    except ValidationError:  # revenue overflows at longer leads, or there are too many of them
        return None, "there is no such race"
    except (StoppedError, np.linalg.LinAlgError):  # singular: numbers of extreme sizes
        pass
    if other is None:
        return None, LATE if budget.spent() else "it did not converge"
    mine, theirs = found.shape, other.shape
    if mine.kind != theirs.kind or len(mine.crossings) != len(theirs.crossings):
        return True, ""
    if {end.kind for end in found.ends} != {end.kind for end in other.ends}:
        return True, ""
    moved = [abs(a - b) for a, b in zip(mine.crossings, theirs.crossings, strict=True)]
    return max(moved, default=0.0) > MOVES, ""


class _Longer(NamedTuple):
    """The race with twice the rungs, and what labs do in it if they go on as in the shorter one."""

    race: Race
    game: Markov
    system: System
    build: Array
    value: Array

    def on_board(self, build: Array) -> Array:
        """(N, S) shares on leaderboards, of those of the system."""
        if isinstance(self.game, Ordered):
            return np.asarray(build[0][self.game.alike.seats].T)
        return build


def _longer(
    race: Race, board: Equilibrium, found: Reading, budget: Budget, progress: Progress | None
) -> Reading | None:
    """What is read off the longer race, sought from here; None if it did not converge."""
    longer = _extended(race, board)
    if not meets(race):
        build, reading = _replied(longer, found, _relabelled(progress))
        if reading is not None:
            return reading
        longer = longer._replace(build=build)
    iteration = PolicyIteration(newton=Newton(tolerance=1e-6))
    if isinstance(longer.game, Ordered):
        return _in_roles(longer, iteration, budget, _relabelled(progress))
    method = Method(iteration, averaging=None, homotopy=None, certify=False)
    solution = solve(
        longer.race,
        method,
        start=longer.build,
        limit=budget.spent,
        progress=_relabelled(progress),
    )
    if not solution.equilibria:
        return None
    chosen = solution.equilibria[0]
    return read(longer.race, chosen.game, chosen.build)


def _in_roles(
    longer: _Longer, iteration: PolicyIteration, budget: Budget, progress: Progress | None
) -> Reading | None:
    """The same where alike labs are not distinguished."""

    def watch(phase: str, round: int, distance: float) -> None:
        budget.check()
        if progress:
            progress(phase, round, distance)

    point = iteration.run(longer.system, longer.build, watch)
    if point is None:
        return None
    return read(longer.race, longer.game, longer.on_board(point.build))


def _extended(race: Race, board: Equilibrium) -> _Longer:
    longer = replace(race, rungs=2 * race.rungs)
    if isinstance(board.game, Ordered):
        alike, short = Alike(longer), board.game.alike
        at, seat = alike.roles.T
        near = short.multiset(np.minimum(alike.boards, race.rungs))[at]
        start, value = (each[seat, near][None] for each in (board.build, board.value))
        return _Longer(longer, alike.ordered, Roles(alike), start, value)
    states = race.states()
    digits = (race.rungs + 1) ** np.arange(len(race.labs))
    place, order = np.minimum(longer.states(), race.rungs) @ digits, np.argsort(states @ digits)
    near = order[np.searchsorted((states @ digits)[order], place)]
    boards = race.board()[0]
    copies = race.copies
    if copies > 1:  # as many as leaderboards: each with every one that customers perceive
        beside = near if copies == len(states) else np.arange(copies)
        near = (copies * near[:, None] + beside).ravel()
    blocks = np.arange(0, len(boards), copies * len(states))[:, None]
    game, near = longer.markov(), (blocks + near).ravel()
    ended = ((0, 0), (0, len(game.states) - len(near)))
    start, value = (np.pad(each[:, near], ended) for each in (board.build, board.value))
    start = np.clip(start, game.lower, game.upper)
    return _Longer(longer, game, System(game), start, value)


def _replied(
    longer: _Longer, short: Reading, progress: Progress | None
) -> tuple[Array, Reading | None]:
    """Shares after some rounds of best replies; and what is read off them, where that is sure."""
    race, game, system, build, value = longer
    last = np.inf
    for k in range(1, ROUNDS + 1):
        value = system.evaluate(build, guess=value, relative=CLOSELY)
        scale = float(np.abs(value).max())
        reply = system.reply(value, scale, build)
        distance = float(np.abs(reply - build).max())
        if progress:
            progress("best replies", k, distance)
        if not distance <= last / 2:
            break
        left = distance and distance**2 / (last - distance)  # to go, if it goes on so
        before, build, last = build, reply, distance
        if left > NEAR or k == 1:
            continue
        if (system.game.movable & (np.abs(system.gain(value)) <= SMALL_GAIN * scale)).any():
            break  # of which replies to them are not known to any digit
        found = read(race, game, longer.on_board(build))
        if _sure(race, game, longer.on_board(before), found, short):
            return build, found
    return build, None


def _sure(race: Race, game: Markov, before: Array, found: Reading, short: Reading) -> bool:
    """Whether what was read is so, though shares moved in the last round from others before."""
    if len(found.ends) > 1 or not found.ends[0].moves:
        return False
    game = leaderboard(game)
    hazard, never = game.hazard(before[:, : len(game.states)]), found.law.never
    if ((hazard > never) != (found.hazard > never)).any():
        return False
    votes = np.array(found.shape.votes, dtype=int) - 1
    with np.errstate(all="ignore"):
        now, then = (
            np.log(found.pace[votes]),
            np.log(pace_ratio(race, hazard, found.law, game)[votes]),
        )
        if not (np.abs(now) > SURE * np.abs(now - then)).all():
            return False
    crossings = found.shape.crossings, short.shape.crossings
    if len(crossings[0]) != len(crossings[1]):
        return True
    moved = [abs(a - b) for a, b in zip(*crossings, strict=True)]
    return all(abs(each - MOVES) > 1 / SURE for each in moved)


def _relabelled(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda phase, round, distance: progress(f"twice the rungs: {phase}", round, distance)
