"""Handing a shift over: the pack of a team, its lines accepted one by one by the next shift, the end of a shift."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Handover, HandoverLine, Shift, Staff, table
from csdesk.services import (
    audit,
    callback_rows,
    callbacks,
    calls,
    handover_gathering,
    memory,
    reports_base,
    seeing,
    ticket_log,
    ticket_steps,
)
from csdesk.services.callback_lists import LEADS
from csdesk.services.callbacks import CALLING
from csdesk.services.handover_gathering import Left
from csdesk.services.tx import Tx, reads, writes

PACK, LINE, SHIFT, STAFF = table(Handover), table(HandoverLine), table(Shift), table(Staff)
MOST_WORDS = 300


@dataclass(frozen=True)
class LineView:
    """A line of a pack: what it is, of whom, due when, and who has accepted it ('' nobody yet)."""

    line: int
    kind: str
    subject_id: int | None
    words: str
    due_at: datetime | None
    of: str
    accepted_by: str
    accepted_at: datetime | None


@dataclass(frozen=True)
class PackView:
    """A team's latest pack; `id` 0 when none was made. Instants UTC."""

    id: int
    team: str
    made_at: datetime | None
    made_by: str
    until: datetime | None
    note: str
    lines: tuple[LineView, ...]


@dataclass(frozen=True)
class Handed:
    """What was done, in one sentence."""

    id: int
    words: str


@writes(CALLING)
def pack(tx: Tx, team: str = "", note: str = "") -> Handed:
    """Packs what is due until the end of the next shift of a team (the actor's unless named): tickets, callbacks,
    replies not sent, open drafts, held orders, approvals that wait, the note. A rep packs his own, a lead the team's;
    the latest pack stands for the team, with what others have packed and nobody has accepted.

    Raises Refused for another team's by anybody but a lead.
    """
    whose = team.strip() or tx.actor.team
    if whose != tx.actor.team and not tx.actor.may(LEADS):
        raise Refused(f"Only a lead packs for another team; yours is {tx.actor.team or '-'}.")
    until = handover_gathering.next_end(tx, whose)
    left = handover_gathering.gather(tx, whose, until, _latest(tx, whose))
    if note.strip():
        left.append(Left("note", None, tx.actor.id, None, note.strip()))
    made = new_id()
    tx.do(insert(PACK), {
        "company": tx.company, "id": made, "team": whose, "made_at": tx.now, "made_by": tx.actor.id,
        "until_at": until, "note": note.strip()[:2000],
    })  # fmt: skip
    rows = [
        {"company": tx.company, "handover_id": made, "line": n, "kind": each.kind, "subject_id": each.subject_id,
         "from_staff": each.staff_id, "due_at": each.due_at, "words": each.words[:MOST_WORDS]}
        for n, each in enumerate(left, 1)
    ]  # fmt: skip
    if rows:
        tx.do(insert(LINE), rows)
    audit.record(tx, "handover.pack", "handover", made, None, {"team": whose, "lines": len(rows), "until": until})
    here = until.astimezone(reports_base.books(tx).zone)
    words = f"Packed for {whose or 'the desk'}: {len(rows)} lines, due until {here:%d %b %H:%M}"
    _remember(tx, "handover.pack", words, {"do": "unpack", "handover": made})
    return Handed(made, f"{words}.")


def _remember(tx: Tx, verb: str, words: str, undo: dict[str, Any]) -> None:
    memory.remember(tx, None, verb, words, undo, ticket_steps.hold_seconds(tx))


@reads(CALLING)
def latest(tx: Tx, team: str = "") -> PackView:
    """The latest pack of a team (the actor's unless named), the lines that are for him, see `handover_gathering.shown`.

    Raises Refused for another team's by anybody but a lead or who reads all tickets.
    """
    whose = team.strip() or tx.actor.team
    if whose != tx.actor.team and not (tx.actor.may(LEADS) or tx.actor.may(seeing.ALL)):
        raise Refused(f"Only a lead sees what another team hands over; yours is {tx.actor.team or '-'}.")
    head = _latest(tx, whose)
    if head is None:
        return PackView(0, whose, None, "", None, "", ())
    of, by = STAFF.alias(), STAFF.alias()
    statement = (
        select(LINE, of.c.login.label("of_login"), by.c.login.label("by_login"))
        .outerjoin(of, (of.c.company == LINE.c.company) & (of.c.id == LINE.c.from_staff))
        .outerjoin(by, (by.c.company == LINE.c.company) & (by.c.id == LINE.c.accepted_by))
        .where(LINE.c.company == tx.company, LINE.c.handover_id == head.id)
        .order_by(LINE.c.line)
    )
    rows = tx.rows(statement)
    shown = handover_gathering.shown(tx, head, rows)
    lines = tuple(
        LineView(row.line, row.kind, row.subject_id, row.words, row.due_at, row.of_login or "", row.by_login or "",
                 row.accepted_at)
        for row in rows if row.line in shown
    )  # fmt: skip
    maker = callback_rows.login(tx, head.made_by)
    return PackView(head.id, head.team, head.made_at, maker, head.until_at, head.note, lines)


