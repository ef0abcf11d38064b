"""The answers of a sweep, column by column, whichever way a point was solved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from leaderbored.kinds import kind_of
from leaderbored.solvers import digest
from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.point import NAN, NUMBERS, Point

if TYPE_CHECKING:
    import xarray

WORDS = ("status", "message", "verdict", "verdicts")


class Answers:
    """Arrays over the P points of a grid, filled as they are solved.

    Attributes
    ----------
    grid : Grid
    names : tuple of str
        Labs or players, as soon as one point is solved.
    words : dict of str to (P,) array
        Status and message; of races verdicts.
    regret, equilibria : (P,) arrays
    value : (P, N) array
    numbers : dict of str to (P,) array
        Of races, by the names in ``NUMBERS``.
    """

    def __init__(self, grid: Grid) -> None:
        count = grid.size
        self.grid, self.race = grid, bool(kind_of(grid.game).board)
        self.names: tuple[str, ...] = ()
        self.words: dict[str, NDArray[Any]] = {
            name: np.full(count, "", dtype="<U1") for name in WORDS
        }
        self.regret, self.equilibria = np.full(count, NAN), np.zeros(count, dtype=np.int64)
        self.value = np.empty((count, 0))
        self.numbers = {name: np.full(count, NAN) for name in NUMBERS}

    def call(self, names: tuple[str, ...]) -> None:
        """Say whose the values are, if that is not known yet."""
        if not self.names and names:
            self.names = names
            self.value = np.full((self.grid.size, len(names)), NAN)

    def say(self, name: str, places: NDArray[np.int64], words: NDArray[Any]) -> None:
        """Put words in some places."""
        column = self.words[name]
        if words.dtype.itemsize > column.dtype.itemsize:
            column = self.words[name] = column.astype(words.dtype)
        column[places] = words

    def put(self, places: NDArray[np.int64], points: Sequence[Point]) -> None:
        """Put the answers at some points in their places."""
        for name in WORDS:
            self.say(name, places, np.array([getattr(point, name) for point in points]))
        for k, point in zip(places.tolist(), points, strict=True):
            self.call(point.names)
            self.regret[k], self.equilibria[k] = point.regret, point.equilibria
            if point.names and point.names == self.names:
                self.value[k] = point.value
            for name, number in point.numbers.items():
                self.numbers[name][k] = number

    def table(self, **attributes: Any) -> xarray.Dataset:
        """A Dataset with a dimension for each number of a grid, or one of the points drawn."""
        import xarray

        from leaderbored import __version__

        grid, dims, shape = self.grid, self.grid.dims, self.grid.shape
        axis = "lab" if self.race else "player"
        variables: dict[str, Any] = {
            "status": (dims, self.words["status"].reshape(shape)),
            "message": (dims, self.words["message"].reshape(shape)),
            "regret": (
                dims,
                self.regret.reshape(shape),
                {"units": "1", "long_name": "regret"},
            ),
            "equilibria": (dims, self.equilibria.reshape(shape), {"units": "1"}),
            "value": (
                (*dims, axis),
                self.value.reshape(*shape, len(self.names)),
                {"units": "money"},
            ),
        }
        if self.race:
            for name in ("verdict", "verdicts"):
                variables[name] = (dims, self.words[name].reshape(shape))
            for name, (unit, about) in NUMBERS.items():
                described = {"units": unit, "long_name": about}
                variables[name] = (dims, self.numbers[name].reshape(shape), described)
        coordinates: dict[str, Any] = {
            path: (
                dims if grid.drawn else path,
                np.asarray(values),
                {"units": grid.unit(path), **_drawn(grid, path)},
            )
            for path, values in grid.over.items()
        }
        if grid.drawn:
            attributes |= {
                "design": grid.drawn.design,
                "seed_of_draws": grid.drawn.seed,
                "block": grid.drawn.width,
            }
        return xarray.Dataset(
            variables,
            coords={**coordinates, axis: list(self.names)},
            attrs={
                "title": grid.game.name,
                "kind": kind_of(grid.game).name,
                "digest": digest(grid.game) or "",
                "leaderbored": __version__,
                **attributes,
            },
        )


def paths_of(found: xarray.Dataset) -> tuple[str, ...]:
    """The numbers over which a sweep went, in its order.

    Examples
    --------
    >>> import leaderbored as lb
    >>> paths_of(lb.sweep(lb.NormalForm([[[1, 0], [0, 1]]] * 2), {"payoffs.0.0.0": [1, 2]}))
    ('payoffs.0.0.0',)
    """
    return tuple(str(name) for name in found.coords if name not in ("lab", "player"))


def _drawn(grid: Grid, path: str) -> dict[str, Any]:
    """What is said of a number that is drawn: its distribution, and which chance it depends on."""
    drawn = grid.drawn
    return {"law": str(drawn.spreads[path]), "input": drawn.inputs[path]} if drawn else {}
