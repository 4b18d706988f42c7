"""What a shift leaves behind: what is due of a team's until the end of the next shift, source by source; and who may
read and take what stands in a pack. Internal.

Giving is the owner's, or a lead's: a rep packs his own things, a lead his team's, of its tickets those he may see. What
others have packed and nobody has accepted yet stands in the next pack again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from csdesk.models import (
    ApprovalRequest,
    Customer,
    Draft,
    HandoverLine,
    SalesOrder,
    Staff,
    Ticket,
    TicketReply,
    table,
)
from csdesk.money import show
from csdesk.rules import rosters as roster_rule
from csdesk.services import callback_rows, rosters, seeing
from csdesk.services.tx import Tx

STAFF, TICKET, REPLY, DRAFT = table(Staff), table(Ticket), table(TicketReply), table(Draft)
ORDER, REQUEST, CUSTOMER, LINE = table(SalesOrder), table(ApprovalRequest), table(Customer), table(HandoverLine)
OF_TICKETS = frozenset({"ticket", "reply"})  # lines that show a ticket
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


def gather(tx: Tx, team: str, until: datetime, before: Row[Any] | None) -> list[Left]:
    """All that the actor hands over, what is due earliest first, what has no time last: his own, a lead the team's; of
    the pack `before`, while it stands, what others have put in and nobody has accepted."""
    leads = tx.actor.may(seeing.LEAD)
    members = select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.team == team)
    staff = [row.id for row in tx.rows(members)] if leads else [tx.actor.id]
    given = _all(tx, Team(staff, until))
    seen = _seen(tx, (each.subject_id for each in given if each.kind in OF_TICKETS))
    found = {_key(each): each for each in given if each.kind not in OF_TICKETS or each.subject_id in seen}
    for each in _standing(tx, before, until):
        found.setdefault(_key(each), each)
    far = until + timedelta(days=1)
    return sorted(
        found.values(), key=lambda each: (each.due_at is None, each.due_at or far, each.kind, each.subject_id or 0)
    )


def _all(tx: Tx, team: Team) -> list[Left]:
    return [each for source in SOURCES for each in source(tx, team)]


def _key(each: Left) -> tuple[str, int, int, str]:
    return each.kind, each.subject_id or 0, each.staff_id, "" if each.subject_id else each.words


def _standing(tx: Tx, before: Row[Any] | None, until: datetime) -> list[Left]:
    """What others put into a pack that still stands: notes as they are, the rest as it is now, if it still is."""
    if before is None or before.until_at <= tx.now:
        return []
    rows = tx.rows(select(LINE).where(
        LINE.c.company == tx.company, LINE.c.handover_id == before.id, LINE.c.accepted_at.is_(None),
        LINE.c.from_staff != tx.actor.id))  # fmt: skip
    notes = [Left(row.kind, None, row.from_staff, row.due_at, row.words) for row in rows if row.subject_id is None]
    packed = {(row.kind, row.subject_id, row.from_staff) for row in rows if row.subject_id is not None}
    of = Team(sorted({staff for _, _, staff in packed}), until)
    return notes + [each for each in _all(tx, of) if (each.kind, each.subject_id, each.staff_id) in packed]


def _seen(tx: Tx, ids: Iterable[int | None]) -> frozenset[int]:
    """Those of some tickets that the actor may see."""
    wanted = sorted({each for each in ids if each is not None})
    return frozenset(row.id for row in tx.rows(select(TICKET.c.id).where(TICKET.c.id.in_(wanted), seeing.visible(tx))))


def shown(tx: Tx, head: Row[Any], lines: Iterable[Row[Any]]) -> frozenset[int]:
    """The lines of a pack (by number) that are for the actor: those of tickets if he works tickets, or reads all, and
    may see the ticket or stands on the team's shift that the pack is for; all others."""
    given = list(lines)
    works = tx.actor.may(seeing.WORK) or tx.actor.may(seeing.ALL)
    every = works and succeeds(tx, head)
    seen = _seen(tx, (row.subject_id for row in given if row.kind in OF_TICKETS)) if works and not every else ()
    return frozenset(row.line for row in given if row.kind not in OF_TICKETS or every or row.subject_id in seen)


def succeeds(tx: Tx, head: Row[Any]) -> bool:
    """Whether the actor stands on a shift of the pack's team that begins after the pack was made and before it is over;
    where no roster is kept, whoever is of the team."""
    if not rosters.kept(tx):
        return bool(tx.actor.team == head.team)
    return any(
        each.staff_id == tx.actor.id and each.team in ("", head.team) and head.made_at < each.starts_at < head.until_at
        for each in rosters.duties(tx, head.made_at, head.until_at)
    )


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


def _unsaid(row: Row[Any]) -> str:
    return "not sent" if row.visible else "note not kept"


def _replies(tx: Tx, team: Team) -> list[Left]:
    ticket = (TICKET.c.company == REPLY.c.company) & (TICKET.c.id == REPLY.c.ticket_id)
    statement = (
        select(REPLY.c.ticket_id, REPLY.c.staff_id, REPLY.c.visible, REPLY.c.body, TICKET.c.number)
        .join(TICKET, ticket)
        .where(REPLY.c.company == tx.company, REPLY.c.staff_id.in_(team.staff), REPLY.c.body != "")
        .order_by(REPLY.c.updated_at)
        .limit(MOST)
    )
    return [
        Left("reply", row.ticket_id, row.staff_id, None, f"{_unsaid(row)} on {row.number}: {row.body[:80]}")
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
