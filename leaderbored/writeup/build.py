"""Build the paper: its numbers, its figures, its pages.

The text is Typst (typst.app), which one wheel brings to every machine: with the version that is
pinned the same text, numbers and figures give the same pages, byte by byte. Numbers are compared as
they are quoted. Figures are drawn by matplotlib, and the bytes of their files depend on its version
and on that of fontTools, which requirements.lock pins.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import perf_counter
from typing import Any, NamedTuple

import leaderbored as lb
from leaderbored.figures.gallery import find
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.writeup.numbers import GROUPS, RATIONED

TEXT, NUMBERS, SECONDS, PAGES = "race-or-run.typ", "numbers.json", "seconds.json", "race-or-run.pdf"
OF = {"leaderboard": RATIONED}  # races of figures that are not of their own example
SLOW = ("fits", "results", "phase", "leasing", "folds")  # to begin with, so that no core waits


class Made(NamedTuple):
    """A part of the paper that is done: what it is, its file, and the seconds it took."""

    what: str
    path: Path
    seconds: float


def ready(folder: Path) -> None:
    """Find out before the work whether the paper can be built there.

    Raises
    ------
    GameFileError
        Naming all that is missing.

    Examples
    --------
    >>> ready(Path("no such folder"))
    Traceback (most recent call last):
    leaderbored.games.formats.GameFileError: reproduce: 1 mistake...
    """
    mistakes = []
    if not (folder / TEXT).is_file():
        mistake = f"there is no {TEXT}; expected the folder paper of a clone"
        mistakes.append(Mistake("--paper", str(folder), mistake))
    if find_spec("typst") is None:
        mistakes.append(Mistake("typst", "", "not installed; pip install 'leaderbored[paper]'"))
    if mistakes:
        raise GameFileError("reproduce", mistakes)


def paper(folder: Path, jobs: int = -1) -> Iterator[Made]:
    """Compute every number, draw every figure and set the pages; each part as it is done.

    What is done stays done if the work is interrupted. Seconds are kept from the first build on,
    so that building again gives the same bytes.

    Parameters
    ----------
    folder : Path
        With the text.
    jobs : int, default -1
        How many parts to make side by side; -1 for as many as there are cores.

    Yields
    ------
    Made
    """
    from joblib import Parallel, delayed

    numbers, seconds = _read(folder / NUMBERS), _read(folder / SECONDS)
    (folder / "figures").mkdir(exist_ok=True)
    parts = [_Part("figure", name) for name in shown(folder)]
    parts += [_Part("numbers", name) for name in GROUPS]
    parts.sort(key=lambda part: part.name not in SLOW)
    tasks = (delayed(_one)(part, folder) for part in parts)
    for part, found, took in Parallel(n_jobs=jobs, return_as="generator_unordered")(tasks):
        if part.kind == "numbers":
            numbers[part.name] = found
            _write(folder / NUMBERS, {key: numbers[key] for key in GROUPS if key in numbers})
        seconds.setdefault(str(part), max(1, round(took)))
        yield Made(str(part), part.path(folder), took)
    _write(folder / SECONDS, dict(sorted(seconds.items())))
    began = perf_counter()
    yield Made("pages", typeset(folder), perf_counter() - began)


def shown(folder: Path) -> list[str]:
    """Names of the figures that the text shows, in its order; they are the gallery's."""
    return re.findall(r'#picture\("([\w-]+)"', (folder / TEXT).read_text(encoding="utf-8"))


def typeset(folder: Path) -> Path:
    """Set the pages from the numbers and figures that are there; the PDF's path."""
    import typst

    pages = folder / PAGES
    data = typst.compile(str(folder / TEXT), format="pdf")
    with NamedTemporaryFile(dir=folder, suffix=".pdf", delete=False) as draft:
        draft.write(data)
    Path(draft.name).replace(pages)
    pages.chmod(0o644)
    return pages


class _Part(NamedTuple):
    kind: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    def path(self, folder: Path) -> Path:
        drawn = self.kind == "figure"
        return folder / "figures" / f"{self.name}.pdf" if drawn else folder / NUMBERS


def _one(part: _Part, folder: Path) -> tuple[_Part, Any, float]:
    from leaderbored.figures.files import save

    began = perf_counter()
    found = None
    if part.kind == "numbers":
        found = GROUPS[part.name]()
    else:
        race = lb.load(OF[part.name]) if part.name in OF else None
        save(find(part.name).draw(race), part.path(folder))
    return part, found, perf_counter() - began


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _write(path: Path, data: dict[str, Any]) -> None:
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)
