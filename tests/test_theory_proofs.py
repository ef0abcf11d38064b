"""Derivations as proofs: every step has its ground, and LaTeX that can be set."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import sympy as sp
from pylatexenc.latexwalker import LatexWalker, LatexWalkerParseError

from leaderbored import theory
from leaderbored.theory.derivation import LemmaError, Proof
from leaderbored.theory.typeset import as_latex, as_text, prose

EMPTY = ("prose above", "form of the statement", "It solves", "It is what", "obvious", "clearly")
# What LaTeX and amsmath know, of what is used.
MACROS = """
    begin end item subsection textbf text frac left right sqrt sum prod int limits infty cdot le ge
    ne to dots max min sup inf lim ln log exp det arccos acos operatorname sin cos cosh sinh tanh
    partial alpha beta gamma delta epsilon eta theta iota kappa lambda mu nu pi rho sigma tau phi
    varphi chi psi omega Gamma Delta Theta Lambda Phi Psi Omega usepackage noindent
"""


@pytest.mark.parametrize("id", theory.ids())
def test_every_step_says_something_and_stands_on_something(id: str) -> None:
    steps = theory.derive(id).steps
    assert {step.kind for step in steps} >= {"computed", "argument"}
    for number, step in enumerate(steps, 1):
        assert bool(step.reason) == (step.kind == "argument"), step.what
        assert not any(words in f"{step.what} {step.reason}" for words in EMPTY), step.what
        assert step.what.rstrip(")").endswith((".", ":")), step.what
        assert step.expressions or not step.what.endswith(":"), step.what
        for other in re.findall(r"(?<!\d, )steps? (\d+)(?: (?:and|to) (\d+))?", step.reason):
            assert all(int(n) < number for n in other if n), step.reason
        if step.kind == "verified":
            (equation,) = step.expressions
            assert equation.lhs != equation.rhs


def test_an_equation_that_says_nothing_is_no_lemma() -> None:
    x = sp.Symbol("x")
    with pytest.raises(LemmaError):
        Proof().lemma("Nothing:", x + 1, 1 + x)


def test_the_proofs_of_log_concavity_and_of_the_league_table_are_printed_in_full() -> None:
    for id, words in (
        ("R6", ("homogeneous", "Topkis", "copying", "envelope theorem", "induction", "log-convex")),
        ("R12", ("Poisson", "last rings", "memory", "for every ranking and any number of labs")),
    ):
        for page in (as_text(id), as_latex(id)):
            flat = " ".join(page.split())
            assert all(word in flat for word in words), (id, words)


def test_formulas_are_found_among_words() -> None:
    assert prose("If r'_k <= r_k, then b_1 <= b_0 (R5).") == (
        r"If $r'_k \le r_k$, then $b_1 \le b_0$ (R5)."
    )
    assert prose("Costs & 50% of a lab's P(lead >= j) = 1/2, a run.") == (
        r"Costs \& 50\% of a lab's $P(\text{lead} \ge j) = 1/2$, a run."
    )
    assert (
        prose("It turns at b*, where sqrt(x) = s.") == r"It turns at $b^*$, where $\sqrt{x} = s$."
    )


@pytest.mark.parametrize("id", theory.ids())
def test_latex_parses(id: str) -> None:
    page = as_latex(id)
    LatexWalker(page, tolerant_parsing=False).get_latex_nodes()
    assert set(re.findall(r"\\([A-Za-z]+)", page)) <= {*MACROS.split()}
    with pytest.raises(LatexWalkerParseError):  # the parser sees what is missing
        broken = page.replace(r"\end{enumerate}", "", 1)
        LatexWalker(broken, tolerant_parsing=False).get_latex_nodes()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_is_set_by_tex(tmp_path: Path) -> None:
    pages = "\n".join(map(as_latex, theory.ids()))
    head = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
    (tmp_path / "all.tex").write_text(f"{head}{pages}\n\\end{{document}}\n")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "all.tex"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-2000:]
