"""Published games, solved by name, against what was published."""

import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

import leaderbored as lb
from leaderbored.cli import main
from leaderbored.games.catalogue import entries, find
from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.problems import GameFileError
from leaderbored.games.source import Published
from leaderbored.kinds import kinds_in_files
from leaderbored.solvers.published import compared
from leaderbored.views.catalogue import checked_page

third = Fraction(1, 3)
NAMES = [entry.name for entry in entries()]


def solved(name: str) -> lb.Solution:
    solution = lb.solve(load(find(name)), exact=True)
    assert solution.status.ok and solution.complete == "proved"
    assert all(equilibrium.regret < 1e-12 for equilibrium in solution.equilibria)
    return solution


def strategies(name: str) -> set[tuple[tuple[Fraction, ...], ...]]:
    return {tuple(e.exact.values()) for e in solved(name).equilibria}


def test_every_published_game_is_cited() -> None:
    cited = [entry for entry in entries() if entry.source]
    assert len(cited) >= 12
    for entry in cited:
        assert str(entry.source.year) in entry.name
        assert re.match(r"@(article|book|incollection|techreport)\{", entry.source.bibtex)
        assert entry.source.families[0].split()[-1].lower() in entry.name


@pytest.mark.parametrize("name", NAMES)
def test_titles_and_kinds(name: str) -> None:
    game = load(find(name))
    assert game.name and game.kind in kinds_in_files()


def test_pure_games() -> None:
    assert strategies("luce-raiffa-1957") == {((0, 1), (0, 1))}
    assert strategies("basu-1994") == {((1, 0, 0, 0, 0), (1, 0, 0, 0, 0))}


def test_coordination_and_conflict() -> None:
    pure = {((1, 0), (1, 0)), ((0, 1), (0, 1))}
    mixed = ((2 * third, third), (third, 2 * third))
    assert strategies("luce-raiffa-1957-battle") == pure | {mixed}
    quarters = (Fraction(3, 4), Fraction(1, 4))
    assert strategies("rousseau-1755") == pure | {(quarters, quarters)}
    doves = {((1, 0), (0, 1)), ((0, 1), (1, 0))}
    hawks = (2 * third, third)
    assert strategies("maynard-smith-price-1973") == doves | {(hawks, hawks)}


def test_even_odds() -> None:
    half = Fraction(1, 2)
    assert strategies("von-neumann-1928") == {((half, half), (half, half))}
    for name in ("borel-1921", "shapley-1964"):
        assert strategies(name) == {((third, third, third), (third, third, third))}


def test_textbook_polytopes() -> None:
    fifths = (Fraction(4, 5), Fraction(1, 5), Fraction(0))
    assert strategies("von-stengel-2007") == {
        ((1, 0, 0), (1, 0)),
        (fifths, (2 * third, third)),
        ((0, third, 2 * third), (third, 2 * third)),
    }
    parts = solved("von-stengel-2007-degenerate").components
    assert sorted((part.isolated, part.index) for part in parts) == [(False, 0), (True, 1)]


def test_all_pay_bids_dissipate_the_prize() -> None:
    solution = solved("baye-kovenock-devries-1996")
    assert all((e.payoffs < 1).all() and (e.payoffs >= 0).all() for e in solution.equilibria)
    for equilibrium in solution.equilibria:
        for law in equilibrium.strategies.values():
            assert abs(law @ np.arange(6) - 2.5) <= 0.5


def test_three_players() -> None:
    assert len(solved("mckelvey-mclennan-1996").equilibria) == 9
    horse = lb.solve(load(find("selten-1975")))
    assert horse.complete == "partial"  # two families: it is degenerate
    ends = {tuple(x.argmax() for x in e.strategies.values()) for e in horse.equilibria}
    assert all(e.regret < 1e-12 for e in horse.equilibria) and len(ends) >= 2


def test_a_lottery_contest() -> None:
    (found,) = lb.solve(load(find("tullock-1980"))).equilibria
    builds = [float(build[0]) for build in found.strategies.values()]
    assert np.allclose(builds, np.array([20, 12, 4]) / 81, atol=1e-12)


def test_linear_quadratic_games() -> None:
    (found,) = lb.solve(load(find("judd-1998"))).equilibria
    assert found.gains["1"][0, 0] == pytest.approx(0.60289128158619, abs=1e-13)
    solution = lb.solve(load(find("engwerda-2005")))
    gains = [[float(f[0, 0]) for f in e.gains.values()] for e in solution.equilibria]
    expected = [[2.154701, 2.154701], [0.171573, 5.828427], [5.828427, 0.171573]]
    assert solution.complete == "proved"
    np.testing.assert_allclose(gains, expected, atol=1e-6)


def test_what_is_not_there() -> None:
    with pytest.raises(GameFileError, match="did you mean shapley-1964"):
        find("shapley-1965")


