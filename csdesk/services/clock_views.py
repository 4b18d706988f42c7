"""The clocks of a ticket taken apart, and clocks of any calendar to try cases with. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from csdesk.errors import NotFound
from csdesk.models import Ticket, table
from csdesk.rules.clock import Calendar
from csdesk.rules.clock_explain import Explained, explain
from csdesk.rules.ticket_policy import KINDS
from csdesk.rules.ticket_replay import standing
from csdesk.services import clocking, customers, seeing, service_levels, ticket_log
from csdesk.services.tx import Tx, reads

TICKET = table(Ticket)


@dataclass(frozen=True)
class ClocksView:
    """A ticket's clocks taken apart as of `now`, those that run first, the earliest due before the others."""

    ticket_id: int
    number: str
    subject: str
    clocks: tuple[Explained, ...]
    zone: ZoneInfo
    now: datetime


@reads("customer.read")
def of_ticket(tx: Tx, ticket_id: int) -> ClocksView:
    """The clocks of a ticket the reader may see, taken apart. Raises NotFound."""
    row = seeing.one(tx, ticket_id)
    found = clocking.of_events(tx, standing(ticket_log.events(tx, row.id)))
    order = sorted(found, key=lambda each: (each.state not in ("running", "paused"), each.due is None,
                                            each.due or tx.now, KINDS.index(each.kind), each.epoch))  # fmt: skip
    return ClocksView(row.id, row.number, row.subject, tuple(explain(each, tx.now) for each in order),
                      ZoneInfo(customers.company_zone(tx)), tx.now)  # fmt: skip


@reads("customer.read")
def of_number(tx: Tx, number: str) -> ClocksView:
    """The same for a ticket's number. Raises NotFound."""
    found = tx.value(select(TICKET.c.id).where(seeing.visible(tx), TICKET.c.number == number.strip()))
    if found is None:
        raise NotFound(f"There is no ticket {number.strip()} among those you may see.", field="ticket")
    return of_ticket(tx, int(found))


@reads("customer.read")
def calendar(tx: Tx, code: str) -> Calendar:
    """The present version of a calendar. Raises NotFound."""
    return service_levels.calendar(tx, code)
