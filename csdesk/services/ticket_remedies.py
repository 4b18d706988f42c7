"""Remedies that come to nothing after all: an order that replaced goods is cancelled, a note is reversed, a dispute is
open again. Who thought the matter decided gets it back. Internal to services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from csdesk.models import TicketLine, table
from csdesk.rules.ticket_replay import standing
from csdesk.services import ticket_log
from csdesk.services.tx import Tx

LINE = table(TicketLine)


def gone(tx: Tx, ticket_id: int, event: str, data: Mapping[str, Any], why: str) -> None:
    """A remedy that was told is taken back (`event` is one of `ticket_decisions.TAKEN_BACK`, `data` names the line): on
    its ticket and each it was merged into, and what is resolved or closed is open again."""
    rows = ticket_log.upward(tx, ticket_id)
    after = ticket_log.append(tx, rows[0], event, data)
    ticket_log.say(tx, after, "system", f"{why}.")
    ticket_log.above(tx, rows, event, data)
    open_again(tx, ticket_id, why, data)


def open_again(tx: Tx, ticket_id: int, why: str, data: Mapping[str, Any] | None = None) -> None:
    """Reopens a ticket that is resolved or closed, or what it was merged into: something of its money is open."""
    last = ticket_log.upward(tx, ticket_id)[-1]
    if last.base == "done":
        after = ticket_log.append(tx, last, "reopened", {**(data or {}), "by": why})
        ticket_log.say(tx, after, "system", f"Open again: {why}.")


def stands(tx: Tx, ticket_id: int, order: str, data: Mapping[str, Any]) -> None:
    """The order that replaces goods stands again: where nothing happened since it was cancelled, that counts as if it
    had not been; elsewhere it is one more event."""
    below: int | None = None
    for row in ticket_log.upward(tx, ticket_id):
        if seqs := _newest(tx, row.id, order):
            ticket_log.undo(tx, row, seqs)
        else:
            ticket_log.append(tx, row, "replaced", data if below is None else {**data, "via": below})
        below = row.id


def _newest(tx: Tx, ticket_id: int, order: str) -> list[int]:
    """The events by which an order was cancelled, where they are the newest ones of a ticket."""
    seqs: list[int] = []
    for each in reversed(standing(ticket_log.events(tx, ticket_id))):
        if each.event not in ("unreplaced", "reopened") or each.data.get("order") != order:
            break
        seqs.insert(0, each.seq)
    return seqs


def uncredited(tx: Tx, request_id: int, note: str, by: str) -> None:
    """The credit note of a line's request was reversed."""
    mine = select(LINE.c.ticket_id, LINE.c.line).where(LINE.c.company == tx.company, LINE.c.request_id == request_id)
    for line in tx.rows(mine.order_by(LINE.c.ticket_id, LINE.c.line)):
        gone(
            tx,
            line.ticket_id,
            "uncredited",
            {"line": line.line, "note": note},
            f"Credit note {note} is reversed by {by}",
        )
