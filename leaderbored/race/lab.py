"""A lab: what it owns and how freely it can move it between building and selling."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, NUMBER, PRINTED, quantity

Share = Annotated[float, Field(ge=0, le=1), NUMBER]


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"the lower bound {bounds[0]:g} lies above the upper bound {bounds[1]:g}")
    return bounds


Name = Annotated[str, Field(min_length=1, max_length=40, description="name of the lab"), PRINTED]
Compute = Annotated[float, quantity("compute", "K, compute", gt=0), NUMBER]
Bounds = Annotated[
    tuple[Share, Share],
    AfterValidator(_ordered),
    Field(description="lowest and highest share of compute that builds"),
]


@dataclass(frozen=True, config=CONFIG)
class Lab:
    """One lab: its compute, talent, brand and the range of shares that may build.

    Parameters
    ----------
    name : str
        How tables and figures call it.
    compute : float
        K, in any unit common to all labs; positive.
    talent : float, default 1
        a, multiplies the success hazard: researchers and data; positive.
    brand : float, default 1
        w, its weight in demand at equal capability: product and distribution; positive.
    build : (float, float), default (0, 1)
        Bounds lo <= hi of the share of compute that builds: how fungible its compute is.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Examples
    --------
    >>> Lab("A", compute=2.0, build=(0.1, 0.9))
    Lab(name='A', compute=2.0, talent=1.0, brand=1.0, build=(0.1, 0.9))
    """

    name: Name
    compute: Compute
    talent: Annotated[
        float, quantity("1", "a, factor of the hazard of success: researchers, data", gt=0), NUMBER
    ] = 1.0
    brand: Annotated[
        float, quantity("1", "w, weight in demand: product, distribution", gt=0), NUMBER
    ] = 1.0
    build: Bounds = (0.0, 1.0)
