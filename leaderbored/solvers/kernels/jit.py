"""Compiling kernels to machine code, once on every machine.

Numba translates a function when it is first called, which takes seconds, and keeps the result in a
folder. That folder is the user's cache, under a name that says by which sources and which numba it
was made: numba itself looks at one file only, and would miss a change in what that file calls.
Where no such folder can be written kernels are compiled anew in every process, and work as well.
"""

from __future__ import annotations

import gc
import hashlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

import numba
from numba.core.runtime.nrt import rtsys

from leaderbored.solvers.budget import stopped
from leaderbored.solvers.kernels.ahead import awaited

F = TypeVar("F", bound=Callable[..., Any])

TRIED = numba.__version__ in ("0.68.1",)  # numbas whose insides are known: others are as they come
INNER: dict[str, Any] = {  # without ways in from outside, which take as long to compile
    "error_model": "numpy",
    "no_cpython_wrapper": True,
    "no_cfunc_wrapper": True,
}
if TRIED:
    from leaderbored.solvers.kernels.linked import PartCompiler

    INNER["pipeline_class"] = PartCompiler
OUTER: dict[str, Any] = {"error_model": "numpy", "nogil": True}
CHECKED = (
    "fixed",
    "reply",
    "response",
    "cells",
    "cuts",
    "only",
    "steps",
    "sweeps",
    "tightening",
)  # kernels of the second look at proofs
LIGHT = 1  # level of optimisation


def compiled(function: F) -> F:
    """Make a function one that kernels may call; it is compiled with them.

    Examples
    --------
    >>> @compiled
    ... def double(x):
    ...     return 2 * x
    >>> entry = numba.njit(lambda x: double(x))
    >>> double.py_func(1.5), entry(1.5)
    (3.0, 3.0)
    """
    return cast("F", numba.njit(**INNER)(function))


def also(function: F, name: str) -> F:
    """The same function under another name, for machine code that is made and kept apart.

    Examples
    --------
    >>> also(cache_folder, "another").__name__
    'another'
    """
    assert isinstance(function, FunctionType)
    twin = FunctionType(function.__code__, function.__globals__, name)
    twin.__qualname__ = name
    return cast("F", twin)


def ready(function: F, *nothing: Any) -> F:
    """A kernel that Python calls, compiled for such arguments, of which it makes nothing.

    Its machine code is taken from where it is kept, and kept there if it can be. Whatever is wrong
    with that place, a damaged file or a full disk, it is compiled for this process alone. No limit
    runs meanwhile.
    """
    with nullcontext() if is_kept(function) else stopped():
        awaited(function)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that machine code cannot be kept troubles nobody
            with _lightly():
                try:
                    kernel = kept(function)
                    kernel(*nothing)
                except Exception:
                    kernel = cast("F", numba.njit(**OUTER)(function))
                    kernel(*nothing)
    return kernel


@contextmanager
def _lightly() -> Iterator[None]:
    """Optimise little: kernels are as quick, and compiled in three quarters of the time.

    Nor is garbage looked for among the many small objects, nearly all of which are kept.
    """
    settings = cast("Any", numba.config)
    before, collecting = settings.OPT, gc.isenabled()
    settings.OPT = type(before)(min(before, LIGHT))
    gc.disable()
    try:
        yield
    finally:
        settings.OPT = before
        if collecting:
            gc.enable()


def kept(function: F) -> F:
    """A kernel that Python calls; its machine code is kept where it can be."""
    folder, settings = cache_folder(), cast("Any", numba.config)
    if folder is None:
        return cast("F", numba.njit(**OUTER)(function))
    before = settings.CACHE_DIR
    settings.CACHE_DIR = str(folder)  # read while a function is decorated
    try:
        return cast("F", _loading(numba.njit(cache=True, **OUTER)(function)))
    except (OSError, RuntimeError):  # as where another process took the folder away
        return cast("F", numba.njit(**OUTER)(function))
    finally:
        settings.CACHE_DIR = before


def _loading(kernel: Any) -> Any:
    """A kernel that is kept, and loaded without what numba imports in order to compile.

    To compile, numba registers what it knows of Python and of numpy, which takes longer than all
    else of loading; machine code needs no more of it than the memory of arrays.
    """
    if TRIED:
        load = kernel._cache.load_overload

        def loaded(signature: Any, context: Any) -> Any:
            context.refresh = lambda: rtsys.initialize(context)
            try:
                return load(signature, context)
            finally:
                del context.refresh

        kernel._cache.load_overload = loaded
    return kernel


def cache_folder() -> Path | None:
    """Where machine code is kept: ``kernels-...`` in the user's cache; None if nowhere.

    ``NUMBA_CACHE_DIR`` and ``XDG_CACHE_HOME`` say where caches are.
    """
    try:
        folder = _caches() / "leaderbored" / f"kernels-{_digest()}"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except (OSError, RuntimeError):  # Path.home raises the latter where there is none
        return None


def is_kept(function: Callable[..., Any]) -> bool:
    """Whether a kernel's machine code is kept already, so that nothing is to be waited for."""
    folder = cache_folder()
    return folder is not None and any(folder.rglob(f"*.{function.__name__}-*.nbi"))


def _caches() -> Path:
    given = os.environ.get("NUMBA_CACHE_DIR") or os.environ.get("XDG_CACHE_HOME")
    if given:
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")


@cache
def _digest() -> str:
    """Of all kernels' sources, and of what compiles them."""
    made = hashlib.sha256(f"{numba.__version__} {sys.version}".encode())
    folder = Path(__file__).parent
    checked = [folder.parent / "checked" / f"{name}.py" for name in CHECKED]
    for source in sorted([*folder.glob("*.py"), *folder.parent.glob("complete/*.py"), *checked]):
        made.update(source.read_bytes())
    return made.hexdigest()[:16]
