"""What is pasted and what is too long: no line of a text acts, nothing of it is left out without a word."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from csdesk.models import Outbox, Ticket, TicketItem, TicketReply
from csdesk.prompt.keyboard import MOST_TYPED
from tests.prompt.seat import Seat
from tests.prompt.test_tickets import listed
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import reachable

MAIL = "Dear all,\r\nA case of oil was broken.\r\n\r\nI rang on Monday;\tr u serious\r\nJ. Doe\r\n"
KEPT = "Dear all,\nA case of oil was broken.\n\nI rang on Monday; r u serious\nJ. Doe"


async def paste(seat: Seat, text: str) -> None:
    """Pastes a text as the queue of keys does."""
    rest = text
    while rest:
        keys, rest = seat.desk.paste(rest)
        for key in keys:
            await seat.desk.press(key)


def said(books: Books) -> Sequence[tuple[str, str]]:
    return [(each.kind, each.body) for each in books.rows(TicketItem)]


@pytest.mark.parametrize("before", ["< ", "<", "<⏎"])
async def test_a_pasted_mail_is_one_text(seat: Seat, books: Books, before: str) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎")
    await seat.type(before)
    await paste(seat, MAIL)
    assert len(said(books)) == 1, "nothing is done before Enter"
    await seat.desk.look()
    await seat.desk.pause()
    await seat.type("⏎")
    assert seat.tone == "done", seat.echo
    assert said(books)[1:] == [("inbound", KEPT)]
    assert books.rows(Outbox) == []
    assert "I rang on Monday; r u serious" in seat.page()


async def test_a_mail_pasted_without_a_letter_waits_for_it(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎")
    await paste(seat, MAIL)
    assert (seat.tone, seat.desk.now.keys.cursor) == ("ask", 0)
    await seat.desk.look()
    assert seat.echo == "Text alone does nothing here: put < they wrote, r answer or i note in front."
    await seat.type("⏎")
    assert (seat.tone, len(said(books))) == ("wrong", 1)
    await seat.type("<")
    await seat.type("⏎")
    assert said(books)[1:] == [("inbound", KEPT)]
    await paste(seat, "quite so")
    assert (seat.prompt, seat.page()[:6]) == ("quite so", "TICKET"), "no letter of it acts"
    await seat.type("<f12>")
    await paste(seat, "q")
    assert "QUEUE" in seat.page(), "one sign is a key"


async def test_an_answer_keeps_its_lines_also_as_a_draft(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎r Hello, ")
    await paste(seat, "it comes\non Friday")
    await seat.desk.pause()
    assert books.row(TicketReply).body == "Hello, it comes\non Friday"
    await seat.type("<f12>r⏎")
    assert seat.prompt == "r Hello, it comes⏎on Friday"
    await seat.type("⏎")
    assert said(books)[1] == ("outbound", "Hello, it comes\non Friday")


async def test_where_a_letter_decides_a_pasted_text_does_not(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎<f3>k")
    await listed(seat, books.row(Ticket).id)
    await seat.type("q")
    await paste(seat, "n\nu\nz")
    assert (seat.prompt, seat.desk.now.keys.cursor) == (" n⏎u⏎z", 0)
    assert "QUEUE" in seat.page()


async def test_pasted_orders_are_typed(seat: Seat, books: Books) -> None:
    await seat.desk.start()
    await paste(seat, "20417\n4711 12\r\n4720 6\n")
    assert seat.lines == [("4711", 12), ("4720", 6)]
    await paste(seat, "tq the list\nI rang them\nand more")
    assert books.row(Ticket).subject == "the list"
    assert len(said(books)) == 1
    assert seat.prompt == " I rang them⏎and more", "what follows a ticket that was opened waits for its letter"


async def test_what_the_prompt_has_no_room_for_is_said(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎r ")
    long = "word " * 3999 + "the end"
    await paste(seat, long)
    assert seat.tone == "wrong"
    assert seat.echo == "The prompt takes 20,000 signs; 4 signs were left out. Delete some, then go on."
    await seat.desk.look()
    await seat.type("⏎")
    assert (seat.tone, len(seat.prompt)) == ("wrong", MOST_TYPED)
    assert len(said(books)) == 1
    await seat.desk.pause()
    await seat.type("⌫")
    await seat.desk.look()
    assert seat.tone == "info"
    await seat.type("⏎")
    assert len(said(books)[1][1]) == MOST_TYPED - 3
