"""Payoff tables: exact round trips, and every mistake in hostile text at once."""

import time
from dataclasses import replace
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leaderbored.games.formats.gamefile import load, loads
from leaderbored.games.formats.tables import (
    read_csv,
    read_json,
    read_nfg,
    write_csv,
    write_json,
    write_nfg,
    write_toml,
)
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import GameFileError
from leaderbored.games.source import Published, Source
from leaderbored.text import acts

PAYOFFS = """NFG 1 R "Selten (IJGT, 75), Figure 2, normal form"
{ "Player 1" "Player 2" } { 3 2 }

1 1 0 2 0 2 1 1 0 3 2 0
"""
NAMED = """NFG 1 R "three by \\"two\\"" { "P1" "P2" }
{ { "a" "b" "c" }
{ "x" "y" }
}
"a comment, with { braces }"

1, 1/3 0, 2.50 .5, 2e0 -1 +1 0 3e-1 2. 0
"""
OUTCOMES = """NFG 1 R "Selten" { "Player 1" "Player 2" }
{
{ "1" "2" "3" }
{ "1" "2" }
}

{
{ "" 1, 1 }
{ "b" 0, 2 }
{ "c" 0 3 }
{ "d" 2, 0 }
}
1 2 2 1 3 0
"""
CSV = "Row,Column,payoff Row,payoff Column\nC,C,3,3\nD,C,5,0\nD,D,1,1\nC,D,0,5\n"
CITED = Source(
    ["J. F. Nash"],
    1951,
    'Non-"cooperative" games',
    "Annals 54",
    "existence",
    published=Published(equilibria=1, play={'A "b"': (0.25, 0.75)}, worth={"B": 1e-9}),
)
READERS = (read_nfg, read_csv, read_json)

Readable = st.text(st.characters().filter(lambda c: not acts(c)), min_size=1, max_size=8)
Names = Readable | st.text("\"\\,{}[]$ '/a1", min_size=1, max_size=5)
Numbers = (
    st.integers(-5, 5)
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.fractions(max_denominator=10**6)
    | st.decimals(-10, 10, places=2).map(str)
)


@st.composite
def games(draw, numbers=Numbers):
    shape = draw(st.lists(st.integers(1, 3), min_size=1, max_size=4))
    size = len(shape) * prod(shape)
    table = np.empty(size, dtype=object)
    table[:] = draw(st.lists(numbers, min_size=size, max_size=size))

    def names(count):
        return draw(st.lists(Names, min_size=count, max_size=count, unique=True))

    return NormalForm(
        table.reshape(len(shape), *shape),
        names(len(shape)),
        [names(size) for size in shape],
        draw(st.just("") | Names),
    )


def exact(game):
    return [(table.tolist(), scale) for table, scale in game.integers]


def same(one, other, *, title=True):
    assert exact(one) == exact(other)
    assert one.players == other.players
    assert one.strategies == other.strategies
    if title:
        assert one.name == other.name


def mistakes(read, text):
    start = time.process_time()
    with pytest.raises(GameFileError) as caught:
        read(text, "file")
    assert time.process_time() - start < 1
    assert len(str(caught.value)) < 20_000
    return [(mistake.place, mistake.expected) for mistake in caught.value.mistakes]


def test_the_payoff_flavour():
    game = read_nfg(PAYOFFS)
    assert game.payoffs.tolist() == [[[1, 1], [0, 0], [0, 2]], [[1, 1], [2, 3], [2, 0]]]
    assert game.players == ("Player 1", "Player 2")
    assert game.name == "Selten (IJGT, 75), Figure 2, normal form"


def test_the_payoff_flavour_with_names_and_every_kind_of_number():
    game = read_nfg(NAMED)
    assert game.strategies == (("a", "b", "c"), ("x", "y"))
    assert game.name == 'three by "two"'
    row, column = game.payoffs
    assert row.tolist() == [[1, -1], [0, 0], [Fraction(1, 2), 2]]
    assert column.tolist() == [[Fraction(1, 3), 1], [2.5, Fraction(3, 10)], [2, 0]]


