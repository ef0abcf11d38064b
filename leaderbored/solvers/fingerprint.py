"""Fingerprints of games."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp


def digest(game: Any) -> str:
    """Fingerprint of a game: 16 hexadecimal digits that change when any number changes.

    Examples
    --------
    >>> from leaderbored import Lab
    >>> digest(Lab("A", 1)) == digest(Lab("A", 1.0)) != digest(Lab("A", 2))
    True
    """
    fingerprint = hashlib.sha256()

    def feed(part: Any) -> None:
        if is_dataclass(part) and not isinstance(part, type):
            fingerprint.update(type(part).__name__.encode())
            for member in fields(part):
                if getattr(getattr(part, member.name), "off", False):
                    continue  # what is switched off leaves no trace
                fingerprint.update(member.name.encode())
                feed(getattr(part, member.name))
        elif isinstance(part, tuple):
            for member in part:
                feed(member)
        elif isinstance(part, dict):
            feed(tuple(sorted(part.items())))
        elif sp.issparse(part):
            feed((part.indptr, part.indices, part.data))
        elif hasattr(part, "__code__"):  # a function: what it does, not where it lies
            feed((part.__code__.co_code, part.__code__.co_names, part.__code__.co_consts))
        elif isinstance(part, np.ndarray):
            fingerprint.update(np.ascontiguousarray(part).tobytes())
        else:
            fingerprint.update(repr(part).encode() + b";")

    feed(game)
    return fingerprint.hexdigest()[:16]
