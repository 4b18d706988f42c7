"""Loading receipts and allocations, and setting receipts against the invoices their source says they paid. Internal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam, func, select, update

from csdesk.models import Allocation, CreditAccount, Customer, Dispute, ImportNote, OpenItem, Receipt, table
from csdesk.models.types import Minor
from csdesk.services import allocating, booking
from csdesk.services.loading_base import Known, Load, known, notes, remember, resolve
from csdesk.services.loading_put import batches, put
from csdesk.services.loading_types import Unit

RECEIPT, ITEM, ALLOCATION = table(Receipt), table(OpenItem), table(Allocation)
ACCOUNT, CUSTOMER, NOTE = table(CreditAccount), table(Customer), table(ImportNote)
DISPUTE = table(Dispute)
_C: Any = bindparam("c")
_IDS: Any = bindparam("ids", expanding=True)
_NUMBERS = select(RECEIPT.c.number).where(
    RECEIPT.c.company == _C, RECEIPT.c.number.in_(_IDS), RECEIPT.c.source.in_(("desk", bindparam("s")))
)
_DEBTORS = select(CUSTOMER.c.id, CUSTOMER.c.account_id).where(CUSTOMER.c.company == _C, CUSTOMER.c.id.in_(_IDS))
_ITEMS = (
    select(ITEM)
    .where(ITEM.c.company == _C, ITEM.c.source == bindparam("s"), ITEM.c.source_id.in_(_IDS))
    .order_by(ITEM.c.id)
    .with_for_update()
)
_CASH = (
    select(ITEM)
    .where(ITEM.c.company == _C, ITEM.c.account_id.in_(_IDS), ITEM.c.source == "receipt", ITEM.c.open < 0)
    .order_by(ITEM.c.id)
    .with_for_update()
)
_PAID = (
    select(ITEM, NOTE.c.text.label("paid_on"))
    .join(NOTE, (NOTE.c.company == ITEM.c.company) & (NOTE.c.subject_id == ITEM.c.source_id))
    .where(
        ITEM.c.company == _C,
        ITEM.c.account_id.in_(_IDS),
        ITEM.c.source == "document",
        ITEM.c.open > 0,
        NOTE.c.subject == "document",
        NOTE.c.kind == "paid-on",
    )
    .order_by(ITEM.c.id)
    .with_for_update(of=ITEM)
)
_DISPUTED = select(DISPUTE.c.item_id).where(
    DISPUTE.c.company == _C, DISPUTE.c.item_id.in_(_IDS), DISPUTE.c.closed_at.is_(None)
)
_TAKE = (
    update(ITEM)
    .where(ITEM.c.company == _C, ITEM.c.id == bindparam("i"))
    .values(open=ITEM.c.open + bindparam("v", type_=Minor))
)
_newest = func.row_number().over(
    partition_by=RECEIPT.c.account_id, order_by=(RECEIPT.c.received_on.desc(), RECEIPT.c.id.desc())
)
_RANKED = (
    select(RECEIPT.c.account_id, RECEIPT.c.amount, RECEIPT.c.received_on, _newest.label("place"))
    .where(RECEIPT.c.company == _C, RECEIPT.c.account_id.in_(_IDS))
    .subquery()
)
_LATEST = select(_RANKED).where(_RANKED.c.place == 1).order_by(_RANKED.c.account_id)
_PAY = (
    update(ACCOUNT)
    .where(ACCOUNT.c.company == _C, ACCOUNT.c.id == bindparam("i"))
    .values(last_payment=bindparam("a"), last_payment_on=bindparam("d"))
)


def take_receipts(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads money in: each receipt is an open credit of its debtor until it is set against something."""
    debtors = resolve(load, "customer", [unit.values["debtor"] for unit in new])
    ids = {"c": load.tx.company, "ids": sorted(set(debtors.values()))}
    accounts = {row.id: row.account_id for row in load.tx.rows(_DEBTORS, ids)}
    closed = booking.closed_days(load.tx, {unit.values["received_on"] for unit in new})
    given = {"c": load.tx.company, "s": load.source.name[:20], "ids": sorted({unit.values["number"] for unit in new})}
    taken = {row.number for row in load.tx.rows(_NUMBERS, given)}
    rows, items, keys = [], [], []
    for unit in new:
        values = unit.values
        debtor = debtors.get(values["debtor"])
        if values["number"] in taken:
            load.refuse(unit, "taken", f"receipt {values['number']} is there already")
            continue
        if debtor is None or values["amount"] == 0:
            wrong = f"there is no customer {values['debtor']!r}" if debtor is None else "a receipt of nothing"
            load.refuse(unit, "unknown" if debtor is None else "value", wrong)
            continue
        if values["received_on"] in closed:
            load.refuse(unit, "period", closed[values["received_on"]])
            continue
        made = load.new_id()
        row = {"id": made, "account_id": accounts[debtor], "currency": load.source.currency}
        row |= {name: values[name] for name in ("number", "received_on", "amount")}
        row |= {name: values.get(name) or "" for name in ("method", "reference")}
        rows.append({**row, "source": load.source.name[:20]})
        items.append(_credit(load, made, debtor, accounts[debtor], values))
        keys.append((unit.key, made, 0, unit.hash))
        taken.add(values["number"])
        load.touched["account"].add(accounts[debtor])
        load.touched["paid"].add(accounts[debtor])
        load.done(unit, "imported")
    put(load.tx, RECEIPT, rows)
    put(load.tx, ITEM, items)
    booking.enter_items(load.tx, [("receipt", [item["source_id"] for item in items])])
    remember(load, "receipt", keys)


