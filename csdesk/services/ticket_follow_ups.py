"""Follow-up tickets: a customer writes about something that is over too long to be opened again. Internal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from csdesk.services import audit, memory, ticket_log, tickets
from csdesk.services.ticket_steps import Stepped, hold_seconds
from csdesk.services.tx import Tx


def open_for(tx: Tx, row: Row[Any], body: str, author: str, call_id: int | None) -> Stepped:
    """Opens a ticket that follows another one, with the message it came of; it is with whoever logged it."""
    subject = f"{row.subject} (follows {row.number})"
    opened = tickets.opening(tx, row.kind if row.kind != "proactive" else "query", subject, row.category, body)
    happened = [
        ("opened", {**opened, "owner_id": tx.actor.id or None, "follow_up_of": row.id}),
        ("inbound", {"courtesy": False}),
    ]
    fixed = {"customer_id": row.customer_id, "contact": row.contact, "channel": row.channel, "tier": row.tier,
             "currency": row.currency, "source": "desk"}  # fmt: skip
    made = ticket_log.begin(tx, fixed, happened)
    ticket_log.say(tx, made, "inbound", body.strip(), visible=True, author=author)
    words = f"Ticket {made.number} follows {row.number}, which is over: the customer's message is in it"
    undo = {"do": "unticket-step", "ticket": row.id, "seqs": [], "effects": [["follow-up", made.id]]}
    memory.remember(tx, call_id, "ticket_thread.inbound", words, undo, hold_seconds(tx))
    audit.record(tx, "ticket_thread.inbound", "ticket", row.id, {"state": row.state}, {"follow_up": made.number})
    return Stepped(made.id, f"{words}.")
