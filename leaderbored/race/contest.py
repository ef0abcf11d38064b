r"""A one-shot contest: compute that builds today does not sell today.

Lab :math:`i` owns :math:`K_i` compute, builds with :math:`B_i` of it and sells the rest at the
price :math:`p_i` to customers who want :math:`D_i`. The next model is worth :math:`V` to whoever
gets it first:

.. math:: u_i = p_i \min(K_i - B_i, D_i) + V P_i, \qquad
          P_i = \frac{t_i B_i^r}{\sum_j t_j B_j^r}

(Tullock 1980), with :math:`P_i = 1/N` when nobody builds.
"""

from __future__ import annotations

from dataclasses import dataclass as plain_dataclass
from functools import cached_property
from typing import Annotated, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.record import CONFIG, NUMBER, Title, field_error, quantity
from leaderbored.games.source import Source
from leaderbored.race.lab import Bounds, Compute, Name


@plain_dataclass(frozen=True, eq=False)
class ContestArrays:
    """A contest as arrays, one entry for each of N labs: what solvers compute with.

    Attributes
    ----------
    compute, demand : (N,) arrays
        K and D; an infinite D is unlimited demand.
    dear, cheap : (N,) arrays
        What the last unit of compute earns up to the demand of D units, and beyond; money.
    head_start : (N,) array
        t.
    lo, hi : (N,) arrays
        Bounds of B, in units of compute.
    prize, decisiveness : float
        V and r.

    Examples
    --------
    >>> Contest.of([2.0, 2.0], price=[1.0, 0.5], prize=1.0).payoffs(np.array([1.0, 1.0])).tolist()
    [1.5, 1.0]
    """

    compute: Array
    demand: Array
    dear: Array
    cheap: Array
    head_start: Array
    lo: Array
    hi: Array
    prize: float
    decisiveness: float
    kind: ClassVar[str] = "contest"
    name: ClassVar[str] = ""

    def __len__(self) -> int:
        return len(self.compute)

    @cached_property
    def kink(self) -> Array:
        """(N,) B up to which building uses compute that nobody asks for; minus infinity if none."""
        idle: Array = self.compute - self.demand
        return np.where(idle > 0, idle, -np.inf)

    @property
    def arrays(self) -> ContestArrays:
        """It, as a contest has some."""
        return self

    lap = arrays  # the former name

    @property
    def names(self) -> list[str]:
        """N names: 1, 2, and so on."""
        return [str(i + 1) for i in range(len(self))]

    def impact(self, build: Array) -> Array:
        """(..., N) y = t B^r, of which the shares are the chances to win."""
        y: Array = self.head_start * (build if self.decisiveness == 1 else build**self.decisiveness)
        return y

    def log_impact(self, build: Array) -> Array:
        """(..., N) logarithm of the impact, which a large exponent takes out of range."""
        with np.errstate(divide="ignore"):
            y: Array = np.log(self.head_start) + self.decisiveness * np.log(build)
        return y

    def chances(self, build: Array) -> Array:
        """(..., N) chances to win of (..., N) compute that builds; equal where nobody does.

        Examples
        --------
        >>> arrays = Contest.of([9e9, 9e9], prize=1.0, decisiveness=1e4)
        >>> arrays.chances(np.array([5e9, 5e9])).tolist()
        [0.5, 0.5]
        """
        most = build.max(axis=-1, keepdims=True)
        y = self.impact(build / np.where(most > 0, most, 1.0))  # only ratios count
        chance: Array = np.where(
            most > 0, y / np.where(most > 0, y.sum(axis=-1, keepdims=True), 1.0), 1 / len(self)
        )
        return chance

    def revenue(self, build: Array) -> Array:
        """(..., N) money earned with the compute that does not build."""
        rest = self.compute - build
        earned: Array = self.dear * np.minimum(rest, self.demand)
        return earned + self.cheap * np.maximum(rest - self.demand, 0.0)

    def payoffs(self, build: Array) -> Array:
        """(..., N) payoffs in money of (..., N) compute that builds.

        Examples
        --------
        >>> Contest.of([1.0, 1.0], prize=4.0).payoffs(np.zeros(2)).tolist()
        [3.0, 3.0]
        """
        build = np.asarray(build, float)
        return self.revenue(build) + self.prize * self.chances(build)


