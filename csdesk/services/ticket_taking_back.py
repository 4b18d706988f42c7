"""A credit or a dispute of a ticket's line taken back within its hold. Internal to services."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from csdesk.errors import Refused
from csdesk.services import credits, customers, dispute_steps, ticket_log, ticket_money, ticket_rests
from csdesk.services.dispute_steps import step
from csdesk.services.tx import Tx


def taken_back(tx: Tx, payload: dict[str, Any]) -> str:
    """Takes a credit or dispute of a ticket back: the request is withdrawn, the dispute too when it came with it, and
    the line is as it was.

    Raises Refused once the request is decided or somebody has worked on the dispute, Conflict when somebody decided
    otherwise about the line since.
    """
    row = ticket_log.get(tx, payload["ticket"], lock=True)
    who = customers.trading(tx, row.customer_id, lock=True)
    ticket_rests.unchanged(tx, row, payload["line"], payload["after"])
    words = [credits.withdraw(tx, payload["request"])] if payload["request"] else []
    if payload["dispute"]:
        held = dispute_steps.get(tx, payload["dispute"], lock=True)
        if _worked_on(tx, held):
            raise Refused(f"Dispute {held.number} is worked on already; close it instead.")
        step(tx, held, "withdraw", who.local(tx.now).date(), state="withdrawn", closed_at=tx.now)
        words.append(f"dispute {held.number} withdrawn")
    ticket_money.set_line(tx, row.id, payload["line"], payload["before"])
    ticket_log.undo(tx, ticket_log.get(tx, row.id), [payload["seq"]])
    return ", ".join(words)


def _worked_on(tx: Tx, held: Row[Any]) -> bool:
    """Whether a dispute is more than it was opened as: settled in part, asked for, stepped on by others."""
    if held.state != "coded" or held.open != held.original or dispute_steps.live_request(tx, held) is not None:
        return True
    return any(each.by != held.opened_by for each in dispute_steps.events(tx, held.id))
