"""From a complaint to money: a line's credit request, and its amount in dispute meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, select, update

from csdesk.errors import NotFound, Refused
from csdesk.models import OpenItem, Ticket, TicketLine, table
from csdesk.money import show, show_quantity
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import (
    asking,
    audit,
    credits,
    customers,
    dispute_steps,
    disputing,
    memory,
    reasons,
    replaced,
    seeing,
    ticket_log,
    ticket_rests,
)
from csdesk.services.customers import Trading
from csdesk.services.dispute_steps import step
from csdesk.services.reasons import ReasonView
from csdesk.services.ticket_claims import claim_of as claim_of
from csdesk.services.ticket_claims import credited_quantity, disputes_of, open_of
from csdesk.services.ticket_steps import going, merged_in
from csdesk.services.tx import Tx, reads, writes

TICKET, LINE, ITEM = table(Ticket), table(TicketLine), table(OpenItem)


@dataclass(frozen=True)
class Asked:
    """What was asked for a line of a ticket, in one sentence."""

    ticket_id: int
    words: str


def lines_of(tx: Tx, ticket_id: int) -> Sequence[Row[Any]]:
    """The lines of a ticket."""
    mine = select(LINE).where(LINE.c.company == tx.company, LINE.c.ticket_id == ticket_id)
    return tx.rows(mine.order_by(LINE.c.line))


def line_meant(tx: Tx, row: Row[Any], number: int, letter: str = "c") -> Row[Any]:
    """The line that is meant: the numbered one, without a number the only one, or the only one without a remedy. Raises
    Refused, naming what to type behind the letter."""
    lines = lines_of(tx, row.id)
    if not lines:
        if inside := [ticket_log.get(tx, one).number for one in merged_in(tx, row.id) if lines_of(tx, one)]:
            raise Refused(f"Ticket {row.number} has lines by {inside[0]} alone, which is in it; show that one first.")
        other = {"c": "; c512.1 2d asks a credit on an invoice", "b": ", so nothing can come again"}
        raise Refused(f"Ticket {row.number} is about no line{other.get(letter, '; +1.2d3 adds one of a delivery')}.")
    if number:
        for each in lines:
            if each.line == number:
                return each
        raise NotFound(f"Ticket {row.number} has no line {number}; it has {len(lines)}.", field="line")
    free = [each for each in lines if not each.remedy] or list(lines)
    if len(free) > 1:
        raise Refused(f"Ticket {row.number} has {len(free)} lines; {letter}2 means line 2.", field="line")
    return free[0]


def _creditable(tx: Tx, row: Row[Any], line: Row[Any]) -> tuple[Row[Any], ReasonView, tuple[LineCredit, ...]]:
    """The invoice, reason and quantity a line's credit is asked with. Raises Refused where it is not billed, has its
    credit already, or its reason is not credited."""
    if line.document_id is None:
        raise Refused(
            f"{line.subject_number} line {line.subject_line} is not billed yet; what is not billed is not owed."
        )
    if line.request_id is not None:
        made = asking.get(tx, line.request_id)
        reversed_since = made.state == "posted" and not credited_quantity(tx, line)
        if made.state in dispute_steps.LIVE and not reversed_since:
            raise Refused(f"Request {made.number} is about this line already ({made.state.replace('_', ' ')}).")
    reason = next((each for each in reasons.for_use(tx, "credit") if each.code == line.reason), None)
    if reason is None:
        raise Refused(f"'{line.reason}' is not credited; another reason is wanted, or a replacement (b).")
    left = line.quantity - replaced.quantity_of(again := replaced.of_line(tx, line))
    if again is not None and left <= 0:
        raise Refused(f"{line_words(line)} come again already (request {again.number}); nothing is left to credit.")
    return credits.head_of(tx, line.document_id), reason, (LineCredit(line.document_line, left),)


def free_of(tx: Tx, line: Row[Any]) -> tuple[Row[Any] | None, int]:
    """The open item of a line's invoice and what of it is neither paid nor in dispute."""
    item = tx.row(
        select(ITEM).where(
            ITEM.c.company == tx.company, ITEM.c.source == "document", ITEM.c.source_id == line.document_id
        )
    )
    if item is None:
        return None, 0
    return item, item.open - sum(each.open for each in dispute_steps.of_item(tx, item.id))


