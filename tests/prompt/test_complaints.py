"""A complaint at the prompt: typed on the call, its credit and dispute one key each, and back again."""

from __future__ import annotations

from csdesk.models import ApprovalRequest, Dispute, Ticket, TicketLine
from csdesk.services import knowledge_writing
from tests.prompt.seat import Seat
from tests.services.conftest import Desk as Books


async def test_a_complaint_in_one_line_then_its_credit_by_one_key(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 2 crushed, driver told")
    await seat.desk.look()
    assert seat.echo == (
        "complaint on delivery 26000001 line 1: 2 EA 4711 Olive oil extra virgin 1 l, 39.74 USD  (Damaged)"
    )
    await seat.type("⏎")
    assert seat.echo.startswith("Ticket 26000001: complaint on delivery 26000001 line 1")
    row, line = books.row(Ticket), books.row(TicketLine)
    assert (row.kind, row.category, line.quantity, line.reason) == ("complaint", "damaged", 2, "damaged")
    assert seat.desk.now.mode == "ticket"
    await seat.type("c")
    await seat.desk.look()
    assert seat.echo.startswith("asks credit 39.74 USD on invoice 26000001: line 1, 2 EA 4711")
    await seat.type("⏎")
    assert (books.row(ApprovalRequest).amount, books.row(Dispute).open) == (3974, 3974)
    assert "request 26000001 in approval" in seat.page()
    await seat.type("u")
    assert "withdrawn" in seat.echo


async def test_the_dispute_alone_by_one_key(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t1.1d2 2 crushed⏎s⏎")
    dispute = books.row(Dispute)
    assert (dispute.open, dispute.reason, books.row(TicketLine).dispute_id) == (3974, "damaged", dispute.id)
    assert books.rows(ApprovalRequest) == []


async def test_the_guided_form_ends_in_the_same_ticket(seat: Seat, books: Books) -> None:
    await seat.sit()
    await seat.type("t⏎")
    assert "Which delivery?" in seat.echo
    await seat.type("1")
    assert "Which line" in seat.echo
    await seat.type("1")
    await seat.type("d⏎2⏎crushed⏎")
    assert "(short: t1.1d2 crushed)" in seat.echo
    assert books.row(TicketLine).quantity == 2


async def test_articles_that_fit_stand_beside_what_is_typed(seat: Seat, books: Books) -> None:
    lead = books.lead
    lead.write_now(
        knowledge_writing.write,
        knowledge_writing.ArticleDraft(
            "leaking-cans", "Leaking cans", "Ask for the lot number.", words="leaking dented"
        ),
    )
    lead.write_now(knowledge_writing.publish, "leaking-cans")
    await seat.sit()
    await seat.type("t1.1d2 two cans are leaking")
    await seat.desk.look()
    assert "/leaking-cans Leaking cans" in seat.page().replace("  ", " ")
    await seat.type("⏎i have the cans leaked, leaking")
    await seat.desk.look()
    assert "may help:" in seat.page()
