"""``leaderbored catalogue --check``: what was published beside what is computed, game by game."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from leaderbored.cli.console import FAILED, OK, Bar
from leaderbored.cli.output import Pages
from leaderbored.games.catalogue import Entry

MOST_SECONDS = 120.0  # of one game
WORST = 1e-6  # regret of what is called an equilibrium, where a game says nothing else


def checked(entries: Sequence[Entry], to: Pages) -> int:
    """Solve games and compare; zero if all numbers are found again, and no regret is too large."""
    found, bar = list[dict[str, Any]](), Bar()
    for entry in entries:
        bar.show("games", len(found), 1 - len(found) / len(entries))
        found.append(_checked(entry))
    bar.stop()
    good = all(one["agrees"] for one in found)
    from leaderbored.views.catalogue import checked_page

    return OK if to.say(lambda: {"games": found}, checked_page(found)) and good else FAILED


def _checked(entry: Entry) -> dict[str, Any]:
    """One game: its numbers side by side, its worst regret, the most allowed, how it ended."""
    from dataclasses import asdict

    import leaderbored as lb
    from leaderbored.games.formats.gamefile import load
    from leaderbored.solvers.published import compared

    game: Any = load(entry.name)
    known = entry.source.published.equilibria if entry.source else None
    every = known is not None or entry.kind not in ("race", "markov")
    for all_of_them in (every, True):  # what was published may be another than the first one found
        solution: Any = lb.solve(game, all=all_of_them, limit=MOST_SECONDS)
        rows = compared(solution, entry.source.published) if entry.source else []
        if every or all(row.agrees for row in rows):
            break
    regrets = [float(getattr(one, "regret", 0.0)) for one in solution.equilibria]
    worst = max(WORST, entry.source.published.within) if entry.source else WORST
    agrees = bool(regrets) and max(regrets) <= worst and all(row.agrees for row in rows)
    return {
        "name": entry.name,
        "complete": solution.complete,
        "status": solution.status.code,
        "equilibria": solution.count,
        "regret": max(regrets, default=None),
        "most_regret": worst,
        "seconds": round(solution.seconds, 2),
        "numbers": [asdict(row) for row in rows],
        "agrees": agrees,
    }
