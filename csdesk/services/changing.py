"""What a maker, or a colleague, does with a request that waits or came back: a new version of it, or none any more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from csdesk.errors import Refused
from csdesk.money import show
from csdesk.rules.approvals import HOLDING
from csdesk.services import approving, asking, audit, controlled, credit_changes, customers, memory, one_credit, reasons
from csdesk.services.asking import Change
from csdesk.services.tx import Tx, reads, writes

EDITABLE = frozenset({"in_approval", "returned"})


@dataclass(frozen=True)
class Changed:
    """What became of a request, in one sentence."""

    id: int
    version: int
    state: str
    words: str


@writes()
def edit(tx: Tx, request_id: int, change: Change, version: int | None = None) -> Changed:
    """Makes a new version of a request that waits or came back: all approvals are void, its tier is picked anew.

    `version` is the one looked at. Whoever edits never approves any version. Raises Refused once it is approved or
    ended, for a kind that is not edited, without the duty to ask for it, and like asking anew.
    """
    row = asking.get(tx, request_id, lock=True)
    made = _editing(tx, row, version)
    if row.customer_id is not None:
        customers.trading(tx, row.customer_id, lock=True)
    if row.state not in HOLDING:
        one_credit.stands_again(tx, row)
    asking.resubmit(tx, row, made(tx, row, change))
    after = asking.get(tx, request_id)
    by = " then ".join(after.steps.split()) or "nobody"
    name = _reason_name(tx, after.reason)
    value = f"{show(after.amount, after.currency)} {after.currency}"
    words = f"Request {after.number}, version {after.version}: {value} ({name}), to be approved by {by}"
    memory.remember(tx, None, "changing.edit", words, {"do": "nothing"}, approving.hold_of(tx))
    before = {"version": row.version, "amount": row.amount, "reason": row.reason, "payload_hash": row.payload_hash}
    audit.record(tx, "changing.edit", "request", row.id, before, {key: getattr(after, key) for key in before})
    return Changed(row.id, after.version, after.state, f"{words}.")


@reads("customer.read")
def preview(tx: Tx, request_id: int, change: Change, version: int | None = None) -> str:
    """What an edit would ask for instead. Raises like the edit."""
    row = asking.get(tx, request_id)
    _editing(tx, row, version)
    wish = credit_changes.foresee(tx, row, change)
    was, now = (f"{show(amount, row.currency)} {row.currency}" for amount in (row.amount, wish.amount))
    name, needs = _reason_name(tx, wish.reason), asking.needs(tx, wish, row)
    return f"asks {now} ({name}) instead of {was} with request {row.number}, all approvals void; {needs}"


def _editing(tx: Tx, row: Row[Any], version: int | None) -> Callable[[Tx, Row[Any], Change], asking.Wish]:
    """What makes the wish of an edit. Raises Refused where a request is not to be edited, or not any more."""
    kind = controlled.of(row)
    tx.need(kind.asks)
    if row.state not in EDITABLE:
        raise Refused(f"Request {row.number} is {row.state.replace('_', ' ')} already; it cannot be edited any more.")
    if version is not None and row.version != version:
        raise Refused(f"Request {row.number} was changed since you looked at it; look again, then edit.")
    if late := approving.late_words(tx, row):
        raise Refused(late)
    if kind.edit is None:
        raise Refused(f"A {kind.name} request is not edited: its maker withdraws it (x) and asks anew.")
    return kind.edit


def _reason_name(tx: Tx, code: str) -> str:
    """A reason of a credit or of goodwill in words."""
    known = (each for use in ("credit", "goodwill") for each in reasons.for_use(tx, use))
    return next((each.name for each in known if each.code == code), code)


@writes()
def withdraw(tx: Tx, request_id: int) -> Changed:
    """Takes the actor's own request back before it is decided; what it held is free. Raises Refused for another's and
    once it is decided."""
    row = asking.get(tx, request_id, lock=True)
    if row.maker_person_id != tx.actor.person_id:
        raise Refused(f"Request {row.number} is somebody else's; only its maker withdraws it, an approver rejects it.")
    waived = row.state == "approved" and not row.steps
    if row.state not in EDITABLE and not waived:
        raise Refused(f"Request {row.number} is {row.state.replace('_', ' ')} already; it cannot be taken back.")
    if row.customer_id is not None:
        customers.trading(tx, row.customer_id, lock=True)
    asking.sign(tx, row, "withdraw", "maker")
    asking.change(tx, row.id, state="withdrawn", decided_at=tx.now, decided_by=tx.actor.id)
    controlled.of(row).free(tx, row)
    words = f"Request {row.number} withdrawn"
    approving.remember(tx, row, "changing.withdraw", words)
    audit.record(tx, "changing.withdraw", "request", row.id, {"state": row.state}, {"state": "withdrawn"})
    return Changed(row.id, row.version, "withdrawn", f"{words}.")
