"""Calls: begin, identify, park, switch, note, end; the half-typed text of each is stored with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.ids import new_id
from csdesk.models import Call, Customer, Draft, Ringing, Staff, table
from csdesk.services import audit
from csdesk.services.tx import Tx, reads, writes

CALL, CUSTOMER, RINGING, STAFF = table(Call), table(Customer), table(Ringing), table(Staff)
DRAFT = table(Draft)
SLOTS = 9
WRAP_UPS = {"o": "order", "a": "amend", "q": "enquiry", "c": "complaint", "m": "money", "w": "wrong-number"}


@dataclass(frozen=True)
class CallView:
    """A call of the rep: its number, who is on it, what is typed, what is shown."""

    id: int
    slot: int
    active: bool
    customer_id: int | None
    customer_name: str
    phone: str
    started_at: datetime
    prompt: str
    view: str
    draft_id: int | None
    wrap_up: str
    note: str


@dataclass(frozen=True)
class RingingView:
    """A call that rings."""

    id: int
    phone: str
    at: datetime


_CALL = select(CALL).where(CALL.c.company == bindparam("c"), CALL.c.id == bindparam("id"))
_KEEP = (
    update(CALL)
    .where(CALL.c.company == bindparam("c"), CALL.c.id == bindparam("i"), CALL.c.staff_id == bindparam("s"))
    .where(CALL.c.ended_at.is_(None))
    .values(prompt=bindparam("p"), view=bindparam("v"))
)
_SET_DRAFT = (
    update(CALL).where(CALL.c.company == bindparam("c"), CALL.c.id == bindparam("i")).values(draft_id=bindparam("d"))
)


def get(tx: Tx, call_id: int) -> Row[tuple[Any, ...]]:
    """The bare row of an open call of this rep. Raises NotFound."""
    row = own(tx, call_id)
    if row.ended_at is not None:
        raise NotFound("This call has ended; find the caller again.")
    return row


def own(tx: Tx, call_id: int) -> Row[tuple[Any, ...]]:
    """The bare row of a call of this rep, open or over. Raises NotFound."""
    row = tx.row(_CALL, {"c": tx.company, "id": call_id})
    if row is None or (tx.actor.id and row.staff_id != tx.actor.id):
        raise NotFound("This call is not yours or is gone; find the caller again.")
    return row


def set_draft(tx: Tx, call_id: int, draft_id: int | None) -> None:
    """Points a call at its draft."""
    tx.do(_SET_DRAFT, {"c": tx.company, "i": call_id, "d": draft_id})


def hand(tx: Tx, draft_id: int, from_staff: int) -> None:
    """Puts the open call a draft is on, with it, parked onto the actor's desk, as part of an act that is audited
    itself. One that has ended, or is in other hands by now, stays. Raises Refused when all numbers are in use."""
    on = select(CALL).where(CALL.c.company == tx.company, CALL.c.draft_id == draft_id, CALL.c.staff_id == from_staff)
    call = tx.row(on.where(CALL.c.ended_at.is_(None)).limit(1))
    if call is None or from_staff == tx.actor.id:
        return
    _lock_desk(tx)
    mine_now = update(CALL).where(CALL.c.company == tx.company, CALL.c.id == call.id, CALL.c.staff_id == from_staff)
    tx.do(mine_now.values(staff_id=tx.actor.id, slot=_free_slot(tx), active=False))
    draft = update(DRAFT).where(DRAFT.c.company == tx.company, DRAFT.c.id == draft_id)
    tx.do(draft.values(staff_id=tx.actor.id))


def _free_slot(tx: Tx) -> int:
    taken = {call.slot for call in mine(tx)}
    slot = next((number for number in range(1, SLOTS + 1) if number not in taken), None)
    if slot is None:
        raise Refused(f"You have {SLOTS} calls open; end one with F8 first.")
    return slot


@reads("customer.read")
def mine(tx: Tx) -> tuple[CallView, ...]:
    """The rep's open calls by number."""
    statement = (
        select(CALL, CUSTOMER.c.name)
        .join(CUSTOMER, (CUSTOMER.c.company == CALL.c.company) & (CUSTOMER.c.id == CALL.c.customer_id), isouter=True)
        .where(CALL.c.company == tx.company, CALL.c.staff_id == tx.actor.id, CALL.c.ended_at.is_(None))
        .order_by(CALL.c.slot)
    )
    return tuple(
        CallView(
            r.id, r.slot, r.active, r.customer_id, r.name or "", r.phone, r.started_at, r.prompt, r.view, r.draft_id,
            r.wrap_up, r.note,
        )
        for r in tx.rows(statement)
    )  # fmt: skip


