r"""Mixed strategies of continuous games, where no equilibrium in pure ones is found.

Two searches, each a sequence of finite games that the solvers of :mod:`leaderbored.solvers.finite`
solve:

- *points*: each player has a few strategies, and each round its best reply of all to what was
  found joins them (the double oracle: McMahan, Gordon and Blum, ICML 2003; for continuous games
  Adam, Horčík, Kasl and Kroupa, AAAI 2021). Laws on finitely many points are found to rounding.
- *pieces*, of players with one strategy each: a player's choice is among pieces of its range,
  over which it spreads evenly. Pieces that are played are cut, the others joined, round after
  round. Where payoffs jump as one overtakes the other, as in auctions, a law on points is always
  overtaken, and one on pieces is not.

In the end each piece becomes points, each of about the same probability. Whether that is an
equilibrium, or how far from one, is for :mod:`leaderbored.solvers.continuous.laws` to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.late import late
from leaderbored.solvers.budget import Budget, checkpoint
from leaderbored.solvers.continuous.laws import Law
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.lemke_howson import lemke_howson
from leaderbored.solvers.finite.quantal import logit_path
from leaderbored.solvers.finite.zero_sum import Opposed, solve_opposed

qmc = late("scipy.stats.qmc")

MOST_PLAYERS = 4
ROUNDS, FIRST = 24, 5  # of points; how many of one strategy there are at first
SPREAD = {2: 200, 3: 24, 4: 10}  # points of players with several strategies, by players
PIECES = {2: (24, 160), 3: (12, 22), 4: (6, 8)}  # at first and at last, by players
WITHIN = {2: 8, 3: 4, 4: 3}  # points of a piece while pieces are chosen
ATOMS = {2: 1024, 3: 128, 4: 28}  # points of a law at the end
CUTS, PATIENCE = 9, 2  # rounds of cutting pieces, and without progress
PLAYED = 1e-7  # probabilities above
GRID = {2: 601, 3: 301, 4: 101}  # deviations that are looked at on the way
LABELS = 12  # paths of complementary pivoting that are tried
UNIT = 40  # two to the power of so much is the range of a finite game's payoffs
SOLVED = 1e-9  # regret of an equilibrium of a finite game
MOST_PAYOFFS = 4_000_000  # of one finite game


def unmixed(program: Program) -> str:
    """Why mixed strategies are not looked for in a game; empty if they are.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> unmixed(Program(lb.Continuous([Player("A", {"x": [0, 1]}, "x")])))
    'one player gains nothing by mixing'
    """
    ends = np.array([program.lower[: program.n], program.upper[: program.n]])
    if len(program.groups) == 1 and program.count[0] == 1:
        return "one player gains nothing by mixing"
    if len(program.groups) > MOST_PLAYERS or (program.count > 1).any():
        return f"mixed strategies are looked for with up to {MOST_PLAYERS} players"
    if program.code.numeric:
        return "mixed strategies are looked for where payoffs are formulas"
    if program.code.shared:
        return "mixed strategies are not defined where strategies constrain each other"
    if not np.isfinite(ends).all():
        return "mixed strategies are looked for where strategies are bounded"
    return ""


def mixed(program: Program, tolerance: float, budget: Budget) -> Iterator[list[Law]]:
    """Laws that may be close to an equilibrium, those on points first.

    Parameters
    ----------
    program : Program
        Of which :func:`unmixed` says nothing.
    tolerance : float
        Regret at which the search for points ends.
    budget : Budget

    Yields
    ------
    list of Law
        One for each player.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> first, second = next(mixed(Program(game), 1e-9, Budget(None)))
    >>> first.points.ravel().tolist(), first.weights.round(9).tolist(), second.points.tolist()
    ([0.0, 1.0], [0.5, 0.5], [[0.5]])
    """
    yield from _Points(program, budget).laws(tolerance)
    plain = program.n == len(program.groups) and not len(program.totals)
    if plain and (program.lower < program.upper)[: program.n].any():
        yield from _Pieces(program, budget).laws()


def _table(program: Program, points: Sequence[Array]) -> Array:
    """(G, k_1, ..., k_G) payoffs where each player picks one of its points (k, s)."""
    shape = tuple(map(len, points))
    places = np.indices(shape).reshape(len(shape), -1)
    x = np.zeros((program.n, places.shape[1]))
    for mine, own, at in zip(program.own, points, places, strict=True):
        x[mine] = own[at].T
    found = [program.payoff(g, x[mine].T, x) for g, mine in enumerate(program.own)]
    return np.array(found).reshape(-1, *shape)


def _finite(table: Array, budget: Budget) -> list[Array] | None:
    """An equilibrium of a finite game, or what comes closest to one."""
    if not np.isfinite(table).any():
        return None
    game = NormalForm(np.array([_whole(own) for own in table]))
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


def _whole(table: Array) -> Array:
    """Payoffs in so small a unit that rounding them does not matter; the least if undefined."""
    known = table[np.isfinite(table)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    filled = np.where(np.isfinite(table), table, low)
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


class _Points:
    """Few strategies of each player, and best replies that join them."""

    def __init__(self, program: Program, budget: Budget) -> None:
        self.program, self.budget, self.players = program, budget, len(program.own)
        self.points = [self._first(g) for g in range(self.players)]
        self.spread = [self._all(g) for g in range(self.players)]

    def _first(self, g: int) -> Array:
        mine = self.program.own[g]
        if len(mine) == 1 and self.program.total(g) is None:
            low, high = self.program.lower[mine], self.program.upper[mine]
            return np.asarray(low + np.linspace(0, 1, FIRST)[:, None] * (high - low))
        return self._random(g, SPREAD[self.players])

    def _all(self, g: int) -> Array:
        """What replies are looked for among."""
        mine = self.program.own[g]
        count = GRID[self.players]
        if len(mine) == 1 and self.program.total(g) is None:
            low, high = self.program.lower[mine], self.program.upper[mine]
            return np.asarray(low + np.linspace(0, 1, count)[:, None] * (high - low))
        return self._random(g, 2 * count, seed=1)

    def _random(self, g: int, count: int, seed: int = 0) -> Array:
        """About so many points all over a player's strategies."""
        mine, total = self.program.own[g], self.program.total(g)
        low, high = self.program.lower[mine], self.program.upper[mine]
        power = int(np.ceil(np.log2(count)))
        unit = qmc.Sobol(len(mine), seed=seed).random_base2(power)[:count]
        if total is None:
            corners = np.vstack([low, high, (low + high) / 2])
            return np.vstack([corners, low + unit * (high - low)])
        parts = np.vstack([np.ones(len(mine)), -np.log(1 - unit)])
        points = low + (total - low.sum()) * parts / parts.sum(axis=1, keepdims=True)
        kept: Array = points[((points >= low) & (points <= high)).all(axis=1)]
        return kept

    def laws(self, tolerance: float) -> Iterator[list[Law]]:
        """What was found, the better the later; the last one only if it is no equilibrium."""
        best, least, tired = None, np.inf, 0
        for _ in range(ROUNDS):
            checkpoint()
            found = _finite(_table(self.program, self.points), self.budget)
            if found is None:
                return
            laws = [_cut(Law(own, law)) for own, law in zip(self.points, found, strict=True)]
            worst = self._replied(laws)
            tired = 0 if worst < 0.5 * least else tired + 1
            if worst < least:
                best, least = laws, worst
            if least <= tolerance or tired > 8:
                break
        if best is not None:
            yield best

    def _replied(self, laws: list[Law]) -> float:
        """Each player's best replies join its points; the largest gain, relative to payoffs."""
        worst = 0.0
        for g in range(self.players):
            tried = np.vstack([self.points[g], self.spread[g]])
            paid, span = _paid(self.program, g, tried, laws)
            here = float(_paid(self.program, g, laws[g].points, laws)[0] @ laws[g].weights)
            reply, most = self._refined(g, tried, paid, laws)
            worst = max(worst, (most - here) / (span or 1.0))
            apart = np.abs(self.points[g] - reply).max(axis=1)
            if apart.min() > 1e-12 * (1 + np.abs(reply).max()):
                self.points[g] = np.vstack([self.points[g], reply])
        return worst

    def _refined(self, g: int, tried: Array, paid: Array, laws: list[Law]) -> tuple[Array, float]:
        """The best of some strategies, and of narrower and narrower grids around it."""
        mine = self.program.own[g]
        low, high = self.program.lower[mine], self.program.upper[mine]
        best, most = tried[paid.argmax()], float(paid.max())
        total, random = self.program.total(g), np.random.default_rng(0)
        width = (high - low) / (len(self.spread[g]) if len(mine) == 1 else 8)
        for _ in range(24):
            steps = np.linspace(-1, 1, 17)[:, None] * np.eye(len(mine))[:, None, :]
            moves = np.vstack([*steps, random.uniform(-1, 1, (17, len(mine)))]) * width
            if total is not None:
                moves -= moves.mean(axis=1, keepdims=True)
            near = best + moves
            near = near[((near >= low) & (near <= high)).all(axis=1)] if total else near
            near = np.vstack([best, np.clip(near, low, high)])
            worth, _ = _paid(self.program, g, near, laws)
            if worth.max() > most:
                best, most = near[worth.argmax()], float(worth.max())
            width = width / 3
        return best, most


