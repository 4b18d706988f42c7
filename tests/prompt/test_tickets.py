"""Tickets by keys, with the rows they leave: a complaint from the call to its end, drafts that survive, two at one."""

from __future__ import annotations

import pytest

from csdesk.models import ApprovalRequest, Dispute, Outbox, Ticket, TicketItem, TicketLine, TicketReferral, TicketReply
from csdesk.prompt import line
from csdesk.prompt.desk import Desk
from csdesk.services import ticket_thread
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books
from tests.services.ticket_acts import MAIL, reachable
from tests.support.seed import acting


@pytest.fixture
async def lead(books: Books) -> Seat:
    """The lead's desk, nobody on the line."""
    seat = Seat(Desk(books.lead))
    await seat.desk.start()
    return seat


async def looked(seat: Seat, typed: str) -> str:
    """What the echo says of a typed line before Enter."""
    seat.desk.sync_keys(typed)
    await seat.desk.look()
    words = seat.echo
    seat.desk.sync_keys()
    return words


async def listed(seat: Seat, id: int) -> None:
    """Shows a ticket at a desk where nobody is on the line."""
    from csdesk.prompt.acting import show

    await show(seat.desk, "ticket", str(id))
    seat.desk.sync_keys()


async def test_a_complaint_its_credit_its_dispute_and_back(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎")
    row, of = books.row(Ticket), books.row(TicketLine)
    assert (row.kind, row.state, of.quantity, of.claimed) == ("complaint", "open", 2, 3974)
    await seat.type("c⏎")
    assert (books.row(ApprovalRequest).amount, books.row(Dispute).open) == (3974, 3974)
    await seat.type("u")
    assert (books.row(ApprovalRequest).state, books.row(Dispute).state) == ("withdrawn", "withdrawn")
    assert seat.page().startswith("TICKET 26000001"), "the ticket stays in sight"
    await seat.type("s⏎")
    assert books.rows(Dispute)[-1].open == 3974
    await seat.type("u")
    assert {each.state for each in books.rows(Dispute)} == {"withdrawn"}


async def test_a_complaint_to_its_end_by_keys(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎")
    assert "a root cause" not in await seat.type("yt no⏎")
    assert seat.tone == "wrong"
    assert seat.prompt == "yt no", "a refused line stays"
    await seat.type("<f12>")
    assert (await looked(seat, "h1 signed for as sound")).startswith("line 1: 39.74 USD is upheld against the customer")
    await seat.type("h1 signed for as sound⏎")
    assert books.row(TicketLine).upheld == 3974
    said = "The pallet was signed for as sound"
    assert (await looked(seat, f"yt {said}")).startswith(f"is resolved, the decision goes to {MAIL}")
    await seat.type(f"yt {said}⏎")
    row = books.row(Ticket)
    assert (row.state, row.cause, row.resolution) == ("resolved", "cause-transport", said)
    assert books.row(Outbox).kind == "ticket-mail"
    assert "outcome: The pallet was signed for as sound" in seat.page()
    assert "y close   e why  open again" in seat.page()
    await seat.type("y⏎")
    assert books.row(Ticket).state == "closed"
    await seat.type("e⏎")
    assert "why is it opened again?" in seat.echo
    await seat.type("<f12>e rang again⏎")
    assert (books.row(Ticket).state, books.row(Ticket).reopened) == ("open", 1)


async def test_every_step_by_its_letter(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq when does the new list begin⏎")
    for typed, column, value in (
        ("p=2 a feast⏎", "priority", 2),
        ("p11⏎", "priority", 1),
        ("g order⏎", "category", "order"),
        ("wc fri which list⏎", "state", "waiting_customer"),
        ("e⏎", "state", "open"),
        ("wt +2 Carrier: where is it⏎", "waits_on", "Carrier"),
        ("< the big one⏎", "state", "open"),
        ("f⏎", "owner_id", None),
        ("t⏎", "owner_id", 1),
        ("y told him⏎", "state", "resolved"),
        ("u", "state", "open"),
        ("x opened twice⏎", "state", "cancelled"),
    ):
        await seat.type(typed)
        assert seat.tone == "done", (typed, seat.echo)
        assert getattr(books.row(Ticket), column) == value, typed
    kinds = [each.kind for each in books.rows(TicketItem)]
    assert kinds == ["call", "inbound"]


async def test_answers_notes_and_calls_by_their_letters(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq when does the new list begin⏎")
    assert await looked(seat, "r On Monday") == f"sends mail to {MAIL}"
    await seat.type("r On Monday⏎i they pay late⏎a he knows⏎a-⏎")
    found = [(each.kind, each.visible, each.recipients) for each in books.rows(TicketItem)]
    assert found == [("call", False, ""), ("outbound", True, MAIL), ("internal", False, ""), ("call", False, ""),
                     ("call", False, "")]  # fmt: skip
    page = seat.page()
    assert page.index("nobody was reached") < page.index("On Monday"), "the latest stands first"


async def test_guided_forms_end_in_the_same_rows(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    await seat.type("p⏎")
    assert "How much does it touch?" in seat.echo
    await seat.type("1")
    await seat.type("2⏎")
    assert books.row(Ticket).priority == 2
    assert "(short: p12)" in seat.echo
    await seat.type("w⏎")
    await seat.type("c⏎fri⏎which list⏎")
    assert (books.row(Ticket).state, books.row(Ticket).question) == ("waiting_customer", "which list")
    await seat.type("g⏎order⏎y⏎")
    assert "What became of it?" in seat.echo, "no cause is asked of a query"
    await seat.type("told him⏎")
    assert books.row(Ticket).state == "resolved"


async def test_the_form_of_resolving_asks_a_complaint_for_its_decision(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎h1 signed for as sound⏎y⏎")
    assert "What was the root cause?" in seat.echo
    await seat.type("t⏎")
    assert "What became of it?" in seat.echo, "a cause alone is no end of a complaint"
    await seat.type("The pallet was sound⏎")
    row = books.row(Ticket)
    assert (row.state, row.cause, row.resolution) == ("resolved", "cause-transport", "The pallet was sound")


async def test_a_draft_survives_the_end_of_the_desk_and_comes_back(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎r On Mon")
    await seat.desk.pause()
    assert books.row(TicketReply).body == "On Mon"
    again = await seat.again()
    assert again.prompt == "r On Mon", "half-typed text comes back with its call"
    await again.type("<f12>")
    assert books.row(TicketReply).body == "On Mon", "clearing the prompt drops nothing"
    assert "draft kept: On Mon   (r goes on, r- drops it)" in (await again.again()).page()
    await again.type("r⏎")
    assert again.prompt == "r On Mon"
    await again.type("day⏎")
    assert books.rows(TicketReply) == []
    await again.type("u")
    assert books.row(TicketReply).body == "On Monday"
    await again.type("r-⏎")
    assert books.rows(TicketReply) == []


async def test_an_answer_and_a_note_are_begun_beside_each_other(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎r On Mon")
    await seat.desk.pause()
    await seat.type("<f12>i rang the depot")
    await seat.desk.pause()
    await seat.type("<f12>e⏎")
    again = await seat.again()
    assert "draft kept: On Mon   (r goes on, r- drops it)" in again.page()
    assert "note begun: rang the depot   (i goes on, i- drops it)" in again.page()
    await again.type("<f12>i⏎")
    assert again.prompt == "i rang the depot"
    await again.type("⏎")
    assert [(row.visible, row.body) for row in books.rows(TicketReply)] == [(True, "On Mon")]
    await again.type("u")
    assert (await looked(again, "i-")) == "drops your note: rang the depot"
    await again.type("i-⏎i-⏎")
    assert again.echo.startswith("No draft of a note of yours is kept")
    await again.type("<f12>r⏎")
    assert again.prompt == "r On Mon"


async def test_two_at_one_thread(seat: Seat, lead: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎r On Mon")
    await seat.desk.pause()
    id = books.row(Ticket).id
    await listed(lead, id)
    assert "Robin Penn is at work on it   (t and why takes it over)" in lead.page()
    assert (await looked(lead, "r On Tuesday")).endswith("Robin Penn is at work on it too")
    await lead.type("r On Tuesday⏎")
    assert lead.tone == "done"
    await seat.type("day⏎")
    assert seat.echo.startswith("Not sent; since you looked at ticket 26000001: Lee Dale ")
    assert "'On Tuesday'. Enter sends it all the same." in seat.echo
    assert seat.prompt == "r On Monday"
    assert books.row(TicketReply).body == "On Monday", "what was refused is kept"
    assert "On Tuesday" in seat.page(), "what came since is in sight"
    assert len(books.rows(Outbox)) == 1
    await seat.type("⏎")
    assert len(books.rows(Outbox)) == 2


async def test_a_decision_over_what_came_meanwhile_is_a_draft_and_goes_by_a_second_enter(
    seat: Seat, books: Books
) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎h1 signed for as sound⏎")
    books.lead.write_now(ticket_thread.inbound, books.row(Ticket).id, "I also found glass in it")
    await seat.type("yt we credit nothing⏎")
    assert "'I also found glass in it'. Enter sends it all the same." in seat.echo
    assert (seat.tone, seat.prompt) == ("wrong", "yt we credit nothing")
    assert "I also found glass in it" in seat.page(), "what came since is in sight"
    assert (books.row(TicketReply).body, books.rows(Outbox)) == ("we credit nothing", [])
    await seat.type("⏎")
    assert (books.row(Ticket).state, len(books.rows(Outbox)), books.rows(TicketReply)) == ("resolved", 1, [])


async def test_without_a_call_u_takes_ones_own_step_back(lead: Seat, seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    await listed(lead, books.row(Ticket).id)
    await lead.type("p11⏎")
    assert books.row(Ticket).priority == 1
    await lead.type("u")
    assert books.row(Ticket).priority == 3
    assert lead.echo == "Undone: the last step on ticket 26000001 is taken back."
    await lead.type("i he rings every week⏎p11⏎! he threatens to leave⏎")
    assert lead.tone == "done"
    await lead.type("u")
    assert lead.echo == "Undone: the escalation of ticket 26000001 is taken back."
    assert books.row(Ticket).priority == 1, "what was done before it stays"


async def test_a_ticket_that_goes_out_of_sight_leaves_the_list(seat: Seat, lead: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎")
    id = books.row(Ticket).id
    await seat.type("v dock1 is it there⏎")
    assert books.row(TicketReferral).question == "is it there"
    dock = Seat(Desk(acting(books.store, "dock1")))
    await dock.desk.start()
    await dock.type("t⏎")
    assert "TICKETS" in dock.page()
    assert "26000001" in dock.page()
    await dock.type("1")
    assert "y and words answers it   i note" in dock.page()
    assert "call" not in [row.cells[1] for row in dock.desk.face.page.rows]
    await dock.type("y forty are there⏎")
    assert dock.tone == "done"
    assert dock.page().startswith("TICKETS")
    assert "26000001" not in dock.page()
    await dock.type("u")
    assert dock.page().startswith("TICKET 26000001"), "the answer is taken back: it is with them again"
    await dock.type("y forty are there⏎")
    await listed(lead, id)
    await lead.type("o lead3⏎")
    with pytest.raises(Exception, match="no such ticket"):
        await listed(seat, id)


async def test_two_tickets_become_one_and_two_again(lead: Seat, seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("tq about the list⏎<f3>tq the same list⏎")
    first, second = (row.id for row in sorted(books.rows(Ticket), key=lambda row: row.number))
    await listed(lead, first)
    assert (await looked(lead, "m002")).startswith("goes into 26000002 (the same list)")
    await lead.type("m002⏎")
    assert lead.page().startswith("TICKET 26000002")
    assert "with 26000001 merged in" in lead.page()
    await lead.type("u")
    assert {row.state for row in books.rows(Ticket)} == {"open"}
    assert lead.page().startswith("TICKET 26000001"), "back where it was merged"
    await lead.type("m002⏎")
    await listed(lead, first)
    assert "m- takes it out again" in lead.page()
    await lead.type("m-⏎")
    assert {row.state for row in books.rows(Ticket)} == {"open"}
    assert books.row(Ticket, id=second).merged_into is None


async def test_one_more_line_and_line_mode(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎")
    assert (await looked(seat, "+1.2d1 wet")).startswith("has line 2: delivery 26000001 line 2, 1 EA 4720")
    assert await line.enter(seat.desk, "+1.2d1 wet")
    assert [row.line for row in books.rows(TicketLine)] == [1, 2]
    assert not await line.enter(seat.desk, "+1.2d1 wet")


async def test_what_came_while_one_typed_is_never_missed(seat: Seat, books: Books) -> None:
    reachable(books)
    await seat.sit()
    await seat.type("tq about the list⏎r On Mon")
    await seat.desk.pause()
    books.lead.write_now(ticket_thread.inbound, books.row(Ticket).id, "forget it")
    again = await seat.again()
    assert "draft kept: On Mon; since then Harbour View Deli wrote   (r goes on, r- drops it)" in again.page()
