"""Rosters: who is on shift, who is asked when nobody of a level is, and taking a roster in from a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, or_, select, update

from csdesk.errors import DeskError, Invalid
from csdesk.ids import new_id
from csdesk.models import Shift, Staff, table
from csdesk.rules import rosters as rule
from csdesk.rules.rosters import Duty
from csdesk.services import audit, reports_base
from csdesk.services.tx import Tx, reads, writes

SHIFT, STAFF = table(Shift), table(Staff)
LEVEL_NAMES = {"": "", "rep": "", **{level: level for level in rule.LEVELS if level}}
SHOWN_DAYS = 7


@dataclass(frozen=True)
class Line:
    """A line of a roster file as it is written: local times of the company's zone; `row` is its row in the file."""

    row: int
    login: str
    start: str
    end: str
    team: str = ""
    level: str = ""


@dataclass(frozen=True)
class ShiftView:
    """A shift as it is shown; instants UTC."""

    login: str
    name: str
    team: str
    level: str
    starts_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    now: bool


def duties(tx: Tx, opens: datetime, until: datetime) -> tuple[Duty, ...]:
    """The shifts of logins that are not disabled which have an instant in a span. Internal."""
    here = (SHIFT.c.company == STAFF.c.company) & (SHIFT.c.staff_id == STAFF.c.id)
    statement = (
        select(SHIFT)
        .join(STAFF, here)
        .where(
            SHIFT.c.company == tx.company, SHIFT.c.starts_at <= until, SHIFT.c.ends_at >= opens,
            STAFF.c.disabled.is_(False),
        )
    )  # fmt: skip
    return tuple(_duty(row) for row in tx.rows(statement))


def _duty(row: Row[Any]) -> Duty:
    return Duty(row.staff_id, row.team, row.level, row.starts_at, row.ends_at, row.ended_at)


def kept(tx: Tx) -> bool:
    """Whether this desk keeps a roster at all; where it does not, everybody counts as on shift. Internal."""
    return tx.value(select(SHIFT.c.id).where(SHIFT.c.company == tx.company).limit(1)) is not None


@reads("customer.read")
def on_shift(tx: Tx, team: str, level: str, at: datetime) -> tuple[int, ...]:
    """The staff of a team on shift at an instant on one level, see `rules.rosters.on_shift`; nobody disabled."""
    return rule.on_shift(duties(tx, at, at), team, level, at)


@reads("customer.read")
def whom(tx: Tx, team: str, level: str, at: datetime, money: bool = False, turn: int = 0) -> tuple[int, str] | None:
    """(staff, level) of whoever is asked at an instant, climbing while nobody is on shift; see `rules.rosters.whom`."""
    return rule.whom(duties(tx, at, at), team, level, at, money, turn)


@reads("customer.read")
def shown(tx: Tx, days: int = SHOWN_DAYS) -> tuple[ShiftView, ...]:
    """The shifts that last or begin within so many days, the earliest first."""
    here = (SHIFT.c.company == STAFF.c.company) & (SHIFT.c.staff_id == STAFF.c.id)
    statement = (
        select(SHIFT, STAFF.c.login, STAFF.c.name)
        .join(STAFF, here)
        .where(
            SHIFT.c.company == tx.company, SHIFT.c.ends_at > tx.now, SHIFT.c.starts_at < tx.now + timedelta(days=days)
        )
        .order_by(SHIFT.c.starts_at, STAFF.c.login)
    )
    return tuple(
        ShiftView(row.login, row.name, row.team, row.level, row.starts_at, row.ends_at, row.ended_at,
                  rule.covers(_duty(row), tx.now))
        for row in tx.rows(statement)
    )  # fmt: skip


@reads("customer.read")
def zone(tx: Tx) -> str:
    """The IANA zone rosters are written in: the company's."""
    return str(reports_base.books(tx).zone)


