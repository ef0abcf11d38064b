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
    """The hazard and the landing of success.

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

    productivity: Annotated[float, quantity("1/year", "lambda, successes per year", ge=0), NUMBER]
    returns: Annotated[float, quantity("1", "theta, exponent of compute", gt=0, le=1), NUMBER] = 0.5
    flywheel: Annotated[float, quantity("1/rung", "phi, leader's hazard growth", ge=0), NUMBER] = (
        0.0
    )
    handicap: Annotated[
        float, quantity("1/rung", "eta, laggard's hazard decline", ge=0), NUMBER
    ] = 0.0
    drafting: Annotated[float, quantity("1/year/rung", "kappa, free catch-up", ge=0), NUMBER] = 0.0
    leapfrog: Annotated[float, quantity("1", "chi, chance to land on top", ge=0, le=1), NUMBER] = (
        0.0
    )
