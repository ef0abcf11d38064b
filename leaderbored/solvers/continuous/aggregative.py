r"""Newton's method in games of many players whose conditions hang on few totals (Selten 1970).

If each player decides one number, and meets what others do only in K totals, the derivative of the
first-order conditions is

.. math:: D + A B

with D diagonal, A of K columns (derivatives in totals) and B of K rows (of totals). The equations
of a step are solved by the formula of Sherman, Morrison and Woodbury, in a time that grows with the
number of players and not with its cube.
"""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.numerics.complementarity import (
    BEND,
    Batch,
    Steps,
    shortened,
    size_of,
    units,
)


def problem_of(program: Program, uphill: bool = False) -> Batch:
    """The problem of a game as Newton's method takes it, by totals if there are only these.

    Parameters
    ----------
    program : Program
    uphill : bool
        See :class:`leaderbored.solvers.numerics.complementarity.Batch`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> firms = [lb.Player(f"F{k}", {"q": [0, 9]}, "(9 - sum(q)) * q - q^3") for k in range(20)]
    >>> type(problem_of(Program(lb.Continuous(firms)))).__name__
    'Aggregative'
    >>> type(problem_of(Program(lb.Continuous(firms[:2])))).__name__
    'Batch'
    """
    code = program.code
    few = 0 < len(code.formulas.totals) < program.m and not code.numeric
    alone = all(row == column for part in (code.own, code.rest) for row, column in part.places)
    return (Aggregative if few and alone else Batch)(program, uphill)


class Aggregative(Batch):
    """The problem of a game in which players meet in totals alone.

    Parameters
    ----------
    program : Program

    Examples
    --------
    >>> import leaderbored as lb
    >>> firms = [lb.Player(f"F{k}", {"q": [0, 9]}, "(9 - sum(q)) * q") for k in range(20)]
    >>> program, start = Program(lb.Continuous(firms)), np.full((1, 20), 0.4)
    >>> step, other = (kind(program).steps(start).step for kind in (Aggregative, Batch))
    >>> bool(np.allclose(start + step, 9 / 21)), bool(np.allclose(step, other))
    (True, True)
    """

    problem: Program

    def steps(self, z: Array) -> Steps:
        """As of :class:`Batch`, which takes the points where this formula breaks down."""
        f, (alone, by, of) = self.residual(z), self.problem.by_totals(z)
        with np.errstate(all="ignore"):
            own = alone + np.einsum("bmk,bkm->bm", by, of)
            others = (np.abs(by) * np.abs(of).max(axis=2)[:, None]).sum(axis=2)
            widest = np.maximum(np.abs(own), others)
            if self.uphill:
                alone = alone + np.abs(own) - own
            scale = units(own, widest)
            target = z - f / scale
            free = (target > self.lower) & (target < self.upper)
            goal = np.clip(target, self.lower, self.upper)
            diagonal = np.where(free, (alone + BEND * widest) / scale, 1.0)
            meeting = np.where(free[:, :, None], by / (scale * diagonal)[:, :, None], 0.0)
            apart = np.where(free, -f / scale, goal - z) / diagonal
            totals = np.eye(of.shape[1]) + of @ meeting
            broken = ~(np.isfinite(totals).all(axis=(1, 2)) & np.isfinite(apart).all(axis=1))
            totals[broken] = np.nan
            moved = np.linalg.solve(totals, of @ apart[:, :, None])
            step = shortened(apart - (meeting @ moved)[:, :, 0], z)
            error = np.abs(goal - z).max(axis=1) / size_of(z)
        settling = np.where(free, z, goal)
        wrong = np.flatnonzero(~np.isfinite(step).all(axis=1))
        if len(wrong):
            some = super().steps(z[wrong])
            for whole, part in zip((step, scale, error, settling), some, strict=True):
                whole[wrong] = part
        return Steps(step, scale, error, settling)
