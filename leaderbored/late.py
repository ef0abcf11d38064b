"""Libraries that take long to import, imported when something of theirs is first asked for."""

from __future__ import annotations

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
