r"""R27. Growth as a public good: what labs build when all that success brings is a larger market.

Money grows by the factor :math:`\Gamma > 1` whenever the frontier advances. N equal labs leapfrog,
all sell all that does not build, at one price whatever the leaderboard (a sold-out market that
rations without switching and premium, or a flat ladder), and succeed at
:math:`h(b) = \lambda b^\theta`. Then every success is an advance, and serves all labs alike.

*All alike.* With :math:`0 < \theta < 1` there is an equilibrium in which all labs build one share b
at every leaderboard iff :math:`0 < b < 1` and

.. math:: \rho = (\Gamma - 1)\, \lambda\, \big[ N b^{\theta} + \theta (1 - b) b^{\theta - 1} \big].

In no equilibrium does a tie stand still, however small the growth. There is one such share for
:math:`\Gamma - 1 \le \rho / (N \lambda)`, there are two from there on, and none above

.. math:: \Gamma^* = 1 + \frac{\rho}{\lambda} \Big( \frac{1 - \theta}{N - \theta} \Big)^{1 - \theta}

where the two meet at :math:`b^* = (1 - \theta) / (N - \theta)`. More labs lower :math:`\Gamma^*`,
although values would be finite if they built less: what one builds raises what building is worth to
all. With a linear hazard (:math:`\theta = 1`) the tie stands still for :math:`\Gamma \le 1 +
\rho / \lambda`, beyond which a lab alone has an infinite value; and for :math:`\Gamma > 1 + \rho /
(N \lambda)` there is one such share besides.

*The leader alone.* The equilibria of the first kind are not all there are. The laggards build
nothing, and the leader the one share b that solves

.. math:: \rho = (\Gamma - 1)\, \lambda \big[ (1 - \theta) b^{\theta} + \theta b^{\theta - 1} \big],
          \qquad 0 < b < 1,

in an equilibrium for :math:`\Gamma < 1 + \rho / \lambda` if :math:`\Gamma (1 - b) \le 1`: who leads
pays for what all enjoy, and nobody wants to lead. That is so iff :math:`\rho` is at most

.. math:: \lambda \Gamma^{1 - \theta} (\Gamma - 1)^{\theta} \Big[ 1 - (1 - \theta)
          \frac{1}{\Gamma} \Big] .

For two labs, :math:`\theta = 1/2`, :math:`\lambda = 1` and :math:`\rho = .3` it is so from growth
1.2142 on, and the first kind ends at 1.1732. Others, in which laggards build a little, were found
by following curves, from 1.2060 on, and none at all in between.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import sympy as sp
from scipy.optimize import brentq, minimize_scalar

import leaderbored as lb
from leaderbored.games.markov import Array
from leaderbored.race import leads
from leaderbored.solvers.markov.newton import Newton
from leaderbored.solvers.markov.system import System
from leaderbored.theory.derivation import Derivation, Proof
from leaderbored.theory.records import Formulas, Result, Sample, gap
from leaderbored.theory.symbols import N, b, lam, rho, theta

Gam = sp.Symbol("Gamma", positive=True)
DOMAIN = {
    N: (2, 4),
    theta: (0.3, 0.75),
    lam: (0.5, 2.0),
    Gam: (1.02, 1.3),
    rho: (0.1, 0.5),
    b: (0.05, 0.9),
}
APART = 0.03  # of the share at which two equilibria meet


def prove() -> Derivation:
    """The value of a uniform policy, its first-order condition, and how often that holds."""
    proof = Proof()
    h = lam * b**theta
    slope = sp.diff(h, b)
    proof.because(
        "Every success is an advance, and no revenue depends on the leaderboard: if all labs build "
        "one share b everywhere, a lab's value v is the same everywhere.",
        "a frontier lab's success advances the frontier, and a laggard's leaps beyond it",
    )
    v = sp.Symbol("v", positive=True)
    value = proof.step(
        "In units of a lab's revenue from all its compute it is, all advances being worth Gamma v:",
        sp.solve(rho * v - (1 - b) - N * h * (Gam * v - v), v)[0],
    )
    excess = sp.simplify(slope * (Gam - 1) * value - 1)
    patience = proof.step(
        "What one more unit builds, h' (Gamma - 1) v, is what it would have sold, one, iff rho is:",
        sp.factor(sp.solve(sp.numer(sp.together(excess)), rho)[0]),
    )
    form = (Gam - 1) * lam * (N * b**theta + theta * (1 - b) * b ** (theta - 1))
    proof.lemma("That is, in other words:", patience, form)
    proof.because(
        "It is an equilibrium then, with finite values, and with none but such shares.",
        "rho exceeds (Gamma - 1) N h, the growth of money, as b < 1; the payoff of a lab is "
        "concave in its share as v > 0; at b = 0 the slope h' is infinite and v positive, and at "
        "b = 1 nothing is earned and v is zero, so that selling is better",
    )
    proof.because(
        "In no equilibrium does anybody stand still for ever at a tie.",
        "all standing still, a lab has 1 / rho there, and by selling all for ever at least that "
        "anywhere, as others' advances make money grow; so a success is worth Gamma - 1 times that "
        "or more, and the slope h' at b = 0 is infinite",
    )
    bracket = (N - theta) * b**theta + theta * b ** (theta - 1)
    proof.lemma("The bracket there is:", form / ((Gam - 1) * lam), bracket)
    turn = proof.step(
        "In b the bracket falls from infinity, turns once, and rises to N at b = 1; it turns at:",
        sp.solve(sp.simplify(sp.diff(bracket, b) * b ** (2 - theta)), b)[0],
    )
    x, y = sp.symbols("x y", positive=True)  # 1 - theta and N - theta
    proof.lemma(
        "Its least value, with x = 1 - theta and y = N - theta, is:",
        (y * b**theta + theta * b ** (theta - 1)).subs({theta: 1 - x, b: x / y}),
        (y / x) ** x,
        {x: (0.2, 0.8), y: (1.2, 5.0)},
    )
    least = ((N - theta) / (1 - theta)) ** (1 - theta)
    most = proof.step("So there is no such share beyond the growth:", 1 + rho / (lam * least))
    proof.because(
        "There are two from (Gamma - 1) N lambda > rho up to it, and one below that.",
        "rho / ((Gamma - 1) lambda) is taken twice between the least value and N, and once at N "
        "and above; the share one is none",
    )
    linear = sp.factor(sp.simplify(form.subs(theta, 1)))
    proof.step("With theta = 1 the right side of step 4 rises in b, for N > 1:", linear)
    proof.because(
        "There all standing still is an equilibrium iff (Gamma - 1) lambda <= rho, and b in (0, 1) "
        "one iff rho lies between (Gamma - 1) lambda and N times that.",
        "at b = 0 the gain is (Gamma - 1) / rho, and lambda times it at most one; beyond, a lab "
        "that builds nearly all alone grows at a rate above rho",
    )
    alone, edge = _alone(proof)
    return proof.close(patience=form, share=turn, growth=most, alone=alone, edge=edge)


def _alone(proof: Proof) -> tuple[sp.Expr, sp.Expr]:
    """The leader builds, and the laggards let it."""
    h = lam * b**theta
    ahead, behind = sp.symbols("v_L v_F", positive=True)
    first = proof.step(
        "If the leader alone builds, it is worth:",
        sp.solve(rho * ahead - (1 - b) - h * (Gam - 1) * ahead, ahead)[0],
    )
    last = proof.step(
        "And a laggard, who sells all:",
        sp.solve(rho * behind - 1 - h * (Gam - 1) * behind, behind)[0],
    )
    alone = (Gam - 1) * lam * ((1 - theta) * b**theta + theta * b ** (theta - 1))
    excess = sp.diff(h, b) * (Gam - 1) * first - 1
    proof.lemma(
        "The leader's share is best iff rho is:",
        sp.simplify(sp.solve(sp.numer(sp.together(excess)), rho)[0]),
        alone,
    )
    proof.step(
        "A laggard's success would make it the leader. That is worth, over its own value:",
        sp.simplify(Gam * first / last - 1),
    )
    proof.because(
        "So no laggard builds iff Gamma (1 - b) <= 1, and both are best everywhere then.",
        "payoffs are concave in shares; a lab that builds for a gain that is not positive loses",
    )
    proof.because(
        "One share solves step 16 iff (Gamma - 1) lambda < rho, and values are finite there.",
        "its bracket falls in b from infinity to one, and rho exceeds (Gamma - 1) h, as that is "
        "(Gamma - 1) lambda b^theta and the bracket exceeds b^theta",
    )
    proof.because(
        "At boards with several labs in front there are shares that complete the equilibrium.",
        "one success leads away from them for ever, to what is known; so each is a game of finite "
        "values with concave payoffs and continuous replies, and Kakutani's theorem gives one",
    )
    edge = lam * Gam ** (1 - theta) * (Gam - 1) ** theta * (1 - (1 - theta) / Gam)
    more = sp.Symbol("a", positive=True)
    proof.lemma(
        "As the bracket falls in b, Gamma (1 - b) <= 1 iff rho is at most what it is at "
        "b = 1 - 1/Gamma; with Gamma = 1 + a that is:",
        alone.subs(b, (Gam - 1) / Gam).subs(Gam, 1 + more),
        edge.subs(Gam, 1 + more),
        {theta: (0.2, 0.8)},
    )
    return alone, edge


def compare(closed: Formulas, rng: np.random.Generator) -> float:
    """Newton's method from the form's share; the last growth; a leader alone, and its laggards."""
    at = _draw(rng)
    at[rho] = float(closed("patience", at))
    game = _race(at).markov()
    system, same = System(game), np.full(game.scale.shape, at[b])
    polished = Newton().polish(system, system.evaluate(same), same)
    worst = 1.0 if polished is None else float(np.abs(polished[1] - same).max())

    def grown(share: float) -> float:
        """Growth at which a share is the best reply to itself."""
        build = np.full(same.shape, share)

        def excess(growth: float) -> float:
            moved = System(replace(game, growth=np.where(game.growth > 1, growth, 1.0)))
            value = moved.evaluate(build)
            return float(moved.reply(value, float(value.max()))[0, 0] - share)

        top = 1 + at[rho] / (at[N] * at[lam] * share ** at[theta])  # there values are infinite
        return float(brentq(excess, 1 + 1e-9, top - 1e-9 * (top - 1), xtol=1e-14))

    turn = abs(float(closed("share", at)))
    ends = turn / 2, min(2 * turn, 0.99)
    settings = {"xatol": 1e-9}
    found = minimize_scalar(lambda x: -grown(x), bounds=ends, method="bounded", options=settings)
    worst = max(worst, 0.1 * gap(found.x, closed("share", at)))
    worst = max(worst, gap(-found.fun - 1, closed("growth", at) - 1))
    return max(worst, _led(closed, rng, at))


def _led(closed: Formulas, rng: np.random.Generator, at: Sample) -> float:
    """A leader alone at the form's share; and where laggards are indifferent."""
    at = {**at, Gam: float(rng.uniform(1.05, 1.6))}
    at[b] = float(rng.uniform(1 - 1 / at[Gam], 1.0))
    at[rho] = float(closed("alone", at))
    led = _Led(at)
    reply = led.reply(at[b])
    leader = reply[led.first[led.alone], led.alone]
    worst = float(np.abs(np.r_[leader - at[b], reply[:, led.alone].sum(axis=0) - leader]).max())
    edge = abs(float(closed("edge", at)))
    crossing = float(brentq(lambda rate: _Led({**at, rho: rate}).gain(), 0.98 * edge, 1.02 * edge))
    return max(worst, gap(crossing, closed("edge", at)))


