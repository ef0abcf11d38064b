r"""Linear-quadratic games: a state that moves linearly, costs that are quadratic.

The state :math:`x` of :math:`n` numbers is moved by :math:`N` players,

.. math:: \dot x = A x + \sum_j B_j u_j + c \quad\text{or}\quad
          x_{t+1} = A x_t + \sum_j B_j u_{jt} + c,

and player :math:`i` minimises the discounted integral or sum of

.. math:: x'Q_i x + 2 q_i'x + k_i + 2 x'S_i u_i + 2 r_i'u_i + u_i'R_i u_i
          + \sum_{j \ne i} u_j'R_{ij} u_j,

up to a horizon, where :math:`x'Q_{iT}x + 2 q_{iT}'x` is added, or for ever (Başar and Olsder 1999;
Engwerda 2005). What a player wants more of is a negative cost.
"""

from __future__ import annotations

from math import isfinite
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import (
    BeforeValidator,
    Field,
    PlainSerializer,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.dataclasses import dataclass

from leaderbored.games.markov import Array
from leaderbored.games.normal_form import Mistake
from leaderbored.games.record import CONFIG, NUMBER, PRINTED, Title, mistakes, quantity
from leaderbored.games.source import Source

MOST_STATES = 20
MOST_CONTROLS = 20  # of one player
MOST_PLAYERS = 20
MOST_PERIODS = 100_000
LARGEST = 1e12  # entry of a matrix
SYMMETRY = 1e-12  # relative


def _entry(value: Any, place: str) -> float:
    wrong = isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number)
    if wrong or not isfinite(value) or abs(value) > LARGEST:
        where = f" at {place}" if place else ""
        raise ValueError(f"expected numbers of at most {LARGEST:g}, found {value!r}{where}")
    return float(value)


def _numbers(value: Any, depth: int) -> Array:
    """A number, a list or a list of lists as an array; never empty, never ragged."""
    if isinstance(value, np.ndarray):
        if value.size > MOST_STATES * MOST_CONTROLS:
            raise ValueError(f"expected at most {MOST_STATES} rows and columns")
        value = value.tolist()
    if not isinstance(value, list | tuple):
        return np.array(_entry(value, ""))
    if not 1 <= len(value) <= MOST_STATES:
        raise ValueError(f"expected 1 to {MOST_STATES} entries, found {len(value)}")
    if not isinstance(value[0], list | tuple):
        return np.array([_entry(part, f"[{k}]") for k, part in enumerate(value)])
    widths = {len(row) if isinstance(row, list | tuple) else 0 for row in value}
    if depth < 2 or len(widths) > 1 or not 1 <= max(widths) <= MOST_STATES:
        raise ValueError("expected a list of rows of the same length" if depth > 1 else "a list")
    return np.array(
        [[_entry(e, f"[{r}][{k}]") for k, e in enumerate(row)] for r, row in enumerate(value)]
    )


def _matrix(value: Any) -> Array | None:
    """Two-dimensional; a list is a column, a number has one row and column."""
    return None if value is None else _frozen(np.atleast_1d(_numbers(value, 2)), 2)


def _vector(value: Any) -> Array | None:
    return None if value is None else _frozen(np.atleast_1d(_numbers(value, 1)), 1)


def _frozen(array: Array, dimensions: int) -> Array:
    array = array.reshape(*array.shape, 1) if array.ndim < dimensions else array
    array.setflags(write=False)
    return array


def _plain(array: Array) -> Any:
    return array.tolist()


def _schema(depth: int) -> WithJsonSchema:
    """Of an array that files write as nested lists, or as a number."""
    entries = {"type": "number"} if depth == 1 else {"type": ["number", "array"]}
    return WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "array", "items": entries}]})


Matrix = Annotated[Any, BeforeValidator(_matrix), PlainSerializer(_plain), _schema(2)]
Vector = Annotated[Any, BeforeValidator(_vector), PlainSerializer(_plain), _schema(1)]
Name = Annotated[str, Field(min_length=1, max_length=80), PRINTED]


