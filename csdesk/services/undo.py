"""Undo: the last command of a call is taken back whole while its hold lasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from csdesk.errors import Conflict, Refused
from csdesk.ids import new_id
from csdesk.models import Command, OrderRevision, table
from csdesk.models.orders import OPEN
from csdesk.services import (
    amendments,
    applying,
    approved_prices,
    audit,
    callback_undo,
    callbacks,
    calls,
    corrective,
    credits,
    customers,
    deductions,
    disputing,
    drafts,
    escalation_steps,
    handover_undo,
    history,
    memory,
    order_rows,
    price_overriding,
    promises,
    replacing,
    reversing,
    revisions,
    stocking,
    ticket_effects,
    ticket_taking_back,
    tickets,
)
from csdesk.services.amendments import Change
from csdesk.services.drafts import LINES, DraftLine, DraftRow
from csdesk.services.tx import Tx, writes

COMMAND, REVISION = table(Command), table(OrderRevision)
_LAST = (
    select(COMMAND)
    .where(
        COMMAND.c.company == bindparam("c"),
        COMMAND.c.call_id == bindparam("call"),
        COMMAND.c.undone_at.is_(None),
        COMMAND.c.id < bindparam("before"),
    )
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
    act there is; Conflict when somebody changed the record since.

    What was typed line by line can be taken back as long as its draft is open, or open again since its order was.
    """
    call = calls.get(tx, call_id)
    row = _standing(tx, call_id)
    if row is None:
        raise Refused("There is nothing to undo on this call.")
    words = take(tx, call, row)
    audit.record(tx, "undo.last", "command", row.id, {"verb": row.verb, "words": row.words}, {"undone": words})
    return Undone(f"Undone: {words}")


def take(tx: Tx, call: Row[Any] | None, row: Row[Any]) -> str:
    """Takes a command back and marks it so; gives words. Raises like `last`. Internal; without a call for what was
    done on a ticket alone."""
    payload = json.loads(row.undo)
    if tx.now > row.hold_until and payload["do"] not in ("undraft", "final"):
        raise Refused(f"Too late to undo '{row.words.rstrip('.')}'; {_REVERSE[payload['do']]}.")
    words = _ACTS[payload["do"]](tx, call, payload)
    mine = update(COMMAND).where(COMMAND.c.company == tx.company, COMMAND.c.id == row.id, COMMAND.c.undone_at.is_(None))
    if tx.do(mine.values(undone_at=tx.now)).rowcount != 1:
        raise Conflict(f"'{row.words.rstrip('.')}' was taken back at this moment.")
    return words


def _standing(tx: Tx, call_id: int) -> Row[Any] | None:
    """The last command that can be taken back: not what was typed into a draft whose amendment was applied."""
    before = 2**63 - 1
    while row := tx.row(_LAST, {"c": tx.company, "call": call_id, "before": before}):
        payload = json.loads(row.undo)
        if payload["do"] != "undraft" or drafts.get(tx, payload["draft"]).status != "applied":
            return row
        before = row.id
    return None


def _undraft(tx: Tx, call: Row[Any], payload: dict[str, Any]) -> str:
    draft = drafts.get(tx, payload["draft"], lock=True)
    if draft.status == "placed":  # its order was taken back: the lines are in the draft that was made of it
        again = drafts.of_call(tx, call.id)
        if again is None or again.kind != "new":
            raise Refused("There is nothing to undo on this call.")
        draft = again
    lines = LINES.validate_json(payload["lines"])
    wish = date.fromisoformat(payload["requested_on"]) if payload["requested_on"] else None
    keep = payload["status"] == "open" and (lines or draft.kind == "amend")
    drafts.save(tx, replace(draft, lines=lines, requested_on=wish, status="open" if keep else "dropped"))
    calls.set_draft(tx, call.id, draft.id if keep else None)
    if not keep:
        return "the draft is gone"
    return "the draft is as it was before" if draft.status == "open" else "the draft is back"


