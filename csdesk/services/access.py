"""The door of a served desk: what the server must know of a login before it lets anybody in, and what it writes down.

Secrets go to the server itself and to the login they belong to, to no other actor whatever its duties.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Refused
from csdesk.models import LoginAuthority, Staff, StaffKey, StaffSecret, table
from csdesk.rules import lockout
from csdesk.rules.lockout import Count
from csdesk.services import audit
from csdesk.services.tx import Tx, reads, writes

STAFF, KEY, AUTHORITY, SECRET = table(Staff), table(StaffKey), table(LoginAuthority), table(StaffSecret)
LONGEST = 60  # signs of a login
WHY = 800  # of why somebody was refused, several keys among it


@dataclass(frozen=True)
class Key:
    """A public key: its line as in authorized_keys ("type base64"), its fingerprint as OpenSSH writes it."""

    public: str
    fingerprint: str
    comment: str = ""


@dataclass(frozen=True)
class Door:
    """Which ways in a login has. A login that is unknown or disabled has none: no keys, no authorities, no password.

    `codes`: somebody here has a second factor, so that everybody is asked for a code and none is told apart.
    """

    login: str
    staff_id: int | None = None
    disabled: bool = False
    keys: tuple[Key, ...] = ()
    authorities: tuple[Key, ...] = ()
    has_password: bool = False
    has_totp: bool = False
    codes: bool = False


@dataclass(frozen=True)
class Secret:
    """The password's hash ('' when there is none, or nobody, or somebody disabled), the second factor, the failures."""

    password: str = field(default="", repr=False)
    totp: str = field(default="", repr=False)
    totp_step: int = 0
    failures: int = 0
    failed_at: datetime | None = None
    locked_until: datetime | None = None
    once_until: datetime | None = None


@dataclass(frozen=True)
class Tried:
    """What an attempt came to. `why` is for logs, never for who tries; `change`: let in only with a new password."""

    ok: bool
    why: str = ""
    change: bool = False
    failures: int = 0
    locked_until: datetime | None = None


@reads(quick=True)
def door(tx: Tx, login: str) -> Door:
    """The ways in of a login, for the server alone. Never raises for what was typed as a login, and asks the database
    the same for one that does not exist. Raises Refused for anybody else."""
    _only_server(tx)
    row = _staff(tx, login)
    mine = row.id if row else 0
    open_keys = select(KEY).where(KEY.c.company == tx.company, KEY.c.staff_id == mine, KEY.c.ended_at.is_(None))
    keys = tuple(_key(each) for each in tx.rows(open_keys.order_by(KEY.c.id)))
    trusted = select(AUTHORITY).where(AUTHORITY.c.company == tx.company, AUTHORITY.c.ended_at.is_(None))
    authorities = tuple(_key(each) for each in tx.rows(trusted.order_by(AUTHORITY.c.id)))
    held = tx.row(_secret_of(tx, mine))
    codes = tx.value(select(SECRET.c.staff_id).where(SECRET.c.company == tx.company, SECRET.c.totp != "").limit(1))
    asked = codes is not None
    if row is None or row.disabled:
        return Door(login, row.id if row else None, row is not None, codes=asked)
    ways = bool(held and held.password), bool(held and held.totp)
    return Door(login, row.id, False, keys, authorities, *ways, asked)


@reads(quick=True)
def secret(tx: Tx, login: str) -> Secret:
    """What is needed to look at a password. Raises Refused unless the server asks, or the login itself."""
    _only_server(tx, login)
    row = _staff(tx, login)
    held = tx.row(_secret_of(tx, row.id if row and not row.disabled else 0))
    if held is None:
        return Secret()
    return Secret(
        held.password, held.totp, held.totp_step, held.failures, held.failed_at, held.locked_until, held.once_until
    )


