"""A solved race as a page in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from leaderbored.games.markov import Markov
from leaderbored.race import Race
from leaderbored.race.alike import Ordered
from leaderbored.solvers import Basin, Equilibrium, Solution
from leaderbored.solvers.budget import LATE
from leaderbored.text import at_most
from leaderbored.text import percent as coarsely
from leaderbored.theory.conditions import self_limits
from leaderbored.verdicts import Verdict, headline
from leaderbored.verdicts.computers import computers
from leaderbored.verdicts.effects import Effect
from leaderbored.verdicts.money import by_money
from leaderbored.verdicts.profile import by_lab, by_lead, persuading
from leaderbored.verdicts.welfare import Welfare
from leaderbored.verdicts.words import place
from leaderbored.views.numbers import (
    PAGE,
    STABLE,
    each,
    left_out,
    number,
    percent,
    rate,
    some,
    years,
)
from leaderbored.views.sheet import Cells, blank, first_rows
from leaderbored.views.verdict import gains, statistics

UNVISITED = (
    "Pace ratios in brackets are off the path of play: in the long run, play that starts at a tie "
    "spends no time at these leads, and they do not count for the verdict."
)
FAST = 1_000  # times as fast as chasers, of a leader: beyond only so much is said
UNCOUNTED = (
    "Leads of {} rungs, next to the cap, do not count for the verdict: at the cap no lead grows."
)
ONLY_CAPPED = (
    "The verdict rests on leads next to the cap alone, where a leader has little reason to build. "
    "Raise rungs."
)
RESTING = (
    "In some of these, play from a tie spends no time at some leads in the long run: what is said "
    "of such a lead is an average over states that are not visited."
)
LUMPED = (
    "Alike labs are not told apart: the {:,} states are multisets, which say how many of them are "
    "on each rung, and stand for {:,.0f} leaderboards."
)
COMPARED = "The first equilibrium, compared with one without the mechanism:"


def page(
    solution: Solution,
    equilibrium: Equilibrium,
    verdict: Verdict,
    effects: Sequence[Effect] = (),
    *,
    worth: Welfare | None = None,
) -> RenderableType:
    """The headline, what mechanisms do to it, statistics, certificate, and who builds when.

    And what it is worth to labs and customers, if that is given.

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
    race: Race = solution.game
    lines: list[RenderableType] = [Text(race.name or "race", style="dim")]
    lines.append(Text(verdict.headline, style="bold"))
    if verdict.cap_sensitive:
        warning = "With twice the rungs the verdict changes: it depends on the cap. Raise rungs."
        lines.append(Text(warning, style="yellow"))
    if several := equilibrium.left_open:
        lines.append(Text(_indifference(race, several), style="yellow"))
    lines += [Text(effect.sentence) for effect in effects]
    if "hype" in race.mechanisms.on:
        share = persuading(solution, equilibrium)
        lines.append(
            Text(f"Persuading customers takes {percent(share)} of all compute on average.")
        )
    if "accumulate" in race.mechanisms.on:
        lines.append(Text(computers(solution, solution.equilibria.index(equilibrium)).sentence))
    if (money := by_money(equilibrium)) is not None:
        lines.append(Text(money.sentence))
    lines += [Text(), statistics(verdict), Text()]
    if worth is not None:
        lines += [gains(worth), Text()]
    lines += [Text(self_limits(race).sentence, style="dim"), Text()]
    lines += [_labs(race, solution, equilibrium, verdict), Text()]
    leads = partial(_leads, race, solution, equilibrium, verdict)
    lines += [first_rows(PAGE, leads), Text()]
    lines += [Text(note, style="dim") for note in left_out(race.rungs)]
    if len(verdict.ends) > 1 or verdict.ends[0].static:
        lines += [_ends(verdict), Text()]
    lines += [Text(note, style="dim") for note in _voting(race, verdict)]
    lines += [Text(note, style="dim") for note in lumped(solution.markov)]
    lines.append(Text(_certificate(solution, equilibrium, verdict), style="dim"))
    if solution.census.engines:
        lines.append(Text(_searched(solution), style="dim"))
    else:
        message = solution.census.message
        lines.append(Text(f"{message[:1].upper()}{message[1:]}.", style="dim"))
    return Padding(Group(*lines), (1, 2))


