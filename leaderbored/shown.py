"""What every result can do: show itself as a page, as a picture, in a notebook, and in a file.

Records say nothing of pages and figures. Where those are is listed here, and imported when asked
for, so that importing the package stays light.
"""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from leaderbored.kinds import imported

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from rich.console import Console, RenderableType


class Faces(NamedTuple):
    """Where a result is shown: a page, a figure, and plain data; each a function of the record.

    Without data of its own it is its fields.
    """

    page: str
    figure: str
    data: str = ""


def _faces(page: str, figure: str, data: str = "") -> Faces:
    """Places in the rooms of views and figures."""
    return Faces(
        f"leaderbored.views.{page}",
        f"leaderbored.figures{'' if figure[:1] == ':' else '.'}{figure}" if figure else "",
        f"leaderbored.views.{data}" if data else "",
    )


FACES = {  # by class
    "Account": _faces("evidence:account_page", "timeline:timeline", "evidence:account_report"),
    "Backtest": _faces("forecast:backtest_page", "forecast:reliability_figure"),
    "Check": _faces("theory:one_check_page", "theory:check_figure", "theory:one_check_report"),
    "Commitment": _faces("finite:commitment_page", "", "finite:commitment_report"),
    "Comparison": _faces(
        "compare:compare_page", "compare:compare_figure", "compare:compare_report"
    ),
    "Correlated": _faces("finite:correlated_page", "", "finite:correlated_report"),
    "Correspondence": _faces(
        "correspondence:trace_page", "correspondence:correspondence_figure", "data:trace_report"
    ),
    "Effects": _faces("mechanisms:effects_page", "effects:effects_figure"),
    "Explanation": _faces("explain:explain_page", "", "explain:explain_report"),
    "Fit": _faces("fit:fit_page", ""),
    "Forecast": _faces(
        "forecast:forecast_page", "forecast:forecast_figure", "forecast:forecast_report"
    ),
    "Impulse": _faces("leads:impulse_page", "lead:impulse_figure"),
    "LeadPath": _faces("leads:lead_page", "lead:lead_figure"),
    "Leaderboards": _faces("leads:leaderboards_page", "bump:leaderboards_figure"),
    "LeaseMarket": _faces("mechanisms:lease_page", "lease:lease_figure"),
    "Motion": _faces("motion:motion_page", "motion:motion_figure", "motion:motion_report"),
    "Phase": _faces("phase:phase_page", "phase:phase_figure", "phase:phase_report"),
    "Planner": _faces("planner:planner_page", "planner:planner_figure", "planner:planner_report"),
    "Predictions": _faces(
        "evidence:predictions_page",
        "predictions:predictions_figure",
        "evidence:predictions_report",
    ),
    "Rationalizable": _faces("finite:rationalizable_page", "", "finite:rationalizable_report"),
    "Result": _faces("theory:result_page", "theory:result_figure"),
    "ScarcityPath": _faces("mechanisms:scarcity_page", "scarcity:scarcity_figure"),
    "Sensitivity": _faces("evidence:sensitivity_page", ""),
    "Solution": _faces("pages:solution_page", ":draw", "data:solution_report"),
    "Uncertainty": _faces(
        "uncertainty:uncertainty_page", "tornado:tornado", "uncertainty:uncertainty_report"
    ),
    "Verdict": _faces("verdict:verdict_page", "race:verdict_figure"),
    "VerdictSensitivity": _faces(
        "sensitivity:sensitivity_page",
        "sensitivity:sensitivity_figure",
        "sensitivity:sensitivity_report",
    ),
    "Whiplash": _faces("mechanisms:whiplash_page", "whiplash:whiplash_figure"),
}
DATA = "leaderbored.views.data:plain_data"
WIDTH = 110  # characters of a page in a notebook
PICTURES = (".png", ".pdf", ".svg", ".pgf")
SUFFIXES: tuple[str, ...] = (*PICTURES, ".html", ".txt", ".md", ".tex", ".csv", ".json")
HTML = '<pre style="line-height:normal;white-space:pre;overflow-x:auto">{code}</pre>'


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
        page: RenderableType = imported(self._faces.page)(self)
        return page

    def plot(self, *args: Any, **options: Any) -> Figure:
        """Draw it: a matplotlib figure. Arguments go to the function that draws.

        Raises
        ------
        ValueError
            If there is no picture of it.
        """
        if not self.pictured:
            raise ValueError(f"plot: there is no picture of {type(self).__name__}")
        figure: Figure = imported(self._faces.figure)(self, *args, **options)
        return figure

    @property
    def pictured(self) -> bool:
        """Whether there is a picture of it."""
        return bool(self._faces.figure)

    def data(self) -> dict[str, Any]:
        """It as plain data: numbers, text, lists and dictionaries, as JSON has them."""
        data: dict[str, Any] = imported(DATA)(self)
        return data

    def save(self, path: str | Path) -> None:
        """Write it to a file, by how its name ends.

        A picture to .png, .pdf, .svg or .pgf; the page to .html, .txt, .md or .tex; its tables to
        .csv; the data to .json.

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
            from leaderbored.figures.files import save

            save(self.plot(), path)
        elif kind in (".html", ".md", ".tex", ".csv"):
            writers = imported("leaderbored.views.formats:WRITERS")
            write(path, writers[kind.removeprefix(".")](self).encode())
        elif kind == ".txt":
            lines = self._printed().export_text().splitlines()
            write(path, "".join(f"{line.rstrip()}\n" for line in lines).encode())
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

    @property
    def _faces(self) -> Faces:
        return FACES[type(self).__name__]
