"""Games of many players: totals that are kept, and equilibria in which few mix."""

import itertools

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.solvers import continuous
from leaderbored.solvers.budget import StoppedError
from leaderbored.solvers.continuous import derived
from leaderbored.solvers.continuous.program import Program

COSTS = [round(1 + 0.01 * k + 0.003 * k * k, 4) for k in range(20)]


def firms(payoff: str, count: int = 20, **more: object) -> lb.Continuous:
    players = [
        lb.Player(f"F{k}", {"q": [0, 9]}, payoff, parameters={"c": COSTS[k]}) for k in range(count)
    ]
    return lb.Continuous(players, {"a": 9.0, "k": [0.1, 0.2]}, **more)


def test_firms_with_different_costs_as_cournot_has_them() -> None:
    found = lb.solve(firms("(a - sum(q)) * q - c * q", 14))
    costs = np.array(COSTS[:14])
    quantities = np.concatenate([*found.equilibria[0].strategies.values()])
    assert quantities == pytest.approx((9 + costs.sum()) / 15 - costs, abs=1e-12)
    assert found.census.complete == "proved"
    assert found.equilibria[0].proof.of == "equilibrium"


def test_totals_of_different_terms_that_nobody_steers() -> None:
    """Rivals' squares move no reply: payoffs are as good as quadratic, and there is one."""
    found = lb.solve(firms("others(q^2) / 50 - (q - c)^2 + mean(q)", 13))
    quantities = np.concatenate([*found.equilibria[0].strategies.values()])
    assert quantities == pytest.approx(np.array(COSTS[:13]) + 1 / 26, abs=1e-12)
    assert found.census.complete == "proved"


FORMULAS = [
    "a * q * exp(-mean(q)) - c * q^1.5",
    "max(a - sum(q), 0) * q - c * q",
    "log(1 + sum(q * c)) - k[1] * q if q < 2 else sqrt(others(c * q))",
    "sum(q / (q + F3.q + 1)) + Q * others(q)^2 - c * q",
    "E[t](log(1 + t + sum(q))) - c * sum(q / (1 + sum(q)))",
]


@pytest.mark.slow
@pytest.mark.parametrize("payoff", FORMULAS)
def test_kept_totals_are_those_written_out(payoff: str, monkeypatch: pytest.MonkeyPatch) -> None:
    more = {
        "let": {"Q": "sum(q) / 9"},
        "random": {"t": {"values": [0.5, 1.5], "probabilities": [0.4, 0.6]}},
        "constraints": ["sum(c * q) <= 90"],
    }
    game = firms(payoff, 13, **more)
    kept = Program(game)
    z = np.random.default_rng(0).uniform(0.1, 0.9, (2, kept.m))
    monkeypatch.setattr(derived, "MANY", 1000)
    derived.compiled.cache_clear()
    written = Program(game)
    assert kept.code.formulas.totals and not written.code.formulas.totals
    assert kept.residual(z) == pytest.approx(written.residual(z), rel=1e-12, abs=1e-13)
    for one, other in zip(kept.jacobian(z), written.jacobian(z), strict=True):
        assert one == pytest.approx(other, rel=1e-12, abs=1e-13)
    x = z[0, : kept.n]
    assert kept.payoffs(x) == pytest.approx(written.payoffs(x), rel=1e-13)
    assert kept.slacks(x) == pytest.approx(written.slacks(x), rel=1e-13)
    derived.compiled.cache_clear()


def test_what_is_looked_up_must_not_depend_on_a_total() -> None:
    with pytest.raises(ValueError, match="do not depend on what is decided"):
        firms("k[sum(q)] - q", 13)


@pytest.mark.parametrize("shape", [(2,) * 7, (3, 2, 4, 3), (5, 4, 6)])
def test_two_of_many_mix_where_nothing_is_pure(shape: tuple[int, ...]) -> None:
    found = 0
    for seed in range(20):
        tables = np.random.default_rng(seed).integers(0, 1000, (len(shape), *shape))
        best = [t == t.max(axis=i, keepdims=True) for i, t in enumerate(tables)]
        if np.logical_and.reduce(best).any():
            continue
        (one,) = lb.solve(lb.NormalForm(tables), all=False).equilibria
        laws = [*one.strategies.values()]
        for i, law in enumerate(laws):
            pays = tables[i]
            for j in reversed(range(len(shape))):
                if j != i:
                    pays = np.tensordot(pays, laws[j], ([j], [0]))
            assert pays.max() - pays @ law < 1e-9 * 1000
        found += sorted((law > 0).sum() for law in laws)[-3:] == [1, 2, 2]
    assert found > 1


@pytest.mark.slow
def test_colonel_blotto_with_many_equilibria_is_one_program() -> None:
    splits = [s for s in itertools.product(range(7), repeat=3) if sum(s) == 6]
    won = [[int(np.sign(np.subtract(x, y)).sum()) for y in splits] for x in splits]
    found = lb.solve(lb.NormalForm([won, (-np.array(won)).tolist()]))
    assert found.value == pytest.approx(0, abs=1e-12)
    assert "all equilibria make one convex set" in found.census.message
    assert found.census.complete == "partial"
    for one in found.equilibria:
        x, y = one.strategies.values()
        assert (np.array(won) @ y).max() < 1e-9
        assert (x @ np.array(won)).min() > -1e-9


@pytest.mark.slow
def test_a_market_that_is_flooded_where_the_search_starts() -> None:
    """Payoffs with ``max`` are flat where all sell much: starts lie where they are not, too."""
    found = lb.solve(firms("max(a - sum(q), 0) * q - c * q", 13))
    costs = np.array(COSTS[:13])
    quantities = np.concatenate([*found.equilibria[-1].strategies.values()])
    assert quantities == pytest.approx((9 + costs.sum()) / 14 - costs, abs=1e-12)
    assert "0 of" not in found.census.message


@pytest.mark.slow
def test_a_bank_run_is_no_longer_the_only_equilibrium_found() -> None:
    saver = lb.Player("saver", {"w": [0, 1]}, "w + (1 - w) * 1.5 * max(0, 1 - mean(w))", count=5)
    found = lb.solve(lb.Continuous([saver]))
    ends = {tuple(np.concatenate([*one.strategies.values()])) for one in found.equilibria}
    assert ends >= {(0,) * 5, (1,) * 5}


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [0.3, 0.6])
def test_a_limit_leads_to_an_answer_wherever_it_strikes(seconds: float) -> None:
    """Best replies of many, deep inside, are broken off without an exception."""
    game = firms("(1 if q > max(others(q)) else 0) - c * q / 9", 13)
    found = lb.solve(game, limit=seconds)
    assert found.status.code in ("stopped", "not converged")


def test_a_limit_that_no_search_catches_is_an_answer_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_off(_search: object) -> None:
        raise StoppedError

    monkeypatch.setattr(continuous._Search, "every", broken_off)
    game = firms("q - sum(q)", 2)
    found = lb.solve(game, limit=lambda: True)
    assert found.status.code == "stopped" and found.complete == "partial"
    assert found.game is game and not found.equilibria
    with pytest.raises(StoppedError):  # it is another's limit
        lb.solve(game)
