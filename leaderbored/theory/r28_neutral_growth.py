r"""R28. Growth bends the neutral ladder: revenue that is neutral in the lead is log-convex.

Money grows by the factor :math:`\Gamma \ge 1` whenever the frontier advances. N equal labs leapfrog
on a revenue ladder :math:`f = r_0, r_1, r_2, \dots` without a top, with any increasing concave
hazard h of the share. Now laggards gain from the leader's advances, so that their play depends on
its lead, and the one ladder of R5 is none. But leads are still neutral where all labs build one
share b at every leaderboard. With :math:`h_F = (N - 1) h(b)` and

.. math:: \gamma = \frac{1}{\Gamma} \Big[ 1 + \frac{\rho + h_F}{(1 - b) h' + h} \Big], \qquad
          \delta = \frac{(\Gamma - 1)\, h_F}{\rho - (\Gamma - 1)\, h_F}\, f

that is an equilibrium, with finite values, on a ladder that rises iff :math:`\rho > (\Gamma - 1)
h_F` and

.. math:: r_{g+1} = \gamma\, r_g - \delta ,

the sum of a constant and an exponential,

.. math:: r_g = \frac{\delta}{\gamma - 1} + \Big( f - \frac{\delta}{\gamma - 1} \Big) \gamma^g .

Both parts are positive, so that it is log-convex, strictly for :math:`\Gamma > 1`, and its revenue
a rung grows ever faster. Without growth it is the log-linear ladder of R6 and R7. With growth none
that is log-linear is neutral.

*What is not proved.* So one expects log-concave revenue to make a run of the race with growth as it
does without (R6). In three hundred random ladders that are log-concave no leader was found to build
more with a longer lead; and log-linear revenue is on that side: with N = 2, :math:`\theta = 1/2`,
:math:`\lambda = 1`, :math:`\rho = .3` and :math:`r_g = 1.3^g` labs build .07794 at every lead
without growth. At :math:`\Gamma = 1.05` they build .12877 tied, .11867 one ahead and .11126 two
ahead, and .13016 one behind and .13123 two behind.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import fsolve

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.system import System
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.r27_growth_tie import Gam
from leaderbored.theory.races import by_lead, laggards_and_leader
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import N, b, f, h_F, lam, rho, theta

r_g = sp.Symbol("r_g", positive=True)
DOMAIN = {
    N: (2, 3),
    theta: (0.3, 0.65),
    lam: (0.5, 1.5),
    rho: (0.3, 0.8),
    Gam: (1.02, 1.12),
    b: (0.02, 0.15),
    f: (0.5, 2.0),
}
RUNGS = {2: 20, 3: 12}  # by labs
LEADS = 2  # that are compared
UNFELT = 1e-8  # relative
ROUGH = 1e-2  # of shares, from which on the ladder is another


def prove() -> Derivation:
    """Values of one share for all, first-order conditions, and what they ask of revenue."""
    proof = Proof()
    h, slope, m = sp.symbols("h h' m", positive=True)
    u, above, w = sp.symbols("u_g u_next W", positive=True)
    proof.because(
        "Let all labs build b everywhere. A laggard's value W depends on no lag and no lead, and "
        "a tie is worth W too.",
        "a laggard's own success makes it a leader by one, and any other is an advance that leaves "
        "it a laggard",
    )
    bellman = rho * u - (1 - b) * r_g - h * (Gam * above - u) - h_F * (Gam * w - u)
    proof.step("A leader by g, paid r_g, is worth u_g where this vanishes:", bellman)
    proof.because(
        "With u_0 = W and r_0 = f a laggard's equation is the same at g = 0.",
        "its own success leads to u_1, and the others', of hazard h_F together, to Gamma W",
    )
    rung = proof.step(
        "The share b is best iff r_g = h' (Gamma u_next - u_g), at every g from zero on, so that "
        "u_next is:",
        sp.solve(r_g - slope * (Gam * above - u), above)[0],
    )
    worth = proof.step(
        "Then u_g is:", sp.collect(sp.expand(sp.solve(bellman.subs(above, rung), u)[0]), r_g)
    )
    weight = ((1 - b) + h / slope) / (rho + h_F)
    shift = h_F * Gam * w / (rho + h_F)
    proof.lemma("With m = ((1 - b) + h / h') / (rho + h_F) that is:", worth, weight * r_g + shift)
    last = proof.step("At g = 0 it is W, so that W is:", sp.solve(w - m * f - shift, w)[0])
    lifted = shift.subs(w, last)
    follows = sp.solve(Gam * (m * above + lifted) - (m * r_g + lifted) - r_g / slope, above)[0]
    ratio = proof.step(
        "Two rungs one after the other ask for r_next = gamma r_g - delta, gamma being:",
        sp.factor(sp.diff(sp.expand(follows), r_g)),
    )
    drop = proof.step("And delta:", sp.factor(-sp.expand(follows).subs(r_g, 0)))
    gamma = (1 + (rho + h_F) / ((1 - b) * slope + h)) / Gam
    proof.lemma("In other words gamma is:", ratio.subs(m, weight), gamma)
    fall = (Gam - 1) * h_F * f / (rho - (Gam - 1) * h_F)
    proof.lemma("And delta:", drop, fall)
    _finite(proof)
    _convex(proof)
    build = lam * b**theta
    named = {h: build, slope: sp.diff(build, b), h_F: (N - 1) * build}
    return proof.close(
        ratio=sp.simplify(gamma.subs(named, simultaneous=True)),
        drop=sp.simplify(fall.subs(named, simultaneous=True)),
    )


def _finite(proof: Proof) -> None:
    """A ladder that rises has finite values, and the Bellman equation gives them."""
    h, a = sp.symbols("h a", positive=True)
    proof.because(
        "Let W be positive, rho > (Gamma - 1) h_F, and the ladder rise. Then (gamma - 1) f > "
        "delta, and Gamma gamma < 1 + (rho + h_F) / h. So this, a being Gamma - 1, is positive:",
        "r_1 > f; (1 - b) h' is positive; denominators are",
        (h + rho + h_F) * (rho - a * h_F) - (1 + a) * rho * h,
    )
    proof.lemma(
        "That is:",
        (h + rho + h_F) * (rho - a * h_F) - (1 + a) * rho * h,
        (rho + h_F) * (rho - a * (h + h_F)),
    )
    proof.because(
        "So rho exceeds (Gamma - 1) (h + h_F), the growth of money, and values are finite; they "
        "are those above, and b is a best reply to itself.",
        "the sum over a leader's next successes converges, as Gamma gamma h < rho + h + h_F, and "
        "positive values that solve the equations of b are its values then; payoffs are concave in "
        "the share, as Gamma u_next > u_g, and positive values that solve the Bellman equation "
        "bound what any deviation earns",
    )


def _convex(proof: Proof) -> None:
    g = sp.Symbol("g", positive=True)
    q, c, e = sp.symbols("gamma c e", positive=True)
    proof.lemma(
        "The solution from r_0 = f = c + e on, with c = delta / (gamma - 1), is c + e gamma^g:",
        q * (c + e * q**g) - c * (q - 1),
        c + e * q ** (g + 1),
    )
    proof.because(
        "c and e are positive if Gamma > 1 and the ladder rises.",
        "then gamma > 1, as r_next - r_g = (gamma - 1) r_g - delta; and e (gamma - 1) = r_1 - f",
    )
    proof.lemma(
        "And r_g r_{g+2} - r_{g+1}^2 is positive:",
        (c + e * q**g) * (c + e * q ** (g + 2)) - (c + e * q ** (g + 1)) ** 2,
        c * e * q**g * (q - 1) ** 2,
    )
    proof.because(
        "So it is log-convex, strictly, and log-linear only without growth.",
        "c is zero iff delta is, iff Gamma = 1",
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """What the solvers build on the form's ladder; the ladder that makes them build one share."""
    at = _draw(closed, rng)
    ladder = _ladder(at, float(closed("ratio", at)), float(closed("drop", at)))
    worst = gap(_played(at, ladder), np.full(LEADS + 1, at[b]))

    def apart(numbers: Array) -> Array:
        """How far the first two shares are from b."""
        return np.asarray(_played(at, _ladder(at, *map(float, numbers)))[:2] - at[b])

    if worst > ROUGH:
        return worst
    near = np.array([closed("ratio", at), closed("drop", at)])
    found = fsolve(apart, near, xtol=1e-9)
    return max(worst, gap(found[0], near[0]), gap(found[1], near[1]))


