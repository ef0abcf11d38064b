"""Every result as plain data: what ``--json`` prints, and what ``save`` writes to .json."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import scipy.sparse

from leaderbored.kinds import imported, kind_of
from leaderbored.shown import FACES
from leaderbored.solvers import Solution
from leaderbored.verdicts import verdict
from leaderbored.views.data.correspondence import trace_report
from leaderbored.views.data.linear_quadratic import linear_quadratic_report
from leaderbored.views.data.markov import arrays_report, markov_report
from leaderbored.views.data.parts import finite
from leaderbored.views.data.race import report
from leaderbored.views.data.static import static_report

__all__ = [
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
    made: dict[str, Any] = plainly(imported(special)(shown) if special else _fields(shown))
    return made


def solution_report(solution: Solution[Any]) -> dict[str, Any]:
    """What ``--json`` prints of a solution, whatever the game."""
    made: dict[str, Any] = kind_of(solution.game).get("data")(solution)
    return made


def race_report(solution: Solution) -> dict[str, Any]:
    """A solved race, without the comparison with twice the rungs; see :func:`report`."""
    count = range(len(solution.equilibria))
    return report(solution, [verdict(solution, k, check_cap=False) for k in count])


def _fields(record: Any) -> Any:
    """A record as a dictionary of what can be written down; code and games' arrays are left out."""
    if is_dataclass(record) and not isinstance(record, type):
        pairs = ((field.name, getattr(record, field.name)) for field in fields(record))
        return {name: _fields(value) for name, value in pairs if not callable(value)}
    if isinstance(record, dict):
        return {key: _fields(value) for key, value in record.items()}
    if isinstance(record, list | tuple):
        return [_fields(one) for one in record]
    return record


def plainly(data: Any) -> Any:
    """Data as JSON has it: arrays as lists, numbers that are not finite as None, else as text.

    Examples
    --------
    >>> plainly({"a": np.array([1.0, np.nan]), 2: (1j,)})
    {'a': [1.0, None], '2': ['1j']}
    """
    if isinstance(data, dict):
        return {str(key): plainly(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [plainly(value) for value in data]
    if isinstance(data, np.ndarray | np.generic) or scipy.sparse.issparse(data):
        return plainly(data.toarray() if scipy.sparse.issparse(data) else data.tolist())
    if isinstance(data, float):
        return finite(data)
    return data if isinstance(data, bool | str | int | None) else str(data)