def _latest(tx: Tx, team: str) -> Row[Any] | None:
    mine = select(PACK).where(PACK.c.company == tx.company, PACK.c.team == team)
    return tx.row(mine.order_by(PACK.c.made_at.desc(), PACK.c.id.desc()).limit(1))


@writes(CALLING)
def accept(tx: Tx, handover_id: int, lines: Sequence[int]) -> Handed:
    """Accepts lines of a team's latest pack, all or none: callback and ticket have a new owner, a draft comes with its
    call, for the others it stands who looks after them.

    Raises NotFound for a pack or line there is not or that is not for the actor, Invalid for no line, Refused for
    another team's pack, for one that a newer one has replaced, for a line somebody has accepted already, and for a
    ticket or callback that was given to somebody else since.
    """
    head = _pack(tx, handover_id)
    if not lines:
        raise Invalid("Say which lines: a digit, or y1-5.", field="places")
    told, moved, before = [], [], []
    for number in sorted(set(lines)):
        row = _claimed(tx, head, number)
        before.append([number, row.kind, MOVING.get(row.kind, _noted)(tx, row)])
        told.append(f"{row.kind} {row.words}")
        moved.append({"line": number, "kind": row.kind, "subject": row.subject_id, "from": row.from_staff})
    audit.record(tx, "handover.accept", "handover", head.id, None, {"lines": moved})
    words = f"Yours: {told[0]}{f' and {len(told) - 1} more' if len(told) > 1 else ''}"
    _remember(tx, "handover.accept", words, {"do": "unaccept", "handover": head.id, "lines": before})
    return Handed(head.id, f"{words}.")


def _pack(tx: Tx, handover_id: int) -> Row[Any]:
    head = tx.row(select(PACK).where(PACK.c.company == tx.company, PACK.c.id == handover_id))
    if head is None:
        raise NotFound("This pack is not there; > shows the latest.")
    if head.team != tx.actor.team and not tx.actor.may(LEADS):
        raise Refused(f"This pack is for team {head.team or '-'}; yours is {tx.actor.team or '-'}.")
    newest = _latest(tx, head.team)
    if newest is not None and newest.id != head.id:
        raise Refused("A newer pack was made since; > shows it.")
    return head


def _claimed(tx: Tx, head: Row[Any], number: int) -> Row[Any]:
    """The line, the actor's from now on. One statement decides between two who accept it at once."""
    mine = (LINE.c.company == tx.company, LINE.c.handover_id == head.id, LINE.c.line == number)
    row = tx.row(select(LINE).where(*mine))
    if row is None or number not in handover_gathering.shown(tx, head, [row]):
        raise NotFound(f"The pack has no line {number} for you.", field="places")
    claim = update(LINE).where(*mine, LINE.c.accepted_at.is_(None))
    if tx.do(claim.values(accepted_by=tx.actor.id, accepted_at=tx.now)).rowcount == 1:
        return row
    row = tx.row(select(LINE).where(*mine))
    assert row is not None
    who = callback_rows.login(tx, row.accepted_by)
    raise Refused(f"Line {number} was accepted by {who} already; > shows what is left.")


def _still(tx: Tx, row: Row[Any], owner: int | None, named: str) -> None:
    """Raises Refused for what is not in the hands any more of whoever has handed it over."""
    if owner not in (row.from_staff, tx.actor.id):
        now, then = callback_rows.login(tx, owner) or "nobody", callback_rows.login(tx, row.from_staff)
        raise Refused(f"Line {row.line}: {named} was {then}'s when it was packed and is {now}'s now; leave it out.")


def _noted(tx: Tx, row: Row[Any]) -> list[Any]:
    """Nothing changes hands but the line. What these give is how it is taken back, see `handover_undo`."""
    return []


