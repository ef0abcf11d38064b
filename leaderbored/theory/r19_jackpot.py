r"""R19. A jackpot: how large a prize makes the leader stop selling.

A success ends the game with the probability :math:`\epsilon` and brings its lab the prize Z, the
others nothing; else it is a rung as before. A leader's payoff is linear in b with the slope

.. math:: \lambda [\epsilon (Z - V_1) + (1 - \epsilon)(V_2 - V_1)] - r_1 ,

so it keeps selling iff that is not positive. With laggards flat out and a leader that sells at both
leads the values solve a linear system in which Z appears too: a large prize makes laggards worth
more, and the leader, who will be one, with them. The prize at which the leader is indifferent is
then a closed form.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp
from scipy import sparse
from scipy.optimize import brentq

from leaderbored.games.markov import Array, Markov
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.races import by_lead, ladder_race, laggards_and_leader, values
from leaderbored.theory.records import Formulas, Result, draw, gap
from leaderbored.theory.symbols import N, b, eps, lam, r_1, r_2, rho

DOMAIN = {
    N: (2, 3),
    lam: (0.5, 2.0),
    rho: (0.1, 0.5),
    eps: (0.02, 0.2),
    r_1: (1.0, 2.0),
    r_2: (2.0, 2.4),
}


def prove() -> Derivation:
    """Values of the three ranks with the jackpot; the leader's slope in b; the prize at zero."""
    proof = Proof()
    V_1, V_2, W, Z = sp.symbols("V_1 V_2 W Z", positive=True)
    rivals = (N - 1) * lam
    flow = (1 - b) * r_1 + lam * b * (eps * Z + (1 - eps) * V_2 - V_1)
    proof.step(
        "A leader by one maximises this over b; a success ends the game with the chance epsilon:",
        flow,
    )
    slope = sp.expand(sp.diff(flow, b))
    proof.lemma(
        "It is linear in b, with the slope:",
        slope,
        lam * (eps * (Z - V_1) + (1 - eps) * (V_2 - V_1)) - r_1,
    )
    proof.because(
        "So the leader keeps selling iff that is not positive.",
        "a linear function on [0, 1] is largest at 0 iff its slope is not positive",
    )
    lost = eps * 0 + (1 - eps) * W
    system = (
        rho * V_1 - r_1 - rivals * (lost - V_1),
        rho * V_2 - r_2 - rivals * (lost - V_2),
        rho * W - lam * (eps * Z + (1 - eps) * V_1 - W) - (N - 2) * lam * (lost - W),
    )
    proof.step(
        "The leader sells at both leads and laggards build flat out; their Bellman equations say "
        "that these are zero:",
        *system,
    )
    found = sp.solve(system, (V_1, V_2, W), dict=True)[0]
    values_ = [sp.factor(found[v]) for v in (V_1, V_2, W)]
    proof.step("Three linear equations, with the values V_1, V_2 and W:", *values_)
    prize = sp.factor(sp.solve(sp.together(slope.subs(found)), Z)[0])
    proof.step("With them the slope is linear in Z, and zero at the prize:", prize)
    proof.because(
        "It rises in Z: the leader keeps selling up to that prize, and no further.",
        "V_2 - V_1 does not depend on Z, and V_1 rises by less than Z, by the discounted chance "
        "that a lab that leads now ever wins it",
    )
    return proof.close(prize=prize, laggard=found[W].subs(Z, prize))


def with_jackpot(game: Markov, chance: float, prize: float) -> Markov:
    """The game in which each success ends it with that chance, for the prize.

    Examples
    --------
    >>> game = ladder_race([1.0, 2.0], 2, rho=0.1, lam=1.0).markov()
    >>> with_jackpot(game, 0.1, 5.0).price[0].round(6).tolist()
    [1.0, 2.0, 1.0, 0.5, 0.0]
    """
    players, size = game.scale.shape
    jump = []
    for i, law in enumerate(game.jump):
        to_end = sparse.csr_array(
            (np.full(size, chance), (np.arange(size), np.full(size, i))), shape=(size, players)
        )
        going = sparse.hstack([(1 - chance) * law, to_end])
        staying = sparse.hstack([sparse.csr_array((players, size)), sparse.eye_array(players)])
        jump.append(sparse.csr_array(sparse.vstack([going, staying])))
    ended = np.zeros((players, players))

    def longer(part: Array, end: Array) -> Array:
        return np.hstack([part, end])

    return replace(
        game,
        states=np.vstack([game.states, np.full((players, players), -1)]),
        lower=longer(game.lower, ended),
        upper=longer(game.upper, ended),
        scale=longer(game.scale, ended),
        base=longer(game.base, ended),
        price=longer(game.price, game.discount * prize * np.eye(players)),
        capacity=longer(game.capacity, ended + 1),
        demand=longer(game.demand, np.full((players, players), np.inf)),
        growth=longer(game.growth, ended + 1),
        jump=tuple(jump),
    )


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """The prize at which the slope is zero, with values by linear solve."""
    p = draw(rng, DOMAIN)
    base = ladder_race([0.0, p[r_1], p[r_2]], p[N], rho=p[rho], lam=p[lam], theta=1.0).markov()
    lead = np.r_[by_lead(base, 1)[1], by_lead(base)[1:]]  # behind, and one and two ahead
    plan = np.hstack([laggards_and_leader(base, 1.0, [0.0, 0.0]), np.zeros((p[N], p[N]))])

    def found(prize: float) -> Array:
        return np.asarray(values(with_jackpot(base, p[eps], prize), plan)[0, lead])

    def slope(prize: float) -> float:
        _, one, two = found(prize)
        jump = p[eps] * prize + (1 - p[eps]) * two - one
        return float(p[lam] * jump - p[r_1])

    prize = float(brentq(slope, -1e4, 1e6, xtol=1e-10))
    return max(gap(prize, closed("prize", p)), gap(found(prize)[0], closed("laggard", p)))


RESULT = Result(
    id="R19",
    title="Jackpot",
    statement="The leader keeps selling iff lambda[eps(Z-V_1)+(1-eps)(V_2-V_1)] <= r_1: up to a "
    "prize in closed form",
    assumptions=("linear hazard, leapfrog, laggards flat out, selling at both leads",),
    sources=("Reinganum (1983), American Economic Review 73: one race with a prize",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-8,
    samples=6,
)
