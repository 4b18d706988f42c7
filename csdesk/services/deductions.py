"""Working a deduction: code it, take it, gather evidence, decide what of it is valid, and settle it: credited, written
off or billed back. Every step can be taken back within its hold by who made it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Command, DisputeEvidence, OpenItem, table
from csdesk.money import show
from csdesk.rules import disputes
from csdesk.rules.credit_notes import LineCredit
from csdesk.services import (
    allocating,
    audit,
    credits,
    customers,
    deduction_limits,
    deduction_notes,
    dispute_steps,
    memory,
    one_credit,
    reasons,
    writing_off,
)
from csdesk.services.as_of import disputed_at as disputed_at
from csdesk.services.dispute_steps import REQUEST, step
from csdesk.services.tx import Tx, writes

ITEM, EVIDENCE, COMMAND = table(OpenItem), table(DisputeEvidence), table(Command)
EVIDENCE_KINDS = {"pod": "proof of delivery", "mail": "e-mail", "photo": "photo", "letter": "letter",
                  "call": "telephone", "other": "other"}  # fmt: skip
_AS_STEP = "as at step "
_KEPT = ("state", "reason", "owner_id", "valid", "deadline_on", "request_id", "closed_at")


@dataclass(frozen=True)
class Worked:
    """What a step did, in one sentence, and the state after it."""

    id: int
    state: str
    words: str


@writes("dispute.resolve")
def code(tx: Tx, dispute_id: int, letter: str, call_id: int | None = None) -> Worked:
    """Gives a deduction its reason, or another one; the deadline follows the reason. Raises Invalid for no such reason,
    Refused once it is decided (take it first)."""
    row, day = _held(tx, dispute_id)
    reason = reasons.reason_of(tx, letter, "short")
    event = "code" if row.state == "unidentified" else "recode"
    after = step(
        tx, row, event, day, note=reason.code, state=disputes.move_deduction(row.state, event), reason=reason.code,
        deadline_on=dispute_steps.deadline(tx, row.account_id, _raised(tx, row), reason.code),
    )  # fmt: skip
    return _done(tx, "code", row, after, f"is {reason.name}, to be solved by {after.deadline_on:%a %d %b}", call_id)


@writes("dispute.resolve")
def take(tx: Tx, dispute_id: int, call_id: int | None = None) -> Worked:
    """Takes a deduction into research, in the hands of who takes it; what was decided is open to decide anew, what is
    closed is in dispute again, and of one credited in part the rest. Raises Refused for one without a reason yet, while
    a request about it waits, or with nothing left to dispute."""
    row, day = _held(tx, dispute_id)
    event = "reopen" if row.closed_at is not None or row.state in dispute_steps.SETTLED else "research"
    state = row.state
    if row.closed_at is not None:
        deduction_limits.left(tx, row)
    if state != "in_research":
        state = disputes.move_deduction(state, event)
    elif row.owner_id == tx.actor.id:
        raise Refused(f"Deduction {row.number} is in your hands already.")
    deduction_notes.decided(tx, row)
    after = step(tx, row, event, day, state=state, owner_id=tx.actor.id, closed_at=None, valid=None, request_id=None)
    return _done(tx, "take", row, after, f"is with {tx.actor.name}", call_id)


@writes("dispute.resolve")
def decide(
    tx: Tx, dispute_id: int, verdict: str, amount: int | None = None, note: str = "", call_id: int | None = None
) -> Worked:
    """Decides that a deduction is "valid", "invalid" or valid in "part" (`amount`, minor units, below what is open).

    From coded it goes through research on the way. Raises Invalid for a verdict or amount that cannot be, Refused where
    the state does not allow it.
    """
    row, day = _held(tx, dispute_id, deciding=True)
    event = deduction_limits.checked_verdict(row, verdict, amount)
    valid = {"valid": row.open, "invalid": 0, "part": amount}[verdict]
    now = row
    if row.state == "coded":
        now = step(tx, row, "research", day, state=disputes.move_deduction(row.state, "research"),
                   owner_id=tx.actor.id)  # fmt: skip
    after = step(tx, now, event, day, note=note, valid=valid, state=disputes.move_deduction(now.state, event))
    words = f"is {verdict}" + (f": {show(valid or 0, row.currency)} {row.currency}" if verdict == "part" else "")
    return _done(tx, "decide", row, after, words, call_id)


@writes("dispute.resolve")
def evidence(tx: Tx, dispute_id: int, kind: str, reference: str, note: str = "", call_id: int | None = None) -> Worked:
    """Adds what speaks for or against a deduction: a kind of EVIDENCE_KINDS, its reference (number, file), a note. It
    stands once written. Raises Invalid for another kind or no reference."""
    row = _locked(tx, dispute_id)
    if kind.lower() not in EVIDENCE_KINDS:
        raise Invalid(f"'{kind}' is no kind of evidence; there are {', '.join(EVIDENCE_KINDS)}.", field="kind")
    if not reference.strip():
        raise Invalid("Which one? e pod 12345 names a proof of delivery by its number.", field="reference")
    tx.do(insert(EVIDENCE), {
        "company": tx.company, "id": new_id(), "dispute_id": row.id, "kind": kind.lower(),
        "reference": reference.strip()[:200], "note": note.strip()[:500], "at": tx.now, "by": tx.actor.id,
    })  # fmt: skip
    told = {"kind": kind.lower(), "reference": reference.strip(), "note": note.strip()}
    audit.record(tx, "deductions.evidence", "dispute", row.id, None, told)
    what = f"{EVIDENCE_KINDS[kind.lower()]} {reference.strip()}"
    return Worked(row.id, row.state, f"Deduction {row.number}: {what} noted.")


@writes("dispute.resolve")
def credit(
    tx: Tx, dispute_id: int, wanted: tuple[LineCredit, ...], note: str = "", call_id: int | None = None
) -> Worked:
    """Asks for the credit of a valid deduction, on lines of its invoice and for its reason; once it is posted the
    deduction is credited. Needs the duty to ask for a credit too. Raises Refused as `credits.ask`, for more (gross)
    than was found valid and is open still, and for a reason that is not credited by lines."""
    tx.need("credit.request")
    row, day = _held(tx, dispute_id, deciding=True)
    head, reason = credited_on(tx, row)
    made = credits.place(tx, head, wanted, reason, note, row.number)
    deduction_limits.within(row, made.amount)
    dispute_steps.tie(tx, made.id, row.id)
    after = step(tx, row, "request", day, note=made.number, request_id=made.id)
    return _done(tx, "credit", row, after, f"asks its credit; {made.words.rstrip('.')}", call_id, request=made.id)


@writes("dispute.resolve")
def link(tx: Tx, dispute_id: int, number: str, call_id: int | None = None) -> Worked:
    """Says that a credit request, made already, settles a valid deduction. Raises NotFound for no such request of the
    account that waits or is posted, Refused for one that settles another deduction, and as `one_credit.linked`."""
    row, day = _held(tx, dispute_id, deciding=True)
    item = _creditable(tx, row)
    found = tx.row(
        select(REQUEST).where(
            REQUEST.c.company == tx.company, REQUEST.c.number == number.strip(), REQUEST.c.account_id == row.account_id,
            REQUEST.c.kind.in_(("credit_note", "goodwill_credit")), REQUEST.c.state.in_(sorted(dispute_steps.LIVE)),
        )
    )  # fmt: skip
    if found is None:
        raise NotFound(f"No credit request {number.strip()} of this account waits or is posted.", field="number")
    if (other := dispute_steps.of_request(tx, found.id)) is not None:
        raise Refused(f"Request {found.number} settles deduction {other.number} already.")
    one_credit.linked(tx, row, item, found)
    dispute_steps.tie(tx, found.id, row.id)
    step(tx, row, "request", day, note=found.number, request_id=found.id)
    applied = deduction_notes.settled(tx, found.id) if found.state == "posted" else []
    after = dispute_steps.get(tx, row.id)
    return _done(tx, "link", row, after, f"is settled by request {found.number}", call_id, applied=applied)


def credited_on(tx: Tx, row: Row[Any]) -> tuple[Row[Any], reasons.ReasonView]:
    """The invoice a deduction may be credited on by lines now, and the reason. Raises Refused."""
    item = _creditable(tx, row)
    if item.source != "document" or item.kind != "invoice":
        raise Refused(f"{item.number} is no invoice; name a credit request that settles it instead: a26000004.")
    reason = next((each for each in reasons.for_use(tx, "credit") if each.code == row.reason), None)
    if reason is None:
        raise Refused("This reason is not credited by lines; recode it (r), or name a credit request: a26000004.")
    return credits.head_of(tx, item.source_id), reason


def _creditable(tx: Tx, row: Row[Any]) -> Row[Any]:
    """The item of a deduction that may be credited now."""
    disputes.move_deduction(row.state, "credit")
    if (waits := dispute_steps.live_request(tx, row)) is not None:
        raise Refused(f"Request {waits.number} settles deduction {row.number} already ({waits.state}).")
    item = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == row.item_id))
    assert item is not None
    return item


@writes("dispute.resolve")
def bill_back(tx: Tx, dispute_id: int, note: str = "", call_id: int | None = None) -> Worked:
    """Bills back what is open of a deduction that is not (wholly) valid: out of dispute and due again, so that
    reminders go on. Raises Refused while a credit of it waits, or its note is taken off the item again, and where the
    state does not allow it."""
    row, day = _held(tx, dispute_id, deciding=True)
    deduction_notes.decided(tx, row)
    billed = step(tx, row, "bill_back", day, note=note, state=disputes.move_deduction(row.state, "bill_back"))
    after = step(tx, billed, "close", day, state=disputes.move_deduction(billed.state, "close"), closed_at=tx.now)
    rest = f"{show(row.open, row.currency)} {row.currency}"
    return _done(tx, "bill_back", row, after, f"is billed back, {rest} due again", call_id)


@writes("dispute.resolve")
def write_off(tx: Tx, dispute_id: int, letter: str, note: str = "", call_id: int | None = None) -> Worked:
    """Asks that what is open of a deduction be written off, of one credited in part the rest; once posted it is written
    off. Needs the duty to ask for a write-off too. Raises Refused as `bill_back`, and when more is open of the item."""
    tx.need("writeoff.request")
    row, day = _held(tx, dispute_id, deciding=True)
    disputes.move_deduction(row.state, "write_off")
    deduction_notes.decided(tx, row)
    item = tx.row(select(ITEM).where(ITEM.c.company == tx.company, ITEM.c.id == row.item_id))
    assert item is not None
    if item.open != row.open:
        raise Refused(f"More is open of {item.number} than is in dispute; it is not written off as a deduction.")
    made = writing_off.place(tx, row.item_id, letter, note or f"Deduction {row.number}", "deduction_write_off")
    dispute_steps.tie(tx, made.id, row.id)
    after = step(tx, row, "request", day, note=made.number, request_id=made.id)
    return _done(tx, "write_off", row, after, made.words.rstrip("."), call_id, request=made.id)


@writes("dispute.resolve")
def take_back(tx: Tx, dispute_id: int) -> Worked:
    """Takes one's own last step on a deduction back within its hold. Raises Refused when there is none."""
    mine = (
        select(COMMAND)
        .where(
            COMMAND.c.company == tx.company, COMMAND.c.staff_id == tx.actor.id, COMMAND.c.verb.like("deductions.%"),
            COMMAND.c.undone_at.is_(None), COMMAND.c.hold_until >= tx.now,
        )
        .order_by(COMMAND.c.id.desc())
    )  # fmt: skip
    for row in tx.rows(mine):
        payload = json.loads(row.undo)
        if payload["dispute"] == dispute_id:
            words = undone(tx, payload)
            mark = update(COMMAND).where(COMMAND.c.company == tx.company, COMMAND.c.id == row.id)
            tx.do(mark.values(undone_at=tx.now))
            audit.record(tx, "deductions.take_back", "dispute", dispute_id, {"words": row.words}, {"undone": words})
            return Worked(dispute_id, dispute_steps.get(tx, dispute_id).state, f"Undone: {words}.")
    raise Refused("There is no step of yours on this deduction that can be taken back; t takes it to decide anew.")


