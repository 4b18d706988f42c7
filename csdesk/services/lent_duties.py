"""Duties a person has for a while beside his roles: by a delegation, or taken in an emergency. Internal to services."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from sqlalchemy import select

from csdesk.models import BreakGlass, DelegationRow, Person, Staff, table
from csdesk.rules.approvals import APPROVAL_DUTIES
from csdesk.rules.separation import Holding
from csdesk.services import customers
from csdesk.services.tx import Tx

GIVEN, GLASS, STAFF, PERSON = table(DelegationRow), table(BreakGlass), table(Staff), table(Person)


def lent(tx: Tx, person: int | None = None) -> list[Holding]:
    """Duties that are lent now, or will be by a delegation that begins later, of one person or of all: the role is "for
    X" by a delegation, "emergency" by breaking the glass."""
    return [*_delegated(tx, person), *_taken(tx, person)]


def of(tx: Tx, person: int) -> frozenset[str]:
    """The duties that are lent to a person."""
    return frozenset(each.duty for each in lent(tx, person))


def of_kinds(kinds: frozenset[str]) -> frozenset[str]:
    """The duties that deciding kinds of request takes."""
    return frozenset(APPROVAL_DUTIES[kind] for kind in kinds if kind in APPROVAL_DUTIES)


def _delegated(tx: Tx, person: int | None) -> list[Holding]:
    today = tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()
    giver = (PERSON.c.company == GIVEN.c.company) & (PERSON.c.id == GIVEN.c.from_person)
    statement = (
        select(GIVEN.c.to_person, GIVEN.c.kinds, PERSON.c.name)
        .join(PERSON, giver)
        .where(GIVEN.c.company == tx.company, GIVEN.c.ended_at.is_(None), GIVEN.c.ends_on >= today)
    )
    if person is not None:
        statement = statement.where(GIVEN.c.to_person == person)
    return [
        Holding(row.to_person, f"for {row.name}", duty)
        for row in tx.rows(statement.order_by(GIVEN.c.id))
        for duty in sorted(of_kinds(frozenset(row.kinds.split())))
    ]


def _taken(tx: Tx, person: int | None) -> list[Holding]:
    statement = (
        select(STAFF.c.person_id, GLASS.c.duty)
        .join_from(GLASS, STAFF, (STAFF.c.company == GLASS.c.company) & (STAFF.c.id == GLASS.c.staff_id))
        .where(GLASS.c.company == tx.company, GLASS.c.until >= tx.now, STAFF.c.disabled.is_(False))
    )
    if person is not None:
        statement = statement.where(STAFF.c.person_id == person)
    return [Holding(row.person_id, "emergency", row.duty) for row in tx.rows(statement.order_by(GLASS.c.id))]
