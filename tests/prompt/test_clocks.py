"""A ticket's clocks by the key l: all of them, one taken apart, and the way back."""

from __future__ import annotations

from datetime import timedelta

from csdesk.models import Ticket
from csdesk.services import serving
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books


async def test_the_clocks_of_a_ticket_and_what_one_counted(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎")
    books.store.write_now(serving.edit, "calendar", "desk", {"holidays": ["2026-06-10"]})
    books.clock.pass_by(minutes=95)
    await seat.type("l⏎")
    page = seat.page()
    assert "CLOCKS of ticket 26000001" in page
    assert seat.desk.now.mode == "ticket"
    assert "solve" in page
    assert "in time" in page
    await seat.type("1")
    page = seat.page()
    assert "CLOCK " in page
    assert "policy standard version 2, priority 3" in page
    assert "calendar desk version 2" in page
    assert "used 1h35 until" in page
    assert all(len(line) <= 80 for line in page.splitlines())
    await seat.type("<f3>")
    assert "CLOCKS of ticket" in seat.page()
    await seat.type("<f3>")
    assert "TICKET 26000001" in seat.page()
    assert books.row(Ticket).policy_version == 2
    assert timedelta(0) < books.clock() - books.row(Ticket).opened_at
