"""What u takes back on a ticket where nobody is on the line: the actor's newest step on it, or none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from csdesk.errors import NotFound, Refused
from csdesk.models import ApprovalRequest, CorrectiveAction, Escalation, Outbox, Ticket, TicketReferral
from csdesk.services import (
    corrective,
    escalation_steps,
    replacing,
    ticket_merging,
    ticket_money,
    ticket_moves,
    ticket_referring,
    ticket_resolving,
    ticket_thread,
    ticket_undo,
    ticket_waiting,
)
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.ticket_acts import complaint, query, reachable, ticket


def newest(desk: Desk, column: Any, **where: Any) -> Any:
    """A column of the row of a table that was written last."""
    rows = desk.rows(column.class_, **where)
    return getattr(max(rows, key=lambda row: row.id), column.key)


def test_the_newest_step_goes_whatever_it_was_and_never_the_answer_before_it(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    desk.rep.write_now(ticket_thread.reply, id, "We look into it.", ticket(desk, id).version)
    steps: list[tuple[Callable[..., Any], tuple[Any, ...], str, Callable[[], Any], Any]] = [
        (ticket_money.credit, (0,), "credit request 26000001 withdrawn", lambda: newest(desk, ApprovalRequest.state),
         "withdrawn"),
        (ticket_money.dispute, (0,), "withdrawn", lambda: ticket(desk, id).state, "open"),
        (replacing.ask, (0,), "replacement request 26000002 withdrawn",
         lambda: newest(desk, ApprovalRequest.state), "withdrawn"),
        (corrective.add, ("dock1", "+14", "weigh it"), "the corrective action is taken back",
         lambda: desk.rows(CorrectiveAction), []),
        (escalation_steps.by_hand, ("he threatens to leave",), "the escalation of ticket 26000001 is taken back",
         lambda: newest(desk, Escalation.state), "withdrawn"),
    ]  # fmt: skip
    for verb, args, words, look, value in steps:
        desk.clock.pass_by(seconds=1)
        desk.rep.write_now(verb, id, *args)
        desk.clock.pass_by(seconds=1)
        assert words in desk.rep.write_now(ticket_undo.take_back, id).words, verb.__name__
        assert look() == value, verb.__name__
        assert desk.row(Outbox).withdrawn_at is None, f"the answer before {verb.__name__} stays"
    desk.clock.pass_by(seconds=1)
    assert desk.rep.write_now(ticket_undo.take_back, id).words.startswith("Undone: the last step on ticket 26000001")
    assert desk.row(Outbox).withdrawn_at is not None


def test_what_cannot_be_taken_back_is_named_and_nothing_older_goes(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = complaint(desk, talk)
    desk.rep.write_now(corrective.add, id, "rep7", "+14", "weigh it")
    desk.rep.write_now(ticket_thread.reply, id, "We look into it.", ticket(desk, id).version)
    desk.clock.pass_by(seconds=1)
    desk.rep.write_now(corrective.done, desk.row(CorrectiveAction).id, "weighed")
    with pytest.raises(Refused, match=r"Your newest act on ticket 26000001 \(corrected\) is none that u takes back"):
        desk.rep.write_now(ticket_undo.take_back, id)
    desk.rep.write_now(ticket_money.credit, id, 0)
    desk.clock.pass_by(seconds=61)
    with pytest.raises(Refused, match="Too late to undo 'Credit request 26000001"):
        desk.rep.write_now(ticket_undo.take_back, id)
    assert desk.row(Outbox).withdrawn_at is None
    assert desk.row(ApprovalRequest).state == "in_approval"


def test_a_merge_is_the_newest_step_on_both_tickets(desk: Desk, talk: Talk) -> None:
    first, second = query(talk), query(talk, "the same again")
    desk.lead.write_now(ticket_thread.note, second, "he rings every week")
    desk.lead.write_now(ticket_merging.merge, first, "002")
    made = desk.lead.write_now(ticket_undo.take_back, second)
    assert (made.ticket_id, ticket(desk, first).state) == (first, "open")
    made = desk.lead.write_now(ticket_undo.take_back, second)
    assert made.ticket_id == second, "now the note"
    with pytest.raises(Refused, match="no step of yours"):
        desk.lead.write_now(ticket_undo.take_back, second)


def test_a_late_message_is_taken_back_from_the_ticket_it_opened_too(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    desk.rep.write_now(ticket_moves.category, id, "order")
    desk.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    desk.clock.pass_by(days=30)
    made = desk.rep.write_now(ticket_thread.inbound, id, "And the other list?")
    assert made.ticket_id != id
    desk.clock.pass_by(seconds=5)
    back = desk.rep.write_now(ticket_undo.take_back, made.ticket_id)
    assert (back.ticket_id, desk.row(Ticket, id=made.ticket_id).state) == (id, "cancelled")


def test_who_investigates_takes_the_answer_back_that_took_the_ticket_out_of_his_sight(desk: Desk, talk: Talk) -> None:
    id, dock = query(talk), desk.as_("dock1")
    desk.rep.write_now(ticket_waiting.wait, id, "i", "+2", "", "is it there?")
    desk.rep.write_now(ticket_referring.refer, id, "dock1", "is it there?")
    for verb, args in ((ticket_undo.take_back, (id,)), (ticket_undo.latest, ())):
        dock.write_now(ticket_referring.answer, id, "forty are there")
        assert desk.row(TicketReferral).ended_at is not None
        made = dock.write_now(verb, *args)
        assert (made.ticket_id, desk.row(TicketReferral).ended_at) == (id, None)
        assert ticket(desk, id).state == "waiting_internal"
    dock.write_now(ticket_referring.answer, id, "forty are there")
    desk.clock.pass_by(seconds=61)
    with pytest.raises(Refused, match="Too late to undo"):
        dock.write_now(ticket_undo.latest)
    with pytest.raises(NotFound):
        dock.write_now(ticket_undo.take_back, id)
    other = query(talk, "not his")
    with pytest.raises(NotFound):
        dock.write_now(ticket_undo.take_back, other)
    with pytest.raises(Refused, match="no step of yours on a ticket"):
        desk.as_("boss1").write_now(ticket_undo.latest)
