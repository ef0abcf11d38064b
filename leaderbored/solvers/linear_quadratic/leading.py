r"""Feedback Stackelberg equilibria: at every stage the first player announces, the others answer.

At a stage the leader's controls :math:`u_l` are seen by the others before they choose theirs, which
are best given :math:`u_l`, the state, and what later stages are worth (and best for each of them
given those of the others that answer). So :math:`u_f = -K z - L u_l`, and the leader minimises its
own cost of the stage and all later ones knowing that. Nobody is bound to announcements for later
stages (Simaan and Cruz 1973; Başar and Olsder 1999, section 7.3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_discrete_lyapunov

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, checkpoint
from leaderbored.solvers.linear_quadratic.alone import Problem, problem
from leaderbored.solvers.linear_quadratic.core import Core, linear_in

STAGES = 100_000  # stages before the end after which values no longer change, or it is given up
SETTLED = 1e-14  # change of values from stage to stage, relative


class Stage(NamedTuple):
    """What is done at a stage: (M, d) gains, and (M, m) answers, zero of the leader's own."""

    gains: Array
    answers: Array


@dataclass(frozen=True, eq=False)
class Led:
    """What is done at every stage, from the first on; one alone without end; and what it costs."""

    stages: list[Stage]
    costs: Array
    residual: float


def leading(core: Core, horizon: int | None, budget: Budget) -> Led | None:
    """The equilibrium of a game that ends, or what it comes to far from the end.

    Returns None where some stage has no equilibrium, or values do not settle.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> players = [Controller(name, 1.0, 1.0, final_cost=1.0) for name in "AB"]
    >>> game = LinearQuadratic(1.0, players, time="discrete", horizon=1)
    >>> led = leading(Core.of(game, affine=False), 1, Budget(None))
    >>> led.stages[0].gains.ravel().tolist(), led.stages[0].answers.ravel().tolist()
    ([0.2, 0.4], [0.0, 0.5])
    """
    values, found = core.final, list[Stage]()
    for _ in range(STAGES if horizon is None else horizon):
        checkpoint()
        now = stage(core, values)
        if now is None or budget.spent():
            return None
        new = core.running(now.gains) + core.flow(values, core.loop(now.gains)) + values
        change = float(np.abs(new - values).max() / max(np.abs(new).max(), 1e-300))
        values = new
        if horizon is not None:
            found.insert(0, now)
        elif change <= SETTLED and core.margin(now.gains) > 0:
            return Led([now], values, change)
    return None if horizon is None else Led(found, values, 0.0)


def stage(core: Core, values: Array) -> Stage | None:
    """What is done at a stage, if later ones cost (N, d, d) values; None if nothing is best."""
    inputs, leads = core.inputs, core.owner == 0
    weights = core.weights + inputs.T @ values @ inputs
    right = np.swapaxes(core.mixed, 1, 2) + inputs.T @ values @ core.drift
    answering, owners = np.flatnonzero(~leads), core.owner[~leads]
    rows, ahead = weights[owners, answering], right[owners, answering]
    blocks = [weights[i][np.ix_(own, own)] for i, own in enumerate(core.own) if i]
    try:
        reply = np.linalg.solve(rows[:, ~leads], np.hstack([rows[:, leads], ahead]))
        few = int(leads.sum())
        known = np.zeros((len(leads), few))
        known[leads], known[~leads] = np.eye(few), -reply[:, :few]
        blocks.append(known.T @ weights[0] @ known)
        if min(np.linalg.eigvalsh((b + b.T) / 2)[0] for b in blocks) <= 0:
            return None
        held = right[0] - weights[0][:, ~leads] @ reply[:, few:]
        lead = np.linalg.solve(blocks[-1], known.T @ held)
    except np.linalg.LinAlgError:
        return None
    gains, answers = known @ lead, -known
    gains[~leads] += reply[:, few:]
    answers[leads] = 0.0
    return Stage(gains, answers) if np.isfinite(gains).all() else None


# --- the certificate, from the game's record


def regret(game: LinearQuadratic, stages: list[Stage]) -> float:
    """Largest gain of one player at one stage, later ones being as they are.

    It is relative to what it pays there, or by what a unit more of a control changes that.

    Of the leader, by other controls that the others answer; of each other, by other controls,
    whatever the leader announces. Costs are added up from the game's record, stage by stage.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> players = [Controller(name, 1.0, 1.0, final_cost=1.0) for name in "AB"]
    >>> game = LinearQuadratic(1.0, players, time="discrete", horizon=1)
    >>> gains, answers = np.array([[0.2, 0.0], [0.4, 0.0]]), np.array([[0.0], [0.5]])
    >>> regret(game, [Stage(gains, answers)]) < 1e-15
    True
    >>> round(regret(game, [Stage(gains + 0.1, answers)]), 3)
    0.284
    """
    later = _later(game, stages)
    if later is None:
        return np.inf
    return float(max(_gain(game, *pair) for pair in zip(stages, later, strict=True)))