def _callback(tx: Tx, row: Row[Any]) -> list[Any]:
    kept = callback_rows.get(tx, row.subject_id, lock=True)
    if kept.done_at is None and kept.owner_id is not None:
        _still(tx, row, kept.owner_id, f"the callback to {kept.code}")
    callbacks.hand(tx, row.subject_id, tx.actor.id)
    return [kept.id, kept.owner_id, kept.version + 1] if kept.done_at is None else []


def _draft(tx: Tx, row: Row[Any]) -> list[Any]:
    calls.hand(tx, row.subject_id, row.from_staff)
    return [row.subject_id] if row.from_staff != tx.actor.id else []


def _ticket(tx: Tx, row: Row[Any]) -> list[Any]:
    tx.need(seeing.WORK)
    ticket = ticket_log.get(tx, row.subject_id, lock=True)
    if ticket.base not in ("work", "wait") or ticket.owner_id == tx.actor.id:
        return []
    _still(tx, row, ticket.owner_id, f"ticket {ticket.number}")
    data = {"owner": tx.actor.id, "queue": ticket.queue, "from": ticket.owner_id}
    return [ticket.id, ticket_log.append(tx, ticket, "assigned", data).version]


MOVING = {"callback": _callback, "ticket": _ticket, "draft": _draft}


@reads("customer.read")
def preview_end(tx: Tx) -> str:
    """What ending the shift would do. Raises like the act."""
    ends = _ending(tx).ends_at.astimezone(reports_base.books(tx).zone)
    return f"ends your shift, which lasts until {ends:%H:%M}; your calls go to who is on shift"


@writes("customer.read")
def end_shift(tx: Tx) -> str:
    """Ends the actor's shift. Raises Refused when he is on none, and while callbacks of his that are due by its end
    stand in no pack made since it began, naming them."""
    shift, zone = _ending(tx, lock=True), reports_base.books(tx).zone
    tx.do(update(SHIFT).where(SHIFT.c.company == tx.company, SHIFT.c.id == shift.id).values(ended_at=tx.now))
    audit.record(tx, "handover.end_shift", "shift", shift.id, {"ends": shift.ends_at}, {"ended": tx.now})
    words = f"Shift ended at {tx.now.astimezone(zone):%H:%M}"
    _remember(tx, "handover.end_shift", words, {"do": "unend", "shift": shift.id})
    return f"{words}."


def _ending(tx: Tx, lock: bool = False) -> Row[Any]:
    """The actor's shift, which may be ended. Raises as `end_shift`."""
    mine = (SHIFT.c.company == tx.company, SHIFT.c.staff_id == tx.actor.id, SHIFT.c.ended_at.is_(None))
    lasts = (SHIFT.c.starts_at <= tx.now, SHIFT.c.ends_at > tx.now)
    statement = select(SHIFT).where(*mine, *lasts).order_by(SHIFT.c.starts_at).limit(1)
    shift = tx.row(statement.with_for_update() if lock and tx.postgres else statement)
    if shift is None:
        raise Refused("You are on no shift now; 'csdesk roster show' lists them.")
    zone = reports_base.books(tx).zone
    left = _not_handed_over(tx, shift)
    if left:
        named = ", ".join(f"{row.code} {row.name} {row.due_at.astimezone(zone):%H:%M} {row.about}" for row in left[:5])
        more = f" and {len(left) - 5} more" if len(left) > 5 else ""
        many = f"{len(left)} callback{'s are' if len(left) > 1 else ' is'}"
        raise Refused(f"{many} due and not handed over: {named}{more}; > and m packs them, or make or move them.")
    return shift


def _not_handed_over(tx: Tx, shift: Row[Any]) -> list[Row[Any]]:
    due = callback_rows.waiting(tx, shift.ends_at, callback_rows.OWNER.in_((tx.actor.id,)))
    packed = select(LINE.c.subject_id).where(
        LINE.c.company == PACK.c.company, LINE.c.handover_id == PACK.c.id, LINE.c.kind == "callback",
        LINE.c.from_staff == tx.actor.id,
        LINE.c.accepted_by.is_(None) | (LINE.c.accepted_by != tx.actor.id),
    )  # fmt: skip
    since = packed.where(PACK.c.company == tx.company, PACK.c.made_at >= shift.starts_at)
    handed = {row.subject_id for row in tx.rows(since)}
    return [row for row in due if row.id not in handed]
