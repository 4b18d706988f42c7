"""Orders, their lines, revisions, holds and reservations, and the moves an order may make."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.errors import Refused
from csdesk.models.types import Minor, Quantity, Rate, UnitPrice, UtcInstant, fk

_ID = {"autoincrement": False}

# Order states and the moves between them; cancelled from anywhere before picking.
MOVES: dict[str, frozenset[str]] = {
    "draft": frozenset({"confirmed", "held", "cancelled"}),
    "held": frozenset({"confirmed", "allocated", "cancelled"}),
    "confirmed": frozenset({"held", "allocated", "picked", "cancelled"}),
    "allocated": frozenset({"confirmed", "held", "picked", "cancelled"}),
    "picked": frozenset({"shipped"}),
    "shipped": frozenset({"delivered"}),
    "delivered": frozenset({"invoiced"}),
    "invoiced": frozenset({"closed"}),
    "closed": frozenset(),
    "cancelled": frozenset(),
}
OPEN = ("held", "confirmed", "allocated")
UNDELIVERED = ("confirmed", "allocated", "picked", "shipped")


def move(number: str, status: str, to: str) -> str:
    """The new status. Raises Refused when MOVES does not allow it."""
    if to not in MOVES[status]:
        raise Refused(f"Order {number} is {status}, so it cannot become {to}.")
    return to


class SalesOrder(SQLModel, table=True):
    """An order; its id is the id of the draft it was placed from, so that a retry can never double it."""

    __tablename__ = "sales_order"
    __table_args__ = (
        UniqueConstraint("company", "number"),
        fk("customer_id", "customer.id"),
        fk("account_id", "credit_account.id"),
        fk("warehouse", "warehouse.code"),
        Index("ix_sales_order_customer", "company", "customer_id", "placed_at"),
        Index("ix_sales_order_account", "company", "account_id", "status"),
        Index("ix_sales_order_status", "company", "status", "placed_at"),
        Index("ix_sales_order_picked", "company", "picked_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    customer_id: int = Field(sa_type=BigInteger)
    account_id: int = Field(sa_type=BigInteger)
    ship_to_id: int | None = Field(default=None, sa_type=BigInteger)
    warehouse: str = Field(max_length=20)
    status: str = Field(max_length=12)
    channel: str = Field(default="phone", max_length=12)
    currency: str = Field(max_length=3)
    tax_method: str = Field(max_length=10)
    rounding: str = Field(max_length=10)
    requested_on: date | None = None
    promised_on: date | None = None
    customer_reference: str = Field(default="", max_length=60)
    contact: str = Field(default="", max_length=200)
    net: int = Field(sa_type=Minor)
    tax: int = Field(sa_type=Minor)
    gross: int = Field(sa_type=Minor)
    exposure: int = Field(default=0, sa_type=Minor)  # what it takes of the account's `orders` part
    revision: int = 1
    backorder_order_id: int | None = Field(default=None, sa_type=BigInteger)  # took over what could not be picked
    call_id: int | None = Field(default=None, sa_type=BigInteger)
    placed_at: datetime = Field(sa_type=UtcInstant)
    placed_by: int | None = Field(default=None, sa_type=BigInteger)
    picked_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    changed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    changed_by: int | None = Field(default=None, sa_type=BigInteger)
    cancel_reason: str = Field(default="", max_length=40)
    released_value: int | None = Field(default=None, sa_type=Minor)  # gross up to which a credit release holds good
    released_until: date | None = None
    source: str = Field(default="desk", max_length=20)
    version: int = 1


class OrderLine(SQLModel, table=True):
    """An order line. `quantity` is in `unit` (one holds `factor` base units); the base figures are in base units."""

    __tablename__ = "order_line"
    __table_args__ = (
        fk("order_id", "sales_order.id"),
        fk("product_id", "product.id"),
        Index("ix_order_line_product", "company", "product_id"),
    )
    company: int = Field(primary_key=True)
    order_id: int = Field(primary_key=True, sa_type=BigInteger)
    line: int = Field(primary_key=True)
    product_id: int = Field(sa_type=BigInteger)
    description: str = Field(default="", max_length=300)
    unit: str = Field(max_length=20)
    factor: Decimal = Field(sa_type=Quantity)
    quantity: Decimal = Field(sa_type=Quantity)
    original_quantity: Decimal = Field(sa_type=Quantity)
    price: Decimal = Field(sa_type=UnitPrice)
    list_price: Decimal = Field(sa_type=UnitPrice)
    price_source: str = Field(default="", max_length=120)
    net: int = Field(sa_type=Minor)
    tax_rate: Decimal = Field(sa_type=Rate)
    tax: int = Field(sa_type=Minor)
    requested_on: date | None = None
    original_requested_on: date | None = None
    requested_by: str = Field(default="customer", max_length=10)  # who wished the latest date: customer | us
    promised_on: date | None = None
    original_promised_on: date | None = None
    substituted_for_id: int | None = Field(default=None, sa_type=BigInteger)
    cancelled_quantity: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    cancel_reason: str = Field(default="", max_length=40)
    cancelled_by: int | None = Field(default=None, sa_type=BigInteger)
    allocated: Decimal = Field(default=Decimal(0), sa_type=Quantity)  # base units, reserved on stock or receipts
    backordered: Decimal = Field(default=Decimal(0), sa_type=Quantity)  # base units, nothing found for them yet
    picked: Decimal = Field(default=Decimal(0), sa_type=Quantity)  # base units
    shipped: Decimal = Field(default=Decimal(0), sa_type=Quantity)  # base units
    delivered: Decimal = Field(default=Decimal(0), sa_type=Quantity)  # base units


class OrderRevision(SQLModel, table=True):
    """One change of a confirmed order: before and after as JSON text; older revisions stay readable."""

    __tablename__ = "order_revision"
    __table_args__ = (fk("order_id", "sales_order.id"),)
    company: int = Field(primary_key=True)
    order_id: int = Field(primary_key=True, sa_type=BigInteger)
    revision: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcInstant)
    staff_id: int = Field(sa_type=BigInteger)
    wish: str = Field(max_length=10)  # customer | us
    summary: str = Field(max_length=500)
    before: str
    after: str


class OrderHold(SQLModel, table=True):
    """A hold on an order: credit, price, minimum, stock, address, duplicate; who lifts it is a duty."""

    __tablename__ = "order_hold"
    __table_args__ = (fk("order_id", "sales_order.id"), Index("ix_order_hold_order", "company", "order_id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    order_id: int = Field(sa_type=BigInteger)
    kind: str = Field(max_length=12)
    reason: str = Field(max_length=300)
    lifted_by_duty: str = Field(max_length=40)
    placed_at: datetime = Field(sa_type=UtcInstant)
    lifted_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    lifted_by: int | None = Field(default=None, sa_type=BigInteger)


class Reservation(SQLModel, table=True):
    """Base units of a line reserved on stock (`receipt_id` empty) or on an expected receipt."""

    __tablename__ = "reservation"
    __table_args__ = (
        fk("order_id", "sales_order.id"),
        fk("product_id", "product.id"),
        Index("ix_reservation_order", "company", "order_id"),
        Index("ix_reservation_product", "company", "product_id", "warehouse"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    order_id: int = Field(sa_type=BigInteger)
    line: int
    product_id: int = Field(sa_type=BigInteger)
    warehouse: str = Field(max_length=20)
    receipt_id: int | None = Field(default=None, sa_type=BigInteger)
    quantity: Decimal = Field(sa_type=Quantity)
