"""Every equilibrium of a game whose state never comes back: counted, bounded and listed."""

import json
from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.solvers.stochastic.listing import each_equilibrium

NAME = "iskhakov-rust-schjerning-2016"


def test_what_is_listed_is_what_is_solved() -> None:
    game = load(find(NAME))
    solution = lb.solve(game, all=True)
    listed = [*each_equilibrium(game)]
    assert solution.count == len(listed) == len(solution.equilibria) == 3
    found = sorted(e.value.round(8).ravel().tolist() for e in solution.equilibria)
    again = sorted(np.concatenate([*one.value.values()]).round(8).tolist() for one in listed)
    np.testing.assert_allclose(found, again, atol=1e-7)
    assert max(one.regret for one in listed) < 1e-9
    values = np.array([e.value for e in solution.equilibria])
    for i, name in enumerate("ab"):
        ends = np.array(solution.census.ranges[name])
        np.testing.assert_allclose(ends[:, 0], values[:, i].min(axis=0), atol=1e-9)
        np.testing.assert_allclose(ends[:, 1], values[:, i].max(axis=0), atol=1e-9)


def test_every_equilibrium_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "all.jsonl"
    assert main(["solve", NAME, "--list", str(out)]) == 0
    head, *lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert head["states"]["names"] == ["c", "a.k", "b.k"] and len(lines) == 3
    assert set(lines[0]) == {"policy", "value", "regret"}
    assert "3 Markov-perfect equilibria" in capsys.readouterr().out
    assert main(["solve", NAME, "--list", str(out)]) != 0  # never over a file


def test_a_list_that_there_is_not_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "all.jsonl"
    assert main(["solve", "shapley-1964", "--list", str(out)]) == 2
    assert (
        main(["solve", "besanko-doraszelski-kryukov-satterthwaite-2010", "--list", str(out)]) == 2
    )
    assert not out.exists()
