"""Public keys: which ones let a login in, and which authorities' certificates are believed."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import LoginAuthority, Staff, StaffKey, table
from csdesk.services import audit, staff
from csdesk.services.access import clean
from csdesk.services.tx import Tx, reads, writes

STAFF, KEY, AUTHORITY = table(Staff), table(StaffKey), table(LoginAuthority)
KINDS = (
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip
SHORTEST = 6  # signs of a fingerprint that are enough to name it
COMMENT = 200


@dataclass(frozen=True)
class KeyView:
    """A key that lets somebody in, or an authority's, whose `login` is ''; `added_by` is a login or 'system'."""

    login: str
    kind: str
    fingerprint: str
    comment: str
    added_at: datetime
    added_by: str


@reads("staff.admin")
def keys(tx: Tx, login: str) -> tuple[KeyView, ...]:
    """The keys a login may come in by, oldest first. Raises NotFound."""
    row = staff.named(tx, login)
    mine = select(KEY).where(KEY.c.company == tx.company, KEY.c.staff_id == row.id, KEY.c.ended_at.is_(None))
    return tuple(_view(tx, each, login) for each in tx.rows(mine.order_by(KEY.c.id)))


@reads("server.run")
def authorities(tx: Tx) -> tuple[KeyView, ...]:
    """The authorities whose certificates are believed, oldest first."""
    return tuple(_view(tx, each, "") for each in tx.rows(_trusted(tx)))


@writes("staff.admin")
def add_key(tx: Tx, login: str, public: str, comment: str = "") -> str:
    """Lets a login in by a public key, one line "type base64" without options.

    Raises Refused for one's own login and for a key another person comes in by, Conflict when the login has it, Invalid
    for what is no public key; whether a key is strong enough is the caller's to look at.
    """
    row = staff.named(tx, login)
    never_for_oneself(tx, row.person_id)
    fingerprint = fingerprint_of(public)
    taken = (
        select(STAFF.c.id, STAFF.c.login, STAFF.c.person_id)
        .join_from(KEY, STAFF, (STAFF.c.company == KEY.c.company) & (STAFF.c.id == KEY.c.staff_id))
        .where(KEY.c.company == tx.company, KEY.c.fingerprint == fingerprint, KEY.c.ended_at.is_(None))
    )
    for other in tx.rows(taken):
        if other.id == row.id:
            raise Conflict(f"{login} has the key {fingerprint} already.", field="key")
        if other.person_id != row.person_id:
            raise Refused(f"{other.login} comes in by the key {fingerprint}; a key belongs to one person.", field="key")
    made = _made(tx, public, fingerprint, comment)
    tx.do(insert(KEY), {**made, "staff_id": row.id})
    audit.record(tx, "access_keys.add_key", "staff", row.id, None, _told(made))
    return f"{login} may come in by the key {fingerprint}."


@writes("staff.admin")
def remove_key(tx: Tx, login: str, fingerprint: str) -> str:
    """Takes a key from a login; the beginning of its fingerprint is enough. Raises NotFound, Invalid when several fit.

    A session that came in by it goes on: `csdesk kick` ends it.
    """
    row = staff.named(tx, login)
    mine = select(KEY).where(KEY.c.company == tx.company, KEY.c.staff_id == row.id, KEY.c.ended_at.is_(None))
    found = _one(list(tx.rows(mine)), fingerprint, f"{login} has no key", f"csdesk staff keys {login}")
    ended = {"ended_at": tx.now, "ended_by": tx.actor.id}
    tx.do(update(KEY).where(KEY.c.company == tx.company, KEY.c.id == found.id).values(**ended))
    audit.record(tx, "access_keys.remove_key", "staff", row.id, {"fingerprint": found.fingerprint}, ended)
    return f"{login} comes in no more by the key {found.fingerprint}; 'csdesk kick' ends a session that did."


