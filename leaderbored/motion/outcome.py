r"""Does motion converge, rest, cycle or wander? Exact for pure profiles, by tolerance elsewhere.

- Rules that look at the last round alone repeat for ever once a pure profile comes back; and where
  profiles are real numbers, a cycle is one that comes back twice within the tolerance.
- Under a random order only standing still is proof, as every order then stands still.
- A flow cycles if it returns to its last point, moving the same way (Poincare's section).
- Short of its end, motion converges if its moves shrink steadily and add up to little from here.
- Averages of play (``fictitious``) never come to rest in finite time. They converge if the regret
  of the averages falls with a power of time: to 0.7 of itself or less while rounds grow fourfold.
  Else they cycle if what is played runs through the same profiles in the same order.
- Where motion stands still, or closes in, and a player would gain by deviating, it *rests*: that is
  no convergence to an equilibrium. Rules that do not look far do so, and flows at their borders.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from itertools import pairwise
from typing import Literal

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.late import late
from leaderbored.motion.rules import EXACT, Flow, Rule
from leaderbored.play.arena import Arena, Finite

integrate = late("scipy.integrate")

Word = Literal["converges", "rests", "cycles", "wanders"]
LONGEST = 200  # period up to which a cycle is distinguished
VISIBLE = 1e3  # tolerances that a cycle has to be wide
RETURNS = 1e-5  # distance at which a flow has come back
POINTS = 48  # of a flow's orbit that are kept
SHRINKS = 0.8  # of its size before, in a quarter of the rounds, has what closes in
LEFT = 0.1  # of the range: farthest from its end that it may be
HORIZON = 100.0  # rounds in which a flow has to come back
CONTENT = 1e-6  # of the range of payoffs
SMALL = 1e-3  # regret up to which a rest point passes for an equilibrium
NEXT_TO_NOTHING = 1e-6  # of what is played, or as it is below one: a move that is not seen
REPLY = ("best-response", "sequential")  # rules by which players move to their best replies
FALLS = 0.7  # regret of averages that converge, after four times the rounds


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of the motion.

    Attributes
    ----------
    word : "converges", "rests", "cycles" or "wanders"
    since : int or None
        Round from which it rests, or from which the cycle is complete.
    period : float or None
        Of the cycle; rounds. None where turns grow longer and longer.
    cycle : (P, n) array
        The profiles of the cycle; empty if there is none.
    """

    word: Word
    since: int | None = None
    period: float | None = None
    cycle: Array = dataclass_field(default_factory=lambda: np.zeros((0, 0)))


