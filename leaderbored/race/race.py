r"""The build-or-sell race: N labs on a ladder of capability.

The state is the vector :math:`d` of rungs behind the frontier, :math:`\min_i d_i = 0`, capped at
:math:`G`. Every lab splits its compute: a share :math:`b_i` builds, the rest sells. The modules
`lab`, `market` and `technology` hold the primitives; this one puts them together and compiles
the race to a :class:`leaderbored.games.Markov` game, which `mechanisms` may rework.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import scipy.sparse as sp
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.cleared import Cleared
from leaderbored.games.markov import Array, Markov, States
from leaderbored.games.record import CONFIG, NUMBER, RefusedError, Title, mistakes, quantity
from leaderbored.race.board import boards, count_states, laws, leads, what_fits
from leaderbored.race.lab import Lab
from leaderbored.race.ladder import RevenueLadder
from leaderbored.race.market import ClearingMarket, Market
from leaderbored.race.mechanisms import Mechanisms
from leaderbored.race.sorts import count_roles, sorts
from leaderbored.race.technology import Technology

MAX_STATES = 1_000_000  # of up to five labs, of more fewer: minutes in the solver, and some 3 GB
MAX_ROLES = 1_000_000  # where alike labs are not distinguished: the same
DEFAULT_STATES = 2_500
MAX_FLYWHEEL = 300.0  # exponent; beyond, hazards overflow
MAX_WORTH = 300.0  # exponent; beyond, sales do


def _default_rungs(labs: int) -> int:
    fits = [rungs for rungs in range(1, 21) if count_states(labs, rungs) <= DEFAULT_STATES]
    return max(fits, default=1)


def _too_large(labs: Sequence[Lab], rungs: int, *, alike: bool) -> str:
    """Why a race is too large, if alike labs may be lumped together or not; empty if it is not."""
    count = len(labs)
    most = int(MAX_STATES * min(1.0, 5 / max(count, 1)))
    states = count_states(count, rungs)
    if states <= most:
        return ""
    made = f"{count} labs and {rungs} rungs make {states:.2g} states"
    if not alike or len(sorts(labs)) == count:
        return f"{made}, more than {most:,}; {what_fits(count, rungs, most)}"
    roles = count_roles(labs, rungs)
    if roles <= MAX_ROLES:
        return ""
    fits = what_fits(count, rungs, MAX_ROLES, lambda n, g: count_roles(labs[:n], g))
    return f"{made}, and {roles:.2g} roles of alike labs, more than {MAX_ROLES:,}; {fits}"


@dataclass(frozen=True, config=CONFIG)
class Race:
    """The build-or-sell race: labs, a market, technology and a discount rate.

    Parameters
    ----------
    labs : sequence of Lab
        Two or more, with distinct names.
    market : ScarceMarket, RevenueLadder or ClearingMarket
        What selling earns.
    technology : Technology
        What building achieves.
    discount : float
        rho > 0, 1/year.
    rungs : int, optional
        G >= 1, the largest number of rungs behind that is distinguished. By default the largest
        up to 20 that keeps the race within 2500 states (20 for two labs, 4 for five).
    name : str, optional
        Title for tables and figures.
    mechanisms : Mechanisms, optional
        What the race has on top; see :mod:`leaderbored.race.mechanisms`.
    growth : float, default 1
        Gamma >= 1, factor by which all revenue grows whenever the frontier advances. Values are
        relative to it: in the money of the frontier they are of.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, names used twice, a revenue that is
        negative or undefined at some lead, or a race of more than 1,000,000 states, or fewer of
        more than five labs; without mechanisms, of which alike labs make more than 1,000,000 roles.

    Examples
    --------
    >>> race = Race([Lab("A", 1), Lab("B", 1)], {"kind": "scarce", "scarcity": 0.6},
    ...             Technology(3), discount=0.1)
    >>> race.rungs
    20
    """

    labs: Annotated[tuple[Lab, ...], Field(min_length=2, max_length=20, description="the labs")]
    market: Market
    technology: Technology
    discount: Annotated[float, quantity("1/year", "rho, discount rate", gt=0), NUMBER]
    rungs: Annotated[
        int,
        quantity("rungs", "G, longest lead that the model distinguishes", ge=1, le=1_000_000),
        NUMBER,
    ] = Field(
        default_factory=lambda made: _default_rungs(len(made.get("labs", ()))),
        validate_default=True,
    )
    name: Title = ""
    kind: Literal["race"] = "race"
    mechanisms: Mechanisms = Field(default_factory=Mechanisms, description="extensions of the race")
    growth: Annotated[
        float,
        quantity(
            "1", "Gamma, factor by which all money grows at each advance of the frontier", ge=1
        ),
        NUMBER,
    ] = 1.0
    PLAIN: ClassVar[dict[str, float]] = {"growth": 1.0}  # of which fingerprints say nothing

    @field_validator("labs")
    @classmethod
    def _distinct(cls, labs: tuple[Lab, ...]) -> tuple[Lab, ...]:
        names = [lab.name for lab in labs]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"name used twice: {', '.join(twice)}")
        return labs

    @field_validator("rungs")
    @classmethod
    def _within_reach(cls, rungs: int, info: ValidationInfo) -> int:
        if problem := _too_large(info.data.get("labs", ()), rungs, alike=True):
            raise ValueError(problem)
        technology = info.data.get("technology")
        if technology is not None and technology.flywheel * rungs > MAX_FLYWHEEL:
            raise ValueError(
                f"a flywheel of {technology.flywheel:g} over {rungs} rungs multiplies the hazard "
                f"by more than exp({MAX_FLYWHEEL:.0f}); lower rungs or flywheel"
            )
        market = info.data.get("market")
        if isinstance(market, RevenueLadder):
            market.ladder(rungs)
        if isinstance(market, ClearingMarket) and market.switching * rungs > MAX_WORTH:
            raise ValueError(
                f"a switching of {market.switching:g} over {rungs} rungs makes what a lab sells "
                f"worth more than exp({MAX_WORTH:.0f}) times; lower rungs or market.switching"
            )
        return rungs

    @model_validator(mode="after")
    def _fitting(self) -> Race:
        if self.mechanisms.on and (problem := _too_large(self.labs, self.rungs, alike=False)):
            on = ", ".join(self.mechanisms.on)
            raise mistakes([("rungs", self.rungs, f"with {on} {problem}")])
        found: dict[tuple[str, str], list[str]] = {}
        for name, mechanism in self.mechanisms.given.items():
            if mechanism.apart or not mechanism.neutral:
                for field, reason in mechanism.obstacles(self):
                    found.setdefault((name, field), []).append(reason)
        if found:
            raise mistakes([self._mistake(*at, reasons) for at, reasons in found.items()])
        return self

    def _mistake(self, name: str, field: str, reasons: list[str]) -> tuple[str, Any, str]:
        mechanism = self.mechanisms.given[name]
        value = getattr(mechanism, field) if field else mechanism
        return ".".join(filter(None, ("mechanisms", name, field))), value, "; ".join(reasons)

    @property
    def compute(self) -> Array:
        """(N,) compute K of the labs."""
        return np.array([lab.compute for lab in self.labs])

    def states(self) -> States:
        """(S, N) rungs behind the frontier, in lexicographic order; the tie comes first.

        Raises
        ------
        RefusedError
            If there are too many, in a race whose alike labs are not distinguished.

        Examples
        --------
        >>> Race([Lab("A", 1), Lab("B", 1)], {"kind": "scarce", "scarcity": 0.6},
        ...      Technology(3), discount=0.1, rungs=1).states().tolist()
        [[0, 0], [0, 1], [1, 0]]
        """
        if problem := _too_large(self.labs, self.rungs, alike=False):
            raise RefusedError(f"where alike labs are told apart {problem}")
        return boards(len(self.labs), self.rungs)

    def markov(self, play: Array | None = None) -> Markov:
        """Compile the race to a Markov game.

        Parameters
        ----------
        play : array, optional
            Shares of all players at which the demand is worked out that depends on them; by
            default those that sell the most. Without such a mechanism it makes no difference.

        Returns
        -------
        Markov
            N players, S = (G+1)^N - G^N states; mechanisms may add to both.

        Examples
        --------
        >>> game = Race([Lab("A", 1), Lab("B", 4)], {"kind": "scarce", "scarcity": 0.6},
        ...             Technology(3), discount=0.1, rungs=2).markov()
        >>> game.hazard(np.ones((2, 5)))[:, 0].tolist()  # at the tie
        [3.0, 6.0]
        """
        return deque(self.steps(play), maxlen=1).pop()[1]

    def steps(self, play: Array | None = None) -> Iterator[tuple[str, Markov]]:
        """Compile the race to a Markov game, one mechanism after the other.

        Parameters
        ----------
        play : array, optional
            As of :meth:`markov`.

        Yields
        ------
        name : str
            ``"race"``, then the mechanisms in the order in which they apply.
        game : Markov
            The game after this step: that of the plain race, at last that of :meth:`markov`.

        Examples
        --------
        >>> race = Race([Lab("A", 1), Lab("B", 4)], {"kind": "scarce", "scarcity": 0.6},
        ...             Technology(3), discount=0.1, rungs=2,
        ...             mechanisms={"inertia": {"lag": 1}, "jackpot": {"chance": 0.1}})
        >>> [(name, *game.scale.shape) for name, game in race.steps()]  # players, states
        [('race', 2, 5), ('inertia', 3, 25), ('jackpot', 3, 27)]
        """
        plain = self._plain()
        yield "race", plain
        yield from self.mechanisms.steps(plain, self, play)

    def _plain(self) -> Markov:
        """The game without mechanisms."""
        states = self.states()
        return self.plain(states, laws(len(self.labs), self.rungs, self.technology.leapfrog))

    def plain(self, states: States, jump: tuple[sp.csr_array, ...]) -> Markov:
        """The game without mechanisms on some leaderboards (S, N), between which successes lead.

        Examples
        --------
        >>> race = Race([Lab("A", 1), Lab("B", 4)], {"kind": "scarce", "scarcity": 0.6},
        ...             Technology(3), discount=0.1, rungs=1)
        >>> race.plain(race.states(), race.markov().jump).scale.tolist() == (
        ...     race.markov().scale.tolist())
        True
        """
        tables: dict[str, Any] = self.tables(states)
        tables.update(
            players=tuple(lab.name for lab in self.labs),
            states=states,
            discount=self.discount,
            returns=self.technology.returns,
            jump=jump,
        )
        if not isinstance(self.market, ClearingMarket):
            return Markov(**tables)
        brand = np.array([lab.brand for lab in self.labs])
        taking = self.market.conduct == "price-taking"
        return Cleared(**tables, worth=self.market.worths(states, brand), taking=taking)

    def tables(self, states: States) -> dict[str, Array]:
        """The tables (N, S) of the race without mechanisms at some leaderboards (S, N).

        Examples
        --------
        >>> race = Race([Lab("A", 1), Lab("B", 4)], {"kind": "scarce", "scarcity": 0.6},
        ...             Technology(3), discount=0.1, rungs=2)
        >>> race.tables(np.array([[0, 1]]))["capacity"].tolist()
        [[1.0], [4.0]]
        """
        tech = self.technology
        behind = states.T.astype(float)
        compute, talent = self.compute, np.array([lab.talent for lab in self.labs])
        lead, leader = leads(states)
        leading = leader == np.arange(len(self.labs))[:, None]
        with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused by solvers
            scale = (
                (tech.productivity * talent * compute**tech.returns)[:, None]
                * np.exp(tech.flywheel * lead * leading)
                * np.exp(-tech.handicap * behind)
            )
        brand = np.array([lab.brand for lab in self.labs])
        price, demand = self.market.terms(states, compute, brand)
        ones = np.ones(behind.shape)
        return dict(
            lower=ones * np.array([[lab.build[0]] for lab in self.labs]),
            upper=ones * np.array([[lab.build[1]] for lab in self.labs]),
            scale=scale,
            base=tech.drafting * behind,
            price=price,
            capacity=ones * compute[:, None],
            demand=demand,
            growth=np.where(leading, self.growth, 1.0),  # an advance leaves its lab alone ahead
        )

    @property
    def copies(self) -> int:
        """How often each leaderboard is a state, side by side: with each that is perceived."""
        states, _ = self.board()
        return int((states != states[0]).any(axis=1).argmax())

    def board(self) -> tuple[States, Array]:
        """(S, N) rungs behind the frontier, and (N, S) compute, in every state in which it goes on.

        Both are as in the game file, once for every leaderboard that customers perceive where they
        notice with a lag, and all that for every split of compute where compute accumulates.
        """
        states = self.states()
        owned = np.repeat(self.compute[:, None], len(states), axis=1)
        for name in self.mechanisms.on:
            states, owned = self.mechanisms.given[name].board(states, owned)
        return states, owned
