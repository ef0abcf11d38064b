"""Finite games within a continuous one: payoffs on a grid, an equilibrium, and what else pays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import Budget, checkpoint
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.lemke_howson import lemke_howson
from leaderbored.solvers.finite.quantal import logit_path
from leaderbored.solvers.finite.zero_sum import Opposed, solve_opposed

PLAYED = 1e-7  # probabilities above
LABELS = 12  # paths of complementary pivoting that are tried
UNIT = 40  # two to the power of so much is the range of a finite game's payoffs
SOLVED = 1e-9  # regret of an equilibrium of a finite game
MOST_PAYOFFS = 4_000_000  # worked out at once


def table(program: Program, points: Sequence[Array]) -> Array:
    """(G, k_1, ..., k_G) payoffs where each player picks one of its points (k, s).

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "x*y"), Player("B", {"y": [0, 1]}, "x")])
    >>> ends = np.array([[0.0], [1.0]])
    >>> table(Program(game), [ends, ends])[0].tolist()
    [[0.0, 0.0], [0.0, 1.0]]
    """
    x = _profiles(program, points)
    found = [program.payoff(g, x[mine].T, x) for g, mine in enumerate(program.own)]
    return np.array(found).reshape(-1, *map(len, points))


def _profiles(program: Program, points: Sequence[Array]) -> Array:
    """(n, B) every profile in which each player picks one of its points, the last one's fastest."""
    shape = tuple(map(len, points))
    places = np.indices(shape).reshape(len(shape), -1)
    x = np.zeros((program.n, places.shape[1]))
    for mine, own, at in zip(program.own, points, places, strict=True):
        x[mine] = own[at].T
    return x


def solved(payoffs: Array, budget: Budget) -> list[Array] | None:
    """An equilibrium of a finite game, or what comes closest to one; None if nothing does.

    Parameters
    ----------
    payoffs : (G, k_1, ..., k_G) array
        What is not finite is as bad as the worst.
    budget : Budget

    Examples
    --------
    >>> pennies = np.array([[[1.0, -1.0], [-1.0, 1.0]], [[-1.0, 1.0], [1.0, -1.0]]])
    >>> [law.round(9).tolist() for law in solved(pennies, Budget(None))]
    [[0.5, 0.5], [0.5, 0.5]]
    """
    if not np.isfinite(payoffs).any():
        return None
    game = NormalForm(np.array([_whole(own) for own in payoffs]))
    best, least = None, np.inf
    for laws in _candidates(game, budget):
        if laws is None:
            continue
        worst = float(regret(game, laws).max())
        if worst < least:
            best, least = laws, worst
        if worst <= SOLVED:
            break
    return best


def _whole(own: Array) -> Array:
    """Payoffs in so small a unit that rounding them does not matter; the least if undefined."""
    known = own[np.isfinite(own)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    filled = np.where(np.isfinite(own), own, low)
    return np.asarray(np.rint((filled - low) / ((high - low) or 1.0) * 2.0**UNIT))


def _candidates(game: NormalForm, budget: Budget) -> Iterator[list[Array] | None]:
    if len(game.shape) == 2:
        if opposed := Opposed.of(game):
            yield list(solve_opposed(game, opposed))
        step = max(1, sum(game.shape) // LABELS)
        for label in range(0, sum(game.shape), step):
            yield lemke_howson(game, label, seed=label, budget=budget)
    else:
        yield logit_path(game, budget=budget, paths=2)


def trimmed(law: Law) -> Law:
    """A law without what is next to never played.

    Examples
    --------
    >>> trimmed(Law(np.array([[0.0], [1.0], [0.0]]), np.array([0.25, 1e-12, 0.75])))
    Law(points=array([[0.]]), weights=array([1.]))
    """
    played = law.weights > PLAYED * law.weights.max()
    points, where = np.unique(law.points[played], axis=0, return_inverse=True)
    weights = np.bincount(where.ravel(), law.weights[played])
    return Law(points, weights / weights.sum())


def paid_by(program: Program, g: int, own: Array, laws: Sequence[Law]) -> tuple[Array, float]:
    """(B,) what strategies pay a player against the others' laws, and the range of payoffs.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "x*y"), Player("B", {"y": [0, 1]}, "x")])
    >>> half = Law(np.array([[0.0], [1.0]]), np.full(2, 0.5))
    >>> paid, span = paid_by(Program(game), 0, np.array([[1.0], [0.5]]), [half, half])
    >>> paid.tolist(), span
    ([0.5, 0.25], 1.0)
    """
    points = [own if h == g else law.points for h, law in enumerate(laws)]
    step = max(1, MOST_PAYOFFS // int(np.prod([len(p) for h, p in enumerate(points) if h != g])))
    means, low, high = list[Array](), np.inf, -np.inf
    for first in range(0, len(own), step):
        checkpoint()
        points[g] = own[first : first + step]
        x = _profiles(program, points)
        mean = program.payoff(g, x[program.own[g]].T, x).reshape(*map(len, points))
        seen = mean[np.isfinite(mean)]
        low, high = min(low, seen.min(initial=np.inf)), max(high, seen.max(initial=-np.inf))
        for h in reversed(range(len(laws))):
            if h != g:
                mean = np.moveaxis(mean, h, -1) @ laws[h].weights
        means.append(np.where(np.isnan(mean), -np.inf, mean))
    return np.concatenate(means), float(high - low)
