"""What a result of the theory is: a statement, a derivation, and a check against the solvers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import Any

import numpy as np
import sympy as sp

from leaderbored.shown import Shown
from leaderbored.theory.derivation import Derivation, Domain

Point = Mapping[sp.Symbol, Any]
Sample = dict[sp.Symbol, Any]


class Formulas:
    """Closed forms as functions of numbers.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> Formulas({"double": 2 * x})("double", {x: 3.0})
    6.0
    """

    def __init__(self, closed: Mapping[str, sp.Expr]) -> None:
        self.closed = closed
        self._compiled: dict[str, tuple[list[sp.Symbol], Callable[..., Any]]] = {}

    def __call__(self, name: str, point: Point) -> Any:
        """The value of a closed form at a point; other symbols of the point are ignored."""
        if self.closed[name].has(sp.Product):  # which lambdify does not know
            form = self.closed[name]
            return float(form.subs({s: point[s] for s in form.free_symbols}).doit())
        if name not in self._compiled:
            symbols = sorted(self.closed[name].free_symbols, key=str)
            self._compiled[name] = symbols, sp.lambdify(symbols, self.closed[name])
        symbols, function = self._compiled[name]
        return function(*(point[symbol] for symbol in symbols))


Compare = Callable[[Formulas, np.random.Generator], float]


@dataclass(frozen=True)
class Check(Shown):
    """How closed forms compare with numbers found without them.

    Attributes
    ----------
    id : str
    passed : bool
    discrepancy, tolerance : float
        The largest over the samples, relative; and the largest allowed.
    samples : int
    seconds : float
    """

    id: str
    passed: bool
    discrepancy: float
    tolerance: float
    samples: int
    seconds: float


@dataclass(frozen=True, eq=False)
class Result(Shown):
    """One result of the theory.

    Attributes
    ----------
    id, title, statement : str
        R7, a name, and the statement in one line.
    assumptions : tuple of str
    sources : tuple of str
        Citations.
    prove : callable
        Makes the derivation.
    compare : callable
        With the closed forms as :class:`Formulas` and a random generator: draws one sample and
        returns the largest discrepancy between the closed forms and the solvers.
    domain : dict of symbol to (low, high)
        Where samples are drawn and derivatives are signed.
    tolerance : float
        Largest discrepancy that passes.
    samples, batch : int
        Calls of ``compare``, and games in one.
    """

    id: str
    title: str
    statement: str
    assumptions: tuple[str, ...]
    sources: tuple[str, ...]
    prove: Callable[[], Derivation]
    compare: Compare
    domain: Domain
    tolerance: float = 1e-7
    samples: int = 5
    batch: int = 1

    @cached_property
    def _derivation(self) -> Derivation:
        return self.prove()

    def derive(self) -> Derivation:
        """The derivation; made, and its lemmas verified, on the first call."""
        return self._derivation

    def check(
        self,
        seed: int = 0,
        samples: int | None = None,
        closed: Mapping[str, sp.Expr] | None = None,
    ) -> Check:
        """Compare the closed forms with the solvers.

        Parameters
        ----------
        seed : int
            Of the sample of parameters.
        samples : int, optional
            How many to draw.
        closed : dict of str to sympy.Expr, optional
            Expressions to use instead of those derived, by name.

        Returns
        -------
        Check
        """
        began = perf_counter()
        formulas = Formulas({**self.derive().closed, **(closed or {})})
        rng = np.random.default_rng(seed)
        count = samples or self.samples
        worst = 0.0
        for _ in range(count):
            try:
                found = self.compare(formulas, rng)
            except (ValueError, ArithmeticError, TypeError):  # the forms make no game at all
                found = np.inf
            worst = max(worst, found if np.isfinite(found) else np.inf)
        return Check(
            self.id,
            worst <= self.tolerance,
            worst,
            self.tolerance,
            count * self.batch,
            perf_counter() - began,
        )


def draw(rng: np.random.Generator, domain: Domain) -> Sample:
    """A random point of a domain; integers where a symbol is one.

    Examples
    --------
    >>> n = sp.Symbol("n", integer=True)
    >>> draw(np.random.default_rng(0), {n: (2, 2)})
    {n: 2}
    """
    return {
        symbol: int(rng.integers(int(low), int(high), endpoint=True))
        if symbol.is_integer
        else float(rng.uniform(low, high))
        for symbol, (low, high) in domain.items()
    }


def gap(found: Any, expected: Any) -> float:
    """Largest difference of entries, relative to the largest entry.

    Examples
    --------
    >>> gap([1.0, 2.0], [1.0, 4.0])
    0.5
    """
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    scale = max(np.abs(found).max(), np.abs(expected).max(), 1e-300)
    return float(np.abs(found - expected).max() / scale)
