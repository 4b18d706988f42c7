"""Dunning: its levels as data, runs and the notices they made; and what was said to debtors."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from csdesk.models.types import Minor, Rate, UtcInstant, fk

_ID = {"autoincrement": False}


class DunningLevel(SQLModel, table=True):
    """One level of a dunning procedure: from so many days late, above a minimum, by a channel, with a text and fee.

    `currency` is that of minimum and fee, the same on every level of a procedure; '' is the company's.
    """

    __tablename__ = "dunning_level"
    company: int = Field(primary_key=True)
    procedure: str = Field(primary_key=True, max_length=20)  # '' is the usual one
    level: int = Field(primary_key=True)
    days_late: int
    minimum: int = Field(default=0, sa_type=Minor)
    minimum_percent: Decimal = Field(default=Decimal(0), sa_type=Rate)
    channel: str = Field(default="mail", max_length=10)  # mail | letter | call
    text: str = Field(default="", max_length=2000)
    fee: int = Field(default=0, sa_type=Minor)
    currency: str = Field(default="", max_length=3)
    interest_percent: Decimal = Field(default=Decimal(0), sa_type=Rate)


class DunningRun(SQLModel, table=True):
    """A dunning run of a day; the same day again adds what is missing and doubles nothing."""

    __tablename__ = "dunning_run"
    __table_args__ = (UniqueConstraint("company", "run_on"),)
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    run_on: date
    began_at: datetime = Field(sa_type=UtcInstant)
    began_by: int = Field(sa_type=BigInteger)


class DunningNotice(SQLModel, table=True):
    """One notice to one account: insert-only; one an account and run."""

    __tablename__ = "dunning_notice"
    __table_args__ = (
        UniqueConstraint("company", "run_id", "account_id"),
        fk("run_id", "dunning_run.id"),
        fk("account_id", "credit_account.id"),
        Index("ix_dunning_notice_account", "company", "account_id", "run_on"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    run_id: int = Field(sa_type=BigInteger)
    run_on: date
    made_at: datetime = Field(sa_type=UtcInstant)
    account_id: int = Field(sa_type=BigInteger)
    level: int
    channel: str = Field(max_length=10)
    currency: str = Field(max_length=3)
    amount: int = Field(sa_type=Minor)
    fee: int = Field(default=0, sa_type=Minor)
    interest: int = Field(default=0, sa_type=Minor)


class DunnedItem(SQLModel, table=True):
    """An item a notice named, at its level: insert-only."""

    __tablename__ = "dunned_item"
    __table_args__ = (
        fk("notice_id", "dunning_notice.id"),
        fk("item_id", "open_item.id"),
        Index("ix_dunned_item", "company", "item_id"),
    )
    company: int = Field(primary_key=True)
    notice_id: int = Field(primary_key=True, sa_type=BigInteger)
    item_id: int = Field(primary_key=True, sa_type=BigInteger)
    level: int
    open: int = Field(sa_type=Minor)


class ContactEntry(SQLModel, table=True):
    """What was said or sent to a debtor about money: insert-only."""

    __tablename__ = "contact_entry"
    __table_args__ = (
        fk("account_id", "credit_account.id"),
        Index("ix_contact_entry_account", "company", "account_id", "at"),
    )
    company: int = Field(primary_key=True)
    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs=_ID)
    account_id: int = Field(sa_type=BigInteger)
    at: datetime = Field(sa_type=UtcInstant)
    staff_id: int = Field(sa_type=BigInteger)
    channel: str = Field(max_length=10)  # call | mail | letter | visit | note
    words: str = Field(max_length=500)
    subject: str = Field(default="", max_length=20)
    subject_id: int | None = Field(default=None, sa_type=BigInteger)
