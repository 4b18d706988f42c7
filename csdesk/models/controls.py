"""Controls over people: delegations, conflicting duties as data, accepted conflicts, break-glass."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, UnitPrice, UtcInstant, fk

_ID = {"autoincrement": False}


class DelegationRow(SQLModel, table=True):
    """One person decides in another's place: kinds, cap, days; it stands once its request is posted."""

    __tablename__ = "delegation"
    __table_args__ = (Index("ix_delegation_to", "company", "to_person", "ends_on"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    from_person: int = Field(sa_type=BigInteger)
    to_person: int = Field(sa_type=BigInteger)
    kinds: str = Field(max_length=300)  # separated by blanks
    cap: int | None = Field(default=None, sa_type=Minor)
    currency: str = Field(default="", max_length=3)
    starts_on: date
    ends_on: date
    reason: str = Field(max_length=300)
    request_id: int | None = Field(default=None, sa_type=BigInteger)
    made_at: datetime = Field(sa_type=UtcInstant)
    made_by: int = Field(sa_type=BigInteger)
    ended_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class DutyConflict(SQLModel, table=True):
    """Two duties one person should not hold, or use on the same order or customer; levels block, warn or ''."""

    __tablename__ = "duty_conflict"
    company: int = Field(primary_key=True)
    duty_a: str = Field(primary_key=True, max_length=40)
    duty_b: str = Field(primary_key=True, max_length=40)
    level: str = Field(default="", max_length=5)
    same_order: str = Field(default="", max_length=5)
    same_customer: str = Field(default="", max_length=5)
    risk: str = Field(max_length=300)


class AcceptedConflict(SQLModel, table=True):
    """A conflict a person may hold beside a compensating control that somebody answers for."""

    __tablename__ = "accepted_conflict"
    company: int = Field(primary_key=True)
    person_id: int = Field(primary_key=True, sa_type=BigInteger)
    duty_a: str = Field(primary_key=True, max_length=40)
    duty_b: str = Field(primary_key=True, max_length=40)
    control: str = Field(max_length=300)
    accepted_at: datetime = Field(sa_type=UtcInstant)
    accepted_by: int = Field(sa_type=BigInteger)


class RuleOverride(SQLModel, table=True):
    """A rule set aside once for a customer, as approved: the order it served says when it was used.

    `value` is the gross up to which it holds good for that order, minor units of the account's currency; None where the
    value is no matter.
    """

    __tablename__ = "rule_override"
    __table_args__ = (
        fk("customer_id", "customer.id"),
        fk("request_id", "approval_request.id"),
        Index("ix_rule_override", "company", "customer_id", "rule"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    rule: str = Field(max_length=30)
    customer_id: int = Field(sa_type=BigInteger)
    until_on: date
    value: int | None = Field(default=None, sa_type=Minor)
    reason: str = Field(max_length=300)
    request_id: int = Field(sa_type=BigInteger)
    made_at: datetime = Field(sa_type=UtcInstant)
    order_id: int | None = Field(default=None, sa_type=BigInteger)
    used_at: datetime | None = Field(default=None, sa_type=UtcInstant)


class PriceOverride(SQLModel, table=True):
    """A price for one customer and product as approved, for so much in all and until a day: insert-only.

    `number` is the request's; a line priced by it names it ("override 26000012"), and what is used of `quantity` (in
    `unit`) is what the lines that name it come to. `order_id`: the draft, and so the order, it was asked for.
    """

    __tablename__ = "price_override"
    __table_args__ = (
        UniqueConstraint("company", "request_id"),
        fk("customer_id", "customer.id"),
        fk("product_id", "product.id"),
        fk("request_id", "approval_request.id"),
        Index("ix_price_override", "company", "customer_id", "product_id"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    request_id: int = Field(sa_type=BigInteger)
    customer_id: int = Field(sa_type=BigInteger)
    product_id: int = Field(sa_type=BigInteger)
    order_id: int = Field(sa_type=BigInteger)
    unit: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    price: Decimal = Field(sa_type=UnitPrice)
    quantity: Decimal = Field(sa_type=Quantity)
    valid_from: date
    valid_until: date
    made_at: datetime = Field(sa_type=UtcInstant)


class BreakGlass(SQLModel, table=True):
    """A duty taken in an emergency, for hours, with its reason; somebody else reviews it afterwards."""

    __tablename__ = "break_glass"
    __table_args__ = (fk("staff_id", "staff.id"), Index("ix_break_glass", "company", "staff_id", "until"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    staff_id: int = Field(sa_type=BigInteger)
    duty: str = Field(max_length=40)
    reason: str = Field(max_length=500)
    began_at: datetime = Field(sa_type=UtcInstant)
    until: datetime = Field(sa_type=UtcInstant)
    reviewed_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    reviewed_by: int | None = Field(default=None, sa_type=BigInteger)
    verdict: str = Field(default="", max_length=500)
