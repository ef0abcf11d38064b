"""The colours of verdicts: strong ones for lines, and tints for areas.

Blue is where leads close, orange where they grow, as of laggards and leader in all figures. The
tints differ in lightness, so that areas are told apart in grey, too.
"""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_hex, to_rgb

from leaderbored.figures.style import CHASER, LEADER, QUIET

VERDICTS = {
    "run": CHASER,
    "breakaway": "#56B4E9",
    "neutral": "#009E73",
    "mixed": "#CC79A7",
    "peloton": "#E69F00",
    "race": LEADER,
    "standstill": "#000000",
    "escape": "#6B1E00",
    "depends on the start": "#F0E442",
    None: QUIET,
}
LIGHTNESS = {  # CIE L* of areas
    "run": 91,
    "breakaway": 83,
    "neutral": 73,
    "mixed": 87,
    "peloton": 78,
    "race": 68,
    "standstill": 57,
    "escape": 47,
    "depends on the start": 95,
    None: 99,
}


def lightness(colour: str) -> float:
    """CIE L* of a colour, from 0 for black to 100 for white.

    Examples
    --------
    >>> round(lightness("#ffffff")), round(lightness("#000000"))
    (100, 0)
    """
    x = np.array(to_rgb(colour))
    linear = np.where(x <= 0.04045, x / 12.92, ((x + 0.055) / 1.055) ** 2.4)
    light = float(linear @ (0.2126, 0.7152, 0.0722))
    return 116 * light ** (1 / 3) - 16 if light > (6 / 29) ** 3 else 24389 / 27 * light


def tint(colour: str, light: float) -> str:
    """A colour mixed with white until it is so light; itself where it is lighter.

    Examples
    --------
    >>> round(lightness(tint("#D55E00", 80)))
    80
    """
    red, green, blue = to_rgb(colour)

    def mixed(part: float) -> str:
        return to_hex(
            (red + part * (1 - red), green + part * (1 - green), blue + part * (1 - blue))
        )

    low, high = 0.0, 1.0
    for _ in range(40):
        part = (low + high) / 2
        low, high = (part, high) if lightness(mixed(part)) < light else (low, part)
    return mixed(high)


TINTS = {kind: tint(colour, LIGHTNESS[kind]) for kind, colour in VERDICTS.items()}
PALE = {kind: tint(colour, 100 - (100 - LIGHTNESS[kind]) / 2) for kind, colour in TINTS.items()}
"""Of bands behind curves, which stay the darkest."""
