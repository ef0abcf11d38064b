r"""Regret: what the best one-player deviation would gain. A certificate apart from the solvers.

With the others' shares fixed, one player faces a control problem of its own. It is solved here
by Howard's policy iteration (Dynamic Programming and Markov Processes, 1960), with the best of its
shares found by looking: kinks, ends, a grid, and ever narrower ones round the best of it. No reply
and no derivative is shared with the solvers, so that an error in these cannot hide. The optimum
less the value of the player's own shares, at the worst state, relative to the largest value, is its
regret; zero for every player is the definition of equilibrium.

A race is judged by its record, written out anew in :mod:`leaderbored.race.written_out`, and not by
the tables it was compiled to: what is certified is the race. Its values are compared with those
that the solver claims, so that a mistake in compiling shows. A game of tables is judged by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import scipy.sparse as sp

from leaderbored.games.cleared import Cleared
from leaderbored.games.curved import Curved
from leaderbored.games.markov import Array, Markov, States
from leaderbored.race.alike import Ordered
from leaderbored.race.written_out import WrittenOut, unwritten
from leaderbored.race.written_out.roles import Tagged
from leaderbored.solvers.budget import StoppedError
from leaderbored.solvers.markov.control import DENSE, Control, Matrix, rated
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.solution import Equilibrium, Found, Status

if TYPE_CHECKING:
    from leaderbored.race import Race
    from leaderbored.race.alike import Alike

SAME_READING = 1e-9  # disagreement of the record with what was compiled, beyond which one is wrong
ROUNDING_SLACK = 1e-14  # over the discount rate in mean times between events: rounding of values
PLANAR_LABS, PLANAR_STATES = 3, 4_000  # of so many labs, states up to which factors are quick

Moves: TypeAlias = list[tuple[Array, States]]  # chances (S,), and the states (S,) they lead to


@dataclass(frozen=True, eq=False)
class Certificate:
    """What the others' shares make of each player's.

    Attributes
    ----------
    regret : (N,) array
        Largest gain over the states from an optimal deviation, relative to the player's largest
        value (absolute where that is zero); infinite if the deviation could not be computed.
    value : (N, S) array
        Of the shares, by a linear solve of its own.
    uncleared : float
        By how much a market for compute fails to clear at the rent, relative to all compute.
    rounding : float
        What rounding may make of the values, relative to the largest.
    written : bool
        Whether it was made from the record of a race, not from tables.
    """

    regret: Array
    value: Array
    uncleared: float
    rounding: float
    written: bool

    def mismatch(self, value: Array, regret: float) -> float | None:
        """How far values (N or more, S or more) are from those found here, or a regret is below.

        Relative to the largest value and beyond rounding; not less than by how much a market fails
        to clear. None of tables.

        Examples
        --------
        >>> mine = Certificate(np.zeros(1), np.array([[2.0, 1.0]]), 0.0, 1e-12, True)
        >>> mine.mismatch(np.array([[2.0, 1.0]]), 0.0)
        0.0
        >>> round(mine.mismatch(np.array([[2.0, 1.1]]), 0.0), 6)
        0.05
        """
        if not self.written:
            return None
        count, size = self.value.shape
        if value.shape[0] < count or value.shape[1] < size:
            return float("inf")
        gap = float(np.abs(self.value - value[:count, :size]).max())
        gap = gap / (float(np.abs(self.value).max()) or 1.0) - self.rounding
        apart = float(self.regret.max()) - 2 * regret  # a gain that the tables do not know of
        found = max(gap, apart, self.uncleared, 0.0)
        return found if np.isfinite(gap + apart) else float("inf")


@unthreaded
def regret(game: Race | Markov, build: Array, rent: Array | None = None) -> Array:
    """Each player's regret at the shares ``build``.

    Parameters
    ----------
    game : Race or Markov
        A race, judged by its record, or tables; N players, S states.
    build : (N, S) array
        The shares all players are held to.
    rent : (S,) array, optional
        Of a race with a lease, which labs take as given.

    Returns
    -------
    (N,) array
        See :class:`Certificate`; of a race one for each lab.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0, 2.0]),
    ...                lb.Technology(2), discount=0.1, rungs=3)
    >>> bool(regret(race, np.zeros((2, 7))).max() > 0.1)  # selling for ever is no equilibrium
    True
    >>> np.allclose(regret(race, np.zeros((2, 7))), regret(race.markov(), np.zeros((2, 7))))
    True
    """
    if isinstance(game, Ordered):
        at, seat = game.alike.roles.T
        return regret_in_roles(game.alike, build[seat, at], None)[0]
    return certificate(game, build, rent).regret


def certificate(
    game: Race | Markov, build: Array, rent: Array | None = None, guess: Array | None = None
) -> Certificate:
    """Regrets and values at the shares ``build``; arguments as of :func:`regret`.

    Linear systems of many states are solved from a guess of the values (N or more, S or more),
    which saves time: their residuals tell whether they are solved.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(2), discount=0.1, rungs=1)
    >>> certificate(race, np.zeros((2, 3))).value.round(9).tolist()  # 1 / 0.1
    [[10.0, 10.0, 10.0], [10.0, 10.0, 10.0]]
    """
    if not isinstance(game, Markov) and unwritten(game):
        game = game.markov(build)
    uncleared, found, fastest, longest = 0.0, [], 0.0, 0.0
    with np.errstate(all="ignore"):
        if isinstance(game, Markov):
            shares, problems = build, _by_tables(game, build)
        else:
            written = WrittenOut(game)
            shares = build[: written.count, : written.size]
            rent = None if rent is None else rent[: written.size]
            problems = _by_record(written, shares, rent)
            uncleared = written.uncleared(shares, rent)
        for i, (share, problem) in enumerate(zip(shares, problems, strict=True)):
            held = problem.value(share, None if guess is None else guess[i, : shares.shape[1]])
            found.append((problem.regret(share, held), held))
            fastest = max(fastest, float((problem.exits + problem.succeed(share)).max()))
            if problem.growing:
                longest = max(longest, problem.horizon(share))
    regrets, values = (np.array(part) for part in zip(*found, strict=True))
    impatience = 1 / longest if longest > 0 else game.discount
    rounding = ROUNDING_SLACK * fastest / impatience if impatience > 0 else np.inf
    if not isinstance(game, Markov):
        largest = float(np.abs(values).max()) or 1.0
        rounding += written.blurred(shares) / (impatience or 1.0) / largest
    return Certificate(regrets, values, uncleared, rounding, not isinstance(game, Markov))


def confirmed(race: Race, found: Found[Equilibrium]) -> Found[Equilibrium]:
    """What was found of a race, with the regrets by its record, and the status that fits them.

    What was found without a certificate, or has one by the record already, stays as it is. Where
    the time for it runs out the regret is that by tables, and ``mismatch`` stays None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=1)
    >>> other, solution = replace(race, discount=0.11), lb.solve(race.markov())
    >>> found = Found(solution.equilibria, solution.status, solution.census)
    >>> confirmed(race, found).status.code, confirmed(other, found).status.code
    ('converged', 'imprecise')
    """
    try:
        judged = [_confirmed(race, equilibrium) for equilibrium in found.equilibria]
    except StoppedError:
        return found
    except (np.linalg.LinAlgError, ArithmeticError, RuntimeError) as error:
        message = f"a second reading of the race's record broke off: {error}"
        status = Status("imprecise", message, "choose numbers nearer to each other")
        return replace(found, status=status)
    apart = max((one.mismatch or 0.0 for one in judged), default=0.0)
    if apart <= SAME_READING:
        return replace(found, equilibria=judged)
    market = ", or its market for compute does not clear" if race.mechanisms.lease else ""
    return replace(found, equilibria=judged, status=mismatched(apart, market) or found.status)


def mismatched(apart: float, also: str = "") -> Status | None:
    """What is said where the record of a race and what was compiled differ; None if they do not.

    Examples
    --------
    >>> mismatched(1e-3).code, mismatched(1e-12)
    ('imprecise', None)
    """
    if apart <= SAME_READING:
        return None
    return Status(
        "imprecise",
        f"a second reading of the race's record differs by {apart:.1e} of the largest value: the "
        f"race was compiled wrongly, or that reading is wrong{also}",
        "report the game file to the authors of the program",
    )


def _confirmed(race: Race, equilibrium: Equilibrium) -> Equilibrium:
    if np.isnan(equilibrium.regret) or equilibrium.mismatch is not None or unwritten(race):
        return equilibrium
    judged = certificate(race, equilibrium.build, equilibrium.rent, equilibrium.value)
    mismatch = judged.mismatch(equilibrium.value, equilibrium.regret)
    return replace(equilibrium, regret=float(judged.regret.max()), mismatch=mismatch)


def regret_in_roles(alike: Alike, build: Array, value: Array | None) -> tuple[Array, float]:
    """Regrets (N,) of shares (X,) in roles, and how far claimed values (X,) are from the record.

    A lab of each sort is judged on the leaderboards that it tells apart, while all others play as
    the roles say: that is its control problem on all leaderboards, see :mod:`.race.alike`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.RevenueLadder([1.0, 2.0]),
    ...                lb.Technology(2), discount=0.1, rungs=2)
    >>> alike = Alike(race)
    >>> selling = np.zeros(len(alike.roles))
    >>> gained, _ = regret_in_roles(alike, selling, selling)
    >>> bool(np.isclose(gained, regret(race, alike.lifted(selling))).all())
    True
    """
    regrets, apart = np.zeros(len(alike.race.labs)), 0.0
    for first, *rest in alike.sorts:
        written = Tagged(alike.race, first)
        roles = [alike.role_of(written.boards, i) for i in range(written.count)]
        play = np.array([build[role] for role in roles])
        with np.errstate(all="ignore"):
            (problem,) = _by_record(written, play, None, (first,))
            held = problem.value(play[first])
            found = problem.regret(play[first], held)
            fastest = float((problem.exits + problem.succeed(play[first])).max())
            discount = alike.race.discount
            patience = problem.horizon(play[first]) if problem.growing else 1 / discount
            largest = float(np.abs(held).max()) or 1.0
            rounding = (ROUNDING_SLACK * fastest + written.blurred(play) / largest) * patience
        regrets[[first, *rest]] = found
        judged = Certificate(np.array([found]), held[None], 0.0, rounding, True)
        if value is not None:
            apart = max(apart, judged.mismatch(value[roles[first]][None], found) or 0.0)
    return regrets, apart


# --- by the record


def _by_record(
    written: WrittenOut, play: Array, rent: Array | None, whose: Sequence[int] | None = None
) -> Iterator[Control]:
    """The control problem of each lab of a race, or of some."""
    labs, size, met = range(written.count), written.size, written.met(play, rent)
    chance, prize = written.last
    lands = [(1 - chance) * _law(written.lands(i), size) for i in labs]
    hazard = [written.succeeds(i, play[i]) for i in labs]
    chances = [(np.full(size, rate), place) for rate, place in written.by_nature()]
    speed, bought = zip(*(_buying(written, i) for i in labs), strict=True)
    for i in labs if whose is None else whose:
        others, exits = _law(chances, size), np.full(size, written.race.discount)
        exits += sum(rate for rate, _ in written.by_nature())
        for j in labs:
            if j != i:
                others, exits = others + rated(hazard[j], lands[j]), exits + hazard[j]
            if j != i and bought[j] is not None:
                buying = speed[j] * written.earns(j, play[j], met)
                others, exits = others + rated(buying, bought[j]), exits + buying
        lower, upper = (np.full(size, bound) for bound in written.labs[i].build)
        yield Control(
            earn=partial(written.earns, i, met=met),
            succeed=partial(written.succeeds, i),
            knots=_between(lower, written.bends(i, met), upper),
            lands=lands[i],
            prize=chance * prize,
            most=prize if chance > 0 else 0.0,
            others=others,
            exits=exits,
            speed=speed[i],
            bought=bought[i],
            growing=written.race.growth > 1,
            planar=written.count < PLANAR_LABS
            or (written.count == PLANAR_LABS and size == len(written.boards) <= PLANAR_STATES),
        )


def _buying(written: WrittenOut, i: int) -> tuple[Array, Matrix | None]:
    """How fast revenue of lab i moves the state, and where to."""
    found = written.buys(i)
    if found is None:
        return np.zeros(written.size), None
    return found[0], _law([(np.ones(written.size), found[1])], written.size)


def _law(moves: Moves, size: int) -> Matrix:
    """(S, S) matrix of chances or rates, and where each leads."""
    rows = np.arange(size)
    if size <= DENSE:
        full = np.zeros((size, size))
        for chance, place in moves:
            full[rows, place] += chance
        return full
    law = sp.csr_array((size, size))
    for chance, place in moves:
        law = law + sp.csr_array((chance, (rows, place)), shape=(size, size))
    law.eliminate_zeros()
    return law


def _between(lower: Array, bends: list[Array], upper: Array) -> Array:
    """(K, S) rising knots: the bounds, and bends between them."""
    inner = [np.clip(bend, lower, upper) for bend in bends]
    return np.array([lower, *np.sort(np.reshape(inner, (-1, len(lower))), axis=0), upper])


# --- by tables


def _by_tables(game: Markov, build: Array) -> Iterator[Control]:
    """The control problem of each player of a game of tables."""
    if isinstance(game, Cleared):
        game = game.alone(build)
    hazard, size = game.hazard(build), len(game.states)
    jump = [law.toarray() if size <= DENSE else law for law in game.worth_after]
    flow = [rated(rate, law) for rate, law in zip(hazard, jump, strict=True)]
    for i in range(len(game.players)):
        own, speed, bought = [i], np.zeros(size), None
        if game.speed is not None and i < len(game.speed):
            own.append(len(game.players) - len(game.speed) + i)
            speed, bought = game.speed[i], jump[own[1]]
        others = [j for j in range(len(game.players)) if j not in own]
        earn, succeed, bends = _player(game, i)
        yield Control(
            earn=earn,
            succeed=succeed,
            knots=_between(game.lower[i], bends, game.upper[i]),
            lands=jump[i],
            prize=0.0,
            most=0.0,
            others=sum((flow[j] for j in others), 0 * jump[i]),
            exits=game.discount + hazard[others].sum(axis=0),
            speed=speed,
            bought=bought,
            growing=game.grows,
            planar=game.linear or (game.planar and size <= PLANAR_STATES),
        )


def _player(
    game: Markov, i: int
) -> tuple[Callable[[Array], Array], Callable[[Array], Array], list[Array]]:
    """Revenue and hazard of player i of a game of tables, and their bends."""
    if isinstance(game, Curved | Cleared):
        alone = game.only(i)
        return (
            lambda b: _rows(alone.payoff, alone, b),
            lambda b: _rows(alone.hazard, alone, b),
            [knot[0] for knot in alone.knots[1:-1]],
        )

    def earn(b: Array) -> Array:
        sold = np.minimum((1 - b) * game.capacity[i], game.demand[i])
        return np.asarray(game.price[i] * sold)

    def succeed(b: Array) -> Array:
        return np.asarray(game.scale[i] * b**game.returns + game.base[i])

    return earn, succeed, [1 - game.demand[i] / game.capacity[i]]


def _rows(table: Callable[[Array], Array], alone: Markov, share: Array) -> Array:
    """What a table says of the first player at its shares (..., S)."""
    rows = np.zeros((*share.shape[:-1], *alone.scale.shape))
    rows[..., 0, :] = share
    return table(rows)[..., 0, :]
