"""What solving a race and its verdict will take, before the work.

A verdict solves the race with twice the rungs too, if it is not too large, to see whether the
longest lead that the race distinguishes decides. That often takes more than all other work.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from leaderbored.games.markov import PLANAR
from leaderbored.race.board import count_states
from leaderbored.race.sorts import count_multisets, count_roles
from leaderbored.solvers.estimate import Estimate, free_memory
from leaderbored.solvers.markov.in_roles import IN_ROLES, SOME
from leaderbored.solvers.markov.selling import MANY
from leaderbored.solvers.markov.system import DIRECT_STATES

if TYPE_CHECKING:
    from leaderbored.race import Race

# Measured on races of three to seven labs on both markets, with the certificate: by a value, which
# is a lab at a leaderboard, for a round of Krylov iterations and all other work is in proportion.
STARTED = 0.3  # seconds until the work begins
EACH, CLEARING = 1.5e-5, 2.2e-5  # seconds a value, with the statistics of a verdict
PROGRAM, BYTES = 200.0, 8e-4  # megabytes of the program itself, and for each value
PLANE, CLEARED = 6e-5, 7e-5  # the same of three labs, whose leads are longer
SEVERAL = 300  # times the work of one equilibrium to look for all of them
ROLE, CLEARED_ROLE = 4e-5, 1e-4  # seconds a role, of which there are fewer than values
ROLE_BYTES = 3.5e-3  # megabytes of one
FIXED = 150.0  # megabytes beside roles
CHECK, CHECK_ROLE = 1e-5, 2e-5  # seconds a value, or a role, of the race with twice the rungs
CHECK_BYTES = 2e-3  # megabytes of such a role
MAX_DOUBLED = 500_000  # states, or roles, of the race with twice the rungs
PATIENCE, LEAST = 6.0, 4.0  # times the seconds of the solution, and seconds, that a check may take


def of_race(race: Race, all: bool) -> Estimate:
    """Guess the work on a race and its verdict; see :func:`leaderbored.estimate`.

    The race with twice the rungs counts where it is small enough and there is memory for it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(name, 1 + 0.1 * i) for i, name in enumerate("ABCDE")]
    >>> print(lb.estimate(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 10)))
    61,051 states, 305,255 unknowns: about 5 s and 444 MB
    """
    one, roles = _once(race, all), IN_ROLES.accept(race)
    if unchecked(race, roles):
        return one
    check = of_check(race, roles)
    return replace(
        one,
        seconds=one.seconds + min(check.seconds, max(LEAST, PATIENCE * one.seconds)),
        megabytes=max(one.megabytes, check.megabytes),
        compiles=one.compiles or check.compiles,
    )


def doubled(race: Race, roles: bool) -> tuple[int, str]:
    """How many states or, of alike labs, roles the race with twice the rungs has, and which.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    >>> doubled(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 10), roles=False)
    (41, 'states')
    """
    if roles:
        return count_roles(race.labs, 2 * race.rungs), "roles of alike labs"
    return count_states(len(race.labs), 2 * race.rungs), "states"


def of_check(race: Race, roles: bool) -> Estimate:
    """Guess the work on the race with twice the rungs, of which the verdict alone is wanted.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(name, 1 + 0.1 * i) for i, name in enumerate("ABCDE")]
    >>> race = lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 6)
    >>> print(of_check(race, roles=False))
    122,461 states: about 6 s and 690 MB
    """
    size, name = doubled(race, roles)
    many = size if roles else len(race.labs) * size
    seconds = (CHECK_ROLE if roles else CHECK) * many
    megabytes = FIXED + CHECK_BYTES * many if roles else PROGRAM + BYTES * many
    cleared = many if race.market.kind == "clearing" else 0
    waits = _waits(size if roles or len(race.labs) > 2 else 0, cleared)
    return Estimate(f"{size:,} {name}", seconds, megabytes, waits)


def unchecked(race: Race, roles: bool) -> str:
    """Why the race with twice the rungs is not solved, in words; empty if it is.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(name, 1 + 0.1 * i) for i, name in enumerate("ABCDE")]
    >>> unchecked(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 10), roles=False)
    'it has over 500,000 states'
    """
    size, name = doubled(race, roles)
    if size > MAX_DOUBLED:
        return f"it has over {MAX_DOUBLED:,} {name}"
    free, needed = free_memory(), of_check(race, roles).megabytes
    if free is None or needed <= free:
        return ""
    return f"it needs about {needed:,.0f} MB, and {free:,.0f} MB are free"


def _once(race: Race, all: bool) -> Estimate:
    """The same without the race with twice the rungs."""
    labs = len(race.labs)
    states = count_states(labs, race.rungs)
    many = labs * states
    what = f"{states:,} states, {many:,} unknowns"
    if IN_ROLES.accept(race):
        many, boards = count_roles(race.labs, race.rungs), count_multisets(race.labs, race.rungs)
        what = f"{boards:,} leaderboards that do not tell alike labs apart, {many:,} roles"
        cleared = many if race.market.kind == "clearing" else 0
        each = CLEARED_ROLE if cleared else ROLE
        seconds = STARTED + each * many * (SOME if all else 1)
        return Estimate(what, seconds, FIXED + ROLE_BYTES * many, _waits(many, cleared))
    if labs <= PLANAR:
        seconds = (CLEARED if race.market.kind == "clearing" else PLANE) * many
    else:
        seconds = (CLEARING if race.market.kind == "clearing" else EACH) * many
    seconds = STARTED + seconds * (SEVERAL if all and labs > 2 else 1)
    waits = _waits(states if labs > PLANAR else 0, many if race.market.kind == "clearing" else 0)
    return Estimate(what, seconds, PROGRAM + BYTES * many, waits)


def _waits(states: int, values: int) -> bool:
    """Whether kernels are compiled first, for linear systems of so many states, or for markets."""
    if states <= DIRECT_STATES and values <= MANY:
        return False
    from leaderbored.solvers.kernels import krylov, markets  # bring numba

    return (states > DIRECT_STATES and not krylov.is_ready()) or (
        values > MANY and not markets.is_ready()
    )
