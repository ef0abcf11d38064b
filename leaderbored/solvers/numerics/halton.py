"""Points that fill a box evenly: the scrambled Halton sequence.

The module of scipy that has such sequences takes longer to import than most games to be solved.
"""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array

FINEST = 2.0**-40  # digits of less are left out, so that no point rounds to one


def halton(points: int, dimensions: int, seed: int) -> Array:
    """(P, d) the first points of the Halton sequence in d dimensions, from 0 to less than 1.

    Coordinate j of point i has the digits of i in the j-th prime base, in reverse order after the
    point, each permuted at random [1]_.

    Parameters
    ----------
    points, dimensions, seed : int
        P, d, and what the permutations are drawn by.

    References
    ----------
    .. [1] A. B. Owen, "A randomized Halton algorithm in R", arXiv:1706.02808, 2017.

    Examples
    --------
    Of the first eight points one lies in each eighth of the first coordinate, and of the first nine
    one in each ninth of the second:

    >>> import numpy as np
    >>> np.sort(np.floor(8 * halton(8, 2, seed=1)[:, 0])).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    >>> np.sort(np.floor(9 * halton(9, 2, seed=1)[:, 1])).tolist()
    [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    """
    random = np.random.default_rng(seed)
    found = np.zeros((points, dimensions))
    for j, base in enumerate(_primes(dimensions)):
        rest, unit = np.arange(points), 1.0 / base
        while unit > FINEST:
            rest, digit = np.divmod(rest, base)
            found[:, j] += unit * random.permutation(base)[digit]
            unit /= base
    return found


def _primes(count: int) -> list[int]:
    """So many of the first prime numbers."""
    found: list[int] = []
    n = 2
    while len(found) < count:
        if all(n % p for p in found if p * p <= n):
            found.append(n)
        n += 1
    return found