def _unplace(tx: Tx, call: Row[Any], payload: dict[str, Any]) -> str:
    row = history.head(tx, payload["order"], lock=True)
    if row.status not in OPEN:
        raise Conflict(f"Order {row.number} is {row.status}; it cannot be undone any more.")
    order = history.order_view(tx, row)
    if row.revision != 1 and _wishes(json.loads(revisions.state(order))) != _wishes(_placed(tx, row.id)):
        raise Conflict(f"{amendments.changed_words(tx, order)}; {_REVERSE['unplace']}.")
    _may_take_back(tx, call, order)
    customers.trading(tx, row.customer_id, lock=True)
    stocking.release(tx, row.id, row.warehouse)
    order_rows.take_credit(tx, row.account_id, -row.exposure)
    live = [line for line in order.lines if line.quantity > 0]
    for line in live:
        amendments.cancel_row(tx, row.id, line, "undone")
    order_rows.change_order(tx, row, status="cancelled", exposure=0, net=0, tax=0, gross=0, cancel_reason="undone")
    _withdraw(tx, row, 1, "unplace")
    lines = tuple(
        DraftLine(line.product_id, line.unit, line.quantity, substituted_for=line.substituted_for_id) for line in live
    )
    wish, reference = row.requested_on, row.customer_reference
    draft = DraftRow(new_id(), call.id, row.customer_id, "new", None, None, wish, reference, lines, "open", 1)
    drafts.create(tx, draft)
    calls.set_draft(tx, call.id, draft.id)
    return f"order {row.number} is cancelled, its lines are a draft again"


def _placed(tx: Tx, order_id: int) -> dict[str, Any]:
    """An order's state as it was placed."""
    first = select(REVISION.c.before).where(REVISION.c.company == tx.company, REVISION.c.order_id == order_id)
    state: dict[str, Any] = json.loads(tx.value(first.order_by(REVISION.c.revision).limit(1)))
    return state


def _may_take_back(tx: Tx, call: Row[Any], order: history.OrderView) -> None:
    if call.customer_id != order.customer_id:
        raise Refused(f"Order {order.number} is another customer's; take it back on a call of that customer.")
    draft = drafts.of_call(tx, call.id)
    if draft is not None and (draft.lines or draft.kind == "amend"):
        raise Refused(f"A draft is open; commit it with . or leave it with F12, then undo order {order.number}.")


def _withdraw(tx: Tx, row: Row[Any], revision: int, act: str) -> None:
    """Takes back what would tell the customer. Raises Refused when it has left."""
    if not memory.withdraw(tx, f"order:{row.id}:{revision}"):
        raise Refused(f"Too late to undo: the customer was told about order {row.number}; {_REVERSE[act]}.")


def _unrevise(tx: Tx, call: Row[Any], payload: dict[str, Any]) -> str:
    row = history.head(tx, payload["order"], lock=True)
    statement = select(REVISION.c.before, REVISION.c.after).where(
        REVISION.c.company == tx.company, REVISION.c.order_id == row.id, REVISION.c.revision == payload["revision"]
    )
    kept = tx.row(statement)
    assert kept is not None
    order = history.order_view(tx, row)
    if _wishes(json.loads(kept.after)) != _wishes(json.loads(revisions.state(order))):
        raise Conflict(f"{amendments.changed_words(tx, order)}; {_REVERSE['unrevise']}.")
    before = json.loads(kept.before)
    then = {line["line"]: line for line in before["lines"]}
    changes = [_back(line, then.get(line.line)) for line in order.lines]
    customers.trading(tx, order.customer_id, lock=True)
    factors = {line.line: line.factor for line in order.lines}
    approved_prices.still_left(tx, order.id, order.customer_id, (
        (each.source, each.unit, each.quantity, factors[each.line]) for each in changes
    ))  # fmt: skip
    wish = date.fromisoformat(before["requested_on"]) if before["requested_on"] else None
    after = amendments.revise(tx, order, changes, requested_on=wish, wish="us", reopen=True)
    _withdraw(tx, row, payload["revision"], "unrevise")
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


