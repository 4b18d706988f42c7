"""Tickets the desk opens by itself, before the customer calls: after short, damaged, late, failed and refused
deliveries, missed trucks and short picks. Each line once, whoever looks for them at the same moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, insert, select

from csdesk.models import Product, table
from csdesk.money import show_quantity
from csdesk.services import (
    audit,
    customers,
    replacement_orders,
    service_settings,
    ticket_cutoffs,
    ticket_log,
    ticket_subjects,
    tickets,
)
from csdesk.services.proactive_finding import DELIVERY, KNOWN, ORDER, ORDERED, PROVEN, Wrong, wrong
from csdesk.services.ticket_subjects import Subject
from csdesk.services.tx import Tx, reads, writes

PRODUCT = table(Product)
SETTING = "proactive-days"
MOST_LINES = 50  # of one ticket; what is beyond is known by it too, and stands on the delivery
# Fault -> reason and category of the ticket, what is said of it.
FAULTS: dict[str, tuple[str, str]] = {
    "short": ("short-delivery", "came short"), "damaged": ("damaged", "came damaged"),
    "refused": ("refused", "was refused"), "late": ("late", "came late"),
    "failed": ("not-delivered", "could not be delivered"), "missed": ("late", "missed its truck"),
    "picked": ("short-delivery", "was picked short"),
}  # fmt: skip
_TELL = "tell the customer which day it comes"
Case = tuple[str, int]  # delivery | order, its id


@reads("posting.run")
def due(tx: Tx, limit: int = 200) -> tuple[Case, ...]:
    """Deliveries and orders with a line that went wrong in the last days (the setting `proactive-days`) and that no
    ticket is about, those longest there first."""
    found = wrong(tx, service_settings.whole(tx, SETTING))
    return tuple(sorted({(each.subject, each.subject_id) for each in found})[:limit])


@writes("posting.run")
def open_(tx: Tx, case: Case) -> str:
    """Opens the ticket of a delivery or order, with its lines and a suggested remedy, for the team that works its
    queue; '' when there is nothing to do (any more), or somebody else is at it."""
    subject, subject_id = case
    head = _locked(tx, subject, subject_id)
    found = wrong(tx, service_settings.whole(tx, SETTING), subject, subject_id) if head is not None else []
    if head is None or not found:
        return ""
    lines = [(_subject(tx, each, head), each) for each in found[:MOST_LINES]]
    first = found[0]
    reason, told = FAULTS[first.fault]
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    what = f"{subject} {head.number} {told}: {_words(lines[0])}{more}"
    row = _begin(tx, head, what, reason, lines, len(found) - len(lines))
    tx.do(insert(KNOWN), [
        {"company": tx.company, "subject": each.subject, "subject_id": each.subject_id, "subject_line": each.line,
         "ticket_id": row.id, "fault": each.fault, "at": tx.now}
        for each in found
    ])  # fmt: skip
    about = {"number": row.number, subject: head.number, "fault": first.fault, "lines": len(lines)}
    audit.record(tx, "proactive.open_", "ticket", row.id, None, about)
    return f"Ticket {row.number} opened: {what}."


def _locked(tx: Tx, subject: str, subject_id: int) -> Row[Any] | None:
    """The delivery or order, held until the commit; None when somebody else holds it: he does what is due."""
    rows = DELIVERY if subject == "delivery" else ORDER
    statement = select(rows.c.id, rows.c.number, rows.c.customer_id).where(
        rows.c.company == tx.company, rows.c.id == subject_id
    )
    return tx.row(statement.with_for_update(skip_locked=True) if tx.postgres else statement)


def _subject(tx: Tx, each: Wrong, head: Row[Any]) -> Subject:
    if each.subject == "delivery":
        return ticket_subjects.of_delivery(tx, each.subject_id, each.line, each.quantity)
    line = tx.row(
        select(ORDERED, PRODUCT.c.code, PRODUCT.c.name, ORDER.c.currency)
        .join(PRODUCT, (PRODUCT.c.company == ORDERED.c.company) & (PRODUCT.c.id == ORDERED.c.product_id))
        .join(ORDER, (ORDER.c.company == ORDERED.c.company) & (ORDER.c.id == ORDERED.c.order_id))
        .where(ORDERED.c.company == tx.company, ORDERED.c.order_id == each.order_id, ORDERED.c.line == each.order_line)
    )
    assert line is not None
    worth = ticket_subjects.worth_ordered(line.net + line.tax, line.quantity, each.quantity)
    return Subject(
        "order", each.order_id, each.line, head.number, each.order_id, each.order_line, None, None, line.product_id,
        line.code, line.name, line.unit, Decimal(0), line.currency, worth,
    )  # fmt: skip


def _begin(
    tx: Tx, head: Row[Any], what: str, reason: str, lines: Sequence[tuple[Subject, Wrong]], beyond: int
) -> Row[Any]:  # fmt: skip
    opened = tickets.opening(tx, "proactive", what, reason, " ".join(each.said for _, each in lines))
    truck = ticket_cutoffs.earliest(tx, (each.order_id for _, each in lines))
    value = sum(each.worth for each, _ in lines)
    told = {"value": value, "product_id": lines[0][0].product_id, "lines": [*range(1, len(lines) + 1)]}
    happened = [("opened", {**opened, "owner_id": None, "cutoff_at": truck}), ("line", told)]
    tier = customers.tier(tx, head.customer_id)
    fixed = {"customer_id": head.customer_id, "contact": "", "channel": "desk", "tier": tier,
             "currency": lines[0][0].currency, "source": "proactive"}  # fmt: skip
    row = ticket_log.begin(tx, fixed, happened)
    for number, (each, fault) in enumerate(lines, 1):
        about = each if fault.fault in PROVEN else replace(each, worth=0)  # what is only late is no money
        tickets.put_line(tx, row.id, number, about, FAULTS[fault.fault][0], fault.quantity)
    said = [f"{_words(each)} {FAULTS[each[1].fault][1]}; {_suggested(tx, head.customer_id, *each)}." for each in lines]
    said += [f"And {beyond} more on the {lines[0][1].subject}."] if beyond else []
    ticket_log.say(tx, row, "system", "\n".join(said))
    return row


def _words(each: tuple[Subject, Wrong]) -> str:
    subject, fault = each
    said = f" ({fault.said})" if fault.said else ""
    return f"{show_quantity(fault.quantity)} {subject.unit} {subject.code} {subject.name}{said}"


def _suggested(tx: Tx, customer_id: int, subject: Subject, fault: Wrong) -> str:
    """What the desk would do about a line: goods again while they lie here, else the credit; a new day for what is
    still to come; goods that were refused are counted in first."""
    if fault.fault in ("late", "failed", "missed"):
        return f"suggested: {_TELL}"
    if fault.fault == "refused":
        return "suggested: ask why; its credit (c) needs the goods counted in"
    who = customers.trading(tx, customer_id)
    if fault.fault == "picked":
        return f"suggested: {_TELL}, or another product ({_lies(tx, who, subject, fault)})"
    lies = _lies(tx, who, subject, fault)
    way = "goods again (b)" if lies.startswith("in stock") else "its credit (c), or goods again (b) later"
    return f"suggested: {way}; {lies}"


def _lies(tx: Tx, who: customers.Trading, subject: Subject, fault: Wrong) -> str:
    return replacement_orders.lies(tx, who, subject.product_id, subject.unit, fault.quantity)
