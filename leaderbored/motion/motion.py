"""The verb: ``dynamics(game, rule)``, whatever the game; and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leaderbored.games.markov import Array, Markov
from leaderbored.motion.outcome import NEXT_TO_NOTHING, SMALL, Outcome, Word
from leaderbored.motion.rounds import SPARE, Track, Watch, moved, so_far
from leaderbored.motion.rules import FLOWS, Habits, Rule, check
from leaderbored.motion.start import arena_of, begin
from leaderbored.play.arena import Arena
from leaderbored.play.policies import Shares
from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers.budget import Budget, Limit, Progress, StoppedError
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.text import at_most

TOLERANCE = 1e-7
LONG = 120  # characters
LOW, HIGH = 0.1, 0.9  # quantiles between which a band lies


@dataclass(frozen=True, eq=False)
class Board:
    """How a lead fares while labs learn, round by round; one round is one success, whosever it is.

    Attributes
    ----------
    lab : str
        Whose lead it is: the leader's at the start, at a tie the first lab's.
    mean, low, high : (L + 1,) arrays
        Expected lead over its best rival, negative if behind, and quantiles 0.1 and 0.9; rungs.
    ahead : (L + 1,) array
        Probability that the lab leads alone.
    """

    lab: str
    mean: Array
    low: Array
    high: Array
    ahead: Array


@dataclass(frozen=True, eq=False)
class Motion(Shown):
    """What players do, round by round, under a rule of motion.

    Attributes
    ----------
    game : object
        As given.
    rule : str
    players : tuple of str
        N names.
    play : dict of str to array
        Of each player by name, (L + 1, k): the probabilities of its k strategies, its k real
        strategies, or its policy in k pairs of choice and state. Averages under ``fictitious``.
    labels : dict of str to tuple of str
        What the k entries are.
    payoffs : (L + 1, N) array
        What everybody gets in each round; of dynamic games, values in the state ``view``.
    outcome : "converges", "rests", "cycles" or "wanders"
        Resting is standing still, or closing in, where a player would gain by deviating: at no
        equilibrium, as rules that do not look far may; a logit equilibrium is such a point.
    since : int or None
        Round from which it rests, or from which the cycle is complete.
    period : float or None
        Of the cycle; rounds. None where turns grow longer and longer, as in fictitious play.
    cycle : tuple of str
        What is played in the cycle, in order; empty if there is none.
    regret : float
        Largest gain of a player from its best deviation from the last profile, relative to its
        payoffs; nan if there was no time left to work it out.
    rest : str
        What is played in the end.
    board : Board or None
        Of a race: how the lead fares meanwhile; None where more than labs' successes moves the
        board, as imitation or customers that notice late, or a success may end the race.
    view : int
        Of a dynamic game: index of the state in which payoffs are taken; by default the first in
        which the game goes on.
    orbit : (P, n) array
        The profiles of the cycle, all players side by side; empty if there is none.
    stopped : bool
        Whether time ran out before all rounds were done.
    rent : (L + 1, S) array or None
        Where labs rent compute to each other, what for in each round and state; money per unit
        of compute and year.

    Examples
    --------
    >>> import leaderbored as lb
    >>> pennies = lb.NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]],
    ...                         strategies=[["H", "T"]] * 2)
    >>> motion = lb.dynamics(pennies)
    >>> motion.outcome, motion.period, motion.cycle
    ('cycles', 4.0, ('(H, H)', '(H, T)', '(T, T)', '(T, H)'))
    """

    game: Any
    rule: Rule
    players: tuple[str, ...]
    play: dict[str, Array]
    labels: dict[str, tuple[str, ...]]
    payoffs: Array
    outcome: Word
    since: int | None
    period: float | None
    cycle: tuple[str, ...]
    regret: float
    rest: str
    board: Board | None = None
    view: int = 0
    orbit: Array = field(default_factory=lambda: np.zeros((0, 0)), repr=False)
    stopped: bool = False
    rent: Array | None = None

    @property
    def laps(self) -> int:
        """Number of rounds L."""
        return len(self.payoffs) - 1

    @property
    def headline(self) -> str:
        """One sentence: converges, rests, cycles or wanders, and where or how."""
        if self.outcome in ("converges", "rests"):
            return self._rest()
        if self.outcome == "cycles" and self.period is None:
            return "It cycles, in turns that grow longer and longer."
        if self.outcome == "cycles":
            return f"It cycles with a period of {count_rounds(self.period or 0)}."
        return self._so_far() if self.stopped else self._restless()

    def _restless(self) -> str:
        """What can be said of play that neither comes to rest nor cycles."""
        laps, most = count_rounds(self.laps), max(1.0, float(np.abs(self._path).max()))
        if self.regret <= SMALL:
            gains = f"but no player gains more than {at_most(max(self.regret, 1e-12))} by deviating"
            return f"After {laps} it has not come to rest, {gains}."
        if self._moved <= NEXT_TO_NOTHING * most:
            near = f" near {self.rest}" if len(self.rest) <= LONG else ""
            return f"It does not come to rest: ever so small moves make payoffs jump{near}."
        return f"It wanders: in {laps} it neither comes to rest nor cycles."

    @property
    def _path(self) -> Array:
        """(L + 1, n) what all players do, side by side."""
        return np.hstack([*self.play.values()])

    @property
    def _moved(self) -> float:
        """By how much some strategy changed in the last round."""
        return float(np.abs(np.diff(self._path[-2:], axis=0)).max(initial=0.0))

    def _so_far(self) -> str:
        """How far it got before time ran out."""
        if self.laps == 0:
            return "Stopped before the first round was over."
        last = f"{count_rounds(self.laps)}, too few to tell what becomes of it"
        most = at_most(self._moved, 2)
        return f"Stopped after {last}; in the last no strategy changed by more than {most}."

    def _rest(self) -> str:
        what = f": {self.rest}" if len(self.rest) <= LONG else ""
        when = "" if self.since is None else f" in {count_rounds(self.since)}"
        logit, stays = self.rule == "logit", self.since == 0
        if self.outcome == "rests":
            where = "at a logit equilibrium" if logit else "but at no equilibrium"
            if np.isinf(self.regret):
                where = "where a constraint is not met or a payoff has no value"
            if stays and not logit:
                return f"It stays where it starts, which is no equilibrium{what}."
            return f"It comes to rest{when}, {where}{what}."
        if stays and not logit:
            return f"It rests where it starts{what}."
        if logit:
            return f"It converges{when}, to a logit equilibrium{what}."
        return f"It converges{when}{what}."


def count_rounds(count: float) -> str:
    """Say how many rounds.

    Examples
    --------
    >>> count_rounds(1), count_rounds(2.5)
    ('1 round', '2.5 rounds')
    """
    return f"{count:.4g} round{'s' * (count != 1)}"


@unthreaded
def dynamics(
    game: Any,
    rule: Rule = "best-response",
    start: Any = None,
    *,
    laps: int = 40,
    seed: int = 1,
    adjustment: float = 0.2,
    level: int = 2,
    noise: float = 0.1,
    tolerance: float = TOLERANCE,
    limit: Limit | None = None,
    progress: Progress | None = None,
) -> Motion:
    """Let players move by a rule, and say whether that converges, rests, cycles or wanders.

    Parameters
    ----------
    game : Race, Markov, MarkovGame, NormalForm, Continuous, Contest or nashpy.Game
        N players. In dynamic games players move their whole policies.
    rule : str, default "best-response"
        Or sequential, random, adjust, myopic, level-k, fictitious, and in normal-form games
        replicator and logit; see :mod:`leaderbored.motion.rules`.
    start : array, sequence of arrays, dict of str to array, or str, optional
        The first profile, as in ``Motion.play``; or in words: "random"; of a normal-form game
        the strategies, "H, T"; of a race "idle" (the default: labs build with idle compute
        alone) or "busy", and where the leaderboard stands, "A ahead by 3"; of a Markov game
        "low" or "high", and a state, "d=3". Where compute is rented an array may have rents after
        the shares; else they are those at which the market would open. By default the first
        strategies in a normal-form game, a random interior profile for replicator and logit, and
        else what is halfway.
    laps : int, default 40
        Number of rounds, in each of which players move once.
    seed : int, default 1
        Of random starts and orders.
    adjustment, level, noise : float, int, float
        Of the rules adjust, level-k and logit; see :class:`leaderbored.motion.rules.Habits`.
    tolerance : float, default 1e-7
        Distance, relative to the range, at which profiles of real numbers count as one.
    limit : float or callable, optional
        Seconds after which to stop, or a function that says True when to stop; the rounds done so
        far are returned.
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Motion

    Raises
    ------
    TypeError
        If there are no dynamics of such a game.
    ValueError
        If the rule does not suit the game, or an argument is out of its range.

    Notes
    -----
    Dynamics after Fudenberg and Levine (The Theory of Learning in Games, 1998).

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> idle, busy = (lb.dynamics(race, start=word, laps=60) for word in ("idle", "busy"))
    >>> idle.rest, busy.rest  # at a tie; history decides
    ('A builds 40%, B builds 40%', 'A builds 100%, B builds 100%')
    """
    if laps < 1:
        raise ValueError(f"laps: {laps}, expected 1 or more")
    if not tolerance > 0:
        raise ValueError(f"tolerance: {tolerance:g}, expected more than 0")
    random, budget = np.random.default_rng(seed), Budget(limit)
    arena, habits = arena_of(game), Habits(adjustment, level, noise)
    check(arena, rule)
    x = begin(arena, start, random, rule)
    track, found, stopped = Track(arena, x), Outcome("wanders"), False
    try:
        with budget.running():
            watch = Watch(rule, rule not in ("random", "fictitious"), progress)
            found = moved(track, watch, habits, random, laps=laps, tolerance=tolerance)
    except StoppedError:
        stopped, found = True, so_far(track, rule, habits.adjustment, tolerance)
    profiles = track.profiles
    x = profiles[-1]
    names = dict(zip(arena.players, arena.own, strict=True))
    return Motion(
        game=game,
        rule=rule,
        players=arena.players,
        play={name: profiles[:, mine] for name, mine in names.items()},
        labels={name: tuple(arena.labels[k] for k in mine) for name, mine in names.items()},
        payoffs=track.payoffs,
        outcome=found.word,
        since=found.since,
        period=found.period,
        cycle=() if rule in FLOWS else tuple(arena.name(turn) for turn in found.cycle),
        regret=_regret(arena, x, None if limit is None else SPARE),
        rest=arena.name(x),
        board=_board(arena, profiles),
        view=getattr(arena, "state", 0),
        orbit=found.cycle,
        stopped=stopped,
        rent=profiles[:, arena.rents] if len(arena.rents) else None,
    )


def _regret(arena: Arena, x: Array, seconds: float | None) -> float:
    """Regret of a profile; nan if that takes longer."""
    try:
        with Budget(seconds).running():
            return arena.regret(x)
    except StoppedError:
        return float("nan")


def _board(arena: Arena, path: Array) -> Board | None:
    """Follow the law of the leaderboard of a race, one success after the other.

    None where more than labs' successes moves it, or one may end the race: rounds are none.
    """
    if not isinstance(arena, Shares) or not isinstance(arena.game, Race):
        return None
    from leaderbored.motion.lead import quantiles
    from leaderbored.race import signed_leads

    game: Markov = arena.markov
    if len(game.players) > len(arena.game.labs) or game.states.min() < 0:
        return None
    ahead = signed_leads(game.states)
    lab = int(ahead[arena.state].argmax())
    law = np.eye(1, len(game.states), arena.state).ravel()
    laws = [law]
    for x in path[:-1]:
        hazard = game.hazard(arena.build(x))
        total = hazard.sum(axis=0)
        chance = hazard / np.where(total > 0, total, 1.0)
        law = np.where(total > 0, 0.0, law) + sum(
            jump.T @ (law * c) for jump, c in zip(game.jump, chance, strict=True)
        )
        laws.append(law)
    every = np.array(laws)
    low, high = quantiles(every, ahead[:, lab], (LOW, HIGH))
    leads = every @ (ahead[:, lab] > 0)
    return Board(game.players[lab], every @ ahead[:, lab], low, high, leads)
