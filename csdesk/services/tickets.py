"""Opening tickets: a complaint about a delivered line, a query, a request; on the call, or by what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Reason, ServiceQueue, Ticket, TicketCategory, TicketLine, table
from csdesk.money import show, show_quantity
from csdesk.rules.ticket_priority import MEDIUM, priority, speaks_of_safety
from csdesk.rules.ticket_replay import standing
from csdesk.services import (
    audit,
    calls,
    customers,
    memory,
    order_rows,
    reasons,
    seeing,
    service_levels,
    ticket_cutoffs,
    ticket_log,
    ticket_rests,
)
from csdesk.services.customers import Trading
from csdesk.services.reasons import ReasonView
from csdesk.services.ticket_subjects import Dropped, Subject, of_delivery, went_to
from csdesk.services.tx import Tx, reads, writes

TICKET, LINE, CATEGORY, QUEUE = table(Ticket), table(TicketLine), table(TicketCategory), table(ServiceQueue)
REASON = table(Reason)
KINDS = {"q": "query", "r": "request", "c": "complaint"}
SAFETY = "safety"  # the category whose words make a ticket a matter of safety


@dataclass(frozen=True)
class Opened:
    """A ticket that was opened, in one sentence."""

    id: int
    number: str
    words: str


@reads("ticket.work")
def preview(tx: Tx, customer_id: int, seen: Dropped, line: int, letter: str, quantity: Decimal, text: str = "") -> str:
    """What a complaint about a line of a delivery would note. Raises like the act."""
    _theirs(tx, seen, customer_id)
    reason = reasons.reason_of(tx, letter, "complaint")
    subject = of_delivery(tx, seen.id, line, quantity)
    what = f"{show_quantity(quantity)} {subject.unit} {subject.code} {subject.name}"
    worth = f"{show(subject.worth, subject.currency)} {subject.currency}"
    before = "".join(f"; before: {each}" for each in _earlier(tx, subject)[:1])
    return f"complaint on delivery {seen.number} line {line}: {what}, {worth}  ({reason.name}){before}"


@writes("ticket.work")
def complain(
    tx: Tx, call_id: int, seen: Dropped, line: int, letter: str, quantity: Decimal, text: str = ""
) -> Opened:  # fmt: skip
    """Opens a complaint about a quantity of a delivered line, in the unit it was ordered in, with what the customer
    said; whoever takes it has it.

    Raises NotFound for a line that is not on the delivery, Invalid for a reason or quantity that cannot be, Refused for
    another customer's delivery.
    """
    call, who = _caller(tx, call_id)
    _theirs(tx, seen, who.id)
    reason = reasons.reason_of(tx, letter, "complaint")
    subject = of_delivery(tx, seen.id, line, quantity)
    what = f"{reason.name}: {show_quantity(quantity)} {subject.unit} {subject.code} {subject.name}"
    row = _begin(tx, call, who, "complaint", text, what, reason.code, [(subject, reason, quantity)])
    words = f"Ticket {row.number}: complaint on delivery {subject.number} line {line}, {what}"
    return _done(tx, call, who, row, words, "complaint")


def _theirs(tx: Tx, seen: Dropped, customer_id: int) -> None:
    if not went_to(tx, seen.id, customer_id):
        raise Refused(f"Delivery {seen.number} went to another customer; find the one who got it (F2), then complain.")


@reads("ticket.work")
def note_preview(tx: Tx, kind: str, text: str) -> str:
    """What a ticket about no line would be. Raises like the act."""
    kind = _kind(kind, text)
    made = opening(tx, kind, " ".join(text.split()), "", text)
    safety = ", a matter of SAFETY" if made["safety"] else ""
    return f"opens a {kind} in queue {made['queue']}, priority {made['priority']}{safety}: {text.strip()[:60]}"


def _kind(letter: str, text: str) -> str:
    if letter not in KINDS:
        raise Invalid(f"'{letter}' is no kind of ticket; there are q query, r request, c complaint.", field="kind")
    if not text.strip():
        raise Invalid("Say what it is about: tq and the words, then Enter.", field="text")
    return KINDS[letter]


@writes("ticket.work")
def note(tx: Tx, call_id: int, kind: str, text: str) -> Opened:
    """Opens a ticket of a KINDS letter about no line: a query, a request, a complaint. Raises Invalid without words."""
    what = _kind(kind, text)
    call, who = _caller(tx, call_id)
    row = _begin(tx, call, who, what, text, " ".join(text.split()), "", ())
    return _done(tx, call, who, row, f"Ticket {row.number}: {what}, {text.strip()[:80]}", "")


def _caller(tx: Tx, call_id: int) -> tuple[Row[Any], Trading]:
    call = calls.own(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    return call, customers.trading(tx, call.customer_id)


def _begin(
    tx: Tx, call: Row[Any], who: Trading, kind: str, text: str, subject: str, category: str,
    lines: Sequence[tuple[Subject, ReasonView, Decimal]],
) -> Row[Any]:  # fmt: skip
    """Stores the ticket of a call with its lines and what was said."""
    opened = opening(tx, kind, subject, category, f"{subject} {text}")
    truck = ticket_cutoffs.earliest(tx, (each.order_id for each, _, _ in lines))
    happened = [("opened", {**opened, "owner_id": tx.actor.id, "cutoff_at": truck})]
    if lines:
        value = sum(each.worth for each, _, _ in lines)
        told = {"value": value, "product_id": lines[0][0].product_id, "lines": [*range(1, len(lines) + 1)]}
        happened.append(("line", told))
    happened.append(("call", {"answered": True}))
    fixed = {"customer_id": who.id, "contact": "", "channel": call.channel, "tier": customers.tier(tx, who.id),
             "currency": who.currency, "source": "desk"}  # fmt: skip
    row = ticket_log.begin(tx, fixed, happened)
    for number, (each, reason, quantity) in enumerate(lines, 1):
        put_line(tx, row.id, number, each, reason.code, quantity)
    ticket_log.say(tx, row, "call", text.strip() or subject, call_id=call.id)
    return row


def opening(tx: Tx, kind: str, subject: str, category: str, said: str) -> dict[str, Any]:
    """What the event `opened` says of a new ticket: queue, policy and priority by its category and words."""
    rows = {each.code: each for each in tx.rows(select(CATEGORY).where(CATEGORY.c.company == tx.company))}
    safety = speaks_of_safety(said, rows[SAFETY].words.split() if SAFETY in rows else ())
    known = rows.get(SAFETY) if safety else rows.get(category)
    queue = _queue(tx, known.queue if known is not None else "")
    policy, version = service_levels.current(tx, queue.policy)
    impact = 1 if safety else MEDIUM
    return {
        "kind": kind, "subject": subject[:200], "category": known.code if known is not None else "", "impact": impact,
        "urgency": impact, "priority": priority(impact, impact), "safety": bool(safety), "queue": queue.code,
        "policy": policy, "policy_version": version, "stage": "received" if kind in {"complaint", "claim"} else "",
    }  # fmt: skip


def _queue(tx: Tx, code: str) -> Row[Any]:
    """The queue a ticket goes to: that of its category, else the first of the actor's, else the first there is."""
    rows = tx.rows(select(QUEUE).where(QUEUE.c.company == tx.company).order_by(QUEUE.c.code))
    mine = seeing.queues(tx)
    for wanted in (code, *mine):
        for row in rows:
            if row.code == wanted:
                return row
    if not rows:
        raise NotFound("There is no queue for tickets yet; 'csdesk service queue' makes one.")
    return rows[0]


