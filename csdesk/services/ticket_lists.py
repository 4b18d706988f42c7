"""Short lists for the forms of tickets: categories, who works tickets, the customer's other tickets. Reads only."""

from __future__ import annotations

from sqlalchemy import select

from csdesk.models import ServiceQueue, Staff, Ticket, TicketCategory, table
from csdesk.services import seeing, staff, ticket_views
from csdesk.services.ticket_views import TicketRow
from csdesk.services.tx import Tx, reads

TICKET, CATEGORY, QUEUE, STAFF = table(Ticket), table(TicketCategory), table(ServiceQueue), table(Staff)


@reads("customer.read")
def categories(tx: Tx) -> tuple[tuple[str, str], ...]:
    """Code and name of the categories, each below the one it belongs to."""
    mine = select(CATEGORY).where(CATEGORY.c.company == tx.company, CATEGORY.c.use == "category")
    rows = tx.rows(mine.order_by(CATEGORY.c.name))
    tops = [row for row in rows if not row.parent]
    found: list[tuple[str, str]] = []
    for top in tops:
        found.append((top.code, top.name))
        found += [(row.code, f"  {row.name}") for row in rows if row.parent == top.code]
    known = {code for code, _ in found}
    return (*found, *((row.code, row.name) for row in rows if row.code not in known))


@reads("ticket.lead")
def workers(tx: Tx) -> tuple[tuple[str, str], ...]:
    """To whom a ticket can go: queues by code, then logins that work tickets."""
    queues = tx.rows(select(QUEUE).where(QUEUE.c.company == tx.company).order_by(QUEUE.c.code))
    mine = select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.disabled.is_(False)).order_by(STAFF.c.login)
    people = [row for row in tx.rows(mine) if seeing.WORK in staff.duties_of(tx, row.id)]
    return (*((row.code, f"queue {row.name}") for row in queues), *((row.login, row.name) for row in people))


@reads("customer.read")
def others(tx: Tx, ticket_id: int) -> tuple[TicketRow, ...]:
    """The other tickets of the same customer that are under way and the reader may see. Raises NotFound."""
    row = seeing.one(tx, ticket_id)
    if row.customer_id is None:
        return ()
    rows = ticket_views.of_customer(tx, row.customer_id)
    live = ("closed", "cancelled", "merged", "resolved")
    return tuple(each for each in rows if each.id != ticket_id and each.state not in live)
