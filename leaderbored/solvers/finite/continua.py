"""Which equilibria of three or more players are isolated, and which are points of a continuum.

Where the equations of indifference have directions along which they stay solved to first order, a
small step is taken along each and brought back to the equations. Where that ends at another
equilibrium there is a continuum, at least of the dimension of the steps that do. Points between
which such steps lead are of one continuum. All of this is sampled, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.pure import Profile
from leaderbored.solvers.finite.quantal import OfTables, derivatives, on_support

PLAYED = 1e-9  # probabilities below are none, and gains below too
FLAT = 1e-7  # of the largest singular value: what is below counts as none
STEP = 1e-3  # of a probability
WALK = 16  # steps between two points
TRIED = 4  # members of a set to which one may lead
STUCK = 0.01  # of a step: who gets no further stays
TOLERANCE = 1e-9
DRAWN = 4  # random directions, where there are several
MOST = 200  # points that are looked at


@dataclass(frozen=True)
class Continua:
    """Equilibria by the connected sets that they lie in.

    Attributes
    ----------
    part : list of int
        Of each equilibrium, the number of its set.
    dimension : list of int
        Of each set, at least: 0 for a single point.
    """

    part: list[int]
    dimension: list[int]


def continua(game: NormalForm, profiles: Sequence[Profile]) -> Continua:
    """Sort equilibria by the connected sets that they lie in.

    Parameters
    ----------
    game : NormalForm
    profiles : sequence of lists of N arrays
        Equilibria; of more than 200 only the first are looked at, the others count as isolated.

    Returns
    -------
    Continua

    Examples
    --------
    >>> flat = NormalForm([[[1, 1], [0, 0]], [[1, 1], [1, 1]]])  # the second player may do anything
    >>> ends = [[np.array([1.0, 0.0]), law] for law in np.eye(2)]
    >>> found = continua(flat, ends)
    >>> found.part, found.dimension
    ([0, 0], [1])
    """
    sizes, sets = list[int](), list[list[int]]()
    for number, profile in enumerate(profiles):
        checkpoint()
        sizes.append(_dimension(game, profile) if number < MOST else 0)
        near = partial(_near, game, profile, profiles)
        joined = [
            known
            for known in sets
            if number < MOST and any(sizes[k] for k in (number, *known)) and near(known)
        ]
        sets = [known for known in sets if known not in joined]
        sets.append([*chain.from_iterable(joined), number])
    sets = sorted(map(sorted, sets))
    part = [next(k for k, own in enumerate(sets) if n in own) for n in range(len(sizes))]
    return Continua(part, [max(sizes[n] for n in own) for own in sets])


def _near(
    game: NormalForm, profile: Profile, profiles: Sequence[Profile], members: Sequence[int]
) -> bool:
    """Whether a walk leads to one of some equilibria; the nearest are tried first."""
    others = sorted((profiles[k] for k in members), key=partial(_distance, profile))[:TRIED]
    return any(_linked(game, profile, other) for other in others)


def _distance(one: Profile, other: Profile) -> float:
    return max(float(np.abs(x - y).max()) for x, y in zip(one, other, strict=True))


def _linked(game: NormalForm, start: Profile, end: Profile) -> bool:
    """Whether small steps from one equilibrium to another stay on equilibria."""
    supports = [
        np.flatnonzero((x > PLAYED) | (y > PLAYED)) for x, y in zip(start, end, strict=True)
    ]
    middle = [(x + y) / 2 for x, y in zip(start, end, strict=True)]
    if _back(game, middle, supports) is None:  # most walks that fail do so there, too
        return False
    point = start
    for left in range(WALK, 0, -1):
        aim = [x + (y - x) / left for x, y in zip(point, end, strict=True)]
        found = _back(game, aim, supports)
        if found is None:
            return False
        here, there, aimed = (np.concatenate(each) for each in (point, found, aim))
        stuck = np.abs(there - here).max() < STUCK * np.abs(aimed - here).max()
        if stuck or np.abs(there - aimed).max() > 2 / WALK:
            return False
        point = found
    return bool(np.abs(np.concatenate(point) - np.concatenate(end)).max() < FLAT)


def _back(game: NormalForm, aim: Profile, supports: Sequence[States]) -> Profile | None:
    """The equilibrium near a point, on some supports."""
    if min(float(law.min()) for law in aim) < -PLAYED:
        return None
    found = on_support(OfTables(game), [np.maximum(law, 0) for law in aim], supports)
    return found if found is not None and regret(game, found).max() <= TOLERANCE else None


def _dimension(game: NormalForm, mixed: Profile) -> int:
    """The dimension of the equilibria around one, as far as steps show."""
    rewards, slopes = derivatives(game.utility, mixed)
    played = [np.flatnonzero(law > PLAYED) for law in mixed]
    best = [np.flatnonzero(reward >= reward.max() - PLAYED) for reward in rewards]
    found = 0
    for supports in _between(played, best):
        flat = _flat(slopes, supports, np.cumsum([0, *game.shape]))
        steps = list[Array]()
        for direction in _directions(flat):
            moved = _step(game, mixed, supports, direction)
            if moved is not None:
                steps.append(moved)
        if steps:
            sizes = np.linalg.svd(np.array(steps), compute_uv=False)
            found = max(found, int((sizes > STEP / 20).sum()))
    return found


def _between(played: Sequence[States], best: Sequence[States]) -> Iterator[list[States]]:
    """Supports from what is played to all best replies: these two, and with one more each."""
    yield [*played]
    more = [(i, a) for i, own in enumerate(best) for a in own.tolist() if a not in played[i]]
    if not more:
        return
    yield [np.union1d(x, y) for x, y in zip(played, best, strict=True)]
    if len(more) > 1:
        for i, a in more:
            yield [np.union1d(own, [a]) if j == i else own for j, own in enumerate(played)]


def _flat(slopes: Sequence[Array], supports: Sequence[States], starts: Array) -> Array:
    """(r, n) directions along which all stay indifferent on the supports, in their numbers."""
    places = np.concatenate([a + own for a, own in zip(starts, supports, strict=False)])
    rows = list[Array]()
    for i, own in enumerate(supports):
        gain = slopes[i][own][:, places]
        rows += [*(gain[1:] - gain[0])]
        rows.append(np.isin(places, starts[i] + own).astype(float))
    _, sizes, turned = np.linalg.svd(np.array(rows))
    flat: Array = turned[sizes <= FLAT * max(1.0, sizes.max())]
    return flat


def _directions(flat: Array) -> Iterator[Array]:
    """Each flat direction, both ways, and some between them."""
    for direction in flat:
        yield direction
        yield -direction
    if len(flat) > 1:
        drawn = np.random.default_rng(0).normal(size=(DRAWN * len(flat), len(flat)))
        yield from drawn @ flat


def _step(
    game: NormalForm, mixed: Profile, supports: Sequence[States], direction: Array
) -> Array | None:
    """How far a step along a direction leads, if it ends at an equilibrium."""
    step, at, aim = STEP * direction / np.abs(direction).max(), 0, list[Array]()
    for law, own in zip(mixed, supports, strict=True):
        moved = law.copy()
        moved[own] += step[at : at + len(own)]
        at += len(own)
        aim.append(moved)
    found = _back(game, aim, supports)
    if found is None:
        return None
    gone: Array = np.concatenate(found) - np.concatenate(mixed)
    return gone if np.abs(gone).max() >= STEP / 4 else None
