"""The record: statistics against what was published of the same boards, and against known laws."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.evidence.account import account
from leaderbored.evidence.atlas import atlas, moments_of
from leaderbored.evidence.backtest import backtest
from leaderbored.evidence.boards import DATA, Board, board, boards, sources, spells_of, table
from leaderbored.evidence.family import EQUAL, Family, owners
from leaderbored.evidence.fit import confident, fit
from leaderbored.evidence.forecast import forecast, seen
from leaderbored.evidence.hazards import hazards, pooled
from leaderbored.evidence.null import null, shuffle
from leaderbored.evidence.predictions import predictions
from leaderbored.evidence.scores import Scores, leaders, read_scores
from leaderbored.evidence.spending import spending
from leaderbored.evidence.statistics import (
    autoregression,
    ornstein_uhlenbeck,
    rate_of_change,
    survey,
)
from leaderbored.games.formats.gamefile import starter
from leaderbored.games.problems import GameFileError

DAY = np.timedelta64(1, "D")
ROW = {"arena": "arena_raw_BT", "eci": "eci"}


def days(count, start="2020-01-01"):
    return np.datetime64(start, "D") + np.arange(count)


@pytest.mark.parametrize("name", boards())
def test_statistics_are_those_that_were_published(name):
    """Six boards in numbers, worked out elsewhere from the same ratings."""
    (known,) = (row for row in table("moments.csv") if row["board"] == ROW[name])
    found = survey(board(name))
    assert found.board.changes == int(known["lead_changes"])
    assert found.rate.at == pytest.approx(float(known["changes_per_year"]), abs=0.01)
    assert found.median.at == float(known["km_median_days"])
    assert found.largest == float(known["max_lead"])
    weekly = found.half_lives["autoregression, 1 week"]
    assert weekly.at == pytest.approx(float(known["ar7_halflife"]), rel=0.01)
    if known["ou_halflife"]:
        at = found.half_lives["Ornstein-Uhlenbeck"].at
        assert at == pytest.approx(float(known["ou_halflife"]), rel=0.01)


def test_every_table_says_where_it_comes_from():
    files = {path.name for path in DATA.glob("*.csv")}
    assert files == set(sources())
    for about in sources().values():
        assert all(about[key] for key in ("title", "unit", "about", "source", "licence"))


def test_interval_of_a_rate_covers(random):
    """Garwood's interval covers at least 90%, at every rate."""
    for mean in (0.3, 2.0, 11.0):
        inside = 0
        for count in random.poisson(mean, 2000):
            found = rate_of_change(int(count), 1.0)
            inside += found.low <= mean <= found.high
        assert inside / 2000 > 0.89


def test_half_life_of_a_known_process(random):
    """The interval of an Ornstein-Uhlenbeck process's half-life covers the true one."""
    true, inside = 20.0, 0
    for _ in range(100):
        steps = random.integers(1, 10, 300)
        x, path = 0.0, []
        for step in steps:
            kept = 0.5 ** (step / true)
            x = kept * x + np.sqrt(1 - kept**2) * random.normal()
            path.append(x)
        dates = np.datetime64("2020-01-01", "D") + np.cumsum(steps) * DAY
        names = ("A",) * 300
        made = Board(
            "x",
            "x",
            "u",
            dates,
            names,
            names,
            np.column_stack([30 + 5 * np.array(path), np.zeros(300)]),
            (),
            "",
            True,
        )
        found = ornstein_uhlenbeck(made)
        assert found.low <= found.at <= found.high
        inside += found.low <= true <= found.high
    assert 82 <= inside <= 97


def test_what_does_not_revert_has_no_half_life():
    dates, names = days(400), ("A",) * 400
    made = Board(
        "x",
        "x",
        "u",
        dates,
        names,
        names,
        np.column_stack([np.arange(400.0), np.zeros(400)]),
        (),
        "",
    )
    assert autoregression(made, 1).at > 1e4


