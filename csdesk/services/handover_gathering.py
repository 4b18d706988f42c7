"""What a shift leaves behind: what is due of a team's until the end of the next shift, source by source. Internal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from csdesk.models import ApprovalRequest, Customer, Draft, SalesOrder, Staff, Ticket, TicketReply, table
from csdesk.money import show
from csdesk.rules import rosters as roster_rule
from csdesk.services import callback_rows, rosters
from csdesk.services.tx import Tx

STAFF, TICKET, REPLY, DRAFT = table(Staff), table(Ticket), table(TicketReply), table(Draft)
ORDER, REQUEST, CUSTOMER = table(SalesOrder), table(ApprovalRequest), table(Customer)
UNROSTERED = timedelta(hours=12)  # how far a pack looks where the roster tells of no next shift
MOST = 200  # of each kind


@dataclass(frozen=True)
class Left:
    """Something left behind: what it is, of whom, when it is due (None: it has no time), in words."""

    kind: str
    subject_id: int | None
    staff_id: int
    due_at: datetime | None
    words: str


@dataclass(frozen=True)
class Team:
    """Whose things are gathered, and until when."""

    staff: Sequence[int]
    until: datetime


Gatherer = Callable[[Tx, Team], list[Left]]


def next_end(tx: Tx, team: str) -> datetime:
    """The end of the team's next shift; where the roster tells of none, some hours from now. Never before the shifts
    that last now are over: whoever ends one has all in the pack that is due by then."""
    ahead = rosters.duties(tx, tx.now, tx.now + 2 * roster_rule.LONGEST)
    found = roster_rule.next_shift(ahead, team, tx.now)
    last = max((each.ends_at for each in ahead if roster_rule.covers(each, tx.now)), default=tx.now)
    return max(last, found[1] if found is not None else tx.now + UNROSTERED)


def gather(tx: Tx, team: str, until: datetime) -> list[Left]:
    """All that a team leaves behind, what is due earliest first, what has no time last."""
    staff = [row.id for row in tx.rows(select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.team == team))]
    found = [each for source in SOURCES for each in source(tx, Team(staff, until))]
    far = until + timedelta(days=1)
    return sorted(found, key=lambda each: (each.due_at is None, each.due_at or far, each.kind, each.subject_id or 0))


def _tickets(tx: Tx, team: Team) -> list[Left]:
    statement = (
        select(TICKET)
        .where(
            TICKET.c.company == tx.company, TICKET.c.owner_id.in_(team.staff), TICKET.c.base.in_(("work", "wait")),
            TICKET.c.due_at <= team.until,
        )
        .order_by(TICKET.c.due_at, TICKET.c.id)
        .limit(MOST)
    )  # fmt: skip
    return [
        Left(
            "ticket", row.id, row.owner_id, row.due_at, f"{row.number} {row.due_kind.replace('_', ' ')}: {row.subject}"
        )
        for row in tx.rows(statement)
    ]


def _callbacks(tx: Tx, team: Team) -> list[Left]:
    rows = callback_rows.waiting(tx, team.until, callback_rows.OWNER.in_(team.staff), most=MOST)
    return [
        Left("callback", row.id, row.hands, row.due_at, f"{row.code} {row.name} {row.phone}: {row.about}")
        for row in rows
    ]


def _replies(tx: Tx, team: Team) -> list[Left]:
    ticket = (TICKET.c.company == REPLY.c.company) & (TICKET.c.id == REPLY.c.ticket_id)
    statement = (
        select(REPLY.c.ticket_id, REPLY.c.staff_id, REPLY.c.body, TICKET.c.number)
        .join(TICKET, ticket)
        .where(REPLY.c.company == tx.company, REPLY.c.staff_id.in_(team.staff), REPLY.c.body != "")
        .order_by(REPLY.c.updated_at)
        .limit(MOST)
    )
    return [
        Left("reply", row.ticket_id, row.staff_id, None, f"not sent on {row.number}: {row.body[:80]}")
        for row in tx.rows(statement)
    ]


def _named(rows: Any) -> Select[Any]:
    customer = (CUSTOMER.c.company == rows.c.company) & (CUSTOMER.c.id == rows.c.customer_id)
    return select(rows, CUSTOMER.c.code, CUSTOMER.c.name).outerjoin(CUSTOMER, customer)


def _drafts(tx: Tx, team: Team) -> list[Left]:
    open_ = (DRAFT.c.company == tx.company, DRAFT.c.status == "open", DRAFT.c.lines != "[]")
    statement = _named(DRAFT).where(*open_, DRAFT.c.staff_id.in_(team.staff)).order_by(DRAFT.c.updated_at).limit(MOST)
    return [
        Left("draft", row.id, row.staff_id, None,
             f"{'changes' if row.kind == 'amend' else 'an order'} of {row.code} {row.name}, not committed")
        for row in tx.rows(statement)
    ]  # fmt: skip


def _held(tx: Tx, team: Team) -> list[Left]:
    mine = (ORDER.c.company == tx.company, ORDER.c.status == "held", ORDER.c.placed_by.in_(team.staff))
    statement = _named(ORDER).where(*mine).order_by(ORDER.c.placed_at, ORDER.c.id).limit(MOST)
    return [
        Left("held", row.id, row.placed_by, None,
             f"order {row.number} of {row.code} {row.name}, {show(row.gross, row.currency)} {row.currency}, waits")
        for row in tx.rows(statement)
    ]  # fmt: skip


def _requests(tx: Tx, team: Team) -> list[Left]:
    mine = (REQUEST.c.company == tx.company, REQUEST.c.state == "in_approval", REQUEST.c.maker_staff_id.in_(team.staff))
    statement = _named(REQUEST).where(*mine).order_by(REQUEST.c.submitted_at, REQUEST.c.id).limit(MOST)
    found = []
    for row in tx.rows(statement):
        whose = f" for {row.code} {row.name}" if row.code else ""
        step = row.steps.split()[row.step - 1] if row.step else "a decision"
        words = f"{row.number} {row.kind.replace('_', ' ')}{whose} waits for {step}"
        found.append(Left("request", row.id, row.maker_staff_id, None, words))
    return found


SOURCES: tuple[Gatherer, ...] = (_tickets, _callbacks, _replies, _drafts, _held, _requests)
