"""Arithmetic that is deliberately too narrow, one operation after the other: a check finds it out.

Kernels run as plain Python here, so that each of their operations can be replaced. Of the list of
a race its only equilibrium is taken off. A prover, or what looks for a cover, in which an operation
returns the middle of its interval may well say that nothing is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numba
import numpy as np
import pytest
import test_checked
from flint import ctx

import leaderbored as lb
from leaderbored.solvers.checked import (
    cells,
    check,
    cuts,
    files,
    fixed,
    machine,
    only,
    proof_of,
    response,
    steps,
    sweeps,
    tightening,
)
from leaderbored.solvers.checked.reading import read, written
from leaderbored.solvers.complete import (
    Transfer,
    bounds,
    boxes,
    cleared,
    grid,
    intervals,
    lab,
    pooled,
    prover,
    seller,
    step,
    sweep,
    tie,
)
from leaderbored.solvers.complete import cells as proved_cells

PROVER = intervals, lab, seller, pooled, cleared, bounds, proved_cells, grid, step, tie, sweep
CHECKER = fixed, response, cells, cuts, steps, sweeps, tightening, only
Kernel = Callable[..., Any]

RACE = lb.Race(
    (lb.Lab("A", 1), lb.Lab("B", 1.2)),
    lb.ScarceMarket(0.8),
    lb.Technology(2, returns=0.6),
    discount=0.2,
    rungs=1,
)


@pytest.fixture(scope="module")
def solved() -> Any:
    return lb.solve(RACE, all=True)


@pytest.fixture(scope="module")
def short(solved: Any) -> dict[str, Any]:
    """The file of the list with nothing on it."""
    found = proof_of(solved) | {"equilibria": [], "complete": "proved"}
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def in_python(
    patch: pytest.MonkeyPatch, modules: tuple[ModuleType, ...], place: ModuleType, name: str
) -> None:
    """Let kernels call one another as plain Python, one of them replaced by a narrow one."""
    planted = getattr(place, name)
    for module in modules:
        for called, kernel in list(vars(module).items()):
            if hasattr(kernel, "py_func"):
                plain = narrowed(kernel.py_func) if kernel is planted else kernel.py_func
                patch.setattr(plain, "py_func", plain, raising=False)
                patch.setattr(module, called, plain)


def narrowed(kernel: Kernel) -> Kernel:
    """An operation that returns the middles of intervals."""

    def narrow(x: Any) -> Any:
        if not isinstance(x, tuple):
            return x
        if isinstance(x[0], tuple) or len(x) != 2:
            return tuple(narrow(one) for one in x)
        half = (x[0] + x[1]) // 2 if isinstance(x[0], int | np.integer) else (x[0] + x[1]) / 2
        return (half, half) if x[0] < x[1] and abs(x[0] - x[1]) < 1e300 else x

    return lambda *given: narrow(kernel(*given))


def proves(solved: Any, place: ModuleType, name: str) -> bool:
    """Whether a prover with a narrow operation says that a list with nothing on it is whole."""
    entries = (
        ("_advance", sweep, "advance"),
        ("_meeting", tie, "meeting"),
        ("_cut", sweep, "cut"),
        ("_sums", bounds, "together"),
        ("_tighten", bounds, "tighten"),
    )
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        in_python(patch, PROVER, place, name)
        for entry, module, kernel in entries:
            function = getattr(module, kernel)
            patch.setattr(prover, entry, lambda function=function: function)
        patch.setattr(boxes, "_touching", lambda: tie.touching)
        return bool(Transfer(1_500, 8).run(solved.markov, []).proved)


def covers(short: dict[str, Any], place: ModuleType, name: str) -> list[list[int]]:
    """Boxes of a cover with nothing on the list, made with a narrow operation; none if none is."""
    entries = (
        ("advance", sweeps, "advance"),
        ("meeting", sweeps, "meeting"),
        ("hull", sweeps, "hull_of"),
        ("tighten", tightening, "tighten"),
    )
    with pytest.MonkeyPatch.context() as patch, ctx.workprec(96):
        in_python(patch, CHECKER, place, name)
        for entry, module, kernel in entries:
            function = getattr(module, kernel)
            patch.setattr(machine, entry, lambda function=function: function)
        proof = read(short)
        cover = files._cover(proof.jumps, files._conditions(proof), [])
        assert not isinstance(cover, str)
        complete, nodes = cover.made(1_500)
        return written(nodes) if complete else []


OF_PROVER = [
    *((intervals, name) for name in ("plus", "minus", "times", "scaled", "over", "power")),
    *((lab, name) for name in ("slope", "effort_slope", "effort", "worth", "hazard")),
    *((lab, name) for name in ("needed", "gains_worth", "answering")),
]
OF_CHECKER = [
    *((fixed, name) for name in ("plus", "minus", "times", "scaled", "over", "power")),
    *((response, name) for name in ("answers", "needed", "driven", "earning", "succeeding")),
    *((cells, name) for name in ("reached", "ahead")),
    *((steps, "shrunk"), (tightening, "left_side")),
]
ENCLOSING = [
    *((fixed, name) for name in ("times", "grown", "logarithm", "exponential", "power")),
    *((fixed, name) for name in ("raised", "logarithms")),
    *((response, name) for name in ("answer", "answers", "inner", "steepness", "chords")),
    *((response, name) for name in ("difference", "needed", "earning", "succeeding")),
]


@pytest.mark.slow
def test_a_list_that_is_proved_with_narrow_arithmetic_is_not_accepted(
    solved: Any, short: dict[str, Any]
) -> None:
    false = {name for place, name in OF_PROVER if proves(solved, place, name)}
    assert false >= {"minus", "over", "needed", "answering"}  # the others change too little
    assert check(short | {"cover": {}}).fails


@pytest.mark.slow
def test_a_cover_that_is_made_with_narrow_arithmetic_is_not_accepted(short: dict[str, Any]) -> None:
    made = [boxes for place, name in OF_CHECKER if (boxes := covers(short, place, name))]
    assert len(made) >= 4
    for boxes in made:
        assert check(short | {"cover": {"boxes": boxes}}).fails


def enclosures(place: ModuleType, name: str) -> None:
    """Tests of :mod:`tests.test_checked`, with a narrow operation."""
    with pytest.MonkeyPatch.context() as patch:
        in_python(patch, CHECKER, place, name)
        patch.setattr(numba, "njit", lambda kernel: kernel)
        test_checked.test_whole_numbers_enclose()
        test_checked.test_slopes_and_inverses_enclose_what_balls_say()


@pytest.mark.slow
def test_plain_python_encloses() -> None:
    enclosures(fixed, "BITS")  # which is no operation: nothing is replaced


@pytest.mark.slow
@pytest.mark.parametrize(
    ("place", "name"), ENCLOSING, ids=lambda x: getattr(x, "__name__", x).rpartition(".")[2]
)
def test_narrow_arithmetic_of_a_check_does_not_enclose(place: ModuleType, name: str) -> None:
    with pytest.raises(AssertionError):
        enclosures(place, name)