def test_the_outcome_flavour():
    same(read_nfg(OUTCOMES), replace(read_nfg(PAYOFFS), name="Selten", payoffs=game_of_outcomes()))


def game_of_outcomes():
    return [[[1, 1], [0, 0], [0, 0]], [[1, 1], [2, 3], [2, 0]]]


def test_no_digit_is_lost():
    text = 'NFG 1 R "" { "A" } { 3 } 123456789012345678901 0.1000000000000000000001 1e-330'
    (values, scale) = read_nfg(text).integers[0]
    expected = [123456789012345678901, Fraction("0.1000000000000000000001"), Fraction("1e-330")]
    assert [Fraction(value, scale) for value in values] == expected


@settings(max_examples=60, deadline=None)
@given(games(), st.booleans())
def test_nfg_round_trip(game, outcomes):
    same(read_nfg(write_nfg(game, outcomes)), game)


@settings(max_examples=60, deadline=None)
@given(games())
def test_csv_round_trip(game):
    same(read_csv(write_csv(game)), game, title=False)


@settings(max_examples=60, deadline=None)
@given(games(), st.booleans())
def test_toml_and_json_round_trip(game, cited):
    if any(len(str(value)) > 100 for value in map(Fraction, game.payoffs.ravel().tolist())):
        return
    game = replace(game, source=CITED if cited else None)
    for again in (loads(write_toml(game)), read_json(write_json(game))):
        same(again, game)
        assert again.source == game.source


def test_fractions_too_long_for_game_files_are_refused():
    game = NormalForm([[Fraction(1, 3**300), 0]])
    same(read_nfg(write_nfg(game)), game)
    for write in (write_toml, write_json):
        with pytest.raises(ValueError, match="hold fractions of 100"):
            write(game)


def test_a_source_is_the_comment_of_an_nfg_file():
    game = NormalForm([[1, 2]], source=CITED)
    assert '"J. F. Nash (1951), Non-\\"cooperative\\" games"' in write_nfg(game)
    same(read_nfg(write_nfg(game)), game)


def test_csv_takes_profiles_in_any_order():
    game = read_csv(CSV)
    assert game.payoffs.tolist() == [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]
    assert game.strategies == (("C", "D"), ("C", "D"))
    spaced = "\ufeff" + CSV.replace(",", ", ").replace("\n", "\r\n\r\n")
    same(read_csv(spaced), game)


def test_labels_of_gambit_need_not_be_names():
    """Empty, repeated and long ones are read, and written so that they are read again."""
    text = 'NFG 1 R "' + "t" * 200 + '" { "A" "" "A" } { { "x" "x" } { "" "" } { "' + "y" * 99
    text += '" "y\ny" } }\n\n' + "1 2 3\n" * 8
    game = read_nfg(text)
    assert game.players == ("A", "2", "A (2)") and len(game.name) == 120
    assert game.strategies == (("x", "x (2)"), ("1", "2"), ("y" * 80, "y y"))
    same(read_nfg(write_nfg(game)), game)


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("ending", ["\r\n", "\n"])
def test_marks_and_endings_of_other_systems_are_read(read, ending, tmp_path):
    text = GOOD[read][0]
    file = tmp_path / f"game{dict(zip(READERS, ('.nfg', '.csv', '.json'), strict=True))[read]}"
    file.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", ending).encode())
    same(load(file), read(text))


def test_a_game_file_with_a_mark_and_other_endings_is_read(tmp_path):
    game = read_csv(CSV)
    file = tmp_path / "game.toml"
    file.write_bytes(b"\xef\xbb\xbf" + write_toml(game).replace("\n", "\r\n").encode())
    same(load(file), game)