@writes("service.admin")
def load(tx: Tx, lines: Sequence[Line]) -> str:
    """Takes a roster in, whole or not at all: for the people it names it stands instead of what was loaded for the
    days from its first start to its last end. Shifts that have begun stay; only their end may change.

    Raises Invalid naming the row: an unknown or disabled login, a time that is none, a level that is none, shifts of
    one person that overlap, in the file or with what stands.
    """
    if not lines:
        raise Invalid("The roster has no lines; it wants login, start, end, team, level.", field="file")
    staff, here = _people(tx), zone(tx)
    meant = [_meant(line, staff, here) for line in lines]
    for one, two in rule.clashes(meant):
        raise Invalid(
            f"Rows {lines[one].row} and {lines[two].row}: {lines[two].login} is on both at once.", field="row"
        )
    standing = _standing(tx, meant)
    added = 0
    for line, duty in zip(lines, meant, strict=True):
        added += _put(tx, line, duty, standing)
    audit.record(tx, "rosters.load", "roster", 0, {"stood": len(standing)},
                 {"lines": len(lines), "from": min(each.starts_at for each in meant),
                  "to": max(each.ends_at for each in meant)})  # fmt: skip
    return f"Roster taken in: {len(lines)} shifts of {len({each.staff_id for each in meant})} people, {added} new."


def _people(tx: Tx) -> dict[str, Row[Any]]:
    statement = select(STAFF.c.id, STAFF.c.login, STAFF.c.team, STAFF.c.disabled).where(STAFF.c.company == tx.company)
    return {row.login.lower(): row for row in tx.rows(statement)}


def _meant(line: Line, staff: dict[str, Row[Any]], zone_name: str) -> Duty:
    who = staff.get(line.login.strip().lower())
    if who is None or who.disabled:
        why = "is disabled" if who is not None else "is nobody's login here"
        raise Invalid(f"Row {line.row}: '{line.login}' {why}.", field="login")
    level = LEVEL_NAMES.get(line.level.strip().lower())
    if level is None:
        wanted = "rep, lead, supervisor, operations or finance"
        raise Invalid(f"Row {line.row}: '{line.level}' is no level; it is {wanted}.", field="level")
    try:
        starts_at, ends_at = rule.written(line.start, line.end, zone_name)
    except DeskError as error:
        raise Invalid(f"Row {line.row}: {error.message}", field=error.field) from None
    return Duty(who.id, line.team.strip() or who.team, level, starts_at, ends_at)


def _standing(tx: Tx, meant: Iterable[Duty]) -> dict[tuple[int, datetime], Row[Any]]:
    """What stays of the roster that stood for these people around these days: shifts that have begun, and those before
    and after; the others are taken out."""
    people = sorted({each.staff_id for each in meant})
    first, last = min(each.starts_at for each in meant), max(each.ends_at for each in meant)
    mine = (SHIFT.c.company == tx.company, SHIFT.c.staff_id.in_(people))
    if tx.postgres:  # two rosters taken in at once follow each other
        tx.do(select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.id.in_(people))
              .order_by(STAFF.c.id).with_for_update(key_share=True))  # fmt: skip
    tx.do(delete(SHIFT).where(*mine, SHIFT.c.starts_at > tx.now, SHIFT.c.starts_at >= first, SHIFT.c.starts_at < last))
    near = or_(SHIFT.c.ends_at > first, SHIFT.c.starts_at >= first)
    rows = tx.rows(select(SHIFT).where(*mine, near, SHIFT.c.starts_at < last))
    return {(row.staff_id, row.starts_at): row for row in rows}


def _put(tx: Tx, line: Line, duty: Duty, standing: dict[tuple[int, datetime], Row[Any]]) -> int:
    same = standing.get((duty.staff_id, duty.starts_at))
    if same is not None:
        values = {"team": duty.team, "level": duty.level, "ends_at": duty.ends_at}
        tx.do(update(SHIFT).where(SHIFT.c.company == tx.company, SHIFT.c.id == same.id).values(values))
        return 0
    for other in standing.values():
        if other.staff_id == duty.staff_id and rule.clashes((duty, _duty(other))):
            here = other.starts_at.astimezone(reports_base.books(tx).zone)
            raise Invalid(
                f"Row {line.row}: {line.login} is on a shift since {here:%d %b %H:%M} already; a shift that has begun "
                "keeps its start.", field="start",
            )  # fmt: skip
    tx.do(insert(SHIFT), {
        "company": tx.company, "id": new_id(), "staff_id": duty.staff_id, "team": duty.team, "level": duty.level,
        "starts_at": duty.starts_at, "ends_at": duty.ends_at, "ended_at": None,
    })  # fmt: skip
    return 1
