"""Where a game was published, and what of it a file reproduces."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from leaderbored.games.record import CONFIG, PRINTED

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
        fields = {
            "author": " and ".join(self.authors),
            "title": self.title,
            "howpublished": self.journal,
            "year": str(self.year),
            "doi": self.doi,
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        return "\n".join([f"@misc{{{key},", *lines, "}"])
