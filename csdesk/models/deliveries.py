"""Deliveries, what was on them and what happened on the way."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Quantity, UtcInstant, fk

_ID = {"autoincrement": False}


class Delivery(SQLModel, table=True):
    """A delivery of an order; `delivered_at` with `received_by` is the proof."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("company", "number"),
        fk("order_id", "sales_order.id"),
        fk("customer_id", "customer.id"),
        Index("ix_delivery_customer", "company", "customer_id", "id"),
        Index("ix_delivery_order", "company", "order_id"),
        Index("ix_delivery_delivered", "company", "delivered_at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    number: str = Field(max_length=40)
    order_id: int = Field(sa_type=BigInteger)
    customer_id: int = Field(sa_type=BigInteger)
    carrier: str = Field(default="", max_length=60)
    tracking: str = Field(default="", max_length=60)
    instructions: str = Field(default="", max_length=300)
    planned_on: date | None = None
    dispatched_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    delivered_at: datetime | None = Field(default=None, sa_type=UtcInstant)
    received_by: str = Field(default="", max_length=200)
    source: str = Field(default="desk", max_length=20)


class DeliveryLine(SQLModel, table=True):
    """Base units of an order line on a delivery and how they arrived."""

    __tablename__ = "delivery_line"
    __table_args__ = (fk("delivery_id", "delivery.id"),)
    company: int = Field(primary_key=True)
    delivery_id: int = Field(primary_key=True, sa_type=BigInteger)
    line: int = Field(primary_key=True)
    order_line: int
    shipped: Decimal = Field(sa_type=Quantity)
    short: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    damaged: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    refused: Decimal = Field(default=Decimal(0), sa_type=Quantity)
    reason: str = Field(default="", max_length=40)


class DeliveryEvent(SQLModel, table=True):
    """Something that happened to a delivery: ready, attempt (with a comment when it failed), delivered."""

    __tablename__ = "delivery_event"
    __table_args__ = (fk("delivery_id", "delivery.id"), Index("ix_delivery_event_at", "company", "at"))
    company: int = Field(primary_key=True)
    delivery_id: int = Field(primary_key=True, sa_type=BigInteger)
    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcInstant)
    event: str = Field(max_length=60)
    status: str = Field(default="", max_length=60)
    comment: str = Field(default="", max_length=300)
