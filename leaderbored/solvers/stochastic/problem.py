r"""A Markov game as one sparse complementarity problem.

The unknowns of agent i in state s are its value :math:`V_i(s)`, what it decides :math:`x_i(s)`, and
multipliers: :math:`\lambda` of kinks, and :math:`\nu` of probabilities that add up to one. With
:math:`\Delta_{ic}` the change of value, or in discrete time the discounted value, that outcome c
brings,

.. math:: F_V = \rho_i V_i - \pi_i - \sum_c q_c \Delta_{ic}, \qquad
          F_x = -\frac{\partial \pi_i}{\partial x_i}
                - \sum_c \frac{\partial q_c}{\partial x_i} \Delta_{ic} - \nu_i .

Agents that differ in nothing share their unknowns: what copy k is in state s, the first copy is in
the state in which the two have changed places.
"""

from __future__ import annotations

from copy import copy
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.games.markov import Array, States
from leaderbored.games.stochastic import MarkovGame
from leaderbored.solvers.numerics.linear import solve_sparse
from leaderbored.solvers.stochastic.entries import Entries
from leaderbored.solvers.stochastic.slopes import bends, own_slopes, slopes, with_payoff
from leaderbored.solvers.stochastic.stage import Stage
from leaderbored.solvers.stochastic.tabled import stage_of

