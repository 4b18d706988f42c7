"""Money whose owner is not known: it waits in a queue, never vanishes, becomes a receipt once its owner is found."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Conflict, DeskError, Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import BankLine, Customer, OpenItem, table
from csdesk.money import show
from csdesk.services import applying, audit, booking, customers, memory, numbers
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

BANK, ITEM, CUSTOMER = table(BankLine), table(OpenItem), table(Customer)
MOST_GUESSES = 9
# What banks write where a payment has no reference of its own (ISO 20022, SWIFT MT940).
STOCK = frozenset({"", "NOTPROVIDED", "NOT PROVIDED", "NONREF", "NOREF"})
OWN = "~"  # begins the desk's own references; no bank's character set has it


@dataclass(frozen=True)
class Waiting:
    """Money in the queue; minor units, `days` it waits."""

    id: int
    number: str
    received_on: date
    currency: str
    amount: int
    payer: str
    reference: str
    days: int


@dataclass(frozen=True)
class BankEntry:
    """A line of a bank's file, `line` its place there; the amount in minor units of `currency`."""

    line: int
    amount: int
    received_on: date
    payer: str
    reference: str
    bank_reference: str
    currency: str


@dataclass(frozen=True)
class Guess:
    """A customer the money may be of, with why one would think so."""

    customer_id: int
    code: str
    name: str
    why: str


@reads("cash.apply")
def queue(tx: Tx, limit: int = 200) -> tuple[Waiting, ...]:
    """What waits for its owner, oldest first."""
    statement = select(BANK).where(BANK.c.company == tx.company, BANK.c.state == "waiting")
    return tuple(_view(tx, row) for row in tx.rows(statement.order_by(BANK.c.received_on, BANK.c.id).limit(limit)))


def _view(tx: Tx, row: Row[Any]) -> Waiting:
    days = (_today(tx) - row.received_on).days
    return Waiting(
        row.id, row.number, row.received_on, row.currency, row.amount, row.payer, row.reference, max(days, 0)
    )


@reads("cash.apply")
def one(tx: Tx, bank_line_id: int) -> tuple[Waiting, tuple[Guess, ...]]:
    """Money in the queue with the customers it may be of: by an item's number in its reference, by exact amount, by
    name. Raises NotFound."""
    row = _line(tx, bank_line_id)
    return _view(tx, row), tuple(_guesses(tx, row))


def _guesses(tx: Tx, row: Row[Any]) -> list[Guess]:
    words = [word for word in row.reference.replace(",", " ").split() if len(word) >= 3]
    found: dict[int, Guess] = {}
    item = select(ITEM.c.number, ITEM.c.customer_id, CUSTOMER.c.code, CUSTOMER.c.name).join(
        CUSTOMER, (CUSTOMER.c.company == ITEM.c.company) & (CUSTOMER.c.id == ITEM.c.customer_id)
    )
    open_ = (ITEM.c.company == tx.company, raw(ITEM.c.open) > 0, ITEM.c.currency == row.currency)
    for each in tx.rows(item.where(*open_, ITEM.c.number.in_(words)).limit(MOST_GUESSES)) if words else ():
        found.setdefault(each.customer_id, Guess(each.customer_id, each.code, each.name, f"names {each.number}"))
    for each in tx.rows(item.where(*open_, raw(ITEM.c.open) == row.amount).order_by(ITEM.c.due_on).limit(MOST_GUESSES)):
        why = f"{each.number} is open with just this amount"
        found.setdefault(each.customer_id, Guess(each.customer_id, each.code, each.name, why))
    payer = row.payer.strip()
    if payer:
        like = select(CUSTOMER).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.name.ilike(f"{payer[:40]}%"))
        for each in tx.rows(like.limit(MOST_GUESSES)):
            found.setdefault(each.id, Guess(each.id, each.code, each.name, "is called so"))
    return list(found.values())[:MOST_GUESSES]