@pytest.mark.parametrize(
    ("name", "answer", "complete"),
    [
        ("cournot-1838", [1.5, 2.5, 1.5], "proved"),  # quadratic and strictly concave: Rosen 1965
        ("lee-wilde-1980", [0.129176266517] * 2, "searched"),
        ("harker-1991", [5, 9], "proved"),
    ],
)
def test_continuous_games(name: str, answer: list[float], complete: str) -> None:
    solution = lb.solve(load(find(name)))
    assert solution.status.ok and solution.complete == complete
    (found,) = solution.equilibria
    assert found.regret < 1e-12
    np.testing.assert_allclose([x[0] for x in found.strategies.values()], answer, atol=2e-12)


QUICK = [
    "aumann-1974",
    "baye-kovenock-devries-1996",
    "bernheim-1984",
    "diekmann-1985",
    "dockner-long-1993",
    "fershtman-kamien-1987",
    "gillette-1957",
    "goeree-holt-2001",
    "hart-2008",
    "maynard-smith-1974",
    "myerson-1978",
    "palfrey-rosenthal-1984",
    "quint-shubik-1997",
    "rosenthal-1973",
    "szidarovszky-okuguchi-1997",
    "van-huyck-battalio-beil-1990",
    "von-stackelberg-1934",
    "von-stengel-2007",
    "von-stengel-2007-degenerate",
]
SLOW = [
    "aghion-bloom-blundell-griffith-howitt-2005",
    "bergstrom-blume-varian-1986",
    "cournot-1838-duopoly",
    "ericson-pakes-1995",
    "holmstrom-1982",
    "hotelling-1929",
    "lazear-rosen-1981",
    "loury-1979",
    "maskin-tirole-1988",
    "mckelvey-palfrey-1992",
    "neller-presser-2004",
    "nti-1999",
    "pesendorfer-schmidt-dengler-2008",
    "reinganum-1983",
    "rust-1987",
    "salant-switzer-reynolds-1983",
    "selten-1975",
    "singh-vives-1984",
    "sorger-1989",
    "vives-1984",
]


def check(names: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    only = [word for name in names for word in ("--only", name)]
    assert main(["catalogue", "--check", "--json", *only]) == 0
    games = json.loads(capsys.readouterr().out)["games"]
    assert {game["name"] for game in games} == set(names)
    for game in games:
        assert game["agrees"] and game["regret"] < 1e-6
        assert game["numbers"] or game["name"] in ("ericson-pakes-1995", "rust-1987")


def test_what_was_published_is_what_is_computed(capsys: pytest.CaptureFixture[str]) -> None:
    check(QUICK, capsys)


@pytest.mark.slow
def test_what_was_published_of_the_others_too(capsys: pytest.CaptureFixture[str]) -> None:
    check(SLOW, capsys)


def test_at_least_sixty_games_most_of_them_with_numbers() -> None:
    assert len(NAMES) >= 60
    without = [e.name for e in entries() if e.source and e.source.published == Published()]
    assert len(without) <= 8


def test_published_and_computed_stand_side_by_side_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str],
) -> None:
    longest = max(NAMES, key=len)
    row = {"what": "A plays", "published": 1 / 3, "computed": -1 / 3, "agrees": False}
    game = {"name": longest, "complete": "searched", "regret": 1e-3, "most_regret": 1e-2}
    game |= {"status": "approximate", "numbers": [row], "agrees": False}
    Console(width=80).print(checked_page([game]))
    out = capsys.readouterr().out
    assert out.count("A plays") == 1 and "0.333333333   -0.333333333   NO" in out
    assert "under 1e-02" in out


def test_a_number_that_is_wrong_is_found_out() -> None:
    solution = lb.solve(load(find("aumann-1974")))
    rows = compared(solution, Published(2, {"Row": (0.5, 0.5)}, {"Row": 4.0}))
    assert [row.agrees for row in rows] == [False] * 4
    with pytest.raises(ValueError, match="Row plays 2 numbers, published are 3"):
        compared(solution, Published(play={"Row": (1.0, 0.0, 0.0)}))


def test_a_copy_is_the_file_and_never_over_another(tmp_path: Path) -> None:
    out = tmp_path / "mine.toml"
    assert main(["copy", "rust-1987", str(out)]) == 0
    assert out.read_bytes() == find("rust-1987").read_bytes()
    assert main(["copy", "rust-1987", str(out)]) == 2
    assert main(["copy", "no-such-game", str(tmp_path / "other.toml")]) == 2


def test_a_game_that_need_not_end_wants_a_factor_below_one() -> None:
    text = find("neller-presser-2004").read_text("utf-8")
    with pytest.raises(GameFileError, match="need not end"):
        loads(text.replace('"a == 2 or b == 2"', '"a == 2 and b == 2"').replace("a + k", "0"))
