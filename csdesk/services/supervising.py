"""What a lead or supervisor does about the ticket of an escalation: takes it, gives it to another, raises its priority,
extends what was promised (never a clock), grants what he was shown of what is asked, within his limit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, or_, select

from csdesk.errors import Refused
from csdesk.models import ApprovalRequest, Command, TicketLine, table
from csdesk.services import approving, batches, callback_lists, callbacks, inbox, seeing, ticket_moves, ticket_undo
from csdesk.services import escalation_rows as rows
from csdesk.services.escalation_steps import Done
from csdesk.services.inbox import Waiting
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx, reads, writes

REQUEST, LINE, COMMAND = table(ApprovalRequest), table(TicketLine), table(Command)


def _of(tx: Tx, escalation_id: int, lock: bool = True) -> tuple[Row[Any], Row[Any]]:
    """The escalation and its ticket, which the actor may see. Raises NotFound."""
    each = rows.get(tx, escalation_id)
    return each, seeing.one(tx, each.ticket_id, lock)


@reads("ticket.lead")
def preview_take(tx: Tx, escalation_id: int) -> str:
    """What making the ticket one's own would do. Raises like the act."""
    each, row = _of(tx, escalation_id, lock=False)
    return f"ticket {row.number} {ticket_moves.take_preview(tx, row.id, _because(each))}"


@writes("ticket.lead")
def take(tx: Tx, escalation_id: int) -> Done:
    """Makes the ticket the actor's own. Raises as `ticket_moves.take`."""
    each, row = _of(tx, escalation_id)
    return Done(each.id, row.id, each.state, ticket_moves.take(tx, row.id, _because(each)).words)


@reads("ticket.lead")
def preview_assign(tx: Tx, escalation_id: int, login: str) -> str:
    """To whom the ticket would go. Raises like the act."""
    _, row = _of(tx, escalation_id, lock=False)
    return f"ticket {row.number} {ticket_moves.assign_preview(tx, row.id, login)}"


@writes("ticket.lead")
def assign(tx: Tx, escalation_id: int, login: str) -> Done:
    """Gives the ticket to somebody else, or into a queue. Raises as `ticket_moves.assign`."""
    each, row = _of(tx, escalation_id)
    return Done(each.id, row.id, each.state, ticket_moves.assign(tx, row.id, login).words)


@reads("ticket.lead")
def preview_priority(tx: Tx, escalation_id: int, why: str = "") -> str:
    """Which priority the ticket would have. Raises like the act."""
    each, row = _of(tx, escalation_id, lock=False)
    return f"ticket {row.number} {ticket_moves.priority_preview(tx, row.id, 0, 0, _higher(row), why or _because(each))}"


@writes("ticket.lead")
def raise_priority(tx: Tx, escalation_id: int, why: str = "") -> Done:
    """One priority higher; the clocks are set anew by it, a breach that has happened stays. Raises Refused for the
    highest."""
    each, row = _of(tx, escalation_id)
    made = ticket_moves.priority(tx, row.id, 0, 0, _higher(row), why.strip() or _because(each))
    return Done(each.id, row.id, each.state, made.words)


def _because(each: Row[Any]) -> str:
    return f"escalated: {each.why}"[:200]


def _higher(row: Row[Any]) -> int:
    if row.priority <= 1:
        raise Refused(f"Ticket {row.number} has the highest priority already.")
    return int(row.priority) - 1


@reads("ticket.lead")
def preview_extend(tx: Tx, escalation_id: int, when: str, by_customer: bool = False) -> str:
    """Where the callback would be moved. Raises like the act."""
    _, row = _of(tx, escalation_id, lock=False)
    promised = _promised(tx, row)
    return f"the call to {promised.customer}: {callbacks.preview_move(tx, promised.id, when, by_customer)}"


@writes("ticket.lead")
def extend(tx: Tx, escalation_id: int, when: str, by_customer: bool = False) -> Done:
    """Moves the callback that was promised about the ticket, as `callbacks.move`: by us once its window is open it
    counts as broken. No clock of the ticket moves by it. Raises Refused where there is none, or several."""
    each, row = _of(tx, escalation_id)
    moved = callbacks.move(tx, _promised(tx, row).id, when, by_customer)
    return Done(each.id, row.id, each.state, moved.words)


