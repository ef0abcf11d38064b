"""What solving a linear-quadratic game returns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from leaderbored.games.linear_quadratic import Information, LinearQuadratic
from leaderbored.games.markov import Array
from leaderbored.solvers.proof import Proof


@dataclass(frozen=True, eq=False)
class LinearQuadraticEquilibrium:
    """A Nash or Stackelberg equilibrium in which every player's controls are linear in the state.

    Attributes
    ----------
    game : LinearQuadratic
        N players, n states, m_i controls of player i.
    information : "feedback", "open-loop" or "stackelberg"
        Whether players see the state, or commit to plans at the start. Plans are given as gains
        too: they are the controls along the equilibrium path. Or whether all see the state, and at
        every stage also what the first player, the leader, does before they act.
    gains, offsets : dict of str to (m_i, n) and (m_i,) arrays
        F and f of each player by name, of its controls u = -F x - f. Of a game that ends,
        (T, m_i, n) and (T, m_i) arrays, by ``times``.
    times : (T,) array or None
        Of a game that ends: each period, or 101 moments from 0 to the horizon.
    quadratic, linear, constant : (N, n, n), (N, n) and (N,) arrays
        P, p and k: from the state x at time 0 on a player pays x'P x + 2 p'x + k, discounted.
    costs : (N,) array or None
        What each player pays from the game's initial state on, if it has one.
    closed_loop, shift : (n, n) and (n,) arrays
        G and g, of x' = G x + g; or (T, n, n) and (T, n).
    eigenvalues : (n,) complex array
        Of the closed loop, by falling real part, or modulus in discrete time; at time 0.
    settles : bool or None
        Whether the state itself comes to rest. It need not for costs to be finite if the future
        is discounted. None of a game that ends.
    regret : float
        Largest gain of one player over all states (and times), relative to its largest cost of
        states of the same length; computed apart from the solver. It may deviate to any controls,
        also such as let the state grow.
    residual : float
        Largest relative error in the equations of values or costates: quadratic, linear and
        constant terms, and over all times.
    method : str
        What found it.
    answers : dict of str to (m_i, m) array, or None
        Where the first player leads: L of each other, of its controls u = -K x - k - L v if the
        leader announces v; gains are of what is announced in equilibrium. Of a game that ends
        (T, m_i, m) arrays. ``regret`` is then the largest gain at one stage, later ones being as
        they are: of the leader with the others' answers, of each other whatever is announced.

    Examples
    --------
    >>> import leaderbored as lb
    >>> player = dict(control=1.0, control_cost=1.0, state_cost=1.0)
    >>> game = lb.LinearQuadratic(-1.0, [lb.Controller(name, **player) for name in "AB"])
    >>> found = lb.solve(game).equilibria[0]
    >>> found.gains["A"].round(6).tolist(), found.cost([2.0]).round(6).tolist(), found.settles
    ([[0.333333]], [1.333333, 1.333333], True)
    """

    game: LinearQuadratic
    information: Information
    gains: dict[str, Array]
    offsets: dict[str, Array]
    times: Array | None
    quadratic: Array
    linear: Array
    constant: Array
    closed_loop: Array
    shift: Array
    eigenvalues: NDArray[np.complex128]
    settles: bool | None
    regret: float
    residual: float
    method: str
    answers: dict[str, Array] | None
    proof: Proof

    def cost(self, state: ArrayLike) -> Array:
        """(N,) what each player pays from an (n,) state at time 0 on.

        Raises
        ------
        ValueError
            If the state has another length.
        """
        x = np.atleast_1d(np.asarray(state, dtype=float))
        if x.shape != (self.game.states,):
            raise ValueError(f"expected {self.game.states} numbers, found the shape {x.shape}")
        paid: Array = self.quadratic @ x @ x + 2 * self.linear @ x + self.constant
        return paid

    @property
    def costs(self) -> Array | None:
        """(N,) what each player pays from the game's initial state on."""
        return None if self.game.initial is None else self.cost(self.game.initial)


def assemble(
    game: LinearQuadratic,
    information: Information,
    gains: Array,
    values: Array,
    *,
    regret: float,
    residual: float,
    method: str,
    proof: Proof,
    times: Array | None = None,
    answers: Array | None = None,
) -> LinearQuadraticEquilibrium:
    """The record of gains on (x, 1), (..., M, n + 1), and values (N, n + 1, n + 1)."""
    n = game.states
    ends = np.cumsum([player.control.shape[1] for player in game.players])[:-1]
    split = np.split(gains, ends, axis=-2)
    told = [] if answers is None else np.split(answers, ends, axis=-2)[1:]
    names = [player.name for player in game.players]
    inputs = np.hstack([player.control for player in game.players])
    moved = inputs @ gains
    loop, shift = game.drift - moved[..., :n], game.constant - moved[..., n]
    first = loop if times is None else loop[0]
    eigenvalues = np.linalg.eigvals(first).astype(complex)
    size = eigenvalues.real if game.continuous else np.abs(eigenvalues)
    order = np.lexsort((-eigenvalues.imag, -size.round(12)))
    return LinearQuadraticEquilibrium(
        game=game,
        information=information,
        gains={name: part[..., :n] for name, part in zip(names, split, strict=True)},
        offsets={name: part[..., n] for name, part in zip(names, split, strict=True)},
        times=times,
        quadratic=values[:, :n, :n],
        linear=values[:, :n, n],
        constant=values[:, n, n],
        closed_loop=loop,
        shift=shift,
        eigenvalues=eigenvalues[order],
        settles=None if times is not None else bool(size.max() < (0 if game.continuous else 1)),
        regret=regret,
        residual=residual,
        method=method,
        answers=dict(zip(names[1:], told, strict=True)) if told else None,
        proof=proof,
    )
