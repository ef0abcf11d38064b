"""Dynamic games of one's own that once had no answer, a wrong one, or no end."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.problems import GameFileError
from leaderbored.solvers.stochastic import MarkovMethod
from leaderbored.views.markov import markov_headline

CASES = Path(__file__).parent / "cases" / "dynamic"


def test_an_end_that_is_no_number_is_named_with_its_state() -> None:
    with pytest.raises(GameFileError, match=r"players\[0\]\.end = 'log\(left - 1\)'.*left = 1"):
        load(CASES / "end_nan.toml")  # log(0) where A has left
    with pytest.raises(GameFileError, match=r"ends = 'log\(gap\)'.*gap = -2"):
        load(CASES / "ends_nan.toml")


def test_all_mistakes_of_a_game_are_listed_at_once() -> None:
    text = """
    kind = "markov"
    discount = 0.1
    states = { s = [0, 1] }
    [[players]]
    name = "A"
    action = { b = [1, 0] }
    payoff = "1 - c"
    events = [{ hazard = "sqrt(", next = { t = "1" } }]
    """
    with pytest.raises(GameFileError) as caught:
        loads(text)
    places = {mistake.place for mistake in caught.value.mistakes}
    assert {
        "players[0].action.b",
        "players[0].payoff",
        "players[0].events[0].hazard",
        "players[0].events[0].next.t",
    } <= places


@pytest.mark.slow
def test_harvests_rest_on_kinks_of_the_grid() -> None:
    """Levhari and Mirman (1980): with y' = y**(1/2) each takes (1 - ab) / (2 - ab) of it."""
    solution = lb.solve(load(CASES / "lm7.toml"))
    share = (1 - 0.9 / 2) / (2 - 0.9 / 2)
    for policy in solution.equilibria[0].policy.values():
        np.testing.assert_allclose(policy, share, atol=1e-9)


def scalar(drift: float, costs: tuple[float, ...], **rest: object) -> lb.LinearQuadratic:
    players = [lb.Controller(f"{k}", 1.0, 1.0, q) for k, q in enumerate(costs)]
    return lb.LinearQuadratic(drift, players, **rest)  # type: ignore[arg-type]


def test_who_does_not_care_for_the_state_does_nothing() -> None:
    (found,) = lb.solve(load(CASES / "lq_free_rider.toml")).equilibria
    np.testing.assert_allclose(found.gains["A"], 2**0.5 - 1, rtol=1e-12)
    np.testing.assert_allclose(found.gains["B"], 0.0, atol=1e-12)
    # also where somebody has to hold the state: the other does, to half of whose cost it comes
    solution = lb.solve(scalar(1.0, (1.0, 0.0)))
    (found,) = solution.equilibria
    assert [float(f[0, 0]) for f in found.gains.values()] == pytest.approx([1 + 2**0.5, 0.0])
    assert solution.complete == "proved"


@pytest.mark.parametrize("time", ["continuous", "discrete"])
@pytest.mark.parametrize("name", ["lq_no_state_cost.toml", "lq_all_zero.toml"])
def test_nothing_costs_nothing(name: str, time: str) -> None:
    game = load(CASES / name)
    assert isinstance(game, lb.LinearQuadratic)
    discount = None if game.discount is None else 1 - game.discount
    solution = lb.solve(
        game if time == "continuous" else replace(game, time=time, discount=discount)
    )
    (found,) = solution.equilibria
    assert not any(f.any() for f in found.gains.values()) and not found.quadratic.any()
    still = time == "discrete" and not game.drift.any()
    assert found.settles is still and "no cost depends on the state" in solution.census.message


def test_states_that_nobody_pays_for_are_left_alone() -> None:
    """Of two states the second explodes, and no cost depends on it."""
    column = [[1.0], [1.0]]
    players = [
        lb.Controller(name, column, 1.0, state_cost=np.diag([q, 0.0]))
        for name, q in zip("AB", (1.0, 2.0), strict=True)
    ]
    whole = lb.solve(lb.LinearQuadratic(np.diag([-0.5, 3.0]), players, initial=[1.0, 5.0]))
    part = lb.solve(scalar(-0.5, (1.0, 2.0), initial=[1.0]))
    np.testing.assert_allclose(whole.equilibria[0].costs, part.equilibria[0].costs, rtol=1e-9)
    assert not any(f[0, 1] for f in whole.equilibria[0].gains.values())


def test_costs_linear_in_the_state_want_constant_controls() -> None:
    """The state costs q / (r - a) from now on a unit, which is what moving it is worth."""
    solution = lb.solve(load(CASES / "lq-linear-costs.toml"))
    (found,) = solution.equilibria
    assert not any(f.any() for f in found.gains.values()) and solution.complete == "proved"
    # 0.6 / 1.2 = 0.5, 0.3 / 1.2 = 0.25 and 0.12 / 1.2 = 0.1 a unit of the state
    offsets = [float(f[0]) for f in found.offsets.values()]
    assert offsets == pytest.approx([(0.75 - 0.25) / 2, -0.5 / 4, 0.7 / 0.5])
    np.testing.assert_allclose(found.linear[:, 0], [0.5, 0.25, 0.1])
    assert lb.solve(load(CASES / "lq-linear-costs.toml"), information="open-loop").equilibria


