r"""What playing a game takes: who moves what, the best reply, what it pays, and its regret.

A profile is one flat vector: the probabilities, strategies or policies of every player, one after
the other. Rules of motion know games through an :class:`Arena` only, and so work on all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import override

from leaderbored.games.continuous import Continuous
from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.race.contest import Contest, ContestArrays
from leaderbored.solvers.contest.certificate import regret as contest_regret
from leaderbored.solvers.continuous.certificate import regret as continuous_regret
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.replies import best_reply
from leaderbored.solvers.finite.certificate import regret as finite_regret

Index = NDArray[np.int64]
BISECTIONS = 70
TIE = 1e-12  # of the range of payoffs
FINE = 400
LEAST = 1e-12  # of a lab's compute: what stands for next to nothing


class Arena:
    """A game as rules of motion see it.

    Attributes
    ----------
    game : object
    players : tuple of str
        N names.
    own : sequence of N int arrays
        Which entries of a profile each player moves.
    lower, upper : (n,) arrays
        Bounds of the entries of a profile.
    labels : tuple of n str
        What the entries are.
    finite : bool
        Whether profiles are pure strategies or laws over finitely many.
    rents : int array
        Which entries no player moves: rents, which clear a market.
    one_by_one : str
        Why players cannot reply one after the other; empty if they can.
    """

    game: Any
    players: tuple[str, ...]
    own: Sequence[Index]
    lower: Array
    upper: Array
    labels: tuple[str, ...]
    finite = False
    one_by_one = ""
    rents: Index = np.zeros(0, dtype=np.int64)

    @property
    def span(self) -> Array:
        """(n,) what distances are measured in: the range, or where there is none, one."""
        width = self.upper - self.lower
        return np.where(np.isfinite(width) & (width > 0), width, 1.0)

    def middle(self) -> Array:
        """(n,) a profile halfway between the bounds, or next to what bound there is."""
        low = np.where(np.isfinite(self.lower), self.lower, np.minimum(self.upper - 1, 0.0))
        high = np.where(np.isfinite(self.upper), self.upper, np.maximum(low + 2, 0.0))
        return np.asarray((low + high) / 2)

    def first(self) -> Array:
        """(n,) the profile at which motion starts if nothing else is said."""
        return self.middle()

    def knows(self, word: str) -> bool:
        """Whether a word is one of the game's own, which may hold commas."""
        del word
        return False

    def read(self, words: Sequence[str], random: np.random.Generator, rule: str) -> Array:
        """(n,) the profile that some words say: numbers, or ``random``.

        Raises
        ------
        ValueError
            If they say none.
        """
        del rule
        if not words:
            return self.first()
        if list(words) == ["random"]:
            return self.drawn(random)
        try:
            return self.given([float(word) for word in words])
        except ValueError as error:
            reason = str(error).removeprefix("start: ")
            if reason.startswith("could not"):
                reason = "expected numbers"
            raise ValueError(f"start: {reason}; or random") from None

    def given(self, parts: Sequence[Any]) -> Array:
        """(n,) a profile from one array, or from one for each player.

        Raises
        ------
        ValueError
            If it is none of this game's.
        """
        try:
            each = [np.asarray(part, float).ravel() for part in parts]
        except (TypeError, ValueError):
            raise ValueError("start: expected numbers") from None
        x = np.concatenate(each) if each else np.zeros(0)
        if len(x) != len(self.lower):
            raise ValueError(f"start: {len(x)} numbers, expected {len(self.lower)}")
        slack = 1e-12 * self.span
        if not ((x >= self.lower - slack) & (x <= self.upper + slack)).all():
            raise ValueError("start: a number is out of its bounds")
        return np.clip(x, self.lower, self.upper)

    def drawn(self, random: np.random.Generator) -> Array:
        """(n,) a random profile."""
        low, high = self.lower, self.upper
        low = np.where(np.isfinite(low), low, np.minimum(high - 1, 0.0))
        high = np.where(np.isfinite(high), high, np.maximum(low + 2, 0.0))
        return random.uniform(low, high)

    def reply(self, i: int, x: Array) -> Array:
        """Player i's best reply to a profile."""
        raise NotImplementedError

    def myopic(self, i: int, x: Array) -> Array:
        """Its best reply if it looks one step ahead; in a one-shot game, its reply."""
        return self.reply(i, x)

    def replies(self, x: Array, myopic: bool = False) -> Array:
        """(n,) everybody's best reply at once."""
        reply = self.myopic if myopic else self.reply
        out = np.empty_like(x)
        for i, mine in enumerate(self.own):
            out[mine] = reply(i, x)
        return out

    def payoffs(self, x: Array) -> Array:
        """(N,) payoffs, or values, of a profile."""
        raise NotImplementedError

    def regret(self, x: Array) -> float:
        """Largest relative gain of a player from its best deviation."""
        raise NotImplementedError

    def name(self, x: Array) -> str:
        """A profile in a few words."""
        return ", ".join(f"{number:.4g}" for number in x)


