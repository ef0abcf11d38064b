"""How figures look where somebody asks for more than the default: width, font, theme, grey.

A look is no argument of every figure: it holds for all that is drawn inside :func:`looking`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

Theme = Literal["print", "slide", "web"]
SIZES = {"print": 1.0, "slide": 1.4, "web": 1.1}  # of letters and lines, of those in print
INCHES = {"in": 1.0, "cm": 1 / 2.54, "mm": 1 / 25.4, "pt": 1 / 72}
NARROWEST, WIDEST = 2.0, 40.0  # inches


@dataclass(frozen=True)
class Look:
    """What is asked of all figures.

    Attributes
    ----------
    width : float or None
        Inches; None for the width that each figure has by itself.
    title : bool
        Whether the headline stands over the figure; without, it is left to a caption.
    grey : bool
        Whether colours become greys.
    font : str or None
        Name of a font that is installed; None for the one that matplotlib ships.
    theme : {"print", "slide", "web"}
        ``slide`` has letters and lines that are seen from the last row, ``web`` has faint grid
        lines and letters for a screen.

    Examples
    --------
    >>> Look(width=3.4).size
    1.0
    """

    width: float | None = None
    title: bool = True
    grey: bool = False
    font: str | None = None
    theme: Theme = "print"

    @property
    def size(self) -> float:
        """Of letters and lines, in those of print."""
        return SIZES[self.theme]

    def settings(self) -> dict[str, Any]:
        """Those of matplotlib in which this look differs."""
        k, changed = self.size, dict[str, Any]()
        if k != 1:
            changed = {
                "axes.labelsize": 9 * k,
                "axes.titlesize": 10 * k,
                "font.size": 9 * k,
                "lines.linewidth": 1.8 * k,
                "lines.markersize": 4.5 * k,
                "xtick.labelsize": 8 * k,
                "ytick.labelsize": 8 * k,
            }
        if self.theme == "web":
            changed |= {"axes.grid": True, "axes.axisbelow": True, "grid.color": "#ececec"}
        if self.font:
            changed["font.family"] = [self.font, "DejaVu Sans"]  # for letters that it has not
        return changed


PLAIN = Look()
_LOOK: ContextVar[Look] = ContextVar("look", default=PLAIN)


def look() -> Look:
    """The look that holds here.

    Examples
    --------
    >>> look().theme
    'print'
    """
    return _LOOK.get()


@contextmanager
def looking(asked: Look) -> Iterator[None]:
    """Draw what is inside with a look.

    Examples
    --------
    >>> with looking(Look(grey=True)):
    ...     look().grey
    True
    """
    token = _LOOK.set(asked)
    try:
        yield
    finally:
        _LOOK.reset(token)


def inches(text: str) -> float:
    """A width such as 3.4in, 8.6cm, 86mm, 245pt or 3.4, in inches.

    Raises
    ------
    ValueError
        If it is none, or none that a figure can have.

    Examples
    --------
    >>> inches("3.4in"), round(inches("8.6 cm"), 2), inches("7")
    (3.4, 3.39, 7.0)
    """
    number, unit = text.strip(), "in"
    for name in INCHES:
        if number.endswith(name):
            number, unit = number.removesuffix(name), name
    try:
        found = float(number) * INCHES[unit]
    except ValueError:
        raise ValueError("expected a width such as 3.4in or 8.6cm") from None
    if not NARROWEST <= found <= WIDEST:
        raise ValueError(f"expected between {NARROWEST:g} and {WIDEST:g} inches")
    return found


def missing(font: str) -> str:
    """What is wrong with the name of a font; empty if it is installed.

    Examples
    --------
    >>> missing("DejaVu Sans"), missing("DejaVu Sens")
    ('', 'not installed; did you mean DejaVu Sans?')
    """
    from difflib import get_close_matches

    from matplotlib.font_manager import fontManager

    known = {entry.name.lower(): entry.name for entry in fontManager.ttflist}
    if font.lower() in known:
        return ""
    near = get_close_matches(font.lower(), known, 1)
    return f"not installed; did you mean {known[near[0]]}?" if near else "not installed"
