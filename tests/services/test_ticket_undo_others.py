"""What u does not take back on a ticket: a step on which somebody else's act rests by now."""

from __future__ import annotations

from typing import Any

import pytest

from csdesk.errors import Conflict, DeskError
from csdesk.models import ApprovalRequest, Callback, Dispute, OpenItem, Outbox, TicketLine
from csdesk.services import (
    applying,
    callbacks,
    replacing,
    ticket_lines,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_resolving,
    ticket_subjects,
    ticket_thread,
    ticket_undo,
    undo,
)
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, query, reachable, ticket

ITEM = 9301  # the invoice of the seeded delivery


def refused(desk: Desk, id: int, words: str, error: type[DeskError] = Conflict) -> None:
    """The rep's u says why not and changes nothing of the ticket."""
    before = ticket(desk, id), desk.rows(TicketLine, ticket_id=id), desk.rows(Dispute), desk.rows(ApprovalRequest)
    desk.clock.pass_by(seconds=1)
    with pytest.raises(error, match=words):
        desk.rep.write_now(ticket_undo.take_back, id)
    after = ticket(desk, id), desk.rows(TicketLine, ticket_id=id), desk.rows(Dispute), desk.rows(ApprovalRequest)
    assert after == before


def step(desk: Desk, store: Any, verb: Any, *args: Any) -> Any:
    """A step, a second after the one before it."""
    desk.clock.pass_by(seconds=1)
    return store.write_now(verb, *args)


