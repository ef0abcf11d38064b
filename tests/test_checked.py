"""Files of proofs: what is true passes, what was tampered with does not."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numba
import numpy as np
import pytest
from flint import arb, ctx

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.formats.gamefile import load, starter
from leaderbored.solvers.budget import Budget
from leaderbored.solvers.checked import check, files, fixed, proof_of, reading, response
from leaderbored.solvers.checked.bounding import bounded
from leaderbored.solvers.checked.reply import INNER, LEVEL, RANGE, STILL, rows_of
from leaderbored.solvers.checked.rising import least_signs
from leaderbored.solvers.checked.stage import Lab
from leaderbored.solvers.complete import Transfer
from leaderbored.solvers.markov.search import Search
from leaderbored.solvers.numerics import krawczyk, outward

RACE = lb.Race(
    (lb.Lab("A", 1), lb.Lab("B", 1.2)),
    lb.RevenueLadder((1.0, 2.0)),
    lb.Technology(1, returns=0.4),
    discount=0.5,
    rungs=1,
)


PROVING = lb.Method(search=Search(transfer=Transfer(steps=5_000_000)))


@pytest.fixture(scope="module")
def proof() -> dict[str, Any]:
    return json.loads(json.dumps(proof_of(lb.solve(RACE))))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def listed() -> dict[str, Any]:
    race = replace(RACE, rungs=2, technology=lb.Technology(2, returns=0.4), discount=0.2)
    found = proof_of(lb.solve(replace(race, market=lb.ScarceMarket(0.8)), PROVING, all=True))
    assert found["complete"] == "proved"
    return json.loads(json.dumps(found))  # type: ignore[no-any-return]


def test_what_is_proved_passes(proof: dict[str, Any]) -> None:
    assert [holds for _, holds, _ in check(proof).claims] == [True, True]


@pytest.mark.slow  # what follows covers is compiled first
@pytest.mark.parametrize("returns", [0.4, 0.6])
def test_a_race_that_stands_still_passes_and_fails_with_more_claimed(returns: float) -> None:
    """Labs that are sold out at the tie build nothing there, and are worth 1 / .5."""
    race = replace(RACE, labs=(lb.Lab("A", 1), lb.Lab("B", 1)), market=lb.ScarceMarket(1.2))
    race = replace(race, technology=lb.Technology(3, returns))
    found = json.loads(json.dumps(proof_of(lb.solve(race, all=True))))
    assert all(holds for _, holds, _ in check(found).claims)
    number = max(range(len(found["equilibria"])), key=lambda k: found["equilibria"][k]["value"])
    for name, factor in (("alone", 200), ("near", 1e-6), ("value", 1 + 1e-8)):
        changed = deepcopy(found)
        one = changed["equilibria"][number]
        one[name] = (np.array(one[name]) * factor).tolist()
        assert check(changed).claims[1 + number][1] is False


def test_the_sweeps_leave_out_losses_only_where_revenue_never_falls() -> None:
    numbers = {"lower": 0, "upper": 1, "scale": 1, "base": 0, "capacity": 1, "demand": 0.5}
    rising, dented = (
        [Lab.of({**numbers, "price": price}, 0.5) for price in prices]
        for prices in ((1, 1.5, 1.5, 2, 2), (1, 1.5, 1.4, 2, 2))
    )
    assert least_signs(rising) == [1, 1, 1, 0, -1]
    assert least_signs(dented) == [-1] * 5
    stuck = [replace(lab, scale=arb(0)) for lab in rising]  # no success, no gain
    assert least_signs(stuck) == [1, 0, 1, 0, -1]
    for labs, least in ((rising, [0, 0, 0, 0, -fixed.END]), (dented, [-fixed.END] * 5)):
        table = rows_of([labs, labs[::-1]], arb(1))
        assert table is not None
        assert table.rows[0, :, 0, RANGE].tolist() == least  # gains that are looked at


@pytest.mark.slow
def test_whole_lists_pass_by_their_cover_and_without(listed: dict[str, Any]) -> None:
    assert len(listed["cover"]["boxes"]) > 1
    for cover in (listed["cover"], {}):
        found = check(listed | {"cover": cover})
        assert found.claims[-1][:2] == ("there are no others", True)
        assert found.whole


@pytest.mark.slow
def test_the_list_of_the_starter_race_passes() -> None:
    """Twenty rungs, three equilibria; some boxes of the cover are swept on a finer grid."""
    found = proof_of(lb.solve(load(starter("race")), PROVING, all=True))
    assert len(found["equilibria"]) == 3
    assert check(found).whole


def test_a_file_is_written_without_a_cover_where_the_time_is_up() -> None:
    solution = lb.solve(RACE, all=True)
    assert solution.complete == "proved"
    with Budget(0.0).running():
        found = proof_of(solution)
    assert found["cover"] == {"reason": "the time was up before one was found"}
    assert found["equilibria"][0]["alone"] > 0


@pytest.mark.slow
def test_a_list_without_an_equilibrium_fails(listed: dict[str, Any]) -> None:
    fewer = listed | {"equilibria": []}
    assert "box" in check(fewer).claims[-1][2]
    for cover in (listed["cover"], {}):
        found = check(fewer | {"cover": cover})
        assert found.claims[-1][:2] == ("there are no others", False)
    assert check(listed, steps=0).claims[-1][1] is None


@pytest.mark.slow
def test_a_cover_with_a_gap_fails(listed: dict[str, Any]) -> None:
    """A box is taken off, or ends a billionth of all values too soon."""
    boxes = listed["cover"]["boxes"]
    last = len(boxes) - 1
    assert not any(box[0] == last for box in boxes)
    assert check(listed | {"cover": {"boxes": boxes[:-1]}}).claims[-1][1] is False
    failed = 0
    for place in range(2, 14):
        changed = deepcopy(boxes)
        changed[last][place] += 1 if place % 2 == 0 else -1
        failed += check(listed | {"cover": {"boxes": changed}}).claims[-1][1] is False
    assert failed >= 6  # elsewhere the box was rounded outwards by as much


@pytest.mark.slow
def test_whole_numbers_enclose() -> None:
    """Products against fractions, powers against balls."""
    product = numba.njit(lambda a, b, c, d: fixed.times((a, b), (c, d)))
    power = numba.njit(lambda x, e, t: fixed.power((x, x), (e, e), t))
    random, one, end = np.random.default_rng(5), fixed.ONE, fixed.END
    ctx.prec, before = 160, ctx.prec
    try:
        for _ in range(3_000):
            a, b = (
                sorted(int(x) for x in random.normal(size=2) * 2 ** random.uniform(0, 53))
                for _ in range(2)
            )
            low, high = product(*a, *b)
            every = [Fraction(x * y, one) for x in a for y in b]
            assert low <= min(every) or low <= -end
            assert max(every) <= high or high >= end
            large = max(abs(x) for x in every) >= fixed.LARGE
            assert high - low <= max(every) - min(every) + 4 or large
            x = int(2 ** random.uniform(-40, 8) * one)
            e = int(random.choice([random.uniform(-1, 1), random.uniform(0, 8)]) * one)
            low, high = power(x, e, fixed.table())
            true = (arb(x) / one) ** (arb(e) / one) * one
            assert low <= true
            assert true <= high or high >= end
            assert high - low <= 8 + 3e-11 * float(true) or high >= end
    finally:
        ctx.prec = before


@pytest.mark.slow
def test_slopes_and_inverses_enclose_what_balls_say() -> None:
    """Of random labs: W and hazards at two gains, their differences, and the gains themselves."""
    kernels: Any = (response.around, response.earning, response.succeeding)
    made: Any = [numba.njit(kernel.py_func) for kernel in kernels]
    around, *inverses = made
    random, t, met = np.random.default_rng(11), fixed.table(), set()
    ctx.prec, before = 160, ctx.prec
    try:
        for _ in range(600):
            lab = Lab.of(
                {
                    "lower": float(random.choice([0, random.uniform(0, 0.3)])),
                    "upper": float(random.uniform(0.4, 1)),
                    "scale": float(np.exp(random.uniform(-1, 2))),
                    "base": float(random.choice([0, random.uniform(0, 0.5)])),
                    "price": 1.0,
                    "capacity": float(np.exp(random.uniform(-1, 1))),
                    "demand": float(random.choice([0.2, 0.6, 5])),
                },
                float(random.uniform(0.2, 0.8)),
            )
            table = rows_of([[lab], [lab]], arb(0.3))
            assert table is not None
            rate = arb(2) ** round(np.log2(0.3 * fixed.ONE / table.discount[0]))
            for p in table.rows[0, 0, : table.cases[0, 0]]:
                low, high = max(int(p[3]), -(fixed.ONE >> 2)), min(int(p[4]), fixed.ONE >> 2)
                if low + 8 >= high or p[0] == LEVEL:
                    continue
                met.add(int(p[0]))
                middle: Any = random.integers(low + 1, high, 2) if random.random() < 0.5 else None
                if middle is None:  # close to each other
                    one = int(random.integers(low + 1, high))
                    middle = [one, min(one + int(2 ** random.uniform(0, 30)), high - 1)]
                d0, d = (int(x) for x in middle)
                other = int(random.integers(low + 1, high))
                spread = sorted((d, random.choice([d, other]).item()))
                true = [
                    (
                        lab.worth(arb(x) / fixed.ONE * table.unit) / (rate * table.unit),
                        lab.hazard(arb(x) / fixed.ONE * table.unit) / rate,
                    )
                    for x in (d0, d)
                ]
                found = around(p, (d0, d0), (spread[0], spread[1]), t)
                by = (arb(d) - arb(d0)) / fixed.ONE
                for at, slope, k in ((found[0], found[2], 0), (found[1], found[4], 1)):
                    assert _ball(*at).overlaps(true[0][k])
                    if d != d0 and (k == 0 or found[3]):
                        assert _ball(*slope).overlaps((true[1][k] - true[0][k]) / by)
                for inverse, k in zip(inverses, (0, 1), strict=True):
                    room = inverse(p, fixed.ends(true[1][k]), (low, high), t)
                    assert room[0] <= d <= room[1]
    finally:
        ctx.prec = before
    assert met == {STILL, INNER}


def _ball(low: int, high: int) -> Any:
    return (arb(int(low)) / fixed.ONE).union(arb(int(high)) / fixed.ONE)


@pytest.mark.parametrize(
    ("name", "factor"),
    [("near", 1e-9), ("alone", 1e6), ("value", 1 + 1e-9)],
    ids=["too near", "too far", "elsewhere"],
)
def test_more_than_is_proved_fails(proof: dict[str, Any], name: str, factor: float) -> None:
    changed = deepcopy(proof)
    one = changed["equilibria"][0]
    if name == "value":
        one[name] = [[factor * x for x in row] for row in one[name]]
    else:
        one[name] *= factor
    found = check(changed)
    assert found.claims[1][1] is False
    assert found.fails


def test_boxes_may_be_longer_along_some_values() -> None:
    """After a jackpot nothing moves, and the box of a proof is short there."""
    jackpot: Any = {"jackpot": {"chance": 0.1, "prize": 1}}
    race = replace(RACE, market=lb.ScarceMarket(0.8), mechanisms=jackpot)
    claims = check(proof_of(lb.solve(race))).claims
    assert [holds for _, holds, _ in claims] == [True, True]


def test_slopes_may_be_others_in_the_middle_of_a_wide_box_and_of_a_narrow_one() -> None:
    # far behind next to nothing is gained, and the wide box alone holds kinks
    gain = np.arange(11)
    revenue = 1 + 0.495 * (2 - np.exp(-gain) - np.exp(-3.0 * gain))
    labs = [lb.Lab("A", 0.1618), lb.Lab("B", 3.2, talent=0.58, brand=0.6317)]
    ladder = lb.RevenueLadder(revenue.tolist(), laggard=1.0)
    race = lb.Race(labs, ladder, lb.Technology(0.066, 0.5), discount=0.0247, rungs=10)
    proof = proof_of(lb.solve(race))
    assert check(proof).whole
    (one,) = proof["equilibria"]
    one["value"] = (np.array(one["value"]) + 3 * one["near"]).tolist()
    assert check(proof).fails


def test_lists_of_more_labs_and_with_leapfrog_pass_by_bounds_on_values() -> None:
    labs = [lb.Lab(name, compute) for name, compute in zip("ABC", (1, 1.1, 0.8), strict=True)]
    technology = lb.Technology(1, returns=0.4, leapfrog=0.3)
    race = lb.Race(labs, lb.ScarceMarket(0.6), technology, discount=1.0, rungs=1)
    proof = json.loads(json.dumps(proof_of(lb.solve(race, all=True))))
    assert proof["complete"] == "proved"
    assert check(proof).whole
    (one,) = proof["equilibria"]
    one["value"] = (1.01 * np.array(one["value"])).tolist()
    one["alone"] = one["near"] = 1e-6
    assert not any(holds for _, holds, _ in check(proof).claims[1:])


def test_bounds_on_values_draw_to_none_of_several() -> None:
    proof = proof_of(lb.solve(load(starter("race")), all=True))
    assert len(proof["equilibria"]) == 3
    conditions = files._conditions(reading.read(proof))
    one = proof["equilibria"][1]
    assert not bounded(conditions, one["value"], one["alone"])


def test_numbers_of_another_race_fail(proof: dict[str, Any]) -> None:
    changed = deepcopy(proof)
    changed["tables"]["scale"][0][0] *= 1.01
    assert check(changed).claims[0][1] is False


def test_a_proof_that_is_rounded_too_narrowly_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where errors of slopes are forgotten, far too large a box counts as that of one zero."""

    def narrow(inverse: np.ndarray, jacobian: dict[tuple[int, int], Any]) -> np.ndarray:
        return 1e-3 * outward.excess(inverse, jacobian)

    monkeypatch.setattr(krawczyk, "RADII", (1.0, *krawczyk.RADII))
    before = proof_of(lb.solve(RACE))
    assert check(before).whole
    monkeypatch.setattr(krawczyk, "excess", narrow)
    after = proof_of(lb.solve(RACE))
    assert after["equilibria"][0]["alone"] > 10 * before["equilibria"][0]["alone"]
    assert check(after).claims[1][1] is False


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 2])
def test_false_lists_of_random_races_are_never_accepted(seed: int) -> None:
    random = np.random.default_rng(seed)
    race = replace(
        RACE,
        labs=(lb.Lab("A", 1), lb.Lab("B", float(random.uniform(0.6, 1.6)))),
        market=lb.RevenueLadder(tuple(np.sort(random.uniform(0.1, 3, 2)).tolist())),
        technology=lb.Technology(float(random.uniform(0.5, 2)), returns=0.4),
        discount=float(random.uniform(0.2, 0.6)),
    )
    true = json.loads(json.dumps(proof_of(lb.solve(race, PROVING, all=True))))
    assert check(true).whole
    (one,) = true["equilibria"]
    moved = [[x + 1.5 * one["alone"] for x in row] for row in one["value"]]
    slightly = [[x * (1 + 1e-6) for x in row] for row in one["value"]]
    twice = [one, deepcopy(one)]
    for false in ([], [one | {"value": moved}], [one | {"value": slightly}], twice):
        assert check(true | {"equilibria": false}).fails


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        ({"tables": {}}, 'tables: there is no "lower"'),
        ({"equilibria": [{}]}, 'equilibria.1: there is no "value"'),
        ({"discount": "0.5"}, "discount = 0.5: expected a number above 0"),
        ({"discount": float("nan")}, "discount = nan"),
        ({"discount": 10**5000}, "discount = a number of many digits"),
        ({"returns": True}, "returns = True"),
        ({"complete": "surely"}, "complete = surely"),
        ({"jumps": [[]]}, "tables.lower: expected a list of 1"),
        ({"race": {"rungs": 10**9}}, "its race is none"),
        ({"cover": {"boxes": [[0] * 14]}}, "cover.boxes.1: expected an earlier box"),
        ({"cover": {"boxes": [[-1, 4, 0.5] + [0] * 11]}}, "cover.boxes.1: expected 14 whole"),
        ({"more": 1}, 'nothing is called "more"'),
    ],
)
def test_a_damaged_file_is_refused(
    proof: dict[str, Any], damage: dict[str, Any], place: str
) -> None:
    with pytest.raises(ValueError, match=f"the file is damaged: .*{re.escape(place)}"):
        check(proof | damage)


