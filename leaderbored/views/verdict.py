"""A verdict as a page: the headline and the statistics."""

from __future__ import annotations

from rich.console import RenderableType

from leaderbored.verdicts import Verdict
from leaderbored.verdicts.welfare import Welfare
from leaderbored.views.numbers import number, percent, rate, years
from leaderbored.views.sheet import Cells, listing, sheet

ROUNDING = 1e-9  # of a share that is none
NONE = "-"


def statistics(verdict: Verdict) -> Cells:
    """How it plays: lead, changes, reigns and half-life; what is not defined in one row."""
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
        ("boredom", rate(facts.boredom), "1: value does not depend on rank, 0: on nothing else"),
        ("compute selling", percent(facts.sold), "of all compute, on average"),
    ]
    for row in rows:
        if row[1] != NONE:
            table.add_row(*row)
    undefined = [row[0] for row in rows if row[1] == NONE]
    if undefined:
        table.add_row("not defined", NONE, ", ".join(undefined))
    return table


def gains(worth: Welfare) -> Cells:
    """What it is worth to labs and customers, by the year and from a tie on."""
    table, present = listing(), worth.present
    table.add_row("frontier advances", rate(worth.advances), "a year")
    if worth.served is not None:
        table.add_row("customers served", percent(worth.served), "of all, on average")
    told = f"a year together; {number(present.profits[0])} from a tie on, discounted"
    table.add_row("labs earn", number(worth.profits), told)
    told = f"not defined: {worth.undefined}"
    if worth.surplus is not None:
        more = f"and {number(worth.progress)} more each year"
        told = f"a year over going without, {more}; {number(present.surplus[0])} from a tie on"
    table.add_row("customers gain", number(worth.surplus), told)
    if worth.dissipation is not None:
        told = "of what labs would earn if none built; negative, as building keeps prices up"
        lost = worth.dissipation if abs(worth.dissipation) > ROUNDING else 0.0
        told = told if lost < 0 else told.partition(";")[0]
        table.add_row("rents dissipated", percent(lost), told)
    return table


def _half_life_note(median: int | None) -> str:
    return f"years, from {median} rung{'s' * (median != 1)} ahead" if median else "years"


def verdict_page(found: Verdict) -> RenderableType:
    """The headline and the statistics."""
    return sheet("verdict", found.headline, statistics(found))
