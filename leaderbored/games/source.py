"""Where a game was published, and what of it a file reproduces."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, PRINTED

Text = Annotated[str, Field(min_length=1, max_length=400), PRINTED]


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

    Examples
    --------
    >>> print(Source(["Nash, John F."], 1951, "Non-cooperative games",
    ...              "Annals of Mathematics 54(2), 286-295", "existence").bibtex)
    @misc{nash-1951,
      author = {Nash, John F.},
      title = {Non-cooperative games},
      howpublished = {Annals of Mathematics 54(2), 286-295},
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

    @property
    def families(self) -> tuple[str, ...]:
        """Family names of the authors."""
        return tuple(author.partition(",")[0] for author in self.authors)

    @property
    def bibtex(self) -> str:
        """The entry for a bibliography."""
        key = f"{self.families[0].lower().replace(' ', '-')}-{self.year}"
        fields = {
            "author": " and ".join(self.authors),
            "title": self.title,
            "howpublished": self.journal,
            "year": str(self.year),
            "doi": self.doi,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{key},", *lines, "}"])