def undone(tx: Tx, payload: Mapping[str, Any]) -> str:
    """Takes a step back as it was remembered; gives words. Raises Refused when the deduction went on since, or its
    request is decided."""
    row, day = _held(tx, payload["dispute"])
    if _standing(tx, row) != payload["version"]:
        raise Refused(f"Deduction {row.number} went on since; it cannot be taken back any more.")
    if payload.get("request"):
        credits.withdraw(tx, payload["request"])
    if payload.get("applied"):
        allocating.take_back(tx, payload["applied"], day)
        row = dispute_steps.get(tx, row.id, lock=True)
    before = dict(payload["before"])
    if row.request_id not in (None, before["request_id"]):
        dispute_steps.tie(tx, row.request_id, None)
    for name, read in (("deadline_on", date.fromisoformat), ("closed_at", datetime.fromisoformat)):
        before[name] = read(before[name]) if before[name] else None
    step(tx, row, "undo", day, note=f"{_AS_STEP}{payload['base']}", **before)
    return f"deduction {row.number} is {before['state'].replace('_', ' ')} as before"


def _locked(tx: Tx, dispute_id: int) -> Row[Any]:
    row = dispute_steps.get(tx, dispute_id)
    customers.trading(tx, row.customer_id, lock=True)
    return dispute_steps.get(tx, dispute_id, lock=True)


