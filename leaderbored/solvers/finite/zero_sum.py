r"""Games of two players in which one's gain is the other's loss: an equilibrium by one program.

Payoffs are strategically zero-sum if :math:`\lambda u_1(i, j) + u_2(i, j) = c_i + d_j` for some
positive :math:`\lambda` (Moulin and Vial, International Journal of Game Theory 7, 1978): best
replies are then those of the zero-sum game :math:`M = u_1 - d_j / \lambda`. Where c and d do not
vary payoffs add up to a constant, in some units, and each player gets the same in every
equilibrium: the value.

The program

.. math:: \max_{x, v} v \quad \text{with} \quad x^\top M \ge v, \; x \in \Delta

gives x and its dual y (von Neumann; Gale, Kuhn and Tucker 1951). On their supports I and J the
indifference equations are solved again, without the tolerances of the program. The equilibrium is
the only one just if I and J are of one size, the equations

.. math:: u_1(i, \cdot)\, y = v, \; i \in I, \qquad \sum_J y_j = 1

are not singular, all of x on I and of y on J is positive, and every other strategy is worse
(Bohnenblust, Karlin and Shapley 1950). That is *proved* by enclosing the solution of the equations,
with every rounding bounded (Rump, Acta Numerica 19, 2010, section 10).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from flint import fmpz_mat

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.late import late
from leaderbored.solvers.finite.assess import MOST_EXACT, assess, least
from leaderbored.solvers.finite.certificate import regret
from leaderbored.solvers.finite.lemke_howson import on_supports
from leaderbored.solvers.finite.method import FiniteMethod, status
from leaderbored.solvers.finite.pure import Profile
from leaderbored.solvers.solution import Census, Component, Found, StaticEquilibrium

optimize = late("scipy.optimize")

NEAR = 1e-9  # of the range of payoffs: sums that differ by less are looked at exactly
SUPPORT = 1e-8  # probabilities of a program below are zeros
MOST_RATIONAL = 40  # strategies on each side up to which they are solved for in rational numbers
INTERIOR = 250_000  # payoffs from which on a program is solved from inside
UNIT = 2.0**-52  # of rounding: payoffs are of one unit, rounded once


@dataclass(frozen=True, eq=False)
class Opposed:
    """A game of two players with opposed interests.

    Attributes
    ----------
    matrix : (m, n) array
        The zero-sum game with its best replies, in units of the range of the first player's
        payoffs.
    constant : bool
        Whether payoffs add up to the same everywhere, in some units: there is a value.
    exact : bool
        Whether that was checked in whole numbers.
    """

    matrix: Array
    constant: bool
    exact: bool

    @classmethod
    def of(cls, game: NormalForm) -> Opposed | None:
        """The zero-sum game that a game of two players is as good as, or None.

        Examples
        --------
        >>> Opposed.of(NormalForm([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])).constant
        True
        >>> shifted = NormalForm([[[1, 0], [0, 1]], [[3, 7], [4, 6]]])  # by row and column
        >>> Opposed.of(shifted).constant, Opposed.of(NormalForm([[[1, 0], [0, 1]]] * 2))
        (False, None)
        """
        if len(game.shape) != 2:
            return None
        a, b = game.utility
        level_a, level_b = _levelled(a), _levelled(b)
        size = float((level_a * level_a).sum())
        weight = -float((level_a * level_b).sum()) / size if size > NEAR**2 else 0.0
        if weight <= NEAR or np.abs(weight * level_a + level_b).max() > NEAR:
            return None
        both = weight * a + b
        constant = bool(np.ptp(both) <= NEAR)
        exact = _exactly(game, constant)
        if exact is False:
            return None
        matrix = a if constant else a - both[0] / weight
        return cls(matrix, constant, exact is True)


def whole_set(game: NormalForm) -> str:
    """What all equilibria of opposed interests make together; empty if interests are not opposed.

    Examples
    --------
    >>> whole_set(NormalForm([[[1, 0], [0, 1]], [[0, 1], [1, 0]]])).partition(":")[0]
    'interests are opposed'
    """
    opposed = Opposed.of(game)
    if not opposed:
        return ""
    if not opposed.exact:
        return "interests are opposed but for rounding: one equilibrium was sought, and pure ones"
    return (
        "interests are opposed: all equilibria make one convex set, each strategy in it with each "
        "of the other player's, of which these are some"
    )


def _levelled(table: Array) -> Array:
    """A table less what depends on the row alone and on the column alone."""
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    levelled: Array = table - rows - columns + table.mean()
    return levelled


def _exactly(game: NormalForm, constant: bool) -> bool | None:
    """Whether interests are opposed, in whole numbers; None if there are too many of these."""
    one, other = game.payoffs
    if game.payoffs.dtype != object and np.array_equal(one, -other):
        return True
    if game.profiles > MOST_EXACT:
        return None
    (a, _), (b, _) = game.integers
    if not constant:
        a, b = (table - table[:1] - table[:, :1] + table[0, 0] for table in (a, b))
    else:
        a, b = (table - table[0, 0] for table in (a, b))
    places = np.argwhere(a != 0)
    if not len(places):
        return False
    first = tuple(places[0])
    p, q = -b[first], a[first]
    return p * q > 0 and bool((p * a + q * b == 0).all())


def solve_opposed(game: NormalForm, opposed: Opposed) -> Profile:
    """An equilibrium, by a linear program and the equations on its supports.

    Examples
    --------
    >>> pennies = NormalForm([[[2, -1], [-1, 1]], [[-2, 1], [1, -1]]])
    >>> [law.round(9).tolist() for law in solve_opposed(pennies, Opposed.of(pennies))]
    [[0.4, 0.6], [0.4, 0.6]]
    """
    matrix = opposed.matrix
    m, n = matrix.shape
    positive = matrix - matrix.min() + 1.0
    solved = optimize.linprog(
        np.ones(m),
        A_ub=-positive.T,
        b_ub=-np.ones(n),
        method="highs-ipm" if matrix.size >= INTERIOR else "highs-ds",
    )
    rough = [np.maximum(solved.x, 0), np.maximum(-solved.ineqlin.marginals, 0)]
    laws = [law / law.sum() for law in rough]
    rows, columns = (np.flatnonzero(law > SUPPORT).tolist() for law in laws)
    better = on_supports(game, rows, columns)
    return min((better, laws), key=lambda profile: float(regret(game, profile).max()))


def only(game: NormalForm, method: FiniteMethod, exact: bool) -> Found[StaticEquilibrium] | None:
    """The equilibrium of opposed interests, if it is proved to be the only one; else None.

    Examples
    --------
    >>> pennies = NormalForm([[[2, -1], [-1, 1]], [[-2, 1], [1, -1]]])
    >>> found = only(pennies, FiniteMethod(), True)
    >>> found.census.complete, [str(w) for w in found.equilibria[0].exact["1"]]
    ('proved', ['2/5', '3/5'])
    """
    opposed = Opposed.of(game)
    if opposed is None or not opposed.exact:
        return None
    mixed = solve_opposed(game, opposed)
    if not alone(game, mixed):
        return None
    laws = rational(game, mixed) if exact else None
    answer = assess(game, mixed, "linear program", component=0, index=1, exact=laws)
    message = (
        "interests are opposed, and the solution of the linear program is proved to be the only "
        "one by an enclosure of the equations on its supports"
    )
    census = Census("proved", message, {"linear program": 1}, 1)
    part = Component((((0,), (0,)),), (mixed[0],), (mixed[1],), 1)
    return Found([answer], status([answer], method), census, (part,))


def rational(game: NormalForm, mixed: Profile) -> list[tuple[Fraction, ...]] | None:
    """A regular equilibrium in rational numbers, from its supports; None if these are large."""
    x, y = (np.flatnonzero(law > 0) for law in mixed)
    if len(x) != len(y) or len(x) > MOST_RATIONAL:
        return None
    (a, _), (b, _) = game.integers
    found = []
    for table, rows, columns in ((least(b).T + 1, y, x), (least(a) + 1, x, y)):
        system = fmpz_mat(table[np.ix_(rows, columns)].tolist())
        weights = [Fraction(0)] * table.shape[1]
        solved = system.solve(fmpz_mat([[1]] * len(rows))).entries()
        for place, value in zip(columns.tolist(), solved, strict=True):
            weights[place] = Fraction(int(value.p), int(value.q))
        total = sum(weights)
        found.append(tuple(weight / total for weight in weights))
    return found


def alone(game: NormalForm, mixed: Profile) -> bool:
    """Whether an equilibrium of opposed interests is proved to be the only one.

    Parameters
    ----------
    game : NormalForm
        Of two players; :attr:`Opposed.exact`.
    mixed : list of two arrays
        The equilibrium.

    Returns
    -------
    bool
        False also where it is the only one, but not by a margin that rounding leaves clear.

    Examples
    --------
    >>> pennies = NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]])
    >>> alone(pennies, [np.ones(2) / 2] * 2)
    True
    >>> same = NormalForm([[[1, 1], [1, 1]], [[-1, -1], [-1, -1]]])
    >>> alone(same, [np.array([1.0, 0.0])] * 2)
    False
    """
    x, y = (np.flatnonzero(law > 0) for law in mixed)
    if len(x) != len(y):
        return False
    (a, b), blur = game.utility, game.blur.tolist()
    return _enclosed(a, x, y, blur[0]) and _enclosed(b.T, y, x, blur[1])


def _enclosed(payoffs: Array, rows: States, columns: States, blur: float) -> bool:
    """Whether the law over columns that makes the rows indifferent is regular, positive and strict.

    The indifference equations K z = e are solved by z, up to a residual r; with R near the inverse
    of K, and all payoffs in K known up to one rounding and ``blur``, the error of z is at most
    ``|R| |r| + ...`` over one less the norm of ``I - R K``.
    """
    count = len(rows)
    system = np.ones((count + 1, count + 1))
    system[:count, :count] = payoffs[np.ix_(rows, columns)]
    system[:count, -1], system[-1, -1] = -1.0, 0.0
    right = np.append(np.zeros(count), 1.0)
    try:
        inverse = np.linalg.inv(system)
    except np.linalg.LinAlgError:
        return False
    z = inverse @ right
    if not np.isfinite(inverse).all():
        return False
    work = (count + 4) * UNIT  # of a sum of products, with one rounding of the payoffs in it
    size = work * np.abs(system)
    size[:count, :count] += blur
    off = np.abs(np.eye(count + 1) - inverse @ system) + np.abs(inverse) @ size
    norm = float(off.sum(axis=1).max()) * (1 + work)
    residual = np.abs(right - system @ z) + size @ np.abs(z) + work
    if not norm < 0.5:
        return False
    error = float((np.abs(inverse) @ residual).max()) * (1 + work) / (1 - norm)
    law, value = z[:-1], z[-1]
    others = np.delete(np.arange(len(payoffs)), rows)
    rewards = payoffs[np.ix_(others, columns)] @ law
    slack = error * (count + 1) + (work + blur) * (1 + np.abs(law).sum())
    return bool(law.min() > error and (rewards < value - 2 * slack).all())
