"""Players of a finite game who could change places, and what that spares.

A permutation of players that leaves the game as it is carries equilibria to equilibria. So of all
choices of supports that permutations carry into each other one need be searched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import permutations, product
from math import factorial, prod
from typing import TypeVar

import numpy as np

from leaderbored.games.normal_form import NormalForm

T = TypeVar("T")
MOST = 5_040  # permutations that are tried
Order = tuple[int, ...]


def symmetries(game: NormalForm) -> list[Order]:
    """The permutations of players that leave a game as it is, payoffs compared exactly.

    Parameters
    ----------
    game : NormalForm
        Of N players.

    Returns
    -------
    list of tuples of N int
        The first one leaves all in place, and is alone where there are too many to be tried. In
        ``p`` player j takes the place of player ``p[j]``: where all did what ``x`` says and j now
        does ``x[p[j]]``, j gets what ``p[j]`` got.

    Examples
    --------
    >>> dilemma = NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> symmetries(dilemma), symmetries(NormalForm([[[1, 0], [0, 2]], [[0, 1], [1, 0]]]))
    ([(0, 1), (1, 0)], [(0, 1)])
    """
    count = len(game.shape)
    codes = dict[object, int]()
    tables = [
        np.array([codes.setdefault(one, len(codes)) for one in table.ravel().tolist()])
        for table in game.payoffs
    ]
    classes = dict[tuple[int, bytes], list[int]]()
    for i, table in enumerate(tables):
        classes.setdefault((game.shape[i], np.sort(table).tobytes()), []).append(i)
    if prod(factorial(len(players)) for players in classes.values()) > MOST:
        return [tuple(range(count))]
    shaped = [table.reshape(game.shape) for table in tables]
    found = list[Order]()
    for choice in product(*(permutations(players) for players in classes.values())):
        order = [0] * count
        for players, places in zip(classes.values(), choice, strict=True):
            for j, place in zip(players, places, strict=True):
                order[j] = place
        axes = np.argsort(order)
        if all((shaped[j].transpose(axes) == shaped[order[j]]).all() for j in range(count)):
            found.append(tuple(order))
    return found


def orbits(each: Iterable[Sequence[T]], orders: Sequence[Order]) -> list[tuple[int, list[Order]]]:
    """One of each set of choices that permutations carry into each other.

    Parameters
    ----------
    each : iterable of sequences
        Of each player something that can be hashed.
    orders : sequence of permutations
        A group, as of :func:`symmetries`.

    Returns
    -------
    list of (int, list of permutations)
        Numbers of the choices that stand for others, each with one permutation to every choice of
        its set, itself first.

    Examples
    --------
    >>> orbits(["ab", "ba", "aa"], [(0, 1), (1, 0)])
    [(0, [(0, 1), (1, 0)]), (2, [(0, 1)])]
    """
    found, seen = list[tuple[int, list[Order]]](), set[tuple[T, ...]]()
    for number, one in enumerate(each):
        if tuple(one) in seen:
            continue
        images = list[Order]()
        for order in orders:
            image = tuple(one[place] for place in order)
            if image not in seen:
                seen.add(image)
                images.append(order)
        found.append((number, images))
    return found
