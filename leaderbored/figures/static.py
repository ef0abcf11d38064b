"""Games played once, as pictures: best-reply curves, and simplices of three strategies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from leaderbored.figures.deviations import MOST_PLAYERS, deviations_figure
from leaderbored.figures.style import COLOURS, INK, QUIET, Picture, headed, label, style
from leaderbored.games.bayesian import Bayesian
from leaderbored.games.continuous import Continuous
from leaderbored.games.markov import Array
from leaderbored.games.normal_form import NormalForm
from leaderbored.race import Contest, ContestArrays
from leaderbored.solvers import Solution, StaticEquilibrium
from leaderbored.views.static import static_headline

FINE = 1201  # own strategies among which the best is looked for
COARSE = 1201  # of the other player, at which
JUMP = 0.02  # of the range: replies that move so far at once are not joined
WIDTH, HEIGHT = 1.0, 3**0.5 / 2
MARGIN = 0.03  # of the range, beside it
PALE = 0.72  # how much white there is in the colour of a region
FEW_REAL = "drawn are two players of one strategy each, up to four, without constraints and lists"
FEW = "drawn are two players of one strategy each, 2 x 2 and 3 x 3 games"

Payoffs = Callable[[int, Array, Array], Array]


@dataclass(frozen=True)
class Plane:
    """Two players with one number each: ranges, axis labels, and payoffs of (who, own, other)."""

    ends: tuple[tuple[float, float], tuple[float, float]]
    names: tuple[str, str]
    axes: tuple[str, str]
    payoffs: Payoffs
    mixed: bool = False  # replies that jump take every value between


def drawable_table(game: NormalForm) -> str:
    """Why a game in normal form has no picture; empty if it has one.

    Examples
    --------
    >>> drawable_table(NormalForm([[[1, 0], [0, 1]]] * 2)), drawable_table(NormalForm([[1, 2]]))
    ('', 'drawn are two players of one strategy each, 2 x 2 and 3 x 3 games')
    """
    return "" if game.shape in ((2, 2), (3, 3)) else FEW


def drawable_types(game: Bayesian) -> str:
    """Why a game of private information has no picture; empty if its agent form has one."""
    return drawable_table(game.agents) if game.form == "agents" else FEW


def drawable_real(game: Continuous) -> str:
    """Why a game of real strategies has no picture; empty if it has one."""
    plain = [len(group.player.strategies) for group in game.groups]
    counts = [group.count for group in game.groups]
    few = len(plain) <= MOST_PLAYERS and {*plain, *counts} == {1} and not game.constraints
    for player in game.players:
        few &= not game.own_constraints(player) and not any(game.values(player))
    return "" if few else FEW_REAL


def drawable_contest(game: Contest | ContestArrays) -> str:
    """Why a contest has no picture; empty if it has one."""
    return "" if len(game.names) == 2 else FEW


def table_figure(solution: Solution[StaticEquilibrium]) -> Figure:
    """Draw best replies of a 2 x 2 game, or the simplices of a 3 x 3 game.

    Parameters
    ----------
    solution : Solution
        Of a game in normal form that :func:`drawable_table` accepts.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import leaderbored as lb
    >>> len(table_figure(lb.solve(lb.NormalForm([[[1, 0], [0, 1]]] * 2))).axes)
    1
    """
    if len(solution.game.shape) == 2 and solution.game.shape[0] == 2:
        return _crossing(solution, _mixing(solution.game))
    with style():
        figure = Picture(figsize=(8.4, 4.2))
        for who, axes in enumerate(figure.subplots(1, 2)):
            _simplex(axes, solution, who)
        return _titled(figure, solution)


def real_figure(solution: Solution[StaticEquilibrium]) -> Figure:
    """Draw best replies of two players with one real strategy each.

    Of other numbers of players, and where they mix: what other strategies would pay.

    Examples
    --------
    >>> import leaderbored as lb
    >>> players = [lb.Player(name, {"q": [0, 9]}, "(9 - sum(q)) * q") for name in "AB"]
    >>> len(real_figure(lb.solve(lb.Continuous(players))).axes)
    1
    """
    if len(solution.game.groups) != 2 or any(e.weights for e in solution.equilibria):
        return _titled(deviations_figure(solution), solution)
    return _crossing(solution, _real(solution.game, solution))


def contest_figure(solution: Solution[StaticEquilibrium]) -> Figure:
    """Draw best replies of two labs in a contest.

    Examples
    --------
    >>> import leaderbored as lb
    >>> contest = lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], prize=1.0)
    >>> len(contest_figure(lb.solve(contest)).axes)
    1
    """
    return _crossing(solution, of_contest(solution.game))


def _crossing(solution: Solution[StaticEquilibrium], plane: Plane) -> Figure:
    with style():
        figure = Picture(figsize=(5.4, 5.2))
        curves(figure.subplots(), solution, plane)
        return _titled(figure, solution)


def _titled(figure: Figure, solution: Solution[StaticEquilibrium]) -> Figure:
    headed(figure, solution.game.name, static_headline(solution))
    return figure


# --- curves


def of_contest(game: Contest | ContestArrays) -> Plane:
    """The compute with which the two labs of a contest build.

    Examples
    --------
    >>> of_contest(Contest.of([1.0, 2.0], prize=1.0)).ends
    ((0.0, 1.0), (0.0, 2.0))
    """
    arrays, names = game.arrays, (game.names[0], game.names[1])

    def payoffs(who: int, own: Array, other: Array) -> Array:
        pair = (own, other) if who == 0 else (other, own)
        return arrays.payoffs(np.stack(np.broadcast_arrays(*pair), axis=-1))[..., who]

    ends = [(float(low), float(high)) for low, high in zip(arrays.lo, arrays.hi, strict=True)]
    labels = (f"{names[0]}: compute that builds", f"{names[1]}: compute that builds")
    return Plane((ends[0], ends[1]), names, labels, payoffs)


def _mixing(game: NormalForm) -> Plane:
    tables = game.utility

    def payoffs(who: int, own: Array, other: Array) -> Array:
        table = tables[who] if who == 0 else tables[who].T
        mixed: Array = (
            own * other * table[1, 1]
            + (1 - own) * (1 - other) * table[0, 0]
            + own * (1 - other) * table[1, 0]
            + (1 - own) * other * table[0, 1]
        )
        return mixed

    labels = [
        f"{player}: probability of {names[1]}"
        for player, names in zip(game.players, game.strategies, strict=True)
    ]
    players = (game.players[0], game.players[1])
    return Plane(((0, 1), (0, 1)), players, (labels[0], labels[1]), payoffs, mixed=True)


def _real(game: Continuous, solution: Solution[StaticEquilibrium]) -> Plane:
    from leaderbored.solvers.continuous.program import Program

    program = Program(game)
    known = [[float(law[0]) for law in e.strategies.values()] for e in solution.equilibria]
    ends = []
    for who in range(2):
        low, high = float(program.lower[who]), float(program.upper[who])
        far = max([2.0 * abs(point[who]) for point in known], default=10.0) or 1.0
        low = low if np.isfinite(low) else -far
        ends.append((low, high if np.isfinite(high) else max(far, low + far)))

    def payoffs(who: int, own: Array, other: Array) -> Array:
        columns = []
        for value in other.ravel():
            x = np.full(2, value)
            columns.append(program.payoff(who, own.reshape(-1, 1), x))
        return np.stack(columns, axis=1)

    names = [group.name for group in program.groups]
    strategies = [next(iter(group.player.strategies)) for group in program.groups]
    labels = [
        name if strategy == name else f"{name}: {strategy}"
        for name, strategy in zip(names, strategies, strict=True)
    ]
    return Plane((ends[0], ends[1]), (names[0], names[1]), (labels[0], labels[1]), payoffs)


def curves(
    axes: Axes,
    solution: Solution[StaticEquilibrium],
    plane: Plane,
    colours: Sequence[str] = COLOURS,
) -> None:
    """Draw best replies of two players with one number each, and the equilibria where they meet.

    Examples
    --------
    >>> import leaderbored as lb
    >>> contest = lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1)], prize=1.0)
    >>> curves(Figure().subplots(), lb.solve(contest), of_contest(contest))
    """
    for who, style_ in ((0, "-"), (1, "--")):
        other, reply = _replies(plane, who)
        x, y = (reply, other) if who == 0 else (other, reply)
        axes.plot(x, y, style_, color=colours[who], zorder=2)
        shown = np.flatnonzero(np.isfinite(reply))
        at = int(shown[int((0.88 if who == 0 else 0.78) * (len(shown) - 1))])
        high = who == 1 and y[at] > np.mean(plane.ends[1])
        shift = (6, 0) if who == 0 else (0, -14 if high else 9)
        label(
            axes,
            x[at],
            y[at],
            f"{plane.names[who]} replies",
            colours[who],
            xytext=shift,
            textcoords="offset points",
            ha="left" if who == 0 or not high else "center",
        )
    for equilibrium in solution.equilibria:
        point = [_number(law) for law in equilibrium.strategies.values()]
        full = equilibrium.stable is not False
        axes.plot(
            *point,
            "o",
            color="black",
            markersize=7,
            markerfacecolor="black" if full else "white",
            zorder=4,
            clip_on=False,
        )
    axes.set(xlabel=plane.axes[0], ylabel=plane.axes[1])
    (left, right), (low, high) = plane.ends
    axes.set_xlim(left - _margin(left, right), right + _margin(left, right))
    axes.set_ylim(low - _margin(low, high), high + _margin(low, high))
    if any(e.stable is False for e in solution.equilibria):
        note = "full: equilibrium; hollow: unstable"
        axes.annotate(
            note, (1, 1.01), xycoords="axes fraction", ha="right", fontsize="small", color=QUIET
        )


def _margin(low: float, high: float) -> float:
    """Room beside an axis, also of one that is a single point."""
    return MARGIN * ((high - low) or abs(high) or 1.0)


def _number(law: Array) -> float:
    return float(law[1]) if len(law) == 2 else float(law[0])


def _replies(plane: Plane, who: int) -> tuple[Array, Array]:
    """The other's strategies and the best replies to them, with gaps where replies jump."""
    own = np.linspace(*plane.ends[who], FINE)
    other = np.linspace(*plane.ends[1 - who], COARSE)
    with np.errstate(all="ignore"):
        values = plane.payoffs(who, own[:, None], other[None, :])
    values = np.where(np.isnan(values), -np.inf, values)
    best = values.argmax(axis=0)
    reply = own[best]
    inner = np.flatnonzero((best > 0) & (best < FINE - 1))
    left, top, right = (values[best[inner] + shift, inner] for shift in (-1, 0, 1))
    with np.errstate(all="ignore"):  # the peak of the parabola through three points
        shift = 0.5 * (left - right) / (left - 2 * top + right)
    shift = np.where(np.abs(shift) <= 1, shift, 0.0)
    reply[inner] += shift * (own[1] - own[0])
    jumps = np.flatnonzero(np.abs(np.diff(reply)) > JUMP * (own[-1] - own[0]))
    middle = np.repeat((other[jumps] + other[jumps + 1]) / 2, 2)
    ends = np.stack([reply[jumps], reply[jumps + 1]], axis=1).ravel()
    where = np.repeat(jumps + 1, 2)
    joined = np.insert(reply, where, ends if plane.mixed else np.nan)
    return np.insert(other, where, middle), joined


