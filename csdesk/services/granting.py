"""Giving and taking roles: checked against the conflicts of duties, with compensating controls somebody answers for."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import AcceptedConflict, Role, Staff, StaffRole, table
from csdesk.rules import separation
from csdesk.services import audit, separating, staff
from csdesk.services.tx import Tx, writes

ROLE, STAFF_ROLE, ACCEPTED, STAFF = table(Role), table(StaffRole), table(AcceptedConflict), table(Staff)


def check_role(tx: Tx, role: str) -> None:
    """Raises NotFound for a role the company has not."""
    roles = [row.code for row in tx.rows(select(ROLE.c.code).where(ROLE.c.company == tx.company).order_by(ROLE.c.code))]
    if role not in roles:
        raise NotFound(f"There is no role '{role}'; there are {', '.join(roles)}.", field="role")


def never_to_oneself(tx: Tx, person: int) -> None:
    """Raises Refused when the person who is about to get a role is the one who gives it."""
    if tx.actor.id and person == tx.actor.person_id:
        raise Refused("Nobody gives himself a role; another administrator must.")


@writes("staff.admin")
def grant(tx: Tx, login: str, role: str) -> tuple[str, ...]:
    """Gives a login a role; gives sentences, warnings of conflicts among them.

    Raises Refused for a conflict that blocks and has no accepted control, and for one's own login; Conflict when the
    login has the role.
    """
    row = staff.named(tx, login)
    check_role(tx, role)
    never_to_oneself(tx, row.person_id)
    mine = select(STAFF_ROLE.c.role).where(STAFF_ROLE.c.company == tx.company, STAFF_ROLE.c.staff_id == row.id)
    before = sorted(each.role for each in tx.rows(mine))
    if role in before:
        raise Conflict(f"{login} is {role} already.", field="role")
    told = separating.granted(tx, login, row.person_id, separating.of_role(tx, role))
    tx.do(insert(STAFF_ROLE), {"company": tx.company, "staff_id": row.id, "role": role})
    audit.record(tx, "granting.grant", "staff", row.id, {"roles": before},
                 {"roles": sorted([*before, role]), "conflicts": list(told)})  # fmt: skip
    return (f"{login} may work as {role} too, from the next sign-in.", *told)


@writes("staff.admin")
def revoke(tx: Tx, login: str, role: str) -> str:
    """Takes a role from a login. Raises NotFound when the login has it not."""
    row = staff.named(tx, login)
    mine = (STAFF_ROLE.c.company == tx.company, STAFF_ROLE.c.staff_id == row.id)
    before = sorted(each.role for each in tx.rows(select(STAFF_ROLE.c.role).where(*mine)))
    if role not in before:
        raise NotFound(f"{login} is no {role}; {login} is {', '.join(before) or 'nothing'}.", field="role")
    tx.do(delete(STAFF_ROLE).where(*mine, STAFF_ROLE.c.role == role))
    after = [each for each in before if each != role]
    audit.record(tx, "granting.revoke", "staff", row.id, {"roles": before}, {"roles": after})
    return f"{login} is {role} no more; requests are decided by today's rights at once, open desks by the next sign-in."


@writes("staff.admin")
def disable(tx: Tx, login: str) -> str:
    """Disables a login: nobody signs in by it, it decides nothing any more, and the server ends its sessions. Raises
    Refused for one's own, Conflict when it is disabled already."""
    row = staff.named(tx, login)
    if tx.actor.id and row.person_id == tx.actor.person_id:
        raise Refused("Nobody disables his own login; another administrator must.")
    _switch(tx, row, True)
    return (
        f"{login} is disabled: no sign-in and no decision any more; a server ends its sessions at once, a desk opened "
        "on the machine itself works on until it is closed."
    )


@writes("staff.admin")
def enable(tx: Tx, login: str) -> tuple[str, ...]:
    """Enables a login that was disabled; gives sentences, warnings of conflicts among them.

    Raises Refused for one's own, and when its duties conflict with what the person holds by other logins; Conflict when
    it is enabled already.
    """
    row = staff.named(tx, login)
    never_to_oneself(tx, row.person_id)
    mine = select(STAFF_ROLE.c.role).where(STAFF_ROLE.c.company == tx.company, STAFF_ROLE.c.staff_id == row.id)
    added = frozenset().union(*(separating.of_role(tx, each.role) for each in tx.rows(mine)))
    told = separating.granted(tx, login, row.person_id, added)
    _switch(tx, row, False, told)
    return (f"{login} may sign in again.", *told)


def _switch(tx: Tx, row: Row[Any], disabled: bool, told: tuple[str, ...] = ()) -> None:
    if row.disabled == disabled:
        raise Conflict(f"{row.login} is {'disabled' if disabled else 'enabled'} already.", field="login")
    tx.do(update(STAFF).where(STAFF.c.company == tx.company, STAFF.c.id == row.id).values(disabled=disabled))
    verb = "granting.disable" if disabled else "granting.enable"
    audit.record(tx, verb, "staff", row.id, {"disabled": row.disabled},
                 {"disabled": disabled, "conflicts": list(told)})  # fmt: skip


@writes("conflict.accept")
def accept(tx: Tx, login: str, duty_a: str, duty_b: str, control: str) -> str:
    """Accepts that a person holds two duties that conflict, beside a control that makes up for it.

    Raises Refused for oneself, NotFound for duties that do not conflict, Invalid without a control.
    """
    row = staff.named(tx, login)
    found = separation.conflict_between(duty_a, duty_b, separating.conflicts(tx))
    if found is None:
        raise NotFound(f"'{duty_a}' and '{duty_b}' do not conflict here.", field="duty")
    if not control.strip():
        raise Invalid("Name the control that makes up for it: who looks at what, how often.", field="control")
    if not tx.actor.id or row.person_id == tx.actor.person_id:
        raise Refused("Nobody accepts a conflict for himself; somebody else must answer for it (--user).")
    key = {"company": tx.company, "person_id": row.person_id, "duty_a": found.duty_a, "duty_b": found.duty_b}
    same = [ACCEPTED.c[name] == value for name, value in key.items()]
    before = tx.row(select(ACCEPTED).where(*same))
    tx.do(delete(ACCEPTED).where(*same))
    made = {**key, "control": control.strip()[:300], "accepted_at": tx.now, "accepted_by": tx.actor.id}
    tx.do(insert(ACCEPTED), made)
    audit.record(tx, "granting.accept", "staff", row.id, {"control": before.control if before else ""}, made)
    return f"{login} may hold '{found.duty_a}' and '{found.duty_b}': {control.strip()}."
