r"""Who will lead? The law of an equilibrium from where a board stands, and how it has fared.

Scores become rungs: a lab behind by :math:`x` points is :math:`x` over the points of a rung behind,
to the nearest rung and at most the rungs of the race. From there the equilibrium's Markov chain
gives the law of the leaderboard later. Who leads alone keeps the lead while others are level, until
another leads alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from leaderbored.evidence.boards import Board
from leaderbored.evidence.scores import Scores
from leaderbored.games.markov import Array
from leaderbored.motion.lead import Passage, duration, first_passage, laws_over, opened
from leaderbored.race import leads
from leaderbored.shown import Shown
from leaderbored.solvers import Solution
from leaderbored.text import percent

States = NDArray[np.int64]
Index = NDArray[np.intp]

MONTHS = (3, 12, 36)
SAME = 1e-9  # difference of chances that is none


@dataclass(frozen=True, eq=False)
class Forecast(Shown):
    """Who will lead.

    Attributes
    ----------
    name : str
        Title of the race.
    labs : tuple of str
    behind : tuple of int
        Rungs behind the best lab at the start.
    leader : str or None
        Who leads at the start; None where labs are level and it is not known.
    months : (M,) array
        Ahead of the start.
    chances : (M, N) array
        Of being in the lead then: of having been the last to lead alone.
    reign : Passage or None
        When another lab leads alone for the first time; None where it is not known who leads.
    """

    name: str
    labs: tuple[str, ...]
    behind: tuple[int, ...]
    leader: str | None
    months: Array
    chances: Array
    reign: Passage | None

    @property
    def headline(self) -> str:
        """One sentence: who leads, for how much longer, and who leads at the end."""
        last = self.chances[-1]
        most = last > last.max() - SAME
        first = [lab for lab, likely in zip(self.labs, most, strict=True) if likely]
        chance = f"with probability {percent(float(last.max()), 2)}"
        who = f"{first[0]} leads {chance}, more than any other"
        if len(first) > 1:
            who = f"{', '.join(first[:-1])} and {first[-1]} each lead {chance}, more than any other"
        later = f"in {self.months[-1]:g} months {who}"
        level = [lab for lab, rungs in zip(self.labs, self.behind, strict=True) if rungs == 0]
        close = f"{', '.join(level[:-1])} and {level[-1]} are less than half a rung apart"
        if self.reign is None:
            return f"{close}; {later}."
        left = f"{self.leader} leads until another does in {duration(self.reign.mean)} on average"
        if not np.isfinite(self.reign.mean):
            left = f"{self.leader} may lead for ever"
        return f"{left}; {close}; {later}." if len(level) > 1 else f"{left}; {later}."


def standing(scores: Scores, day: np.datetime64, rung: float) -> dict[str, int]:
    """Rungs behind the best lab on a day, by lab; of labs with a score by then.

    Parameters
    ----------
    scores : Scores
    day : numpy.datetime64
    rung : float
        Points of a rung; positive.

    Examples
    --------
    >>> days = np.array(["2025-01-01", "2025-03-01"], dtype="datetime64[D]")
    >>> scores = Scores("mine", ("A", "B"), days, np.array([0, 1]), np.array([1.0, 6.0]))
    >>> standing(scores, days[1], rung=2.0)
    {'A': 2, 'B': 0}
    """
    best: dict[str, float] = {}
    for date, lab, score in zip(scores.dates, scores.lab, scores.score, strict=True):
        if date <= day:
            name = scores.labs[lab]
            best[name] = max(score, best.get(name, -np.inf))
    top = max(best.values(), default=0.0)
    return {name: int(np.rint((top - best[name]) / rung)) for name in scores.labs if name in best}


def seen(board: Board) -> Scores:
    """What a board shows of its labs: scores of those that were first or second, when they were.

    A lab that is neither stands where it was last seen. Only of boards on which scores stay what
    they are once they were reached.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> seen(board("eci")).labs
    ('Anthropic', 'DeepSeek', 'Google', 'Meta', 'Mistral', 'OpenAI', 'xAI')
    """
    rows = [
        (date, name, score)
        for date, names, scores in zip(
            board.dates, zip(board.leader, board.runner_up, strict=True), board.scores, strict=True
        )
        for name, score in zip(names, scores, strict=True)
    ]
    labs = tuple(sorted({name for _, name, _ in rows}))
    lab = np.array([labs.index(name) for _, name, _ in rows], dtype=np.intp)
    dates = np.array([date for date, _, _ in rows])
    score = np.array([value for _, _, value in rows], dtype=float)
    return Scores(board.name, labs, dates, lab, score).records()


def forecast(
    solution: Solution,
    behind: Mapping[str, int],
    months: Sequence[float] = MONTHS,
    leader: str | None = None,
    equilibrium: int = 0,
) -> Forecast:
    """Who will lead, from where labs stand.

    Parameters
    ----------
    solution : Solution
        Of a race of N labs.
    behind : mapping of str to int
        Rungs behind the best lab, by lab; labs that are not named stand as far behind as is told
        apart, and more rungs than that count as that many.
    months : sequence of float, default 3, 12 and 36
        How far ahead; positive.
    leader : str, optional
        Who led last, where labs are level; by default each of these with equal chance.
    equilibrium : int, default 0
        Which of the solution's.

    Raises
    ------
    TypeError
        If the game is not a race.
    ValueError
        If a lab is not in the race, nobody is at the top, or there is no such equilibrium.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(3), discount=0.1, rungs=3)
    >>> found = forecast(lb.solve(race), {"A": 0, "B": 2})
    >>> bool(found.chances[0, 0] > found.chances[-1, 0] > 0.5)
    True
    """
    ahead = np.asarray(months, dtype=float)
    if not len(ahead) or not (ahead > 0).all():
        raise ValueError(f"months: {list(months)}: expected positive numbers")
    race, board, law, _ = opened(solution, None, 1.0, equilibrium)
    labs = tuple(lab.name for lab in race.labs)
    unknown = [name for name in behind if name not in labs]
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not in the race; known: {', '.join(labs)}")
    at = np.array([min(behind.get(name, race.rungs), race.rungs) for name in labs])
    if at.min() != 0:
        raise ValueError("behind: expected a lab at the top, zero rungs behind")
    states = board.game.states
    state = int(np.flatnonzero((states == at).all(axis=1))[0])
    level = np.flatnonzero(at == 0)
    if leader is not None and (leader not in labs or labs.index(leader) not in level):
        raise ValueError(f"leader: {leader!r}: expected one of {', '.join(labs[i] for i in level)}")
    holders = level if leader is None else np.array([labs.index(leader)])
    generator, place = _held(law.rates, states)
    start = np.bincount(place[state, holders], minlength=generator.shape[0]) / len(holders)
    holder = np.zeros((generator.shape[0], len(labs)))
    holder[place[place >= 0], np.nonzero(place >= 0)[1]] = 1.0
    chances = [laws_over(generator, start, np.array([0.0, m / 12]))[-1] @ holder for m in ahead]
    reign, (_, alone) = None, leads(states)
    if alone[state] >= 0 or leader is not None:
        over = (alone >= 0) & (alone != holders[0])
        times = np.linspace(0, float(ahead.max()) / 12, 121)
        reign = first_passage(law.rates, state, over, times, "another lab leads")
    known = labs[holders[0]] if len(holders) == 1 else None
    return Forecast(race.name, labs, tuple(map(int, at)), known, ahead, np.array(chances), reign)


def _held(rates: sp.csr_array, states: States) -> tuple[sp.csr_array, Index]:
    """Generator of the leaderboard together with who led alone last.

    Returns
    -------
    (T, T) sparse array, (S, N) array
        The generator, and the place in it of each state with each holder; -1 where another leads
        alone.
    """
    _, alone = leads(states)
    count = states.shape[1]
    may = (alone[:, None] == np.arange(count)) | (alone[:, None] < 0)
    place = np.where(may, np.cumsum(may).reshape(may.shape) - 1, -1)
    moves = rates.tocoo()
    rows, columns, data = [], [], []
    for holder in range(count):
        there = may[moves.row, holder]
        source, target = moves.row[there], moves.col[there]
        next_holder = np.where(alone[target] < 0, holder, alone[target])
        rows.append(place[source, holder])
        columns.append(place[target, next_holder])
        data.append(moves.data[there])
    size = int(may.sum())
    where = (np.concatenate(rows), np.concatenate(columns))
    joint = sp.csr_array(sp.coo_array((np.concatenate(data), where), shape=(size, size)))
    return (joint - sp.diags_array(joint.sum(axis=1))).tocsr(), place


def only(scores: Scores, names: Sequence[str]) -> Scores:
    """Records of labs with these names.

    Raises
    ------
    ValueError
        If there are fewer than two.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> only(seen(board("eci")), ["Google", "OpenAI", "A"]).labs
    ('Google', 'OpenAI')
    """
    labs = tuple(name for name in scores.labs if name in names)
    if len(labs) < 2:
        raise ValueError(
            f"board: {scores.name}: expected two labs of the race or more; "
            f"it has {', '.join(scores.labs)}, the race {', '.join(names)}"
        )
    kept = np.isin(scores.lab, [scores.labs.index(name) for name in labs])
    lab = np.array([labs.index(scores.labs[i]) for i in scores.lab[kept]], dtype=np.intp)
    dates, score = scores.dates[kept], scores.score[kept]
    return Scores(scores.name, labs, dates, lab, score, until=scores.last).records()


def leader_on(scores: Scores, day: np.datetime64) -> str:
    """Who led on a day: who had the best score first.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> leader_on(seen(board("eci")), np.datetime64("2026-10-08"))
    'Anthropic'
    """
    return scores.labs[int(leading(scores, day).argmax())]


def leading(scores: Scores, day: np.datetime64) -> Array:
    """(N,) one for who led on a day.

    Examples
    --------
    >>> from leaderbored.evidence.boards import board
    >>> two = only(seen(board("eci")), ["Google", "OpenAI"])
    >>> leading(two, np.datetime64("2026-10-08")).tolist()
    [0.0, 1.0]
    """
    on = np.flatnonzero(scores.dates <= day)
    return np.asarray(np.eye(len(scores.labs))[scores.lab[on[scores.score[on].argmax()]]])
