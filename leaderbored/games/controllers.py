"""Players of linear-quadratic games, and whether what they pay for each other is there."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Any, ClassVar

import numpy as np
from pydantic import Field, ValidationInfo, field_validator
from pydantic.dataclasses import dataclass

from leaderbored.games.cells import Mistake
from leaderbored.games.markov import Array
from leaderbored.games.matrices import (
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
from leaderbored.games.record import CONFIG, NUMBER, PRINTED, quantity

PARALLEL = 1e-12  # least singular value of replies that meet in one point, relative
Name = Annotated[str, Field(min_length=1, max_length=80), PRINTED]


def optional(about: str) -> Any:
    """The field of a matrix or vector that is zero by default."""
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
    rival_mixed : dict of str to array-like, optional
        S_ij, n x m_j: by the name of another player, of the cost 2 x'S u_j.
    rival_linear : dict of str to array-like, optional
        r_ij, of m_j numbers: by the name of another player, of the cost 2 r'u_j.
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
    state_cost: Annotated[Matrix, optional("Q, n x n; symmetric: the cost x'Q x")] = None
    state_linear: Annotated[Vector, optional("q, n: the cost 2 q'x")] = None
    control_linear: Annotated[Vector, optional("r, m: the cost 2 r'u")] = None
    mixed_cost: Annotated[Matrix, optional("S, n x m: the cost 2 x'S u")] = None
    fixed_cost: Annotated[float, quantity("cost", "k, per unit of time or period"), NUMBER] = 0.0
    rival_costs: Annotated[
        dict[Name, Matrix], Field(description="R_ij: what the controls of others, by name, cost it")
    ] = Field(default_factory=dict)
    final_cost: Annotated[Matrix, optional("n x n; symmetric: at the horizon")] = None
    final_linear: Annotated[Vector, optional("n: linear, at the horizon")] = None
    product_costs: Annotated[
        dict[Name, Matrix], Field(description="M_ij: the cost 2 u_i'M u_j, by the other's name")
    ] = Field(default_factory=dict)
    rival_mixed: Annotated[
        dict[Name, Matrix], Field(description="S_ij: the cost 2 x'S u_j, by the other's name")
    ] = Field(default_factory=dict)
    rival_linear: Annotated[
        dict[Name, Vector], Field(description="r_ij: the cost 2 r'u_j, by the other's name")
    ] = Field(default_factory=dict)
    PLAIN: ClassVar[dict[str, Any]] = {"product_costs": {}, "rival_mixed": {}, "rival_linear": {}}

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
        own = (self.state_linear, self.control_linear, self.final_linear)
        parts = (*own, *self.rival_linear.values())
        return self.fixed_cost != 0 or any(part.any() for part in parts)


def mismatched(player: Controller, players: tuple[Controller, ...], place: str) -> list[Mistake]:
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


def parallel(players: tuple[Controller, ...]) -> bool:
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


def misplaced(player: Controller, players: tuple[Controller, ...], place: str) -> list[Mistake]:
    """Costs of controls that nobody has, or of others than these."""
    sizes = {other.name: other.control.shape[1] for other in players if other is not player}
    found: list[Mistake] = []
    given: dict[str, tuple[dict[str, Array], Callable[[int], tuple[int, ...]]]] = {
        "rival_costs": (player.rival_costs, lambda m: (m, m)),
        "rival_mixed": (player.rival_mixed, lambda m: (len(player.control), m)),
        "rival_linear": (player.rival_linear, lambda m: (m,)),
    }
    for field, (costs, shape) in given.items():
        for name, cost in costs.items():
            known = f"known: {', '.join(sizes) or 'none'}"
            reason = wrong_shape(cost, shape(sizes[name])) if name in sizes else known
            if reason:
                found.append((f"{place}.{field}.{name}", cost.tolist(), reason))
    return found
