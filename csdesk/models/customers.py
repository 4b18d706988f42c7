"""Customers, where goods go, who pays, whom we speak with, and the credit account with its stored running figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Quantity, fk

_ID = {"autoincrement": False}


class Terms(SQLModel, table=True):
    """Terms of payment."""

    __tablename__ = "terms"
    company: int = Field(primary_key=True)
    code: str = Field(primary_key=True, max_length=20)
    name: str = Field(max_length=100)
    net_days: int


class CreditAccount(SQLModel, table=True):
    """The debtor's account: limit and exposure parts, in minor units of its currency.

    Limit NULL = unlimited, 0 = no credit. Exposure = orders + delivered + billed + open_debit - open_credit; each
    amount sits in exactly one part. The parts change in the transaction of their cause.
    """

    __tablename__ = "credit_account"
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    currency: str = Field(max_length=3)
    credit_limit: int | None = Field(default=None, sa_type=Minor)
    orders: int = Field(default=0, sa_type=Minor)
    delivered: int = Field(default=0, sa_type=Minor)
    billed: int = Field(default=0, sa_type=Minor)
    open_debit: int = Field(default=0, sa_type=Minor)
    open_credit: int = Field(default=0, sa_type=Minor)
    on_hold: bool = False
    dunning_procedure: str = Field(default="", max_length=20)
    dunning_blocked_until: date | None = None
    oldest_days: int | None = None  # an item later than this holds new orders; None: no such rule
    highest_level: int | None = None  # a dunning level above this holds new orders; None: no such rule
    deduction_days: int | None = None  # days to solve its deductions in; None: as the reason says
    last_payment: int | None = Field(default=None, sa_type=Minor)
    last_payment_on: date | None = None
    version: int = 1


class Customer(SQLModel, table=True):
    """A customer we deliver to; `account_id` is the debtor's credit account (the head office's for a branch)."""

    __tablename__ = "customer"
    __table_args__ = (
        UniqueConstraint("company", "code"),
        fk("account_id", "credit_account.id"),
        fk("bill_to_id", "customer.id"),
        fk("terms", "terms.code"),
        Index("ix_customer_bill_to", "company", "bill_to_id"),
        Index("ix_customer_account", "company", "account_id"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    code: str = Field(max_length=40)
    name: str = Field(max_length=200)
    account_id: int = Field(sa_type=BigInteger)
    bill_to_id: int | None = Field(default=None, sa_type=BigInteger)
    payer_group: str = Field(default="", max_length=40)
    price_group: str = Field(default="", max_length=60)
    price_list: str = Field(default="", max_length=60)
    segment: str = Field(default="", max_length=60)
    terms: str = Field(max_length=20)
    currency: str = Field(max_length=3)
    country: str = Field(default="", max_length=40)
    tax_exempt: bool = False
    tier: str = Field(default="", max_length=10)
    language: str = Field(default="en", max_length=10)
    timezone: str = Field(default="", max_length=60)
    delivery_days: str = Field(default="12345", max_length=7)  # ISO weekdays the truck goes
    cut_off: str = Field(default="16:00", max_length=5)  # local time of the day before
    lead_days: int = 1
    minimum_order: int = Field(default=0, sa_type=Minor)
    short_policy: str = Field(default="part", max_length=10)  # part | wait: what an undecided short line does
    on_hold: bool = False
    anonymous: bool = False
    notes: str = Field(default="", max_length=2000)
    standing: str = Field(default="", max_length=2000)
    opened_on: date | None = None
    # What stands on documents; empty until imported or set with `csdesk customer set`.
    email: str = Field(default="", max_length=200)  # where documents go; empty = the contact's
    vat_number: str = Field(default="", max_length=40)
    registration: str = Field(default="", max_length=60)
    endpoint: str = Field(default="", max_length=100)
    endpoint_scheme: str = Field(default="", max_length=4)
    exempt_category: str = Field(default="", max_length=2)  # of a tax-exempt customer: E, AE, G or K (UNTDID 5305)
    exempt_reason: str = Field(default="", max_length=200)
    version: int = 1


class ShipTo(SQLModel, table=True):
    """An address goods go to."""

    __tablename__ = "ship_to"
    __table_args__ = (fk("customer_id", "customer.id"), Index("ix_ship_to_customer", "company", "customer_id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    customer_id: int = Field(sa_type=BigInteger)
    kind: str = Field(default="delivery", max_length=10)  # delivery | postal
    name: str = Field(default="", max_length=200)
    line1: str = Field(default="", max_length=200)
    line2: str = Field(default="", max_length=200)
    city: str = Field(default="", max_length=100)
    region: str = Field(default="", max_length=100)
    postcode: str = Field(default="", max_length=20)
    country: str = Field(default="", max_length=40)
    route: str = Field(default="", max_length=20)
    is_default: bool = True


class Contact(SQLModel, table=True):
    """A person at the customer's."""

    __tablename__ = "contact"
    __table_args__ = (fk("customer_id", "customer.id"), Index("ix_contact_customer", "company", "customer_id"))
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    customer_id: int = Field(sa_type=BigInteger)
    name: str = Field(default="", max_length=200)
    role: str = Field(default="", max_length=60)
    email: str = Field(default="", max_length=200)


class ContactPhone(SQLModel, table=True):
    """A phone number: E.164 where it can be read, its digits reversed so that an ending is a prefix."""

    __tablename__ = "contact_phone"
    __table_args__ = (
        fk("customer_id", "customer.id"),
        fk("contact_id", "contact.id"),
        Index("ix_contact_phone_customer", "company", "customer_id"),
        Index("ix_contact_phone_rev", "company", "digits_rev", postgresql_ops={"digits_rev": "text_pattern_ops"}),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    customer_id: int = Field(sa_type=BigInteger)
    contact_id: int | None = Field(default=None, sa_type=BigInteger)
    raw: str = Field(max_length=60)
    e164: str = Field(default="", max_length=20)
    digits_rev: str = Field(max_length=40)


class UsualItem(SQLModel, table=True):
    """The customer's numbered usual list."""

    __tablename__ = "usual_item"
    __table_args__ = (fk("customer_id", "customer.id"), fk("product_id", "product.id"))
    company: int = Field(primary_key=True)
    customer_id: int = Field(primary_key=True, sa_type=BigInteger)
    position: int = Field(primary_key=True)
    product_id: int = Field(sa_type=BigInteger)
    unit: str = Field(default="", max_length=20)
    quantity: Decimal | None = Field(default=None, sa_type=Quantity)
