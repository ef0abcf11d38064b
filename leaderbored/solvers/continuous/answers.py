"""From a solution of a continuous game to an equilibrium with its certificates."""

from __future__ import annotations

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.solvers.continuous.program import Program
from leaderbored.solvers.continuous.proof import prove
from leaderbored.solvers.continuous.stability import radius
from leaderbored.solvers.solution import StaticEquilibrium


def answer(
    program: Program,
    z: Array,
    x: Array,
    *,
    neutral: float,
    index: int,
    regret: float,
    bare: bool = False,
) -> StaticEquilibrium:
    """The equilibrium at a point, with its stability and its proof.

    Parameters
    ----------
    program : Program
    z : (m,) array
        Strategies and multipliers that solve the first-order conditions.
    x : (n,) array
        The strategies as they are played: listed ones, and those at a jump, exactly there.
    neutral : float
        Distance of a spectral radius from one at which stability is left open.
    index : int
        Zero where it is not known.
    regret : float
    bare : bool
        Whether the point was found without multipliers.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.games.continuous import Player
    >>> game = lb.Continuous([Player(n, {"q": [0, 9]}, "(9 - sum(q)) * q") for n in "AB"])
    >>> z = np.array([3.0, 3.0])
    >>> found = answer(Program(game), z, z, neutral=1e-6, index=1, regret=0.0)
    >>> found.stable, found.proof.of
    (True, 'equilibrium')
    """
    size = None if program.discrete else radius(program, z)
    texts = program.game.constraints
    prices = dict(zip(texts, z[-len(texts) :].tolist(), strict=True)) if texts else None
    return StaticEquilibrium(
        strategies={
            group.name: x[mine].copy()
            for group, mine in zip(program.groups, program.own, strict=True)
        },
        payoffs=program.payoffs(x),
        regret=regret,
        stable=None if size is None or abs(size - 1) < neutral else size < 1,
        method="direct search" if bare else "complementarity",
        radius=size,
        index=index or None,
        prices=prices,
        proof=prove(program, np.concatenate([x, z[len(x) :]])),
    )
