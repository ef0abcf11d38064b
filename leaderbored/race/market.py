r"""Markets: what a lab earns from the compute that it does not build with.

In every state a market gives each lab a price and a demand. On a :class:`ScarceMarket`, where
demand is split by capability and rationed at a set price, and on a :class:`RevenueLadder`, where
revenue per unit depends on the lead alone, the lab earns ``price * min(compute sold, demand)``. On
a :class:`ClearingMarket` demand is that of all labs together, and prices are such that it is met.
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, States
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.ladder import RevenueLadder


@dataclass(frozen=True, config=CONFIG)
class ScarceMarket:
    r"""Customers choose by capability, and compute is too scarce to serve them all.

    Total demand is :math:`\psi \sum_j K_j`; lab i, d_i rungs behind, faces
    :math:`D_i = \psi \sum_j K_j\, w_i e^{-\beta d_i} / \sum_j w_j e^{-\beta d_j}` at the price
    :math:`p\, e^{-\pi d_i}`. Compute beyond demand is idle: building with it costs nothing.

    Prices are set: it is the market of those who ration. From a scarcity of 1 on equal labs are
    sold out at a tie, a lead earns no more, and nobody may build (result R23); where prices rise
    instead there is :class:`ClearingMarket`.

    Parameters
    ----------
    scarcity : float
        psi, demand over capacity; not negative.
    switching : float, default 1
        beta >= 0, how fast demand moves to the better model, per rung (logit).
    premium : float, default 0
        pi >= 0, decline of the price per rung behind.
    price : float, default 1
        p >= 0, money per unit of compute sold and year at the frontier.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Examples
    --------
    >>> market = ScarceMarket(scarcity=0.6, switching=1.0)
    >>> price, demand = market.terms(np.array([[0, 1]]), np.ones(2), np.ones(2))
    >>> demand.round(4).tolist()
    [[0.8773], [0.3227]]
    """

    scarcity: Annotated[
        float, quantity("1", "psi, demand over all compute, at a tie", ge=0), NUMBER
    ]
    switching: Annotated[float, quantity("1/rung", "beta, logit slope of demand", ge=0), NUMBER] = (
        1.0
    )
    premium: Annotated[
        float, quantity("1/rung", "pi, decline of the price per rung behind", ge=0), NUMBER
    ] = 0.0
    price: Annotated[float, quantity("money", "p, price of the best model", ge=0), NUMBER] = 1.0
    kind: Literal["scarce"] = "scarce"

    def terms(self, states: States, compute: Array, brand: Array) -> tuple[Array, Array]:
        """Price and demand of each lab in each state.

        Parameters
        ----------
        states : (S, N) int array
            Rungs behind the frontier.
        compute, brand : (N,) arrays
            K and w of the labs.

        Returns
        -------
        price, demand : (N, S) arrays

        Examples
        --------
        >>> ScarceMarket(1.0).terms(np.array([[0, 0]]), np.ones(2), np.ones(2))[1].tolist()
        [[1.0], [1.0]]
        """
        behind = states.T
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by solvers
            weight = brand[:, None] * np.exp(-self.switching * behind)
            demand = self.scarcity * compute.sum() * weight / weight.sum(axis=0)
            return np.asarray(self.price * np.exp(-self.premium * behind)), demand


@dataclass(frozen=True, config=CONFIG)
class ClearingMarket:
    r"""Customers choose by capability and price, and prices clear the market.

    Of :math:`M = \psi \sum_j K_j` customers each wants one unit of compute a year. From lab i, d_i
    rungs behind, one has the utility :math:`\mu x_i - p_i + \mu\,\epsilon_i` with

    .. math:: x_i = a + \ln w_i + \beta\,[(1 - \omega)\, g - d_i] ,

    and that of going without, the *outside option*, is :math:`\mu\,\epsilon_0`, with noise
    :math:`\epsilon` of the extreme value (logit). The lead g of a sole leader raises the worth of
    what all labs offer, as far as the outside option does not follow it: the openness
    :math:`\omega` is the part that it follows at once. Labs choose what they sell, up to what does
    not build, and prices are such that all of it finds a customer: see
    :mod:`leaderbored.games.cleared`.

    It is the market of a shortage that raises prices; where they are set and customers queue there
    is :class:`ScarceMarket`.

    Parameters
    ----------
    scarcity : float
        psi > 0, customers over capacity.
    switching : float, default 1
        beta >= 0, worth of a rung.
    worth : float, default 2
        a, worth of a lab at a tie over the outside option, net of the cost of serving.
    price : float, default 1
        mu > 0, money per unit of taste.
    openness : float, default 0
        omega in [0, 1], part of a lead that the outside option follows.
    conduct : {"quantity", "price-taking"}, default "quantity"
        Whether labs know that prices fall with what they sell.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Notes
    -----
    Prices that clear invert the shares of a logit (Berry 1994, RAND Journal of Economics 25). That
    labs set quantities is what becomes of capacity first, prices after (Kreps and Scheinkman 1983,
    Bell Journal of Economics 14) where goods are alike; for differentiated goods, as here, it is an
    assumption. So is an outside option that knows the runner-up's technology at once and a part of
    the leader's: without openness what two labs can do anybody can, as on a quality ladder
    (Grossman and Helpman 1991, Review of Economic Studies 58).

    Examples
    --------
    >>> market = ClearingMarket(scarcity=1.2, openness=0.4)
    >>> market.worths(np.array([[0, 0], [0, 2]]), np.ones(2)).round(9).tolist()  # tied, two ahead
    [[2.0, 3.2], [2.0, 1.2]]
    """

    scarcity: Annotated[float, quantity("1", "psi, customers per unit of compute", gt=0), NUMBER]
    switching: Annotated[
        float, quantity("1/rung", "beta, value of a rung to customers", ge=0), NUMBER
    ] = 1.0
    worth: Annotated[
        float,
        quantity(
            "1", "a, value of a lab's model over the outside option, at a tie", ge=-100, le=100
        ),
        NUMBER,
    ] = 2.0
    price: Annotated[
        float, quantity("money", "mu, money per unit of customers' utility", gt=0), NUMBER
    ] = 1.0
    openness: Annotated[
        float,
        quantity("1", "omega, part of a lead that the outside option follows at once", ge=0, le=1),
        NUMBER,
    ] = 0.0
    conduct: Annotated[
        Literal["quantity", "price-taking"],
        Field(description="whether labs set quantities or take prices as given"),
    ] = "quantity"
    kind: Literal["clearing"] = "clearing"

    def worths(self, states: States, brand: Array) -> Array:
        """Worth x of each lab in each state.

        Parameters
        ----------
        states : (S, N) int array
            Rungs behind the frontier.
        brand : (N,) array
            w of the labs.

        Returns
        -------
        (N, S) array
        """
        lead = np.sort(states, axis=1)[:, 1]  # that of the runner-up: 0 at a tie
        secret = (1 - self.openness) * lead
        return np.asarray(
            self.worth + np.log(brand)[:, None] + self.switching * (secret - states.T)
        )

    def terms(self, states: States, compute: Array, brand: Array) -> tuple[Array, Array]:
        """Money per unit of taste, and customers of all labs together, for each of them.

        Examples
        --------
        >>> ClearingMarket(1.5).terms(np.array([[0, 0]]), np.ones(2), np.ones(2))[1].tolist()
        [[3.0], [3.0]]
        """
        shape = states.T.shape
        return np.full(shape, self.price), np.full(shape, self.scarcity * compute.sum())


Market = Annotated[ScarceMarket | RevenueLadder | ClearingMarket, Field(discriminator="kind")]
