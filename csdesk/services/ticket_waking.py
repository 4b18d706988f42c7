"""Tickets come back from a wait once their wake date has come: each once, whoever looks."""

from __future__ import annotations

from sqlalchemy import select

from csdesk.models import Ticket, table
from csdesk.services import audit, ticket_log
from csdesk.services import escalation_rows as rows
from csdesk.services.tx import Tx, reads, writes

TICKET = table(Ticket)


@reads("posting.run")
def due(tx: Tx, limit: int = 500) -> tuple[int, ...]:
    """Tickets that wait and whose wake date has come."""
    statement = (
        select(TICKET.c.id)
        .where(
            TICKET.c.company == tx.company, TICKET.c.next_at <= tx.now, TICKET.c.base == "wait",
            TICKET.c.wake_at <= tx.now,
        )
        .order_by(TICKET.c.wake_at, TICKET.c.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(row.id for row in tx.rows(statement))


@writes("posting.run")
def wake(tx: Tx, ticket_id: int) -> str:
    """Brings a ticket back from its wait, once; its clocks go on from the wake date, whenever this runs. '' when there
    is nothing to do (yet or any more), or somebody else is at it."""
    row = rows.locked(tx, ticket_id)
    if row is None or row.base != "wait" or row.wake_at is None or row.wake_at > tx.now:
        return ""
    after = ticket_log.append(tx, row, "resumed", {"by": "wake", "since": row.wake_at})
    ticket_log.say(tx, after, "system", f"Back from its wait: {row.question}")
    audit.record(tx, "ticket_waking.wake", "ticket", row.id, {"state": row.state, "wake": row.wake_at},
                 {"state": after.state})  # fmt: skip
    return f"Ticket {row.number} is back from its wait: {row.question}."
