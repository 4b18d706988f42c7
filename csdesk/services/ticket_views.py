"""A ticket whole and in lists, as the reader may see it. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, select

from csdesk.models import Customer, Reason, Staff, Ticket, TicketItem, TicketLease, table
from csdesk.rules.ticket_clocks import headline
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_replay import standing
from csdesk.services import asking, clocking, customers, dispute_steps, seeing, ticket_log, ticket_money
from csdesk.services.tx import Tx, reads

TICKET, ITEM, STAFF = table(Ticket), table(TicketItem), table(Staff)
CUSTOMER, REASON, LEASE = table(Customer), table(Reason), table(TicketLease)


@dataclass(frozen=True)
class TicketRow:
    """A ticket in a list. `due` is that of its headline clock."""

    id: int
    number: str
    kind: str
    state: str
    customer_id: int | None
    customer: str
    subject: str
    owner: str
    queue: str
    priority: int
    opened_at: datetime
    due_at: datetime | None
    due_kind: str


@dataclass(frozen=True)
class LineView:
    """A line of a ticket with what became of its amount: the parts of `ticket_money.claim_of`, minor units."""

    line: int
    subject: str
    code: str
    name: str
    unit: str
    quantity: Decimal
    reason: str
    currency: str
    parts: dict[str, int]
    request: str
    dispute: str
    remedy: str


@dataclass(frozen=True)
class ItemView:
    """A piece of the thread."""

    id: int
    at: datetime
    kind: str
    visible: bool
    author: str
    recipients: str
    body: str


@dataclass(frozen=True)
class TicketView:
    """A ticket whole: row, lines, thread with the latest last, all its clocks; `zone` is the customer's."""

    head: TicketRow
    version: int
    category: str
    cause: str
    stage: str
    safety: bool
    value: int
    currency: str
    waits: str
    wake_at: datetime | None
    resolution: str
    merged_into: str
    lines: tuple[LineView, ...]
    items: tuple[ItemView, ...]
    clocks: tuple[Clock, ...]
    headline: Clock | None
    zone: ZoneInfo
    with_whom: str
    reply: str = ""


@reads("customer.read")
def of_customer(tx: Tx, customer_id: int, limit: int = 200) -> tuple[TicketRow, ...]:
    """The customer's tickets the reader may see: those under way first, then the latest."""
    done = TICKET.c.base.in_(("done", "void"))
    mine = _rows().where(seeing.visible(tx), TICKET.c.customer_id == customer_id)
    return tuple(_row(row) for row in tx.rows(mine.order_by(done, TICKET.c.opened_at.desc()).limit(limit)))


def _rows() -> Select[Any]:
    customer = (CUSTOMER.c.company == TICKET.c.company) & (CUSTOMER.c.id == TICKET.c.customer_id)
    owner = (STAFF.c.company == TICKET.c.company) & (STAFF.c.id == TICKET.c.owner_id)
    return (
        select(TICKET, CUSTOMER.c.code.label("customer_code"), CUSTOMER.c.name.label("customer_name"),
               STAFF.c.login.label("owner_login"))
        .outerjoin(CUSTOMER, customer)
        .outerjoin(STAFF, owner)
    )  # fmt: skip


def _row(row: Row[Any]) -> TicketRow:
    customer = f"{row.customer_code} {row.customer_name}" if row.customer_code else row.contact
    return TicketRow(
        row.id, row.number, row.kind, row.state, row.customer_id, customer, row.subject, row.owner_login or "",
        row.queue, row.priority, row.opened_at, row.due_at, row.due_kind,
    )  # fmt: skip


@reads("customer.read")
def whole(tx: Tx, ticket_id: int) -> TicketView:
    """A ticket whole; an investigator sees internal items only. Raises NotFound for one the reader may not see."""
    seeing.one(tx, ticket_id)
    row = tx.row(_rows().where(TICKET.c.company == tx.company, TICKET.c.id == ticket_id))
    assert row is not None
    events = standing(ticket_log.events(tx, ticket_id))
    found = clocking.of_events(tx, events)
    zone = customers.timezone_of(tx, row.customer_id) if row.customer_id else customers.company_zone(tx)
    names = {each.code: each.name for each in tx.rows(select(REASON).where(REASON.c.company == tx.company))}
    into = ticket_log.get(tx, row.merged_into).number if row.merged_into else ""
    return TicketView(
        _row(row), row.version, row.category, row.cause, row.stage, row.safety, row.value, row.currency,
        _waits(row), row.wake_at, row.resolution, into,
        tuple(_line(tx, each, names) for each in ticket_money.lines_of(tx, ticket_id)),
        tuple(_items(tx, ticket_id)), found, headline(found), ZoneInfo(zone), _with(tx, ticket_id),
    )  # fmt: skip


def _waits(row: Row[Any]) -> str:
    if not row.waits_for:
        return ""
    who = row.waits_on or {"customer": "the customer", "internal": "somebody inside", "third": "a third party"}[
        row.waits_for
    ]  # fmt: skip
    return f"waits for {who}: {row.question}"


def _line(tx: Tx, row: Row[Any], names: dict[str, str]) -> LineView:
    request = asking.get(tx, row.request_id) if row.request_id is not None else None
    dispute = dispute_steps.get(tx, row.dispute_id).number if row.dispute_id is not None else ""
    told = f"{request.number} {request.state.replace('_', ' ')}" if request is not None else ""
    return LineView(
        row.line, f"{row.subject} {row.subject_number} line {row.subject_line}", row.code, row.name, row.unit,
        row.quantity, names.get(row.reason, row.reason), row.currency, ticket_money.claim_of(tx, row), told, dispute,
        row.remedy,
    )  # fmt: skip


def _items(tx: Tx, ticket_id: int) -> Sequence[ItemView]:
    """The thread, with that of tickets merged into it; an investigator sees internal items."""
    with_merged = select(TICKET.c.id).where(TICKET.c.company == tx.company, TICKET.c.merged_into == ticket_id)
    mine = select(ITEM).where(
        ITEM.c.company == tx.company, (ITEM.c.ticket_id == ticket_id) | ITEM.c.ticket_id.in_(with_merged)
    )
    if seeing.investigates(tx):
        mine = mine.where(ITEM.c.kind == "internal")
    return [
        ItemView(row.id, row.at, row.kind, row.visible, row.author, row.recipients, row.body)
        for row in tx.rows(mine.order_by(ITEM.c.at, ITEM.c.id))
    ]


def _with(tx: Tx, ticket_id: int) -> str:
    """Who else works on it at this moment."""
    of = (STAFF.c.company == LEASE.c.company) & (STAFF.c.id == LEASE.c.staff_id)
    held = (
        select(STAFF.c.name)
        .join_from(LEASE, STAFF, of)
        .where(LEASE.c.company == tx.company, LEASE.c.ticket_id == ticket_id, LEASE.c.until > tx.now,
               LEASE.c.staff_id != tx.actor.id)
    )  # fmt: skip
    return str(tx.value(held) or "")