@reads("ticket.work")
def credit_preview(tx: Tx, ticket_id: int, number: int = 0) -> str:
    """What asking the credit of a ticket's line would ask and hold apart. Raises like the act."""
    row = seeing.one(tx, ticket_id)
    going(tx, row)
    line = line_meant(tx, row, number)
    head, reason, wanted = _creditable(tx, row, line)
    words = credits.preview(tx, head.id, wanted, reason.letter, f"Ticket {row.number}", True)
    gross = sum(each.net + each.tax for each in credits.reckoned(tx, head, wanted).values())
    held = min(gross, free_of(tx, line)[1])
    fresh = held > 0 and not disputes_of(tx, line, live=True)
    return words + (f"; {show(held, line.currency)} in dispute meanwhile" if fresh else "")


@writes("credit.request")
def credit(tx: Tx, ticket_id: int, number: int = 0, call_id: int | None = None) -> Asked:
    """Asks the credit of a ticket's line: quantity, price, tax and reason are the line's, capped by what is creditable.
    What of it is still open on the invoice is in dispute from now on, so it is not reminded of.

    What was upheld of it is asked anew. Raises as `credits.ask`, and Refused where the line is not billed or has its
    credit, or the ticket is over.
    """
    row = seeing.working(tx, ticket_id)
    going(tx, row)
    line = line_meant(tx, row, number)
    head, reason, wanted = _creditable(tx, row, line)
    who = customers.trading(tx, head.customer_id, lock=True)
    said = f"Ticket {row.number}"
    there = disputes_of(tx, line, live=True)
    dispute = there[-1] if there else _dispute(tx, who, row, line, reason, _gross(tx, head, wanted))
    made = credits.place(tx, head, wanted, reason, said, dispute.number if dispute is not None else "")
    if dispute is not None:
        dispute_steps.tie(tx, made.id, dispute.id)
        step(tx, dispute, "request", who.local(tx.now).date(), note=made.number, request_id=made.id)
    again = replaced.of_line(tx, line)
    claimed = made.amount + (again.amount if again is not None else 0)
    values: dict[str, Any] = {"request_id": made.id, "remedy": "credit", "claimed": claimed, "upheld": 0}
    after = _changed(tx, row, line, "credit", {"request": made.number, "amount": made.amount}, values, dispute)
    words = made.words.rstrip(".") + (f"; {dispute.number} holds it in dispute" if dispute is not None else "")
    undo = {"do": "unticket-credit", "ticket": row.id, "line": line.line, "seq": after.version, "request": made.id,
            "dispute": dispute.id if dispute is not None and not there else None,
            **around(tx, line)}  # fmt: skip
    return _done(tx, call_id, row, "ticket_money.credit", words, undo, who, {"request": made.number})


def around(tx: Tx, line: Row[Any]) -> dict[str, Any]:
    """What became of a line before a step (`line`) and after it, for taking the step back. Internal."""
    (now,) = (each for each in lines_of(tx, line.ticket_id) if each.line == line.line)
    return {"before": ticket_rests.left(line), "after": ticket_rests.left(now)}


def _gross(tx: Tx, head: Row[Any], wanted: Sequence[LineCredit]) -> int:
    return sum(each.net + each.tax for each in credits.reckoned(tx, head, wanted).values())


def _dispute(tx: Tx, who: Trading, row: Row[Any], line: Row[Any], reason: ReasonView, amount: int) -> Row[Any] | None:
    """A dispute opened for a line over what is free of its item; None where all of it is paid or in dispute."""
    item, free = free_of(tx, line)
    held = min(amount, free)
    if item is None or held <= 0:
        return None
    made = disputing.raise_for(
        tx, who, item.id, held, reason.code, f"Ticket {row.number}", line=(line.ticket_id, line.line)
    )
    return dispute_steps.get(tx, made.id, lock=True)


