"""``reproduce`` and ``derive`` as a user meets them."""

import json
import subprocess
import sys

import pytest
import sympy as sp

from leaderbored import theory
from leaderbored.cli import main


def test_reproduce_prints_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "--only", "R3", "R15", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert [*out] == ["results"]
    keys = ["id", "statement", "passed", "discrepancy", "samples", "seconds"]
    assert [[*row] for row in out["results"]] == [keys, keys]
    assert [row["id"] for row in out["results"]] == ["R3", "R15"]


def test_reproduce_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reproduce", "--only", "r3", "--seed", "4"]) == 0
    out = capsys.readouterr().out
    assert "pass" in out
    assert "1 of 1 results pass" in out


def test_a_failing_result_is_an_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    result = theory.result("R3")
    closed = {**result.derive().closed, "plenty": sp.Rational(1, 3)}
    broken = theory.Derivation(result.derive().steps, closed)
    monkeypatch.setitem(vars(result), "_derivation", broken)
    assert main(["reproduce", "--only", "R3"]) == 1
    assert "FAIL" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["reproduce", "--only", "R99"], ["derive", "R0"]])
def test_unknown_results_are_named_with_the_known(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "R21" in captured.err


@pytest.mark.parametrize("id", ["R3", "R7", "R9"])
def test_derive_prints_steps_forms_and_statics(id: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["derive", id]) == 0
    out = capsys.readouterr().out
    for words in ("1. ", "Hypotheses", "Closed forms", "Comparative statics", "[argument: "):
        assert words in out
    assert main(["derive", id, "--latex"]) == 0
    assert r"\[" in capsys.readouterr().out


def test_importing_the_package_does_not_import_sympy() -> None:
    code = "import sys, leaderbored; leaderbored.theory; assert 'sympy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
