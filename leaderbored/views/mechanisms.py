"""What mechanisms do, and what each adds to a race, as pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from leaderbored.text import at_most
from leaderbored.verdicts import NOUNS
from leaderbored.verdicts.effects import Effects
from leaderbored.verdicts.lease_market import LeaseMarket
from leaderbored.verdicts.rents import flows, long_run, sentence
from leaderbored.verdicts.scarcity_path import ScarcityPath
from leaderbored.views.numbers import number, percent, rate
from leaderbored.views.sheet import columns, listing, sheet

if TYPE_CHECKING:
    from leaderbored.motion.whiplash import Whiplash

FEW = 0.002  # of the time: rows that are left out


def effects_page(effects: Effects) -> RenderableType:
    """What each mechanism does to the verdict."""
    table = columns(
        "mechanism", "without", "with", "changes a year\nwithout", "changes a year\nwith"
    )
    for effect in effects:
        rates = (effect.changes_before, effect.changes_after)
        table.add_row(
            effect.mechanism, effect.before or "-", effect.after or "-", *map(rate, rates)
        )
    lines = [Text(effect.sentence) for effect in effects]
    headline = "What each mechanism does" if effects else "No mechanism is on"
    return sheet("mechanisms", headline, Group(*lines), table)


def scarcity_page(path: ScarcityPath) -> RenderableType:
    """The verdict along the path, and when it changes."""
    table = columns("verdict", "from\nyear", "scarcity\nthen")
    for date, kind in ((0.0, path.kinds[0]), *path.changes):
        psi = float(np.interp(date, path.years, path.scarcity))
        table.add_row(NOUNS[kind], f"{date:.2f}", f"{psi:.3g}")
    about = f"regret {at_most(path.regret)} at any date, {len(path.years) - 1:,} steps"
    return sheet("a path of scarcity", path.sentence, table, Text(about, style="dim"))


def whiplash_page(found: Whiplash) -> RenderableType:
    """Whether the lead dies out or swings, and the boundary between."""
    table = listing()
    rows: list[tuple[str, float | None, str]] = [
        ("delay", found.delay, "years"),
        ("boundary", found.boundary or None, "years; leads die out up to this delay"),
        ("period", found.period, "years, of the swings"),
        ("period at the boundary", found.onset_period, "years"),
        ("amplitude", round(found.amplitude, 12), "rungs, in the last quarter"),
        ("growth", found.growth, "a year; negative: the swings die out"),
    ]
    if found.read is not None:
        rows += [
            ("answer of play", found.read.answer, "a year, to a lead of one rung"),
            ("growth of itself", found.read.growth, "a year, by technology"),
            ("fastest closing", found.read.limit, "rungs a year"),
        ]
    for name, amount, about in rows:
        table.add_row(name, number(amount), about)
    return sheet("a lead that is answered late", found.sentence, table)


def delay_page(found: Sequence[Whiplash]) -> RenderableType:
    """What a delay of training does to leads, by an assumed rule, at each equilibrium."""
    if len(found) == 1:
        return whiplash_page(found[0])
    lines = [Text(f"{k}: {one.sentence}") for k, one in enumerate(found, 1)]
    return sheet("a lead that is answered late", "At each equilibrium:", Group(*lines))


def lease_page(market: LeaseMarket) -> RenderableType:
    """The rent at each lead, and who rents how much to whom."""
    weight, lead = long_run(market)
    by_lead = columns("lead", "time", "rent", "rented\nunits")
    volume = market.rented.sum(axis=(0, 1))[: len(weight)]
    for g in range(int(lead.max()) + 1):
        here = np.where(lead == g, weight, 0)
        time = float(here.sum())
        if time >= FEW:
            rent, rented = (float(here @ x[: len(here)]) / time for x in (market.rent, volume))
            by_lead.add_row(str(g), percent(time), number(rent), number(rented))
    trades = columns("who rents to whom", "units on\naverage")
    for landlord, tenant, units in flows(market, weight):
        trades.add_row(f"{landlord} to {tenant}", number(units))
    return sheet("market for compute", sentence(market), by_lead, trades)
