"""Solved linear-quadratic games as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter

from leaderbored.solvers import (
    Solution,
)
from leaderbored.solvers.linear_quadratic.equilibrium import LinearQuadraticEquilibrium
from leaderbored.views.data.parts import finite
from leaderbored.views.linear_quadratic import linear_quadratic_headline


def linear_quadratic_report(solution: Solution[LinearQuadraticEquilibrium]) -> dict[str, Any]:
    """One JSON-ready object: a linear-quadratic game, its equilibria, their certificates.

    Parameters
    ----------
    solution : Solution
        Of a linear-quadratic game.

    Returns
    -------
    dict
        Eigenvalues are pairs of a real and an imaginary part; undefined numbers are None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.LinearQuadratic(-1.0, [lb.Controller(name, 1.0, 1.0, 1.0) for name in "AB"])
    >>> (first,) = linear_quadratic_report(lb.solve(game))["equilibria"]
    >>> round(first["gains"]["A"][0][0], 6), first["settles"]
    (0.333333, True)
    """
    methods = dict.fromkeys(equilibrium.method for equilibrium in solution.equilibria)
    return {
        "game": TypeAdapter(type(solution.game)).dump_python(solution.game, mode="json"),
        "headline": linear_quadratic_headline(solution),
        "digest": solution.digest,
        "method": ", ".join(methods) or None,
        "settings": solution.settings,
        "seconds": round(solution.seconds, 6),
        "status": asdict(solution.status),
        "complete": solution.complete,
        "search": asdict(solution.census),
        "equilibria": [_linear_quadratic(equilibrium) for equilibrium in solution.equilibria],
    }


def _linear_quadratic(equilibrium: LinearQuadraticEquilibrium) -> dict[str, Any]:
    names = list(equilibrium.gains)
    values = zip(equilibrium.quadratic, equilibrium.linear, equilibrium.constant, strict=True)
    costs, times, proof = equilibrium.costs, equilibrium.times, equilibrium.proof
    return {
        "information": equilibrium.information,
        "gains": {who: gains.tolist() for who, gains in equilibrium.gains.items()},
        "offsets": {who: offsets.tolist() for who, offsets in equilibrium.offsets.items()},
        "answers": None
        if equilibrium.answers is None
        else {who: answer.tolist() for who, answer in equilibrium.answers.items()},
        "times": None if times is None else times.tolist(),
        "costs": None if costs is None else dict(zip(names, costs.tolist(), strict=True)),
        "value": {
            who: {"quadratic": p.tolist(), "linear": q.tolist(), "constant": float(k)}
            for who, (p, q, k) in zip(names, values, strict=True)
        },
        "closed_loop": equilibrium.closed_loop.tolist(),
        "shift": equilibrium.shift.tolist(),
        "eigenvalues": [[z.real, z.imag] for z in equilibrium.eigenvalues.tolist()],
        "settles": equilibrium.settles,
        "regret": finite(equilibrium.regret),
        "residual": equilibrium.residual,
        "proof": {**asdict(proof), "unique": proof.unique and finite(proof.unique)},
        "method": equilibrium.method,
    }
