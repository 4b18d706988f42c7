"""Who works at the desk: a login becomes the actor that every verb is asked for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, bindparam, select

from csdesk.errors import NotFound, Refused
from csdesk.models import BreakGlass, RoleDuty, Staff, StaffRole, table
from csdesk.services.tx import Actor, Tx, reads

STAFF, STAFF_ROLE, ROLE_DUTY, GLASS = table(Staff), table(StaffRole), table(RoleDuty), table(BreakGlass)

_BY_LOGIN = select(STAFF).where(STAFF.c.company == bindparam("c"), STAFF.c.login == bindparam("login"))
_DUTIES = (
    select(ROLE_DUTY.c.duty)
    .join(STAFF_ROLE, (STAFF_ROLE.c.company == ROLE_DUTY.c.company) & (STAFF_ROLE.c.role == ROLE_DUTY.c.role))
    .where(STAFF_ROLE.c.company == bindparam("c"), STAFF_ROLE.c.staff_id == bindparam("staff"))
)
_LENT = select(GLASS.c.duty, GLASS.c.until).where(
    GLASS.c.company == bindparam("c"), GLASS.c.staff_id == bindparam("staff"), GLASS.c.until >= bindparam("now")
)


@reads()
def sign_in(tx: Tx, login: str) -> Actor:
    """The actor behind a login, with the duties of all its roles and those taken in an emergency that lasts.

    Raises NotFound, or Refused when it is disabled.
    """
    row = named(tx, login)
    if row.disabled:
        raise Refused(f"The login '{login}' is disabled; ask who administers this desk.", field="user")
    usual, lent = _usual(tx, row.id), _lent(tx, row.id)
    only = tuple((duty, until) for duty, until in lent if duty not in usual)
    return Actor(row.id, row.person_id, row.login, row.name, row.team, usual | {duty for duty, _ in only}, only)


def named(tx: Tx, login: str) -> Row[Any]:
    """The row of a login. Raises NotFound."""
    row = tx.row(_BY_LOGIN, {"c": tx.company, "login": login})
    if row is None:
        raise NotFound(f"Nobody has the login '{login}'; check --user, or ask who administers this desk.", field="user")
    return row


def login_of(tx: Tx, person: int) -> str:
    """A login of a person, one that is not disabled first."""
    mine = select(STAFF.c.login).where(STAFF.c.company == tx.company, STAFF.c.person_id == person)
    return str(tx.value(mine.order_by(STAFF.c.disabled, STAFF.c.id).limit(1)) or "")


def duties_of(tx: Tx, staff_id: int) -> frozenset[str]:
    """The duties a login holds now: by its roles, and those taken in an emergency that lasts; none once disabled."""
    mine = select(STAFF.c.disabled).where(STAFF.c.company == tx.company, STAFF.c.id == staff_id)
    if tx.value(mine):
        return frozenset()
    return _usual(tx, staff_id) | {duty for duty, _ in _lent(tx, staff_id)}


def _usual(tx: Tx, staff_id: int) -> frozenset[str]:
    return frozenset(each.duty for each in tx.rows(_DUTIES, {"c": tx.company, "staff": staff_id}))


def _lent(tx: Tx, staff_id: int) -> list[tuple[str, Any]]:
    rows = tx.rows(_LENT, {"c": tx.company, "staff": staff_id, "now": tx.now})
    return [(row.duty, row.until) for row in rows]
