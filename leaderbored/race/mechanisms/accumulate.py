r"""Accumulate: revenue buys compute, so that leads in models become leads in computers.

Labs add compute out of revenue and lose some to age,

.. math:: \dot K_i = \iota R_i - \delta K_i \quad\Rightarrow\quad
          \frac{d}{dt} \ln \frac{K_i}{K_j} = \iota \Big( \frac{R_i}{K_i} - \frac{R_j}{K_j} \Big) ,

whatever the depreciation :math:`\delta` is. The state of the race gets the log ratios of compute as
more coordinates, on a grid through their values in the game file. The sum of compute is held at its
value there: what grows with it is left out, which assumes that demand grows in step (scarcity
stays), that success becomes harder in step, and that the discount rate is net of growth. That part
of revenue is spent on compute scales all payoffs alike and changes no play.

*Grid.* With steps of :math:`\Delta` lab i's revenue moves its log ratio to every other lab one step
its way at the rate :math:`\iota R_i / (K_i \Delta)`: upwind jumps with the right mean, a Markov
chain approximation of first order (Kushner and Dupuis 2001, Numerical Methods for Stochastic
Control Problems in Continuous Time, chapter 5). It is also a model of its own, in which compute
comes in lumps. A split of compute is told by how many steps each lab is ahead of the one with the
fewest. A lab that is as far ahead as the grid reaches stays where it is.

*Demand* may have a constant elasticity :math:`\epsilon`: lab i sells q units at the price
:math:`p_i (D_i / q)^{1/\epsilon}` and earns :math:`p_i D_i^{1/\epsilon} q^{1 - 1/\epsilon}`. On a
revenue ladder, which knows no demand, :math:`D_i` is the average compute of a lab. At
:math:`\epsilon \le 1` a lab earns no less if it sells less, so that labs sell as little as they
may: their bounds must leave them something to sell.

If leads rotate fast, and chasers build flat out and earn nothing, a lab leads for a time in
proportion to its hazard :math:`K_i^\theta`, and the log ratio drifts as
:math:`K_1^{\theta - 1/\epsilon} - K_2^{\theta - 1/\epsilon}`: compute converges for
:math:`\epsilon < 1 / \theta`, is neutral there, and concentrates above. With a linear hazard that
is result R13 of :mod:`leaderbored.theory`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import log
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np
import scipy.sparse as sp
from pydantic import field_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.curved import Curved, curve
from leaderbored.games.markov import Array, Markov, States
from leaderbored.games.record import CONFIG, NUMBER, quantity
from leaderbored.race.board import boards, count_states
from leaderbored.race.mechanisms.mechanism import Mechanism, bent, kinked, open_labs

if TYPE_CHECKING:
    from leaderbored.race.race import Race


MOST = 50_000  # states, at all splits of compute


@dataclass(frozen=True, config=CONFIG)
class Accumulate(Mechanism):
    """Compute that revenue buys.

    Parameters
    ----------
    rate : float
        iota >= 0, compute that a unit of revenue buys; 0 is the plain race unless demand is
        elastic.
    elasticity : float, optional
        epsilon > 0 of demand; by default the market is as without, of a fixed price.
    reach : float, default 8
        Factor, either way, by which the ratio of two labs' compute may move from where it is.
    points : int, default 41
        Of the grid of one such ratio, odd.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, and by the race, if there are more than 50,000
        states, if inelastic demand meets labs that need not sell, or if a lease, spillover, a
        jackpot or open labs are on too.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([0.2, 1.0]),
    ...                lb.Technology(4, leapfrog=1), discount=0.2, rungs=2,
    ...                mechanisms={"accumulate": {"rate": 0.1, "elasticity": 3, "points": 11}})
    >>> solution = lb.solve(race)
    >>> solution.equilibria[0].value.shape, solution.equilibria[0].regret < 1e-9  # 5 x 11 states
    ((4, 55), True)
    >>> lb.computers(solution).kind
    'concentrate'
    """

    rate: Annotated[
        float, quantity("compute/money", "iota, compute that a unit of revenue buys", ge=0), NUMBER
    ]
    elasticity: Annotated[
        float | None,
        quantity(
            "1", "epsilon, price elasticity of demand; prices are fixed if absent", gt=0, le=1e6
        ),
        NUMBER,
    ] = None
    reach: Annotated[
        float,
        quantity("1", "largest factor by which ratios of compute may change", gt=1, le=1e6),
        NUMBER,
    ] = 8.0
    points: Annotated[
        int, quantity("1", "number of points of the grid of ratios", ge=3, le=1001), NUMBER
    ] = 41
    adds: ClassVar[str] = "more states, the log ratios of the compute of labs, which revenue moves"
    plain_at: ClassVar[str] = "`rate = 0`, no `elasticity`"

    @field_validator("points")
    @classmethod
    def _with_a_middle(cls, points: int) -> int:
        if points % 2 == 0:
            raise ValueError("expected an odd number, so that the grid has a middle")
        return points

    @property
    def neutral(self) -> bool:
        """Whether compute stays where it is and demand is as without."""
        return self.rate == 0 and self.elasticity is None

    @property
    def step(self) -> float:
        """Delta, distance of the grid in the log ratio."""
        return 2 * log(self.reach) / (self.points - 1)

    def grid(self, labs: int) -> States:
        """(M, N) splits: steps that each lab is ahead of the one with the fewest, 0 for one.

        That of the game file comes first, then the others as the first labs have more compared
        with the last.

        Examples
        --------
        >>> Accumulate(rate=0.1, points=3).grid(2).tolist(), len(Accumulate(0.1, points=5).grid(3))
        ([[0, 0], [0, 1], [1, 0]], 19)
        """
        ahead = boards(labs, self.points // 2)
        order = np.lexsort((ahead[:, :-1] - ahead[:, -1:]).T[::-1])
        even = (ahead[order] == 0).all(axis=1)
        return np.vstack([ahead[order][even], ahead[order][~even]])

    def splits(self, compute: Array) -> Array:
        """(N, M) compute of the labs, in the order of ``grid``.

        Examples
        --------
        >>> Accumulate(rate=0.1, reach=4, points=3).splits(np.ones(2)).round(9).tolist()
        [[1.0, 0.4, 1.6], [1.0, 1.6, 0.4]]
        """
        owned = compute[:, None] * np.exp(self.step * self.grid(len(compute)).T)
        owned *= compute.sum() / owned.sum(axis=0)
        owned[:, 0] = compute
        return np.asarray(owned)

    def obstacles(self, race: Race) -> Iterator[tuple[str, str]]:
        """Why it does not fit the rest of the race."""
        yield from bent(race, "revenue buys compute")
        if self.elasticity is None:
            yield from kinked(race)
        elastic = self.elasticity is None or self.elasticity > 1
        if not elastic and any(lab.build[1] == 1 for lab in race.labs):
            unsold = "without limit nothing is sold at an elasticity up to 1"
            yield "", f"{unsold}; expected a build of all labs below 1"
        if open_labs(race):
            yield "", "an open lab sells without compute; expected no open labs"
        if "spillover" in race.mechanisms.on:
            yield "", "demand and compute move at once; expected no spillover"
        if "jackpot" in race.mechanisms.on:
            yield "", "what the winner owns is over with the race; expected no jackpot"
        states = count_states(len(race.labs), race.rungs)
        states **= 2 if "inertia" in race.mechanisms.on else 1
        if states * count_states(len(race.labs), self.points // 2) > MOST:
            yield "", f"{self.points} points make more than {MOST:,} states; lower points or rungs"

    def board(self, states: States, compute: Array) -> tuple[States, Array]:
        """Every leaderboard at every split of compute, as the file has it first."""
        owned = np.repeat(self.splits(compute[:, 0]), len(states), axis=1)
        return np.tile(states, (owned.shape[1] // len(states), 1)), owned

    def apply(self, game: Markov, race: Race, play: Array | None = None) -> Curved:
        """The race at every split of compute, one block of states each, linked by revenue."""
        splits = self.splits(race.compute)
        games = [curve(game), *(self._at(race, split) for split in splits.T[1:])]
        first, size = games[0], len(games[0].states)
        tables: dict[str, Any] = {
            name: np.hstack([getattr(game, name) for game in games]) for name in first.TABLES
        }
        if self.elasticity is not None:
            average = race.compute.mean()
            tables["demand"] = np.where(np.isfinite(tables["demand"]), tables["demand"], average)
        jump = [
            sp.csr_array(sp.block_diag([game.jump[j] for game in games]))
            for j in range(len(first.players))
        ]
        idle = {"lower": 0.0, "upper": 0.0, "scale": 0.0, "base": 0.0, "price": 0.0}
        for name, table in tables.items():
            rows = np.full((len(splits), table.shape[1]), idle.get(name, 1.0))
            tables[name] = np.vstack([table, rows])
        owned = np.repeat(splits, size, axis=1)
        return replace(
            first,
            players=(*first.players, *(f"(compute of {lab.name})" for lab in race.labs)),
            states=np.tile(first.states, (splits.shape[1], 1)),
            jump=(*jump, *(self._shift(size, len(splits), lab) for lab in range(len(splits)))),
            elasticity=self.elasticity,
            speed=self.rate / (owned * self.step),
            **tables,
        )

    def _at(self, race: Race, split: Array) -> Curved:
        """The race at one split of compute."""
        labs = tuple(
            replace(lab, compute=float(own)) for lab, own in zip(race.labs, split, strict=True)
        )
        return curve(
            replace(race, labs=labs, mechanisms=race.mechanisms.without("accumulate")).markov()
        )

    def _shift(self, size: int, labs: int, lab: int) -> sp.csr_array:
        """The jump to the same leaderboard where a lab is one step further ahead."""
        grid = self.grid(labs)
        place = {tuple(split): k for k, split in enumerate(grid.tolist())}
        on = grid.copy()
        on[:, lab] += 1
        on -= on.min(axis=1, keepdims=True)
        there = [place.get(tuple(split), k) for k, split in enumerate(on.tolist())]
        columns = (np.array(there)[:, None] * size + np.arange(size)).ravel()
        ones = np.ones(len(columns))
        return sp.csr_array((ones, (np.arange(len(ones)), columns)), shape=(len(ones),) * 2)