def repeats(arena: Arena, path: Array, tolerance: float) -> Outcome:
    """Outcome of a rule that looks at the last round alone.

    Parameters
    ----------
    arena : Arena
    path : (L + 1, n) array
        Profiles round by round.
    tolerance : float
        Relative to the range of each entry.
    """
    exact = arena.finite and bool(np.isin(path, (0.0, 1.0)).all())
    limit, last = 0.0 if exact else tolerance, len(path) - 1
    scaled = path / arena.span
    if last < 1:
        return Outcome("wanders")
    moved = np.abs(np.diff(scaled, axis=0)).max(axis=1)
    if moved[-1] <= limit:
        busy = np.flatnonzero(moved > limit)
        return Outcome("converges", int(busy[-1]) + 1 if len(busy) else 0)
    rounds = 1 if exact else 2
    for period in range(2, min(LONGEST, last // rounds) + 1):
        turns = 1 if exact else period  # one profile decides if exact, else a whole cycle
        recent = scaled[last + 1 - turns :]
        before = scaled[last + 1 - turns - period : last + 1 - period]
        if np.abs(recent - before).max() > limit:
            continue
        width = float(np.ptp(scaled[last - period + 1 :], axis=0).max())
        if not exact and width < VISIBLE * tolerance:
            continue
        apart = np.abs(scaled[period:] - scaled[:-period]).max(axis=1)
        other = np.flatnonzero(apart > limit)
        since = int(other[-1]) + 1 if len(other) else 0
        return Outcome("cycles", since, float(period), path[since : since + period])
    return (None if exact else _closing(moved)) or Outcome("wanders")


def rests(arena: Arena, path: Array, tolerance: float) -> Outcome:
    """Outcome under a random order: at rest only where everybody's reply is to stay."""
    last = path[-1] / arena.span
    if np.abs(arena.replies(path[-1]) / arena.span - last).max() > tolerance:
        moved = np.abs(np.diff(path / arena.span, axis=0)).max(axis=1)
        return (None if arena.finite else _closing(moved)) or Outcome("wanders")
    away = np.flatnonzero(np.abs(path / arena.span - last).max(axis=1) > tolerance)
    return Outcome("converges", int(away[-1]) + 1 if len(away) else 0)


def flows(arena: Finite, path: Array, flow: Flow, tolerance: float) -> Outcome:
    """Outcome of a flow in continuous time."""
    here = path[-1]
    speed = np.array([flow.speed(x) for x in path])
    if speed[-1] <= tolerance and _content(arena, flow, here):
        busy = np.flatnonzero(speed > tolerance)
        return Outcome("converges", int(busy[-1]) + 1 if len(busy) else 0)
    start = flow.inside(here)
    ahead = flow.velocity(0.0, start)

    def section(_: float, y: Array) -> float:
        return float(ahead @ (y - start))

    section.direction = 1.0  # type: ignore[attr-defined]
    found = integrate.solve_ivp(
        flow.velocity, (0.0, HORIZON), start, events=section, dense_output=True, **EXACT
    )
    for when, where in zip(found.t_events[0], found.y_events[0], strict=True):
        if when > 0 and np.abs(flow.outside(where) - here).max() <= RETURNS:
            times = np.linspace(0, when, POINTS, endpoint=False)
            orbit = np.array([flow.outside(y) for y in found.sol(times).T])
            if np.ptp(orbit, axis=0).max() < 10 * RETURNS:
                break  # so near its centre that it may as well be creeping in
            return Outcome("cycles", 0, float(when), orbit)
    return _closing(speed) or Outcome("wanders")


def _content(arena: Finite, flow: Flow, x: Array) -> bool:
    """Whether no strategy that is there pays more than the average, but for the logit's noise."""
    if flow.rule == "logit":
        return True
    for i, mine in enumerate(arena.own):
        pays = arena.rewards(i, x)
        if float(pays[flow.there[mine]].max() - pays @ x[mine]) > CONTENT:
            return False
    return True


def averages(
    arena: Arena, path: Array, tolerance: float, regret: Callable[[Array], float]
) -> Outcome:
    """Outcome of fictitious play, from the averages (L + 1, n) of what was played."""
    laps = len(path) - 1
    plain = repeats(arena, path, tolerance)
    if plain.word == "converges" and regret(path[-1]) <= tolerance:
        return plain
    if laps < 16:
        return Outcome("wanders")
    late = np.unique(np.linspace(0.75 * laps, laps, 12).astype(int))
    late_regret = max(regret(path[k]) for k in late)
    early_regret = max(regret(path[k // 4]) for k in late)
    if np.isfinite(late_regret) and late_regret <= FALLS * early_regret:
        return Outcome("converges")
    steps = np.arange(2, laps + 2)[:, None]
    played = np.diff(path, axis=0) * steps + path[:-1]
    if not arena.finite:
        return Outcome("wanders")
    turns = [tuple(np.rint(row).astype(int).tolist()) for row in played]
    order = [turns[0]] + [b for a, b in pairwise(turns) if a != b]
    order = order[:-1]  # the last turn may be unfinished
    for period in range(2, len(order) - 2):
        again = max(3, period // 2)  # turns grow, so that two whole rounds may take for ever
        if len(order) >= period + again and order[-again:] == order[-again - period : -period]:
            return Outcome("cycles", None, None, np.array(order[-period:], float))
    return Outcome("wanders")


def judge(arena: Arena, path: Array, rule: Rule, tolerance: float) -> Outcome:
    """What became of a path under a rule that moves round by round."""
    if rule == "random":
        return rests(arena, path, tolerance)
    if rule == "fictitious":
        return averages(arena, path, tolerance, arena.regret)
    return repeats(arena, path, tolerance)


def sober(found: Outcome, rule: Rule, path: Array, regret: Callable[[Array], float]) -> Outcome:
    """The outcome, held against the regret of where it ends.

    Examples
    --------
    >>> path = np.zeros((5, 2))
    >>> sober(Outcome("converges", 0), "myopic", path, lambda x: 0.2).word
    'rests'
    """
    if found.word != "converges" or rule == "fictitious":  # its averages are judged by regret
        return found
    last = regret(path[-1])
    if last <= SMALL:
        return found
    if found.since is None and last <= SHRINKS * regret(path[3 * (len(path) - 1) // 4]):
        return found  # on its way
    moves = len(path) > 1 and not np.array_equal(path[-1], path[-2])
    if rule in REPLY and moves and np.isfinite(last):
        return Outcome("wanders")  # replies are ever so near, and pay by a jump: no rest
    return replace(found, word="rests")


def _closing(moved: Array) -> Outcome | None:
    """Convergence not yet at its end: moves that shrink steadily, with little left to go."""
    quarter = len(moved) // 4
    if quarter < 3 or moved[-1] == 0:
        return None
    late, before = moved[-quarter:].max(), moved[-2 * quarter : -quarter].max()
    ratio = float(late / before) if before > 0 else 1.0
    if ratio >= SHRINKS:
        return None
    left = late * quarter * ratio / (1 - ratio)
    return Outcome("converges") if left <= LEFT else None
