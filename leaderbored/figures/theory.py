"""A result of the theory as a card with its closed forms, and a check as a bar."""

from __future__ import annotations

from textwrap import fill

import sympy as sp
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from matplotlib.ticker import FuncFormatter

from leaderbored.figures.look import look
from leaderbored.figures.style import COLOURS, INK, QUIET, Picture, label, style
from leaderbored.theory.records import Check, Result

BROAD = 8.6  # inches
TITLE, LINE = 72, 92  # characters of the title and of text
WIDE = 112  # of small text
LONG = 170  # characters of LaTeX that fit on a line


def result_figure(one: Result) -> Figure:
    """Draw the statement of a result and its closed forms.

    Parameters
    ----------
    one : Result

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(result_figure(lb.theory.result("R3")).texts) > 2
    True
    """
    narrow = min(1.0, (look().width or BROAD) / BROAD)
    title = fill(f"{one.id}. {one.title}", int(TITLE * narrow))
    said = fill(one.statement, int(LINE * narrow))
    rows = [_formula(name, form, narrow) for name, form in one.derive().closed.items()]
    heights = [0.3 if text.startswith("$") else 0.1 * text.count("\n") + 0.15 for text in rows]
    begun = 0.52 + 0.23 * title.count("\n")
    first = begun + 0.23 + 0.2 * (said.count("\n") + 1)
    height = first + 2 * sum(heights) + 0.1
    with style():
        figure = Picture((BROAD, height), rows=True)
        figure.text(0.03, 1 - 0.15 / height, title, fontsize=12, weight="bold", va="top")
        figure.text(
            0.03, 1 - begun / height, said, fontsize=9.5, va="top", color=INK, linespacing=1.3
        )
        y = first
        for text, half in zip(rows, heights, strict=True):
            size = min(12.0, 12 * LONG * narrow / len(text)) if text.startswith("$") else 7.0
            figure.text(
                0.05, 1 - (y + half) / height, text, fontsize=size, va="center", parse_math=True
            )
            y += 2 * half
    return figure


def _formula(name: str, form: sp.Expr, narrow: float) -> str:
    """Typeset where matplotlib knows how and it is not too long, else as text."""
    plain = fill(f"{name} = {form}", int(WIDE * narrow))
    left = sp.latex(sp.Symbol(name)) if len(name) < 3 else rf"\mathrm{{{name}}}"
    text = f"${left.replace('_', ' ')} = {sp.latex(form)}$"
    try:
        MathTextParser("path").parse(text)
    except ValueError:
        return plain
    return text if len(text) <= 2 * LONG * narrow else plain


def check_figure(check: Check) -> Figure:
    """Draw the largest discrepancy of a check beside what is allowed.

    Parameters
    ----------
    check : Check

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> len(check_figure(Check("R7", True, 1e-10, 1e-6, 4, 1.0)).axes)
    1
    """
    found = max(check.discrepancy, 1e-17)
    with style():
        figure = Picture(figsize=(7.2, 1.7))
        axes = figure.subplots()
        colour = COLOURS[0] if check.passed else COLOURS[1]
        axes.plot([1e-17, found], [0, 0], color=colour, linewidth=7, solid_capstyle="butt")
        axes.axvline(check.tolerance, color=QUIET, linewidth=1.2)
        label(axes, check.tolerance, 0.6, " allowed", QUIET)
        label(axes, found, 0, f"  {check.discrepancy:.0e}", colour, va="center")
        verdict = "passes" if check.passed else "fails"
        games = f"{check.samples:,} game" + "s" * (check.samples != 1)
        axes.set(
            title=f"{check.id} {verdict} on {games}",
            xscale="log",
            xlabel="largest difference from the solvers, relative",
            ylim=(-1, 1),
        )
        axes.set_xlim(1e-17, 1e3 * max(check.tolerance, found))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.0e}"))
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
    return figure
