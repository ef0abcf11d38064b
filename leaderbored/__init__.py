"""leaderbored: is the AI race a race or a run?

Computes the Markov-perfect equilibria of labs that split scarce compute between building the
next model and selling the present one, and says whether leads explode or limit themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from leaderbored.late import names

if TYPE_CHECKING:
    from leaderbored import theory
    from leaderbored.games import (
        Bayesian,
        Continuous,
        Controller,
        Event,
        FiniteGame,
        LinearQuadratic,
        Markov,
        MarkovGame,
        MarkovPlayer,
        NormalForm,
        Player,
    )
    from leaderbored.games.formats.gamefile import load
    from leaderbored.kinds import Kind, register_kind
    from leaderbored.motion import Motion, dynamics, impulse, lead_path, leaderboards
    from leaderbored.motion.whiplash import whiplash
    from leaderbored.race import (
        ClearingMarket,
        Contender,
        Contest,
        Lab,
        Mechanism,
        Mechanisms,
        Race,
        RevenueLadder,
        ScarceMarket,
        Technology,
        register_mechanism,
    )
    from leaderbored.solvers import (
        FiniteMethod,
        History,
        Method,
        PolicyIteration,
        Proof,
        Risk,
        Search,
        Solution,
        basin,
        certify,
        estimate,
        explain,
        solve,
    )
    from leaderbored.solvers.finite.commitment import Commitment, commitment
    from leaderbored.solvers.finite.correlated import Correlated, correlated
    from leaderbored.solvers.finite.rationalizable import Rationalizable, rationalizable
    from leaderbored.sweeps.compare import compare
    from leaderbored.sweeps.phase import phase
    from leaderbored.sweeps.sensitivity import sensitivity
    from leaderbored.sweeps.sweep import sweep
    from leaderbored.sweeps.uncertainty import uncertainty
    from leaderbored.verdicts import Correspondence, Verdict, trace, verdict
    from leaderbored.verdicts.computers import computers
    from leaderbored.verdicts.effects import effects
    from leaderbored.verdicts.lease_market import lease_market
    from leaderbored.verdicts.persuasion import persuasion
    from leaderbored.verdicts.planner import planner
    from leaderbored.verdicts.scarcity_path import scarcity_path
    from leaderbored.verdicts.welfare import welfare

__version__ = "0.1.0"

_ROOMS = {
    "games": (
        "Bayesian",
        "Continuous",
        "Controller",
        "Event",
        "FiniteGame",
        "LinearQuadratic",
        "Markov",
        "MarkovGame",
        "MarkovPlayer",
        "NormalForm",
        "Player",
    ),
    "games.formats.gamefile": ("load",),
    "kinds": ("Kind", "register_kind"),
    "motion": ("Motion", "dynamics", "impulse", "lead_path", "leaderboards"),
    "race": (
        "ClearingMarket",
        "Contender",
        "Contest",
        "Lab",
        "Mechanism",
        "Mechanisms",
        "Race",
        "RevenueLadder",
        "ScarceMarket",
        "Technology",
        "register_mechanism",
    ),
    "solvers": (
        "FiniteMethod",
        "History",
        "Method",
        "PolicyIteration",
        "Proof",
        "Risk",
        "Search",
        "Solution",
        "basin",
        "certify",
        "estimate",
        "explain",
        "solve",
    ),
    "solvers.finite.commitment": ("Commitment", "commitment"),
    "solvers.finite.correlated": ("Correlated", "correlated"),
    "solvers.finite.rationalizable": ("Rationalizable", "rationalizable"),
    "sweeps": ("sweep", "uncertainty"),
    "sweeps.compare": ("compare",),
    "sweeps.phase": ("phase",),
    "sweeps.sensitivity": ("sensitivity",),
    "verdicts": ("Correspondence", "Verdict", "trace", "verdict"),
    "verdicts.computers": ("computers",),
    "verdicts.effects": ("effects",),
    "verdicts.persuasion": ("persuasion",),
    "verdicts.planner": ("planner",),
    "verdicts.scarcity_path": ("scarcity_path",),
    "verdicts.welfare": ("welfare",),
    "motion.whiplash": ("whiplash",),
    "verdicts.lease_market": ("lease_market",),
}
__all__ = [
    "Bayesian",
    "ClearingMarket",
    "Commitment",
    "Contender",
    "Contest",
    "Continuous",
    "Controller",
    "Correlated",
    "Correspondence",
    "Event",
    "FiniteGame",
    "FiniteMethod",
    "History",
    "Kind",
    "Lab",
    "LinearQuadratic",
    "Markov",
    "MarkovGame",
    "MarkovPlayer",
    "Mechanism",
    "Mechanisms",
    "Method",
    "Motion",
    "NormalForm",
    "Player",
    "PolicyIteration",
    "Proof",
    "Race",
    "Rationalizable",
    "RevenueLadder",
    "Risk",
    "ScarceMarket",
    "Search",
    "Solution",
    "Technology",
    "Verdict",
    "basin",
    "certify",
    "commitment",
    "compare",
    "computers",
    "correlated",
    "dynamics",
    "effects",
    "estimate",
    "explain",
    "impulse",
    "lead_path",
    "leaderboards",
    "lease_market",
    "load",
    "persuasion",
    "phase",
    "planner",
    "rationalizable",
    "register_kind",
    "register_mechanism",
    "scarcity_path",
    "sensitivity",
    "solve",
    "sweep",
    "theory",
    "trace",
    "uncertainty",
    "verdict",
    "welfare",
    "whiplash",
]


_named = names(__name__, _ROOMS)


def __getattr__(name: str) -> Any:
    """Load a public name from its room on first use, so that importing the package is instant."""
    return import_module("leaderbored.theory") if name == "theory" else _named(name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
