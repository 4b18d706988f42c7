"""Passwords and second factors: who sets them, for how long, and the first administrator of a company.

Hashes come in, never passwords. An administrator sets one that is good until a given hour and only to be changed;
whoever comes in by it chooses one nobody else knows.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import LoginAuthority, Person, RoleDuty, Staff, StaffKey, StaffRole, StaffSecret, table
from csdesk.services import access, audit, founding, staff
from csdesk.services.access_keys import never_for_oneself
from csdesk.services.tx import Tx, reads, writes

STAFF, KEY, AUTHORITY, SECRET = table(Staff), table(StaffKey), table(LoginAuthority), table(StaffSecret)
STAFF_ROLE, ROLE_DUTY, PERSON = table(StaffRole), table(RoleDuty), table(Person)
ONCE_HOURS, MOST_HOURS = 24, 168
FIRST = "admin"  # the login of the first administrator
FIRST_HOURS = 1
_FORGOTTEN = {"failures": 0, "failed_at": None, "locked_until": None}


@writes("staff.admin")
def set_password(tx: Tx, login: str, password: str, hours: int = ONCE_HOURS) -> str:
    """Sets a one-time password (its hash): good for `hours`, and only to choose one's own. Ends a lock.

    Raises Refused for one's own login, which changes its password by the old one; Invalid for 0 or more than 168 hours.
    """
    row = staff.named(tx, login)
    never_for_oneself(tx, row.person_id)
    if not 1 <= hours <= MOST_HOURS:
        raise Invalid(f"A one-time password is good for 1 to {MOST_HOURS} hours.", field="hours")
    until = _once(tx, row.id, password, hours)
    audit.record(tx, "access_secrets.set_password", "staff", row.id, None, {"once_until": until})
    return (
        f"{login} has a one-time password, good until {until:%Y-%m-%d %H:%M}Z; it is to be changed at the first login."
    )


@writes("staff.admin")
def clear_password(tx: Tx, login: str) -> str:
    """Takes the password from a login. Raises NotFound when it has none, Refused for one's own."""
    row = staff.named(tx, login)
    never_for_oneself(tx, row.person_id)
    held = access.secret_row(tx, row.id)
    if not held.password:
        raise NotFound(f"{login} has no password.", field="login")
    _store(tx, row.id, password="", once_until=None, changed_at=tx.now, **_FORGOTTEN)
    audit.record(tx, "access_secrets.clear_password", "staff", row.id, {"changed_at": held.changed_at})
    return f"{login} comes in by no password any more."


@writes()
def change_password(tx: Tx, login: str, secret: str, password: str) -> str:
    """Changes the password to the hash `password`, in place of `secret`, the hash the old one was held against.

    Raises Refused unless it is the login's own act or the server's, and when a one-time password is over; Conflict when
    the old one was replaced meanwhile.
    """
    row = staff.named(tx, login)
    if tx.actor.id not in (0, row.id):
        raise Refused(
            "Everybody changes his own password alone; 'csdesk staff passwd' sets a one-time one for another."
        )
    held = access.secret_row(tx, row.id)
    if row.disabled or not secret or held.password != secret:
        raise Conflict(f"The password of {login} was replaced meanwhile; come in again.", field="password")
    if held.once_until and tx.now > held.once_until:
        raise Refused(f"The one-time password of {login} is over; ask an administrator for another one.")
    _store(tx, row.id, password=password, once_until=None, changed_at=tx.now, **_FORGOTTEN)
    before = {"changed_at": held.changed_at, "once_until": held.once_until}
    audit.record(tx, "access_secrets.change_password", "staff", row.id, before, {"changed_at": tx.now})
    return f"The password of {login} is changed."


@writes()
def rehash(tx: Tx, login: str, secret: str, password: str) -> bool:
    """Puts a stronger hash of the same password in place of `secret`; False when that was replaced meanwhile. Raises
    Refused unless it is the login's own act or the server's."""
    row = staff.named(tx, login)
    if tx.actor.id not in (0, row.id):
        raise Refused("Only the server itself, or the login, renews a hash.")
    held = access.secret_row(tx, row.id)
    if held.password != secret:
        return False
    _store(tx, row.id, password=password)
    audit.record(tx, "access_secrets.rehash", "staff", row.id)
    return True


