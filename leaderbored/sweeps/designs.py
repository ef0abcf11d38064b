"""Designs: numbers drawn from what is thought of them, the same for the same seed."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.spreads import Spread, inputs_of, spreads_of
from leaderbored.games.validation import short, unknown

DESIGNS = ("saltelli", "sobol", "random")
MOST = 1_000_000  # points


@dataclass(frozen=True)
class Drawn:
    """How the points of a sweep are drawn.

    Attributes
    ----------
    spreads : dict of str to Spread
        What is thought of each number, by its path.
    draws : int
        How many points were asked for.
    design : str
        "random": independent draws. "sobol": a scrambled Sobol sequence, which fills the box more
        evenly [1]_. "saltelli": blocks of d + 2 points for d numbers, from which Sobol indices are
        estimated [2]_: two points a and b, and for each number a with that number of b.
    seed : int

    References
    ----------
    .. [1] A. B. Owen, "Scrambling Sobol' and Niederreiter-Xing points", Journal of Complexity 14,
       1998.
    .. [2] A. Saltelli and others, "Variance based sensitivity analysis of model output", Computer
       Physics Communications 181, 2010.

    Examples
    --------
    >>> made = Drawn.of({"discount": (0.1, 0.3), "rungs": {"draws": [2, 3]}}, 9, "saltelli", 1)
    >>> {path: values.tolist() for path, values in made.values().items()}["rungs"]
    [2, 2, 2, 2, 3, 3, 3, 3]
    """

    spreads: dict[str, Spread]
    draws: int
    design: str = "saltelli"
    seed: int = 1

    @classmethod
    def of(
        cls, over: Mapping[str, Any], draws: Any, design: Any = "saltelli", seed: Any = 1
    ) -> Drawn:
        """Check what is drawn.

        Raises
        ------
        GameFileError
            Listing every mistake.
        """
        spreads, mistakes = spreads_of(over)
        if not over:
            mistakes.append(Mistake("over", "", "expected a path such as discount, with a range"))
        if not _whole(draws, 1, MOST):
            expected = f"expected a whole number from 1 to {MOST:,}"
            mistakes.append(Mistake("draws", short(draws), expected))
        if not _whole(seed, 0, 2**63):
            mistakes.append(Mistake("seed", short(seed), "expected a whole number, 0 or more"))
        if design not in DESIGNS:
            said = unknown("design", str(design), list(DESIGNS))
            mistakes.append(Mistake("design", short(design), said))
        if not mistakes:
            least = 2 * (len(set(inputs_of(spreads).values())) + 2)
            if design == "saltelli" and draws < least:
                said = f"expected at least {least} for {len(spreads)} numbers, or another design"
                mistakes.append(Mistake("draws", short(draws), said))
        if mistakes:
            raise GameFileError("sweep", mistakes)
        return cls(spreads, int(draws), design, int(seed))

    @property
    def inputs(self) -> dict[str, int]:
        """Which independent chance each number depends on."""
        return inputs_of(self.spreads)

    @property
    def width(self) -> int:
        """Points of a block: d + 2 in a Saltelli design, one in others."""
        return len(set(self.inputs.values())) + 2 if self.design == "saltelli" else 1

    def values(self) -> dict[str, Array]:
        """(P,) values of each number; whole blocks, so P may be a little less than asked for."""
        inputs = self.inputs
        chances = _chances(self.design, self.draws, max(inputs.values()) + 1, self.seed)
        return {path: spread.at(chances[:, inputs[path]]) for path, spread in self.spreads.items()}

    @property
    def written(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "over": {path: spread.written for path, spread in self.spreads.items()},
            "draws": self.draws,
            "design": self.design,
            "seed": self.seed,
        }


def _whole(given: Any, low: int, high: int) -> bool:
    whole = isinstance(given, int | np.integer) and not isinstance(given, bool)
    return whole and low <= given <= high


def _chances(design: str, draws: int, inputs: int, seed: int) -> Array:
    """(P, d) numbers from 0 to 1."""
    random = np.random.default_rng(seed)
    if design == "random":
        return random.random((draws, inputs))
    if design == "sobol":
        return _sobol(draws, inputs, random)
    both = _sobol(draws // (inputs + 2), 2 * inputs, random)
    a, b = both[:, :inputs], both[:, inputs:]
    block = np.stack([a, b, *([a] * inputs)], axis=1)
    own = np.arange(inputs)
    block[:, own + 2, own] = b
    return block.reshape(-1, inputs)


def _sobol(count: int, width: int, random: np.random.Generator) -> Array:
    from scipy.stats import qmc  # slow to import

    with warnings.catch_warnings():  # that a power of two were better balanced
        warnings.simplefilter("ignore", UserWarning)
        found: Array = qmc.Sobol(width, seed=random).random(count)
    return found
