r"""Races: payoffs from the documented equations, values, deviations, and the leaderboard's chain.

The state d is the vector of rungs behind. A lab that trains with u and sells with k units earns
price min(k, D) and succeeds at :math:`\lambda a (u K)^\theta e^{\phi g} e^{-\eta d} + \kappa d`.
Where money grows with the frontier, what comes after an advance counts by that factor. Mechanisms:
inputs, fungibility, open weights, hype, spillover and jackpot. Races with inertia, a lease or
accumulation are judged by their certificate alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chain import judge_chain

Array = NDArray[np.float64]
SMALL = 1e-6  # of the largest value: gains and errors that count
POINTS = 600
ROUNDING = 1e-12  # of a price that is none
BEYOND = {"inertia", "lease", "accumulate", "scarcity_path"}


class Board:
    """A race as written in its file: N labs, S states, in the order of their lexicographic list."""

    def __init__(self, game: dict[str, Any]) -> None:
        self.game, self.labs = game, game["labs"]
        self.count, self.rungs = len(self.labs), game["rungs"]
        every = product(range(self.rungs + 1), repeat=self.count)
        self.states = [state for state in every if min(state) == 0]
        self.index = {state: k for k, state in enumerate(self.states)}
        self.behind = np.array(self.states).T.astype(float)
        self.on: dict[str, Any] = game.get("mechanisms", {})
        self.compute = np.array([lab["compute"] for lab in self.labs])
        self.lower, self.upper = (
            np.array([lab.get("build", [0.0, 1.0])[k] for lab in self.labs]) for k in (0, 1)
        )
        weights = self.on.get("open_weights", {})
        self.open = [lab["name"] in weights.get("labs", []) for lab in self.labs]
        self.fraction = weights.get("fraction", 0.0)
        self.price, self.demand = self._terms()
        self.growth = float(game.get("growth", 1.0))
        self.next = [self._jump(i, 1.0) for i in range(self.count)]
        self.later = [self._jump(i, self.growth) for i in range(self.count)]

    # --- the market

    def _terms(self) -> tuple[Array, Array]:
        """Prices and demand (N, S), before what depends on the play."""
        market = self.game["market"]
        if market["kind"] == "scarce":
            brand = np.array([[lab.get("brand", 1.0)] for lab in self.labs])
            pull = brand * np.exp(-market["switching"] * self.behind)
            demand = market["scarcity"] * self.compute.sum() * pull / pull.sum(axis=0)
            return np.asarray(market["price"] * np.exp(-market["premium"] * self.behind)), demand
        if market["kind"] == "clearing":  # prices depend on the play
            return np.ones_like(self.behind), np.full_like(self.behind, np.inf)
        ladder, price = self._ladder(), np.empty_like(self.behind)
        for s, state in enumerate(self.states):
            lead = sorted(state)[1]
            price[:, s] = [ladder[lead] if d == 0 else ladder[0] for d in state]
        return price, np.full_like(price, np.inf)

    def _ladder(self) -> Array:
        market, g = self.game["market"], np.arange(self.rungs + 1.0)
        if not isinstance(market["revenue"], str):
            table = np.array(market["revenue"], float)
            return np.asarray(table[np.minimum(g.astype(int), len(table) - 1)])
        gamma = market["parameters"]["gamma"]
        forms = {
            "gamma^g": gamma**g,
            "1 + (gamma - 1) * rise": 1 + (gamma - 1) * (2 - np.exp(-g) - np.exp(-3 * g)) / 2,
            "1 + (gamma - 1) * (1 - exp(-g))": 1 + (gamma - 1) * (1 - np.exp(-g)),
            "exp((gamma-1)*g)": np.exp((gamma - 1) * g),
        }
        ladder = forms[market["revenue"]]
        ladder[0] = market["laggard"]
        return np.asarray(ladder)

    # --- the technology

    def _jump(self, i: int, worth: float) -> Array:
        """(S, S) law of the state after a success of lab i, times ``worth`` with an advance."""
        law, leapfrog = np.zeros((len(self.states),) * 2), self.game["technology"]["leapfrog"]
        for s, state in enumerate(self.states):
            above = tuple(0 if j == i else min(d + 1, self.rungs) for j, d in enumerate(state))
            up = tuple(d - 1 if j == i else d for j, d in enumerate(state))
            if state[i] == 0:
                law[s, self.index[above]] = worth
            else:
                law[s, self.index[above]] += leapfrog * worth
                law[s, self.index[up]] += 1 - leapfrog
        return law

    def trains(self, b: Array) -> Array:
        """Share of compute that trains."""
        bent = self.on.get("fungibility", {"loss": 0.0, "home": 0.5})
        return np.asarray(b - bent["loss"] * np.maximum(b - bent["home"], 0))

    def sells(self, b: Array) -> Array:
        """Share of compute that can sell."""
        bent = self.on.get("fungibility", {"loss": 0.0, "home": 0.5})
        home = bent["home"]
        back = (1 - bent["loss"]) * np.maximum(home - b, 0)
        return np.asarray(np.minimum(1 - b, 1 - home) + back)

    def hazard(self, i: int, b: Array) -> Array:
        """Hazard of lab i that builds b, an (S, ...) array."""
        technology, d = self.game["technology"], self.behind
        inputs = self.on.get("inputs", {})
        talent = np.array([[lab.get("talent", 1.0)] for lab in self.labs])
        stays = np.exp(-inputs.get("migration", 0.0) * d)
        own = (talent * stays)[i] * talent.sum() / (talent * stays).sum(axis=0)
        order = np.sort(d, axis=0)
        lead = np.where((d[i] == 0) & (order[1] > 0), order[1], 0.0)
        factor = technology["productivity"] * own * np.exp(technology["flywheel"] * lead)
        factor = factor * np.exp(-technology["handicap"] * d[i])
        base = technology["drafting"] * d[i]
        units, weight = self.trains(b) * self.compute[i], inputs.get("weight", 1.0)
        if weight < 1:
            r = 1 - 1 / inputs["substitution"]
            research = inputs.get("research", float(self.compute.mean()))
            ratio = np.where(units > 0, units, 1.0) / research
            with np.errstate(over="ignore"):
                mix = research * (weight * ratio**r + 1 - weight) ** (1 / r)
            units = np.where(units > 0, mix, 0.0)
        shape = (-1,) + (1,) * (b.ndim - 1)
        made = units ** technology["returns"]
        return np.asarray(factor.reshape(shape) * made + base.reshape(shape))

    # --- revenue

    def revenue(self, i: int, b: Array, play: Array) -> Array:
        """Revenue of lab i that builds b (S, ...), the others building ``play`` (N, S)."""
        if self.game["market"]["kind"] == "clearing":
            return self._cleared(i, b, play)
        shape = (-1,) + (1,) * (b.ndim - 1)
        price = self.price[i].reshape(shape)
        demand = self.demand[i]
        if "spillover" in self.on:
            demand = demand + self.arrivals(play)[i]
        demand = demand.reshape(shape)
        if self.open[i]:
            served = np.where(np.isfinite(demand), demand, self.compute[i])
            return np.asarray(self.fraction * price * served + 0 * b)
        units = self.sells(b) * self.compute[i]
        if "hype" in self.on:
            pull = self.pull(play)
            rest = (pull.sum(axis=0) - pull[i]).reshape(shape)
            return np.asarray(price * self._persuaded(i, units, rest))
        return np.asarray(price * np.minimum(units, demand))

    def _cleared(self, i: int, b: Array, play: Array) -> Array:
        """Revenue of lab i where prices clear, the others selling what they sell at ``play``."""
        shape = (-1,) + (1,) * (b.ndim - 1)
        market, x = self.game["market"], self._worth()
        sold, without = self._sales(play)
        room, worth = (1 - b) * self.compute[i], x[i].reshape(shape)
        if market["conduct"] == "price-taking":
            with np.errstate(divide="ignore"):
                price = x[i] - np.log(sold[i] / without)
                # Sales are known as 1 - b is, to 16 digits of one, and so are those who go without.
                least = np.minimum(sold[i] / self.compute[i], without / sold.sum(axis=0))
                known = ROUNDING * (1 + np.abs(x[i]) + 1 / least)
            price = np.where(price > known, price, 0.0).reshape(shape)  # of who is not sold out
            with np.errstate(invalid="ignore"):  # nothing to sell at an infinite price
                return np.asarray(market["price"] * np.where(room > 0, price * room, 0.0))
        served = (without + sold[i]).reshape(shape)  # all whom the others leave
        low, high = np.zeros_like(room), np.broadcast_to(served, room.shape).copy()
        for _ in range(200):  # the best sale: its marginal revenue is nothing
            middle = (low + high) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                y = middle / (served - middle)
                rises = worth - np.log(y) - 1 - y > 0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        sale = np.minimum(room, low)
        with np.errstate(divide="ignore", invalid="ignore"):
            price = worth - np.log(sale / (served - sale))
            return np.asarray(market["price"] * np.where(sale > 0, price * sale, 0.0))

    def _worth(self) -> Array:
        """(N, S) quality over the customers' alternative, which follows a share of the lead."""
        market = self.game["market"]
        brand = np.array([[lab.get("brand", 1.0)] for lab in self.labs])
        lead = np.sort(self.behind, axis=0)[1]
        climbed = (1 - market["openness"]) * lead - self.behind
        return np.asarray(market["worth"] + np.log(brand) + market["switching"] * climbed)

    def _sales(self, play: Array) -> tuple[Array, Array]:
        """(N, S) sales and (S,) customers who go without, at shares of all."""
        market, x = self.game["market"], self._worth()
        low, high = np.full_like(x, -800.0), np.full_like(x, 800.0)  # of ln y
        for _ in range(200):
            middle = (low + high) / 2
            least = 0.0 if market["conduct"] == "price-taking" else 1 + np.exp(middle)
            rises = x - middle - least > 0
            low, high = np.where(rises, middle, low), np.where(rises, high, middle)
        most, room = np.exp(low), (1 - play) * self.compute[:, None]
        every = market["scarcity"] * self.compute.sum()
        few, many = np.zeros(play.shape[1]), np.full(play.shape[1], every)
        for _ in range(200):
            middle = (few + many) / 2
            there = middle + np.minimum(room, most * middle).sum(axis=0)
            few, many = np.where(there < every, middle, few), np.where(there < every, many, middle)
        return np.minimum(room, most * many), many

    def arrivals(self, play: Array) -> Array:
        """(N, S) customers whom others turn away."""
        share, found = self.on["spillover"]["share"], np.zeros_like(play)
        sold = self.sells(play) * self.compute[:, None]
        for s, state in enumerate(self.states):
            above = 0.0
            for rung in sorted(set(state)):
                here = [i for i, d in enumerate(state) if d == rung]
                room = {i: np.inf if self.open[i] else sold[i, s] for i in here}
                demand = {i: self.demand[i, s] for i in here}
                looking = {i: share * max(demand[i] - room[i], 0.0) for i in here}
                total, left = sum(demand.values()), 0.0
                for i in here:
                    come = above * demand[i] / total if total > 0 else 0.0
                    come += sum(
                        looking[j] * demand[i] / (total - demand[j]) for j in here if j != i
                    )
                    found[i, s] = come
                    left += max(come - max(room[i] - demand[i], 0.0), 0.0)
                above = left + (looking[here[0]] if len(here) == 1 else 0.0)
        return found

    def _attraction(self) -> Array:
        market = self.game["market"]
        brand = np.array([[lab.get("brand", 1.0)] for lab in self.labs])
        return np.asarray(brand * np.exp(-market["switching"] * self.behind))

    def _each(self) -> float:
        return float(self.on["hype"]["effectiveness"] / self.compute.mean())

    def _persuaded(self, i: int, units: Array, rest: Array) -> Array:
        """Sales of a lab with some units not training, rivals' attraction being ``rest``."""
        shape = (-1,) + (1,) * (units.ndim - 1)
        own = self._attraction()[i].reshape(shape)
        customers = self.game["market"]["scarcity"] * self.compute.sum()

        def come(y: Array) -> Array:
            mine = own * (1 + self._each() * y)
            return np.asarray(customers * mine / (mine + rest))

        low, high = np.zeros_like(units), units.copy()
        for _ in range(60):
            middle = (low + high) / 2
            spare = units - middle > come(middle)
            low, high = np.where(spare, middle, low), np.where(spare, high, middle)
        idle = units > come(np.zeros_like(units))
        return np.where(idle, units - low, units)

    def pull(self, play: Array) -> Array:
        """(N, S) attraction of labs that persuade with what their customers leave them."""
        plain = self._attraction()
        units = self.sells(play) * self.compute[:, None]
        spent = np.zeros_like(play)
        for _ in range(2_000):
            pull = plain * (1 + self._each() * spent)
            after = np.array(
                [
                    units[i]
                    - np.minimum(self._persuaded(i, units[i], pull.sum(axis=0) - pull[i]), units[i])
                    for i in range(self.count)
                ]
            )
            if np.abs(after - spent).max() < 1e-13:
                break
            spent = after
        return plain * (1 + self._each() * spent)

    # --- values

    @property
    def imitation(self) -> float:
        """How often all draw level; 1/year."""
        return float(self.on.get("open_weights", {}).get("imitation", 0.0))

    def generator(self, hazard: Array) -> Array:
        """(S, S) rates of moving when labs succeed at ``hazard`` (N, S), self-loops included."""
        rates = sum(h[:, None] * law for h, law in zip(hazard, self.next, strict=True))
        rates = np.asarray(rates)
        rates[:, 0] += self.imitation
        return rates

    def value(self, i: int, hazard: Array, revenue: Array) -> Array:
        """(S,) value of lab i, infinite throughout where money grows too fast."""
        jackpot = self.on.get("jackpot", {"chance": 0.0, "prize": 0.0})
        going = 1 - jackpot["chance"]
        rates = sum(going * h[:, None] * law for h, law in zip(hazard, self.later, strict=True))
        rates = np.asarray(rates)
        rates[:, 0] += self.imitation
        exits = self.game["discount"] + hazard.sum(axis=0) + self.imitation
        prize = jackpot["chance"] * jackpot["prize"] * hazard[i]
        matrix = np.diag(exits) - rates
        if self.growth > 1 and not (np.linalg.solve(matrix, np.ones_like(exits)) > 0).all():
            return np.full_like(exits, np.inf)
        return np.linalg.solve(matrix, revenue + prize)

    def rounding(self, i: int) -> float:
        """Values of lab i below which all is rounding: a trace of what its compute may earn."""
        market = self.game["market"]
        price = market["price"] if market["kind"] != "ladder" else np.abs(self.price[i]).max()
        return 1e-9 * float(price * self.compute[i]) / self.game["discount"] or 1.0

    def deviation(self, i: int, play: Array, hazard: Array) -> tuple[Array, Array]:
        """(S,) value of lab i's own shares, and of the best that a grid of shares finds."""
        own = self.revenue(i, play[i], play)
        held = best = self.value(i, hazard, own)
        grid = self._grid(i)
        earns = self.revenue(i, grid, play)
        wins = self.hazard(i, grid)
        jackpot = self.on.get("jackpot", {"chance": 0.0, "prize": 0.0})
        here = np.arange(len(self.states))
        moved = hazard.copy()
        for _ in range(60):
            after = (1 - jackpot["chance"]) * (self.later[i] @ best)
            worth = after + jackpot["chance"] * jackpot["prize"] - best
            pick = (earns + wins * worth[:, None]).argmax(axis=1)
            moved[i] = wins[here, pick]
            better = self.value(i, moved, earns[here, pick])
            if np.isinf(better).any():
                return held, better
            if (better - best).max() <= 1e-12 * np.abs(best).max():
                break
            best = np.maximum(best, better)
        return held, best

    def _grid(self, i: int) -> Array:
        """(S, B) shares to try: even, crowded at the lower end, and where customers run out."""
        low, high = self.lower[i], self.upper[i]
        even = np.r_[np.linspace(low, high, POINTS), low + (high - low) * np.geomspace(1e-9, 1, 99)]
        home = self.on.get("fungibility", {}).get("home", 0.5)
        corner = np.clip(1 - self.demand[i] / self.compute[i], low, high)
        rows = np.tile(np.r_[even, np.clip(home, low, high)], (len(self.states), 1))
        return np.column_stack([rows, corner])


