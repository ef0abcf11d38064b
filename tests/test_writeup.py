"""The paper: its committed numbers are those of a fresh run, and its parts belong together."""

import json
import re
import shutil
from pathlib import Path

import pytest

from leaderbored.cli import main
from leaderbored.figures.gallery import GALLERY
from leaderbored.writeup import GROUPS, build, shown, typeset

PAPER = Path(__file__).parent.parent / "paper"
TEXT = (PAPER / "race-or-run.typ").read_text(encoding="utf-8")
NUMBERS = json.loads((PAPER / "numbers.json").read_text(encoding="utf-8"))
CHECKED_ELSEWHERE = {"results", "fits"}  # tests/test_theory_results.py; docs/evidence.md
LONG = {
    *("breaking", "coexist", "five", "folds", "leasing"),
    *("mechanisms", "planner", "published", "ranked", "three"),
}
HERE = [
    pytest.param(name, marks=pytest.mark.slow) if name in LONG else name
    for name in GROUPS
    if name not in CHECKED_ELSEWHERE
]


@pytest.mark.parametrize("name", HERE)
def test_committed_numbers_are_those_of_a_fresh_run(name: str) -> None:
    assert json.loads(json.dumps(GROUPS[name]())) == NUMBERS[name]


def test_every_number_of_the_text_is_made_and_every_group_is_used() -> None:
    quoted = set(re.findall(r"\bn\.(\w+)\.(\w+)", TEXT))
    assert {group for group, _ in quoted} == set(GROUPS) == set(NUMBERS)
    assert all(key in NUMBERS[group] for group, key in quoted)


def test_every_figure_of_the_paper_is_of_the_gallery_and_drawn() -> None:
    figures = shown(PAPER)
    assert len(figures) == len(set(figures)) > 10
    assert set(figures) <= {entry.name for entry in GALLERY}
    drawn = {path.stem for path in (PAPER / "figures").iterdir()}
    assert drawn == set(figures)


def test_every_citation_is_in_the_bibliography() -> None:
    entries = re.findall(r"^@\w+\{([\w-]+),", (PAPER / "references.bib").read_text("utf-8"), re.M)
    assert len(entries) == len(set(entries))
    labels = set(re.findall(r"<([\w-]+)>", TEXT))
    cited = set(re.findall(r"(?<!\w)@([a-z][\w-]*)", TEXT))
    cited |= set(re.findall(r"cite\(<([\w-]+)", TEXT))
    cited -= labels - set(entries)
    assert cited and cited <= set(entries)


def copied(folder: Path) -> Path:
    for name in ("race-or-run.typ", "numbers.json", "seconds.json", "references.bib"):
        (folder / name).write_bytes((PAPER / name).read_bytes())
    (folder / "figures").mkdir()
    for figure in (PAPER / "figures").iterdir():
        (folder / "figures" / figure.name).write_bytes(figure.read_bytes())
    return folder


def test_the_same_sources_give_the_same_pages(tmp_path: Path) -> None:
    pages = typeset(copied(tmp_path)).read_bytes()
    assert pages == (PAPER / "race-or-run.pdf").read_bytes()


def test_a_folder_without_the_text_is_refused_and_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", "--paper", "--folder", str(tmp_path)]) == 2
    assert "there is no race-or-run.typ" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_latex_needs_the_paper_and_pandoc(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["reproduce", "--latex"]) == 2
    assert "--latex: expected with --paper" in capsys.readouterr().err
    copied(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["reproduce", "--paper", "--latex", "--folder", str(tmp_path)]) == 2
    assert "pandoc: not installed" in capsys.readouterr().err
    assert not (tmp_path / "race-or-run.tex").exists()


@pytest.mark.skipif(shutil.which("pandoc") is None, reason="pandoc is not installed")
def test_the_text_is_latex_too(tmp_path: Path) -> None:
    assert main(["reproduce", "--paper", "--latex", "--folder", str(copied(tmp_path))]) == 0
    source = (tmp_path / "race-or-run.tex").read_text(encoding="utf-8")
    assert source.count(r"\begin{theorem}") == TEXT.count('#statement("Theorem"')
    assert source.count(r"\begin{proof}") == source.count(r"\end{proof}") == TEXT.count("#proof[")
    assert set(re.findall(r"\\ref\{([^}]*)", source)) <= set(
        re.findall(r"\\label\{([^}]*)", source)
    )
    assert not re.search(r"[⟦⟧]|hyperref\[", source)


def test_what_is_done_stays_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "race-or-run.typ").write_text("= Pages\n", "utf-8")
    monkeypatch.setattr(build, "GROUPS", {"window": GROUPS["window"], "broken": broken})
    with pytest.raises(RuntimeError, match="interrupted"):
        list(build.paper(tmp_path, jobs=1))
    found = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    assert found == {"window": NUMBERS["window"]}


def broken() -> dict[str, str]:
    raise RuntimeError("interrupted")
