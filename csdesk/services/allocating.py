"""Setting credits against debits, and taking that back, under lock: open amounts never cross zero. Internal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Allocation, CreditAccount, Customer, OpenItem, table
from csdesk.models.types import Minor
from csdesk.money import show
from csdesk.services import booking, disputing, ticket_resuming
from csdesk.services.tx import Tx

ITEM, ALLOCATION, ACCOUNT, CUSTOMER = table(OpenItem), table(Allocation), table(CreditAccount), table(Customer)
_OPEN = (
    update(ITEM)
    .where(ITEM.c.company == bindparam("c"), ITEM.c.id == bindparam("i"))
    .values(open=ITEM.c.open + bindparam("v", type_=Minor))
)
_FIGURES = (
    update(ACCOUNT)
    .where(ACCOUNT.c.company == bindparam("c"), ACCOUNT.c.id == bindparam("i"))
    .values(
        open_debit=ACCOUNT.c.open_debit + bindparam("d", type_=Minor),
        open_credit=ACCOUNT.c.open_credit + bindparam("k", type_=Minor),
        version=ACCOUNT.c.version + 1,
    )
)


CORRECTING = frozenset({"difference", "reversal"})  # what write-offs and reversals set, by their own rules


@dataclass(frozen=True)
class Pair:
    """So much (minor units, above 0) of a credit item set against a debit item; `reverses` an earlier allocation."""

    debit: int
    credit: int
    amount: int
    reverses: int | None = None


def items_of(tx: Tx, ids: Iterable[int], lock: bool = True) -> dict[int, Row[Any]]:
    """Open items by id, under lock in the order of their ids, after their accounts. Raises NotFound."""
    wanted = sorted(set(ids))
    statement = select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id.in_(wanted)).order_by(ITEM.c.id)
    if lock:
        accounts = sorted({row.account_id for row in tx.rows(statement)})
        held = select(ACCOUNT.c.id).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id.in_(accounts))
        tx.rows(held.order_by(ACCOUNT.c.id).with_for_update())
        statement = statement.with_for_update()
    found = {row.id: row for row in tx.rows(statement)}
    if len(found) < len(wanted):
        raise NotFound("An item of this allocation is not there any more; l shows the ledger.")
    return found


def settle(tx: Tx, pairs: Sequence[Pair], day: date, why: str) -> list[int]:
    """Sets credits against debits; gives the allocations' ids.

    None is older than the items it sets: where one was posted later (an account in another time zone, a day to come)
    the allocation is of that day, so that what was open on any past day stays the sum of what was posted by then.

    Raises Refused when a pair is not of one account or payer group, not of one currency, or takes more than is open at
    this moment; nothing is cut silently.
    """
    items = items_of(tx, (item for pair in pairs for item in (pair.debit, pair.credit)))
    days = {pair: max(day, items[pair.debit].posted_on, items[pair.credit].posted_on) for pair in pairs}
    for each in sorted(set(days.values())):
        booking.period_of(tx, each)
    moved: dict[int, int] = dict.fromkeys(items, 0)
    for pair in pairs:
        debit, credit = items[pair.debit], items[pair.credit]
        if credit.kind == "write_off" and why not in CORRECTING:
            raise Refused(f"{credit.number} writes off one item only; it pays nothing else.")
        _fit(tx, debit, credit, pair.amount, debit.open + moved[debit.id], credit.open + moved[credit.id])
        moved[debit.id] -= pair.amount
        moved[credit.id] += pair.amount
    rows = [_row(tx, pair.debit, pair.credit, pair.amount, days[pair], why) for pair in pairs]
    _write(tx, rows, moved, items)
    paid = {items[pair.debit].source_id: items[pair.credit].number for pair in pairs
            if items[pair.credit].kind == "receipt" and items[pair.debit].source == "document"}  # fmt: skip
    ticket_resuming.applied(tx, paid)
    return [row["id"] for row in rows]


def take_back(tx: Tx, allocation_ids: Sequence[int], day: date, *, correcting: bool = False) -> list[Row[Any]]:
    """Reverses allocations by rows of their own, none older than what it takes back; gives those allocations.

    Raises NotFound, Refused for a reversing row and for what a write-off or reversal set (only `correcting` that whole
    posting takes it back), Conflict for one that was taken back already.
    """
    wanted = select(ALLOCATION).where(ALLOCATION.c.company == tx.company, ALLOCATION.c.id.in_(sorted(allocation_ids)))
    given = tx.rows(wanted)
    if len(given) < len(set(allocation_ids)):
        raise NotFound("This application is not there; o shows the latest.")
    for each in sorted({max(day, row.applied_on) for row in given}):
        booking.period_of(tx, each)
    items = items_of(tx, (item for row in given for item in (row.debit_item_id, row.credit_item_id)))
    back = select(ALLOCATION.c.reverses_id).where(
        ALLOCATION.c.company == tx.company, ALLOCATION.c.reverses_id.in_(sorted(allocation_ids))
    )
    if any(row.reverses_id is not None for row in given):
        raise Refused("This is itself the taking back of an application; apply anew instead.")
    if not correcting and any(row.why in CORRECTING for row in given):
        raise Refused("A write-off or reversal is not taken back by itself; ask that it is reversed.")
    if tx.row(back) is not None:
        raise Conflict("This was taken back already; o shows what is applied.")
    moved: dict[int, int] = dict.fromkeys(items, 0)
    for row in given:
        moved[row.debit_item_id] += row.amount
        moved[row.credit_item_id] -= row.amount
    rows = [
        {
            **_row(tx, row.debit_item_id, row.credit_item_id, -row.amount, max(day, row.applied_on), "reversal"),
            "reverses_id": row.id,
        }
        for row in given
    ]
    _write(tx, rows, moved, items)
    return list(given)


def standing(tx: Tx, item_id: int) -> Sequence[Row[Any]]:
    """The allocations of an item, debit or credit, that were not taken back, oldest first."""
    mine = (ALLOCATION.c.debit_item_id == item_id) | (ALLOCATION.c.credit_item_id == item_id)
    back = ALLOCATION.alias()
    taken_back = select(back.c.reverses_id).where(
        back.c.company == tx.company, back.c.reverses_id == ALLOCATION.c.id
    )  # fmt: skip
    statement = select(ALLOCATION).where(
        ALLOCATION.c.company == tx.company, mine, ALLOCATION.c.reverses_id.is_(None), ~taken_back.exists()
    )
    return tx.rows(statement.order_by(ALLOCATION.c.applied_on, ALLOCATION.c.id))


def _fit(tx: Tx, debit: Row[Any], credit: Row[Any], amount: int, due: int, money: int) -> None:
    if debit.face <= 0 or credit.face >= 0:
        raise Refused(f"{credit.number} cannot be set against {debit.number}: one must be owed, the other a credit.")
    if debit.currency != credit.currency:
        raise Refused(f"{credit.number} is in {credit.currency}, {debit.number} in {debit.currency}.")
    if debit.account_id != credit.account_id and not _same_payer(tx, debit.account_id, credit.account_id):
        raise Refused(f"{credit.number} is money of another account than {debit.number}.")
    if amount <= 0:
        raise Refused("Nothing is to be applied; an amount above 0 is wanted.", field="amount")
    if amount > due:
        raise Refused(f"{show(due, debit.currency)} {debit.currency} are open of {debit.number}, not more.")
    if amount > -money:
        raise Refused(f"{show(-money, credit.currency)} {credit.currency} are left of {credit.number}, not more.")


def _same_payer(tx: Tx, account: int, other: int) -> bool:
    """Whether two accounts belong to one payer group."""
    groups = [
        {row.payer_group for row in tx.rows(select(CUSTOMER.c.payer_group).where(
            CUSTOMER.c.company == tx.company, CUSTOMER.c.account_id == each, CUSTOMER.c.payer_group != ""))}
        for each in (account, other)
    ]  # fmt: skip
    return bool(groups[0] & groups[1])


def _row(tx: Tx, debit: int, credit: int, amount: int, day: date, why: str) -> dict[str, Any]:
    return {"company": tx.company, "id": new_id(), "debit_item_id": debit, "credit_item_id": credit, "amount": amount,
            "applied_on": day, "reverses_id": None, "made_by": tx.actor.id, "why": why}  # fmt: skip


def _write(tx: Tx, rows: Sequence[Mapping[str, Any]], moved: Mapping[int, int], items: Mapping[int, Row[Any]]) -> None:
    if not rows:
        return
    tx.do(insert(ALLOCATION), rows)
    changed = [(items[item], value) for item, value in sorted(moved.items()) if value]
    tx.do(_OPEN, [{"c": tx.company, "i": item.id, "v": value} for item, value in changed])
    figures: dict[int, dict[str, int]] = {}
    for item, value in changed:
        mine = figures.setdefault(item.account_id, {"d": 0, "k": 0})
        mine["d" if item.face > 0 else "k"] += value if item.face > 0 else -value
    tx.do(_FIGURES, [{"c": tx.company, "i": account, **parts} for account, parts in sorted(figures.items())])
    for row in rows:
        tell_disputes(tx, row, items[row["credit_item_id"]])


def tell_disputes(tx: Tx, row: Mapping[str, Any], credit: Row[Any]) -> None:
    """What an allocation, or its reversal, does to what is in dispute of the debit."""
    item, amount, day, undone = row["debit_item_id"], abs(row["amount"]), row["applied_on"], row["amount"] < 0
    if credit.kind in {"credit_note", "write_off"}:
        cleared = credit.kind == "write_off"
        disputing.credited(tx, item, amount, day, document_id=credit.source_id, cleared=cleared, undone=undone)
    else:
        disputing.paid(tx, item, amount, day, undone)


def check(tx: Tx, debit: Row[Any], credit: Row[Any], amount: int) -> None:
    """Raises Refused where `settle` would for this pair alone, as both items stand now. Writes nothing."""
    if credit.kind == "write_off":
        raise Refused(f"{credit.number} writes off one item only; it pays nothing else.")
    _fit(tx, debit, credit, amount, debit.open, credit.open)


def receivable(amount: int) -> None:
    """Raises Invalid for an amount of nothing: nobody pays that in."""
    if amount <= 0:
        raise Invalid("A receipt is above 0; money that went back is a reversal.", field="amount")