@pytest.mark.parametrize(
    ("time", "drift", "discount", "worth"),
    [
        ("continuous", 0.2, 0.3, 10.0),  # grows by more than half the rate of discount
        ("continuous", 0.15, 0.3, 1 / 0.15),  # by half, to the last digit
        ("discrete", 1.2, 0.8, 25.0),
    ],
)
@pytest.mark.parametrize("information", ["feedback", "open-loop"])
def test_linear_costs_are_finite_where_squares_are_not(
    time: str, drift: float, discount: float, worth: float, information: str
) -> None:
    players = [
        lb.Controller(name, b, 1.0, state_linear=1.0, control_linear=0.5)
        for name, b in zip("AB", (1.0, -2.0), strict=True)
    ]
    game = lb.LinearQuadratic(drift, players, discount=discount, time=time)  # type: ignore[arg-type]
    (found,) = lb.solve(game, information=information).equilibria
    factor = discount if time == "discrete" else 1.0
    offsets = [float(f[0]) for f in found.offsets.values()]
    assert offsets == pytest.approx([0.5 + factor * worth, 0.5 - 2 * factor * worth])
    assert found.regret < 1e-9


@pytest.mark.parametrize("drift", [0.3, 0.4])
def test_linear_costs_of_what_outgrows_discounting_have_no_equilibrium(drift: float) -> None:
    players = [lb.Controller("A", 1.0, 1.0, state_linear=1.0)]
    solution = lb.solve(lb.LinearQuadratic(drift, players, discount=0.3))
    assert not solution.equilibria and "perhaps without bound" in solution.status.message


@pytest.mark.slow
def test_some_states_cost_squares_and_others_lines() -> None:
    """As with an end so far away that it does not matter; the second state grows."""
    pushes, lines = [[[1.0], [0.5]], [[0.3], [-2.5]]], [[0.0, 0.7], [0.1, 0.4]]
    players = [
        lb.Controller(name, push, 1.5, state_cost=np.diag([q, 0.0]), state_linear=line)
        for name, push, q, line in zip("AB", pushes, (1.0, 0.0), lines, strict=True)
    ]
    moves: dict[str, object] = {"drift": [[-1.0, 0.0], [0.5, 0.2]], "players": players}
    (found,) = lb.solve(lb.LinearQuadratic(**moves, discount=0.5)).equilibria  # type: ignore[arg-type]
    far = lb.LinearQuadratic(**moves, discount=0.5, horizon=80.0)  # type: ignore[arg-type]
    (to_the_end,) = lb.solve(far).equilibria
    for name in "AB":
        np.testing.assert_allclose(found.gains[name], to_the_end.gains[name][0], atol=1e-7)
        np.testing.assert_allclose(found.offsets[name], to_the_end.offsets[name][0], rtol=1e-7)


def test_letting_the_state_grow_is_a_deviation() -> None:
    """A player that likes a state far from zero, and grows alone, wants no end of it."""
    solution = lb.solve(scalar(1.0, (-0.5,)))
    assert not solution.equilibria
    assert lb.solve(scalar(-1.0, (-0.5,))).equilibria[0].regret < 1e-9


def test_stiff_equations_and_large_rates_have_an_end() -> None:
    """Who pays a million for the state holds it at the root of that, in a moment."""
    (found,) = lb.solve(load(CASES / "lq-stiff.toml"), limit=60.0).equilibria
    assert found.gains["B"][0, 0, 0] == pytest.approx(1000.5, rel=1e-6)
    assert found.regret < 1e-9
    with pytest.raises(GameFileError, match="at most 1e"):
        load(CASES / "lq-discount-1e300.toml")


def test_numbers_of_sizes_too_different_are_searched_not_proved() -> None:
    solution = lb.solve(scalar(-1.0, (1e-300, 1e-300)))
    assert solution.equilibria and solution.complete != "proved"