@pytest.mark.parametrize("first", ["", "sep=;\n"])
def test_semicolons_part_cells_and_commas_decimals(first):
    game = read_csv(CSV)
    same(read_csv(first + CSV.replace(",", ";")), game)
    half = read_csv(first + CSV.replace(",", ";").replace("C;C;3;3", "C;C;3,5;-1,25"))
    assert half.payoffs[:, 0, 0].tolist() == [3.5, -1.25]
    same(read_csv(CSV.replace(",", "\t")), game)


def test_a_key_that_is_there_twice_is_named():
    text = '{"kind": "normal-form", "payoffs": [[1]], "payoffs": [[2]]}'
    ((place, expected),) = mistakes(read_json, text)
    assert place == "file" and "'payoffs'" in expected
    nested = '{"kind": "normal-form", "payoffs": [[1]], "source": {"year": 1, "year": 2}}'
    assert "'year'" in mistakes(read_json, nested)[0][1]


@pytest.mark.parametrize(
    "text",
    [
        ".".join("a" * 50_000) + " = 1",
        "[" + ".".join("a" * 50_000) + "]",
        " . ".join(['"a"'] * 25_000) + " = 1",
        "x = " + "[" * 50_000,
        "x = 0x" + "f" * 100_000,
        "a" * 1_000_000,
        'kind = "normal-form"\npayoffs = [[' + "9" * 4_000 + "]]",
        "\n".join(f"a{k}.b = 1" for k in range(3_000)),
    ],
    ids=range(8),
)
def test_hostile_game_files_are_refused_before_the_work(text):
    """Each took minutes, or died."""
    with pytest.raises(GameFileError) as caught:
        loads(text)
    assert 0 < len(caught.value.mistakes) <= 51


def test_nfg_lists_every_mistake():
    text = 'NFG 2 X "t" { "A" "A" } { 2 0 }\n1 x\n nan 1/0'
    assert mistakes(read_nfg, text) == [
        ("line 1, column 5", "expected version 1"),
        ("line 1, column 7", "expected R or D"),
        ("line 1, column 29", "expected a number of strategies, 1 to 999999999"),
        ("line 2, column 3", "expected a number such as 1.5 or 1/3"),
        ("line 3, column 2", "expected a number such as 1.5 or 1/3"),
        ("line 3, column 6", "expected a denominator other than 0"),
    ]


def test_csv_lists_every_mistake():
    text = CSV.replace("C,C,3,3", "C,C,three,inf").replace("C,D,0,5", "D,C,0,5\nD,D,1")
    places = [place for place, _ in mistakes(read_csv, text)]
    assert places == ["line 2, payoff Row", "line 2, payoff Column", "line 5", "line 6"]
    assert mistakes(read_csv, CSV.replace("C,D,0,5\n", "")) == [
        ("after line 4", "expected a line for each profile; 1 missing")
    ]
    wrong = CSV.replace("payoff Row", "Row's payoff")
    assert mistakes(read_csv, wrong) == [("line 1", "expected 'payoff Row'")]


