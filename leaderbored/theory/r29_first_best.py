r"""R29. First best: in famine a planner's race is the labs' run, and its run is their race.

Prices clear. At given shares one more unit that lab i sells adds its price to welfare, the sum of
all labs' revenue and customers' surplus: so a planner sells what labs would that take prices as
given, and sells and builds apart from them by what a success is worth.

N equal labs, one of them g rungs ahead of all the others; :math:`0 < \theta < 1`; all sell all that
does not build, here and one success away; :math:`\rho / \lambda \to \infty`, as in R24. With
:math:`y = 1 / (N (\psi - 1))` sales to each customer unserved, a success of the leader is worth
:math:`\mu\beta K / \rho` times :math:`1 + \omega / y` to all, and one of a laggard

.. math:: C = 1 + \frac{1 - \omega}{y} + \chi \Big[ g + \frac{2 \omega - 1 + (1 - \omega) g}{y}
          \Big] ,

where to the labs themselves they are worth :math:`1 - \omega` and :math:`c = \omega + \chi (1 - 2
\omega + \omega g)` times that. So labs that take prices as given build too little at any openness,
leader and laggards, by these ratios to the power :math:`1 / (1 - \theta)`; labs that set quantities
undervalue sales besides, and without openness a leader may build too much. The pace ratio of the
planner tends to

.. math:: q(g) \to \Big[ \frac{(1 + \omega / y)\, p_F}{C\, p_L} \Big]^{\theta / (1 - \theta)}
          e^{(\eta + \phi) g / (1 - \theta)},

with :math:`p_F / \mu = B - \omega \beta g`, :math:`p_L / \mu = B + (1 - \omega) \beta g`,
:math:`B = a - \ln y`.

*Step by step, without flywheel and handicap,* its leads of g close iff the openness is below

.. math:: \omega^\circ(g) = \frac{B + \beta g - \sqrt{B^2 - \beta^2 g^2 (1 + 2 y)}}{2 \beta g}
          > 1/2

(at any openness where that is no number up to one). Labs close a lead iff the openness is above
:math:`\omega^* < 1/2` (R24). So where customers follow little of a lead, labs race and a planner
runs: what a leader alone can do helps few, and who is behind should catch up to make it common.
Where they follow nearly all, labs run and a planner races: one lab's advance serves all, and no
second is needed. Only in between do labs close leads that should be closed; and as famine deepens
both borders tend to one half. There :math:`q \to [\omega / (1 - \omega)]^{\theta / (1 - \theta)}`,
one over that of the labs.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.r22_clearing_window import a, beta, free_sales, g, omega, psi
from leaderbored.theory.r24_famine import chi, eta, phi
from leaderbored.theory.races import by_lead
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import N, rho, theta

B, y = sp.symbols("B y", positive=True)
DOMAIN = {
    B: (3.0, 6.0),
    y: (0.05, 0.5),
    beta: (0.1, 0.4),
    omega: (0.05, 0.95),
    g: (1, 3),
    theta: (0.2, 0.75),
    chi: (0.0, 1.0),
    eta: (0.0, 0.2),
    phi: (0.0, 0.2),
}
IMPATIENT = 1e5  # rho over what a success is worth to all, with lambda = 1
LEADER = 1 + omega / y
LAGGARD = 1 + (1 - omega) / y + chi * (g + (2 * omega - 1 + (1 - omega) * g) / y)


def prove() -> Derivation:
    """Prices as social worth, what a success adds, the pace, the border, and the mirror."""
    proof = Proof()
    _sales(proof)
    _worth(proof)
    power = theta / (1 - theta)
    lead, behind = B + (1 - omega) * beta * g, B - omega * beta * g
    log_pace = proof.step(
        "Hazards are as in R24, with prices in place of marginal revenue: p_L = mu (B + (1 - omega)"
        " beta g), p_F = mu (B - omega beta g). The logarithm of their ratio tends to:",
        power * sp.log(LEADER * behind / (LAGGARD * lead)) + (eta + phi) * g / (1 - theta),
    )
    own = omega + chi * (1 - 2 * omega + omega * g)
    ahead = proof.step(
        "Labs that take prices as given count 1 - omega and c of R24. The planner's leader builds "
        "with more than theirs, by a factor with the logarithm:",
        sp.log(LEADER / (1 - omega)) / (1 - theta),
    )
    chasing = proof.step("And its laggards, likewise:", sp.log(LAGGARD / own) / (1 - theta))
    proof.because(
        "Both factors exceed one.",
        "1 + omega / y > 1 - omega; and C - c is, without leapfrogging, 1 - omega + (1 - omega) / "
        "y > 0, and with it 1 + g + (omega + (1 - omega) g) / y less 1 - omega + omega g, which is "
        "omega + (1 - omega) g and what is over y; in chi it is linear",
    )
    openness = _border(proof, lead, behind)
    _mirror(proof)
    return proof.close(log_pace=log_pace, ahead=ahead, chasing=chasing, openness=openness)


def _sales(proof: Proof) -> None:
    """One more unit adds its price."""
    x_1, x_2, S_1, S_2, M, mu = sp.symbols("x_1 x_2 S_1 S_2 M mu", positive=True)
    left = M - S_1 - S_2
    price_1, price_2 = (mu * (x - sp.log(S / left)) for x, S in ((x_1, S_1), (x_2, S_2)))
    total = proof.step(
        "With S_0 = M - sum S unserved, labs earn sum S_i p_i, p_i = mu (x_i - ln(S_i / S_0)), and "
        "customers gain mu M ln(M / S_0) over going without. Of two labs, together:",
        S_1 * price_1 + S_2 * price_2 + mu * M * sp.log(M / left),
    )
    proof.lemma("One more unit of the first adds to that:", sp.diff(total, S_1), price_1)
    proof.because(
        "So it does with any number of labs, and at given shares a planner sells what labs do that "
        "take prices as given: all that has a price.",
        "the sum is mu (sum S_i x_i - sum S_i ln S_i - S_0 ln S_0 + M ln M), strictly concave in S",
    )


def _worth(proof: Proof) -> None:
    """What successes add to what all gain a year, all selling all."""
    K, S_0, F, G_1, d, A_0 = sp.symbols("K S_0 F G_1 d A_0", positive=True)
    customers = N * K + S_0
    outside = F - (1 - omega) * G_1
    gained = A_0 + N * K * beta * (1 - omega) * G_1 - K * beta * d + beta * customers * outside
    height = customers * F - K * d - S_0 * (1 - omega) * G_1
    proof.lemma(
        "Where all sell K, welfare over mu is sum K x_i and what does not move, and each of the M "
        "= N K + S_0 customers gains beta for each rung of the outside option, F - (1 - omega) G_1 "
        "high. With x_i = a + beta ((1 - omega) G_1 - d_i) and d the sum of all lags, it moves as:",
        gained,
        A_0 + beta * height,
    )
    lags = (N - 1) * g
    here = {d: lags, G_1: g}

    def added(after: dict[sp.Symbol, sp.Expr]) -> sp.Expr:
        return sp.expand(height.subs(after, simultaneous=True) - height.subs(here))

    proof.lemma(
        "A success of the leader, one rung of the frontier and of all the others' lags, adds in "
        "units of beta K, with y = K / S_0:",
        sp.expand(added({F: F + 1, d: lags + N - 1, G_1: g + 1}).subs(S_0, K / y) / K),
        (y + omega) / y,
    )
    closer = added({d: lags - 1, G_1: g - 1})
    leap = added({F: F + 1, d: lags - g + N - 1, G_1: sp.Integer(1)})
    proof.lemma(
        "One of a laggard, one rung up, or with probability chi a leap beyond the leader:",
        sp.expand(((1 - chi) * closer + chi * leap).subs(S_0, K / y) / K),
        LAGGARD,
    )
    proof.because(
        "As rho / lambda grows without bound the planner builds with next to nothing at these "
        "leaderboards, and rho times what a success is worth tends to mu beta K times these.",
        "values less what the outside option has gained are at most the largest of what all gain a "
        "year, over rho, and awards are in proportion to 1 / rho; so gains tend to zero, and with "
        "them shares, as prices are positive where all is sold",
    )


def _border(proof: Proof, lead: sp.Expr, behind: sp.Expr) -> sp.Expr:
    """Step by step: the openness at which the planner's pace is one."""
    catch = LAGGARD.subs(chi, 0)
    proof.because(
        "Step by step, without flywheel and handicap, its lead closes iff C p_L > (1 + omega / y) "
        "p_F.",
        "the exponent theta / (1 - theta) is positive",
    )
    tilt = sp.expand(y * (catch * lead - LEADER * behind))
    proof.lemma(
        "Times y the difference of the two sides is:",
        tilt,
        B * (1 - 2 * omega) + beta * g * (y + 1 - 2 * omega + 2 * omega**2),
    )
    roots = sp.solve(tilt, omega)
    root: sp.Expr = min(roots, key=lambda r: float(r.subs({B: 4, beta: 0.1, g: 1, y: 0.1})))
    form = (B + beta * g - sp.sqrt(B**2 - beta**2 * g**2 * (1 + 2 * y))) / (2 * beta * g)
    near = {B: (3.0, 6.0), beta: (0.1, 0.4), g: (1.0, 3.0), y: (0.05, 0.5)}
    proof.lemma("In the openness it is zero first at:", root, form, near)
    proof.because(
        "It is positive below, negative above, and that root is beyond 1/2; where it is no number "
        "up to one, the lead closes at any openness.",
        "the difference is a parabola in omega that opens upward, with its bottom at (B + beta g) /"
        " (2 beta g); where it has a root B exceeds beta g, so that it falls from 0 to 1; at 1/2 "
        "it is beta g (y + 1/2), positive; without a root it is positive everywhere",
    )
    return root