def _promised(tx: Tx, row: Row[Any]) -> callback_lists.CallbackRow:
    """The one callback promised about the ticket. Raises Refused."""
    promised = callback_lists.of_ticket(tx, row.id)
    if not promised:
        raise Refused(f"Nothing is promised about ticket {row.number}; y 15:30 and the next step commits to one.")
    if len(promised) > 1:
        raise Refused(f"Ticket {row.number} has {len(promised)} callbacks; q shows them, m15 on one moves it.")
    return promised[0]


@reads("request.read")
def asked(tx: Tx, escalation_id: int) -> tuple[Waiting, ...]:
    """What is asked for the ticket's lines, credits and replacements, of merged tickets too, and waits for approval:
    the oldest first. Raises NotFound."""
    _, row = _of(tx, escalation_id, lock=False)
    return tuple(inbox.request(tx, each).head for each in _waiting(tx, row))


def _waiting(tx: Tx, row: Row[Any]) -> list[int]:
    """The requests of a ticket that wait, by id."""
    return [each for each, state in _requests(tx, row.id).items() if state == "in_approval"]


def _requests(tx: Tx, ticket_id: int) -> dict[int, str]:
    """What was asked last for the lines of a ticket and of those merged into it: request and state, by id."""
    here = or_(REQUEST.c.id == LINE.c.request_id, REQUEST.c.id == LINE.c.replacement_request_id)
    statement = (
        select(REQUEST.c.id, REQUEST.c.state)
        .join_from(LINE, REQUEST, (REQUEST.c.company == LINE.c.company) & here)
        .where(LINE.c.company == tx.company, LINE.c.ticket_id.in_((ticket_id, *merged_in(tx, ticket_id))))
        .order_by(REQUEST.c.id)
    )
    return {found.id: found.state for found in tx.rows(statement)}


def _looked_at(tx: Tx, row: Row[Any], looked: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of the requests that were looked at, each (id, version), those of this ticket that wait still, by id. Raises
    Refused where none waits, and where only others do, which nobody has seen."""
    waiting = _waiting(tx, row)
    if not waiting:
        raise Refused(f"Nothing that is asked for ticket {row.number} waits for approval; c asks the credit on it.")
    wanted = [each for each in sorted(set(looked)) if each[0] in waiting]
    if not wanted:
        raise Refused(f"What waits for ticket {row.number} was asked since you looked at it; q shows it.")
    return wanted


@reads("request.read")
def preview_grant(tx: Tx, escalation_id: int, looked: Sequence[tuple[int, int]]) -> str:
    """What would be approved, with its amounts. Raises like the act."""
    _, row = _of(tx, escalation_id, lock=False)
    return batches.granted(tx, tuple(_looked_at(tx, row, looked)))


@writes("ticket.lead")
def grant(tx: Tx, escalation_id: int, looked: Sequence[tuple[int, int]]) -> Done:
    """Approves what was `asked` for the ticket and looked at, each (id, version), and nothing besides, as far as the
    actor's tier goes and he is not its maker: all of it that still waits, or none.

    Raises Refused where nothing of it waits, for one that was changed since, and as `approving.approve`.
    """
    each, row = _of(tx, escalation_id)
    wanted = _looked_at(tx, row, looked)
    tx.need("request.read")
    words = [approving.approve(tx, *found).words for found in wanted]
    return Done(each.id, row.id, each.state, " ".join(words))


@writes("customer.read")
def take_back(tx: Tx, escalation_id: int) -> Done:
    """Takes the actor's newest step about the ticket of an escalation back, within its hold: what was granted, all that
    was with it, or a step on the ticket. Raises as `approving.take_back` and `ticket_undo.take_back`."""
    each = rows.get(tx, escalation_id)
    newest = (COMMAND.c.company == tx.company, COMMAND.c.staff_id == tx.actor.id, COMMAND.c.undone_at.is_(None))
    last = tx.row(select(COMMAND).where(*newest).order_by(COMMAND.c.id.desc()).limit(1))
    here, words = _requests(tx, each.ticket_id), []
    while last is not None and last.verb == "approving.approve" and json.loads(last.undo)["request"] in here:
        words.append(approving.take_back(tx).words)
        with_it = select(COMMAND).where(*newest, COMMAND.c.at == last.at).order_by(COMMAND.c.id.desc())
        last = tx.row(with_it.limit(1))
    told = " ".join(words) or ticket_undo.take_back(tx, each.ticket_id).words
    return Done(each.id, each.ticket_id, each.state, told)