def test_hazard_of_a_known_law(random):
    """Weeks drawn with a hazard that halves with each mean lead give that back."""
    ratios = []
    for _ in range(12):
        leader, lead, now = [], [], 0
        z = 1.0
        for _ in range(3000):
            leader.append(f"lab {now}")
            lead.append(z)
            if random.random() < 0.15 * 0.5**z:
                now, z = 1 - now, float(random.exponential())
            elif random.random() < 0.1:
                z = float(random.exponential())
        dates = np.datetime64("1970-01-01", "D") + 7 * np.arange(3000)
        spells = spells_of(dates, leader)
        made = Board(
            "x",
            "x",
            "u",
            dates,
            tuple(leader),
            tuple(leader),
            np.column_stack([lead, np.zeros(3000)]),
            spells,
            "",
        )
        ratios.append(hazards([made]).by_lead.at ** (1 / np.mean(lead)))
    assert np.exp(np.mean(np.log(ratios))) == pytest.approx(0.5, rel=0.12)


def test_longer_leads_are_lost_less_often_on_eight_boards():
    """Two estimates of the same fall: counts of eight boards, weeks of two."""
    ours, counts = hazards([board(name) for name in boards()]), pooled()
    assert ours.weeks > 300 and ours.events == 22
    assert ours.by_lead.low < counts.by_lead.at < 1 and counts.by_lead.high < 1


def test_shuffling_keeps_what_each_lab_did(random):
    lab = random.integers(0, 3, 60)
    scores = Scores("x", ("A", "B", "C"), days(60), lab, random.normal(size=60)).records()
    drawn = shuffle(scores, random)
    for i in range(3):
        for made, was in ((drawn.score, scores.score), (drawn.dates, scores.dates)):
            new, old = (np.diff(x[of.lab == i]) for x, of in ((made, drawn), (was, scores)))
            assert np.allclose(np.sort(new.astype(float)), np.sort(old.astype(float)))


def test_p_values_of_independent_labs_are_even(random):
    """Labs that know nothing of one another are called so: p-values are spread evenly."""
    found = []
    for _ in range(60):
        dates, lab, score = [], [], []
        for i in range(3):
            waits = random.geometric(1 / 60, 25)
            dates += list(np.datetime64("2020-01-01", "D") + np.cumsum(waits) * DAY)
            score += list(np.cumsum(random.exponential(size=25)))
            lab += [i] * 25
        order = np.argsort(np.array(dates), kind="stable")
        scores = Scores(
            "x",
            ("A", "B", "C"),
            np.array(dates)[order],
            np.array(lab)[order],
            np.array(score)[order],
        )
        found.append(null(scores, 49, int(random.integers(1000))).p_values[0])
    assert np.mean(np.array(found) <= 0.1) < 0.25
    assert np.mean(np.array(found) <= 0.5) > 0.25


def test_the_account_holds_the_count_against_independent_labs():
    found = account("eci")
    assert "no evidence" in found.headline and found.null.p_values[0] > 0.05
    assert "cannot be told" in account("arena").headline


def test_a_board_is_known_until_it_was_last_looked_at(random):
    """The last scores of a table are no records; the weeks until then count all the same."""
    for _ in range(30):
        days = np.sort(random.integers(0, 900, 12)).astype("timedelta64[D]")
        dates, lab = np.datetime64("2024-01-01") + days, random.permutation(np.arange(12) % 3)
        score = random.uniform(0, 10, 12)
        score[-3:] = -1.0
        scores = Scores("mine", ("A", "B", "C"), dates, lab, score)
        two = int(np.flatnonzero(lab != lab[0])[0])  # rows before have one lab alone
        weeks = np.arange(dates[two], dates[-1] + 1, 7)
        best = [
            [max(score[(lab == i) & (dates <= day)], default=-9) for i in range(3)] for day in weeks
        ]
        rows = [sorted(row, reverse=True) for row in best]
        mean = np.mean([row[0] - row[1] for row in rows])
        found = account(scores, draws=1)
        assert found.null is not None
        assert found.survey.mean_lead.at == pytest.approx(mean)
        assert found.null.observed[1] == pytest.approx(mean)


