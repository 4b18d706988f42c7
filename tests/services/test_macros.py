"""Macros at a ticket on both databases: one step of several, the same rows as the steps one by one, all or none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.models import (
    AuditEntry,
    CannedReply,
    Command,
    Contact,
    Outbox,
    Ticket,
    TicketEvent,
    TicketItem,
    TicketReply,
)
from csdesk.services import (
    canned,
    ticket_drafts,
    ticket_lines,
    ticket_macros,
    ticket_moves,
    ticket_resolving,
    ticket_thread,
    ticket_undo,
    ticket_waiting,
)
from csdesk.services.canned import Acts, CannedDraft
from tests.services.conftest import Desk
from tests.services.talk import Talk
from tests.services.ticket_acts import MAIL, bodies, complaint, query, reachable, ticket

PHOTO = "Dear friends of {customer}, could you send us a photo for {ticket}? {rep}"
MACROS = (
    CannedDraft("ph", "Ask for a photo", PHOTO,
                Acts("order", wait="customer", days=2, question="A photo for {ticket}", reply="visible")),
    CannedDraft("ok", "Thanked and resolved", "We are glad that it is settled. {rep}",
                Acts(state="resolved", reply="visible")),
    CannedDraft("cl", "Over", "Nothing was to be done.", Acts("order", state="closed")),
    CannedDraft("nt", "Watch them", "Look at their last orders first.", Acts(reply="internal")),
    CannedDraft("op", "He wrote again", "b", Acts(state="open")),
    CannedDraft("in", "Of an invoice", "About {invoice} and {order}.", Acts("order", reply="visible")),
    CannedDraft("cr", "Ask the carrier", "b", Acts(wait="third", days=1, question="Carrier: where is it")),
    CannedDraft("cd", "A mere text", "The credit is on its way."),
)  # fmt: skip
# Of a ticket and of what came with it: columns that are another's by nature.
OWN = {"id", "number", "ticket_id", "seq", "version", "request", "dedupe", "payload", "item"}


@pytest.fixture
def macros(desk: Desk) -> Desk:
    """A desk with macros, its customer can be written to."""
    reachable(desk)
    desk.lead.write_now(canned.load, MACROS)
    return desk


def carry(desk: Desk, id: int, macro: str, cause: str = "", version: int | None = None, **more: Any) -> str:
    """Carries a macro out as the rep who looks at the ticket as it is; the echo said just that before."""
    seen = (id, macro, cause, ticket(desk, id).version if version is None else version)
    said = desk.rep.read_now(ticket_macros.preview, *seen)
    number = ticket(desk, id).number
    made = desk.rep.write_now(ticket_macros.carry_out, *seen, **more)
    assert made.words == f"Ticket {number} {said}."
    return said


def trace(desk: Desk) -> tuple[Any, ...]:
    """All that a macro may write."""
    return tuple(desk.rows(each) for each in (Ticket, TicketEvent, TicketItem, Outbox, Command, TicketReply))


def columns(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._asdict().items() if name not in OWN}


def test_a_macro_is_one_step_and_is_taken_back_whole(macros: Desk, talk: Talk) -> None:
    id = query(talk)
    was = ticket(macros, id)
    said = carry(macros, id, "PH")
    assert said == (
        f";ph: category Order and availability · reply to {MAIL}: 'Dear friends of…' · waits for the customer until "
        f"Thu 05 Mar 08:00: A photo for {was.number}"
    )
    row, mail, command = ticket(macros, id), macros.row(Outbox), macros.row(Command, verb="ticket_macros.carry_out")
    assert (row.category, row.state, row.question) == ("order", "waiting_customer", f"A photo for {was.number}")
    whole = f"Dear friends of Harbour View Deli, could you send us a photo for {was.number}? Robin Penn"
    assert bodies(macros, id)[1:] == [("outbound", True, MAIL, whole)]
    assert (mail.kind, mail.sent_at) == ("ticket-mail", None)
    assert json.loads(command.undo)["ticket"] == id
    entry = macros.row(AuditEntry, verb="ticket_macros.carry_out")
    assert entry.subject_id == id
    assert json.loads(entry.after)["events"] == ["category", "outbound", "waiting"]
    assert json.loads(entry.after)["macro"] == "ph"
    macros.clock.pass_by(seconds=30)
    assert macros.rep.write_now(ticket_undo.take_back, id).words.startswith("Undone: the last step on ticket")
    back = ticket(macros, id)
    assert (back.category, back.state, back.question) == (was.category, was.state, "")
    assert macros.row(Outbox).withdrawn_at is not None
    assert macros.rows(TicketReply) == [], "a canned text is no draft of anybody's"


def test_it_leaves_the_rows_that_the_steps_leave_one_by_one(macros: Desk, talk: Talk) -> None:
    one, other = query(talk), query(talk)
    words = macros.rep.read_now(canned.expand, "ph", one).text.replace(ticket(macros, one).number, "N")
    numbered = [words.replace("N", ticket(macros, one).number), f"A photo for {ticket(macros, one).number}"]
    steps = ((ticket_moves.category, "order"), (ticket_thread.reply, numbered[0], ticket(macros, one).version),
             (ticket_waiting.wait, "c", "+2", "", numbered[1]))  # fmt: skip
    for verb, *args in steps:
        macros.rep.write_now(verb, one, *args)
    carry(macros, other, "ph")
    for model in (Ticket, TicketEvent, TicketItem):
        by = {"id" if model is Ticket else "ticket_id": one}
        like = {next(iter(by)): other}
        plain = [columns(row) for row in macros.rows(model, **by)]
        again = [columns(row) for row in macros.rows(model, **like)]
        numbers = ticket(macros, one).number, ticket(macros, other).number
        assert str(plain).replace(numbers[0], "N") == str(again).replace(numbers[1], "N"), model.__tablename__


def test_the_same_request_stands_once(macros: Desk, talk: Talk) -> None:
    id = query(talk)
    seen = (id, "ph", "", ticket(macros, id).version)
    first = macros.rep.write_now(ticket_macros.carry_out, *seen, request_id="once")
    kept = trace(macros)
    assert macros.rep.write_now(ticket_macros.carry_out, *seen, request_id="once") == first
    assert trace(macros) == kept
    assert macros.row(TicketItem, kind="outbound").request == "send-once"


def refused(desk: Desk, kind: type[DeskError], said: str, id: int, macro: str, cause: str = "") -> None:
    """The echo and the act both refuse with the sentence, and nothing is written."""
    kept, seen = trace(desk), (id, macro, cause, ticket(desk, id).version)
    with pytest.raises(kind, match=said):
        desk.rep.read_now(ticket_macros.preview, *seen)
    with pytest.raises(kind, match=said):
        desk.rep.write_now(ticket_macros.carry_out, *seen)
    assert trace(desk) == kept


def test_what_is_missing_is_named_and_nothing_is_done(macros: Desk, talk: Talk) -> None:
    id = query(talk)
    number = ticket(macros, id).number
    refused(macros, NotFound, "There is no macro ;p; there are ph Ask for a photo\\.", id, "p")
    refused(macros, NotFound, "There is no macro ;zz; there are cl Over; cr Ask the carrier; in ", id, "zz")
    refused(macros, Invalid, ";cd is a text, no macro: 'r ;cd' answers with it, 'i ;cd' keeps it inside", id, "cd")
    refused(macros, Invalid, f"{{invoice}}, {{order}} are not known for ticket {number}: 'r ;in' puts", id, "in")
    refused(macros, Invalid, ";ph resolves nothing, so there is no root cause to it; type ;ph alone", id, "ph", "t")
    refused(macros, Refused, f"Ticket {number} has no category yet; g and the beginning of one", id, "ok")
    refused(macros, Refused, f"Ticket {number} is already as ;op leaves it; nothing was done", id, "op")
    macros.change(Contact, {"id": 8800}, email="")
    refused(macros, Refused, f"No contact of ticket {number}'s customer has a mail address: ring", id, "ph")
    macros.change(Contact, {"id": 8800}, email=MAIL)
    macros.rep.write_now(ticket_moves.category, id, "order")
    macros.rep.write_now(ticket_resolving.resolve, id, "", "told him")
    refused(macros, Refused, f"Ticket {number} is resolved; e and why reopens it", id, "cr")
    macros.rep.write_now(ticket_waiting.go_on, id, "wrote again")
    macros.rep.write_now(ticket_moves.release, id)
    refused(macros, Refused, f"Ticket {number} is nobody's yet; t takes it, then ;ph\\.", id, "ph")
    macros.rep.write_now(ticket_moves.take, id)
    kept = trace(macros)
    with pytest.raises(Refused, match=f"Ticket {number} is Robin Penn's; t and a reason takes it over, then ;ph"):
        macros.lead.write_now(ticket_macros.carry_out, id, "ph", "", ticket(macros, id).version)
    assert trace(macros) == kept


def test_nothing_is_sent_over_what_was_unread_and_drafts_of_other_words_stay(macros: Desk, talk: Talk) -> None:
    id = query(talk)
    looked_at = ticket(macros, id).version
    macros.rep.write_now(ticket_drafts.keep, id, "Half an answ", True, looked_at)
    macros.rep.write_now(ticket_thread.inbound, id, "the other list")
    kept = trace(macros)
    with pytest.raises(
        Conflict, match=r"since you looked .* \(inbound\) 'the other list'. Enter sends it all the same"
    ):
        macros.rep.write_now(ticket_macros.carry_out, id, "ph", "", looked_at)
    assert trace(macros) == kept
    carry(macros, id, "nt", version=looked_at)
    assert bodies(macros, id)[-1] == ("internal", False, "", "Look at their last orders first.")
    carry(macros, id, "ph")
    assert macros.row(TicketReply).body == "Half an answ"
    macros.rep.write_now(ticket_undo.take_back, id)
    assert macros.row(TicketReply).body == "Half an answ"


def test_what_has_left_is_not_taken_back_and_nothing_else_of_it(macros: Desk, talk: Talk) -> None:
    id = query(talk)
    carry(macros, id, "ph")
    macros.clock.pass_by(seconds=60)
    macros.change(Outbox, {"kind": "ticket-mail"}, claimed_at=macros.clock())  # the worker of this very instant
    with pytest.raises(Refused, match="Too late to undo: the message has left; r writes another one"):
        macros.rep.write_now(ticket_undo.take_back, id)
    assert ticket(macros, id).state == "waiting_customer"
    macros.clock.pass_by(seconds=1)
    with pytest.raises(Refused, match=r"Too late to undo 'Ticket .* ;ph: .*'; take the opposite step instead"):
        macros.rep.write_now(ticket_undo.take_back, id)


def test_a_query_is_resolved_closed_and_opened_again(macros: Desk, talk: Talk) -> None:
    id = query(talk)
    assert carry(macros, id, "cl") == (
        ";cl: category Order and availability · is resolved: Nothing was to be done. · is closed"
    )
    row = ticket(macros, id)
    assert (row.state, row.category, row.resolution) == ("closed", "order", "Nothing was to be done.")
    refused(macros, Refused, "is already as ;cl leaves it", id, "cl")
    assert carry(macros, id, "op") == ";op: is open again: He wrote again"
    assert carry(macros, id, "ok").endswith("· is resolved: Thanked and resolved")
    assert ticket(macros, id).state == "resolved"
    assert carry(macros, id, "cl") == ";cl: is closed"
    macros.rep.write_now(ticket_undo.take_back, id)
    assert ticket(macros, id).state == "resolved"
    carry(macros, id, "op")
    assert carry(macros, id, "cr").startswith(";cr: waits for Carrier until Wed 04 Mar")
    assert carry(macros, id, "op") == ";op: goes on: He wrote again"


def test_of_a_complaint_the_text_is_the_decision_and_goes_once(macros: Desk, talk: Talk) -> None:
    id = complaint(macros, talk)
    refused(macros, Invalid, r"A complaint wants its root cause: ;ok and a letter \(.*t transport", id, "ok")
    refused(macros, Invalid, "'j' is no root cause", id, "ok", "j")
    refused(macros, Refused, "39.74 USD of line 1 is open", id, "ok", "t")
    macros.rep.write_now(ticket_lines.uphold, id, 1, "signed for as sound")
    refused(macros, Invalid, "It wants the decision in words, the customer gets them", id, "cl", "t")
    said = "We are glad that it is settled. Robin Penn"
    assert carry(macros, id, "ok", "t") == f";ok: is resolved, the decision goes to {MAIL}: {said}"
    row = ticket(macros, id)
    assert (row.state, row.cause, row.resolution) == ("resolved", "cause-transport", said)
    assert [each[0] for each in bodies(macros, id)].count("outbound") == 1
    assert len(macros.rows(Outbox)) == 1
    refused(macros, Refused, "is resolved; e and why reopens it", id, "cl", "t")


def test_a_macro_is_checked_when_it_is_loaded(macros: Desk) -> None:
    for acts, said in (
        (Acts(wait="third", days=1, question="where is it"), "A wait for a third party names it in the question"),
        (Acts(wait="customer", days=181, question="q"), "a question and 1 to 180 days"),
        (Acts(wait="customer", days=1, question="{lot}"), r"\{lot\} is no variable"),
    ):
        with pytest.raises(Invalid, match=said):
            macros.lead.write_now(canned.load, (CannedDraft("x", "t", "b", acts),))
    found = {each.code: each.does for each in macros.rep.read_now(ticket_macros.macros)}
    assert found["ph"] == "category order, replies, waits 2 days for the customer"
    assert found["cl"] == "category order, resolves and closes"
    assert "cd" not in found
    assert len(macros.rows(CannedReply)) == len(MACROS)
