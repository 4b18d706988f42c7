"""Who may decide a request: in his own right, or standing in for somebody by a delegation. Internal to services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, Select, select

from csdesk.models import DelegationRow, Person, Staff, StaffRole, table
from csdesk.rules import approvals, tiers
from csdesk.rules.approvals import Approver
from csdesk.rules.delegation import Delegation
from csdesk.services import customers, separating, staff
from csdesk.services.tx import Tx

GIVEN, STAFF, STAFF_ROLE, PERSON = table(DelegationRow), table(Staff), table(StaffRole), table(Person)


@dataclass(frozen=True)
class Me:
    """The actor as an approver, the givers he stands in for, and every delegation that may matter to him."""

    own: Approver
    standing_in: tuple[Approver, ...]
    known: tuple[Delegation, ...]
    day: date


def today(tx: Tx) -> date:
    """The company's local day."""
    return tx.now.astimezone(ZoneInfo(customers.company_zone(tx))).date()


def rank(tx: Tx, staff_ids: Sequence[int]) -> int:
    """The rank of logins: that of their highest role; 0 without one that ranks."""
    mine = select(STAFF_ROLE.c.role).where(STAFF_ROLE.c.company == tx.company, STAFF_ROLE.c.staff_id.in_(staff_ids))
    return max((tiers.RANKS.get(row.role, 0) for row in tx.rows(mine)), default=0)


def of_person(tx: Tx, person: int) -> Approver:
    """A person's own right, by all his logins that are not disabled."""
    logins = select(STAFF.c.id).where(
        STAFF.c.company == tx.company, STAFF.c.person_id == person, STAFF.c.disabled.is_(False)
    )
    ids = [row.id for row in tx.rows(logins)]
    return Approver(person, rank(tx, ids), separating.held(tx, person))


def me(tx: Tx) -> Me:
    """The actor's rights as of now: a duty taken from him since he signed in does not count any more."""
    day, person = today(tx), tx.actor.person_id
    duties = tx.actor.duties & staff.duties_of(tx, tx.actor.id) if tx.actor.id else tx.actor.duties
    own = Approver(person, rank(tx, [tx.actor.id]), duties)
    known = [_as_rule(row) for row in tx.rows(_live(tx, day))]
    mine = sorted((each for each in known if each.to_person == person), key=lambda each: each.starts)
    givers = tuple(Approver(person, own.rank, own.duties, of_person(tx, each.from_person), each) for each in mine)
    return Me(own, givers, tuple(known), day)


def _live(tx: Tx, day: date) -> Select[Any]:
    """Delegations that are not over yet; one that begins later is among them, to say so."""
    return select(GIVEN).where(GIVEN.c.company == tx.company, GIVEN.c.ends_on >= day, GIVEN.c.ended_at.is_(None))


def _as_rule(row: Row[Any]) -> Delegation:
    return Delegation(
        row.from_person, row.to_person, frozenset(row.kinds.split()), row.starts_on, row.ends_on, row.reason, row.cap,
        row.currency,
    )  # fmt: skip


def approver(who: Me, request: approvals.Request) -> tuple[Approver, str | None]:
    """The right the actor decides a request by, and why he may not (None if he may): his own first, else that of
    somebody he stands in for. The sentence tells both when neither is enough."""
    reason = approvals.why_not(who.own, request, day=who.day, delegations=who.known)
    if reason is None:
        return who.own, None
    tried = []
    lent = reason == approvals.lacking(who.own, request) if request.state == "in_approval" else False
    for each in who.standing_in if lent else ():
        fault = approvals.why_not(each, request, day=who.day, delegations=who.known)
        if fault is None:
            return each, None
        tried.append(fault)
    return who.own, " ".join(dict.fromkeys((reason, *tried)))


def names(tx: Tx, persons: Iterable[int]) -> dict[int, str]:
    """The names of persons."""
    wanted = sorted(set(persons))
    rows = tx.rows(select(PERSON).where(PERSON.c.company == tx.company, PERSON.c.id.in_(wanted))) if wanted else ()
    return {row.id: row.name for row in rows}
