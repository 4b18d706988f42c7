"""Callbacks: made, tried, kept, moved, cancelled, and broken by the clock. Every step is audited, every attempt stays.

`callback_lists` shows them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, and_, insert, or_, select, update

from csdesk.errors import Invalid, Refused
from csdesk.ids import new_id
from csdesk.models import CallbackAttempt, table
from csdesk.rules import callbacks as rule
from csdesk.rules.callbacks import Window
from csdesk.rules.delivery import day_words
from csdesk.services import audit, callback_tickets, callback_undo, calls, collecting, customers, memory, seeing
from csdesk.services.callback_rows import CALLBACK, alone, get, number_of, state, window
from csdesk.services.customers import Trading
from csdesk.services.tx import Tx, reads, writes

ATTEMPT = table(CallbackAttempt)
MOST_ABOUT = 200
CALLING = "promise.take"  # the duty of whoever promises, moves or cancels a call


@dataclass(frozen=True)
class Stepped:
    """A step of a callback: its state now, and what was done in one sentence."""

    id: int
    state: str
    words: str


def spoken_window(opens: datetime, until: datetime | None, zone: str, now: datetime) -> str:
    """A window on the customer's clock: "Tue 03 Mar 15:00" or "Tue 03 Mar 15:00-16:00"; of another year with it."""
    here = ZoneInfo(zone)
    end = f"-{until.astimezone(here):%H:%M}" if until is not None else ""
    at = opens.astimezone(here)
    return f"{day_words(at, now.astimezone(here))} {at:%H:%M}{end}"


@reads("customer.read")
def preview(tx: Tx, customer_id: int, when: str, about: str, phone: str = "") -> str:
    """What promising a callback would note. Raises like the act."""
    who = customers.trading(tx, customer_id)
    found = _meant(tx, who, when, about)
    return f"calls back {_words(tx, who, found, about, phone)}"


@writes(CALLING)
def make(
    tx: Tx, call_id: int, when: str, about: str, ticket_id: int | None = None, owner_id: int | None = None
) -> Stepped:
    """Promises the caller a callback: at his number, in a window on his own clock ("15", "15-16", "mon10", see
    `rules.callbacks.typed_window`), owned by the actor unless another is named, perhaps about a ticket of his.

    Raises Invalid for a time that cannot be or no topic, Refused while nobody is on the call and for a ticket that is
    over, NotFound for one of somebody else.
    """
    call = calls.own(tx, call_id)
    if call.customer_id is None:
        raise Refused("Nobody is on this call yet; find the caller first.")
    who = customers.trading(tx, call.customer_id)
    found = _meant(tx, who, when, about)
    callback_tickets.check(tx, ticket_id, who)
    phone = call.phone or number_of(tx, who.id)
    callback = add(tx, who.id, found, about, phone, ticket_id, owner_id)
    callback_tickets.tell(tx, ticket_id, "callback_promised", callback, found)
    words = f"Callback promised: {_words(tx, who, found, about, phone)}"
    memory.remember(tx, call.id, "callbacks.make", words, {"do": "uncallback", "callback": callback}, who.hold_seconds)
    audit.record(tx, "callbacks.make", "callback", callback, None,
                 {"due": found.opens, "until": found.until, "about": about.strip(), "phone": phone,
                  "ticket": ticket_id})  # fmt: skip
    return Stepped(callback, "promised", f"{words}.")


def _meant(tx: Tx, who: Trading, when: str, about: str) -> Window:
    if not about.strip():
        raise Invalid("Say what it is about: b15 and the topic.", field="about")
    return rule.typed_window(when, tx.now, who.timezone)


def _words(tx: Tx, who: Trading, found: Window, about: str, phone: str) -> str:
    number = phone or number_of(tx, who.id)
    at = f" at {number}" if number else ""
    return f"{spoken_window(found.opens, found.until, who.timezone, tx.now)}{at} about {about.strip()}"


def add(
    tx: Tx, customer_id: int, found: Window, about: str, phone: str, ticket_id: int | None = None,
    owner_id: int | None = None,
) -> int:  # fmt: skip
    """Stores a new callback, as part of an act that is audited itself; gives its id. Internal."""
    callback = new_id()
    tx.do(insert(CALLBACK), {
        "company": tx.company, "id": callback, "customer_id": customer_id, "staff_id": tx.actor.id,
        "due_at": found.opens, "until_at": found.until, "about": about.strip()[:MOST_ABOUT], "phone": phone[:60],
        "made_at": tx.now, "owner_id": owner_id or tx.actor.id, "ticket_id": ticket_id, "state": "promised",
        "moved_ours": False, "version": 1,
    })  # fmt: skip
    return callback


