"""What each mechanism does to the verdict: the race with it beside the race without it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from leaderbored.race import Race
from leaderbored.shown import Shown
from leaderbored.solvers import Method, Solution, solve
from leaderbored.solvers.budget import Budget, Limit, Progress, StoppedError
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.solvers.solution import game_of
from leaderbored.verdicts import NOUNS, Verdict, verdict
from leaderbored.verdicts.pace import Kind
from leaderbored.verdicts.words import OFTEN, SELDOM

SAME = 0.01  # relative change of the pace of lead changes that is not worth mentioning
PATIENCE, LEAST = 5.0, 10.0  # times the seconds of the solution, and seconds, for each comparison


@dataclass(frozen=True)
class Effect:
    """A mechanism's effect on the verdict.

    Attributes
    ----------
    mechanism : str
        Its name in the game file.
    before, after : str or None
        Kind of verdict without it, and with it; None where it was not found.
    changes_before, changes_after : float or None
        Lead changes a year without it, and with it; None where play comes to a standstill, or
        where nothing was found.
    sentence : str
    checked : bool
        Whether the race without it was solved; if not, the sentence says why.
    """

    mechanism: str
    before: Kind | None
    after: Kind | None
    changes_before: float | None
    changes_after: float | None
    sentence: str
    checked: bool = True


class Effects(Shown, tuple[Effect, ...]):
    """One effect for each mechanism, in the order in which they apply."""


@unthreaded
def effects(
    solution: Solution,
    with_all: Verdict | None = None,
    progress: Progress | None = None,
    *,
    limit: Limit | None = None,
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
    limit : float or callable, optional
        Seconds after which to stop comparing, or a function that says True when to. Without it
        each comparison may take a few times as long as the solution did, and some seconds.

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
    after = with_all or verdict(solution, check_cap=False, limit=limit)
    race: Race = game_of(solution, "effects")
    budget = Budget(limit)
    found = []
    for name in race.mechanisms.on:
        share = budget.share(max(LEAST, PATIENCE * solution.seconds))
        before, failure = _without(race, name, share, progress)
        found.append(
            Effect(
                mechanism=name,
                before=before.kind if before else None,
                after=after.kind,
                changes_before=before.statistics.lead_changes_per_year if before else None,
                changes_after=after.statistics.lead_changes_per_year,
                sentence=_sentence(name, before, after, failure),
                checked=before is not None,
            )
        )
    return Effects(found)


def _without(
    race: Race, name: str, budget: Budget, progress: Progress | None
) -> tuple[Verdict | None, str]:
    """The verdict on the race without a mechanism, or why there is none."""
    plain = replace(race, mechanisms=race.mechanisms.without(name))
    late = "not checked, as it takes too long"
    try:
        with budget.running():
            other = solve(plain, Method(certify=False), limit=budget.spent, progress=progress)
            if not other.equilibria:
                failed = f"not compared; without it {other.status.message}"
                return None, late if budget.spent() else failed
            return verdict(other, check_cap=False, limit=budget.spent), ""
    except StoppedError:
        return None, late
    except np.linalg.LinAlgError:  # numbers of extreme sizes
        return None, "not compared; without it there is no answer"


def _sentence(name: str, before: Verdict | None, after: Verdict, failure: str) -> str:
    label = name.replace("_", " ")
    if before is None:
        return f"{label}: {failure}."
    claim = _claim(before.kind, after.kind)
    slow, fast = (v.statistics.lead_changes_per_year for v in (before, after))
    if slow is None or fast is None:
        return f"{label} {claim}."
    was, now = map(_pace, (slow, fast))
    if abs(fast - slow) <= SAME * max(fast, slow) or was == now:
        return f"{label} {claim}: lead changes stay at {now} a year."
    way = "rise" if fast > slow else "fall"
    return f"{label} {claim}: lead changes {way} from {was} to {now} a year."


def _claim(before: Kind | None, after: Kind | None) -> str:
    """What a mechanism does to the kind of verdict.

    Examples
    --------
    >>> _claim("run", "race"), _claim("run", "run"), _claim(None, None)
    ('turns a run into a race', 'leaves it a run', 'leaves it without a verdict')
    """
    if before == after:
        return f"leaves it {NOUNS[after]}" if after else "leaves it without a verdict"
    first, last = (NOUNS[kind] if kind else "what has no verdict" for kind in (before, after))
    return f"turns {first} into {last}"


def _pace(rate: float) -> str:
    """Lead changes a year, bounded."""
    if rate == 0 or SELDOM <= rate <= OFTEN:
        return f"{rate:.2g}" if rate < 100 else f"{rate:,.0f}"
    return f"less than {SELDOM:g}" if rate < SELDOM else f"over {OFTEN:,.0f}"
