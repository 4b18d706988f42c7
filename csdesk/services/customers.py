"""Customers: what the context bar shows, and the terms an order is made under."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Row, bindparam, func, select

from csdesk.errors import NotFound
from csdesk.models import (
    Company,
    Contact,
    ContactPhone,
    CreditAccount,
    Customer,
    OpenItem,
    OrderHold,
    SalesOrder,
    ShipTo,
    Ticket,
    table,
)
from csdesk.models.orders import OPEN
from csdesk.rules.credit import Exposure, headroom
from csdesk.services import seeing
from csdesk.services.catalog import Buyer
from csdesk.services.derived import unsettled
from csdesk.services.tx import Tx, reads

CUSTOMER, ACCOUNT, COMPANY = table(Customer), table(CreditAccount), table(Company)
ITEM, ORDER, HOLD, TICKET = table(OpenItem), table(SalesOrder), table(OrderHold), table(Ticket)
SHIP, CONTACT, PHONE = table(ShipTo), table(Contact), table(ContactPhone)


@dataclass(frozen=True)
class Account:
    """A debtor's credit account: limit and exposure in minor units."""

    id: int
    currency: str
    credit_limit: int | None
    exposure: Exposure
    on_hold: bool
    oldest_days: int | None = None  # an item later than this holds new orders; None: no such rule
    highest_level: int | None = None  # so does a dunning level above this
    version: int = 1


@dataclass(frozen=True)
class Trading:
    """All an order needs of its customer, the company's settings among it."""

    id: int
    code: str
    name: str
    account: Account
    buyer: Buyer
    currency: str
    timezone: str
    country: str
    tax_method: str
    rounding: str
    deal_mode: str
    hold_seconds: int
    warehouse: str
    delivery_days: str
    cut_off: time
    lead_days: int
    minimum_order: int
    short_policy: str
    on_hold: bool
    terms: str

    def local(self, now: datetime) -> datetime:
        """`now` on the customer's clock."""
        return now.astimezone(ZoneInfo(self.timezone))


@dataclass(frozen=True)
class Bar:
    """The context bar: amounts in minor units of `currency`."""

    customer_id: int
    code: str
    name: str
    town: str
    contact: str
    currency: str
    balance: int
    overdue: int
    left: int | None
    last_payment: int | None
    last_payment_on: date | None
    open_orders: int
    holds: tuple[str, ...]
    bill_to: str
    standing: str
    notes: str
    tier: str
    tickets: int = 0  # under way, of those the reader may see


_TRADING = (
    select(CUSTOMER, ACCOUNT, COMPANY)
    .join(ACCOUNT, (ACCOUNT.c.company == CUSTOMER.c.company) & (ACCOUNT.c.id == CUSTOMER.c.account_id))
    .join(COMPANY, COMPANY.c.id == CUSTOMER.c.company)
    .where(CUSTOMER.c.company == bindparam("c"), CUSTOMER.c.id == bindparam("id"))
    .set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)
)
_TRADING_LOCKED = _TRADING.with_for_update(of=ACCOUNT)


def trading(tx: Tx, customer_id: int, lock: bool = False) -> Trading:
    """What an order needs of a customer; with `lock` the credit account's row is locked until the commit."""
    return _trading(_found(tx, customer_id, lock))


def _found(tx: Tx, customer_id: int, lock: bool = False) -> Row[Any]:
    statement = _TRADING_LOCKED if lock and tx.postgres else _TRADING
    row = tx.row(statement, {"c": tx.company, "id": customer_id})
    if row is None:
        raise NotFound("This customer no longer exists; find the caller again.")
    return row


def _trading(row: Row[Any]) -> Trading:
    hours, _, minutes = row.customer_cut_off.partition(":")
    return Trading(
        id=row.customer_id,
        code=row.customer_code,
        name=row.customer_name,
        account=_account(row),
        buyer=Buyer(
            row.customer_id,
            row.customer_price_group,
            row.customer_price_list,
            row.customer_currency,
            row.customer_tax_exempt,
        ),
        currency=row.customer_currency,
        timezone=row.customer_timezone or row.company_timezone,
        country=row.company_country,
        tax_method=row.company_tax_method,
        rounding=row.company_rounding,
        deal_mode=row.company_deal_mode,
        hold_seconds=row.company_hold_seconds,
        warehouse=row.company_usual_warehouse,
        delivery_days=row.customer_delivery_days,
        cut_off=time(int(hours), int(minutes)),
        lead_days=row.customer_lead_days,
        minimum_order=row.customer_minimum_order,
        short_policy=row.customer_short_policy,
        on_hold=row.customer_on_hold,
        terms=row.customer_terms,
    )


def _account(row: Row[Any]) -> Account:
    parts = (f"credit_account_{part}" for part in ("orders", "delivered", "billed", "open_debit", "open_credit"))
    return Account(
        row.credit_account_id,
        row.credit_account_currency,
        row.credit_account_credit_limit,
        Exposure(*(getattr(row, part) for part in parts)),
        row.credit_account_on_hold,
        row.credit_account_oldest_days,
        row.credit_account_highest_level,
        row.credit_account_version,
    )