def drop(tx: Tx, callback_id: int) -> str:
    """Takes a callback back that was promised a moment ago. Raises Conflict once it is done, or others had it in their
    hands. Internal: undo."""
    row = get(tx, callback_id, lock=True)
    alone(tx, row)
    _write(tx, row, state=rule.after(row.state, "cancel"), done_at=tx.now)
    callback_tickets.tell(tx, row.ticket_id, "callback_cancelled", row.id)
    return f"callback about {row.about} taken back"


@writes("customer.read")
def attempt(tx: Tx, callback_id: int, why: str) -> Stepped:
    """Nobody was reached: the attempt stands with its outcome (read from the words: engaged, message left, wrong
    number, else no answer) and in the contact log, the callback stays due.

    Raises Invalid without words, Refused for one that is done and for who never has a call in his hands.
    """
    _calls(tx)
    if not why.strip():
        raise Invalid("Say what happened: n and the words, then Enter.", field="reason")
    row = _open(tx, callback_id)
    was = callback_undo.before(tx, row)
    after = rule.after(state(row, tx.now), "attempt")
    outcome = rule.outcome_of(why)
    _tried(tx, row, outcome, why)
    _write(tx, row, state=after)
    words = f"Not reached about {row.about}: {why.strip()}"
    collecting.note(tx, customers.trading(tx, row.customer_id).account.id, "call", words, "callback", row.id)
    callback_undo.remember(tx, "callbacks.attempt", words, row, was, tried=rule.UNTRIED)
    audit.record(tx, "callbacks.attempt", "callback", row.id, {"state": row.state},
                 {"state": after, "outcome": outcome, "why": why.strip()})  # fmt: skip
    return Stepped(row.id, after, f"{words}. It stays in the queue.")


@reads("customer.read")
def preview_keep(tx: Tx, callback_id: int) -> str:
    """What saying that the customer was spoken to would do. Raises like the act."""
    _calls(tx)
    row = get(tx, callback_id)
    if row.done_at is not None:
        return f"the callback to {row.code} was made already; the customer opens"
    late = "; too late, it stays broken" if rule.after(state(row, tx.now), "speak") == "broken" else ""
    return f"notes that {row.code} {row.name} was spoken to about {row.about}{late}; the customer opens"


@writes("customer.read")
def keep(tx: Tx, callback_id: int, call_id: int | None = None) -> Stepped:
    """The customer was spoken to: the callback is done; kept when that was by the end of its window, else broken. On
    its ticket it is an answered call. On a call it is that call's last command.

    Done already, nothing changes. Raises Refused for who never has a call in his hands.
    """
    _calls(tx)
    row = get(tx, callback_id, lock=True)
    if row.done_at is not None:
        return Stepped(row.id, row.state, f"The callback to {row.code} was made already.")
    was = callback_undo.before(tx, row)
    after = rule.after(state(row, tx.now), "speak")
    _tried(tx, row, rule.SPOKE, "")
    _write(tx, row, state=after, done_at=tx.now)
    callback_tickets.tell(tx, row.ticket_id, "callback_kept", row.id)
    callback_tickets.answered(tx, row)
    words = f"Callback to {row.code} {row.name}: {row.about}"
    callback_undo.remember(tx, "callbacks.keep", words, row, was, tried=rule.UNTRIED, call_id=call_id)
    audit.record(tx, "callbacks.keep", "callback", row.id, {"state": row.state, "done": None},
                 {"state": after, "done": tx.now, "about": row.about})  # fmt: skip
    return Stepped(row.id, after, f"{words}.")


@reads("customer.read")
def preview_move(tx: Tx, callback_id: int, when: str, by_customer: bool) -> str:
    """What moving a callback would do. Raises like the act."""
    row = _open(tx, callback_id, lock=False)
    zone = customers.timezone_of(tx, row.customer_id)
    found = rule.typed_window(when, tx.now, zone)
    counts = rule.moved_counts(row.state, window(row), tx.now, not by_customer)
    who = "as the customer wishes" if by_customer else "by us"
    return f"moves it to {spoken_window(found.opens, found.until, zone, tx.now)}, {who}{'; counts as broken' * counts}"


@writes(CALLING)
def move(tx: Tx, callback_id: int, when: str, by_customer: bool = False) -> Stepped:
    """Another window, by us or as the customer wishes. By us once the old one is open, or whoever wishes it once that
    was broken, it counts as broken for good (`moved_ours`); the new window is judged by itself."""
    row = _open(tx, callback_id)
    before, zone = callback_undo.before(tx, row), customers.timezone_of(tx, row.customer_id)
    found = rule.typed_window(when, tx.now, zone)
    counts = row.moved_ours or rule.moved_counts(row.state, window(row), tx.now, not by_customer)
    after = rule.after(state(row, tx.now), "move")
    was = spoken_window(row.due_at, row.until_at, zone, tx.now)
    to = spoken_window(found.opens, found.until, zone, tx.now)
    _tried(tx, row, rule.THEIRS if by_customer else rule.OURS, f"from {was} to {to}")
    _write(tx, row, state=after, due_at=found.opens, until_at=found.until, moved_ours=counts)
    callback_tickets.tell(tx, row.ticket_id, "callback_moved", row.id, found, by_customer=by_customer)
    words = f"Callback to {row.code} moved to {to}"
    callback_undo.remember(tx, "callbacks.move", words, row, before, tried=rule.UNMOVED)
    audit.record(tx, "callbacks.move", "callback", row.id,
                 {"due": row.due_at, "until": row.until_at, "state": row.state},
                 {"due": found.opens, "until": found.until, "state": after, "by_customer": by_customer,
                  "counts_broken": counts})  # fmt: skip
    told = "; it counts as broken" if counts and not row.moved_ours else ""
    return Stepped(row.id, after, f"{words}{told}.")


