"""The verb: ``solve(game)``, whatever the game."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.certificate import regret
from leaderbored.solvers.homotopy import Homotopy
from leaderbored.solvers.newton import Newton
from leaderbored.solvers.policy_iteration import Point, PolicyIteration, Progress
from leaderbored.solvers.reply import ZERO, active_pieces, best_reply
from leaderbored.solvers.solution import Equilibrium, Solution, Status
from leaderbored.solvers.stability import spectral_radius
from leaderbored.solvers.system import System

if TYPE_CHECKING:
    from leaderbored.race import Race

__all__ = [
    "Equilibrium",
    "Homotopy",
    "Method",
    "Newton",
    "PolicyIteration",
    "Solution",
    "Status",
    "regret",
    "solve",
]


@dataclass(frozen=True)
class Method:
    """How to solve: damped policy iteration, then continuation, then iteration from elsewhere.

    Parameters
    ----------
    iteration : PolicyIteration
    homotopy : Homotopy or None
        What to fall back on; None for nothing.
    tolerance : float
        Largest regret that counts as an equilibrium.
    certify : bool
        Whether to compute regret and stability; without them they are nan.

    Examples
    --------
    >>> Method(homotopy=None).tolerance
    1e-09
    """

    iteration: PolicyIteration = field(default_factory=PolicyIteration)
    homotopy: Homotopy | None = field(default_factory=Homotopy)
    tolerance: float = 1e-9
    certify: bool = True

    def points(
        self, system: System, start: Array | None, progress: Progress | None
    ) -> Iterator[tuple[str, Point]]:
        """Yield what each engine finds, the cheapest first."""
        game, iteration = system.game, self.iteration
        first = game.idle if start is None else start
        if game.returns == 1:  # replies jump and iteration seldom settles: do not insist
            iteration = replace(iteration, rounds=min(iteration.rounds, 60))
        yield from _named("policy iteration", iteration.run(system, first, progress))
        if self.homotopy is not None:
            yield from _named("continuation", self.homotopy.run(game, progress))
        for other in (game.upper, (game.idle + game.upper) / 2):
            yield from _named("policy iteration", iteration.run(system, other, progress))


def _named(engine: str, point: Point | None) -> Iterator[tuple[str, Point]]:
    if point is not None:
        yield f"{engine} + Newton", point


def solve(
    game: Race | Markov,
    method: Method | None = None,
    *,
    start: Array | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Find a Markov-perfect equilibrium.

    Parameters
    ----------
    game : Race or Markov
        N players, S states.
    method : Method, optional
        Engines and tolerances.
    start : (N, S) array, optional
        Shares to start from; by default labs build with their idle compute alone. Where a game
        has several equilibria the start selects among them.
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Solution
        With no equilibrium, and a status that says what to change, if nothing converged.

    Raises
    ------
    ValueError
        If ``start`` has another shape or leaves the bounds.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race(labs=[lb.Lab("A", 1), lb.Lab("B", 1)], market=lb.ScarceMarket(0.6),
    ...                technology=lb.Technology(3, handicap=0.1), discount=0.1)
    >>> equilibrium = lb.solve(race).equilibria[0]
    >>> round(equilibrium.value[0, 0].item(), 4), equilibrium.regret < 1e-9
    (5.0878, True)
    """
    began = perf_counter()
    method = method or Method()
    markov = game if isinstance(game, Markov) else game.markov()
    system = System(markov)
    found: list[Equilibrium] = []
    for name, point in method.points(system, _checked(markov, start), progress):
        found.append(_equilibrium(system, point, name, method.certify))
        if not found[-1].regret > method.tolerance:
            break
    found.sort(key=lambda equilibrium: equilibrium.regret)
    return Solution(
        game=game,
        markov=markov,
        equilibria=tuple(found[:1]),
        status=_status(found[:1], method.tolerance),
        digest=digest(game),
        seconds=perf_counter() - began,
    )


