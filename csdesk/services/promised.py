"""Everything promised to a customer in one list, each kept, broken or open; what he promised us stands apart.

Who promises something new adds a source: `@source` over a function of `Asked`, or an entry in SOURCES.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, case, func, or_, select

from csdesk.models import ApprovalRequest, Delivery, OpenItem, OrderLine, Promise, SalesOrder, table
from csdesk.models.orders import OPEN, UNDELIVERED
from csdesk.money import show
from csdesk.services import callback_rows, callbacks, customers
from csdesk.services.customers import Trading
from csdesk.services.derived import raw
from csdesk.services.tx import Tx, reads

ORDER, LINE, DELIVERY = table(SalesOrder), table(OrderLine), table(Delivery)
REQUEST, PROMISE, ITEM = table(ApprovalRequest), table(Promise), table(OpenItem)
CALLBACK = callback_rows.CALLBACK
BACK_DAYS = 60  # what ended longer ago is history
LATELY_DAYS = 14  # what was broken since then is said when the account is opened
MOST = 50  # of each kind
MOST_ORDERS = 200
CREDITS = {"credit_note": "credit", "goodwill_credit": "goodwill"}
GIVEN = {"posted": "kept", "rejected": "broken", "expired": "broken"}
TAKEN_BACK = ("draft", "withdrawn", "superseded")


@dataclass(frozen=True)
class Commitment:
    """Something promised: `kind` in one word, what it is about, for when (`when` in words of the customer's clock, `on`
    its day there), and its state: open, kept or broken; `owed`: broken, and to be done still."""

    kind: str
    subject_id: int
    number: str
    on: date
    when: str
    words: str
    state: str
    owed: bool = False


@dataclass(frozen=True)
class Promised:
    """What was promised to a customer, what is open and what was broken first, and what he promised; `line` says it in
    one line while something is open or was broken lately, else ''."""

    ours: tuple[Commitment, ...]
    theirs: tuple[Commitment, ...]
    line: str
    broken: bool


@dataclass(frozen=True)
class Asked:
    """For whom a source is asked, since when, and the customer's day today."""

    who: Trading
    since: datetime
    today: date


Source = Callable[[Tx, Asked], list[Commitment]]
_ORDER = {"open": 0, "broken": 1, "kept": 2}


# Built once: the customer's page is opened with every call.
_CALLBACKS = (
    callback_rows.EVERY.where(
        CALLBACK.c.company == bindparam("c"), CALLBACK.c.customer_id == bindparam("customer"),
        CALLBACK.c.state != "cancelled",
        or_(CALLBACK.c.done_at.is_(None), CALLBACK.c.due_at >= bindparam("since")),
    )
    .order_by(CALLBACK.c.made_at.desc())
    .limit(MOST)
)  # fmt: skip
_LATEST = (  # of a customer who orders hundreds of times a month the last ones tell enough
    select(ORDER.c.id)
    .where(
        ORDER.c.company == bindparam("c"), ORDER.c.customer_id == bindparam("customer"),
        ORDER.c.placed_at >= bindparam("since"), ORDER.c.status != "cancelled",
    )
    .order_by(ORDER.c.placed_at.desc())
    .limit(MOST_ORDERS)
)  # fmt: skip
_LINES = (
    select(
        LINE.c.order_id, func.max(LINE.c.original_promised_on).label("first"),
        func.max(LINE.c.promised_on).label("last"),
        func.max(case((LINE.c.requested_by == "customer", LINE.c.requested_on))).label("wished"),
    )
    .where(
        LINE.c.company == bindparam("c"), LINE.c.order_id.in_(_LATEST), raw(LINE.c.quantity) > 0,
        LINE.c.promised_on.is_not(None),
    )
    .group_by(LINE.c.order_id)
    .subquery()
)  # fmt: skip
_ARRIVED = (
    select(func.max(DELIVERY.c.delivered_at))
    .where(DELIVERY.c.company == ORDER.c.company, DELIVERY.c.order_id == ORDER.c.id)
    .scalar_subquery()
)
_DATES = (
    select(ORDER.c.id, ORDER.c.number, ORDER.c.status, _LINES, _ARRIVED.label("arrived"))
    .join(_LINES, ORDER.c.id == _LINES.c.order_id)
    .where(ORDER.c.company == bindparam("c"))
    .order_by(ORDER.c.placed_at.desc())
    .limit(MOST)
)
_ASKED = (
    select(REQUEST.c.id, REQUEST.c.number, REQUEST.c.kind, REQUEST.c.state, REQUEST.c.made_at, REQUEST.c.amount,
           REQUEST.c.currency)
    .where(
        REQUEST.c.company == bindparam("c"), REQUEST.c.customer_id == bindparam("customer"),
        REQUEST.c.made_at >= bindparam("since"), REQUEST.c.kind.in_(CREDITS), REQUEST.c.state.not_in(TAKEN_BACK),
    )
    .order_by(REQUEST.c.made_at.desc())
    .limit(MOST)
)  # fmt: skip
_PAYMENTS = (
    select(PROMISE, ITEM.c.number)
    .join(ITEM, (ITEM.c.company == PROMISE.c.company) & (ITEM.c.id == PROMISE.c.item_id))
    .where(
        PROMISE.c.company == bindparam("c"), PROMISE.c.account_id == bindparam("account"),
        PROMISE.c.customer_id == bindparam("customer"), PROMISE.c.state != "withdrawn",
        or_(PROMISE.c.state == "open", PROMISE.c.made_at >= bindparam("since")),
    )
    .order_by(PROMISE.c.promised_on.desc())
    .limit(MOST)
)  # fmt: skip


