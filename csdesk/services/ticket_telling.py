"""The customer told what became of a line of his ticket: by the posting of its note, or the order that replaces it.
Internal to services."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import TicketLine, table
from csdesk.money import show
from csdesk.rules.ticket_decisions import untold
from csdesk.rules.ticket_replay import standing
from csdesk.services import ticket_log, ticket_money
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx

LINE = table(TicketLine)
COMPLAINTS = frozenset({"complaint", "claim"})  # these want a root cause and the decision told


def posted(tx: Tx, request: Row[Any], number: str) -> None:
    """The credit note of a ticket's line is posted: the customer is told, which is the decision, and the clock of
    its ticket is met by that of the last line. Called by the posting."""
    of = select(LINE.c.ticket_id, LINE.c.line).where(LINE.c.company == tx.company, LINE.c.request_id == request.id)
    line = tx.row(of)
    if line is None:
        return
    rows = ticket_log.upward(tx, line.ticket_id)
    if rows[-1].state == "cancelled":
        return
    amount = f"{show(request.amount, request.currency)} {request.currency}"
    words = f"Your complaint {rows[0].number} is decided: credit note {number} over {amount} goes to you with this."
    told(tx, rows, line.line, {"request": request.number, "note": number, "amount": request.amount}, words)


def told(tx: Tx, rows: Sequence[Row[Any]], line: int, data: Mapping[str, Any], words: str) -> None:
    """The decision about a line is told: in the thread of its ticket, and an event of each it was merged into, which
    says whether it was the last one to be told there. `rows` are as `ticket_log.upward` gives them."""
    of = (rows[0].id, line)
    last = [_last(tx, each, of) for each in rows]
    after = ticket_log.append(tx, rows[0], "told", {**data, "line": line, "last": last[0]})
    subject = f"{after.kind.capitalize()} {after.number}"
    item = ticket_log.say(tx, after, "system", words, visible=True, subject=subject)
    for below, row, is_last in zip(rows, rows[1:], last[1:], strict=False):
        ticket_log.append(tx, row, "told", {**data, "line": line, "last": is_last, "item": item, "via": below.id})


def _last(tx: Tx, row: Row[Any], about: tuple[int, int]) -> bool:
    """Whether telling this line leaves nothing to be told on a ticket and on what was merged into it."""
    inside = (ticket_log.get(tx, each) for each in merged_in(tx, row.id))
    return all(_told(tx, each, about) for each in inside) and (
        _told(tx, row, about) or not ticket_money.lines_of(tx, row.id)
    )


def _told(tx: Tx, row: Row[Any], about: tuple[int, int] | None = None) -> bool:
    lines = {each.line for each in ticket_money.lines_of(tx, row.id)}
    if not lines:
        return row.told_at is not None or row.kind not in COMPLAINTS
    left = {(row.id, each) for each in untold(standing(ticket_log.events(tx, row.id)), lines)}
    return not left - {about}


def decided(tx: Tx, complaints: Sequence[Row[Any]]) -> bool:
    """Whether the customer was told what became of all of some complaints: of every line they have now."""
    return all(_told(tx, each) for each in complaints)
