"""What to cite: the program, methods of a game, where it was published, sources of results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from leaderbored import __version__
from leaderbored.games.source import entry, published_in
from leaderbored.kinds import kind_of

PROGRAM = {
    "author": "{The leaderbored developers}",
    "title": "leaderbored: equilibria of labs that build or sell",
    "version": __version__,
    "year": "2026",
}
PAPER = {
    "author": "{The leaderbored developers}",
    "title": "Race or run? When leads in a race for compute limit themselves",
    "note": "distributed with the program as paper/race-or-run.pdf",
    "year": "2026",
}
METHODS = {  # keys of references.bib, by the kind of game that is solved
    "race": ("ericson-pakes-1995", "howard-1960", "qi-sun-1993", "krawczyk-1969", "johansson-2017"),
    "markov arrays": ("shapley-1953", "howard-1960", "qi-sun-1993"),
    "markov": ("shapley-1953", "qi-sun-1993", "herings-peeters-2010"),
    "linear-quadratic": ("engwerda-2005",),
    "normal-form": ("lemke-howson-1964", "avis-et-al-2010", "turocy-2005", "krawczyk-1969"),
    "continuous": ("qi-sun-1993",),
    "contest arrays": ("tullock-1980", "cornes-hartley-2005"),
    "directional": ("iskhakov-rust-schjerning-2016",),
}
MARKETS = {"clearing": ("berry-1994", "small-rosen-1981")}
HOMES = (
    Path(__file__).with_name("references.bib"),  # in an installed package
    Path(__file__).parents[2] / "paper" / "references.bib",  # in a clone
)
SOURCE = re.compile(
    r"(?P<authors>[^(]+) \((?P<year>\d{4})\)(?:, (?P<title>[^,:]+(?:, (?!in )[a-z][^,:]*)*))?"
    r"(?:, (?:in )?(?P<journal>[^:]+))?(?::.*)?"
)


def citations(games: Sequence[Any] = (), results: Sequence[str] = ()) -> tuple[str, ...]:
    """Entries in BibTeX: the program and its paper, and what stands behind games and results.

    Parameters
    ----------
    games : sequence of games, optional
        Of each the methods that solve it, and where it was published.
    results : sequence of str, optional
        Of the theory, such as "R6": their sources.

    Returns
    -------
    tuple of str
        Each entry once.

    Examples
    --------
    >>> import leaderbored as lb
    >>> for one in citations([lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], 1)])[2:]:
    ...     print(one.splitlines()[0])
    @incollection{tullock-1980,
    @article{cornes-hartley-2005,
    >>> citations(results=["R12"])[2].splitlines()[0]
    '@article{plackett-1975,'
    """
    found = [entry("software", "leaderbored", PROGRAM), entry("unpublished", "race-or-run", PAPER)]
    for game in games:
        found += _behind(game)
    for result in results:
        from leaderbored.theory import result as named

        found += filter(None, map(_of_result, named(result).sources))
    keys = [text.partition("{")[2].partition(",")[0] for text in found]
    return tuple(text for k, text in enumerate(found) if keys[k] not in keys[:k])


def _behind(game: Any) -> Iterator[str]:
    """The entries of a game: where it was published, and the methods of its kind."""
    source = getattr(game, "source", None)
    if source is not None:
        yield source.bibtex
    methods = [key for kind in kind_of(game).lineage for key in METHODS.get(kind.name, ())]
    market = getattr(getattr(game, "market", None), "kind", "")
    for key in dict.fromkeys([*methods, *MARKETS.get(market, ())]):
        yield bibliography()[key]


def _of_result(source: str) -> str:
    """The entry of a source of a result, which is a text; empty if it is none."""
    found = SOURCE.fullmatch(source.rpartition("; ")[2])
    if found is None:
        return ""
    families = re.split(r", | and ", found["authors"].rpartition(": ")[2])
    family = _letters(families[0])
    for key, text in bibliography().items():
        author = _letters(text.partition("author")[2].partition("\n")[0])
        if key.endswith(found["year"]) and author.startswith(family):
            return text
    if not found["title"]:
        return ""
    kind, where = published_in(found["journal"] or "")
    if found["journal"] and f", in {found['journal']}" in source:
        kind, where = "incollection", {"booktitle": found["journal"]}
    if volume := re.fullmatch(r"(.*\D) (\d+)", found["journal"] or ""):
        kind, where = "article", {"journal": volume[1], "volume": volume[2]}
    key = f"{family}-{found['year']}"
    title = found["title"].partition(", chapter")[0]
    about = {"author": " and ".join(families), "title": title}
    return entry(kind, key, {**about, **where, "year": found["year"]})


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", re.sub(r"\\.", "", text).lower())


@cache
def bibliography() -> dict[str, str]:
    """The entries of the paper's bibliography, by key.

    Examples
    --------
    >>> bibliography()["howard-1960"].splitlines()[0]
    '@book{howard-1960,'
    """
    home = next(path for path in HOMES if path.exists())
    entries = re.findall(r"^@\w+\{.*?^\}", home.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return {text.partition("{")[2].partition(",")[0]: text for text in entries}
