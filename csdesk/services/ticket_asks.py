"""What becomes of requests made for a ticket's lines, as its events: its approval clocks go by them. Internal: called
wherever a request changes its state."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, TicketLine, table
from csdesk.rules.ticket_replay import standing
from csdesk.rules.ticket_states import Event
from csdesk.services import ticket_log
from csdesk.services.tx import Tx

LINE, REQUEST = table(TicketLine), table(ApprovalRequest)
ASKED = frozenset({"credit", "replace", "approval_asked"})
ENDED = {
    **dict.fromkeys(("approved", "rejected", "posted", "failed"), "approval_decided"),
    **dict.fromkeys(("withdrawn", "expired", "superseded"), "approval_withdrawn"),
}


def followed(tx: Tx, request_id: int, state: str) -> None:
    """A request has another state: the tickets it was made for say so, each once, and those they were merged into;
    taken back, they wait again."""
    joined = (REQUEST.c.company == LINE.c.company) & (REQUEST.c.id == request_id)
    about = or_(LINE.c.request_id == request_id, LINE.c.replacement_request_id == request_id)
    statement = select(LINE.c.ticket_id, REQUEST.c.number).join(REQUEST, joined).distinct()
    for found in tx.rows(statement.where(LINE.c.company == tx.company, about).order_by(LINE.c.ticket_id)):
        below: int | None = None
        for row in ticket_log.upward(tx, found.ticket_id):
            event = _event(tx, row.id, found.number, state) if row.state != "cancelled" else ""
            if event:
                via: dict[str, int] = {"via": below} if below is not None else {}
                ticket_log.append(tx, row, event, {"request": found.number, "state": state, **via})
            below = row.id


def not_cancelled(tx: Tx, request_id: int) -> None:
    """Raises Refused for a request that was made for a ticket that is cancelled, or went into one that is."""
    about = or_(LINE.c.request_id == request_id, LINE.c.replacement_request_id == request_id)
    for found in tx.rows(select(LINE.c.ticket_id).where(LINE.c.company == tx.company, about)):
        row = ticket_log.get(tx, ticket_log.chain(tx, found.ticket_id)[-1])
        if row.state == "cancelled":
            raise Refused(f"Ticket {row.number} is cancelled; nothing is credited or sent for it.")


def waiting(events: Sequence[Event]) -> dict[str, str]:
    """By number the requests a ticket waits for, with the instant they were asked."""
    found: dict[str, str] = {}
    for each in standing(events):
        if each.event in ASKED:
            found[str(each.data.get("request"))] = each.data.get("asked_at") or each.at.isoformat()
        elif each.event in ENDED.values():
            found.pop(str(each.data.get("request")), None)
    return found


def _event(tx: Tx, ticket_id: int, number: str, state: str) -> str:
    """What a ticket says of a request's new state; '' where it has said so."""
    told = [
        each.event
        for each in standing(ticket_log.events(tx, ticket_id))
        if each.data.get("request") == number and (each.event in ASKED or each.event in ENDED.values())
    ]
    waits = bool(told) and told[-1] in ASKED
    if state in ENDED:
        return ENDED[state] if waits else ""
    return "approval_asked" if told and not waits else ""