@reads("customer.read")
def to_customer(tx: Tx, customer_id: int) -> Promised:
    """All that was promised to a customer and is open or ended of late, by the sources there are."""
    who = customers.trading(tx, customer_id)
    asked = Asked(who, tx.now - timedelta(days=BACK_DAYS), who.local(tx.now).date())
    ours = [each for source in SOURCES for each in source(tx, asked)]
    ours.sort(
        key=lambda each: (_ORDER[each.state], each.on if each.state == "open" else date.max - (each.on - date.min))
    )
    line, broken = _line(ours, asked.today)
    return Promised(tuple(ours), tuple(_theirs(tx, asked)), line, broken)


def _line(ours: list[Commitment], today: date) -> tuple[str, bool]:
    """What is open and what was broken lately in one line, and whether something was broken."""
    lately = today - timedelta(days=LATELY_DAYS)
    broken = [each for each in ours if each.state == "broken" and (each.owed or each.on >= lately)]
    waits = [each for each in ours if each.state == "open"]
    told = [f"{name}: {_few(these)}" for name, these in (("BROKEN", broken), ("Promised", waits)) if these]
    return "   ".join(told), bool(broken)


def _few(these: list[Commitment]) -> str:
    first = these[0]
    more = f" and {len(these) - 1} more" if len(these) > 1 else ""
    return f"{first.kind} {first.number + ' ' if first.number else ''}{first.when} {first.words}{more}"


def _callbacks(tx: Tx, asked: Asked) -> list[Commitment]:
    key = {"c": tx.company, "customer": asked.who.id, "since": asked.since}
    return [_callback(tx, asked.who, row) for row in tx.rows(_CALLBACKS, key)]


def _callback(tx: Tx, who: Trading, row: Row[Any]) -> Commitment:
    state = callback_rows.state(row, tx.now)
    if row.moved_ours and row.done_at is not None:
        state = "broken"
    late = ", moved by us" if row.moved_ours else ", still to be made" if state == "broken" and not row.done_at else ""
    return Commitment(
        "callback", row.id, "", who.local(row.due_at).date(),
        callbacks.spoken_window(row.due_at, row.until_at, who.timezone, tx.now), f"{row.about}{late}",
        state if state in ("kept", "broken") else "open", state == "broken" and row.done_at is None,
    )  # fmt: skip


def _orders(tx: Tx, asked: Asked) -> list[Commitment]:
    """Orders whose date was moved, or is missed: the date first promised, or what the customer wished since."""
    rows = tx.rows(_DATES, {"c": tx.company, "customer": asked.who.id, "since": asked.since})
    found = (_order(asked, row) for row in rows)
    return [each for each in found if each is not None]


def _order(asked: Asked, row: Row[Any]) -> Commitment | None:
    first = max(each for each in (row.first, row.wished) if each is not None) if row.first or row.wished else row.last
    waits = row.status in (*OPEN, *UNDELIVERED)
    came = asked.who.local(row.arrived).date() if row.arrived is not None else None
    moved = row.last > first or (row.first is not None and row.last != row.first)
    if waits:
        late = row.last > first or first < asked.today
        state = "broken" if late else "open"
    else:
        late = came is not None and came > first
        state = "broken" if late else "kept"
    if not (moved or late):
        return None
    if waits:
        words = f"now {row.last:%a %d %b}" if row.last != first else "not delivered yet" if late else "moved as wished"
    else:
        words = f"came {came:%a %d %b}" if came is not None else "delivered"
    return Commitment("order", row.id, row.number, first, f"{first:%a %d %b}", words, state, waits and late)


def _credits(tx: Tx, asked: Asked) -> list[Commitment]:
    found = []
    for row in tx.rows(_ASKED, {"c": tx.company, "customer": asked.who.id, "since": asked.since}):
        on = asked.who.local(row.made_at).date()
        money = f"{show(row.amount, row.currency)} {row.currency} {row.state.replace('_', ' ')}"
        state = GIVEN.get(row.state, "open")
        found.append(Commitment(CREDITS[row.kind], row.id, row.number, on, f"of {on:%d %b}", money, state))
    return found


def _theirs(tx: Tx, asked: Asked) -> list[Commitment]:
    key = {"c": tx.company, "customer": asked.who.id, "account": asked.who.account.id, "since": asked.since}
    return [
        Commitment(
            "payment", row.id, row.number, row.promised_on, f"{row.promised_on:%a %d %b}",
            f"{show(row.amount, row.currency)} {row.currency}{', paid in part' if row.state == 'partly' else ''}",
            "broken" if row.state == "partly" else row.state,
        )
        for row in tx.rows(_PAYMENTS, key)
    ]  # fmt: skip


SOURCES: list[Source] = [_callbacks, _orders, _credits]


def source(function: Source) -> Source:
    """Adds a source of promises; each is asked once for a customer, in the order they came."""
    SOURCES.append(function)
    return function
