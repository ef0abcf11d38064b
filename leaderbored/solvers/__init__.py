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
from leaderbored.solvers.assess import assess
from leaderbored.solvers.basin import Basin, basin
from leaderbored.solvers.certificate import regret
from leaderbored.solvers.continuation import Continuation
from leaderbored.solvers.elimination import Elimination
from leaderbored.solvers.homotopy import Homotopy
from leaderbored.solvers.newton import Newton
from leaderbored.solvers.policy_iteration import Point, PolicyIteration, Progress
from leaderbored.solvers.proof import Proof, certify
from leaderbored.solvers.search import Search, census
from leaderbored.solvers.selection import RULES, History, Risk, Rule, Unselected
from leaderbored.solvers.solution import Census, Equilibrium, Solution, Status
from leaderbored.solvers.system import System

if TYPE_CHECKING:
    from leaderbored.race import Race

__all__ = [
    "Basin",
    "Census",
    "Continuation",
    "Elimination",
    "Equilibrium",
    "History",
    "Homotopy",
    "Method",
    "Newton",
    "PolicyIteration",
    "Proof",
    "Risk",
    "Search",
    "Solution",
    "Status",
    "basin",
    "certify",
    "regret",
    "solve",
]


@dataclass(frozen=True)
class Method:
    """How to solve: damped policy iteration, continuation, iteration from elsewhere, arclength.

    Parameters
    ----------
    iteration : PolicyIteration
    homotopy : Homotopy or None
        What to fall back on; None for nothing.
    search : Search
        How to look for every equilibrium.
    tolerance : float
        Largest regret that counts as an equilibrium.
    certify : bool
        Whether to compute regret and stability (without them they are nan) and, for games of up
        to 200 values, to prove the equilibrium; see :func:`leaderbored.certify`.

    Examples
    --------
    >>> Method(homotopy=None).tolerance
    1e-09
    """

    iteration: PolicyIteration = field(default_factory=PolicyIteration)
    homotopy: Homotopy | None = field(default_factory=Homotopy)
    search: Search = field(default_factory=Search)
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
        if self.homotopy is not None:
            yield from _named("arclength continuation", self.search.reach(system))


def _named(engine: str, point: Point | None) -> Iterator[tuple[str, Point]]:
    if point is not None:
        yield f"{engine} + Newton", point


def solve(
    game: Race | Markov,
    method: Method | None = None,
    *,
    all: bool = False,
    select: Rule | History | Risk | None = None,
    start: Array | None = None,
    progress: Progress | None = None,
) -> Solution:
    """Find a Markov-perfect equilibrium, or every one.

    Parameters
    ----------
    game : Race or Markov
        N players, S states.
    method : Method, optional
        Engines and tolerances.
    all : bool, default False
        Search for every equilibrium; ``census`` says how, and what that is worth.
    select : "from history", "risk", History or Risk, optional
        Take the equilibrium to which best-response dynamics leads from ``start``, or the one
        that is left as noise in the replies dies out; see :mod:`leaderbored.solvers.selection`.
    start : (N, S) array, optional
        Shares to start from; by default labs build with their idle compute alone.
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Solution
        With no equilibrium, and a status that says what to change, if nothing converged.

    Raises
    ------
    ValueError
        If ``start`` has another shape or leaves the bounds, if ``select`` is unknown, or if it
        is given together with ``all``.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race(labs=[lb.Lab("A", 1), lb.Lab("B", 1)], market=lb.ScarceMarket(0.6),
    ...                technology=lb.Technology(3, handicap=0.1), discount=0.1)
    >>> equilibrium = lb.solve(race).equilibria[0]
    >>> round(equilibrium.value[0, 0].item(), 4), equilibrium.regret < 1e-9
    (5.0878, True)
    >>> lb.solve(race, all=True).census.complete
    'searched'
    """
    began = perf_counter()
    method = method or Method()
    rule = _rule(select, all)
    markov = game if isinstance(game, Markov) else game.markov()
    system, start = System(markov), _checked(markov, start)
    census = Census("partial", "one equilibrium was asked for; there may be others", {}, None)
    if all:
        found, census = _every(system, method, progress)
        status = _status(found, method.tolerance, several=True)
    elif rule is not None:
        found, status = _selected(system, method, rule, start, progress)
    else:
        found = _first(system, method, start, progress)
        status = _status(found, method.tolerance)
    return Solution(
        game=game,
        markov=markov,
        equilibria=tuple(found),
        status=status,
        census=census,
        digest=digest(game),
        seconds=perf_counter() - began,
    )


def _first(
    system: System, method: Method, start: Array | None, progress: Progress | None
) -> list[Equilibrium]:
    found: list[Equilibrium] = []
    for name, point in method.points(system, start, progress):
        found.append(assess(system, point, name, method.certify))
        if not found[-1].regret > method.tolerance:
            break
    return sorted(found, key=lambda equilibrium: equilibrium.regret)[:1]


def _every(
    system: System, method: Method, progress: Progress | None
) -> tuple[list[Equilibrium], Census]:
    def verify(build: Array) -> float:
        return float(regret(system.game, build).max())

    pool = method.search.run(system, verify, method.tolerance, progress)
    pool.sort(key=lambda found: (-found.value[:, 0].round(9).sum(), *(-found.value[:, 0])))
    equilibria = [
        assess(system, Point(found.value, found.build, 0), ", ".join(found.engines))
        for found in pool
    ]
    return equilibria, census(system, pool, equilibria, method.search.elimination)


def _selected(
    system: System,
    method: Method,
    rule: History | Risk,
    start: Array | None,
    progress: Progress | None,
) -> tuple[list[Equilibrium], Status]:
    try:
        point = rule.run(system, start, progress)
    except Unselected as reason:
        return [], Status("not converged", reason.message, reason.advice)
    name = {History: "best-response dynamics", Risk: "logit continuation"}[type(rule)]
    found = [assess(system, point, name, method.certify)]
    return found, _status(found, method.tolerance)


def _rule(select: Rule | History | Risk | None, all: bool) -> History | Risk | None:
    if select is not None and all:
        raise ValueError("select: give either all=True or a rule that selects, not both")
    if select is None or isinstance(select, History | Risk):
        return select
    if select not in RULES:
        raise ValueError(f"select: {select!r}, expected one of {', '.join(map(repr, RULES))}")
    return RULES[select]


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


def _status(found: list[Equilibrium], tolerance: float, several: bool = False) -> Status:
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
    if several:
        count = len(found)
        each = "one Markov-perfect equilibrium was" if count == 1 else f"{count} equilibria were"
        return Status("converged", f"{each} found {how}")
    return Status("converged", f"a Markov-perfect equilibrium was found {how}")