def _credit(load: Load, receipt: int, debtor: int, account: int, values: Mapping[str, Any]) -> dict[str, Any]:
    """The open item of a receipt."""
    return {
        "id": load.new_id(),
        "account_id": account,
        "customer_id": debtor,
        "source": "receipt",
        "source_id": receipt,
        "number": values["number"],
        "kind": "receipt",
        "posted_on": values["received_on"],
        "due_on": values["received_on"],
        "currency": load.source.currency,
        "face": -values["amount"],
        "open": -values["amount"],
    }


def take_allocations(load: Load, new: Sequence[Unit], changed: Sequence[tuple[Unit, Known]]) -> None:
    """Loads allocations. Refuses what would take an item across zero, two accounts that are not the same, and a day
    whose period is closed. One dated before an item it sets is of that item's day; what its source states is noted.
    """
    pairing, items = _Pairing(load), _items(load, new)
    sets = {unit.rows[0]: _both(unit, items) for unit in new}
    days = {unit.rows[0]: _day(unit.values["applied_on"], *sets[unit.rows[0]]) for unit in new}
    closed, keys, moved = booking.closed_days(load.tx, set(days.values())), [], []
    for unit in new:
        values, (debit, paying), day = unit.values, sets[unit.rows[0]], days[unit.rows[0]]
        amount = values["amount"]
        if debit is None or paying is None:
            load.refuse(unit, "unknown", "the document or what paid it has no open item here")
        elif debit.account_id != paying.account_id:
            load.refuse(unit, "value", f"{values['document']} and what paid it stand on two accounts")
        elif not 0 < amount <= min(pairing.open(debit), -pairing.open(paying)):
            load.refuse(unit, "value", f"{values['document']} or what paid it does not have that much open")
        elif day in closed:
            load.refuse(unit, "period", closed[day])
        else:
            made = pairing.pair(debit, paying, amount, day)
            keys.append((unit.key, made, 0, unit.hash))
            if day != values["applied_on"]:
                moved.append(("allocation", made, "stated-day", values["applied_on"].isoformat()))
            load.done(unit, "imported")
    pairing.write()
    remember(load, "allocation", keys)
    notes(load, moved)


def _both(unit: Unit, items: Mapping[tuple[str, Any], Any]) -> tuple[Any, Any]:
    """The items an allocation sets against each other, debit first; None for one that is not here."""
    values = unit.values
    paying = items.get(("receipt", values.get("receipt"))) or items.get(("document", values.get("credit")))
    return items.get(("document", values["document"])), paying


def _day(stated: date, *items: Any) -> date:
    """The day of an allocation: as stated, unless an item it sets is posted later."""
    posted: list[date] = [item.posted_on for item in items if item is not None]
    return max([stated, *posted])


