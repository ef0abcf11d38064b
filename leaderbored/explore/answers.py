"""What the page says of a race: the sentence, charts, numbers, and every equilibrium."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from io import BytesIO, StringIO
from itertools import pairwise
from typing import Any

import numpy as np

import leaderbored as lb
from leaderbored.explore import charts
from leaderbored.figures.style import COLOURS
from leaderbored.games.markov import Array
from leaderbored.games.record import RefusedError
from leaderbored.race import Race
from leaderbored.solvers import Method, Solution
from leaderbored.solvers.budget import Limit
from leaderbored.solvers.markov.apart import told_apart
from leaderbored.text import at_most
from leaderbored.verdicts import Verdict, headline
from leaderbored.verdicts.profile import by_lead, on_board
from leaderbored.views.data import plainly, report
from leaderbored.views.formats.html import escaped, fragment, grid
from leaderbored.views.numbers import STABLE, number, percent, rate, years
from leaderbored.views.race import page

YEARS, EVERY, SEED = 8.0, 1 / 24, 1  # of the leaderboard that runs
BUSY = 500.0  # successes a year up to which it does
SELDOM = 0.05  # advances a year below which it begins with a tie, and not as in the long run
LONG = 30.0  # seconds that the search for every equilibrium may take
MOST = 12  # equilibria that can be looked at
SAME = 1e-6  # distance of shares up to which two equilibria are one
HISTORIES = {"only idle compute builds": "idle", "everybody builds with all it has": "upper"}


def answer(race: Race, stop: Limit | None = None) -> dict[str, Any]:
    """What is shown at once: the verdict, who builds, who closes in, how large leads are.

    Parameters
    ----------
    race : Race
    stop : callable, optional
        Says True when to stop.

    Returns
    -------
    dict
        ``headline`` and ``kind`` of the verdict; ``shown``, HTML by the part of the page;
        ``board``, the leaderboard that runs, or None.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> made = answer(Setting.of({"rungs": "3"}).race)
    >>> made["kind"], sorted(made["shown"])
    ('run', ['charts', 'facts', 'numbers'])
    """
    solution = lb.solve(race, Method(certify="regret"), limit=stop)
    if not solution.equilibria:
        status = solution.status
        told = f"{status.sentence} {status.message}; {status.advice}."
        return {"headline": told, "kind": None, "shown": {}, "board": None}
    return _shown(solution, 0, lb.verdict(solution, check_cap=False, limit=stop))


def _shown(solution: Solution, number: int, verdict: Verdict) -> dict[str, Any]:
    """What is shown of one equilibrium of a race."""
    one = solution.equilibria[number]
    leader, others = by_lead(solution, one)
    figures = {
        "Who builds": charts.builds(leader, others),
        "Who closes in": charts.pace(verdict),
        "How large leads are": charts.leads(verdict),
    }
    captions = {
        "Who builds": "Share of compute that builds rather than sells.",
        "Who closes in": "Pace ratio: above 1 leads grow, below 1 they close.",
        "How large leads are": "Share of time that play spends at each lead.",
    }
    drawn = "".join(
        f'<figure tabindex="0"><h3>{title}</h3>{picture}'
        f"<figcaption>{captions[title]}</figcaption></figure>"
        for title, picture in figures.items()
    )
    return {
        "headline": verdict.headline,
        "kind": verdict.kind,
        "shown": {
            "charts": drawn,
            "facts": _facts(verdict, one.regret),
            "numbers": fragment(page(solution, one, verdict), (verdict.headline,)),
        },
        "board": _board(solution, number, verdict),
    }


def _facts(verdict: Verdict, regret: float) -> str:
    """The few numbers that a person asks for first."""
    told = verdict.statistics
    rows = {
        "Mean lead": f"{number(told.mean_lead)} rungs",
        "Lead changes a year": rate(told.lead_changes_per_year),
        "Mean reign": f"{years(told.mean_reign)} years",
        "Half-life of a lead": f"{years(told.half_life)} years",
        "Compute that sells": percent(told.sold),
        "Largest regret": at_most(regret),
    }
    return "".join(
        f"<div><dt>{name}</dt><dd>{escaped('-' if value.startswith('-') else value)}</dd></div>"
        for name, value in rows.items()
    )


def _board(solution: Solution, number: int, verdict: Verdict) -> dict[str, Any] | None:
    """One simulated leaderboard: how far behind the frontier each lab is, date by date."""
    try:
        board = on_board(told_apart(solution.equilibria[number]))
    except RefusedError:  # it has too many leaderboards on which alike labs are told apart
        return None
    if not float(board.game.hazard(board.build).sum(axis=0).max()) <= BUSY:
        return None
    often = (verdict.statistics.advances_per_year or 0.0) >= SELDOM
    start = None if often else "tied"
    found = lb.leaderboards(
        solution, YEARS, 1, seed=SEED, start=start, every=EVERY, equilibrium=number
    )
    rungs = found.rung(0)
    behind = rungs.max(axis=1, keepdims=True) - rungs
    leading = np.where((behind == 0).sum(axis=1) == 1, behind.argmin(axis=1), -1)
    return {
        "labs": list(found.labs),
        "colours": [COLOURS[k % len(COLOURS)] for k in range(len(found.labs))],
        "times": [round(t, 4) for t in found.times.tolist()],
        "behind": behind.astype(int).tolist(),
        "strip": _strip(leading, found.labs),
    }


def _strip(leading: Array, labs: tuple[str, ...]) -> str:
    """Who led when, as a strip; with words for those who do not see it."""
    turns = [0, *(np.flatnonzero(np.diff(leading)) + 1).tolist(), len(leading)]
    parts, told = [], []
    for begin, end in pairwise(turns):
        lab = int(leading[begin])
        colour = COLOURS[lab % len(COLOURS)] if lab >= 0 else "var(--line)"
        who = labs[lab] if lab >= 0 else "a tie"
        dates = f"{begin * EVERY:.1f} to {end * EVERY:.1f} years"
        parts.append(
            f'<rect x="{begin}" width="{end - begin}" height="10" fill="{colour}">'
            f"<title>{escaped(who)}, {dates}</title></rect>"
        )
        told.append(f"{who} {dates}")
    words = escaped(f"Who leads alone: {'; '.join(told[:40])}.")
    return (
        f'<svg class="strip" viewBox="0 0 {len(leading)} 10" preserveAspectRatio="none" '
        f'role="img" aria-label="{words}">{"".join(parts)}</svg>'
    )


def equilibria(race: Race) -> dict[str, Any]:
    """Every equilibrium that is found, and which one a history picks.

    Returns
    -------
    dict
        ``shown``, in HTML; ``several``, a sentence if there is more than one; and then ``each``, of
        the first ones what `answer` gives of one, to be shown in its place.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> made = equilibria(Setting.of({"rungs": "2"}).race)
    >>> "history" in made["shown"], made["several"], made["each"]
    (True, '', [])
    """
    solution = lb.solve(race, all=True, limit=LONG)
    if not solution.equilibria:
        told = f"{solution.status.message}; {solution.status.advice}."
        return {"shown": f"<p>{escaped(told)}</p>", "several": "", "each": []}
    verdicts = [lb.verdict(solution, k, limit=LONG) for k in range(len(solution.equilibria))]
    picked = {told: _picked(race, solution, bound) for told, bound in HISTORIES.items()}
    heads = ("", "verdict", "mean lead", "lead changes a year", "value at the tie", "stable")
    rows = []
    for k, (one, verdict) in enumerate(zip(solution.equilibria, verdicts, strict=True)):
        facts = verdict.statistics
        value = one.value[: len(race.labs), 0]
        rows.append(
            (
                f"Equilibrium {k + 1}",
                _alone(verdict),
                number(facts.mean_lead),
                rate(facts.lead_changes_per_year),
                " / ".join(map(number, value.tolist())),
                STABLE[one.stable],
            )
        )
    said = [_history(told, spot) for told, spot in picked.items()]
    census = solution.census.message
    notes = [f"{census[:1].upper()}{census[1:]}."]
    if any(verdict.cap_sensitive for verdict in verdicts):
        notes.append(
            "With twice the rungs the verdict changes: it depends on the cap. Raise rungs."
        )
    every = headline(verdicts)
    shown = (
        f'<p class="strong">{escaped(every)}</p>'
        + grid(heads, rows, (False, False, True, True, True, False))
        + "".join(f"<p>{escaped(each)}</p>" for each in said)
        + "".join(f'<p class="quiet">{escaped(each)}</p>' for each in notes)
    )
    if len(verdicts) == 1:
        return {"shown": shown, "several": "", "each": []}
    each = [
        {**_shown(solution, k, verdict), "headline": _alone(verdict)}
        for k, verdict in enumerate(verdicts[:MOST])
    ]
    return {"shown": shown, "several": f"It is not the only one. {every}", "each": each}


def _alone(verdict: Verdict) -> str:
    return replace(verdict, rivals=()).headline


def _picked(race: Race, solution: Solution, bound: str) -> int | str:
    """Which equilibrium best replies lead to from a history, or why to none."""
    try:
        start = getattr(told_apart(solution.equilibria[0]).game, bound)
    except RefusedError as error:
        return str(error)
    found = lb.solve(race, select="from history", start=start, limit=LONG)
    if not found.equilibria:
        return found.status.message
    build = found.equilibria[0].build
    known = [told_apart(one).build for one in solution.equilibria]
    apart = [float(np.abs(one - build).max()) for one in known]
    spot = int(np.argmin(apart))
    return spot if apart[spot] <= SAME else "an equilibrium that is not in this list"


def _history(told: str, spot: int | str) -> str:
    if isinstance(spot, int):
        return f"A history in which {told} leads to equilibrium {spot + 1}, by best replies."
    return f"A history in which {told}: {spot}."


# --- to take away


def data(race: Race) -> str:
    """The answer as ``leaderbored race --one --json`` prints it.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> json.loads(data(Setting.of({"rungs": "2"}).race))["equilibria"][0]["verdict"]
    'run'
    """
    solution = lb.solve(race)
    verdicts = [lb.verdict(solution, k) for k in range(len(solution.equilibria))]
    return json.dumps(plainly(report(solution, verdicts)), ensure_ascii=False, allow_nan=False)


def table(race: Race) -> str:
    """The numbers of the charts as CSV, by lead.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> print(table(Setting.of({"rungs": "2"}).race).splitlines()[0])
    lead,share of time,leader builds,laggards build,pace ratio
    """
    solution = lb.solve(race, Method(certify="regret"))
    out = StringIO()
    written = csv.writer(out, lineterminator="\n")
    written.writerow(("lead", "share of time", "leader builds", "laggards build", "pace ratio"))
    if not solution.equilibria:
        return out.getvalue()
    verdict = lb.verdict(solution, check_cap=False)
    share, ratios = verdict.statistics.lead_distribution, verdict.pace_ratio
    for g, (ahead, behind) in enumerate(
        zip(*by_lead(solution, solution.equilibria[0]), strict=True)
    ):
        q = ratios[g - 1] if 0 < g <= len(ratios) else None
        cells = (share[g], float(ahead), float(behind), np.nan if q is None else q)
        written.writerow((g, *("" if np.isnan(c) else f"{c:.12g}" for c in cells)))
    return out.getvalue()


def figure(race: Race) -> bytes:
    """The figure of ``leaderbored race --figure``, as PNG; empty where there is no equilibrium.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> figure(Setting.of({"rungs": "2"}).race)[1:4]
    b'PNG'
    """
    from leaderbored.figures.race import race_figure

    solution = lb.solve(race)
    if not solution.equilibria:
        return b""
    return png(race_figure(solution, lb.verdict(solution, check_cap=False)))


def png(figure: Any) -> bytes:
    """A figure as PNG.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> png(Figure(figsize=(1, 1)))[1:4]
    b'PNG'
    """
    from leaderbored.figures.style import style

    drawn = BytesIO()
    with style():
        figure.savefig(drawn, format="png", metadata={"Software": None})
    return drawn.getvalue()
