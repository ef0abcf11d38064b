"""The table of kinds as a page of the documentation: what may be asked of which game."""

from __future__ import annotations

from collections.abc import Sequence

from leaderbored.kinds.records import VERBS, Kind
from leaderbored.kinds.table import TABLE


def matrix(kinds: Sequence[Kind] = TABLE) -> str:
    """Kinds by verbs in Markdown, and below what is said where there is no answer.

    Parameters
    ----------
    kinds : sequence of Kind, optional
        By default those of the package itself.

    Returns
    -------
    str

    Examples
    --------
    >>> print(matrix().splitlines()[2].replace(" ", ""))
    |`solve`|yes|yes|yes|yes|yes|yes|yes|yes|yes|yes|yes|yes|
    """
    heads = ["", *(kind.name for kind in kinds)]
    rows = [[f"`{verb}`", *(_cell(kind, verb) for kind in kinds)] for verb in VERBS]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * width for width in widths], *rows]
    shown = ("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)
    return "\n".join([*shown, "", *_sentences(kinds)])


def _cell(kind: Kind, verb: str) -> str:
    if not kind.answers(verb):
        return "no"
    apart = [one for one in kind.limits if verb in one.verbs]
    return "some" if apart or (verb == "figure" and kind.has("drawable")) else "yes"


def _sentences(kinds: Sequence[Kind]) -> list[str]:
    """What is said, each once, with the verbs of which it is said."""
    said: dict[str, list[str]] = {}
    for kind in kinds:
        for one in kind.limits:
            names = " or ".join(one.names) or "such mechanisms"
            words = f"of some games of kind {kind.name}: {one.refusal.format(names=names)}"
            said.setdefault(words, []).extend(one.verbs)
    for verb in VERBS.values():
        for kind in kinds:
            words = kind.refusal(verb.name)
            words = "no option of such a game" if words and verb.needs == "options" else words
            if words and verb.name not in said.setdefault(f"elsewhere: {words}", []):
                said[f"elsewhere: {words}"].append(verb.name)
    return [f"- {', '.join(f'`{v}`' for v in verbs)}, {words}" for words, verbs in said.items()]
