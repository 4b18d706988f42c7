"""The audit trail: every writing verb leaves one entry in its own transaction, chained by hash per lane.

A lane is one login's chain, so that two reps who save at once do not wait for each other. `verify` walks every lane
and names the first link that does not hold; the lane's head tells when the tail is missing, and what other lanes cite
of it when the head was written anew as well. A refused attempt is an entry too, of the verb "refused:" and its name.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BindParameter, Row, bindparam, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from csdesk.models import AuditEntry, AuditHead, table
from csdesk.services.tx import Tx, reads

A = table(AuditEntry)
H = table(AuditHead)
GENESIS = "0" * 64
WITNESS = 16  # signs of the cited hash: enough that nobody finds another entry with the same ones

_OTHER, _NEAR = H.alias(), H.alias()
_MINE: BindParameter[int] = bindparam("l")
_WITHIN = _NEAR.c.company == bindparam("c")
# The witness is the next lane in a ring of all: whichever lane is cut short, another one cites it.
_NEXT = func.coalesce(
    select(func.min(_NEAR.c.lane)).where(_WITHIN, _NEAR.c.lane > _MINE).scalar_subquery(),
    select(func.min(_NEAR.c.lane)).where(_WITHIN, _NEAR.c.lane < _MINE).scalar_subquery(),
)
_HEAD = (
    select(H.c.seq, H.c.hash, _OTHER.c.lane.label("other"), _OTHER.c.seq.label("there"), _OTHER.c.hash.label("cited"))
    .select_from(H.outerjoin(_OTHER, (_OTHER.c.company == H.c.company) & (_OTHER.c.lane == _NEXT) & (_OTHER.c.seq > 0)))
    .where(H.c.company == bindparam("c"), H.c.lane == _MINE)
)
_HEAD_LOCK = _HEAD.with_for_update(of=H)
_MOVE_HEAD = (
    update(H)
    .where(H.c.company == bindparam("c"), H.c.lane == bindparam("l"))
    .values(seq=bindparam("s"), hash=bindparam("h"))
)
_NEW_ENTRY = insert(A)


@dataclass(frozen=True)
class Broken:
    """A link of the chain that does not hold."""

    lane: int
    seq: int
    why: str


def plain(value: Any) -> Any:
    """JSON's view of a value: decimals and dates as text, so that the hash is the same on every database."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be audited")


def stamp(at: datetime) -> str:
    """An instant as UTC text with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def dump(values: Mapping[str, Any] | None) -> str:
    """Canonical JSON text: sorted keys, no blanks."""
    return json.dumps(values or {}, sort_keys=True, separators=(",", ":"), default=plain, ensure_ascii=False)


def link_hash(entry: Mapping[str, Any]) -> str:
    """SHA-256 over all fields of an entry but its own hash, in a fixed order."""
    fields = [
        str(entry["company"]), str(entry["lane"]), str(entry["seq"]), stamp(entry["at"]), entry["actor"], entry["verb"],
        entry["subject"], str(entry["subject_id"]), entry["before"], entry["after"], entry["request_id"],
        entry["previous"], str(entry["witness_lane"]), str(entry["witness_seq"]), entry["witness_hash"],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(fields, ensure_ascii=False).encode()).hexdigest()


def record(
    tx: Tx,
    verb: str,
    subject: str,
    subject_id: int,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Adds one entry to the actor's lane. Call it last: it locks the lane until the commit."""
    lane = tx.actor.id
    key = {"c": tx.company, "l": lane}
    head = _locked_head(tx, key)
    entry: dict[str, Any] = {
        "company": tx.company,
        "lane": lane,
        "seq": head.seq + 1,
        "at": tx.now,
        "actor": tx.actor.login,
        "verb": verb,
        "subject": subject,
        "subject_id": subject_id,
        "before": dump(before),
        "after": dump(after),
        "request_id": tx.request_id,
        "previous": head.hash,
        "witness_lane": head.other,
        "witness_seq": head.there,
        "witness_hash": (head.cited or "")[:WITNESS],
    }
    entry["hash"] = link_hash(entry)
    tx.do(_NEW_ENTRY, entry)
    tx.do(_MOVE_HEAD, {**key, "s": entry["seq"], "h": entry["hash"]})


