r"""R30. What charges, subsidies and bounds do to a run, and what is left of the rents of leading.

*A charge t on each unit of compute that builds*, on the ladder of R5. Since :math:`(1 - b) r_g - t
b = (1 - b)(r_g + t) - t`, every lab plays as on the ladder :math:`r_g + t`, and pays t for ever. So
leads limit themselves if :math:`r + t` is log-concave in the lead (R6): the criterion bends from
log-concavity, where building costs sales alone, to concavity as :math:`t \to \infty`, where it
costs money alone. On a log-linear ladder, where leads are neutral, a charge makes a race and a
subsidy (t below zero, :math:`r_0 + t > 0`) a run. A subsidy s on each unit sold is the same as a
charge: a tax on sales is one on training turned round. A tax on revenue, in proportion, moves no
share at all.

*Linear hazard, N equal labs of one unit, all reached by partial chase* (R9): a subsidy s of what
laggards sell and a charge t on what builds leave the rotation

.. math:: \Lambda = \lambda \frac{r_1 - f - s}{f + s + t} - \rho .

Both slow it. A laggard is worth :math:`(f + s) / \rho` and a leader :math:`(f + s + t) / \lambda`
more, whatever leaders earn and however many labs there are: of the premium :math:`r_1 - f` that is
contested all is lost in building but :math:`\rho f / \lambda` (s = t = 0).

*A planner* who multiplies by :math:`e^\nu` with each rung what frontier tokens are worth, as in
R18, builds at the pace :math:`\lambda N - \rho / \nu`. Labs can be brought to that pace iff
:math:`\lambda \nu \le \rho \le \lambda N \nu`, by the subsidy of laggards' sales

.. math:: s = \frac{r_1}{N + 1 + (\rho / \lambda)(1 - 1 / \nu)} - f .

More patient planners want more than all laggards flat out.

*A bound on the compute of a lab*, all laggards flat out: the frontier moves at
:math:`\lambda K (1 - H)` (R12), which rises in each lab's compute, at the rate
:math:`\lambda (1 - 2 k_i + H) \ge \lambda (1 - k_i)^2`. So no bound hastens it, as long as the same
labs race.

*Leases* at a rent that is bid up to :math:`r_1 - \tau`, what a leader makes of a unit less the
friction: nobody builds iff :math:`\tau \le r_1 \rho / (\lambda + \rho)`.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import sympy as sp
from scipy import sparse
from scipy.optimize import brentq

from leaderbored.games.markov import Array
from leaderbored.solvers.markov.certificate import regret
from leaderbored.solvers.markov.system import System
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.ladder import climb
from leaderbored.theory.r06_log_concavity import r_here, r_next
from leaderbored.theory.r12_league_table import RESULT as LEAGUE_TABLE
from leaderbored.theory.r12_league_table import m_1, m_2, m_3
from leaderbored.theory.races import by_lead, ladder_race, laggards_and_leader
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import N, f, gamma, lam, r_1, rho
from leaderbored.verdicts.law import stationary

s, t = sp.symbols("s t", real=True)
nu = sp.Symbol("nu", positive=True)
K_1, K_2, K_3 = COMPUTE = sp.symbols("K_1:4", positive=True)
DOMAIN = {
    N: (2, 4),
    lam: (0.5, 3.0),
    rho: (0.05, 0.5),
    f: (0.5, 2.0),
    s: (-0.1, 0.2),
    t: (-0.1, 0.3),
    **dict.fromkeys(COMPUTE, (0.3, 2.0)),
}
RUNGS = 40  # after which a cap is not felt
NEAR = 1e-4  # either side of a boundary


def prove() -> Derivation:
    """The charge as a ladder, rotation and rents, the planner's pace, bounds and leases."""
    proof = Proof()
    neutral = _charge(proof)
    rotation, laggard, leader = _chase(proof)
    plain = {s: 0, t: 0}
    proof.because(
        "So leaders' revenue r_1 raises rotation and nobody's value, and neither does N.",
        "neither value knows r_1 or N",
    )
    earned = r_1 + (N - 1) * f - f * rotation.subs(plain) / lam
    kept = proof.step(
        "The rivals' hazard Lambda takes Lambda / lambda units of compute from their sales. "
        "Without charges all labs together earn a year:",
        sp.expand(sp.simplify(earned)),
    )
    proof.lemma(
        "Had nobody built at the same leaderboards: r_1 - f - rho f / lambda more.",
        r_1 + (N - 1) * f - kept,
        r_1 - f - rho * f / lam,
    )
    subsidy = _planner(proof, rotation)
    bound = _bound(proof)
    tau = sp.Symbol("tau", positive=True)
    proof.because(
        "Leases. If a laggard's unit can be let at r_1 - tau, that is what it forgoes by building.",
        "many laggards let to one leader, who makes r_1 - tau of a unit and bids up to it",
    )
    chase = rotation.subs(plain).subs(f, r_1 - tau)
    friction = proof.step(
        "Rotation is then the first expression, with r_1 - tau for f, which is zero at the second; "
        "it rises in tau.",
        sp.simplify(chase),
        sp.solve(sp.numer(sp.together(chase)), tau)[0],
    )
    return proof.close(
        neutral=neutral,
        rotation=rotation,
        laggard=laggard,
        leader=leader,
        kept=kept,
        subsidy=subsidy,
        bound=bound,
        friction=friction,
    )


