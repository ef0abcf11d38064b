"""Game files: every mistake at once, each with its place, value and what was expected."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leaderbored as lb
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import five_labs, load, loads, schema, starter
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.race import leads
from leaderbored.verdicts.profile import law_of

GOOD = """
kind = "race"
name = "two labs"
discount = 0.1
rungs = 20
[technology]
productivity = 3.0
returns = 0.5
flywheel = 0.0
handicap = 0.1
drafting = 0.0
leapfrog = 0.0
[market]
kind = "scarce"
scarcity = 0.6
switching = 1.0
premium = 0.0
price = 1.0
[[labs]]
name = "A"
compute = 1.0
talent = 1.0
brand = 1.0
build = [0.0, 1.0]
[[labs]]
name = "B"
compute = 1.0
"""
LADDER = """
discount = 0.1
[technology]
productivity = 3.0
[market]
kind = "ladder"
revenue = "gamma**g"
laggard = 1.0
parameters = { gamma = 1.6 }
[[labs]]
name = "A"
compute = 1.0
[[labs]]
name = "B"
compute = 1.0
"""


def places(text: str, *changes: str) -> dict[str, str]:
    with pytest.raises(GameFileError) as caught:
        loads(text, changes)
    return {mistake.place: mistake.expected for mistake in caught.value.mistakes}


def test_mistakes_come_in_the_order_of_lines_and_those_without_a_line_last() -> None:
    known = [Mistake("c", "", "", 7), Mistake("none", "", ""), Mistake("a", "", "", 2)]
    error = GameFileError("x.toml", known)
    assert [mistake.place for mistake in error.mistakes] == ["a", "c", "none"]
    assert [line.split(",")[0].strip() for line in str(error).splitlines()[1:3]] == [
        "line 2",
        "line 7",
    ]


def test_a_file_is_the_race_it_says() -> None:
    expected = lb.Race(
        [lb.Lab("A", 1), lb.Lab("B", 1)],
        lb.ScarceMarket(0.6),
        lb.Technology(3, handicap=0.1),
        0.1,
        20,
        "two labs",
    )
    assert loads(GOOD) == expected
    ladder = lb.RevenueLadder("gamma**g", 1.0, {"gamma": 1.6})
    assert loads(LADDER).market == ladder
    assert ladder.ladder(2).tolist() == pytest.approx([1, 1.6, 2.56])


def test_all_mistakes_are_told_at_once() -> None:
    text = """
