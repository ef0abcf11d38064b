r"""R8. The repeat-win test: does the lab that won last win again more often than its share?

On the ladder of R5 a lead of i grows at the hazard :math:`h_i = h(b_i)` and ends at the rivals'
:math:`h_F = (N - 1) h_0`, whereupon a new lead starts at one. Balance of the flows into each lead
gives the stationary law, up to the cap if there is one,

.. math:: P(\text{lead} \ge j) = \prod_{i=1}^{j-1} \frac{h_i}{h_i + h_F} .

Every spell starts at one and is independent of the last, so this is the law of the lead at the
reset too. If all labs build alike the law is geometric with ratio 1/N, the last winner wins again
with probability exactly 1/N and, without a cap, the mean lead is N / (N - 1).

*Run.* If no leader builds more than a laggard, :math:`h_i \le h_0` for all i, then under every cap,
and without one, each of these probabilities, the mean lead and the chance of a repeat are no larger
than those; smaller, if some leader that is met builds less.

*Race.* If :math:`h_i \ge h_0` at every lead, without a cap, they are no smaller. Under a cap that
holds for the law and the mean lead against a neutral race with the same cap, but not for the repeat
win: at the cap the leader sells, and if leads are often there it wins again less than 1/N of the
time.
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
    """Balance the flows, sum, compare with the law where all build alike."""
    proof = Proof()
    h, tail, here = sp.symbols("h P_g p_g", positive=True)
    proof.because(
        "The lead is a chain on 1, 2, ...: at g it grows at h_g and falls to 1 at h_F. So a lead "
        "beyond g is entered at h_g p_g and left at h_F P(lead > g); in the long run these agree.",
        "leapfrogging: any rival's success starts a lead of one; balance of the flows over a cut",
    )
    beyond = sp.solve(h * here - h_F * (tail - here), here)[0]
    proof.step(
        "With P_g = P(lead >= g), so that P(lead > g) = P_g - p_g, that gives p_g, and "
        "P(lead > g) as:",
        beyond,
        sp.simplify(tail - beyond),
    )
    proof.because(
        "So P(lead >= j) is the product of h_i / (h_i + h_F) over i < j, up to the cap.",
        "induction from P(lead >= 1) = 1",
    )
    mean, again = _capped(proof)
    repeat = proof.step(
        "Advances come at the mean of h over the law, by the leader, and at h_F, "
        "by others. The chance of a repeat with the cap at 3, where it sells:",
        sp.factor(again / (again + h_F)),
    )
    even = proof.step(
        "If all build alike, h_F = (N - 1) h, each rung multiplies by:",
        sp.simplify((h / (h + h_F)).subs(h_F, (N - 1) * h)),
    )
    q, j = sp.Symbol("q", positive=True), sp.Symbol("j", integer=True)
    total = sp.summation(q**j, (j, 0, sp.oo)).args[0][0]
    neutral_mean = proof.step(
        "Means are sums of P(lead >= j). Without a cap, that of a neutral race is:",
        sp.simplify(total.subs(q, even)),
    )
    neutral_repeat = proof.step("And a repeat has the chance h / (h + h_F):", even)
    _compared(proof)
    return proof.close(
        mean=mean, repeat=repeat, neutral_mean=neutral_mean, neutral_repeat=neutral_repeat
    )


def _capped(proof: Proof) -> tuple[sp.Expr, sp.Expr]:
    """The law with a cap at three, solved from its flows: mean lead, rate of repeats."""
    law = sp.symbols("p_1 p_2 p_3", positive=True)
    p_1, p_2, p_3 = law
    flows = (
        p_1 * (h_1 + h_F) - h_F * (p_1 + p_2 + p_3),
        p_2 * (h_2 + h_F) - h_1 * p_1,
        p_1 + p_2 + p_3 - 1,
    )
    found = sp.solve(flows, law, dict=True)[0]
    chances = [sp.factor(found[p]) for p in law]
    proof.step(
        "For instance with a cap at 3, the chances of leads 1, 2 and 3 from the flows "
        "themselves; the last is the product:",
        *chances,
    )
    mean = sp.factor(sum(g * p for g, p in enumerate(chances, 1)))
    proof.step("And the mean lead is:", mean)
    return mean, sum(p * x for p, x in zip(chances, (h_1, h_2), strict=False))


def _compared(proof: Proof) -> None:
    """A run against a neutral race, under any cap."""
    h = sp.Symbol("h", positive=True)
    proof.step(
        "A factor h / (h + h_F) rises in h, with the slope:", sp.factor(sp.diff(h / (h + h_F), h))
    )
    proof.because(
        "Run: if h_i <= h_0 for all leads i, then P(lead >= j) <= N^{-(j-1)} for every j, under "
        "every cap, strictly from j on if h_i < h_0 for an i < j.",
        "term by term: each factor is at most h_0 / (h_0 + h_F) = 1/N, and beyond a cap the left "
        "side is zero",
    )
    proof.because(
        "So the mean lead of a run is at most N / (N - 1), and any function that rises in the lead "
        "has a smaller mean.",
        "sum over j. The leads can also be run side by side: one reset clock for both, and a "
        "success of the neutral leader, at h_0, counts for the other with the chance h_i / h_0; so "
        "the lead of the run is never above the neutral one",
    )
    proof.because(
        "And its chance of a repeat is at most 1/N, under every cap.",
        "it is x / (x + h_F), which rises in x, at x the mean of h over the law (with what is "
        "built at the cap), and x <= h_0",
    )
    proof.because(
        "Race: if h_i >= h_0 at all leads and there is no cap, all of these turn. Under a cap G "
        "the law and the mean lead still are no less than those of a neutral race with that cap, "
        "N (1 - N^{-G}) / (N - 1).",
        "term by term again, for j <= G; the repeat needs h_G >= h_0 too, but at the cap leaders "
        "sell",
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
    worst = max(
        gap(facts.mean_lead, closed("mean", at)), gap(facts.repeat_win, closed("repeat", at))
    )
    share = float(rng.uniform(0.2, 0.8))
    fixed = ladder_race(
        [1.0, 1.5],
        p[N],
        rho=p[rho],
        lam=p[lam],
        theta=p[theta],
        rungs=LONG[p[N]],
        build=(share, share),
    )
    facts = lb.verdict(lb.solve(fixed, lb.Method(certify=False)), check_cap=False).statistics
    left = float(p[N]) ** -LONG[p[N]]  # what the cap cuts off
    cut = closed("neutral_mean", p) * left
    return max(
        worst,
        gap(facts.mean_lead + cut, closed("neutral_mean", p)),
        gap(facts.repeat_win, closed("neutral_repeat", p)),
    )


RESULT = Result(
    id="R8",
    title="Repeat-win test",
    statement="P(lead >= j) is the product of h_i/(h_i + h_F) over i < j; neutral means repeat-win "
    "1/N and mean lead N/(N-1), a run less under every cap, a race more without one",
    assumptions=(
        "equal labs that leapfrog (R5), h_i the hazard of a leader i ahead, h_F = (N - 1) h_0",
        "run: h_i <= h_0 at every lead; race: h_i >= h_0 at every lead",
        "mean and repeat: a cap at 3; neutral_mean and neutral_repeat: all build alike, no cap",
    ),
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
