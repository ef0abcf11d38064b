r"""The build-or-sell race: N labs on a ladder of capability.

The state is the vector :math:`d` of rungs behind the frontier, :math:`\min_i d_i = 0`, capped at
:math:`G`. Every lab splits its compute: a share :math:`b_i` builds, the rest sells. The modules
`lab`, `market` and `technology` hold the primitives; this one puts them together and compiles
the race to a :class:`leaderbored.games.Markov` game, which `mechanisms` may rework.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
import scipy.sparse as sp
from pydantic import Field, ValidationInfo, field_validator, model_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array, Markov, States
from leaderbored.games.record import CONFIG, NUMBER, Title, field_error, quantity
from leaderbored.race.lab import Lab
from leaderbored.race.market import Market, RevenueLadder, ScarceMarket
from leaderbored.race.mechanisms import Mechanisms
from leaderbored.race.mechanisms.inertia import MOST as MOST_PAIRS
from leaderbored.race.technology import Technology

MAX_STATES = 200_000  # minutes in the solver, and about 1 GB
DEFAULT_STATES = 2_500
MAX_SPLIT_STATES = 50_000  # of a race at all splits of compute
LIMITLESS = "demand has no limit on a revenue ladder; expected market.kind = 'scarce'"
MAX_FLYWHEEL = 300.0  # exponent; beyond, hazards overflow


def count_states(labs: int, rungs: int) -> int:
    """Number of states of a race: vectors in {0..G}^N whose least entry is 0.

    Examples
    --------
    >>> count_states(labs=2, rungs=20), count_states(labs=5, rungs=4)
    (41, 2101)
    """
    return int((rungs + 1) ** labs - rungs**labs)


def _default_rungs(labs: int) -> int:
    fits = [rungs for rungs in range(1, 21) if count_states(labs, rungs) <= DEFAULT_STATES]
    return max(fits, default=1)


@dataclass(frozen=True, config=CONFIG)
class Race:
    """The build-or-sell race.

    Parameters
    ----------
    labs : sequence of Lab
        Two or more, with distinct names.
    market : ScarceMarket or RevenueLadder
        What selling earns.
    technology : Technology
        What building achieves.
    discount : float
        rho > 0, 1/year.
    rungs : int, optional
        G >= 1, the largest number of rungs behind that is told apart. By default the largest
        up to 20 that keeps the race within 2500 states (20 for two labs, 4 for five).
    name : str, optional
        Title for tables and figures.
    mechanisms : Mechanisms, optional
        What the race has on top; see :mod:`leaderbored.race.mechanisms`.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is out of its range, names used twice, a revenue that is
        negative or undefined at some lead, or a race of more than 200,000 states.

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
        int, quantity("rungs", "G, longest lead told apart", ge=1, le=1_000_000), NUMBER
    ] = Field(
        default_factory=lambda made: _default_rungs(len(made.get("labs", ()))),
        validate_default=True,
    )
    name: Title = ""
    kind: Literal["race"] = "race"
    mechanisms: Annotated[Mechanisms, Field(description="what the race has on top")] = Mechanisms()

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
        states = count_states(len(info.data.get("labs", ())), rungs)
        if states > MAX_STATES:
            raise ValueError(
                f"{len(info.data['labs'])} labs and {rungs} rungs make {states:.2g} states, "
                f"more than {MAX_STATES:,}; lower rungs"
            )
        technology = info.data.get("technology")
        if technology is not None and technology.flywheel * rungs > MAX_FLYWHEEL:
            raise ValueError(
                f"a flywheel of {technology.flywheel:g} over {rungs} rungs multiplies the hazard "
                f"by more than exp({MAX_FLYWHEEL:.0f}); lower rungs or flywheel"
            )
        market = info.data.get("market")
        if isinstance(market, RevenueLadder):
            market.ladder(rungs)
        return rungs

    @model_validator(mode="after")
    def _fitting(self) -> Race:
        spillover, weights = self.mechanisms.spillover, self.mechanisms.open_weights
        names, lease = [lab.name for lab in self.labs], self.mechanisms.lease
        for name, reasons in self._obstacles():
            if wrong := [reason for holds, reason in reasons if holds]:
                given = getattr(self.mechanisms, name)
                raise field_error(f"mechanisms.{name}", given, "; ".join(wrong))
        if lease:
            open_ = bool(weights and weights.labs)
            elsewhere = bool(spillover and not spillover.neutral)
            rent = (
                "a linear hazard leaves replies to the rent open; expected technology.returns < 1"
            )
            reasons = [
                (isinstance(self.market, RevenueLadder), LIMITLESS),
                (self.technology.returns == 1, rent),
                (open_, "an open lab has no use for its compute to price; expected no open labs"),
                (elsewhere, "customers would go to whoever rents; expected no spillover"),
            ]
            if wrong := [reason for holds, reason in reasons if holds]:
                raise field_error("mechanisms.lease", lease.friction, "; ".join(wrong))
        if spillover and not spillover.neutral and isinstance(self.market, RevenueLadder):
            reason = "demand has no limit on a revenue ladder; expected market.kind = 'scarce'"
            raise field_error("mechanisms.spillover", spillover.share, reason)
        inertia, boards = self.mechanisms.inertia, count_states(len(names), self.rungs)
        if inertia and not inertia.neutral and boards**2 > MOST_PAIRS:
            reason = (
                f"{boards:,} leaderboards make {boards**2:,} pairs of a true and a perceived one, "
                f"more than {MOST_PAIRS:,}; lower rungs"
            )
            raise field_error("mechanisms.inertia.lag", inertia.lag, reason)
        schedule = self.mechanisms.scarcity_path
        if schedule and not (isinstance(self.market, ScarceMarket) and self.mechanisms.off):
            reason = "expected market.kind = 'scarce' and no other mechanisms"
            raise field_error("mechanisms.scarcity_path", schedule.scarcity, reason)
        if weights and (unknown := [name for name in weights.labs if name not in names]):
            reason = f"expected names of labs: {', '.join(names)}"
            raise field_error("mechanisms.open_weights.labs", unknown[0], reason)
        return self

    def _obstacles(self) -> Iterator[tuple[str, list[tuple[bool, str]]]]:
        """Why mechanisms that bend the replies do not fit the rest of the race."""
        others, on = self.mechanisms, self.mechanisms.on
        open_ = bool(others.open_weights and others.open_weights.labs)
        closed = "replies to a rent are known in closed form alone"
        beside = [(name in on, f"{closed}; expected no {name}") for name in ("lease", "spillover")]
        if "inputs" in on and others.inputs and others.inputs.weight < 1:
            yield "inputs", beside
        kink = "a linear hazard leaves replies at a kink open; expected technology.returns < 1"
        linear = [(self.technology.returns == 1, kink)]
        if "fungibility" in on:
            yield "fungibility", beside + linear
        if "hype" in on and others.hype:
            nobody = isinstance(self.market, ScarceMarket) and self.market.scarcity == 0
            hype = [
                (isinstance(self.market, RevenueLadder), LIMITLESS),
                (open_, "an open lab has no use for its compute; expected no open labs"),
                (nobody, "nobody is persuaded at a demand of zero; expected market.scarcity > 0"),
                ("accumulate" in on, "demand and compute move at once; expected no accumulate"),
            ]
            yield "hype", beside + linear + hype
        if "accumulate" in on and others.accumulate:
            elastic, points = others.accumulate.elasticity, others.accumulate.points
            whole = any(lab.build[1] == 1 for lab in self.labs)
            states = points * self.copies * count_states(2, self.rungs)
            labs = f"the split of compute is one number; expected two labs, not {len(self.labs)}"
            unsold = (
                "without limit nothing is sold at an elasticity up to 1; expected a build of all "
                "labs below 1"
            )
            split = f"{points} points make more than {MAX_SPLIT_STATES:,} states"
            own = [
                (len(self.labs) != 2, labs),
                (elastic is not None and elastic <= 1 and whole, unsold),
                (open_, "an open lab sells without compute; expected no open labs"),
                (
                    "jackpot" in on,
                    "what the winner owns is over with the race; expected no jackpot",
                ),
                (states > MAX_SPLIT_STATES, f"{split}; lower points or rungs"),
            ]
            yield "accumulate", beside + (linear if elastic is None else []) + own

    @property
    def compute(self) -> Array:
        """(N,) compute K of the labs."""
        return np.array([lab.compute for lab in self.labs])

    def states(self) -> States:
        """(S, N) rungs behind the frontier, in lexicographic order; the tie comes first.

        Examples
        --------
        >>> Race([Lab("A", 1), Lab("B", 1)], {"kind": "scarce", "scarcity": 0.6},
        ...      Technology(3), discount=0.1, rungs=1).states().tolist()
        [[0, 0], [0, 1], [1, 0]]
        """
        return boards(len(self.labs), self.rungs)

    def markov(self, play: Array | None = None) -> Markov:
        """Compile the race to a Markov game.

        Parameters
        ----------
        play : array, optional
            Shares of all players at which the demand is worked out that hangs on them; by
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
        states, tech = self.states(), self.technology
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
        return Markov(
            players=tuple(lab.name for lab in self.labs),
            states=states,
            discount=self.discount,
            returns=tech.returns,
            lower=ones * np.array([[lab.build[0]] for lab in self.labs]),
            upper=ones * np.array([[lab.build[1]] for lab in self.labs]),
            scale=scale,
            base=tech.drafting * behind,
            price=price,
            capacity=ones * compute[:, None],
            demand=demand,
            jump=_jumps(states, self.rungs, tech.leapfrog),
        )

    @property
    def copies(self) -> int:
        """How often each leaderboard is a state, side by side: with each that is perceived."""
        return len(self.states()) if "inertia" in self.mechanisms.on else 1

    def board(self) -> tuple[States, Array]:
        """(S, N) rungs behind the frontier, and (N, S) compute, in every state in which it goes on.

        Both are as in the game file, once for every leaderboard that customers perceive where they
        notice with a lag, and all that for every split of compute where compute accumulates.
        """
        states, accumulate = (
            np.repeat(self.states(), self.copies, axis=0),
            self.mechanisms.accumulate,
        )
        compute = self.compute[:, None]
        if "accumulate" in self.mechanisms.on and accumulate is not None:
            compute = accumulate.splits(self.compute)
        owned = np.repeat(compute, len(states), axis=1)
        return np.tile(states, (compute.shape[1], 1)), owned


def boards(labs: int, rungs: int) -> States:
    """(S, N) every leaderboard: rungs behind the frontier, in lexicographic order.

    Examples
    --------
    >>> boards(labs=2, rungs=1).tolist()
    [[0, 0], [0, 1], [1, 0]]
    """
    if labs == 1:
        return np.zeros((1, 1), dtype=np.int64)
    free = np.indices((rungs + 1,) * (labs - 1)).reshape(labs - 1, -1).T
    below = boards(labs - 1, rungs)
    ahead = np.column_stack([np.zeros(len(free), dtype=np.int64), free])
    first = np.repeat(np.arange(1, rungs + 1), len(below))
    return np.vstack([ahead, np.column_stack([first, np.tile(below, (rungs, 1))])])


def place(states: States, rungs: int) -> States:
    """(S,) position of each leaderboard in :func:`boards`.

    Examples
    --------
    >>> place(boards(labs=3, rungs=2), 2).tolist() == list(range(count_states(3, 2)))
    True
    """
    labs = states.shape[1]
    if labs == 1:
        return np.zeros(len(states), dtype=np.int64)
    first, rest = states[:, 0], states[:, 1:]
    free = rest @ (rungs + 1) ** np.arange(labs - 1, dtype=np.int64)[::-1]
    before = (rungs + 1) ** (labs - 1) + (first - 1) * count_states(labs - 1, rungs)
    return np.asarray(np.where(first == 0, free, before + place(rest, rungs)), dtype=np.int64)


def leads(states: States) -> tuple[States, States]:
    """Lead and leader in each state.

    Parameters
    ----------
    states : (S, N) int array
        Rungs behind the frontier.

    Returns
    -------
    lead : (S,) int array
        Rungs by which a sole leader is ahead of the runner-up, 0 when tied.
    leader : (S,) int array
        Index of the sole leader, -1 when tied.

    Examples
    --------
    >>> [part.tolist() for part in leads(np.array([[0, 0, 1], [2, 0, 1]]))]
    [[0, 1], [-1, 1]]
    """
    lead = np.sort(states, axis=1)[:, 1]
    return lead, np.where(lead > 0, states.argmin(axis=1), -1)


def signed_leads(states: States) -> Array:
    """(S, N) each lab's lead over its best rival, negative if behind; rungs.

    Examples
    --------
    >>> signed_leads(np.array([[0, 0, 1], [2, 0, 3]])).tolist()
    [[0.0, 0.0, -1.0], [-2.0, 2.0, -3.0]]
    """
    ordered = np.sort(states, axis=1)
    alone = (states == 0) & (ordered[:, [1]] > 0)
    return np.asarray(np.where(alone, ordered[:, [1]], 0) - states, dtype=float)


def landings(states: States, rungs: int, lab: int) -> tuple[States, States]:
    """Where lab's success leads: index of the state above the frontier, and of one rung up.

    Both are (S,) int arrays; on the frontier they are the same. Where leaderboards come in copies,
    side by side, in blocks or both, a success leads to the same copy.

    Examples
    --------
    >>> board = np.array([[0, 0], [0, 1], [0, 2], [1, 0], [2, 0]])
    >>> [part.tolist() for part in landings(board, 2, lab=0)]
    [[1, 2, 2, 1, 1], [1, 2, 2, 0, 3]]
    """
    copies = int((states != states[0]).any(axis=1).argmax())
    block = copies * count_states(states.shape[1], rungs)
    each = np.arange(len(states))
    ahead = np.minimum(states + 1, rungs)
    ahead[:, lab] = 0
    one_up = states.copy()
    one_up[:, lab] = np.maximum(states[:, lab] - 1, 0)
    to_frontier, to_next = (
        each // block * block + copies * place(board, rungs) + each % copies
        for board in (ahead, one_up)
    )
    return to_frontier, np.where(states[:, lab] == 0, to_frontier, to_next)


def _jumps(states: States, rungs: int, leapfrog: float) -> tuple[sp.csr_array, ...]:
    """Law of the next state after each lab's success."""
    size = len(states)
    rows = np.tile(np.arange(size), 2)
    jumps = []
    for lab in range(states.shape[1]):
        above, one_up = landings(states, rungs, lab)
        chance = np.where(above == one_up, 1.0, leapfrog)
        law = sp.csr_array(
            (np.r_[chance, 1 - chance], (rows, np.r_[above, one_up])), shape=(size, size)
        )
        law.eliminate_zeros()
        jumps.append(law)
    return tuple(jumps)
