r"""Technology: how building compute turns into success, and where a success lands.

A lab :math:`d` rungs behind the frontier succeeds at the hazard

.. math:: h = \lambda\, a\, (b K)^{\theta}\, e^{\varphi g}\, e^{-\eta d} + \kappa d ,

where only a sole leader, :math:`g` rungs ahead, has the factor :math:`e^{\varphi g}`. A success of
a frontier lab moves it one rung up. A laggard's lands one rung above the frontier with
probability :math:`\chi`, and otherwise one rung above where the laggard stood.
"""

from __future__ import annotations

from typing import Annotated

from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, NUMBER, quantity


@dataclass(frozen=True, config=CONFIG)
class Technology:
    """How often labs succeed, and where on the ladder a success leads.

    Parameters
    ----------
    productivity : float
        lambda, successes per year of one unit of building compute; not negative.
    returns : float, default 0.5
        theta in (0, 1], exponent of compute in the hazard; 1 is a linear hazard.
    flywheel : float, default 0
        phi >= 0, growth of the leader's hazard per rung of lead: its model helps build the next.
    handicap : float, default 0
        eta >= 0, decline of a laggard's hazard per rung behind: worse tools.
    drafting : float, default 0
        kappa >= 0, successes per year and rung behind that cost nothing: imitation.
    leapfrog : float, default 0
        chi in [0, 1], chance that a laggard's success lands above the frontier.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Examples
    --------
    >>> Technology(productivity=3, handicap=0.1).returns
    0.5
    """

    productivity: Annotated[
        float,
        quantity("1/year", "lambda, successes per year of one unit of compute that builds", ge=0),
        NUMBER,
    ]
    returns: Annotated[
        float,
        quantity("1", "theta, elasticity of the hazard of success in compute", gt=0, le=1),
        NUMBER,
    ] = 0.5
    flywheel: Annotated[
        float, quantity("1/rung", "phi, growth of a leader's hazard per rung ahead", ge=0), NUMBER
    ] = 0.0
    handicap: Annotated[
        float,
        quantity("1/rung", "eta, decline of a laggard's hazard per rung behind", ge=0),
        NUMBER,
    ] = 0.0
    drafting: Annotated[
        float,
        quantity(
            "1/year/rung", "kappa, rate of catching up without compute, per rung behind", ge=0
        ),
        NUMBER,
    ] = 0.0
    leapfrog: Annotated[
        float,
        quantity(
            "1", "chi, probability that a laggard's success takes it past the frontier", ge=0, le=1
        ),
        NUMBER,
    ] = 0.0
