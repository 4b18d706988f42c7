"""Who works at the desk: a login becomes the actor that every verb is asked for."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from csdesk.errors import NotFound, Refused
from csdesk.models import RoleDuty, Staff, StaffRole, table
from csdesk.services.tx import Actor, Tx, reads

STAFF, STAFF_ROLE, ROLE_DUTY = table(Staff), table(StaffRole), table(RoleDuty)

_BY_LOGIN = select(STAFF).where(STAFF.c.company == bindparam("c"), STAFF.c.login == bindparam("login"))
_DUTIES = (
    select(ROLE_DUTY.c.duty)
    .join(STAFF_ROLE, (STAFF_ROLE.c.company == ROLE_DUTY.c.company) & (STAFF_ROLE.c.role == ROLE_DUTY.c.role))
    .where(STAFF_ROLE.c.company == bindparam("c"), STAFF_ROLE.c.staff_id == bindparam("staff"))
)


@reads()
def sign_in(tx: Tx, login: str) -> Actor:
    """The actor behind a login, with the duties of all its roles. Raises NotFound, or Refused when it is disabled."""
    row = tx.row(_BY_LOGIN, {"c": tx.company, "login": login})
    if row is None:
        raise NotFound(f"Nobody has the login '{login}'; check --user, or ask who administers this desk.", field="user")
    if row.disabled:
        raise Refused(f"The login '{login}' is disabled; ask who administers this desk.", field="user")
    duties = frozenset(each.duty for each in tx.rows(_DUTIES, {"c": tx.company, "staff": row.id}))
    return Actor(row.id, row.person_id, row.login, row.name, row.team, duties)
