r"""Proof that a solution of a continuous game exists where one was computed, and is alone.

The first-order conditions are the complementarity problem of
:mod:`leaderbored.solvers.continuous.program`, which :mod:`leaderbored.solvers.numerics.bounded`
puts to the test, its formulas and their derivatives carried in balls.

That the point is an equilibrium is proved of games without constraints in which each player decides
one number, or bends down all over in what it decides: nothing that a player may do instead pays
more. Of a player's payoff :math:`u` this is shown over pieces of its range: next to the solution
:math:`u'' < 0`, or :math:`u'` points to a bound at which the solution is, and elsewhere u is less
than at the solution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_mat, ctx

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.solvers.budget import LATE, spared
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.together import Named
from leaderbored.solvers.numerics.balls import Balls, everywhere, positive
from leaderbored.solvers.numerics.bounded import Bounded
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import Entries
from leaderbored.solvers.proof import Proof, unproved

sympy = late("sympy")

BITS = 128  # of the centre of a ball
MOST_UNKNOWNS = 120
PIECES = 600  # of a player's range that are looked at
FIRST = 16  # of them to begin with


def prove(program: Program, z: Array) -> Proof:
    """Prove that there is a solution next to a computed one, with no other near, or say why not.

    Parameters
    ----------
    program : Program
    z : (m,) array
        Strategies and multipliers.

    Returns
    -------
    Proof
        Of an equilibrium, or of a first-order point.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> proof = prove(Program(game), np.array([3.0, 3.0]))
    >>> proof.holds, proof.radius < 1e-15, proof.unique, proof.of
    (True, True, 0.01, 'equilibrium')
    """
    if reason := _refusal(program, z):
        return unproved(reason)
    with ctx.workprec(BITS):
        conditions = _Conditions(program, z)
        try:
            proof = spared(conditions.prove, unproved(LATE))
            if proof.holds and spared(conditions.best, False):
                proof = replace(proof, of="equilibrium")
        except UnprovedError as reason:
            return unproved(str(reason))
    return proof


def _refusal(program: Program, z: Array) -> str:
    """Why nothing is proved of a game; empty if something may be."""
    code = program.code
    if program.discrete:
        return "strategies are picked from lists"
    if code.numeric:
        return "a payoff is a function of which no formula is known"
    if code.jumps or any(code.breaks):
        return "a payoff may jump, of which no derivative knows"
    if (program.count > 1).any():
        return "players that are alike are counted, not told apart"
    if len(z) > MOST_UNKNOWNS:
        return f"{len(z):,} unknowns are too many: at most {MOST_UNKNOWNS} are enclosed"
    return ""


class _Conditions:
    """F and its derivatives over boxes around a computed solution, for one test."""

    def __init__(self, program: Program, z: Array) -> None:
        self.program, self.formulas = program, program.code.formulas
        lower, upper = program.lower.copy(), program.upper.copy()
        ends = [e for group in program.groups for e in program.game.bounds(group.player)]
        lower[: program.n], upper[: program.n] = np.array(ends, dtype=float).T
        weights = np.maximum(1.0, np.abs(z))
        self.problem = Bounded(lower, upper, z, weights, forces=self._forces, slopes=self._slopes)

    def prove(self) -> Proof:
        """Look for a box."""
        self.found, radius = self.problem.alone()
        return Proof(True, radius, self.found.unique, 0, "", "first-order point")

    def _balls(self, z: list[Any]) -> Balls:
        form, known = self.formulas, dict[Any, Any]()
        known |= dict(zip(form.parameters, self.program.values, strict=True))
        known |= dict(zip(form.unknowns, z, strict=True))
        known |= dict(zip(form.chosen, z[: self.program.n], strict=True))
        balls = Balls(known)
        for symbol, total in form.totals:
            balls.known[symbol] = balls(total)
        return balls

    def _forces(self, z: list[Any], rows: list[int]) -> list[Any]:
        """F of some unknowns."""
        balls, first = self._balls(z), self.program.n + self.program.code.kinks
        totals = {first + k: arb(float(total)) for k, total in enumerate(self.program.totals)}
        return [_of(self.formulas.rows[k], balls) - totals.get(k, arb(0)) for k in rows]

    def _slopes(self, z: list[Any]) -> Entries:
        balls, matrix = self._balls(z), dict[tuple[int, int], Any]()
        free = self.problem.place
        code, totals = self.program.code, dict[int, list[tuple[int, Any]]]()
        for (row, column), slope in [*code.own.items(), *code.rest.items()]:
            if row in free and column in free:
                matrix[row, column] = matrix.get((row, column), arb(0)) + _of(slope, balls)
        for (k, column), slope in code.of_totals.items():
            if column in free:
                totals.setdefault(k, []).append((column, _of(slope, balls)))
        for (row, k), slope in code.by_totals.items():
            if row in free:
                here = _of(slope, balls)
                for column, there in totals.get(k, ()):
                    matrix[row, column] = matrix.get((row, column), arb(0)) + here * there
        return matrix

    # --- whether nobody gains by moving far

    def best(self) -> bool:
        """Whether what each player does is its best reply, however far it may move."""
        if self.program.bound:
            return False
        z = self.problem.at(self.found.box, 0.0)
        try:
            here = self._balls(z)
            return all(self._replies(g, z, here) for g in range(len(self.program.groups)))
        except UnprovedError:
            return False

    @cached_property
    def _payoffs(self) -> dict[int, tuple[Any, list[Any], list[list[Any]]]]:
        """Payoffs, and their first and second derivatives in what is decided, as players have them.

        Of players who are alike those of the first; others have them by other names. In place of
        ``max``, ``min`` and ``abs`` stand pieces with conditions.
        """
        bare = dict[int, Any]()
        for r, payoff in self.formulas.alike.bare.items():
            own = [self.formulas.chosen[k] for k in self.program.own[r].tolist()]
            pieces = payoff  # whose derivatives are known wherever it is known which piece holds
            if payoff.has(sympy.Max, sympy.Min, sympy.Abs):
                pieces = payoff.rewrite(sympy.Piecewise)
            first = [sympy.diff(pieces, x) for x in own]
            bare[r] = pieces, first, [[sympy.diff(slope, x) for x in own] for slope in first]
        return bare

    def _replies(self, g: int, z: list[Any], here: Balls) -> bool:
        alike = self.formulas.alike
        r, names = alike.first[g], alike.names[g]
        pieces, first, second = self._payoffs[r]
        mine = self.program.own[g].tolist()
        ends = [_range(self.problem.lower[k], self.problem.upper[k]) for k in mine]
        here, chosen = here.renamed(names), [self.formulas.chosen[k] for k in self.program.own[r]]
        if self._bends_down(pieces, second, here.moved(chosen, ends)):
            return True
        if len(mine) > 1 or self.program.total(g) is not None or not ends[0].is_finite():
            return False
        (k,) = mine

        def moved(there: Any) -> Balls:
            return here.moved(chosen, [there])

        sign, payoff = int(self.problem.sign[k]), alike.bare[r]
        own = _One(moved, z[k], sign, payoff, pieces, first[0], second[0][0])
        return self._highest(own, ends[0])

    def _bends_down(self, pieces: Any, second: list[list[Any]], balls: Balls) -> bool:
        """Whether a payoff is concave: of one piece all over, with its second derivatives."""
        try:
            balls.finite(pieces)  # not where several may hold, between which slopes may rise
            matrix = arb_mat([[-balls.finite(bend) for bend in row] for row in second])
        except UnprovedError:
            return False
        return positive(matrix)

    def _highest(self, own: _One, ends: Any) -> bool:
        """Whether a payoff is highest at the solution, over the whole range of one number."""
        here = own.moved(own.at).finite(own.payoff)

        def below(piece: Any) -> bool:
            if self._lower(own, piece, here):
                return True
            near = piece.overlaps(arb(own.at, 4 * float(piece.rad())))
            return near and self._falls(own, piece.union(own.at))

        return everywhere(ends.lower(), ends.upper(), below, FIRST, PIECES)

    def _falls(self, own: _One, near: Any) -> bool:
        """Whether a payoff falls away from the solution all over a piece that holds it.

        It does if it bends down there, or has one slope away from the bound where the solution is.
        """
        moved = own.moved(near)
        try:
            away = bool(own.sign and own.sign * moved.finite(own.first) < 0)
        except UnprovedError:
            away = False
        return away or self._bends_down(own.pieces, [[own.second]], moved)

    def _lower(self, own: _One, piece: Any, here: Any) -> bool:
        """Whether a payoff is below another all over a piece."""
        try:
            balls = own.moved(piece)
            if balls.finite(own.payoff) < here:
                return True
            middle = own.moved(piece.mid()).finite(own.payoff)
            return bool(middle + balls.finite(own.first) * (piece - piece.mid()) < here)
        except UnprovedError:
            return False


def _of(part: Named, balls: Balls) -> Any:
    """The ball of a player's formula."""
    return balls.renamed(part.names).finite(part.formula)


class _One(NamedTuple):
    """A player who decides one number: formulas where it does something else, and the solution."""

    moved: Callable[[Any], Balls]
    at: Any
    sign: int
    payoff: Any
    pieces: Any
    first: Any
    second: Any


def _range(low: float, high: float) -> Any:
    """A ball of all numbers between two."""
    if not np.isfinite([low, high]).all():
        return arb(0, "inf")
    return arb(float(low)).union(arb(float(high)))
