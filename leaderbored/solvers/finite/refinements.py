r"""Which equilibria are perfect, which proper, and the most even one of a continuum.

An equilibrium of two players is *perfect* (Selten 1975) just if no mixture weakly dominates either
strategy (van Damme, Stability and Perfection of Nash Equilibria, 1991, theorem 3.2.2): just if it
is a best reply to some law that gives every strategy of the other a positive probability. The least
of these probabilities is made as large as it can be by a linear program, in rational numbers.

An equilibrium is *proper* (Myerson 1978) if it is regular, that is if the equations on its supports
are not singular and every other strategy is worse (van Damme, theorem 2.5.5 and corollary 2.5.6),
or if everything is played; and it is not if it is not perfect. In between nothing is decided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array

from leaderbored.games.markov import Array, States
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.rationals import Table
from leaderbored.late import late
from leaderbored.solvers.budget import StoppedError, checkpoint
from leaderbored.solvers.finite.programs import Program, exactly
from leaderbored.solvers.finite.zero_sum import rational
from leaderbored.solvers.solution import Component, Found, StaticEquilibrium

optimize = late("scipy.optimize")

PLAYED = 1e-9
MOST_VERTICES = 200  # of a component, of which the most even member is looked for
GAP = 1e-6  # of entropy, by which another member may be more even


def refined(game: NormalForm, found: Found[StaticEquilibrium]) -> Found[StaticEquilibrium]:
    """What was found, with what can be said of each equilibrium; as far as there is time for it.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 0], [0, 0]], [[1, 0], [0, 0]]])  # the second strategies are weak
    >>> found = lb.solve(game, lb.FiniteMethod(refine=True))
    >>> [(e.strategies["1"].tolist(), e.perfect, e.proper) for e in found.equilibria]
    [([1.0, 0.0], True, True), ([0.0, 1.0], False, False)]
    """
    answers = list[StaticEquilibrium]()
    known: dict[tuple[int, tuple[int, ...]], bool | None] = {}
    proved = found.census.complete == "proved"
    parts = list(found.components)
    try:
        for one in found.equilibria:
            answers.append(_judged(game, one, known, proved))
        parts = [most_even(part) for part in parts]
    except StoppedError:
        answers += found.equilibria[len(answers) :]
    return replace(found, equilibria=answers, components=tuple(parts))


def _judged(
    game: NormalForm,
    one: StaticEquilibrium,
    known: dict[tuple[int, tuple[int, ...]], bool | None],
    proved: bool,
) -> StaticEquilibrium:
    laws = [*one.strategies.values()]
    if len(laws) != 2:
        regular = strict(game, laws) or (proved and one.component is None) or None
        return replace(one, perfect=regular, proper=regular)
    each = list[bool | None]()
    for i, law in enumerate(laws):
        support = tuple(np.flatnonzero(law > PLAYED).tolist())
        if (i, support) not in known:
            known[i, support] = undominated(game, i, support)
        each.append(known[i, support])
    perfect = False if False in each else None if None in each else True
    full = all((law > PLAYED).all() for law in laws)
    proper = True if full or regular_pair(game, laws) else False if perfect is False else None
    return replace(one, perfect=perfect or (proper or perfect), proper=proper)


def strict(game: NormalForm, laws: Sequence[Array]) -> bool:
    """Whether all play the only best reply.

    Examples
    --------
    >>> strict(NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]), [np.array([1, 0])] * 2)
    True
    """
    if any(float(law.max()) < 1 for law in laws):
        return False
    at = [int(law.argmax()) for law in laws]
    for i, table in enumerate(game.payoffs):
        line = table[tuple(slice(None) if j == i else a for j, a in enumerate(at))]
        if int((line >= line[at[i]]).sum()) > 1:
            return False
    return True


def undominated(game: NormalForm, player: int, support: Sequence[int]) -> bool | None:
    """Whether no mixture weakly dominates the mixtures of some strategies of one of two players.

    Returns
    -------
    bool or None
        None if the program is too large for rational numbers.

    Examples
    --------
    >>> game = NormalForm([[[1, 0], [0, 0]], [[1, 0], [0, 0]]])
    >>> undominated(game, 0, [0]), undominated(game, 0, [1])
    (True, False)
    """
    checkpoint()
    table = game.integers[player][0]
    payoffs = table if player == 0 else table.T
    count = payoffs.shape[1]
    lines = [
        [*(int(v) * count for v in gain), int(sum(gain))]
        for a in support
        for b, gain in enumerate(payoffs - payoffs[a])
        if b != a
    ]
    rows = np.array(lines, dtype=object).reshape(len(lines), count + 1)
    aim = np.array([0] * count + [1], dtype=object)  # what all strategies have at least, times them
    if not len(rows):
        return True
    size = np.array([max(1, *map(abs, row)) for row in lines], dtype=object)
    held = (rows / size[:, None]).astype(float)
    found = Program(csr_array(held)).best(aim.astype(float))
    solved = exactly(rows, aim, found) if found else None
    return None if solved is None else solved[1] > 0


def regular_pair(game: NormalForm, laws: Sequence[Array]) -> bool:
    """Whether an equilibrium of two players is regular, in rational numbers.

    Examples
    --------
    >>> regular_pair(NormalForm([[[2, 0], [0, 1]], [[1, 0], [0, 2]]]), [np.array([1, 0])] * 2)
    True
    """
    try:
        exact = rational(game, [*laws])
    except ZeroDivisionError:  # singular
        return False
    if exact is None:
        return False
    supports = [np.flatnonzero(law > 0) for law in laws]
    (a, _), (b, _) = game.integers
    return _best_alone(a, exact[1], supports[0]) and _best_alone(b.T, exact[0], supports[1])


def _best_alone(payoffs: Table, law: Sequence[object], support: States) -> bool:
    """Whether just the support is best against a positive law."""
    earned = payoffs @ np.array([*law], dtype=object)
    best = [k for k, value in enumerate(earned) if value == max(earned)]
    return best == support.tolist() and all(weight >= 0 for weight in law)  # type: ignore[operator]


def most_even(part: Component) -> Component:
    """A component with its member of greatest entropy, if it has few enough vertices.

    Examples
    --------
    >>> ends = (np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    >>> part = Component((((0, 1), (0,)),), ends, (np.array([1.0]),), 1, 1)
    >>> [law.round(6).tolist() for law in most_even(part).even]
    [[0.5, 0.5], [1.0]]
    """
    few = len(part.row_vertices) + len(part.column_vertices) <= MOST_VERTICES
    if part.isolated or not part.subsets or not few:
        return part
    best, laws = -np.inf, None
    for rows, columns in part.subsets:
        checkpoint()
        pair = [
            _evenest([part.row_vertices[k] for k in rows]),
            _evenest([part.column_vertices[k] for k in columns]),
        ]
        if any(law is None for law in pair):
            return part
        both = (np.asarray(pair[0]), np.asarray(pair[1]))
        entropy = sum(_entropy(law) for law in both)
        if entropy > best + GAP:
            best, laws = entropy, both
    return replace(part, even=laws)


def _entropy(law: Array) -> float:
    held = law[law > 0]
    return float(-(held * np.log(held)).sum())


def _evenest(vertices: Sequence[Array]) -> Array | None:
    """The law of greatest entropy among mixtures; None if it is not known to be so."""
    corners = np.array(vertices)
    if len(corners) == 1:
        only: Array = corners[0]
        return only
    corners = corners[:, corners.max(axis=0) > 0]

    def negative(weights: Array) -> tuple[float, Array]:
        law = np.maximum(weights @ corners, 1e-300)
        return float((law * np.log(law)).sum()), corners @ (np.log(law) + 1)

    count = len(corners)
    solved = optimize.minimize(
        negative,
        np.full(count, 1 / count),
        jac=True,
        bounds=[(0, 1)] * count,
        constraints={
            "type": "eq",
            "fun": lambda w: w.sum() - 1,
            "jac": np.ones_like,
        },
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 500},
    )
    weights = np.maximum(solved.x, 0)
    weights /= weights.sum()
    _, slope = negative(weights)
    if float(weights @ slope - slope.min()) > GAP:  # what a mixture could have more
        return None
    law: Array = weights @ np.array(vertices)
    return law
