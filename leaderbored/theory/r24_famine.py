r"""R24. Famine: race or run where prices clear, everyone is sold out and little is built.

N equal labs, one of them g rungs ahead of all the others; :math:`0 < \theta < 1`; all sell all that
does not build, here and one success away. Let :math:`\rho / \lambda \to \infty`. Then nobody builds
much, values tend to revenue over :math:`\rho`, and the pace ratio, the leader's successes per unit
of compute over a laggard's, tends to

.. math:: q(g) \to \Big[ \frac{(1 - \omega)\, m_F}{c\, m_L} \Big]^{\theta / (1 - \theta)}
          e^{(\eta + \phi) g / (1 - \theta)}, \qquad c = \omega + \chi (1 - 2 \omega + \omega g),

with :math:`m_F / \mu = A - \omega \beta g`, :math:`m_L / \mu = A + (1 - \omega) \beta g`,
:math:`A = a - 1 - \ln y - y` and :math:`y = 1 / (N (\psi - 1))` (R22). Besides the headwind
:math:`m_L / m_F` it matters what a success adds: to a leader the part of a rung that the outside
option does not follow, to a laggard the part c.

*Step by step, without flywheel and handicap,* a lead of g closes iff the openness exceeds

.. math:: \omega^*(g) = \frac{A + \beta g - \sqrt{A^2 + \beta^2 g^2}}{2 \beta g} \in (0, 1/2),

which falls in g and rises in scarcity. So there is a run if :math:`\omega > \omega^*(1)`, at any
scarcity in famine if :math:`\omega \ge 1/2`; below, leads grow up to

.. math:: g^* = \frac{A\, (1 - 2 \omega)}{2 \omega (1 - \omega) \beta}

and close beyond it, and without openness they always grow. Shortage lengthens that lead: with
secrets it makes a race of a run. So do more labs, as the border tends to one half. *With
leapfrogging* (:math:`\chi = 1`) every lead closes.

*Any patience.* The limit is one of hazards that are small beside :math:`\rho`. At a given patience
it is that of every equilibrium as :math:`\psi \to \infty`, in extreme famine, and of some as
:math:`\beta \to 0`, where a rung is worth little. There :math:`m_F / m_L \to 1` besides. So then a
lead closes if :math:`\theta \ln (c / (1 - \omega)) > (\eta + \phi) g` and grows if less: step by
step, without flywheel and handicap, a run if the outside option follows more than half of a lead,
and a race if less.

*Some patience.* Of two labs step by step, without flywheel and handicap, the pace at a lead of one
is known to first order in what is built, with an error of the second: see :mod:`.patience`. At the
border, computed in 100,000 random cases, patience lowers it in all with A > 1 and in 99.9% of all:
a laggard that closes wins a tie besides, so that patient labs need less openness for a run.
The more labs the more so: at a scarcity of 3, a worth of 2 and a switching of 1, three rungs and
lambda = 1, the openness from which a lead of one over all others closes was computed to be .35,
.31, .26 and .22 of two to five labs at rho = .2, and .39 to .40 at rho = 2; in the limit it is .39,
.41, .42 and .42.

Labs that take prices as given: the same with :math:`A = a - \ln y`, but for the first order.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.patience import A, first_order, y
from leaderbored.theory.r22_clearing_window import a, beta, free_sales, g, omega, psi
from leaderbored.theory.races import by_lead
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import N, lam, rho, theta

chi, eta, phi = sp.symbols("chi eta phi", positive=True)
DOMAIN = {
    A: (1.5, 4.0),
    beta: (0.1, 0.4),
    omega: (0.05, 0.45),
    g: (1, 3),
    theta: (0.2, 0.75),
    chi: (0.0, 1.0),
    eta: (0.0, 0.2),
    phi: (0.0, 0.2),
    rho: (10.0, 50.0),
    lam: (0.5, 1.5),
    y: (0.05, 0.3),
}
IMPATIENT = 1e5  # rho, with lambda = 1
BUILT = 1e-4  # hazards over rho where the first order is looked at


def prove() -> Derivation:
    """Limits of shares and values, what a success adds, the pace, and the border."""
    proof = Proof()
    _limits(proof)
    lead, behind = sp.symbols("G_1 d", positive=True)
    worth = a + beta * ((1 - omega) * lead - behind)
    proof.step("A lab d rungs behind, a sole leader being G_1 ahead, is worth:", worth)
    ahead = proof.step(
        "A success of the leader adds to its worth:",
        sp.factor(worth.subs({lead: g + 1, behind: 0}) - worth.subs({lead: g, behind: 0})),
    )
    here = worth.subs({lead: g, behind: g})
    closing = worth.subs({lead: g - 1, behind: g - 1}) - here
    leaping = worth.subs({lead: 1, behind: 0}) - here
    part = omega + chi * (1 - 2 * omega + omega * g)
    proof.lemma(
        "One of a laggard g behind, one rung up or with probability chi a leap beyond the leader:",
        sp.expand((1 - chi) * closing + chi * leaping),
        beta * part,
    )
    D, m, rate = sp.symbols("D m lambda_i", positive=True)
    power = theta / (1 - theta)
    best = (theta * D * rate / m) ** (1 / (1 - theta))  # compute that builds
    proof.lemma(
        "A lab builds with the compute B at which the gain D from success times the slope of its "
        "hazard lambda_i B^theta is m:",
        sp.powsimp(sp.powdenest(D * rate * theta * best ** (theta - 1), force=True), force=True),
        m,
        {theta: (0.2, 0.7)},
    )
    proof.lemma(
        "There its hazard is:",
        sp.expand_log(sp.log(rate * best**theta), force=True),
        sp.expand_log(sp.log(rate) / (1 - theta) + power * sp.log(theta * D / m), force=True),
        {theta: (0.2, 0.7)},
    )
    leader, laggard = A + (1 - omega) * beta * g, A - omega * beta * g
    gains = ahead / beta / part
    log_pace = proof.step(
        "So with gains mu K times these over rho, m_L = mu (A + (1 - omega) beta g) and m_F = mu "
        "(A - omega beta g) by R22, hazards that a flywheel and a handicap multiply by e^{phi g} "
        "and e^{-eta g}, the logarithm of the ratio of the hazards tends to:",
        power * sp.log(gains * laggard / leader) + (eta + phi) * g / (1 - theta),
    )
    _patient(proof)
    openness, asymptote = _border(proof, leader, laggard)
    _leaps(proof, part)
    nearer = first_order(proof)
    return proof.close(log_pace=log_pace, openness=openness, asymptote=asymptote, patience=nearer)


def _limits(proof: Proof) -> None:
    """Nobody builds much, and values are revenue over rho."""
    proof.because(
        "As rho / lambda grows without bound all shares at these leaderboards tend to zero.",
        "values are at most the largest revenue over rho, so gains D tend to zero; a share that "
        "stays above some bound would have m = theta D lambda_i B^(theta-1) tend to zero, but "
        "where all is sold y_i is at most K_i over the customers less all compute, and m at least "
        "what it is where nobody builds and all is sold, which is positive",
    )
    proof.because(
        "So rho V_i tends to revenue where nobody builds, mu (x_i - ln y) K, and rho times a gain "
        "to mu K times what success adds to x_i.",
        "rho V_i is revenue and hazards times changes of V_i, which tend to zero; revenue is "
        "continuous in shares, and y is the same wherever all sell all",
    )


def _patient(proof: Proof) -> None:
    """The other ways in which hazards become small."""
    proof.because(
        "At a given rho some equilibrium has the same limit as beta tends to zero, the labs sold "
        "out at a tie with room to spare.",
        "let D be the largest change of any lab's value by any success. Shares are of the order "
        "of D^(1/(1-theta)), hazards of D^(theta/(1-theta)), and rho times the next D is at most "
        "differences of revenue, of the orders of beta and of shares, and hazards times D. So "
        "from values with D <= C beta, C large and beta small, replies lead to values with D <= "
        "C beta again; the stage has one equilibrium, which is continuous in values, and "
        "Brouwer's theorem gives one of the race among them. There rho times a gain over beta "
        "tends to mu K times a success's part of a rung",
    )
    proof.because(
        "And every equilibrium has it as psi grows without bound.",
        "m grows like mu ln psi at every leaderboard, and gains stay bounded: by selling all for "
        "ever a lab has, over rho, mu K (min x_i - ln y), and never more than with max x_i and "
        "y's value where nobody else sells, which tends to y in ratio; so shares tend to zero, and "
        "b m = theta D lambda_i B^theta / K does, so that revenue tends to what it is where nobody "
        "builds",
    )
    proof.because(
        "In both m_F / m_L tends to one, so that the sign of the logarithm of the pace tends to "
        "that of theta ln((1 - omega) / c) + (eta + phi) g, if that is not zero.",
        "m_F and m_L differ by mu beta g, and m_L grows or beta vanishes",
    )


def _border(proof: Proof, leader: sp.Expr, laggard: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Step by step: the openness and the lead at which the pace is one."""
    proof.because(
        "Step by step (chi = 0), without flywheel and handicap, a lead closes iff omega m_L > (1 - "
        "omega) m_F.",
        "the exponent theta / (1 - theta) is positive",
    )
    tilt = sp.expand(omega * leader - (1 - omega) * laggard)
    proof.lemma(
        "The difference of the two sides is:",
        tilt,
        2 * omega * (1 - omega) * beta * g - (1 - 2 * omega) * A,
    )
    root = proof.step(
        "In the openness it is zero at the root below one:",
        min(sp.solve(tilt, omega), key=lambda r: float(r.subs({A: 1, beta: 1, g: 1}))),
    )
    proof.because(
        "It is the one root from 0 to 1, lies below 1/2, falls in g and rises in A.",
        "the difference is - A < 0 at 0 and beta g / 2 > 0 at 1/2, and rises in omega between the "
        "two, where it rises in g and falls in A; beyond 1/2 it is positive, as both its terms are",
    )
    asymptote = proof.step(
        "And for openness below 1/2 it is zero, rising, at the lead:", sp.solve(tilt, g)[0]
    )
    proof.because(
        "Shortage raises both, and so do more labs; the border tends to 1/2.",
        "A rises in psi and N without bound, as y falls to zero and ln y + y rises in y",
    )
    return root, asymptote


