"""Candidates are certified, ranked and counted: what an answer is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from leaderbored.games.linear_quadratic import Information, LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, StoppedError
from leaderbored.solvers.hunt import converged
from leaderbored.solvers.linear_quadratic import horizon, leading, open_loop
from leaderbored.solvers.linear_quadratic.certificate import regret
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.equilibrium import (
    LinearQuadraticEquilibrium,
    assemble,
)
from leaderbored.solvers.linear_quadratic.proof import BEYOND, LEADS, MOST, proved
from leaderbored.solvers.linear_quadratic.proof_to_the_end import proved_to_the_end
from leaderbored.solvers.linear_quadratic.stationary import isolated, lift
from leaderbored.solvers.order import ordered
from leaderbored.solvers.proof import UNTRIED, Proof, unproved
from leaderbored.solvers.solution import Census, Complete, Found, Status

MOMENTS = 101  # at which gains of a game that ends are given
Point = LinearQuadraticEquilibrium
Answer = Found[LinearQuadraticEquilibrium]
CLEARLY = 1e-3  # regret of what is no equilibrium, rather than imprecise
HIDDEN = "in discrete time equilibria of many times the cost may well be missing"
FEW = 12  # equilibria of a continuum to list
CONTINUUM = "some are not isolated: they may lie in a continuum, of which these are a few"
How = tuple[Information, str]
Candidate = tuple[Array, str]  # values on the state, and what found them
Part = tuple[LinearQuadratic, Array]  # a game in some directions of the state; and the directions
SETTLING = (
    "; {} the Riccati equations, and {} if players are held to controls "
    "under which the discounted state comes to rest"
)
STOPPED = "the budget ran out; equilibria may be missing"
ONE = "one equilibrium was asked for; there may be others"


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
    same : float
        Of several states: relative distance of two values that are one equilibrium.

    Examples
    --------
    >>> LinearQuadraticMethod().tolerance
    1e-08
    """

    tolerance: float = 1e-8
    starts: int = 100
    seed: int = 0
    same: float = 1e-7


