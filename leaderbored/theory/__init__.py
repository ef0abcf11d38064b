r"""The theory of the race: results derived by machine from the primitives, and checked by machine.

Every result is a module with its statement, assumptions and proof; `derive` walks from the payoffs
or the Hamilton-Jacobi-Bellman equation to the closed form, and `check` compares that with the
numerical solvers.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leaderbored.theory.comparative import Static, statics
    from leaderbored.theory.conditions import SelfLimits, self_limits
    from leaderbored.theory.derivation import Derivation
    from leaderbored.theory.records import Check, Result
    from leaderbored.theory.replies import BestReply, best_reply

MODULES = {
    "R1": "r01_contest",
    "R2": "r02_many_labs",
    "R3": "r03_window",
    "R4": "r04_leasing",
    "R5": "r05_isomorphism",
    "R6": "r06_log_concavity",
    "R7": "r07_log_linear",
    "R8": "r08_repeat_win",
    "R9": "r09_linear_hazard",
    "R10": "r10_asymptote",
    "R11": "r11_flywheel",
    "R12": "r12_league_table",
    "R13": "r13_elasticity",
    "R14": "r14_duel",
    "R15": "r15_whiplash",
    "R16": "r16_stationary_lead",
    "R17": "r17_open_weights",
    "R18": "r18_welfare",
    "R19": "r19_jackpot",
    "R20": "r20_precipice",
    "R21": "r21_flat_topped",
    "R22": "r22_clearing_window",
    "R23": "r23_standstill",
    "R23b": "r23b_no_standstill",
    "R24": "r24_famine",
    "R25": "r25_one_equilibrium",
    "R26": "r26_clearing_asymptote",
    "R27": "r27_growth_tie",
    "R28": "r28_neutral_growth",
    "R29": "r29_first_best",
    "R30": "r30_policy",
}
HOMES = {
    "BestReply": "replies",
    "Check": "records",
    "Derivation": "derivation",
    "Result": "records",
    "SelfLimits": "conditions",
    "Static": "comparative",
    "best_reply": "replies",
    "self_limits": "conditions",
    "statics": "comparative",
}

__all__ = [
    "BestReply",
    "Check",
    "Derivation",
    "Result",
    "SelfLimits",
    "Static",
    "best_reply",
    "check",
    "derive",
    "ids",
    "result",
    "self_limits",
    "statics",
]


def ids() -> tuple[str, ...]:
    """The names of the results.

    Examples
    --------
    >>> "R7" in ids()
    True
    """
    return tuple(MODULES)


@cache
def result(id: str) -> Result:
    """One result.

    Parameters
    ----------
    id : str
        Such as R7.

    Raises
    ------
    KeyError
        If there is none; the message lists those there are.

    Examples
    --------
    >>> result("R7").title
    'Log-linear ladder'
    """
    if id not in MODULES:
        raise KeyError(f"{id}: known: {', '.join(MODULES)}")
    found: Result = import_module(f"leaderbored.theory.{MODULES[id]}").RESULT
    return found


def derive(id: str) -> Derivation:
    """The derivation of a result.

    Examples
    --------
    >>> sorted(derive("R7").closed)
    ['build', 'patience']
    """
    return result(id).derive()


def check(id: str, seed: int = 0, samples: int | None = None) -> Check:
    """Compare the closed forms of a result with the solvers.

    Examples
    --------
    >>> check("R7", samples=1).passed
    True
    """
    return result(id).check(seed, samples)


def __getattr__(name: str) -> Any:
    if name not in HOMES:
        raise AttributeError(f"module 'leaderbored.theory' has no attribute {name!r}")
    return getattr(import_module(f"leaderbored.theory.{HOMES[name]}"), name)
