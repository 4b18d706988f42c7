"""Writing debts off: asked for with a reason, approved by finance, posted against the item; and small differences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Invalid, Refused
from csdesk.models import Document, table
from csdesk.money import show
from csdesk.services import allocating, asking, audit, booking, credits, customers, dispute_steps, memory, reasons
from csdesk.services.allocating import Pair
from csdesk.services.tx import Tx, reads, writes

DOCUMENT = table(Document)
LOSSES = {"small_difference": "small-differences"}  # kind -> ledger account, else credit losses
NAMES = {"write_off": "write-off", "deduction_write_off": "write-off of a deduction",
         "small_difference": "small difference"}  # fmt: skip
DECIDED = frozenset(
    {"write_off", "deduction_write_off"}
)  # asked for; a small difference is let go while applying money


@dataclass(frozen=True)
class Asked:
    """A request that was made, in one sentence."""

    id: int
    number: str
    words: str


@reads("customer.read")
def preview(tx: Tx, item_id: int, letter: str, kind: str = "write_off") -> str:
    """What asking for a write-off, or for that of a deduction, would do. Raises like the act."""
    item = allocating.items_of(tx, [item_id], lock=False)[item_id]
    reason = reasons.reason_of(tx, letter, "write-off")
    _may(item)
    needs = asking.needs(tx, wish(tx, item, item.open, reason.code, kind, {}))
    amount = f"{show(item.open, item.currency)} {item.currency}"
    return f"asks to write off {amount} of {item.number}  ({reason.name}); {needs}"


@writes("writeoff.request")
def ask(tx: Tx, item_id: int, letter: str, note: str = "", call_id: int | None = None) -> Asked:
    """Asks to write off what is open of an item; nothing changes until finance has approved it.

    Raises Invalid for a reason that is none, Refused when nothing is open of the item.
    """
    return place(tx, item_id, letter, note, call_id=call_id)


def place(tx: Tx, item_id: int, letter: str, note: str, kind: str = "write_off", call_id: int | None = None) -> Asked:
    """The request, remembered and audited, as a write-off or that of a deduction. Internal: which kind it is, and so by
    which tiers it is decided, is said by the act that asks and never by whoever calls it. Raises as `ask`."""
    if kind not in DECIDED:
        raise Invalid(f"'{kind}' is no kind of write-off that is asked for.")
    item = allocating.items_of(tx, [item_id])[item_id]
    _may(item)
    reason = reasons.reason_of(tx, letter, "write-off")
    hold = customers.trading(tx, item.customer_id, lock=True).hold_seconds
    row = _submit(tx, item, item.open, reason.code, note, kind)
    steps = " then ".join(row["steps"].split()) or "nobody"
    words = (
        f"Write-off {row['number']}: {show(item.open, item.currency)} {item.currency} of {item.number} "
        f"({reason.name}), to be approved by {steps}"
    )
    memory.remember(tx, call_id, "writing_off.ask", words, {"do": "withdraw", "request": row["id"]}, hold)
    audit.record(tx, "writing_off.ask", "request", row["id"], None,
                 {name: row[name] for name in ("number", "kind", "amount", "counted", "reason", "steps")})  # fmt: skip
    return Asked(row["id"], row["number"], f"{words}.")


def difference(tx: Tx, item_id: int, amount: int, letter: str) -> str:
    """Posts a small under-payment at once, as far as its tier lets it go without approval; gives words.

    What the same person let go of the same customer in the last days counts in, so that it cannot be split. Raises
    Refused above the limit, Invalid for a reason that is none.
    """
    item = allocating.items_of(tx, [item_id])[item_id]
    reason = reasons.reason_of(tx, letter, "difference")
    if not 0 < amount <= item.open:
        raise Refused(f"Only what is missing of {item.number} can be a small difference.")
    made = _submit(tx, item, amount, reason.code, "", "small_difference")
    if made["state"] != "approved":
        raise Refused(f"{show(amount, item.currency)} {item.currency} is no small difference; ask for a write-off (f).")
    return post(tx, asking.get(tx, made["id"], lock=True)).rstrip(".")


def _may(item: Row[Any]) -> None:
    if item.open <= 0:
        raise Refused(f"Nothing is owed on {item.number}; there is nothing to write off.")


def _submit(tx: Tx, item: Row[Any], amount: int, reason: str, note: str, kind: str) -> dict[str, Any]:
    payload = {"item": item.id, "number": item.number, "currency": item.currency, "amount": amount, "reason": reason,
               "note": note}  # fmt: skip
    return asking.submit(tx, wish(tx, item, amount, reason, kind, payload, note))


def wish(
    tx: Tx, item: Row[Any], amount: int, reason: str, kind: str, payload: Mapping[str, Any], note: str = ""
) -> asking.Wish:
    """What a write-off of a kind asks for. Internal."""
    paper = _paper(tx, item)
    return asking.Wish(
        kind, item.customer_id, item.account_id, item.currency, amount, reason, payload,
        item.source_id if item.source == "document" else None, paper.order_id if paper else None, note,
        credits.creators_of(tx, paper) if paper else (),
    )  # fmt: skip


def _paper(tx: Tx, item: Row[Any]) -> Row[Any] | None:
    """The invoice an item is of: whoever made its order never approves that it is written off."""
    if item.source != "document" or item.kind != "invoice":
        return None
    return tx.row(select(DOCUMENT).where(DOCUMENT.c.company == tx.company, DOCUMENT.c.id == item.source_id))


def recheck(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when less is open of the item by now than was asked to be written off."""
    frozen = asking.payload(row)
    item = allocating.items_of(tx, [frozen["item"]])[frozen["item"]]
    if item.open < frozen["amount"]:
        left = show(max(item.open, 0), item.currency)
        raise Refused(f"Only {left} {item.currency} are open of {item.number} by now; ask anew.")


