"""Tables of the terminal: what is too wide is folded between words, not within them."""

from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

import leaderbored as lb
from leaderbored.race.contest import Contender
from leaderbored.views.formats import markdown, values
from leaderbored.views.sheet import blank
from leaderbored.views.static import static_page

words = st.text(st.sampled_from("abcdefgh."), min_size=1, max_size=24)
cell = st.lists(words, min_size=1, max_size=6).map(" ".join)


@given(
    st.lists(st.tuples(cell, cell, cell, st.integers(0, 10**6)), min_size=1, max_size=3),
    st.integers(90, 140),
)
@example(
    [("technology.productivity, 1/year", "run at 2.87 or so", "peloton at 3.02 and on", 3)], 60
)
def test_words_stay_whole(rows: list[tuple[str, str, str, int]], width: int) -> None:
    table = blank(1)
    for head in ("one", "two", "three"):
        table.add_column(head)
    table.add_column("number", justify="right")
    for *texts, number in rows:
        table.add_row(*texts, f"{number:,}")
    console = Console(width=width)
    with console.capture() as shown:
        console.print(table)
    lines = shown.get().splitlines()
    assert all(len(line) <= width for line in lines)
    printed = sorted(word for line in lines[2:] for word in line.split())
    given = [word for *texts, _ in rows for text in texts for word in text.split()]
    assert printed == sorted([*given, *(f"{number:,}" for *_, number in rows)])


def test_names_of_players_stay_on_one_line() -> None:
    labs = [Contender(name, compute=1.0) for name in ("A, B", "C", "The third lab", "D")]
    solution = lb.solve(lb.Contest(labs, prize=1.0, decisiveness=1.6))
    console = Console(width=80)
    with console.capture() as shown:
        console.print(static_page(solution))
    assert "A, B " in shown.get() and "The third lab " in shown.get()
    assert max(map(len, shown.get().splitlines())) <= 80


def test_every_part_of_a_wide_table_tells_its_rows_apart() -> None:
    table = blank(1)
    table.keys = 2
    for head in ("x", "y", *(f"number {k}" for k in range(8))):
        table.add_column(head, justify="right")
    for x, y in ((0, 0), (0, 1), (1, 0)):
        table.add_row(str(x), str(y), *(f"{1000 * k + 10 * x + y}" for k in range(8)))
    console = Console(width=30)
    with console.capture() as shown:
        console.print(table)
    parts = shown.get().split("\n\n")
    assert len(parts) > 1
    for part in parts:
        rows = [line.split()[:2] for line in part.splitlines() if line.split()[0].isdigit()]
        assert rows == [["0", "0"], ["0", "1"], ["1", "0"]]


def test_a_spreadsheet_has_all_that_a_page_has_no_room_for() -> None:
    # two players who want to meet in one of seven places: an equilibrium for each set of places
    meet = lb.NormalForm([[[float(i == j) for j in range(7)] for i in range(7)]] * 2)
    solution = lb.solve(meet)
    assert len(solution.equilibria) == 2**7 - 1
    rows = values(solution).splitlines()[1:]
    assert [row.partition(",")[0] for row in rows] == [str(k) for k in range(1, 2**7)]
    page = markdown(solution)
    assert f"and {2**7 - 1 - 60} more; --json and --format csv have all" in page
    assert "more;" not in values(solution)

    motion = lb.dynamics(meet, laps=40)
    head, *rows = values(motion).splitlines()
    assert len(head.split(",")) == 1 + 2 * 7 + 2
    assert [row.partition(",")[0] for row in rows] == [str(k) for k in range(41)]
    assert "and 8 more columns; --json and --format csv have all" in markdown(motion)
