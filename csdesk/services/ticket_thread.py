"""The thread of a ticket: answers that leave as mail, internal notes, calls, and what customers wrote.

Whether the customer sees a piece, and whom it went to, is fixed when it is written. An answer names the version of the
ticket that was looked at: where the customer saw or wrote something since, it is refused with the difference.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Refused
from csdesk.models import ServiceQueue, TicketItem, table
from csdesk.rules.courtesy import is_courtesy
from csdesk.rules.ticket_lives import PAUSING
from csdesk.services import (
    callback_lists,
    customers,
    seeing,
    ticket_drafts,
    ticket_follow_ups,
    ticket_log,
    ticket_mail,
    ticket_newer,
    ticket_safety,
)
from csdesk.services.ticket_newer import short
from csdesk.services.ticket_steps import Plan, Said, Stepped, alive, foreseen, put, step, wanted, would
from csdesk.services.tx import Tx, reads, writes

ITEM, QUEUE = table(TicketItem), table(ServiceQueue)
USUAL_WINDOW = 7  # days after its resolution in which a reply reopens a ticket, where its queue says nothing else


def answer_plan(tx: Tx, row: Row[Any], body: str, request: str = "") -> Plan:
    """An answer: to whom it goes, and that it waits for its hold. Internal, also part of a macro."""
    words = ticket_mail.sendable(wanted(body, "An answer needs words: r and what is to be said."))
    if row.base == "void" or row.state == "closed":
        alive(row)
    to = ticket_mail.receivers(tx, row)
    # The words went, so the draft of them goes; taken back they are a draft again.
    told = {"to": list(to), "letters": len(words)}
    said = Said("outbound", words, True, to, row.subject, request=request)
    return Plan(f"answered: mail to {_some(to)}", (("outbound", {}),), (said,), told=told)


def _some(addresses: Sequence[str]) -> str:
    more = len(addresses) - 2
    return ", ".join(addresses[:2]) + (f" and {more} more" if more > 0 else "")


@reads("ticket.work")
def reply_preview(tx: Tx, ticket_id: int, body: str, version: int) -> str:
    """Whom an answer would go to. Raises like the act."""
    words = foreseen(tx, ticket_id, lambda tx, row: answer_plan(tx, row, body))
    ticket_newer.current(tx, seeing.one(tx, ticket_id), version)
    return words.replace("answered: mail", "sends mail")


@writes("ticket.work")
def reply(
    tx: Tx, ticket_id: int, body: str, version: int, call_id: int | None = None, request: str = ""
) -> Stepped:  # fmt: skip
    """Sends the customer a message, by mail to his contacts once the hold has passed. `version` is the ticket that was
    looked at; `request` names the send, so that one sent twice goes once.

    Raises Conflict when the customer saw or wrote something since, with the difference (a draft stays), Invalid without
    words, Refused where no contact has a mail address.
    """
    row = seeing.working(tx, ticket_id)
    name = f"send-{request or tx.request_id}" if request or tx.request_id else ""
    if name and (sent := _sent(tx, row, name)) is not None:
        return Stepped(row.id, f"Ticket {row.number} answered: mail to {_some(sent.recipients.split())}.")
    ticket_newer.current(tx, row, version)

    def plan(tx: Tx, row: Row[Any]) -> Plan:
        made = answer_plan(tx, row, body, name)
        return Plan(made.words, made.events, made.said, (ticket_drafts.said(body.strip(), True, version),), made.told)

    return put(tx, "ticket_thread.reply", row, plan, call_id)


def _sent(tx: Tx, row: Row[Any], request: str) -> Row[Any] | None:
    return tx.row(select(ITEM).where(
        ITEM.c.company == tx.company, ITEM.c.ticket_id == row.id, ITEM.c.request == request[:60]))  # fmt: skip


def note_plan(tx: Tx, row: Row[Any], body: str) -> Plan:
    """A note inside, and what a word of safety in it brings. Internal, also part of a macro."""
    words = wanted(body, "A note needs words: i and what is to be kept.")
    heard = ticket_safety.heard(tx, row, words)
    return Plan(f"noted: {short(words)}{heard.words}", (*heard.events, ("note", {})), (Said("internal", words),))


@reads("customer.read")
def note_preview(tx: Tx, ticket_id: int, body: str) -> str:
    """What an internal note would say. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: note_plan(tx, row, body), _noting(tx))


def _noting(tx: Tx) -> str:
    """An investigator notes by his own duty."""
    return seeing.INVESTIGATE if seeing.investigates(tx) else seeing.WORK


@writes("customer.read")
def note(tx: Tx, ticket_id: int, body: str, call_id: int | None = None) -> Stepped:
    """Keeps something inside: the customer never sees it, it has no receiver. Who investigates may too. Raises Invalid
    without words."""

    def plan(tx: Tx, row: Row[Any]) -> Plan:
        made = note_plan(tx, row, body)
        return Plan(made.words, made.events, made.said, (ticket_drafts.said(body.strip(), False, row.version),))

    return step(tx, "ticket_thread.note", ticket_id, plan, call_id, _noting(tx))


