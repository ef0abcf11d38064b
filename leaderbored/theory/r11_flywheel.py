r"""R11. The flywheel: when the leader's hazard grows with its lead.

The leader's hazard at lead j is :math:`\lambda_j`, its rivals' total is :math:`\Lambda`. With a
linear hazard it builds flat out up to some rung G and sells there. Net of what it is worth as a
laggard, a rung multiplies value by :math:`\lambda_j / (\lambda_j + \rho + \Lambda)`, so G
maximises

.. math:: \ln r_G - \sum_{j < G} \ln \Big( 1 + \frac{\rho + \Lambda}{\lambda_j} \Big) .

*In equilibrium* the leader stops at a finite G that is best. One is, if :math:`\ln r` is bounded
and the sum over all rungs diverges (as it does without a flywheel). If the sum converges, to C, a
later stop may always be better: iff :math:`\sup_G \ln r_G - C` exceeds the target at every finite
G, which needs :math:`C < \sup_G \ln r_G - \ln r_1`. Then no G is best, the leader would never sell,
and there is no equilibrium without a cap.

*If labs maximise capability*, that is if all build flat out for ever, and :math:`\lambda_j =
\lambda \Phi^{j-1}`, the leader wins rung j with probability :math:`1 / (1 + (N-1) \Phi^{1-j})`.
For :math:`\Phi > 1` the product of all of them is positive: a spell of leadership escapes with
that probability P, so the number of failed spells before the escape is geometric with mean
:math:`(1 - P) / P`. Then the run is transient. That is no equilibrium of labs that maximise
revenue: such a leader never earns. In the race of this project the leader has the factor
:math:`e^{\varphi g}` already at lead one: there :math:`\Phi = e^\varphi` and the product starts
one factor later.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from leaderbored.solvers.markov.system import System
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead, ladder_race, laggards_and_leader, values
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import N, lam, rho

Phi = sp.Symbol("Phi", positive=True)
G, first = sp.symbols("G first", integer=True, nonnegative=True)
r_G = sp.Symbol("r_G", positive=True)
DOMAIN = {N: (2, 3), lam: (0.5, 2.0), rho: (0.05, 0.5), Phi: (1.2, 2.0)}
RUNGS = {2: 90, 3: 24}


def prove() -> Derivation:
    """One rung's factor, the product of them, and the chance to win every rung."""
    proof = Proof()
    U, above, hazard, rivals = sp.symbols("U above lambda_j Lambda", positive=True)
    proof.because(
        "The leader builds flat out up to some lead G and sells there, or never sells.",
        "its payoff is linear in its share",
    )
    climb = proof.step(
        "At lead j, building flat out, it earns nothing now; with U its value less "
        "what it is worth to be overtaken, this is zero:",
        (rho + rivals) * U - hazard * (above - U),
    )
    factor = sp.solve(climb, U)[0] / above
    proof.step("So a rung multiplies value by:", sp.factor(factor))
    j = sp.Symbol("j", integer=True, positive=True)
    hazards = lam * Phi ** (j - 1 + first)
    cost = sp.log(1 + (rho + rivals) / hazard).subs({hazard: hazards, rivals: (N - 1) * lam})
    potential = proof.step(
        "G maximises the logarithm of r_G and of the factors of all rungs below "
        "it, with Lambda = (N - 1) lambda and lambda_j = lambda Phi^(j-1) (or, "
        "first = 1, lambda Phi^j):",
        sp.log(r_G) - sp.Sum(cost, (j, 1, G - 1)),
    )
    value = proof.step(
        "And the lead is worth, net, at lead one:", sp.exp(potential) / (rho + (N - 1) * lam)
    )
    proof.because(
        "If ln r is bounded and the sum over all rungs diverges, a finite G is best. If the sum "
        "has a limit C, none is iff sup ln r - C exceeds the target at every finite G, which needs "
        "C < sup ln r - ln r_1; then there is no equilibrium without a cap.",
        "in the first case the target tends to minus infinity; in the second its supremum is not "
        "attained, and never selling earns nothing; at G = 1 the target is ln r_1",
    )
    chance = sp.simplify((hazard / (hazard + (N - 1) * lam)).subs(hazard, hazards))
    won = 1 / (1 + (N - 1) * Phi ** (1 - j - first))
    proof.step(
        "Now let all build flat out for ever. The first of two exponential clocks: the "
        "leader wins rung j with the chance:",
        chance,
    )
    proof.lemma("Divided through by the power of Phi:", chance, won)
    escape = proof.step(
        "Rungs are won independently, so a spell wins the first G with:", sp.Product(won, (j, 1, G))
    )
    proof.because(
        "For Phi > 1 that has a positive limit in G, and none of a spell's chances to escape is "
        "lost with the next: the run is transient.",
        "the product of 1 / (1 + x_j) is at least exp(-sum x_j), and the sum of "
        "(N - 1) Phi^(1 - j - first) over j is finite",
    )
    failed = proof.step(
        "Spells are independent and alike, so the number of those that fail before "
        "one escapes is geometric, with the mean 1 / escape - 1:",
        1 / escape - 1,
    )
    return proof.close(value=value, escape=escape, failed=failed)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Values of a plan by linear solve; the chance to reach the top before being overtaken."""
    p = draw(rng, DOMAIN)
    game = ladder_race(
        [1e-3, 1.0, 2.0, 3.0, 4.0],
        p[N],
        rho=p[rho],
        lam=p[lam],
        theta=1.0,
        phi=float(np.log(p[Phi])),
    ).markov()
    target = int(rng.integers(1, 5))
    plan = laggards_and_leader(game, 1.0, [1.0] * (target - 1) + [0.0] * (5 - target))
    value = values(game, plan)[0, by_lead(game)]
    rivals = (p[N] - 1) * p[lam]
    net = value[1] - rivals / (p[rho] + rivals) * value[0]
    worst = gap(net, closed("value", {**p, G: target, r_G: float(target), first: 1}))
    top = RUNGS[p[N]]
    game = ladder_race(
        [1.0, 1.0], p[N], rho=p[rho], lam=p[lam], theta=1.0, rungs=top, phi=float(np.log(p[Phi]))
    ).markov()
    chain = by_lead(game)[1:]
    rates = System(game).transitions(game.hazard(game.upper)).tocsr()
    exits = np.asarray(rates.sum(axis=1)).ravel() - rates.diagonal()
    inside = rates[chain[:-1]][:, chain]
    matrix = np.diag(exits[chain[:-1]]) - inside[:, :-1].toarray()
    chance = np.linalg.solve(matrix, inside[:, -1:].toarray().ravel())[0]
    at = {**p, G: top - 1, first: 1}
    return max(worst, gap(chance, closed("escape", at)), gap(1 / chance - 1, closed("failed", at)))


RESULT = Result(
    id="R11",
    title="Flywheel",
    statement="The leader's target maximises ln r_G - sum ln(1+(rho+Lambda)/lambda_j); if all "
    "build flat out for ever, Phi > 1, a spell escapes with prob. prod 1/(1+(N-1)Phi^{-i})",
    assumptions=(
        "linear hazard, leapfrog, rivals build flat out",
        "escape and failed: the leader too, for ever, which is no equilibrium (it never sells)",
        "first = 0: the factor Phi^{j-1} of the statement; first = 1: exp(phi j) of the race",
    ),
    sources=("Derived here; the product is a q-Pochhammer symbol",),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, G: (2, 6), first: (0, 1), r_G: (1.0, 4.0)},
    tolerance=1e-8,
    samples=5,
)
