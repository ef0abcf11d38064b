r"""The paper as LaTeX, from the one text, by pandoc.

Journals and arXiv take TeX. Pandoc (3.1.3 or later) reads Typst, all but what sets its look: so the
head of the text is replaced by one of a few plain macros, and what pandoc cannot know stands in the
text as marks, ⟦theorem⟧, that are turned into environments, labels and citations afterwards.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from leaderbored.files import write
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.writeup.build import TEXT

SOURCE = "race-or-run.tex"
BODY = "#align(center)["  # where the look ends and the paper begins
MACROS = """#let n = json("numbers.json")
#let took = json("seconds.json")
#let statement(kind, title, body) = [⟦#kind: #title⟧ #body ⟦/#kind⟧]
#let proof(body) = [⟦proof⟧ #body ⟦/proof⟧]
#let picture(name, caption, width: 100%) = figure(
  image("figures/" + name + ".pdf", width: width), caption: caption)
#let tenth(exponent) = $10^#exponent$
#let rule = table.hline()
"""
HEAD = r"""\documentclass[11pt,a4paper]{article}
\usepackage{amsmath,amssymb,amsthm,graphicx,booktabs,longtable,array,calc,natbib}
\usepackage{etoolbox}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage[margin=2.6cm]{geometry}
\usepackage[hidelinks]{hyperref}
\newtheorem{proposition}{Proposition}
\newtheorem{theorem}[proposition]{Theorem}
\newtheorem{lemma}[proposition]{Lemma}
\newtheorem{corollary}[proposition]{Corollary}
\setlength{\tabcolsep}{4pt}\setlength{\LTcapwidth}{\textwidth}
\AtBeginEnvironment{longtable}{\small}
\title{Race or run?\\ \large When leads in a race for compute limit themselves}
\author{The leaderbored developers}
\date{}
\begin{document}
\maketitle
"""
KINDS = ("Theorem", "Proposition", "Lemma", "Corollary")
NAMES = {"fig": "Figure", "tab": "Table"}
LABEL = r"\\protect\\phantomsection\\label\{([\w-]+)\}\{\}"
HEADING = r"(\\(?:sub)*section\{[^\n]*\})\n+" + LABEL
DISPLAY = r"\\\[((?:(?!\\\])[\s\S])*)\\\]\s*" + LABEL
LONG = r"(\\begin\{longtable\}(?:(?!\\begin\{longtable\}).)*?\\end\{longtable\}[\s}]*)" + LABEL
MARKS = {
    "\N{MINUS SIGN}": "--",
    "\N{MEDIUM SMALL WHITE CIRCLE}": r"\circ ",
    "⟦proof⟧": r"\begin{proof}",
    "⟦/proof⟧": r"\end{proof}",
    "⟦appendix⟧": r"\appendix",
    "⟦references⟧": "\\bibliographystyle{plainnat}\n\\bibliography{references}",
}


def latex(folder: Path) -> Path:
    """Write the paper as LaTeX, with its numbers in it; the file's path.

    Parameters
    ----------
    folder : Path
        With the text and its numbers.

    Raises
    ------
    GameFileError
        If pandoc is not installed, or cannot read the text.
    """
    pandoc = shutil.which("pandoc")
    if pandoc is None:
        missing = "not installed; expected pandoc 3.1.3 or later (pandoc.org)"
        raise GameFileError("reproduce", [Mistake("pandoc", "", missing)])
    text = (folder / TEXT).read_text(encoding="utf-8")
    command = [pandoc, "--from=typst", "--to=latex", "--natbib", "--wrap=preserve"]
    done = subprocess.run(
        command, input=marked(text).encode(), capture_output=True, check=False, cwd=folder
    )
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise GameFileError("reproduce", [Mistake("pandoc", TEXT, said[0] if said else "failed")])
    source = HEAD + finished(done.stdout.decode()) + "\\end{document}\n"
    write(folder / SOURCE, source.encode())
    return folder / SOURCE


def marked(text: str) -> str:
    r"""The text with plain macros for a head, and marks for what pandoc cannot know.

    Examples
    --------
    >>> said = 'look #align(center)[Title]\n\nAs #cite(<a-1>, form: "prose") says.'
    >>> print(marked(said).splitlines()[-1])
    As ⟦cite a-1⟧ says.
    """
    body = text[text.index(BODY) :]
    body = body[body.index("\n\n") :]
    for pattern, by in (
        (r'#cite\(<([\w-]+)>, form: "prose"\)', r"⟦cite \1⟧"),
        (r"#bibliography\(.*\)\n", "⟦references⟧\n"),
        (r'#set heading\(numbering: "A"\)\n#counter\(heading\).*\n', "⟦appendix⟧\n"),
        (r"#(?:show|set) .*\n|#v\([^)]*\)\n?", ""),
    ):
        body = re.sub(pattern, by, body)
    return MACROS + body


def finished(tex: str) -> str:
    r"""Marks and bare labels of pandoc's LaTeX turned into what they stand for.

    Examples
    --------
    >>> print(finished(r"As \hyperref[fig-a]{{[}fig-a{]}} and ⟦cite b⟧ show."))
    As Figure~\ref{fig-a} and \citet{b} show.
    >>> print(finished("\\[x\\]\n\\protect\\phantomsection\\label{e}{} is"))
    \begin{equation}x\label{e}\end{equation} is
    """
    names: dict[str, str] = {}

    def equation(found: re.Match[str]) -> str:
        names[found[2]] = "Equation"
        return f"\\begin{{equation}}{found[1]}\\label{{{found[2]}}}\\end{{equation}}"

    def referred(found: re.Match[str]) -> str:
        name = names.get(found[1]) or NAMES.get(found[1].partition("-")[0], "Section")
        return f"{name}~\\ref{{{found[1]}}}"

    def table(found: re.Match[str]) -> str:
        return found[1].replace("\\caption{", f"\\caption{{\\label{{{found[2]}}}", 1)

    for kind in KINDS:
        name = kind.lower()
        tex = re.sub(rf"⟦{kind}: ([^⟧]*)⟧", rf"\\begin{{{name}}}[\1]", tex)
        tex = re.sub(rf"⟦/{kind}⟧(?:\s*{LABEL})?", rf"\\end{{{name}}}", tex)
    tex = re.sub(HEADING, r"\1\\label{\2}", tex)
    tex = re.sub(DISPLAY, equation, tex)
    tex = re.sub(r"(\\end\{figure\})\s*" + LABEL, r"\\label{\2}\1", tex)
    tex = re.sub(LONG, table, tex, flags=re.DOTALL)
    tex = re.sub(r"⟦cite ([\w-]+)⟧", r"\\citet{\1}", tex)
    for mark, stands_for in MARKS.items():
        tex = tex.replace(mark, stands_for)
    return re.sub(r"\\hyperref\[([\w-]+)\]\{\{\[\}[\w-]+\{\]\}\}", referred, tex)