@writes("server.run")
def trust(tx: Tx, public: str, comment: str = "") -> str:
    """Believes the certificates an authority signs: each lets in as the login it names. Raises Conflict when it is
    believed already, Invalid for what is no public key."""
    fingerprint = fingerprint_of(public)
    if any(each.fingerprint == fingerprint for each in tx.rows(_trusted(tx))):
        raise Conflict(f"The authority {fingerprint} is trusted already.", field="key")
    made = _made(tx, public, fingerprint, comment)
    tx.do(insert(AUTHORITY), made)
    audit.record(tx, "access_keys.trust", "authority", made["id"], None, _told(made))
    return f"Certificates of the authority {fingerprint} let in whom they name."


@writes("server.run")
def distrust(tx: Tx, fingerprint: str) -> str:
    """Believes an authority no more; the beginning of its fingerprint is enough. Raises NotFound, Invalid when several
    fit."""
    found = _one(list(tx.rows(_trusted(tx))), fingerprint, "There is no authority", "csdesk staff authorities")
    ended = {"ended_at": tx.now, "ended_by": tx.actor.id}
    tx.do(update(AUTHORITY).where(AUTHORITY.c.company == tx.company, AUTHORITY.c.id == found.id).values(**ended))
    audit.record(tx, "access_keys.distrust", "authority", found.id, {"fingerprint": found.fingerprint}, ended)
    return f"Certificates of the authority {found.fingerprint} let in nobody any more."


def never_for_oneself(tx: Tx, person: int) -> None:
    """Raises Refused when an administrator opens a way in for a login of his own."""
    if tx.actor.id and person == tx.actor.person_id:
        raise Refused("Nobody opens a way in for himself; another administrator must.")


def fingerprint_of(public: str) -> str:
    """SHA256 of the key's bytes in base64 without padding, as OpenSSH writes it. Raises Invalid for what is no public
    key of a kind that lets in."""
    kind, _, rest = public.partition(" ")
    try:
        blob = base64.b64decode(rest, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    name = kind.encode("ascii", "replace")
    if kind not in KINDS or not blob.startswith(len(name).to_bytes(4, "big") + name):
        raise Invalid("A public key is wanted as in a .pub file: its type, a blank and its text.", field="key")
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _made(tx: Tx, public: str, fingerprint: str, comment: str) -> dict[str, Any]:
    return {"company": tx.company, "id": new_id(), "fingerprint": fingerprint, "public": public,
            "comment": clean(comment, COMMENT), "added_at": tx.now, "added_by": tx.actor.id}  # fmt: skip


def _told(made: dict[str, Any]) -> dict[str, Any]:
    return {"fingerprint": made["fingerprint"], "kind": made["public"].partition(" ")[0], "comment": made["comment"]}


def _trusted(tx: Tx) -> Any:
    return (
        select(AUTHORITY)
        .where(AUTHORITY.c.company == tx.company, AUTHORITY.c.ended_at.is_(None))
        .order_by(AUTHORITY.c.id)
    )


def _one(rows: list[Row[Any]], fingerprint: str, nothing: str, look: str) -> Row[Any]:
    """The row whose fingerprint begins so, with or without "SHA256:"."""
    begun = fingerprint.removeprefix("SHA256:")
    found = [each for each in rows if each.fingerprint.removeprefix("SHA256:").startswith(begun)]
    if len(begun) < SHORTEST or len(found) > 1:
        raise Invalid(f"'{fingerprint}' does not name one key; '{look}' lists them.", field="fingerprint")
    if not found:
        raise NotFound(f"{nothing} '{fingerprint}'; '{look}' lists them.", field="fingerprint")
    return found[0]


def _view(tx: Tx, row: Row[Any], login: str) -> KeyView:
    who = tx.value(select(STAFF.c.login).where(STAFF.c.company == tx.company, STAFF.c.id == row.added_by))
    kind = row.public.partition(" ")[0]
    return KeyView(login, kind, row.fingerprint, row.comment, row.added_at, str(who or "system"))