@reads("cash.apply")
def ending(tx: Tx, ending: str) -> int:
    """The waiting money whose number ends so. Raises NotFound for none, Invalid for several."""
    wanted = select(BANK.c.id, BANK.c.number).where(
        BANK.c.company == tx.company, BANK.c.state == "waiting", BANK.c.number.like(f"%{ending}")
    )
    found = tx.rows(wanted.order_by(BANK.c.number).limit(9))
    if not found:
        raise NotFound(f"No money waits whose number ends in {ending}; q shows what does.", field="ending")
    if len(found) > 1:
        raise Invalid(f"{', '.join(row.number for row in found)} end so; type more of the number.", field="ending")
    return int(found[0].id)


@writes("cash.apply")
def take_in(
    tx: Tx,
    amount: int,
    received_on: date,
    payer: str = "",
    reference: str = "",
    bank_reference: str = "",
    currency: str = "",
) -> str:
    """Takes in money without a known owner (minor units of `currency`, the company's unless named).

    A bank reference is taken in once. Raises Invalid for an amount of nothing or a day to come, Conflict for a bank
    reference that is there, Refused for a closed period.
    """  # fmt: skip
    if amount <= 0:
        raise Invalid("Money taken in is above 0.", field="amount")
    if received_on > _today(tx):
        raise Invalid(f"{received_on:%d %b %Y} is still to come; money is taken in once it is there.", field="day")
    currency = currency or customers.company_currency(tx)
    if len(bank_reference) > 80:
        raise Invalid("A bank's reference has at most 80 characters.", field="reference")
    number = numbers.next_number(tx, "bank_line")
    if bank_reference and (known := _known(tx, bank_reference)) is not None:
        raise Conflict(f"The bank's {bank_reference} was taken in already as {known.number}.")
    row: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "number": number, "bank_reference": bank_reference or f"{OWN}{number}",
        "received_on": received_on, "currency": currency, "amount": amount, "payer": payer[:200],
        "reference": reference[:200], "state": "waiting", "note": "", "taken_at": tx.now,
    }  # fmt: skip
    tx.do(insert(BANK), row)
    booking.entries(tx, "bank", row["id"], received_on, currency, {"bank": amount, "unidentified-cash": -amount})
    audit.record(tx, "unidentified.take_in", "bank_line", row["id"], None, {"number": number, "amount": amount})
    return f"{show(amount, currency)} {currency} wait as {number} until their owner is known (q)."


def _today(tx: Tx) -> date:
    """The company's local day."""
    return tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()


def _known(tx: Tx, bank_reference: str) -> Row[Any] | None:
    return tx.row(select(BANK).where(BANK.c.company == tx.company, BANK.c.bank_reference == bank_reference))


@reads("cash.apply")
def currency(tx: Tx) -> str:
    """The currency of a bank file that names none: the company's."""
    return customers.company_currency(tx)


@writes("cash.apply")
def take_in_file(tx: Tx, entries: tuple[BankEntry, ...]) -> tuple[int, int]:
    """Takes in a bank's file whole or not at all: (lines taken in, lines that were there already).

    A line is known by the bank's reference; one without (or with a word that only says so) by its day, amount, payer
    and text, and its place among those alike in the file. So a file may come twice, and two payments alike both come
    in. Raises as `take_in`, and Conflict for a reference that is there with another day, amount, currency or payer,
    all naming the line.
    """
    fresh, alike = 0, Counter[str]()
    for entry in entries:
        try:
            fresh += _taken_once(tx, entry, alike)
        except DeskError as error:
            raise type(error)(f"Line {entry.line}: {error}", field=error.field) from None
    return fresh, len(entries) - fresh


def _taken_once(tx: Tx, entry: BankEntry, alike: Counter[str]) -> bool:
    own = entry.bank_reference.strip()
    if own.startswith(OWN):
        raise Invalid(f"A bank's reference does not begin with {OWN}.", field="reference")
    if own.upper() in STOCK:
        told = (entry.received_on.isoformat(), str(entry.amount), entry.currency, entry.payer, entry.reference)
        digest = hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:40]
        alike[digest] += 1
        own = f"{OWN}{digest} {alike[digest]}"
    known = _known(tx, own)
    if known is None:
        take_in(tx, entry.amount, entry.received_on, entry.payer, entry.reference, own, entry.currency)
        return True
    there = (known.received_on, known.amount, known.currency, known.payer)
    if there != (entry.received_on, entry.amount, entry.currency, entry.payer[:200]):
        what = f"{known.received_on:%d %b %Y}, {show(known.amount, known.currency)} {known.currency}, {known.payer}"
        raise Conflict(
            f"the bank's {own} is {known.number} already, of {what.rstrip(', ')}; ask the bank which is right."
        )
    return False