def _optional(about: str) -> Any:
    return Field(description=about + "; zero by default", validate_default=True)


def _wrong_shape(array: Array, shape: tuple[int, ...]) -> str:
    if array.shape == shape:
        return ""
    if len(shape) == 1:
        return f"expected {shape[0]} numbers, found {array.shape[0]}"
    found = " x ".join(map(str, array.shape))
    return f"expected a matrix of {shape[0]} x {shape[1]}, found {found}"


def _asymmetric(array: Array) -> str:
    gap = np.abs(array - array.T)
    return "expected a symmetric matrix" if gap.max() > SYMMETRY * np.abs(array).max() else ""


@dataclass(frozen=True, config={**CONFIG, "arbitrary_types_allowed": True}, eq=False)
class Controller:
    """One player of a linear-quadratic game: what it steers, and what it pays.

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
            _raise(_wrong_shape(cost, (m, m)) or _asymmetric(cost))
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
        cost = _filled(cost, (n, n))
        _raise(_asymmetric(cost))
        return cost

    @field_validator("state_linear", "control_linear", "mixed_cost", "final_linear")
    @classmethod
    def _fitting(cls, cost: Array | None, info: ValidationInfo) -> Array | None:
        if "control" not in info.data:
            return cost
        n, m = info.data["control"].shape
        shapes: dict[str | None, tuple[int, ...]] = {"control_linear": (m,), "mixed_cost": (n, m)}
        return _filled(cost, shapes.get(info.field_name, (n,)))

    @field_validator("rival_costs")
    @classmethod
    def _symmetric(cls, costs: dict[str, Array]) -> dict[str, Array]:
        for name, cost in costs.items():
            if cost.shape[0] != cost.shape[1] or _asymmetric(cost):
                raise ValueError(f"expected symmetric matrices, found another for {name!r}")
        return costs

    @property
    def affine(self) -> bool:
        """Whether it has linear or fixed costs."""
        parts = (self.state_linear, self.control_linear, self.final_linear)
        return self.fixed_cost != 0 or any(part.any() for part in parts)


def _raise(reason: str) -> None:
    if reason:
        raise ValueError(reason)


def _filled(array: Array | None, shape: tuple[int, ...]) -> Array:
    """The array, or zeros where there is none; of that shape."""
    if array is None:
        array = np.zeros(shape)
        array.setflags(write=False)
    _raise(_wrong_shape(array, shape))
    return array


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

    @field_validator("drift")
    @classmethod
    def _square(cls, drift: Array) -> Array:
        _raise(_wrong_shape(drift, (len(drift), len(drift))))
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
        if found:
            raise mistakes(found)
        return players

    @field_validator("constant", "initial")
    @classmethod
    def _long(cls, vector: Array | None, info: ValidationInfo) -> Array | None:
        if "drift" not in info.data or (vector is None and info.field_name == "initial"):
            return vector
        return _filled(vector, (len(info.data["drift"]),))

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
        """Whether anything is constant or linear rather than quadratic."""
        return bool(self.constant.any()) or any(player.affine for player in self.players)

    @property
    def continuous(self) -> bool:
        """Whether time is continuous."""
        return self.time == "continuous"


def _misplaced(player: Controller, players: tuple[Controller, ...], place: str) -> list[Mistake]:
    """Costs of controls that nobody has."""
    sizes = {other.name: other.control.shape[1] for other in players if other is not player}
    found: list[Mistake] = []
    for name, cost in player.rival_costs.items():
        if name not in sizes:
            found.append((f"{place}.{name}", cost.tolist(), f"known: {', '.join(sizes) or 'none'}"))
        elif reason := _wrong_shape(cost, (sizes[name], sizes[name])):
            found.append((f"{place}.{name}", cost.tolist(), reason))
    return found
