"""What each mechanism does to the verdict: the race with it beside the race without it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Method, Solution, solve
from leaderbored.solvers.budget import Progress
from leaderbored.verdicts import NOUNS, Verdict, verdict
from leaderbored.verdicts.pace import Kind

SAME = 0.01  # relative change of the pace of lead changes that is not worth mentioning


@dataclass(frozen=True)
class Effect:
    """A mechanism's effect on the verdict.

    Attributes
    ----------
    mechanism : str
        Its name in the game file.
    before, after : str or None
        Kind of verdict without it, and with it; None where nobody builds or nothing converged.
    changes_before, changes_after : float or None
        Lead changes a year without it, and with it; None where nothing converged.
    sentence : str
    """

    mechanism: str
    before: Kind | None
    after: Kind | None
    changes_before: float | None
    changes_after: float
    sentence: str


class Effects(Shown, tuple[Effect, ...]):
    """One effect for each mechanism, in the order in which they apply."""


def effects(
    solution: Solution, with_all: Verdict | None = None, progress: Progress | None = None
) -> Effects:
    """Solve the race once more without each of its mechanisms, and compare the verdicts.

    Parameters
    ----------
    solution : Solution
        Of a :class:`leaderbored.Race`, with an equilibrium.
    with_all : Verdict, optional
        On its first equilibrium, if it is known already.
    progress : callable, optional
        Called with (phase, round, distance).

    Returns
    -------
    Effects
        A tuple of :class:`Effect`, one for each mechanism that is switched on; the others stay on
        in the comparison.

    Raises
    ------
    TypeError, ValueError
        As :func:`leaderbored.verdict`.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.8),
    ...                lb.Technology(1), discount=0.2, rungs=5,
    ...                mechanisms={"inputs": {"migration": 0.5}})
    >>> print(effects(lb.solve(race))[0].sentence)
    inputs leaves it a run: lead changes fall from 0.19 to 0.071 a year.
    """
    after = with_all or verdict(solution, check_cap=False)
    race = solution.game
    assert isinstance(race, Race)
    found = []
    for name in race.mechanisms.on:
        plain = replace(race, mechanisms=race.mechanisms.without(name))
        other = solve(plain, Method(certify=False), progress=progress)
        before = verdict(other, check_cap=False) if other.equilibria else None
        rate = before.statistics.lead_changes_per_year if before else None
        found.append(
            Effect(
                mechanism=name,
                before=before.kind if before else None,
                after=after.kind,
                changes_before=rate,
                changes_after=after.statistics.lead_changes_per_year,
                sentence=_sentence(name, before, after, other.status.message),
            )
        )
    return Effects(found)


def _sentence(name: str, before: Verdict | None, after: Verdict, failure: str) -> str:
    label = name.replace("_", " ")
    if before is None:
        return f"{label}: not compared; without it {failure}."
    first, last = NOUNS[before.kind], NOUNS[after.kind]
    claim = f"leaves it {last}" if first == last else f"turns {first} into {last}"
    slow, fast = (v.statistics.lead_changes_per_year for v in (before, after))
    if abs(fast - slow) <= SAME * max(fast, slow) or f"{slow:.2g}" == f"{fast:.2g}":
        return f"{label} {claim}: lead changes stay at {fast:.2g} a year."
    way = "rise" if fast > slow else "fall"
    return f"{label} {claim}: lead changes {way} from {slow:.2g} to {fast:.2g} a year."
