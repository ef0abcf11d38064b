"""The front page: commands run, numbers are those of a fresh run, links lead somewhere."""

import re
from pathlib import Path

import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.evidence.account import account
from leaderbored.games.formats.gamefile import five_labs, load
from leaderbored.verdicts.profile import by_lead

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
FLAT = " ".join(TEXT.split())
SHELL = "\n".join(re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL))
LINES = re.findall(r"\bleaderbored ([a-z][^\n&#]*)", SHELL)
WORDS = {7: "seven", 8: "eight", 9: "nine", 30: "Thirty", 31: "Thirty-one", 32: "Thirty-two"}


@pytest.mark.slow
def test_every_command_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(LINES) >= 5 and "race" in LINES
    for line in LINES:
        assert main(line.split()) == 0, line
    said = " ".join(capsys.readouterr().out.split())
    assert "It is a run: every lead limits itself; the lead changes hands 3.5 times a year." in said
    written = {path.name for path in tmp_path.iterdir()}
    assert written >= {"mine.toml", "mine.pdf", "mine.html", "map.png", "figures"}


@pytest.mark.parametrize("verb", sorted(set(re.findall(r"`leaderbored ([a-z]+)", TEXT))))
def test_commands_in_passing_are_there(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([verb, "--help"]) == 0
    assert verb in capsys.readouterr().out


def test_what_is_said_of_the_five_labs() -> None:
    solution = lb.solve(load(five_labs()))
    leader, others = by_lead(solution, solution.equilibria[0])
    said = (
        f"> {lb.verdict(solution).headline}",
        f"A leader one rung ahead builds with {100 * leader[1]:.0f}% of its compute",
        f"the others build with {100 * others[1]:.0f}%",
        f"loses {100 * lb.planner(solution).gaps[0].loss:.0f}% of what a planner could reach",
    )
    assert all(sentence in FLAT.replace(" %", "%") for sentence in said)


def test_what_is_said_of_the_record() -> None:
    headline = account("eci").headline
    assert "changed hands 11 times" in headline and "(1 to 13 in nine of ten draws" in headline
    assert "changed hands 11 times" in FLAT and "1 to 13 times in nine of ten draws" in FLAT


def test_results_are_counted_and_the_theory_lists_them() -> None:
    theory = (ROOT / "docs" / "theory.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\| (R\d+b?(?:, R\d+b?)*) \|", theory, re.MULTILINE)
    listed = [name for cell in cells for name in cell.split(", ")]
    assert sorted(listed) == sorted(lb.theory.ids())
    assert f"{WORDS[len(listed)]} results are proved" in FLAT


def test_lessons_are_counted_and_links_lead_somewhere() -> None:
    lessons = list((ROOT / "notebooks").glob("*.ipynb"))
    assert f"| {WORDS[len(lessons)]} lessons" in FLAT
    links = re.findall(r"\]\(([^)#]+)", TEXT)
    assert len(links) > 8 and all((ROOT / link).exists() for link in links)
