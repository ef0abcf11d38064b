"""What solving a game will take, before the work: rough, from measurements on one machine."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderbored.kinds import kind_of
from leaderbored.solvers.reductions import chain

if TYPE_CHECKING:
    from leaderbored.games.stochastic import MarkovGame

# Seconds are 1 + rate * unknowns ** power, by the number of state variables D. The power of sparse
# elimination on a grid is 3 (D - 1) / D (George, SIAM Journal on Numerical Analysis 10, 1973);
# rates were measured.
RATES = {1: 1.8e-5, 2: 7.5e-7, 3: 7.2e-8}
SWEPT = 4e-5  # seconds an unknown where systems are swept, not factorised
MOVED = 2e-5  # seconds for each outcome, state and player: formulas, derivatives, and certificate
LARGEST = 100_000  # unknowns up to which more than one equilibrium is looked for
KEPT, WIDTH = 200.0, 0.002  # megabytes of a swept game, and for each unknown
FIXED = 140.0  # megabytes of the program itself
EACH = 0.010  # megabytes for each state and state variable
SEARCH = 300  # times the work of one equilibrium to look for all of them


@dataclass(frozen=True)
class Estimate:
    """What solving a game will take, and the verdict on a race, within a factor of three or so.

    Where best replies cycle, or do not settle for long, it may be many times that.

    Attributes
    ----------
    what : str
        The size of the game.
    seconds : float
    megabytes : float
    compiles : bool
        Whether kernels are compiled first, which takes some ten seconds once on a machine.
    multiplies : bool
        Whether there may be so many equilibria that counting them takes most of the time.
    """

    what: str
    seconds: float
    megabytes: float
    compiles: bool = False
    multiplies: bool = False

    def __str__(self) -> str:
        about = f"{self.what}: about {_time(self.seconds)} and {self.megabytes:,.0f} MB"
        return about + ("; ten times that if equilibria are many" if self.multiplies else "")


def estimate(game: Any, *, all: bool = False) -> Estimate | None:
    """Estimate time and memory before a game is solved.

    Parameters
    ----------
    game : Game
        Any; only races, games in normal form and Markov games of one's own can grow so large
        that it matters.
    all : bool
        Whether every equilibrium is to be looked for.

    Returns
    -------
    Estimate or None
        None where nothing is known.

    Raises
    ------
    TypeError
        If it is no game.

    Examples
    --------
    >>> import leaderbored as lb
    >>> firm = lb.MarkovPlayer("firm", "w - x**2", {"x": (0, "inf")}, states={"w": (1, 100)},
    ...                        events=[lb.Event({"w": "w + 1"}, hazard="x")], count=2)
    >>> print(estimate(lb.MarkovGame([firm], discount=0.1)))
    10,000 states, 20,000 unknowns: about 2 s and 340 MB
    """
    kind = kind_of(game)
    if not kind.has("estimate"):
        return None
    made: Estimate | None = kind.get("estimate")(chain(game, "estimate").game, all)
    return made


def free_memory() -> float | None:
    """Megabytes that this machine, or the container it is, can still give; None if not known.

    Examples
    --------
    >>> free_memory() != 0
    True
    """
    found = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        found.append(float(next(x for x in lines if x.startswith("MemAvailable")).split()[1]) / 1e3)
    with suppress(OSError, ValueError):  # where a container has a limit of its own
        most, taken = (
            float((Path("/sys/fs/cgroup") / name).read_text("ascii"))
            for name in ("memory.max", "memory.current")
        )
        found.append((most - taken) / 1e6)
    return min(found, default=None)


def of_states(game: MarkovGame, all: bool) -> Estimate:
    """Guess the work on a Markov game of one's own; see :func:`estimate`."""
    unknowns = game.size * sum(1 + len(p.choices) + bool(p.options) for p in game.players)
    variables = max(len(game.axes), 1)
    seconds = RATES[min(variables, 3)] * unknowns ** max(1.0, 3 * (variables - 1) / variables)
    moves = game.size * len(game.players) * _outcomes(game)
    seconds = min(seconds, SWEPT * unknowns) + MOVED * moves
    what = f"{game.size:,} states, {unknowns:,} unknowns"
    megabytes = FIXED + min(EACH * variables * game.size, KEPT + WIDTH * unknowns)
    search = SEARCH if all and unknowns <= LARGEST else 1
    many = all and not any(player.action for player in game.players)
    return Estimate(what, 1 + seconds * search, megabytes, multiplies=many)


def _outcomes(game: MarkovGame) -> int:
    """How many things may happen together; those that lead to the same place are one."""
    from leaderbored.games.stochastic.leading import combinations
    from leaderbored.solvers.stochastic.together import together

    if game.motions or game.profiles.few:
        return min(combinations(game), game.size)
    return len(together(game).destination)


def _time(seconds: float) -> str:
    for unit, length in (("years", 3.15e7), ("days", 86_400), ("hours", 3600), ("min", 60)):
        if seconds >= 2 * length:
            count = seconds / length
            return f"{count:,.0f} {unit}" if count < 1e6 else f"{count:.0e} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else "a second"