def _charge(proof: Proof) -> sp.Expr:
    share, revenue, after = sp.symbols("b r r_after", positive=True)
    proof.lemma(
        "A unit that builds forgoes r and pays t:",
        (1 - share) * revenue - t * share,
        (1 - share) * (revenue + t) - t,
    )
    proof.because(
        "So every lab plays as on the ladder r_g + t, and R5 and R6 hold with it.",
        "the flow - t is paid whatever is done, and moves no best reply",
    )
    bend = (r_next + t) ** 2 - (r_here + t) * (after + t)
    neutral = proof.step(
        "Neutral is the ladder on which r + t is log-linear, with the next revenue:",
        sp.solve(bend, after)[0],
    )
    proof.step(
        "As t grows without bound that is linear revenue, as with money (R6):",
        sp.limit(neutral, t, sp.oo),
    )
    log_linear = {r_here: f, r_next: f * gamma, after: f * gamma**2}
    proof.lemma(
        "On r_g = f gamma^g the difference (r_1 + t)^2 - (r_0 + t)(r_2 + t) is:",
        bend.subs(log_linear),
        -t * f * (gamma - 1) ** 2,
    )
    proof.because(
        "So a charge makes a neutral ladder log-convex, a race, and a subsidy log-concave, a run.",
        "R6; from rung g on the ladder is the same with f gamma^g for f",
    )
    return neutral


def _chase(proof: Proof) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    V, W, Lambda = sp.symbols("V_1 W Lambda", positive=True)
    proof.because(
        "Linear hazard, partial chase: a laggard is indifferent between selling and building.",
        "R9, with f + s for what it sells, and t to pay on what it builds",
    )
    worth = sp.solve((rho * W - f - s, lam * (V - W) - (f + s + t)), (V, W), dict=True)[0]
    proof.step("So rho W = f + s and lambda (V_1 - W) = f + s + t. V_1, W are:", worth[V], worth[W])
    lead = rho * V - (r_1 - Lambda * (V - W))
    rotation = proof.step(
        "A leader that sells has rho V_1 = r_1 - Lambda (V_1 - W). The hazard of its rivals is:",
        sp.simplify(sp.solve(lead.subs(worth), Lambda)[0]),
    )
    proof.step("It falls in s and in t:", *(sp.factor(sp.diff(rotation, x)) for x in (s, t)))
    return rotation, worth[W], worth[V]


