r"""Proof that a stationary equilibrium of a linear-quadratic game exists and is alone, in balls.

Values and gains solve the equations of :mod:`leaderbored.solvers.linear_quadratic.core`, which
are polynomials in both; in open loop costates and gains solve theirs. The test of
:mod:`leaderbored.solvers.numerics.krawczyk` shows that they have one solution in a box, and one
only. It is an equilibrium if, all over the box,

- the closed loop G brings the discounted state to rest: some :math:`W > 0` has
  :math:`G W + W G' + S < 0`, in discrete time :math:`G W G' - W + S < 0`, where S is what the
  controls of a player push, :math:`B_i R_i^{-1} B_i'`, with :math:`R_i + B_i'P_iB_i > 0` for
  :math:`R_i` in discrete time;
- in feedback :math:`W^{-1} > P_i`. Then a player that leaves its gains by w pays
  :math:`\int w'R_i w - x'P_i x` more up to a time at which the state is x, which that inequality
  bounds from below by what the equilibrium path itself leaves, and so by nothing in the end:
  whatever the player does, also such as let the state grow;
- in open loop some :math:`Z > 0` has its own cost of any controls above the change of
  :math:`x'Z x`, so that moving away from a plan of first order never pays.

W and Z are computed in doubles, and the inequalities shown in balls.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from leaderbored.games.linear_quadratic import LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.budget import LATE, checkpoint, spared
from leaderbored.solvers.linear_quadratic.core import Core
from leaderbored.solvers.linear_quadratic.inequalities import balls, convex, part, reached, summed
from leaderbored.solvers.numerics.balls import positive
from leaderbored.solvers.numerics.bounded import Bounded
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.numerics.outward import Entries
from leaderbored.solvers.proof import UNTRIED, Proof, unproved

BITS = 128  # of the centre of a ball
MOST_UNKNOWNS = 200
MOST = 100  # equilibria of one game that are proved
LEADS = f"{UNTRIED} a limit of stages that end is not enclosed"
TURNED = f"{UNTRIED} the state was turned into directions that costs depend on, with rounding"
BEYOND = f"only the first {MOST} equilibria are proved"


def proved(game: LinearQuadratic, values: Array, gains: Array, *, plans: bool) -> Proof:
    """Prove that an equilibrium is next to a computed one, and no other near, or say why not.

    Parameters
    ----------
    game : LinearQuadratic
        Without end, of N players, n states and M controls in all.
    values : (N, d, d) array
        P on the state, with the constant 1 as its last entry if anything is constant; in open loop
        the costates K.
    gains : (M, d) array
        F.
    plans : bool
        Whether players commit to plans (open loop).

    Returns
    -------
    Proof
        Of an equilibrium; or of a first-order point, where the equations are proved to have a
        solution, and not that nobody gains by letting the state grow.

    Examples
    --------
    >>> from leaderbored import Controller
    >>> game = LinearQuadratic(3.0, [Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> value = 2 + 12**0.5 / 3 - 1
    >>> proof = proved(game, np.full((2, 1, 1), value), np.full((2, 1), value), plans=False)
    >>> proof.holds, proof.radius < 1e-14, proof.unique, proof.of
    (True, True, 0.01, 'equilibrium')
    """
    conditions = _Conditions(game, values, gains, plans)
    if (size := conditions.size) > MOST_UNKNOWNS:
        return unproved(f"{UNTRIED} {size:,} unknowns, at most {MOST_UNKNOWNS} are enclosed")
    with ctx.workprec(BITS):
        try:
            return spared(conditions.prove, unproved(LATE))
        except UnprovedError as reason:
            return unproved(str(reason))


class _Conditions:
    """The equations of values (or costates) and gains around a computed solution."""

    def __init__(self, game: LinearQuadratic, values: Array, gains: Array, plans: bool) -> None:
        self.game, self.plans = game, plans
        self.continuous = game.continuous
        self.core = Core.of(game, affine=game.affine, discounted=False)
        self.values, self.gains = values, gains
        self.many, self.d = len(values), len(self.core.drift)
        pairs = [(a, b) for a in range(self.d) for b in range(self.d) if plans or a <= b]
        self.pairs = pairs
        self.size = self.many * len(pairs) + gains.size

    def prove(self) -> Proof:
        """Look for a box, and whether all in it is an equilibrium."""
        start = [*(value[a, b] for value in self.values for a, b in self.pairs), *self.gains.flat]
        largest = [np.abs(part).max() or 1.0 for part in (self.values, self.gains)]
        units = np.repeat(largest, [self.size - self.gains.size, self.gains.size])
        free = np.full(self.size, np.inf)
        problem = Bounded(
            -free, free, np.array(start), units, forces=self._forces, slopes=self._slopes
        )
        found, radius = problem.alone()
        best = spared(lambda: self._best(*self._split(found.box)), False)
        return Proof(
            True, radius, found.unique, 0, "", "equilibrium" if best else "first-order point"
        )

    # --- the game in balls

    @cached_property
    def _root(self) -> Any:
        """By what the discount changes how the state moves: taken off, or multiplied."""
        rate = self.game.discount
        if self.continuous:
            return arb(rate or 0.0) / 2
        return arb(1.0 if rate is None else rate).sqrt()

    @cached_property
    def drift(self) -> Any:
        """A, discounted."""
        drift = balls(self.core.drift)
        return drift - self._root * balls(np.eye(self.d)) if self.continuous else drift * self._root

    @cached_property
    def inputs(self) -> Any:
        """B, discounted."""
        inputs = balls(self.core.inputs)
        return inputs if self.continuous else inputs * self._root

    @cached_property
    def shaking(self) -> Any:
        """By what noise multiplies values: the d x d matrix C C', discounted."""
        noise = balls(self.core.noise)
        spread = noise * noise.transpose()
        return spread if self.continuous else spread * self._root**2

    def _own(self, i: int) -> list[int]:
        return np.flatnonzero(self.core.own[i]).tolist()

    # --- the equations

    def _split(self, z: list[Any]) -> tuple[list[Any], Any]:
        """Values of each player and everybody's gains."""
        step, values = len(self.pairs), []
        for i in range(self.many):
            value = arb_mat(self.d, self.d)
            for (a, b), ball in zip(self.pairs, z[i * step : (i + 1) * step], strict=True):
                value[a, b] = ball
                if not self.plans:
                    value[b, a] = ball
            values.append(value)
        return values, arb_mat(len(self.gains), self.d, z[self.many * step :])

    def _loop(self, gains: Any) -> Any:
        return self.drift - self.inputs * gains

    def _moved(self, value: Any, loop: Any) -> Any:
        """The value of where the state goes: P in continuous time, P G in discrete time."""
        return value if self.continuous else value * loop

    def _forces(self, z: list[Any], rows: list[int]) -> list[Any]:
        """F of some unknowns."""
        values, gains = self._split(z)
        loop, found = self._loop(gains), list[Any]()
        slack: dict[int, list[Any]] = {}
        for i, value in enumerate(values):
            error = self._error(i, value, gains, loop)
            found += [error[a, b] for a, b in self.pairs]
            swayed = self._swayed(i, value, gains, loop)
            slack |= {m: [swayed[m, c] for c in range(self.d)] for m in self._own(i)}
        found += [ball for m in sorted(slack) for ball in slack[m]]
        return [found[k] for k in rows]

    def _error(self, i: int, value: Any, gains: Any, loop: Any) -> Any:
        """(d, d) of the equation of a player's values, or costates."""
        state, mixed = balls(self.core.state[i]), balls(self.core.mixed[i])
        moved = self._moved(value, loop)
        if self.plans:
            after = value * loop if self.continuous else -value
            return state - mixed * gains + self.drift.transpose() * moved + after
        cross = mixed * gains
        paid = state + gains.transpose() * balls(self.core.weights[i]) * gains
        ahead = loop.transpose() * moved
        error = paid - cross - cross.transpose() + ahead
        error = error + (ahead.transpose() if self.continuous else -value)
        last = self.d - 1
        error[last, last] = error[last, last] + summed(value, self.shaking)
        return error

    def _swayed(self, i: int, value: Any, gains: Any, loop: Any) -> Any:
        """(M, d) half of how a player's costs rise with everybody's gains; zero of its own."""
        mixed = balls(self.core.mixed[i].T)
        pushed = self.inputs.transpose() * self._moved(value, loop)
        return balls(self.core.weights[i]) * gains - mixed - pushed

    def _slopes(self, z: list[Any]) -> Entries:
        values, gains = self._split(z)
        loop, found = self._loop(gains), dict[tuple[int, int], Any]()
        for i, value in enumerate(values):
            checkpoint()
            for place, slope in (*self._by_values(i, loop), *self._by_gains(i, value, gains, loop)):
                found[place] = found.get(place, arb(0)) + slope
        return found

    def _row(self, i: int) -> dict[tuple[int, int], int]:
        """Places of a player's equations, and of its values among unknowns."""
        return {pair: i * len(self.pairs) + k for k, pair in enumerate(self.pairs)}

    def _gain(self, m: int, c: int) -> int:
        return self.size - self.gains.size + m * self.d + c

    def _by_values(self, i: int, loop: Any) -> Iterator[tuple[tuple[int, int], Any]]:
        """Derivatives of a player's equations by its values."""
        row, inside = self._row(i), balls(np.eye(self.d)) if self.continuous else loop
        left = self.drift if self.plans else loop
        for (a, b), column in row.items():
            for p, q in {(a, b), (a, b) if self.plans else (b, a)}:
                for (r, s), place in row.items():
                    # of E with a one at (p, q): left'E inside, and E G or the transpose
                    slope = left[p, r] * inside[q, s]
                    if self.continuous:
                        slope = slope + (loop[q, s] if r == p else arb(0))
                    elif (r, s) == (p, q):
                        slope = slope - 1
                    if r == s == self.d - 1 and not self.plans:
                        slope = slope + self.shaking[p, q]
                    yield (place, column), slope
                for m in self._own(i):
                    for c in range(self.d):
                        yield (self._gain(m, c), column), -self.inputs[p, m] * inside[q, c]

    def _by_gains(
        self, i: int, value: Any, gains: Any, loop: Any
    ) -> Iterator[tuple[tuple[int, int], Any]]:
        """Derivatives of a player's equations by everybody's gains."""
        row, swayed = self._row(i), self._swayed(i, value, gains, loop)
        pushed = value * self.inputs  # (d, M)
        onward = pushed if self.continuous else self.drift.transpose() * pushed
        paid, back = balls(self.core.mixed[i]), self.inputs.transpose() * pushed
        for m, c in product(range(len(gains.tolist())), range(self.d)):
            column = self._gain(m, c)
            for (r, s), place in row.items():
                if self.plans:
                    if s == c:
                        yield (place, column), -paid[r, m] - onward[r, m]
                    continue
                if s == c:
                    yield (place, column), swayed[m, r]
                if r == c:
                    yield (place, column), swayed[m, s]
            for k in self._own(i):
                slope = arb(float(self.core.weights[i][k, m]))
                yield (self._gain(k, c), column), slope + (0 if self.continuous else back[k, m])

    # --- whether nobody gains

    def _best(self, values: list[Any], gains: Any) -> bool:
        """Whether what each player does is its best reply, all over the box."""
        loop = self._loop(gains)
        none = arb_mat(self.d, self.d)
        if self.plans:
            at_rest = any(True for _ in self._reached(loop, none))
            return at_rest and all(map(self._keeps_to_plan, range(self.many)))
        return all(self._replies(i, value, loop) for i, value in enumerate(values))

    def _weight(self, i: int, value: Any) -> Any:
        """R, with what the player's own controls cost later in discrete time; positive definite."""
        own = self._own(i)
        weight = balls(self.core.weights[i][np.ix_(own, own)])
        inputs = part(self.inputs, range(self.d), own)
        if not self.continuous:
            weight = weight + inputs.transpose() * value * inputs
        if not positive(weight):
            raise UnprovedError("what a player minimises over its controls may not be convex")
        return weight

    def _replies(self, i: int, value: Any, loop: Any) -> bool:
        """Whether no other controls of a player cost it less."""
        inputs = part(self.inputs, range(self.d), self._own(i))
        pushed = inputs * self._weight(i, value).inv() * inputs.transpose()
        last, patient = self.d - 1, arb(2) * self._root
        if self.core.noise.any():  # its cost is the same whatever a player does
            patient = patient if self.continuous else 1 - self._root**2
            still = value * arb(1)
            still[last, last] = value[last, last] - summed(value, self.shaking) / patient
            value = still
        return any(positive(inside.inv() - value) for inside in self._reached(loop, pushed))

    def _reached(self, loop: Any, pushed: Any) -> Iterator[Any]:
        return reached(loop, pushed, continuous=self.continuous)

    def _keeps_to_plan(self, i: int) -> bool:
        """Whether moving away from a plan of first order costs a player."""
        state, own, player = range(self.game.states), self._own(i), self.game.players[i]
        costs = player.state_cost, player.mixed_cost, player.control_cost
        a, b = part(self.drift, state, state), part(self.inputs, state, own)
        return convex(a, b, costs, continuous=self.continuous)