def judge_race(game: dict[str, Any], answer: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the answer to a race."""
    claimed = answer["equilibria"]
    for found in claimed:
        if found["regret"] is None or found["regret"] > 1e-8:
            yield f"an equilibrium with a regret of {found['regret']}"
    if BEYOND & set(game.get("mechanisms", {})):
        return
    board = Board(game)
    size, names = len(board.states), [lab["name"] for lab in board.labs]
    for found in claimed:
        if [tuple(state) for state in found["states"][:size]] != board.states:
            yield "states in another order than documented"
            return
        play = np.array([found["build"][name][:size] for name in names])
        hazard = np.array([board.hazard(i, play[i]) for i in range(board.count)])
        for i, name in enumerate(names):
            held, best = board.deviation(i, play, hazard)
            if np.isinf(best).any():
                yield f"{name!r} can earn without end, regret says {found['regret']:.1e}"
                continue
            scale = max(float(np.abs(best).max()), board.rounding(i))
            off = float(np.abs(held - np.array(found["value"][name][:size])).max()) / scale
            gain = float((best - held).max()) / scale
            if off > 10 * SMALL:
                yield f"value of {name!r} off by {off:.1e} of the largest"
            if gain > SMALL:
                yield f"{name!r} gains {gain:.1e} by deviating, regret says {found['regret']:.1e}"
        yield from judge_chain(board, play, hazard, found)