def _draw(closed: Formulas, rng: np.random.Generator) -> Sample:
    """A point of the domain at which the ladder rises, and short leads do not feel its top."""
    for _ in range(1000):
        at: Sample = {N: int(rng.integers(2, 4))}
        for symbol in (theta, lam, rho, Gam, b, f):
            at[symbol] = float(rng.uniform(*DOMAIN[symbol]))
        ratio, hazard = abs(closed("ratio", at)), at[lam] * at[b] ** at[theta]
        felt = hazard * at[Gam] * ratio / (at[rho] + at[N] * hazard)  # a rung further up
        rises = (ratio - 1.05) * at[f] > abs(closed("drop", at))
        if rises and felt ** (RUNGS[at[N]] - LEADS) < UNFELT:
            return at
    raise ValueError("no ladder rises")


def _ladder(at: Sample, ratio: float, drop: float) -> list[float]:
    ladder = [at[f]]
    for _ in range(RUNGS[at[N]]):
        ladder.append(ratio * ladder[-1] - drop)
    return ladder


def _played(at: Sample, ladder: list[float]) -> Array:
    """Shares by lead in the equilibrium that Newton's method finds from b."""
    labs = tuple(lb.Lab(str(k), 1.0) for k in range(at[N]))
    technology = lb.Technology(at[lam], at[theta], leapfrog=1.0)
    race = lb.Race(
        labs, lb.RevenueLadder(tuple(ladder)), technology, at[rho], len(ladder) - 1, growth=at[Gam]
    )
    game = race.markov()
    system = System(game)
    same = laggards_and_leader(game, at[b], [at[b]] * (len(ladder) - 1))
    found = Newton().polish(system, system.evaluate(same), same)
    if found is None:
        raise ValueError("no equilibrium next to one share for all")
    return np.asarray(found[1][0, by_lead(game)[: LEADS + 1]])


RESULT = Result(
    id="R28",
    title="Neutral revenue where money grows",
    statement="With growth leads are neutral, all building b, iff r_{g+1} = gamma r_g - delta, "
    "gamma = [1+(rho+h_F)/((1-b) h'+h)]/Gamma, delta = (Gamma-1) h_F f/(rho-(Gamma-1) h_F): a "
    "constant and an exponential, log-convex",
    assumptions=(
        "money grows by Gamma with every advance of the frontier; N equal labs, leapfrogging, on a "
        "revenue ladder that rises and has no top; no flywheel, no handicap, no drafting",
        "h increasing and concave; the forms have h = lambda b^theta; h_F = (N-1) h(b)",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=3e-4,
    samples=3,
)
