"""Solutions, verdicts, effects and the results of mechanisms as pages; see also `table`."""

from __future__ import annotations

from importlib import import_module

import numpy as np
from rich.console import Group, RenderableType
from rich.text import Text

from leaderbored.motion.whiplash import Whiplash
from leaderbored.race import Race
from leaderbored.solvers import Equilibrium, Solution
from leaderbored.verdicts import NOUNS, Verdict, verdict
from leaderbored.verdicts.effects import Effects
from leaderbored.verdicts.lease_market import LeaseMarket
from leaderbored.verdicts.rents import flows, long_run, sentence
from leaderbored.verdicts.scarcity_path import ScarcityPath
from leaderbored.views.race import _number, _rate, _statistics, page, page_of_all
from leaderbored.views.sheet import columns, listing, sheet

HOMES = {"linear-quadratic": "linear_quadratic", "markov": "markov"}  # of pages, by kind of game
FEW = 0.002  # of the time: rows that are left out


def solution_page(solution: Solution) -> RenderableType:
    """A solved game of any kind; of a race without the comparison with twice the rungs.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> console = Console(width=100)
    >>> with console.capture() as shown:
    ...     console.print(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2)))
    >>> "equilibria" in shown.get()
    True
    """
    if not solution.equilibria:
        status = solution.status
        return sheet(status.code, status.message, Text(status.advice, style="dim"))
    if isinstance(solution.game, Race):
        count = range(len(solution.equilibria))
        verdicts = [verdict(solution, k, check_cap=False) for k in count]
        if len(verdicts) > 1:
            return page_of_all(solution, verdicts, ())
        return page(solution, solution.equilibria[0], verdicts[0])
    if isinstance(solution.equilibria[0], Equilibrium):
        return arrays_page(solution)
    home = HOMES.get(solution.game.kind, "static")
    shown: RenderableType = getattr(import_module(f"leaderbored.views.{home}"), f"{home}_page")(
        solution
    )
    return shown


def arrays_page(solution: Solution) -> RenderableType:
    """An equilibrium without a verdict: values and shares in the first state."""
    game = solution.markov
    table = columns("player", "value\nat first", "builds\nat first", "builds\non average")
    first = solution.equilibria[0]
    for name, value, build in zip(game.players, first.value, first.build, strict=True):
        table.add_row(name, _number(value[0]), f"{build[0]:.1%}", f"{build.mean():.1%}")
    about = f"regret {first.regret:.0e}, {len(game.states):,} states{solution.fingerprint}"
    return sheet("Markov game", f"{solution.status.message}.", table, Text(about, style="dim"))


def verdict_page(found: Verdict) -> RenderableType:
    """The headline and the statistics."""
    return sheet("verdict", found.headline, _statistics(found))


def effects_page(effects: Effects) -> RenderableType:
    """What each mechanism does to the verdict."""
    table = columns(
        "mechanism", "without", "with", "changes a year\nwithout", "changes a year\nwith"
    )
    for effect in effects:
        rates = (effect.changes_before, effect.changes_after)
        table.add_row(
            effect.mechanism, effect.before or "-", effect.after or "-", *map(_rate, rates)
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
    about = f"regret {path.regret:.0e} at any date, {len(path.years) - 1:,} steps"
    return sheet("a path of scarcity", path.sentence, table, Text(about, style="dim"))


def whiplash_page(found: Whiplash) -> RenderableType:
    """Whether the lead dies out or swings, and the boundary between."""
    table = listing()
    rows = (
        ("delay", found.delay, "years"),
        ("boundary", found.boundary, "years; leads die out up to this delay"),
        ("period", found.period, "years, of the swings"),
        ("period at the boundary", found.onset_period, "years"),
        ("amplitude", found.amplitude, "rungs, in the last quarter"),
        ("growth", found.growth, "a year; negative: the swings die out"),
    )
    for name, number, about in rows:
        table.add_row(name, _number(number), about)
    return sheet("a lead that is answered late", found.sentence, table)


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
            by_lead.add_row(str(g), f"{time:.1%}", _number(rent), _number(rented))
    trades = columns("who rents to whom", "units on\naverage")
    for landlord, tenant, units in flows(market, weight):
        trades.add_row(f"{landlord} to {tenant}", _number(units))
    return sheet("market for compute", sentence(market), by_lead, trades)
