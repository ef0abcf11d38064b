r"""Choice probabilities under private shocks in balls: which actions are best, and how often.

Who learns a shock to the payoff of every action before it picks takes action a with the probability

.. math:: P_a(u) = \int \phi(t) \prod_{b \neq a} \Phi(t + u_a - u_b)\, dt

if shocks are normal, u in units of their size. Integrals of this kind are sums over equidistant
points t but for an error that is bounded by the integrand on the lines of imaginary part
:math:`\pm` :data:`STRIP` (Trefethen and Weideman, SIAM Review 56, 2014, theorem 5.1), where
:math:`|\phi(t + iy)| = \phi(t) e^{y^2/2}` and
:math:`|\Phi(t + iy)| \le 1 + y e^{y^2/2} / \sqrt{2 \pi}`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from flint import arb

from leaderbored.games.stochastic.players import ONE_ACTION
from leaderbored.solvers.numerics.krawczyk import UnprovedError
from leaderbored.solvers.stochastic.stage import Stage
from leaderbored.solvers.stochastic.tabled import Noise, Tabled

STEP, FAR = 8, 14  # points of a sum by a unit of t, and how far it reaches either way
STRIP = 3.0
ONE = "private shocks to one of more than two actions are not enclosed in balls"


class Responses(NamedTuple):
    """What is chosen at payoffs of k actions.

    Attributes
    ----------
    worth : arb
        Expected payoff of the best action, with its shock.
    odds : list of k arb
    slopes : list of k lists of k arb
        Derivative of each probability in each payoff.
    """

    worth: Any
    odds: list[Any]
    slopes: list[list[Any]]


def responses(law: str, payoffs: list[Any], sizes: list[Any]) -> Responses:
    """What is chosen at payoffs, under shocks with mean zero.

    Parameters
    ----------
    law : "extreme value", "normal", "uniform" or "exponential"
    payoffs : list of k arb
        At least one.
    sizes : list of k arb
        Of the shocks: of the first two laws all alike, of the others one is not zero.

    Raises
    ------
    UnprovedError
        If one of more than two actions alone has a shock, which makes no other payoffs smooth, or
        actions with normal shocks are too many.

    Examples
    --------
    >>> found = responses("extreme value", [arb(3).log(), arb(0)], [arb(1)] * 2)
    >>> [round(float(p), 12) for p in found.odds], bool(found.worth.contains(arb(4).log()))
    ([0.75, 0.25], True)
    >>> even = responses("normal", [arb(1)] * 3, [arb(2)] * 3)
    >>> most = 1 + 3 / arb.pi().sqrt()  # the largest of three is 3 / 2 / sqrt(pi) on average
    >>> bool(even.odds[0].contains(arb(1) / 3)), bool(even.worth.contains(most))
    (True, True)
    >>> even = responses("uniform", [arb(1), arb(1)], [arb(2), arb(0)])
    >>> float(even.odds[0]), float(even.worth)
    (0.5, 1.5)
    """
    if len(payoffs) == 1:
        return Responses(payoffs[0], [arb(1)], [[arb(0)]])
    if law in ONE_ACTION:
        return _of_one(law, payoffs, sizes)
    size = max(sizes, key=float)
    apart = [[(a - b) / size for b in payoffs] for a in payoffs]
    return (_logit if law == "extreme value" else _normal)(payoffs, apart, size)


def _of_one(law: str, payoffs: list[Any], sizes: list[Any]) -> Responses:
    """Where one of two actions has a shock: taken if that is above what the other pays more."""
    if len(payoffs) > 2:
        raise UnprovedError(ONE)
    own = 0 if sizes[0] > 0 else 1
    size, gap = sizes[own], payoffs[own] - payoffs[1 - own]
    here = gap.min(size)  # from there on it is always taken
    if law == "uniform":
        here = here.max(-size)
        p, slope, more = (size + here) / (2 * size), 1 / (2 * size), (size + here) ** 2 / (4 * size)
        inner, outer = gap > -size and gap < size, gap < -size or gap > size
    else:
        p = (here / size - 1).exp()
        slope, more, inner, outer = p / size, size * p, gap < size, gap > size
    slope = slope if inner else arb(0) if outer else arb(0).union(slope)
    odds = [p, 1 - p] if own == 0 else [1 - p, p]
    worth = payoffs[1 - own] + more + (gap - size).max(arb(0))
    return Responses(worth, odds, [[slope, -slope], [-slope, slope]])


def _logit(payoffs: list[Any], apart: list[list[Any]], size: Any) -> Responses:
    odds = [1 / sum(((-gap).exp() for gap in row), arb(0)) for row in apart]
    slopes = [
        [(p * (1 - q) if a == b else -p * q) / size for b, q in enumerate(odds)]
        for a, p in enumerate(odds)
    ]
    best = max(range(len(odds)), key=lambda a: float(odds[a]))
    return Responses(payoffs[best] - size * odds[best].log(), odds, slopes)


def _normal(payoffs: list[Any], apart: list[list[Any]], size: Any) -> Responses:
    """By parts, the shock that is met is the sum of how often two actions are best together."""
    count = range(len(payoffs))
    odds, ties = _of_two(apart) if len(payoffs) == 2 else _of_many(apart)
    met = sum((ties[a][b] for a in count for b in count), arb(0))
    slopes = [[-tie / size for tie in row] for row in ties]
    for a in count:
        slopes[a][a] = sum(ties[a], arb(0)) / size
    worth = sum((p * u for p, u in zip(odds, payoffs, strict=True)), arb(0)) + size * met
    return Responses(worth, odds, slopes)


def _of_two(apart: list[list[Any]]) -> tuple[list[Any], list[list[Any]]]:
    """Probabilities, and the densities at which two actions are best together."""
    gap = apart[0][1]
    tie = (-(gap**2) / 4).exp() / (2 * arb.pi().sqrt())
    return [(-side / 2).erfc() / 2 for side in (gap, -gap)], [[arb(0), tie], [tie, arb(0)]]


def _of_many(apart: list[list[Any]]) -> tuple[list[Any], list[list[Any]]]:
    """The same by sums."""
    size = len(apart)
    error, count = _error(size), range(size)
    odds, ties = [arb(0)] * size, [[arb(0)] * size for _ in count]
    for k in range(-FAR * STEP, FAR * STEP + 1):
        t = arb(k) / STEP
        weight = _density(t) / STEP
        for a in count:
            below = [None if b == a else _below(t + apart[a][b]) for b in count]
            odds[a] += weight * _product(below)
            for b in count:
                if b > a:  # as likely from either side
                    rest = _product([other for c, other in enumerate(below) if c != b])
                    ties[a][b] += weight * rest * _density(t + apart[a][b])
    for a in count:
        odds[a] += arb(0, error)
        for b in count:
            ties[a][b] = ties[a][b] + arb(0, error) if b > a else ties[b][a]
    return odds, ties


def _error(actions: int) -> Any:
    """More than the sum is away from the integral, and than what lies beyond its ends."""
    y = arb(STRIP)
    high = (y**2 / 2).exp()
    most = high * (1 + y * high / (2 * arb.pi()).sqrt()) ** (actions - 1)
    apart = 2 * most / ((2 * arb.pi() * y * STEP).exp() - 1)
    error = (apart + 4 * _below(arb(-FAR)) + 4 * _density(arb(FAR))).upper()
    if not error < 1e-12:
        raise UnprovedError("normal shocks to so many actions are not enclosed in balls")
    return error


def _density(t: Any) -> Any:
    return (-(t**2) / 2).exp() / (2 * arb.pi()).sqrt()


def _below(t: Any) -> Any:
    return (-t / arb(2).sqrt()).erfc() / 2


def _product(factors: list[Any]) -> Any:
    found = arb(1)
    for factor in factors:
        found = found if factor is None else found * factor
    return found


def shaken(stage: Stage) -> dict[int, Noise]:
    """Private shocks by agent, with what is allowed in states in which some action has any.

    Examples
    --------
    >>> from leaderbored.games.stochastic import MarkovGame, MarkovPlayer
    >>> from leaderbored.solvers.stochastic.tabled import stage_of
    >>> player = MarkovPlayer("A", "a", actions=("a", "b"), shocks=1.5)
    >>> shaken(stage_of(MarkovGame([player], 0.5, time="discrete")))[0].sizes.ravel().tolist()
    [1.5, 1.5]
    """
    if not isinstance(stage, Tabled):
        return {}
    return {
        i: noise._replace(may=noise.may & (noise.may * noise.sizes > 0).any(axis=0))
        for i, noise in stage.noise.items()
    }
