"""Notebooks and their twins in text: in step, without outputs, the same bytes for the same text.

The twins are what is reviewed; ``python tests/test_notebooks.py`` writes the notebooks from them.
Running them is nbmake's part, as pyproject.toml has it.
"""

from pathlib import Path

import jupytext
import nbformat
import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
TWINS = sorted(FOLDER.glob("*.py"))
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(twin: Path) -> str:
    """The notebook that belongs to a twin: its cells, numbered, and the metadata of the pair."""
    book = jupytext.read(twin)
    book.metadata.jupytext.pop("text_representation")
    assert book.metadata.kernelspec == KERNEL
    for number, cell in enumerate(book.cells):
        cell.id, cell.metadata = f"{twin.stem[:2]}-{number:02}", nbformat.NotebookNode()
    return nbformat.writes(nbformat.versions[4].upgrade(book)) + "\n"


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.stem)
def test_a_notebook_is_its_twin_without_outputs(twin: Path) -> None:
    assert twin.with_suffix(".ipynb").read_text("utf-8") == notebook(twin)


@pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.stem)
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


if __name__ == "__main__":
    for path in TWINS:
        path.with_suffix(".ipynb").write_text(notebook(path), "utf-8")
