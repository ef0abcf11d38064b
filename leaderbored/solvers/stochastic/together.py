"""What may happen together in a Markov game: outcomes, where they lead, and their chances.

In a period of discrete time one event at most of each group happens, so that outcomes are as many
as there are combinations. Those that lead to the same place from every state are one outcome, whose
chance is the sum of theirs: it makes no difference whether a firm moves up and down again, or
neither. They are joined group by group, so that chances stay products of sums.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.games.stochastic import MarkovGame
from leaderbored.games.stochastic.branches import destination
from leaderbored.late import late
from leaderbored.solvers.budget import checkpoint

if TYPE_CHECKING:
    import sympy
else:
    sympy = late("sympy")

Way = tuple[int, ...]  # numbers of branches; below zero, that nothing of a group happens
Step = tuple[tuple[int, Way, int], ...]  # outcome so far, how it goes on, and what it becomes


class Together(NamedTuple):
    """What may happen together.

    Attributes
    ----------
    steps : tuple of Step
        How outcomes are put together, one group after the other.
    destination : (C, S) int array
        Where each outcome leads.
    """

    steps: tuple[Step, ...]
    destination: NDArray[np.int64]


def together(game: MarkovGame) -> Together:
    """What may happen together in a game.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovPlayer
    >>> up, down = Event({"w": "w + 1"}, chance="x"), Event({"w": "w - 1"}, chance="0.5")
    >>> firm = MarkovPlayer("firm", "w - x", {"x": (0, 1)}, events=[up, down])
    >>> game = MarkovGame([firm], 0.9, states={"w": (0, 2)}, time="discrete")
    >>> together(game).destination.tolist()  # nothing or both, down, and up
    [[0, 1, 2], [0, 0, 1], [1, 2, 2]]
    """
    every = _ways(game)
    grid = game.grid.astype(float)
    reached: list[NDArray[Any]] = [grid] if every else [game.place(grid)]
    steps = []
    for number, ways in enumerate(every):
        known: dict[bytes, int] = {}
        step: list[tuple[int, Way, int]] = []
        found: list[NDArray[Any]] = []
        for before, start in enumerate(reached):
            for way in ways:
                checkpoint()
                there: NDArray[Any] = destination(
                    game, [game.branches[b] for b in way if b >= 0], start
                )
                if number == len(every) - 1:  # states stop at the ends of their ranges at last
                    there = game.place(there)
                if known.setdefault(there.tobytes(), len(known)) == len(found):
                    found.append(there)
                step.append((before, way, known[there.tobytes()]))
        reached = found
        steps.append(tuple(step))
    return Together(tuple(steps), np.array(reached, dtype=np.int64).reshape(-1, game.size))


def chances(game: MarkovGame, steps: Sequence[Step]) -> list[sympy.Expr]:
    """Chances of what may happen together, or hazards; whoever picks from a list takes one action.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)}, events=[Event({"d": "1"}, chance="b")])
    >>> game = MarkovGame([lab], 0.9, states={"d": (0, 1)}, time="discrete")
    >>> chances(game, together(game).steps)
    [1 - choice_0, choice_0]
    """
    each = rates(game)
    none = [1 - sympy.Add(*(each[k] for k in group)) for group in game.groups]

    def factor(b: int) -> sympy.Expr:
        if b < 0:
            return none[~b]
        return each[game.branches[b].happening] * game.branches[b].weight

    found = [sympy.Integer(1)]
    for step in steps:
        terms = defaultdict(list)
        for before, way, after in step:
            terms[after].append(sympy.Mul(found[before], *map(factor, way)))
        found = [sympy.Add(*terms[after]) for after in range(len(terms))]
    return found


def rates(game: MarkovGame) -> list[sympy.Expr]:
    """Hazards or chances of events."""
    found = []
    for happening in game.happenings:
        text = happening.event.hazard or happening.event.chance or "0"
        found.append(game.readings.exact(text, happening.agent))
    return found


def _ways(game: MarkovGame) -> list[list[Way]]:
    """What may happen in one group after the other, or in several whose events are mixed up.

    In continuous time any event, alone.
    """
    ways_of = defaultdict(list)
    for b, branch in enumerate(game.branches):
        ways_of[branch.happening].append(b)
    if game.time == "continuous":
        return [[(b,) for b in range(len(game.branches))]]
    blocks: list[list[int]] = []
    last = -1
    for g in sorted(range(len(game.groups)), key=lambda g: game.groups[g][0]):
        if game.groups[g][0] > last:
            blocks.append([])
        blocks[-1].append(g)
        last = max(last, *game.groups[g])
    return [
        [*product(*([~g, *(b for k in game.groups[g] for b in ways_of[k])] for g in block))]
        for block in blocks
    ]
