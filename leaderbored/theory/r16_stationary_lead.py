r"""R16. Two labs: the stationary lead, the mean reign, and the one-rung ladder solved in full.

*Statistics.* Step by step the signed lead is a birth-death chain. With hazards :math:`h_0` of each
at a tie, :math:`h_g` of a leader and :math:`c_g` of a laggard, detailed balance gives the law and
first-passage equations the mean reign; its inverse is the rate of lead changes. For one rung a
reign lasts :math:`2 / c_1 + 1 / h_0`. With leapfrogging it lasts :math:`1 / h_F` (R5).

*One rung, theta = 1/2.* Write R = r_1 / f, :math:`\sigma = \rho / \lambda`, shares as squares.
Step by step, at a tie :math:`x^2`, behind :math:`y^2`: eliminating the values from the three
Bellman equations leaves

.. math:: x^2 + 2 \sigma x = R - 1, \qquad y^2 + 2 (\sigma + x) y = x^2 .

One positive root each: one symmetric equilibrium. It is not the only one if labs are patient. For
:math:`\sigma < s^* x`, where :math:`s^* = 0.0956` is the positive root of :math:`3 s^4 + 16 s^3 +
29 s^2 + 18 s - 2`, that is for :math:`\sigma < s^* \sqrt{(R - 1) / (1 + 2 s^*)}`, equal labs have
asymmetric equilibria too: one of them builds more at a tie, and more when behind. With leapfrogging
and :math:`l_i = \lambda \sqrt{K_i}`,

.. math:: l_i (R - 1 - s_i^2) = 2 s_i (\rho + l_j s_j), \qquad i = 1, 2 .

Equal labs: the difference of the two is :math:`(s_1 - s_2)(s_1 + s_2 + 2 \sigma) = 0`, so there is
no asymmetric interior equilibrium, and :math:`3 s^2 + 2 \sigma s = R - 1`. Unequal labs: the
resultant is a quartic in :math:`s_1`; R21 shows that one root counts. Shares above one are cut off.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead, ladder_race
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import f, lam, r_1, rho

h_0, h_1, c_1, c_2 = sp.symbols("h_0 h_1 c_1 c_2", positive=True)
l_1, l_2, s_1, s_2, x, y = sp.symbols("l_1 l_2 s_1 s_2 x y", positive=True)
DOMAIN = {lam: (0.5, 2.0), rho: (0.05, 0.5), f: (0.5, 2.0)}


def prove() -> Derivation:
    """Detailed balance and passage times; then values eliminated from the Bellman equations."""
    proof = Proof()
    mean, changes = _statistics(proof)
    tie, chase = _step_by_step(proof)
    both, partner, fourth = _leapfrog(proof)
    return proof.close(
        mean_lead=mean,
        changes=changes,
        tie=tie,
        chase=chase,
        both=both,
        partner=partner,
        fourth=fourth,
    )


def _statistics(proof: Proof) -> tuple[sp.Expr, sp.Expr]:
    weight = [sp.Integer(1), 2 * h_0 / c_1, 2 * h_0 / c_1 * h_1 / c_2]
    proof.because(
        "Step by step, the lead is a chain on 0, 1, 2 (the cap) that moves by one: from a tie up "
        "at 2 h_0, from 1 up at h_1, from g down at c_g. Its law balances each pair of neighbours.",
        "in a birth-death chain the flow over each cut is the same both ways (detailed balance)",
    )
    proof.step("So the weights of the leads 0, 1, 2 are:", *weight)
    mean = proof.step("And the mean lead is:", sp.factor((weight[1] + 2 * weight[2]) / sum(weight)))
    times = two, one, zero = sp.symbols("T_2 T_1 T_0", positive=True)
    passage = (
        c_2 * (two - one) - 1,
        (h_1 + c_1) * one - h_1 * two - c_1 * zero - 1,
        2 * h_0 * zero - h_0 * one - 1,  # from a tie the rival may win at once
    )
    proof.step(
        "A reign lasts from a lab's lead of 1 to the rival's. With T_g the mean time to "
        "that from a lead of g, these are zero:",
        *passage,
    )
    reign = sp.factor(sp.solve(passage, times, dict=True)[0][one])
    proof.step("So the mean reign T_1 is:", reign)
    proof.lemma("With one rung (h_1 = 0) it is:", reign.subs(h_1, 0), 2 / c_1 + 1 / h_0)
    return mean, proof.step(
        "Reigns follow each other, so the lead changes this often a year:", 1 / reign
    )


def _step_by_step(proof: Proof) -> tuple[sp.Expr, sp.Expr]:
    A, B, b = sp.symbols("A B b", positive=True)
    stage = (1 - b) * f + lam * sp.sqrt(b) * A
    gain = sp.solve(sp.diff(stage, b).subs(b, x**2), A)[0]
    proof.step("One rung, theta = 1/2, step by step: the gain A at which b = x^2 is best:", gain)
    rises = {A: gain, B: gain.subs(x, y)}
    tie = f * (1 - x**2) + lam * x * (A - B)
    ahead = r_1 - lam * y * A
    behind = f * (1 - y**2) + lam * y * B
    proof.step(
        "With the gains A from a tie and B from behind, rho times the values tied, ahead and "
        "behind is:",
        tie,
        ahead,
        behind,
    )
    first = sp.expand((ahead - tie - rho * A).subs(rises) / f)
    proof.step(
        "Ahead less tied is rho A: with the gain at the first-order condition, over f, y "
        "drops out, and this is zero:",
        first,
    )
    second = sp.expand((tie - behind - rho * B).subs(rises) / f)
    proof.step("Tied less behind is rho B, likewise:", second)
    roots = [r for r in sp.solve(first, x) if r.subs({r_1: 2, f: 1, rho: 1, lam: 1}) > 0]
    behind_roots = sp.solve(second, y)
    at = {x: 1, rho: 1, lam: 1}
    chase = next(r for r in behind_roots if r.subs(at) > 0)
    proof.step(
        "Each is a quadratic that is negative at zero, so with one positive root, x and y:",
        roots[0],
        chase,
    )
    _asymmetric(proof)
    return roots[0] ** 2, chase.subs(x, roots[0]) ** 2


def _asymmetric(proof: Proof) -> None:
    """Where equal labs that go step by step part: the symmetric equilibrium changes its index."""
    x_1, x_2, y_1, y_2, sigma, d, s = sp.symbols("x_1 x_2 y_1 y_2 sigma d s", positive=True)
    A, B = 2 * x_1 / lam, 2 * y_1 / lam  # the gains, with f = 1
    tied = (1 - x_1**2) + lam * x_1 * A - lam * x_2 * B
    first = sp.expand(r_1 / f - lam * y_2 * A - tied - lam * sigma * A)
    mirrored = first.subs({x_1: x_2, x_2: x_1, y_1: y_2, y_2: y_1}, simultaneous=True)
    proof.step(
        "Asymmetric equilibria, with sigma = rho / lambda: lab 1's ahead less tied is rho "
        "A, over f, where this is zero:",
        first,
    )
    gap_ = proof.step(
        "Likewise for lab 2; and y_1^2 + 2 (sigma + x_2) y_1 = x_1^2, with its "
        "mirror image. Lab 2's less lab 1's is:",
        sp.expand(mirrored - first),
    )
    slope = (x + y) / (x + y + sigma)
    behind = y_1**2 + 2 * (sigma + x_2) * y_1 - x_1**2
    moved = {x_1: x + d, x_2: x - d, y_1: y + slope * d, y_2: y - slope * d}
    proof.lemma(
        "Near x_1 = x_2 = x, at x + d and x - d, y_1 and y_2 move by plus and minus d "
        "times (x + y) / (x + y + sigma), for then y_1's condition keeps its value:",
        sp.diff(behind.subs(moved), d).subs(d, 0),
        sp.Integer(0),
    )
    turn = sp.factor(sp.diff(gap_.subs(moved), d).subs(d, 0) * (x + y + sigma) / 4)
    q = sp.Symbol("q", positive=True)
    proof.lemma(
        "So the difference moves with d at 4 / q times this, q = x + y + sigma:",
        turn.subs(y, q - x - sigma),
        2 * q**2 - (sigma + 3 * x) * q + 2 * sigma * x,
    )
    square = (sigma + x) ** 2 + x**2
    proof.lemma(
        "q^2 = (sigma + x)^2 + x^2, by y's condition:",
        (y + sigma + x) ** 2 - (y**2 + 2 * (sigma + x) * y - x**2),
        square,
    )
    both = (2 * square + 2 * sigma * x) ** 2 - (sigma + 3 * x) ** 2 * square
    proof.step(
        "That is zero where (2 q^2 + 2 sigma x)^2 = (sigma + 3 x)^2 q^2; at sigma = s x the "
        "difference of the two, over x^4:",
        sp.expand(both.subs(sigma, s * x) / x**4),
    )
    proof.because(
        "It rises in s from -2, so it has one positive root s*. If sigma < s* x the symmetric "
        "equilibrium has index -1, and there are asymmetric ones, in mirror images.",
        "coefficients but the last are positive; the index is +1 for large sigma, where replies "
        "hardly move, and changes where the slope against x_1 - x_2 does; indices add up to one, "
        "and the symmetric equilibrium is the only one of its kind, so that others make up for it",
    )


def _leapfrog(proof: Proof) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    R = r_1 / f
    first = l_1 * (R - 1 - s_1**2) - 2 * s_1 * (rho + l_2 * s_2)
    second = first.subs({l_1: l_2, l_2: l_1, s_1: s_2, s_2: s_1}, simultaneous=True)
    D, u = sp.symbols("D u_0", positive=True)
    gain = 2 * f * s_1 / l_1
    bottom = sp.solve(D * u - f * (1 - s_1**2) - l_1 * s_1 * gain, u)[0]
    proof.step(
        "Leapfrog, D = rho + l_2 s_2: at the first-order condition l_1 (u_1 - u_0) = 2 f s_1, lab "
        "1's u_0 is:",
        bottom,
    )
    proof.lemma(
        "With u_1 = r_1 / D the condition on the two shares is that this be zero:",
        (l_1 * (r_1 / D - bottom - gain) * D / f).subs(D, rho + l_2 * s_2),
        first,
    )
    alike = {l_1: lam, l_2: lam}
    proof.lemma(
        "Equal labs: the difference of the two labs' conditions, so that s_1 = s_2:",
        (first - second).subs(alike),
        -lam * (s_1 - s_2) * (s_1 + s_2 + 2 * rho / lam),
    )
    same = sp.solve(first.subs(alike).subs(s_2, s_1), s_1)
    both = next(r for r in same if r.subs({r_1: 2, f: 1, rho: 1, lam: 1}) > 0)
    proof.step("Then the condition is a quadratic, with the positive root:", both)
    partner = proof.step(
        "Unequal labs: the first condition is linear in s_2:", sp.factor(sp.solve(first, s_2)[0])
    )
    quartic = sp.Poly(sp.numer(sp.together(second.subs(s_2, partner))), s_1)
    fourth = sp.expand(s_1**4 - (quartic / quartic.LC()).as_expr())
    proof.step(
        "Put into the second it leaves a quartic in s_1, here solved for the fourth power; "
        "by R21 one of its roots is an equilibrium:",
        sp.collect(sp.simplify(fourth), s_1),
    )
    return both**2, partner, fourth


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """One-rung races step by step and with leapfrogging, and the statistics of two rungs."""
    p = draw(rng, DOMAIN)
    p[r_1] = p[f] * float(rng.uniform(1.05, 1.8))
    size = {"rho": p[rho], "lam": p[lam]}
    found = _solved(ladder_race([p[f], p[r_1]], 2, leapfrog=0.0, **size))
    chain = by_lead(found.game)
    worst = max(
        gap(found.build[0, chain[0]], closed("tie", p)),
        gap(found.build[1, chain[1]], closed("chase", p)),
    )
    found = _solved(ladder_race([p[f], p[r_1]], 2, **size))
    worst = max(worst, gap(found.build[0, 0], closed("both", p)))
    return max(worst, _unequal(closed, p, rng), _two_rungs(closed, p, rng))


def _solved(race: lb.Race) -> lb.solvers.Equilibrium:
    return lb.solve(race, lb.Method(certify=False)).equilibria[0]


def _unequal(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    sizes = rng.uniform(0.7, 1.4, 2)
    race = ladder_race([p[f], p[r_1]], 2, rho=p[rho], lam=p[lam], compute=sizes.tolist())
    s = np.sqrt(_solved(race).build[:, 0])
    if s.max() >= 1:
        return 0.0
    at = {**p, s_1: s[0], s_2: s[1], l_1: p[lam] * sizes[0] ** 0.5, l_2: p[lam] * sizes[1] ** 0.5}
    return max(gap(s[1], closed("partner", at)), gap(s[0] ** 4, closed("fourth", at)))


def _two_rungs(closed: Formulas, p: Sample, rng: np.random.Generator) -> float:
    revenue = p[f] * np.cumprod([1.0, *rng.uniform(1.1, 1.6, 2)])
    race = ladder_race(revenue, 2, rho=p[rho], lam=p[lam], leapfrog=0.0)
    solution = lb.solve(race, lb.Method(certify=False))
    facts = lb.verdict(solution, check_cap=False).statistics
    hazard = solution.markov.hazard(solution.equilibria[0].build)[:, by_lead(solution.markov)]
    at = {h_0: hazard[0, 0], h_1: hazard[0, 1], c_1: hazard[1, 1], c_2: hazard[1, 2]}
    return max(
        gap(facts.mean_lead, closed("mean_lead", at)),
        gap(facts.lead_changes_per_year, closed("changes", at)),
    )


RESULT = Result(
    id="R16",
    title="Stationary lead, one rung",
    statement="Two labs: law, reign and changes of the lead by birth-death sums; the one-rung "
    "equilibria (theta = 1/2) as roots of polynomials",
    assumptions=(
        "two labs; the statistics step by step, equal labs, cap at two rungs",
        "one rung: theta = 1/2, interior shares",
        "tie and chase: the symmetric equilibrium; with patience there are asymmetric ones too",
    ),
    sources=(
        "Karlin and Taylor (1975), A First Course in Stochastic Processes, chapter 4",
        "Aghion, Bloom, Blundell, Griffith and Howitt (2005), Competition and innovation: an "
        "inverted-U relationship, Quarterly Journal of Economics 120: one rung with money costs",
    ),
    prove=prove,
    compare=compare,
    domain={
        **DOMAIN,
        r_1: (2.1, 3.5),
        h_0: (0.1, 2.0),
        h_1: (0.1, 2.0),
        c_1: (0.1, 2.0),
        c_2: (0.1, 2.0),
        l_1: (0.5, 2.0),
        l_2: (0.5, 2.0),
        s_1: (0.1, 0.6),
        s_2: (0.1, 0.6),
    },
    tolerance=1e-8,
    samples=6,
)
