"""The notes that settle deductions: set against the item at once when they are posted, so that what is left of the
deduction is what is left of the item. Internal to services."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from csdesk.errors import Refused
from csdesk.models import OpenItem, table
from csdesk.services import allocating, customers, deduction_limits, dispute_steps
from csdesk.services.allocating import Pair
from csdesk.services.tx import Tx

ITEM = table(OpenItem)
WHY = "deduction"


def settled(tx: Tx, request_id: int) -> list[int]:
    """A credit that settles a deduction is posted: the deduction is credited, and the note set against its item, up to
    what is valid of it; more of the note stays on account. Gives the allocations' ids."""
    dispute_steps.posted(tx, request_id)
    row = dispute_steps.of_request(tx, request_id)
    if row is None or row.closed_at is not None:
        return []
    note = _note(tx, request_id)
    amount = min(-note.open, deduction_limits.due(row)) if note is not None else 0
    if note is None or amount <= 0:
        return []
    day = customers.trading(tx, row.customer_id).local(tx.now).date()
    return allocating.settle(tx, [Pair(row.item_id, note.id, amount)], day, WHY)


def decided(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused while a request about a deduction waits, or while the note it posted is not set against the item
    (taken off it again): until then what is left of the deduction is not known."""
    request = dispute_steps.live_request(tx, row)
    if request is None:
        return
    if request.state != "posted":
        raise Refused(
            f"Request {request.number} about deduction {row.number} waits still; go on with the rest once it is posted."
        )
    note = _note(tx, request.id)
    if note is None or note.open >= 0:
        return
    if all(each.debit_item_id != row.item_id for each in allocating.standing(tx, note.id)):
        raise Refused(f"{note.number} settles deduction {row.number} and is not set against its item; apply it (o).")


def _note(tx: Tx, request_id: int) -> Row[Any] | None:
    """The open item of the note a request posted."""
    request = dispute_steps.REQUEST
    posted = select(request.c.posted_id).where(request.c.company == tx.company, request.c.id == request_id)
    return tx.row(
        select(ITEM).where(
            ITEM.c.company == tx.company, ITEM.c.source == "document", ITEM.c.source_id.in_(posted), ITEM.c.face < 0
        )
    )  # fmt: skip
