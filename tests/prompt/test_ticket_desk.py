"""Tickets as a rep sees and types them: what is refused before it goes wrong, what the pages and sentences say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from csdesk.models import Outbox, Ticket, TicketReply
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.prompt.grammar import ANY
from csdesk.prompt.pages.help import help_page
from csdesk.prompt.pages.ticket import CLOCKS, listed_due
from csdesk.prompt.verbs import VERBS
from csdesk.services import ticket_moves, ticket_referring
from tests.prompt.seat import Seat
from tests.prompt.test_tickets import listed, looked
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import reachable
from tests.support.seed import acting


async def test_what_is_not_filled_in_is_not_sent(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎h1 signed for as sound⏎")
    typed = "r Dear {colour}, {due} it comes with {INVOICE}"
    assert (await looked(seat, typed)) == (
        "{due}, {invoice} are not known here; type it in its place, nothing was sent."
    )
    await seat.type(f"{typed}⏎")
    assert (seat.tone, seat.prompt) == ("wrong", typed)
    assert seat.desk.now.keys.cursor == typed.index("{due}"), "the cursor stands on the first of them"
    assert books.rows(Outbox) == []
    assert books.row(TicketReply).body == typed[2:], "the words are a draft"
    await seat.type("<f12>yt see {invoice}⏎")
    assert "{invoice} is not known here" in seat.echo
    assert seat.prompt[seat.desk.now.keys.cursor :] == "{invoice}"
    assert books.row(Ticket).state == "open"
    await seat.type("<f12>i {invoice} is missing⏎")
    assert seat.tone == "done", "what stays inside may say anything"


async def test_a_day_just_past_is_no_day_of_next_year(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    over = "2/3 is over; the next one is 02 Mar 2027; a day within 180 days is wanted: 24/12, +3, fri."
    assert await looked(seat, "wc 2/3 which") == over
    assert (await looked(seat, "wi xyz q")) == "'xyz' is no day; 12, 24/12, +3 or fri is wanted."
    await seat.type("wc 2/3 which⏎")
    assert (seat.tone, seat.prompt, books.row(Ticket).state) == ("wrong", "wc 2/3 which", "open")
    await seat.type("<f12><f3>b2/3 10 the list⏎")
    assert seat.echo == over
    books.clock.pass_by(days=301)
    await listed(seat, books.row(Ticket).id)
    await seat.type("x⌫")
    assert "until Mon 04 Jan 2027" in await looked(seat, "wc 4/1 which")


async def test_sentences_while_a_ticket_is_shown(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    assert (await looked(seat, "wc fri")).startswith("'wc fri' is not complete: wc fri question waits until Friday")
    assert await looked(seat, "%4") == "Ticket 26000001 is open; how it was is asked once it is resolved."
    assert await line.enter(seat.desk, "y")
    assert "<cancel> leaves, <back> one step back" in "\n".join(line.as_text(seat.desk.face))
    assert await line.enter(seat.desk, "<cancel>")
    for mode in ANY:
        shapes = [row.cells[0] for row in help_page(mode).rows if not row.span]
        assert max(map(len, shapes)) <= 17, "what a verb does has most of the room"


async def test_the_due_times_of_a_list_are_whole_and_a_marked_verb_is_explained_whole(seat: Seat, books: Books) -> None:
    now, zone = datetime(2026, 11, 20, 21, 0, tzinfo=UTC), ZoneInfo("UTC")
    for kind in CLOCKS:
        for due in (now - timedelta(1), now + timedelta(0, 60), now + timedelta(3), now + timedelta(8)):
            assert len(listed_due(kind, due, now, zone)) <= 19
    assert listed_due("resolution", datetime(2026, 11, 23, 16, tzinfo=UTC), now, zone) == "solve Mon 16:00"
    await seat.sit()
    await seat.type("tq about the list⏎<f4>↓↓")
    page = seat.desk.face.page
    assert page.foot[0].cells[0] == page.rows[2].cells[-1]
    assert all(len(verb.does) <= 150 for verb in VERBS), "two lines of eighty cells hold it"
    await seat.type("<f12>")


async def test_a_ticket_that_a_colleague_took_says_so(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎f⏎z")
    ticket = books.row(Ticket)
    await listed(seat, ticket.id)
    books.lead.write_now(ticket_moves.take, ticket.id)
    gone = "Ticket 26000001 is no longer free; somebody has it. q goes on, a lead gives it to you."
    assert await looked(seat, "i they ring again") == gone
    for typed in ("t⏎", "<f12>i they ring again⏎", "<f12>p12⏎"):
        await seat.type(typed)
        assert (seat.tone, seat.echo) == ("wrong", gone), typed


async def test_sentences_that_lead_on(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    assert await looked(seat, "h9 why") == "Ticket 26000001 is about no line; +1.2d3 adds one of a delivery."
    assert await looked(seat, "d zz +3 x") == "Nobody has the login 'zz'; d and a login, +14 and the words."
    books.rep.write_now(ticket_referring.refer, books.row(Ticket).id, "dock1", "which list")
    dock = Seat(Desk(acting(books.store, "dock1")))
    await dock.desk.start()
    await listed(dock, books.row(Ticket).id)
    await dock.type("y⏎")
    assert dock.echo.startswith("What did you find? It stays inside")
    assert (await dock.type("the old one⏎")).startswith("Ticket 26000001")
