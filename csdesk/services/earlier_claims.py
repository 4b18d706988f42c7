"""Earlier tickets about lines of a delivery, as the reader may see them. Reads only."""

from __future__ import annotations

from sqlalchemy import select

from csdesk.models import Delivery, DeliveryLine, Ticket, TicketLine, table
from csdesk.money import show, show_quantity
from csdesk.services import seeing, ticket_claims, ticket_log
from csdesk.services.tx import Tx, reads

TICKET, LINE, DELIVERY, CARRIED = table(Ticket), table(TicketLine), table(Delivery), table(DeliveryLine)
SAID = ("credited", "replaced")  # of what became of a claim, what matters to whoever complains again


@reads("customer.read")
def of_delivery(tx: Tx, delivery_id: int) -> dict[int, str]:
    """By line of a delivery the latest other ticket about its order line, in words: number, quantity, reason, what was
    credited or replaced of it."""
    order = (DELIVERY.c.company == CARRIED.c.company) & (DELIVERY.c.id == CARRIED.c.delivery_id)
    about = (LINE.c.company == CARRIED.c.company) & (LINE.c.order_line == CARRIED.c.order_line)
    joined = (TICKET.c.company == LINE.c.company) & (TICKET.c.id == LINE.c.ticket_id)
    rows = tx.rows(
        select(LINE, TICKET.c.number, TICKET.c.state, CARRIED.c.line.label("carried"))
        .select_from(CARRIED)
        .join(DELIVERY, order)
        .join(LINE, about & (LINE.c.order_id == DELIVERY.c.order_id))
        .join(TICKET, joined)
        .where(CARRIED.c.company == tx.company, CARRIED.c.delivery_id == delivery_id, seeing.visible(tx))
        .order_by(TICKET.c.opened_at, TICKET.c.id)
    )  # fmt: skip
    found: dict[int, str] = {}
    for row in (each for each in rows if ticket_log.counts(tx, each)):
        parts = ticket_claims.claim_of(tx, row)
        became = [f"{name} {show(parts[name], row.currency)}" for name in SAID if parts[name]]
        words = f"{row.number}: {show_quantity(row.quantity)} {row.unit} {row.reason}"
        found[row.carried] = ", ".join([words, *became])
    return found