class _Led:
    """A race in which sole leaders build one share and all others none."""

    def __init__(self, at: Sample) -> None:
        self.system = System(_race(at).markov())
        lead, self.first = leads(self.system.game.states)
        self.alone = np.flatnonzero(lead > 0)
        self.leading = self.first == np.arange(self.system.players)[:, None]
        most = (at[rho] / ((at[Gam] - 1) * at[lam])) ** (1 / at[theta])
        self.most = min(1.0, most) * (1 - 1e-9)  # beyond values are infinite

    def reply(self, share: float) -> Array:
        """Best replies."""
        value = self.system.evaluate(np.where(self.leading, share, 0.0))
        return self.system.reply(value, float(value.max()))

    def gain(self) -> float:
        """What a laggard would gain where the leader's share is its best reply."""
        here = int(self.alone[0])
        leader = int(self.first[here])
        share = float(
            brentq(lambda b: float(self.reply(b)[leader, here] - b), 1e-9, self.most, xtol=1e-14)
        )
        value = self.system.evaluate(np.where(self.leading, share, 0.0))
        return float(self.system.gain(value)[leader - 1, here])


def _draw(rng: np.random.Generator) -> Sample:
    """Any point of the domain but near where two equilibria meet."""
    at: Sample = {N: int(rng.integers(2, 4)), rho: 0.3}
    for symbol in (theta, lam, Gam, b):
        at[symbol] = float(rng.uniform(*DOMAIN[symbol]))
    meet = (1 - at[theta]) / (at[N] - at[theta])
    if abs(at[b] / meet - 1) < APART:
        at[b] = meet * (1 + APART)
    return at