def _spoke(tx: Tx, row: Row[Any], body: str, answered: bool) -> Plan:
    if row.base == "void":
        alive(row)
    text = body.strip()
    if answered:
        text = wanted(body, "Say what was spoken of: a and the words; a- and words when nobody was reached.")
    said = Said("call", text or "nobody was reached")
    what = f"spoken of: {short(text)}" if answered else f"not reached{f': {short(text)}' if text else ''}"
    heard = ticket_safety.heard(tx, row, text)
    return Plan(f"{what}{heard.words}", (*heard.events, ("call", {"answered": answered})), (said,))


@reads("ticket.work")
def spoke_preview(tx: Tx, ticket_id: int, body: str, answered: bool) -> str:
    """What logging a call would note. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _spoke(tx, row, body, answered))


@writes("ticket.work")
def spoke(tx: Tx, ticket_id: int, body: str, answered: bool = True, call_id: int | None = None) -> Stepped:
    """Notes a call with the customer. An answered one counts as an answer; one that reached nobody does not."""
    return step(tx, "ticket_thread.spoke", ticket_id, lambda tx, row: _spoke(tx, row, body, answered), call_id)


def reopens(tx: Tx, row: Row[Any]) -> bool:
    """Whether a customer's message reopens a ticket that is resolved or closed: within the window of its queue."""
    days = tx.value(select(QUEUE.c.reopen_days).where(QUEUE.c.company == tx.company, QUEUE.c.code == row.queue))
    end: timedelta = timedelta(days=USUAL_WINDOW if days is None else int(days))
    return row.resolved_at is not None and tx.now <= row.resolved_at + end


def _inbound(tx: Tx, row: Row[Any], body: str, author: str) -> Plan:
    """What a message of the customer does: it is kept, resumes a wait that stops his clocks (for him or a third party),
    reopens within the window."""
    text = wanted(body, "What does the customer write? < and the words.")
    courtesy = is_courtesy(text)
    events: list[tuple[str, dict[str, Any]]] = []
    words = "gets the customer's message"
    if courtesy:
        words += " (mere courtesy: nothing else changes)"
    elif row.state in ("resolved", "closed"):
        events.append(("reopened", {"by": "the customer's message"}))
        words += " and is open again"
    elif row.base == "wait" and row.waits_for in PAUSING:
        events.append(("resumed", {"by": "the customer's message"}))
        words += " and goes on"
    heard = ticket_safety.heard(tx, row, text, any(event == "reopened" for event, _ in events))
    events += [*heard.events, ("inbound", {"courtesy": courtesy})]
    said = Said("inbound", text, True, author=author or _customer(tx, row))
    return Plan(f"{words}{heard.words}", tuple(events), (said,), told={"courtesy": courtesy})


def _customer(tx: Tx, row: Row[Any]) -> str:
    return customers.trading(tx, row.customer_id).name if row.customer_id is not None else row.contact or "the customer"


def _late(tx: Tx, row: Row[Any], body: str) -> bool:
    over = row.state == "cancelled" or (row.state in ("resolved", "closed") and not reopens(tx, row))
    return over and not is_courtesy(body)


@reads("ticket.work")
def inbound_preview(tx: Tx, ticket_id: int, body: str) -> str:
    """What logging a customer's message would do. Raises like the act."""
    shown = seeing.one(tx, ticket_id)
    seeing.allowed(tx, shown)
    row = ticket_log.get(tx, ticket_log.chain(tx, shown.id)[-1])
    if _late(tx, row, wanted(body, "What does the customer write? < and the words.")):
        words = "is over too long for that: a follow-up ticket is opened with the message"
    else:
        words = would(row, _inbound(tx, row, body, ""))
    offer = callback_lists.offered(tx, row.customer_id)
    return f"{words}. {offer}" if offer else words


@writes("ticket.work")
def inbound(tx: Tx, ticket_id: int, body: str, author: str = "", call_id: int | None = None) -> Stepped:
    """Logs what the customer wrote. It resumes a wait for him or for a third party, which would stop the clock of its
    answer; a resolved or closed ticket is open again within its window, later a follow-up ticket is opened that refers
    to it. Mere courtesy ("ok, thanks") changes nothing. The callbacks he is owed are named, that they may be cancelled.

    To a merged ticket: to the one it went into. Raises Invalid without words.
    """
    seeing.allowed(tx, seeing.one(tx, ticket_id))
    row = ticket_log.upward(tx, ticket_id)[-1]
    if _late(tx, row, wanted(body, "What does the customer write? < and the words.")):
        return _offering(tx, row, ticket_follow_ups.open_for(tx, row, body, author or _customer(tx, row), call_id))
    if row.base == "void" and not is_courtesy(body):
        raise Refused(f"Ticket {row.number} is {row.state}; open another one for this message.")
    made = put(tx, "ticket_thread.inbound", row, lambda tx, row: _inbound(tx, row, body, author), call_id)
    return _offering(tx, row, made)


def _offering(tx: Tx, row: Row[Any], made: Stepped) -> Stepped:
    return Stepped(made.ticket_id, f"{made.words} {callback_lists.offered(tx, row.customer_id)}".rstrip())
