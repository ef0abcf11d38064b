"""The verb: ``solve(game)``, whatever the game."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias, overload

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.games.normal_form import NormalForm
from leaderbored.kinds import VERBS, fitting, imported, kind_of
from leaderbored.late import names
from leaderbored.solvers.budget import Budget, Limit, Progress, StoppedError
from leaderbored.solvers.estimate import Estimate, estimate
from leaderbored.solvers.explain import Explanation, explain
from leaderbored.solvers.fingerprint import digest
from leaderbored.solvers.hunt import stopped
from leaderbored.solvers.markov import Method
from leaderbored.solvers.markov.basin import Basin, basin
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.clearing import Clearing
from leaderbored.solvers.markov.continuation import Continuation
from leaderbored.solvers.markov.elimination import Elimination
from leaderbored.solvers.markov.homotopy import Homotopy
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.policy_iteration import PolicyIteration
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.markov.selection import RULES, History, Risk, Rule
from leaderbored.solvers.markov.stability import Stability
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.proof import Proof
from leaderbored.solvers.reductions import chain
from leaderbored.solvers.settings import settings
from leaderbored.solvers.solution import (
    Census,
    Component,
    Equilibrium,
    Found,
    MarkovEquilibrium,
    Solution,
    StaticEquilibrium,
    Status,
)

if TYPE_CHECKING:
    import nashpy

    from leaderbored.games.continuous import Continuous
    from leaderbored.games.linear_quadratic import Information, LinearQuadratic
    from leaderbored.games.stochastic import MarkovGame
    from leaderbored.race import Contest, ContestArrays, Race
    from leaderbored.solvers.contest import ContestMethod
    from leaderbored.solvers.continuous import ContinuousMethod
    from leaderbored.solvers.finite import FiniteMethod
    from leaderbored.solvers.linear_quadratic import LinearQuadraticMethod
    from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium
    from leaderbored.solvers.markov.proof import certify
    from leaderbored.solvers.stochastic import MarkovMethod

    Static: TypeAlias = NormalForm | Continuous | Contest | ContestArrays | nashpy.Game
    Game: TypeAlias = Race | Markov | MarkovGame | LinearQuadratic | Static
    StaticMethod: TypeAlias = FiniteMethod | ContinuousMethod | ContestMethod
    AnyMethod: TypeAlias = Method | MarkovMethod | LinearQuadraticMethod | StaticMethod

__getattr__ = names(__name__, {"finite": ("FiniteMethod",), "markov.proof": ("certify",)})

__all__ = [
    "Basin",
    "Census",
    "Clearing",
    "Component",
    "Continuation",
    "Elimination",
    "Equilibrium",
    "Estimate",
    "Explanation",
    "FiniteMethod",
    "History",
    "Homotopy",
    "MarkovEquilibrium",
    "Method",
    "Newton",
    "PolicyIteration",
    "Proof",
    "Risk",
    "Search",
    "Solution",
    "Stability",
    "StaticEquilibrium",
    "Status",
    "basin",
    "certify",
    "digest",
    "estimate",
    "explain",
    "regret",
    "solve",
]


@overload
def solve(
    game: Race | Markov,
    method: Method | None = None,
    *,
    all: bool | None = None,
    select: Rule | History | Risk | None = None,
    start: Array | None = None,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Solution[Equilibrium]: ...


@overload
def solve(
    game: Static,
    method: StaticMethod | None = None,
    *,
    all: bool | None = None,
    exact: bool = False,
    start: Sequence[Array] | None = None,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Solution[StaticEquilibrium]: ...


@overload
def solve(
    game: LinearQuadratic,
    method: LinearQuadraticMethod | None = None,
    *,
    all: bool | None = None,
    information: Information | None = None,
    start: Sequence[Array] | None = None,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Solution[LinearQuadraticEquilibrium]: ...


@overload
def solve(
    game: MarkovGame,
    method: MarkovMethod | None = None,
    *,
    all: bool | None = None,
    start: Array | None = None,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Solution[MarkovEquilibrium]: ...


@unthreaded
def solve(
    game: Game,
    method: AnyMethod | None = None,
    *,
    all: bool | None = None,
    select: Rule | History | Risk | None = None,
    exact: bool = False,
    information: Information | None = None,
    start: Any = None,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Solution[Any]:
    """Find an equilibrium, or every one: Nash of a game played once, else Markov-perfect.

    Of a linear-quadratic game in open loop: Nash in plans.

    Parameters
    ----------
    game : Race, Markov, MarkovGame, LinearQuadratic, NormalForm, Continuous, Contest, nashpy.Game
        N players; S states if dynamic.
    method : Method, FiniteMethod, ContinuousMethod, ContestMethod and so on, optional
        Engines and tolerances, of the kind of the game.
    all : bool, optional
        Look for every equilibrium; ``census`` says how, and what that is worth. By default so
        for games played once and linear-quadratic ones, and not for other dynamic ones.
    select : "from history", "risk", History or Risk, optional
        Of a dynamic game: take the equilibrium to which best-response dynamics leads from
        ``start``, or the one that is left as noise in the replies dies out; see
        :mod:`leaderbored.solvers.markov.selection`.
    exact : bool, default False
        Of a finite game: give the strategies in rational numbers too, where they are rational.
    information : "feedback", "open-loop" or "stackelberg", optional
        Of a linear-quadratic game, instead of what it says itself: whether players see the state,
        commit to plans at the start, or see at every stage what the first player does before they
        act.
    start : array or sequence of N arrays, optional
        Where to start: the (N, S) shares of a dynamic game, by default those that build with
        idle compute alone; or the strategies of each player, for one equilibrium of a game
        played once; or the gains of each player of a linear-quadratic game.
    limit : float or callable, optional
        Seconds after which to stop, or a function that says True when to stop; what was found
        so far is returned, with status "stopped".
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Solution
        With no equilibrium, and a status that says what to change, if nothing converged.

    Raises
    ------
    TypeError
        If there is no such game, an option that its kind does not know, or a method of another
        kind.
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
    >>> chicken = lb.NormalForm([[[0, 7], [2, 6]], [[0, 2], [7, 6]]])
    >>> solution = lb.solve(chicken, exact=True)
    >>> [str(x) for x in solution.equilibria[-1].exact["1"]], solution.complete
    (['1/3', '2/3'], 'proved')
    """
    began = perf_counter()
    options = {
        "start": start,
        "select": select,
        "exact": exact or None,
        "information": information,
    }
    given = {name: value for name, value in options.items() if value is not None}
    _fits(game, method, given)
    budget, answered = Budget(limit), game
    with budget.running():
        try:
            with np.errstate(all="ignore"):  # what overflows is refused by solvers
                reduced = chain(game, asked=_shortcut(game, method, given))
            answered = reduced.answered
            found = kind_of(reduced.game).get("room")(
                reduced.game,
                method,
                all=all,
                budget=budget,
                progress=progress,
                **given,
                **reduced.record,
            )
            found = reduced.invert(found)
        except StoppedError:
            if not budget.spent():
                raise
            found = Found([], stopped(0), Census("partial", "the search was stopped", {}, None))
    used = settings(fitting(game, method))
    if select is not None:
        used |= settings(
            RULES.get(select, select) if isinstance(select, str) else select, "select."
        )
    return Solution(
        game=answered,
        equilibria=tuple(found.equilibria),
        status=found.status,
        census=found.census,
        digest=digest(answered),
        seconds=perf_counter() - began,
        components=found.components,
        value=found.value,
        settings=used,
    )


def _shortcut(game: Any, method: Any, given: dict[str, Any]) -> bool | None:
    """Whether to take the shortcut of the game's kind; None: where the game is large.

    Raises
    ------
    ValueError
        If it is asked for, and there is none for this game.
    """
    asked: bool | None = getattr(method, "alike", None)
    if asked and (reason := _in_the_way(game, given)):
        raise ValueError(f"method.alike: {reason}")
    return asked if asked or not given else False


def _in_the_way(game: Any, given: dict[str, Any]) -> str:
    """Why the shortcut of its kind cannot be taken for a game; empty if it can."""
    if given:
        return f"not with {', '.join(given)}"
    kind = kind_of(game)
    place = next((each.shortcut for each in kind.lineage if each.shortcut), "")
    return imported(place).obstacle(game) if place else f"no option of {type(game).__name__}"


def _fits(game: Any, method: Any, given: dict[str, Any]) -> None:
    """Insist on options and a method of the kind of the game, before any work.

    Raises
    ------
    TypeError
        If there is no such game, or something is of another kind; the message names what fits.
    """
    kind, name = kind_of(game), type(game).__name__
    if wrong := [option for option in given if not kind.answers(option)]:
        options = [verb.name for verb in VERBS.values() if verb.needs == "options"]
        known = ", ".join(option for option in options if kind.answers(option))
        takes = f"; it takes {known}" if known else ""
        raise TypeError(f"{', '.join(wrong)}: no option of {name}{takes}")
    fitting(game, method)
