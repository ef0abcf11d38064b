"""The answer of a search for equilibria: their order, its status, and what it is worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import spared
from leaderbored.solvers.hunt import missing
from leaderbored.solvers.markov.elimination import Elimination
from leaderbored.solvers.markov.pool import Searched
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.linear import DENSE
from leaderbored.solvers.solution import Census, Equilibrium, Status
from leaderbored.text import at_most

BALANCED = "their indices add up to 1, as those of all do, but pairs that cancel may be missing"
UNBOUNDED = (
    "with growth some policies have infinite values, so that indices need not add up and an "
    "equilibrium need not exist"
)
DEGENERATE = "one of them is degenerate, and its index not defined: others may touch it"

CHAINED = 15  # found that no policy led to: with more, two searches found others than each other

PROVED = "bounds on values eliminate all other strategies, and each is proved locally unique"
IDLY = (
    "in {} cases of a lab in a state success is worth nothing to it, so that it may build with any "
    "part of its idle compute: only equilibria in which it builds with all of it were looked for"
)


def census(
    system: System,
    searched: Searched,
    equilibria: Sequence[Equilibrium],
    elimination: Elimination,
) -> Census:
    """What the search is worth; never more than it is."""
    engines = searched.engines
    done = "; ".join(searched.done) or "no part of it had ended"
    if searched.stopped:
        message = f"the search was stopped; by then: {done}"
        return Census("partial", message, engines, None)
    if system.unknowns > DENSE:
        few = "the game is too large for Newton from afar and for continuation"
        return Census("partial", f"{done} alone: {few}", engines, None)
    total = sum(found.index for found in searched.found)
    if system.game.decay <= 0:
        return Census("partial", f"{UNBOUNDED} (searched: {done})", engines, total)
    reason = unbalanced(found.index for found in searched.found)
    reason = reason or left_open(equilibria)
    reason = reason or going_on(searched.never, searched.closed)
    if not searched.found:
        reason = "no equilibrium was found, and there is always one"
    if not reason:
        if spared(lambda: elimination.proves(system.game, equilibria), False):
            return Census("proved", PROVED, engines, total)
        again = caught([len(found.engines) for found in searched.found])
        said = "; ".join((done, again, searched.often, BALANCED))
        return Census("searched", said, engines, total)
    return Census("partial", f"{reason} (searched: {done})", engines, total)


def by_first_value(value: Array) -> tuple[float, ...]:
    """A key for :func:`leaderbored.solvers.order.ordered`: the highest first values come first.

    Examples
    --------
    >>> import numpy as np
    >>> by_first_value(np.array([[1.0, 9.0], [2.0, 9.0]]))
    (-3.0, -1.0, -2.0)
    """
    first = value[:, 0]
    return (-float(first.sum()), *(-first).tolist())


def unbalanced(indices: Iterable[int]) -> str:
    """Why, by their indices, equilibria may not be all there are; empty if they may be.

    Examples
    --------
    >>> unbalanced([1, -1, 1]), unbalanced([1, 1])
    ('', 'their indices add up to 2 instead of 1: some are missing')
    """
    indices = list(indices)
    return DEGENERATE if 0 in indices else missing(sum(indices), "their")


def left_open(equilibria: Iterable[Equilibrium]) -> str:
    """Why replies that are as good as others may hide equilibria, whatever indices say; or nothing.

    Examples
    --------
    >>> left_open([])
    ''
    """
    several = max((found.left_open for found in equilibria), default=0)
    return IDLY.format(several) if several else ""


def going_on(never: int, closed: bool) -> str:
    """Why others may be missing, where each found leads to the next; or nothing.

    Parameters
    ----------
    never : int
        How many of those found no policy led to.
    closed : bool
        Whether what leads from one to the next found nothing new in the end.

    Examples
    --------
    >>> going_on(4, True)
    ''
    >>> going_on(20, True)
    'no policy led to 20 of those found, and others like these may be missing'
    """
    if never > CHAINED:
        return f"no policy led to {never} of those found, and others like these may be missing"
    return "" if closed else "other play in several states led to new ones to the end"


def caught(engines: Sequence[int]) -> str:
    """How many were found, and how often: where some engines miss one, others may be missed by all.

    Parameters
    ----------
    engines : sequence of int
        How many engines found each, on their own.

    Examples
    --------
    >>> caught([3, 1, 2])
    '3 found, 1 of them by one engine alone'
    >>> caught([4, 2]), caught([3])
    ('2 found, each by at least 2 engines', '1 found, by 3 engines')
    """
    count, alone, least = len(engines), sum(each == 1 for each in engines), min(engines)
    if alone:
        of = "" if count == 1 else f"{alone} of them " if alone < count else "each of them "
        return f"{count} found, {of}by one engine alone"
    how = "by" if count == 1 else "each by at least"
    return f"{count} found, {how} {least} engines"


def counted(found: Sequence[Equilibrium]) -> str:
    """How many were found.

    Examples
    --------
    >>> counted([])
    'no equilibria were found'
    """
    one = "one Markov-perfect equilibrium was found"
    return one if len(found) == 1 else f"{len(found) or 'no'} equilibria were found"


def status_of(found: Sequence[Equilibrium], tolerance: float, counting: bool = False) -> Status:
    """Whether equilibria are precise, and certified; ``counting`` says how many there are.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> status_of(lb.solve(race).equilibria, 1e-9).message
    'a Markov-perfect equilibrium was found and certified'
    """
    worst = max(equilibrium.regret for equilibrium in found)
    if worst > tolerance:
        return Status(
            "imprecise",
            f"the best point found has a regret of {at_most(worst)}, above {tolerance:.0e}",
            "lower rungs or flywheel: hazards that differ by many orders cost precision",
        )
    how = "and certified" if worst <= tolerance else "but not certified, as asked"
    what = counted(found) if counting else "a Markov-perfect equilibrium was found"
    return Status("converged", f"{what} {how}")
