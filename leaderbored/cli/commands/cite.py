"""``leaderbored cite``: what to cite."""

from __future__ import annotations

import re
from typing import Annotated

from cyclopts import Parameter

from leaderbored.cli.console import done


def cite(
    *names: Annotated[
        str,
        Parameter(
            help="Game files, names of the catalogue, or results of the theory such as R6.",
            metavar="NAME",
        ),
    ],
) -> int:
    """Print what to cite in BibTeX: this program, and the sources of games and of results."""
    from leaderbored.cli.theory import known
    from leaderbored.games.formats.gamefile import load
    from leaderbored.views.citations import citations

    results = [name for name in names if re.fullmatch(r"[rR]\d+[a-z]?", name)]
    games = [load(name) for name in names if name not in results]
    return done("\n\n".join(citations(games, known(results, "cite") if results else ())))