def test_squares_of_scores_are_added_up(tmp_path):
    path = tmp_path / "large.csv"
    path.write_text("date,lab,score\n2025-01-01,A,1e100\n2025-02-01,B,2e300\n2025-03-01,B,nan\n")
    with pytest.raises(GameFileError) as caught:
        read_scores(path)
    assert [mistake.place for mistake in caught.value.mistakes] == ["row 3, score", "row 4, score"]


def test_margin_of_a_challenger():
    best = np.array([[0.0, -np.inf], [0.0, 2.0], [0.0, 4.0], [5.0, 4.0]])
    assert leaders(best).tolist() == [0, 1, 1, 0]
    assert leaders(best, 3.0).tolist() == [0, 0, 1, 1]


def test_every_bad_row_is_named(tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("date,lab,score\n2025-1-1,A,1\n2025-02-01,,2\n2025-03-01,B,inf\n")
    with pytest.raises(GameFileError) as caught:
        read_scores(path)
    places = [mistake.place for mistake in caught.value.mistakes]
    assert places == ["row 2, date", "row 3, lab", "row 4, score"]


def test_tables_that_are_none(tmp_path, random):
    """Whatever stands in a file, the answer is a table or a list of mistakes."""
    path = tmp_path / "x.csv"
    marks = list("date,lab,score\n\r\"';0123456789-.eé\x00\t ")
    for _ in range(500):
        text = "".join(random.choice(marks, int(random.integers(0, 60))))
        path.write_text("date,lab,score\n" * int(random.integers(2)) + text, encoding="utf-8")
        try:
            read_scores(path)
        except GameFileError as error:
            assert error.mistakes


def test_a_record_can_be_read_back(tmp_path):
    """Shuffled records written to a table and read again give the same board."""
    path = tmp_path / "mine.csv"
    rows = [("2025-01-01", "A", 1.0), ("2025-01-01", "B", 0.5), ("2025-05-01", "B", 2.0)]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("date", "lab", "score"), *rows])
    made = read_scores(path).board()
    assert [(s.leader, s.days, s.ended) for s in made.spells] == [("A", 120, True), ("B", 0, False)]


@pytest.fixture
def random():
    return np.random.default_rng(7)


# --- forecasts


@pytest.fixture(scope="module")
def solved():
    race = lb.Race(
        [lb.Lab("A", 2), lb.Lab("B", 1), lb.Lab("C", 1)],
        lb.ScarceMarket(0.8),
        lb.Technology(1, leapfrog=0.5),
        discount=0.1,
        rungs=4,
    )
    return lb.solve(race)


def test_forecasts_are_the_frequencies_of_simulated_leaderboards(solved):
    """Chances of leading against thousands of histories, event by event, from the same place."""
    found = forecast(solved, {"A": 2, "B": 0, "C": 2}, months=(6, 24))
    boards = lb.leaderboards(
        solved, start="B ahead by 2", years=2, paths=4000, seed=3, every=1 / 52
    )
    leads = np.zeros((len(boards.times), 3))
    for path in range(boards.paths):
        holder = 1
        for t, rungs in enumerate(boards.rung(path)):
            (first,) = np.nonzero(rungs == rungs.max())
            holder = first[0] if len(first) == 1 else holder
            leads[t, holder] += 1 / boards.paths
    for month, chances in zip(found.months, found.chances, strict=True):
        assert np.abs(chances - leads[round(month / 12 * 52)]).max() < 0.03
    assert found.reign.mean > 0 and "B leads until" in found.headline


