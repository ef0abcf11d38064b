"""What solving a game in normal form will take, before the work."""

from __future__ import annotations

from leaderbored.games.bayesian import Bayesian
from leaderbored.games.normal_form import NormalForm
from leaderbored.solvers.estimate import FIXED, Estimate
from leaderbored.solvers.finite import FEW
from leaderbored.solvers.finite.polytope import MOST
from leaderbored.solvers.finite.zero_sum import Opposed

BOTH = 32  # strategies of two players together of which every equilibrium takes ten seconds,
FOLD = 4  # and ten times that with so many more
PROGRAM = 1.5e-7  # seconds for each profile to the power of 5/4, where interests are opposed


def of_types(game: Bayesian, all: bool) -> Estimate | None:
    """Guess the work on a game of private information: that on its agent form, if it has one."""
    return of_table(game.agents, all) if game.form == "agents" else None


def of_table(game: NormalForm, all: bool) -> Estimate | None:
    """Guess the work on a game in normal form, of two players; see :func:`leaderbored.estimate`."""
    if len(game.shape) != 2:
        return None
    what = f"{game.shape[0]:,} x {game.shape[1]:,} strategies"
    if sum(game.shape) > FEW and Opposed.of(game):
        seconds = 1 + PROGRAM * game.profiles**1.25
        return Estimate(what, seconds, FIXED + 1e-4 * game.profiles)
    if not all or sum(game.shape) > MOST:
        return Estimate(what, 1 + 6e-6 * game.profiles, FIXED + 1e-4 * game.profiles)
    size = 10 ** min((sum(game.shape) - BOTH) / FOLD, 100.0)
    return Estimate(what, 0.2 + 10 * size, FIXED / 2 + 200 * size)
