"""``leaderbored reproduce`` and ``leaderbored derive``: the theory in the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.validation import unknown
from leaderbored.theory import ids


def known(names: Sequence[str], command: str) -> tuple[str, ...]:
    """The results asked for, in order; all of them for none.

    Raises
    ------
    GameFileError
        Naming every id that is unknown, and those that are known.

    Examples
    --------
    >>> known(["r7"], "derive")
    ('R7',)
    """
    spelled = {id.upper(): id for id in ids()}
    wanted = [spelled.get(name.upper(), name) for name in names]
    wrong = [name for name, id in zip(names, wanted, strict=True) if id not in ids()]
    if wrong:
        mistakes = [Mistake("result", repr(n), unknown("result", n.upper(), ids())) for n in wrong]
        raise GameFileError(command, mistakes)
    return tuple(id for id in ids() if id in wanted or not wanted)
