"""Whether what somebody came in by still opens: looked at again when the session begins, however long after."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from csdesk.errors import Refused
from csdesk.models import LoginAuthority, StaffKey, StaffSecret, table
from csdesk.services.tx import Tx

KEY, AUTHORITY, SECRET = table(StaffKey), table(LoginAuthority), table(StaffSecret)


def insist(tx: Tx, staff_id: int, method: str, fingerprint: str, authority: str) -> None:
    """Raises Refused when the key was removed since, the authority is trusted no more, or the password was taken away
    or replaced by a one-time one."""
    if method == "key":
        found = _open(tx, KEY, fingerprint, KEY.c.staff_id == staff_id)
    elif method == "certificate":
        found = _open(tx, AUTHORITY, authority)
    else:
        own = select(SECRET.c.staff_id).where(SECRET.c.company == tx.company, SECRET.c.staff_id == staff_id)
        found = tx.value(own.where(SECRET.c.password != "", SECRET.c.once_until.is_(None))) is not None
    if not found:
        raise Refused(f"What you came in by ({method}) lets in no more; ask who administers this desk.", field="user")


def _open(tx: Tx, rows: Any, fingerprint: str, *also: Any) -> bool:
    mine = (rows.c.company == tx.company, rows.c.fingerprint == fingerprint, rows.c.ended_at.is_(None), *also)
    return tx.value(select(rows.c.id).where(*mine).limit(1)) is not None