def _held(tx: Tx, dispute_id: int, deciding: bool = False) -> tuple[Row[Any], date]:
    """The deduction under lock and the customer's local day. Raises Refused when the actor may not decide about it."""
    row = _locked(tx, dispute_id)
    if deciding:
        deduction_limits.may_decide(tx, row)
    return row, customers.trading(tx, row.customer_id).local(tx.now).date()


def _raised(tx: Tx, row: Row[Any]) -> date:
    raised: date = dispute_steps.events(tx, row.id)[0].on
    return raised


def _standing(tx: Tx, row: Row[Any]) -> int:
    """The step a deduction stands at: what was taken back leads to the step before it, so that one may go on back."""
    event = dispute_steps.events(tx, row.id)[row.version - 1]
    return int(event.note.removeprefix(_AS_STEP)) if event.event == "undo" else int(event.version)


def _done(
    tx: Tx, verb: str, before: Row[Any], after: Row[Any], words: str, call_id: int | None, request: int = 0,
    applied: Sequence[int] = (),
) -> Worked:  # fmt: skip
    """Remembers and audits a step; gives its sentence."""
    kept = {name: getattr(before, name) for name in _KEPT}
    kept = {name: each.isoformat() if hasattr(each, "isoformat") else each for name, each in kept.items()}
    undo = {"do": "undeduct", "dispute": before.id, "version": after.version,
            "base": _standing(tx, before), "before": kept, "request": request, "applied": list(applied)}  # fmt: skip
    hold = customers.trading(tx, before.customer_id).hold_seconds
    text = f"Deduction {before.number} {words}"
    memory.remember(tx, call_id, f"deductions.{verb}", text, undo, hold)
    told = [{"state": row.state, "reason": row.reason, "valid": row.valid, "open": row.open} for row in (before, after)]
    audit.record(tx, f"deductions.{verb}", "dispute", before.id, *told)
    return Worked(before.id, after.state, f"{text}.")