def _nothing(tx: Tx, call: Row[Any], payload: dict[str, Any]) -> str:
    raise Refused(f"This is itself a correction; {_REVERSE['nothing']}.")


def _final(tx: Tx, call: Row[Any], payload: dict[str, Any]) -> str:
    raise Refused(f"A receipt that was reversed stays reversed; {_REVERSE['final']}.")


def _withdraw_request(tx: Tx, call: Row[Any], payload: dict[str, Any]) -> str:
    return credits.withdraw(tx, payload["request"])


_ACTS: dict[str, Callable[[Tx, Any, dict[str, Any]], str]] = {
    "undraft": _undraft,
    "unplace": _unplace,
    "unrevise": _unrevise,
    "withdraw": _withdraw_request,
    "unask-price": lambda tx, call, payload: price_overriding.withdraw(tx, payload["request"]),
    "unpromise": lambda tx, call, payload: promises.withdraw(tx, payload["promise"], payload.get("replaced", ())),
    "uncallback": lambda tx, call, payload: callbacks.drop(tx, payload["callback"]),
    "uncallback-step": lambda tx, call, payload: callback_undo.undone(tx, payload),
    "unaccept": lambda tx, call, payload: handover_undo.unaccepted(tx, payload),
    "unpack": lambda tx, call, payload: handover_undo.unpacked(tx, payload),
    "unend": lambda tx, call, payload: handover_undo.unended(tx, payload),
    "undeduct": lambda tx, call, payload: deductions.undone(tx, payload),
    "undispute": lambda tx, call, payload: disputing.withdraw(tx, payload["dispute"]),
    "reapply": lambda tx, call, payload: applying.reapply(tx, payload["allocation"]),
    "unapply": lambda tx, call, payload: applying.take_back(tx, payload["allocations"]),
    "unreceive": lambda tx, call, payload: reversing.undo_receipt(tx, payload["receipt"]),
    "unticket": lambda tx, call, payload: tickets.take_back(tx, payload["ticket"]),
    "unticket-step": lambda tx, call, payload: ticket_effects.undone(tx, payload),
    "unticket-credit": lambda tx, call, payload: ticket_taking_back.taken_back(tx, payload),
    "uncorrect": lambda tx, call, payload: corrective.drop(tx, payload),
    "unticket-replace": lambda tx, call, payload: replacing.take_back(tx, payload),
    "unescalate": lambda tx, call, payload: escalation_steps.take_back(tx, payload["escalation"]),
    "nothing": _nothing,
    "final": _final,
}
_REVERSE = {
    "unplace": "amend or cancel the order instead (e, x)",
    "unrevise": "amend the order again instead (e)",
    "withdraw": "ask an approver to reject it",
    "unask-price": "ask an approver to reject it",
    "unpromise": "take the promise anew (p)",
    "uncallback": "cancel it in the queue instead (q, x and the reason)",
    "uncallback-step": "take the opposite step in the queue instead (q)",
    "unaccept": "hand it over instead (> and m)",
    "unpack": "m packs anew",
    "unend": "'csdesk roster load' gives you another one",
    "undeduct": "take the deduction (t) and decide anew",
    "undispute": "close the dispute instead",
    "reapply": "apply it anew on the cash page instead (o)",
    "unapply": "take the application back on the cash page instead (o)",
    "unreceive": "reverse the receipt on the cash page instead (o)",
    "unticket": "cancel the ticket instead (x)",
    "unticket-step": "take the opposite step instead",
    "unticket-credit": "have the request rejected, close the dispute",
    "uncorrect": "say that it is done, and why (d1=)",
    "unticket-replace": "have the request rejected, or cancel its order",
    "unescalate": "say it to whoever has the escalation",
    "nothing": "do the opposite instead",
    "final": "take the money in anew (o+), if it came after all",
}
