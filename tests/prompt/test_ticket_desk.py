"""Tickets as a rep sees and types them: what is refused before it goes wrong, what the pages and sentences say."""

from __future__ import annotations

from csdesk.models import Outbox, Ticket, TicketReply
from csdesk.prompt import line
from csdesk.prompt.grammar import ANY
from csdesk.prompt.pages.help import help_page
from tests.prompt.seat import Seat
from tests.prompt.test_tickets import listed, looked
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import reachable


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
