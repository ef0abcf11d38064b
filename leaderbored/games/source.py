"""Where a game was published, and what of it a file reproduces."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, PRINTED

PERIODICAL = re.compile(
    r"(?P<name>.*?) (?P<volume>\d+)(?:\((?P<number>[\d/]+)\))?, (?P<pages>\d+-\d+)"
)
Text = Annotated[str, Field(min_length=1, max_length=400), PRINTED]


@dataclass(frozen=True, config=CONFIG)
class Published:
    """What was published of a game, to set beside what is computed.

    Parameters
    ----------
    equilibria : int, optional
        How many there are.
    play : dict of str to sequence of float, optional
        What players do in one of them, in the first state of a dynamic game: strategies or
        probabilities, or gains of a linear-quadratic game, row by row.
    worth : dict of str to float, optional
        What players get in it, from the first state on; costs at the initial state.
    within : float
        How far from it a computed number may be, relative to one plus its size; and the largest
        regret of what is computed.

    Examples
    --------
    >>> Published(play={"A": [0.25]}).play
    {'A': (0.25,)}
    """

    equilibria: Annotated[int | None, Field(ge=0, description="how many")] = None
    play: Annotated[
        dict[Text, tuple[float, ...]], Field(description="what players do, in the first state")
    ] = Field(default_factory=dict)
    worth: Annotated[
        dict[Text, float], Field(description="what players get, from the first state on")
    ] = Field(default_factory=dict)
    within: Annotated[float, Field(gt=0, description="largest distance, relative")] = 1e-6


@dataclass(frozen=True, config=CONFIG)
class Source:
    """The citation of a game.

    Parameters
    ----------
    authors : sequence of str
        Family name first, as in ``Nash, John F.``.
    year : int
    title : str
    journal : str
        Or book, or working paper series, with volume, number and pages where there are any.
    reproduces : str
        Which published answer solving the file gives.
    doi : str, optional
    published : Published, optional
        Numbers that were published, or are known in closed form.

    Examples
    --------
    >>> print(Source(["Nash, John F."], 1951, "Non-cooperative games",
    ...              "Annals of Mathematics 54(2), 286-295", "existence").bibtex)
    @article{nash-1951,
      author = {Nash, John F.},
      title = {Non-cooperative games},
      journal = {Annals of Mathematics},
      volume = {54},
      number = {2},
      pages = {286--295},
      year = {1951},
    }
    """

    authors: Annotated[
        tuple[Text, ...], Field(min_length=1, description="family name first: Nash, John F.")
    ]
    year: Annotated[int, Field(ge=1700, le=2200, description="of publication")]
    title: Annotated[Text, Field(description="of the publication")]
    journal: Annotated[Text, Field(description="or book; volume, number, pages")]
    reproduces: Annotated[Text, Field(description="which published answer this file gives")]
    doi: Annotated[str, Field(max_length=200, description="digital object identifier")] = ""
    published: Published = Field(default_factory=Published)
    PLAIN: ClassVar[dict[str, Any]] = {"published": Published()}

    @property
    def families(self) -> tuple[str, ...]:
        """Family names of the authors."""
        return tuple(author.partition(",")[0] for author in self.authors)

    @property
    def bibtex(self) -> str:
        """The entry for a bibliography."""
        key = f"{self.families[0].lower().replace(' ', '-')}-{self.year}"
        kind, where = published_in(self.journal)
        about = {"author": " and ".join(self.authors), "title": self.title}
        return entry(kind, key, {**about, **where, "year": str(self.year), "doi": self.doi})


def published_in(journal: str) -> tuple[str, dict[str, str]]:
    """Which kind of publication a text names, and its fields in BibTeX.

    Examples
    --------
    >>> published_in("Annals of Mathematics 54(2), 286-295")
    ('article', {'journal': 'Annals of Mathematics', 'volume': '54', 'number': '2', ...})
    >>> published_in("Handbook of Games 1, 87-142")
    ('incollection', {'booktitle': 'Handbook of Games', 'volume': '1', 'pages': '87--142'})
    >>> published_in("Wiley, New York")
    ('book', {'publisher': 'Wiley, New York', 'chapter': ''})
    """
    found = PERIODICAL.fullmatch(journal)
    if found and "," not in found["name"]:
        name = "booktitle" if found["name"].startswith("Handbook") else "journal"
        numbers = {key: found[key] or "" for key in ("volume", "number", "pages")}
        numbers = {key: text.replace("-", "--") for key, text in numbers.items() if text}
        kind = "incollection" if name == "booktitle" else "article"
        return kind, {name: found["name"], **numbers}
    book, _, rest = journal.partition(", ")
    pages = re.fullmatch(r"(.*), (\d+)-(\d+)", rest)
    if pages:
        range_ = f"{pages[2]}--{pages[3]}"
        return "incollection", {"booktitle": book, "publisher": pages[1], "pages": range_}
    publisher, _, chapter = journal.partition(", chapter ")
    if "Press, chapter" in rest:
        publisher = publisher.removeprefix(f"{book}, ")
        return "incollection", {"booktitle": book, "publisher": publisher, "chapter": chapter}
    if re.search(r"Memorandum|Working Paper|Report|Preprint|arXiv", journal, re.IGNORECASE):
        return "techreport", {"institution": journal}
    return "book", {"publisher": publisher, "chapter": chapter}


def entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    r"""An entry of a bibliography in BibTeX, without the fields that are empty.

    Examples
    --------
    >>> print(entry("book", "luce-1959", {"title": "Choice & behavior", "doi": ""}))
    @book{luce-1959,
      title = {Choice \& behavior},
    }
    """
    plain = {name: re.sub(r"([&%$#_])", r"\\\1", text) for name, text in fields.items() if text}
    plain |= {"doi": fields["doi"]} if fields.get("doi") else {}
    return "\n".join([f"@{kind}{{{key},", *(f"  {n} = {{{t}}}," for n, t in plain.items()), "}"])