Index = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Problem:
    """The complementarity problem of a Markov game.

    Parameters
    ----------
    game : MarkovGame
        N agents, S states.
    stage : Stage, optional
        Of the game, where it is known.
    apart : bool, default False
        Whether players declared by a count may differ in what they do.

    Attributes
    ----------
    size : int
        Number of unknowns.
    lower, upper : (size,) arrays
    slot : dict from "value", "choice", "kink", "level" to (., S) int arrays
        Where the unknowns of every agent are, one row for each.
    idle : (N, S) array of bool
        Where agents decide nothing: the game has ended, or it is not their turn.
    free : (X, S) array of bool
        Which choices may vary.

    Examples
    --------
    >>> from leaderbored.games.stochastic import Event, MarkovPlayer
    >>> lab = MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)},
    ...                    events=[Event({"d": "1"}, hazard="sqrt(b)")])
    >>> problem = Problem(MarkovGame([lab], discount=0.1, states={"d": (0, 1)}))
    >>> problem.evaluate(np.array([[0.0, 0.0]])).round(9).tolist()
    [[10.0, 20.0]]
    """

    def __init__(self, game: MarkovGame, stage: Stage | None = None, apart: bool = False) -> None:
        self.game, self.stage, self.apart = game, stage or stage_of(game), apart
        self.states = game.size
        self.continuous = game.time == "continuous"
        rates = [agent.player.discount or game.discount for agent in game.agents]
        self.discount = np.array(rates)
        self._slots()

    def shifted(self, discount: Array, numbers: Array | None = None) -> Problem:
        """The same game with other discounts (N,) and parameters, as ``stage.numbers`` has them.

        Examples
        --------
        >>> from leaderbored.games.stochastic import MarkovPlayer
        >>> lab = MarkovPlayer("lab", "1 - b", {"b": (0, 1)})
        >>> problem = Problem(MarkovGame([lab], discount=0.1))
        >>> problem.shifted(np.array([0.2])).evaluate(np.zeros((1, 1))).round(9).tolist()
        [[5.0]]
        """
        twin = copy(self)
        twin.discount = discount
        if numbers is not None:
            twin.stage = self.stage.at(numbers)
            twin.__dict__.pop("end", None)
            twin._bounds()
        return twin

    # --- unknowns

    def _slots(self) -> None:
        """Give every agent's unknowns a place; copies share those of the first, unless apart."""
        game, count = self.game, 0
        everywhere = np.arange(self.states)
        first: dict[str, dict[str, list[Index]]] = {}
        self.slot: dict[str, Index] = {}
        table: dict[str, list[Index]] = {"value": [], "choice": [], "kink": [], "level": []}
        self.leads: list[int] = []
        sizes = {
            i: {
                "value": 1,
                "choice": len(agent.player.choices),
                "kink": int((self.stage.owner == i).sum()),
                "level": int(bool(agent.player.options)),
            }
            for i, agent in enumerate(game.agents)
        }
        for i, agent in enumerate(game.agents):
            if self.apart or agent.copy == 0:
                rows: dict[str, list[Index]] = {}
                for kind, size in sizes[i].items():
                    rows[kind] = []
                    for _ in range(size):
                        rows[kind].append(count + everywhere)
                        count += self.states
                first[agent.player.name] = rows
                self.leads.append(i)
                turned = everywhere
            else:
                turned = self.swapped(i)
            for kind, known in first[agent.player.name].items():
                table[kind] += [row[turned] for row in known]
        empty = np.zeros((0, self.states), dtype=np.int64)
        self.slot = {kind: np.array(rows) if rows else empty for kind, rows in table.items()}
        self.size = count
        self.level_of = [i for i, agent in enumerate(game.agents) if agent.player.options]
        self._bounds()

    def swapped(self, i: int) -> Index:
        """(S,) the state in which an agent and the first of its like have changed places."""
        agent = self.game.agents[i]
        columns = list(self.game.axes)
        order = list(range(len(columns)))
        for name in agent.player.states:
            lead = self.game.agents[i - agent.copy].name
            a, b = columns.index((agent.name, name)), columns.index((lead, name))
            order[a], order[b] = b, a
        return self.game.place(self.game.grid[:, order].astype(float))

    def _bounds(self) -> None:
        game = self.game
        self.lower, self.upper = np.full(self.size, -np.inf), np.full(self.size, np.inf)
        low, high = self.stage.ends
        self.lower[self.slot["kink"]] = low[:, None]
        self.upper[self.slot["kink"]] = high[:, None]
        idle = []
        self.free = np.zeros(self.slot["choice"].shape, dtype=bool)
        for i, agent in enumerate(game.agents):
            low, high, rests = self.stage.limits(i)
            reals, listed = self.stage.reals(i), self.stage.listed(i)
            few = len(reals)
            # nothing is decided where the game has ended, or it is another's turn
            rest = np.where(np.isfinite(low), low, 0.0) * (agent.player.turn == "1")
            self.free[[*reals, *listed]] = (high > low) & ~rests
            # probabilities add up to one anyhow
            high = np.vstack([high[:few], np.where(high[few:] > 0, np.inf, 0.0)])
            places = self.slot["choice"][[*reals, *listed]]
            self.lower[places] = np.where(rests, rest, low)
            self.upper[places] = np.where(rests, rest, high)
            idle.append(rests)
        self.idle = np.array(idle)

    @cached_property
    def end(self) -> Array:
        """(N, S) what each agent gets in states where the game has ended."""
        return np.where(self.game.ended, self.stage.finals(), 0.0)

    @cached_property
    def listed(self) -> Mask:
        """(X + K,) which variables are probabilities of actions."""
        choices = [name in self.game.agents[i].player.options for i, name in self.stage.choices]
        return np.array([*choices, *[False] * len(self.stage.owner)])

    @property
    def choice_bounds(self) -> tuple[Array, Array]:
        """Lowest and highest (X, S) choices."""
        return self.lower[self.slot["choice"]], self.upper[self.slot["choice"]]

    def lawful(self, i: int, odds: Array) -> Array:
        """(k, S) probabilities in proportion to odds, of actions of agent i that are allowed."""
        may = np.where(self.upper[self.slot["choice"][self.stage.listed(i)]] > 0, odds, 0.0)
        return np.asarray(may / np.maximum(may.sum(axis=0), 1e-300))

    # --- equations

    def worth(self, value: Array) -> Array:
        """(N, C, S) what each outcome is worth to each agent."""
        every = np.arange(self.states)
        return np.stack([self.worth_to(i, own, every) for i, own in enumerate(value)])

    def worth_to(self, i: int, value: Array, here: States) -> Array:
        """(C, B) what each outcome is worth in B states to agent i, whose values are (S,)."""
        reached = value[self.stage.destination[:, here]]
        return np.asarray(reached - value[here] if self.continuous else self.discount[i] * reached)

    def residual(self, z: Array) -> Array:
        """(size,) F at a point."""
        value, x, weight = (z[self.slot[kind]] for kind in ("value", "choice", "kink"))
        pieces = self.stage.values(x, weight)
        worth = with_payoff(self.worth(value))
        f = np.empty(self.size)
        unit = self.discount if self.continuous else np.ones(len(value))
        for i in self.leads:
            here = unit[i] * value[i] - (pieces[i] * worth[i]).sum(axis=0)
            f[self.slot["value"][i]] = np.where(self.game.ended, value[i] - self.end[i], here)
        slopes = self._slopes(x, weight, value)
        for k, (i, _) in enumerate(self.stage.choices):
            if i in self.leads:
                f[self.slot["choice"][k]] = np.where(self.idle[i], 0.0, -slopes[i, k])
        for level, i in enumerate(self.level_of):
            if i in self.leads:
                mine = self.stage.listed(i)
                for k in mine:
                    f[self.slot["choice"][k]] -= z[self.slot["level"][level]]
                gap = x[mine].sum(axis=0) - 1
                nu = z[self.slot["level"][level]]
                f[self.slot["level"][level]] = np.where(self.idle[i], nu, gap)
        gaps, _ = self.stage.gaps(x, weight)
        for k, i in enumerate(self.stage.owner):
            if i in self.leads:
                f[self.slot["kink"][k]] = gaps[k]
        return f

    def _slopes(self, x: Array, weight: Array, value: Array) -> Array:
        """(N, X + K, S) derivatives of each agent's payoff in all choices and multipliers."""
        return slopes(self, x, weight, value)

    def jacobian(self, z: Array) -> sp.csr_array:
        """Sparse (size, size) derivative of F."""
        return self.entries(z).matrix(self.size)

    def entries(self, z: Array) -> Entries:
        """The entries of the derivative of F."""
        value, x, weight = (z[self.slot[kind]] for kind in ("value", "choice", "kink"))
        entries = Entries()
        live = ~self.game.ended
        self._value_rows(entries, value, x, weight, live)
        self._choice_rows(entries, value, x, weight)
        self._other_rows(entries, x, weight)
        return entries

    def _variables(self) -> Index:
        """Where choices and multipliers of kinks are, in one table (X + K, S)."""
        return np.concatenate([self.slot["choice"], self.slot["kink"]])

    def _value_rows(
        self, entries: Entries, value: Array, x: Array, weight: Array, live: Mask
    ) -> None:
        pieces = self.stage.values(x, weight)
        slopes, variables = self._slopes(x, weight, value), self._variables()
        destination = self.stage.destination
        for i in self.leads:
            rows, chances = self.slot["value"][i], pieces[i][1:]
            if self.continuous:
                entries.add(rows, rows, np.where(live, self.discount[i] + chances.sum(axis=0), 1.0))
            else:
                entries.add(rows, rows, np.ones(self.states))
                chances = chances * self.discount[i]
            for chance, there in zip(chances, destination, strict=True):
                entries.add(rows, rows[there], np.where(live, -chance, 0.0))
            for slope, columns in zip(slopes[i], variables, strict=True):
                entries.add(rows, columns, np.where(live, -slope, 0.0))

    def _choice_rows(self, entries: Entries, value: Array, x: Array, weight: Array) -> None:
        live, variables = ~self.idle, self._variables()
        unit = np.ones(len(value)) if self.continuous else self.discount
        for i, c, k, here, slope in own_slopes(self, x, weight):
            rows, own = self.slot["choice"][k, here], self.slot["value"][i]
            pull = np.where(live[i, here], unit[i] * slope, 0.0)
            entries.add(rows, own[self.stage.destination[c - 1, here]], -pull)
            if self.continuous:
                entries.add(rows, own[here], pull)
        for (i, k, other), bend in bends(self, x, weight, value):
            moved = np.where(live[i], -bend, 0.0)
            entries.add(self.slot["choice"][k], variables[other], moved)

    def _other_rows(self, entries: Entries, x: Array, weight: Array) -> None:
        variables = self._variables()
        for level, i in enumerate(self.level_of):
            if i not in self.leads:
                continue
            nu, live = self.slot["level"][level], ~self.idle[i]
            for k in self.stage.listed(i):
                entries.add(self.slot["choice"][k], nu, -np.ones(self.states))
                entries.add(nu, self.slot["choice"][k], np.where(live, 1.0, 0.0))
            entries.add(nu, nu, np.where(live, 0.0, 1.0))
        if len(weight):
            _, slopes = self.stage.gaps(x, weight)
            for (k, other), slope in zip(self.stage.places.gaps, slopes, strict=True):
                if self.stage.owner[k] in self.leads:
                    entries.add(self.slot["kink"][k], variables[other], slope)

    def weights(self, z: Array) -> Array:
        """(size,) squares of the lengths of unit moves: of choices relative to their size.

        Values follow from these; multipliers of kinks count a little, as choices may rest on one.
        """
        weights = np.zeros(self.size)
        for row in self.slot["choice"]:
            weights[row] = 1 / (1 + float(np.abs(z[row]).max())) ** 2
        weights[self.slot["kink"]] = 0.01
        return weights

    # --- policies

    def chain(self, x: Array) -> tuple[sp.csr_array, Array]:
        """What choices (X, S) lead to: sparse (S, S) rates, or chances, and (N, S) payoffs.

        Rates have no diagonal; chances add up to one in each row.
        """
        pieces = self.stage.values(x)
        entries, live = Entries(), ~self.game.ended
        everywhere = np.arange(self.states)
        for chance, there in zip(pieces[0][1:], self.stage.destination, strict=True):
            stays = self.continuous and there == everywhere
            entries.add(everywhere, there, np.where(live & ~np.asarray(stays), chance, 0.0))
        return entries.matrix(self.states), np.array([part[0] for part in pieces])

    def evaluate(self, x: Array) -> Array:
        """(N, S) values if the agents decide x (X, S) for ever."""
        moves, payoffs = self.chain(x)
        out, live = np.empty_like(payoffs), ~self.game.ended
        leaving = np.asarray(moves.sum(axis=1)).ravel()
        for i, rate in enumerate(self.discount):
            if self.continuous:
                matrix = sp.diags_array(np.where(live, rate + leaving, 1.0)) - moves
            else:
                matrix = sp.eye_array(self.states) - rate * moves
            found = solve_sparse(matrix, np.where(live, payoffs[i], self.end[i]))
            out[i] = np.nan if found is None else found
        return out

    def point(self, x: Array) -> Array:
        """(size,) unknowns at choices (X, S): values that follow, multipliers in the middle."""
        z = np.zeros(self.size)
        z[self.slot["choice"]] = x
        led = np.isin(self.stage.owner, self.leads)
        z[self.slot["kink"][led]] = self.stage.halfway(x)[led]
        z[self.slot["value"]] = self.evaluate(z[self.slot["choice"]])
        if self.level_of:
            slopes = self._slopes(x, z[self.slot["kink"]], z[self.slot["value"]])
            for row, i in enumerate(self.level_of):
                mine = self.stage.listed(i)
                level = -(x[mine] * slopes[i, mine]).sum(axis=0)
                z[self.slot["level"][row]] = np.where(self.idle[i], 0.0, level)
        return z
