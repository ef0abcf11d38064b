"""The answers of a sweep as netCDF files in the classic format, and blocks of them joined to one.

Along one dimension such a file is a row of records of one length, after a head that says how many
there are. The blocks of a sweep are therefore joined by putting their records one after the other,
a block in memory at a time; and what is asked of the whole is read a column at a time, a part of
the file in memory.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.io import netcdf_file

from leaderbored.sweeps.answers import paths_of
from leaderbored.sweeps.point import NUMBERS

if TYPE_CHECKING:
    import xarray

ANSWERS = ("status", "message", "regret", "equilibria", "value", "verdict", "verdicts", *NUMBERS)
OWN = ("by_kernels", "one_by_one")  # attributes that add up over blocks


def packed(found: xarray.Dataset, along: str | None = None) -> bytes:
    """A Dataset as the bytes of a file, the same for the same numbers.

    Names of dimensions may hold any character in a game, and few in netCDF: they are numbered, and
    kept as attributes.

    Parameters
    ----------
    found : xarray.Dataset
    along : str, optional
        The dimension of which a value is a record.
    """
    numbered = {path: f"number_{k + 1}" for k, path in enumerate(paths_of(found))}
    made = found.rename(numbered)
    for path, name in numbered.items():
        made[name].attrs["path"] = str(path)
    made["equilibria"] = made["equilibria"].astype("int32")
    made = _ordered(made)
    if not made["value"].size:  # an axis of no length is read as one without end
        made = made.drop_vars(["value", str(made["value"].dims[-1])])
    records = [numbered.get(along, along)] if along else []
    made = made.transpose(*records, ...)
    return bytes(made.to_netcdf(engine="scipy", format="NETCDF3_64BIT", unlimited_dims=records))


def unpacked(path: Path, *, lazy: bool = False) -> xarray.Dataset:
    """The Dataset of a file; a lazy one reads each answer whenever it is asked for.

    Raises
    ------
    ValueError, TypeError, LookupError
        If it is not one that :func:`packed` or :func:`joined` made.
    """
    import xarray

    from leaderbored.sweeps.columns import lengthened  # brings xarray

    content = shortened(path) if lazy else path.read_bytes()
    with xarray.open_dataset(io.BytesIO(content), engine="scipy") as found:
        made = lengthened(found.load(), path, _place) if lazy else found.load()
    given = {name: made[name].attrs for name in map(str, made.coords)}
    names = {name: attrs.pop("path") for name, attrs in given.items() if "path" in attrs}
    paths = [names[name] for name in sorted(names, key=_place)]
    made = made.rename(names)
    made = made.transpose(*(path for path in paths if path in made.dims), ...)
    if "value" not in made:
        axis, dims = "lab" if "verdict" in made else "player", made["status"].dims
        nothing = np.empty((*made["status"].shape, 0))
        made = made.assign_coords({axis: np.array([], dtype=str)})
        made["value"] = ((*dims, axis), nothing, {"units": "money"})
    for name in made.data_vars:
        if made[name].dtype.kind in "SO":
            made[name] = made[name].astype(str)
    made = _ordered(made, paths)
    made.attrs = {key: v.item() if hasattr(v, "item") else v for key, v in made.attrs.items()}
    return made


def counted(content: bytes, count: int) -> bytes:
    r"""The bytes of a file, its head saying that so many records follow.

    Examples
    --------
    >>> counted(b"head0009records", 2)[4:]
    b'\x00\x00\x00\x02records'
    """
    return content[:4] + struct.pack(">i", count) + content[8:]


def shortened(path: Path) -> bytes:
    """The file with its first record alone; all records have ``status`` and are of one length."""
    with netcdf_file(path) as file:
        count, *_ = file.variables["status"].shape
        width, *_ = file.variables["status"].data.strides
    with path.open("rb") as whole:
        return counted(whole.read(path.stat().st_size - (count - 1) * width), 1)


def joined(paths: Sequence[Path], axis: str) -> Iterator[bytes]:
    """The file of all blocks along a dimension, in pieces: its head, and the records of each."""
    widths: dict[str, int] = {}
    totals, count, pattern = dict.fromkeys(OWN, 0), 0, None
    for path in paths:
        block = unpacked(path)
        count += block.sizes[axis]
        for name in OWN:
            totals[name] += int(block.attrs[name])
        for name in _texts(block):
            widths[name] = max(widths.get(name, 1), _bytes(block[name].values).dtype.itemsize)
        if pattern is None or (block["value"].size and not pattern["value"].size):
            pattern = block.isel({axis: slice(0, 1)})
    assert pattern is not None
    names = pattern["value"].dims[-1]
    for k, path in enumerate(paths):
        block = unpacked(path).reindex({names: pattern[names].values})  # some have no game
        block.attrs = {**pattern.attrs, **totals}
        for name in _texts(block):
            text = _bytes(block[name].values).astype(f"S{widths[name]}")
            block[name] = (block[name].dims, text, {**block[name].attrs, "_Encoding": "utf-8"})
        content = packed(block, axis)
        one, two = (len(packed(_first(block, axis, times), axis)) for times in (1, 2))
        head = one - (two - one)
        if not k:
            yield counted(content[:head], count)
        assert len(content) - head == (two - one) * block.sizes[axis]
        yield content[head:]


def _first(block: xarray.Dataset, axis: str, times: int) -> xarray.Dataset:
    """The first record of a block, so many times."""
    return block.isel({axis: np.zeros(times, dtype=np.int64)})


def _texts(block: xarray.Dataset) -> list[str]:
    return [str(name) for name in block.data_vars if block[name].dtype.kind == "U"]


def _bytes(text: Any) -> Any:
    return np.char.encode(text, "utf-8")


def _ordered(found: xarray.Dataset, first: Sequence[str] = ()) -> xarray.Dataset:
    """The same with answers as a sweep returns them, and some coordinates before the others."""
    import xarray

    coords = [*first, *(str(name) for name in found.coords if name not in first)]
    data = [name for name in ANSWERS if name in found]
    data += [str(name) for name in found.data_vars if name not in ANSWERS]
    return xarray.Dataset(
        {name: found[name].variable for name in data},
        {name: found[name].variable for name in coords},
        found.attrs,
    )


def _place(name: object) -> float:
    """Numbers in their order, then all others."""
    number = str(name).removeprefix("number_")
    return int(number) if number.isdigit() else np.inf
