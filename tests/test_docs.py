"""Pages of the site that the tests need not build: what they must have, and where links lead."""

import re
from pathlib import Path

import pytest

from leaderbored.cli import app
from leaderbored.figures.gallery import GALLERY

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [*DOCS.glob("*.md"), *ROOT.glob("*.md")]


def test_every_command_answers_a_question_and_every_answer_is_a_command() -> None:
    there = {name for name in app if not name.startswith("-")}
    told = set(re.findall(r"`leaderbored ([a-z]+)", (DOCS / "how-to.md").read_text("utf-8")))
    assert told == there


def test_every_figure_has_a_picture() -> None:
    assert {path.stem for path in (DOCS / "gallery").glob("*.svg")} == {e.name for e in GALLERY}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text("utf-8"), flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)]+)\)", text):
        target, _, anchor = link.partition("#")
        if "://" in target:
            continue
        there = page.parent / target if target else page
        assert there.exists(), link
        if anchor:
            heads = re.findall(r"^#+ (.*)$", there.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in heads}
