"""Sweeps on disk: solved in blocks, each block a file as soon as it is solved, and nothing lost.

A sweep's folder holds ``sweep.json``, which says which game, which numbers and how; a file of each
block, named by the digest of its content; and at the end ``sweep.nc``, all blocks in one netCDF
file. Blocks depend on the grid alone: a sweep that was stopped, by whatever, goes on where it was,
and what it ends with is the same to the last byte.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderbored import files
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.solvers import digest
from leaderbored.solvers.budget import Progress
from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.netcdf import joined, packed, unpacked
from leaderbored.sweeps.sweep import gridded, solved

if TYPE_CHECKING:
    import xarray

BLOCK = 4_000  # points of a block, about
REST = 7  # a rest of no more than this part of a block, too few for kernels, goes with the last one
MANIFEST, WHOLE, BLOCKS = "sweep.json", "sweep.nc", "blocks"
MARK = 16  # characters of a digest
NAMED = re.compile(rf"(\d{{5,}})-([0-9a-f]{{{MARK}}})\.nc")  # files of blocks
DRAFT = re.compile(r"\.[0-9a-f]{16}\.(json|nc)")  # files that somebody was killed while writing
DAMAGED = "damaged: delete it, and --resume makes it again"


def sweep_to(
    folder: str | Path,
    game: Any,
    over: Mapping[str, Any],
    *,
    draws: int | None = None,
    design: str = "saltelli",
    seed: int = 1,
    all: bool | None = None,
    n_jobs: int | None = None,
    resume: bool = False,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Iterator[tuple[int, int]]:
    """Solve a game over a grid of its numbers, or at draws of them, block by block, into a folder.

    Parameters
    ----------
    folder : str or Path
        Made if there is none; it must be empty unless ``resume``.
    game, over, draws, design, seed, all, n_jobs, progress
        As of :func:`leaderbored.sweep`.
    resume : bool, default False
        Go on with a sweep that was begun there.
    cluster : str, optional
        Where blocks are solved, a whole one by each worker: ``tcp://HOST:PORT`` of a Dask
        scheduler, or ``local:N`` for N processes here; by default in this process. It makes no
        difference to what is stored. A script that starts workers needs the usual
        ``if __name__ == "__main__":``.

    Yields
    ------
    tuple of int
        Points that are on disk, and points in all. After the last the folder holds ``sweep.nc``.

    Raises
    ------
    GameFileError
        If there is no such grid, the folder holds something else or another sweep, or a block is
        damaged, or there is no such cluster; nothing is written over.
    OSError
        If something cannot be written, or the cluster is gone; finished blocks stay.

    Examples
    --------
    >>> import tempfile
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=6)
    >>> folder = Path(tempfile.mkdtemp()) / "map"
    >>> list(sweep_to(folder, race, {"market.scarcity": [0.6, 0.9]}))
    [(2, 2)]
    >>> opened(folder)["verdict"].values.tolist()
    ['run', 'run']
    """
    grid = gridded(game, over, draws=draws, design=design, seed=seed)
    home = Path(folder)
    parts = _parts(grid)
    with _solver(cluster, n_jobs, progress) as solve:
        _begin(home, _manifest(grid, all), resume)
        there = _finished(home, len(parts))
        done = sum(parts[k].size for k in there)
        if there:
            yield done, grid.size
        left = {k: partial(_block, part, all) for k, part in enumerate(parts) if k not in there}
        for k, content in solve(left):
            name = f"{k:05}-{hashlib.sha256(content).hexdigest()[:MARK]}.nc"
            _write(home, home / BLOCKS / name, content)
            there[k] = home / BLOCKS / name
            done += parts[k].size
            if progress is not None:
                progress("sweep", done, 1 - done / grid.size)
            if done < grid.size:
                yield done, grid.size
    blocks = [there[k] for k in range(len(parts))]
    if not (home / WHOLE).exists():
        _write(home, home / WHOLE, joined(blocks, grid.axis))
    elif not _are(home / WHOLE, joined(blocks, grid.axis)):
        raise GameFileError("sweep", [Mistake(str(home / WHOLE), "", DAMAGED)])
    yield grid.size, grid.size


def opened(folder: str | Path, *, lazy: bool = False) -> xarray.Dataset:
    """The answers of a sweep that has ended, as :func:`leaderbored.sweep` returns them.

    Parameters
    ----------
    folder : str or Path
    lazy : bool, default False
        Leave the answers on disk, and read each whenever it is asked for, where they might be
        more than memory holds.

    Raises
    ------
    GameFileError
        If there is no sweep that has ended, or the file is damaged.

    Examples
    --------
    >>> opened("no-such-folder")
    Traceback (most recent call last):
    leaderbored.games.problems.GameFileError: no-such-folder: 1 mistake
      sweep.nc: there is none: no sweep has ended here
    """
    path = Path(folder) / WHOLE
    if not path.is_file():
        raise GameFileError(
            str(folder), [Mistake(WHOLE, "", "there is none: no sweep has ended here")]
        )
    try:
        return unpacked(path, lazy=lazy)
    except (ValueError, TypeError, LookupError) as error:  # what it begins with says what follows
        raise GameFileError(str(folder), [Mistake(WHOLE, "", DAMAGED)]) from error


@contextmanager
def _solver(
    cluster: str | None, n_jobs: int | None, progress: Progress | None
) -> Iterator[Callable[[Mapping[int, Callable[..., bytes]]], Iterator[tuple[int, bytes]]]]:
    """What solves blocks, given by number, and hands them on as they are ready."""
    if cluster is not None:
        from leaderbored.sweeps.cluster import connected

        with connected(cluster) as workers:
            yield workers.solved
    else:
        yield lambda blocks: (
            (k, block(n_jobs=n_jobs, progress=progress)) for k, block in blocks.items()
        )


def _block(
    part: Grid, all: bool | None, n_jobs: int | None = 1, progress: Progress | None = None
) -> bytes:
    return packed(solved(part, all=all, n_jobs=n_jobs, progress=progress))


# --- the folder


def _begin(home: Path, manifest: dict[str, Any], resume: bool) -> None:
    """Make the folder, or see that it is this sweep's."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    path = home / MANIFEST
    if path.exists():
        try:
            before = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            before = {}
        if before != manifest:
            differ = [key for key in manifest if before.get(key) != manifest[key]]
            said = f"another sweep was begun here: other {', '.join(differ) or 'keys'}"
            raise GameFileError("sweep", [Mistake("--out", str(home), said)])
        if not resume:
            said = "this sweep was begun here; --resume goes on with it"
            raise GameFileError("sweep", [Mistake("--out", str(home), said)])
        (home / BLOCKS).mkdir(exist_ok=True)
        return
    if home.exists() and not (
        home.is_dir() and all(DRAFT.fullmatch(p.name) for p in home.iterdir())
    ):
        raise GameFileError("sweep", [Mistake("--out", str(home), "expected an empty folder")])
    try:
        home.mkdir(parents=True, exist_ok=True)
        files.write(path, text.encode())  # first: whoever finds the folder knows whose it is
        (home / BLOCKS).mkdir()
    except OSError as error:
        said = error.strerror or "cannot be written"
        raise GameFileError("sweep", [Mistake("--out", str(home), said)]) from None


