"""Files of proofs: what is true passes, what was tampered with does not."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.solvers.checked import check, proof_of
from leaderbored.solvers.numerics import krawczyk, outward

RACE = lb.Race(
    (lb.Lab("A", 1), lb.Lab("B", 1.2)),
    lb.RevenueLadder((1.0, 2.0)),
    lb.Technology(1, returns=0.4),
    discount=0.5,
    rungs=1,
)


@pytest.fixture(scope="module")
def proof() -> dict[str, Any]:
    found = proof_of(lb.solve(RACE, all=True))
    assert len(found["equilibria"]) == 1
    return json.loads(json.dumps(found | {"complete": "proved"}))  # type: ignore[no-any-return]


def test_what_is_proved_passes(proof: dict[str, Any]) -> None:
    assert [holds for _, holds, _ in check(proof).claims] == [True, True, True]


def test_a_list_without_an_equilibrium_fails(proof: dict[str, Any]) -> None:
    found = check(proof | {"equilibria": []})
    assert found.claims[-1][:2] == ("there are no others", False)
    assert check(proof | {"equilibria": []}, steps=0).claims[-1][1] is None


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
    true = json.loads(json.dumps(proof_of(lb.solve(race, all=True)) | {"complete": "proved"}))
    accepted = check(true, steps=400).whole
    (one,) = true["equilibria"]
    moved = [[x + 1.5 * one["alone"] for x in row] for row in one["value"]]
    slightly = [[x * (1 + 1e-6) for x in row] for row in one["value"]]
    for false in ([], [one | {"value": moved}], [one | {"value": slightly}]):
        found = check(true | {"equilibria": false}, steps=400)
        assert not found.whole
        assert found.fails or not accepted


@pytest.mark.parametrize("damage", [{"tables": {}}, {"equilibria": [{}]}, {"discount": "x"}])
def test_a_damaged_file_is_refused(proof: dict[str, Any], damage: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="damaged"):
        check(proof | damage)


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
