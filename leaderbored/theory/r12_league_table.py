r"""R12. Computers endure: the law of the league table.

With leapfrogging a success moves its lab to the top and leaves the order of the others: the ranking
is a move-to-front list, the Tsetlin library. If lab i, whenever it does not lead, builds at the
hazard :math:`m_i` (a leader's success changes no rank), with :math:`M = \sum m_i`, the ranking
:math:`\sigma` has the stationary law of Plackett and Luce,

.. math:: P(\sigma) = \prod_j \frac{m_{\sigma_j}}{\sum_{l \ge j} m_{\sigma_l}},

because the lab on top is the last that called, the next the last of the others, and so on. Hence
:math:`P(i \text{ leads}) = m_i / M`, the lead changes hands at the rate :math:`M (1 - H)`,
:math:`H = \sum (m_i / M)^2`, the mean rank is :math:`1 + \sum_{j \ne i} m_j / (m_i + m_j)`, and
leadership is correlated with itself as :math:`e^{-M t}`. With a linear hazard and everyone behind
flat out, time in the lead is the share of compute, exactly; else :math:`m_i = h_i(b_i)`. The law is
verified in rational arithmetic for two to five labs.
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
from leaderbored.theory.derivation import Derivation, LemmaError, Proof
from leaderbored.theory.races import ladder_race
from leaderbored.theory.records import Formulas, Result, gap
from leaderbored.verdicts.law import stationary

m_1, m_2, m_3, t = sp.symbols("m_1 m_2 m_3 t", positive=True)
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
    """Balance of the rankings, exactly; then leaders, rates, ranks and correlation."""
    proof = Proof()
    total = sum(M3)
    rankings = list(permutations(range(3)))
    chance = plackett_luce((0, 1, 2), M3)
    proof.step("The law of Plackett and Luce, three labs in the order 1, 2, 3.", chance)
    for ranking in rankings:
        who = " ".join(str(i + 1) for i in ranking)
        proof.lemma(f"Balance of the ranking {who}: what leaves is what enters.",
                    total * plackett_luce(ranking, M3), inflow(ranking, M3))  # fmt: skip
    _verify_exactly()
    proof.step("For two to five labs the same balance is verified in rational numbers.")
    lead = sp.factor(sum(plackett_luce(r, M3) for r in rankings if r[0] == 0))
    proof.step("Lab 1 leads.", lead)
    shares = [m / total for m in M3]
    rate = sum(share * (total - m) for share, m in zip(shares, M3, strict=True))
    herfindahl = sum(share**2 for share in shares)
    proof.lemma("The lead changes hands at the rate M (1 - H).", rate, total * (1 - herfindahl))
    rank = sp.factor(sum((r.index(0) + 1) * plackett_luce(r, M3) for r in rankings))
    proof.lemma("Mean rank of lab 1.", rank, 1 + m_2 / (m_1 + m_2) + m_3 / (m_1 + m_3))
    x = sp.Function("x")
    motion = sp.Eq(x(t).diff(t), m_1 * (1 - x(t)) - (total - m_1) * x(t))
    path = sp.dsolve(motion, x(t), ics={x(0): 1}).rhs
    proof.step("Chance that lab 1 leads at t, having led at 0.", motion, path)
    fade = proof.step("Correlation: (that - share) / (1 - share).",
                      sp.simplify((path - shares[0]) / (1 - shares[0])))  # fmt: skip
    proof.lemma("It is e^{-M t}.", fade, sp.exp(-total * t))
    return proof.close(
        lead=lead, rotation=sp.factor(rate), rank=rank, correlation=sp.exp(-total * t)
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
    race = ladder_race([1.0, 2.0], 3, rho=0.1, lam=1.0, theta=1.0, compute=m.tolist(),
                       build=(1.0, 1.0))  # fmt: skip
    facts = lb.verdict(lb.solve(race, lb.Method(certify=False)), check_cap=False).statistics
    turns = [m, np.roll(m, -1), np.roll(m, -2)]
    points = [dict(zip((*M3, t), (*turn, 1.0), strict=True)) for turn in turns]
    found = list(facts.time_in_lead.values())
    worst = max(gap(found, [closed("lead", p) for p in points]),
                gap(facts.lead_changes_per_year, closed("rotation", points[0])))  # fmt: skip
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
    statement="Rankings follow Plackett-Luce: P(i leads) = m_i/M, changes at M(1-H), leadership "
    "correlated as e^{-Mt}",
    assumptions=(
        "leapfrog; lab i builds at the hazard m_i in every state in which it does not lead",
        "stated for N labs, printed for three, exact for up to five",
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
