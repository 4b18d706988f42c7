"""Tickets for tests: opened on a call, and a customer who can be written to."""

from __future__ import annotations

from decimal import Decimal

from csdesk.models import Contact, Ticket, TicketItem
from csdesk.services import ticket_subjects, tickets
from tests.services.conftest import Desk
from tests.services.talk import Talk

MAIL = "orders@harbourview.example"


def reachable(desk: Desk, *addresses: str, customer: int = 1) -> None:
    """Gives the customer contacts with these mail addresses, one unless named."""
    for n, address in enumerate(addresses or (MAIL,)):
        desk.put(Contact, {"id": 8800 + n, "customer_id": customer, "name": f"Contact {n}", "email": address})


def complaint(desk: Desk, talk: Talk, line: int = 1, quantity: int = 2, text: str = "crushed") -> int:
    """A complaint about a line of the seeded delivery, damaged; gives its id."""
    seen = desk.rep.read_now(ticket_subjects.delivery, 1, 1)
    return int(talk.store.write_now(tickets.complain, talk.call, seen, line, "d", Decimal(quantity), text).id)


def query(talk: Talk, text: str = "when does the new list begin", kind: str = "q") -> int:
    """A ticket about no line; gives its id."""
    return int(talk.store.write_now(tickets.note, talk.call, kind, text).id)


def ticket(desk: Desk, id: int) -> Ticket:
    """A ticket's row."""
    return desk.row(Ticket, id=id)  # type: ignore[no-any-return]


def bodies(desk: Desk, id: int) -> list[tuple[str, bool, str, str]]:
    """Kind, visible, recipients and body of the pieces of a ticket's thread."""
    rows = sorted(desk.rows(TicketItem, ticket_id=id), key=lambda row: (row.at, row.id))
    return [(row.kind, row.visible, row.recipients, row.body) for row in rows]
