"""Payoff tables in Excel: exact round trips, names that are no formulas, and broken workbooks."""

import sys
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings
from test_games_tables import games, same

from leaderbored.cli import main
from leaderbored.games.catalogue import find
from leaderbored.games.formats.gamefile import load
from leaderbored.games.formats.workbooks import read_xlsx, write_xlsx
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import GameFileError


def book(rows: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    packed = BytesIO()
    made.save(packed)
    return packed.getvalue()


@given(games())
@settings(max_examples=15, deadline=None)
def test_a_workbook_holds_payoffs_exactly_and_has_the_same_bytes(game: NormalForm) -> None:
    packed = write_xlsx(game)
    same(read_xlsx(packed), game, title=False)
    assert write_xlsx(game) == packed


def test_names_are_no_formulas() -> None:
    game = NormalForm([[1, 2]], ["=1+1"], [["=HYPERLINK(0)", "+1"]])
    sheet = openpyxl.load_workbook(BytesIO(write_xlsx(game))).active
    assert {cell.data_type for row in sheet.iter_rows(max_col=1) for cell in row} == {"s"}
    same(read_xlsx(write_xlsx(game)), game)


def test_a_sheet_as_people_make_them() -> None:
    rows = [
        ["Row", "Column", "payoff Row", "payoff Column", None],
        ["C", "C", 3, 3.0],
        [None],
        ["D", "C", 5, "1/2"],
        ["D", "D", 1, 1.5],
        ["C", "D", 0, 5],
    ]
    game = read_xlsx(book(rows))
    assert game.players == ("Row", "Column") and game.payoffs[1, 1, 0] == 0.5
    rows[3][2] = "much"
    rows[4] = ["D", "C", 1, 1]
    with pytest.raises(GameFileError) as caught:
        read_xlsx(book(rows), "file")
    told = str(caught.value)
    assert "row 4, payoff Row = 'much'" in told and "row 5 = ['D', 'C']" in told


def test_what_is_no_workbook_is_refused() -> None:
    with ZipFile(broken := BytesIO(), "w") as parts:
        parts.writestr("[Content_Types].xml", "<a")
    for raw in (
        b"",
        b"PK",
        b"Row,payoff Row\n",
        broken.getvalue(),
        write_xlsx(NormalForm([[1]]))[:200],
    ):
        with pytest.raises(GameFileError, match="not a workbook"):
            read_xlsx(raw)
    with ZipFile(bomb := BytesIO(), "w", 8) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * 60_000_000)
    with pytest.raises(GameFileError, match="too large"):
        read_xlsx(bomb.getvalue())
    with pytest.raises(GameFileError, match="columns"):
        read_xlsx(book([]))


def test_tables_are_converted_there_and_back(tmp_path, capsys) -> None:
    made, again = tmp_path / "game.xlsx", tmp_path / "game.csv"
    assert main(["convert", "shapley-1964", str(made)]) == 0
    assert main(["convert", str(made), str(again)]) == 0
    same(load(again), load(find("shapley-1964")), title=False)
    assert main(["solve", str(made), "--json"]) == 0


def test_without_the_library_it_is_named(tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    assert main(["convert", "shapley-1964", str(tmp_path / "game.xlsx")]) == 2
    assert "pip install 'leaderbored[excel]'" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