def test_numbers_in_quotes_are_none(proof: dict[str, Any]) -> None:
    changed = deepcopy(proof)
    changed["equilibria"][0]["alone"] = str(changed["equilibria"][0]["alone"])
    with pytest.raises(ValueError, match=r"equilibria\.1\.alone"):
        check(changed)


@pytest.mark.slow
def test_files_are_written_and_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    game, out = tmp_path / "race.toml", tmp_path / "out.json"
    game.write_text(
        'kind = "race"\ndiscount = 0.5\nrungs = 1\n[technology]\nproductivity = 1\nreturns = 0.4\n'
        '[market]\nkind = "ladder"\nrevenue = [1, 2]\n'
        '[[labs]]\nname = "A"\ncompute = 1\n[[labs]]\nname = "B"\ncompute = 1.2\n'
    )
    assert main(["race", str(game), "--all", "--proof", str(out)]) == 0
    assert main(["check", str(out)]) == 0
    assert "equilibrium 1 exists and is alone" in capsys.readouterr().out
    assert main(["race", str(game), "--proof", str(out)]) == 2
    assert main(["race", str(game), "--set", "technology.returns=1", "--proof", "x.json"]) == 2
    out.write_text("{")
    assert main(["check", str(out)]) == 2


def test_who_has_nothing_to_win_passes_and_fails_with_other_values() -> None:
    race = replace(RACE, market=lb.RevenueLadder((1.0,)), technology=lb.Technology(2, returns=0.3))
    found = json.loads(json.dumps(proof_of(lb.solve(race))))
    assert [holds for _, holds, _ in check(found).claims] == [True, True]
    (one,) = found["equilibria"]
    moved = one | {"value": [[x * (1 + 1e-9) for x in row] for row in one["value"]]}
    assert check(found | {"equilibria": [moved]}).claims[1][1] is False
