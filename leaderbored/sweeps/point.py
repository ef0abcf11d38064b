"""One point of a sweep: a game in, its answer as a few numbers out, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leaderbored.games.problems import GameFileError
from leaderbored.games.stochastic import MarkovGame
from leaderbored.kinds import kind_of
from leaderbored.race import Race, leads
from leaderbored.solvers import (
    Equilibrium,
    MarkovEquilibrium,
    Solution,
    StaticEquilibrium,
    solve,
)
from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium
from leaderbored.verdicts.advances import succession
from leaderbored.verdicts.profile import law_of, on_board
from leaderbored.verdicts.reading import kind_at, read
from leaderbored.verdicts.welfare import welfare

NAN = float("nan")
NUMBERS = {  # of the verdict on a race: unit, and what it is
    "mean_lead": ("rungs", "mean lead, ties count zero"),
    "lead_changes": ("1/year", "lead changes"),
    "reign": ("years", "mean reign, where play ends in one way and leads change hands"),
    "repeat_win": ("1", "chance that the last winner wins again"),
    "asymptote": ("rungs", "where leads stall"),
    "escape": ("rungs", "past where leads grow"),
    "advances": ("1/year", "frontier advances"),
    "served": ("1", "share of customers who buy"),
    "profits": ("money/year", "of all labs together"),
    "dissipation": ("1", "share of what labs would earn if none built that building costs them"),
    "surplus": ("money/year", "of customers over going without"),
    "welfare": ("money", "of labs and customers from a tie on, discounted"),
}


@dataclass(frozen=True)
class Point:
    """The answer at one point.

    Attributes
    ----------
    status : str
        As of a :class:`leaderbored.Solution`; or "invalid" where there is no such game, and
        "failed" where solving broke off.
    message : str
        What went wrong; empty if nothing did.
    names : tuple of str
        N labs or players.
    value : tuple of N float
        In the first state, of a race the tie; of a game played once, payoffs; of a
        linear-quadratic game, less its costs. Of the first equilibrium; nan without one.
    regret : float
        The largest of those of the equilibria.
    equilibria : int
        How many were found.
    verdict, verdicts : str
        Of a race: the kind of the first, and all kinds, each once.
    numbers : dict of str to float
        Of a race: see ``NUMBERS``.
    """

    status: str
    message: str = ""
    names: tuple[str, ...] = ()
    value: tuple[float, ...] = ()
    regret: float = NAN
    equilibria: int = 0
    verdict: str = ""
    verdicts: str = ""
    numbers: dict[str, float] = field(default_factory=dict)


def solve_point(game: Any, method: Any = None, all: bool | None = None) -> Point:
    """Solve a game, and sum the answer up; an error is an answer too.

    Parameters
    ----------
    game : Race, Markov, MarkovGame, LinearQuadratic, NormalForm, Continuous or Contest
    method : Method, FiniteMethod and so on, optional
    all : bool, optional

    Returns
    -------
    Point

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> point = solve_point(race)
    >>> point.verdict, point.names, point.regret < 1e-9
    ('run', ('A', 'B'), True)
    """
    try:
        solution = solve(game, method, all=all)
        return summary(solution)
    except GameFileError as error:
        return Point("invalid", "; ".join(f"{p.place}: {p.expected}" for p in error.mistakes))
    except Exception as error:  # whatever it is, the other points of the sweep go on
        return Point("failed", f"{type(error).__name__}: {error}")


def summary(solution: Solution[Any]) -> Point:
    """What is found, as a few numbers.

    Examples
    --------
    >>> import leaderbored as lb
    >>> summary(lb.solve(lb.NormalForm([[1, 2]]))).value
    (2.0,)
    """
    status, found = solution.status, solution.equilibria
    if not found:
        return Point(status.code, status.message)
    kind = kind_of(solution.game)
    names, value = kind.get("values")(found[0], solution.game) if kind.has("values") else ((), ())
    verdict, verdicts, numbers = "", "", dict[str, float]()
    if kind.board:
        shapes = [kind_at(solution.game, each.game, each.build) or "" for each in found]
        verdict, verdicts = shapes[0], ", ".join(filter(None, dict.fromkeys(shapes)))
        numbers = _numbers(solution)
    return Point(
        status=status.code,
        message="" if status.ok else status.message,
        names=names,
        value=value,
        regret=float(max(equilibrium.regret for equilibrium in found)),
        equilibria=len(found),
        verdict=verdict,
        verdicts=verdicts,
        numbers=numbers,
    )


Values = tuple[tuple[str, ...], tuple[float, ...]]
"""Names and values of the players; see :class:`Point`."""


def race_values(equilibrium: Equilibrium, game: Race) -> Values:
    """Of the labs, at the tie; other players of the compiled game are left out."""
    return _pairs(equilibrium.game.players[: len(game.labs)], equilibrium.value[:, 0])


def markov_values(equilibrium: Equilibrium, game: Any) -> Values:
    """Of the players, in the first state."""
    return _pairs(game.players, equilibrium.value[:, 0])


def agents_values(equilibrium: MarkovEquilibrium, game: MarkovGame) -> Values:
    """Of the players of a Markov game of one's own, in the first state."""
    return _pairs([agent.name for agent in game.agents], equilibrium.value[:, 0])


def static_values(equilibrium: StaticEquilibrium, game: Any) -> Values:
    """Payoffs."""
    del game
    return _pairs(equilibrium.strategies, equilibrium.payoffs)


def costs_values(equilibrium: LinearQuadraticEquilibrium, game: Any) -> Values:
    """Less the costs from the initial state; nan without one."""
    costs = equilibrium.costs
    return _pairs(equilibrium.gains, np.full(len(game.players), NAN) if costs is None else -costs)


def _pairs(names: Iterable[str], values: Iterable[float]) -> Values:
    known = tuple(names)
    return known, tuple(map(float, values))[: len(known)]


def _numbers(solution: Solution[Any]) -> dict[str, float]:
    """Of the first equilibrium of a race; see ``NUMBERS``."""
    race, board = solution.game, on_board(solution.equilibria[0])
    law = law_of(solution.equilibria[0])
    found = read(race, board.game, board.build, law)
    made = succession(race, board.game, found.hazard, law.never).under(law.weight)
    moves = any(end.moves for end in found.ends)
    lead = leads(board.game.states)[0].astype(float)
    worth = welfare(solution)
    return {
        "mean_lead": law.mean(lead) if found.bounded else NAN,
        "lead_changes": made.changes if moves else NAN,
        "reign": 1 / made.changes if len(found.ends) == 1 and made.changes > 0 else NAN,
        "repeat_win": made.repeats / made.rate if moves and made.rate > 0 else NAN,
        "asymptote": NAN if found.shape.asymptote is None else found.shape.asymptote,
        "escape": NAN if found.shape.escape is None else found.shape.escape,
        "advances": worth.advances,
        "served": NAN if worth.served is None else worth.served,
        "profits": worth.profits,
        "dissipation": NAN if worth.dissipation is None else worth.dissipation,
        "surplus": NAN if worth.surplus is None else worth.surplus,
        "welfare": float(worth.present.total[0]),
    }