HEAD = 'NFG 1 R "" { "A" "B" } '
HOSTILE_NFG = [
    "",
    "NFG",
    "NFG 1 R",
    "NFG {",
    'NFG 1 R "" { }  { }',
    'NFG 1 R "" {' + '"A"' * 100_000 + "} { 2 }",
    'NFG 1 R "" {' + " ".join(f'"{k}"' for k in range(100_000)) + "} { 2 }",
    HEAD + "{ 1000000000 1 } 1 2",
    HEAD + "{ 999999999 999999999 } 1 2",
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7",
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 8 9",
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 inf",
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 1e400",
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 1e999999999",
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 " + "9" * 900_000,
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 " + "9" * 3_000,
    HEAD + "{ 2 2 } 1 2 3 4 5 6 7 \u0661",
    HEAD + "{ 2 2 } " + "x " * 400_000,
    HEAD + "{ 2 } 1 2 3 4",
    HEAD + "{ 2 2 ",
    HEAD + "{" * 900_000,
    HEAD + "}" * 900_000,
    HEAD + '{ { "a" "b" { "c" } } }',
    HEAD + '{ { "a" "" } { } } 1 2',
    HEAD + '{ 2 2 } { { "x" 1 2 } 0 0 0 0',
    HEAD + '{ 2 2 } { { "x" 1 2 3 } } 0 0 0 -1',
    HEAD + '{ 2 2 } { { "x" 1 2 } } 0 0 0 2',
    HEAD + "{ 2 2 } { { 1 2 } } 0 0 0 0",
    HEAD + "{ 2 2 } { } 0 0 0",
    HEAD + '"' * 900_001,
    HEAD + '"' + "\\" * 900_000,
    HEAD + '{ 2 2 } "comment' + " 1" * 8,
    'NFG 1 R "" { "\ud800" } { 1 } 1',
    "x" * 4_000_001,
]
HOSTILE_CSV = [
    "",
    "\n\n",
    "A",
    ",".join(["A"] * 1_000),
    "A,payoff A",
    "A,A,payoff A,payoff A\nx,y,1,2",
    ",payoff \nx,1",
    'A,payoff A\n"x,1',
    'A,payoff A\n"x"y,1',
    "A,payoff A\n" + "x" * 500_000 + ",1",
    "A,payoff A\n" + "x,1\n" * 200_000,
    "A,payoff A\n" + "x\n" * 400_000,
    "A,payoff A\nx,nan\ny,1e999\nz,1/0",
    "A,payoff A\n\x00,1\n\ud800,2",
    "".join(f"{k}," for k in range(23))
    + ",".join(f"payoff {k}" for k in range(23))
    + "".join("\n" + f"{k}," * 23 + ",".join("0" * 23) for k in range(5_000)),
]
HEAD_JSON = '{"kind": "normal-form", "payoffs": '
HOSTILE_JSON = [
    "",
    "[]",
    "{}",
    "null",
    '{"kind": ["race"]}',
    '{"kind": "normal-form"}',
    HEAD_JSON + "[[NaN, Infinity, 1e999]]}",
    HEAD_JSON + "[[NaN, -Infinity, true, null, {}]]}",
    HEAD_JSON + "[[" + "9" * 900_000 + "]]}",
    HEAD_JSON + "[[1e999999999]]}",
    HEAD_JSON + "[" * 900_000,
    HEAD_JSON + "[" * 900 + "]" * 900 + "}",
    HEAD_JSON + "[" * 30 + "]" * 30 + "}",
    HEAD_JSON + "[[1, 2], [3]]}",
    HEAD_JSON + '[[1]], "players": [' + ",".join("1" * 50_000) + "]}",
    HEAD_JSON + "[[1]], " + ",".join(f'"k{k}": 1' for k in range(20_000)) + "}",
    HEAD_JSON + '[[1, 2]], "\ud800": 1, "players": ["\\ud800"], "source": {"year": "x"}}',
]


@pytest.mark.parametrize(
    ("read", "text"),
    [
        *((read_nfg, text) for text in HOSTILE_NFG),
        *((read_csv, text) for text in HOSTILE_CSV),
        *((read_json, text) for text in HOSTILE_JSON),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_hostile_text_is_a_clear_error_at_once(read, text):
    found = mistakes(read, text)
    assert all(place and expected for place, expected in found)
    if read is read_nfg:
        assert all(place.startswith(("line", "file", "players")) for place, _ in found)


def attempt(read, text):
    start = time.process_time()
    try:
        assert isinstance(read(text, "file"), NormalForm)
    except GameFileError as error:
        assert error.mistakes
    assert time.process_time() - start < 1


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(READERS), st.text())
def test_any_text_is_a_game_or_an_error(read, text):
    attempt(read, text)


GOOD = {
    read_nfg: [PAYOFFS, NAMED, OUTCOMES],
    read_csv: [CSV, write_csv(read_nfg(NAMED))],
    read_json: [write_json(read_nfg(NAMED))],
}
SNIPPETS = st.sampled_from([*'{}[]",\\\n 01/.-e:x', "NFG", "nan", "1e999", '""', "payoff "])


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(READERS), st.data())
def test_a_damaged_file_is_a_game_or_an_error(read, data):
    text = data.draw(st.sampled_from(GOOD[read]))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 5)))
        text = text[:start] + data.draw(SNIPPETS | st.text(max_size=3)) + text[end:]
    attempt(read, text)


