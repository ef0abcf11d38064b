r"""Linear programs over laws, :math:`\max c x` with :math:`A x \le 0`, x a law; exactly if asked.

HiGHS solves them in floating-point numbers. Its answer is a vertex. From a basis there the simplex
method goes on in rational numbers, until nothing can be better; mostly it has arrived already.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.sparse import csr_array

from leaderbored.games.markov import Array
from leaderbored.games.rationals import Table
from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint

optimize = late("scipy.optimize")

NEAR = 1e-9
MOST_EXACT = 40_000  # numbers in a tableau that is worked out in rational numbers
PIVOTS = 2_000

Rational = tuple[Fraction, ...]


@dataclass(frozen=True, eq=False)
class Optimum:
    """The solution of a program.

    Attributes
    ----------
    law : (n,) array
    value : float
    dual : (k,) array
        Multipliers of the inequalities, not negative.
    bound : float
        What the value is at most, for certain but for the rounding of one sum: any multipliers
        prove such a bound.
    """

    law: Array
    value: float
    dual: Array
    bound: float


@dataclass(frozen=True, eq=False)
class Program:
    """The greatest value of an aim over the laws that some inequalities leave.

    Attributes
    ----------
    rows : (k, n) sparse array
        A; all of A x must be at most zero.
    """

    rows: csr_array

    def best(self, aim: Array) -> Optimum | None:
        """Solve it; None if no law is admissible.

        Parameters
        ----------
        aim : (n,) array
            c.

        Examples
        --------
        >>> program = Program(csr_array(np.array([[1.0, -1.0]])))  # x_1 <= x_2
        >>> found = program.best(np.array([1.0, 0.0]))
        >>> found.law.tolist(), found.value, found.bound
        ([0.5, 0.5], 0.5, 0.5)
        """
        size = float(np.abs(aim).max()) or 1.0
        count = self.rows.shape[1]
        solved = optimize.linprog(
            -aim / size,
            A_ub=self.rows if self.rows.shape[0] else None,
            b_ub=np.zeros(self.rows.shape[0]) if self.rows.shape[0] else None,
            A_eq=np.ones((1, count)),
            b_eq=[1.0],
            method="highs",
        )
        if solved.status != 0:
            return None
        law = np.maximum(solved.x, 0)
        law /= law.sum()
        dual = np.zeros(0)
        if self.rows.shape[0]:
            dual = np.maximum(-solved.ineqlin.marginals, 0) * size
        bound = float((aim - dual @ self.rows).max())
        return Optimum(law, float(aim @ law), dual, bound)


def exactly(rows: Table, aim: Table, found: Optimum) -> tuple[Rational, Fraction] | None:
    """The optimum in rational numbers; None if the program is too large for these.

    Parameters
    ----------
    rows : (k, n) array of int
        A, in whole numbers: each row times any positive number.
    aim : (n,) array of int
        c, times any positive number.
    found : Optimum
        Of the same program in floating-point numbers, from which it starts.

    Returns
    -------
    law : tuple of n Fraction
    value : Fraction
        In the units of ``aim``.

    Examples
    --------
    >>> rows, aim = np.array([[2, -1]], dtype=object), np.array([1, 0], dtype=object)
    >>> found = Program(csr_array(rows.astype(float))).best(aim.astype(float))
    >>> [str(weight) for weight in exactly(rows, aim, found)[0]]
    ['1/3', '2/3']
    """
    count, size = rows.shape
    if (count + 1) * (count + size) > MOST_EXACT:
        return None
    tableau = _Tableau.at(rows, aim, found)
    return None if tableau is None else tableau.best()


class _Tableau:
    """The equations ``A x + s = 0, sum x = 1`` solved for a basis, in rational numbers.

    Attributes
    ----------
    body : list of list of fmpq
        One row for each basic variable; the right-hand side last.
    cost : list of fmpq
        What the aim grows by for a unit of each variable, basic ones aside; its value last,
        with the other sign.
    """

    def __init__(self, body: list[list[fmpq]], cost: list[fmpq], basis: list[int]) -> None:
        self.body, self.cost, self.basis = body, cost, basis

    @classmethod
    def at(cls, rows: Table, aim: Table, found: Optimum) -> _Tableau | None:
        """At the vertex that was found; None if it is none."""
        count, size = rows.shape
        full = [
            [*map(int, row), *(int(i == k) for i in range(count)), 0] for k, row in enumerate(rows)
        ]
        full.append([1] * size + [0] * count + [1])
        order = _likely(rows, found)
        solved, rank = fmpq_mat([[fmpq(row[j]) for j in (*order, -1)] for row in full]).rref()
        if rank < count + 1:  # cannot be: there is a slack in each row
            return None
        lines = [[solved[k, j] for j in range(size + count + 1)] for k in range(count + 1)]
        first = [next(j for j, value in enumerate(line) if value != 0) for line in lines]
        back = {place: j for j, place in enumerate(order)}
        body = [[line[back[j]] for j in range(size + count)] + [line[-1]] for line in lines]
        if first[-1] == size + count or any(line[-1] < 0 for line in body):
            return None
        basis = [order[j] for j in first]
        cost = [fmpq(int(c)) for c in aim] + [fmpq(0)] * (count + 1)
        for line, j in zip(body, basis, strict=True):
            if cost[j] != 0:
                factor = cost[j]
                cost = [c - factor * v for c, v in zip(cost, line, strict=True)]
        return cls(body, cost, basis)

    def best(self) -> tuple[Rational, Fraction] | None:
        """Pivot until nothing is better, the first candidate first (Bland 1977): it ends."""
        for _ in range(PIVOTS):
            checkpoint()
            enters = next((j for j, c in enumerate(self.cost[:-1]) if c > 0), None)
            if enters is None:
                return self._answer()
            ratios = [
                (line[-1] / line[enters], self.basis[k], k)
                for k, line in enumerate(self.body)
                if line[enters] > 0
            ]
            self._pivot(min(ratios)[2], enters)
        return None

    def _pivot(self, row: int, enters: int) -> None:
        pivot = self.body[row][enters]
        self.body[row] = [value / pivot for value in self.body[row]]
        for k, line in enumerate(self.body):
            if k != row and line[enters] != 0:
                self.body[k] = _less(line, line[enters], self.body[row])
        self.cost = _less(self.cost, self.cost[enters], self.body[row])
        self.basis[row] = enters

    def _answer(self) -> tuple[Rational, Fraction]:
        size = len(self.cost) - len(self.body)  # laws and slacks, less the slacks
        law = [Fraction(0)] * size
        for line, j in zip(self.body, self.basis, strict=True):
            if j < size:
                law[j] = _fraction(line[-1])
        return tuple(law), -_fraction(self.cost[-1])


def _likely(rows: Table, found: Optimum) -> list[int]:
    """Variables, those first that are likely to be basic at the vertex that was found."""
    top = [float(max(1, *map(abs, row))) for row in rows.tolist()]
    held = [
        sum(float(v) / size * w for v, w in zip(row, found.law, strict=True))
        for row, size in zip(rows.tolist(), top, strict=True)
    ]
    amounts = [*found.law, *(-value for value in held)]
    positive = [j for j, amount in enumerate(amounts) if amount > NEAR]
    return positive + [j for j in range(len(amounts)) if amounts[j] <= NEAR]


def _less(line: list[fmpq], factor: fmpq, other: list[fmpq]) -> list[fmpq]:
    return [a - factor * b if b != 0 else a for a, b in zip(line, other, strict=True)]


def _fraction(value: fmpq) -> Fraction:
    return Fraction(int(value.p), int(value.q))