@writes("customer.read")
def begin(tx: Tx, phone: str = "", ringing_id: int | None = None) -> CallView:
    """Opens a call and makes it the active one. Raises Refused when all numbers are in use."""
    _lock_desk(tx)
    slot = _free_slot(tx)
    _deactivate(tx)
    call_id = new_id()
    row = {
        "company": tx.company,
        "id": call_id,
        "staff_id": tx.actor.id,
        "slot": slot,
        "active": True,
        "phone": phone[:60],
        "started_at": tx.now,
    }
    tx.do(insert(CALL), row)
    if ringing_id is not None:
        done = update(RINGING).where(
            RINGING.c.company == tx.company, RINGING.c.id == ringing_id, RINGING.c.staff_id == tx.actor.id
        )
        tx.do(done.values(taken_at=tx.now))
    audit.record(tx, "calls.begin", "call", call_id, None, {"slot": slot, "phone": phone})
    return _view(tx, call_id)


def _view(tx: Tx, call_id: int) -> CallView:
    found = next((call for call in mine(tx) if call.id == call_id), None)
    if found is None:
        raise NotFound("This call has ended; find the caller again.")
    return found


def _lock_desk(tx: Tx) -> None:
    """Lets one window of a rep at a time open and switch calls, so that no number is given twice."""
    if tx.postgres:
        mine_ = select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.id == tx.actor.id)
        tx.do(mine_.with_for_update(key_share=True))


def _deactivate(tx: Tx) -> None:
    mine_now = update(CALL).where(CALL.c.company == tx.company, CALL.c.staff_id == tx.actor.id)
    tx.do(mine_now.where(CALL.c.ended_at.is_(None), CALL.c.active.is_(True)).values(active=False))


@writes("customer.read")
def identify(tx: Tx, call_id: int, customer_id: int) -> CallView:
    """Says who is on the call. Raises Refused while a draft for another customer is open on it."""
    row = get(tx, call_id)
    if row.draft_id is not None and row.customer_id != customer_id:
        raise Refused("A draft of another customer is open on this call; commit it or leave it first (F12).")
    known = select(CUSTOMER.c.id).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == customer_id)
    if tx.value(known) is None:
        raise NotFound("This customer no longer exists; find the caller again.", field="text")
    chosen = update(CALL).where(CALL.c.company == tx.company, CALL.c.id == call_id)
    tx.do(chosen.values(customer_id=customer_id, prompt="", view=""))
    before = {"customer": row.customer_id}
    audit.record(tx, "calls.identify", "call", call_id, before, {"customer": customer_id})
    return _view(tx, call_id)


@writes()
def keep(tx: Tx, call_id: int, prompt: str, view: str) -> None:
    """Stores the half-typed text and what is shown of the rep's own call; no business fact, so no audit entry."""
    tx.do(_KEEP, {"c": tx.company, "i": call_id, "s": tx.actor.id, "p": prompt, "v": view[:200]})


