r"""Equilibria in open loop without end: controls that are plans, functions of time alone.

Each player's costates obey Pontryagin's conditions with the others' plans given. Stacked with the
state they make a linear system, and a stable invariant subspace of dimension :math:`d` on which
the state is free gives costates :math:`K_i x` and plans :math:`u_i = -F_i x` along the path
(Engwerda 2005, chapter 7).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import LinAlgError, eigvals, ordqz, svdvals

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.linear_quadratic.core import Core

MOST_CHOICES = 5000
GENERAL = 1e-10  # least singular value of a state that is free, relative
KERNEL = 1e-9  # singular value that is zero, relative
APART = 1e-7  # relative distance of eigenvalues that are two


def pencil(core: Core) -> tuple[Array, Array]:
    """H and E of E y' = H y (or E y_{t+1} = H y_t), y the state and N costates.

    Examples
    --------
    >>> from leaderbored import Controller, LinearQuadratic
    >>> game = LinearQuadratic(1.0, [Controller("1", 1.0, 1.0, 3.0)])
    >>> pencil(Core.of(game, affine=False))[0].tolist()
    [[1.0, -1.0], [-3.0, -1.0]]
    """
    d, size = len(core.drift), len(core.drift) * (core.players + 1)
    h, e = np.zeros((size, size)), np.eye(size)
    right = np.zeros((len(core.owner), size))  # of everybody's first-order conditions
    for i, own in enumerate(core.own):
        right[own, :d] = core.mixed[i][:, own].T
        right[own, (i + 1) * d : (i + 2) * d] = core.inputs[:, own].T
    reply = np.linalg.solve(core.weights[core.owner, np.arange(len(core.owner))], right)
    step = np.zeros((size, size))  # where state and costates lead, of costates one period later
    step[:d, :d] = core.drift
    step[:d] -= core.inputs @ reply
    for i in range(core.players):
        block = slice((i + 1) * d, (i + 2) * d)
        step[block, :d] = -core.state[i]
        step[block, block] = -core.drift.T
        step[block] += core.mixed[i] @ reply
    if core.continuous:
        return step, e
    h[:, :d], e[:, d:] = step[:, :d], -step[:, d:]
    h[d:, d:] = np.eye(size - d)
    return h, e


def costates(core: Core) -> tuple[list[Array], int, bool]:
    """(N, d, d) matrices K of every equilibrium whose plans are linear in the state.

    Returns
    -------
    list of arrays
    int
        By how many the stable eigenvalues outnumber the states.
    bool
        Whether every choice among them was tried, and none has equal eigenvalues.

    Examples
    --------
    >>> from leaderbored import Controller, LinearQuadratic
    >>> game = LinearQuadratic(1.0, [Controller("1", 1.0, 1.0, 3.0)])
    >>> found, extra, every = costates(Core.of(game, affine=False))
    >>> found[0].round(6).tolist(), extra, every
    ([[[3.0]]], 0, True)
    """
    h, e = pencil(core)
    d = len(core.drift)
    spectrum = eigvals(h, e)
    stable = spectrum[_inside(core, spectrum)]
    extra = len(stable) - d
    if extra < 0:
        return [], extra, True
    if extra == 0:
        bases: Iterator[Array] = iter([_whole(core, h, e)[:, :d]])
        every = True
    else:
        planes = _planes(h, e, stable)
        simple = len(_distinct(stable)) == (stable.imag >= 0).sum() == len(planes)
        every = comb(len(planes), min(d, len(planes))) <= MOST_CHOICES and simple
        bases = islice(_choices(planes, d), MOST_CHOICES)
    found = []
    for basis in bases:
        checkpoint()
        found.append(graph(basis, d))
    return [k for k in found if k is not None], extra, every


def _inside(core: Core, spectrum: NDArray[np.complex128]) -> NDArray[np.bool_]:
    finite = np.isfinite(spectrum)
    spectrum = np.where(finite, spectrum, 1e300)
    inside: NDArray[np.bool_] = finite & (
        (spectrum.real < 0) if core.continuous else (np.abs(spectrum) < 1)
    )
    return inside


def _whole(core: Core, h: Array, e: Array) -> Array:
    basis: Array = ordqz(h, e, sort="lhp" if core.continuous else "iuc", output="real")[-1]
    return basis


def _distinct(stable: NDArray[np.complex128]) -> list[complex]:
    """The eigenvalues that are not below the real axis, each once."""
    kept: list[complex] = []
    for z in stable[np.lexsort((stable.imag, stable.real))].tolist():
        far = APART * np.abs(stable).max()
        if z.imag >= 0 and all(abs(z - other) > far for other in kept):
            kept.append(z)
    return kept


def _planes(h: Array, e: Array, stable: NDArray[np.complex128]) -> list[Array]:
    """Real bases of the invariant lines and planes of the stable eigenvalues."""
    planes: list[Array] = []
    for z in _distinct(stable):
        if z.imag == 0:
            planes += [v[:, None] for v in _kernel(h - z.real * e).T]
        else:
            planes += [np.column_stack([v.real, v.imag]) for v in _kernel(h - z * e).T]
    return planes


def _choices(planes: list[Array], d: int) -> Iterator[Array]:
    """Bases of the invariant subspaces of dimension d that they span."""
    for count in range(1, d + 1):
        for chosen in combinations(planes, count):
            if sum(plane.shape[1] for plane in chosen) == d:
                yield np.hstack(chosen)


def _kernel(matrix: NDArray[Any]) -> NDArray[Any]:
    """Basis of what a singular matrix takes to zero, at least one vector."""
    _, singular, right = np.linalg.svd(matrix)
    dimension = max(1, int((singular < KERNEL * singular[0]).sum()))
    basis: NDArray[Any] = right[-dimension:].conj().T
    return basis


def graph(basis: Array, d: int) -> Array | None:
    """(N, d, d) K of the subspace of all (x, K_1 x, ..., K_N x); None if x is not free on it."""
    singular = svdvals(basis[:d])
    if singular[-1] <= GENERAL * max(float(np.linalg.norm(basis, 2)), 1e-300):
        return None
    try:
        stacked = np.linalg.solve(basis[:d].T, basis[d:].T).T
    except LinAlgError:
        return None
    return np.asarray(stacked.reshape(-1, d, d))


def residual(core: Core, k: Array) -> float:
    """Error of costates in the equations, relative to the largest of their terms."""
    gains = core.gains(k)
    error = change(core, k, gains)
    if not core.continuous:
        error = error - k
    size = np.abs(core.state).max() + np.abs(k).max() * max(1.0, np.abs(core.loop(gains)).max())
    return float(np.abs(error).max() / size) if size else 0.0


def change(core: Core, k: Array, gains: Array) -> Array:
    """(N, d, d) K one period earlier; in continuous time its fall per unit of time."""
    loop = core.loop(gains)
    ahead = k if core.continuous else k @ loop
    earlier = core.state - core.mixed @ gains + np.swapaxes(core.drift, 0, 1) @ ahead
    return np.asarray(earlier + k @ loop if core.continuous else earlier)
