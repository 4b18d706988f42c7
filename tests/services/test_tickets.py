"""From complaint to money on one call: the ticket, its credit and dispute, the customer told, the way back."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import (
    ApprovalRequest,
    AuditEntry,
    Call,
    CreditClaim,
    Dispute,
    Ticket,
    TicketEvent,
    TicketItem,
    TicketLine,
)
from csdesk.services import ledger, ticket_money, ticket_subjects, ticket_views, tickets, undo
from tests.services.conftest import Desk
from tests.services.papers import at_once, post_all
from tests.services.talk import Talk


def complain(desk: Desk, talk: Talk, line: int = 1, quantity: int = 2, letter: str = "d", text: str = "crushed"):  # type: ignore[no-untyped-def]
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    return talk.store.write_now(tickets.complain, talk.call, seen, line, letter, Decimal(quantity), text)


def test_a_complaint_has_its_line_its_words_and_its_clocks(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    assert made.words == (
        "Ticket 26000001: complaint on delivery 26000001 line 1, Damaged: 2 EA 4711 Olive oil extra virgin 1 l."
    )
    row = desk.row(Ticket)
    assert (row.kind, row.state, row.base, row.owner_id, row.queue) == ("complaint", "open", "work", 1, "desk")
    assert (row.category, row.priority, row.value, row.currency, row.stage) == (
        "damaged", 3, 3974, "USD", "acknowledged",
    )  # fmt: skip
    line = desk.row(TicketLine)
    assert (line.subject, line.subject_id, line.document_id, line.document_line) == ("delivery", 9101, 9201, 1)
    assert (line.quantity, line.reason, line.claimed) == (2, "damaged", 3974)
    assert [(each.event, each.seq) for each in desk.rows(TicketEvent)] == [("opened", 1), ("line", 2), ("call", 3)]
    item = desk.row(TicketItem)
    assert (item.kind, item.visible, item.body, item.call_id) == ("call", False, "crushed", talk.call)
    view = desk.rep.read_now(ticket_views.whole, made.id)
    states = {each.kind: each.state for each in view.clocks}
    assert states == {
        "acknowledge": "met", "first_response": "met", "resolution": "running", "keep_informed": "running"
    }  # fmt: skip
    assert view.headline is not None
    assert (row.due_at, row.due_kind) == (view.headline.due, view.headline.kind)
    assert desk.row(Call, id=talk.call).wrap_up == "complaint"
    assert json.loads(desk.row(AuditEntry, verb="tickets.open").after)["number"] == "26000001"


def test_one_key_asks_the_credit_and_holds_the_amount_in_dispute(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    words = desk.rep.read_now(ticket_money.credit_preview, made.id)
    assert words.startswith("asks credit 39.74 USD on invoice 26000001: line 1, 2 EA 4711")
    assert words.endswith("needs: lead; 39.74 in dispute meanwhile")
    asked = talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    assert asked.words.startswith("Credit request 26000001: 39.74 USD on invoice 26000001 (Damaged)")
    request, dispute, line = desk.row(ApprovalRequest), desk.row(Dispute), desk.row(TicketLine)
    assert (request.amount, request.dispute_id) == (3974, dispute.id)
    assert (dispute.open, dispute.state, line.request_id, line.dispute_id) == (3974, "coded", request.id, dispute.id)
    shown = desk.rep.read_now(ledger.page, 1, "disputed", None, 0, None)
    assert [item.disputed for item in shown.items] == [3974]
    with pytest.raises(Refused, match="is about this line already"):
        talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)


def test_the_posted_note_tells_the_customer_and_meets_the_clock(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    from csdesk.services import approving

    def approval():  # type: ignore[no-untyped-def]
        return next(each for each in desk.rep.read_now(ticket_views.whole, made.id).clocks if each.kind == "approval")

    assert (approval().state, approval().subject) == ("running", "26000001")
    desk.lead.write_now(approving.approve, desk.row(ApprovalRequest).id, None)
    assert (approval().state, approval().met_at) == ("met", desk.clock())
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    view = desk.rep.read_now(ticket_views.whole, made.id)
    (resolution,) = (each for each in view.clocks if each.kind == "resolution")
    assert (resolution.state, resolution.met_at) == ("met", desk.clock())
    assert desk.row(Ticket).told_at == desk.clock()
    assert view.lines[0].parts == {
        "claimed": 3974, "credited": 3974, "replaced": 0, "paid": 0, "written_off": 0, "upheld": 0, "open": 0
    }  # fmt: skip
    assert [item.visible for item in view.items] == [False, True]
    assert desk.row(Dispute).open == 0


def test_undo_takes_each_step_back(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    words = talk.store.write_now(undo.last, talk.call).words
    assert "withdrawn" in words
    line = desk.row(TicketLine)
    assert (line.request_id, line.dispute_id, line.remedy, line.claimed) == (None, None, "", 3974)
    assert (desk.row(Dispute).state, desk.row(CreditClaim).state) == ("withdrawn", "void")
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    assert desk.rows(Dispute)[-1].open == 3974
    talk.store.write_now(undo.last, talk.call)
    assert talk.store.write_now(undo.last, talk.call).words == "Undone: ticket 26000001 is cancelled"
    assert (desk.row(Ticket).state, desk.row(Ticket).due_at) == ("cancelled", None)


def test_what_cannot_be_is_refused_with_a_sentence(desk: Desk, talk: Talk) -> None:
    results = at_once(
        lambda: complain(desk, talk, line=9),
        lambda: complain(desk, talk, quantity=99),
        lambda: complain(desk, talk, letter="z"),
        lambda: desk.rep.read_now(ticket_subjects.delivery, 1, 3),
    )
    assert [type(each) for each in results] == [NotFound, Invalid, Invalid, NotFound]
    assert desk.rows(Ticket) == []