@writes("customer.read")
def switch(tx: Tx, slot: int | None) -> CallView | None:
    """Makes the call of that number the active one; None parks all. Raises NotFound."""
    _lock_desk(tx)
    calls = mine(tx)
    chosen = next((call for call in calls if call.slot == slot), None)
    if slot is not None and chosen is None:
        have = ", ".join(str(call.slot) for call in calls) or "none"
        raise NotFound(f"There is no call {slot}; open calls: {have}.", field="call")
    _deactivate(tx)
    if chosen is not None:
        tx.do(update(CALL).where(CALL.c.company == tx.company, CALL.c.id == chosen.id).values(active=True))
    audit.record(tx, "calls.switch", "call", chosen.id if chosen else 0, None, {"slot": slot})
    return _view(tx, chosen.id) if chosen else None


@writes("desk.act")
def note(tx: Tx, call_id: int, text: str) -> str:
    """Adds a note to the call; it stands in the customer's history afterwards."""
    row = get(tx, call_id)
    if not text.strip():
        raise Invalid("A note needs words: m and what was said.")
    whole = f"{row.note}; {text.strip()}" if row.note else text.strip()
    tx.do(update(CALL).where(CALL.c.company == tx.company, CALL.c.id == call_id).values(note=whole[:2000], prompt=""))
    audit.record(tx, "calls.note", "call", call_id, {"note": row.note}, {"note": whole[:2000]})
    return "Noted."


@writes("desk.act")
def code(tx: Tx, call_id: int, letter: str) -> str:
    """Codes what the call was about (wrap-up). Raises Invalid with the letters there are."""
    wrap_up = WRAP_UPS.get(letter.lower())
    if wrap_up is None:
        raise Invalid(f"'{letter}' is no wrap-up; there are {', '.join(f'{k} {v}' for k, v in WRAP_UPS.items())}.")
    row = get(tx, call_id)
    tx.do(update(CALL).where(CALL.c.company == tx.company, CALL.c.id == call_id).values(wrap_up=wrap_up))
    audit.record(tx, "calls.code", "call", call_id, {"wrap_up": row.wrap_up}, {"wrap_up": wrap_up})
    return f"This call is about: {wrap_up}."


@writes("customer.read")
def end(tx: Tx, call_id: int) -> str:
    """Ends a call. Raises Refused while a draft with lines is open on it."""
    row = get(tx, call_id)
    if row.draft_id is not None:
        raise Refused(
            "This call has a draft; commit it with . or leave it with F12 (<cancel> in line mode), then end the call."
        )
    wrap_up = row.wrap_up or ("enquiry" if row.customer_id else "no-caller")
    ended = update(CALL).where(CALL.c.company == tx.company, CALL.c.id == call_id)
    tx.do(ended.values(ended_at=tx.now, active=False, wrap_up=wrap_up, prompt="", view=""))
    audit.record(tx, "calls.end", "call", call_id, None, {"wrap_up": wrap_up})
    minutes, seconds = divmod(int((tx.now - row.started_at).total_seconds()), 60)
    return f"Call {row.slot} ended after {minutes}:{seconds:02d} ({wrap_up})."


@writes()
def ring(tx: Tx, login: str, phone: str) -> RingingView:
    """Lets a call ring at a rep's desk. Raises NotFound for an unknown login."""
    staff = tx.value(select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.login == login))
    if staff is None:
        raise NotFound(f"Nobody here has the login {login}.")
    row = {"company": tx.company, "id": new_id(), "staff_id": staff, "phone": phone[:60], "at": tx.now}
    tx.do(insert(RINGING), row)
    audit.record(tx, "calls.ring", "call", row["id"], None, {"login": login, "phone": phone})
    return RingingView(row["id"], row["phone"], tx.now)


@reads()
def ringing(tx: Tx) -> RingingView | None:
    """The oldest call that rings at this rep's desk and is not taken."""
    statement = (
        select(RINGING)
        .where(RINGING.c.company == tx.company, RINGING.c.staff_id == tx.actor.id, RINGING.c.taken_at.is_(None))
        .order_by(RINGING.c.id)
        .limit(1)
    )
    row = tx.row(statement)
    return None if row is None else RingingView(row.id, row.phone, row.at)
