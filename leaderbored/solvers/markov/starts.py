"""Policies from which a search for equilibria sets out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.solvers.markov.basin import jumps_away, random_shares
from leaderbored.solvers.markov.symmetry import Relabelling, alike_places, relabellings

ENUMERATED_TRUCES = 7  # places with idle compute up to which every combination is a start
SPREAD_LEADS = 8  # leads at which spread starts change
BLEND_RANGE = (-0.3, 1.3)  # of the way from one equilibrium to another
NOISE_RANGE = (-3.0, -0.3)  # powers of ten of the noise around that
MOST_TURNED = 3  # places of a player at which it is the other way whether it uses idle compute


def policies(game: Markov, count: int, seed: int, spread: bool = True) -> Iterator[Array]:
    """Shares (N, S): spread ones, then ``count`` random ones.

    Where players may change places, they do alike in every other pair of random policies: there
    are equilibria in which they do, and to these lead few of the policies in which they do not.

    Parameters
    ----------
    game : Markov
    count : int
        Random policies.
    seed : int
        Of these.
    spread : bool, default True
        Many that are spread, and random ones of two laws in turn; otherwise few, and of one.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> shares = list(policies(race.markov(), 8, seed=1))
    >>> [bool(np.allclose(one[0], one[1][[0, 2, 1]])) for one in shares[-4:]]
    [False, False, True, True]
    """
    yield game.idle
    yield game.upper
    yield (game.lower + game.upper) / 2
    far = jumps_away(game)
    leads = {int(m) for m in np.linspace(0, int(far.max()), SPREAD_LEADS)}
    for m in sorted(leads if spread else {int(far.max()) // 3}):
        yield np.where(far <= m, game.upper, game.idle)
        if spread:  # a truce while the lead is small, or at one lead
            yield np.where(far <= m, game.lower, game.idle)
            yield np.where(far == m, game.lower, game.idle)
    players = np.arange(len(game.players))[:, None]
    for player in range(len(game.players) if spread else 1):
        yield np.where(players == player, game.upper, game.idle)
        yield np.where(players == player, game.upper, game.lower)
    free = np.argwhere(game.movable & (game.idle > game.lower))
    if len(free) <= ENUMERATED_TRUCES:  # idle compute left unused in every combination
        for unused in product((False, True), repeat=len(free)):
            share = game.idle.copy()
            for (player, state), quiet in zip(free, unused, strict=True):
                share[player, state] = game.lower[player, state] if quiet else share[player, state]
            yield share
    random = np.random.default_rng(seed)
    places = alike_places(game.lower.shape, relabellings(game) if spread else [])
    laws = (
        lambda: random_shares(game, random, far),
        lambda: game.lower + (game.upper - game.lower) * random.uniform(size=game.lower.shape),
    )
    for k in range(count):
        share = laws[k % 2 if spread else 0]()
        yield share.ravel()[places] if k % 4 > 1 else share


def around(
    game: Markov,
    builds: Sequence[Array],
    random: np.random.Generator,
    count: int,
    *,
    swaps: Sequence[Relabelling] = (),
    efforts: bool = False,
) -> Array:
    """(count, N, S) shares between and around equilibria.

    Three in four are on lines through two equilibria, two thirds of them with noise small or large.
    The lines are straight in the shares, or in the efforts. The others are equilibria but for a few
    places at which a player leaves idle compute unused where it uses it, or the reverse. Where
    players may change places, they do alike in every other one.
    """
    counted = game.effort if efforts else np.asarray
    low, high = counted(game.lower), counted(game.upper)
    known = counted(np.array(builds))
    a, b = known[random.integers(len(known), size=(2, count))]
    along, reach = random.uniform(*BLEND_RANGE, count), 10 ** random.uniform(*NOISE_RANGE, count)
    reach[::3] = 0.0
    noise = random.normal(size=a.shape) * (high - low)
    effort = a + along[:, None, None] * (b - a) + reach[:, None, None] * noise
    shares = game.share(effort) if efforts else np.clip(effort, game.lower, game.upper)
    for k in range(3, count, 4):
        shares[k] = _turned(game, builds[int(random.integers(len(builds)))], random)
    if swaps:
        places = alike_places(game.lower.shape, swaps)
        shares[1::2] = shares[1::2].reshape(-1, places.size)[:, places]
    return shares


def _turned(game: Markov, build: Array, random: np.random.Generator) -> Array:
    """(N, S) an equilibrium where a few times it is the other way whether idle compute is used."""
    share = build.copy()
    for player, free in enumerate(game.movable & (game.idle > game.lower)):
        states = random.permutation(np.flatnonzero(free))[: random.integers(MOST_TURNED + 1)]
        unused = share[player, states] < game.idle[player, states]
        other = np.where(unused, game.idle[player, states], game.lower[player, states])
        share[player, states] = other
    return share
