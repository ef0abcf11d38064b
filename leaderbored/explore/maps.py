"""The map: verdicts over two numbers of a race, with the present place on it.

Where kernels take the race all points are solved at once, and a second look says where several
equilibria coexist. Other races are solved point by point, on a coarse grid first.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from io import StringIO
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from leaderbored.explore.answers import png
from leaderbored.explore.controls import Control, controls
from leaderbored.explore.setting import Numbers, Setting
from leaderbored.figures.verdicts import TINTS
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.race import Race
from leaderbored.sweeps.answers import Answers
from leaderbored.sweeps.grid import Grid
from leaderbored.sweeps.many import by_kernels, solve_many
from leaderbored.sweeps.phase import Phase, phase
from leaderbored.sweeps.sweep import sweep
from leaderbored.text import percent
from leaderbored.views.formats.html import escaped
from leaderbored.views.numbers import number

if TYPE_CHECKING:
    import xarray

FINE, SEVERAL = 100, 25  # points along each side where kernels take them, and of the second look
COARSE = (3, 5, 9, 17, 33)  # where they do not
UNSURE = 100  # points without an answer up to which a second look is soon taken
PATIENCE = 12.0  # seconds that a finer map may take without being asked for
AXES = ("market.scarcity", "technology.handicap")
PATTERNS = {  # strokes by which areas are told apart without colours, as paths in a tile of 8 by 8
    "race": "M0 8L8 0",
    "breakaway": "M0 0L8 8",
    "mixed": "M0 4H8",
    "peloton": "M4 0V8",
    "standstill": "M0 4H8M4 0V8",
    "escape": "M0 0L8 8M0 8L8 0",
    "depends on the start": "M2 4H6M4 2V6",
    "neutral": "M0 2H8M0 6H8",
}
SIDE = 400  # pixels of a side of the map
HAIR = 0.05  # by which columns overlap, so that no light falls between

Seen = tuple[tuple[Control, Control], NDArray[np.object_]]
"""What a map is over, and the verdicts on it."""

Box = tuple[float, float, float, float]
"""A stretch of the map: left, right, low, high."""


@dataclass(frozen=True, eq=False)
class Drawn:
    """A map: its picture, what is said of it, and what may follow.

    Attributes
    ----------
    picture, note : str
    points : int
        Along a side.
    next : int
        Points of a finer map, or 0 if there is none; of kernels the look for several equilibria.
    goes_on : bool
        Whether that is soon there.
    """

    picture: str
    note: str
    points: int
    next: int
    goes_on: bool


class Swept(NamedTuple):
    """The points of a map, solved.

    Attributes
    ----------
    answers : xarray.Dataset
        As of :func:`leaderbored.sweep`.
    points : int
        Along a side, as was asked for.
    fast : bool
        Whether by kernels.
    left : int
        Points that these are not sure of, and that have no answer.
    """

    answers: xarray.Dataset
    points: int
    fast: bool
    left: int


def axes(race: Race, asked: Numbers) -> tuple[Control, Control]:
    """The numbers across and up, by the address or as is usual.

    Raises
    ------
    GameFileError
        If one is not a number with a slider, or both are the same.

    Examples
    --------
    >>> [axis.name for axis in axes(Setting.of({}).race, {"x": "discount"})]
    ['Impatience', 'Handicap']
    """
    known = {control.path: control for control in controls(race) if control.path != "rungs"}
    usual = [path for path in (*AXES, "technology.flywheel", *known) if path in known]
    x = asked.get("x") or usual[0]
    y = asked.get("y") or next(path for path in (AXES[1], *usual) if path != x)
    for name, path in (("x", x), ("y", y)):
        if path not in known:
            raise GameFileError("map", [Mistake(name, path, f"expected one of {', '.join(known)}")])
    if x == y:
        raise GameFileError("map", [Mistake("y", y, "expected another number than across")])
    return known[x], known[y]


def over(race: Race, asked: Numbers, points: int) -> dict[str, list[float]]:
    """Values of both numbers, from end to end of their sliders.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting
    >>> list(over(Setting.of({}).race, {}, 3).values())
    [[0.1, 0.7, 1.3], [0.0, 0.25, 0.5]]
    """
    sides = axes(race, asked)
    return {axis.path: np.linspace(axis.low, axis.high, points).tolist() for axis in sides}


def _swept(race: Race, asked: Numbers) -> Swept:
    """Solve the points of a map: by kernels alone where these take it, or one by one."""
    grid = Grid.of(race, over(race, asked, FINE))
    fast = by_kernels(grid)
    known = (FINE, SEVERAL) if fast else COARSE
    points = next((p for p in known if str(p) == asked.get("points")), known[0])
    if not fast:
        return Swept(sweep(race, over(race, asked, points), n_jobs=1), points, fast, 0)
    answers = Answers(grid)
    left = solve_many(answers)
    return Swept(answers.table(), points, fast, len(left))


def drawn(race: Race, asked: Numbers) -> Drawn:
    """A map of a race.

    Parameters
    ----------
    race : Race
    asked : dict of str to str
        ``x`` and ``y``, the paths of the numbers; ``points`` along a side, by default all at once
        where kernels take them, or a few.

    Raises
    ------
    GameFileError
        Naming an axis that is none, or if there is a race at no point.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting, changed
    >>> three = changed(Setting.of({}).race, "labs", "3")
    >>> made = drawn(three, {})
    >>> made.points, made.next, "3 by 3" in made.note
    (3, 5, True)
    """
    began, sides = perf_counter(), axes(race, asked)
    found = _swept(race, asked)
    kinds = found.answers["verdict"].values.astype(object)
    kinds[kinds == ""] = None
    kinds[found.answers["status"].values != "converged"] = "none"  # left white
    if found.fast:
        return _by_kernels(race, asked, found, (sides, kinds))
    points = found.points
    further = next((p for p in COARSE if p > points), 0)
    wait = (perf_counter() - began) * (further / points) ** 2
    note = f"A coarse map, of {points} by {points} points that are solved one by one. "
    if further:
        soon = "follows" if wait <= PATIENCE else f"would take about {number(wait)} seconds"
        note += f"One of {further} by {further} {soon}."
    return Drawn(_picture(sides, kinds, []), note, points, further, wait <= PATIENCE)


def _by_kernels(race: Race, asked: Numbers, found: Swept, seen: Seen) -> Drawn:
    """A map that kernels made; at the second look with the places of several equilibria."""
    note = f"{FINE} by {FINE} points, solved by the batch kernels. "
    if found.left:
        note += f"At {found.left:,} of them kernels are not sure of an answer: these are white. "
    if found.left > UNSURE:
        return Drawn(_picture(*seen, []), note, found.points, 0, False)
    if found.points != SEVERAL:
        note += "A look for several equilibria follows."
        return Drawn(_picture(*seen, []), note, found.points, SEVERAL, True)
    second = phase(race, over(race, asked, SEVERAL), starts=0)
    note += f"A second look, at {SEVERAL} by {SEVERAL} points: {second.headline}"
    return Drawn(_picture(*seen, _boxes(second)), note, found.points, 0, False)


def warm() -> None:
    """Compile the kernels, or read those that were compiled before, by a small map."""
    race = Setting.of({"rungs": "2"}).race
    drawn(race, {})
    drawn(race, {"points": str(SEVERAL)})


def _boxes(found: Phase) -> list[Box]:
    """Stretches with several equilibria as boxes."""
    sides = found.x[0] + _sides(len(found.x)) * (found.x[-1] - found.x[0])
    return [
        (float(sides[i]), float(sides[i + 1]), low, high)
        for i, column in enumerate(found.spans)
        for low, high in column
    ]


def _picture(
    sides: tuple[Control, Control],
    kinds: NDArray[np.object_],
    boxes: list[Box],
) -> str:
    """The map in SVG: areas in colours and strokes, with their names, and where several are."""
    x, y = sides
    there = [kind for kind in TINTS if (kinds == kind).any()]
    areas = "".join(_area(kinds, kind) for kind in there)
    names = "".join(_named(kinds, kind) for kind in there)

    def place(box: Box) -> str:
        left, right = ((v - x.low) / (x.high - x.low) * SIDE for v in box[:2])
        low, high = ((v - y.low) / (y.high - y.low) * SIDE for v in box[2:])
        return (
            f'<rect class="several" x="{left:.1f}" y="{SIDE - high:.1f}" '
            f'width="{right - left:.1f}" height="{high - low:.1f}"/>'
        )

    share = [
        f"{kind or 'no verdict'} at {percent(float((kinds == kind).mean()), 2)}" for kind in there
    ]
    words = f"Map of verdicts, {x.name} across and {y.name} up: {', '.join(share)} of its points."
    strokes = "".join(
        f'<pattern id="stroke-{_slug(kind)}" width="8" height="8" patternUnits="userSpaceOnUse">'
        f'<path class="stroke" d="{PATTERNS[kind]}"/></pattern>'
        for kind in there
        if kind in PATTERNS
    )
    dots = (
        '<pattern id="dots" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<circle class="dot" cx="3" cy="3" r="1.3"/></pattern>'
    )
    legend = "".join(f"<li>{_key(kind)}{escaped(kind or 'no verdict')}</li>" for kind in there)
    if boxes:
        several = _swatch('<rect class="several" width="22" height="14"/>')
        legend += f"<li>{several}several equilibria: expectations decide</li>"
    return (
        f'<svg id="map-picture" viewBox="-50 -8 {SIDE + 62} {SIDE + 34}" role="img" '
        f'aria-label="{escaped(words)}" '
        f'data-x="{escaped(x.path)}" data-y="{escaped(y.path)}" data-low="{x.low:g} {y.low:g}" '
        f'data-high="{x.high:g} {y.high:g}" data-step="{x.step:g} {y.step:g}">'
        f'<defs>{strokes}{dots}</defs><rect width="{SIDE}" height="{SIDE}" fill="#ffffff"/>'
        f"{areas}{''.join(map(place, boxes))}{names}{_ticks(x, y)}"
        '<g id="here"><circle r="9"/><circle r="3"/></g></svg>'
        f'<ul class="legend">{legend}</ul>'
    )


def _ticks(x: Control, y: Control) -> str:
    """A frame with numbers along two sides."""
    marks = f'<path class="frame" d="M0 0H{SIDE}V{SIDE}H0Z"/>'
    for k in range(5):
        at = SIDE * k / 4
        across, up = (side.low + k / 4 * (side.high - side.low) for side in (x, y))
        marks += (
            f'<path class="frame" d="M{at:g} {SIDE}v5M0 {SIDE - at:g}h-5"/>'
            f'<text class="tick across" x="{at:g}" y="{SIDE + 20}">{across:.3g}</text>'
            f'<text class="tick up" x="-9" y="{SIDE - at + 4:g}">{up:.3g}</text>'
        )
    return marks


def _area(kinds: NDArray[np.object_], kind: str | None) -> str:
    """One verdict: the runs of its columns as boxes of one path."""
    across, up = (SIDE * _sides(size) for size in kinds.shape)
    path = list[str]()
    for i, column in enumerate(kinds == kind):
        turns = np.flatnonzero(np.diff(np.concatenate([[0], column.astype(int), [0]])))
        wide = across[i + 1] - across[i] + HAIR
        for low, top in zip(turns[::2], turns[1::2], strict=True):
            path.append(
                f"M{across[i]:.2f} {SIDE - up[top]:.2f}h{wide:.2f}"
                f"v{up[top] - up[low]:.2f}h{-wide:.2f}z"
            )
    drawn = "".join(path)
    below = f'<path fill="{TINTS[kind]}" d="{drawn}"/>'
    if kind not in PATTERNS:
        return below
    return f'{below}<path fill="url(#stroke-{_slug(kind)})" d="{drawn}"/>'


def _sides(size: int) -> NDArray[np.float64]:
    """Both ends of a scale from 0 to 1, and the places half way between its points."""
    return np.asarray(np.clip((np.arange(size + 1) - 0.5) / (size - 1), 0.0, 1.0))


def _named(kinds: NDArray[np.object_], kind: str | None) -> str:
    """The name of a verdict where its area is deepest, if there is room."""
    from scipy.ndimage import distance_transform_edt

    deep = distance_transform_edt(np.pad(kinds == kind, 1))[1:-1, 1:-1]
    if deep.max() < 0.06 * max(kinds.shape):
        return ""
    spots = np.argwhere(deep == deep.max())
    i, j = spots[len(spots) // 2]
    x, y = (at / (size - 1) * SIDE for at, size in zip((i, j), kinds.shape, strict=True))
    text, half = kind or "no verdict", 4.5 * len(kind or "no verdict")
    x, y = min(max(x, half + 6), SIDE - half - 6), min(max(y, 16), SIDE - 16)
    return f'<text class="area" x="{x:.0f}" y="{SIDE - y + 5:.0f}">{escaped(text)}</text>'


def _key(kind: str | None) -> str:
    box = f'<rect width="22" height="14" fill="{TINTS[kind]}"/>'
    more = f'<rect width="22" height="14" fill="url(#stroke-{_slug(kind)})"/>'
    return _swatch(box + more * (kind in PATTERNS))


def _swatch(inside: str) -> str:
    return f'<svg class="swatch" viewBox="0 0 22 14" aria-hidden="true">{inside}</svg>'


def _slug(kind: str | None) -> str:
    return (kind or "none").replace(" ", "-")


def table(race: Race, asked: Numbers) -> str:
    """The map as CSV.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting, changed
    >>> race = changed(Setting.of({"rungs": "2"}).race, "market", "clearing")
    >>> print(table(race, {}).splitlines()[0])
    market.scarcity,technology.handicap,verdict,status,regret
    """
    found, out = _swept(race, asked).answers, StringIO()
    x, y = found["status"].dims
    names = ("verdict", "status", "regret")
    written = csv.writer(out, lineterminator="\n")
    written.writerow((x, y, *names))
    for i, a in enumerate(found[x].values.tolist()):
        for j, b in enumerate(found[y].values.tolist()):
            written.writerow(
                (f"{a:.12g}", f"{b:.12g}", *(str(found[name].values[i, j]) for name in names))
            )
    return out.getvalue()


def figure(race: Race, asked: Numbers) -> bytes:
    """The map as other commands draw it, with lines of the theory, as PNG.

    Examples
    --------
    >>> from leaderbored.explore.setting import Setting, changed
    >>> figure(changed(Setting.of({"rungs": "2"}).race, "market", "clearing"), {})[1:4]
    b'PNG'
    """
    from leaderbored.figures.sweep import sweep_figure

    return png(sweep_figure(_swept(race, asked).answers, race))
