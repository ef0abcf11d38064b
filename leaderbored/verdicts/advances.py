r"""Frontier advances: how often, by whom, and whether by the lab that made the last one.

A frontier advance makes the lab that made it the sole leader, so the incumbent (ties keep it) is
always the lab that advanced last. Lead changes are therefore advances by another lab than the
last one, and reigns are unbroken strings of advances by one lab.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as spla
from numpy.typing import NDArray

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race import Race, landings


class Advances(NamedTuple):
    """Rates of frontier advances: all, those by the last advancer, and by others; 1/year."""

    rate: float
    repeats: float
    changes: float


@dataclass(frozen=True, eq=False)
class Succession:
    """Who advances, and who advances next.

    Attributes
    ----------
    by_lab : (N, S) array
        Rates of advances in each state, 1/year.
    next_by : (S, N) array
        Chances that the next advance is each lab's.
    above : tuple of (S,) int arrays
        Where each lab's advance leads to.
    never : float
        Rates at or below this count as none; 1/year.
    """

    by_lab: Array
    next_by: Array
    above: tuple[States, ...]
    never: float

    def under(self, weight: Array) -> Advances:
        """Rates of advances where the states have the law ``weight`` (S,)."""
        repeats = changes = 0.0
        for lab, above in enumerate(self.above):
            rate, then = weight * self.by_lab[lab], self.next_by[above]
            repeats += float(rate @ then[:, lab])
            changes += float(rate @ np.delete(then, lab, axis=1).sum(axis=1))
        changes = changes if changes > self.never else 0.0
        return Advances(float((self.by_lab @ weight).sum()), repeats, changes)


def succession(race: Race, markov: Markov, hazard: Array, never: float) -> Succession:
    """Who advances, under success hazards (N, S); moves at rates up to ``never`` count as none.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.verdicts.profile import law_of
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.5, 2.25]),
    ...                lb.Technology(1, leapfrog=1), discount=0.1, rungs=2)
    >>> found = lb.solve(race).equilibria[0]
    >>> made = succession(race, found.game, found.game.hazard(found.build), 0.0)
    >>> advances = made.under(law_of(found).weight)
    >>> bool(abs(advances.repeats + advances.changes - advances.rate) < 1e-12)
    True
    """
    states, size, labs = markov.states, hazard.shape[1], len(race.labs)
    leaps = np.where(states.T == 0, 1.0, race.technology.leapfrog)
    advance, climb, nobodys = (
        np.where(rate > never, rate, 0.0)
        for rate in (hazard[:labs] * leaps, hazard[:labs] * (1 - leaps), hazard[labs:])
    )
    total = advance.sum(axis=0) + climb.sum(axis=0) + nobodys.sum(axis=0)
    catch_up = sp.csr_array((size, size))
    above = []
    for lab in range(labs):
        top, one_up = landings(states, race.rungs, lab)
        above.append(top)
        catch_up += sp.csr_array((climb[lab], (np.arange(size), one_up)), shape=(size, size))
    for rate, jump in zip(nobodys, markov.jump[labs:], strict=True):
        stays = rate * jump.diagonal()
        catch_up += sp.diags_array(rate) @ jump - sp.diags_array(stays)
        total = total - stays
    # Catching up lowers the sum of rungs behind, so in that order the system is triangular.
    order = np.argsort(states.sum(axis=1), kind="stable")
    exits, catch_up = np.where(total > 0, total, 1.0), catch_up.tocsr()
    catch_up.data /= np.repeat(exits, np.diff(catch_up.indptr))  # rates may be next to nothing
    catch_up = sp.diags_array(_ever(advance.sum(axis=0) > 0, catch_up).astype(float)) @ catch_up
    matrix = (sp.eye_array(size) - catch_up).tocsr()[order][:, order]
    next_by = np.empty((size, labs))
    order_of = "NATURAL" if len(race.states()) == size else "MMD_AT_PLUS_A"  # compute moves too
    factors = spla.splu(matrix.tocsc(), permc_spec=order_of, diag_pivot_thresh=0.0)
    next_by[order] = factors.solve((advance / exits).T[order])
    return Succession(advance, np.maximum(next_by, 0.0), tuple(above), never)


def _ever(now: NDArray[np.bool_], moves: sp.csr_array) -> NDArray[np.bool_]:
    """(S,) whether an advance may come: there is one ``now`` or where moves lead."""
    moves = (moves > 0).astype(float)
    while True:
        more = now | (moves @ now > 0)
        if (more == now).all():
            return now
        now = more
