"""The thread of a ticket: answers by mail once and never over what came since, notes inside, calls, messages,
drafts and who is at work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from csdesk.delivery.letter import letter, mail
from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import Contact, Outbox, ServiceQueue, Ticket, TicketItem, TicketLease, TicketReply, table
from csdesk.services import (
    outbox,
    papers_sending,
    queue,
    ticket_drafts,
    ticket_lines,
    ticket_moves,
    ticket_receipts,
    ticket_resolving,
    ticket_thread,
    ticket_undo,
    ticket_views,
    ticket_waiting,
    undo,
)
from tests.services.conftest import Desk
from tests.services.papers import at_once
from tests.services.talk import Talk
from tests.services.ticket_acts import MAIL, bodies, complaint, query, reachable, ticket


def test_an_answer_waits_for_its_hold_and_leaves_as_mail(desk: Desk, talk: Talk) -> None:
    reachable(desk, MAIL, "not an address", "chef@harbourview.example")
    id = query(talk)
    words = desk.rep.read_now(ticket_thread.reply_preview, id, "On Monday.", ticket(desk, id).version)
    assert words == f"sends mail to {MAIL}, chef@harbourview.example"
    made = desk.rep.write_now(ticket_thread.reply, id, "On Monday.", ticket(desk, id).version, talk.call)
    assert made.words == f"Ticket 26000001 answered: mail to {MAIL}, chef@harbourview.example."
    row = desk.row(Outbox)
    assert (row.kind, row.sent_at, row.due_at) == ("ticket-mail", None, desk.clock() + timedelta(seconds=60))
    assert desk.store.write_now(outbox.claim, "w") is None, "its hold has not passed"
    desk.clock.pass_by(seconds=61)
    taken = desk.store.write_now(outbox.claim, "w")
    assert taken is not None
    going = desk.store.read_now(papers_sending.outgoing, taken.kind, taken.payload)
    message = mail(letter(going), "desk@quay.example", "Quay", going.receiver.email, taken.key, desk.clock())
    assert message["To"] == f"{MAIL}, chef@harbourview.example"
    assert message["Subject"] == "[26000001] when does the new list begin"
    assert message["Message-ID"] == f"<{taken.key}@quay.example>"
    assert "On Monday." in message.get_content()
    assert "Robin Penn" in message.get_content()


def test_who_cannot_be_written_to_is_told_the_other_way(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    with pytest.raises(Refused, match=r"no contact|No contact of ticket 26000001's customer has a mail address: ring"):
        desk.rep.write_now(ticket_thread.reply, id, "On Monday.", ticket(desk, id).version)
    with pytest.raises(Invalid, match="needs words"):
        desk.rep.write_now(ticket_thread.reply, id, "  ", ticket(desk, id).version)
    assert desk.rows(Outbox) == []


def test_recipients_are_frozen_when_it_is_sent(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    desk.rep.write_now(ticket_thread.reply, id, "On Monday.", ticket(desk, id).version)
    desk.change(Contact, {"id": 8800}, email="other@harbourview.example")
    going = desk.store.read_now(papers_sending.outgoing, "ticket-mail", desk.row(Outbox).payload)
    assert going.receiver.email == MAIL


def test_a_send_that_is_repeated_goes_once(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id, looked_at = query(talk), 2
    for _ in range(3):
        made = desk.rep.write_now(ticket_thread.reply, id, "On Monday.", looked_at, None, "send-1")
    assert made.words == f"Ticket 26000001 answered: mail to {MAIL}."
    assert len(desk.rows(Outbox)) == 1
    assert [each[0] for each in bodies(desk, id)] == ["call", "outbound"]


def test_a_stale_answer_is_refused_with_the_difference_and_its_draft_stays(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    looked_at = ticket(desk, id).version
    desk.rep.write_now(ticket_drafts.keep, id, "On Monday.", True, looked_at)
    desk.lead.write_now(ticket_thread.note, id, "ask the buyer")
    desk.clock.pass_by(minutes=2)
    desk.lead.write_now(ticket_thread.inbound, id, "Is it the big list?")
    with pytest.raises(Conflict, match=r"Harbour View Deli \d\d:\d\d \(inbound\) 'Is it the big list\?'") as refused:
        desk.rep.write_now(ticket_thread.reply, id, "On Monday.", looked_at)
    assert "ask the buyer" not in refused.value.message, "what is inside makes no answer stale"
    assert desk.row(TicketReply).body == "On Monday."
    assert desk.rows(Outbox) == []
    desk.rep.write_now(ticket_thread.reply, id, "On Monday.", ticket(desk, id).version)
    assert desk.rows(TicketReply) == []


def test_a_decision_never_goes_over_a_message_nobody_has_read(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id, words = complaint(desk, talk), "We credit nothing."
    desk.rep.write_now(ticket_lines.uphold, id, 0, "signed for as sound")
    looked_at = ticket(desk, id).version
    desk.rep.write_now(ticket_drafts.keep, id, words, True, looked_at)
    desk.lead.write_now(ticket_thread.note, id, "ask the buyer")
    desk.lead.write_now(ticket_thread.spoke, id, "", False)
    desk.rep.read_now(ticket_resolving.resolve_preview, id, "t", words, None, looked_at)
    for verb, said in ((ticket_thread.inbound, "I also found glass in it"), (ticket_thread.spoke, "he wants it back")):
        desk.lead.write_now(verb, id, said)
        for asked in (desk.rep.write_now, desk.rep.read_now):
            about = ticket_resolving.resolve if asked == desk.rep.write_now else ticket_resolving.resolve_preview
            with pytest.raises(Conflict, match=f"Not sent; since you looked at ticket 26000001: .* '{said}'"):
                asked(about, id, "t", words, None, looked_at)
        with pytest.raises(Conflict, match=said):
            desk.rep.write_now(ticket_thread.reply, id, words, looked_at)
        looked_at = ticket(desk, id).version
    assert (desk.rows(Outbox), ticket(desk, id).state, desk.row(TicketReply).body) == ([], "open", words)
    with pytest.raises(Conflict):
        desk.rep.write_now(ticket_resolving.resolve, id, "t", words)
    desk.rep.write_now(ticket_resolving.resolve, id, "t", words, None, looked_at)
    assert (len(desk.rows(Outbox)), desk.rows(TicketReply)) == (1, [])
    desk.rep.write_now(ticket_undo.take_back, id)
    assert desk.row(TicketReply).body == words


def test_a_note_leaves_the_answer_that_was_begun(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    version = ticket(desk, id).version

    def begun() -> dict[bool, str]:
        return {each.visible: each.body for each in desk.rows(TicketReply)}

    desk.rep.write_now(ticket_drafts.keep, id, "On Monday.", True, version)
    desk.rep.write_now(ticket_drafts.keep, id, "rang the", False, version)
    assert begun() == {True: "On Monday.", False: "rang the"}, "a pause in a note loses no answer"
    desk.rep.write_now(ticket_thread.note, id, "rang the depot")
    assert begun() == {True: "On Monday."}
    desk.rep.write_now(ticket_undo.take_back, id)
    assert begun() == {True: "On Monday.", False: "rang the depot"}
    with pytest.raises(Refused, match="No draft of a note of yours"):
        desk.lead.write_now(ticket_drafts.drop, id, False)
    desk.rep.write_now(ticket_drafts.drop, id, False)
    assert begun() == {True: "On Monday."}
    desk.rep.write_now(ticket_drafts.keep, id, "rang again", False, version)
    desk.rep.write_now(ticket_thread.reply, id, "On Monday.", ticket(desk, id).version)
    assert begun() == {False: "rang again"}
    desk.rep.write_now(ticket_undo.take_back, id)
    view = desk.rep.read_now(ticket_views.whole, id)
    assert [(each.visible, each.body) for each in view.drafts] == [(True, "On Monday."), (False, "rang again")]


def test_two_at_once_answer_one_state_of_the_thread_once(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    looked_at = ticket(desk, id).version
    results = at_once(
        lambda: desk.rep.write_now(ticket_thread.reply, id, "On Monday.", looked_at),
        lambda: desk.lead.write_now(ticket_thread.reply, id, "On Tuesday.", looked_at),
    )
    assert sorted(type(each).__name__ for each in results) == ["Conflict", "Stepped"]
    assert len(desk.rows(Outbox)) == 1


def test_undo_takes_an_answer_back_before_it_leaves_and_its_words_are_a_draft(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    before = desk.rep.read_now(ticket_views.whole, id)
    desk.rep.write_now(ticket_thread.reply, id, "On Monday.", before.version, talk.call)
    assert desk.rep.write_now(undo.last, talk.call).words == "Undone: the last step on ticket 26000001 is taken back"
    assert desk.row(Outbox).withdrawn_at is not None
    assert desk.row(TicketReply).body == "On Monday."
    after = desk.rep.read_now(ticket_views.whole, id)
    assert {(each.kind, each.state) for each in after.clocks} == {(each.kind, each.state) for each in before.clocks}
    desk.rep.write_now(ticket_thread.reply, id, "On Monday.", after.version)
    desk.clock.pass_by(seconds=61)
    assert desk.store.write_now(outbox.claim, "w") is not None
    desk.clock.pass_by(seconds=-30)
    with pytest.raises(Refused, match="Too late to undo: the message has left"):
        desk.rep.write_now(ticket_undo.take_back, id)


@pytest.mark.parametrize(("party", "goes_on"), [("t", True), ("i", False)])
def test_a_message_while_another_is_asked_is_in_the_queue_by_its_reply(
    desk: Desk, talk: Talk, party: str, goes_on: bool
) -> None:  # fmt: skip
    reachable(desk)
    id = query(talk)
    desk.rep.write_now(ticket_thread.reply, id, "I ask the carrier.", ticket(desk, id).version)
    desk.rep.write_now(ticket_waiting.wait, id, party, "+10", "", "Carrier: where is it?")
    desk.rep.write_now(ticket_thread.inbound, id, "ok, thanks")
    assert ticket(desk, id).base == "wait", "courtesy wants no answer"
    done = desk.rep.write_now(ticket_thread.inbound, id, "forget it, send two new ones by tomorrow")
    row = ticket(desk, id)
    assert (row.base == "work", "and goes on" in done.words) == (goes_on, goes_on)
    assert row.due_kind == "reply"
    assert row.due_at is not None
    assert row.due_at < desk.clock() + timedelta(days=3)
    assert [each.subject_id for each in desk.rep.read_now(queue.entries)] == [id]


def test_nothing_internal_has_a_recipient_whatever_is_tried(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    made = desk.rep.write_now(ticket_thread.note, id, "they pay late")
    assert made.words == "Ticket 26000001 noted: they pay late."
    assert bodies(desk, id)[-1] == ("internal", False, "", "they pay late")
    row = {"company": 1, "id": 1, "ticket_id": id, "seq": 9, "kind": "internal", "visible": False, "body": "x",
           "recipients": MAIL, "at": desk.clock(), "by": 1, "request": "x", "subject": "", "author": ""}  # fmt: skip
    with (
        pytest.raises(IntegrityError, match="ck_ticket_item_internal"),
        desk.store.engine.execution_options(desk_write=True).begin() as connection,
    ):
        connection.execute(insert(table(TicketItem)), row)
    item = desk.rows(TicketItem, kind="internal")[0]
    with pytest.raises(NotFound, match="nothing of it is sent"):
        desk.store.read_now(papers_sending.outgoing, "ticket-mail", f'{{"item": {item.id}}}')


def test_an_answered_call_answers_and_another_does_not(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    id = query(talk)
    desk.rep.write_now(ticket_thread.inbound, id, "And when is it over?")
    desk.rep.write_now(ticket_thread.spoke, id, "engaged", False)
    states = {each.kind: each.state for each in desk.rep.read_now(ticket_views.whole, id).clocks}
    assert states["reply"] == "running"
    desk.rep.write_now(ticket_thread.spoke, id, "in two weeks")
    states = {each.kind: each.state for each in desk.rep.read_now(ticket_views.whole, id).clocks}
    assert states["reply"] == "met"
    with pytest.raises(Invalid, match="what was spoken of"):
        desk.rep.write_now(ticket_thread.spoke, id, " ")


def test_a_message_of_the_customer_ends_the_wait_for_him_and_reopens_within_the_window(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    desk.rep.write_now(ticket_waiting.wait, id, "c", "+2", "", "which list is meant?")
    desk.rep.write_now(ticket_thread.inbound, id, "the big one")
    assert ticket(desk, id).state == "open"
    desk.rep.write_now(ticket_moves.category, id, "order")
    desk.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    desk.rep.write_now(ticket_thread.inbound, id, "Vielen Dank!")
    assert ticket(desk, id).state == "resolved", "courtesy reopens nothing"
    desk.clock.pass_by(days=6)
    made = desk.rep.write_now(ticket_thread.inbound, id, "it is still the old one")
    assert made.words == "Ticket 26000001 gets the customer's message and is open again."
    assert (ticket(desk, id).state, ticket(desk, id).reopened) == ("open", 1)


def test_a_later_message_makes_a_linked_follow_up(desk: Desk, talk: Talk) -> None:
    desk.change(ServiceQueue, {"code": "desk"}, reopen_days=3)
    id = query(talk)
    desk.rep.write_now(ticket_moves.category, id, "order")
    desk.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    desk.clock.pass_by(days=3, seconds=1)
    assert desk.store.read_now(ticket_resolving.due) == (id,)
    assert desk.store.write_now(ticket_resolving.lapse, id) == "Ticket 26000001 is closed: nobody wrote any more."
    assert desk.store.write_now(ticket_resolving.lapse, id) == ""
    made = desk.rep.write_now(ticket_thread.inbound, id, "and now?", "", talk.call)
    assert made.words.startswith("Ticket 26000002 follows 26000001, which is over")
    follow = desk.row(Ticket, number="26000002")
    assert (follow.follow_up_of, follow.owner_id, follow.category, ticket(desk, id).state) == (id, 1, "order", "closed")
    desk.rep.write_now(undo.last, talk.call)
    assert desk.row(Ticket, number="26000002").state == "cancelled"


def test_a_receipt_meets_the_acknowledge_clock_and_no_other(desk: Desk, talk: Talk) -> None:
    reachable(desk)
    first = query(talk)
    with pytest.raises(Refused, match="Ticket 26000001 is acknowledged already"):
        desk.rep.write_now(ticket_receipts.acknowledge, first)
    desk.lead.write_now(ticket_moves.cancel, first, "opened twice")
    made = desk.rep.write_now(ticket_thread.inbound, first, "but when?").ticket_id
    before = clocks(desk, made)
    assert desk.rep.read_now(ticket_receipts.preview, made) == f"acknowledged: a receipt goes to {MAIL}"
    said = desk.rep.write_now(ticket_receipts.acknowledge, made, talk.call).words
    assert said == f"Ticket 26000002 acknowledged: a receipt goes to {MAIL}."
    assert {kind for kind, state in clocks(desk, made).items() if state != before[kind]} == {"acknowledge"}
    assert (clocks(desk, made)["acknowledge"], ticket(desk, made).state) == ("met", "new")
    assert bodies(desk, made)[-1][1:3] == (True, MAIL)
    assert len(desk.rows(Outbox)) == 1
    with pytest.raises(Refused, match="acknowledged already"):
        desk.rep.write_now(ticket_receipts.acknowledge, made)
    desk.rep.write_now(ticket_undo.take_back, made)
    assert (clocks(desk, made), desk.row(Outbox).withdrawn_at) == (before, desk.clock())


def clocks(desk: Desk, id: int) -> dict[str, str]:
    """The state of each clock of a ticket, the latest of its kind."""
    return {each.kind: each.state for each in desk.lead.read_now(ticket_views.whole, id).clocks}


def test_drafts_are_their_authors_and_the_lease_hinders_nobody(desk: Desk, talk: Talk) -> None:
    id = query(talk)
    version = ticket(desk, id).version
    assert desk.rep.write_now(ticket_drafts.keep, id, "On Mon", True, version) == ""
    assert desk.lead.write_now(ticket_drafts.keep, id, "On Tuesday", True, version) == "Robin Penn"
    assert len(desk.rows(TicketReply)) == 2, "a draft is kept whoever is at work"
    assert desk.row(TicketLease).staff_id == 1
    assert desk.lead.read_now(ticket_views.whole, id).with_whom == "Robin Penn"
    with pytest.raises(Refused, match="Robin Penn has ticket 26000001; t and a reason takes it over"):
        desk.lead.write_now(ticket_moves.take, id)
    desk.lead.write_now(ticket_moves.take, id, "Robin is off")
    assert (desk.row(TicketLease).staff_id, desk.row(TicketLease).why) == (2, "Robin is off")
    assert ticket(desk, id).owner_id == 2
    desk.clock.pass_by(minutes=11)
    assert desk.lead.write_now(ticket_drafts.drop, id) == "Your draft on ticket 26000001 is dropped: On Tuesday"
    assert [each.body for each in desk.rows(TicketReply)] == ["On Mon"], "only its author's went"
    with pytest.raises(Refused, match="No draft of an answer of yours"):
        desk.lead.write_now(ticket_drafts.drop, id)
    desk.lead.write_now(ticket_moves.assign, id, "rep7")
    assert [each.body for each in desk.rep.read_now(ticket_drafts.unsent)] == ["On Mon"]


def test_words_of_the_decision_and_calls_stand_in_the_thread_of_a_complaint(desk: Desk, talk: Talk) -> None:
    id = complaint(desk, talk)
    assert bodies(desk, id) == [("call", False, "", "crushed")]
