"""A remedy that comes to nothing after the ticket was resolved: the ticket is open again, its claim is seen."""

from __future__ import annotations

import pytest

from csdesk.errors import Invalid
from csdesk.models import ApprovalRequest, Dispute, Document, TicketEvent, TicketLine
from csdesk.services import (
    applying,
    approving,
    deductions,
    replacing,
    reversing,
    ticket_claims,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_resolving,
    ticket_views,
)
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk, faults
from tests.services.papers import post_all
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, query, reachable, ticket


def parts(desk: Desk, id: int) -> dict[str, int]:
    """The claim of the only line of a ticket, what is nothing left out."""
    with desk.store.engine.connect() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        line = desk.row(TicketLine, ticket_id=id)
        return {name: value for name, value in ticket_claims.claim_of(tx, line).items() if value}


def decide(desk: Desk, login: str = "lead3") -> None:
    """The last request approved and posted."""
    desk.as_(login).write_now(approving.approve, desk.rows(ApprovalRequest)[-1].id, None)
    desk.clock.pass_by(minutes=5)
    post_all(desk)


def replaced(desk: Desk, talk: Talk, id: int) -> None:
    """Disputed, then sent again: the dispute is withdrawn, the customer told."""
    talk.store.write_now(ticket_money.dispute, id, 1, talk.call)
    talk.store.write_now(replacing.ask, id, 1, talk.call)
    decide(desk)
    assert (desk.row(Dispute).state, parts(desk, id)) == ("withdrawn", {"claimed": 3974, "replaced": 3974})


def resolved(desk: Desk, talk: Talk, id: int) -> None:
    """Resolved as the customer was told."""
    talk.store.write_now(ticket_resolving.resolve, id, "t", "", talk.call)
    assert ticket(desk, id).state == "resolved"


def last_events(desk: Desk, id: int, of: int = 2) -> list[str]:
    return [each.event for each in desk.rows(TicketEvent, ticket_id=id)][-of:]


def states(desk: Desk, id: int) -> list[str]:
    """The epochs of the clock of a ticket's resolution."""
    return [each.state for each in desk.rep.read_now(ticket_views.whole, id).clocks if each.kind == "resolution"]


@pytest.mark.parametrize("closed", [False, True])
def test_a_replacement_cancelled_later_opens_ticket_and_dispute_again(desk: Desk, talk: Talk, closed: bool) -> None:
    id = complaint(desk, talk)
    replaced(desk, talk, id)
    resolved(desk, talk, id)
    if closed:
        talk.store.write_now(ticket_resolving.resolve, id, "", "", talk.call)
    before = ticket(desk, id)
    talk.cancel(desk.talk().latest(), 1)
    row, dispute = ticket(desk, id), desk.rows(Dispute)[-1]
    assert (row.state, row.told_at, row.resolved_at) == ("open", None, None)
    assert parts(desk, id) == {"claimed": 3974, "open": 3974}
    assert (dispute.state, dispute.open, desk.row(TicketLine).dispute_id) == ("coded", 3974, dispute.id)
    assert states(desk, id) == ["running"]
    with pytest.raises(Invalid, match="wants its root cause"):
        talk.store.write_now(ticket_resolving.resolve, id, "", "", talk.call)
    talk.undo()
    row = ticket(desk, id)
    assert (row.state, row.told_at, row.resolved_at) == (before.state, before.told_at, before.resolved_at)
    assert desk.rows(Dispute)[-1].state == "withdrawn"
    assert parts(desk, id) == {"claimed": 3974, "replaced": 3974}
    assert faults(desk.store) == []


def test_cancelled_while_the_ticket_is_under_way_it_is_to_be_told_again(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    replaced(desk, talk, id)
    assert states(desk, id) == ["met"]
    order = desk.talk().latest()
    talk.cancel(order, 1)
    assert (ticket(desk, id).told_at, states(desk, id)) == (None, ["met", "running"])
    talk.store.write_now(ticket_money.credit, id, 1, talk.call)
    decide(desk)
    assert states(desk, id) == ["met", "met"]
    resolved(desk, talk, id)
    assert faults(desk.store) == []


def test_a_reversed_note_opens_what_it_was_merged_into(desk: Desk, talk: Talk) -> None:
    id, into = complaint(desk, talk), query(talk, "the whole delivery", "c")
    talk.store.write_now(ticket_money.credit, id, 1, talk.call)
    decide(desk)
    desk.lead.write_now(ticket_merging.merge, id, ticket(desk, into).number)
    reachable(desk)
    talk.store.write_now(ticket_moves.category, into, "order")
    words = "Credited, see the note"
    talk.store.write_now(ticket_resolving.resolve, into, "t", words, talk.call, ticket(desk, into).version)
    desk.as_("coll1").write_now(reversing.ask, desk.row(Document, kind="credit_note").id, "was wrong")
    decide(desk, "mgr1")
    assert parts(desk, id) == {"claimed": 3974, "open": 3974}
    assert last_events(desk, id, 1) == ["uncredited"]
    assert last_events(desk, into) == ["reopened", "uncredited"]  # its money is off the invoice again first
    assert (ticket(desk, id).state, ticket(desk, into).state) == ("merged", "open")
    assert faults(desk.store) == []


def test_money_that_is_taken_off_again_opens_the_ticket(desk: Desk, talk: Talk) -> None:
    """What a customer paid of a dispute settles it; a receipt that bounced does not."""
    reachable(desk)
    id = complaint(desk, talk)
    talk.store.write_now(ticket_money.dispute, id, 1, talk.call)
    cash = desk.as_("cash1")
    made = cash.write_now(applying.receive, 1, 50_000, desk.clock().date())
    cash.write_now(applying.apply, None, made.id, 9301)
    assert parts(desk, id) == {"claimed": 3974, "paid": 3974}
    talk.store.write_now(ticket_resolving.resolve, id, "t", "Paid, thank you", talk.call, ticket(desk, id).version)
    cash.write_now(reversing.receipt, made.id, "bounced")
    assert (ticket(desk, id).state, parts(desk, id)) == ("open", {"claimed": 3974, "open": 3974})
    assert faults(desk.store) == []


def test_a_billing_back_taken_back_opens_the_ticket(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    talk.store.write_now(ticket_money.dispute, id, 1, talk.call)
    one, clerk = desk.row(Dispute).id, desk.as_("coll1")
    clerk.write_now(deductions.take, one)
    clerk.write_now(deductions.decide, one, "invalid")
    clerk.write_now(deductions.bill_back, one)
    talk.store.write_now(ticket_resolving.resolve, id, "t", "Signed for", talk.call, ticket(desk, id).version)
    clerk.write_now(deductions.take_back, one)
    assert (ticket(desk, id).state, parts(desk, id)) == ("open", {"claimed": 3974, "open": 3974})
    assert faults(desk.store) == []
