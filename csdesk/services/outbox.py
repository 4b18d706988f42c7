"""The outbox: what is due is claimed by one worker, then marked sent, put off or parked. Nothing is sent from here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, or_, select, update

from csdesk.errors import Conflict, Invalid, NotFound, Refused
from csdesk.models import Outbox, table
from csdesk.services import audit, customers, memory, papers_statement
from csdesk.services.tx import Tx, reads, writes

OUTBOX = table(Outbox)
# Kinds of row that become a paper; a row of another kind is somebody else's to deliver.
CONFIRMATIONS = ("order-confirmation", "amendment-confirmation")
KINDS = (
    *CONFIRMATIONS,
    "invoice",
    "credit-note",
    "debit-note",
    "statement",
    "dunning-notice",
    "ticket-mail",
    "survey-mail",
)
LEASE = timedelta(minutes=10)  # a claim older than this is a worker's that died
BACK_OFF = timedelta(minutes=1), timedelta(hours=4)  # first pause, doubled each time up to the second
ATTEMPTS = 24  # some three days; then a person must look
STATES = ("waiting", "parked", "sent", "withdrawn", "all")


@dataclass(frozen=True)
class Claimed:
    """A row a worker has taken. `key` is the same on every attempt."""

    id: int
    kind: str
    payload: str
    key: str
    attempts: int


@dataclass(frozen=True)
class Waiting:
    """A row of the outbox as it is listed."""

    id: int
    kind: str
    subject: str
    state: str
    due_at: datetime
    attempts: int
    words: str


def _live(tx: Tx) -> list[ColumnElement[bool]]:
    gone = (OUTBOX.c.sent_at, OUTBOX.c.withdrawn_at, OUTBOX.c.parked_at)
    return [OUTBOX.c.company == tx.company, OUTBOX.c.kind.in_(KINDS), *(each.is_(None) for each in gone)]


def _due(tx: Tx) -> list[ColumnElement[bool]]:
    free = or_(OUTBOX.c.claimed_at.is_(None), OUTBOX.c.claimed_at <= tx.now - LEASE)
    return [
        *_live(tx),
        OUTBOX.c.due_at <= tx.now,
        free,
        or_(OUTBOX.c.try_after.is_(None), OUTBOX.c.try_after <= tx.now),
    ]


@reads("outbox.run")
def due(tx: Tx) -> int:
    """How many rows could go now (at most 1000 are counted)."""
    return len(tx.rows(select(OUTBOX.c.id).where(*_due(tx)).limit(1000)))


@writes("outbox.run")
def claim(tx: Tx, worker: str) -> Claimed | None:
    """Takes the row that is due longest, or None: its hold has passed, it is not withdrawn, nobody else has it.

    Two workers never get the same: the row is locked, on Postgres a locked one is passed over. A claim lapses after ten
    minutes. A confirmation waits while a later one of its order may still be withdrawn; the later one goes instead.
    """
    for (row_id,) in tx.rows(select(OUTBOX.c.id).where(*_due(tx)).order_by(OUTBOX.c.due_at, OUTBOX.c.id).limit(200)):
        statement = select(OUTBOX).where(*_due(tx), OUTBOX.c.id == row_id)
        row = tx.row(statement.with_for_update(skip_locked=True) if tx.postgres else statement)
        if row is None or (row.kind in CONFIRMATIONS and _later(tx, row)):
            continue
        if row.kind in CONFIRMATIONS:
            _supersede(tx, row)
        _change(tx, row.id, claimed_at=tx.now, claimed_by=worker[:80], attempts=row.attempts + 1)
        audit.record(tx, "outbox.claim", "outbox", row.id, None, {"worker": worker, "attempt": row.attempts + 1})
        return Claimed(row.id, row.kind, row.payload, key_of(row), row.attempts + 1)
    return None


def key_of(row: Row[Any]) -> str:
    """What names a row to the world, the same for ever: company, id and a hash of what it is about."""
    about = hashlib.sha256(f"{row.company}|{row.kind}|{row.dedupe}".encode()).hexdigest()[:12]
    return f"{row.company}.{row.id}.{about}"


def _revisions(tx: Tx, row: Row[Any]) -> dict[int, Row[Any]]:
    """Revision -> the other rows about the same order that were not withdrawn."""
    stem, _, own = row.dedupe.rpartition(":")
    others = select(OUTBOX.c.id, OUTBOX.c.dedupe).where(
        OUTBOX.c.company == tx.company, OUTBOX.c.dedupe.startswith(f"{stem}:", autoescape=True),
        OUTBOX.c.withdrawn_at.is_(None), OUTBOX.c.id != row.id,
    )  # fmt: skip
    found = {each.dedupe.rpartition(":")[2]: each for each in tx.rows(others)}
    return {int(revision): each for revision, each in found.items() if revision.isdecimal() and own.isdecimal()}


def _own(row: Row[Any]) -> int:
    return int(row.dedupe.rpartition(":")[2])


def _later(tx: Tx, row: Row[Any]) -> bool:
    """Whether a later revision speaks for the order; what it says then is what this one would say."""
    return any(revision > _own(row) for revision in _revisions(tx, row))


def _supersede(tx: Tx, row: Row[Any]) -> None:
    """Withdraws the earlier confirmations of the order that have not left, in the transaction that claims this one."""
    earlier = [other.id for revision, other in _revisions(tx, row).items() if revision < _own(row)]
    if earlier:
        here = [OUTBOX.c.company == tx.company, OUTBOX.c.id.in_(earlier)]
        unsent = [OUTBOX.c.sent_at.is_(None), OUTBOX.c.claimed_at.is_(None)]
        words = f"Revision {_own(row)} of the order went instead."
        tx.do(update(OUTBOX).where(*here, *unsent).values(withdrawn_at=tx.now, last_error=words))


@writes("outbox.run")
def sent(tx: Tx, row_id: int, went_to: str) -> bool:
    """Marks a row as delivered, once; False when it was marked before. `went_to`: the address or file."""
    row = _get(tx, row_id)
    if row.sent_at is not None:
        return False
    _change(tx, row_id, sent_at=tx.now, went_to=went_to[:300], last_error="", try_after=None)
    audit.record(tx, "outbox.sent", "outbox", row_id, None, {"kind": row.kind, "dedupe": row.dedupe, "to": went_to})
    return True


@writes("outbox.run")
def failed(
    tx: Tx, row_id: int, worker: str, why: str, for_good: bool = False, server: bool = False
) -> str:  # fmt: skip
    """Gives a claimed row back with the reason: tried again later, or parked when it was refused for good or too often;
    never parked for what is wrong with the `server` or the settings, and not with this paper.

    Nothing happens when the claim has lapsed and another worker has the row. Gives one sentence.
    """
    row = _get(tx, row_id)
    if row.sent_at is not None or row.claimed_by != worker:
        return f"{row.kind} {row.id} is in other hands."
    parked = not server and (for_good or row.attempts >= ATTEMPTS)
    first, most = BACK_OFF
    again = tx.now + min(most, first * 2 ** min(row.attempts - 1, 16))
    state = {"parked_at": tx.now} if parked else {"try_after": again}
    _change(tx, row_id, claimed_at=None, claimed_by="", last_error=why[:500], **state)
    audit.record(tx, "outbox.failed", "outbox", row_id, None, {"why": why, "parked": parked})
    after = "parked; 'csdesk outbox again' sends it once that is put right" if parked else f"tried again {again:%H:%M}"
    return f"{row.kind} {row.id}: {why} ({after})"


@writes("outbox.run")
def again(tx: Tx, row_id: int) -> str:
    """Lets a parked or put-off row go at the next tick. Raises Refused when it has gone or is going."""
    row = _get(tx, row_id)
    if row.sent_at is not None or row.withdrawn_at is not None:
        raise Refused(f"{row.kind} {row_id} is {_state(row)}; there is nothing left to send.")
    if row.claimed_at is not None and row.claimed_at > tx.now - LEASE:
        raise Refused(f"{row.kind} {row_id} is being sent by {row.claimed_by}; wait ten minutes.")
    _change(tx, row_id, parked_at=None, try_after=None, attempts=min(row.attempts, 1))
    audit.record(tx, "outbox.again", "outbox", row_id, {"last_error": row.last_error}, None)
    return f"{row.kind} {row_id} goes at the next tick."


@writes("outbox.run")
def again_all(tx: Tx) -> str:
    """Lets every parked row go at the next tick, the oldest first. Raises Refused when none is parked."""
    rows = tx.rows(select(OUTBOX).where(*_parked(tx)).order_by(OUTBOX.c.due_at, OUTBOX.c.id).with_for_update())
    if not rows:
        raise Refused("Nothing is parked; 'csdesk outbox list' shows what waits.")
    here = update(OUTBOX).where(OUTBOX.c.company == tx.company, OUTBOX.c.id.in_([row.id for row in rows]))
    tx.do(here.values(parked_at=None, try_after=None, attempts=1))
    audit.record(tx, "outbox.again_all", "outbox", rows[0].id, None, {"rows": [row.id for row in rows]})
    return f"{len(rows)} parked paper{'s go' if len(rows) > 1 else ' goes'} at the next tick."


def _parked(tx: Tx) -> list[ColumnElement[bool]]:
    gone = (OUTBOX.c.sent_at, OUTBOX.c.withdrawn_at)
    return [OUTBOX.c.company == tx.company, OUTBOX.c.parked_at.is_not(None), *(each.is_(None) for each in gone)]


@writes("desk.act")
def post_statement(tx: Tx, customer_id: int, as_of: date | None = None, since: date | None = None) -> str:
    """Puts a statement into the outbox for the one who is billed. Raises Conflict when the same one is there."""
    view = papers_statement.statement(tx, customer_id, as_of, since)
    who = customers.trading(tx, customer_id)
    dedupe = f"statement:{who.account.id}:{view.since}:{view.as_of}"
    there = select(OUTBOX.c.id).where(OUTBOX.c.company == tx.company, OUTBOX.c.dedupe == dedupe)
    if tx.value(there) is not None:
        raise Conflict(f"This statement of {view.debtor.name} as of {view.as_of:%d %b %Y} was mailed already.")
    payload = {"customer": customer_id, "as_of": view.as_of, "since": view.since}
    memory.post(tx, "statement", dedupe, payload, who.hold_seconds)
    audit.record(tx, "outbox.post_statement", "customer", customer_id, None, payload)
    return f"The statement of {view.debtor.name} as of {view.as_of:%d %b %Y} waits in the outbox."


@reads("outbox.run")
def listed(tx: Tx, state: str = "waiting", limit: int = 200) -> tuple[Waiting, ...]:
    """Rows by state, the oldest first; of the sent, withdrawn and all the newest first. Raises Invalid."""
    if state not in STATES:
        raise Invalid(f"'{state}' is no state; there are {', '.join(STATES)}.", field="state")
    here: list[ColumnElement[bool]] = [OUTBOX.c.company == tx.company]
    parted: dict[str, list[ColumnElement[bool]]] = {
        "waiting": _live(tx),
        "parked": _parked(tx),
        "sent": [OUTBOX.c.sent_at.is_not(None)],
        "withdrawn": [OUTBOX.c.withdrawn_at.is_not(None)],
    }
    order = OUTBOX.c.due_at if state in {"waiting", "parked"} else OUTBOX.c.due_at.desc()
    statement = select(OUTBOX).where(*here, *parted.get(state, [])).order_by(order, OUTBOX.c.id).limit(limit)
    return tuple(
        Waiting(row.id, row.kind, _subject(row), _state(row), row.due_at, row.attempts, row.last_error or row.went_to)
        for row in tx.rows(statement)
    )


def _subject(row: Row[Any]) -> str:
    payload = json.loads(row.payload or "{}")
    return str(payload.get("number") or payload.get("as_of") or row.dedupe)


def _state(row: Row[Any]) -> str:
    for at, name in ((row.sent_at, "sent"), (row.withdrawn_at, "withdrawn"), (row.parked_at, "parked"),
                     (row.claimed_at, "claimed"), (row.try_after, "put off")):  # fmt: skip
        if at is not None:
            return name
    return "waiting"


def _get(tx: Tx, row_id: int) -> Row[Any]:
    statement = select(OUTBOX).where(OUTBOX.c.company == tx.company, OUTBOX.c.id == row_id)
    row = tx.row(statement.with_for_update() if tx.postgres else statement)
    if row is None:
        raise NotFound(f"There is nothing numbered {row_id} in the outbox; 'csdesk outbox list' shows what is.")
    return row


def _change(tx: Tx, row_id: int, **values: Any) -> None:
    tx.do(update(OUTBOX).where(OUTBOX.c.company == tx.company, OUTBOX.c.id == row_id).values(**values))
