"""Credits without an invoice: goodwill and bonuses, with their own reasons, tiers and the month they refer to."""

from __future__ import annotations

import calendar
import re
from datetime import date
from typing import Any

from sqlalchemy import Row

from csdesk.errors import Invalid, Refused
from csdesk.money import show
from csdesk.services import (
    asking,
    audit,
    booking,
    calls,
    crediting,
    credits,
    customers,
    deduction_notes,
    memory,
    reasons,
)
from csdesk.services.credits import Requested
from csdesk.services.customers import Trading
from csdesk.services.tx import Tx, reads, writes

USE = "goodwill"


def month_of(typed: str, today: date) -> tuple[date, date]:
    """The reference period: "9" or "9/26" a month not in the future, empty the present one. Raises Invalid."""
    if not typed:
        year, month = today.year, today.month
    else:
        found = re.fullmatch(r"(\d{1,2})(?:/(\d{2}|\d{4}))?", typed)
        month = int(found[1]) if found else 0
        if found is None or not 1 <= month <= 12:
            raise Invalid(f"'{typed}' is no month; 9 or 9/26 is wanted.", field="month")
        year = int(found[2]) if found[2] else today.year - (month > today.month)
        year += 2000 if year < 100 else 0
    first = date(year, month, 1)
    if first > today:
        raise Invalid(f"{first:%B %Y} has not begun; goodwill refers to what has been.", field="month")
    return first, date(year, month, calendar.monthrange(year, month)[1])


@reads("customer.read")
def preview(tx: Tx, customer_id: int, value: int, letter: str, month: str = "") -> str:
    """What asking for goodwill would do. Raises like the act."""
    who = customers.trading(tx, customer_id)
    reason, first = _meant(tx, who, value, letter, month)
    currency = who.account.currency
    wish = asking.Wish("goodwill_credit", who.id, who.account.id, currency, value, reason.code, {})
    words = f"asks {reason.name.lower()} of {show(value, currency)} {currency} for {first:%b %Y}"
    return f"{words}; {asking.needs(tx, wish)}"


@writes("credit.request")
def ask(tx: Tx, call_id: int, value: int, letter: str, month: str = "", note: str = "") -> Requested:
    """Asks for a credit without an invoice, `value` minor units, tax does not apply; for a month that has begun.

    Raises Invalid for a value, reason or month that cannot be, Refused when nobody is on the call.
    """
    call = calls.own(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    who = customers.trading(tx, call.customer_id, lock=True)
    reason, first = _meant(tx, who, value, letter, month)
    last = month_of(month, who.local(tx.now).date())[1]
    currency = who.account.currency
    payload = {"currency": currency, "amount": value, "reason": reason.code, "note": note,
               "period": [first.isoformat(), last.isoformat()], "lines": []}  # fmt: skip
    row = asking.submit(tx, asking.Wish("goodwill_credit", who.id, who.account.id, currency, value, reason.code,
                                        payload, note=note))  # fmt: skip
    steps = " then ".join(row["steps"].split()) or "nobody"
    words = (
        f"{reason.name} {row['number']}: {show(value, currency)} {currency} for {first:%b %Y}, "
        f"to be approved by {steps}"
    )
    memory.remember(tx, call.id, "goodwill.ask", words, {"do": "withdraw", "request": row["id"]}, who.hold_seconds)
    audit.record(tx, "goodwill.ask", "request", row["id"], None,
                 {name: row[name] for name in ("number", "kind", "amount", "counted", "reason", "steps")})  # fmt: skip
    return Requested(row["id"], row["number"], value, currency, f"{words}.")


def _meant(tx: Tx, who: Trading, value: int, letter: str, month: str) -> tuple[reasons.ReasonView, date]:
    if value <= 0:
        raise Invalid("A credit is above 0.", field="amount")
    return reasons.reason_of(tx, letter, USE), month_of(month, who.local(tx.now).date())[0]


def recheck(tx: Tx, row: Row[Any]) -> object:
    """One on an invoice line is checked as any credit of it is."""
    return credits.recheck(tx, row) if row.document_id is not None else None


def lines(tx: Tx, row: Row[Any]) -> tuple[crediting.RequestLine, ...]:
    """The invoice lines it is about, none without an invoice."""
    return crediting.lines(tx, row) if row.document_id is not None else ()


def facts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """The reference period, for the approver."""
    if row.document_id is not None:
        return ()
    first, last = (date.fromisoformat(each) for each in asking.payload(row)["period"])
    return (f"without an invoice, for {first:%d %b %Y} to {last:%d %b %Y}",)


def post(tx: Tx, row: Row[Any]) -> str:
    """The credit note of an approved request; without an invoice it names its month and carries no tax."""
    if row.document_id is not None:
        return crediting.post(tx, row)
    frozen = asking.payload(row)
    who = customers.trading(tx, row.customer_id)
    first = date.fromisoformat(frozen["period"][0])
    head = {
        "kind": "credit_note", "customer_id": who.id, "account_id": row.account_id, "currency": row.currency,
        "tax_method": who.tax_method, "rounding": who.rounding, "issued_on": who.local(tx.now).date(),
        "reason": row.reason,
    }  # fmt: skip
    line = {"product_id": None, "description": f"{row.reason.capitalize()} for {first:%B %Y}", "unit": "",
            "quantity": 1, "price": 0, "net": frozen["amount"], "tax_rate": 0, "tax": 0}  # fmt: skip
    note = booking.document(tx, head, [line], against="goodwill")
    asking.change(tx, row.id, state="posted", posted_id=note["id"])
    deduction_notes.settled(tx, row.id)
    told = {"document": note["id"], "number": note["number"]}
    memory.post(tx, "credit-note", f"credit-note:{note['id']}", told, who.hold_seconds)
    audit.record(tx, "posting.post", "document", note["id"], None,
                 {"number": note["number"], "gross": note["gross"], "request": row.number})  # fmt: skip
    return (
        f"Credit note {note['number']} posted: {show(note['gross'], row.currency)} {row.currency} without an invoice."
    )
