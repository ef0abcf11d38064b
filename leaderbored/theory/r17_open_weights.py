r"""R17. Open weights and distillation move the thresholds of the linear race.

*Open weights.* If everyone draws level with the leader at the rate :math:`h_o`, a leader loses
:math:`V - W` at that rate on top of its rivals' successes, and a laggard loses nothing, since with
leapfrogging a tie is worth what any laggard is. So :math:`\rho` is replaced by :math:`\rho + h_o`
wherever it discounts the difference :math:`V_1 - W`: in T of R9 and R10.

*Distillation.* Let laggards build at :math:`\lambda_F` and the leader at :math:`\lambda_L` per
unit of compute. Laggards chase iff :math:`r_1 / f \ge N + \rho / \lambda_F`. The leader extends
its lead iff :math:`r_2 / r_1 \ge 1 + (\rho + (N - 1) \lambda_F) / \lambda_L`. Faster
laggards chase for less, and raise the bar for extending: the region of runs grows on both sides.
"""

from __future__ import annotations

import numpy as np
import sympy as sp

from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import (
    by_lead,
    ladder_race,
    laggards_and_leader,
    scale_leader,
    values,
    with_imitation,
)
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import N, f, r_1, r_2, rho

lam_F, lam_L, h_o = sp.symbols("lambda_F lambda_L h_o", positive=True)
DOMAIN = {
    N: (2, 4),
    lam_F: (0.5, 3.0),
    lam_L: (0.3, 2.0),
    h_o: (0.05, 0.5),
    rho: (0.05, 0.5),
    f: (0.5, 2.0),
}


def prove() -> Derivation:
    """The two Bellman equations of R9 with imitation, and with two speeds."""
    proof = Proof()
    V, W, R = sp.symbols("V_1 W R", positive=True)
    ahead = proof.step(
        "A leader that sells loses V_1 - W to rivals' successes and to imitation; this is zero:",
        rho * V - r_1 + ((N - 1) * lam_F + h_o) * (V - W),
    )
    behind = proof.step("For a laggard that builds flat out this is:", rho * W - lam_F * (V - W))
    proof.because(
        "Imitation does not move it: a tie is worth W too.",
        "at a tie all build at lambda_F, and with leapfrogging a success makes any of them leader "
        "by one, just as from behind",
    )
    found = sp.solve((ahead, behind), (V, W), dict=True)[0]
    worth = proof.step(
        "So the lead is worth V_1 - W, as in R9 but with rho + h_o for rho:",
        sp.simplify(found[V] - found[W]),
    )
    chase = proof.step(
        "A laggard's payoff is linear in its share: it builds iff lambda_F (V_1 - "
        "W) >= f, from this "
        "r_1 / f on:",
        sp.expand(sp.solve(lam_F * worth.subs(r_1, R * f) - f, R)[0]),
    )
    second = (r_2 - r_1) / (rho + h_o + (N - 1) * lam_F)
    proof.step("A second rung, at which the leader sells, adds:", second)
    extend = proof.step(
        "So a leader extends its lead iff lambda_L times that is at least r_1, "
        "from this r_2 / r_1 on:",
        sp.expand(sp.solve(lam_L * second - r_1, r_2)[0] / r_1),
    )
    return proof.close(chase=chase, extend=extend)


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Values of the profiles by linear solve, with an imitator added and the leader rescaled."""
    p = draw(rng, DOMAIN)
    revenue = [p[f], 2.0, 5.0]
    game = ladder_race(revenue, p[N], rho=p[rho], lam=p[lam_F], theta=1.0).markov()
    game = with_imitation(scale_leader(game, p[lam_L] / p[lam_F]), p[h_o])
    profile = laggards_and_leader(game, 1.0, [0.0, 0.0])
    profile[-1] = 0.0
    tie, one, two = values(game, profile)[0, by_lead(game)]
    chase = 2.0 / p[f] / (p[lam_F] * (one - tie) / p[f])  # the gain is in proportion to r_1
    extend = 1 + (5.0 - 2.0) / 2.0 / (p[lam_L] * (two - one) / 2.0)  # and to r_2 - r_1
    return max(gap(chase, closed("chase", p)), gap(extend, closed("extend", p)))


RESULT = Result(
    id="R17",
    title="Open weights, distillation",
    statement="Imitation to parity at h_o acts as rho + h_o; with speeds lambda_F, lambda_L: chase "
    "iff r_1/f >= N + rho/lambda_F, extend iff r_2/r_1 >= 1 + (rho+(N-1)lambda_F)/lambda_L",
    assumptions=(
        "linear hazard, leapfrog (R9); at a tie all build at lambda_F",
        "extending is judged where all rivals build flat out and the leader sells at lead two",
    ),
    sources=(
        "Acemoglu and Akcigit (2012), Intellectual property rights policy, competition and "
        "innovation, Journal of the European Economic Association 10: patents that expire",
    ),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-9,
    samples=8,
)
