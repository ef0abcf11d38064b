"""Payoff tables as Excel workbooks: the rows of the CSV, on the first sheet, numbers as numbers.

Needs openpyxl, which is in the extra ``excel``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from leaderbored.games.formats.labels import parse_number
from leaderbored.games.formats.tables import of_rows, rows_of
from leaderbored.games.normal_form import NormalForm
from leaderbored.games.problems import GameFileError, Mistake
from leaderbored.games.validation import MAX_BYTES

NEEDED = "openpyxl is not installed: pip install 'leaderbored[excel]'"
UNPACKED = 12 * MAX_BYTES  # bytes that a workbook may unpack to
CHANGED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
ALWAYS = (1980, 1, 1, 0, 0, 0)  # the date of all parts, so that the same game has the same bytes


def read_xlsx(raw: bytes, source: str = "game") -> NormalForm:
    """Read a game from the first sheet of a workbook; see :func:`read_csv` for its rows.

    Parameters
    ----------
    raw : bytes
        The workbook.
    source : str, optional
        What errors call it, such as the file's name.

    Returns
    -------
    NormalForm

    Raises
    ------
    GameFileError
        Listing every mistake that can be told apart, with its row; or that openpyxl is missing.

    Examples
    --------
    >>> game = NormalForm([["1/3", 0.5]], ["Firm"], [["enter", "stay out"]])
    >>> read_xlsx(write_xlsx(game)).payoffs.tolist()
    [[Fraction(1, 3), Fraction(1, 2)]]
    >>> read_xlsx(b"x")
    Traceback (most recent call last):
    leaderbored.games.problems.GameFileError: game: 1 mistake
      file: not a workbook of Excel
    """
    load = _library(source).load_workbook
    try:
        with ZipFile(BytesIO(raw)) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED:
                raise GameFileError(source, [Mistake("file", "", "too large a workbook")])
        book = load(BytesIO(raw), read_only=True, data_only=True)
        rows = [[_text(cell) for cell in row] for row in book.worksheets[0].values]
    except GameFileError:
        raise
    except (BadZipFile, KeyError, ValueError, TypeError, IndexError, SyntaxError) as error:
        odd = "" if isinstance(error, BadZipFile) else f": {type(error).__name__}"
        mistake = Mistake("file", "", f"not a workbook of Excel{odd}")
        raise GameFileError(source, [mistake]) from None
    return of_rows(_numbered(rows), [], source, "row")


def _numbered(rows: list[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with their numbers, without the empty columns at the right."""
    width = max((k + 1 for row in rows for k, cell in enumerate(row) if cell), default=0)
    for number, row in enumerate(rows, 1):
        if any(row):
            yield number, (row + [""] * width)[:width]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return repr(cell) if isinstance(cell, float) else str(cell)


def write_xlsx(game: NormalForm) -> bytes:
    """Write a game as a workbook with one row for each profile, payoffs exactly.

    Fractions that are no decimals stand as text, as ``1/3``, and so do numbers of more than 16
    digits, which openpyxl would round.

    Parameters
    ----------
    game : NormalForm

    Returns
    -------
    bytes
        The same for the same game.

    Raises
    ------
    GameFileError
        If openpyxl is not installed.

    Examples
    --------
    >>> write_xlsx(NormalForm([[1, 2]]))[:2]
    b'PK'
    """
    book = _library("convert").Workbook()
    sheet = book.active
    sheet.title = "payoffs"
    sheet.freeze_panes = "A2"
    names = len(game.players)
    for row, cells in enumerate(rows_of(game), 1):
        for column, text in enumerate(cells, 1):
            value = parse_number(text) if row > 1 and column > names else text
            number = isinstance(value, int | float) and float(f"{value:.16g}") == value
            cell = sheet.cell(row, column, value if number else None)
            if not number:
                cell.value, cell.data_type = text, "s"  # never a formula
    packed = BytesIO()
    book.save(packed)
    return _dateless(packed.getvalue())


def _dateless(packed: bytes) -> bytes:
    """The same workbook without the time at which it was made."""
    made = BytesIO()
    with ZipFile(BytesIO(packed)) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for part in sorted(old.namelist()):
            content = CHANGED.sub(rb"\g<1>1980-01-01T00:00:00Z", old.read(part))
            new.writestr(ZipInfo(part, ALWAYS), content, ZIP_DEFLATED)
    return made.getvalue()


def _library(source: str) -> Any:
    try:
        import openpyxl
    except ImportError:
        raise GameFileError(source, [Mistake("file", "", NEEDED)]) from None
    return openpyxl