def page_of_all(
    solution: Solution,
    verdicts: Sequence[Verdict],
    basins: Sequence[Basin],
    effects: Sequence[Effect] = (),
    *,
    worths: Sequence[Welfare] = (),
) -> RenderableType:
    """Several equilibria: the headline, one row each, and what the search is worth.

    Parameters
    ----------
    solution : Solution
    verdicts : sequence of Verdict
    basins : sequence of Basin
        As returned by :func:`leaderbored.basin`; empty to leave them out.
    effects : sequence of Effect, optional
        As returned by :func:`leaderbored.effects`, of the first equilibrium.
    worths : sequence of Welfare, optional
        As returned by :func:`leaderbored.welfare`, one for each equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from rich.console import Console
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.8]),
    ...                lb.Technology(1, 0.8, leapfrog=1), discount=0.1, rungs=2)
    >>> solution = lb.solve(race, all=True)
    >>> verdicts = [lb.verdict(solution, k, check_cap=False) for k in range(3)]
    >>> console = Console(width=120)
    >>> with console.capture() as shown:
    ...     console.print(page_of_all(solution, verdicts, lb.basin(solution, samples=5)))
    >>> "expectations decide" in shown.get()
    True
    """
    race: Race = solution.game
    table = blank(1)
    table.add_column("verdict", no_wrap=True)
    for name in (
        "changes\na year",
        "lead\nrungs",
        "value\nat a tie",
        "builds\nat a tie",
        *_columns(worths),
        *(["basin"] if basins else []),
        "stable",
        "proved\nwithin",
    ):
        table.add_column(name, justify="right", no_wrap=True)
    known = [[f"{coarsely(basin.share, 2)} ± {basin.error:.0%}"] for basin in basins[:-1]]
    nothing: list[list[str]] = [[]] * len(verdicts)
    gained = [_gained(one) for one in worths] or nothing
    rows = zip(solution.equilibria, verdicts, gained, known or nothing, strict=True)
    for equilibrium, verdict, gain, basin in rows:
        facts, proof, late = verdict.statistics, equilibrium.proof, equilibrium.not_checked
        proved = at_most(proof.radius) if proof and proof.radius is not None else "-"
        table.add_row(
            verdict.kind or "-",
            rate(facts.lead_changes_per_year),
            number(facts.mean_lead),
            each(equilibrium.value[: len(race.labs), 0], number),
            each(equilibrium.build[: len(race.labs), 0], percent),
            *gain,
            *basin,
            "not checked" if "stability" in late else STABLE[equilibrium.stable],
            "not checked" if "proof" in late else proved,
        )
    about = "Basin: share of random initial policies from which best replies lead there."
    if basins and basins[-1].share > 0:
        about += f" From {coarsely(basins[-1].share, 2)} they lead to none of these."
    lines: list[RenderableType] = [
        Text(race.name or "race", style="dim"),
        Text(headline(verdicts), style="bold"),
        Text(),
        table,
        *([Text(), Text(COMPARED, style="dim")] if effects else []),
        *(Text(effect.sentence) for effect in effects),
        Text(),
        *([Text(about, style="dim")] if basins else []),
        *([Text(RESTING, style="dim")] if any(verdict.unvisited for verdict in verdicts) else []),
        *(Text(note, style="dim") for note in lumped(solution.markov)),
        Text(_searched(solution), style="dim"),
    ]
    return Padding(Group(*lines), (1, 2))


def _columns(worths: Sequence[Welfare]) -> list[str]:
    """What is said of what equilibria are worth, as far as it is defined."""
    if not worths:
        return []
    return ["advances\na year", *(["customers\ngain"] if worths[0].surplus is not None else [])]


def _gained(worth: Welfare) -> list[str]:
    customers = [number(worth.present.surplus[0])] if worth.surplus is not None else []
    return [rate(worth.advances), *customers]


def _indifference(race: Race, count: int) -> str:
    why = "a linear hazard" if race.technology.returns == 1 else "a gain of zero"
    return (
        f"Not unique: {why} leaves {count} best {'reply' if count == 1 else 'replies'} open, "
        f"and other equilibria nearby may differ in {'it' if count == 1 else 'them'}."
    )