def _items(load: Load, units: Sequence[Unit]) -> dict[tuple[str, Any], Any]:
    """(document or receipt, its key) -> its open item."""
    named = [unit.values.get(name) or "" for unit in units for name in ("document", "credit")]
    paid_by = known(load, "receipt", [unit.values.get("receipt") or "" for unit in units])
    meant = {
        "document": resolve(load, "document", named),
        "receipt": {key: each.subject_id for key, each in paid_by.items()},
    }
    found: dict[tuple[str, Any], Any] = {}
    for source, keys in meant.items():
        about = {"c": load.tx.company, "s": source, "ids": sorted(set(keys.values()))}
        rows = {row.source_id: row for row in load.tx.rows(_ITEMS, about)}
        found |= {(source, key): rows[record] for key, record in keys.items() if record in rows}
    return found


class _Pairing:
    """Allocations being made, with what each item still has open meanwhile."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.rows: list[dict[str, Any]] = []
        self._credits: dict[int, Any] = {}
        self._moved: dict[int, int] = defaultdict(int)

    def open(self, item: Any) -> int:
        """What the item has open after the pairs made so far; credits are negative."""
        return int(item.open) + self._moved[item.id]

    def pair(self, debit: Any, credit: Any, amount: int, day: date) -> int:
        """Sets `amount` of the credit against the debit; gives the allocation's id."""
        self._credits[credit.id] = credit
        self._moved[debit.id] -= amount
        self._moved[credit.id] += amount
        row = {"id": self.load.new_id(), "debit_item_id": debit.id, "credit_item_id": credit.id, "amount": amount}
        self.rows.append({**row, "applied_on": day})
        self.load.touched["account"].add(debit.account_id)
        return int(row["id"])

    def write(self) -> None:
        """Writes the allocations and the items' open amounts; disputes of what was paid follow, as by hand."""
        put(self.load.tx, ALLOCATION, self.rows)
        moved = [
            {"c": self.load.tx.company, "i": item, "v": value} for item, value in sorted(self._moved.items()) if value
        ]
        if moved:
            self.load.tx.do(_TAKE, moved)
        live: set[int] = set()
        for some in batches(sorted({row["debit_item_id"] for row in self.rows})):
            key = {"c": self.load.tx.company, "ids": list(some)}
            live |= {row.item_id for row in self.load.tx.rows(_DISPUTED, key)}
        for row in (each for each in self.rows if each["debit_item_id"] in live):
            allocating.tell_disputes(self.load.tx, row, self._credits[row["credit_item_id"]])


def allocate_by_day(load: Load, accounts: Iterable[int]) -> None:
    """Sets the receipts of an account and day against its documents paid in full that day, in the order they came in.

    The money that is left pays something that is not here and stays unapplied. Where the source's own statement does
    not hold (less money than documents) the first documents are paid and the rest stays open; so it does on a day whose
    period is closed.
    """
    for some in batches(sorted(accounts), 500):
        ids = {"c": load.tx.company, "ids": list(some)}
        paid: dict[tuple[int, str], list[Any]] = defaultdict(list)
        for item in load.tx.rows(_PAID, ids):
            paid[item.account_id, item.paid_on].append(item)
        pairing, pairs = _Pairing(load), []
        for cash in load.tx.rows(_CASH, ids) if paid else ():
            found = paid.get((cash.account_id, cash.posted_on.isoformat()), ())
            pairs += [(debit, cash, _day(cash.posted_on, debit)) for debit in found]
        closed = booking.closed_days(load.tx, {day for _, _, day in pairs})
        for debit, cash, day in pairs:
            amount = min(pairing.open(debit), -pairing.open(cash))
            if amount > 0 and day not in closed:
                pairing.pair(debit, cash, amount, day)
        pairing.write()


def last_payments(load: Load, accounts: Iterable[int]) -> None:
    """The latest receipt of each account, as the context bar shows it."""
    for some in batches(sorted(accounts), 500):
        latest = load.tx.rows(_LATEST, {"c": load.tx.company, "ids": list(some)})
        rows = [{"c": load.tx.company, "i": row.account_id, "a": row.amount, "d": row.received_on} for row in latest]
        if rows:
            load.tx.do(_PAY, rows)
