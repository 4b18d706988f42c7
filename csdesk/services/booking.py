"""Posting: a document or receipt, its open item, its balanced ledger entries and the account's figures together.

Internal to services; the caller holds the credit account locked. Entries are debit positive; those of one source add
up to zero, and those on the control account are the faces of the open items, so that sub-ledger and control account
agree on any day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Select, and_, bindparam, case, func, insert, literal, select, type_coerce, update

from csdesk.errors import Refused
from csdesk.ids import new_id
from csdesk.models import CreditAccount, Document, DocumentLine, LedgerEntry, OpenItem, Period, Receipt, table
from csdesk.rules import periods
from csdesk.services import numbers, tax_categories, ticket_resuming
from csdesk.services.tx import Tx

DOCUMENT, LINE, ITEM = table(Document), table(DocumentLine), table(OpenItem)
ACCOUNT, ENTRY, PERIOD, RECEIPT = table(CreditAccount), table(LedgerEntry), table(Period), table(Receipt)
CONTROL = "receivables"
ACCOUNTS: dict[str, str] = {
    CONTROL: "Receivables, the control account of the sub-ledger",
    "revenue": "Revenue and what lessens it (credit notes)",
    "output-tax": "Tax on sales",
    "bank": "Money in",
    "unidentified-cash": "Money in whose owner is not known yet",
    "goodwill": "Goodwill and bonuses without an invoice",
    "small-differences": "Small differences of payments",
    "credit-losses": "Debts written off",
    "charges": "Interest and reminder fees",
    "impairment": "Expected credit losses of the period",
    "allowance": "Allowance for expected credit losses",
    "opening-balance": "What was open before these books began",
}
CREDITS = frozenset({"credit_note", "write_off"})  # kinds whose open item is a credit


def period_of(tx: Tx, day: date) -> None:
    """Raises Refused when the period of a day is not open; see `closed_days`."""
    if why := closed_days(tx, [day]).get(day):
        raise Refused(why)


def closed_days(tx: Tx, days: Collection[date]) -> dict[date, str]:
    """Why nothing may be posted, for those of some days where nothing may. Their periods are held shared until the
    commit: closing waits for what is being posted. A day without a period is open, unless a later one is locked.

    Into a soft-closed period goes what a supervisor or above approved, with its reason (`with_reason`).
    """
    if not days:
        return {}
    covering = (PERIOD.c.company == tx.company, PERIOD.c.starts_on <= max(days), PERIOD.c.ends_on >= min(days))
    rows = tx.rows(select(PERIOD).where(*covering).order_by(PERIOD.c.starts_on).with_for_update(read=True))
    known = [periods.Period(row.starts_on, row.ends_on, row.state) for row in rows]
    reason = str(tx.cache.get(_REASON, ""))
    found: dict[date, str] = {}
    last: list[date | None] = []  # the last locked period's first day, asked once at most
    for day in sorted(set(days)):
        if periods.period_of(day, known) is None:
            last = last or [tx.value(_LAST_LOCKED.where(PERIOD.c.company == tx.company))]
            if last[0] is not None and last[0] > day:
                found[day] = f"{day:%d %b %Y} lies before periods that are locked; post into an open one."
        elif why := periods.why_not_post(day, known, supervisor=bool(reason), reason=reason):
            found[day] = why
    return found


_LAST_LOCKED = select(func.max(PERIOD.c.starts_on)).where(PERIOD.c.state == periods.LOCKED)
_REASON = "reason to post into a soft-closed period"


def with_reason(tx: Tx, reason: str) -> None:
    """Lets this transaction post into a soft-closed period: a supervisor or above approved it, with a reason."""
    tx.cache[_REASON] = reason


def document(
    tx: Tx,
    head: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    *,
    against: str = "revenue",
    sign: int | None = None,
    sides: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Posts a document into an open period, numbered without a gap; gives its row with `item_id`.

    `head` holds the document's columns but id, number, times and amounts; `against` names the ledger account its net
    goes to, `sides` all entries where they are not net and tax. Debit or credit follows from the kind, for a reversal
    from `sign`. Lines without a tax category get the customer's of today, for good. Raises Refused for a closed period.
    """  # fmt: skip
    day: date = head["issued_on"]
    period_of(tx, day)
    sign = (-1 if head["kind"] in CREDITS else 1) if sign is None else sign
    net, tax = sum(line["net"] for line in lines), sum(line["tax"] for line in lines)
    number = numbers.next_number(tx, head["kind"])
    row: dict[str, Any] = {
        "due_on": day, **head, "company": tx.company, "id": new_id(), "number": number, "issued_at": tx.now,
        "net": net, "tax": tax, "gross": net + tax,
    }  # fmt: skip
    tx.do(insert(DOCUMENT), row)
    made = tax_categories.stamped(tx, head["customer_id"], lines)
    tx.do(insert(LINE), [
        {"company": tx.company, "document_id": row["id"], "line": place, **line} for place, line in enumerate(made, 1)
    ])  # fmt: skip
    item = _open(tx, row, "document", head["kind"], day, sign * (net + tax))
    usual = {CONTROL: sign * (net + tax), against: -sign * net, "output-tax": -sign * tax}
    _enter(tx, "document", row["id"], row["account_id"], day, row["currency"], usual if sides is None else sides)
    return {**row, "item_id": item}


