"""The ticket a callback is about: whether one may be promised for it, and what it is told of the callback. Internal to
services."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from csdesk.errors import NotFound
from csdesk.rules.callbacks import Window
from csdesk.services import seeing, ticket_log
from csdesk.services.customers import Trading
from csdesk.services.ticket_steps import alive
from csdesk.services.tx import Tx


def check(tx: Tx, ticket_id: int | None, who: Trading) -> None:
    """Raises NotFound for a ticket of somebody else, Refused for one that is not worked on any more: a call would be
    owed that nobody sees there."""
    if ticket_id is None:
        return
    row = seeing.one(tx, ticket_id)
    if row.customer_id != who.id:
        raise NotFound(f"This ticket is not one of {who.code}; # lists theirs.", field="ticket")
    alive(row)


def tell(
    tx: Tx, ticket_id: int | None, event: str, callback_id: int, found: Window | None = None, **more: Any
) -> None:  # fmt: skip
    """Says it on the callback's ticket, whose clock it is, and on those it was merged into; nothing on one that is
    done."""
    if ticket_id is None:
        return
    tickets = ticket_log.upward(tx, ticket_id)
    if tickets[0].base in ("work", "wait") or tickets[0].state == "merged":
        span = {} if found is None else {"from": found.opens.isoformat(), "until": found.end.isoformat()}
        ticket_log.append(tx, tickets[0], event, {"id": callback_id, **span, **more})
        ticket_log.above(tx, tickets, event, {"id": callback_id, **span, **more})


def versions(tx: Tx, ticket_id: int | None) -> dict[int, int]:
    """The versions of the callback's ticket and of those it was merged into, all locked; none without a ticket."""
    return {} if ticket_id is None else {row.id: row.version for row in ticket_log.upward(tx, ticket_id)}


def answered(tx: Tx, row: Row[Any]) -> None:
    """The call that was made, on the callback's ticket while that is under way, and where it was merged into: it
    answers what the customer wrote."""
    if row.ticket_id is None:
        return
    tickets = ticket_log.upward(tx, row.ticket_id)
    if tickets[-1].base in ("work", "wait"):
        after = ticket_log.append(tx, tickets[0], "call", {"answered": True, "callback": row.id})
        item = ticket_log.say(tx, after, "call", f"Called back about {row.about}.")
        ticket_log.above(tx, tickets, "call", {"answered": True, "callback": row.id, "item": item})
