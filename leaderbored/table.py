"""A solved race as a page in the terminal."""

from __future__ import annotations

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leaderbored.race import Race
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.verdicts import Verdict
from leaderbored.verdicts.profile import by_lab, by_lead


def page(solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> RenderableType:
    """The headline, the statistics with units, the certificate, and who builds when.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=2)
    >>> solution = lb.solve(race)
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(page(solution, solution.equilibria[0], lb.verdict(solution)))
    >>> "It is a run" in shown.get()
    True
    """
    race = solution.game
    assert isinstance(race, Race)
    lines: list[RenderableType] = [Text(race.name or "race", style="dim")]
    lines.append(Text(verdict.headline, style="bold"))
    if verdict.cap_sensitive:
        warning = "With twice the rungs the verdict changes: it depends on the cap. Raise rungs."
        lines.append(Text(warning, style="yellow"))
    if equilibrium.indifferent:
        lines.append(Text(_indifference(race, equilibrium.indifferent), style="yellow"))
    lines += [Text(), _statistics(verdict), Text()]
    lines += [_labs(race, solution, equilibrium, verdict), Text()]
    lines += [_leads(race, solution, equilibrium, verdict), Text()]
    lines.append(Text(_certificate(solution, equilibrium, verdict), style="dim"))
    return Padding(Group(*lines), (1, 2))


def _indifference(race: Race, count: int) -> str:
    why = "a linear hazard" if race.technology.returns == 1 else "a gain of zero"
    return (
        f"Not unique: {why} leaves {count} best replies open, "
        "and other equilibria nearby may differ in them."
    )


def _statistics(verdict: Verdict) -> Table:
    facts = verdict.statistics
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(style="dim")
    rows = [
        ("mean lead", _number(facts.mean_lead), "rungs, ties count zero"),
        ("lead changes", _number(facts.lead_changes_per_year), "a year"),
        ("mean reign", _number(facts.mean_reign), "years"),
        ("half-life of a lead", _number(facts.half_life), _half_life_note(facts.median_lead)),
        ("repeat win", _percent(facts.repeat_win), f"neutral {_percent(facts.repeat_win_neutral)}"),
        ("leader still leads", _number(facts.autocorrelation), "correlation a year later"),
        ("value of the lead", _number(facts.value_of_lead), "over the others, at the median lead"),
        ("boredom", _number(facts.boredom), "1 = rank is worth nothing, 0 = everything"),
        ("compute selling", _percent(facts.sold), "of all compute, on average"),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _half_life_note(median: int | None) -> str:
    return f"years, from {median} rung{'s' * (median != 1)} ahead" if median else "years"


def _labs(race: Race, solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0), show_edge=False)
    for name, justify in (("lab", "left"), ("compute", "right"), ("leads", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for name in ("builds ahead", "tied", "behind", "value"):
        table.add_column(name, justify="right")
    profile = by_lab(solution, equilibrium)
    for lab, row in zip(race.labs, profile, strict=True):
        share = lab.compute / float(race.compute.sum())
        time = verdict.statistics.time_in_lead[lab.name]
        builds = (_percent(x) for x in (row.ahead, row.tied, row.behind))
        table.add_row(lab.name, _percent(share), _percent(time), *builds, _number(row.value))
    return table


def _leads(race: Race, solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 2, 0, 0), show_edge=False)
    for name in ("lead", "time", "leader builds", "others build", "pace ratio"):
        table.add_column(name, justify="right")
    leader, others = by_lead(solution, equilibrium)
    time = verdict.statistics.lead_distribution
    pace = (None, *verdict.pace_ratio, None)
    for g in range(race.rungs + 1):
        table.add_row(
            str(g), _percent(time[g]), _percent(leader[g]), _percent(others[g]), _number(pace[g])
        )
    return table


def _certificate(solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> str:
    stable = {True: "stable", False: "unstable", None: "stability unknown"}[equilibrium.stable]
    cap = {
        True: "moves with the cap",
        False: "holds with twice the rungs",
        None: "not compared with twice the rungs",
    }[verdict.cap_sensitive]
    return (
        f"regret {equilibrium.regret:.0e}, residual {equilibrium.residual:.0e}, {stable} under "
        f"best response; verdict {cap}; {equilibrium.method}, {len(solution.markov.states):,} "
        f"states, {solution.seconds:.1f} s, game {solution.digest}"
    )


def _number(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _percent(value: float | None) -> str:
    if value is None or not np.isfinite(value):
        return "-"
    if 0 < value < 5e-5:
        return "<0.01%"
    return f"{value:.1%}" if value >= 0.0995 or value == 0 else f"{value:.2%}"
