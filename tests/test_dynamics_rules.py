"""Rules of motion: what is known in closed form, symmetry, scale, and honest refusals."""

from itertools import permutations

import nashpy
import numpy as np
import pytest

import leaderbored as lb
from leaderbored.motion.rules import RULES

PENNIES = lb.NormalForm([[[1, -1], [-1, 1]], [[-1, 1], [1, -1]]], strategies=[["H", "T"]] * 2)
SHAPLEY = lb.NormalForm(
    [[[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 0], [0, 0, 1], [1, 0, 0]]],
    strategies=[["a", "b", "c"]] * 2,
)
RACE = lb.Race(
    [lb.Lab("A", 1), lb.Lab("B", 1)],
    lb.ScarceMarket(0.6),
    lb.Technology(3, handicap=0.1),
    discount=0.1,
)


@pytest.fixture(scope="module")
def values():
    """At a tie of the run and of the race, two of the three equilibria."""
    game = RACE.markov()
    busy = np.where(game.states.max(axis=1) <= 10, game.upper, game.idle)
    starts = (game.idle, busy)
    found = [lb.solve(RACE, select="from history", start=s).equilibria[0] for s in starts]
    assert all(e.regret < 1e-9 for e in found)
    return [e.value[0, 0] for e in found]


def cournot(firms, size=1.0):
    pay = "(size - sum(q)) * q"
    players = [lb.Player(f"firm {k}", {"q": (0, "size")}, pay) for k in range(firms)]
    return lb.Continuous(players, {"size": size})


def test_matching_pennies_cycles_under_best_replies():
    motion = lb.dynamics(PENNIES)
    assert (motion.outcome, motion.period, motion.since) == ("cycles", 4, 0)
    assert motion.cycle == ("(H, H)", "(H, T)", "(T, T)", "(T, H)")


def test_matching_pennies_converges_in_fictitious_play():
    motion = lb.dynamics(PENNIES, "fictitious", laps=2000)
    assert motion.outcome == "converges"
    assert abs(motion.play["1"][-1, 0] - 0.5) < 0.05


def test_shapleys_game_cycles_in_fictitious_play():
    motion = lb.dynamics(SHAPLEY, "fictitious", laps=500)
    assert (motion.outcome, motion.period) == ("cycles", None)
    assert len(motion.cycle) == 6


def test_fictitious_play_counts_replies_to_counts():
    matrices = np.random.default_rng(5).normal(size=(2, 3, 4))
    mine = lb.dynamics(lb.NormalForm(matrices), "fictitious", laps=200).play
    counts = np.zeros(3), np.zeros(4)
    counts[0][0] = counts[1][0] = 1
    for _ in range(200):
        replies = (matrices[0] @ counts[1]).argmax(), (counts[0] @ matrices[1]).argmax()
        counts[0][replies[0]] += 1
        counts[1][replies[1]] += 1
    assert np.allclose(mine["1"][-1], counts[0] / 201)
    assert np.allclose(mine["2"][-1], counts[1] / 201)


def test_replicator_is_nashpys_in_units_of_the_range():
    row, column = [[3, 0], [5, 1]], [[3, 5], [0, 1]]
    start = [[0.7, 0.3], [0.6, 0.4]]
    motion = lb.dynamics(lb.NormalForm([row, column]), "replicator", start, laps=3)
    game = nashpy.Game(np.array(row) / 5, np.array(column) / 5)
    times = np.arange(4.0)
    theirs = game.asymmetric_replicator_dynamics(*map(np.array, start), timepoints=times)
    assert np.allclose(motion.play["1"], theirs[0], atol=1e-6)
    assert np.allclose(motion.play["2"], theirs[1], atol=1e-6)


def test_replicator_goes_round_in_matching_pennies_and_never_home():
    motion = lb.dynamics(PENNIES, "replicator", [[0.6, 0.4], [0.5, 0.5]], laps=60)
    x, y = motion.play["1"][:, 0], motion.play["2"][:, 0]
    level = x * (1 - x) * y * (1 - y)  # constant along every orbit
    assert motion.outcome == "cycles"
    assert np.ptp(level) < 1e-7
    # Near the centre u is twice the other's deviation in units of the range: period 4 pi, or more
    assert 4 * np.pi < motion.period < 4.3 * np.pi


def test_logit_rests_at_the_logit_equilibrium():
    game = lb.NormalForm([[[2, 0], [0, 1]], [[2, 0], [0, 1]]])
    motion = lb.dynamics(game, "logit", [[0.6, 0.4], [0.6, 0.4]], noise=0.5, laps=100)
    x = motion.play["1"][-1, 0]
    assert motion.outcome == "rests"
    assert "logit equilibrium" in motion.headline
    assert x == pytest.approx(1 / (1 + np.exp(-(2 * x - (1 - x)) / 2 / 0.5)), abs=1e-7)


