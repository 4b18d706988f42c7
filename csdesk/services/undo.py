"""Undo: the last command of a call is taken back whole while its hold lasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select, update

from csdesk.errors import Conflict, Refused
from csdesk.ids import new_id
from csdesk.models import Command, OrderRevision, table
from csdesk.models.orders import OPEN
from csdesk.services import (
    amendments,
    audit,
    calls,
    customers,
    drafts,
    history,
    memory,
    order_rows,
    revisions,
    stocking,
)
from csdesk.services.amendments import Change
from csdesk.services.drafts import LINES, DraftLine, DraftRow
from csdesk.services.tx import Tx, writes

COMMAND, REVISION = table(Command), table(OrderRevision)
_LAST = (
    select(COMMAND)
    .where(COMMAND.c.company == bindparam("c"), COMMAND.c.call_id == bindparam("call"), COMMAND.c.undone_at.is_(None))
    .order_by(COMMAND.c.id.desc())
    .limit(1)
)


@dataclass(frozen=True)
class Undone:
    """What was taken back."""

    words: str


@writes("customer.read")
def last(tx: Tx, call_id: int) -> Undone:
    """Takes the call's last command back. Raises Refused when there is none or its hold is over, saying which reverse
    act there is; Conflict when somebody changed the record since."""
    calls.get(tx, call_id)
    row = tx.row(_LAST, {"c": tx.company, "call": call_id})
    if row is None:
        raise Refused("There is nothing to undo on this call.")
    payload = json.loads(row.undo)
    if tx.now > row.hold_until and payload["do"] != "undraft":
        raise Refused(f"Too late to undo '{row.words.rstrip('.')}'; {_REVERSE[payload['do']]}.")
    act = _ACTS[payload["do"]]
    words = act(tx, call_id, payload)
    tx.do(update(COMMAND).where(COMMAND.c.company == tx.company, COMMAND.c.id == row.id).values(undone_at=tx.now))
    audit.record(tx, "undo.last", "command", row.id, {"verb": row.verb, "words": row.words}, {"undone": words})
    return Undone(f"Undone: {words}")


def _undraft(tx: Tx, call_id: int, payload: dict[str, Any]) -> str:
    draft = drafts.get(tx, payload["draft"], lock=True)
    if draft.status not in {"open", "dropped"}:
        raise Refused("This draft was committed; nothing of it can be undone line by line.")
    lines = LINES.validate_json(payload["lines"])
    wish = date.fromisoformat(payload["requested_on"]) if payload["requested_on"] else None
    keep = payload["status"] == "open" and (lines or draft.kind == "amend")
    drafts.save(tx, replace(draft, lines=lines, requested_on=wish, status="open" if keep else "dropped"))
    calls.set_draft(tx, call_id, draft.id if keep else None)
    if not keep:
        return "the draft is gone"
    return "the draft is as it was before" if draft.status == "open" else "the draft is back"


def _unplace(tx: Tx, call_id: int, payload: dict[str, Any]) -> str:
    row = history.head(tx, payload["order"], lock=True)
    if row.status not in OPEN or row.revision != 1:
        raise Conflict(f"Order {row.number} is {row.status}, revision {row.revision}; it cannot be undone any more.")
    order = history.order_view(tx, row)
    customers.trading(tx, row.customer_id, lock=True)
    stocking.release(tx, row.id, row.warehouse)
    order_rows.take_credit(tx, row.account_id, -row.exposure)
    for line in order.lines:
        amendments.cancel_row(tx, row.id, line, "undone")
    order_rows.change_order(tx, row, status="cancelled", exposure=0, net=0, tax=0, gross=0, cancel_reason="undone")
    memory.withdraw(tx, f"order:{row.id}:1")
    lines = tuple(
        DraftLine(line.product_id, line.unit, line.quantity, substituted_for=line.substituted_for_id)
        for line in order.lines
    )
    draft = DraftRow(new_id(), call_id, row.customer_id, "new", None, None, row.requested_on, "", lines, "open", 1)
    drafts.create(tx, draft)
    calls.set_draft(tx, call_id, draft.id)
    return f"order {row.number} is cancelled, its lines are a draft again"


def _unrevise(tx: Tx, call_id: int, payload: dict[str, Any]) -> str:
    row = history.head(tx, payload["order"], lock=True)
    statement = select(REVISION.c.before, REVISION.c.after).where(
        REVISION.c.company == tx.company, REVISION.c.order_id == row.id, REVISION.c.revision == payload["revision"]
    )
    kept = tx.row(statement)
    assert kept is not None
    order = history.order_view(tx, row)
    if _wishes(json.loads(kept.after)) != _wishes(json.loads(revisions.state(order))):
        raise Conflict(amendments.changed_since(tx, order))
    before = json.loads(kept.before)
    then = {line["line"]: line for line in before["lines"]}
    changes = [_back(line, then.get(line.line)) for line in order.lines]
    wish = date.fromisoformat(before["requested_on"]) if before["requested_on"] else None
    after = amendments.revise(tx, order, changes, requested_on=wish, wish="us", reopen=True)
    memory.withdraw(tx, f"order:{row.id}:{payload['revision']}")
    return f"order {after.number} is as it was before (revision {after.revision})"


def _wishes(state: dict[str, Any]) -> tuple[Any, ...]:
    """Of an order's state what the customer asked for: date and live lines."""
    live = [(each["line"], each["product"], each["unit"], Decimal(each["quantity"])) for each in state["lines"]]
    return state["requested_on"], [line for line in live if line[3]]


def _back(now: history.OrderLineView, then: dict[str, Any] | None) -> Change:
    if then is None:
        return Change(now.line, now.product_id, now.unit, Decimal(0), reason="undone")
    return Change(
        now.line, then["product"], then["unit"], Decimal(then["quantity"]), reason=then["reason"] or "undone",
        substituted_for=then["swap"], price=Decimal(then["price"]), list_price=Decimal(then["list_price"]),
        source=then["source"], net=then["net"],
        requested_on=date.fromisoformat(then["requested_on"]) if then["requested_on"] else None,
    )  # fmt: skip


_ACTS: dict[str, Callable[[Tx, int, dict[str, Any]], str]] = {
    "undraft": _undraft,
    "unplace": _unplace,
    "unrevise": _unrevise,
}
_REVERSE = {
    "unplace": "amend or cancel the order instead (e, x)",
    "unrevise": "amend the order again instead (e)",
}