@lru_cache(maxsize=64)
def holidays_of(country: str, year: int) -> frozenset[date]:
    """Public holidays of a country in a year; empty for a country the calendar library does not know."""
    import holidays

    try:
        return frozenset(holidays.country_holidays(country, years=[year]))
    except NotImplementedError:
        return frozenset()


_OVERDUE = select(func.coalesce(func.sum(ITEM.c.open), 0)).where(
    ITEM.c.company == bindparam("c"),
    ITEM.c.account_id == bindparam("account"),
    unsettled(ITEM.c.open),
    ITEM.c.open > 0,
    ITEM.c.due_on < bindparam("day"),
)
_OPEN_ORDERS = select(func.count()).where(
    ORDER.c.company == bindparam("c"), ORDER.c.customer_id == bindparam("id"), ORDER.c.status.in_(OPEN)
)
_TOWN = select(SHIP.c.city).where(SHIP.c.company == bindparam("c"), SHIP.c.customer_id == bindparam("id")).limit(1)
_CONTACT = (
    select(CONTACT.c.name).where(CONTACT.c.company == bindparam("c"), CONTACT.c.customer_id == bindparam("id")).limit(1)
)
_HELD = (
    select(func.aggregate_strings(HOLD.c.kind, ","))
    .join(ORDER, (ORDER.c.company == HOLD.c.company) & (ORDER.c.id == HOLD.c.order_id))
    .where(
        ORDER.c.company == bindparam("c"),
        ORDER.c.customer_id == bindparam("id"),
        ORDER.c.status == "held",
        HOLD.c.lifted_at.is_(None),
    )
)
_FIGURES = select(  # one statement: on a server each one is a round trip
    _OVERDUE.scalar_subquery().label("overdue"),
    _OPEN_ORDERS.scalar_subquery().label("open_orders"),
    _TOWN.scalar_subquery().label("town"),
    _CONTACT.scalar_subquery().label("contact"),
    _HELD.scalar_subquery().label("held"),
)
_BILL_TO = select(CUSTOMER.c.name).where(CUSTOMER.c.company == bindparam("c"), CUSTOMER.c.id == bindparam("id"))


def tier(tx: Tx, customer_id: int) -> str:
    """How important a customer is to the company ("1" before "2"; empty without one)."""
    mine = select(CUSTOMER.c.tier).where(CUSTOMER.c.company == tx.company, CUSTOMER.c.id == customer_id)
    return str(tx.value(mine) or "")


@reads("customer.read", quick=True)
def bar(tx: Tx, customer_id: int) -> Bar:
    """What stands in the context bar of a customer. Overdue: open debit items due before today."""
    row = _found(tx, customer_id)
    who = _trading(row)
    key = {"c": tx.company, "id": customer_id}
    exposure = who.account.exposure
    found = tx.row(_FIGURES, {**key, "account": who.account.id, "day": who.local(tx.now).date()})
    assert found is not None
    tickets = (
        select(func.count())
        .select_from(TICKET)
        .where(seeing.visible(tx), TICKET.c.customer_id == customer_id, TICKET.c.base.in_(("work", "wait")))
    )
    holds = [f"{kind} hold" for kind in sorted(set((found.held or "").split(",")) - {""})]
    if who.on_hold or who.account.on_hold:
        holds.insert(0, "customer hold")
    head = row.customer_bill_to_id if row.customer_bill_to_id != customer_id else None
    return Bar(
        customer_id=customer_id,
        code=who.code,
        name=who.name,
        town=found.town or "",
        contact=found.contact or "",
        currency=who.account.currency,
        balance=exposure.balance,
        overdue=int(found.overdue),
        left=headroom(who.account.credit_limit, exposure),
        last_payment=row.credit_account_last_payment,
        last_payment_on=row.credit_account_last_payment_on,
        open_orders=int(found.open_orders),
        holds=tuple(dict.fromkeys(holds)),
        bill_to=str(tx.value(_BILL_TO, {**key, "id": head}) or "") if head else "",
        standing=row.customer_standing,
        notes=row.customer_notes,
        tier=row.customer_tier,
        tickets=int(tx.value(tickets) or 0),
    )


@reads("customer.read")
def timezone_of(tx: Tx, customer_id: int) -> str:
    """The IANA zone the customer's days belong to."""
    return trading(tx, customer_id).timezone


@reads("customer.read")
def company_currency(tx: Tx) -> str:
    """The currency the company's books are kept in."""
    return str(tx.value(select(COMPANY.c.currency).where(COMPANY.c.id == tx.company)) or "")


@reads("customer.read")
def company_zone(tx: Tx) -> str:
    """The IANA zone the company's clocks show."""
    return str(tx.value(select(COMPANY.c.timezone).where(COMPANY.c.id == tx.company)) or "UTC")