@pytest.mark.slow
def test_three_cournot_firms_go_up_and_down_for_ever_but_settle_one_by_one():
    together = lb.dynamics(cournot(3), start=[0.2, 0.2, 0.2])
    assert (together.outcome, together.period) == ("cycles", 2)
    path = np.hstack(list(together.play.values()))
    # The replies have slope -1/2 in the sum of two rivals: the mean swings with factor -1.
    assert path.mean(axis=1) == pytest.approx(0.25 + 0.05 * (-1.0) ** (np.arange(41) + 1), abs=1e-6)
    for rule in ("sequential", "random", "adjust", "fictitious"):
        settled = lb.dynamics(cournot(3), rule, [0.2, 0.3, 0.1], laps=60)
        assert settled.outcome == "converges", rule
        last = np.hstack([play[-1] for play in settled.play.values()])
        assert last == pytest.approx(0.25, abs=0.02), rule


def test_four_cournot_firms_diverge_to_the_corners():
    motion = lb.dynamics(cournot(4), start=[0.21] * 4)
    assert motion.outcome == "cycles"
    last = {round(float(motion.play["firm 0"][k, 0]), 6) for k in (-1, -2)}
    assert last == {0.0, 0.5}


def test_a_contest_settles_at_its_closed_form():
    lap = lb.Contest([lb.Contender("A", 1), lb.Contender("B", 1, price=2.0)], prize=1.0)
    for rule in ("best-response", "sequential"):
        motion = lb.dynamics(lap, rule)
        assert motion.outcome == "converges"
        assert [play[-1, 0] for play in motion.play.values()] == pytest.approx([2 / 9, 1 / 9])
        assert motion.regret < 1e-12


@pytest.mark.parametrize("rule", ["best-response", "sequential", "adjust", "level-k"])
def test_history_decides_which_equilibrium_of_the_race(rule, values):
    run, race = values
    assert run - race > 2
    idle, busy = (lb.dynamics(RACE, rule, word, laps=800) for word in ("idle", "busy"))
    assert idle.outcome == busy.outcome == "converges"
    assert idle.payoffs[-1] == pytest.approx([run, run], rel=1e-4)
    assert busy.payoffs[-1] == pytest.approx([race, race], rel=1e-4)


def test_a_lead_closes_after_an_idle_history_and_grows_after_a_busy_one():
    idle = lb.dynamics(RACE, start="A ahead by 3").board
    busy = lb.dynamics(RACE, start="A ahead by 3, busy").board
    assert idle.lab == busy.lab == "A"
    assert idle.mean[0] == busy.mean[0] == 3
    assert idle.mean[-1] < 1
    assert busy.mean[-1] > 5


def test_the_board_is_the_average_of_simulated_ones():
    game = RACE.markov()
    motion = lb.dynamics(RACE, start="A ahead by 3", laps=4)
    rng, state = np.random.default_rng(3), np.full(20_000, 3)
    lead = {k: n for k, n in enumerate(game.states[:, 1] - game.states[:, 0])}
    for lap in range(4):
        build = np.array([motion.play[name][lap] for name in "AB"])
        hazard = game.hazard(build)
        wins = rng.random(len(state)) < (hazard[0] / hazard.sum(axis=0))[state]
        state = np.where(wins, game.jump[0].indices[state], game.jump[1].indices[state])
    drawn = np.array([lead[s] for s in state])
    error = drawn.std() / np.sqrt(len(drawn))
    assert abs(drawn.mean() - motion.board.mean[-1]) < 4 * error


def test_myopic_labs_overbuild_in_the_race_and_rest_at_no_equilibrium():
    motion = lb.dynamics(RACE, "myopic")
    assert motion.outcome == "rests"
    assert "no equilibrium" in motion.headline
    assert motion.regret > 0.1


def test_the_race_as_a_game_of_ones_own_moves_alike():
    technology = lb.Technology(2, 0.7)
    race = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)], lb.RevenueLadder([1, 1.6, 2.0]), technology, 0.3, 2
    )
    pair = [
        lb.MarkovPlayer(
            name,
            f"(1 - {name}) * r[max({sign} x, 0)]",
            {name: (0, 1)},
            events=[lb.Event({"x": f"x {step} 1"}, hazard=f"2 * {name}**0.7")],
        )
        for name, sign, step in (("a", "", "+"), ("b", "-", "-"))
    ]
    own = lb.MarkovGame(pair, 0.3, states={"x": (-2, 2)}, tables={"r": [1, 1.6, 2.0]})
    for rule in ("best-response", "sequential", "myopic", "adjust"):
        mine = lb.dynamics(own, rule, "low, x=0", laps=12)
        theirs = lb.dynamics(race, rule, [np.zeros(5)] * 2, laps=12)
        assert mine.payoffs == pytest.approx(theirs.payoffs, rel=1e-6), rule


