"""Broken files: bytes, lines, numbers and keys of a good one changed at random."""

from __future__ import annotations

import re

import numpy as np

NUMBERS = (
    "0",
    "-1",
    "1e300",
    "1e-300",
    "nan",
    "inf",
    "-inf",
    "1e999",
    "0.5",
    '"x"',
    "[]",
    "{}",
    "true",
    "1000000000000000000000",
    "0x10",
    "1979-05-27",
)
WORDS = (
    "kind",
    "labs",
    "name",
    "",
    "max",
    "exp",
    "__class__",
    "g",
    "é",
    "lambda",
    "let",
    "E",
    "sum",
    "N",
)


def broken(text: str, random: np.random.Generator) -> bytes:
    """The file with one to three mistakes in it.

    Examples
    --------
    >>> random = np.random.default_rng(2)
    >>> broken("discount = 0.1\\nkind = 'race'\\n", random) != b"discount = 0.1\\nkind = 'race'\\n"
    True
    """
    data = text.encode()
    for _ in range(int(random.integers(1, 4))):
        data = BREAKS[int(random.integers(len(BREAKS)))](data, random)
    return data


def _bytes(data: bytes, random: np.random.Generator) -> bytes:
    at = int(random.integers(len(data) + 1))
    new = bytes(random.integers(0, 256, size=int(random.integers(0, 4))).astype(np.uint8))
    return data[:at] + new + data[at + int(random.integers(0, 3)) :]


def _lines(data: bytes, random: np.random.Generator) -> bytes:
    lines = data.split(b"\n")
    at, other = (int(k) for k in random.integers(len(lines), size=2))
    choice = int(random.integers(3))
    if choice == 0:
        del lines[at]
    elif choice == 1:
        lines.insert(at, lines[other])
    else:
        lines[at] = lines[at][: len(lines[at]) // 2]
    return b"\n".join(lines)


def _numbers(data: bytes, random: np.random.Generator) -> bytes:
    found = list(re.finditer(rb"-?\d[\d.e+-]*", data))
    if not found:
        return data
    spot = found[int(random.integers(len(found)))]
    return data[: spot.start()] + str(random.choice(NUMBERS)).encode() + data[spot.end() :]


def _keys(data: bytes, random: np.random.Generator) -> bytes:
    found = list(re.finditer(rb"[A-Za-z_]+", data))
    if not found:
        return data
    spot = found[int(random.integers(len(found)))]
    return data[: spot.start()] + str(random.choice(WORDS)).encode() + data[spot.end() :]


BREAKS = (_bytes, _lines, _numbers, _numbers, _keys)
