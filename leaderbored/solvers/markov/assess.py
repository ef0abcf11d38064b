"""From a solved point to an equilibrium that carries its certificates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.budget import LATE, spared
from leaderbored.solvers.markov.certificate import certificate
from leaderbored.solvers.markov.index import index_on
from leaderbored.solvers.markov.policy_iteration import Point
from leaderbored.solvers.markov.precise import gains_at, settle
from leaderbored.solvers.markov.stability import Stability, stability
from leaderbored.solvers.markov.stage import ZERO, sides
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE
from leaderbored.solvers.proof import UNTRIED, unproved
from leaderbored.solvers.solution import Equilibrium

if TYPE_CHECKING:
    from leaderbored.race import Race
    from leaderbored.solvers.markov import Method

QUICK = 700  # values up to which a proof takes a fraction of a second
UNASKED = "it was not asked for"
UNDECIDED = "it is undecided: the radius is above one, and yet best replies return from nearby"


class Judged(NamedTuple):
    """The regret of shares, and their mismatch, as :class:`.solution.Equilibrium` has them."""

    regret: float
    mismatch: float | None


UNJUDGED = Judged(float("nan"), None)


def assess(
    system: System,
    point: Point,
    method: str,
    certified: bool | Literal["regret"] = True,
    proved: bool = True,
    *,
    returning: Stability | None = None,
    record: Race | None = None,
    index: int | None = None,
    judged: Judged | None = None,
) -> Equilibrium:
    """Describe a solved point: regret, residual, stability, and a proof where it is quick.

    Stability and proof are found in spare time; where it runs out they say so.

    Parameters
    ----------
    system : System
    point : Point
    method : str
        What found it.
    certified : bool or "regret", default True
        Whether to compute regret and stability, or the regret alone; without them they are nan.
    proved : bool, default True
        Whether to prove the equilibrium if it has few values and is certified.
    returning : Stability, optional
        How it is found out whether best replies return.
    record : Race, optional
        By which to judge at once, and not by the tables first.
    index : int, optional
        The index of the equilibrium, if it is known.
    judged : Judged, optional
        What a certificate would say, if it is known.
    """
    point = settle(system, point)
    game, value, build = system.game, point.value, point.build
    gain, precise = gains_at(system, point)
    stakes = system.stakes(value, gain)
    left, several = _left(system, point, stakes, precise)
    if judged is None:
        judged = _judged(record or game, value, build) if certified else UNJUDGED
    equilibrium = Equilibrium(
        game=game,
        build=build,
        value=value,
        regret=judged.regret,
        mismatch=judged.mismatch,
        residual=left,
        radius=float("nan"),
        indifferent=several,
        method=method,
        rounds=point.rounds,
        stability_note=UNASKED,
    )
    if certified is not True:
        return equilibrium

    pieces = system.stage.pieces(stakes, build, precise)

    def radius() -> tuple[float, str]:
        beside = sides(system.stage, stakes, pieces, precise)
        known = stability(system, point, beside, returning)
        return known, UNDECIDED if np.isnan(known) else ""

    known, note = spared(radius, (float("nan"), LATE))

    if index is None and system.unknowns <= DENSE:
        index = index_on(system, point, stakes, pieces, precise)
    equilibrium = replace(equilibrium, index=index, radius=known, stability_note=note)
    if proved and value.size <= QUICK:
        from leaderbored.solvers.markov.proof import certify  # ball arithmetic is for proofs alone

        return replace(equilibrium, proof=spared(lambda: certify(equilibrium), unproved(LATE)))
    untried = f"{UNTRIED} it has {value.size:,} values, more than {QUICK}; see certify"
    return replace(equilibrium, proof=unproved(untried)) if proved else equilibrium


def _judged(game: Race | Markov, value: Array, build: Array) -> Judged:
    """By a certificate."""
    made = certificate(game, build, guess=value)
    gained = float(made.regret.max())
    return Judged(gained, made.mismatch(value, gained))


def unfinished(equilibrium: Equilibrium, gain: float, method: Method) -> Equilibrium:
    """An equilibrium whose regret the search knows, where the time was up before all else."""
    known = replace(equilibrium, regret=gain)
    if method.certify is not True:
        return known
    return replace(known, stability_note=LATE, proof=unproved(LATE))


def _left(system: System, point: Point, stakes: Array, precise: float) -> tuple[float, int]:
    """What is left of the conditions, relative to a year's worth, and how many are indifferent."""
    game, value, build = system.game, point.value, point.build
    scale, effect = float(np.abs(value).max()), system.effect(value)
    alone = system.at(build)  # what each player faces when the others build so
    reply = alone.stage.reply(stakes, precise, build)
    slack = alone.game.payoff(reply) - alone.game.payoff(build)
    slack += np.nan_to_num(game.scale * (game.effort(reply) - game.effort(build)) * stakes)
    flow = np.einsum("js,ijs->is", game.hazard(build), effect)
    error = np.abs(game.discount * value - game.payoff(build) - flow)
    left = float((error + np.abs(slack)).max()) / (game.discount * scale or 1.0)
    return left, indifferent(game, effect, scale)


def indifferent(game: Markov, effect: Array, scale: float) -> int:
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