def test_a_race_forecasts_its_own_histories_best(solved):
    """On boards that the race itself has drawn no other forecast scores better, by either rule."""
    boards = lb.leaderboards(solved, start="tied", years=12, paths=6, seed=1)
    dates = np.datetime64("2000-01-01", "D") + np.round(boards.times * 365.25).astype(int) * DAY
    brier, log = [], []
    for path in range(boards.paths):
        rungs = boards.rung(path)
        rows = [
            (d, i, float(r)) for d, row in zip(dates, rungs, strict=True) for i, r in enumerate(row)
        ]
        when, lab, score = zip(*rows, strict=True)
        scores = Scores("x", ("A", "B", "C"), np.array(when), np.array(lab), np.array(score))
        found = backtest(solved, scores, 1.0, months=(6,), seed=0)
        brier.append(found.brier[0])
        log.append(found.log[0])
    assert np.mean(brier, axis=0).argmin() == 0 and np.mean(log, axis=0).argmin() == 0


def test_labs_that_are_not_in_the_race(solved):
    with pytest.raises(ValueError, match="D: not in the race; known: A, B, C"):
        forecast(solved, {"A": 0, "D": 1})
    with pytest.raises(ValueError, match="at the top"):
        forecast(solved, {"A": 1, "B": 2, "C": 1})
    with pytest.raises(ValueError, match="two labs of the race"):
        backtest(solved, seen(board("eci")), 4.0)


def test_the_command_names_what_is_wrong(capsys):
    assert main(["forecast", "five-labs", "--months", "0", "--as", "x", "--rung", "-1"]) == 2
    said = capsys.readouterr().err
    assert all(text in said for text in ("--months = 0", "--as = x", "--rung = -1"))
    assert main(["forecast", "five-labs", "--board", "arena"]) == 2
    assert main(["forecast", "cournot-1838"]) == 2
    assert "expected a race" in capsys.readouterr().err


def test_a_rung_that_cannot_be_counted(tmp_path, capsys):
    """Labs that are always level have no mean lead; rungs may be too fine for any race."""
    path = tmp_path / "level.csv"
    path.write_text("date,lab,score\n2025-01-01,A,5\n2025-01-01,B,5\n2025-03-01,A,4\n")
    game = str(starter("race"))
    assert main(["forecast", game, "--board", str(path)]) == 2
    assert "--rung: expected, as the mean lead on this board is zero" in capsys.readouterr().err
    path.write_text("date,lab,score\n2025-01-01,A,5\n2025-01-01,B,6\n2025-03-01,A,4\n")
    assert main(["forecast", game, "--board", str(path), "--rung", "1e-300"]) == 2
    assert "--rung = 1e-300: expected 1e-06 or more" in capsys.readouterr().err


@pytest.mark.slow
def test_a_race_is_not_rejected_on_its_own_histories(solved):
    """Boards that the race has drawn speak against it no more often than the level allows."""
    drawn = lb.leaderboards(solved, start="A ahead by 1", years=6, paths=8, seed=5, every=1 / 52)
    dates = np.datetime64("2000-01-01", "D") + np.round(drawn.times * 365.25).astype(int) * DAY
    rejected = 0
    for path in range(drawn.paths):
        when, lab = np.repeat(dates, 3), np.tile(np.arange(3), len(dates))
        scores = Scores("x", ("A", "B", "C"), when, lab, drawn.rung(path).ravel().astype(float))
        found = predictions(solved, scores, 1.0, draws=120, seed=path)
        rejected += any(each.p_race < 0.05 for each in found.every)
    assert rejected <= 2


