r"""How patience moves the pace in famine, to first order: a part of R24.

Two labs, a unit of compute each, money in units of :math:`\mu`; all sells that does not build, as
R24 has it. Shares b are small. Revenue is that of nobody building less :math:`m_i b_i`, and more by
:math:`y\, b_j`, as a rival that builds leaves more customers unserved; and a best share has
:math:`m b = \theta h D`. So with :math:`\Delta = \beta / \rho`, what a rung is worth, successes are
worth, to first order,

.. math:: \rho D_L = \beta (1 - \omega) + L(2) - L(1), \qquad \rho D_F = \beta \omega + T - F(1),

where what is built adds to the flow of a leader, a laggard and a tied lab

.. math::
    L &= \tfrac{1 - \theta}{\theta} m_L b_L
         - \tfrac{1 - \omega}{\omega} \tfrac{m_F b_F}{\theta} + y\, b_F, \\
    F &= \tfrac{1 - \theta}{\theta} m_F b_F
         - \tfrac{\omega}{1 - \omega} \tfrac{m_L b_L}{\theta} + y\, b_L, \\
    T &= \Big[ \tfrac{1 - \theta}{\theta}
         - \tfrac{\omega}{1 - \omega} \tfrac1\theta \Big] m_0 b_0 + y\, b_0 .
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from leaderbored.theory.derivation import Proof
from leaderbored.theory.r22_clearing_window import beta, omega
from leaderbored.theory.symbols import lam, rho, theta

A, y = sp.symbols("A y", positive=True)


class Pair(NamedTuple):
    """What one more unit sold is worth to a leader and a laggard, and what they build with."""

    dear: sp.Expr
    cheap: sp.Expr
    ahead: sp.Expr
    behind: sp.Expr


def first_order(proof: Proof) -> sp.Expr:
    """The logarithm of the pace at a lead of one, to first order in shares, and why.

    Parameters
    ----------
    proof : Proof
        To which the steps are added.
    """
    _revenue(proof)
    proof.because(
        "So rho times a value is revenue, to this order, and hazards times what success changes in "
        "the limit: D_L = beta (1 - omega) / rho for a leader and D_F = beta omega / rho for a "
        "laggard, which lose as much by a success of the other.",
        "what values differ by from the limit is of the order of shares and of hazards over rho, "
        "which m b = theta h D makes one order; hazards times that are of the second",
    )
    return _pace(proof)


def _revenue(proof: Proof) -> None:
    """How what is built moves revenue, and what one more unit is worth."""
    x, b_1, b_2 = sp.symbols("x b_1 b_2", positive=True)
    sold, unserved = 1 - b_1, 1 / y + b_1 + b_2
    still = {b_1: 0, b_2: 0}
    earned = sold * (x - sp.log(sold / unserved))
    m = x - sp.log(y) - 1 - y
    proof.lemma("What a lab builds with costs it, a unit:", sp.diff(earned, b_1).subs(still), -m)
    proof.step(
        "And is worth to its rival, whose customers have less to choose from:",
        sp.diff(earned, b_2).subs(still),
    )
    more = x - sp.log(sold / unserved) - 1 - sold / unserved
    proof.lemma(
        "By it one more unit sold is worth more to the lab itself, by:",
        sp.diff(more, b_1).subs(still),
        (1 + y) ** 2,
    )
    proof.lemma("And to its rival:", sp.diff(more, b_2).subs(still), y * (1 + y))


def _at(g: int) -> Pair:
    """In the limit, at a lead of g."""
    m_L, m_F = A + (1 - omega) * beta * g, A - omega * beta * g

    def share(part: sp.Expr, m: sp.Expr) -> sp.Expr:
        return (theta * lam * part * beta / (rho * m)) ** (1 / (1 - theta))

    return Pair(m_L, m_F, share(1 - omega, m_L), share(omega, m_F))


def _pace(proof: Proof) -> sp.Expr:
    one, two, tied = _at(1), _at(2), _at(0)
    own, lost = (1 - theta) / theta, omega / (1 - omega)

    def leads(at: Pair) -> sp.Expr:
        return own * at.dear * at.ahead - at.cheap * at.behind / (theta * lost) + y * at.behind

    follows = own * one.cheap * one.behind - lost * one.dear * one.ahead / theta + y * one.ahead
    ties = (own - lost / theta) * tied.dear * tied.ahead + y * tied.ahead
    up = beta * (1 - omega) + leads(two) - leads(one)
    closer = beta * omega + ties - follows
    scarcer = (1 + y) * ((1 + y) * one.ahead + y * one.behind)
    scarce = (1 + y) * ((1 + y) * one.behind + y * one.ahead)
    pace = theta / (1 - theta) * sp.log(up * (one.cheap + scarce) / (closer * (one.dear + scarcer)))
    return proof.step(
        "At a lead of one, two rungs and more below the cap, the logarithm of the pace is to first "
        "order in shares:",
        pace,
    )
