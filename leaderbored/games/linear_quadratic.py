r"""Linear-quadratic games: a state that moves linearly, costs that are quadratic.

The state :math:`x` of :math:`n` numbers is moved by :math:`N` players,

.. math:: \dot x = A x + \sum_j B_j u_j + c \quad\text{or}\quad
          x_{t+1} = A x_t + \sum_j B_j u_{jt} + c,

and by noise, :math:`C\,dW` or :math:`C \varepsilon_t` of standard normal numbers, if there is any,

and player :math:`i` minimises the discounted integral or sum of

.. math:: x'Q_i x + 2 q_i'x + k_i + 2 x'S_i u_i + 2 r_i'u_i + u_i'R_i u_i
          + \sum_{j \ne i} (u_j'R_{ij} u_j + 2 u_i'M_{ij} u_j + 2 x'S_{ij} u_j + 2 r_{ij}'u_j),

up to a horizon, where :math:`x'Q_{iT}x + 2 q_{iT}'x` is added, or for ever (Başar and Olsder 1999;
Engwerda 2005). What a player wants more of is a negative cost. Noise adds the same to what a player
pays from every state on, and moves no gain.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.cells import Mistake
from leaderbored.games.controllers import Controller, mismatched, misplaced, optional, parallel
from leaderbored.games.markov import Array
from leaderbored.games.matrices import (
    LARGEST,
    Matrix,
    Vector,
    filled,
    pair_named,
    refuse,
    wrong_shape,
)
from leaderbored.games.record import CONFIG, NUMBER, WORKED_OUT, Title, mistakes, quantity
from leaderbored.games.source import Source

MOST_PLAYERS = 20
MOST_PERIODS = 100_000
Information = Literal["feedback", "open-loop", "stackelberg"]
KNOWN = "whether players see the state, commit to plans, or see what the first player does"


@dataclass(frozen=True, config={**CONFIG, "arbitrary_types_allowed": True}, eq=False)
class LinearQuadratic:
    """A linear-quadratic game.

    Parameters
    ----------
    drift : (n, n) array-like
        A, how the state moves by itself; a number will do for one state.
    players : sequence of Controller
        N of them, with different names.
    time : "continuous" or "discrete", default "continuous"
    constant : (n,) array-like, optional
        c, added to the movement of the state; zero by default.
    noise : (n, k) array-like, optional
        C, what k independent sources of noise of size one add to the movement of the state;
        zero by default.
    initial : (n,) array-like, optional
        The state at which tables give the costs. Equilibria do not depend on it.
    horizon : float, optional
        When the game ends: time, or a whole number of periods. None: never.
    discount : float, optional
        In continuous time the rate at which costs are discounted, not negative; in discrete time
        the factor per period, in (0, 1]. None: no discounting.
    name : str, optional
        Title for tables.
    source : Source, optional
        Where the game was published.
    information : "feedback", "open-loop" or "stackelberg", default "feedback"
        Whether players see the state, commit to plans at the start, or see the state and, at every
        stage of discrete time, what the first player does before they act.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is not as described, or what does not fit together.

    Examples
    --------
    >>> player = dict(control=1.0, control_cost=1.0, state_cost=1.0)
    >>> game = LinearQuadratic(3.0, [Controller("1", **player), Controller("2", **player)])
    >>> game.states, game.affine
    (1, False)
    """

    drift: Annotated[Matrix, Field(description="A, n x n: how the state moves by itself")]
    players: Annotated[
        tuple[Controller, ...],
        Field(min_length=1, max_length=MOST_PLAYERS, description="the players"),
    ]
    time: Annotated[
        Literal["continuous", "discrete"], Field(description="integrals or sums of costs")
    ] = "continuous"
    constant: Annotated[Vector, optional("c, n: added to the movement of the state")] = None
    initial: Annotated[
        Vector | None, Field(description="x(0), n: where tables give the costs; none: nowhere")
    ] = None
    horizon: Annotated[
        float | None, quantity("time", "when the game ends; none: never", gt=0, le=1e6), NUMBER
    ] = Field(default=None, validate_default=True)
    discount: Annotated[
        float | None,
        quantity("1/time, or 1", "rate, or factor if time is discrete; none: no discounting"),
        WORKED_OUT,
    ] = Field(default=None, validate_default=True)
    name: Title = ""
    kind: Literal["linear-quadratic"] = "linear-quadratic"
    source: Source | None = None
    noise: Annotated[Matrix, optional("C, n x k: what noise adds to the movement")] = None
    information: Annotated[Information, Field(description=KNOWN)] = "feedback"
    PLAIN: ClassVar[dict[str, Any]] = {"noise": 0.0, "information": "feedback"}

    @field_validator("drift")
    @classmethod
    def _square(cls, drift: Array) -> Array:
        refuse(wrong_shape(drift, (len(drift), len(drift))))
        return drift

    @field_validator("players")
    @classmethod
    def _fit(cls, players: tuple[Controller, ...], info: ValidationInfo) -> tuple[Controller, ...]:
        names = [player.name for player in players]
        if len({*names}) != len(names):
            raise mistakes([("players", names, "expected different names")])
        found: list[Mistake] = []
        for i, player in enumerate(players):
            if "drift" in info.data and len(player.control) != len(info.data["drift"]):
                expected = f"expected {len(info.data['drift'])} rows, as in drift"
                found.append((f"players[{i}].control", player.control.tolist(), expected))
            found += misplaced(player, players, f"players[{i}]")
            found += mismatched(player, players, f"players[{i}].product_costs")
        if not found and parallel(players):
            given = {name: m.tolist() for p in players for name, m in p.product_costs.items()}
            expected = "expected replies to each other's controls that meet in one point"
            found = [("players[0].product_costs", given, expected)]
        if found:
            raise mistakes(found)
        return players

    @field_validator("constant", "initial")
    @classmethod
    def _long(cls, vector: Array | None, info: ValidationInfo) -> Array | None:
        if "drift" not in info.data or (vector is None and info.field_name == "initial"):
            return vector
        return filled(vector, (len(info.data["drift"]),))

    @field_validator("noise")
    @classmethod
    def _noisy(cls, noise: Array | None, info: ValidationInfo) -> Array | None:
        if "drift" not in info.data:
            return noise
        n = len(info.data["drift"])
        noise = filled(noise, (n, 1)) if noise is None else noise
        refuse("" if len(noise) == n else f"expected {n} rows, as in drift")
        patience = info.data.get("discount", 0.5)
        plain = patience in (None, 1.0 if info.data.get("time") == "discrete" else 0.0)
        if noise.any() and plain and info.data.get("horizon", 0.0) is None:
            raise ValueError("noise without end needs discounting")
        return noise

    @field_validator("horizon")
    @classmethod
    def _whole(cls, horizon: float | None, info: ValidationInfo) -> float | None:
        discrete = info.data.get("time") == "discrete"
        if horizon is not None and discrete and not 1 <= horizon == int(horizon) <= MOST_PERIODS:
            raise ValueError(f"expected a whole number of periods from 1 to {MOST_PERIODS:,}")
        final = [(p.final_cost, p.final_linear) for p in info.data.get("players", ())]
        if horizon is None and any(part.any() for parts in final for part in parts):
            raise ValueError("final costs need a horizon")
        return horizon

    @field_validator("discount")
    @classmethod
    def _patient(cls, discount: float | None, info: ValidationInfo) -> float | None:
        discrete = info.data.get("time") == "discrete"
        if discount is not None and discrete and not 0 < discount <= 1:
            raise ValueError("expected a factor in (0, 1], as time is discrete")
        if discount is not None and not discrete and discount < 0:
            raise ValueError("expected a rate of at least 0")
        if discount is not None and discount > LARGEST:
            raise ValueError(f"expected a rate of at most {LARGEST:g}")
        linear = any(player.affine for player in info.data.get("players", ()))
        constant = info.data.get("constant")
        affine = linear or (constant is not None and constant.any())
        endless = "horizon" in info.data and info.data["horizon"] is None
        if endless and affine and discount in (None, 1.0 if discrete else 0.0):
            raise ValueError("constant or linear terms without end need discounting")
        return discount

    @field_validator("information")
    @classmethod
    def _meant(cls, information: Information, info: ValidationInfo) -> Information:
        if {"drift", "players", "time", "noise"} <= info.data.keys():
            continuous, noisy = info.data["time"] == "continuous", bool(info.data["noise"].any())
            refuse(_meaningless(information, continuous, len(info.data["players"]), noisy))
        return information

    @property
    def states(self) -> int:
        """Number n of states."""
        return len(self.drift)

    @property
    def affine(self) -> bool:
        """Whether anything is constant, linear or noise rather than quadratic."""
        moved = bool(self.constant.any() or self.noise.any())
        return moved or any(player.affine for player in self.players)

    @property
    def continuous(self) -> bool:
        """Whether time is continuous."""
        return self.time == "continuous"

    def meaningless(self, information: str) -> str:
        """Why players of this game cannot know that much, or that little; empty if they can.

        Examples
        --------
        >>> LinearQuadratic(-1.0, [Controller("A", 1.0, 1.0)]).meaningless("feedback")
        ''
        """
        noisy = bool(self.noise.any())
        return _meaningless(information, self.continuous, len(self.players), noisy)

    def products(self, player: int) -> list[tuple[int, int, Array]]:
        """Products of controls that a player pays for: j, k and M of the cost 2 u_j'M u_k.

        Examples
        --------
        >>> other = Controller("B", 1.0, 1.0)
        >>> mine = Controller("A", 1.0, 1.0, product_costs={"B": 0.5})
        >>> LinearQuadratic(-1.0, [mine, other]).products(0)
        [(0, 1, array([[0.5]]))]
        """
        names = [other.name for other in self.players]
        found = []
        for text, cost in self.players[player].product_costs.items():
            pair = pair_named(text, names[player], names)
            assert pair is not None
            found.append((names.index(pair[0]), names.index(pair[1]), cost))
        return found


def _meaningless(information: str, continuous: bool, players: int, noisy: bool) -> str:
    """Why players cannot know that much, or that little; empty if they can."""
    if information == "open-loop" and noisy:
        return "plans do not answer noise; expected feedback"
    if information == "stackelberg" and (continuous or players < 2):
        return "expected discrete time and at least two players, of whom the first leads"
    return ""