@pytest.mark.slow
def test_labs_that_ignore_one_another_are_told_from_a_race_with_leapfrogging(solved, random):
    """Three labs that climb at rates of their own for decades speak against the race's rotation."""
    dates, lab, score = [], [], []
    for i, pace in enumerate((40, 90, 90)):
        waits = random.geometric(1 / pace, 9000 // pace)
        dates += list(np.datetime64("2000-01-01", "D") + np.cumsum(waits) * DAY)
        score += list(1.0 + np.arange(len(waits)))
        lab += [i] * len(waits)
    order = np.argsort(np.array(dates), kind="stable")
    scores = Scores(
        "x", ("A", "B", "C"), np.array(dates)[order], np.array(lab)[order], np.array(score)[order]
    )
    found = predictions(solved, scores, 1.0, draws=300)
    assert found.every[0].p_race < 0.05 and "speaks against the race" in found.every[0].sentence


# --- which races would have shown a record


GRID = {"productivity": (1.0, 3.0, 9.0), "handicap": (0.0, 0.1, 0.3), "scarcity": (0.4, 0.9)}


@pytest.mark.parametrize("family", [EQUAL, Family("clearing", (1.0, 0.6))])
def test_histories_of_a_race_are_those_that_its_leaderboards_show(family):
    """Moments of weekly histories against simulation event by event."""
    race = family.race(productivity=3.0, handicap=0.1, scarcity=0.4)
    grid = {"productivity": (3.0,), "handicap": (0.1,), "scarcity": (0.4,)}
    chart = atlas(300, grid, family=family)
    drawn = lb.leaderboards(lb.solve(race), years=299 * 7 / 365.25, paths=300, every=7 / 365.25)
    found = []
    for path in range(drawn.paths):
        rungs = drawn.rung(path)
        signed = rungs[:, 0] - rungs[:, 1]
        holder = np.zeros(len(signed), dtype=int)
        now = 0
        for t, x in enumerate(signed):
            now = now if x == 0 else int(x < 0)
            holder[t] = now
        found.append(moments_of(np.abs(signed).astype(float), holder))
    error = np.std(found, axis=0) / np.sqrt(150)
    assert np.abs(np.mean(found, axis=0) - chart.centre[0]).max() < 5 * error.max()


def test_fits_recover_the_race_that_drew_the_record():
    """Confidence sets cover the numbers of the race that a record was drawn from."""
    chart = atlas(187, GRID)
    other = atlas(187, GRID, seed=1)  # histories drawn with other random numbers
    random, inside, count = np.random.default_rng(4), np.zeros(3), 0
    for point in random.choice(len(chart.values), 10, replace=False):
        for draw in range(4):
            far = chart.deviances(other.moments[point, draw])
            kept = [confident(chart, k, far) for k in range(3)]
            inside += [chart.values[point, k] in kept[k] for k in range(3)]
            count += 1
    assert (inside / count >= 0.8).all()


def test_every_equilibrium_of_a_race_is_a_hypothesis():
    """Two equal labs, a shortage and no leapfrogging: three equilibria."""
    grid = {
        "productivity": (2.32,),
        "handicap": (0.6,),
        "scarcity": (1.15,),
        "switching": (0.5,),
        "leapfrog": (0.0,),
    }
    one, chart = atlas(100, grid), atlas(100, grid, family=Family(all=True))
    solution = lb.solve(Family().race(**{k: v for k, (v,) in grid.items()}), all=True)
    assert len(one.races) == 1 and len(chart.races) == len(solution.equilibria) == 3
    assert chart.several == 1 and (chart.values == one.values).all()
    for build, equilibrium in zip(chart.build, solution.equilibria, strict=True):
        assert build[:, 16] == pytest.approx(equilibrium.build[:, 0])  # at the tie


def test_spending_of_labs_is_few_pairs_and_says_so(solved):
    """The lab ahead builds less in one of two pairs; no outcome of two pairs could reject."""
    race = lb.Race(
        [lb.Lab("OpenAI", 1), lb.Lab("Anthropic", 1)],
        lb.ScarceMarket(0.6),
        lb.Technology(3),
        discount=0.1,
        rungs=4,
    )
    found = spending(lb.solve(race), seen(board("eci")))
    first, second = found.pairs
    assert first.observed[0].share == pytest.approx(5.0 / 6.8)
    assert second.observed[1].share == pytest.approx(4.1 / 6.8)
    assert (found.p_value, found.least) == (1.0, 0.5) and "this is no test" in found.sentence
    nobody = spending(solved, seen(board("eci")))
    assert not nobody.pairs and "cannot be told" in nobody.sentence


def test_compute_of_owners_is_a_scenario(capsys):
    """The ratio is that of the table's rows, and the answer says that it is no fact."""
    made = owners("Meta", "Amazon")
    assert made.compute[1] == pytest.approx(1499427 / 1950294)
    assert owners("xAI", "Meta").scenario.endswith("2025-12")  # the last quarter of both
    assert "assumed" in Family(compute=(1, 2)).about and "Meta and Amazon" in made.about
    bad = ["--owners", "Gogle,Meta", "--market", "ladder"]
    assert main(["evidence", "--fit", *bad]) == 2
    said = capsys.readouterr().err
    assert "did you mean Google" in said and "--market = ladder" in said
    assert main(["evidence", *bad]) == 2 and "expected with --fit" in capsys.readouterr().err


def test_what_no_race_shows_is_rejected():
    """A lead that swings from week to week is no history of these races."""
    lead = np.where(np.arange(187) % 2, 5.0, 0.1)
    found = fit((lead, np.arange(187) // 20 % 2), GRID)
    assert found.p_value < 0.02 and "No race" in found.headline


SHORT = {
    "one day": ("2025-01-01,A,1\n2025-01-01,B,2\n", "on one day alone"),
    "three weeks": ("2025-01-01,A,1\n2025-01-05,B,2\n2025-01-20,A,3\n", "once in 0.5 months"),
    "always level": ("2025-01-01,A,1\n2025-01-01,B,1\n2025-03-20,A,1\n", "A led throughout"),
    "two losses": ("2023-01-01,a,1\n2023-01-01,b,2\n2024-03-20,a,3\n2025-03-20,b,4\n", "2 times"),
}


@pytest.mark.parametrize("name", SHORT)
def test_a_short_board_is_told_as_far_as_it_goes(name, tmp_path, capsys):
    """No statistic that a few rows cannot have stops the others."""
    rows, said = SHORT[name]
    path, figure = tmp_path / "x.csv", tmp_path / "x.png"
    path.write_text("date,lab,score\n" + rows)
    assert main(["evidence", str(path), "--draws", "20", "--figure", str(figure)]) == 0
    assert said in " ".join(capsys.readouterr().out.split()) and figure.exists()
    assert main(["evidence", str(path), "--draws", "20", "--json"]) == 0
    assert main(["evidence", str(path), "--fit", "--figure", str(figure)]) == 2


def test_a_record_of_some_weeks_is_too_short_to_fit(tmp_path, capsys):
    path = tmp_path / "x.csv"
    path.write_text("date,lab,score\n" + SHORT["three weeks"][0])
    assert main(["evidence", str(path), "--fit"]) == 2
    assert "half a year" in capsys.readouterr().err


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.filterwarnings("error")
def test_any_board_has_an_account(seed):
    random = np.random.default_rng(seed)
    for _ in range(3):
        labs, rows = int(random.integers(2, 8)), int(random.integers(2, 60))
        lab = np.r_[0, 1, random.integers(0, labs, rows)].astype(np.intp)
        span = int(np.exp(random.uniform(0, 8)))
        dates = np.sort(days(1)[0] + random.integers(0, span + 1, rows + 2))
        kinds = [
            random.normal(size=rows + 2),
            np.cumsum(random.random(rows + 2)),
            np.zeros(rows + 2),
        ]
        score = kinds[random.integers(3)] * 10.0 ** random.integers(-8, 9)
        names = tuple("ABCDEFGH"[:labs])
        out = Console(file=io.StringIO(), width=80)
        out.print(account(Scores("drawn", names, dates, lab, score), 10, 0))
        page = out.file.getvalue()
        assert "nan" not in page and "inf " not in page, page


@pytest.mark.slow
def test_fits_of_other_races_say_what_the_page_says():
    page = Path(__file__).parents[1].joinpath("docs", "evidence.md").read_text(encoding="utf-8")
    for family in (Family("clearing"), owners("Google", "Microsoft")):
        for name in ("eci", "arena"):
            assert fit(board(name), family=family).headline in page
