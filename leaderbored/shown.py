"""What every result can do: show itself as a page, as a picture, in a notebook, and in a file.

Records say nothing of pages and figures. Where those are is listed here, and imported when asked
for, so that importing the package stays light.
"""

from __future__ import annotations

import json
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console, RenderableType

FACES = {  # by class: page and figure, each a function of the record
    "Check": ("views.theory:one_check_page", "figures.theory:check_figure"),
    "Correspondence": (
        "views.correspondence:trace_page",
        "figures.correspondence:correspondence_figure",
    ),
    "Effects": ("views.mechanisms:effects_page", "figures.effects:effects_figure"),
    "Impulse": ("views.leads:impulse_page", "figures.lead:impulse_figure"),
    "LeadPath": ("views.leads:lead_page", "figures.lead:lead_figure"),
    "Leaderboards": ("views.leads:leaderboards_page", "figures.bump:leaderboards_figure"),
    "LeaseMarket": ("views.mechanisms:lease_page", "figures.lease:lease_figure"),
    "Motion": ("views.motion:motion_page", "figures.motion:motion_figure"),
    "Result": ("views.theory:result_page", "figures.theory:result_figure"),
    "ScarcityPath": ("views.mechanisms:scarcity_page", "figures.scarcity:scarcity_figure"),
    "Solution": ("views.pages:solution_page", "figures:solution_figure"),
    "Verdict": ("views.verdict:verdict_page", "figures.race:verdict_figure"),
    "Whiplash": ("views.mechanisms:whiplash_page", "figures.whiplash:whiplash_figure"),
}
DATA = "views.data:plain_data"
WIDTH = 110  # characters of a page in a notebook
PICTURES = (".png", ".pdf", ".svg")
SUFFIXES: tuple[str, ...] = (*PICTURES, ".html", ".txt", ".md", ".json")
HTML = '<pre style="line-height:normal;white-space:pre;overflow-x:auto">{code}</pre>'
DOCUMENT = (
    '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>leaderbored</title></head>'
    "\n<body>{page}</body></html>\n"
)


class Shown:
    """A result that can be shown.

    Examples
    --------
    >>> import leaderbored as lb
    >>> motion = lb.dynamics(lb.NormalForm([[[1, 0], [0, 1]]] * 2), laps=3)
    >>> motion._repr_html_().startswith("<pre"), len(motion.plot().axes)
    (True, 1)
    """

    def table(self) -> RenderableType:
        """It as a page: the answer in a sentence, then numbers; printed by rich."""
        page: RenderableType = self._face(0)(self)
        return page

    def plot(self, *args: Any, **options: Any) -> Figure:
        """Draw it: a matplotlib figure. Arguments go to the function that draws."""
        figure: Figure = self._face(1)(self, *args, **options)
        return figure

    def data(self) -> dict[str, Any]:
        """It as plain data: numbers, text, lists and dictionaries, as JSON has them."""
        data: dict[str, Any] = _imported(DATA)(self)
        return data

    def save(self, path: str | Path) -> None:
        """Write it to a file, by how its name ends.

        A picture to .png, .pdf or .svg; the page to .html, .txt or .md; the data to .json.

        Raises
        ------
        ValueError
            If the name ends in something else, or there is no picture of this.
        OSError
            If it cannot be written; no part of a file is left.

        Examples
        --------
        >>> import tempfile
        >>> import leaderbored as lb
        >>> path = Path(tempfile.mkdtemp()) / "lead.txt"
        >>> lb.whiplash(answer=1.0, delay=1.5).save(path)
        >>> "boundary" in path.read_text(encoding="utf-8")
        True
        """
        from leaderbored.files import write

        path = Path(path)
        kind = path.suffix.lower()
        if kind in PICTURES:
            from leaderbored.figures.style import save

            save(self.plot(), path)
        elif kind == ".html":
            write(path, DOCUMENT.format(page=self._repr_html_()).encode())
        elif kind in (".txt", ".md"):
            text = "\n".join(line.rstrip() for line in self._printed().export_text().splitlines())
            write(path, (f"```text\n{text}\n```\n" if kind == ".md" else f"{text}\n").encode())
        elif kind == ".json":
            text = json.dumps(self.data(), ensure_ascii=False, allow_nan=False, indent=1)
            write(path, f"{text}\n".encode())
        else:
            raise ValueError(f"{path.name}: expected a name that ends in {', '.join(SUFFIXES)}")

    def __rich__(self) -> RenderableType:
        return self.table()

    def _repr_html_(self) -> str:
        """The page, for notebooks."""
        return self._printed().export_html(inline_styles=True, code_format=HTML)

    def _printed(self) -> Console:
        from rich.console import Console

        console = Console(file=StringIO(), width=WIDTH, record=True, highlight=False)
        console.print(self.table())
        return console

    def _face(self, which: int) -> Any:
        return _imported(FACES[type(self).__name__][which])


def _imported(place: str) -> Any:
    home, name = place.split(":")
    return getattr(import_module(f"leaderbored.{home}"), name)