@writes("cash.apply")
def identify(tx: Tx, bank_line_id: int, customer_id: int, call_id: int | None = None) -> applying.Done:
    """Makes waiting money a receipt of a customer; nothing of it is applied yet.

    Raises Conflict when it waits no more, Refused for another currency than the account's or a closed period.
    """
    who = customers.trading(tx, customer_id, lock=True)
    row = fitting(tx, bank_line_id, who, lock=True)
    day = who.local(tx.now).date()
    made = booking.receipt(tx, {
        "account_id": who.account.id, "received_on": row.received_on, "currency": row.currency, "amount": row.amount,
        "method": "bank", "reference": row.reference, "bank_line_id": row.id,
    }, who.id, source="unidentified-cash", posted_on=day)  # fmt: skip
    _settled(tx, row, state="identified", receipt_id=made["id"])
    words = f"{row.number} is receipt {made['number']} of {who.code} {who.name}: {show(row.amount, row.currency)}"
    undo = {"do": "unreceive", "receipt": made["id"]}
    memory.remember(tx, call_id, "unidentified.identify", words, undo, who.hold_seconds)
    audit.record(tx, "unidentified.identify", "bank_line", row.id, {"state": row.state},
                 {"state": "identified", "receipt": made["number"], "customer": who.code})  # fmt: skip
    return applying.Done(made["item_id"], f"{words}.")


def fitting(tx: Tx, bank_line_id: int, who: customers.Trading, lock: bool = False) -> Row[Any]:
    """Waiting money that may become a receipt of a debtor. Raises Conflict when it waits no more, Refused for another
    currency than the account's."""
    row = _line(tx, bank_line_id, lock)
    if row.state != "waiting":
        raise Conflict(f"{row.number} waits no more: it was {row.state}.")
    if row.currency != who.account.currency:
        raise Refused(f"{row.number} is in {row.currency}, the account of {who.code} in {who.account.currency}.")
    return row


@writes("cash.apply")
def give_back(tx: Tx, bank_line_id: int, why: str) -> str:
    """Money that goes back to where it came from. Raises Invalid without a reason, Conflict when it waits no more."""
    if not why.strip():
        raise Invalid("Say why the money goes back.", field="reason")
    row = _line(tx, bank_line_id, lock=True)
    day = max(_today(tx), row.received_on)
    back = {"unidentified-cash": row.amount, "bank": -row.amount}
    booking.entries(tx, "bank-back", row.id, day, row.currency, back)
    _settled(tx, row, state="returned", note=why.strip()[:500])
    audit.record(tx, "unidentified.give_back", "bank_line", row.id, {"state": row.state},
                 {"state": "returned", "why": why.strip()})  # fmt: skip
    return f"{row.number}, {show(row.amount, row.currency)} {row.currency}, goes back: {why.strip()}."


def _line(tx: Tx, bank_line_id: int, lock: bool = False) -> Row[Any]:
    statement = select(BANK).where(BANK.c.company == tx.company, BANK.c.id == bank_line_id)
    row = tx.row(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("This money is not in the queue; q shows what waits.")
    if lock and row.state != "waiting":
        raise Conflict(f"{row.number} waits no more: it was {row.state}.")
    return row


def wait_again(tx: Tx, bank_line_id: int) -> None:
    """Money whose receipt was reversed waits for its owner again."""
    row = tx.row(select(BANK).where(BANK.c.company == tx.company, BANK.c.id == bank_line_id).with_for_update())
    assert row is not None
    mine = update(BANK).where(BANK.c.company == tx.company, BANK.c.id == bank_line_id)
    tx.do(mine.values(state="waiting", receipt_id=None, settled_at=None, settled_by=None))


def _settled(tx: Tx, row: Row[Any], **values: Any) -> None:
    mine = update(BANK).where(BANK.c.company == tx.company, BANK.c.id == row.id)
    tx.do(mine.values(settled_at=tx.now, settled_by=tx.actor.id, **values))
