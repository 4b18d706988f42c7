"""A ticket whole and in lists, as the reader may see it. Reads only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, select

from csdesk.models import Customer, Reason, Staff, Ticket, TicketEvent, TicketItem, table
from csdesk.rules.ticket_clocks import headline
from csdesk.rules.ticket_lives import Clock
from csdesk.rules.ticket_replay import standing
from csdesk.rules.ticket_stages import stages
from csdesk.services import (
    asking,
    clocking,
    corrective,
    customers,
    dispute_steps,
    history,
    seeing,
    ticket_claims,
    ticket_drafts,
    ticket_log,
    ticket_money,
    ticket_newer,
)
from csdesk.services.corrective import ActionView
from csdesk.services.ticket_drafts import Draft
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx, reads

TICKET, ITEM, STAFF, EVENT = table(Ticket), table(TicketItem), table(Staff), table(TicketEvent)
CUSTOMER, REASON = table(Customer), table(Reason)


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
    """A line of a ticket with what became of its amount: the parts of `ticket_claims.claim_of`, minor units."""

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
    again: str = ""  # its replacement: the request that waits, or the order
    of: str = ""  # the merged ticket it is a line of


@dataclass(frozen=True)
class ItemView:
    """A piece of the thread; `gone` when the step it came with was taken back."""

    id: int
    at: datetime
    kind: str
    visible: bool
    author: str
    recipients: str
    body: str
    gone: bool = False


@dataclass(frozen=True)
class TicketView:
    """A ticket whole: row, lines, thread with the latest last, all its clocks; `zone` is the customer's. `stages` are
    those of a complaint with their instants, `drafts` the reader's own, `newer` what came since he began his answer."""

    head: TicketRow
    version: int
    category: str
    product_id: int | None
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
    stages: tuple[tuple[str, datetime], ...] = ()
    drafts: tuple[Draft, ...] = ()
    newer: tuple[str, ...] = ()
    merged: tuple[str, ...] = ()  # the tickets merged into it, by number
    follows: str = ""
    inside: bool = False  # the reader sees internal items only
    actions: tuple[ActionView, ...] = ()


@reads("customer.read")
def of_customer(tx: Tx, customer_id: int, limit: int = 200) -> tuple[TicketRow, ...]:
    """The customer's tickets the reader may see: those under way first, then the latest."""
    done = TICKET.c.base.in_(("done", "void"))
    mine = _rows().where(seeing.visible(tx), TICKET.c.customer_id == customer_id)
    return tuple(_row(row) for row in tx.rows(mine.order_by(done, TICKET.c.opened_at.desc()).limit(limit)))


@reads("customer.read")
def under_way(tx: Tx, limit: int = 200) -> tuple[TicketRow, ...]:
    """The tickets somebody works on that the reader may see: his own first, then by what is due first."""
    own = TICKET.c.owner_id.is_distinct_from(tx.actor.id)
    mine = _rows().where(seeing.visible(tx), TICKET.c.base.in_(("work", "wait")))
    due = (TICKET.c.due_at.is_(None), TICKET.c.due_at, TICKET.c.opened_at)
    return tuple(_row(row) for row in tx.rows(mine.order_by(own, *due).limit(limit)))


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
    joined = [(each, ticket_log.get(tx, each).number) for each in merged_in(tx, ticket_id)]
    drafts = ticket_drafts.both(tx, ticket_id)
    return TicketView(
        _row(row), row.version, row.category, row.product_id, row.cause, row.stage, row.safety, row.value, row.currency,
        _waits(row), row.wake_at, row.resolution, into,
        tuple(_line(tx, each, names) for each in ticket_money.lines_of(tx, ticket_id)) + _joined(tx, joined, names),
        tuple(_items(tx, ticket_id)), found, headline(found), ZoneInfo(zone), ticket_drafts.other(tx, ticket_id),
        actions=corrective.of_ticket(tx, ticket_id), stages=stages(events), drafts=drafts,
        newer=_newer(tx, row, drafts), merged=tuple(number for _, number in joined),
        follows=ticket_log.get(tx, row.follow_up_of).number if row.follow_up_of else "",
        inside=seeing.investigates(tx),
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
        row.quantity, names.get(row.reason, row.reason), row.currency, ticket_claims.claim_of(tx, row), told, dispute,
        row.remedy, _again(tx, row),
    )  # fmt: skip


def _again(tx: Tx, row: Row[Any]) -> str:
    """The replacement of a line in words."""
    if row.replacement_request_id is None:
        return ""
    made = asking.get(tx, row.replacement_request_id)
    if made.state != "posted" or row.replacement_id is None:
        return f"again by request {made.number} {made.state.replace('_', ' ')}"
    order = history.head(tx, row.replacement_id)
    return f"again by order {order.number} {order.status}"


def _items(tx: Tx, ticket_id: int) -> Sequence[ItemView]:
    """The thread, with that of tickets merged into it; an investigator sees internal items."""
    ids = (ticket_id, *merged_in(tx, ticket_id))
    mine = select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.ticket_id.in_(ids))
    back = _taken_back(tx, ids)
    if seeing.investigates(tx):
        mine = mine.where(ITEM.c.kind == "internal")
    return [
        ItemView(
            row.id,
            row.at,
            row.kind,
            row.visible,
            row.author,
            row.recipients,
            row.body,
            (row.ticket_id, row.seq) in back,
        )
        for row in tx.rows(mine.order_by(ITEM.c.at, ITEM.c.id))
    ]


def _taken_back(tx: Tx, ids: Sequence[int]) -> set[tuple[int, int]]:
    """Ticket and number of the events that were taken back."""
    mine = select(EVENT.c.ticket_id, EVENT.c.data).where(
        EVENT.c.company == tx.company, EVENT.c.ticket_id.in_(ids), EVENT.c.event == "undone"
    )
    return {(row.ticket_id, int(seq)) for row in tx.rows(mine) for seq in json.loads(row.data)["seqs"]}


_DID = {"inbound": "wrote", "outbound": "answered", "call": "spoke to them"}


def _newer(tx: Tx, row: Row[Any], drafts: Sequence[Draft]) -> tuple[str, ...]:
    """Who wrote since the reader's draft of an answer was begun."""
    draft = next((each for each in drafts if each.visible), None)
    if draft is None or seeing.investigates(tx):
        return ()
    return tuple(
        f"{each.author} {_DID.get(each.kind, 'was told')}" for each in ticket_newer.newer(tx, row, draft.version)
    )


def _joined(tx: Tx, joined: Sequence[tuple[int, str]], names: dict[str, str]) -> tuple[LineView, ...]:
    """The lines of the tickets merged into it."""
    return tuple(
        replace(_line(tx, each, names), of=number)
        for ticket_id, number in joined
        for each in ticket_money.lines_of(tx, ticket_id)
    )
