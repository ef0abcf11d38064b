"""Where no equilibrium in pure strategies is found: mixed ones, or what is close to an equilibrium.

An epsilon-equilibrium is a profile from which no player gains more than epsilon. It is shown as
such, never as an equilibrium.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from typing import NamedTuple

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.budget import Budget, StoppedError
from leaderbored.solvers.continuous.certificate import gain, regret
from leaderbored.solvers.continuous.laws import Law, gains
from leaderbored.solvers.continuous.method import ContinuousMethod
from leaderbored.solvers.continuous.mixed import mixed, unmixed
from leaderbored.solvers.continuous.mixed_proof import prove_mixed, sharpened
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.proof import NOT_ASKED, unproved
from leaderbored.solvers.solution import StaticEquilibrium, Status
from leaderbored.text import at_most

NONE_PURE = "no equilibrium in pure strategies was found"
ROUNDING = 1e-15  # of payoffs: what a player gains that is a last digit away from a jump
SHARP = 1e-14  # regret below which laws are compared by nothing else than how they were found
HAIR = 1e-9  # of a strategy's size, which the digits that are shown leave out
NEAR_ONE = "it is no equilibrium, but near one"
EPSILON = "what is shown is an epsilon-equilibrium"


class Unattained(NamedTuple):
    """Strategies (n,) from which some player gains, or one player has no best reply."""

    x: Array
    whose: str


class Answer(NamedTuple):
    """What was found in place of an equilibrium in pure strategies, and what to say of it."""

    equilibrium: StaticEquilibrium
    status: Status


def nearest(
    program: Program, method: ContinuousMethod, pure: Sequence[Unattained], budget: Budget
) -> Answer | None:
    """A mixed equilibrium, or the epsilon-equilibrium of least regret; None if all are too large.

    Parameters
    ----------
    program : Program
    method : ContinuousMethod
        ``approximate`` is the largest regret of an epsilon-equilibrium.
    pure : sequence of Unattained
        Profiles that may be close to an equilibrium.
    budget : Budget

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player("A", {"x": [0, 1]}, "(x - y)**2"),
    ...                       Player("B", {"y": [0, 1]}, "-(x - y)**2")])
    >>> found = nearest(Program(game), ContinuousMethod(), [], Budget(None))
    >>> found.status.code, found.equilibrium.weights["A"].round(9).tolist()
    ('converged', [0.5, 0.5])
    """
    found = list[Answer]()
    try:
        found += [_pure(program, one) for one in pure]
        nearly = any(one.equilibrium.regret <= method.tolerance for one in found)
        if not unmixed(program) and not nearly:
            for rough in mixed(program, method.tolerance, budget):
                every = [*sharpened(program, rough), rough]
                tried = [_mixed(program, method, laws) for laws in every]
                found.append(min(tried, key=lambda one: max(one.equilibrium.regret, SHARP)))
                if found[-1].equilibrium.regret <= method.tolerance:
                    break
    except StoppedError:
        pass
    fit = [one for one in found if one.equilibrium.regret <= method.approximate]
    level = method.tolerance  # below it, what pays more

    def order(one: Answer) -> tuple[float, float]:
        return max(one.equilibrium.regret, level), -float(one.equilibrium.payoffs.sum())

    best = min(fit, key=order, default=None)
    return best and _proved(program, best)


def tried_besides(program: Program, method: ContinuousMethod) -> str:
    """What else was tried where nothing was found, or why not.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> alone = Program(lb.Continuous([Player("A", {"x": [0, 1]}, "x")]))
    >>> tried_besides(alone, ContinuousMethod())
    'one player gains nothing by mixing'
    """
    least = f"no epsilon-equilibrium has a regret below {method.approximate:g}"
    return unmixed(program) or f"mixed strategies were searched, and {least}"


def none_found(program: Program, method: ContinuousMethod, points: int) -> Status:
    """That there is nothing to show, where so many points meet the first-order conditions.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> alone = Program(lb.Continuous([Player("A", {"x": [0, 1]}, "x")]))
    >>> none_found(alone, ContinuousMethod(), 0).message
    'no point meets the first-order conditions'
    """
    besides = tried_besides(program, method)
    if points:
        which = "the point that meets the first-order conditions is no"
        if points > 1:
            which = f"none of {points} points that meet the first-order conditions is an"
        message = f"{which} equilibrium: some player gains by a jump"
        return Status("not converged", message, besides)
    return Status(
        "not converged",
        "no point meets the first-order conditions",
        f"{besides}; check that payoffs bend down and are continuous, bound the strategies, "
        "or give start=",
    )


def nearly_equal(program: Program, x: Array) -> str:
    """What digits do not show: strategies that differ by a hair, as those of who undercuts do.

    Parameters
    ----------
    program : Program
    x : (n,) array

    Returns
    -------
    str
        To be added to a sentence; empty if there are none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> firms = [lb.Player(name, {"p": [0, 1]}, "p if p < sum(p) / 2 else 0") for name in "AB"]
    >>> nearly_equal(Program(lb.Continuous(firms)), np.array([0.5 - 2**-40, 0.5]))
    '; p of A is below p of B by 9.1e-13'
    """
    names = [
        f"{strategy} of {group.name}"
        for group in program.groups
        for strategy in group.player.strategies
    ]
    gaps = [
        (names[low], names[high], x[high] - x[low])
        for low, high in permutations(range(program.n), 2)
        if 0 < x[high] - x[low] <= HAIR * (1 + abs(x[high]))
    ]
    return "".join(f"; {low} is below {high} by {gap:.1e}" for low, high, gap in gaps)


def _pure(program: Program, near: Unattained) -> Answer:
    least = regret(program, near.x)
    payoffs = program.payoffs(near.x)
    reason, epsilon = NONE_PURE, gain(program, near.x)
    if near.whose:
        reason = (
            f"{near.whose} has no best reply, for its payoff rises up to a jump and drops there"
        )
        epsilon = np.maximum(epsilon, ROUNDING * np.maximum(np.abs(payoffs), np.abs(payoffs).max()))
    bound = f"from which no player gains more than {at_most(epsilon.max(), 2)}"
    bound += nearly_equal(program, near.x)
    equilibrium = StaticEquilibrium(
        strategies={
            group.name: near.x[mine]
            for group, mine in zip(program.groups, program.own, strict=True)
        },
        payoffs=payoffs,
        regret=float(least.max()),
        stable=None,
        method="direct search",
        epsilon=epsilon,
        proof=unproved(NEAR_ONE),
    )
    return Answer(equilibrium, Status("approximate", f"{reason}; {EPSILON} {bound}"))


def _mixed(program: Program, method: ContinuousMethod, laws: list[Law]) -> Answer:
    found = gains(program, laws)
    worst = float(found.regret.max())
    names = [group.name for group in program.groups]
    exact = worst <= method.tolerance and not any(program.code.breaks)
    looked = (
        f"by any of {found.searched:,} strategies that were tried on its payoff function, "
        "or next to the best of them"
    )
    if exact:
        status = Status(
            "converged", f"{NONE_PURE}, but one in mixed strategies; none gains {looked}"
        )
    else:
        most, share = at_most(found.gain.max(), 2), at_most(worst, 2)
        bound = f"no player gains more than {most} ({share} of the range of its "
        status = Status(
            "approximate",
            f"{NONE_PURE}; {EPSILON} in mixed strategies: {bound}payoffs) {looked}",
        )
    equilibrium = StaticEquilibrium(
        strategies={name: law.points for name, law in zip(names, laws, strict=True)},
        payoffs=found.payoffs,
        regret=worst,
        stable=None,
        method="mixed strategies",
        weights={name: law.weights for name, law in zip(names, laws, strict=True)},
        epsilon=None if exact else found.gain,
        proof=NOT_ASKED if exact else unproved(NEAR_ONE),
    )
    return Answer(equilibrium, status)


def _proved(program: Program, answer: Answer) -> Answer:
    """The same with its proof, if it is an equilibrium in mixed strategies."""
    found = answer.equilibrium
    if found.weights is None or found.epsilon is not None:
        return answer
    laws = [Law(found.strategies[name], found.weights[name]) for name in found.weights]
    return answer._replace(equilibrium=replace(found, proof=prove_mixed(program, laws)))
