"""What takes long to import, imported when something of it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
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
