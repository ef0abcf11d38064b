"""Which games are left to machine code: races of two labs that are worth it.

Where prices clear the market numpy takes four to ten times as long, in races with short leads too.
"""

from __future__ import annotations

from leaderbored.games.cleared import Cleared
from leaderbored.solvers.kernels.lines import leapfrog_of
from leaderbored.solvers.markov.system import System

MACHINE = 14  # values from which on machine code is worth being loaded
DEAR = 3  # values that one counts for where prices clear the market


def is_worth(system: System, least: int) -> bool:
    """Whether a game has so many values that machine code is worth being loaded for it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    >>> races = [lb.Race(labs, market, lb.Technology(1), discount=0.5, rungs=2)
    ...          for market in (lb.ScarceMarket(0.6), lb.ClearingMarket(0.6))]
    >>> [is_worth(System(race.markov()), MACHINE) for race in races]
    [False, True]
    """
    each = DEAR if isinstance(system.game, Cleared) else 1
    return bool(system.unknowns * each >= least)


def by_machine(system: System, least: int = MACHINE) -> float | None:
    """The chance of a leapfrog in a game that is left to machine code; None of others.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> by_machine(System(race.markov())) is None  # it has ten values
    True
    """
    if not is_worth(system, least) or system.noise or (chance := leapfrog_of(system.game)) is None:
        return None
    from leaderbored.solvers.kernels.starts import is_worthwhile  # brings numba

    return chance if is_worthwhile() else None