@writes("staff.admin")
def set_totp(tx: Tx, login: str, secret: str) -> str:
    """Wants a code of 30 seconds (RFC 6238) beside the password from now on; `secret` is base32. A former one counts no
    more. Raises Refused for one's own login."""
    row = staff.named(tx, login)
    never_for_oneself(tx, row.person_id)
    held = access.secret_row(tx, row.id)
    _store(tx, row.id, totp=secret, totp_step=0)
    audit.record(tx, "access_secrets.set_totp", "staff", row.id, {"had": bool(held.totp)}, {"has": True})
    return f"{login} comes in by password and code from now on."


@writes("staff.admin")
def clear_totp(tx: Tx, login: str) -> str:
    """Wants no code any more. Raises NotFound when there is none, Refused for one's own login."""
    row = staff.named(tx, login)
    never_for_oneself(tx, row.person_id)
    if not access.secret_row(tx, row.id).totp:
        raise NotFound(f"{login} has no second factor.", field="login")
    _store(tx, row.id, totp="", totp_step=0)
    audit.record(tx, "access_secrets.clear_totp", "staff", row.id, {"had": True}, {"has": False})
    return f"{login} comes in by password alone from now on."


@reads("staff.admin")
def way_in(tx: Tx) -> str:
    """The login of an administrator who can come in: by a key, a password of his own, or a certificate; '' if nobody.

    A one-time password that runs is a way too, but for the first administrator's, which is made anew at each start.
    """
    trusted = tx.value(select(func.count()).where(AUTHORITY.c.company == tx.company, AUTHORITY.c.ended_at.is_(None)))
    for row in _administrators(tx):
        if trusted or _has_key(tx, row.id) or _has_password(tx, row):
            return str(row.login)
    return ""


@writes("staff.admin")
def open_first(tx: Tx, password: str, hours: int = FIRST_HOURS) -> str:
    """Gives the first administrator a one-time password (its hash) when no administrator can come in, and makes the
    login 'admin' when there is none; gives the login, '' when somebody can come in after all.

    Raises Refused for anybody but the system, and when 'admin' is somebody else or disabled.
    """
    if tx.actor.id:
        raise Refused("Only the server itself lets the first administrator in.")
    if way_in(tx):
        return ""
    row = next((each for each in _administrators(tx) if each.login == FIRST), None)
    if row is None:
        taken = tx.value(select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.login == FIRST))
        if taken is not None:
            raise Refused(f"No administrator can come in, and the login '{FIRST}' is disabled or no administrator; "
                          "give one a way in with 'csdesk staff passwd LOGIN'.")  # fmt: skip
        founding.add_staff(tx, FIRST, "Administrator", "admin")
        row = staff.named(tx, FIRST)
    until = _once(tx, row.id, password, hours)
    audit.record(tx, "access_secrets.open_first", "staff", row.id, None, {"once_until": until})
    return FIRST


def _administrators(tx: Tx) -> list[Row[Any]]:
    """Logins that are not disabled and may administer the staff, the oldest first."""
    admin = (
        select(STAFF_ROLE.c.staff_id)
        .join(ROLE_DUTY, (ROLE_DUTY.c.company == STAFF_ROLE.c.company) & (ROLE_DUTY.c.role == STAFF_ROLE.c.role))
        .where(STAFF_ROLE.c.company == tx.company, ROLE_DUTY.c.duty == "staff.admin")
    )
    able = select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.disabled.is_(False), STAFF.c.id.in_(admin))
    return list(tx.rows(able.order_by(STAFF.c.id)))


def _has_key(tx: Tx, staff_id: int) -> bool:
    mine = select(KEY.c.id).where(KEY.c.company == tx.company, KEY.c.staff_id == staff_id, KEY.c.ended_at.is_(None))
    return tx.value(mine.limit(1)) is not None


def _has_password(tx: Tx, row: Row[Any]) -> bool:
    held = tx.row(select(SECRET).where(SECRET.c.company == tx.company, SECRET.c.staff_id == row.id))
    if held is None or not held.password:
        return False
    return held.once_until is None or (row.login != FIRST and held.once_until >= tx.now)


def _once(tx: Tx, staff_id: int, password: str, hours: int) -> datetime:
    until = tx.now + timedelta(hours=hours)
    access.secret_row(tx, staff_id)
    _store(tx, staff_id, password=password, once_until=until, changed_at=tx.now, **_FORGOTTEN)
    return until


def _store(tx: Tx, staff_id: int, **values: Any) -> None:
    tx.do(update(SECRET).where(SECRET.c.company == tx.company, SECRET.c.staff_id == staff_id).values(**values))
