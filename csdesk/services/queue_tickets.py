"""Tickets in the order of `rules.ranking`, made by the database: a page of a list, the next one to take, counts.

The expressions of `order` and `rules.ranking.key` say the same; a test compares them. Internal to the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    case,
    collate,
    false,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from csdesk.models import Customer, Staff, Ticket, TicketReferral, TicketSkip, table
from csdesk.models.types import UtcInstant
from csdesk.money import EXPONENTS
from csdesk.rules.ranking import DECIMALS, FAR, LAST, NEXT_TRUCK, Key
from csdesk.services import seeing
from csdesk.services.queue_entries import Entry, Hours
from csdesk.services.tx import Tx

TICKET, CUSTOMER, STAFF, SKIP = table(Ticket), table(Customer), table(Staff), table(TicketSkip)
REFERRAL = table(TicketReferral)
AGAIN = timedelta(minutes=30)  # so long somebody is not offered what he let pass
MINE, TEAM = "mine", "team"


def order(tx: Tx, hours: Hours) -> list[ColumnElement[Any]]:
    """What tickets are ordered by, the columns of `rules.ranking.key` in their order."""
    now = literal(hours.now, UtcInstant)
    soon = literal(hours.now + NEXT_TRUCK, UtcInstant)
    near = and_(TICKET.c.cutoff_at > now, TICKET.c.cutoff_at <= soon)
    tier = collate(TICKET.c.tier, "C") if tx.postgres else TICKET.c.tier
    return [
        case((TICKET.c.safety, 0), else_=1), case((_presses(hours), 0), else_=1), literal(1),
        case((near, -(TICKET.c.value * _scale())), else_=0), func.coalesce(TICKET.c.due_at, literal(FAR, UtcInstant)),
        case((tier == "", LAST), else_=tier), TICKET.c.opened_at, literal("ticket"), TICKET.c.id,
    ]  # fmt: skip


def _presses(hours: Hours) -> ColumnElement[bool]:
    found = hours.horizons()
    due = TICKET.c.due_at
    ways = [
        due <= literal(at, UtcInstant)
        if len(found) == 1
        else and_(due <= literal(at, UtcInstant), tuple_(TICKET.c.policy, TICKET.c.policy_version).in_(policies))
        for at, policies in found.items()
    ]
    return or_(*ways) if ways else false()


def _scale() -> ColumnElement[int]:
    """What an amount is multiplied by to be in thousandths of its currency's major unit."""
    by: dict[int, list[str]] = {}
    for currency, places in EXPONENTS.items():
        by.setdefault(places, []).append(currency)
    ways = [(TICKET.c.currency.in_(codes), 10 ** (DECIMALS - places)) for places, codes in by.items()]
    return case(*ways, else_=10 ** (DECIMALS - 2))


