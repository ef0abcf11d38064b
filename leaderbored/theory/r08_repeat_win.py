r"""R8. The repeat-win test: does the lab that won last win again more often than its share?

On the ladder of R5 a lead grows at the hazard :math:`h_g = h(b_g)` and ends at the rivals'
:math:`h_F`, whereupon a new lead starts at one. Balance of the flows into each lead gives the
stationary law

.. math:: P(\text{lead} \ge j) = \prod_{i=1}^{j-1} \frac{h_i}{h_i + h_F} .

Every spell starts at one and is independent of the last, so this is the law of the lead at the
reset too. If all labs build alike, :math:`h_F = (N - 1) h`: the law is geometric with ratio 1/N,
the last winner wins again with probability exactly 1/N and the mean lead is N / (N - 1). In a run
(h_g falls in g, below h_0) both are smaller, in a race both are larger, term by term.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead, ladder_race
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import N, h_F, lam, rho, theta

h_1, h_2 = sp.symbols("h_1 h_2", positive=True)
DOMAIN = {N: (2, 4), lam: (0.5, 2.0), rho: (0.05, 0.5), theta: (0.3, 0.65)}
LONG = {2: 45, 3: 24, 4: 8}  # rungs after which a neutral lead is rare: N to this power


def prove() -> Derivation:
    """Balance the flows, sum, and set all hazards equal."""
    proof = Proof()
    p_1, p_2, p_3 = sp.symbols("p_1 p_2 p_3", positive=True)
    flows = (
        p_1 * (h_1 + h_F) - h_F * (p_1 + p_2 + p_3),
        p_2 * (h_2 + h_F) - h_1 * p_1,
        p_1 + p_2 + p_3 - 1,
    )
    proof.step("Leads 1, 2, 3 with a cap at 3: what leaves a lead is what enters it.", *flows)
    law = sp.solve(flows, (p_1, p_2, p_3), dict=True)[0]
    law = {p: sp.factor(x) for p, x in law.items()}
    proof.step("The stationary law.", *law.values())
    ratio_1, ratio_2 = h_1 / (h_1 + h_F), h_2 / (h_2 + h_F)
    proof.lemma("P(lead >= 2).", law[p_2] + law[p_3], ratio_1)
    proof.lemma("P(lead >= 3): each rung multiplies.", law[p_3], ratio_1 * ratio_2)
    mean = sp.factor(sum(g * p for g, p in enumerate(law.values(), 1)))
    proof.step("Mean lead up to the cap.", mean)
    h, tail, here = sp.symbols("h P_g p_g", positive=True)
    proof.lemma("For any g: if P(lead >= g) = P_g and p_g (h + h_F) = h_F P_g, "
                "then P(lead > g) = P_g h / (h + h_F).",
                tail - sp.solve(here * (h + h_F) - h_F * tail, here)[0],
                tail * h / (h + h_F))  # fmt: skip
    again = sum(p * x for p, x in zip(law.values(), (h_1, h_2), strict=False))
    repeat = proof.step("Advances by the leader over all advances (at the cap it sells).",
                        sp.factor(again / (again + h_F)))  # fmt: skip
    even = proof.step("All build alike: each rung multiplies by.",
                      sp.simplify((h / (h + h_F)).subs(h_F, (N - 1) * h)))  # fmt: skip
    q, j = sp.Symbol("q", positive=True), sp.Symbol("j", integer=True)
    total = sp.summation(q**j, (j, 0, sp.oo)).args[0][0]
    neutral_mean = proof.step("Sum the geometric tail: the mean lead of a neutral race.",
                              sp.simplify(total.subs(q, even)))  # fmt: skip
    neutral_repeat = proof.step("And its chance of a repeat: h / (h + h_F).", even)
    return proof.close(
        mean=mean, repeat=repeat, neutral_mean=neutral_mean, neutral_repeat=neutral_repeat
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The statistics of solved ladders of three rungs, and of long races where all build alike."""
    p = draw(rng, DOMAIN)
    revenue = np.cumsum(rng.uniform(0.02, 0.5, 4))
    solution = lb.solve(
        ladder_race(revenue, p[N], rho=p[rho], lam=p[lam], theta=p[theta]),
        lb.Method(certify=False),
    )
    build = solution.equilibria[0].build[0, by_lead(solution.markov)]
    h = p[lam] * build ** p[theta]
    at = {h_1: h[1], h_2: h[2], h_F: (p[N] - 1) * h[0]}
    facts = lb.verdict(solution, check_cap=False).statistics
    worst = max(gap(facts.mean_lead, closed("mean", at)),
                gap(facts.repeat_win, closed("repeat", at)))  # fmt: skip
    share = float(rng.uniform(0.2, 0.8))
    fixed = ladder_race([1.0, 1.5], p[N], rho=p[rho], lam=p[lam], theta=p[theta],
                        rungs=LONG[p[N]], build=(share, share))  # fmt: skip
    facts = lb.verdict(lb.solve(fixed, lb.Method(certify=False)), check_cap=False).statistics
    left = float(p[N]) ** -LONG[p[N]]  # what the cap cuts off
    cut = closed("neutral_mean", p) * left
    return max(worst, gap(facts.mean_lead + cut, closed("neutral_mean", p)),
               gap(facts.repeat_win, closed("neutral_repeat", p)))  # fmt: skip


RESULT = Result(
    id="R8",
    title="Repeat-win test",
    statement="The lead is geometric rung by rung; neutral means repeat-win 1/N and mean lead "
    "N/(N-1), a run less, a race more",
    assumptions=("equal labs that leapfrog (R5)", "the last two forms: all build alike, no cap"),
    sources=(
        "Aghion, Harris, Howitt and Vickers (2001), Review of Economic Studies 68: the "
        "stationary law of the gap step by step",
    ),
    prove=prove,
    compare=compare,
    domain={N: (2, 6), h_1: (0.1, 2.0), h_2: (0.1, 2.0), h_F: (0.1, 2.0)},
    tolerance=1e-8,
    samples=6,
)