def test_a_dispute_is_not_taken_back_under_a_request_somebody_asked_since(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    step(desk, desk.rep, ticket_money.dispute, id, 0)
    step(desk, desk.lead, ticket_money.credit, id, 0)
    refused(desk, id, "line 1 of ticket 26000001 was changed since")
    line = desk.row(TicketLine)
    assert (line.remedy, line.request_id) == ("credit", desk.row(ApprovalRequest).id)


def test_a_line_is_not_taken_back_under_a_request_somebody_asked_since(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    step(desk, desk.rep, ticket_lines.add, id, seen, 2, "d", 1)
    step(desk, desk.lead, ticket_money.credit, id, 2)
    refused(desk, id, "26000001")
    assert len(desk.rows(TicketLine)) == 2


@pytest.mark.parametrize("verb", [ticket_money.credit, replacing.ask])
def test_a_request_taken_back_leaves_a_line_that_somebody_decided_since(desk: Desk, talk: Talk, verb: Any) -> None:
    id = complaint(desk, talk)
    step(desk, desk.rep, verb, id, 0)
    desk.change(TicketLine, {"ticket_id": id}, upheld=1)
    refused(desk, id, "line 1 of ticket 26000001 was changed since")
    desk.change(TicketLine, {"ticket_id": id}, upheld=0)
    assert "withdrawn" in desk.rep.write_now(ticket_undo.take_back, id).words


def test_own_steps_on_one_line_go_back_one_by_one(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    before = desk.row(TicketLine)
    step(desk, desk.rep, ticket_money.dispute, id, 0)
    step(desk, desk.rep, ticket_money.credit, id, 0)
    step(desk, desk.rep, ticket_undo.take_back, id)
    assert desk.row(TicketLine).dispute_id == desk.row(Dispute).id
    step(desk, desk.rep, ticket_undo.take_back, id)
    assert (desk.row(TicketLine), desk.row(Dispute).state) == (before, "withdrawn")


def test_upholding_is_not_taken_back_beside_a_newer_dispute_or_payment(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    step(desk, desk.rep, ticket_money.dispute, id, 0)
    step(desk, desk.rep, ticket_lines.uphold, id, 1, "photo shows it whole")
    step(desk, desk.lead, ticket_money.dispute, id, 0)
    refused(desk, id, "26000001")
    assert sum(each.open for each in desk.rows(Dispute) if each.closed_at is None) == 3974


def test_upholding_is_not_taken_back_once_its_amount_is_paid(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    step(desk, desk.rep, ticket_money.dispute, id, 0)
    step(desk, desk.rep, ticket_lines.uphold, id, 1, "photo shows it whole")
    cash = desk.as_("cash1")
    made = step(desk, cash, applying.receive, 1, desk.row(OpenItem, id=ITEM).open, desk.clock().date())
    cash.write_now(applying.apply, None, made.id, ITEM)
    refused(desk, id, "Dispute .* cannot hold")


def test_upholding_is_taken_back_with_its_dispute(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    step(desk, desk.rep, ticket_money.dispute, id, 0)
    before = desk.row(TicketLine)
    step(desk, desk.rep, ticket_lines.uphold, id, 1, "photo shows it whole")
    step(desk, desk.rep, ticket_undo.take_back, id)
    assert (desk.row(TicketLine), desk.row(Dispute).state) == (before, "coded")


def test_a_message_that_reopened_stays_once_somebody_answered_it(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    desk.rep.write_now(ticket_moves.category, id, "order")
    desk.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    step(desk, desk.rep, ticket_thread.inbound, id, "And the other list?")
    step(desk, desk.lead, ticket_thread.reply, id, "Next week.", ticket(desk, id).version)
    step(desk, desk.lead, ticket_moves.take, id, "mine")
    refused(desk, id, r"26000001 went on since: Lee Dale \(outbound\)")
    assert ticket(desk, id).state == "open"


def test_upholding_stays_once_somebody_resolved_on_it(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    step(desk, desk.rep, ticket_lines.uphold, id, 1, "photo shows it whole")
    step(desk, desk.lead, ticket_resolving.resolve, id, "c", "We see no damage.", None, ticket(desk, id).version)
    refused(desk, id, "26000001")
    assert ticket(desk, id).state == "resolved"


def test_a_ticket_somebody_called_about_is_not_cancelled_by_undo(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    step(desk, desk.lead, ticket_thread.spoke, id, "next week")
    refused(desk, id, "went on since")
    with pytest.raises(DeskError, match="went on since"):
        talk.store.write_now(undo.last, talk.call)


def test_a_message_on_its_way_is_stopped_also_when_somebody_took_the_ticket(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    step(desk, desk.rep, ticket_thread.reply, id, "Next month.", ticket(desk, id).version)
    step(desk, desk.lead, ticket_moves.take, id, "mine")
    step(desk, desk.lead, ticket_thread.note, id, "wrong month")
    step(desk, desk.rep, ticket_undo.take_back, id)
    assert desk.row(Outbox).withdrawn_at is not None


def test_a_message_stays_once_somebody_resolved_on_it(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    step(desk, desk.rep, ticket_moves.category, id, "order")
    step(desk, desk.rep, ticket_thread.reply, id, "Next month.", ticket(desk, id).version)
    step(desk, desk.lead, ticket_resolving.resolve, id, "", "told him")
    refused(desk, id, "resolved")


def test_notes_and_escalations_of_others_hold_nothing_up(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    step(desk, desk.rep, ticket_moves.category, id, "order")
    step(desk, desk.lead, ticket_thread.note, id, "he rings every week")
    step(desk, desk.rep, ticket_undo.take_back, id)
    assert ticket(desk, id).category == ""


def test_a_merge_stays_once_somebody_acted_on_the_one_that_goes_on(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    first, second = query(talk), query(talk, "the same again")
    boss = desk.as_("boss1")
    step(desk, desk.lead, ticket_merging.merge, first, "002")
    step(desk, boss, ticket_thread.reply, second, "Next week.", ticket(desk, second).version)
    desk.clock.pass_by(seconds=1)
    with pytest.raises(Conflict, match="26000002 went on since: Bo Sand"):
        desk.lead.write_now(ticket_undo.take_back, first)
    assert ticket(desk, first).state == "merged"


@pytest.mark.parametrize("act", ["move", "keep"])
def test_a_callback_somebody_moved_or_made_is_not_cancelled(desk: Desk, talk: Talk, act: str) -> None:
    talk.store.write_now(callbacks.make, talk.call, "15", "the price")
    id = desk.row(Callback).id
    if act == "move":
        desk.lead.write_now(callbacks.move, id, "16")
    else:
        desk.lead.write_now(callbacks.keep, id)
    state = desk.row(Callback)
    with pytest.raises(Conflict, match="about the price"):
        talk.store.write_now(undo.last, talk.call)
    assert desk.row(Callback) == state
