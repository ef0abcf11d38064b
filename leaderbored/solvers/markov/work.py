"""What solving a race will take, before the work."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leaderbored.games.markov import PLANAR
from leaderbored.race.board import count_states
from leaderbored.race.sorts import count_multisets, count_roles
from leaderbored.solvers.estimate import Estimate
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
PLANE, CLEARED = 6e-5, 1e-4  # the same of three labs, by sparse factors
SEVERAL = 300  # times the work of one equilibrium to look for all of them
ROLE, CLEARED_ROLE = 4e-5, 1e-4  # seconds a role, of which there are fewer than values
ROLE_BYTES = 3.5e-3  # megabytes of one
FIXED = 150.0  # megabytes beside roles


def of_race(race: Race, all: bool) -> Estimate:
    """Guess the work on a race; see :func:`leaderbored.estimate`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> labs = [lb.Lab(name, 1 + 0.1 * i) for i, name in enumerate("ABCDE")]
    >>> print(lb.estimate(lb.Race(labs, lb.ScarceMarket(0.6), lb.Technology(3), 0.1, 10)))
    61,051 states, 305,255 unknowns: about 5 s and 444 MB
    """
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
