"""Charts of the page: small pictures in SVG, drawn at once, with words for those who do not see.

Colours are those of all figures; letters and lines follow the reader's choice of light or dark.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from leaderbored.figures.style import CHASER, LEADER, QUIET
from leaderbored.games.markov import Array
from leaderbored.verdicts import Verdict
from leaderbored.views.formats.html import escaped
from leaderbored.views.numbers import number, percent

WIDTH, HEIGHT = 300, 214
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 18, 38
HIGH, LOW = 0.86, 0.14  # shares from which on a name stands on the other side of its line
LETTER = 6.5  # pixels that a letter of a name is wide
LEAST = 1.5  # the axis of pace ratios goes so far up and down at least


@dataclass(frozen=True)
class Axes:
    """A frame with two scales.

    Attributes
    ----------
    x, y : (float, float)
        Ends of the scales.
    log : bool
        Whether the upright one is logarithmic.
    """

    x: tuple[float, float]
    y: tuple[float, float]
    log: bool = False

    def across(self, value: float) -> float:
        """Pixels from the left.

        Examples
        --------
        >>> Axes((0, 10), (0, 1)).across(0)
        44.0
        """
        low, high = self.x
        return round(LEFT + (value - low) / (high - low) * (WIDTH - LEFT - RIGHT), 1)

    def up(self, value: float) -> float:
        """Pixels from the top.

        Examples
        --------
        >>> Axes((0, 10), (0, 1)).up(1.0)
        18.0
        """
        low, high, at = (map(math.log, (*self.y, value))) if self.log else (*self.y, value)
        return round(HEIGHT - BOTTOM - (at - low) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    def frame(
        self, name: str, words: str, inside: Sequence[str], marks: dict[float, str], below: str
    ) -> str:
        """The picture: its marks along the sides, and what is drawn inside."""
        steps = range(math.ceil(self.x[0]), math.floor(self.x[1]) + 1)
        shown = steps[:: max(1, math.ceil(len(steps) / 10))]
        parts = [f'<title id="{name}">{escaped(words)}</title>']
        for value, text in marks.items():
            y = self.up(value)
            parts.append(f'<path class="grid" d="M{LEFT} {y}H{WIDTH - RIGHT}"/>')
            parts.append(_text(LEFT - 6, y + 4, text, "end"))
        parts += [_text(self.across(k), HEIGHT - BOTTOM + 17, str(k), "middle") for k in shown]
        middle = (LEFT + WIDTH - RIGHT) / 2
        parts.append(_text(middle, HEIGHT - 6, below, "middle", "name"))
        parts.append(f'<path class="axis" d="M{LEFT} {HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
        return (
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-labelledby="{name}">{"".join((*parts, *inside))}</svg>'
        )


def builds(leader: Array, others: Array) -> str:
    """Who builds: the share of compute by lead, of the leader, of laggards and of labs that tie.

    Parameters
    ----------
    leader, others : (G + 1,) arrays
        As of :func:`leaderbored.verdicts.profile.by_lead`.

    Examples
    --------
    >>> made = builds(np.array([0.4, 0.2]), np.array([np.nan, 0.7]))
    >>> made.count("<circle"), made.count("<rect"), "laggards" in made
    (1, 1, True)
    """
    axes = Axes((-0.4, len(leader) - 0.6), (0.0, 1.0))
    ahead = [(g, float(b)) for g, b in enumerate(leader) if g and np.isfinite(b)]
    behind = [(g, float(b)) for g, b in enumerate(others) if g and np.isfinite(b)]
    inside = [_line(axes, ahead, LEADER), _line(axes, behind, CHASER)]
    for g, b in behind:
        x, y = axes.across(g), axes.up(b)
        square = f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{CHASER}">'
        inside.append(f"{square}{_said(f'lead {g}: laggards build with {percent(b)}')}</rect>")
    for g, b in ahead:
        told = f"lead {g}: the leader builds with {percent(b)}"
        inside.append(_dot(axes, g, b, f'fill="{LEADER}"', told))
    if np.isfinite(leader[0]):
        x, y = axes.across(0), axes.up(float(leader[0]))
        told = _said(f"tied: labs build with {percent(float(leader[0]))}")
        inside.append(f'<path class="tied" d="M{x} {y - 5}l5 5l-5 5l-5 -5Z">{told}</path>')
    inside += _labels(axes, {"leader": ahead, "laggards": behind})
    words = "Share of compute that builds, by lead. " + " ".join(
        f"{who} {', '.join(percent(b) for _, b in line)}."
        for who, line in (("Leader, from a lead of one rung:", ahead), ("Laggards:", behind))
        if line
    )
    marks = {0.0: "0%", 0.25: "25%", 0.5: "50%", 0.75: "75%", 1.0: "100%"}
    return axes.frame("chart-builds", words, inside, marks, "lead, rungs")


def pace(verdict: Verdict) -> str:
    """Who closes in: the pace ratio by lead, and where leads grow and close.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> "leads close" in pace(lb.verdict(lb.solve(race), check_cap=False))
    True
    """
    known = [(g, float(q)) for g, q in enumerate(verdict.pace_ratio, 1) if q is not None and q > 0]
    spread = 1.15 * max([LEAST, *(max(q, 1 / q) for _, q in known)])
    axes = Axes((0.6, max(len(verdict.pace_ratio), 2) + 0.4), (1 / spread, spread), log=True)
    one, right = axes.up(1.0), WIDTH - RIGHT
    wide = right - LEFT
    inside = [
        f'<rect x="{LEFT}" y="{TOP}" width="{wide}" height="{one - TOP}" fill="{LEADER}" '
        'opacity="0.1"/>',
        f'<rect x="{LEFT}" y="{one}" width="{wide}" height="{HEIGHT - BOTTOM - one}" '
        f'fill="{CHASER}" opacity="0.1"/>',
        f'<path class="one" d="M{LEFT} {one}H{right}"/>',
        _corner(known, "leads grow", TOP + 15, 1),
        _corner(known, "leads close", HEIGHT - BOTTOM - 8, -1),
        _line(axes, known, "var(--ink)"),
    ]
    for place in () if verdict.kind == "standstill" else verdict.crossings:
        x = axes.across(place)
        inside.append(f'<path class="mark" d="M{x} {TOP}V{HEIGHT - BOTTOM}"/>')
        inside.append(_text(x, TOP - 5, f"{place:.1f}", "middle", "name"))
    for g, q in known:
        off = g in verdict.unvisited
        silent = not off and bool(verdict.votes) and g not in verdict.votes
        fill = "var(--paper)" if off else QUIET if silent else "var(--ink)"
        more = "; play spends no time there" * off + "; next to the cap, no say" * silent
        told = f"lead {g}: pace ratio {number(q)}{more}"
        inside.append(_dot(axes, g, q, f'fill="{fill}" stroke="var(--ink)"', told))
    ratios = ", ".join(f"{number(q)} at {g}" for g, q in known) or "nobody moves"
    words = (
        "Pace ratio, how fast the leader moves ahead over how fast laggards close, by lead in "
        f"rungs: {ratios}. Leads grow where it is over 1."
    )
    marks = {value: number(value) for value in _round(spread)}
    return axes.frame("chart-pace", words, inside, marks, "lead, rungs")


def leads(verdict: Verdict) -> str:
    """How large leads are: the share of time at each.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=3)
    >>> leads(lb.verdict(lb.solve(race), check_cap=False)).count("<rect")
    4
    """
    share = [float(s) for s in verdict.statistics.lead_distribution]
    top = max([*share, 1e-9]) * 1.15
    axes = Axes((-0.6, len(share) - 0.4), (0.0, top))
    half = 0.36 * (axes.across(1) - axes.across(0))
    inside = []
    for g, s in enumerate(share):
        x, y = axes.across(g) - half, axes.up(s)
        high = max(HEIGHT - BOTTOM - y, 0)
        colour = CHASER if g else QUIET
        told = _said(f"{'tied' if g == 0 else f'lead {g}'}: {percent(s)}")
        inside.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{2 * half:.1f}" height="{high:.1f}" '
            f'fill="{colour}">{told}</rect>'
        )
    mean = verdict.statistics.mean_lead
    if mean is not None and mean <= len(share) - 1:
        x = axes.across(mean)
        inside.append(f'<path class="mark" d="M{x} {TOP}V{HEIGHT - BOTTOM}"/>')
        side = "end" if x > WIDTH * 0.7 else "start" if x < WIDTH * 0.3 else "middle"
        inside.append(_text(x, TOP - 5, f"mean {number(mean)}", side, "name"))
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if top / s <= 5)
    marks = {k * step: f"{100 * k * step:g}%" for k in range(int(top / step) + 1)}
    told = ", ".join(f"{percent(s)} at {g}" for g, s in enumerate(share))
    words = f"Share of time at each lead in rungs: {told}. Zero is a tie."
    return axes.frame("chart-leads", words, inside, marks, "lead, rungs; 0 is a tie")


def _corner(points: Sequence[tuple[int, float]], text: str, y: float, up: int) -> str:
    """A name in the corner, above or below, from which the line keeps away further."""
    few = max(1, len(points) // 3)
    left, right = ([up * q for _, q in part] for part in (points[:few], points[-few:]))
    if max(left, default=0.0) < max(right, default=0.0):
        return _text(LEFT + 6, y, text, "start", "side")
    return _text(WIDTH - RIGHT - 6, y, text, "end", "side")


def _round(spread: float) -> Iterator[float]:
    """Round numbers on both sides of one, on a logarithmic scale."""
    steps = (1.5, 2, 5, 10, 100, 1e3, 1e4, 1e6, 1e9, 1e12, 1e30, 1e100, 1e300)
    last = 1.0
    yield 1.0
    for step in steps:
        if step < spread and math.log(step / last) > math.log(spread) / 5:
            last = step
            yield step
            yield 1 / step


def _line(axes: Axes, points: Sequence[tuple[float, float]], colour: str) -> str:
    path = "L".join(f"{axes.across(x)} {axes.up(y)}" for x, y in points)
    return f'<path class="line" stroke="{colour}" d="M{path}"/>' if points else ""


def _dot(axes: Axes, x: float, y: float, paint: str, told: str) -> str:
    return f'<circle cx="{axes.across(x)}" cy="{axes.up(y)}" r="4" {paint}>{_said(told)}</circle>'


def _labels(axes: Axes, lines: dict[str, list[tuple[int, float]]]) -> Iterator[str]:
    """The name of each line at its middle: of the upper one above it, if there is room.

    It stands clear of all of the line that is above or below it.
    """
    middles = {who: line[len(line) // 2] for who, line in lines.items() if line}
    order = sorted(middles, key=lambda who: -middles[who][1])
    for k, who in enumerate(order):
        g, b = middles[who]
        above = b < HIGH if k == 0 else b < LOW
        reach = LETTER * len(who) / 2
        near = [y for x, y in lines[who] if abs(axes.across(x) - axes.across(g)) <= reach]
        y = axes.up(max(near)) - 9 if above else axes.up(min(near)) + 20
        yield _text(axes.across(g), y, who, "middle", who)


def _text(x: float, y: float, text: str, anchor: str, kind: str = "tick") -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{escaped(text)}</text>'


def _said(text: str) -> str:
    """Words that a pointer brings up."""
    return f"<title>{escaped(text)}</title>"
