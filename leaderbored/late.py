"""What takes long to import, imported when something of it is first asked for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Any


class _Late(ModuleType):
    """Stands for a module until one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what looks at modules, such as doctest, must not import it
            raise AttributeError(name)
        found = getattr(import_module(self.__name__), name)
        self.__dict__[name] = found
        return found


def late(module: str) -> ModuleType:
    """A module that is imported at its first use.

    For readers and type checkers the import stands beside it, under ``TYPE_CHECKING``.

    Examples
    --------
    >>> late("math").sqrt(4.0)
    2.0
    """
    return _Late(module)


def names(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose names are imported when they are first asked for.

    For readers and type checkers the imports stand beside it, under ``TYPE_CHECKING``.

    Parameters
    ----------
    package : str
    homes : mapping of str to sequence of str
        Names by the module of the package where they are.

    Examples
    --------
    >>> names("xml", {"sax.saxutils": ["escape"]})("escape")("<")
    '&lt;'
    """
    found = {name: home for home, several in homes.items() for name in several}

    def get(name: str) -> Any:
        if name not in found:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{found[name]}"), name)

    return get


@dataclass(frozen=True)
class _Postponed:
    """Finds modules that run when something of them is first asked for."""

    modules: frozenset[str]

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        found = PathFinder.find_spec(name, path, target) if name in self.modules else None
        if found is not None and found.loader is not None:
            found.loader = LazyLoader(found.loader)
        return found


def postpone(*modules: str) -> None:
    """Whoever imports these modules from now on, they run when they are first used.

    For what libraries import on their way though nobody may ever use it.

    Parameters
    ----------
    *modules : str

    Examples
    --------
    >>> postpone("this")
    >>> import this  # prints nothing yet
    """
    finder = _Postponed(frozenset(modules))
    if finder not in sys.meta_path:
        sys.meta_path.insert(0, finder)
