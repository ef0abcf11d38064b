"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from tempfile import mkstemp

WRITTEN: list[Path] = []
"""What was written since the program began, for those who have to say so."""


def write(path: Path, content: bytes, *, new: bool = False) -> None:
    """Write a file whole, or leave everything as it was.

    Parameters
    ----------
    path : Path
        A regular file is replaced in one step; a device or a pipe is written to.
    content : bytes
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
    if new:
        _create(path, content)
    elif path.exists() and not stat.S_ISREG(path.stat().st_mode):
        path.write_bytes(content)
    else:
        _replace(path, content)
    WRITTEN.append(path)


def _create(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        try:
            file.write(content)
            file.flush()
        except BaseException:
            path.unlink()
            raise


def _replace(path: Path, content: bytes) -> None:
    path = Path(os.path.realpath(path))  # a link stays one
    number, name = mkstemp(dir=path.parent, prefix=".", suffix=path.suffix)
    try:
        with os.fdopen(number, "wb") as draft:
            draft.write(content)
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        os.chmod(name, stat.S_IMODE(mode))
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
