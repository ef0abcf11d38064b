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

from leaderbored.games.markov import Array, Markov, States
from leaderbored.race import Race, landings
from leaderbored.race.alike import Alike, Ordered
from leaderbored.solvers.numerics.linear import factorise
from leaderbored.verdicts.law import leading_to


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
    repeats, changes : (N, S) arrays
        Chances that after an advance of each lab from each state the next one is its own, and that
        it is another's.
    never : float
        Rates at or below this count as none; 1/year.
    """

    by_lab: Array
    repeats: Array
    changes: Array
    never: float

    def under(self, weight: Array) -> Advances:
        """Rates of advances where the states have the law ``weight`` (S,)."""
        rate = weight * self.by_lab
        repeats, changes = (float((rate * part).sum()) for part in (self.repeats, self.changes))
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
    states, labs = markov.states, len(race.labs)
    leaps = np.where(states.T == 0, 1.0, race.technology.leapfrog)
    advance, climb, nobodys = (
        np.where(rate > never, rate, 0.0)
        for rate in (hazard[:labs] * leaps, hazard[:labs] * (1 - leaps), hazard[labs:])
    )
    if isinstance(markov, Ordered):
        repeats, changes = _in_roles(markov.alike, advance, climb)
        return Succession(advance, repeats, changes, never)
    next_by = _next_by(race, markov, advance, climb, nobodys)
    then = [next_by[above(race, markov, lab)[0]] for lab in range(labs)]
    repeats = np.array([after[:, lab] for lab, after in enumerate(then)])
    others = [np.delete(after, lab, axis=1).sum(axis=1) for lab, after in enumerate(then)]
    return Succession(advance, repeats, np.array(others), never)


def above(race: Race, markov: Markov, lab: int) -> tuple[States, States]:
    """(S,) where a success of a lab leads to: an advance of the frontier, and a rung.

    Examples
    --------
    >>> import leaderbored as lb
    >>> from leaderbored.race.alike import Alike
    >>> race = lb.Race([lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1]),
    ...                lb.Technology(1), discount=0.1, rungs=2)
    >>> above(race, race.markov(), 1)[0].tolist(), above(race, Alike(race).ordered, 1)[0].tolist()
    ([3, 3, 3, 4, 4], [1, 1, 1])
    """
    if not isinstance(markov, Ordered):
        return landings(markov.states, race.rungs, lab)
    role = markov.alike.seats[:, lab]
    ahead, closer = markov.alike.landings
    return ahead[role], closer[role]


def _next_by(race: Race, markov: Markov, advance: Array, climb: Array, nobodys: Array) -> Array:
    """(S, N) chances that the next advance is each lab's."""
    states, size, labs = markov.states, advance.shape[1], len(advance)
    total = advance.sum(axis=0) + climb.sum(axis=0) + nobodys.sum(axis=0)
    catch_up = sp.csr_array((size, size))
    for lab in range(labs):
        one_up = landings(states, race.rungs, lab)[1]
        catch_up += sp.csr_array((climb[lab], (np.arange(size), one_up)), shape=(size, size))
    for rate, jump in zip(nobodys, markov.jump[labs:], strict=True):
        stays = rate * jump.diagonal()
        catch_up += sp.diags_array(rate) @ jump - sp.diags_array(stays)
        total = total - stays
    order_of = "NATURAL" if len(race.states()) == size else "MMD_AT_PLUS_A"  # compute moves too
    return _first(catch_up, advance.T, total, states.sum(axis=1), order_of)


def _in_roles(alike: Alike, advance: Array, climb: Array) -> tuple[Array, Array]:
    """(N, M) chances that the next advance is a lab's own, and another's, after one of its own.

    The lab is followed from role to role until the frontier advances.
    """
    (at, seat), moves = alike.roles.T, alike.moves
    advances, climbs, size = advance[seat, at], climb[seat, at], len(at)
    front, rest = moves.front, ~moves.front
    others = np.bincount(
        moves.role[front], moves.number[front] * advances[moves.other[front]], minlength=size
    )
    rates = np.concatenate([moves.number[rest] * climbs[moves.other[rest]], climbs])
    rows = np.concatenate([moves.role[rest], np.arange(size)])
    columns = np.concatenate([moves.after[rest], alike.after[1]])
    catch_up = sp.csr_array((rates, (rows, columns)), shape=(size, size))
    made, total = np.column_stack([advances, others]), (advance + climb).sum(axis=0)[at]
    first = _first(catch_up, made, total, alike.boards[at].sum(axis=1), "NATURAL")
    then = first[alike.after[0]][alike.seats]
    return then[:, :, 0].T, then[:, :, 1].T


def _first(
    catch_up: sp.csr_array, made: Array, total: Array, behind: Array, order_of: str
) -> Array:
    """(Y, C) chances of what ends the wait for an advance, at rates ``made``; or what comes first.

    Catching up lowers the sum of rungs behind, so in that order the system is triangular.
    """
    order = np.argsort(behind, kind="stable")
    exits, catch_up = np.where(total > 0, total, 1.0), catch_up.tocsr()
    catch_up.data /= np.repeat(exits, np.diff(catch_up.indptr))  # rates may be next to nothing
    catch_up = sp.diags_array(1.0 * leading_to(catch_up > 0, made.sum(axis=1) > 0)) @ catch_up
    matrix = (sp.eye_array(len(order)) - catch_up).tocsr()[order][:, order]
    factors = factorise(matrix, order_of, 0.0)
    found = np.empty(made.shape)
    found[order] = factors.solve((made.T / exits).T[order])
    return np.maximum(found, 0.0)
