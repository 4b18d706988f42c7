"""Who may see a ticket and do what with it: the one answer for lists, search, counts, exports and links.

A rep sees his own tickets and the unassigned ones of his queues; who may work whole queues (senior, lead) all of these;
who reads all (supervisor, manager, auditor) all; an investigator what was referred to him, and of that internal items
only. A ticket one may not see does not exist for one: it is not found, nowhere counted.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, false, or_, select, true

from csdesk.errors import NotFound, Refused
from csdesk.models import Escalation, ServiceQueue, StaffQueue, Ticket, TicketReferral, table
from csdesk.rules.escalation import HEAD, LIVE
from csdesk.services.tx import Tx

TICKET, REFERRAL, ESCALATION = table(Ticket), table(TicketReferral), table(Escalation)
QUEUE, MEMBER = table(ServiceQueue), table(StaffQueue)
WORK, QUEUES, LEAD, ALL, INVESTIGATE = "ticket.work", "ticket.queue", "ticket.lead", "ticket.read", "ticket.investigate"


def queues(tx: Tx) -> tuple[str, ...]:
    """The queues the actor works: those he is named for, else those of his team and those of no team."""
    if (kept := tx.cache.get("queues")) is None:
        named = [row.queue for row in tx.rows(select(MEMBER.c.queue).where(
            MEMBER.c.company == tx.company, MEMBER.c.staff_id == tx.actor.id))]  # fmt: skip
        teams = {"", tx.actor.team}
        own = select(QUEUE.c.code).where(QUEUE.c.company == tx.company, QUEUE.c.team.in_(sorted(teams)))
        kept = tx.cache["queues"] = tuple(sorted(named or [row.code for row in tx.rows(own)]))
    return tuple(kept)


def visible(tx: Tx) -> ColumnElement[bool]:
    """The condition on `ticket` under which the actor may see a row; companies are kept apart by it too."""
    mine = TICKET.c.company == tx.company
    if tx.actor.id == 0 or tx.actor.may(ALL):
        return mine
    ways: list[ColumnElement[bool]] = []
    if tx.actor.may(WORK):
        ways.append(TICKET.c.owner_id == tx.actor.id)
        free = true() if tx.actor.may(QUEUES) or tx.actor.may(LEAD) else TICKET.c.owner_id.is_(None)
        ways.append(and_(TICKET.c.queue.in_(queues(tx)), free))
    if tx.actor.may(INVESTIGATE):
        ways.append(TICKET.c.id.in_(_referred(tx)))
    if shown := _escalated(tx):
        ways.append(TICKET.c.id.in_(shown))
    return and_(mine, or_(*ways) if ways else false())


def _referred(tx: Tx) -> Any:
    return select(REFERRAL.c.ticket_id).where(
        REFERRAL.c.company == tx.company, REFERRAL.c.staff_id == tx.actor.id, REFERRAL.c.ended_at.is_(None)
    )


def _escalated(tx: Tx) -> tuple[int, ...]:
    """Tickets a head was escalated to, as long as that lasts; below the head one sees them by what one is."""
    if (kept := tx.cache.get("escalated")) is None:
        mine = select(ESCALATION.c.ticket_id).where(
            ESCALATION.c.company == tx.company, ESCALATION.c.to_staff == tx.actor.id, ESCALATION.c.level == HEAD,
            ESCALATION.c.state.in_(LIVE),
        )  # fmt: skip
        kept = tx.cache["escalated"] = tuple(row.ticket_id for row in tx.rows(mine.limit(500)))
    return tuple(kept)


def investigates(tx: Tx) -> bool:
    """Whether the actor sees tickets only because they were referred to him, and so internal items only."""
    return tx.actor.id != 0 and tx.actor.may(INVESTIGATE) and not tx.actor.may(WORK) and not tx.actor.may(ALL)


def one(tx: Tx, ticket_id: int, lock: bool = False) -> Row[Any]:
    """A ticket the actor may see; with `lock` nobody else changes it until the commit. Raises NotFound."""
    statement = select(TICKET).where(TICKET.c.id == ticket_id, visible(tx))
    row = tx.row(statement.with_for_update() if lock and tx.postgres else statement)
    if row is None:
        raise NotFound("There is no such ticket among those you may see.")
    return row


def working(tx: Tx, ticket_id: int, duty: str = WORK) -> Row[Any]:
    """A ticket to work on, under lock. Raises NotFound when the actor may not see it, Refused without the duty, and for
    an investigator anything but his own part."""
    row = one(tx, ticket_id, lock=True)
    allowed(tx, row, duty)
    return row


def allowed(tx: Tx, row: Row[Any], duty: str = WORK) -> None:
    """Raises Refused without the duty to do something with a ticket one sees."""
    if not tx.actor.may(duty) and not (duty == WORK and tx.actor.may(LEAD)):
        raise Refused(f"{tx.actor.name} may not do this with ticket {row.number}: it needs the duty '{duty}'.")
