"""Callbacks as they are shown: one whole, those in one's hands, those in nobody's, those a message makes needless."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, select

from csdesk.models import Promise, table
from csdesk.rules import callbacks as rule
from csdesk.services import callback_rows, callbacks, collecting, customers, rosters, seeing
from csdesk.services.callback_rows import CALLBACK, Hands
from csdesk.services.ticket_steps import merged_in
from csdesk.services.tx import Tx, reads

PROMISE = table(Promise)
LEADS = "ticket.lead"  # who has it sees the callbacks of nobody
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class CallbackRow:
    """A callback in a list: instants UTC; `words` say what it is about and, where it is not simply the owner's, why it
    stands there."""

    id: int
    customer_id: int
    customer: str
    due: datetime
    until: datetime | None
    phone: str
    about: str
    owner: str
    state: str
    words: str
    version: int
    staff_id: int | None = None  # in whose hands it is


@dataclass(frozen=True)
class AttemptView:
    """An attempt: when, on the customer's clock, by whom and what came of it."""

    at: datetime
    by: str
    outcome: str
    note: str


@dataclass(frozen=True)
class CallbackView:
    """A call to make: whom, at which number, when on the customer's clock, about what, what was tried.

    `strict` and `lenient`: kept by having spoken, by having tried in time; None while the window is not over.
    """

    id: int
    customer_id: int
    customer: str
    phone: str
    due: datetime
    about: str
    last: str
    until: datetime | None = None
    state: str = "promised"
    owner: str = ""
    promised_by: str = ""
    unowned: str = ""
    attempts: tuple[AttemptView, ...] = ()
    ticket_id: int | None = None
    of_promise: bool = False
    moved_ours: bool = False
    strict: bool | None = None
    lenient: bool | None = None


@reads("customer.read")
def whole(tx: Tx, callback_id: int) -> CallbackView:
    """A callback whole. Raises NotFound."""
    row = callback_rows.get(tx, callback_id)
    who = customers.trading(tx, row.customer_id)
    spoken = collecting.contacts(tx, who.account.id, 1)
    last = f"{who.local(spoken[0].at):%d %b} {spoken[0].by}: {spoken[0].words}" if spoken else ""
    tried = callback_rows.attempts(tx, row.id)
    strict, lenient = _measured(row, tried, tx.now)
    hands = callback_rows.hands(tx, [row])[row.id] if row.done_at is None else Hands(row.hands)
    now = callback_rows.state(row, tx.now)
    return CallbackView(
        row.id, row.customer_id, f"{row.code} {row.name}", row.phone or callback_rows.number_of(tx, row.customer_id),
        who.local(row.due_at), row.about, last, row.until_at and who.local(row.until_at),
        now if row.done_at else rule.told(now, callback_rows.window(row), tx.now), row.login or "",
        callback_rows.login(tx, row.staff_id), _whose(tx, hands),
        tuple(AttemptView(who.local(each.at), each.login or "the desk", each.outcome, each.note) for each in tried),
        row.ticket_id, _of_promise(tx, row.id), row.moved_ours, strict, lenient,
    )  # fmt: skip


def _measured(row: Row[Any], tried: Sequence[Row[Any]], now: datetime) -> tuple[bool | None, bool | None]:
    """Kept strictly and leniently, by what was tried since it was moved last; None while that is open."""
    tried = [tried[n] for n in rule.standing([each.outcome for each in tried])]
    moves = [n for n, each in enumerate(tried) if each.outcome in (rule.OURS, rule.THEIRS)]
    since = [(each.at, each.outcome) for each in tried[moves[-1] + 1 if moves else 0 :]]
    window = callback_rows.window(row)
    if row.moved_ours:
        return False, False
    if row.state == "cancelled" or (row.done_at is None and now <= window.end):
        return None, None
    return rule.strict(window, since), rule.lenient(window, since)


def _whose(tx: Tx, hands: Hands) -> str:
    """Why it is not simply its owner's: who stands in, or that nobody does."""
    if not hands.why:
        return ""
    stands_in = f"{callback_rows.login(tx, hands.staff_id)} stands in" if hands.staff_id is not None else "unowned"
    return f"{stands_in}: {hands.why}"