@pytest.mark.parametrize("rule", ["best-response", "adjust", "myopic", "level-k", "fictitious"])
def test_relabelling_the_labs_relabels_the_motion(rule):
    labs = [lb.Lab("A", 1), lb.Lab("B", 1.5), lb.Lab("C", 0.7)]
    market, technology = lb.ScarceMarket(0.7), lb.Technology(2, handicap=0.1)
    first = lb.dynamics(lb.Race(labs, market, technology, 0.2, 3), rule, "A ahead by 2", laps=8)
    for order in permutations(range(3)):
        turned = lb.Race([labs[k] for k in order], market, technology, 0.2, 3)
        motion = lb.dynamics(turned, rule, "A ahead by 2", laps=8)
        assert motion.payoffs == pytest.approx(first.payoffs[:, list(order)], rel=1e-9)
        assert motion.board.mean == pytest.approx(first.board.mean, abs=1e-9)


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, marks=[pytest.mark.slow] * (rule == "logit")) for rule in RULES]
)
def test_the_unit_of_payoffs_does_not_matter(rule):
    start = [[0.5, 0.3, 0.2], [0.2, 0.2, 0.6]]
    scaled = lb.NormalForm([SHAPLEY.tables[0] * 7 + 3, SHAPLEY.tables[1] * 7 + 3])
    a, b = (lb.dynamics(game, rule, start, laps=12) for game in (SHAPLEY, scaled))
    assert a.outcome == b.outcome
    assert a.play["1"] == pytest.approx(b.play["1"], abs=1e-6)


def test_the_same_seed_gives_the_same_motion():
    one, two, other = (lb.dynamics(RACE, "random", "random", seed=s, laps=5) for s in (1, 1, 2))
    assert np.array_equal(one.payoffs, two.payoffs)
    assert not np.array_equal(one.payoffs, other.payoffs)


@pytest.mark.parametrize(
    ("game", "options", "words"),
    [
        (RACE, {"rule": "logit"}, "normal form"),
        (RACE, {"rule": "swim"}, "known: best-response"),
        (RACE, {"laps": 0}, "1 or more"),
        (RACE, {"start": "C ahead by 3"}, "known: A, B"),
        (RACE, {"start": "A ahead by 99"}, "0 to 20"),
        (RACE, {"start": "sleepy"}, "idle, busy or random"),
        (RACE, {"start": np.full((2, 41), 2.0)}, "out of its bounds"),
        (RACE, {"start": [0.1]}, "expected 82"),
        (PENNIES, {"start": "H"}, "one strategy of each player"),
        (PENNIES, {"start": [[0.5, 0.4], [1, 0]]}, "add up to one"),
        (PENNIES, {"rule": "adjust", "adjustment": 2.0}, "at most 1"),
        (PENNIES, {"rule": "level-k", "level": 0}, "1 or more"),
        (PENNIES, {"rule": "logit", "noise": 0.0}, "more than 0"),
        (PENNIES, {"tolerance": 0.0}, "more than 0"),
    ],
)
def test_bad_arguments_say_what_was_expected(game, options, words):
    with pytest.raises(ValueError, match=words):
        lb.dynamics(game, **options)


def test_games_without_dynamics_are_refused():
    with pytest.raises(TypeError, match="no game"):
        lb.dynamics(3)


def shared(first: str, second: str) -> lb.Continuous:
    players = [lb.Player("A", {"x": [0, 10]}, first), lb.Player("B", {"x": [0, 10]}, second)]
    return lb.Continuous(players, constraints=["sum(x) <= 1"])


def test_replies_meet_a_shared_constraint_where_they_can() -> None:
    """From 5 and 5 nobody alone can; from 1 and 1/2 each can, and both do."""
    motion = lb.dynamics(shared("-((x - 1) ** 2)", "-((x - 0.5) ** 2)"), laps=12)
    assert motion.outcome == "cycles"
    assert [*motion.play["A"][-2:, 0], *motion.play["B"][-2:, 0]] in (
        pytest.approx([1, 0.5, 0.5, 0], abs=1e-6),
        pytest.approx([0.5, 1, 0, 0.5], abs=1e-6),
    )


def test_rest_where_a_constraint_cannot_be_met_is_called_that() -> None:
    game = lb.Continuous(
        [lb.Player(n, {"x": [0, 10]}, "-((x - 4) ** 2)") for n in "ABC"],
        constraints=["sum(x) <= 1"],
    )
    motion = lb.dynamics(game, laps=12)
    assert "where a constraint is not met" in motion.headline
    assert lb.dynamics(game, "fictitious", laps=40).outcome != "converges"
