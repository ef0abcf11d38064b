r"""R12. Computers endure: the law of the league table.

With leapfrogging a success moves its lab to the top and leaves the order of the others: the ranking
is a move-to-front list, the Tsetlin library. If lab i, whenever it does not lead, builds at the
hazard :math:`m_i` (a leader's success changes no rank), with :math:`M = \sum m_i`, the ranking
:math:`\sigma` has the stationary law of Plackett and Luce,

.. math:: P(\sigma) = \prod_j \frac{m_{\sigma_j}}{\sum_{l \ge j} m_{\sigma_l}},

for any number of labs, because the lab on top is the last that called, the next the last of the
others, and so on. Hence
:math:`P(i \text{ leads}) = m_i / M`, the lead changes hands at the rate :math:`M (1 - H)`,
:math:`H = \sum (m_i / M)^2`, the mean rank is :math:`1 + \sum_{j \ne i} m_j / (m_i + m_j)`, and
leadership is correlated with itself as :math:`e^{-M t}`. With a linear hazard and everyone behind
flat out, time in the lead is the share of compute, exactly; else :math:`m_i = h_i(b_i)`. Two proofs
are given, by the last calls of Poisson clocks and by balance of the flows; the balance is verified
in rational arithmetic too, for two to five labs.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import permutations

import numpy as np
import sympy as sp
from scipy import sparse

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.theory.derivation import Derivation, LemmaError, Proof, verify
from leaderbored.theory.races import ladder_race
from leaderbored.theory.records import Formulas, Result, gap
from leaderbored.verdicts.law import stationary

m_1, m_2, m_3, m_rest, t = sp.symbols("m_1 m_2 m_3 m_rest t", positive=True)
M3 = (m_1, m_2, m_3)
EXACT = 5  # labs up to which the law is verified in rational numbers
DOMAIN = {m: (0.2, 2.0) for m in M3} | {t: (0.1, 2.0)}

Ranking = tuple[int, ...]


def to_front(ranking: Ranking, i: int) -> Ranking:
    """The ranking after lab i's success.

    Examples
    --------
    >>> to_front((0, 1, 2), 2)
    (2, 0, 1)
    """
    return (i, *(j for j in ranking if j != i))


def plackett_luce(ranking: Ranking, m: tuple[sp.Expr, ...] | tuple[Fraction, ...]) -> sp.Expr:
    """The chance of a ranking, of weights of any kind of number.

    Examples
    --------
    >>> plackett_luce((1, 0), (Fraction(1), Fraction(3)))
    Fraction(3, 4)
    """
    chance, left = m[ranking[0]] / sum(m), ranking[1:]
    for k, i in enumerate(left):
        chance = chance * m[i] / sum(m[j] for j in left[k:])
    return chance


def inflow(ranking: Ranking, m: tuple[sp.Expr, ...] | tuple[Fraction, ...]) -> sp.Expr:
    """Rate at which the chain enters a ranking under the law, itself included."""
    first, rest = ranking[0], ranking[1:]
    before = [(*rest[:k], first, *rest[k:]) for k in range(len(ranking))]
    return m[first] * reduce(lambda a, b: a + b, (plackett_luce(r, m) for r in before))


def prove() -> Derivation:
    """The law by last calls and again by balance; then leaders, rates, ranks and correlation."""
    proof = Proof()
    first = _last_calls(proof)
    _balance(proof)
    total = sum(M3)
    lead = sp.factor(first.subs(m_rest, m_2 + m_3))
    proof.step(
        "A lab leads iff it called last: by step 4, lab 1 of three leads with this chance, "
        "m_i / M for any number.",
        lead,
    )
    shares = [m / total for m in M3]
    rate = sum(share * (total - m) for share, m in zip(shares, M3, strict=True))
    herfindahl = sum(share**2 for share in shares)
    proof.because(
        "The lead changes hands whenever a lab calls that does not lead: at the rate "
        "M (1 - H), with H the sum of the squares of m_i / M.",
        "the sum over i of (m_i / M) (M - m_i)",
    )
    proof.lemma("For three labs:", rate, sp.factor(total * (1 - herfindahl)))
    return proof.close(
        lead=lead, rotation=sp.factor(rate), rank=_rank(proof), correlation=_fade(proof, lead)
    )


def _last_calls(proof: Proof) -> sp.Expr:
    """Proof by clocks; the chance that one of two exponential times is the shorter."""
    proof.because(
        "Give each lab i a clock that rings at the times of a Poisson process of rate m_i, for "
        "ever, and let a ring move its lab to the front. That is the ranking's chain.",
        "while lab i is behind its successes come at the rate m_i; while it leads a ring moves "
        "nothing, nor does its success",
    )
    proof.because(
        "Once all clocks have rung, the ranking is the order of last rings, the most recent first.",
        "induction on the rings: the lab that rings has the most recent one and goes to the front, "
        "the others keep their order",
    )
    proof.because(
        "Let the clocks run from the infinite past: the times since the last rings are independent "
        "and exponential with rates m_i, and the law of their order is the one stationary law.",
        "a Poisson process is one backwards in time too; from any start the law at t differs from "
        "it by no more than the chance that a clock has not rung, the sum of e^{-m_i t} at most",
    )
    x = sp.Symbol("x", positive=True)
    density = m_1 * sp.exp(-m_1 * x) * sp.exp(-m_rest * x)
    first = proof.step(
        "The shortest of these times is lab 1's with the chance, m_rest being the "
        "rates of the others in sum:",
        sp.Eq(sp.Integral(density, (x, 0, sp.oo)), sp.integrate(density, (x, 0, sp.oo))),
    ).rhs
    j, k, N = sp.symbols("j k N", integer=True, positive=True)
    order, rates = sp.IndexedBase("sigma"), sp.IndexedBase("m")
    law = sp.Product(rates[order[j]] / sp.Sum(rates[order[k]], (k, j, N)), (j, 1, N))
    proof.because(
        "The next shortest is the shortest of the others, by the same formula without the rate of "
        "the first, and so on: a ranking sigma has the chance below, the law of Plackett and Luce.",
        "exponential times have no memory: beyond the shortest, the rest of the others' times are "
        "again independent and exponential with their rates; induction",
        sp.Eq(sp.Function("P")(sp.Symbol("sigma")), law, evaluate=False),
    )
    return first


def _balance(proof: Proof) -> None:
    """A second proof: the law balances the flows, by induction on the number of labs."""
    tail, first, rest = sp.symbols("P_tail m_first m_rest", positive=True)
    own = sp.Symbol("m_i", positive=True)
    total = own + first + rest
    proof.because(
        "A second proof, by balance. Call P_rest the law of the other labs' rankings, without lab "
        "i. Claim: the chances of all rankings in which lab i is put somewhere into a given "
        "ranking of the others add up to P_rest of that ranking.",
        "induction on the number of labs, with the next step; for one other lab they are m_i / M "
        "and 1 - m_i / M",
    )
    whole = first / (first + rest) * tail
    proof.lemma(
        "Lab i is at the front, or else the first of the others is, and by induction the "
        "places behind it add up to P_tail, the law of the tail; the two sum to P_rest:",
        own / total * whole + first / total * tail,
        whole,
    )
    proof.because(
        "A ranking with lab i in front is entered from every ranking in which i is put somewhere "
        "into the same order of the others, at the rate m_i; so in all at m_i P_rest. It is left, "
        "rings of i included, at the rate M, and M P(sigma) = m_i P_rest is the first factor of "
        "the law. What enters is what leaves, for every ranking and any number of labs.",
        "the claim; the chain is irreducible, so that the law that balances is unique",
    )
    proof.lemma(
        "For three labs in the order 1, 2, 3, written out (leaves = enters):",
        sum(M3) * plackett_luce((0, 1, 2), M3),
        inflow((0, 1, 2), M3),
    )
    for ranking in permutations(range(3)):
        verify(sum(M3) * plackett_luce(ranking, M3) - inflow(ranking, M3))
    _verify_exactly()
    proof.step(
        "The same was computed for all six rankings, and in rational numbers for two to five labs."
    )


def _rank(proof: Proof) -> sp.Expr:
    rankings = list(permutations(range(3)))
    rank = sp.factor(sum((r.index(0) + 1) * plackett_luce(r, M3) for r in rankings))
    proof.because(
        "Lab j is ahead of lab i with the chance m_j / (m_i + m_j), so the mean rank of i is one "
        "plus the sum of these.",
        "step 4 for two clocks; the rank counts those ahead, and means add up",
    )
    proof.lemma(
        "For three labs, from the law itself:", rank, 1 + m_2 / (m_1 + m_2) + m_3 / (m_1 + m_3)
    )
    return rank


def _fade(proof: Proof, lead: sp.Expr) -> sp.Expr:
    total = sum(M3)
    x = sp.Function("x")
    motion = sp.Eq(x(t).diff(t), m_1 * (1 - x(t)) - (total - m_1) * x(t))
    path = sp.dsolve(motion, x(t), ics={x(0): 1}).rhs
    proof.step(
        "Whether lab 1 leads is a chain of its own: it starts at m_1 and ends at M - m_1. "
        "The chance that it leads at t, having led at 0:",
        motion,
        path,
    )
    return proof.step(
        "Of two states the correlation is (that - share) / (1 - share):",
        sp.simplify((path - lead) / (1 - lead)),
    )


def _verify_exactly() -> None:
    for labs in range(2, EXACT + 1):
        m = tuple(Fraction(2 * k + 3, 3 * k + 5 + k * k) for k in range(labs))
        for ranking in permutations(range(labs)):
            if plackett_luce(ranking, m) * sum(m) != inflow(ranking, m):
                raise LemmaError(f"no balance at {ranking}")


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """A race of three labs of unequal compute; and the chain of their rankings."""
    m = rng.uniform(0.2, 2.0, 3)
    worst = 0.0
    race = ladder_race(
        [1.0, 2.0], 3, rho=0.1, lam=1.0, theta=1.0, compute=m.tolist(), build=(1.0, 1.0)
    )
    facts = lb.verdict(lb.solve(race, lb.Method(certify=False)), check_cap=False).statistics
    turns = [m, np.roll(m, -1), np.roll(m, -2)]
    points = [dict(zip((*M3, t), (*turn, 1.0), strict=True)) for turn in turns]
    found = list(facts.time_in_lead.values())
    worst = max(
        gap(found, [closed("lead", p) for p in points]),
        gap(facts.lead_changes_per_year, closed("rotation", points[0])),
    )
    assert facts.autocorrelation is not None
    worst = max(worst, gap(facts.autocorrelation, closed("correlation", points[0])))
    return max(worst, gap(_mean_ranks(m), [closed("rank", p) for p in points]))


def _mean_ranks(m: Array) -> Array:
    """Mean rank of each lab under the stationary law of the chain, found by elimination."""
    rankings = list(permutations(range(len(m))))
    number = {ranking: k for k, ranking in enumerate(rankings)}
    rates = np.zeros((len(rankings), len(rankings)))
    for ranking, row in number.items():
        for i in ranking[1:]:
            rates[row, number[to_front(ranking, i)]] += m[i]
    weight = stationary(sparse.csr_array(rates)).weight
    places = np.array([[r.index(i) + 1 for i in range(len(m))] for r in rankings])
    return np.asarray(weight @ places)


RESULT = Result(
    id="R12",
    title="League table",
    statement="Rankings of any number of labs follow Plackett-Luce: P(i leads) = m_i/M, changes at "
    "M(1-H), leadership correlated as e^{-Mt}",
    assumptions=(
        "leapfrog; lab i builds at the hazard m_i in every state in which it does not lead",
        "any number of labs; closed forms are printed for three",
    ),
    sources=(
        "Plackett (1975), The analysis of permutations, Applied Statistics 24",
        "Fill (1996), An exact formula for the move-to-front rule for self-organizing lists, "
        "Journal of Theoretical Probability 9",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-8,
    samples=5,
)
