"""The proof of an equilibrium of a race in which the labs of a state meet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import ctx

from leaderbored.games.curved import Curved
from leaderbored.games.markov import Markov
from leaderbored.solvers.markov.leasing import Leasing
from leaderbored.solvers.markov.met import BITS, Meeting, prove
from leaderbored.solvers.markov.met_customers import TurnedAway
from leaderbored.solvers.markov.met_persuasion import Persuading
from leaderbored.solvers.markov.met_rents import Renting
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.proof import UNTRIED, Proof, unproved

if TYPE_CHECKING:
    from leaderbored.race import Race
    from leaderbored.solvers.solution import Equilibrium

BENT = "replies that bend are not enclosed where payoffs depend on what rivals do"
UNKNOWN = "{} makes payoffs depend on what rivals do, which is not enclosed"


def prove_met(race: Race, claim: Equilibrium, stage: Any) -> Proof:
    """Prove an equilibrium of a race in which payoffs depend on the rivals' play, or say why not.

    Parameters
    ----------
    race : Race
    claim : Equilibrium
        With its tables at the play, and its rents where compute is rented.
    stage : Stage
        In which the labs of a state meet.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=3,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> proof = lb.solve(race).equilibria[0].proof
    >>> proof.holds, proof.radius < 1e-11 < proof.unique
    (True, True)
    """
    if type(claim.game) is not Markov and not _persuades_alone(claim.game):
        return unproved(f"{UNTRIED} {BENT}")
    try:
        with ctx.workprec(BITS):
            meeting = _meeting(race, claim, stage)
    except UnprovedError as reason:
        return unproved(str(reason))
    return meeting if isinstance(meeting, Proof) else prove(claim, meeting)


def _meeting(race: Race, claim: Equilibrium, stage: Any) -> Meeting | Proof:
    if isinstance(stage, Leasing):
        assert claim.rent is not None
        return Renting(claim, stage, claim.rent)
    coupling = race.mechanisms.coupling
    known = coupling in (("spillover",), ("hype",))
    if not known or set(race.mechanisms.on[_after(race) :]) - {"jackpot"}:
        return unproved(f"{UNTRIED} {UNKNOWN.format(' and '.join(coupling))}")
    if coupling == ("hype",):
        return Persuading(claim, stage.before)
    return TurnedAway(claim, stage.before, race.mechanisms.spillover.share)


def _persuades_alone(game: Markov) -> bool:
    """Whether nothing but persuasion bends replies."""
    return (
        isinstance(game, Curved)
        and game.persuasion > 0
        and game.weight == 1
        and game.loss == 0
        and game.elasticity is None
    )


def _after(race: Race) -> int:
    """How many mechanisms apply up to the one that couples."""
    return race.mechanisms.on.index(race.mechanisms.coupling[0]) + 1
