"""The customer told what became of a line of his ticket: by the posting of its note, or the order that replaces it.
Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import TicketLine, table
from csdesk.money import show
from csdesk.services import ticket_log
from csdesk.services.tx import Tx

LINE = table(TicketLine)


def posted(tx: Tx, request: Row[Any], number: str) -> None:
    """The credit note of a ticket's line is posted: the customer is told, which is the decision, and the ticket's clock
    is met by that. Called by the posting."""
    of = select(LINE.c.ticket_id, LINE.c.line).where(LINE.c.company == tx.company, LINE.c.request_id == request.id)
    line = tx.row(of)
    if line is None:
        return
    rows = ticket_log.upward(tx, line.ticket_id)
    if rows[-1].state == "cancelled":
        return
    amount = f"{show(request.amount, request.currency)} {request.currency}"
    words = f"Your complaint {rows[0].number} is decided: credit note {number} over {amount} goes to you with this."
    told(tx, rows, {"request": request.number, "note": number, "amount": request.amount}, words)


def told(tx: Tx, rows: Sequence[Row[Any]], data: Mapping[str, Any], words: str) -> None:
    """The decision about a line is told: in the thread of its ticket, and an event of each it was merged into. `rows`
    are as `ticket_log.upward` gives them."""
    after = ticket_log.append(tx, rows[0], "told", data)
    subject = f"{after.kind.capitalize()} {after.number}"
    item = ticket_log.say(tx, after, "system", words, visible=True, subject=subject)
    ticket_log.above(tx, rows, "told", {**data, "item": item})