def _planner(proof: Proof, rotation: sp.Expr) -> sp.Expr:
    share = sp.Symbol("b", positive=True)
    total = sp.log((1 - share) * N) + lam * share * N * nu / rho
    best = sp.solve(sp.diff(total, share), share)[0]
    pace = proof.step(
        "A planner of all compute with R18's welfare builds at the hazard:",
        sp.expand(lam * N * best),
    )
    subsidy = proof.step(
        "Labs come to that pace with this subsidy of what laggards sell:",
        sp.expand(sp.solve((rotation.subs(t, 0) - pace), s)[0] + f) - f,
    )
    proof.because(
        "Partial chases reach the paces from 0 to (N - 1) lambda. So it is reached iff lambda nu "
        "<= rho <= lambda N nu.",
        "lambda N - rho / nu lies between the two there and nowhere else",
    )
    return sp.simplify(subsidy)


def _bound(proof: Proof) -> sp.Expr:
    table = LEAGUE_TABLE.derive().closed["rotation"]
    hazards = dict(zip((m_1, m_2, m_3), (lam * size for size in COMPUTE), strict=True))
    bound = proof.step(
        "Full chase: by R12 the frontier of three labs moves at lambda K (1 - H). In the compute "
        "of the first it rises at the rate:",
        sp.factor(sp.diff(table.subs(hazards), K_1)),
    )
    share = K_1 / sum(COMPUTE)
    herfindahl = sum((size / sum(COMPUTE)) ** 2 for size in COMPUTE)
    proof.lemma("That is, with k_1 = K_1 / K:", bound, lam * (1 - 2 * share + herfindahl))
    proof.because(
        "With any number of labs it is at least lambda (1 - k_1)^2.",
        "K (1 - H) = K - sum K_i^2 / K, with the derivative 1 - 2 k_1 + H, and H >= k_1^2",
    )
    return bound


def charged(
    revenue: Array, gain: Array, lam_: float, theta: float, charge: float
) -> tuple[Array, Array]:
    """Building forgoes sales and pays a charge a unit: the best share and what it is worth.

    Examples
    --------
    >>> stage = charged(np.ones(1), np.ones(1), 1.0, 0.5, charge=1.0)
    >>> [part.tolist() for part in stage]
    [[0.0625], [1.125]]
    """
    share = np.minimum((theta * lam_ * gain / (revenue + charge)) ** (1 / (1 - theta)), 1.0)
    return share, revenue - share * (revenue + charge) + lam_ * share**theta * gain


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Ladders under a charge, chases with charged payoffs, the planner, concentration, leases."""
    p = draw(rng, DOMAIN)
    low, high = 1 + p[rho] / p[lam], p[N] + p[rho] / p[lam]
    p[r_1] = (p[f] + p[s] + p[t]) * float(rng.uniform(low, high)) - p[t]
    worst = max(_neutral(closed, p, rng), _rents(closed, p))
    return max(worst, _pace(closed, p, rng), _larger(closed, p), _let(closed, p))


def _neutral(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    """Shares that differ on the ladder that is said to be neutral under a charge."""
    revenue = [p[f], p[f] * float(rng.uniform(1.05, 1.2))]
    while len(revenue) <= RUNGS:
        revenue.append(closed("neutral", {r_here: revenue[-2], r_next: revenue[-1], t: p[t]}))
    if min(np.diff(revenue)) < 0:
        return np.inf
    rate = np.array(2.0 * p[lam])
    build, _ = climb(np.array(revenue), rate, p[lam], 0.5, partial(charged, charge=p[t]))
    return gap(build[1:3], build[:2])


def _rents(closed: Formulas, p: Sample) -> float:
    """Indifference, values and joint revenue at the claimed rotation, by the linear solves."""
    worst = 0.0
    for here in (p, {**p, s: 0.0, t: 0.0, r_1: p[f] * (1 + p[rho] / p[lam] + 0.4)}):
        share = closed("rotation", here) / (p[lam] * (p[N] - 1))
        if not 0 <= share <= 1:
            return np.inf
        sells = here[f] + here[s]
        game = ladder_race(
            [sells, here[r_1]], p[N], rho=p[rho], lam=p[lam], theta=1.0, rungs=2
        ).markov()
        build = laggards_and_leader(game, share, [0.0, 0.0])
        flow = game.payoff(build) - here[t] * build
        value = System(game).evaluate(build, flow)
        ahead, behind = value[0, by_lead(game)[1]], value[0, by_lead(game, 1)[1]]
        worst = max(
            worst,
            gap(p[lam] * (ahead - behind), sells + here[t]),
            gap(behind, closed("laggard", here)),
            gap(ahead, closed("leader", here)),
        )
    law = stationary(System(game).transitions(game.hazard(build)))
    return max(worst, gap(law.mean(game.payoff(build).sum(axis=0)), closed("kept", here)))


def _pace(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    """The planner's best share, by a search; the pace that the subsidy makes."""
    at = {**p, nu: p[rho] / p[lam] / float(rng.uniform(1.05, p[N] - 0.05)), t: 0.0}
    if at[nu] <= 0:
        return np.inf

    def slope(share: float) -> float:
        return float(-1 / (1 - share) + at[lam] * at[N] * at[nu] / at[rho])

    best = float(brentq(slope, 1e-9, 1 - 1e-9, xtol=1e-14))
    at[s] = closed("subsidy", at)
    game = ladder_race([at[f] + at[s], at[r_1]], at[N], rho=at[rho], lam=at[lam], theta=1.0)
    share = at[N] * best / (at[N] - 1)
    tables = game.markov()
    return float(regret(tables, laggards_and_leader(tables, share, [0.0])).max())


