"""Held orders: who may let them go, asking for it above one's tier, and letting go for a value and some days.

The hold is the request and whoever lifts it the second pair of eyes: nobody releases an order he placed or changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from csdesk.errors import Invalid, NotFound, Refused
from csdesk.models import ApprovalTier, Customer, OrderHold, OrderRevision, SalesOrder, Staff, table
from csdesk.models.orders import move
from csdesk.money import show
from csdesk.rules import tiers
from csdesk.services import asking, audit, catalog, collecting, customers, history, order_rows, quoting
from csdesk.services.customers import Trading
from csdesk.services.history import OrderView
from csdesk.services.tx import Tx, reads, writes

ORDER, HOLD, CUSTOMER = table(SalesOrder), table(OrderHold), table(Customer)
STAFF, REVISION, TIER = table(Staff), table(OrderRevision), table(ApprovalTier)
KIND = "order_release"
RELEASE_DAYS = 5
MOST_DAYS = 31


@dataclass(frozen=True)
class HeldView:
    """A held order: gross in minor units, why it is held, and why this person may not release it ('' if he may)."""

    id: int
    number: str
    customer_id: int
    customer: str
    gross: int
    currency: str
    placed_at: datetime
    placed_by: str
    holds: tuple[str, ...]
    exposure: int
    limit: int | None
    barred: str
    asked: str
    version: int


@dataclass(frozen=True)
class Said:
    """What was done, in one sentence."""

    id: int
    words: str


@reads(order_rows.RELEASE_DUTY)
def held(tx: Tx, limit: int = 200) -> tuple[HeldView, ...]:
    """Held orders, the oldest first."""
    return tuple(_view(tx, row) for row in tx.rows(_held(tx).order_by(ORDER.c.placed_at, ORDER.c.id).limit(limit)))


def listed(tx: Tx, limit: int) -> list[tuple[Row[Any], tuple[str, ...]]]:
    """Held orders (with the customer's code and name) and why each is held, the oldest first. Internal."""
    rows = tx.rows(_held(tx).order_by(ORDER.c.placed_at, ORDER.c.id).limit(limit))
    why: dict[int, list[str]] = {}
    if rows:
        for each in tx.rows(_holds(tx).where(HOLD.c.order_id.in_([row.id for row in rows]))):
            why.setdefault(each.order_id, []).append(f"{each.kind}: {each.reason}")
    return [(row, tuple(why.get(row.id, ()))) for row in rows]


def _holds(tx: Tx) -> Any:
    mine = (HOLD.c.company == tx.company, HOLD.c.lifted_at.is_(None))
    return select(HOLD.c.order_id, HOLD.c.kind, HOLD.c.reason).where(*mine).order_by(HOLD.c.id)


@reads(order_rows.RELEASE_DUTY)
def one(tx: Tx, order_id: int) -> HeldView:
    """A held order. Raises Refused for one that is not held."""
    row = tx.row(_held(tx).where(ORDER.c.id == order_id))
    if row is None:
        must_be_held(history.head(tx, order_id))
    assert row is not None
    return _view(tx, row)


@reads(order_rows.RELEASE_DUTY)
def find(tx: Tx, number: str) -> HeldView:
    """The held order with a number. Raises NotFound."""
    row = tx.row(_held(tx).where(ORDER.c.number == number.strip()))
    if row is None:
        raise NotFound(f"No held order has the number {number}; 'csdesk credit held' lists them.", field="order")
    return _view(tx, row)


def _held(tx: Tx) -> Any:
    customer = (CUSTOMER.c.company == ORDER.c.company) & (CUSTOMER.c.id == ORDER.c.customer_id)
    return (
        select(ORDER, CUSTOMER.c.code, CUSTOMER.c.name)
        .join(CUSTOMER, customer)
        .where(ORDER.c.company == tx.company, ORDER.c.status == "held")
    )


def _view(tx: Tx, row: Row[Any]) -> HeldView:
    account = customers.trading(tx, row.customer_id).account
    holds = _holds(tx).where(HOLD.c.order_id == row.id)
    return HeldView(
        row.id, row.number, row.customer_id, f"{row.code} {row.name}", row.gross, row.currency, row.placed_at,
        history.staff_name(tx, row.placed_by), tuple(f"{each.kind}: {each.reason}" for each in tx.rows(holds)),
        account.exposure.total, account.credit_limit, _barred(tx, row), _asked(tx, row.id) or "",
        row.version,
    )  # fmt: skip


def _barred(tx: Tx, row: Any) -> str:
    """`why_not` for a list: where no tier covers an order, that is its sentence and the others are shown still."""
    try:
        return why_not(tx, row) or ""
    except Refused as error:
        return str(error)


def must_be_held(row: Any, version: int | None = None) -> None:
    """Raises Refused for an order that is not held, or was changed since its `version` was looked at."""
    if row.status != "held":
        raise Refused(f"Order {row.number} is {row.status}, not held.")
    if version is not None and row.version != version:
        raise Refused(f"Order {row.number} was changed since you looked at it; look again.")


def _asked(tx: Tx, order_id: int) -> str | None:
    """The number of the request that waits for a decision about an order."""
    request = asking.REQUEST
    found = select(request.c.number).where(
        request.c.company == tx.company, request.c.kind == KIND, request.c.order_id == order_id,
        request.c.state.in_(("submitted", "in_approval", "approved")), request.c.id.not_in(asking.lapsed(tx)),
    )  # fmt: skip
    number = tx.value(found.limit(1))
    return str(number) if number is not None else None


def hands(tx: Tx, row: Any) -> frozenset[int]:
    """The persons who placed or changed an order."""
    logins = {row.placed_by, row.changed_by, *(
        each.staff_id for each in tx.rows(select(REVISION.c.staff_id).where(
            REVISION.c.company == tx.company, REVISION.c.order_id == row.id))
    )}  # fmt: skip
    return frozenset(each for each in (asking.person_of(tx, login) for login in logins if login) if each is not None)


def why_not(tx: Tx, row: Any) -> str | None:
    """Why the actor may not release a held order himself; None if he may."""
    if tx.actor.id == 0:
        return "An order is released by a person; sign in."
    if tx.actor.person_id in hands(tx, row):
        return f"Whoever placed or changed order {row.number} never releases it; somebody else must."
    tier = _tier(tx, row)
    if len(tier.steps) > 1 or tiers.needed_rank(tier) > asking.rank(tx, tx.actor.id):
        value = f"{show(row.gross, row.currency)} {row.currency}"
        return f"Releasing {value} is for {' and '.join(tier.steps)}; 'csdesk credit release {row.number}' asks for it."
    return None


def _tier(tx: Tx, row: Any) -> tiers.Tier:
    """The tier of a release: what the same person released to the same customer in the last 72 h counts in."""
    known = tx.rows(select(TIER).where(TIER.c.company == tx.company, TIER.c.kind == KIND))
    mine = select(STAFF.c.id).where(STAFF.c.company == tx.company, STAFF.c.person_id == tx.actor.person_id)
    lifted = select(HOLD.c.order_id).where(
        HOLD.c.company == tx.company, HOLD.c.lifted_by.in_(mine),
        HOLD.c.lifted_at >= tx.now - timedelta(hours=tiers.WINDOW_HOURS),
    )  # fmt: skip
    earlier = tx.value(
        select(func.coalesce(func.sum(ORDER.c.released_value), 0)).where(
            ORDER.c.company == tx.company, ORDER.c.customer_id == row.customer_id, ORDER.c.id != row.id,
            ORDER.c.id.in_(lifted),
        )
    )  # fmt: skip
    every = [tiers.Tier(each.kind, each.currency, each.up_to, tuple(each.steps.split())) for each in known]
    return tiers.tier_for(row.gross + int(earlier or 0), every, kind=KIND, currency=row.currency)


def _days(days: int) -> None:
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A release holds good for 1 to {MOST_DAYS} days.", field="days")


def let_go(tx: Tx, row: Any, who: Trading, days: int) -> OrderView:
    """Takes stock and credit for a held order, lifts its holds, and notes up to which value and day that holds good.

    Internal: the caller holds order and credit account locked, has checked who acts, and audits. Raises Invalid for a
    number of days that is none.
    """
    _days(days)
    lines = [line for line in history.order_view(tx, row).lines if line.quantity > 0]
    today = who.local(tx.now).date()
    facts = catalog.load(
        tx, who.buyer, [line.product_id for line in lines], day=today, warehouse=row.warehouse, lock=True
    )
    wanted = [
        quoting.Wanted(
            line.product_id, line.unit, line.quantity, line.line, price=line.price, list_price=line.list_price,
            source=line.price_source, net=line.net,
        )
        for line in lines
    ]  # fmt: skip
    quoted = quoting.quote(who, facts, wanted, tx.now, requested_on=row.requested_on)
    order_rows.reserve(tx, row.id, row.warehouse, [(each.wanted.line, each) for each in quoted])
    for each in quoted:
        order_rows.set_allocation(tx, row.id, each)
    order_rows.take_credit(tx, row.account_id, row.gross)
    first = quoting.delivery_day(who, tx.now, row.requested_on)
    order_rows.change_order(
        tx, row, status=move(row.number, row.status, order_rows.status_of(quoted)), exposure=row.gross,
        promised_on=order_rows.promised(first, quoted), released_value=row.gross,
        released_until=today + timedelta(days=days),
    )  # fmt: skip
    order_rows.lift_holds(tx, row.id)
    return history.order_view(tx, history.head(tx, row.id))


@writes(order_rows.RELEASE_DUTY)
def ask(tx: Tx, order_id: int, why: str, days: int = RELEASE_DAYS, version: int | None = None) -> Said:
    """Asks somebody of the tier to release a held order; posting it lets the order go.

    `version` is the one looked at. Raises Refused for an order that is not held, was changed since, or about which a
    request waits already, Invalid without a reason.
    """
    if not why.strip():
        raise Invalid("Say why the order may go; whoever decides reads it.", field="why")
    _days(days)
    row: Any = history.head(tx, order_id, lock=True)
    must_be_held(row, version)
    customers.trading(tx, row.customer_id, lock=True)
    if number := _asked(tx, order_id):
        raise Refused(f"Request {number} about order {row.number} waits already; q shows it.")
    wish = asking.Wish(
        KIND, row.customer_id, row.account_id, row.currency, row.gross, "order-release",
        {"order": row.id, "gross": row.gross, "version": row.version, "days": days}, order_id=row.id,
        note=why.strip(), creators=tuple(sorted(hands(tx, row))),
    )  # fmt: skip
    made = asking.submit(tx, wish)
    audit.record(tx, "releasing.ask", "request", made["id"], None,
                 {name: made[name] for name in ("number", "kind", "amount", "steps")})  # fmt: skip
    steps = " then ".join(made["steps"].split()) or "nobody"
    return Said(made["id"], f"Request {made['number']}: order {row.number} to be released by {steps}.")


@writes(order_rows.RELEASE_DUTY)
def leave(tx: Tx, order_id: int, why: str, version: int | None = None) -> Said:
    """Leaves an order held: the reason stands in the contact log of its account. Raises Invalid without a reason,
    Refused when it is not held or was changed since its `version` was looked at."""
    if not why.strip():
        raise Invalid("Say why: n and the reason, then Enter.", field="reason")
    row: Any = history.head(tx, order_id, lock=True)
    must_be_held(row, version)
    words = f"Order {row.number} stays held: {why.strip()}"
    collecting.note(tx, row.account_id, "note", words, "order", row.id)
    audit.record(tx, "releasing.leave", "order", row.id, {"status": row.status}, {"why": why.strip()})
    return Said(row.id, f"{words}.")


def recheck(tx: Tx, request: Row[Any]) -> None:
    """Raises Refused when the order is no longer what was asked about."""
    row: Any = history.head(tx, request.order_id, lock=True)
    must_be_held(row)
    asked = asking.payload(request)
    if (row.gross, row.version) != (asked["gross"], asked["version"]):
        raise Refused(f"Order {row.number} was changed since; ask for its release again.")


def post(tx: Tx, request: Row[Any]) -> str:
    """Lets the order of an approved request go."""
    row = history.head(tx, request.order_id, lock=True)
    who = customers.trading(tx, row.customer_id, lock=True)
    after = let_go(tx, row, who, int(asking.payload(request)["days"]))
    asking.change(tx, request.id, state="posted", posted_id=after.id)
    audit.record(tx, "posting.post", "order", after.id, {"status": "held"},
                 {"status": after.status, "gross": after.gross, "request": request.number})  # fmt: skip
    return f"Order {after.number} released: {show(after.gross, after.currency)} {after.currency}."


def facts(tx: Tx, request: Row[Any]) -> tuple[str, ...]:
    """For whoever decides: why the order is held, and for how long a release would hold good."""
    holds: Sequence[str] = history.order_view(tx, history.head(tx, request.order_id)).holds
    days = asking.payload(request)["days"]
    return (*(f"held: {each}" for each in holds), f"released for {days} days, up to the value of the order")
