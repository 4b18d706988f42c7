"""Pages in windows: columns, scrolling, cursor, typed cells, and texts that mean harm."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.prompt.page import Column, Page, Row, counted
from csdesk.screens.widgets.cells import ASCII, PRETTY, cut, cut_left, fit, folded, plain, width_of, wrapped
from csdesk.screens.widgets.linear import lay_linear
from csdesk.screens.widgets.pages import Laid, lay
from tests.screens import fake

SIZES = ((80, 24), (120, 40), (200, 60), (40, 10))
HARMFUL = st.text(alphabet=st.sampled_from("ab[/]\x1b\x07\n\t\u202e\u200d\ufe0f😀漢é\u0301ﷺ\u2066-1"), max_size=60)


def texts(laid: Laid) -> list[str]:
    """The lines as text."""
    return [plain(line).rstrip() for line in laid.lines]


def test_a_draft_with_a_short_line_stands_as_drawn() -> None:
    assert texts(lay(fake.DRAFT.page, 80, 11, 0, PRETTY)) == [
        "  ln item    name                          qty unit    price       net ready",
        "   1 4711    Olive oil extra virgin 6x1…    12 case    18.40    220.80 Tue 3JUN",
        "   2 4720    Chopped tomatoes 12x400 g       6 case     9.95     59.70 Tue 3JUN",
        ">  3 1035    Basmati rice 4x5 kg            24 case    31.20    748.80 !OUT 0/24",
        "     a  1036 Basmati rice Golden 4x5 kg     80 ready   32.10   +0.90",
        "     a2 1041 Jasmine rice 4x5 kg            40 ready   29.80   -1.40",
        "   4 2208    Sea salt flakes 8x250 g         3 case    14.00     42.00 Tue 3JUN",
        "   5 3319    Espresso beans 6x1 kg          10 case    52.75    527.50 Tue 3JUN",
        "",
        "",
        "  5 lines   order 1,598.80   ready 850.00   wanted Tue 3 JUN   route N4   ref -",
    ]


def test_a_wider_window_shows_more_columns_and_whole_names() -> None:
    narrow, middle, wide = (texts(lay(fake.DRAFT.page, width, 24, 0, PRETTY)) for width in (80, 120, 200))
    assert "deal" not in narrow[0]
    assert "deal" in middle[0]
    assert "location" in wide[0]
    assert "Olive oil extra virgin 6x1 l" in middle[1]
    assert len(wide[1]) < 180, "figures must stay in sight of the names"


def test_rows_scroll_so_that_the_cursor_stays_in_sight() -> None:
    page, offset = fake.HISTORY.page, 0
    for cursor in (*range(60), *reversed(range(60))):
        laid = lay(Page(page.title, page.columns, page.rows, cursor=cursor), 80, 12, offset, PRETTY)
        offset = laid.first
        assert laid.first <= cursor < laid.last
        assert [line for line in texts(laid) if line.startswith(">")] == [line for line in texts(laid) if ">" in line]
        assert laid.last - laid.first == 11


def test_scrolling_moves_no_more_than_it_must() -> None:
    page = fake.HISTORY.page
    here = lay(Page(page.title, page.columns, page.rows, cursor=20), 80, 12, 15, PRETTY)
    assert here.first == 15


def test_an_edited_cell_is_shown_in_reverse_with_what_is_typed() -> None:
    laid = lay(fake.AMEND.page, 80, 12, 0, PRETTY)
    assert laid.caret is not None
    x, y = laid.caret
    row = laid.lines[y]
    cell = next(span for span in row if span.tone == "edit")
    assert cell.text == "   36 "
    assert plain(row)[:x].endswith("36")
    assert plain(row).startswith(">")


def test_a_cell_to_overwrite_shows_what_stands_there_until_something_is_typed() -> None:
    page = fake.AMEND.page
    laid = lay(Page(page.title, page.columns, page.rows, cursor=0, edit="", edit_column=4), 80, 12, 0, PRETTY)
    assert next(span for span in laid.lines[1] if span.tone == "edit").text == "   12 "


def test_figures_grow_their_column_and_take_the_room_from_names() -> None:
    row = Row(("1", "Long name of a product that goes on", "1,234,567,890.12"))
    columns = (Column("ln", 2, "right"), Column("name", 10, flex=True), Column("net", 8, "right"))
    line = texts(lay(Page("", columns, (row,)), 44, 5, 0, PRETTY))[1]
    assert line == "   1 Long name of a produc… 1,234,567,890.12"


def test_a_figure_that_cannot_fit_says_so_at_its_left() -> None:
    assert fit("1234567.89", 6, "right") == "…67.89"
    assert cut_left("1234567.89", 6) == "…67.89"


def test_the_foot_stays_at_the_bottom_and_keeps_its_place_before_the_lead() -> None:
    page = Page(
        "", (Column("a", 4),), tuple(Row((str(n),)) for n in range(50)), tuple([Row(("lead",), span=True)] * 9),
        (Row(("total",), span=True),),
    )  # fmt: skip
    assert texts(lay(page, 40, 8, 0, PRETTY))[-1] == "  total"
    assert texts(lay(page, 40, 24, 0, PRETTY))[-1] == "  total"


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("name", fake.FACES)
@pytest.mark.parametrize("arrange", [lay, lay_linear])
def test_no_page_leaves_its_window(name: str, width: int, height: int, arrange: object) -> None:
    _inside(arrange(fake.FACES[name].page, width, height, 0, PRETTY), width, height)  # type: ignore[operator]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(HARMFUL, HARMFUL, HARMFUL), max_size=8), HARMFUL, st.integers(4, 130), st.integers(0, 30),
    st.integers(0, 20), st.none() | st.integers(0, 7), st.none() | HARMFUL,
)  # fmt: skip
def test_any_text_stays_in_any_window(
    rows: list[tuple[str, str, str]],
    title: str,
    width: int,
    height: int,
    offset: int,
    cursor: int | None,
    edit: str | None,
) -> None:
    columns = (Column(title, 5), Column("name", 8, flex=True), Column("net", 7, "right"), Column("w", 9, wide=100))
    made = (*(Row((*row, "x"), "warn") for row in rows), Row((title,), span=True))
    at = None if cursor is None else min(cursor, len(made) - 1)
    page = Page(title, columns, made, made[:1], made[-1:], at, edit, 1)
    for arrange in (lay, lay_linear):
        _inside(arrange(page, width, height, offset, PRETTY), width, height)
        _inside(arrange(page, width, height, offset, ASCII), width, height)


@given(HARMFUL, st.integers(0, 30), st.integers(1, 3))
def test_cut_and_wrapped_texts_keep_their_width(text: str, width: int, lines: int) -> None:
    assert width_of(cut(text, width)) <= width
    assert width_of(cut_left(text, width)) <= width
    assert width_of(fit(text, width)) == width
    assert width_of(fit(text, width, "right")) == width
    for parts in (wrapped(text, width, lines), folded(text, max(width, 2), lines)):
        assert len(parts) <= lines
        assert all(width_of(part) <= max(width, 2) for part in parts)


def test_what_is_cut_ends_in_an_ellipsis() -> None:
    assert cut("Harbour View", 8) == "Harbour…"
    assert cut("Harbour View", 8, ASCII.more) == "Harbour~"
    assert wrapped("one two three four", 9, 2) == ["one two", "three fo…"]


def test_an_instruction_above_the_table_is_never_cut_short_of_two_lines() -> None:
    text = "! Before 10, rear door. Invoice with the goods. Never substitute the olive oil without a call."
    lines = texts(lay(Page("", lead=(Row((text,), "warn", span=True),)), 80, 10, 0, PRETTY))
    assert lines[:2] == [
        "  ! Before 10, rear door. Invoice with the goods. Never substitute the olive oil",
        "  without a call.",
    ]


def test_what_is_set_apart_stays_apart_when_it_goes_on() -> None:
    assert folded("5 lines   net 406.54  tax 0.00", 20, 2) == ["5 lines   net 406.54", "tax 0.00"]
    assert folded("x" * 50, 20, 2) == ["x" * 20, "x" * 19 + "…"]


def test_a_reader_hears_each_row_as_a_sentence() -> None:
    lines = texts(lay_linear(fake.AMEND.page, 80, 17, 0, PRETTY))
    assert lines[0].startswith("Order 100140")
    assert "> ln 3, item 1035, name Basmati rice 4x5 kg, was 24, now 36, net 1,123.20," in lines


def _inside(laid: Laid, width: int, height: int) -> None:
    assert len(laid.lines) <= height
    for line in laid.lines:
        text = plain(line)
        assert width_of(text) <= width, text
        assert not [sign for sign in text if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}], repr(text)


def test_a_list_as_long_as_lists_get_does_not_say_that_it_is_all() -> None:
    assert [counted(rows) for rows in (0, 199, 200)] == ["0", "199", "the first 200"]