@writes(CALLING)
def cancel(tx: Tx, callback_id: int, why: str) -> Stepped:
    """The call is wanted no longer. One that was broken before stays broken. Raises Invalid without a reason."""
    if not why.strip():
        raise Invalid("Say why: x and the reason, then Enter.", field="reason")
    row = _open(tx, callback_id)
    was, after = callback_undo.before(tx, row), rule.after(state(row, tx.now), "cancel")
    _write(tx, row, state=after, done_at=tx.now)
    callback_tickets.tell(tx, row.ticket_id, "callback_cancelled", row.id)
    words = f"Callback about {row.about} cancelled: {why.strip()}"
    collecting.note(tx, customers.trading(tx, row.customer_id).account.id, "note", words, "callback", row.id)
    callback_undo.remember(tx, "callbacks.cancel", words, row, was)
    audit.record(tx, "callbacks.cancel", "callback", row.id, {"state": row.state}, {"state": after, "why": why.strip()})
    return Stepped(row.id, after, f"{words}.")


@reads("posting.run")
def lapsed(tx: Tx, limit: int = 500) -> tuple[int, ...]:
    """Callbacks whose window is over and nobody was spoken to, not marked yet."""
    over = or_(
        CALLBACK.c.until_at < tx.now, and_(CALLBACK.c.until_at.is_(None), CALLBACK.c.due_at < tx.now - rule.USUAL)
    )
    statement = (
        select(CALLBACK.c.id)
        .where(
            CALLBACK.c.company == tx.company, CALLBACK.c.done_at.is_(None),
            CALLBACK.c.state.in_(("promised", "attempted")), over,
        )
        .order_by(CALLBACK.c.due_at, CALLBACK.c.id)
        .limit(limit)
    )  # fmt: skip
    return tuple(row.id for row in tx.rows(statement))


@writes("posting.run")
def lapse(tx: Tx, callback_id: int) -> str:
    """Marks a callback broken by the clock, once; '' when there is nothing to mark (yet or any more). It stays in the
    queue until it is made, moved or cancelled."""
    row = get(tx, callback_id, lock=True)
    if row.done_at is not None or not rule.lapsed(row.state, window(row), tx.now):
        return ""
    _write(tx, row, state=rule.after(row.state, "lapse"))
    audit.record(tx, "callbacks.lapse", "callback", row.id, {"state": row.state},
                 {"state": "broken", "since": window(row).end})  # fmt: skip
    zone = customers.timezone_of(tx, row.customer_id)
    return f"Callback to {row.code} {row.name} of {spoken_window(row.due_at, row.until_at, zone, tx.now)}: broken."


def hand(tx: Tx, callback_id: int, staff_id: int) -> None:
    """Puts a callback into somebody's hands, as part of an act that is audited itself. Internal."""
    row = get(tx, callback_id, lock=True)
    if row.done_at is None:
        _write(tx, row, owner_id=staff_id)


def _calls(tx: Tx) -> None:
    """Raises Refused for who neither takes promises nor works or leads tickets: no callback comes into his hands."""
    if not any(tx.actor.may(duty) for duty in (CALLING, seeing.WORK, seeing.LEAD)):
        tx.need(CALLING)


def _open(tx: Tx, callback_id: int, lock: bool = True) -> Row[Any]:
    row = get(tx, callback_id, lock)
    if row.done_at is not None:
        raise Refused(f"The callback to {row.code} is done already; q shows those that wait.")
    return row


def _tried(tx: Tx, row: Row[Any], outcome: str, note: str) -> None:
    tx.do(insert(ATTEMPT), {
        "company": tx.company, "id": new_id(), "callback_id": row.id, "outcome": outcome, "note": note.strip()[:500],
        "at": tx.now, "by": tx.actor.id,
    })  # fmt: skip


def _write(tx: Tx, row: Row[Any], **values: Any) -> None:
    """Changes a callback that is held locked."""
    mine = update(CALLBACK).where(CALLBACK.c.company == tx.company, CALLBACK.c.id == row.id)
    tx.do(mine.values(version=CALLBACK.c.version + 1, **values))
