r"""R11. The flywheel: when the leader's hazard grows with its lead.

The leader's hazard at lead j is :math:`\lambda_j`, its rivals' total is :math:`\Lambda`. With a
linear hazard it builds flat out up to some rung G and sells there. Net of what it is worth as a
laggard, a rung multiplies value by :math:`\lambda_j / (\lambda_j + \rho + \Lambda)`, so G
maximises

.. math:: \ln r_G - \sum_{j < G} \ln \Big( 1 + \frac{\rho + \Lambda}{\lambda_j} \Big) .

*In equilibrium* the leader stops at a finite G wherever :math:`\ln r` is bounded, for each further
rung costs a factor; it goes on through all rungs iff the whole climb costs less than it brings,
:math:`\sum_{j \ge 1} \ln (1 + (\rho + \Lambda) / \lambda_j) < \sup_G \ln r_G - \ln r_1` with the
supremum not reached at a finite G; and it never sells only where no G is best, in which case there
is no equilibrium.

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
    climb = proof.step("A leader that builds flat out earns nothing now, net of a laggard's share.",
                       (rho + rivals) * U - hazard * (above - U))  # fmt: skip
    factor = sp.solve(climb, U)[0] / above
    proof.lemma("A rung multiplies value by this.", sp.expand(1 / factor),
                1 + (rho + rivals) / hazard)  # fmt: skip
    j = sp.Symbol("j", integer=True, positive=True)
    hazards = lam * Phi ** (j - 1 + first)
    cost = sp.log(1 + (rho + rivals) / hazard).subs({hazard: hazards, rivals: (N - 1) * lam})
    potential = proof.step("So the logarithm of r_G and of all factors is what G maximises.",
                           sp.log(r_G) - sp.Sum(cost, (j, 1, G - 1)))  # fmt: skip
    value = proof.step("And the lead is worth, net, at lead one.",
                       sp.exp(potential) / (rho + (N - 1) * lam))  # fmt: skip
    chance = sp.simplify((hazard / (hazard + (N - 1) * lam)).subs(hazard, hazards))
    win = proof.step("All build flat out: the leader wins the next rung with chance.", chance)
    proof.lemma("In the form of the statement.", win,
                1 / (1 + (N - 1) * Phi ** (1 - j - first)))  # fmt: skip
    every = sp.Product(1 / (1 + (N - 1) * Phi ** (1 - j - first)), (j, 1, G))
    escape = proof.step("A spell wins all G rungs with the product; let G grow.", every)
    proof.step("It converges to a positive limit for Phi > 1, as the sum of Phi^{-j} does.")
    failed = proof.step("Spells that fail before one escapes: geometric.", 1 / escape - 1)
    return proof.close(value=value, escape=escape, failed=failed)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Values of a plan by linear solve; the chance to reach the top before being overtaken."""
    p = draw(rng, DOMAIN)
    game = ladder_race([1e-3, 1.0, 2.0, 3.0, 4.0], p[N], rho=p[rho], lam=p[lam], theta=1.0,
                       phi=float(np.log(p[Phi]))).markov()  # fmt: skip
    target = int(rng.integers(1, 5))
    plan = laggards_and_leader(game, 1.0, [1.0] * (target - 1) + [0.0] * (5 - target))
    value = values(game, plan)[0, by_lead(game)]
    rivals = (p[N] - 1) * p[lam]
    net = value[1] - rivals / (p[rho] + rivals) * value[0]
    worst = gap(net, closed("value", {**p, G: target, r_G: float(target), first: 1}))
    top = RUNGS[p[N]]
    game = ladder_race([1.0, 1.0], p[N], rho=p[rho], lam=p[lam], theta=1.0, rungs=top,
                       phi=float(np.log(p[Phi]))).markov()  # fmt: skip
    chain = by_lead(game)[1:]
    rates = System(game).transitions(game.hazard(game.upper)).tocsr()
    exits = np.asarray(rates.sum(axis=1)).ravel() - rates.diagonal()
    inside = rates[chain[:-1]][:, chain]
    matrix = np.diag(exits[chain[:-1]]) - inside[:, :-1].toarray()
    chance = np.linalg.solve(matrix, inside[:, -1:].toarray().ravel())[0]
    at = {**p, G: top - 1, first: 1}
    return max(worst, gap(chance, closed("escape", at)),
               gap(1 / chance - 1, closed("failed", at)))  # fmt: skip


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
