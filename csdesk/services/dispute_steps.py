"""A dispute's row and its steps: every step is a version of it, with an event that tells the amounts after it.

Internal to services; the caller holds the credit account locked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Conflict, NotFound
from csdesk.ids import new_id
from csdesk.models import ApprovalRequest, CreditAccount, Dispute, DisputeEvent, OpenItem, table
from csdesk.rules import approvals, disputes
from csdesk.services import customers, numbers, ticket_remedies
from csdesk.services.tx import Tx

DISPUTE, EVENT, REQUEST = table(Dispute), table(DisputeEvent), table(ApprovalRequest)
ACCOUNT, ITEM = table(CreditAccount), table(OpenItem)
# Out of dispute: not held apart any more, reminders go on.
ENDED = frozenset({"billed_back", "closed", "withdrawn"})
SETTLED = frozenset(state for state, moves in disputes.DEDUCTION_MOVES.items() if "reopen" in moves)
LIVE = approvals.HOLDING | {"posted"}  # states of a request that takes, or took, what it asks for


def get(tx: Tx, dispute_id: int, lock: bool = False) -> Row[Any]:
    """A dispute's row; with `lock` nobody else changes it until the commit. Raises NotFound."""
    statement = select(DISPUTE).where(DISPUTE.c.company == tx.company, DISPUTE.c.id == dispute_id)
    row = tx.row(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound("This deduction is not there; s alone lists those that are worked on.")
    return row


def of_item(tx: Tx, item_id: int, live: bool = True) -> Sequence[Row[Any]]:
    """The disputes of an item in the order they were opened, under lock; without `live` also those that ended."""
    statement = select(DISPUTE).where(DISPUTE.c.company == tx.company, DISPUTE.c.item_id == item_id)
    if live:
        statement = statement.where(DISPUTE.c.closed_at.is_(None))
    return tx.rows(statement.order_by(DISPUTE.c.id).with_for_update())


def free(tx: Tx, item_id: int) -> int:
    """What of an item is neither settled nor in dispute, its disputes under lock."""
    held = sum(int(each.open) for each in of_item(tx, item_id))
    return int(tx.value(select(ITEM.c.open).where(ITEM.c.company == tx.company, ITEM.c.id == item_id))) - held


def amounts(row: Row[Any]) -> disputes.Dispute:
    """A dispute's amounts as the rules see them."""
    return disputes.Dispute(row.original, row.open, row.paid, row.credited, row.cleared)


def deadline(tx: Tx, account_id: int, raised_on: date, reason: str) -> date:
    """The last day for a reason: the days agreed with the customer stand for the usual ones, and never lengthen those
    of a reason that has its own (unidentified)."""
    agreed = tx.value(
        select(ACCOUNT.c.deduction_days).where(ACCOUNT.c.company == tx.company, ACCOUNT.c.id == account_id)
    )
    usual = disputes.DEFAULT_DAYS if agreed is None else agreed
    return disputes.deadline(raised_on, reason, default_days=usual, customer_days=agreed)


def create(tx: Tx, values: Mapping[str, Any], amount: int, day: date) -> dict[str, Any]:
    """Stores a new dispute over an amount, numbered, with its first event; gives its row."""
    fresh = disputes.opened(amount)
    row: dict[str, Any] = {
        "company": tx.company, "id": new_id(), "original": fresh.original, "open": fresh.open,
        "paid": 0, "credited": 0, "cleared": 0, "opened_at": tx.now, "opened_by": tx.actor.id, "version": 1,
        "number": numbers.next_number(tx, "dispute"), **values,
    }  # fmt: skip
    tx.do(insert(DISPUTE), row)
    _tell(tx, row, "open", day, row.get("note", ""))
    return row


def step(
    tx: Tx, row: Row[Any], event: str, day: date, *, after: disputes.Dispute | None = None, note: str = "",
    **values: Any,
) -> Row[Any]:  # fmt: skip
    """The next version of a dispute with its event; `values` are further columns. Raises Conflict when it changed
    meanwhile. No event stands before the one before it, so that any day has one last event. Open again, it reopens the
    ticket it is held for."""
    figures = after or amounts(row)
    assert figures.balanced, "original = open + paid + credited + cleared"
    changed: dict[str, Any] = {
        **values, "version": row.version + 1, "open": figures.open, "paid": figures.paid,
        "credited": figures.credited, "cleared": figures.cleared,
    }  # fmt: skip
    mine = update(DISPUTE).where(
        DISPUTE.c.company == tx.company, DISPUTE.c.id == row.id, DISPUTE.c.version == row.version
    )
    if tx.do(mine.values(**changed)).rowcount != 1:
        raise Conflict(f"Deduction {row.number} was changed at this moment; look at it again.")
    _tell(tx, {**row._asdict(), **changed}, event, max(day, events(tx, row.id)[-1].on), note)
    reopens = row.closed_at is not None and changed.get("closed_at", row.closed_at) is None
    if reopens and figures.open and row.ticket_id is not None:
        ticket_remedies.open_again(tx, row.ticket_id, f"dispute {row.number} is open again")
    return get(tx, row.id)


def _tell(tx: Tx, row: Mapping[str, Any], event: str, day: date, note: str) -> None:
    tx.do(insert(EVENT), {
        "company": tx.company, "dispute_id": row["id"], "version": row["version"], "event": event,
        "state": row["state"], "on": day, "at": tx.now, "by": tx.actor.id, "open": row["open"], "paid": row["paid"],
        "credited": row["credited"], "cleared": row["cleared"], "note": note[:500],
    })  # fmt: skip


def events(tx: Tx, dispute_id: int) -> Sequence[Row[Any]]:
    """The steps of a dispute in their order."""
    statement = select(EVENT).where(EVENT.c.company == tx.company, EVENT.c.dispute_id == dispute_id)
    return tx.rows(statement.order_by(EVENT.c.version))


def state_before_closing(tx: Tx, row: Row[Any]) -> str:
    """The state a closed dispute was worked on in last."""
    return str(next(each.state for each in reversed(events(tx, row.id)) if each.state not in ENDED))


def live_request(tx: Tx, row: Row[Any]) -> Row[Any] | None:
    """The request that is to settle a dispute, while it waits or once it is posted; None when it came to nothing."""
    if row.request_id is None:
        return None
    found = tx.row(select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.id == row.request_id))
    return found if found is not None and found.state in LIVE else None


