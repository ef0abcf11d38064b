"""Rounds one after the other: what was played, what it paid, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.motion.outcome import Outcome, flows, judge, sober
from leaderbored.motion.rules import FLOWS, Flow, Habits, Rule, Step, stepper
from leaderbored.play.arena import Arena, Finite
from leaderbored.solvers.budget import Budget, Progress, StoppedError, checkpoint

SPARE = 1.0  # seconds for the regret of what was reached when time runs out


class Track:
    """The profiles passed so far, and what they pay."""

    def __init__(self, arena: Arena, start: Array) -> None:
        self.arena = arena
        self._profiles: list[Array] = [start]
        self._payoffs: list[Array] = []

    def add(self, x: Array) -> None:
        """Put a profile at the end, once what the one before pays is known."""
        self.pay()
        self._profiles.append(x)

    def pay(self) -> None:
        """Work out what the last profile pays, once where it stands still."""
        if len(self._payoffs) < len(self._profiles):
            still = len(self._profiles) > 1 and np.array_equal(
                self._profiles[-2], self._profiles[-1]
            )
            pays = self._payoffs[-1] if still else self.arena.payoffs(self._profiles[-1])
            self._payoffs.append(pays)

    @property
    def profiles(self) -> Array:
        """(L + 1, n) profiles, one after the other."""
        return np.array(self._profiles)

    @property
    def payoffs(self) -> Array:
        """(L + 1, N) payoffs, nan where there was no time to work them out."""
        missing = len(self._profiles) - len(self._payoffs)
        unknown = [np.full(len(self.arena.players), np.nan)] * missing
        return np.array([*self._payoffs, *unknown])


@dataclass(frozen=True)
class Watch:
    """How to follow a rule: what stands still once may stand still for ever."""

    rule: Rule
    still: bool
    progress: Progress | None


def moved(
    track: Track,
    watch: Watch,
    habits: Habits,
    random: np.random.Generator,
    *,
    laps: int,
    tolerance: float,
) -> Outcome:
    """What becomes of the motion, whose rounds are put on the track.

    Raises
    ------
    StoppedError
        If a running budget is spent; the track has the rounds until then.
    """
    arena, rule, x = track.arena, watch.rule, track.profiles[-1]
    if isinstance(arena, Finite) and rule in FLOWS:
        flow = Flow(arena, rule, habits, x)
        for profile in flow.path(x, laps):
            track.add(profile)
        track.pay()
        found = flows(arena, track.profiles, flow, tolerance)
    else:
        _round_by_round(stepper(arena, rule, habits, random), track, laps, watch)
        near = tolerance * habits.adjustment if rule == "adjust" else tolerance
        found = judge(arena, track.profiles, rule, near)
    return sober(found, rule, track.profiles, arena.regret)


def so_far(track: Track, rule: Rule, adjustment: float, tolerance: float) -> Outcome:
    """What is known of rounds that were broken off: that all stands still, or a cycle closed."""
    if rule in FLOWS or rule in ("random", "fictitious"):
        return Outcome("wanders")
    near = tolerance * adjustment if rule == "adjust" else tolerance
    found = judge(track.arena, track.profiles, rule, near)
    if found.since is None:
        return Outcome("wanders")
    try:
        with Budget(SPARE).running():
            found = sober(found, rule, track.profiles, track.arena.regret)
    except StoppedError:
        return Outcome("wanders")
    return found


def _round_by_round(step: Step, track: Track, laps: int, watch: Watch) -> None:
    before = after = track.profiles[-1]
    for lap in range(laps):
        checkpoint()
        stands = watch.still and lap > 0 and np.array_equal(before, after)
        before, after = after, after if stands else step(after, lap)
        track.add(after)
        if watch.progress:
            apart = float(np.abs((after - before) / track.arena.span).max())
            watch.progress(f"{watch.rule} dynamics", lap, min(1.0, apart))
    track.pay()
