"""leaderbored: is the AI race a race or a run?

Computes the Markov-perfect equilibria of labs that split scarce compute between building the
next model and selling the present one, and says whether leads explode or limit themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leaderbored.games import Markov
    from leaderbored.race import Lab, Race, RevenueLadder, ScarceMarket, Technology
    from leaderbored.solvers import Method, PolicyIteration, Solution, solve
    from leaderbored.verdicts import Verdict, verdict

__version__ = "0.1.0"

_HOMES = {
    "Lab": "race",
    "Markov": "games",
    "Method": "solvers",
    "PolicyIteration": "solvers",
    "Race": "race",
    "RevenueLadder": "race",
    "ScarceMarket": "race",
    "Solution": "solvers",
    "Technology": "race",
    "Verdict": "verdicts",
    "solve": "solvers",
    "verdict": "verdicts",
}

__all__ = [
    "Lab",
    "Markov",
    "Method",
    "PolicyIteration",
    "Race",
    "RevenueLadder",
    "ScarceMarket",
    "Solution",
    "Technology",
    "Verdict",
    "solve",
    "verdict",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use, so that importing the package is instant."""
    if name not in _HOMES:
        raise AttributeError(f"module 'leaderbored' has no attribute {name!r}")
    return getattr(import_module(f"leaderbored.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
