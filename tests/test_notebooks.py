"""Notebooks and their twins in text: in step, with the outputs that a fresh run gives.

The twins are what is reviewed; ``python tests/test_notebooks.py [NAME ...]`` writes the notebooks
from them, outputs included, which is what readers of the repository and of its site see. A
notebook whose code has not changed keeps its outputs.
"""

import math
import re
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[1] / "notebooks"
TWINS = sorted(FOLDER.glob("*.py"))
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
NUMBER = re.compile(r"-?\d+(?:\.\d*)?(?:e[-+]?\d+)?")
LONG = (
    "02-one-shot-contest",
    "03-the-lead-ladder",
    "04-race-and-run",
    "05-your-own-game",
    "06-what-breaks-the-run",
    "07-why-secrets-make-it-a-race",
    "08-the-record",
)
each = pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.stem)


def notebook(twin: Path) -> nbformat.NotebookNode:
    """The notebook that belongs to a twin: its cells, numbered, and the metadata of the pair."""
    book = jupytext.read(twin)
    book.metadata.jupytext.pop("text_representation")
    assert book.metadata.kernelspec == KERNEL
    for number, cell in enumerate(book.cells):
        cell.id, cell.metadata = f"{twin.stem[:2]}-{number:02}", nbformat.NotebookNode()
    return nbformat.versions[4].upgrade(book)


def run(twin: Path) -> nbformat.NotebookNode:
    """The same with the outputs of a fresh run."""
    book = notebook(twin)
    NotebookClient(book, timeout=600, resources={"metadata": {"path": str(FOLDER)}}).execute()
    book.metadata.pop("language_info")
    for cell in book.cells:
        cell.metadata = nbformat.NotebookNode()  # when it ran
        if cell.cell_type == "code":
            cell.execution_count, cell.outputs = None, joined(cell.outputs)
    return book


def joined(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Outputs with what is printed in one piece, whatever the pieces in which it came."""
    found: list[nbformat.NotebookNode] = []
    for output in outputs:
        assert output.get("name") != "stderr", output
        if "execution_count" in output:
            output.execution_count = None
        if found and output.output_type == found[-1].output_type == "stream":
            found[-1].text += output.text
        else:
            found.append(output)
    return found


def said(book: nbformat.NotebookNode) -> str:
    """What the outputs of a notebook say in words and numbers."""
    found = [out for cell in book.cells for out in cell.get("outputs", ())]
    return "\n".join(out.get("text") or out.data["text/plain"] for out in found)


@each
def test_a_notebook_is_its_twin(twin: Path) -> None:
    book = nbformat.read(twin.with_suffix(".ipynb"), 4)
    assert said(book)
    for cell in book.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    assert nbformat.writes(book) == nbformat.writes(notebook(twin))


@pytest.mark.parametrize(
    "twin",
    [pytest.param(twin, marks=[pytest.mark.slow] * (twin.stem in LONG)) for twin in TWINS],
    ids=lambda twin: twin.stem,
)
def test_a_fresh_run_says_the_same(twin: Path) -> None:
    stored, fresh = said(nbformat.read(twin.with_suffix(".ipynb"), 4)), said(run(twin))
    assert NUMBER.sub("#", fresh).split() == NUMBER.sub("#", stored).split()
    for new, old in zip(NUMBER.findall(fresh), NUMBER.findall(stored), strict=True):
        assert math.isclose(float(new), float(old), rel_tol=1e-3, abs_tol=1e-7), (new, old)


@each
def test_a_notebook_is_short_and_ends_with_a_solved_exercise(twin: Path) -> None:
    cells = jupytext.read(twin).cells
    headings = [
        line for cell in cells if cell.cell_type == "markdown" for line in cell.source.split("\n")
    ]
    headings = [line for line in headings if line.startswith("#")]
    assert 8 <= len(cells) <= 14
    assert headings[0].startswith(f"# {int(twin.stem[:2])}. ")
    assert headings[-2:] == ["## Exercise", "## Solution"]
    assert cells[-1].cell_type == "code"


def test_every_notebook_has_a_twin() -> None:
    assert len(TWINS) == 8
    assert [path.with_suffix(".py") for path in sorted(FOLDER.glob("*.ipynb"))] == TWINS


def test_links_between_notebooks_lead_somewhere() -> None:
    for twin in TWINS:
        text = " ".join(cell.source for cell in jupytext.read(twin).cells)
        for part in text.split("](")[1:]:
            assert (FOLDER / part.partition(")")[0]).exists(), part


def written(twin: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs that are stored, or of a fresh run if its code has changed."""
    book, path = notebook(twin), twin.with_suffix(".ipynb")
    before = nbformat.read(path, 4) if path.exists() else nbformat.v4.new_notebook()
    code, old = ([c for c in b.cells if c.cell_type == "code"] for b in (book, before))
    if [cell.source for cell in code] != [cell.source for cell in old] or not said(before):
        return run(twin)
    for cell, stored in zip(code, old, strict=True):
        cell.outputs = stored.outputs
    return book


if __name__ == "__main__":
    for path in TWINS:
        if path.stem in sys.argv[1:]:
            book = run(path)
        elif not sys.argv[1:]:
            book = written(path)
        else:
            continue
        path.with_suffix(".ipynb").write_text(nbformat.writes(book) + "\n", "utf-8")
