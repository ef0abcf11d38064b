"""Columns of a netCDF file in the classic format that are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import xarray
from numpy.typing import NDArray
from scipy.io import netcdf_file
from xarray.backends import BackendArray
from xarray.core.indexing import (
    ExplicitIndexer,
    IndexingSupport,
    LazilyIndexedArray,
    explicit_indexing_adapter,
)

MAPPED = 2**21  # bytes of a file that are in memory at a time: what is mapped counts as memory


class _Column(BackendArray):
    """A variable of a file, of which every read opens the file, and maps a part after the other."""

    def __init__(self, path: Path, name: str, order: list[int]) -> None:
        self.path, self.name, self.order = path, name, order
        with netcdf_file(path) as file:
            shape, kind = file.variables[name].shape, file.variables[name].data.dtype
        self.text = kind.kind == "S"
        self.dtype = np.dtype(f"U{shape[-1]}") if self.text else kind.newbyteorder("=")
        self.stored = shape[:-1] if self.text else shape
        self.shape = tuple(self.stored[axis] for axis in order)
        self.rows = max(1, MAPPED * shape[0] // max(path.stat().st_size, 1))

    def __getitem__(self, key: ExplicitIndexer) -> Any:
        return explicit_indexing_adapter(key, self.shape, IndexingSupport.OUTER, self._read)

    def _read(self, key: tuple[Any, ...]) -> Any:
        """What is asked for along each axis by itself: a place, a slice or places."""
        kept = [
            np.atleast_1d(np.arange(count)[k]) for count, k in zip(self.shape, key, strict=True)
        ]
        rows, *inner = (kept[self.order.index(axis)] for axis in range(len(self.stored)))
        found = np.empty((len(rows), *map(len, inner)), dtype=self.dtype)
        for first in range(0, len(rows), self.rows):
            part = self._some(rows[first : first + self.rows])
            found[first : first + self.rows] = part[np.ix_(np.arange(len(part)), *inner)]
        whole = (slice(None) if isinstance(k, slice) or np.ndim(k) else 0 for k in key)
        return found.transpose(self.order)[tuple(whole)]

    def _some(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Some records, one after the other."""
        with netcdf_file(self.path) as file:
            first = rows.min()
            here = file.variables[self.name].data[first : rows.max() + 1][rows - first]
        if not self.text:
            return np.asarray(here, dtype=self.dtype)
        whole = np.ascontiguousarray(here).view(f"S{here.shape[-1]}")[..., 0]
        return np.asarray(np.char.decode(whole, "utf-8"))


def lengthened(first: xarray.Dataset, path: Path, ordered: Callable[[Any], Any]) -> xarray.Dataset:
    """The Dataset of a file, from that of its first record; answers stay in the file.

    Dimensions are ordered by the key that is given.
    """
    along = first["status"].dims[0]

    def whole(name: Any) -> Any:
        each = first[name].variable
        if along not in each.dims:
            return each
        dims = sorted(each.dims, key=ordered)
        left = LazilyIndexedArray(_Column(path, name, [each.dims.index(dim) for dim in dims]))
        return xarray.Variable(dims, left, each.attrs)

    coords = {name: whole(name).load() for name in first.coords}
    return xarray.Dataset({name: whole(name) for name in first.data_vars}, coords, first.attrs)
