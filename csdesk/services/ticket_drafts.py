"""Answers and notes somebody has begun, and who is at work on a ticket.

A draft is stored at every pause of typing and goes by its author alone: sent, or dropped. The lease says to others that
somebody writes; it hinders nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.errors import Refused
from csdesk.models import Staff, Ticket, TicketLease, TicketReply, table
from csdesk.services import audit, seeing
from csdesk.services.ticket_steps import Effects
from csdesk.services.tx import Tx, reads, writes

REPLY, LEASE, STAFF, TICKET = table(TicketReply), table(TicketLease), table(Staff), table(Ticket)
HELD = timedelta(minutes=10)
MOST = 20_000  # signs of a draft
WRITERS = (seeing.WORK, seeing.LEAD, seeing.INVESTIGATE)


@dataclass(frozen=True)
class Draft:
    """An answer (`visible`) or a note that was begun; `version` is the ticket its author looked at."""

    ticket_id: int
    number: str
    body: str
    visible: bool
    version: int
    at: datetime


@writes("customer.read")
def keep(tx: Tx, ticket_id: int, body: str, visible: bool, version: int) -> str:
    """Stores what the actor is writing, and that he is at work on the ticket; gives who else is, '' for nobody.

    Never refused for somebody else's work. No business fact, so no audit entry. Raises NotFound for a ticket he may not
    see, Refused for who merely reads. Without words nothing changes: drafts are dropped by `drop` alone.
    """
    row = seeing.one(tx, ticket_id)
    if not any(tx.actor.may(duty) for duty in WRITERS):
        raise Refused(f"{tx.actor.name} may not write on ticket {row.number}: it needs the duty '{seeing.WORK}'.")
    if not body.strip():
        return ""
    put(tx, ticket_id, tx.actor.id, body[:MOST], visible, version)
    _hold(tx, ticket_id)
    return other(tx, ticket_id)


def put(tx: Tx, ticket_id: int, staff: int, body: str, visible: bool, version: int) -> None:
    """Stores a draft in place of the one of its kind before. Internal."""
    values = {"body": body, "base_version": version, "updated_at": tx.now}
    key = {"company": tx.company, "ticket_id": ticket_id, "staff_id": staff, "visible": visible}
    _upsert(tx, REPLY, {**key, **values}, [*key], values)


def said(body: str, visible: bool, version: int) -> Callable[[Tx, Row[Any]], Effects]:
    """Of a step that says words: the draft of their kind is none any more; taken back they are one again. Internal."""

    def drop(tx: Tx, row: Row[Any]) -> Effects:
        remove(tx, row.id, tx.actor.id, visible)
        let_go(tx, row.id)
        return [["draft", tx.actor.id, body, visible, version]]

    return drop


def remove(tx: Tx, ticket_id: int, staff: int, visible: bool) -> None:
    """Deletes the draft of an answer, or of a note. Internal: its author has sent or dropped it."""
    tx.do(delete(REPLY).where(*_of(tx, ticket_id, staff, visible)))


def _of(tx: Tx, ticket_id: int, staff: int, visible: bool) -> tuple[ColumnElement[bool], ...]:
    return (
        REPLY.c.company == tx.company, REPLY.c.ticket_id == ticket_id, REPLY.c.staff_id == staff,
        REPLY.c.visible.is_(visible),
    )  # fmt: skip


def begun(tx: Tx, ticket_id: int, staff: int, visible: bool) -> str:
    """The words of somebody's draft of an answer, or of a note; '' for none. Internal."""
    return str(tx.value(select(REPLY.c.body).where(*_of(tx, ticket_id, staff, visible))) or "")


def _hold(tx: Tx, ticket_id: int) -> None:
    """Takes the lease, or renews one's own; that of somebody else stays while it lasts."""
    values = {"staff_id": tx.actor.id, "until": tx.now + HELD, "why": ""}
    free = or_(LEASE.c.staff_id == tx.actor.id, LEASE.c.until <= tx.now)
    key = {"company": tx.company, "ticket_id": ticket_id}
    _upsert(tx, LEASE, {**key, **values}, ["company", "ticket_id"], values, free)