def receipt(
    tx: Tx, values: Mapping[str, Any], customer_id: int, *, source: str = "bank", posted_on: date | None = None
) -> dict[str, Any]:
    """Posts money of a debtor, nothing of it applied yet; gives its row with `item_id`. `source` is where it comes
    from: the bank, or unidentified-cash once its owner is known, `posted_on` the day of that where it is later than
    the money. Raises Refused for a closed period."""
    day: date = posted_on or values["received_on"]
    period_of(tx, day)
    number = numbers.next_number(tx, "receipt")
    row: dict[str, Any] = {"company": tx.company, "id": new_id(), "number": number, **values}
    tx.do(insert(RECEIPT), row)
    amount = row["amount"]
    item = _open(tx, {**row, "customer_id": customer_id, "due_on": day}, "receipt", "receipt", day, -amount)
    _enter(tx, "receipt", row["id"], row["account_id"], day, row["currency"], {CONTROL: -amount, source: amount})
    last_payment(tx, row["account_id"])
    ticket_resuming.received(tx, row["account_id"], number)
    return {**row, "item_id": item}


def last_payment(tx: Tx, account_id: int) -> None:
    """The latest receipt of an account that was not reversed, as the context bar shows it."""
    back = select(DOCUMENT.c.id).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.receipt_id == RECEIPT.c.id)
    mine = select(RECEIPT.c.amount, RECEIPT.c.received_on).where(
        RECEIPT.c.company == tx.company, RECEIPT.c.account_id == account_id, ~back.exists()
    )
    row = tx.row(mine.order_by(RECEIPT.c.received_on.desc(), RECEIPT.c.id.desc()).limit(1))
    values = {"last_payment": row.amount if row else None, "last_payment_on": row.received_on if row else None}
    tx.do(update(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id).values(values))


def sides_of(tx: Tx, source: str, source_id: int) -> dict[str, int]:
    """The entries of a posting, by ledger account."""
    mine = select(ENTRY).where(ENTRY.c.company == tx.company, ENTRY.c.source == source, ENTRY.c.source_id == source_id)
    found: dict[str, int] = {}
    for row in tx.rows(mine.order_by(ENTRY.c.place)):
        found[row.gl] = found.get(row.gl, 0) + row.amount
    return found


