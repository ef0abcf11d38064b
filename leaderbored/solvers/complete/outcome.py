"""What comes of a proof that a list of equilibria is complete."""

from __future__ import annotations

from dataclasses import dataclass

from leaderbored.games.markov import Array


@dataclass(frozen=True, eq=False)
class Outcome:
    """Whether a list is complete.

    Attributes
    ----------
    proved : bool
        Whether there are no equilibria but those on the list.
    message : str
        In words: what was done, or why there is no proof.
    rest : tuple of two (2, S) arrays, or None
        Bounds on values within which an equilibrium that is not on the list may lie.
    steps, boxes : int
        How many of Krawczyk's steps were done, and how many boxes were swept.

    Examples
    --------
    >>> Outcome(False, "it takes too long").rest is None
    True
    """

    proved: bool
    message: str
    rest: tuple[Array, Array] | None = None
    steps: int = 0
    boxes: int = 0