class Finite(Arena):
    """A game in normal form; pure replies to pure profiles are exact, ties are stayed in.

    Examples
    --------
    >>> pennies = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    >>> Finite(pennies).replies(np.array([1.0, 0, 1, 0])).tolist()
    [1.0, 0.0, 0.0, 1.0]
    """

    finite = True

    def __init__(self, game: NormalForm) -> None:
        self.game, self.players = game, game.players
        ends = np.cumsum([0, *game.shape])
        self.own = [np.arange(first, last) for first, last in pairwise(ends)]
        self.lower, self.upper = np.zeros(ends[-1]), np.ones(ends[-1])
        self.labels = tuple(name for names in game.strategies for name in names)

    @override
    def middle(self) -> Array:
        return self.pure([0] * len(self.players))

    @override
    def knows(self, word: str) -> bool:
        return any(word in own for own in self.game.strategies)

    @override
    def read(self, words: Sequence[str], random: np.random.Generator, rule: str) -> Array:
        if list(words) == ["random"] or (not words and rule in ("replicator", "logit")):
            return self.drawn(random)
        if not words:
            return self.first()
        names = self.game.strategies
        fits = len(words) == len(names)
        if not fits or any(word not in own for word, own in zip(words, names, strict=True)):
            example = ", ".join(own[0] for own in names)
            expected = f"expected one strategy of each player, as in {example}; or random"
            raise ValueError(f"{', '.join(words)}: {expected}")
        return self.pure([own.index(word) for own, word in zip(names, words, strict=True)])

    @override
    def given(self, parts: Sequence[Any]) -> Array:
        x = super().given(parts)
        for name, mine in zip(self.players, self.own, strict=True):
            if abs(x[mine].sum() - 1) > 1e-9:
                raise ValueError(f"start: the probabilities of player {name} do not add up to one")
        return x

    @override
    def drawn(self, random: np.random.Generator) -> Array:
        return np.concatenate([random.dirichlet(np.ones(size)) for size in self.game.shape])

    def pure(self, actions: Sequence[int]) -> Array:
        """(n,) the profile of pure strategies."""
        laws = zip(actions, self.game.shape, strict=True)
        return np.concatenate([np.eye(size)[action] for action, size in laws])

    def actions(self, x: Array) -> list[int] | None:
        """The pure strategies of a profile, None if one is mixed."""
        chosen = [int(x[mine].argmax()) for mine in self.own]
        whole = all(x[mine[a]] == 1 for mine, a in zip(self.own, chosen, strict=True))
        return chosen if whole else None

    def rewards(self, i: int, x: Array) -> Array:
        """(m_i,) what player i's strategies pay, in units of the range of its payoffs."""
        utilities: Array = self.game.utilities(i, [x[mine] for mine in self.own])
        return utilities

    @override
    def reply(self, i: int, x: Array) -> Array:
        size = self.game.shape[i]
        actions = self.actions(x)
        if actions is not None:  # exact, in whole numbers
            table = self.game.integers[i][0]
            others = tuple(slice(None) if j == i else a for j, a in enumerate(actions))
            exact = list(table[others])
            stay = exact[actions[i]] == max(exact)
            best = actions[i] if stay else exact.index(max(exact))
        else:
            pays = self.rewards(i, x)
            here = int(x[self.own[i]].argmax())
            top = pays >= pays.max() - TIE
            best = here if top[here] else int(top.argmax())
        return np.asarray(np.eye(size)[best])

    @override
    def payoffs(self, x: Array) -> Array:
        return np.asarray(self.game.expected([x[mine] for mine in self.own]))

    @override
    def regret(self, x: Array) -> float:
        return float(finite_regret(self.game, [x[mine] for mine in self.own]).max())

    @override
    def name(self, x: Array) -> str:
        actions = self.actions(x)
        if actions is None:
            return "; ".join(_law(x[mine]) for mine in self.own)
        names = zip(self.game.strategies, actions, strict=True)
        each = [own[a] for own, a in names]
        return f"({('; ' if any(',' in word for word in each) else ', ').join(each)})"


def _law(law: Array) -> str:
    return " ".join(f"{p:.3g}" for p in law)