@reads("ticket.work")
def dispute_preview(tx: Tx, ticket_id: int, number: int = 0) -> str:
    """What disputing a ticket's line would hold apart. Raises like the act."""
    row = seeing.one(tx, ticket_id)
    going(tx, row)
    line = line_meant(tx, row, number)
    item, amount = _disputable(tx, row, line)
    name = next((each.name for each in reasons.for_use(tx, "short") if each.code == line.reason), line.reason)
    rest = "" if amount == line.claimed else f" of {show(line.claimed, line.currency)} (the rest is paid or in dispute)"
    return f"disputes {show(amount, line.currency)} {line.currency}{rest} on {item.number}  ({name})"


def _disputable(tx: Tx, row: Row[Any], line: Row[Any]) -> tuple[Row[Any], int]:
    if line.document_id is None:
        raise Refused(f"{line.subject_number} line {line.subject_line} is not billed yet; nothing of it is owed.")
    if live := disputes_of(tx, line, live=True):
        raise Refused(f"Dispute {live[-1].number} is open over this line already.")
    item, free = free_of(tx, line)
    if item is None or free <= 0:
        raise Refused("This invoice is paid, or in dispute as a whole; c asks the credit.")
    left, again = open_of(tx, line), replaced.of_line(tx, line)
    if left <= 0 and again is not None:
        raise Refused(f"{line_words(line)} come again (request {again.number}); the invoice stays owed for them.")
    if left <= 0:
        raise Refused(f"Nothing of line {line.line} of ticket {row.number} is open.")
    return item, min(left, free)


@writes("dispute.open")
def dispute(tx: Tx, ticket_id: int, number: int = 0, call_id: int | None = None) -> Asked:
    """Holds what a ticket's line claims in dispute on its invoice: in the ledger, the ageing and for reminders at once.

    What was upheld of it is open anew. Raises Refused where it is not billed, paid or in dispute already, and for a
    ticket that is over.
    """
    row = seeing.working(tx, ticket_id)
    going(tx, row)
    line = line_meant(tx, row, number)
    who = customers.trading(tx, row.customer_id, lock=True)
    item, amount = _disputable(tx, row, line)
    made = disputing.raise_for(tx, who, item.id, amount, line.reason, f"Ticket {row.number}", line=(row.id, line.line))
    held = dispute_steps.get(tx, made.id)
    told = {"dispute": made.number, "amount": amount}
    after = _changed(tx, row, line, "dispute", told, {"upheld": 0}, held)
    undo = {"do": "unticket-credit", "ticket": row.id, "line": line.line, "seq": after.version, "request": None,
            "dispute": made.id, **around(tx, line)}  # fmt: skip
    return _done(tx, call_id, row, "ticket_money.dispute", made.words.rstrip("."), undo, who, told)


def _changed(
    tx: Tx, row: Row[Any], line: Row[Any], what: str, told: dict[str, Any], values: dict[str, Any],
    dispute: Row[Any] | None,
) -> Row[Any]:  # fmt: skip
    """The ticket's event about a line, and the line's columns."""
    after = ticket_log.append(tx, row, what, {"line": line.line, **told})
    if "request" in told:
        ticket_log.above(tx, ticket_log.upward(tx, row.id), "approval_asked", {"request": told["request"]})
    if dispute is not None:
        values = {**values, "dispute_id": dispute.id}
    if values:
        set_line(tx, row.id, line.line, values)
    return after


def set_line(tx: Tx, ticket_id: int, line: int, values: dict[str, Any]) -> None:
    """Writes columns of a ticket's line; the caller says so in an event."""
    mine = update(LINE).where(LINE.c.company == tx.company, LINE.c.ticket_id == ticket_id, LINE.c.line == line)
    tx.do(mine.values(**values))


def _done(
    tx: Tx, call_id: int | None, row: Row[Any], verb: str, words: str, undo: dict[str, Any], who: Trading,
    told: dict[str, Any],
) -> Asked:  # fmt: skip
    memory.remember(tx, call_id, verb, words, undo, who.hold_seconds)
    audit.record(tx, verb, "ticket", row.id, None, told)
    return Asked(row.id, f"{words}.")


def line_words(line: Row[Any]) -> str:
    """A line in words."""
    return f"{show_quantity(Decimal(line.quantity))} {line.unit} {line.code} {line.name}"
