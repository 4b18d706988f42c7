"""The events of tickets: every change is one more event, and the row is what they come to. Internal to services.

The caller has the right (`services.seeing`), holds the row locked and audits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Conflict, NotFound
from csdesk.ids import new_id
from csdesk.models import Ticket, TicketEvent, TicketItem, table
from csdesk.rules.ticket_replay import replay, standing
from csdesk.rules.ticket_states import Event
from csdesk.services import clocking, numbers, search_tickets
from csdesk.services.audit import dump
from csdesk.services.tx import Tx

TICKET, EVENT, ITEM = table(Ticket), table(TicketEvent), table(TicketItem)


def get(tx: Tx, ticket_id: int, lock: bool = False) -> Row[Any]:
    """A ticket's row, whoever asks; with `lock` nobody else changes it until the commit. Raises NotFound."""
    statement = select(TICKET).where(TICKET.c.company == tx.company, TICKET.c.id == ticket_id)
    row = tx.row(statement.with_for_update() if lock and tx.postgres else statement)
    if row is None:
        raise NotFound("This ticket is not there; # on a call lists the customer's.")
    return row


def upward(tx: Tx, ticket_id: int) -> tuple[Row[Any], ...]:
    """A ticket and what it was merged into, link by link, the last one goes on; all locked, by id as everybody does.
    Raises Conflict when one of them is merged, or comes out, at this moment."""
    ids = chain(tx, ticket_id)
    rows = {each: get(tx, each, lock=True) for each in sorted(ids)}
    for each, into in zip(ids, (*ids[1:], None), strict=True):
        if rows[each].merged_into != into:
            raise Conflict(f"Ticket {rows[each].number} was merged at this moment; look at it again.")
    return tuple(rows[each] for each in ids)


def chain(tx: Tx, ticket_id: int) -> tuple[int, ...]:
    """A ticket and what it was merged into, the one that goes on last."""
    ids = [ticket_id]
    while (into := get(tx, ids[-1]).merged_into) is not None:
        ids.append(int(into))
    return tuple(ids)


def counts(tx: Tx, row: Row[Any]) -> bool:
    """Whether a ticket is somebody's, by its `ticket_id` and `state`: not a cancelled one, nor what went into one."""
    if row.state != "merged":
        return bool(row.state != "cancelled")
    return bool(get(tx, chain(tx, row.ticket_id)[-1]).state != "cancelled")


def above(tx: Tx, rows: Sequence[Row[Any]], event: str, data: Mapping[str, Any]) -> None:
    """What happened to a merged ticket as an event of each it went into (`rows` as `upward` gives them): it counts
    there as long as the merge does."""
    for below, row in pairwise(rows):
        append(tx, row, event, {**data, "via": below.id})


def events(tx: Tx, ticket_id: int) -> tuple[Event, ...]:
    """All events of a ticket in their order."""
    statement = select(EVENT).where(EVENT.c.company == tx.company, EVENT.c.ticket_id == ticket_id)
    return tuple(
        Event(row.seq, row.at, row.event, row.by, json.loads(row.data))
        for row in tx.rows(statement.order_by(EVENT.c.seq))
    )


def begin(tx: Tx, fixed: Mapping[str, Any], happened: Sequence[tuple[str, Mapping[str, Any]]]) -> Row[Any]:
    """Stores a new ticket, numbered, with its first events; `fixed` are the columns that never change (customer_id,
    contact, channel, tier, currency, source), the first event is `opened`."""
    made = [
        Event(seq, tx.now, event, tx.actor.id, json.loads(dump(data))) for seq, (event, data) in enumerate(happened, 1)
    ]
    row = {
        "company": tx.company, "id": new_id(), "number": numbers.next_number(tx, "ticket"), "opened_at": tx.now,
        "opened_by": tx.actor.id, **fixed, **replay(made),
    }  # fmt: skip
    tx.do(insert(TICKET), row | clocking.figures(tx, made, row))
    for each in made:
        _put(tx, row["id"], each)
    search_tickets.index(tx, [(row["id"], row["subject"])])
    return get(tx, row["id"])


def append(tx: Tx, row: Row[Any], event: str, data: Mapping[str, Any] | None = None) -> Row[Any]:
    """One more event of a ticket; gives the row after it. Raises Refused for a move that is not allowed, Conflict when
    somebody else was faster."""
    before = events(tx, row.id)
    if before[-1].seq != row.version:
        raise Conflict(f"Ticket {row.number} was changed at this moment; look at it again.")
    added = Event(row.version + 1, tx.now, event, tx.actor.id, json.loads(dump(data or {})))
    after = [*before, added]
    values = replay(after)
    values |= clocking.figures(tx, standing(after), {**row._asdict(), **values})
    mine = update(TICKET).where(TICKET.c.company == tx.company, TICKET.c.id == row.id, TICKET.c.version == row.version)
    if tx.do(mine.values(**values)).rowcount != 1:
        raise Conflict(f"Ticket {row.number} was changed at this moment; look at it again.")
    _put(tx, row.id, added)
    return get(tx, row.id)


def _put(tx: Tx, ticket_id: int, event: Event) -> None:
    tx.do(insert(EVENT), {
        "company": tx.company, "ticket_id": ticket_id, "seq": event.seq, "event": event.event, "at": event.at,
        "by": event.by, "data": dump(event.data),
    })  # fmt: skip


def say(
    tx: Tx, row: Row[Any], kind: str, body: str, *, visible: bool = False, recipients: Sequence[str] = (),
    call_id: int | None = None, subject: str = "", author: str = "", request: str = "",
) -> int:  # fmt: skip
    """A piece of the thread beside the ticket's last event (`row` is the row after it); gives its id. An internal item
    never has a recipient outside; `request` names a send, so that one sent twice stands once."""
    assert visible or not recipients, "an internal item goes to nobody outside"
    item = new_id()
    tx.do(insert(ITEM), {
        "company": tx.company, "id": item, "ticket_id": row.id, "seq": row.version, "kind": kind, "visible": visible,
        "recipients": " ".join(recipients), "subject": subject[:200], "body": body,
        "author": author or tx.actor.name, "at": tx.now, "by": tx.actor.id, "call_id": call_id,
        "request": request[:60] or f"{item}",
    })  # fmt: skip
    return item


def undo(tx: Tx, row: Row[Any], seqs: Sequence[int]) -> Row[Any]:
    """Takes events back: they count as if they had not been. Raises Refused when what came later rests on them."""
    return append(tx, row, "undone", {"seqs": list(seqs)})
