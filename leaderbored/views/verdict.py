"""A verdict as a page: the headline and the statistics."""

from __future__ import annotations

from rich.console import RenderableType

from leaderbored.verdicts import Verdict
from leaderbored.views.numbers import number, percent, rate, years
from leaderbored.views.sheet import Cells, listing, sheet


def statistics(verdict: Verdict) -> Cells:
    """How it plays: lead, changes, reigns and half-life."""
    facts = verdict.statistics
    table = listing()

    def known(name: str) -> str:
        return "not checked" if name in facts.not_checked else number(getattr(facts, name))

    half_life = known("half_life") if facts.half_life is None else years(facts.half_life)
    rows = [
        ("mean lead", number(facts.mean_lead), "rungs, ties count zero"),
        ("lead changes", rate(facts.lead_changes_per_year), "a year"),
        ("mean reign", years(facts.mean_reign), "years"),
        ("half-life of a lead", half_life, _half_life_note(facts.median_lead)),
        ("repeat win", percent(facts.repeat_win), f"neutral {percent(facts.repeat_win_neutral)}"),
        ("leader still leads", known("autocorrelation"), "correlation a year later"),
        ("value of the lead", number(facts.value_of_lead), "over the others, at the median lead"),
        ("boredom", number(facts.boredom), "1 = rank is worth nothing, 0 = everything"),
        ("compute selling", percent(facts.sold), "of all compute, on average"),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _half_life_note(median: int | None) -> str:
    return f"years, from {median} rung{'s' * (median != 1)} ahead" if median else "years"


def verdict_page(found: Verdict) -> RenderableType:
    """The headline and the statistics."""
    return sheet("verdict", found.headline, statistics(found))