def _larger(closed: Formulas, p: Sample) -> float:
    """Frontier advances a year of the chain of leaderboards, with a little more compute."""
    sizes = np.array([p[size] for size in COMPUTE])

    def speed(first: float) -> float:
        all_ = [first, *sizes[1:]]
        tables = ladder_race([1.0, 2.0], 3, rho=p[rho], lam=p[lam], theta=1.0, compute=all_)
        game = tables.markov()
        hazard = game.hazard(laggards_and_leader(game, 1.0, [0.0]))
        rates = sparse.csr_array(System(game).transitions(hazard))
        law = stationary(rates)
        return float(law.weight @ hazard.sum(axis=0))

    step = 1e-4 * sizes[0]
    found = (speed(sizes[0] + step) - speed(sizes[0] - step)) / (2 * step)
    return gap(found, closed("bound", p)) * 1e-2  # of a difference: four digits are lost


def _let(closed: Formulas, p: Sample) -> float:
    """Whether nobody builds, either side of the friction, by the certificate."""
    worst = 0.0
    for side, still in ((1 - NEAR, True), (1 + NEAR, False)):
        rent = p[r_1] - closed("friction", p) * side
        game = ladder_race([rent, p[r_1]], p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
        nobody = np.zeros_like(game.lower)
        worst = max(worst, float((regret(game, nobody).max() < 1e-9) != still))
    return worst


RESULT = Result(
    id="R30",
    title="Policy, and what is left of rents",
    statement="A charge t on building is the ladder r + t; partial chase: rotation lambda (r_1-f-s)"
    "/(f+s+t) - rho, values f/rho and f/rho + f/lambda whatever leaders earn; the planner's pace "
    "is reached iff lambda nu <= rho <= lambda N nu",
    assumptions=(
        "equal labs that leapfrog on a ladder (R5)",
        "rotation, rents, subsidy: linear hazard, partial chase in the limit of R9, of labs that "
        "play alike; the leader sells at lead one",
        "subsidy: R18's welfare, of frontier tokens; labs reach the planner's pace, not its sales",
        "bound: all laggards build flat out, and go on to",
        "friction: a leader's customers take all that is let at r_1",
    ),
    sources=(
        "Derived here; that contests dissipate rents: Posner (1975), The social costs of monopoly "
        "and regulation, Journal of Political Economy 83",
    ),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, r_1: (2.0, 6.0), nu: (0.1, 1.0), r_here: (1.0, 2.0), r_next: (2.0, 3.0)},
    tolerance=1e-8,
    samples=6,
)