def put_line(tx: Tx, ticket_id: int, number: int, subject: Subject, reason: str, quantity: Decimal) -> None:
    """A line of a ticket; the caller says so in an event."""
    tx.do(insert(LINE), {
        "company": tx.company, "ticket_id": ticket_id, "line": number, "subject": subject.kind,
        "subject_id": subject.id, "subject_line": subject.line, "subject_number": subject.number,
        "order_id": subject.order_id, "order_line": subject.order_line, "document_id": subject.document_id,
        "document_line": subject.document_line, "product_id": subject.product_id, "code": subject.code,
        "name": subject.name, "unit": subject.unit, "quantity": quantity, "reason": reason,
        "currency": subject.currency, "claimed": subject.worth, "upheld": 0,
    })  # fmt: skip


def _earlier(tx: Tx, subject: Subject) -> list[str]:
    """Other tickets about the same line, the latest first, those the actor may see by number."""
    mine = (LINE.c.company == TICKET.c.company) & (LINE.c.ticket_id == TICKET.c.id)
    statement = (
        select(TICKET.c.number, TICKET.c.state, LINE.c.ticket_id, LINE.c.quantity, LINE.c.unit, LINE.c.reason)
        .join_from(TICKET, LINE, mine)
        .where(
            seeing.visible(tx), LINE.c.order_id == subject.order_id, LINE.c.order_line == subject.order_line,
            LINE.c.subject.in_(("delivery", "invoice", "order")),
        )
        .order_by(TICKET.c.opened_at.desc())
    )  # fmt: skip
    return [
        f"ticket {row.number}, {show_quantity(row.quantity)} {row.unit} {row.reason} ({row.state})"
        for row in tx.rows(statement)
        if ticket_log.counts(tx, row)
    ]


def _done(tx: Tx, call: Row[Any], who: Trading, row: Row[Any], words: str, wrap_up: str) -> Opened:
    if wrap_up:
        order_rows.code_call(tx, call.id, wrap_up)
    memory.remember(tx, call.id, "tickets.open", words, {"do": "unticket", "ticket": row.id}, who.hold_seconds)
    told = {"number": row.number, "kind": row.kind, "queue": row.queue, "priority": row.priority, "value": row.value}
    audit.record(tx, "tickets.open", "ticket", row.id, None, told)
    return Opened(row.id, row.number, f"{words}.")


def take_back(tx: Tx, ticket_id: int) -> str:
    """Takes a ticket back that was just opened. Raises Refused once it was gone on with, Conflict when somebody else
    did."""
    row = ticket_log.get(tx, ticket_id, lock=True)
    ticket_rests.alone(tx, row, [1], "x and a reason cancels it instead")
    if {each.event for each in standing(ticket_log.events(tx, row.id))} - {
        "opened",
        "line",
        "call",
        "approval_withdrawn",
    }:
        raise Refused(f"Ticket {row.number} went on since; x and a reason cancels it instead.")
    ticket_log.append(tx, row, "cancelled", {"why": "taken back"})
    return f"ticket {row.number} is cancelled"
