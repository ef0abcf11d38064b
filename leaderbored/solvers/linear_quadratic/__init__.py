"""Equilibria of linear-quadratic games: Nash in feedback and in open loop, and Stackelberg.

Without end: in feedback every one of a game of one state, exactly, and of several states what a
search finds; in open loop every one that is linear in the state. Of a game that ends: the only one
that is linear in the state.
Where the first player leads at every stage: the one that ever longer games come to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args
from warnings import catch_warnings

import numpy as np

from leaderbored.games.linear_quadratic import Information, LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.linear_quadratic import scalar
from leaderbored.solvers.linear_quadratic.answers import (
    HIDDEN,
    ONE,
    Answer,
    LinearQuadraticMethod,
    Part,
    ending,
    led,
    planned,
    stationary,
)
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.equilibrium import assemble
from leaderbored.solvers.linear_quadratic.observed import seen
from leaderbored.solvers.linear_quadratic.proof import TURNED
from leaderbored.solvers.linear_quadratic.stationary import Tally, admissible, search
from leaderbored.solvers.proof import unproved
from leaderbored.solvers.solution import Census, Complete, Found, Status

__all__ = ["LinearQuadraticMethod", "equilibria"]

SEARCHED = "Lyapunov iterations, and Newton's method from many starts, also deflated"


def equilibria(
    game: LinearQuadratic,
    method: LinearQuadraticMethod | None = None,
    *,
    all: bool | None = None,
    start: Sequence[Array] | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    information: Information | None = None,
) -> Answer:
    """What :func:`leaderbored.solve` returns of a linear-quadratic game.

    Parameters
    ----------
    game : LinearQuadratic
    method : LinearQuadraticMethod, optional
    all : bool, optional
        Whether to look for every equilibrium (the default) or for one.
    start : sequence of (m_i, n) arrays, optional
        Gains F of each player, under which costs are finite, near which to look for one
        stationary equilibrium in feedback.
    budget, progress : optional
        As of :func:`leaderbored.solve`.
    information : "feedback", "open-loop" or "stackelberg", optional
        By default what the game says.

    Returns
    -------
    Found
        Equilibria by rising total of costs; of the initial state, if there is one.

    Raises
    ------
    ValueError
        If ``information`` is unknown, or ``start`` does not fit.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(3.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> found = equilibria(game)
    >>> [round(float(e.gains["A"][0, 0]), 6) for e in found.equilibria], found.census.complete
    ([2.154701, 0.171573, 5.828427], 'proved')
    """
    method, budget = method or LinearQuadraticMethod(), budget or Budget(None)
    information = information or game.information
    if information not in get_args(Information):
        raise ValueError(
            f"information: expected feedback, open-loop or stackelberg, found {information!r}"
        )
    if reason := game.meaningless(information):
        raise RefusedError(f"information: {information}: {reason}")
    first = [] if start is None else [_started(game, start, information)]
    # what overflows, or is ill-conditioned, fails its certificate
    with np.errstate(all="ignore"), catch_warnings(action="ignore"):
        return _found(game, method, all, first, budget, progress=progress, information=information)


def _found(
    game: LinearQuadratic,
    method: LinearQuadraticMethod,
    all: bool | None,
    first: list[Array],
    budget: Budget,
    *,
    progress: Progress | None,
    information: Information,
) -> Answer:
    try:
        if information == "stackelberg":
            return led(game, method, budget)
        if game.horizon is not None:
            return ending(game, method, information, budget)
        smaller, basis = (game, None) if first else seen(game)
        part = (game, np.eye(game.states)) if first else seen(smaller, linear=False)
        if information == "open-loop" and part[1].any():
            answer = planned(smaller, method, all, budget)
        elif (
            part[0].states == 1
            and not first
            and (exact := _exactly(smaller, method, all, budget, part=part))
        ):
            answer = exact
        else:
            answer = _searched(smaller, method, all, first, budget, part=part, progress=progress)
        if information == "feedback" or not part[1].any():
            answer = _of_lines(smaller, part[1], information, answer)
        return answer if basis is None else _in_full(game, basis, answer)
    except StoppedError:
        stopped = Status("stopped", "the budget ran out", "give more time")
        return Found([], stopped, Census("partial", "stopped", {}, None))


def _of_lines(
    game: LinearQuadratic, basis: Array, information: Information, answer: Answer
) -> Answer:
    """An answer, and in which states costs are linear; in all, constant controls are plans too."""
    made = [replace(point, information=information) for point in answer.equilibria]
    answer = replace(answer, equilibria=made)
    left = game.states - np.linalg.matrix_rank(basis)
    if not game.affine or not left:
        return answer
    many = "the state" if left == game.states else f"{left} of {game.states} states"
    known = f"costs are linear in {many}, to which controls do not answer"
    message = known if left == game.states else f"{known}; {answer.census.message}"
    return replace(answer, census=replace(answer.census, message=message))


def _in_full(game: LinearQuadratic, basis: Array, answer: Answer) -> Answer:
    """An answer in what is observed as one in all states."""
    if np.array_equal(basis, np.eye(game.states)):
        return answer
    made = []
    for point in answer.equilibria:
        gains = [
            np.hstack([point.gains[p.name] @ basis.T, point.offsets[p.name][:, None]])
            for p in game.players
        ]
        n = game.states
        values = np.zeros((len(game.players), n + 1, n + 1))
        values[:, :n, :n] = basis @ point.quadratic @ basis.T
        values[:, :n, n] = values[:, n, :n] = point.linear @ basis.T
        values[:, n, n] = point.constant
        made.append(
            assemble(
                game,
                point.information,
                np.vstack(gains),
                values,
                regret=point.regret,
                residual=point.residual,
                method=point.method,
                proof=point.proof if _apart(game, basis) else unproved(TURNED),
            )
        )
    left = game.states - basis.shape[1] if basis.any() else game.states
    known = f"no cost depends on {left} of {game.states} states, to which controls do not answer"
    census = replace(answer.census, message=f"{known}; {answer.census.message}")
    if left == game.states:
        census = replace(census, message="no cost depends on the state: controls leave it alone")
    return replace(answer, equilibria=made, census=census)


def _apart(game: LinearQuadratic, basis: Array) -> bool:
    """Whether a basis picks some states, on which the others have no effect at all."""
    if not np.isin(basis, [0.0, 1.0]).all():
        return False
    seen = basis.any(axis=1)
    rows = [game.drift[seen]]
    for player in game.players:
        rows += [player.state_cost, player.mixed_cost.T, player.state_linear[None]]
        rows += [part.T for part in player.rival_mixed.values()]
    return not any(part[:, ~seen].any() for part in rows)


def _started(game: LinearQuadratic, start: Sequence[Array], information: str) -> Array:
    """Values of the gains to start from."""
    if game.horizon is not None or information != "feedback":
        raise ValueError("start: expected for stationary equilibria in feedback only")
    core = Core.of(game, affine=False)
    gains = [np.asarray(part, dtype=float) for part in start]
    shapes = [player.control.shape[::-1] for player in game.players]
    if [part.shape for part in gains] != shapes:
        raise ValueError(f"start: expected gains of the shapes {shapes}")
    stacked = np.vstack(gains)
    if not np.isfinite(stacked).all() or core.margin(stacked) <= 0:
        raise ValueError("start: expected gains under which costs are finite")
    return core.evaluate(stacked)


# Feedback, without end


def _exactly(
    game: LinearQuadratic,
    method: LinearQuadraticMethod,
    all: bool | None,
    budget: Budget,
    *,
    part: Part,
) -> Answer | None:
    """One state: every equilibrium; None where the products are too many, or not enough."""
    curved, _ = part
    paid = any(p.rival_costs or p.product_costs or p.rival_mixed for p in curved.players)
    if paid or scalar.rows(curved) > scalar.MOST_ROWS:
        return None
    try:
        values, every = scalar.every_value(curved, budget)
    except ArithmeticError:
        return None
    core = Core.of(curved, affine=False)
    kept = [value for value in values if admissible(core, value) or not value.any()]
    candidates = [(value, "product eigenvalues") for value in kept]
    complete: Complete = "proved" if every else "partial"
    message = (
        "every closed loop is a root of one polynomial, whose roots were all enclosed"
        if every
        else f"more than {scalar.MOST_EQUILIBRIA:,} equilibria: the others were not listed"
    )
    if all is False and len(candidates) > 1:
        complete, message = "partial", ONE
    return stationary(game, method, all, candidates, budget, part=part, worth=(complete, message))


def _searched(
    game: LinearQuadratic,
    method: LinearQuadraticMethod,
    all: bool | None,
    first: Sequence[Array],
    budget: Budget,
    *,
    part: Part,
    progress: Progress | None,
) -> Answer:
    tally = Tally()
    found = search(
        Core.of(part[0], affine=False),
        starts=method.starts,
        seed=method.seed,
        same=method.same,
        first=first,
        budget=budget,
        progress=progress,
        tally=tally,
    )
    worth: tuple[Complete, str] = ("searched", SEARCHED)
    if not game.continuous:
        worth = ("partial", f"{SEARCHED}; {HIDDEN}")
    if len(game.players) > 1:
        one = False if first else all
        answer = stationary(game, method, one, found, budget, part=part, worth=worth)
        told = answer.census.message.replace(SEARCHED, f"{SEARCHED}: {tally}")
        if answer.census.complete == "searched" and tally.once:
            told += f"; {tally.once} found from one start alone, so others may be missing"
            return replace(answer, census=replace(answer.census, complete="partial", message=told))
        return replace(answer, census=replace(answer.census, message=told))
    answer = stationary(game, method, False, found, budget, part=part, worth=worth)
    if not answer.equilibria:
        return answer
    alone = "one player: the values under which costs are finite are unique"
    return replace(answer, census=replace(answer.census, complete="proved", message=alone))


# Open loop, without end


# With an end


# What an answer is worth
