"""Posting periods: laid out, soft-closed, locked once sub-ledger and control account agree, unlocked by request."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, insert, select, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import ApprovalRequest, LedgerEntry, OpenItem, Period, table
from csdesk.rules import periods
from csdesk.services import asking, audit, customers
from csdesk.services.booking import CONTROL
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads, writes

PERIOD, ITEM, ENTRY, REQUEST = table(Period), table(OpenItem), table(LedgerEntry), table(ApprovalRequest)


@dataclass(frozen=True)
class PeriodView:
    """A posting period with its state."""

    starts_on: date
    ends_on: date
    state: str
    reason: str


@reads("report.read")
def every(tx: Tx) -> tuple[PeriodView, ...]:
    """All periods that were laid out, oldest first; a day without a period is open."""
    rows = tx.rows(select(PERIOD).where(PERIOD.c.company == tx.company).order_by(PERIOD.c.starts_on))
    return tuple(PeriodView(row.starts_on, row.ends_on, row.state, row.reason) for row in rows)


@writes("period.close")
def lay_out(tx: Tx, year: int) -> str:
    """The twelve months of a year as open periods. Raises Conflict when one is there."""
    if not 1900 <= year <= 2199:
        raise Invalid(f"{year} is no year of these books.", field="year")
    first, last = date(year, 1, 1), date(year, 12, 31)
    overlap = select(PERIOD.c.starts_on).where(
        PERIOD.c.company == tx.company, PERIOD.c.starts_on <= last, PERIOD.c.ends_on >= first
    )
    if tx.row(overlap) is not None:
        raise Conflict(f"Periods of {year} are there already.")
    days = [(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])) for month in range(1, 13)]
    tx.do(insert(PERIOD), [
        {"company": tx.company, "starts_on": start, "ends_on": end, "state": periods.OPEN, "reason": "",
         "changed_at": tx.now, "changed_by": tx.actor.id}
        for start, end in days
    ])  # fmt: skip
    audit.record(tx, "closing.lay_out", "period", year, None, {"periods": 12})
    return f"Twelve open periods of {year} are laid out."


@writes("period.close")
def soft_close(tx: Tx, day: date, reason: str) -> str:
    """Soft-closes the period of a day: only what a supervisor or above approved is posted there still."""
    return _move(tx, day, "soft_close", reason, "closing.soft_close")


@writes("period.close")
def lock(tx: Tx, day: date, reason: str) -> str:
    """Locks the period of a day for good. Raises Refused unless it is soft-closed, earlier ones are locked, nothing
    approved waits to be posted, and the sub-ledger is its control account at the period's end."""
    row = _period(tx, day, lock=True)
    every_ = [periods.Period(each.starts_on, each.ends_on, each.state) for each in every(tx)]
    mine = periods.Period(row.starts_on, row.ends_on, row.state)
    why = periods.why_not_lock(
        mine, sub_ledger(tx, row.ends_on), control(tx, row.ends_on), periods=every_, unposted=_unposted(tx, row)
    )
    if why:
        raise Refused(why)
    return _move(tx, day, "lock", reason, "closing.lock")


def sub_ledger(tx: Tx, day: date) -> dict[str, int]:
    """What all items posted up to a day come to, by currency. Allocations move nothing between items in sum."""
    total = select(ITEM.c.currency, func.sum(raw(ITEM.c.face)).label("value")).where(
        ITEM.c.company == tx.company, ITEM.c.posted_on <= day
    )
    return {row.currency: int(row.value) for row in tx.rows(total.group_by(ITEM.c.currency))}


def control(tx: Tx, day: date) -> dict[str, int]:
    """What the control account says at the end of a day, by currency."""
    total = select(ENTRY.c.currency, func.sum(raw(ENTRY.c.amount)).label("value")).where(
        ENTRY.c.company == tx.company, ENTRY.c.gl == CONTROL, ENTRY.c.posted_on <= day
    )
    return {row.currency: int(row.value) for row in tx.rows(total.group_by(ENTRY.c.currency))}


def _unposted(tx: Tx, row: Row[Any]) -> int:
    """Approved requests that post into the period: only while it is the present one."""
    if not row.starts_on <= _today(tx) <= row.ends_on:
        return 0
    waiting = select(func.count()).where(REQUEST.c.company == tx.company, REQUEST.c.state == "approved")
    return int(tx.value(waiting))


def _today(tx: Tx) -> date:
    return tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()


@writes("period.close")
def ask_unlock(tx: Tx, day: date, reason: str) -> str:
    """Asks that a closed period is opened again; a controller decides. Raises Invalid without a reason, Refused for a
    period that is open."""
    row = _period(tx, day)
    if not reason.strip():
        raise Invalid("Say why the period is to be opened again.", field="reason")
    if row.state == periods.OPEN:
        raise Refused(f"The period of {day:%d %b %Y} is open.")
    payload = {"starts_on": row.starts_on.isoformat(), "state": row.state, "reason": reason.strip()}
    made = asking.submit(tx, asking.Wish("period_unlock", None, None, customers.company_currency(tx), 0, "unlock",
                                         payload, note=reason.strip()))  # fmt: skip
    audit.record(tx, "closing.ask_unlock", "request", made["id"], None, {"number": made["number"], **payload})
    return f"Request {made['number']} to open {row.starts_on:%B %Y} again, to be approved by {made['steps']}."


def facts(tx: Tx, row: Row[Any]) -> tuple[str, ...]:
    """Which period, for the approver."""
    frozen = asking.payload(row)
    return (f"opens the period from {date.fromisoformat(frozen['starts_on']):%d %b %Y}, {frozen['state']}, again",)


def recheck(tx: Tx, row: Row[Any]) -> None:
    """Raises Refused when the period's state is another by now."""
    frozen = asking.payload(row)
    if _period(tx, date.fromisoformat(frozen["starts_on"])).state != frozen["state"]:
        raise Refused("The period's state is another by now; ask anew.")


def post(tx: Tx, row: Row[Any]) -> str:
    """Opens the period of an approved request."""
    frozen = asking.payload(row)
    day = date.fromisoformat(frozen["starts_on"])
    event = "unlock" if frozen["state"] == periods.LOCKED else "reopen"
    words = _move(tx, day, event, frozen["reason"], "posting.post")
    asking.change(tx, row.id, state="posted")
    return words


def _move(tx: Tx, day: date, event: str, reason: str, verb: str) -> str:
    if not reason.strip():
        raise Invalid("Say why: closing or opening a period wants its reason.", field="reason")
    row = _period(tx, day, lock=True)
    state = periods.move(row.state, event)
    mine = update(PERIOD).where(PERIOD.c.company == tx.company, PERIOD.c.starts_on == row.starts_on)
    tx.do(mine.values(state=state, reason=reason.strip()[:500], changed_at=tx.now, changed_by=tx.actor.id))
    audit.record(tx, verb, "period", int(f"{row.starts_on:%Y%m%d}"), {"state": row.state},
                 {"state": state, "why": reason.strip()})  # fmt: skip
    return f"The period {row.starts_on:%d %b} to {row.ends_on:%d %b %Y} is {state.replace('_', ' ')}."


def _period(tx: Tx, day: date, lock: bool = False) -> Row[Any]:
    statement = select(PERIOD).where(PERIOD.c.company == tx.company, PERIOD.c.starts_on <= day, PERIOD.c.ends_on >= day)
    row = tx.row(statement.with_for_update() if lock else statement)
    if row is None:
        raise NotFound(f"There is no period for {day:%d %b %Y}; lay out its year first (csdesk period year).")
    return row
