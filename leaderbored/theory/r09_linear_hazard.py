r"""R9. With a linear hazard chasing is all or nothing, and the thresholds are exact.

Success comes at :math:`\lambda b K`; a laggard earns f per unit of compute that sells, a leader
:math:`r_g`. Payoffs are linear in b, so a laggard builds flat out, not at all, or is indifferent.
Let :math:`T = N + \rho / \lambda` for N equal labs of one unit of compute.

*All chase.* All laggards build flat out iff :math:`D u_1 \ge f T`, where :math:`D u_1` is what the
lead is worth on the ladder of R5 with rivals flat out, :math:`D = \rho + (N - 1) \lambda`. It is
:math:`\max_G r_G / T^{G - 1}` (R10), and :math:`r_1` iff the leader sells at lead one: then the
condition is :math:`r_1 / f \ge T`. A leader that goes on makes the chase worth more: with r = (1,
2, 8), N = 2 and rho / lambda = .1 all chase although :math:`r_1 / f = 2 < 2.1 = T`.

*Some chase.* With unequal compute, and a leader that sells at lead one, it is a game of
coordination. A set S of labs that race whenever they do not lead, with :math:`K_S` compute in all,
while the others sell, is an equilibrium iff

.. math:: \frac{K_i}{K_S} \ge \kappa(K_S) \;\; (i \in S), \qquad
          \frac{K_j}{K_S + K_j} \le \kappa(K_S + K_j) \;\; (j \notin S), \qquad
          \kappa(K) = \frac{f}{r_1} \Big( 1 + \frac{\rho}{\lambda K} \Big) .

Summing over S, at most :math:`r_1 / f` labs race. There may be several such sets: compute (1, .5,
.5), :math:`r_1 / f = 3.3` and rho / lambda = .1 has the first lab with either of the others.

*Indifference.* For :math:`1 + \rho / \lambda < r_1 / f < T` equal laggards are indifferent, and so
are reached at the total hazard :math:`\lambda (r_1 / f - 1) - \rho`, whatever N, if the leader
sells at lead one. In the exactly linear game there is a continuum of equilibria: an indifferent
laggard may build different shares in different states off the symmetric path. What is stated is
the limit of vanishing strict concavity (theta to 1 from below), in which R5 selects the symmetric
profile.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from leaderbored.solvers.markov.certificate import regret
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead, ladder_race, laggards_and_leader, values
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import K, N, f, lam, r_1, rho

DOMAIN = {N: (2, 4), lam: (0.5, 3.0), rho: (0.05, 0.5), f: (0.5, 2.0)}
STEP = 1e-4  # either side of a threshold


def prove() -> Derivation:
    """Value the two ranks under each regime, and ask what a unit of compute earns by building."""
    proof = Proof()
    V, W, Lambda, K_i = sp.symbols("V_1 W Lambda K_i", positive=True)
    proof.because(
        "A laggard with one unit of compute builds flat out, not at all, or is indifferent, as "
        "lambda (V_1 - W) is above, below or equal to f.",
        "its payoff (1 - b) f + lambda b (V_1 - W) is linear in b; a success makes it leader by "
        "one, and a rival's success leaves it a laggard",
    )
    lead = proof.step(
        "A leader that sells, its rivals' hazard Lambda in all: this is zero:",
        rho * V - (r_1 - Lambda * (V - W)),
    )
    chase = proof.step("And a laggard that builds flat out:", rho * W - lam * (V - W))
    full = sp.solve((lead.subs(Lambda, (N - 1) * lam), chase), (V, W), dict=True)[0]
    worth = proof.step(
        "If all laggards do, Lambda = (N - 1) lambda, V_1 - W is:", sp.simplify(full[V] - full[W])
    )
    gain = sp.Symbol("R", positive=True)
    threshold = proof.step(
        "Then lambda (V_1 - W) >= f iff r_1 / f is at least T:",
        sp.expand(sp.solve(lam * worth.subs(r_1, gain * f) - f, gain)[0]),
    )
    D, u_0, u_1 = sp.symbols("D u_0 u_1", positive=True)
    bottom = sp.solve(D * u_0 - lam * (u_1 - u_0), u_0)[0]
    proof.step(
        "Whatever the leader does: on the ladder of R5, D = rho + (N - 1) lambda, a laggard "
        "flat out has D u_0 = lambda (u_1 - u_0), so that u_0 is:",
        bottom,
    )
    least = sp.solve(lam * (u_1 - bottom) - f, u_1)[0] * D
    proof.lemma(
        "And lambda (u_1 - u_0) = f where D u_1 is f T:",
        sp.simplify(least.subs(D, rho + (N - 1) * lam)),
        sp.expand(f * threshold),
    )
    proof.because(
        "So the full chase is an equilibrium iff D u_1 >= f T, where D u_1 >= r_1 with equality "
        "iff the leader sells at lead one.",
        "u_1 - u_0 = V_1 - W rises in u_1; selling for ever at lead one is worth r_1 / D, and the "
        "leader does what is best",
    )
    share = _unequal_compute(proof, V, W, K_i)
    partial = proof.step(
        "Partial chase. Indifference says V_1 - W = f / lambda and W = f / rho, with which the "
        "leader's equation gives the hazard of its rivals:",
        sp.expand(sp.solve(lead.subs({V: f / rho + f / lam, W: f / rho}), Lambda)[0]),
    )
    proof.lemma(
        "It is zero at r_1 / f = 1 + rho / lambda, and rises in it:",
        partial.subs(r_1, f * (1 + rho / lam)),
        sp.Integer(0),
    )
    proof.lemma(
        "It is (N - 1) lambda, the full chase, at r_1 / f = T:",
        partial.subs(r_1, f * threshold),
        (N - 1) * lam,
    )
    proof.because(
        "So between the two there is a share at which laggards are indifferent, one for all.",
        "intermediate value; among unequal shares the limit of strictly concave hazards selects "
        "the equal ones, by R5",
    )
    return proof.close(threshold=threshold, share=share, rotation=partial)


def _unequal_compute(proof: Proof, V: sp.Symbol, W: sp.Symbol, K_i: sp.Symbol) -> sp.Expr:
    """Who races if compute is unequal: the least share of the racers' compute."""
    unequal = sp.solve(
        (rho * V - (r_1 * K_i - lam * (K - K_i) * (V - W)), rho * W - lam * K_i * (V - W)),
        (V, W),
        dict=True,
    )[0]
    proof.step(
        "Unequal compute, K in all of those that race, lab i among them: ahead it sells "
        "K_i, and its rivals build with K - K_i. Then V_i - W_i is:",
        sp.simplify(unequal[V] - unequal[W]),
    )
    share = proof.step(
        "Its building pays iff lambda (V_i - W_i) >= f, that is iff its share K_i / K is at least:",
        sp.expand(sp.solve(lam * (unequal[V] - unequal[W]) - f, K_i)[0] / K),
    )
    proof.because(
        "A set of racers is an equilibrium iff that holds for each of them, and the reverse for "
        "each other lab with its own compute added to K. At most r_1 / f labs race.",
        "a lab j that stays out has W_j = f K_j / rho and, if it led, V_j - W_j = (r_1 - f) K_j / "
        "(rho + lambda K); lambda times that is at most f iff the reverse holds; and shares add up "
        "to one, each at least f / r_1",
    )
    return share


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Values of the claimed profiles by linear solve, and their regret by optimal control."""
    p = draw(rng, DOMAIN)
    size = {"rho": p[rho], "lam": p[lam], "theta": 1.0}
    game = ladder_race([p[f], 1.0], p[N], **size).markov()
    flat_out = laggards_and_leader(game, 1.0, [0.0])
    lead = by_lead(game)
    value = values(game, flat_out)[0, lead]
    worst = gap(1.0 / (p[lam] * (value[1] - value[0])), closed("threshold", p))
    for side in (1 - STEP, 1 + STEP):  # revenue either side of the threshold
        revenue = [p[f], p[f] * closed("threshold", p) * side]
        game = ladder_race(revenue, p[N], **size).markov()
        plays = regret(game, flat_out).max() < 1e-9
        worst = max(worst, float(plays != (side > 1)))
    return max(worst, _onward(closed, p), _partial(closed, p, rng), _unequal(closed, p, rng))


def _onward(closed: Formulas, p: Sample) -> float:
    """A leader that goes on to lead two: the chase pays though r_1 / f is below the threshold."""
    worst, least = 0.0, closed("threshold", p)
    for side in (1 - STEP, 1 + STEP):
        second = p[f] * least**2 * side
        ladder = [p[f], 0.9 * p[f] * least, second]
        game = ladder_race(ladder, p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
        plays = regret(game, laggards_and_leader(game, 1.0, [1.0, 0.0])).max() < 1e-9
        worst = max(worst, float(plays != (side > 1)))
    return worst


def _partial(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    low, high = 1 + p[rho] / p[lam], p[N] + p[rho] / p[lam]
    revenue = p[f] * float(rng.uniform(low, high))
    game = ladder_race([p[f], revenue], p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
    hazard = closed("rotation", {**p, r_1: revenue})
    share = hazard / (p[lam] * (p[N] - 1))
    if not 0 <= share <= 1:
        return np.inf
    return float(regret(game, laggards_and_leader(game, share, [0.0])).max())


def _unequal(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    """The share at which one lab is indifferent, while all build flat out."""
    sizes = np.asarray(rng.uniform(0.5, 2.0, int(p[N])))
    revenue = float(rng.uniform(2.0, 5.0))
    game = ladder_race(
        [p[f], revenue], p[N], rho=p[rho], lam=p[lam], theta=1.0, compute=sizes.tolist()
    ).markov()
    value = values(game, laggards_and_leader(game, 1.0, [0.0]))
    worst = 0.0
    for i, size in enumerate(sizes):
        tie, ahead = by_lead(game, i)[:2]
        marginal = p[lam] * (value[i, ahead] - value[i, tie])  # rises with K_i in proportion
        needed = closed("share", {**p, r_1: revenue, K: sizes.sum()})
        worst = max(worst, gap(size / sizes.sum() * p[f] / marginal, needed))
    return worst


RESULT = Result(
    id="R9",
    title="Linear hazard",
    statement="Equal laggards build flat out iff D u_1 >= f (N + rho/lambda), D u_1 = r_1 where "
    "the leader sells at once; below, rotation at lambda (r_1/f - 1) - rho",
    assumptions=(
        "hazard lambda b K, leapfrog",
        "share and rotation: the leader sells at lead one; K: the compute of those that race",
        "a continuum of equilibria off path; the limit of vanishing concavity is taken",
    ),
    sources=("Reinganum (1983), American Economic Review 73",),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, r_1: (2.0, 6.0), K: (1.0, 4.0)},
    tolerance=1e-8,
    samples=6,
)