@writes()
def tried(tx: Tx, login: str, address: str, ok: bool, step: int = 0, secret: str = "") -> Tried:
    """Writes an attempt by password down and says whether it lets in: counts a failure, locks, clears on success.

    `ok` is what the server found, `step` the 30 seconds of the code that fitted, `secret` the hash it was held against.
    However many attempts come at once, they are judged one after the other: none while the password rests, none by a
    code that was used, a one-time password that is over, or a hash that was replaced meanwhile. Raises Refused unless
    the server asks, or the login itself.
    """
    _only_server(tx, login)
    row = _staff(tx, login)
    held = tx.row(_secret_of(tx, row.id if row else 0).with_for_update())
    count = Count(held.failures, held.failed_at, held.locked_until) if held else Count()
    why, counts = _why_not(tx, row, held, count, ok, step, secret)
    once = bool(held and held.once_until)
    after = (lockout.failed(count, tx.now, rests=not once) if counts else count) if why else Count()
    step_used = 0 if held is None else step if held.totp and not why else held.totp_step
    values = {"failures": after.failures, "failed_at": after.last, "locked_until": after.until, "totp_step": step_used}
    target = held.staff_id if held is not None and (counts or not why) else 0  # the same statements when it is nobody's
    tx.do(update(SECRET).where(*_mine(tx, target)).values(**values))
    made = Tried(not why, why, not why and once, after.failures, after.until)
    told = {"login": clean(login), "address": clean(address), "why": why or "let in", "failures": made.failures,
            "locked_until": made.locked_until}  # fmt: skip
    audit.record(tx, "access.tried", "staff", row.id if row else 0, {"failures": count.failures}, told)
    return made


def _why_not(
    tx: Tx, row: Row[Any] | None, held: Row[Any] | None, count: Count, ok: bool, step: int, secret: str
) -> tuple[str, bool]:
    """Why an attempt does not let in, '' when it does, and whether it counts as a failure."""
    if row is None:
        return "unknown login", False
    if row.disabled:
        return "disabled login", False
    if held is None or not held.password:
        return "no password", False
    if lockout.locked(count, tx.now):
        return "locked", False
    if not ok:
        return "wrong password or code", True
    if held.password != secret:
        return "password changed meanwhile", False
    if held.once_until and tx.now > held.once_until:
        return "one-time password is over", False
    if held.totp and step <= held.totp_step:
        return "code used before", True
    return "", False


@writes()
def refused(tx: Tx, login: str, address: str, method: str, why: str) -> None:
    """Leaves a refused login, or a refused request of a session, in the trail. The login may be anything at all: it is
    cut and freed of control signs. Raises Refused unless the server asks, or the login itself."""
    _only_server(tx, login)
    row = _staff(tx, login)
    told = {"login": clean(login), "address": clean(address), "method": clean(method), "why": clean(why, WHY)}
    audit.record(tx, "access.refused", "staff", row.id if row else 0, None, told)


def clean(text: str, most: int = LONGEST) -> str:
    """Text from outside as it may stand in a trail or on somebody's terminal: printable signs only, cut."""
    return "".join(sign for sign in text if sign.isprintable())[:most]


def _only_server(tx: Tx, login: str | None = None) -> None:
    if tx.actor.id and tx.actor.login != login:
        raise Refused("Only the server itself looks at how others come in.")


def _staff(tx: Tx, login: str) -> Row[Any] | None:
    known = login if login.isprintable() and len(login) <= LONGEST else ""  # '' is nobody's login
    return tx.row(select(STAFF).where(STAFF.c.company == tx.company, STAFF.c.login == known))


def _key(row: Row[Any]) -> Key:
    return Key(row.public, row.fingerprint, row.comment)


def _mine(tx: Tx, staff_id: int) -> tuple[Any, ...]:
    return (SECRET.c.company == tx.company, SECRET.c.staff_id == staff_id)


def _secret_of(tx: Tx, staff_id: int) -> Any:
    return select(SECRET).where(*_mine(tx, staff_id))


def secret_row(tx: Tx, staff_id: int) -> Row[Any]:
    """The locked row of a login's secrets, made when it is missing."""
    held = tx.row(_secret_of(tx, staff_id).with_for_update())
    if held is None:
        tx.do(insert(SECRET), {"company": tx.company, "staff_id": staff_id})
        held = tx.row(_secret_of(tx, staff_id).with_for_update())
    assert held is not None
    return held
