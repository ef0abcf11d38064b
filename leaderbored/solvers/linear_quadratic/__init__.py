"""Nash equilibria of linear-quadratic games, in feedback and in open loop.

Without end: in feedback every one of a game of one state, exactly, and of several states what a
search finds; in open loop every one that is linear in the state. Of a game that ends: the only one
that is linear in the state.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from warnings import catch_warnings

import numpy as np

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, Progress, StoppedError
from leaderbored.solvers.hunt import converged
from leaderbored.solvers.linear_quadratic import horizon, open_loop, scalar
from leaderbored.solvers.linear_quadratic.certificate import gain_for_ever, gain_to_the_end
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.equilibrium import (
    Information,
    LinearQuadraticEquilibrium,
    assemble,
)
from leaderbored.solvers.linear_quadratic.observed import seen
from leaderbored.solvers.linear_quadratic.stationary import admissible, isolated, lift, search
from leaderbored.solvers.order import ordered
from leaderbored.solvers.solution import Census, Complete, Found, Status

MOMENTS = 101  # at which gains of a game that ends are given
Point = LinearQuadraticEquilibrium
Answer = Found[LinearQuadraticEquilibrium]
CLEARLY = 1e-3  # regret of what is no equilibrium, rather than imprecise
HIDDEN = "in discrete time equilibria of many times the cost may well be missing"
FEW = 12  # equilibria of a continuum to list
CONTINUUM = "some are not isolated: they may lie in a continuum, of which these are a few"
SEARCHED = "Lyapunov iterations, and Newton's method from many starts, also deflated"
How = tuple[Information, str]
STOPPED = "the budget ran out; equilibria may be missing"
ONE = "one equilibrium was asked for; there may be others"
Candidate = tuple[Array, str]  # values on the state, and what found them
Part = tuple[LinearQuadratic, Array]  # a game in some directions of the state; and the directions


@dataclass(frozen=True)
class LinearQuadraticMethod:
    """How to solve a linear-quadratic game.

    Parameters
    ----------
    tolerance : float
        Largest regret and residual of an equilibrium, both relative.
    starts : int
        Of several states: from how many random starts in a row Newton's method has to find
        nothing new before the search ends; fewer if the game is large.
    seed : int
        Of the random starts.

    Examples
    --------
    >>> LinearQuadraticMethod().tolerance
    1e-08
    """

    tolerance: float = 1e-8
    starts: int = 100
    seed: int = 0


def equilibria(
    game: LinearQuadratic,
    method: LinearQuadraticMethod | None = None,
    *,
    all: bool | None = None,
    start: Sequence[Array] | None = None,
    budget: Budget | None = None,
    progress: Progress | None = None,
    information: Information = "feedback",
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
    information : "feedback" or "open-loop"

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
    if information not in get_args(Information):
        raise ValueError(f"information: expected feedback or open-loop, found {information!r}")
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
        if game.horizon is not None:
            return _ending(game, method, information, budget)
        smaller, basis = (game, None) if first else seen(game)
        part = (game, np.eye(game.states)) if first else seen(smaller, linear=False)
        if information == "open-loop" and part[1].any():
            answer = _planned(smaller, method, all, budget)
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
            )
        )
    left = game.states - basis.shape[1] if basis.any() else game.states
    known = f"no cost depends on {left} of {game.states} states, to which controls do not answer"
    census = replace(answer.census, message=f"{known}; {answer.census.message}")
    if left == game.states:
        census = replace(census, message="no cost depends on the state: controls leave it alone")
    return replace(answer, equilibria=made, census=census)


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
    if any(p.rival_costs for p in curved.players) or scalar.rows(curved) > scalar.MOST_ROWS:
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
    return _stationary(game, method, all, candidates, budget, part=part, worth=(complete, message))


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
    found = search(
        Core.of(part[0], affine=False),
        starts=method.starts,
        seed=method.seed,
        first=first,
        budget=budget,
        progress=progress,
    )
    worth: tuple[Complete, str] = ("searched", SEARCHED)
    if not game.continuous:
        worth = ("partial", f"{SEARCHED}; {HIDDEN}")
    if len(game.players) > 1:
        one = False if first else all
        return _stationary(game, method, one, found, budget, part=part, worth=worth)
    answer = _stationary(game, method, False, found, budget, part=part, worth=worth)
    if not answer.equilibria:
        return answer
    alone = "one player: the values under which costs are finite are unique"
    return replace(answer, census=replace(answer.census, complete="proved", message=alone))


def _stationary(
    game: LinearQuadratic,
    method: LinearQuadraticMethod,
    all: bool | None,
    candidates: Iterable[Candidate],
    budget: Budget,
    *,
    part: Part,
    worth: tuple[Complete, str],
) -> Answer:
    """Check candidates for a part of the state, with their linear and constant terms."""
    (curved, basis), core = part, Core.of(game, affine=game.affine)
    small, endless = Core.of(curved, affine=False), _endless(game, basis)
    made: list[Point] = []
    tried = clearly = 0
    for values, engine in candidates:
        if budget.spent() and made:
            worth = ("partial", STOPPED)
            break
        tried += 1
        full = lift(core, basis @ values @ basis.T)
        if full is None:
            clearly += endless
        if full is not None:
            error = core.relative_residual(full)
            point = _point(
                game, core, core.gains(full), full, residual=error, how=("feedback", engine)
            )
            made += [point] if _good(point, method) else []
            clearly += point.regret > CLEARLY
            if worth[0] == "searched" and not isolated(small, values):
                worth = ("partial", CONTINUUM)
        if (all is False and made) or (worth[1] == CONTINUUM and len(made) >= FEW):
            break
    if budget.spent() and worth[0] == "searched":
        worth = ("partial", STOPPED)
    if all is False and worth[0] == "searched":
        worth = ("partial", ONE)
    return _answer(made, tried, worth, clearly)


def _endless(game: LinearQuadratic, basis: Array) -> bool:
    """Whether states outside a basis grow too fast for costs that are linear in them."""
    rest = np.linalg.svd(basis)[0][:, basis.shape[1] :] if basis.any() else np.eye(game.states)
    growth = np.linalg.eigvals(rest.T @ game.drift @ rest)
    if game.continuous:
        return bool(growth.real.max(initial=-np.inf) >= (game.discount or 0.0))
    return bool(
        np.abs(growth).max(initial=0.0) * (1.0 if game.discount is None else game.discount) >= 1
    )


# Open loop, without end


def _planned(
    game: LinearQuadratic, method: LinearQuadraticMethod, all: bool | None, budget: Budget
) -> Answer:
    core = Core.of(game, affine=game.affine)
    found, extra, every = open_loop.costates(core)
    made: list[Point] = []
    clearly = 0
    worth: tuple[Complete, str] = ("proved", "the only stable subspace of the Hamiltonian system")
    if extra > 0:
        worth = (
            "partial",
            f"{extra} more stable eigenvalues than states: for a given state there may be a "
            "continuum of others; listed are "
            + ("all" if every else "some")
            + " whose plans are linear in every state",
        )
    for k in found:
        gains = core.gains(k)
        if core.margin(gains) > 0:
            values, error = core.evaluate(gains), open_loop.residual(core, k)
            how: How = ("open-loop", "invariant subspaces")
            point = _point(game, core, gains, values, residual=error, how=how)
            made += [point] if _good(point, method) else []
            clearly += point.regret > CLEARLY
        if all is False and made:
            break
        if budget.spent():
            worth = ("partial", STOPPED)
            break
    return _answer(made, len(found), worth, clearly)


# With an end


def _ending(
    game: LinearQuadratic, method: LinearQuadraticMethod, information: Information, budget: Budget
) -> Answer:
    assert game.horizon is not None
    if budget.spent():
        raise StoppedError
    core = Core.of(game, affine=True)
    path = horizon.backward(core, game.horizon, information)
    if path.reached < game.horizon:
        return Found(
            [],
            Status(
                "not converged",
                f"the Riccati equations cease to have a solution {path.reached:.6g} before the end",
                f"lower the horizon to less than {path.reached:.6g}",
            ),
            Census("partial", "an equilibrium need not be linear in the state", {}, None),
        )

    def by_player(time: float) -> list[Array]:
        return _split(game, path.gains(time))

    times = np.linspace(0.0, game.horizon, MOMENTS)
    if not game.continuous:
        times = np.arange(game.horizon)
    regret = gain_to_the_end(game, by_player, information)
    gains = np.array([path.gains(time) for time in times.tolist()])
    point = assemble(
        game,
        information,
        gains,
        path.costs,
        regret=regret,
        residual=path.residual,
        method="Riccati equations",
        times=times,
    )
    worth = "the Riccati equations have one solution: no other is linear in the state"
    return _answer([point] if _good(point, method) else [], 1, ("proved", worth))


# What an answer is worth


def _point(
    game: LinearQuadratic, core: Core, gains: Array, values: Array, *, residual: float, how: How
) -> Point:
    information, method = how
    wide = game.states + 1 - len(core.drift)  # one where the constant 1 was not needed
    gains = np.pad(gains, ((0, 0), (0, wide)))
    values = np.pad(values, ((0, 0), (0, wide), (0, wide)))
    regret = gain_for_ever(game, _split(game, gains), information)
    return assemble(
        game, information, gains, values, regret=regret, residual=residual, method=method
    )


def _split(game: LinearQuadratic, gains: Array) -> list[Array]:
    ends = np.cumsum([player.control.shape[1] for player in game.players])[:-1]
    return np.split(gains, ends)


def _good(point: Point, method: LinearQuadraticMethod) -> bool:
    return point.regret <= method.tolerance and point.residual <= method.tolerance


def _answer(made: list[Point], tried: int, worth: tuple[Complete, str], clearly: int = 0) -> Answer:
    """The equilibria; or why there are none, of those tried, some clearly no equilibria."""
    made = ordered(made, _order, 1e-8)
    engines = dict(Counter(point.method for point in made))
    census = Census(*worth, engines, None)
    if made:
        return Found(made, converged(len(made)), census)
    if worth[1] == STOPPED:
        return Found([], Status("stopped", STOPPED, "give more time"), census)
    if tried and tried == clearly:
        status = Status(
            "not converged",
            f"no equilibrium was found: at each of {tried} candidates some player pays less, "
            "perhaps without bound, by other controls",
            "give a horizon, discount more, or let the state cost whoever moves it",
        )
        return Found([], status, census)
    if tried:
        status = Status(
            "imprecise",
            f"none of {tried} candidates could be certified to the tolerance",
            "bring states, controls and costs to units in which they are about 1; "
            "or raise the tolerance",
        )
        return Found([], status, Census("partial", status.message, engines, None))
    status = Status(
        "not converged",
        "there is no stationary equilibrium that is linear in the state and keeps costs finite"
        if census.complete == "proved"
        else "no stationary equilibrium was found",
        "give a horizon, discount more, or let controls move every state that grows",
    )
    return Found([], status, census)


def _order(point: Point) -> tuple[float, ...]:
    """By the total of costs; then by gains."""
    total = np.trace(point.quadratic, axis1=1, axis2=2) if point.costs is None else point.costs
    first = np.concatenate([part.ravel() for part in point.gains.values()])
    return (float(total.sum()), *first.tolist())
