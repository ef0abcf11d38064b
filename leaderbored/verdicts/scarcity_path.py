r"""Scarcity that changes over the years: when does the run become a race?

Computers arrive, and demand over capacity :math:`\psi(t)` moves along a given path, known to all,
until it stays where it is. Policies now depend on the date. From the stationary equilibrium of the
last date the values of a Markov-perfect equilibrium are found backward in time,

.. math:: -\dot V_i = \max_{b_i} R_i(t, s, b_i) - \rho V_i + \sum_j h_j (P_j V_i - V_i),

every lab replying best to its own gain at every date. The gain of a lab depends on its own value
alone, so replies need no fixed point within a date. Integrated with the classical Runge-Kutta
formula; shares between two dates of the grid are interpolated.

The certificate: holding the others to these interpolated shares, one lab's best response to them is
computed by its own Bellman equation on a grid twice as fine, its best shares being looked for; what
it gains is the regret.

The verdict of a date is that of its shares: of the pace ratio with the weights of the leaderboard
that would settle if they stayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.games.record import RefusedError
from leaderbored.kinds import offering
from leaderbored.race.market import ScarceMarket
from leaderbored.race.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Equilibrium, solve
from leaderbored.solvers.markov.reply import best_reply
from leaderbored.solvers.markov.system import System
from leaderbored.solvers.numerics.peak import highest
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.verdicts import NOUNS
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.reading import kind_at

Path = Callable[[float], float]
GRID = 5  # points between two kinks, round the best of which shares are looked for
STEADY = 0.4  # largest step, in mean times between events of the fastest state
MOST = 20_000  # steps


@dataclass(frozen=True, eq=False)
class ScarcityPath(Shown):
    """A Markov-perfect equilibrium along a path of scarcity.

    Attributes
    ----------
    years : (T,) array
        Dates from now; shares are interpolated between them.
    scarcity : (T,) array
        psi at the dates.
    build, value : (T, N, S) arrays
        Shares and values at the dates.
    kinds : tuple of (str or None)
        Kind of verdict at each date.
    changes : tuple of (float, str or None)
        Dates at which the verdict changes, and to what.
    terminal : Equilibrium
        The stationary equilibrium at the last date.
    regret : float
        Largest gain of one lab from its best plan against the others', at any date of the grid and
        any state, relative to its largest value.
    """

    years: Array
    scarcity: Array
    build: Array
    value: Array
    kinds: tuple[Kind | None, ...]
    changes: tuple[tuple[float, Kind | None], ...]
    terminal: Equilibrium
    regret: float

    @property
    def becomes_race(self) -> float | None:
        """Date from which it is first a race, having been something else; None if never. Years."""
        return next((date for date, kind in self.changes if kind == "race"), None)

    @property
    def sentence(self) -> str:
        """The verdict along the path."""
        first = self.kinds[0]
        parts = [f"It is {NOUNS[first]}" if first else "There is no verdict"]
        parts += [f"from year {date:.1f} on {NOUNS[kind]}" for date, kind in self.changes]
        return ", ".join(parts) + ("." if self.changes else " throughout.")


@unthreaded
def scarcity_path(
    race: Race,
    years: Sequence[float] | None = None,
    scarcity: Sequence[float] | None = None,
    *,
    steps: int = 200,
    terminal: Equilibrium | None = None,
) -> ScarcityPath:
    """Solve a race along a path of scarcity, backward in time.

    Parameters
    ----------
    race : Race
        On a :class:`leaderbored.ScarceMarket`, whose own scarcity is not used, and without
        mechanisms.
    years : sequence of float, optional
        Dates from 0 on, increasing; by default those of the race, if it has a schedule.
    scarcity : sequence of float, optional
        psi at these dates, linear in between; it stays at the last one. As above by default.
    steps : int, default 200
        Least number of steps; more are made where events are frequent.
    terminal : Equilibrium, optional
        Of the race at the last scarcity; by default the one that ``solve`` finds.

    Returns
    -------
    ScarcityPath

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If the path is no path, the race is of another kind, or its last date has no solution.

    Notes
    -----
    Backward induction of a stochastic differential game on a tree of jumps, as for finite horizons
    in Dockner, Jorgensen, Long and Sorger (2000), Differential Games, chapter 8.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(1),
    ...                lb.Technology(3, flywheel=0.2), discount=0.2, rungs=6)
    >>> found = scarcity_path(race, [0, 4], [0.9, 0.2])
    >>> print(found.sentence)
    It is a run, from year 3.0 on a breakaway, from year 3.4 on a race.
    """
    offering(race, "scarcity_path")
    schedule = race.mechanisms.scarcity_path
    if years is None and scarcity is None and schedule is not None:
        years, scarcity = schedule.years, schedule.scarcity
    if years is None or scarcity is None:
        raise ValueError("years, scarcity: expected both, or a race that has a schedule")
    dates, levels = np.asarray(years, dtype=float), np.asarray(scarcity, dtype=float)
    _check(race, dates, levels)

    def at(psi: float) -> Race:
        assert isinstance(race.market, ScarceMarket)
        return replace(race, market=replace(race.market, scarcity=float(psi)))

    if terminal is None:
        solution = solve(at(levels[-1]))
        if not solution.status.ok:
            raise RefusedError(f"the last date: {solution.status.message}")
        terminal = solution.equilibria[0]
    unit = at(1.0).markov()
    system = System(unit)
    fastest = float((unit.hazard(unit.upper).sum(axis=0) + unit.discount).max())
    count = max(steps, int(np.ceil(dates[-1] * fastest / STEADY)))
    if count > MOST:
        raise RefusedError(f"years: {count:,} steps, expected at most {MOST:,}; shorten the path")
    grid = np.linspace(0, dates[-1], count + 1)

    def game(t: float) -> Markov:
        psi = float(np.interp(t, dates, levels))
        return replace(unit, demand=psi * unit.demand)

    value = np.empty((count + 1, *unit.scale.shape))
    value[-1] = terminal.value
    for k in range(count, 0, -1):
        value[k - 1] = _step(_equilibrium_flow(system, game), value[k], grid[k], grid[k - 1])
    build = np.array([_reply(game(t), system, v) for t, v in zip(grid, value, strict=True)])
    build[-1] = terminal.build
    kinds = tuple(kind_at(race, unit, shares) for shares in build)
    changes = tuple(
        (float(grid[k]), kinds[k]) for k in range(1, count + 1) if kinds[k] != kinds[k - 1]
    )
    psis = np.interp(grid, dates, levels)
    gained = _regret(system, game, grid, build, terminal.value)
    return ScarcityPath(grid, psis, build, value, kinds, changes, terminal, gained)


def _check(race: Race, dates: Array, levels: Array) -> None:
    mistakes = {
        "race: expected a scarce market": not isinstance(race.market, ScarceMarket),
        "race: expected no mechanisms": not race.mechanisms.off,
        "years: expected two dates or more, from 0 on, increasing": dates.ndim != 1
        or len(dates) < 2
        or dates[0] != 0
        or not (np.diff(dates) > 0).all()
        or not np.isfinite(dates).all(),
        "scarcity: expected a number, not negative, for each date": levels.shape != dates.shape
        or not ((levels >= 0) & np.isfinite(levels)).all(),
    }
    if wrong := [mistake for mistake, made in mistakes.items() if made]:
        raise RefusedError("; ".join(wrong))


Flow = Callable[[float, Array], Array]


def _step(flow: Flow, value: Array, start: float, stop: float) -> Array:
    """One step of the classical Runge-Kutta formula."""
    h, middle = stop - start, (start + stop) / 2
    k1 = flow(start, value)
    k2 = flow(middle, value + h / 2 * k1)
    k3 = flow(middle, value + h / 2 * k2)
    k4 = flow(stop, value + h * k3)
    return np.asarray(value + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4))


def _reply(game: Markov, system: System, value: Array) -> Array:
    return best_reply(game, system.gain(value), float(np.abs(value).max()))


def _motion(game: Markov, system: System, value: Array, build: Array) -> Array:
    """Time derivative of the values of all labs when they build these shares."""
    moved = np.einsum("js,ijs->is", game.hazard(build), system.effect(value))
    return np.asarray(game.discount * value - game.payoff(build) - moved)


def _equilibrium_flow(system: System, game: Callable[[float], Markov]) -> Flow:
    def flow(t: float, value: Array) -> Array:
        now = game(t)
        return _motion(now, system, value, _reply(now, system, value))

    return flow


def _regret(
    system: System, game: Callable[[float], Markov], grid: Array, build: Array, last: Array
) -> float:
    """What one lab gains at most against the others' interpolated shares."""

    def shares(t: float) -> Array:
        k = min(max(int(np.searchsorted(grid, t)), 1), len(grid) - 1)
        part = (t - grid[k - 1]) / (grid[k] - grid[k - 1])
        return np.asarray((1 - part) * build[k - 1] + part * build[k])

    def held(t: float, value: Array) -> Array:
        return _motion(game(t), system, value, shares(t))

    def deviating(t: float, value: Array) -> Array:
        """Row i: lab i replies best to the others' shares; rows do not mix."""
        now, others = game(t), shares(t)
        effect, gain = system.effect(value), system.gain(value)
        reply = _looked_for(now, gain, others)
        moved = np.einsum("js,ijs->is", now.hazard(others), effect)
        own = (now.hazard(reply) - now.hazard(others)) * gain
        return np.asarray(now.discount * value - now.payoff(reply) - moved - own)

    kept = best = last
    worst = 0.0
    fine = np.sort(np.r_[grid, (grid[1:] + grid[:-1]) / 2])[::-1]
    for start, stop in pairwise(fine):
        kept, best = _step(held, kept, start, stop), _step(deviating, best, start, stop)
        worst = max(worst, float(((best - kept).max(axis=1) / _scale(kept)).max()))
    return worst


def _looked_for(game: Markov, gain: Array, held: Array) -> Array:
    """(N, S) best shares where a success is worth ``gain``, found by looking and not by formula."""
    price, capacity, demand, scale, lower, upper = (
        part.ravel()
        for part in (game.price, game.capacity, game.demand, game.scale, game.lower, game.upper)
    )

    def stage(share: Array) -> Array:
        earned = price * np.minimum((1 - share) * capacity, demand)
        return np.asarray(earned + scale * share**game.returns * gain.ravel())

    kink = np.clip(1 - demand / capacity, lower, upper)
    return highest(stage, np.array([lower, kink, upper]), held.ravel(), GRID).reshape(held.shape)


def _scale(value: Array) -> Array:
    largest = np.abs(value).max(axis=1)
    return np.where(largest > 0, largest, 1.0)