Lap = ContestArrays  # the former name


@dataclass(frozen=True, config=CONFIG)
class Contender:
    """One lab in a contest.

    Parameters
    ----------
    name : str
        How tables and figures call it.
    compute : float
        K, in any unit common to all labs; positive.
    price : float, default 1
        p, money per unit of compute sold; positive.
    demand : float, optional
        D, units of compute that its customers want; not negative; None for unlimited demand.
    head_start : float, default 1
        t, weight of its building compute in the odds of winning; positive.
    build : (float, float), default (0, 1)
        Bounds lo <= hi of the share of compute that builds.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range.

    Examples
    --------
    >>> Contender("A", compute=2.0, demand=1.5).price
    1.0
    """

    name: Name
    compute: Compute
    price: Annotated[float, quantity("money", "p, price per unit of compute", gt=0), NUMBER] = 1.0
    demand: Annotated[
        float | None, quantity("compute", "D, demand; unlimited if absent", ge=0), NUMBER
    ] = None
    head_start: Annotated[
        float, quantity("1", "t, head start: weight in the odds of success", gt=0), NUMBER
    ] = 1.0
    build: Bounds = (0.0, 1.0)


@dataclass(frozen=True, config=CONFIG)
class Contest:
    """A one-shot contest: each lab splits its compute between building and selling.

    Parameters
    ----------
    labs : sequence of Contender
        At least two, with different names.
    prize : float
        V, what being first is worth; money; positive.
    decisiveness : float, default 1
        r, how surely more compute wins: 0 is a lottery, infinity an auction; positive.
    friction : float, optional
        tau, money lost on each unit of compute that one lab leases to another. A unit that is
        not kept then earns p_max - tau, if that is positive, from the lab with the highest
        price p_max, whose customers must want any amount. None: no leasing.
    name : str, optional
        Title for tables and figures.
    source : Source, optional
        Where the game was published.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, or what does not fit together.

    Examples
    --------
    >>> contest = Contest([Contender("A", 1.0, price=2.0), Contender("B", 1.0)], prize=1.0)
    >>> contest.payoffs(np.array([0.5, 0.5])).tolist()
    [1.5, 1.0]
    """

    labs: Annotated[tuple[Contender, ...], Field(min_length=2, description="the labs")]
    prize: Annotated[float, quantity("money", "V, value of being first", gt=0), NUMBER]
    decisiveness: Annotated[
        float, quantity("1", "r, exponent of compute in the odds", gt=0), NUMBER
    ] = 1.0
    friction: Annotated[
        float | None,
        quantity("money", "tau, loss per unit leased; no leasing if absent", ge=0),
        NUMBER,
    ] = None
    name: Title = ""
    kind: Literal["contest"] = "contest"
    source: Source | None = None

    @model_validator(mode="after")
    def _fits(self) -> Contest:
        names = [lab.name for lab in self.labs]
        if len({*names}) != len(names):
            raise field_error("labs", names, "expected different names")
        highest = max(lab.price for lab in self.labs)
        if self.friction is not None and not any(
            lab.demand is None for lab in self.labs if lab.price == highest
        ):
            reason = "leasing presumes that the lab with the highest price has unlimited demand"
            raise field_error("labs", names, f"{reason}; leave out its field 'demand'")
        return self

    @property
    def names(self) -> list[str]:
        """N names of the labs."""
        return [lab.name for lab in self.labs]

    @cached_property
    def arrays(self) -> ContestArrays:
        """The same contest as arrays."""
        labs = self.labs
        return Contest.of(
            [lab.compute for lab in labs],
            price=[lab.price for lab in labs],
            demand=[np.inf if lab.demand is None else lab.demand for lab in labs],
            head_start=[lab.head_start for lab in labs],
            build=([lab.build[0] for lab in labs], [lab.build[1] for lab in labs]),
            prize=self.prize,
            decisiveness=self.decisiveness,
            friction=self.friction,
        )

    @property
    def lap(self) -> ContestArrays:
        """The former name of :attr:`arrays`."""
        return self.arrays

    @staticmethod
    def of(
        compute: ArrayLike,
        *,
        prize: float,
        price: ArrayLike = 1.0,
        demand: ArrayLike = np.inf,
        head_start: ArrayLike = 1.0,
        build: tuple[ArrayLike, ArrayLike] = (0.0, 1.0),
        decisiveness: float = 1.0,
        friction: float | None = None,
    ) -> ContestArrays:
        """A contest of very many labs, from arrays; solvers take it as they take a contest.

        Parameters
        ----------
        compute : (N,) array-like
            K of each lab.
        price, demand, head_start : float or (N,) array-like
            p, D (infinite for unlimited demand) and t.
        build : pair of float or of (N,) array-like
            Bounds of the share of compute that builds.
        prize, decisiveness, friction : float
            V, r and tau, as of :class:`Contest`.

        Returns
        -------
        ContestArrays

        Raises
        ------
        ValueError
            Naming the argument that is out of its range.

        Examples
        --------
        >>> len(Contest.of(np.ones(1000), price=np.linspace(1, 2, 1000), prize=10.0))
        1000
        """
        k, p, d, t, lo, hi = (
            np.array(column, float)
            for column in np.broadcast_arrays(
                *np.atleast_1d(compute, price, demand, head_start, *build)
            )
        )
        _check(k > 0, k, "compute")
        _check(p > 0, p, "price")
        _check(d >= 0, np.zeros(1), "demand")
        _check(t > 0, t, "head_start")
        _check((lo >= 0) & (lo <= hi) & (hi <= 1), lo, "build")
        _check(len(k) > 1, k, "compute (of two labs or more)")
        _check(prize > 0, np.array(prize), "prize")
        _check(decisiveness > 0, np.array(decisiveness), "decisiveness")
        rent = 0.0 if friction is None else max(0.0, float(p.max()) - friction)
        if friction is not None:
            _check(friction >= 0, np.array(friction), "friction")
            _check(np.isinf(d[p == p.max()]).any(), k, "demand of the dearest lab")
        return ContestArrays(
            k,
            d,
            np.maximum(p, rent),
            np.full(len(k), rent),
            t,
            lo * k,
            hi * k,
            float(prize),
            float(decisiveness),
        )

    def payoffs(self, build: Array) -> Array:
        """(N,) payoffs in money of (N,) compute that builds, in units of compute."""
        return self.arrays.payoffs(np.asarray(build, float))

    def discretise(self, steps: int) -> NormalForm:
        """The same contest with evenly spaced amounts of building compute.

        Parameters
        ----------
        steps : int
            At least two, the bounds included.

        Returns
        -------
        NormalForm
            Of the two or three labs, whose strategies are called by their B.

        Raises
        ------
        ValueError
            With more than three labs, or fewer than two steps.

        Examples
        --------
        >>> Contest([Contender("A", 1.0), Contender("B", 1.0)], prize=1.0).discretise(5).shape
        (5, 5)
        """
        arrays = self.arrays
        if len(arrays) > 3 or steps < 2:
            raise ValueError(f"expected at most 3 labs and 2 steps, not {len(arrays)} and {steps}")
        grids = [
            np.unique(np.linspace(*ends, steps)) for ends in zip(arrays.lo, arrays.hi, strict=True)
        ]
        mesh = np.stack(np.meshgrid(*grids, indexing="ij"), axis=-1)
        return NormalForm(
            np.moveaxis(arrays.payoffs(mesh), -1, 0),
            players=tuple(lab.name for lab in self.labs),
            strategies=tuple(tuple(f"{b:.17g}" for b in grid) for grid in grids),
            name=self.name,
            source=self.source,
        )


def _check(good: ArrayLike, finite: Array, name: str) -> None:
    if not (np.all(good) and np.isfinite(finite).all()):
        raise ValueError(f"{name} is out of its range")
