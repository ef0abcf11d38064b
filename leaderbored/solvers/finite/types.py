r"""Equilibria of players with private information, whose agent form has too many profiles.

Of two players, what an action of one player's type earns is linear in what the other's types do,
so that the equilibria solve a linear complementarity problem whose size is the number of types and
actions, not of profiles (Howson and Rosenthal, Management Science 21, 1974). With costs in place of
payoffs, :math:`C_A, C_B > 0`, each agent's lowest cost v, and E which action is whose,

.. math:: 0 \le x \perp C_A y - E_A^T v_A \ge 0, \qquad 0 \le v_A \perp E_A x - 1 \ge 0,

and the same for the other player. Lemke's path (Management Science 11, 1965) ends at a solution
(Koller, Megiddo and von Stengel, Games and Economic Behavior 14, 1996); other covering vectors may
lead to others. At the end the supports are read off and solved for without pivots. Of more players
see :mod:`leaderbored.solvers.finite.types_of_many`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import prod

import numpy as np

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.interim import before_types, of_first, opposed, sides
from leaderbored.games.markov import Array, States
from leaderbored.games.record import RefusedError
from leaderbored.kinds import kind_of
from leaderbored.solvers.budget import Budget, Progress, StoppedError, checkpoint
from leaderbored.solvers.finite.certificate import by_types
from leaderbored.solvers.finite.method import FiniteMethod, status
from leaderbored.solvers.finite.pure import pooled
from leaderbored.solvers.finite.types_of_many import Sought, of_many
from leaderbored.solvers.order import ordered
from leaderbored.solvers.proof import UNTRIED, unproved
from leaderbored.solvers.solution import Census, Found, StaticEquilibrium

PIVOTING = "complementary pivoting"
PATHS = 16  # covering vectors
PIVOTS = 20_000
TIES, SMALL = 1e-7, 1e-11  # change that breaks ties; entries below are none
PLAYED = 1e-6  # probabilities below are off the support


def equilibria(
    game: Bayesian,
    method: FiniteMethod | None,
    *,
    all: bool | None,
    budget: Budget,
    progress: Progress | None,
    exact: bool = False,
    start: Sequence[Array] | None = None,
) -> Found[StaticEquilibrium]:
    """What :func:`leaderbored.solve` returns of a large game of players with types.

    Raises
    ------
    RefusedError
        If ``exact`` or ``start`` is given, or the method asks for some equilibria only.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "(v - b) * (b >= others(b))")
    >>> found = equilibria(game, None, all=False, budget=Budget(None), progress=None)
    >>> found.equilibria[0].regret < 1e-12
    True
    """
    del progress
    alone = [name for name in ("pure", "symmetric", "refine") if getattr(method, name, False)]
    for asked in [*alone, *["exact"] * exact, *["start"] * (start is not None)]:
        raise RefusedError(f"{asked}: {kind_of(game).limit('exact', game)}")
    method = method or FiniteMethod()
    search = _along_paths if len(game.players) == 2 else of_many
    pool, sought = search(game, method, all is not False, budget)
    answers = [certified(game, laws, engine) for engine, laws in ordered(pool, _laws)]
    profiles = prod(map(len, game.strategies))
    engines = Counter(answer.method for answer in answers)
    census = Census("partial", f"{profiles:,} profiles of all types: {sought}", {**engines}, None)
    two = len(game.players) == 2 and answers and opposed(game)
    value = before_types(game, [*answers[0].strategies.values()])[0] if two else None
    return Found(answers, status(answers, method, stopped=budget.spent()), census, value=value)


def _laws(found: tuple[str, list[Array]]) -> Array:
    return np.concatenate(found[1])


def _along_paths(game: Bayesian, method: FiniteMethod, every: bool, budget: Budget) -> Sought:
    """Of two players, the ends of some paths of complementary pivoting."""
    pool, tried = pooled((), method.same), 0
    for seed in range(PATHS):
        if pool and (not every or budget.spent()):
            break
        tried += 1
        try:
            laws = _at_the_end(game, seed)
        except StoppedError:
            break
        if laws is not None and by_types(game, laws)[1] <= method.tolerance:
            pool.add(PIVOTING, laws)
    found = [(PIVOTING, laws) for laws in pool]
    return found, f"only the ends of {tried} paths of complementary pivoting were sought"


def certified(game: Bayesian, laws: Sequence[Array], method: str) -> StaticEquilibrium:
    """The profile with its regret, worked out from payoffs type by type.

    Examples
    --------
    >>> game = Bayesian(["A", "B"], {"v": [1, 2]}, {"b": [0, 1]}, "(v - b) * (b >= others(b))")
    >>> certified(game, [np.array([0.0, 1.0])] * 4, "by hand").payoffs.tolist()
    [0.0, 1.0, 0.0, 1.0]
    """
    payoffs, worst = by_types(game, laws)
    return StaticEquilibrium(
        strategies=dict(zip(game.names, laws, strict=True)),
        payoffs=np.array(payoffs),
        regret=worst,
        stable=None,
        method=method,
        proof=unproved(f"{UNTRIED} it is solved type by type, and its tables are not written out"),
    )


def _at_the_end(game: Bayesian, seed: int) -> list[Array] | None:
    """The laws at the end of a path; None if rounding got the better of the pivots."""
    a, b = sides(game)
    first = of_first(game)
    sizes = [len(own) for own in game.strategies]
    whose = [np.repeat(np.eye(len(part)), part, axis=1) for part in (sizes[:first], sizes[first:])]
    costs = [1 + (part.max() - part) / (np.ptp(part) or 1.0) for part in (a, b)]
    rows, columns = a.shape
    nothing = np.zeros((rows + columns, rows + columns))
    nothing[:rows, rows:], nothing[rows:, :rows] = costs[0], costs[1].T
    owners = np.zeros((len(sizes), rows + columns))
    owners[:first, :rows], owners[first:, rows:] = whose
    matrix = np.block([[nothing, -owners.T], [owners, np.zeros((len(sizes), len(sizes)))]])
    random = np.random.default_rng(seed)
    right = np.r_[np.zeros(rows + columns), -np.ones(len(sizes))]
    cover = np.ones(len(right)) if seed == 0 else random.uniform(0.1, 1, len(right))
    found = lemke(matrix, right + TIES * random.random(len(right)), cover)
    if found is None:
        return None
    laws = np.split(found[: rows + columns], np.cumsum(sizes)[:-1])
    return _polished(game, [law / (law.sum() or 1.0) for law in laws])


def lemke(matrix: Array, right: Array, cover: Array) -> Array | None:
    """A z with z >= 0, w = M z + q >= 0 and no z_k w_k above zero, by Lemke's path.

    Parameters
    ----------
    matrix : (n, n) array
        M.
    right, cover : (n,) arrays
        q, and what is added to it in multiples until the path ends; positive.

    Examples
    --------
    >>> lemke(np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([-5.0, -7.0]), np.ones(2)).tolist()
    [1.0, 3.0]
    """
    size = len(right)
    table = np.hstack([np.eye(size), -matrix, -cover[:, None], right[:, None]])
    basis, entering, row = [*range(size)], 2 * size, int((right / cover).argmin())
    if right[row] >= 0:
        return np.zeros(size)
    for k in range(PIVOTS):
        checkpoint()
        if k:
            column = table[:, entering]
            positive = column > SMALL
            ratio = np.where(positive, table[:, -1] / np.where(positive, column, 1), np.inf)
            row = int(ratio.argmin())
            if not np.isfinite(ratio[row]):
                return None
        leaving, basis[row] = basis[row], entering
        table[row] /= table[row, entering]
        rest = table[:, entering].copy()
        rest[row] = 0.0
        table -= np.outer(rest, table[row])
        if leaving == 2 * size:
            found = np.zeros(2 * size + 1)
            found[basis] = table[:, -1]
            return np.asarray(found[size : 2 * size])
        entering = leaving + size if leaving < size else leaving - size
    return None


def _polished(game: Bayesian, laws: list[Array]) -> list[Array]:
    """The laws that make the other's types indifferent on their supports, if these are better."""
    made = _solved(game, [np.flatnonzero(law > PLAYED) for law in laws])
    return min(made, laws, key=lambda each: by_types(game, each)[1])


