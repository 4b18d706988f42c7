"""Taking what is next and letting pass; truck cut-offs of tickets; both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import AuditEntry, Customer, OrderLine, SalesOrder, Ticket, TicketLine, TicketSkip
from csdesk.services import queue, ticket_cutoffs, ticket_log, ticket_next, ticket_subjects, tickets
from csdesk.services.ticket_subjects import Subject
from csdesk.services.tx import SYSTEM, Tx
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.waiting import second_queue, ticket, works


def test_next_takes_the_first_free_one_of_ones_queues_and_skip_the_one_after(desk: Desk) -> None:
    second_queue(desk)
    works(desk, "rep7", "desk")
    ticket(desk, "elsewhere", queue="south", priority=1, safety=True)
    ticket(desk, "somebody's", owner=2, priority=1)
    usual, urgent = ticket(desk, "usual", priority=3), ticket(desk, "urgent", priority=1)
    assert "ticket 26000004, 20417 Harbour View Deli: urgent" in desk.rep.read_now(ticket_next.next_words)
    assert desk.rep.write_now(ticket_next.next_).words == "Ticket 26000004 is yours: acknowledge 30 min."
    row = desk.row(Ticket, id=urgent)
    assert (row.owner_id, row.state) == (1, "open")
    assert len(desk.rows(AuditEntry, verb="ticket_next.next_")) == 1
    passed = desk.rep.write_now(ticket_next.skip, urgent, " no French ")
    assert passed.id == usual
    assert passed.words.startswith("Ticket 26000004 let pass (no French). Ticket 26000003 is yours: ")
    assert [desk.row(Ticket, id=each).owner_id for each in (urgent, usual)] == [None, 1]
    skip = desk.row(TicketSkip)
    assert (skip.ticket_id, skip.staff_id, skip.why) == (urgent, 1, "no French")
    with pytest.raises(NotFound, match="No unassigned ticket waits in your queues"):
        desk.rep.write_now(ticket_next.next_)
    desk.clock.pass_by(minutes=31)
    assert desk.rep.write_now(ticket_next.next_).id == urgent


def test_what_was_let_pass_is_offered_to_others_at_once(desk: Desk) -> None:
    only = ticket(desk, "only")
    words = desk.rep.write_now(ticket_next.skip, only, "lunch").words
    assert words == "Ticket 26000001 let pass (lunch). Nothing else waits unassigned."
    assert desk.lead.write_now(ticket_next.next_).id == only


def test_what_cannot_be_taken_or_let_pass_is_refused_with_a_sentence(desk: Desk) -> None:
    theirs, mine = ticket(desk, "theirs", owner=1), ticket(desk, "mine", owner=2)
    with pytest.raises(Refused, match="sign in"):
        desk.store.write_now(ticket_next.next_)
    with pytest.raises(Invalid, match="Say why"):
        desk.lead.write_now(ticket_next.skip, mine, "  ")
    with pytest.raises(Refused, match="Ticket 26000001 is somebody else's"):
        desk.lead.write_now(ticket_next.skip, theirs, "not now")
    with pytest.raises(NotFound):
        desk.rep.write_now(ticket_next.skip, mine, "not now")
    cancel(desk, mine)
    with pytest.raises(Refused, match="Ticket 26000002 is cancelled; there is nothing to let pass"):
        desk.lead.write_now(ticket_next.skip, mine, "not now")
    with pytest.raises(Refused, match=r"duty 'ticket\.work'"):
        desk.as_("audit1").write_now(ticket_next.next_)
    assert "nobody's again" in desk.rep.read_now(ticket_next.skip_words, theirs, "lunch")


def cancel(desk: Desk, ticket_id: int) -> None:
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        ticket_log.append(tx, ticket_log.get(tx, ticket_id), "cancelled", {"why": "a test"})


def about_order(desk: Desk, ticket_id: int, order: int, line: int = 1) -> None:
    """Puts a line of an order that has not left onto a ticket."""
    with desk.store.engine.execution_options(desk_write=True).begin() as connection:
        tx = Tx(connection, 1, SYSTEM, desk.clock())
        subject = Subject("order", order, line, "26000002", order, line, None, None, 101, "4711", "Olive oil", "EA",
                          Decimal(1), "USD", 1840)  # fmt: skip
        tickets.put_line(tx, ticket_id, 1, subject, "late", Decimal(1))


def test_a_ticket_about_an_order_that_has_not_left_has_its_trucks_cut_off(desk: Desk) -> None:
    desk.change(Customer, {"id": 1}, cut_off="14:00", delivery_days="12345", lead_days=0, timezone="America/New_York")
    order = desk.seeded.open_order
    wanted = desk.clock().date() + timedelta(days=2)
    desk.change(SalesOrder, {"id": order}, promised_on=wanted)
    held = ticket(desk, "where is it", owner=1, value=5_000)
    about_order(desk, held, order)
    assert desk.store.read_now(ticket_cutoffs.due) == (held,)
    said = desk.store.write_now(ticket_cutoffs.settle, held)
    at = datetime(wanted.year, wanted.month, wanted.day, 19, tzinfo=UTC)  # 14:00 in New York, in winter
    assert desk.row(Ticket, id=held).cutoff_at == at
    assert said == f"Ticket 26000001: truck cut-off {at:%d %b} 19:00 UTC."
    assert desk.store.read_now(ticket_cutoffs.due) == ()
    assert desk.store.write_now(ticket_cutoffs.settle, held) == ""
    desk.clock.now = at - timedelta(hours=3)
    entry = desk.rep.read_now(queue.entries)[0]
    assert (entry.subject_id, entry.cutoff_at) == (held, at)
    desk.clock.now = at + timedelta(minutes=1)
    desk.store.write_now(ticket_cutoffs.settle, held)  # it missed that truck: the next one counts
    assert desk.row(Ticket, id=held).cutoff_at == at + timedelta(days=1)
    desk.change(Customer, {"id": 1}, delivery_days="")
    assert desk.store.read_now(ticket_cutoffs.due) == (held,)
    assert desk.store.write_now(ticket_cutoffs.settle, held) == "Ticket 26000001: no truck waits for it."
    assert (desk.row(Ticket, id=held).cutoff_at, desk.store.read_now(ticket_cutoffs.due)) == (None, ())
    assert desk.rows(OrderLine, order_id=order)


def test_what_has_left_has_no_cut_off(desk: Desk, talk: Talk) -> None:
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    talk.store.write_now(tickets.complain, talk.call, seen, 1, "d", Decimal(1), "crushed")
    assert desk.row(Ticket).cutoff_at is None
    assert desk.row(TicketLine).order_id == desk.seeded.invoiced_order
    assert desk.store.read_now(ticket_cutoffs.due) == ()
