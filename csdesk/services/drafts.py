"""Drafts: what a rep has typed of an order, stored at every accepted line. `pads` shows, `editing` changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import bindparam, insert, select, update

from csdesk.errors import Conflict, NotFound
from csdesk.models import Call, Draft, table
from csdesk.services.quoting import Wanted
from csdesk.services.tx import Tx

D, CALL = table(Draft), table(Call)


@dataclass(frozen=True)
class DraftLine:
    """A line of a draft as stored. On an amendment `line` is the order's line and `was` its quantity there; `touched`
    tells that the rep changed it, only such lines are applied. `price` and what follows are the order's, kept while the
    line is not touched; no `requested_on` = the draft's."""

    product_id: int
    unit: str
    quantity: Decimal
    line: int = 0
    choice: str = ""
    substituted_for: int | None = None
    was: Decimal | None = None
    touched: bool = True
    fixed: str = ""  # why it cannot be changed (picked)
    price: Decimal | None = None
    list_price: Decimal | None = None
    source: str = ""
    requested_on: date | None = None
    net: int | None = None
    asked: int | None = None  # the request for another price of it


@dataclass(frozen=True)
class DraftRow:
    """A draft as stored."""

    id: int
    call_id: int | None
    customer_id: int
    kind: str
    order_id: int | None
    base_version: int | None
    requested_on: date | None
    customer_reference: str
    lines: tuple[DraftLine, ...]
    status: str
    version: int


LINES: TypeAdapter[tuple[DraftLine, ...]] = TypeAdapter(tuple[DraftLine, ...])
_BY_ID = select(D).where(D.c.company == bindparam("c"), D.c.id == bindparam("id"))
_OF_CALL = select(CALL.c.draft_id).where(CALL.c.company == bindparam("c"), CALL.c.id == bindparam("id"))
_SAVE = (
    update(D)
    .where(D.c.company == bindparam("c"), D.c.id == bindparam("i"), D.c.version == bindparam("v"))
    .values(
        lines=bindparam("l"),
        requested_on=bindparam("r"),
        status=bindparam("s"),
        base_version=bindparam("b"),
        version=D.c.version + 1,
        updated_at=bindparam("u"),
    )
)


def row_of(row: Any) -> DraftRow:
    """A stored draft from its row."""
    return DraftRow(
        row.id, row.call_id, row.customer_id, row.kind, row.order_id, row.base_version, row.requested_on,
        row.customer_reference, LINES.validate_json(row.lines), row.status, row.version,
    )  # fmt: skip


def get(tx: Tx, draft_id: int, lock: bool = False) -> DraftRow:
    """A stored draft. Raises NotFound."""
    statement = _BY_ID.with_for_update() if lock and tx.postgres else _BY_ID
    row = tx.row(statement, {"c": tx.company, "id": draft_id})
    if row is None:
        raise NotFound("This draft is gone; start again with a line.")
    return row_of(row)


def of_call(tx: Tx, call_id: int) -> DraftRow | None:
    """The open draft of a call, or None."""
    draft_id = tx.value(_OF_CALL, {"c": tx.company, "id": call_id})
    if draft_id is None:
        return None
    draft = get(tx, draft_id, lock=True)
    return draft if draft.status == "open" else None


def create(tx: Tx, draft: DraftRow) -> None:
    """Stores a new draft."""
    tx.do(
        insert(D),
        {
            "company": tx.company,
            "id": draft.id,
            "call_id": draft.call_id,
            "staff_id": tx.actor.id,
            "customer_id": draft.customer_id,
            "kind": draft.kind,
            "order_id": draft.order_id,
            "base_version": draft.base_version,
            "requested_on": draft.requested_on,
            "lines": LINES.dump_json(draft.lines).decode(),
            "status": "open",
            "version": 1,
            "created_at": tx.now,
            "updated_at": tx.now,
        },
    )


def save(tx: Tx, draft: DraftRow) -> DraftRow:
    """Stores the changed lines, date and status; Conflict when another window changed the draft first."""
    done = tx.do(
        _SAVE,
        {
            "c": tx.company,
            "i": draft.id,
            "v": draft.version,
            "l": LINES.dump_json(draft.lines).decode(),
            "r": draft.requested_on,
            "s": draft.status,
            "b": draft.base_version,
            "u": tx.now,
        },
    )
    if done.rowcount != 1:
        raise Conflict("This draft was changed in another window a moment ago; look at it again.")
    return replace(draft, version=draft.version + 1)


def numbers_of(draft: DraftRow) -> list[int]:
    """The number each line is spoken of by: an order's line keeps its own, new ones count on from the last."""
    following = count(max((line.line for line in draft.lines), default=0) + 1)
    return [line.line or next(following) for line in draft.lines]


def wanted_of(draft: DraftRow) -> list[Wanted]:
    """The lines of a draft as wanted, prices of untouched order lines kept."""
    return [
        Wanted(
            line.product_id, line.unit, line.quantity, line.line, line.choice,
            line.requested_on, line.substituted_for,
            None if line.touched else line.price, line.list_price, line.source, None if line.touched else line.net,
        )
        for line in draft.lines
    ]  # fmt: skip
