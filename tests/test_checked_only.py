"""Krawczyk's test of all leads at once, in whole numbers: it leaves no equilibrium out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from test_narrowed import CHECKER, RACE, in_python

import leaderbored as lb
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.solvers.checked import files, fixed, only, proof_of
from leaderbored.solvers.checked.cover import Cover
from leaderbored.solvers.checked.reading import read


def cover_of(race: lb.Race) -> tuple[Cover, Any, list[int]]:
    """What checks the list of a race, its conditions, and its states by lead, for both labs."""
    proof = read(proof_of(lb.solve(race, all=True), 1))
    conditions, place = files._conditions(proof), files._line(proof.jumps)
    cover = files._cover(proof.jumps, conditions, proof.equilibria)
    assert isinstance(cover, Cover)
    assert place is not None
    return cover, conditions, [k * len(place) + s for k in range(2) for s in place]


def around(spot: Any, widest: float, random: np.random.Generator) -> Any:
    """A box about a spot, in some values wider than in others."""
    wide = (2.0 ** random.uniform(0, np.log2(widest), spot.shape)).astype(np.int64)
    return np.stack([spot[..., 0] - wide[..., 0], spot[..., 1] + wide[..., 1]], axis=-1)


@pytest.mark.slow
def test_no_box_is_left_out_that_holds_another_equilibrium() -> None:
    """Each of three equilibria is looked for from the others."""
    random = np.random.default_rng(5)
    with ctx.workprec(96):
        cover, _, _ = cover_of(replace(load(starter("race")), rungs=12))
    assert len(cover.known) == 3
    alone = 0
    for known in cover.known:
        cover.known, others = [known], [one for one in cover.known if one is not known]
        for other in others:
            for _ in range(40):
                box = around(other.spot, 2.0**43, random)
                assert not cover.settled(box)
                assert (
                    (box[..., 0] <= other.spot[..., 1]) & (other.spot[..., 0] <= box[..., 1])
                ).all()
        alone += sum(cover.settled(around(known.spot, 2.0**31, random)) for _ in range(20))
        cover.known = [known, *others]
    assert alone == 60


def enclosed(race: lb.Race, random: np.random.Generator) -> bool:
    """Whether all derivatives within random boxes are, times C, what is said of them."""
    cover, conditions, order = cover_of(race)
    game, known, n = cover.game, cover.known[0], len(order)
    inverse = known.inverse
    assert inverse is not None
    c = arb_mat(n, n, [int(x) for x in inverse.ravel()])
    for _ in range(6):
        box, rest = around(known.spot, 2.0**38, random), np.empty((n, n, 2), np.int64)
        numbers = game.discount, game.rows, game.cases, box, inverse, known.one
        if not only.derived(*numbers, rest, fixed.table()):
            continue
        for _ in range(4):
            point = [int(random.integers(*ends)) for ends in box.reshape(-1, 2)]
            values: list[Any] = [None] * n
            for m, k in enumerate(order):
                values[k] = arb(point[m]) / fixed.ONE * game.unit
            slopes = conditions.slopes(values)
            j = arb_mat(n, n, [slopes[a, b] / game.rate for a in order for b in order])
            product = c * j
            for r in range(n):
                for m in range(n):
                    true = (known.one if r == m else 0) - product[r, m]
                    if not (int(rest[r, m, 0]) <= true <= int(rest[r, m, 1])):
                        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("returns", [0.4, 0.6])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (fixed, "BITS"),
        (only, "sloped"),
        (fixed, "scaled"),
        (only, "effect"),
    ],
    ids=lambda x: getattr(x, "__name__", x).rpartition(".")[2],
)
def test_derivatives_are_enclosed_unless_an_operation_is_narrow(
    place: Any, name: str, returns: float
) -> None:
    race = replace(RACE, rungs=2, technology=lb.Technology(2, returns=returns))
    with pytest.MonkeyPatch.context() as patch, ctx.workprec(160):
        in_python(patch, CHECKER, place, name)
        assert enclosed(race, np.random.default_rng(3)) == (name == "BITS")
