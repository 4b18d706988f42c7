"""The page of a ticket, without a database: no word of the thread is lost, and it does not contradict itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from csdesk.prompt.pages.ticket import clock_words, ticket_page
from csdesk.rules.clock import Calendar
from csdesk.rules.ticket_lives import Clock
from csdesk.screens.widgets.cells import PRETTY, plain
from csdesk.screens.widgets.pages import lay
from csdesk.services.ticket_views import ItemView, TicketRow, TicketView

NOW = datetime(2026, 3, 3, 14, tzinfo=UTC)
HEAD = TicketRow(1, "26000001", "complaint", "open", 1, "20417 Deli", "crushed", "rep7", "desk", 3, NOW, None, "")
VIEW = TicketView(HEAD, 1, "", None, "", "received", False, 0, "USD", "", None, "", "", (), (), (), None,
                  ZoneInfo("UTC"), "")  # fmt: skip
WORDS = st.text(alphabet="abcdefgh-漢é", min_size=1, max_size=12)
SAID = st.lists(WORDS, min_size=1, max_size=60).map(" ".join)
NAMES = st.lists(WORDS, min_size=1, max_size=6).map(" ".join)
LONG = Clock("resolution", 1, NOW, timedelta(hours=8), Calendar("UTC", (((0, 1440),),) * 7), "standard", 1, (), None,
             None, None, "paused", NOW, timedelta(hours=1017), timedelta(0), timedelta(0))  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, SAID), min_size=1, max_size=3), st.sampled_from((60, 74, 75, 80, 120)))
def test_every_word_of_the_thread_stands_on_the_page(said: list[tuple[str, str]], width: int) -> None:
    items = tuple(ItemView(n, NOW, "outbound", True, name, "", body) for n, (name, body) in enumerate(said))
    page = ticket_page(replace(VIEW, items=items), NOW, (), width)
    lines = [plain(line) for line in lay(replace(page, cursor=None), width, 400, 0, PRETTY).lines]
    painted = "".join("".join(line.split()) for line in lines)
    for row in page.rows:
        assert "".join(row.cells[3].split()) in painted
    whole = "".join("".join(row.cells[3].split()) for row in page.rows)
    for _, body in said:
        assert "".join(body.split()) in whole
    assert not any(line.endswith("…") for line in lines), "what gives way is the name"


def test_a_clock_that_is_late_says_so_while_it_waits() -> None:
    assert clock_words(LONG, NOW, ZoneInfo("UTC")) == "solve LATE 1017h00, paused"
    on_time = replace(LONG, breached_at=None, late=timedelta(0), remaining=timedelta(minutes=80))
    assert clock_words(on_time, NOW, ZoneInfo("UTC")) == "solve paused (1h20 left)"


def test_a_complaint_opened_again_is_not_called_closed() -> None:
    closed = replace(VIEW, stage="closed", head=replace(HEAD, state="closed"))
    assert ticket_page(closed, NOW).title == "TICKET 26000001   complaint   closed   P3   [closed]"
    again = replace(closed, head=HEAD)
    assert ticket_page(again, NOW).title == "TICKET 26000001   complaint   open   P3"
    assert "[told]" in ticket_page(replace(again, stage="told"), NOW).title
