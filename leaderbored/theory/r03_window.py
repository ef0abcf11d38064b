r"""R3. The headwind blows in a window of scarcity.

Two equal labs share the demand :math:`2 \psi K` by logit. At a lead of g the leader's part is
:math:`1 / (1 + e^{-\beta g})`. The leader is sold out iff its demand exceeds K, the laggard has
idle compute iff its own falls short:

.. math:: \tfrac12 (1 + e^{-\beta g}) < \psi < \tfrac12 (1 + e^{\beta g}) .

The window is :math:`\sinh \beta g` wide and grows with the lead. Below it even the leader has
compute to spare, plenty; above it both are sold out, famine, and only the premium is left. Read
the other way: at a given scarcity above one half the wind sets in beyond the lead :math:`|\ln (2
\psi - 1)| / \beta`.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy.optimize import brentq

import leaderbored as lb
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead
from leaderbored.theory.records import Formulas, Result, Sample, draw, gap
from leaderbored.theory.symbols import K

beta, g, psi = sp.symbols("beta g psi", positive=True)
psi_low = sp.Symbol("psi_low", positive=True)  # scarcity between one half and one
DOMAIN = {beta: (0.3, 2.0), K: (0.5, 2.0)}


def prove() -> Derivation:
    """Demand of each lab, set equal to its capacity."""
    proof = Proof()
    behind = sp.exp(-beta * g)
    leader = proof.step(
        "By logit, at a lead of g, the leader's demand is:", 2 * psi * K / (1 + behind)
    )
    laggard = proof.step("And the laggard's:", 2 * psi * K * behind / (1 + behind))
    plenty = proof.step(
        "The leader's is its capacity K at the scarcity:", sp.expand(sp.solve(leader - K, psi)[0])
    )
    famine = proof.step("And the laggard's is K at:", sp.expand(sp.solve(laggard - K, psi)[0]))
    proof.because(
        "So the leader is sold out and the laggard has compute to spare strictly between the two.",
        "both demands rise in scarcity, in proportion",
    )
    width = sp.simplify((famine - plenty).rewrite(sp.sinh))
    proof.step(
        "The window is this wide, and widens with the lead at the rate:", width, sp.diff(width, g)
    )
    above = sp.solve(famine - psi, g)[0]
    below = sp.expand_log(sp.solve(plenty - psi, g)[0], force=True)
    proof.step(
        "At a scarcity above one the leader is sold out at any lead, and the laggard idle "
        "beyond the lead:",
        above,
    )
    proof.step(
        "Between one half and one the laggard is idle at any lead, and the leader sold out "
        "beyond the lead:",
        below,
    )
    return proof.close(
        plenty=plenty, famine=famine, onset=above, onset_low=below.subs(psi, psi_low)
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Find by bisection where the compiled race leaves compute idle."""
    p = draw(rng, DOMAIN)
    lead = int(rng.integers(1, 5))

    def slack(scarcity: float, lab: int) -> float:
        game = _race(p, scarcity).markov()
        state = by_lead(game)[lead]
        return float(game.demand[lab, state] / game.capacity[lab, state] - 1)

    edges = [float(brentq(slack, 1e-3, 1e5, args=(lab,), xtol=1e-13, rtol=1e-14)) for lab in (0, 1)]
    at = {**p, g: lead}
    worst = gap(edges, [closed("plenty", at), closed("famine", at)])
    onsets = [closed("onset_low", {**p, psi_low: edges[0]}), closed("onset", {**p, psi: edges[1]})]
    for side, open_ in ((1 - 1e-6, False), (1 + 1e-6, True)):  # and the wind itself
        idle = _race(p, edges[0] * side).markov().idle[:, by_lead(_race(p, 1.0).markov())[lead]]
        worst = max(worst, float((idle[0] == 0 and idle[1] > 0) != open_))
    return max(worst, gap(onsets, [lead, lead]))


def _race(p: Sample, scarcity: float) -> lb.Race:
    labs = lb.Lab("A", p[K]), lb.Lab("B", p[K])
    market = lb.ScarceMarket(scarcity, switching=p[beta])
    return lb.Race(labs, market, lb.Technology(1.0), discount=0.1, rungs=5)


RESULT = Result(
    id="R3",
    title="Headwind window",
    statement="Leader sold out and laggard idle iff (1+e^{-beta g})/2 < psi < (1+e^{beta g})/2",
    assumptions=("two equal labs, equal brands, logit demand",),
    sources=(
        "McFadden (1974), Conditional logit analysis of qualitative choice behavior, in Frontiers "
        "in Econometrics: the demand",
    ),
    prove=prove,
    compare=compare,
    domain={**DOMAIN, g: (1.0, 6.0), psi: (1.05, 3.0), psi_low: (0.55, 0.95)},
    tolerance=1e-9,
    samples=6,
)
