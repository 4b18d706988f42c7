"""What has come to the thread of a ticket since somebody looked at it: nothing goes to a customer over what was unread.

Internal to services.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from csdesk.errors import Conflict
from csdesk.models import TicketItem, table
from csdesk.services import customers, ticket_log
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx

ITEM = table(TicketItem)
TOLD = 3  # pieces of a difference that are told


def current(tx: Tx, row: Row[Any], version: int) -> None:
    """Raises Conflict with the difference when the thread has moved on since a version was looked at; 0 for none."""
    found = newer(tx, row, version)
    if found:
        zone = ZoneInfo(customers.timezone_of(tx, row.customer_id) if row.customer_id else customers.company_zone(tx))
        told = "; ".join(
            f"{each.author} {each.at.astimezone(zone):%H:%M} ({each.kind}) '{short(each.body)}'"
            for each in found[-TOLD:]
        )
        more = f" and {len(found) - TOLD} more" if len(found) > TOLD else ""
        raise Conflict(
            f"Not sent; since you looked at ticket {row.number}: {told}{more}. Enter sends it all the same.",
            field="text",
        )


def short(body: str) -> str:
    """The beginning of a text in one line."""
    plain = " ".join(body.split())
    return plain if len(plain) <= 40 else f"{plain[:39]}…"


def newer(tx: Tx, row: Row[Any], version: int) -> Sequence[Row[Any]]:
    """What the customer saw, wrote or said since a version of the ticket, of tickets merged in since too, the latest
    last. A call that reached nobody is none of it."""
    events = ticket_log.events(tx, row.id)
    gone = {int(seq) for each in events if each.event == "undone" for seq in each.data["seqs"]}
    gone |= {each.seq for each in events if each.event == "call" and not each.data["answered"]}
    joined = [int(each.data["ticket"]) for each in events if each.event == "merged_in" and each.seq > version]
    with_ = {each for one in joined for each in (one, *merged_in(tx, one))} & set(merged_in(tx, row.id))
    told = [int(each.data["item"]) for each in events if "item" in each.data and each.seq > version]
    both = ITEM.c.visible.is_(True) | ITEM.c.kind.in_(("inbound", "call"))
    own = (ITEM.c.ticket_id == row.id) & (ITEM.c.seq > version) & ITEM.c.seq.not_in(sorted(gone))
    mine = select(ITEM).where(ITEM.c.company == tx.company, both,
                               own | ITEM.c.ticket_id.in_(sorted(with_)) | ITEM.c.id.in_(told))  # fmt: skip
    return tx.rows(mine.order_by(ITEM.c.at, ITEM.c.id))