def _race(at: Sample) -> lb.Race:
    labs = tuple(lb.Lab(str(k), 1.0) for k in range(at[N]))
    market = lb.ScarceMarket(1.5, switching=0.0)
    technology = lb.Technology(at[lam], at[theta], leapfrog=1.0)
    return lb.Race(labs, market, technology, at[rho], rungs=1, growth=at[Gam])


RESULT = Result(
    id="R27",
    title="Growth as a public good",
    statement="If all that success brings is growth, all labs build one share b iff rho = "
    "(Gamma-1) lambda [N b^theta+theta (1-b) b^(theta-1)]; none does beyond Gamma = 1+(rho/lambda) "
    "((1-theta)/(N-theta))^(1-theta), but the leader may alone",
    assumptions=(
        "money grows by Gamma > 1 with every advance of the frontier; N equal labs, leapfrogging, "
        "no flywheel, no handicap, no drafting, shares from 0 to 1",
        "revenue per unit sold is one, whatever the leaderboard, and all labs are sold out; "
        "lambda is the hazard of a lab that builds with all",
        "patience, share, growth: of equilibria in which all build one share everywhere",
        "alone, edge: of equilibria in which laggards build nothing and sole leaders one share",
    ),
    sources=("Derived here",),
    prove=prove,
    compare=compare,
    domain=DOMAIN,
    tolerance=1e-6,
    samples=3,
)
