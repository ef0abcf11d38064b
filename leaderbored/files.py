"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path
from secrets import token_hex

WRITTEN: list[Path] = []
"""What was written since the program began, for those who have to say so."""


def write(path: Path, content: bytes | Iterable[bytes], *, new: bool = False) -> None:
    """Write a file whole, or leave everything as it was.

    Parameters
    ----------
    path : Path
        A regular file is replaced in one step; a device or a pipe is written to.
    content : bytes, or pieces of it
    new : bool, default False
        Whether a file that is there already is an error.

    Raises
    ------
    OSError
        If it cannot be written; then no file and no part of one is left.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> write(folder / "a.txt", b"whole")
    >>> [(path.name, path.read_bytes()) for path in folder.iterdir()]
    [('a.txt', b'whole')]
    >>> write(folder / "a.txt", b"again", new=True)
    Traceback (most recent call last):
    FileExistsError: [Errno 17] File exists: '...a.txt'
    """
    pieces = [content] if isinstance(content, bytes) else content
    if new:
        _create(path, pieces)
    elif path.exists() and not stat.S_ISREG(path.stat().st_mode):
        with path.open("wb") as file:
            file.writelines(pieces)
    else:
        _replace(path, pieces)
    WRITTEN.append(path)


def _create(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("xb") as file:
        try:
            file.writelines(pieces)
            file.flush()
        except BaseException:
            path.unlink()
            raise


def _replace(path: Path, pieces: Iterable[bytes]) -> None:
    path = Path(os.path.realpath(path))  # a link stays one
    draft = path.with_name(f".{token_hex(8)}{path.suffix}")  # named first: it can always be removed
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else None
    try:
        with draft.open("xb") as file:
            if mode is not None:
                os.chmod(draft, mode)
            file.writelines(pieces)
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
