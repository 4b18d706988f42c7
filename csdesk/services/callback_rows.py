"""Callbacks as they are stored, and who makes each: its owner, else whom the roster names. Internal to services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from csdesk.errors import Conflict, NotFound
from csdesk.models import Callback, CallbackAttempt, ContactPhone, Customer, Staff, table
from csdesk.rules import callbacks as rule
from csdesk.rules import rosters as roster_rule
from csdesk.rules.callbacks import Window
from csdesk.rules.rosters import Duty
from csdesk.services import rosters
from csdesk.services.tx import Tx

CALLBACK, ATTEMPT, CUSTOMER, STAFF = table(Callback), table(CallbackAttempt), table(Customer), table(Staff)
PHONE = table(ContactPhone)
OWNER: ColumnElement[int] = func.coalesce(CALLBACK.c.owner_id, CALLBACK.c.staff_id)


@dataclass(frozen=True)
class Hands:
    """In whose hands a callback is now: `staff_id` None means nobody's; `why` says why it is not its owner's."""

    staff_id: int | None
    why: str = ""


_CUSTOMER = (CUSTOMER.c.company == CALLBACK.c.company) & (CUSTOMER.c.id == CALLBACK.c.customer_id)
_OWNER = (STAFF.c.company == CALLBACK.c.company) & (STAFF.c.id == OWNER)
# Callbacks of all companies with code and name of the customer, login, team and state of the owner.
EVERY = (
    select(
        CALLBACK, CUSTOMER.c.code, CUSTOMER.c.name, OWNER.label("hands"), STAFF.c.login, STAFF.c.team,
        STAFF.c.disabled,
    )
    .join(CUSTOMER, _CUSTOMER)
    .outerjoin(STAFF, _OWNER)
)  # fmt: skip


def every(tx: Tx) -> Select[Any]:
    """Callbacks with code and name of the customer, login, team and state of the owner."""
    return EVERY.where(CALLBACK.c.company == tx.company)


def get(tx: Tx, callback_id: int, lock: bool = False) -> Row[Any]:
    """A callback; with `lock` nobody else changes it until the commit. Raises NotFound."""
    if lock and tx.postgres:
        mine = select(CALLBACK.c.id).where(CALLBACK.c.company == tx.company, CALLBACK.c.id == callback_id)
        tx.do(mine.with_for_update())
    row = tx.row(every(tx).where(CALLBACK.c.id == callback_id))
    if row is None:
        raise NotFound("This callback no longer exists; q shows those that wait.")
    return row


def login(tx: Tx, staff_id: int | None) -> str:
    """The login of somebody, '' for nobody."""
    mine = select(STAFF.c.login).where(STAFF.c.company == tx.company, STAFF.c.id == staff_id)
    return str(tx.value(mine) or "") if staff_id is not None else ""


def number_of(tx: Tx, customer_id: int) -> str:
    """The first number known of a customer, '' without one."""
    known = select(PHONE.c.raw).where(PHONE.c.company == tx.company, PHONE.c.customer_id == customer_id)
    return str(tx.value(known.order_by(PHONE.c.id).limit(1)) or "")


def window(row: Row[Any]) -> Window:
    """The window a callback is promised for."""
    return Window(row.due_at, row.until_at)


def attempts(tx: Tx, callback_id: int) -> Sequence[Row[Any]]:
    """What was tried, in its order, with the login of who did."""
    who = (STAFF.c.company == ATTEMPT.c.company) & (STAFF.c.id == ATTEMPT.c.by)
    return tx.rows(
        select(ATTEMPT, STAFF.c.login)
        .outerjoin(STAFF, who)
        .where(ATTEMPT.c.company == tx.company, ATTEMPT.c.callback_id == callback_id)
        .order_by(ATTEMPT.c.at, ATTEMPT.c.id)
    )


def hands(tx: Tx, rows: Sequence[Row[Any]]) -> dict[int, Hands]:
    """In whose hands each callback is: of its owner while he is on shift in its window (now, once that is over), else
    of somebody his team's roster names, else of nobody. Where no roster is kept whoever is not disabled is on shift.
    """
    if not rows:
        return {}
    last = max(max(window(row).end, tx.now) for row in rows)
    first = min(min(row.due_at, tx.now) for row in rows)
    listed = rosters.duties(tx, first, last)
    kept = bool(listed) or rosters.kept(tx)
    return {row.id: _hands(row, listed, kept, tx.now) for row in rows}


def _hands(row: Row[Any], listed: Sequence[Duty], kept: bool, now: datetime) -> Hands:
    late = window(row).end < now
    opens, until = (now, now) if late else (max(row.due_at, min(now, window(row).end)), window(row).end)
    on = [each for each in listed if each.staff_id == row.hands and roster_rule.overlaps(each, opens, until)]
    if not row.disabled and row.login is not None and (on or not kept):
        return Hands(row.hands)
    why = f"{row.login or 'the system'} {'is disabled' if row.disabled else 'is not on shift'}"
    found = roster_rule.whom(listed, row.team or "", "", opens, turn=row.id)
    return Hands(None if found is None else found[0], why)


def waiting(tx: Tx, before: datetime, *more: ColumnElement[bool], most: int = 2000) -> Sequence[Row[Any]]:
    """Callbacks still to be made whose window opens by an instant, the earliest first."""
    return tx.rows(
        every(tx)
        .where(CALLBACK.c.done_at.is_(None), CALLBACK.c.due_at <= before, *more)
        .order_by(CALLBACK.c.due_at, CALLBACK.c.id)
        .limit(most)
    )


def state(row: Row[Any], now: datetime) -> str:
    """The state by the clock; one done before states were kept counts as made."""
    if row.done_at is not None and row.state in ("promised", "attempted"):
        return "kept"
    return rule.judged(row.state, window(row), now)


def alone(tx: Tx, row: Row[Any]) -> None:
    """Raises Conflict for a callback that is done, or that others than who promised it tried, moved or were given."""
    others = select(ATTEMPT.c.id).where(
        ATTEMPT.c.company == tx.company, ATTEMPT.c.callback_id == row.id, ATTEMPT.c.by != row.staff_id
    )
    given = row.version > 1 and row.owner_id not in (None, row.staff_id)
    if row.done_at is not None or given or tx.value(others.limit(1)) is not None:
        how = "is done" if row.done_at is not None else "went through other hands"
        raise Conflict(f"The callback about {row.about} {how} since; q shows what is owed, x there cancels it.")
