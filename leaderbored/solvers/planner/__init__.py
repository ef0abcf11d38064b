r"""One who decides for all labs: the best that could be done in the same game.

With all shares and sales in one hand the game becomes a control problem on the leaderboards. It is
solved by Howard's policy iteration (Dynamic Programming and Markov Processes, 1960): a policy has a
value, by one linear solve; given it a success of lab i is worth

.. math:: D_i = P_i W - W + A_i

to all together, with :math:`A_i` what it is worth at once; and in each state shares and sales are
chosen that are best at these worths, see :mod:`.joint`. Values rise from round to round. Where
money grows with the frontier :math:`P_i W` is in the money of now, as for labs. What the answer is
worth is said apart from all this by :mod:`.certificate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import checkpoint
from leaderbored.solvers.markov.system import DIRECT_STATES, System
from leaderbored.solvers.numerics.linear import solve_linear
from leaderbored.solvers.planner.joint import Choice, best, held
from leaderbored.solvers.planner.task import Aim, Task, advances, rises, rung, task_of

__all__ = [
    "Aim",
    "Choice",
    "Plan",
    "Task",
    "advances",
    "discounted",
    "held",
    "plan",
    "rises",
    "rung",
    "task_of",
    "worth",
]

ROUNDS = 500
SAME = 1e-14  # relative rise of the values that is none


@dataclass(frozen=True, eq=False)
class Plan:
    """What one who decides for all does.

    Attributes
    ----------
    choice : Choice
        In every state.
    value : (S,) array
        Of what is aimed at, from each state on; money.
    rounds : int
        Of policy iteration; 0 if it did not settle.
    """

    choice: Choice
    value: Array
    rounds: int


def plan(task: Task) -> Plan:
    """The best policy.

    Parameters
    ----------
    task : Task

    Returns
    -------
    Plan

    Examples
    --------
    Two labs on a flat ladder sell for 1 a year each; a cartel of them never builds:

    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1.0]),
    ...                lb.Technology(1), discount=0.1, rungs=1)
    >>> plan(task_of(race, "profits")).value.round(9).tolist()
    [20.0, 20.0, 20.0]
    """
    system = System(task.game)
    choice = best(task.game, np.zeros_like(task.award), 0.0, task.customers)
    value = worth(system, task, choice)
    for k in range(1, ROUNDS + 1):
        checkpoint()
        scale = float(np.abs(value).max())
        better = best(task.game, gains(task, value), scale, task.customers)
        risen = worth(system, task, better)
        if float((risen - value).max()) <= SAME * max(scale, float(np.abs(risen).max())):
            return Plan(choice, value, k) if k > 1 else Plan(better, risen, k)
        choice, value = better, risen
    return Plan(choice, value, 0)


def gains(task: Task, value: Array) -> Array:
    """(N, S) what a success of each is worth to all together."""
    return np.array([after @ value - value for after in task.game.worth_after]) + task.award


def worth(system: System, task: Task, choice: Choice) -> Array:
    """(S,) what is aimed at, of a policy."""
    hazard = task.game.hazard(choice.build)
    flow = choice.earned.sum(axis=0) + task.customers * choice.served
    return discounted(system, hazard, flow + (hazard * task.award).sum(axis=0))


def discounted(system: System, hazard: Array, flow: Array) -> Array:
    """(S,) or (S, M) present values of flows while successes come at given hazards (N, S)."""
    direct = system.by_factors or system.size <= DIRECT_STATES
    return solve_linear(system.matrix(hazard), flow, direct=direct)
