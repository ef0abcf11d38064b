r"""A derivation as text for the screen, or as a fragment of LaTeX.

Sentences are written once, in the notation of the screen: D u_g, r_{g+1}, rho <= 1. For LaTeX the
formulas among the words are found by what they are made of, and set as such. The fragment needs the
package amsmath and no macro of its own: it can be pasted into any document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import fill

import sympy as sp

from leaderbored.theory import result
from leaderbored.theory.comparative import Static, statics
from leaderbored.theory.derivation import Step
from leaderbored.theory.records import Result

LINE = 96  # characters of a line of prose
WIDE = 110  # of a printed formula
LONG = 260  # of LaTeX beyond which an equation is broken at its sign
SIGNS = {1: "+", -1: "-", 0: "0", None: "+/-"}
HOW = {
    "computed": "computed by sympy",
    "verified": "verified, exactly and in 50 digits",
    "argument": "argued, with the reason named",
}

GREEK = """
    alpha beta gamma delta epsilon eta theta kappa lambda mu nu pi rho sigma tau phi chi psi omega
    Gamma Delta Theta Lambda Phi Psi Omega
"""
FUNCTIONS = "max min sup inf lim ln log exp det sum prod arccos cos sin sqrt"
LETTERS, NAMED = frozenset(GREEK.split()), frozenset(FUNCTIONS.split())
SHORTHAND = {
    "<=": r" \le ",
    ">=": r" \ge ",
    "!=": r" \ne ",
    "->": r" \to ",
    "...": r" \dots ",
    "%": r"\%",
    "#": r"\#",
    "&": r"\&",
    "$": r"\$",
}
ESCAPES = {
    **{c: f"\\{c}" for c in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "<": "$<$",
    ">": "$>$",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
}
OPERATOR = re.compile(r"[-+=<>/*|]+|<=|>=|!=|->|\.\.\.")
ARTICLES = ("a", "A", "I")


def as_text(id: str) -> str:
    """The derivation of a result for the screen.

    Examples
    --------
    >>> print(as_text("R3").splitlines()[0])
    R3. Headwind window
    """
    one = result(id)
    lines = [f"{one.id}. {one.title}", "", *_wrapped(one.statement), "", "Hypotheses:"]
    lines += [line for text in one.assumptions for line in _wrapped(text, "  - ")]
    lines += ["", *_wrapped(f"Proof ({_counts(one)}):"), ""]
    for k, step in enumerate(one.derive().steps, 1):
        lines += _wrapped(f"{step.what} [{_ground(step)}]", f"{k}. ")
        lines += [line for part in step.expressions for line in ("", *_pretty(part))]
        lines.append("")
    lines += ["Closed forms:", ""]
    for name, form in one.derive().closed.items():
        lines += [*_pretty(sp.Eq(sp.Symbol(name), form, evaluate=False)), ""]
    lines += ["Comparative statics (sign of the derivative):", ""]
    lines += [_sentence(static) for static in statics(id)]
    lines += ["", "Sources:"]
    lines += [line for source in one.sources for line in _wrapped(source, "  - ")]
    return "\n".join(line.rstrip() for line in lines)


def as_latex(id: str) -> str:
    r"""The derivation of a result as a fragment of LaTeX that needs the package amsmath.

    Comparative statics are left to the screen.

    Examples
    --------
    >>> print(as_latex("R3").splitlines()[1])
    \subsection*{R3. Headwind window}
    """
    one = result(id)
    lines = [
        r"% A fragment: paste it into a document that has \usepackage{amsmath}.",
        rf"\subsection*{{{prose(f'{one.id}. {one.title}')}}}",
        rf"\noindent\textbf{{Statement.}} {prose(one.statement)}.",
        "",
        r"\noindent\textbf{Hypotheses.}",
        *_list("itemize", map(prose, one.assumptions)),
        "",
        rf"\noindent\textbf{{Proof}} ({_counts(one)}).",
    ]
    steps = (
        "\n".join(
            [f"{prose(step.what)} [{prose(_ground(step))}]", *map(_display, step.expressions)]
        )
        for step in one.derive().steps
    )
    lines += [*_list("enumerate", steps), "", r"\noindent\textbf{Closed forms.}"]
    for name, form in one.derive().closed.items():
        lines.append(rf"\[ \text{{{name.replace('_', ' ')}}} = {sp.latex(form)} \]")
    lines += ["", r"\noindent\textbf{Sources.}", *_list("itemize", map(prose, one.sources))]
    return "\n".join(lines)


def prose(text: str) -> str:
    r"""Words as LaTeX, with the formulas among them set as such.

    Examples
    --------
    >>> prose("Values fall in D, as r_{g+1} <= rho r_g (see R5).")
    'Values fall in $D$, as $r_{g+1} \\le \\rho r_g$ (see R5).'
    """
    return " ".join(_pieces(text.split()))


def _pieces(words: list[str]) -> Iterator[str]:
    """Words as they are and runs of formula words as one formula each."""
    k = 0
    while k < len(words):
        end = _run(words, k)
        if end == k:
            yield "".join(ESCAPES.get(c, c) for c in words[k])
            k += 1
            continue
        body, close = _split(" ".join(words[k:end]))
        opening = "(" if body.startswith("(") and _depth(body) > 0 else ""
        while body.endswith(")") and _depth(body) < 0:
            body, close = body[:-1], f"){close}"
        yield f"{opening}${_formula(body[len(opening) :])}${close}"
        k = end


def _run(words: list[str], start: int) -> int:
    """Where a formula that starts at a word ends; there itself if none does."""
    depth, end = 0, start
    for k in range(start, len(words)):
        core, close = _split(words[k])
        beside = words[max(start, k - 1)], words[min(k + 1, len(words) - 1)]
        kind = _kind(core.lstrip("(["), any(OPERATOR.fullmatch(other) for other in beside))
        if not kind:
            break
        depth += _depth(words[k])
        if kind == "strong" or (end > start and not OPERATOR.fullmatch(core)):
            end = k + 1
        if depth < 0 or (close and depth == 0):
            break
    return end


def _kind(core: str, by_operator: bool) -> str:
    """Whether a word is part of a formula: strong alone, weak beside a strong one, or no."""
    bare = core.strip("()[]{}|,.'")
    if not core or re.fullmatch(r"R\d+.*|\d{4}\)?|[A-Za-z]+-[A-Za-z-]+", core):
        return ""
    if OPERATOR.fullmatch(core) or re.fullmatch(r"[-+|(]*[\d./]+[|)]*", core):
        return "weak"
    if bare in ARTICLES:
        return "weak" if by_operator else ""
    if re.search(r"[_^=<>+*/{}]|\d[a-zA-Z]|\w\(", core) and "//" not in core:
        return "strong"
    names = re.findall(r"[A-Za-z]+", bare)
    known = all(len(name) == 1 or name in LETTERS | NAMED for name in names)
    if not names or not known or core.endswith("'s"):
        return ""
    return "weak" if set(names) <= NAMED else "strong"


def _split(word: str) -> tuple[str, str]:
    """A word without the punctuation that closes it, and that."""
    found = re.search(r"(?<!\.)[.,:;]+$|(?<=\.\.\.)[,:;]$", word)
    return (word[: found.start()], found.group()) if found else (word, "")


def _depth(word: str) -> int:
    return sum(word.count(c) for c in "([{") - sum(word.count(c) for c in ")]}")


def _formula(text: str) -> str:
    """A formula in the notation of the screen, in that of LaTeX."""
    text = re.sub(r"(\^|_)\(([^()]*)\)", r"\1{\2}", text)
    text = re.sub(r"(\^|_)(-?[A-Za-z0-9]{2,})(?![{(])", r"\1{\2}", text)
    text = re.sub(r"sqrt(?: (\w+)|\(([^()]*)\))", r"\\sqrt{\1\2}", text)
    text = re.sub(r"(?<=\w)\*(?=$|[ ,)])", "^*", text)
    for plain, set_ in SHORTHAND.items():
        text = text.replace(plain, set_)
    text = re.sub(
        r"(?<![\\A-Za-z])[A-Za-z]{2,}(?![A-Za-z])", lambda name: _name(name.group()), text
    )
    return re.sub(r" +", " ", text).strip()


def _name(word: str) -> str:
    if word in LETTERS | NAMED:
        return f"\\{word} "
    return word if len(set(word)) < len(word) or len(word) == 2 else rf"\text{{{word}}}"


def _display(expression: sp.Basic) -> str:
    whole = sp.latex(expression)
    if isinstance(expression, sp.Eq) and len(whole) > LONG:
        left, right = map(sp.latex, expression.args)
        return rf"\begin{{multline*}} {left} \\ = {right} \end{{multline*}}"
    return rf"\[ {whole} \]"


def _list(kind: str, items: Iterator[str] | map[str]) -> list[str]:
    return [rf"\begin{{{kind}}}", *(rf"\item {item}" for item in items), rf"\end{{{kind}}}"]


def _counts(one: Result) -> str:
    kinds = [step.kind for step in one.derive().steps]
    return "; ".join(f"{kinds.count(kind)} {how}" for kind, how in HOW.items() if kind in kinds)


def _ground(step: Step) -> str:
    return f"argument: {step.reason}" if step.kind == "argument" else step.kind


def _wrapped(text: str, first: str = "") -> list[str]:
    later = " " * len(first)
    return fill(
        text,
        LINE,
        initial_indent=first,
        subsequent_indent=later,
        break_long_words=False,
        break_on_hyphens=False,
    ).splitlines()


def _pretty(expression: sp.Basic) -> list[str]:
    lines = sp.pretty(expression, use_unicode=True, wrap_line=False).splitlines()
    if max(map(len, lines)) <= WIDE:
        return [f"    {line}" for line in lines]
    if isinstance(expression, sp.Eq):
        left, right = expression.args
        return [*_pretty(left), "    =", *_pretty(right)]
    return [f"    {line}" for line in fill(str(expression), WIDE).splitlines()]


def _sentence(static: Static) -> str:
    name = f"{static.form:>14} by {static.parameter!s:<10}"
    how = "proved for" if static.how == "proved" else "sampled for"
    turn = f"; changes sign where {static.boundary} = 0" if static.boundary is not None else ""
    return f"  {name} {SIGNS[static.sign]:<4}{how} {static.where}{turn}"
