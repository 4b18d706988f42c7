"""That a customer's matter has come in: he is told so by mail before anybody can answer it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from csdesk.errors import Refused
from csdesk.rules.ticket_replay import stage_of, standing
from csdesk.services import ticket_log, ticket_mail
from csdesk.services.ticket_steps import Plan, Said, Stepped, alive, foreseen, step
from csdesk.services.tx import Tx, reads, writes


def _plan(tx: Tx, row: Row[Any]) -> Plan:
    """A receipt by mail: it is what the acknowledge clock waits for, and no answer."""
    alive(row)
    events = standing(ticket_log.events(tx, row.id))
    if any(stage_of(each) == "acknowledged" or each.event == "told" for each in events):
        raise Refused(f"Ticket {row.number} is acknowledged already: the customer has heard of us; r answers.")
    to = ticket_mail.receivers(tx, row)
    opened = "We look into this for you" if row.kind == "proactive" else f"We have received your {row.kind}"
    words = f"{opened}: {row.subject}. Its number is {row.number}."
    said = Said("outbound", words, True, to, row.subject)
    return Plan(f"acknowledged: a receipt goes to {' '.join(to[:2])}", (("acknowledged", {}),), (said,),
                told={"to": list(to)})  # fmt: skip


@reads("ticket.work")
def preview(tx: Tx, ticket_id: int) -> str:
    """Whom a receipt would go to. Raises like the act."""
    return foreseen(tx, ticket_id, _plan)


@writes("ticket.work")
def acknowledge(tx: Tx, ticket_id: int, call_id: int | None = None) -> Stepped:
    """Tells the customer by mail that his matter has come in, with its number, once the hold has passed. It meets the
    acknowledge clock alone: the first response is still owed.

    Raises Refused where he has heard of the desk already, for one that is over, and where no contact has an address.
    """
    return step(tx, "ticket_receipts.acknowledge", ticket_id, _plan, call_id)