def digest(game: Any) -> str:
    """Fingerprint of a game: 16 hexadecimal digits that change when any number changes.

    Examples
    --------
    >>> from leaderbored import Lab
    >>> digest(Lab("A", 1)) == digest(Lab("A", 1.0)) != digest(Lab("A", 2))
    True
    """
    fingerprint = hashlib.sha256()

    def feed(part: Any) -> None:
        if is_dataclass(part) and not isinstance(part, type):
            fingerprint.update(type(part).__name__.encode())
            for member in fields(part):
                fingerprint.update(member.name.encode())
                feed(getattr(part, member.name))
        elif isinstance(part, tuple):
            for member in part:
                feed(member)
        elif isinstance(part, dict):
            feed(tuple(sorted(part.items())))
        elif sp.issparse(part):
            feed((part.indptr, part.indices, part.data))
        elif isinstance(part, np.ndarray):
            fingerprint.update(np.ascontiguousarray(part).tobytes())
        else:
            fingerprint.update(repr(part).encode() + b";")

    feed(game)
    return fingerprint.hexdigest()[:16]


def _checked(game: Markov, start: Array | None) -> Array | None:
    if start is None:
        return None
    start = np.asarray(start, dtype=float)
    if start.shape != game.scale.shape:
        raise ValueError(f"start: shape {start.shape}, expected {game.scale.shape}")
    if not ((start >= game.lower) & (start <= game.upper)).all():
        raise ValueError("start: shares outside the bounds lower <= share <= upper")
    return start


def _equilibrium(system: System, point: Point, name: str, certify: bool) -> Equilibrium:
    game, value, build = system.game, point.value, point.build
    scale = float(np.abs(value).max())
    gain = system.gain(value)
    effect = system.effect(value)
    reply = best_reply(game, gain, scale)
    slack = game.payoff(reply) - game.payoff(build)
    slack += (game.hazard(reply) - game.hazard(build)) * gain
    flow = np.einsum("js,ijs->is", game.hazard(build), effect)
    error = np.abs(game.discount * value - game.payoff(build) - flow)
    pieces = active_pieces(game, gain, build, scale)
    return Equilibrium(
        build=build,
        value=value,
        regret=float(regret(game, build).max()) if certify else float("nan"),
        residual=float((error + np.abs(slack)).max()) / (game.discount * scale or 1.0),
        radius=spectral_radius(system, value, pieces) if certify else float("nan"),
        indifferent=_indifferent(game, effect, scale),
        method=name,
        rounds=point.rounds,
    )


def _indifferent(game: Markov, effect: Array, scale: float) -> int:
    """Number of lab-state pairs with several best replies between which another lab cares."""
    own = np.arange(len(effect))
    gain = effect[own, own]
    several = (np.abs(gain) <= ZERO * scale) & (game.idle > game.lower)
    if game.returns == 1:
        cost = game.price * game.capacity
        several |= (np.abs(game.scale * gain - cost) <= 1e-8 * cost) & (game.upper > game.idle)
    others = np.where(own[:, None, None] == own[:, None], 0, np.abs(effect)).max(axis=0)
    matters = game.scale * others > 1e-9 * game.discount * scale
    return int((several & matters & game.movable).sum())


def _status(found: list[Equilibrium], tolerance: float) -> Status:
    if not found:
        return Status(
            "not converged",
            "no equilibrium was found: iteration cycles and the path from impatience folds back",
            "lower rungs or returns, raise discount, or pass start= from a nearby game's answer",
        )
    if found[0].regret > tolerance:
        return Status(
            "imprecise",
            f"the best point found has a regret of {found[0].regret:.1e}, above {tolerance:.0e}",
            "lower rungs or flywheel: hazards that differ by many orders cost precision",
        )
    certified = found[0].regret <= tolerance
    how = "and certified" if certified else "but not certified, as asked"
    return Status("converged", f"a Markov-perfect equilibrium was found {how}")
