"""Solved games that are played once as plain data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from leaderbored.solvers import (
    Solution,
    StaticEquilibrium,
)
from leaderbored.views.data.parts import finite, heading
from leaderbored.views.static import static_headline


def static_report(solution: Solution[StaticEquilibrium]) -> dict[str, Any]:
    """One JSON-ready object: a game played once, its equilibria, their certificates.

    Parameters
    ----------
    solution : Solution
        Of a game played once.

    Returns
    -------
    dict
        Exact strategies are text such as "1/3"; undefined numbers are None.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[3, 0], [5, 1]], [[3, 5], [0, 1]]])
    >>> out = static_report(lb.solve(game, exact=True))
    >>> out["equilibria"][0]["strategies"], out["equilibria"][0]["exact"]
    ({'1': [0.0, 1.0], '2': [0.0, 1.0]}, {'1': ['0', '1'], '2': ['0', '1']})
    """
    return {
        **heading(solution, static_headline(solution)),
        "value": solution.value,
        "equilibria": [_static(equilibrium) for equilibrium in solution.equilibria],
        "components": [
            {
                "index": part.index,
                "isolated": part.isolated,
                "dimension": part.dimension,
                "sampled": part.sampled,
                "most_even": [law.tolist() for law in part.even] if part.even else None,
                "dummies": list(part.dummies),
                "row_vertices": [law.tolist() for law in part.row_vertices],
                "column_vertices": [law.tolist() for law in part.column_vertices],
                "subsets": [[list(x), list(y)] for x, y in part.subsets],
            }
            for part in solution.components
        ],
    }


def _static(equilibrium: StaticEquilibrium) -> dict[str, Any]:
    exact = equilibrium.exact
    return {
        "strategies": {who: law.tolist() for who, law in equilibrium.strategies.items()},
        "payoffs": dict(zip(equilibrium.strategies, equilibrium.payoffs.tolist(), strict=True)),
        "regret": finite(equilibrium.regret),
        "stable": equilibrium.stable,
        "spectral_radius": None if equilibrium.radius is None else finite(equilibrium.radius),
        "index": equilibrium.index,
        "proof": asdict(equilibrium.proof),
        "component": equilibrium.component,
        "perfect": equilibrium.perfect,
        "proper": equilibrium.proper,
        "method": equilibrium.method,
        "prices": equilibrium.prices,
        "weights": {who: w.tolist() for who, w in equilibrium.weights.items()}
        if equilibrium.weights
        else None,
        "epsilon": None
        if equilibrium.epsilon is None
        else dict(zip(equilibrium.strategies, equilibrium.epsilon.tolist(), strict=True)),
        "exact": {who: [str(w) for w in law] for who, law in exact.items()} if exact else None,
    }
