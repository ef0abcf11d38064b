r"""R4. Leasing caps the headwind.

If compute that is not kept can be rented to the leader, who sells it at :math:`p_1`, and
:math:`\tau` is lost on the way, a unit of the laggard's compute earns at least
:math:`p_1 - \tau`. Its cost of building rises from :math:`p_2` to
:math:`\max(p_2, p_1 - \tau)`, and R1 holds with that:

.. math:: P_1 = \frac{t}{t + m^r}, \qquad m = \frac{p_1}{\max(p_2, p_1 - \tau)} .

Without friction m = 1: what is left is the head start, and the run becomes a race. R1 presumes both
labs sold out. An idle laggard builds at no cost without leasing and at :math:`p_1 - \tau` with it,
so there the lease changes more: it prices what was free.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.r01_contest import RESULT as ONE_LAP
from leaderbored.theory.r01_contest import V, p_1, p_2, r, t
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import tau

DOMAIN = {
    p_1: (2.0, 3.0),
    p_2: (0.5, 1.5),
    tau: (0.1, 2.0),
    t: (0.7, 2.0),
    V: (0.5, 3.0),
    r: (0.3, 1.0),
}


def prove() -> Derivation:
    """Replace the laggard's cost in R1; set the friction to zero; find the friction that binds."""
    proof = Proof()
    cost = proof.step(
        "What a unit of the laggard's compute earns if it does not build, sold at "
        "p_2 or leased at p_1 - tau:",
        sp.Max(p_2, p_1 - tau),
    )
    proof.because(
        "So R1 holds with that in place of p_2; the leader's cost stays p_1.",
        "opportunity cost: payoffs differ from those of R1 in the price of what is not built with; "
        "the leader sells all that it leases at p_1, which it earned on its own compute before",
    )
    lap = proof.step(
        "The leader's chance with costs p_1 and p_2, from R1:", ONE_LAP.derive().closed["chance"]
    )
    leased = proof.step("With the new cost:", lap.subs(p_2, cost))
    headwind = sp.Symbol("m", positive=True)
    proof.lemma(
        "In terms of m, the leader's cost over the laggard's:",
        lap.subs(p_2, p_1 / headwind),
        t / (t + headwind**r),
    )
    proof.lemma(
        "Without friction m = 1, and only the head start is left:", lap.subs(p_2, p_1), t / (t + 1)
    )
    idle = proof.step(
        "A laggard with compute to spare pays the rent p_1 - tau too, instead of "
        "nothing: it builds with r V P_1 P_2 over the rent:",
        (r * V * lap * (1 - lap) / p_2).subs(p_2, p_1 - tau),
    )
    x = sp.Symbol("x", positive=True)
    half = sp.solve(sp.log(t) + r * (sp.log(x) - sp.log(p_1)), x)[0]
    friction = proof.step(
        "The odds t (x / p_1)^r at a rent x are even at the friction p_1 - x:", p_1 - half
    )
    return proof.close(chance=leased, idle_build=idle, friction=friction)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Contests with leasing: both sold out, the laggard idle, and at the friction of even odds."""
    p = draw(rng, DOMAIN)
    first, second = _solve(p, None)
    chance = p[t] * first ** p[r] / (p[t] * first ** p[r] + second ** p[r])
    worst = gap(chance, closed("chance", p))
    _, idle = _solve(p, 0.0) if p[tau] < p[p_1] else (0.0, 0.0)
    worst = max(worst, gap(idle, closed("idle_build", p)))
    rent = float(rng.uniform(p[p_2], p[p_1]))  # at this rent the odds are even, so friction binds
    even = {**p, t: (p[p_1] / rent) ** p[r]}
    even[tau] = max(closed("friction", even), 0.0)
    first, second = _solve(even, None)
    worst = max(worst, gap(even[t] * first ** p[r], second ** p[r]))
    return worst


def _solve(p: Sample, demand: float | None) -> tuple[float, float]:
    labs = [
        lb.Contender("1", 50.0, price=p[p_1], head_start=p[t]),
        lb.Contender("2", 50.0, price=p[p_2], demand=demand),
    ]
    contest = lb.Contest(tuple(labs), prize=p[V], decisiveness=p[r], friction=p[tau])
    found = lb.solve(contest).equilibria[0].strategies
    return float(found["1"].sum()), float(found["2"].sum())


RESULT = Result(
    id="R4",
    title="Leasing",
    statement="With leasing at friction tau, P_1 = t/(t + m^r), m = p_1/max(p_2, p_1 - tau): "
    "frictionless leasing removes the headwind",
    assumptions=("as R1, both labs sold out before leasing",),
    sources=("Tullock (1980): the contest",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-7,
    samples=8,
)