SCRIPTS = {
    "race": "race",
    "arrays": "race.markov()",
    "contest arrays": "lb.Contest.of([2.0, 2.0], price=[1.0, 0.5], prize=1.0)",
    "traced": "lb.MarkovGame([lb.MarkovPlayer('A', lambda at: at['b'] * (1 - at['b']),"
    " {'b': (0, 1)})], discount=0.5)",
    "called": "lb.Continuous([lb.Player('A', {'x': [0, 1]}, lambda s: s['A'] * (1 - s['A']))])",
    "linear": "lb.LinearQuadratic(1.0, [lb.Controller('A', 1.0, 1.0, 1.0)])",
    "nashpy": "__import__('nashpy').Game([[1, 2], [3, 0]])",
}


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_file_in_python_may_hold_any_kind_of_game(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "game.py"
    file.write_text(
        "import leaderbored as lb\n"
        "race = lb.Race([lb.Lab('A', 1), lb.Lab('B', 1)], lb.ScarceMarket(0.6),"
        " lb.Technology(1), 0.5, rungs=2)\n"
        f"game = {SCRIPTS[kind]}\n",
        encoding="utf-8",
    )
    for option in ([], ["--json"]):
        assert main(["solve", str(file), "--allow-python", *option]) == 0
        assert capsys.readouterr().out.strip()


def test_the_headline_counts_what_is_not_listed() -> None:
    solution = lb.solve(load(find("maynard-smith-1974")), all=True)
    listed = len(solution.equilibria)
    counted = replace(solution, census=replace(solution.census, count=42_875))
    said = f"42,875 Markov-perfect equilibria; {listed} are shown"
    assert markov_headline(counted).startswith(said)


def test_of_one_value_where_all_pay_the_same_one_equilibrium_stands_for_all() -> None:
    """A gets 7 and the state whatever it does, in each of three states."""
    solution = lb.solve(load(CASES.parent / "formulas" / "table-called-maximum.toml"), all=True)
    assert (len(solution.equilibria), solution.count, solution.complete) == (1, 1, "partial")
    assert "indifferent" in solution.census.message


@pytest.mark.parametrize(
    "name",
    [
        "alternating_offers",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in ("switching_costs", "tax_competition", "logistic_commons")
        ),
    ],
)
def test_small_games_that_replies_in_turn_or_backward_induction_solve(name: str) -> None:
    solution = lb.solve(load(CASES / f"{name}.toml"))
    (found,) = solution.equilibria
    assert found.regret < 1e-9 and solution.status.code == "converged"
    if name == "alternating_offers":  # near the split of Rubinstein, 1 / (1 + 0.9), in tenths
        assert found.value[0, 0] == pytest.approx(0.9**2 / 1.9, abs=0.06)
    else:
        assert found.method == "best replies"


def test_what_is_no_equilibrium_but_near_one_is_called_so() -> None:
    innovates = lb.Event({"d": "1"}, hazard="sqrt(b)")
    lab = lb.MarkovPlayer("lab", "1 - b + d", {"b": (0, 1)}, events=[innovates])
    game = lb.MarkovGame([lab], discount=0.5, states={"d": (0, 1)})
    solution = lb.solve(game, MarkovMethod(tolerance=-1.0, starts=1))  # nothing is good enough
    assert solution.status.code == "approximate" and solution.complete == "partial"
    said = markov_headline(solution)
    assert said.startswith("No equilibrium found, but an epsilon-equilibrium: no player gains more")
    assert "epsilon-equilibrium, from which no player gains" in solution.status.message


@pytest.mark.slow
def test_games_in_turns_are_searched_to_a_sum_of_indices_of_one() -> None:
    """Periods of backward induction that rest before values do are no solutions."""
    players = [
        lb.MarkovPlayer(
            name,
            payoff,
            actions=("u", "v"),
            turn=f"abs(s - 1) == {1 - k}",
            events=[lb.Event({"s": f"s {sign} 1"}, chance="0.1 + 0.3 * u")],
        )
        for k, (name, sign, payoff) in enumerate(
            [("A", "+", "1.3 * s - 0.9 * u - B.u"), ("B", "-", "0.4 * A.u - 0.6 * u - 0.9 * s")]
        )
    ]
    game = lb.MarkovGame(players, discount=0.86, time="discrete", states={"s": (0, 2)})
    solution = lb.solve(game, all=True)
    assert solution.complete == "searched" and len(solution.equilibria) == 1


def test_what_replies_alone_come_to_rest_at_has_an_index() -> None:
    """Efforts are next to none, where chances are infinitely steep: no path of noise ends there."""
    game = loads("""
kind = "markov"
time = "discrete"
discount = 0.73
states = { s = [0, 1] }
events = [{ chance = "0.16", next = { s = "s - 1" } }]

[[players]]
name = "A"
payoff = "0.81 * s - 0.55 * x - (0.1 + 0.06 * others(go)) * go"
action = { x = [0, 2] }
actions = ["go", "rest"]
events = [{ chance = "0.1 * sqrt(x)", next = { s = "s + 1" } }]

[[players]]
name = "B"
payoff = "-0.5 * s - (0.1 + s) * go"
actions = ["go", "rest"]
""")
    solution = lb.solve(game, MarkovMethod(starts=2), all=True)
    (found,) = solution.equilibria
    assert found.index == 1 and solution.census.complete == "searched"
    x = found.policy["A"][:, 0]
    up, gain = 0.1 * np.sqrt(x), found.value[0, 1] - found.value[0, 0]
    stays = np.array([0.84 * up[0], 1 - 0.16 * (1 - up[1])])  # the chance of s = 1 next
    moved = 0.73 * gain * 0.05 / np.sqrt(x) * np.array([0.84, 0.16])
    assert np.allclose(moved, 0.55, rtol=1e-6)
    assert gain == pytest.approx(0.81 - 0.55 * (x[1] - x[0]) + 0.73 * gain * (stays[1] - stays[0]))
