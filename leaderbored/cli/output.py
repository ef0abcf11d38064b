"""What the commands take alike of where their answers go: formats of pages, and looks of figures.

Each command takes one record of these, says its answer through it, and draws through
:meth:`leaderbored.cli.console.Work.draw`, so that every page has all formats and every figure all
looks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from leaderbored.cli.console import say, say_json, say_page
from leaderbored.cli.options import insist, together, written_to

if TYPE_CHECKING:
    from leaderbored.figures.look import Look

Format = Literal["table", "json", "csv", "md", "tex", "html"]


@Parameter(name="*")
@dataclass(frozen=True)
class Pages:
    """How an answer is printed.

    Attributes
    ----------
    format : str
        ``table`` for the terminal; ``csv`` has the tables alone, with all their rows.
    json : bool
        The same as ``json``.

    Examples
    --------
    >>> Pages(json=True).form
    'json'
    """

    format: Annotated[
        Format | None,
        Parameter(
            help="How to print the answer: as a table for the terminal, as JSON with all "
            "digits, its tables as CSV, or as a page in Markdown, LaTeX or HTML."
        ),
    ] = None
    json: Annotated[bool, Parameter(help="The same as --format json.", negative="")] = False

    @property
    def form(self) -> Format:
        """The format that is asked for."""
        return self.format or ("json" if self.json else "table")

    @property
    def watched(self) -> bool:
        """Whether pages are printed one by one, as soon as they are known."""
        return self.form == "table"

    def say(self, data: Callable[[], dict[str, Any]], *pages: Any) -> bool:
        """Print an answer; whether it could be said.

        Parameters
        ----------
        data : callable
            Makes it as plain data, if JSON is asked for.
        *pages : rich renderable, or a result that shows itself as one
        """
        if self.form == "json":
            return say_json(data())
        if self.form == "table":
            return all([say_page(page) for page in pages])
        from leaderbored.views.formats import WRITERS

        return say(WRITERS[self.form](*pages).removesuffix("\n")) if pages else True

    def check(self) -> None:
        """Insist on one format."""
        both = self.json and self.format not in (None, "json")
        insist("--json", (both, "--format", self.format, "expected without --json"))


@Parameter(name="*")
@dataclass(frozen=True)
class Looks:
    """What figures look like.

    Examples
    --------
    >>> Looks(width="8.6cm", title=False).look.title
    False
    """

    width: Annotated[
        str | None,
        Parameter(
            help="For figures: the width, such as 3.4in for a column of a journal, or 8.6cm."
            " Panels that would be too narrow are placed one below another.",
            metavar="WIDTH",
        ),
    ] = None
    title: Annotated[
        bool,
        Parameter(help="Write the answer as a title above figures.", negative="--no-title"),
    ] = True
    grey: Annotated[bool, Parameter(help="Draw figures in grey.", negative="")] = False
    font: Annotated[
        str | None,
        Parameter(help="For figures: the name of an installed font.", metavar="NAME"),
    ] = None
    theme: Annotated[
        Literal["print", "slide", "web"],
        Parameter(
            help="For figures: print for paper, slide for a talk (larger letters, thicker "
            "lines), web for a screen (faint grid lines)."
        ),
    ] = "print"

    @property
    def look(self) -> Look:
        """It as a look, once it is known to be one."""
        from leaderbored.figures.look import Look, inches

        width = None if self.width is None else inches(self.width)
        return Look(width, self.title, self.grey, self.font, self.theme)

    @property
    def given(self) -> list[str]:
        """Which options are not as by default."""
        known = {
            "--width": self.width is not None,
            "--no-title": not self.title,
            "--grey": self.grey,
            "--font": self.font is not None,
            "--theme": self.theme != "print",
        }
        return [name for name, asked in known.items() if asked]

    def mistaken(self) -> list[Any]:
        """What is wrong with these options.

        Examples
        --------
        >>> [each.place for each in Looks(width="wide").mistaken()]
        ['--width']
        """
        from leaderbored.games.problems import Mistake

        found = []
        if self.width is not None:
            from leaderbored.figures.look import inches

            try:
                inches(self.width)
            except ValueError as error:
                found.append(Mistake("--width", repr(self.width), str(error)))
        if self.font is not None:
            from leaderbored.figures.look import missing

            if reason := missing(self.font):
                found.append(Mistake("--font", repr(self.font), reason))
        return found


@Parameter(name="*")
@dataclass(frozen=True)
class Output(Pages, Looks):
    """Where an answer goes: how it is printed, and a figure of it.

    Examples
    --------
    >>> Output(figure=Path("race.pdf")).form
    'table'
    """

    figure: Annotated[
        Path | None,
        Parameter(
            help="Draw a figure to this file: .png, .pdf, .svg, or .pgf for LaTeX. Its "
            "caption and the numbers that it shows are written to OUT.caption.txt and "
            "OUT.data.csv.",
            metavar="OUT",
        ),
    ] = None

    def check(self, reason: str = "") -> None:
        """Find out before the work whether all this can be done.

        Parameters
        ----------
        reason : str
            Why there can be no figure, if there can be none.

        Raises
        ------
        GameFileError
            Naming every option that is wrong.
        """
        together(super().check, self._looking, partial(drawn_to, self.figure, reason))

    def _looking(self) -> None:
        """Insist on looks that there are, and on a figure to have them."""
        from leaderbored.games.problems import GameFileError, Mistake

        found = self.mistaken()
        if self.figure is None:
            told = {each.place for each in found}
            lone = [name for name in self.given if name not in told]
            found += [Mistake(name, "", "expected --figure, too") for name in lone]
        if found:
            raise GameFileError("--figure", found)


PAGES, LOOKS, PRINTED = Pages(), Looks(), Output()


def drawn_to(figure: Path | None, reason: str = "") -> None:
    """Find out before the work whether a figure can be written there, if one is asked for."""
    if figure is None:
        return
    if not reason and figure.suffix.lower() == ".pgf":
        from leaderbored.figures.files import texless

        reason = texless()
    written_to("--figure", figure, (".png", ".pdf", ".svg", ".pgf"), reason)