discount = -1
rungs = "many"
colour = 3
[technology]
productivty = 1
returns = 2.0
[market]
kind = "scarce"
scarcity = "abc"
[[labs]]
name = "A"
compute = nan
[[labs]]
compute = 1
build = [0.6, 0.2]
"""
    found = places(text)
    assert set(found) == {
        "discount",
        "rungs",
        "colour",
        "technology.productivity",
        "technology.productivty",
        "technology.returns",
        "market.scarcity",
        "labs[0].compute",
        "labs[1].name",
        "labs[1].build",
    }
    assert "did you mean 'productivity'" in found["technology.productivty"]
    assert "handicap" in found["technology.productivty"]  # the known names are listed
    assert found["labs[1].name"] == "missing"


@pytest.mark.parametrize(
    ("old", "new", "place", "says"),
    [
        ('kind = "race"', 'kind = "rce"', "kind", "did you mean 'race'"),
        ('kind = "race"', "kind = 3", "kind", "known: race"),
        ('kind = "scarce"', 'kind = "scarse"', "market.kind", "'scarce', 'ladder'"),
        ('kind = "scarce"\n', "", "market.kind", "missing"),
        ('name = "B"', 'name = "A"', "labs", "name used twice: A"),
        ('[[labs]]\nname = "B"\ncompute = 1.0', "", "labs", "at least 2"),
        ("rungs = 20", "rungs = 0", "rungs", "greater than or equal to 1"),
        ("rungs = 20", "rungs = 2.5", "rungs", "integer"),
        ("rungs = 20", "rungs = 1000000", "rungs", "lower rungs"),
        ("rungs = 20", "rungs = 1000000000000000000000", "rungs", "1000000"),
        ("discount = 0.1", "discount = inf", "discount", "finite"),
        ("discount = 0.1", "discount = true", "discount", "number"),
        ("discount = 0.1", 'discount = "0.1"', "discount", "number"),
        ("build = [0.0, 1.0]", "build = [0.0]", "labs[0].build[1]", "missing"),
        ("build = [0.0, 1.0]", "build = [0.0, 1.5]", "labs[0].build[1]", "less than or equal"),
        ("[technology]", "[technlogy]", "technlogy", "did you mean 'technology'"),
    ],
)
def test_a_mistake_is_placed_and_explained(old: str, new: str, place: str, says: str) -> None:
    found = places(GOOD.replace(old, new))
    assert says in found[place], found


@pytest.mark.parametrize(
    ("revenue", "says"),
    [
        ('"gamma**h"', "unknown name 'h'; known: g, gamma"),
        ("\"__import__('os')\"", "unknown function"),
        ('"1 - g"', "negative"),
        ('"1/(g - 3)"', "not negative"),
        ('"2**(2**g)"', "finite"),
        ("[]", "non-empty"),
        ("[1.0, -2.0]", "greater than or equal to 0"),
        ("[2.0, 3.0]", "disagrees with r_0"),
        ("3", "expression in g"),
    ],
)
def test_a_revenue_that_cannot_be_is_refused(revenue: str, says: str) -> None:
    assert says in " ".join(places(LADDER.replace('"gamma**g"', revenue)).values())


def test_changes_reach_every_place() -> None:
    race = loads(
        GOOD,
        [
            "technology.handicap=0.3",
            "labs.B.compute=2",
            "labs.0.talent = 3",
            "rungs=4",
            "labs.A.build=[0.1, 0.5]",
            "name=three",
        ],
    )
    assert race.technology.handicap == 0.3
    assert (race.labs[1].compute, race.labs[0].talent, race.rungs) == (2, 3, 4)
    assert race.labs[0].build == (0.1, 0.5)
    assert race.name == "three"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("nonsense", "expected path=value"),
        ("labs.C.compute=2", "known: A, B"),
        ("labs.7.compute=2", "known: A, B"),
        ("discount.x=2", "nothing below"),
        ("=3", "expected path=value"),
        ("technology.handicp=0.3", "did you mean 'handicap'"),
    ],
)
def test_a_change_that_leads_nowhere_is_refused(change: str, says: str) -> None:
    assert says in " ".join(places(GOOD, change).values())


@pytest.mark.parametrize(
    "text",
    [
        "a = [[[[",
        "= 3",
        "\ufeffx = 1 2",
        "a = " + "[" * 5000,
        "x = 1\nx = 2",
        b"\xff\xfe\x00",
        "labs = 3",
    ],
)
def test_what_is_not_a_game_is_one_clear_message(text: str | bytes) -> None:
    with pytest.raises(GameFileError) as caught:
        loads(text)
    assert caught.value.mistakes


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(max_size=80), st.integers(0, len(GOOD)))
def test_any_damage_to_a_file_gives_a_race_or_a_list_of_problems(junk: str, at: int) -> None:
    try:
        assert isinstance(loads(GOOD[:at] + junk + GOOD[at + len(junk) :]), lb.Race)
    except GameFileError as error:
        assert error.mistakes


def test_files_that_are_missing_too_large_or_folders(tmp_path: Path) -> None:
    large = tmp_path / "large.toml"
    large.write_bytes(b"#" * 4_000_001)
    for path in (tmp_path / "none.toml", tmp_path, large):
        with pytest.raises(GameFileError, match="file"):
            load(path)


def test_the_shipped_schema_is_the_one_of_the_code() -> None:
    shipped = Path(lb.__file__).parent / "games" / "race.schema.json"
    assert shipped.read_text(encoding="utf-8") == schema("race")


RANGES = {  # as the comments of the file have them
    "market.scarcity": (0.3, 0.9, 3.0),
    "market.switching": (0.14, 1.0),
    "market.worth": (1.4, 3.0),
    "market.openness": (0.0, 0.4),
    "technology.handicap": (0.1,),
    "technology.drafting": (0.2,),
}


def stated(path: Path, claims: list[tuple[float, float, float, str]]) -> None:
    """What was computed is what the file says, in as many digits."""
    text = path.read_text(encoding="utf-8")
    for value, number, within, words in claims:
        assert value == pytest.approx(number, abs=within)
        assert f" {words} " in text


@pytest.mark.slow
def test_the_shipped_five_labs_meet_the_figures_they_claim() -> None:
    """The comment at the head of the file states these."""
    race = load(five_labs())
    assert [lab.name for lab in race.labs] == [
        "Google",
        "OpenAI",
        "Anthropic",
        "Meta",
        "SpaceX-xAI",
    ]
    solution = lb.solve(race)
    verdict, found = lb.verdict(solution), solution.equilibria[0]
    facts = verdict.statistics
    assert found.regret < 1e-12 and verdict.cap_sensitive is False
    weight, game = law_of(found).weight, found.game
    sales = game.sales(found.build)
    place = np.argsort(game.states, axis=1, kind="stable").T
    first, second = np.take_along_axis(game.prices(sales), place, axis=0)[:2]
    lead, leader = leads(game.states)
    alone = np.where(lead > 0, weight, 0.0)
    builds = found.build[leader, np.arange(len(lead))]
    bought = sales.sold.sum(axis=0) / game.demand[0]
    stated(
        five_labs(),
        [
            (facts.lead_changes_per_year, 3.54, 0.005, "3.5"),
            (365 * facts.mean_reign, 103, 0.5, "103 days"),
            (365 * facts.half_life, 31, 0.5, "31 days"),
            (facts.advances_per_year / facts.mean_lead, 4.12, 0.005, "4.1"),
            (100 * facts.sold, 45, 0.5, "45%"),
            (100 * (1 - weight @ bought), 25, 0.5, "25%"),
            (100 * (alone @ builds) / alone.sum(), 31, 0.5, "31%"),
            (alone @ (first / second) / alone.sum(), 1.2, 0.05, "1.2"),
            ((weight @ game.prices(sales).T).mean(), 2.1, 0.05, "2.1"),
        ],
    )


def test_the_rationed_five_labs_meet_the_figures_they_claim() -> None:
    path = find("five-labs-rationed")
    verdict = lb.verdict(lb.solve(load(path)))
    facts = verdict.statistics
    stated(
        path,
        [
            (facts.lead_changes_per_year, 3.95, 0.005, "4.0"),
            (365 * facts.mean_reign, 92, 0.5, "92 days"),
            (365 * facts.half_life, 28, 0.5, "28 days"),
            (100 * facts.sold, 42, 0.5, "42%"),
        ],
    )
    assert verdict.cap_sensitive is False


@pytest.mark.slow
@pytest.mark.parametrize("place", RANGES)
def test_the_five_labs_run_over_the_ranges_that_their_file_gives(place: str) -> None:
    for value in RANGES[place]:
        solution = lb.solve(load(five_labs(), [f"{place}={value}"]))
        assert solution.equilibria[0].regret < 1e-9
        assert lb.verdict(solution, check_cap=False).kind == "run"


@pytest.mark.slow
def test_the_five_labs_run_at_the_corners_of_the_ranges_of_their_market() -> None:
    market = [place for place in RANGES if place.startswith("market.")]
    for ends in product(*(RANGES[place][:2] for place in market)):
        changes = [f"{place}={end}" for place, end in zip(market, ends, strict=True)]
        solution = lb.solve(load(five_labs(), changes))
        assert solution.equilibria[0].regret < 1e-9
        assert lb.verdict(solution, check_cap=False).kind == "run"


@pytest.mark.slow
def test_best_replies_lead_to_one_equilibrium_of_the_five_labs() -> None:
    race = load(five_labs())
    one = lb.solve(race).equilibria[0]
    random, span = np.random.default_rng(3), one.game.upper - one.game.lower
    for shape in ((5, one.value.shape[1]), (5, 1)) * 4:
        start = one.game.lower + span * random.random(shape)
        found = lb.solve(race, start=start).equilibria[0]
        assert found.regret < 1e-9
        np.testing.assert_allclose(found.value, one.value, rtol=1e-9)


@pytest.mark.slow
def test_a_large_handicap_makes_the_five_labs_race() -> None:
    solution = lb.solve(load(five_labs(), ["technology.handicap=0.2"]))
    assert lb.verdict(solution, check_cap=False).kind == "race"


def test_a_game_is_loaded_by_its_name_or_its_file(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(five_labs().read_bytes())
    assert lb.load(tmp_path / "own.toml") == lb.load("five-labs") == lb.load(five_labs())
    with pytest.raises(GameFileError, match="did you mean five-labs"):
        lb.load("five-lab")


@pytest.mark.parametrize(
    ("given", "advice"),
    [("five-labs", "lb.load"), ([[1, 2], [3, 4]], "lb.NormalForm"), (np.eye(2), "lb.NormalForm")],
)
def test_what_is_no_game_yet_is_told_what_makes_it_one(given: object, advice: str) -> None:
    with pytest.raises(TypeError, match=f"no game to solve: .*{advice}"):
        lb.solve(given)  # type: ignore[call-overload]


def test_a_list_that_a_file_leaves_out_is_counted_through_from_its_default() -> None:
    text = starter("race").read_text(encoding="utf-8")
    for place in ("labs.A.build[1]", "labs[0].build[1]", "labs.A.build.1"):
        assert loads(text, [f"{place}=.2"]).labs[0].build == (0.0, 0.2)
    both = loads(text, ["labs.A.build[0]=.1", "labs.A.build[1]=.2"])
    assert both.labs[0].build == (0.1, 0.2)
    assert both.labs[1].build == (0.0, 1.0)
    with pytest.raises(GameFileError, match=r"labs.A.build.2: unknown entry; known: 0 to 1"):
        loads(text, ["labs.A.build[2]=.2"])
