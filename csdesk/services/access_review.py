"""The access review: who holds what by which role, delegation or emergency, every conflict with its risk and control,
what was lent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from csdesk.models import (
    BreakGlass,
    DelegationRow,
    LoginAuthority,
    Person,
    RoleDuty,
    Staff,
    StaffKey,
    StaffRole,
    StaffSecret,
    table,
)
from csdesk.rules import separation
from csdesk.rules.separation import Holding
from csdesk.services import lent_duties, rights, separating
from csdesk.services.tx import Tx, reads

STAFF, PERSON, STAFF_ROLE, ROLE_DUTY = table(Staff), table(Person), table(StaffRole), table(RoleDuty)
GLASS, GIVEN = table(BreakGlass), table(DelegationRow)
KEY, AUTHORITY, SECRET = table(StaffKey), table(LoginAuthority), table(StaffSecret)


@dataclass(frozen=True)
class Finding:
    """A line of the review. `what`: holding, conflict, delegation, emergency, way (in from outside, `duty` says which)
    or authority (whose certificates let in, `duty` its fingerprint); `level` block or warn; `control` is the
    compensating control, or the verdict on an emergency, '' while there is none; `id` names an emergency."""

    what: str
    person: str
    logins: str
    roles: str
    duty: str
    other: str = ""
    level: str = ""
    risk: str = ""
    control: str = ""
    until: str = ""
    id: int = 0


@reads("review.read")
def review(tx: Tx) -> tuple[Finding, ...]:
    """Conflicts first, then emergencies that nobody reviewed, delegations that run, ways in from outside by login,
    authorities, and all holdings by person."""
    holdings = sorted({*_holdings(tx), *lent_duties.lent(tx)}, key=_order)
    names = {row.id: row.name for row in tx.rows(select(PERSON).where(PERSON.c.company == tx.company))}
    logins: dict[int, list[str]] = {}
    for row in tx.rows(select(STAFF).where(STAFF.c.company == tx.company).order_by(STAFF.c.login)):
        logins.setdefault(row.person_id, []).append(f"{row.login} (disabled)" if row.disabled else row.login)
    who = {person: (names.get(person, ""), " ".join(logins.get(person, ()))) for person in {*names, *logins}}
    found = [
        Finding("conflict", *who[row.person], f"{row.roles_a} / {row.roles_b}", row.duty_a, row.duty_b, row.level,
                row.risk, row.accepted)
        for row in separation.review(holdings, conflicts=separating.conflicts(tx), accepted=separating.accepted(tx))
    ]  # fmt: skip
    lent = (*_emergencies(tx, who), *_delegations(tx, who))
    return (*found, *lent, *_ways(tx, names), *_authorities(tx), *_held(holdings, who))


def _holdings(tx: Tx) -> Sequence[Holding]:
    statement = (
        select(STAFF.c.person_id, STAFF_ROLE.c.role, ROLE_DUTY.c.duty)
        .join_from(STAFF, STAFF_ROLE, (STAFF_ROLE.c.company == STAFF.c.company) & (STAFF_ROLE.c.staff_id == STAFF.c.id))
        .join(ROLE_DUTY, (ROLE_DUTY.c.company == STAFF_ROLE.c.company) & (ROLE_DUTY.c.role == STAFF_ROLE.c.role))
        .where(STAFF.c.company == tx.company, STAFF.c.disabled.is_(False))
    )
    return [Holding(row.person_id, row.role, row.duty) for row in tx.rows(statement)]


def _order(each: Holding) -> tuple[int, str, str]:
    return (each.person, each.role, each.duty)


def _held(holdings: Sequence[Holding], who: dict[int, tuple[str, str]]) -> list[Finding]:
    return [Finding("holding", *who[each.person], each.role, each.duty) for each in holdings]


def _ways(tx: Tx, names: dict[int, str]) -> list[Finding]:
    """What each login may come in by, of those that are not disabled and may at all."""
    keys = select(func.count()).where(
        KEY.c.company == tx.company, KEY.c.staff_id == STAFF.c.id, KEY.c.ended_at.is_(None)
    )
    statement = (
        select(STAFF.c.person_id, STAFF.c.login, keys.scalar_subquery().label("keys"), SECRET.c.password, SECRET.c.totp,
               SECRET.c.once_until)
        .select_from(STAFF.outerjoin(SECRET, (SECRET.c.company == STAFF.c.company) & (SECRET.c.staff_id == STAFF.c.id)))
        .where(STAFF.c.company == tx.company, STAFF.c.disabled.is_(False))
        .order_by(STAFF.c.login)
    )  # fmt: skip
    found = []
    for row in tx.rows(statement):
        ways = [f"{row.keys} key{'s' if row.keys > 1 else ''}"] if row.keys else []
        if row.password:
            kind = "one-time password" if row.once_until else "password"
            ways.append(f"{kind} and code" if row.totp else kind)
        until = f"{row.once_until:%Y-%m-%d %H:%M}Z" if row.password and row.once_until else ""
        if ways:
            found.append(Finding("way", names.get(row.person_id, ""), row.login, "", ", ".join(ways), until=until))
    return found


def _authorities(tx: Tx) -> list[Finding]:
    trusted = select(AUTHORITY).where(AUTHORITY.c.company == tx.company, AUTHORITY.c.ended_at.is_(None))
    return [
        Finding("authority", "", "", "", row.fingerprint, risk=row.comment)
        for row in tx.rows(trusted.order_by(AUTHORITY.c.id))
    ]


def _emergencies(tx: Tx, who: dict[int, tuple[str, str]]) -> list[Finding]:
    """What nobody reviewed yet, and what still runs."""
    rows = tx.rows(
        select(GLASS, STAFF.c.person_id)
        .join_from(GLASS, STAFF, (STAFF.c.company == GLASS.c.company) & (STAFF.c.id == GLASS.c.staff_id))
        .where(GLASS.c.company == tx.company, GLASS.c.reviewed_at.is_(None) | (GLASS.c.until >= tx.now))
        .order_by(GLASS.c.id)
    )
    return [
        Finding("emergency", *who[row.person_id], "", row.duty, level="" if row.reviewed_at else separation.BLOCK,
                risk=row.reason, control=row.verdict, until=f"{row.until:%Y-%m-%d %H:%M}Z", id=row.id)
        for row in rows
    ]  # fmt: skip


def _delegations(tx: Tx, who: dict[int, tuple[str, str]]) -> list[Finding]:
    rows = tx.rows(
        select(GIVEN)
        .where(GIVEN.c.company == tx.company, GIVEN.c.ended_at.is_(None), GIVEN.c.ends_on >= rights.today(tx))
        .order_by(GIVEN.c.id)
    )
    return [
        Finding("delegation", *who[row.to_person], f"for {who[row.from_person][0]}", row.kinds, risk=row.reason,
                until=row.ends_on.isoformat())
        for row in rows
    ]  # fmt: skip