def _mirror(proof: Proof) -> None:
    """Extreme famine."""
    limit = sp.log(omega / (1 - omega)) * theta / (1 - theta)
    ratio = (LEADER / LAGGARD).subs(chi, 0)
    proof.step(
        "As famine deepens, y tends to zero and B grows without bound, p_F / p_L to one, and the "
        "ratio of what successes are worth to:",
        sp.limit(ratio, y, 0),
    )
    proof.step(
        "So step by step, without flywheel and handicap, the logarithm of the pace tends to this, "
        "less than which it is of labs (R24):",
        limit,
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Shares of the planner and of labs that take prices as given, both impatient."""
    at = _draw(rng)
    own, theirs = _shares(at)
    hazards = _hazards(at, own)
    worst = gap(hazards[0] / hazards[1], np.exp(closed("log_pace", at)))
    for k, name in enumerate(("ahead", "chasing")):
        worst = max(worst, gap(np.log(own[k] / theirs[k]), closed(name, at)))
    at = {**at, chi: 0.0, eta: 0.0, phi: 0.0, beta: 0.5 * at[beta] / at[g]}
    border = float(closed("openness", at))

    def tilted(openness: float) -> float:
        here = {**at, omega: openness}
        first, second, *_ = _hazards(here, _plan(here))
        return float(np.log(first / second))

    return max(worst, gap(float(brentq(tilted, 0.5, min(1.2 * border, 1.0))), border))


def _draw(rng: np.random.Generator) -> Sample:
    """A race in famine, anywhere in the domain of the statement."""
    at: Sample = {N: int(rng.integers(2, 4)), g: int(rng.integers(1, 4))}
    ranges = {a: (1.0, 4.0), beta: (0.1, 0.6), theta: (0.2, 0.75), omega: (0.05, 0.95)}
    ranges |= {eta: (0.0, 0.2), phi: (0.0, 0.2)}
    at |= {symbol: float(rng.uniform(*ends)) for symbol, ends in ranges.items()}
    at[chi] = float(rng.choice([0.0, 1.0, rng.uniform()]))
    furthest = at[a] - at[beta] * (at[g] + 1)
    famine = 1 + 1 / (at[N] * free_sales(furthest))
    at[psi] = float(famine * rng.uniform(1.02, 3.0))
    at[y] = 1 / (at[N] * (at[psi] - 1))
    return {**at, B: float(at[a] - np.log(at[y])), rho: IMPATIENT * (1 + 1 / at[y])}


def _race(at: Sample) -> lb.Race:
    market = lb.ClearingMarket(at[psi], at[beta], at[a], openness=at[omega], conduct="price-taking")
    technology = lb.Technology(1.0, at[theta], flywheel=at[phi], handicap=at[eta], leapfrog=at[chi])
    labs = tuple(lb.Lab(str(k), 1.0) for k in range(at[N]))
    return lb.Race(labs, market, technology, discount=at[rho], rungs=at[g] + 1)


def _plan(at: Sample) -> Array:
    """(N,) the planner's shares at the lead."""
    race = _race(at)
    return np.asarray(lb.planner(race).build[:, by_lead(race.markov())[at[g]]])


def _shares(at: Sample) -> tuple[Array, Array]:
    """(N,) shares of the planner and of the labs at the lead."""
    race = _race(at)
    here = by_lead(race.markov())[at[g]]
    return _plan(at), lb.solve(race).equilibria[0].build[:, here]


def _hazards(at: Sample, share: Array) -> Array:
    game = _race(at).markov()
    here = by_lead(game)[at[g]]
    return np.asarray(game.scale[:, here] * share ** at[theta])


RESULT = Result(
    id="R29",
    title="First best: the planner's race is the labs' run",
    statement="All sold out, rho/lambda -> infinity: a planner's q(g) -> [(1+omega/y) p_F/(C p_L)]"
    "^(theta/(1-theta)) e^((eta+phi) g/(1-theta)); step by step its leads close iff omega < (B+beta"
    " g-sqrt(B^2-beta^2 g^2 (1+2y)))/(2 beta g), beyond 1/2; labs' iff omega > omega* (R24), below "
    "1/2",
    assumptions=(
        "prices that clear; welfare is profits and customers' surplus; N equal labs, one g rungs "
        "ahead of the others, no drafting, theta < 1, below the cap",
        "all would sell all they have, here and one success away (R22 with room to spare)",
        "ahead, chasing: beside labs that take prices as given",
        "openness: step by step, no flywheel, no handicap",
        "B = a - ln y, y = 1/(N (psi - 1)), the price of compute at a tie, over mu",
    ),
    sources=(
        "Derived here; that logit demand in its entropy form is a sum of surplus: Anderson, de "
        "Palma and Thisse (1992), Discrete choice theory of product differentiation, MIT Press",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-5,
    samples=4,
)
