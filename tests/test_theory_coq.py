"""Theorems that Coq checks, where it is installed: no gap in them, and no axiom of their own."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

PROOFS = Path(__file__).parents[1] / "docs" / "proofs"
# On which the real numbers of Coq's library rest.
OF_THE_REALS = {"sig_forall_dec", "functional_extensionality_dep"}
WRONG = {  # theorems that claim too much
    "log_concavity": ("positive r -> capped r u -> log_concave r", "positive r -> capped r u"),
    "plackett_luce": (
        "m i * sum (put i l) = total (i :: l) * law (i :: l)",
        "m i * sum (put i l) = total l * law (i :: l)",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_no_theorem_is_left_open(name: str) -> None:
    text = (PROOFS / f"{name}.v").read_text()
    assert not re.search(r"\b(Admitted|admit|Axiom|Parameter|Conjecture)\b", text)
    assert text.count("Proof.") == text.count("Qed.")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("coqc") is None, reason="needs coqc, of Coq 8.16")
@pytest.mark.parametrize("name", WRONG)
def test_coq_accepts_the_theorem_and_not_a_wrong_one(name: str, tmp_path: Path) -> None:
    text = (PROOFS / f"{name}.v").read_text()
    old, new = WRONG[name]
    assert text.count(old) == 1
    runs = []
    for version, source in (("right", text), ("wrong", text.replace(old, new))):
        (tmp_path / f"{version}.v").write_text(source)
        command = ["coqc", "-q", f"{version}.v"]
        runs.append(
            subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        )
    right, wrong = runs
    assert right.returncode == 0, right.stderr
    assert set(re.findall(r"^\w+\.(\w+)", right.stdout, re.MULTILINE)) == OF_THE_REALS
    assert wrong.returncode != 0