MOST_TOLD = 200


def refused(tx: Tx, verb: str, sentence: str, told: Mapping[str, Any]) -> None:
    """Adds the entry of an attempt that was refused: what was asked for, trimmed, and the sentence it got."""
    short = {name: value if isinstance(value, int) else str(value)[:MOST_TOLD] for name, value in told.items()}
    subject_id = next((value for value in told.values() if type(value) is int), 0)
    record(
        tx, f"refused:{verb}"[:60], verb.partition(".")[0], subject_id, short, {"refused": sentence[: 2 * MOST_TOLD]}
    )


def _locked_head(tx: Tx, key: Mapping[str, int]) -> Row[Any]:
    head = tx.row(_HEAD_LOCK if tx.postgres else _HEAD, key)
    while head is None:  # a lane's first two entries may be written at once
        start = (postgresql.insert(H) if tx.postgres else sqlite.insert(H)).on_conflict_do_nothing()
        tx.do(start, {"company": key["c"], "lane": key["l"], "seq": 0, "hash": GENESIS})
        head = tx.row(_HEAD_LOCK if tx.postgres else _HEAD, key)
    return head


@reads()
def verify(tx: Tx) -> tuple[int, tuple[Broken, ...]]:
    """(entries checked, first broken link of each lane). Reads the whole trail in lane order, memory flat."""
    checked, broken = 0, []
    heads = {row.lane: row for row in tx.rows(select(H.c.lane, H.c.seq, H.c.hash).where(H.c.company == tx.company))}
    lanes = {row.lane for row in tx.rows(select(A.c.lane).where(A.c.company == tx.company).distinct())} | set(heads)
    for lane in sorted(lanes):
        count, fault = _verify_lane(tx, lane, heads.get(lane))
        checked += count
        if fault:
            broken.append(fault)
    known = {each.lane for each in broken}
    broken += [each for each in _uncited(tx) if each.lane not in known]
    return checked, tuple(broken)


def _uncited(tx: Tx) -> list[Broken]:
    """The first entry of each lane that another lane cites and that is not there as it was cited."""
    cited = A.alias()
    there = (cited.c.company == A.c.company) & (cited.c.lane == A.c.witness_lane) & (cited.c.seq == A.c.witness_seq)
    lost = (
        select(A.c.witness_lane, func.min(A.c.witness_seq).label("seq"))
        .outerjoin(cited, there)
        .where(A.c.company == tx.company, A.c.witness_lane.is_not(None))
        .where(or_(cited.c.hash.is_(None), func.substr(cited.c.hash, 1, WITNESS) != A.c.witness_hash))
        .group_by(A.c.witness_lane)
        .order_by(A.c.witness_lane)
    )
    why = "another login's trail cites this entry, and it is not there as it was"
    return [Broken(row.witness_lane, row.seq, why) for row in tx.rows(lost)]


def _verify_lane(tx: Tx, lane: int, head: Any) -> tuple[int, Broken | None]:
    previous, expected = GENESIS, 1
    statement = select(A).where(A.c.company == tx.company, A.c.lane == lane).order_by(A.c.seq)
    for row in tx.connection.execute(statement.execution_options(yield_per=1000)).mappings():
        if row["seq"] != expected:
            return expected - 1, Broken(lane, expected, "this entry is missing")
        if row["previous"] != previous:
            return expected - 1, Broken(lane, expected, "it does not link to the entry before it")
        if link_hash(dict(row)) != row["hash"]:
            return expected - 1, Broken(lane, expected, "its content was changed after it was written")
        previous, expected = row["hash"], expected + 1
    if head is None or (head.seq, head.hash) != (expected - 1, previous):
        return expected - 1, Broken(lane, expected, "the end of the trail is missing")
    return expected - 1, None
