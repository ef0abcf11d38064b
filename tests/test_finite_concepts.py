"""Correlated equilibria, commitment and rationalizability, against definitions written out here."""

import json
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from test_solvers_bimatrix import exhaustive

import leaderbored as lb
from leaderbored.cli import main

CHICKEN = [[[0, 7], [2, 6]], [[0, 2], [7, 6]]]


def whole(seed: int, shape: tuple[int, ...], most: int = 12) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, most, (len(shape), *shape))


def disobey(tables: np.ndarray, law: dict, coarse: bool) -> Fraction:
    """The largest gain by the definition, one profile after the other, in rational numbers."""
    worst = Fraction(0)
    for i, table in enumerate(tables):
        for b in range(table.shape[i]):
            for a in range(table.shape[i]):
                gain = Fraction(0)
                for profile, weight in law.items():
                    if coarse or profile[i] == a:
                        other = tuple(b if j == i else s for j, s in enumerate(profile))
                        gain += weight * (int(table[other]) - int(table[profile]))
                worst = max(worst, gain)
    return worst


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("seed", range(15))
def test_correlated_equilibria_obey_and_are_as_good_as_nash(seed: int, coarse: bool) -> None:
    tables = whole(seed, [(3, 3), (2, 4), (2, 2, 2)][seed % 3])
    game = lb.NormalForm(tables)
    found = lb.correlated(game, coarse=coarse, exact=True)
    assert found.exact is not None and sum(found.exact.values()) == 1
    assert disobey(tables, found.exact, coarse) == 0
    assert found.regret < 1e-9 and found.bound - found.value < 1e-7
    welfare = sum(w * int(tables[(slice(None), *s)].sum()) for s, w in found.exact.items())
    assert float(welfare) == pytest.approx(found.value)
    for equilibrium in lb.solve(game).equilibria:
        assert equilibrium.payoffs.sum() <= found.value + 1e-9
        for who, payoff in zip(game.players, equilibrium.payoffs, strict=True):
            low, high = found.ranges[who]
            assert low - 1e-9 <= payoff <= high + 1e-9
    if coarse:
        assert lb.correlated(game).value <= found.value + 1e-9


def test_chicken_as_aumann_has_it() -> None:
    found = lb.correlated(lb.NormalForm(CHICKEN), exact=True)
    assert found.exact == {(0, 1): Fraction(1, 4), (1, 0): Fraction(1, 4), (1, 1): Fraction(1, 2)}
    assert found.payoffs.tolist() == pytest.approx([5.25, 5.25])
    least = lb.correlated(lb.NormalForm(CHICKEN), {"1": -1, "2": -1})
    nash = min(e.payoffs.sum() for e in lb.solve(lb.NormalForm(CHICKEN)).equilibria)
    assert -least.value <= nash + 1e-9


def test_a_coarse_equilibrium_that_is_no_correlated_one() -> None:
    """Nobody would obey on being told, but all do who must decide before."""
    tables = np.array([[[3, 1, 4], [1, 5, 0], [1, 0, 2]], [[3, 1, 1], [4, 2, 0], [1, 0, 5]]])
    found = lb.correlated(lb.NormalForm(tables), coarse=True, exact=True)
    assert found.value > lb.correlated(lb.NormalForm(tables)).value + 0.1
    assert disobey(tables, found.exact, True) == 0 < disobey(tables, found.exact, False)


def test_the_payoffs_of_opposed_players_do_not_vary() -> None:
    a = whole(4, (4, 4))[0]
    game = lb.NormalForm([a, -a])
    low, high = lb.correlated(game).ranges["1"]
    assert low == pytest.approx(high) == pytest.approx(lb.solve(game).value)


@pytest.mark.parametrize("seed", range(20))
def test_the_leader_gets_what_it_can(seed: int) -> None:
    """Against all points where the follower is indifferent, written out for two rows."""
    a, b = whole(seed, (2, 2 + seed % 4))
    found = lb.commitment(lb.NormalForm([a, b]), exact=True)
    points = {Fraction(0), Fraction(1)}
    for j, k in product(range(a.shape[1]), repeat=2):
        slope = int(b[0, j] - b[1, j] - b[0, k] + b[1, k])
        if slope:
            points.add(Fraction(int(b[1, k] - b[1, j]), slope))
    best = Fraction(-(10**9))
    for p in points:
        if 0 <= p <= 1:
            theirs = [p * int(b[0, j]) + (1 - p) * int(b[1, j]) for j in range(a.shape[1])]
            mine = [p * int(a[0, j]) + (1 - p) * int(a[1, j]) for j in range(a.shape[1])]
            best = max(best, *(u for u, v in zip(mine, theirs, strict=True) if v == max(theirs)))
    assert float(best) == pytest.approx(found.payoffs[0], abs=1e-9)
    assert found.bound == pytest.approx(found.payoffs[0], abs=1e-7)
    assert found.regret < 1e-9 and found.pure <= found.payoffs[0] + 1e-9
    assert found.exact is not None
    earned = sum(w * int(a[i, found.reply]) for i, w in enumerate(found.exact))
    assert earned == best


