"""Sections of a report: the game, what it takes for granted, every equilibrium, the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, is_dataclass
from typing import Any

from leaderbored.games.leaves import leaves
from leaderbored.games.places import unit_of
from leaderbored.kinds import kind_of
from leaderbored.solvers import Solution
from leaderbored.solvers.settings import settings
from leaderbored.views.data import plainly, solution_report
from leaderbored.views.numbers import number
from leaderbored.views.report.assumed import ASSUMED
from leaderbored.views.report.document import Part

MOST = 400  # rows of a table
LONG = 160  # characters of a list in a cell
ROUNDING = 1e-14  # of the largest number of a list, what is none
CERTIFICATE = (  # what is shown of an equilibrium, in this order
    "verdict",
    "headline",
    "regret",
    "residual",
    "indifferent",
    "stable",
    "stability_note",
    "spectral_radius",
    "index",
    "proof",
    "not_checked",
    "component",
    "perfect",
    "proper",
    "method",
    "basin",
    "strategies",
    "exact",
    "payoffs",
    "policy",
    "gains",
    "costs",
    "prices",
    "build",
    "value",
)
NAMES = {
    "proof, holds": "proved",
    "proof, radius": "proved: one lies within",
    "proof, unique": "proved: the only one within",
    "proof, kinks": "proved: replies that may be at a kink",
    "proof, reason": "not proved, as",
    "proof, of": "proved: of what",
}


def of_game(game: Any, title: str = "The input") -> Part:
    """Every number and word of a game, by the place that ``--set`` names.

    Examples
    --------
    >>> import leaderbored as lb
    >>> of_game(lb.NormalForm([[1, 2]])).tables[0][0]
    ('place', 'value', 'unit')
    """
    try:
        found = leaves(game)
    except Exception as error:  # of arrays made in Python there is no file
        return Part(title, text=f"not listed: {type(error).__name__}")
    rows = [
        (place, _number(value) if isinstance(value, float) else str(value), _unit(game, place))
        for place, value in found.items()
    ]
    more = len(rows) - MOST
    rows = [*rows[:MOST], *([(f"and {more} more", "", "")] if more > 0 else [])]
    return Part(title, tables=((("place", "value", "unit"), rows),))


def _number(value: float) -> str:
    return f"{value:.12g}"


def _unit(game: Any, place: str) -> str:
    try:
        return unit_of(game, place)
    except (AttributeError, KeyError, TypeError):
        return ""


def of_assumptions(game: Any) -> Part:
    """What the game takes for granted, in the words of its records, and where it comes from.

    Examples
    --------
    >>> import leaderbored as lb
    >>> rows = of_assumptions(lb.NormalForm([[1, 2]])).tables[0][1]
    >>> rows[0][0]
    'NormalForm'
    """
    rows = []
    for record in _records(game):
        about, source = ASSUMED.get(type(record).__name__) or assumed(type(record).__doc__ or "")
        rows.append((type(record).__name__, about, source))
    published = getattr(game, "source", None)
    if published is not None:
        known = is_dataclass(published) and not isinstance(published, type)
        told = asdict(published) if known else published
        words = ", ".join(f"{k}: {v}" for k, v in told.items()) if isinstance(told, dict) else told
        rows.append(("the game", "as published", str(words)))
    return Part("What it takes for granted", tables=((("part", "assumption", "source"), rows),))


def _records(game: Any) -> Iterator[Any]:
    yield game
    for name in ("market", "technology"):
        if (part := getattr(game, name, None)) is not None:
            yield part
    mechanisms = getattr(game, "mechanisms", None)
    for name in getattr(mechanisms, "on", ()):
        if (part := getattr(mechanisms, name, None)) is not None:
            yield part


def assumed(doc: str) -> tuple[str, str]:
    """What a record's documentation says it is, without its formulas, and the literature it names.

    Examples
    --------
    >>> notes = ["A :class:`x.Market` of ``those``.", "", "Notes", "-----", "As in Nash (1950)."]
    >>> assumed(chr(10).join(notes))
    ('A Market of those.', 'As in Nash (1950).')
    """
    plain = re.sub(r":\w+:`(?:[\w.]+\.)?([^`]*)`", r"\1", doc.replace("``", ""))
    lines = [line.strip() for line in plain.splitlines()]
    heads = [k for k in range(1, len(lines)) if lines[k] and set(lines[k]) == {"-"}]
    first = lines[: heads[0] - 1 if heads else None]
    words = " ".join(" ".join(first).split(".. math::")[0].split())
    about = " ".join(part for part in re.split(r"(?<=[.;:]) ", words) if "\\" not in part)
    notes = [k for k in heads if lines[k - 1] in ("Notes", "Source", "References")]
    source = ""
    for k in notes:
        after = [h - 1 for h in heads if h > k]
        source += " ".join(lines[k + 1 : after[0] if after else None])
    return about, " ".join(source.split())


def of_equilibria(solution: Solution[Any]) -> Part:
    """Every equilibrium that was found, each with its certificate.

    Examples
    --------
    >>> import leaderbored as lb
    >>> part = of_equilibria(lb.solve(lb.NormalForm([[1, 2]])))
    >>> part.tables[0][0][0], part.tables[0][1][0]
    ('Equilibrium 1 of 1', ('regret', '0'))
    """
    report = solution_report(solution)
    count, tables = len(report["equilibria"]), []
    for k, each in enumerate(report["equilibria"], 1):
        kept = {name: each[name] for name in CERTIFICATE if name in each}
        if (proof := kept.get("proof")) and not proof["holds"]:
            kept["proof"] = {name: proof[name] for name in ("holds", "reason")}
        rows = [(NAMES.get(name, name), text) for name, text in _facts(plainly(kept))]
        tables.append(((f"Equilibrium {k} of {count}", "certificate and strategies"), rows))
    text = "" if tables else f"{solution.status.message}; {solution.status.advice}"
    return Part("Every equilibrium, with its certificate", tables=tuple(tables), text=text)


def _facts(data: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Numbers and words of an equilibrium, those of its parts with commas; long lists are cut."""
    for name, value in data.items():
        if value is None or value in ({}, [], ""):
            continue
        if isinstance(value, dict):
            yield from ((f"{name}, {inner}", told) for inner, told in _facts(value))
        else:
            yield name.replace("_", " "), _told(value)


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.1e}" if 0 < abs(value) < 1e-4 else number(value)
    if isinstance(value, list):
        words = _listed(_tidy(value))
        if len(words) > LONG and all(type(each) is float for each in value):
            ends = f"from {number(min(value))} to {number(max(value))}"
            return f"{len(value)} numbers {ends}, by state; --json has all"
        return words if len(words) <= LONG else f"{words[:LONG]} …; --json has all"
    return str(value)


def _tidy(value: list[Any]) -> list[Any]:
    """Numbers of a list, those that are nothing but rounding of the largest as none."""
    size = max((abs(each) for each in value if type(each) is float), default=0.0)
    return [0.0 if type(each) is float and abs(each) < ROUNDING * size else each for each in value]


def _listed(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_listed, value[:60]))}]"
    return _told(value)


def facts_of(solution: Solution[Any]) -> dict[str, str]:
    """How an answer came about.

    Examples
    --------
    >>> import leaderbored as lb
    >>> facts_of(lb.solve(lb.NormalForm([[1, 2]])))["kind of game"]
    'normal-form'
    """
    methods = dict.fromkeys(each.method for each in solution.equilibria)
    usual = settings(kind_of(solution.game).get("method")())
    changed = [
        f"{name} {value}" for name, value in solution.settings.items() if usual.get(name) != value
    ]
    return {
        "kind of game": kind_of(solution.game).name,
        "fingerprint": solution.digest or "none",
        "status": f"{solution.status.code}: {solution.status.message}",
        "equilibria": f"{len(solution.equilibria)}, {solution.complete}: {solution.census.message}",
        "method": ", ".join(methods) or "none",
        "settings": ", ".join(changed) or "as by default",
    }