def _are(path: Path, pieces: Iterable[bytes]) -> bool:
    """Whether a file holds just these bytes."""
    with path.open("rb") as file:
        return all(file.read(len(piece)) == piece for piece in pieces) and not file.read(1)


def _write(home: Path, path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file; if that fails the sweep's folder is named, and that nothing is lost."""
    try:
        files.write(path, content)
    except OSError as error:
        said = f"{error.strerror or error}; finished blocks stay, and the sweep can be resumed"
        raise OSError(error.errno, said, str(home)) from None


def _manifest(grid: Grid, all: bool | None) -> dict[str, Any]:
    from leaderbored import __version__

    return {
        "game": grid.game.name,
        "digest": digest(grid.game) or "",
        **_points(grid),
        "all": bool(all),
        "leaderbored": __version__,
    }


def _points(grid: Grid) -> dict[str, Any]:
    if grid.drawn:
        return grid.drawn.written
    return {"over": {path: list(values) for path, values in grid.over.items()}}


def _finished(home: Path, count: int) -> dict[int, Path]:
    """Blocks that are there, by number, each as it was written."""
    found: dict[int, Path] = {}
    damaged = []
    for path in sorted((home / BLOCKS).iterdir()):
        named = NAMED.fullmatch(path.name)
        if not named:
            continue  # a draft that was never finished, or somebody's own
        number, mark = named.groups()
        content = path.read_bytes()
        if hashlib.sha256(content).hexdigest()[:MARK] != mark or not 0 <= int(number) < count:
            damaged.append(Mistake(str(path), "", DAMAGED))
        else:
            found[int(number)] = path
    if damaged:
        raise GameFileError("sweep", damaged)
    return found


# --- blocks


def _parts(grid: Grid) -> list[Grid]:
    """The grid in blocks of points, along the dimension with the most values."""
    count, width = max(grid.shape), grid.drawn.width if grid.drawn else 1
    rows = max(1, round(BLOCK / (grid.size // count) / width)) * width
    firsts = list(range(0, count, rows))
    if len(firsts) > 1 and REST * (count - firsts[-1]) <= rows:
        firsts.pop()
    return [grid.cut(slice(a, b)) for a, b in pairwise([*firsts, count])]