@pytest.mark.parametrize("seed", range(10))
def test_to_commit_is_no_worse_than_any_equilibrium(seed: int) -> None:
    game = lb.NormalForm(whole(seed, (4, 3)))
    for k, leader in enumerate(game.players):
        gets = lb.commitment(game, leader).payoffs[k]
        assert gets >= max(e.payoffs[k] for e in lb.solve(game).equilibria) - 1e-9


def test_a_commitment_that_takes_a_favour_says_so() -> None:
    twins = lb.NormalForm([[[1, 0], [1, 0]], [[1, 1], [1, 1]]])
    found = lb.commitment(twins)
    assert found.payoffs[0] == 1 and not found.secure
    assert lb.commitment(lb.NormalForm([[[2, 4], [1, 3]], [[1, 0], [0, 1]]])).secure


@pytest.mark.parametrize("seed", range(20))
def test_what_is_played_is_rationalizable(seed: int) -> None:
    tables = whole(seed, (4, 4), 9)
    game = lb.NormalForm(tables)
    found = lb.rationalizable(game)
    assert not found.unsure or seed  # ties may leave a belief without a short fraction
    played = exhaustive(*tables.tolist())
    for k, who in enumerate(game.players):
        for laws in played:
            used = {game.strategies[k][a] for a, weight in enumerate(laws[k]) if weight}
            assert used <= set(found.strategies[who])
    for gone in found.out:
        assert sum(gone.better.values()) == 1
        assert (
            game.strategies[gone.player][gone.strategy]
            not in found.strategies[game.players[gone.player]]
        )


def test_cournot_by_elimination() -> None:
    """Two firms, whole quantities: replies to replies close in on the equilibrium."""
    q = np.arange(10)
    pays = (12 - q[:, None] - q[None]) * q[:, None] * 2 - q[:, None]
    found = lb.rationalizable(lb.NormalForm([pays, pays.T], strategies=[[f"q{n}" for n in q]] * 2))
    left = set(range(10))
    while True:  # the same by hand: best replies to what is left, on both sides
        best = {max(q, key=lambda own: (pays[own, other], -own)) for other in left}
        span = set(range(min(best), max(best) + 1))
        if span == left:
            break
        left = span
    assert found.rounds >= 2
    assert set(found.strategies["1"]) == {f"q{n}" for n in left}


FILE = (
    'kind = "normal-form"\nplayers = ["A", "B"]\npayoffs = [[[0, 7], [2, 6]], [[0, 2], [7, 6]]]\n'
)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["correlated"], "greatest welfare gives 10.5"),
        (["correlated", "--aim", "A"], "greatest payoff of A gives 7"),
        (["coarse", "--aim", "A=1,B=-1"], "greatest sum of 1 x A, -1 x B gives 5"),
        (["commitment", "--leader", "B"], "B commits and gets 7"),
        (["rationalizable"], "All 4 strategies are rationalizable"),
    ],
)
def test_the_command_line_finds_them(options, words, tmp_path, capsys) -> None:
    path = tmp_path / "game.toml"
    path.write_text(FILE, encoding="utf-8")
    assert main(["solve", str(path), "--concept", *options]) == 0
    assert words in " ".join(capsys.readouterr().out.split())
    assert main(["solve", str(path), "--concept", *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["concept"] == options[0]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--concept", "correlated", "--aim", "C"], "--aim: 'C', expected welfare or a player"),
        (["--concept", "correlated", "--aim", "A=x"], "--aim: 'A=x', expected weights"),
        (["--concept", "commitment", "--leader", "C"], "--leader: 'C', expected a player"),
        (["--aim", "A"], "--aim = A: expected with --concept correlated or coarse"),
        (["--leader", "A"], "--leader = A: expected with --concept commitment"),
        (["--concept", "coarse", "--pure"], "--pure: expected without --concept coarse"),
        (["--concept", "chaos"], "chaos"),
    ],
)
def test_what_does_not_go_together_is_refused(options, words, tmp_path, capsys) -> None:
    path = tmp_path / "game.toml"
    path.write_text(FILE, encoding="utf-8")
    assert main(["solve", str(path), *options]) == 2
    assert words in capsys.readouterr().err


def test_other_games_are_refused(capsys) -> None:
    assert main(["solve", "cournot-1838", "--concept", "correlated"]) == 2
    assert "finitely many strategies" in capsys.readouterr().err
    three = lb.NormalForm(whole(1, (2, 2, 2)))
    with pytest.raises(ValueError, match="two players"):
        lb.commitment(three)


def test_games_without_a_choice() -> None:
    for shape in ((1,), (1, 1), (1, 3), (2, 1, 1)):
        game = lb.NormalForm(np.arange(len(shape) * np.prod(shape)).reshape(len(shape), *shape))
        assert lb.correlated(game, exact=True).regret == 0
        assert lb.correlated(game, coarse=True).regret == 0
        assert all(lb.rationalizable(game).strategies.values())
        if len(shape) == 2:
            assert lb.commitment(game, exact=True).regret == 0
