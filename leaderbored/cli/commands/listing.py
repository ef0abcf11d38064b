"""``leaderbored solve GAME --list FILE``: every equilibrium of a directional game, a line each."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import Any

from leaderbored.cli.options import wrong
from leaderbored.text import at_most


def listed_to(game: Any, path: Path, limit: float | None) -> int:
    """Write every equilibrium to a file of JSON lines, and say how many there are.

    Raises
    ------
    GameFileError
        If the file is there already, or the game has no such list.
    """
    from leaderbored.games.record import RefusedError
    from leaderbored.games.stochastic import MarkovGame
    from leaderbored.solvers.budget import Budget

    if not isinstance(game, MarkovGame):
        raise wrong("solve", "--list", str(path), "expected with a Markov game of one's own only")
    if path.exists():
        raise wrong("solve", "--list", str(path), "is there already; expected a new file")
    try:
        with Budget(limit).running():
            count, worst, done = _written(game, path)
    except RefusedError as error:
        raise wrong("solve", "--list", str(path), str(error).removeprefix("list: ")) from None
    print(f"{count:,} Markov-perfect equilibria, one a line: {path}")
    print(f"regret at most {at_most(worst)}, of each from its gains by another action now alone")
    if not done:
        print("stopped: there are others; raise the limit")
    return 0 if done else 3


def _written(game: Any, path: Path) -> tuple[int, float, bool]:
    """The number of equilibria written, the largest regret, and whether these are all."""
    from leaderbored.solvers.budget import StoppedError
    from leaderbored.solvers.stochastic.listing import each_equilibrium

    count, worst, every = 0, 0.0, each_equilibrium(game)
    first = next(every, None)  # what is refused leaves no file
    head = {"states": {"names": game.labels, "values": game.grid.tolist()}}
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(head) + "\n")
        try:
            for one in chain([] if first is None else [first], every):
                line = {
                    "policy": {who: law.tolist() for who, law in one.policy.items()},
                    "value": {who: worth.tolist() for who, worth in one.value.items()},
                    "regret": one.regret,
                }
                file.write(json.dumps(line) + "\n")
                count, worst = count + 1, max(worst, one.regret)
        except StoppedError:
            return count, worst, False
    return count, worst, True
