"""Races of two labs: the kernels, the single solver, the loops that a user would write, a peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import scipy.optimize

import leaderbored as lb
from benchmarks.contestants import Contestant, Work
from leaderbored.solvers.markov import UNPROVED

LAMBDA, RHO, THETA, RUNGS = 3.0, 0.1, 0.5, 20
SCARCITY, HANDICAP = np.linspace(0.5, 1.1, 40), np.linspace(0.25, 0.5, 50)
POINTS = list(product(SCARCITY[::13], HANDICAP[::24]))  # those that all solve
WORTH = 2.0  # of a tied lab's model over going without, where prices clear
CLOSE = 1e-6  # relative distance of values that are the same


def race(psi: float, eta: float, rungs: int = RUNGS, market: Any = lb.ScarceMarket) -> lb.Race:
    """Two equal labs, by default on a scarce market."""
    labs = [lb.Lab("A", 1), lb.Lab("B", 1)]
    technology = lb.Technology(LAMBDA, returns=THETA, handicap=eta)
    return lb.Race(labs, market(psi), technology, RHO, rungs)


# --- ours


def single(
    method: Any, rungs: int = RUNGS, points: Any = POINTS, market: Any = lb.ScarceMarket
) -> np.ndarray:
    """Values at the tie, one race after the other."""
    found = [lb.solve(race(psi, eta, rungs, market), method) for psi, eta in points]
    return np.array([each.equilibria[0].value[0, 0] for each in found])


def batch(
    scarcity: np.ndarray = SCARCITY,
    handicap: np.ndarray = HANDICAP,
    market: Any = lb.ScarceMarket,
) -> np.ndarray:
    """Values at the tie over a grid: with regret, verdict and statistics at each point."""
    over = {"market.scarcity": scarcity, "technology.handicap": handicap}
    found = lb.sweep(race(0.6, 0.1, market=market), over, n_jobs=1)
    return np.asarray(found["value"][..., 0])


# --- a user's


def pieces(psi: float, eta: float, rungs: int) -> tuple[np.ndarray, np.ndarray]:
    """Demand (2, S) and hazard of all compute (2, S) by lead of the first lab from -G to G."""
    lead = np.arange(-rungs, rungs + 1)
    behind = np.array([np.maximum(-lead, 0), np.maximum(lead, 0)])
    weight = np.exp(-behind)
    return 2 * psi * weight / weight.sum(axis=0), LAMBDA * np.exp(-eta * behind)


def replies(value: np.ndarray, demand: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, ...]:
    """Hazards and revenues of best replies to values, and values after a success of each lab."""
    own = np.array([np.r_[value[0, 1:], value[0, -1]], np.r_[value[1, 0], value[1, :-1]]])
    other = np.array([np.r_[value[0, 0], value[0, :-1]], np.r_[value[1, 1:], value[1, -1]]])
    gain = np.maximum(own - value, 0.0)
    build = np.clip((THETA * scale * gain) ** (1 / (1 - THETA)), np.maximum(0.0, 1 - demand), 1.0)
    return scale * build**THETA, np.minimum(1 - build, demand), own, other


def fixed_point(psi: float, eta: float, rungs: int = RUNGS) -> float:
    """The value at the tie by iterating on the Bellman equations; nan if it never settles."""
    demand, scale = pieces(psi, eta, rungs)
    value = np.zeros_like(demand)
    for _ in range(20_000):
        hazard, revenue, own, other = replies(value, demand, scale)
        new = (revenue + hazard * own + hazard[::-1] * other) / (RHO + hazard.sum(axis=0))
        moved, value = np.abs(new - value).max(), new
        if moved < 1e-11 * np.abs(new).max():
            return float(value[0, rungs])
    return np.nan


def root(psi: float, eta: float, rungs: int = RUNGS) -> float:
    """The value at the tie by scipy.optimize.root on the Bellman equations; nan if it fails."""
    demand, scale = pieces(psi, eta, rungs)

    def residual(flat: np.ndarray) -> np.ndarray:
        value = flat.reshape(demand.shape)
        hazard, revenue, own, other = replies(value, demand, scale)
        paid = revenue + hazard * own + hazard[::-1] * other
        return (paid - (RHO + hazard.sum(axis=0)) * value).ravel()

    found = scipy.optimize.root(residual, np.full(demand.size, 5.0), tol=1e-11)
    return float(found.x.reshape(demand.shape)[0, rungs]) if found.success else np.nan


def clearing_root(psi: float, eta: float, rungs: int = RUNGS) -> float:
    """The same where prices clear: Bellman equations and first-order conditions of sales.

    Unknowns are values, and the log odds of the shares that sell: what is not sold builds.
    """
    _, scale = pieces(psi, eta, rungs)
    lead = np.arange(-rungs, rungs + 1)
    worth = WORTH + np.array([np.maximum(lead, 0), np.maximum(-lead, 0)])  # over the laggard's

    def residual(flat: np.ndarray) -> np.ndarray:
        value, odds = flat.reshape(2, *scale.shape)
        sold = 1 / (1 + np.exp(-odds))
        ratio = sold / np.maximum(2 * psi - sold.sum(axis=0), 1e-9)  # over customers unserved
        own = np.array([np.r_[value[0, 1:], value[0, -1]], np.r_[value[1, 0], value[1, :-1]]])
        other = np.array([np.r_[value[0, 0], value[0, :-1]], np.r_[value[1, 1:], value[1, -1]]])
        hazard, gain = scale * (1 - sold) ** THETA, np.maximum(own - value, 0.0)
        more = worth - np.log(ratio) - 1 - ratio  # revenue of another unit
        first_order = more - THETA * scale * gain * (1 - sold) ** (THETA - 1)
        paid = sold * (worth - np.log(ratio)) + hazard * own + hazard[::-1] * other
        return np.ravel([paid - (RHO + hazard.sum(axis=0)) * value, first_order])

    start = np.ravel([worth / RHO, np.zeros(scale.shape)])
    found = scipy.optimize.root(residual, start, tol=1e-11)
    return float(found.x.reshape(2, *scale.shape)[0, 0, rungs]) if found.success else np.nan


def each(solve: Callable[..., float], rungs: int = RUNGS, points: Any = POINTS) -> np.ndarray:
    """Values at the tie, one race after the other."""
    return np.array([solve(psi, eta, rungs) for psi, eta in points])


def same(answer: np.ndarray, reference: np.ndarray) -> str:
    """How many values are those of the reference."""
    if answer.ndim == 2:
        answer = answer[::13, ::24].ravel()
    close = np.abs(answer / reference - 1) < CLOSE
    lost = int(np.isnan(answer).sum())
    return f"same {close.sum()} of {close.size}" + f", {lost} failed" * bool(lost)


def one_equilibrium() -> Work:
    """An equilibrium of a race of two labs, 41 states."""
    many = len(POINTS)
    return Work(
        "Race of two labs, 41 states",
        [
            Contestant("leaderbored: solved and its regret", partial(single, UNPROVED), "", many),
            Contestant("leaderbored: solved and proved", partial(single, None), "", many),
            Contestant("leaderbored: batch of 2,000, regret, verdict", batch, "", 2_000),
            Contestant("user's loop: Bellman fixed point", partial(each, fixed_point), "", many),
            Contestant("user's loop: scipy.optimize.root", partial(each, root), "", many),
        ],
        same,
    )


def prices_clear() -> Work:
    """The same where prices clear the market."""
    alone, many = partial(single, UNPROVED, market=lb.ClearingMarket), len(POINTS)
    together = partial(batch, market=lb.ClearingMarket)
    return Work(
        "Race of two labs whose prices clear, 41 states",
        [
            Contestant("leaderbored: solved and its regret", alone, "", many),
            Contestant("leaderbored: batch of 2,000, regret, verdict", together, "", 2_000),
            Contestant("user's loop: scipy.optimize.root", partial(each, clearing_root), "", many),
        ],
        same,
    )


# --- sgamesolver, on shares from a grid

SMALL = (0.9, 0.3, 3)  # scarcity, handicap, rungs


def on_a_grid(levels: int) -> float:
    """The value at the tie of a race with so many shares of compute, by sgamesolver's homotopy.

    The game is uniformised: a period ends with a success of either lab, or with none.
    """
    vars(np)["NaN"] = np.nan  # sgamesolver calls it by a name that numpy 2 took away
    import sgamesolver

    psi, eta, rungs = SMALL
    demand, scale = pieces(psi, eta, rungs)
    shares, most = np.linspace(0.0, 1.0, levels), 2 * LAMBDA
    payoffs, moves = [], []
    for s in range(2 * rungs + 1):
        hazard = scale[:, s, None] * shares**THETA / most
        sold = np.minimum(1 - shares, demand[:, s, None]) / (most + RHO)
        payoffs.append(np.array(np.broadcast_arrays(sold[0][:, None], sold[1][None])))
        move = np.zeros((levels, levels, 2 * rungs + 1))
        move[..., min(s + 1, 2 * rungs)] += hazard[0][:, None]
        move[..., max(s - 1, 0)] += hazard[1][None]
        move[..., s] += 1 - hazard[0][:, None] - hazard[1][None]
        moves.append(move)
    game = sgamesolver.SGame(payoffs, moves, most / (most + RHO))
    homotopy = sgamesolver.homotopy.QRE(game)
    homotopy.solver_setup()
    homotopy.solver.verbose = 0
    homotopy.solve()
    return float(homotopy.equilibrium.values[rungs, 0])


def small_race(levels: tuple[int, ...]) -> Work:
    """The same race, its shares continuous here and from a grid there."""

    def ours() -> float:
        return float(lb.solve(race(*SMALL), UNPROVED).equilibria[0].value[0, 0])

    return Work(
        "Race of two labs, 7 states",
        [
            Contestant("leaderbored: any share of compute", ours),
            Contestant("user's loop: Bellman fixed point", lambda: fixed_point(*SMALL)),
            *(
                Contestant(f"sgamesolver: {m} shares", partial(on_a_grid, m), "sgamesolver")
                for m in levels
            ),
        ],
        lambda answer, reference: f"value {answer:.4f}, {answer / reference - 1:+.1%}",
    )


# --- cost against states, labs and batch size


def by_states(rungs: tuple[int, ...]) -> Iterator[tuple[str, int, Callable[[], Any], int]]:
    """Name, states, work and how many races it solves."""
    few = POINTS[::3]
    for g in rungs:
        states = 2 * g + 1
        yield "solved and its regret", states, partial(single, UNPROVED, g, few), len(few)
        yield "user's fixed point", states, partial(each, fixed_point, g, few), len(few)
        yield "batch of 2,000", states, partial(grid, 40, 50, g), 2_000


def grid(rows: int, columns: int, rungs: int = RUNGS) -> Any:
    """A sweep over so many points."""
    over = {
        "market.scarcity": np.linspace(0.5, 1.1, rows),
        "technology.handicap": np.linspace(0.25, 0.5, columns),
    }
    return lb.sweep(race(0.6, 0.1, rungs), over, n_jobs=1)


def by_labs(labs: tuple[int, ...], rungs: int = 4) -> Iterator[tuple[str, int, Callable[[], Any]]]:
    """Name, labs and work: unequal labs, solved with regret."""
    compute = (2.5, 1.9, 1.1, 1.0, 0.55)
    for n in labs:
        many = [lb.Lab(f"{k}", compute[k]) for k in range(n)]
        technology = lb.Technology(2, handicap=0.1, drafting=0.1)
        game = lb.Race(many, lb.ScarceMarket(0.8, 1.5, 0.1), technology, 0.15, rungs)
        yield f"{rungs} rungs", n, partial(lb.solve, game, UNPROVED)


def by_batch(sides: tuple[int, ...]) -> Iterator[tuple[str, int, Callable[[], Any]]]:
    """Name, points and work: sweeps of so many points."""
    for side in sides:
        yield "a sweep", side**2, partial(grid, side, side)