def entries(
    tx: Tx, source: str, source_id: int, day: date, currency: str, amounts: Mapping[str, int], account_id: int = 0
) -> None:
    """A posting that touches no open item (unidentified cash, an allowance). Raises Refused for a closed period."""
    period_of(tx, day)
    assert CONTROL not in amounts
    _enter(tx, source, source_id, account_id or None, day, currency, amounts)


def _open(tx: Tx, row: Mapping[str, Any], source: str, kind: str, day: date, face: int) -> int:
    item = new_id()
    tx.do(insert(ITEM), {
        "company": tx.company, "id": item, "account_id": row["account_id"], "customer_id": row["customer_id"],
        "source": source, "source_id": row["id"], "number": row["number"], "kind": kind, "posted_on": day,
        "due_on": row["due_on"], "currency": row["currency"], "face": face, "open": face,
    })  # fmt: skip
    part = ACCOUNT.c.open_debit if face > 0 else ACCOUNT.c.open_credit
    mine = update(ACCOUNT).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == row["account_id"])
    tx.do(mine.values({part: part + abs(face), ACCOUNT.c.version: ACCOUNT.c.version + 1}))
    return item


def _enter(
    tx: Tx, source: str, source_id: int, account_id: int | None, day: date, currency: str, amounts: Mapping[str, int]
) -> None:
    assert sum(amounts.values()) == 0, "a posting balances to zero"
    tx.do(insert(ENTRY), [
        {"company": tx.company, "source": source, "source_id": source_id, "place": place, "gl": gl,
         "account_id": account_id, "posted_on": day, "currency": currency, "amount": amount}
        for place, (gl, amount) in enumerate(((gl, amount) for gl, amount in amounts.items() if amount), 1)
    ])  # fmt: skip


def enter_items(tx: Tx, sources: Sequence[tuple[str, Sequence[int]]]) -> None:
    """The entries of documents and receipts that were taken in with their open items, set-based: ("document", ids).

    What was only partly taken over (an item that is not its document's gross) stands against the opening balance.
    """
    for source, ids in sources:
        for place, rows in enumerate(_sides(tx, source), 1):
            columns = ("company", "source", "source_id", "place", "gl", "account_id", "posted_on", "currency", "amount")
            numbered = rows.add_columns(literal(place).label("place")).subquery()
            wanted = select(*(numbered.c[name] for name in columns)).where(
                numbered.c.source_id.in_(bindparam("ids", expanding=True)), numbered.c.amount != 0
            )
            for start in range(0, len(ids), 500):
                tx.do(insert(ENTRY).from_select(columns, wanted), {"ids": list(ids[start : start + 500])})


def _sides(tx: Tx, source: str) -> list[Select[Any]]:
    face = type_coerce(ITEM.c.face, BigInteger)
    amounts: list[tuple[Any, Any]] = [(literal(CONTROL), face)]
    if source == "receipt":
        amounts.append((literal("bank"), -face))
    else:
        net, tax = type_coerce(DOCUMENT.c.net, BigInteger), type_coerce(DOCUMENT.c.tax, BigInteger)
        up, down = face == net + tax, face == -(net + tax)
        whole = case((up, net), (down, -net), else_=face)  # face too where the document itself is not here
        taxed = case((up, tax), (down, -tax), else_=0)
        gl = case((up | down, literal("revenue")), else_=literal("opening-balance"))
        amounts += [(gl, -whole), (literal("output-tax"), -taxed)]
    made = []
    for gl, amount in amounts:
        statement = select(
            ITEM.c.company, ITEM.c.source, ITEM.c.source_id, gl.label("gl"), ITEM.c.account_id, ITEM.c.posted_on,
            ITEM.c.currency, amount.label("amount"),
        ).where(ITEM.c.company == tx.company, ITEM.c.source == source)  # fmt: skip
        if source == "document":
            joined = and_(DOCUMENT.c.company == ITEM.c.company, DOCUMENT.c.id == ITEM.c.source_id)
            statement = statement.join_from(ITEM, DOCUMENT, joined, isouter=True)
        made.append(statement)
    return made
