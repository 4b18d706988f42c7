"""The queue by keys: ranked rows with their reasons, mine and the team's, the next ticket, letting one pass, jumping.

Key paths: `q` Enter, a digit or Enter opens, F3 goes back; `q` again is the team's for who leads. `n` Enter takes what
is next; `n reason` on a ticket lets it pass. `/text` finds a ticket too.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from csdesk.models import Ticket, TicketSkip
from csdesk.prompt.desk import Desk
from csdesk.screens.widgets.cells import PRETTY, plain
from csdesk.screens.widgets.pages import lay
from csdesk.services import queue
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.waiting import ticket
from tests.support.seed import acting


async def seat_of(books: Books, login: str) -> Seat:
    seat = Seat(Desk(acting(books.store, login)))
    await seat.desk.start()
    return seat


async def test_what_is_next_is_taken_shown_and_let_pass(books: Books) -> None:
    usual, urgent = ticket(books, "usual"), ticket(books, "urgent", priority=1)
    seat = await seat_of(books, "rep7")
    await seat.type("n")
    await seat.desk.look()
    assert seat.echo.startswith(
        "takes what is next: ticket 26000002, 20417 Harbour View Deli: urgent (acknowledge 30 min)"
    )
    assert await seat.type("⏎") == "Ticket 26000002 is yours: acknowledge 30 min."
    assert seat.page().startswith("TICKET 26000002")
    assert (await seat.type("n⏎")).startswith("Type the text  [n…]")
    assert (await seat.type("no French⏎")).startswith("Ticket 26000002 let pass (no French). Ticket 26000001 is yours")
    assert seat.page().startswith("TICKET 26000001")
    assert books.row(TicketSkip).ticket_id == urgent
    assert [books.row(Ticket, id=each).owner_id for each in (usual, urgent)] == [1, None]
    assert (await seat.type("n lunch⏎")) == "Ticket 26000001 let pass (lunch). Nothing else waits unassigned."
    assert seat.page().startswith("MY QUEUE   2 waiting")
    await seat.type("n⏎")
    assert "No unassigned ticket waits in your queues" in seat.echo


async def test_q_again_is_the_teams_for_who_leads(books: Books) -> None:
    ticket(books, "theirs", owner=1)
    free = ticket(books, "free", at=books.clock() - timedelta(days=4))
    seat, lead = await seat_of(books, "rep7"), await seat_of(books, "lead3")
    await seat.type("q⏎n⏎n needs French⏎")
    assert "team" not in await seat.type("q")
    assert seat.page().startswith("MY QUEUE   2 waiting")
    assert (await seat.type("q")) == "a digit shows one whole; n takes the next ticket"
    assert seat.page().startswith("MY QUEUE")
    assert (await lead.type("q⏎")).endswith("q again: the team's")
    assert lead.page().splitlines()[0] == "MY QUEUE   1 waiting"
    await lead.type("q")
    lines = lead.page().splitlines()
    assert lines[0] == "TEAM QUEUE   2 waiting"
    assert lines[1:3] == ["nobody 1 (1 late)   rep7 1", "let pass: 26000002 by rep7 09:03, needs French"]
    await lead.type("1")
    assert lead.page().startswith("TICKET 26000002")
    await lead.type("<f3>")
    assert lead.page().startswith("TEAM QUEUE")
    await lead.type("q")
    assert lead.page().startswith("MY QUEUE")
    assert books.row(Ticket, id=free).owner_id is None


async def test_a_long_list_pages_on(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue.listed, "__defaults__", ("mine", None, None, 3))
    for n in range(7):
        ticket(books, f"number {n}", owner=1)
    seat = await seat_of(books, "rep7")
    await seat.type("q⏎")
    assert seat.page().startswith("MY QUEUE   the first 3 waiting   PgDn: more")
    await seat.type("<pagedown><pagedown>")
    assert seat.page().startswith("MY QUEUE   2. page of 3 waiting   PgDn: more")
    await seat.type("3")
    assert seat.page().startswith("TICKET 26000006")
    await seat.type("<f3><pagedown><pagedown><pagedown><pagedown>")
    assert seat.page().startswith("MY QUEUE   3. page of 1 waiting")
    await seat.type("↑")
    assert seat.page().startswith("MY QUEUE   2. page of 3")


async def test_the_caller_page_the_bar_and_history_tell_tickets(books: Books) -> None:
    ticket(books, "where is my order", owner=1, at=books.clock() - timedelta(days=4))
    ticket(books, "another's", owner=2)
    seat = await Seat(Desk(books.rep)).sit()
    assert [fact.text for fact in seat.desk.face.context if fact.label == "TKT"] == ["1"]
    assert "Ticket 26000001 (#)  LATE acknowledge" in seat.page(), "the key stands where it is never cut off"
    assert "query: where is my order" in seat.page()
    await seat.type("#")
    assert seat.page().startswith("TICKETS   20417 Harbour View Deli"), "the key that the page names leads there"
    await seat.type("1")
    assert seat.page().startswith("TICKET 26000001")
    await seat.type("#")
    assert seat.page().startswith("TICKETS"), "and back to the list"
    await seat.type("<f3>")
    await seat.type("h")
    assert "ticket 26000001 query: where is my order new" in seat.page()
    await seat.type("↓⏎")
    assert seat.page().startswith("TICKET 26000001")


async def test_a_ticket_is_jumped_to(books: Books) -> None:
    ticket(books, "crushed tomatoes", owner=1)
    seat = await seat_of(books, "rep7")
    await seat.type("/tomat")
    await seat.desk.look()
    assert "2 ticket 26000001 crushed tomatoes  20417 Harbour View Deli  new" in seat.page()
    await seat.type("↓⏎")
    assert seat.page().startswith("TICKET 26000001")


async def test_the_team_sees_whose_a_row_is_in_a_narrow_window(books: Books) -> None:
    ticket(books, "where is the second pallet of order 140", owner=1)
    lead = await seat_of(books, "lead3")
    await lead.type("q⏎q")
    row = [plain(line) for line in lay(lead.desk.face.page, 80, 20, 0, PRETTY).lines if "rep7" in plain(line)][-1]
    assert "20417 Harbour… " in row
    assert "where is the second pa" in row, row
    lead.desk.resize(120, 40)
    await lead.type("qq")
    row = [plain(line) for line in lay(lead.desk.face.page, 120, 20, 0, PRETTY).lines if "rep7" in plain(line)][-1]
    assert "20417 Harbour View Deli" in row


async def test_digits_choose_on_after_a_refused_key(books: Books) -> None:
    ticket(books, "first")
    seat = await seat_of(books, "rep7")
    await seat.type("q⏎")
    await seat.type("u")
    assert seat.tone == "wrong", seat.echo
    await seat.type("1")
    assert (seat.prompt, seat.page()[:15]) == ("", "TICKET 26000001")
