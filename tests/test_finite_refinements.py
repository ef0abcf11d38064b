"""Perfect and proper equilibria, and the most even member of a continuum."""

import json
from itertools import product

import numpy as np
import pytest
from scipy.optimize import linprog

import leaderbored as lb
from leaderbored.cli import main

REFINE = lb.FiniteMethod(refine=True)


def dominated(payoffs: np.ndarray, law: np.ndarray) -> bool:
    """By the definition: whether some mixture earns as much everywhere, and more in sum."""
    solved = linprog(
        -payoffs.sum(axis=1),
        A_ub=-payoffs.T,
        b_ub=-(law @ payoffs) + 1e-12,
        A_eq=np.ones((1, len(payoffs))),
        b_eq=[1],
    )
    return bool(-solved.fun > (law @ payoffs).sum() + 1e-7)


@pytest.mark.parametrize("seed", range(40))
def test_perfect_is_undominated(seed: int) -> None:
    tables = np.random.default_rng(seed).integers(0, 3, (2, 3, 2 + seed % 3)).astype(float)
    for found in lb.solve(lb.NormalForm(tables), REFINE).equilibria:
        x, y = found.strategies.values()
        weak = dominated(tables[0], x) or dominated(tables[1].T, y)
        assert found.perfect is (not weak)
        assert found.proper is not True or found.perfect
        if not found.perfect:
            assert found.proper is False


def test_perfect_but_not_proper_is_not_decided_to_be_proper() -> None:
    """Myerson's example: a third strategy, worst for both, lends support to a bad equilibrium."""
    a = [[1, 0, -9], [0, 0, -7], [-9, -7, -7]]
    solution = lb.solve(lb.NormalForm([a, np.transpose(a)]), REFINE)
    pure = {
        tuple(int(law.argmax()) for law in e.strategies.values()): (e.perfect, e.proper)
        for e in solution.equilibria
        if all(law.max() == 1 for law in e.strategies.values())
    }
    assert pure[0, 0] == (True, True)
    assert pure[1, 1][0] is True and pure[1, 1][1] is None  # it is not proper
    assert pure[2, 2] == (False, False)


def test_three_players() -> None:
    tables = np.random.default_rng(7).random((3, 2, 2, 2))
    solution = lb.solve(lb.NormalForm(tables), REFINE)
    assert solution.complete == "proved"
    assert all(e.perfect and e.proper for e in solution.equilibria)


def test_the_most_even_member() -> None:
    solution = lb.solve(lb.NormalForm(np.zeros((2, 3, 4))), REFINE)
    x, y = solution.components[0].even
    assert np.allclose(x, 1 / 3, atol=1e-5) and np.allclose(y, 1 / 4, atol=1e-5)
    edge = lb.solve(lb.NormalForm([[[3, 3], [2, 5], [0, 6]], [[3, 3], [2, 6], [3, 1]]]), REFINE)
    (part,) = [part for part in edge.components if not part.isolated]
    x, y = part.even
    ends = np.array(part.column_vertices)

    def entropy(law: np.ndarray) -> float:
        held = law[law > 0]
        return float(-(held * np.log(held)).sum())

    best = max(entropy(t * ends[0] + (1 - t) * ends[1]) for t in np.linspace(0, 1, 2001))
    assert entropy(y) == pytest.approx(best, abs=1e-6)


def test_selten_s_horse_has_two_families() -> None:
    solution = lb.solve(load_horse())
    parts = [part for part in solution.components if not part.isolated]
    assert len(parts) == 2 and all(part.dimension == 1 for part in parts)
    for e in solution.equilibria:
        one, two, three = (float(law[0]) for law in e.strategies.values())  # of D, d, L
        left = one == pytest.approx(1) and three == pytest.approx(1) and two <= 2 / 3 + 1e-9
        right = one == pytest.approx(0, abs=1e-9) and two == pytest.approx(0, abs=1e-9)
        assert left or (right and three <= 1 / 4 + 1e-9)


def load_horse() -> lb.NormalForm:
    """Payoffs by the tree: D leads to the third player, C to the second, and d from there too."""
    tree = {"DL": (3, 2, 2), "DR": (0, 0, 0), "CdL": (4, 4, 0), "CdR": (0, 0, 1)}
    table = np.zeros((3, 2, 2, 2))
    for a, b, c in product(range(2), repeat=3):
        first, second, third = "DC"[a], "dc"[b], "LR"[c]
        path = f"D{third}" if first == "D" else f"C{second}{third}"
        table[:, a, b, c] = tree.get(path, (1, 1, 1))
    from leaderbored.games.catalogue import find
    from leaderbored.games.formats.gamefile import load

    game = load(find("selten-1975"))
    assert (game.tables == table).all()
    return game


def test_the_command_line_says_it(tmp_path, capsys) -> None:
    path = tmp_path / "game.toml"
    path.write_text('kind = "normal-form"\npayoffs = [[[1, 0], [0, 0]], [[1, 0], [0, 0]]]\n')
    assert main(["solve", str(path), "--refine"]) == 0
    assert "perfect" in capsys.readouterr().out
    assert main(["solve", str(path), "--refine", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [e["perfect"] for e in told["equilibria"]] == [True, False]
    assert main(["solve", "cournot-1838", "--refine"]) == 2
    assert "--refine: expected with a game in normal form only" in capsys.readouterr().err
