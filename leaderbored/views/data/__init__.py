"""Every result as plain data: what ``--json`` prints, and what ``save`` writes to .json."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leaderbored.kinds import imported, kind_of
from leaderbored.late import names
from leaderbored.shown import FACES
from leaderbored.solvers import Solution
from leaderbored.verdicts import verdict
from leaderbored.verdicts.welfare import welfare
from leaderbored.views.data.parts import Rows, heading, plain_fields, plainly, written
from leaderbored.views.data.race import report

if TYPE_CHECKING:
    from leaderbored.views.data.correspondence import trace_report
    from leaderbored.views.data.linear_quadratic import linear_quadratic_report
    from leaderbored.views.data.markov import arrays_report, markov_report
    from leaderbored.views.data.static import static_report

__getattr__ = names(
    __name__,
    {
        "correspondence": ("trace_report",),
        "linear_quadratic": ("linear_quadratic_report",),
        "markov": ("arrays_report", "markov_report"),
        "static": ("static_report",),
    },
)

__all__ = [
    "Rows",
    "arrays_report",
    "linear_quadratic_report",
    "markov_report",
    "plain_data",
    "plainly",
    "race_report",
    "report",
    "solution_report",
    "static_report",
    "trace_report",
    "written",
]


def plain_data(shown: Any) -> dict[str, Any]:
    """Any result as plain data: what ``--json`` prints of it, or its fields.

    Parameters
    ----------
    shown : Solution, Verdict, Motion, Correspondence or another result
        Of a race without the comparison with twice the rungs, and without what mechanisms do.

    Returns
    -------
    dict
        Undefined numbers are None, arrays are lists.

    Examples
    --------
    >>> import leaderbored as lb
    >>> plain_data(lb.whiplash(answer=1.0, delay=1.5))["delay"]
    1.5
    """
    special = FACES[type(shown).__name__].data
    made: dict[str, Any] = plainly(imported(special)(shown) if special else plain_fields(shown))
    return made


def solution_report(solution: Solution[Any]) -> dict[str, Any]:
    """What ``--json`` prints of a solution, whatever the game."""
    kind = kind_of(solution.game)
    made: dict[str, Any] = (kind.get("data") if kind.has("data") else fields_report)(solution)
    return made


def fields_report(solution: Solution[Any]) -> dict[str, Any]:
    """Equilibria of a kind that has no data of its own: what stands in their records."""
    equilibria = [plainly(plain_fields(found)) for found in solution.equilibria]
    return {**heading(solution, solution.status.sentence), "equilibria": equilibria}


def race_report(solution: Solution) -> dict[str, Any]:
    """A solved race, without the comparison with twice the rungs; see :func:`report`."""
    count = range(len(solution.equilibria))
    verdicts = [verdict(solution, k, check_cap=False) for k in count]
    return report(solution, verdicts, worths=[welfare(solution, k) for k in count])