def facts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """The item a write-off is about, for the approver."""
    item = allocating.items_of(tx, [asking.payload(row)["item"]], lock=False)[asking.payload(row)["item"]]
    of = f"{show(item.open, item.currency)} open of {show(item.face, item.currency)}"
    return (f"{item.kind.replace('_', ' ')} {item.number}, due {item.due_on:%d %b %Y}: {of}",)


def post(tx: Tx, row: Row[Any]) -> str:
    """The posting of an approved write-off: a credit of its own against the item, and the loss in the ledger."""
    recheck(tx, row)
    frozen = asking.payload(row)
    item = allocating.items_of(tx, [frozen["item"]])[frozen["item"]]
    day = customers.trading(tx, row.customer_id).local(tx.now).date()
    head = {
        "kind": "write_off", "customer_id": item.customer_id, "account_id": item.account_id, "currency": item.currency,
        "tax_method": "line", "rounding": "half_up", "issued_on": day, "reason": row.reason,
        "corrects_id": item.source_id if item.source == "document" else None,
    }  # fmt: skip
    line = {"product_id": None, "description": f"{NAMES[row.kind]} of {item.number}", "unit": "", "quantity": 1,
            "price": 0, "net": frozen["amount"], "tax_rate": 0, "tax": 0}  # fmt: skip
    note = booking.document(tx, head, [line], against=LOSSES.get(row.kind, "credit-losses"))
    asking.change(tx, row.id, state="posted", posted_id=note["id"])
    dispute_steps.posted(tx, row.id)
    allocating.settle(tx, [Pair(item.id, note["item_id"], frozen["amount"])], day, "difference")
    told = {"number": note["number"], "gross": note["gross"], "request": row.number, "item": item.number}
    audit.record(tx, "posting.post", "document", note["id"], None, told)
    words = f"{NAMES[row.kind][:1].upper()}{NAMES[row.kind][1:]} {note['number']}"
    return f"{words} posted: {show(note['gross'], item.currency)} {item.currency} of {item.number}."
