"""More lines on a ticket, and lines that are decided against the customer."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, update

from csdesk.errors import Refused
from csdesk.models import TicketLine, table
from csdesk.money import show, show_quantity
from csdesk.services import (
    customers,
    dispute_steps,
    reasons,
    seeing,
    ticket_claims,
    ticket_money,
    ticket_resolving,
    ticket_subjects,
    tickets,
)
from csdesk.services.ticket_steps import Effects, Plan, Said, Stepped, alive, foreseen, going, step, wanted
from csdesk.services.ticket_subjects import Dropped
from csdesk.services.tx import Tx, reads, writes

LINE = table(TicketLine)
MOST = 200


def _add(tx: Tx, row: Row[Any], seen: Dropped, line: int, letter: str, quantity: Decimal, text: str) -> Plan:
    alive(row)
    reason = reasons.reason_of(tx, letter, "complaint")
    subject = ticket_subjects.of_delivery(tx, seen.id, line, quantity)
    if not ticket_subjects.went_to(tx, seen.id, row.customer_id):
        raise Refused(f"Delivery {seen.number} is not one of ticket {row.number}'s customer.", field="place")
    there = ticket_money.lines_of(tx, row.id)
    if any((each.subject, each.subject_id, each.subject_line) == ("delivery", seen.id, line) for each in there):
        raise Refused(f"Ticket {row.number} is about delivery {seen.number} line {line} already.")
    if there and there[0].currency != subject.currency:
        raise Refused(f"Ticket {row.number} is in {there[0].currency}; open another one for {subject.currency}.")
    number = max((each.line for each in there), default=0) + 1

    def put(tx: Tx, row: Row[Any]) -> Effects:
        tickets.put_line(tx, row.id, number, subject, reason.code, quantity)
        return [["line", number]]

    data = {"value": row.value + subject.worth, "lines": [number]}
    what = f"{show_quantity(quantity)} {subject.unit} {subject.code} {subject.name}"
    worth = f"{show(subject.worth, subject.currency)} {subject.currency}"
    said = (Said("call", text.strip()),) if text.strip() else ()
    words = f"has line {number}: delivery {seen.number} line {line}, {what}, {worth}  ({reason.name})"
    return Plan(words, (("line", data),), said, (put,), data)


@reads("ticket.work")
def add_preview(
    tx: Tx, ticket_id: int, seen: Dropped, line: int, letter: str, quantity: Decimal, text: str = ""
) -> str:  # fmt: skip
    """Which line a ticket would get. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _add(tx, row, seen, line, letter, quantity, text))


@writes("ticket.work")
def add(
    tx: Tx, ticket_id: int, seen: Dropped, line: int, letter: str, quantity: Decimal, text: str = "",
    call_id: int | None = None,
) -> Stepped:  # fmt: skip
    """One more delivered line on a ticket, with reason and quantity in the unit it was ordered in.

    Raises as `tickets.complain`, Refused for a line the ticket has already.
    """
    return step(tx, "ticket_lines.add", ticket_id,
                lambda tx, row: _add(tx, row, seen, line, letter, quantity, text), call_id)  # fmt: skip


@reads("customer.read")
def customer_of(tx: Tx, ticket_id: int) -> int:
    """Whose deliveries further lines of a ticket come from. Raises NotFound, Refused for a ticket of nobody we know."""
    row = seeing.one(tx, ticket_id)
    if row.customer_id is None:
        raise Refused(f"Ticket {row.number} is of nobody we deliver to.")
    return int(row.customer_id)


def _uphold(tx: Tx, row: Row[Any], number: int, why: str) -> Plan:
    """Decides what is open of a line against the customer; its dispute ends, what is owed is owed again."""
    words = wanted(why, "Say why it is not granted: h2 and the words; the ticket keeps them.")
    going(tx, row)
    line = ticket_money.line_meant(tx, row, number, "h")
    parts = ticket_claims.claim_of(tx, line)
    left = parts["open"]
    amount = f"{show(left, line.currency)} {line.currency}"
    if left <= 0:
        raise Refused(f"Nothing of line {line.line} of ticket {row.number} is open.")
    if (made := ticket_resolving.waiting_request(tx, line)) is not None:
        raise Refused(f"Request {made.number} about it waits; have that decided or withdrawn first.")
    held = _held(tx, line)

    def put(tx: Tx, row: Row[Any]) -> Effects:
        mine = update(LINE).where(LINE.c.company == tx.company, LINE.c.ticket_id == row.id, LINE.c.line == line.line)
        tx.do(mine.values(upheld=parts["upheld"] + left))
        effects: Effects = [["upheld", line.line, ticket_money.around(tx, line)]]
        for each in held:
            day = customers.trading(tx, each.customer_id, lock=True).local(tx.now).date()
            locked = dispute_steps.get(tx, each.id, lock=True)
            dispute_steps.step(tx, locked, "withdraw", day, note=words, state="withdrawn", closed_at=tx.now)
            effects.append(["dispute", each.id])
        return effects

    data = {"line": line.line, "amount": left, "why": words[:MOST]}
    due = f", {', '.join(each.number for each in held)} ends: it is owed again" if held else ""
    said = Said("internal", f"Line {line.line} upheld against the customer, {amount}: {words}")
    told = f"line {line.line}: {amount} is upheld against the customer{due}"
    return Plan(told, (("upheld", data),), (said,), (put,), data)


def _held(tx: Tx, line: Row[Any]) -> Sequence[Row[Any]]:
    """The open disputes of a line. Raises Refused when a deduction clerk is at work on one."""
    found = ticket_claims.disputes_of(tx, line, live=True)
    for held in found:
        if held.state != "coded" or held.open != held.original:
            raise Refused(
                f"Dispute {held.number} is worked on as a deduction; what is decided there decides this line."
            )
    return found


@reads("ticket.work")
def uphold_preview(tx: Tx, ticket_id: int, number: int, why: str) -> str:
    """What upholding a line would decide. Raises like the act."""
    return foreseen(tx, ticket_id, lambda tx, row: _uphold(tx, row, number, why))


@writes("ticket.work")
def uphold(tx: Tx, ticket_id: int, number: int, why: str, call_id: int | None = None) -> Stepped:
    """Decides what is open of a line against the customer, with the reason: nothing is credited, its dispute ends.

    Raises Refused where nothing is open, or a request or a deduction clerk is busy with it.
    """
    return step(tx, "ticket_lines.uphold", ticket_id, lambda tx, row: _uphold(tx, row, number, why), call_id)
