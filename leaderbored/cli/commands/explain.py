"""``leaderbored explain``: what would be done, before any of it is."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import FAILED, OK, say_json, say_page
from leaderbored.cli.options import AsJson, Changes


def explain(
    game: Annotated[str, Parameter(help="Game file, or a name of the catalogue.")],
    /,
    *,
    set: Changes = None,
    json: AsJson = False,
) -> int:
    """Say how a game would be solved: what it becomes, where, by which method, what it answers."""
    import leaderbored as lb
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load

    found = lb.explain(load(find(game), set or ()))
    return OK if (say_json(found.data()) if json else say_page(found)) else FAILED
