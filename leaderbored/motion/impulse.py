r"""What one success sets off: impulse responses, and how far revenue lags behind capability.

From a law p of the leaderboard, a success of lab i moves it to :math:`p P_i`. The response of f
after t years is the difference that this makes to its expectation,
:math:`r(t) = (p P_i - p)\,e^{Qt} f`.
Its *lag* is when it comes on average, in present value,
:math:`\int t\,e^{-\rho t} r(t)\,dt / \int e^{-\rho t} r(t)\,dt` (the duration of Macaulay 1938),
exact by two solves with :math:`\rho - Q`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from leaderbored.games.markov import Array, Markov, States
from leaderbored.motion.lead import laws_over, opened
from leaderbored.race import signed_leads
from leaderbored.shown import Shown
from leaderbored.solvers import Solution
from leaderbored.solvers.markov.compiled import income
from leaderbored.solvers.markov.system import DIRECT_STATES
from leaderbored.solvers.numerics.linear import solve_linear
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.verdicts.law import Law

UNITS = {
    "capability": "rungs over the best rival",
    "rank": "places",
    "build": "share of compute",
    "sell": "share of compute",
    "revenue": "money a year",
    "value": "money",
}
NOTHING = 1e-12
AT_ONCE = 1e-6  # years


@dataclass(frozen=True, eq=False)
class Impulse(Shown):
    """What one success of a lab changes, on average.

    Attributes
    ----------
    name, lab : str
        Title of the race, and the lab that succeeds.
    start : str
        Where the leaderboard stood; empty for its long-run law.
    times : (T,) array
        Years from the success.
    response : dict of str to (T,) array
        Of the lab's capability, rank (negative is up), build, sell, revenue and value: the
        difference made, in the units of ``leaderbored.motion.impulse.UNITS``.
    before : dict of str to float
        Their means just before the success.
    lag : dict of str to (float or None)
        When each response comes on average, in present value; years. None where it adds up to
        nothing.
    """

    name: str
    lab: str
    start: str
    times: Array
    response: dict[str, Array]
    before: dict[str, float]
    lag: dict[str, float | None]

    @property
    def revenue_lag(self) -> float | None:
        """By how many years revenue comes later than capability; negative if earlier."""
        late, early = self.lag["revenue"], self.lag["capability"]
        return None if late is None or early is None else late - early

    @property
    def headline(self) -> str:
        """One sentence: what a success changes at once, and when the money comes."""
        revenue, build = (float(self.response[name][0]) for name in ("revenue", "build"))
        text = (
            f"A success of {self.lab} moves its revenue by {by(revenue)} at once and its "
            f"building by {by(100 * build)}% of its compute"
        )
        if self.revenue_lag is None:
            return text + "."
        if abs(self.revenue_lag) < AT_ONCE:
            return f"{text}; on average the money comes when the lead does."
        order = "later" if self.revenue_lag > 0 else "earlier"
        months = abs(12 * self.revenue_lag)
        return f"{text}; on average the money comes {months:.2g} months {order} than the lead."


def by(change: float) -> str:
    """A change in two digits; what is rounding is none.

    Examples
    --------
    >>> by(0.123), by(-0.004), by(-1e-17)
    ('+0.12', '-0.004', '0')
    """
    return f"{change:+.2g}" if abs(change) > NOTHING else "0"


@unthreaded
def impulse(
    solution: Solution,
    lab: str | None = None,
    start: str | None = None,
    years: float = 3.0,
    *,
    points: int = 121,
    equilibrium: int = 0,
) -> Impulse:
    """Compute the expected effect of one success of a lab over time, exactly.

    Parameters
    ----------
    solution : Solution
        Of a race of N labs and S states.
    lab : str, optional
        Who succeeds; the first lab by default.
    start : str, optional
        Where the leaderboard stands then, as "A ahead by 3" or "tied"; by default anywhere, by its
        long-run law.
    years : float, default 3
        How far; positive.
    points : int, default 121
        T, times at which it is told; at least 2.
    equilibrium : int, default 0
        Which of the solution's.

    Returns
    -------
    Impulse

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If there is no such lab, start or equilibrium, or a number is out of its range.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3, handicap=0.1), discount=0.1)
    >>> found = lb.impulse(lb.solve(race), "A", "tied")
    >>> found.response["capability"][0].item(), found.response["rank"][0].item()
    (1.0, -0.5)
    """
    race, chosen, law, state = opened(solution, start, years, equilibrium)
    game: Markov = chosen.game
    labs = [each.name for each in race.labs]
    who = lab or labs[0]
    if who not in labs:
        raise ValueError(f"lab: no lab {who}; known: {', '.join(labs)}")
    if points < 2:
        raise ValueError(f"points: {points}, expected 2 or more")
    i = labs.index(who)
    watched = {
        "capability": signed_leads(game.states)[:, i],
        "rank": ranks(game.states)[:, i],
        "build": chosen.build[i],
        "sell": 1 - chosen.build[i],
        "revenue": income(race, chosen)[i],
        "value": chosen.value[i],
    }
    before = law.weight if start is None else np.eye(1, len(law.weight), state).ravel()
    after = before @ game.jump[i]
    times = np.linspace(0, years, points)
    laws = [laws_over(law.generator, p, times) for p in (before, after)]
    lags = _lags(law, race.discount, after - before, np.column_stack(list(watched.values())))
    return Impulse(
        name=race.name,
        lab=who,
        start=start or "",
        times=times,
        response={name: (laws[1] - laws[0]) @ f for name, f in watched.items()},
        before={name: float(before @ f) for name, f in watched.items()},
        lag=dict(zip(watched, lags, strict=True)),
    )


def ranks(states: States) -> Array:
    """(S, N) rank of each lab, 1 for the leader; labs that are tied share the mean of theirs.

    Examples
    --------
    >>> ranks(np.array([[0, 0, 1], [2, 0, 3]])).tolist()
    [[1.5, 1.5, 3.0], [2.0, 1.0, 3.0]]
    """
    better = (states[:, None, :] < states[:, :, None]).sum(axis=2)
    equal = (states[:, None, :] == states[:, :, None]).sum(axis=2)
    return np.asarray(better + (equal + 1) / 2)


def _lags(law: Law, discount: float, change: Array, watched: Array) -> list[float | None]:
    """Of each column of ``watched`` (S, M), when its response comes on average."""
    matrix = (discount * sp.eye_array(len(change)) - law.generator).tocsr()
    direct = len(change) <= DIRECT_STATES
    once = solve_linear(matrix, watched, direct=direct)
    area, moment = change @ once, change @ solve_linear(matrix, once, direct=direct)
    reach = np.abs(change) @ np.abs(once)
    return [
        float(m / a) if abs(a) > NOTHING * r else None
        for m, a, r in zip(moment, area, reach, strict=True)
    ]