def _labs(race: Race, solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> Cells:
    table = blank()
    for name, justify in (("lab", "left"), ("compute", "right"), ("leads", "right")):
        table.add_column(name, justify=justify)
    for name in ("builds ahead", "tied", "behind", "mean value"):
        table.add_column(name, justify="right")
    profile = by_lab(solution, equilibrium)
    for lab, row in zip(race.labs, profile, strict=True):
        share = lab.compute / float(race.compute.sum())
        time = verdict.statistics.time_in_lead[lab.name]
        builds = (percent(x) for x in (row.ahead, row.tied, row.behind))
        table.add_row(lab.name, percent(share), percent(time), *builds, number(row.value))
    return table


def _leads(
    race: Race,
    solution: Solution,
    equilibrium: Equilibrium,
    verdict: Verdict,
    most: int | None,
) -> Cells:
    table = blank()
    for name in ("lead", "time", "leader builds", "others build", "pace ratio"):
        table.add_column(name, justify="right")
    leader, others = by_lead(solution, equilibrium)
    time = verdict.statistics.lead_distribution
    for g in some(race.rungs, most):
        pace = _pace(verdict, g)
        table.add_row(str(g), percent(time[g]), percent(leader[g]), percent(others[g]), pace)
    return table


def _ends(verdict: Verdict) -> Cells:
    """Where play from a tie ends, each with its own verdict."""
    table = blank()
    table.add_column("play ends", justify="left")
    for name in ("chance", "after years", "lead", "changes a year"):
        table.add_column(name, justify="right")
    for end in verdict.ends:
        table.add_row(
            place(end),
            percent(end.chance),
            years(end.years),
            number(end.mean_lead),
            rate(end.lead_changes_per_year),
        )
    return table


def _voting(race: Race, verdict: Verdict) -> Iterator[str]:
    """Which leads do not count for the verdict."""
    if verdict.unvisited:
        yield UNVISITED
    quiet, confirmed = {*verdict.unvisited, *verdict.votes}, verdict.cap_sensitive is False
    capped = [str(g) for g in range(1, race.rungs) if g not in quiet]
    if verdict.votes and capped:
        yield UNCOUNTED.format(" and ".join(capped))
    elif verdict.votes and min(verdict.votes) >= race.rungs - 2 and not confirmed:
        yield ONLY_CAPPED


def lumped(game: Markov) -> Iterator[str]:
    """What states are where alike labs are not told apart.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab(name, 1) for name in "ABC"], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=1)
    >>> [*lumped(race.markov())]
    []
    """
    if isinstance(game, Ordered):
        yield LUMPED.format(len(game.states), game.alike.copies.sum())


def _pace(verdict: Verdict, lead: int) -> str:
    """The pace ratio at a lead; in brackets where play spends no time there."""
    if not 0 < lead <= len(verdict.pace_ratio):
        return "-"
    ratio = verdict.pace_ratio[lead - 1]
    word = "only the leader" if verdict.moves[lead - 1] == "grows" else "nobody moves"
    text = word if ratio is None else number(ratio) if ratio <= FAST else f"over {FAST:,}"
    return f"({text})" if lead in verdict.unvisited else text


def _certificate(solution: Solution, equilibrium: Equilibrium, verdict: Verdict) -> str:
    cap = {
        True: "changes with the cap",
        False: "holds with twice the rungs",
        None: f"{_unmade(verdict.cap_note, 'compared')} with twice the rungs: {verdict.cap_note}",
    }[verdict.cap_sensitive]
    proof, known = equilibrium.proof, not np.isnan(equilibrium.regret)
    regret = f"regret {at_most(equilibrium.regret)}" if known else "regret not checked"
    proved = (
        f"proved within {at_most(proof.radius)}, " if proof and proof.radius is not None else ""
    )
    if "proof" in equilibrium.not_checked:
        proved = f"proof not checked: {LATE}; "
    return (
        f"{proved}{regret}, residual {at_most(equilibrium.residual)}, {_stability(equilibrium)}; "
        f"verdict {cap}; {equilibrium.method}, "
        f"{len(solution.markov.states):,} states, {solution.seconds:.1f} s{solution.fingerprint}"
    )


def _stability(equilibrium: Equilibrium) -> str:
    """Whether it is stable, or why that is not known."""
    note = equilibrium.stability_note
    if equilibrium.stable is None:
        return f"stability under best response {_unmade(note, 'known')}: {note}"
    return f"{'stable' if equilibrium.stable else 'unstable'} under best response"


def _unmade(note: str, verb: str) -> str:
    """What was not done with something: only what ran out of its budget is "not checked"."""
    return "not checked" if note == LATE else f"not {verb}"


def _searched(solution: Solution) -> str:
    census = solution.census
    engines = ", ".join(f"{name} {count}" for name, count in census.engines.items())
    worst = max(equilibrium.regret for equilibrium in solution.equilibria)
    regret = f"regret at most {at_most(worst)}" if not np.isnan(worst) else "regret not checked"
    return (
        f"{census.complete}: {census.message}; found by {engines}; {regret}, "
        f"{len(solution.markov.states):,} states, {solution.seconds:.1f} s{solution.fingerprint}"
    )
