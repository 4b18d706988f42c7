"""Escalations as they are shown: one whole with the ladder of its ticket, those that wait for the reader, those of a
team. Reads only; nobody sees one of a ticket he may not see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, select

from csdesk.errors import NotFound
from csdesk.models import Customer, Escalation, Staff, Ticket, table
from csdesk.rules.escalation import LIVE, TOLD_ONLY
from csdesk.services import reports_base, seeing
from csdesk.services.escalation_people import LEVEL_WORDS
from csdesk.services.queue_entries import Entry, Hours
from csdesk.services.tx import Tx, reads

ESCALATION, TICKET, STAFF, CUSTOMER = table(Escalation), table(Ticket), table(Staff), table(Customer)
MOST = 50


@dataclass(frozen=True)
class EscalationRow:
    """An escalation in a list: since when it was called for, when raised, its commitment or when it goes up."""

    id: int
    ticket_id: int
    number: str
    customer: str
    subject: str
    rule: str
    level: str
    to: str
    why: str
    state: str
    since: datetime
    raised_at: datetime
    next_step: str
    next_at: datetime | None
    outcome: str
    version: int


@dataclass(frozen=True)
class EscalationView:
    """An escalation whole: it, what the ticket is at, and every one of that ticket in the order they were raised."""

    head: EscalationRow
    ticket_state: str
    owner: str
    queue: str
    due_at: datetime | None
    due_kind: str
    ladder: tuple[EscalationRow, ...]
    zone: ZoneInfo


def _every() -> Select[Any]:
    ticket = (TICKET.c.company == ESCALATION.c.company) & (TICKET.c.id == ESCALATION.c.ticket_id)
    customer = (CUSTOMER.c.company == TICKET.c.company) & (CUSTOMER.c.id == TICKET.c.customer_id)
    to = (STAFF.c.company == ESCALATION.c.company) & (STAFF.c.id == ESCALATION.c.to_staff)
    return (
        select(
            ESCALATION, TICKET.c.number, TICKET.c.subject, TICKET.c.contact, TICKET.c.customer_id, TICKET.c.tier,
            TICKET.c.value, TICKET.c.currency, TICKET.c.safety, TICKET.c.policy, TICKET.c.policy_version,
            CUSTOMER.c.code, CUSTOMER.c.name, STAFF.c.name.label("to_name"), STAFF.c.login.label("to_login"),
        )
        .join(TICKET, ticket)
        .outerjoin(CUSTOMER, customer)
        .outerjoin(STAFF, to)
    )  # fmt: skip


def _listed(tx: Tx, *where: ColumnElement[bool], limit: int = MOST) -> list[Row[Any]]:
    statement = _every().where(seeing.visible(tx), ESCALATION.c.company == tx.company, *where)
    return list(tx.rows(statement.order_by(ESCALATION.c.raised_at, ESCALATION.c.level, ESCALATION.c.id).limit(limit)))


def _row(row: Row[Any]) -> EscalationRow:
    return EscalationRow(
        row.id, row.ticket_id, row.number, _customer(row), row.subject, row.rule, LEVEL_WORDS[row.level],
        row.to_name or "", row.why, row.state, row.due_at, row.raised_at, row.next_step, row.next_at, row.outcome,
        row.version,
    )  # fmt: skip


def _customer(row: Row[Any]) -> str:
    return f"{row.code} {row.name}" if row.code else row.contact


@reads("customer.read")
def whole(tx: Tx, escalation_id: int) -> EscalationView:
    """An escalation whole. Raises NotFound, also for one of a ticket the reader may not see."""
    found = _listed(tx, ESCALATION.c.id == escalation_id)
    if not found:
        raise NotFound("There is no such escalation among those you may see.")
    head = _row(found[0])
    ticket = seeing.one(tx, head.ticket_id)
    ladder = tuple(map(_row, _listed(tx, ESCALATION.c.ticket_id == head.ticket_id)))
    owner = tx.value(select(STAFF.c.name).where(STAFF.c.company == tx.company, STAFF.c.id == ticket.owner_id))
    return EscalationView(head, ticket.state, str(owner or ""), ticket.queue, ticket.due_at, ticket.due_kind, ladder,
                          reports_base.books(tx).zone)  # fmt: skip


@reads("customer.read")
def to_me(tx: Tx, limit: int = MOST) -> tuple[EscalationRow, ...]:
    """The live escalations that went to the reader, the earliest first."""
    return tuple(map(_row, _listed(tx, *_mine(tx), limit=limit)))


@reads("ticket.lead")
def live(tx: Tx, limit: int = 500) -> tuple[EscalationRow, ...]:
    """All live escalations of tickets the reader may see, the earliest first."""
    return tuple(map(_row, _listed(tx, ESCALATION.c.state.in_(LIVE), limit=limit)))


def _mine(tx: Tx) -> list[ColumnElement[bool]]:
    return [ESCALATION.c.to_staff == tx.actor.id, ESCALATION.c.state.in_(LIVE)]


def waiting(tx: Tx, whose: str, hours: Hours) -> Iterable[Entry]:
    """A source of the queue: escalations that went to the reader, or of the team's list all he may see; each due when
    it goes up, or at the time of its next step. What an owner is merely told stands on the ticket itself."""
    where = _mine(tx) if whose != "team" else [ESCALATION.c.state.in_(LIVE)]
    return [
        Entry(
            "escalation", row.id, row.customer_id, _customer(row), row.value or None, row.currency, _words(row),
            row.raised_at, row.next_at, "escalation" if row.next_at else "", safety=row.safety, tier=row.tier,
            label="escalation", number=row.number, version=row.version, owner=row.to_login or "",
            policy=(row.policy, row.policy_version),
        )
        for row in _listed(tx, *where, ESCALATION.c.rule.not_in(sorted(TOLD_ONLY)))
    ]  # fmt: skip


def _words(row: Row[Any]) -> str:
    return f"{row.why}; next: {row.next_step}" if row.state == "acknowledged" else str(row.why)