class Real(Arena):
    """A game of real strategies. Beyond twelve players, those of a kind move alike.

    Examples
    --------
    >>> from leaderbored.games.continuous import Player
    >>> game = Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> Real(game).replies(np.array([1.0, 3.0])).round(6).tolist()
    [3.0, 4.0]
    """

    def __init__(self, game: Continuous) -> None:
        self.game, self.program = game, Program(game)
        self.players = tuple(group.name for group in game.groups)
        self.own = [mine.astype(np.int64) for mine in self.program.own]
        self.lower, self.upper = (
            ends[: self.program.n] for ends in (self.program.lower, self.program.upper)
        )
        self.labels = tuple(
            f"{group.name}: {name}" for group in game.groups for name in group.player.strategies
        )

    @override
    def middle(self) -> Array:
        x = super().middle()
        for g, mine in enumerate(self.own):
            if (total := self.program.total(g)) is not None:
                low = np.where(np.isfinite(self.lower[mine]), self.lower[mine], 0.0)
                x[mine] = low + (total - low.sum()) / len(mine)
        return self._listed(x)

    @override
    def drawn(self, random: np.random.Generator) -> Array:
        x = super().drawn(random)
        for g, mine in enumerate(self.own):
            if (total := self.program.total(g)) is not None:
                low = np.where(np.isfinite(self.lower[mine]), self.lower[mine], 0.0)
                x[mine] = low + (total - low.sum()) * random.dirichlet(np.ones(len(mine)))
        return self._listed(x)

    def _listed(self, x: Array) -> Array:
        """A profile with listed strategies at the nearest of their values."""
        for g, mine in enumerate(self.own):
            x[mine] = self.program.snapped(x[None, mine], g)[0]
        return x

    @override
    def reply(self, i: int, x: Array) -> Array:
        return best_reply(self.program, i, x)[0]

    @override
    def payoffs(self, x: Array) -> Array:
        return self.program.payoffs(x)

    @override
    def regret(self, x: Array) -> float:
        return float(continuous_regret(self.program, x).max())


class Contests(Arena):
    """A contest: the compute that each lab builds with, once.

    Examples
    --------
    >>> arena = Contests(Contest.of([1.0, 1.0], prize=1.0))
    >>> arena.replies(np.array([0.04, 0.25])).round(12).tolist()
    [0.25, 0.16]
    """

    def __init__(self, game: Contest | ContestArrays) -> None:
        self.game = game
        self.arrays = arrays = game.arrays
        self.players = tuple(game.names)
        self.own = list(np.arange(len(arrays))[:, None])
        self.lower, self.upper = arrays.lo, arrays.hi
        self.labels = tuple(f"{name} builds" for name in self.players)

    @override
    def reply(self, i: int, x: Array) -> Array:
        arrays, r = self.arrays, self.arrays.decisiveness
        rivals = np.delete(x, i)
        unit = float(rivals.max(initial=0.0)) or 1.0  # only ratios count
        others = float((np.delete(arrays.head_start, i) * (rivals / unit) ** r).sum())

        def odds(b: Array) -> Array:
            with np.errstate(divide="ignore", over="ignore"):
                return np.asarray(1 / (1 + others / (arrays.head_start[i] * (b / unit) ** r)))

        def payoff(b: Array) -> Array:
            rest = arrays.compute[i] - b
            sold = arrays.dear[i] * np.minimum(rest, arrays.demand[i])
            sold = sold + arrays.cheap[i] * np.maximum(rest - arrays.demand[i], 0.0)
            return np.asarray(sold + arrays.prize * odds(b))

        def rises(b: float) -> bool:
            """Whether more building pays at b > 0."""
            chance = float(odds(np.array(b)))
            cost = arrays.dear[i] if b >= arrays.kink[i] else arrays.cheap[i]
            return bool(arrays.prize * r * chance * (1 - chance) > cost * b)

        low, high = float(arrays.lo[i]), float(arrays.hi[i])
        if others == 0:  # any amount wins for sure: the least that floating point tells apart
            return np.array([np.clip(max(arrays.kink[i], LEAST * high), low, high)])
        match = unit * (others / arrays.head_start[i]) ** (1 / r)  # what evens the odds
        spread = np.r_[np.linspace(0, high, FINE), np.geomspace(1e-3 * match, 1e3 * match, FINE)]
        spread = np.r_[spread, np.geomspace(min(match, high), max(match, high), FINE)]
        corner = np.clip(arrays.kink[i], low, high)
        grid = np.unique(np.clip(np.r_[spread, corner, x[i]], low, high))
        peak = int(payoff(grid).argmax())
        left, right = grid[max(peak - 1, 0)], grid[min(peak + 1, len(grid) - 1)]
        for _ in range(BISECTIONS):
            middle = (left + right) / 2
            left, right = (middle, right) if middle > 0 and rises(middle) else (left, middle)
        choices = np.array([(left + right) / 2, grid[peak], low, high, corner])
        pays = payoff(choices)
        near = pays >= pays.max() - 1e-15 * abs(pays.max())  # the root before the grid
        return choices[[int(near.argmax())]]

    @override
    def payoffs(self, x: Array) -> Array:
        return self.arrays.payoffs(x)

    @override
    def regret(self, x: Array) -> float:
        return float(contest_regret(self.arrays, x).max())