def _solved(game: Bayesian, supports: Sequence[States]) -> list[Array]:
    a, b = sides(game)
    first = of_first(game)
    starts = np.cumsum([0, *(len(own) for own in game.strategies)])
    places = [start + own for start, own in zip(starts, supports, strict=False)]
    rows = places[:first]
    columns = [place - a.shape[0] for place in places[first:]]
    made = [*_indifferent(b.T, columns, rows), *_indifferent(a, rows, columns)]
    laws = [np.zeros(len(own)) for own in game.strategies]
    for law, own, weights in zip(laws, supports, made, strict=True):
        law[own] = np.maximum(weights, 0.0) / (np.maximum(weights, 0.0).sum() or 1.0)
    return laws


def _indifferent(payoff: Array, own: Sequence[States], others: Sequence[States]) -> list[Array]:
    """What others do on their supports so that each agent gets as much on its own."""
    sizes = [*map(len, others)]
    body = payoff[np.ix_(np.concatenate(own), np.concatenate(others))]
    level = np.repeat(np.eye(len(own)), [*map(len, own)], axis=0)
    each = np.repeat(np.eye(len(others)), sizes, axis=1)
    system = np.block([[body, -level], [each, np.zeros((len(others), len(own)))]])
    right = np.r_[np.zeros(len(body)), np.ones(len(others))]
    found = np.linalg.lstsq(system, right, rcond=None)[0][: sum(sizes)]
    return np.split(found, np.cumsum(sizes)[:-1])