def _sorted(columns: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """The columns that differ between tickets."""
    return [each for place, each in enumerate(columns) if place not in (2, 7)]


def after(columns: Sequence[ColumnElement[Any]], key: Key) -> ColumnElement[bool]:
    """Whether a ticket stands behind a key of the list."""
    values = [literal(value, UtcInstant) if place in (4, 6) else value for place, value in enumerate(key)]
    found: ColumnElement[bool] = false()
    for column, value in reversed(list(zip(columns, values, strict=True))):
        found = or_(column > value, and_(column == value, found))
    return found


def under_way(hours: Hours) -> ColumnElement[bool]:
    """What is to be worked: at work, or waiting with a clock that runs or whose day to come back has come."""
    wakes = TICKET.c.wake_at <= literal(hours.now, UtcInstant)
    comes_back = or_(TICKET.c.base == "work", TICKET.c.due_at.is_not(None), wakes)
    return and_(TICKET.c.base.in_(("work", "wait")), comes_back)  # the first part is what an index answers


def unassigned(tx: Tx) -> ColumnElement[bool]:
    """Nobody's, in a queue the actor works."""
    return and_(TICKET.c.company == tx.company, TICKET.c.owner_id.is_(None), TICKET.c.queue.in_(seeing.queues(tx)))


def whose(tx: Tx, which: str) -> ColumnElement[bool]:
    """The tickets of a list: all the actor may see for the team; else his own, those referred to him and the
    unassigned ones of his queues, among those he may see."""
    if which == TEAM:
        return seeing.visible(tx)
    referred = select(REFERRAL.c.ticket_id).where(
        REFERRAL.c.company == tx.company, REFERRAL.c.staff_id == tx.actor.id, REFERRAL.c.ended_at.is_(None)
    )
    own = [TICKET.c.owner_id == tx.actor.id]
    if tx.actor.may(seeing.WORK):
        own.append(unassigned(tx))
    if tx.actor.may(seeing.INVESTIGATE):
        own.append(TICKET.c.id.in_(referred))
    return and_(seeing.visible(tx), or_(*own))


def page(tx: Tx, hours: Hours, which: str, behind: Key | None, limit: int) -> list[Entry]:
    """The first tickets of a list, or those behind a key, in order."""
    columns = order(tx, hours)
    chosen = select(TICKET.c.id).where(whose(tx, which), under_way(hours))
    if behind is not None:
        chosen = chosen.where(after(columns, behind))
    ids = [row.id for row in tx.rows(chosen.order_by(*_sorted(columns)).limit(limit))]
    return of_ids(tx, ids)


def of_ids(tx: Tx, ids: Sequence[int]) -> list[Entry]:
    """Tickets by id, as they are listed, in the order of the ids; the caller has looked who may see them."""
    if not ids:
        return []
    customer = (CUSTOMER.c.company == TICKET.c.company) & (CUSTOMER.c.id == TICKET.c.customer_id)
    owner = (STAFF.c.company == TICKET.c.company) & (STAFF.c.id == TICKET.c.owner_id)
    statement = (
        select(TICKET, CUSTOMER.c.code.label("customer_code"), CUSTOMER.c.name.label("customer_name"),
               STAFF.c.login.label("owner_login"))
        .outerjoin(CUSTOMER, customer)
        .outerjoin(STAFF, owner)
        .where(TICKET.c.company == tx.company, TICKET.c.id.in_(ids))
    )  # fmt: skip
    rows = {row.id: row for row in tx.rows(statement)}
    return [entry(rows[each]) for each in ids if each in rows]


def entry(row: Row[Any]) -> Entry:
    """A ticket's row, with code and name of its customer and its owner's login, as it is listed."""
    customer = f"{row.customer_code} {row.customer_name}" if row.customer_code else row.contact
    return Entry(
        "ticket", row.id, row.customer_id, customer, row.value or None, row.currency, row.subject, row.opened_at,
        row.due_at, row.due_kind, row.safety, False, row.cutoff_at, row.tier, row.kind, row.number,
        row.owner_login or "", row.version, (row.policy, row.policy_version),
    )  # fmt: skip


def first_free(tx: Tx, hours: Hours, lock: bool = True) -> int | None:
    """The unassigned ticket of the actor's queues that comes first, under lock; None when there is none he did not let
    pass just now. What another one is taking at this moment is stepped over, never waited for."""
    passed = select(SKIP.c.ticket_id).where(
        SKIP.c.company == tx.company, SKIP.c.staff_id == tx.actor.id, SKIP.c.at > hours.now - AGAIN
    )
    free = (
        select(TICKET.c.id)
        .where(unassigned(tx), under_way(hours), TICKET.c.id.not_in(passed))
        .order_by(*_sorted(order(tx, hours)))
        .limit(1)
    )
    found = tx.value(free.with_for_update(skip_locked=True) if lock and tx.postgres else free)
    return None if found is None else int(found)


def most_urgent(tx: Tx, hours: Hours, customer_id: int) -> Entry | None:
    """The ticket of a customer that comes first among those under way the actor may see."""
    mine = select(TICKET.c.id).where(
        seeing.visible(tx), TICKET.c.customer_id == customer_id, TICKET.c.base.in_(("work", "wait"))
    )
    found = tx.value(mine.order_by(*_sorted(order(tx, hours))).limit(1))
    return of_ids(tx, [found])[0] if found is not None else None


def per_owner(tx: Tx, hours: Hours) -> Sequence[Row[Any]]:
    """How many tickets under way each login has (None: nobody) and how many of those are past their due, of those the
    actor may see; the most first."""
    late = case((TICKET.c.due_at <= literal(hours.now, UtcInstant), 1), else_=0).label("late")
    seen = select(TICKET.c.owner_id, late).where(seeing.visible(tx))
    # Those at work, nearly all, are counted from an index alone.
    each = (
        seen.where(TICKET.c.base == "work").union_all(seen.where(TICKET.c.base == "wait", under_way(hours))).subquery()
    )
    counted = (
        select(each.c.owner_id, func.count().label("many"), func.sum(each.c.late).label("late"))
        .group_by(each.c.owner_id)
        .subquery()
    )
    owner = (STAFF.c.company == tx.company) & (STAFF.c.id == counted.c.owner_id)
    return tx.rows(
        select(STAFF.c.login, counted.c.many, counted.c.late)
        .select_from(counted.outerjoin(STAFF, owner))
        .order_by(counted.c.many.desc(), func.coalesce(STAFF.c.login, ""))
    )


def skips(tx: Tx, since: Any, limit: int) -> Sequence[Row[Any]]:
    """What was let pass since an instant, of tickets the actor may see, the latest first: number, login, why, at."""
    of = (TICKET.c.company == SKIP.c.company) & (TICKET.c.id == SKIP.c.ticket_id)
    who = (STAFF.c.company == SKIP.c.company) & (STAFF.c.id == SKIP.c.staff_id)
    return tx.rows(
        select(TICKET.c.number, STAFF.c.login, SKIP.c.why, SKIP.c.at)
        .join_from(SKIP, TICKET, of)
        .outerjoin(STAFF, who)
        .where(SKIP.c.company == tx.company, SKIP.c.at > since, seeing.visible(tx))
        .order_by(SKIP.c.at.desc(), SKIP.c.id.desc())
        .limit(limit)
    )