DILEMMA = [[[3, 0], [5, 1]], [[3, 5], [0, 1]]]


@pytest.mark.parametrize(
    "written",
    [
        'payoffs = [["3, 3", "0, 5"], ["5, 0", "1, 1"]]\nplayers = ["A", "B"]',
        "payoffs = { A = [[3, 0], [5, 1]], B = [[3, 5], [0, 1]] }",
        'payoffs = { B = [[3, 5], [0, 1]], A = [[3, 0], [5, 1]] }\nplayers = ["A", "B"]',
    ],
)
def test_a_table_may_be_written_as_textbooks_do(written: str) -> None:
    game = loads(f'kind = "normal-form"\nstrategies = ["C", "D"]\n{written}')
    assert game.payoffs.tolist() == DILEMMA
    assert game.players == ("A", "B") and game.strategies == (("C", "D"), ("C", "D"))


def test_players_may_be_counted() -> None:
    roads = loads(
        'kind = "finite"\nplayers = 3\nstrategies = ["l", "r"]\npayoffs = "-sum(l) if l else 0"'
    )
    assert roads.players == ("1", "2", "3")
    assert roads.table.payoffs[0][0].tolist() == [[-3, -2], [-2, -1]]
    with pytest.raises(GameFileError, match="a number from 1 to 24"):
        loads('kind = "finite"\nplayers = 0\nstrategies = ["l", "r"]\npayoffs = "l"')


def test_cells_and_single_tables_are_explained() -> None:
    with pytest.raises(GameFileError) as caught:
        loads('kind = "normal-form"\npayoffs = [["3, 3", "0"], ["5, 0, 1", "1, x"]]')
    assert [m.place for m in caught.value.mistakes] == ["payoffs[0][1]", "payoffs[1][0]"]
    with pytest.raises(GameFileError, match="a table of one player"):
        loads('kind = "normal-form"\npayoffs = [[0, -1, 1], [1, 0, -1], [-1, 1, 0]]')


def test_tables_of_somebody_else_are_said_to_be() -> None:
    with pytest.raises(GameFileError, match="expected a table for each of A, B"):
        loads('kind = "normal-form"\nplayers = ["A", "B"]\npayoffs = { A = [[1]], C = [[1]] }')


@pytest.mark.parametrize(("said", "meant"), [(".9", "0.9"), ("-.5", "-0.5"), ("3.", "3.0")])
def test_numbers_that_toml_does_not_know_are_shown_as_it_does(said: str, meant: str) -> None:
    with pytest.raises(GameFileError, match="not TOML") as caught:
        loads(f'kind = "markov"\ndiscount = {said} # "a.b" and 1.5\n')
    assert caught.value.mistakes[0].line == 2
    assert f"write {meant} for {said}" in str(caught.value)


@pytest.mark.parametrize(("line", "name"), [("parameters = { λ = 3 }", "λ"), ("θ2 = 1", "θ2")])
def test_letters_that_toml_wants_quoted_are_shown_so(line: str, name: str) -> None:
    with pytest.raises(GameFileError, match="not TOML") as caught:
        loads(f'kind = "continuous"\n{line}\n')
    assert f'write "{name}" in quotation marks' in str(caught.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            'players = [\n { name = "A",\n  payoff = "1" },\n]',
            "what stands in braces takes one line",
        ),
        ("parameters = { a = 1, }", "no comma stands before }"),
    ],
)
def test_tables_in_braces_that_go_on_are_told_how_to_be_written(text: str, why: str) -> None:
    with pytest.raises(GameFileError, match=why):
        loads(text)
