"""What an answer depends on: shares of verdicts over draws of unknown numbers, Sobol indices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leaderbored.games.markov import Array
from leaderbored.shown import Shown
from leaderbored.solvers.budget import Progress
from leaderbored.solvers.numerics.threads import unthreaded
from leaderbored.sweeps.answers import paths_of
from leaderbored.sweeps.sweep import sweep
from leaderbored.text import percent
from leaderbored.verdicts.words import NOUNS

if TYPE_CHECKING:
    import xarray

VERDICT, LEAD = "verdict", "mean lead"
NONE, SOLVED = "no verdict", "an equilibrium"
UNSOLVED = "no equilibrium found"
INVALID = "no such game"
FIFTH = 0.2  # of the draws: the lowest and the highest of a number


@dataclass(frozen=True)
class Share:
    """How often an outcome is drawn.

    Attributes
    ----------
    outcome : str
        A verdict, or why there is none.
    share, error : float
        Of the draws, and its standard error; nan of a single block.
    """

    outcome: str
    share: float
    error: float


@dataclass(frozen=True)
class Influence:
    """What an answer owes to a number that is not known.

    Attributes
    ----------
    answer : str
        "verdict", "mean lead", or "value of" a player.
    numbers : tuple of str
        The path; of a table of draws all its columns.
    first, first_error : float
        First-order Sobol index: the share of the answer's variance that goes where the number is
        known, the others being drawn; and its standard error. nan without a Saltelli design, or if
        the answer is the same in all draws.
    total, total_error : float
        Total index: the share that is left where all but this number are known.
    low, high : float
        Mean answer where the number is in the lowest and in the highest fifth of its draws: of the
        verdict, the share of the most frequent one.
    known : float
        Share of the blocks in which the answer is known at every point; only these count.
    """

    answer: str
    numbers: tuple[str, ...]
    first: float
    first_error: float
    total: float
    total_error: float
    low: float
    high: float
    known: float


@dataclass(frozen=True, eq=False)
class Uncertainty(Shown):
    """What is drawn, and what it depends on.

    Attributes
    ----------
    title : str
        Name of the game.
    draws : int
        Games that were solved, or tried.
    design : str
    seed : int
    laws : dict of str to str
        What is thought of each number, in words.
    shares : tuple of Share
        The most frequent first.
    means : dict of str to (float, float, float, float)
        Of each answer that is a number: mean, its standard error, and what one of twenty draws is
        below, and above.
    influences : tuple of Influence
        By answer, the largest total index first.
    """

    title: str
    draws: int
    design: str
    seed: int
    laws: dict[str, str]
    shares: tuple[Share, ...]
    means: dict[str, tuple[float, float, float, float]]
    influences: tuple[Influence, ...]

    @property
    def headline(self) -> str:
        """The answer in a sentence."""
        if not any(one.answer == VERDICT for one in self.influences):
            text = "; ".join(map(self._mean, self.means))
            solved = "" if len(self.shares) == 1 and text else f" {self._shares}"
            return f"{text[:1].upper()}{text[1:]}{'.' * bool(text)}{solved}".strip()
        return self._shares + self._hangs

    @property
    def _shares(self) -> str:
        parts, nouns = [], {str(kind): noun for kind, noun in NOUNS.items()}
        for k, one in enumerate(self.shares):
            noun = nouns.get(one.outcome, one.outcome)
            of = " of the draws" if k == 0 else ""
            parts.append(f"{noun} in {percent(one.share, 2)}{of} ({_error(one.error, k == 0)})")
        text = ", ".join(parts)
        return f"{text[:1].upper()}{text[1:]}."

    @property
    def _hangs(self) -> str:
        mine = [one for one in self.influences if one.answer == VERDICT and one.total > 0]
        mine = [one for one in mine if one.total > 2 * one.total_error][:3]
        if not mine:
            return ""
        parts = [f"{' and '.join(one.numbers)} (total index {one.total:.2f})" for one in mine]
        return f" The verdict depends most on {', then on '.join(parts)}."

    def _mean(self, answer: str) -> str:
        mean, error, low, high = self.means[answer]
        return (
            f"the {answer} is {mean:.3g} on average (standard error {error:.2g}), and from "
            f"{low:.3g} to {high:.3g} in nine of ten draws"
        )


def _error(error: float, named: bool) -> str:
    size = "unknown" if np.isnan(error) else f"{100 * error:.1f} points"
    return f"standard error {size}" if named else size


@unthreaded
def uncertainty(
    game: Any,
    over: Mapping[str, Any],
    draws: int = 10_000,
    *,
    design: str = "saltelli",
    seed: int = 1,
    method: Any = None,
    n_jobs: int | None = None,
    progress: Progress | None = None,
) -> Uncertainty:
    """Solve a game at draws of its unknown numbers, and say what the answer depends on.

    Parameters
    ----------
    game : Race
        Or a game of another kind.
    over : dict of str to distribution
        What is thought of each number, as of :func:`leaderbored.sweep`;
        :func:`leaderbored.games.formats.gamefile.spreads` reads it off a game file.
    draws : int, default 10000
        Games to solve, in whole blocks.
    design : {"saltelli", "sobol", "random"}
        Sobol indices are estimated with the first only.
    seed : int, default 1
    method, n_jobs, progress
        As of :func:`leaderbored.sweep`.

    Returns
    -------
    Uncertainty

    Raises
    ------
    GameFileError
        As of :func:`leaderbored.sweep`.

    Notes
    -----
    Numbers are drawn independently of each other, but for those in one table. Of the verdict,
    which is no number, the indices are those of the vector of its indicators (Gamboa and others
    2014): what part of the chance that two draws differ in the verdict each number answers for.
    Estimators are those of Saltelli and others (2010; first order) and of Jansen (1999; total).
    Standard errors are those of independent blocks of points, which scrambled Sobol points in
    general undercut.

    References
    ----------
    F. Gamboa and others, "Sensitivity analysis for multidimensional and functional outputs",
    Electronic Journal of Statistics 8, 2014.
    A. Saltelli and others, "Variance based sensitivity analysis of model output", Computer Physics
    Communications 181, 2010.
    M. J. W. Jansen, "Analysis of variance designs for model output", Computer Physics
    Communications 117, 1999.

    Examples
    --------
    >>> import leaderbored as lb
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.ScarceMarket(0.6),
    ...                lb.Technology(1), discount=0.5, rungs=4)
    >>> over = {"market.scarcity": (0.5, 0.9), "technology.flywheel": (0, 0.3)}
    >>> found = lb.uncertainty(race, over, draws=64)
    >>> found.draws, sum(one.share for one in found.shares)
    (64, 1.0)
    """
    found = sweep(
        game, over, method, draws=draws, design=design, seed=seed, n_jobs=n_jobs, progress=progress
    )
    return uncertainty_of(found)


def uncertainty_of(found: xarray.Dataset) -> Uncertainty:
    """The same of a sweep over draws that is done.

    Raises
    ------
    ValueError
        If its points were not drawn.

    Examples
    --------
    >>> import leaderbored as lb
    >>> game = lb.NormalForm([[[1, 0], [0, 1]]] * 2)
    >>> drawn = lb.sweep(game, {"payoffs.0.0.0": (1, 2)}, draws=30)
    >>> uncertainty_of(drawn).headline
    'The value of 1 is 1.5 on average (standard error 0.069), and from 1.12 to 1.93 in nine of ...'
    """
    if "design" not in found.attrs:
        raise ValueError("uncertainty: expected a sweep over draws")
    width = int(found.attrs["block"])
    outcomes = _outcomes(found)
    shares = tuple(
        Share(name, float((outcomes == name).mean()), _clustered(outcomes == name, width))
        for name in sorted(set(outcomes.tolist()), key=lambda n: (-(outcomes == n).sum(), n))
    )
    answers: dict[str, Array] = {}
    if "verdict" in found:
        names = [one.outcome for one in shares]
        answers[VERDICT] = np.stack([outcomes == name for name in names], axis=1).astype(float)
    answers |= {name: column[:, None] for name, column in _numbers(found).items()}
    influences = [
        one
        for answer, columns in answers.items()
        for one in _influences(found, answer, columns, width)
    ]
    return Uncertainty(
        title=str(found.attrs["title"] or found.attrs["kind"]),
        draws=len(outcomes),
        design=str(found.attrs["design"]),
        seed=int(found.attrs["seed_of_draws"]),
        laws={path: str(found[path].attrs["law"]) for path in paths_of(found)},
        shares=shares,
        means={
            name: _mean(column[:, 0], width)
            for name, column in answers.items()
            if name != VERDICT and np.isfinite(column).any()
        },
        influences=tuple(influences),
    )


def _outcomes(found: xarray.Dataset) -> Any:
    """(P,) the verdict at each draw, or why there is none."""
    status = found["status"].values
    outcomes = np.full(len(status), SOLVED, dtype=object)
    if "verdict" in found:
        outcomes[:] = np.where(found["verdict"].values == "", NONE, found["verdict"].values)
    outcomes[status != "converged"] = UNSOLVED
    outcomes[status == "invalid"] = INVALID
    return outcomes


def _numbers(found: xarray.Dataset) -> dict[str, Array]:
    """(P,) answers that are numbers: of a race the mean lead, of others the values of players."""
    if "mean_lead" in found:
        return {LEAD: np.asarray(found["mean_lead"].values, dtype=float)}
    axis = found["value"].dims[-1]
    names = found[axis].values.tolist()
    return {
        f"value of {name}": np.asarray(found["value"].values[:, k], dtype=float)
        for k, name in enumerate(names)
    }


def _clustered(column: Array, width: int) -> float:
    """Standard error of a mean over blocks of points that have to do with each other.

    Blocks that are not known at every point are left out.
    """
    blocks = np.asarray(column, dtype=float).reshape(-1, width).mean(axis=1)
    blocks = blocks[np.isfinite(blocks)]
    return float(blocks.std(ddof=1) / np.sqrt(len(blocks))) if len(blocks) > 1 else np.nan


def _mean(column: Array, width: int) -> tuple[float, float, float, float]:
    """Mean of what is known, its standard error, and quantiles."""
    known = column[np.isfinite(column)]
    low, high = np.quantile(known, [0.05, 0.95])
    return float(known.mean()), _clustered(column, width), float(low), float(high)


def _influences(found: xarray.Dataset, answer: str, columns: Array, width: int) -> list[Influence]:
    """Of every input on an answer (P, k), the largest total index first."""
    groups: dict[int, list[str]] = {}
    for path in paths_of(found):
        groups.setdefault(int(found[path].attrs["input"]), []).append(path)
    blocks = columns.reshape(-1, width, columns.shape[1])
    whole = np.isfinite(blocks).all(axis=(1, 2))
    blocks = blocks[whole]
    indexed = found.attrs["design"] == "saltelli" and len(blocks) > 1
    made = []
    for k, paths in sorted(groups.items()):
        four = _indices(blocks, k) if indexed else (np.nan,) * 4
        low, high = _fifths(found[paths[0]].values.astype(float), columns[:, 0])
        made.append(Influence(answer, tuple(paths), *four, low, high, float(whole.mean())))
    return sorted(
        made,
        key=lambda one: (
            -np.nan_to_num(one.total, nan=abs(np.nan_to_num(one.high - one.low))),
            one.numbers,
        ),
    )


def _indices(blocks: Array, k: int) -> tuple[float, float, float, float]:
    """First-order and total index of one input, each with its standard error.

    Blocks are (n, d + 2, m): a, b, and a with each input of b. Errors are those of a ratio of
    means of n independent blocks.
    """
    a, b, mixed = blocks[:, 0], blocks[:, 1], blocks[:, 2 + k]
    centre = (a.mean(axis=0) + b.mean(axis=0)) / 2
    spread = (((a - centre) ** 2 + (b - centre) ** 2) / 2).sum(axis=1)
    if not spread.mean() > 1e-18 * max(1.0, float((centre**2).sum())):
        return (np.nan,) * 4
    found: list[float] = []
    for part in (((b - centre) * (mixed - a)).sum(axis=1), ((a - mixed) ** 2).sum(axis=1) / 2):
        index = part.mean() / spread.mean()
        left = (part - index * spread) / spread.mean()
        found += [float(index), float(left.std(ddof=1) / np.sqrt(len(left)))]
    return found[0], found[1], found[2], found[3]


def _fifths(number: Array, answer: Array) -> tuple[float, float]:
    """Mean answer where the number is in its lowest, and in its highest fifth."""
    known = np.isfinite(answer)
    if not known.any():
        return np.nan, np.nan
    low, high = np.quantile(number[known], [FIFTH, 1 - FIFTH])
    lowest, highest = answer[known & (number <= low)], answer[known & (number >= high)]
    return float(lowest.mean()), float(highest.mean())
