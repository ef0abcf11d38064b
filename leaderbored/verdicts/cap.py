"""Whether the longest lead that the model distinguishes decides the verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from pydantic import ValidationError

from leaderbored.games.markov import Array
from leaderbored.race import Race, count_states
from leaderbored.solvers import Method, Newton, PolicyIteration, solve
from leaderbored.solvers.budget import LATE, Budget, Progress, StoppedError
from leaderbored.verdicts.reading import Reading, read

MOVES = 0.5  # rungs by which a crossing moves before the cap is said to matter
MAX_DOUBLED = 200_000  # states of the race with twice the rungs


def cap_matters(
    race: Race, build: Array, found: Reading, budget: Budget, progress: Progress | None
) -> tuple[bool | None, str]:
    """Whether the verdict of the race with twice the rungs differs; or why that is not known."""
    if count_states(len(race.labs), 2 * race.rungs) > MAX_DOUBLED:
        return None, f"it has over {MAX_DOUBLED:,} states"
    other = None
    try:
        longer = replace(race, rungs=2 * race.rungs)
        with budget.running():
            other = _longer(race, longer, build, budget, progress)
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


def _longer(
    race: Race, longer: Race, build: Array, budget: Budget, progress: Progress | None
) -> Reading | None:
    """What is read off the longer race, sought from these shares; None if it did not converge."""
    states = race.states()
    index = {tuple(state): k for k, state in enumerate(states.tolist())}
    nearest = np.minimum(longer.states(), race.rungs).tolist()
    near = np.array([index[tuple(state)] for state in nearest])
    boards = race.board()[0]
    copies = race.copies
    if copies > 1:  # as many as leaderboards: each with every one that customers perceive
        beside = near if copies == len(states) else np.arange(copies)
        near = (copies * near[:, None] + beside).ravel()
    blocks = np.arange(0, len(boards), copies * len(states))[:, None]
    start = build[:, (blocks + near).ravel()]
    longer_game = longer.markov()
    ended = len(longer_game.states) - start.shape[1]
    start = np.clip(np.pad(start, ((0, 0), (0, ended))), longer_game.lower, longer_game.upper)
    iteration = PolicyIteration(newton=Newton(tolerance=1e-6))
    method = Method(iteration, averaging=None, homotopy=None, certify=False)
    solution = solve(
        longer, method, start=start, limit=budget.spent, progress=_relabelled(progress)
    )
    if not solution.equilibria:
        return None
    chosen = solution.equilibria[0]
    return read(longer, chosen.game, chosen.build)


def _relabelled(progress: Progress | None) -> Progress | None:
    if progress is None:
        return None
    return lambda phase, round, distance: progress(f"twice the rungs: {phase}", round, distance)