def _leaps(proof: Proof, part: sp.Expr) -> None:
    proof.step(
        "With leapfrogging (chi = 1) the laggard's part c exceeds the leader's 1 - omega by:",
        sp.expand(part.subs(chi, 1) - (1 - omega)),
    )
    proof.because(
        "So then every lead closes, without flywheel and handicap.",
        "q is the power of a product of (1 - omega) / c <= 1 and m_F / m_L < 1",
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Pace of the solvers' equilibrium of impatient labs; where it is one."""
    at = _draw(rng)
    worst = gap(_pace(at), np.exp(closed("log_pace", at)))
    small = {
        **at,
        beta: 1e-6,
        theta: float(rng.uniform(0.6, 0.75)),
        rho: float(rng.uniform(0.2, 1)),
    }
    small[psi] = _famine(small) * float(rng.uniform(1.5, 3.0))
    small[A] = _earns(small)
    worst = max(worst, gap(_pace(small), np.exp(closed("log_pace", small))))
    at = {**at, chi: 0.0, eta: 0.0, phi: 0.0}
    border = abs(closed("openness", at))
    found = float(
        brentq(lambda w: _pace({**at, omega: w}) - 1, 0.7 * border, min(1.3 * border, 0.5))
    )
    worst = max(worst, gap(found, closed("openness", at)), _patiently(closed, rng))
    return max(worst, gap(closed("asymptote", {**at, omega: found}), at[g]))


def _patiently(closed: Formulas, rng: np.random.Generator) -> float:
    """Pace at a lead of one of labs that build so much that the limit is off by tenths of it."""
    at = {**_draw(rng), N: 2, g: 1, chi: 0.0, eta: 0.0, phi: 0.0, lam: 1.0}
    at[psi] = _famine({**at, g: 2}) * float(rng.uniform(1.02, 3.0))
    at |= {A: _earns(at), y: 1 / (2 * (at[psi] - 1))}
    power = at[theta] / (1 - at[theta])
    quick = (at[theta] * at[beta] * max(at[omega], 1 - at[omega]) / at[A]) ** power
    at[rho] = float((quick / BUILT) ** (1 - at[theta]))  # hazards over rho are next to this
    return gap(_pace(at, further=2), np.exp(closed("patience", at)))


def _draw(rng: np.random.Generator) -> Sample:
    """A race in famine, anywhere in the domain of the statement."""
    at: Sample = {N: int(rng.integers(2, 4)), g: int(rng.integers(1, 4))}
    ranges = {a: (-1.0, 4.0), beta: (0.1, 1.2), theta: (0.2, 0.75), omega: (0.01, 0.95)}
    ranges |= {eta: (0.0, 0.2), phi: (0.0, 0.2)}
    at |= {symbol: float(rng.uniform(*ends)) for symbol, ends in ranges.items()}
    at[chi] = float(rng.choice([0.0, 1.0, rng.uniform()]))
    at[psi] = _famine(at) * float(rng.uniform(1.02, 3.0))
    return {**at, A: _earns(at), rho: IMPATIENT}


def _earns(at: Sample) -> float:
    """A, what one more unit earns at a tie."""
    y = 1 / (at[N] * (at[psi] - 1))
    return float(at[a] - 1 - np.log(y) - y)


def _famine(at: Sample) -> float:
    """A scarcity at which all sell all, here and one success away."""
    furthest = at[a] - at[beta] * (at[g] + 1)
    return float(1 + 1 / (at[N] * free_sales(furthest)))


def _pace(at: Sample, further: int = 1) -> float:
    market = lb.ClearingMarket(
        at[psi], switching=at[beta], worth=at[a], openness=min(max(at[omega], 0.0), 1.0)
    )
    technology = lb.Technology(1.0, at[theta], flywheel=at[phi], handicap=at[eta], leapfrog=at[chi])
    labs = tuple(lb.Lab(str(k), 1.0) for k in range(at[N]))
    race = lb.Race(labs, market, technology, discount=at[rho], rungs=at[g] + further)
    game = race.markov()
    hazard = game.hazard(lb.solve(race).equilibria[0].build)[:, by_lead(game)[at[g]]]
    return float(hazard[0] / hazard[1])


RESULT = Result(
    id="R24",
    title="Famine: the border between race and run",
    statement="All sold out, rho/lambda -> infinity or psi -> infinity: q(g) -> [(1-omega) m_F/"
    "(c m_L)]^(theta/(1-theta)) e^((eta+phi) g/(1-theta)); step by step a lead closes iff omega > "
    "(A+beta g-sqrt(A^2+beta^2 g^2))/(2 beta g)",
    assumptions=(
        "prices that clear, labs that set quantities; N equal labs, one g rungs ahead of the "
        "others, no drafting, theta < 1, below the cap, money that does not grow",
        "all would sell all they have, here and one success away (R22 with room to spare)",
        "openness, asymptote: step by step, no flywheel, no handicap",
        "patience: the same, two labs, a lead of one, two rungs or more below the cap, K = 1",
        "A = a - 1 - ln y - y, y = 1/(N (psi - 1)), what compute at a tie earns, over mu",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-5,
    samples=4,
)
