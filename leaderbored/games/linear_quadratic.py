r"""Linear-quadratic games: a state that moves linearly, costs that are quadratic.

The state :math:`x` of :math:`n` numbers is moved by :math:`N` players,

.. math:: \dot x = A x + \sum_j B_j u_j + c \quad\text{or}\quad
          x_{t+1} = A x_t + \sum_j B_j u_{jt} + c,

and by noise, :math:`C\,dW` or :math:`C \varepsilon_t` of standard normal numbers, if there is any,

and player :math:`i` minimises the discounted integral or sum of

.. math:: x'Q_i x + 2 q_i'x + k_i + 2 x'S_i u_i + 2 r_i'u_i + u_i'R_i u_i
          + \sum_{j \ne i} u_j'R_{ij} u_j + 2 \sum_{j \ne i} u_i'M_{ij} u_j,

up to a horizon, where :math:`x'Q_{iT}x + 2 q_{iT}'x` is added, or for ever (Başar and Olsder 1999;
Engwerda 2005). What a player wants more of is a negative cost. Noise adds the same to what a player
pays from every state on, and moves no gain.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.cells import Mistake
from leaderbored.games.markov import Array
from leaderbored.games.matrices import (
    LARGEST,
    MOST_CONTROLS,
    SYMMETRY,
    Matrix,
    Vector,
    asymmetric,
    filled,
    pair_named,
    refuse,
    wrong_shape,
)
from leaderbored.games.record import CONFIG, NUMBER, PRINTED, Title, mistakes, quantity
from leaderbored.games.source import Source

MOST_PLAYERS = 20
MOST_PERIODS = 100_000
PARALLEL = 1e-12  # least singular value of replies that meet in one point, relative
Name = Annotated[str, Field(min_length=1, max_length=80), PRINTED]


def _optional(about: str) -> Any:
    return Field(description=about + "; zero by default", validate_default=True)


@dataclass(frozen=True, config={**CONFIG, "arbitrary_types_allowed": True}, eq=False)
class Controller:
    """One player of a linear-quadratic game: its controls and its costs.

    Parameters
    ----------
    name : str
        How tables call it.
    control : (n, m) array-like
        B, how its m controls move the n states, in units of state per unit of control (and per
        unit of time, if that is continuous). A list is a column; a number will do where n = m = 1,
        here and below.
    control_cost : (m, m) array-like
        R, its cost of its own controls; symmetric and positive definite.
    state_cost : (n, n) array-like, optional
        Q; symmetric, of any sign; zero by default, as everything below.
    state_linear : (n,) array-like, optional
        q, of the cost 2 q'x.
    control_linear : (m,) array-like, optional
        r, of the cost 2 r'u.
    mixed_cost : (n, m) array-like, optional
        S, of the cost 2 x'S u.
    fixed_cost : float, optional
        k, per unit of time or period.
    rival_costs : dict of str to array-like, optional
        R_ij: by the name of another player, what that player's controls cost this one;
        symmetric.
    product_costs : dict of str to array-like, optional
        M_ij, m_i x m_j: by the name of another player, of the cost 2 u_i'M u_j; by two names with
        a star between them, as ``"B*C"``, of the cost 2 u_B'M u_C of controls of two others.
    final_cost, final_linear : (n, n) and (n,) array-like, optional
        Weights of the state at the horizon.

    Raises
    ------
    pydantic.ValidationError
        Naming every field that is not as described.

    Examples
    --------
    >>> Controller("A", control=1.0, control_cost=2.0).state_cost.tolist()
    [[0.0]]
    """

    name: Annotated[Name, Field(description="name of the player")]
    control: Annotated[Matrix, Field(description="B, n x m: how its controls move the state")]
    control_cost: Annotated[Matrix, Field(description="R, m x m; symmetric, positive definite")]
    state_cost: Annotated[Matrix, _optional("Q, n x n; symmetric: the cost x'Q x")] = None
    state_linear: Annotated[Vector, _optional("q, n: the cost 2 q'x")] = None
    control_linear: Annotated[Vector, _optional("r, m: the cost 2 r'u")] = None
    mixed_cost: Annotated[Matrix, _optional("S, n x m: the cost 2 x'S u")] = None
    fixed_cost: Annotated[float, quantity("cost", "k, per unit of time or period"), NUMBER] = 0.0
    rival_costs: Annotated[
        dict[Name, Matrix], Field(description="R_ij: what the controls of others, by name, cost it")
    ] = Field(default_factory=dict)
    final_cost: Annotated[Matrix, _optional("n x n; symmetric: at the horizon")] = None
    final_linear: Annotated[Vector, _optional("n: linear, at the horizon")] = None
    product_costs: Annotated[
        dict[Name, Matrix], Field(description="M_ij: the cost 2 u_i'M u_j, by the other's name")
    ] = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = {"product_costs": {}}

    @field_validator("control")
    @classmethod
    def _narrow(cls, control: Array) -> Array:
        if control.shape[1] > MOST_CONTROLS:
            raise ValueError(f"expected at most {MOST_CONTROLS} controls")
        return control

    @field_validator("control_cost")
    @classmethod
    def _convex(cls, cost: Array, info: ValidationInfo) -> Array:
        if "control" in info.data:
            m = info.data["control"].shape[1]
            refuse(wrong_shape(cost, (m, m)) or asymmetric(cost))
            eigenvalues = np.linalg.eigvalsh(cost)
            if eigenvalues[0] <= SYMMETRY * max(eigenvalues[-1], 0.0):
                raise ValueError("expected a positive definite matrix")
        return cost

    @field_validator("state_cost", "final_cost")
    @classmethod
    def _square(cls, cost: Array | None, info: ValidationInfo) -> Array | None:
        if "control" not in info.data:
            return cost
        n = len(info.data["control"])
        cost = filled(cost, (n, n))
        refuse(asymmetric(cost))
        return cost

    @field_validator("state_linear", "control_linear", "mixed_cost", "final_linear")
    @classmethod
    def _fitting(cls, cost: Array | None, info: ValidationInfo) -> Array | None:
        if "control" not in info.data:
            return cost
        n, m = info.data["control"].shape
        shapes: dict[str | None, tuple[int, ...]] = {"control_linear": (m,), "mixed_cost": (n, m)}
        return filled(cost, shapes.get(info.field_name, (n,)))

    @field_validator("rival_costs")
    @classmethod
    def _symmetric(cls, costs: dict[str, Array]) -> dict[str, Array]:
        for name, cost in costs.items():
            if cost.shape[0] != cost.shape[1] or asymmetric(cost):
                raise ValueError(f"expected symmetric matrices, found another for {name!r}")
        return costs

    @property
    def affine(self) -> bool:
        """Whether it has linear or fixed costs."""
        parts = (self.state_linear, self.control_linear, self.final_linear)
        return self.fixed_cost != 0 or any(part.any() for part in parts)


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
    constant: Annotated[Vector, _optional("c, n: added to the movement of the state")] = None
    initial: Annotated[
        Vector | None, Field(description="x(0), n: where tables give the costs; none: nowhere")
    ] = None
    horizon: Annotated[
        float | None, quantity("time", "when the game ends; none: never", gt=0, le=1e6), NUMBER
    ] = Field(default=None, validate_default=True)
    discount: Annotated[
        float | None,
        quantity("1/time, or 1", "rate, or factor if time is discrete; none: no discounting"),
        NUMBER,
    ] = Field(default=None, validate_default=True)
    name: Title = ""
    kind: Literal["linear-quadratic"] = "linear-quadratic"
    source: Source | None = None
    noise: Annotated[Matrix, _optional("C, n x k: what noise adds to the movement")] = None
    PLAIN: ClassVar[dict[str, Any]] = {"noise": 0.0}

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
            found += _misplaced(player, players, f"players[{i}].rival_costs")
            found += _mismatched(player, players, f"players[{i}].product_costs")
        if not found and _parallel(players):
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


def _mismatched(player: Controller, players: tuple[Controller, ...], place: str) -> list[Mistake]:
    """Products of controls that nobody has."""
    found: list[Mistake] = []
    wide = {other.name: other.control.shape[1] for other in players}
    others = [name for name in wide if name != player.name]
    for name, cost in player.product_costs.items():
        pair = pair_named(name, player.name, list(wide))
        if pair is None:
            known = ", ".join(others) or "none"
            expected = f"known: {known}" + (", or two of them as A*B" if others[1:] else "")
            found.append((f"{place}.{name}", cost.tolist(), expected))
        elif reason := wrong_shape(cost, (wide[pair[0]], wide[pair[1]])):
            found.append((f"{place}.{name}", cost.tolist(), reason))
    return found


def _parallel(players: tuple[Controller, ...]) -> bool:
    """Whether replies to each other's controls do not meet in one point, as parallel lines."""
    if not any(player.product_costs for player in players):
        return False
    ends = np.cumsum([0, *(player.control.shape[1] for player in players)])
    part = {p.name: slice(*pair) for p, pair in zip(players, pairwise(ends), strict=True)}
    replies = np.zeros((ends[-1], ends[-1]))
    for player in players:
        own = part[player.name]
        replies[own, own] = player.control_cost
        for name, cost in player.product_costs.items():
            if name in part:
                replies[own, part[name]] = cost
        replies[own] /= np.abs(player.control_cost).max()
    singular = np.linalg.svd(replies, compute_uv=False)
    return bool(singular[-1] <= PARALLEL * singular[0])


def _misplaced(player: Controller, players: tuple[Controller, ...], place: str) -> list[Mistake]:
    """Costs of controls that nobody has."""
    sizes = {other.name: other.control.shape[1] for other in players if other is not player}
    found: list[Mistake] = []
    for name, cost in player.rival_costs.items():
        if name not in sizes:
            found.append((f"{place}.{name}", cost.tolist(), f"known: {', '.join(sizes) or 'none'}"))
        elif reason := wrong_shape(cost, (sizes[name], sizes[name])):
            found.append((f"{place}.{name}", cost.tolist(), reason))
    return found