def _of_promise(tx: Tx, callback_id: int) -> bool:
    mine = select(PROMISE.c.id).where(PROMISE.c.company == tx.company, PROMISE.c.callback_id == callback_id)
    return tx.value(mine.limit(1)) is not None


@reads("customer.read")
def mine(tx: Tx, before: datetime, most: int = 50) -> tuple[CallbackRow, ...]:
    """Callbacks in the actor's hands whose window opens by an instant, the earliest first; a lead also sees there those
    that are in nobody's."""
    leads = tx.actor.id != 0 and tx.actor.may(LEADS)
    own = () if leads or rosters.kept(tx) else (callback_rows.OWNER.in_((tx.actor.id,)),)
    rows = callback_rows.waiting(tx, before, *own)
    hands = callback_rows.hands(tx, rows)
    here = [
        row for row in rows
        if hands[row.id].staff_id == tx.actor.id or (leads and hands[row.id].staff_id is None)
    ]  # fmt: skip
    return tuple(_row(tx, row, hands[row.id]) for row in here[:most])


@reads("ticket.lead")
def everybodys(tx: Tx, before: datetime, most: int = 50) -> tuple[CallbackRow, ...]:
    """Callbacks whose window opens by an instant, whosever they are, the earliest first."""
    rows = callback_rows.waiting(tx, before, most=most)
    hands = callback_rows.hands(tx, rows)
    return tuple(_row(tx, row, hands[row.id]) for row in rows)


@reads("customer.read")
def unowned(tx: Tx) -> tuple[CallbackRow, ...]:
    """Open callbacks in nobody's hands: the owner is disabled or not on shift in the window, and so is everybody the
    roster names up to the head of operations."""
    rows = callback_rows.waiting(tx, FOREVER)
    hands = callback_rows.hands(tx, rows)
    return tuple(_row(tx, row, hands[row.id]) for row in rows if hands[row.id].staff_id is None)


@reads("customer.read")
def of_ticket(tx: Tx, ticket_id: int) -> tuple[CallbackRow, ...]:
    """Open callbacks of a ticket and of those merged into it, the earliest first: while there is one it is not
    resolved. Raises NotFound for one the reader may not see."""
    seeing.one(tx, ticket_id)
    return _open(tx, CALLBACK.c.ticket_id.in_((ticket_id, *merged_in(tx, ticket_id))))


@reads("customer.read")
def offer_cancel(tx: Tx, customer_id: int) -> tuple[CallbackRow, ...]:
    """The open callbacks of a customer who has written: a message offers to cancel them, it never does."""
    return _open(tx, CALLBACK.c.customer_id == customer_id)


def offered(tx: Tx, customer_id: int | None) -> str:
    """What a customer's message says to whoever logs it: the calls still promised to him, and how to cancel one that it
    makes needless; '' without one. Internal."""
    rows = () if customer_id is None else offer_cancel(tx, customer_id)
    if not rows:
        return ""
    zone = customers.timezone_of(tx, rows[0].customer_id)
    told = [f"{callbacks.spoken_window(each.due, each.until, zone, tx.now)} about {each.about}" for each in rows[:2]]
    more = f" and {len(rows) - 2} more" if len(rows) > 2 else ""
    return f"A call is promised, {', '.join(told)}{more}; if this settles it: =, Enter there, x and why cancels it."


def _open(tx: Tx, which: Any) -> tuple[CallbackRow, ...]:
    rows = callback_rows.waiting(tx, FOREVER, which)
    hands = callback_rows.hands(tx, rows)
    return tuple(_row(tx, row, hands[row.id]) for row in rows)


def _row(tx: Tx, row: Row[Any], hands: Hands) -> CallbackRow:
    now = callback_rows.state(row, tx.now)
    if hands.staff_id is None:
        why = f"unowned ({hands.why}): "
    elif hands.why:
        why = f"for {row.login}: "
    else:
        why = ""
    words = f"{why}{row.about}{', broken' if now == 'broken' else ''}"
    return CallbackRow(
        row.id, row.customer_id, f"{row.code} {row.name}", row.due_at, row.until_at, row.phone, row.about,
        row.login or "", rule.told(now, callback_rows.window(row), tx.now), words, row.version, hands.staff_id,
    )  # fmt: skip