def stationary(
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
    tried = clearly = settling = 0
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
            gains = core.gains(full)
            point = _point(game, core, gains, full, residual=error, how=("feedback", engine))
            if _good(point, method):
                proof = _proved(game, full, gains, len(made), plans=False)
                made.append(replace(point, proof=proof))
            clearly += point.regret > CLEARLY
            settling += point.regret > CLEARLY and error <= method.tolerance
            if worth[0] == "searched" and not isolated(small, values):
                worth = ("partial", CONTINUUM)
        if (all is False and made) or (worth[1] == CONTINUUM and len(made) >= FEW):
            break
    if budget.spent() and worth[0] == "searched":
        worth = ("partial", STOPPED)
    if all is False and worth[0] == "searched":
        worth = ("partial", ONE)
    whole = basis.shape == (game.states, game.states)
    return _answer(made, tried, worth, clearly, settling if whole else 0)


def _endless(game: LinearQuadratic, basis: Array) -> bool:
    """Whether states outside a basis grow too fast for costs that are linear in them."""
    rest = np.linalg.svd(basis)[0][:, basis.shape[1] :] if basis.any() else np.eye(game.states)
    growth = np.linalg.eigvals(rest.T @ game.drift @ rest)
    if game.continuous:
        return bool(growth.real.max(initial=-np.inf) >= (game.discount or 0.0))
    return bool(
        np.abs(growth).max(initial=0.0) * (1.0 if game.discount is None else game.discount) >= 1
    )


def planned(
    game: LinearQuadratic, method: LinearQuadraticMethod, all: bool | None, budget: Budget
) -> Answer:
    """In open loop without end: every equilibrium that is linear in the state."""
    core = Core.of(game, affine=game.affine)
    found, extra, every = open_loop.costates(core)
    made: list[Point] = []
    clearly = 0
    worth: tuple[Complete, str] = ("proved", "the only stable subspace of the Hamiltonian system")
    if extra > 0:
        worth = (
            "partial",
            f"{extra} more stable eigenvalue{'s' * (extra > 1)} than states: for a given state "
            "there may be a continuum of others; listed are "
            + ("all" if every else "some")
            + " whose plans are linear in every state",
        )
    for k in found:
        gains = core.gains(k)
        if core.margin(gains) > 0:
            values, error = core.evaluate(gains), open_loop.residual(core, k)
            how: How = ("open-loop", "invariant subspaces")
            point = _point(game, core, gains, values, residual=error, how=how)
            if _good(point, method):
                proof = _proved(game, k, gains, len(made), plans=True)
                made.append(replace(point, proof=proof))
            clearly += point.regret > CLEARLY
        if all is False and made:
            break
        if budget.spent():
            worth = ("partial", STOPPED)
            break
    return _answer(made, len(found), worth, clearly)


def ending(
    game: LinearQuadratic, method: LinearQuadraticMethod, information: Information, budget: Budget
) -> Answer:
    """Of a game that ends: the only equilibrium that is linear in the state."""
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
    gained = regret(game, by_player, information)
    gains = np.array([path.gains(time) for time in times.tolist()])
    point = assemble(
        game,
        information,
        gains,
        path.costs,
        regret=gained,
        residual=path.residual,
        method="Riccati equations",
        proof=proved_to_the_end(game, path.costs, gains, information),
        times=times,
    )
    worth = "the Riccati equations have one solution: no other is linear in the state"
    return _answer([point] if _good(point, method) else [], 1, ("proved", worth))


def led(game: LinearQuadratic, method: LinearQuadraticMethod, budget: Budget) -> Answer:
    """Where the first player announces at every stage what it does, and the others answer."""
    core = Core.of(game, affine=game.affine or game.horizon is not None)
    end = None if game.horizon is None else int(game.horizon)
    found = leading.leading(core, end, budget)
    if found is None:
        if budget.spent():
            raise StoppedError
        why = f"backward from the end values do not settle in {leading.STAGES:,} stages, or in "
        why += "some stage nothing is best for one player"
        advice = "give a horizon, or discount more"
        return Found([], Status("not converged", why, advice), Census("partial", why, {}, None))
    wide = game.states + 1 - len(core.drift)
    stages = [
        leading.Stage(np.pad(now.gains, ((0, 0), (0, wide))), now.answers) for now in found.stages
    ]
    gains, answers = np.array([now.gains for now in stages]), np.array([s.answers for s in stages])
    costs, proof = np.pad(found.costs, ((0, 0), (0, wide), (0, wide))), unproved(LEADS)
    if end is not None:
        proof = proved_to_the_end(game, costs, gains, "stackelberg", answers)
    point = assemble(
        game,
        "stackelberg",
        gains[0] if end is None else gains,
        costs,
        regret=leading.regret(game, stages),
        residual=found.residual,
        method="stages backward",
        proof=proof,
        times=None if end is None else np.arange(end, dtype=float),
        answers=answers[0] if end is None else answers,
    )
    limit = "the limit of the equilibria of ever longer games; without an end there may be others"
    one = "every stage has one equilibrium, given what later ones are worth"
    worth: tuple[Complete, str] = ("partial", limit) if end is None else ("proved", one)
    return _answer([point] if _good(point, method) else [], 1, worth)


def _point(
    game: LinearQuadratic, core: Core, gains: Array, values: Array, *, residual: float, how: How
) -> Point:
    information, method = how
    wide = game.states + 1 - len(core.drift)  # one where the constant 1 was not needed
    gains = np.pad(gains, ((0, 0), (0, wide)))
    values = np.pad(values, ((0, 0), (0, wide), (0, wide)))
    gained = regret(game, _split(game, gains), information)
    return assemble(
        game,
        information,
        gains,
        values,
        regret=gained,
        residual=residual,
        method=method,
        proof=unproved(f"{UNTRIED} its regret is too large"),
    )


def _proved(
    game: LinearQuadratic, values: Array, gains: Array, number: int, *, plans: bool
) -> Proof:
    """The proof of an equilibrium of which so many were found before it."""
    if number >= MOST:
        return unproved(BEYOND)
    return proved(game, values, gains, plans=plans)


def _split(game: LinearQuadratic, gains: Array) -> list[Array]:
    ends = np.cumsum([player.control.shape[1] for player in game.players])[:-1]
    return np.split(gains, ends)


def _good(point: Point, method: LinearQuadraticMethod) -> bool:
    return point.regret <= method.tolerance and point.residual <= method.tolerance


def _answer(
    made: list[Point], tried: int, worth: tuple[Complete, str], clearly: int = 0, settling: int = 0
) -> Answer:
    """The equilibria; or why there are none, of those tried, some clearly no equilibria.

    Some of these solve the Riccati equations, and would be equilibria if nobody might let the
    discounted state grow.
    """
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
            _clearly_none(tried, settling),
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


def _clearly_none(tried: int, settling: int) -> str:
    """What is said where every candidate is clearly no equilibrium.

    Examples
    --------
    >>> _clearly_none(1, 0)
    'no equilibrium was found: at the only candidate some player pays less, perhaps ...'
    """
    those = "the only candidate" if tried == 1 else f"each of {tried} candidates"
    said = f"no equilibrium was found: at {those} some player pays less, "
    said += "perhaps without bound, by other controls"
    if not settling:
        return said
    if settling == 1:
        which = "it solves" if tried == 1 else "one of these solves"
        return said + SETTLING.format(which, "is an equilibrium")
    return said + SETTLING.format(f"{settling} of these solve", "are equilibria")


def _order(point: Point) -> tuple[float, ...]:
    """By the total of costs; then by gains."""
    total = np.trace(point.quadratic, axis1=1, axis2=2) if point.costs is None else point.costs
    first = np.concatenate([part.ravel() for part in point.gains.values()])
    return (float(total.sum()), *first.tolist())
