"""A line disputed a second time, after an earlier dispute of it has ended: what each of them settled counts."""

from __future__ import annotations

import pytest

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, Dispute, OpenItem, TicketLine
from csdesk.services import applying, approving, deductions, replacing, ticket_claims, ticket_lines, ticket_money, undo
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk, faults
from tests.services.papers import post_all
from tests.services.talk import Talk
from tests.services.test_tickets import complain


def parts(desk: Desk) -> dict[str, int]:
    """The claim of the only line, what is nothing left out."""
    with desk.store.engine.connect() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        return {name: value for name, value in ticket_claims.claim_of(tx, desk.row(TicketLine)).items() if value}


def pay(desk: Desk, amount: int) -> None:
    """A receipt of so much, applied to the invoice."""
    cash = desk.as_("cash1")
    made = cash.write_now(applying.receive, 1, amount, desk.clock().date())
    cash.write_now(applying.apply, None, made.id, 9301)


def billed_back(desk: Desk) -> None:
    """What is open of the last dispute is billed back by a clerk."""
    one, clerk = desk.rows(Dispute)[-1].id, desk.as_("coll1")
    clerk.write_now(deductions.take, one)
    clerk.write_now(deductions.decide, one, "invalid")
    clerk.write_now(deductions.bill_back, one)


def settled_in_part(desk: Desk, talk: Talk) -> int:
    """A complaint over 39.74, of whose dispute 19.74 were paid and 20.00 billed back; gives its id."""
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    pay(desk, desk.row(OpenItem, id=9301).open - 2000)
    billed_back(desk)
    assert parts(desk) == {"claimed": 3974, "paid": 1974, "upheld": 2000}
    return int(made.id)


def test_a_second_dispute_forgets_nothing_the_first_one_settled(desk: Desk, talk: Talk) -> None:
    id = settled_in_part(desk, talk)
    assert desk.rep.read_now(ticket_money.dispute_preview, id).startswith("disputes 20.00 USD of 39.74")
    talk.store.write_now(ticket_money.dispute, id, 0, talk.call)
    assert parts(desk) == {"claimed": 3974, "paid": 1974, "open": 2000}
    first, second = desk.rows(Dispute)
    assert [(each.original, each.open, each.ticket_id, each.ticket_line) for each in (first, second)] == [
        (3974, 2000, id, 1), (2000, 2000, id, 1),
    ]  # fmt: skip
    talk.store.write_now(ticket_lines.uphold, id, 1, "signed for in full", talk.call)
    assert parts(desk) == {"claimed": 3974, "paid": 1974, "upheld": 2000}
    with pytest.raises(Refused, match="Nothing of line 1"):
        talk.store.write_now(ticket_lines.uphold, id, 1, "signed for in full", talk.call)
    for _ in range(2):
        talk.store.write_now(undo.last, talk.call)
    assert parts(desk) == {"claimed": 3974, "paid": 1974, "upheld": 2000}
    assert desk.row(TicketLine).dispute_id == first.id
    assert faults(desk.store) == []


def test_no_more_is_disputed_again_than_is_left_of_the_claim(desk: Desk, talk: Talk) -> None:
    """The rest of the invoice is owed and free: it is no part of the complaint."""
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    one, clerk = desk.row(Dispute).id, desk.as_("coll1")
    face = desk.row(OpenItem, id=9301).open
    pay(desk, face - 1000)
    assert (desk.row(Dispute).paid, desk.row(Dispute).open) == (2974, 1000)
    clerk.write_now(deductions.take, one)
    clerk.write_now(deductions.decide, one, "invalid")
    clerk.write_now(deductions.bill_back, one)
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    assert parts(desk) == {"claimed": 3974, "paid": 2974, "open": 1000}
    pay(desk, 1000)
    assert parts(desk) == {"claimed": 3974, "paid": 3974}
    with pytest.raises(Refused, match="is paid, or in dispute"):
        talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    assert faults(desk.store) == []


def test_a_credit_asked_after_a_dispute_has_ended_holds_what_is_free(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    talk.store.write_now(ticket_lines.uphold, made.id, 1, "signed for in full", talk.call)
    first = desk.row(Dispute)
    assert desk.rep.read_now(ticket_money.credit_preview, made.id).endswith("; 39.74 in dispute meanwhile")
    asked = talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    second = desk.rows(Dispute)[-1]
    assert asked.words.endswith(f"; {second.number} holds it in dispute.")
    assert (second.open, second.closed_at, desk.row(TicketLine).dispute_id) == (3974, None, second.id)
    assert desk.row(ApprovalRequest).dispute_id == second.id
    talk.store.write_now(undo.last, talk.call)
    line = desk.row(TicketLine)
    assert (line.dispute_id, line.request_id, line.upheld) == (first.id, None, 3974)
    assert parts(desk) == {"claimed": 3974, "upheld": 3974}
    talk.store.write_now(ticket_money.credit, made.id, 0, talk.call)
    desk.lead.write_now(approving.approve, desk.rows(ApprovalRequest)[-1].id, None)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert parts(desk) == {"claimed": 3974, "credited": 3974}
    assert [each.open for each in desk.rows(Dispute)] == [3974, 3974, 0]
    assert faults(desk.store) == []


def test_what_was_billed_back_and_comes_again_all_the_same_counts_once(desk: Desk, talk: Talk) -> None:
    made = complain(desk, talk)
    talk.store.write_now(ticket_money.dispute, made.id, 0, talk.call)
    talk.store.write_now(replacing.ask, made.id, 0, talk.call)
    billed_back(desk)
    desk.lead.write_now(approving.approve, desk.row(ApprovalRequest).id, None)
    desk.clock.pass_by(minutes=5)
    post_all(desk)
    assert parts(desk) == {"claimed": 3974, "replaced": 3974}
    assert faults(desk.store) == []
