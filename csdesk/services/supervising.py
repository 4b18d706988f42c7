"""What a lead or supervisor does about the ticket of an escalation: takes it, gives it to another, raises its priority,
extends what was promised (never a clock), grants what is asked within his limit."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, or_, select

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, TicketLine, table
from csdesk.services import approving, callback_lists, callbacks, seeing, ticket_moves
from csdesk.services import escalation_rows as rows
from csdesk.services.escalation_steps import Done
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx, writes

REQUEST, LINE = table(ApprovalRequest), table(TicketLine)


def _of(tx: Tx, escalation_id: int) -> tuple[Row[Any], Row[Any]]:
    """The escalation and its ticket, which the actor may see. Raises NotFound."""
    each = rows.get(tx, escalation_id)
    return each, seeing.one(tx, each.ticket_id, lock=True)


@writes("ticket.lead")
def take(tx: Tx, escalation_id: int) -> Done:
    """Makes the ticket the actor's own. Raises as `ticket_moves.take`."""
    each, row = _of(tx, escalation_id)
    return Done(each.id, row.id, each.state, ticket_moves.take(tx, row.id, f"escalated: {each.why}"[:200]).words)


@writes("ticket.lead")
def assign(tx: Tx, escalation_id: int, login: str) -> Done:
    """Gives the ticket to somebody else, or into a queue. Raises as `ticket_moves.assign`."""
    each, row = _of(tx, escalation_id)
    return Done(each.id, row.id, each.state, ticket_moves.assign(tx, row.id, login).words)


@writes("ticket.lead")
def raise_priority(tx: Tx, escalation_id: int, why: str = "") -> Done:
    """One priority higher; the clocks are set anew by it, a breach that has happened stays. Raises Refused for the
    highest."""
    each, row = _of(tx, escalation_id)
    if row.priority <= 1:
        raise Refused(f"Ticket {row.number} has the highest priority already.")
    reason = why.strip() or f"escalated: {each.why}"[:200]
    return Done(each.id, row.id, each.state, ticket_moves.priority(tx, row.id, 0, 0, row.priority - 1, reason).words)


@writes("ticket.lead")
def extend(tx: Tx, escalation_id: int, when: str, by_customer: bool = False) -> Done:
    """Moves the callback that was promised about the ticket, as `callbacks.move`: by us once its window is open it
    counts as broken. No clock of the ticket moves by it. Raises Refused where there is none, or several."""
    each, row = _of(tx, escalation_id)
    promised = callback_lists.of_ticket(tx, row.id)
    if not promised:
        raise Refused(f"Nothing is promised about ticket {row.number}; y 15:30 and the next step commits to one.")
    if len(promised) > 1:
        raise Refused(f"Ticket {row.number} has {len(promised)} callbacks; q shows them, m15 on one moves it.")
    return Done(each.id, row.id, each.state, callbacks.move(tx, promised[0].id, when, by_customer).words)


@writes("ticket.lead")
def grant(tx: Tx, escalation_id: int) -> Done:
    """Approves what is asked for the ticket's lines, credits and replacements, of merged tickets too, and waits, as far
    as the actor's tier goes and he is not its maker.

    Raises Refused where nothing waits, and as `approving.approve`.
    """
    each, row = _of(tx, escalation_id)
    here = or_(REQUEST.c.id == LINE.c.request_id, REQUEST.c.id == LINE.c.replacement_request_id)
    asked = (REQUEST.c.company == LINE.c.company) & here
    ids = (row.id, *merged_in(tx, row.id))
    statement = (
        select(REQUEST.c.id, REQUEST.c.version)
        .join_from(LINE, REQUEST, asked)
        .where(LINE.c.company == tx.company, LINE.c.ticket_id.in_(ids), REQUEST.c.state == "in_approval")
        .order_by(REQUEST.c.id)
    )
    wanted = list(dict.fromkeys((found.id, found.version) for found in tx.rows(statement)))
    if not wanted:
        raise Refused(f"Nothing that is asked for ticket {row.number} waits for approval; c asks the credit on it.")
    tx.need("request.read")
    words = [approving.approve(tx, *found).words for found in wanted]
    return Done(each.id, row.id, each.state, " ".join(words))
