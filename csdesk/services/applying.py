"""Cash application: money taken in, set against what it pays by hand or by rule, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import Allocation, Dispute, OpenItem, Receipt, table
from csdesk.money import show
from csdesk.rules import allocation
from csdesk.services import allocating, audit, booking, customers, disputing, memory, reasons, writing_off
from csdesk.services.allocating import Pair
from csdesk.services.customers import Trading
from csdesk.services.derived import raw, unsettled
from csdesk.services.tx import Tx, reads, writes

ITEM, RECEIPT, DISPUTE, ALLOCATION = table(OpenItem), table(Receipt), table(Dispute), table(Allocation)
MOST_SHOWN = 9
MOST_APPLIED = 6  # as many as the page has room for: a number that is not shown means nothing
MOST_ITEMS = 500  # so many of the oldest open items are looked at for a rule


@dataclass(frozen=True)
class Unapplied:
    """A credit with money left: its place, what is left (minor units, positive) and what rule would apply it to."""

    place: int
    item_id: int
    number: str
    kind: str
    posted_on: date
    left: int
    reference: str
    proposal: str


@dataclass(frozen=True)
class Application:
    """One credit set against one debit: its place, both numbers, the amount in minor units and the day."""

    place: int
    id: int
    credit: str
    debit: str
    amount: int
    applied_on: date


@dataclass(frozen=True)
class Cash:
    """The cash page of an account: credits with money left, and what was applied last."""

    currency: str
    unapplied: tuple[Unapplied, ...]
    applied: tuple[Application, ...]


@dataclass(frozen=True)
class Done:
    """What a verb did, in one sentence, with the record it made."""

    id: int
    words: str


@reads("customer.read")
def page(tx: Tx, customer_id: int) -> Cash:
    """The unapplied credits of the account a customer is billed to, oldest first, and the latest applications."""
    who = customers.trading(tx, customer_id)
    items = _open_items(tx, who)
    credits = [
        Unapplied(place, row.id, row.number, row.kind, row.posted_on, -row.open, _reference(tx, row),
                  _proposal_words(_proposed(tx, who, row, items), items, row.currency))
        for place, row in enumerate(_credits(tx, who), 1)
    ]  # fmt: skip
    return Cash(who.account.currency, tuple(credits), tuple(_latest(tx, who)))


@reads("customer.read")
def credit(tx: Tx, customer_id: int, place: int, by_rule: bool = False) -> Unapplied:
    """The credit at a place of the cash page, with what rule makes of it when that is asked. Raises NotFound."""
    who = customers.trading(tx, customer_id)
    rows = _credits(tx, who)
    if not 1 <= place <= len(rows):
        raise NotFound(f"There is no credit {place} with money left; o shows them.", field="place")
    row, items = rows[place - 1], _open_items(tx, who) if by_rule else []
    words = _proposal_words(_proposed(tx, who, row, items), items, row.currency) if by_rule else ""
    return Unapplied(place, row.id, row.number, row.kind, row.posted_on, -row.open, "", words)


def _credits(tx: Tx, who: Trading) -> Sequence[Row[Any]]:
    statement = select(ITEM).where(
        ITEM.c.company == tx.company, ITEM.c.account_id == who.account.id, raw(ITEM.c.open) < 0
    )
    return tx.rows(statement.order_by(ITEM.c.posted_on, ITEM.c.id).limit(MOST_SHOWN))


def _open_items(tx: Tx, who: Trading) -> list[allocation.OpenItem]:
    mine = (ITEM.c.company == tx.company, ITEM.c.account_id == who.account.id)
    oldest = select(ITEM).where(*mine, unsettled(ITEM.c.open), raw(ITEM.c.open) > 0)
    rows = tx.rows(oldest.order_by(ITEM.c.due_on, ITEM.c.id).limit(MOST_ITEMS))
    live = select(DISPUTE.c.item_id).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.account_id == who.account.id, DISPUTE.c.closed_at.is_(None)
    )
    disputed = {row.item_id for row in tx.rows(live)}
    return [
        allocation.OpenItem(row.id, row.number, row.open, row.due_on, row.posted_on, row.currency, row.id in disputed)
        for row in rows
    ]


def _reference(tx: Tx, row: Row[Any]) -> str:
    if row.source != "receipt":
        return ""
    return str(tx.value(select(RECEIPT.c.reference).where(RECEIPT.c.company == tx.company,
                                                          RECEIPT.c.id == row.source_id)) or "")  # fmt: skip


def _proposed(tx: Tx, who: Trading, credit: Row[Any], items: Sequence[allocation.OpenItem]) -> allocation.Allocation:
    """What rule makes of a credit: remittance reference, exact amount, unique combination, oldest due."""
    words = _reference(tx, credit).replace(",", " ").replace(";", " ").split()
    return allocation.allocate(
        -credit.open, items, day=who.local(tx.now).date(), currency=credit.currency, references=words
    )  # fmt: skip


def _proposal_words(
    found: allocation.Allocation, items: Sequence[allocation.OpenItem], currency: str, most: int = 3
) -> str:
    if not found.rows:
        return ""
    numbers = {item.id: item.number for item in items}
    parts = [
        f"{numbers[row.item]} {show(row.amount, currency)} ({row.rule.replace('_', ' ')})" for row in found.rows[:most]
    ]
    more = [f"and {len(found.rows) - most} more"] if len(found.rows) > most else []
    left = [f"{show(found.on_account, currency)} stays on account"] if found.on_account else []
    return ", ".join([*parts, *more, *left])


def _latest(tx: Tx, who: Trading) -> list[Application]:
    credit, debit, back = ITEM.alias(), ITEM.alias(), ALLOCATION.alias()
    a = ALLOCATION.c
    statement = (
        select(a.id, a.amount, a.applied_on, credit.c.number.label("credit"), debit.c.number.label("debit"))
        .join(credit, (credit.c.company == a.company) & (credit.c.id == a.credit_item_id))
        .join(debit, (debit.c.company == a.company) & (debit.c.id == a.debit_item_id))
        .outerjoin(back, (back.c.company == a.company) & (back.c.reverses_id == a.id))
        .where(a.company == tx.company, debit.c.account_id == who.account.id, a.reverses_id.is_(None),
               back.c.id.is_(None), a.why.not_in(sorted(allocating.CORRECTING)))
        .order_by(a.applied_on.desc(), a.id.desc())
        .limit(MOST_APPLIED)
    )  # fmt: skip
    return [
        Application(place, row.id, row.credit, row.debit, row.amount, row.applied_on)
        for place, row in enumerate(tx.rows(statement), 1)
    ]


@writes("cash.apply")
def receive(
    tx: Tx,
    customer_id: int,
    amount: int,
    received_on: date,
    method: str = "",
    reference: str = "",
    call_id: int | None = None,
) -> Done:
    """Takes in money of a debtor (minor units of its account's currency); nothing of it is applied yet.

    Raises Invalid for an amount of nothing or a day to come, Refused for a closed period.
    """  # fmt: skip
    who = customers.trading(tx, customer_id, lock=True)
    allocating.receivable(amount)
    if received_on > who.local(tx.now).date():
        raise Invalid(f"{received_on:%d %b %Y} is still to come; money is taken in once it is there.", field="day")
    row = booking.receipt(tx, {
        "account_id": who.account.id, "received_on": received_on, "currency": who.account.currency, "amount": amount,
        "method": method[:40], "reference": reference[:200],
    }, who.id)  # fmt: skip
    words = f"Receipt {row['number']}: {show(amount, row['currency'])} {row['currency']} from {who.code} {who.name}"
    memory.remember(tx, call_id, "applying.receive", words, {"do": "unreceive", "receipt": row["id"]}, who.hold_seconds)
    audit.record(tx, "applying.receive", "receipt", row["id"], None,
                 {"number": row["number"], "amount": amount, "on": received_on})  # fmt: skip
    return Done(row["item_id"], f"{words}.")


@writes("cash.apply")
def apply(
    tx: Tx, call_id: int | None, credit_item: int, debit_item: int, amount: int | None = None, rest: str = ""
) -> Done:
    """Sets a credit against one item: `amount` minor units, or as much as fits. What is then still open of the item
    stays open, or by the letter of a reason for `rest` is posted as a small difference, within its limit, or raises a
    deduction.

    Raises Refused when it does not fit (see `allocating.settle`) or the difference is above its limit, Invalid for a
    letter that is no reason for either.
    """
    items = allocating.items_of(tx, (credit_item, debit_item))
    credit, debit = items[credit_item], items[debit_item]
    who = customers.trading(tx, debit.customer_id, lock=True)
    part = min(max(debit.open, 0), max(-credit.open, 0)) if amount is None else amount
    (made,) = allocating.settle(tx, [Pair(debit.id, credit.id, part)], who.local(tx.now).date(), "hand")
    words = f"{show(part, debit.currency)} {debit.currency} of {credit.number} applied to {debit.number}"
    missing = debit.open - part
    if rest and missing:
        words += "; " + _rest(tx, who, debit.id, missing, rest)
    else:
        words += f", {show(missing, debit.currency)} stay open" if missing else ""
    undo = {"do": "nothing"} if rest and missing else {"do": "unapply", "allocations": [made]}
    memory.remember(tx, call_id, "applying.apply", words, undo, who.hold_seconds)
    told = {"credit": credit.number, "debit": debit.number, "amount": part, "rest": rest}
    audit.record(tx, "applying.apply", "allocation", made, None, told)
    return Done(made, f"{words}.")


def _rest(tx: Tx, who: Trading, item_id: int, missing: int, letter: str) -> str:
    """What a short payment leaves: a small difference, or a deduction, by its reason."""
    if any(row.letter == letter.lower() for row in reasons.for_use(tx, "difference")):
        return writing_off.difference(tx, item_id, missing, letter)
    reason = reasons.reason_of(tx, letter, "short")
    return disputing.raise_for(tx, who, item_id, missing, reason.code).words.rstrip(".")


@writes("cash.apply")
def automatic(tx: Tx, call_id: int | None, credit_item: int) -> Done:
    """Applies a credit by rule: remittance reference, exact amount, unique combination, oldest due; disputed items only
    when the reference names them. What is left stays on account. Raises Refused when nothing fits.
    """
    credit = allocating.items_of(tx, [credit_item])[credit_item]
    who = customers.trading(tx, credit.customer_id, lock=True)
    if credit.open >= 0:
        raise Refused(f"Nothing is left of {credit.number}.")
    items = _open_items(tx, who)
    found = _proposed(tx, who, credit, items)
    if not found.rows:
        raise Refused(f"Nothing open fits {credit.number}; it stays on account.")
    made: list[int] = []
    for rule in dict.fromkeys(row.rule for row in found.rows):
        pairs = [Pair(row.item, credit.id, row.amount) for row in found.rows if row.rule == rule]
        made += allocating.settle(tx, pairs, who.local(tx.now).date(), rule)
    words = f"{credit.number} applied: {_proposal_words(found, items, credit.currency)}"
    undo = {"do": "unapply", "allocations": made}
    memory.remember(tx, call_id, "applying.automatic", words, undo, who.hold_seconds)
    told = {"credit": credit.number, "rows": [(row.item, row.amount, row.rule) for row in found.rows]}
    audit.record(tx, "applying.automatic", "open_item", credit.id, None, told)
    return Done(credit.id, f"{words}.")


@writes("cash.apply")
def unapply(tx: Tx, call_id: int | None, allocation_id: int) -> Done:
    """Takes one application back by a reversing row: both items are open again. Raises as `allocating.take_back`."""
    words, row = _taken_back(tx, [allocation_id])
    hold = customers.trading(tx, _debtor(tx, row)).hold_seconds
    memory.remember(tx, call_id, "applying.unapply", words, {"do": "reapply", "allocation": allocation_id}, hold)
    audit.record(tx, "applying.unapply", "allocation", allocation_id, {"amount": row.amount}, {"amount": 0})
    return Done(allocation_id, f"{words[:1].upper()}{words[1:]}.")


def _debtor(tx: Tx, row: Row[Any]) -> int:
    return int(tx.value(select(ITEM.c.customer_id).where(ITEM.c.company == tx.company, ITEM.c.id == row.debit_item_id)))


def reapply(tx: Tx, allocation_id: int) -> str:
    """Sets the pair of an application that was taken back against each other again, for undo. Raises as
    `allocating.settle` when something else was applied to one of the two meanwhile."""
    row = tx.row(select(ALLOCATION).where(ALLOCATION.c.company == tx.company, ALLOCATION.c.id == allocation_id))
    assert row is not None
    who = customers.trading(tx, _debtor(tx, row), lock=True)
    pair = Pair(row.debit_item_id, row.credit_item_id, row.amount)
    allocating.settle(tx, [pair], who.local(tx.now).date(), row.why)
    items = allocating.items_of(tx, (pair.debit, pair.credit), lock=False)
    amount = f"{show(row.amount, items[pair.debit].currency)} {items[pair.debit].currency}"
    return f"{amount} of {items[pair.credit].number} applied to {items[pair.debit].number} again"


def take_back(tx: Tx, allocation_ids: Sequence[int]) -> str:
    """Takes applications back, for undo."""
    return _taken_back(tx, allocation_ids)[0]


def _taken_back(tx: Tx, allocation_ids: Sequence[int]) -> tuple[str, Row[Any]]:
    first = tx.row(select(ALLOCATION).where(ALLOCATION.c.company == tx.company, ALLOCATION.c.id.in_(allocation_ids)))
    if first is None:
        raise NotFound("This application is not there; o shows the latest.")
    item = allocating.items_of(tx, [first.debit_item_id])[first.debit_item_id]
    who = customers.trading(tx, item.customer_id, lock=True)
    rows = allocating.take_back(tx, allocation_ids, who.local(tx.now).date())
    amount = sum(row.amount for row in rows)
    return f"{show(amount, item.currency)} {item.currency} on {item.number} taken back", first
