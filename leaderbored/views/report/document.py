"""The document: the answer, figures, tables, and all that is needed to check and to repeat it.

It is one file without scripts. A policy in its head forbids it to ask anything of any network, and
figures are inside it as SVG. Figures that answer to a pointer would need a library of several
megabytes in every page; the numbers stand in the tables below instead.
"""

from __future__ import annotations

import base64
import platform
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from typing import TYPE_CHECKING, Any, NamedTuple

from leaderbored.views.formats.html import escaped, fragment, grid
from leaderbored.views.formats.style import STYLE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LIBRARIES = ("numpy", "scipy", "numba", "sympy", "nashpy", "matplotlib", "statsmodels", "lifelines")
LONG = 240  # characters of a headline that is set smaller
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


@dataclass(frozen=True)
class Part:
    """A section of a report.

    Attributes
    ----------
    title : str
    pages : tuple of rich renderable
    tables : tuple of (heads, rows)
        Of plain text, after the pages.
    text : str
        Shown as it is, after the tables.
    """

    title: str
    pages: tuple[Any, ...] = ()
    tables: tuple[tuple[Sequence[str], Sequence[Sequence[str]]], ...] = ()
    text: str = ""


class Drawn(NamedTuple):
    """A figure of a report.

    Attributes
    ----------
    figure : Figure
    caption : str
    narrow : Figure or None
        The same for a telephone.
    """

    figure: Figure
    caption: str
    narrow: Figure | None = None


@dataclass(frozen=True)
class Report:
    """All that a report says.

    Attributes
    ----------
    title, headline : str
        What it is of, and the answer in a sentence.
    figures : tuple of Drawn
    parts : tuple of Part
    command : str
        That makes the report again.
    facts : dict of str to str
        Of how the answer came about, beside the versions.
    """

    title: str
    headline: str
    figures: tuple[Drawn, ...]
    parts: tuple[Part, ...]
    command: str
    facts: dict[str, str] = field(default_factory=dict)


def document(report: Report) -> str:
    """A report as a file of HTML.

    Examples
    --------
    >>> made = document(Report("<x>", "It is a run.", (), (), "leaderbored report x"))
    >>> "&lt;x&gt;" in made, "<x>" in made, "http:" in made
    (True, False, False)
    """
    parts = [
        *report.parts,
        Part("How it came about", tables=((("", ""), _facts(report)),)),
        Part("The command that makes it again", text=report.command),
        Part("How to cite", text=_citation()),
    ]
    names = [(f"part-{k}", part) for k, part in enumerate(parts, 1)]
    links = "".join(f'<li><a href="#{name}">{escaped(p.title)}</a></li>' for name, p in names)
    said = (report.title, report.headline)
    sections = "\n".join(_section(name, part, said) for name, part in names)
    figures = "\n".join(map(_figure, report.figures))
    long = 'class="long" ' if len(report.headline) > LONG else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escaped(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#answer">Skip to the answer</a>\n'
        f'<header><p class="of">{escaped(report.title)}</p>\n'
        f'<h1 {long}id="answer">{escaped(report.headline)}</h1></header>\n'
        f'<nav aria-label="On this page"><ul>{links}</ul></nav>\n'
        f"<main>\n{figures}\n{sections}\n</main>\n"
        f"<footer><p>Made by leaderbored {escaped(_version('leaderbored'))}.</p></footer>\n"
        "</body>\n</html>\n"
    )


def _section(name: str, part: Part, said: Sequence[str]) -> str:
    inside = [fragment(page, (*said, part.title)) for page in part.pages]
    inside += [grid(heads if any(heads) else (), rows) for heads, rows in part.tables if rows]
    if part.text:
        inside.append(
            f'<pre tabindex="0" aria-label="{escaped(part.title)}">{escaped(part.text)}</pre>'
        )
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{escaped(part.title)}</h2>\n'
        + "\n".join(filter(None, inside))
        + "\n</section>"
    )


def _figure(drawn: Drawn) -> str:
    """A figure inside the page, with words for those who do not see it."""
    words = escaped(described(drawn.figure))
    narrow = ""
    if drawn.narrow is not None:
        narrow = f'<source media="(max-width: 34rem)" srcset="{_picture(drawn.narrow)}">'
    return (
        f'<figure><picture>{narrow}<img alt="{words}" src="{_picture(drawn.figure)}"></picture>'
        f"<figcaption>{escaped(drawn.caption)}</figcaption></figure>"
    )


def _picture(figure: Figure) -> str:
    """A figure as an address that holds it."""
    import matplotlib as mpl

    from leaderbored.figures.style import style

    svg = BytesIO()
    with style(), mpl.rc_context({"svg.fonttype": "path"}):  # letters as they were measured
        figure.savefig(svg, format="svg", metadata={"Date": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.getvalue()).decode('ascii')}"


def described(figure: Figure) -> str:
    """What a figure shows, in words: its panels and what is drawn along their axes.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> _ = figure.subplots().set(title="Who builds", xlabel="lead", ylabel="share")
    >>> described(figure)
    'Figure: Who builds, share against lead. The numbers are in the tables of this page.'
    """
    from leaderbored.figures.caption import panels_of

    told = "; ".join(panels_of(figure))
    return f"Figure: {told or 'see its caption'}. The numbers are in the tables of this page."


def _facts(report: Report) -> list[tuple[str, str]]:
    libraries = [f"{name} {known}" for name in LIBRARIES if (known := _version(name))]
    return [
        *report.facts.items(),
        ("leaderbored", _version("leaderbored")),
        ("Python", platform.python_version()),
        ("libraries", ", ".join(libraries)),
    ]


def _version(name: str) -> str:
    if name == "leaderbored":
        from leaderbored import __version__

        return __version__
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _citation() -> str:
    number = _version("leaderbored")
    return (
        f"The leaderbored developers. leaderbored: equilibria of labs that build or sell, version "
        f"{number}, 2026.\n\n"
        "@software{leaderbored,\n"
        "  author = {{The leaderbored developers}},\n"
        "  title = {leaderbored: equilibria of labs that build or sell},\n"
        f"  version = {{{number}}},\n"
        "  year = {2026}\n}"
    )
