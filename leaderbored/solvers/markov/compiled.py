"""The system of equations of a race."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.leasing import Leasing
from leaderbored.solvers.markov.meeting import Customers, Meeting
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.solution import Equilibrium

if TYPE_CHECKING:
    from leaderbored.race import Race


def meets(race: Race) -> bool:
    """Whether the players of a race meet in a state: not at a lease by which nobody can gain.

    Examples
    --------
    >>> import leaderbored as lb
    >>> def race(friction):
    ...     return lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                    lb.Technology(1), discount=0.2, rungs=5,
    ...                    mechanisms={"lease": {"friction": friction}})
    >>> meets(race(0.5)), meets(race(1.0))
    (True, False)
    """
    lease = race.mechanisms.lease
    if lease is not None:
        return bool(lease.friction < race.markov().price.max())
    return race.mechanisms.coupled


def meeting(race: Race) -> Meeting | None:
    """The stage in which the players of a race meet; None where they do not.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"spillover": {"share": 0.5}})
    >>> type(meeting(race)).__name__
    'Customers'
    """
    if not meets(race):
        return None
    lease = race.mechanisms.lease
    return Leasing(race.markov(), lease.friction) if lease else Customers(race)


def income(race: Race, equilibrium: Equilibrium) -> Array:
    """(N, S) what the players earn at an equilibrium, rents included; money/year.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.9, premium=0.5),
    ...                lb.Technology(1), discount=0.2, rungs=1,
    ...                mechanisms={"lease": {"friction": 0.1}})
    >>> found = lb.solve(race).equilibria[0]
    >>> bool(income(race, found)[1, 1] > found.game.payoff(found.build)[1, 1])  # B rents out
    True
    """
    game, build, lease = equilibrium.game, equilibrium.build, race.mechanisms.lease
    if equilibrium.rent is None or lease is None:
        return game.payoff(build)
    rent = equilibrium.rent[: build.shape[1]]  # of a race on its board, without states at the end
    return Leasing(game, lease.friction).earned(build, rent)


def system_of(game: Race | Markov) -> System:
    """The system of a race or of another game, with the stage in which its players meet.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5)
    >>> type(system_of(race).stage).__name__
    'Plain'
    """
    if isinstance(game, Markov):
        return System(game)
    stage = meeting(game)
    return System(game.markov()) if stage is None else System(stage.game, stage=stage)