def _upsert(tx: Tx, into: Any, row: dict[str, Any], key: list[str], values: dict[str, Any], where: Any = None) -> None:
    made: Any = (postgresql.insert(into) if tx.postgres else sqlite.insert(into)).values(**row)
    tx.do(made.on_conflict_do_update(index_elements=key, set_=values, where=where))


def let_go(tx: Tx, ticket_id: int) -> None:
    """Ends the actor's own lease. Internal: he has sent what he wrote."""
    mine = (LEASE.c.company == tx.company, LEASE.c.ticket_id == ticket_id, LEASE.c.staff_id == tx.actor.id)
    tx.do(delete(LEASE).where(*mine))


def other(tx: Tx, ticket_id: int) -> str:
    """Who else is at work on a ticket at this moment; '' for nobody."""
    of = (STAFF.c.company == LEASE.c.company) & (STAFF.c.id == LEASE.c.staff_id)
    held = select(STAFF.c.name).join_from(LEASE, STAFF, of)
    return str(tx.value(held.where(
        LEASE.c.company == tx.company, LEASE.c.ticket_id == ticket_id, LEASE.c.until > tx.now,
        LEASE.c.staff_id != tx.actor.id)) or "")  # fmt: skip


@reads("customer.read")
def busy(tx: Tx, ticket_id: int) -> str:
    """Who else is at work on a ticket the reader may see; '' for nobody. Raises NotFound."""
    seeing.one(tx, ticket_id)
    return other(tx, ticket_id)


def take_over(tx: Tx, ticket_id: int, why: str) -> None:
    """Gives the lease to the actor, with his reason. Internal: part of taking a ticket over, which is audited."""
    values = {"staff_id": tx.actor.id, "until": tx.now + HELD, "why": why[:200]}
    _upsert(tx, LEASE, {"company": tx.company, "ticket_id": ticket_id, **values}, ["company", "ticket_id"], values)


@reads("customer.read")
def mine(tx: Tx, ticket_id: int, visible: bool = True) -> Draft | None:
    """The actor's draft of an answer on a ticket, or of a note; None without one. Raises NotFound for a ticket he may
    not see."""
    return next((each for each in both(tx, ticket_id) if each.visible == visible), None)


def both(tx: Tx, ticket_id: int) -> tuple[Draft, ...]:
    """The actor's drafts on a ticket, that of an answer first. Raises NotFound for one he may not see. Internal."""
    seeing.one(tx, ticket_id)
    return tuple(sorted(_drafts(tx, TICKET.c.id == ticket_id), key=lambda each: not each.visible))


@reads("customer.read")
def unsent(tx: Tx) -> tuple[Draft, ...]:
    """The actor's drafts on tickets he may see, the latest first."""
    return tuple(_drafts(tx, seeing.visible(tx)))


def _drafts(tx: Tx, where: Any) -> list[Draft]:
    of = (TICKET.c.company == REPLY.c.company) & (TICKET.c.id == REPLY.c.ticket_id)
    rows = tx.rows(
        select(REPLY, TICKET.c.number)
        .join_from(REPLY, TICKET, of)
        .where(REPLY.c.company == tx.company, REPLY.c.staff_id == tx.actor.id, REPLY.c.body != "", where)
        .order_by(REPLY.c.updated_at.desc())
        .limit(50)
    )
    return [Draft(row.ticket_id, row.number, row.body, row.visible, row.base_version, row.updated_at) for row in rows]


@reads("customer.read")
def dropping(tx: Tx, ticket_id: int, visible: bool = True) -> Draft:
    """The draft that would be dropped. Raises Refused when there is none."""
    kept = mine(tx, ticket_id, visible)
    if kept is None:
        raise Refused(f"No draft of {'an answer' if visible else 'a note'} of yours is kept on this ticket.")
    return kept


@writes("customer.read")
def drop(tx: Tx, ticket_id: int, visible: bool = True) -> str:
    """Drops the actor's own draft of an answer, or of a note, on a ticket. Raises Refused when there is none."""
    kept = dropping(tx, ticket_id, visible)
    remove(tx, ticket_id, tx.actor.id, visible)
    let_go(tx, ticket_id)
    audit.record(tx, "ticket_drafts.drop", "ticket", ticket_id, {"letters": len(kept.body)}, None)
    return (
        f"Your {'draft' if visible else 'note'} on ticket {kept.number} is dropped: {' '.join(kept.body.split())[:60]}"
    )