# --- simplices


def _corners() -> Array:
    return np.array([[0.0, 0.0], [WIDTH, 0.0], [WIDTH / 2, HEIGHT]])


def _simplex(axes: Axes, solution: Solution[StaticEquilibrium], who: int) -> None:
    """Mixtures of one player, coloured by the best reply of the other."""
    game: NormalForm = solution.game
    corners, other = _corners(), 1 - who
    table = game.utility[other] if other == 1 else game.utility[other].T  # rows: who's strategies
    for reply in range(3):
        region = _region(table, reply)
        if len(region) < 3:
            continue
        colour = PALE + (1 - PALE) * np.array(to_rgb(COLOURS[reply]))
        axes.add_patch(Polygon(region @ corners, facecolor=tuple(colour), edgecolor="white"))
        middle = region.mean(axis=0) @ corners
        text = f"{game.players[other]}: {game.strategies[other][reply]}"
        x, y = middle
        label(axes, x, y, text, COLOURS[reply], ha="center", va="center")
    axes.add_patch(Polygon(corners, fill=False, edgecolor=INK, linewidth=1.2))
    for k, (x, y) in enumerate(corners):
        below = y == 0
        axes.annotate(
            game.strategies[who][k],
            (x, y),
            xytext=(0, -5 if below else 5),
            textcoords="offset points",
            ha="center",
            va="top" if below else "bottom",
            fontsize="medium",
        )
    for equilibrium in solution.equilibria:
        point = equilibrium.strategies[game.players[who]] @ corners
        full = equilibrium.stable is not False
        axes.plot(
            *point,
            "o",
            color="black",
            markersize=6.5,
            zorder=4,
            clip_on=False,
            markerfacecolor="black" if full else "white",
        )
    axes.set_title(f"Mixtures of {game.players[who]}, and the best reply to them", fontsize=9)
    axes.set_xlim(-0.08, 1.08)
    axes.set_ylim(-0.1, HEIGHT + 0.1)
    axes.set_aspect("equal")
    axes.axis("off")


def _region(table: Array, reply: int) -> Array:
    """(k, 3) corners, in order, of the mixtures to which a strategy is a best reply."""
    polygon = np.eye(3)
    for rival in range(table.shape[1]):
        if rival != reply:
            polygon = _cut(polygon, table[:, reply] - table[:, rival])
    return polygon


def _cut(polygon: Array, gain: Array) -> Array:
    """The part of a polygon where ``gain`` is not negative (Sutherland and Hodgman 1974)."""
    kept: list[Array] = []
    for k, here in enumerate(polygon):
        before = polygon[k - 1]
        a, b = float(before @ gain), float(here @ gain)
        if a * b < 0:
            kept.append(before + (here - before) * a / (a - b))
        if b >= 0:
            kept.append(here)
    return np.array(kept).reshape(-1, 3)
