"""What must hold of tickets: their rows are the fold of their events, and nothing runs on what is over."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import and_, or_, select

from csdesk.errors import DeskError
from csdesk.models import Ticket, TicketEvent, TicketItem, table
from csdesk.rules.ticket_replay import replay
from csdesk.rules.ticket_states import Event
from csdesk.services.derived import NAMED
from csdesk.services.invariants import checks
from csdesk.services.tx import Tx

TICKET, EVENT, ITEM = table(Ticket), table(TicketEvent), table(TicketItem)


@checks("ticket.replay", "a ticket's row is what its events come to, or lists and history tell different things")
def _replay(tx: Tx) -> Sequence[str]:
    found = []
    for row, events in _logs(tx):
        try:
            told = replay(events)
        except (DeskError, KeyError, ValueError) as error:
            found.append(f"ticket {row.number}: its events do not follow each other ({error})")
        else:
            wrong = [name for name, value in told.items() if getattr(row, name) != value]
            if wrong:
                found.append(f"ticket {row.number}: its events say otherwise of {', '.join(sorted(wrong))}")
        if len(found) == NAMED:
            break
    return found


def _logs(tx: Tx) -> Iterator[tuple[Any, list[Event]]]:
    """Each ticket with its events, the events read in one pass."""
    rows = {row.id: row for row in tx.rows(select(TICKET).where(TICKET.c.company == tx.company))}
    every = select(EVENT).where(EVENT.c.company == tx.company).order_by(EVENT.c.ticket_id, EVENT.c.seq)
    result = tx.connection.execute(every.execution_options(yield_per=1000))
    for ticket_id, events in groupby(result, key=lambda each: each.ticket_id):
        log = [Event(each.seq, each.at, each.event, each.by, json.loads(each.data)) for each in events]
        yield rows.pop(ticket_id), log
    for row in rows.values():
        yield row, []


@checks("ticket.over", "what is closed, cancelled or merged has no clock that runs")
def _over(tx: Tx) -> Sequence[str]:
    over = TICKET.c.state.in_(("closed", "cancelled", "merged")) & TICKET.c.due_at.is_not(None)
    rows = tx.rows(select(TICKET.c.number, TICKET.c.state).where(TICKET.c.company == tx.company, over).limit(NAMED))
    return [f"ticket {row.number} is {row.state} and something of it is due" for row in rows]


@checks("ticket.waits", "what waits has somebody it waits for, and a date at which it is looked at again")
def _waits(tx: Tx) -> Sequence[str]:
    lost = and_(TICKET.c.base == "wait", or_(TICKET.c.waits_for == "", TICKET.c.wake_at.is_(None)))
    rows = tx.rows(select(TICKET.c.number).where(TICKET.c.company == tx.company, lost).limit(NAMED))
    return [f"ticket {row.number} waits for nobody or without a date" for row in rows]


@checks("ticket.inside", "what is said inside goes to nobody outside")
def _inside(tx: Tx) -> Sequence[str]:
    mine = (ITEM.c.company == TICKET.c.company) & (ITEM.c.ticket_id == TICKET.c.id)
    told = select(TICKET.c.number).join(ITEM, mine).where(ITEM.c.visible.is_(False), ITEM.c.recipients != "")
    rows = tx.rows(told.where(TICKET.c.company == tx.company).distinct().limit(NAMED))
    return [f"ticket {row.number}: an internal item has recipients outside" for row in rows]
