"""Numbers of the paper on what a race is worth: equilibria ranked, the planner, policy."""

from __future__ import annotations

from math import ceil, inf, log10
from typing import Any

import leaderbored as lb
from leaderbored.figures.gallery.examples import PAIR, duel
from leaderbored.solvers.complete import Transfer
from leaderbored.theory.r30_policy import nu, s, t
from leaderbored.theory.records import Formulas
from leaderbored.theory.symbols import N, f, lam, r_1, rho
from leaderbored.verdicts.welfare import Welfare

Group = dict[str, Any]

OPENNESS, SCARCITY = (0.0, 0.5, 1.0), (0.5, 1.5, 3.0)
QUIET = 0.15  # handicap at which the quiet equilibrium is followed to the standstill
ROUNDING = 1e-12  # regrets and radii below it differ from processor to processor
OPEN = lb.Race(PAIR, lb.ClearingMarket(1.0, openness=1.0), lb.Technology(1.0, leapfrog=1.0), 0.2, 8)
PROVING = lb.Method(search=lb.Search(transfer=Transfer(5_000_000)))  # lists proved complete
CHASE = {N: 3, lam: 1.0, rho: 0.2, f: 1.0, r_1: 2.4, s: 0.0, t: 0.0, nu: 0.15}


def coexist() -> Group:
    """Equilibria of the same labs, ranked by what they are worth and by how fast they move."""
    rows, kept, radii, lists = [], [], list[float](), list[lb.Solution[Any]]()
    for scarcity, handicap in ((0.6, 0.095), (1.02, 0.2)):
        solution = lb.solve(duel(scarcity, handicap, rungs=20), PROVING, all=True)
        lists.append(solution)
        for k, equilibrium in enumerate(solution.equilibria):
            if not equilibrium.stable:
                continue
            made = lb.verdict(solution, k, check_cap=False)
            kept.append(made)
            rows.append(
                {
                    "scarcity": f"{scarcity:g}",
                    "handicap": f"{handicap:g}",
                    "kind": str(made.kind),
                    **_worth(lb.welfare(solution, k), scarcity, float(equilibrium.value[0, 0])),
                }
            )
            radii.append((equilibrium.proof and equilibrium.proof.radius) or inf)
    near = lb.solve(duel(0.99, QUIET, rungs=20), all=True)
    speeds = [lb.welfare(near, k).advances for k, e in enumerate(near.equilibria) if e.stable]
    return {
        "rows": rows,
        "kinds": " and ".join(f"a {made.kind}" for made in kept[:2]),
        "run_lead": f"{kept[0].statistics.mean_lead:.1f}",
        "peloton_lead": f"{kept[1].statistics.mean_lead:.1f}",
        "radius": below(max(radii[:2])),
        "complete": " and ".join(sorted({str(found.complete) for found in lists})),
        "unstable": [f"{sum(not e.stable for e in found.equilibria)}" for found in lists],
        "even": _break_even(rows),
        "quiet": f"{speeds[0]:.2f}",
        "loud": f"{speeds[-1]:.2f}",
    }


def below(number: float) -> str:
    """The least power of ten that is larger, as an exponent; -12 for all that is near rounding.

    Examples
    --------
    >>> below(3e-5), below(0.0)
    ('-4', '-12')
    """
    return str(ceil(log10(max(number, ROUNDING))))


def _worth(made: Welfare, scarcity: float, value: float) -> dict[str, str]:
    present = made.present
    return {
        "value": f"{value:.2f}",
        "advances": f"{abs(made.advances):.2f}",
        "served": f"{100 * (made.served or 0.0) * scarcity:.0f}",
        "dissipated": f"{100 * (made.dissipation or 0.0):.0f}",
        "soon": f"{abs(float(present.advances[0])):.1f}",
    }


def _break_even(rows: list[dict[str, str]]) -> str:
    """What an advance must be worth a year, for ever, for the peloton to be better than the run."""
    run, peloton = rows[0], rows[1]
    profits = 2 * (float(run["value"]) - float(peloton["value"]))
    return f"{0.1 * profits / (float(peloton['soon']) - float(run['soon'])):.2f}"


def ranked() -> Group:
    """A standstill and a run of the same labs where prices clear, models are open and labs leap."""
    solution = lb.solve(OPEN, all=True)
    found = {}
    for k, equilibrium in enumerate(solution.equilibria):
        if equilibrium.stable:
            kind = str(lb.verdict(solution, k, check_cap=False).kind)
            present = lb.welfare(solution, k).present
            found[kind] = f"{present.profits[0]:.1f}", f"{present.total[0]:.1f}"
    return {
        "kinds": [*found],
        "labs": [p for p, _ in found.values()],
        "all": [t for _, t in found.values()],
    }


def planner() -> Group:
    """What labs lose of what a planner could reach, where prices clear."""
    rows = []
    for openness in OPENNESS:
        for scarcity in SCARCITY:
            race = lb.Race(
                PAIR, lb.ClearingMarket(scarcity, openness=openness), lb.Technology(1.0), 0.2, 24
            )
            solution = lb.solve(race)
            best = lb.planner(solution)
            rows.append(
                {
                    "openness": f"{openness:g}",
                    "scarcity": f"{scarcity:g}",
                    "labs": str(lb.verdict(solution, check_cap=False).kind),
                    "planner": str(best.kind),
                    "speed": f"{lb.welfare(solution).advances:.2f}",
                    "best": f"{best.welfare.advances:.2f}",
                    "loss": f"{100 * (best.gaps[0].loss or 0.0):.2g}",
                }
            )
    return {"rows": rows, "least": rows[6]["loss"], "most": rows[8]["loss"]}


def policy() -> Group:
    """Three labs that chase in part: their pace, the planner's, and the tax that makes it."""
    forms = Formulas(lb.theory.result("R30").derive().closed)
    at = dict(CHASE)
    pace = at[lam] * at[N] - at[rho] / at[nu]
    return {
        "pace": f"{forms('rotation', at):.2f}",
        "best": f"{pace:.2f}",
        "tax": f"{-forms('subsidy', at):.2f}",
        "laggard": f"{forms('laggard', at):.0f}",
        "leader": f"{forms('leader', at):.0f}",
    }