def reopened(tx: Tx, request_id: int) -> None:
    """The note that settled deductions was reversed: they are in research again, for another way to settle them."""
    row = of_request(tx, request_id)
    if row is None:
        return
    day = customers.trading(tx, row.customer_id).local(tx.now).date()
    now = live_request(tx, row)
    waits = now is not None and now.id != request_id and now.state != "posted"  # another one, about the rest
    values: dict[str, Any] = {} if waits else {"request_id": None}
    if row.open and not waits:
        values |= {"state": "in_research", "closed_at": None}
    step(tx, row, "reset", day, note="its note was reversed", **values)


def tie(tx: Tx, request_id: int, dispute_id: int | None) -> None:
    """Says which deduction a request settles: it does so for good, also when another takes what is left; None: no
    longer any."""
    mine = update(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id)
    tx.do(mine.values(dispute_id=dispute_id))


def of_request(tx: Tx, request_id: int) -> Row[Any] | None:
    """The deduction a request settles, under lock; None when it settles none."""
    dispute = select(REQUEST.c.dispute_id).where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id)
    found = tx.value(dispute)
    return get(tx, found, lock=True) if found is not None else None


def posted(tx: Tx, request_id: int) -> None:
    """A request that settles a deduction is posted: it is credited, or written off, and closes once nothing of it is
    open; the amounts follow with the application of what was posted (`deduction_notes`, `writing_off`)."""
    row = of_request(tx, request_id)
    if row is None or row.closed_at is not None:
        return
    request = tx.row(select(REQUEST).where(REQUEST.c.company == tx.company, REQUEST.c.id == request_id))
    assert request is not None
    event = "write_off" if request.kind.endswith("write_off") else "credit"
    if event in disputes.DEDUCTION_MOVES[row.state]:
        day = customers.trading(tx, row.customer_id).local(tx.now).date()
        step(tx, row, event, day, note=request.number, state=disputes.move_deduction(row.state, event))