def _later(game: LinearQuadratic, stages: list[Stage]) -> list[Array] | None:
    """(N, n + 1, n + 1) costs from the stage after each on; None if they are infinite."""
    n, ends = game.states, np.cumsum([p.control.shape[1] for p in game.players])[:-1]
    parts = [
        [problem(game, i, np.split(now.gains, ends), "feedback") for i in range(len(game.players))]
        for now in stages
    ]
    if game.horizon is None:
        return _endless(parts[0], n + int(game.affine))
    values = np.zeros((len(game.players), n + 1, n + 1))
    for value, player in zip(values, game.players, strict=True):
        value[:n, :n] = player.final_cost
        value[:n, n] = value[n, :n] = player.final_linear
    found = []
    for part in reversed(parts):
        found.append(values)
        values = np.array(
            [p.paid + p.loop.T @ v @ p.loop for p, v in zip(part, values, strict=True)]
        )
    return found[::-1]


def _endless(parts: list[Problem], size: int) -> list[Array] | None:
    """The same without end, of the state and, if ``size`` has room for it, the constant 1."""
    if np.abs(np.linalg.eigvals(parts[0].loop[:size, :size])).max() >= 1:
        return None
    values = np.zeros((len(parts), *parts[0].paid.shape))
    for value, part in zip(values, parts, strict=True):
        loop = part.loop[:size, :size]
        value[:size, :size] = solve_discrete_lyapunov(loop.T, part.paid[:size, :size])
    return [values]


def _gain(game: LinearQuadratic, now: Stage, later: Array) -> float:
    """Largest gain of one player at a stage, from the states and announcements of a basis."""
    n, leads = game.states, game.players[0].control.shape[1]
    worst, many = 0.0, len(now.gains)
    spans = np.cumsum([0, *(p.control.shape[1] for p in game.players)])
    for i in range(len(game.players)):
        cost = _cost(game, i, later[i])
        own = np.zeros((many, spans[i + 1] - spans[i]))
        own[spans[i] : spans[i + 1]] = np.eye(own.shape[1])
        if i == 0:
            own -= now.answers  # the others answer
        for z in [np.append(e, 1.0) for e in np.vstack([np.eye(n), np.zeros((1, n))])]:
            for said in np.vstack([np.zeros((1, leads)), np.eye(leads)])[: 1 if i == 0 else None]:
                u = -now.gains @ z - now.answers @ said
                u[:leads] += said
                here = cost(z, u)
                up = np.array([cost(z, u + e) for e in own.T])
                slope = (up - [cost(z, u - e) for e in own.T]) / 2
                bend = np.array([[cost(z, u + e + f) for f in own.T] for e in own.T])
                bend = bend - up[:, None] - up + here
                gained = float(slope @ np.linalg.solve(bend, slope)) / 2
                if np.linalg.eigvalsh((bend + bend.T) / 2)[0] <= 0:
                    return np.inf
                worst = max(worst, gained / max(abs(here), np.abs(up - here).max()))
    return worst


def _cost(game: LinearQuadratic, i: int, later: Array) -> Callable[[Array, Array], float]:
    """What a player pays at a stage and later, from (x, 1) and all controls."""
    own = game.players[i]
    ends = np.cumsum([p.control.shape[1] for p in game.players])[:-1]
    factor = 1.0 if game.discount is None else game.discount
    linear = [linear_in(game, i, j) for j in range(len(game.players))]

    def cost(z: Array, u: Array) -> float:
        x, each = z[:-1], np.split(u, ends)
        moved = game.drift @ x + game.constant * z[-1]
        paid = x @ own.state_cost @ x + 2 * own.state_linear @ x + own.fixed_cost
        paid += each[i] @ own.control_cost @ each[i]
        for j, other in enumerate(game.players):
            moved = moved + other.control @ each[j]
            paid += 2 * z @ linear[j] @ each[j]
            if j != i and other.name in own.rival_costs:
                paid += each[j] @ own.rival_costs[other.name] @ each[j]
        for j, k, product in game.products(i):
            paid += 2 * each[j] @ product @ each[k]
        after = np.append(moved, z[-1])
        return float(paid + factor * after @ later @ after)

    return cost
