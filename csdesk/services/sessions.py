"""Sessions at served desks: begun, kept alive by keys, ended; who sits where, and the wish that somebody leaves."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, or_, select, update

from csdesk.errors import NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import DeskSession, Staff, table
from csdesk.services import access_still, audit, staff
from csdesk.services.access import clean
from csdesk.services.tx import Tx, reads, writes

SESSION, STAFF = table(DeskSession), table(Staff)
NUMBER = re.compile("[0-9]{1,18}")  # of a session, as far as its column goes
SWEPT = "the server stopped"
WHY = 200  # signs of why a session ends
_STAFF = (STAFF.c.company == SESSION.c.company) & (STAFF.c.id == SESSION.c.staff_id)


@dataclass(frozen=True)
class Coming:
    """Who comes in and how: `method` is key, certificate, password or password+totp. `fingerprint` is the key's, also
    of a certificate, whose name and number are in `certificate`; `authority` is who signed it."""

    login: str
    address: str
    method: str
    fingerprint: str = ""
    certificate: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Sitting:
    """A session; `leaving` is why its server ends it, empty while it may stay, `over` why its row was ended."""

    id: int
    server: str
    login: str
    name: str
    address: str
    method: str
    fingerprint: str
    pid: int
    started_at: datetime
    typed_at: datetime
    leaving: str = ""
    over: str = ""


@writes("server.run")
def begin(tx: Tx, server: str, who: Coming) -> Sitting:
    """A session begins. Raises NotFound, or Refused when the login is disabled or what he came in by opens no more."""
    row = staff.named(tx, who.login)
    if row.disabled:
        raise Refused(f"The login '{who.login}' is disabled; ask who administers this desk.", field="user")
    access_still.insist(tx, row.id, who.method, who.fingerprint, who.authority)
    made = {
        "company": tx.company, "id": new_id(), "server": server, "staff_id": row.id, "address": who.address,
        "method": who.method, "fingerprint": who.fingerprint, "started_at": tx.now, "typed_at": tx.now,
    }  # fmt: skip
    tx.do(insert(SESSION), made)
    told = {"login": row.login, "server": server, "address": who.address, "method": who.method,
            "fingerprint": who.fingerprint}  # fmt: skip
    if who.certificate:
        told |= {"certificate": who.certificate, "authority": who.authority}
    audit.record(tx, "sessions.begin", "session", made["id"], None, told)
    return _sitting(tx, made["id"])


@writes("server.run")
def running(tx: Tx, session_id: int, pid: int) -> None:
    """The process of a session is known."""
    tx.do(update(SESSION).where(*_one(tx, session_id)).values(pid=pid))


@writes("server.run")
def end(tx: Tx, session_id: int, why: str) -> bool:
    """A session is over, and why; False when that was known."""
    done = tx.do(
        update(SESSION)
        .where(*_one(tx, session_id), SESSION.c.ended_at.is_(None))
        .values(ended_at=tx.now, ended_why=clean(why, WHY))
    )
    if done.rowcount:
        audit.record(tx, "sessions.end", "session", session_id, None, {"why": clean(why, WHY)})
    return bool(done.rowcount)


@writes("server.run")
def gone(tx: Tx, session_id: int, why: str) -> bool:
    """The desk of a session has ended. False when its row was ended before, by a server that could not know; then the
    trail gets the real end too."""
    if end(tx, session_id, why):
        return True
    audit.record(tx, "sessions.gone", "session", session_id, None, {"why": clean(why, WHY)})
    return False


@writes("server.run")
def swept(tx: Tx, server: str) -> int:
    """A server starts: what of its sessions an earlier one left open ended with that one; how many. Two servers that
    run at once must not have one name."""
    left = select(SESSION.c.id).where(*_open(tx), SESSION.c.server == server)
    ids = [row.id for row in tx.rows(left.order_by(SESSION.c.id))]
    return sum(end(tx, each, SWEPT) for each in ids)


@writes("server.run")
def typed(tx: Tx, last: Mapping[int, datetime]) -> None:
    """When sessions were last typed at."""
    for each in sorted(last):
        tx.do(update(SESSION).where(*_one(tx, each)).values(typed_at=last[each]))


@writes("server.run")
def kick(tx: Tx, who: str, why: str = "") -> str:
    """Asks the servers to end the sessions of a login, or one by its number; gives words. Raises NotFound."""
    found = select(SESSION.c.id, STAFF.c.login).join(STAFF, _STAFF).where(*_open(tx))
    rows = tx.rows(found.where(STAFF.c.login == who))
    if not rows and NUMBER.fullmatch(who):  # a login may be digits too
        rows = tx.rows(found.where(SESSION.c.id == int(who)))
    if not rows:
        raise NotFound(f"'{who}' sits at no served desk; 'csdesk who' lists them.")
    words = clean(why, WHY).strip() or f"ended by {tx.actor.name}"
    for row in rows:
        _wants_end(tx, row.id, words)
        audit.record(tx, "sessions.kick", "session", row.id, None, {"login": row.login, "why": words})
    return f"{len(rows)} session{'s' if len(rows) > 1 else ''} of {rows[0].login} will end; what is typed is kept."


@writes("server.run")
def want_end(tx: Tx, session_id: int, why: str) -> None:
    """Asks the server of a session to end it."""
    _wants_end(tx, session_id, why)
    audit.record(tx, "sessions.want_end", "session", session_id, None, {"why": clean(why, WHY)})


def _wants_end(tx: Tx, session_id: int, why: str) -> None:
    tx.do(update(SESSION).where(*_one(tx, session_id)).values(end_wanted=clean(why, WHY)))


@reads("server.run")
def sitting(tx: Tx) -> tuple[Sitting, ...]:
    """Who sits at served desks, of all servers, the longest first."""
    rows = tx.rows(_SITTING.where(*_open(tx)).order_by(SESSION.c.started_at, SESSION.c.id))
    return tuple(_view(row) for row in rows)


@reads("server.run", quick=True)
def of_login(tx: Tx, login: str) -> tuple[Sitting, ...]:
    """The sessions of one login that go on, the longest first."""
    rows = tx.rows(_SITTING.where(*_open(tx), STAFF.c.login == login).order_by(SESSION.c.started_at, SESSION.c.id))
    return tuple(_view(row) for row in rows)


@reads("server.run", quick=True)
def leaving(tx: Tx, ids: Collection[int]) -> tuple[Sitting, ...]:
    """Those of some sessions, whose desks run, that must end: somebody asked for it, the login was disabled, or another
    server ended the row while theirs could not be reached."""
    must = or_(SESSION.c.end_wanted != "", STAFF.c.disabled, SESSION.c.ended_at.is_not(None))
    mine = _SITTING.where(SESSION.c.company == tx.company, SESSION.c.id.in_(ids), must)
    return tuple(_view(row) for row in tx.rows(mine.order_by(SESSION.c.id)))


@reads("server.run", quick=True)
def still(tx: Tx, session_id: int) -> bool:
    """Whether a session goes on."""
    return tx.value(select(SESSION.c.ended_at).where(*_one(tx, session_id))) is None


_SITTING = select(SESSION, STAFF.c.login, STAFF.c.name, STAFF.c.disabled).join(STAFF, _STAFF)


def _one(tx: Tx, session_id: int) -> tuple[Any, ...]:
    return (SESSION.c.company == tx.company, SESSION.c.id == session_id)


def _open(tx: Tx) -> tuple[Any, ...]:
    return (SESSION.c.company == tx.company, SESSION.c.ended_at.is_(None))


def _sitting(tx: Tx, session_id: int) -> Sitting:
    row = tx.row(_SITTING.where(*_one(tx, session_id)))
    assert row is not None
    return _view(row)


def _view(row: Row[Any]) -> Sitting:
    over = row.ended_why if row.ended_at is not None else ""
    leaving = row.end_wanted or ("the login is disabled" if row.disabled else "") or over
    return Sitting(
        row.id, row.server, row.login, row.name, row.address, row.method, row.fingerprint, row.pid, row.started_at,
        row.typed_at, leaving, over,
    )  # fmt: skip