def _cut(law: Law) -> Law:
    """A law without what is next to never played."""
    played = law.weights > PLAYED * law.weights.max()
    points, where = np.unique(law.points[played], axis=0, return_inverse=True)
    weights = np.bincount(where.ravel(), law.weights[played])
    return Law(points, weights / weights.sum())


def _paid(program: Program, g: int, own: Array, laws: Sequence[Law]) -> tuple[Array, float]:
    """(B,) what strategies pay a player against the others' laws, and the range of payoffs."""
    points = [own if h == g else law.points for h, law in enumerate(laws)]
    step = max(1, MOST_PAYOFFS // int(np.prod([len(p) for h, p in enumerate(points) if h != g])))
    means, low, high = list[Array](), np.inf, -np.inf
    for first in range(0, len(own), step):
        checkpoint()
        points[g] = own[first : first + step]
        shape = tuple(map(len, points))
        places = np.indices(shape).reshape(len(shape), -1)
        x = np.zeros((program.n, places.shape[1]))
        for mine, part, at in zip(program.own, points, places, strict=True):
            x[mine] = part[at].T
        table = program.payoff(g, x[program.own[g]].T, x).reshape(shape)
        seen = table[np.isfinite(table)]
        low, high = min(low, seen.min(initial=np.inf)), max(high, seen.max(initial=-np.inf))
        for h in reversed(range(len(laws))):
            if h != g:
                table = np.moveaxis(table, h, -1) @ laws[h].weights
        means.append(np.where(np.isnan(table), -np.inf, table))
    return np.concatenate(means), float(high - low)


class _Pieces:
    """Pieces of each player's range, cut where they are played; the ends are pieces too."""

    def __init__(self, program: Program, budget: Budget) -> None:
        self.program, self.budget, self.players = program, budget, len(program.own)
        self.low, self.high = program.lower[: program.n], program.upper[: program.n]
        self.first, self.last = PIECES[self.players]
        self.alike = self.players > 2 and _alike(program)
        self.edges = [
            np.linspace(low, high, self.first + 1)
            for low, high in zip(self.low, self.high, strict=True)
        ]

    def laws(self) -> Iterator[list[Law]]:
        """The best that was found."""
        best, least, tired = None, np.inf, 0
        for _ in range(CUTS):
            checkpoint()
            found = _finite(self._averaged(), self.budget)
            if found is None:
                break
            laws = [self._law(g, law) for g, law in enumerate(found)]
            worst, replies = self._gains(laws)
            tired = 0 if worst < 0.8 * least else tired + 1
            if worst < least:
                best, least = laws, worst
            if least < 1 / ATOMS[self.players] or tired > PATIENCE:
                break
            for g, law in enumerate(found):
                self.edges[g] = self.edges[0] if g and self.alike else self._cut(g, law, replies[g])
        if best is not None:
            yield best

    def _inside(self, g: int, k: int | slice, count: int) -> Array:
        """(..., count) points of pieces, of no two players the same; the ends as they are."""
        edges = self.edges[g]
        left, right = np.r_[edges[:-1], edges[[0, -1]]], np.r_[edges[1:], edges[[0, -1]]]
        part = (np.arange(count) + (g + 1) / (self.players + 1)) / count
        inside: Array = left[k, None] + part * (right - left)[k, None]
        return inside

    def _averaged(self) -> Array:
        """(G, K_1, ..., K_G) payoffs where each player spreads over one of its pieces."""
        count = WITHIN[self.players]
        inside = [self._inside(g, slice(None), count) for g in range(self.players)]
        table = _table(self.program, [points.reshape(-1, 1) for points in inside])
        split = [size for points in inside for size in points.shape]
        parts = table.reshape(len(table), *split)
        mean = np.asarray(parts.mean(axis=tuple(range(2, 2 * self.players + 1, 2))))
        return _evened(mean) if self.alike else mean

    def _law(self, g: int, law: Array) -> Law:
        """Points of a law on pieces, each of about the same probability."""
        counts = np.maximum(np.round(ATOMS[self.players] * law), law > PLAYED).astype(int)
        counts[-2:] = np.minimum(counts[-2:], 1)
        points, weights = list[Array](), list[Array]()
        for k in np.flatnonzero(counts):
            points.append(self._inside(g, slice(k, k + 1), counts[k])[0])
            weights.append(np.full(counts[k], law[k] / counts[k]))
        return _cut(Law(np.concatenate(points)[:, None], np.concatenate(weights)))

    def _gains(self, laws: list[Law]) -> tuple[float, list[float]]:
        """The largest gain of a player, relative to payoffs, and everybody's best reply."""
        worst, replies = 0.0, []
        for g, law in enumerate(laws):
            grid = np.linspace(self.low[g], self.high[g], GRID[self.players])
            rivals = [other.points.ravel() for h, other in enumerate(laws) if h != g]
            beside = np.concatenate(rivals)[::4]
            width = 1e-9 * (self.high[g] - self.low[g])
            grid = np.r_[grid, beside + width, beside - width]
            grid = np.unique(np.clip(grid, self.low[g], self.high[g]))
            paid, span = _paid(self.program, g, grid[:, None], laws)
            here = float(_paid(self.program, g, law.points, laws)[0] @ law.weights)
            worst = max(worst, (float(paid.max()) - here) / (span or 1.0))
            replies.append(float(grid[paid.argmax()]))
        return worst, replies

    def _cut(self, g: int, law: Array, reply: float) -> Array:
        """Edges of new pieces: those played, their neighbours and that of the best reply halved."""
        edges, law = self.edges[g], law[:-2]
        played = law > PLAYED
        near = played | np.r_[played[1:], False] | np.r_[False, played[:-1]]
        near[np.clip(np.searchsorted(edges, reply) - 1, 0, len(law) - 1)] = True
        middles = (edges[:-1] + edges[1:]) / 2
        order = np.argsort(-np.where(near, law + 1e-3 * np.diff(edges) / np.ptp(edges), -1))
        room = max(0, self.last - int(near.sum()))
        chosen = [k for k in order[: int(near.sum())] if near[k]][: max(room, self.last // 8)]
        kept = np.r_[True, near[1:] | near[:-1], True]
        apart = np.flatnonzero(~kept)[::2]  # every other edge between pieces that nobody plays
        kept[apart[: len(apart) if (~near).sum() <= self.first // 2 else len(apart) // 2]] = True
        return np.unique(np.r_[edges[kept], middles[chosen]])


def _alike(program: Program) -> bool:
    """Whether players may change places, as some points show: then they play alike."""
    ends = np.array([program.lower[: program.n], program.upper[: program.n]]).T
    if (ends != ends[0]).any():
        return False
    x = ends[0, 0] + np.random.default_rng(0).random((program.n, 32)) * np.ptp(ends[0])
    first = program.payoff(0, x[:1].T, x)
    size = float(np.ptp(first[np.isfinite(first)])) if np.isfinite(first).any() else 0.0
    for places in permutations(range(program.n)):
        moved, g = x[[*places]], places.index(0)
        there = program.payoff(g, moved[g][:, None], moved)
        if not np.allclose(there, first, rtol=0, atol=1e-9 * size, equal_nan=True):
            return False
    return True


def _evened(table: Array) -> Array:
    """(G, K, ..., K) payoffs of players who may change places, free of who is who."""
    players, mean = len(table), np.zeros_like(table[0])
    orders = [*permutations(range(players))]
    for order in orders:  # of the axes, the player's own first
        mean += table[order[0]].transpose(order) / len(orders)
    return np.array([np.moveaxis(mean, 0, g) for g in range(players)])
